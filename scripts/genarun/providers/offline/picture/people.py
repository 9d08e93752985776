"""Compositions with many people, or one in full: crowds, markets, a stage."""

# Places and sentences stand in rows, as they were drawn up.
# fmt: off
from __future__ import annotations

from genarun.providers.offline.chance import Chance
from genarun.providers.offline.picture import parts
from genarun.providers.offline.picture.palette import Ink, Palette
from genarun.providers.offline.picture.sheet import Shade, Shape, Sheet, box, curve, line, oval, poly, tint

_SKINS = ("F1C9A5", "E3AE85", "C98B63", "A3673F", "7A4A2C", "5A3422")


def skin_ink(p: Palette, c: Chance, number: int | None = None) -> Ink:
    """A skin that sits well among the inks of a palette; a grey in a monochrome one."""
    code = c.pick(_SKINS) if number is None else _SKINS[number % len(_SKINS)]
    own = int(code[0:2], 16), int(code[2:4], 16), int(code[4:6], 16)
    if p.name == "mono":
        grey = 120 + sum(own) // 6
        return grey, grey, grey
    return tint(own, p.low, 0.12 if p.name != "night" else 0.3)


def person(sheet: Sheet, p: Palette, c: Chance, x: float, y: float, height: float, coat: Ink) -> None:
    """Somebody in full, from head to shoes: trousers, a coat, a head with hair or a hat, sometimes a bag."""
    wide, narrow = height * c.between(0.105, 0.15), height * c.between(0.075, 0.09)
    hip, shoulder = y - height * c.between(0.30, 0.42), y - height * 0.80
    side = c.pick((-1, 1))
    legs = [poly((x - wide * 0.62, hip - height * 0.05), (x - wide * 0.04, hip - height * 0.05), (x - wide * 0.16, y),
        (x - wide * 0.62, y)),
            poly((x + wide * 0.04, hip - height * 0.05), (x + wide * 0.62, hip - height * 0.05), (x + wide * 0.74, y),
            (x + wide * 0.26, y)),
            box(x - wide * 0.75 if side < 0 else x - wide * 0.62, y - height * 0.025, x - wide * 0.14, y, height * 0.01),
            box(x + wide * 0.24, y - height * 0.025, x + wide * 0.9 if side > 0 else x + wide * 0.76, y,
            height * 0.01)]  # fmt: skip
    sheet.lay(legs, p.ink if coat != p.ink else p.near)
    skin = skin_ink(p, c)
    sheet.lay([box(x - height * 0.022, shoulder - height * 0.05, x + height * 0.022, shoulder + height * 0.02)],
        tint(skin, p.ink, 0.35))
    body = [poly(*curve([(x - wide, hip + height * 0.03), (x - wide * 0.92, hip - height * 0.15),
        (x - narrow * 1.15, shoulder + height * 0.035), (x - narrow * 0.5, shoulder - height * 0.01),
                         (x + narrow * 0.5, shoulder - height * 0.01), (x + narrow * 1.15, shoulder + height * 0.035),
                             (x + wide * 0.92, hip - height * 0.15), (x + wide, hip + height * 0.03)],
                        steps=6))]  # fmt: skip
    dark = tint(coat, p.ink, 0.55)
    sheet.lay(body, coat, Shade(dark, "right", 0.8, 0.7))
    arm = curve([(x + side * narrow * 0.95, shoulder + height * 0.06), (x + side * wide * 1.12, shoulder + height * 0.22),
        (x + side * wide * c.between(0.5, 1.25), hip - height * 0.06)], steps=6)
    sheet.lay([line(*arm, width=height * 0.042)], dark)
    sheet.lay([oval(*arm[-1], height * 0.021)], skin)
    head = height * 0.058
    hx, hy = x + side * height * 0.008, y - height * 0.885
    hair = c.pick((p.ink, tint(p.ink, p.near, 0.4), tint(p.near, p.accent, 0.35)))
    kind = c.whole(0, 4)
    if kind == 0:
        sheet.lay([oval(hx - side * head * 0.25, hy + head * 0.35, head * 1.15, head * 1.5)], hair)
    sheet.lay([oval(hx, hy, head, head * 1.2)], skin, Shade(tint(skin, p.ink, 0.5), "right", 0.6, 0.6))
    sheet.lay([poly(*curve([(hx - head * 1.05, hy + head * 0.15), (hx - head * 0.95, hy - head * 0.95),
        (hx, hy - head * 1.35), (hx + head * 0.95, hy - head * 0.95),
                            (hx + head * 1.05, hy + head * 0.05), (hx + side * head * 0.3, hy - head * 0.55)], closed=True,
                                steps=5))], hair)  # fmt: skip
    if kind == 1:
        sheet.lay([oval(hx - side * head * 0.5, hy - head * 1.3, head * 0.48)], hair)
    elif kind == 2:
        hat = c.pick((p.accent, p.ink, p.near))
        sheet.lay([box(hx - head * 1.75, hy - head * 0.75, hx + head * 1.75, hy - head * 0.5, head * 0.12),
            box(hx - head, hy - head * 1.7, hx + head, hy - head * 0.6, head * 0.35)], hat)
    if c.often(0.4):
        bx, by = arm[-1]
        sheet.lay([line((bx, by), (bx, by + height * 0.03), width=height * 0.008),
            box(bx - height * 0.05, by + height * 0.02, bx + height * 0.05, by + height * 0.12, height * 0.012)],
                  p.accent if coat != p.accent else p.light, Shade(p.ink, "right", 0.5, 0.6))  # fmt: skip


def crowd(sheet: Sheet, p: Palette, c: Chance, words: str) -> None:
    """Rows of people from behind, before something bright."""
    w, h, s = sheet.w, sheet.h, sheet.s
    sheet.fade(p.near, p.mid, 0.0, 0.7)
    kind = c.whole(0, 1)
    if kind == 0:
        sheet.lay([box(w * 0.14, h * 0.1, w * 0.86, h * 0.5)], p.light, Shade(p.low, "bottom", 0.8))
        ridge = [(x, y) for x, y in parts.ridge_line(sheet, c, h * 0.38, s * 0.05) if w * 0.14 <= x <= w * 0.86]
        sheet.lay([poly((w * 0.14, h * 0.5), *ridge, (w * 0.86, h * 0.5))], p.far, Shade(p.mid, "bottom", 0.6))
        sheet.lay([oval(w * c.between(0.3, 0.7), h * 0.24, s * 0.05)], p.accent)
    else:
        sheet.lay([oval(w * 0.5, h * 0.36, s * 0.3)], p.accent, Shade(p.light, "top", 0.6, 0.9))
        sheet.glow(w * 0.5, h * 0.36, s * 0.5, p.light, 0.35)
    for row in range(5):
        t = row / 4
        y = h * (0.56 + 0.13 * row)
        size = s * (0.034 + 0.034 * t)
        count = 13 - row * 2
        ink = tint(p.mid, p.ink, 0.2 + 0.8 * t)
        for number in range(count):
            x = w * ((number + 0.5 + (row % 2) * 0.5 + c.between(-0.15, 0.15)) / count)
            up = size * c.between(-0.5, 0.5)
            bright = c.often(0.13)
            coat = c.pick((p.accent, p.far, p.light)) if bright and row > 0 else tint(ink, p.near, c.between(0, 0.3))
            parts_: list[Shape] = [
                poly(*curve([(x - size * 2.0, y + size * 5), (x - size * 1.7, y + size * 1.9 + up),
                (x - size * 0.5, y + size * 1.15 + up),
                             (x + size * 0.5, y + size * 1.15 + up), (x + size * 1.7, y + size * 1.9 + up),
                                 (x + size * 2.0, y + size * 5)], steps=5))
            ]  # fmt: skip
            sheet.lay(parts_, coat, Shade(p.ink, "bottom", 0.5, 0.7), Shade(tint(coat, p.light, 0.4), "top", 0.25, 0.3))
            hair: list[Shape] = [oval(x, y + up, size * 0.92, size * 1.12)]
            extra = c.whole(0, 5)
            if extra == 0:
                hair.append(oval(x, y - size * 1.2 + up, size * 0.45))
            elif extra == 1:
                hair += [box(x - size * 1.5, y - size * 0.55 + up, x + size * 1.5, y - size * 0.3 + up),
                    box(x - size, y - size * 1.4 + up, x + size, y - size * 0.4 + up, size * 0.3)]
            elif extra == 2:
                hair.append(box(x - size * 0.92, y + up, x + size * 0.92, y + size * 1.5 + up, size * 0.5))
            sheet.lay(hair, tint(ink, p.ink, c.between(0.2, 0.9)), Shade(tint(ink, p.light, 0.3), "top", 0.3, 0.35))


def market(sheet: Sheet, p: Palette, c: Chance, words: str) -> None:
    """Striped awnings, crates of round things, people who choose."""
    w, h, s = sheet.w, sheet.h, sheet.s
    sheet.fade(p.top, p.low, 0.0, 0.7)
    for number in range(c.whole(4, 6)):
        x = w * (number / 5 - 0.06)
        top = h * c.between(0.06, 0.24)
        sheet.lay([box(x, top, x + w * 0.24, h * 0.7)], tint(p.low, p.far, c.between(0.25, 0.75)), Shade(p.far, "bottom", 0.6))
        panes = [box(x + w * (0.04 + 0.07 * col), top + s * (0.05 + 0.1 * row), x + w * (0.04 + 0.07 * col) + s * 0.035,
            top + s * (0.105 + 0.1 * row))
                 for col in range(3) for row in range(2)]  # fmt: skip
        sheet.lay(panes, tint(p.far, p.mid, 0.6), opacity=0.7)
    sheet.lay([box(0, h * 0.7, w, h)], tint(p.low, p.far, 0.3), Shade(p.mid, "bottom", 0.9))
    stalls = c.whole(2, 3)
    for number in range(stalls):
        x0 = w * (number / stalls) + s * 0.02
        x1 = w * ((number + 1) / stalls) - s * 0.02
        _stall(sheet, p, c, x0, x1, h * c.between(0.34, 0.40), h * c.between(0.66, 0.70))
    for _ in range(c.whole(3, 5)):
        x = w * c.between(0.06, 0.94)
        coat = c.pick((p.ink, p.near, p.mid, p.accent))
        person(sheet, p, c, x, h * c.between(0.90, 0.99), s * c.between(0.34, 0.44), coat)


def _stall(sheet: Sheet, p: Palette, c: Chance, x0: float, x1: float, top: float, table: float) -> None:
    s = sheet.s
    sheet.lay([line((x0 + s * 0.03, top), (x0 + s * 0.03, table + s * 0.2), width=s * 0.012),
        line((x1 - s * 0.03, top), (x1 - s * 0.03, table + s * 0.2), width=s * 0.012)], p.ink)
    sheet.lay([box(x0 + s * 0.03, top + s * 0.06, x1 - s * 0.03, table)], tint(p.near, p.ink, 0.4), Shade(p.ink, "top", 0.7))
    crates = c.whole(2, 3)
    for number in range(crates):
        cx0 = x0 + s * 0.03 + (x1 - x0 - s * 0.06) * number / crates
        cx1 = x0 + s * 0.03 + (x1 - x0 - s * 0.06) * (number + 1) / crates - s * 0.012
        ink = c.pick((p.accent, p.far, p.light, tint(p.accent, p.near, 0.5), p.mid))
        radius = s * c.between(0.016, 0.026)
        fruit = []
        rows = 3
        for row in range(rows):
            count = max(2, int((cx1 - cx0) / (radius * 2.1)) - row)
            for place in range(count):
                fruit.append(oval(cx0 + (cx1 - cx0) * (place + 0.5 + row * 0.5) / (count + row),
                    table - radius * (0.6 + 1.5 * row), radius))
        for ball in fruit:
            sheet.lay([ball], ink, Shade(tint(ink, p.ink, 0.5), "right bottom", 0.7, 0.6))
    sheet.lay([box(x0, table, x1, table + s * 0.13)], tint(p.mid, p.near, 0.5), Shade(p.ink, "bottom", 0.8))
    sheet.lay([line((x0, table + s * (0.045 + 0.04 * n)), (x1, table + s * (0.045 + 0.04 * n)), width=s * 0.003)
        for n in range(2)], p.ink, opacity=0.5)
    bands = max(4, 2 * round((x1 - x0) / (s * 0.11)) + 1)
    one, two = (p.accent, p.light) if c.often(0.5) else (p.near, p.light)
    for number in range(bands):
        wide = (x1 - x0 + s * 0.04) / bands
        a, b = x0 - s * 0.02 + wide * number, x0 - s * 0.02 + wide * (number + 1)
        inner = s * 0.05
        ua = x0 + inner + (x1 - x0 - 2 * inner) * number / bands
        ub = x0 + inner + (x1 - x0 - 2 * inner) * (number + 1) / bands
        ink = one if number % 2 == 0 else two
        sheet.lay([poly((ua, top - s * 0.1), (ub, top - s * 0.1), (b, top), (a, top)),
            oval((a + b) / 2, top, (b - a) / 2, s * 0.03)], ink,
                  Shade(tint(ink, p.ink, 0.4), "bottom", 0.5, 0.6))  # fmt: skip


def stage(sheet: Sheet, p: Palette, c: Chance, words: str) -> None:
    """Curtains, a cone of light, someone in it."""
    w, h, s = sheet.w, sheet.h, sheet.s
    sheet.lay([box(0, 0, w, h)], tint(p.near, p.ink, 0.7), Shade(p.ink, "top", 0.8))
    x = w * c.between(0.4, 0.6)
    floor = h * 0.78
    sheet.lay([box(0, floor, w, h)], tint(p.mid, p.near, 0.5), Shade(p.ink, "bottom", 0.9))
    for number in range(9):
        sheet.lay([line((x + (number - 4) * s * 0.12, floor), (x + (number - 4) * s * 0.34, h + 2), width=s * 0.003)], p.ink,
            opacity=0.5)
    lamp = w * c.pick((0.25, 0.5, 0.75))
    sheet.lay_grain([poly((lamp - s * 0.03, 0), (lamp + s * 0.03, 0), (x + s * 0.27, floor + s * 0.05),
        (x - s * 0.27, floor + s * 0.05))], p.light, "top", 0.75)
    sheet.lay_grain([poly((lamp - s * 0.03, 0), (lamp + s * 0.03, 0), (x + s * 0.27, floor + s * 0.05),
        (x - s * 0.27, floor + s * 0.05))], p.light, "bottom", 0.35)
    sheet.lay([oval(x, floor + s * 0.055, s * 0.27, s * 0.05)], p.light, Shade(p.accent, "rim", 0.5, 0.7))
    sheet.lay_grain([oval(x + s * 0.1, floor + s * 0.07, s * 0.16, s * 0.02)], p.ink, "left", 0.9)
    person(sheet, p, c, x, floor + s * 0.06, s * 0.42, p.accent if c.often(0.5) else p.near)
    thing = c.whole(0, 3)
    if thing == 0 or "piano" in words:
        sheet.lay([box(x + s * 0.13, floor - s * 0.17, x + s * 0.38, floor - s * 0.04, s * 0.01),
            line((x + s * 0.16, floor - s * 0.05), (x + s * 0.16, floor + s * 0.05), width=s * 0.014),
                   line((x + s * 0.35, floor - s * 0.05), (x + s * 0.35, floor + s * 0.05), width=s * 0.014)], p.ink,
                   Shade(p.near, "top", 0.6, 0.5))  # fmt: skip
        sheet.lay([box(x + s * 0.12, floor - s * 0.115, x + s * 0.17, floor - s * 0.1)], p.light)
    elif thing == 1 or "cello" in words or "violin" in words:
        cx, cy = x + s * 0.09, floor - s * 0.06
        sheet.lay([oval(cx, cy + s * 0.05, s * 0.062, s * 0.06), oval(cx, cy - s * 0.04, s * 0.048, s * 0.05),
            line((cx, cy), (cx - s * 0.02, cy - s * 0.27), width=s * 0.014)],
                  tint(p.accent, p.near, 0.5), Shade(p.ink, "right", 0.6))  # fmt: skip
    elif thing == 2:
        sheet.lay([line((x + s * 0.1, floor + s * 0.05), (x + s * 0.1, floor - s * 0.28), width=s * 0.006),
            oval(x + s * 0.1, floor - s * 0.29, s * 0.016)], p.ink)
    for side in (-1, 1):
        for fold in range(5):
            edge = w * 0.5 + side * (w * 0.5 - s * 0.052 * (fold - 0.2))
            far = w * 0.5 + side * (w * 0.5 - s * 0.052 * (fold + 1))
            drop = h * (1.0 - 0.0 * fold)
            sheet.lay([box(min(edge, far), 0, max(edge, far) + 1, drop)],
                p.accent if p.name == "stage" and fold % 2 else tint(p.far, p.mid, 0.3 + 0.1 * fold),
                      Shade(p.ink, "right" if side < 0 else "left", 0.75, 0.8))  # fmt: skip
    sheet.lay([poly(*curve([(-2, -2), (-2, h * 0.11), (w * 0.17, h * 0.15), (w * 0.34, h * 0.09), (w * 0.5, h * 0.14),
        (w * 0.67, h * 0.09), (w * 0.83, h * 0.15),
                            (w + 2, h * 0.11), (w + 2, -2)], steps=6))], p.mid, Shade(p.ink, "bottom", 0.7, 0.8))  # fmt: skip
    heads = [oval(w * (n + 0.5 + c.between(-0.2, 0.2)) / 9, h * 1.0, s * 0.05, s * 0.058) for n in range(9)]
    sheet.lay(heads, p.ink)
