"""`group`: calls no model; holds children under one key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from genarun.nodes.base import Json, Scene
from genarun.nodes.none import NoAsk
from genarun.tree.model import Node
from genarun.tree.spec import NodeSpec


class Group(NoAsk):
    """An object of its children."""

    name = "group"
    many = False
    medium = None
    extra_config: ClassVar[Mapping[str, Mapping[str, Any]]] = {}

    def own_schema(self, node: NodeSpec) -> dict[str, Any]:
        return {}

    def compute(self, node: Node, scene: Scene) -> Json:
        return None if node.children else {}  # all of them disabled: an object all the same


GROUP = Group()
