"""Reading a file that a person wrote: bytes to text to data with places."""

from __future__ import annotations

import re
from pathlib import Path

from genarun.errors import TreeError
from genarun.tree.places import Mark, Source, Text
from genarun.tree.scan_json import scan_json
from genarun.tree.scan_yaml import scan_yaml

MAX_BYTES = 5_000_000
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_BOM = b"\xef\xbb\xbf"


def read_source(path: Path, shown: str, *, empty_ok: bool = False) -> Source:
    """Read a `.json`, `.yaml` or `.yml` file.

    shown: the path as people should see it. YAML is read by the 1.2 core schema: `on` and `yes` are words, `12:30` and dates
    are text. empty_ok: read a file that says nothing as an empty mapping. Raises TreeError for whatever is wrong with the file.
    """
    return parse_source(read_text(path, shown), shown, empty_ok=empty_ok)


def parse_source(content: str, shown: str, *, empty_ok: bool = False) -> Source:
    """The same for a file's text; the name that is shown decides between JSON and YAML. Raises TreeError."""
    text = Text(shown, content)
    found = _CONTROL.search(content)
    if found:
        raise text.fault(
            "file-control-character",
            f"a character that no text holds (U+{ord(found[0]):04X})",
            found.start(),
            "Take it away; if the whole file looks odd, save it anew as UTF-8 text.",
        )
    read = (scan_json if shown.endswith(".json") else scan_yaml)(text)
    if read is None and not empty_ok:
        raise TreeError("file-empty", "the file is empty", shown, "Write what it should say, or remove it.")
    data, mark = read or ({}, Mark(0, {}, {}))
    return Source(text, data, mark)


def read_text(path: Path, shown: str, limit: int = MAX_BYTES) -> str:
    """A file as UTF-8 text, without a byte order mark. limit: in bytes. Raises TreeError."""
    try:
        if path.is_symlink():
            raise TreeError("file-link", "this is a link", shown, "Put the file itself here; links are not followed.")
        if path.is_dir():
            raise TreeError("file-folder", "this is a folder where a file should be", shown, "Rename or remove the folder.")
        if path.exists() and not path.is_file():
            raise TreeError("file-special", "this is no ordinary file", shown, "Put a text file here.")
        with path.open("rb") as file:
            raw = file.read(limit + 1)
    except FileNotFoundError:
        raise TreeError("file-missing", "there is no such file", shown, "Check the name, or write the file.") from None
    except (OSError, ValueError) as fault:
        why = (getattr(fault, "strerror", None) or "its name is not a possible one").lower()
        raise TreeError("file-unreadable", f"cannot be read: {why}", shown, "Check the file's name and permissions.") from None
    if len(raw) > limit:
        raise TreeError(
            "file-too-big",
            f"larger than {limit / 1_000_000:g} MB",
            shown,
            "What people write and read is smaller. Move data out of it, into an input or another tree.",
        )
    return decode(raw, shown)


def decode(raw: bytes, shown: str) -> str:
    """UTF-8 without a byte order mark, or a TreeError that says where it stops being UTF-8."""
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise TreeError("file-utf16", "saved as UTF-16", shown, "Save the file as UTF-8.")
    raw = raw.removeprefix(_BOM)
    try:
        return raw.decode()
    except UnicodeDecodeError as fault:
        text = Text(shown, raw.decode(errors="replace"))
        raise text.fault(
            "file-not-utf8",
            f"the byte 0x{raw[fault.start]:02X} is no UTF-8",
            len(raw[: fault.start].decode()),
            "Save the file as UTF-8.",
        ) from None
