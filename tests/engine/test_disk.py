"""The disk says no: full, read-only, or in another run's hands. Nothing is lost, and the message helps."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.engine.test_story import ZOO, zoo
from tests.helpers import Place, by_prompt
from tests.services.openai_service import OpenAIService
from tests.services.samples import png

GALLERY = """
generations:
  - id: titles
    type: text-array
    config: {prompt: Name many}
    generations:
      - {id: text, type: text, config: {prompt: "Text on ${i}"}}
      - {id: picture, type: image, config: {prompt: "Picture of ${i}"}}
"""


def heavy(body: dict[str, Any]) -> Any:
    if "prompt" in body:
        return png(body["prompt"]) + body["prompt"].encode() * 20_000
    return by_prompt({"Name": {"data": [f"title {n}" for n in range(24)]}})(body)


def in_own_mounts(script: str, place: Place) -> subprocess.CompletedProcess[str]:
    """Run a shell script where it may mount. `$GENARUN` is the command, `$P` an empty mount point."""
    unshare = shutil.which("unshare")
    assert unshare, "these tests need util-linux's unshare"
    point = place.root.parent / "mounted"
    point.mkdir()
    env = {**place.process_env(), "GENARUN": f"{sys.executable} -m genarun.cli", "P": str(point), "SRC": str(place.root)}
    flags = ["-m"] if os.geteuid() == 0 else ["-rm"]
    return subprocess.run([unshare, *flags, "sh", "-euc", script], env=env, capture_output=True, text=True, timeout=120)


@pytest.mark.skipif(sys.platform != "linux", reason="mounts of one's own are Linux's")
def test_a_disk_that_fills_up_loses_nothing_that_was_answered(tmp_path: Path) -> None:
    with OpenAIService(answer=heavy, latency=0.005) as service:
        place = Place(tmp_path / "p", service)
        place.tree(GALLERY)
        done = in_own_mounts(
            """
            mount -t tmpfs -o size=7m tmpfs $P
            cp -r $SRC/trees $P/
            cd $P
            set +e
            $GENARUN run t >/dev/null 2>$SRC/first; echo first $?
            grep -c . trees/t/2*/records.jsonl
            mount -o remount,size=64m $P
            $GENARUN run t >/dev/null 2>$SRC/second; echo second $?
            ls -d trees/t/2* | wc -l
            cp -r trees/t/latest $SRC/latest
            """,
            place,
        )
        first, second = (tmp_path / "p/first").read_text(), (tmp_path / "p/second").read_text()
        said = done.stdout.split()
        assert said[:2] == ["first", "1"], done.stdout + done.stderr + first
        assert "Traceback" not in first + second
        assert "full" in first
        assert "run the same command again" in first
        assert said[3:5] == ["second", "0"], second
        assert said[5] == "1", "it went on in its folder"
        assert not service.repeats(), "nothing that was answered was asked again"
        assert len(list((tmp_path / "p/latest/assets").iterdir())) == 24


@pytest.mark.skipif(sys.platform != "linux", reason="mounts of one's own are Linux's")
def test_a_read_only_project_is_said_before_anything_is_paid(tmp_path: Path) -> None:
    with OpenAIService(answer=zoo("ant")) as service:
        place = Place(tmp_path / "p", service)
        place.tree(ZOO)
        done = in_own_mounts(
            """
            mount --bind $SRC $P && mount -o remount,ro,bind $P
            cd $P
            set +e
            $GENARUN plan t >/dev/null; echo plan $?
            $GENARUN run t; echo run $?
            """,
            place,
        )
        assert "plan 0" in done.stdout, done.stderr
        assert "run 0" not in done.stdout
        assert "Traceback" not in done.stderr
        assert "cannot be written" in done.stderr
        assert not service.asked


def test_two_runs_of_one_tree_at_once(tmp_path: Path) -> None:
    with OpenAIService(answer=zoo("ant", "bee", "cat"), latency=0.15) as service:
        place = Place(tmp_path, service)
        place.tree(ZOO)
        codes: list[subprocess.CompletedProcess[str]] = []
        threads = [threading.Thread(target=lambda: codes.append(place.command("run", "t"))) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        codes.sort(key=lambda done: done.returncode)
        assert codes[0].returncode == 0, codes[0].stderr
        assert codes[1].returncode == 2
        assert "another run" in codes[1].stderr.lower() or "is running" in codes[1].stderr.lower(), codes[1].stderr
        assert not service.repeats()
        assert len(place.runs()) == 1
