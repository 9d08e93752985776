"""The library: four functions, and a client that code can move away from by changing one line."""

from __future__ import annotations

import subprocess
import threading
from pathlib import Path
from typing import Any

import genarun
import pytest
from genarun.client import LocalClient
from genarun.client.changed import changed_trees
from genarun.errors import GenarunError, SetupError

from tests.engine.test_story import ZOO, zoo
from tests.helpers import Place
from tests.say import says
from tests.services.openai_service import OpenAIService, error


@pytest.fixture
def service():
    with OpenAIService(answer=zoo("ant", "bee")) as running:
        yield running


@pytest.fixture
def place(tmp_path: Path, service: OpenAIService, monkeypatch: pytest.MonkeyPatch) -> Place:
    made = Place(tmp_path, service)
    made.tree(ZOO)
    for name, value in made.env.items():
        monkeypatch.setenv(name, value)
    return made


def test_the_four_functions(place: Place) -> None:
    from genarun import load_tree, plan, run, start

    tree = load_tree("t", place.root)
    assert tree.spec.title == "A zoo in words"
    assert plan(tree, place.root).calls == 5
    result = run("t", place.root)
    assert result.status == "succeeded"
    again = start("t", place.root).wait(20)
    assert again.unchanged
    assert set(genarun.__all__) >= {"load_tree", "plan", "run", "start", "LocalClient"}
    with pytest.raises(AttributeError):
        _ = genarun.nothing  # type: ignore[attr-defined]


def test_the_local_client(place: Place) -> None:
    client = LocalClient(place.root)
    updates: list[dict[str, Any]] = []
    ended = threading.Event()
    heard: list[dict[str, Any]] = []

    def hook(detail: dict[str, Any]) -> None:
        heard.append(detail)
        ended.set()

    output = client.run("t", on_update=updates.append, done_hook=hook)
    assert [entry["item"] for entry in output["animals"]] == ["ant", "bee"]
    assert ended.wait(10)
    assert heard[0]["status"] == "succeeded"
    assert heard[0]["totals"]["calls"] == 8
    assert {one["event"] for one in updates} == {"run", "done", "end"}
    assert updates[-1]["calls"] == 8
    whole = client.run("t", detailed_response=True, fresh=True)
    assert len(whole["records"]) == 8
    assert whole["records"][0]["request"]["messages"]
    run_id = client.start("t")
    assert client.wait(run_id, 20) == output
    assert client.detailed_response(run_id)["unchanged"]


def test_a_started_run_can_be_stopped(tmp_path: Path) -> None:
    with OpenAIService(answer=zoo("ant", "bee"), latency=0.1) as service:
        place = Place(tmp_path, service)
        place.tree(ZOO)
        client = LocalClient(place.root, place.env)
        first = threading.Event()
        run_id = client.start("t", on_update=lambda update: first.set())
        assert first.wait(10)
        client.stop(run_id)
        assert client.detailed_response(run_id)["status"] == "stopped"


def test_a_run_without_output_raises(tmp_path: Path) -> None:
    def refuse(body: dict[str, Any]) -> Any:
        raise error(400, "never")

    with OpenAIService(answer=refuse) as service:
        place = Place(tmp_path, service)
        place.tree("""
            errorPolicy: {returnPartialResults: false}
            generations:
              - {id: a, type: text, config: {prompt: Say a}}
        """)
        with pytest.raises(GenarunError) as raised:
            LocalClient(place.root, place.env).run("t")
        failed = place.records()[0]["error"]
        says(
            raised.value,
            "run-without-output",
            f"""
            t/{place.runs()[0]}: the run left no output: {failed["message"]}
              → {failed.get("hint") or f"`genarun show t/{place.runs()[0]}` shows what happened."}
            """,
        )


def git(root: Path, *words: str) -> str:
    who = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    return subprocess.run(["git", *who, *words], cwd=root, check=True, capture_output=True, text=True).stdout.strip()


def test_what_changed_since_a_revision(place: Place) -> None:
    place.tree("generations:\n  - {id: a, type: text, config: {prompt: Say a}}\n", "alone")
    place.tree(
        "inputs: {zoo: {type: any, from: t}}\n"
        'generations:\n  - {id: a, type: text, config: {prompt: "On ${zoo}"}}\n', "reader",
    )  # fmt: skip
    project = place.project

    def changed(since: str = "HEAD") -> list[str]:
        return changed_trees(place.root, since, project.load())

    git(place.root, "init", "-q")
    git(place.root, "add", ".")
    git(place.root, "commit", "-qm", "all")
    assert changed() == []
    place.write("trees/t/2026-01-01_00-00-00/output.json", "{}")
    assert changed() == [], "runs are no change"
    place.write("trees/t/latest/output.json", "{}")
    assert changed() == ["reader"], "what it reads is one, and the tree itself is not"
    place.write("trees/alone/prompts/a.md", "x")
    assert changed() == ["alone", "reader"], "a file that git does not know yet counts"
    place.write("trees/t/overrides.yaml", "")
    assert changed() == ["alone", "t", "reader"], "and so does what reads a changed tree"
    git(place.root, "add", ".")
    git(place.root, "commit", "-qm", "more")
    assert changed() == []
    assert changed("HEAD~1") == ["alone", "t", "reader"]
    place.write("trees/defaults.yaml", "retention: {runs: 3}\n")
    assert changed() == ["alone", "t", "reader"]
    assert project.changed("HEAD") == ["alone", "t", "reader"]


def test_a_revision_that_git_does_not_know(place: Place) -> None:
    git(place.root, "init", "-q")
    git(place.root, "add", ".")
    git(place.root, "commit", "-qm", "all")
    with pytest.raises(SetupError) as raised:
        changed_trees(place.root, "no-such-branch", [])
    says(
        raised.value,
        "revision-unknown",
        """
        --changed no-such-branch: git knows no such commit
          → Give a commit, branch or tag. In a shallow clone, fetch more history first: `git fetch --unshallow`.
        """,
    )


def test_no_repository(tmp_path: Path) -> None:
    with pytest.raises(SetupError) as raised:
        changed_trees(tmp_path, "HEAD", [])
    says(
        raised.value,
        "no-repository",
        f"""
        {tmp_path}: --changed needs a git repository, and this folder is in none
          → Run it without --changed, or `git init` and commit first.
        """,
    )
