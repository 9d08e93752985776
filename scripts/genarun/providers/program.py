"""A program as a service: started without a shell, bounded in what it may write, and gone when nobody waits any more."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import cast

LEFT_OPEN_SECONDS = 1.0
"""How long a stream may stay open after the program ended: what it started can have left the group and hold on to it."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended. code: its exit code, negative for a signal. flooded: it wrote too much, and was stopped for it."""

    code: int
    out: bytes
    err: bytes
    flooded: bool


class _Watch(asyncio.SubprocessProtocol):
    """Collects what a program writes. Not `asyncio.Process`, whose `wait` waits for whoever else holds the streams."""

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self.streams = {1: bytearray(), 2: bytearray()}
        self.flooded = False
        self.gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._pid: int | None = None
        self._closing: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.SubprocessTransport", transport)
        self._pid = self.transport.get_pid()

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        kept = self.streams[fd]
        room = self.most_bytes - len(kept)
        kept += data[:room]
        if len(data) > room:
            self.flooded = True
            self.kill()

    def process_exited(self) -> None:
        self.kill()  # whatever it started
        self._pid = None  # may soon be another's
        self._closing = asyncio.get_running_loop().call_later(LEFT_OPEN_SECONDS, self.transport.close)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._closing is not None:
            self._closing.cancel()
        if not self.gone.done():
            self.gone.set_result(None)

    def kill(self) -> None:
        """End the whole group, at once: what a program that may ignore a friendlier signal does is of no use to anybody."""
        if self._pid is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._pid, signal.SIGKILL)


async def run_program(words: Sequence[str], stdin: bytes, *, cwd: Path, env: Mapping[str, str], most_bytes: int) -> Ended:
    """Run a program to its end.

    words: the program's path, then its arguments, each as it is. stdin: what it reads. env: all of its environment.
    most_bytes: that it may write to stdout, and to stderr. It leads a process group of its own, which ends with it, and when
    this is cancelled. Raises OSError where it cannot be started.
    """
    loop = asyncio.get_running_loop()
    transport, watch = await loop.subprocess_exec(
        lambda: _Watch(most_bytes), *words, cwd=cwd, env=dict(env), start_new_session=True
    )
    try:
        pipe = transport.get_pipe_transport(0)
        if isinstance(pipe, asyncio.WriteTransport):
            pipe.write(stdin)
            pipe.close()  # once everything is written
        await asyncio.shield(watch.gone)
    finally:
        watch.kill()
        try:
            await asyncio.shield(watch.gone)  # so that whoever removes its folder removes all of it
        finally:
            transport.close()
    code = transport.get_returncode()
    assert code is not None
    return Ended(code, bytes(watch.streams[1]), bytes(watch.streams[2]), watch.flooded)
