"""Questions in the terminal: how they look, and the three ways to answer them."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pexpect

from tests.cli.conftest import Story

TREE = """
title: The harbour
generations:
  - {id: a, type: template, config: {prompt: Low tide}}
  - {id: b, type: template, config: {prompt: High tide}}
  - id: title
    type: human
    config: {prompt: "Which title for the show?", options: ["${a}", "${b}"], timeout: 7d, default: "1"}
  - {id: sure, type: human, config: {ask: approve, prompt: "Hang ${title}?"}}
  - {id: wall, type: template, config: {prompt: "${title}, ${sure}"}}
"""


def test_the_question_stands_at_the_end_with_the_way_to_answer(story: Story) -> None:
    story.tree(TREE, "harbour")
    told = story.genarun("run", "harbour", "--offline")
    assert told.code == 3
    text = told.out
    assert "waiting for a person" in text
    assert "  ? Which title for the show?\n    1  Low tide\n    2  High tide\n" in text
    assert "Answer with the number of an option, 1 to 2, or with its words." in text
    assert "UTC; then “Low tide” stands." in text
    assert "genarun answer harbour/" in text


def test_a_value_is_taken_and_the_run_goes_on(story: Story) -> None:
    story.tree(TREE, "harbour")
    story.genarun("run", "harbour", "--offline")
    told = story.genarun("answer", "harbour", "title", "high tide", "--by", "Anna")
    assert (told.code, told.out.splitlines()[0]) == (0, "✓ title: “High tide”")
    told = story.genarun("resume", "harbour")
    assert told.code == 3
    assert "? Hang High tide?" in told.out
    told = story.genarun("answer", "harbour", "sure", "yes", "--resume")
    assert told.code == 0
    output = json.loads((story.root / "trees/harbour/latest/output.json").read_text())
    assert output["wall"] == "High tide, true"
    told = story.genarun("answer", "harbour", "sure", "no")
    assert told.code == 2
    assert "does not wait for an answer any more" in told.err


def test_json_lists_the_questions(story: Story) -> None:
    story.tree(TREE, "harbour")
    document = json.loads(story.genarun("run", "harbour", "--offline", "--json").out)
    assert document["exitCode"] == 3
    (question,) = document["trees"][0]["questions"]
    assert question["path"] == "title"
    assert [one["label"] for one in question["options"]] == ["Low tide", "High tide"]
    told = json.loads(story.genarun("answer", "harbour", "title", "1", "--json").out)
    assert (told["path"], told["value"]) == ("title", "Low tide")


def test_a_terminal_asks_and_goes_on(story: Story) -> None:
    story.tree(TREE, "harbour")
    env = {**story.process_env(), "TERM": "xterm-256color", "CI": ""}
    words = ["-m", "genarun.cli", "run", "harbour", "--offline"]
    process = pexpect.spawn(sys.executable, words, cwd=str(story.root), env=env, encoding="utf-8", timeout=30)  # type: ignore[arg-type]
    process.expect("Which title for the show")
    process.expect("answer, or Enter for later")
    process.sendline("seven")
    process.expect("does not answer the question")
    process.sendline("2")
    process.expect("Hang High tide")
    process.sendline("")  # later
    process.expect(pexpect.EOF)
    process.close()
    assert process.exitstatus == 3
    assert "High tide" in (Path(story.root) / "trees/harbour").glob("2*/records.jsonl").__next__().read_text()
    process = pexpect.spawn(sys.executable, words, cwd=str(story.root), env=env, encoding="utf-8", timeout=30)  # type: ignore[arg-type]
    process.expect("Hang High tide")
    process.expect("for later")
    process.sendline("y")
    process.expect(pexpect.EOF)
    process.close()
    assert process.exitstatus == 0


def test_show_lists_what_waits(story: Story) -> None:
    story.tree(TREE, "harbour")
    story.genarun("run", "harbour", "--offline")
    told = story.genarun("show", "harbour")
    assert "? Which title for the show?" in told.out
    assert "genarun answer harbour/" in told.out


READER = """
inputs: {harbour: {from: harbour}}
generations:
  - {id: sign, type: text, config: {prompt: "A sign for ${harbour.wall}"}}
"""


def test_a_tree_that_reads_what_waits_has_its_turn_after_the_answer(story: Story) -> None:
    story.tree(TREE, "harbour")
    story.tree(READER, "signs")
    story.tree("generations: [{id: a, type: text, config: {prompt: Alone}}]", "alone")
    told = story.genarun("run", "--offline")
    assert told.code == 3
    assert "◷ signs: waiting" in told.out
    assert "reads harbour, whose run waits for an answer: it has its turn after that" in " ".join(told.out.split())
    assert not list((story.root / "trees/signs").glob("2*"))
    assert list((story.root / "trees/alone").glob("2*"))
    story.genarun("answer", "harbour", "title", "1")
    story.genarun("resume", "harbour")
    story.genarun("answer", "harbour", "sure", "yes", "--resume")
    assert story.genarun("run", "--offline").code == 0
    assert (story.root / "trees/signs/latest/output.json").is_file()


def test_a_terminal_in_a_ci_job_is_nobody(story: Story) -> None:
    story.tree(TREE, "harbour")
    env = {**story.process_env(), "TERM": "xterm-256color", "CI": "true"}
    words = ["-m", "genarun.cli", "run", "harbour", "--offline"]
    process = pexpect.spawn(sys.executable, words, cwd=str(story.root), env=env, encoding="utf-8", timeout=30)  # type: ignore[arg-type]
    process.expect(pexpect.EOF)
    process.close()
    assert process.exitstatus == 3
