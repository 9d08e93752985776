"""`genarun purge`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import click

from genarun.cli.options import common
from genarun.cli.runs import known_tree, status_cell, when
from genarun.cli.session import Session
from genarun.cli.table import Cell, Column, table
from genarun.errors import SetupError
from genarun.store.files import walk_files
from genarun.store.layout import RunRef, TreeFolder
from genarun.store.lock import lock
from genarun.store.purge import plan_purge, values_lost
from genarun.store.purge import purge as purge_tree
from genarun.words import one_line, plural, size


@dataclass(frozen=True, slots=True)
class Thinning:
    """What would go from one tree. runs, days: what stays, as the command or the tree's retention says."""

    folder: TreeFolder
    runs: int | None
    days: int | None
    doomed: Sequence[RunRef]


@click.command("purge")
@click.argument("trees", nargs=-1, metavar="[TREE]...")
@click.option("--runs", type=click.IntRange(min=1), metavar="N", help="Keep the newest N runs. Default: the tree's retention.")
@click.option("--days", type=click.IntRange(min=0), metavar="N", help="Keep runs younger than N days.")
@click.option("--dry-run", is_flag=True, help="List what would go, delete nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@common
@click.pass_obj
def purge(
    session: Session, trees: tuple[str, ...], runs: int | None, days: int | None, dry_run: bool, yes: bool, as_json: bool
) -> int:
    """Delete old runs, after listing them.

    A run stays when either --runs or --days keeps it. latest/, the newest run that succeeded and the run that can be gone on
    with always stay.
    """
    screen, now = session.screen, datetime.now(UTC)
    names = [known_tree(session, name) for name in trees] or session.project.names()
    thinnings = [_thinning(session, name, runs, days, now) for name in names]
    doomed = [(one, ref) for one in thinnings for ref in one.doomed]
    sizes = {ref.id: sum(path.lstat().st_size for _, path in walk_files(ref.folder)) for _, ref in doomed}
    lost = {one.folder.name: values_lost(one.folder, list(one.doomed)) for one in thinnings if one.doomed}
    if not as_json:
        screen.say(*_listing([ref for _, ref in doomed], sizes, lost, now, session))
    if doomed and not dry_run:
        _sure(session, len(doomed), yes, as_json)
    notices: list[str] = []
    gone = 0
    for one in thinnings if not dry_run else []:
        if one.doomed:
            with lock(one.folder):
                done = purge_tree(one.folder, one.runs, one.days, now)
            gone += len(done.runs)
            notices += done.notices
    if as_json:
        listed = [{"run": ref.id, "bytes": sizes[ref.id]} for _, ref in doomed]
        total = sum(sizes.values())
        screen.document(
            {"dryRun": dry_run, "runs": listed, "bytes": total, "valuesLost": sum(lost.values()), "notices": notices}
        )
    elif gone:
        screen.say(f"{screen.paint('✓', 'green bold')} {plural(gone, 'run')} deleted")
    return 0


def _thinning(session: Session, name: str, runs: int | None, days: int | None, now: datetime) -> Thinning:
    folder = session.project.folder(name)
    if runs is None and days is None:
        # Only a tree without flags need load: a broken config must not keep anybody from making room.
        (tree,) = [tree for tree in session.load([name]) if tree.name == name]
        retention = tree.settings.retention
        runs, days = (retention.runs, retention.days) if retention is not None else (None, None)
    return Thinning(folder, runs, days, plan_purge(folder, runs, days, now))


def _listing(
    doomed: Sequence[RunRef], sizes: dict[str, int], lost: dict[str, int], now: datetime, session: Session
) -> list[str]:
    screen = session.screen
    if not doomed:
        return ["Nothing to delete."]
    rows: list[list[Cell]] = []
    for ref in doomed:
        summary = ref.summary()
        rows.append([ref.id, status_cell(summary), (when(ref, summary, now)[0], "dim"), size(sizes[ref.id])])
    footer = [plural(len(doomed), "run"), "", "", size(sum(sizes.values()))]
    columns = [Column("run"), Column("status"), Column("when", drop=1), Column("size", right=True)]
    lines = table(columns, rows, footer=footer, width=screen.width(), paint=screen.paint, indent=0)
    for name, values in lost.items():
        if values:
            what = f"{plural(values, 'recorded value')} of {name} would go for good: asked again, they are paid again"
            lines.append(screen.paint(f"▲ {one_line(screen.safe(what))}", "yellow"))
    return lines


def _sure(session: Session, count: int, yes: bool, as_json: bool) -> None:
    """Ask where somebody can answer. Raises SetupError elsewhere, Abort for a no."""
    if yes:
        return
    if as_json or not session.screen.asks:
        raise SetupError(
            "purge-unasked",
            f"{plural(count, 'run')} would be deleted, and nobody is there to say yes",
            hint="Add `--yes` to delete them, or `--dry-run` to only list them.",
        )
    if not click.confirm(f"Delete {'it' if count == 1 else 'them'}?", default=False, err=True):
        raise click.exceptions.Exit(0)
