"""The wheel: what is in it, and that it works where only it is installed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "scripts" / "genarun"

TREE = """
version: 1
generations:
  - id: ideas
    type: text-array
    config: {prompt: Name three ideas.}
    validation: {minLength: 3, maxLength: 3}
    generations:
      - {id: story, type: text, config: {prompt: "Tell ${item}."}}
      - {id: picture, type: image, config: {prompt: "Draw ${item}."}}
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built without a network: the backend is among the development dependencies."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "uv", "build", "--wheel", "--no-build-isolation", "--offline", "--quiet", "--no-config"]
    env = {key: value for key, value in os.environ.items() if not key.startswith("UV_")}
    subprocess.run([*command, "--python", sys.executable, "--out-dir", str(folder), str(ROOT)], check=True, env=env)
    (found,) = folder.glob("*.whl")
    return found


def test_the_wheel_contents_are_the_package_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if not name.endswith("/")}
    assert wheel.name == "genarun-0.1.0-py3-none-any.whl"
    assert {name.split("/")[0] for name in names} == {"genarun", "genarun-0.1.0.dist-info"}
    info = {name.split("/", 1)[1] for name in names if name.startswith("genarun-")}
    assert info == {"METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE"}
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", str(PACKAGE)],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    ours = {str(Path(name).relative_to("scripts")) for name in listed.stdout.split("\0") if name and (ROOT / name).exists()}
    assert {name for name in names if name.startswith("genarun/")} == ours


@pytest.fixture
def installed(wheel: Path, tmp_path: Path) -> Path:
    """A fresh environment that holds this wheel, and borrows the dependencies. Returns its `genarun`."""
    venv.create(tmp_path / "venv", with_pip=False)
    python = tmp_path / "venv/bin/python"
    command = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--offline", "--no-config", "--no-deps", "--no-index"]
    subprocess.run([*command, "--python", str(python), str(wheel)], check=True)
    (site,) = (tmp_path / "venv/lib").glob("python*/site-packages")
    # A folder named in a .pth comes after the environment's own, and its .pth files, our sources' among them, are not read.
    (own,) = {path for path in sys.path if path.startswith(sys.prefix) and path.endswith("site-packages")}
    (site / "dependencies.pth").write_text(own + "\n")
    return tmp_path / "venv/bin/genarun"


@pytest.mark.slow
def test_the_wheel_runs_a_tree_where_only_it_is_installed(installed: Path, tmp_path: Path) -> None:
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}

    def genarun(*args: str) -> str:
        return subprocess.run([str(installed), *args], cwd=tmp_path, env=env, capture_output=True, text=True, check=True).stdout

    assert genarun("--version") == "genarun 0.1.0\n"
    where = subprocess.run(
        [str(installed.with_name("python")), "-c", "import genarun; print(genarun.__file__)"],
        env=env, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert where.startswith(str(tmp_path))

    (tmp_path / "trees/first").mkdir(parents=True)
    (tmp_path / "trees/first/config.yaml").write_text(TREE)
    (told,) = json.loads(genarun("run", "--offline", "--json"))["trees"]
    assert told["status"] == "succeeded"
    (folder,) = (tmp_path / "trees/first").glob("20*")
    output = json.loads((folder / "output.json").read_text())
    assert [sorted(idea) for idea in output["ideas"]] == [["item", "picture", "story"]] * 3
    assert all((folder / idea["picture"]).is_file() for idea in output["ideas"])
