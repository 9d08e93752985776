"""Runs one tree: drives the walk, keeps the lanes full, and leaves a run folder that can go on from wherever it stopped."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from datetime import UTC, datetime
from decimal import Decimal
from time import monotonic
from typing import Any

from genarun import __version__
from genarun.engine.budget import Budget
from genarun.engine.close import close_run
from genarun.engine.model import Event, Lane, OnEvent, Progress, RunResult
from genarun.engine.session import InstanceSession, Workshop
from genarun.engine.situation import Situation
from genarun.engine.stop import StopSignal
from genarun.errors import BudgetStop, GenarunError, Interrupted, Misfit, ProviderError, RunError, StoreError
from genarun.plan.estimate import Estimator
from genarun.plan.sources import Recorded
from genarun.plan.walk import Instance, Walk
from genarun.providers.prices import Prices
from genarun.store.mask import Masker
from genarun.store.records import ErrorRecord, Pick, Record, Summary, utc
from genarun.store.run_folder import RunFolder
from genarun.tree.model import ModelUse, Node

Json = Any

SLICE = 400
"""Instances decided in one go before answers that came in meanwhile are looked at."""


class LaneState:
    """One model alias: who waits for it, how many calls it has at once, and when the next may start."""

    def __init__(self, use: ModelUse, shown: Lane) -> None:
        self.use = use
        self.shown = shown
        self.waiting: deque[Instance] = deque()
        self.running = 0
        self.next_start = 0.0
        self.timer: asyncio.TimerHandle | None = None

    def wait(self, now: float) -> float:
        """Seconds until the rate allows another start; 0 where it does now."""
        return max(0.0, self.next_start - now)

    def started(self, now: float) -> None:
        self.running += 1
        if self.use.rpm:
            self.next_start = max(now, self.next_start) + 60.0 / self.use.rpm


class Run(Recorded):
    """One run of one tree. It is the `Sources` of its own walk: it writes down what the walk decides."""

    def __init__(self, situation: Situation, masker: Masker, on_event: OnEvent, stop: StopSignal) -> None:
        self.situation = situation
        self.tree = situation.tree
        self.masker = masker
        self.on_event = on_event
        self.stop = stop
        super().__init__(
            situation.reuse,
            situation.overrides,
            lambda node, ask: situation.services.key(_use(node), ask.request),
            situation.selected,
            own_run=situation.own_run,
            fresh=situation.fresh,
        )
        earlier = situation.earlier
        self.progress = Progress(self.tree.name, situation.own_run)
        self.prices = Prices()
        self.budget = Budget(
            situation.usd,
            situation.calls,
            spent=Decimal(earlier.totals.usd) if earlier else Decimal(0),
            sent=earlier.totals.requests if earlier else 0,
            run=f"tree {self.tree.name}",
        )
        self.began = datetime.now(UTC)
        self.begun = monotonic()
        self.folder: RunFolder | None = None
        self.early: list[Record] = []  # decided before the first call; written once a call makes a folder worth having
        self.lost: list[Record] = []  # could not be written: the disk is full
        self.failures: list[Record] = []
        self.warnings: list[str] = [*self.tree.warnings, *situation.notices]
        self.reused_assets: list[tuple[Any, str]] = []  # (run folder, asset) to copy once this run has a folder
        self.called = False
        self.crash: BaseException | None = None
        self.finished = asyncio.Event()
        self.tasks: set[asyncio.Task[None]] = set()
        self.lanes: dict[str, LaneState] = {}
        self.unproven: dict[tuple[str, str | None], int] = {}
        estimator = Estimator(self.prices, situation.reuse)
        self.shop = Workshop(
            services=situation.services, recorded=self, budget=self.budget, prices=self.prices, masker=masker, stop=stop,
            progress=self.progress, on_event=on_event, folder=self.open_folder, write=self.write, proven=self._proven,
            estimate=estimator.call_usd, max_bytes=_max_bytes(self.tree), allow_private=_allow_private(self.tree),
            rng=random.Random(),  # noqa: S311 - jitter
        )  # fmt: skip
        self.walk = Walk(self.tree, situation.root, situation.seed, self, eager=bool(situation.reuse))

    # ------------------------------------------------------------------ the loop

    async def go(self) -> RunResult:
        """Run to the end, or to a stop. Raises only what is a fault of the program."""
        loop = asyncio.get_running_loop()
        self.stop.listen(self._stopping)
        timers = [loop.call_later(2.0, self._heartbeat)]
        if self.situation.minutes is not None:
            timers.append(loop.call_later(self.situation.minutes * 60, self._out_of_time))
        try:
            self._pump()
            await self.finished.wait()
        finally:
            for timer in timers:
                timer.cancel()
            for task in self.tasks:
                task.cancel()
            await asyncio.gather(*self.tasks, return_exceptions=True)
        if self.crash is not None:
            raise self.crash
        return close_run(self)

    def _pump(self) -> None:
        """Decide what is ready and start what the lanes allow; ends the run when nothing is left or nothing may start."""
        if self.finished.is_set():
            return
        try:
            self._advance()
        except Exception as fault:
            self.crash = fault
            self.finished.set()

    def _advance(self) -> None:
        loop = asyncio.get_running_loop()
        if self.stop.error is not None:
            if not self.tasks:
                self.finished.set()
            return
        again = True
        while again and self.stop.error is None:
            again = False
            while (instance := self.walk.next_call(None, SLICE)) is not None:
                lane = self._lane(_use(instance.node))
                lane.waiting.append(instance)
                lane.shown.known += 1
            if self.walk.ready[None]:
                loop.call_soon(self._pump)  # more to decide, but let answers in first
                break
            for alias in list(self.walk.ready):
                if alias is not None and self.walk.ready[alias]:
                    self._lane(_use(self.walk.ready[alias][0].node))
            for lane in list(self.lanes.values()):
                again = self._fill(lane, loop) or again
        if self.walk.done:
            self.finished.set()
        elif not self.tasks and self.stop.error is not None:
            self.finished.set()

    def _fill(self, lane: LaneState, loop: asyncio.AbstractEventLoop) -> bool:
        """Start calls of one alias as far as its limits allow; whether deciding made other instances ready meanwhile."""
        decided = False
        ready = self.walk.ready
        while lane.running < self._limit(lane):
            if not lane.waiting and not ready.get(lane.use.alias):
                break
            wait = lane.wait(loop.time())
            if wait:
                if lane.timer is None or lane.timer.cancelled() or lane.timer.when() < loop.time():
                    lane.timer = loop.call_later(wait, self._pump)
                break
            if lane.waiting:
                instance: Instance | None = lane.waiting.popleft()
            else:
                instance = self.walk.next_call(lane.use.alias, SLICE)
                decided = True
                if instance is None:
                    if ready.get(lane.use.alias):
                        loop.call_soon(self._pump)
                    break
                lane.shown.known += 1
            assert instance is not None  # noqa: S101
            self._start(instance, lane, loop)
        return decided and bool(ready[None])

    def _limit(self, lane: LaneState) -> int:
        """One call at a time until the service has accepted one: a rejected key must cost one request, not sixty-four."""
        service = (lane.use.provider, lane.use.base_url)
        running = self.unproven.setdefault(service, 0)
        if running < 0:
            return lane.use.concurrency
        return lane.running + (1 if running == 0 else 0)

    def _proven(self, use: ModelUse) -> None:
        service = (use.provider, use.base_url)
        if self.unproven.get(service, 0) >= 0:
            self.unproven[service] = -1
            asyncio.get_running_loop().call_soon(self._pump)

    def _start(self, instance: Instance, lane: LaneState, loop: asyncio.AbstractEventLoop) -> None:
        service = (lane.use.provider, lane.use.base_url)
        if self.unproven[service] == 0:
            self.unproven[service] = 1
        self.called = True
        self.open_folder()
        lane.started(loop.time())
        lane.shown.running += 1
        task = loop.create_task(self._execute(instance, lane))
        self.tasks.add(task)

    async def _execute(self, instance: Instance, lane: LaneState) -> None:
        node = instance.node
        session = InstanceSession(self.shop, instance)
        ask = instance.ask
        try:
            assert ask is not None  # noqa: S101
            value = await node.kind.execute(node, ask, session)  # type: ignore[attr-defined]
            record = session.finished(value)
            self.write(record)
            lane.shown.done += 1
            self.walk.settle(instance, value)
        except (BudgetStop, Interrupted) as error:
            session.flush()
            self.stop.because(error)
        except StoreError as error:
            self.stop.because(error)
        except (ProviderError, Misfit, RunError) as error:
            lane.shown.failed += 1
            self._fail(instance, session.failed(error_record(error)), error)
            if isinstance(error, ProviderError) and error.fatal:
                self.stop.because(error)
        except asyncio.CancelledError:
            raise
        except Exception as fault:
            self.crash = fault
            self.finished.set()
        finally:
            lane.running -= 1
            lane.shown.running -= 1
            service = (lane.use.provider, lane.use.base_url)
            if self.unproven.get(service) == 1:
                self.unproven[service] = 0  # answered from a record: the service itself is still to be tried
            task = asyncio.current_task()
            if task is not None:
                self.tasks.discard(task)
            self._pump()

    def _lane(self, use: ModelUse) -> LaneState:
        lane = self.lanes.get(use.alias)
        if lane is None:
            shown = self.progress.lanes.setdefault(use.alias, Lane(use.alias, f"{use.provider}/{use.model}"))
            lane = self.lanes[use.alias] = LaneState(use, shown)
        return lane

    # ------------------------------------------------------------------ stopping

    def _stopping(self) -> None:
        error = self.stop.error
        if self.progress.stopping is None and error is not None:
            self.progress.stopping = error.what
            self.on_event(Event("stopping", self.masker.text(error.what)), self.progress)
        if self.stop.cancelled:
            for task in self.tasks:
                task.cancel()
        if not self.tasks:
            self.finished.set()

    def _out_of_time(self) -> None:
        self.stop.because(
            BudgetStop(
                "budget-minutes",
                f"the budget of {self.situation.minutes:g} minutes is used up",
                f"tree {self.tree.name}",
                "Raise `budget.minutes`, or run again: it goes on where it stopped.",
            )
        )

    def _heartbeat(self) -> None:
        """Keep logs.json close to the truth, for whoever looks while the run goes on."""
        if self.finished.is_set():
            return
        try:
            if self.folder is not None:
                self.folder.write_summary(self.summary("running"))
        except StoreError as error:
            self.stop.because(error)
            return
        asyncio.get_running_loop().call_later(5.0, self._heartbeat)

    # ------------------------------------------------------------------ what the walk tells (`Sources`)

    def settled(self, instance: Instance, how: str, value: Json) -> None:
        """A value that took no call now. What this very run recorded before has its line already."""
        if how == "reused":
            self.progress.reused += 1
            if (use := instance.node.use) is not None:
                lane = self._lane(use)
                lane.shown.known += 1
                lane.shown.reused += 1
            if instance.found.run_id == self.own_run:
                return
            if instance.found.record.asset is not None:
                self.reused_assets.append((instance.found.folder, instance.found.record.asset))
            self.write(_reused(instance))
        elif how == "computed":
            if instance.node.kind.name != "group":
                self.write(_line(instance, "succeeded", value=value))
        elif how == "shared":
            self.progress.reused += 1
            self.write(_line(instance, "reused", value=value, key=instance.key))
        else:
            self.write(_overridden(instance, value))

    def skipped(self, instance: Instance) -> None:
        """`when` does not hold."""
        self.write(_line(instance, "skipped"))

    def left_out(self, instance: Instance) -> None:
        """Not selected; a warning once per node is enough."""
        text = f"{'/'.join(instance.node.trail)} was left out by --only or --skip, and nothing recorded stands for it"
        if text not in self.warnings:
            self.warnings.append(text)

    def failed(self, instance: Instance, error: GenarunError) -> None:
        """It failed before any call."""
        record = _line(instance, "failed")
        record.error = error_record(error)
        self._note_failure(instance, record)

    def unknown(self, instance: Instance) -> None:
        """Never happens while running: every value is known."""
        raise AssertionError(instance.path)

    def _fail(self, instance: Instance, record: Record, error: GenarunError) -> None:
        self._note_failure(instance, record)
        self.walk.fail(instance)

    def _note_failure(self, instance: Instance, record: Record) -> None:
        on_error = instance.node.spec.on_error
        if on_error == "fail":
            self.progress.failed += 1
            self.failures.append(record)
            policy = self.tree.settings.error_policy
            if policy is not None and policy.continue_on_child_failure is False and record.error is not None:
                self.stop.because(
                    RunError(
                        "failed-early",
                        f"{instance.path} failed, and errorPolicy.continueOnChildFailure is false",
                        f"tree {self.tree.name}",
                        "Run again: it goes on where it stopped.",
                    )
                )
        else:
            record.status = "skipped"
            done = "left out" if on_error == "skip" else "set to null"
            record.warnings = [f"failed and was {done}, as onError says: {record.error.message if record.error else ''}"]
            self.warnings.append(f"{instance.path} {record.warnings[0]}")
        self.write(record)

    # ------------------------------------------------------------------ writing down

    def clock(self) -> datetime:
        """Now, UTC."""
        return datetime.now(UTC)

    def write(self, record: Record) -> None:
        """Write a line. Before the first call there is no folder, and the lines wait."""
        if self.folder is None:
            self.early.append(record)
            return
        try:
            self.folder.append(record)
        except StoreError:
            self.lost.append(record)
            raise
        self.on_event(Event("done", record=record, path=record.path), self.progress)

    def open_folder(self) -> RunFolder:
        """The run's folder, made when it is first needed, with all that was decided before."""
        if self.folder is None:
            situation = self.situation
            if situation.continues is not None:
                self.folder = RunFolder.reopen(situation.continues, self.masker)
                self.folder.write_summary(self.summary("running"))
            else:
                self.folder = RunFolder.create(situation.folder, self.summary("running"), self.masker, self.began)
            self.progress.run = self.folder.ref.id
            self.on_event(Event("run", self.folder.ref.id), self.progress)
            early, self.early = self.early, []
            for record in early:
                self.write(record)
        copied = self.reused_assets
        while copied:
            source, asset = copied.pop()
            self.folder.copy_asset(source, asset)
        return self.folder

    def summary(self, status: Any) -> Summary:
        """logs.json without the sums, which are made from the records at the end."""
        situation, earlier = self.situation, self.situation.earlier
        return Summary(
            run=self.folder.ref.id if self.folder else situation.own_run or "", tree=self.tree.name, title=self.tree.spec.title,
            status=status, mode=situation.mode, scope=situation.scope, fresh=situation.fresh, tree_digest=self.tree.digest,
            engine=__version__, inputs=situation.shown_inputs, seed=situation.seed, date=situation.date,
            started_at=earlier.started_at if earlier else utc(self.began),
            duration_ms=(earlier.duration_ms if earlier else 0) + round((monotonic() - self.begun) * 1000),
            warnings=list(self.warnings),
        )  # fmt: skip


def _use(node: Node) -> ModelUse:
    assert node.use is not None  # noqa: S101 - checked when the tree was compiled
    return node.use


def _max_bytes(tree: Tree) -> int:
    assets = tree.settings.assets
    return assets.max_bytes if assets is not None and assets.max_bytes is not None else 20_000_000


def _allow_private(tree: Tree) -> bool:
    return bool(tree.settings.assets is not None and tree.settings.assets.allow_private)


def error_record(error: GenarunError) -> ErrorRecord:
    """An error as a record shows it."""
    return ErrorRecord(code=error.code, message=error.what, hint=error.hint)


def _line(instance: Instance, status: Any, *, value: Json = None, key: str | None = None) -> Record:
    return Record.model_construct(
        path=instance.path, node="/".join(instance.node.trail), type=instance.node.spec.type, status=status, key=key, value=value,
        picks=[Pick.model_construct(at=at, chosen=chosen, of=of) for at, chosen, of in instance.picks] or None,
    )  # fmt: skip


def _reused(instance: Instance) -> Record:
    """The line of a reused value: as it was, but it cost nothing now."""
    found = instance.found
    return found.record.model_copy(
        update={
            "path": instance.path, "node": "/".join(instance.node.trail), "status": "reused", "call": None, "usd": None,
            "usage": None, "attempts": None, "reused_from": found.origin, "error": None,
        }
    )  # fmt: skip


def _overridden(instance: Instance, value: Json) -> Record:
    record = _line(instance, "overridden")
    record.override = instance.found.source
    if instance.node.kind.medium == "image":
        record.asset = value
    else:
        record.value = value
    return record
