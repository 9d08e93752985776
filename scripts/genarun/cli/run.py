"""`genarun run`."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import click

from genarun.cli.execute import by_tree, has_node, run_trees
from genarun.cli.options import common, running, selecting
from genarun.cli.session import Session
from genarun.engine.model import Options


@click.command("run", epilog="Ctrl-C once finishes the calls in flight; twice stops now. Either way `genarun resume` goes on.")
@selecting
@running
@common
@click.pass_obj
def run(
    session: Session,
    trees: tuple[str, ...],
    inputs: dict[str, str],
    seed: int | None,
    changed: str | None,
    fresh: bool,
    only: tuple[str, ...],
    skip: tuple[str, ...],
    offline: bool,
    record: Path | None,
    replay: Path | None,
    budget: Decimal | None,
    as_json: bool,
) -> int:
    """Run trees in dependency order: call the models, write a dated run folder and latest/.

    Without TREE, every tree of the project. What an earlier run holds is reused, an unfinished run is gone on with, and where
    nothing changed nothing is called.
    """
    if offline and replay is not None:
        raise click.UsageError("`--offline` and `--replay` exclude each other: both say who answers")
    loaded = session.load(trees, changed)
    if only:
        # A tree without any of these nodes has nothing to do, unless the name is one that no tree knows.
        loaded = [tree for tree in loaded if any(has_node(tree, name) for name in only)] or loaded
    if not loaded:
        return _nothing(session, changed or "")
    options = Options(
        seed=seed, fresh=fresh, only=only, skip=skip, offline=offline, record=record, replay=replay, budget=budget
    )
    return run_trees(session, loaded, by_tree(loaded, options, inputs))


def _nothing(session: Session, since: str) -> int:
    if session.screen.json:
        session.screen.document({"exitCode": 0, "trees": [], "notRun": []})
    else:
        session.screen.say(f"No tree changed since {session.screen.safe(since)}; nothing was called.")
    return 0
