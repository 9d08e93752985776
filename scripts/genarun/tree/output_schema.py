"""JSON Schema of a tree's output: from the tree, then from what an output shows where the tree says nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from genarun.tree.model import Tree
from genarun.tree.scope import stands_alone
from genarun.tree.shape import OPEN, Schema, finished_schema, group_schema, properties_of, types

Json = Any

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_SETTLED = ("$ref", "$dynamicRef", "allOf", "anyOf", "oneOf", "not", "if", "enum", "const")


def output_schema(tree: Tree) -> Schema:
    """JSON Schema (2020-12) of a tree's output, from the tree alone. Required are the keys of every run that succeeded."""
    schema: Schema = {"$schema": DIALECT, "title": tree.spec.title or tree.name}
    if tree.spec.description:
        schema["description"] = tree.spec.description
    if stands_alone(tree.nodes):
        inner = finished_schema(tree.nodes[0])
        return schema | {key: value for key, value in inner.items() if key not in schema}
    return schema | group_schema(tree.nodes)


_NOTES = frozenset(("$schema", "$id", "title", "description", "default", "examples", "$comment"))


def sample_schema(schema: Schema, output: Json) -> Schema:
    """The schema with what it leaves open filled in from an output: `{}` by what stands there, an object's undeclared fields by
    those that are there. Nothing that the schema says is changed, and nothing filled in is required."""
    return _fill(schema, [output])


def _fill(schema: Schema, samples: Sequence[Json]) -> Schema:
    if not samples or any(key in schema for key in _SETTLED):
        return schema
    if schema.keys() <= _NOTES:
        return schema | _infer(samples)
    filled = dict(schema)
    kinds = types(schema)
    objects = [sample for sample in samples if isinstance(sample, dict)]
    lists = [sample for sample in samples if isinstance(sample, list)]
    if objects and (not kinds or "object" in kinds):
        declared = properties_of(schema)
        properties = {
            name: _fill(inner, [sample[name] for sample in objects if name in sample]) if isinstance(inner, dict) else inner
            for name, inner in declared.items()
        }
        if schema.get("additionalProperties", not declared) is True and "patternProperties" not in schema:
            properties |= _inferred_fields(objects, declared)
        if properties:
            filled["properties"] = properties
    if lists and (not kinds or "array" in kinds) and "prefixItems" not in schema:
        items = schema.get("items", OPEN)
        if isinstance(items, dict):
            filled["items"] = _fill(items, [item for sample in lists for item in sample])
    return filled


def _inferred_fields(objects: Sequence[dict[str, Json]], declared: Mapping[str, Json]) -> dict[str, Schema]:
    names = dict.fromkeys(name for sample in objects for name in sample if name not in declared)
    return {name: _infer([sample[name] for sample in objects if name in sample]) for name in names}


def _infer(samples: Sequence[Json]) -> Schema:
    """A schema that all samples satisfy, and that says no more than their types and fields."""
    kinds: dict[str, None] = {}
    for sample in samples:
        kinds[_json_type(sample)] = None
    if "number" in kinds:
        kinds.pop("integer", None)
    names = list(kinds)
    schema: Schema = {"type": names[0] if len(names) == 1 else names}
    if "object" in kinds:
        schema["properties"] = _inferred_fields([sample for sample in samples if isinstance(sample, dict)], {})
    if items := [item for sample in samples if isinstance(sample, list) for item in sample]:
        schema["items"] = _infer(items)
    return schema


def _json_type(value: Json) -> str:
    if value is None:
        return "null"
    for kind, name in ((bool, "boolean"), (str, "string"), (int, "integer"), (float, "number"), (list, "array")):
        if isinstance(value, kind):
            return name
    return "object"
