"""Killed at any moment, a run goes on: the same output as an undisturbed one, and no finished call made again."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.helpers import BASE, Place, by_prompt
from tests.services.openai_service import OpenAIService, error

TREE = """
generations:
  - id: themes
    type: text-array
    config: {prompt: [{template: Think of many themes}, {template: Name the themes}]}
    generations:
      - id: series
        type: object
        config: {prompt: "A series on ${i}"}
        schema: {type: object, properties: {title: {type: string}}, required: [title]}
        generations:
          - {id: essay, type: text, config: {prompt: "[Long | Short] essay on ${title} [a | b | c]"}}
          - {id: cover, type: image, config: {prompt: "Cover of ${title}"}}
          - {id: label, type: template, config: {prompt: "${title}: ${essay}"}}
  - {id: intro, type: text, config: {prompt: "Introduce ${themes}"}}
"""
THEMES = [f"theme {n}" for n in range(12)]


def answer(body: dict[str, Any]) -> Any:
    series = {f"A series on {theme}": {"title": f"Title of {theme}"} for theme in reversed(THEMES)}
    return by_prompt({"Name the themes": {"data": THEMES}, **series})(body) if "messages" in body else None


class Warm:
    """The forking process, see `warm.py`."""

    def __init__(self, place: Place) -> None:
        here = Path(__file__).parent.parent.parent
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.engine.warm"],
            cwd=here, env={**os.environ, "PYTHONPATH": os.pathsep.join([place.process_env()["PYTHONPATH"], str(here)])},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def run(self, place: Place, kill_after: float | None, **options: Any) -> int:
        """The wait status of one run, killed after so many seconds."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        order = {"root": str(place.root), "env": place.env, "tree": "t", "options": options}
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        pid = int(self.process.stdout.readline())
        if kill_after is not None:
            time.sleep(kill_after)
            with contextlib.suppress(ProcessLookupError):  # it was done already
                os.kill(pid, signal.SIGKILL)
        return int(self.process.stdout.readline())

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(10)
        assert self.process.stdout is not None
        self.process.stdout.close()


@pytest.fixture
def service() -> Iterator[OpenAIService]:
    with OpenAIService(answer=answer, latency=0.01) as running:
        yield running


def finished(place: Place) -> set[str]:
    """Requests whose answers are written down."""
    found = set()
    for stamp in place.runs():
        for record in place.records(stamp) if (place.root / "trees/t" / stamp / "records.jsonl").exists() else []:
            if record.get("request") and record["status"] != "failed":
                found.add(json.dumps(record["request"]["messages"]))
    return found


def requests(service: OpenAIService, start: int) -> list[str]:
    made = []
    for one in service.asked[start:]:
        body = one.json
        made.append(json.dumps(body["messages"] if "messages" in body else [{"role": "user", "content": body["prompt"]}]))
    return made


def kill_until_done(
    tmp_path: Path, service: OpenAIService, kills: int, seed: int, tree: str = TREE, defaults: str = BASE
) -> None:
    rng = random.Random(seed)
    place = Place(tmp_path / "killed", service, defaults=defaults)
    calm = Place(tmp_path / "calm", service, defaults=defaults)
    for one in (place, calm):
        one.tree(tree)
    expected = calm.run().output
    assert (".webp" in json.dumps(expected)) == ("webp" in tree)
    warm = Warm(place)
    done = 0
    try:
        warm.run(place, None)  # the first fork is slower than the rest
        (place.root / "trees/t").rename(place.root / "trees/first")
        place.tree(tree)
        (place.root / "trees/first").rename(tmp_path / "first")
        while done < kills:
            start, known = len(service.asked), finished(place)
            status = warm.run(place, rng.uniform(0.0, 0.12))
            made = requests(service, start)
            assert not known.intersection(made), "a finished call was made again"
            if os.WIFSIGNALED(status):
                done += 1
                continue
            assert os.WEXITSTATUS(status) == 0
            assert place.json("trees/t/latest/output.json") == expected
            assert len(place.runs()) == 1, "it went on in its folder"
            (place.root / "trees/t").rename(tmp_path / f"done-{done}-{start}")  # and again, from the beginning
            place.tree(tree)
        start, known = len(service.asked), finished(place)
        assert os.WEXITSTATUS(warm.run(place, None)) == 0
        assert not known.intersection(requests(service, start))
        assert place.json("trees/t/latest/output.json") == expected
    finally:
        warm.close()


@pytest.mark.parametrize(("seed", "tree"), [(1, TREE), (2, f"assets: {{format: webp}}{TREE}")], ids=["kept", "webp"])
def test_dozens_of_kills(tmp_path: Path, service: OpenAIService, seed: int, tree: str) -> None:
    kill_until_done(tmp_path, service, 24, seed, tree)


POOL = BASE.replace(
    "  text: {provider: openai, model: gpt-test, ",
    """  text: {models: [shaky, steady], breaker: {failures: 2, coolDown: 30ms}}
  shaky: {provider: openai, model: gpt-shaky, concurrency: 16, price: {input: 1, output: 2}}
  steady: {provider: openai, model: gpt-test, """,
)


def kill_a_pool(tmp_path: Path, kills: int, seed: int) -> None:
    """Whoever answered, what was answered is not asked of anybody again."""
    rng, refused = random.Random(f"pool {seed}"), 0

    def either(body: dict[str, Any]) -> Any:
        nonlocal refused
        if body["model"] == "gpt-shaky" and rng.random() < 0.4:
            refused += 1
            raise error(503, "overloaded")
        return answer(body)

    with OpenAIService(answer=either, latency=0.01) as service:
        kill_until_done(tmp_path, service, kills, seed, defaults=POOL)
        asked = {one.json["model"] for one in service.answered if one.json}
    assert refused
    assert asked == {"gpt-shaky", "gpt-test", "gpt-image-test"}


def test_dozens_of_kills_with_a_pool(tmp_path: Path) -> None:
    kill_a_pool(tmp_path, 24, 5)


@pytest.mark.slow
def test_hundreds_of_kills(tmp_path: Path, service: OpenAIService) -> None:
    kill_until_done(tmp_path, service, 400, 3)


@pytest.mark.slow
def test_hundreds_of_kills_with_a_pool(tmp_path: Path) -> None:
    kill_a_pool(tmp_path, 200, 6)
