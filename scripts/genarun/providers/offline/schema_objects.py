"""Objects that satisfy a shape: which properties are there, and what each of them holds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from genarun.providers.offline.chance import Chance
from genarun.providers.offline.pattern import Unreadable, draw
from genarun.providers.offline.schema_document import FRESH_NAMES, Json, Schema
from genarun.providers.offline.schema_search import DEPTH, Hints, Solver
from genarun.providers.offline.schema_shape import Shape

_NAMES = 12  # names tried beyond those that are wanted


def objects(shape: Shape, hints: Hints, chance: Chance, depth: int, solver: Solver) -> Iterator[dict[str, Json]]:
    """Objects for a shape: with every property it speaks of, then with fewer."""
    return _Maker(shape, hints, chance, depth, solver).objects()


class _Maker:
    def __init__(self, shape: Shape, hints: Hints, chance: Chance, depth: int, solver: Solver) -> None:
        self.shape = shape
        self.hints = hints
        self.chance = chance
        self.depth = depth
        self.solver = solver
        self.least = int(shape.bounds.get("minProperties", 0))
        self.most = shape.bounds.get("maxProperties")
        self.required = _closure(shape.required, shape.needs)
        self.declared: dict[str, None] = {}
        for layer in shape.layers:
            self.declared.update(dict.fromkeys(layer.get("properties", {})))

    def objects(self) -> Iterator[dict[str, Json]]:
        if self.most is not None and self.most < max(self.least, len(self.required)):
            return
        optional = [name for name in self.declared if name not in self.required]
        full = [*optional] if self.depth < DEPTH else []
        plans = [full, [], *([name] for name in optional)] if self.shape.checked else [full, []]
        for strict in (False, True) if self.shape.rest_names else (False,):
            for number, chosen in enumerate(plans[:12]):
                for attempt in range(3 if self.shape.checked else 1):
                    found = self._fill(self.chance.fork(number, attempt), chosen, strict)
                    if found is not None:
                        yield found

    def _fill(self, chance: Chance, chosen: Sequence[str], strict: bool) -> dict[str, Json] | None:
        required, found = self.required, dict[str, Json]()
        wanted = _closure(dict.fromkeys([*required, *chosen]), self.shape.needs)
        for name in sorted(wanted, key=lambda name: (name not in required, _rank(name))):
            if name in found or (self.most is not None and len(found) >= self.most and name not in required):
                continue
            value, got = self._property(name, chance, found, strict)
            if got:
                found[name] = value
            elif name in required:
                return None
        tried: set[str] = set()
        for name in chain(self.declared, self._fresh_names(chance)):
            if len(found) >= self.least or len(tried) > self.least + _NAMES:
                break
            if name not in found and name not in tried:
                tried.add(name)
                value, got = self._property(name, chance, found, strict)
                if got:
                    found[name] = value
        for name in list(found):  # an optional one whose companions could not be given goes too
            if name not in required and any(other not in found for other in self.shape.needs.get(name, ())):
                del found[name]
        if len(found) < self.least or any(name not in found for name in required):
            return None
        order = [*self.declared, *(name for name in found if name not in self.declared)]
        return {name: found[name] for name in order if name in found}

    def _property(self, name: str, chance: Chance, found: Mapping[str, Json], strict: bool) -> tuple[Json, bool]:
        """A value for one property. strict: whether what is unevaluated counts for it although another layer speaks of it."""
        if any(not self.solver.fits([rule], name) for rule in self.shape.names):
            return None, False
        parts: list[Schema] = []
        for layer in self.shape.layers:
            own = [layer["properties"][name]] if name in layer.get("properties", {}) else []
            own += [inner for pattern, inner in layer.get("patternProperties", {}).items() if self._matching(pattern, name)]
            if not own and "additionalProperties" in layer:
                own = [layer["additionalProperties"]]
            parts += own
        if strict or not parts:
            parts += self.shape.rest_names
        note = next((part["description"] for part in parts if isinstance(part, Mapping) and part.get("description")), "")
        inner = self.hints.child(name, str(note), found)
        for value in self.solver.values(parts, inner, chance.fork(name), self.depth + 1):
            return value, True
        return None, False

    def _fresh_names(self, chance: Chance) -> Iterator[str]:
        """Names for properties that are wanted by number only."""
        tries, least = chance.fork("names"), self.least
        if self.shape.names:
            rules = [{"type": "string"}, *self.shape.names]
            number = -1
            for number, name in enumerate(self.solver.values(rules, self.hints, tries, DEPTH)):
                yield name
                if number > 60 + least:
                    break
            for again in range(60 + least if number >= 0 else 0):
                for name in self.solver.values(rules, self.hints.child("", "", {}, again), tries.fork(again), DEPTH):
                    yield name
                    break
        for layer in self.shape.layers:
            for pattern in layer.get("patternProperties", {}):
                for number in range(20 + least):
                    try:
                        yield draw(pattern, tries.fork(pattern, number))
                    except Unreadable:
                        break
        yield from FRESH_NAMES
        for number in range(5, 20 + least):
            yield f"detail{number}"
        for number in range(20 + least):  # where a pattern forbids words
            yield from (f"{letter}{number or ''}" for letter in "axZ_")

    def _matching(self, pattern: str, name: str) -> bool:
        return self.solver.fits([{"type": "string", "pattern": pattern}], name)


def _closure(names: Mapping[str, None], needs: Mapping[str, list[str]]) -> dict[str, None]:
    found = dict(names)
    todo = list(found)
    while todo:
        for other in needs.get(todo.pop(), ()):
            if other not in found:
                found[other] = None
                todo.append(other)
    return found


_EARLY = re.compile(r"title|headline|theme|topic|subject|^(full)?name$|name$", re.IGNORECASE)
_LATE = re.compile(r"slug|bio|description|caption|summary|introduction|email|url|prompt|alt", re.IGNORECASE)


def _rank(name: str) -> int:
    """Names and titles are made first, so that what speaks of them can."""
    if _LATE.search(name):
        return 2
    return 0 if _EARLY.search(name) else 1
