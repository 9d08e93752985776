"""What `text-array` and `object-array` share: a list travels as `{"data": […]}`, since services want an object at the root."""

from __future__ import annotations

from typing import Any

from genarun.errors import Misfit
from genarun.nodes.conversation import parse_json
from genarun.tree.model import Node

Json = Any


def wrapped(node: Node, items: dict[str, Json]) -> dict[str, Json]:
    """The schema that is sent for a list of `items`, with the lengths that `validation` asks for."""
    data: dict[str, Json] = {"type": "array", "items": items}
    validation = node.spec.validation
    if validation is not None:
        if validation.min_length is not None:
            data["minItems"] = validation.min_length
        if validation.max_length is not None:
            data["maxItems"] = validation.max_length
    return {"type": "object", "properties": {"data": data}, "required": ["data"], "additionalProperties": False}


def read_list(text: str) -> list[Json]:
    """The list in an answer, bare or wrapped in an object of one key. Raises Misfit."""
    value = parse_json(text)
    if isinstance(value, dict) and len(value) == 1:
        (value,) = value.values()
    if isinstance(value, list):
        return value
    raise Misfit("answer-no-list", 'the answer must be JSON of the form {"data": […]} with the whole list in it')


def read_list_v0(text: str) -> list[Json]:
    """v0: `{"data": …}` is unwrapped, and an answer that is no list becomes a list of one."""
    try:
        value = unwrap_v0(parse_json(text))
    except Misfit:
        return [text.strip()]
    return value if isinstance(value, list) else [value]


def unwrap_v0(value: Json) -> Json:
    """v0: the value under `data`, where an object holds it."""
    return value["data"] if isinstance(value, dict) and "data" in value else value
