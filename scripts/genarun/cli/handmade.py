"""Finds the instances behind edits that a person made in latest/, by reading the tree's output backwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from genarun.store.files import same_json
from genarun.store.latest import Edit
from genarun.store.records import Record
from genarun.tree.model import Tree
from genarun.tree.output import decompose
from genarun.tree.values import MISSING

Json = Any


@dataclass(frozen=True, slots=True)
class Pins:
    """What edits come to. values: instance path → its new own value. files: instance path → the edited file's name in
    latest/. unclear: edits that no instance's own value stands for."""

    values: Mapping[str, Json]
    files: Mapping[str, str]
    unclear: tuple[Edit, ...]


def pins(tree: Tree, edits: Sequence[Edit], old: Json, new: Json, records: Mapping[str, Record]) -> Pins:
    """Turn edits of latest/ into overrides.

    edits: of latest/. old, new: output.json as the run wrote it, and as it is now. records: path → the record that stands.
    """
    lengths = {path: len(record.value) for path, record in records.items() if isinstance(record.value, list)}
    before, after = decompose(tree, old, lengths), decompose(tree, new, lengths)
    assets = {record.asset: path for path, record in records.items() if record.asset is not None}
    files = {assets[edit.file]: edit.file for edit in edits if edit.file in assets and edit.kind == "changed"}
    changed = {
        path: value
        for path, value in after.items()
        if path in before and not same_json(before[path], value) and path in records and records[path].asset is None
    }
    # Where an array got longer or shorter, what is below it moved: the items decide, and their children follow.
    moved = [
        f"{path}/"
        for path, value in changed.items()
        if isinstance(value, list) and isinstance(before[path], list) and len(value) != len(before[path])
    ]
    values = {path: value for path, value in changed.items() if not path.startswith(tuple(moved))}
    unclear = [edit for edit in edits if edit.file not in assets and edit.file not in {"output.json", "output.schema.json"}]
    unclear += [edit for edit in edits if edit.file in assets and edit.kind != "changed"]
    # Whatever else differs is an edit that no value of ours stands for: a file's name, a value that was taken away.
    explained = set(values) | {path for path in set(before) | set(after) if path.startswith(tuple(moved))}
    left = any(
        not same_json(before.get(path, MISSING), after.get(path, MISSING))
        for path in set(before) | set(after)
        if path not in explained
    )
    in_output = [edit for edit in edits if edit.file == "output.json"]
    if in_output and (left or not values):
        unclear += in_output
    return Pins(values, files, tuple(unclear))
