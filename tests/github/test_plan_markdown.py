"""A plan as GitHub shows it: what a person reads first, and what a tree's own words cannot do to the page."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from genarun.errors import TreeError, Where
from genarun.github.markdown import code, fence, plain
from genarun.github.plan_markdown import PlannedTree, plan_markdown, plan_sections
from genarun.planning.model import Plan, Step
from hypothesis import given
from hypothesis import strategies as st

from tests.github.rendering import EVIL, look
from tests.helpers import Place

POEM = Step(
    "animals/0/poem", "animals/poem", "text", "call", 1, True, "the prompt changed", usd=Decimal("0.0123"), provider="openai"
)
KEPT = Step("animals", "animals", "text-array", "reuse", 0, True, "unchanged")
PLAN = Plan("zoo", "A zoo in words", (KEPT, POEM), 0)


def test_totals_come_first() -> None:
    text = plan_markdown([PlannedTree("zoo", PLAN)])
    assert text.splitlines()[0] == "**1 call** in 1 tree · 1 value reused · estimated cost **≈\u00a0\\$0.0123**"
    page = look(text)
    assert page.cells == [
        ["node", "calls", "reused", "cost", "why"],
        ["animals", "", "1", "", "unchanged"],
        ["animals/poem", "1", "", "≈\u00a0$0.0123", "the prompt changed"],
        ["total", "1", "1", "≈\u00a0$0.0123", ""],
    ]


def test_an_unknown_price_is_said_and_never_zero() -> None:
    dear = replace(PLAN, steps=(replace(POEM, usd=None, calls=3, exact=False, source="validation.minLength"),))
    text = plan_markdown([PlannedTree("zoo", dear)])
    assert text.splitlines()[0] == "**≈\u00a03 calls** in 1 tree · **cost unknown** for 3 calls"
    assert look(text).cells[1] == ["animals/poem", "≈\u00a03", "", "unknown", "the prompt changed"]
    both = plan_markdown([PlannedTree("zoo", dear), PlannedTree("two", replace(PLAN, tree="two"))])
    assert both.splitlines()[0] == (
        "**≈\u00a04 calls** in 2 trees · 1 value reused · estimated cost **≈\u00a0\\$0.0123** · **cost unknown** for 3 calls"
    )


def test_a_free_provider_costs_nothing() -> None:
    assert plan_markdown([PlannedTree("zoo", PLAN, mode="offline")]).splitlines()[0] == (
        "**1 call** in 1 tree · 1 value reused · free: the offline provider answers"
    )


def test_nothing_to_do() -> None:
    assert plan_markdown([]) == "No tree changed: nothing would be called."
    idle = replace(PLAN, steps=(KEPT,), unchanged=True)
    assert plan_markdown([PlannedTree("zoo", idle)]) == (
        "**No calls**: what these trees ask for is recorded already.\n\n"
        "### A zoo in words (<code>zoo</code>)\n\nNothing would be called: everything asked for is recorded already."
    )
    redone = replace(PLAN, steps=(KEPT,))
    assert "the output is put together anew" in plan_markdown([PlannedTree("zoo", redone)])


def test_faults_have_their_place_and_a_hint(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.tree("generations:\n  - {id: a, type: txet, config: {prompt: hi}}", "zoo")
    with pytest.raises(TreeError) as caught:
        place.project.load()
    page = look(plan_markdown([], [caught.value]))
    assert "1 fault to mend" in page.text
    assert "trees/zoo/config.yaml:3:" in page.code
    assert "- {id: a, type: txet, config: {prompt: hi}}" in page.code
    assert "text" in page.text
    assert "→" in page.text


def test_a_budget_that_is_too_small_stands_out() -> None:
    text = plan_markdown([PlannedTree("zoo", replace(PLAN, budget={"usd": "0.01"}))])
    assert "**Over the budget: \\$0.0123 of \\$0.01." in text


def test_a_large_tree_shows_what_it_would_call() -> None:
    steps = [replace(KEPT, path=f"n{at}", node=f"n{at}") for at in range(20)]
    page = look(plan_markdown([PlannedTree("zoo", replace(PLAN, steps=(*steps, POEM)))]))
    assert [row[0] for row in page.cells[:3]] == ["node", "animals/poem", "total"]
    assert len(page.cells) == 24
    assert "20 nodes without calls" in page.text


def test_secrets_are_hidden_in_every_text() -> None:
    plan = replace(PLAN, title="sk-secret", warnings=("sk-secret",), steps=(replace(POEM, reason="sk-secret"),))
    fault = TreeError("x", "sk-secret", Where("trees/zoo/config.yaml", 1, 1, "prompt: sk-secret"), "sk-secret")
    text = plan_markdown(
        [PlannedTree("zoo", plan)],
        [fault],
        safe=lambda text: text.replace("sk-secret", "***"),
    )
    assert "secret" not in text.replace("\\", "")


@pytest.mark.parametrize("evil", EVIL)
def test_text_of_a_tree_stays_text(evil: str) -> None:
    fault = TreeError("x", evil, Where(evil, 2, 3, evil), evil)
    step = replace(POEM, reason=evil, node=evil, model=evil, source=evil, exact=False)
    plan = Plan(evil, evil, (step, replace(KEPT, node=evil + "2")), 0, continues=evil, warnings=(evil,))
    page = look(plan_markdown([PlannedTree(evil, plan, (evil,)), PlannedTree(evil, waits=(evil,))], [fault]))
    assert page.images == page.links == []
    assert len(page.cells) == 4
    assert all(len(row) == 5 for row in page.cells)
    sections = plan_sections([PlannedTree(evil, plan)], [fault])
    assert [look(section.name).tags for section in sections] == [["p"], ["p"], ["p", "code"]]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("- one", "\\- one"),
        ("1. one", "1\\. one"),
        ("+1", "\\+1"),
        ("gpt-5.1 + 2", "gpt-5.1 + 2"),
        ("a\n\nb", "a b"),
        ("<b>", "&lt;b&gt;"),
    ],
)
def test_markdown_cannot_be_steered(text: str, shown: str) -> None:
    assert plain(text) == shown


@given(st.text(alphabet=st.characters(codec="utf-8")), st.sampled_from([plain, code, fence]))
def test_no_text_gets_out(text: str, shown: object) -> None:
    page = look(f"before\n\n{shown(text)}\n\nafter")  # type: ignore[operator]
    assert page.images == page.links == []
    assert set(page.tags) <= {"p", "code", "pre"}


@given(st.lists(st.sampled_from([*"@#<>[]()!|`*_~$:&\\-=.\n\t ", "a", "1", "http://", "www.", "GH-", "<b", "-->", "x@y.z"])))
def test_no_mixture_gets_out(parts: list[str]) -> None:
    text = "".join(parts)
    page = look(f"before\n\n{plain(text, 9999)}\n\n| a |\n| --- |\n| {plain(text, 9999)} {code(text)} |\n\nafter")
    assert page.images == page.links == []
    assert set(page.tags) <= {"p", "code", "table", "thead", "tbody", "tr", "th", "td"}
