"""Models as Replicate publishes them today, small, with every way in which schemas are written; and requests for them."""

from __future__ import annotations

from typing import Any

from genarun.errors import ProviderError
from genarun.providers.base import Medium, ModelRequest

from tests.services.ask import fault, replicate
from tests.services.replicate_service import ReplicateService, document

URI = {"type": "string", "format": "uri"}
TEXT = {"type": "array", "items": {"type": "string"}, "x-cog-array-type": "iterator", "x-cog-array-display": "concatenate"}

FLUX = "black-forest-labs/flux-3-image"
FLUX_TAKES = document(
    {
        "prompt": {"type": "string", "description": "What to draw"},
        # Cog names a choice, and refers to it from an `allOf` of one, so that a default can stand beside it.
        "aspect_ratio": {"allOf": [{"$ref": "#/components/schemas/aspect_ratio"}], "default": "1:1", "description": "Shape"},
        "num_outputs": {"type": "integer", "minimum": 1, "maximum": 4, "default": 1},
        "guidance": {"type": "number", "minimum": 0, "maximum": 10, "default": 3.5},
        "input_images": {"type": "array", "items": URI, "maxItems": 3, "default": [], "description": "Pictures to go by"},
        "seed": {"type": "integer", "nullable": True, "description": "Leave it out for another picture each time."},
        "raw": {"type": "boolean", "default": False},
    },
    required=["prompt"],
    output={"type": "array", "items": URI},
    aspect_ratio={"type": "string", "enum": ["1:1", "16:9", "9:16"], "title": "aspect_ratio", "description": "An enumeration."},
)

FLUX_LISTED = "It takes prompt, aspect_ratio, num_outputs, guidance, input_images, seed, raw."

GPT = "openai/gpt-5.6-terra"
GPT_TAKES = document(
    {
        "prompt": {"type": "string", "nullable": True},
        "system_prompt": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "image_input": {"type": "array", "items": URI, "default": []},
        "messages": {"type": "array", "items": {"type": "object"}, "default": []},
        "reasoning_effort": {"type": "string", "enum": ["none", "low", "medium", "high"], "default": "low"},
        "max_completion_tokens": {"type": ["integer", "null"], "minimum": 1},
    },
    output=TEXT,
)

SPEECH = "minimax/speech-2.8-turbo"
SPEECH_TAKES = document(
    {
        "text": {"type": "string", "maxLength": 60, "description": "Text to say"},
        "voice_id": {"type": "string", "default": "Wise_Woman"},
        "speed": {"type": "number", "minimum": 0.5, "maximum": 2, "default": 1},
    },
    required=["text"],
    output=URI,
)

FILM = "alibaba/wan-3"
FILM_TAKES = document(
    {
        "prompt": {"type": "string"},
        "image": {**URI, "nullable": True, "description": "First frame"},
        "duration": {"type": "integer", "minimum": 2, "maximum": 30, "default": 5},
        "negative_prompt": {"type": "string", "default": ""},
    },
    required=["prompt"],
    output=URI,
)

UPSCALER = "topazlabs/image-upscale"
UPSCALER_TAKES = document(
    {"image": {**URI, "description": "The picture to enlarge."}, "scale": {"type": "integer", "enum": [2, 4], "default": 2}},
    required=["image"],
    output=URI,
)

EMBEDDER = "ibm-granite/granite-embedding"
EMBEDDER_TAKES = document(
    {"texts": {"type": "array", "items": {"type": "string"}}},
    required=["texts"],
    output={"type": "array", "items": {"type": "array", "items": {"type": "number"}}},
)

PUBLISHED: dict[str, Any] = {
    FLUX: FLUX_TAKES,
    GPT: GPT_TAKES,
    SPEECH: SPEECH_TAKES,
    FILM: FILM_TAKES,
    UPSCALER: UPSCALER_TAKES,
    EMBEDDER: EMBEDDER_TAKES,
}


def wanted(medium: Medium, prompt: str = "Say it", model: str = SPEECH, **more: Any) -> ModelRequest:
    """A request for any medium."""
    given = {"params": {}, "node": "spoken", "path": "spoken", **more}
    return ModelRequest(medium=medium, model=model, messages=({"role": "user", "content": prompt},), **given)


def published(**more: Any) -> ReplicateService:
    """A service whose models publish what they take."""
    return ReplicateService(schemas=PUBLISHED, **more)


def sent(service: ReplicateService) -> dict[str, Any]:
    """The input of the one prediction that was started."""
    [asked] = [asked for asked in service.posts if asked.path.endswith("/predictions")]
    found: dict[str, Any] = asked.json["input"]
    return found


def refused(request: ModelRequest, schemas: dict[str, Any] | None = None) -> ProviderError:
    """The error for a request that must not lead to anything that costs: nothing at all was posted."""
    with ReplicateService(schemas=schemas or PUBLISHED) as service:
        found = fault(replicate(service), request)
    assert service.posts == []
    assert (found.retry, found.fatal) == (False, False)
    return found
