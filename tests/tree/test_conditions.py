"""`when`: conditions as people write them."""

from __future__ import annotations

from typing import Any

import pytest
from genarun.tree.conditions import holds, same
from genarun.tree.spec import Condition
from genarun.tree.template import MISSING, UNKNOWN, Unknown
from hypothesis import given
from hypothesis import strategies as st

VALUES: dict[str, Any] = {
    "text": "A lizard",
    "five": "5",
    "n": 5,
    "f": 5.0,
    "yes": True,
    "null": None,
    "empty": "",
    "list": ["a", 1, {"k": [1.0]}],
    "obj": {"title": "Rain", "tags": ["x"]},
    "day": "2026-11-21",
}


def when(name: str, operator: str, value: Any = None, **more: Any) -> bool:
    condition = Condition.model_validate({"name": name, "operator": operator, "value": value})
    values = VALUES | more
    return holds([condition], lambda first: values.get(first, MISSING))


@pytest.mark.parametrize(
    ("name", "operator", "value", "expected"),
    [
        ("text", "equals", "A lizard", True),
        ("text", "equals", "a lizard", False),
        ("n", "equals", 5.0, True),
        ("five", "equals", 5, False),
        ("yes", "equals", True, True),
        ("yes", "equals", 1, False),
        ("null", "equals", None, True),
        ("list", "equals", ["a", 1.0, {"k": [1]}], True),
        ("list", "equals", ["a", True, {"k": [1]}], False),
        ("obj", "equals", {"tags": ["x"], "title": "Rain"}, True),
        ("n", "not_equals", 6, True),
        ("f", "not_equals", 5, False),
        ("text", "contains", "liz", True),
        ("text", "contains", 5, False),
        ("five", "contains", 5, False),
        ("list", "contains", 1.0, True),
        ("list", "contains", True, False),
        ("obj", "contains", "title", True),
        ("obj", "contains", "Rain", False),
        ("obj.tags", "contains", "x", True),
        ("n", "contains", 5, False),
        ("text", "starts_with", "A ", True),
        ("text", "starts_with", "a", False),
        ("n", "starts_with", "5", False),
        ("text", "ends_with", "lizard", True),
        ("text", "ends_with", None, False),
        ("n", "gt", 4, True),
        ("n", "gt", 5, False),
        ("five", "gt", 4.5, True),
        ("five", "gt", "10", False),
        ("n", "lt", "6", True),
        ("yes", "gt", 0, False),
        ("null", "lt", 1, False),
        ("text", "lt", 6, False),
        ("day", "gt", "2025", True),
        ("day", "lt", "2025", False),
        ("n", "in_range", [5, 6], True),
        ("five", "in_range", [1, "5"], True),
        ("n", "in_range", [6, 9], False),
        ("text", "in_range", [0, 9], False),
        ("null", "in_range", [0, 9], False),
        ("text", "exists", None, True),
        ("empty", "exists", None, True),
        ("null", "exists", None, False),
        ("null", "exists", False, True),
        ("text", "exists", False, False),
        ("obj.title", "exists", True, True),
        ("obj.titel", "exists", True, False),
        ("list.2.k.0", "equals", 1, True),
    ],
)
def test_operators(name: str, operator: str, value: Any, expected: bool) -> None:
    assert when(name, operator, value) is expected


@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [
        ("equals", None, False),
        ("not_equals", "x", True),
        ("contains", "x", False),
        ("starts_with", "", False),
        ("ends_with", "", False),
        ("gt", 0, False),
        ("lt", 0, False),
        ("in_range", [0, 1], False),
        ("exists", None, False),
        ("exists", False, True),
    ],
)
def test_for_a_name_without_a_value_only_its_absence_holds(operator: str, value: Any, expected: bool) -> None:
    assert when("nothing", operator, value) is expected
    assert when("text.deeper", operator, value) is expected


def test_all_conditions_must_hold() -> None:
    yes = Condition(name="n", operator="gt", value=1)
    no = Condition(name="n", operator="lt", value=1)
    for conditions, expected in (([], True), ([yes], True), ([yes, yes], True), ([yes, no], False), ([no, yes], False)):
        assert holds(conditions, VALUES.__getitem__) is expected


@pytest.mark.parametrize("operator", ["equals", "not_equals", "contains", "exists", "gt", "in_range"])
def test_while_planning_what_is_not_known_is_told(operator: str) -> None:
    with pytest.raises(Unknown):
        when("later", operator, [1, 2], later=UNKNOWN)


def test_while_planning_a_condition_that_fails_already_decides() -> None:
    later = Condition(name="later", operator="exists")
    no = Condition(name="n", operator="lt", value=1)
    values = VALUES | {"later": UNKNOWN, "half": {"a": UNKNOWN}}
    assert holds([later, no], values.__getitem__) is False
    with pytest.raises(Unknown):
        holds([Condition(name="half", operator="equals", value={})], values.__getitem__)
    assert holds([Condition(name="half", operator="exists")], values.__getitem__)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(JSON, JSON)
def test_equality_is_an_equivalence(left: Any, right: Any) -> None:
    assert same(left, left)
    assert same(left, right) is same(right, left)


@given(JSON, JSON, st.sampled_from(["equals", "contains", "starts_with", "ends_with", "gt", "lt", "exists"]))
def test_no_value_breaks_a_condition(value: Any, wanted: Any, operator: str) -> None:
    assert when("v", operator, wanted, v=value) in (True, False)
