"""Things that stand on tables, and the composition that is made of them."""

# Places stand in rows, as they were drawn up.
# fmt: off
from __future__ import annotations

import math

from genarun.providers.offline.chance import Chance
from genarun.providers.offline.picture import parts
from genarun.providers.offline.picture.palette import Palette
from genarun.providers.offline.picture.sheet import Shade, Sheet, box, curve, line, oval, poly, tint


def vase(sheet: Sheet, p: Palette, c: Chance, x: float, y: float, size: float) -> None:
    """A vase with two to four stems."""
    ink = c.pick((p.accent, p.light, p.near, p.far))
    for number in range(c.whole(2, 4)):
        angle = c.between(-38, 38)
        top = (x + math.sin(math.radians(angle)) * size * 1.9, y - size - math.cos(math.radians(angle)) * size * 1.3)
        sheet.lay([line(*curve([(x, y - size * 0.9), ((x + top[0]) / 2 - size * 0.06, (y - size + top[1]) / 2), top],
            steps=6), width=size * 0.035)], p.ink)
        sheet.lay([parts.leaf((x + top[0]) / 2, (y - size + top[1]) / 2, size * 0.5, size * 0.17, angle + c.pick((-55, 55)))],
            p.near)
        if number % 2 == 0:
            petals = [oval(top[0] + math.cos(a * math.tau / 6) * size * 0.15,
                top[1] + math.sin(a * math.tau / 6) * size * 0.15, size * 0.12) for a in range(6)]
            sheet.lay(petals, p.light if ink != p.light else p.accent, Shade(p.accent, "core", 0.5))
            sheet.lay([oval(*top, size * 0.09)], p.ink)
        else:
            sheet.lay([oval(*top, size * 0.11)], p.accent, Shade(p.ink, "bottom", 0.5))
    outline = [(x - size * 0.16, y - size * 1.05), (x - size * 0.14, y - size * 0.85), (x - size * 0.4, y - size * 0.45),
        (x - size * 0.24, y),
               (x + size * 0.24, y), (x + size * 0.4, y - size * 0.45), (x + size * 0.14, y - size * 0.85),
                   (x + size * 0.16, y - size * 1.05)]  # fmt: skip
    sheet.lay([poly(*curve(outline, steps=7))], ink, Shade(tint(ink, p.ink, 0.6), "right", 0.85, 0.65),
        Shade(p.light, "left", 0.3, 0.3))


def bottle(sheet: Sheet, p: Palette, c: Chance, x: float, y: float, size: float) -> None:
    """A bottle with a label."""
    ink = c.pick((p.near, p.ink, p.mid))
    wide = size * 0.24
    sheet.lay([box(x - wide, y - size * 1.0, x + wide, y, size * 0.07),
        poly(*curve([(x - wide, y - size * 0.95), (x - wide * 0.4, y - size * 1.25), (x - wide * 0.36, y - size * 1.62),
               (x + wide * 0.36, y - size * 1.62), (x + wide * 0.4, y - size * 1.25), (x + wide, y - size * 0.95)],
                   steps=5))], ink, Shade(p.ink, "right", 0.8, 0.6),
              Shade(tint(ink, p.light, 0.6), "left", 0.5, 0.3))  # fmt: skip
    sheet.lay([box(x - wide, y - size * 0.72, x + wide, y - size * 0.3)], p.light, Shade(p.far, "right", 0.6, 0.5))
    sheet.lay([oval(x, y - size * 0.51, wide * 0.45)], p.accent)


def cup(sheet: Sheet, p: Palette, c: Chance, x: float, y: float, size: float) -> None:
    """A cup that steams."""
    ink = c.pick((p.light, p.accent, p.far))
    side = c.pick((-1, 1))
    sheet.lay([oval(x + side * size * 0.36, y - size * 0.3, size * 0.18, size * 0.16),
        oval(x + side * size * 0.36, y - size * 0.3, size * 0.1, size * 0.09, hole=True)], tint(ink, p.ink, 0.25))
    sheet.lay([poly(*curve([(x - size * 0.36, y - size * 0.58), (x - size * 0.3, y - size * 0.12), (x - size * 0.18, y),
        (x + size * 0.18, y), (x + size * 0.3, y - size * 0.12),
                            (x + size * 0.36, y - size * 0.58)], steps=6))], ink,
                                Shade(tint(ink, p.ink, 0.55), "right", 0.8, 0.65))  # fmt: skip
    for number in range(2):
        at = x + size * (-0.1 + 0.2 * number)
        sheet.lay([line(*curve([(at, y - size * 0.7), (at + size * 0.07, y - size * 0.85), (at - size * 0.05, y - size * 1.0),
            (at + size * 0.05, y - size * 1.2)], steps=5), width=size * 0.03)],
                  p.light, opacity=0.8)  # fmt: skip


def books(sheet: Sheet, p: Palette, c: Chance, x: float, y: float, size: float) -> None:
    """Some books, lying."""
    for number in range(c.whole(2, 4)):
        half, thick = size * c.between(0.42, 0.6), size * c.between(0.13, 0.2)
        shift = size * c.between(-0.06, 0.06)
        ink = (p.near, p.accent, p.light, p.mid)[number % 4]
        sheet.lay([box(x - half + shift, y - thick, x + half + shift, y, size * 0.02)], ink,
            Shade(tint(ink, p.ink, 0.5), "right", 0.6, 0.6))
        y -= thick


def bowl(sheet: Sheet, p: Palette, c: Chance, x: float, y: float, size: float) -> None:
    """A bowl of fruit."""
    fruit = c.pick((p.accent, tint(p.accent, p.light, 0.4), p.far))
    for number in range(c.whole(3, 5)):
        at = x + size * 0.26 * (number - 1.8)
        sheet.lay([oval(at, y - size * (0.62 if number % 2 else 0.52), size * 0.22)],
            tint(fruit, p.near, 0.18 * (number % 3)), Shade(tint(fruit, p.ink, 0.5), "right bottom", 0.9, 0.6),
                  Shade(p.light, "left top", 0.4, 0.35))  # fmt: skip
    ink = c.pick((p.light, p.near, p.mid))
    sheet.lay([poly(*curve([(x - size * 0.72, y - size * 0.5), (x - size * 0.5, y - size * 0.12), (x - size * 0.22, y),
        (x + size * 0.22, y), (x + size * 0.5, y - size * 0.12),
                            (x + size * 0.72, y - size * 0.5)], steps=7))], ink,
                                Shade(tint(ink, p.ink, 0.6), "right", 0.8, 0.7))  # fmt: skip


def pear(sheet: Sheet, p: Palette, c: Chance, x: float, y: float, size: float) -> None:
    """A pear."""
    ink = c.pick((p.accent, tint(p.accent, p.light, 0.45), tint(p.far, p.accent, 0.3)))
    sheet.lay([line((x, y - size * 0.8), (x + size * 0.06, y - size * 1.0), width=size * 0.04)], p.ink)
    sheet.lay([poly(*curve([(x, y - size * 0.84), (x + size * 0.15, y - size * 0.62), (x + size * 0.34, y - size * 0.26),
        (x + size * 0.16, y), (x - size * 0.16, y),
                            (x - size * 0.34, y - size * 0.26), (x - size * 0.15, y - size * 0.62)], closed=True, steps=6))],
                                ink, Shade(tint(ink, p.ink, 0.55), "right", 0.85, 0.65),
              Shade(p.light, "left", 0.35, 0.35))  # fmt: skip


def still_life(sheet: Sheet, p: Palette, c: Chance, words: str) -> None:
    """Vessels and fruit on a table, window light on the wall behind them."""
    w, h, s = sheet.w, sheet.h, sheet.s
    wall = tint(p.top, p.far, 0.25) if p.name not in ("night", "stage") else p.near
    sheet.lay([box(0, 0, w, h)], wall, Shade(tint(wall, p.near, 0.7), "left bottom", 0.6, 0.9))
    lean = s * c.between(0.1, 0.2)
    x = w * c.between(0.3, 0.5)
    for column in range(2):
        for row in range(2):
            a, b = x + column * s * 0.18, h * 0.08 + row * h * 0.24
            sheet.lay_grain([poly((a, b + lean * 0.1), (a + s * 0.155, b), (a + s * 0.155 - lean * 0.3, b + h * 0.2),
                (a - lean * 0.3, b + h * 0.2 + lean * 0.1))], p.light, "top", 1.0, 1.0)
    edge = h * c.between(0.66, 0.72)
    cloth = c.pick((p.light, p.low, p.accent, p.mid))
    sheet.lay([box(0, edge, w, h)], cloth, Shade(tint(cloth, p.ink, 0.5), "bottom", 0.7, 0.9))
    if c.often(0.5):
        drop = [(-2, edge + h * 0.16)] + [(w * t / 8, edge + h * (0.17 + 0.025 * (t % 2)))
            for t in range(9)] + [(w + 2, edge + h * 0.16)]
        sheet.lay([poly(*curve(drop, steps=5), (w + 2, h + 2), (-2, h + 2))], tint(p.near, p.ink, 0.5),
            Shade(p.ink, "top", 0.8, 0.7))
    stock = [vase, bottle, cup, books, bowl, pear]
    named = False
    for word, thing in (("book", books), ("bread", bowl), ("fruit", bowl), ("lemon", bowl), ("coffee", cup),
        ("tea", cup), ("wine", bottle), ("flower", vase), ("pear", pear)):
        if word in words and thing in stock:
            stock.remove(thing)
            stock.insert(0, thing)
            named = True
    front = stock[:1] + c.mixed(stock[1:]) if named else c.mixed(stock)
    for number, at in enumerate((0.3, 0.68, 0.5)):
        size = s * (0.29, 0.27, 0.24)[number] * c.between(0.9, 1.1)
        size *= 0.76 if front[number] is vase else 1.0  # its flowers stand above it
        y = edge + s * (0.02, 0.03, 0.1)[number]
        px = w * (at + c.between(-0.04, 0.04))
        sheet.lay_grain([oval(px + size * 0.35, y, size * 0.75, size * 0.1)], p.ink, "left", 0.75)
        front[number](sheet, p, c, px, y, size)
    for _ in range(c.whole(1, 3)):
        px, y = w * c.between(0.1, 0.9), edge + s * c.between(0.11, 0.15)
        size = s * 0.14
        sheet.lay_grain([oval(px + size * 0.25, y, size * 0.5, size * 0.09)], p.ink, "left", 0.75)
        pear(sheet, p, c, px, y, size)
