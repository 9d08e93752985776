"""Numbers that satisfy a shape."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from genarun.providers.offline.chance import Chance
from genarun.providers.offline.schema_search import Hints
from genarun.providers.offline.schema_shape import Shape


def numbers(shape: Shape, hints: Hints, chance: Chance, whole: bool) -> Iterator[float]:
    """Numbers that satisfy a shape: those that suit, then drawn ones, then all in order. whole: integers only.

    4.6 is a multiple of 0.01 and is none where a validator divides in binary: such numbers come last.
    """
    doubtful = []
    for number in _numbers(shape, hints, chance, whole):
        if all((number / step).is_integer() for step in shape.multiples):
            yield number
        else:
            doubtful.append(number)
    yield from doubtful


def _numbers(shape: Shape, hints: Hints, chance: Chance, whole: bool) -> Iterator[float]:
    low, high = _edge(shape, "minimum", max), _edge(shape, "maximum", min)
    step = _common(shape.multiples, whole)
    for number in _suiting(hints.numbers(low, high, whole), low, high, step, whole):
        if _within(number, shape, whole):
            yield number
    unit = step or (Fraction(1) if whole else None)
    if unit is None:
        yield from _fractions(shape, chance, low, high)
        return
    first = math.ceil(_exact(low) / unit) if low is not None else None
    last = math.floor(_exact(high) / unit) if high is not None else None
    if first is None and last is None:
        first, last = 0, 1000
    elif first is None and last is not None:
        first = last - 1000
    elif last is None and first is not None:
        last = first + 1000
    assert first is not None
    assert last is not None
    if last < first:
        return
    for attempt in range(30):
        count = chance.whole(first, last) if attempt < 10 else first + attempt - 10
        number = _json_number(unit * count)
        if _within(number, shape, whole):
            yield number
    for count in range(first + 20, min(last, first + 400) + 1):
        number = _json_number(unit * count)
        if _within(number, shape, whole):
            yield number


def _fractions(shape: Shape, chance: Chance, low: float | None, high: float | None) -> Iterator[float]:
    if low is None and high is None:
        low, high = 0.0, 100.0
    elif low is None and high is not None:
        low = high - 100
    elif high is None and low is not None:
        high = low + 100
    assert low is not None
    assert high is not None
    for digits in (1, 2, 4, 8, 17):
        for _ in range(8):
            number = round(chance.between(low, high), digits)
            if _within(number, shape, False):
                yield number
    for number in (low, high, (low + high) / 2, math.nextafter(low, math.inf), math.nextafter(high, -math.inf)):
        if _within(number, shape, False):
            yield number


def _suiting(
    numbers: Iterator[float], low: float | None, high: float | None, step: Fraction | None, whole: bool
) -> Iterator[float]:
    for number in numbers:
        if step is not None:
            count = round(Fraction(number) / step)
            if low is not None and step * count < _exact(low):
                count += 1
            if high is not None and step * count > _exact(high):
                count -= 1
            yield _json_number(step * count)
        else:
            yield int(number) if whole else number


def _within(number: float, shape: Shape, whole: bool) -> bool:
    bounds = shape.bounds
    if whole and number != int(number):
        return False
    return not (
        ("minimum" in bounds and number < bounds["minimum"])
        or ("maximum" in bounds and number > bounds["maximum"])
        or ("exclusiveMinimum" in bounds and number <= bounds["exclusiveMinimum"])
        or ("exclusiveMaximum" in bounds and number >= bounds["exclusiveMaximum"])
    )


def _edge(shape: Shape, key: str, choose: Any) -> float | None:
    keys = (key, "exclusive" + key[0].upper() + key[1:])
    found = [shape.bounds[name] for name in keys if name in shape.bounds]
    return choose(found) if found else None


def _common(multiples: Sequence[float], whole: bool) -> Fraction | None:
    """The least step that is a multiple of all; None where there is none."""
    steps = [_exact(number) for number in multiples]
    if whole and steps:
        steps.append(Fraction(1))
    if not steps:
        return None
    top, bottom = steps[0].numerator, steps[0].denominator
    for step in steps[1:]:
        top, bottom = math.lcm(top, step.numerator), math.gcd(bottom, step.denominator)
    return Fraction(top, bottom)


def _exact(number: float) -> Fraction:
    """The number as a person wrote it: 9.9 is less than its nearest binary fraction."""
    return Fraction(str(number))


def _json_number(number: Fraction) -> float:
    return int(number) if number.denominator == 1 else float(number)
