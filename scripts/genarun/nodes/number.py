"""`number`: one number from a model; `schema` can narrow it: `{type: integer, minimum: 1, maximum: 5}`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from genarun.errors import Misfit
from genarun.nodes.base import Ask, Json, Scene, Session
from genarun.nodes.confidence import CONFIDENCE, wants_confidence
from genarun.nodes.conversation import ask, converse, excerpt
from genarun.nodes.none import NoCompute
from genarun.nodes.single import unwrapped, wrapped_value
from genarun.tree.kinds import Medium
from genarun.tree.model import Node
from genarun.tree.spec import NodeSpec

_NUMBER = re.compile(r"(?<![\w.,])[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?(?![\w]|[.,]\d)")


class Number(NoCompute):
    """Asks for `{"value": 42}` by schema."""

    name = "number"
    many = False
    medium: Medium = "text"
    extra_config: ClassVar[Mapping[str, Mapping[str, Any]]] = CONFIDENCE

    def own_schema(self, node: NodeSpec) -> dict[str, Any]:
        return {"type": "number", **(node.schema_ or {})}

    def request(self, node: Node, scene: Scene) -> Ask:
        schema = wrapped_value(self.own_schema(node.spec))
        return ask(node, scene, schema=schema, logprobs=wants_confidence(node.spec))

    async def execute(self, node: Node, ask: Ask, session: Session) -> Json:
        return await converse(node, ask, session, read_number)


def read_number(text: str) -> int | float:
    """The number in an answer: as JSON, or the only one in a sentence. Raises Misfit."""
    value = unwrapped(text)
    if isinstance(value, str):
        found = _NUMBER.findall(value)
        value = float(found[0]) if len(found) == 1 else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Misfit("answer-no-number", f'the answer must be one number, as {{"value": 42}}, and this is not: {excerpt(text)}')
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value


NUMBER = Number()
