"""Finds the instances behind edits that a person made in latest/: the output rule of trees, read backwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from genarun.store.diff import Place, at
from genarun.store.files import same_json
from genarun.store.latest import Edit
from genarun.store.records import Record
from genarun.tree.model import Node
from genarun.tree.values import MISSING

Json = Any


@dataclass(frozen=True, slots=True)
class Spot:
    """Part of an instance's own value. path: the instance's. place: within its value, empty for all of it."""

    path: str
    place: Place


def spot(nodes: Sequence[Node], place: Place, own: Mapping[str, Json]) -> Spot | None:
    """Whose value stands at a place of output.json; None where it is nobody's alone, as a whole entry of an array is.

    own: instance path → its own value, which tells whether an array's items are objects.
    """
    return _among(nodes, place, "", own)


def _among(nodes: Sequence[Node], place: Place, before: str, own: Mapping[str, Json]) -> Spot | None:
    node = next((node for node in nodes if place and node.key == place[0]), None)
    return None if node is None else _at(node, place[1:], f"{before}{node.id}", own)


def _at(node: Node, place: Place, path: str, own: Mapping[str, Json]) -> Spot | None:
    if not node.children:
        return Spot(path, place)
    if node.kind.many:
        return _in_array(node, place, path, own)
    if node.collapses:
        return _at(node.children[0], place, f"{path}/{node.children[0].id}", own)
    found = _among(node.children, place, f"{path}/", own)
    if found is None and place and node.kind.name != "group":
        return Spot(path, place)
    return found


def _in_array(node: Node, place: Place, path: str, own: Mapping[str, Json]) -> Spot | None:
    if not place or not isinstance(place[0], int):
        return None
    number, rest = place[0], place[1:]
    if node.collapses:
        return _at(node.children[0], rest, f"{path}/{number}/{node.children[0].id}", own)
    found = _among(node.children, rest, f"{path}/{number}/", own)
    if found is not None or not rest:
        return found
    if isinstance(at(own.get(path), (number,)), dict):
        return Spot(path, place)
    return Spot(path, (number, *rest[1:])) if rest[0] == node.item_key else None


@dataclass(frozen=True, slots=True)
class Pins:
    """What edits come to. values: instance path → its new own value. files: instance path → the edited picture's name in
    latest/. unclear: edits that no instance stands for alone."""

    values: Mapping[str, Json]
    files: Mapping[str, str]
    unclear: tuple[Edit, ...]


def pins(nodes: Sequence[Node], edits: Sequence[Edit], records: Mapping[str, Record]) -> Pins:
    """Turn edits of latest/ into overrides. records: path → the record that stands, of the run that latest/ copies."""
    own = {path: record.value for path, record in records.items() if record.asset is None}
    pictures = {record.asset: path for path, record in records.items() if record.asset is not None}
    values: dict[str, Json] = {}
    files: dict[str, str] = {}
    unclear: list[Edit] = []
    for edit in edits:
        if edit.file in pictures and edit.kind == "changed":
            files[pictures[edit.file]] = edit.file
            continue
        found = spot(nodes, edit.path, own) if edit.file == "output.json" and edit.path else None
        # The old value must be the one recorded: places shift where an item was left out.
        if found is None or found.path not in own or not same_json(at(own[found.path], found.place), edit.old):
            unclear.append(edit)
            continue
        value = values.get(found.path, own[found.path])
        values[found.path] = _put(value, found.place, edit.new)
    return Pins(values, files, tuple(unclear))


def _put(value: Json, place: Place, new: Json) -> Json:
    if not place:
        return new
    changed = deepcopy(value)
    holder = at(changed, place[:-1])
    if new is MISSING:
        del holder[place[-1]]
    else:
        holder[place[-1]] = new
    return changed
