"""Where names get their values while a tree runs.

A `Frame` is the place where the children of one instance live, or of one item of an array. Frames nest as nodes do. A name is
looked for nearest first (design §4.3); per frame:

    1. the nodes that live there, by id: their finished values
    2. the fields of the object that the frame stands for (an object item, or an object's own value)
    3. an array's item under its itemKey and `i`, its place under `index`; an object's value under its own name (v0)
    4. `parent`: the item, or the object's value
    5. the owner's id: its own value, which for an array is its plain list

then the same in the frame around it, and last the inputs, `seed` and `date`. A group has no value: its frame binds only its
nodes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from genarun.tree.model import Node
from genarun.tree.picks import item_marks
from genarun.tree.values import MISSING, UNKNOWN, Json, Unknown


@dataclass(slots=True, eq=False)
class PlacedNode(Node):
    """A node as `tree.compile` builds it.

    fields: names that its object value (or each object item) declares; empty where it is no object, None where any may come.
    An answer's further fields are no names, so that what a prompt reads never hangs on a model's whim.
    """

    fields: frozenset[str] | None = None


class Marks:
    """Marks of a list's items, made when first asked for: only picks need them."""

    __slots__ = ("_made", "items")

    def __init__(self, items: Sequence[Json]) -> None:
        self.items = items
        self._made: list[str] | None = None

    def __getitem__(self, index: int) -> str:
        if self._made is None:
            self._made = item_marks(self.items)
        return self._made[index]


class Frame:
    """Where the children of one instance, or of one item of an array, live. Make one with `top`, `inside` or `each`.

    owner: the node whose children live here; None at the top. parent: the frame that the owner lives in.
    index: the item's place, from 0; None outside arrays. value: the owner's own value, or the item; MISSING for a group and at
    the top. whole: an array's list of items, else the same as `value`. path: what instance paths here begin with: empty at the
    top, `ideas/2` for an item, `year` for an object or group.
    finished: finished values (children included) of the nodes here, by id. A node that was left out is stored as MISSING.
    """

    __slots__ = ("_marks", "finished", "index", "owner", "parent", "path", "value", "whole")

    def __init__(
        self,
        owner: Node | None,
        parent: Frame | None,
        index: int | None,
        value: Json,
        path: str,
        whole: Json = MISSING,
        marks: Marks | None = None,
    ) -> None:
        self.owner = owner
        self.parent = parent
        self.index = index
        self.value = value
        self.whole = value if whole is MISSING else whole
        self.path = path
        self.finished: dict[str, Json] = {}
        self._marks = marks

    @property
    def mark(self) -> str:
        """The item's digest and ordinal; empty where the frame is no item's. Raises Unknown while the items are not known."""
        if self.index is None:
            return ""
        if self._marks is None or self.value is UNKNOWN:
            raise Unknown(self.owner.id if self.owner else "")
        return self._marks[self.index]

    def child_path(self, node_id: str) -> str:
        """Path of the instance of a node that lives here."""
        return f"{self.path}/{node_id}" if self.path else node_id

    def bound(self, name: str) -> Json:
        """What the frame itself binds to a name (points 2 to 5 above), or MISSING."""
        value, owner = self.value, self.owner
        if value is MISSING or owner is None:
            return MISSING
        fields = owner.fields if type(owner) is PlacedNode else None
        if fields is None or name in fields:
            if type(value) is dict:
                if name in value:
                    return value[name]
            elif value is UNKNOWN and fields is not None:
                return UNKNOWN
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
        fields = owner.fields if type(owner) is PlacedNode else None
        names = [name for name in value if fields is None or name in fields] if type(value) is dict else []
        if self.index is not None:
            names += [owner.item_key, "i", "index"]
        elif owner.own_name:
            names.append(owner.own_name)
        return [*names, "parent", owner.id]


def top() -> Frame:
    """The frame of a tree's top-level nodes."""
    return Frame(None, None, None, MISSING, "")


def inside(owner: Node, parent: Frame, value: Json = MISSING) -> Frame:
    """The frame of an object's or group's children. value: the object's own value; MISSING for a group."""
    return Frame(owner, parent, None, value, parent.child_path(owner.id))


def each(owner: Node, parent: Frame, items: Sequence[Json]) -> list[Frame]:
    """The frames of an array's items, in order."""
    path = parent.child_path(owner.id)
    marks = Marks(items)
    return [Frame(owner, parent, n, item, f"{path}/{n}", items, marks) for n, item in enumerate(items)]


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
            found = frame.bound(name)
            if found is not MISSING:
                return found
            node, frame = frame.owner, frame.parent
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
        node, here = here.owner, here.parent
    return list(names | dict.fromkeys(root_values))


def enclosing_marks(frame: Frame) -> tuple[str, ...]:
    """Marks of the items that a frame lies in, outermost first. Raises Unknown while planning."""
    marks: list[str] = []
    here: Frame | None = frame
    while here is not None:
        if here.index is not None:
            marks.append(here.mark)
        here = here.parent
    return tuple(reversed(marks))
