"""overrides.yaml read: the values that people put in an instance's place.

    ideas/2/title: A better title
    ideas/2/photo: {file: overrides/portrait.jpg}     a picture, a sound, a film, or a long text in a file beside the tree

A path is an instance's, as records and `genarun show` give it; the value is the instance's own, without its children.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from genarun.errors import Faults, SetupError, TreeError, Where
from genarun.providers.media import NOUNS, TAKEN, TAKEN_WORDS, extension_of, sniff
from genarun.store.assets import asset_name
from genarun.store.files import shown
from genarun.store.layout import TreeFolder
from genarun.store.pin import write_override
from genarun.tree.kinds import ASSETS
from genarun.tree.model import Node, Tree
from genarun.tree.places import Source
from genarun.tree.project import inside
from genarun.tree.shape import is_group
from genarun.tree.source import read_source, read_text

__all__ = ["LARGEST", "Override", "find_node", "read_overrides", "write_override"]

Json = Any

LARGEST: Final = 50_000_000
"""Bytes of a file that a person puts in place of what a model would make."""
_TEXTS: Final = frozenset({"text", "template"})


@dataclass(frozen=True, slots=True)
class Override:
    """A person's value for one instance.

    value: as the instance's own value; for a picture, a sound or a film its name among the run's assets. source: what the
    record says of it: `overrides.yaml`, or the file. where: of its key. data: the file's bytes, to be kept with
    `RunFolder.add_asset`.
    """

    path: str
    value: Json
    source: str
    where: Where
    data: bytes | None = None


def read_overrides(folder: TreeFolder, tree: Tree) -> dict[str, Override]:
    """path → override, checked against the tree. Empty where there is no file. Raises TreeError, or Faults for several."""
    path = folder.overrides_file
    if not path.exists() and not path.is_symlink():
        return {}
    name = shown(path)
    source = read_source(path, name, empty_ok=True)
    if not isinstance(source.data, dict):
        raise TreeError(
            "overrides-shape",
            f"overrides are a mapping of paths to values, and this is {_kind(source.data)}",
            source.value(()),
            "Write lines such as `ideas/2/title: A better title`.",
        )
    found: dict[str, Override] = {}
    faults: list[SetupError] = []
    for key, value in source.data.items():
        try:
            node = find_node(tree.nodes, str(key), source.key((key,)))
            found[str(key)] = _read(folder, node, str(key), value, source)
        except Faults as several:
            faults += several.errors
        except SetupError as fault:
            faults.append(fault)
    if len(faults) == 1:
        raise faults[0]
    if faults:
        raise Faults(faults)
    return found


def find_node(nodes: Sequence[Node], path: str, where: Where | str) -> Node:
    """The node that an instance's path leads to. Raises TreeError where it fits none, naming the nearest."""
    parts = path.split("/")
    level, node, place = nodes, None, 0
    while place < len(parts):
        node = next((child for child in level if child.id == parts[place]), None)
        if node is None:
            raise _no_node(nodes, path, where)
        place += 1
        if place == len(parts):
            break
        if node.kind.many:
            if not (parts[place].isascii() and parts[place].isdigit()) or place + 1 == len(parts):
                raise _no_node(nodes, path, where)
            place += 1
        level = node.children
    assert node is not None
    if is_group(node):
        raise TreeError(
            "override-group",
            f"`{path}` is a group, which has no value of its own",
            where,
            f"Override what is in it: {', '.join(f'`{path}/{child.id}`' for child in node.children) or 'it is empty'}.",
        )
    return node


def _no_node(nodes: Sequence[Node], path: str, where: Where | str) -> TreeError:
    known = dict(_patterns(nodes, ""))
    plain = "/".join(part for part in path.split("/") if not part.isdigit())
    near = difflib.get_close_matches(plain, known, 1, 0.4)
    return TreeError(
        "override-path",
        f"`{path[:120]}` fits no node of the tree",
        where,
        f"The nearest is `{known[near[0]]}`." if near else f"Paths here: {', '.join(f'`{text}`' for text in known.values())}.",
    )


def _patterns(nodes: Sequence[Node], before: str) -> list[tuple[str, str]]:
    """(ids alone, the same with `0` for each item) of every node."""
    found: list[tuple[str, str]] = []
    for node in nodes:
        found.append(("/".join(node.trail), before + node.id))
        found += _patterns(node.children, f"{before}{node.id}/{'0/' if node.kind.many else ''}")
    return found


def _read(folder: TreeFolder, node: Node, path: str, value: Json, source: Source) -> Override:
    key, place = source.key((path,)), source.value((path,))
    name = _file_name(value)
    medium = node.kind.medium or ""
    if name is None:
        if medium in ASSETS:
            example = {"image": "picture.png", "audio": "sound.mp3", "video": "film.mp4"}[medium]
            raise TreeError(
                "override-asset",
                f"`{path}` is a {NOUNS[medium]}, so its override names a file",
                place,
                f"Write `{{file: overrides/{example}}}`, the path relative to the tree's folder.",
            )
        _check(node, path, value, place)
        return Override(path, value, folder.overrides_file.name, key)
    file = inside(folder.path, name, source.value((path, "file")))
    if medium in ASSETS:
        data = _asset(file, name, medium, source.value((path, "file")))
        return Override(path, asset_name(node.id, data, extension_of(data) or "bin"), name, key, data)
    if node.kind.name not in _TEXTS and file.suffix in (".json", ".yaml", ".yml"):
        value = read_source(file, shown(file)).data
    else:
        value = read_text(file, shown(file)).removesuffix("\n").removesuffix("\r")
    _check(node, path, value, shown(file))
    return Override(path, value, name, key)


def _file_name(value: Json) -> str | None:
    if isinstance(value, Mapping) and set(value) == {"file"} and isinstance(value["file"], str):
        return value["file"]
    return None


def _check(node: Node, path: str, value: Json, where: Where | str) -> None:
    problem = node.validate(value) if node.validate is not None else None
    if problem is not None:
        raise TreeError(
            "override-misfit",
            f"the value for `{path}` does not fit its node: {problem}",
            where,
            f"`{node.id}` is of type {node.kind.name}; write a value of that kind, or remove the override.",
        )


def _asset(file: Path, name: str, medium: str, where: Where) -> bytes:
    try:
        if not file.is_file():
            raise FileNotFoundError
        size = file.stat().st_size
        data = file.read_bytes() if size <= LARGEST else b""
    except OSError as error:
        why = "there is no such file" if isinstance(error, FileNotFoundError) else f"it cannot be read: {error.strerror}"
        raise TreeError(
            "override-file", f"`{name}`: {why}", where, "Check the name; it is relative to the tree's folder."
        ) from None
    kind = sniff(data)
    if kind in TAKEN[medium] or (medium == "image" and kind == "image/svg+xml"):
        return data
    what = f"has {size:,} bytes, more than {LARGEST:,}" if size > LARGEST else f"is no {NOUNS[medium]}"
    words = f"{TAKEN_WORDS[medium]}{', or SVG' if medium == 'image' else ''}"
    raise TreeError("override-file-type", f"`{name}` {what}", where, f"Put a file there that is {words}.")


def _kind(value: Json) -> str:
    return {list: "a list", str: "a text", bool: "true or false", type(None): "empty"}.get(type(value), "a number")
