"""Questions that wait in a run's records, and the answers that people give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from genarun.errors import SetupError
from genarun.nodes.question import Ask, Option, read_answer
from genarun.store.journal import standing
from genarun.store.layout import RunRef, TreeFolder
from genarun.store.lines import make_record
from genarun.store.lock import lock
from genarun.store.mask import Masker
from genarun.store.records import UNFINISHED, Record, utc
from genarun.store.run_folder import RunFolder
from genarun.tree.template import MISSING

Json = Any


@dataclass(frozen=True, slots=True)
class Question:
    """A question that waits. run: `tree/stamp`. asked_at, expires_at: UTC, ISO 8601; None for no end."""

    run: str
    path: str
    node: str
    key: str
    asked: Ask
    asked_at: str
    expires_at: str | None


def to_json(asked: Ask, expires_at: str | None) -> dict[str, Json]:
    """A question as its record holds it."""
    options = [
        {"label": one.label, "value": one.value, **({"picture": one.picture} if one.picture else {})} for one in asked.options
    ]
    return {
        "ask": asked.ask,
        "prompt": asked.prompt,
        **({"options": options} if options else {}),
        **({} if asked.default is MISSING else {"default": asked.default}),
        **({"expiresAt": expires_at} if expires_at else {}),
    }


def expiry(asked: Ask, asked_at: datetime) -> datetime | None:
    """When a question's time is up."""
    return None if asked.timeout is None else asked_at + timedelta(milliseconds=asked.timeout)


def question_of(run: str, record: Record) -> Question | None:
    """The question of a waiting record; None for any other, or one that cannot be read."""
    found = record.question
    if record.status != "waiting" or not found or record.key is None:
        return None
    try:
        options = tuple(Option(str(one["label"]), one["value"], one.get("picture")) for one in found.get("options", ()))
        asked = Ask(found["ask"], str(found["prompt"]), options, found.get("default", MISSING))
    except (KeyError, TypeError, AttributeError):
        return None
    return Question(run, record.path, record.node, record.key, asked, record.started_at or "", found.get("expiresAt"))


def open_questions(ref: RunRef) -> list[Question]:
    """The questions of a run that wait for an answer, in the order of their paths."""
    last: Mapping[str, Record] = standing(ref.records())
    return [found for record in last.values() if (found := question_of(ref.id, record)) is not None]


def find_question(folder: TreeFolder, ref: RunRef, name: str) -> Question:
    """The open question of an instance, by its path, or by its node where only one waits. Raises SetupError, naming those
    that are open."""
    summary = ref.summary()
    newer = next((run for run in folder.runs() if run.stamp != ref.stamp), None)
    if summary is None or summary.status not in UNFINISHED or (newer is not None and folder.runs()[0].stamp != ref.stamp):
        raise SetupError(
            "question-past",
            f"{ref.id} does not wait for an answer any more",
            hint=f"The newest run is {folder.runs()[0].id}; `genarun show {folder.name}` tells what it waits for."
            if folder.runs()
            else "Run the tree first.",
        )
    waiting = open_questions(ref)
    wanted = name.strip("/")
    found = [one for one in waiting if one.path == wanted] or [
        one for one in waiting if wanted in (one.node, one.node.rpartition("/")[2])
    ]
    if len(found) == 1:
        return found[0]
    listed = ", ".join(one.path for one in waiting[:10]) or "none"
    what = f"`{name[:80]}` is asked at {len(found)} places" if found else f"no question `{name[:80]}` waits in {ref.id}"
    raise SetupError("question-unknown", what, hint=f"Questions that wait: {listed}.")


def record_answer(
    folder: TreeFolder, ref: RunRef, name: str, text: str, by: str, now: datetime, masker: Masker
) -> tuple[Question, Json]:
    """Write down what a person answers, with the tree's lock held; the question, and the value. The run goes on with it when
    it is resumed. Raises SetupError for what answers nothing."""
    with lock(folder, now):
        question = find_question(folder, ref, name)
        value = read_answer(question.asked, text)
        record = make_record(
            path=question.path,
            node=question.node,
            type="human",
            status="succeeded",
            key=question.key,
            value=value,
            question=to_json(question.asked, question.expires_at),
            answered_by=by,
            started_at=utc(now),
        )
        with RunFolder.reopen(ref, masker) as opened:
            opened.append(record)
    return question, value
