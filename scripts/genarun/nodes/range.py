"""`range`: two numbers from a model, the lower and the higher: an age, a price, a span of years."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from genarun.errors import Misfit
from genarun.nodes.base import Ask, Json, Scene, Session
from genarun.nodes.conversation import ask, converse, excerpt
from genarun.nodes.none import NoCompute
from genarun.nodes.single import unwrapped
from genarun.tree.kinds import Medium
from genarun.tree.model import Node
from genarun.tree.spec import NodeSpec

_SPAN = re.compile(r"(?<![\w.])([-+]?\d+(?:\.\d+)?)(?:\s*(?:-|–|—|\.\.+|to|and)\s*([-+]?\d+(?:\.\d+)?))?(?![\w]|\.\d)")
_NAMES = (("low", "high"), ("min", "max"), ("from", "to"), ("start", "end"))


class Range(NoCompute):
    """Asks for `{"low": 5, "high": 7}`; `schema` narrows both: `{type: integer, minimum: 0}`. Its children see both by name."""

    name = "range"
    many = False
    medium: Medium = "text"
    extra_config: ClassVar[Mapping[str, Mapping[str, Any]]] = {}

    def own_schema(self, node: NodeSpec) -> dict[str, Any]:
        end = {"type": "number", **(node.schema_ or {})}
        return {
            "type": "object",
            "properties": {"low": end, "high": end},
            "required": ["low", "high"],
            "additionalProperties": False,
        }

    def request(self, node: Node, scene: Scene) -> Ask:
        return ask(node, scene, schema=self.own_schema(node.spec))

    async def execute(self, node: Node, ask: Ask, session: Session) -> Json:
        return await converse(node, ask, session, read_range)


def read_range(text: str) -> dict[str, int | float]:
    """The range in an answer: as JSON, or as `5-7` in a text; one number is a range of itself. Raises Misfit."""
    value = unwrapped(text)
    ends: list[Json] = []
    if isinstance(value, dict):
        ends = next(([value[low], value[high]] for low, high in _NAMES if low in value and high in value), [])
    elif isinstance(value, list) and len(value) == 2:
        ends = value
    elif isinstance(value, str) and len(spans := _SPAN.findall(value)) == 1:
        ends = [float(one) for one in (spans[0][0], spans[0][1] or spans[0][0])]
    elif isinstance(value, int | float):
        ends = [value, value]
    if not ends or any(isinstance(one, bool) or not isinstance(one, int | float) for one in ends):
        form = '{"low": 5, "high": 7}'
        raise Misfit("answer-no-range", f"the answer must be two numbers, as {form}, and this is not: {excerpt(text)}")
    low, high = (int(one) if isinstance(one, float) and one.is_integer() and abs(one) < 2**53 else one for one in ends)
    if low > high:
        raise Misfit("range-crossed", f"`low` is {low} and `high` is {high}: the lower one must not be above the higher one")
    return {"low": low, "high": high}


RANGE = Range()
