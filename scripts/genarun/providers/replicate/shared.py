"""Values that calls share: made once by whoever comes first, and waited for by the others."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable, MutableMapping
from typing import Generic, TypeVar

Value = TypeVar("Value")

MOST = 500
"""Values that are kept at once."""


class Shared(Generic[Value]):
    """kept: where values stay, each with the moment it was made; it may outlive this object and serve others.
    seconds: how long they stay.
    """

    def __init__(self, kept: MutableMapping[Hashable, tuple[float, Value]], seconds: float) -> None:
        self._kept = kept
        self._seconds = seconds
        self._making: dict[Hashable, asyncio.Future[Value]] = {}

    async def get(self, key: Hashable, make: Callable[[], Awaitable[Value]]) -> Value:
        """The value for a key. Everybody who waits for one that fails sees its error; who comes later tries again."""
        kept = self._kept.get(key)
        if kept is not None and time.monotonic() - kept[0] < self._seconds:
            return kept[1]
        making = self._making.get(key)
        if making is None:
            making = self._making[key] = asyncio.ensure_future(make())
            making.add_done_callback(lambda done: self._made(key, done))
        return await asyncio.shield(making)  # one of those who wait may be cancelled, which is nothing to the others

    def _made(self, key: Hashable, done: asyncio.Future[Value]) -> None:
        self._making.pop(key, None)
        if not done.cancelled() and done.exception() is None:
            if len(self._kept) >= MOST:
                self._kept.clear()
            self._kept[key] = (time.monotonic(), done.result())

    async def close(self) -> None:
        """Give up what nobody waits for any more."""
        making = list(self._making.values())
        for one in making:
            one.cancel()
        await asyncio.gather(*making, return_exceptions=True)
