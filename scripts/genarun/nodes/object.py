"""`object`: a JSON object from a model; its children see its fields by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from genarun.errors import Misfit
from genarun.nodes.base import Ask, Json, Scene, Session
from genarun.nodes.conversation import Read, ask, converse, parse_json
from genarun.nodes.lists import unwrap_v0
from genarun.nodes.none import NoCompute
from genarun.tree.model import Node
from genarun.tree.spec import NodeSpec


class Object(NoCompute):
    """Asks for JSON: by the node's schema where it has one, else as free JSON."""

    name = "object"
    many = False
    medium: Literal["text"] = "text"
    extra_config: ClassVar[Mapping[str, Mapping[str, Any]]] = {}

    def own_schema(self, node: NodeSpec) -> dict[str, Any]:
        return with_required(node)

    def request(self, node: Node, scene: Scene) -> Ask:
        if scene.legacy:
            return ask(node, scene)
        return ask(node, scene, schema=node.spec.schema_, json=True)

    async def execute(self, node: Node, ask: Ask, session: Session) -> Json:
        return await converse(node, ask, session, _reader(ask))


def _reader(asked: Ask) -> Read:
    if not asked.legacy:
        return _read
    return _read_v0 if asked.request.json else _keep_v0


def _read(text: str) -> Json:
    value = parse_json(text)
    if isinstance(value, dict):
        return value
    raise Misfit("answer-no-object", "the answer must be one JSON object")


def _read_v0(text: str) -> Json:
    """v0 with `parseJson`: what `data` holds is the value, whatever it is."""
    return unwrap_v0(parse_json(text))


def _keep_v0(text: str) -> Json:
    """v0 without `parseJson`: an object if the answer happens to be one, else the text under `value`."""
    try:
        value = parse_json(text)
    except Misfit:
        value = None
    return value if isinstance(value, dict) else {"value": text.strip()}


def with_required(node: NodeSpec) -> dict[str, Json]:
    """The node's schema; without one, an object that has the fields that `validation.required` names."""
    if node.schema_ is not None:
        return node.schema_
    required = node.validation.required if node.validation is not None else None
    return {"type": "object", "required": required} if isinstance(required, list) else {"type": "object"}


OBJECT = Object()
