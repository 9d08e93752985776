"""One comment of ours in an issue or pull request: updated, never repeated."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from genarun.github.api import connect, own_login, refused
from genarun.github.context import Context

if TYPE_CHECKING:
    from github.IssueComment import IssueComment

LIMIT: Final = 65_536
"""Characters that GitHub takes in a comment."""


def upsert_comment(context: Context, number: int, marker: str, body: str, *, only_update: bool = False) -> str:
    """Write a comment of ours, in the place of the one that is there; what was done: created, updated, kept, none.

    number: of the issue or pull request. marker: hidden, as in `<!-- genarun:plan -->`; a comment with it that somebody else
    wrote is not ours. only_update: where there is none yet, none is made. Raises RunError (`github-refused`).
    """
    from github import GithubException
    from requests import RequestException

    text = f"{marker}\n{body}"
    text = text if len(text) <= LIMIT else f"{text[: LIMIT - 40].rstrip()}\n\n… cut here."
    api = connect(context)
    try:
        issue = api.get_repo(context.repository).get_issue(number)
        ours = _ours(issue.get_comments(), marker, own_login(api))
        if ours is None:
            if only_update:
                return "none"
            issue.create_comment(text)
            return "created"
        if _lines(ours) == text.strip().split("\n"):
            return "kept"
        ours.edit(text)
        return "updated"
    except (GithubException, RequestException) as error:
        raise refused(error, "take the comment", "pull-requests: write") from error


def _ours(comments: Iterable[IssueComment], marker: str, login: str) -> IssueComment | None:
    """The one that our marker begins and that we wrote. Somebody whose account is gone is nobody."""
    return next((one for one in comments if _lines(one)[:1] == [marker] and one.user and one.user.login == login), None)


def _lines(comment: IssueComment) -> list[str]:
    return (comment.body or "").strip().replace("\r\n", "\n").split("\n")
