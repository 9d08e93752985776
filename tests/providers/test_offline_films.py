"""Films from the offline provider: a file that browsers play, read here by a reader of its own."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from genarun.providers.base import Attachment
from genarun.providers.offline.webm import vp8, webm
from PIL import Image, ImageChops, ImageStat

from tests.providers.test_offline import ask

HOLDERS = {0x1A45DFA3, 0x18538067, 0x1549A966, 0x1654AE6B, 0xAE, 0xE0, 0x1F43B675, 0x1C53BB6B, 0xBB, 0xB7}


def elements(
    data: bytes, at: int = 0, end: int | None = None, path: tuple[int, ...] = ()
) -> Iterator[tuple[tuple[int, ...], int, bytes]]:
    """Every element of an EBML file with the identifiers that lead to it, where it starts, and its content."""
    end = len(data) if end is None else end
    while at < end:
        start, length = at, 9 - data[at].bit_length()
        identifier, at = int.from_bytes(data[at : at + length], "big"), at + length
        length = 9 - data[at].bit_length()
        size, at = int.from_bytes(data[at : at + length], "big") & ((1 << 7 * length) - 1), at + length
        assert at + size <= end, "an element that is longer than what holds it"
        yield (*path, identifier), start, data[at : at + size]
        if identifier in HOLDERS:
            yield from elements(data, at, at + size, (*path, identifier))
        at += size


class Film:
    """What a file holds, by the numbers of RFC 9559."""

    def __init__(self, data: bytes) -> None:
        found = list(elements(data))
        one = {path: content for path, _, content in found}
        assert [path for path, _, _ in found if len(path) == 1] == [(0x1A45DFA3,), (0x18538067,)]
        segment, track = (0x18538067,), (0x18538067, 0x1654AE6B, 0xAE)
        self.kind = one[0x1A45DFA3, 0x4282]
        self.codec = one[*track, 0x86]
        self.size = tuple(int.from_bytes(one[*track, 0xE0, name], "big") for name in (0xB0, 0xBA))
        scale = int.from_bytes(one[*segment, 0x1549A966, 0x2AD7B1], "big")
        self.seconds = struct.unpack(">d", one[*segment, 0x1549A966, 0x4489])[0] * scale / 1e9
        blocks = [content for path, _, content in found if path[-1] == 0xA3]
        assert all(block[0] == 0x81 and block[3] == 0x80 for block in blocks), "blocks of track 1, all key frames"
        self.times = [struct.unpack(">h", block[1:3])[0] for block in blocks]
        self.frames = [picture(block[4:]) for block in blocks]
        # The place in the cues is counted from the segment's first byte of content, and a cluster starts there.
        content_starts = next(start for path, start, _ in found if path == (*segment, 0x1549A966))
        cued = int.from_bytes(one[*segment, 0x1C53BB6B, 0xBB, 0xB7, 0xF1], "big")
        assert content_starts + cued == next(start for path, start, _ in found if path == (*segment, 0x1F43B675))


def picture(frame: bytes) -> Image.Image:
    """A VP8 frame as Pillow reads it: put back into the RIFF file that it came from."""
    body = b"WEBPVP8 " + struct.pack("<I", len(frame)) + frame + b"\0" * (len(frame) % 2)
    return Image.open(io.BytesIO(b"RIFF" + struct.pack("<I", len(body)) + body)).convert("RGB")


def filmed(prompt: str, seed: int = 0, **params: Any) -> tuple[bytes, float | None]:
    reply = ask(prompt, medium="video", seed=seed, params=params)
    (file,) = reply.files
    assert (file.media_type, reply.text, reply.usd, reply.usage.images) == ("video/webm", None, Decimal(0), None)
    assert file.data is not None
    return file.data, reply.usage.seconds


def difference(one: Image.Image, other: Image.Image) -> float:
    return max(ImageStat.Stat(ImageChops.difference(one, other)).mean)


@pytest.mark.parametrize("prompt", ["A harbour at dusk, the ferries leave", "a market", "birch forest in fog", ""])
def test_a_film_is_a_scene_that_changes_slowly(prompt: str) -> None:
    data, seconds = filmed(prompt)
    film = Film(data)
    assert (film.kind, film.codec, film.size) == (b"webm", b"V_VP8", (480, 270))
    assert seconds == film.seconds == 4.0
    assert film.times == [number * 250 for number in range(16)]
    assert len(data) < 300_000
    assert {frame.size for frame in film.frames} == {film.size}
    steps = [difference(one, other) for one, other in pairwise(film.frames)]
    assert min(steps) > 0
    assert difference(film.frames[0], film.frames[-1]) > 5
    assert max(ImageStat.Stat(film.frames[8]).stddev) > 6, "an empty frame"


@pytest.mark.parametrize(
    ("params", "size", "seconds"),
    [
        ({"size": "720x1280", "seconds": "8"}, (270, 480), 8.0),
        ({"aspect_ratio": "1:1", "duration": 2}, (360, 360), 2.0),
        ({"duration": 90}, (480, 270), 12.0),
        ({"duration": 0.1}, (480, 270), 1.0),
        ({"duration": "soon", "seconds": -4}, (480, 270), 4.0),
        ({"size": "2048x64"}, (720, 180), 4.0),
    ],
)
def test_the_shape_and_the_length_that_were_asked_for(params: dict[str, Any], size: tuple[int, int], seconds: float) -> None:
    data, said = filmed("stars over the desert", **params)
    film = Film(data)
    assert film.size == size
    assert film.seconds == said == pytest.approx(seconds, abs=0.01)
    assert len(data) < 300_000


def test_night_falls_where_the_prompt_says_so() -> None:
    def light(frame: Image.Image) -> float:
        return float(ImageStat.Stat(frame.convert("L")).mean[0])

    dusk, dawn = (Film(filmed(f"{words} over the hills")[0]).frames for words in ("Night falls", "The sun rises at dawn"))
    assert light(dusk[-1]) < 0.85 * light(dusk[0])
    assert light(dawn[-1]) > 1.1 * light(dawn[0])


def test_equal_requests_give_equal_bytes_and_others_other_films() -> None:
    assert filmed("moss")[0] == filmed("moss")[0]
    assert len({filmed(prompt)[0] for prompt in ("moss", "a tram", "moss!")} | {filmed("moss", seed=1)[0]}) == 4


def test_a_given_picture_is_what_moves() -> None:
    out = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").save(out, "PNG")
    turn = {"role": "user", "content": "Let it move", "images": ["sha256:1"]}
    shown = {"sha256:1": Attachment("sha256:1", "a.png", out.getvalue())}
    first = ask((turn,), medium="video", attached=shown).files[0].data  # type: ignore[arg-type]
    assert first is not None
    frame = Film(first).frames[0].convert("L")
    top, bottom = (ImageStat.Stat(frame.crop((0, y, 480, y + 40))).mean[0] for y in (0, 230))
    assert bottom > top + 40
    assert ask((turn,), medium="video").files[0].data != first, "without the picture it is drawn"  # type: ignore[arg-type]


def test_only_lossy_pictures_hold_a_frame() -> None:
    def saved(**how: Any) -> bytes:
        out = io.BytesIO()
        Image.new("RGBA", (16, 16), (9, 9, 9, 40)).convert(how.pop("mode", "RGB")).save(out, "WEBP", **how)
        return out.getvalue()

    assert picture(vp8(saved())).size == (16, 16)
    assert picture(vp8(saved(mode="RGBA"))).size == (16, 16), "the frame beside its transparency"
    with pytest.raises(ValueError, match="no lossy WebP picture"):
        vp8(saved(lossless=True))
    with pytest.raises(ValueError, match="no WebP picture"):
        vp8(b"\x89PNG")


@pytest.mark.parametrize(("count", "milliseconds"), [(0, 100), (2, 0), (400, 100)])
def test_what_is_no_film_is_refused(count: int, milliseconds: int) -> None:
    with pytest.raises(ValueError, match="half a minute"):
        webm([b"x"] * count, 16, 16, milliseconds)


@pytest.mark.parametrize("size", [10, 126, 127, 128, 16_382, 16_383, 40_000])
def test_sizes_are_written_so_that_they_can_be_read(size: int) -> None:
    blocks = [content for path, _, content in elements(webm([b"x" * size] * 2, 16, 16, 50)) if path[-1] == 0xA3]
    assert [len(block) for block in blocks] == [size + 4] * 2
