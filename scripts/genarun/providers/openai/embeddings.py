"""Embeddings: a text as a vector."""

from __future__ import annotations

import math

from genarun.providers.base import Json, ModelReply, ModelRequest, Usage
from genarun.providers.checks import encode
from genarun.providers.faults import misses
from genarun.providers.openai.answers import dollars, name, usage
from genarun.providers.openai.link import Link, decode
from genarun.providers.openai.pictures import words


async def embed(link: Link, request: ModelRequest) -> ModelReply:
    """One vector. It is asked for as numbers: base64 would be shorter, and not every service knows it."""
    body = {"model": request.model, "input": words(request), "encoding_format": "float", **request.params}
    _, answer = await link.ask("POST", "embeddings", request.model, encode(link.service, body))
    found = decode(link.service, answer, request.model)
    data = found.get("data")
    vector = _vector(data[0].get("embedding")) if isinstance(data, list) and data and isinstance(data[0], dict) else None
    if vector is None:
        raise misses(link.service, "a vector")
    return ModelReply(
        vector=vector,
        usage=Usage(usage(found.get("usage")).input_tokens, 0),  # nothing is written
        usd=dollars(found.get("usage")) if link.dialect.priced else None,
        model=name(found.get("model")),
    )


def _vector(found: Json) -> tuple[float, ...] | None:
    if not isinstance(found, list) or not found:
        return None
    fine = all(isinstance(one, (int, float)) and not isinstance(one, bool) and math.isfinite(one) for one in found)
    return tuple(map(float, found)) if fine else None
