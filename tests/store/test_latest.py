"""latest/: always a whole run, never over a person's edit, whatever interrupts its replacement."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from genarun.store.latest import edits, may_replace, publish, repair
from genarun.store.layout import RunRef, TreeFolder
from genarun.store.purge import purge
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.store.near import NOW, ROOT, folder, line, picture, run

LATER = NOW + timedelta(hours=1)
ENV = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "scripts"), os.environ.get("PYTHONPATH", "")])}


def two_runs(root: Path) -> tuple[TreeFolder, RunRef, RunRef]:
    tree = folder(root)
    first = run(tree, {"title": "One", "photo": "x"}, [line("title", "k", "One")], pictures={"photo": picture("one")})
    second = run(
        tree, {"title": "Two", "photo": "y"}, [line("title", "k2", "Two")], pictures={"photo": picture("two")}, now=LATER
    )
    return tree, first, second


def contents(path: Path) -> dict[str, bytes]:
    return {str(file.relative_to(path)): file.read_bytes() for file in sorted(path.rglob("*")) if file.is_file()}


def edit_output(tree: TreeFolder, change: Any) -> None:
    data = json.loads((tree.latest / "output.json").read_text())
    change(data)
    (tree.latest / "output.json").write_text(json.dumps(data))


def leftovers(tree: TreeFolder) -> list[str]:
    return [name for name in os.listdir(tree.path) if name.startswith(".tmp-")]


def test_latest_is_a_full_copy_of_the_run(tmp_path: Path) -> None:
    tree, first, second = two_runs(tmp_path)
    (first.folder / ".tmp-1-2-3-reserve").write_bytes(b"")
    assert publish(tree, first) == []
    assert contents(tree.latest) == {name: data for name, data in contents(first.folder).items() if not name.startswith(".")}
    assert publish(tree, second) == []
    assert contents(tree.latest) == contents(second.folder)
    assert leftovers(tree) == []
    assert tree.latest_output() == {"title": "Two", "photo": "y"}


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"mode": "offline"}, "an offline run"),
        ({"mode": "replay"}, "a replay"),
        ({"scope": "part"}, "a run of a part (--only, --skip)"),
    ],
)
def test_what_a_full_real_run_made_is_replaced_by_full_real_runs_only(tmp_path: Path, how: dict[str, Any], words: str) -> None:
    tree = folder(tmp_path)
    lesser = run(tree, {"a": 0}, **how)
    assert publish(tree, lesser) == []  # better than none
    other = run(tree, {"a": 1}, **how)
    assert publish(tree, other) == []
    real = run(tree, {"a": 2})
    assert publish(tree, real) == []
    assert publish(tree, other) == [f"latest/ stays as it is: a full run with real models made it, and {other.id} is {words}"]
    assert tree.latest_output() == {"a": 2}
    (tree.latest / "logs.json").write_bytes(b"damaged")  # nobody knows who made it: taken for real
    assert publish(tree, other) != []
    assert publish(tree, run(tree, {"a": 3})) == []
    assert tree.latest_output() == {"a": 3}


STEPS = ["begun", "file output.json", "file assets/", "copied", "moved away", "moved in", "removed"]


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_step_latest_is_whole_or_brought_back(tmp_path: Path, step: str) -> None:
    tree, first, second = two_runs(tmp_path)
    publish(tree, first)
    if step == "file assets/":
        step = f"file assets/{os.listdir(second.folder / 'assets')[0]}"
    dies(tree, "publish", second.stamp, step)
    # A reader at this moment finds a whole output.
    assert tree.latest_output() in ({"title": "One", "photo": "x"}, {"title": "Two", "photo": "y"})
    notices = repair(tree)
    if step == "moved away":
        assert notices == ["an interrupted command had not finished replacing trees/press/latest; it is finished now"]
    else:
        assert notices == []
    wanted = second if step in ("moved away", "moved in", "removed") else first
    assert contents(tree.latest) == contents(wanted.folder)
    assert leftovers(tree) == []
    assert repair(tree) == []


def test_a_repair_that_is_killed_is_repaired(tmp_path: Path) -> None:
    tree, first, second = two_runs(tmp_path)
    publish(tree, first)
    dies(tree, "publish", second.stamp, "moved away")
    dies(tree, "repair", "", "finished")
    assert repair(tree) == []
    assert contents(tree.latest) == contents(second.folder)
    assert leftovers(tree) == []


def test_a_copy_of_another_process_is_not_taken_for_a_whole_one(tmp_path: Path) -> None:
    tree, first, second = two_runs(tmp_path)
    publish(tree, first)
    dies(tree, "publish", second.stamp, "file output.json")
    tree.latest.rename(tree.path / ".tmp-999999999-ffffffff-0-latest-old")
    assert repair(tree) == ["an interrupted command had moved trees/press/latest away; it is back"]
    assert contents(tree.latest) == contents(first.folder)
    assert leftovers(tree) == []


def test_a_latest_that_somebody_removed_is_made_again(tmp_path: Path) -> None:
    tree, _, second = two_runs(tmp_path)
    publish(tree, second)
    run(tree, {"a": 0}, mode="offline", now=LATER + timedelta(hours=1))
    shutil.rmtree(tree.latest)
    assert tree.latest_output() == {"title": "Two", "photo": "y"}
    assert repair(tree) == [f"trees/press/latest was missing; it is a copy of {second.id} again"]
    assert contents(tree.latest) == contents(second.folder)
    empty = folder(tmp_path, "empty")
    assert repair(empty) == []
    assert not empty.latest.exists()


def test_killed_again_and_again_at_random_moments(tmp_path: Path) -> None:
    tree, first, second = two_runs(tmp_path)
    publish(tree, first)
    wholes = [contents(first.folder), contents(second.folder)]
    dice = random.Random(11)
    for _ in range(8):
        command = [sys.executable, "-m", "tests.store.publishes", str(tmp_path), "swap"]
        swapper = subprocess.Popen(command, stdout=subprocess.PIPE, env=ENV)
        assert swapper.stdout is not None
        swapper.stdout.readline()
        time.sleep(dice.random() * 0.02)
        swapper.send_signal(signal.SIGKILL)
        swapper.wait()
        swapper.stdout.close()
        assert tree.latest_output() in ({"title": "One", "photo": "x"}, {"title": "Two", "photo": "y"})
        repair(tree)
        assert contents(tree.latest) in wholes
        assert leftovers(tree) == []
    assert [contents(ref.folder) for ref in (first, second)] == wholes


def dies(tree: TreeFolder, *arguments: str) -> None:
    done = subprocess.run([sys.executable, "-m", "tests.store.publishes", str(tree.root), *arguments], env=ENV)
    assert done.returncode == -signal.SIGKILL


def test_an_untouched_latest_has_no_edits(tmp_path: Path) -> None:
    tree, first, _ = two_runs(tmp_path)
    assert edits(tree) == []
    publish(tree, first)
    assert edits(tree) == []
    edit_output(tree, lambda data: data)  # another layout of the same JSON
    schema = tree.latest / "output.schema.json"
    schema.write_bytes(schema.read_bytes().replace(b"\n", b"\r\n"))
    (tree.latest / ".DS_Store").write_bytes(b"x")
    assert edits(tree) == []


def test_hand_edits_are_found_place_by_place(tmp_path: Path) -> None:
    tree = folder(tmp_path)
    output = {"ideas": [{"title": "a"}, {"title": "b"}], "intro": "x", "gone": 1, "list": [1]}
    ref = run(tree, output, pictures={"photo": picture()}, markdown="# x")
    publish(tree, ref)

    def change(data: Any) -> None:
        data["ideas"][1]["title"] = "better"
        data["new"] = True
        del data["gone"]
        data["list"] = [1, 2]

    edit_output(tree, change)
    [photo] = os.listdir(tree.latest / "assets")
    (tree.latest / "assets" / photo).write_bytes(picture("retouched"))
    (tree.latest / "output.md").unlink()
    (tree.latest / "notes.txt").write_text("mine")
    assert [(edit.where, edit.kind, edit.old, edit.new) for edit in edits(tree) if edit.file == "output.json"] == [
        ("output.json at ideas/1/title", "changed", "b", "better"),
        ("output.json at gone", "removed", 1, edits(tree)[2].new),
        ("output.json at list", "changed", [1], [1, 2]),
        ("output.json at new", "added", edits(tree)[4].old, True),
    ]
    assert [(edit.where, edit.kind) for edit in edits(tree) if edit.file != "output.json"] == [
        (f"assets/{photo}", "changed"),
        ("output.md", "removed"),
        ("notes.txt", "added"),
    ]


def test_latest_is_replaced_only_where_no_edit_is_lost(tmp_path: Path) -> None:
    tree = folder(tmp_path)
    publish(tree, run(tree, {"title": "a", "text": "t"}, pictures={"photo": picture()}))
    assert may_replace(tree, {"title": "other"}) == []
    edit_output(tree, lambda data: data.update(title="mine"))
    assert [edit.where for edit in may_replace(tree, {"title": "other", "text": "new"})] == ["output.json at title"]
    assert may_replace(tree, {"title": "mine", "text": "new"}) == []
    edit_output(tree, lambda data: data.pop("text"))
    assert [edit.kind for edit in may_replace(tree, {"title": "mine", "text": "new"})] == ["removed"]
    assert may_replace(tree, {"title": "mine"}) == []
    [photo] = os.listdir(tree.latest / "assets")
    (tree.latest / "assets" / photo).write_bytes(picture("retouched"))
    assert [edit.file for edit in may_replace(tree, {"title": "mine"})] == [f"assets/{photo}"]
    pinned = run(tree, {"title": "mine", "photo": "z"}, pictures={"photo": picture("retouched")})
    name = f"assets/{os.listdir(pinned.folder / 'assets')[0]}"
    assert may_replace(tree, {"title": "mine", "photo": name}) == []


def test_an_edit_in_the_markdown_holds_until_a_run_says_the_same(tmp_path: Path) -> None:
    tree = folder(tmp_path)
    publish(tree, run(tree, {"a": 1}, markdown="# One\n"))
    (tree.latest / "output.md").write_text("# Mine\n")
    assert [edit.where for edit in may_replace(tree, {"a": 2})] == ["output.md"]
    assert [edit.where for edit in may_replace(tree, {"a": 2}, run(tree, {"a": 2}, markdown="# Two\n"))] == ["output.md"]
    assert may_replace(tree, {"a": 2}, run(tree, {"a": 2}, markdown="# Mine\n")) == []


def test_edits_are_noticed_also_when_the_run_is_gone_or_its_summary_damaged(tmp_path: Path) -> None:
    tree = folder(tmp_path)
    ref = run(tree, {"a": 1})
    publish(tree, ref)
    shutil.copytree(ref.folder, tmp_path / "kept")
    (tree.latest / "logs.json").write_bytes(b"{")
    assert edits(tree) == []  # known by its output
    edit_output(tree, lambda data: data.update(a=2))
    assert [edit.where for edit in edits(tree)] == ["output.json at a"]
    shutil.copy(ref.folder / "logs.json", tree.latest)
    shutil.rmtree(ref.folder)
    assert [(edit.where, edit.new) for edit in edits(tree)] == [("output.json", {"a": 2})]
    assert may_replace(tree, {"a": 2}) == []
    assert may_replace(tree, {"a": 1}) != []
    (tree.latest / "output.json").write_text('{"a":   1}')
    assert edits(tree) == []


def test_a_half_typed_edit_is_kept_too(tmp_path: Path) -> None:
    tree = folder(tmp_path)
    publish(tree, run(tree, {"a": 1}))
    (tree.latest / "output.json").write_text('{"a": 2')
    assert [edit.where for edit in may_replace(tree, {"a": 2})] == ["output.json"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.binary(max_size=80), st.sampled_from(["output.json", "logs.json", "output.schema.json", "records.jsonl"]))
def test_any_bytes_in_latest_are_an_edit_or_none_and_never_an_error(tmp_path: Path, data: bytes, name: str) -> None:
    tree = folder(tmp_path)
    if not tree.latest.exists():
        publish(tree, run(tree, {"a": 1}))
    kept = (tree.latest / name).read_bytes()
    try:
        (tree.latest / name).write_bytes(data)
        edits(tree)
        may_replace(tree, {"a": 1})
        repair(tree)
        purge(tree, 1, None, NOW)
    finally:
        (tree.latest / name).write_bytes(kept)


def test_a_file_or_link_in_the_place_of_latest_is_replaced(tmp_path: Path) -> None:
    tree, first, second = two_runs(tmp_path)
    tree.latest.write_text("a file")
    assert edits(tree) == []
    publish(tree, first)
    assert contents(tree.latest) == contents(first.folder)
    shutil.rmtree(tree.latest)
    tree.latest.symlink_to(first.folder)
    publish(tree, second)
    assert not tree.latest.is_symlink()
    assert contents(tree.latest) == contents(second.folder)
    assert first.output() == {"title": "One", "photo": "x"}
