"""Strings that several regular expressions are found in at once, of a wanted length.

Each expression becomes a machine (Thompson's construction, Communications of the ACM 11 (6), 1968); all of them read the
same characters, and whatever leads them all to their ends is a string that every expression accepts.
"""

from __future__ import annotations

import string
from collections.abc import Iterator, Sequence
from functools import lru_cache

from genarun.providers.offline.chance import Chance
from genarun.providers.offline.pattern import Node, Unreadable, read

_STATES = 20_000  # of one machine
_WIDTH = 300  # sets of states that are followed at once
_BEYOND = 80  # characters beyond the wanted length, or the shortest that one expression takes
_PLAIN = frozenset(string.ascii_lowercase)
_PRINTABLE = frozenset(chr(code) for code in range(32, 127))
_Places = tuple[frozenset[int], ...]


class _Machine:
    """An expression as states: `steps` by characters (None: any), `jumps` without one; the last state is the end."""

    def __init__(self, pattern: str) -> None:
        tree, starts, ends = read(pattern)
        self.least = tree.low
        self.steps: list[list[tuple[frozenset[str] | None, int]]] = [[]]
        self.jumps: list[list[int]] = [[]]
        if not starts:
            self.steps[0].append((None, 0))
        self.end = self._add(tree, self._jump(0))
        if not ends:
            self.steps[self.end].append((None, self.end))

    def closed(self, states: Sequence[int]) -> frozenset[int]:
        """The states with all that can be reached from them without a character."""
        found, todo = set(states), list(states)
        while todo:
            for other in self.jumps[todo.pop()]:
                if other not in found:
                    found.add(other)
                    todo.append(other)
        return frozenset(found)

    def after(self, states: frozenset[int], char: str) -> frozenset[int]:
        """The states that a character leads to."""
        return self.closed([to for at in states for chars, to in self.steps[at] if chars is None or char in chars])

    def _state(self) -> int:
        if len(self.steps) > _STATES:
            raise Unreadable("too many states")
        self.steps.append([])
        self.jumps.append([])
        return len(self.steps) - 1

    def _jump(self, at: int) -> int:
        new = self._state()
        self.jumps[at].append(new)
        return new

    def _add(self, node: Node, at: int) -> int:
        """Add a part that begins at state `at`; the state where it ends."""
        if node.kind == "chars":
            new = self._state()
            self.steps[at].append((None if node.any else frozenset(node.chars), new))
            return new
        if node.kind == "seq":
            for part in node.parts:
                at = self._add(part, at)
            return at
        if node.kind == "back":
            raise Unreadable("a back-reference is no regular expression")
        end = self._state()
        if node.kind == "alt":
            for part in node.parts:
                self.jumps[self._add(part, self._jump(at))].append(end)
            return end
        for _ in range(node.least):
            at = self._add(node.parts[0], at)
        for _ in range(1 if node.open else node.most - node.least):
            again = self._jump(at)
            self.jumps[at].append(end)
            at = self._add(node.parts[0], again)
            if node.open:
                self.jumps[at].append(again)
        self.jumps[at].append(end)
        return end


@lru_cache(maxsize=64)
def _machines(patterns: tuple[str, ...]) -> tuple[_Machine, ...]:
    return tuple(_Machine(pattern) for pattern in patterns)


def meeting(
    patterns: Sequence[str], refused: Sequence[str], chance: Chance, low: int = 0, high: int | None = None, count: int = 12
) -> Iterator[str]:
    """Up to `count` strings, `low` to `high` characters long, that all of `patterns` are found in and none of `refused`, the
    shortest first.

    None where there are none, or where an expression cannot be read. Look-arounds are passed over: check what comes.
    """
    try:
        machines = _machines((*patterns, *refused))
    except Unreadable:
        return
    wanted = len(patterns)
    groups = _groups(machines)
    start: _Places = tuple(machine.closed([0]) for machine in machines)
    layers: list[dict[_Places, list[tuple[_Places, str]]]] = [{start: []}]
    longest = max([low, *(machine.least for machine in machines[:wanted])]) + _BEYOND
    for length in range((longest if high is None else min(high, longest)) + 1):
        ends = [places for places in layers[-1] if _accepted(machines, places, wanted)]
        for _ in range(2 if length >= low and ends else 0):
            yield _written(layers, chance.pick(ends), chance)
            count -= 1
            if count == 0:
                return
        layers.append(_next(layers[-1], machines, groups, wanted))
        if not layers[-1]:
            return


def _groups(machines: Sequence[_Machine]) -> list[str]:
    """The characters, those together that no machine tells apart."""
    sets = list({chars for machine in machines for steps in machine.steps for chars, _ in steps if chars is not None})
    found: dict[tuple[bool, ...], list[str]] = {}
    for char in sorted(_PRINTABLE.union(*sets)):
        found.setdefault(tuple(char in chars for chars in sets), []).append(char)
    return ["".join(char for char in group if char in _PLAIN) or "".join(group) for group in found.values()]


def _accepted(machines: Sequence[_Machine], places: _Places, wanted: int) -> bool:
    """Whether the first `wanted` machines are at their ends, and the others are not."""
    ends = [machine.end in at for machine, at in zip(machines, places, strict=True)]
    return all(ends[:wanted]) and not any(ends[wanted:])


def _next(
    layer: dict[_Places, list[tuple[_Places, str]]], machines: Sequence[_Machine], groups: Sequence[str], wanted: int
) -> dict[_Places, list[tuple[_Places, str]]]:
    """Where the machines are one character on, each with a few of the ways there."""
    found: dict[_Places, list[tuple[_Places, str]]] = {}
    for places in layer:
        for group in groups:
            after = tuple(machine.after(at, group[0]) for machine, at in zip(machines, places, strict=True))
            if all(after[:wanted]) and (after in found or len(found) < _WIDTH):
                ways = found.setdefault(after, [])
                if len(ways) < 8:
                    ways.append((places, group))
    return found


def _written(layers: Sequence[dict[_Places, list[tuple[_Places, str]]]], places: _Places, chance: Chance) -> str:
    chars = []
    for layer in reversed(layers[1:]):
        places, group = chance.pick(layer[places])
        chars.append(chance.pick(group))
    return "".join(reversed(chars))
