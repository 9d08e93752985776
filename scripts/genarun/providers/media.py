"""Files by their bytes: what kind they are, told from how they begin, which kinds each medium takes, and how large they may be.

Headers and names are claims; the bytes are what counts. This is the one table of them in the project.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

_TABLE: Final = (
    ("image/png", "png", "a PNG picture"),
    ("image/jpeg", "jpg", "a JPEG picture"),
    ("image/webp", "webp", "a WebP picture"),
    ("image/gif", "gif", "a GIF picture"),
    ("image/avif", "avif", "an AVIF picture"),
    ("image/heic", "heic", "a HEIC picture"),
    ("image/bmp", "bmp", "a BMP picture"),
    ("image/tiff", "tiff", "a TIFF picture"),
    ("image/svg+xml", "svg", "an SVG picture"),
    ("audio/mpeg", "mp3", "an MP3 sound"),
    ("audio/wav", "wav", "a WAV sound"),
    ("audio/ogg", "ogg", "an Ogg sound"),
    ("audio/flac", "flac", "a FLAC sound"),
    ("audio/mp4", "m4a", "an M4A sound"),
    ("audio/aac", "aac", "an AAC sound"),
    ("video/mp4", "mp4", "an MP4 film"),
    ("video/webm", "webm", "a WebM film"),
    ("video/x-matroska", "mkv", "a Matroska film"),
    ("video/quicktime", "mov", "a QuickTime film"),
    ("video/x-msvideo", "avi", "an AVI film"),
    ("application/pdf", "pdf", "a PDF"),
    ("application/zip", "zip", "a zip archive"),
)

EXTENSIONS: Final[Mapping[str, str]] = {kind: extension for kind, extension, _ in _TABLE}
"""File name extensions by media type."""

WORDS: Final[Mapping[str, str]] = {kind: words for kind, _, words in _TABLE}
"""What to call a file of a media type."""

TAKEN: Final[Mapping[str, frozenset[str]]] = {
    "image": frozenset({"image/png", "image/jpeg", "image/webp", "image/gif", "image/avif"}),
    "audio": frozenset({"audio/mpeg", "audio/wav", "audio/ogg", "audio/flac", "audio/mp4", "audio/aac"}),
    "video": frozenset({"video/mp4", "video/webm", "video/x-matroska", "video/quicktime"}),
}
"""Media types that the value of a node may be, by the node's medium. A person's own picture may also be an SVG."""

NOUNS: Final[Mapping[str, str]] = {"image": "picture", "audio": "sound", "video": "film"}
"""What to call a file of each medium."""

TAKEN_WORDS: Final[Mapping[str, str]] = {
    "image": "PNG, JPEG, WebP, GIF or AVIF",
    "audio": "MP3, WAV, Ogg, FLAC, M4A or AAC",
    "video": "MP4, WebM, Matroska or QuickTime",
}
"""`TAKEN` for people."""

MOST_READ: Final = 100_000_000
"""Bytes read of a picture that is going to be converted, whatever smaller file may be kept."""
GIT_WARNS: Final = 50 * 2**20
GIT_REFUSES: Final = 100 * 2**20
"""Bytes of a file over which git hosting warns of it, and refuses it."""

_STARTS: Final = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"ID3", "audio/mpeg"),
    (b"OggS", "audio/ogg"),
    (b"fLaC", "audio/flac"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
)
_RIFF: Final = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}
_PICTURE_BRANDS: Final = {b"avif": "image/avif", b"avis": "image/avif", b"heic": "image/heic", b"heix": "image/heic"}
_MAJOR_BRANDS: Final = {b"qt  ": "video/quicktime", b"M4A ": "audio/mp4", b"M4B ": "audio/mp4"}
_DOCTYPES: Final = {b"webm": "video/webm", b"matroska": "video/x-matroska"}
_SVG: Final = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*(?:<!DOCTYPE svg[^>]*>\s*)?<svg[\s>]", re.DOTALL | re.IGNORECASE
)


def sniff(data: bytes) -> str | None:
    """The media type that the bytes show, one of `EXTENSIONS`, or None."""
    for start, kind in _STARTS:
        if data.startswith(start):
            return kind
    if data[:4] == b"RIFF":
        return _RIFF.get(data[8:12])
    if data[:2] == b"BM" and data[6:10] == b"\0\0\0\0":
        return "image/bmp"
    if data[4:8] == b"ftyp":
        return _of_brands(data)
    if data[:4] == b"\x1a\x45\xdf\xa3":
        return _of_doctype(data)
    if data[:1] == b"\xff" and len(data) >= 4:
        return _of_frame(data)
    return "image/svg+xml" if _SVG.match(data[:4096]) else None


def extension_of(data: bytes) -> str | None:
    """The file name extension that the bytes ask for, or None."""
    return EXTENSIONS.get(sniff(data) or "")


def medium_of(name: str) -> str | None:
    """The medium that a file's name tells: what its extension stands for; None for any other."""
    extension = name.rpartition(".")[2]
    return next((kind.partition("/")[0] for kind, one, _ in _TABLE if one == extension), None)


def smaller(medium: str, size: int | None, *, webp: bool) -> str:
    """What to do about a file that is too large, for a hint. size: its bytes, None where only the limit is known.
    webp: whether `assets.format: webp` could make it smaller."""
    ways = {
        "image": "ask the model for a smaller picture (its `size`, `quality` or `output_format`)",
        "audio": "ask the model for a shorter sound, or for MP3",
        "video": "ask the model for a shorter film, or for fewer pixels",
    }
    convert = "set `assets.format: webp`, " if webp else ""
    hint = f"Raise `assets.maxBytes`, {convert}or {ways.get(medium, 'ask the model for a smaller file')}."
    if size is not None and size > GIT_REFUSES:
        return f"{hint} Git hosting refuses files of more than 100 MiB: a higher limit alone does not help."
    if size is not None and size > GIT_WARNS:
        return f"{hint} Git hosting warns of files of more than 50 MiB."
    return hint


def _of_brands(data: bytes) -> str:
    """MP4 and its relatives, whose first box names the formats that the file keeps to."""
    end = min(max(int.from_bytes(data[:4]), 16), 128)
    brands = [data[8:12], *(data[place : place + 4] for place in range(16, end, 4))]
    picture = next((_PICTURE_BRANDS[brand] for brand in brands if brand in _PICTURE_BRANDS), None)
    return picture or _MAJOR_BRANDS.get(brands[0], "video/mp4")


def _of_doctype(data: bytes) -> str | None:
    """EBML, whose header says what is in it (element 0x4282, whose length follows in one byte)."""
    start = data.find(b"\x42\x82", 4, 64)
    if start < 0:
        return None
    length = data[start + 2] & 0x7F if len(data) > start + 2 else 0
    return _DOCTYPES.get(data[start + 3 : start + 3 + length].rstrip(b"\0"))


def _of_frame(data: bytes) -> str | None:
    """MPEG sound without a container: a frame begins with eleven bits that are set (ISO 11172-3), ADTS with twelve."""
    version, layer = data[1] >> 3 & 3, data[1] >> 1 & 3
    if data[1] & 0xF6 == 0xF0 and data[2] >> 2 & 15 < 13:
        return "audio/aac"
    bitrate, rate = data[2] >> 4, data[2] >> 2 & 3
    # Layer III alone: a UTF-16 text begins like a frame of layer I.
    if data[1] & 0xE0 == 0xE0 and version != 1 and layer == 1 and bitrate not in (0, 15) and rate != 3:
        return "audio/mpeg"
    return None
