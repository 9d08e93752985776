"""A real disk that is full, and one that is read-only: nothing is lost, and the message helps.

Each scene of `on_mount` runs in a process of its own, on a tmpfs that only this process sees. Root's rights do not count on a
read-only mount, so this holds for root too, whom permission bits would not stop.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from tests.store.near import ROOT
from tests.store.on_mount import SCENES

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="mounts a tmpfs")

MOUNT = 'mount -t tmpfs -o size=8m none "$1" && shift && exec "$@"'


@cache
def apart() -> tuple[str, ...]:
    """The command that gives a process its own mounts: as root, as an ordinary user, or by sudo without a password."""
    for prefix in [("unshare", "-m"), ("unshare", "-rm"), ("sudo", "-n", "-E", "unshare", "-m")]:
        if shutil.which(prefix[0]) is None:
            continue
        tried = subprocess.run([*prefix, "sh", "-c", 'mount -t tmpfs -o size=1m none "$1"', "sh", "/mnt"], capture_output=True)
        if tried.returncode == 0:
            return prefix
    pytest.fail("these tests mount a small disk: run them as root, where `unshare -rm` works, or with passwordless sudo")


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_on_a_disk_of_its_own(tmp_path: Path, scene: Callable[[Path], None]) -> None:
    path = os.pathsep.join([str(ROOT), str(ROOT / "scripts"), os.environ.get("PYTHONPATH", "")])
    inner = ["env", f"PYTHONPATH={path}", sys.executable, "-m", "tests.store.on_mount", scene.__name__, str(tmp_path)]
    done = subprocess.run([*apart(), "sh", "-c", MOUNT, "sh", str(tmp_path), *inner], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert os.listdir(tmp_path) == []
