"""GitHub's API on this machine: npm `emulate`, installed once into `.tools/github-node`, started anew for each user of it."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / ".tools" / "github-node"
VERSION = "0.12.2"
TOKEN = "test_token_admin"
STRANGER = "test_token_stranger"
SEED = """
tokens:
  test_token_admin: {login: admin, scopes: [repo, user]}
  test_token_stranger: {login: stranger, scopes: [repo, user]}
github:
  users: [{login: admin}, {login: stranger}]
  repos: [{owner: admin, name: zoo, auto_init: true}]
"""
"""Two people, and a repository of the first."""


@dataclass(frozen=True)
class GitHub:
    """An emulated GitHub. url: of its API."""

    url: str

    def ask(self, method: str, path: str, body: Any = None, token: str = TOKEN) -> Any:
        """One request, as a person's script would make it; the JSON that came back."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.loads(answer.read() or b"null")


def _bin(name: str) -> str:
    return str(Path(sys.executable).parent / name)


def installed() -> Path:
    """The program `emulate`; installed where it is missing, by one process at a time."""
    program = TOOLS / "node_modules" / "emulate" / "dist" / "index.js"
    TOOLS.mkdir(parents=True, exist_ok=True)
    with FileLock(TOOLS / ".lock"):
        if not program.exists():
            (TOOLS / "package.json").write_text(json.dumps({"private": True, "dependencies": {"emulate": VERSION}}))
            words = [_bin("npm"), "install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(TOOLS)]
            path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
            subprocess.run(words, check=True, capture_output=True, timeout=240, env={**os.environ, "PATH": path})
    return program


@contextlib.contextmanager
def emulated_github(seed: str = SEED) -> Iterator[GitHub]:
    """An emulated GitHub that nobody else uses; gone at the end. seed: YAML of its tokens, users and repositories."""
    program = installed()
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder, "seed.yaml")
        config.write_text(seed)
        yield from _serving(program, config)


def _serving(program: Path, config: Path) -> Iterator[GitHub]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [_bin("node"), str(program), "--service", "github", "--port", str(port), "--seed", str(config)]
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environ)
    try:
        found = GitHub(f"http://localhost:{port}")  # the name by which its own answers call it
        _wait(found, process)
        yield found
    finally:
        process.terminate()
        process.wait(20)


def _wait(github: GitHub, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 30
    while True:
        try:
            github.ask("GET", "/user")
        except OSError:
            if process.poll() is not None or time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return
