"""How an answer of a certain shape is asked for: the service's structured output, then JSON mode, then words.

`schema` is what OpenAI calls Structured Outputs (https://developers.openai.com/api/docs/guides/structured-outputs). Its
strict form takes a subset of JSON Schema, in which every object is closed and every field required.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import orjson

from genarun.providers.base import Json, Message

Mode = Literal["strict", "schema", "json", "none"]
"""strict: the service guarantees the schema. schema: it is told the schema. json: JSON, shape in words. none: words alone."""

LADDER: tuple[Mode, ...] = ("strict", "schema", "json", "none")

JSON_PLEASE = "Answer with JSON, and with nothing else."
"""What is said where any JSON will do."""

_STRICT_KEYWORDS = frozenset(
    {
        *("type", "properties", "required", "additionalProperties", "items", "enum", "const", "anyOf", "$ref", "$defs"),
        *("title", "description", "pattern", "format", "minItems", "maxItems"),
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    }
)
_STRICT_FORMATS = frozenset({"date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"})


def strict_copy(schema: Mapping[str, Json]) -> dict[str, Json] | None:
    """The schema in its strict form, or None where that form would ask for something else.

    An object that names its fields and says nothing of others is closed: every answer to the copy is an answer to the
    original. An optional field has no strict form: requiring it would make the model invent a value.
    """
    copied = _strict(schema)
    return copied if isinstance(copied, dict) and copied.get("type") == "object" and "properties" in copied else None


def _strict(schema: Any) -> dict[str, Json] | None:
    if not isinstance(schema, Mapping) or not schema or not set(schema) <= _STRICT_KEYWORDS | {"$schema"}:
        return None
    copied: dict[str, Json] = {}
    for keyword, value in schema.items():
        if keyword in ("properties", "$defs"):
            inner = {name: _strict(part) for name, part in value.items()}
            if None in inner.values():
                return None
            copied[keyword] = inner
        elif keyword == "items":
            if (item := _strict(value)) is None:
                return None
            copied[keyword] = item
        elif keyword == "anyOf":
            parts = [_strict(part) for part in value]
            if None in parts:
                return None
            copied[keyword] = parts
        elif keyword == "format" and value not in _STRICT_FORMATS:
            return None
        elif keyword != "$schema":
            copied[keyword] = value
    kinds = copied.get("type")
    if kinds == "object" or (isinstance(kinds, list) and "object" in kinds):
        fields = copied.get("properties")
        if (
            not fields
            or set(fields) != set(copied.get("required", ()))
            or schema.get("additionalProperties", False) is not False
        ):
            return None
        copied["additionalProperties"] = False
    elif "properties" in copied or not set(copied) & {"type", "enum", "const", "anyOf", "$ref"}:
        return None
    return copied


class Shape:
    """One schema, prepared once. start: the rung of the ladder it starts on; a service's refusal lowers it."""

    __slots__ = ("_formats", "instruction", "schema", "start")

    def __init__(self, schema: Mapping[str, Json]) -> None:
        self.schema = schema
        strict = strict_copy(schema)
        self.start: Mode = "strict" if strict is not None else "schema"
        self._formats: dict[Mode, orjson.Fragment | None] = {
            "strict": orjson.Fragment(_format(strict, True)) if strict is not None else None,
            "schema": orjson.Fragment(_format(schema, False)),
            "json": orjson.Fragment(b'{"type":"json_object"}'),
            "none": None,
        }
        written = orjson.dumps(schema, default=dict).decode()
        self.instruction = f"Answer with one JSON object that fits this JSON Schema, and with nothing else:\n{written}"

    def response_format(self, mode: Mode) -> orjson.Fragment | None:
        """The parameter of that name for a mode; None where the mode has none."""
        return self._formats[mode]


def _format(schema: Mapping[str, Json], strict: bool) -> bytes:
    # The name is fixed: a node's own name would let what is no part of the reuse key shape the answer.
    inner = {"name": "answer", "strict": strict, "schema": schema}
    return orjson.dumps({"type": "json_schema", "json_schema": inner}, default=dict)


class Shapes:
    """Prepared schemas, remembered by the object: a node's schema is the same object in all its instances."""

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: dict[int, Shape] = {}

    def of(self, schema: Mapping[str, Json]) -> Shape:
        """The prepared form of a schema."""
        shape = self._known.get(id(schema))
        if shape is None or shape.schema is not schema:
            if len(self._known) > 500:
                self._known.clear()
            shape = self._known[id(schema)] = Shape(schema)
        return shape


def lower(one: Mode, other: Mode) -> Mode:
    """The lower rung of two."""
    return max(one, other, key=LADDER.index)


def with_words(messages: Sequence[Message], words: str) -> list[Message]:
    """The conversation with an instruction at the end of what the user said last: every model reads that."""
    changed = list(messages)
    for place in range(len(changed) - 1, -1, -1):
        if changed[place]["role"] == "user":
            changed[place] = {**changed[place], "content": f"{changed[place]['content']}\n\n{words}"}
            return changed
    return [*changed, {"role": "user", "content": words}]
