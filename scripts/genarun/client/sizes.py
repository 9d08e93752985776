"""What a project's repository holds: its run folders, and the history that git keeps of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from genarun.client.findings import ask_git
from genarun.client.growth import Facts, RunSize
from genarun.providers.media import GIT_WARNS
from genarun.store.assets import is_asset_name
from genarun.store.files import walk_files
from genarun.store.layout import STAMP, TreeFolder, stamp_order, tree_names

_RAW = re.compile(r":\d{6} \d{6} [0-9a-f]{40,64} ([0-9a-f]{40,64}) [A-Z]\d*")
_RUN = re.compile(rf"trees/([^/]+)/({STAMP.pattern})/.+")

RunId = tuple[str, str]  # tree, stamp


class _Tally:
    """What each run added, while it is counted."""

    def __init__(self) -> None:
        self.bytes: dict[RunId, int] = {}
        self.pictures: dict[RunId, int] = {}

    def add(self, run: RunId, name: str, size: int) -> None:
        self.bytes[run] = self.bytes.get(run, 0) + size
        if name.endswith((".png", ".jpg")):
            self.pictures[run] = self.pictures.get(run, 0) + size


def read_facts(root: Path, most: int = 3) -> Facts:
    """Look at the run folders, and at git where the project is in a repository. most: how many of the largest files to name,
    beside all that git hosting minds. Raises nothing: what cannot be read is left out."""
    kept: dict[str, tuple[int, int]] = {}
    on_disk, sizes = _Tally(), dict[str, int]()
    for name in tree_names(root):
        kept[name] = _kept(root, name, on_disk, sizes)
    asked = ask_git(root, "rev-parse", "--git-common-dir", "--is-shallow-repository")
    if asked is None or asked.returncode:
        return Facts(kept=kept, runs=_runs(on_disk), files=_largest(sizes, most))
    common, shallow = asked.stdout.splitlines()
    history = _History(root)
    # Beside it counts what lies on the disk and will be committed: what git neither ignores nor leaves to Git LFS.
    logs = {run: f"trees/{run[0]}/{run[1]}/logs.json" for run in on_disk.bytes if run not in history.added.bytes}
    ignored = _ignored(root, list(logs.values()))
    on_disk.bytes = {run: on_disk.bytes[run] for run, log in logs.items() if log not in ignored}
    sizes = {name: size for name, size in sizes.items() if name not in history.paths}
    large = [name for name, size in sizes.items() if size > GIT_WARNS]
    for name in _ignored(root, large) | _in_lfs(root, large):
        sizes.pop(name, None)
    largest = _largest(history.sizes | sizes, most)
    return Facts(
        git=sum(_bytes(path) for path in (root / common).rglob("*")),
        shallow=shallow == "true",
        unread=history.unread,
        kept=kept,
        runs=_runs(history.added, on_disk),
        files=largest,
        gone=frozenset(name for name, _ in largest if not (root / name).exists()),
    )


def _kept(root: Path, tree: str, added: _Tally, sizes: dict[str, int]) -> tuple[int, int]:
    """(runs, bytes) of one tree's run folders. An asset that an earlier run had, by its digest, was not added again."""
    total, seen, runs = 0, set[str](), TreeFolder(root, tree).runs()
    for ref in reversed(runs):
        added.bytes[tree, ref.stamp] = 0
        for name, path in _files(ref.folder):
            size = _bytes(path)
            total += size
            if is_asset_name(name):
                content = name.rpartition("-")[2]
                if content in seen:
                    continue
                seen.add(content)
            sizes[f"trees/{tree}/{ref.stamp}/{name}"] = size
            added.add((tree, ref.stamp), name, size)
    return len(runs), total


def _files(folder: Path) -> list[tuple[str, Path]]:
    try:
        return list(walk_files(folder))
    except OSError:
        return []


class _History:
    """What git's history holds below the project's folder.

    added: what each run brought. sizes: bytes of each content by its path. A content counts once, at the earliest run that has
    it. paths: all that ever were. unread: whether git took too long.
    """

    def __init__(self, root: Path) -> None:
        self.added = _Tally()
        self.sizes: dict[str, int] = {}
        self.paths: set[str] = set()
        commits = ask_git(root, "rev-list", "--all")
        changes = commits and ask_git(
            root, "diff-tree", "--stdin", "-r", "--root", "-z", "--raw", "--no-commit-id", "--no-renames", "--relative",
            given=commits.stdout,
        )  # fmt: skip
        # Only what is here already: asking for a content by its name would make a partial clone download it.
        objects = changes and ask_git(
            root, "cat-file", "--batch-all-objects", "--unordered",
            "--batch-check=%(objectname) %(objecttype) %(objectsize) %(objectsize:disk)",
        )  # fmt: skip
        self.unread = not changes or not objects
        if not changes or not objects:
            return
        blobs = {name: (int(size), int(disk)) for name, kind, size, disk in _rows(objects.stdout) if kind == "blob"}
        owners: dict[str, tuple[bool, tuple[str, int], str, RunId]] = {}
        for blob, path in _changes(changes.stdout):
            self.paths.add(path)
            found = _RUN.fullmatch(path)
            run = (found[1], found[2]) if found else ("", "")
            if found:
                self.added.bytes.setdefault(run, 0)
            if blob in blobs:
                owner = (not found, stamp_order(run[1]), path, run)
                owners[blob] = min(owner, owners.get(blob, owner))
        for blob, (elsewhere, _, path, run) in owners.items():
            size, packed = blobs[blob]
            self.sizes[path] = max(size, self.sizes.get(path, 0))
            if not elsewhere:
                self.added.add(run, path, packed)


def _rows(text: str) -> Iterator[list[str]]:
    return (row for line in text.splitlines() if len(row := line.split(" ")) == 4)


def _changes(text: str) -> Iterator[tuple[str, str]]:
    """(content, path) of every file that a commit added or changed, from `diff-tree -z --raw`."""
    parts = iter(text.split("\0"))
    for part in parts:
        if (found := _RAW.fullmatch(part)) and (path := next(parts, "")) and found[1].strip("0"):
            yield found[1], path


def _ignored(root: Path, names: Sequence[str]) -> set[str]:
    asked = ask_git(root, "check-ignore", "-z", "--stdin", given="\0".join(names)) if names else None
    return set(asked.stdout.split("\0")) if asked else set()


def _in_lfs(root: Path, names: Sequence[str]) -> set[str]:
    asked = ask_git(root, "check-attr", "-z", "--stdin", "filter", given="\0".join(names)) if names else None
    parts = asked.stdout.split("\0") if asked else []
    return {name for name, value in zip(parts[::3], parts[2::3], strict=False) if value == "lfs"}


def _runs(*tallies: _Tally) -> list[RunSize]:
    runs = [
        RunSize(tree, stamp, when, size, tally.pictures.get((tree, stamp), 0))
        for tally in tallies
        for (tree, stamp), size in tally.bytes.items()
        if (when := _when(stamp)) is not None
    ]
    return sorted(runs, key=lambda run: stamp_order(run.stamp))


def _when(stamp: str) -> datetime | None:
    try:
        return datetime.strptime(stamp_order(stamp)[0], "%Y-%m-%d_%H-%M-%S").replace(tzinfo=UTC)
    except ValueError:
        return None  # the form of a stamp, and no time: 2026-99-99_…


def _largest(sizes: Mapping[str, int], most: int) -> list[tuple[str, int]]:
    ordered = sorted(sizes.items(), key=lambda item: (-item[1], item[0]))
    return [item for place, item in enumerate(ordered) if place < most or item[1] > GIT_WARNS]


def _bytes(path: Path) -> int:
    try:
        return path.lstat().st_size if not path.is_dir() else 0
    except OSError:
        return 0
