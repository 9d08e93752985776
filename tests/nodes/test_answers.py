"""How answers become values, kind by kind, and what is said when they do not."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
from genarun.errors import Misfit
from genarun.nodes import registry
from genarun.nodes.conversation import excerpt, parse_json
from genarun.nodes.lists import read_list, read_list_v0
from genarun.nodes.object import _read

from tests.helpers import Place, by_prompt
from tests.say import says
from tests.services.openai_service import OpenAIService
from tests.services.web import Reply


@pytest.mark.parametrize(
    "text",
    [
        '{"a": [1, 2]}',
        ' \n{"a": [1, 2]}\n',
        '```json\n{"a": [1, 2]}\n```',
        'Here you are: {"a": [1, 2]}',
        "{'a': [1, 2,]}",
        '{"a": [1, 2',
    ],
)
def test_json_is_found_in_what_models_write(text: str) -> None:
    assert parse_json(text) == {"a": [1, 2]}


@pytest.mark.parametrize("text", ["", "I cannot do that.", "{", "[", "null and void"])
def test_what_holds_no_json_is_a_misfit(text: str) -> None:
    with pytest.raises(Misfit) as raised:
        parse_json(text)
    says(raised.value, "answer-no-json", f"the answer must be JSON, and this is not: {excerpt(text)}")


def test_a_long_answer_is_quoted_in_part() -> None:
    assert excerpt("word " * 100, 20) == "“word word word word…”"


@pytest.mark.parametrize("text", ['["a"]', '{"data": ["a"]}', '{"items": ["a"]}'])
def test_a_list_may_come_bare_or_wrapped(text: str) -> None:
    assert read_list(text) == ["a"]


@pytest.mark.parametrize("text", ['{"a": 1}', '{"a": ["x"], "b": ["y"]}', "3"])
def test_what_is_no_list_is_a_misfit(text: str) -> None:
    with pytest.raises(Misfit) as raised:
        read_list(text)
    says(raised.value, "answer-no-list", 'the answer must be JSON of the form {"data": […]} with the whole list in it')


def test_what_is_no_object_is_a_misfit() -> None:
    with pytest.raises(Misfit) as raised:
        _read("[1]")
    says(raised.value, "answer-no-object", "the answer must be one JSON object")


def test_v0_reads_loosely() -> None:
    assert read_list_v0("just text") == ["just text"]
    assert read_list_v0('{"data": "one"}') == ["one"]


def test_an_object_may_have_a_field_called_data(tmp_path: Path) -> None:
    with OpenAIService(answer=by_prompt({"Measure": {"data": [1, 2]}})) as service:
        place = Place(tmp_path, service)
        place.tree("""
            generations:
              - id: m
                type: object
                config: {prompt: Measure}
                schema: {type: object, properties: {data: {type: array, items: {type: integer}}}, required: [data]}
        """)
        assert place.run().output == {"m": {"data": [1, 2]}}


def test_text_can_be_asked_for_as_json(tmp_path: Path) -> None:
    with OpenAIService(answer=by_prompt({"JSON": {"a": 1}})) as service:
        place = Place(tmp_path, service)
        place.tree("""
            generations:
              - {id: free, type: text, config: {prompt: {template: Any JSON, parseJson: true}}}
              - {id: told, type: template, config: {prompt: "a is ${free.a}"}}
        """)
        assert place.run().output == {"free": {"a": 1}, "told": "a is 1"}


def test_a_service_without_a_picture(tmp_path: Path) -> None:
    with OpenAIService(answer=lambda body: Reply(b'{"created": 1, "data": []}')) as service:
        place = Place(tmp_path, service)
        place.tree("retention: {runs: 3}\ngenerations:\n  - {id: p, type: image, retry: 0, config: {prompt: A picture}}\n")
        result = place.run()
        assert result.status == "failed"
        assert result.failures[0].error is not None


def test_params_can_read_values(tmp_path: Path) -> None:
    with OpenAIService() as service:
        place = Place(tmp_path, service)
        place.tree("""
            seed: 11
            generations:
              - {id: a, type: text, config: {prompt: Say a, model: {name: text, seed: "${seed}", user: "u-${seed}"}}}
        """)
        place.run()
        assert service.asked[0].json["seed"] == 11
        assert service.asked[0].json["user"] == "u-11"


class Twice:
    def __init__(self, points: list[EntryPoint]) -> None:
        self.points = points

    def __call__(self, group: str) -> list[EntryPoint]:
        return self.points


def entry(name: str, value: str) -> EntryPoint:
    return EntryPoint(name, value, registry.GROUP)


def kinds(monkeypatch: pytest.MonkeyPatch, *points: EntryPoint) -> Any:
    monkeypatch.setattr(registry, "entry_points", Twice(list(points)))
    return registry.node_kinds.__wrapped__()


def test_two_packages_with_one_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Exception) as raised:
        kinds(monkeypatch, entry("text", "genarun.nodes.text:TEXT"), entry("text", "genarun.nodes.group:GROUP"))
    says(
        raised.value,
        "kind-twice",
        """
        two packages bring the node kind “text”: genarun.nodes.text and genarun.nodes.group
          → Uninstall one of them.
        """,
    )


def test_a_kind_that_cannot_be_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Exception) as raised:
        kinds(monkeypatch, entry("waltz", "dance_hall:WALTZ"))
    says(
        raised.value,
        "kind-broken",
        """
        the node kind “waltz” of the package dance_hall cannot be imported: No module named 'dance_hall'
          → Update or uninstall dance_hall.
        """,
    )
