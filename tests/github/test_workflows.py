"""What the workflows promise, read from their files: who holds what, and what they pin."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from genarun.providers.registry import provider_infos

from tests.github.acting import ROOT, WORKFLOWS

BIN = Path(sys.prefix) / "bin"
FILES = sorted(WORKFLOWS.glob("*.yaml"))
READ = {"contents", "copilot-requests"}
"""What a job beside a key may have: to read the repository, and to ask Copilot, which writes nothing."""


class Loader(yaml.SafeLoader):
    """YAML 1.2's idea of `on`."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if tag != "tag:yaml.org,2002:bool"]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def load(path: Path) -> dict[str, Any]:
    found = yaml.load(path.read_text(), Loader)
    assert isinstance(found, dict)
    return found


def jobs(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from load(path)["jobs"].items()


EVERY_JOB = [pytest.param(path, name, job, id=f"{path.stem}-{name}") for path in FILES for name, job in jobs(path)]


def texts(value: Any) -> str:
    return yaml.safe_dump(value)


def test_zizmor_has_nothing_to_say() -> None:
    done = subprocess.run(
        [BIN / "zizmor", "--offline", "--persona", "pedantic", "--no-progress", ".github"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    assert "No findings to report" in done.stdout + done.stderr


def test_actionlint_has_nothing_to_say() -> None:
    done = subprocess.run([BIN / "actionlint", *FILES], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_workflow_grants_nothing_by_itself(path: Path) -> None:
    assert load(path)["permissions"] == {}


@pytest.mark.parametrize(("path", "name", "job"), EVERY_JOB)
def test_a_job_ends_in_time_and_runs_one_command_a_step(path: Path, name: str, job: dict[str, Any]) -> None:
    if "uses" in job:
        assert job["uses"].startswith("$/.github/workflows/")
        return
    assert 0 < job["timeout-minutes"] <= 360
    for step in job["steps"]:
        if "run" in step:
            assert "\n" not in step["run"].strip()
            assert "${{" not in step["run"], "an expression in a command is how text becomes code"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_actions_of_others_are_pinned_to_a_commit_with_its_version(path: Path) -> None:
    for line in path.read_text().splitlines():
        if (found := re.search(r"uses: (\S+)(.*)", line)) and not found[1].startswith(("$/", "./")):
            assert re.fullmatch(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}", found[1]), line
            assert re.fullmatch(r" # v\d+\.\d+\.\d+", found[2]), line


@pytest.mark.parametrize(("path", "name", "job"), EVERY_JOB)
def test_no_checkout_keeps_its_credentials(path: Path, name: str, job: dict[str, Any]) -> None:
    for step in job.get("steps", ()):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] == "false"


@pytest.mark.parametrize(("path", "name", "job"), EVERY_JOB)
def test_no_job_holds_a_key_beside_a_token_that_writes_or_npm(path: Path, name: str, job: dict[str, Any]) -> None:
    """A job that calls another workflow holds nothing itself: that workflow's jobs are looked at in their own file."""
    if "uses" in job:
        assert job["secrets"] != "inherit"
        return
    said = texts(job)
    if not re.search(r"secrets\.(?!GITHUB_TOKEN)\w+", said):
        return
    writes = {right for right, level in (job.get("permissions") or {}).items() if level == "write"}
    assert writes <= READ, f"{name} holds a key and may write {writes - READ}"
    assert not re.search(r"\bnpm\b|\bnpx\b|\bnode\b", said), f"{name} holds a key and runs npm"
    assert not re.search(r"actions/cache", said), f"{name} holds a key and a cache"


@pytest.mark.parametrize(("path", "name", "job"), EVERY_JOB)
def test_a_key_is_given_to_one_step_and_only_where_its_trees_ask_with_it(path: Path, name: str, job: dict[str, Any]) -> None:
    steps = [step for step in job.get("steps", ()) if "secrets." in texts(step)]
    assert len(steps) <= 1
    assert "secrets." not in texts({**job, "steps": [], "secrets": {}})
    for step in steps:
        for variable, value in step["env"].items():
            if "secrets." in value:
                assert value == f"${{{{ contains(matrix.group.keys, '{variable}') && secrets.{variable} || '' }}}}"


def test_the_workflows_pass_on_the_key_of_every_provider() -> None:
    known = {info.key_env for info in provider_infos().values() if info.key_env} - {"GITHUB_TOKEN"}
    run = load(WORKFLOWS / "run.yaml")
    declared = set(run["on"]["workflow_call"]["secrets"])
    assert known <= declared
    (step,) = [step for step in run["jobs"]["run"]["steps"] if step.get("run", "").endswith("ci run")]
    assert {name for name, value in step["env"].items() if "secrets." in value} == declared
    for path in FILES:
        for _, job in jobs(path):
            if job.get("uses", "").endswith("/run.yaml"):
                assert set(job["secrets"]) == declared
