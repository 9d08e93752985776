"""Judgements: the number, the range or the option that a question asks for."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from genarun.providers.offline.chance import Chance
from genarun.providers.offline.numbers import known_names, number_for, span_for
from genarun.providers.offline.stems import stem, words
from genarun.providers.offline.subject import STOP

Json = Any

# What a question asks for, in words that `numbers` knows. Of those that match, the first in the text counts.
_ASKED = (
    ("year", r"(?:which|what|the) year|\bwhen (?:was|were|did|is|will)\b"),
    ("age", r"\bhow old\b|\bages?\b|\baged\b|\byears old\b"),
    ("salary", r"\bsalar(?:y|ies)\b|\bwages?\b|\bearns?\b|\ba year's pay\b"),
    ("price",
        r"\bprices?\b|\bcosts?\b|\bfees?\b|\bhow (?:expensive|cheap)\b|\bworth\b|\bhow much (?:money|should|would|is|are)\b"),
    ("temperature", r"\btemperatures?\b|\bhow (?:hot|cold|warm)\b|\bdegrees\b"),
    ("humidity", r"\bhumidity\b|\bhow (?:humid|damp)\b"),
    ("probability",
        r"\bprobabilit(?:y|ies)\b|\bhow likely\b|\blikelihood\b|\bchances? (?:of|that)\b|\bhow (?:sure|confident)\b"),
    ("percent", r"\bper ?cent(?:age)?s?\b|%|\bwhat share\b"),
    ("rating", r"\brat(?:e|ing|ings)\b|\bstars\b"),
    ("score", r"\bscores?\b|\bgrades?\b|\bmarks?\b"),
    ("population", r"\bpopulations?\b|\binhabitants\b|\bpeople live\b"),
    ("distance", r"\bhow far\b|\bdistances?\b|\bkilomet(?:re|er)s\b|\bmiles\b"),
    ("height", r"\bhow (?:tall|high)\b|\bheights?\b"),
    ("width", r"\bhow (?:wide|broad)\b|\bwidths?\b"),
    ("duration", r"\bhow long (?:does|do|should|will|would|is the (?:film|talk|walk|song))\b|\bdurations?\b|\bhow quickly\b"),
    ("length", r"\bhow long\b|\blengths?\b"),
    ("weight", r"\bhow heavy\b|\bweighs?\b|\bweights?\b|\bkilograms?\b"),
    ("servings", r"\bservings\b|\bserves\b"),
    ("calories", r"\bcalories\b"),
    ("level", r"\blevels?\b|\bdifficult(?:y)?\b|\bpriority\b|\burgen(?:t|cy)\b"),
)  # fmt: skip
_RULES = tuple((name, re.compile(rule, re.IGNORECASE)) for name, rule in _ASKED)
_SCALED = frozenset(("value", "count", "rating", "score", "level", "probability", "percent"))
"""What has the scale that is asked for and none of its own."""
_SILENT = STOP | {"yes", "true", "false"}
"""Words that a text holds whatever it is about."""
_MANY = re.compile(r"\b(?:how many|number of) ((?:[\w-]+ ){0,2}?[\w-]+)", re.IGNORECASE)
_NUMBER = r"(-?\d+(?:\.\d+)?)"
_SCALES = (
    re.compile(
        rf"\b(?:between|from|scale of|scale from|range of)\s+{_NUMBER}\s*(?:to|and|-|–|\.\.)\s*{_NUMBER}", re.IGNORECASE
    ),
    re.compile(rf"\b(0|1)\s*(?:to|-|–)\s*{_NUMBER}\b(?! (?:words|sentences|characters|lines))", re.IGNORECASE),
)
_OUT_OF = re.compile(rf"\bout of {_NUMBER}", re.IGNORECASE)


def numbers_asked(
    prompt: str, low: float | None, high: float | None, whole: bool, chance: Chance, year: int | None
) -> Iterator[float]:
    """Numbers that answer a question, within a schema's bounds and within the scale that the question names."""
    name, low, high = _reading(prompt, low, high)
    if name not in _SCALED or low is None or high is None:
        yield from number_for(name, low, high, whole, chance, 0, year)
        return
    fork = chance.fork("scale", name)
    for _ in range(4):  # judges are kind: the lowest third of a scale is rarely used
        yield _rounded(low + (high - low) * (0.3 + 0.7 * fork.unit()), _digits(low, high, whole))


def range_asked(
    prompt: str, low: float | None, high: float | None, whole: bool, chance: Chance, least: Json
) -> Iterator[float]:
    """An end of the range that answers a question: its lower one, or, where `least` is that, its upper one."""
    name, low, high = _reading(prompt, low, high)
    if name in _SCALED and low is not None and high is not None:
        bottom, top, digits = low, high, _digits(low, high, whole)
    else:
        bottom, top, digits = span_for(name, low, high, whole)
    room, fork = top - bottom, chance.fork("range", name)
    start, width = bottom + room * 0.45 * fork.unit(), room * (0.15 + 0.35 * fork.unit())
    if not isinstance(least, int | float):
        yield _rounded(start, digits)
        return
    for number in (_rounded(min(top, least + width), digits), high, least):
        if number is not None and number >= least:
            yield number


def chosen(options: Sequence[Json], text: str, chance: Chance) -> list[Json]:
    """The options, those first of which the text speaks most; those of which it speaks equally in a drawn order."""
    said = Counter(map(stem, words(text)))
    own = [[stem(word) for word in words(str(option)) if word not in _SILENT] for option in options]
    spoken = [sum(said[word] for word in each) / max(1, len(each)) for each in own]
    return [options[at] for at in sorted(chance.mixed(range(len(options))), key=lambda at: -spoken[at])]


def _reading(prompt: str, low: float | None, high: float | None) -> tuple[str, float | None, float | None]:
    """What a question asks for and between which bounds: those of the schema, or narrower ones of its own."""
    scale = next((match for rule in _SCALES if (match := rule.search(prompt))), None)
    ends = (float(scale[1]), float(scale[2])) if scale else None
    if ends is None and (limit := _OUT_OF.search(prompt)):
        ends = 0.0, float(limit[1])
    if ends:
        narrow = ends[0] if low is None else max(low, ends[0]), ends[1] if high is None else min(high, ends[1])
        if narrow[0] < narrow[1]:
            low, high = narrow
    return _name(prompt), low, high


def _digits(low: float, high: float, whole: bool) -> int:
    """Digits after the point that a scale needs."""
    return 0 if whole or high - low >= 4 else 1 if high - low >= 2 else 2


def _rounded(number: float, digits: int) -> float:
    return round(number, digits) if digits else round(number)


def _name(prompt: str) -> str:
    if many := _MANY.search(prompt):
        return next((word for word in words(many[1]) if word in known_names()), "count")
    found = [(match.start(), name) for name, rule in _RULES if (match := rule.search(prompt))]
    return min(found)[1] if found else "value"
