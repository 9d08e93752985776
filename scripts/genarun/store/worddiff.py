"""Two texts word by word: what stayed, what went, what came. Long stretches that stayed are shortened."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

CONTEXT = 12
"""Words kept on each side of a change."""
FEW_WORDS = 3
"""Fewer equal words than this between two changes do not part them."""
ALIKE = 0.25
"""Texts of which less than this is equal are shown one after the other."""
MOST_WORDS = 4_000
"""The time to compare grows with the square of the words; beyond this, lines are compared instead."""

_WORDS = re.compile(r"\s+|[\w'’-]+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text. same: in both. gone: only in the old one. come: only in the new one."""

    kind: Literal["same", "gone", "come"]
    text: str


def word_diff(old: str, new: str) -> list[Piece]:
    """The pieces in reading order. Texts that have little in common are one piece that went and one that came."""
    before, after = _tokens(old), _tokens(new)
    if len(before) + len(after) > MOST_WORDS:
        before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    if not _may_be_alike(before, after):  # seconds saved on texts that repeat themselves
        sides = (Piece("gone", "".join(before)), Piece("come", "".join(after)))
        return [side for side in sides if side.text]
    # White space parts words and matches none by itself: blanks, of which there are as many as words, took most of the time.
    steps = _readable(SequenceMatcher(str.isspace, before, after, autojunk=False).get_opcodes(), before)
    kept = sum(len("".join(before[a:b]).strip()) for tag, a, b, _, _ in steps if tag == "equal")
    if kept < ALIKE * max(len(old), len(new)):
        steps = [("replace", 0, len(before), 0, len(after))]
    pieces: list[Piece] = []
    for number, (tag, a, b, c, d) in enumerate(steps):
        if tag == "equal":
            words = list(_shortened(before[a:b], first=not number, last=number == len(steps) - 1))
            pieces.append(Piece("same", "".join(words)))
            continue
        if a < b:
            pieces.append(Piece("gone", "".join(before[a:b])))
        if c < d:
            pieces.append(Piece("come", "".join(after[c:d])))
    return pieces


def _may_be_alike(before: list[str], after: list[str]) -> bool:
    """Whether the words that both have could be enough, in whatever order they stand."""
    shared = sum(len(token) * number for token, number in (Counter(before) & Counter(after)).items())
    return shared >= ALIKE * max(sum(map(len, before)), sum(map(len, after)))


Step = tuple[str, int, int, int, int]


def _readable(steps: Sequence[Step], before: list[str]) -> list[Step]:
    """A word or two that two rewritten stretches happen to share are part of the rewriting: nobody reads them alone."""
    found: list[Step] = []
    for number, (tag, a, b, c, d) in enumerate(steps):
        inner = 0 < number < len(steps) - 1
        words = sum(1 for token in before[a:b] if token.strip() and token.isalnum())
        alike = tag == "equal" and not (inner and words < FEW_WORDS)
        if not alike and found and found[-1][0] != "equal":
            _, first, _, third, _ = found.pop()
            found.append(("replace", first, b, third, d))
        else:
            found.append(("equal" if alike else "replace", a, b, c, d))
    return found


def _tokens(text: str) -> list[str]:
    return _WORDS.findall(text)


def _shortened(tokens: list[str], *, first: bool, last: bool) -> Iterator[str]:
    """The words beside a change; `…` for the rest."""
    head, tail = (0 if first else CONTEXT * 2), (0 if last else CONTEXT * 2)
    if len(tokens) <= head + tail + 4 or (first and last):
        yield from tokens
        return
    yield from tokens[:head]
    yield "…" if not head or not tail else " … "
    yield from tokens[len(tokens) - tail :] if tail else []
