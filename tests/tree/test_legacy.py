"""Genarun v0 trees, unchanged: how a file without `version` is read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from genarun.errors import Faults
from genarun.tree.load import resolve_inputs, tree_from_data
from genarun.tree.model import ModelUse, Tree
from genarun.tree.values import MISSING

from tests.say import says
from tests.tree.kinds import KINDS
from tests.tree.project import PROVIDERS, fault, tree

NOTICE = "read as a Genarun v0 tree: it has no `version`; add `version: 1` to use all of version 1"

PROJECT: dict[str, Any] = {
    "baseDir": "2024",
    "outputFormats": ["md", "json"],
    "maxRetries": 5,
    "timeout": 30000,
    "models": {
        "text": {"endpoint": "gpt-4", "defaultParams": {"temperature": 0.7, "maxTokens": 2000}},
        "image": {"endpoint": "black-forest-labs/flux-dev", "defaultParams": {"aspect_ratio": "3:2", "numOutputs": 1}},
    },
    "generations": [
        {
            "id": "year",
            "type": "object",
            "requiredInputs": ["year"],
            "generations": [
                {
                    "id": "ideas",
                    "type": "text-array",
                    "outputKey": "themes",
                    "config": {
                        "prompt": [
                            {"template": "Ten events of ${year}."},
                            {"template": "The best three.", "parseJson": True, "system": "Answer in JSON."},
                        ],
                        "model": {"name": "text", "temperature": 0.8},
                    },
                    "validation": {"minLength": 3, "required": True},
                    "generations": [
                        {
                            "id": "picture",
                            "type": "image",
                            "requiredInputs": ["i"],
                            "config": {"prompt": {"prefix": "A photograph of", "template": "${i}"}},
                        }
                    ],
                }
            ],
        }
    ],
}


def v0(data: Any, defaults: str | None = None) -> Tree:
    return tree(json.dumps(data), "config.json", defaults)


def use(found: Tree, *trail: str) -> ModelUse:
    asked = found.trails[trail].use
    assert asked is not None
    return asked


def bare(**more: Any) -> dict[str, Any]:
    """A root node that asks for one text."""
    return {"id": "poem", "type": "text", "config": {"prompt": {"template": "A poem."}}, **more}


def test_a_project_file() -> None:
    found = v0(PROJECT)
    assert found.legacy
    assert found.warnings == (NOTICE,)
    assert list(found.trails) == [("year",), ("year", "ideas"), ("year", "ideas", "picture")]
    assert found.settings.output_formats == ["md", "json"]
    assert found.settings.timeout == 30_000
    assert found.nodes[0].kind.name == "group"  # an object without a prompt
    ideas = found.trails["year", "ideas"]
    assert (ideas.max_retries, ideas.timeout, ideas.collapses) == (5, 30.0, True)
    assert ideas.prompt is not None
    assert [(turn.system is None, turn.parse_json) for turn in ideas.prompt.turns] == [(True, False), (False, True)]


def test_aliases_name_their_service_by_the_form_of_the_endpoint() -> None:
    found = v0(PROJECT)
    text, image = use(found, "year", "ideas"), use(found, "year", "ideas", "picture")
    assert (text.provider, text.model, text.params) == ("openai", "gpt-4", {"temperature": 0.8, "max_tokens": 2000})
    assert (image.provider, image.model) == ("replicate", "black-forest-labs/flux-dev")
    assert image.params == {"aspect_ratio": "3:2", "numOutputs": 1}  # Replicate's models name their own


def test_an_alias_can_name_its_provider() -> None:
    found = v0({"models": {"text": {"provider": "offline", "endpoint": "a/b"}}, "generations": [bare()]})
    assert (use(found, "poem").provider, use(found, "poem").model) == ("offline", "a/b")


def test_a_bare_root_node() -> None:
    found = v0(bare(outputKey="text"))
    assert [node.id for node in found.nodes] == ["poem"]
    assert use(found, "poem").model == "gpt-6.1-terra"
    assert v0(bare(), "models: {text: {provider: offline, model: mine}}").nodes[0].use is not None


def test_types_are_read_without_regard_to_case() -> None:
    assert v0(bare(type="Text")).nodes[0].kind.name == "text"


def test_validation_may_stand_in_the_config() -> None:
    node = bare(validation={"minLength": 2})
    node["config"] = {"prompt": "A poem.", "validation": {"minLength": 9, "maxLength": 10}}
    validation = v0(node).nodes[0].spec.validation
    assert validation is not None
    assert (validation.min_length, validation.max_length) == (2, 10)


def test_parameters_that_a_newer_model_does_not_take() -> None:
    node = bare()
    node["config"]["model"] = {"name": "text", "temperature": 0.8, "maxTokens": 400}
    found = v0({"models": {"text": {"endpoint": "gpt-5-mini"}}, "generations": [node]})
    assert use(found, "poem").params == {"max_completion_tokens": 400}
    assert found.warnings == (
        NOTICE,
        "trees/t/config.json:1:169: gpt-5-mini takes no `temperature`, so it is left out",
    )


def test_qualities_of_pictures_by_their_new_names() -> None:
    picture = {"id": "a", "type": "image", "config": {"prompt": {"template": "A cat"}, "model": {"quality": "hd"}}}
    found = v0(picture)
    assert use(found, "a").params == {"quality": "high"}
    assert found.warnings[1:] == ("trees/t/config.json:1:84: gpt-image-2.5-flare calls this quality `high`",)


def test_unknown_keys_are_passed_over_with_a_warning() -> None:
    found = tree(
        """
        id: poem
        type: text
        count: 3
        config:
          prompt: {template: A poem., sufix: "!"}
          retries: 2
        """
    )
    assert found.warnings == (
        NOTICE,
        "trees/t/config.yaml:3:1: the key “count” means nothing here and is passed over",
        "trees/t/config.yaml:6:3: the key “retries” means nothing here and is passed over",
        "trees/t/config.yaml:5:31: the key “sufix” means nothing here and is passed over; did you mean “suffix”?",
    )


def test_an_unknown_output_format_is_passed_over() -> None:
    found = v0({"outputFormats": ["json", "pdf"], "generations": [bare()]})
    assert found.settings.output_formats == ["json"]
    assert found.warnings[1:] == ("trees/t/config.json:1:2: there is no output format “pdf”, so it is left out",)


def test_inputs_are_the_names_that_top_level_nodes_require() -> None:
    found = v0(PROJECT)
    assert list(found.inputs) == ["year"]
    assert resolve_inputs(found, {"year": 2024}, lambda name: MISSING) == {"year": 2024}
    assert resolve_inputs(found, {}, lambda name: MISSING) == {}  # unmet: told when it renders as nothing
    assert resolve_inputs(found, {"year": 2024, "mood": "calm"}, lambda name: MISSING) == {"year": 2024, "mood": "calm"}


def test_a_name_that_nothing_makes_is_a_warning() -> None:
    node = bare()
    node["config"]["prompt"] = {"template": "A poem on ${subject}."}
    (notice, warning) = v0(node).warnings
    assert notice == NOTICE
    assert warning.startswith("poem: `${subject}` names nothing, so it renders as nothing.")


def test_picks_are_off() -> None:
    node = bare()
    node["config"]["prompt"] = {"template": "A poem on [cats | dogs]."}
    prompt = v0(node).nodes[0].prompt
    assert prompt is not None
    assert not prompt.has_picks


@pytest.mark.parametrize("key", ["inputs", "seed", "budget", "providers", "kind", "rerunOnChange", "assets", "retention"])
def test_keys_of_version_1_at_the_top_are_refused(key: str) -> None:
    assert fault(json.dumps({"generations": [bare()], key: 1}), "config.json").code == "version-missing"


@pytest.mark.parametrize("key", ["itemKey", "schema", "when", "retry", "timeout", "cache", "onError", "collapse", "enabled"])
def test_keys_of_version_1_in_a_node_are_refused(key: str) -> None:
    assert fault(json.dumps(bare(**{key: 1})), "config.json").code == "version-missing"


@pytest.mark.parametrize("kind", ["group", "template", "object-array"])
def test_types_of_version_1_are_refused(kind: str) -> None:
    assert fault(json.dumps(bare(type=kind)), "config.json").code == "version-missing"


def test_a_version_1_tree_that_forgot_to_say_so() -> None:
    says(
        fault(
            """
            title: Poems
            seed: 7
            budget: {usd: 1}
            generations:
              - {id: poem, type: text, schema: {type: string}, config: {prompt: A poem.}}
            """
        ),
        "version-missing",
        """
        trees/t/config.yaml:2:1: `seed` is of version 1, and this file has no `version`
          2 | seed: 7
            | ^
          → At the top of the file, add `version: 1`.
        """,
    )


def test_the_same_in_json() -> None:
    says(
        fault('{"id": "a", "type": "text", "config": {"prompt": {"template": {"file": "a.md"}}}}', "config.json"),
        "version-missing",
        """
        trees/t/config.json:1:64: `file` is of version 1, and this file has no `version`
          1 | {"id": "a", "type": "text", "config": {"prompt": {"template": {"file": "a.md"}}}}
            |                                                                ^
          → At the top of the file, add `"version": 1`.
        """,
    )


def test_faults_point_at_the_lines_that_were_written() -> None:
    """`endpoint` became `model`, and `maxRetries` moved; their faults stay where they were written."""
    error = fault(
        """
        maxRetries: many
        models:
          text: {endpoint: 4}
        generations:
          - id: poem
            type: text
            config:
              prompt: {template: A poem.}
              validation: {minLength: few}
        """
    )
    assert isinstance(error, Faults)
    says(
        error.errors[0],
        "wrong-type",
        """
        trees/t/config.yaml:1:13: “maxRetries” wants a whole number, and this is the text “many”
          1 | maxRetries: many
            |             ^
          → Write for example `maxRetries: 3`.
        """,
    )
    places = [(one.where.line, one.where.column) for one in error.errors if not isinstance(one.where, str | None)]
    assert places == [(1, 13), (3, 20), (9, 31)]


def test_a_v0_tree_given_as_data() -> None:
    assert tree_from_data(PROJECT, kinds=KINDS, providers=PROVIDERS).legacy


def test_a_v0_tree_is_never_the_same_as_one_of_version_1(tmp_path: Path) -> None:
    node = bare(config={"prompt": "A poem.", "model": "text"})
    assert v0({"generations": [node]}).digest != v0({"version": 1, "generations": [node]}).digest
