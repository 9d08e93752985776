"""Which files are accepted: by their bytes, for each medium, up to a size."""

from __future__ import annotations

from typing import Any

import pytest
from genarun.errors import Misfit
from genarun.store.assets import accept
from genarun.store.mask import Masker

from tests.say import says
from tests.store.near import picture

CANARY = "canary-1234567"

PICTURES = {
    "png": picture(),
    "jpg": b"\xff\xd8\xff\xe0rest",
    "gif": b"GIF89arest",
    "webp": b"RIFF\0\0\0\0WEBPVP8 ",
    "avif": b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf",
}
SOUNDS = {
    "mp3": b"ID3\4\0\0",
    "wav": b"RIFF\0\0\0\0WAVEfmt ",
    "ogg": b"OggS\0\2",
    "flac": b"fLaC\0\0\0\x22",
    "m4a": b"\0\0\0\x1cftypM4A \0\0\0\0mp42isom",
    "aac": b"\xff\xf1\x50\x80",
}
FILMS = {
    "mp4": b"\0\0\0\x1cftypisom\0\0\0\0mp41avc1",
    "webm": b"\x1aE\xdf\xa3\x9fB\x82\x84webm",
    "mkv": b"\x1aE\xdf\xa3\x9fB\x82\x88matroska",
    "mov": b"\0\0\0\x14ftypqt  \0\0\2\0qt  ",
}
EVERY = {"image": PICTURES, "audio": SOUNDS, "video": FILMS}


def given(data: bytes, media_type: str | None = None, medium: str = "image", **more: Any) -> tuple[bytes, str]:
    return accept(data, media_type, "photo", Masker([CANARY]), medium=medium, **more)


def refusal(data: bytes, media_type: str | None = None, medium: str = "image", **more: Any) -> Misfit:
    with pytest.raises(Misfit) as refused:
        given(data, media_type, medium, **more)
    return refused.value


@pytest.mark.parametrize("medium", EVERY)
def test_files_are_known_by_what_they_are(medium: str) -> None:
    for extension, data in EVERY[medium].items():
        assert given(data, "text/html", medium) == (data, extension)
    for other, files in EVERY.items():
        for data in files.values() if other != medium else ():
            assert refusal(data, None, medium).code == "asset-type"


def test_a_file_of_another_medium_is_named() -> None:
    says(
        refusal(picture(), "image/png", "audio"),
        "asset-type",
        """
        node photo: the file that came is a PNG picture
          → A sound is MP3, WAV, Ogg, FLAC, M4A or AAC: choose a model that makes one of these.
        """,
    )
    says(
        refusal(SOUNDS["mp3"], f"video/{CANARY}", "video"),
        "asset-type",
        """
        node photo: the file that came is an MP3 sound, though the service calls it video/***
          → A film is MP4, WebM, Matroska or QuickTime: choose a model that makes one of these.
        """,
    )
    says(
        refusal(b"<!DOCTYPE html><p>no"),
        "asset-type",
        """
        node photo: the file that came is a web page
          → A picture is PNG, JPEG, WebP, GIF or AVIF: choose a model that makes one of these.
        """,
    )


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b'{"error": 1}', "JSON"), (b"%PDF-1.7", "a PDF"), (b"PK\3\4", "a zip archive"), (b"no", "text"),
        (b"II*\0", "a TIFF picture"), (b"\x01\xff\0", "of an unknown type"), (b"RIFF\0\0\0\0AVI LIST", "an AVI film"),
    ],
)  # fmt: skip
def test_whatever_comes_instead_is_called_by_a_name(data: bytes, words: str) -> None:
    assert refusal(data).what == f"the file that came is {words}"


def test_an_empty_file() -> None:
    says(
        refusal(b""),
        "asset-empty",
        """
        node photo: the file that came is empty
          → Run again: the service may have failed half-way.
        """,
    )


def test_a_picture_that_can_hold_programs() -> None:
    svg = b"<svg onload='steal()'/>"
    says(
        refusal(svg, "image/png"),
        "asset-svg",
        """
        node photo: the file that came is an SVG, which can hold programs
          → Ask the model for PNG, JPEG, WebP, GIF or AVIF.
        """,
    )
    assert given(svg, allow_svg=True) == (svg, "svg")
    assert refusal(svg, medium="audio", allow_svg=True).what == "the file that came is an SVG picture"


def test_a_file_that_holds_a_secret() -> None:
    says(
        refusal(picture(f"made with {CANARY}")),
        "asset-secret",
        """
        node photo: the file that came holds the value of a secret variable, and was not kept
          → The service put your key into its answer. Replace the key, and tell the service.
        """,
    )


def test_a_file_that_is_too_large() -> None:
    assert given(SOUNDS["mp3"], medium="audio", max_bytes=6)
    says(
        refusal(SOUNDS["mp3"] + b"x", medium="audio", max_bytes=6),
        "asset-size",
        """
        node photo: the file has 7 bytes, more than the 6 allowed
          → Raise `assets.maxBytes`, or ask the model for a shorter sound, or for MP3.
        """,
    )
    assert refusal(PICTURES["gif"], max_bytes=6).hint == (
        "Raise `assets.maxBytes`, or ask the model for a smaller picture (its `size`, `quality` or `output_format`)."
    ), "a GIF is not converted"


@pytest.mark.parametrize(
    ("size", "more"),
    [
        (50 * 2**20, ""),
        (50 * 2**20 + 1, " Git hosting warns of files of more than 50 MiB."),
        (100 * 2**20 + 1, " Git hosting refuses files of more than 100 MiB: a higher limit alone does not help."),
    ],
)
def test_what_git_thinks_of_a_large_file_is_said(size: int, more: str) -> None:
    film = FILMS["mp4"] + bytes(size - len(FILMS["mp4"]))
    says(
        refusal(film, medium="video", max_bytes=1_000_000),
        "asset-size",
        f"""
        node photo: the file has {size:,} bytes, more than the 1,000,000 allowed
          → Raise `assets.maxBytes`, or ask the model for a shorter film, or for fewer pixels.{more}
        """,
    )
