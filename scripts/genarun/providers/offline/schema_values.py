"""Values that satisfy a JSON Schema and mean something: the schema says what may come, the hints say what suits.

The search is lazy: of every part it takes the first value that fits and asks for another only where a check fails. What
suits comes first; what is merely allowed comes after it, so that a schema which leaves little room still gets a value. Every
keyword of draft 2020-12 is followed, and what comes out was checked against the schema as it was written.

Out of reach, and then said so: puzzles that a few thousand tries do not solve (many alternatives that exclude each other; a
value that only `not` over `const`, `format`, `multipleOf` or `if` describes), and texts that only look-arounds or
back-references describe together with other rules. An example in the schema (`examples`, `default`, `const`, `enum`) is tried
as an answer, so a person can show the way. See `schema_document.plain` for what is not followed of `$dynamicRef`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from genarun.providers.offline.chance import Chance
from genarun.providers.offline.schema_document import ALL, ROOT, Json, Schema, plain
from genarun.providers.offline.schema_lists import lists
from genarun.providers.offline.schema_numbers import numbers
from genarun.providers.offline.schema_objects import objects
from genarun.providers.offline.schema_search import DEPTH, Hints, Silent
from genarun.providers.offline.schema_shape import Shape, shapes
from genarun.providers.offline.schema_texts import texts

_ATTEMPTS = 11
_STEPS = 6000  # parts tried in one attempt before a schema counts as out of reach
_SHAPES = 240  # alternatives tried where the first ones led nowhere
_LEAST = 100  # steps that each of them may take, however few are left
_MISSES = 60  # values of one kind that a shape may try in vain
_ORDER = ("object", "array", "string", "integer", "fraction", "boolean", "null")

_PLAIN = frozenset(("const", "enum", "default", "examples"))  # hold values, not schemas


class Unsatisfiable(ValueError):
    """No value was found that satisfies the schema. given_up: whether there may be one all the same."""

    def __init__(self, what: str, given_up: bool = False) -> None:
        super().__init__(what)
        self.given_up = given_up


def satisfy(schema: Schema, hints: Hints, chance: Chance) -> Json:
    """A value that `schema` accepts. Raises Unsatisfiable where none was found, or where the schema itself is no schema."""
    whole = _validator(schema)
    solver = _Solver(schema)
    given_up = False
    for attempt in range(_ATTEMPTS):
        solver.begin(attempt)
        fork, depth = chance.fork("attempt", attempt), DEPTH if attempt in (2, 3) else 0
        try:
            for value in solver.values([{"$ref": ROOT}], Silent() if attempt else hints, fork, depth):
                if whole.is_valid(value):
                    return value
        except (_Exhausted, RecursionError):
            given_up = True
    raise Unsatisfiable("the search for a value was given up" if given_up else "no value was found", given_up)


def _validator(schema: Schema) -> Any:
    import jsonschema_rs  # heavy, and needed only for schemas

    try:
        return jsonschema_rs.Draft202012Validator(schema, validate_formats=True, offline=True)
    except (ValueError, jsonschema_rs.ReferencingError) as error:
        raise Unsatisfiable(f"it cannot be read: {str(error).splitlines()[0]}") from None


class _Exhausted(Exception):
    """The search has taken all the steps it may."""


class _Solver:
    """See `schema_search.Solver`.

    steps, floor: how many are left, and where the search gives up. hard: whether what suits was tried in vain, so that any
    value is welcome. mixed: whether alternatives come in another order than the schema's. patience: how many values of one
    kind a shape may try in vain before the next kind, and the next shape, have their turn.
    """

    def __init__(self, schema: Schema) -> None:
        self.document = plain(schema)
        self.begin(0)
        self._literals = list(_literals(self.document))
        self._checks: dict[str, Any] = {}

    def begin(self, attempt: int) -> None:
        """The first attempt takes what suits, those after it whatever fits, the last ones anything in any order."""
        self.steps = _STEPS if attempt < 5 else _STEPS // 3
        self.floor = 0
        self.hard = attempt > 0
        self.mixed = attempt > 4
        self.patience = _STEPS if attempt == 4 else _MISSES

    def fits(self, parts: Sequence[Schema], value: Json) -> bool:
        key = json.dumps(parts, sort_keys=True, default=str)
        if key not in self._checks:
            self._checks[key] = _validator({"allOf": _public(list(parts)), **self.document})
        return bool(self._checks[key].is_valid(value))

    def values(self, parts: list[Schema], hints: Hints, chance: Chance, depth: int) -> Iterator[Json]:
        if depth > DEPTH + 40:
            return
        if self.mixed and depth == 0:
            yield from (value for value in self._literals if self.fits(parts, value))
        for number, shape in enumerate(shapes(parts, self.document, chance if self.mixed else None, depth >= DEPTH)):
            if number > (_SHAPES if self.hard else 60):
                break
            share = max(_LEAST, self.steps // 3) if self.hard else self.steps
            yield from self._rationed(self._of_shape(shape, hints, chance.fork(number), depth), self.steps - share)
        for value in self._literals if self.hard else ():
            self._step()
            if self.fits(parts, value):
                yield value

    def _of_shape(self, shape: Shape, hints: Hints, chance: Chance, depth: int) -> Iterator[Json]:
        for kind in self._kinds(shape, hints, chance, depth):
            misses = 0
            for value in kind:
                self._step()
                if not shape.checked or self.fits(shape.parts, value):
                    yield value
                elif (misses := misses + 1) > self.patience:
                    break

    def _rationed(self, values: Iterator[Json], floor: int) -> Iterator[Json]:
        """The values, until the steps that are left fall to `floor`: one alternative must not use up what the others need."""
        while True:
            outer, self.floor = self.floor, max(self.floor, floor)
            try:
                value = next(values)
            except StopIteration:
                return
            except _Exhausted:
                if self.steps < outer:
                    raise
                return
            finally:
                self.floor = outer
            yield value

    def _step(self) -> None:
        self.steps -= 1
        if self.steps < self.floor:
            raise _Exhausted

    def _kinds(self, shape: Shape, hints: Hints, chance: Chance, depth: int) -> Iterator[Iterable[Json]]:
        """Values for a shape, one kind after another."""
        if shape.options is not None:
            yield hints.options(shape.options, chance)
            return
        # Where nothing is said about the type: what the other keywords speak of, else a text.
        kinds = _implied(shape) if shape.types == ALL else [kind for kind in _ORDER if kind in shape.types]
        both = {"integer", "fraction"} <= shape.types
        for kind in kinds:
            if kind == "null":
                yield [None]
            elif kind == "boolean":
                flag = hints.flag()
                yield [flag, not flag]
            elif kind == "string":
                yield texts(shape, hints, chance, self)
            elif kind == "array":
                yield lists(shape, hints, chance, depth, self)
            elif kind == "object":
                yield objects(shape, hints, chance, depth, self)
            elif kind == "integer" or not both:
                yield numbers(shape, hints, chance, kind == "integer" and not both)


def _public(value: Json) -> Json:
    """`fraction` is this package's word for a number that is not whole, `refused` for patterns under `not`; validators know
    `number` and `not`."""
    if isinstance(value, list):
        return [_public(inner) for inner in value]
    if not isinstance(value, Mapping):
        return value
    found = {key: inner if key in _PLAIN else _public(inner) for key, inner in value.items()}
    if isinstance(types := value.get("type"), list) and "fraction" in types:
        found["type"] = [name for name in types if name not in ("fraction", "integer")] + ["number"]
        if "integer" not in types:
            found["not"] = {"type": "integer"}
    if isinstance(refused := value.get("refused"), list):
        del found["refused"]
        return {"allOf": [found, *({"not": {"pattern": pattern}} for pattern in refused)]}
    return found


def _literals(value: Json, named: bool = False) -> Iterator[Json]:
    """Values that a schema itself holds: where nothing else is found, one of them may be it."""
    if named:
        yield value
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key in ("enum", "examples") and isinstance(inner, list):
                for one in inner:
                    yield from _literals(one, True)
            else:
                yield from _literals(inner, named or key in ("const", "default"))
    elif isinstance(value, list):
        for inner in value:
            yield from _literals(inner, named)


def _implied(shape: Shape) -> list[str]:
    kinds: list[str] = []
    bounds = shape.bounds.keys()
    if shape.required or shape.needs or shape.names or {"minProperties", "maxProperties"} & bounds:
        kinds.append("object")
    if any({"properties", "patternProperties", "additionalProperties"} & layer.keys() for layer in shape.layers):
        kinds.append("object")
    if shape.contains or shape.unique or {"minItems", "maxItems"} & bounds:
        kinds.append("array")
    if any({"items", "prefixItems"} & layer.keys() for layer in shape.layers):
        kinds.append("array")
    if shape.multiples or {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"} & bounds:
        kinds += ["integer", "fraction"]
    rest = ("string", "integer", "fraction", "boolean", "null", "array", "object")
    return list(dict.fromkeys([*kinds, *rest]))
