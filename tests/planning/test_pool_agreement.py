"""`plan` beside the `run` that follows, with pools: what the plan calls exact is what happens, whoever answers in the end."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.engine.test_people import run_and_stop
from tests.helpers import BASE, Place, asked, by_prompt
from tests.planning.agree import agree
from tests.planning.test_agreement import FIRST, FIXED, calls
from tests.services.openai_service import OpenAIService, error

Json = Any
POLICIES = ("policy: ordered", "policy: cheapest", "policy: round-robin", "policy: random", "policy: sticky, sticky: who")
ANSWERS = {"Name t": {"data": ["a", "b", "c"]}, "None": {"data": []}, "Twins": {"data": ["x"] * 3}, "Card": {"name": "n"},
           "An object": {"x": "y"}}  # fmt: skip


def reluctant(body: dict[str, Json]) -> Json:
    """Each of the first two models refuses a part of what it is asked, the third one nothing."""
    digest = sha256(f"{body['model']} {asked(body)}".encode()).digest()
    if body["model"] != "gpt-test" and digest[0] % 2:
        raise error(400, "not this one")
    return by_prompt(ANSWERS)(body)


@pytest.fixture
def service() -> Iterator[OpenAIService]:
    with OpenAIService(answer=reluctant) as running:
        yield running


def pooled(root: Path, service: OpenAIService, policy: str) -> Place:
    models = "[{provider: openai, model: gpt-a, price: {call: 3}}, plain, {provider: openai, model: gpt-b, price: {call: 1}}]"
    defaults = BASE.replace("  text: {", f"  text: {{models: {models}, {policy}}}\n  plain: {{")
    return Place(root, service, defaults=defaults)


def tree(nodes: str) -> str:
    return "inputs: {who: {default: Ann}}\ngenerations:" + nodes


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("case", FIRST)
def test_a_first_plan_and_the_next(tmp_path: Path, service: OpenAIService, policy: str, case: str) -> None:
    nodes, named, _ = FIRST[case]
    place = pooled(tmp_path, service, policy)
    place.tree(tree(nodes))
    done = agree(place)
    assert calls(done) == named
    if done.result.status == "succeeded":
        start = len(service.asked)
        again = agree(place)
        assert again.plan.unchanged
        assert again.result.unchanged
        assert len(service.asked) == start


@pytest.mark.parametrize("policy", POLICIES)
def test_after_changes_and_interruptions(tmp_path: Path, service: OpenAIService, policy: str) -> None:
    place = pooled(tmp_path, service, policy)
    place.tree(tree(FIXED))
    assert run_and_stop(place, 2, True).status == "stopped"
    agree(place)
    place.tree(tree(FIXED.replace("Poem on", "Ode to")))
    assert calls(agree(place)) == {f"list/{n}/poem": 1 for n in range(3)}
    place.tree(tree(FIXED.replace("Name them", "Name three")))
    agree(place)
    place.tree(tree(FIXED.replace("Name them", "Name three").replace("type: text,", "type: text, cache: never,")))
    agree(place)
    agree(place, fresh=True)
    agree(place, seed=5)
    agree(place, inputs={"who": "Bo"})
    agree(place, skip=("poem",))


@pytest.mark.parametrize("policy", POLICIES)
def test_offline_the_same_models_are_asked_as_the_plan_of_the_real_run_names(
    tmp_path: Path, service: OpenAIService, policy: str
) -> None:
    place = pooled(tmp_path, service, policy)
    place.write("trees/t/overrides.yaml", "list: [a, b, c, a]\n")
    place.tree(tree(FIXED.replace("validation: {minLength: 3, maxLength: 3}", "")))
    named = {step.path: step.model for step in place.plan().steps if step.action == "call"}
    agree(place, offline=True)
    assert {record["path"]: record["model"] for record in place.records() if "poem" in record["path"]} == named
    assert len(named) == 4


def test_a_plan_says_why_whoever_answered_before(tmp_path: Path, service: OpenAIService) -> None:
    place = pooled(tmp_path, service, "policy: ordered")
    lines = "".join(f"  - {{id: n{n}, type: text, config: {{prompt: Say {n}}}}}\n" for n in range(8))
    place.tree(tree("\n" + lines))
    agree(place)
    assert len({record["model"] for record in place.records()}) > 1
    place.tree(tree("\n" + lines.replace("Say", "Tell")))
    stand = "openai/gpt-test and openai/gpt-b stand behind it"
    assert {step.reason for step in place.plan().steps} == {f"the prompt changed; {stand}"}
    place.tree(tree("\n" + lines.replace("prompt: Say", "model: {name: text, top_p: 0.5}, prompt: Say")))
    assert {step.reason for step in place.plan().steps} == {f"parameters changed; {stand}"}
    place.tree("models: {other: {models: [{provider: openai, model: gpt-z}]}}\n"
               + tree("\n" + lines.replace("prompt: Say", "model: other, prompt: Say")))  # fmt: skip
    reasons = {step.reason for step in place.plan().steps}
    assert "the model changed: openai/gpt-test → openai/gpt-z" in reasons
    assert all(reason.startswith("the model changed: openai/") for reason in reasons)
