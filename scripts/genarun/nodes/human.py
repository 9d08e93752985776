"""`human`: a question to a person. The run goes on with what does not depend on it, and waits for the rest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from genarun.errors import RunError
from genarun.nodes.base import Json, Scene
from genarun.nodes.none import NoAsk
from genarun.nodes.question import Ask, AskedFor, Option, make_options, read_answer
from genarun.tree.model import Node
from genarun.tree.spec import NodeSpec, parse_duration
from genarun.tree.template import MISSING, render_value

_DURATION = {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "string", "pattern": r"^\d+(\.\d+)?(ms|s|m|h|d)$"}]}


class Human(NoAsk):
    """Asks for one of several options, all of them in order, a yes or no, or a text."""

    name = "human"
    many = False
    medium = None
    person = True
    extra_config: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "ask": {"enum": ["choice", "text", "approve", "rank"]},
        "options": {
            "anyOf": [
                {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 2, "uniqueItems": True},
                {"type": "string", "pattern": r"^\$\{[^{}]+\}$"},
            ]
        },
        "default": {"type": ["string", "boolean", "integer"]},
        "timeout": _DURATION,
    }

    def own_schema(self, node: NodeSpec) -> dict[str, Any]:
        asked, options = asked_for(node), _extra(node).get("options")
        fixed = isinstance(options, list) and not any("${" in str(one) for one in options)
        one: dict[str, Any] = {"type": "string", "enum": options} if fixed else {"description": "one of the options"}
        return {
            "text": {"type": "string"},
            "approve": {"type": "boolean"},
            "choice": one,
            "rank": {"type": "array", "items": one},
        }[asked]

    def question(self, node: Node, scene: Scene) -> Ask:
        """What the person is asked at this place. Raises RunError (`options-few`) where there is nothing to choose from."""
        assert node.prompt is not None
        turns = node.prompt.render(scene.lookup, scene.chooser, scene.missing)
        config, asked = _extra(node.spec), asked_for(node.spec)
        options: tuple[Option, ...] = ()
        if asked in ("choice", "rank"):
            found = render_value(config.get("options"), scene.lookup, scene.missing)
            options = make_options(found if isinstance(found, list) else [])
            if len(options) < 2:
                raise RunError(
                    "options-few",
                    f"there is nothing to choose from: {len(options)} option{'' if len(options) == 1 else 's'}",
                    None,
                    "`config.options` takes at least two texts, or one `${name}` of a list with at least two different items.",
                )
        timeout = parse_duration(config["timeout"]) if config.get("timeout") is not None else None
        question = Ask(asked, "\n\n".join(turn.user for turn in turns), options, timeout=timeout)  # type: ignore[arg-type]
        default = config.get("default", MISSING)
        if default is MISSING:
            return question
        text = render_value(default, scene.lookup, scene.missing) if isinstance(default, str) else str(default).lower()
        value = read_answer(question, str(text))
        return Ask(asked, question.prompt, options, value, question.timeout)


def asked_for(node: NodeSpec) -> AskedFor:
    """What kind of answer a node wants: what it says, else a choice where there are options, else a text."""
    config = _extra(node)
    asked: AskedFor = config.get("ask") or ("choice" if config.get("options") is not None else "text")
    return asked


def _extra(node: NodeSpec) -> dict[str, Json]:
    return (node.config.model_extra or {}) if node.config else {}


HUMAN = Human()
