"""Files that models make: what they are, told from their first bytes, and how they are named."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Final

from genarun.errors import RunError
from genarun.store.mask import Masker

_NAME: Final = re.compile(r"assets/[A-Za-z0-9_-]{1,80}-[0-9a-f]{16}\.[a-z0-9]{2,5}", re.ASCII)
_STARTS: Final = (
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpg"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
)
_OTHERS: Final = (
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a zip archive"),
    (b"ID3", "a sound"),
    (b"RIFF", "a sound or a film"),
    (b"OggS", "a sound or a film"),
    (b"\x1a\x45\xdf\xa3", "a film"),
    (b"BM", "a BMP picture"),
    (b"II*\x00", "a TIFF picture"),
    (b"MM\x00*", "a TIFF picture"),
)
_SVG: Final = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*(?:<!DOCTYPE svg[^>]*>\s*)?<svg[\s>]", re.DOTALL | re.IGNORECASE
)


def is_asset_name(name: str) -> bool:
    """Whether this is a name that `asset_name` gives: nothing else in a record is ever taken for a path."""
    return _NAME.fullmatch(name) is not None


def asset_name(node_id: str, data: bytes, extension: str) -> str:
    """`assets/<node>-<first 16 hex of sha256>.<ext>`, relative to the run's folder."""
    return f"assets/{_of_node(node_id)}-{hashlib.sha256(data).hexdigest()[:16]}.{extension}"


def asset_for(node_id: str, name: str) -> str:
    """The name of the same file under another node: an output must not tell which node's recorded picture serves."""
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


def picture_extension(data: bytes) -> str | None:
    """png, jpg, gif, webp, avif or svg, told from the bytes alone; None for anything else."""
    for start, extension in _STARTS:
        if data.startswith(start):
            return extension
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    if data[4:8] == b"ftyp":
        brands = data[8 : min(int.from_bytes(data[:4]), 128)]
        if b"avif" in brands or b"avis" in brands:
            return "avif"
    if _SVG.match(data[:4096]):
        return "svg"
    return None


def sniff(
    data: bytes, media_type: str | None, node_id: str, masker: Masker, *, max_bytes: int | None = None, allow_svg: bool = False
) -> str:
    """The extension for a picture. media_type: as the service says, used only to explain. Raises RunError."""
    where = f"node {node_id}"
    if not data:
        raise RunError("asset-empty", "the file that came is empty", where, "Run again: the service may have failed half-way.")
    if max_bytes is not None and len(data) > max_bytes:
        raise RunError(
            "asset-size",
            f"the file that came has {len(data):,} bytes, and {max_bytes:,} are allowed",
            where,
            "Ask for a smaller picture, or raise assets.maxBytes in the tree.",
        )
    extension = picture_extension(data)
    if extension == "svg" and not allow_svg:
        raise RunError(
            "asset-svg",
            "the file that came is an SVG, which can hold programs",
            where,
            "Ask the model for PNG, JPEG, WebP, GIF or AVIF.",
        )
    if extension is None:
        said = f", though the service calls it {media_type}" if media_type else ""
        raise RunError(
            "asset-type",
            f"the file that came is {_guess(data)}{masker.text(said)}",
            where,
            "Pictures are PNG, JPEG, WebP, GIF or AVIF: choose a model that makes one of these.",
        )
    if masker.found(data):
        raise RunError(
            "asset-secret",
            "the file that came holds the value of a secret variable, and was not kept",
            where,
            "The service put your key into its answer. Replace the key, and tell the service.",
        )
    return extension


def _guess(data: bytes) -> str:
    for start, name in _OTHERS:
        if data.startswith(start):
            return name
    if data[4:8] == b"ftyp":
        return "a film"
    head = data[:200].lstrip()
    if head[:1] in (b"{", b"["):
        return "JSON"
    if head[:5].lower() in (b"<html", b"<!doc"):
        return "a web page"
    return "text" if data[:200].isascii() and b"\0" not in data[:200] else "of an unknown type"
