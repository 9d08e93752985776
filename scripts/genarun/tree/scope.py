"""Where names get their values while a tree runs.

A `Frame` is the place where the children of one instance live, or of one item of an array. Frames nest as nodes do. A name is
looked for nearest first (design §4.3); per frame:

    1. the nodes that live there, by id: their finished values
    2. the fields of the object that the frame stands for (an object item, or an object's own value)
    3. an array's item under its itemKey and `i`, its place under `index`; an object's value under its own name (v0)
    4. `parent`: the item, or the object's value
    5. the owner's id: its own value, which for an array is its plain list

then the same in the frame around it, and last the inputs, `seed` and `date`. A group has no value: its frame binds only its
nodes. A step (a node of type `tree`) closes its frame: there the tree's inputs are bound, and nothing farther out is seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from genarun.tree.model import Node
from genarun.tree.values import MISSING, UNKNOWN, Json

EVERYWHERE = ("seed", "date")
"""Root values that steps see too."""


def stands_alone(nodes: Sequence[Node]) -> bool:
    """Whether the only top-level node's value is the whole output (v0)."""
    return len(nodes) == 1 and nodes[0].alone


class Frame:
    """Where the children of one instance, or of one item of an array, live.

    owner: the node whose children live here; None at the top. parent: the frame that the owner lives in.
    index: the item's place, from 0; None outside arrays. value: the owner's own value, or the item; MISSING or None for a group
    and at the top. mark: the item's digest with its ordinal (`picks.item_marks`), empty where the frame is no item's.
    path: what instance paths here begin with: empty at the top, `ideas/2` for an item, `year` for an object or group.
    whole: an array's own value, the list that the item is of.
    finished: finished values (children included) of the nodes here, by id. A node that was left out has none, or MISSING.
    """

    __slots__ = ("finished", "index", "mark", "owner", "parent", "path", "value", "whole")

    def __init__(
        self,
        owner: Node | None,
        parent: Frame | None,
        index: int | None,
        value: Json,
        mark: str,
        path: str,
        whole: Json = MISSING,
    ) -> None:
        self.owner = owner
        self.parent = parent
        self.index = index
        self.value = MISSING if value is None and index is None else value
        self.mark = mark
        self.path = path
        self.whole = self.value if index is None else whole
        self.finished: dict[str, Json] = {}

    def child_path(self, node_id: str) -> str:
        """Path of the instance of a node that lives here."""
        return f"{self.path}/{node_id}" if self.path else node_id

    def bound(self, name: str) -> Json:
        """What the frame itself binds to a name (points 2 to 5 above), or MISSING."""
        value, owner = self.value, self.owner
        if value is MISSING or owner is None:
            return MISSING
        fields = owner.fields
        if fields is None or name in fields:
            if type(value) is dict:
                if name in value:
                    return value[name]
            elif value is UNKNOWN and fields is not None:
                return UNKNOWN
        if owner.step is not None:
            return MISSING
        if self.index is not None:
            if name in ("i", owner.item_key):
                return value
            if name == "index":
                return self.index
        elif name == owner.own_name:
            return value
        if name == "parent":
            return value
        if name == owner.spec.id:
            return self.whole
        # Any name may be a field of an object that is not known yet.
        return UNKNOWN if value is UNKNOWN and fields is None else MISSING

    def names(self) -> list[str]:
        """Names that the frame itself binds now, in the order of `bound`."""
        value, owner = self.value, self.owner
        if value is MISSING or owner is None:
            return []
        fields = owner.fields
        names = [name for name in value if fields is None or name in fields] if type(value) is dict else []
        if owner.step is not None:
            return names
        if self.index is not None:
            names += [owner.item_key, "i", "index"]
        elif owner.own_name:
            names.append(owner.own_name)
        return [*names, "parent", owner.spec.id]


class Scope:
    """The names that one instance of a node can read: called with a name's first part, gives its value, MISSING or UNKNOWN."""

    __slots__ = ("frame", "node", "root")

    def __init__(self, frame: Frame, root: Mapping[str, Json], node: Node | None) -> None:
        self.frame = frame
        self.root = root
        self.node = node

    def __call__(self, name: str) -> Json:
        frame: Frame | None = self.frame
        node = self.node
        while frame is not None:
            finished = frame.finished
            if name in finished and (node is None or name != node.spec.id):
                return finished[name]
            owner = frame.owner
            if owner is not None and name in owner.inner and (node is None or name != node.spec.id):
                return MISSING
            found = frame.bound(name)
            if found is not MISSING:
                return found
            if owner is not None and owner.step is not None:
                return self.root.get(name, MISSING) if name in EVERYWHERE or name.endswith(":") else MISSING
            node, frame = owner, frame.parent
        return self.root.get(name, MISSING)

    def names(self) -> list[str]:
        """Names that have a value here, nearest first."""
        return available(self.frame, self.root, self.node)


def lookup(frame: Frame, root_values: Mapping[str, Json], node: Node | None) -> Scope:
    """How names get their values for one instance. frame: where the node lives. root_values: inputs, `seed`, `date`."""
    return Scope(frame, root_values, node)


def available(frame: Frame, root_values: Mapping[str, Any], node: Node | None) -> list[str]:
    """Names that have a value for one instance, nearest first, each once."""
    names: dict[str, None] = {}
    here: Frame | None = frame
    while here is not None:
        left_out = node.spec.id if node else None
        names |= dict.fromkeys(name for name, value in here.finished.items() if value is not MISSING and name != left_out)
        names |= dict.fromkeys(here.names())
        if here.owner is not None and here.owner.step is not None:
            return list(names | dict.fromkeys(EVERYWHERE))
        node, here = here.owner, here.parent
    return list(names | dict.fromkeys(name for name in root_values if not name.endswith(":")))


def enclosing_marks(frame: Frame) -> tuple[str, ...]:
    """Marks of the items that a frame lies in, outermost first."""
    marks: list[str] = []
    here: Frame | None = frame
    while here is not None:
        if here.index is not None:
            marks.append(here.mark)
        here = here.parent
    return tuple(reversed(marks))
