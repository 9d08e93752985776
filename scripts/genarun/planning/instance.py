"""What the walk over a tree holds while it goes on: instances, and the frames that they live in."""

from __future__ import annotations

from typing import Any

from genarun.nodes.base import Ask
from genarun.nodes.question import Ask as Question
from genarun.tree.model import Node
from genarun.tree.scope import Frame
from genarun.tree.template import MISSING

Json = Any


class Instance:
    """One execution of a node. `value` is its own value, `frames` hold its children."""

    __slots__ = (
        "absent",
        "ask",
        "at",
        "blocked_by",
        "dirty",
        "doubt",
        "found",
        "frame",
        "frames",
        "key",
        "keys",
        "left",
        "node",
        "opened",
        "path",
        "picks",
        "question",
        "risk",
        "value",
        "waiters",
        "waiting",
    )

    def __init__(self, node: Node, frame: LiveFrame) -> None:
        self.node = node
        self.frame = frame
        self.path = frame.child_path(node.id)
        self.value: Json = MISSING
        self.waiting = 0
        self.waiters: list[Instance] | None = None
        self.frames: list[LiveFrame] = []
        self.left = 0
        self.opened = 0
        self.dirty = False  # something in it failed: what reads it waits for another run
        self.absent = False  # left out by --only or --skip: what reads it by name is left out too
        self.blocked_by: Instance | None = None
        self.at = "new"  # new → ready → asked → open → finished
        self.ask: Ask | None = None
        self.key: str | None = None
        self.question: Question | None = None  # of a node that asks a person
        # Of a pool: the key under each of its models, in this instance's order; `key` is the one under the model that answered
        # last, and before that the first.
        self.keys: tuple[str, ...] = ()
        self.picks: list[tuple[str, str, int]] = []
        self.found: Any = None  # where a reused or overridden value came from, for whoever writes it down
        # Planning only, in words. doubt: why it, and all under it, may not happen. risk: why it may end without a value, or
        # broken, so that what reads it does not happen.
        self.doubt = ""
        self.risk = ""

    @property
    def sharing(self) -> str:
        """What equal requests have in common, whoever answers them."""
        return "|".join(sorted(self.keys)) if self.keys else self.key or ""


class LiveFrame(Frame):
    """A frame while it is walked: its instances by node id, and how many are not finished."""

    __slots__ = ("dirty", "holder", "instances", "left", "unknown")

    def __init__(self, holder: Instance | None, index: int | None, value: Json, mark: str) -> None:
        owner = holder.node if holder else None
        path = "" if holder is None else holder.path if index is None else f"{holder.path}/{index}"
        whole = holder.value if holder is not None and index is not None else MISSING
        super().__init__(owner, holder.frame if holder else None, index, value, mark, path, whole)
        self.holder = holder
        self.instances: dict[str, Instance] = {}
        self.left = 0
        self.dirty = False
        self.unknown = False
