"""Files that an answer names by address: fetched with limits on size, time, type and place.

An address in an answer is data from outside. It must not lead to this machine's network, so the address that is connected to
is checked at the moment of connecting, after every redirect and whatever a name resolved to before.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import socket
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any
from urllib.parse import unquote_to_bytes, urljoin, urlsplit

from genarun.errors import ProviderError
from genarun.providers.base import File
from genarun.providers.faults import plain_address, retry_after
from genarun.providers.media import MOST_READ, smaller, sniff

MOST_REDIRECTS = 5

_NAT64 = ip_network("64:ff9b::/96")


async def fetch(
    url: str,
    *,
    max_bytes: int,
    timeout: float,  # noqa: ASYNC109 - it spans redirects, which a caller cannot see
    allow_private: bool,
    media: tuple[str, ...],
    env: Mapping[str, str] | None = None,
) -> File:
    """The file at an http, https or data address.

    timeout: seconds for all of it. media: types allowed, `image/png` or all of a kind as `image`. env: where proxies are named.
    Sends no credentials, whatever the address holds. Raises ProviderError; its texts never show an address's query.
    """
    if url[:5].lower() == "data:":
        data = _inline(url, max_bytes, media)
        return File(data=data, media_type=_typed(data, None, media, "the answer"))
    try:
        async with asyncio.timeout(timeout):
            return await _download(url, max_bytes, allow_private, media, env or {})
    except TimeoutError:
        raise ProviderError(
            "download-timeout", f"{plain_address(url)} did not arrive within {timeout:g} s", retry=True
        ) from None


def public(address: str) -> bool:
    """Whether an IP address is one of the open internet, with those looked through that carry an IPv4 address inside."""
    ip = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address):
        inner: IPv4Address | None = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is None and ip in _NAT64:
            inner = IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return public(str(inner))
    return ip.is_global and not ip.is_multicast


async def _download(url: str, max_bytes: int, allow_private: bool, media: tuple[str, ...], env: Mapping[str, str]) -> File:
    import aiohttp  # heavy, and most runs download nothing

    from genarun.providers.http import CONNECT_SECONDS, proxy_for, tls  # for the same reason

    refused: list[str] = []

    def checked_socket(found: Any) -> socket.socket:
        family, kind, protocol, _, place = found
        if not allow_private and not public(place[0]):
            refused.append(place[0])
            raise OSError("private address")
        return socket.socket(family, kind, protocol)

    for _ in range(MOST_REDIRECTS + 1):
        shown = _check_address(url)
        proxy = proxy_for(url, env)
        if proxy is not None and not allow_private:
            await _check_name(url, shown)  # the proxy connects for us, so this is all that can be known here
        connector = aiohttp.TCPConnector(ssl=tls(url), socket_factory=None if proxy else checked_socket)
        limits = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS)
        try:
            async with (
                aiohttp.ClientSession(connector=connector, timeout=limits, cookie_jar=aiohttp.DummyCookieJar()) as session,
                session.get(
                    _without_user(url), allow_redirects=False, proxy=proxy, headers={"Accept-Encoding": "identity"}
                ) as response,
            ):
                if response.status in (301, 302, 303, 307, 308) and (target := response.headers.get("Location")):
                    url = urljoin(url, target)
                    continue
                if response.status != 200:
                    raise _not_there(response.status, response.headers, shown)
                data = await _body(response, max_bytes, media, shown)
                return File(data=data, media_type=_typed(data, response.content_type, media, shown))
        except (aiohttp.ClientError, OSError, ValueError) as error:
            if refused:
                raise _private(shown) from error
            raise ProviderError(
                "download-lost", f"{shown} cannot be downloaded: the connection failed", hint="Check the network.", retry=True
            ) from error
    raise ProviderError("download-redirects", f"{shown} leads from one address to the next without an end")


def _check_address(url: str) -> str:
    """The address as it can be shown. Raises ProviderError for one that cannot be fetched."""
    try:
        parts = urlsplit(url)
        if parts.scheme.lower() in ("http", "https") and parts.hostname and (parts.port is None or parts.port > 0):
            return plain_address(url)
        scheme = parts.scheme[:20]
    except ValueError:
        scheme = ""
    raise ProviderError(
        "download-address", f"the answer names a file by an address that is neither http, https nor data: {scheme or '(none)'}:"
    )


def _without_user(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment="").geturl()


async def _check_name(url: str, shown: str) -> None:
    host = urlsplit(url).hostname or ""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        return  # known to the proxy alone
    if not all(public(str(place[0])) for *_, place in found):
        raise _private(shown)


def _private(shown: str) -> ProviderError:
    return ProviderError(
        "download-private",
        f"{shown} is in a private network, and downloads do not go there",
        hint="If it is yours, allow it: `assets: {allowPrivate: true}` in the tree or in trees/defaults.yaml.",
    )


def _not_there(status: int, headers: Mapping[str, str], shown: str) -> ProviderError:
    if status >= 500 or status in (408, 425, 429):
        return ProviderError(
            "download-unavailable",
            f"{shown} is not to be had at the moment (HTTP {status})",
            status=status,
            retry=True,
            retry_after=retry_after(headers),
        )
    return ProviderError(
        "download-refused",
        f"{shown} is not to be had (HTTP {status})",
        hint="Addresses of generated files expire; run again to have it made again.",
        status=status,
    )


async def _body(response: Any, max_bytes: int, media: tuple[str, ...], shown: str) -> bytes:
    if response.content_length is not None and response.content_length > max_bytes:
        raise _too_large(shown, response.content_length, max_bytes, media)
    parts: list[bytes] = []
    size = 0
    async for part in response.content.iter_chunked(65536):
        size += len(part)
        if size > max_bytes:
            raise _too_large(shown, None, max_bytes, media)
        parts.append(part)
    return b"".join(parts)


def _too_large(shown: str, size: int | None, max_bytes: int, media: tuple[str, ...]) -> ProviderError:
    """size: where the service said it. Of a picture that is going to be converted, `MOST_READ` bytes are allowed."""
    medium = media[0] if len(media) == 1 else ""
    what = f"more than the {max_bytes:,} bytes" if size is None else f"{size:,} bytes, more than the {max_bytes:,}"
    return ProviderError(
        "download-too-large",
        f"{shown} has {what} allowed",
        hint=smaller(medium, size, webp=medium == "image" and max_bytes < MOST_READ),
    )


def _typed(data: bytes, header: str | None, media: tuple[str, ...], shown: str) -> str | None:
    """The type that the bytes show. A header is believed only where bytes of its type cannot be told apart."""
    found = sniff(data)
    if found is None and header is not None and header.startswith("text/") and b"\0" not in data[:1000]:
        found = header
    if found is not None and (found in media or found.partition("/")[0] in media):
        return found
    claim = f", though it is said to be {header[:60]}" if header and header != found else ""
    raise ProviderError(
        "download-type",
        f"{shown} is no file of the kind wanted ({', '.join(media)}): it is {found or 'of unknown type'}{claim}",
    )


def _inline(url: str, max_bytes: int, media: tuple[str, ...]) -> bytes:
    head, comma, body = url.partition(",")
    if len(body) // 4 * 3 > max_bytes + 3:
        raise _too_large("the file in the answer", None, max_bytes, media)
    try:
        data = unquote_to_bytes(body)
        if head.lower().endswith(";base64"):
            data = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if not comma or not data:
        raise ProviderError("download-broken", "the answer holds a data: address that cannot be read", retry=True)
    if len(data) > max_bytes:
        raise _too_large("the file in the answer", len(data), max_bytes, media)
    return data
