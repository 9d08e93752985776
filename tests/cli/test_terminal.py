"""A real terminal: the display moves, Ctrl-C once finishes what is in flight, twice stops now, and everything fits."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest
from genarun.words import cells

from tests.cli.conftest import Story

ROOT = Path(__file__).resolve().parents[2]

SLOW = """
title: The slow boat
generations:
  - id: stops
    type: text-array
    config: {prompt: Name six harbours}
    validation: {minLength: 6, maxLength: 6}
    generations:
      - {id: story, type: text, config: {prompt: "A story of ${item}"}}
"""


QUICK = """
models: {text: {provider: openai, model: gpt-test, concurrency: 2}}
providers: {openai: {options: {latency: 50}}}
"""


@pytest.fixture
def slow(story: Story) -> Story:
    """A tree whose calls take 400 ms, two at once: two seconds in all."""
    story.write(
        "trees/defaults.yaml",
        """
        models: {text: {provider: openai, model: gpt-test, concurrency: 2}}
        providers: {openai: {options: {latency: 400}}}
        """,
    )
    story.tree(SLOW, "boat")
    return story


@pytest.fixture
def terminal(slow: Story) -> Iterator[pexpect.spawn]:
    spawned: list[pexpect.spawn] = []

    def start(*words: str, columns: int = 80, **environ: str) -> pexpect.spawn:
        env = {**slow.process_env(), "TERM": "xterm-256color", **environ}
        found = pexpect.spawn(
            sys.executable, ["-m", "genarun.cli", *words], cwd=str(slow.root), env=env, dimensions=(30, columns),  # type: ignore[arg-type]
            encoding="utf-8", timeout=30,
        )  # fmt: skip
        spawned.append(found)
        return found

    yield start  # type: ignore[misc]
    for found in spawned:
        found.close(force=True)


def seen(text: str) -> str:
    """What a person sees of terminal output, more or less: without codes."""
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text).replace("\r\n", "\n")


def end(process: pexpect.spawn) -> tuple[int, str]:
    """The exit code, and all that is left of the output."""
    process.expect(pexpect.EOF)
    left = process.before
    process.close()
    if process.exitstatus is None:
        raise AssertionError(f"killed by signal {process.signalstatus}")
    return process.exitstatus, left


def test_the_live_display(terminal) -> None:
    process = terminal("run", "boat", "--offline")
    process.expect("The slow boat")
    process.expect(r"1/\d.*2 running")
    process.expect(r"offline: free.*\d calls?")
    process.expect(r"3/\d.*running")
    code, left = end(process)
    assert code == 0
    shown = seen(left)
    assert "✓ The slow boat: succeeded in " in shown
    assert re.search(r"\n    story      6  free +0\.4 s\n", shown)
    assert "\x1b[?25h" in left  # the cursor is back
    assert left.rindex("✓") > left.rindex("running")  # the display is gone, the summary stays


def test_ctrl_c_once_finishes_what_is_in_flight(terminal, slow: Story) -> None:
    process = terminal("run", "boat", "--offline")
    process.expect(r"2 running")
    process.sendintr()
    process.expect("finishing 2 calls in flight; press Ctrl-C again to stop now")
    code, left = end(process)
    assert code == 130
    shown = seen(left)
    assert "stopped by hand" in shown
    assert "■ The slow boat: stopped after " in shown
    assert "next: genarun resume boat" in shown
    done = [record["path"] for record in slow.records(name="boat") if record["status"] == "succeeded"]
    assert done == ["stops", "stops/0/story", "stops/1/story"]

    process = terminal("resume", "boat")
    code, left = end(process)
    assert code == 0
    assert len(slow.runs("boat")) == 1
    assert slow.json(f"trees/boat/{slow.runs('boat')[0]}/logs.json")["totals"]["calls"] == 7


def test_ctrl_c_twice_stops_now(terminal, slow: Story) -> None:
    slow.write(
        "trees/defaults.yaml",
        "models: {text: {provider: openai, model: gpt-test}}\nproviders: {openai: {options: {latency: 20000}}}\n",
    )
    process = terminal("run", "boat", "--offline")
    process.expect("1 running")
    began = time.monotonic()
    process.sendintr()
    process.expect("finishing 1 call in flight")
    process.sendintr()
    code, _ = end(process)
    assert code == 130
    assert time.monotonic() - began < 10


def test_sigterm_is_the_first_ctrl_c_and_logs_get_plain_lines(slow: Story) -> None:
    words = [sys.executable, "-m", "genarun.cli", "run", "boat", "--offline"]
    with subprocess.Popen(
        words, cwd=slow.root, env=slow.process_env(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "✓ stops" in line:
                break
        time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "  finishing 2 calls in flight; press Ctrl-C again to stop now\n" in err
    assert "\x1b" not in out + err
    assert "■ The slow boat: stopped after " in out


def test_in_ci_a_terminal_gets_plain_lines(terminal, slow: Story) -> None:
    slow.write("trees/defaults.yaml", QUICK)
    code, left = end(terminal("run", "boat", "--offline", CI="true"))
    assert code == 0
    assert "\x1b[?25l" not in left
    assert "  ✓ stops/0/story  “" in seen(left)


@pytest.mark.parametrize("columns", [40, 80])
def test_it_fits_the_terminal(terminal, slow: Story, columns: int) -> None:
    slow.write("trees/defaults.yaml", QUICK)
    code, left = end(terminal("run", "boat", "--offline", columns=columns))
    assert code == 0
    lines = seen(left.replace("\x1b[2K", "\n").replace("\x1b[1A", "")).split("\n")
    tables = [line for line in lines if not re.search(r"trees/|resume|: succeeded", line)]
    assert max(cells(line.rstrip("\r")) for line in tables) <= columns


def test_no_color_is_honoured(terminal, slow: Story) -> None:
    slow.write("trees/defaults.yaml", QUICK)
    code, left = end(terminal("run", "boat", "--offline", NO_COLOR="1"))
    assert code == 0
    assert not re.search(r"\x1b\[[0-9;]*m", left.replace("\x1b[0m", ""))


def test_a_terminal_that_knows_no_unicode(terminal, slow: Story) -> None:
    slow.write("trees/defaults.yaml", QUICK)
    code, left = end(terminal("run", "boat", "--offline", PYTHONIOENCODING="ascii", PYTHONUTF8="0"))
    assert code == 0
    assert left.isascii()
    assert "+ The slow boat: succeeded in " in seen(left)


def test_purge_asks_on_a_terminal(terminal, slow: Story) -> None:
    slow.write("trees/defaults.yaml", "models: {text: {provider: openai, model: gpt-test}}\n")
    for seed in ("1", "2"):
        end(terminal("run", "boat", "--offline", "--seed", seed))
    process = terminal("purge", "--runs", "1")
    process.expect(r"Delete it\? \[y/N\]: ")
    process.sendline("n")
    code, _ = end(process)
    assert (code, len(slow.runs("boat"))) == (0, 2)
    process = terminal("purge", "--runs", "1")
    process.expect(r"Delete it\?")
    process.sendline("y")
    code, left = end(process)
    assert code == 0
    assert "✓ 1 run deleted" in seen(left)
    assert len(slow.runs("boat")) == 1


def test_a_closed_pipe_does_not_end_a_run(slow: Story) -> None:
    slow.write("trees/defaults.yaml", QUICK)
    words = [sys.executable, "-m", "genarun.cli", "run", "boat", "--offline"]
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(words, cwd=slow.root, env=slow.process_env(), stdout=writer, stderr=writer, timeout=60)
    os.close(writer)
    assert done.returncode == 0
    assert slow.json("trees/boat/latest/logs.json")["totals"]["calls"] == 7
