"""The suite's own guard: no test, and no process that a test starts, reaches beyond this machine."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys

import pytest

from tests.services.ask import ask, openai, text


def test_nothing_beyond_this_machine_can_be_reached() -> None:
    with socket.socket() as line, pytest.raises(AssertionError, match="only this machine"):
        line.connect(("93.184.216.34", 80))
    with pytest.raises(AssertionError, match="only this machine"):
        socket.create_connection(("example.com", 80))
    with pytest.raises(AssertionError, match="only this machine"):
        asyncio.run(asyncio.open_connection("8.8.8.8", 53))
    with pytest.raises(AssertionError, match="only this machine"):
        ask(openai("https://93.184.216.34/v1"), text())
    with pytest.raises(socket.gaierror):
        socket.getaddrinfo("models.invalid", 443)


def test_processes_that_tests_start_are_guarded_too() -> None:
    code = "import socket; socket.create_connection(('example.com', 80))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "only this machine may be reached" in found.stderr


def test_no_real_key_and_no_proxy_is_seen() -> None:
    assert not [name for name in os.environ if name.startswith(("OPENAI_", "REPLICATE_")) or name.lower().endswith("_proxy")]
