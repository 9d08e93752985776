"""`genarun show`: one run, or one instance of it."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Sequence
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Any

import click

from genarun.cli.execute import walk
from genarun.cli.options import common
from genarun.cli.runs import marks, when
from genarun.cli.session import Session
from genarun.cli.summary import asset_paths, failure_lines, node_table
from genarun.cli.table import Cell, Column, table
from genarun.errors import SetupError
from genarun.store.layout import RunRef, parse_run
from genarun.store.records import Record, Summary
from genarun.words import STYLES, SYMBOLS, clip, duration, excerpt, files, made, money, one_line, plural, size, spend

Json = Any

INSTANCES_SHOWN = 50


@click.command("show")
@click.argument("run_id", metavar="RUN")
@click.argument("path", required=False)
@common
@click.pass_obj
def show(session: Session, run_id: str, path: str | None, as_json: bool) -> int:
    """Show one run, or one instance of it with what was asked, the answer and its price.

    RUN is `tree/2026-11-21_09-30-05`, `tree/latest`, or `tree` for its newest run. PATH is an instance such as
    `themes/0/series/photos/2/image`, or the beginning of one.
    """
    screen = session.screen
    ref = parse_run(session.project.root, run_id)
    notices: list[str] = []
    summary, records = ref.summary(notices), ref.records(notices)
    if path is not None:
        found = instances(records, path.strip("/"), ref)
        if as_json:
            screen.document({"run": ref.id, "records": [_dump(record) for record in found]})
        elif all(record.path == found[0].path for record in found):
            screen.say(*_instance_lines(found, session))
        else:
            screen.say(*_instance_table(found, session))
        return 0
    if as_json:
        screen.document({"run": ref.id, "folder": session.shown(ref.folder), "summary": _dump(summary), "notices": notices})
        return 0
    screen.say(*run_lines(ref, summary, records, session))
    screen.say(*(screen.paint(f"  ▲ {one_line(screen.safe(text))}", "yellow") for text in notices))
    return 0


def _dump(model: Record | Summary | None) -> Json:
    return None if model is None else model.model_dump(mode="json", by_alias=True, exclude_none=True)


def instances(records: Sequence[Record], path: str, ref: RunRef) -> list[Record]:
    """Records of one path; else those below it; else those of a node's trail. Raises SetupError, naming what is near."""
    found = (
        [record for record in records if record.path == path]
        or [record for record in records if record.path.startswith(f"{path}/")]
        or [record for record in records if record.node == path or record.node.startswith(f"{path}/")]
    )
    if not found:
        known = list(dict.fromkeys(record.path for record in records))
        near = get_close_matches(path, known, n=3, cutoff=0.4)
        hint = f"Near it: {', '.join(near)}." if near else f"`genarun show {ref.id}` lists what it holds."
        raise SetupError("no-instance", f"{ref.id} holds no instance `{path}`", hint=hint)
    return found


def run_lines(ref: RunRef, summary: Summary | None, records: Sequence[Record], session: Session) -> list[str]:
    """A whole run, for people."""
    screen = session.screen
    if summary is None:
        return [f"{screen.paint(ref.id, 'bold')}: its logs.json is missing or damaged, and there are no records"]
    symbol, style = SYMBOLS[summary.status], STYLES[summary.status]
    title = one_line(screen.safe(summary.title or summary.tree))
    lines = [f"{screen.paint(f'{symbol} {title}', f'{style} bold')}: {summary.status}  {screen.paint(summary.run, 'dim')}", ""]
    totals = summary.totals
    models = sorted(summary.models.items(), key=lambda item: -item[1].calls)
    facts = [
        ("when", ", ".join(when(ref, summary, datetime.now(UTC)))),
        ("took", duration(summary.duration_ms / 1000)),
        ("cost", spend(totals.usd, totals.unpriced, summary.mode)),
        ("calls", f"{totals.calls:,}" + (f" in {totals.requests:,} requests" if totals.requests > totals.calls else "")),
        ("made", made(totals.images, totals.seconds, totals.characters)),
        ("files", size(totals.bytes) if totals.bytes else ""),
        ("mode", ", ".join(marks(summary))),
        ("inputs", ", ".join(f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in summary.inputs.items())),
        ("seed", str(summary.seed)),
        ("models", ", ".join(f"{name} ({totals.calls:,})" for name, totals in models)),
        ("stopped by", summary.stopped_by or ""),
    ]
    wide = max(len(name) for name, text in facts if text)
    for name, text in facts:
        folded = screen.fold(one_line(screen.safe(text)), " " * (wide + 4)) if text else []
        lines += [
            f"  {screen.paint(name.ljust(wide), 'dim')}  {line.lstrip()}" if not n else line for n, line in enumerate(folded)
        ]
    lines += ["", *node_table(summary, records, _order(ref, records, session), session)]
    output = ref.folder / "output.json"
    assets = asset_paths(records, ref.folder)
    lines += ["", f"  {session.shown(output if output.is_file() else ref.folder)}"]
    if len(assets) > 1:
        lines.append(f"  {files(path.name for path in assets)} in {session.shown(assets[0].parent)}/")
    elif assets:
        lines.append(f"  {session.shown(assets[0])}")
    for text in summary.warnings:
        lines += [screen.paint(line, "yellow") for line in screen.fold(f"▲ {one_line(screen.safe(text))}", hanging="  ")]
    return lines + failure_lines([record for record in records if record.status == "failed"], session)


def _order(ref: RunRef, records: Sequence[Record], session: Session) -> list[str]:
    """Trails of nodes as the tree has them; as the records come where the tree is gone or cannot be read."""
    try:
        trees = session.load([ref.tree])
    except SetupError:
        return list(dict.fromkeys(record.node for record in records))
    return ["/".join(node.trail) for tree in trees if tree.name == ref.tree for node in walk(tree.nodes)]


def _instance_table(records: Sequence[Record], session: Session) -> list[str]:
    screen = session.screen
    own = [record for record in records if record.status != "answered"]
    rows: list[list[Cell]] = [
        [
            one_line(screen.safe(record.path)),
            (f"{SYMBOLS[record.status]} {record.status}", STYLES.get(record.status, "")),
            (_short(record, session), "dim"),
        ]
        for record in own[:INSTANCES_SHOWN]
    ]
    columns = [Column("instance", flex=True, middle=True, least=20), Column("status"), Column("value", flex=True, least=16)]
    lines = table(columns, rows, width=screen.width() or 120, paint=screen.paint, indent=0)
    more = len(own) - INSTANCES_SHOWN
    return [*lines, screen.paint(f"… and {more:,} more; name a longer path, or use --json", "dim")] if more > 0 else lines


def _short(record: Record, session: Session) -> str:
    if record.error is not None:
        return one_line(session.screen.safe(record.error.message))
    if record.asset:
        return one_line(session.screen.safe(record.asset))
    return clip(excerpt(session.screen.safe_json(record.value)), 100) if record.value is not None else ""


def _instance_lines(records: Sequence[Record], session: Session) -> list[str]:
    screen = session.screen
    final = next((record for record in reversed(records) if record.status != "answered"), records[-1])
    style = STYLES.get(final.status, "")
    lines = [
        f"{screen.paint(screen.safe(final.path), 'bold')}  {screen.paint(f'{SYMBOLS[final.status]} {final.status}', style)}"
    ]
    lines.append(screen.paint(f"  {screen.safe(' · '.join(_facts(final)))}", "dim"))
    for pick in final.picks or []:
        lines.append(screen.paint(f"  picked “{one_line(screen.safe(pick.chosen))}”, one of {pick.of}, at {pick.at}", "dim"))
    for number, record in enumerate(records):
        turn = f" of call {record.call + 1}" if record.call is not None and len(records) > 1 else ""
        messages = (record.request or {}).get("messages", [])
        # A later turn repeats the conversation so far: only what it adds is new.
        before = len((records[number - 1].request or {}).get("messages", [])) + 1 if number else 0
        fresh = messages[before:] if number and len(messages) > before else messages
        for message in fresh if isinstance(fresh, list) else []:
            lines += _block(f"{message.get('role', 'prompt')}{turn}", str(message.get("content", "")), session)
        if params := (record.request or {}).get("params"):
            lines += _block("parameters", params, session) if not number else []
        if schema := (record.request or {}).get("schema"):
            lines += _block("schema", schema, session) if not number else []
        if record.text is not None:
            lines += _block(f"answer{turn}", record.text, session)
        if record.error is not None:
            hint = f"\n→ {record.error.hint}" if record.error.hint else ""
            lines += _block("error", f"{record.error.message}{hint}", session, "red")
    if final.asset:
        lines += _block("file", final.asset, session)
    elif final.status not in {"failed", "skipped"}:
        lines += _block("value", final.value, session)
    return lines + [screen.paint(f"  ▲ {one_line(screen.safe(text))}", "yellow") for text in final.warnings or []]


def _facts(record: Record) -> list[str]:
    facts = [record.type]
    if record.provider:
        facts.append(f"{record.provider}/{record.model}")
    if record.usage and (record.usage.input_tokens is not None or record.usage.output_tokens is not None):
        facts.append(f"{record.usage.input_tokens or 0:,} tokens read, {record.usage.output_tokens or 0:,} written")
    if record.usage and (units := made(record.usage.images, record.usage.seconds, record.usage.characters)):
        facts.append(units)
    if record.call is not None:
        facts.append(f"cost {money(record.usd)}")
    if record.duration_ms is not None:
        facts.append(duration(record.duration_ms / 1000))
    if record.attempts and record.attempts > 1:
        facts.append(plural(record.attempts, "request"))
    if record.started_at:
        facts.append(record.started_at)
    if record.reused_from:
        facts.append(f"from {record.reused_from}")
    if record.override:
        facts.append(f"a person's value, from {record.override}")
    return facts


def _block(title: str, value: Json, session: Session, style: str = "") -> list[str]:
    screen = session.screen
    text = value if isinstance(value, str) else json.dumps(screen.safe_json(value), ensure_ascii=False, indent=2)
    width = screen.width()
    lines = []
    for line in screen.safe(text).split("\n"):
        # Prose is wrapped at words for a terminal; in a pipe it stays as it is, so that it can be searched.
        lines += textwrap.wrap(line, width - 4, replace_whitespace=False, drop_whitespace=False) or [""] if width else [line]
    return ["", screen.paint(f"  {title}", "bold"), *(screen.paint(f"    {line}", style).rstrip() for line in lines)]
