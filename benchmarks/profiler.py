"""Where the engine's processor time goes, by room: `make bench BENCH="--profile 1000"`.

A timer that counts processor time interrupts the run, and the innermost frame that belongs to the engine, to aiohttp or to
asyncio is charged; work in compiled packages and the standard library counts for whoever asked for it. Unlike a tracing
profiler it does not slow small functions down, so the shares are those of an undisturbed run.
"""

from __future__ import annotations

import importlib
import json
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from benchmarks import work

PERIOD = 0.001  # seconds of processor time between two looks; the kernel may look less often
OWN = "/scripts/genarun/"


def charged(frame: FrameType | None) -> tuple[str, str]:
    """Room and function that a moment is charged to."""
    while frame is not None:
        file, name = frame.f_code.co_filename, frame.f_code.co_qualname
        if OWN in file:
            module = file.split(OWN, 1)[1].removesuffix(".py")
            return f"genarun/{module}", f"genarun/{module}: {name}"
        for package in ("aiohttp", "asyncio"):
            if f"/{package}/" in file:
                return package, f"{package}/{file.rsplit('/', 1)[1]}: {name}"
        frame = frame.f_back
    return "other", "other"


def profile(items: int, url: str) -> None:
    """Run the tree under the timer, and print the counts as JSON."""
    from benchmarks import engine

    for name in engine.IMPORTED_LATE:
        importlib.import_module(name)
    rooms: Counter[str] = Counter()
    functions: Counter[str] = Counter()

    def look(_: int, frame: FrameType | None) -> None:
        room, function = charged(frame)
        rooms[room] += 1
        functions[function] += 1

    folder = Path(tempfile.mkdtemp(prefix="genarun-bench-"))
    work.write_project(folder, items, url)
    signal.signal(signal.SIGPROF, look)
    cpu, own = time.process_time(), time.thread_time()
    signal.setitimer(signal.ITIMER_PROF, PERIOD, PERIOD)
    engine.run(folder)
    signal.setitimer(signal.ITIMER_PROF, 0)
    cpu, own = time.process_time() - cpu, time.thread_time() - own
    threads = [thread.name for thread in threading.enumerate()]
    found = {"cpu": cpu, "main": own, "rooms": rooms, "functions": functions, "threads": threads}
    print(json.dumps(found))


def breakdown(items: int, url: str, pinned: Callable[[list[str]], list[str]]) -> str:
    """The same in a fresh process, as Markdown tables."""
    command = [sys.executable, "-m", "benchmarks.profiler", str(items), url]
    done = subprocess.run(pinned(command), capture_output=True, text=True, check=True)
    found = json.loads(done.stdout.splitlines()[-1])
    total = sum(found["rooms"].values())
    each = found["cpu"] / work.calls(items) * 1e6
    aside = 1 - found["main"] / found["cpu"]
    lines = [
        f"{items:,} items, {work.calls(items):,} calls, {each:.0f} µs of processor time a call, {aside:.0%} in other threads.",
        "",
        "| room | share | µs a call |",
        "| --- | ---: | ---: |",
    ]
    lines += row(found["rooms"], total, each, 14)
    lines += ["", "| function | share | µs a call |", "| --- | ---: | ---: |"]
    lines += row(found["functions"], total, each, 25)
    return "\n".join(lines)


def row(counts: dict[str, int], total: int, each: float, most: int) -> list[str]:
    top = sorted(counts.items(), key=lambda pair: -pair[1])[:most]
    return [f"| `{name}` | {count / total:.1%} | {count / total * each:.1f} |" for name, count in top]


if __name__ == "__main__":
    profile(int(sys.argv[1]), sys.argv[2])
