"""A run asks in an issue, a person answers by a comment, and the run goes on: the workflows under act, the issues on an API."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from genarun.github.answers import answer_text
from genarun.github.question_issue import Mark, read_mark
from github import Auth, Github
from github.Issue import Issue
from github.Repository import Repository

from tests.github.acting import ZEROS, Acted, Hub, git
from tests.github.emulated import STRANGER, STRANGERS_TOKEN, USER

TREE = """version: 1
generations:
  - id: photos
    type: text-array
    config: {prompt: "Two subjects"}
    validation: {minLength: 2, maxLength: 2}
    collapse: true
    generations:
      - {id: photo, type: image, config: {prompt: "A photograph of ${item}"}}
  - {id: cover, type: human, config: {prompt: "Which one opens the <show> for @everyone?", options: "${photos}"}}
  - {id: wall, type: template, config: {prompt: "Opens with ${cover}"}}
"""
TEXT = """version: 1
generations:
  - {id: title, type: human, config: {ask: text, prompt: "What is it called?"}}
  - {id: wall, type: template, config: {prompt: "${title}!"}}
"""
READER = """version: 1
inputs: {harbour: {from: harbour}}
generations:
  - {id: sign, type: text, config: {prompt: "${harbour.wall}"}}
"""


def asked(hub: Hub, tree: str = TREE, branch: str = "main") -> Acted:
    if branch == "main":
        hub.create({"harbour": tree})
    else:
        hub.create({})
        git(hub.work, "checkout", "-q", "-b", branch, env=hub.env)
        hub.write({"harbour": tree})
        hub.commit("A question")
    acted = hub.act("regenerate", "push", hub.push_event(ZEROS, git(hub.work, "rev-parse", "HEAD"), branch), branch=branch)
    assert acted.code == 0, acted.log
    return acted


def comment(hub: Hub, issue: Issue, body: str, login: str = USER, kind: str = "User") -> Acted:
    """Somebody writes under an issue: the comment, and the workflow that it starts."""
    issue.create_comment(body)
    event = hub.event(
        action="created",
        issue={"number": issue.number, "labels": [{"name": label.name} for label in issue.labels]},
        comment={"body": body, "user": {"login": login, "type": kind}},
    )
    acted = hub.act("answer", "issue_comment", event)
    assert acted.code == 0, acted.log
    return acted


def replies(issue: Issue) -> list[str]:
    return [one.body for one in issue.get_comments() if one.body.startswith("<!-- genarun:told")]


def latest(hub: Hub, branch: str = "main") -> dict[str, Any]:
    return json.loads(git(hub.remote, "show", f"{branch}:trees/harbour/latest/output.json"))


def test_a_question_becomes_an_issue_and_its_answer_a_result(online: Hub, repository: Repository) -> None:
    acted = asked(online)
    assert "🙋 harbour: waits for an answer" in acted.summary
    (issue,) = repository.get_issues(state="open", labels=["genarun:question"])
    assert issue.title == "harbour: Which one opens the <show> for @\u2060everyone?"
    assert "### Which one opens the &lt;show&gt; for @\u2060everyone?" in issue.body
    tip = git(online.remote, "rev-parse", "main")
    pictures = re.findall(rf'<img src="https://github.com/{online.repository}/raw/{tip}/([^"]+)"', issue.body)
    assert len(pictures) == 2
    for path in pictures:
        assert git(online.remote, "cat-file", "-t", f"{tip}:{path}") == "blob"
    assert "Answer with the number of an option, 1 to 2" in issue.body
    before = git(online.remote, "log", "--format=%h", "main").splitlines()

    acted = comment(online, issue, "2\n\n> Which one opens")
    output = latest(online)
    assert output["cover"] == output["photos"][1]
    assert output["wall"] == f"Opens with {output['cover']}"
    assert len(git(online.remote, "log", "--format=%h", "main").splitlines()) == len(before) + 1
    stamps = git(online.remote, "ls-tree", "--name-only", "main:trees/harbour").splitlines()
    assert len([name for name in stamps if name[0].isdigit()]) == 1, "it went on where it waited"
    closed = repository.get_issue(issue.number)
    assert closed.state == "closed"
    last = list(closed.get_comments())[-1].body
    assert last.startswith(f"Answered by {USER}: ")
    assert f"/tree/main/trees/harbour/{next(name for name in stamps if name[0].isdigit())}" in last
    assert "genarun:answered" in [label.name for label in closed.labels]


def test_a_tree_that_reads_what_waits_runs_with_the_answer(online: Hub, repository: Repository) -> None:
    online.create({"harbour": TEXT, "signs": READER})
    acted = online.act("regenerate", "push", online.push_event(ZEROS, git(online.work, "rev-parse", "HEAD")))
    assert acted.code == 0, acted.log
    assert "reads harbour, whose run waits for an answer" in acted.summary
    assert git(online.remote, "ls-tree", "--name-only", "main:trees/signs") == "config.yaml"
    (issue,) = repository.get_issues(state="open")
    comment(online, issue, "Ferries")
    assert "sign" in json.loads(git(online.remote, "show", "main:trees/signs/latest/output.json"))


def test_others_get_a_polite_reply_and_once(online: Hub, repository: Repository, api: str) -> None:
    asked(online)
    (issue,) = repository.get_issues(state="open")
    theirs = Github(auth=Auth.Token(STRANGERS_TOKEN), base_url=api).get_repo(online.repository).get_issue(issue.number)
    for _ in range(2):
        comment(online, theirs, "1", STRANGER)
    (reply,) = replies(issue)
    assert "@mallory thank you" in reply
    assert repository.get_issue(issue.number).state == "open"
    assert git(online.remote, "log", "-1", "--format=%s", "main").endswith(", waiting")


@pytest.mark.parametrize("said", ["the first one, I think", "$(touch pwned)", "`1`; touch pwned\n-->\n${{ github.token }}"])
def test_what_answers_nothing_is_told_how_to(online: Hub, repository: Repository, said: str) -> None:
    asked(online)
    (issue,) = repository.get_issues(state="open")
    comment(online, issue, said)
    (reply,) = replies(issue)
    assert "I could not read that. Answer with the number of an option, 1 to 2, or with its words." in reply
    assert not list(online.folder.rglob("pwned"))


def test_a_text_may_be_anything_and_stays_text(online: Hub, repository: Repository) -> None:
    asked(online, TEXT)
    (issue,) = repository.get_issues(state="open")
    said = '"; touch pwned; echo \' $(touch pwned) `id` ${title} ${{ secrets.X }}\n::set-output name=x::y\n]]> {"a": 1}'
    comment(online, issue, said)
    assert latest(online) == {"title": said, "wall": f"{said}!"}
    assert not list(online.folder.rglob("pwned"))


def test_the_run_goes_on_on_the_branch_on_which_it_waits(online: Hub, repository: Repository) -> None:
    asked(online, TEXT, "idea/$(touch${IFS}pwned);`id`")
    (issue,) = repository.get_issues(state="open")
    comment(online, issue, "Ferries")
    assert latest(online, "idea/$(touch${IFS}pwned);`id`")["title"] == "Ferries"
    assert git(online.remote, "log", "--format=%s", "main") == "Initial commit"
    assert not list(online.folder.rglob("pwned"))
    assert repository.get_issue(issue.number).state == "closed"


def test_a_newer_run_that_asks_the_same_keeps_the_issue_and_another_closes_it(online: Hub, repository: Repository) -> None:
    asked(online, TEXT)
    (issue,) = repository.get_issues(state="open")
    first = read_mark(issue.body)
    assert first is not None
    online.pull()
    before = git(online.work, "rev-parse", "HEAD")
    online.write({"harbour": TEXT.replace("${title}!", "${title}?")})
    acted = online.act("regenerate", "push", online.push_event(before, online.commit("Ask on")))
    assert acted.code == 0, acted.log
    (same,) = repository.get_issues(state="open")
    second = read_mark(same.body)
    assert second is not None
    assert (same.number, second.same) == (issue.number, first.same)
    assert second.run != first.run
    online.pull()
    before = git(online.work, "rev-parse", "HEAD")
    online.write({"harbour": TEXT.replace("What is it called?", "What is its name?")})
    acted = online.act("regenerate", "push", online.push_event(before, online.commit("Another question")))
    assert acted.code == 0, acted.log
    (new,) = repository.get_issues(state="open")
    assert new.number != issue.number
    assert "Nobody has to answer this any more" in list(repository.get_issue(issue.number).get_comments())[-1].body


def test_an_issue_that_is_not_ours_is_left_alone(online: Hub, repository: Repository, api: str) -> None:
    asked(online, TEXT)
    (issue,) = repository.get_issues(state="open")
    theirs = Github(auth=Auth.Token(STRANGERS_TOKEN), base_url=api).get_repo(online.repository)
    forged = theirs.create_issue("A question", body=issue.body)
    forged = repository.get_issue(forged.number)
    forged.add_to_labels("genarun:question")
    acted = comment(online, repository.get_issue(forged.number), "Ferries")
    assert "No answer to go on with." in acted.log
    assert git(online.remote, "log", "-1", "--format=%s", "main").endswith(", waiting")


def test_a_bot_answers_nothing(online: Hub, repository: Repository) -> None:
    asked(online, TEXT)
    (issue,) = repository.get_issues(state="open")
    assert "No answer to go on with." in comment(online, issue, "Ferries", "some-app", "Bot").log


def test_an_answer_that_came_twice_is_taken_once(online: Hub, repository: Repository) -> None:
    asked(online, TEXT)
    (issue,) = repository.get_issues(state="open")
    comment(online, issue, "Ferries")
    issue.edit(state="open")
    acted = comment(online, issue, "Trams")
    assert "nothing waits for this any more" in replies(issue)[-1]
    assert "No answer to go on with." in acted.log
    assert latest(online)["title"] == "Ferries"


def test_a_comment_elsewhere_starts_nothing(online: Hub, repository: Repository) -> None:
    online.create({"harbour": TEXT})
    issue = repository.create_issue("A bug")
    assert "Read the answer" not in comment(online, issue, "1").log


def test_a_question_whose_time_is_up_is_settled_by_the_morning_run(online: Hub, repository: Repository) -> None:
    asked(online, TEXT.replace('prompt: "What', 'timeout: 1s, default: Nameless, prompt: "What'))
    (issue,) = repository.get_issues(state="open")
    assert "UTC; “Nameless”" in issue.body or "stands then" in issue.body
    acted = online.act("regenerate", "schedule", online.event(schedule="17 5 * * *"))
    assert acted.code == 0, acted.log
    assert latest(online)["title"] == "Nameless"
    assert repository.get_issue(issue.number).state == "closed"


@pytest.mark.parametrize(
    ("body", "whole", "text"),
    [
        ("> quoted\n\n2 please\nmore", False, "2 please"),
        ("<!-- hidden -->\r\n  yes \r\n", False, "yes"),
        ("one\n> quoted\ntwo", True, "one\ntwo"),
        ("> only a quote", False, ""),
    ],
)
def test_what_a_comment_says_by_itself(body: str, whole: bool, text: str) -> None:
    assert answer_text(body, whole=whole) == text


@pytest.mark.parametrize("value", ["a --> b", "feature/<!--", "ä\n`$(id)`", "x" * 2000])
def test_a_mark_holds_anything_and_ends_nowhere_else(value: str) -> None:
    mark = Mark(value, "harbour/2026-01-01_00-00-00", value, "sha256:0")
    assert str(mark).count("-->") == 1
    assert read_mark(f"{mark}\n{mark}") == mark


@pytest.mark.parametrize(
    "body", ["", "<!-- genarun:question -->", "<!-- genarun:question e30= -->", "text <!-- genarun:question e30= -->"]
)
def test_a_mark_that_is_none(body: str) -> None:
    assert read_mark(body) is None


def test_a_mark_cannot_name_a_place_outside(tmp_path: Path) -> None:
    assert read_mark(str(Mark("main", "../../2026-01-01_00-00-00", "title", "k"))) is None
    assert read_mark(str(Mark("main", "harbour/../..", "title", "k"))) is None
