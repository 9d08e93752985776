"""`assets.format: webp`: pictures as WebP, which takes a fraction of the bytes that PNG and JPEG take.

What a picture's file says beside its pixels (EXIF, texts, credentials) is left out, but for the colour profile. Pillow is
imported when it is first needed: most runs convert nothing.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Final

from genarun.errors import Misfit
from genarun.providers.media import MOST_READ

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFile import ImageFile

CONVERTED: Final = frozenset({"image/png", "image/jpeg"})
"""Media types that are converted. A GIF may move, AVIF is small already, and a WebP would only lose by being made again."""

MOST_PIXELS: Final = 89_478_485
"""Where Pillow begins to speak of a decompression bomb: a quarter of a gigabyte once it is decoded."""

_QUALITY: Final = 85
_METHOD: Final = 6  # libwebp's slowest, which makes the smallest files
_FEW_COLOURS: Final = 1_024  # drawings, charts and screenshots: there lossless may be smaller than lossy, and is sharper
_MODES: Final = frozenset({"1", "L", "LA", "P", "PA", "RGB", "RGBA"})


def as_webp(data: bytes, kind: str, where: str) -> tuple[bytes, str]:
    """The picture as WebP where that is smaller, with its media type; else as it came.

    kind: its media type. What is not in `CONVERTED`, moves, has colours that WebP does not know (CMYK, say), cannot be decoded,
    or has more than `MOST_READ` bytes stays as it came. Can take seconds. Raises Misfit for more than `MOST_PIXELS`.
    """
    if kind not in CONVERTED or len(data) > MOST_READ:
        return data, kind
    try:
        picture = _opened(data, kind)
    except Exception:  # noqa: BLE001 - whatever a decoder stumbles over in bytes from outside
        return data, kind
    width, height = picture.size
    if width * height > MOST_PIXELS:
        raise Misfit(
            "asset-pixels",
            f"the picture that came has {width:,} × {height:,} pixels, more than can be decoded safely",
            where,
            "Ask the model for a smaller picture, or set `assets.format: keep`, which keeps it as it comes.",
        )
    try:
        made = _encoded(picture)
    except Exception:  # noqa: BLE001 - as above
        return data, kind
    return (made, "image/webp") if made is not None and len(made) < len(data) else (data, kind)


def _opened(data: bytes, kind: str) -> ImageFile:
    # Not `Image.open`, which warns of too many pixels on stderr before anyone can look at their number.
    from PIL.JpegImagePlugin import JpegImageFile
    from PIL.PngImagePlugin import PngImageFile

    return PngImageFile(BytesIO(data)) if kind == "image/png" else JpegImageFile(BytesIO(data))


def _encoded(picture: ImageFile) -> bytes | None:
    from PIL import ImageOps

    if picture.mode not in _MODES or getattr(picture, "is_animated", False):
        return None
    # A profile of greys says nothing of a picture in red, green and blue, which is all that WebP has.
    profile = None if picture.mode in ("1", "L", "LA") else picture.info.get("icc_profile")
    upright = ImageOps.exif_transpose(picture)
    colours = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    ways = [False] if colours.getcolors(_FEW_COLOURS) is None else [False, True]
    return min((_webp(colours, profile, lossless) for lossless in ways), key=len)


def _webp(picture: Image, profile: bytes | None, lossless: bool) -> bytes:
    file = BytesIO()
    picture.save(file, "WEBP", lossless=lossless, quality=_QUALITY, method=_METHOD, icc_profile=profile)
    return file.getvalue()
