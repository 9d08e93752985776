"""Things that several compositions share: suns and moons, ridges, trees, birds, boats, figures, houses."""

# Places and sentences stand in rows, as they were drawn up.
# fmt: off
from __future__ import annotations

import math

from genarun.providers.offline.chance import Chance
from genarun.providers.offline.picture.palette import Ink, Palette
from genarun.providers.offline.picture.sheet import Point, Shade, Shape, Sheet, box, curve, line, oval, poly, tint, turned


def sky(sheet: Sheet, p: Palette, c: Chance, horizon: float = 1.0) -> None:
    """The ground of an outdoor picture."""
    sheet.fade(p.top, p.low, 0.0, horizon)


def sun(sheet: Sheet, p: Palette, c: Chance, x: float, y: float, radius: float) -> None:
    """A disc with a halo of grain."""
    sheet.glow(x, y, radius * 2.6, p.light, 0.55)
    sheet.lay([oval(x, y, radius)], p.accent, Shade(p.light, c.pick(("top", "left top", "right top")), 0.55, 0.7))


def moon(sheet: Sheet, p: Palette, c: Chance, x: float, y: float, radius: float) -> None:
    """A full moon or a crescent."""
    sheet.glow(x, y, radius * 3, tint(p.top, p.light, 0.5), 0.45)
    if c.often(0.5):
        sheet.lay([oval(x, y, radius)], p.light, Shade(p.far, "right bottom", 0.6, 0.7))
    else:
        sheet.lay([oval(x, y, radius), oval(x + radius * 0.45, y - radius * 0.12, radius * 0.92, hole=True)], p.light)


def stars(sheet: Sheet, p: Palette, c: Chance, bottom: float, count: int) -> None:
    """Small lights, a few of them larger."""
    dots = []
    for _ in range(count):
        size = sheet.s * (0.0016 + 0.0026 * c.unit() ** 3)
        dots.append(oval(c.between(0, sheet.w), c.between(0, bottom), size))
    sheet.lay(dots, p.light)


def ridge_line(sheet: Sheet, c: Chance, y: float, swing: float, rough: float = 0.0) -> list[Point]:
    """A skyline from the left edge to the right: waves of three lengths, and roughness for rock."""
    phases = [c.between(0, math.tau) for _ in range(3)]
    lengths = [c.between(0.7, 1.3), c.between(1.8, 2.9), c.between(4.0, 6.5)]
    weights = [1.0, 0.45, 0.16]
    count = 72
    points = []
    for number in range(count + 1):
        t = number / count
        lift = sum(w * math.sin(math.tau * length * t + phase) for w, length,
            phase in zip(weights, lengths, phases, strict=True))
        jag = c.between(-1, 1) * rough
        points.append((t * sheet.w, y + swing * (lift * 0.6 + jag)))
    return points


def below(sheet: Sheet, points: list[Point]) -> Shape:
    """Everything under a skyline."""
    return poly((-2, sheet.h + 2), (-2, points[0][1]), *points, (sheet.w + 2, points[-1][1]), (sheet.w + 2, sheet.h + 2))


def height_at(points: list[Point], x: float) -> float:
    """The height of a skyline at x."""
    return min(points, key=lambda point: abs(point[0] - x))[1]


def cypress(x: float, y: float, height: float) -> Shape:
    """A narrow tree that stands on (x, y)."""
    w = height * 0.15
    return poly(*curve([(x, y), (x - w, y - height * 0.3), (x, y - height), (x + w, y - height * 0.3)], closed=True, steps=8))


def round_tree(x: float, y: float, height: float) -> list[Shape]:
    """A trunk and a crown."""
    return [box(x - height * 0.025, y - height * 0.5, x + height * 0.025, y),
        oval(x, y - height * 0.66, height * 0.28, height * 0.34)]


def fir(x: float, y: float, height: float, tiers: int = 3) -> list[Shape]:
    """A fir of stacked triangles."""
    found = [box(x - height * 0.02, y - height * 0.15, x + height * 0.02, y)]
    for tier in range(tiers):
        base = y - height * (0.1 + 0.27 * tier)
        half = height * (0.24 - 0.055 * tier)
        found.append(poly((x - half, base), (x + half, base), (x, base - height * 0.42)))
    return found


def bird(x: float, y: float, size: float, lift: float = 0.5) -> Shape:
    """A bird in flight, two strokes."""
    left, right = (x - size, y - size * lift), (x + size, y - size * lift * 0.8)
    return line(*curve([left, (x - size * 0.45, y - size * lift * 1.1), (x, y), (x + size * 0.45, y - size * lift), right],
        steps=6),
                width=max(1.5, size * 0.14))  # fmt: skip


def flock(sheet: Sheet, ink: Ink, c: Chance, x: float, y: float, count: int, size: float) -> None:
    """Some birds in loose order."""
    sheet.lay([bird(x + c.between(-1, 1) * size * 7, y + c.between(-1, 1) * size * 3.2, size * c.between(0.5, 1.1),
        c.between(0.3, 0.8))
               for _ in range(count)], ink)  # fmt: skip


def figure(x: float, y: float, height: float, c: Chance) -> list[Shape]:
    """A person who stands on (x, y): coat, head, legs, sometimes a hat or a bag."""
    head = height * 0.075
    lean = height * c.between(-0.02, 0.02)
    hip, shoulder = y - height * 0.36, y - height * 0.80
    wide, narrow = height * c.between(0.11, 0.16), height * c.between(0.07, 0.09)
    parts = [
        line((x - wide * 0.35, hip), (x - wide * c.between(0.3, 0.6), y), width=height * 0.05),
        line((x + wide * 0.35, hip), (x + wide * c.between(0.3, 0.6), y), width=height * 0.05),
        poly(*curve([(x - wide, hip + height * 0.08), (x - narrow + lean, shoulder), (x + lean, shoulder - height * 0.03),
                     (x + narrow + lean, shoulder), (x + wide, hip + height * 0.08)], steps=6)),
        oval(x + lean, y - height * 0.9, head, head * 1.15),
    ]  # fmt: skip
    extra = c.whole(0, 4)
    if extra == 0:
        parts += [box(x + lean - head * 1.7, y - height * 0.95, x + lean + head * 1.7, y - height * 0.935),
                  box(x + lean - head, y - height * 1.02, x + lean + head, y - height * 0.94, head * 0.4)]  # fmt: skip
    elif extra == 1:
        parts.append(box(x + wide * 0.7, hip - height * 0.02, x + wide * 1.7, hip + height * 0.13, height * 0.02))
    elif extra == 2:
        parts.append(line((x + narrow + lean, shoulder + height * 0.05), (x + wide * 1.9, hip - height * 0.1),
            width=height * 0.04))
    return parts


def boat(x: float, y: float, size: float, c: Chance) -> tuple[list[Shape], list[Shape]]:
    """A hull and what stands on it, on the water line y."""
    hull = [poly(*curve([(x - size, y - size * 0.2), (x - size * 0.6, y + size * 0.12), (x + size * 0.65, y + size * 0.12)],
        steps=6),
                 (x + size * 1.05, y - size * 0.24))]  # fmt: skip
    kind = c.whole(0, 2)
    if kind == 0:
        above = [line((x, y - size * 0.1), (x, y - size * 1.9), width=size * 0.05),
                 poly((x + size * 0.08, y - size * 1.85), (x + size * 0.08, y - size * 0.35),
                 (x + size * 0.85, y - size * 0.35)),
                 poly((x - size * 0.08, y - size * 1.5), (x - size * 0.08, y - size * 0.35),
                 (x - size * 0.6, y - size * 0.35))]  # fmt: skip
    elif kind == 1:
        above = [box(x - size * 0.55, y - size * 0.62, x + size * 0.35, y - size * 0.2),
                 box(x - size * 0.4, y - size * 0.9, x + size * 0.05, y - size * 0.6),
                 box(x - size * 0.25, y - size * 1.25, x - size * 0.05, y - size * 0.85)]  # fmt: skip
    else:
        above = [line((x - size * 0.1, y - size * 0.2), (x - size * 0.1, y - size * 1.2), width=size * 0.06),
                 line((x - size * 0.1, y - size * 1.15), (x + size * 0.8, y - size * 0.3), width=size * 0.03),
                 box(x - size * 0.7, y - size * 0.5, x - size * 0.25, y - size * 0.15)]  # fmt: skip
    return hull, above


def house(x: float, y: float, width: float, height: float) -> list[Shape]:
    """A wall with a gable, standing on y."""
    return [box(x, y - height, x + width, y), poly((x - width * 0.08, y - height), (x + width / 2, y - height * 1.5),
        (x + width * 1.08, y - height))]


def leaf(x: float, y: float, length: float, width: float, degrees: float) -> Shape:
    """A leaf that grows from (x, y); 0 degrees points up."""
    outline = [(x, y), (x - width / 2, y - length * 0.42), (x, y - length), (x + width / 2, y - length * 0.42)]
    return poly(*turned(curve(outline, closed=True, steps=8), x, y, degrees))


def cloud(x: float, y: float, size: float, c: Chance) -> list[Shape]:
    """A flat cloud: a few rounded bars."""
    found = []
    for row in range(c.whole(2, 3)):
        half = size * c.between(0.5, 1.0)
        shift = size * c.between(-0.35, 0.35)
        top = y - row * size * 0.16
        found.append(box(x + shift - half, top - size * 0.09, x + shift + half, top + size * 0.09, size * 0.09))
    return found
