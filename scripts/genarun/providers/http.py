"""HTTP to model services: one lean aiohttp session per provider. docs/decisions/2026-11-21-transport.md says why aiohttp.

Time-outs of whole calls, retries and limits belong to the engine; nothing here waits, repeats or counts.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from genarun.errors import ProviderError, SetupError
from genarun.providers.faults import Service, plain_address

CONNECT_SECONDS = 20.0


class Transport:
    """A session with one service, opened inside the running loop at the first request."""

    __slots__ = ("_env", "_headers", "_session", "service")

    def __init__(self, service: Service, headers: Mapping[str, str], env: Mapping[str, str]) -> None:
        """headers: sent with every request. env: where proxies are named (`HTTPS_PROXY`, `NO_PROXY`, …)."""
        self.service = service
        self._headers = CIMultiDict(headers)
        self._env = env
        self._session: aiohttp.ClientSession | None = None

    async def send(
        self, method: str, url: URL, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, CIMultiDictProxy[str], bytes]:
        """One request and its whole answer: status, headers, body. Raises ProviderError for whatever the network does."""
        session = self._session or self._open()
        try:
            async with session.request(method, url, data=body, headers=headers, allow_redirects=False) as response:
                return response.status, response.headers, await response.read()
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            raise network_fault(self.service, error) from error

    def _open(self) -> aiohttp.ClientSession:
        proxy = proxy_for(self.service.base_url, self._env)
        self._session = aiohttp.ClientSession(
            # The engine limits calls; a second limit here could only get in its way.
            connector=aiohttp.TCPConnector(limit=0, limit_per_host=0, ttl_dns_cache=300, ssl=tls(self.service.base_url)),
            headers=self._headers,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
            # aiohttp's own trust_env asks a thread for the proxy at every request; it is the same for all of them.
            trust_env=False,
            proxy=proxy,
        )
        return self._session

    async def close(self) -> None:
        """Close all connections."""
        if self._session is not None:
            session, self._session = self._session, None
            await session.close()


def proxy_for(url: str, env: Mapping[str, str]) -> str | None:
    """The proxy that the environment names for an address, or None. Raises SetupError for a kind that is not supported."""
    proxies = {name.lower()[:-6]: value.strip() for name, value in env.items() if name.lower().endswith("_proxy")}
    proxies = {name: value for name, value in proxies.items() if value}
    parts = urlsplit(url)
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    if not proxy or _goes_past(parts.hostname or "", parts.port, proxies.get("no", "")):
        return None
    if "://" not in proxy:
        proxy = f"http://{proxy}"
    if not proxy.startswith(("http://", "https://")):
        raise SetupError(
            "proxy-unsupported",
            f"the proxy {plain_address(proxy)} is of a kind that is not supported",
            hint="Use an HTTP proxy, or name the host in NO_PROXY.",
        )
    return proxy


def _goes_past(host: str, port: int | None, listed: str) -> bool:
    """Whether NO_PROXY lists a host: by its name, a domain above it, `host:port`, or `*`."""
    for entry in (part.strip().lower() for part in listed.split(",")):
        name, _, only = entry.rpartition(":") if entry.rpartition(":")[2].isdigit() else (entry, "", "")
        name = name.lstrip("*").lstrip(".")
        if entry == "*" or (name and (host == name or host.endswith(f".{name}")) and (not only or only == str(port))):
            return True
    return False


def tls(url: str) -> ssl.SSLContext | bool:
    """How certificates are checked: by the system's authorities, or certifi's where the system has none."""
    if not url.startswith("https:"):
        return True
    paths = ssl.get_default_verify_paths()
    if paths.cafile or (paths.capath and any(Path(paths.capath).iterdir())):
        return True  # aiohttp's own context, made once per process
    import certifi  # only where a Python comes without authorities, as some builds for macOS do

    return ssl.create_default_context(cafile=certifi.where())


def network_fault(service: Service, error: BaseException) -> ProviderError:
    """The error for a request that got no whole answer."""
    name, place = service.name, plain_address(service.base_url)
    if isinstance(error, ValueError) and not isinstance(error, (aiohttp.ClientError, ssl.SSLError)):
        return ProviderError(
            "request-unsendable",
            f"a request to {name} at {place} cannot be put into HTTP",
            hint="Check the key and the base URL for characters that do not belong there.",
            fatal=True,
        )
    if isinstance(error, (aiohttp.ClientConnectorCertificateError, ssl.SSLCertVerificationError)):
        return ProviderError(
            "certificate-rejected",
            f"the certificate of {name} at {place} cannot be trusted",
            hint="Check the base URL; behind a company proxy, set SSL_CERT_FILE to its authority.",
            fatal=True,
        )
    if isinstance(error, (aiohttp.ClientSSLError, ssl.SSLError)):
        return ProviderError("tls-failed", f"no secure connection to {name} at {place} came about", retry=True)
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return ProviderError(
            "host-unknown",
            f"the address of {name}, {place}, cannot be resolved",
            hint="Check the network and the base URL.",
            retry=True,
        )
    if isinstance(error, (aiohttp.ClientProxyConnectionError, aiohttp.ClientHttpProxyError)):
        return ProviderError(
            "proxy-failed",
            f"the proxy on the way to {name} does not answer, or refuses",
            hint="Check HTTPS_PROXY, HTTP_PROXY and NO_PROXY.",
            retry=True,
        )
    if isinstance(error, (aiohttp.ServerTimeoutError, asyncio.TimeoutError)):
        return ProviderError("connect-timeout", f"{name} at {place} did not take the connection in time", retry=True)
    if isinstance(error, aiohttp.ClientConnectorError):
        if isinstance(error.os_error, ConnectionRefusedError):
            return ProviderError(
                "connection-refused",
                f"{name} at {place} refuses connections",
                hint="Is the service running, and is the base URL right?",
                retry=True,
            )
        return ProviderError("connection-failed", f"{name} at {place} cannot be reached", hint="Check the network.", retry=True)
    if isinstance(error, aiohttp.ClientResponseError):
        return ProviderError("answer-not-http", f"{name} at {place} answered with something that is not HTTP", retry=True)
    return ProviderError("connection-lost", f"{name} dropped the connection before its answer was whole", retry=True)
