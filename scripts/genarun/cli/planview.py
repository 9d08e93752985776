"""A plan as a table for terminals, and as JSON; genarun.github.plan_markdown lays it out for GitHub."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from genarun.cli.screen import Screen
from genarun.cli.table import Cell, Column, table
from genarun.planning.model import Plan
from genarun.planning.telling import budget_check, by_node, calls_text, cost_text, estimates, reads_text
from genarun.words import one_line

Json = Any


def plan_lines(plan: Plan, reads: Sequence[str], mode: str, screen: Screen) -> list[str]:
    """The plan for a terminal. reads: trees planned beside it whose output it reads and which would change."""
    title = one_line(screen.safe(plan.title or plan.tree))
    head = screen.paint(title, "bold") + (f"  {screen.paint(screen.safe(plan.tree), 'dim')}" if plan.title else "")
    lines = [head]
    if plan.unchanged:
        lines.append("  nothing would be called: everything asked for is recorded already")
        return [*lines, *_notes(plan, reads, screen)]
    if plan.continues:
        lines.append(f"  goes on with {screen.safe(plan.continues)}")
    rows: list[list[Cell]] = []
    for row in by_node(plan):
        style = "" if row.calls else "dim"
        rows.append(
            [
                (screen.safe(row.node), style),
                (calls_text(row.calls, row.exact), "bold") if row.calls else "",
                (f"{row.reused:,}", "dim") if row.reused else "",
                (f"{row.by_hand:,}", "cyan") if row.by_hand else "",
                (f"{row.skipped:,}", "dim") if row.skipped else "",
                (cost_text(row.usd, row.unpriced, mode), "") if row.calls else "",
                (one_line(screen.safe(", ".join(row.models))), "dim"),
                (one_line(screen.safe(row.why)), style),
            ]
        )
    footer: list[Cell] = [
        "total", calls_text(plan.calls, plan.exact), f"{plan.reused:,}" if plan.reused else "",
        _count(plan, "override"), _count(plan, "skip"), cost_text(plan.usd, plan.unpriced, mode) if plan.calls else "", "", "",
    ]  # fmt: skip
    columns = [
        Column("node", flex=True, middle=True, least=20),
        Column("calls", right=True),
        Column("reused", right=True, spare=True),
        Column("by hand", right=True, spare=True),
        Column("skipped", right=True, spare=True),
        Column("cost", right=True, spare=True),
        Column("model", flex=True, least=24, drop=1, spare=True),
        Column("why", flex=True, least=18, spare=True),
    ]
    lines += ["", *table(columns, rows, footer=footer, width=screen.width(), paint=screen.paint), ""]
    lines += [line for text in estimates(plan, mode) for line in screen.fold(screen.safe(text), hanging="  ")]
    fits, text = budget_check(plan, mode)
    if text:
        lines += [line if fits else screen.paint(line, "yellow bold") for line in screen.fold(text)]
    return [*lines, *_notes(plan, reads, screen)]


def _notes(plan: Plan, reads: Sequence[str], screen: Screen) -> list[str]:
    texts = [*plan.warnings, *([reads_text(reads)] if reads else [])]
    unique = dict.fromkeys(one_line(screen.safe(text)) for text in texts)
    return [screen.paint(line, "yellow") for text in unique for line in screen.fold(f"▲ {text}", hanging="  ")]


def _count(plan: Plan, action: str) -> str:
    number = sum(1 for step in plan.steps if step.action == action)
    return f"{number:,}" if number else ""


def plan_json(plan: Plan, reads: Sequence[str]) -> dict[str, Json]:
    """The whole plan; money as decimal strings, unknown as null."""
    return {
        "tree": plan.tree,
        "title": plan.title,
        "unchanged": plan.unchanged,
        "continues": plan.continues,
        "seed": plan.seed,
        "calls": plan.calls,
        "exact": plan.exact,
        "reused": plan.reused,
        "usd": f"{plan.usd:f}",
        "unpriced": plan.unpriced,
        "budget": plan.budget,
        "changingSources": list(reads),
        "warnings": list(plan.warnings),
        "steps": [
            {
                "path": step.path, "node": step.node, "type": step.type, "action": step.action, "calls": step.calls,
                "exact": step.exact, "reason": step.reason, "source": step.source, "alias": step.alias,
                "provider": step.provider, "model": step.model, "usd": None if step.usd is None else f"{step.usd:f}",
            }
            for step in plan.steps
        ],
    }  # fmt: skip
