"""A lizard, and where the prompt's words put it: on a stone, in a hand, on a scale, half out of a box, before hills."""

# Places stand in rows, as they were drawn up.
# fmt: off
from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence

from genarun.providers.offline.chance import Chance
from genarun.providers.offline.picture import parts
from genarun.providers.offline.picture.palette import Palette, ink
from genarun.providers.offline.picture.sheet import Point, Shade, Shape, Sheet, box, curve, line, oval, poly, tint

_COAT = ink("EDBE4A")
_SPINE = ((0.47, -0.115, 0.018), (0.42, -0.128, 0.042), (0.345, -0.13, 0.05), (0.28, -0.108, 0.032), (0.19, -0.105, 0.05),
    (0.05, -0.1, 0.062), (-0.09, -0.098, 0.052), (-0.165, -0.085, 0.033), (-0.25, -0.07, 0.046), (-0.36, -0.045, 0.034),
    (-0.46, -0.02, 0.012), (-0.51, -0.008, 0.003))
"""From nose to tail, in lengths of the animal above its feet: x, y, half its thickness."""
_HIP = 7
"""Points of the spine before the tail begins."""


def lizard(sheet: Sheet, p: Palette, c: Chance, words: str) -> None:
    """One lizard, large, in the place that the words name first."""
    found = [(match.start(), place) for rule, place in _PLACES if (match := re.search(rf"\b(?:{rule})\b", words))]
    (min(found, key=lambda one: one[0])[1] if found else _hills)(sheet, p, c)


def _animal(sheet: Sheet, p: Palette, c: Chance, x: float, y: float, z: float, side: int, *, front: bool = False) -> None:
    """The animal in profile, its feet on y, as long as z. side: where it looks. front: only as far as its hips."""
    spine = _SPINE[:_HIP] if front else _SPINE

    def at(px: float, py: float) -> Point:
        return x + side * px * z, y + py * z

    dark = tint(_COAT, p.ink, 0.45)
    for px, lean in ((0.25, -0.055), (-0.06, -0.05))[: 1 if front else 2]:
        sheet.lay(_leg(at, px, lean, z), tint(dark, p.ink, 0.25))
    body = _tube([at(px, py) for px, py, _ in spine], [half * z for *_, half in spine])
    sheet.lay([body], _COAT, Shade(tint(_COAT, p.light, 0.7), "bottom", 0.7, 0.5), Shade(dark, "top", 0.4, 0.4))
    if not front:
        bands = [poly(*[at(px + dx, py + dy * half) for dx, dy in ((-0.016, -1.0), (0.016, -1.0), (0.012, 0.9), (-0.02, 0.9))])
            for px, py, half in ((-0.2, -0.078, 0.038), (-0.29, -0.061, 0.042), (-0.375, -0.041, 0.03), (-0.44, -0.025, 0.016))]
        sheet.lay(bands, tint(p.ink, _COAT, 0.15))
    spots = []
    for number in range(30):
        t = number / 29
        px = 0.4 - 0.5 * t + c.between(-0.012, 0.012)
        half = 0.05 if px < 0.22 else 0.03
        spots.append(oval(*at(px, -0.122 + half * c.between(-0.75, 0.35)), z * c.between(0.005, 0.0105)))
    sheet.lay(spots, tint(p.ink, _COAT, 0.1))
    eye = at(0.375, -0.152)
    sheet.lay([oval(*eye, z * 0.021)], tint(_COAT, p.light, 0.6))
    sheet.lay([oval(*eye, z * 0.0165)], p.light)
    sheet.lay([oval(*eye, z * 0.0045, z * 0.0145)], p.ink)
    mouth = curve([at(0.468, -0.108), at(0.42, -0.099), at(0.36, -0.102), at(0.33, -0.112)], steps=6)
    sheet.lay([line(*mouth, width=z * 0.0055), oval(*at(0.458, -0.124), z * 0.004)], tint(p.ink, _COAT, 0.2))
    for px, lean in ((0.17, 0.075), (-0.13, 0.08))[: 1 if front else 2]:
        sheet.lay(_leg(at, px, lean, z), _COAT, Shade(dark, "bottom", 0.6, 0.8))


def _leg(at: Callable[[float, float], Point], px: float, lean: float, z: float) -> list[Shape]:
    """A bent leg under the body at px, its knee to one side by `lean`, with toes that point ahead."""
    foot = at(px + lean * 0.3, -0.011)
    limb = curve([at(px, -0.09), at(px + lean, -0.062), at(px + lean * 0.75, -0.038), foot], steps=6)
    toes = [line(foot, at(px + lean * 0.3 + 0.052 * math.cos(a), -0.008 + 0.02 * math.sin(a)), width=z * 0.009)
        for a in (-0.55, -0.2, 0.15, 0.5, 2.4)]
    return [line(*limb, width=z * 0.031), oval(*foot, z * 0.018, z * 0.011), *toes]


def _tube(points: Sequence[Point], halves: Sequence[float]) -> Shape:
    """A smooth body round a line of points, each with half its thickness."""
    upper: list[Point] = []
    lower: list[Point] = []
    for number, ((x, y), half) in enumerate(zip(points, halves, strict=True)):
        (ax, ay), (bx, by) = points[max(0, number - 1)], points[min(len(points) - 1, number + 1)]
        length = math.hypot(bx - ax, by - ay) or 1.0
        nx, ny = -(by - ay) / length, (bx - ax) / length
        upper.append((x + nx * half, y + ny * half))
        lower.append((x - nx * half, y - ny * half))
    return poly(*curve([*upper, *reversed(lower)], closed=True, steps=8))


def _shadow(sheet: Sheet, p: Palette, x: float, y: float, z: float) -> None:
    sheet.lay_grain([oval(x, y + z * 0.005, z * 0.47, z * 0.035)], p.ink, "core", 1.1)


def _room(sheet: Sheet, p: Palette, c: Chance, floor: float) -> None:
    """A wall and a floor. The wall's grain is of a near ink: over a dark one it would weigh too much for git."""
    w, h = sheet.w, sheet.h
    wall = tint(p.top, p.low, 0.5)
    sheet.lay([box(0, 0, w, h)], wall, Shade(tint(wall, p.light, 0.45), c.pick(("left top", "right top")), 0.6, 0.8))
    sheet.lay([box(0, floor, w, h)], p.far, Shade(p.mid, "bottom", 0.8, 0.9))


def _tank(sheet: Sheet, p: Palette, c: Chance) -> None:
    """A long enclosure: a lamp and a stone at one end, a tunnel at the other."""
    w, h, s = sheet.w, sheet.h, sheet.s
    floor, top = h * 0.74, h * 0.2
    _room(sheet, p, c, h * 0.84)
    sheet.lay([box(w * 0.06, top, w * 0.94, h * 0.86)], tint(p.low, p.light, 0.55), Shade(p.accent, "left top", 0.35, 0.6),
        Shade(p.far, "right", 0.55, 0.6))
    _beam(sheet, p, w * 0.22, top, floor, s * 0.26)
    sheet.lay([box(w * 0.06, floor, w * 0.94, h * 0.86)], p.far, Shade(p.mid, "right bottom", 0.9))
    sheet.lay([line((w * (0.06 + 0.11 * n), floor), (w * (0.03 + 0.117 * n), h * 0.86), width=s * 0.004)
        for n in range(1, 8)], p.mid)
    _slab(sheet, p, w * 0.22, floor + s * 0.035, s * 0.3)
    arch = [oval(w * 0.8, floor + s * 0.03, s * 0.17, s * 0.2), box(w * 0.8 - s * 0.2, floor + s * 0.03, w, h, hole=True)]
    sheet.lay(arch, tint(p.near, p.mid, 0.4), Shade(p.ink, "right", 0.7, 0.7))
    sheet.lay([oval(w * 0.8, floor + s * 0.03, s * 0.1, s * 0.125), box(w * 0.6, floor + s * 0.03, w, h, hole=True)], p.ink)
    z = s * 0.62
    _shadow(sheet, p, w * 0.5, floor + s * 0.07, z)
    _animal(sheet, p, c, w * 0.5, floor + s * 0.07, z, 1)
    frame = [box(w * 0.05, top - s * 0.02, w * 0.95, h * 0.88, s * 0.012), box(w * 0.065, top, w * 0.935, h * 0.86, hole=True)]
    sheet.lay(frame, p.ink)


def _stone(sheet: Sheet, p: Palette, c: Chance) -> None:
    """A flat stone under a lamp."""
    w, h, s = sheet.w, sheet.h, sheet.s
    _room(sheet, p, c, h * 0.78)
    _beam(sheet, p, w * 0.34, 0, h * 0.72, s * 0.5)
    _slab(sheet, p, w * 0.5, h * 0.78, s * 0.58)
    z = s * 0.92
    _shadow(sheet, p, w * 0.5, h * 0.7, z)
    _animal(sheet, p, c, w * 0.5, h * 0.7, z, c.pick((-1, 1)))


def _beam(sheet: Sheet, p: Palette, x: float, top: float, floor: float, wide: float) -> None:
    """A lamp and its light."""
    sheet.lay_grain([poly((x - wide * 0.2, top), (x + wide * 0.2, top), (x + wide, floor), (x - wide, floor))], p.light, "top",
        1.1, 1.0)
    sheet.lay([poly((x - wide * 0.12, top), (x + wide * 0.12, top), (x + wide * 0.3, top + wide * 0.3),
        (x - wide * 0.3, top + wide * 0.3))], p.ink, Shade(p.near, "left", 0.6, 0.6))
    sheet.lay([oval(x, top + wide * 0.3, wide * 0.2, wide * 0.07)], p.light)


def _slab(sheet: Sheet, p: Palette, x: float, y: float, half: float) -> None:
    stone = tint(p.mid, p.near, 0.4)
    sheet.lay([poly((x - half, y - half * 0.12), (x - half * 0.86, y - half * 0.22), (x + half * 0.9, y - half * 0.22),
        (x + half, y - half * 0.1), (x + half * 0.94, y + half * 0.1), (x - half * 0.95, y + half * 0.1))], stone,
        Shade(p.ink, "bottom", 0.8, 0.6), Shade(p.light, "top", 0.3, 0.5))


def _meal(sheet: Sheet, p: Palette, c: Chance) -> None:
    """An insect, and a bowl of water behind it."""
    w, h, s = sheet.w, sheet.h, sheet.s
    floor = h * 0.66
    _room(sheet, p, c, floor)
    x, y = w * 0.78, floor + s * 0.06
    sheet.lay_grain([oval(x, y, s * 0.24, s * 0.03)], p.ink, "core", 0.9)
    sheet.lay([poly(*curve([(x - s * 0.17, y - s * 0.1), (x - s * 0.13, y), (x + s * 0.13, y), (x + s * 0.17, y - s * 0.1)],
        steps=6))], tint(p.near, p.far, 0.3), Shade(p.ink, "right bottom", 0.7, 0.7))
    sheet.lay([oval(x, y - s * 0.1, s * 0.17, s * 0.03)], tint(p.top, p.light, 0.5), Shade(p.near, "right", 0.4, 0.6))
    z, ground = s * 0.86, h * 0.83
    _shadow(sheet, p, w * 0.4, ground, z)
    _animal(sheet, p, c, w * 0.4, ground, z, 1)
    x = w * 0.4 + z * 0.66
    legs = [line((x + s * d, ground - s * 0.035), (x + s * (d + f), ground - s * 0.075), (x + s * (d + f * 2.4), ground),
        width=s * 0.006) for d, f in ((0.015, 0.02), (-0.01, -0.012), (-0.03, -0.02))]
    feelers = [line(*curve([(x - s * 0.055, ground - s * 0.045), (x - s * 0.085, ground - s * (0.08 + n * 0.03)),
        (x - s * 0.11, ground - s * (0.085 + n * 0.045))], steps=5), width=s * 0.004) for n in (0, 1)]
    sheet.lay([*legs, *feelers], p.ink)
    sheet.lay([oval(x, ground - s * 0.035, s * 0.052, s * 0.02), oval(x - s * 0.05, ground - s * 0.038, s * 0.018)], p.light,
        Shade(p.ink, "bottom", 0.8, 0.6))


def _hole(sheet: Sheet, p: Palette, c: Chance) -> None:
    """A box with a round entrance, the animal half out of it."""
    w, h, s = sheet.w, sheet.h, sheet.s
    _room(sheet, p, c, h * 0.72)
    x, base = w * 0.36, h * 0.86
    sheet.lay_grain([oval(x + s * 0.1, base, s * 0.48, s * 0.05)], p.ink, "core", 1.0)
    sheet.lay([box(x - s * 0.36, base - s * 0.5, x + s * 0.36, base, s * 0.04)], tint(p.mid, p.light, 0.25),
        Shade(p.near, "left bottom", 0.8, 0.8), Shade(p.light, "right top", 0.4, 0.5))
    sheet.lay([box(x - s * 0.39, base - s * 0.55, x + s * 0.39, base - s * 0.46, s * 0.03)], p.near, Shade(p.ink, "left", 0.5))
    hole = oval(x + s * 0.1, base - s * 0.175, s * 0.165)
    sheet.lay([hole], p.ink)
    z = s * 1.02
    _shadow(sheet, p, x + s * 0.38, base + s * 0.005, z * 0.6)
    _animal(sheet, p, c, x + s * 0.16, base - s * 0.012, z, 1, front=True)
    sheet.lay_grain([hole], p.ink, "left", 4.0, 0.62)
    moss = [oval(x + s * (-0.06 + 0.045 * n), base - s * (0.03 + 0.014 * (n % 2)), s * 0.034) for n in range(5)]
    sheet.lay(moss, ink("6F8F45"), Shade(p.ink, "bottom", 0.5, 0.6))


def _hand(sheet: Sheet, p: Palette, c: Chance) -> None:
    """Two open hands, side by side."""
    w, h, s = sheet.w, sheet.h, sheet.s
    _room(sheet, p, c, h * 0.9)
    skin = c.pick((ink("E3B58F"), ink("C98F66"), ink("8A5A3C"), ink("F0CBAA")))
    deep = tint(skin, p.ink, 0.45)
    y = h * 0.72
    for side in (-1, 1):

        def at(px: float, py: float, side: int = side) -> Point:
            return w / 2 + side * px * s, y + py * s

        far = w / s / 2 + 0.02
        sheet.lay([line(*curve([at(0.46, 0.03), at(0.4, -0.035), at(0.31, -0.05)], steps=6), width=s * 0.05)],
            tint(skin, p.ink, 0.18))
        hand = curve([at(0.7, 0.0), at(0.42, -0.005), at(0.2, 0.008), at(0.035, 0.026), at(0.02, 0.045), at(0.05, 0.062),
            at(0.22, 0.1), at(0.42, 0.165), at(0.7, 0.18)], steps=6)
        sheet.lay([poly(*hand)], skin, Shade(deep, "bottom", 0.95, 0.75))
        sheet.lay([line(*curve([at(0.05, 0.03 + 0.012 * n), at(0.14, 0.028 + 0.017 * n), at(0.22, 0.03 + 0.022 * n)],
            steps=5), width=s * 0.004) for n in (1, 2)], tint(skin, p.ink, 0.3))
        sheet.lay([poly(at(far, -0.05), at(0.62, -0.025), at(0.58, 0.08), at(0.61, 0.21), at(far, 0.25))], p.near,
            Shade(p.ink, "bottom", 0.7, 0.8), Shade(p.far, "top", 0.4, 0.5))
    z = s * 0.84
    _animal(sheet, p, c, w / 2, y + s * 0.022, z, c.pick((-1, 1)))


def _scale(sheet: Sheet, p: Palette, c: Chance) -> None:
    """A scale on a table, with a tub."""
    w, h, s = sheet.w, sheet.h, sheet.s
    floor = h * 0.66
    _room(sheet, p, c, floor)
    x, foot = w * 0.45, h * 0.62
    sheet.lay_grain([oval(w * 0.86, h * 0.8, s * 0.17, s * 0.03)], p.ink, "core", 0.9)
    sheet.lay([poly((w * 0.76, h * 0.8), (w * 0.8, h * 0.74), (w * 0.97, h * 0.74), (w * 0.95, h * 0.8))], p.light,
        Shade(p.far, "right", 0.6, 0.6))
    sheet.lay([line((w * (0.8 + 0.008 * n), h * (0.788 - 0.013 * n)), (w * (0.9 + 0.006 * n), h * (0.788 - 0.013 * n)),
        width=s * 0.004) for n in range(3)], p.near)
    _animal(sheet, p, c, x, foot, s * 0.82, c.pick((-1, 1)))
    tub = poly((x - s * 0.5, foot - s * 0.05), (x + s * 0.5, foot - s * 0.05), (x + s * 0.45, foot + s * 0.03),
        (x - s * 0.45, foot + s * 0.03))
    sheet.lay([tub], tint(p.top, p.light, 0.6), Shade(p.far, "right bottom", 0.7, 0.8), opacity=0.78)
    sheet.lay([line((x - s * 0.51, foot - s * 0.05), (x + s * 0.51, foot - s * 0.05), width=s * 0.014)], p.light)
    sheet.lay_grain([oval(x, foot + s * 0.19, s * 0.44, s * 0.035)], p.ink, "core", 1.1)
    body = [box(x - s * 0.3, foot + s * 0.03, x + s * 0.3, foot + s * 0.055, s * 0.01), box(x - s * 0.36, foot + s * 0.055,
        x + s * 0.36, foot + s * 0.19, s * 0.03)]
    sheet.lay(body, tint(p.near, p.ink, 0.3), Shade(p.ink, "right bottom", 0.8, 0.8), Shade(p.far, "left top", 0.4, 0.4))
    sheet.lay([box(x - s * 0.12, foot + s * 0.085, x + s * 0.12, foot + s * 0.15, s * 0.01)], p.light)
    sheet.lay([line((x + s * (0.0 + 0.035 * n), foot + s * 0.1), (x + s * (0.0 + 0.035 * n), foot + s * 0.135),
        width=s * 0.009) for n in range(3)], p.ink)


def _hills(sheet: Sheet, p: Palette, c: Chance) -> None:
    """Bare ridges, a low sun, a flat rock."""
    w, h, s = sheet.w, sheet.h, sheet.s
    parts.sky(sheet, p, c, 0.6)
    parts.sun(sheet, p, c, w * c.between(0.6, 0.8), h * 0.3, s * 0.1)
    for number, ridge_ink in enumerate((tint(p.low, p.far, 0.7), p.far, p.mid)):
        ridge = parts.ridge_line(sheet, c, h * (0.4 + 0.09 * number), s * 0.05, 0.06)
        sheet.lay([parts.below(sheet, ridge)], ridge_ink, Shade(p.mid, "bottom", 0.5))
    ground = parts.ridge_line(sheet, c, h * 0.72, s * 0.012)
    sheet.lay([parts.below(sheet, ground)], tint(p.mid, p.near, 0.6), Shade(p.ink, "bottom", 0.8, 0.9))
    pebbles = [oval(w * c.unit(), h * c.between(0.76, 0.97), s * c.between(0.006, 0.02), s * c.between(0.004, 0.01))
        for _ in range(30)]
    sheet.lay(pebbles, tint(p.near, p.ink, 0.4), Shade(p.far, "top", 0.6, 0.6))
    for at in (0.1, 0.9):
        x, y = w * (at + c.between(-0.04, 0.04)), h * 0.76
        sheet.lay([parts.leaf(x, y, s * c.between(0.1, 0.17), s * 0.026, angle) for angle in (-52, -30, -8, 14, 36, 56)],
            tint(p.near, ink("5B6B3A"), 0.5), Shade(p.ink, "bottom", 0.5, 0.6))
    z = s * 0.82
    _slab(sheet, p, w * 0.48, h * 0.9, s * 0.5)
    _shadow(sheet, p, w * 0.5, h * 0.81, z)
    _animal(sheet, p, c, w * 0.5, h * 0.81, z, c.pick((-1, 1)))


_PLACES: tuple[tuple[str, Callable[[Sheet, Palette, Chance], None]], ...] = (
    (r"slopes?|hills?|ridges?|deserts?|wild", _hills),
    (r"enclosure, seen|tanks?|terrariums?|vivariums?", _tank),
    (r"slab|slate|stone under|basks?|basking", _stone),
    (r"crickets?|locusts?|mealworms?|prey", _meal),
    (r"hole of|moss|lidded box", _hole),
    (r"open hands?|palms?|towel", _hand),
    (r"scales? on|weigh\w*|tub", _scale),
)
