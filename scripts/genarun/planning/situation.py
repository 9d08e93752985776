"""What a run or a plan starts from. `genarun.engine.survey` reads it; from here on everything is decided without a disk."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from genarun.providers.services import Services
from genarun.store.layout import RunRef, TreeFolder
from genarun.store.overrides import Override
from genarun.store.records import Summary
from genarun.store.reuse import Reuse
from genarun.tree.model import Tree

Json = Any


@dataclass(slots=True)
class Situation:
    """The start of one run.

    fresh: recorded values of other runs are out of play; a fresh run that goes on stays fresh.
    root: names that every node sees: inputs, `seed`, `date`. shown_inputs: the inputs as logs.json shows them.
    reuse: what kept runs recorded; own: what the run that is gone on with did. eager: whether there is anything recorded.
    continues: the unfinished run to go on with, and its summary.
    rolled: whether the seed was rolled just now, so that another command rolls another one.
    standing: the newest run of this mode that succeeded, if it left this very output; else None.
    usd, calls, minutes: limits of the budget, None for none.
    share: how many runs beside each other share the rates of the services.
    """

    tree: Tree
    folder: TreeFolder
    fresh: bool
    services: Services
    mode: Literal["real", "offline", "replay"]
    seed: int
    date: str
    root: dict[str, Json]
    shown_inputs: dict[str, Json]
    overrides: Mapping[str, Override]
    reuse: Reuse
    own: Reuse
    eager: bool
    selected: frozenset[tuple[str, ...]] | None
    continues: RunRef | None
    earlier: Summary | None
    rolled: bool
    standing: Callable[[Json], RunRef | None]
    usd: Decimal | None
    calls: int | None
    minutes: float | None
    notices: list[str]
    share: int = 1

    @property
    def scope(self) -> Literal["full", "part"]:
        return "full" if self.selected is None else "part"

    @property
    def own_run(self) -> str | None:
        return self.continues.id if self.continues is not None else None
