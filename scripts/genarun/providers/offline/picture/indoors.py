"""Compositions of rooms, tables, streets and things."""

# Places and sentences stand in rows, as they were drawn up.
# fmt: off
from __future__ import annotations

import math

from genarun.providers.offline.chance import Chance
from genarun.providers.offline.picture import parts
from genarun.providers.offline.picture.palette import Ink, Palette
from genarun.providers.offline.picture.people import person
from genarun.providers.offline.picture.sheet import Shade, Shape, Sheet, box, curve, line, oval, poly, tint
from genarun.providers.offline.picture.tabletop import books, bottle, bowl, cup, vase


def city(sheet: Sheet, p: Palette, c: Chance, words: str) -> None:
    """Blocks behind blocks with lit windows; wires, a water tower, a tram or a bridge."""
    w, h, s = sheet.w, sheet.h, sheet.s
    parts.sky(sheet, p, c)
    dark = p.name in ("night", "dusk", "stage")
    if dark:
        parts.stars(sheet, p, c, h * 0.4, 40)
    (parts.moon if p.name == "night" else parts.sun)(sheet, p, c, w * c.between(0.18, 0.82), h * c.between(0.14, 0.34),
        s * c.between(0.07, 0.12))
    for layer in range(3):
        share = layer / 2
        ink = tint(tint(p.far, p.low, 0.35), tint(p.near, p.ink, 0.55), share)
        x = -w * c.between(0.0, 0.08)
        while x < w:
            wide = s * c.between(0.10, 0.20) * (1 + 0.25 * layer)
            top = h * c.between((0.22, 0.38, 0.54)[layer], (0.52, 0.62, 0.72)[layer])
            roof = c.whole(0, 5)
            shapes: list[Shape] = [box(x, top, x + wide + 1, h)]
            if roof == 0:
                shapes.append(poly((x, top), (x + wide / 2, top - wide * 0.4), (x + wide, top)))
            elif roof == 1:
                shapes.append(box(x + wide * 0.2, top - s * 0.04, x + wide * 0.8, top + 1))
            elif roof == 2:
                shapes += [line((x + wide * 0.7, top), (x + wide * 0.7, top - s * 0.09), width=s * 0.005)]
            elif roof == 3 and layer:
                shapes += [box(x + wide * 0.25, top - s * 0.085, x + wide * 0.6, top - s * 0.025),
                    poly((x + wide * 0.22, top - s * 0.085), (x + wide * 0.425, top - s * 0.125),
                           (x + wide * 0.63, top - s * 0.085)), line((x + wide * 0.29, top),
                               (x + wide * 0.29, top - s * 0.03), width=s * 0.006),
                           line((x + wide * 0.56, top), (x + wide * 0.56, top - s * 0.03), width=s * 0.006)]  # fmt: skip
            own = tint(ink, c.pick((p.mid, p.far, p.ink, p.accent if layer == 1 and not dark and c.often(0.35) else p.near)),
                c.between(0.05, 0.3))
            sheet.lay(shapes, own, Shade(tint(own, p.ink, 0.5), "right", 0.6, 0.6),
                Shade(tint(own, p.low, 0.4), "bottom", 0.4 * (1 - share), 0.6))
            _windows(sheet, p, c, x, x + wide, top, h, layer, own, dark)
            x += wide + (s * 0.004 if c.often(0.8) else s * 0.03)
    street = h * 0.9
    sheet.lay([box(0, street, w, h)], p.ink, Shade(p.near, "top", 0.5, 0.6))
    if "tram" in words or "bus" in words or c.often(0.45):
        at, size = w * c.between(0.12, 0.6), s * 0.13
        sheet.lay([line((0, street - size * 1.25), (w, street - size * 1.3), width=s * 0.003),
            line((at + size, street - size * 0.9), (at + size * 1.3, street - size * 1.26), width=s * 0.004)], p.ink)
        sheet.lay([box(at, street - size * 0.95, at + size * 2.4, street + size * 0.08, size * 0.14)], p.accent,
            Shade(p.ink, "bottom", 0.6, 0.5))
        sheet.lay([box(at + size * (0.15 + 0.44 * n), street - size * 0.78, at + size * (0.5 + 0.44 * n), street - size * 0.4,
            size * 0.04) for n in range(5)], p.light)
        sheet.lay([oval(at + size * 0.5, street + size * 0.1, size * 0.1),
            oval(at + size * 1.9, street + size * 0.1, size * 0.1)], p.ink)
    else:
        for _ in range(c.whole(2, 4)):
            person(sheet, p, c, w * c.between(0.06, 0.94), h * c.between(0.955, 0.985), s * c.between(0.15, 0.19),
                c.pick((p.accent, p.light, p.far, p.mid)))


def _windows(sheet: Sheet, p: Palette, c: Chance, x0: float, x1: float, top: float, bottom: float, layer: int, wall: Ink,
    dark: bool) -> None:
    s = sheet.s
    size = s * (0.011, 0.015, 0.02)[layer]
    gap = size * c.between(1.9, 2.5)
    lit: list[Shape] = []
    dim: list[Shape] = []
    columns = max(1, int((x1 - x0 - size) / gap))
    left = x0 + ((x1 - x0) - (columns - 1) * gap - size) / 2
    y = top + size * 1.6
    while y < bottom - size * 2:
        for column in range(columns):
            x = left + column * gap
            pane = box(x, y, x + size, y + size * 1.45)
            if c.often(0.34 if dark else 0.16):
                lit.append(pane)
            elif c.often(0.9):
                dim.append(pane)
        y += gap * 1.35
    sheet.lay(dim, tint(wall, p.ink, 0.38), opacity=0.8)
    sheet.lay(lit, p.accent if dark else p.light)


def interior(sheet: Sheet, p: Palette, c: Chance, words: str) -> None:
    """A room: a window and its light on the floor, a chair, a table, a lamp, a plant, perhaps someone."""
    w, h, s = sheet.w, sheet.h, sheet.s
    floor = h * c.between(0.70, 0.76)
    wall = tint(p.top, p.low, c.between(0.2, 0.7)) if p.name not in ("night", "stage") else p.near
    side = c.pick((-1, 1))
    sheet.lay([box(0, 0, w, floor)], wall, Shade(tint(wall, p.near, 0.55), "left" if side > 0 else "right", 0.7, 0.8))
    boards = tint(p.far, p.mid, 0.45)
    sheet.lay([box(0, floor, w, h)], boards, Shade(tint(p.mid, p.near, 0.6), "bottom", 0.7, 0.9))
    sheet.lay([line((w * (n - 2) / 6, h), (w * (0.5 + (n - 5) * 0.11), floor), width=s * 0.0025) for n in range(11)],
        tint(boards, p.ink, 0.4), opacity=0.6)
    sheet.lay([box(0, floor - s * 0.022, w, floor)], tint(wall, p.light, 0.4))
    wx = w * (0.5 + side * c.between(0.12, 0.24))
    ww, top, low = s * c.between(0.15, 0.2), h * c.between(0.1, 0.16), h * c.between(0.46, 0.54)
    _window(sheet, p, c, wx - ww, top, wx + ww, low)
    shift = -side * s * 0.3
    sheet.lay_grain([poly((wx - ww + shift * 0.5, floor + s * 0.02), (wx + ww + shift * 0.5, floor + s * 0.02),
        (wx + ww * 1.3 + shift, h * 0.97), (wx - ww * 1.2 + shift, h * 0.97))],
                    p.light, "top", 0.95, 1.0)  # fmt: skip
    if c.often(0.6):
        fx = w * (0.5 - side * c.between(0.22, 0.32))
        fw, fh = s * c.between(0.07, 0.1), s * c.between(0.08, 0.13)
        sheet.lay([box(fx - fw, h * 0.26 - fh, fx + fw, h * 0.26 + fh)], p.ink)
        sheet.lay([box(fx - fw * 0.86, h * 0.26 - fh * 0.88, fx + fw * 0.86, h * 0.26 + fh * 0.88)], p.light)
        sheet.lay([oval(fx, h * 0.26 + fh * 0.1, fw * 0.5)], p.accent, Shade(p.near, "bottom", 0.6))
    tx = w * (0.5 - side * 0.16)
    chair_first = c.often(0.5)
    if chair_first:
        _chair(sheet, p, tx - side * s * 0.24, floor + s * 0.13, s * 0.34, side)
    _table(sheet, p, c, tx, floor + s * 0.15, s * 0.24, s * 0.21)
    if not chair_first:
        person(sheet, p, c, tx + side * s * 0.34, floor + s * 0.2, s * 0.5, c.pick((p.near, p.accent, p.ink)))
    if c.often(0.6):
        lx = tx - side * s * c.between(0.0, 0.1)
        drop = h * c.between(0.24, 0.32)
        sheet.lay([line((lx, 0), (lx, drop), width=s * 0.004)], p.ink)
        sheet.lay([poly(*curve([(lx - s * 0.09, drop + s * 0.07), (lx - s * 0.05, drop + s * 0.008),
            (lx + s * 0.05, drop + s * 0.008), (lx + s * 0.09, drop + s * 0.07)], steps=6))], p.accent,
                  Shade(p.ink, "right", 0.5, 0.6))  # fmt: skip
        sheet.lay_grain([poly((lx - s * 0.08, drop + s * 0.07), (lx + s * 0.08, drop + s * 0.07), (lx + s * 0.25, floor),
            (lx - s * 0.25, floor))], p.light, "top", 0.55, 0.9)
    px = w * (0.5 + side * 0.38)
    _plant(sheet, p, c, px, floor + s * 0.1, s * c.between(0.3, 0.42))


def _window(sheet: Sheet, p: Palette, c: Chance, x0: float, y0: float, x1: float, y1: float) -> None:
    s = sheet.s
    sheet.lay([box(x0 - s * 0.016, y0 - s * 0.016, x1 + s * 0.016, y1 + s * 0.016)], p.light, Shade(p.far, "bottom", 0.4))
    glass = p.top if p.name not in ("night", "stage") else p.ink
    sheet.lay([box(x0, y0, x1, y1)], glass, Shade(p.low, "bottom", 1.0))
    sheet.lay([oval(x0 + (x1 - x0) * c.between(0.3, 0.7), y0 + (y1 - y0) * c.between(0.25, 0.45), s * 0.032)], p.accent)
    for layer in range(2):
        points = [(x0 + (x1 - x0) * t / 12,
            y1 - (y1 - y0) * (0.34 - 0.14 * layer + 0.07 * math.sin(t * 0.9 + layer * 2 + x0))) for t in range(13)]
        sheet.lay([poly((x0, y1), *points, (x1, y1))], tint(p.far, p.near, 0.25 + 0.5 * layer), Shade(p.low, "bottom", 0.4))
    sheet.lay([box((x0 + x1) / 2 - s * 0.006, y0, (x0 + x1) / 2 + s * 0.006, y1),
        box(x0, (y0 + y1) / 2 - s * 0.005, x1, (y0 + y1) / 2 + s * 0.005),
               box(x0 - s * 0.035, y1 + s * 0.012, x1 + s * 0.035, y1 + s * 0.032)], p.light)  # fmt: skip
    if c.often(0.5):
        for sign in (-1, 1):
            edge = x0 if sign < 0 else x1
            sheet.lay([poly(*curve([(edge - sign * -s * 0.01, y0 - s * 0.04), (edge + sign * s * 0.07, y0 - s * 0.04),
                (edge + sign * s * 0.06, y1 + s * 0.09),
                                    (edge - sign * s * 0.035, y1 + s * 0.08), (edge - sign * s * 0.04, (y0 + y1) / 2)],
                                        closed=True, steps=5))],
                      p.accent if p.name != "mono" else p.mid, Shade(p.ink, "right" if sign > 0 else "left", 0.5,
                          0.7))  # fmt: skip


def _table(sheet: Sheet, p: Palette, c: Chance, x: float, y: float, half: float, height: float) -> None:
    s = sheet.s
    top = y - height
    sheet.lay_grain([oval(x, y + s * 0.01, half * 1.1, s * 0.03)], p.ink, "core", 0.9)
    sheet.lay([poly((x - half * 0.8, top), (x - half * 0.72, top), (x - half * 0.84, y), (x - half * 0.9, y)),
        poly((x + half * 0.72, top), (x + half * 0.8, top), (x + half * 0.9, y), (x + half * 0.84, y))], p.ink)
    sheet.lay([box(x - half, top - s * 0.022, x + half, top + s * 0.008, s * 0.006)], tint(p.near, p.ink, 0.35),
        Shade(p.far, "left", 0.4, 0.5))
    for number, thing in enumerate(c.some((cup, vase, books, bowl, bottle), 2)):
        thing(sheet, p, c, x + half * (-0.45 + 0.85 * number) + s * c.between(-0.02, 0.02), top - s * 0.02,
            s * c.between(0.7, 0.9) * 0.17)


def _chair(sheet: Sheet, p: Palette, x: float, y: float, height: float, side: int) -> None:
    s = sheet.s
    seat, back = y - height * 0.46, x - side * height * 0.2
    sheet.lay_grain([oval(x, y, height * 0.32, s * 0.02)], p.ink, "core", 0.9)
    sheet.lay([line((back, y), (back - side * height * 0.05, y - height), width=height * 0.05),
        line((x + side * height * 0.22, y + s * 0.006), (x + side * height * 0.2, seat), width=height * 0.045),
               line((back + side * height * 0.1, y - s * 0.02), (back + side * height * 0.1, seat), width=height * 0.035),
               box(min(back, x + side * height * 0.24), seat - height * 0.035, max(back, x + side * height * 0.24),
               seat + height * 0.03, height * 0.02),
               line((back - side * height * 0.05, y - height * 0.95), (back + side * height * 0.06, y - height * 0.93),
               width=height * 0.06),
               line((back - side * height * 0.03, y - height * 0.75), (back + side * height * 0.07, y - height * 0.73),
               width=height * 0.04)],
              p.ink, Shade(p.accent, "top", 0.3, 0.6))  # fmt: skip


def _plant(sheet: Sheet, p: Palette, c: Chance, x: float, y: float, height: float) -> None:
    pot = height * 0.2
    green = tint(p.near, p.ink, 0.15)
    for number in range(c.whole(7, 11)):
        angle = -75 + 150 * (number + c.between(0.2, 0.8)) / 10
        sheet.lay([parts.leaf(x, y - pot * 1.2, height * c.between(0.5, 0.85), height * c.between(0.1, 0.17), angle)],
            tint(green, p.far, c.between(0, 0.45)),
                  Shade(p.ink, "bottom", 0.5, 0.7))  # fmt: skip
    sheet.lay([poly((x - pot * 0.75, y - pot * 1.4), (x + pot * 0.75, y - pot * 1.4), (x + pot * 0.55, y),
        (x - pot * 0.55, y))], p.accent, Shade(p.ink, "right", 0.6, 0.7))


def workshop(sheet: Sheet, p: Palette, c: Chance, words: str) -> None:
    """A bench under a lamp, tools in rows on the wall, wheels that fit into each other."""
    w, h, s = sheet.w, sheet.h, sheet.s
    wall = tint(p.top, p.low, 0.3) if p.name not in ("night", "stage") else p.near
    sheet.lay([box(0, 0, w, h)], wall, Shade(tint(wall, p.near, 0.6), "right bottom", 0.5, 0.9))
    sheet.lay([box(w * 0.07, h * 0.08, w * 0.93, h * 0.52)], tint(wall, p.near, 0.28),
        Shade(tint(wall, p.near, 0.55), "bottom", 0.5))
    columns = 6
    order = c.mixed(range(9))
    for number in range(columns * 2):
        x = w * (0.15 + 0.7 * (number % columns) / (columns - 1))
        y = h * (0.13 + 0.2 * (number // columns))
        ink = p.accent if number == order[0] else c.pick((p.ink, p.near, p.ink))
        sheet.lay(_tool(order[number % 9], x, y, s * 0.135), ink, Shade(tint(ink, p.light, 0.35), "left", 0.35, 0.4))
    bench = h * 0.74
    lamp = w * c.between(0.35, 0.65)
    sheet.lay([line((lamp, 0), (lamp, h * 0.34), width=s * 0.005)], p.ink)
    sheet.lay_grain([poly((lamp - s * 0.1, h * 0.4), (lamp + s * 0.1, h * 0.4), (lamp + s * 0.36, bench),
        (lamp - s * 0.36, bench))], p.light, "top", 0.9)
    sheet.lay([poly((lamp - s * 0.03, h * 0.33), (lamp + s * 0.03, h * 0.33), (lamp + s * 0.12, h * 0.405),
        (lamp - s * 0.12, h * 0.405))], p.accent, Shade(p.ink, "right", 0.5, 0.6))
    for number in range(c.whole(2, 3)):
        x, radius = w * (0.24 + 0.25 * number) + s * c.between(-0.03, 0.03), s * c.between(0.07, 0.12)
        sheet.lay(_wheel(x, bench - radius * 0.95, radius, 8 + 2 * number), c.pick((p.mid, p.near, p.accent, p.far)),
            Shade(p.ink, "right bottom", 0.7, 0.7))
    bottle(sheet, p, c, w * 0.88, bench + 1, s * 0.12)
    books(sheet, p, c, w * 0.72, bench + 1, s * 0.16)
    sheet.lay([box(0, bench, w, bench + h * 0.055)], tint(p.far, p.near, 0.55), Shade(p.ink, "bottom", 0.5))
    sheet.lay([box(0, bench + h * 0.055, w, h)], tint(p.near, p.ink, 0.55), Shade(p.ink, "bottom", 0.8))
    for number in range(3):
        x = w * (0.06 + 0.31 * number)
        sheet.lay([box(x, bench + h * 0.085, x + w * 0.27, bench + h * 0.2, s * 0.008)], tint(p.near, p.far, 0.15),
            Shade(p.ink, "bottom", 0.7))
        sheet.lay([box(x + w * 0.11, bench + h * 0.135, x + w * 0.16, bench + h * 0.15, s * 0.006)], p.accent)


def _tool(kind: int, x: float, y: float, size: float) -> list[Shape]:
    if kind == 0:  # hammer
        return [box(x - size * 0.05, y, x + size * 0.05, y + size), box(x - size * 0.28, y, x + size * 0.22, y + size * 0.2,
            size * 0.04)]
    if kind == 1:  # saw
        teeth = [(x - size * 0.16 + size * 0.05 * (n % 2), y + size * (0.3 + 0.07 * n)) for n in range(11)]
        return [box(x - size * 0.14, y, x + size * 0.18, y + size * 0.28, size * 0.06),
            box(x - size * 0.04, y + size * 0.07, x + size * 0.1, y + size * 0.19, size * 0.04, hole=True),
                poly((x + size * 0.12, y + size * 0.26), *teeth, (x + size * 0.02, y + size))]  # fmt: skip
    if kind == 2:  # spanner
        return [line((x, y + size * 0.12), (x, y + size * 0.88), width=size * 0.11), oval(x, y + size * 0.1, size * 0.16),
            oval(x, y + size * 0.04, size * 0.07, size * 0.09, hole=True),
                oval(x, y + size * 0.9, size * 0.13), oval(x, y + size * 0.9, size * 0.06, hole=True)]  # fmt: skip
    if kind == 3:  # brush
        return [box(x - size * 0.04, y, x + size * 0.04, y + size * 0.6, size * 0.03),
            box(x - size * 0.13, y + size * 0.56, x + size * 0.13, y + size * 0.68),
                poly((x - size * 0.13, y + size * 0.68), (x + size * 0.13, y + size * 0.68), (x + size * 0.09, y + size),
                (x - size * 0.07, y + size * 0.96))]  # fmt: skip
    if kind == 4:  # scissors
        return [line((x - size * 0.14, y + size * 0.1), (x + size * 0.12, y + size), width=size * 0.07),
            line((x + size * 0.14, y + size * 0.1), (x - size * 0.12, y + size), width=size * 0.07),
                oval(x - size * 0.16, y + size * 0.1, size * 0.13), oval(x - size * 0.16, y + size * 0.1, size * 0.075,
                hole=True), oval(x + size * 0.16, y + size * 0.1, size * 0.13),
                oval(x + size * 0.16, y + size * 0.1, size * 0.075, hole=True)]  # fmt: skip
    if kind == 5:  # square
        return [poly((x - size * 0.2, y), (x - size * 0.07, y), (x - size * 0.07, y + size * 0.75),
            (x + size * 0.3, y + size * 0.75), (x + size * 0.3, y + size * 0.88), (x - size * 0.2, y + size * 0.88))]
    if kind == 6:  # chisel
        return [box(x - size * 0.07, y, x + size * 0.07, y + size * 0.42, size * 0.05),
            poly((x - size * 0.04, y + size * 0.4), (x + size * 0.04, y + size * 0.4), (x + size * 0.08, y + size),
                (x - size * 0.08, y + size * 0.94))]  # fmt: skip
    if kind == 7:  # coil
        return [oval(x, y + size * 0.4, size * 0.3), oval(x, y + size * 0.4, size * 0.2, hole=True),
            line((x + size * 0.24, y + size * 0.5), (x + size * 0.2, y + size * 0.95), width=size * 0.06)]
    return [line((x - size * 0.06, y), (x - size * 0.06, y + size * 0.4), width=size * 0.07),
        line((x + size * 0.06, y), (x + size * 0.06, y + size * 0.4), width=size * 0.07),
            oval(x, y + size * 0.45, size * 0.1), line((x - size * 0.02, y + size * 0.5), (x - size * 0.14, y + size),
            width=size * 0.08),
            line((x + size * 0.02, y + size * 0.5), (x + size * 0.14, y + size), width=size * 0.08)]  # fmt: skip


def _wheel(x: float, y: float, radius: float, teeth: int) -> list[Shape]:
    outline = []
    for number in range(teeth * 4):
        reach = radius * (1.0 if number % 4 in (0, 1) else 0.82)
        angle = math.tau * number / (teeth * 4)
        outline.append((x + math.cos(angle) * reach, y + math.sin(angle) * reach))
    spokes = [oval(x + math.cos(math.tau * n / 5) * radius * 0.48, y + math.sin(math.tau * n / 5) * radius * 0.48,
        radius * 0.17, hole=True) for n in range(5)]
    return [poly(*outline), *spokes, oval(x, y, radius * 0.13, hole=True)]
