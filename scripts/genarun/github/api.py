"""GitHub's API through PyGithub, with the token of the step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from genarun.errors import RunError, SetupError
from genarun.github.context import Context

if TYPE_CHECKING:
    from github import Github

ACTIONS: Final = "github-actions[bot]"
"""As whom a workflow's own token writes."""
_SECONDS: Final = 30


def connect(context: Context) -> Github:
    """The API, with the step's GITHUB_TOKEN. Raises SetupError (`token-missing`)."""
    token = context.variable("GITHUB_TOKEN")
    if not token:
        raise SetupError(
            "token-missing", "this step has no GITHUB_TOKEN", hint="Pass it on: `env: {GITHUB_TOKEN: ${{ github.token }}}`."
        )
    return api_with(token, context.api_url)


def api_with(token: str, api_url: str) -> Github:
    """The API, with any token."""
    from github import Auth, Github, GithubRetry  # slow to import, and few steps need it

    return Github(auth=Auth.Token(token), base_url=api_url, timeout=_SECONDS, retry=GithubRetry(total=4), lazy=True)


def own_login(api: Github) -> str:
    """As whom the token writes. A workflow's own token may not ask, and is always the same. Raises GithubException where GitHub
    does not answer: taken for somebody else, we would not find what we wrote."""
    from github import GithubException

    try:
        return str(api.get_user().login)
    except GithubException as error:
        if error.status in (401, 403, 404):
            return ACTIONS
        raise


def refused(error: Exception, doing: str, permission: str) -> RunError:
    """What GitHub's answer means to a person. permission: what the job needs, as in `issues: write`."""
    status = getattr(error, "status", None)
    data = getattr(error, "data", None)
    said = data.get("message") if isinstance(data, dict) else None
    hint = "Re-run the failed job."
    if status in (401, 403, 404):
        hint = f"The job needs `{permission}`; an organisation can forbid that under Settings, Actions, General."
    what = f"GitHub did not {doing}: {said or type(error).__name__} ({status or 'no answer'})"
    return RunError("github-refused", what, hint=hint)
