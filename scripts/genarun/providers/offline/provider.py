"""The offline provider: answers made here, from the request and the seed alone. See `genarun.providers.base` for the door."""

from __future__ import annotations

import asyncio
import json
from decimal import Decimal

from genarun.errors import ProviderError
from genarun.providers.base import File, Json, ModelReply, ModelRequest, Settings, Usage
from genarun.providers.offline.chance import Chance
from genarun.providers.offline.picture.draw import pictures
from genarun.providers.offline.recordings import Recordings
from genarun.providers.offline.schema_values import Unsatisfiable, satisfy
from genarun.providers.offline.shapes_in_prompts import schema_in
from genarun.providers.offline.texts import write
from genarun.providers.offline.topic import read_topic
from genarun.providers.offline.values import Suggest


class Offline:
    """Answers without a network or a key: recorded ones where the tree holds them, else texts, values and pictures made here.

    An answer is a function of seed, medium, messages, schema and, for pictures, their size, number and format; model names and
    other parameters do not matter. options: `latency`, milliseconds that every call takes, so that a live display is seen
    moving.
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
        """Answer. Raises ProviderError `offline-unsatisfiable` for a schema that no value satisfies."""
        if self._seconds:
            await asyncio.sleep(self._seconds)
        recorded = self._recordings.answer(request.medium, request.messages)
        if recorded is not None:
            return ModelReply(text=recorded, usage=Usage(), usd=Decimal(0), model="offline")
        if request.medium == "image":
            made = await asyncio.to_thread(pictures, request)  # tens of milliseconds: others go on meanwhile
            files = tuple(File(data=data, media_type=media_type) for data, media_type in made)
            return ModelReply(files=files, usage=Usage(images=len(files)), usd=Decimal(0), model="offline")
        return ModelReply(text=answer(request), usage=Usage(), usd=Decimal(0), model="offline")

    async def close(self) -> None:
        """Nothing is held open."""


def answer(request: ModelRequest) -> str:
    """The text of an answer, JSON where JSON is asked for. Raises ProviderError."""
    turns = [[message.get("role", ""), message.get("content", "")] for message in request.messages]
    chance = Chance("offline", request.seed, turns, request.schema, request.json)
    topic = read_topic(request.messages, request.about, chance)
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
            f"node {request.path or request.node}" if request.path or request.node else None,
            "Leave its rules more room, or give a value that they allow under `examples`: it is tried too."
            if problem.given_up
            else "Check the node's schema: two of its rules may exclude each other.",
            fatal=False,
        ) from None
    return json.dumps(value, ensure_ascii=False)
