"""What providers share: whom their settings lead to, amounts, requests as JSON, pictures that come inside an answer."""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Mapping
from urllib.parse import urlsplit

import orjson

from genarun.errors import ProviderError, SetupError
from genarun.providers.base import File, Json, ProviderInfo, Settings
from genarun.providers.catalog import address, key_variable
from genarun.providers.faults import Service, misses
from genarun.providers.media import sniff


def check_address(name: str, base: str) -> None:
    """Raises SetupError (`base-url-invalid`) for what cannot be a base URL."""
    try:
        parts = urlsplit(base)
        fine = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
        fine = fine and not (parts.username or parts.password or parts.query or parts.fragment)
    except ValueError:
        fine = False
    if not fine:
        raise SetupError(
            "base-url-invalid",
            f"the base URL of {name} is not an address that can be called",
            hint="Write it as https://host/path, without user, password, `?` or `#`.",
        )


def service_of(info: ProviderInfo, settings: Settings) -> tuple[Service, str]:
    """The service that a tree's settings lead to, and its key, empty where there is none.

    Raises SetupError (`base-url-invalid`).
    """
    base = address(info, settings) or ""
    check_address(settings.name, base)
    variable = key_variable(info, settings)
    key = settings.env.get(variable, "").strip() if variable else ""
    key_url = info.key_url if variable == info.key_env else None
    return Service(settings.name, base, variable, key_url, (key,) if key else ()), key


def header_lines(text: str) -> dict[str, str]:
    """Headers as SDKs take them from a variable: one `Name: value` per line."""
    parts = (line.partition(":") for line in text.splitlines())
    return {name.strip(): value.strip() for name, colon, value in parts if colon}


def encode(service: Service, body: Mapping[str, Json]) -> bytes:
    """A request as JSON. Raises ProviderError (`request-not-json`), for a lone surrogate, say."""
    try:
        return orjson.dumps(body, default=dict)
    except TypeError as error:
        raise ProviderError(
            "request-not-json",
            f"the request to {service.name} cannot be written as JSON: {error}",
            hint="Look for broken characters in the prompt, or numbers beyond 64 bits in the parameters.",
        ) from error


def picture_of(service: Service, encoded: str) -> File:
    """A file from base64, as such or as a `data:` address."""
    if encoded.startswith("data:"):
        encoded = encoded.partition(",")[2]
    try:
        data = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise misses(service, "a picture in base64") from None
    if not data:
        raise misses(service, "a picture")
    return File(data=data, media_type=sniff(data))


def number(found: Json) -> float | None:
    """An amount, also where it is written as text, or None."""
    try:
        value = float(found) if isinstance(found, (int, float, str)) and not isinstance(found, bool) else -1.0
    except (ValueError, OverflowError):
        return None
    return value if math.isfinite(value) and value >= 0 else None


def asked_seconds(params: Mapping[str, Json]) -> float | None:
    """How long a film shall be, by whichever name the service has for it; None where the request does not say."""
    return next((number(params[name]) for name in ("seconds", "duration", "duration_seconds") if name in params), None)
