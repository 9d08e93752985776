"""Stories on the command line: a small project, commands in this process, what they printed."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from genarun.cli import app
from genarun.cli.app import main
from genarun.errors import GenarunError

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


class Story(Place):
    """A project, and commands on it."""

    code = 0
    out = ""
    err = ""

    def genarun(self, *words: str) -> Story:
        """Run a command in this process; what it printed is in `out` and `err`, its exit code in `code`."""
        out, err = io.StringIO(), io.StringIO()
        self.code = main(["-C", str(self.root), *words], self.env, out, err)
        self.out, self.err = out.getvalue(), err.getvalue()
        return self

    def fault(self, *words: str) -> GenarunError:
        """The expected error that a command ends with."""
        caught: list[GenarunError] = []
        report = app.report
        try:
            app.report = lambda error, _screen: caught.append(error) or error.exit_code  # type: ignore[func-returns-value]
            self.genarun(*words)
        finally:
            app.report = report
        return caught[0]

    @property
    def document(self) -> Any:
        """The one JSON document on stdout."""
        return json.loads(self.out)


@pytest.fixture
def story(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Story:
    """A zoo in `trees/zoo`, run from the project's folder."""
    made = Story(tmp_path)
    made.tree(ZOO, "zoo")
    monkeypatch.chdir(tmp_path)
    return made
