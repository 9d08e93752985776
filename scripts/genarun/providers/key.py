"""The reuse key of a request: what decides its answer, in canonical form (RFC 8785), hashed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import orjson
import rfc8785

from genarun.providers.base import Json, ModelRequest, Provider

_FAST = orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER

# Schemas are the same object in every instance of a node, and large: whether one may go the fast way is worth remembering.
# The object is kept beside the answer, so that its id cannot pass to another.
_SCHEMAS: dict[int, tuple[Mapping[str, Json], bool]] = {}


def request_key(provider: Provider, request: ModelRequest) -> str:
    """`sha256:` and the hex digest of everything that decides the answer; node, path, seed and `about` are left out.

    A provider whose answers depend on the seed says so in its `identity`.
    """
    return digest(key_content(provider.identity(request), request), request.schema)


def key_content(identity: Mapping[str, Json], request: ModelRequest) -> dict[str, Json]:
    """What is hashed. What came later is in it only where it is used, so that keys of earlier versions stay what they were."""
    content = {
        **identity,
        "medium": request.medium,
        "model": request.model,
        "params": request.params,
        "messages": request.messages,
        "schema": request.schema,
        "json": request.json,
    }
    if request.logprobs:
        content["logprobs"] = True
    return content


def digest(content: dict[str, Json], schema: Mapping[str, Json] | None = None) -> str:
    """`sha256:` of the canonical form of a JSON object. schema: the part of it that is known to be shared between calls."""
    return "sha256:" + sha256(canonical(content, schema)).hexdigest()


def canonical(content: dict[str, Json], schema: Mapping[str, Json] | None = None) -> bytes:
    """RFC 8785 bytes of a JSON object.

    Values outside of RFC 8785 (integers beyond 2^53, lone surrogates, NaN) have no canonical form there; they get one of
    ours, which starts with a byte that no JSON text starts with, so that it can equal no other value's.
    """
    if _same_both_ways(content, schema):
        try:
            return orjson.dumps(content, default=_plain, option=_FAST)
        except TypeError:  # a big integer or a lone surrogate
            pass
    try:
        return rfc8785.dumps(_plain_deep(content))
    except (ValueError, TypeError):
        return b"~" + json.dumps(_plain_deep(content), sort_keys=True, separators=(",", ":")).encode()


def _same_both_ways(content: Mapping[str, Any], schema: Mapping[str, Json] | None) -> bool:
    """Whether orjson with sorted keys writes exactly what RFC 8785 asks for."""
    if schema is not None:
        known = _SCHEMAS.get(id(schema))
        if known is None:
            if len(_SCHEMAS) > 500:
                _SCHEMAS.clear()
            known = _SCHEMAS[id(schema)] = (schema, _plain_enough(schema))
        if not known[1]:
            return False
    return all(
        key.isascii() and (value is schema if isinstance(value, Mapping) and value is schema else _plain_enough(value))
        for key, value in content.items()
    )


def _plain_enough(value: object) -> bool:
    kind = type(value)
    if kind is str or kind is int or kind is bool or value is None:
        return True  # orjson itself refuses lone surrogates and big integers
    if kind is float:
        # Both write the shortest digits; they differ in exponents and in whole numbers (`1.0` here, `1` there).
        return 1e-4 < abs(value) < 1e15 and value != int(value)  # type: ignore[arg-type, call-overload]
    if isinstance(value, Mapping):
        # Keys are ordered by UTF-16 there and by code point here, which is the same below the surrogates.
        return all(type(key) is str and key.isascii() and _plain_enough(item) for key, item in value.items())
    if isinstance(value, (list, tuple)):
        return all(map(_plain_enough, value))
    return False


def _plain(value: object) -> Any:
    """What orjson does not know: mappings that are no dict."""
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"not JSON: {type(value).__name__}")


def _plain_deep(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain_deep(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain_deep(item) for item in value]
    return value
