"""A loopback service that answers chat completions after a fixed delay, at little cost: `python -m benchmarks.service`.

It speaks HTTP/1.1 with kept connections straight on asyncio's transport, since a framework would cost more than what is
measured. Answers follow from the question alone: JSON by the question's schema, else a paragraph. `GET /stats` says what
came since `POST /reset`; all times are of the monotonic clock, which processes of one machine share.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
LATE = 0.0005  # seconds that a timer is late on average: the loop waits in whole milliseconds
COUNT = re.compile(r"\b(\d+)\b")
PARAGRAPH = (
    "The street is quiet before nine. A baker carries trays across it, twice, and the second time he looks up. "
    "What he sees is the same light as every year at this hour, and he says so to nobody in particular."
)


def answer(schema: dict[str, Any] | None, question: str) -> str:
    """The text of an answer: a value of `schema` as JSON, else a paragraph. Equal for equal questions."""
    mark = f"{zlib.crc32(question.encode()):08x}"
    if schema is None:
        return f"{PARAGRAPH} ({mark})"
    return orjson.dumps(value(schema, question, mark)).decode()


def value(schema: dict[str, Any], question: str, mark: str) -> Any:
    """A value that satisfies the small part of JSON Schema that the benchmark's tree uses."""
    kind = schema.get("type")
    if kind == "object":
        return {name: value(part, question, f"{name} {mark}") for name, part in schema.get("properties", {}).items()}
    if kind == "array":
        found = COUNT.search(question)
        count = int(found[1]) if found else schema.get("minItems", 1)
        return [value(schema.get("items", {}), question, f"item {at}") for at in range(count)]
    if kind in ("integer", "number"):
        return len(question)
    return f"A {mark}"


@dataclass
class Seen:
    """What came since the last reset. asked: a digest of all questions, in whatever order they came."""

    calls: int = 0
    asked: int = 0
    at_once: int = 0
    most_at_once: int = 0
    connections: int = 0
    first: float | None = None
    last: float | None = None
    waited: float = 0.0


@dataclass
class Service:
    """Shared by all connections. latency: seconds."""

    latency: float
    seen: Seen = field(default_factory=Seen)

    def stats(self) -> bytes:
        seen = self.seen
        mean = seen.waited / seen.calls if seen.calls else None
        return json.dumps({**vars(seen), "latency": self.latency, "mean_latency": mean}).encode()


class Connection(asyncio.Protocol):
    """One kept connection; questions on it are answered one after the other."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.loop = asyncio.get_running_loop()
        self.buffer = b""
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.service.seen.connections += 1

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None

    def data_received(self, data: bytes) -> None:
        self.buffer = self.buffer + data if self.buffer else data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            head = self.buffer[: end + 2]
            found = LENGTH.search(head)
            stop = end + 4 + (int(found[1]) if found else 0)
            if len(self.buffer) < stop:
                return
            body, self.buffer = self.buffer[end + 4 : stop], self.buffer[stop:]
            self.handle(head, body)

    def handle(self, head: bytes, body: bytes) -> None:
        if head.startswith(b"GET /stats"):
            self.send(self.service.stats())
        elif head.startswith(b"POST /reset"):
            self.service.seen = Seen()
            self.send(b"{}")
        else:
            self.question(body)

    def question(self, body: bytes) -> None:
        now = time.monotonic()
        asked = orjson.loads(body)
        seen = self.service.seen
        seen.calls += 1
        seen.asked ^= zlib.crc32(orjson.dumps(asked["messages"], option=orjson.OPT_SORT_KEYS))
        seen.at_once += 1
        seen.most_at_once = max(seen.most_at_once, seen.at_once)
        if seen.first is None:
            seen.first = now
        form = asked.get("response_format") or {}
        text = answer(form.get("json_schema", {}).get("schema"), asked["messages"][-1]["content"])
        reply = {
            "id": f"chatcmpl-{seen.calls}",
            "object": "chat.completion",
            "created": 1_790_000_000,
            "model": asked["model"],
            "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": len(body) // 4, "completion_tokens": len(text) // 4, "total_tokens": len(body) // 4},
        }
        delay = max(0.0, self.service.latency - LATE)
        self.loop.call_later(delay, self.reply, orjson.dumps(reply), seen, now)

    def reply(self, body: bytes, seen: Seen, since: float) -> None:
        seen.at_once -= 1
        seen.last = time.monotonic()
        seen.waited += seen.last - since
        self.send(body)

    def send(self, body: bytes) -> None:
        if self.transport is not None:
            self.transport.write(
                b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)
            )


async def serve(latency: float) -> None:
    """Serve on a free port of the loopback address, and print its number, until standard input closes."""
    service = Service(latency)
    loop = asyncio.get_running_loop()
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = await loop.create_server(lambda: Connection(service), sock=listening, backlog=1024)
    print(listening.getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


@dataclass(frozen=True)
class Running:
    """A service at work in a process of its own. url: its API's base."""

    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def _ask(self, path: str, data: bytes | None) -> dict[str, Any]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", data=data, timeout=30) as reply:
            return dict(json.load(reply))

    def stats(self) -> dict[str, Any]:
        return self._ask("/stats", None)

    def reset(self) -> None:
        self._ask("/reset", b"")


@contextmanager
def running(latency: float, cpu: int | None = None) -> Iterator[Running]:
    """A service in a process of its own, on processor `cpu` where the system lets us choose. latency: seconds."""
    command = [sys.executable, "-m", "benchmarks.service", "--latency", str(latency)]
    if cpu is not None:
        command += ["--cpu", str(cpu)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield Running(int(process.stdout.readline()))
        finally:
            process.kill()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--latency", type=float, default=0.05, help="seconds")
    parser.add_argument("--cpu", type=int, help="processor to stay on")
    given = parser.parse_args()
    if given.cpu is not None and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {given.cpu})
    asyncio.run(serve(given.latency))


if __name__ == "__main__":
    main()
