"""What the kinds that ask share: turns become calls, answers become values, misfits go back to the model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import orjson

from genarun.errors import Misfit
from genarun.nodes.base import Ask, Scene, Session
from genarun.nodes.confidence import judge, unsure
from genarun.providers.base import Attachment, Message, ModelReply, ModelRequest
from genarun.tree.model import Node
from genarun.tree.prompt import RenderedTurn
from genarun.tree.template import render_value

Json = Any
Read = Callable[[str], Json]
"""The value of an answer's text. Raises Misfit with a sentence that a model can mend its answer by."""

REPAIR = (
    "That answer does not fit: {problem}. Answer again with the whole corrected answer and nothing else, "
    "keeping what was right."
)


def ask(node: Node, scene: Scene, *, schema: dict[str, Json] | None = None, json: bool = False, logprobs: bool = False) -> Ask:
    """Render every turn of the node's prompt and the strings of its parameters.

    schema, json, logprobs: what the last turn's answer must be; earlier turns ask for JSON where they say `parseJson`.
    """
    prompt, use = node.prompt, node.use
    assert prompt is not None
    assert use is not None
    turns = prompt.render(scene.lookup, scene.chooser, scene.missing)
    messages: list[dict[str, Json]] = []
    attached: dict[str, Attachment] = {}
    for turn in turns:
        messages += _asked(turn)
        for picture in turn.images:
            attached[picture.digest] = Attachment(picture.digest, picture.name)
        if turn.parse_json and turn is not turns[-1]:
            messages[-1]["answer"] = "json"  # decides the answer, so the instance's key must cover it; never sent
    medium = node.kind.medium
    assert medium is not None
    request = ModelRequest(
        medium=medium,
        model=use.model,
        params=render_value(use.params, scene.lookup, scene.missing) if use.params else use.params,
        messages=tuple(messages),
        schema=schema,
        json=json or schema is not None or turns[-1].parse_json,
        logprobs=logprobs,
        attached=attached,
        seed=scene.seed,
        about=node.about,
        node=node.id,
        path=scene.path,
    )
    return Ask(request, turns, scene.legacy)


def _asked(turn: RenderedTurn) -> list[dict[str, Json]]:
    """The messages that a turn adds."""
    user: dict[str, Json] = {"role": "user", "content": turn.user}
    if turn.images:
        user["images"] = [picture.digest for picture in turn.images]
    return [user] if turn.system is None else [{"role": "system", "content": turn.system}, user]


def turn_request(asked: Ask, number: int, answers: tuple[str, ...]) -> ModelRequest:
    """The request of one turn, which sees the answers of the turns before it."""
    if len(asked.turns) == 1:
        return asked.request
    messages: list[Message] = []
    for at, turn in enumerate(asked.turns[: number + 1]):
        messages += _asked(turn)
        if at < number:
            messages.append({"role": "assistant", "content": answers[at]})
    last = number == len(asked.turns) - 1
    return replace(
        asked.request,
        messages=tuple(messages),
        schema=asked.request.schema if last else None,
        json=asked.request.json if last else asked.turns[number].parse_json,
        logprobs=asked.request.logprobs and last,
    )


async def converse(node: Node, asked: Ask, session: Session, read: Read) -> Json:
    """Make every turn's call; the last answer's value. An answer that does not fit goes back, as often as `retry` says.

    Recorded answers that did not fit are gone through and do not count: where all failed before, running again asks again.
    """
    answers: tuple[str, ...] = ()
    for number in range(len(asked.turns) - 1):
        reply = await session.call(turn_request(asked, number, answers))
        answers = (*answers, reply.text or "")
    request = turn_request(asked, len(asked.turns) - 1, answers)
    repairs = 0
    while True:
        reply = await session.call(request)
        text = reply.text or ""
        try:
            value = fitting(node, read(text))
            _sure(node, session, reply, value)
            return value
        except Misfit as misfit:
            if not reply.recorded:
                if repairs >= node.max_retries:
                    raise
                repairs += 1
            request = replace(
                request,
                messages=(
                    *request.messages,
                    {"role": "assistant", "content": text},
                    {"role": "user", "content": REPAIR.format(problem=misfit.what)},
                ),
            )


def _sure(node: Node, session: Session, reply: ModelReply, value: Json) -> None:
    """Note how sure the model was, for the kinds that can be asked. Raises Misfit where it was less than the node asks for."""
    sure = judge(node, reply, value)
    if sure is None:
        return
    session.judged(sure)
    if (problem := unsure(node, sure)) is not None:
        raise Misfit("confidence-low", problem)


def fitting(node: Node, value: Json) -> Json:
    """The value itself, if it satisfies the node's schema and validation. Raises Misfit."""
    problem = node.validate(value) if node.validate is not None else None
    if problem is not None:
        raise Misfit("value-misfit", problem)
    return value


def parse_json(text: str) -> Json:
    """The JSON in an answer: as it is, else without its fence, else mended. Raises Misfit where there is none."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        pass
    starts = [at for at in (text.find("{"), text.find("[")) if at >= 0]
    if starts:
        import json_repair  # not needed for answers that are JSON

        value = json_repair.loads(text[min(starts) :])
        if isinstance(value, dict | list) and value:
            return value
    raise Misfit("answer-no-json", f"the answer must be JSON, and this is not: {excerpt(text)}")


def excerpt(text: str, length: int = 120) -> str:
    """The beginning of a text on one line, for messages."""
    line = " ".join(text.split())
    return f"“{line[: length - 1]}…”" if len(line) > length else f"“{line}”"
