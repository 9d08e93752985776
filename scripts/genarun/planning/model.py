"""What a run would do: the answer of `genarun plan`, and what the engine's first look at a tree shows a person."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

Action = Literal["call", "reuse", "override", "skip", "compute", "ask"]
"""call: a model would be asked. reuse: a recorded value serves. override: a person's value serves. skip: `when` does not hold.
compute: a template or group; nothing is asked. ask: a person is asked."""


@dataclass(frozen=True, slots=True)
class Step:
    """One instance, or, where their number cannot be known yet, all instances of one node under one parent (`*` in path).

    calls: how many calls; for a `*` path an estimate.
    exact: whether the run will make exactly these calls. False where the number, or whether the value changes at all,
        depends on a parent that will be called.
    reason: why, in words: `new`, `the prompt changed`, `reads series, which is called again`, …
    source: where an estimate comes from: `validation.minLength`, `run 2026-…`, …; empty when exact.
    usd: estimated dollars for all its calls; None where the price is unknown, zero only for free providers.
    """

    path: str
    node: str
    type: str
    action: Action
    calls: int
    exact: bool
    reason: str
    source: str = ""
    alias: str | None = None
    provider: str | None = None
    model: str | None = None
    usd: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that a run of one tree would do.

    continues: id of the unfinished run that it would go on with.
    calls: sum of the steps' calls; `exact` tells whether every step is.
    usd: sum of the known estimates; `unpriced` counts the calls without a price.
    unchanged: no call would be made, and the newest output stands.
    """

    tree: str
    title: str | None
    steps: tuple[Step, ...]
    seed: int
    continues: str | None = None
    unchanged: bool = False
    warnings: tuple[str, ...] = ()
    budget: dict[str, Any] = field(default_factory=dict)

    @property
    def calls(self) -> int:
        return sum(step.calls for step in self.steps)

    @property
    def reused(self) -> int:
        return sum(1 for step in self.steps if step.action == "reuse")

    @property
    def exact(self) -> bool:
        return all(step.exact for step in self.steps)

    @property
    def usd(self) -> Decimal:
        return sum((step.usd for step in self.steps if step.usd is not None), Decimal(0))

    @property
    def unpriced(self) -> int:
        return sum(step.calls for step in self.steps if step.usd is None and step.calls)
