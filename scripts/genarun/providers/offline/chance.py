"""Seeded choices that come out the same in every process, on every platform and in every Python."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any, TypeVar

T = TypeVar("T")

_MASK = (1 << 64) - 1


class Chance:
    """A stream of choices decided by `parts` alone.

    Written out (splitmix64 over a SHA-256 seed) because `random.Random` promises the same floats between Python versions but
    not the same `choice` or `shuffle`, and an offline answer that changed with an upgrade would change every reuse key.
    """

    __slots__ = ("_name", "_state")

    def __init__(self, *parts: Any) -> None:
        text = json.dumps(parts, sort_keys=True, ensure_ascii=True, default=str)
        self._name = hashlib.sha256(text.encode()).digest()
        self._state = int.from_bytes(self._name[:8], "big")

    def fork(self, *parts: Any) -> Chance:
        """Another stream that depends on this one's seed and on `parts`, not on what was drawn from this one."""
        return Chance(self._name.hex(), *parts)

    def bits(self) -> int:
        """64 bits."""
        self._state = (self._state + 0x9E3779B97F4A7C15) & _MASK
        mixed = self._state
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK
        return mixed ^ (mixed >> 31)

    def unit(self) -> float:
        """A number in [0, 1)."""
        return (self.bits() >> 11) / (1 << 53)

    def between(self, low: float, high: float) -> float:
        """A number in [low, high)."""
        return low + (high - low) * self.unit()

    def whole(self, low: int, high: int) -> int:
        """An integer from low to high, both included."""
        return low + self.bits() % (high - low + 1)

    def often(self, share: float) -> bool:
        """True in about `share` (0 to 1) of the draws."""
        return self.unit() < share

    def pick(self, things: Sequence[T]) -> T:
        """One of them; `things` must not be empty."""
        return things[self.bits() % len(things)]

    def mixed(self, things: Sequence[T]) -> list[T]:
        """All of them in another order."""
        found = list(things)
        for place in range(len(found) - 1, 0, -1):
            other = self.bits() % (place + 1)
            found[place], found[other] = found[other], found[place]
        return found

    def some(self, things: Sequence[T], count: int) -> list[T]:
        """`count` different ones, or all where there are fewer."""
        return self.mixed(things)[:count]
