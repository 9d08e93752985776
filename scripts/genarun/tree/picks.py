"""Which of `[a | b | c]` is taken: a hash of what stays the same when a list around it grows.

The hash covers the resolved seed, the ids of the node and its ancestors, the position in the prompt, and the digest of each
item that the node runs under. No item's place goes in, so inserting an item changes no other item's picks; equal items are
told apart by an ordinal among themselves (design §4.4).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

Json = Any


class Chooser:
    """Makes the picks of one instance, and keeps what was picked.

    seed: the run's resolved seed. trail: ids from the top to the node. items: marks of the enclosing items, outermost first
    (`scope.enclosing_marks`). made: `(at, chosen text, number of options)` in the order of the prompt.
    """

    __slots__ = ("_base", "made")

    def __init__(self, seed: int, trail: Sequence[str], items: Sequence[str]) -> None:
        self._base = json.dumps([seed, list(trail), list(items)], separators=(",", ":"))
        self.made: list[tuple[str, str, int]] = []

    def choose(self, at: str, options: int) -> int:
        """The place, from 0, of the option taken at position `at` of the prompt (`template:0`, `turn1:0`)."""
        digest = hashlib.sha256(f"{self._base}\n{at}".encode()).digest()
        return int.from_bytes(digest[:8], "big") % options


def digest(value: Json) -> str:
    """Hex digest of a JSON value's canonical form (RFC 8785): equal for equal values, whatever the order of keys."""
    import rfc8785  # delayed: only trees with picks under arrays need it

    try:
        data = rfc8785.dumps(value)
    except (ValueError, RecursionError):
        # What the RFC cannot say (integers beyond 2^53, lone surrogates) still needs a stable form.
        data = json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
    return hashlib.sha256(data).hexdigest()


def item_marks(items: Sequence[Json]) -> list[str]:
    """For each item `<digest>#<ordinal>`, the ordinal counting equal items from 0."""
    seen: dict[str, int] = {}
    marks = []
    for item in items:
        found = digest(item)
        ordinal = seen.get(found, 0)
        seen[found] = ordinal + 1
        marks.append(f"{found}#{ordinal}")
    return marks
