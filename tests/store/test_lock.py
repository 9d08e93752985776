"""One run of a tree at a time, and words for the other one."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from genarun.errors import SetupError, StoreError
from genarun.store.layout import TreeFolder
from genarun.store.lock import lock
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.say import says
from tests.store.near import NOW, ROOT, folder

HOLDER = """
import sys, time
from datetime import UTC, datetime
from pathlib import Path
from genarun.store.layout import TreeFolder
from genarun.store.lock import lock
with lock(TreeFolder(Path(sys.argv[1]), "press"), datetime(2026, 11, 21, 9, 30, 5, tzinfo=UTC)):
    print("held", flush=True)
    time.sleep(60)
"""
ENV = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "scripts"), os.environ.get("PYTHONPATH", "")])}


def test_two_processes_one_runs_and_the_other_is_told_by_whom(tmp_path: Path) -> None:
    tree = folder(tmp_path)
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, env=ENV)
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        for _ in range(2):  # asking takes nothing away from the one who holds it
            with pytest.raises(SetupError) as refused, lock(tree):
                pass
            says(
                refused.value,
                "tree-locked",
                f"""
                tree press: another run of this tree is going on: {words(holder.pid)}
                  → Wait until it ends, or stop it with Ctrl-C there; then run this again.
                """,
            )
        with lock(folder(tmp_path, "other")):
            pass  # another tree is free
    finally:
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        if holder.stdout:
            holder.stdout.close()
    with lock(tree):  # the killed one left its file, and holds nothing
        assert words(os.getpid()).startswith("process")


def words(pid: int) -> str:
    return f"process {pid} on {socket.gethostname()}, since 2026-11-21T09:30:05.000Z"


def test_a_process_does_not_run_one_tree_twice_either(tmp_path: Path) -> None:
    tree = folder(tmp_path)
    with lock(tree, NOW), pytest.raises(SetupError, match="another run of this tree"), lock(tree):
        pass
    with lock(tree):
        pass


def test_the_lock_is_free_again_after_an_error(tmp_path: Path) -> None:
    tree = folder(tmp_path)
    with pytest.raises(ZeroDivisionError), lock(tree):
        raise ZeroDivisionError
    with lock(tree):
        pass


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(st.binary(max_size=60) | st.just(b'{"pid": "x", "host": 1, "since": []}') | st.just(b"[]"))
def test_whatever_stands_in_the_file_it_can_be_taken_and_told_of(tmp_path: Path, data: bytes) -> None:
    tree = folder(tmp_path)
    tree.lock_file.write_bytes(data)
    with lock(tree):
        tree.lock_file.write_bytes(data)
        with pytest.raises(SetupError, match="going on: "), lock(tree):
            pass


def test_a_folder_in_the_place_of_the_lock_is_told(tmp_path: Path) -> None:
    tree = TreeFolder(tmp_path, "press")
    tree.lock_file.mkdir(parents=True)
    with pytest.raises(StoreError) as refused, lock(tree):
        pass
    says(
        refused.value,
        "disk-error",
        """
        trees/press/.lock: the disk refused to take the tree's lock: Is a directory
          → Mend what the system complains of and run the same command again.
        """,
    )
