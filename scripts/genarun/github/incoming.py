"""What jobs handed on for the commit: run folders, laid out like the repository. Data, since a job beside models made it.

Only files that a run writes are taken, each under a name that a run gives; anything else is refused before a byte is copied.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from genarun.errors import SetupError
from genarun.store.layout import LATEST, STAMP, TREE_NAME, RunRef
from genarun.store.records import Summary
from genarun.store.recover import read_summary

FILES: Final = frozenset({"output.json", "output.schema.json", "output.md", "logs.json", "records.jsonl"})
ASSET: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Folder:
    """A run folder, or latest/, that waits to be committed. files: by path below it, as in `assets/image-1f2e.jpg`."""

    tree: str
    name: str
    path: Path
    files: Mapping[str, Path]

    @property
    def ref(self) -> RunRef:
        return RunRef(self.tree, self.name, self.path)

    def summary(self) -> Summary | None:
        return read_summary(self.path, self.tree, self.name)[0]


@dataclass(frozen=True, slots=True)
class Incoming:
    """What one tree's runs left. latest: None where none of them was published."""

    tree: str
    runs: tuple[Folder, ...]
    latest: Folder | None


def read_incoming(results: Path) -> list[Incoming]:
    """Everything below `results`, by tree; empty where there is no such folder. Raises SetupError (`results-refused`)."""
    if not results.is_dir():
        return []
    folders: dict[str, list[Folder]] = {}
    for trees in _entries(results, results):
        if trees.name != "trees":
            raise _refused(trees, results, "it is not below trees/")
        for tree in _entries(trees, results):
            if not TREE_NAME.fullmatch(tree.name):
                raise _refused(tree, results, "no tree can have this name")
            for folder in _entries(tree, results):
                if folder.name != LATEST and not STAMP.fullmatch(folder.name):
                    raise _refused(folder, results, "it is neither a run nor latest/")
                files = _files(folder, results)
                folders.setdefault(tree.name, []).append(Folder(tree.name, folder.name, folder, files))
    return [
        Incoming(
            tree,
            tuple(folder for folder in found if folder.name != LATEST),
            next((folder for folder in found if folder.name == LATEST), None),
        )
        for tree, found in sorted(folders.items())
    ]


def _files(folder: Path, results: Path) -> dict[str, Path]:
    found = {}
    for entry in _entries(folder, results):
        if entry.name == "assets":
            for asset in _entries(entry, results, files=True):
                if not ASSET.fullmatch(asset.name):
                    raise _refused(asset, results, "no asset has such a name")
                found[f"assets/{asset.name}"] = asset
        elif entry.name in FILES and stat.S_ISREG(entry.lstat().st_mode):
            found[entry.name] = entry
        else:
            raise _refused(entry, results, "no run writes it")
    return found


def _entries(folder: Path, results: Path, files: bool = False) -> list[Path]:
    """What a folder holds, sorted, where it is a folder of its own. files: whether only files may be in it."""
    if not stat.S_ISDIR(folder.lstat().st_mode):
        raise _refused(folder, results, "it is no folder")
    found = sorted(folder.iterdir())
    seen: dict[str, Path] = {}
    for entry in found:
        mode = entry.lstat().st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)) or (files and not stat.S_ISREG(mode)):
            raise _refused(entry, results, "it is a link, a folder or a special file where a file should be")
        if (other := seen.setdefault(entry.name.casefold(), entry)) is not entry:
            raise _refused(entry, results, f"only its case tells it from {other.name!r}")
    return found


def _refused(path: Path, results: Path, why: str) -> SetupError:
    shown = ascii(path.relative_to(results).as_posix())[:200]
    return SetupError(
        "results-refused",
        f"what a run handed on holds {shown}, and {why}",
        hint="Nothing was committed. Look at how the run's job came to write it; its artifact is kept for a week.",
    )
