"""The way of the `replicate` SDK's requests: over our own transport, handed to it by its `transport` argument.

The pool of httpx 0.28 does not hold 64 connections (docs/decisions/2026-11-21-transport.md). Errors are raised here, below the
SDK, so that they keep the service's words and headers, and its own repeating of requests stays out.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any, TypeVar

import orjson
from yarl import URL

from genarun.providers.faults import Service, misses, not_json, refused
from genarun.providers.http import Transport

Json = Any
Answer = TypeVar("Answer")

ASKED: ContextVar[str] = ContextVar("ASKED", default="")
"""The model that the current call asks: the SDK keeps it from the transport, whose errors name it."""

_OWN_HEADERS = ("host", "connection", "content-length", "accept-encoding")
"""Headers that our transport writes itself."""

_EXAMPLE = ("id", "model", "version", "status")
"""What the SDK needs of a model's example to take it for a prediction."""


def carrier(http: Transport) -> Any:
    """An httpx transport that carries requests over ours, and raises ProviderError for every status that is no success."""
    import httpx  # comes with the SDK

    service = http.service

    class Carrier(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            body = await request.aread()
            headers = {name: value for name, value in request.headers.items() if name not in _OWN_HEADERS and value}
            url = str(request.url)
            status, given, answer = await http.send(request.method, URL(url, encoded=True), body or None, headers)
            if not 200 <= status < 300:
                raise refused(service, ASKED.get(), status, given, answer, url)
            try:
                found = orjson.loads(answer)
            except orjson.JSONDecodeError:
                raise not_json(service, answer) from None
            if not isinstance(found, dict):
                raise misses(service, "an object")
            return httpx.Response(status, json=as_known(found), request=request)

    return Carrier()


async def guarded(service: Service, ask: Callable[[], Awaitable[Answer]], what: str) -> Answer:
    """Ask the SDK. What it cannot make of an answer is the service's fault; all else was judged by the carrier before."""
    try:
        return await ask()
    except (ValueError, TypeError, AttributeError) as error:  # pydantic's errors are ValueErrors
        raise misses(service, what) from error


def as_known(found: dict[str, Json]) -> dict[str, Json]:
    """An answer in the words that the SDK knows. The API's description of today says more, and allows null in more places."""
    if found.get("status") == "aborted":  # it ends a prediction as `canceled` does
        found["status"] = "canceled"
    if "checksums" in found:  # a file
        return {"name": "", "etag": ""} | found
    if "openapi_schema" in found:  # a version
        return _version(found)
    models = found.get("models")  # of a collection
    for model in models if isinstance(models, list) else [found]:
        if not isinstance(model, dict):
            continue
        if isinstance(version := model.get("latest_version"), dict):
            model["latest_version"] = _version(version)
        if isinstance(example := model.get("default_example"), dict):
            known = example.get("status") != "aborted" and all(isinstance(example.get(name), str) for name in _EXAMPLE)
            model["default_example"] = example if known else None
    return found


def _version(found: dict[str, Json]) -> dict[str, Json]:
    return found | {"openapi_schema": found.get("openapi_schema") or {}, "cog_version": found.get("cog_version") or ""}
