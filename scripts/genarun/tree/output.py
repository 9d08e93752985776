"""The output rule of design §4.5: how values of nodes become one value, back again, and the schema of it.

    leaf      its own value                       object   its fields, then its children under their keys
    group     an object of its children           array    a list of objects: item (or its fields), then children
    collapse  the only child's value in the node's place, or in each entry's

Children that were left out have no key, and a collapsed entry whose child was left out is no entry. Genarun v0 differs in what
`compile` makes of its nodes (keys, collapsing), not here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from genarun.tree.markdown import to_markdown
from genarun.tree.model import Node, Tree
from genarun.tree.output_schema import output_schema, sample_schema
from genarun.tree.scope import stands_alone
from genarun.tree.shape import Schema, always_there, is_group, own_key, own_schema, types
from genarun.tree.values import MISSING

__all__ = [
    "ABSENT",
    "compose",
    "compose_items",
    "compose_object",
    "compose_top",
    "decompose",
    "output_schema",
    "sample_schema",
    "to_markdown",
]

Json = Any
ABSENT: Final[Any] = MISSING
"""The value of what was left out."""


def compose(node: Node, own_value: Json, frames: Sequence[Mapping[str, Json]]) -> Json:
    """A node's finished value. frames: finished children by id, one mapping per item of an array, else one."""
    if not node.children:
        return own_value
    if node.kind.many:
        return compose_items(node, own_value, frames)
    return compose_object(node, own_value, frames[0] if frames else {})


def compose_object(node: Node, value: Json, children: Mapping[str, Json]) -> Json:
    """The finished value of an object or group. value: its own; MISSING or None for a group. children: finished ones by id."""
    if not node.children:
        return value
    if node.collapses:
        return children.get(node.children[0].spec.id, ABSENT)
    if isinstance(value, dict):
        return _join(node, dict(value), children)
    return _join(node, {} if value is MISSING or value is None else {own_key(node): value}, children)


def compose_items(node: Node, items: Json, children: Sequence[Mapping[str, Json]]) -> Json:
    """The finished value of an array. items: its own value. children: finished ones by id, one mapping per item."""
    if not node.children or not isinstance(items, list):
        return items
    if node.collapses:
        only = node.children[0].spec.id
        return [value for finished in children if (value := finished.get(only, ABSENT)) is not ABSENT]
    return [
        _join(node, dict(item) if isinstance(item, dict) else {node.item_key: item}, finished)
        for item, finished in zip(items, children, strict=True)
    ]


def compose_top(nodes: Sequence[Node], children: Mapping[str, Json]) -> Json:
    """A tree's output. children: finished top-level nodes by id. A v0 tree of one node is that node's value, MISSING if it has
    none."""
    if stands_alone(nodes):
        return children.get(nodes[0].spec.id, ABSENT)
    return _put({}, nodes, children)


def _join(node: Node, entry: dict[str, Json], children: Mapping[str, Json]) -> dict[str, Json]:
    return _put(entry, node.children, children)


def _put(entry: dict[str, Json], nodes: Sequence[Node], children: Mapping[str, Json]) -> dict[str, Json]:
    for child in nodes:
        value = children.get(child.spec.id, ABSENT)
        if value is not ABSENT:
            entry[child.key] = value
    return entry


# ---------------------------------------------------------------------- back again


def decompose(tree: Tree, output: Json, lengths: Mapping[str, int] | None = None) -> dict[str, Json]:
    """Own values by instance path, as far as the output tells them: the inverse of composing.

    What `collapse` took out of the output is not found. Entries of a collapsed array whose child can be left out tell their
    items only where none was: lengths gives the number of items by the array's path, as the run recorded it.
    """
    found: dict[str, Json] = {}
    known = lengths or {}
    if stands_alone(tree.nodes):
        _take(tree.nodes[0], output, tree.nodes[0].spec.id, known, found)
    elif isinstance(output, dict):
        _take_all(tree.nodes, output, "", known, found)
    return found


def _take_all(
    nodes: Sequence[Node], entry: dict[str, Json], prefix: str, lengths: Mapping[str, int], found: dict[str, Json]
) -> None:
    for node in nodes:
        if node.key in entry:
            _take(node, entry[node.key], f"{prefix}{node.spec.id}", lengths, found)


def _take(node: Node, value: Json, path: str, lengths: Mapping[str, int], found: dict[str, Json]) -> None:
    children = node.children
    if not children:
        found[path] = value
    elif value is None:  # `onError: null`: the node itself has no value
        found[path] = None
    elif node.kind.many:
        if isinstance(value, list):
            _take_items(node, value, path, lengths, found)
    elif node.collapses:
        _take(children[0], value, f"{path}/{children[0].spec.id}", lengths, found)
    elif isinstance(value, dict):
        own = _without(children, value)
        if not is_group(node):
            found[path] = own if _is_object(own_schema(node.kind, node.spec)) else own.get(own_key(node))
        _take_all(children, value, f"{path}/", lengths, found)


def _take_items(node: Node, entries: list[Json], path: str, lengths: Mapping[str, int], found: dict[str, Json]) -> None:
    child = node.children[0]
    if node.collapses:
        if lengths.get(path, len(entries) if always_there(child) else -1) == len(entries):
            for n, entry in enumerate(entries):
                _take(child, entry, f"{path}/{n}/{child.spec.id}", lengths, found)
        return
    items = []
    wraps = own_schema(node.kind, node.spec)["items"]
    for n, entry in enumerate(entries):
        if not isinstance(entry, dict):
            return
        own = _without(node.children, entry)
        is_item = not _is_object(wraps) or (types(wraps) != {"object"} and own.keys() == {node.item_key})
        items.append(own.get(node.item_key) if is_item else own)
        _take_all(node.children, entry, f"{path}/{n}/", lengths, found)
    found[path] = items


def _is_object(schema: Schema) -> bool:
    kinds = types(schema)
    return not kinds or "object" in kinds


def _without(children: Sequence[Node], entry: dict[str, Json]) -> dict[str, Json]:
    keys = {child.key for child in children}
    return {key: value for key, value in entry.items() if key not in keys}
