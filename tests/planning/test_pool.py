"""In which order an instance asks the models of a pool: pure, so that plan and run agree and equal trees repeat."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from genarun.planning.pool import cheapest, drawn, rotated
from genarun.tree.model import ModelUse
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers import Place

Json = Any
USE = ModelUse("a", "one", "openai", "m", {}, 8, None, None, None, None, {})
MEMBERS = st.lists(st.integers(0, 99), min_size=2, max_size=6, unique=True).map(
    lambda numbers: [replace(USE, alias=str(number), model=f"m{number}") for number in numbers]
)
LOTS = st.one_of(st.text(max_size=9), st.integers(-9, 9), st.lists(st.text(max_size=3), max_size=3), st.none(), st.booleans())
PRICES = st.lists(st.one_of(st.none(), st.decimals(0, 9, places=2)), min_size=6, max_size=6)


def aliases(order: Any) -> list[str]:
    return [use.alias for use in order]


@given(MEMBERS, st.integers(0, 1000), LOTS, PRICES)
def test_every_order_holds_every_model_once(members: list[ModelUse], number: int, lot: Json, prices: list[Any]) -> None:
    for order in (rotated(members, number), drawn(members, lot), cheapest(members, prices[: len(members)])):
        assert sorted(aliases(order)) == sorted(aliases(members))


@given(MEMBERS, st.integers(0, 50))
def test_round_robin_gives_each_its_turn(members: list[ModelUse], start: int) -> None:
    firsts = [rotated(members, start + step)[0].alias for step in range(2 * len(members))]
    assert Counter(firsts) == Counter(aliases(members) * 2)
    assert rotated(members, 0) == tuple(members)


@given(MEMBERS, PRICES)
def test_cheapest_first_and_unknown_prices_last(members: list[ModelUse], prices: list[Any]) -> None:
    prices = prices[: len(members)]
    known = dict(zip(aliases(members), prices, strict=True))
    order = [known[alias] for alias in aliases(cheapest(members, prices))]
    assert order == [*sorted(price for price in order if price is not None), *[None] * order.count(None)]


def test_equal_prices_stay_as_listed() -> None:
    members = [replace(USE, alias=name, model=name) for name in "abcd"]
    one, two = Decimal(1), Decimal(2)
    assert aliases(cheapest(members, [one, one, one, one])) == list("abcd")
    assert aliases(cheapest(members, [two, None, one, None])) == list("cabd")


@given(MEMBERS, LOTS, st.randoms(use_true_random=False))
def test_a_draw_goes_by_the_lot_and_not_by_the_list(members: list[ModelUse], lot: Json, rng: Any) -> None:
    shuffled = list(members)
    rng.shuffle(shuffled)
    assert drawn(shuffled, lot) == drawn(members, lot)


@given(MEMBERS, LOTS)
def test_a_model_that_joins_moves_nothing_else(members: list[ModelUse], lot: Json) -> None:
    more = replace(USE, alias="new", model="new")
    order = aliases(drawn([*members, more], lot))
    order.remove("new")
    assert order == aliases(drawn(members, lot))


def test_a_model_that_joins_takes_its_share_and_no_more() -> None:
    members = [replace(USE, alias=name, model=name) for name in "abcd"]
    before = [drawn(members[:3], lot)[0].alias for lot in range(900)]
    after = [drawn(members, lot)[0].alias for lot in range(900)]
    moved = [now for then, now in zip(before, after, strict=True) if then != now]
    assert set(moved) == {"d"}
    assert 150 < len(moved) < 300, "a quarter, give or take"
    assert min(Counter(before).values()) > 240, "each its third, give or take"


# ---------------------------------------------------------------------- in a tree


DEFAULTS = """
models:
  a: {provider: openai, model: a, price: {input: 10, output: 10}}
  b: {provider: openai, model: b, price: {call: 0.01}}
  text: {models: [a, b, {provider: openai, model: c, price: {call: 1}}], %s}
budget: {calls: 1000}
"""
POEMS = """
inputs:
  visitor: {default: Ann}
seed: 3
generations:
  - {id: alone, type: text, config: {prompt: Say something}}
  - id: group
    type: group
    generations:
      - id: list
        type: text-array
        config: {prompt: Name them, model: a}
        generations:
          - id: inner
            type: text-array
            config: {prompt: "Name more of ${i}", model: b}
            generations:
              - {id: poem, type: text, config: {prompt: "A poem on ${i}"}}
"""


def firsts(root: Path, policy: str, lists: list[list[str]], **options: Any) -> dict[str, str]:
    """By path, the model that a plan names first, with these lists set by hand. No two items are equal."""
    place = Place(root, defaults=DEFAULTS % policy)
    place.tree(POEMS)
    outer = [f"o{number}" for number in range(len(lists))]
    lines = {"group/list": outer} | {f"group/list/{n}/inner": items for n, items in enumerate(lists)}
    place.write("trees/t/overrides.yaml", "".join(f"{path}: {items}\n" for path, items in lines.items()))
    steps = [step for step in place.plan(**options).steps if step.action == "call"]
    assert all("stand behind it" in step.reason for step in steps)
    return {step.path: step.model or "" for step in steps}


def by_item(root: Path, policy: str, lists: list[list[str]], **options: Any) -> dict[str, str]:
    """The same, by the poem's item."""
    found = firsts(root, policy, lists, **options)
    return {item: found[f"group/list/{n}/inner/{k}/poem"] for n, items in enumerate(lists) for k, item in enumerate(items)}


def test_ordered_is_as_listed(tmp_path: Path) -> None:
    assert set(firsts(tmp_path, "policy: ordered", [["u", "v"]]).values()) == {"a"}
    assert set(firsts(tmp_path, "params: {}", [["u", "v"]]).values()) == {"a"}, "unless the tree says otherwise"


def test_cheapest_goes_by_what_this_request_costs(tmp_path: Path) -> None:
    """A thousand tokens of the first cost more than a call of the second, a few cost less."""
    assert set(firsts(tmp_path, "policy: cheapest", [["u"]]).values()) == {"b"}
    few = "policy: cheapest, params: {max_completion_tokens: 50}"
    assert firsts(tmp_path, few, [["u", "long " * 2000]]) == {
        "alone": "a", "group/list/0/inner/0/poem": "a", "group/list/0/inner/1/poem": "b"
    }  # fmt: skip


def test_round_robin_goes_by_the_places_of_the_items(tmp_path: Path) -> None:
    found = firsts(tmp_path, "policy: round-robin", [["u", "v", "w"], ["x", "y", "z"]])
    assert found["alone"] == "a"
    assert [found[f"group/list/{n}/inner/{k}/poem"] for n in range(2) for k in range(3)] == list("abcbca")


def test_an_item_put_between_moves_nobody_else_under_random(tmp_path: Path) -> None:
    lists = [[f"i{n}" for n in range(9)], [f"j{n}" for n in range(9)]]
    before = by_item(tmp_path, "policy: random", lists)
    assert set(before.values()) == {"a", "b", "c"}
    wider = [["new", *lists[0][:4], "other", *lists[0][4:]], lists[1]]
    after = by_item(tmp_path, "policy: random", wider)
    assert {item: model for item, model in after.items() if item in before} == before
    assert by_item(tmp_path, "policy: random", lists) == before, "and again the same"
    assert by_item(tmp_path, "policy: random", lists, seed=4) != before


def test_sticky_goes_by_the_input_alone(tmp_path: Path) -> None:
    seen = set()
    for visitor in ("Ann", "Bo", "Cy", "Di", "Ed", "Flo"):
        found = firsts(tmp_path, "policy: sticky, sticky: visitor", [["u", "v"]], inputs={"visitor": visitor})
        assert len(set(found.values())) == 1
        assert found == firsts(tmp_path, "policy: sticky, sticky: visitor", [["u", "v"]], inputs={"visitor": visitor}, seed=9)
        seen.update(found.values())
    assert seen == {"a", "b", "c"}


def test_a_rolled_seed_leaves_the_draw_open(tmp_path: Path) -> None:
    place = Place(tmp_path, defaults=DEFAULTS % "policy: random")
    place.tree("seed: random\ngenerations:\n  - {id: a, type: text, config: {prompt: Say a}}\n")
    (step,) = place.plan().steps
    assert (step.calls, step.exact) == (1, True)
    assert step.reason == "the run rolls a seed of its own; openai/b and openai/c stand behind it"


@pytest.mark.parametrize(
    ("policy", "usd"),
    [("ordered", "0.01"), ("cheapest", "0.001"), ("round-robin", "0.0055"), ("random", "0.0055")],
)
def test_what_is_not_known_yet_costs_what_can_be_expected(tmp_path: Path, policy: str, usd: str) -> None:
    place = Place(tmp_path, defaults=f"""
        models:
          a: {{provider: openai, model: a, price: {{call: 0.01}}}}
          b: {{provider: openai, model: b, price: {{call: 0.001}}}}
          text: {{models: [a, b], policy: {policy}}}
        budget: {{calls: 99}}
        """)  # fmt: skip
    place.tree("""
    generations:
      - {id: first, type: text, config: {prompt: Say, model: a}}
      - {id: second, type: text, config: {prompt: "After ${first}"}}
    """)
    step = place.plan().steps[1]
    assert step.usd == Decimal(usd)
    assert step.alias == "text"
    behind = "openai/a" if policy == "cheapest" else "openai/b"
    assert step.reason == f"reads first, not known yet; {behind} stands behind it"
