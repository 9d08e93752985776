"""What a run would do, as GitHub shows it: totals first, then each tree's nodes with the reason, calls and cost of each.

`genarun plan --markdown` and the comment on a pull request are this text. Titles, names and reasons come from whoever wrote the
tree, so every one of them is shown as text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from genarun.errors import SetupError, Where
from genarun.github.markdown import code, details, fence, plain, table
from genarun.planning.model import Plan
from genarun.planning.telling import NodePlan, budget_check, by_node, calls_text, cost_text, estimates, reads_text
from genarun.words import FREE, one_line, plural

Safe = Callable[[str], str]

NODES_OPEN: Final = 15
"""A tree of more nodes shows only those that would be called; the others open on a click."""
_LONGEST: Final = 400


@dataclass(frozen=True, slots=True)
class PlannedTree:
    """One tree, and what a run would do with it.

    plan: None where it cannot be planned yet. waits: then the trees that it reads and that have no output. reads: trees planned
    beside it whose output it reads and which would change. mode: `real`, `offline` or `replay`.
    """

    name: str
    plan: Plan | None = None
    reads: tuple[str, ...] = ()
    waits: tuple[str, ...] = ()
    mode: str = "real"


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a page that is shown whole or not at all. name: what a person would call it, Markdown already."""

    name: str
    text: str


def plan_markdown(trees: Sequence[PlannedTree], faults: Sequence[SetupError] = (), *, safe: Safe = str) -> str:
    """All plans as one text. faults: of the trees that do not check. safe: takes secrets out of a text."""
    return "\n\n".join(section.text for section in plan_sections(trees, faults, safe=safe))


def plan_sections(trees: Sequence[PlannedTree], faults: Sequence[SetupError] = (), *, safe: Safe = str) -> list[Section]:
    """The same in parts: the totals, the faults, then one part a tree."""
    found = [Section("totals", _totals(trees, faults))]
    if faults:
        found.append(Section("faults", _faults(faults, safe)))
    return found + [Section(code(tree.name), _tree(tree, safe)) for tree in trees]


def _totals(trees: Sequence[PlannedTree], faults: Sequence[SetupError]) -> str:
    if not trees:
        return "No run before this is mended." if faults else "No tree changed: nothing would be called."
    plans = [tree.plan for tree in trees if tree.plan is not None]
    running = [(tree, tree.plan) for tree in trees if tree.plan is not None and tree.plan.calls]
    waiting = [tree for tree in trees if tree.plan is None]
    lines = []
    if running:
        calls, reused = sum(plan.calls for plan in plans), sum(plan.reused for plan in plans)
        exact = all(plan.exact for _, plan in running)
        parts = [f"**{_calls(calls, exact)} {'call' if calls == 1 else 'calls'}** in {plural(len(running), 'tree')}"]
        parts += [f"{plural(reused, 'value')} reused"] if reused else []
        paid = [plan for tree, plan in running if tree.mode not in FREE]
        usd, unpriced = sum((plan.usd for plan in paid), Decimal(0)), sum(plan.unpriced for plan in paid)
        if not paid:
            parts.append("free: " + ("the offline provider answers" if running[0][0].mode == "offline" else "replayed"))
        elif usd or not unpriced:
            parts.append(f"estimated cost **{_cost(usd, 0, 'real')}**")
        if unpriced:
            parts.append(f"**cost unknown** for {plural(unpriced, 'call')}")
        lines.append(" · ".join(parts))
    elif plans:
        lines.append("**No calls**: what these trees ask for is recorded already.")
    if waiting:
        lines.append(f"{plural(len(waiting), 'tree')} cannot be planned yet.")
    return "  \n".join(lines)


# Faults --------------------------------------------------------------------------------------------------------------


def _faults(faults: Sequence[SetupError], safe: Safe) -> str:
    lines = [f"### ✗ {plural(len(faults), 'fault')} to mend", "", "Nothing runs before every tree checks.", ""]
    return "\n".join([*lines, "\n\n".join(_fault(fault, safe) for fault in faults)])


def _fault(fault: SetupError, safe: Safe) -> str:
    where = f"{code(safe(str(fault.where)))}: " if fault.where else ""
    lines = [f"- {where}{plain(one_line(safe(fault.what)), _LONGEST)}"]
    if isinstance(fault.where, Where) and (snippet := fault.where.snippet()):
        lines += ["", *(f"  {line}" for line in fence(safe(snippet)).split("\n")), ""]
    if fault.hint:
        lines.append(f"  → {plain(one_line(safe(fault.hint)), _LONGEST)}")
    return "\n".join(lines)


# One tree ------------------------------------------------------------------------------------------------------------


def _tree(tree: PlannedTree, safe: Safe) -> str:
    plan = tree.plan
    title = one_line(safe(plan.title)) if plan is not None and plan.title else ""
    head = f"### {plain(title)} ({code(tree.name)})" if title else f"### {code(tree.name)}"
    parts = [head]
    if plan is None:
        parts.append(f"Reads {_names(tree.waits)}, which has no output yet: it can be planned when that has run.")
    elif plan.unchanged:
        parts.append("Nothing would be called: everything asked for is recorded already.")
    elif not plan.calls:
        parts.append("No model would be called: the output is put together anew from what is recorded.")
    else:
        parts += [f"Goes on with the unfinished run {code(plan.continues)}."] if plan.continues else []
        parts.append(_nodes(plan, tree.mode, safe))
        fits, budget = budget_check(plan, tree.mode)
        parts += [] if fits else [f"**{plain(budget, _LONGEST)}**"]
        told = [*estimates(plan, tree.mode), *([budget] if fits and budget else [])]
        parts.append(details("How these numbers come about", "  \n".join(plain(safe(text), _LONGEST) for text in told)))
    notes = [*(plan.warnings if plan else ()), *([reads_text(tree.reads)] if tree.reads else [])]
    quoted = [f"> ▲ {plain(one_line(safe(text)), _LONGEST)}" for text in dict.fromkeys(notes)]
    return "\n\n".join([*parts, *(["  \n".join(quoted)] if quoted else [])])


def _nodes(plan: Plan, mode: str, safe: Safe) -> str:
    rows = by_node(plan)
    cost = f"**{_cost(plan.usd, plan.unpriced, mode)}**"
    total = ["**total**", f"**{_calls(plan.calls, plan.exact)}**", _count(plan.reused), cost, ""]
    if len(rows) <= NODES_OPEN:
        return _table([*(_row(row, mode, safe) for row in rows), total])
    resting = [row for row in rows if not row.calls]
    shown = _table([*(_row(row, mode, safe) for row in rows if row.calls), total])
    if not resting:
        return shown
    others = details(f"{plural(len(resting), 'node')} without calls", _table(_row(row, mode, safe) for row in resting))
    return f"{shown}\n\n{others}"


def _table(rows: Iterable[Sequence[str]]) -> str:
    return table(["node", "calls", "reused", "cost", "why"], rows, right=(1, 2, 3))


def _row(row: NodePlan, mode: str, safe: Safe) -> list[str]:
    calls = _calls(row.calls, row.exact) if row.calls else ""
    cost = _cost(row.usd, row.unpriced, mode) if row.calls else ""
    return [code(row.node), calls, _count(row.reused), cost, plain(one_line(safe(row.why)), _LONGEST)]


def _calls(calls: int, exact: bool) -> str:
    return _unbroken(calls_text(calls, exact))


def _cost(usd: Decimal, unpriced: int, mode: str) -> str:
    if unpriced and not usd and mode not in FREE:
        return "unknown"
    return _unbroken(plain(cost_text(usd, unpriced, mode)))


def _unbroken(text: str) -> str:
    """Narrow columns would part `≈` from its number."""
    return text.replace("≈ ", "≈\u00a0")


def _count(number: int) -> str:
    return f"{number:,}" if number else ""


def _names(names: Iterable[str]) -> str:
    return ", ".join(code(name) for name in names)
