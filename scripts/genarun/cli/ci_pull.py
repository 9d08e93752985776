"""`genarun ci propose` and `ci comment`: what merging a pull request would re-run and cost, and what it changes."""

from __future__ import annotations

import click

from genarun.cli.ci import ci
from genarun.cli.report import error_lines
from genarun.cli.session import Session
from genarun.errors import SetupError
from genarun.github import proposal
from genarun.github.comments import upsert_comment
from genarun.github.context import read_context
from genarun.github.pull_request import MARKER, PLAN_FILE, pull_request
from genarun.github.runs_here import RESULTS


@ci.command("propose")
@click.pass_obj
def propose(session: Session) -> int:
    """Plan a pull request. Leaves the plan as Markdown for `ci comment`, and sets `any`."""
    context = read_context(session.screen.environ)
    found = proposal.propose(session.root, context, pull_request(context), session.screen.safe)
    context.summarise(found.body)
    context.output("any", "true" if found.any else "false")
    results = session.root / RESULTS
    results.mkdir(exist_ok=True)
    (results / PLAN_FILE).write_text(found.body, encoding="utf-8")
    for fault in found.faults:
        session.screen.note(*error_lines(fault, session.screen))
    return found.faults[0].exit_code if found.faults else 0


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
