"""Pools inside of steps: each tree means its own models and its own inputs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.helpers import Place
from tests.planning.agree import agree
from tests.services.openai_service import OpenAIService

DEFAULTS = """
models:
  text: {models: [a, {provider: openai, model: b}]}
  a: {provider: openai, model: a, concurrency: 2}
budget: {calls: 1000}
errorPolicy: {maxRetries: 0}
"""
INNER = """
inputs: {visitor: {}}
models:
  text: {models: [a, {provider: openai, model: b}], policy: sticky, sticky: visitor}
  a: {provider: openai, model: other}
generations: [{id: poem, type: text, config: {prompt: "For ${visitor}"}}]
"""
OUTER = """
inputs: {visitor: {default: Ann}}
generations:
  - id: list
    type: text-array
    config: {prompt: Name them}
    generations:
      - {id: step, type: tree, config: {tree: inner, inputs: {visitor: "${i}"}}}
  - {id: plain, type: text, config: {prompt: Plain}}
"""


def names(body: dict[str, Any]) -> Any:
    text = body["messages"][-1]["content"]
    return {"data": [f"v{n}" for n in range(12)]} if text == "Name them" else f"{body['model']}: {text}"


def test_a_step_goes_by_the_input_that_it_is_given(tmp_path: Path) -> None:
    with OpenAIService(answer=names, latency=0.01) as service:
        place = Place(tmp_path, service, defaults=DEFAULTS)
        place.tree(INNER, "inner")
        place.tree(OUTER)
        done = agree(place)
        assert done.result.status == "succeeded", done.result.failures
        models = {entry["item"]: entry["step"]["poem"].split(":")[0] for entry in done.result.output["list"]}
        assert set(models.values()) == {"other", "b"}
        place.tree(OUTER.replace("id: list", "id: names"))
        assert not agree(place, fresh=False).called
        alone = {}
        for visitor in ("v0", "v1", "v2", "v3"):
            place.run("inner", inputs={"visitor": visitor}, fresh=True)
            alone[visitor] = place.records(name="inner")[0]["model"]
        assert {visitor: models[visitor] for visitor in alone} == alone, "as where the tree runs by itself"


def test_the_limits_of_an_alias_are_those_of_its_own_tree(tmp_path: Path) -> None:
    with OpenAIService(answer=names, latency=0.02) as service:
        place = Place(tmp_path, service, defaults=DEFAULTS)
        place.tree(INNER.replace("policy: sticky, sticky: visitor", "policy: ordered"), "inner")
        place.tree(OUTER)
        assert place.run().status == "succeeded"
        assert 2 < service.most_at_once <= 9
        tree = place.project.load_one("t")
        used = {node.name: node.use for node in tree.trails.values() if node.use is not None}
        assert [one.alias for one in used["list/step/poem"].members] == ["inner/a", "inner/text.models.1"]
        assert [one.alias for one in used["plain"].members] == ["a", "text.models.1"]
