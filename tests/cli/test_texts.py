"""What commands say when they cannot do as asked, word for word."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import Story
from tests.say import says


@pytest.fixture
def done(story: Story) -> Story:
    """A zoo that has run once."""
    story.genarun("run", "--offline")
    assert story.code == 0
    return story


def test_resume_of_a_finished_run(done: Story) -> None:
    run = f"zoo/{done.runs('zoo')[0]}"
    says(
        done.fault("resume", "zoo"),
        "run-finished",
        f"""
        {run} is finished; there is nothing to go on with
          → `genarun run zoo` makes a new run; it reuses everything that has not changed.
        """,
    )


def test_resume_of_a_replay_needs_its_recording(done: Story) -> None:
    run = f"zoo/{done.runs('zoo')[0]}"
    logs = done.root / "trees" / run / "logs.json"
    logs.write_text(json.dumps({**json.loads(logs.read_text()), "status": "partial", "mode": "replay"}))
    says(
        done.fault("resume", "zoo"),
        "resume-replay",
        f"""
        {run} was answered from a recording, and resume does not know which
          → Name it: `genarun resume {run} --replay FILE`.
        """,
    )


def test_show_of_what_is_not_there(done: Story) -> None:
    run = f"zoo/{done.runs('zoo')[0]}"
    says(
        done.fault("show", "zoo", "animals/9/poem"),
        "no-instance",
        f"""
        {run} holds no instance `animals/9/poem`
          → Near it: animals/2/poem, animals/1/poem, animals/0/poem.
        """,
    )
    says(
        done.fault("show", "zoo", "0000"),
        "no-instance",
        f"""
        {run} holds no instance `0000`
          → `genarun show {run}` lists what it holds.
        """,
    )


def test_pin_wants_a_path(done: Story) -> None:
    run = f"zoo/{done.runs('zoo')[0]}"
    says(
        done.fault("pin", "zoo"),
        "pin-what",
        f"""
        {run} holds many values, and none of them was named
          → `genarun show {run}` and `genarun show {run} NODE` list them; then `genarun pin {run} PATH`.
        """,
    )
    says(
        done.fault("pin", "zoo", "animals/0"),
        "pin-many",
        f"""
        `animals/0` is no instance of {run}
          → Name one below it: animals/0/picture, animals/0/poem.
        """,
    )


def test_pin_of_what_has_no_value(done: Story) -> None:
    run = f"zoo/{done.runs('zoo')[0]}"
    (asset,) = [record["asset"] for record in done.records(name="zoo") if record["path"] == "animals/0/picture"]
    (done.root / "trees" / run / asset).unlink()
    says(
        done.fault("pin", "zoo", "animals/0/picture"),
        "pin-nothing",
        f"""
        `animals/0/picture` has no value in {run}: its file is gone
          → Pin it from another run, or write the value into overrides.yaml by hand.
        """,
    )


def test_pin_of_latest_without_an_edit(done: Story) -> None:
    says(
        done.fault("pin", "zoo/latest"),
        "pin-no-edit",
        """
        zoo/latest is as its run left it: there is no edit to keep
          → To keep a value of the run, name it: `genarun pin zoo/latest PATH`.
        """,
    )


def test_pin_of_an_edit_that_is_nobodys_value(done: Story) -> None:
    latest = done.root / "trees/zoo/latest/output.json"
    output = json.loads(latest.read_text())
    output["animals"][1]["picture"] = "assets/another.png"
    latest.write_text(json.dumps(output))
    says(
        done.fault("pin", "zoo/latest"),
        "pin-unclear",
        """
        trees/zoo/latest: these edits are not the value of one instance: output.json at animals/1/picture
          → Put them into overrides.yaml by hand (`path: value`), or undo them, and pin the others then. Nothing was written.
        """,
    )


def test_pin_of_a_value_that_the_next_run_would_refuse(done: Story) -> None:
    latest = done.root / "trees/zoo/latest/output.json"
    output = json.loads(latest.read_text())
    output["animals"] = output["animals"][:2]
    latest.write_text(json.dumps(output))
    says(
        done.fault("pin", "zoo/latest"),
        "pin-misfit",
        """
        tree zoo: the value of `animals` does not fit its node: needs at least 3 items, has 2
          → Mend the edit in latest/, or change the node; nothing was written.
        """,
    )
    assert not (done.root / "trees/zoo/overrides.yaml").exists()


def test_purge_deletes_nothing_unasked(done: Story) -> None:
    for seed in ("1", "2"):
        done.genarun("run", "--offline", "--seed", seed)
    says(
        done.fault("purge", "--runs", "1"),
        "purge-unasked",
        """
        2 runs would be deleted, and nobody is there to say yes
          → Add `--yes` to delete them, or `--dry-run` to only list them.
        """,
    )
    assert len(done.runs("zoo")) == 3
