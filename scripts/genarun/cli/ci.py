"""`genarun ci …`: the steps of the workflows. Hidden from the main help, as only a workflow has what they need."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from genarun.cli.execute import by_tree, exit_code, run_in_order
from genarun.cli.report import error_lines
from genarun.cli.session import Session
from genarun.cli.summary import Ended
from genarun.engine.model import Options
from genarun.errors import GenarunError, SetupError
from genarun.github.commit import commit_runs
from genarun.github.context import Context, read_context
from genarun.github.job import Request, chosen, for_jobs, requested, truth
from genarun.github.job_summary import Skipped, error_markdown, run_summary, skipped_summary
from genarun.github.markdown import code, plain
from genarun.github.matrix import groups, matrix
from genarun.github.remote import git_environment
from genarun.github.retention import purge_runs
from genarun.github.revisions import open_repository, pushed
from genarun.github.runs_here import RESULTS, add_runs, collect
from genarun.github.trees import Needed, rest_of, runnable
from genarun.tree.model import Tree
from genarun.words import plural

Json = Any
WAITING = 3


class Steps(click.Group):
    """Says of an expected error in the job's summary what the log says, too."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except GenarunError as error:
            session: Session = ctx.obj
            read_context(session.screen.environ).summarise(
                f"### ❌ {ctx.invoked_subcommand}\n\n" + session.screen.safe(error_markdown(error))
            )
            raise


@click.group("ci", cls=Steps)
def ci() -> None:
    """Steps of the workflows in .github/workflows/. docs/github.md says what each workflow does."""


# plan ----------------------------------------------------------------------------------------------------------------


@ci.command("plan")
@click.pass_obj
def plan(session: Session) -> int:
    """Which trees have to run, and in how many jobs. Sets `groups`, a matrix as JSON, and `any`."""
    context = read_context(session.screen.environ)
    if context.event.get("deleted") is True:
        return _planned(session, context, [], None, "this push deleted a branch")
    trees = session.load()
    data = [tree for tree in trees if tree.spec.kind == "data"]
    request = requested(context)
    if request is not None:
        return _planned(session, context, chosen(data, request), request, "")
    changes = pushed(session.root, context, git_environment(context))
    wanted, waiting = rest_of(changes, data)
    return _planned(session, context, wanted, None, changes.why, waiting)


def _planned(
    session: Session, context: Context, trees: Sequence[Tree], request: Request | None, why: str, waiting: Sequence[str] = ()
) -> int:
    from genarun.providers.registry import provider_infos

    found = groups(trees, provider_infos())
    options = for_jobs(request, len(trees))
    context.output("groups", json.dumps([{**one, "options": options} for one in matrix(found)]))
    context.output("any", "true" if found else "false")
    names = [tree.name for tree in trees]
    lines = [
        f"{plural(len(names), 'tree')} to run: {', '.join(names)}"
        if names
        else f"No tree has to run{': ' + why if why else ''}."
    ]
    if names and why:
        lines.append(f"All of them, as {why}; what has not changed calls nothing.")
    if waiting:
        lines.append(f"Changed, but with `rerunOnChange: false`, so run by hand only: {', '.join(waiting)}")
    session.screen.say(*(session.screen.safe(line) for line in lines))
    context.summarise("\n\n".join(session.screen.safe(line) for line in lines))
    return 0


# run -----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Work:
    """What one job has to do, as the plan handed it on in GENARUN_GROUP."""

    trees: tuple[str, ...]
    share: int
    options: Mapping[str, Json]


def _work(context: Context) -> Work:
    try:
        given = json.loads(context.variable("GENARUN_GROUP"))
        trees = tuple(str(name) for name in given["trees"])
        return Work(trees, max(1, int(given.get("share", 1))), dict(given.get("options") or {}))
    except (ValueError, KeyError, TypeError) as error:
        raise SetupError(
            "group-unreadable", "GENARUN_GROUP holds no group of trees", hint="`genarun ci plan` makes it."
        ) from error


@ci.command("fetch")
@click.pass_obj
def fetch(session: Session) -> int:
    """Add the runs of the group's trees to a sparse checkout, so that the next step reuses what they hold."""
    context = read_context(session.screen.environ)
    with open_repository(session.root, git_environment(context)) as repo:
        prefix = session.root.relative_to(Path(repo.working_tree_dir or session.root).resolve()).as_posix()
        found = add_runs(repo, _work(context).trees, "" if prefix == "." else f"{prefix}/")
    session.screen.say(*(session.screen.safe(f"checked out {name}") for name in found))
    return 0


@ci.command("run")
@click.pass_obj
def run(session: Session) -> int:
    """Run the trees of one group in order, and say on GitHub's page how it went."""
    context = read_context(session.screen.environ)
    work = _work(context)
    offline = truth(context.variable("GENARUN_OFFLINE"))
    known = session.project.names()
    trees = session.load([name for name in work.trees if name in known])
    gone = [Skipped(name, why="the tree is no longer there") for name in work.trees if name not in known]
    budget = work.options.get("budget")
    options = Options(
        fresh=bool(work.options.get("fresh")),
        offline=offline,
        budget=None if budget is None else Decimal(str(budget)),
        share=work.share,
    )
    each = by_tree(trees, options, work.options.get("inputs") or {})
    needed: Needed = runnable(session.project, trees, each)
    if needed.skipped or gone:
        context.summarise(session.screen.safe(skipped_summary([*gone, *needed.skipped], context)))
        for one in needed.skipped:
            what = f"{', '.join(one.missing)} is not set" if one.missing else one.why
            session.screen.say(session.screen.safe(f"– {one.tree}: not run: {what}"))
    if not needed.trees:
        return 0

    def told(ended: Ended) -> None:
        context.summarise(session.screen.safe(run_summary(ended.title, ended.result, context)))

    ended, interrupted = asyncio.run(run_in_order(session, needed.trees, each, told))
    for error in (one.result.error for one in ended):
        if error is not None:
            _annotate(session, error)
    worst = exit_code([*(one.result.exit_code for one in ended), *([130] if interrupted else [])])
    return 0 if worst == WAITING else worst


def _annotate(session: Session, error: GenarunError) -> None:
    """The error where GitHub shows it beside the job."""
    text = "\n".join(error_lines(error, session.screen))
    for sign, escaped in (("%", "%25"), ("\r", "%0D"), ("\n", "%0A")):
        text = text.replace(sign, escaped)
    session.screen.note(f"::error::{text}")


@ci.command("collect")
@click.pass_obj
def collect_runs(session: Session) -> int:
    """Put what the runs left, whole or not, where the job that commits it takes it from."""
    context = read_context(session.screen.environ)
    with open_repository(session.root, git_environment(context)) as repo:
        found = collect(repo, session.root, session.root / RESULTS)
    context.output("any", "true" if found else "false")
    session.screen.say(*(session.screen.safe(name) for name in found), f"{plural(len(found), 'folder')} to commit.")
    return 0


# commit --------------------------------------------------------------------------------------------------------------


@ci.command("commit")
@click.pass_obj
def commit(session: Session) -> int:
    """Commit what the runs left to the branch in GENARUN_BRANCH, one commit for each tree, and push."""
    context = read_context(session.screen.environ)
    branch = context.variable("GENARUN_BRANCH") or context.branch
    done = commit_runs(session.root, session.root / RESULTS, branch, context)
    lines = []
    for one in done:
        link = f"[{one.commit[:7]}]({context.repository_url}/commit/{one.commit})" if one.commit else "nothing new"
        session.screen.say(f"{one.tree}: {one.commit or 'nothing new'}")
        lines.append(f"- {code(one.tree)}: {link}")
        for notice in one.notices:
            session.screen.note(session.screen.safe(f"{one.tree}: {notice}"))
            lines.append(f"  - ▲ {plain(notice, 600)}")
    context.summarise("\n".join(["### Committed", "", *lines] if lines else ["Nothing to commit."]))
    return 0


@ci.command("purge")
@click.pass_obj
def purge(session: Session) -> int:
    """Thin out old runs by each tree's `retention`, in one commit."""
    context = read_context(session.screen.environ)
    branch = context.variable("GENARUN_BRANCH") or context.branch
    gone = purge_runs(session.project, branch, context, datetime.now(UTC))
    lines = [session.screen.safe(name) for name in gone]
    session.screen.say(*lines, f"{plural(len(gone), 'run')} deleted." if gone else "Nothing to delete.")
    context.summarise("\n".join([f"### {plural(len(gone), 'run')} deleted", "", *(f"- {code(name)}" for name in gone)]))
    return 0


# The other steps register themselves on the group.
from genarun.cli import ci_pull  # noqa: E402, F401
