"""A pull request is told what merging it re-runs, costs and changes: the workflow under act, the comment on an API."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path
from typing import Any

import pytest
from genarun.errors import GenarunError
from genarun.github.api import connect
from genarun.github.comments import upsert_comment
from genarun.github.context import Context
from genarun.github.pull_request import MARKER, pull_request
from github.Repository import Repository

from tests.github.acting import ZEROS, Hub, git
from tests.github.emulated import TOKEN
from tests.github.rendering import look
from tests.github.test_messages import context
from tests.say import says

TREE = """version: 1
title: The harbour
generations:
  - {id: title, type: text, config: {prompt: "A title about ferries"}}
  - {id: picture, type: image, config: {prompt: "${title}"}}
"""


def at(repository: Repository, tmp_path: Path, api: str, token: str = TOKEN) -> Context:
    made = context(tmp_path, GITHUB_REPOSITORY=repository.full_name, GITHUB_API_URL=api)
    return dataclasses.replace(made, environ={"GITHUB_TOKEN": token} if token else {})


def test_a_comment_is_updated_and_not_repeated(repository: Repository, tmp_path: Path, api: str) -> None:
    issue = repository.create_issue("A change")
    here = at(repository, tmp_path, api)
    assert upsert_comment(here, issue.number, MARKER, "one", only_update=True) == "none"
    assert upsert_comment(here, issue.number, MARKER, "one") == "created"
    assert upsert_comment(here, issue.number, MARKER, "one") == "kept"
    assert upsert_comment(here, issue.number, MARKER, "two") == "updated"
    for number in range(40):
        issue.create_comment(f"chatter {number}")
    assert upsert_comment(here, issue.number, MARKER, "three", only_update=True) == "updated"
    ours = [comment.body for comment in issue.get_comments() if comment.body.startswith(MARKER)]
    assert ours == [f"{MARKER}\nthree"]


def test_a_comment_that_is_too_long_is_cut(repository: Repository, tmp_path: Path, api: str) -> None:
    issue = repository.create_issue("A change")
    upsert_comment(at(repository, tmp_path, api), issue.number, MARKER, "x" * 70_000)
    (comment,) = issue.get_comments()
    assert len(comment.body) <= 65_536
    assert comment.body.endswith("… cut here.")


def test_an_issue_that_there_is_not(repository: Repository, tmp_path: Path, api: str) -> None:
    with pytest.raises(GenarunError) as caught:
        upsert_comment(at(repository, tmp_path, api), 99, MARKER, "one")
    says(
        caught.value,
        "github-refused",
        """
        GitHub did not take the comment: Not Found (404)
          → The job needs `pull-requests: write`; an organisation can forbid that under Settings, Actions, General.
        """,
    )


def test_a_step_without_a_token(repository: Repository, tmp_path: Path, api: str) -> None:
    with pytest.raises(GenarunError) as caught:
        connect(at(repository, tmp_path, api, token=""))
    says(
        caught.value,
        "token-missing",
        """
        this step has no GITHUB_TOKEN
          → Pass it on: `env: {GITHUB_TOKEN: ${{ github.token }}}`.
        """,
    )


def test_an_event_that_is_no_pull_request(tmp_path: Path) -> None:
    with pytest.raises(GenarunError) as caught:
        pull_request(context(tmp_path, {"pull_request": {"number": "; rm -rf /"}}))
    says(
        caught.value,
        "no-pull-request",
        """
        the event is no pull request
          → Start this workflow by `on: pull_request`.
        """,
    )


# The whole workflow --------------------------------------------------------------------------------------------------


@pytest.fixture
def hub(online: Hub) -> Hub:
    return online


def pull_event(hub: Hub, number: int, branch: str, fork: bool = False, title: str = "A change") -> dict[str, Any]:
    """The event of a pull request from `branch` to main; its merge is made as GitHub makes it."""
    merge = hub.folder / "merge"
    git(hub.folder, "clone", "-q", str(hub.remote), str(merge), env=hub.env)
    git(merge, "merge", "-q", "--no-ff", "-m", "merge", f"origin/{branch}", env=hub.env)
    git(merge, "push", "-q", "-f", "origin", f"HEAD:refs/pull/{number}/merge", env=hub.env)
    head, base = git(hub.remote, "rev-parse", branch), git(hub.remote, "rev-parse", "main")
    of = "mallory/fork" if fork else hub.repository
    return hub.event(
        action="synchronize",
        number=number,
        ref=f"refs/pull/{number}/merge",
        pull_request={
            "number": number,
            "title": title,
            "base": {"sha": base, "ref": "main", "repo": {"full_name": hub.repository}},
            "head": {"sha": head, "ref": branch, "repo": {"full_name": of}},
        },
    )


def proposed(hub: Hub, change: dict[str, str]) -> None:
    """main has run; a branch `idea` changes something of it."""
    hub.create({"harbour": TREE})
    hub.act("regenerate", "push", hub.push_event(ZEROS, git(hub.work, "rev-parse", "HEAD")))
    hub.pull()
    git(hub.work, "checkout", "-q", "-b", "idea", env=hub.env)
    hub.write(change)
    hub.commit("An idea")


def test_a_pull_request_reads_what_merging_costs(hub: Hub, repository: Repository) -> None:
    issue = repository.create_issue("A change")
    proposed(hub, {"harbour": TREE.replace("ferries", "trams")})
    acted = hub.act("plan", "pull_request", pull_event(hub, issue.number, "idea"), branch="idea")
    assert acted.code == 0, acted.log
    (comment,) = issue.get_comments()
    assert "## What merging this re-runs" in comment.body
    assert "### The harbour (<code>harbour</code>)" in comment.body
    assert re.search(r"^\| <code>title</code> \| 1 \|.*\| the prompt changed \|$", comment.body, re.MULTILINE)
    # Nothing was called and nothing written.
    assert git(hub.remote, "log", "-1", "--format=%s", "idea") == "An idea"
    # Another push that takes it back: the same comment says so.
    git(hub.work, "revert", "--no-edit", "HEAD", env=hub.env)
    hub.commit("Take it back")
    shutil_rm(hub.folder / "merge")
    acted = hub.act("plan", "pull_request", pull_event(hub, issue.number, "idea"), branch="idea")
    assert acted.code == 0, acted.log
    (comment,) = issue.get_comments()
    assert "No tree changed: nothing would be called." in comment.body


def shutil_rm(path: Path) -> None:
    import shutil

    shutil.rmtree(path)


def test_a_fork_reads_it_in_the_summary_alone(hub: Hub, repository: Repository) -> None:
    issue = repository.create_issue("A change")
    proposed(hub, {"harbour": TREE.replace("ferries", "trams")})
    acted = hub.act("plan", "pull_request", pull_event(hub, issue.number, "idea", fork=True), branch="idea")
    assert acted.code == 0, acted.log
    assert "the prompt changed" in acted.summary
    assert list(issue.get_comments()) == []


def test_a_run_that_comes_along_is_shown_word_by_word_and_side_by_side(hub: Hub, repository: Repository) -> None:
    issue = repository.create_issue("A change")
    proposed(hub, {"harbour": TREE.replace("ferries", "trams")})
    acted = hub.act("regenerate", "push", hub.push_event(ZEROS, git(hub.work, "rev-parse", "HEAD"), "idea"), branch="idea")
    assert acted.code == 0, acted.log
    acted = hub.act("plan", "pull_request", pull_event(hub, issue.number, "idea"), branch="idea")
    assert acted.code == 0, acted.log
    (comment,) = issue.get_comments()
    assert "**2 changed**, 0 added, 0 removed" in comment.body
    assert "| <code>title</code> |" in comment.body
    head, base = git(hub.remote, "rev-parse", "idea"), git(hub.remote, "rev-parse", "main")
    for commit in (base, head):
        address = rf"https://github.com/{hub.repository}/blob/{commit}/"
        shown = re.search(rf'<img src="{address}(trees/[^"?]+)[?]raw=true"', comment.body)
        assert shown is not None
        assert git(hub.remote, "cat-file", "-t", f"{commit}:{shown[1]}") == "blob"


def test_a_fault_is_told_where_the_author_looks(hub: Hub, repository: Repository) -> None:
    issue = repository.create_issue("A change")
    proposed(hub, {"harbour": TREE.replace("prompt:", "prmpt:")})
    acted = hub.act("plan", "pull_request", pull_event(hub, issue.number, "idea"), branch="idea")
    assert acted.code != 0
    (comment,) = issue.get_comments()
    page = look(comment.body.removeprefix(MARKER), f"https://github.com/{hub.repository}")
    assert "trees/harbour/config.yaml:4:" in page.code


def test_a_change_elsewhere_is_not_commented(hub: Hub, repository: Repository) -> None:
    issue = repository.create_issue("A change")
    proposed(hub, {})
    acted = hub.act("plan", "pull_request", pull_event(hub, issue.number, "idea"), branch="idea")
    assert acted.code == 0, acted.log
    assert list(issue.get_comments()) == []


def test_the_event_itself_is_data(hub: Hub, repository: Repository) -> None:
    issue = repository.create_issue("A change")
    name = "title: '@everyone <img src=x onerror=1> | `$(touch pwned)` #1'"
    proposed(hub, {"harbour": TREE.replace("title: The harbour", name).replace("ferries", "trams")})
    title = "$(touch pwned) `touch pwned` ${{ secrets.GITHUB_TOKEN }} -->"
    payload = pull_event(hub, issue.number, "idea", title=title)
    acted = hub.act("plan", "pull_request", payload, branch="idea")
    assert acted.code == 0, acted.log
    assert not list(hub.folder.rglob("pwned"))
    for comment in issue.get_comments():
        assert "@everyone" not in comment.body
        assert "<img" not in comment.body
    assert json.dumps(payload)


def test_a_plan_that_was_not_handed_on(hub: Hub) -> None:
    from genarun.cli.ci_pull import comment
    from genarun.cli.screen import Screen
    from genarun.cli.session import Session

    hub.create({"harbour": TREE})
    commit = git(hub.work, "rev-parse", "HEAD")
    here = {"sha": commit, "repo": {"full_name": hub.repository}}
    (hub.folder / "event.json").write_text(json.dumps(hub.event(pull_request={"number": 1, "base": here, "head": here})))
    known = {"GITHUB_REPOSITORY": hub.repository, "GITHUB_EVENT_NAME": "pull_request"}
    session = Session(Screen(known | {"GITHUB_EVENT_PATH": str(hub.folder / "event.json")}), hub.work)
    with pytest.raises(GenarunError) as caught:
        comment.main([], obj=session, standalone_mode=False)
    says(
        caught.value,
        "plan-missing",
        f"""
        {hub.work}/genarun-results/plan.md: there is no plan to comment
          → `genarun ci propose` leaves it.
        """,
    )
