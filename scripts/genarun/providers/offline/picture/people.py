"""Compositions with people: portraits, crowds, markets, a stage."""

from __future__ import annotations

import math
import re

from genarun.providers.offline.chance import Chance
from genarun.providers.offline.picture import parts
from genarun.providers.offline.picture.palette import Ink, Palette
from genarun.providers.offline.picture.sheet import Shade, Shape, Sheet, box, curve, line, oval, poly, tint

_SKINS = ("F1C9A5", "E3AE85", "C98B63", "A3673F", "7A4A2C", "5A3422")


def _skin(p: Palette, c: Chance, number: int | None = None) -> Ink:
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
    legs = [poly((x - wide * 0.62, hip - height * 0.05), (x - wide * 0.04, hip - height * 0.05), (x - wide * 0.16, y), (x - wide * 0.62, y)),
            poly((x + wide * 0.04, hip - height * 0.05), (x + wide * 0.62, hip - height * 0.05), (x + wide * 0.74, y), (x + wide * 0.26, y)),
            box(x - wide * 0.75 if side < 0 else x - wide * 0.62, y - height * 0.025, x - wide * 0.14, y, height * 0.01),
            box(x + wide * 0.24, y - height * 0.025, x + wide * 0.9 if side > 0 else x + wide * 0.76, y, height * 0.01)]  # fmt: skip
    sheet.lay(legs, p.ink if coat != p.ink else p.near)
    skin = _skin(p, c)
    sheet.lay([box(x - height * 0.022, shoulder - height * 0.05, x + height * 0.022, shoulder + height * 0.02)], tint(skin, p.ink, 0.35))
    body = [poly(*curve([(x - wide, hip + height * 0.03), (x - wide * 0.92, hip - height * 0.15), (x - narrow * 1.15, shoulder + height * 0.035), (x - narrow * 0.5, shoulder - height * 0.01),
                         (x + narrow * 0.5, shoulder - height * 0.01), (x + narrow * 1.15, shoulder + height * 0.035), (x + wide * 0.92, hip - height * 0.15), (x + wide, hip + height * 0.03)],
                        steps=6))]  # fmt: skip
    dark = tint(coat, p.ink, 0.55)
    sheet.lay(body, coat, Shade(dark, "right", 0.8, 0.7))
    arm = curve([(x + side * narrow * 0.95, shoulder + height * 0.06), (x + side * wide * 1.12, shoulder + height * 0.22), (x + side * wide * c.between(0.5, 1.25), hip - height * 0.06)], steps=6)
    sheet.lay([line(*arm, width=height * 0.042)], dark)
    sheet.lay([oval(*arm[-1], height * 0.021)], skin)
    head = height * 0.058
    hx, hy = x + side * height * 0.008, y - height * 0.885
    hair = c.pick((p.ink, tint(p.ink, p.near, 0.4), tint(p.near, p.accent, 0.35)))
    kind = c.whole(0, 4)
    if kind == 0:
        sheet.lay([oval(hx - side * head * 0.25, hy + head * 0.35, head * 1.15, head * 1.5)], hair)
    sheet.lay([oval(hx, hy, head, head * 1.2)], skin, Shade(tint(skin, p.ink, 0.5), "right", 0.6, 0.6))
    sheet.lay([poly(*curve([(hx - head * 1.05, hy + head * 0.15), (hx - head * 0.95, hy - head * 0.95), (hx, hy - head * 1.35), (hx + head * 0.95, hy - head * 0.95),
                            (hx + head * 1.05, hy + head * 0.05), (hx + side * head * 0.3, hy - head * 0.55)], closed=True, steps=5))], hair)  # fmt: skip
    if kind == 1:
        sheet.lay([oval(hx - side * head * 0.5, hy - head * 1.3, head * 0.48)], hair)
    elif kind == 2:
        hat = c.pick((p.accent, p.ink, p.near))
        sheet.lay([box(hx - head * 1.75, hy - head * 0.75, hx + head * 1.75, hy - head * 0.5, head * 0.12), box(hx - head, hy - head * 1.7, hx + head, hy - head * 0.6, head * 0.35)], hat)
    if c.often(0.4):
        bx, by = arm[-1]
        sheet.lay([line((bx, by), (bx, by + height * 0.03), width=height * 0.008), box(bx - height * 0.05, by + height * 0.02, bx + height * 0.05, by + height * 0.12, height * 0.012)],
                  p.accent if coat != p.accent else p.light, Shade(p.ink, "right", 0.5, 0.6))  # fmt: skip


def portrait(sheet: Sheet, p: Palette, c: Chance, words: str) -> None:
    """A bust before a plain ground: large shapes, one side in shade, eyes at rest."""
    w, h, s = sheet.w, sheet.h, sheet.s
    _ground(sheet, p, c)
    x, y = w * c.between(0.46, 0.54), h * 0.45
    head, tall = s * 0.135, s * 0.185
    side = c.pick((-1, 1))
    shade_side = "right" if side > 0 else "left"
    skin = _skin(p, c)
    dark_skin = tint(skin, p.ink, 0.45)
    hair = c.pick((p.ink, tint(p.ink, p.near, 0.35), tint(p.near, p.accent, 0.35), tint(p.far, p.light, 0.5)))
    woman = bool(re.search(r"\b(?:woman|girl|she|her|mother|grandmother|sister|daughter|aunt|lady)\b", words))
    man = bool(re.search(r"\b(?:man|boy|he|his|father|grandfather|brother|son|uncle)\b", words))
    old = bool(re.search(r"\b(?:old|elderly|grandmother|grandfather|retired|aged|sixt\w+|sevent\w+|eight\w+|white hair|grey hair)\b", words))
    if old:
        hair = tint(p.light, p.far, 0.35)
    style = c.pick(("bun", "long", "bob", "scarf") if woman else ("short", "beard", "cap", "curls") if man else
                   ("short", "bun", "bob", "curls", "long", "cap", "beard", "scarf"))  # fmt: skip
    for word, wanted in (("headscarf", "scarf"), ("scarf", "scarf"), ("hat", "cap"), ("cap", "cap"), ("beard", "beard"), ("curl", "curls"), ("bald", "none")):
        if word in words:
            style = wanted
            break
    if style == "long":
        sheet.lay([poly(*curve([(x - head * 1.2, y + tall * 1.5), (x - head * 1.35, y - tall * 0.2), (x, y - tall * 1.3), (x + head * 1.35, y - tall * 0.2),
                                (x + head * 1.25, y + tall * 1.5)], steps=10))], hair, Shade(p.ink, shade_side, 0.6, 0.6))  # fmt: skip
    elif style == "bob":
        sheet.lay([poly(*curve([(x - head * 1.15, y + tall * 0.75), (x - head * 1.38, y - tall * 0.1), (x, y - tall * 1.28), (x + head * 1.38, y - tall * 0.1),
                                (x + head * 1.15, y + tall * 0.75)], steps=10))], hair, Shade(p.ink, shade_side, 0.6, 0.6))  # fmt: skip
    elif style == "curls":
        puffs = [oval(x + math.cos(a) * head * 1.02, y - tall * 0.42 + math.sin(a) * tall * 0.72, head * c.between(0.38, 0.52))
                 for a in [math.pi * (0.92 + 1.16 * t / 9) for t in range(10)]]  # fmt: skip
        sheet.lay([*puffs, oval(x, y - tall * 0.55, head * 1.05, tall * 0.7)], hair, Shade(p.ink, shade_side, 0.6, 0.6))
    elif style == "bun":
        sheet.lay([oval(x + side * head * -0.15, y - tall * 1.28, head * 0.46)], hair, Shade(p.ink, shade_side, 0.6, 0.7))
    _shoulders(sheet, p, c, x, y, head, tall, shade_side)
    neck = [poly((x - head * 0.42, y + tall * 0.5), (x + head * 0.42, y + tall * 0.5), (x + head * 0.52, y + tall * 1.42), (x, y + tall * 1.72),
                 (x - head * 0.52, y + tall * 1.42))]  # fmt: skip
    sheet.lay(neck, dark_skin, Shade(p.ink, "top", 0.4, 0.6))
    face = [poly(*curve([(x, y - tall), (x + head * 0.86, y - tall * 0.55), (x + head * 0.93, y + tall * 0.1), (x + head * 0.6, y + tall * 0.76),
                         (x, y + tall * 1.02), (x - head * 0.6, y + tall * 0.76), (x - head * 0.93, y + tall * 0.1), (x - head * 0.86, y - tall * 0.55)],
                        closed=True, steps=8))]  # fmt: skip
    if style not in ("long", "bob", "scarf"):
        sheet.lay([oval(x - head * 0.95, y + tall * 0.08, head * 0.17, tall * 0.2), oval(x + head * 0.95, y + tall * 0.08, head * 0.17, tall * 0.2)],
                  tint(skin, p.ink, 0.2))  # fmt: skip
    sheet.lay(face, skin, Shade(dark_skin, shade_side, 0.85, 0.6))
    _face(sheet, p, c, x, y, head, tall, skin, side, old)
    _hair(sheet, p, c, x, y, head, tall, hair, style, shade_side, side)
    if any(word in words for word in ("photographer", "camera")) and c.often(0.75):
        _camera(sheet, p, x, y + tall * 2.15, s * 0.1)
    elif any(word in words for word in ("glasses", "editor", "scientist", "writer", "archivist", "librarian", "professor")) or c.often(0.16):
        for at in (-0.42, 0.42):
            sheet.lay([oval(x + head * at, y + tall * 0.02, head * 0.32, head * 0.3), oval(x + head * at, y + tall * 0.02, head * 0.26, head * 0.24, hole=True)], p.ink)
        sheet.lay([line((x - head * 0.12, y), (x + head * 0.12, y), width=s * 0.005)], p.ink)


def _ground(sheet: Sheet, p: Palette, c: Chance) -> None:
    w, h, s = sheet.w, sheet.h, sheet.s
    sheet.fade(p.top, p.low, 0.0, 1.0)
    kind = c.whole(0, 4)
    if kind == 0:
        sheet.lay([oval(w * 0.5, h * 0.42, s * 0.36)], p.accent, Shade(p.light, "left top", 0.5, 0.8))
    elif kind == 1:
        x = w * c.pick((0.16, 0.66))
        sheet.lay([box(x, h * 0.1, x + s * 0.26, h * 0.62)], p.light, Shade(p.low, "bottom", 0.7))
        sheet.lay([box(x + s * 0.125, h * 0.1, x + s * 0.135, h * 0.62), box(x, h * 0.35, x + s * 0.26, h * 0.36)], p.far)
    elif kind == 2:
        sheet.lay([box(w * 0.5 - s * 0.3, h * 0.36, w * 0.5 + s * 0.3, h + 4), oval(w * 0.5, h * 0.37, s * 0.3)], p.far, Shade(p.mid, "bottom", 0.8))
    elif kind == 3:
        leaves = [parts.leaf(w * c.unit(), h * c.between(0.2, 1.0), s * c.between(0.16, 0.34), s * c.between(0.05, 0.09), c.between(-70, 70)) for _ in range(18)]
        sheet.lay(leaves, tint(p.far, p.mid, 0.4), Shade(p.mid, "bottom", 0.5))
    else:
        for number in range(4):
            ridge = parts.ridge_line(sheet, c, h * (0.42 + 0.13 * number), s * 0.05)
            sheet.lay([parts.below(sheet, ridge)], tint(p.far, p.mid, number / 3), Shade(p.low, "bottom", 0.4))


def _shoulders(sheet: Sheet, p: Palette, c: Chance, x: float, y: float, head: float, tall: float, shade_side: str) -> None:
    h, s = sheet.h, sheet.s
    wide = head * c.between(2.3, 2.8)
    coat = c.pick((p.near, p.mid, p.accent, p.ink, tint(p.far, p.mid, 0.5)))
    top = y + tall * 1.3
    body = curve([(x - wide * 1.02, h + 4), (x - wide * 0.96, top + tall * 1.0), (x - wide * 0.6, top + tall * 0.25), (x - head * 0.5, top - tall * 0.02),
                  (x + head * 0.5, top - tall * 0.02), (x + wide * 0.6, top + tall * 0.25), (x + wide * 0.96, top + tall * 1.0), (x + wide * 1.02, h + 4)],
                 steps=8)  # fmt: skip
    sheet.lay([poly(*body)], coat, Shade(tint(coat, p.ink, 0.6), shade_side, 0.8, 0.7), Shade(tint(coat, p.light, 0.45), "top", 0.25, 0.4))
    kind = c.whole(0, 3)
    trim = p.light if coat != p.light else p.ink
    if kind == 0:  # lapels
        sheet.lay([poly((x - head * 0.55, top - tall * 0.05), (x, top + tall * 1.25), (x - head * 1.05, top + tall * 0.75), (x - head * 0.8, top + tall * 0.1)),
                   poly((x + head * 0.55, top - tall * 0.05), (x, top + tall * 1.25), (x + head * 1.05, top + tall * 0.75), (x + head * 0.8, top + tall * 0.1))],
                  tint(coat, p.ink, 0.35))  # fmt: skip
        sheet.lay([poly((x - head * 0.5, top), (x + head * 0.5, top), (x, top + tall * 1.2))], trim, Shade(p.far, "bottom", 0.5))
    elif kind == 1:  # roll neck
        sheet.lay([box(x - head * 0.62, y + tall * 1.1, x + head * 0.62, y + tall * 1.5, head * 0.25)], tint(coat, p.light, 0.18), Shade(p.ink, shade_side, 0.5, 0.6))
    elif kind == 2:  # a stripe or two across the chest, well inside the coat
        for number in range(2):
            at = top + tall * (0.98 + 0.24 * number)
            sheet.lay([line(*curve([(x - wide * 0.9, at), (x, at + tall * 0.14), (x + wide * 0.9, at)], steps=10), width=s * 0.02)], trim, opacity=0.85)
    else:  # a scarf
        sheet.lay([poly(*curve([(x - head * 0.9, top - tall * 0.08), (x, top + tall * 0.34), (x + head * 0.9, top - tall * 0.08), (x + head * 0.75, top + tall * 0.42),
                                (x, top + tall * 0.72), (x - head * 0.75, top + tall * 0.42)], closed=True, steps=7))], p.accent if coat != p.accent else p.light,
                  Shade(p.ink, shade_side, 0.5, 0.7))  # fmt: skip


def _face(sheet: Sheet, p: Palette, c: Chance, x: float, y: float, head: float, tall: float, skin: Ink, side: int, old: bool) -> None:
    s = sheet.s
    dark = tint(skin, p.ink, 0.72)
    nose = curve([(x + side * head * 0.02, y - tall * 0.05), (x + side * head * 0.16, y + tall * 0.3), (x - side * head * 0.04, y + tall * 0.38)], steps=6)
    sheet.lay([line(*nose, width=s * 0.006)], tint(skin, p.ink, 0.42))
    eyes: list[Shape] = []
    for at in (-0.42, 0.42):
        ex, ey = x + head * at, y + tall * 0.03
        eyes.append(line(*curve([(ex - head * 0.2, ey), (ex, ey + tall * 0.05), (ex + head * 0.2, ey)], steps=6), width=s * 0.006))
        lift = tall * c.between(0.2, 0.25)
        eyes.append(line(*curve([(ex - head * 0.24, ey - lift * 0.8), (ex, ey - lift), (ex + head * 0.24, ey - lift * 0.85)], steps=6), width=s * 0.0085))
    sheet.lay(eyes, dark)
    smile = tall * c.between(-0.01, 0.05)
    mouth = curve([(x - head * 0.26, y + tall * 0.62), (x, y + tall * 0.62 + smile), (x + head * 0.26, y + tall * 0.62)], steps=6)
    sheet.lay([line(*mouth, width=s * 0.0085)], tint(dark, p.accent, 0.45) if p.name != "mono" else dark)
    cheek = tint(skin, p.accent, 0.5) if p.name != "mono" else tint(skin, p.ink, 0.2)
    for at in (-0.55, 0.55):
        sheet.lay_grain([oval(x + head * at, y + tall * 0.36, head * 0.26)], cheek, "core", 0.45)
    if old:
        sheet.lay([line(*curve([(x + sign * head * 0.34, y + tall * 0.34), (x + sign * head * 0.46, y + tall * 0.55)], steps=4), width=s * 0.003) for sign in (-1, 1)],
                  tint(skin, p.ink, 0.4))  # fmt: skip


def _hair(
    sheet: Sheet, p: Palette, c: Chance, x: float, y: float, head: float, tall: float, hair: Ink, style: str, shade_side: str, side: int
) -> None:
    s = sheet.s
    shade = Shade(tint(hair, p.light, 0.35), "left" if shade_side == "right" else "right", 0.4, 0.5)
    if style == "scarf":
        cloth = c.pick((p.accent, p.far, p.light))
        sheet.lay([poly(*curve([(x - head * 1.2, y + tall * 1.2), (x - head * 1.28, y - tall * 0.2), (x, y - tall * 1.25), (x + head * 1.28, y - tall * 0.2),
                                (x + head * 1.2, y + tall * 1.2)], steps=10)),
                   poly(*curve([(x, y - tall * 0.78), (x + head * 0.84, y - tall * 0.3), (x + head * 0.82, y + tall * 0.35), (x, y + tall * 1.08),
                                (x - head * 0.82, y + tall * 0.35), (x - head * 0.84, y - tall * 0.3)], closed=True, steps=8), hole=True)],
                  cloth, Shade(tint(cloth, p.ink, 0.6), shade_side, 0.8, 0.7))  # fmt: skip
        return
    if style == "cap":
        cap = c.pick((p.near, p.accent, p.ink))
        sheet.lay([poly(*curve([(x - head * 1.05, y - tall * 0.42), (x - head * 0.95, y - tall * 1.1), (x, y - tall * 1.36), (x + head * 0.95, y - tall * 1.1),
                                (x + head * 1.05, y - tall * 0.42)], steps=8))], cap, Shade(p.ink, shade_side, 0.6, 0.7))  # fmt: skip
        sheet.lay([poly(*curve([(x - head * 1.08, y - tall * 0.46), (x + side * head * 0.5, y - tall * 0.62), (x + side * head * 1.5, y - tall * 0.36),
                                (x + side * head * 0.4, y - tall * 0.38)], closed=True, steps=6))], tint(cap, p.ink, 0.45))  # fmt: skip
        sheet.lay([box(x - head * 1.0, y - tall * 0.42, x - head * 0.86, y - tall * 0.05), box(x + head * 0.86, y - tall * 0.42, x + head * 1.0, y - tall * 0.05)], hair)
        return
    if style == "none":
        return
    part = x + side * head * c.between(-0.5, 0.1)
    low = 0.32 if style in ("long", "bob", "bun") else 0.18
    left = [(x - head * 0.98, y + tall * low), (x - head * 1.06, y - tall * 0.5), (x - head * 0.5, y - tall * 1.16), (part, y - tall * 1.2),
            (x + head * 0.5, y - tall * 1.16), (x + head * 1.06, y - tall * 0.5), (x + head * 0.98, y + tall * low)]  # fmt: skip
    inner = [(x + head * 0.84, y - tall * 0.22), (x + head * 0.5, y - tall * 0.58), (part, y - tall * 0.78), (x - head * 0.5, y - tall * 0.58),
             (x - head * 0.84, y - tall * 0.22)]  # fmt: skip
    sheet.lay([poly(*curve(left, steps=8), *curve(inner, steps=8))], hair, shade)
    if style == "beard":
        beard = [(x - head * 0.95, y + tall * 0.08), (x - head * 0.8, y + tall * 0.8), (x, y + tall * 1.32), (x + head * 0.8, y + tall * 0.8),
                 (x + head * 0.95, y + tall * 0.08), (x + head * 0.55, y + tall * 0.48), (x, y + tall * 0.46), (x - head * 0.55, y + tall * 0.48)]  # fmt: skip
        sheet.lay([poly(*curve(beard, closed=True, steps=7)), oval(x, y + tall * 0.66, head * 0.24, tall * 0.055, hole=True)], hair, shade)
        sheet.lay([line((x - head * 0.16, y + tall * 0.66), (x + head * 0.16, y + tall * 0.66), width=s * 0.006)], p.ink)


def _camera(sheet: Sheet, p: Palette, x: float, y: float, size: float) -> None:
    sheet.lay([line((x - size * 1.5, y - size * 2.1), (x - size, y - size * 0.4), width=size * 0.1),
               line((x + size * 1.5, y - size * 2.1), (x + size, y - size * 0.4), width=size * 0.1)], p.ink)  # fmt: skip
    sheet.lay([box(x - size, y - size * 0.55, x + size, y + size * 0.6, size * 0.16), box(x - size * 0.4, y - size * 0.8, x + size * 0.4, y - size * 0.45, size * 0.1)],
              p.ink, Shade(p.near, "top", 0.5, 0.5))  # fmt: skip
    sheet.lay([oval(x, y + size * 0.05, size * 0.46)], p.light, Shade(p.far, "bottom", 0.6))
    sheet.lay([oval(x, y + size * 0.05, size * 0.34)], p.near, Shade(p.ink, "right bottom", 0.9))
    sheet.lay([oval(x - size * 0.12, y - size * 0.08, size * 0.09)], p.light)
    sheet.lay([oval(x + size * 0.72, y - size * 0.32, size * 0.1)], p.accent)


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
                poly(*curve([(x - size * 2.0, y + size * 5), (x - size * 1.7, y + size * 1.9 + up), (x - size * 0.5, y + size * 1.15 + up),
                             (x + size * 0.5, y + size * 1.15 + up), (x + size * 1.7, y + size * 1.9 + up), (x + size * 2.0, y + size * 5)], steps=5))
            ]  # fmt: skip
            sheet.lay(parts_, coat, Shade(p.ink, "bottom", 0.5, 0.7), Shade(tint(coat, p.light, 0.4), "top", 0.25, 0.3))
            hair: list[Shape] = [oval(x, y + up, size * 0.92, size * 1.12)]
            extra = c.whole(0, 5)
            if extra == 0:
                hair.append(oval(x, y - size * 1.2 + up, size * 0.45))
            elif extra == 1:
                hair += [box(x - size * 1.5, y - size * 0.55 + up, x + size * 1.5, y - size * 0.3 + up), box(x - size, y - size * 1.4 + up, x + size, y - size * 0.4 + up, size * 0.3)]
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
        panes = [box(x + w * (0.04 + 0.07 * col), top + s * (0.05 + 0.1 * row), x + w * (0.04 + 0.07 * col) + s * 0.035, top + s * (0.105 + 0.1 * row))
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
    sheet.lay([line((x0 + s * 0.03, top), (x0 + s * 0.03, table + s * 0.2), width=s * 0.012), line((x1 - s * 0.03, top), (x1 - s * 0.03, table + s * 0.2), width=s * 0.012)], p.ink)
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
                fruit.append(oval(cx0 + (cx1 - cx0) * (place + 0.5 + row * 0.5) / (count + row), table - radius * (0.6 + 1.5 * row), radius))
        for ball in fruit:
            sheet.lay([ball], ink, Shade(tint(ink, p.ink, 0.5), "right bottom", 0.7, 0.6))
    sheet.lay([box(x0, table, x1, table + s * 0.13)], tint(p.mid, p.near, 0.5), Shade(p.ink, "bottom", 0.8))
    sheet.lay([line((x0, table + s * (0.045 + 0.04 * n)), (x1, table + s * (0.045 + 0.04 * n)), width=s * 0.003) for n in range(2)], p.ink, opacity=0.5)
    bands = max(4, 2 * round((x1 - x0) / (s * 0.11)) + 1)
    one, two = (p.accent, p.light) if c.often(0.5) else (p.near, p.light)
    for number in range(bands):
        a, b = x0 - s * 0.02 + (x1 - x0 + s * 0.04) * number / bands, x0 - s * 0.02 + (x1 - x0 + s * 0.04) * (number + 1) / bands
        inner = s * 0.05
        ua = x0 + inner + (x1 - x0 - 2 * inner) * number / bands
        ub = x0 + inner + (x1 - x0 - 2 * inner) * (number + 1) / bands
        ink = one if number % 2 == 0 else two
        sheet.lay([poly((ua, top - s * 0.1), (ub, top - s * 0.1), (b, top), (a, top)), oval((a + b) / 2, top, (b - a) / 2, s * 0.03)], ink,
                  Shade(tint(ink, p.ink, 0.4), "bottom", 0.5, 0.6))  # fmt: skip


def stage(sheet: Sheet, p: Palette, c: Chance, words: str) -> None:
    """Curtains, a cone of light, someone in it."""
    w, h, s = sheet.w, sheet.h, sheet.s
    sheet.lay([box(0, 0, w, h)], tint(p.near, p.ink, 0.7), Shade(p.ink, "top", 0.8))
    x = w * c.between(0.4, 0.6)
    floor = h * 0.78
    sheet.lay([box(0, floor, w, h)], tint(p.mid, p.near, 0.5), Shade(p.ink, "bottom", 0.9))
    for number in range(9):
        sheet.lay([line((x + (number - 4) * s * 0.12, floor), (x + (number - 4) * s * 0.34, h + 2), width=s * 0.003)], p.ink, opacity=0.5)
    lamp = w * c.pick((0.25, 0.5, 0.75))
    sheet.lay_grain([poly((lamp - s * 0.03, 0), (lamp + s * 0.03, 0), (x + s * 0.27, floor + s * 0.05), (x - s * 0.27, floor + s * 0.05))], p.light, "top", 0.75)
    sheet.lay_grain([poly((lamp - s * 0.03, 0), (lamp + s * 0.03, 0), (x + s * 0.27, floor + s * 0.05), (x - s * 0.27, floor + s * 0.05))], p.light, "bottom", 0.35)
    sheet.lay([oval(x, floor + s * 0.055, s * 0.27, s * 0.05)], p.light, Shade(p.accent, "rim", 0.5, 0.7))
    sheet.lay_grain([oval(x + s * 0.1, floor + s * 0.07, s * 0.16, s * 0.02)], p.ink, "left", 0.9)
    person(sheet, p, c, x, floor + s * 0.06, s * 0.42, p.accent if c.often(0.5) else p.near)
    thing = c.whole(0, 3)
    if thing == 0 or "piano" in words:
        sheet.lay([box(x + s * 0.13, floor - s * 0.17, x + s * 0.38, floor - s * 0.04, s * 0.01), line((x + s * 0.16, floor - s * 0.05), (x + s * 0.16, floor + s * 0.05), width=s * 0.014),
                   line((x + s * 0.35, floor - s * 0.05), (x + s * 0.35, floor + s * 0.05), width=s * 0.014)], p.ink, Shade(p.near, "top", 0.6, 0.5))  # fmt: skip
        sheet.lay([box(x + s * 0.12, floor - s * 0.115, x + s * 0.17, floor - s * 0.1)], p.light)
    elif thing == 1 or "cello" in words or "violin" in words:
        cx, cy = x + s * 0.09, floor - s * 0.06
        sheet.lay([oval(cx, cy + s * 0.05, s * 0.062, s * 0.06), oval(cx, cy - s * 0.04, s * 0.048, s * 0.05), line((cx, cy), (cx - s * 0.02, cy - s * 0.27), width=s * 0.014)],
                  tint(p.accent, p.near, 0.5), Shade(p.ink, "right", 0.6))  # fmt: skip
    elif thing == 2:
        sheet.lay([line((x + s * 0.1, floor + s * 0.05), (x + s * 0.1, floor - s * 0.28), width=s * 0.006), oval(x + s * 0.1, floor - s * 0.29, s * 0.016)], p.ink)
    for side in (-1, 1):
        for fold in range(5):
            edge = w * 0.5 + side * (w * 0.5 - s * 0.052 * (fold - 0.2))
            far = w * 0.5 + side * (w * 0.5 - s * 0.052 * (fold + 1))
            drop = h * (1.0 - 0.0 * fold)
            sheet.lay([box(min(edge, far), 0, max(edge, far) + 1, drop)], p.accent if p.name == "stage" and fold % 2 else tint(p.far, p.mid, 0.3 + 0.1 * fold),
                      Shade(p.ink, "right" if side < 0 else "left", 0.75, 0.8))  # fmt: skip
    sheet.lay([poly(*curve([(-2, -2), (-2, h * 0.11), (w * 0.17, h * 0.15), (w * 0.34, h * 0.09), (w * 0.5, h * 0.14), (w * 0.67, h * 0.09), (w * 0.83, h * 0.15),
                            (w + 2, h * 0.11), (w + 2, -2)], steps=6))], p.mid, Shade(p.ink, "bottom", 0.7, 0.8))  # fmt: skip
    heads = [oval(w * (n + 0.5 + c.between(-0.2, 0.2)) / 9, h * 1.0, s * 0.05, s * 0.058) for n in range(9)]
    sheet.lay(heads, p.ink)
