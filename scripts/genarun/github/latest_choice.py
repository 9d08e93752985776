"""Whose latest/ stands where two runs of a tree meet in a branch: the newer successful one's, whole, never over an edit."""

from __future__ import annotations

import tempfile
from pathlib import Path

from genarun.github.incoming import Folder
from genarun.github.tip import Tip
from genarun.store.files import load_json
from genarun.store.latest import may_replace
from genarun.store.layout import LATEST, STAMP, TreeFolder, is_full_and_real, stamp_order
from genarun.store.records import Summary
from genarun.store.recover import read_summary


def may_take(tip: Tip, prefix: str, ours: Folder) -> str | None:
    """Why latest/ of the branch stays as it is; None where `ours` takes its place. prefix: of the tree's folder in git."""
    theirs = tip.names(f"{prefix}/{LATEST}")
    if not theirs:
        return None
    with tempfile.TemporaryDirectory() as scratch:
        tree = _laid_out(tip, prefix, theirs, Path(scratch), ours)
        standing, _ = read_summary(tree.latest, ours.tree, LATEST)
        coming = ours.summary()
        if standing is not None and coming is not None and _rank(standing) > _rank(coming):
            return f"latest/ holds {standing.run}, which is newer, or was made in full by real models"
        lost = may_replace(tree, ours.ref.output(), ours.ref)
        if lost:
            return f"somebody edited latest/ meanwhile ({lost[0].where}); `genarun pin {ours.tree}` keeps that for later runs"
    return None


def _rank(summary: Summary) -> tuple[bool, tuple[str, int]]:
    return is_full_and_real(summary), stamp_order(summary.run.partition("/")[2])


def _laid_out(tip: Tip, prefix: str, theirs: dict[str, str], scratch: Path, ours: Folder) -> TreeFolder:
    """The branch's latest/ on the disk, with the output of the run that it is a copy of, so that edits can be told."""
    tree = TreeFolder(scratch, ours.tree)
    run = _run_of(tip, theirs.get(f"{prefix}/{LATEST}/logs.json"))
    wanted = dict(theirs)
    if run is not None:
        own = tip.names(f"{prefix}/{run}")
        wanted |= {path: own[path] for name in ("output.json", "logs.json") if (path := f"{prefix}/{run}/{name}") in own}
    for path, blob in wanted.items():
        place = tree.path / path[len(prefix) + 1 :]
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(tip.read(blob))
    return tree


def _run_of(tip: Tip, logs: str | None) -> str | None:
    if logs is None:
        return None
    try:
        stamp = str(load_json(tip.read(logs))["run"]).rpartition("/")[2]
    except (ValueError, KeyError, TypeError):
        return None
    return stamp if STAMP.fullmatch(stamp) else None
