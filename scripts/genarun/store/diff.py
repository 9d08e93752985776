"""What is different: between two JSON values, and between two runs. Pure data; the commands print it."""

from __future__ import annotations

import difflib
import json
from dataclasses import dataclass
from typing import Any, Final

from genarun.store.files import natural, same_json
from genarun.store.journal import standing
from genarun.store.layout import RunRef
from genarun.store.records import Record, Summary
from genarun.tree.values import MISSING

Json = Any
Place = tuple[str | int, ...]

_DEEPEST: Final = 100
_MOST_LINES: Final = 2_000  # difflib's time grows with the square of them


@dataclass(frozen=True, slots=True)
class Change:
    """One place of a JSON value. path: keys and item numbers from the top. old, new: MISSING where there is none."""

    path: Place
    old: Json
    new: Json


def changes(old: Json, new: Json) -> list[Change]:
    """The smallest parts that differ. Lists of different lengths differ as a whole: which item moved is anybody's guess."""
    found: list[Change] = []
    _compare(old, new, (), found)
    return found


def _compare(old: Json, new: Json, path: Place, found: list[Change]) -> None:
    if isinstance(old, dict) and isinstance(new, dict) and len(path) < _DEEPEST:
        for key in [*old, *(key for key in new if key not in old)]:
            _compare(old.get(key, MISSING), new.get(key, MISSING), (*path, key), found)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new) and len(path) < _DEEPEST:
        for place, (before, after) in enumerate(zip(old, new, strict=True)):
            _compare(before, after, (*path, place), found)
    elif not same_json(old, new):
        found.append(Change(path, old, new))


def at(value: Json, path: Place) -> Json:
    """The part of a value at this path; MISSING where there is none."""
    for step in path:
        if isinstance(value, dict) and isinstance(step, str):
            value = value.get(step, MISSING)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return MISSING
    return value


@dataclass(frozen=True, slots=True)
class InstanceDiff:
    """One instance whose value is not the same in both runs.

    old, new: the values, names of files for assets; MISSING where there is none. old_status, new_status: None where the run
    does not have the instance. text: lines of a unified diff without its head; empty for assets and one-sided ones.
    """

    path: str
    node: str
    type: str
    old: Json
    new: Json
    old_status: str | None
    new_status: str | None
    asset: bool
    text: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RunDiff:
    """Two runs side by side. same: instances with equal values. notices: what could not be read in either."""

    a: RunRef
    b: RunRef
    a_summary: Summary | None
    b_summary: Summary | None
    added: tuple[InstanceDiff, ...]
    removed: tuple[InstanceDiff, ...]
    changed: tuple[InstanceDiff, ...]
    same: int
    notices: tuple[str, ...]

    @property
    def totals(self) -> dict[str, tuple[Json, Json]]:
        """name → (in a, in b), camelCase as in logs.json; None where a run has no summary."""
        sides = [summary.totals.model_dump(by_alias=True) if summary else {} for summary in (self.a_summary, self.b_summary)]
        return {name: (sides[0].get(name), sides[1].get(name)) for name in sides[0] or sides[1]}


def diff_runs(a: RunRef, b: RunRef) -> RunDiff:
    """What changed from run a to run b, instance by instance, in natural order of their paths."""
    notices: list[str] = []
    summaries = [ref.summary(notices) for ref in (a, b)]
    old, new = (standing(ref.records(notices)) for ref in (a, b))
    added: list[InstanceDiff] = []
    removed: list[InstanceDiff] = []
    changed: list[InstanceDiff] = []
    same = 0
    for path in sorted({**old, **new}, key=natural):
        before, after = old.get(path), new.get(path)
        if same_json(_value(before), _value(after)) and _is_asset(before) == _is_asset(after):
            same += before is not None and after is not None
            if before is not None and after is not None:
                continue
        found = _instance(path, before, after)
        (added if before is None else removed if after is None else changed).append(found)
    unique = tuple(dict.fromkeys(notices))
    return RunDiff(a, b, summaries[0], summaries[1], tuple(added), tuple(removed), tuple(changed), same, unique)


def _is_asset(record: Record | None) -> bool:
    return record is not None and record.asset is not None


def _value(record: Record | None) -> Json:
    if record is None or record.status in ("failed", "skipped"):
        return MISSING
    return record.asset if record.asset is not None else record.value


def _instance(path: str, before: Record | None, after: Record | None) -> InstanceDiff:
    known = after or before
    assert known is not None
    old, new = _value(before), _value(after)
    asset = _is_asset(before) or _is_asset(after)
    text: tuple[str, ...] = ()
    if not asset and old is not MISSING and new is not MISSING:
        text = _text_diff(old, new)
    return InstanceDiff(
        path, known.node, known.type, old, new, before.status if before else None, after.status if after else None, asset, text
    )


def _text_diff(old: Json, new: Json) -> tuple[str, ...]:
    sides = [value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2) for value in (old, new)]
    before, after = sides[0].splitlines(), sides[1].splitlines()
    if len(before) + len(after) > _MOST_LINES:
        return ()
    return tuple(difflib.unified_diff(before, after, lineterm="", n=2))[2:]
