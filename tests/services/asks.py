"""Requests of every medium, with and without pictures, for tests of providers."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from genarun.providers.base import Attachment, Medium, ModelRequest

from tests.services.samples import png


def attached(*seeds: str) -> dict[str, Attachment]:
    """Small pictures, by digest, as the engine hands them over."""
    found = {}
    for seed in seeds:
        data = png(seed)
        digest = f"sha256:{sha256(data).hexdigest()[:16]}"
        found[digest] = Attachment(digest, f"assets/{seed}.png", data, "image/png")
    return found


def asking(medium: Medium, prompt: str, model: str, *pictures: str, system: str | None = None, **more: Any) -> ModelRequest:
    """A request of any medium. pictures: seeds of pictures that the user shows."""
    shown = attached(*pictures)
    turn: dict[str, Any] = {"role": "user", "content": prompt}
    if shown:
        turn["images"] = list(shown)
    messages = ({"role": "system", "content": system}, turn) if system else (turn,)
    given = {"params": {}, "node": "one", "path": "one", "attached": shown, **more}
    return ModelRequest(medium=medium, model=model, messages=messages, **given)
