"""Where a project is, and paths that stay inside it."""

from __future__ import annotations

import re
from pathlib import Path

from genarun.errors import SetupError, TreeError, Where

TREES = "trees"

_DRIVE = re.compile(r"[A-Za-z]:")
_LONGEST = 1_000
_LEAVE_OUT = re.compile("[\x00-\x1f\x7f]")


def find_root(start: Path) -> Path:
    """The project that a folder lies in: the nearest folder, itself or above it, that holds `trees/`. Raises SetupError."""
    start = start.resolve()
    for folder in (start, *start.parents):
        if (folder / TREES).is_dir():
            return folder
    raise SetupError(
        "no-project",
        f"no folder `{TREES}/` here or above",
        str(start),
        "Go into a Genarun project. To begin one, make `trees/<name>/config.yaml`.",
    )


def inside(root: Path, relative: str, where: Where | str | None = None) -> Path:
    """A path that a file names, under `root`.

    where: of the name, for errors. Refuses absolute paths, `..`, backslashes, control characters, links on the way, and names
    that differ from another in the same folder only by case: they would be one file on some machines (design §10).
    Raises TreeError. What the path leads to need not exist.
    """

    def refuse(code: str, what: str, hint: str) -> TreeError:
        return TreeError(code, what, where, hint)

    shown = _LEAVE_OUT.sub("?", relative)
    parts = relative.split("/")
    if not relative.strip() or relative.endswith("/"):
        raise refuse("path-empty", f"`{shown}` names no file", "Write a path such as `prompts/haiku.md`.")
    if _LEAVE_OUT.search(relative):
        raise refuse("path-character", f"`{shown}` holds a character that no path should", "Rename the file.")
    if "\\" in relative:
        raise refuse("path-backslash", f"`{shown}` holds a backslash", "Write `/` between folders, on every system.")
    if relative.startswith("/") or _DRIVE.match(relative):
        raise refuse("path-absolute", f"`{shown}` is an absolute path", f"Write it relative to {_name(root)}.")
    if any(part in ("", ".", "..") for part in parts):
        raise refuse(
            "path-outside", f"`{shown}` holds `..`, `.` or an empty part", f"Write the plain path below {_name(root)}."
        )
    if len(relative) > _LONGEST or any(len(part.encode("utf-8", "replace")) > 255 for part in parts):
        raise refuse("path-long", "this path is longer than file systems allow", "Use shorter names.")
    here = root
    for part in parts:
        same = sorted(name for name in _names(here) if name != part and name.casefold() == part.casefold())
        if same:
            raise refuse(
                "path-case",
                f"`{shown}` and `{same[0]}` differ only by upper and lower case",
                "Write the name exactly as the file has it, and keep one file of each name.",
            )
        here = here / part
        if _is_link(here):
            raise refuse("path-link", f"`{shown}` leads over a link", "Put the file itself there; links are not followed.")
    return here


def _name(root: Path) -> str:
    return f"`{root.name}/`"


def _names(folder: Path) -> list[str]:
    try:
        return [path.name for path in folder.iterdir()]
    except (OSError, ValueError):
        return []


def _is_link(path: Path) -> bool:
    try:
        return path.is_symlink()
    except (OSError, ValueError):
        return False
