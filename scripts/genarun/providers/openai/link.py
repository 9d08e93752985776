"""The way to one service: its addresses, how calls are sent, and what an answer that is none becomes.

The `openai` SDK says where calls go and what they carry (base URL, key, organisation, project, headers); the calls themselves
take our own transport, at a tenth of the processor time. A test holds the two to the same URL and headers.
docs/decisions/2026-11-21-transport.md has the numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import orjson
from yarl import URL

from genarun.providers.base import Json, ProviderInfo, Settings
from genarun.providers.catalog import OPENAI
from genarun.providers.checks import header_lines
from genarun.providers.faults import Service, misses, not_json, refused
from genarun.providers.http import Transport
from genarun.providers.openai.dialect import Dialect

if TYPE_CHECKING:
    from openai import AsyncOpenAI


class Link:
    """An open connection to one service. info, dialect: what is known of it. chat: where conversations go."""

    __slots__ = ("_root", "_sdk", "chat", "dialect", "http", "info", "service")

    def __init__(self, service: Service, settings: Settings, info: ProviderInfo, dialect: Dialect, key: str) -> None:
        self._sdk, headers = sdk_client(settings, info, service.base_url, key)
        self._root = str(self._sdk.base_url)
        self.service, self.info, self.dialect = service, info, dialect
        self.chat = URL(f"{self._root}chat/completions")
        self.http = Transport(service, headers, settings.env)

    async def send(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Status, headers and body of any answer. path: below the base URL, or an address that is the service's own."""
        return await self.http.send(method, self.url(path), body, headers)

    async def ask(
        self, method: str, path: str, model: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[Mapping[str, str], bytes]:
        """Headers and body of a success. Raises ProviderError for every other answer."""
        status, given, answer = await self.send(method, path, body, headers)
        if not 200 <= status < 300:
            raise refused(self.service, model, status, given, answer, str(self.url(path)))
        return given, answer

    def url(self, path: str) -> URL:
        """The address of a path below the base URL; what is an address already stays one."""
        return URL(path if "://" in path else f"{self._root}{path}")

    def owns(self, address: str) -> bool:
        """Whether an address that came in an answer is at the service itself, so that it may be sent the key."""
        try:
            return URL(address).origin() == URL(self._root).origin()
        except ValueError:
            return False

    async def close(self) -> None:
        """Close all connections."""
        await self.http.close()
        await self._sdk.close()


def sdk_client(settings: Settings, info: ProviderInfo, base: str, key: str) -> tuple[AsyncOpenAI, dict[str, str]]:
    """The SDK's client, made from the given environment, and the headers that its calls would carry.

    Organisation, project and custom headers belong to OpenAI's account; any other service, and one that the tree itself names,
    gets the key that is named for it and nothing else. Headers that describe the SDK's own transport are left out.
    """
    import httpx2  # as below
    import openai  # half a second to import, and only needed once a call is made

    env, own = settings.env, settings.base_url is None and info.name == OPENAI.name
    custom = header_lines(env.get("OPENAI_CUSTOM_HEADERS", "") if own else "")
    # Given as they are, and set again below: what is None here the SDK would look up in the process's environment.
    # Nothing is sent through the SDK's own transport; making a real one would read every certificate, a tenth of a second.
    unused = httpx2.AsyncClient(transport=httpx2.AsyncBaseTransport(), trust_env=False)
    client = openai.AsyncOpenAI(api_key=key or "none", base_url=base, max_retries=0, default_headers=custom, http_client=unused)
    client.organization = (env.get("OPENAI_ORG_ID") or None) if own else None
    client.project = (env.get("OPENAI_PROJECT_ID") or None) if own else None
    headers = {name.lower(): value for name, value in client.auth_headers.items() if key}
    for name, given in client.default_headers.items():
        if isinstance(given, str) and not name.lower().startswith("x-stainless-"):
            headers[name.lower()] = given
    if not own:
        headers = {name: headers[name] for name in ("accept", "content-type", "user-agent") if name in headers}
        headers |= {"authorization": f"Bearer {key}"} if key else {}
    return client, headers


def parse(service: Service, body: bytes) -> dict[str, Json]:
    """The JSON object that a body is."""
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise not_json(service, body) from None
    if not isinstance(found, dict):
        raise misses(service, "an object")
    return found


def decode(service: Service, body: bytes, model: str) -> dict[str, Json]:
    """The JSON object of a 200. Some gateways put errors there too, with the status inside."""
    found = parse(service, body)
    error = found.get("error")
    if error and not found.get("choices") and not found.get("data"):
        code = error.get("code") if isinstance(error, dict) else None
        status = code if isinstance(code, int) and 400 <= code < 600 else 502
        raise refused(service, model, status, {}, body)
    return found
