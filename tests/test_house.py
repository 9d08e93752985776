"""The house holds: it sets itself up on a bare machine, its lock is true, and its modules stay small."""

from __future__ import annotations

import ast
import hashlib
import importlib.metadata
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PYTHONS = ("python3", "python3.14", "python3.13", "python3.12", "python3.11", "python")

UV = """#!/bin/sh
[ "$1" = --version ] && exit 0
[ "$2" = --help ] && echo --no-python-downloads && exit 0
echo "$*" >> "$LOG"
echo "cache $UV_CACHE_DIR" >> "$LOG"
mkdir -p .venv/bin
for name in python genarun; do printf '#!/bin/sh\\n' > .venv/bin/$name; chmod +x .venv/bin/$name; done
"""


class Machine:
    """A machine with nothing but a shell's own tools, and a copy of the project's set-up files."""

    def __init__(self, folder: Path) -> None:
        self.bin, self.project, self.home, self.log = folder / "bin", folder / "project", folder / "home", folder / "log"
        for made in (self.bin, self.home, self.project / "scripts"):
            made.mkdir(parents=True)
        for tool in ("sh", "cat", "cksum", "dirname", "grep", "rm", "mkdir", "chmod", "env"):
            (self.bin / tool).symlink_to(str(shutil.which(tool)))
        for name in ("setup.sh", "fetch_uv.py"):
            shutil.copy(ROOT / "scripts" / name, self.project / "scripts")
        (self.project / "pyproject.toml").write_text("# a project\n")
        self.lock("http://127.0.0.1:1/uv-9.9.9-py3-none-musllinux_1_1_x86_64.whl", "sha256:0")

    def lock(self, url: str, digest: str) -> None:
        """A lock that names one file of uv for every platform."""
        names = [
            f'{{ url = "{url}#{tag}", hash = "{digest}" }}'
            for tag in ("musllinux_1_1_x86_64", "musllinux_1_1_aarch64", "macosx_10_12_x86_64", "macosx_11_0_arm64")
        ]
        text = f'[[package]]\nname = "uv"\nversion = "9.9.9"\nwheels = [{", ".join(names)}]\n'
        (self.project / "uv.lock").write_text(text)

    def program(self, name: str, text: str) -> None:
        (self.bin / name).write_text(text)
        (self.bin / name).chmod(0o755)

    def python(self, name: str, *, bare: bool = False) -> None:
        """A real Python by this name. bare: as Debian ships it, without venv and pip."""
        refuse = 'case "$*" in *ensurepip*) exit 1;; esac\n' if bare else ""
        # It must call itself by its own name: set-up asks for `sys.executable` and goes on with that.
        own = f'case "$*" in *"print(sys.executable)"*) echo {self.bin / name}; exit 0;; esac\n'
        self.program(name, f'#!/bin/sh\n{refuse}{own}exec {sys.executable} "$@"\n')

    def too_old(self, name: str) -> None:
        self.program(name, "#!/bin/sh\nexit 1\n")

    def setup(self, **env: str) -> subprocess.CompletedProcess[str]:
        given = {"PATH": str(self.bin), "HOME": str(self.home), "LOG": str(self.log), **env}
        command = [str(self.bin / "sh"), "scripts/setup.sh"]
        return subprocess.run(command, cwd=self.project, env=given, capture_output=True, text=True, check=False)

    @property
    def asked(self) -> list[str]:
        """What uv was asked, one line a time."""
        return self.log.read_text().splitlines() if self.log.exists() else []


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_setup_says_what_to_install_where_there_is_no_python(machine: Machine) -> None:
    machine.too_old("python3")
    done = machine.setup()
    assert done.returncode == 2
    assert done.stderr == (
        "setup: no Python 3.11 or newer found\n"
        "  → Install one (Debian, Ubuntu: sudo apt install python3; macOS: brew install python), "
        "or name one: make setup PYTHON=/path/to/python3\n"
    )


def test_setup_refuses_a_chosen_python_that_is_too_old(machine: Machine) -> None:
    machine.python("python3")
    machine.too_old("old")
    done = machine.setup(PYTHON="old")
    assert (done.returncode, done.stderr) == (
        2,
        "setup: PYTHON=old is not a Python 3.11 or newer\n  → Give the path of one, or leave PYTHON unset.\n",
    )


def test_setup_finds_a_newer_python_beside_an_old_one_and_downloads_none(machine: Machine) -> None:
    machine.too_old("python3")
    machine.python("python3.12")
    machine.program("uv", UV)
    done = machine.setup()
    assert done.returncode == 0, done.stderr
    wanted = f"sync --frozen --no-python-downloads --python {machine.bin / 'python3.12'} --quiet"
    assert machine.asked == [wanted, "cache "]
    assert (machine.project / ".venv/bin/genarun").exists()


def test_setup_does_nothing_until_something_changes(machine: Machine) -> None:
    machine.python("python3")
    machine.program("uv", UV)
    machine.setup()
    again = machine.setup()
    assert (again.returncode, again.stdout, again.stderr, len(machine.asked)) == (0, "", "", 2)
    (machine.project / "pyproject.toml").write_text("# changed\n")
    machine.setup()
    assert len(machine.asked) == 4
    (machine.project / ".venv/bin/genarun").unlink()
    machine.setup()
    assert len(machine.asked) == 6
    machine.project = machine.project.rename(machine.project.with_name("moved"))
    machine.setup()
    assert len(machine.asked) == 8


def test_setup_keeps_its_cache_in_the_project_where_there_is_no_home(machine: Machine) -> None:
    machine.python("python3")
    machine.program("uv", UV)
    machine.setup(HOME=str(machine.home / "missing"))
    assert machine.asked[1] == f"cache {machine.project}/.tools/cache"


def test_setup_gets_uv_without_pip_from_where_the_lock_says(machine: Machine) -> None:
    machine.python("python3", bare=True)
    wheel = machine.project / "uv.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("uv-9.9.9.data/scripts/uv", UV)
    machine.lock(wheel.as_uri(), "sha256:" + hashlib.sha256(wheel.read_bytes()).hexdigest())
    done = machine.setup()
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith("Getting uv 9.9.9 into .tools/\nSetting up .venv with Python 3.")
    assert machine.asked[0].startswith("sync --frozen")


@pytest.mark.parametrize(
    ("wheel", "reason"),
    [
        (None, "Connection refused"),
        (b"not what the lock says", "fetch_uv: the file has the digest sha256:"),
    ],
)
def test_setup_says_what_to_look_at_where_uv_cannot_be_had(machine: Machine, wheel: bytes | None, reason: str) -> None:
    machine.python("python3", bare=True)
    if wheel is not None:
        (machine.project / "uv.whl").write_bytes(wheel)
        machine.lock((machine.project / "uv.whl").as_uri(), "sha256:0")
    done = machine.setup()
    assert done.returncode == 2
    assert reason in done.stderr
    assert done.stderr.endswith(
        "setup: uv 9.9.9 could not be installed\n"
        "  → Look at the message above: is the network there? "
        "Behind a proxy set HTTPS_PROXY, for another package index PIP_INDEX_URL.\n"
        "  → Or install uv yourself (https://docs.astral.sh/uv/getting-started/installation/) and run this again.\n"
    )


def test_setup_says_so_when_the_dependencies_do_not_install(machine: Machine) -> None:
    machine.python("python3")
    machine.program("uv", UV.replace('echo "$*"', "echo 'error: no network' >&2; exit 1; echo"))
    done = machine.setup()
    assert done.returncode == 2
    assert done.stderr.endswith(
        "error: no network\n"
        "setup: the dependencies could not be installed\n"
        "  → Look at uv's message above; when it is mended, run the same command again.\n"
    )
    assert not (machine.project / ".venv/.stamp").exists()


def test_every_command_sets_up_first_and_is_listed() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = dict(re.findall(r"^([a-z-]+):([^#=]*)(?:##|$)", text, re.MULTILINE))
    phony = set(re.search(r"^\.PHONY: (.*)$", text, re.MULTILINE)[1].split())  # type: ignore[index]
    assert phony == set(targets)
    assert {name for name, needs in targets.items() if "setup" not in needs} == {"help", "setup", "clean"}
    shown = subprocess.run(["make", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    listed = {line.split()[1] for line in shown.splitlines()}
    assert listed == set(targets)


def test_what_commands_make_is_ignored_by_git() -> None:
    made = [".venv/x", ".tools/x", ".demo/trees/a/config.yaml", ".bench/results.json", ".env", "trees/a/.lock", "dist/x.whl"]
    found = subprocess.run(["git", "check-ignore", *made], cwd=ROOT, capture_output=True, text=True, check=False)
    if found.returncode == 128:
        pytest.skip("not a git clone")
    assert found.stdout.split() == made


def test_the_lock_is_of_these_dependencies() -> None:
    lock = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
    (own,) = [package for package in lock["package"] if package["name"] == PYPROJECT["project"]["name"]]

    def written(requirements: list[str]) -> set[tuple[str, frozenset[str]]]:
        parts = [re.fullmatch(r"([A-Za-z0-9_.-]+)(.*)", text) for text in requirements]
        return {(part[1], frozenset(filter(None, part[2].split(",")))) for part in parts if part}

    def locked(entries: list[dict[str, str]]) -> set[tuple[str, frozenset[str]]]:
        return {(entry["name"], frozenset(filter(None, entry.get("specifier", "").split(",")))) for entry in entries}

    assert locked(own["metadata"]["requires-dist"]) == written(PYPROJECT["project"]["dependencies"])
    assert locked(own["metadata"]["requires-dev"]["dev"]) == written(PYPROJECT["dependency-groups"]["dev"])
    assert own["version"] == PYPROJECT["project"]["version"]
    assert lock["requires-python"] == PYPROJECT["project"]["requires-python"]


DEMO = """
version: 1
generations:
  - {id: title, type: text, config: {prompt: Name a show.}}
  - {id: poster, type: image, config: {prompt: "Draw ${title}."}}
  - {id: jingle, type: audio, config: {prompt: "Come to ${title}."}}
"""


def test_the_demo_shows_what_it_made_and_leaves_the_clone_as_it_was(tmp_path: Path) -> None:
    for folder in ("scripts", "trees/show/prompts", "trees/show/latest", "trees/show/2020-01-01_00-00-00"):
        (tmp_path / folder).mkdir(parents=True)
    shutil.copy(ROOT / "scripts/demo.py", tmp_path / "scripts")
    (tmp_path / "trees/show/config.yaml").write_text(DEMO)
    for made in ("latest", "2020-01-01_00-00-00"):
        (tmp_path / "trees/show" / made / "output.json").write_text("{}")
    before = sorted(tmp_path.rglob("*"))
    for _ in range(2):  # the second time replaces what the first one left
        command = [sys.executable, "scripts/demo.py", "show"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    assert [path for path in sorted(tmp_path.rglob("*")) if tmp_path / ".demo" not in (path, *path.parents)] == before
    (run,) = (tmp_path / ".demo/trees/show").glob("20*")
    jingle, poster = sorted((run / "assets").iterdir())
    assert (tmp_path / ".demo/pictures.png").is_file()
    told = done.stdout.split("\ntree  ")[1]
    assert told.startswith("status     calls  pictures  sounds  seconds\nshow  succeeded  3      1         1       ")
    assert f"\n\n.demo/trees/show/{run.name}/\n  logs.json\n  output.json\n  output.schema.json\n  records.jsonl\n" in told
    assert f"  assets/{poster.name}  " in told
    assert re.search(rf"^  assets/{jingle.name}  \d+ s, \d+ KB  jingle$", told, re.MULTILINE)
    with Image.open(tmp_path / ".demo/pictures.png") as sheet:
        assert sheet.width < 400, "one picture, and no sound, on the sheet"
    assert told.endswith(
        "All pictures on one sheet: .demo/pictures.png\n\n"
        "This was a scratch copy. The same in place, into trees/, where git keeps it:\n"
        "  .venv/bin/genarun run show --offline\n"
    )


def test_a_demo_that_fails_says_so(tmp_path: Path) -> None:
    for folder in ("scripts", "trees/show"):
        (tmp_path / folder).mkdir(parents=True)
    shutil.copy(ROOT / "scripts/demo.py", tmp_path / "scripts")
    (tmp_path / "trees/show/config.yaml").write_text("version: 2\n")
    command = [sys.executable, "scripts/demo.py", "show"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "scratch copy" not in done.stdout


def test_everything_that_is_declared_loads() -> None:
    entries = importlib.metadata.distribution("genarun").entry_points
    declared = {group: set(names) for group, names in PYPROJECT["project"]["entry-points"].items()}
    for group, names in declared.items():
        assert {entry.name for entry in entries if entry.group == group} == names
    for entry in entries:
        assert entry.load() is not None


def test_the_version_is_said_once() -> None:
    import genarun

    assert genarun.__version__ == PYPROJECT["project"]["version"]


HEAVY = (
    "openai",
    "replicate",
    "aiohttp",
    "httpx",
    "httpx2",
    "genai_prices",
    "PIL",
    "rich",
    "jsonschema_rs",
    "hypothesis",
    "pydantic",
)


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\nfrom genarun.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        f"print('HEAVY', *[name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "HEAVY"
    assert "Commands:" in done.stdout


def modules() -> list[Path]:
    return sorted((ROOT / "scripts").rglob("*.py"))


def test_modules_stay_small() -> None:
    """Past 400 lines two ideas share a room; split them."""
    long = {str(path.relative_to(ROOT)): count for path in modules() if (count := len(path.read_text().splitlines())) > 400}
    assert long == {}


def test_modules_and_their_functions_say_what_they_are() -> None:
    missing = []
    for path in modules():
        parsed = ast.parse(path.read_text(encoding="utf-8"))
        if parsed.body and ast.get_docstring(parsed) is None:
            missing.append(str(path.relative_to(ROOT)))
    assert missing == []


def test_ci_runs_the_readmes_test_command_and_the_checks() -> None:
    readme, ci = (ROOT / "readme.md").read_text(encoding="utf-8"), (ROOT / ".ci/run").read_text(encoding="utf-8")
    assert "make test" in readme
    assert "for target in setup test check test-slow; do" in ci
    assert 'make "$target"' in ci


def test_decisions_are_dated() -> None:
    for page in (ROOT / "docs/decisions").glob("*.md"):
        assert re.fullmatch(r"\d{4}-\d\d-\d\d-[a-z0-9-]+\.md", page.name), page.name
