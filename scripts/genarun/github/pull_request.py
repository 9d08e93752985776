"""A pull request, as its event tells of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from genarun.errors import SetupError
from genarun.github.context import Context, commit_or_none

MARKER: Final = "<!-- genarun:plan -->"
PLAN_FILE: Final = "plan.md"
"""What the job that plans hands on to the job that comments."""


@dataclass(frozen=True, slots=True)
class PullRequest:
    """number; base and head as full commit ids. fork: whether it comes from another repository, or one that is gone."""

    number: int
    base: str
    head: str
    fork: bool


def pull_request(context: Context) -> PullRequest:
    """The event's pull request. Raises SetupError (`no-pull-request`)."""
    try:
        found = context.event["pull_request"]
        base, head = commit_or_none(found["base"]["sha"]), commit_or_none(found["head"]["sha"])
        number = int(found["number"])
    except (KeyError, TypeError, ValueError):
        base = head = None
        number = 0
    if base is None or head is None or number < 1:
        raise SetupError("no-pull-request", "the event is no pull request", hint="Start this workflow by `on: pull_request`.")
    repository = found["head"].get("repo") or {}
    return PullRequest(number, base, head, repository.get("full_name") != context.repository)
