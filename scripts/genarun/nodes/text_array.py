"""`text-array`: a list of texts from a model; its children run once per text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from genarun.nodes.base import Ask, Json, Scene, Session
from genarun.nodes.conversation import ask, converse
from genarun.nodes.lists import read_list, read_list_v0, wrapped
from genarun.nodes.none import NoCompute
from genarun.tree.model import Node
from genarun.tree.spec import NodeSpec


class TextArray(NoCompute):
    """Asks for a JSON list of strings by schema. In a v0 tree only where the turn says `parseJson`, and without a schema."""

    name = "text-array"
    many = True
    medium: Literal["text"] = "text"
    extra_config: ClassVar[Mapping[str, Mapping[str, Any]]] = {}

    def own_schema(self, node: NodeSpec) -> dict[str, Any]:
        return {"type": "array", "items": node.schema_ or {"type": "string"}}

    def request(self, node: Node, scene: Scene) -> Ask:
        if scene.legacy:
            return ask(node, scene)
        return ask(node, scene, schema=wrapped(node, node.spec.schema_ or {"type": "string"}))

    async def execute(self, node: Node, ask: Ask, session: Session) -> Json:
        return await converse(node, ask, session, read_list_v0 if ask.legacy else read_list)


TEXT_ARRAY = TextArray()
