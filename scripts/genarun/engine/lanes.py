"""Limits per model alias: how many calls at once, and how many started per minute."""

from __future__ import annotations

import asyncio
from collections import deque

from genarun.engine.model import Lane
from genarun.planning.walk import Instance
from genarun.tree.model import ModelUse


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
