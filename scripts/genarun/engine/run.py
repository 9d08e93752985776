"""Runs one tree: drives the walk, keeps the lanes full, and leaves a run folder that can go on from wherever it stopped."""

from __future__ import annotations

import asyncio
import gc
import random
from decimal import Decimal
from typing import Any

from genarun.engine.attach import attach
from genarun.engine.breaker import Breakers
from genarun.engine.budget import Budget
from genarun.engine.close import close_run
from genarun.engine.lanes import Gate, LaneState
from genarun.engine.ledger import Ledger, error_record, use_of
from genarun.engine.model import Event, OnEvent, RunResult
from genarun.engine.session import InstanceSession, Workshop
from genarun.engine.steps import StepBudgets
from genarun.engine.stop import StopSignal
from genarun.errors import BudgetStop, Interrupted, ProviderError, RunError, StoreError
from genarun.planning.situation import Situation
from genarun.planning.walk import Instance, Walk
from genarun.providers.base import ModelRequest
from genarun.providers.services import uses
from genarun.store.mask import Masker
from genarun.tree.model import ModelUse

Json = Any

DEFAULT_MAX_BYTES = 20_000_000
SLICE = 400
"""Instances decided in one go before answers that came in meanwhile are looked at."""


class Run(Ledger):
    """One run of one tree."""

    def __init__(self, situation: Situation, masker: Masker, on_event: OnEvent, stop: StopSignal) -> None:
        super().__init__(situation, masker, on_event, stop)
        earlier = situation.earlier
        budget = Budget(
            situation.usd,
            situation.calls,
            spent=Decimal(earlier.totals.usd) if earlier else Decimal(0),
            sent=earlier.totals.requests if earlier else 0,
            run=f"tree {self.tree.name}",
        )
        self.crash: BaseException | None = None
        self.finished = asyncio.Event()
        self.tasks: set[asyncio.Task[None]] = set()
        self.unproven: dict[tuple[str, str | None], int] = {}
        self.gates = {
            member.alias: Gate(member, self.unproven, self._room, situation.share)
            for use in uses(self.tree)
            for member in use.members
        }
        assets = self.tree.settings.assets
        self.shop = Workshop(
            services=situation.services,
            recorded=self,
            budgets=StepBudgets(budget, situation.own.lines, stop),
            prices=self.estimator.prices,
            masker=masker,
            stop=stop,
            progress=self.progress,
            on_event=on_event,
            folder=self.open_folder,
            write=self.write,
            proven=self._proven,
            attach=self._attach,
            estimate=self.estimator.call_usd if situation.services.real else _free,
            gates=self.gates,
            breakers=Breakers(),
            warn=self.warn,
            max_bytes=(assets.max_bytes if assets else None) or DEFAULT_MAX_BYTES,
            webp=bool(assets and assets.format == "webp"),
            allow_private=bool(assets and assets.allow_private),
            rng=random.Random(),  # noqa: S311 - jitter
        )
        self.walk = Walk(self.tree, situation.root, situation.seed, self, eager=situation.eager)

    def settled(self, instance: Instance, how: str, value: Json) -> None:
        """A value that took no call now; for a step, its tree's time begins."""
        super().settled(instance, how, value)
        if instance.node.step is not None:
            self.shop.budgets.begun(instance)

    def _attach(self, request: ModelRequest) -> ModelRequest:
        return attach(request, [self.open_folder().folder, *self.situation.folder.readable(self.tree.after)], self.tree.folder)

    # ------------------------------------------------------------------ the loop

    async def go(self) -> RunResult:
        """Run to the end, or to a stop. Raises only what is a fault of the program."""
        loop = asyncio.get_running_loop()
        self.stop.listen(self._stopping)
        timers = [loop.call_later(2.0, self._heartbeat)]
        if self.situation.minutes is not None:
            timers.append(loop.call_later(self.situation.minutes * 60, self._out_of_time))
        often = gc.get_threshold()
        if often[0]:  # thousands of instances live long: looking through them all at Python's usual pace is a tenth of our time
            gc.set_threshold(max(often[0], 25_000), *often[1:])
        try:
            self._pump()
            await self.finished.wait()
        finally:
            gc.set_threshold(*often)
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
        except Exception as fault:  # noqa: BLE001 - a fault of ours: raised again once every call is put away
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
            while (instance := self.walk.next_call(None, SLICE, idle=self._idle)) is not None:
                lane = self.lane(use_of(instance.node))
                lane.waiting.append(instance)
                lane.shown.known += 1
            if self.walk.pending:
                loop.call_soon(self._pump)  # more to decide, but let answers in first
                break
            for alias in list(self.walk.ready):
                if alias is not None and self.walk.ready[alias]:
                    self.lane(use_of(self.walk.ready[alias][0].node))
            for lane in list(self.lanes.values()):
                again = self._fill(lane, loop) or again
        if self.walk.done or (not self.tasks and self.stop.error is not None):
            self.finished.set()

    def _idle(self) -> bool:
        """Whether nothing is under way, nor waits for a lane."""
        waits = any(queue for alias, queue in self.walk.ready.items() if alias is not None)
        return not self.tasks and not waits and not any(lane.waiting for lane in self.lanes.values())

    def _fill(self, lane: LaneState, loop: asyncio.AbstractEventLoop) -> bool:
        """Start calls of one alias as far as its limits allow; whether deciding made other instances ready meanwhile."""
        decided = False
        ready = self.walk.ready
        while lane.running < self._limit(lane):
            if not lane.waiting and not ready.get(lane.use.alias):
                break
            if lane.gate is not None and lane.gate.full:
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
            assert instance is not None
            self._start(instance, lane, loop)
        # What was settled without a call can have freed instances of any alias, also of one that was looked at already.
        return decided and any(queue for alias, queue in ready.items() if alias != lane.use.alias)

    def _limit(self, lane: LaneState) -> int:
        """One call at a time until the service has accepted one: a rejected key must cost one request, not sixty-four.

        Of a pool, each model proves itself at its own gate.
        """
        if lane.use.members:
            return lane.use.concurrency
        running = self.unproven.setdefault(lane.use.service, 0)
        if running < 0:
            return lane.use.concurrency
        return lane.running + (1 if running == 0 else 0)

    def _proven(self, use: ModelUse) -> None:
        if self.unproven.get(use.service, 0) >= 0:
            self.unproven[use.service] = -1
            self._room()

    def _room(self) -> None:
        """There may be room for a call that had to wait."""
        for gate in self.gates.values():
            gate.admit()
        asyncio.get_running_loop().call_soon(self._pump)

    def _start(self, instance: Instance, lane: LaneState, loop: asyncio.AbstractEventLoop) -> None:
        if self.unproven.get(lane.use.service) == 0:
            self.unproven[lane.use.service] = 1
        self.open_folder()
        lane.started(loop.time())
        lane.shown.running += 1
        self.tasks.add(loop.create_task(self._execute(instance, lane)))

    async def _execute(self, instance: Instance, lane: LaneState) -> None:
        """One instance from its first call to its line, whatever comes of it."""
        try:
            await self._settle(instance, lane)
        except (BudgetStop, Interrupted, StoreError) as error:
            self.stop.because(error)
        except asyncio.CancelledError:
            raise
        except Exception as fault:  # noqa: BLE001 - a fault of ours: raised again once every call is put away
            self.crash = fault
            self.finished.set()
        finally:
            lane.ended()
            lane.shown.running -= 1
            if self.unproven.get(lane.use.service) == 1:
                self.unproven[lane.use.service] = 0  # answered from a record: the service itself is still to be tried
                self._room()
            if (task := asyncio.current_task()) is not None:
                self.tasks.discard(task)
            self._pump()

    async def _settle(self, instance: Instance, lane: LaneState) -> None:
        node, ask, session = instance.node, instance.ask, InstanceSession(self.shop, instance)
        try:
            assert ask is not None
            value = await node.kind.execute(node, ask, session)  # type: ignore[attr-defined]
        except (BudgetStop, Interrupted):
            session.flush()  # a turn that was answered before the stop is paid for
            raise
        except StoreError:
            raise
        except RunError as error:
            lane.shown.failed += 1
            self.note_failure(instance, session.failed(error_record(error)))
            self.walk.fail(instance)
            if isinstance(error, ProviderError) and error.fatal:
                self.stop.because(error)
            return
        self.write(session.finished(value))
        lane.shown.done += 1
        self.walk.settle(instance, value)

    # ------------------------------------------------------------------ stopping

    def _stopping(self) -> None:
        error = self.stop.error
        if self.progress.stopping is None and error is not None:
            self.progress.stopping = error.what
            self.on_event(Event("stopping", self.masker.text(error.what)), self.progress)
        for gate in self.gates.values():
            gate.call_off()
        if self.stop.cancelled:
            for task in self.tasks:
                task.add_done_callback(self._cancelled)  # one that had not begun yet ends without a word of its own
                task.cancel()
        if not self.tasks:
            self.finished.set()

    def _cancelled(self, task: asyncio.Task[None]) -> None:
        self.tasks.discard(task)
        self._pump()

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


def _free(*_: object) -> Decimal:
    """Offline and recorded answers cost nothing, whatever the model's price."""
    return Decimal(0)
