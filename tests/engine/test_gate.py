"""The limits of a model that pools ask: first come, first served, and nobody waits for nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

import pytest
from genarun.engine.lanes import Gate
from genarun.tree.model import ModelUse

USE = ModelUse("a", "one", "openai", "m", {}, 2, None, None, None, None, {})


def run(story: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(story, 5))


class Told:
    """What the run does when a gate has room again."""

    def __init__(self, proof: int = -1, **more: Any) -> None:
        self.proof = {USE.service: proof}
        self.times = 0
        self.gate = Gate(replace(USE, **more), self.proof, self)

    def __call__(self) -> None:
        self.times += 1
        self.gate.admit()


async def turns(count: int = 3) -> None:
    await asyncio.gather(*(asyncio.sleep(0) for _ in range(count)))


def test_as_many_as_the_limit_and_the_rest_in_their_order() -> None:
    async def story() -> None:
        gate, order = Told().gate, []

        async def call(number: int) -> None:
            assert await gate.enter()
            order.append(number)

        calls = [asyncio.ensure_future(call(number)) for number in range(5)]
        await turns()
        assert order == [0, 1]
        assert gate.full
        for _ in range(3):
            gate.ended()
            await turns()
        assert order == [0, 1, 2, 3, 4]
        assert all(one.done() for one in calls)
        gate.ended()
        gate.ended()
        assert not gate.full
        assert gate.running == 0

    run(story())


def test_who_waits_comes_before_who_asks_now() -> None:
    async def story() -> None:
        gate = Told(concurrency=1).gate
        assert await gate.enter()
        first = asyncio.ensure_future(gate.enter())
        await turns()
        gate.ended()  # the place is handed on at once
        assert gate.running == 1
        later = asyncio.ensure_future(gate.enter())
        await turns()
        assert first.done()
        assert not later.done()
        gate.ended()
        assert await later

    run(story())


def test_a_service_that_accepted_nothing_yet_is_asked_one_at_a_time() -> None:
    async def story() -> None:
        told = Told(proof=0)
        gate = told.gate
        assert await gate.enter()
        assert told.proof[USE.service] == 1
        others = [asyncio.ensure_future(gate.enter()) for _ in range(3)]
        await turns()
        assert not any(one.done() for one in others)
        gate.ended()  # rejected: the next one tries
        await turns()
        assert [one.done() for one in others] == [True, False, False]
        told.proof[USE.service] = -1
        told()
        await turns()
        assert [one.done() for one in others] == [True, True, False]
        for one in others:
            gate.ended()
            assert await one

    run(story())


def test_a_rate_spreads_the_starts() -> None:
    async def story() -> None:
        gate = Told(rpm=1200, concurrency=100).gate
        begun = asyncio.get_running_loop().time()
        await asyncio.gather(*(gate.enter() for _ in range(5)))
        assert asyncio.get_running_loop().time() - begun >= 4 * 0.05 * 0.98

    run(story())


@pytest.mark.parametrize("rpm", [None, 6])
def test_waiting_can_be_called_off(rpm: int | None) -> None:
    async def story() -> None:
        gate = Told(concurrency=1, rpm=rpm).gate
        assert await gate.enter()
        others = [asyncio.ensure_future(gate.enter()) for _ in range(3)]
        await turns()
        gate.call_off()
        assert await asyncio.gather(*others) == [False] * 3
        assert gate.running == 1, "nobody else started"

    run(story())


def test_a_call_that_is_cancelled_gives_its_place_back() -> None:
    async def story() -> None:
        gate = Told(concurrency=1).gate
        assert await gate.enter()
        first, second = (asyncio.ensure_future(gate.enter()) for _ in range(2))
        await turns()
        gate.ended()  # handed to the first, which is cancelled before it can go on
        first.cancel()
        await turns()
        assert second.done()
        assert gate.running == 1
        third = asyncio.ensure_future(gate.enter())
        await turns()
        third.cancel()  # while it still waits
        await turns()
        gate.ended()
        assert gate.running == 0
        assert await gate.enter()

    run(story())
