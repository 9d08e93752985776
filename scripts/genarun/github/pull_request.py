"""What a pull request would re-run and cost, told where it is reviewed: in one comment, and in the job's summary.

A pull request from a fork gets the summary only: its job has no token that could write, and must not need one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from genarun.client.changed import changed_trees
from genarun.errors import RunError, SetupError
from genarun.github.comments import COMMENT_LIMIT, Outcome, connect, upsert_comment
from genarun.github.context import SUMMARY_LIMIT, Context, commit_or_none
from genarun.github.markdown import plain
from genarun.github.output_diff import output_sections
from genarun.github.plan_markdown import Section, plan_sections
from genarun.github.planned import plan_changed
from genarun.github.run_pairs import open_repository
from genarun.tree.model import Tree

if TYPE_CHECKING:
    from git import Repo

Json = Any

MARKER: Final = "<!-- genarun:plan -->"
_KEYS: Final = "GENARUN_KEYS"
"""Names of the keys that the workflow gives to runs, by blanks. The job that plans is given the names only."""


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a plan.

    comment: what happened to the comment; `fork` or `refused` where there is none. trouble: what GitHub refused, for the job's
    log. trees, faults: how many the text tells of.
    """

    comment: Outcome | str
    trees: int
    faults: int
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class PullRequest:
    """The part of the event that is used. base, head: full commit ids. fork: whether the head is not in this repository."""

    number: int
    base: str
    head: str
    fork: bool


def read_pull_request(context: Context) -> PullRequest:
    """The pull request of the event. Raises SetupError where the workflow was started by something else."""
    found = context.event.get("pull_request")
    number = found.get("number") if isinstance(found, dict) else None
    base, head = _side(found, "base"), _side(found, "head")
    base_sha, head_sha = commit_or_none(base.get("sha")), commit_or_none(head.get("sha"))
    if context.event_name != "pull_request" or not isinstance(number, int) or base_sha is None or head_sha is None:
        raise SetupError(
            "no-pull-request",
            "this step comments on pull requests, and none started the workflow",
            f"event {context.event_name[:60]}",
            "Run it in a workflow `on: pull_request`.",
        )
    repository = head.get("repo")
    # A fork that was deleted meanwhile is null.
    name = repository.get("full_name") if isinstance(repository, dict) else None
    fork = not isinstance(name, str) or name.lower() != context.repository.lower()
    return PullRequest(number, base_sha, head_sha, fork)


def comment_plan(root: Path, context: Context, *, author: str = "") -> Told:
    """Plan the trees that the pull request changes, and tell it. root: the project's folder, checked out at the change.

    author: login that the token writes as; asked for where it is empty.
    """
    request = read_pull_request(context)
    keys = context.environ.get(_KEYS)
    offline = context.variable("GENARUN_OFFLINE").lower() in ("1", "true", "yes")
    since, branched = _starts(root, request)

    def changed(trees: Sequence[Tree]) -> list[str]:
        return changed_trees(root, since, trees)

    found, faults, project = plan_changed(
        root, dict(context.environ), changed, offline=offline, keys=None if keys is None else keys.split()
    )
    sections = plan_sections(found, faults, safe=project.masker.text, secrets_url=context.secrets_url)
    outputs = _outputs(root, branched, request.head, context.repository_url)
    sections += outputs
    head = "## What this change would run\n\n"
    foot = f"\n\n<sub>For commit {request.head[:10]}, by [this job]({context.run_url}).</sub>"
    context.summarise(head + fitting(sections, SUMMARY_LIMIT // 2 - len(foot)) + foot)
    if request.fork:
        return Told("fork", len(found), len(faults))
    body = head + fitting(sections, COMMENT_LIMIT - len(head) - len(foot) - len(MARKER) - 100, context.run_url) + foot
    try:
        with connect(context) as api:
            create = bool(found or faults or outputs)
            done = upsert_comment(api, context.repository, request.number, MARKER, body, author=author, create=create)
    except RunError as error:
        # The summary has it all: a token that may only read (Dependabot's) is no reason for a red job.
        return Told("refused", len(found), len(faults), str(error))
    return Told(done, len(found), len(faults))


def fitting(sections: Sequence[Section], limit: int, run_url: str = "") -> str:
    """As many whole parts as fit into `limit` characters, and which ones were left out. The first one is always there."""
    texts = [section.text for section in sections]
    if _length("\n\n".join(texts)) <= limit:
        return "\n\n".join(texts)
    kept: list[str] = texts[:1]
    left: list[str] = []
    room = limit - _length(texts[0])
    note = 2_000  # what the note itself takes at most
    for section in sections[1:]:
        size = _length(section.text) + 2
        if size + note <= room:
            kept.append(section.text)
            room -= size
        else:
            left.append(section.name)
    where = f" [The job's summary]({run_url}) shows them." if run_url else ""
    names = ", ".join(left[:10]) + (f" and {len(left) - 10:,} more" if len(left) > 10 else "")
    return "\n\n".join([*kept, f"**Left out here, for its length:** {names}.{where}"])


def _length(text: str) -> int:
    """As GitHub may count: a character beyond the first plane is two."""
    return len(text.encode("utf-16-le")) // 2


def _side(found: Json, name: str) -> dict[str, Json]:
    side = found.get(name) if isinstance(found, dict) else None
    return side if isinstance(side, dict) else {}


def _outputs(root: Path, base: str, head: str, repository_url: str) -> list[Section]:
    """What new runs changed; where the history is not there to tell, that."""
    try:
        return output_sections(root, base, head, repository_url)
    except SetupError as error:
        if error.code != "revision-unknown":
            raise
        return [Section("outputs", f"Outputs are not compared: {plain(error.what)}. {plain(error.hint or '')}")]


def _starts(root: Path, request: PullRequest) -> tuple[str, str]:
    """(commit that the checked out files are compared with, commit at which the branch began).

    A workflow checks out the merge of both sides; what the change does to that is told by its other parent.
    """
    repo = open_repository(root)
    try:
        fork = _merge_base(repo, request)
        parents = [parent.hexsha for parent in repo.head.commit.parents]
        if len(parents) == 2 and request.head in parents:
            return next((one for one in parents if one != request.head), fork), fork
        return fork, fork
    finally:
        repo.close()


def _merge_base(repo: Repo, request: PullRequest) -> str:
    from git.exc import GitError, ODBError

    try:
        found = repo.merge_base(request.base, request.head)
    except (ValueError, GitError, ODBError):
        return request.base
    return found[0].hexsha if found else request.base
