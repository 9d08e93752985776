"""Whether a value fits its node, and the sentence that a model mends its answer by."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from genarun.tree.fit import Fit, SchemaFault, validator
from genarun.tree.spec import NodeSpec
from hypothesis import given
from hypothesis import strategies as st

from tests.tree.kinds import KINDS


def fit(kind: str, **spec: Any) -> Fit:
    node = NodeSpec.model_validate({"id": "a", "type": kind, **spec})
    return validator(KINDS[kind], node)


SERIES = {
    "type": "object",
    "properties": {
        "title": {"type": "string", "minLength": 3, "maxLength": 5},
        "stars": {"type": "integer", "minimum": 1, "maximum": 5},
        "mood": {"enum": ["glad", "sad"]},
    },
    "required": ["title"],
    "additionalProperties": False,
}


def test_values_that_fit() -> None:
    assert fit("text")("anything") is None
    assert fit("text-array")([]) is None
    assert fit("object", schema=SERIES)({"title": "Rain"}) is None
    assert fit("object-array", schema=SERIES)([{"title": "Rain", "stars": 5.0, "mood": "sad"}]) is None
    assert fit("group")({"any": "thing"}) is None
    assert fit("image", validation={"minLength": 100})("assets/a.png") is None


@pytest.mark.parametrize(
    ("kind", "spec", "value", "sentence"),
    [
        ("text", {}, 5, "must be a text, not a whole number"),
        ("text", {}, None, "must be a text, not null"),
        ("text-array", {}, {"data": []}, "must be a list, not an object"),
        ("text-array", {}, ["a", 1.5, True], "at /1: must be a text, not a number; at /2: must be a text, not true or false"),
        ("object", {"schema": SERIES}, [], "must be an object, not a list"),
        ("object", {"schema": SERIES}, {}, 'the field "title" is missing'),
        ("object", {"schema": SERIES}, {"title": "Ra"}, "at /title: needs at least 3 characters, has 2"),
        ("object", {"schema": SERIES}, {"title": "Rainy day"}, "at /title: takes at most 5 characters, has 9"),
        ("object", {"schema": SERIES}, {"title": "Rain", "stars": 0}, "at /stars: must be at least 1, is 0"),
        ("object", {"schema": SERIES}, {"title": "Rain", "stars": 9}, "at /stars: must be at most 5, is 9"),
        ("object", {"schema": SERIES}, {"title": "Rain", "mood": "so"}, 'at /mood: must be one of "glad", "sad", not "so"'),
        ("object", {"schema": SERIES}, {"title": "Rain", "x/y": 1}, 'has fields that are not allowed: "x/y"'),
        ("object-array", {"schema": SERIES}, [{"title": "Rain"}, {}], 'at /1: the field "title" is missing'),
        ("text-array", {"validation": {"minLength": 2}}, ["a"], "needs at least 2 items, has 1"),
        ("text-array", {"validation": {"minLength": 1}}, [], "needs at least 1 item, has 0"),
        ("text-array", {"validation": {"maxLength": 1}}, ["a", "b"], "takes at most 1 item, has 2"),
        ("text-array", {"validation": {"required": True}}, [], "needs at least 1 item, has 0"),
        ("text", {"validation": {"minLength": 3, "maxLength": 4}}, "é", "needs at least 3 characters, has 1"),
        ("text", {"validation": {"maxLength": 1}}, "ab", "takes at most 1 character, has 2"),
        ("text", {"validation": {"required": True}}, " \n", "must not be empty"),
        ("object", {"validation": {"required": True}}, {}, "needs at least 1 field, has 0"),
        ("object", {"validation": {"required": ["a", "b"]}}, {"b": 1}, 'the field "a" is missing'),
        ("object-array", {"validation": {"required": ["a"]}}, [{"a": 1}, {}], 'at /1: the field "a" is missing'),
        ("text", {"schema": {"type": ["string", "null"]}, "validation": {"required": True}}, None, "must not be null"),
        ("text", {"schema": {"const": 1}}, 2, "must be 1, not 2"),
        ("text", {"schema": {"pattern": "^a"}}, "b", 'must match ^a, and "b" does not'),
        ("text", {"schema": {"multipleOf": 5}}, 3, "must be a multiple of 5, is 3"),
        ("text", {"schema": {"exclusiveMinimum": 0}}, 0, "must be more than 0, is 0"),
        ("text", {"schema": {"exclusiveMaximum": 0}}, 0, "must be less than 0, is 0"),
        ("text", {"schema": {"maxProperties": 1}}, {"a": 1, "b": 2}, "takes at most 1 field, has 2"),
        ("text", {"schema": {"uniqueItems": True}}, [1, 1], "must not hold an item twice"),
        ("text", {"schema": {"not": {"type": "string"}}}, "x", 'must not be like {"type": "string"}'),
        ("text", {"schema": {"type": ["integer", "null"]}}, "x", "must be a whole number or null, not a text"),
        ("text", {"schema": {"enum": ["x"]}}, "y" * 99, f'must be one of "x", not "{"y" * 58}…'),
    ],
)
def test_what_does_not_fit_is_told_in_words(kind: str, spec: dict[str, Any], value: Any, sentence: str) -> None:
    assert fit(kind, **spec)(value) == sentence


def test_many_faults_are_counted() -> None:
    assert fit("text-array")([1, 2, 3, 4, 5]) == (
        "at /0: must be a text, not a whole number; at /1: must be a text, not a whole number; "
        "at /2: must be a text, not a whole number; and 2 more"
    )


def test_keys_with_slashes_keep_their_path_readable() -> None:
    check = fit("object", schema={"type": "object", "properties": {"a/b": {"type": "string"}}})
    assert check({"a/b": 1}) == "at /a~1b: must be a text, not a whole number"


def test_a_schema_may_refer_to_itself() -> None:
    person = {"type": "object", "properties": {"name": {"$ref": "#/$defs/name"}}, "$defs": {"name": {"type": "string"}}}
    assert fit("object", schema=person)({"name": 1}) == "at /name: must be a text, not a whole number"
    assert fit("object-array", schema=person)([{"name": "x"}, {"name": 1}]) == "at /1/name: must be a text, not a whole number"


def test_a_schema_is_refused_when_it_is_none_or_leads_elsewhere() -> None:
    with pytest.raises(SchemaFault) as fault:
        fit("object", schema={"type": "object", "properties": {"a": {"minLength": -1}}})
    assert fault.value.path == ("properties", "a", "minLength")
    with pytest.raises(SchemaFault):
        fit("object", schema={"$ref": "http://127.0.0.1:9/schema.json"})
    with pytest.raises(SchemaFault):
        fit("object", schema={"$ref": "#/nowhere"})


def test_stricter_of_schema_and_validation_counts() -> None:
    check = fit("text", schema={"type": "string", "minLength": 5, "maxLength": 9}, validation={"minLength": 3, "maxLength": 7})
    assert check("abcd") == "needs at least 5 characters, has 4"
    assert check("abcdefgh") == "takes at most 7 characters, has 8"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
CHECK = fit("object-array", schema=SERIES, validation={"minLength": 1})
REFERENCE = jsonschema.Draft202012Validator({"type": "array", "minItems": 1, "items": SERIES})


@given(
    JSON | st.lists(st.fixed_dictionaries({"title": st.text(max_size=7)}, optional={"stars": JSON, "mood": JSON}), max_size=3)
)
def test_it_agrees_with_another_implementation(value: Any) -> None:
    assert (CHECK(value) is None) is REFERENCE.is_valid(value)


@given(st.text() | st.floats() | st.integers() | st.lists(st.text()) | st.binary())
def test_no_value_breaks_it(value: Any) -> None:
    said = CHECK(value)
    assert isinstance(said, str)
    json.dumps(said)
