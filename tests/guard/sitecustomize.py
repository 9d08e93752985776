"""Refuses every connection that leaves this machine. Python imports a module of this name at its start."""

from __future__ import annotations

import socket
from ipaddress import ip_address
from typing import Any


def _local(host: object) -> bool:
    if host in (None, "", "localhost", b"localhost"):
        return True
    try:
        return ip_address(host.decode() if isinstance(host, bytes) else str(host).partition("%")[0]).is_loopback
    except ValueError:
        return False


def _refuse(address: object) -> AssertionError:
    # Not an OSError, nor a RuntimeError, which connecting code takes for a host that does not answer.
    return AssertionError(f"a test tried to reach {address!r}: only this machine may be reached")


def guard() -> None:
    """Install the guard; a second time does nothing."""
    if getattr(socket, "_genarun_guard", False):
        return
    connect, connect_ex, getaddrinfo = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def check(sock: socket.socket, address: Any) -> None:
        if sock.family in (socket.AF_INET, socket.AF_INET6) and not _local(address[0]):
            raise _refuse(address)

    def guarded_connect(self: socket.socket, address: Any) -> None:
        check(self, address)
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        check(self, address)
        return connect_ex(self, address)

    def guarded_getaddrinfo(host: Any, *more: Any, **named: Any) -> Any:
        try:
            literal = ip_address(host.decode() if isinstance(host, bytes) else str(host))
        except ValueError:
            literal = None
        name = host.decode() if isinstance(host, bytes) else host
        if isinstance(name, str) and name.endswith(".invalid"):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")  # what every resolver says (RFC 6761)
        if literal is None and not _local(host):
            raise _refuse(host)
        return getaddrinfo(host, *more, **named)

    socket.socket.connect = guarded_connect  # type: ignore[method-assign]
    socket.socket.connect_ex = guarded_connect_ex  # type: ignore[method-assign]
    socket.getaddrinfo = guarded_getaddrinfo
    socket._genarun_guard = True  # type: ignore[attr-defined]


guard()
