"""Structured answers from the offline provider: they satisfy any reasonable schema, mean something, and agree."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import Any

import jsonschema
import pytest
from genarun.providers.offline.chance import Chance
from genarun.providers.offline.pattern import Unreadable, draw
from genarun.providers.offline.schema_values import satisfy
from genarun.providers.offline.shapes_in_prompts import schema_in
from genarun.providers.offline.topic import read_topic
from genarun.providers.offline.values import Suggest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.providers.test_offline import ask

TEXT = {"type": "string"}
CHECK = jsonschema.Draft202012Validator.FORMAT_CHECKER


def shape(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def many(items: Any, **more: Any) -> dict[str, Any]:
    return shape(data={"type": "array", "items": items, **more})


def value(prompt: str, schema: dict[str, Any] | None = None, **more: Any) -> Any:
    text = ask(prompt, schema=schema, json=True, **more).text
    assert text is not None
    found = json.loads(text)
    if schema is not None:
        jsonschema.Draft202012Validator(schema, format_checker=CHECK).validate(found)
    return found


def hints(prompt: str) -> Suggest:
    chance = Chance(prompt)
    return Suggest(read_topic(({"role": "user", "content": prompt},), "", chance), chance, chance)


# meaning


@pytest.mark.parametrize("seed", range(8))
def test_what_belongs_to_one_person_is_of_that_person(seed: int) -> None:
    series = shape(
        title=TEXT,
        slug={**TEXT, "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"},
        photographerName=TEXT,
        photographerBio=TEXT,
        email={**TEXT, "format": "email"},
    )
    found = value(
        "Invent three series for a photojournalism exhibition in 2026.", many(series, minItems=3, maxItems=3), seed=seed
    )["data"]
    assert len({entry["title"] for entry in found}) == 3
    assert len({entry["photographerName"] for entry in found}) == 3
    for entry in found:
        assert entry["slug"].startswith(re.sub(r"[^a-z]+", "-", entry["title"].lower().replace("'", ""))[:8].strip("-"))
        assert entry["photographerBio"].startswith(entry["photographerName"])
        assert len(entry["photographerName"].split()) >= 2
        assert entry["email"].endswith("@example.org")


@pytest.mark.parametrize("seed", range(8))
def test_names_of_properties_shape_their_values(seed: int) -> None:
    found = value(
        "A poster for a concert of bees in 1987.",
        shape(
            headline=TEXT, year={"type": "integer"}, price={"type": "number"}, website={**TEXT, "format": "uri"}, color=TEXT,
                hexColor=TEXT,
            date=TEXT, rating={"type": "number", "minimum": 0, "maximum": 5}, latitude={"type": "number"}, firstName=TEXT,
                lastName=TEXT,
            weekday=TEXT, description=TEXT, time=TEXT, soldOut={"type": "boolean"},
        ),
        seed=seed,
    )  # fmt: skip
    assert found["year"] == 1987
    assert 0 < found["price"] < 1000
    assert 0 <= found["rating"] <= 5
    assert -90 <= found["latitude"] <= 90
    assert found["website"].startswith("https://example.org/")
    assert re.fullmatch(r"#[0-9A-F]{6}", found["hexColor"])
    assert re.fullmatch(r"1987-\d\d-\d\d", found["date"])
    assert re.fullmatch(r"\d\d:\d\d", found["time"])
    assert found["weekday"].endswith("day")
    assert len(found["firstName"].split()) == len(found["lastName"].split()) == 1
    assert len(found["description"]) > len(found["headline"])


def test_the_person_whom_the_prompt_names_is_the_person_in_the_answer() -> None:
    found = value("Write the catalogue entry of the photographer Leyla Toprak.", shape(photographerName=TEXT, bio=TEXT))
    assert found["photographerName"] == "Leyla Toprak"
    assert found["bio"].startswith("Leyla Toprak")


@pytest.mark.parametrize("seed", range(6))
def test_what_the_prompt_says_of_a_field_is_kept_to(seed: int) -> None:
    prompt = (
        "Write the obituary of the number 9 bus.\n\n- `title`: its name, and its years.\n"
        "- `text`: 90 to 115 words. Its work, its habits.\n- `motto`: at most nine words."
    )
    found = value(prompt, shape(title=TEXT, text=TEXT, motto=TEXT), seed=seed)
    assert re.fullmatch(r"The number 9 bus, \d{4}–\d{4}", found["title"])
    assert 90 <= len(found["text"].split()) <= 115
    assert len(found["motto"].split()) <= 9


@pytest.mark.parametrize("seed", range(6))
def test_a_list_of_texts_is_as_long_as_asked_and_varied(seed: int) -> None:
    prompt = "Write four classified advertisements of 15 to 30 words each."
    found = value(prompt, many(TEXT, minItems=4, maxItems=4), seed=seed)["data"]
    assert len(set(found)) == 4
    assert all(15 <= len(text.split()) <= 30 for text in found)
    assert len(value("Give five titles for a book about tides.", many(TEXT), seed=seed)["data"]) == 5
    assert len(value("Give titles for a book about tides.", many(TEXT), seed=seed)["data"]) == 3


def test_what_the_prompt_counts_is_counted_where_it_belongs() -> None:
    found = value(
        "Three recipes; each with seven ingredients and 2 tags.",
        shape(
            recipes={
                "type": "array",
                "items": shape(title=TEXT, ingredients={"type": "array", "items": TEXT}, tags={"type": "array", "items": TEXT}),
            }
        ),
    )
    assert len(found["recipes"]) == 3
    assert [len(set(entry["ingredients"])) for entry in found["recipes"]] == [7, 7, 7]
    assert [len(set(entry["tags"])) for entry in found["recipes"]] == [2, 2, 2]


# shapes in prompts


@pytest.mark.parametrize(
    ("prompt", "check"),
    [
        ('Answer as {"data": ["...", "..."]} with six themes.', lambda v: list(v) == ["data"] and len(v["data"]) == 6),
        ("List six themes as JSON {data: string[]}", lambda v: len(v["data"]) == 6),
        ("Return a JSON array of 4 strings, each a headline about geese", lambda v: isinstance(v, list) and len(v) == 4),
        ("Return JSON with the keys title, slug and bio.", lambda v: list(v) == ["title", "slug", "bio"]),
        ('Give JSON:\n```json\n{"title": "x", "year": 1999, "ok": true, "tags": ["a"]}\n```',
         lambda v: [type(v[key]) for key in ("title", "year", "ok", "tags")] == [str, int, bool, list]),
        ('{"headline", "byline", "story"}:\n- `headline`: at most nine words',
            lambda v: list(v) == ["headline", "byline", "story"]),
        ('Example: {"a": {"b": [{"name": "...", "age": 30}]}}', lambda v: set(v["a"]["b"][0]) == {"name", "age"}),
        ("An object with fields `name` and `price`", lambda v: list(v) == ["name", "price"]),
        ("Something about rain", lambda v: v["title"] and v["description"] and v["tags"]),
        ("Broken { example [ of : json", lambda v: isinstance(v, dict)),
    ],
)  # fmt: skip
def test_without_a_schema_the_prompt_says_the_shape(prompt: str, check: Any) -> None:
    assert check(value(prompt))


@given(st.text(alphabet='{}[]":,.…<>ab1 \n`', max_size=60))
@settings(max_examples=150, deadline=None)
def test_any_scribble_is_read_as_some_shape(text: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schema_in(text))


# schemas

HARD = {
    "recursive": {"$defs": {"n": {"type": "object", "properties": {"name": TEXT,
        "kids": {"type": "array", "items": {"$ref": "#/$defs/n"}}},
                                  "required": ["name", "kids"]}}, "$ref": "#/$defs/n"},
    "endless but for null": {"type": "object", "properties": {"next": {"anyOf": [{"$ref": "#"}, {"type": "null"}]}},
        "required": ["next"]},
    "tuple": shape(p={"type": "array", "prefixItems": [{"type": "number"}, {"enum": ["N", "S"]}], "items": False,
        "minItems": 2}),
    "one of": {"oneOf": [shape(kind={"const": "a"}, x={"type": "integer"}), shape(kind={"const": "b"}, y=TEXT)]},
    "overlapping one of": {"oneOf": [{"type": "integer", "minimum": 5}, {"type": "integer", "maximum": 10}]},
    "if": {"type": "object", "properties": {"k": {"enum": ["x", "y"]}, "v": TEXT}, "required": ["k"],
        "if": {"properties": {"k": {"const": "x"}}},
           "then": {"required": ["v"]}, "else": {"properties": {"v": False}}},
    "all of": {"allOf": [{"type": "object", "properties": {"a": {"type": "integer", "minimum": 3}}}, {"required": ["a"]},
                         {"properties": {"a": {"maximum": 4, "multipleOf": 2}}}]},
    "dependent": {"type": "object", "properties": {"card": TEXT, "address": TEXT}, "required": ["card"],
        "dependentRequired": {"card": ["address"]}},
    "dependent schemas": {"type": "object", "properties": {"a": TEXT}, "required": ["a"],
        "dependentSchemas": {"a": {"required": ["b"], "properties": {"b": {"const": 1}}}}},
    "contains": {"type": "array", "contains": {"const": "x"}, "minContains": 2, "maxContains": 2, "minItems": 5,
        "items": {"enum": ["x", "y"]}},
    "unique": {"type": "array", "uniqueItems": True, "items": {"type": "integer", "minimum": 1, "maximum": 5}, "minItems": 5},
    "unique booleans": {"type": "array", "uniqueItems": True, "items": {"type": "boolean"}, "minItems": 2},
    "names": {"type": "object", "propertyNames": {"pattern": "^x-[a-z]{3}$"}, "minProperties": 4,
        "additionalProperties": {"type": "integer"}},
    "pattern properties": {"type": "object", "patternProperties": {"^n[0-9]$": {"type": "integer"}},
        "additionalProperties": False, "minProperties": 2},
    "fractions": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.001},
    "hundredths": {"type": "number", "multipleOf": 0.01, "minimum": 1.005, "maximum": 1.03},
    "formats": shape(**{name: {"type": "string", "format": name} for name in ("date", "date-time", "time", "email", "uri",
        "uuid", "ipv4", "ipv6", "hostname", "duration")}),
    "pattern and length": {"type": "string", "pattern": "^[A-Z]{2}-\\d+$", "minLength": 12, "maxLength": 12},
    "two patterns": {"allOf": [{"type": "string", "pattern": "^a"}, {"pattern": "z$"}]},
    "not": {"type": ["integer", "string", "null"], "not": {"type": ["string", "null"]}},
    "not these": {"enum": [1, 2, 3], "not": {"enum": [1, 3]}},
    "unevaluated": {"allOf": [{"properties": {"a": TEXT}}], "properties": {"b": TEXT}, "required": ["a", "b"],
        "unevaluatedProperties": False},
    "anchor": {"$defs": {"x": {"$anchor": "here", "type": "integer"}}, "type": "object",
        "properties": {"a": {"$ref": "#here"}}, "required": ["a"]},
    "no type": {"properties": {"title": {"minLength": 3}}, "required": ["title"]},
    "long text": {"type": "string", "minLength": 900, "maxLength": 950},
    "no text": {"type": "string", "maxLength": 0},
    "anything": {},
    "true": {"type": "object", "properties": {"a": True}, "required": ["a"]},
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(HARD))
@pytest.mark.parametrize("seed", range(3))
def test_schemas_that_leave_little_room(name: str, seed: int) -> None:
    value(f"Something about the sea, take {seed}.", HARD[name], seed=seed)


@pytest.mark.parametrize(
    "schema",
    [False, {"not": {}}, {"type": "integer", "minimum": 3, "maximum": 2}, {"enum": []}, {"type": "string", "enum": [1]}],
)
def test_what_cannot_be_satisfied_is_said_to_be_so(schema: Any) -> None:
    with pytest.raises(ValueError, match=r"no value was found|cannot be read"):
        satisfy(schema, hints("x"), Chance(1))


@given(st.from_regex(r"[a-z0-9\[\](){}|*+?.^$\\-]{0,14}", fullmatch=True))
@settings(max_examples=200, deadline=None)
def test_any_expression_is_drawn_from_or_refused(pattern: str) -> None:
    with suppress(Unreadable):
        assert isinstance(draw(pattern, Chance(pattern)), str)


@pytest.mark.parametrize(
    "pattern",
    [r"^[a-z]+(-[a-z]+)*$", r"^\d{4}-\d{2}$", r"foo|bar", r"^(a|b)\1$", r"^[^\s]{3,}$", r"\.webp$", r"^[A-Z]{2}\d+(?:x|y)?$",
        r"^$",
     r"^\w{2,5}\s\W$", r"^[\w.-]+@[\w-]+\.[a-z]{2,}$", r"^\+?[1-9]\d{1,14}$"],
)  # fmt: skip
def test_expressions_in_common_use(pattern: str) -> None:
    for number in range(20):
        assert re.search(pattern, draw(pattern, Chance(number)))
        long = draw(pattern, Chance(number), 8, 12)
        assert re.search(pattern, long)
