"""What a person reads when a run is over: how it ended, what each node took, where things are, and what to do next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from genarun.cli.report import error_json
from genarun.cli.session import Session
from genarun.cli.table import Cell, Column, table
from genarun.engine.model import RunResult
from genarun.errors import SetupError
from genarun.store.files import natural
from genarun.store.records import Record, Summary, Totals
from genarun.words import STYLES, SYMBOLS, cells, duration, files, one_line, plural, spend, tokens

Json = Any

FILES_SHOWN = 3
FAILURES_SHOWN = 5
WARNINGS_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Ended:
    """One tree's run, with what the summary shows of it. seconds: of this command alone."""

    title: str
    result: RunResult
    records: Sequence[Record]
    order: Sequence[str]
    seconds: float


def summary_lines(ended: Ended, session: Session) -> list[str]:
    """The whole summary of one tree's run; masked, painted for stdout."""
    result, screen = ended.result, session.screen
    title = one_line(screen.safe(ended.title))
    if result.unchanged:
        lines = [screen.paint(f"{SYMBOLS['succeeded']} {title}", "green bold") + ": nothing changed, so nothing was called"]
        if result.folder is not None:
            lines.append(f"  the output stands in {session.shown(result.folder / 'output.json')}")
        return [*lines, *_warnings(result.warnings, session)]
    symbol, style = SYMBOLS[result.status], STYLES[result.status]
    head = screen.paint(f"{symbol} {title}", f"{style} bold") + f": {_ending(ended)}"
    lines = [head]
    if result.summary is not None:
        lines += ["", *node_table(result.summary, ended.records, ended.order, session)]
    if places := _places(ended, session):
        lines += ["", *places]
    lines += _warnings(result.warnings, session)
    lines += failure_lines(result.failures, session)
    if result.status in {"partial", "failed", "stopped"} and result.run is not None:
        lines += ["", f"  next: {screen.paint(f'genarun resume {result.tree}', 'cyan bold')}"]
    return lines


def _ending(ended: Ended) -> str:
    result, took = ended.result, duration(ended.seconds)
    failed = len(result.failures)
    if result.status == "partial":
        return f"partial after {took}; {plural(failed, 'instance')} failed, the rest is written"
    if result.status == "failed":
        return "did not begin" if isinstance(result.error, SetupError) else f"failed after {took}"
    if result.status == "stopped":
        return f"stopped after {took}; what had finished is kept"
    if result.status == "waiting":
        return f"waiting for a person, after {took}"
    return f"{result.status} in {took}"


def node_table(summary: Summary, records: Iterable[Record], order: Sequence[str], session: Session) -> list[str]:
    """A row per node, indented as in the tree, and the totals. order: trails of the nodes as the tree has them."""
    screen = session.screen
    spent: Counter[str] = Counter()
    timed: Counter[str] = Counter()
    for record in records:
        if record.call is not None and record.duration_ms is not None:
            spent[record.node] += record.duration_ms
            timed[record.node] += 1
    trails = with_ancestors([*order, *(trail for trail in summary.nodes if trail not in set(order))], summary.nodes)
    names = [f"{'  ' * trail.count('/')}{trail.rpartition('/')[2]}" for trail in trails]
    rows = [
        _row(name, summary.nodes.get(trail, Totals.model_construct()), summary.mode, _mean(spent[trail], timed[trail]))
        for name, trail in zip(names, trails, strict=True)
    ]
    took = _mean(sum(spent.values()), sum(timed.values()))
    footer = _row("total", summary.totals, summary.mode, took)
    columns = [
        Column("node", flex=True, least=10),
        Column("calls", right=True),
        Column("reused", right=True, spare=True),
        Column("by hand", right=True, spare=True),
        Column("skipped", right=True, spare=True, drop=2),
        Column("failed", right=True, spare=True),
        Column("retries", right=True, spare=True, drop=3),
        Column("tokens", right=True, spare=True, drop=1),
        Column("cost", right=True),
        Column("per call", right=True, drop=4, spare=True),
    ]
    safe_rows = [[(screen.safe(str(row[0])), "") if isinstance(row[0], str) else row[0], *row[1:]] for row in rows]
    return table(columns, safe_rows, footer=footer, width=screen.width(), paint=screen.paint)


def with_ancestors(order: Sequence[str], used: Mapping[str, Totals]) -> list[str]:
    """Of `order` the nodes in use and the nodes above them, so that indentation can be read."""
    wanted = {"/".join(parts[: end + 1]) for trail in used for parts in [trail.split("/")] for end in range(len(parts))}
    listed = [trail for trail in order if trail in wanted]
    for trail in sorted(wanted.difference(listed)):  # a node that the tree no longer has, or whose parent calls nothing
        parent = trail.rpartition("/")[0]
        first_child = next((place for place, name in enumerate(listed) if name.startswith(f"{trail}/")), None)
        if first_child is not None:
            listed.insert(first_child, trail)
        else:
            listed.insert(listed.index(parent) + 1 if parent in listed else len(listed), trail)
    return listed


def _row(name: str, totals: Totals, mode: str, per_call: str) -> list[Cell]:
    retries = max(0, totals.requests - totals.calls)
    return [
        name,
        f"{totals.calls:,}" if totals.calls else "",
        f"{totals.reused:,}" if totals.reused else "",
        (f"{totals.overridden:,}", "cyan") if totals.overridden else "",
        f"{totals.skipped:,}" if totals.skipped else "",
        (f"{totals.failed:,}", "red") if totals.failed else "",
        f"{retries:,}" if retries else "",
        tokens(totals.input_tokens, totals.output_tokens),
        _cost(totals, mode),
        per_call,
    ]


def _cost(totals: Totals, mode: str) -> str:
    if not totals.calls:
        return ""
    return "free" if mode != "real" else spend(totals.usd, totals.unpriced)


def _mean(milliseconds: int, calls: int) -> str:
    return duration(milliseconds / calls / 1000) if calls else ""


def _places(ended: Ended, session: Session) -> list[str]:
    result, screen = ended.result, session.screen
    if result.folder is None:
        return []
    places: list[tuple[str, str]] = []
    output = result.folder / "output.json"
    if output.is_file():
        places.append(("output", session.shown(output)))
        if result.published:
            places.append(("latest", session.shown(result.folder.parent / "latest") + "/"))
        elif result.status == "succeeded":
            places.append(("latest", "keeps the newest full, real run"))
    else:
        places.append(("run", session.shown(result.folder) + "/"))
    places += _files(asset_paths(ended.records, result.folder), session)
    wide = max(len(name) for name, _ in places)
    return [f"  {screen.paint(name.ljust(wide), 'dim')}  {path}" for name, path in places]


def _files(paths: Sequence[Path], session: Session) -> list[tuple[str, str]]:
    """How many, and the first ones: as whole paths, which a terminal can open, where they fit; else folder and names."""
    if not paths:
        return []
    count = files(path.name for path in paths)
    shown = [session.shown(path) for path in paths[:FILES_SHOWN]]
    width = session.screen.width()
    if width is not None and max(cells(path) for path in shown) + len(count) + 4 > width:
        shown = [session.shown(paths[0].parent) + "/", *(path.rpartition("/")[2] for path in shown)]
    if len(paths) > FILES_SHOWN:
        shown.append(f"… and {len(paths) - FILES_SHOWN:,} more")
    return [(count if not place else "", text) for place, text in enumerate(shown)]


def asset_paths(records: Iterable[Record], folder: Path) -> list[Path]:
    """Files that hold values of the run, each once, in the order of their instances."""
    names = dict.fromkeys(record.asset for record in records if record.asset)
    return [folder / name for name in names if name]


def _warnings(warnings: Sequence[str], session: Session) -> list[str]:
    screen = session.screen
    shown = list(dict.fromkeys(warnings))
    texts = [one_line(screen.safe(text)) for text in shown[:WARNINGS_SHOWN]]
    if len(shown) > WARNINGS_SHOWN:
        texts.append(f"and {plural(len(shown) - WARNINGS_SHOWN, 'further warning')}, in logs.json")
    lines = [screen.paint(line, "yellow") for text in texts for line in screen.fold(f"▲ {text}", hanging="  ")]
    return ["", *lines] if lines else []


def failure_lines(failures: Sequence[Record], session: Session) -> list[str]:
    """Failures, those of one node with one message together, with their hints."""
    screen = session.screen
    groups: dict[tuple[str, str, str], list[Record]] = {}
    for record in sorted(failures, key=lambda record: natural(record.path)):  # not in the order in which they happened to end
        error = record.error
        # Messages may name their instance: what is left without its path is what they share.
        message = error.message.replace(record.path, record.node) if error else "no reason was recorded"
        groups.setdefault((record.node, message, (error.hint or "") if error else ""), []).append(record)
    lines: list[str] = []
    for (_, message, hint), records in list(groups.items())[:FAILURES_SHOWN]:
        more = f" and {len(records) - 1:,} more like it" if len(records) > 1 else ""
        lines.append(screen.paint(f"  ✗ {one_line(screen.safe(records[0].path))}{more}", "red bold"))
        lines += screen.fold(one_line(screen.safe(message)), "    ")
        if hint:
            lines += [screen.paint(line, "cyan") for line in screen.fold(f"→ {one_line(screen.safe(hint))}", "    ", "  ")]
    if len(groups) > FAILURES_SHOWN:
        lines.append(f"    … and {plural(len(groups) - FAILURES_SHOWN, 'other failure')}, in records.jsonl")
    return ["", *lines] if lines else []


def closing_line(ended: Ended, session: Session) -> str:
    """One tree in one line, for a command that ran several, and for stderr beside `--json`."""
    result, screen = ended.result, session.screen
    name = screen.safe(result.tree)
    if result.unchanged:
        return f"{SYMBOLS['succeeded']} {name}: unchanged, nothing was called"
    totals = result.summary.totals if result.summary else Totals.model_construct()
    mode = result.summary.mode if result.summary else "real"
    parts = [f"{result.status}", plural(totals.calls, "call"), spend(totals.usd, totals.unpriced, mode)]
    if totals.failed:
        parts.append(f"{totals.failed:,} failed")
    return f"{SYMBOLS[result.status]} {name}: {', '.join(parts)}, {duration(ended.seconds)}"


def result_json(ended: Ended, session: Session) -> dict[str, Json]:
    """One tree's run as `--json` prints it."""
    result = ended.result
    folder = None if result.folder is None else session.shown(result.folder)
    summary = result.summary.model_dump(mode="json", by_alias=True) if result.summary is not None else None
    return {
        "tree": result.tree,
        "run": result.run,
        "status": result.status,
        "exitCode": result.exit_code,
        "unchanged": result.unchanged,
        "published": result.published,
        "folder": folder,
        "output": result.output,
        "assets": [session.shown(path) for path in asset_paths(ended.records, result.folder)] if result.folder else [],
        "summary": summary,
        "warnings": list(result.warnings),
        "failures": [
            {"path": record.path, "node": record.node, "error": record.error.model_dump() if record.error else None}
            for record in result.failures
        ],
        "error": None if result.error is None else error_json(result.error),
    }
