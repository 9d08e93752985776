"""Texts that satisfy a shape: those that suit, then drawn ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from genarun.providers.offline.chance import Chance
from genarun.providers.offline.formats import GRAMMARS
from genarun.providers.offline.pattern import Unreadable, draw
from genarun.providers.offline.pattern_meeting import meeting
from genarun.providers.offline.schema_search import Hints, Solver
from genarun.providers.offline.schema_shape import Shape

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_TRIES = 400


def texts(shape: Shape, hints: Hints, chance: Chance, solver: Solver) -> Iterator[str]:
    """Texts that satisfy a shape: those that suit its place first."""
    low, high = int(shape.bounds.get("minLength", 0)), shape.bounds.get("maxLength")
    if high is not None and high < low:
        return
    top = None if high is None else int(high)
    rules: dict[str, Any] = {"type": "string"}
    if shape.patterns or shape.formats or shape.refused:
        named = [{"pattern": p} for p in shape.patterns] + [{"format": f} for f in shape.formats]
        rules["allOf"] = named + [{"not": {"pattern": p}} for p in shape.refused]
    for number, text in enumerate(_candidates(shape, hints, chance, low, top)):
        if number > _TRIES:
            return
        if low <= len(text) and (top is None or len(text) <= top) and (len(rules) == 1 or solver.fits([rules], text)):
            yield text


def _candidates(shape: Shape, hints: Hints, chance: Chance, low: int, high: int | None) -> Iterator[str]:
    yield from (text for text in shape.examples if isinstance(text, str))
    for number, text in enumerate(hints.texts(low, high, shape.formats)):
        yield text
        if number > 24:
            break
    for attempt in range(40 if shape.patterns else 0):
        for pattern in shape.patterns:
            try:
                yield draw(pattern, chance.fork(attempt, pattern), low, high)
            except Unreadable:
                continue
        try:
            yield "".join(draw(pattern, chance.fork(attempt, pattern)) for pattern in shape.patterns)
        except Unreadable:
            continue
    size = low
    for attempt in range(40):
        yield "".join(chance.pick(_LETTERS) for _ in range(size))
        size = min(size + attempt % 2, low + 20 if high is None else high)
    grammars = [f"^(?:{GRAMMARS[name]})$" for name in shape.formats if name in GRAMMARS]
    if shape.patterns or shape.refused or grammars:
        yield from meeting([*shape.patterns, *grammars], shape.refused, chance, low, high)
