"""One large thing in an empty place: what a small newspaper would put on its front page."""

# Places and sentences stand in rows, as they were drawn up.
# fmt: off
from __future__ import annotations

import math
import re
from collections.abc import Callable

from genarun.providers.offline.chance import Chance
from genarun.providers.offline.picture import parts
from genarun.providers.offline.picture.palette import Ink, Palette
from genarun.providers.offline.picture.sheet import Shade, Shape, Sheet, box, curve, line, oval, poly, tint

Draw = Callable[[Sheet, Palette, float, float, float, Ink], None]


def odd(sheet: Sheet, p: Palette, c: Chance, words: str) -> None:
    """The thing that the prompt names, or another one, on a plain with a low horizon."""
    w, h, s = sheet.w, sheet.h, sheet.s
    ground = h * c.between(0.72, 0.78)
    parts.sky(sheet, p, c, ground / h)
    if c.often(0.7):
        sheet.lay([oval(w * 0.5, ground - s * 0.22, s * 0.36)], tint(p.low, p.light, 0.55), Shade(p.far, "bottom", 0.6))
    for _ in range(c.whole(0, 2)):
        sheet.lay(parts.cloud(w * c.between(0.1, 0.9), h * c.between(0.1, 0.28), s * 0.15, c), tint(p.low, p.light, 0.7),
            opacity=0.9)
    far = parts.ridge_line(sheet, c, ground - s * 0.02, s * 0.025)
    sheet.lay([parts.below(sheet, far)], p.far, Shade(p.mid, "bottom", 0.5))
    sheet.lay([box(0, ground, w, h)], p.mid, Shade(p.near, "bottom", 0.9))
    name = thing_in(words) or c.pick(sorted(THINGS))
    size = s * c.between(0.46, 0.54)
    x, y = w * c.between(0.46, 0.54), ground + s * 0.07
    sheet.lay_grain([oval(x + size * 0.12, y, size * 0.5, size * 0.055)], p.ink, "core", 1.0)
    ink = p.accent if c.often(0.6) else p.near
    THINGS[name][1](sheet, p, x, y, size, ink)
    if c.often(0.75):
        side = c.pick((-1, 1))
        at = x + side * s * c.between(0.30, 0.36)
        sheet.lay_grain([oval(at + s * 0.02, y + s * 0.03, s * 0.06, s * 0.01)], p.ink, "core", 0.9)
        sheet.lay(parts.figure(at, y + s * 0.03, s * 0.15, c), p.ink)


def thing_in(words: str) -> str | None:
    """The first of our things that a text names."""
    found = [(match.start(), name) for name, (rule, _) in THINGS.items() if (match := re.search(rf"\b(?:{rule})s?\b", words))]
    return min(found)[1] if found else None


def _umbrella(sheet: Sheet, p: Palette, x: float, y: float, z: float, ink: Ink) -> None:
    top = y - z
    sheet.lay([line((x, top - z * 0.04), (x, y - z * 0.1), width=z * 0.025),
        line(*curve([(x, y - z * 0.1), (x + z * 0.02, y - z * 0.02), (x + z * 0.09, y - z * 0.02),
        (x + z * 0.1, y - z * 0.1)], steps=6),
              width=z * 0.03)], p.ink)  # fmt: skip
    for number in range(6):
        a, b = x - z * 0.48 + z * 0.16 * number, x - z * 0.48 + z * 0.16 * (number + 1)
        gore = [(x, top), *curve([(x, top), ((x + a) / 2 + (a - x) * 0.22, top + z * 0.1), (a, top + z * 0.42)], steps=6),
            *curve([(a, top + z * 0.42), ((a + b) / 2, top + z * 0.36), (b, top + z * 0.42)], steps=4),
                *reversed(curve([(x, top), ((x + b) / 2 + (b - x) * 0.22, top + z * 0.1), (b, top + z * 0.42)],
                    steps=6))]  # fmt: skip
        own = ink if number % 2 == 0 else p.light
        sheet.lay([poly(*gore)], own, Shade(tint(own, p.ink, 0.5), "bottom", 0.6, 0.6))


def _clock(sheet: Sheet, p: Palette, x: float, y: float, z: float, ink: Ink) -> None:
    cy = y - z * 0.62
    sheet.lay([poly((x - z * 0.09, y), (x - z * 0.05, cy), (x + z * 0.05, cy), (x + z * 0.09, y)),
        box(x - z * 0.16, y - z * 0.05, x + z * 0.16, y)], p.ink, Shade(p.near, "left", 0.5, 0.5))
    sheet.lay([oval(x, cy, z * 0.38)], ink, Shade(tint(ink, p.ink, 0.5), "right bottom", 0.8, 0.7))
    sheet.lay([oval(x, cy, z * 0.31)], p.light, Shade(p.far, "bottom", 0.4))
    marks = [line(*[(x + math.cos(math.tau * n / 12) * z * r, cy + math.sin(math.tau * n / 12) * z * r)
        for r in (0.25, 0.285)], width=z * 0.014) for n in range(12)]
    sheet.lay([*marks, line((x, cy), (x - z * 0.1, cy - z * 0.13), width=z * 0.024),
        line((x, cy), (x + z * 0.2, cy - z * 0.08), width=z * 0.018), oval(x, cy, z * 0.025)], p.ink)


def _bird(sheet: Sheet, p: Palette, x: float, y: float, z: float, ink: Ink) -> None:
    """A heron, on two legs of which it uses one."""
    sheet.lay([line((x - z * 0.02, y - z * 0.42), (x - z * 0.02, y), width=z * 0.018),
        line((x + z * 0.06, y - z * 0.42), (x + z * 0.14, y - z * 0.24), (x + z * 0.03, y - z * 0.2), width=z * 0.016)], p.ink)
    neck = curve([(x + z * 0.1, y - z * 0.62), (x + z * 0.26, y - z * 0.76), (x + z * 0.12, y - z * 0.9),
        (x + z * 0.22, y - z * 1.04)], steps=8)
    plumage = tint(p.near, p.far, 0.35)
    sheet.lay([line(*neck, width=z * 0.075)], plumage, Shade(p.near, "right", 0.5))
    body = curve([(x - z * 0.46, y - z * 0.4), (x - z * 0.1, y - z * 0.7), (x + z * 0.17, y - z * 0.64),
        (x + z * 0.14, y - z * 0.46), (x - z * 0.08, y - z * 0.38)], closed=True, steps=8)
    sheet.lay([poly(*body)], plumage, Shade(p.near, "bottom", 0.8))
    sheet.lay([poly(*curve([(x - z * 0.5, y - z * 0.38), (x - z * 0.12, y - z * 0.66), (x + z * 0.08, y - z * 0.58),
        (x - z * 0.1, y - z * 0.46)], closed=True, steps=7))], ink, Shade(p.ink, "left", 0.6, 0.7))
    sheet.lay([oval(x + z * 0.23, y - z * 1.05, z * 0.075, z * 0.058)], p.light)
    sheet.lay([poly((x + z * 0.28, y - z * 1.08), (x + z * 0.52, y - z * 1.02), (x + z * 0.28, y - z * 1.02))],
        p.accent if ink != p.accent else p.ink)
    sheet.lay([poly(*curve([(x + z * 0.24, y - z * 1.1), (x + z * 0.08, y - z * 1.14), (x - z * 0.04, y - z * 1.08),
        (x + z * 0.1, y - z * 1.07)], closed=True, steps=5)), oval(x + z * 0.255, y - z * 1.06, z * 0.012)], p.ink)


def _door(sheet: Sheet, p: Palette, x: float, y: float, z: float, ink: Ink) -> None:
    sheet.lay([box(x - z * 0.33, y - z * 1.02, x + z * 0.33, y, 0)], p.light, Shade(p.far, "right", 0.6, 0.6))
    sheet.lay([box(x - z * 0.26, y - z * 0.95, x + z * 0.26, y)], p.ink, Shade(p.near, "bottom", 0.8))
    sheet.lay([box(x - z * 0.26, y - z * 0.95, x + z * 0.26, y)], p.top, Shade(p.light, "bottom", 1.0))
    sheet.lay([oval(x + z * 0.02, y - z * 0.66, z * 0.08)], p.accent)
    leaf = [(x - z * 0.26, y - z * 0.95), (x + z * 0.04, y - z * 0.88), (x + z * 0.04, y + z * 0.07), (x - z * 0.26, y)]
    sheet.lay([poly(*leaf)], ink, Shade(p.ink, "left", 0.7, 0.7))
    for top, low in ((0.86, 0.52), (0.44, 0.1)):
        sheet.lay([poly((x - z * 0.2, y - z * top), (x - z * 0.02, y - z * (top - 0.045)),
            (x - z * 0.02, y - z * (low - 0.045)), (x - z * 0.2, y - z * low))], tint(ink, p.ink, 0.35))
    sheet.lay([oval(x, y - z * 0.42, z * 0.022)], p.light)


def _piano(sheet: Sheet, p: Palette, x: float, y: float, z: float, ink: Ink) -> None:
    for at in (-0.36, 0.02, 0.38):
        sheet.lay([poly((x + z * (at - 0.03), y - z * 0.34), (x + z * (at + 0.03), y - z * 0.34), (x + z * (at + 0.014), y),
            (x + z * (at - 0.014), y))], p.ink)
    lid = curve([(x - z * 0.42, y - z * 0.5), (x - z * 0.3, y - z * 0.98), (x + z * 0.1, y - z * 1.06),
        (x + z * 0.3, y - z * 0.84), (x + z * 0.5, y - z * 0.76), (x + z * 0.46, y - z * 0.5)], steps=8)
    sheet.lay([poly(*lid)], ink, Shade(tint(ink, p.ink, 0.6), "right bottom", 0.8, 0.8))
    sheet.lay([line((x + z * 0.3, y - z * 0.5), (x + z * 0.22, y - z * 0.86), width=z * 0.012)], p.light)
    sheet.lay([box(x - z * 0.5, y - z * 0.52, x + z * 0.5, y - z * 0.32, z * 0.03)], p.ink, Shade(p.near, "top", 0.5, 0.5))
    sheet.lay([box(x - z * 0.54, y - z * 0.43, x - z * 0.1, y - z * 0.37)], p.light)
    sheet.lay([box(x - z * (0.52 - 0.05 * n), y - z * 0.43, x - z * (0.5 - 0.05 * n), y - z * 0.4) for n in range(8)
        if n % 7 not in (2, 6)], p.ink)


def _hat(sheet: Sheet, p: Palette, x: float, y: float, z: float, ink: Ink) -> None:
    crown = curve([(x - z * 0.3, y - z * 0.12), (x - z * 0.34, y - z * 0.5), (x - z * 0.16, y - z * 0.72), (x, y - z * 0.64),
        (x + z * 0.16, y - z * 0.72), (x + z * 0.34, y - z * 0.5), (x + z * 0.3, y - z * 0.12)], steps=7)
    sheet.lay([poly(*crown)], ink, Shade(tint(ink, p.ink, 0.6), "right", 0.8, 0.7))
    sheet.lay([poly(*curve([(x - z * 0.62, y - z * 0.1), (x - z * 0.3, y - z * 0.17), (x + z * 0.3, y - z * 0.17),
        (x + z * 0.62, y - z * 0.1), (x + z * 0.3, y), (x - z * 0.3, y)], closed=True, steps=7))],
              ink, Shade(p.ink, "bottom", 0.8, 0.8))  # fmt: skip
    sheet.lay([poly((x - z * 0.315, y - z * 0.3), (x + z * 0.315, y - z * 0.3), (x + z * 0.3, y - z * 0.16),
        (x - z * 0.3, y - z * 0.16))], p.ink)


def _statue(sheet: Sheet, p: Palette, x: float, y: float, z: float, ink: Ink) -> None:
    stone = tint(p.low, p.far, 0.4)
    sheet.lay([box(x - z * 0.3, y - z * 0.1, x + z * 0.3, y), box(x - z * 0.23, y - z * 0.46, x + z * 0.23, y - z * 0.08),
        box(x - z * 0.27, y - z * 0.5, x + z * 0.27, y - z * 0.44)], stone,
              Shade(p.near, "right", 0.8, 0.6))  # fmt: skip
    sheet.lay([box(x - z * 0.14, y - z * 0.34, x + z * 0.14, y - z * 0.2)], p.light)
    body = curve([(x - z * 0.2, y - z * 0.5), (x - z * 0.16, y - z * 0.8), (x - z * 0.1, y - z * 0.96),
        (x + z * 0.1, y - z * 0.96), (x + z * 0.15, y - z * 0.8), (x + z * 0.22, y - z * 0.5)], steps=6)
    sheet.lay([poly(*body), line((x + z * 0.1, y - z * 0.9), (x + z * 0.36, y - z * 1.06), width=z * 0.07),
        line((x - z * 0.12, y - z * 0.88), (x - z * 0.22, y - z * 0.68), width=z * 0.07),
               oval(x, y - z * 1.05, z * 0.075, z * 0.09), box(x - z * 0.14, y - z * 1.13, x + z * 0.14, y - z * 1.1,
               z * 0.01), box(x - z * 0.075, y - z * 1.22, x + z * 0.075, y - z * 1.1)],
              ink, Shade(p.ink, "right", 0.8, 0.6), Shade(p.light, "left", 0.3, 0.35))  # fmt: skip


def _kettle(sheet: Sheet, p: Palette, x: float, y: float, z: float, ink: Ink) -> None:
    sheet.lay([line(*curve([(x - z * 0.26, y - z * 0.6), (x - z * 0.2, y - z * 0.9), (x + z * 0.2, y - z * 0.9),
        (x + z * 0.26, y - z * 0.6)], steps=8), width=z * 0.045)], p.ink)
    sheet.lay([poly(*curve([(x + z * 0.3, y - z * 0.3), (x + z * 0.44, y - z * 0.5), (x + z * 0.6, y - z * 0.58),
        (x + z * 0.5, y - z * 0.36), (x + z * 0.34, y - z * 0.1)], steps=6))], ink, Shade(p.ink, "bottom", 0.6))
    sheet.lay([poly(*curve([(x - z * 0.42, y - z * 0.04), (x - z * 0.4, y - z * 0.36), (x - z * 0.22, y - z * 0.64),
        (x + z * 0.22, y - z * 0.64), (x + z * 0.4, y - z * 0.36), (x + z * 0.42, y - z * 0.04),
                            (x, y)], steps=7))], ink, Shade(tint(ink, p.ink, 0.6), "right bottom", 0.85, 0.7),
                                Shade(p.light, "left", 0.35, 0.35))  # fmt: skip
    sheet.lay([box(x - z * 0.2, y - z * 0.69, x + z * 0.2, y - z * 0.62, z * 0.03), oval(x, y - z * 0.72, z * 0.045)], p.ink)
    for number in range(2):
        at = x + z * (0.6 + 0.07 * number)
        sheet.lay([line(*curve([(at, y - z * 0.64), (at + z * 0.06, y - z * 0.76), (at - z * 0.03, y - z * 0.88),
            (at + z * 0.05, y - z * 1.02)], steps=6), width=z * 0.022)], p.light, opacity=0.85)


def _cat(sheet: Sheet, p: Palette, x: float, y: float, z: float, ink: Ink) -> None:
    coat = p.ink if ink != p.ink else p.near
    sheet.lay([line(*curve([(x + z * 0.2, y - z * 0.04), (x + z * 0.46, y - z * 0.06), (x + z * 0.5, y - z * 0.34),
        (x + z * 0.4, y - z * 0.44)], steps=8), width=z * 0.06)], coat)
    body = curve([(x - z * 0.24, y), (x - z * 0.22, y - z * 0.36), (x - z * 0.12, y - z * 0.66), (x + z * 0.1, y - z * 0.62),
        (x + z * 0.27, y - z * 0.28), (x + z * 0.26, y)], steps=8)
    sheet.lay([poly(*body)], coat, Shade(p.near, "left", 0.5, 0.5))
    sheet.lay([oval(x - z * 0.06, y - z * 0.76, z * 0.19, z * 0.165), poly((x - z * 0.24, y - z * 0.8),
        (x - z * 0.22, y - z * 1.02), (x - z * 0.08, y - z * 0.9)),
               poly((x + z * 0.12, y - z * 0.8), (x + z * 0.1, y - z * 1.02), (x - z * 0.04, y - z * 0.9))], coat,
               Shade(p.near, "left", 0.4, 0.4))  # fmt: skip
    sheet.lay([oval(x - z * 0.14, y - z * 0.77, z * 0.036, z * 0.028), oval(x + z * 0.02, y - z * 0.77, z * 0.036,
        z * 0.028)], p.accent)
    sheet.lay([oval(x - z * 0.14, y - z * 0.77, z * 0.01, z * 0.026), oval(x + z * 0.02, y - z * 0.77, z * 0.01, z * 0.026)],
        p.ink)
    sheet.lay([box(x - z * 0.22, y - z * 0.63, x + z * 0.1, y - z * 0.585, z * 0.02)], p.accent)


def _ladder(sheet: Sheet, p: Palette, x: float, y: float, z: float, ink: Ink) -> None:
    top = y - z * 1.5
    shapes: list[Shape] = [line((x - z * 0.2, y), (x - z * 0.11, top), width=z * 0.035),
        line((x + z * 0.2, y), (x + z * 0.11, top), width=z * 0.035)]
    for number in range(10):
        t = (number + 0.6) / 10.4
        half = z * (0.2 - 0.09 * t)
        shapes.append(line((x - half, y + (top - y) * t), (x + half, y + (top - y) * t), width=z * 0.028))
    sheet.lay(shapes, ink, Shade(p.ink, "right bottom", 0.5, 0.8))
    sheet.lay([box(x - z * 0.46, top - z * 0.03, x + z * 0.3, top + z * 0.09, z * 0.06),
        box(x - z * 0.24, top - z * 0.13, x + z * 0.46, top + z * 0.01, z * 0.07)], p.light, Shade(p.far, "bottom", 0.5))


def _letterbox(sheet: Sheet, p: Palette, x: float, y: float, z: float, ink: Ink) -> None:
    """A telephone box; letters, bus stops and other posts of a town come to it as well."""
    sheet.lay([box(x - z * 0.27, y - z * 1.02, x + z * 0.27, y, z * 0.02),
        poly(*curve([(x - z * 0.27, y - z * 1.02), (x - z * 0.2, y - z * 1.12), (x + z * 0.2, y - z * 1.12),
        (x + z * 0.27, y - z * 1.02)], steps=5))],
              ink, Shade(tint(ink, p.ink, 0.6), "right", 0.8, 0.6))  # fmt: skip
    sheet.lay([box(x - z * 0.22, y - z * 1.0, x + z * 0.22, y - z * 0.92)], p.light)
    panes = [box(x + z * (-0.2 + 0.14 * col), y - z * (0.86 - 0.15 * row), x + z * (-0.08 + 0.14 * col),
        y - z * (0.74 - 0.15 * row)) for col in range(3) for row in range(5)]
    sheet.lay(panes, tint(p.low, p.light, 0.6), Shade(p.far, "bottom", 0.5))
    sheet.lay([box(x - z * 0.32, y - z * 0.03, x + z * 0.32, y)], p.ink)


def _key(sheet: Sheet, p: Palette, x: float, y: float, z: float, ink: Ink) -> None:
    top = y - z * 1.0
    sheet.lay([oval(x, top + z * 0.14, z * 0.22), oval(x, top + z * 0.14, z * 0.12, hole=True),
        box(x - z * 0.045, top + z * 0.33, x + z * 0.045, y), box(x - z * 0.09, top + z * 0.36, x + z * 0.09, top + z * 0.41),
               box(x, y - z * 0.12, x + z * 0.22, y - z * 0.02), box(x, y - z * 0.27, x + z * 0.17, y - z * 0.18)], ink,
               Shade(tint(ink, p.ink, 0.6), "right bottom", 0.8, 0.8),
              Shade(p.light, "left", 0.35, 0.4))  # fmt: skip


def _hedge(sheet: Sheet, p: Palette, x: float, y: float, z: float, ink: Ink) -> None:
    green = tint(p.near, p.mid, 0.3)
    puffs = [oval(x + math.cos(a) * z * 0.36, y - z * 0.5 + math.sin(a) * z * 0.36, z * 0.17)
        for a in [math.tau * n / 12 for n in range(12)]]
    sheet.lay([*puffs, oval(x, y - z * 0.5, z * 0.42), box(x - z * 0.4, y - z * 0.35, x + z * 0.4, y, z * 0.1)], green,
        Shade(p.ink, "right bottom", 0.8, 0.7), Shade(p.far, "left top", 0.5, 0.45))
    sheet.lay([poly((x, y - z * 0.16), (x - z * 0.18, y - z * 0.25), (x - z * 0.18, y - z * 0.07)),
        poly((x, y - z * 0.16), (x + z * 0.18, y - z * 0.25), (x + z * 0.18, y - z * 0.07)), oval(x, y - z * 0.16, z * 0.04)],
              p.accent, Shade(p.ink, "bottom", 0.5))  # fmt: skip


def _fish(sheet: Sheet, p: Palette, x: float, y: float, z: float, ink: Ink) -> None:
    cy = y - z * 0.62
    sheet.lay([poly((x + z * 0.36, cy), (x + z * 0.62, cy - z * 0.2), (x + z * 0.56, cy), (x + z * 0.62, cy + z * 0.2))],
        tint(ink, p.ink, 0.3))
    sheet.lay([poly(*curve([(x - z * 0.56, cy), (x - z * 0.2, cy - z * 0.24), (x + z * 0.4, cy),
        (x - z * 0.2, cy + z * 0.24)], closed=True, steps=10))], ink, Shade(tint(ink, p.ink, 0.6), "bottom", 0.85, 0.7),
              Shade(p.light, "top", 0.35, 0.4))  # fmt: skip
    scales = [line(*curve([(x - z * 0.1 + z * 0.11 * n, cy - z * 0.1), (x - z * 0.06 + z * 0.11 * n, cy),
        (x - z * 0.1 + z * 0.11 * n, cy + z * 0.1)], steps=5), width=z * 0.012) for n in range(4)]
    sheet.lay(scales, p.light)
    sheet.lay([oval(x - z * 0.38, cy - z * 0.03, z * 0.045)], p.light)
    sheet.lay([oval(x - z * 0.385, cy - z * 0.03, z * 0.022)], p.ink)


THINGS: dict[str, tuple[str, Draw]] = {
    "bird": (r"heron|goose|geese|bird|stork|crane|swan|gull|crow|pigeon|owl|swift", _bird),
    "box": (r"telephone(?: box)?|phone box|post ?box|letter ?box|bus stop|kiosk|number \d+ bus", _letterbox),
    "cat": (r"cat|kitten|fox|dog", _cat),
    "clock": (r"clock|watch|time ?piece|minute", _clock),
    "door": (r"door|doorway|gate", _door),
    "fish": (r"fish|herring|sardine|trout|whale", _fish),
    "hat": (r"hat|cap|bowler", _hat),
    "hedge": (r"hedge|hedgehog|bush|topiary", _hedge),
    "kettle": (r"kettle|tea ?pot|tea", _kettle),
    "key": (r"key|lock", _key),
    "ladder": (r"ladder|stair|staircase|steps", _ladder),
    "piano": (r"piano|organ", _piano),
    "statue": (r"statue|monument|bust|sculpture", _statue),
    "umbrella": (r"umbrella|parasol", _umbrella),
}
