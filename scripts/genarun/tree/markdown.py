"""An output as a page to read: headings, paragraphs, lists, pictures, and links to sounds and films."""

from __future__ import annotations

import json
import re
from typing import Any

from genarun.tree.kinds import ASSETS
from genarun.tree.model import Tree
from genarun.tree.output_schema import output_schema
from genarun.tree.shape import OPEN, Schema, item_schema, properties_of

Json = Any

_SHORT = 80
_TITLES = ("title", "name", "headline", "slug")


def to_markdown(tree: Tree, output: Json) -> str:
    """The output of a tree as Markdown, files as links relative to it. Texts are put in as they are."""
    schema = output_schema(tree)
    lines = [f"# {_line(tree.spec.title or label(tree.name))}", ""]
    if tree.spec.description:
        lines += [_line(tree.spec.description), ""]
    _write(lines, output, schema, label(tree.name), 2)
    return "\n".join(lines).rstrip("\n") + "\n"


def label(name: str) -> str:
    """A key as a heading: `photographerBio` and `photographer-bio` read `Photographer bio`."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    words = " ".join(re.split(r"[-_\s]+", words)).strip()
    words = " ".join(word if word.isupper() and len(word) > 1 else word.lower() for word in words.split(" "))
    return words[:1].upper() + words[1:]


def _write(lines: list[str], value: Json, schema: Schema, name: str, level: int) -> None:
    """One value under the heading that was written for it. name: what a file shows. level: of the headings inside."""
    if isinstance(value, dict):
        _write_object(lines, value, schema, level)
    elif isinstance(value, list):
        _write_list(lines, value, item_schema(schema), name, level)
    elif value is not None:
        lines += [_file(value, name, schema) if _is_file(schema) else _text(value), ""]


def _write_object(lines: list[str], value: dict[str, Json], schema: Schema, level: int, skip: str | None = None) -> None:
    inner = properties_of(schema)
    short = [key for key, item in value.items() if key != skip and _is_short(item) and not _is_file(_of(inner, key))]
    for key in short:
        lines.append(f"- **{_line(_name(inner, key))}:** {_text(value[key])}")
    if short:
        lines.append("")
    for key, item in value.items():
        if key == skip or key in short or item is None or item == [] or item == {}:
            continue
        name = _name(inner, key)
        if _is_file(_of(inner, key)) and isinstance(item, str):
            lines += [_file(item, name, _of(inner, key)), ""]
            continue
        lines += [f"{'#' * min(level, 6)} {_line(name)}", ""]
        _write(lines, item, _of(inner, key), name, level + 1)


def _write_list(lines: list[str], items: list[Json], schema: Schema, name: str, level: int) -> None:
    if not any(isinstance(item, dict | list) for item in items):
        shown = [item for item in items if item is not None]
        if _is_file(schema):
            for n, item in enumerate(shown, 1):
                lines += [_file(item, f"{name} {n}", schema), ""]
        elif any("\n" in _text(item) for item in shown):
            for item in shown:
                lines += [_text(item), ""]
        elif shown:
            lines += [*(f"- {_text(item)}" for item in shown), ""]
        return
    for n, item in enumerate(items, 1):
        found = _title(item) if isinstance(item, dict) else None
        heading = _line(item[found]) if found else f"{name} {n}"
        lines += [f"{'#' * min(level, 6)} {heading}", ""]
        if isinstance(item, dict):
            _write_object(lines, item, schema, level + 1, skip=found)
        else:
            _write(lines, item, schema, f"{name} {n}", level + 1)


def _title(item: dict[str, Json]) -> str | None:
    """The field that can stand as an entry's heading: `title` or the like, else a first short text."""
    for key in (*_TITLES, *item):
        value = item.get(key)
        if isinstance(value, str) and value.strip() and len(value) <= 2 * _SHORT:
            return key
        if key not in _TITLES:
            return None
    return None


def _of(properties: Any, key: str) -> Schema:
    found = properties.get(key) if isinstance(properties, dict) else None
    return found if isinstance(found, dict) else OPEN


def _name(properties: Any, key: str) -> str:
    title = _of(properties, key).get("title")
    return title if isinstance(title, str) else label(key)


def _is_file(schema: Schema) -> bool:
    return _medium(schema) in ASSETS


def _medium(schema: Schema) -> str:
    return str(schema.get("contentMediaType", "")).partition("/")[0]


def _is_short(value: Json) -> bool:
    if isinstance(value, str):
        return len(value) <= _SHORT and "\n" not in value and bool(value.strip())
    return isinstance(value, bool | int | float)


def _text(value: Json) -> str:
    return value.strip() if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _line(text: str) -> str:
    return " ".join(text.split())


def _file(path: str, name: str, schema: Schema) -> str:
    """A picture to look at, a sound or a film to follow."""
    words = _line(name).replace("[", "(").replace("]", ")")
    text = f"{'!' if _medium(schema) == 'image' else ''}[{words}]"
    target = str(path).replace("<", "%3C").replace(">", "%3E").replace("\n", "%0A")
    return f"{text}(<{target}>)" if re.search(r"[\s()]", target) else f"{text}({target})"
