"""`genarun resume`."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import click

from genarun.cli.execute import run_trees
from genarun.cli.options import common, running
from genarun.cli.session import Session
from genarun.engine.model import Options
from genarun.errors import SetupError
from genarun.store.layout import parse_run
from genarun.store.records import UNFINISHED


@click.command("resume")
@click.argument("run_id", metavar="RUN")
@running
@common
@click.pass_obj
def resume(
    session: Session,
    run_id: str,
    offline: bool,
    record: Path | None,
    replay: Path | None,
    budget: Decimal | None,
    as_json: bool,
) -> int:
    """Go on with an unfinished run; what it finished is not called again.

    RUN is `tree/2026-11-21_09-30-05`, or `tree` for its newest run. Inputs and seed are the run's own.
    """
    if offline and replay is not None:
        raise click.UsageError("`--offline` and `--replay` exclude each other: both say who answers")
    found = parse_run(session.project.root, run_id)
    trees = session.load([found.tree])
    summary = found.summary()
    if summary is None or summary.status not in UNFINISHED:
        raise SetupError(
            "run-finished",
            f"{found.id} is finished; there is nothing to go on with",
            hint=f"`genarun run {found.tree}` makes a new run; it reuses everything that has not changed.",
        )
    if summary.mode == "replay" and replay is None:
        raise SetupError(
            "resume-replay",
            f"{found.id} was answered from a recording, and resume does not know which",
            hint=f"Name it: `genarun resume {found.id} --replay FILE`.",
        )
    options = Options(
        offline=offline or summary.mode == "offline", record=record, replay=replay, budget=budget, resume=found.stamp
    )
    return run_trees(session, [tree for tree in trees if tree.name == found.tree], {found.tree: options})
