"""The surface that pictures are laid on: flat inks with clean edges, and grain where one ink turns into another.

Coordinates are pixels of the picture, x to the right and y down. Shapes are drawn twice as large and reduced, since
Pillow's own edges are hard; grain is one fixed field of noise, so that equal pictures are equal byte for byte.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from genarun.providers.offline.chance import Chance
from genarun.providers.offline.picture.palette import Ink, between

if TYPE_CHECKING:
    from PIL import Image

Point = tuple[float, float]
_FIELD = 1280
_OVER = 2


@dataclass(frozen=True, slots=True)
class Shape:
    """A part of a form.

    kind: `poly`, `oval` (x, y, rx, ry), `box` (x0, y0, x1, y1, radius), `line` (points, width).
    hole: whether it is cut out of what came before it."""

    kind: str
    points: tuple[Point, ...] = ()
    numbers: tuple[float, ...] = ()
    hole: bool = False


@dataclass(frozen=True, slots=True)
class Shade:
    """Grain of another ink.

    side: where it is densest: `left`, `right`, `top`, `bottom`, `rim`, `core`, or two as `left bottom`.
    strength: 0 to 1 at the densest; reach: 0 to 1, how far it comes in."""

    ink: Ink
    side: str = "bottom"
    strength: float = 0.8
    reach: float = 1.0


def poly(*points: Point, hole: bool = False) -> Shape:
    """A closed polygon."""
    return Shape("poly", points, hole=hole)


def oval(x: float, y: float, rx: float, ry: float | None = None, hole: bool = False) -> Shape:
    """An ellipse by its centre and radii."""
    return Shape("oval", numbers=(x, y, rx, rx if ry is None else ry), hole=hole)


def box(x0: float, y0: float, x1: float, y1: float, radius: float = 0, hole: bool = False) -> Shape:
    """A rectangle, its corners rounded by `radius`."""
    return Shape("box", numbers=(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1), radius), hole=hole)


def line(*points: Point, width: float = 2, hole: bool = False) -> Shape:
    """A line through points, with round joints."""
    return Shape("line", points, (width,), hole=hole)


def curve(points: Sequence[Point], closed: bool = False, steps: int = 10) -> tuple[Point, ...]:
    """Points along a smooth curve (Catmull-Rom) through the given ones."""
    found: list[Point] = []
    count = len(points)
    for number in range(count if closed else count - 1):
        if closed:
            a, b, c, d = (points[(number + shift) % count] for shift in (-1, 0, 1, 2))
        else:
            a, b = points[max(0, number - 1)], points[number]
            c, d = points[number + 1], points[min(count - 1, number + 2)]
        for step in range(steps):
            t = step / steps
            x = _spline(a[0], b[0], c[0], d[0], t)
            y = _spline(a[1], b[1], c[1], d[1], t)
            found.append((x, y))
    if not closed:
        found.append(points[-1])
    return tuple(found)


def _spline(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * t * t * t)


def turned(points: Sequence[Point], x: float, y: float, degrees: float) -> tuple[Point, ...]:
    """The points turned round (x, y), clockwise."""
    sine, cosine = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
    return tuple((x + (px - x) * cosine - (py - y) * sine, y + (px - x) * sine + (py - y) * cosine) for px, py in points)


@cache
def _field() -> Any:
    """Fixed noise, a little softer than single pixels so that it prints well and compresses well."""
    from PIL import Image  # heavy: only for pictures

    size = _FIELD * 4 // 5
    raw = Image.frombytes("L", (size, size), hashlib.shake_256(b"grain").digest(size * size))
    soft = raw.resize((_FIELD, _FIELD), Image.Resampling.BILINEAR)
    return soft.point([max(0, min(255, round((value - 128) * 1.45 + 128))) for value in range(256)])


class Sheet:
    """One picture in the making: `image` holds what has been laid so far."""

    def __init__(self, width: int, height: int, ground: Ink, chance: Chance) -> None:
        from PIL import Image  # heavy: only for pictures

        self.w, self.h = float(width), float(height)
        self.s = float(min(width, height))
        self.chance = chance
        self.image: Image.Image = Image.new("RGB", (width, height), ground)

    def noise(self, width: int, height: int) -> Image.Image:
        """A cut of the noise field, another place of it each time."""
        from PIL import Image  # heavy: only for pictures

        field = _field()
        if width <= _FIELD and height <= _FIELD:
            x, y = self.chance.whole(0, _FIELD - width), self.chance.whole(0, _FIELD - height)
            return field.crop((x, y, x + width, y + height))  # type: ignore[no-any-return]
        big = Image.new("L", (width, height))
        for x in range(0, width, _FIELD):
            for y in range(0, height, _FIELD):
                big.paste(field, (x, y))
        return big

    def fade(self, top: Ink, low: Ink, start: float = 0.0, end: float = 1.0) -> None:
        """Fill the whole sheet: one ink above, another below, grain between."""
        width, height = self.image.size
        self.lay([box(0, 0, width, height)], top)
        y0, y1 = start * height, end * height
        self.lay([box(0, y0, width, height)], top, Shade(low, "bottom", 1.25, 1.0 if y1 >= height else 0.9))

    def lay(self, shapes: Sequence[Shape], ink: Ink, *shades: Shade, opacity: float = 1.0) -> None:
        """Lay a form in one ink, with grain of others over it."""
        from PIL import ImageChops  # heavy: only for pictures

        bounds = self._bounds(shapes)
        if bounds is None:
            return
        x0, y0, x1, y1 = bounds
        mask = self._mask(shapes, bounds)
        if opacity < 1:
            mask = mask.point([round(value * opacity) for value in range(256)])
        self.image.paste(ink, (x0, y0, x1, y1), mask)
        for shade in shades:
            size = (x1 - x0, y1 - y0)
            slope = _slope(shade.side, size).point(_ramp(shade.strength, shade.reach))
            grain = ImageChops.subtract(slope, self.noise(*size)).point(_HARD)
            self.image.paste(shade.ink, (x0, y0, x1, y1), ImageChops.multiply(grain, mask))

    def glow(self, x: float, y: float, radius: float, ink: Ink, strength: float = 0.7) -> None:
        """Grain that thins out round a point."""
        self.lay_grain([oval(x, y, radius)], ink, "core", strength)

    def lay_grain(
        self, shapes: Sequence[Shape], ink: Ink, side: str = "bottom", strength: float = 0.7, reach: float = 1.0
    ) -> None:
        """Only the grain of an ink, over whatever lies there."""
        from PIL import ImageChops  # heavy: only for pictures

        bounds = self._bounds(shapes)
        if bounds is None:
            return
        x0, y0, x1, y1 = bounds
        size = (x1 - x0, y1 - y0)
        slope = _slope(side, size).point(_ramp(strength, reach))
        grain = ImageChops.subtract(slope, self.noise(*size)).point(_HARD)
        self.image.paste(ink, (x0, y0, x1, y1), ImageChops.multiply(grain, self._mask(shapes, bounds)))

    def finish(self) -> None:
        """A breath of paper over everything."""
        from PIL import Image, ImageChops  # heavy: only for pictures

        grey = self.noise(*self.image.size).point([round(128 + (value - 128) * 0.055) for value in range(256)])
        self.image = ImageChops.overlay(self.image, Image.merge("RGB", (grey, grey, grey)))

    def _bounds(self, shapes: Sequence[Shape]) -> tuple[int, int, int, int] | None:
        xs: list[float] = []
        ys: list[float] = []
        for shape in shapes:
            if shape.hole:
                continue
            if shape.kind == "oval":
                x, y, rx, ry = shape.numbers
                xs += [x - rx, x + rx]
                ys += [y - ry, y + ry]
            elif shape.kind == "box":
                xs += shape.numbers[0:4:2]
                ys += shape.numbers[1:4:2]
            else:
                pad = shape.numbers[0] if shape.kind == "line" else 0
                xs += [point[0] + sign * pad for point in shape.points for sign in (-1, 1)]
                ys += [point[1] + sign * pad for point in shape.points for sign in (-1, 1)]
        width, height = self.image.size
        if not xs:
            return None
        x0, y0 = max(0, math.floor(min(xs))), max(0, math.floor(min(ys)))
        x1, y1 = min(width, math.ceil(max(xs)) + 1), min(height, math.ceil(max(ys)) + 1)
        return (x0, y0, x1, y1) if x1 > x0 and y1 > y0 else None

    def _mask(self, shapes: Sequence[Shape], bounds: tuple[int, int, int, int]) -> Image.Image:
        from PIL import Image, ImageDraw  # heavy: only for pictures

        x0, y0, x1, y1 = bounds
        mask = Image.new("L", ((x1 - x0) * _OVER, (y1 - y0) * _OVER), 0)
        draw = ImageDraw.Draw(mask)
        for shape in shapes:
            fill = 0 if shape.hole else 255
            if shape.kind == "oval":
                x, y, rx, ry = shape.numbers
                draw.ellipse(
                    [(x - rx - x0) * _OVER, (y - ry - y0) * _OVER, (x + rx - x0) * _OVER, (y + ry - y0) * _OVER], fill=fill
                )
            elif shape.kind == "box":
                a, b, c, d, radius = shape.numbers
                edges = [(a - x0) * _OVER, (b - y0) * _OVER, (c - x0) * _OVER - 1, (d - y0) * _OVER - 1]
                if edges[2] >= edges[0] and edges[3] >= edges[1]:
                    draw.rounded_rectangle(edges, radius=radius * _OVER, fill=fill)
            else:
                points = [((x - x0) * _OVER, (y - y0) * _OVER) for x, y in shape.points]
                if shape.kind == "poly":
                    draw.polygon(points, fill=fill)
                else:
                    draw.line(points, fill=fill, width=max(1, round(shape.numbers[0] * _OVER)), joint="curve")
        return mask.reduce(_OVER)


_HARD = [min(255, value * 5) for value in range(256)]


@cache
def _ramp(strength: float, reach: float) -> tuple[int, ...]:
    """Densities for a slope from 0 to 255: nothing outside `reach`, `strength` at the end."""
    start = 1 - reach
    return tuple(round(min(1.0, max(0.0, (value / 255 - start) / max(reach, 0.01)) * strength) * 255) for value in range(256))


def _slope(side: str, size: tuple[int, int]) -> Image.Image:
    """A slope from 0 to 255 towards a side."""
    from PIL import Image, ImageChops  # heavy: only for pictures

    names = side.split(" ")
    if len(names) == 2:
        return ImageChops.add(_slope(names[0], size), _slope(names[1], size), scale=2)
    if side in ("rim", "core"):
        round_slope = Image.radial_gradient("L").resize(size, Image.Resampling.BILINEAR)
        if side == "core":
            return round_slope.point([max(0, 255 - round(value * 1.42)) for value in range(256)])
        return round_slope.point([min(255, round(value * 1.3)) for value in range(256)])
    down = Image.linear_gradient("L")
    if side == "top":
        down = down.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    elif side == "right":
        down = down.transpose(Image.Transpose.ROTATE_90)
    elif side == "left":
        down = down.transpose(Image.Transpose.ROTATE_270)
    return down.resize(size, Image.Resampling.BILINEAR)


def tint(one: Ink, other: Ink, share: float) -> Ink:
    """An ink between two."""
    return between(one, other, share)
