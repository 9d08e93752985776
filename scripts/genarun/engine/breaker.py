"""When a pool passes one of its models over: after failed calls in a row for a while, after a refusal for good.

         failures in a row              coolDown is over            one call at a time
closed ────────────────────▶ open ───────────────────────▶ half open ────────────────▶ closed, or open again
   └───── a failure after which every further call would end the same ────▶ dead
"""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Literal

from genarun.errors import ProviderError
from genarun.tree.model import ModelUse

State = Literal["closed", "open", "half-open", "dead"]


class Breaker:
    """What a run knows of one model. Pools share it, and each reads it by its own numbers. clock: seconds, monotonic."""

    __slots__ = ("_clock", "_probing", "_row", "_since", "dead")

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._row = 0
        self._since = 0.0
        self._probing = False
        self.dead: ProviderError | None = None
        """Why it is not asked again in this run."""

    def state(self, pool: ModelUse) -> State:
        """How it stands for a pool."""
        if self.dead is not None:
            return "dead"
        if self._row < pool.failures:
            return "closed"
        return "open" if self._probing or self._clock() < self._since + pool.cool_down else "half-open"

    def lets(self, pool: ModelUse) -> bool:
        """Whether a call may go to it now."""
        return self.state(pool) in ("closed", "half-open")

    def enter(self, pool: ModelUse) -> bool:
        """A call goes to it. True for the one that tries it again, which ends with `answered`, `failed` or `left`."""
        if self.state(pool) != "half-open":
            return False
        self._probing = True
        return True

    def answered(self) -> None:
        """It answered, be it that it refused the request: it is there."""
        self._row, self._probing = 0, False

    def failed(self, error: ProviderError) -> None:
        """The call failed, its further tries included. Only what is the service's own fault counts against it."""
        if error.fatal:
            self.dead = error
        elif error.retry:
            self._row, self._since, self._probing = self._row + 1, self._clock(), False
        else:
            self.answered()

    def left(self) -> None:
        """The call that tried it again ended without a verdict."""
        self._probing = False


class Breakers:
    """One for each model of the run."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._made: dict[tuple[str, str | None, str], Breaker] = {}

    def of(self, use: ModelUse) -> Breaker:
        """The breaker of one model at one service."""
        place = (*use.service, use.model)
        if place not in self._made:
            self._made[place] = Breaker(self._clock)
        return self._made[place]
