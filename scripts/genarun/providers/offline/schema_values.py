"""Values that satisfy a JSON Schema and mean something: the schema says what may come, the hints say what suits.

The search is lazy: of every part it takes the first value that fits and asks for another only where a check fails. What
suits comes first; what is merely allowed comes after it, so that a schema which leaves little room still gets a value.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from genarun.providers.offline.chance import Chance
from genarun.providers.offline.pattern import Unreadable, draw
from genarun.providers.offline.schema_numbers import Hints, numbers
from genarun.providers.offline.schema_shape import ALL, ROOT, Json, Schema, Shape, plain, shapes

_STEPS = 6000  # parts tried before a schema counts as out of reach
_DEPTH = 7  # below this, optional parts are left out and the shortest alternatives are taken, so that recursion ends
_ORDER = ("object", "array", "string", "integer", "fraction", "boolean", "null")


class Unsatisfiable(ValueError):
    """No value was found that satisfies the schema."""


def satisfy(schema: Schema, hints: Hints, chance: Chance) -> Json:
    """A value that `schema` accepts. Raises Unsatisfiable where none was found, or where the schema itself is no schema."""
    solver = _Solver(schema)
    solver.fits([{"$ref": ROOT}], None)  # a schema that cannot be read is told apart from one without values
    for attempt, simple in enumerate((False, False, True, True)):
        solver.steps = _STEPS
        try:
            for value in solver.values([{"$ref": ROOT}], hints, chance.fork("attempt", attempt), _DEPTH if simple else 0):
                if solver.fits([{"$ref": ROOT}], value):
                    return value
        except (_Exhausted, RecursionError):
            continue
    raise Unsatisfiable("no value was found")


class _Exhausted(Exception):
    """The search has taken all the steps it may."""


class _Solver:
    def __init__(self, schema: Schema) -> None:
        self.document = plain(schema)
        self.steps = _STEPS
        self._checks: dict[str, Any] = {}
        self._matches: dict[str, Any] = {}

    def fits(self, parts: Sequence[Schema], value: Json) -> bool:
        """Whether `value` satisfies all of `parts`, by an independent validator."""
        key = json.dumps(parts, sort_keys=True, default=str)
        if key not in self._checks:
            import jsonschema_rs  # heavy, and needed only for schemas

            try:
                rules = {
                    "$schema": "https://json-schema.org/draft/2020-12/schema",
                    "allOf": _public(list(parts)),
                    **self.document,
                }
                self._checks[key] = jsonschema_rs.Draft202012Validator(rules, validate_formats=True)
            except (ValueError, jsonschema_rs.ReferencingError) as error:
                raise Unsatisfiable(f"it cannot be read: {str(error).splitlines()[0].replace('/$defs/root', '')}") from None
        return bool(self._checks[key].is_valid(value))

    def values(self, parts: list[Schema], hints: Hints, chance: Chance, depth: int) -> Iterator[Json]:
        """Values for `parts` together, those that suit first. They fit, as far as the parts can be told apart."""
        if depth > _DEPTH + 40:
            return
        for number, shape in enumerate(shapes(parts, self.document, chance, depth >= _DEPTH)):
            if number > 60:
                return
            inner = chance.fork(number)
            for value in self._of_shape(shape, hints, inner, depth):
                self.steps -= 1
                if self.steps < 0:
                    raise _Exhausted
                if not shape.checked or self.fits(shape.parts, value):
                    yield value

    def _of_shape(self, shape: Shape, hints: Hints, chance: Chance, depth: int) -> Iterator[Json]:
        if shape.options is not None:
            yield from chance.mixed(shape.options)
            return
        kinds = [kind for kind in _ORDER if kind in shape.types]
        if shape.types == ALL:  # nothing is said about the type: what the other keywords speak of, else a text
            kinds = _implied(shape)
        for kind in kinds:
            if kind == "null":
                yield None
            elif kind == "boolean":
                flag = hints.flag()
                yield from (flag, not flag)
            elif kind == "string":
                yield from self._strings(shape, hints, chance)
            elif kind in ("integer", "fraction"):
                both = {"integer", "fraction"} <= shape.types
                if kind == "integer" or not both:
                    yield from numbers(shape, hints, chance, kind == "integer" and not both)
            elif kind == "array":
                yield from self._arrays(shape, hints, chance, depth)
            else:
                yield from self._objects(shape, hints, chance, depth)

    # strings

    def _strings(self, shape: Shape, hints: Hints, chance: Chance) -> Iterator[str]:
        low, high = int(shape.bounds.get("minLength", 0)), shape.bounds.get("maxLength")
        if high is not None and high < low:
            return
        top = None if high is None else int(high)
        rules: dict[str, Any] = {"type": "string"}
        if shape.patterns or shape.formats:
            rules["allOf"] = [{"pattern": p} for p in shape.patterns] + [{"format": f} for f in shape.formats]
        for number, text in enumerate(self._texts(shape, hints, chance, low, top)):
            if number > 120:
                return
            if low <= len(text) and (top is None or len(text) <= top) and (len(rules) == 1 or self.fits([rules], text)):
                yield text

    def _texts(self, shape: Shape, hints: Hints, chance: Chance, low: int, high: int | None) -> Iterator[str]:
        yield from (text for text in shape.examples if isinstance(text, str))
        for number, text in enumerate(hints.texts(low, high, shape.formats)):
            yield text
            if number > 24:
                break
        for attempt in range(40 if shape.patterns else 0):
            for pattern in shape.patterns:
                try:
                    yield draw(pattern, chance.fork(attempt, pattern), low, high)
                except Unreadable:
                    continue
            try:
                yield "".join(draw(pattern, chance.fork(attempt, pattern)) for pattern in shape.patterns)
            except Unreadable:
                continue
        size = low
        for attempt in range(40):
            yield "".join(chance.pick("abcdefghijklmnopqrstuvwxyz") for _ in range(size))
            size = min(size + attempt % 2, low + 20 if high is None else high)

    # lists

    def _arrays(self, shape: Shape, hints: Hints, chance: Chance, depth: int) -> Iterator[list[Json]]:
        least, most = int(shape.bounds.get("minItems", 0)), shape.bounds.get("maxItems")
        least = max([least, *(low for _, low, _ in shape.contains)])
        longest = max((len(layer.get("prefixItems", ())) for layer in shape.layers), default=0)
        open_ended = any("items" in layer for layer in shape.layers) or not longest
        if shape.closed and not any("items" in layer for layer in shape.layers):
            most = longest if most is None else min(most, longest)
        usual = hints.count() if open_ended and depth < _DEPTH else 0
        wanted = max(least, longest if depth < _DEPTH else 0, usual)
        top = wanted if most is None else int(most)
        if top < least:
            return
        sizes = dict.fromkeys([min(wanted, top), *range(min(wanted, top) - 1, least - 1, -1), least])
        for number, size in enumerate(sizes):
            if number > 6 and size != least:
                continue
            for attempt in range(4 if shape.checked or shape.unique else 2):
                found = self._items(shape, hints, chance.fork(size, attempt), depth, size)
                if found is not None:
                    yield found
                    if not shape.checked:
                        break

    def _items(self, shape: Shape, hints: Hints, chance: Chance, depth: int, size: int) -> list[Json] | None:
        found: list[Json] = []
        seen: set[str] = set()
        due = [[contained, low] for contained, low, _ in shape.contains]
        for place in range(size):
            parts: list[Schema] = []
            for layer in shape.layers:
                prefix = layer.get("prefixItems", ())
                if place < len(prefix):
                    parts.append(prefix[place])
                elif "items" in layer:
                    parts.append(layer["items"])
            wishes: list[list[Schema]] = [parts]
            due_here = [entry for entry in due if entry[1] > 0]
            if due_here:
                wishes.insert(0, [*parts, due_here[0][0]])
            avoid = [{"not": contained} for contained, low, most in shape.contains if most is not None]
            if avoid and not due_here:
                wishes.insert(0, [*parts, *avoid])
            value, got = self._item(wishes, hints, chance, depth, place, seen if shape.unique else None, found)
            if not got:
                return None
            found.append(value)
            seen.add(_same(value))
            for entry in due:
                if entry[1] > 0 and self.fits([entry[0]], value):
                    entry[1] -= 1
        return found

    def _item(
        self,
        wishes: list[list[Schema]],
        hints: Hints,
        chance: Chance,
        depth: int,
        place: int,
        seen: set[str] | None,
        before: list[Json],
    ) -> tuple[Json, bool]:
        for parts in wishes:
            for attempt in range(1 if seen is None else 6):
                inner = hints.child("", "", {"": before}, place + attempt * 97)
                for number, value in enumerate(self.values(parts, inner, chance.fork(place, attempt), depth + 1)):
                    if seen is None or _same(value) not in seen:
                        return value, True
                    if number > 40:
                        break
        return None, False

    # objects

    def _objects(self, shape: Shape, hints: Hints, chance: Chance, depth: int) -> Iterator[dict[str, Json]]:
        declared: dict[str, None] = {}
        for layer in shape.layers:
            declared.update(dict.fromkeys(layer.get("properties", {})))
        least, most = int(shape.bounds.get("minProperties", 0)), shape.bounds.get("maxProperties")
        required = _closure(shape.required, shape.needs)
        if most is not None and most < max(least, len(required)):
            return
        optional = [name for name in declared if name not in required]
        full = [*optional] if depth < _DEPTH else []
        plans = [full, [], *([name] for name in optional)] if shape.checked else [full, []]
        for number, chosen in enumerate(plans[:12]):
            for attempt in range(3 if shape.checked else 1):
                found = self._fill(shape, hints, chance.fork(number, attempt), depth, required, chosen, declared)
                if found is not None:
                    yield found

    def _fill(
        self,
        shape: Shape,
        hints: Hints,
        chance: Chance,
        depth: int,
        required: Mapping[str, None],
        chosen: Sequence[str],
        declared: Mapping[str, None],
    ) -> dict[str, Json] | None:
        least = int(shape.bounds.get("minProperties", 0))
        most = shape.bounds.get("maxProperties")
        found: dict[str, Json] = {}
        wanted = _closure(dict.fromkeys([*required, *chosen]), shape.needs)
        for name in sorted(wanted, key=lambda name: (name not in required, _rank(name))):
            if name in found or (most is not None and len(found) >= most and name not in required):
                continue
            value, got = self._property(shape, name, hints, chance, depth, found)
            if got:
                found[name] = value
            elif name in required:
                return None
        for name in [*declared, *self._fresh_names(shape, hints, chance, least)]:
            if len(found) >= least:
                break
            if name not in found:
                value, got = self._property(shape, name, hints, chance, depth, found)
                if got:
                    found[name] = value
        for name in list(found):  # an optional one whose companions could not be given goes too
            if name not in required and any(other not in found for other in shape.needs.get(name, ())):
                del found[name]
        if len(found) < least or any(name not in found for name in required):
            return None
        order = [*declared, *(name for name in found if name not in declared)]
        return {name: found[name] for name in order if name in found}

    def _property(
        self, shape: Shape, name: str, hints: Hints, chance: Chance, depth: int, found: Mapping[str, Json]
    ) -> tuple[Json, bool]:
        if any(not self.fits([rule], name) for rule in shape.names):
            return None, False
        parts: list[Schema] = []
        for layer in shape.layers:
            own = [layer["properties"][name]] if name in layer.get("properties", {}) else []
            own += [inner for pattern, inner in layer.get("patternProperties", {}).items() if self._matching(pattern, name)]
            if not own and "additionalProperties" in layer:
                own = [layer["additionalProperties"]]
            parts += own
        if shape.closed and not parts:
            return None, False
        note = next((part["description"] for part in parts if isinstance(part, Mapping) and part.get("description")), "")
        inner = hints.child(name, str(note), found)
        for value in self.values(parts, inner, chance.fork(name), depth + 1):
            return value, True
        return None, False

    def _fresh_names(self, shape: Shape, hints: Hints, chance: Chance, least: int) -> Iterator[str]:
        """Names for properties that are wanted by number only."""
        tries = chance.fork("names")
        if shape.names:
            for number, name in enumerate(self.values([{"type": "string"}, *shape.names], hints, tries, _DEPTH)):
                yield name
                if number > 60 + least:
                    break
            for number in range(60 + least):
                for name in self.values(
                    [{"type": "string"}, *shape.names], hints.child("", "", {}, number), tries.fork(number), 7
                ):
                    yield name
                    break
        for layer in shape.layers:
            for pattern in layer.get("patternProperties", {}):
                for number in range(20 + least):
                    try:
                        yield draw(pattern, tries.fork(pattern, number))
                    except Unreadable:
                        break
        for number in range(20 + least):
            yield ("note", "source", "place", "mood", "detail")[number] if number < 5 else f"detail{number}"

    def _matching(self, pattern: str, name: str) -> bool:
        return self.fits([{"type": "string", "pattern": pattern}], name)


def _public(value: Json) -> Json:
    """`fraction` is this package's word for a number that is not whole; validators know `number`."""
    if isinstance(value, Mapping):
        if isinstance(types := value.get("type"), list) and "fraction" in types:
            whole = "integer" in types
            rest = [name for name in types if name not in ("fraction", "integer")] + ["number"]
            extra = {} if whole else {"not": {"type": "integer"}}
            return {**{key: _public(inner) for key, inner in value.items() if key != "type"}, "type": rest, **extra}
        return {key: _public(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_public(inner) for inner in value]
    return value


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


def _closure(names: Mapping[str, None], needs: Mapping[str, list[str]]) -> dict[str, None]:
    found = dict(names)
    todo = list(found)
    while todo:
        for other in needs.get(todo.pop(), ()):
            if other not in found:
                found[other] = None
                todo.append(other)
    return found


def _same(value: Json) -> str:
    """Equal for values that JSON Schema holds equal: 1 and 1.0 are, true and 1 are not."""
    if isinstance(value, float) and value == int(value):
        value = int(value)
    if isinstance(value, list):
        return "[" + ",".join(_same(item) for item in value) + "]"
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{json.dumps(name)}:{_same(value[name])}" for name in sorted(value)) + "}"
    return json.dumps(value, sort_keys=True)


_EARLY = re.compile(r"title|headline|theme|topic|subject|^(full)?name$|name$", re.IGNORECASE)
_LATE = re.compile(r"slug|bio|description|caption|summary|introduction|email|url|prompt|alt", re.IGNORECASE)


def _rank(name: str) -> int:
    """Names and titles are made first, so that what speaks of them can."""
    if _LATE.search(name):
        return 2
    return 0 if _EARLY.search(name) else 1
