"""A plan beside the run that follows: what the plan calls exact must be what happens."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from genarun.client.functions import make_options
from genarun.engine.model import Event, RunResult
from genarun.engine.stop import StopSignal
from genarun.planning.model import Plan

from tests.helpers import Place

MISFITS = {"value-misfit", "answer-no-json", "answer-no-list", "answer-no-object", "answer-no-file", "required-missing",
           "name-missing"}  # fmt: skip


@dataclass
class Done:
    """One run and the plan before it. called: calls that were answered or refused, by path. repairs: further calls for answers
    that did not fit, which no plan can foresee but one that goes on with them."""

    plan: Plan
    result: RunResult
    called: Counter[str] = field(default_factory=Counter)
    repairs: Counter[str] = field(default_factory=Counter)
    refused: bool = False


def plan_and_run(place: Place, *, stop_after: int | None = None, hard: bool = False, **options: Any) -> Done:
    """Plan, run, and count the calls of each instance by the lines that the run wrote."""
    plan = place.plan(**options)
    called: Counter[str] = Counter()
    repairs: Counter[str] = Counter()
    refused, seen = False, 0

    def told(event: Event, _: Any) -> None:
        nonlocal refused, seen
        record = event.record
        if record is None:
            return
        seen += 1
        if seen == stop_after:
            stop.hard() if hard else stop.soft()
        if record.reused_from is not None or record.attempts is None:
            return
        if record.status == "failed" or record.error is not None:
            if record.error is not None and record.error.code not in MISFITS:
                called[record.path] += 1
                refused = True
        elif "does not fit" in str((record.request or {}).get("messages", [{}])[-1]):
            repairs[record.path] += 1
        else:
            called[record.path] += 1

    async def main() -> RunResult:
        nonlocal stop
        stop = StopSignal()
        project = place.project
        return await asyncio.wait_for(project.run(project.load_one("t"), make_options(**options), told, stop), 10)

    stop: Any = None
    return Done(plan, asyncio.run(main()), called, repairs, refused)


def disagreements(done: Done) -> list[str]:
    """Where the plan was exact and the run did something else; empty where they agree."""
    plan, called = done.plan, done.called
    wrong: list[str] = []
    covered: set[str] = set()
    for step in plan.steps:
        pattern = re.compile(re.escape(step.path).replace(r"\*", "[0-9]+"))
        paths = (
            [path for path in called if pattern.fullmatch(path)] if "*" in step.path else [step.path] * (step.path in called)
        )
        count = sum(called[path] for path in paths)
        most = count + done.repairs[step.path]
        shares = done.refused and step.reason.startswith("shares")  # what was refused, each may try for itself
        if step.action == "call" or shares:
            covered.update(paths)
        if step.exact and not shares and not count <= step.calls <= most and not (done.refused and count < step.calls):
            wrong.append(f"{step.path}: {step.action}, exactly {step.calls} ({step.reason}), and {count} were made")
        if not step.exact and not step.source:
            wrong.append(f"{step.path}: an estimate without a source")
        if not step.exact and "*" not in step.path and count > step.calls:
            wrong.append(f"{step.path}: at most {step.calls}, and {count} were made")
    wrong += [f"{path}: called, and the plan does not say so" for path in called if path not in covered]
    total = sum(called.values())
    if plan.exact and not total <= plan.calls <= total + sum(done.repairs.values()) and not done.refused:
        wrong.append(f"exactly {plan.calls} calls, and {total} were made")
    if plan.unchanged and (done.called or not done.result.unchanged):
        wrong.append("unchanged, and it was not")
    if done.result.unchanged and not plan.unchanged and plan.exact:
        wrong.append("unchanged, and the plan did not say so")
    return wrong


def agree(place: Place, **options: Any) -> Done:
    """Plan and run; fails where they disagree."""
    done = plan_and_run(place, **options)
    assert not disagreements(done), disagreements(done)
    return done
