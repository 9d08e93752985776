"""Limits per model alias: how many calls at once, and how many started per minute."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from genarun.engine.model import Lane
from genarun.planning.walk import Instance
from genarun.tree.model import ModelUse


class Pace:
    """One model alias: how many calls it has at once, and when the next may start.

    share: how many runs beside each other share its rate.
    """

    def __init__(self, use: ModelUse, share: int = 1) -> None:
        self.use = use
        self.share = share
        self.running = 0
        self.next_start = 0.0
        self.timer: asyncio.TimerHandle | None = None

    def wait(self, now: float) -> float:
        """Seconds until the rate allows another start; 0 where it does now."""
        return max(0.0, self.next_start - now)

    def started(self, now: float) -> None:
        self.running += 1
        if self.use.rpm:
            self.next_start = max(now, self.next_start) + 60.0 * self.share / self.use.rpm


class Gate(Pace):
    """An alias that pools ask: its limits hold for all its calls together, whichever pool or lane they come from.

    A service that has accepted no call yet is asked one at a time. proof: by service, 0 before it accepted one, 1 while it is
    tried, -1 since then; the run's lanes go by it too. told: called when there is room again.
    """

    def __init__(
        self, use: ModelUse, proof: dict[tuple[str, str | None], int], told: Callable[[], None], share: int = 1
    ) -> None:
        super().__init__(use, share)
        self._proof = proof
        self._told = told
        self._waiting: deque[asyncio.Future[bool]] = deque()

    @property
    def full(self) -> bool:
        """Whether nobody else may start; who waits here comes first."""
        return bool(self._waiting) or not self._room

    @property
    def _room(self) -> bool:
        proof = self._proof.get(self.use.service, 0)
        return self.running < self.use.concurrency if proof < 0 else not proof

    def started(self, now: float) -> None:
        super().started(now)
        self._proof[self.use.service] = self._proof.get(self.use.service) or 1

    def ended(self) -> None:
        """A call that started has ended."""
        self.running -= 1
        if self._proof[self.use.service] == 1:
            self._proof[self.use.service] = 0  # it accepted nothing: the next one tries
        self._told()

    async def enter(self) -> bool:
        """Wait until a call may start, and start it. False, and nothing started, where waiting was called off."""
        now = asyncio.get_running_loop().time()
        if not self.full and not self.wait(now):
            self.started(now)
            return True
        place: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        self.admit()
        try:
            return await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled() and place.result():
                self.ended()
            raise

    def admit(self) -> None:
        """Let in whom the limits allow, first come, first served."""
        loop = asyncio.get_running_loop()
        while self._waiting and self._room:
            if self._waiting[0].done():  # cancelled
                self._waiting.popleft()
            elif wait := self.wait(loop.time()):
                if self.timer is None or self.timer.when() <= loop.time():
                    self.timer = loop.call_later(wait, self.admit)
                return
            else:
                self.started(loop.time())
                self._waiting.popleft().set_result(True)

    def call_off(self) -> None:
        """Whoever waits looks again whom to ask: this one is passed over, or the run stops."""
        while self._waiting:
            place = self._waiting.popleft()
            if not place.done():
                place.set_result(False)


class LaneState(Pace):
    """One model alias, or one pool, and the instances that wait for it. gate: where pools ask this alias too."""

    def __init__(self, use: ModelUse, shown: Lane, gate: Gate | None = None, share: int = 1) -> None:
        super().__init__(use, share)
        self.shown = shown
        self.gate = gate
        self.waiting: deque[Instance] = deque()

    def wait(self, now: float) -> float:
        return super().wait(now) if self.gate is None else self.gate.wait(now)

    def started(self, now: float) -> None:
        super().started(now)
        if self.gate is not None:
            self.gate.started(now)

    def ended(self) -> None:
        self.running -= 1
        if self.gate is not None:
            self.gate.ended()
