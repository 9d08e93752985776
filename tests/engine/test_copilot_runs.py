"""Copilot, which is a program and no service, through what `test_every_provider.py` holds the services to."""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

import pytest

from tests.engine.every import BASE
from tests.engine.test_every_provider import calls, forms
from tests.engine.test_kill import Warm
from tests.helpers import Place
from tests.services.copilot_cli import CopilotCLI

TOKEN = "ghs_0123456789abcdefghij"
MODELS = "models:\n  text: {provider: copilot, model: gpt-test, price: {call: 0.01}, concurrency: 2}\n"
TREE = "generations:\n" + "".join(
    f"  - {{id: n{n}, type: choice, config: {{prompt: Say {n}, options: [yes, no]}}}}\n" for n in range(6)
)
WHOLE = 6


@pytest.fixture
def cli(tmp_path: Path) -> CopilotCLI:
    return CopilotCLI(tmp_path / "cli", answers=['{"value": "yes"}'])


def place_of(root: Path, cli: CopilotCLI) -> Place:
    made = Place(root, env={"GENARUN_COPILOT": str(cli.program), "GITHUB_TOKEN": TOKEN}, defaults=MODELS + BASE)
    made.tree(TREE)
    return made


def started(cli: CopilotCLI) -> int:
    """Starts of the program, once those of a killed process have all written themselves down."""
    count = -1
    while count != (count := len(list(cli.folder.glob("asked-???")))):
        time.sleep(0.3)
    return count


def test_unchanged_it_starts_nothing_and_a_recording_needs_no_program(cli: CopilotCLI, tmp_path: Path) -> None:
    place = place_of(tmp_path / "real", cli)
    first = place.run(record=tmp_path / "said.jsonl")
    assert first.status == "succeeded"
    assert len(cli.asked) == WHOLE == calls(place)
    assert place.run().unchanged
    place.tree(TREE.replace("Say 3", "Say three"))
    assert place.plan().calls == 1
    assert place.run().status == "succeeded"
    assert len(cli.asked) == WHOLE + 1

    replayed = place_of(tmp_path / "replayed", cli)
    replayed.env = {"PATH": os.environ["PATH"]}
    assert replayed.run(replay=tmp_path / "said.jsonl").output == first.output
    assert len(cli.asked) == WHOLE + 1


def test_killed_it_repeats_only_what_was_in_flight(cli: CopilotCLI, tmp_path: Path) -> None:
    rng = random.Random(3)
    place = place_of(tmp_path / "killed", cli)
    warm = Warm(place)
    try:
        for _ in range(4):
            before, known = started(cli), calls(place)
            status = warm.run(place, rng.uniform(0.1, 0.5))
            assert started(cli) - before <= WHOLE - known, "a finished call was made again"
            if not os.WIFSIGNALED(status):
                break
        before, known = started(cli), calls(place)
        assert os.WEXITSTATUS(warm.run(place, None)) == 0
        assert started(cli) - before == WHOLE - known
        assert place.json("trees/t/latest/output.json") == {f"n{n}": "yes" for n in range(WHOLE)}
    finally:
        warm.close()


def test_failures_that_pass_lose_nothing_and_the_token_is_seen_nowhere(cli: CopilotCLI, tmp_path: Path) -> None:
    cli.plan(answers=[f"no JSON, but {TOKEN}", '{"value": "no"}'], stderr=f"warning: {TOKEN}")
    place = place_of(tmp_path / "told", cli)
    place.tree("generations:\n  - {id: a, type: choice, retry: 2, config: {prompt: Say, options: [yes, no]}}\n")
    shown = [done.stdout + done.stderr for done in (place.command("run", "t"), place.command("show", "t", "a"))]
    assert place.json("trees/t/latest/output.json") == {"a": "no"}
    written = [path.read_bytes() for path in place.root.rglob("*") if path.is_file()]
    for form in forms(TOKEN):
        assert not [data for data in written if form in data]
        assert not [text for text in shown if form in text.encode()]
