"""`image`: a picture from a model; its value is the file's path, relative to output.json."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from genarun.errors import Misfit
from genarun.nodes.base import Ask, Json, Scene, Session
from genarun.nodes.conversation import ask
from genarun.nodes.none import NoCompute
from genarun.tree.model import Node
from genarun.tree.spec import NodeSpec


class Image(NoCompute):
    """One picture per instance; several come from an array above it."""

    name = "image"
    many = False
    medium: Literal["image"] = "image"
    extra_config: ClassVar[Mapping[str, Mapping[str, Any]]] = {}

    def own_schema(self, node: NodeSpec) -> dict[str, Any]:
        return {"type": "string", "contentMediaType": "image/*"}

    def request(self, node: Node, scene: Scene) -> Ask:
        return ask(node, scene)

    async def execute(self, node: Node, ask: Ask, session: Session) -> Json:
        reply = await session.call(ask.request)
        if not reply.files:
            raise Misfit("answer-no-picture", f"the model {ask.request.model} answered without a picture")
        return await session.save(reply.files[0])


IMAGE = Image()
