"""Values that may not be there: what a name leads to, and how it reads as text."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any, Final

from genarun.errors import RunError

Json = Any
Lookup = Callable[[str], Json]
"""Gives the value of a name's first part, or MISSING, or UNKNOWN. One with a method `names` lists what it has."""


class _Mark(Enum):
    MISSING = "missing"
    UNKNOWN = "unknown"

    def __repr__(self) -> str:
        return self.name


MISSING: Final[Any] = _Mark.MISSING
"""Stands for a value that is not there: a name that nothing binds, a node that was left out."""
UNKNOWN: Final[Any] = _Mark.UNKNOWN
"""Stands, while planning, for a value that only a call can tell. Reading it raises `Unknown`."""


class Unknown(Exception):
    """A value is needed that only a call can tell. name: the name that was read, dots included."""

    def __init__(self, name: str = "") -> None:
        super().__init__(name)
        self.name = name


class MissingName(RunError):
    """A name that has no value where it is read. available: the names that have one, nearest first."""

    def __init__(self, name: str, available: Sequence[str] = (), why: str = "", hint: str | None = None) -> None:
        if hint is None:
            hint = f"Names that have one: {', '.join(available)}." if available else "No name has a value here."
        super().__init__("name-missing", f"`${{{name}}}` has no value{why}", None, hint)
        self.name = name
        self.available = tuple(available)


def follow(value: Json, parts: Sequence[str]) -> Json:
    """The value found by going down from `value`: into objects by key, into lists by place from 0. MISSING if there is none."""
    for part in parts:
        if type(value) is dict:
            value = value.get(part, MISSING)
        elif type(value) is list:
            # Nine digits are more than any list has items, and keep int() away from digits without end.
            place = int(part) if len(part) < 10 and part.isascii() and part.isdigit() else len(value)
            value = value[place] if place < len(value) else MISSING
        else:
            return UNKNOWN if value is UNKNOWN else MISSING
    return value


def value_at(lookup: Lookup, name: Sequence[str]) -> Json:
    """The value of a whole name, split at its dots; MISSING or UNKNOWN where there is none."""
    return follow(lookup(name[0]), name[1:])


def missing_name(name: Sequence[str], lookup: Lookup) -> MissingName:
    """The error for a name without a value: says how far the name leads, and what is there."""
    text = ".".join(name)
    value = lookup(name[0])
    if value is MISSING or len(name) == 1:
        names = getattr(lookup, "names", None)
        return MissingName(text, tuple(names()) if names else ())
    depth = 1
    while (deeper := follow(value, name[depth : depth + 1])) is not MISSING:
        value, depth = deeper, depth + 1
    owner, part = ".".join(name[:depth]), name[depth]
    if type(value) is dict:
        held = ", ".join(value) or "nothing"
        return MissingName(text, tuple(value), f": “{owner}” has no “{part}”", f"“{owner}” holds: {held}.")
    if type(value) is list:
        hint = f"“{owner}” is a list of {len(value)}, counted from 0."
        return MissingName(text, (), f": “{owner}” has no “{part}”", hint)
    kind = {str: "text", bool: "true or false", type(None): "null"}.get(type(value), "a number")
    return MissingName(text, (), f": “{owner}” has no “{part}”", f"“{owner}” is {kind}, which holds nothing further.")


def _refuse(value: object) -> Json:
    """What JSON cannot write. An UNKNOWN inside an object makes the whole object unknown."""
    if value is UNKNOWN:
        raise Unknown
    raise TypeError(f"not JSON: {value!r}")


def text_of(value: Json, name: str = "") -> str:
    """A value as templates write it. Raises Unknown for UNKNOWN, also inside an object or list."""
    if type(value) is str:
        return value
    try:
        return json.dumps(value, ensure_ascii=False, default=_refuse)
    except Unknown:
        raise Unknown(name) from None


def settled(value: Json, name: str = "") -> Json:
    """The value itself. Raises Unknown if it is UNKNOWN, or holds UNKNOWN."""
    if value is UNKNOWN or (type(value) is dict and any(_unsettled(item) for item in value.values())):
        raise Unknown(name)
    if type(value) is list and any(_unsettled(item) for item in value):
        raise Unknown(name)
    return value


def _unsettled(value: Json) -> bool:
    if type(value) is dict:
        return any(_unsettled(item) for item in value.values())
    if type(value) is list:
        return any(_unsettled(item) for item in value)
    return value is UNKNOWN
