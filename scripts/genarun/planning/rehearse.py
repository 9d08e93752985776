"""What an instance would hear if it asked now: recorded answers as far as they reach, and how many calls are left.

The node's own `execute` runs, with a session that knows only what is recorded, so that turns, repairs and answers that do not
fit are gone through exactly as in a run. Nothing is called, and nothing is written.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from genarun.errors import GenarunError
from genarun.planning.pool import Candidates, whose
from genarun.providers.base import File, ModelReply, ModelRequest
from genarun.store.records import Record
from genarun.tree.template import MISSING

if TYPE_CHECKING:
    from genarun.planning.build import Planner
    from genarun.planning.walk import Instance

Json = Any


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """calls: how many are left to make, further repairs not counted. doubt: why it may be fewer. value: where none is left.
    error: where none is left and no answer fits."""

    calls: int
    doubt: str = ""
    value: Json = MISSING
    error: GenarunError | None = None


class _Unanswered(Exception):
    """The next answer is not recorded."""


class _Elsewhere(Exception):
    """The answer is recorded, and the file it names would have to be fetched."""


class _Session:
    """The `Session` of `genarun.nodes.base` for one instance, from records alone."""

    def __init__(self, planner: Planner, instance: Instance) -> None:
        self.planner = planner
        self.instance = instance
        self.answered = 0
        self.asked_before = False
        self.pool = Candidates(instance, planner.keys) if instance.keys else None

    async def call(self, request: ModelRequest) -> ModelReply:
        planner, instance = self.planner, self.instance
        node, ask = instance.node, instance.ask
        candidates = self.pool.of(request) if self.pool is not None else []
        first = ask is not None and request is ask.request
        own = instance.key or "" if first else planner.keys(node.use, request)  # type: ignore[arg-type]
        key = [one.key for one in candidates] or own
        found = planner.reuse_for(node).call(key, instance.path)
        if found is None or found.record.text is None:
            self.asked_before = planner.reuse_for(node).answered(key)
            raise _Unanswered
        self.answered += 1
        if self.pool is not None:
            self.pool.answered(whose(candidates, found))
        return recorded_reply(request, found.record)

    def judged(self, confidence: float) -> None:
        """Nothing is written."""

    async def save(self, file: File) -> str:
        raise _Elsewhere


def rehearse(planner: Planner, instance: Instance) -> Rehearsal:
    """Go through what is recorded of an instance that has no recorded value."""
    session = _Session(planner, instance)
    ask = instance.ask
    assert ask is not None
    turns = len(ask.turns)
    going = instance.node.kind.execute(instance.node, ask, session)  # type: ignore[attr-defined]
    try:
        going.send(None)
    except StopIteration as end:
        return Rehearsal(0, value=end.value)
    except _Unanswered:
        left = max(1, turns - session.answered)
        # Asked before, it may be answered as before, and what follows on that answer is recorded.
        return Rehearsal(left, "at most: an equal conversation is recorded" if left > 1 and session.asked_before else "")
    except _Elsewhere:
        return Rehearsal(1, "at most: its answer is recorded, and asked for again only if the file cannot be fetched")
    except GenarunError as error:
        return Rehearsal(0, error=error)
    finally:
        going.close()
    return Rehearsal(max(1, turns - session.answered))  # a kind that waits for something else than its session


def recorded_reply(request: ModelRequest, record: Record) -> ModelReply:
    """A recorded answer: a text, or the address of a file that could not be fetched last time."""
    if request.medium == "text":
        return ModelReply(text=record.text, confidence=record.confidence, recorded=True)
    return ModelReply(files=(File(url=record.text),), recorded=True)
