"""Budgets of steps, inside the run's own: what a step's tree writes as its `budget` holds for each time that it is a step.

A call within a step is reserved in the run's budget and in that of every step around it; the first that it could exceed stops
the run. What defaults.yaml says is the run's, and does not count again for each step.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Protocol

from genarun.engine.budget import Budget
from genarun.engine.stop import StopSignal
from genarun.errors import BudgetStop
from genarun.planning.walk import Instance
from genarun.store.lines import money
from genarun.store.records import Record

ZERO = Decimal(0)


class Purse(Protocol):
    """What one call is paid from: see `Budget`."""

    def reserve(self, estimate: Decimal | None) -> Decimal: ...

    def settle(self, held: Decimal, usd: Decimal | None) -> None: ...


class _Nested:
    """Several budgets that one call must fit, the run's first."""

    def __init__(self, budgets: tuple[Budget, ...]) -> None:
        self.budgets = budgets

    def reserve(self, estimate: Decimal | None) -> Decimal:
        held = ZERO
        for place, budget in enumerate(self.budgets):
            try:
                held = budget.reserve(estimate)
            except BudgetStop:
                for earlier in self.budgets[:place]:
                    earlier.give_back(held)
                raise
        return held

    def settle(self, held: Decimal, usd: Decimal | None) -> None:
        for budget in self.budgets:
            budget.settle(held, usd)


class StepBudgets:
    """The budgets of one run and of its steps, each made when a call first needs it.

    earlier: what this run recorded before it was gone on with; a step's budget counts it too.
    """

    def __init__(self, whole: Budget, earlier: Callable[[], Iterable[Record]], stop: StopSignal) -> None:
        self.whole = whole
        self._earlier = earlier
        self._stop = stop
        self._steps: dict[str, Budget | None] = {}
        self._purses: dict[str, Purse] = {}

    def of(self, instance: Instance) -> Purse:
        """What a call of this instance is paid from."""
        if instance.node.within is None:
            return self.whole
        around = [holder for holder in _around(instance) if holder.node.step is not None]
        path = around[0].path
        if path not in self._purses:
            found = [budget for holder in reversed(around) if (budget := self._of_step(holder)) is not None]
            self._purses[path] = _Nested((self.whole, *found)) if found else self.whole
        return self._purses[path]

    def _of_step(self, step: Instance) -> Budget | None:
        if step.path not in self._steps:
            tree = step.node.step
            own = tree.spec.budget if tree is not None else None
            if tree is None or own is None or (own.usd is None and own.calls is None):
                self._steps[step.path] = None
            else:
                before = [record for record in self._earlier() if record.path.startswith(f"{step.path}/")]
                self._steps[step.path] = Budget(
                    None if own.usd is None else Decimal(repr(own.usd)),
                    own.calls,
                    spent=sum((money(record.usd) or ZERO for record in before if record.status != "reused"), ZERO),
                    sent=sum(record.attempts or 0 for record in before),
                    run=f"tree {tree.name}, the step {step.path}",
                )
        return self._steps[step.path]

    def begun(self, step: Instance) -> None:
        """A step opened: its minutes begin to count, where its tree gives it some."""
        tree = step.node.step
        minutes = tree.spec.budget.minutes if tree is not None and tree.spec.budget is not None else None
        if minutes is not None:
            asyncio.get_running_loop().call_later(minutes * 60, self._out_of_time, step, minutes)

    def _out_of_time(self, step: Instance, minutes: float) -> None:
        if step.at != "finished" and step.node.step is not None:
            self._stop.because(
                BudgetStop(
                    "budget-minutes",
                    f"the budget of {minutes:g} minutes is used up",
                    f"tree {step.node.step.name}, the step {step.path}",
                    "Raise `budget.minutes`, or run again: it goes on where it stopped.",
                )
            )


def _around(instance: Instance) -> list[Instance]:
    """Everything that an instance lies in, nearest first."""
    found: list[Instance] = []
    holder = instance.frame.holder
    while holder is not None:
        found.append(holder)
        holder = holder.frame.holder
    return found
