"""The door: docs/extending.md is written out as a package, installed, and used by a tree, with its own loopback service."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers import Place
from tests.services.web import Asked, Refuse, Reply, Service
from tests.test_guides import ROOT, blocks

KEY = "poet-key-0123456789"
MOST_LINES = 60


class PoetService(Service):
    """Takes a prompt; its first headline of a run is too long, as models' headlines are."""

    def handle(self, asked: Asked) -> Reply:
        if asked.headers.get("authorization") != f"Bearer {KEY}":
            raise Refuse(Reply(b'{"error": "unknown key"}', 401))
        long = "at most" not in asked.json["prompt"]
        return Reply(
            json.dumps({"text": "A ferry leaves the harbour at seven" if long else " Ferry leaves at seven\n"}).encode()
        )

    def rate_limited(self, after: str) -> Reply:
        return Reply(b"{}", 429, headers={"retry-after": after})

    def failed(self) -> Reply:
        return Reply(b"{}", 500)


def code() -> dict[str, str]:
    """The files that the page shows, by their place in the package."""
    found = blocks(ROOT / "docs" / "extending.md")
    (project,) = [text for kind, text in found if kind == "toml"]
    headline, poet = [text for kind, text in found if kind == "python"]
    return {
        "pyproject.toml": project,
        "genarun_poet/__init__.py": "",
        "genarun_poet/headline.py": headline,
        "genarun_poet/poet.py": poet,
    }


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package as the page shows it, installed into a folder of its own."""
    folder = tmp_path_factory.mktemp("door")
    for name, text in code().items():
        path = folder / "genarun-poet" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    env = {key: value for key, value in os.environ.items() if not key.startswith("UV_")}
    flags = ["--quiet", "--offline", "--no-config", "--no-deps", "--no-index", "--no-build-isolation"]
    subprocess.run(
        [sys.executable, "-m", "uv", "pip", "install", *flags, "--python", sys.executable, "--target", str(folder / "site"),
         str(folder / "genarun-poet")],
        check=True, env=env,
    )  # fmt: skip
    return folder / "site"


@pytest.fixture
def place(site: Path, tmp_path: Path) -> Iterator[Place]:
    with PoetService() as service:
        made = Place(tmp_path, env={"PATH": os.environ["PATH"], "POET_KEY": KEY, "POET_URL": service.url})
        made.service = service  # type: ignore[attr-defined]
        (tree,) = [text for kind, text in blocks(ROOT / "docs" / "extending.md") if kind == "yaml"]
        made.write("trees/t/config.yaml", tree)
        own = made.process_env
        made.process_env = lambda: {**own(), "PYTHONPATH": f"{site}{os.pathsep}{own()['PYTHONPATH']}"}  # type: ignore[method-assign]
        yield made


def test_both_are_written_in_under_sixty_lines() -> None:
    lines = [line for name, text in code().items() if name.endswith(".py") for line in text.splitlines() if line.strip()]
    assert 0 < len(lines) < MOST_LINES


def test_an_installed_package_brings_a_kind_and_a_provider_and_a_tree_uses_both(place: Place) -> None:
    planned = place.command("plan", "t", "--json")
    assert planned.returncode == 0, planned.stderr
    assert json.loads(planned.stdout)["trees"][0]["calls"] == 1

    ran = place.command("run", "t", "--json")
    assert ran.returncode == 0, ran.stderr
    assert place.json("trees/t/latest/output.json") == {"title": "Ferry leaves at seven"}
    assert place.json("trees/t/latest/logs.json")["totals"]["calls"] == 2, "the long headline went back"
    first, second = place.records()
    assert (first["status"], first["provider"], first["type"]) == ("answered", "poet", "headline")
    assert second["status"] == "succeeded"

    assert place.command("run", "t").returncode == 0
    assert len(place.service.asked) == 2, "nothing is paid for twice"  # type: ignore[attr-defined]
    assert not [path for path in place.root.rglob("*") if path.is_file() and KEY.encode() in path.read_bytes()]


def test_what_they_declare_shows_in_errors(place: Place) -> None:
    text = (place.root / "trees/t/config.yaml").read_text()
    place.write("trees/t/config.yaml", text.replace("words: 5", "wrods: 5"))
    wrong = place.command("check", "t")
    assert wrong.returncode == 2
    assert "a node of type headline has no setting “wrods”" in wrong.stderr
    assert "Did you mean “words”?" in wrong.stderr

    place.write("trees/t/config.yaml", text)
    place.env.pop("POET_KEY")
    missing = place.command("run", "t")
    assert missing.returncode == 2
    assert "Get a key at https://poet.example/keys, then put POET_KEY=… into .env" in missing.stderr


def test_offline_stands_in_for_a_strangers_provider(place: Place) -> None:
    place.env.pop("POET_KEY")
    text = (place.root / "trees/t/config.yaml").read_text()
    place.write("trees/t/config.yaml", text.replace("words: 5", "words: 100"))
    ran = place.command("run", "t", "--offline")
    assert ran.returncode == 0, ran.stderr
    assert [(record["type"], record["provider"]) for record in place.records()] == [("headline", "offline")]
    assert not place.service.asked  # type: ignore[attr-defined]


def test_built_in_ones_come_in_by_the_same_door() -> None:
    """No room of the engine names a kind's or a provider's module but for its entry point."""
    project = (ROOT / "pyproject.toml").read_text()
    package = ROOT / "scripts" / "genarun"
    kinds = re.findall(r'^[a-z-]+ = "(genarun\.nodes\.\w+):', project, re.MULTILINE)
    assert len(kinds) >= 14
    named = re.compile("|".join(re.escape(one) for one in kinds))
    shared = {package / "nodes"}
    for path in package.rglob("*.py"):
        if path.parent not in shared:
            found = named.search(path.read_text("utf-8"))
            assert found is None, f"{path} names {found.group() if found else ''}"
