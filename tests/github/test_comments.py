"""One comment of ours: written once, changed when there is something new, and never somebody else's."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from genarun.errors import RunError
from genarun.github.comments import ACTIONS_BOT, COMMENT_LIMIT, token_login, upsert_comment
from github import Auth, Github, GithubException

from tests.github.emulated import STRANGER, TOKEN, GitHub, emulated_github

MARKER = "<!-- genarun:plan -->"


@pytest.fixture(scope="module")
def service() -> Iterator[GitHub]:
    with emulated_github() as found:
        yield found


class Issue:
    """A new issue, and what is said there."""

    def __init__(self, service: GitHub) -> None:
        self.service = service
        self.number: int = service.ask("POST", "/repos/admin/zoo/issues", {"title": "A change"})["number"]

    def says(self, body: str, token: str = TOKEN) -> None:
        self.service.ask("POST", f"/repos/admin/zoo/issues/{self.number}/comments", {"body": body}, token)

    @property
    def comments(self) -> list[tuple[str, str]]:
        found = self.service.ask("GET", f"/repos/admin/zoo/issues/{self.number}/comments?per_page=100")
        return [(one["user"]["login"], one["body"]) for one in found]

    def upsert(self, body: str, **more: Any) -> str:
        api = Github(auth=Auth.Token(TOKEN), base_url=self.service.url, per_page=more.pop("per_page", 100), lazy=True)
        with api:
            return upsert_comment(api, "admin/zoo", self.number, MARKER, body, **more)


@pytest.fixture
def issue(service: GitHub) -> Issue:
    return Issue(service)


def test_created_then_left_alone_then_updated(issue: Issue) -> None:
    assert issue.upsert("3 calls") == "created"
    assert issue.upsert("3 calls") == "unchanged"
    assert issue.upsert("3 calls\n\n") == "unchanged"
    assert issue.upsert("4 calls") == "updated"
    assert issue.comments == [("admin", f"{MARKER}\n4 calls\n")]


def test_a_strangers_marker_is_not_ours(issue: Issue) -> None:
    issue.says(f"{MARKER}\nTrust me, it is free", STRANGER)
    assert issue.upsert("3 calls") == "created"
    assert issue.upsert("4 calls") == "updated"
    assert issue.comments == [("stranger", f"{MARKER}\nTrust me, it is free"), ("admin", f"{MARKER}\n4 calls\n")]


def test_a_comment_of_ours_that_only_quotes_the_marker_is_another_one(issue: Issue) -> None:
    issue.says(f"A tree's text says {MARKER}")
    assert issue.upsert("3 calls") == "created"
    assert [body for _, body in issue.comments] == [f"A tree's text says {MARKER}", f"{MARKER}\n3 calls\n"]


def test_it_is_found_on_a_later_page(issue: Issue) -> None:
    for number in range(7):
        issue.says(f"Comment {number}", STRANGER)
    assert issue.upsert("3 calls", per_page=2) == "created"
    assert issue.upsert("4 calls", per_page=2) == "updated"
    assert len(issue.comments) == 8


def test_without_one_there_is_nothing_to_take_back(issue: Issue) -> None:
    assert issue.upsert("Nothing", create=False) == "absent"
    assert issue.comments == []
    issue.upsert("3 calls")
    assert issue.upsert("Nothing", create=False) == "updated"


def test_an_author_that_is_known_is_not_asked_for(issue: Issue) -> None:
    issue.says(f"{MARKER}\n3 calls")
    assert issue.upsert("4 calls", author=ACTIONS_BOT) == "created"  # the bot has none yet: this one is admin's


def test_what_github_refuses_is_told(service: GitHub) -> None:
    with (
        Github(auth=Auth.Token(TOKEN), base_url=service.url, lazy=True, retry=None) as api,
        pytest.raises(RunError, match=r"GitHub refused to comment on #1 \(404: Not Found\)") as caught,
    ):
        upsert_comment(api, "admin/nowhere", 1, MARKER, "3 calls")
    assert caught.value.code == "github-forbidden"
    assert "pull-requests: write" in str(caught.value.hint)


def test_a_comment_is_never_too_long(service: GitHub) -> None:
    with Github(auth=Auth.Token(TOKEN), base_url=service.url, lazy=True) as api, pytest.raises(ValueError, match="more than"):
        upsert_comment(api, "admin/zoo", 1, MARKER, "x" * COMMENT_LIMIT)


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_workflows_own_token_may_not_ask_who_it_is(status: int) -> None:
    def refuse(*_: object) -> None:
        raise GithubException(status, {"message": "Resource not accessible by integration"})

    api: Any = SimpleNamespace(requester=SimpleNamespace(requestJsonAndCheck=refuse))
    assert token_login(api) == ACTIONS_BOT
