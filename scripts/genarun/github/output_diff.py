"""What a new run changed in a tree's output, as GitHub shows it: texts word by word, pictures side by side.

Everything here was said by a model, so it is shown as text; pictures and links lead into the repository and nowhere else.
"""

from __future__ import annotations

import difflib
import html
import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from genarun.github.markdown import code, fence, plain, stretch, table
from genarun.github.plan_markdown import Section
from genarun.github.run_pairs import RunAt, RunPair, run_pairs
from genarun.providers.media import medium_of
from genarun.store.diff import Change, InstanceDiff, RunDiff, changes, diff_runs
from genarun.store.layout import LATEST, RunRef
from genarun.store.records import Summary
from genarun.store.worddiff import Piece, word_diff
from genarun.tree.values import MISSING
from genarun.words import one_line, plural, spend

if TYPE_CHECKING:
    from git import Repo

Json = Any

SECTION_LIMIT: Final = 16_000
"""Characters that one tree's difference takes: a comment has room for a few of them."""
FILES: Final = 8
VALUES: Final = 12
FIELDS: Final = 6
LONGEST: Final = 900
"""Characters of one text, on each side."""
BEFORE: Final = 200
COMPARED: Final = 2_000
LINES: Final = 40
WIDTH: Final = 320
"""Pixels of a picture; two of them and their instance's path fit beside each other."""


@dataclass(frozen=True, slots=True)
class _Compared:
    """Two runs, what differs, and the page of the repository that their files are linked in."""

    pair: RunPair
    found: RunDiff
    repository_url: str

    @property
    def too_large(self) -> bool:
        """Whether one of the runs was not read."""
        return self.pair.new.too_large or (self.pair.old is not None and self.pair.old.too_large)


def output_sections(repo: Repo, root: Path, before: str, after: str, repository_url: str) -> list[Section]:
    """A part for each tree whose newest run differs between two commits. Raises SetupError where one is not to be had."""
    sections: list[Section] = []
    with tempfile.TemporaryDirectory(prefix="genarun-") as scratch:
        nothing = Path(scratch) / "none"
        for pair in run_pairs(repo, root, before, after, Path(scratch)):
            old = pair.old.ref if pair.old is not None else RunRef(pair.tree, "none", nothing)
            one = _Compared(pair, diff_runs(old, pair.new.ref), repository_url)
            if one.too_large or _differs(one.found):
                sections.append(_section(one))
            elif edited := changes(old.output(), pair.new.ref.output()):
                sections.append(_by_hand(one, edited))
    return sections


def _differs(found: RunDiff) -> bool:
    """Whether there is something to tell: a difference, or at least another run."""
    runs = [summary.run if summary is not None else None for summary in (found.a_summary, found.b_summary)]
    return bool(found.changed or found.added or found.removed) or runs[0] != runs[1]


def _section(one: _Compared) -> Section:
    pair, summary = one.pair, one.found.b_summary
    title = one_line(summary.title) if summary is not None and summary.title else ""
    name = f"{plain(title)} ({code(pair.tree)})" if title else code(pair.tree)
    blocks = [f"### Output of {name}", _facts(one)]
    if one.too_large:
        blocks.append("The runs are too large to compare here; `genarun diff` does it in a clone.")
    else:
        blocks += _differences(one)
    return Section(f"output of {code(pair.tree)}", "\n\n".join(blocks))


def _by_hand(one: _Compared, edited: Sequence[Change]) -> Section:
    """A part for an output that a person changed where no run did."""
    name = code(one.pair.tree)
    told = [_field(change, "output", "") for change in edited[: FIELDS * 2]]
    blocks = [f"### Output of {name}", "Edited by hand; no run is new.", *_blocks(told)]
    if len(edited) > len(told):
        blocks.append(f"… and {plural(len(edited) - len(told), 'more field')}.")
    return Section(f"output of {name}", "\n\n".join(blocks))


def _facts(one: _Compared) -> str:
    pair, found = one.pair, one.found
    lines = [_run(pair.new, found.b_summary)]
    if pair.old is None:
        lines.append("It is this tree's first run.")
    else:
        was = found.a_summary.run.partition("/")[2] if found.a_summary is not None else pair.old.ref.stamp
        numbers = [f"**{len(found.changed):,} changed**", f"{len(found.added):,} added", f"{len(found.removed):,} removed"]
        lines.append(f"Compared with {code(was)}: {', '.join(numbers)}, {found.same:,} the same.")
    return "  \n".join(lines)


def _run(run: RunAt, summary: Summary | None) -> str:
    if summary is None:
        return f"Run {code(run.ref.stamp)}: its logs.json cannot be read."
    totals = summary.totals
    stamp = summary.run.partition("/")[2] if run.ref.stamp == LATEST else run.ref.stamp
    cost = spend(totals.usd, totals.unpriced, summary.mode)
    facts = [summary.status, plural(totals.calls, "call"), f"{totals.reused:,} reused", cost]
    return f"Run {code(stamp)}: {plain(', '.join(facts))}"


# Differences ---------------------------------------------------------------------------------------------------------


def _differences(one: _Compared) -> Iterator[str]:
    """Blocks, pictures first: they are looked at before anything is read. As many as there is room for."""
    found = one.found
    every = [*found.changed, *found.added, *found.removed]
    files, values = [item for item in every if item.asset], [item for item in every if not item.asset]
    room = SECTION_LIMIT
    if files:
        block = table(["", "before", "after"], [_files(item, one) for item in files[:FILES]])
        room -= len(block)
        yield block
        if len(files) > FILES:
            yield f"… and {plural(len(files) - FILES, 'more file')}."
    yield from _laid(values, room)


def _files(item: InstanceDiff, one: _Compared) -> list[str]:
    sides = ((item.old, one.pair.old, "before"), (item.new, one.pair.new, "after"))
    return [code(item.path), *(_file(value, run, f"{item.path} {when}", one.repository_url) for value, run, when in sides)]


def _file(value: Json, run: RunAt | None, words: str, repository_url: str) -> str:
    if value is MISSING or run is None:
        return ""
    if not isinstance(value, str):
        return _short(value)
    url = run.url(repository_url, value)
    if url is None:
        return f"{code(value)} is not in this commit"
    if medium_of(value) == "image":
        alternative = html.escape(one_line(words)[:200]).replace("|", "&#124;")
        return f'<img src="{html.escape(url)}" width="{WIDTH}" alt="{alternative}">'
    return f"[{plain(value.rpartition('/')[2])}]({url})"


@dataclass(frozen=True, slots=True)
class _Told:
    """One difference: a row of a table (`before`, `after`), or a text of its own below its name. name: Markdown already."""

    name: str
    row: tuple[str, str] | None = None
    text: str = ""

    @property
    def size(self) -> int:
        return len(self.name) + len(self.text) + sum(map(len, self.row or ())) + 40


def _laid(values: Sequence[InstanceDiff], limit: int) -> Iterator[str]:
    """Differences in their order, as many as there is room for."""
    told: list[_Told] = []
    for number, item in enumerate(values):
        found = list(_value(item))
        limit -= sum(one.size for one in found)
        if number == VALUES or limit < 0:
            yield from _blocks(told)
            yield f"… and {plural(len(values) - number, 'more value')}."
            return
        told += found
    yield from _blocks(told)


def _blocks(told: Sequence[_Told]) -> Iterator[str]:
    """Neighbouring rows as one table, the others each for itself."""
    for rows, group in groupby(told, lambda one: one.row is not None):
        if rows:
            yield table(["", "before", "after"], [[one.name, *(one.row or ())] for one in group])
        else:
            yield from (f"{one.name}\n\n{one.text}" if one.text else one.name for one in group)


def _value(item: InstanceDiff) -> Iterator[_Told]:
    """What to tell of one instance."""
    name = code(item.path) + _status(item)
    if item.old is MISSING and item.new is MISSING:
        yield _Told(name)
    elif item.old is MISSING or item.new is MISSING:
        yield _Told(name, tuple("" if side is MISSING else _short(side) for side in (item.old, item.new)))  # type: ignore[arg-type]
    else:
        fields = changes(item.old, item.new)
        for change in fields[:FIELDS]:
            yield _field(change, item.path, _status(item))
        if len(fields) > FIELDS:
            yield _Told(f"{name}: … and {plural(len(fields) - FIELDS, 'more field')}.")


def _status(item: InstanceDiff) -> str:
    telling = {"failed", "skipped", "overridden"}
    if item.old_status == item.new_status or not {item.old_status, item.new_status} & telling:
        return ""
    return f" {item.old_status or 'none'} → {item.new_status or 'none'}"


def _field(change: Change, path: str, status: str) -> _Told:
    name = code(".".join(str(part) for part in (path, *change.path))) + status
    if isinstance(change.old, str) and isinstance(change.new, str):
        pieces = word_diff(*_window(change.old, change.new))
        if [piece.kind for piece in pieces] == ["gone", "come"]:
            return _Told(name, (_lines(pieces[0].text, LONGEST), _lines(pieces[1].text, LONGEST)))
        return _Told(name, text=f"> {_marked(pieces)}")
    if any(isinstance(side, dict | list) for side in (change.old, change.new)):
        return _Told(name, text=_structure(change.old, change.new))
    old, new = ("" if side is MISSING else _short(side) for side in (change.old, change.new))
    return _Told(name, (old, new))


def _structure(old: Json, new: Json) -> str:
    sides = ["" if side is MISSING else json.dumps(side, ensure_ascii=False, indent=2) for side in (old, new)]
    before, after = (side[: LONGEST * 8].splitlines()[: LINES * 8] for side in sides)
    lines = [
        line[:200] for line in list(difflib.unified_diff(before, after, lineterm="", n=1))[2:] if not line.startswith("@@")
    ]
    more = [f"… and {plural(len(lines) - LINES, 'more line')}"] if len(lines) > LINES else []
    return fence("\n".join([*lines[:LINES], *more]), "diff")


def _short(value: Json, limit: int = 300) -> str:
    """A value on one line."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return plain(one_line(text[: limit * 4]) or "–", limit)


# Prose ---------------------------------------------------------------------------------------------------------------


def _window(old: str, new: str) -> tuple[str, str]:
    """The texts from shortly before their first difference on: time grows with the square of the words."""
    same = next((at for at, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    start = old.rfind(" ", 0, max(0, same - BEFORE)) + 1
    lead = "… " if start else ""
    return lead + old[start : start + COMPARED], lead + new[start : start + COMPARED]


def _marked(pieces: Sequence[Piece]) -> str:
    shown: list[str] = []
    room = LONGEST * 2
    for piece in pieces:
        if room <= 0:
            shown.append(" …")
            break
        apart = " " if piece.kind == "come" and shown and shown[-1].endswith("</del>") else ""
        shown.append(apart + _lines(piece.text, room, piece.kind))
        room -= len(piece.text)
    return "".join(shown).lstrip()


def _lines(text: str, limit: int, kind: str = "same") -> str:
    """A stretch of text in one line of Markdown, so that nothing in it can begin a block."""
    tag = {"gone": "del", "come": "ins"}.get(kind)
    cut = text if len(text) <= limit else text[:limit].rstrip() + "…"
    lines = (stretch(line) for line in cut.replace("\r\n", "\n").split("\n"))
    return "<br>".join(f"<{tag}>{line}</{tag}>" if tag and line.strip() else line for line in lines)
