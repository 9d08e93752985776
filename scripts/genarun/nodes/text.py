"""`text`: one text from a model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from genarun.nodes.base import Ask, Json, Scene, Session
from genarun.nodes.conversation import ask, converse, parse_json
from genarun.nodes.none import NoCompute
from genarun.tree.model import Node
from genarun.tree.spec import NodeSpec, PromptParts


class Text(NoCompute):
    """The answer as it is, without the white space around it; with `parseJson` on its last turn, the JSON in it."""

    name = "text"
    many = False
    medium: Literal["text"] = "text"
    extra_config: ClassVar[Mapping[str, Mapping[str, Any]]] = {}

    def own_schema(self, node: NodeSpec) -> dict[str, Any]:
        if node.schema_ is not None:
            return node.schema_
        return {} if _wants_json(node) else {"type": "string"}

    def request(self, node: Node, scene: Scene) -> Ask:
        return ask(node, scene)

    async def execute(self, node: Node, ask: Ask, session: Session) -> Json:
        return await converse(node, ask, session, parse_json if ask.turns[-1].parse_json else str.strip)


def _wants_json(node: NodeSpec) -> bool:
    prompt = node.config.prompt if node.config else None
    if isinstance(prompt, PromptParts):
        return prompt.parse_json
    return isinstance(prompt, list) and prompt[-1].parse_json


TEXT = Text()
