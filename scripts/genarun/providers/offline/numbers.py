"""Numbers that suit the name of a property."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from genarun.providers.offline.chance import Chance

# Words of a name with the range that reads right, and the places after the point.
_RANGES = (
    ("year", 1961, 2024, 0), ("founded", 1890, 2015, 0), ("born", 1951, 2001, 0), ("age", 19, 84, 0), ("price", 4, 60, 2),
        ("cost", 4, 90, 2),
    ("fee", 2, 40, 2), ("salary", 21000, 68000, 0), ("rating", 3, 5, 1), ("stars", 3, 5, 0), ("score", 61, 97, 0),
    ("lat", -42, 62, 4), ("latitude", -42, 62, 4), ("lng", -120, 140, 4), ("lon", -120, 140, 4), ("longitude", -120, 140, 4),
    ("temperature", 4, 27, 0), ("humidity", 40, 90, 0), ("duration", 3, 90, 0), ("minutes", 5, 90, 0), ("seconds", 5, 59, 0),
    ("hours", 1, 12, 0), ("days", 2, 30, 0), ("weeks", 1, 12, 0), ("months", 1, 12, 0), ("years", 2, 40, 0),
        ("width", 40, 160, 0),
    ("height", 30, 120, 0), ("weight", 1, 80, 1), ("length", 10, 200, 0), ("distance", 1, 120, 0),
        ("population", 800, 90000, 0),
    ("percent", 5, 95, 0), ("percentage", 5, 95, 0), ("share", 0, 1, 2), ("probability", 0, 1, 2), ("confidence", 0, 1, 2),
    ("pages", 48, 380, 0), ("words", 200, 1200, 0), ("attendance", 40, 2400, 0), ("votes", 3, 40, 0), ("views", 100, 9000, 0),
    ("likes", 3, 900, 0), ("servings", 2, 8, 0), ("calories", 120, 640, 0), ("month", 1, 12, 0), ("day", 1, 28, 0),
        ("hour", 6, 22, 0),
    ("quantity", 1, 24, 0), ("amount", 1, 100, 0), ("count", 2, 24, 0), ("total", 10, 400, 0), ("level", 1, 5, 0),
)  # fmt: skip
_ORDER_WORDS = "index order position rank number no id place page chapter episode"
_ORDER = frozenset(_ORDER_WORDS.split())


@cache
def known_names() -> frozenset[str]:
    """The words of a name that say what a number is."""
    return frozenset(entry[0] for entry in _RANGES)


def span_for(name: str, low: float | None, high: float | None, whole: bool) -> tuple[float, float, int]:
    """From where to where a number called `name` reads right, within [low, high] where those are given, and its digits after
    the point."""
    words = name.split(" ")
    known = next((entry for word in reversed(words) for entry in _RANGES if entry[0] == word), None)
    least: float
    most: float
    least, most, digits = known[1:] if known else (2, 40, 0 if whole else 1)
    if low is not None or high is not None:
        bottom = low if low is not None else min(least, high if high is not None else least)
        top = high if high is not None else max(most, bottom)
        inside = max(bottom, min(least, top)), min(top, max(most, bottom))
        if known and inside[0] < inside[1]:
            bottom, top = inside
        elif top - bottom > 1000:
            top = bottom + 1000
        least, most = bottom, top
    return least, most, digits


def number_for(
    name: str, low: float | None, high: float | None, whole: bool, chance: Chance, place: int, year: int | None
) -> Iterator[float]:
    """Numbers that suit `name` (words in small letters) and lie in [low, high] where those are given."""
    words = name.split(" ")
    fork = chance.fork("number", name)
    if words[-1] in _ORDER:
        yield place + 1 + (int(low) - 1 if low is not None and low > 1 else 0)
    if words[-1] == "year" and year is not None:
        yield year
    least, most, digits = span_for(name, low, high, whole)
    known = any(word in known_names() for word in words)
    for _ in range(4):
        value = fork.between(least, most + (1 if whole and digits == 0 and not known else 0))
        if whole or digits == 0:
            yield int(value)
        elif words[-1] in ("price", "cost", "fee"):
            yield int(value) + fork.pick((0.0, 0.5, 0.9))
        else:
            yield round(value, digits)
