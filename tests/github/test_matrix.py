"""Which trees share a job, what a job is handed, and how rates and budgets are divided."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from genarun.client.project import Project
from genarun.errors import GenarunError
from genarun.github.job import Request, for_jobs, requested, truth
from genarun.github.matrix import groups, matrix
from genarun.github.revisions import Changes
from genarun.github.trees import rest_of
from genarun.providers.registry import provider_infos

from tests.github.test_messages import context
from tests.helpers import Place

SAY = "generations:\n  - {id: a, type: text, config: {prompt: Say a}}\n"


def reads(*names: str) -> str:
    lines = "".join(f"  in{number}: {{type: any, from: {name}}}\n" for number, name in enumerate(names))
    return f"inputs:\n{lines}{SAY}"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    place = Place(tmp_path)
    place.tree(SAY, "t")
    for name, text in {
        "alone": SAY,
        "b": reads("a"),
        "a": SAY,
        "c": reads("b"),
        "by-hand": f"rerunOnChange: false\n{SAY}",
        "d": reads("c", "t"),
    }.items():
        place.tree(text, name)
    return place.project


def test_trees_that_read_one_another_share_a_job_in_order(project: Project) -> None:
    found = groups(project.load(), provider_infos())
    assert [group.trees for group in found] == [("a", "b", "c", "t", "d"), ("alone",), ("by-hand",)]
    assert matrix(found)[0]["share"] == 3
    assert [one["index"] for one in matrix(found)] == [0, 1, 2]


def test_a_link_that_does_not_run_joins_nothing(project: Project) -> None:
    trees = [tree for tree in project.load() if tree.name in ("a", "c")]
    assert [group.trees for group in groups(trees, provider_infos())] == [("a",), ("c",)]


def test_more_groups_than_jobs_share_the_smallest(project: Project) -> None:
    found = groups(project.load(), provider_infos(), most=2)
    assert sorted(len(group.trees) for group in found) == [2, 5]
    assert {name for group in found for name in group.trees} == {tree.name for tree in project.load()}


DEFAULTS = """models:
  mine: {provider: mine, model: m}
  pool: {models: [{provider: groq, model: x}, {provider: mistral, model: y}]}
providers:
  mine: {provider: openai, baseUrl: "http://localhost:1/v1", keyEnv: MY_KEY}
"""


def test_a_job_gets_the_keys_that_its_trees_ask_with(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.write("trees/defaults.yaml", DEFAULTS)
    place.tree("generations:\n  - {id: a, type: text, config: {prompt: x, model: mine}}\n", "t")
    place.tree("generations:\n  - {id: a, type: text, config: {prompt: x, model: pool}}\n", "pooled")
    place.tree("generations:\n  - {id: a, type: template, config: {prompt: x}}\n", "none")
    found = {group.trees[0]: group.keys for group in groups(place.project.load(), provider_infos())}
    assert found == {"t": ("MY_KEY",), "pooled": ("GROQ_API_KEY", "MISTRAL_API_KEY"), "none": ()}


def test_what_a_change_runs_and_what_waits_for_a_hand(project: Project) -> None:
    trees = project.load()
    files = tuple(map(PurePosixPath, ["trees/by-hand/x.md", "trees/b/overrides.yaml", "trees/alone/latest/output.json"]))
    wanted, waiting = rest_of(Changes(files), trees)
    assert ([tree.name for tree in wanted], waiting) == (["b", "c", "d"], ["by-hand"])
    wanted, _ = rest_of(Changes(None), trees)
    assert {tree.name for tree in wanted} == {"a", "b", "c", "d", "t", "alone"}


def test_one_budget_is_divided_and_the_parts_keep_it() -> None:
    asked = Request(inputs={"town": "Trieste"}, fresh=True, budget=Decimal("1.00"))
    assert for_jobs(asked, 4) == {"inputs": {"town": "Trieste"}, "fresh": True, "budget": "0.25"}
    part = Decimal(for_jobs(Request(budget=Decimal("1")), 3)["budget"])
    assert part * 3 <= 1
    assert for_jobs(None, 3) == {}


FORM = {"tree": "a, b,a", "inputs": "{}", "fresh": "false", "budget": ""}
ALL = {"tree": "all", "fresh": True, "budget": "$2"}


@pytest.mark.parametrize(
    ("event", "given", "wanted"),
    [
        ("workflow_dispatch", {"inputs": FORM}, Request(("a", "b"), {})),
        ("workflow_dispatch", {"inputs": ALL}, Request(None, {}, True, Decimal(2))),
        ("workflow_dispatch", {}, Request(None, {})),
        ("repository_dispatch", {"client_payload": {"trees": ["a"], "inputs": {"n": 3}}}, Request(("a",), {"n": 3})),
        ("push", {}, None),
    ],
)
def test_what_an_event_asks_for(tmp_path: Path, event: str, given: dict[str, Any], wanted: Request | None) -> None:
    assert requested(context(tmp_path, given, GITHUB_EVENT_NAME=event)) == wanted


@pytest.mark.parametrize(
    "given",
    [{"tree": 3}, {"inputs": "{"}, {"inputs": [1]}, {"budget": "NaN"}, {"budget": -1}, {"budget": True}, {"tree": ["a", 1]}],
)
def test_what_nobody_can_read_is_said(tmp_path: Path, given: dict[str, Any]) -> None:
    with pytest.raises(GenarunError) as caught:
        requested(context(tmp_path, {"client_payload": given}, GITHUB_EVENT_NAME="repository_dispatch"))
    assert caught.value.code == "request-unreadable"


def test_a_switch_is_on_for_anything_but_a_no() -> None:
    assert [truth(word) for word in ("1", "true", True, "yes", "0", "false", "", None, False, "No")] == [True] * 4 + [False] * 6
