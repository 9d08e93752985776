"""What is compared, each in a fresh process: `python -m benchmarks.contenders NAME --items N --url URL`.

    openai    a bare loop with the `openai` SDK: no records, no reuse, no retries. The floor that a script has.
    aiohttp   a bare loop with aiohttp and orjson: about what any asyncio program in Python must pay.
    genarun   the engine: reads the tree, calls, checks, journals each call durably, publishes.

Prints one JSON object: seconds and bytes of this process alone.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import json
import resource
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from benchmarks import work

Say = Callable[[dict[str, Any]], Awaitable[str]]


async def loop(say: Say, items: int) -> int:
    """The work as a person's script would do it, 64 calls at once. Returns the number of texts."""
    gate = asyncio.Semaphore(work.AT_ONCE)

    async def ask(body: dict[str, Any]) -> str:
        async with gate:
            return await say(body)

    async def visit(place: str) -> dict[str, Any]:
        prompt = work.VISIT.format(place=place)
        found: dict[str, Any] = json.loads(await ask(work.body(prompt, "visit", work.VISIT_SCHEMA)))
        names = {"place": place, "title": found["title"], "summary": found["summary"]}
        found["morning"], found["evening"] = await asyncio.gather(
            ask(work.body(work.MORNING.format(**names))), ask(work.body(work.EVENING.format(**names)))
        )
        return found

    prompt = work.PLACES.format(count=items)
    places = json.loads(await ask(work.body(prompt, "places", work.PLACES_SCHEMA)))["data"]
    visits = await asyncio.gather(*(visit(place) for place in places))
    return sum(len(found) - 2 for found in visits)


def prepare_openai(items: int, url: str) -> Callable[[], int]:
    from openai import AsyncOpenAI

    async def main() -> int:
        async with AsyncOpenAI(base_url=url, api_key="none", max_retries=0) as client:
            completions = client.chat.completions

            async def say(body: dict[str, Any]) -> str:
                reply = await completions.create(**body)
                return reply.choices[0].message.content or ""

            return await loop(say, items)

    return lambda: asyncio.run(main())


def prepare_aiohttp(items: int, url: str) -> Callable[[], int]:
    import aiohttp
    import orjson

    async def main() -> int:
        connector = aiohttp.TCPConnector(limit=work.AT_ONCE)
        async with aiohttp.ClientSession(connector=connector) as session:

            async def say(body: dict[str, Any]) -> str:
                headers = {"content-type": "application/json", "authorization": "Bearer none"}
                async with session.post(f"{url}/chat/completions", data=orjson.dumps(body), headers=headers) as reply:
                    return str(orjson.loads(await reply.read())["choices"][0]["message"]["content"])

            return await loop(say, items)

    return lambda: asyncio.run(main())


def prepare_genarun(items: int, url: str) -> Callable[[], int]:
    from benchmarks import engine

    # What the engine would import with its first call is imported here, as the other two do; start-up is measured apart.
    for name in engine.IMPORTED_LATE:
        importlib.import_module(name)
    folder = Path(tempfile.mkdtemp(prefix="genarun-bench-"))
    work.write_project(folder, items, url)
    return lambda: engine.run(folder)


PREPARE: dict[str, Callable[[int, str], Callable[[], int]]] = {
    "openai": prepare_openai,
    "aiohttp": prepare_aiohttp,
    "genarun": prepare_genarun,
}


def peak() -> int:
    """Bytes of memory that this process held at most.

    Linux's `ru_maxrss` survives exec and so may be the parent's; VmHWM is this program's own.
    """
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most if sys.platform == "darwin" else most * 1024
    (line,) = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) * 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=sorted(PREPARE))
    parser.add_argument("--items", type=int, required=True)
    parser.add_argument("--url", required=True)
    given = parser.parse_args()
    go = PREPARE[given.name](given.items, given.url)
    before_cpu, before_wall = time.process_time(), time.perf_counter()
    texts = go()
    wall, cpu = time.perf_counter() - before_wall, time.process_time() - before_cpu
    if texts != 2 * given.items:
        sys.exit(f"{given.name} made {texts} texts instead of {2 * given.items}")
    found = {"cpu": cpu, "wall": wall, "cpu_whole": time.process_time(), "peak": peak()}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
