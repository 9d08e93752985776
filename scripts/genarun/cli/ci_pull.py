"""`genarun ci propose` and `ci comment`: what merging a pull request would re-run and cost, and what it changes."""

from __future__ import annotations

from pathlib import Path

import click

from genarun.cli.ci import ci
from genarun.cli.plan import plan_trees
from genarun.cli.planview import plan_markdown
from genarun.cli.session import Session
from genarun.engine.model import Options
from genarun.errors import GenarunError, SetupError
from genarun.github.comments import LIMIT, upsert_comment
from genarun.github.context import Context, read_context
from genarun.github.job import truth
from genarun.github.job_summary import error_markdown
from genarun.github.output_diff import output_diff
from genarun.github.pull_request import MARKER, PLAN_FILE, PullRequest, pull_request
from genarun.github.remote import git_environment
from genarun.github.revisions import Changes, between, open_repository
from genarun.github.runs_here import RESULTS, add_runs
from genarun.github.trees import rest_of
from genarun.tree.model import Tree
from genarun.words import plural

HEAD = "## What merging this re-runs\n\n"
ROOM = 4_000
"""Characters kept free below GitHub's limit, for what says that something was left out."""


@ci.command("propose")
@click.pass_obj
def propose(session: Session) -> int:
    """Plan a pull request. Leaves the plan as Markdown for `ci comment`, and sets `any`."""
    context = read_context(session.screen.environ)
    pull = pull_request(context)
    env = git_environment(context)
    changes = between(session.root, pull.base, pull.head, env)
    code = 0
    try:
        body, any_ = _body(session, context, pull, changes)
    except GenarunError as error:
        body, any_ = f"{HEAD}Nothing, until this is mended:\n\n{session.screen.safe(error_markdown(error))}\n", True
        session.screen.note(session.screen.safe(str(error)))
        code = error.exit_code
    context.summarise(body)
    context.output("any", "true" if any_ else "false")
    results = session.root / RESULTS
    results.mkdir(exist_ok=True)
    (results / PLAN_FILE).write_text(body, encoding="utf-8")
    return code


def _body(session: Session, context: Context, pull: PullRequest, changes: Changes) -> tuple[str, bool]:
    trees = [tree for tree in session.load() if tree.spec.kind == "data"]
    wanted, by_hand = rest_of(changes, trees)
    outputs = _outputs(session, context, pull, changes, trees)
    if not wanted and not outputs and not by_hand:
        return f"{HEAD}No tree: nothing would be called.\n", False
    offline = truth(context.variable("GENARUN_OFFLINE"))
    with open_repository(session.root, git_environment(context)) as repo:
        top = Path(repo.working_tree_dir or session.root).resolve()
        inside = session.root.relative_to(top).as_posix()
        add_runs(repo, [tree.name for tree in wanted], "" if inside == "." else f"{inside}/")
    plans, readers, waiting = plan_trees(session, wanted, {tree.name: Options(offline=offline) for tree in wanted})
    lines = plan_markdown(plans, readers, waiting, "offline" if offline else "real", session.screen)
    parts = [HEAD + "\n".join(lines)]
    if by_hand:
        parts.append(f"Changed, but run by hand only (`rerunOnChange: false`): {', '.join(f'`{name}`' for name in by_hand)}.")
    if outputs:
        parts.append("## What it changes in outputs")
        parts += [f"**`{name}`** {shown}" for name, shown in outputs.items()]
    return _fitted(parts), True


def _outputs(session: Session, context: Context, pull: PullRequest, changes: Changes, trees: list[Tree]) -> dict[str, str]:
    """By tree, how the output that the pull request brings along differs."""
    if changes.files is None or changes.since is None:
        return {}
    touched = {path.parts[1] for path in changes.files if path.parts[2:] == ("latest", "output.json")}
    found = {}
    with open_repository(session.root, git_environment(context)) as repo:
        top = Path(repo.working_tree_dir or session.root).resolve()
        inside = session.root.relative_to(top).as_posix()
        for tree in trees:
            if tree.name in touched:
                folder = f"trees/{tree.name}" if inside == "." else f"{inside}/trees/{tree.name}"
                if shown := output_diff(repo, folder, changes.since, pull.head, context):
                    found[tree.name] = session.screen.masked(shown)
    return found


def _fitted(parts: list[str]) -> str:
    """Whole parts, as many as a comment takes."""
    kept, used = [], 0
    for part in parts:
        if used + len(part) > LIMIT - ROOM:
            continue
        kept.append(part)
        used += len(part) + 2
    if left := len(parts) - len(kept):
        kept.append(f"… {plural(left, 'part')} left out, as a comment takes no more: `genarun plan`, `genarun diff`.")
    return "\n\n".join(kept) + "\n"


@ci.command("comment")
@click.pass_obj
def comment(session: Session) -> int:
    """Write the plan that `ci propose` left into the pull request, as one comment that is kept up to date."""
    context = read_context(session.screen.environ)
    pull = pull_request(context)
    if pull.fork:
        session.screen.say("The pull request comes from a fork: its plan is in the job's summary.")
        return 0
    path = session.root / RESULTS / PLAN_FILE
    try:
        body = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise SetupError("plan-missing", "there is no plan to comment", str(path), "`genarun ci propose` leaves it.") from error
    # A pull request that has nothing to do with trees is not told so, unless it had before.
    done = upsert_comment(context, pull.number, MARKER, body, only_update=context.variable("GENARUN_ANY") == "false")
    session.screen.say(f"Comment {done}.")
    return 0
