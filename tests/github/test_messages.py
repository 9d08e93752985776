"""What the steps of the workflows say where they cannot go on, word for word."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from genarun.cli.ci import _work
from genarun.errors import GenarunError
from genarun.github.context import Context, read_context
from genarun.github.incoming import read_incoming
from genarun.github.job import Request, chosen, requested
from genarun.github.revisions import open_repository

from tests.say import says


def context(tmp_path: Path, event: dict[str, Any] | None = None, **environ: str) -> Context:
    path = tmp_path / "event.json"
    path.write_text(json.dumps(event or {}))
    known = {"GITHUB_REPOSITORY": "anna/exhibition", "GITHUB_EVENT_NAME": "push", "GITHUB_EVENT_PATH": str(path)}
    return read_context(known | environ)


def test_outside_of_actions() -> None:
    with pytest.raises(GenarunError) as caught:
        read_context({"GITHUB_REPOSITORY": "anna/exhibition"})
    says(
        caught.value,
        "not-in-actions",
        """
        this command is a step of a workflow, and GITHUB_EVENT_NAME and GITHUB_EVENT_PATH is not set
          → On a laptop use `genarun plan` and `genarun run`; docs/github.md says what the workflows do.
        """,
    )


def test_a_repository_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(GenarunError) as caught:
        context(tmp_path, GITHUB_REPOSITORY="../../etc")
    says(
        caught.value,
        "repository-name",
        """
        GITHUB_REPOSITORY is not `owner/name`
          → GitHub sets it; leave it as it is.
        """,
    )


def test_an_event_that_cannot_be_read() -> None:
    environ = {"GITHUB_REPOSITORY": "a/b", "GITHUB_EVENT_NAME": "push", "GITHUB_EVENT_PATH": "/nowhere/event.json"}
    with pytest.raises(GenarunError) as caught:
        read_context(environ)
    says(
        caught.value,
        "event-unreadable",
        """
        /nowhere/event.json: the event that started this workflow cannot be read
          → Run the job again.
        """,
    )


def test_a_step_in_no_repository(tmp_path: Path) -> None:
    with pytest.raises(GenarunError) as caught:
        open_repository(tmp_path, {})
    says(
        caught.value,
        "no-repository",
        f"""
        {tmp_path}: this folder is in no git repository
          → Check the repository out before this step.
        """,
    )


def test_a_group_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(GenarunError) as caught:
        _work(context(tmp_path, GENARUN_GROUP="{"))
    says(
        caught.value,
        "group-unreadable",
        """
        GENARUN_GROUP holds no group of trees
          → `genarun ci plan` makes it.
        """,
    )


def test_a_form_that_is_filled_in_wrongly(tmp_path: Path) -> None:
    with pytest.raises(GenarunError) as caught:
        requested(context(tmp_path, {"inputs": {"budget": "much"}}, GITHUB_EVENT_NAME="workflow_dispatch"))
    says(
        caught.value,
        "request-unreadable",
        """
        the form, budget: it is no amount in dollars
          → Write it as 0.50, or leave it empty.
        """,
    )


def test_a_tree_that_there_is_not() -> None:
    with pytest.raises(GenarunError) as caught:
        chosen([], Request(("harbour",)))
    says(
        caught.value,
        "trees-unknown",
        """
        there is no tree `harbour`
          → Trees here: none.
        """,
    )


def test_results_that_no_run_writes(tmp_path: Path) -> None:
    (tmp_path / "trees" / "harbour").mkdir(parents=True)
    (tmp_path / "trees" / "harbour" / "config.yaml").write_text("version: 1")
    with pytest.raises(GenarunError) as caught:
        read_incoming(tmp_path)
    says(
        caught.value,
        "results-refused",
        """
        what a run handed on holds 'trees/harbour/config.yaml', and it is neither a run nor latest/
          → Nothing was committed. Look at how the run's job came to write it; its artifact is kept for a week.
        """,
    )
