"""The readme holds what it says. `python -m tests.test_readme` writes the parts between its markers anew."""

from __future__ import annotations

import json
import re
import shutil
import sys
import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from genarun.cli.app import COMMANDS
from genarun.planning.model import Plan
from genarun.providers.catalog import OFFLINE, OPENAI, REPLAY, REPLICATE

from tests.helpers import Place

Json = Any

ROOT = Path(__file__).parent.parent
README = ROOT / "readme.md"
WRITE = "run: python -m tests.test_readme"

has_demos = pytest.mark.skipif(
    not all((ROOT / "trees" / name).is_dir() for name in ("exhibition", "field-guide")),
    reason="the demos were deleted, as the readme says one may",
)


def between(name: str, text: str | None = None) -> str:
    """What stands between a pair of markers."""
    found = re.search(rf"<!-- {name} -->(.*?)<!-- /{name} -->", text or README.read_text("utf-8"), re.DOTALL)
    assert found is not None, f"readme.md has lost its markers {name}"
    return found[1]


def fenced(name: str) -> str:
    """The block of code between a pair of markers."""
    return "\n".join(between(name).strip().splitlines()[1:-1]) + "\n"


def example(folder: Path) -> str:
    """The output.json of the readme's tree, run offline in an empty project without any defaults of ours."""
    place = Place(folder, defaults=(ROOT / "trees/defaults.yaml").read_text("utf-8"))
    (folder / "trees/harbour").mkdir()
    (folder / "trees/harbour/config.yaml").write_text(fenced("example:config"), "utf-8")
    done = place.command("run", "harbour", "--offline")
    assert done.returncode == 0, done.stderr
    (file,) = (folder / "trees/harbour").glob("2*/output.json")
    return file.read_text("utf-8")


def numbers() -> dict[str, str]:
    """What a first real run of the demos takes, and what guards it."""
    openai, anthropic = {"OPENAI_API_KEY": "sk-0123456789"}, {"ANTHROPIC_API_KEY": "sk-ant-0123456789"}
    exhibition, guide = _plan("exhibition", openai), _plan("field-guide", openai)
    return {
        "calls": str(exhibition.calls),
        "cost": _dollars(exhibition.usd),
        "guide-calls": str(guide.calls),
        "guide-cost": _dollars(guide.usd),
        "guide-claude": _dollars(_plan("field-guide", openai | anthropic).usd),
        "budget": _dollars(exhibition.budget["usd"]),
    }


def _plan(tree: str, env: dict[str, str]) -> Plan:
    with tempfile.TemporaryDirectory() as folder:
        place = Place(Path(folder), env=env, defaults=(ROOT / "trees/defaults.yaml").read_text("utf-8"))
        made_by_runs = shutil.ignore_patterns("latest", "20*", ".lock", ".tmp-*", "overrides*")
        shutil.copytree(ROOT / "trees" / tree, place.root / "trees" / tree, ignore=made_by_runs)
        plan = place.plan(tree)
    assert plan.exact
    assert not plan.unpriced
    return plan


def _dollars(usd: Json) -> str:
    return f"${Decimal(str(usd)).quantize(Decimal('0.01')):.2f}"


def test_the_example_makes_the_output_beside_it(tmp_path: Path) -> None:
    assert len(fenced("example:config").splitlines()) == 15
    assert fenced("example:output") == example(tmp_path).rstrip("\n") + "\n", WRITE


@has_demos
def test_what_a_first_real_run_takes() -> None:
    found = numbers()
    assert {name: between(name) for name in found} == found, WRITE


def test_every_command_is_in_the_table() -> None:
    assert re.findall(r"^\| `genarun (\w+)", between("commands"), re.MULTILINE) == list(COMMANDS)


def test_every_target_that_is_named_exists() -> None:
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    for page in (README, *ROOT.glob("docs/*.md")):
        for named in re.findall(r"`make ([a-z-]+)`|^make ([a-z-]+) ", page.read_text("utf-8"), re.MULTILINE):
            assert "".join(named) in targets, f"{page.name}: make {''.join(named)}"


def test_the_example_environment_names_every_variable_of_a_provider() -> None:
    text = (ROOT / ".env.example").read_text("utf-8")
    named = set(re.findall(r"^(?:# )?([A-Z][A-Z_]+)=", text, re.MULTILINE))
    read = {
        found
        for file in (ROOT / "scripts/genarun/providers").rglob("*.py")
        for found in re.findall(r"env\.get\(\"([A-Z_]+)\"", file.read_text("utf-8"))
    }
    for info in (OPENAI, REPLICATE, OFFLINE, REPLAY):
        read |= {name for name in (info.key_env, info.base_url_env) if name}
    assert read - {"HOME", "PATH", "XDG_CACHE_HOME"} <= named, "but for those that every machine sets"
    for info in (OPENAI, REPLICATE):
        assert info.key_url
        assert info.key_url in text


def main() -> None:
    """Write every part anew."""
    text = README.read_text("utf-8")
    with tempfile.TemporaryDirectory() as folder:
        parts = numbers() | {"example:output": f"\n```json\n{example(Path(folder)).rstrip()}\n```\n"}
    for name, part in parts.items():
        text = (
            text.replace(between(name, text), part)
            if name == "example:output"
            else re.sub(
                rf"(<!-- {name} -->).*?(<!-- /{name} -->)", lambda found, part=part: f"{found[1]}{part}{found[2]}", text
            )
        )
    README.write_text(text, "utf-8")
    print(json.dumps(parts, indent=1, ensure_ascii=False))  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
