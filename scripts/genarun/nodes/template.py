"""`template`: renders text from what is there; calls no model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from genarun.nodes.base import Json, Scene
from genarun.nodes.none import NoAsk
from genarun.tree.model import Node
from genarun.tree.spec import NodeSpec


class Template(NoAsk):
    """The rendered prompt is the value; picks are made as anywhere else."""

    name = "template"
    many = False
    medium = None
    extra_config: ClassVar[Mapping[str, Mapping[str, Any]]] = {}

    def own_schema(self, node: NodeSpec) -> dict[str, Any]:
        return {"type": "string"}

    def compute(self, node: Node, scene: Scene) -> Json:
        assert node.prompt is not None
        turns = node.prompt.render(scene.lookup, scene.chooser, scene.missing)
        return "\n\n".join(turn.user for turn in turns)


TEMPLATE = Template()
