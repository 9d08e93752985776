"""A project in a git repository, and the step of a workflow that looks at a pull request of it."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

from genarun.github.context import Context, read_context
from genarun.github.output_diff import output_sections
from genarun.github.plan_markdown import Section
from genarun.github.proposal import Proposal, propose
from genarun.github.pull_request import pull_request
from genarun.github.revisions import open_repository

from tests.helpers import Place

ZOO = """
title: A zoo in words
models: {text: {provider: openai, model: gpt-test, price: {input: 1, output: 2}}}
generations:
  - id: animals
    type: text-array
    config: {prompt: Name three animals}
    validation: {minLength: 3, maxLength: 3}
    generations:
      - {id: poem, type: text, config: {prompt: "A poem on ${item}"}}
      - {id: picture, type: image, config: {prompt: "A picture of ${item}"}}
  - {id: foreword, type: text, config: {prompt: "Foreword to ${animals}"}}
"""


class Repository(Place):
    """A project with a zoo in `trees/zoo`, committed on `main`; what follows happens on branch `change`.

    inside: the project's folder in the repository.
    """

    def __init__(self, top: Path, inside: str = "") -> None:
        super().__init__(top / inside)
        self.top = top
        self.tree(ZOO, "zoo")
        self.git("init", "-q", "-b", "main")
        self.base = self.commit("A zoo")
        self.git("switch", "-q", "-c", "change")

    def git(self, *words: str) -> str:
        config = ["-c", "user.name=Zoe", "-c", "user.email=zoe@example.org", "-c", "commit.gpgsign=false"]
        done = subprocess.run(["git", "-C", str(self.top), *config, *words], capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def commit(self, message: str) -> str:
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.head

    @property
    def head(self) -> str:
        return self.git("rev-parse", "HEAD")

    def edit(self, old: str, new: str, tree: str = "zoo") -> None:
        config = self.root / "trees" / tree / "config.yaml"
        text = config.read_text()
        assert old in text
        config.write_text(text.replace(old, new))

    def ran(
        self,
        stamp: str,
        values: dict[str, Any],
        *,
        tree: str = "zoo",
        latest: bool = True,
        status: str = "succeeded",
        title: str = "Zoo",
    ) -> None:
        """Write the run folder that a run with these values leaves, by path; a value `file:NAME` is a file of the run."""
        names = [stamp, *(["latest"] if latest else [])]
        shutil.rmtree(self.root / "trees" / tree / "latest", ignore_errors=latest)
        for name in names:
            folder = f"trees/{tree}/{name}"
            lines = []
            for path, value in values.items():
                record = {
                    "path": path,
                    "node": "/".join(part for part in path.split("/") if not part.isdigit()),
                    "type": "text",
                }
                if isinstance(value, str) and value.startswith("file:"):
                    asset = f"assets/{value[5:]}"
                    if not value.endswith("missing"):
                        self.write(f"{folder}/{asset}", value.encode())
                    lines.append({**record, "type": "image", "status": "succeeded", "asset": asset})
                else:
                    lines.append({**record, "status": "succeeded", "value": value})
            self.write(f"{folder}/records.jsonl", "".join(json.dumps(line) + "\n" for line in lines).encode())
            summary = {
                "schemaVersion": 1, "run": f"{tree}/{stamp}", "tree": tree, "title": title, "status": status,
                "treeDigest": "sha256:0", "engine": "0", "seed": 0, "date": "2026-11-21",
                "startedAt": "2026-11-21T09:30:05.000Z",
                "totals": {"calls": len(values), "usd": "0.02"},
            }  # fmt: skip
            self.write(f"{folder}/logs.json", json.dumps(summary).encode())

    def step(self, *, fork: Any = "admin/zoo", base: str = "", head: str = "", env: Any = None) -> Context:
        """The step of a workflow that a pull request started. fork: the head's repository; None where it is deleted."""
        event = {
            "pull_request": {
                "number": 1,
                "title": "<b>@octocat</b>",
                "base": {"sha": base or self.base, "repo": {"full_name": "admin/zoo"}},
                "head": {"sha": head or self.head, "repo": fork and {"full_name": fork}},
            }
        }
        file = self.top / ".git" / "event.json"
        file.write_text(json.dumps(event))
        return read_context(
            {
                **self.env,
                "GITHUB_REPOSITORY": "admin/zoo",
                "GITHUB_EVENT_NAME": "pull_request",
                "GITHUB_EVENT_PATH": str(file),
                "GITHUB_RUN_ID": "77",
                **(env or {}),
            }
        )

    def proposed(self, **more: Any) -> Proposal:
        """What is told of the pull request."""
        step = self.step(**more)
        return propose(self.root, step, pull_request(step))

    def outputs(self, old: str, new: str) -> list[Section]:
        """What is told of the runs that are new between two commits."""
        with open_repository(self.root, {}) as repo:
            return output_sections(repo, self.root, old, new, "https://github.com/admin/zoo")
