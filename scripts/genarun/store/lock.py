"""One run of a tree at a time."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from genarun.errors import SetupError
from genarun.store.files import disk_error, load_json
from genarun.store.layout import TreeFolder
from genarun.store.records import utc

_DOING: Final = "take the tree's lock"


@contextmanager
def lock(tree: TreeFolder, now: datetime | None = None) -> Iterator[None]:
    """Hold the tree while the block runs. The system frees it when the process ends, however it ends.

    now: for the message that others see. Raises SetupError when another process (or this one) holds it, StoreError where the
    folder cannot be written to.
    """
    path = tree.lock_file
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        held = FileLock(path, timeout=0, thread_local=False)
        held.acquire()
    except Timeout:
        raise SetupError(
            "tree-locked",
            f"another run of this tree is going on: {_holder(path)}",
            f"tree {tree.name}",
            "Wait until it ends, or stop it with Ctrl-C there; then run this again.",
        ) from None
    except OSError as error:
        raise disk_error(error, path, _DOING) from error
    try:
        _sign(path, now or datetime.now(UTC))
        yield
    finally:
        held.release()


def _sign(path: Path, now: datetime) -> None:
    """Who holds it. Written in place: a rename would put a file there that nobody has locked."""
    try:
        path.write_text(json.dumps({"pid": os.getpid(), "host": socket.gethostname(), "since": utc(now)}), encoding="utf-8")
    except OSError:
        return  # only words for others; a full disk is told when something that matters is written


def _holder(path: Path) -> str:
    try:
        said = load_json(path.read_bytes())
        return f"process {int(said['pid'])} on {str(said['host'])[:80]}, since {str(said['since'])[:40]}"
    except (OSError, ValueError, TypeError, KeyError):
        return "a process that has not said which"
