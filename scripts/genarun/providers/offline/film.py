"""Films from the offline provider: one drawn scene over which a camera moves and the light changes."""

from __future__ import annotations

import io
import re
from typing import Any

from genarun.providers.base import ModelRequest
from genarun.providers.offline.chance import Chance
from genarun.providers.offline.picture.draw import painted, palette_of, size_of, sized
from genarun.providers.offline.picture.palette import Ink
from genarun.providers.offline.picture.rework import reworked
from genarun.providers.offline.seen import digests_in, given_pictures
from genarun.providers.offline.topic import read_topic
from genarun.providers.offline.webm import vp8, webm

FRAMES = 16
SECONDS = 4.0
LONGEST = 12.0
_AREA = 480 * 270  # pixels of a frame
_ROOM = 1.3  # how much larger than a frame the scene is, so that the camera can move
_HEAVY = 16_000  # bytes of a frame: 256 kB in all
_QUALITIES = (62, 50, 38, 26, 14)
_MOVES = (
    ((0.5, 0.5, 1.0), (0.5, 0.45, 0.78)),
    ((0.5, 0.5, 0.78), (0.5, 0.5, 1.0)),
    ((0.0, 0.5, 0.8), (1.0, 0.5, 0.8)),
    ((1.0, 0.4, 0.8), (0.0, 0.6, 0.8)),
    ((0.3, 1.0, 0.82), (0.6, 0.0, 0.88)),
)
"""Where the camera starts and where it ends: across and down, 0 to 1, and the share of the scene that it sees."""


def film(request: ModelRequest) -> tuple[bytes, float]:
    """A WebM file of 16 frames and how many seconds it lasts, `seconds` or `duration` where the parameters say so."""
    prompt = next((message.get("content", "") for message in reversed(request.messages) if message.get("role") == "user"), "")
    chance = Chance("film", request.seed, prompt, *digests_in(request.messages))
    world = read_topic(request.messages, request.about, Chance("world", prompt)).world
    width, height = _frame_size(request)
    palette = palette_of(prompt, world, chance)
    size = round(width * _ROOM), round(height * _ROOM)
    given = list(given_pictures(request))
    scene = reworked(given, prompt, size, chance, palette) if given else painted(prompt, *size, chance, world, palette)
    (start, end), light = chance.fork("camera").pick(_MOVES), _light(prompt, palette.light, palette.ink, chance.fork("light"))
    pictures = [_frame(scene, start, end, light, number / (FRAMES - 1), (width, height)) for number in range(FRAMES)]
    each = round(_seconds(request) * 1000 / FRAMES)
    return webm([_encoded(picture) for picture in pictures], width, height, each), each * FRAMES / 1000


def _frame_size(request: ModelRequest) -> tuple[int, int]:
    """Pixels across and down: the shape that was asked for, 16 to 9 where none was, in the size of a film that git can keep."""
    width, height = size_of(request.params) if sized(request.params) else (16, 9)
    share = max(0.25, min(4.0, width / height)) ** 0.5
    side = _AREA**0.5
    return round(side * share / 2) * 2, round(side / share / 2) * 2


def _seconds(request: ModelRequest) -> float:
    for name in ("seconds", "duration"):
        value = request.params.get(name)
        if isinstance(value, str) and re.fullmatch(r"\d+(?:\.\d+)?", value):
            value = float(value)
        if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
            return max(1.0, min(LONGEST, float(value)))
    return SECONDS


def _light(prompt: str, bright: Ink, dark: Ink, chance: Chance) -> tuple[Ink, float, float]:
    """The ink that the light turns to, and how much of it lies over the first and over the last frame."""
    if re.search(r"\b(?:dawn|sunrise|daybreak|morning|wakes?|lights? up|opens?)\b", prompt, re.IGNORECASE):
        return dark, 0.42, 0.0
    if re.search(r"\b(?:dusk|sunset|evening|nightfall|night falls|darkens?|fades?|closes?)\b", prompt, re.IGNORECASE):
        return dark, 0.0, 0.42
    return chance.pick(((bright, 0.0, 0.25), (bright, 0.25, 0.0), (dark, 0.0, 0.22), (dark, 0.22, 0.0)))


def _frame(
    scene: Any,
    start: tuple[float, float, float],
    end: tuple[float, float, float],
    light: tuple[Ink, float, float],
    at: float,
    size: tuple[int, int],
) -> Any:
    """The frame at a share `at` of the film."""
    from PIL import Image  # heavy: only for pictures

    eased = at * at * (3 - 2 * at)  # starts and stops gently
    x, y, share = (one + (other - one) * eased for one, other in zip(start, end, strict=True))
    width, height = scene.width * share, scene.height * share
    left, top = (scene.width - width) * x, (scene.height - height) * y
    picture = scene.resize(size, Image.Resampling.BICUBIC, box=(left, top, left + width, top + height))
    tint, first, last = light
    return Image.blend(picture, Image.new("RGB", size, tint), first + (last - first) * eased)


def _encoded(picture: Any) -> bytes:
    """A frame, as fine as a film that git can keep allows."""
    for quality in _QUALITIES:
        out = io.BytesIO()
        picture.save(out, "WEBP", quality=quality, method=4)
        if out.tell() <= _HEAVY:
            break
    return vp8(out.getvalue())
