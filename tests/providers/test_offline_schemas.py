"""Any JSON Schema: schemas over the whole of draft 2020-12, each drawn around a value that satisfies it, so that an answer
exists. What the offline provider answers is held to them by a validator that it does not use itself."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import jsonschema
import pytest
from genarun.errors import ProviderError
from genarun.providers.offline.chance import Chance
from genarun.providers.offline.pattern_meeting import meeting
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.providers.test_offline import ask
from tests.say import says

Json = Any
Schema = Any

# Formats that the validator leaves unchecked, by the grammars of RFC 3339, 3986, 1123, 6901 and 6570, as far as ASCII goes.
DATE, TIME = r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])", r"(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?"
ZONE, CHAR = r"(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)", r"(?:[\w\-.~:/?#\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})"
LABEL = r"(?!..--)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
GRAMMARS = {
    "date-time": rf"{DATE}[Tt ]{TIME}{ZONE}",
    "time": rf"{TIME}{ZONE}",
    "duration": r"P(?=.)(?:\d+W|(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?=.)(?:\d+H)?(?:\d+M)?(?:\d+S)?)?)",
    "hostname": rf"{LABEL}(?:\.{LABEL})*",
    "uri": rf"[A-Za-z][A-Za-z0-9+.-]*:{CHAR}*",
    "iri": rf"[A-Za-z][A-Za-z0-9+.-]*:{CHAR}*",
    "uri-reference": rf"[A-Za-z][A-Za-z0-9+.-]*:{CHAR}*|(?![^/?#]*:){CHAR}*",
    "iri-reference": rf"[A-Za-z][A-Za-z0-9+.-]*:{CHAR}*|(?![^/?#]*:){CHAR}*",
    "uri-template": rf"(?:{CHAR}|\{{[\w,*:.+#/;?&|!@=]+\}})*",
    "json-pointer": r"(?:/(?:[^~/]|~[01])*)*",
    "relative-json-pointer": r"(?:0|[1-9]\d*)(?:#|(?:/(?:[^~/]|~[01])*)*)",
}
FORMATS = (*GRAMMARS, "date", "email", "idn-email", "idn-hostname", "ipv4", "ipv6", "uuid")
CHECK = jsonschema.FormatChecker()
CHECK.checkers = dict(jsonschema.Draft202012Validator.FORMAT_CHECKER.checkers)


def watch(name: str, grammar: str) -> None:
    rule = re.compile(grammar, re.ASCII)
    CHECK.checks(name)(lambda text: not isinstance(text, str) or bool(rule.fullmatch(text)))


for each in GRAMMARS.items():
    watch(*each)


def rules(schema: Schema) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(schema, format_checker=CHECK)


def answer(schema: Schema, prompt: str = "Three notes about the sea") -> Json:
    text = ask(prompt, schema=schema, json=True).text
    assert text is not None
    return json.loads(text)


# schemas around a value

TEXTS = (
    *("", "a", "b", "abc", "note", "Zürich", "x-1", "two words", "AB-2026", "aaaaaaaaaaaaaaaaaaaaaaaa", "3.5", "yes"),
    *("2026-11-25", "2026-11-25T09:30:00Z", "09:30:00Z", "PT5M", "ada@example.org", "https://example.org/a?b=c", "192.0.2.1"),
    *("2001:db8::1", "example.org", "/a/b", "0/a", "^[a-z]+$", "123e4567-e89b-42d3-a456-426614174000", "/{id}/x"),
)
PATTERNS = (
    *("", "a", "^[a-z]", "[0-9]$", r"^\S+$", r"^\S*$", "-", "^[a-zA-Z0-9]+([-. ][A-Za-z0-9]+)*$", r"\d{2}", "^[^@]*$", "[.]"),
    *(r"^(?!.*zz)", r"^.{3,12}$", r"^(a|b|note)$", r"^([a-z])\1+$", "^[A-Z]{2}-[0-9]{4}$", r"^\d{4}-\d{2}-\d{2}", "^x-", "o"),
    *(r"\bwords\b", r"^[a-z]+@[a-z]+\.[a-z]{2,}$", "^https?://", r"^[\x20-\x7e]*$", "ü", "^.*$", r"^[^\d]+$", "(?<=A)B"),
    r"\.org",
)
NAMES = ("a", "b", "c", "name", "title", "x-1", "year")
STEPS = (1, 2, 3, 5, 7, 10, 0.5, 0.25, 0.1, 0.01, 1.5, 1e3)
ASIDE: tuple[dict[str, Json], ...] = (
    *({"minLength": 3}, {"maxLength": 2}, {"pattern": "^[a-z]{4}$"}, {"format": "date"}, {"minimum": 900}, {"multipleOf": 7}),
    *({"maximum": -5}, {"minItems": 2}, {"uniqueItems": True}, {"items": {"type": "null"}}, {"contains": {"const": 3}}),
    *({"required": ["name"]}, {"minProperties": 3}, {"propertyNames": {"pattern": "^z"}}, {"properties": {"a": False}}),
    *({"additionalProperties": False}, {"unevaluatedItems": False}, {"prefixItems": [{"type": "boolean"}]}),
    *({"dependentRequired": {"a": ["b"]}}, {"exclusiveMinimum": 0}, {"maxItems": 0}, {"maxProperties": 1}),
)
"""Rules for a type that the value is not of: they say nothing of it."""
KEYWORDS = (
    "type enum const allOf anyOf oneOf not if then else $ref $dynamicRef $anchor $dynamicAnchor $defs "
    "minLength maxLength pattern format minimum maximum exclusiveMinimum exclusiveMaximum multipleOf "
    "items prefixItems contains minContains maxContains minItems maxItems uniqueItems unevaluatedItems "
    "properties patternProperties additionalProperties propertyNames minProperties maxProperties required "
    "dependentRequired dependentSchemas unevaluatedProperties"
)
JSON = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-60, 3000),
        st.integers(-400, 400).map(lambda count: count / 4),
        st.integers(-5000, 5000).map(lambda count: count / 100),
        st.sampled_from([0, -1, 1e20, 2**53, -(2**31), 1e-9, 12345678901234567890]),
        st.sampled_from(TEXTS),
        st.text("abAB-1 é", max_size=6),
    ),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=7,
)


def kind_of(value: Json) -> str:
    if isinstance(value, bool):
        return "boolean"
    kinds = {type(None): "null", int: "integer", float: "number", str: "string", list: "array", dict: "object"}
    return "integer" if isinstance(value, float) and value == int(value) else kinds[type(value)]


def within(value: Json) -> Iterator[Json]:
    yield value
    for inner in value if isinstance(value, list) else value.values() if isinstance(value, dict) else ():
        yield from within(inner)


def keywords(schema: Json) -> set[str]:
    return {key for part in within(schema) if isinstance(part, dict) for key in part}


class Grammar:
    """Draws schemas that a value satisfies (`holds`) or does not (`fails`). `defs` collects what they refer to."""

    def __init__(self, draw: Callable[[Any], Any]) -> None:
        self.draw = draw
        self.defs: dict[str, Schema] = {}

    def often(self, percent: int) -> bool:
        return bool(self.draw(st.integers(0, 99)) < percent)

    def pick(self, things: Any) -> Any:
        return self.draw(st.sampled_from(things))

    def whole(self, low: int, high: int) -> int:
        return int(self.draw(st.integers(low, high)))

    def valid(self, schema: Schema, value: Json) -> bool:
        return bool(rules({"allOf": [schema], "$defs": self.defs}).is_valid(value))

    def keep(self, schema: dict[str, Json], value: Json, more: Mapping[str, Json], percent: int) -> None:
        """Add keywords where the value satisfies the schema with them."""
        if self.often(percent) and self.valid({**schema, **more}, value):
            schema |= more

    def root(self, value: Json) -> Schema:
        """A whole schema, what it refers to included."""
        if isinstance(value, list | dict) and self.often(6):
            return self.everywhere(value, "#")
        schema = self.holds(value, 0)
        return schema if isinstance(schema, bool) or not self.defs else {**schema, "$defs": self.defs}

    def holds(self, value: Json, depth: int) -> Schema:
        if self.often(4):
            return True
        if self.often(5 + 6 * depth):
            return self.pick([{"const": value}, {"enum": [value]}, {"enum": ["other", value, 7, None]}])
        if self.often(12) and depth:
            return self.named(self.holds(value, depth + 1))
        if self.often(8) and isinstance(value, list | dict):
            name = f"d{len(self.defs)}"
            self.defs[name] = True  # its place
            self.defs[name] = self.everywhere(value, f"#/$defs/{name}")
            return {"$ref": f"#/$defs/{name}"}
        schema: dict[str, Json] = {}
        kind = kind_of(value)
        if self.often(75):
            names = {kind} if kind != "integer" else {self.pick(["integer", "number"])}
            names |= {self.pick(["null", "string", "array", "object", "number", "boolean"])} if self.often(25) else set()
            schema["type"] = sorted(names) if len(names) > 1 or self.often(10) else next(iter(names))
        own = {"string": self.text, "integer": self.number, "number": self.number, "array": self.array, "object": self.object}
        if kind in own:
            schema |= own[kind](value, depth)
        if self.often(12):
            schema = {**self.pick([rule for rule in ASIDE if self.valid(rule, value)]), **schema}
        if depth < 3:
            self.combine(schema, value, depth)
        self.keep(schema, value, {"unevaluatedProperties": self.pick([False, {"type": "string"}, {"minimum": 3}])}, 12)
        self.keep(schema, value, {"unevaluatedItems": self.pick([False, {"type": "integer"}, {"maxLength": 4}])}, 12)
        assert self.valid(schema, value), (schema, value)
        return schema

    def named(self, schema: Schema) -> Schema:
        """The schema behind a reference: a pointer, an anchor, a dynamic one."""
        name, form = f"d{len(self.defs)}", self.pick(["pointer", "$anchor", "$dynamicAnchor"])
        self.defs[name] = schema
        if form == "pointer" or not isinstance(schema, dict) or "$ref" in schema:
            return {"$ref": f"#/$defs/{name}"}
        self.defs[name] = {**schema, form: name}
        return {"$ref" if form == "$anchor" else "$dynamicRef": f"#{name}"}

    def everywhere(self, value: Json, ref: str) -> Schema:
        """A schema that refers to itself, for every value inside of `value`."""
        inside = list(within(value))
        leaves = [one for one in inside if not isinstance(one, list | dict)]
        schema: dict[str, Json] = {"items": {"$ref": ref}, "additionalProperties": {"$ref": ref}}
        if self.often(70):
            schema["type"] = sorted({kind_of(one) for one in inside})
        for key, kind in (("maxLength", str), ("maxItems", list), ("maxProperties", dict)):
            if self.often(40):
                schema[key] = max((len(one) for one in inside if isinstance(one, kind)), default=0)
        if leaves and self.often(30):
            return {"anyOf": [{"type": sorted({kind_of(one) for one in leaves})}, schema]}
        return schema

    def text(self, value: str, depth: int) -> dict[str, Json]:
        found: dict[str, Json] = {}
        if self.often(35):
            found["minLength"] = self.whole(0, len(value))
        if self.often(35):
            found["maxLength"] = len(value) + self.whole(0, 3)
        if self.often(35):
            found["pattern"] = self.pick([p for p in PATTERNS if re.search(p, value)] + [f"^{re.escape(value)}$"])
        formats = [name for name in FORMATS if self.valid({"format": name}, value)]
        if formats and self.often(35):
            found["format"] = self.pick(formats)
        return found

    def number(self, value: float, depth: int) -> dict[str, Json]:
        found: dict[str, Json] = {}
        for key, share, sign, rooms in (
            ("minimum", 30, -1, (0, 0, 0.5, 1, 4, 700)),
            ("maximum", 30, 1, (0, 0, 0.25, 1, 4, 700)),
            ("exclusiveMinimum", 15, -1, (0.001, 0.5, 1, 40)),
            ("exclusiveMaximum", 15, 1, (0.001, 0.5, 1, 40)),
        ):
            self.keep(found, value, {key: value + sign * self.pick(rooms)}, share)
        steps = [step for step in STEPS if abs(value) < 1e9 and self.valid({"multipleOf": step}, value)]
        if steps and self.often(30):
            found["multipleOf"] = self.pick(steps)
        return found

    def array(self, value: list[Json], depth: int) -> dict[str, Json]:
        found: dict[str, Json] = {}
        if self.often(35):
            found["minItems"] = self.whole(0, len(value))
        if self.often(35):
            found["maxItems"] = len(value) + self.whole(0, 2)
        first = 0
        if self.often(35):
            first = self.whole(1, len(value) + 1)
            beyond = self.pick([False, True, {"type": "null"}])
            found["prefixItems"] = [self.holds(value[at], depth + 1) if at < len(value) else beyond for at in range(first)]
        if self.often(45):
            found["items"] = self.all_hold(value[first:], depth, self.pick([False, True, {"type": "integer"}]))
        self.keep(found, value, {"uniqueItems": True}, 30)
        if self.often(35):
            wanted = self.holds(self.pick(value), depth + 1) if value else self.pick([True, {"const": 3}])
            count = sum(self.valid(wanted, item) for item in value)
            found["contains"] = wanted
            if not count or self.often(40):
                found["minContains"] = self.whole(0, count)
            if self.often(40):
                found["maxContains"] = count + self.whole(0, 1)
        return found

    def all_hold(self, values: list[Json], depth: int, otherwise: Schema) -> Schema:
        """A schema that all the values satisfy; the other one where there are none."""
        if not values:
            return otherwise
        found = [self.holds(one, depth + 1) for one in values]
        return found[0] if all(self.valid(found[0], one) for one in values) else {"anyOf": found}

    def object(self, value: dict[str, Json], depth: int) -> dict[str, Json]:
        found: dict[str, Json] = {}
        names, absent = sorted(value), [name for name in NAMES if name not in value]
        if self.often(70):
            found["properties"] = {name: self.holds(value[name], depth + 1) for name in names if self.often(80)}
            if absent and self.often(30):
                found["properties"][self.pick(absent)] = self.pick([False, True, {"type": "integer"}, {"minLength": 9}])
        spoken = set(found.get("properties", ()))
        if self.often(25):
            pattern = self.pick(["^[a-c]$", "^x-", "e", "^z", "."])
            matched = [name for name in names if re.search(pattern, name)]
            inner = self.all_hold([value[name] for name in matched], depth, self.pick([False, {"type": "null"}]))
            found["patternProperties"] = {pattern: inner}
            spoken |= set(matched)
        if self.often(40):
            rest = [value[name] for name in names if name not in spoken]
            found["additionalProperties"] = self.all_hold(rest, depth, self.pick([False, False, {"type": "string"}]))
        named = [{"pattern": "^[a-z]"}, {"maxLength": 5}, {"enum": list(NAMES)}, {"minLength": 1}, {"not": {"const": "b"}}]
        self.keep(found, value, {"propertyNames": self.pick(named)}, 15)
        if self.often(20):
            found["minProperties"] = self.whole(0, len(names))
        if self.often(20):
            found["maxProperties"] = len(names) + self.whole(0, 2)
        if names and self.often(50):
            found["required"] = self.draw(st.lists(st.sampled_from(names), unique=True))
        cause = self.pick(NAMES)
        if self.often(15):
            found["dependentRequired"] = {cause: [self.pick(names if cause in value else NAMES)]}
        if self.often(15):
            never = self.pick([False, {"minProperties": 9}, {"required": ["a"]}])
            found["dependentSchemas"] = {cause: self.holds(value, depth + 2) if cause in value else never}
        return found

    def combine(self, schema: dict[str, Json], value: Json, depth: int) -> None:
        if self.often(12):
            schema["allOf"] = [self.holds(value, depth + 2) for _ in range(self.whole(1, 2))]
        if self.often(12):
            schema["anyOf"] = self.draw(st.permutations([self.holds(value, depth + 2), self.either(value, depth)]))
        if self.often(12):
            others = [self.fails(value, depth + 2) for _ in range(self.whole(0, 2))]
            schema["oneOf"] = self.draw(st.permutations([self.holds(value, depth + 2), *others]))
        if self.often(12):
            schema["not"] = self.fails(value, depth + 2)
        if self.often(12):
            met = self.often(50)
            schema["if"] = self.holds(value, depth + 2) if met else self.fails(value, depth + 2)
            schema["then" if met else "else"] = self.holds(value, depth + 2)
            if self.often(50):
                schema["else" if met else "then"] = self.either(value, depth)

    def either(self, value: Json, depth: int) -> Schema:
        return self.fails(value, depth + 2) if self.often(60) else self.holds(value, depth + 2)

    def fails(self, value: Json, depth: int) -> Schema:
        kind = kind_of(value)
        others: list[Schema] = [False, {"type": self.pick([k for k in ("null", "string", "array", "object") if k != kind])}]
        others += [{"const": "nothing like it"}, {"enum": [None, "x", 12345]}, {"not": {}}]
        if depth < 4:
            others += [{"not": self.holds(value, depth + 1)}, {"allOf": [self.holds(value, depth + 1), {"const": [0]}]}]
        if kind in ("integer", "number"):
            others += [{"minimum": value + 1}, {"maximum": value - 1}, {"exclusiveMinimum": value}, {"exclusiveMaximum": value}]
            others += [{"multipleOf": 13}, {"type": "number", "minimum": value + 1}]
        elif kind == "string":
            others += [{"minLength": len(value) + 1}, {"maxLength": max(0, len(value) - 1)}]
            others += [{"pattern": "^zz"}, {"format": "ipv6"}]
        elif kind == "array":
            others += [{"minItems": len(value) + 1}, {"maxItems": max(0, len(value) - 1)}]
            others += [{"contains": {"const": "zz"}}, {"items": False}]
            others += [{"prefixItems": [self.fails(value[0], depth + 1)]}] if value and depth < 4 else []
        elif kind == "object":
            others += [{"required": ["missing"]}, {"minProperties": len(value) + 1}, {"maxProperties": max(0, len(value) - 1)}]
            others += [{"propertyNames": {"maxLength": 0}}, {"additionalProperties": False}]
            if value and depth < 4:
                name = self.pick(sorted(value))
                others += [{"properties": {name: self.fails(value[name], depth + 1)}}, {"not": {"required": [name]}}]
        return self.pick([one for one in others if not self.valid(one, value)])


def hold(count: int) -> set[str]:
    """Draw `count` schemas and hold the answers to them; the keywords that they used."""
    used: set[str] = set()

    @given(st.data())
    @settings(max_examples=count, deadline=None, suppress_health_check=list(HealthCheck))
    def check(data: st.DataObject) -> None:
        grammar = Grammar(data.draw)
        schema = grammar.root(data.draw(JSON))
        used.update(keywords(schema))
        rules(schema).validate(answer(schema))

    check()
    return used


def test_whatever_can_be_satisfied_is() -> None:
    hold(250)


@pytest.mark.slow
def test_whatever_can_be_satisfied_is_with_every_keyword() -> None:
    assert hold(4000) >= set(KEYWORDS.split())


@given(st.data())
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_schema_that_refuses_what_it_asks_for(data: st.DataObject) -> None:
    grammar = Grammar(data.draw)
    schema = grammar.holds(data.draw(JSON), 1)
    with pytest.raises(ProviderError) as caught:
        answer({"allOf": [schema, {"not": schema}], "$defs": grammar.defs})
    assert caught.value.code == "offline-unsatisfiable"
    assert not caught.value.retry


def test_a_search_that_is_given_up_says_so() -> None:
    letters = {"type": "array", "items": {"enum": list("abcdefgh")}, "uniqueItems": True, "minItems": 8, "maxItems": 8}
    order = [{"prefixItems": [{"enum": [one, other]}]} for one, other in zip("hgfedcba", "abcdefgh", strict=True)]
    with pytest.raises(ProviderError) as caught:
        answer({**letters, "not": {"contains": {"const": "a"}}, "anyOf": order})
    says(
        caught.value,
        "offline-unsatisfiable",
        """
        the offline provider found no value for the schema: the search for a value was given up
          → Leave its rules more room, or give a value that they allow under `examples`: it is tried too.
        """,
    )


def test_what_may_be_contained_everywhere_is_not_avoided() -> None:
    """Nested lists of at most one item: what is no such list goes on for ever."""
    nested = {"anyOf": [{"type": "null"}, {"type": ["array", "null"], "items": {"$ref": "#/$defs/nested"}, "maxItems": 1}]}
    item, more = {"$ref": "#/$defs/nested"}, {"$ref": "#/$defs/again"}
    again = {"anyOf": [{"type": "null"}, {"type": ["array", "null"], "items": more, "maxItems": 1}]}
    schema = {
        "minItems": 1, "prefixItems": [item], "items": False, "contains": more, "minContains": 0, "maxContains": 1,
        "uniqueItems": True, "unevaluatedItems": False, "$defs": {"nested": nested, "again": again},
    }  # fmt: skip
    rules(schema).validate(answer(schema))


def test_an_example_in_the_schema_shows_the_way() -> None:
    puzzle = {
        "type": "integer",
        "not": {"multipleOf": 2},
        "oneOf": [{"multipleOf": 7919}, {"multipleOf": 7907}],
        "minimum": 8e6,
    }
    assert answer({**puzzle, "examples": [8_005_109 + 7919]}) % 2 == 1


# references


@pytest.mark.parametrize(
    "schema",
    [
        {"$id": "https://a.example/b", "$ref": "x.json",
         "$defs": {"x": {"$id": "x.json", "$defs": {"y": {"type": "integer"}}, "$ref": "#/$defs/y"}}},
        {"$id": "urn:example:tree", "$defs": {"x": {"$anchor": "k", "const": 4}}, "$ref": "urn:example:tree#k"},
        {"type": "object", "properties": {"a/b": {"const": 1}, "c%d": {"$ref": "#/properties/a~1b"},
                                          "e": {"$ref": "#/properties/c%25d"}}, "required": ["c%d", "e"]},
        {"$id": "https://example.org/tree", "$dynamicAnchor": "node", "type": "object", "required": ["children"],
         "properties": {"value": True, "children": {"type": "array", "items": {"$dynamicRef": "#node"}}}},
        {"$defs": {"odd": {"not": {"$ref": "#/$defs/even"}}, "even": {"anyOf": [{"const": 0}, {"const": 2}]}},
         "type": "integer", "minimum": 0, "maximum": 2, "$ref": "#/$defs/odd"},
        {"type": "object", "properties": {"next": {"$ref": "#"}, "value": {"type": "integer"}}, "required": ["value"]},
        {"not": {"$ref": "#/$defs/text"}, "$defs": {"text": {"type": ["string", "null"]}}},
    ],
)  # fmt: skip
def test_references_lead_where_they_should(schema: Schema) -> None:
    rules(schema).validate(answer(schema))


def test_nothing_is_fetched() -> None:
    with pytest.raises(ProviderError) as caught:
        answer({"$ref": "https://example.org/schema.json"})
    says(
        caught.value,
        "offline-unsatisfiable",
        """
        the offline provider found no value for the schema: it cannot be read: """
        """Resource 'https://example.org/schema.json' is not present in a registry and retrieving it failed: """
        """Retrieval is disabled, cannot fetch https://example.org/schema.json
          → Check the node's schema: two of its rules may exclude each other.
        """,
    )


# texts


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("more", [{}, {"maxLength": 40}, {"pattern": "[0-9]"}, {"pattern": "^[^A]*$"}])
def test_every_format_meets_lengths_and_patterns(name: str, more: dict[str, Json]) -> None:
    for least in (0, 12, 30):
        if least > 12 and name in FIXED:
            continue
        schema = {"type": "string", "format": name, "minLength": 0 if name in FIXED else least, **more}
        rules(schema).validate(answer(schema))


FIXED = ("date", "time", "ipv4", "uuid", "ipv6")


@pytest.mark.parametrize(
    "rule",
    [
        {"pattern": r"^(?=.*[A-Z])(?=.*\d)[A-Za-z\d]{8,}$"},
        {"format": "email", "pattern": r"@company\.com$"},
        {"format": "email", "pattern": r"^[a-z]+\.[a-z]+@", "maxLength": 16},
        {"format": "uri", "pattern": r"\.pdf$", "minLength": 30},
        {"format": "date-time", "pattern": "^2031-.*[+]01:00$"},
        {"format": "date", "pattern": "-12-25$"},
        {"allOf": [{"pattern": "[0-9]"}, {"pattern": "[A-Z]"}, {"pattern": "[!?]"}], "minLength": 12},
        {"allOf": [{"pattern": "^a"}, {"pattern": "b$"}, {"pattern": r"\d{3}"}], "maxLength": 5},
        {"allOf": [{"pattern": "^[a-m]+$"}, {"pattern": "^[h-z]+$"}], "minLength": 5},
        {"pattern": "^[a-z]+$", "minLength": 900},
        {"pattern": "^[01]{64}$"},
        {"not": {"pattern": "[a-z]"}, "minLength": 3},
        {"not": {"anyOf": [{"pattern": "^[a-z]"}, {"pattern": "^[A-Z]"}]}, "pattern": "[a-z]$"},
        {"pattern": "^[\u4e00-\u9fff]{2,4}$"},
        {"pattern": r"^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$"},
    ],
)
def test_rules_for_texts_are_met_together(rule: dict[str, Json]) -> None:
    schema = {"type": "string", **rule}
    rules(schema).validate(answer(schema))


@given(
    st.lists(st.sampled_from([p for p in PATTERNS if "(?" not in p and "\\1" not in p and "\\b" not in p]), max_size=3),
    st.data(),
)
@settings(max_examples=150, deadline=None)
def test_a_meeting_of_patterns_is_found_in_all_of_them(patterns: list[str], data: st.DataObject) -> None:
    refused = [p for p in data.draw(st.lists(st.sampled_from(["q", "^x", r"\d$"]), max_size=2)) if p not in patterns]
    for text in meeting(patterns, refused, Chance(1), 2, 30):
        assert 2 <= len(text) <= 30
        assert all(re.search(pattern, text) for pattern in patterns)
        assert not any(re.search(pattern, text) for pattern in refused)
