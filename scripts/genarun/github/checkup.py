"""The settings of a repository that the workflows need: what each is, and how it is put right.

`genarun doctor` only looks; `genarun init` looks and mends. Both walk the same list, so neither knows more than the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from genarun.github.people import LABELS, make_labels
from genarun.words import listed

if TYPE_CHECKING:
    from github.Repository import Repository

Json = Any

_BLOCKING: Final = {
    "pull_request": "demands pull requests",
    "update": "forbids pushes",
    "required_signatures": "demands signed commits",
    "required_status_checks": "demands checks before a push",
    "merge_queue": "demands the merge queue",
}
"""Rules of a branch under which a commit of data is refused, by their type."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    what: how it is, in a line. hint: what a person can do about it. mend: puts it right and says what it did, where that needs
    no person; raises GithubException. failed: it could not be looked at, or mended.
    """

    what: str
    ok: bool = True
    hint: str = ""
    mend: Callable[[], str] | None = None
    failed: bool = False


def checks(repository: Repository) -> Iterator[Check]:
    """Every setting in turn. Raises RequestException where GitHub does not answer."""
    from github import GithubException

    for doing, look in _LOOKS.items():
        try:
            yield from look(repository)
        except GithubException as error:
            yield refusal(error, f"tell {doing}")


def refusal(error: Exception, doing: str) -> Check:
    """What GitHub's no, a GithubException, means. doing: what it did not do, as in `set a secret`."""
    status, data = getattr(error, "status", 0), getattr(error, "data", None)
    said = data.get("message") if isinstance(data, dict) else None
    hint = "Run it again."
    lacking = (getattr(error, "headers", None) or {}).get("x-accepted-github-permissions", "")
    if lacking:
        hint = f"Give the token the permission {listed([f'`{one.strip()}`' for one in lacking.split(';')], 'or')}."
    elif status in (403, 404):
        hint = (
            "Give the token the scope `repo`, or the permission that this needs; an organisation's policy can also forbid it."
        )
    elif status == 409:
        hint = "An organisation or enterprise decides this; its owners can change it under Settings, Actions, General."
    return Check(f"GitHub did not {doing}: {said or type(error).__name__} ({status})", ok=False, hint=hint, failed=True)


# What is looked at ----------------------------------------------------------------------------------------------------


def _issues(repository: Repository) -> Iterator[Check]:
    if repository.has_issues:
        yield Check("issues are on, for the questions of `human` nodes")
        return

    def mend() -> str:
        repository.edit(has_issues=True)
        return "switched issues on, for the questions of `human` nodes"

    yield Check("issues are off: a `human` node cannot ask", ok=False, mend=mend)


def _actions(repository: Repository) -> Iterator[Check]:
    place = f"{repository.url}/actions/permissions"
    found = _get(repository, place)
    if not found["enabled"]:

        def enable() -> str:
            _put(repository, place, {"enabled": True, "allowed_actions": "all"})
            return "switched Actions on"

        yield Check("Actions are off: nothing runs after a push", ok=False, mend=enable)
        return
    allowed = found.get("allowed_actions", "all")
    chosen = _get(repository, f"{place}/selected-actions") if allowed == "selected" else {}
    if allowed == "all" or chosen.get("github_owned_allowed"):
        yield Check("Actions are on")
        return

    def allow() -> str:
        # What else was allowed stays allowed, and what was not is not.
        _put(
            repository,
            place,
            {key: found[key] for key in ("enabled", "sha_pinning_required") if key in found} | {"allowed_actions": "selected"},
        )
        kept = {key: chosen[key] for key in ("verified_allowed", "patterns_allowed") if key in chosen}
        _put(
            repository,
            f"{place}/selected-actions",
            {"verified_allowed": False, "patterns_allowed": []} | kept | {"github_owned_allowed": True},
        )
        return "allowed the actions that GitHub itself makes"

    yield Check("the actions that GitHub itself makes are not allowed, and the workflows use them", ok=False, mend=allow)


def _token(repository: Repository) -> Iterator[Check]:
    place = f"{repository.url}/actions/permissions/workflow"
    found = _get(repository, place)
    if found["default_workflow_permissions"] == "read":
        yield Check("a workflow may only read, unless it says otherwise")
        return

    def mend() -> str:
        kept = {"can_approve_pull_request_reviews": found["can_approve_pull_request_reviews"]}
        _put(repository, place, {"default_workflow_permissions": "read"} | kept)
        return "made workflows read only, unless they say otherwise"

    yield Check("every workflow may write, also one that does not say so", ok=False, mend=mend)


def _labels(repository: Repository) -> Iterator[Check]:
    have = {label.name for label in repository.get_labels()}
    lacking = [name for name in LABELS if name not in have]
    if not lacking:
        yield Check(f"the {'labels are' if len(LABELS) > 1 else 'label is'} there: {listed(list(LABELS))}")
        return

    def mend() -> str:
        return f"made the labels {listed(make_labels(repository))}"

    yield Check(f"labels are missing: {listed(lacking)}", ok=False, mend=mend)


def _rules(repository: Repository) -> Iterator[Check]:
    branch = repository.default_branch
    found = _get(repository, f"{repository.url}/rules/branches/{quote(branch)}")
    blocking = [_BLOCKING[kind] for kind in dict.fromkeys(rule["type"] for rule in found) if kind in _BLOCKING]
    if blocking:
        hint = f"Let the GitHub Actions app bypass it: {repository.html_url}/settings/rules; or keep trees on another branch."
        yield Check(f"a rule of {branch} {listed(blocking)}: data cannot be committed to it", ok=False, hint=hint)
    else:
        yield Check(f"no rule keeps data from being committed to {branch}")


_LOOKS: Final[Mapping[str, Callable[[Any], Iterator[Check]]]] = {
    "whether issues are on": _issues,
    "whether Actions are on": _actions,
    "what a workflow may do": _token,
    "which labels there are": _labels,
    "the rules of the branch": _rules,
}


# PyGithub has no calls for these -------------------------------------------------------------------------------------


def _get(repository: Repository, url: str) -> Json:
    _, data = repository.requester.requestJsonAndCheck("GET", url)
    return data


def _put(repository: Repository, url: str, body: Mapping[str, Json]) -> None:
    repository.requester.requestJsonAndCheck("PUT", url, input=dict(body))
