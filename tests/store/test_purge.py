"""Purge: old runs go, and nothing that anyone still needs."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

from genarun.store.latest import publish
from genarun.store.layout import RunRef, TreeFolder
from genarun.store.purge import plan_purge, purge, values_lost

from tests.store.near import NOW, folder, line, picture, run


def history(root: Path, *statuses: str) -> tuple[TreeFolder, list[RunRef]]:
    """A run a day, oldest first, the last one on NOW's day."""
    tree = folder(root)
    days = len(statuses) - 1
    return tree, [
        run(tree, {"n": n}, [line("a", f"k{n}", n)], status=status, now=NOW - timedelta(days=days - n))
        for n, status in enumerate(statuses)
    ]


def stamps(refs: list[RunRef]) -> list[str]:
    return [ref.stamp[:10] for ref in refs]


def test_the_newest_runs_stay_and_the_rest_may_go_oldest_first(tmp_path: Path) -> None:
    tree, refs = history(tmp_path, *["succeeded"] * 5)
    assert plan_purge(tree, 2, None, NOW) == refs[:3]
    assert plan_purge(tree, 10, None, NOW) == []
    assert plan_purge(tree, None, None, NOW) == []


def test_young_runs_stay_and_either_reason_is_enough(tmp_path: Path) -> None:
    tree, refs = history(tmp_path, *["succeeded"] * 5)
    assert plan_purge(tree, None, 3, NOW) == refs[:2]
    assert plan_purge(tree, 4, 1, NOW) == refs[:1]
    assert plan_purge(tree, 1, 3, NOW) == refs[:2]
    assert plan_purge(tree, None, 0, NOW) == refs[:4]
    assert plan_purge(tree, None, 1, NOW - timedelta(days=100)) == []  # a clock that went back makes nothing old


def test_what_is_needed_stays_however_old_it_is(tmp_path: Path) -> None:
    tree, refs = history(tmp_path, "succeeded", "succeeded", "failed", "failed", "stopped")
    publish(tree, refs[0])
    # The copy in latest/, the newest success, and the run that the next command goes on with.
    assert plan_purge(tree, 1, None, NOW) == [refs[2], refs[3]]
    assert plan_purge(tree, None, 0, NOW) == [refs[2], refs[3]]


def test_a_full_real_run_stays_behind_newer_offline_ones(tmp_path: Path) -> None:
    tree = folder(tmp_path)
    real = run(tree, {"a": 1}, now=NOW - timedelta(days=9))
    offline = [run(tree, {"a": n}, mode="offline", now=NOW - timedelta(days=8 - n)) for n in range(3)]
    assert plan_purge(tree, 1, None, NOW) == offline[:2]
    assert real not in plan_purge(tree, None, 0, NOW)


def test_purged_runs_are_gone_and_what_they_alone_held_is_told(tmp_path: Path) -> None:
    tree = folder(tmp_path)
    old = run(
        tree, {"a": 1}, [line("a", "k1", 1), line("b", "k2", 2)], pictures={"photo": picture()}, now=NOW - timedelta(days=2)
    )
    run(tree, {"a": 2}, [line("a", "k1", 1, "reused", reused_from=f"{old.id}#a")], now=NOW - timedelta(days=1))
    size = sum(file.stat().st_size for file in old.folder.rglob("*") if file.is_file())
    assert values_lost(tree, [old]) == 2
    done = purge(tree, 1, None, NOW)
    assert (done.runs, done.bytes, done.values) == ((old,), size, 2)
    assert done.notices == (
        "2 recorded values of press went with the old runs; if a tree asks for the same again, it is paid for again",
    )
    assert os.listdir(tree.path) == ["2026-11-20_09-30-05"]
    assert purge(tree, 1, None, NOW).notices == ()


def test_damaged_runs_are_purged_like_others(tmp_path: Path) -> None:
    tree, refs = history(tmp_path, *["succeeded"] * 3)
    (refs[0].folder / "logs.json").write_bytes(b"\xff")
    (refs[0].folder / "records.jsonl").write_bytes(b"\0")
    (refs[1].folder / "logs.json").unlink()
    (tree.path / "9999-99-99_99-99-99").mkdir()  # no time at all: counts as young
    assert stamps(plan_purge(tree, 2, None, NOW)) == ["2026-11-19", "2026-11-20"]
    assert "9999-99-99" not in stamps(plan_purge(tree, None, 0, NOW))[:-1]
    assert stamps(list(purge(tree, 2, None, NOW).runs)) == ["2026-11-19", "2026-11-20"]
