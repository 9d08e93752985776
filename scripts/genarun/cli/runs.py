"""`genarun runs`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import click

from genarun.cli.options import common
from genarun.cli.session import Session
from genarun.cli.table import Cell, Column, table
from genarun.errors import GenarunError
from genarun.store.layout import RunRef, stamp_order
from genarun.store.lock import lock
from genarun.store.records import Summary
from genarun.words import STYLES, SYMBOLS, ago, duration, moment, plural, spend, tokens


@click.command("runs")
@click.argument("tree", required=False)
@click.option("--limit", type=click.IntRange(min=0), default=20, show_default=True, help="Newest runs shown; 0 for all.")
@common
@click.pass_obj
def runs(session: Session, tree: str | None, limit: int, as_json: bool) -> int:
    """List past runs, newest first."""
    screen, project = session.screen, session.project
    names = project.names() if tree is None else [known_tree(session, tree)]
    found = sorted((ref for name in names for ref in project.folder(name).runs()), key=_newest, reverse=True)
    shown = found[:limit] if limit else found
    read = [(ref, ref.summary()) for ref in shown]
    dead = {ref.id for ref, summary in read if summary is not None and summary.status == "running" and not alive(session, ref)}
    if as_json:
        screen.document({"total": len(found), "runs": [_document(ref, summary) for ref, summary in read]})
        return 0
    if not found:
        what = f"{screen.safe(tree)} has" if tree else "There are"
        screen.say(f"{what} no runs yet. Make one: `genarun run{f' {screen.safe(tree)}' if tree else ''}`.")
        return 0
    now = datetime.now(UTC)
    rows = [_row(ref, summary, now, killed=ref.id in dead) for ref, summary in read]
    columns = [
        Column("run"),
        Column("status"),
        Column("when"),
        Column("UTC", drop=3, spare=True),
        Column("took", right=True, drop=2),
        Column("calls", right=True),
        Column("reused", right=True, spare=True, drop=5),
        Column("failed", right=True, spare=True),
        Column("tokens", right=True, spare=True, drop=4),
        Column("cost", right=True),
        Column("notes", spare=True, drop=1),
    ]
    screen.say(*table(columns, rows, width=screen.width(), paint=screen.paint, indent=0))
    if len(found) > len(shown):
        screen.say(screen.paint(f"… and {plural(len(found) - len(shown), 'older run')}; `--limit 0` shows all", "dim"))
    return 0


def known_tree(session: Session, name: str) -> str:
    """The name of a tree of the project, as typed or as a path to its folder. Raises SetupError, naming the nearest."""
    from genarun.store.layout import parse_run

    name = name.removeprefix("trees/").rstrip("/")
    if name not in session.project.names():
        parse_run(session.project.root, name)  # says what is near
    return name


def _newest(ref: RunRef) -> tuple[tuple[str, int], str]:
    return stamp_order(ref.stamp), ref.tree


def when(ref: RunRef, summary: Summary | None, now: datetime) -> tuple[str, str]:
    """`5 min ago` and `11-21 09:30 UTC`; empty texts where neither the summary nor the run's name tells."""
    began = moment(summary.started_at) if summary is not None else None
    if began is None:
        try:
            began = datetime.strptime(ref.stamp[:19], "%Y-%m-%d_%H-%M-%S").replace(tzinfo=UTC)
        except ValueError:
            return "", ""
    return ago(began, now), f"{began:%m-%d %H:%M} UTC"


def status_cell(summary: Summary | None, *, killed: bool = False) -> Cell:
    """Symbol and word; colour is only a third hint. killed: it says that it runs, and no process does."""
    if summary is None:
        return "? unreadable"
    if killed:
        return f"{SYMBOLS['stopped']} killed", STYLES["stopped"]
    return f"{SYMBOLS[summary.status]} {summary.status}", STYLES.get(summary.status, "")


def marks(summary: Summary) -> list[str]:
    """What makes a run another kind of run than a plain one."""
    found: list[str] = [] if summary.mode == "real" else [summary.mode]
    return found + (["part"] if summary.scope == "part" else []) + (["fresh"] if summary.fresh else [])


def alive(session: Session, ref: RunRef) -> bool:
    """Whether some process holds the run's tree; True where that cannot be found out."""
    try:
        with lock(session.project.folder(ref.tree)):
            return False
    except GenarunError:
        return True


def _row(ref: RunRef, summary: Summary | None, now: datetime, *, killed: bool) -> Sequence[Cell]:
    if summary is None:
        return [ref.id, status_cell(None), *when(ref, None, now), "", "", "", "", "", "", ""]
    totals = summary.totals
    return [
        ref.id,
        status_cell(summary, killed=killed),
        *((text, "dim") for text in when(ref, summary, now)),
        duration(summary.duration_ms / 1000),
        f"{totals.calls:,}",
        f"{totals.reused:,}" if totals.reused else "",
        (f"{totals.failed:,}", "red") if totals.failed else "",
        tokens(totals.input_tokens, totals.output_tokens),
        "free" if summary.mode != "real" else spend(totals.usd, totals.unpriced),
        (", ".join(marks(summary)), "dim"),
    ]


def _document(ref: RunRef, summary: Summary | None) -> dict[str, object]:
    found = summary.model_dump(mode="json", by_alias=True) if summary is not None else None
    return {"run": ref.id, "tree": ref.tree, "folder": f"trees/{ref.tree}/{ref.stamp}", "summary": found}
