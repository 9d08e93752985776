"""`assets.format: webp`: what is converted, what stays as it came, and that it looks the same."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from genarun.errors import Misfit
from genarun.store.assets import accept
from genarun.store.mask import Masker
from genarun.store.webp import as_webp
from PIL import Image, ImageCms, ImageDraw, ImageStat

from tests.say import says

LOSSLESS, LOSSY = b"VP8L", b"VP8 "


def photograph(mode: str = "RGB", size: tuple[int, int] = (160, 120)) -> Image.Image:
    """Thousands of colours: no palette would do."""
    bands = [Image.effect_noise(size, 30 + 10 * number) for number in range(3)]
    return Image.merge("RGB", bands).convert(mode)


def drawing() -> Image.Image:
    """A few colours with sharp edges."""
    made = Image.new("RGB", (300, 200), "white")
    pen = ImageDraw.Draw(made)
    for number in range(8):
        pen.rectangle((20 * number, 10 * number, 200 + 10 * number, 150), outline=(30 * number, 0, 90), width=3)
    return made


def file(image: Image.Image, kind: str, **more: Any) -> bytes:
    made = BytesIO()
    image.save(made, kind, **more)
    return made.getvalue()


def opened(data: bytes) -> Image.Image:
    found = Image.open(BytesIO(data))
    found.load()
    return found


def difference(one: Image.Image, other: Image.Image) -> float:
    """Mean distance of two pictures' values, of 255."""
    pairs = zip(one.convert("RGB").split(), other.convert("RGB").split(), strict=True)
    return max(abs(ImageStat.Stat(a).mean[0] - ImageStat.Stat(b).mean[0]) for a, b in pairs)


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_photograph_becomes_a_fraction_of_its_size(kind: str) -> None:
    came = file(photograph(), kind, **({"quality": 98} if kind == "JPEG" else {}))
    made, media_type = as_webp(came, f"image/{kind.lower()}", "node photo")
    assert media_type == "image/webp"
    assert made[12:16] == LOSSY
    assert len(made) < len(came) / 2
    assert opened(made).size == (160, 120)
    assert difference(opened(made), photograph()) < 5


def test_a_drawing_stays_as_it_is_to_the_pixel() -> None:
    made, media_type = as_webp(file(drawing(), "PNG", compress_level=0), "image/png", "node photo")
    assert (media_type, made[12:16]) == ("image/webp", LOSSLESS)
    assert opened(made).convert("RGB").tobytes() == drawing().tobytes()


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_what_is_transparent_stays_so(mode: str) -> None:
    clear = photograph("L").convert("RGBA")
    clear.paste((0, 0, 0, 0), (0, 0, 80, 120))
    picture = clear.quantize(64) if mode == "P" else clear.convert(mode)
    made, media_type = as_webp(file(picture, "PNG", compress_level=0), "image/png", "node photo")
    assert media_type == "image/webp"
    alpha = opened(made).getchannel("A")
    assert (alpha.getpixel((10, 10)), alpha.getpixel((150, 10))) == (0, 255)


def test_a_picture_stands_upright() -> None:
    exif = Image.Exif()
    exif[274] = 6  # to be turned right by a quarter
    exif[0x010E] = "a secret place"
    lying = photograph(size=(200, 100))
    lying.paste((255, 0, 0), (0, 0, 100, 100))
    made, _ = as_webp(file(lying, "JPEG", quality=98, exif=exif), "image/jpeg", "node photo")
    standing = opened(made)
    assert standing.size == (100, 200)
    top = standing.convert("RGB").getpixel((50, 20))
    assert isinstance(top, tuple)
    assert top[0] > 200
    assert top[1] < 60
    assert not standing.getexif()
    assert b"secret place" not in made


def test_the_colour_profile_is_kept_and_one_of_greys_is_not() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    made, _ = as_webp(file(photograph(), "PNG", icc_profile=profile), "image/png", "node photo")
    assert opened(made).info["icc_profile"] == profile
    made, media_type = as_webp(file(photograph("L"), "PNG", icc_profile=profile), "image/png", "node photo")
    assert media_type == "image/webp"
    assert "icc_profile" not in opened(made).info


def stays() -> dict[str, tuple[bytes, str]]:
    frames = [photograph(), photograph("L").convert("RGB")]
    moving: dict[str, Any] = {"save_all": True, "append_images": frames[1:], "duration": 100}
    return {
        "already WebP": (file(photograph(), "WEBP"), "image/webp"),
        "WebP that moves": (file(frames[0], "WEBP", **moving), "image/webp"),
        "GIF": (file(photograph(), "GIF"), "image/gif"),
        "GIF that moves": (file(frames[0], "GIF", **moving), "image/gif"),
        "PNG that moves": (file(frames[0], "PNG", **moving), "image/png"),
        "AVIF": (file(photograph(), "AVIF"), "image/avif"),
        "JPEG in CMYK": (file(photograph("CMYK"), "JPEG"), "image/jpeg"),
        "PNG of 16 bits": (file(Image.new("I;16", (60, 60)), "PNG"), "image/png"),
        "half a PNG": (file(photograph(), "PNG")[:9_000], "image/png"),
        "half a JPEG": (file(photograph(), "JPEG")[:900], "image/jpeg"),
        "PNG in name": (b"\x89PNG\r\n\x1a\nthis is no picture", "image/png"),
        "wider than WebP can be": (file(Image.new("RGB", (16_400, 2), "red"), "PNG", compress_level=0), "image/png"),
        "JPEG that lost more": (file(photograph(), "JPEG", quality=10), "image/jpeg"),
    }


@pytest.mark.parametrize("name", stays())
def test_what_stays_as_it_came(name: str) -> None:
    data, media_type = stays()[name]
    assert as_webp(data, media_type, "node photo") == (data, media_type)


def test_a_decompression_bomb_is_refused() -> None:
    bomb = file(Image.new("1", (30_000, 30_000)), "PNG")
    assert len(bomb) < 300_000
    with pytest.raises(Misfit) as refused:
        as_webp(bomb, "image/png", "node photo")
    says(
        refused.value,
        "asset-pixels",
        """
        node photo: the picture that came has 30,000 × 30,000 pixels, more than can be decoded safely
          → Ask the model for a smaller picture, or set `assets.format: keep`, which keeps it as it comes.
        """,
    )


def accepted(data: bytes, max_bytes: int, *, webp: bool = True, secrets: list[str] | None = None) -> tuple[bytes, str]:
    return accept(data, None, "photo", Masker(secrets or []), medium="image", max_bytes=max_bytes, webp=webp)


def test_the_limit_holds_for_what_is_kept() -> None:
    came = file(photograph(), "PNG")
    made, extension = accepted(came, len(came) - 1)
    assert extension == "webp"
    most = len(made) - 1
    with pytest.raises(Misfit) as refused:
        accepted(came, most)
    says(
        refused.value,
        "asset-size",
        f"""
        node photo: the file has {len(made):,} bytes (as WebP; {len(came):,} as it came), more than the {most:,} allowed
          → Raise `assets.maxBytes`, or ask the model for a smaller picture (its `size`, `quality` or `output_format`).
        """,
    )


def test_a_secret_in_the_file_that_came_is_found_though_it_would_be_left_out() -> None:
    exif = Image.Exif()
    exif[0x010E] = "canary-1234567"
    with pytest.raises(Misfit, match="holds the value of a secret variable"):
        accepted(file(photograph(), "JPEG", exif=exif), 1_000_000, secrets=["canary-1234567"])
