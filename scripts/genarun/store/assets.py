"""Files that models make: what is accepted of what came, and how it is named."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Final

from genarun.errors import Misfit
from genarun.providers.media import EXTENSIONS, NOUNS, TAKEN, TAKEN_WORDS, WORDS, smaller, sniff
from genarun.store.mask import Masker
from genarun.store.webp import CONVERTED, as_webp

_NAME: Final = re.compile(r"assets/[A-Za-z0-9_-]{1,80}-[0-9a-f]{16}\.[a-z0-9]{2,5}", re.ASCII)


def is_asset_name(name: str) -> bool:
    """Whether this is a name that `asset_name` gives: nothing else in a record is ever taken for a path."""
    return _NAME.fullmatch(name) is not None


def asset_name(node_id: str, data: bytes, extension: str) -> str:
    """`assets/<node>-<first 16 hex of sha256>.<ext>`, relative to the run's folder."""
    return f"assets/{_of_node(node_id)}-{hashlib.sha256(data).hexdigest()[:16]}.{extension}"


def asset_for(node_id: str, name: str) -> str:
    """The name of the same file under another node: an output must not tell which node's recorded file serves."""
    return f"assets/{_of_node(node_id)}-{name.rpartition('-')[2]}"


def _of_node(node_id: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]", "-", node_id)[:80] or "file"


def is_whole(folder: Path, name: str) -> bool:
    """Whether the asset is there and is what its name says."""
    if not is_asset_name(name):
        return False
    try:
        with (folder / name).open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return False
    return name.rpartition("-")[2].startswith(digest[:16] + ".")


def accept(
    data: bytes,
    media_type: str | None,
    node_id: str,
    masker: Masker,
    *,
    medium: str,
    max_bytes: int | None = None,
    webp: bool = False,
    allow_svg: bool = False,
) -> tuple[bytes, str]:
    """What is kept of a file that came, and its extension.

    media_type: as the service says, used only to explain. medium: what it must be, one of `tree.kinds.ASSETS`. max_bytes: of
    what is kept. webp: turn a picture into WebP where that makes it smaller, which takes as long as a call: use a thread.
    Raises Misfit for a file that is empty, of another kind, too large, or holds a secret.
    """
    where = f"node {node_id}"
    if not data:
        raise Misfit("asset-empty", "the file that came is empty", where, "Run again: the service may have failed half-way.")
    kind = sniff(data) or ""
    svg = kind == "image/svg+xml" and medium == "image"
    if svg and not allow_svg:
        raise Misfit(
            "asset-svg",
            "the file that came is an SVG, which can hold programs",
            where,
            f"Ask the model for {TAKEN_WORDS[medium]}.",
        )
    if not svg and kind not in TAKEN[medium]:
        said = f", though the service calls it {media_type}" if media_type and media_type != kind else ""
        raise Misfit(
            "asset-type",
            f"the file that came is {WORDS.get(kind) or _guess(data)}{masker.text(said)}",
            where,
            f"A {NOUNS[medium]} is {TAKEN_WORDS[medium]}: choose a model that makes one of these.",
        )
    if masker.found(data):
        raise Misfit(
            "asset-secret",
            "the file that came holds the value of a secret variable, and was not kept",
            where,
            "The service put your key into its answer. Replace the key, and tell the service.",
        )
    came, convertible = len(data), kind in CONVERTED
    if webp:
        data, kind = as_webp(data, kind, where)
    if max_bytes is not None and len(data) > max_bytes:
        tried = f" (as WebP; {came:,} as it came)" if len(data) < came else ""
        raise Misfit(
            "asset-size",
            f"the file has {len(data):,} bytes{tried}, more than the {max_bytes:,} allowed",
            where,
            smaller(medium, len(data), webp=convertible and not webp),
        )
    return data, EXTENSIONS[kind]


def _guess(data: bytes) -> str:
    """What to call bytes that are no file of a known kind."""
    head = data[:200].lstrip()
    if head[:1] in (b"{", b"["):
        return "JSON"
    if head[:5].lower() in (b"<html", b"<!doc"):
        return "a web page"
    return "text" if data[:200].isascii() and b"\0" not in data[:200] else "of an unknown type"
