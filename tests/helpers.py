"""How tests tell a story: write a small project, run it against a loopback service, read what it left."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any

import orjson
from genarun.client import Project
from genarun.client.functions import make_options
from genarun.engine.model import RunResult
from genarun.planning.model import Plan
from genarun.store.layout import TreeFolder

Json = Any

BASE = """
models:
  text: {provider: openai, model: gpt-test, concurrency: 16, price: {input: 1, output: 2}}
  image: {provider: openai, model: gpt-image-test, concurrency: 4, price: {image: 0.01}}
budget: {usd: 100, calls: 100000, minutes: 60}
errorPolicy: {maxRetries: 3, retryDelay: 10ms}
assets: {allowPrivate: true}
"""


class Place:
    """A project in a temporary folder, and the environment that its commands see."""

    def __init__(self, root: Path, service: Any = None, env: Mapping[str, str] | None = None, defaults: str = BASE) -> None:
        self.root = root
        self.env: dict[str, str] = {"PATH": os.environ.get("PATH", ""), "HOME": str(root)}
        if service is not None:
            self.env |= {"OPENAI_BASE_URL": service.url, "OPENAI_API_KEY": service.key}
        self.env |= dict(env or {})
        self.write("trees/defaults.yaml", defaults)

    def write(self, name: str, text: str | bytes) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(text, bytes):
            path.write_bytes(text)
        else:
            path.write_text(dedent(text).lstrip("\n"), encoding="utf-8")
        return path

    def tree(self, text: str, name: str = "t") -> str:
        """Write `trees/<name>/config.yaml`; `version: 1` is put before it."""
        self.write(f"trees/{name}/config.yaml", "version: 1\n" + dedent(text).lstrip("\n"))
        return name

    @property
    def project(self) -> Project:
        return Project(self.root, self.env)

    def run(self, name: str = "t", on_event: Any = None, stop: Any = None, **options: Any) -> RunResult:
        import asyncio

        project = self.project
        tree = project.load_one(name)
        wanted = make_options(**options)
        project.check([tree], wanted)
        return asyncio.run(project.run(tree, wanted, on_event or (lambda *_: None), stop))

    def plan(self, name: str = "t", **options: Any) -> Plan:
        project = self.project
        return project.plan(project.load_one(name), make_options(**options))

    def folder(self, name: str = "t") -> TreeFolder:
        return TreeFolder(self.root, name)

    def runs(self, name: str = "t") -> list[str]:
        """Stamps, newest first."""
        return [run.stamp for run in self.folder(name).runs()]

    def records(self, run: str | None = None, name: str = "t") -> list[dict[str, Json]]:
        stamp = run or self.runs(name)[0]
        lines = (self.root / "trees" / name / stamp / "records.jsonl").read_bytes().splitlines()
        return [orjson.loads(line) for line in lines if line.strip()]

    def json(self, name: str) -> Json:
        return json.loads((self.root / name).read_text(encoding="utf-8"))

    def command(self, *arguments: str, **more: Any) -> subprocess.CompletedProcess[str]:
        """A real `genarun …` process."""
        return subprocess.run(
            [sys.executable, "-m", "genarun.cli", *arguments],
            cwd=self.root, env=self.process_env(), capture_output=True, text=True, timeout=120, **more,
        )  # fmt: skip

    def process_env(self) -> dict[str, str]:
        here = Path(__file__).parent
        path = os.pathsep.join([str(here / "guard"), str(here.parent / "scripts")])
        return {**self.env, "PYTHONPATH": path}


def asked(body: Mapping[str, Json]) -> str:
    """The last user message of a chat request, or an image request's prompt."""
    if "prompt" in body:
        return str(body["prompt"])
    return str(body["messages"][-1]["content"])


def by_prompt(answers: Mapping[str, Json], default: Callable[[str], Json] | None = None) -> Callable[[dict[str, Json]], Json]:
    """Answers by a piece of the prompt; the first piece that occurs wins."""

    def answer(body: dict[str, Json]) -> Json:
        text = asked(body)
        for piece, value in answers.items():
            if piece in text:
                return value
        return default(text) if default is not None else f"answer to: {text}"

    return answer


def chats(service: Any) -> list[str]:
    """The last user message of every request that a service received, in order."""
    return [asked(one.json) for one in service.asked if isinstance(one.json, dict)]
