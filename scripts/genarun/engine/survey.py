"""Reads what a run or a plan starts from: everything on disk and in the environment, once, before anything is decided."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any, Literal

from genarun.engine.budget import dollars
from genarun.engine.model import Options
from genarun.errors import SetupError
from genarun.planning.select import selected_nodes
from genarun.planning.situation import Situation
from genarun.providers.key import canonical
from genarun.providers.prices import Prices
from genarun.providers.services import Services
from genarun.store.layout import RunRef, TreeFolder
from genarun.store.mask import Masker
from genarun.store.overrides import read_overrides
from genarun.store.records import UNFINISHED, Summary
from genarun.store.reuse import Reuse, RunRecords
from genarun.store.run_folder import same_output
from genarun.tree.load import resolve_inputs
from genarun.tree.model import Tree
from genarun.tree.steps import latest_name

Json = Any


def survey(
    tree: Tree,
    folder: TreeFolder,
    options: Options,
    services: Services,
    latest: Callable[[str], Json],
    masker: Masker,
    now: datetime,
) -> Situation:
    """Read what is there. Raises SetupError or Faults for anything that a person has to mend first; calls nothing."""
    mode: Literal["real", "offline", "replay"] = "offline" if options.offline else "replay" if options.replay else "real"
    selected = selected_nodes(tree, options.only, options.skip)
    runs = folder.runs()
    notices = services.left_out()
    candidate, earlier = _candidate(folder, runs, options)

    given = dict(options.inputs)
    if options.resume and earlier is not None:
        kept = {name for name, spec in tree.inputs.items() if not spec.from_} | (set(earlier.inputs) if tree.legacy else set())
        given = {name: value for name, value in earlier.inputs.items() if name in kept} | given
    values = resolve_inputs(tree, given, latest)
    shown = {name: _digest(value) if _from(tree, name) else value for name, value in values.items()}

    today = now.strftime("%Y-%m-%d")
    if earlier is not None and options.resume:
        seed, date = (earlier.seed if options.seed is None else options.seed), earlier.date
    else:
        seed, date = _seed(tree, options, earlier, shown, now), today
    rolled = tree.spec.seed == "random" and options.seed is None and (earlier is None or seed != earlier.seed)
    same = earlier is not None and _same(earlier, tree, shown, seed, today, mode, "full" if selected is None else "part")
    if options.resume and earlier is not None:
        if earlier.tree_digest != tree.digest or earlier.inputs != shown:
            raise SetupError(
                "tree-changed",
                f"the tree or its inputs changed since {options.resume} began",
                f"tree {tree.name}",
                f"`genarun run {tree.name}` starts a new run that reuses whatever still holds.",
            )
        same = True
    continues = candidate if same and (options.resume or not options.fresh) else None
    if continues is not None and earlier is not None:
        date = earlier.date
    else:
        earlier = None

    order = ([continues] if continues else []) + [run for run in runs if continues is None or run.id != continues.id]
    budget = tree.settings.budget
    usd = options.budget if options.budget is not None else _decimal(budget.usd if budget else None)
    records = [RunRecords(run.id, _loader(run, notices), run.folder) for run in order]
    current = continues.id if continues else None
    reuse, own = Reuse(records, current), Reuse(records[: 1 if continues else 0], current)
    if services.real and usd is not None and (budget is None or budget.calls is None):
        _check_prices(tree, services, usd)
    overrides = read_overrides(folder, tree)
    return Situation(
        tree=tree,
        folder=folder,
        fresh=options.fresh or (earlier is not None and earlier.fresh),
        services=services,
        mode=mode,
        seed=seed,
        date=date,
        root={**values, **_for_steps(tree, latest), "seed": seed, "date": date},
        shown_inputs=shown,
        overrides=overrides,
        reuse=reuse,
        own=own,
        eager=bool(records),
        selected=selected,
        continues=continues,
        earlier=earlier,
        rolled=rolled,
        standing=lambda output: _standing(runs, mode, output, masker),
        usd=usd,
        calls=budget.calls if budget else None,
        minutes=budget.minutes if budget else None,
        notices=notices,
        share=options.share,
    )


def _for_steps(tree: Tree, latest: Callable[[str], Json]) -> dict[str, Json]:
    """Latest outputs that trees used as steps read; one that is not there fails the step that wants it."""
    return {latest_name(name): latest(name) for name in tree.reads}


def _standing(runs: list[RunRef], mode: str, output: Json, masker: Masker) -> RunRef | None:
    """The newest run of this mode that succeeded, if it left this very output."""
    for run in runs:
        summary = run.summary()
        if summary is not None and summary.status == "succeeded" and summary.mode == mode:
            return run if same_output(run, output, masker) else None
    return None


def _candidate(folder: TreeFolder, runs: list[RunRef], options: Options) -> tuple[RunRef | None, Summary | None]:
    """The run that may be gone on with: the one named, else the newest if it is unfinished."""
    if options.resume:
        named = folder.run(options.resume)
        summary = named.summary()
        if summary is None or summary.status not in UNFINISHED:
            raise SetupError(
                "run-finished",
                f"{named.id} is finished; there is nothing to go on with",
                hint=f"`genarun run {folder.name}` makes a new run; it reuses everything that has not changed.",
            )
        return named, summary
    if not runs:
        return None, None
    summary = runs[0].summary()
    return (runs[0], summary) if summary is not None and summary.status in UNFINISHED else (None, None)


def _same(earlier: Summary, tree: Tree, inputs: dict[str, Json], seed: int, today: str, mode: str, scope: str) -> bool:
    """Whether the unfinished run asked for the same as this command does (design §5, Continuing)."""
    return (
        earlier.tree_digest == tree.digest
        and earlier.inputs == inputs
        and earlier.seed == seed
        and earlier.mode == mode
        and earlier.scope == scope
        and (not tree.uses_date or earlier.date == today)
    )


def _seed(tree: Tree, options: Options, earlier: Summary | None, inputs: dict[str, Json], now: datetime) -> int:
    if options.seed is not None:
        return options.seed
    if tree.spec.seed == "date":
        return int(now.strftime("%Y%m%d"))
    if tree.spec.seed == "random":
        if earlier is not None and earlier.tree_digest == tree.digest and earlier.inputs == inputs and not options.fresh:
            return earlier.seed  # an unfinished run keeps its dice
        return random.SystemRandom().randrange(2**31)
    return tree.spec.seed


def _check_prices(tree: Tree, services: Services, usd: Decimal) -> None:
    """A budget in dollars alone holds only where every price is known."""
    prices = Prices(env=services.env)
    for node in tree.trails.values():
        asked, medium = node.use, node.kind.medium
        if asked is None or medium is None:
            continue
        for use in (one for one in asked.candidates if not asked.members or services.reachable(one)):
            if prices.estimate(use.protocol, use.model, medium, 1, None, None, use.price, base_url=use.base_url) is not None:
                continue
            raise SetupError(
                "budget-needs-calls",
                f"a budget of {dollars(usd)} cannot hold: the price of {use.named} is not known",
                f"tree {tree.name}",
                f"Add `budget.calls`, or a `price` to the model alias {use.alias}.",
            )


def _from(tree: Tree, name: str) -> bool:
    spec = tree.inputs.get(name)
    return spec is not None and spec.from_ is not None


def _digest(value: Json) -> str:
    return "sha256:" + sha256(canonical({"value": value})).hexdigest()


def _decimal(amount: float | None) -> Decimal | None:
    return None if amount is None else Decimal(repr(amount))


def _loader(run: RunRef, notices: list[str]) -> Callable[[], Any]:
    return lambda: run.records(notices)
