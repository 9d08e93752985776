"""Lists that satisfy a shape: which places ask what, what has to be contained, how long they get."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from genarun.providers.offline.chance import Chance
from genarun.providers.offline.schema_document import Json, Schema
from genarun.providers.offline.schema_search import DEPTH, Hints, Solver
from genarun.providers.offline.schema_shape import Shape

_TURNS = 150  # items that a list may take back before its length counts as out of reach


def lists(shape: Shape, hints: Hints, chance: Chance, depth: int, solver: Solver) -> Iterator[list[Json]]:
    """Lists for a shape, as long as suits where its bounds allow that, then shorter ones, then longer ones."""
    maker = _Maker(shape, hints, chance, depth, solver)
    sizes = list(maker.sizes())
    tricky = shape.checked or shape.unique
    for size in sizes:
        for attempt in range(4 if tricky else 2):
            found = next(maker.made(size, attempt), None)
            if found is not None:
                yield found
                if not shape.checked:
                    break
    for size in sizes if tricky else ():
        yield from maker.made(size, 4)


class _Maker:
    def __init__(self, shape: Shape, hints: Hints, chance: Chance, depth: int, solver: Solver) -> None:
        self.shape = shape
        self.hints = hints
        self.chance = chance
        self.depth = depth
        self.solver = solver
        self.turns = 0

    def sizes(self) -> Iterator[int]:
        """Lengths, the one that suits first."""
        shape, usable = self.shape, self.depth < DEPTH
        least = max([int(shape.bounds.get("minItems", 0)), *(low for _, low, _ in shape.contains)])
        longest = max((len(layer.get("prefixItems", ())) for layer in shape.layers), default=0)
        has_items = any("items" in layer for layer in shape.layers)
        limits = [int(shape.bounds["maxItems"])] if "maxItems" in shape.bounds else []
        for layer in shape.layers:
            prefix = layer.get("prefixItems", ())
            if False in prefix or layer.get("items") is False:
                limits.append(prefix.index(False) if False in prefix else len(prefix))
        rooms = [highest for _, _, highest in shape.contains if highest is not None]
        if False in shape.rest_items and not has_items and len(rooms) == len(shape.contains):
            limits.append(longest + sum(rooms))  # what is contained counts as spoken of
        usual = self.hints.count() if (has_items or not longest) and usable else 0
        wanted = max(least, longest if usable else 0, usual)
        top = min(limits, default=wanted)
        if top < least:
            return
        first = min(wanted, top)
        more = longest + sum(low for _, low, _ in shape.contains) + 2 if shape.checked else 0
        last = min([first + more, *limits])
        shorter = [size for size in range(first - 1, least - 1, -1) if size > first - 7]
        yield from dict.fromkeys([first, *shorter, least, *range(first + 1, last + 1)])

    def made(self, size: int, attempt: int) -> Iterator[list[Json]]:
        """Lists of `size` items. attempt: see `_wishes`; in the last one an item that leads nowhere is taken back."""
        self.turns = _TURNS if attempt == 4 else 0
        due = [(contained, low) for contained, low, _ in self.shape.contains]
        return self._filled([], due, size, attempt, self.chance.fork(size, attempt))

    def _filled(
        self, found: list[Json], due: list[tuple[Schema, int]], size: int, attempt: int, chance: Chance
    ) -> Iterator[list[Json]]:
        if len(found) == size:
            yield list(found)
            return
        open_ = [contained for contained, left in due if left > 0]
        early = attempt == 2 and size - len(found) > sum(left for _, left in due)
        for value in self._items(
            self._wishes(len(found), size, open_, attempt, early), found, chance, 3 if attempt == 4 else 40
        ):
            left = [(contained, number - (number > 0 and self.solver.fits([contained], value))) for contained, number in due]
            yield from self._filled([*found, value], left, size, attempt, chance)
            self.turns -= 1
            if self.turns < 0:
                return

    def _wishes(self, place: int, size: int, due: list[Schema], attempt: int, early: bool) -> list[list[Schema]]:
        """What an item at `place` of `size` may be made for, best first. due: what still has to be contained. attempt: 0 is the
        simplest; later, one item may serve several, must not count for what is contained often enough, or (3) is held to
        what is unevaluated whether it is or not. early: whether what is due had better come further on."""
        parts: list[Schema] = []
        for layer in self.shape.layers:
            prefix = layer.get("prefixItems", ())
            if place < len(prefix):
                parts.append(prefix[place])
            elif "items" in layer:
                parts.append(layer["items"])
        rest = self.shape.rest_items if not parts or attempt == 3 else []
        wishes: list[list[Schema]] = [[*parts, *rest]]
        avoid = [
            {"not": contained}
            for contained, _, most in self.shape.contains
            # Where every item may be contained there is nothing to avoid, and avoiding it may be a search without end.
            if most is not None and most < size and contained not in due
        ]
        if due:
            wishes[:0] = [[*parts, one, *(avoid if attempt else [])] for one in due]
            if attempt % 2 and len(due) > 1:
                wishes.insert(0, [*parts, *due])
        elif avoid:
            wishes.insert(0, [*parts, *rest, *avoid])
        if early:
            wishes.insert(0, [*parts, *rest, *({"not": contained} for contained, _, _ in self.shape.contains)])
        if rest:  # what is contained counts as spoken of
            wishes += [[*parts, *due[:1], contained] for contained, _, _ in self.shape.contains]
        return wishes

    def _items(self, wishes: list[list[Schema]], found: list[Json], chance: Chance, most: int) -> Iterator[Json]:
        """Values for the next item, up to `most` and one a wish, none of them there already where they must differ."""
        place, unique = len(found), self.shape.unique
        seen = {same(value) for value in found} if unique else frozenset[str]()
        for parts in wishes:
            for attempt in range(6 if unique else 1):
                inner = self.hints.child("", "", {"": found}, place + attempt * 97)
                for number, value in enumerate(self.solver.values(parts, inner, chance.fork(place, attempt), self.depth + 1)):
                    if same(value) not in seen:
                        yield value
                    if number > most:
                        break


def same(value: Json) -> str:
    """Equal for values that JSON Schema holds equal: 1 and 1.0 are, true and 1 are not."""
    if isinstance(value, float) and value == int(value):
        value = int(value)
    if isinstance(value, list):
        return "[" + ",".join(same(item) for item in value) + "]"
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{json.dumps(name)}:{same(value[name])}" for name in sorted(value)) + "}"
    return json.dumps(value, sort_keys=True)
