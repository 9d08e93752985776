"""A JSON Schema (draft 2020-12) taken apart into the plain shapes that satisfy it.

`shapes` multiplies out allOf, anyOf, oneOf, if, not and dependentSchemas: each `Shape` it yields is a list of requirements
without alternatives, the likeliest first. Keywords are those of https://json-schema.org/draft/2020-12/json-schema-core and
json-schema-validation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from genarun.providers.offline.chance import Chance
from genarun.providers.offline.schema_document import ALL, Json, Schema, atoms, look_up
from genarun.providers.offline.schema_not import negations

_LAYER = {"properties", "patternProperties", "additionalProperties", "prefixItems", "items"}


@dataclass(slots=True)
class Shape:
    """Requirements that hold together, without alternatives.

    parts: the schemas they come from, to check a value against.
    layers: those among them that say something about properties or items.
    options: the values of enum and const, None where any value may come.
    rest_names, rest_items: what unevaluatedProperties and unevaluatedItems ask of what no layer speaks of.
    checked: whether a value that was made for it has to be checked against `parts` all the same.
    """

    types: frozenset[str] = ALL
    options: list[Json] | None = None
    bounds: dict[str, Any] = field(default_factory=dict)
    patterns: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    formats: list[str] = field(default_factory=list)
    multiples: list[float] = field(default_factory=list)
    required: dict[str, None] = field(default_factory=dict)
    needs: dict[str, list[str]] = field(default_factory=dict)
    names: list[Schema] = field(default_factory=list)
    contains: list[tuple[Schema, int, int | None]] = field(default_factory=list)
    layers: list[Mapping[str, Any]] = field(default_factory=list)
    unique: bool = False
    rest_names: list[Schema] = field(default_factory=list)
    rest_items: list[Schema] = field(default_factory=list)
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
            list(self.refused),
            list(self.formats),
            list(self.multiples),
            dict(self.required),
            dict(self.needs),
            list(self.names),
            list(self.contains),
            list(self.layers),
            self.unique,
            list(self.rest_names),
            list(self.rest_items),
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


def shapes(parts: list[Schema], document: Mapping[str, Any], chance: Chance | None, simple: bool) -> Iterator[Shape]:
    """Every shape that satisfies all of `parts`, lazily: alternatives in the schema's order, mixed where `chance` is given,
    the shortest first where it is to be simple."""
    shape = Shape(parts=list(parts))
    yield from _expand(shape, list(parts), [], document, chance, simple, frozenset())


def _expand(
    shape: Shape,
    todo: list[Schema],
    choices: list[list[Schema]],
    document: Mapping[str, Any],
    chance: Chance | None,
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
        if "not" in schema:
            refused, seen = _opened(schema["not"], document, seen)
            choices.append(negations(refused))
            shape.checked = True
    if not choices:
        yield shape
        return
    alternatives, *rest = choices
    ordered = alternatives if chance is None else chance.mixed(alternatives)
    if simple:
        ordered = sorted(ordered, key=lambda schema: len(str(schema)))
    for alternative in ordered:
        yield from _expand(shape.copy(), [alternative], list(rest), document, chance, simple, seen)


def _opened(refused: Schema, document: Mapping[str, Any], seen: frozenset[str]) -> tuple[Schema, frozenset[str]]:
    """What `not` refuses, with what it refers to in the reference's place; a reference that was opened before stays."""
    if not isinstance(refused, Mapping) or "$ref" not in refused or (mark := f"not {refused['$ref']}") in seen:
        return refused, seen
    own = {key: value for key, value in refused.items() if key != "$ref"}
    own["allOf"] = [*own.get("allOf", ()), look_up(document, refused["$ref"])]
    return own, seen | {mark}


def _narrow(shape: Shape, schema: Mapping[str, Any]) -> None:
    """Add what one schema asks for, its alternatives left out."""
    if (types := schema.get("type")) is not None:
        shape.types &= atoms(types)
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
    shape.refused += schema.get("refused", ())  # patterns: `schema_not` writes so
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
    for key, rest in (("unevaluatedProperties", shape.rest_names), ("unevaluatedItems", shape.rest_items)):
        if key in schema and schema[key] is not True:
            rest.append(schema[key])
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
    if "if" in schema:
        yes, no = schema.get("then", True), schema.get("else", True)
        choices.append([{"allOf": [schema["if"], yes]}, {"allOf": [{"not": schema["if"]}, no]}])
        shape.checked = True
    for name, inner in schema.get("dependentSchemas", {}).items():
        choices.append([{"allOf": [{"required": [name]}, inner]}, {"properties": {name: False}}])
        shape.checked = True
