"""latest/: a full copy of the newest run that succeeded, replaced in two renames, and never over a person's edit.

    .tmp-…-latest-new   the copy, while it is made
    latest/          →  .tmp-…-latest-old      first rename
    .tmp-…-latest-new → latest/                second rename; a reader that looks in between uses the newest succeeded run

Call everything here but `edits` and `may_replace` with the tree's lock held.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from genarun.store.diff import Change, Place, at, changes
from genarun.store.files import (
    TMP,
    disk_error,
    dump_json,
    file_sha256,
    load_json,
    remove,
    same_json,
    sha256,
    sweep,
    tmp_path,
    walk_files,
)
from genarun.store.layout import STAMP, RunRef, TreeFolder, is_full_and_real
from genarun.store.records import Summary
from genarun.store.recover import read_summary
from genarun.tree.values import MISSING

Json = Any
Step = Callable[[str], None]

_NEW: Final = "latest-new"
_OLD: Final = "latest-old"
_DOING: Final = "replace latest/"


@dataclass(frozen=True, slots=True)
class Edit:
    """Something in latest/ that its run did not write.

    file: relative to latest/. path: the place in output.json; empty for a whole file. old, new: the values there, MISSING where
    there is none or the file is no JSON.
    """

    file: str
    kind: Literal["changed", "added", "removed"]
    path: Place = ()
    old: Json = MISSING
    new: Json = MISSING

    @property
    def where(self) -> str:
        """`output.json at themes/0/title`, or the file alone."""
        return f"{self.file} at {'/'.join(map(str, self.path))}" if self.path else self.file


def _nothing(_: str) -> None:
    """The step hook that is used when nobody looks on."""


def publish(tree: TreeFolder, run: RunRef, *, step: Step = _nothing) -> list[str]:
    """Make latest/ a copy of this run. Returns notices: none when it was done, the reason when latest/ stays.

    A run with `--only`, `--skip`, `--offline` or `--replay` does not replace what a full, real run made. Hand edits are the
    caller's to ask `may_replace` for. step: called with a name after each step, for tests. Raises StoreError; then latest/ is
    as it was.
    """
    reason = _stays(tree, run)
    if reason is not None:
        return [reason]
    new, old = tmp_path(tree.path, _NEW), tmp_path(tree.path, _OLD)
    try:
        _copy(run.folder, new, step)
        step("copied")
        if os.path.lexists(tree.latest):
            # The pair is known by its process: `repair` takes a new one only beside an old one that the same process moved.
            tree.latest.rename(old)
            step("moved away")
        try:
            new.rename(tree.latest)
        except OSError:
            if os.path.lexists(old):
                old.rename(tree.latest)
            raise
        step("moved in")
    except OSError as error:
        remove(new)
        raise disk_error(error, tree.latest, _DOING) from error
    remove(old)
    step("removed")
    return []


def _copy(source: Path, target: Path, step: Step) -> None:
    target.mkdir()
    step("begun")
    for name, path in walk_files(source):
        place = target / name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, place)
        step(f"file {name}")


def _stays(tree: TreeFolder, run: RunRef) -> str | None:
    """Why this run may not replace latest/; None where it may."""
    summary = run.summary()
    if not tree.latest.is_dir() or summary is None or is_full_and_real(summary):
        return None
    standing, _ = read_summary(tree.latest, tree.name, "latest")
    if standing is not None and standing.tree_digest and not is_full_and_real(standing):
        return None
    kind = {"offline": "an offline run", "replay": "a replay"}.get(summary.mode, "a run of a part (--only, --skip)")
    return f"latest/ stays as it is: a full run with real models made it, and {run.id} is {kind}"


def repair(tree: TreeFolder, *, step: Step = _nothing) -> list[str]:
    """Finish or undo what an interrupted command left, and clear away its unfinished files. Returns notices for people.

    Where latest/ is missing without a trace of a swap, it is made again from the run that it should hold. Raises StoreError.
    """
    notices: list[str] = []
    try:
        if not os.path.lexists(tree.latest):
            notices = _bring_back(tree, step)
    except OSError as error:
        raise disk_error(error, tree.latest, _DOING) from error
    for path in _leftovers(tree, _NEW) + _leftovers(tree, _OLD):
        remove(path)
    sweep(tree.path)
    return notices


def _bring_back(tree: TreeFolder, step: Step) -> list[str]:
    for old in _leftovers(tree, _OLD):
        for new in _leftovers(tree, _NEW):
            if new.name.split("-")[:3] == old.name.split("-")[:3]:
                new.rename(tree.latest)  # it was whole before the old one was moved away
                step("finished")
                return [f"an interrupted command had not finished replacing trees/{tree.name}/latest; it is finished now"]
        old.rename(tree.latest)
        step("undone")
        return [f"an interrupted command had moved trees/{tree.name}/latest away; it is back"]
    run = tree.newest_for_latest()
    if run is None:
        return []
    publish(tree, run, step=step)
    return [f"trees/{tree.name}/latest was missing; it is a copy of {run.id} again"]


def _leftovers(tree: TreeFolder, kind: str) -> list[Path]:
    """Newest first."""
    try:
        found = [path for path in tree.path.iterdir() if path.name.startswith(TMP) and path.name.endswith(f"-{kind}")]
        return sorted(found, key=lambda path: path.lstat().st_mtime, reverse=True)
    except OSError:
        return []


def origin(tree: TreeFolder) -> tuple[RunRef | None, Summary | None]:
    """(the run that latest/ is a copy of, its summary). The run is None where it is gone; both where nothing tells."""
    copied, _ = read_summary(tree.latest, tree.name, "latest")
    if copied is not None and copied.tree_digest:
        stamp = copied.run.removeprefix(f"{tree.name}/")
        if STAMP.fullmatch(stamp) and (tree.path / stamp).is_dir():
            run = tree.run(stamp)
            own = run.summary()
            return run, own if own is not None and own.files else copied
        return None, copied
    output = tree.run("latest").output()
    for run in tree.runs():  # its logs.json is damaged or gone: know it by what it holds
        if output is not MISSING and same_json(run.output(), output):
            return run, run.summary()
    likely = tree.newest_for_latest() or next(iter(tree.runs()), None)
    return likely, likely.summary() if likely is not None else None


def edits(tree: TreeFolder) -> list[Edit]:
    """Everything in latest/ that differs from what its run wrote: changed, added and removed files; changed places of
    output.json one by one. Another layout of the same JSON, and other line ends, are no edits."""
    if not tree.latest.is_dir():
        return []
    run, summary = origin(tree)
    if summary is None:
        return []
    try:
        present = dict(walk_files(tree.latest))
    except OSError:
        return []
    found: list[Edit] = []
    for name, digest in sorted(summary.files.items()):
        path = present.pop(name, None)
        if path is None:
            found.append(Edit(name, "removed"))
        elif file_sha256(path) != digest:
            found += _changed(name, path, digest, run)
    found += [Edit(name, "added") for name in sorted(present) if name != "logs.json"]
    return found


def _changed(name: str, path: Path, digest: str, run: RunRef | None) -> list[Edit]:
    try:
        data = path.read_bytes()
    except OSError:
        return [Edit(name, "changed")]
    if not name.startswith("assets/") and sha256(data.replace(b"\r\n", b"\n")) == digest:
        return []
    if not name.endswith(".json"):
        return [Edit(name, "changed")]
    try:
        new = load_json(data)
    except ValueError:
        return [Edit(name, "changed")]
    old = _original(name, digest, new, run)
    if old is MISSING:
        return [Edit(name, "changed", (), MISSING, new)]
    return [_edit(name, change) for change in changes(old, new)]


def _original(name: str, digest: str, new: Json, run: RunRef | None) -> Json:
    if run is not None:
        try:
            return load_json((run.folder / name).read_bytes())
        except (OSError, ValueError):
            pass
    # The run was purged: only its digest is left, which tells whether this is the same value in another layout.
    return new if sha256(dump_json(new, pretty=True)) == digest else MISSING


def _edit(name: str, change: Change) -> Edit:
    kind: Literal["changed", "added", "removed"] = "changed"
    if change.path:
        kind = "added" if change.old is MISSING else "removed" if change.new is MISSING else "changed"
    return Edit(name, kind, change.path, change.old, change.new)


def may_replace(tree: TreeFolder, new_output: Json, new_run: RunRef | None = None) -> list[Edit]:
    """The hand edits that would be lost if latest/ held `new_output`; empty when it may be replaced.

    new_run: the run that made it, so that its other files can be compared too. A file that a person removed is brought back.
    """
    return [edit for edit in edits(tree) if not _contained(edit, tree, new_output, new_run)]


def _contained(edit: Edit, tree: TreeFolder, new_output: Json, new_run: RunRef | None) -> bool:
    if edit.file == "output.json" and edit.new is not MISSING:
        return same_json(at(new_output, edit.path), edit.new)
    if edit.file == "output.json" and edit.path:
        return at(new_output, edit.path) is MISSING
    if edit.kind == "removed" or edit.file == "output.schema.json":
        return True  # brought back; and a schema follows from the tree, it holds nobody's word
    path = tree.latest / edit.file
    if edit.file.startswith("assets/"):
        try:
            digest = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
        except OSError:
            return False
        return f"-{digest}.".encode() in dump_json(new_output)
    return (
        new_run is not None and file_sha256(path) is not None and file_sha256(path) == file_sha256(new_run.folder / edit.file)
    )
