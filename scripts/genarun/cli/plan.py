"""`genarun plan`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from genarun.cli.execute import by_tree
from genarun.cli.options import Dollars, common, selecting
from genarun.cli.planview import plan_json, plan_lines
from genarun.cli.session import Session
from genarun.engine.model import Options
from genarun.github.plan_markdown import PlannedTree, plan_markdown
from genarun.planning.model import Plan
from genarun.planning.telling import waits_text
from genarun.tree.model import Tree


@click.command("plan")
@selecting
@click.option("--offline", is_flag=True, help="Plan a run with the offline provider.")
@click.option("--replay", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Plan a run from a recording.")
@click.option("--budget", type=Dollars(), metavar="USD", help="Check against this many dollars instead of the tree's budget.")
@click.option("--markdown", is_flag=True, help="A table as GitHub shows it, for comments and summaries.")
@common
@click.pass_obj
def plan(
    session: Session,
    trees: tuple[str, ...],
    inputs: dict[str, str],
    seed: int | None,
    changed: str | None,
    fresh: bool,
    only: tuple[str, ...],
    skip: tuple[str, ...],
    offline: bool,
    replay: Path | None,
    budget: object,
    markdown: bool,
    as_json: bool,
) -> int:
    """Show what a run would call, why, and what it would cost. Calls nothing and writes nothing."""
    if markdown and as_json:
        raise click.UsageError("`--markdown` and `--json` exclude each other")
    if offline and replay is not None:
        raise click.UsageError("`--offline` and `--replay` exclude each other: both say who answers")
    screen = session.screen
    loaded = session.load(trees, changed)
    options = Options(seed=seed, fresh=fresh, only=only, skip=skip, offline=offline, replay=replay, budget=budget)  # type: ignore[arg-type]
    each = by_tree(loaded, options, inputs)
    plans, readers, waiting = plan_trees(session, loaded, each)
    mode = "offline" if offline else "replay" if replay else "real"
    if as_json:
        waits = [{"tree": name, "reads": sources} for name, sources in waiting.items()]
        screen.document({"trees": [plan_json(one, readers[one.tree]) for one in plans], "waiting": waits})
    elif markdown:
        made = [PlannedTree(one.tree, one, tuple(readers[one.tree]), mode=mode) for one in plans]
        made += [PlannedTree(name, waits=tuple(sources), mode=mode) for name, sources in waiting.items()]
        screen.say(plan_markdown(made, safe=screen.safe))
    elif not loaded:
        screen.say(f"No tree changed since {screen.safe(changed or '')}; nothing would be called.")
    else:
        for number, one in enumerate(plans):
            screen.say(*([""] if number else []), *plan_lines(one, readers[one.tree], mode, screen))
        screen.say(*(f"\n{screen.safe(name)} {waits_text(sources)}" for name, sources in waiting.items()))
    return 0


def plan_trees(
    session: Session, trees: Sequence[Tree], options: Mapping[str, Options]
) -> tuple[list[Plan], dict[str, list[str]], dict[str, list[str]]]:
    """The plans; by tree, those it reads that would change; and by tree that cannot be planned, those it waits for.

    A tree that reads another's output cannot be planned before that one has made any."""
    names = {tree.name for tree in trees}
    waiting = {tree.name: missing for tree in trees if (missing := _missing(session, tree, names))}
    plans = [session.project.plan(tree, options[tree.name]) for tree in trees if tree.name not in waiting]
    changing = {one.tree for one in plans if not one.unchanged}
    return plans, {tree.name: [name for name in tree.after if name in changing] for tree in trees}, waiting


def _missing(session: Session, tree: Tree, planned: set[str]) -> list[str]:
    """Sources that are planned beside the tree and have no output yet."""
    return [name for name in tree.after if name in planned and session.project.folder(name).latest_run() is None]
