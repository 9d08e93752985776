"""`embedding`: a list of numbers that places the rendered prompt among other texts: near in meaning, near in numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar

from genarun.errors import Misfit
from genarun.nodes.base import Ask, Json, Scene, Session
from genarun.nodes.conversation import ask, fitting
from genarun.nodes.none import NoCompute
from genarun.tree.kinds import Medium
from genarun.tree.model import Node
from genarun.tree.spec import NodeSpec


class Embedding(NoCompute):
    """One vector per instance, each number with six significant digits: more says nothing, and would fill every diff."""

    name = "embedding"
    many = False
    medium: Medium = "embedding"
    extra_config: ClassVar[Mapping[str, Mapping[str, Any]]] = {}

    def own_schema(self, node: NodeSpec) -> dict[str, Any]:
        return {"type": "array", "items": {"type": "number"}, "minItems": 1}

    def request(self, node: Node, scene: Scene) -> Ask:
        return ask(node, scene)

    async def execute(self, node: Node, ask: Ask, session: Session) -> Json:
        reply = await session.call(ask.request)
        if not reply.vector or not all(map(math.isfinite, reply.vector)):
            raise Misfit("answer-no-vector", f"the model {ask.request.model} answered without a list of numbers")
        return fitting(node, [float(f"{number:.6g}") for number in reply.vector])


EMBEDDING = Embedding()
