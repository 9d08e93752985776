"""Which new run a change brings, and the one it stands beside, read from git's objects: neither commit is checked out.

Of a run only its summary, records and output are read; its files are named, and looked for in the commit, but never opened.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from genarun.errors import SetupError
from genarun.github.revisions import fetch_commit
from genarun.store.layout import LATEST, STAMP, RunRef, stamp_order

if TYPE_CHECKING:
    from git import Repo
    from git.objects import Tree as GitTree

_READ: Final = ("logs.json", "records.jsonl", "output.json")
LARGEST: Final = 64_000_000
"""Bytes of a file that is read; a run of more is not compared."""


@dataclass(frozen=True, slots=True)
class RunAt:
    """A run as one commit holds it. ref: its summary and records, in a scratch folder. commit, folder: where git has it."""

    ref: RunRef
    commit: str
    folder: str
    tree: GitTree
    too_large: bool = False

    def url(self, repository_url: str, name: str) -> str | None:
        """The page of one of its files; None where the commit has no such file.

        `blob/…?raw=true` and not raw.githubusercontent.com: that host knows no session, so a private repository's pictures
        would be missing; this address is answered by github.com, with a token where the reader may see the file, as
        https://docs.github.com/en/get-started/writing-on-github says of pictures in comments. It holds on Enterprise too.
        """
        parts = name.split("/")
        found: object = self.tree
        for part in parts:
            if part in ("", ".", "..") or getattr(found, "type", "") != "tree":
                return None
            try:
                found = found[part]  # type: ignore[index]
            except KeyError:
                return None
        if getattr(found, "type", "") != "blob":
            return None
        return f"{repository_url}/blob/{self.commit}/{quote(f'{self.folder}/{name}')}?raw=true"


@dataclass(frozen=True, slots=True)
class RunPair:
    """A tree's new run, and what it is compared with; None where it is the tree's first."""

    tree: str
    old: RunAt | None
    new: RunAt


def run_pairs(repo: Repo, root: Path, before: str, after: str, scratch: Path) -> Iterator[RunPair]:
    """Of every tree whose runs differ between two commits, its new run and the one before it, by the trees' names.

    root: the project's folder. scratch: an empty folder for what is read. Raises SetupError where a commit is not to be had.
    """
    top = Path(repo.working_tree_dir or root).resolve()
    inside = root.resolve().relative_to(top).as_posix()
    place = "trees" if inside == "." else f"{inside}/trees"
    old, new = _folder(repo, before, place), _folder(repo, after, place)
    pasts = _folders(old)
    for number, (name, tree) in enumerate(sorted(_folders(new).items())):
        past = pasts.get(name)
        if past is not None and past.hexsha == tree.hexsha:
            continue
        picked = _pick(past, tree)
        if picked is None:
            continue
        # Numbered: a name in git's objects may be one that no folder can have.
        into, folder = scratch / str(number), f"{place}/{name}"
        was = None
        if past is not None and picked[0]:
            was = _read(past, picked[0], before, folder, into / "old", name)
        yield RunPair(name, was, _read(tree, picked[1], after, folder, into / "new", name))


def _folder(repo: Repo, commit: str, place: str) -> GitTree | None:
    if not fetch_commit(repo, commit):
        hint = "Fetch the history first: `fetch-depth: 0` of actions/checkout."
        raise SetupError("revision-unknown", f"git has no commit {commit[:10]} here", hint=hint)
    found: GitTree = repo.commit(commit).tree
    try:
        for part in place.split("/"):
            found = found[part]
    except KeyError:
        return None
    return found if found.type == "tree" else None


def _folders(tree: GitTree | None) -> dict[str, GitTree]:
    return {one.name: one for one in tree.trees} if tree is not None else {}


def _pick(past: GitTree | None, tree: GitTree) -> tuple[str, str] | None:
    """(folder of the old run or "", folder of the new one); None where no run is new. latest/ stands for the newest that
    succeeded; where it did not move, a new run did not become it, and is shown itself."""
    before, after = _folders(past), _folders(tree)
    old = LATEST if LATEST in before else _newest(before)
    if LATEST in after and (LATEST not in before or before[LATEST].hexsha != after[LATEST].hexsha):
        return old, LATEST
    new = _newest({name: one for name, one in after.items() if name not in before})
    return (old, new) if new else None


def _newest(folders: dict[str, GitTree]) -> str:
    return max((name for name in folders if STAMP.fullmatch(name)), key=stamp_order, default="")


def _read(tree: GitTree, stamp: str, commit: str, folder: str, into: Path, name: str) -> RunAt:
    run = _folders(tree)[stamp]
    into.mkdir(parents=True)
    too_large = False
    for blob in run.blobs:
        if blob.name not in _READ:
            continue
        if blob.size > LARGEST:
            too_large = True
            continue
        with (into / blob.name).open("wb") as file:
            shutil.copyfileobj(blob.data_stream, file)
    return RunAt(RunRef(name, stamp, into), commit, f"{folder}/{stamp}", run, too_large)
