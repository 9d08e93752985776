"""The end of a run: its status, its output, its files, and whether latest/ takes them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from genarun.engine.model import Event, RunResult
from genarun.errors import BudgetStop, Interrupted, StoreError
from genarun.store.latest import may_replace, publish
from genarun.store.records import RunStatus, utc
from genarun.tree.markdown import to_markdown
from genarun.tree.output_schema import output_schema, sample_schema
from genarun.tree.template import MISSING

if TYPE_CHECKING:
    from genarun.engine.run import Run

Json = Any


def close_run(run: Run) -> RunResult:
    """Write what there is and say how it went. Raises StoreError only where not even the summary can be written."""
    tree, situation = run.tree, run.situation
    error = run.stop.error
    if run.walk.done and isinstance(error, Interrupted | BudgetStop):
        error = None  # it came when everything was there
    _write_lost(run)
    policy = tree.settings.error_policy
    keep_partial = policy is None or policy.return_partial_results is not False
    output = run.walk.output()
    if error is None and not run.failures:
        status: RunStatus = "waiting" if run.questions else "succeeded"
    elif isinstance(error, BudgetStop | Interrupted):
        status = "stopped"
    else:
        status = "partial" if keep_partial and run.walk.top.finished and not isinstance(error, StoreError) else "failed"
    if status not in ("succeeded", "waiting") and not keep_partial:
        output = MISSING
    for path in run.unused_overrides() if status == "succeeded" and situation.selected is None else ():
        run.warnings.append(f"overrides.yaml names {path}, which this run did not have; the override was not used")

    if run.folder is None and situation.continues is None and status == "succeeded":
        standing = situation.standing(output)
        if standing is not None:
            run.on_event(Event("end", "unchanged"), run.progress)
            return RunResult(
                tree.name,
                None,
                standing.folder,
                "succeeded",
                output,
                standing.summary(),
                unchanged=True,
                warnings=tuple(run.warnings),
            )
    if run.folder is None and error is not None and situation.continues is None and not run.early:
        return RunResult(tree.name, None, None, status, None, None, warnings=tuple(run.warnings), error=error)

    folder = run.open_folder()
    schema = sample_schema(output_schema(tree), output) if output is not MISSING else {}
    markdown = to_markdown(tree, output) if "md" in (tree.settings.output_formats or ()) and output is not MISSING else None
    summary = run.summary(status)
    summary.ended_at = utc(run.clock())
    summary.stopped_by = error.what if error is not None else None
    summary = folder.finish(summary, output, schema, markdown)
    published = False
    if status == "succeeded" or (status == "partial" and policy is not None and policy.publish_partial):
        edits = may_replace(situation.folder, output, folder.ref)
        if edits:
            places = ", ".join(str(edit.where) for edit in edits[:3]) + (" …" if len(edits) > 3 else "")
            run.warnings.append(
                f"latest/ holds edits made by hand ({places}) and was left as it is. To keep them for good: "
                f"`genarun pin {tree.name}/latest`. To drop them: delete trees/{tree.name}/latest and run again."
            )
        else:
            notices = publish(situation.folder, folder.ref)
            published = not notices
            run.warnings.extend(notices)
    result = RunResult(
        tree.name,
        folder.ref.id,
        folder.ref.folder,
        status,
        None if output is MISSING else output,
        summary,
        published=published,
        warnings=tuple(run.warnings),
        failures=tuple(run.failures),
        questions=tuple(replace(question, run=folder.ref.id) for question in run.questions),
        error=error,
    )
    run.on_event(Event("end", status), run.progress)
    return result


def _write_lost(run: Run) -> None:
    """Lines that the full disk refused, once more: space may be back, and what they hold is paid for."""
    lost, run.lost = run.lost, []
    for record in lost:
        try:
            run.write(record)
        except StoreError:
            run.warnings.append(f"{record.path} was answered, and could not be written down: the disk is full")
