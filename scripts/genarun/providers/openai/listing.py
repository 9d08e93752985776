"""The models that a key can reach, with what each makes where that can be told."""

from __future__ import annotations

import re

from genarun.providers.base import Json, Listed, Medium
from genarun.providers.faults import misses
from genarun.providers.openai.link import Link, decode

_MODALITIES: dict[str, Medium] = {
    "text": "text",
    "image": "image",
    "audio": "audio",
    "speech": "audio",
    "video": "video",
    "embedding": "embedding",
    "embeddings": "embedding",
}

_FAMILIES: tuple[tuple[str, frozenset[Medium]], ...] = (
    (r"transcri|whisper|realtime|live|moderation|rerank|ocr|guard|decision", frozenset()),
    (r"embed|^bge-|^e5-|minilm", frozenset({"embedding"})),
    (r"tts|speech|orpheus|phonon", frozenset({"audio"})),
    (r"sora|veo-|seedance|kling|-t2v|-i2v", frozenset({"video"})),
    (r"image|dall-e|banana|flux|stable-diffusion|seedream", frozenset({"image"})),
    (
        r"^(gpt|chatgpt|o\d|gemini|gemma|claude|mistral|ministral|magistral|codestral|devstral|pixtral|llama|meta-llama|qwen"
        r"|qwq|deepseek|kimi|glm|grok|command|phi|compound)",
        frozenset({"text"}),
    ),
)
"""Families of models by what their names hold, the first that fits; for services that tell no more than names."""


async def list_models(link: Link) -> list[Listed]:
    """Every model, by name. Raises ProviderError."""
    _, answer = await link.ask("GET", link.dialect.models, "its list of models")
    found = decode(link.service, answer, "").get("data")
    if not isinstance(found, list):
        raise misses(link.service, "data")
    listed = [_listed(one, link.info.media) for one in found if isinstance(one, dict) and isinstance(one.get("id"), str)]
    return sorted(listed, key=lambda one: one.model)


def _listed(found: dict[str, Json], served: frozenset[Medium]) -> Listed:
    model = found["id"].removeprefix("models/")  # Gemini's way; calls and prices know the name without it
    ends = found.get("shutdown_date")
    told = _told(found)
    makes = told if told is not None else _by_family(model)
    note = f"shuts down on {ends}" if isinstance(ends, str) and re.fullmatch(r"[0-9T:.Z+-]{8,35}", ends) else ""
    return Listed(model, makes & served if makes is not None else None, note)


def _told(found: dict[str, Json]) -> frozenset[Medium] | None:
    """What the service itself says that a model makes."""
    shape = found.get("architecture")
    made = shape.get("output_modalities") if isinstance(shape, dict) else None
    if isinstance(made, list):
        return frozenset(_MODALITIES[one] for one in made if isinstance(one, str) and one in _MODALITIES)
    can = found.get("capabilities")
    if isinstance(can, dict) and can.get("completion_chat") is True:
        return frozenset({"text"})
    return None


def _by_family(model: str) -> frozenset[Medium] | None:
    name = model.rpartition("/")[2].lower()
    return next((media for words, media in _FAMILIES if re.search(words, name)), None)
