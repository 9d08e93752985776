"""How fast a repository grows: what is seen of real repositories, and what is made of it."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from genarun.client import findings
from genarun.client.doctor import examine
from genarun.client.findings import Finding
from genarun.client.growth import Facts, RunSize, growth, pace
from genarun.client.sizes import read_facts

from tests.helpers import Place
from tests.store.near import NOW, folder, run


def noise(seed: int, size: int) -> bytes:
    """What goes for a PNG, and does not get smaller by being packed."""
    return b"\x89PNG\r\n\x1a\n" + random.Random(seed).randbytes(size - 8)


def git(root: Path, *words: str) -> None:
    names = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *names, *words], cwd=root, check=True, capture_output=True)


def commit(root: Path) -> None:
    git(root, "add", "-A")
    git(root, "commit", "-q", "--allow-empty", "-m", "data")


def copy_to_latest(root: Path, stamp: str) -> None:
    latest = root / "trees/press/latest"
    shutil.rmtree(latest, ignore_errors=True)
    shutil.copytree(root / "trees/press" / stamp, latest)


@pytest.fixture
def story(tmp_path: Path) -> Path:
    """Three runs, a week apart, each committed with latest/: 200 kB; 200 kB more beside what the first made; 50 kB."""
    git(tmp_path, "init", "-q")
    first, second, third = noise(1, 200_000), noise(2, 200_000), noise(3, 50_000)
    for week, pictures in enumerate([{"a": first}, {"a": first, "b": second}, {"a": first, "b": third}]):
        made = run(folder(tmp_path), {"week": week}, now=NOW + timedelta(weeks=week), pictures=pictures)
        copy_to_latest(tmp_path, made.stamp)
        commit(tmp_path)
    return tmp_path


def near(size: int, more: int = 3_000) -> Any:
    """A size of files, and the records, summaries and outputs beside them."""
    return pytest.approx(size + more / 2, abs=more / 2)


def texts(found: Sequence[Finding]) -> list[str]:
    return [finding.what for finding in found]


# Looking -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("packed", [False, True])
def test_each_run_counts_what_no_earlier_one_had(story: Path, packed: bool) -> None:
    if packed:
        git(story, "gc", "-q")
    facts = read_facts(story)
    assert [(one.tree, one.stamp) for one in facts.runs] == [
        ("press", "2026-11-21_09-30-05"), ("press", "2026-11-28_09-30-05"), ("press", "2026-12-05_09-30-05"),
    ]  # fmt: skip
    assert [one.when for one in facts.runs] == [NOW, NOW + timedelta(weeks=1), NOW + timedelta(weeks=2)]
    assert [one.bytes for one in facts.runs] == [near(200_000), near(200_000), near(50_000)]
    assert [one.pictures for one in facts.runs] == [near(200_000, 200), near(200_000, 200), near(50_000, 200)]
    count, size = facts.kept["press"]
    assert (count, size) == (3, near(200_000 * 4 + 50_000, 20_000))
    assert facts.git is not None
    assert facts.git > 450_000
    assert facts.git == sum(path.stat().st_size for path in (story / ".git").rglob("*") if path.is_file())
    assert [size for _, size in facts.files] == [200_000, 200_000, 50_000]
    assert facts.files[0][0].startswith("trees/press/2026-11-21_09-30-05/assets/a-"), "by the run that made it, not latest/"
    assert (facts.gone, facts.shallow, facts.unread) == (frozenset(), False, False)


def test_a_run_that_was_deleted_is_still_in_the_history(story: Path) -> None:
    shutil.rmtree(story / "trees/press/2026-11-28_09-30-05")
    commit(story)
    facts = read_facts(story)
    assert facts.kept["press"] == (2, near(200_000 * 2 + 50_000, 10_000))
    assert [one.bytes for one in facts.runs] == [near(200_000), near(200_000), near(50_000)]
    assert facts.gone == {facts.files[1][0]}
    assert facts.files[1][0].startswith("trees/press/2026-11-28_09-30-05/assets/b-")
    assert ", in the history only)" in texts(list(growth(facts, NOW + timedelta(weeks=2))))[-1]


def test_a_run_that_is_not_committed_counts_as_it_lies_there_unless_git_ignores_it(story: Path) -> None:
    made = run(
        folder(story), {"week": 3}, now=NOW + timedelta(weeks=3), pictures={"a": noise(1, 200_000), "b": noise(4, 70_000)}
    )
    newest = read_facts(story).runs[-1]
    assert (newest.stamp, newest.bytes, newest.pictures) == (made.stamp, near(70_000, 6_000), 70_000)
    (story / ".gitignore").write_text("2026-12-1*/\n")
    assert [one.stamp for one in read_facts(story).runs][-1] == "2026-12-05_09-30-05"


def test_without_git_the_run_folders_alone_are_looked_at(tmp_path: Path) -> None:
    for week, pictures in enumerate([{"a": noise(1, 90_000)}, {"b": noise(1, 90_000), "c": noise(2, 20_000)}]):
        run(folder(tmp_path), {"week": week}, now=NOW + timedelta(weeks=week), pictures=pictures)
    facts = read_facts(tmp_path)
    assert facts.git is None
    assert [one.bytes for one in facts.runs] == [near(90_000, 6_000), near(20_000, 6_000)], (
        "a picture under another name is one"
    )
    found = list(growth(facts, NOW + timedelta(weeks=1)))
    assert texts(found)[0].startswith("press: 2 runs kept, 20")
    assert texts(found)[1].startswith("runs add 11")
    assert texts(found)[1].endswith(" kB a week")


def test_a_shallow_clone_tells_what_it_has(story: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    clone = tmp_path_factory.mktemp("clone")
    git(clone, "clone", "-q", "--depth", "1", f"file://{story}", ".")
    facts = read_facts(clone)
    assert facts.shallow
    assert [one.bytes for one in facts.runs] == [near(200_000), near(200_000), near(50_000)]
    assert ".git holds" in texts(list(growth(facts, NOW)))[1]
    assert "(a part: this clone is shallow)" in texts(list(growth(facts, NOW)))[1]


def test_a_project_inside_a_larger_repository(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / "film.mov").write_bytes(noise(9, 500_000))
    inner = tmp_path / "a ü" / "project"
    run(folder(inner), {"a": 1}, pictures={"a": noise(1, 80_000)})
    commit(tmp_path)
    facts = read_facts(inner)
    assert [one.bytes for one in facts.runs] == [near(80_000)]
    assert facts.files[0][1] == 80_000, "what lies outside of the project is not its growth"
    assert facts.git is not None
    assert facts.git > 580_000


def test_a_git_that_does_not_answer_leaves_the_run_folders(story: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow, real = story / "bin" / "git", shutil.which("git")
    slow.parent.mkdir()
    slow.write_text(f'#!/bin/sh\ncase "$*" in *diff-tree*) exec sleep 30;; *) exec {real} "$@";; esac\n')
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", f"{slow.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(findings, "GIT_SECONDS", 0.5)
    facts = read_facts(story)
    assert facts.unread
    assert [one.bytes for one in facts.runs] == [near(200_000, 6_000), near(200_000, 6_000), near(50_000, 6_000)]


def test_nothing_is_said_where_there_is_nothing(tmp_path: Path) -> None:
    assert read_facts(tmp_path) == Facts(runs=[], files=[])
    assert list(growth(read_facts(tmp_path), NOW)) == []
    git(tmp_path, "init", "-q")
    (found,) = growth(read_facts(tmp_path), NOW)
    assert found.ok
    assert found.what.endswith("; no run added to it in the last 8 weeks")


@pytest.mark.parametrize(("mebibytes", "committed"), [(51, True), (51, False), (101, False)])
def test_large_files_are_told_before_git_hosting_does(tmp_path: Path, mebibytes: int, committed: bool) -> None:
    place = Place(tmp_path)
    place.tree("generations:\n  - {id: film, type: text, config: {prompt: A}}\n", "press")
    git(tmp_path, "init", "-q")
    made = run(folder(tmp_path), {"a": 1})
    large = made.folder / "assets" / f"film-{'0' * 16}.mp4"
    large.parent.mkdir()
    with large.open("wb") as file:
        os.truncate(file.fileno(), mebibytes * 2**20)
    if committed:
        commit(tmp_path)
    (found,) = [one for one in examine(place.project) if "git hosting" in one.what and "MiB" in one.what]
    size = f"{mebibytes * 2**20 / 1e6:.1f} MB"
    name = f"trees/press/{made.stamp}/assets/film-0000000000000000.mp4 ({size})"
    if mebibytes > 100:
        assert found.broken
        assert found.what == f"git hosting refuses files of more than 100 MiB: {name}"
        assert "Git LFS" in found.hint
    else:
        assert not found.broken
        assert not found.ok
        assert found.what == f"git hosting warns of files of more than 50 MiB: {name}"
    if not committed:
        (tmp_path / ".gitattributes").write_text("*.mp4 filter=lfs\n")
        assert not [one for one in examine(place.project) if "MiB" in one.what], "Git LFS keeps it elsewhere"


def test_doctor_tells_it_after_everything_else(story: Path) -> None:
    place = Place(story)
    place.tree("generations:\n  - {id: a, type: text, config: {prompt: A}}\n", "press")
    found = [one for one in examine(place.project) if one.about == "growth"]
    assert found == examine(place.project)[-3:]
    assert found[0].what.startswith("press: 3 runs kept, 85")
    assert found[0].what.endswith(" kB (median of the last 3)")
    assert found[2].what.startswith("the largest files: trees/press/2026-11-21_09-30-05/assets/a-")


# Judging -------------------------------------------------------------------------------------------------------------


def runs(*sizes: tuple[float, int], pictures: int = 0) -> list[RunSize]:
    """Runs of (weeks before now, bytes), oldest first."""
    return [RunSize("press", "s", NOW - timedelta(weeks=weeks), size, pictures) for weeks, size in sizes]


@pytest.mark.parametrize(
    ("past", "weekly"),
    [
        ([], 0),
        ([(9, 5_000_000)], 0),
        ([(0.1, 4_000_000)], 4_000_000),
        ([(0.5, 4_000_000), (0.1, 4_000_000)], 8_000_000),
        ([(2, 4_000_000), (0, 4_000_000)], 4_000_000),
        ([(8, 4_000_000), (4, 4_000_000)], 1_000_000),
        ([(20, 90_000_000), (4, 8_000_000)], 1_000_000),
        ([(-1, 3_000_000)], 3_000_000),
    ],
)
def test_the_pace_is_that_of_the_last_eight_weeks(past: list[tuple[float, int]], weekly: int) -> None:
    assert pace(runs(*past), NOW) == pytest.approx(weekly)


def forecast(held: int, weekly: int, **more: Any) -> Finding:
    (found,) = growth(Facts(git=held, runs=runs((1, weekly // 2), (0, weekly // 2), **more)), NOW)
    return found


@pytest.mark.parametrize(
    ("held", "weekly", "when"),
    [
        (995_000_000, 20_000_000, "in about 1 week"),
        (900_000_000, 20_000_000, "in about 5 weeks"),
        (0, 20_000_000, "in about 11 months"),
        (0, 10_000_000, "in about 23 months"),
        (0, 5_000_000, "in about 4 years"),
        (0, 1_000_000, "in more than ten years"),
    ],
)
def test_the_forecast(held: int, weekly: int, when: str) -> None:
    found = forecast(held, weekly)
    assert found.what.endswith(f" MB a week: at this pace it reaches 1 GB, where git hosting becomes slow, {when}")
    assert found.ok == ("year" in when)
    assert bool(found.hint) != found.ok
    assert not found.broken


def test_the_advice_comes_in_its_order() -> None:
    purge = "`retention` and `genarun purge`: they make checkouts smaller, but the history keeps every file that was committed."
    assert forecast(900_000_000, 20_000_000).hint == purge
    assert forecast(900_000_000, 20_000_000, pictures=8_000_000).hint == (
        f"`assets.format: webp`, as PNG and JPEG are 80% of what the last runs added; then {purge}"
    )


def test_a_repository_that_is_too_large_already() -> None:
    found = forecast(1_200_000_000, 20_000_000)
    assert found.what == ".git holds 1.2 GB; over 1 GB git hosting becomes slow"
    assert found.hint.startswith("Only a history without the large files makes it smaller (`git filter-repo`). Beside it: ")
    assert not found.ok


def test_the_usual_run_is_the_median_of_the_last_ten() -> None:
    past = runs(*[(30, 90_000_000)] * 5, *[(2, 1_000_000)] * 6, *[(1, 3_000_000)] * 4)
    found = next(iter(growth(Facts(kept={"press": (15, 12_000_000), "gone": (0, 0)}, runs=past), NOW)))
    assert found.what == "press: 15 runs kept, 12.0 MB on the disk; a run adds 1.0 MB (median of the last 10)"


def test_a_history_that_takes_too_long_is_said() -> None:
    found = list(growth(Facts(git=500, unread=True), datetime(2026, 1, 1, tzinfo=UTC)))
    assert texts(found)[-1] == "git did not tell its history within 20 s"
    assert not found[-1].ok
