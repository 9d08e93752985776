"""The portrait: a bust before a plain ground."""

# Places stand in rows, as they were drawn up.
# fmt: off
from __future__ import annotations

import math
import re

from genarun.providers.offline.chance import Chance
from genarun.providers.offline.picture import parts
from genarun.providers.offline.picture.palette import Ink, Palette
from genarun.providers.offline.picture.people import skin_ink
from genarun.providers.offline.picture.sheet import Shade, Shape, Sheet, box, curve, line, oval, poly, tint


def portrait(sheet: Sheet, p: Palette, c: Chance, words: str) -> None:
    """A bust before a plain ground: large shapes, one side in shade, eyes at rest."""
    w, h, s = sheet.w, sheet.h, sheet.s
    _ground(sheet, p, c)
    x, y = w * c.between(0.46, 0.54), h * 0.45
    head, tall = s * 0.135, s * 0.185
    side = c.pick((-1, 1))
    shade_side = "right" if side > 0 else "left"
    skin = skin_ink(p, c)
    dark_skin = tint(skin, p.ink, 0.45)
    hair = c.pick((p.ink, tint(p.ink, p.near, 0.35), tint(p.near, p.accent, 0.35), tint(p.far, p.light, 0.5)))
    woman = bool(re.search(r"\b(?:woman|girl|she|her|mother|grandmother|sister|daughter|aunt|lady)\b", words))
    man = bool(re.search(r"\b(?:man|boy|he|his|father|grandfather|brother|son|uncle)\b", words))
    old = bool(re.search(r"\b(?:old|elderly|grandmother|grandfather|retired|aged|sixt\w+|sevent\w+|eight\w+|white hair"
                         r"|grey hair)\b", words))
    if old:
        hair = tint(p.light, p.far, 0.35)
    style = c.pick(("bun", "long", "bob", "scarf") if woman else ("short", "beard", "cap", "curls") if man else
                   ("short", "bun", "bob", "curls", "long", "cap", "beard", "scarf"))  # fmt: skip
    for word, wanted in (("headscarf", "scarf"), ("scarf", "scarf"), ("hat", "cap"), ("cap", "cap"), ("beard", "beard"),
        ("curl", "curls"), ("bald", "none")):
        if word in words:
            style = wanted
            break
    if style == "long":
        sheet.lay([poly(*curve([(x - head * 1.2, y + tall * 1.5), (x - head * 1.35, y - tall * 0.2), (x, y - tall * 1.3),
            (x + head * 1.35, y - tall * 0.2),
                                (x + head * 1.25, y + tall * 1.5)], steps=10))], hair,
                                    Shade(p.ink, shade_side, 0.6, 0.6))  # fmt: skip
    elif style == "bob":
        sheet.lay([poly(*curve([(x - head * 1.15, y + tall * 0.75), (x - head * 1.38, y - tall * 0.1), (x, y - tall * 1.28),
            (x + head * 1.38, y - tall * 0.1),
                                (x + head * 1.15, y + tall * 0.75)], steps=10))], hair,
                                    Shade(p.ink, shade_side, 0.6, 0.6))  # fmt: skip
    elif style == "curls":
        puffs = [oval(x + math.cos(a) * head * 1.02, y - tall * 0.42 + math.sin(a) * tall * 0.72, head * c.between(0.38, 0.52))
                 for a in [math.pi * (0.92 + 1.16 * t / 9) for t in range(10)]]  # fmt: skip
        sheet.lay([*puffs, oval(x, y - tall * 0.55, head * 1.05, tall * 0.7)], hair, Shade(p.ink, shade_side, 0.6, 0.6))
    elif style == "bun":
        sheet.lay([oval(x + side * head * -0.15, y - tall * 1.28, head * 0.46)], hair, Shade(p.ink, shade_side, 0.6, 0.7))
    _shoulders(sheet, p, c, x, y, head, tall, shade_side)
    neck = [poly((x - head * 0.42, y + tall * 0.5), (x + head * 0.42, y + tall * 0.5), (x + head * 0.52, y + tall * 1.42),
        (x, y + tall * 1.72),
                 (x - head * 0.52, y + tall * 1.42))]  # fmt: skip
    sheet.lay(neck, dark_skin, Shade(p.ink, "top", 0.4, 0.6))
    face = [poly(*curve([(x, y - tall), (x + head * 0.86, y - tall * 0.55), (x + head * 0.93, y + tall * 0.1),
        (x + head * 0.6, y + tall * 0.76),
                         (x, y + tall * 1.02), (x - head * 0.6, y + tall * 0.76), (x - head * 0.93, y + tall * 0.1),
                             (x - head * 0.86, y - tall * 0.55)],
                        closed=True, steps=8))]  # fmt: skip
    if style not in ("long", "bob", "scarf"):
        sheet.lay([oval(x - head * 0.95, y + tall * 0.08, head * 0.17, tall * 0.2),
            oval(x + head * 0.95, y + tall * 0.08, head * 0.17, tall * 0.2)],
                  tint(skin, p.ink, 0.2))  # fmt: skip
    sheet.lay(face, skin, Shade(dark_skin, shade_side, 0.85, 0.6))
    _face(sheet, p, c, x, y, head, tall, skin, side, old)
    _hair(sheet, p, c, x, y, head, tall, hair, style, shade_side, side)
    if any(word in words for word in ("photographer", "camera")) and c.often(0.75):
        _camera(sheet, p, x, y + tall * 2.15, s * 0.1)
    elif any(word in words for word in ("glasses", "editor", "scientist", "writer", "archivist", "librarian",
        "professor")) or c.often(0.16):
        for at in (-0.42, 0.42):
            sheet.lay([oval(x + head * at, y + tall * 0.02, head * 0.32, head * 0.3),
                oval(x + head * at, y + tall * 0.02, head * 0.26, head * 0.24, hole=True)], p.ink)
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
        sheet.lay([box(w * 0.5 - s * 0.3, h * 0.36, w * 0.5 + s * 0.3, h + 4), oval(w * 0.5, h * 0.37, s * 0.3)], p.far,
            Shade(p.mid, "bottom", 0.8))
    elif kind == 3:
        leaves = [parts.leaf(w * c.unit(), h * c.between(0.2, 1.0), s * c.between(0.16, 0.34), s * c.between(0.05, 0.09),
            c.between(-70, 70)) for _ in range(18)]
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
    body = curve([(x - wide * 1.02, h + 4), (x - wide * 0.96, top + tall * 1.0), (x - wide * 0.6, top + tall * 0.25),
        (x - head * 0.5, top - tall * 0.02),
                  (x + head * 0.5, top - tall * 0.02), (x + wide * 0.6, top + tall * 0.25),
                      (x + wide * 0.96, top + tall * 1.0), (x + wide * 1.02, h + 4)],
                 steps=8)  # fmt: skip
    sheet.lay([poly(*body)], coat, Shade(tint(coat, p.ink, 0.6), shade_side, 0.8, 0.7),
        Shade(tint(coat, p.light, 0.45), "top", 0.25, 0.4))
    kind = c.whole(0, 3)
    trim = p.light if coat != p.light else p.ink
    if kind == 0:  # lapels
        sheet.lay([poly((x - head * 0.55, top - tall * 0.05), (x, top + tall * 1.25), (x - head * 1.05, top + tall * 0.75),
            (x - head * 0.8, top + tall * 0.1)),
                   poly((x + head * 0.55, top - tall * 0.05), (x, top + tall * 1.25), (x + head * 1.05, top + tall * 0.75),
                   (x + head * 0.8, top + tall * 0.1))],
                  tint(coat, p.ink, 0.35))  # fmt: skip
        sheet.lay([poly((x - head * 0.5, top), (x + head * 0.5, top), (x, top + tall * 1.2))], trim,
            Shade(p.far, "bottom", 0.5))
    elif kind == 1:  # roll neck
        sheet.lay([box(x - head * 0.62, y + tall * 1.1, x + head * 0.62, y + tall * 1.5, head * 0.25)],
            tint(coat, p.light, 0.18), Shade(p.ink, shade_side, 0.5, 0.6))
    elif kind == 2:  # a stripe or two across the chest, well inside the coat
        for number in range(2):
            at = top + tall * (0.98 + 0.24 * number)
            sheet.lay([line(*curve([(x - wide * 0.9, at), (x, at + tall * 0.14), (x + wide * 0.9, at)], steps=10),
                width=s * 0.02)], trim, opacity=0.85)
    else:  # a scarf
        sheet.lay([poly(*curve([(x - head * 0.9, top - tall * 0.08), (x, top + tall * 0.34),
            (x + head * 0.9, top - tall * 0.08), (x + head * 0.75, top + tall * 0.42),
                                (x, top + tall * 0.72), (x - head * 0.75, top + tall * 0.42)], closed=True, steps=7))],
                                    p.accent if coat != p.accent else p.light,
                  Shade(p.ink, shade_side, 0.5, 0.7))  # fmt: skip


def _face(sheet: Sheet, p: Palette, c: Chance, x: float, y: float, head: float, tall: float, skin: Ink, side: int,
    old: bool) -> None:
    s = sheet.s
    dark = tint(skin, p.ink, 0.72)
    nose = curve([(x + side * head * 0.02, y - tall * 0.05), (x + side * head * 0.16, y + tall * 0.3),
        (x - side * head * 0.04, y + tall * 0.38)], steps=6)
    sheet.lay([line(*nose, width=s * 0.006)], tint(skin, p.ink, 0.42))
    eyes: list[Shape] = []
    for at in (-0.42, 0.42):
        ex, ey = x + head * at, y + tall * 0.03
        eyes.append(line(*curve([(ex - head * 0.2, ey), (ex, ey + tall * 0.05), (ex + head * 0.2, ey)], steps=6),
            width=s * 0.006))
        lift = tall * c.between(0.2, 0.25)
        eyes.append(line(*curve([(ex - head * 0.24, ey - lift * 0.8), (ex, ey - lift), (ex + head * 0.24, ey - lift * 0.85)],
            steps=6), width=s * 0.0085))
    sheet.lay(eyes, dark)
    smile = tall * c.between(-0.01, 0.05)
    mouth = curve([(x - head * 0.26, y + tall * 0.62), (x, y + tall * 0.62 + smile), (x + head * 0.26, y + tall * 0.62)],
        steps=6)
    sheet.lay([line(*mouth, width=s * 0.0085)], tint(dark, p.accent, 0.45) if p.name != "mono" else dark)
    cheek = tint(skin, p.accent, 0.5) if p.name != "mono" else tint(skin, p.ink, 0.2)
    for at in (-0.55, 0.55):
        sheet.lay_grain([oval(x + head * at, y + tall * 0.36, head * 0.26)], cheek, "core", 0.45)
    if old:
        sheet.lay([line(*curve([(x + sign * head * 0.34, y + tall * 0.34), (x + sign * head * 0.46, y + tall * 0.55)],
            steps=4), width=s * 0.003) for sign in (-1, 1)],
                  tint(skin, p.ink, 0.4))  # fmt: skip


def _hair(
    sheet: Sheet, p: Palette, c: Chance, x: float, y: float, head: float, tall: float, hair: Ink, style: str, shade_side: str,
        side: int
) -> None:
    s = sheet.s
    shade = Shade(tint(hair, p.light, 0.35), "left" if shade_side == "right" else "right", 0.4, 0.5)
    if style == "scarf":
        cloth = c.pick((p.accent, p.far, p.light))
        sheet.lay([poly(*curve([(x - head * 1.2, y + tall * 1.2), (x - head * 1.28, y - tall * 0.2), (x, y - tall * 1.25),
            (x + head * 1.28, y - tall * 0.2),
                                (x + head * 1.2, y + tall * 1.2)], steps=10)),
                   poly(*curve([(x, y - tall * 0.78), (x + head * 0.84, y - tall * 0.3), (x + head * 0.82, y + tall * 0.35),
                   (x, y + tall * 1.08),
                                (x - head * 0.82, y + tall * 0.35), (x - head * 0.84, y - tall * 0.3)], closed=True, steps=8),
                                    hole=True)],
                  cloth, Shade(tint(cloth, p.ink, 0.6), shade_side, 0.8, 0.7))  # fmt: skip
        return
    if style == "cap":
        cap = c.pick((p.near, p.accent, p.ink))
        sheet.lay([poly(*curve([(x - head * 1.05, y - tall * 0.42), (x - head * 0.95, y - tall * 1.1), (x, y - tall * 1.36),
            (x + head * 0.95, y - tall * 1.1),
                                (x + head * 1.05, y - tall * 0.42)], steps=8))], cap,
                                    Shade(p.ink, shade_side, 0.6, 0.7))  # fmt: skip
        sheet.lay([poly(*curve([(x - head * 1.08, y - tall * 0.46), (x + side * head * 0.5, y - tall * 0.62),
            (x + side * head * 1.5, y - tall * 0.36),
                                (x + side * head * 0.4, y - tall * 0.38)], closed=True, steps=6))],
                                    tint(cap, p.ink, 0.45))  # fmt: skip
        sheet.lay([box(x - head * 1.0, y - tall * 0.42, x - head * 0.86, y - tall * 0.05),
            box(x + head * 0.86, y - tall * 0.42, x + head * 1.0, y - tall * 0.05)], hair)
        return
    if style == "none":
        return
    part = x + side * head * c.between(-0.5, 0.1)
    low = 0.32 if style in ("long", "bob", "bun") else 0.18
    left = [(x - head * 0.98, y + tall * low), (x - head * 1.06, y - tall * 0.5), (x - head * 0.5, y - tall * 1.16),
        (part, y - tall * 1.2),
            (x + head * 0.5, y - tall * 1.16), (x + head * 1.06, y - tall * 0.5),
                (x + head * 0.98, y + tall * low)]  # fmt: skip
    inner = [(x + head * 0.84, y - tall * 0.22), (x + head * 0.5, y - tall * 0.58), (part, y - tall * 0.78),
        (x - head * 0.5, y - tall * 0.58),
             (x - head * 0.84, y - tall * 0.22)]  # fmt: skip
    sheet.lay([poly(*curve(left, steps=8), *curve(inner, steps=8))], hair, shade)
    if style == "beard":
        beard = [(x - head * 0.95, y + tall * 0.08), (x - head * 0.8, y + tall * 0.8), (x, y + tall * 1.32),
            (x + head * 0.8, y + tall * 0.8),
                 (x + head * 0.95, y + tall * 0.08), (x + head * 0.55, y + tall * 0.48), (x, y + tall * 0.46),
                     (x - head * 0.55, y + tall * 0.48)]  # fmt: skip
        sheet.lay([poly(*curve(beard, closed=True, steps=7)), oval(x, y + tall * 0.66, head * 0.24, tall * 0.055, hole=True)],
            hair, shade)
        sheet.lay([line((x - head * 0.16, y + tall * 0.66), (x + head * 0.16, y + tall * 0.66), width=s * 0.006)], p.ink)


def _camera(sheet: Sheet, p: Palette, x: float, y: float, size: float) -> None:
    sheet.lay([line((x - size * 1.5, y - size * 2.1), (x - size, y - size * 0.4), width=size * 0.1),
               line((x + size * 1.5, y - size * 2.1), (x + size, y - size * 0.4), width=size * 0.1)], p.ink)  # fmt: skip
    sheet.lay([box(x - size, y - size * 0.55, x + size, y + size * 0.6, size * 0.16),
        box(x - size * 0.4, y - size * 0.8, x + size * 0.4, y - size * 0.45, size * 0.1)],
              p.ink, Shade(p.near, "top", 0.5, 0.5))  # fmt: skip
    sheet.lay([oval(x, y + size * 0.05, size * 0.46)], p.light, Shade(p.far, "bottom", 0.6))
    sheet.lay([oval(x, y + size * 0.05, size * 0.34)], p.near, Shade(p.ink, "right bottom", 0.9))
    sheet.lay([oval(x - size * 0.12, y - size * 0.08, size * 0.09)], p.light)
    sheet.lay([oval(x + size * 0.72, y - size * 0.32, size * 0.1)], p.accent)
