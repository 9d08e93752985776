"""How fast a repository grows, and when git hosting will mind: judged from facts alone, without a disk or a clock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median

from genarun.client.findings import GIT_SECONDS, Finding
from genarun.providers.media import GIT_REFUSES, GIT_WARNS

SLOW = 1_000_000_000
"""Bytes of a repository from which on git hosting becomes slow."""
WEEKS = 8
"""How far back the pace is measured."""
LAST_RUNS = 10
"""How many runs the usual size of one is taken from."""
SOON = 104
"""Weeks: growth that reaches the limit later than this needs no advice."""


@dataclass(frozen=True, slots=True)
class RunSize:
    """What one run added to the repository: files that no earlier run had, latest/ being a copy.

    when: its start, UTC. bytes: as git keeps them, or as they lie on the disk where the run is not committed.
    pictures: how many of these bytes are PNG and JPEG.
    """

    tree: str
    stamp: str
    when: datetime
    bytes: int
    pictures: int = 0


@dataclass(frozen=True, slots=True)
class Facts:
    """What can be seen of a repository's size.

    git: bytes of .git; None where there is none. shallow: whether this clone has only a part of the history. unread: whether
    git took too long to tell its history. kept: tree → (runs in its folder, their bytes on the disk).
    runs: every run that is known, deleted ones that the history still holds included, oldest first.
    files: the largest files, with their bytes, largest first. gone: names of those that only the history holds.
    """

    git: int | None = None
    shallow: bool = False
    unread: bool = False
    kept: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    runs: Sequence[RunSize] = ()
    files: Sequence[tuple[str, int]] = ()
    gone: frozenset[str] = frozenset()


def growth(facts: Facts, now: datetime) -> Iterator[Finding]:
    """What to tell of it. Pure."""
    for tree, (count, size) in facts.kept.items():
        if not count:
            continue
        added = [run.bytes for run in facts.runs if run.tree == tree][-LAST_RUNS:]
        usual = f"; a run adds {_size(median(added))} (median of the last {len(added)})" if len(added) > 1 else ""
        yield _fine(f"{tree}: {count} run{'' if count == 1 else 's'} kept, {_size(size)} on the disk{usual}")
    if facts.git is not None:
        yield from _forecast(facts, facts.git, now)
    elif weekly := pace(facts.runs, now):
        yield _fine(f"runs add {_size(weekly)} a week")
    if facts.unread:
        hint = "Runs that are deleted, and files that only the history holds, are left out of these numbers."
        yield Finding("growth", False, f"git did not tell its history within {GIT_SECONDS} s", hint)
    yield from _files(facts)


def pace(runs: Sequence[RunSize], now: datetime) -> float:
    """Bytes a week that runs added in the last `WEEKS` weeks, or since the first run, but over one week at least."""
    start = now - timedelta(weeks=WEEKS)
    recent = [run for run in runs if run.when >= start]
    if not recent:
        return 0.0
    begun = start if any(run.when < start for run in runs) else min(run.when for run in recent)
    return sum(run.bytes for run in recent) / max((now - begun) / timedelta(weeks=1), 1.0)


def _forecast(facts: Facts, held: int, now: datetime) -> Iterator[Finding]:
    size = f".git holds {_size(held)}{' (a part: this clone is shallow)' if facts.shallow else ''}"
    weekly = pace(facts.runs, now)
    if held >= SLOW:
        hint = f"Only a history without the large files makes it smaller (`git filter-repo`). Beside it: {_advice(facts.runs)}"
        yield Finding("growth", False, f"{size}; over 1 GB git hosting becomes slow", hint)
    elif not weekly:
        yield _fine(f"{size}; no run added to it in the last {WEEKS} weeks")
    else:
        weeks = (SLOW - held) / weekly
        what = f"{size}; runs add {_size(weekly)} a week: at this pace it reaches 1 GB, where git hosting becomes slow, "
        what += "in more than ten years" if weeks > 520 else f"in about {_span(weeks)}"
        yield _fine(what) if weeks > SOON else Finding("growth", False, what, _advice(facts.runs))


def _advice(runs: Sequence[RunSize]) -> str:
    last = runs[-LAST_RUNS:]
    added, pictures = sum(run.bytes for run in last), sum(run.pictures for run in last)
    purge = "`retention` and `genarun purge`: they make checkouts smaller, but the history keeps every file that was committed."
    if not pictures:
        return purge
    return f"`assets.format: webp`, as PNG and JPEG are {pictures / added:.0%} of what the last runs added; then {purge}"


def _files(facts: Facts) -> Iterator[Finding]:
    def named(files: Iterable[tuple[str, int]]) -> str:
        return ", ".join(
            f"{name} ({_size(size)}{', in the history only' if name in facts.gone else ''})" for name, size in files
        )

    refused = [(name, size) for name, size in facts.files if size > GIT_REFUSES]
    warned = [(name, size) for name, size in facts.files if GIT_WARNS < size <= GIT_REFUSES]
    if refused:
        hint = (
            "A push with such a file fails. Take it out of the commit that brought it (`git rm --cached` and "
            "`git commit --amend`, or `git filter-repo`), have it made smaller, or keep it with Git LFS."
        )
        yield Finding("growth", False, f"git hosting refuses files of more than 100 MiB: {named(refused)}", hint, broken=True)
    if warned:
        hint = "Have them made smaller, or lower `assets.maxBytes`, which then refuses them."
        yield Finding("growth", False, f"git hosting warns of files of more than 50 MiB: {named(warned)}", hint)
    if facts.files and not refused and not warned:
        yield _fine(f"the largest files: {named(facts.files)}")


def _fine(what: str) -> Finding:
    return Finding("growth", True, what)


def _size(number: float) -> str:
    for size, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if number >= size:
            return f"{number / size:.1f} {unit}"
    return f"{number:.0f} B"


def _span(weeks: float) -> str:
    for size, unit, least in ((52.18, "year", SOON), (4.348, "month", 9), (1, "week", 0)):
        if weeks > least:
            number = max(1, round(weeks / size))
            return f"{number} {unit}{'' if number == 1 else 's'}"
    raise AssertionError(weeks)
