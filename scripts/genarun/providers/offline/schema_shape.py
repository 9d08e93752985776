"""A JSON Schema (draft 2020-12) taken apart into the plain shapes that satisfy it.

`plain` makes every reference point into one document. `shapes` multiplies out allOf, anyOf, oneOf, if, not and
dependentSchemas: each `Shape` it yields is a list of requirements without alternatives, the likeliest first. Keywords are those
of https://json-schema.org/draft/2020-12/json-schema-core and json-schema-validation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from genarun.providers.offline.chance import Chance

Json = Any
Schema = Any  # a mapping or a bool

ROOT = "#/$defs/root"
_ALL_WORDS = "null boolean integer fraction string array object"
ALL = frozenset(_ALL_WORDS.split())
_ATOMS = {"number": frozenset({"integer", "fraction"})}
_MAPS = {"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"}
_LISTS = {"allOf", "anyOf", "oneOf", "prefixItems"}
_SINGLE = {"items", "additionalProperties", "propertyNames", "contains", "not", "if", "then", "else"}
_SINGLE |= {"unevaluatedProperties", "unevaluatedItems"}
_LAYER = {"properties", "patternProperties", "additionalProperties", "prefixItems", "items"}
_TEXT_KEYS = ("minLength", "maxLength", "pattern", "format")
_NUMBER_KEYS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")


def plain(schema: Schema) -> dict[str, Any]:
    """A document `{"$defs": {"root": schema}}` whose references all start with `#/$defs/root`; `$id` and anchors resolved."""
    names: dict[str, str] = {}
    if isinstance(schema, Mapping) and isinstance(own := schema.get("$id"), str):
        names[own] = ROOT
    _collect(schema, ROOT, names)
    return {"$defs": {"root": _rewrite(schema, names)}}


def _children(schema: Mapping[str, Any]) -> Iterator[tuple[str, Schema]]:
    """Every subschema with its pointer inside `schema`."""
    for key, value in schema.items():
        if key in _MAPS and isinstance(value, Mapping):
            for name, inner in value.items():
                yield f"{key}/{_escape(str(name))}", inner
        elif key in _LISTS and isinstance(value, list):
            for place, inner in enumerate(value):
                yield f"{key}/{place}", inner
        elif key in _SINGLE:
            yield key, value


def _escape(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _collect(schema: Schema, pointer: str, names: dict[str, str]) -> None:
    if not isinstance(schema, Mapping):
        return
    for key in ("$anchor", "$dynamicAnchor"):
        if isinstance(schema.get(key), str):
            names.setdefault("#" + schema[key], pointer)
    if isinstance(schema.get("$id"), str):
        names.setdefault(schema["$id"], pointer)
    for inner, child in _children(schema):
        _collect(child, f"{pointer}/{inner}", names)


def _rewrite(schema: Schema, names: Mapping[str, str]) -> Schema:
    if not isinstance(schema, Mapping):
        return schema
    found: dict[str, Any] = {}
    for key, value in schema.items():
        if key in ("$ref", "$dynamicRef") and isinstance(value, str):
            found["$ref"] = _target(value, names)
        elif key in ("$id", "$anchor", "$dynamicAnchor", "$schema") and isinstance(value, str):
            continue
        elif key in _MAPS and isinstance(value, Mapping):
            found[key] = {name: _rewrite(inner, names) for name, inner in value.items()}
        elif key in _LISTS and isinstance(value, list):
            found[key] = [_rewrite(inner, names) for inner in value]
        elif key in _SINGLE:
            found[key] = _rewrite(value, names)
        else:
            found[key] = value
    return found


def _target(ref: str, names: Mapping[str, str]) -> str:
    if ref in names:
        return names[ref]
    base, _, pointer = ref.partition("#")
    if base in names:
        return names[base] + pointer
    if not base and (not pointer or pointer.startswith("/")):
        return ROOT + pointer
    return ref


def look_up(document: Mapping[str, Any], ref: str) -> Schema | None:
    """What `ref` points to, None where there is nothing."""
    if not ref.startswith("#/"):
        return None
    here: Any = document
    for step in ref[2:].split("/"):
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(here, Mapping) and name in here:
            here = here[name]
        elif isinstance(here, list) and name.isdigit() and int(name) < len(here):
            here = here[int(name)]
        else:
            return None
    return here


@dataclass(slots=True)
class Shape:
    """Requirements that hold together, without alternatives.

    parts: the schemas they come from, to check a value against.
    layers: those among them that say something about properties or items.
    options: the values of enum and const, None where any value may come.
    nots: whether something is excluded that only a check can tell.
    """

    types: frozenset[str] = ALL
    options: list[Json] | None = None
    bounds: dict[str, Any] = field(default_factory=dict)
    patterns: list[str] = field(default_factory=list)
    formats: list[str] = field(default_factory=list)
    multiples: list[float] = field(default_factory=list)
    required: dict[str, None] = field(default_factory=dict)
    needs: dict[str, list[str]] = field(default_factory=dict)
    names: list[Schema] = field(default_factory=list)
    contains: list[tuple[Schema, int, int | None]] = field(default_factory=list)
    layers: list[Mapping[str, Any]] = field(default_factory=list)
    unique: bool = False
    closed: bool = False
    checked: bool = False
    parts: list[Schema] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)
    examples: list[Json] = field(default_factory=list)

    def copy(self) -> Shape:
        return Shape(
            self.types,
            None if self.options is None else list(self.options),
            dict(self.bounds),
            list(self.patterns),
            list(self.formats),
            list(self.multiples),
            dict(self.required),
            dict(self.needs),
            list(self.names),
            list(self.contains),
            list(self.layers),
            self.unique,
            self.closed,
            self.checked,
            list(self.parts),
            dict(self.notes),
            list(self.examples),
        )

    def most(self, key: str, value: Any) -> None:
        """A lower bound: the greatest wins."""
        self.bounds[key] = max(self.bounds.get(key, value), value)

    def least(self, key: str, value: Any) -> None:
        """An upper bound: the smallest wins."""
        self.bounds[key] = min(self.bounds.get(key, value), value)


def shapes(parts: list[Schema], document: Mapping[str, Any], chance: Chance, simple: bool) -> Iterator[Shape]:
    """Every shape that satisfies all of `parts`, lazily. simple: the shortest alternatives first instead of mixed."""
    shape = Shape(parts=list(parts))
    yield from _expand(shape, list(parts), [], document, chance, simple, frozenset())


def _expand(
    shape: Shape,
    todo: list[Schema],
    choices: list[list[Schema]],
    document: Mapping[str, Any],
    chance: Chance,
    simple: bool,
    seen: frozenset[str],
) -> Iterator[Shape]:
    while todo:
        schema = todo.pop(0)
        if schema is True:
            continue
        if schema is False or not isinstance(schema, Mapping):
            return
        if "$ref" in schema:
            ref = schema["$ref"]
            if ref not in seen:  # a reference to itself adds nothing
                seen = seen | {ref}
                target = look_up(document, ref)
                if target is None:
                    return
                todo.append(target)
        todo.extend(schema.get("allOf", ()))
        _narrow(shape, schema)
        if not shape.types or shape.options == []:
            return
        _add_choices(schema, choices, shape)
    if not choices:
        yield shape
        return
    alternatives, *rest = choices
    ordered = alternatives if simple or len(alternatives) < 2 else alternatives[:]
    if simple:
        ordered = sorted(alternatives, key=lambda schema: len(str(schema)))
    for alternative in ordered:
        yield from _expand(shape.copy(), [alternative], list(rest), document, chance, simple, seen)


def _narrow(shape: Shape, schema: Mapping[str, Any]) -> None:
    """Add what one schema asks for, its alternatives left out."""
    if (types := schema.get("type")) is not None:
        wanted: frozenset[str] = frozenset()
        for name in [types] if isinstance(types, str) else types:
            wanted |= _ATOMS.get(name, frozenset({name}))
        shape.types &= wanted
    if "const" in schema or "enum" in schema:
        options = [schema["const"]] if "const" in schema else list(schema["enum"])
        shape.options = options if shape.options is None else [o for o in options if o in shape.options]
        shape.checked = True
    for key in ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"):
        if key in schema:
            shape.most(key, schema[key])
    for key in ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"):
        if key in schema:
            shape.least(key, schema[key])
    if "pattern" in schema:
        shape.patterns.append(schema["pattern"])
    if "format" in schema:
        shape.formats.append(schema["format"])
    if "multipleOf" in schema:
        shape.multiples.append(schema["multipleOf"])
    shape.required.update(dict.fromkeys(schema.get("required", ())))
    for name, others in schema.get("dependentRequired", {}).items():
        shape.needs[name] = [*shape.needs.get(name, []), *others]
    if "propertyNames" in schema:
        shape.names.append(schema["propertyNames"])
    if "contains" in schema:
        shape.contains.append((schema["contains"], schema.get("minContains", 1), schema.get("maxContains")))
        shape.checked = True
    if _LAYER & schema.keys():
        shape.layers.append(schema)
    if schema.get("uniqueItems"):
        shape.unique = True
    for key in ("unevaluatedProperties", "unevaluatedItems"):
        if key in schema and schema[key] is not True:
            shape.closed = True
            shape.checked = True
    for key in ("title", "description"):
        if isinstance(schema.get(key), str):
            shape.notes.setdefault(key, schema[key])
    if isinstance(examples := schema.get("examples"), list):
        shape.examples.extend(examples)


def _add_choices(schema: Mapping[str, Any], choices: list[list[Schema]], shape: Shape) -> None:
    if any_of := schema.get("anyOf"):
        choices.append(list(any_of))
        shape.checked = True
    if one_of := schema.get("oneOf"):
        strict = [
            {"allOf": [one, *({"not": other} for place, other in enumerate(one_of) if place != at)]}
            for at, one in enumerate(one_of)
        ]
        choices.append([*one_of, *strict] if len(one_of) > 1 else list(one_of))
        shape.checked = True
    if "not" in schema:
        choices.append(negations(schema["not"]))
        shape.checked = True
    if "if" in schema:
        yes, no = schema.get("then", True), schema.get("else", True)
        choices.append([{"allOf": [schema["if"], yes]}, {"allOf": [{"not": schema["if"]}, no]}])
        shape.checked = True
    for name, inner in schema.get("dependentSchemas", {}).items():
        choices.append([{"allOf": [{"required": [name]}, inner]}, {"properties": {name: False}}])
        shape.checked = True


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
        if key == "type":
            wanted: frozenset[str] = frozenset()
            for name in [value] if isinstance(value, str) else value:
                wanted |= _ATOMS.get(name, frozenset({name}))
            rest = ALL - wanted
            found.append({"type": sorted(rest)} if rest else False)
        elif key in ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"):
            other = {"minimum": "exclusiveMaximum", "exclusiveMinimum": "maximum"}
            other |= {"maximum": "exclusiveMinimum", "exclusiveMaximum": "minimum"}
            found.append({"type": "number", other[key]: value})
        elif key in ("minLength", "minItems", "minProperties"):
            kind = {"minLength": "string", "minItems": "array", "minProperties": "object"}[key]
            found.append({"type": kind, key.replace("min", "max"): value - 1} if value > 0 else False)
        elif key in ("maxLength", "maxItems", "maxProperties"):
            kind = {"maxLength": "string", "maxItems": "array", "maxProperties": "object"}[key]
            found.append({"type": kind, key.replace("max", "min"): value + 1})
        elif key == "required":
            found.extend({"type": "object", "properties": {name: False}} for name in value)
        elif key == "properties":
            found.extend(
                {"type": "object", "required": [name], "properties": {name: {"not": inner}}} for name, inner in value.items()
            )
        elif key == "allOf":
            found.extend({"not": inner} for inner in value)
        elif key in ("anyOf", "oneOf"):
            found.append({"allOf": [{"not": inner} for inner in value]})
            vague |= key == "oneOf"
        elif key == "not":
            found.append(value)
        elif key == "items":
            found.append({"type": "array", "minItems": 1, "contains": {"not": value}})
        elif key == "uniqueItems" and value:
            found.append({"type": "array", "minItems": 2})
        elif key in ("title", "description", "$comment", "default", "examples", "$defs", "definitions"):
            continue
        else:  # const, enum, pattern, multipleOf, format, contains, $ref …: draw freely, then check
            vague = True
    if vague:
        found.insert(0, True)
    return found or [False]
