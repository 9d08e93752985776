"""The engine as a runner installs it: nothing is there but git and a Python, everything comes from the lock."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.github.acting import ROOT, ZEROS, Hub, git

TREE = """version: 1
generations:
  - {id: title, type: text, config: {prompt: "A title for an exhibition about ferries"}}
"""


@pytest.mark.slow
def test_a_runner_installs_the_engine_and_runs(tmp_path: Path) -> None:
    hub = Hub(tmp_path)
    hub.variables["GENARUN_OFFLINE"] = "1"
    hub.environ |= {"GENARUN_VENV": "", "PYTHONPATH": ""}  # the registries of packages may be reached
    hub.create({"harbour": TREE})
    # All that the package is made of, as the copy of a template holds it.
    for name in git(ROOT, "ls-files", "scripts", "uv.lock", "pyproject.toml", "license", "LICENSE", "readme.md").splitlines():
        target = hub.work / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target)
    tip = hub.commit("The engine")
    acted = hub.act("regenerate", "push", hub.push_event(ZEROS, tip))
    assert acted.code == 0, acted.log
    assert "Setting up .venv with Python" in acted.log
    (run,) = [path for path in (hub.clone() / "trees/harbour").iterdir() if path.name[0].isdigit()]
    assert json.loads((run / "logs.json").read_text())["status"] == "succeeded"


@pytest.mark.parametrize("code", [0, 1])
def test_the_tests_of_the_engine_are_what_ci_runs(tmp_path: Path, code: int) -> None:
    """Another `.ci/run` in the place of ours, which takes a quarter of an hour: what is tried is the workflow."""
    hub = Hub(tmp_path).create({"harbour": TREE})
    (hub.work / ".ci").mkdir()
    (hub.work / ".ci/run").write_text(f'git rev-parse HEAD; echo "token: ${{GITHUB_TOKEN:-none}}"; exit {code}\n')
    tip = hub.commit("Tests")
    acted = hub.act("test", "push", hub.push_event(ZEROS, tip))
    assert (acted.code == 0) == (code == 0)
    assert tip in acted.log
    assert "token: none" in acted.log
