"""Four functions for scripts and notebooks. Each is the command of the same name without a terminal."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from genarun.client.project import Project
from genarun.engine.model import OnEvent, Options, RunResult
from genarun.engine.stop import StopSignal
from genarun.planning.model import Plan
from genarun.tree.model import Tree

Json = Any


def _quiet(*_: object) -> None:
    """Nobody listens."""


def load_tree(name: str, root: Path | str | None = None) -> Tree:
    """Read and check one tree. root: the folder that holds `trees/`; None looks upward from here.

    Raises TreeError or Faults with everything that is wrong.
    """
    return _project(root).load_one(name)


def plan(tree: str | Tree, root: Path | str | None = None, **options: Any) -> Plan:
    """What a run would call, why, and what it would cost. `options` as for `run`. Calls nothing, writes nothing."""
    project = _project(root)
    return project.plan(project.load_one(tree), make_options(**options))


def run(tree: str | Tree, root: Path | str | None = None, on_event: OnEvent = _quiet, **options: Any) -> RunResult:
    """Run one tree to its end and return what it left; `result.output` is the value, `result.exit_code` how it went.

    options: inputs, seed, fresh, only, skip, offline, record, replay, budget, resume; see `engine.model.Options`.
    Raises SetupError before anything is called. Not for use inside a running event loop: there, `await Project().run(…)`.
    """
    project = _project(root)
    return asyncio.run(_run(project, project.load_one(tree), make_options(**options), on_event, None))


class RunHandle:
    """A run that goes on in a thread of its own."""

    def __init__(self, project: Project, tree: Tree, options: Options, on_event: OnEvent) -> None:
        self.tree = tree.name
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: StopSignal | None = None
        self._result: RunResult | None = None
        self._error: BaseException | None = None
        self._started = threading.Event()
        self._thread = threading.Thread(
            target=self._main, args=(project, tree, options, on_event), name=f"genarun {tree.name}", daemon=True
        )
        self._thread.start()
        self._started.wait()

    def _main(self, project: Project, tree: Tree, options: Options, on_event: OnEvent) -> None:
        async def main() -> RunResult:
            self._loop, self._stop = asyncio.get_running_loop(), StopSignal()
            self._started.set()
            return await _run(project, tree, options, on_event, self._stop)

        try:
            self._result = asyncio.run(main())
        except BaseException as error:  # noqa: BLE001 - handed to whoever waits
            self._error = error
        finally:
            self._started.set()

    @property
    def done(self) -> bool:
        """Whether the run has ended."""
        return not self._thread.is_alive()

    def stop(self, *, now: bool = False) -> None:
        """Let calls in flight finish and end; with `now`, cancel them. The run can be gone on with."""
        if self._loop is not None and self._stop is not None and not self.done:
            self._loop.call_soon_threadsafe(self._stop.hard if now else self._stop.soft)

    def wait(self, timeout: float | None = None) -> RunResult:
        """The result, waited for at most `timeout` seconds. Raises what the run raised, or TimeoutError."""
        self._thread.join(timeout)
        if self._thread.is_alive():
            raise TimeoutError(f"the run of {self.tree} is still going on")
        if self._error is not None:
            raise self._error
        assert self._result is not None
        return self._result


def start(tree: str | Tree, root: Path | str | None = None, on_event: OnEvent = _quiet, **options: Any) -> RunHandle:
    """Start a run in the background. `on_event` is called on its thread. Raises SetupError for faults in the tree."""
    project = _project(root)
    loaded, wanted = project.load_one(tree), make_options(**options)
    project.check([loaded], wanted)
    return RunHandle(project, loaded, wanted, on_event)


def make_options(
    inputs: Mapping[str, Json] | None = None,
    budget: Decimal | float | str | None = None,
    record: Path | str | None = None,
    replay: Path | str | None = None,
    only: tuple[str, ...] | list[str] | str = (),
    skip: tuple[str, ...] | list[str] | str = (),
    **rest: Any,
) -> Options:
    """Options from plain values. Raises TypeError for a name that is no option."""
    return Options(
        inputs=dict(inputs or {}),
        budget=None if budget is None else Decimal(str(budget)),
        record=None if record is None else Path(record),
        replay=None if replay is None else Path(replay),
        only=(only,) if isinstance(only, str) else tuple(only),
        skip=(skip,) if isinstance(skip, str) else tuple(skip),
        **rest,
    )


async def _run(project: Project, tree: Tree, options: Options, on_event: OnEvent, stop: StopSignal | None) -> RunResult:
    return await project.run(tree, options, on_event, stop)


def _project(root: Path | str | None) -> Project:
    return Project(None if root is None else Path(root))
