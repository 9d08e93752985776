"""The data commit on real remotes: what comes in, what is refused, and what happens where others push, too."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from genarun import run
from genarun.errors import GenarunError
from genarun.github.commit import Committed, commit_runs
from genarun.github.context import Context
from genarun.github.runs_here import RESULTS

from tests.github.acting import ROOT, Hub, git
from tests.say import says

TREE = """version: 1
inputs: {about: {default: ferries}}
generations:
  - {id: title, type: text, config: {prompt: "A title about ${about}"}}
  - {id: picture, type: image, config: {prompt: "${title}"}}
"""


def context(hub: Hub, actor: str = "anna", actor_id: str = "42") -> Context:
    url = f"https://github.com/{hub.repository}"
    return Context(
        hub.repository, "push", {}, "0" * 40, "main", actor, actor_id, "7", f"{url}/actions/runs/7", "https://github.com",
        "https://api.github.com",
    )  # fmt: skip


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hub:
    hub = Hub(tmp_path).create({"harbour": TREE, "other": TREE})
    for name, value in hub.env.items():
        monkeypatch.setenv(name, value)
    return hub


def job(hub: Hub, name: str, **options: object) -> Path:
    """A clone in which `harbour` has run, and its results as a job hands them on."""
    clone = hub.clone(name)
    result = run("harbour", clone, offline=True, **options)
    assert result.folder is not None
    for folder in (result.folder, result.folder.parent / "latest"):
        if folder.is_dir():
            shutil.copytree(folder, clone / RESULTS / folder.relative_to(clone))
    return clone


def commit(hub: Hub, clone: Path, **options: object) -> list[Committed]:
    return commit_runs(clone, clone / RESULTS, "main", context(hub), sleep=lambda _: None, **options)  # type: ignore[arg-type]


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def runs(clone: Path, tree: str = "harbour") -> list[Path]:
    return sorted(path for path in (clone / "trees" / tree).iterdir() if path.name[0].isdigit())


def test_the_branch_holds_the_very_bytes(hub: Hub) -> None:
    clone = job(hub, "one")
    (done,) = commit(hub, clone)
    assert done.latest
    seen = hub.clone()
    for name in (done.runs[0].partition("/")[2], "latest"):
        assert files(seen / "trees/harbour" / name) == files(clone / "trees/harbour" / name)


def test_what_is_there_already_is_not_committed_again(hub: Hub) -> None:
    clone = job(hub, "one")
    commit(hub, clone)
    tip = git(hub.remote, "rev-parse", "main")
    (done,) = commit(hub, clone)
    assert (done.commit, git(hub.remote, "rev-parse", "main")) == (None, tip)


def test_an_author_whom_nobody_could_be_is_the_bot(hub: Hub) -> None:
    clone = job(hub, "one")
    commit_runs(clone, clone / RESULTS, "main", context(hub, "anna\nEvil <e@x>", "4 2"))
    assert git(hub.remote, "log", "-1", "--format=%an <%ae>", "main").startswith("github-actions[bot] <41898282+")


def test_the_author_is_known_to_github(hub: Hub) -> None:
    commit(hub, job(hub, "one"))
    assert git(hub.remote, "log", "-1", "--format=%an <%ae>", "main") == "anna <42+anna@users.noreply.github.com>"


@pytest.mark.parametrize("order", ["older first", "newer first"])
def test_latest_is_the_newer_run_whichever_comes_first(hub: Hub, order: str) -> None:
    older = job(hub, "older", inputs={"about": "trams"})
    (old,) = runs(older)
    moved = old.with_name("2026-01-01_00-00-00")
    for base in (older, older / RESULTS):
        (base / "trees/harbour" / old.name).rename(base / "trees/harbour" / moved.name)
        for name in (moved.name, "latest"):
            logs = base / "trees/harbour" / name / "logs.json"
            logs.write_text(logs.read_text().replace(f"harbour/{old.name}", f"harbour/{moved.name}"))
    newer = job(hub, "newer", inputs={"about": "trains"})
    for clone in (older, newer) if order == "older first" else (newer, older):
        commit(hub, clone)
    seen = hub.clone()
    (newest,) = runs(newer)
    assert [run.name for run in runs(seen)] == [moved.name, newest.name]
    assert files(seen / "trees/harbour/latest") == files(seen / "trees/harbour" / newest.name)


def test_two_runs_of_one_second_both_stay(hub: Hub) -> None:
    one, two = job(hub, "one", inputs={"about": "trams"}), job(hub, "two", inputs={"about": "trains"})
    stamp = runs(one)[0].name
    if (other := runs(two)[0].name) != stamp:
        base = two / RESULTS / "trees/harbour"
        (base / other).rename(base / stamp)
        for name in (stamp, "latest"):
            (base / name / "logs.json").write_text((base / name / "logs.json").read_text().replace(other, stamp))
    commit(hub, one)
    (done,) = commit(hub, two)
    assert done.runs == (f"harbour/{stamp}_2",)
    seen = hub.clone()
    assert json.loads((seen / "trees/harbour" / f"{stamp}_2" / "logs.json").read_text())["run"] == f"harbour/{stamp}_2"
    assert files(seen / "trees/harbour/latest") == files(seen / "trees/harbour" / f"{stamp}_2")


def test_a_hand_edit_in_latest_outlives_a_run_that_did_not_know_it(hub: Hub) -> None:
    commit(hub, job(hub, "one", inputs={"about": "trams"}))
    late = job(hub, "late", inputs={"about": "trains"}, fresh=True)
    hub.pull()
    output = hub.work / "trees/harbour/latest/output.json"
    edited = json.loads(output.read_text()) | {"title": "By hand"}
    output.write_text(json.dumps(edited))
    hub.commit("A better title")
    (done,) = commit(hub, late)
    assert not done.latest
    assert done.notices == [
        "somebody edited latest/ meanwhile (output.json at title); `genarun pin harbour` keeps that for later runs"
    ]
    seen = hub.clone()
    assert json.loads((seen / "trees/harbour/latest/output.json").read_text())["title"] == "By hand"
    assert len(runs(seen)) == 2


def test_a_file_that_git_would_refuse_is_left_out_and_named(hub: Hub) -> None:
    clone = job(hub, "one")
    (done,) = commit(hub, clone, limit=20_000)
    assert len(done.notices) == 1
    assert "GitHub takes no file above" in done.notices[0]
    assert "format: webp" in done.notices[0]
    seen = hub.clone()
    assert not list(seen.glob("trees/harbour/*/assets/*"))
    assert len(list(seen.glob("trees/harbour/*/records.jsonl"))) == 2


def test_a_tree_that_was_removed_meanwhile(hub: Hub) -> None:
    clone = job(hub, "one")
    shutil.rmtree(hub.work / "trees/harbour")
    hub.commit("No harbour")
    (done,) = commit(hub, clone)
    assert done.notices == ["trees/harbour is no longer in the branch, so its runs are left out"]
    assert git(hub.remote, "log", "-1", "--format=%s", "main") == "No harbour"


def test_a_branch_that_is_gone(hub: Hub) -> None:
    clone = job(hub, "one")
    with pytest.raises(GenarunError) as caught:
        commit_runs(clone, clone / RESULTS, "feature", context(hub))
    says(
        caught.value,
        "branch-gone",
        """
        there is no branch `feature` any longer
          → It was deleted while the run went on. The runs are in this workflow's artifact, for a week.
        """,
    )


def hook(hub: Hub, name: str, script: str) -> None:
    path = hub.remote / "hooks" / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_a_branch_that_is_protected(hub: Hub) -> None:
    hook(hub, "pre-receive", "exit 1")
    clone = job(hub, "one")
    with pytest.raises(GenarunError) as caught:
        commit(hub, clone)
    assert caught.value.code == "push-refused"
    assert "pre-receive hook declined" in caught.value.what
    caught.value.what = "the repository refuses pushes to `main`: …"
    says(
        caught.value,
        "push-refused",
        """
        the repository refuses pushes to `main`: …
          → Where a rule protects the branch, let `github-actions` bypass it, or run on another branch.
        """,
    )


def test_a_remote_that_is_away(hub: Hub) -> None:
    clone = job(hub, "one")
    hub.remote.rename(hub.folder / "away.git")
    with pytest.raises(GenarunError) as caught:
        commit(hub, clone)
    assert "does not appear to be a git repository" in caught.value.what
    caught.value.what = "git could not fetch: …"
    says(
        caught.value,
        "git-failed",
        """
        git could not fetch: …
          → Re-run the failed job: it takes the runs from the artifact, and pays for nothing again.
        """,
    )


def fake_git(hub: Hub, said: str) -> None:
    """A git that pushes nothing, and says why as GitHub does."""
    real = shutil.which("git")
    place = hub.folder / "bin"
    place.mkdir()
    script = f'#!/bin/sh\ncase "$1" in push) echo "{said}" >&2; exit 128;; esac\nexec {real} "$@"\n'
    (place / "git").write_text(script)
    (place / "git").chmod(0o755)


def test_a_token_that_may_not_push(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    clone = job(hub, "one")
    fake_git(hub, "remote: Permission to anna/exhibition.git denied to github-actions[bot]. error: 403")
    monkeypatch.setenv("PATH", f"{hub.folder / 'bin'}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(GenarunError) as caught:
        commit(hub, clone)
    says(
        caught.value,
        "push-forbidden",
        """
        the workflow's token may not push
          → The job needs `contents: write`; an organisation can forbid that under Settings, Actions, General.
        """,
    )


def test_a_branch_that_never_stands_still(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    clone = job(hub, "one")
    fake_git(hub, "! [rejected] main -> main (fetch first)")
    monkeypatch.setenv("PATH", f"{hub.folder / 'bin'}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(GenarunError) as caught:
        commit(hub, clone)
    says(
        caught.value,
        "push-raced",
        """
        others kept pushing to `main`, so that the runs could not be added after 12 tries
          → Re-run the failed job: it takes the runs from the artifact, and pays for nothing again.
        """,
    )


HOSTILE = {
    "a config": lambda base: (base / "trees/harbour/config.yaml").write_text("version: 1"),
    "an override": lambda base: (base / "trees/harbour/overrides.yaml").write_text("{}"),
    "a workflow": lambda base: ((base / ".github").mkdir(), (base / ".github/x.yaml").write_text("")),
    "a link": lambda base: (stamp(base) / "output.md").symlink_to("/etc/passwd"),
    "a linked folder": lambda base: (stamp(base) / "assets").symlink_to("/etc"),
    "a hidden asset": lambda base: (assets(base) / ".gitattributes").write_text(""),
    "an asset in a folder": lambda base: ((assets(base) / "x").mkdir(), (assets(base) / "x/y.png").write_text("")),
    "a line break": lambda base: (assets(base) / "a\nb.png").write_text(""),
    "a tab and a quote": lambda base: (assets(base) / 'a\t"b.png').write_text(""),
    "a backslash": lambda base: (assets(base) / "..\\x.png").write_text(""),
    "two of one name": lambda base: [(assets(base) / name).write_text("") for name in ("A.png", "a.png")],
    "a stranger": lambda base: (stamp(base) / "run.sh").write_text(""),
    "a tree's name": lambda base: (base / "trees/$(id)").mkdir(),
    "a pipe": lambda base: os.mkfifo(stamp(base) / "output.md"),
}


def stamp(base: Path) -> Path:
    return next(path for path in (base / "trees/harbour").iterdir() if path.name[0].isdigit())


def assets(base: Path) -> Path:
    folder = stamp(base) / "assets"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.mark.parametrize("kind", HOSTILE)
def test_what_no_run_writes_is_refused_before_anything_is_committed(hub: Hub, kind: str) -> None:
    clone = job(hub, "one")
    shutil.rmtree(stamp(clone / RESULTS) / "assets")
    (clone / RESULTS / "trees" / "harbour" / "2020-01-01_00-00-00").mkdir()
    HOSTILE[kind](clone / RESULTS)
    tip = git(hub.remote, "rev-parse", "main")
    with pytest.raises(GenarunError) as caught:
        commit(hub, clone)
    assert caught.value.code == "results-refused"
    assert git(hub.remote, "rev-parse", "main") == tip


def test_a_sparse_and_shallow_clone_is_enough(hub: Hub) -> None:
    commit(hub, job(hub, "one", inputs={"about": "trams"}))
    clone = job(hub, "two", inputs={"about": "trains"})
    place = hub.folder / "shallow"
    git(hub.folder, "clone", "-q", "--depth=1", "--filter=blob:none", "--sparse", f"file://{hub.remote}", str(place))
    commit_runs(place, clone / RESULTS, "main", context(hub))
    assert len(runs(hub.clone())) == 2


def test_twenty_pushes_at_once(hub: Hub) -> None:
    """Real git, real processes: every run ends committed, none lost, none mixed, and history is linear."""
    made = {}
    for number in range(20):
        clone = job(hub, f"job{number}", inputs={"about": f"number {number}"})
        made[files(runs(clone)[0])["output.json"]] = number
    script = (
        "import sys; from pathlib import Path; from tests.github.test_commit import *; "
        "hub = Hub(Path(sys.argv[1])); clone = Path(sys.argv[2]); "
        "print(commit_runs(clone, clone / RESULTS, 'main', context(hub))[0].runs[0])"
    )
    env = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    started = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(hub.folder), str(hub.folder / f"job{number}")],
            env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for number in range(20)
    ]  # fmt: skip
    for process in started:
        _, err = process.communicate(timeout=200)
        assert process.returncode == 0, err
    seen = hub.clone()
    assert {(run / "output.json").read_bytes() for run in runs(seen)} == set(made)
    assert len(runs(seen)) == 20
    assert git(seen, "log", "--merges", "--format=%h") == ""
    assert len(git(seen, "log", "--format=%h").splitlines()) == 21
    for run_ in runs(seen):
        assert json.loads((run_ / "logs.json").read_text())["run"] == f"harbour/{run_.name}"
    assert files(seen / "trees/harbour/latest") in [files(run_) for run_ in runs(seen)]
