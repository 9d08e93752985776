"""Compositions without a place: plants as ornament, geometry, light, waves."""

# Places and sentences stand in rows, as they were drawn up.
# fmt: off
from __future__ import annotations

import math

from genarun.providers.offline.chance import Chance
from genarun.providers.offline.picture import parts
from genarun.providers.offline.picture.palette import Ink, Palette
from genarun.providers.offline.picture.sheet import Shade, Shape, Sheet, box, curve, line, oval, poly, tint


def botanical(sheet: Sheet, p: Palette, c: Chance, words: str) -> None:
    """Stems that rise before a disc or an arch: leaves in pairs, fans, or flowers."""
    w, h, s = sheet.w, sheet.h, sheet.s
    sheet.fade(p.low, tint(p.low, p.top, 0.7), 0.0, 1.0)
    kind = c.whole(0, 2)
    if kind == 0:
        sheet.lay([oval(w * 0.5, h * 0.44, s * 0.33)], p.accent, Shade(p.light, "top", 0.5, 0.8))
    elif kind == 1:
        sheet.lay([oval(w * 0.5, h * 0.42, s * 0.3), box(w * 0.5 - s * 0.3, h * 0.42, w * 0.5 + s * 0.3, h * 0.95)], p.far,
            Shade(p.light, "top", 0.6, 0.7))
    else:
        sheet.lay([box(w * 0.5 - s * 0.36, h * 0.1, w * 0.5 + s * 0.36, h * 0.86, s * 0.02)], p.light,
            Shade(p.far, "bottom", 0.7))
        sheet.lay([oval(w * 0.5 + s * 0.13, h * 0.26, s * 0.1)], p.accent, Shade(p.light, "left", 0.5, 0.6))
    stems = c.whole(3, 5)
    greens = (p.near, p.mid, tint(p.near, p.ink, 0.5), tint(p.mid, p.accent, 0.35))
    for number in c.mixed(range(stems)):
        x = w * 0.5 + s * 0.62 * ((number + 0.5) / stems - 0.5)
        top = h * c.between(0.16, 0.42)
        bend = s * c.between(-0.1, 0.1)
        spine = curve([(w * 0.5 + (x - w * 0.5) * 0.45, h * 0.93), (x - bend * 0.4, (top + h) / 2), (x + bend, top)], steps=14)
        ink = greens[number % len(greens)]
        sheet.lay([line(*spine, width=s * 0.008)], tint(ink, p.ink, 0.3))
        form = c.whole(0, 3)
        if form == 0:
            _pairs(sheet, p, c, spine, ink, s * c.between(0.11, 0.16), 0.36)
        elif form == 1:
            _pairs(sheet, p, c, spine, ink, s * c.between(0.08, 0.11), 0.2)
        elif form == 2:
            _pairs(sheet, p, c, spine[:16], ink, s * c.between(0.1, 0.14), 0.4)
            _flower(sheet, p, c, spine[-1][0], spine[-1][1], s * c.between(0.07, 0.11))
        else:
            _fan(sheet, p, c, spine[-1][0], spine[-1][1] + s * 0.05, s * c.between(0.15, 0.21), ink)
    if c.often(0.6):
        half = s * 0.15
        sheet.lay([poly(*curve([(w * 0.5 - half * 0.7, h * 0.8), (w * 0.5 - half * 1.1, h * 0.88),
            (w * 0.5 - half * 0.6, h * 0.97), (w * 0.5 + half * 0.6, h * 0.97),
                                (w * 0.5 + half * 1.1, h * 0.88), (w * 0.5 + half * 0.7, h * 0.8)], steps=6))], p.ink,
                                    Shade(p.mid, "left", 0.6, 0.5))  # fmt: skip
        sheet.lay([box(w * 0.5 - half * 0.98, h * 0.865, w * 0.5 + half * 0.98, h * 0.88)], p.light)
    else:
        ground = parts.ridge_line(sheet, c, h * 0.92, s * 0.02)
        sheet.lay([parts.below(sheet, ground)], p.ink, Shade(p.near, "top", 0.5, 0.6))
    if c.often(0.5):
        for _ in range(c.whole(1, 3)):
            x, y, size = w * c.between(0.15, 0.85), h * c.between(0.12, 0.5), s * 0.028
            for side in (-1, 1):
                sheet.lay([parts.leaf(x, y, size * 1.4, size * 1.1, side * 50),
                    parts.leaf(x, y, size * 0.9, size * 0.8, side * 120)], c.pick((p.accent, p.light, p.mid)))
            sheet.lay([line((x, y - size * 0.5), (x, y + size * 0.6), width=size * 0.18)], p.ink)


def _pairs(sheet: Sheet, p: Palette, c: Chance, spine: tuple[tuple[float, float], ...], ink: Ink, length: float,
    wide: float) -> None:
    count = 7
    for number in range(count):
        at = 4 + int((len(spine) - 5) * number / (count - 1))
        x, y = spine[min(at, len(spine) - 1)]
        size = length * (1.0 - 0.5 * number / count)
        for side in (-1, 1):
            sheet.lay([parts.leaf(x, y, size, size * wide, side * c.between(42, 62))],
                tint(ink, p.light if side < 0 else p.ink, 0.12), Shade(p.ink, "bottom", 0.55, 0.7))
    sheet.lay([parts.leaf(*spine[-1], length * 0.6, length * wide * 0.6, c.between(-15, 15))], ink,
        Shade(p.ink, "bottom", 0.5, 0.6))


def _flower(sheet: Sheet, p: Palette, c: Chance, x: float, y: float, size: float) -> None:
    petals = c.whole(5, 9)
    ink = c.pick((p.accent, p.light, tint(p.accent, p.light, 0.5)))
    turn = c.between(0, 360)
    for number in range(petals):
        sheet.lay([parts.leaf(x, y, size, size * 0.62, turn + 360 * number / petals)], ink,
            Shade(tint(ink, p.ink, 0.4), "bottom", 0.5, 0.6))
    sheet.lay([oval(x, y, size * 0.27)], p.ink if ink != p.ink else p.light, Shade(p.accent, "left top", 0.5, 0.6))


def _fan(sheet: Sheet, p: Palette, c: Chance, x: float, y: float, size: float, ink: Ink) -> None:
    for number in range(9):
        angle = -80 + 160 * number / 8
        sheet.lay([parts.leaf(x, y, size * (1.0 - 0.25 * abs(angle) / 80), size * 0.16, angle)],
            tint(ink, p.light, 0.1 * (number % 3)), Shade(p.ink, "bottom", 0.5, 0.6))


def geometric(sheet: Sheet, p: Palette, c: Chance, words: str) -> None:
    """A grid of quarter discs, arcs, steps and dots."""
    w, h, s = sheet.w, sheet.h, sheet.s
    count = c.whole(3, 5)
    size = s / count
    columns, rows = max(1, round(w / size)), max(1, round(h / size))
    cw, ch = w / columns, h / rows
    inks = (p.accent, p.near, p.far, p.mid, p.light, p.ink, p.low)
    quiet = c.whole(0, columns * rows - 1)
    for row in range(rows):
        for column in range(columns):
            x, y = column * cw, row * ch
            one, two, three = c.some(inks, 3)
            sheet.lay([box(x, y, x + cw + 1, y + ch + 1)], one)
            if row * columns + column == quiet:
                sheet.lay([oval(x + cw / 2, y + ch / 2, cw * 0.34)], p.accent if one != p.accent else p.light,
                    Shade(p.ink, "right bottom", 0.6, 0.7))
                continue
            _tile(sheet, c, x, y, cw, ch, two, three, tint(two, p.ink, 0.5))


def _tile(sheet: Sheet, c: Chance, x: float, y: float, cw: float, ch: float, one: Ink, two: Ink, dark: Ink) -> None:
    kind = c.whole(0, 7)
    right, down = c.often(0.5), c.often(0.5)
    cx, cy = x + (cw if right else 0), y + (ch if down else 0)
    cell = box(x, y, x + cw, y + ch)
    shade = Shade(dark, c.pick(("left", "right", "top", "bottom", "right bottom")), 0.7, 0.8)
    if kind == 0:
        sheet.lay([poly(*_quarter(cx, cy, cw, ch, right, down))], one, shade)
    elif kind == 1:
        for number, ink in enumerate((one, two, one)):
            share = 1 - number * 0.3
            sheet.lay([poly(*_quarter(cx, cy, cw * share, ch * share, right, down))], ink, shade)
    elif kind == 2:
        sheet.lay([poly((x, y), (x + cw, y), (x, y + ch)) if down else poly((x + cw, y), (x + cw, y + ch), (x, y + ch))], one,
            shade)
    elif kind == 3:
        sheet.lay([oval(x + cw / 2, y + ch / 2, cw / 2, ch / 2)], one, shade)
        sheet.lay([box(x + cw / 2, y, x + cw, y + ch)] if right else [oval(x + cw / 2, y + ch / 2, cw / 4, ch / 4)], two)
    elif kind == 4:
        sheet.lay([box(x + cw * n / 5, y, x + cw * (n + 0.5) / 5, y + ch) for n in range(5)] if right
            else [box(x, y + ch * n / 5, x + cw, y + ch * (n + 0.5) / 5) for n in range(5)], one)
    elif kind == 5:
        sheet.lay([oval(x + cw * (i + 0.5) / 3, y + ch * (j + 0.5) / 3, cw * 0.09) for i in range(3) for j in range(3)], one)
    elif kind == 6:
        half = [poly(*_quarter(x + cw / 2, y + ch, cw / 2, ch / 2, True, True)),
            poly(*_quarter(x + cw / 2, y + ch, cw / 2, ch / 2, False, True))]
        sheet.lay([poly(*_quarter(x + cw / 2, y + ch / 2, cw / 2, ch / 2, True, True)),
            poly(*_quarter(x + cw / 2, y + ch / 2, cw / 2, ch / 2, False, True))], one, shade)
        sheet.lay(half, two, shade)
    else:
        sheet.lay([cell], one, shade)
        sheet.lay([poly((x + cw / 2, y), (x + cw, y + ch / 2), (x + cw / 2, y + ch), (x, y + ch / 2))], two)


def _quarter(cx: float, cy: float, rx: float, ry: float, right: bool, down: bool) -> list[tuple[float, float]]:
    points = [(cx, cy)]
    for step in range(19):
        angle = math.pi / 2 * step / 18
        points.append((cx + (-1 if right else 1) * rx * math.cos(angle), cy + (-1 if down else 1) * ry * math.sin(angle)))
    return points


def light(sheet: Sheet, p: Palette, c: Chance, words: str) -> None:
    """Discs that pass over each other, and a horizon: almost nothing, in grain."""
    w, h, s = sheet.w, sheet.h, sheet.s
    sheet.fade(p.top, p.low, 0.0, 1.0)
    count = c.whole(3, 6)
    kind = c.whole(0, 2)
    lean = c.between(-0.45, 0.45)
    for number in range(count):
        t = number / max(1, count - 1)
        ink = (p.accent, p.far, p.light, p.mid, p.near)[number % 5]
        if kind == 0:
            swell = math.sin(math.pi * t)
            x, y, radius = w * (0.2 + 0.6 * t), h * (0.34 + 0.16 * swell), s * (0.12 + 0.12 * swell)
        elif kind == 1:
            radius = s * (0.42 - 0.33 * t)
            x, y = w * 0.5 + (s * 0.42 - radius) * lean, h * 0.5 + (s * 0.42 - radius) * 0.86
        else:
            x, y, radius = w * c.between(0.2, 0.8), h * c.between(0.2, 0.7), s * c.between(0.1, 0.26)
        side = c.pick(("left", "right", "top", "bottom"))
        sheet.lay([oval(x, y, radius)], ink, Shade(tint(ink, p.ink, 0.35), side, 0.9, 0.9), opacity=1.0 if kind == 1 else 0.9)
    if kind != 1:
        horizon = h * c.between(0.68, 0.78)
        sheet.lay([box(0, horizon, w, h)], p.near, Shade(p.ink, "bottom", 0.9))
        sheet.lay_grain([box(0, horizon, w, h)], p.far, "top", 0.55, 0.6)
        person_at = w * c.between(0.25, 0.75)
        sheet.lay(parts.figure(person_at, horizon + s * 0.05, s * 0.13, c), p.ink)
        sheet.lay_grain([poly((person_at - s * 0.01, horizon + s * 0.05), (person_at + s * 0.01, horizon + s * 0.05),
            (person_at + s * 0.12, h * 0.93), (person_at + s * 0.07, h * 0.93))], p.ink, "top", 0.9)


def waves(sheet: Sheet, p: Palette, c: Chance, words: str) -> None:
    """Scales of water, row before row, with something small afloat."""
    w, h, s = sheet.w, sheet.h, sheet.s
    parts.sky(sheet, p, c, 0.5)
    parts.sun(sheet, p, c, w * c.between(0.25, 0.75), h * c.between(0.2, 0.3), s * c.between(0.1, 0.15))
    rows = c.whole(7, 9)
    afloat = c.whole(1, rows - 4)
    for row in range(rows):
        t = row / (rows - 1)
        radius = s * (0.06 + 0.075 * t)
        y = h * (0.42 + 0.58 * t**1.1)
        ink = tint(p.far, p.near, t) if row % 2 == 0 else tint(p.mid, p.ink, t * 0.7)
        if row == afloat:
            hull, above = parts.boat(w * c.between(0.25, 0.75), y - radius * 0.5, s * 0.11, c)
            sheet.lay(above, p.light, Shade(p.mid, "right", 0.5, 0.6))
            sheet.lay(hull, p.accent, Shade(p.ink, "bottom", 0.5, 0.7))
        crest: list[Shape] = []
        count = int(w / (radius * 1.8)) + 3
        shift = c.between(-radius, 0)
        for number in range(count):
            crest.append(oval(shift + number * radius * 1.8, y, radius))
        sheet.lay([*crest, box(0, y, w, h)], ink, Shade(tint(ink, p.ink, 0.4), "bottom", 0.45, 0.8))
        rims = [line(*[(shift + n * radius * 1.8 + math.cos(a) * radius * k, y + math.sin(a) * radius * k)
            for a in [math.pi * (1.08 + 0.84 * q / 10) for q in range(11)]],
                     width=max(1.2, radius * 0.05)) for n in range(count) for k in (0.86, 0.62)]  # fmt: skip
        sheet.lay(rims, tint(ink, p.light, 0.55))
