"""What merging a pull request re-runs and costs, and what the runs that it brings along changed, as one text.

A fault is told beside the trees that can be planned: a plan that only fails tells its author nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from genarun.errors import SetupError
from genarun.github.comments import LIMIT
from genarun.github.context import Context
from genarun.github.job import truth
from genarun.github.markdown import code, plain
from genarun.github.output_diff import output_sections
from genarun.github.plan_markdown import Section, plan_sections
from genarun.github.planned import Planner
from genarun.github.pull_request import MARKER, PullRequest
from genarun.github.remote import git_environment
from genarun.github.revisions import Changes, between, open_repository
from genarun.github.runs_here import add_runs
from genarun.github.trees import rest_of

if TYPE_CHECKING:
    from git import Repo

HEAD: Final = "## What merging this re-runs\n\n"
_NOTE: Final = 2_000
"""Characters that the note on what was left out takes at most."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """body: Markdown that a comment takes. any: whether there is something to tell. faults: what has to be mended first."""

    body: str
    any: bool
    faults: tuple[SetupError, ...] = ()


def propose(root: Path, context: Context, request: PullRequest, safe: Callable[[str], str] = str) -> Proposal:
    """Plan the trees that a pull request changes. root: the project, checked out as it would be after merging.

    safe: makes a text fit to be shown, beside the project's own masks.
    """
    planner = Planner(root, context.environ, truth(context.variable("GENARUN_OFFLINE")))
    changes = between(root, request.base, request.head, git_environment(context))
    wanted, by_hand = rest_of(changes, [tree for tree in planner.trees if tree.spec.kind == "data"])
    with open_repository(root, git_environment(context)) as repo:
        inside = root.resolve().relative_to(Path(repo.working_tree_dir or root).resolve()).as_posix()
        add_runs(repo, [tree.name for tree in wanted], "" if inside == "." else f"{inside}/")
        found = planner.plan(wanted)
        outputs = _outputs(repo, root, changes, request, context)
    mask = planner.project.masker.text

    def shown(text: str) -> str:
        return safe(mask(text))

    faults = planner.faults
    sections = plan_sections(found, faults, safe=shown)
    if by_hand:
        names = ", ".join(map(code, by_hand))
        sections.append(Section("trees run by hand", f"Changed, but run by hand only (`rerunOnChange: false`): {names}."))
    sections += outputs
    foot = f"\n\n<sub>For commit {request.head[:10]}, by [this job]({context.run_url}).</sub>\n"
    room = LIMIT - len(HEAD) - len(foot) - len(MARKER) - 10
    body = HEAD + fitting(sections, room) + foot
    return Proposal(body, bool(found or faults or by_hand or outputs), tuple(faults))


def fitting(sections: Sequence[Section], limit: int) -> str:
    """As many whole parts as fit into `limit` characters, and which ones were left out. The first one is always there."""
    texts = [section.text for section in sections]
    if _length("\n\n".join(texts)) <= limit:
        return "\n\n".join(texts)
    kept, left = texts[:1], []
    room = limit - _length(texts[0]) - _NOTE
    for section in sections[1:]:
        size = _length(section.text) + 2
        if size <= room:
            kept.append(section.text)
            room -= size
        else:
            left.append(section.name)
    names = ", ".join(left[:10]) + (f" and {len(left) - 10:,} more" if len(left) > 10 else "")
    return "\n\n".join([*kept, f"**Left out here, for its length:** {names}. `genarun plan` and `genarun diff` show it all."])


def _length(text: str) -> int:
    """As GitHub may count: a character beyond the first plane is two."""
    return len(text.encode("utf-16-le")) // 2


def _outputs(repo: Repo, root: Path, changes: Changes, request: PullRequest, context: Context) -> list[Section]:
    """What new runs changed; where the history is not there to tell, that."""
    if changes.since is None:
        return [Section("outputs", f"Outputs are not compared: {plain(changes.why)}.")]
    try:
        return output_sections(repo, root, changes.since, request.head, context.repository_url)
    except SetupError as error:
        if error.code != "revision-unknown":
            raise
        return [Section("outputs", f"Outputs are not compared: {plain(error.what)}.")]
