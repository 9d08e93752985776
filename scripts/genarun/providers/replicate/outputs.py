"""What a prediction's output is: a text, files or a vector. Models shape it as they like; these are the shapes in use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from mimetypes import guess_type
from typing import Any, get_args
from urllib.parse import urlsplit

from genarun.providers.base import File, Json, Medium, Usage
from genarun.providers.checks import picture_of
from genarun.providers.faults import Service

_INPUT_TOKENS = ("token_input_count", "input_token_count")
_OUTPUT_TOKENS = ("token_output_count", "output_token_count")
"""Official models report the first, models that users packed themselves the second."""

_VECTORS = ("embedding", "embeddings", "vector", "vectors")

_DEEPEST = 8
"""Levels of an output that are looked into."""


def read_text(output: Json) -> str | None:
    """A text, or a list of its pieces: models that stream give their answer so."""
    if isinstance(output, str):
        return output
    if isinstance(output, list) and all(isinstance(part, str) for part in output):
        return "".join(output)
    return None


def read_files(service: Service, medium: Medium, output: Json) -> tuple[File, ...]:
    """Every file of an output; without those of another medium, a spectrogram beside a song say, where their names tell."""
    found = list(_addresses(output))
    wanted = [address for address in found if _medium_of(address) in (None, medium)] or found
    return tuple(picture_of(service, one) if one[:5].lower() == "data:" else File(url=one) for one in wanted)


def read_vector(output: Json) -> tuple[float, ...] | None:
    """A list of numbers, alone or in a list of one, or under a name that says so."""
    for _ in range(_DEEPEST):
        if isinstance(output, dict):
            output = next((output[name] for name in _VECTORS if name in output), None)
        elif isinstance(output, list) and output and all(type(one) in (int, float) for one in output):
            return tuple(map(float, output))
        elif isinstance(output, list) and len(output) == 1:
            output = output[0]
        else:
            break
    return None


def read_usage(medium: Medium, metrics: Json, files: int) -> Usage:
    """What the metrics say. Seconds are those of the sound or film made; `predict_time` is the machine's, and left out."""
    given = metrics if isinstance(metrics, dict) else {}
    seconds: Json = given.get(f"{medium}_output_duration_seconds")
    return Usage(
        input_tokens=_count(given, *_INPUT_TOKENS),
        output_tokens=_count(given, *_OUTPUT_TOKENS),
        images=files if medium == "image" else None,
        seconds=float(seconds) if type(seconds) in (int, float) and seconds >= 0 else None,
        characters=_count(given, "character_input_count"),
    )


def made_by(schema: Json, example: Json) -> frozenset[Medium] | None:
    """The media of a model, by its published output and by what its example answered. None where neither tells.

    schema: the OpenAPI document of its version; there, a picture, a song and a film are all a `uri`.
    """
    known = frozenset(kind for kind in map(_medium_of, _addresses(example)) if kind is not None)
    if known:
        return known
    output = schema.get("components", {}).get("schemas", {}).get("Output") if isinstance(schema, dict) else None
    while isinstance(output, dict) and output.get("type") == "array":
        output = output.get("items")
    if not isinstance(output, dict) or output.get("format") == "uri":
        return None
    if output.get("type") == "number":
        return frozenset({"embedding"}) if read_vector(example) else None
    return frozenset({"text"}) if output.get("type") == "string" else None


def _addresses(output: Json, depth: int = 0) -> Iterator[str]:
    if isinstance(output, str):
        if output[:8].lower().startswith(("http://", "https://", "data:")):
            yield output
    elif depth > _DEEPEST:
        return
    elif isinstance(output, dict):
        for part in [output["url"]] if "url" in output else output.values():  # some models name their files
            yield from _addresses(part, depth + 1)
    elif isinstance(output, list):
        for part in output:
            yield from _addresses(part, depth + 1)


def _medium_of(address: str) -> Medium | None:
    try:
        media_type = guess_type(address if address[:5].lower() == "data:" else urlsplit(address).path)[0]
    except ValueError:
        return None
    kind = (media_type or "").partition("/")[0]
    return next((medium for medium in get_args(Medium) if medium == kind and medium != "text"), None)


def _count(metrics: Mapping[str, Any], *names: str) -> int | None:
    found = next((metrics[name] for name in names if name in metrics), None)
    return found if type(found) is int and found >= 0 else None
