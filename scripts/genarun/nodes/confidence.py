"""How sure a model was of the one value that it was asked for, where a node asks that: kinds `choice` and `number`.

Confidence is the product of the probabilities of the tokens that spell the value, from the log-probabilities that the service
gives: 1 where it could have said nothing else.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, Final

import orjson

from genarun.errors import RunError
from genarun.providers.base import ModelReply
from genarun.tree.model import Node
from genarun.tree.spec import NodeSpec

Json = Any

CONFIDENCE: Final[Mapping[str, Mapping[str, Any]]] = {"confidence": {"type": "boolean"}}
"""The setting that asks for it; `validation.minConfidence` does so too."""


def wants_confidence(spec: NodeSpec) -> bool:
    """Whether a node asks how sure the model is."""
    least = spec.validation.min_confidence if spec.validation is not None else None
    return least is not None or bool(spec.config and (spec.config.model_extra or {}).get("confidence"))


def confidence(reply: ModelReply, value: Json) -> float | None:
    """From 0 to 1, four digits; None where the service said nothing of its tokens. value: as it was read from the text."""
    if reply.confidence is not None or not reply.tokens:
        return reply.confidence
    text = "".join(token for token, _ in reply.tokens)
    first, end = _place(text, value)
    at, total = 0, 0.0
    for token, logprob in reply.tokens:
        if at < end and at + len(token) > first:
            total += min(logprob, 0.0)
        at += len(token)
    return round(math.exp(total), 4)


def _place(text: str, value: Json) -> tuple[int, int]:
    """Where the value stands in the answer's text; the whole text where it cannot be found."""
    start = text.rfind('"value"') + 7 if '"value"' in text else 0  # what comes before may repeat the question
    shown = re.escape(value) if isinstance(value, str) else re.escape(orjson.dumps(value).decode())
    found = re.compile(shown, re.IGNORECASE).search(text, start)
    return found.span() if found else (0, len(text))


def judge(node: Node, reply: ModelReply, value: Json) -> float | None:
    """How sure the model was. Raises Misfit where that is less than the node asks for, RunError where it cannot be known."""
    if not wants_confidence(node.spec):
        return None
    sure = confidence(reply, value)
    least = node.spec.validation.min_confidence if node.spec.validation is not None else None
    if sure is None and least is not None:
        raise RunError(
            "confidence-unknown",
            f"{node.use.provider if node.use else 'the service'} says nothing of how sure the model is, and this node asks for "
            f"a confidence of {least:g}",
            None,
            "Take `validation.minConfidence` away, or use a model that gives log-probabilities: docs/providers.md lists them.",
        )
    return sure


def unsure(node: Node, sure: float | None) -> str | None:
    """Why a value with this confidence does not fit; None where it does."""
    least = node.spec.validation.min_confidence if node.spec.validation is not None else None
    if least is None or (sure is not None and sure >= least):
        return None
    return f"the confidence is {sure:g}, and {least:g} is asked for" if sure is not None else "its confidence is not known"
