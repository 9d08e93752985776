"""A plan in words: node by node, what is estimated and from what, whether it fits the budget.

Commands lay it out for a terminal, comments for GitHub.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from genarun.planning.model import Plan, Step
from genarun.words import FREE, money, plural, spend

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


def reads_text(reads: Sequence[str]) -> str:
    """That a tree reads others whose output is about to change."""
    return f"reads {', '.join(reads)}, which would change: what depends on it is planned for the output that stands now"


def waits_text(sources: Sequence[str]) -> str:
    """Why a tree cannot be planned yet."""
    return f"reads {', '.join(sources)}, which has no output yet: it can be planned when that has run"


def calls_text(calls: int, exact: bool) -> str:
    """`12`, or `≈ 12` for an estimate."""
    return f"{calls:,}" if exact else f"≈ {calls:,}"


def cost_text(usd: Decimal, unpriced: int, mode: str) -> str:
    """`free`, `$0`, `≈ $0.01`, `≈ $0.01 + 2 unpriced`: what calls would cost."""
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
