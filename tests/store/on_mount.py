"""A process on a small disk, or on one that becomes read-only: `python -m tests.store.on_mount SCENE FOLDER`.

Runs where a tmpfs of eight megabytes is mounted on FOLDER, in a mount space of its own; see `test_disk`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from genarun.errors import StoreError
from genarun.store.journal import Journal, read_records
from genarun.store.latest import publish, repair
from genarun.store.layout import TreeFolder
from genarun.store.lock import lock
from genarun.store.mask import Masker
from genarun.store.overrides import write_override
from genarun.store.purge import purge
from genarun.store.run_folder import RunFolder

from tests.say import says
from tests.store.near import NOW, folder, line, picture, run, summary

LONG = "x" * 3000
MINUTE = timedelta(minutes=1)


class Full:
    """While the block runs, the disk has not a byte left."""

    def __init__(self, root: Path) -> None:
        self.file = root / "filler"

    def __enter__(self) -> None:
        with self.file.open("wb", buffering=0) as file:
            for size in (1 << 16, 1 << 12, 1):
                try:
                    while True:
                        file.write(bytes(size))
                except OSError:
                    pass

    def __exit__(self, *_: object) -> None:
        self.file.unlink()


def answers_on_their_way_are_still_written_down(root: Path) -> None:
    opened = RunFolder.create(folder(root), summary(), Masker(), NOW, reserve_bytes=65536)
    opened.append(line("before", value=LONG))
    assert opened.full is None
    written = 0
    with Full(root):
        raised = None
        while raised is None:
            try:
                opened.append(line(f"a/{written}", value=LONG))
                written += 1
            except StoreError as error:
                raised = error
            assert opened.full is not None  # known from the first line on: nothing new is started
        assert written >= 10
        text = f"""
            trees/press/{opened.ref.stamp}/records.jsonl: the disk is full, cannot write down what was answered
              → Free some space and run the same command again: it goes on where it stopped, and nothing is paid for twice.
            """
        says(raised, "disk-full", text)
        says(opened.full, "disk-full", text)
        records, notices = read_records(opened.ref.records_file)
        assert [record.path for record in records] == ["before", *(f"a/{number}" for number in range(written))]
        assert notices == []  # no half line, although the disk took a part of it
        with pytest.raises(StoreError):
            opened.append(line("too much", value=LONG))
    opened.append(line("after", value=LONG))
    done = opened.finish(summary(status="succeeded"), {"a": 1}, {})
    assert done.totals.calls == written + 2
    assert len(opened.ref.records()) == written + 2


def a_full_disk_is_told_before_anything_is_called(root: Path) -> None:
    tree = folder(root)
    ref = run(tree, {"a": 1})
    with Full(root):
        with pytest.raises(StoreError) as raised:
            Journal(ref.records_file, Masker())
        says(
            raised.value,
            "disk-full",
            f"""
            trees/press/{ref.stamp}/records.jsonl: the disk is full, cannot open the records
              → Free some space and run the same command again: it goes on where it stopped, and nothing is paid for twice.
            """,
        )
        with pytest.raises(StoreError, match="cannot write the summary"):
            RunFolder.create(tree, summary(), Masker(), NOW + MINUTE)
        with lock(tree):
            pass
    assert [name for name in os.listdir(tree.path) if name.startswith(".tmp-")] == []
    assert tree.runs() == [ref]
    assert ref.output() == {"a": 1}


def what_stands_stays_whole_when_its_successor_has_no_room(root: Path) -> None:
    tree = folder(root)
    first = run(tree, {"a": 1})
    publish(tree, first)
    write_override(tree, "a", "x")
    overrides = tree.overrides_file.read_bytes()
    second = run(tree, {"a": LONG * 100}, now=NOW + MINUTE)
    opened = RunFolder.create(tree, summary(), Masker(), NOW + 2 * MINUTE, reserve_bytes=65536)
    opened.append(line("a", "k", "x"))
    before = (opened.folder / "logs.json").read_bytes()
    with Full(root):
        with pytest.raises(StoreError) as raised:
            publish(tree, second)
        says(
            raised.value,
            "disk-full",
            """
            trees/press/latest: the disk is full, cannot replace latest/
              → Free some space and run the same command again: it goes on where it stopped, and nothing is paid for twice.
            """,
        )
        assert tree.latest_output() == {"a": 1}
        with pytest.raises(StoreError, match="cannot write overrides"):
            write_override(tree, "b", LONG)
        assert tree.overrides_file.read_bytes() == overrides
        name = opened.add_asset("photo", picture())  # written into the reserve
        assert opened.full is not None
        with pytest.raises(StoreError, match="cannot write a file"):
            opened.add_asset("photo", picture() + bytes(200_000))
        assert os.listdir(opened.folder / "assets") == [name.removeprefix("assets/")]
        with pytest.raises(StoreError, match="cannot write the summary"):
            opened.write_summary(summary(title=LONG * 100))
        assert (opened.folder / "logs.json").read_bytes() == before
        with pytest.raises(StoreError):
            opened.finish(summary(status="succeeded"), {"a": LONG * 100}, {})
        assert len(opened.ref.records()) == 1
    assert [name for name in os.listdir(tree.path) if name.startswith(".tmp-")] == []
    again = RunFolder.reopen(opened.ref, Masker())
    again.finish(summary(status="succeeded"), {"a": 2}, {})
    assert publish(tree, again.ref) == []
    assert tree.latest_output() == {"a": 2}


def a_read_only_folder_is_told_and_can_still_be_read(root: Path) -> None:
    tree = folder(root)
    gone = run(tree, {"a": 0}, now=NOW - MINUTE)
    old, ref = run(tree, {"a": 1}, [line("a", "k", "x")]), run(tree, {"a": 2}, now=NOW + MINUTE)
    publish(tree, old)
    done = subprocess.run(["mount", "-o", "remount,ro", str(root)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for doing, place, what in [
        (lambda: lock(tree).__enter__(), ".lock", "take the tree's lock"),
        (lambda: RunFolder.create(tree, summary(), Masker(), NOW), "", "make the run's folder"),
        (lambda: RunFolder.reopen(ref, Masker()), f"{ref.stamp}/records.jsonl", "open the records"),
        (lambda: publish(tree, ref), "latest", "replace latest/"),
        (lambda: write_override(tree, "a", "x"), "overrides.yaml", "write overrides.yaml"),
        (lambda: write_override(tree, "a", picture()), "overrides/a.png", "keep the file"),
        (lambda: purge(tree, 1, None, NOW), gone.stamp, f"remove trees/press/{gone.stamp} (0 removed before it)"),
    ]:
        with pytest.raises(StoreError) as raised:
            doing()
        says(
            raised.value,
            "folder-read-only",
            f"""
            trees/press{"/" if place else ""}{place}: the folder cannot be written to, cannot {what}
              → Give yourself write access to it, or run in a copy of the project that you may write to.
            """,
        )
    repair(tree)
    assert tree.latest_output() == {"a": 1}
    assert [record.path for record in old.records()] == ["a"]


SCENES = [
    answers_on_their_way_are_still_written_down,
    a_full_disk_is_told_before_anything_is_called,
    what_stands_stays_whole_when_its_successor_has_no_room,
    a_read_only_folder_is_told_and_can_still_be_read,
]


if __name__ == "__main__":
    scene = next(scene for scene in SCENES if scene.__name__ == sys.argv[1])
    scene(Path(sys.argv[2]))
    assert isinstance(TreeFolder(Path(sys.argv[2]), "press").runs(), list)
