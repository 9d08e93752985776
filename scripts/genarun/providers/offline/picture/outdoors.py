"""Compositions under a sky: hills, peaks, sea, dunes, woods, roads, night."""

# Places and sentences stand in rows, as they were drawn up.
# fmt: off
from __future__ import annotations

import math

from genarun.providers.offline.chance import Chance
from genarun.providers.offline.picture import parts
from genarun.providers.offline.picture.palette import Palette
from genarun.providers.offline.picture.sheet import Shade, Shape, Sheet, box, curve, line, oval, poly, tint


def hills(sheet: Sheet, p: Palette, c: Chance, words: str) -> None:
    """Ridges behind ridges, with a low sun and a tree or two."""
    w, h, s = sheet.w, sheet.h, sheet.s
    parts.sky(sheet, p, c)
    x = w * c.pick((0.28, 0.38, 0.62, 0.74))
    light = parts.moon if p.name == "night" else parts.sun
    light(sheet, p, c, x, h * c.between(0.22, 0.36), s * c.between(0.07, 0.13))
    if c.often(0.6):
        sheet.lay(parts.cloud(w * c.between(0.2, 0.8), h * c.between(0.14, 0.3), s * 0.17, c), tint(p.low, p.light, 0.6),
            opacity=0.9)
    count = c.whole(4, 6)
    skyline = []
    for number in range(count):
        share = number / (count - 1)
        skyline = parts.ridge_line(sheet, c, h * (0.44 + 0.40 * share), s * (0.06 + 0.03 * c.unit()))
        ink = _depth(p, share)
        mist = tint(_depth(p, max(0.0, share - 0.25)), p.low, 0.45)
        sheet.lay([parts.below(sheet, skyline)], ink, Shade(mist, "bottom", 0.75 * (1 - share * 0.7), 0.85))
        if number == count - 2:
            _houses(sheet, p, c, skyline)
    _trees(sheet, p, c, skyline)
    parts.flock(sheet, p.ink, c, w * c.between(0.3, 0.7), h * 0.2, c.whole(0, 6), s * 0.022)


def _depth(p: Palette, share: float) -> tuple[int, int, int]:
    """far → mid → near → ink."""
    stops = (p.far, p.mid, p.near, tint(p.near, p.ink, 0.75))
    place = min(2.999, max(0.0, share * 3))
    return tint(stops[int(place)], stops[int(place) + 1], place - int(place))


def _houses(sheet: Sheet, p: Palette, c: Chance, skyline: list[tuple[float, float]]) -> None:
    if not c.often(0.55):
        return
    x = sheet.w * c.between(0.15, 0.7)
    for number in range(c.whole(1, 4)):
        size = sheet.s * c.between(0.035, 0.055)
        at = x + number * sheet.s * 0.075
        y = parts.height_at(skyline, at) + size * 0.35
        sheet.lay(parts.house(at, y, size, size * 0.8), p.light if number % 2 else p.accent, Shade(p.mid, "right", 0.6, 0.6))


def _trees(sheet: Sheet, p: Palette, c: Chance, skyline: list[tuple[float, float]]) -> None:
    kind = c.whole(0, 2)
    for _ in range(c.whole(2, 7)):
        x = sheet.w * c.between(0.03, 0.97)
        y = parts.height_at(skyline, x) + sheet.s * 0.015
        height = sheet.s * c.between(0.12, 0.26)
        shapes: list[Shape] = (
            [parts.cypress(x, y, height)] if kind == 0 else parts.round_tree(x, y, height) if kind == 1
                else parts.fir(x, y, height)
        )
        sheet.lay(shapes, p.ink, Shade(p.near, "left", 0.5, 0.6))


def peaks(sheet: Sheet, p: Palette, c: Chance, words: str) -> None:
    """Mountains with a lit side and a dark one, firs before them."""
    w, h, s = sheet.w, sheet.h, sheet.s
    parts.sky(sheet, p, c)
    if p.name == "night":
        parts.stars(sheet, p, c, h * 0.5, 60)
    (parts.moon if p.name == "night" else parts.sun)(sheet, p, c, w * c.pick((0.2, 0.34, 0.68, 0.8)),
        h * c.between(0.14, 0.26), s * c.between(0.05, 0.1))
    for layer, count in enumerate((c.whole(2, 4), c.whole(2, 3))):
        base = h * (0.74 + 0.12 * layer)
        order = c.mixed(range(count))
        for number in order:
            x = w * ((number + 0.5) / count + c.between(-0.12, 0.12))
            height = h * c.between(0.34, 0.56) * (1.0 - 0.28 * layer)
            half = height * c.between(0.7, 0.95)
            _peak(sheet, p, c, x, base, height, half, 0.25 + 0.4 * layer)
        sheet.lay_grain([box(0, base - h * 0.2, w, base + h * 0.02)], tint(p.low, p.light, 0.5), "bottom", 0.85)
    ground = parts.ridge_line(sheet, c, h * 0.84, s * 0.035)
    sheet.lay([parts.below(sheet, ground)], p.near, Shade(p.ink, "bottom", 0.9, 0.9))
    for _ in range(c.whole(5, 16)):
        x = w * c.unit()
        sheet.lay(parts.fir(x, parts.height_at(ground, x) + s * c.between(0.0, 0.09), s * c.between(0.09, 0.2)), p.ink,
            Shade(p.near, "left", 0.45, 0.6))
    if c.often(0.5):
        x = w * c.between(0.2, 0.8)
        sheet.lay(parts.house(x, parts.height_at(ground, x) + s * 0.05, s * 0.09, s * 0.06), p.accent,
            Shade(p.ink, "right", 0.5, 0.6))


def _peak(sheet: Sheet, p: Palette, c: Chance, x: float, base: float, height: float, half: float, share: float) -> None:
    top = (x, base - height)
    spine = [top]
    for step in range(1, 6):
        t = step / 5
        spine.append((x + half * 0.28 * t * c.between(-0.6, 1.0), base - height * (1 - t)))
    rock, shadow = _depth(p, share), _depth(p, share + 0.3)
    sheet.lay([poly((x - half, base), top, (x + half, base))], rock, Shade(tint(rock, p.light, 0.4), "left top", 0.6, 0.8))
    sheet.lay([poly(*spine, (x + half, base))], shadow, Shade(p.ink, "right bottom", 0.35, 0.8))
    snow = height * c.between(0.2, 0.36)
    edge = []
    for step in range(7):
        t = step / 6
        px = x - half * snow / height + 2 * half * snow / height * t
        edge.append((px, base - height + snow * (0.86 if step % 2 else 1.12) if 0 < step < 6 else base - height + snow * 0.98))
    sheet.lay([poly(top, *reversed(edge))], p.light, Shade(tint(p.far, p.light, 0.3), "right", 0.9, 0.6))


def sea(sheet: Sheet, p: Palette, c: Chance, words: str) -> None:
    """A horizon, its light on the water, boats, a lighthouse or an island."""
    w, h, s = sheet.w, sheet.h, sheet.s
    horizon = h * c.between(0.40, 0.56)
    parts.sky(sheet, p, c, horizon / h)
    night = p.name == "night"
    if night:
        parts.stars(sheet, p, c, horizon, 70)
    x = w * c.pick((0.3, 0.42, 0.6, 0.72))
    y = horizon - s * c.between(-0.02, 0.22)
    (parts.moon if night else parts.sun)(sheet, p, c, x, y, s * c.between(0.08, 0.14))
    if c.often(0.5):
        sheet.lay(parts.cloud(w * c.between(0.2, 0.8), horizon * c.between(0.3, 0.6), s * 0.2, c), tint(p.low, p.light, 0.5),
            opacity=0.85)
    sheet.lay([box(0, horizon, w, h)], p.far, Shade(p.mid, "bottom", 1.0, 0.9))
    if c.often(0.6):
        coast = [(t * w / 24, horizon - s * 0.05 * max(0.0, math.sin(t * 0.5 + c.between(0, 0.3) + x)) - 1) for t in range(25)]
        sheet.lay([poly((0, horizon + 2), *coast, (w, horizon + 2))], tint(p.far, p.mid, 0.7), Shade(p.mid, "bottom", 0.5))
    glints = []
    for row in range(26):
        t = row / 26
        yy = horizon + (h - horizon) * (t**1.5) + s * 0.012
        reach = s * (0.05 + 0.16 * t)
        for _ in range(2):
            half = s * c.between(0.012, 0.05) * (0.6 + t)
            at = x + c.between(-1, 1) * reach
            glints.append(box(at - half, yy, at + half, yy + s * (0.003 + 0.006 * t), s * 0.004))
    sheet.lay(glints, p.light if night else tint(p.accent, p.light, 0.55))
    lines = []
    for row in range(9):
        yy = horizon + (h - horizon) * ((row + 0.6) / 9) ** 1.3
        points = [(w * t / 16, yy + s * 0.006 * math.sin(t * 1.7 + row * 2.1)) for t in range(17)]
        first = c.whole(0, 9)
        lines.append(line(*curve(points[first : first + c.whole(3, 7)], steps=4), width=s * (0.002 + 0.0005 * row)))
    sheet.lay(lines, p.near, opacity=0.55)
    for number in range(c.whole(1, 3)):
        t = c.between(0.08, 0.3) + 0.22 * number
        at = w * c.between(0.12, 0.88)
        yy = horizon + (h - horizon) * t
        hull, above = parts.boat(at, yy, s * (0.045 + 0.14 * t), c)
        sheet.lay(above, p.light if number % 2 == 0 else p.accent, Shade(p.mid, "right", 0.45, 0.7))
        sheet.lay(hull, p.ink, Shade(p.near, "left", 0.4, 0.5))
        sheet.lay_grain([box(at - s * 0.06, yy + s * 0.01, at + s * 0.06, yy + s * 0.05)], p.ink, "top", 0.6)
    if "lighthouse" in words or c.often(0.35):
        _lighthouse(sheet, p, c, w * c.pick((0.16, 0.84)), horizon)
    else:
        shore = parts.ridge_line(sheet, c, h * 0.95, s * 0.03)
        sheet.lay([parts.below(sheet, shore)], p.near, Shade(p.ink, "bottom", 0.8))
    parts.flock(sheet, p.ink if not night else p.far, c, w * c.between(0.3, 0.7), horizon * 0.5, c.whole(2, 7), s * 0.024)


def _lighthouse(sheet: Sheet, p: Palette, c: Chance, x: float, horizon: float) -> None:
    h, s = sheet.h, sheet.s
    foot = h * 0.86
    top = horizon - s * 0.26
    rock = [(x - s * 0.3, h), (x - s * 0.2, foot + s * 0.02), (x - s * 0.08, foot - s * 0.02), (x + s * 0.1, foot - s * 0.01),
            (x + s * 0.22, foot + s * 0.05), (x + s * 0.34, h)]  # fmt: skip
    away = 1 if x < sheet.w / 2 else -1
    lamp = top + s * 0.01
    sheet.lay_grain([poly((x, lamp), (x + away * sheet.w, lamp - s * 0.16), (x + away * sheet.w, lamp + s * 0.1))], p.light,
                    "left" if away > 0 else "right", 0.6)  # fmt: skip
    tower = [poly((x - s * 0.055, foot), (x - s * 0.035, top + s * 0.05), (x + s * 0.035, top + s * 0.05),
        (x + s * 0.055, foot))]
    sheet.lay(tower, p.light, Shade(p.mid, "right", 0.7, 0.65))
    for number in range(2):
        y = top + s * (0.12 + 0.16 * number)
        sheet.lay([poly((x - s * 0.042, y), (x + s * 0.042, y), (x + s * 0.046, y + s * 0.07),
            (x - s * 0.046, y + s * 0.07))], p.accent,
                  Shade(p.ink, "right", 0.5, 0.6))  # fmt: skip
    sheet.lay([box(x - s * 0.05, top + s * 0.04, x + s * 0.05, top + s * 0.052),
        box(x - s * 0.026, top - s * 0.02, x + s * 0.026, top + s * 0.045),
               poly((x - s * 0.034, top - s * 0.02), (x, top - s * 0.06), (x + s * 0.034, top - s * 0.02))], p.ink)  # fmt: skip
    sheet.lay([box(x - s * 0.016, top - s * 0.012, x + s * 0.016, top + s * 0.036)], p.light)
    sheet.lay([poly(*curve(rock, steps=5))], p.ink, Shade(p.near, "left top", 0.5, 0.6))


def dunes(sheet: Sheet, p: Palette, c: Chance, words: str) -> None:
    """Dunes with a lit and a shadowed face, a small caravan, a hard sun."""
    w, h, s = sheet.w, sheet.h, sheet.s
    parts.sky(sheet, p, c)
    parts.sun(sheet, p, c, w * c.between(0.2, 0.8), h * c.between(0.16, 0.3), s * c.between(0.07, 0.12))
    count = c.whole(3, 4)
    for number in range(count):
        share = number / count
        y = h * (0.48 + 0.16 * number)
        x = w * c.between(0.25, 0.75)
        lift = s * c.between(0.1, 0.18)
        left, right = y + s * c.between(0.0, 0.08), y + s * c.between(0.0, 0.08)
        crest = curve([(-w * 0.1, left), (w * 0.15, (left + y) / 2 - lift * 0.3), (x, y - lift), (w * 0.86, (right + y) / 2),
            (w * 1.1, right)], steps=12)
        sunny = tint(tint(p.low, p.far, 0.5 + 0.4 * share), p.light, 0.12)
        sheet.lay([poly(*crest, (w * 1.1, h + 2), (-w * 0.1, h + 2))], sunny,
            Shade(p.far if number < 2 else p.mid, "bottom", 0.75, 0.9))
        top = min(crest, key=lambda point: point[1])
        shade_side = [point for point in crest if point[0] >= top[0]]
        turn = [(top[0] + s * 0.03, top[1] + s * 0.12), (top[0] - s * 0.07, top[1] + s * 0.28), (top[0] + s * 0.1, h + 2),
            (w * 1.1, h + 2)]
        sheet.lay([poly(*shade_side, (w * 1.1, h + 2), *reversed(curve([top, *turn[:3]], steps=8)))],
            tint(p.mid, p.near, 0.25 * number),
                  Shade(p.near, "bottom", 0.8, 0.9), Shade(p.far, "right", 0.3, 0.5))  # fmt: skip
        if number == 1:
            start = w * c.between(0.1, 0.45)
            for step in range(c.whole(1, 5)):
                at = start + step * s * 0.06
                yy = min(crest, key=lambda point, at=at: abs(point[0] - at))[1]  # type: ignore[misc]
                sheet.lay(parts.figure(at, yy + 2, s * 0.075, c), p.ink)
    if c.often(0.4):
        x = w * c.between(0.2, 0.7)
        sheet.lay([poly((x, h * 0.9), (x + s * 0.1, h * 0.79), (x + s * 0.24, h * 0.9))], p.accent,
            Shade(p.ink, "right", 0.6, 0.7))


def wood(sheet: Sheet, p: Palette, c: Chance, words: str) -> None:
    """Trunks behind trunks, light between them, one small figure."""
    w, h, s = sheet.w, sheet.h, sheet.s
    sheet.fade(p.low, p.top, 0.1, 1.0)
    x = w * c.between(0.3, 0.7)
    sheet.glow(x, h * 0.34, s * 0.55, p.light, 0.9)
    parts.sun(sheet, p, c, x, h * 0.32, s * c.between(0.06, 0.11))
    birch = c.often(0.35) or "birch" in words
    for layer in range(4):
        share = layer / 3
        ink = tint(tint(p.far, p.low, 0.35), p.ink, share**1.2)
        if birch and layer >= 2:
            ink = tint(p.light, p.far, 0.25 if layer == 2 else 0.0)
        count = (10, 7, 4, 2)[layer]
        ground = parts.ridge_line(sheet, c, h * (0.66 + 0.08 * layer), s * 0.02)
        floor = tint(tint(p.far, p.low, 0.3), p.near, share)
        sheet.lay([parts.below(sheet, ground)], floor, Shade(tint(floor, p.ink, 0.5), "bottom", 0.7))
        for number in range(count):
            at = w * ((number + c.between(0.1, 0.9)) / count)
            if layer == 3 and abs(at - x) < s * 0.2:
                at += s * 0.34
            wide = s * (0.007 + 0.010 * layer) * c.between(0.7, 1.3)
            lean = s * c.between(-0.03, 0.03)
            foot = parts.height_at(ground, at) + s * 0.03
            trunk = [poly((at - wide + lean, -2), (at + wide * 0.8 + lean, -2), (at + wide, foot - s * 0.03),
                (at + wide * 1.7, foot),
                          (at - wide * 1.7, foot), (at - wide, foot - s * 0.03))]  # fmt: skip
            sheet.lay(trunk, ink, Shade(tint(ink, p.ink, 0.7), "right", 0.75, 0.7),
                Shade(tint(ink, p.light, 0.4), "left", 0.3, 0.35))
            if birch and layer >= 2:
                marks = [box(at - wide + lean * 0.5, y, at + wide * c.between(-0.4, 0.5), y + s * 0.008)
                    for y in (foot * c.unit() for _ in range(9))]
                sheet.lay(marks, p.ink)
        if layer == 1 and c.often(0.75):
            at = x + s * c.between(-0.1, 0.1)
            sheet.lay(parts.figure(at, parts.height_at(ground, at) + s * 0.02, s * 0.13, c), p.accent)
    canopy = [oval(w * c.unit(), h * c.between(-0.06, 0.09), s * c.between(0.04, 0.1), s * c.between(0.03, 0.06))
        for _ in range(26)]
    if not birch:
        sheet.lay(canopy, tint(p.near, p.ink, 0.5), Shade(p.mid, "bottom", 0.4, 0.8))


def road(sheet: Sheet, p: Palette, c: Chance, words: str) -> None:
    """A road or a railway that runs to the horizon between poles."""
    w, h, s = sheet.w, sheet.h, sheet.s
    horizon = h * c.between(0.42, 0.54)
    parts.sky(sheet, p, c, horizon / h)
    x = w * c.between(0.34, 0.66)
    parts.sun(sheet, p, c, x + s * c.between(-0.18, 0.18), horizon - s * c.between(0.02, 0.12), s * c.between(0.1, 0.16))
    far = parts.ridge_line(sheet, c, horizon - s * 0.03, s * 0.04)
    sheet.lay([parts.below(sheet, far)], p.far, Shade(p.low, "bottom", 0.5, 0.7))
    sheet.lay([box(0, horizon, w, h)], p.mid, Shade(p.near, "bottom", 0.95))
    for number in range(7):
        t = (number + 1) / 8
        y = horizon + (h - horizon) * t**2
        sheet.lay([box(0, y, w, y + s * 0.002 * (1 + number))], tint(p.mid, p.far, 0.5), opacity=0.5)
    rail = any(word in words for word in ("train", "rail", "track", "station")) or c.often(0.3)
    half = s * (0.42 if not rail else 0.3)
    sheet.lay([poly((x - s * 0.006, horizon), (x + s * 0.006, horizon), (x + half, h + 2), (x - half, h + 2))],
        p.ink if not rail else p.near,
              Shade(p.near if not rail else p.ink, "top", 0.8, 0.8))  # fmt: skip
    marks: list[Shape] = []
    for number in range(14):
        t0, t1 = (number / 14) ** 2.2, ((number + 0.45) / 14) ** 2.2
        y0, y1 = horizon + (h - horizon) * t0, horizon + (h - horizon) * t1
        if rail:
            marks.append(poly((x - half * t0 * 0.92, y0), (x + half * t0 * 0.92, y0), (x + half * t1 * 0.92, y1),
                (x - half * t1 * 0.92, y1)))
        else:
            marks.append(poly((x - s * 0.014 * t0, y0), (x + s * 0.014 * t0, y0), (x + s * 0.014 * t1, y1),
                (x - s * 0.014 * t1, y1)))
    sheet.lay(marks, p.light if not rail else tint(p.near, p.far, 0.6))
    if rail:
        for side in (-1, 1):
            sheet.lay([poly((x, horizon), (x + side * half * 0.66, h + 2), (x + side * half * 0.58, h + 2))], p.light,
                Shade(p.far, "bottom", 0.4))
    side = c.pick((-1, 1))
    tops = []
    for number in range(7):
        t = ((number + 1) / 7) ** 2.1
        at = x + side * (half * 1.18 * t + s * 0.012)
        foot = horizon + (h - horizon) * t
        height = s * 0.85 * t + s * 0.012
        arm = height * 0.12
        sheet.lay([line((at, foot), (at, foot - height), width=max(1.2, s * 0.012 * t)),
                   line((at - arm, foot - height * 0.9), (at + arm, foot - height * 0.9), width=max(1.0, s * 0.008 * t))],
                   p.ink)  # fmt: skip
        tops.append((at, foot - height * 0.9))
    sheet.lay([line(*curve(tops, steps=4), width=max(1.0, s * 0.002))], p.ink)
    if not rail and c.often(0.7):
        t = c.between(0.22, 0.4)
        y, at, size = horizon + (h - horizon) * t, x + half * t * 0.5 * -side, s * 0.16 * t + s * 0.03
        sheet.lay([box(at - size, y - size * 0.8, at + size, y, size * 0.2),
            box(at - size * 0.7, y - size * 1.5, at + size * 0.7, y - size * 0.6, size * 0.3)],
                  p.accent, Shade(p.ink, "bottom", 0.5, 0.5))  # fmt: skip
        sheet.lay([box(at - size * 0.55, y - size * 1.35, at + size * 0.55, y - size * 0.85, size * 0.15)], p.light)
        sheet.lay([oval(at - size * 0.6, y, size * 0.2), oval(at + size * 0.6, y, size * 0.2)], p.ink)


def night(sheet: Sheet, p: Palette, c: Chance, words: str) -> None:
    """Stars that turn or a row of moons, over a dark ridge with one light in it."""
    w, h, s = sheet.w, sheet.h, sheet.s
    deep = p if p.name in ("night", "mono") else Palette(p.name, p.paper, tint(p.ink, p.near, 0.25),
        tint(p.near, p.mid, 0.35), p.mid, p.near,
                                                         tint(p.near, p.ink, 0.5), p.ink, p.accent, p.light)  # fmt: skip
    if p.name == "mono":
        deep = Palette(p.name, p.paper, p.ink, p.near, p.mid, p.near, tint(p.near, p.ink, 0.5), p.ink, p.light, p.light)
    sheet.fade(deep.top, deep.low, 0.1, 1.0)
    x, y = w * c.between(0.3, 0.7), h * c.between(0.26, 0.5)
    kind = c.whole(0, 2)
    if kind == 0:
        trails = []
        for number in range(110):
            radius = s * (0.03 + 0.0105 * number) * c.between(0.96, 1.04)
            start, sweep = c.between(0, 360), c.between(18, 70)
            points = [(x + radius * math.cos(math.radians(start + sweep * t / 14)),
                y + radius * math.sin(math.radians(start + sweep * t / 14)))
                      for t in range(15)]  # fmt: skip
            trails.append(line(*points, width=s * c.between(0.0018, 0.0036)))
        sheet.lay(trails, deep.light, opacity=0.85)
    elif kind == 1:
        parts.stars(sheet, deep, c, h * 0.8, 90)
        phases = 7
        for number in range(phases):
            t = number / (phases - 1)
            px, py = w * (0.12 + 0.76 * t), h * (0.42 - 0.2 * math.sin(math.pi * t))
            radius = s * (0.028 + 0.03 * math.sin(math.pi * t))
            shift = radius * 2 * (t - 0.5) * 2
            sheet.lay([oval(px, py, radius)], tint(deep.top, deep.low, 0.7))
            cut = [oval(px - shift if abs(t - 0.5) > 0.01 else px + radius * 9, py, radius,
                hole=True)] if abs(t - 0.5) > 0.01 else []
            sheet.lay([oval(px, py, radius), *([oval(px + math.copysign(radius * (2 - 4 * abs(t - 0.5)), t - 0.5), py, radius,
                hole=True)] if cut else [])],
                      deep.accent if number == phases // 2 else deep.light)  # fmt: skip
    else:
        parts.stars(sheet, deep, c, h * 0.85, 150)
        parts.moon(sheet, deep, c, x, y, s * c.between(0.08, 0.15))
        band = [(t * w / 8, h * (0.7 - 0.07 * t) + s * c.between(-0.03, 0.03)) for t in range(9)]
        sheet.lay_grain([poly(*curve([(px, py - s * 0.1) for px, py in band], steps=6),
            *reversed(curve([(px, py + s * 0.1) for px, py in band], steps=6)))],
                        deep.far, "core", 0.6)  # fmt: skip
    far = parts.ridge_line(sheet, c, h * 0.8, s * 0.05)
    sheet.lay([parts.below(sheet, far)], tint(deep.near, deep.ink, 0.35), Shade(deep.mid, "top", 0.35, 0.4))
    near = parts.ridge_line(sheet, c, h * 0.88, s * 0.03)
    sheet.lay([parts.below(sheet, near)], deep.ink)
    at = w * c.between(0.18, 0.8)
    foot = parts.height_at(near, at) + s * 0.02
    what = c.whole(0, 2)
    if what == 0 or "telescope" in words or "observatory" in words:
        sheet.lay([oval(at, foot - s * 0.05, s * 0.075, s * 0.07), box(at - s * 0.075, foot - s * 0.055, at + s * 0.075,
            foot + s * 0.02)], deep.near,
                  Shade(deep.ink, "right", 0.8, 0.7))  # fmt: skip
        sheet.lay([poly((at - s * 0.008, foot - s * 0.06), (at + s * 0.022, foot - s * 0.125),
            (at + s * 0.045, foot - s * 0.11), (at + s * 0.012, foot - s * 0.05))],
                  deep.accent)  # fmt: skip
    elif what == 1:
        sheet.lay(parts.house(at - s * 0.06, foot + s * 0.01, s * 0.12, s * 0.075), deep.near,
            Shade(deep.ink, "right", 0.6, 0.6))
        sheet.lay([box(at - s * 0.015, foot - s * 0.045, at + s * 0.015, foot - s * 0.012)], deep.accent)
        sheet.glow(at, foot - s * 0.03, s * 0.08, deep.accent, 0.45)
    else:
        sheet.glow(at + s * 0.06, foot - s * 0.05, s * 0.17, deep.accent, 0.5)
        sheet.lay(parts.figure(at, foot, s * 0.17, c), deep.ink)
        sheet.lay(parts.figure(at + s * 0.12, foot + s * 0.005, s * 0.15, c), deep.ink)
        sheet.lay([oval(at + s * 0.06, foot - s * 0.07, s * 0.014)], deep.light)
