"""Thinning out old runs, without what anyone still needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from genarun.errors import StoreError
from genarun.store.files import disk_error, remove, shown, tmp_path, walk_files
from genarun.store.latest import origin
from genarun.store.layout import RunRef, TreeFolder, stamp_order


@dataclass(frozen=True, slots=True)
class Purged:
    """What went. values: recorded values that no kept run holds: their requests would be asked, and paid, again."""

    runs: tuple[RunRef, ...]
    bytes: int
    values: int
    notices: tuple[str, ...] = ()


def plan_purge(tree: TreeFolder, runs: int | None, days: int | None, now: datetime) -> list[RunRef]:
    """The runs that may go, oldest first. A run stays when it is among the newest `runs`, or younger than `days`.

    Always kept: the newest run that succeeded, the unfinished run that the next command would go on with, and the run that
    latest/ is a copy of. Where neither number is given, nothing goes.
    """
    if runs is None and days is None:
        return []
    every = tree.runs()
    needed = {ref.stamp for ref in (tree.newest_succeeded(), tree.newest_for_latest(), tree.newest_unfinished()) if ref}
    if tree.latest.is_dir() and (copied := origin(tree)[0]) is not None:
        needed.add(copied.stamp)
    doomed = []
    for place, ref in enumerate(every):
        young = days is not None and now - _began(ref, now) < timedelta(days=days)
        if not (ref.stamp in needed or young or (runs is not None and place < runs)):
            doomed.append(ref)
    return doomed[::-1]


def values_lost(tree: TreeFolder, doomed: list[RunRef]) -> int:
    """How many recorded values only these runs hold, so that reuse would miss them."""
    going = {ref.stamp for ref in doomed}
    kept: set[tuple[str, str]] = set()
    lost: set[tuple[str, str]] = set()
    for ref in tree.runs():
        for record in ref.records():
            if record.status in ("succeeded", "reused") and record.key:
                value = (record.key, record.reused_from or f"{ref.id}#{record.path}")
                (lost if ref.stamp in going else kept).add(value)
    return len(lost - kept)


def purge(tree: TreeFolder, runs: int | None, days: int | None, now: datetime) -> Purged:
    """Remove what `plan_purge` names; call with the tree's lock held. Raises StoreError, telling how far it came."""
    doomed = plan_purge(tree, runs, days, now)
    values = values_lost(tree, doomed)
    freed = 0
    for place, ref in enumerate(doomed):
        size = sum(_size(path) for _, path in walk_files(ref.folder))
        aside = tmp_path(tree.path, "purged")
        try:
            ref.folder.rename(aside)  # gone at once for every reader, whatever happens to the rest
        except OSError as error:
            raise _stopped(error, ref, place) from error
        remove(aside)
        freed += size
    notices = []
    if values:
        notices.append(
            f"{values:,} recorded {'value' if values == 1 else 'values'} of {tree.name} went with the old runs; "
            "if a tree asks for the same again, it is paid for again"
        )
    return Purged(tuple(doomed), freed, values, tuple(notices))


def _stopped(error: OSError, ref: RunRef, done: int) -> StoreError:
    return disk_error(error, ref.folder, f"remove {shown(ref.folder)} ({done} removed before it)")


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return 0


def _began(ref: RunRef, now: datetime) -> datetime:
    """When a run began, by its name; a name that is no time counts as now, so that it stays."""
    try:
        return datetime.strptime(stamp_order(ref.stamp)[0], "%Y-%m-%d_%H-%M-%S").replace(tzinfo=UTC)
    except ValueError:
        return now
