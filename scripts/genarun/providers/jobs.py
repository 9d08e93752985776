"""Work that a service does in the background and bills once it is begun: asked after until it is over, or called off.

Whatever happens to a question after a job, it is asked again, and no second job is begun in its place.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from genarun.errors import ProviderError

Job = TypeVar("Job")
Answer = TypeVar("Answer")

LONGEST_POLL = 10
"""Times the first wait."""
MOST_LOST_POLLS = 20
"""Questions in a row that may go wrong before a job counts as lost: several minutes, with the waits between."""
GOODBYE_SECONDS = 10.0


class Jobs:
    """The jobs of one provider."""

    def __init__(self, first_poll: float, rng: random.Random | None = None) -> None:
        """first_poll: seconds before the first question. rng: spreads the questions of many jobs."""
        self._first_poll = first_poll
        self._rng = rng or random.Random()  # noqa: S311 - spreads polls, guards nothing
        self._goodbyes: set[asyncio.Task[None]] = set()

    async def run(
        self,
        begin: Callable[[], Awaitable[Job]],
        look: Callable[[Job], Awaitable[Job]],
        over: Callable[[Job], bool],
        call_off: Callable[[Job], Awaitable[Any]],
        lost: Callable[[Job, ProviderError], ProviderError],
        wait: Callable[[Job], float | None] = lambda _: None,
    ) -> Job:
        """Begin a job and give it when it is over.

        look: the job as it stands now. lost: the error to raise where that cannot be learnt. wait: seconds until the next
        question, where the service names them. Cancelling this calls the job off, also while it is being begun.
        """
        beginning = asyncio.ensure_future(begin())
        try:
            # Shielded: a job that is being begun when we are cancelled must still be learnt of, to be called off too.
            begun = await asyncio.shield(beginning)
        except asyncio.CancelledError:
            self._goodbye(_after(beginning, call_off))
            raise
        try:
            job, pause = begun, self._first_poll
            while not over(job):
                named = wait(job)
                await asyncio.sleep(self._spread(pause) if named is None else named)
                pause = min(pause * 1.5, self._first_poll * LONGEST_POLL)
                job = await self.insist(lambda: look(begun), lambda error: lost(begun, error))
        except asyncio.CancelledError:
            self._goodbye(_after(beginning, call_off))
            raise
        return job

    async def insist(self, ask: Callable[[], Awaitable[Answer]], lost: Callable[[ProviderError], ProviderError]) -> Answer:
        """Ask until there is an answer. Raises what `lost` makes of an error that will not pass."""
        tries, pause = 0, self._first_poll
        while True:
            try:
                return await ask()
            except ProviderError as error:
                tries += 1
                if not error.retry or tries > MOST_LOST_POLLS:
                    raise lost(error) from error
                await asyncio.sleep(self._spread(pause) if error.retry_after is None else error.retry_after)
                pause = min(pause * 1.5, self._first_poll * LONGEST_POLL)

    async def close(self) -> None:
        """Let what is being called off be so."""
        if self._goodbyes:
            await asyncio.wait(set(self._goodbyes), timeout=GOODBYE_SECONDS)

    def _spread(self, pause: float) -> float:
        return pause * (0.9 + 0.2 * self._rng.random())

    def _goodbye(self, calling_off: Awaitable[Any]) -> None:
        """Call off in the background: whoever was cancelled must not be held up. `close` waits for these."""

        async def quietly() -> None:
            try:
                async with asyncio.timeout(GOODBYE_SECONDS):
                    await calling_off
            except Exception:  # noqa: BLE001, S110 - it ends by itself, at the latest at the service's own limit
                pass

        task = asyncio.ensure_future(quietly())
        self._goodbyes.add(task)
        task.add_done_callback(self._goodbyes.discard)


async def _after(beginning: asyncio.Future[Job], call_off: Callable[[Job], Awaitable[Any]]) -> None:
    await call_off(await beginning)
