"""`choice`: one of several options, chosen by a model. Options stand in the tree, or come from a list that a node made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from genarun.errors import Misfit, RunError
from genarun.nodes.base import Ask, Json, Scene, Session
from genarun.nodes.confidence import CONFIDENCE, wants_confidence
from genarun.nodes.conversation import ask, converse, excerpt
from genarun.nodes.none import NoCompute
from genarun.nodes.single import unwrapped, wrapped_value
from genarun.tree.kinds import Medium
from genarun.tree.model import Node
from genarun.tree.spec import NodeSpec
from genarun.tree.template import render_value


class Choice(NoCompute):
    """Asks for `{"value": "…"}` with the options as the schema's `enum`; case and white space in an answer are forgiven."""

    name = "choice"
    many = False
    medium: Medium = "text"
    needs = ("options",)
    extra_config: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "options": {
            "anyOf": [
                {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 2, "uniqueItems": True},
                {"type": "string", "pattern": r"^\$\{[^{}]+\}$"},
            ]
        },
        **CONFIDENCE,
    }

    def own_schema(self, node: NodeSpec) -> dict[str, Any]:
        options = _written(node)
        fixed = isinstance(options, list) and not any("${" in str(one) for one in options)
        return {"type": "string", "enum": options} if fixed else {"type": "string"}

    def request(self, node: Node, scene: Scene) -> Ask:
        schema = wrapped_value({"type": "string", "enum": _options(node, scene)})
        return ask(node, scene, schema=schema, logprobs=wants_confidence(node.spec))

    async def execute(self, node: Node, ask: Ask, session: Session) -> Json:
        assert ask.request.schema is not None
        options: list[str] = ask.request.schema["properties"]["value"]["enum"]
        return await converse(node, ask, session, lambda text: read_choice(text, options))


def _written(node: NodeSpec) -> Json:
    return (node.config.model_extra or {}).get("options") if node.config else None


def _options(node: Node, scene: Scene) -> list[str]:
    """The options of one instance, each once. Raises RunError for what cannot be chosen from, Unknown while planning."""
    found = render_value(_written(node.spec), scene.lookup, scene.missing)
    if not isinstance(found, list) or not found or not all(isinstance(one, str) and one.strip() for one in found):
        raise RunError(
            "options-none",
            "the options are not a list of texts" if found else "there are no options to choose from",
            None,
            "`config.options` takes a list of texts, or one `${name}` of a text-array.",
        )
    return list(dict.fromkeys(found))


def read_choice(text: str, options: list[str]) -> str:
    """The option that an answer names. Raises Misfit."""
    value = unwrapped(text)
    said = value.strip().strip("\"'.“”").strip() if isinstance(value, str) else ""
    near = [one for one in options if one.strip().casefold() == said.casefold()]
    if value in options or near:
        return value if value in options else near[0]
    listed = ", ".join(f"“{one}”" for one in options)
    raise Misfit("answer-no-option", f"the answer must be one of {listed}, and this is not: {excerpt(text)}")


CHOICE = Choice()
