"""`tree`: another tree as a step. It asks nothing itself: the other tree's nodes live under it, and see no name around it.

Compiling puts those nodes in place (`tree/compile.py`), so that planning, reuse, budgets and records need to know of no second
run: their paths begin with the step's, and one walk holds them all. The step's own value is what it gives the tree as inputs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from genarun.nodes.base import Json, Scene
from genarun.nodes.none import NoAsk
from genarun.tree.inputs import resolve_inputs
from genarun.tree.model import Node
from genarun.tree.spec import NodeSpec
from genarun.tree.steps import latest_name
from genarun.tree.template import render_value


class TreeStep(NoAsk):
    """`config: {tree: name, inputs: {name: value}}`; its value in the output is the other tree's output."""

    name = "tree"
    many = False
    medium = None
    needs = ("tree",)
    extra_config: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "tree": {"type": "string", "minLength": 1},
        "inputs": {"type": "object"},
    }

    def own_schema(self, node: NodeSpec) -> dict[str, Any]:
        return {}

    def compute(self, node: Node, scene: Scene) -> Json:
        """The other tree's inputs. Raises SetupError for values that it does not take, Unknown while planning."""
        assert node.step is not None
        written = (node.spec.config.model_extra or {}).get("inputs") if node.spec.config else None
        given = render_value(written or {}, scene.lookup, scene.missing)
        return resolve_inputs(node.step, given, lambda tree: scene.lookup(latest_name(tree)))


TREE = TreeStep()
