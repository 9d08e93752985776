"""`LocalClient`: runs trees on this machine behind the interface that a server's client has, so that code moves between them
by changing one line."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from genarun.client.functions import RunHandle, make_options
from genarun.client.project import Project
from genarun.engine.model import Event, Progress, RunResult
from genarun.errors import RunError
from genarun.store.layout import RunRef
from genarun.store.questions import to_json

Json = Any
OnUpdate = Callable[[dict[str, Json]], None]
"""Called with a plain dictionary: `event`, `path`, `text`, and the counts so far. The same that a server sends."""
DoneHook = Callable[[dict[str, Json]], None]
"""Called once when the run ended, with what `detailed_response` returns."""


class LocalClient:
    """`run` waits and returns the output; `start` returns an id at once, `wait` and `detailed_response` take it."""

    def __init__(self, root: Path | str | None = None, environ: Mapping[str, str] | None = None) -> None:
        self.project = Project(None if root is None else Path(root), environ)
        self._runs: dict[str, RunHandle] = {}
        self._lock = threading.Lock()

    def run(
        self,
        tree: str,
        inputs: Mapping[str, Json] | None = None,
        *,
        on_update: OnUpdate | None = None,
        done_hook: DoneHook | None = None,
        detailed_response: bool = False,
        **options: Any,
    ) -> Json:
        """The tree's output, or with `detailed_response` a dictionary of output, status, run, totals, warnings and records.

        Raises SetupError before anything is called, RunError where the run left no output.
        """
        run_id = self.start(tree, inputs, on_update=on_update, done_hook=done_hook, **options)
        result = self._runs[run_id].wait()
        if detailed_response:
            return self.detailed_response(run_id)
        if result.output is None:
            failure = result.failures[0].error if result.failures else None
            raise result.error or RunError(
                "run-without-output",
                f"the run left no output{': ' + failure.message if failure else ''}",
                result.run or tree,
                failure.hint if failure and failure.hint else f"`genarun show {result.run or tree}` shows what happened.",
            )
        return result.output

    def start(
        self,
        tree: str,
        inputs: Mapping[str, Json] | None = None,
        *,
        on_update: OnUpdate | None = None,
        done_hook: DoneHook | None = None,
        **options: Any,
    ) -> str:
        """Start a run in the background; its id for `wait` and `detailed_response`."""
        loaded, wanted = self.project.load_one(tree), make_options(inputs=inputs, **options)
        self.project.check([loaded], wanted)

        def told(event: Event, progress: Progress) -> None:
            if on_update is not None:
                on_update(update(event, progress))

        with self._lock:
            run_id = f"{loaded.name}#{len(self._runs) + 1}"
            handle = self._runs[run_id] = RunHandle(self.project, loaded, wanted, told)
        if done_hook is not None:
            threading.Thread(target=lambda: done_hook(self._ended(handle)), daemon=True).start()
        return run_id

    def wait(self, run_id: str, timeout: float | None = None) -> Json:
        """The output of a started run, waited for at most `timeout` seconds."""
        return self._runs[run_id].wait(timeout).output

    def stop(self, run_id: str, *, now: bool = False) -> None:
        """End a started run; it can be gone on with."""
        self._runs[run_id].stop(now=now)

    def detailed_response(self, run_id: str) -> dict[str, Json]:
        """Everything about a started run, waited for: output, status, run, totals, warnings, failures, records."""
        return self._detail(self._runs[run_id].wait())

    def _ended(self, handle: RunHandle) -> dict[str, Json]:
        try:
            return self._detail(handle.wait())
        except Exception as error:  # noqa: BLE001 - the hook must hear of any end
            return {"tree": handle.tree, "status": "failed", "error": str(error)}

    def _detail(self, result: RunResult) -> dict[str, Json]:
        return detail(self.project, result)


def update(event: Event, progress: Progress) -> dict[str, Json]:
    """An event with the counts so far, as plain data."""
    return {
        "event": event.kind,
        "path": event.path,
        "text": event.text,
        "tree": progress.tree,
        "run": progress.run,
        "status": event.record.status if event.record else None,
        "calls": progress.calls,
        "reused": progress.reused,
        "failed": progress.failed,
        "retries": progress.retries,
        "usd": format(progress.usd, "f"),
        "unpriced": progress.unpriced,
    }


def detail(project: Project, result: RunResult) -> dict[str, Json]:
    """A result as plain data, its records read from the run's folder."""
    records = RunRef(result.tree, result.folder.name, result.folder).records() if result.folder is not None else []
    return {
        "tree": result.tree,
        "run": result.run,
        "status": result.status,
        "output": result.output,
        "unchanged": result.unchanged,
        "folder": str(result.folder) if result.folder else None,
        "published": result.published,
        "totals": result.summary.totals.model_dump(by_alias=True) if result.summary else None,
        "warnings": list(result.warnings),
        "questions": [{"path": one.path, "node": one.node, **to_json(one.asked, one.expires_at)} for one in result.questions],
        "failures": [record.model_dump(by_alias=True, exclude_none=True) for record in result.failures],
        "error": result.error.as_json() if result.error else None,
        "records": [record.model_dump(by_alias=True, exclude_none=True) for record in records],
    }
