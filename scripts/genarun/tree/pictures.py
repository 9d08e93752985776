"""Pictures that a prompt shows to a model: from `images:` in a tree to digests, without opening a file of a run.

An entry is one `${name}` (a picture, or anything that holds pictures: a list, an object) or `{file: …}` beside the tree. A
run's asset carries its digest in its name, so what is shown is known while planning, and the reuse key covers its content.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256

from genarun.errors import RunError
from genarun.tree.template import Missing, Name, Template, TemplateFault
from genarun.tree.values import MISSING, Json, Lookup, missing_name, settled, value_at

ASSET_NAME = re.compile(r"assets/[A-Za-z0-9_-]{1,80}-([0-9a-f]{16})\.([a-z0-9]{2,5})", re.ASCII)
"""A run's asset (design §5): the node, the first 16 hex digits of its SHA-256, and its type."""
PICTURES = frozenset({"png", "jpg", "webp", "gif", "avif"})
"""Extensions of the pictures that models are shown."""


@dataclass(frozen=True, slots=True)
class Picture:
    """digest: `sha256:` and 16 hex digits. name: of the asset, relative to output.json; of a file beside the tree, `tree:` and
    its path in the tree's folder."""

    digest: str
    name: str


Shown = Template | Picture
"""One entry of `images`."""


def read_shown(written: str, at: str) -> Template:
    """An entry that is a text. Raises TemplateFault unless it is one `${name}` and no more."""
    template = Template.parse(written.strip(), picks=False, at=at)
    if len(template.parts) != 1 or type(template.parts[0]) is not Name:
        raise TemplateFault(
            "a picture is named by one `${name}`, and nothing beside it",
            0,
            "Write for example `images: ['${cover}']`, or `images: [{file: pictures/cat.png}]` for a file beside the tree.",
            "image-name",
        )
    return template


def file_picture(name: str, data: bytes) -> Picture:
    """A picture that a person put beside the tree."""
    return Picture(f"sha256:{sha256(data).hexdigest()[:16]}", f"tree:{name}")


def pictures(shown: tuple[Shown, ...], lookup: Lookup, missing: Missing) -> tuple[Picture, ...]:
    """The pictures that entries lead to, each once, in order. What is null or empty shows nothing.

    Raises MissingName, RunError (`image-none`) where a value holds no picture, or Unknown while planning.
    """
    found: dict[str, Picture] = {}
    for one in shown:
        if isinstance(one, Picture):
            found.setdefault(one.digest, one)
            continue
        name = one.parts[0]
        assert type(name) is Name
        value = value_at(lookup, name.parts)
        if value is MISSING:
            if missing == "error":
                raise missing_name(name.parts, lookup)
            continue
        held = list(_held(settled(value, name.text)))
        if not held and value not in (None, "", [], {}):
            raise RunError(
                "image-none",
                f"`${{{name.text}}}` holds no picture",
                None,
                "Name an image node, or a list or object with pictures in it.",
            )
        for picture in held:
            found.setdefault(picture.digest, picture)
    return tuple(found.values())


def _held(value: Json) -> Iterator[Picture]:
    """Every picture in a value, in its order."""
    if isinstance(value, str):
        named = ASSET_NAME.fullmatch(value)
        if named and named[2] in PICTURES:
            yield Picture(f"sha256:{named[1]}", value)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _held(item)
    elif isinstance(value, list):
        for item in value:
            yield from _held(item)


ReadPicture = Callable[[str], Picture]
"""Gives the picture in a file beside the tree, by its path there. Raises what is wrong with it."""
