"""trees/tree.schema.json: what editors check trees with, held against what loading accepts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from genarun.tree.load import tree_from_data
from genarun.tree.schema import FILE, main, tree_schema, written
from genarun.tree.source import parse_source, read_source
from genarun.tree.spec import NodeSpec, TreeSpec

from tests.tree.kinds import KINDS
from tests.tree.project import PROVIDERS
from tests.tree.test_bytes import RICH

ROOT = Path(__file__).parents[2]
SAMPLES = {
    "a small tree": """
        $schema: ../tree.schema.json
        version: 1
        generations:
          - {id: a, type: text, config: {prompt: Hello}}
        """,
    "every form of a value": """
        version: 1
        seed: random
        timeout: 1.5m
        errorPolicy: {retryDelay: 250}
        models: {poet: {provider: mine, model: m, params: {any: [1, {x: null}]}, price: {call: 0.1}}}
        providers: {mine: {baseUrl: "http://localhost", options: {a: 1}}}
        inputs: {year: {type: integer, default: 2026}, news: {from: news}, size: {enum: [1, 2], type: number}}
        generations:
          - id: a
            type: object
            requiredInputs: [year]
            config: {prompt: [{system: Short., template: Hi}, {template: Again, parseJson: true}], model: {name: poet, t: 1}}
            schema: {type: object, properties: {title: {type: string}}}
            validation: {required: [title]}
            retry: {max: 1, delay: 1s}
            when: [{name: year, operator: gt, value: 2000}, {name: size, operator: exists}]
            onError: "null"
          - id: b
            type: text-array
            itemKey: word
            parallel: false
            cache: shared
            config: {prompt: {prefix: "[a | b]", template: "${a}", suffix: c, system: d}, picks: false}
            validation: {minLength: 1, maxLength: 2, required: true}
            collapse: true
            generations: [{id: c, type: image, retry: 0, config: {prompt: "${word}"}}]
          - {id: d, type: group, generations: [{id: e, type: template, config: {prompt: "${b}"}, when: {name: a}}]}
          - {id: f, type: text, enabled: false, config: {prompt: x}}
        """,
}


def valid(data: Any) -> bool:
    return bool(jsonschema.Draft202012Validator(tree_schema()).is_valid(data))


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(tree_schema())


def test_the_file_in_the_repository_is_the_one_that_would_be_written() -> None:
    assert (ROOT / FILE).read_text(encoding="utf-8") == written(), "run `make schema`"


@pytest.mark.parametrize("text", SAMPLES.values(), ids=SAMPLES)
def test_what_loading_accepts_editors_accept(text: str) -> None:
    data = parse_source(text, "config.yaml").data
    tree_from_data(data, kinds=KINDS, providers=PROVIDERS)
    jsonschema.validate(data, tree_schema(), jsonschema.Draft202012Validator)


@pytest.mark.parametrize("config", sorted(ROOT.glob("trees/*/config.*")), ids=lambda path: path.parent.name)
def test_the_trees_of_the_repository_satisfy_it(config: Path) -> None:
    data = read_source(config, config.name).data
    jsonschema.validate(data, tree_schema(), jsonschema.Draft202012Validator)


def test_a_rich_tree_satisfies_it() -> None:
    jsonschema.validate(RICH, tree_schema(), jsonschema.Draft202012Validator)


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"bugdet": {}},
        {"generations": []},
        {"timeout": "half an hour"},
        {"seed": "dice"},
        {"generations": [{"id": "1", "type": "text"}]},
        {"generations": [{"id": "a", "type": "text", "output_key": "b"}]},
        {"generations": [{"id": "a", "type": "text", "config": {"prompt": ["a | b"]}}]},
        {"generations": [{"id": "a", "type": "group", "generations": [{"id": "a"}]}]},
    ],
)
def test_what_loading_refuses_for_its_shape_editors_refuse(change: dict[str, Any]) -> None:
    assert valid(RICH)
    assert not valid(RICH | change)


def test_every_field_is_described_and_no_title_is_made_up() -> None:
    schema = tree_schema()
    for model in (schema, *schema["$defs"].values()):
        for name, field in model.get("properties", {}).items():
            assert field.get("description"), name
            assert "title" not in field
    assert set(schema["$defs"]["NodeSpec"]["properties"]) == {
        field.alias or name for name, field in NodeSpec.model_fields.items()
    }
    assert set(schema["properties"]) == {field.alias or name for name, field in TreeSpec.model_fields.items()}


def test_writing_and_checking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "trees").mkdir()
    monkeypatch.chdir(tmp_path)
    assert main(["--check"]) == 1
    assert capsys.readouterr().err == (
        "trees/tree.schema.json is not what scripts/genarun/tree/spec.py says: run `make schema` and commit it.\n"
    )
    assert main(["--write"]) == 0
    assert main(["--check"]) == 0
    assert json.loads((tmp_path / FILE).read_text()) == tree_schema()
