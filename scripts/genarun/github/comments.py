"""One comment of ours on an issue or pull request: found again, and changed only when there is something new to say.

A comment is ours when our marker begins it and the token's own user wrote it. A stranger can write the marker too; his comment
is neither taken for ours nor touched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from genarun.errors import RunError

if TYPE_CHECKING:
    from github import Github
    from github.IssueComment import IssueComment

    from genarun.github.context import Context

COMMENT_LIMIT: Final = 65_536
"""Characters that a comment may have."""
ACTIONS_BOT: Final = "github-actions[bot]"
"""Who writes with a workflow's own token. Nobody can take that name: a person's login has no brackets."""

Outcome = Literal["created", "updated", "unchanged", "absent"]


def connect(context: Context) -> Github:
    """The API, with the job's token. Raises RunError where the step was given none."""
    # Takes a third of a second to import.
    from github import Auth, Github

    token = context.variable("GITHUB_TOKEN")
    if not token:
        raise RunError(
            "token-missing",
            "this step was given no GITHUB_TOKEN",
            hint="In the workflow's step: `env: {GITHUB_TOKEN: ${{ github.token }}}`, and the job's permission to write.",
        )
    return Github(auth=Auth.Token(token), base_url=context.api_url, timeout=30, per_page=100, lazy=True)


def upsert_comment(
    api: Github, repository: str, number: int, marker: str, body: str, *, author: str = "", create: bool = True
) -> Outcome:
    """Leave exactly one comment of ours that says `body` on issue or pull request `number`.

    marker: a line of HTML comment, put before the body. author: login that the token writes as; asked for where it is empty.
    create: whether to write one where there is none. Raises RunError with what GitHub said.
    """
    from github import GithubException  # as above

    text = f"{marker}\n{body.strip()}\n"
    if len(text) > COMMENT_LIMIT:
        raise ValueError(f"{len(text):,} characters are more than a comment takes")
    try:
        issue = api.get_repo(repository).get_issue(number)
        found = _ours(api, issue.get_comments(), marker, author)
        if found is None:
            if not create:
                return "absent"
            issue.create_comment(text)
            return "created"
        if _same(found.body, text):
            return "unchanged"
        found.edit(text)
    except GithubException as error:
        raise refused(error, f"comment on #{number}") from error
    return "updated"


def token_login(api: Github) -> str:
    """The login that the token writes as. A workflow's own token may not ask who it is, and is the Actions bot."""
    from github import GithubException  # as above

    try:
        # Not through a lazy object, whose login would be asked for later, outside of this `try`.
        return str(api.requester.requestJsonAndCheck("GET", "/user")[1]["login"])
    except GithubException as error:
        if error.status in (401, 403, 404):
            return ACTIONS_BOT
        raise


def refused(error: Exception, doing: str) -> RunError:
    """What GitHub answered, as one of our errors."""
    status, data = getattr(error, "status", 0), getattr(error, "data", None)
    said = str(data.get("message", "")) if isinstance(data, dict) else ""
    what = f"GitHub refused to {doing} ({status}{f': {said}' if said else ''})"
    if status in (403, 404):
        return RunError("github-forbidden", what, hint="The job needs `pull-requests: write` or `issues: write`.")
    return RunError("github-refused", what, hint="Run the job again; githubstatus.com tells whether GitHub is well.")


def _ours(api: Github, comments: object, marker: str, author: str) -> IssueComment | None:
    for comment in comments:  # type: ignore[attr-defined]
        if _lines(comment.body)[:1] != [marker]:
            continue
        author = author or token_login(api)
        if comment.user is not None and comment.user.login == author:
            return comment  # type: ignore[no-any-return]
    return None


def _same(one: str | None, other: str) -> bool:
    return _lines(one) == _lines(other)


def _lines(text: str | None) -> list[str]:
    return (text or "").strip().replace("\r\n", "\n").split("\n")
