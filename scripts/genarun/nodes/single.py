"""What `choice`, `number` and `range` share: a small value that travels as JSON, and is found in whatever comes back."""

from __future__ import annotations

from typing import Any

import orjson

from genarun.errors import Misfit
from genarun.nodes.conversation import parse_json

Json = Any


def wrapped_value(schema: dict[str, Json]) -> dict[str, Json]:
    """The schema that is sent for one value: services want an object at the root."""
    return {"type": "object", "properties": {"value": schema}, "required": ["value"], "additionalProperties": False}


def unwrapped(text: str) -> Json:
    """The value in an answer: `{"value": …}` or any object of one key, bare JSON, else the text itself."""
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        try:
            value = parse_json(text)
        except Misfit:
            return text.strip()
    while isinstance(value, dict) and len(value) == 1:
        (value,) = value.values()
    return value
