"""The offline provider: answers made here, from the request and the seed alone. See `genarun.providers.base` for the door."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from decimal import Decimal

from genarun.errors import ProviderError
from genarun.providers.base import File, Json, Listed, Medium, ModelReply, ModelRequest, Settings, Usage
from genarun.providers.offline.chance import Chance
from genarun.providers.offline.film import film
from genarun.providers.offline.picture.draw import pictures
from genarun.providers.offline.recordings import Recordings
from genarun.providers.offline.schema_values import Unsatisfiable, satisfy
from genarun.providers.offline.seen import digests_in, with_pictures
from genarun.providers.offline.shapes_in_prompts import schema_in
from genarun.providers.offline.sound import sound
from genarun.providers.offline.texts import write
from genarun.providers.offline.tokens import tokens
from genarun.providers.offline.topic import read_topic
from genarun.providers.offline.values import Suggest
from genarun.providers.offline.vector import DIMENSIONS, MOST_DIMENSIONS, vector


class Offline:
    """Answers without a network or a key: recorded ones where the tree holds them, else whatever is asked for, made here.

    An answer is a function of seed, medium, messages with their pictures, schema, and of the parameters that say how large,
    how many, how long, in which format, voice and dimensions; model names and other parameters do not matter. An embedding
    does not depend on the seed, so that those of two runs compare. options: `latency`, milliseconds that every call takes, so
    that a live display is seen moving.
    """

    def __init__(self, settings: Settings) -> None:
        self._recordings = Recordings(settings.tree_folder, *settings.step_folders)
        latency = settings.options.get("latency", 0)
        self._seconds = max(0.0, float(latency)) / 1000 if isinstance(latency, int | float) else 0.0

    def identity(self, request: ModelRequest) -> dict[str, Json]:
        """The seed decides the answer."""
        return {"provider": "offline", "seed": request.seed}

    async def open(self) -> None:
        """Nothing has to be made ready."""

    async def call(self, request: ModelRequest) -> ModelReply:
        """Answer. Raises ProviderError: `offline-unsatisfiable` for a schema that no value satisfies, `offline-dimensions` for
        vectors of a length that cannot be."""
        if self._seconds:
            await asyncio.sleep(self._seconds)
        recorded = self._recordings.answer(request.medium, request.messages)
        if recorded is not None:
            return _said(request, recorded)
        if request.medium != "text":
            return await asyncio.to_thread(_MADE[request.medium], request)  # takes up to half a second: others go on meanwhile
        if request.schema is None and not digests_in(request.messages):
            return _said(request, answer(request))
        return _said(request, await asyncio.to_thread(answer, request))  # a hard schema, a large picture: seconds

    async def models(self) -> tuple[Listed, ...]:
        """One, which makes everything."""
        return (Listed("offline", frozenset(_MADE) | {"text"}, "Deterministic answers made here, for a start and for tests."),)

    async def close(self) -> None:
        """Nothing is held open."""


def _said(request: ModelRequest, text: str) -> ModelReply:
    pieces = tokens(text, Chance("tokens", request.seed, _asked(request), text)) if request.logprobs else ()
    return ModelReply(text=text, usage=Usage(), usd=Decimal(0), model="offline", tokens=pieces)


def _drawn(request: ModelRequest) -> ModelReply:
    files = tuple(File(data=data, media_type=media_type) for data, media_type in pictures(request))
    return ModelReply(files=files, usage=Usage(images=len(files)), usd=Decimal(0), model="offline")


def _spoken(request: ModelRequest) -> ModelReply:
    text, voice, speed = _asked(request), request.params.get("voice"), request.params.get("speed")
    fast = float(speed) if isinstance(speed, int | float) else 1.0
    data, seconds = sound(text, Chance("sound", request.seed, text), voice if isinstance(voice, str) else "", fast)
    usage = Usage(seconds=seconds, characters=len(text))
    return ModelReply(files=(File(data=data, media_type="audio/wav"),), usage=usage, usd=Decimal(0), model="offline")


def _filmed(request: ModelRequest) -> ModelReply:
    data, seconds = film(request)
    file = File(data=data, media_type="video/webm")
    return ModelReply(files=(file,), usage=Usage(seconds=seconds), usd=Decimal(0), model="offline")


def _embedded(request: ModelRequest) -> ModelReply:
    size = request.params.get("dimensions", DIMENSIONS)
    if not isinstance(size, int) or isinstance(size, bool) or not 1 <= size <= MOST_DIMENSIONS:
        raise ProviderError(
            "offline-dimensions",
            f"`dimensions` is {json.dumps(size)[:40]}, and the offline provider makes vectors of 1 to {MOST_DIMENSIONS:,}",
            _where(request),
            f"Write a whole number in that range, or leave it out for {DIMENSIONS}.",
        )
    return ModelReply(vector=vector(_asked(request), size), usage=Usage(), usd=Decimal(0), model="offline")


_MADE: Mapping[Medium, Callable[[ModelRequest], ModelReply]] = {
    "image": _drawn,
    "audio": _spoken,
    "video": _filmed,
    "embedding": _embedded,
}


def _asked(request: ModelRequest) -> str:
    """What to say or to embed."""
    return str(next((message["content"] for message in reversed(request.messages) if message.get("role") == "user"), ""))


def _where(request: ModelRequest) -> str | None:
    return f"node {request.path or request.node}" if request.path or request.node else None


def answer(request: ModelRequest) -> str:
    """The text of an answer, JSON where JSON is asked for. Raises ProviderError."""
    turns = [[message.get("role", ""), message.get("content", "")] for message in request.messages]
    chance = Chance("offline", request.seed, turns, request.schema, request.json, *digests_in(request.messages))
    topic = with_pictures(read_topic(request.messages, request.about, chance), request, chance)
    if request.schema is None and not request.json:
        said = [message.get("content", "") for message in request.messages if message.get("role") == "assistant"]
        return write(topic, chance, said[-1] if said else None)
    schema = (
        request.schema
        if request.schema is not None
        else schema_in("\n".join(text for role, text in turns if role != "assistant"))
    )
    try:
        value = satisfy(schema, Suggest(topic, chance, chance), chance)
    except Unsatisfiable as problem:
        raise ProviderError(
            "offline-unsatisfiable",
            f"the offline provider found no value for the schema: {problem}",
            _where(request),
            "Leave its rules more room, or give a value that they allow under `examples`: it is tried too."
            if problem.given_up
            else "Check the node's schema: two of its rules may exclude each other.",
        ) from None
    return json.dumps(value, ensure_ascii=False)
