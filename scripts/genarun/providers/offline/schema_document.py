"""A JSON Schema (draft 2020-12) as one document in which every reference can be followed; the words its readers share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote, unquote, urljoin

Json = Any
Schema = Any  # a mapping or a bool

ROOT = "#/$defs/root"
_ALL_WORDS = "null boolean integer fraction string array object"
ALL = frozenset(_ALL_WORDS.split())
FRESH_NAMES = ("note", "source", "place", "mood", "detail")
"""Names for properties that no part of a schema names."""

_DYNAMIC = "dynamic"
_MAPS = {"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"}
_LISTS = {"allOf", "anyOf", "oneOf", "prefixItems"}
_SINGLE = {"items", "additionalProperties", "propertyNames", "contains", "not", "if", "then", "else"}
_SINGLE |= {"unevaluatedProperties", "unevaluatedItems"}


def atoms(types: str | Sequence[str]) -> frozenset[str]:
    """The values of `type` as this package counts them: a number is an integer or a fraction."""
    found: set[str] = set()
    for name in [types] if isinstance(types, str) else types:
        found |= {"integer", "fraction"} if name == "number" else {name}
    return frozenset(found)


def plain(schema: Schema) -> dict[str, Any]:
    """A document `{"$defs": {"root": schema}}` whose references all start with `#/$defs/root`; `$id` and anchors resolved.

    A `$dynamicRef` leads to the first `$dynamicAnchor` of its name in the document, which is the outermost one where schemas
    are written as they are meant to be; a schema that makes it lead elsewhere on the way is read wrongly.
    """
    names = {"": ROOT}
    _collect(schema, ROOT, "", names)
    return {"$defs": {"root": _rewrite(schema, "", names)}}


def _children(schema: Mapping[str, Any]) -> Iterator[tuple[str, Schema]]:
    """Every subschema with its pointer inside `schema`."""
    for key, value in schema.items():
        if key in _MAPS and isinstance(value, Mapping):
            for name, inner in value.items():
                yield f"{key}/{_escape(str(name))}", inner
        elif key in _LISTS and isinstance(value, list):
            for place, inner in enumerate(value):
                yield f"{key}/{place}", inner
        elif key in _SINGLE:
            yield key, value


def _escape(name: str) -> str:
    return quote(name.replace("~", "~0").replace("/", "~1"), safe="")


def _base(schema: Mapping[str, Any], base: str) -> str:
    """The address that references inside of `schema` are relative to."""
    own = schema.get("$id")
    return urljoin(base, own).partition("#")[0] if isinstance(own, str) else base


def _collect(schema: Schema, pointer: str, base: str, names: dict[str, str]) -> None:
    """Note the pointer of everything that has a name: by address, by address and anchor, by dynamic anchor alone."""
    if not isinstance(schema, Mapping):
        return
    base = _base(schema, base)
    names.setdefault(base, pointer)
    for key, prefix in (("$anchor", base), ("$dynamicAnchor", base), ("$dynamicAnchor", _DYNAMIC)):
        if isinstance(schema.get(key), str):
            names.setdefault(f"{prefix}#{schema[key]}", pointer)
    for inner, child in _children(schema):
        _collect(child, f"{pointer}/{inner}", base, names)


def _rewrite(schema: Schema, base: str, names: Mapping[str, str]) -> Schema:
    if not isinstance(schema, Mapping):
        return schema
    base = _base(schema, base)
    found: dict[str, Any] = {}
    for key, value in schema.items():
        if key in ("$ref", "$dynamicRef") and isinstance(value, str):
            found["$ref"] = names.get(_DYNAMIC + value) if key == "$dynamicRef" else None
            found["$ref"] = found["$ref"] or _target(value, base, names)
        elif key in ("$id", "$anchor", "$dynamicAnchor", "$schema") and isinstance(value, str):
            continue
        elif key in _MAPS and isinstance(value, Mapping):
            found[key] = {name: _rewrite(inner, base, names) for name, inner in value.items()}
        elif key in _LISTS and isinstance(value, list):
            found[key] = [_rewrite(inner, base, names) for inner in value]
        elif key in _SINGLE:
            found[key] = _rewrite(value, base, names)
        else:
            found[key] = value
    return found


def _target(ref: str, base: str, names: Mapping[str, str]) -> str:
    address, _, fragment = (base + ref if ref.startswith("#") else urljoin(base, ref)).partition("#")
    if fragment and not fragment.startswith("/"):
        return names.get(f"{address}#{fragment}", ref)
    return names[address] + fragment if address in names else ref


def look_up(document: Mapping[str, Any], ref: str) -> Schema | None:
    """What `ref` points to, None where there is nothing."""
    if not ref.startswith("#/"):
        return None
    here: Any = document
    for step in ref[2:].split("/"):
        name = unquote(step).replace("~1", "/").replace("~0", "~")
        if isinstance(here, Mapping) and name in here:
            here = here[name]
        elif isinstance(here, list) and name.isdigit() and int(name) < len(here):
            here = here[int(name)]
        else:
            return None
    return here
