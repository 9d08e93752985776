"""Whether a value fits its node: JSON Schema and `validation`, with sentences that a model can mend its answer by."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from genarun.tree.kinds import KindFacts
from genarun.tree.shape import own_schema
from genarun.tree.spec import NodeSpec

Json = Any
Fit = Callable[[Json], str | None]

_SHOWN = 3


class SchemaFault(ValueError):
    """A schema that is none. path: keys down to the fault, where known."""

    def __init__(self, message: str, path: tuple[str | int, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.path = path


def validator(node_kind: KindFacts, spec: NodeSpec) -> Fit:
    """A function that gives None for a value that fits, else what is wrong with it and where: `at /0/title: …`.

    It looks at the node's own value: an array's whole list, an object without its children. Nothing is fetched: a `$ref` to
    another address is a fault. Raises SchemaFault.
    """
    schema = own_schema(node_kind, spec)
    return fits(schema) if schema else _anything


def fits(schema: Mapping[str, Json]) -> Fit:
    """The same for a schema from anywhere (draft 2020-12). Raises SchemaFault."""
    import jsonschema_rs  # delayed: `genarun --help` needs no schemas

    try:
        compiled = jsonschema_rs.Draft202012Validator(dict(schema), offline=True)
    except jsonschema_rs.ValidationError as fault:
        path = tuple(fault.instance_path)
        raise SchemaFault(_first_line(fault.message), path) from None
    except (ValueError, RecursionError) as fault:
        raise SchemaFault(_first_line(str(fault))) from None
    is_valid = compiled.is_valid

    def fit(value: Json) -> str | None:
        try:
            if is_valid(value):
                return None
            return _sentence(compiled.iter_errors(value))
        except (ValueError, RecursionError) as fault:  # a value that no JSON parser gives, or one nested without end
            return f"the value cannot be checked: {_first_line(str(fault))}"

    return fit


def _anything(value: Json) -> None:
    return None


def _first_line(text: str) -> str:
    line = text.strip().partition("\n")[0]
    return line if len(line) <= 200 else f"{line[:199]}…"


def _sentence(errors: Iterable[Any]) -> str:
    """The first faults of a value as one sentence, and how many more there are."""
    said: list[str] = []
    more = 0
    for error in errors:
        if len(said) < _SHOWN:
            path = "/".join(str(part).replace("~", "~0").replace("/", "~1") for part in error.instance_path)
            text = f"at /{path}: {_fault(error)}" if path else _fault(error)
            if text not in said:
                said.append(text)
        else:
            more += 1
    return "; ".join(said) + (f"; and {more} more" if more else "")


def _fault(error: Any) -> str:
    """One fault in plain words. Texts of our own, so that they stay the same whatever the library says."""
    kind, value = error.kind, error.instance
    say = _SAYINGS.get(kind.name)
    return say(kind, value) if say else _first_line(error.message)


def _a(names: Iterable[str]) -> str:
    words = {"object": "an object", "array": "a list", "string": "a text", "integer": "a whole number", "null": "null"}
    words |= {"number": "a number", "boolean": "true or false"}
    return " or ".join(words[name] for name in sorted(names, key=lambda name: name == "null"))


def _type_of(value: Json) -> str:
    if value is None:
        return "null"
    for kind, name in ((bool, "boolean"), (str, "string"), (int, "integer"), (dict, "object"), (list, "array")):
        if isinstance(value, kind):
            return _a([name])
    return "a number"


def _shown(value: Json) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:59]}…"


def _some(count: int, one: str) -> str:
    return f"{count} {one}" if count == 1 else f"{count} {one}s"


_SAYINGS: dict[str, Callable[[Any, Json], str]] = {
    "type": lambda kind, value: f"must be {_a(kind.types)}, not {_type_of(value)}",
    "required": lambda kind, value: f"the field {_shown(kind.property)} is missing",
    "minItems": lambda kind, value: f"needs at least {_some(kind.limit, 'item')}, has {len(value)}",
    "maxItems": lambda kind, value: f"takes at most {_some(kind.limit, 'item')}, has {len(value)}",
    "minLength": lambda kind, value: f"needs at least {_some(kind.limit, 'character')}, has {len(value)}",
    "maxLength": lambda kind, value: f"takes at most {_some(kind.limit, 'character')}, has {len(value)}",
    "minProperties": lambda kind, value: f"needs at least {_some(kind.limit, 'field')}, has {len(value)}",
    "maxProperties": lambda kind, value: f"takes at most {_some(kind.limit, 'field')}, has {len(value)}",
    "minimum": lambda kind, value: f"must be at least {_shown(kind.limit)}, is {_shown(value)}",
    "maximum": lambda kind, value: f"must be at most {_shown(kind.limit)}, is {_shown(value)}",
    "exclusiveMinimum": lambda kind, value: f"must be more than {_shown(kind.limit)}, is {_shown(value)}",
    "exclusiveMaximum": lambda kind, value: f"must be less than {_shown(kind.limit)}, is {_shown(value)}",
    "multipleOf": lambda kind, value: f"must be a multiple of {_shown(kind.multiple_of)}, is {_shown(value)}",
    "enum": lambda kind, value: f"must be one of {', '.join(map(_shown, kind.options))}, not {_shown(value)}",
    "const": lambda kind, value: f"must be {_shown(kind.expected_value)}, not {_shown(value)}",
    "pattern": lambda kind, value: (
        "must not be empty" if kind.pattern == r"\S" else f"must match {kind.pattern}, and {_shown(value)} does not"
    ),
    "uniqueItems": lambda kind, value: "must not hold an item twice",
    "additionalProperties": lambda kind, value: f"has fields that are not allowed: {', '.join(map(_shown, kind.unexpected))}",
    "not": lambda kind, value: (
        "must not be null" if kind.schema == {"type": "null"} else f"must not be like {_shown(kind.schema)}"
    ),
}
