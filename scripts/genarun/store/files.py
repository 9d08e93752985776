"""Files appear whole or not at all, and a disk that refuses says so in words: what the rest of the store writes with."""

from __future__ import annotations

import errno
import hashlib
import itertools
import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import orjson

from genarun.errors import RunError, StoreError

Json = Any

TMP: Final = ".tmp-"
"""Begins the name of everything that is not finished; ignored by git, never copied, swept by `latest.repair`."""

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_DENIED: Final = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})
_TOKEN: Final = secrets.token_hex(4)  # tells this process from an earlier one of the same number
_counter = itertools.count()


def shown(path: Path) -> str:
    """The path as a person knows it: from `trees/` on where it lies in a project, else as it is."""
    parts = path.parts
    for place in range(len(parts) - 1, -1, -1):
        if parts[place] == "trees":
            return "/".join(parts[place:])
    return str(path)


def is_full(error: OSError) -> bool:
    """Whether the disk, or the person's share of it, has no room left."""
    return error.errno in _FULL


def disk_error(error: OSError, path: Path, doing: str) -> StoreError:
    """A refusal of the disk in words. doing: what was tried, as in `write the summary`."""
    if is_full(error):
        return StoreError(
            "disk-full",
            f"the disk is full, cannot {doing}",
            shown(path),
            "Free some space and run the same command again: it goes on where it stopped, and nothing is paid for twice.",
        )
    if error.errno in _DENIED:
        return StoreError(
            "folder-read-only",
            f"the folder cannot be written to, cannot {doing}",
            shown(path),
            "Give yourself write access to it, or run in a copy of the project that you may write to.",
        )
    return StoreError(
        "disk-error",
        f"the disk refused to {doing}: {error.strerror or type(error).__name__}",
        shown(path),
        "Mend what the system complains of and run the same command again.",
    )


def tmp_path(folder: Path, name: str) -> Path:
    """A path in `folder` that nobody else uses, for something unfinished."""
    return folder / f"{TMP}{os.getpid()}-{_TOKEN}-{next(_counter)}-{name[-80:]}"


def is_stale(name: str) -> bool:
    """Whether a `.tmp-` name was left behind: by a process that is gone, or by an earlier one of this process's number."""
    parts = name.removeprefix(TMP).split("-", 2)
    if len(parts) < 3 or not (parts[0].isascii() and parts[0].isdigit() and len(parts[0]) < 10):
        return True
    number = int(parts[0])
    if number == os.getpid():
        return parts[1] != _TOKEN
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False  # alive, and somebody else's
    return False


def sweep(folder: Path) -> None:
    """Remove what dead processes left unfinished in a folder; what cannot be removed stays, it harms nobody."""
    try:
        found = [entry for entry in folder.iterdir() if entry.name.startswith(TMP) and is_stale(entry.name)]
    except OSError:
        return
    for entry in found:
        remove(entry)


def remove(path: Path) -> None:
    """Remove a file or a whole folder; never follows a link, and does not mind what is gone or refuses."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
        return
    try:
        path.unlink()
    except OSError:
        return


def write_whole(path: Path, data: bytes, doing: str, *, release: Callable[[], bool] | None = None, sync: bool = True) -> None:
    """Write beside, then rename, so that a reader sees the old file or the new one and never half of either.

    doing: what is written, for the message. release: frees reserved space and says whether it did; tried once when the disk
    is full. sync: whether the bytes must be on the disk before the name is. Raises StoreError.
    """
    beside = tmp_path(path.parent, path.name)
    try:
        _write(beside, data, sync)
        beside.replace(path)
    except OSError as error:
        remove(beside)
        if is_full(error) and release is not None and release():
            write_whole(path, data, doing, sync=sync)
            return
        raise disk_error(error, path, doing) from error


def _write(path: Path, data: bytes, sync: bool) -> None:
    with path.open("xb", buffering=0) as file:
        view = memoryview(data)
        while view:  # a disk that fills up takes a part first and refuses the rest
            view = view[file.write(view) or 0 :]
        if sync:
            os.fsync(file.fileno())


def sha256(data: bytes) -> str:
    """`sha256:` and the digest in hex."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def file_sha256(path: Path) -> str | None:
    """The digest of a file; None where it is not a readable file."""
    try:
        with path.open("rb") as file:
            return "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def natural(path: str) -> tuple[tuple[int, str], ...]:
    """Sorts paths with numbers as numbers, and a parent before its children: `a/2` before `a/10` before `a/b`."""
    return tuple(
        (int(part), "") if part.isdigit() and part.isascii() and len(part) < 16 else (1 << 60, part) for part in path.split("/")
    )


def load_json(data: bytes) -> Json:
    """JSON as it was written, with whole numbers of any size. Raises ValueError for anything else, also for NaN.

    The standard library's parser, not orjson: that one turns whole numbers beyond 64 bits into floats without a word.
    """
    try:
        return json.loads(data, parse_constant=_refuse)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _refuse(name: str) -> Json:
    raise ValueError(f"{name} is no JSON")


def dump_json(value: Json, *, pretty: bool = False, default: Callable[[Any], Any] | None = None) -> bytes:
    """JSON in UTF-8, keys in their order; `pretty` indents by two and ends the file with a newline.

    Raises RunError where the value is no JSON, which only a faulty node kind or extension can bring about.
    """
    option = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE if pretty else 0
    try:
        return orjson.dumps(value, default, option)
    except TypeError:  # whole numbers beyond 64 bits, halves of surrogate pairs, values nested beyond 254 levels
        return _dump_rare(value, pretty, default)


def _dump_rare(value: Json, pretty: bool, default: Callable[[Any], Any] | None) -> bytes:
    try:
        text = json.dumps(
            value,
            ensure_ascii=True,  # a half of a surrogate pair has no UTF-8
            indent=2 if pretty else None,
            separators=None if pretty else (",", ":"),
            default=default,
            allow_nan=False,
        )
    except (TypeError, ValueError, RecursionError) as error:
        raise RunError(
            "value-no-json",
            f"a value cannot be written as JSON: {'nested too deeply' if isinstance(error, RecursionError) else error}",
            hint="Values are made of text, numbers, true, false, null, lists and objects, a few hundred levels deep at most.",
        ) from error
    return (text + "\n" if pretty else text).encode()


def same_json(one: Json, other: Json) -> bool:
    """Whether two JSON values are equal: true is not 1, but 1.0 is 1."""
    pairs = [(one, other)]
    while pairs:  # no recursion: values may be nested more deeply than the interpreter's stack
        one, other = pairs.pop()
        if isinstance(one, bool) or isinstance(other, bool):
            if one is not other:
                return False
        elif isinstance(one, dict) and isinstance(other, dict):
            if one.keys() != other.keys():
                return False
            pairs += [(value, other[key]) for key, value in one.items()]
        elif isinstance(one, list) and isinstance(other, list):
            if len(one) != len(other):
                return False
            pairs += zip(one, other, strict=True)
        elif type(one) in (dict, list) or type(other) in (dict, list) or one != other:
            return False
    return True


def walk_files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Every file below a folder as (`a/b.c`, path), sorted; unfinished and hidden ones left out, links not followed."""
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if path.is_dir() and not path.is_symlink():
            for name, inner in walk_files(path):
                yield f"{path.name}/{name}", inner
        else:
            yield path.name, path
