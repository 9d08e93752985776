"""Requests that carry files: `multipart/form-data`, named and ordered as the SDK does it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256

from aiohttp import MultipartWriter

from genarun.errors import ProviderError
from genarun.providers.base import Attachment, Json
from genarun.providers.faults import Service
from genarun.providers.media import EXTENSIONS


async def form(
    service: Service, fields: Mapping[str, Json], files: Sequence[tuple[str, Attachment]] = ()
) -> tuple[bytes, dict[str, str]]:
    """The body and its headers. files: each with the name of its field.

    The same request is the same bytes: the line between parts is a digest of them. Raises ProviderError (`request-not-form`).
    """
    try:
        parts: list[tuple[str, str | None, str, bytes]] = [
            (name, None, "text/plain; charset=utf-8", text.encode()) for name, text in _flat(fields)
        ]
    except UnicodeEncodeError as error:
        raise ProviderError(
            "request-not-form",
            f"the request to {service.name} cannot be written as a form: it holds broken characters",
            hint="Look for broken characters in the prompt and in the parameters.",
        ) from error
    for number, (name, picture) in enumerate(files, 1):
        kind = picture.media_type or "application/octet-stream"
        parts.append((name, f"picture-{number}.{EXTENSIONS.get(kind, 'bin')}", kind, picture.data))
    writer = MultipartWriter("form-data", boundary=sha256(b"\0".join(part[3] for part in parts)).hexdigest()[:40])
    for name, file, kind, data in parts:
        part = writer.append(data, {"Content-Type": kind})
        if file is None:
            part.set_content_disposition("form-data", name=name)
        else:
            part.set_content_disposition("form-data", name=name, filename=file)
    return await writer.as_bytes(), {"content-type": writer.content_type}


def _flat(fields: Mapping[str, Json]) -> Iterator[tuple[str, str]]:
    """Every value as text under its name: `svg[model]` within an object, `tags[]` within a list. What is null is left out."""
    for name, value in fields.items():
        if isinstance(value, Mapping):
            yield from _flat({f"{name}[{inner}]": part for inner, part in value.items()})
        elif isinstance(value, (list, tuple)):
            for part in value:
                yield from _flat({f"{name}[]": part})
        elif isinstance(value, bool):
            yield name, "true" if value else "false"
        elif value is not None:
            yield name, str(value)
