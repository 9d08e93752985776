"""Measures the engine beside bare loops: `make bench`, or `python -m benchmarks.bench --help`.

Every measurement is a fresh process on one processor, against a service on another; contenders take turns within each round,
so that what else the machine does meets all of them alike. Numbers are medians over the rounds.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import report, work
from benchmarks.contenders import PREPARE
from benchmarks.profiler import breakdown
from benchmarks.service import Running, running

ROOT = Path(__file__).resolve().parent.parent
SIZES = (10, 100, 1_000, 10_000)
NAMES = ("openai", "aiohttp", "genarun")
Sample = dict[str, float]
# Where compiled files may not be kept, every start would compile, and start-up be measured as what it is nowhere else.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def processors() -> tuple[int | None, int | None]:
    """One processor for the service and one for what is measured; None where the system does not let us choose."""
    if not hasattr(os, "sched_getaffinity"):
        return None, None
    free = sorted(os.sched_getaffinity(0))
    return (free[-1], free[0]) if len(free) > 1 else (None, None)


def pinned(command: list[str], cpu: int | None) -> list[str]:
    """`command`, kept on processor `cpu`."""
    if cpu is None:
        return command
    put = "import os, sys; os.sched_setaffinity(0, {int(sys.argv[1])}); os.execv(sys.argv[2], sys.argv[2:])"
    return [sys.executable, "-S", "-c", put, str(cpu), *command]


def sample(name: str, items: int, service: Running, cpu: int | None) -> tuple[Sample, int]:
    """One contender at one size in a fresh process; its numbers and the digest of what it asked."""
    service.reset()
    command = [sys.executable, "-m", "benchmarks.contenders", name, "--items", str(items), "--url", service.url]
    spawned = time.monotonic()
    done = subprocess.run(pinned(command, cpu), capture_output=True, text=True, cwd=ROOT, env=ENVIRONMENT, check=False)
    if done.returncode:
        sys.exit(f"{name} failed at {items} items:\n{done.stderr}")
    found: Sample = json.loads(done.stdout.splitlines()[-1])
    seen = service.stats()
    if seen["calls"] != work.calls(items):
        sys.exit(f"{name} made {seen['calls']} calls at {items} items instead of {work.calls(items)}")
    if seen["most_at_once"] > work.AT_ONCE:
        sys.exit(f"{name} made {seen['most_at_once']} calls at once instead of {work.AT_ONCE}")
    calls = work.calls(items)
    numbers = {
        "cpu_ms": found["cpu"] / calls * 1000,
        "cpu_whole_ms": found["cpu_whole"] / calls * 1000,
        "wall": found["wall"],
        "wall_ratio": found["wall"] / work.limit(items),
        "peak_mb": found["peak"] / 1e6,
        "first_call": seen["first"] - spawned,
    }
    return numbers, seen["asked"]


def median(samples: list[Sample]) -> Sample:
    return {key: statistics.median(one[key] for one in samples) for key in samples[0]}


def measure(sizes: list[int], rounds: int, names: list[str]) -> dict[str, Any]:
    """All contenders at all sizes. Returns, by size and name, the median and every round."""
    service_cpu, cpu = processors()
    found: dict[str, Any] = {}
    with running(work.LATENCY, service_cpu) as service:
        for items in sizes:
            all_rounds: dict[str, list[Sample]] = {name: [] for name in names}
            for at in range(rounds):
                asked = set()
                for name in names:
                    numbers, digest = sample(name, items, service, cpu)
                    asked.add(digest)
                    all_rounds[name].append(numbers)
                    print(f"{items:>6} items, round {at + 1}: {name:<8}" + line(numbers), file=sys.stderr, flush=True)
                if len(asked) > 1:
                    sys.exit(f"the contenders asked different questions at {items} items")
            found[str(items)] = {name: {"median": median(many), "rounds": many} for name, many in all_rounds.items()}
    return found


def line(numbers: Sample) -> str:
    return (
        f"{numbers['cpu_ms']:7.3f} ms/call, {numbers['wall_ratio']:5.2f} of the limit, {numbers['peak_mb']:6.1f} MB, "
        f"first call after {numbers['first_call']:.2f} s"
    )


def seconds(command: list[str], times: int, cpu: int | None, cwd: Path = ROOT) -> float:
    """Median wall time of a command."""
    taken = []
    for _ in range(times):
        before = time.perf_counter()
        subprocess.run(pinned(command, cpu), capture_output=True, check=True, cwd=cwd, env=ENVIRONMENT)
        taken.append(time.perf_counter() - before)
    return statistics.median(taken)


def startup(rounds: int) -> dict[str, float]:
    """Seconds that commands take before they do anything: help, a check of the benchmark's tree, a run to its first call."""
    service_cpu, cpu = processors()
    genarun = str(Path(sys.executable).with_name("genarun"))
    found = {
        "python": seconds([sys.executable, "-c", ""], rounds, cpu),
        "help": seconds([sys.executable, genarun, "--help"], rounds, cpu),
        "import_openai": seconds([sys.executable, "-c", "import openai"], rounds, cpu),
    }
    first = []
    with running(work.LATENCY, service_cpu) as service:
        for _ in range(rounds):
            with tempfile.TemporaryDirectory() as folder:
                work.write_project(Path(folder), 1, service.url)
                service.reset()
                before = time.monotonic()
                command = pinned([sys.executable, genarun, "run", "bench", "--json"], cpu)
                subprocess.run(command, capture_output=True, check=True, cwd=folder, env=ENVIRONMENT)
                first.append(service.stats()["first"] - before)
    found["run_to_first_call"] = statistics.median(first)
    return found


def machine() -> dict[str, Any]:
    model = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        model = next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    return {"processor": model, "processors": os.cpu_count(), "python": platform.python_version(), "system": platform.system()}


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--sizes", type=lambda text: [int(part) for part in text.split(",")], default=list(SIZES))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=sorted(PREPARE), action="append", help="leave the other contenders out")
    parser.add_argument("--profile", type=int, metavar="ITEMS", help="only say where the engine's processor time goes")
    parser.add_argument("--publish", action="store_true", help="write docs/performance.md and its pictures")
    parser.add_argument("--check", action="store_true", help="exit 1 where a target is missed")
    given = parser.parse_args()
    if given.profile:
        service_cpu, cpu = processors()
        with running(work.LATENCY, service_cpu) as service:
            print(breakdown(given.profile, service.url, lambda command: pinned(command, cpu)))
        return 0
    names = given.only or list(NAMES)
    results: dict[str, Any] = {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": machine(),
        "latency": work.LATENCY,
        "at_once": work.AT_ONCE,
        "rounds": given.rounds,
        "sizes": measure(given.sizes, given.rounds, names),
    }
    if set(names) != set(NAMES):
        return 0
    results["startup"] = startup(max(3, given.rounds))
    print(report.markdown(results))
    out = ROOT / ".bench"
    report.write(results, out)
    print(f"Numbers and pictures: {out.relative_to(ROOT)}/")
    if given.publish:
        service_cpu, cpu = processors()
        with running(work.LATENCY, service_cpu) as service:
            profile = breakdown(10_000, service.url, lambda command: pinned(command, cpu))
        report.publish(results, profile, ROOT / "docs")
        print("Written: docs/performance.md, docs/performance/")
    missed = report.missed(results)
    for what in missed:
        print(f"Missed: {what}")
    return 1 if given.check and missed else 0


if __name__ == "__main__":
    sys.exit(main())
