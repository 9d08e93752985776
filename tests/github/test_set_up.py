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
