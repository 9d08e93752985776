"""A person pushes, and finds a run: the whole workflow under act, read back from a second clone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.github.acting import ZEROS, Hub, git
from tests.services.openai_service import KEY, OpenAIService

TREE = """version: 1
generations:
  - {id: title, type: text, config: {prompt: "A title for an exhibition about ferries"}}
"""
PAIR = {
    "first": TREE,
    "second": """version: 1
inputs: {told: {from: first}}
generations:
  - {id: echo, type: template, config: {prompt: "Now showing: ${told.title}"}}
""",
}
TWO_NODES = """version: 1
errorPolicy: {maxRetries: 0}
generations:
  - {id: good, type: text, config: {prompt: "Say ferry"}}
  - {id: bad, type: text, config: {prompt: "Say tram, after ${good}"}}
"""


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    return Hub(tmp_path)


def runs(clone: Path, tree: str) -> list[Path]:
    return sorted(path for path in (clone / "trees" / tree).iterdir() if path.name[0].isdigit())


def summary(run: Path) -> dict[str, object]:
    return json.loads((run / "logs.json").read_text())


def test_the_first_push_without_a_key_is_green_and_says_what_to_add(hub: Hub) -> None:
    hub.create({"harbour": TREE})
    acted = hub.act("regenerate", "push", hub.push_event(ZEROS, git(hub.work, "rev-parse", "HEAD")))
    assert acted.code == 0, acted.log
    assert "<code>OPENAI&#95;API&#95;KEY</code>: get a key at https://platform.openai.com/api-keys" in acted.summary
    assert "https://github.com/anna/exhibition/settings/secrets/actions/new" in acted.summary
    assert "`GENARUN_OFFLINE`" in acted.summary
    assert git(hub.remote, "log", "--format=%s", "main") == "Initial commit"


def test_a_push_is_run_committed_and_found_by_somebody_else(hub: Hub) -> None:
    hub.variables["GENARUN_OFFLINE"] = "1"
    hub.create(PAIR)
    acted = hub.act("regenerate", "push", hub.push_event(ZEROS, git(hub.work, "rev-parse", "HEAD")))
    assert acted.code == 0, acted.log
    clone = hub.clone()
    (run,) = runs(clone, "first")
    output = json.loads((clone / "trees/first/latest/output.json").read_text())
    assert json.loads((run / "output.json").read_text()) == output
    # They read one another, so one job ran them, the read one first.
    echo = json.loads((clone / "trees/second/latest/output.json").read_text())
    assert echo == {"echo": f"Now showing: {output['title']}"}
    # One commit for each tree, by the person, with what it cost.
    said = git(clone, "log", "--format=%an|%cn|%s", "main").splitlines()
    assert said == [
        "anna|github-actions[bot]|second: 0 calls, 0 reused, free",
        "anna|github-actions[bot]|first: 1 call, 0 reused, free",
        "Anna|Anna|Initial commit",
    ]
    body = git(clone, "log", "-1", "--format=%(trailers:only,unfold)", "HEAD~1")
    assert f"Genarun-Run: first/{run.name}" in body
    assert "Co-authored-by: github-actions[bot] <41898282+github-actions[bot]@users.noreply.github.com>" in body
    assert "### ✅ first: succeeded" in acted.summary
    assert "**1 call** · **0 reused** · **free**" in acted.summary
    readme = (clone / "readme.md").read_text()
    assert f"| [first](trees/first/latest) | ✅ [{run.name[:10]}" in readme
    assert git(clone, "status", "--porcelain") == ""


def test_an_unchanged_push_calls_nothing_and_commits_nothing(hub: Hub) -> None:
    hub.variables["GENARUN_OFFLINE"] = "1"
    hub.create({"harbour": TREE})
    first = git(hub.work, "rev-parse", "HEAD")
    hub.act("regenerate", "push", hub.push_event(ZEROS, first))
    hub.pull()
    before = git(hub.work, "rev-parse", "HEAD")
    (hub.work / "notes.txt").write_text("nothing of a tree")
    after = hub.commit("Notes")
    acted = hub.act("regenerate", "push", hub.push_event(before, after))
    assert acted.code == 0, acted.log
    assert "No tree has to run." in acted.summary
    # Run by hand although nothing changed: everything is reused.
    acted = hub.act("regenerate", "workflow_dispatch", hub.event(ref="refs/heads/main", inputs={"tree": "all"}))
    assert acted.code == 0, acted.log
    assert "nothing changed, so nothing was called" in acted.summary
    assert git(hub.remote, "rev-parse", "main") == after


def test_a_key_reaches_only_the_step_that_runs(hub: Hub) -> None:
    with OpenAIService(answer=lambda body: "The Last Ferry") as service:
        hub.secrets = {"OPENAI_API_KEY": KEY, "REPLICATE_API_TOKEN": "r8_not-needed-here"}
        hub.environ["OPENAI_BASE_URL"] = service.url
        hub.create({"harbour": TREE})
        acted = hub.act("regenerate", "push", hub.push_event(ZEROS, git(hub.work, "rev-parse", "HEAD")))
        assert acted.code == 0, acted.log
        assert len(service.asked) == 1
    clone = hub.clone()
    assert json.loads((clone / "trees/harbour/latest/output.json").read_text()) == {"title": "The Last Ferry"}
    everything = b"".join(path.read_bytes() for path in clone.rglob("*") if path.is_file())
    assert KEY.encode() not in everything
    assert KEY not in acted.log


def test_a_run_that_fails_is_committed_and_the_next_one_goes_on(hub: Hub) -> None:
    broken = True

    def answer(body: dict[str, object]) -> str:
        from tests.services.web import Refuse

        if broken and "tram" in str(body):
            raise Refuse(400, "no trams here")
        return "fine"

    with OpenAIService(answer=answer) as service:
        hub.secrets = {"OPENAI_API_KEY": KEY}
        hub.environ["OPENAI_BASE_URL"] = service.url
        hub.create({"harbour": TWO_NODES})
        acted = hub.act("regenerate", "push", hub.push_event(ZEROS, git(hub.work, "rev-parse", "HEAD")))
        assert acted.code != 0
        assert "*Re-run failed jobs* goes on where it stopped" in acted.summary
        (run,) = runs(hub.clone(), "harbour")
        assert summary(run)["status"] == "partial"
        assert not (run.parent / "latest").exists()
        assert git(hub.remote, "log", "-1", "--format=%s", "main").endswith(", partial")
        broken = False
        asked = len(service.asked)
        acted = hub.act("regenerate", "repository_dispatch", hub.event(action="genarun", client_payload={"tree": "harbour"}))
        assert acted.code == 0, acted.log
        assert len(service.asked) == asked + 1
    (again,) = runs(hub.clone(), "harbour")
    assert (again.name, summary(again)["status"]) == (run.name, "succeeded")


def test_a_dispatch_takes_inputs_and_one_budget_for_all(hub: Hub) -> None:
    hub.variables["GENARUN_OFFLINE"] = "1"
    town = """version: 1
inputs: {town: {default: Trieste}}
generations:
  - {id: line, type: template, config: {prompt: "From ${town}"}}
"""
    hub.create({"harbour": town})
    inputs = {"tree": "harbour", "inputs": '{"town": "Lisboa; $(touch pwned) `id` ${{ github.token }}"}', "budget": "1.50"}
    acted = hub.act("regenerate", "workflow_dispatch", hub.event(ref="refs/heads/main", inputs=inputs))
    assert acted.code == 0, acted.log
    output = json.loads((hub.clone() / "trees/harbour/latest/output.json").read_text())
    assert output == {"line": "From Lisboa; $(touch pwned) `id` ${{ github.token }}"}


def test_a_schedule_runs_what_its_variable_names_and_nothing_without_it(hub: Hub) -> None:
    hub.variables["GENARUN_OFFLINE"] = "1"
    hub.create({"harbour": TREE, "other": TREE})
    acted = hub.act("regenerate", "schedule", hub.event(schedule="17 5 * * *"))
    assert acted.code == 0, acted.log
    assert "Plan" not in acted.log
    hub.variables["GENARUN_SCHEDULE"] = "harbour"
    acted = hub.act("regenerate", "schedule", hub.event(schedule="17 5 * * *"))
    assert acted.code == 0, acted.log
    clone = hub.clone()
    assert len(runs(clone, "harbour")) == 1
    assert runs(clone, "other") == []


def test_the_template_itself_runs_nothing(hub: Hub) -> None:
    hub.create({"harbour": TREE})
    payload = hub.push_event(ZEROS, git(hub.work, "rev-parse", "HEAD"))
    payload["repository"]["is_template"] = True
    acted = hub.act("regenerate", "push", payload)
    assert acted.code == 0
    assert "Plan" not in acted.log


def test_a_fault_in_a_tree_is_told_where_it_is_and_calls_nothing(hub: Hub) -> None:
    hub.variables["GENARUN_OFFLINE"] = "1"
    hub.create({"harbour": TREE.replace("prompt:", "prmpt:")})
    acted = hub.act("regenerate", "push", hub.push_event(ZEROS, git(hub.work, "rev-parse", "HEAD")))
    assert acted.code != 0
    assert "trees/harbour/config.yaml:3:" in acted.summary
    assert "Did you mean “prompt”?" in acted.summary


def test_old_runs_go_by_their_retention_and_what_is_needed_stays(hub: Hub) -> None:
    hub.create({"harbour": f"{TREE}retention: {{runs: 1}}\n"})
    hub.variables["GENARUN_OFFLINE"] = "1"
    hub.act("regenerate", "push", hub.push_event(ZEROS, git(hub.work, "rev-parse", "HEAD")))
    hub.pull()
    (run,) = runs(hub.work, "harbour")
    for name in ("2026-01-01_00-00-00", "2026-01-02_00-00-00"):
        target = run.with_name(name)
        target.mkdir()
        for file in run.iterdir():
            (target / file.name).write_bytes(file.read_bytes().replace(run.name.encode(), name.encode()))
    hub.commit("Older runs")
    acted = hub.act("retention", "schedule", hub.event(schedule="41 4 * * 0"))
    assert acted.code == 0, acted.log
    clone = hub.clone()
    assert [path.name for path in runs(clone, "harbour")] == [run.name]
    assert (clone / "trees/harbour/latest/output.json").is_file()
    assert git(clone, "log", "-1", "--format=%s") == "Retention: 2 old runs deleted"
    assert hub.act("retention", "schedule", hub.event(schedule="41 4 * * 0")).code == 0
    assert git(hub.remote, "log", "-1", "--format=%s", "main") == "Retention: 2 old runs deleted"
