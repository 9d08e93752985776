"""Writing one override into overrides.yaml, with everything else in it left as the person wrote it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml

from genarun.errors import GenarunError, SetupError
from genarun.providers.media import extension_of
from genarun.store.files import disk_error, load_json, same_json, shown, write_whole
from genarun.store.layout import TreeFolder
from genarun.tree.places import Source
from genarun.tree.source import decode, parse_source, read_text

Json = Any

_HEAD: Final = "# What stands here takes an instance's place in every run: path, then value.\n"
_PLAIN_KEY: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]*(?:/[A-Za-z0-9_-]+)*", re.ASCII)
_UNPRINTABLE: Final = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_DOING: Final = "write overrides.yaml"


def write_override(tree: TreeFolder, path: str, value: Json | bytes, extension: str | None = None) -> str:
    """Put a value, or a file's bytes, in the place of the instance at `path`. Returns the file that holds it.

    An entry of that path is replaced; a new one is put at the end; comments and order stay. A file goes into `overrides/`
    beside the tree. Raises SetupError where the file cannot be changed without disturbing it, with the lines to add by hand;
    TreeError where it is no readable YAML; StoreError.
    """
    file = tree.overrides_file
    old = _text(file)
    source = parse_source(old, shown(file), empty_ok=True)
    if isinstance(value, bytes):
        value = {"file": _keep_file(tree, path, value, extension)}
    value = load_json(json.dumps(value).encode())
    new = next((text for entry in _entries(path, value) if (text := _changed(source, path, value, entry)) is not None), None)
    if new is None:
        lines = "".join(f"\n    {line}" for line in next(_entries(path, value)).rstrip("\n").split("\n"))
        raise SetupError(
            "overrides-by-hand",
            "the override cannot be put in without disturbing what stands there",
            shown(file),
            f"Put it in by hand:{lines}",
        )
    write_whole(file, new.encode(), _DOING)
    return str(value["file"]) if isinstance(value, dict) and set(value) == {"file"} else file.name


def _text(path: Path) -> str:
    try:
        return decode(path.read_bytes(), shown(path)) if path.exists() else ""
    except OSError:
        return read_text(path, shown(path))  # says why in words


def _keep_file(tree: TreeFolder, path: str, data: bytes, extension: str | None) -> str:
    ending = extension_of(data) or extension or "bin"
    stem = re.sub(r"[^A-Za-z0-9_-]+", "-", path)[:100]
    number = 1
    while True:
        name = f"overrides/{stem}{f'-{number}' if number > 1 else ''}.{ending}"
        file = tree.path / name
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            if file.is_file() and file.read_bytes() == data:
                return name
        except OSError as error:
            raise disk_error(error, file, "keep the file") from error
        if not file.exists() and not file.is_symlink():
            write_whole(file, data, "keep the file")
            return name
        number += 1


def _entries(path: str, value: Json) -> Iterator[str]:
    """Ways to write the entry, the most readable first; the last is plain JSON, which YAML takes as it is."""
    key = path if _PLAIN_KEY.fullmatch(path) else _json(path)
    if isinstance(value, str) and "\n" in value and not re.search(r"^[ \t]|[ \t]$|\n\Z.|\r|\t", value):
        body = "".join(f"  {line}\n" if line else "\n" for line in value.removesuffix("\n").split("\n"))
        yield f"{key}: |{'' if value.endswith(chr(10)) else '-'}\n{body}"
    if isinstance(value, dict) and set(value) == {"file"}:
        yield f"{key}: {{file: {value['file']}}}\n"
    elif isinstance(value, dict | list) and value:
        block = yaml.safe_dump(value, allow_unicode=True, sort_keys=False, default_flow_style=False, width=120)
        yield f"{key}:\n" + "".join(f"  {line}\n" for line in block.splitlines())
    yield f"{key}: {_json(value)}\n"
    yield f"{_json(path)}: {_json(value)}\n"


def _json(value: Json) -> str:
    """JSON that is YAML: what YAML calls unprintable is escaped, and nothing else."""
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(value, ensure_ascii=False))


def _changed(source: Source, path: str, value: Json, entry: str) -> str | None:
    """The file's text with the entry in it; None unless it then says exactly what it said, and this."""
    old, text = source.data, source.text.text
    if not isinstance(old, dict):
        return None
    if not text.strip():
        new = _HEAD + entry
    elif path in old:
        found = _replaced(source, path, entry)
        if found is None:
            return None
        new = found
    else:
        new = text + ("" if text.endswith(("\n", "\r")) else "\n") + entry
    if "\r\n" in text:
        new = re.sub(r"(?<!\r)\n", "\r\n", new)
    try:
        read = parse_source(new, source.file, empty_ok=True).data
    except GenarunError:
        return None
    wanted = {**old, path: value}
    return new if isinstance(read, dict) and list(read) == list(wanted) and same_json(read, wanted) else None


def _replaced(source: Source, path: str, entry: str) -> str | None:
    text, keys = source.text.text, (source.mark.keys if source.mark else None) or {}
    start = keys.get(path)
    if start is None or source.text.at(start).column != 1:
        return None
    end = min((at for at in keys.values() if at > start), default=len(text))
    lines = text[start:end].splitlines(keepends=True)
    after: list[str] = []  # blank lines and comments in front of the next entry are about that one
    while len(lines) > 1 and (not lines[-1].strip() or lines[-1].startswith("#")):
        after.insert(0, lines.pop())
    remark = _remark("".join(lines), source, path)
    if remark:
        first, _, rest = entry.partition("\n")
        entry = f"{first}  {remark}\n{rest}"
    return text[:start] + entry + "".join(after) + text[end:]


def _remark(written: str, source: Source, path: str) -> str:
    """The comment behind a value that stands on one line; empty where there is none."""
    line = written.rstrip("\r\n")
    if "\n" in line:
        return ""
    for found in re.finditer(r"\s(#.*)", line):
        try:
            read = parse_source(line[: found.start()] + "\n", source.file, empty_ok=True).data
        except GenarunError:
            continue
        if isinstance(read, dict) and same_json(read, {path: source.data[path]}):
            return line[found.start(1) :]
    return ""
