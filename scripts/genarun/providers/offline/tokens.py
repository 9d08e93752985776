"""The tokens of an answer with their log-probabilities, as a service gives them where they are asked for."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from itertools import pairwise

from genarun.providers.offline.chance import Chance

_TOKEN = re.compile(r" ?[^\W\d_]{1,6}|\d{1,3}|[^\S\n]+|\n+|[^\w\s]{1,2}|.", re.DOTALL)
_SURE = -0.0001


def tokens(text: str, chance: Chance) -> tuple[tuple[str, float], ...]:
    """The text in pieces, each with a natural log-probability; joined they are the text.

    Where a choice was made, at the first piece of each value (of the text itself, where it is no JSON), the model that this
    plays is sure by a half to nearly all; within a value it goes on nearly surely, and the marks of JSON stand no question.
    """
    starts = _values(text)
    found: list[tuple[str, float]] = []
    ends = sorted({0, len(text), *(at for start in starts for at in start)})
    for start, end in pairwise(ends):
        inside = any(low <= start < high for low, high in starts)
        for number, match in enumerate(_TOKEN.finditer(text, start, end)):
            if not inside:
                chosen = _SURE
            elif number == 0:
                chosen = math.log(0.5 + 0.49 * chance.unit() ** 0.6)
            else:
                chosen = -0.001 - 0.3 * chance.unit() ** 4
            found.append((match[0], round(chosen, 6)))
    return tuple(found)


def _values(text: str) -> list[tuple[int, int]]:
    """Where the values of a JSON text stand, without their quotation marks; the whole of any other text."""
    try:
        json.loads(text)
    except ValueError:
        return [(0, len(text))] if text else []
    return list(_scalars(text))


def _scalars(text: str) -> Iterator[tuple[int, int]]:
    for match in re.finditer(r'"((?:[^"\\]|\\.)*)"(\s*:)?|-?\d[\d.eE+-]*|true|false|null', text):
        if match[2]:  # a name
            continue
        start, end = match.span(1) if match[1] is not None else match.span()
        if end > start:
            yield start, end
