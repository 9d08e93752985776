"""The base of the loopback services: HTTP/1.1 on a raw asyncio protocol, in a thread of its own, fast and strict.

A service counts everything it is asked and whether its answer left whole, can answer late, and can fail by a plan that is the
same whatever the order in which requests arrive.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson

FAULTS = ("429", "500", "drop", "hang", "html", "broken", "truncated", "shape")
"""429 with Retry-After; 500; a connection closed without a word; no answer ever; a web page with status 200; JSON that breaks
off under a right Content-Length; a body shorter than its Content-Length; a 200 whose JSON lacks what the protocol promises."""


@dataclass(slots=True)
class Asked:
    """One request as it came in. answered: its whole answer was handed to the network. fault: what the plan did to it."""

    number: int
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    at: float
    json: Any = None
    status: int = 0
    answered: bool = False
    fault: str | None = None

    @property
    def digest(self) -> str:
        return sha256(f"{self.method} {self.path}\n".encode() + self.body).hexdigest()[:16]


@dataclass(slots=True)
class Reply:
    body: bytes
    status: int = 200
    media: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


class Refuse(Exception):
    """Raised by `answer` or a handler: answer with this instead."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


@dataclass(slots=True)
class Faults:
    """A plan of faults. rate: share of requests that fail. most: longest row of faults for one and the same request.

    Whether the n-th try of a request fails is decided by its bytes and n alone, so a plan is the same in every order.
    """

    rate: float
    kinds: tuple[str, ...] = FAULTS
    seed: int = 0
    most: int = 3
    retry_after: str = "0.01"
    _tries: Counter[str] = field(default_factory=Counter)
    _row: Counter[str] = field(default_factory=Counter)

    def pick(self, asked: Asked) -> str | None:
        digest = asked.digest
        self._tries[digest] += 1
        drawn = sha256(f"{self.seed} {digest} {self._tries[digest]}".encode()).digest()
        if int.from_bytes(drawn[:4]) / 2**32 >= self.rate or self._row[digest] >= self.most:
            self._row[digest] = 0
            return None
        self._row[digest] += 1
        return self.kinds[int.from_bytes(drawn[4:8]) % len(self.kinds)]


class Service:
    """A service in a thread: `with Service() as service: ... service.url`."""

    prefix = ""

    def __init__(
        self,
        *,
        latency: float | Callable[[Asked], float] = 0.0,
        faults: Faults | None = None,
        log: str | None = None,
        keep: bool = True,
        port: int = 0,
    ) -> None:
        """keep: whether requests are remembered (a benchmark only counts them). log: a JSONL file of what came and left."""
        self.latency = latency
        self.faults = faults
        self.asked: list[Asked] = []
        self.counts: Counter[str] = Counter()
        self.port = port
        self.most_at_once = 0
        self._now = 0
        self._keep = keep
        self._log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644) if log else None
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._open: set[asyncio.Transport] = set()

    # What services define

    def handle(self, asked: Asked) -> Reply:
        raise NotImplementedError

    def rate_limited(self, after: str) -> Reply:
        raise NotImplementedError

    def failed(self) -> Reply:
        raise NotImplementedError

    def misshapen(self) -> Reply:
        return Reply(b'{"object":"something.else"}')

    # What tests ask

    @property
    def url(self) -> str:
        """Base URL, as a person would set it."""
        return f"http://127.0.0.1:{self.port}{self.prefix}"

    @property
    def answered(self) -> list[Asked]:
        """Requests that were answered completely and without a fault."""
        return [asked for asked in self.asked if asked.answered and asked.fault is None and asked.status < 400]

    def repeats(self) -> dict[str, int]:
        """Requests that were answered completely more than once, by their digest: what must be empty after a resume."""
        counted = Counter(asked.digest for asked in self.answered if asked.method == "POST")
        return {digest: count for digest, count in counted.items() if count > 1}

    # Life

    def __enter__(self) -> Service:
        ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self.serve(ready.set)), daemon=True)
        self._thread.start()
        assert ready.wait(10), "the service did not start"
        return self

    def __exit__(self, *_: object) -> None:
        if self._loop is not None and self._stop is not None and self._thread is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(10)
        if self._log is not None:
            os.close(self._log)
            self._log = None

    async def serve(self, ready: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        server = await self._loop.create_server(lambda: _Line(self), "127.0.0.1", self.port, backlog=1024)
        self.port = server.sockets[0].getsockname()[1]
        ready()
        await self._stop.wait()
        # A connection may be half accepted, in a task of asyncio's own: closing the server under it leaves its socket open.
        while accepting := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(accepting, timeout=1)
        server.close()
        for transport in list(self._open):
            transport.abort()
        await asyncio.sleep(0.001)

    def note(self, event: str, asked: Asked) -> None:
        if self._log is not None:
            line = {"event": event, "n": asked.number, "digest": asked.digest, "path": asked.path, "status": asked.status}
            line |= {"fault": asked.fault, "at": time.time()}
            os.write(self._log, json.dumps(line).encode() + b"\n")

    def take(self, line: _Line, asked: Asked) -> None:
        """A whole request is here: decide, wait as long as asked, and answer."""
        self.counts["requests"] += 1
        asked.number = self.counts["requests"]
        if self._keep:
            self.asked.append(asked)
        self.note("asked", asked)
        self._now += 1
        self.most_at_once = max(self.most_at_once, self._now)
        asked.fault = self.faults.pick(asked) if self.faults else None
        wait = self.latency(asked) if callable(self.latency) else self.latency
        if wait:
            line.loop.call_later(wait, self._answer, line, asked)
        else:
            self._answer(line, asked)

    def _answer(self, line: _Line, asked: Asked) -> None:
        self._now -= 1
        if line.transport.is_closing():
            return
        fault = asked.fault
        if fault == "hang":
            return
        if fault == "drop":
            line.transport.abort()
            return
        if fault == "429":
            reply = self.rate_limited(self.faults.retry_after if self.faults else "0")
        elif fault == "500":
            reply = self.failed()
        elif fault == "html":
            reply = Reply(b"<!doctype html><title>502 Bad Gateway</title>", media="text/html")
        elif fault == "shape":
            reply = self.misshapen()
        else:
            try:
                reply = self.handle(asked)
            except Refuse as refusal:
                reply = refusal.reply
        if fault == "broken":
            reply = Reply(reply.body[: len(reply.body) // 2], reply.status, reply.media)
        asked.status = reply.status
        head = f"HTTP/1.1 {reply.status} X\r\ncontent-type: {reply.media}\r\ncontent-length: {len(reply.body)}\r\n"
        for name, value in reply.headers.items():
            head += f"{name}: {value}\r\n"
        whole = head.encode() + b"\r\n" + reply.body
        if fault == "truncated":
            line.transport.write(whole[: -max(1, len(reply.body) // 2)])
            line.transport.close()
            return
        asked.answered = True
        self.counts["answered"] += 1
        self.note("answered", asked)
        line.transport.write(whole)
        line.next()


class _Line(asyncio.Protocol):
    """One connection. Requests on it are answered one after the other."""

    __slots__ = ("busy", "data", "loop", "service", "transport")

    def __init__(self, service: Service) -> None:
        self.service = service
        self.data = b""
        self.busy = False
        self.loop = asyncio.get_running_loop()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.service.counts["connections"] += 1
        self.service._open.add(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self.service._open.discard(self.transport)

    def data_received(self, data: bytes) -> None:
        self.data += data
        if not self.busy:
            self.next()

    def next(self) -> None:
        self.busy = False
        end = self.data.find(b"\r\n\r\n")
        if end < 0:
            return
        lines = self.data[:end].decode("latin-1").split("\r\n")
        method, target, _ = lines[0].split(" ", 2)
        headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        length = int(headers.get("content-length", "0"))
        if len(self.data) < end + 4 + length:
            return
        body = self.data[end + 4 : end + 4 + length]
        self.data = self.data[end + 4 + length :]
        self.busy = True
        query: dict[str, str] = {}
        if target.startswith("http://"):  # asked as a proxy: answer in the other's place
            target = "/" + target.split("/", 3)[3]
        if "?" in target:
            parts = urlsplit(target)
            target, query = parts.path, {name: values[0] for name, values in parse_qs(parts.query).items()}
        asked = Asked(0, method, target, query, headers, body, time.monotonic())
        if body:
            try:
                asked.json = orjson.loads(body)
            except orjson.JSONDecodeError:
                asked.json = None
        self.service.take(self, asked)


def main(make: Callable[..., Service]) -> None:
    """Run a service as a process: prints its base URL, then serves until it is told to stop."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before each answer")
    parser.add_argument("--log", help="JSONL file of requests and answers")
    parser.add_argument("--fault-rate", type=float, default=0.0)
    parser.add_argument("--fault-kinds", default=",".join(kind for kind in FAULTS if kind != "hang"))
    parser.add_argument("--fault-seed", type=int, default=0)
    given = parser.parse_args()
    faults = Faults(given.fault_rate, tuple(given.fault_kinds.split(",")), given.fault_seed) if given.fault_rate else None
    service = make(port=given.port, latency=given.latency, log=given.log, faults=faults, keep=False)

    async def serve() -> None:
        def ready() -> None:
            print(service.url, flush=True)  # noqa: T201 - whoever started the process reads it
            loop = asyncio.get_running_loop()
            for kind in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(kind, lambda: service._stop and service._stop.set())

        await service.serve(ready)

    asyncio.run(serve())
