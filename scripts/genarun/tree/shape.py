"""JSON Schemas of nodes' values, for checking names, answers and outputs alike.

own schema       what the kind says, with `validation` put into it: what an answer must satisfy
composed schema  the value of design §4.5: children put in their places
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from genarun.tree.kinds import ASSETS, KindFacts
from genarun.tree.model import Node
from genarun.tree.spec import NodeSpec, Validation

Json = Any
Schema = dict[str, Any]

OPEN: Schema = {}
"""The schema of anything."""

_OPENING = ("$ref", "$dynamicRef", "allOf", "anyOf", "oneOf", "if", "patternProperties", "dependentSchemas")
_REF_KEYS = ("$ref", "$dynamicRef")


def own_schema(kind: KindFacts, spec: NodeSpec, name: str = "own") -> Schema:
    """The schema of a node's own value, `validation` included, of the whole list for an array. A fresh dictionary.

    name: what tells its address from others in one document, where it needs one (see `_anchored`)."""
    schema = dict(kind.own_schema(spec))
    if kind.many:
        schema["items"] = _anchored(item_schema(schema), name)
    else:
        schema = _anchored(schema, name)
    if kind.medium in ASSETS:
        return {"contentMediaType": f"{kind.medium}/*"} | schema
    if spec.validation is not None:
        _validate(schema, spec.validation, many=kind.many)
    return schema


def _anchored(schema: Schema, name: str) -> Schema:
    """A copy that can stand anywhere: its references to itself (`#/$defs/…`) keep their meaning, for it gets an address."""
    schema = dict(schema)
    if "$id" not in schema and _refers(schema):
        schema["$id"] = f"urn:genarun:{name}"
    return schema


def _refers(schema: Json) -> bool:
    if isinstance(schema, dict):
        return any(
            (key in _REF_KEYS and isinstance(value, str) and value.startswith("#")) or _refers(value)
            for key, value in schema.items()
        )
    return isinstance(schema, list) and any(map(_refers, schema))


def _validate(schema: Schema, validation: Validation, *, many: bool) -> None:
    """Puts `validation` into a schema; each keyword speaks only of its own type of value, so all that may apply go in."""
    kinds = types(schema)
    low, high, required = validation.min_length, validation.max_length, validation.required
    if required is True and low is None:
        low = 1
    for kind, least, most in (("array", "minItems", "maxItems"), ("string", "minLength", "maxLength")):
        if kinds and kind not in kinds:
            continue
        if low is not None:
            schema[least] = max(low, _count(schema, least, low))
        if high is not None:
            schema[most] = min(high, _count(schema, most, high))
    if required is True:
        if not kinds or "object" in kinds:
            schema["minProperties"] = max(1, _count(schema, "minProperties", 1))
        if not kinds or "string" in kinds:
            schema.setdefault("pattern", r"\S")
        if not kinds or "null" in kinds:
            schema.setdefault("not", {"type": "null"})
    if isinstance(required, list):
        owner = schema
        if many:
            owner = schema["items"]
        found = types(owner)
        if not found or "object" in found:
            owner["required"] = list(dict.fromkeys([*required_fields(owner), *required]))


def _count(schema: Schema, key: str, default: int) -> int:
    found = schema.get(key)
    return found if isinstance(found, int) else default


def types(schema: Schema) -> frozenset[str]:
    """The JSON types that a schema names; empty where it names none."""
    found = schema.get("type")
    if isinstance(found, str):
        return frozenset((found,))
    return frozenset(item for item in found if isinstance(item, str)) if isinstance(found, list) else frozenset()


def field_names(schema: Schema) -> frozenset[str] | None:
    """The fields that an object's schema lets a prompt read; empty where the value is no object; None where any may come."""
    kinds = types(schema)
    if kinds and "object" not in kinds:
        return frozenset()
    if any(key in schema for key in _OPENING):
        return None
    properties = properties_of(schema)
    extra = schema.get("additionalProperties")
    if not properties:
        return frozenset() if extra is False and kinds else None
    if extra is not None and extra is not False:
        return None
    return frozenset(properties) | frozenset(required_fields(schema))


def properties_of(schema: Schema) -> dict[str, Json]:
    """The fields that a schema declares. Schemas that people wrote may be none: what has a wrong form counts as not there."""
    found = schema.get("properties")
    return found if isinstance(found, dict) else {}


def required_fields(schema: Schema) -> list[str]:
    """The fields that a schema requires."""
    found = schema.get("required")
    return [name for name in found if isinstance(name, str)] if isinstance(found, list) else []


def declared_fields(schema: Schema) -> list[str]:
    """The fields that a schema declares or requires, in its order."""
    return list(dict.fromkeys([*properties_of(schema), *required_fields(schema)]))


def item_schema(schema: Schema) -> Schema:
    """The schema of an array's items."""
    found = schema.get("items")
    return found if isinstance(found, dict) else OPEN


def field(schema: Schema, name: str) -> tuple[Schema, bool] | None:
    """The schema of an object's field, and whether the field is always there; None where nothing declares it."""
    properties = properties_of(schema)
    always = name in required_fields(schema) and types(schema) <= {"object"}
    if name in properties:
        found = properties[name]
        return (found if isinstance(found, dict) else OPEN), always
    return (OPEN, True) if always else None


def step(schema: Schema, part: str) -> Schema | None:
    """The schema of what `part` leads to, going down from a value; OPEN where anything may be; None where nothing can."""
    if any(key in schema for key in _OPENING):
        return OPEN
    kinds = types(schema)
    if not kinds or "object" in kinds:
        if found := field(schema, part):
            return found[0]
        if field_names(schema) is None:
            return OPEN
    if (not kinds or "array" in kinds) and part.isascii() and part.isdigit():
        return OPEN if "prefixItems" in schema else item_schema(schema)
    return None


def holds(schema: Schema) -> str:
    """What a value of this schema holds, in words, for a hint."""
    kinds = types(schema)
    if "object" in kinds or "properties" in schema:
        return ", ".join(declared_fields(schema)) or "nothing"
    if "array" in kinds:
        return "a list: go on with a place such as `0`"
    return "nothing further: it is " + {"string": "text", "boolean": "true or false"}.get(min(kinds, default=""), "a number")


def composed_schema(node: Node) -> Schema:
    """The schema of a node's value in the output, children put in their places."""
    schema = own_schema(node.kind, node.spec, ":".join(node.trail))
    if description := node.spec.description:
        schema.setdefault("description", description)
    children = node.children
    if not children:
        return schema
    if node.collapses:
        inner = finished_schema(children[0])
        if not node.kind.many:
            return inner
        kept = ("type", "title", "description", "maxItems", *(("minItems",) if always_there(children[0]) else ()))
        return {key: value for key, value in schema.items() if key in kept} | {"items": inner}
    if not node.kind.many:
        if (kinds := types(schema)) and "object" not in kinds:
            schema = _under(own_key(node), schema)
        return _with_children(schema, children, group=is_group(node))
    items = schema["items"]
    kinds = types(items)
    if kinds and "object" not in kinds:
        items = _under(node.item_key, items)
    elif not kinds:  # an item may be anything: an object's fields are merged in, anything else goes under the item's key
        items = {"type": "object"}
    schema["items"] = _with_children(items, children, group=False)
    return schema


def own_key(node: Node) -> str:
    """The key of a node's own value beside its children's, where it is no object (v0 only)."""
    return node.own_name or node.spec.id


def _under(key: str, schema: Schema) -> Schema:
    return {"type": "object", "properties": {key: schema}, "required": [key]}


def finished_schema(node: Node) -> Schema:
    """The composed schema as readers see it: null too, where `onError: null` can put it there."""
    schema = composed_schema(node)
    return nullable(schema) if node.spec.on_error == "null" else schema


def nullable(schema: Schema) -> Schema:
    """A schema that allows null too."""
    kinds = types(schema)
    if not schema or "null" in kinds:
        return schema
    if kinds and not any(key in schema for key in ("enum", "const", "not", *_OPENING)):
        return schema | {"type": [*sorted(kinds), "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def always_there(node: Node) -> bool:
    """Whether a node's key is in the output of every run that succeeded."""
    if node.conditions or node.spec.on_error == "skip":
        return False
    # A collapsed node stands or falls with its only child; in an array the list stands without it.
    return not node.collapses or node.kind.many or always_there(node.children[0])


def is_group(node: Node) -> bool:
    """Whether a node has no value of its own, only children."""
    return node.kind.medium is None and not node.kind.many and not node.kind.own_schema(node.spec)


def group_schema(nodes: Sequence[Node]) -> Schema:
    """The schema of an object of nodes and nothing else."""
    return _with_children({}, nodes, group=True)


def _with_children(schema: Schema, children: Sequence[Node], *, group: bool) -> Schema:
    schema = {"type": "object", **schema}
    opened = not group and field_names(schema) is None
    properties = properties_of(schema) | {child.key: finished_schema(child) for child in children}
    required = dict.fromkeys(required_fields(schema))
    for child in children:
        if always_there(child):
            required[child.key] = None
        else:
            required.pop(child.key, None)
    schema = {key: value for key, value in schema.items() if key not in ("properties", "required")}
    schema["properties"] = properties
    if required:
        schema["required"] = list(required)
    if group:
        schema["additionalProperties"] = False
    elif opened:
        schema.setdefault("additionalProperties", True)
    return schema
