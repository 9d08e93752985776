"""`genarun diff`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import click

from genarun.cli.options import common
from genarun.cli.session import Session
from genarun.store.diff import InstanceDiff, RunDiff, changes, diff_runs
from genarun.store.layout import RunRef, parse_run
from genarun.store.records import Summary
from genarun.store.worddiff import Piece, word_diff
from genarun.tree.values import MISSING
from genarun.words import STYLES, SYMBOLS, clip, duration, excerpt, one_line, plural, spend

Json = Any

LISTED = 20
LONGEST = 600


@click.command("diff")
@click.argument("old", metavar="RUN")
@click.argument("new", metavar="RUN")
@click.option("--all", "everything", is_flag=True, help="Show every change; otherwise the first ones of each kind.")
@common
@click.pass_obj
def diff(session: Session, old: str, new: str, everything: bool, as_json: bool) -> int:
    """Show what changed from the first run to the second: values word by word, files by name, calls and cost."""
    screen, root = session.screen, session.project.root
    found = diff_runs(parse_run(root, old), parse_run(root, new))
    if as_json:
        screen.document(_document(found))
        return 0
    limit = None if everything else LISTED
    screen.say(*_head(found, session))
    for symbol, style, items in (("~", "yellow", found.changed), ("+", "green", found.added), ("-", "red", found.removed)):
        shown = items[:limit]
        for item in shown:
            screen.say(*_instance(item, symbol, style, session))
        if len(items) > len(shown):
            screen.say("", screen.paint(f"{symbol} … and {len(items) - len(shown):,} more; `--all` shows them", "dim"))
    screen.say(*(screen.paint(f"▲ {one_line(screen.safe(text))}", "yellow") for text in found.notices))
    return 0


def _head(found: RunDiff, session: Session) -> list[str]:
    screen = session.screen
    lines = [
        f"{screen.paint(sign, style)} {screen.paint(ref.id, 'bold')}  {_facts(ref, summary)}"
        for sign, style, ref, summary in (("-", "red", found.a, found.a_summary), ("+", "green", found.b, found.b_summary))
    ]
    if not (found.changed or found.added or found.removed):
        return [*lines, "", f"No difference: {plural(found.same, 'equal value')}."]
    parts = [f"{len(found.changed):,} changed", f"{len(found.added):,} added", f"{len(found.removed):,} removed"]
    return [*lines, "", ", ".join([*parts, f"{found.same:,} the same"])]


def _facts(ref: RunRef, summary: Summary | None) -> str:
    if summary is None:
        return "(its logs.json cannot be read)"
    totals = summary.totals
    copied = [f"copy of {summary.run}"] if summary.run != ref.id else []
    parts = [*copied, f"{SYMBOLS[summary.status]} {summary.status}", plural(totals.calls, "call"), f"{totals.reused:,} reused"]
    return ", ".join([*parts, spend(totals.usd, totals.unpriced, summary.mode), duration(summary.duration_ms / 1000)])


def _instance(item: InstanceDiff, symbol: str, style: str, session: Session) -> list[str]:
    screen = session.screen
    status = ""
    if item.old_status and item.new_status and {item.old_status, item.new_status} & {"failed", "skipped", "overridden"}:
        painted = screen.paint(item.new_status, STYLES.get(item.new_status, ""))
        status = f"  {item.old_status} → {painted}"
    lines = ["", f"{screen.paint(symbol, f'{style} bold')} {screen.paint(screen.safe(item.path), 'bold')}{status}"]
    if item.asset:
        sides = [one_line(screen.safe(value)) if isinstance(value, str) else "none" for value in (item.old, item.new)]
        return [*lines, f"    {sides[0]} → {sides[1]}" if symbol == "~" else f"    {sides[symbol == '+']}"]
    if symbol != "~" or item.old is MISSING or item.new is MISSING:
        value = item.new if item.new is not MISSING else item.old
        return lines if value is MISSING else [*lines, f"    {excerpt(screen.safe_json(value), 200)}"]
    old, new = screen.safe_json(item.old), screen.safe_json(item.new)
    if isinstance(old, str) and isinstance(new, str):
        return [*lines, *_prose(old, new, session)]
    for change in changes(old, new):
        place = ".".join(str(part) for part in change.path)
        lines.append(screen.paint(f"    {screen.safe(place)}", "dim")) if place else None
        lines += _prose(_text(change.old), _text(change.new), session)
    return lines


def _text(value: Json) -> str:
    if value is MISSING:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)


def _prose(old: str, new: str, session: Session) -> list[str]:
    """Words that went in `[-…-]`, words that came in `{+…+}`, as git writes them, so that it reads without colours too."""
    screen = session.screen
    pieces = word_diff(screen.safe(old), screen.safe(new))
    if [piece.kind for piece in pieces] == ["gone", "come"]:
        sides = zip(pieces, (("-", "red"), ("+", "green")), strict=True)
        return [screen.paint(f"    {sign} {clip(one_line(piece.text), LONGEST)}", style) for piece, (sign, style) in sides]
    text = "".join(_painted(pieces, session))
    return [f"    {line}" for line in text.split("\n")]


def _painted(pieces: Sequence[Piece], session: Session) -> Iterator[str]:
    paint = session.screen.paint
    for piece in pieces:
        if piece.kind == "same":
            yield piece.text
            continue
        left, right, style = ("[-", "-]", "red") if piece.kind == "gone" else ("{+", "+}", "green")
        # Each line has marks and colours of its own, so that a pager that starts in the middle shows them.
        yield "\n".join(paint(f"{left}{line}{right}", style) if line else "" for line in piece.text.split("\n"))


def _document(found: RunDiff) -> dict[str, Json]:
    return {
        "a": found.a.id,
        "b": found.b.id,
        "totals": {name: {"a": pair[0], "b": pair[1]} for name, pair in found.totals.items()},
        "same": found.same,
        "changed": [_one(item) for item in found.changed],
        "added": [_one(item) for item in found.added],
        "removed": [_one(item) for item in found.removed],
        "notices": list(found.notices),
    }


def _one(item: InstanceDiff) -> dict[str, Json]:
    """A missing value leaves its key out: null is a value."""
    sides = {name: value for name, value in (("old", item.old), ("new", item.new)) if value is not MISSING}
    return {
        "path": item.path, "node": item.node, "type": item.type, "asset": item.asset,
        "oldStatus": item.old_status, "newStatus": item.new_status, **sides,
    }  # fmt: skip
