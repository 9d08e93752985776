"""Ctrl-C once: finish what is in flight. Twice: stop now. SIGTERM, which CI sends when a job is cancelled, is the first."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Protocol


class Stoppable(Protocol):
    """`genarun.engine.stop.StopSignal`, as far as this module needs it."""

    def soft(self) -> None: ...
    def hard(self) -> None: ...


class Interrupts:
    """Turns signals into calls of the current run's stop signal, and counts them over all trees of the command."""

    def __init__(self) -> None:
        self.times = 0
        self.stop: Stoppable | None = None
        self.told: Callable[[int], None] | None = None

    def watch(self, stop: Stoppable, told: Callable[[int], None]) -> None:
        """From now on `stop` is what a signal stops, and `told` hears how often a person asked."""
        self.stop, self.told = stop, told
        self._pass_on()

    def press(self) -> None:
        """Ctrl-C. A third one no longer waits for anything: KeyboardInterrupt."""
        self.times += 1
        if self.times > 2:
            raise KeyboardInterrupt
        self._pass_on()

    def terminate(self) -> None:
        """SIGTERM: as the first Ctrl-C, however often it comes."""
        if not self.times:
            self.press()

    def _pass_on(self) -> None:
        if not self.times:
            return
        # Told first: it says how many calls are in flight, which the stop may already change.
        if self.told is not None:
            self.told(self.times)
        if self.stop is not None:
            if self.times > 1:
                self.stop.hard()
            else:
                self.stop.soft()

    @contextmanager
    def installed(self, loop: asyncio.AbstractEventLoop) -> Iterator[None]:
        """Listen to SIGINT and SIGTERM while the block runs."""
        handlers = {signal.SIGINT: self.press, signal.SIGTERM: self.terminate}
        previous = {}
        for number, handler in handlers.items():
            try:
                loop.add_signal_handler(number, handler)
            except (NotImplementedError, RuntimeError, ValueError):  # Windows; or not the main thread
                with suppress(ValueError):
                    previous[number] = signal.signal(number, lambda *_, call=handler: loop.call_soon_threadsafe(call))
        try:
            yield
        finally:
            for number in handlers:
                if number in previous:
                    signal.signal(number, previous[number])
                else:
                    with suppress(NotImplementedError, RuntimeError, ValueError):
                        loop.remove_signal_handler(number)
