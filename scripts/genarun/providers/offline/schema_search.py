"""What the parts of the search for a value ask of each other: hints say what suits, the solver looks for parts of parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from genarun.providers.offline.chance import Chance
from genarun.providers.offline.schema_document import Json, Schema

DEPTH = 7
"""Below this, optional parts are left out and the shortest alternatives are taken, so that recursion ends."""


class Hints(Protocol):
    """What suits a place in the answer. Every method may offer nothing; the schema has the last word."""

    def child(self, name: str, note: str, peers: Mapping[str, Json], place: int | None = None) -> Hints:
        """The hints for a property, or for item `place` of a list."""

    def texts(self, low: int, high: int | None, formats: Sequence[str]) -> Iterator[str]:
        """Texts that suit, `low` to `high` characters where that can be."""

    def numbers(self, low: float | None, high: float | None, whole: bool) -> Iterator[float]:
        """Numbers that suit."""

    def flag(self) -> bool:
        """True or false."""

    def options(self, options: Sequence[Json], chance: Chance) -> list[Json]:
        """The values of an enum, those that suit first."""

    def count(self) -> int:
        """How many items a list has whose schema does not say."""


class Silent:
    """Hints that offer nothing, for a search in which what suits was tried in vain."""

    def child(self, name: str, note: str, peers: Mapping[str, Json], place: int | None = None) -> Hints:
        return self

    def texts(self, low: int, high: int | None, formats: Sequence[str]) -> Iterator[str]:
        yield from ()

    def numbers(self, low: float | None, high: float | None, whole: bool) -> Iterator[float]:
        yield from ()

    def flag(self) -> bool:
        return True

    def options(self, options: Sequence[Json], chance: Chance) -> list[Json]:
        return chance.mixed(options)

    def count(self) -> int:
        return 1


class Solver(Protocol):
    """Finds values for the parts of a value."""

    def fits(self, parts: Sequence[Schema], value: Json) -> bool:
        """Whether `value` satisfies all of `parts`, by an independent validator."""

    def values(self, parts: list[Schema], hints: Hints, chance: Chance, depth: int) -> Iterator[Json]:
        """Values for `parts` together, those that suit first. They fit, as far as the parts can be told apart."""
