"""A plan as a table for terminals, as Markdown for GitHub, and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from genarun.cli.screen import Screen
from genarun.cli.table import Cell, Column, table
from genarun.github.markdown import plain
from genarun.planning.model import Plan, Step
from genarun.words import FREE, money, one_line, plural, spend

Json = Any

_WHOLE = ("at most", "depends on")
"""Beginnings of sources that are sentences of their own; others name where the number of items comes from."""


@dataclass(slots=True)
class NodePlan:
    """What a run would do with one node, all its instances together."""

    node: str
    calls: int = 0
    exact: bool = True
    reused: int = 0
    by_hand: int = 0
    skipped: int = 0
    usd: Decimal = Decimal(0)
    unpriced: int = 0
    models: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    sources: Counter[str] = field(default_factory=Counter)

    def add(self, step: Step) -> None:
        """Count one step."""
        self.calls += step.calls
        self.exact = self.exact and step.exact
        self.reused += step.action == "reuse"
        self.by_hand += step.action == "override"
        self.skipped += step.action == "skip"
        if step.action == "call":
            self.reasons[step.reason] += max(1, step.calls)
            self.models[f"{step.provider}/{step.model}" if step.model else step.provider or ""] += 1
            if step.usd is None:
                self.unpriced += step.calls
            else:
                self.usd += step.usd
            if not step.exact and step.source:
                self.sources[step.source] += 1
        elif step.action == "skip":
            self.reasons[step.reason] += 1

    @property
    def why(self) -> str:
        """The commonest reasons, and how many others there are."""
        found = self.reasons.most_common()
        if not found:
            return "a person's value" if self.by_hand and not self.reused else "unchanged" if self.reused else ""
        shown = "; ".join(reason if len(found) == 1 else f"{reason} ({number:,})" for reason, number in found[:2])
        return shown + (f"; {plural(len(found) - 2, 'other reason')}" if len(found) > 2 else "")


def by_node(plan: Plan) -> list[NodePlan]:
    """The plan's steps by node, in the order of their first step; templates that ask nobody are left out."""
    found: dict[str, NodePlan] = {}
    for step in plan.steps:
        found.setdefault(step.node, NodePlan(step.node)).add(step)
    order = list(found)
    rows = [found[name] for name in sorted(found, key=lambda name: _place(name, order))]
    return [row for row in rows if row.calls or row.reused or row.by_hand or row.skipped]


def _place(node: str, order: Sequence[str]) -> list[int]:
    """Where a node belongs: below its parent, among its siblings as they were first met."""
    parts = node.split("/")
    places = []
    for end in range(len(parts)):
        trail = "/".join(parts[: end + 1])
        places.append(next(place for place, name in enumerate(order) if f"{name}/".startswith(f"{trail}/")))
    return places


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
                (_cost(row.usd, row.unpriced, mode), "") if row.calls else "",
                (one_line(screen.safe(", ".join(row.models))), "dim"),
                (one_line(screen.safe(row.why)), style),
            ]
        )
    footer: list[Cell] = [
        "total", calls_text(plan.calls, plan.exact), f"{plan.reused:,}" if plan.reused else "",
        _count(plan, "override"), _count(plan, "skip"), _cost(plan.usd, plan.unpriced, mode) if plan.calls else "", "", "",
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


def reads_text(reads: Sequence[str]) -> str:
    """That a tree reads others whose output is about to change."""
    return f"reads {', '.join(reads)}, which would change: what depends on it is planned for the output that stands now"


def _count(plan: Plan, action: str) -> str:
    number = sum(1 for step in plan.steps if step.action == action)
    return f"{number:,}" if number else ""


def calls_text(calls: int, exact: bool) -> str:
    """`12`, or `≈ 12` for an estimate."""
    return f"{calls:,}" if exact else f"≈ {calls:,}"


def _cost(usd: Decimal, unpriced: int, mode: str) -> str:
    if mode in FREE:
        return "free"
    shown = spend(usd, unpriced)
    return shown if shown == "$0" or not usd else f"≈ {shown}"


def estimates(plan: Plan, mode: str) -> list[str]:
    """Which numbers are estimates, and where each comes from."""
    lines = []
    if plan.exact:
        lines.append(f"The run makes exactly {'this call' if plan.calls == 1 else 'these calls'}, retries aside.")
    else:
        lines.append("≈ marks an estimate; calls without it are exact, retries aside.")
        sources: dict[str, list[str]] = {}
        for row in by_node(plan):
            if not row.exact:
                sources.setdefault("; ".join(row.sources) or "depends on a value that a call brings", []).append(row.node)
        for source, nodes in sources.items():
            lines.append(f"≈ {', '.join(nodes)}: {source if source.startswith(_WHOLE) else f'number of items from: {source}'}")
    if plan.usd and mode not in FREE:
        lines.append("Costs are estimates: list prices, tokens by the length of prompts and of earlier answers.")
    if plan.unpriced and mode not in FREE:
        lines.append(f"The price of {plural(plan.unpriced, 'call')} is not known and not in the sum.")
    return lines


def budget_check(plan: Plan, mode: str) -> tuple[bool, str]:
    """Whether the plan fits the tree's budget, and the sentence that says so; empty where there is no budget."""
    parts, fits = [], True
    calls, usd = plan.budget.get("calls"), plan.budget.get("usd")
    if calls is not None:
        parts.append(f"{plan.calls:,} of {int(calls):,} calls")
        fits = plan.calls <= int(calls)
    if usd is not None and mode not in FREE:
        parts.append(f"{money(plan.usd)} of {money(usd)}")
        fits = fits and plan.usd <= Decimal(str(usd))
    if not parts:
        return True, ""
    if fits:
        return True, f"Within the budget: {', '.join(parts)}."
    return False, f"Over the budget: {', '.join(parts)}. A run would stop when it is used up, and could go on later."


# Markdown ------------------------------------------------------------------------------------------------------------


def waits_text(sources: Sequence[str]) -> str:
    """Why a tree cannot be planned yet."""
    return f"reads {', '.join(sources)}, which has no output yet: it can be planned when that has run"


def plan_markdown(
    plans: Sequence[Plan],
    readers: Mapping[str, Sequence[str]],
    waiting: Mapping[str, Sequence[str]],
    mode: str,
    screen: Screen,
) -> list[str]:
    """All plans as GitHub shows them, what they come to first. Every text of a tree or a model is escaped."""
    if not plans and not waiting:
        return ["No tree changed: nothing would be called."]
    lines: list[str] = []
    if len(plans) + len(waiting) > 1:
        calls, exact = sum(plan.calls for plan in plans), all(plan.exact for plan in plans) and not waiting
        cost = _cost(sum((plan.usd for plan in plans), Decimal(0)), sum(plan.unpriced for plan in plans), mode) if calls else ""
        said = [
            f"{calls_text(calls, exact)} calls",
            f"{sum(plan.reused for plan in plans):,} reused",
            *([plain(cost)] if cost else []),
        ]
        lines += [f"**{plural(len(plans) + len(waiting), 'tree')}: {', '.join(said)}**", ""]
    for plan in plans:
        title = plain(screen.safe(plan.title or plan.tree))
        lines += [f"### {title}" + (f" (`{plan.tree}`)" if plan.title else ""), ""]
        if plan.unchanged:
            lines += ["Nothing would be called: everything asked for is recorded already.", ""]
        else:
            lines += [*_markdown_table(plan, mode, screen), ""]
            lines += [f"{_marked(text, screen)}  " for text in estimates(plan, mode)]
            _, text = budget_check(plan, mode)
            lines += [plain(text), ""] if text else [""]
        notes = [*plan.warnings, *([reads_text(readers[plan.tree])] if readers[plan.tree] else [])]
        lines += [f"> {plain(screen.safe(text))}  " for text in dict.fromkeys(notes)] + ([""] if notes else [])
    for name, sources in waiting.items():
        lines += [f"`{name}` {plain(screen.safe(waits_text(sources)))}.", ""]
    return lines[:-1]


def _marked(text: str, screen: Screen) -> str:
    return plain(screen.safe(text))


def _markdown_table(plan: Plan, mode: str, screen: Screen) -> list[str]:
    lines = [f"Goes on with `{plan.continues}`.", ""] if plan.continues else []
    lines += ["| node | calls | reused | cost | why |", "| --- | ---: | ---: | ---: | --- |"]
    for row in by_node(plan):
        cost = plain(_cost(row.usd, row.unpriced, mode)) if row.calls else ""
        calls = calls_text(row.calls, row.exact) if row.calls else ""
        lines.append(f"| {plain(row.node)} | {calls} | {row.reused or ''} | {cost} | {plain(screen.safe(row.why))} |")
    total = plain(_cost(plan.usd, plan.unpriced, mode)) if plan.calls else ""
    return [*lines, f"| **total** | **{calls_text(plan.calls, plan.exact)}** | {plan.reused or ''} | {total} | |"]


# JSON ----------------------------------------------------------------------------------------------------------------


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
