"""Collecting the faults of one file, so that a person mends them in one go."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from genarun.errors import Faults, SetupError, TreeError, Where
from genarun.tree.places import Loc, Source

Json = Any

MOST = 50
"""Faults told at once."""

_BARE = re.compile(r"(?:[A-Za-z]|[0-9]+[a-z])[\w./-]*(?: [\w./-]+)*")
_NAME = re.compile(r"[A-Za-z_$][\w$-]*")
_LIKE_OTHERS = re.compile(r"(?i)(true|false|null|\.inf|\.nan)")


class Report:
    """The faults found so far in one tree or defaults file."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.faults: list[SetupError] = []

    def key(self, loc: Loc) -> Where:
        """The place of a key."""
        return self.source.key(loc)

    def value(self, loc: Loc) -> Where:
        """The place of a value."""
        return self.source.value(loc)

    def line(self, loc: Loc) -> str:
        """Where something else stands, for the middle of a sentence."""
        line = self.key(loc).line
        return f"in line {line}" if line else "before"

    def add(self, code: str, what: str, where: Where | str, hint: str) -> None:
        """Remember a fault."""
        self.faults.append(TreeError(code, what, where, hint))

    def write(self, key: str, value: Json) -> str:
        """A key and its value as the file's own syntax writes them."""
        if self.source.is_json:
            return f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}"
        return f"{key}: {in_yaml(value)}"

    def raise_faults(self) -> None:
        """Raise what was found: one error as itself, several together."""
        raise_faults(self.faults)


def raise_faults(faults: Iterable[SetupError]) -> None:
    """Raise faults together, each once, in the order of their files and lines; nothing for none."""
    told: dict[str, SetupError] = {}
    for fault in faults:
        for one in fault.errors if isinstance(fault, Faults) else (fault,):
            told.setdefault(str(one), one)
    if not told:
        return
    found = sorted(told.values(), key=_place)
    if len(found) == 1:
        raise found[0]
    if len(found) > MOST:
        more = SetupError("more-faults", f"and {len(found) - MOST} more", hint="Mend these first.")
        found = [*found[:MOST], more]
    raise Faults(found)


def _place(fault: SetupError) -> tuple[str, int, int]:
    where = fault.where
    return (where.file, where.line, where.column) if isinstance(where, Where) else (where or "", 0, 0)


def in_yaml(value: Json) -> str:
    """A value as YAML in one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{in_yaml(key)}: {in_yaml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(in_yaml(item) for item in value) + "]"
    if isinstance(value, str) and (_BARE.fullmatch(value) or _NAME.fullmatch(value)) and not _LIKE_OTHERS.fullmatch(value):
        return value
    return json.dumps(value, ensure_ascii=False)


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that a misspelt one most likely means."""
    by_letters = {re.sub(r"[-_ ]", "", one).casefold(): one for one in reversed(list(known))}
    found = get_close_matches(re.sub(r"[-_ ]", "", name).casefold(), by_letters, n=1, cutoff=0.6)
    return by_letters[found[0]] if found else None


def did_you_mean(name: str, known: Iterable[str], else_: str) -> str:
    """A hint that names the nearest known name, or lists all of them after `else_`."""
    names = list(known)
    near = nearest(name, names)
    if near is not None:
        return f"Did you mean “{near}”?"
    return f"{else_}: {', '.join(names)}." if names else f"{else_}: none."


def kind_of(value: Json) -> str:
    """What a value is, in words."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"the number {value}" if len(str(value)) <= 20 else "a long number"
    if isinstance(value, str):
        return f"the text “{value}”" if 0 < len(value) <= 30 and "\n" not in value else "text"
    return "a list" if isinstance(value, list) else "a mapping"
