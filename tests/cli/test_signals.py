"""Ctrl-C once, twice, three times; SIGTERM; and signals between two trees."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest
from genarun.cli.signals import Interrupts


class Stop:
    def __init__(self) -> None:
        self.calls: list[str] = []

    def soft(self) -> None:
        self.calls.append("soft")

    def hard(self) -> None:
        self.calls.append("hard")


def test_once_twice_and_a_third_time() -> None:
    interrupts, stop, told = Interrupts(), Stop(), list[int]()
    interrupts.watch(stop, told.append)
    interrupts.press()
    assert (stop.calls, told) == (["soft"], [1])
    interrupts.press()
    assert (stop.calls, told) == (["soft", "hard"], [1, 2])
    with pytest.raises(KeyboardInterrupt):
        interrupts.press()


def test_sigterm_is_the_first_however_often_it_comes() -> None:
    interrupts, stop = Interrupts(), Stop()
    interrupts.watch(stop, lambda _: None)
    interrupts.terminate()
    interrupts.terminate()
    assert stop.calls == ["soft"]
    interrupts.press()
    assert stop.calls == ["soft", "hard"]


def test_a_press_between_two_trees_stops_the_next() -> None:
    interrupts, stop = Interrupts(), Stop()
    interrupts.press()
    interrupts.watch(stop, lambda _: None)
    assert stop.calls == ["soft"]


def test_real_signals_reach_it_and_the_old_handlers_come_back() -> None:
    interrupts, stop = Interrupts(), Stop()
    before = signal.getsignal(signal.SIGTERM)

    async def story() -> None:
        with interrupts.installed(asyncio.get_running_loop()):
            interrupts.watch(stop, lambda _: None)
            os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.sleep(0.05)
            os.kill(os.getpid(), signal.SIGINT)
            await asyncio.sleep(0.05)

    asyncio.run(story())
    assert stop.calls == ["soft", "hard"]
    assert signal.getsignal(signal.SIGTERM) == before
