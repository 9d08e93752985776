"""What the parts of `genarun doctor` share: a finding, and how git is asked."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

GIT_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    about: what it concerns: `machine`, `project`, `growth`, or a tree's name. ok: whether all is well. what: one line.
    hint: how to mend it; empty where all is well. broken: whether something cannot work until then; a finding that is neither
    ok nor broken is good to know.
    """

    about: str
    ok: bool
    what: str
    hint: str = ""
    broken: bool = False


def ask_git(root: Path, *words: str, given: str | None = None) -> subprocess.CompletedProcess[str] | None:
    """One git process in the project's folder; None where there is no git, or it takes too long. given: its standard input."""
    try:
        return subprocess.run(
            ["git", "-C", str(root), *words],  # noqa: S607 - whichever git the person uses
            input=given, capture_output=True, encoding="utf-8", errors="surrogateescape", timeout=GIT_SECONDS, check=False,
            env=os.environ | {"GIT_NO_LAZY_FETCH": "1"},  # looking must not download what a partial clone left out
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return None
