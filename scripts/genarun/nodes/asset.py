"""What the kinds share whose value is a file that a model made: a picture, a sound, a film."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from genarun.errors import Misfit
from genarun.nodes.base import Ask, Json, Scene, Session
from genarun.nodes.conversation import ask
from genarun.nodes.none import NoCompute
from genarun.tree.kinds import Medium
from genarun.tree.model import Node
from genarun.tree.spec import NodeSpec


class AssetKind(NoCompute):
    """One file per instance; several come from an array above it. Its value is the file's path, relative to output.json.

    medium: what the model makes, and the kind's name. word: the same for people: `a picture`.
    """

    many = False
    extra_config: ClassVar[Mapping[str, Mapping[str, Any]]] = {}

    def __init__(self, medium: Medium, word: str) -> None:
        self.name: str = medium
        self.medium: Medium = medium
        self.word = word

    def own_schema(self, node: NodeSpec) -> dict[str, Any]:
        return {"type": "string", "contentMediaType": f"{self.medium}/*"}

    def request(self, node: Node, scene: Scene) -> Ask:
        return ask(node, scene)

    async def execute(self, node: Node, ask: Ask, session: Session) -> Json:
        reply = await session.call(ask.request)
        if not reply.files:
            raise Misfit("answer-no-file", f"the model {ask.request.model} answered without {self.word}")
        return await session.save(reply.files[0])
