"""What a given picture shows to somebody who only sees shapes of light: its format, its colours, where it is bright."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from genarun.providers.base import Attachment, Json, ModelRequest
from genarun.providers.offline.chance import Chance
from genarun.providers.offline.kinds_of_value import COLORS
from genarun.providers.offline.picture.palette import Ink, ink
from genarun.providers.offline.prose import capital
from genarun.providers.offline.topic import Topic

_LARGEST = 100_000_000  # pixels; beyond that a picture is not opened
_SIDE = 1024  # pixels of the longer side, once it is open
_GRID = 24
_INKS: tuple[tuple[str, Ink], ...] = (
    *((name, ink(code[1:])) for name, code in COLORS),
    *(("black", (8, 8, 10)), ("white", (252, 252, 252)), ("grey", (128, 128, 128)), ("red", (200, 40, 40))),
    *(("green", (50, 140, 70)), ("blue", (40, 90, 190)), ("yellow", (240, 210, 60)), ("violet", (120, 70, 160))),
)
_SAID = (
    "A {shape} picture, {light} and {calm}: {colours}.",
    "First comes {first}: {colours}, in a {shape} frame that is {light} and {calm}.",
    "The frame is {shape}, {light}, {calm}; {colours}.",
    "{Colours}: a {shape} picture, {light} and {calm}.",
)
_LIGHTS = ((60, "dark"), (105, "dim"), (160, "soft"), (210, "bright"), (256, "pale"))
_CALMS = ((7, "calm"), (16, "lively"), (256, "busy"))
_IN_PICTURE = re.compile(
    r"\s*\b(?:in|on|from|of) (?:this|the|that|these|those|both) (?:photo(?:graph)?|picture|image|drawing|painting)s?\b.*$",
    re.IGNORECASE,
)
_ALTERNATIVE = re.compile(r"\balt(?:ernative)?[- ]?text\b", re.IGNORECASE)
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth")


@dataclass(frozen=True, slots=True)
class Look:
    """What can be said of a picture.

    shape: `wide`, `tall` or `square`. light: from `dark` to `pale`. calm: `calm`, `lively` or `busy`. colours: names, the one
    that covers most first. above, below: the colours of its upper and of its lower third. side: where it is brightest:
    `left`, `middle` or `right`.
    """

    shape: str
    light: str
    calm: str
    colours: tuple[str, ...]
    above: str
    below: str
    side: str


def digests_in(messages: Sequence[Mapping[str, Json]]) -> list[str]:
    """The pictures that a conversation shows, in the order in which they come."""
    return list(dict.fromkeys(digest for message in messages for digest in message.get("images", ())))


def given_pictures(request: ModelRequest) -> Iterator[Any]:
    """The pictures that came with a request, opened; those that are not there, or that cannot be read, are left out."""
    for digest in digests_in(request.messages):
        image = opened(request.attached.get(digest, Attachment(digest, "")).data)
        if image is not None:
            yield image


def opened(data: bytes) -> Any | None:
    """A picture as a Pillow image in RGB, upright, on white, at most 1,024 pixels long; None for bytes that are none."""
    from PIL import Image, ImageOps  # heavy: only for pictures

    try:
        with Image.open(io.BytesIO(data)) as found:
            if found.width * found.height > _LARGEST:
                return None
            found.draft("RGB", (_SIDE, _SIDE))
            image = ImageOps.exif_transpose(found).convert("RGBA")
        image.thumbnail((_SIDE, _SIDE))
        paper = Image.new("RGBA", image.size, "white")
        paper.alpha_composite(image)
        return paper.convert("RGB")
    except Exception:  # noqa: BLE001 - whatever a decoder raises on a stranger's bytes
        return None


def unmounted(image: Any) -> Any:
    """A picture without the paper around it, as the pictures made here have it: what is seen is not its mount and its label."""
    from PIL import Image, ImageChops  # heavy: only for pictures

    paper = image.getpixel((0, 0))
    marks = ImageChops.difference(image, Image.new("RGB", image.size, paper)).convert("L").point([0] * 16 + [255] * 240)
    full = marks.getbbox()
    if full is None or full[0] == 0 or full[1] == 0 or full[2] == image.width or full[3] == image.height:
        return image
    across = marks.resize((image.width, 1), Image.Resampling.BOX).point([0] * 128 + [255] * 128).getbbox()
    down = marks.resize((1, image.height), Image.Resampling.BOX).point([0] * 128 + [255] * 128).getbbox()
    if across is None or down is None or (across[2] - across[0]) * (down[3] - down[1]) < image.width * image.height * 0.55:
        return image
    return image.crop((across[0], down[1], across[2], down[3]))


def look(image: Any) -> Look:
    """Look at an opened picture."""
    from PIL import Image  # heavy: only for pictures

    image = unmounted(image)
    small = image.resize((_GRID, _GRID), Image.Resampling.BOX)
    pixels = list(zip(*(band.tobytes() for band in small.split()), strict=True))
    greys = list(small.convert("L").tobytes())
    names = [_named(pixel) for pixel in pixels]
    counted = Counter(names).most_common()
    colours = tuple(name for number, (name, count) in enumerate(counted[:3]) if not number or count > _GRID * _GRID // 12)
    third = _GRID * _GRID // 3
    columns = [sum(greys[at] for at in range(len(greys)) if at % _GRID * 3 // _GRID == part) for part in range(3)]
    mean = sum(greys) / len(greys)
    step = sum(abs(one - other) for one, other in pairwise(greys)) / len(greys)
    ratio = image.width / image.height
    return Look(
        shape="wide" if ratio > 1.15 else "tall" if ratio < 0.87 else "square",
        light=next(word for most, word in _LIGHTS if mean < most),
        calm=next(word for most, word in _CALMS if step < most),
        colours=colours,
        above=Counter(names[:third]).most_common(1)[0][0],
        below=Counter(names[-third:]).most_common(1)[0][0],
        side=("left", "middle", "right")[columns.index(max(columns))],
    )


def with_pictures(topic: Topic, request: ModelRequest, chance: Chance) -> Topic:
    """The topic of a request that shows pictures: what is seen in them is said first, and is what a text is about that names
    no subject of its own."""
    looks = tuple(look(image) for image in given_pictures(request))
    if not looks:
        return topic
    topic = replace(topic, seen=told(looks, chance.fork("seen")), colours=tuple(one.colours[0] for one in looks))
    subject = _IN_PICTURE.sub("", topic.subject)
    if topic.given and subject and not _ALTERNATIVE.search(subject):
        return replace(topic, subject=subject)
    genre = None if _ALTERNATIVE.search(topic.prompt) else topic.genre  # the text that stands for a picture says what is seen
    return replace(topic, subject=" and ".join(dict.fromkeys(looks[0].colours[:2])), given=True, genre=genre)


def told(looks: Sequence[Look], chance: Chance) -> str:
    """One sentence about the pictures."""
    if len(looks) == 1:
        (one,) = looks
        said = _colours(one)
        words = {"shape": one.shape, "light": one.light, "calm": one.calm, "first": one.colours[0]}
        return chance.pick(_SAID).format(colours=said, Colours=capital(said), **words)
    each = [
        f"the {_ORDINALS[number]} is {one.shape} and {one.light}, {_colours(one)}"
        for number, one in enumerate(looks[: len(_ORDINALS)])
    ]
    return f"Of {len(looks)} pictures, {'; '.join(each)}."


def _colours(one: Look) -> str:
    """`slate above, ochre below, the light from the left`."""
    if one.above != one.below:
        said = f"{one.above} above, {one.below} below"
    elif len(one.colours) > 1:
        said = f"mostly {one.colours[0]}, with some {one.colours[1]}"
    else:
        said = f"{one.colours[0]} throughout"
    return said + {"left": ", the light from the left", "right": ", the light from the right"}.get(one.side, "")


def _named(pixel: tuple[int, int, int]) -> str:
    """The nearest colour that has a name, by a distance that counts green most, as eyes do."""
    red, green, blue = pixel
    return min(
        _INKS, key=lambda known: 3 * (known[1][0] - red) ** 2 + 5 * (known[1][1] - green) ** 2 + 2 * (known[1][2] - blue) ** 2
    )[0]
