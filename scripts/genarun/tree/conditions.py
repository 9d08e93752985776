"""Whether the conditions of `when` hold.

Values are compared with their types: `1` equals `1.0`, and neither equals `"1"` nor `true`. `gt`, `lt` and `in_range` compare
numbers, and texts that are numbers; two other texts compare by their letters, so dates as text do (`2026-01-02` > `2025`).
`contains` looks for a text in a text, an item in a list, a key in an object. `exists` means there and not null; with
`value: false` it means the opposite. For a name without a value only `not_equals`, and `exists` with `value: false`, hold.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from genarun.tree.spec import Condition
from genarun.tree.values import MISSING, UNKNOWN, Json, Lookup, Unknown, settled, value_at


def holds(conditions: Iterable[Condition], lookup: Lookup) -> bool:
    """Whether all conditions hold. lookup: gives the value of a name's first part, as for templates.

    Raises Unknown while planning, unless a condition that is known already fails.
    """
    unknown: Unknown | None = None
    for condition in conditions:
        try:
            if not _holds(condition, lookup):
                return False
        except Unknown as found:
            unknown = found
    if unknown:
        raise unknown
    return True


def _holds(condition: Condition, lookup: Lookup) -> bool:
    name, operator, wanted = condition.name, condition.operator, condition.value
    value = value_at(lookup, name.split("."))
    if value is UNKNOWN:
        raise Unknown(name)
    if operator == "exists":
        return (value is not MISSING and value is not None) is (wanted is not False)
    if value is MISSING:
        return operator == "not_equals"
    if operator == "equals":
        return same(settled(value, name), wanted)
    if operator == "not_equals":
        return not same(settled(value, name), wanted)
    if operator == "contains":
        return _contains(settled(value, name), wanted)
    if operator == "starts_with":
        return isinstance(value, str) and isinstance(wanted, str) and value.startswith(wanted)
    if operator == "ends_with":
        return isinstance(value, str) and isinstance(wanted, str) and value.endswith(wanted)
    if operator == "gt":
        return _less(wanted, value)
    if operator == "lt":
        return _less(value, wanted)
    low, high = wanted
    return not _less(value, low) and not _less(high, value) and number(value) is not None


def same(left: Json, right: Json) -> bool:
    """Whether two JSON values are equal: numbers by amount, true and false never as numbers."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(item, right[key]) for key, item in left.items())
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return bool(left == right)


def _contains(value: Json, wanted: Json) -> bool:
    if isinstance(value, str):
        return isinstance(wanted, str) and wanted in value
    if isinstance(value, list):
        return any(same(item, wanted) for item in value)
    if isinstance(value, dict):
        return isinstance(wanted, str) and wanted in value
    return False


def number(value: Json) -> int | float | None:
    """The number that a value is, or that a text spells; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value
    if isinstance(value, str) and len(value) <= 40:
        try:
            found = float(value)
        except ValueError:
            return None
        return found if math.isfinite(found) else None
    return None


def _less(left: Json, right: Json) -> bool:
    low, high = number(left), number(right)
    if low is not None and high is not None:
        return low < high
    if isinstance(left, str) and isinstance(right, str):
        return left < right
    return False
