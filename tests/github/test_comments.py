"""One comment of ours: never somebody else's, and never a second one because GitHub did not answer."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from genarun.github.api import ACTIONS, own_login
from genarun.github.comments import _lines, _ours
from github import GithubException

MARKER = "<!-- genarun:plan -->"


def comment(login: str | None, body: str | None) -> Any:
    return SimpleNamespace(user=login and SimpleNamespace(login=login), body=body)


OURS = comment(ACTIONS, f"{MARKER}\n3 calls")


@pytest.mark.parametrize(
    "other",
    [
        comment("mallory", f"{MARKER}\nTrust me, it is free"),
        comment("github-actions", f"{MARKER}\nA person may have taken that name"),
        comment(None, f"{MARKER}\nThe account is gone"),
        comment(ACTIONS, f"A tree's text says {MARKER}"),
        comment(ACTIONS, f"{MARKER} and more\n3 calls"),
        comment(ACTIONS, f"> {MARKER}\n> 3 calls"),
        comment(ACTIONS, None),
        comment(ACTIONS, ""),
    ],
)
def test_only_what_we_wrote_under_our_marker_is_ours(other: Any) -> None:
    assert _ours([other], MARKER, ACTIONS) is None
    assert _ours([other, OURS], MARKER, ACTIONS) is OURS


def test_line_ends_make_no_difference() -> None:
    assert _lines(comment(ACTIONS, f"{MARKER}\r\n3 calls\r\n")) == _lines(OURS)


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_workflows_own_token_may_not_ask_who_it_is(status: int) -> None:
    assert own_login(refusing(status)) == ACTIONS


def test_whoever_does_not_answer_has_not_said_who_we_are() -> None:
    with pytest.raises(GithubException):
        own_login(refusing(502))


def refusing(status: int) -> Any:
    def refuse() -> None:
        raise GithubException(status, {"message": "no"})

    return SimpleNamespace(get_user=refuse)
