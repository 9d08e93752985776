"""How a run is asked to end early, by a person, a budget, or a service that will not answer any call."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from genarun.errors import GenarunError, Interrupted


class StopSignal:
    """Shared by a run and whoever may stop it. Safe to call from a signal handler on the loop's thread.

    soft: no new call starts, calls in flight finish. hard: calls in flight are cancelled too.
    """

    def __init__(self) -> None:
        self.error: GenarunError | None = None
        self.cancelled = False
        self._told = asyncio.Event()
        self._listeners: list[Callable[[], None]] = []

    def because(self, error: GenarunError) -> None:
        """Stop softly for a reason; the first reason stands."""
        if self.error is None:
            self.error = error
        self._tell()

    def soft(self) -> None:
        """A person asked to stop: finish what is in flight."""
        self.because(Interrupted("interrupted", "stopped by hand", hint="`genarun resume` goes on where it stopped."))

    def hard(self) -> None:
        """A person asked to stop now."""
        self.cancelled = True
        self.soft()

    def listen(self, told: Callable[[], None]) -> None:
        """Call `told` whenever the signal changes."""
        self._listeners.append(told)

    def _tell(self) -> None:
        self._told.set()
        for told in self._listeners:
            told()

    async def sleep(self, seconds: float) -> None:
        """Wait between two tries; raises the reason at once when the run is stopped."""
        if self.error is None:
            try:
                async with asyncio.timeout(seconds):
                    await self._told.wait()
            except TimeoutError:
                return
        assert self.error is not None
        raise self.error
