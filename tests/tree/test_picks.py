"""Picks: the same again tomorrow, another elsewhere, and never rolled anew because a list grew."""

from __future__ import annotations

from collections import Counter
from typing import Any

from genarun.tree.picks import Chooser, digest, item_marks
from genarun.tree.template import Template
from hypothesis import given
from hypothesis import strategies as st

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


def test_picks_are_the_same_on_every_machine_and_version() -> None:
    chooser = Chooser(7, ("ideas", "series"), ("abc#0",))
    assert [chooser.choose(f"template:{n}", 10) for n in range(8)] == [6, 3, 7, 3, 2, 3, 8, 5]
    assert digest({"b": 1, "a": ["ü", 1.0]}) == digest({"a": ["ü", 1], "b": 1.0})
    assert digest("a")[:16] == "ac8d8342bbb2362d"


def test_every_part_of_a_place_makes_a_pick_of_its_own() -> None:
    base: dict[str, Any] = {"seed": 1, "trail": ("a", "b"), "items": ("x#0",)}
    others = [{"seed": 2}, {"trail": ("a",)}, {"trail": ("ab",)}, {"items": ("x#1",)}, {"items": ("x#0", "x#0")}, {"items": ()}]
    picks = [Chooser(**(base | other)).choose("template:0", 10**9) for other in ({}, *others)]
    picks.append(Chooser(**base).choose("template:1", 10**9))
    assert len(set(picks)) == len(picks)


def test_picks_are_spread_evenly() -> None:
    counts = Counter(Chooser(seed, ("a",), ()).choose("template:0", 5) for seed in range(5000))
    assert all(900 < counts[n] < 1100 for n in range(5))


def test_what_was_picked_is_kept_in_the_order_of_the_prompt() -> None:
    chooser = Chooser(3, ("a",), ())
    text = Template.parse("[one ${x} | one ${x}], [[two | two] | [two | two]]", picks=True, at="template").render(
        lambda name: "cat", chooser
    )
    assert text == "one cat, two"
    outer = chooser.made[1]
    assert chooser.made[0] == ("template:0", "one cat", 2)
    assert outer == ("template:1", "two", 2)
    assert chooser.made[2][0].startswith("template:1.")
    assert chooser.made[2][1:] == ("two", 2)


def test_equal_items_are_told_apart_by_their_number_among_themselves() -> None:
    marks = item_marks(["a", "b", "a", {"x": 1}, {"x": 1.0}])
    assert [mark.partition("#")[2] for mark in marks] == ["0", "0", "1", "0", "1"]
    assert marks[0].partition("#")[0] == marks[2].partition("#")[0] == digest("a")


def test_values_that_the_canonical_form_refuses_have_marks_too() -> None:
    assert len(set(item_marks([2**80, 2**80 + 1, "\ud800", {"a": float("inf")}]))) == 4


@given(st.lists(JSON, max_size=6), JSON, st.data())
def test_inserting_an_item_rolls_no_other_item_anew(items: list[Any], new: Any, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(items)))
    before, after = item_marks(items), item_marks([*items[:place], new, *items[place:]])
    # The new item may take an equal item's ordinal, but then the equal one takes the next: as a bag, one mark came in.
    assert Counter(after) - Counter(before) == Counter(set(after) - set(before))
    assert not Counter(before) - Counter(after)
    if digest(new) not in {mark.partition("#")[0] for mark in before}:
        assert [*after[:place], *after[place + 1 :]] == before


@given(st.lists(JSON, max_size=6, unique_by=digest), st.randoms())
def test_changing_the_order_of_items_rolls_none_anew(items: list[Any], random: Any) -> None:
    marks = dict(zip(map(digest, items), item_marks(items), strict=True))
    random.shuffle(items)
    assert item_marks(items) == [marks[digest(item)] for item in items]
