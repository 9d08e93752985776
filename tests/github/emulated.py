"""The GitHub API that `emulate` keeps in a process of its own: npm's package, installed from its lock into .tools/."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock

HERE = Path(__file__).parent
NODE = HERE.parents[1] / ".tools" / "github-api"
BIN = Path(sys.prefix) / "bin"
TOKEN = "test_token_admin"
USER = "admin"
STRANGER, STRANGERS_TOKEN = "mallory", "test_token_mallory"
"""Somebody who may read and nothing more."""


def installed() -> Path:
    """The program, installed where the lock has changed since."""
    NODE.mkdir(parents=True, exist_ok=True)
    stamp, lock = NODE / ".stamp", (HERE / "package-lock.json").read_text()
    with FileLock(NODE / ".lock"):
        if not stamp.is_file() or stamp.read_text() != lock:
            for name in ("package.json", "package-lock.json"):
                shutil.copy2(HERE / name, NODE / name)
            words = [BIN / "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
            # Node brings authorities of its own, which do not know a company's proxy.
            env = {"PATH": f"{BIN}:/usr/bin:/bin", "HOME": str(Path.home()), "NODE_USE_SYSTEM_CA": "1"}
            subprocess.run(words, cwd=NODE, check=True, env=env, capture_output=True, timeout=200)
            stamp.write_text(lock)
    return NODE / "node_modules" / ".bin" / "emulate"


@contextmanager
def emulated() -> Iterator[str]:
    """A GitHub that knows nothing yet but the user `admin`; its base URL."""
    program = installed()
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        port = place.getsockname()[1]
    words = [BIN / "node", program, "--service", "github", "--port", str(port), "--seed", HERE / "emulate.yaml"]
    process = subprocess.Popen(
        words,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={"PATH": f"{BIN}:/usr/bin:/bin"},
    )  # fmt: skip
    url = f"http://localhost:{port}"
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(url, timeout=1).close()
                break
            except urllib.error.HTTPError:
                break
            except OSError:
                time.sleep(0.05)
        yield url
    finally:
        process.terminate()
        process.wait(10)
