"""Where a tree's runs are: names, order, and reading them back. Reading never fails for what a file holds.

trees/<tree>/2026-11-21_09-30-05/   one run; a second one in the same second is ..._2
trees/<tree>/latest/                a full copy of the newest run that succeeded
trees/<tree>/overrides.yaml         what people put in an instance's place
trees/<tree>/.lock                  held while a run goes on
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from genarun.errors import SetupError
from genarun.store.files import load_json
from genarun.store.journal import read_records
from genarun.store.records import UNFINISHED, Record, Summary
from genarun.store.recover import read_summary
from genarun.tree.values import MISSING

Json = Any

STAMP: Final = re.compile(r"(\d{4}-\d{2}-\d{2}_\d{2}-\d{2}-\d{2})(?:_([1-9]\d{0,8}))?", re.ASCII)
TREE_NAME: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9_-])?", re.ASCII)
LATEST: Final = "latest"


def stamp_order(stamp: str) -> tuple[str, int]:
    """Sorts stamps by time, then by number: `…_2` before `…_10`."""
    found = STAMP.fullmatch(stamp)
    return (found[1], int(found[2] or 1)) if found else (stamp, 0)


def stamp_of(moment: datetime) -> str:
    """The name of a run that starts at this moment (UTC)."""
    return moment.strftime("%Y-%m-%d_%H-%M-%S")


@dataclass(frozen=True, slots=True)
class RunRef:
    """One run on disk, or `latest`. tree: its tree's name. stamp: its folder's name. folder: absolute path."""

    tree: str
    stamp: str
    folder: Path

    @property
    def id(self) -> str:
        """`<tree>/<stamp>`, as commands take it."""
        return f"{self.tree}/{self.stamp}"

    @property
    def records_file(self) -> Path:
        return self.folder / "records.jsonl"

    @property
    def output_file(self) -> Path:
        return self.folder / "output.json"

    def summary(self, notices: list[str] | None = None) -> Summary | None:
        """logs.json. Where it is damaged or missing, what the records still tell, and a notice; None where there is neither."""
        summary, said = read_summary(self.folder, self.tree, self.stamp)
        if notices is not None:
            notices += said
        return summary

    def records(self, notices: list[str] | None = None) -> list[Record]:
        """Every whole line of records.jsonl, in the file's order; notices tell what was damaged."""
        records, said = read_records(self.records_file)
        if notices is not None:
            notices += said
        return records

    def output(self) -> Json:
        """The value in output.json; MISSING where there is no such file or it is damaged."""
        try:
            return load_json(self.output_file.read_bytes())
        except (OSError, ValueError):
            return MISSING


class TreeFolder:
    """One tree's folder. root: the project, absolute. name: the tree's. Raises SetupError for a name that is no folder name."""

    def __init__(self, root: Path, name: str) -> None:
        if not TREE_NAME.fullmatch(name):
            raise SetupError(
                "tree-name",
                f"`{name[:60]}` cannot be the name of a tree",
                hint="A tree is named by its folder under trees/: letters, digits, dots, dashes and underscores.",
            )
        self.root = root
        self.name = name
        self.path = root / "trees" / name
        self.latest = self.path / LATEST
        self.overrides_file = self.path / "overrides.yaml"
        self.lock_file = self.path / ".lock"

    def __repr__(self) -> str:
        return f"TreeFolder({self.name!r})"

    def readable(self, trees: Iterable[str]) -> list[Path]:
        """Folders that the paths in other trees' latest outputs start from."""
        return [TreeFolder(self.root, name).latest for name in trees]

    def run(self, stamp: str) -> RunRef:
        """The run of this stamp, or `latest`, whether it exists or not."""
        return RunRef(self.name, stamp, self.path / stamp)

    def runs(self) -> list[RunRef]:
        """All runs, newest first."""
        try:
            names = [entry.name for entry in self.path.iterdir() if STAMP.fullmatch(entry.name) and entry.is_dir()]
        except OSError:
            return []
        return [self.run(name) for name in sorted(names, key=stamp_order, reverse=True)]

    def newest_unfinished(self) -> RunRef | None:
        """The newest run, where it is unfinished: the one that can be gone on with. An empty folder does not count."""
        for ref in self.runs():
            if (summary := ref.summary()) is not None:
                return ref if summary.status in UNFINISHED else None
        return None

    def newest_succeeded(self) -> RunRef | None:
        """The newest run that succeeded."""
        return self._newest(lambda summary: summary.status == "succeeded")

    def newest_for_latest(self) -> RunRef | None:
        """The run that latest/ should hold: the newest succeeded one that is full and real, else the newest succeeded."""
        full = self._newest(lambda summary: summary.status == "succeeded" and is_full_and_real(summary))
        return full or self.newest_succeeded()

    def latest_run(self) -> RunRef | None:
        """latest/ as a run; where it is missing, as for a moment while it is replaced, the run that it should hold."""
        if self.latest.is_dir():
            return self.run(LATEST)
        return self.newest_for_latest()

    def latest_output(self) -> Json:
        """The value that other trees read: that of latest/, or of the run that it should hold; MISSING where there is none."""
        ref = self.latest_run()
        return MISSING if ref is None else ref.output()

    def _newest(self, wanted: Callable[[Summary], bool]) -> RunRef | None:
        for ref in self.runs():
            summary = ref.summary()
            if summary is not None and wanted(summary):
                return ref
        return None


def is_full_and_real(summary: Summary) -> bool:
    """Whether real models made it, and nothing was left out by `--only` or `--skip`."""
    return summary.mode == "real" and summary.scope == "full"


def tree_names(root: Path) -> list[str]:
    """Names of the folders under trees/ that hold a config or runs."""
    try:
        entries = sorted((root / "trees").iterdir())
    except OSError:
        return []
    return [entry.name for entry in entries if TREE_NAME.fullmatch(entry.name) and entry.is_dir()]


def parse_run(root: Path, text: str) -> RunRef:
    """A run from `tree/stamp`, `tree/latest`, or `tree` for its newest. Raises SetupError, naming what is nearest."""
    name, _, stamp = text.strip().removeprefix("trees/").rstrip("/").partition("/")
    if not TREE_NAME.fullmatch(name) or (stamp and stamp != LATEST and not STAMP.fullmatch(stamp) and "/" in stamp):
        raise SetupError(
            "run-address",
            f"`{text[:120]}` names no run",
            hint="Write tree/stamp as in exhibition/2026-11-21_09-30-05, tree/latest, or the tree alone for its newest run.",
        )
    known = tree_names(root)
    if name not in known:
        near = difflib.get_close_matches(name, known, 1, 0.5)
        raise SetupError(
            "run-tree-unknown",
            f"there is no tree `{name}`",
            f"run {text.strip()[:120]}",
            f"Did you mean `{near[0]}`?" if near else f"Trees here: {', '.join(known) or 'none'}.",
        )
    tree = TreeFolder(root, name)
    runs = tree.runs()
    if not stamp:
        if not runs:
            raise _no_runs(name, text)
        return runs[0]
    if stamp == LATEST:
        latest = tree.latest_run()
        if latest is None:
            raise SetupError(
                "run-latest-none",
                f"the tree `{name}` has no run that succeeded, so it has no latest/",
                f"run {text.strip()[:120]}",
                f"Run it with `genarun run {name}`" + (f", or name a run: {runs[0].id}." if runs else "."),
            )
        return latest
    for ref in runs:
        if ref.stamp == stamp:
            return ref
    if not runs:
        raise _no_runs(name, text)
    near = difflib.get_close_matches(stamp, [ref.stamp for ref in runs], 1, 0.0)
    raise SetupError(
        "run-unknown",
        f"the tree `{name}` has no run `{stamp[:60]}`",
        f"run {text.strip()[:120]}",
        f"Did you mean {name}/{near[0]}? `genarun runs {name}` lists them all.",
    )


def _no_runs(name: str, text: str) -> SetupError:
    return SetupError(
        "run-none",
        f"the tree `{name}` has no runs yet",
        f"run {text.strip()[:120]}",
        f"Make one with `genarun run {name}`.",
    )
