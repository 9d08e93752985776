"""`.env`: variables that the environment lacks, keys above all."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

from dotenv.parser import parse_stream
from dotenv.variables import parse_variables

from genarun.errors import TreeError, Where

FILE = ".env"
MAX_BYTES = 1_000_000
_BOM = b"\xef\xbb\xbf"


def read_env(root: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """The environment, and behind it what `.env` in the project's folder says.

    environ: wins over `.env`; it is never changed. `${NAME}` in a value stands for a variable of the environment, or one above
    it in the file. A missing `.env`, or a folder of that name (virtual environments are often called so), is no fault.
    Raises TreeError without showing the line, which may hold a key.
    """
    path = root / FILE
    found: dict[str, str] = {}
    for line, name, value in _bindings(_read(path)):
        if "\x00" in name + value:
            raise TreeError("env-nul", "a variable with a NUL character", Where(FILE, line), "Write the line anew.")
        known = found | dict(environ)
        found[name] = "".join(part.resolve(known) for part in parse_variables(value))
    return found | dict(environ)


def _read(path: Path) -> str:
    try:
        if not path.exists() or path.is_dir():
            return ""
        if not path.is_file():
            raise TreeError("env-special", "this is no ordinary file", FILE, "Write a text file with lines such as NAME=value.")
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as fault:
        why = (fault.strerror or "the system refused").lower()
        raise TreeError("env-unreadable", f"cannot be read: {why}", FILE, "Check the file's permissions.") from None
    if len(raw) > MAX_BYTES:
        raise TreeError("env-too-big", "larger than 1 MB", FILE, "It should hold a few lines such as NAME=value.")
    raw = raw.removeprefix(_BOM)
    try:
        return raw.decode()
    except UnicodeDecodeError as fault:
        where = Where(FILE, raw.count(b"\n", 0, fault.start) + 1)
        raise TreeError("env-not-utf8", "a byte that is no UTF-8", where, "Save the file as UTF-8.") from None


def _bindings(text: str) -> list[tuple[int, str, str]]:
    """Line, name and value of every variable; names without `=` say nothing."""
    found = []
    for binding in parse_stream(io.StringIO(text)):
        written = binding.original.string
        blank = written[: len(written) - len(written.lstrip())]
        line = binding.original.line + len(blank.splitlines()) - (0 if blank.endswith(("\n", "\r")) or not blank else 1)
        if binding.error:
            raise TreeError(
                "env-line",
                "a line that is no NAME=value",
                Where(FILE, line),
                'Write NAME=value; a value with spaces or # needs quotes: NAME="a value". Comments begin with #.',
            )
        if binding.key is not None and binding.value is not None:
            found.append((line, binding.key, binding.value))
    return found
