"""Where a service's protocol differs from OpenAI's own. What is not said here is as OpenAI's reference has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Dialect:
    """One service's ways.

    renames: parameters that it calls otherwise: OpenAI's name, its own.
    pictures: the path that draws. edits: how pictures go along: as a form to `images/edits`, as `input_references` in the
        request that draws, or not at all.
    films: how a film is asked for, as a form or as JSON. frame: the field that takes the picture to begin with; None for none.
    models: the path that lists models.
    priced: whether answers name their price, in dollars, as `usage.cost`.
    """

    renames: Mapping[str, str] = field(default_factory=dict)
    pictures: str = "images/generations"
    edits: Literal["form", "references"] | None = "form"
    films: Literal["form", "json"] = "form"
    frame: str | None = "input_reference"
    models: str = "models"
    priced: bool = False


DIALECTS: Mapping[str, Dialect] = {
    "gemini": Dialect(edits=None, frame=None),
    "mistral": Dialect(renames={"max_completion_tokens": "max_tokens", "seed": "random_seed"}),
    "openrouter": Dialect(
        pictures="images",
        edits="references",
        films="json",
        frame="frame_images",
        models="models?output_modalities=all",
        priced=True,
    ),
    "ollama": Dialect(renames={"max_completion_tokens": "max_tokens"}, edits=None),
}
"""By the provider's name."""
