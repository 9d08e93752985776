"""The schema of an output: what a tree promises, and what a sample adds."""

from __future__ import annotations

from typing import Any

import jsonschema
from genarun.tree.output import output_schema, sample_schema

from tests.tree.grow import grow_tree
from tests.tree.test_output import EXHIBITION, ONE

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def test_a_tree_promises_its_shape() -> None:
    picture = {"contentMediaType": "image/*", "type": "string"}
    assert output_schema(EXHIBITION) == {
        "$schema": DIALECT,
        "title": "An exhibition",
        "description": "Three themes",
        "type": "object",
        "properties": {
            "ideas": {
                "type": "array",
                "description": "Themes",
                "items": {
                    "type": "object",
                    "properties": {
                        "theme": {"type": "string"},
                        "series": {
                            "type": "object",
                            "properties": {
                                "title": {"type": "string"},
                                "portraitUrl": picture,
                                "photos": {"type": "array", "items": picture},
                            },
                            "required": ["title", "portraitUrl", "photos"],
                        },
                    },
                    "required": ["theme", "series"],
                },
            },
            "intro": {"type": ["string", "null"]},
            "extra": {"type": "object", "properties": {"note": {"type": "string"}}, "additionalProperties": False},
        },
        "required": ["ideas", "intro", "extra"],
        "additionalProperties": False,
    }


def test_what_can_be_left_out_is_not_required_and_what_says_nothing_stays_open() -> None:
    assert output_schema(ONE) == {
        "$schema": DIALECT,
        "title": "t",
        "type": "object",
        "properties": {
            "people": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"face": {"contentMediaType": "image/*", "type": "string"}},
                    "additionalProperties": True,
                },
            },
            "box": {"type": "string"},
            "free": {
                "type": "object",
                "properties": {"a": {"type": "string"}},
                "required": ["a"],
                "additionalProperties": True,
            },
        },
        "required": ["people", "box", "free"],
        "additionalProperties": False,
    }


def test_validation_is_part_of_the_promise() -> None:
    tree = grow_tree("""
        generations:
        - {id: a, type: text-array, validation: {minLength: 2, maxLength: 9}, config: {prompt: x}}
        - {id: b, type: text, validation: {required: true, maxLength: 9}, config: {prompt: x}}
        - {id: c, type: object, validation: {required: [x]}, config: {prompt: x}}
        - {id: d, type: text-array, collapse: true, validation: {minLength: 2, maxLength: 5}, config: {prompt: x},
           generations: [{id: e, type: text, onError: skip, config: {prompt: x}}]}
    """)
    properties: Any = output_schema(tree)["properties"]
    assert properties == {
        "a": {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 9},
        "b": {"type": "string", "minLength": 1, "maxLength": 9, "pattern": r"\S"},
        "c": {"type": "object", "required": ["x"]},
        "d": {"type": "array", "maxItems": 5, "items": {"type": "string"}},
    }


def test_schemas_that_refer_to_themselves_keep_their_meaning_where_they_stand() -> None:
    tree = grow_tree("""
        generations:
        - id: a
          type: object-array
          schema: {type: object, properties: {n: {$ref: "#/$defs/n"}}, $defs: {n: {type: integer}}}
          config: {prompt: x}
          generations:
          - {id: b, type: object, schema: {type: object, properties: {m: {$ref: "#/$defs/n"}}, $defs: {n: {type: string}}},
             config: {prompt: x}}
    """)
    schema = output_schema(tree)
    check = jsonschema.Draft202012Validator(schema)
    assert check.is_valid({"a": [{"n": 1, "b": {"m": "x"}}]})
    assert not check.is_valid({"a": [{"n": "x", "b": {"m": "x"}}]})
    assert not check.is_valid({"a": [{"n": 1, "b": {"m": 1}}]})


def test_null_is_allowed_where_a_failure_can_put_it() -> None:
    tree = grow_tree("""
        generations:
        - {id: a, type: text, onError: "null", schema: {enum: [x]}, config: {prompt: x}}
        - {id: b, type: text, onError: "null", schema: {type: integer}, config: {prompt: x}}
        - {id: c, type: text, onError: "null", schema: {type: [string, "null"]}, config: {prompt: x}}
    """)
    assert output_schema(tree)["properties"] == {
        "a": {"anyOf": [{"enum": ["x"]}, {"type": "null"}]},
        "b": {"type": ["integer", "null"]},
        "c": {"type": ["string", "null"]},
    }


def test_a_sample_fills_in_what_is_open() -> None:
    output = {
        "people": [{"name": "Ada", "age": 36, "tags": []}, {"name": "Bob", "age": 1.5, "face": "a.png", "tags": ["x"]}],
        "box": "x",
        "free": {"a": "t", "deep": {"b": None, "c": [[1], ["x"]]}},
    }
    sampled: Any = sample_schema(output_schema(ONE), output)["properties"]
    assert sampled["people"]["items"]["properties"] == {
        "face": {"contentMediaType": "image/*", "type": "string"},
        "name": {"type": "string"},
        "age": {"type": "number"},
        "tags": {"type": "array", "items": {"type": "string"}},
    }
    assert sampled["people"]["items"]["additionalProperties"] is True
    assert "required" not in sampled["people"]["items"]
    assert sampled["free"]["properties"]["deep"] == {
        "type": "object",
        "properties": {
            "b": {"type": "null"},
            "c": {"type": "array", "items": {"type": "array", "items": {"type": ["integer", "string"]}}},
        },
    }
    assert sampled["box"] == {"type": "string"}


def test_a_sample_changes_nothing_that_the_tree_says() -> None:
    schema = {
        "type": "object",
        "properties": {
            "any": {"description": "Whatever"},
            "closed": {"type": "object", "properties": {"a": {}}, "required": ["a"]},
            "either": {"anyOf": [{"type": "string"}, {}]},
            "never": False,
            "list": {"type": "array"},
            "pair": {"type": "array", "prefixItems": [{}, {}]},
        },
    }
    output = {"any": True, "closed": {"a": 1, "b": 2}, "either": 5, "list": [1, 2.5], "pair": [1, 2], "new": 1}
    assert sample_schema(schema, output) == {
        "type": "object",
        "properties": {
            "any": {"description": "Whatever", "type": "boolean"},
            "closed": {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]},
            "either": {"anyOf": [{"type": "string"}, {}]},
            "never": False,
            "list": {"type": "array", "items": {"type": "number"}},
            "pair": {"type": "array", "prefixItems": [{}, {}]},
        },
    }
    assert sample_schema({}, None) == {"type": "null"}
