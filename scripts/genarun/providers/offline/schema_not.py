"""`not`, turned round: schemas for what a schema refuses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from genarun.providers.offline.schema_document import ALL, FRESH_NAMES, Json, Schema, atoms

_ASIDE_WORDS = "title description $comment default examples $defs definitions minContains maxContains then else"
_ASIDE = frozenset(_ASIDE_WORDS.split())


def negations(schema: Schema) -> list[Schema]:
    """Schemas of which at least one holds for every value that `schema` refuses. What cannot be turned round becomes
    `True`, which the check after drawing makes good."""
    if isinstance(schema, bool):
        return [not schema]
    if not isinstance(schema, Mapping) or not schema:
        return [False]
    found: list[Schema] = []
    vague = False
    for key, value in schema.items():
        if key in _TURNED:
            found += _TURNED[key](value, schema)
        vague |= key in _PARTLY or (key not in _TURNED and key not in _ASIDE)
    if vague:
        found.insert(0, True)
    return found or [False]


def _type(value: Json, schema: Mapping[str, Any]) -> list[Schema]:
    rest = ALL - atoms(value)
    return [{"type": sorted(rest)} if rest else False]


def _beyond(other: str) -> Callable[[Json, Mapping[str, Any]], list[Schema]]:
    return lambda value, schema: [{"type": "number", other: value}]


def _fewer(kind: str, other: str) -> Callable[[Json, Mapping[str, Any]], list[Schema]]:
    return lambda value, schema: [{"type": kind, other: value - 1} if value > 0 else False]


def _more(kind: str, other: str) -> Callable[[Json, Mapping[str, Any]], list[Schema]]:
    return lambda value, schema: [{"type": kind, other: value + 1}]


def _at(place: int, inner: Schema) -> Schema:
    """A list whose item at `place` is refused by `inner`."""
    return {"type": "array", "minItems": place + 1, "prefixItems": [*[True] * place, {"not": inner}]}


def _contains(value: Json, schema: Mapping[str, Any]) -> list[Schema]:
    least, most = schema.get("minContains", 1), schema.get("maxContains")
    found: list[Schema] = [{"type": "array", "items": {"not": value}}] if least == 1 else []
    if least > 1:
        found.append({"type": "array", "contains": value, "minContains": 0, "maxContains": least - 1})
    if most is not None:
        found.append({"type": "array", "contains": value, "minContains": most + 1})
    return found


def _needed(value: Json, schema: Mapping[str, Any]) -> list[Schema]:
    pairs = [(name, other) for name, others in value.items() for other in others]
    return [{"type": "object", "required": [name], "properties": {other: False}} for name, other in pairs]


_TURNED: Mapping[str, Callable[[Json, Mapping[str, Any]], list[Schema]]] = {
    "type": _type,
    "minimum": _beyond("exclusiveMaximum"),
    "exclusiveMinimum": _beyond("maximum"),
    "maximum": _beyond("exclusiveMinimum"),
    "exclusiveMaximum": _beyond("minimum"),
    "minLength": _fewer("string", "maxLength"),
    "minItems": _fewer("array", "maxItems"),
    "minProperties": _fewer("object", "maxProperties"),
    "maxLength": _more("string", "minLength"),
    "maxItems": _more("array", "minItems"),
    "maxProperties": _more("object", "minProperties"),
    "pattern": lambda value, schema: [{"type": "string", "refused": [value]}],
    "uniqueItems": lambda value, schema: [{"type": "array", "minItems": 2}] if value else [],
    "items": lambda value, schema: [_at(len(schema.get("prefixItems", ())), value)],
    "prefixItems": lambda value, schema: [_at(place, inner) for place, inner in enumerate(value)],
    "contains": _contains,
    "required": lambda value, schema: [{"type": "object", "properties": {name: False}} for name in value],
    "properties": lambda value, schema: [
        {"type": "object", "required": [name], "properties": {name: {"not": inner}}} for name, inner in value.items()
    ],
    "patternProperties": lambda value, schema: [
        {"type": "object", "minProperties": 1, "propertyNames": {"pattern": pattern}, "additionalProperties": {"not": inner}}
        for pattern, inner in value.items()
    ],
    "additionalProperties": lambda value, schema: [
        {"type": "object", "required": [name], "properties": {name: {"not": value}}}
        for name in FRESH_NAMES
        if name not in schema.get("properties", {})
    ],
    "propertyNames": lambda value, schema: [{"type": "object", "minProperties": 1, "propertyNames": {"not": value}}],
    "dependentRequired": _needed,
    "allOf": lambda value, schema: [{"not": inner} for inner in value],
    "anyOf": lambda value, schema: [{"allOf": [{"not": inner} for inner in value]}],
    "oneOf": lambda value, schema: [{"allOf": [{"not": inner} for inner in value]}],
    "not": lambda value, schema: [value],
}
_PARTLY = frozenset(("oneOf", "patternProperties", "additionalProperties", "propertyNames"))
"""Keywords of which only some refused values are found so. const, enum, multipleOf, format, if, $ref and the
unevaluated ones have no entry: there a value is drawn freely, then checked."""
