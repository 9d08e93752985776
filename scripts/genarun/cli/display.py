"""What a run shows while it goes on: plain lines here, the live display in `live.py`, both on stderr."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Protocol

from genarun.cli.screen import Screen
from genarun.engine.model import Event, Progress
from genarun.store.records import Record
from genarun.words import SYMBOLS, clip, duration, excerpt, money, one_line, plural, spend

LINES_PER_SECOND = 5.0
FAILURES_IN_FULL = 20
HEARTBEAT = 30.0
STARTING = "reading what there is"


class Display(Protocol):
    """Shows one run of one tree."""

    def begin(self) -> None:
        """The run is about to start."""

    def event(self, event: Event, progress: Progress) -> None:
        """Something happened; called by the engine, so it must be quick."""

    def tick(self) -> None:
        """A moment passed; called several times a second."""

    def interrupted(self, times: int) -> None:
        """A person pressed Ctrl-C for the first or the second time."""

    def end(self) -> None:
        """The run is over; what the display put on the screen for good stays."""


def in_flight(progress: Progress | None) -> int:
    """Calls that wait for an answer."""
    return sum(lane.running for lane in list(progress.lanes.values())) if progress else 0


def interrupt_text(times: int, progress: Progress | None) -> str:
    """What a press of Ctrl-C leads to."""
    if times > 1:
        return "stopping now"
    running = in_flight(progress)
    what = f"finishing {plural(running, 'call')} in flight" if running else "stopping"
    return f"{what}; press Ctrl-C again to stop now"


def tallies(progress: Progress, mode: str) -> list[str]:
    """Money first, then counts; those that are zero and would only raise questions are left out."""
    parts = [spend(progress.usd, progress.unpriced, mode), plural(progress.calls, "call")]
    if progress.reused:
        parts.append(f"{progress.reused:,} reused")
    if progress.retries:
        parts.append(plural(progress.retries, "retry", "retries"))
    if progress.failed:
        parts.append(f"{progress.failed:,} failed")
    return parts


def record_parts(record: Record, screen: Screen) -> tuple[str, str, str]:
    """Path, excerpt (or the error) and time with price of a finished instance; masked, each on one line."""
    if record.error is not None:
        text = one_line(screen.safe(record.error.message))
    elif record.asset:
        text = one_line(screen.safe(record.asset))
    else:
        text = excerpt(screen.safe_json(record.value)) if record.value is not None else ""
    facts = [] if record.duration_ms is None else [duration(record.duration_ms / 1000)]
    if record.usd is not None and Decimal(record.usd):
        facts.append(money(record.usd))
    return one_line(screen.safe(record.path)), text, "  ".join(facts)


class PlainDisplay:
    """Lines for logs and pipes: no times, no colours that a log would garble, and never a flood.

    name: the tree's. mode: `real`, `offline` or `replay`. now: seconds, monotonic.
    """

    def __init__(self, screen: Screen, name: str, mode: str, now: Callable[[], float]) -> None:
        self.screen = screen
        self.name = screen.safe(name)
        self.mode = mode
        self.now = now
        self.progress: Progress | None = None
        self.held = 0
        self.failures = 0
        self.allowed = LINES_PER_SECOND
        self.counted = now()
        self.flushed = now()
        self.spoke = now()

    def begin(self) -> None:
        self._line(f"{self.name}: {STARTING}")

    def event(self, event: Event, progress: Progress) -> None:
        self.progress = progress
        match event.kind:
            case "run":
                self._line(f"{self.name}: {one_line(self.screen.safe(event.text or progress.run or ''))}")
            case "note":
                self._line(f"  note: {one_line(self.screen.safe(event.text))}")
            case "stopping":
                self._line(f"  {one_line(self.screen.safe(event.text))}")
            case "retry":
                self._limited(lambda: self._retry_line(event))
            case "done" if event.record is not None:
                self._done(event.record)

    def tick(self) -> None:
        if self.held and self.now() - self.flushed >= 1:
            self._flush()
        if self.progress is not None and self.now() - self.spoke >= HEARTBEAT:
            running = in_flight(self.progress)
            self._line(f"  … {', '.join([*tallies(self.progress, self.mode), f'{running} in flight'])}")

    def interrupted(self, times: int) -> None:
        self._flush()
        self._line(f"  {interrupt_text(times, self.progress)}")

    def end(self) -> None:
        self._flush()

    def _done(self, record: Record) -> None:
        if record.status in {"reused", "overridden", "skipped"} and record.error is None:
            return  # thousands at once, and all of them are in the summary
        if record.status == "failed" and self.failures < FAILURES_IN_FULL:
            self.failures += 1
            self._flush()
            self._line(self._record_line(record))
        else:
            self._limited(lambda: self._record_line(record))

    def _record_line(self, record: Record) -> str:
        path, text, facts = record_parts(record, self.screen)
        shown = text if record.status == "failed" else clip(text, 60)
        return "  ".join(part for part in (f"  {SYMBOLS[record.status]} {path}", shown, facts) if part)

    def _retry_line(self, event: Event) -> str:
        text = one_line(self.screen.safe(event.text)) + (f"; trying again in {duration(event.wait)}" if event.wait else "")
        return f"  ↺ {one_line(self.screen.safe(event.path))}  {text}"

    def _limited(self, line: Callable[[], str]) -> None:
        """Print a line if the pace allows; it is made only then, because masking a long value is work."""
        # Lines saved up in a quiet second may come at once: calls that were started together end together.
        now = self.now()
        self.allowed = min(LINES_PER_SECOND, self.allowed + (now - self.counted) * LINES_PER_SECOND)
        self.counted = now
        if self.allowed < 1:
            self.flushed = self.flushed if self.held else now
            self.held += 1
            return
        self._flush()
        self.allowed -= 1
        self._line(line())

    def _flush(self) -> None:
        if self.held:
            self._line(f"  … and {self.held:,} more")
            self.held = 0
            self.flushed = self.now()

    def _line(self, line: str) -> None:
        self.spoke = self.now()
        self.screen.note(line)
