"""Recorded answers: what a real model said to exactly these messages, kept in a tree's `recordings/*.jsonl`.

A line is `{"request": {"medium": "text", "messages": [...], ...}, "reply": {"text": "..."}}`. Medium and messages decide,
but for the pictures that they show: those are drawn anew, and what was written of them still stands. The first recording of a
request wins, files in the order of their names. A line that is damaged is as good as not there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


class Recordings:
    """The recorded answers of one tree, and of those that are steps of it, read when the first request asks for them."""

    def __init__(self, *folders: Path | None) -> None:
        self._folders = [folder for folder in folders if folder is not None]
        self._answers: dict[str, str] | None = None

    def answer(self, medium: str, messages: Sequence[Mapping[str, Any]]) -> str | None:
        """The recorded text for these messages; None where there is none."""
        if self._answers is None:
            self._answers = self._read()
        return self._answers.get(_key(medium, messages))

    def _read(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for path in (path for folder in self._folders for path in sorted((folder / "recordings").glob("*.jsonl"))):
            try:
                text = path.read_text(encoding="utf-8", errors="replace")
            except OSError:
                continue
            for line in text.split("\n"):
                try:
                    entry = json.loads(line)
                    key = _key(entry["request"].get("medium", "text"), entry["request"]["messages"])
                    answer = entry["reply"]["text"]
                except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
                    continue
                if isinstance(answer, str):
                    found.setdefault(key, answer)
        return found


def _key(medium: str, messages: Sequence[Mapping[str, Any]]) -> str:
    turns = [[str(message["role"]), str(message["content"])] for message in messages]
    return json.dumps([medium, turns], ensure_ascii=True)
