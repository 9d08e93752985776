"""Texts that people wrote in a tree, or in a file beside it: reading them, and finding a character of them again."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from genarun.errors import TreeError, Where
from genarun.tree.pictures import PICTURES, Picture, file_picture
from genarun.tree.places import Loc
from genarun.tree.project import inside
from genarun.tree.report import Report
from genarun.tree.source import read_text
from genarun.tree.spec import FileRef, Prompt, PromptParts

LARGEST_PICTURE = 20_000_000
"""Bytes of a picture beside a tree: what services take."""

_LINE_END = re.compile(r"\r\n|\n|\r")
_PLAIN = re.compile(r"[^\"'\\\n\r]+")


def prompt_file(folder: Path | None, name: str, written: Prompt, report: Report, loc: Loc) -> str:
    """The text of a prompt's file. folder: where the tree lives. written, loc: the prompt that names it, and its place.

    Raises TreeError where there is no such file, or its path leads out of the folder.
    """
    where = report.value((*loc, *_named(written, name)))
    if folder is None:
        raise TreeError(
            "prompt-file-nowhere",
            f"“{name}” cannot be read: this tree was given as data and has no folder",
            where,
            "Put the text itself into the prompt, or load the tree from its folder.",
        )
    path = inside(folder, name, where)
    shown = _beside(report, name)
    if not path.exists():
        raise TreeError("prompt-file-missing", f"there is no file “{name}”", where, f"Write the prompt into {shown}.")
    return read_text(path, shown)


def picture_file(folder: Path | None, name: str, written: Prompt, report: Report, loc: Loc) -> Picture:
    """A picture beside the tree. Raises TreeError where there is no such file, it is too large, or its path leads elsewhere."""
    where = report.value((*loc, *_named(written, name)))
    if folder is None:
        raise TreeError(
            "image-file-nowhere",
            f"“{name}” cannot be read: this tree was given as data and has no folder",
            where,
            "Load the tree from its folder.",
        )
    path = inside(folder, name, where)
    if path.suffix.lower().removeprefix(".").replace("jpeg", "jpg") not in PICTURES:
        hint = "Models are shown PNG, JPEG, WebP, GIF or AVIF files."
        raise TreeError("image-file-type", f"“{name}” is no picture by its name", where, hint)
    try:
        if path.stat().st_size > LARGEST_PICTURE:
            raise TreeError(
                "image-file-size",
                f"“{name}” has {path.stat().st_size:,} bytes, and {LARGEST_PICTURE:,} are allowed",
                where,
                "Make it smaller: models see some 2,000 pixels a side.",
            )
        return file_picture(name, path.read_bytes())
    except OSError as error:
        what = f"there is no file “{name}”" if isinstance(error, FileNotFoundError) else f"“{name}” cannot be read"
        raise TreeError("image-file-missing", what, where, f"Put the picture at {_beside(report, name)}.") from None


def _named(written: Prompt, name: str) -> Loc:
    """From a prompt down to the first `file:` of that name."""
    texts: list[tuple[Loc, object]] = [((), written)]
    if isinstance(written, PromptParts):
        texts = [((key,), getattr(written, key)) for key in ("prefix", "template", "suffix", "system")]
        texts += [(("images", n), one) for n, one in enumerate(written.images or ())]
    elif isinstance(written, list):
        texts = [((n, key), getattr(turn, key)) for n, turn in enumerate(written) for key in ("system", "template")]
        texts += [((n, "images", m), one) for n, turn in enumerate(written) for m, one in enumerate(turn.images or ())]
    return next(((*loc, "file") for loc, text in texts if isinstance(text, FileRef) and text.file == name), ())


def _beside(report: Report, name: str) -> str:
    """A prompt file's path as people see it: beside the tree's own file."""
    return str(Path(report.source.file).parent / name)


def place_in(report: Report, loc: Loc, file: str | None, text: str | None, offset: int) -> Where:
    """Where a character of a text stands.

    loc: of the text in the tree; file: name of the file that holds it instead. text, offset: the whole text as read, and the
    character in it. In a tree the text may be escaped, folded or indented, so the few characters from `offset` on are
    looked for after the text's beginning; where they are not found, the beginning is the place.
    """
    if file is not None and text is not None:
        before = text[:offset]
        line = before.count("\n")
        return Where(_beside(report, file), line + 1, offset - before.rfind("\n"), text.split("\n")[line])
    start = report.value(loc)
    if text is None or not start.line:
        return start
    found = _PLAIN.match(text, offset)
    needle = found.group()[:24].rstrip() if found else ""
    skip = text.count(needle, 0, offset) if needle else 0
    lines = _LINE_END.split(report.source.text.text)
    column = start.column - 1
    for number in range(start.line - 1, min(len(lines), start.line + 2 * text.count("\n") + 2) if needle else 0):
        while (at := lines[number].find(needle, column)) >= 0:
            if not skip:
                return replace(start, line=number + 1, column=at + 1, text=lines[number])
            skip -= 1
            column = at + len(needle)
        column = 0
    return start
