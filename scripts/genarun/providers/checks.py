"""Checks that providers share: of the address they are given, and of pictures that come inside an answer."""

from __future__ import annotations

import base64
import binascii
from urllib.parse import urlsplit

from genarun.errors import SetupError
from genarun.providers.base import File
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
