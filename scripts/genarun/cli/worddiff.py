"""Two texts word by word: what stayed, what went, what came. Long stretches that stayed are shortened."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

CONTEXT = 12
"""Words kept on each side of a change."""
MOST_WORDS = 4_000
"""The time to compare grows with the square of the words; beyond this, lines are compared instead."""

_WORDS = re.compile(r"\s+|[\w'’-]+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text. same: in both. gone: only in the old one. come: only in the new one."""

    kind: Literal["same", "gone", "come"]
    text: str


def word_diff(old: str, new: str) -> list[Piece]:
    """The pieces in reading order; joined without `gone` and before shortening they are the new text."""
    before, after = _tokens(old), _tokens(new)
    if len(before) + len(after) > MOST_WORDS:
        before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    pieces: list[Piece] = []
    opcodes = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    for number, (tag, a, b, c, d) in enumerate(opcodes):
        if tag == "equal":
            kept = list(_shortened(before[a:b], first=not number, last=number == len(opcodes) - 1))
            pieces.append(Piece("same", "".join(kept)))
            continue
        if a < b:
            pieces.append(Piece("gone", "".join(before[a:b])))
        if c < d:
            pieces.append(Piece("come", "".join(after[c:d])))
    return pieces


def _tokens(text: str) -> list[str]:
    return _WORDS.findall(text)


def _shortened(tokens: list[str], *, first: bool, last: bool) -> Iterator[str]:
    """The words beside a change; `…` for the rest."""
    head, tail = (0 if first else CONTEXT * 2), (0 if last else CONTEXT * 2)
    if len(tokens) <= head + tail + 4:
        yield from tokens
        return
    yield from tokens[:head]
    yield "…" if not head or not tail else " … "
    yield from tokens[len(tokens) - tail :] if tail else []
