"""Given pictures worked over: printed anew in the inks that a prompt asks for, with the things in them that it names."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from genarun.providers.offline.chance import Chance
from genarun.providers.offline.picture import parts
from genarun.providers.offline.picture.palette import Ink, Palette, between
from genarun.providers.offline.picture.sheet import Sheet, box, line, oval
from genarun.providers.offline.seen import unmounted

_KEPT = 0.3  # how much of its own colours a picture keeps
_LEVELS = 7  # inks of the print, with grain between them


def reworked(given: Sequence[Any], prompt: str, size: tuple[int, int], chance: Chance, palette: Palette) -> Any:
    """The given pictures as one Pillow image of `size`, side by side where there are several.

    given: opened pictures, at least one. The brightest parts take the palette's light, the darkest its ink; what the prompt
    names and this module knows (a moon, boats, rain) is drawn over it.
    """
    from PIL import Image  # heavy: only for pictures

    base = _side_by_side(given[:4], size, chance.fork("crop"))
    surface = Sheet(*size, palette.paper, chance.fork("grain"))
    printed = _printed(base, palette, surface.noise(*size))
    kept = 0.0 if palette.name in ("mono", "sepia") else _KEPT
    surface.image = Image.blend(printed, base, kept)
    words = prompt.lower()
    for rule, draw in _THINGS.items():
        if re.search(rf"\b(?:{rule})\b", words) and not re.search(
            rf"\b(?:no|without|remove) (?:the |any )?(?:{rule})\b", words
        ):
            draw(surface, palette, chance.fork(rule))
    surface.finish()
    return surface.image


def _side_by_side(given: Sequence[Any], size: tuple[int, int], chance: Chance) -> Any:
    from PIL import Image, ImageOps  # heavy: only for pictures

    width, height = size
    whole = Image.new("RGB", size)
    for number, picture in enumerate(given):
        left, right = width * number // len(given), width * (number + 1) // len(given)
        place = chance.between(0.35, 0.65), chance.between(0.35, 0.65)
        whole.paste(
            ImageOps.fit(unmounted(picture), (right - left, height), Image.Resampling.BICUBIC, centering=place), (left, 0)
        )
    return whole


def _printed(base: Any, palette: Palette, noise: Any) -> Any:
    """The picture in the inks of a palette, from dark to light, with grain where one turns into the next."""
    from PIL import Image, ImageChops, ImageFilter, ImageOps  # heavy: only for pictures

    grey = ImageOps.autocontrast(ImageOps.grayscale(base).filter(ImageFilter.SMOOTH), cutoff=1)
    grain = noise.point([round(128 + (value - 128) * 0.2) for value in range(256)])
    grey = ImageChops.add(grey, grain, offset=-128)
    inks: tuple[Ink, ...] = (palette.ink, palette.near, palette.mid, palette.far, palette.low, palette.light)
    table: list[Ink] = []
    for value in range(256):
        step = round(value / 255 * (_LEVELS - 1)) / (_LEVELS - 1) * (len(inks) - 1)
        low = min(int(step), len(inks) - 2)
        table.append(between(inks[low], inks[low + 1], step - low))
    return Image.merge("RGB", [grey.point([colour[band] for colour in table]) for band in range(3)])


def _sun(s: Sheet, p: Palette, c: Chance) -> None:
    parts.sun(s, p, c, s.w * c.between(0.2, 0.8), s.h * c.between(0.15, 0.3), s.s * 0.09)


def _moon(s: Sheet, p: Palette, c: Chance) -> None:
    parts.moon(s, p, c, s.w * c.between(0.15, 0.85), s.h * c.between(0.12, 0.28), s.s * 0.07)


def _stars(s: Sheet, p: Palette, c: Chance) -> None:
    parts.stars(s, p, c, s.h * 0.55, 60)


def _clouds(s: Sheet, p: Palette, c: Chance) -> None:
    for _ in range(c.whole(2, 4)):
        s.lay(parts.cloud(c.between(0, s.w), s.h * c.between(0.1, 0.32), s.s * c.between(0.1, 0.2), c), p.light, opacity=0.9)


def _birds(s: Sheet, p: Palette, c: Chance) -> None:
    parts.flock(s, p.ink, c, s.w * c.between(0.3, 0.7), s.h * 0.25, c.whole(6, 12), s.s * 0.028)


def _boats(s: Sheet, p: Palette, c: Chance) -> None:
    for number in range(c.whole(1, 3)):
        hull, above = parts.boat(s.w * c.between(0.15, 0.85), s.h * (0.72 + 0.08 * number), s.s * (0.09 + 0.03 * number), c)
        s.lay(above, p.light)
        s.lay(hull, p.accent)


def _trees(s: Sheet, p: Palette, c: Chance) -> None:
    for number in range(c.whole(2, 4)):
        x = s.w * (c.between(0.02, 0.25) if number % 2 else c.between(0.75, 0.98))
        s.lay(parts.fir(x, s.h * c.between(0.9, 1.02), s.h * c.between(0.35, 0.6)), p.near)


def _people(s: Sheet, p: Palette, c: Chance) -> None:
    for number in range(c.whole(1, 2)):
        s.lay(parts.figure(s.w * c.between(0.2, 0.8), s.h * 0.95, s.h * c.between(0.3, 0.42), c), (p.accent, p.ink)[number])


def _houses(s: Sheet, p: Palette, c: Chance) -> None:
    for number in range(c.whole(1, 3)):
        width = s.s * c.between(0.14, 0.22)
        s.lay(
            parts.house(s.w * c.between(0.1, 0.75), s.h * (0.86 + 0.05 * number), width, width * 0.8),
            (p.accent, p.far)[number % 2],
        )


def _balloons(s: Sheet, p: Palette, c: Chance) -> None:
    for _ in range(c.whole(1, 3)):
        x, y, r = s.w * c.between(0.15, 0.85), s.h * c.between(0.15, 0.45), s.s * c.between(0.05, 0.09)
        s.lay([line((x, y + r), (x + r * c.between(-0.3, 0.3), y + r * 3.2), width=max(1.0, r * 0.05))], p.ink)
        s.lay([oval(x, y, r, r * 1.18)], p.accent)


def _flowers(s: Sheet, p: Palette, c: Chance) -> None:
    for _ in range(c.whole(7, 12)):
        x, y, size = s.w * c.between(0.02, 0.98), s.h * c.between(0.84, 1.0), s.s * c.between(0.025, 0.05)
        s.lay(
            [line((x, y), (x, s.h + 2), width=max(1.0, size * 0.16)), parts.leaf(x, s.h, size * 2.2, size, c.between(-40, 40))],
            p.near,
        )
        s.lay(
            [oval(x + size * 0.62 * dx, y + size * 0.62 * dy, size * 0.52) for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1))],
            p.accent,
        )
        s.lay([oval(x, y, size * 0.36)], p.light)


def _rain(s: Sheet, p: Palette, c: Chance) -> None:
    drops = []
    for _ in range(130):
        x, y, length = c.between(0, s.w), c.between(0, s.h), s.s * c.between(0.02, 0.05)
        drops.append(line((x, y), (x - length * 0.25, y + length), width=max(1.0, s.s * 0.003)))
    s.lay(drops, p.light, opacity=0.7)


def _snow(s: Sheet, p: Palette, c: Chance) -> None:
    s.lay([oval(c.between(0, s.w), c.between(0, s.h), s.s * c.between(0.003, 0.01)) for _ in range(160)], (255, 255, 255))


def _frame(s: Sheet, p: Palette, c: Chance) -> None:
    edge = s.s * 0.05
    s.lay([box(0, 0, s.w, s.h), box(edge, edge, s.w - edge, s.h - edge, hole=True)], p.accent)


_THINGS: Mapping[str, Callable[[Sheet, Palette, Chance], None]] = {
    r"suns?|sunrise|sunset|sunny|dawn": _sun,
    r"night|nights|midnight|stars?|starry": _stars,
    r"moon|moons|moonlight|moonlit|night|midnight": _moon,
    r"clouds?|cloudy|overcast": _clouds,
    r"birds?|gulls?|geese|swallows?|flock": _birds,
    r"trees?|firs?|pines?|forest|woods": _trees,
    r"houses?|village|cottages?|huts?": _houses,
    r"boats?|ships?|sails?|ferry|ferries": _boats,
    r"people|person|man|woman|men|women|child|children|girl|boy|figures?|crowd": _people,
    r"balloons?": _balloons,
    r"flowers?|blossoms?|tulips?|roses|poppies|garden": _flowers,
    r"rain|rainy|storm|downpour": _rain,
    r"snow|snowy|snowing|winter|blizzard": _snow,
    r"frame|framed|border": _frame,
}
"""Words, and what is laid over the picture for them, the farthest first."""
