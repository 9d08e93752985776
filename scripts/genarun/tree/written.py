"""Texts that people wrote in a tree, or in a file beside it: reading them, and finding a character of them again."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from genarun.errors import TreeError, Where
from genarun.tree.places import Loc, Source
from genarun.tree.source import read_text

_LINE_END = re.compile(r"\r\n|\n|\r")
_PLAIN = re.compile(r"[^\"'\\\n\r]+")


def prompt_file(folder: Path | None, name: str, source: Source, loc: Loc) -> str:
    """The text of a prompt's file. folder: where the tree lives. loc: of the prompt, for faults of the name."""
    if folder is None:
        raise TreeError(
            "prompt-file-nowhere",
            f"`{name}` cannot be read: a tree given as data has no folder",
            source.value(loc),
            "Put the text itself into the prompt, or load the tree from a folder.",
        )
    return read_text(folder / name, str(Path(source.file).parent / name))


def place_in(source: Source, loc: Loc, file: str | None, text: str | None, offset: int) -> Where:
    """Where a character of a text stands.

    loc: of the text in the tree; file: shown path of the file that holds it instead. text, offset: the whole text as read, and
    the character in it. In a tree the text may be escaped, folded or indented, so the few characters from `offset` on are
    looked for after the text's beginning; where they are not found, the beginning is the place.
    """
    if file is not None and text is not None:
        before = text[:offset]
        lines = _LINE_END.split(text)
        line = len(_LINE_END.split(before))
        return Where(file, line, offset - (before.rfind("\n") + 1) + 1, lines[line - 1])
    start = source.value(loc)
    if text is None or not start.line:
        return start
    found = _PLAIN.match(text, offset)
    needle = found.group()[:24].rstrip() if found else ""
    if not needle:
        return start
    skip = text.count(needle, 0, offset)
    lines = _LINE_END.split(source.text.text)
    column = start.column - 1
    for number in range(start.line - 1, min(len(lines), start.line + 2 * text.count("\n") + 2)):
        while (at := lines[number].find(needle, column)) >= 0:
            if not skip:
                return replace(start, line=number + 1, column=at + 1, text=lines[number])
            skip -= 1
            column = at + len(needle)
        column = 0
    return start
