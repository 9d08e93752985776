"""Where the command line prints: two streams, masked, cleaned, coloured only where a person looks, and never a crash.

stdout carries results, stderr carries progress and errors. With `--json`, stdout carries exactly one JSON document.
"""

from __future__ import annotations

import codecs
import io
import json
import os
import re
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterable, Mapping
from typing import IO, Any

import click

from genarun.words import cells, clean

Json = Any

# What a terminal that knows less than Unicode gets instead, one column for one column so that tables keep their shape.
_LOOKALIKES = {
    "✓": "+", "✗": "x", "◐": "%", "◷": "?", "■": "#", "▶": ">", "↺": "=", "✎": "*", "·": ".", "–": "-", "—": "-",
    "→": ">", "…": "~", "“": '"', "”": '"', "‘": "'", "’": "'", "━": "=", "─": "-", "╺": "-", "≈": "~", "×": "x",
    "│": "|", "▲": "!", "•": "*", "←": "<",
}  # fmt: skip


_SECRET_NAME = re.compile(r"(KEY|TOKEN|SECRET|PASSWORD)S?$", re.IGNORECASE)


def _plainer(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    missing = error.object[error.start : error.end]
    return "".join(_LOOKALIKES.get(char, "?" * max(1, cells(char))) for char in missing), error.end


codecs.register_error("genarun-plainer", _plainer)


def plainly(stream: IO[str]) -> IO[str]:
    """The stream, made to write look-alikes for what its encoding cannot hold, instead of failing."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="genarun-plainer")
    return stream


class Nowhere(io.StringIO):
    """Takes the place of a stream that nobody reads any longer."""

    def write(self, text: str) -> int:
        """Drop it."""
        return len(text)


class Screen:
    """The two streams of one command.

    masked: replaces secrets. Until the project says which variables are secret, their names are what tells.
    json: whether stdout is kept for one document.
    """

    def __init__(self, environ: Mapping[str, str], out: IO[str] | None = None, err: IO[str] | None = None) -> None:
        self.environ = environ
        self.stdout = plainly(out or sys.stdout)
        self.stderr = plainly(err or sys.stderr)
        self.json = False
        self.masked: Callable[[str], str] = guessed_masker(environ)

    # What may be shown -------------------------------------------------------------------------------------------------

    def safe(self, text: str) -> str:
        """Text from a file, a model or a service: secrets masked, control characters gone."""
        return clean(self.masked(text))

    def safe_json(self, value: Json) -> Json:
        """The same for every string of a JSON value, keys included. Control characters stay: JSON escapes them."""
        if isinstance(value, str):
            return self.masked(value)
        if isinstance(value, Mapping):
            return {self.masked(str(key)): self.safe_json(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.safe_json(item) for item in value]
        return value

    # What the terminals can do -----------------------------------------------------------------------------------------

    def coloured(self, stream: IO[str]) -> bool:
        """Whether the stream shows colours: a terminal, unless NO_COLOR or TERM=dumb; FORCE_COLOR asks for them elsewhere."""
        if self.environ.get("NO_COLOR"):
            return False
        if self.environ.get("FORCE_COLOR"):
            return True
        return is_terminal(stream) and self.environ.get("TERM") != "dumb"

    @property
    def lively(self) -> bool:
        """Whether stderr can hold a display that redraws itself: a terminal, and nobody's build log."""
        return is_terminal(self.stderr) and self.environ.get("TERM") != "dumb" and not self.environ.get("CI")

    @property
    def asks(self) -> bool:
        """Whether somebody is there to answer a question."""
        return is_terminal(sys.stdin) and is_terminal(self.stderr)

    def width(self, stream: IO[str] | None = None) -> int | None:
        """Columns of the terminal behind the stream; None where there is none, so nothing need be cut."""
        stream = stream or self.stdout
        if not is_terminal(stream):
            return None
        try:
            return max(20, os.get_terminal_size(stream.fileno()).columns or shutil.get_terminal_size().columns)
        except (OSError, ValueError):
            return 80

    def fold(self, text: str, indent: str = "  ", hanging: str = "") -> list[str]:
        """Prose in lines for stdout, broken at words where there is a terminal; later lines are indented by `hanging` more."""
        width = self.width()
        if width is None:
            return [indent + text]
        later = indent + hanging
        return textwrap.wrap(
            text, width, initial_indent=indent, subsequent_indent=later, break_long_words=False, break_on_hyphens=False
        ) or [indent]

    # Printing ----------------------------------------------------------------------------------------------------------

    def paint(self, text: str, style: str, stream: IO[str] | None = None) -> str:
        """The text in a style (`bold`, `dim`, a colour, or several) where the stream shows colours."""
        if not style or not text or not self.coloured(stream or self.stdout):
            return text
        return styled(text, style)

    def say(self, *lines: str) -> None:
        """A result for a person, on stdout. Lines come masked and cleaned (`safe`), maybe painted."""
        self._write(self.stdout, lines)

    def note(self, *lines: str) -> None:
        """Progress or advice, on stderr. A reader that went away silences it, and the run goes on."""
        try:
            self._write(self.stderr, lines)
        except BrokenPipeError:
            self.stderr = Nowhere()

    def document(self, value: Json) -> None:
        """The one JSON document of `--json`, on stdout."""
        # Not through `_write`: masking the finished text could cut through its quotes.
        self.stdout.write(
            json.dumps(self.safe_json(value), ensure_ascii=not speaks_utf8(self.stdout), indent=2, default=str) + "\n"
        )
        self.stdout.flush()

    def _write(self, stream: IO[str], lines: Iterable[str]) -> None:
        # Everything was masked before it was laid out; masked again, a line that somebody forgot tells nothing either.
        # A lone surrogate (a damaged file name) has no bytes in any encoding; the error handler of `plainly` catches it.
        stream.write(self.masked("".join(f"{line}\n" for line in lines)))
        stream.flush()


def guessed_masker(environ: Mapping[str, str]) -> Callable[[str], str]:
    """Hides the values of variables that are named like secrets: for what goes wrong before the project is read."""
    values = {value for name, value in environ.items() if len(value) >= 8 and _SECRET_NAME.search(name)}
    longest_first = sorted(values, key=len, reverse=True)

    def masked(text: str) -> str:
        for value in longest_first:
            text = text.replace(value, "***")
        return text

    return masked


def styled(text: str, style: str) -> str:
    """The text wrapped in the terminal's codes for `bold`, `dim`, colours, or several of them."""
    words = style.split()
    colour = next((word for word in words if word not in {"bold", "dim"}), None)
    return click.style(text, fg=colour, bold="bold" in words or None, dim="dim" in words or None)


def speaks_utf8(stream: IO[str]) -> bool:
    """Whether the stream holds every character: its encoding is one of Unicode's, or it keeps text as it is."""
    return str(getattr(stream, "encoding", None) or "utf-8").lower().startswith("utf")


def is_terminal(stream: IO[str]) -> bool:
    """Whether a person looks at the stream; closed and replaced streams count as no."""
    try:
        return stream.isatty()
    except (AttributeError, ValueError):
        return False
