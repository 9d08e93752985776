"""What a run is asked, what it tells while it goes on, and what it leaves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

from genarun.errors import GenarunError
from genarun.store.records import Record, RunStatus, Summary

Json = Any


@dataclass(frozen=True, slots=True)
class Options:
    """What a person asks of one run. Mirrors the flags of `genarun run`.

    inputs: values by name, already of their JSON type. seed: beats the tree's. budget: dollars, beats the tree's.
    only, skip: ids, or trails such as `ideas/series`; what they leave out keeps its reused value where there is one.
    resume: stamp of the unfinished run to go on with; None lets the rules of design §5 decide.
    record, replay: files of recordings.
    share: how many runs use the same services at once, each of which then starts calls at that part of an alias's `rpm`.
    """

    inputs: Mapping[str, Json] = field(default_factory=dict)
    seed: int | None = None
    fresh: bool = False
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    offline: bool = False
    record: Path | None = None
    replay: Path | None = None
    budget: Decimal | None = None
    resume: str | None = None
    share: int = 1


@dataclass(slots=True)
class Lane:
    """Progress of one model alias. known: instances seen so far that need it; done + failed + reused <= known."""

    alias: str
    model: str
    known: int = 0
    running: int = 0
    done: int = 0
    failed: int = 0
    reused: int = 0


@dataclass(slots=True)
class Progress:
    """How a run stands, updated in place by the engine; a display reads it whenever it likes."""

    tree: str
    run: str | None = None
    lanes: dict[str, Lane] = field(default_factory=dict)
    calls: int = 0
    requests: int = 0
    reused: int = 0
    failed: int = 0
    retries: int = 0
    usd: Decimal = Decimal(0)
    unpriced: int = 0
    stopping: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened.

    kind: `run` (folder opened or continued), `done` (an instance or call finished; record set), `retry` (a try failed, another
    follows after `wait` seconds, 0 where it goes to another model at once), `note` (a warning for people), `stopping` (no new
    calls), `end`.
    """

    kind: Literal["run", "done", "retry", "note", "stopping", "end"]
    text: str = ""
    record: Record | None = None
    path: str = ""
    wait: float = 0.0


OnEvent = Callable[[Event, Progress], None]


@dataclass(slots=True)
class RunResult:
    """What a run left.

    run: `<tree>/<stamp>`; None when nothing was called and the output is the same, so no folder was written.
    folder: absolute path of the run's folder, or of the run whose output stands.
    output: the value of §4.5; None where there is none. published: whether latest/ now holds it.
    failures: the records of instances that failed.
    error: what ended the run early (a fatal provider error, a budget, an interrupt), as raised.
    """

    tree: str
    run: str | None
    folder: Path | None
    status: RunStatus
    output: Json
    summary: Summary | None
    published: bool = False
    unchanged: bool = False
    warnings: tuple[str, ...] = ()
    failures: tuple[Record, ...] = ()
    error: GenarunError | None = None

    @property
    def exit_code(self) -> int:
        """0, or the code of design §6 that applies first."""
        if self.error is not None:
            return self.error.exit_code
        return {"succeeded": 0, "waiting": 3}.get(self.status, 1)
