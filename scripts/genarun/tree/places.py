"""Where everything in a file stands, so that an error can show its line.

`Source.key` and `Source.value` turn a place in the data, such as `("generations", 0, "id")`, into file, line, column and the
line itself.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from genarun.errors import TreeError, Where

Json = Any
Loc = tuple[str | int, ...]
"""A place in data: keys and item numbers from the top."""

MAX_DEPTH = 100
"""Deepest nesting of lists and mappings. Fifty levels of nodes; far below what would exhaust the interpreter's stack."""
MAX_DIGITS = 400

_LINE_END = re.compile(r"\r\n|\n|\r")
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
"""Characters that could steer a terminal, or turn a line's order around, when an error shows the line."""
_SURROGATE = re.compile("[\ud800-\udfff]")


class Text:
    """The text of a file, and where its lines begin."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text
        self._starts = [0, *(found.end() for found in _LINE_END.finditer(text))]

    def at(self, index: int) -> Where:
        """The place of a character, counted from 0."""
        line = bisect_right(self._starts, index) - 1
        start = self._starts[line]
        found = _LINE_END.search(self.text, start)
        end = found.start() if found else len(self.text)
        return Where(self.file, line + 1, min(index, end) - start + 1, _UNSEEN.sub("\ufffd", self.text[start:end]))

    def line_of(self, index: int) -> int:
        """The number of the line, from 1, that holds a character."""
        return bisect_right(self._starts, index)

    def fault(self, code: str, what: str, index: int, hint: str) -> TreeError:
        """The error about a character."""
        return TreeError(code, what, self.at(index), hint)


@dataclass(slots=True)
class Mark:
    """Where a value stands.

    start: of its first character. keys: of a mapping's keys. parts: of a mapping's values by key, or of a list's items.
    """

    start: int
    keys: dict[str, int] | None = None
    parts: dict[str, Mark] | list[Mark] | None = None

    def child(self, step: str | int) -> Mark | None:
        """The mark of one part; None where there is none."""
        if isinstance(self.parts, dict):
            return self.parts.get(step) if isinstance(step, str) else None
        if isinstance(self.parts, list) and isinstance(step, int) and 0 <= step < len(self.parts):
            return self.parts[step]
        return None


@dataclass(frozen=True, slots=True)
class Source:
    """A file's data and the place of everything in it.

    data: parts that YAML aliases share are one object; nobody may change them. mark: None for data that no file holds.
    origins: for data that was made from the file's: places in the new data whose origin has another place.
    """

    text: Text
    data: Json
    mark: Mark | None
    origins: Mapping[Loc, Loc] = field(default_factory=dict)

    @classmethod
    def of_data(cls, data: Json, name: str) -> Source:
        """Data that no file holds. name: stands where a file's path would, as in `tree exhibition`."""
        return cls(Text(name, ""), data, None)

    @property
    def file(self) -> str:
        """The file's path as people see it."""
        return self.text.file

    @property
    def is_json(self) -> bool:
        """Whether examples in hints should be JSON."""
        return not self.file.endswith((".yaml", ".yml"))

    def key(self, loc: Loc) -> Where:
        """The place of the key that names a value; of the value itself for an item of a list."""
        return self._find(loc, key=True)

    def value(self, loc: Loc) -> Where:
        """The place of a value; the nearest known ancestor's where it is not there."""
        return self._find(loc, key=False)

    def moved(self, data: Json, origins: Mapping[Loc, Loc]) -> Source:
        """The same file with other data made from it. origins: for each place whose origin is elsewhere, its origin."""
        return Source(self.text, data, self.mark, origins)

    def _find(self, loc: Loc, *, key: bool) -> Where:
        loc = self._origin(loc)
        if self.mark is None:
            return Where(", ".join(filter(None, (self.file, ".".join(map(str, loc))))))
        mark, start = self.mark, self.mark.start
        for number, step in enumerate(loc):
            last = number == len(loc) - 1
            if ((key and last) or mark.child(step) is None) and mark.keys and isinstance(step, str) and step in mark.keys:
                start = mark.keys[step]
                break
            deeper = mark.child(step)
            if deeper is None:
                break
            mark, start = deeper, deeper.start
        return self.text.at(start)

    def _origin(self, loc: Loc) -> Loc:
        for length in range(len(loc), -1, -1):
            found = self.origins.get(loc[:length])
            if found is not None:
                return found + loc[length:]
        return loc


def whole_number(text: Text, digits: str, base: int, index: int) -> int:
    """An integer, unless it is absurdly long."""
    if len(digits) > MAX_DIGITS:
        raise text.fault(
            "number-too-long",
            f"a number of {len(digits)} digits",
            index,
            "Write a shorter number, or put it in quotes if it is text.",
        )
    return int(digits, base)


def whole_text(text: Text, value: str, index: int) -> str:
    """The text itself, unless it holds half of a character: `\\ud83d` without its other half."""
    found = _SURROGATE.search(value)
    if found:
        raise text.fault(
            "half-character",
            f"half of a character (\\u{ord(found[0]):04x})",
            index,
            "Write the character itself, or both of its halves.",
        )
    return value
