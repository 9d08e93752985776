"""The halves of a kind that it does not have: kinds that ask never compute, kinds that compute never ask."""

from __future__ import annotations

from genarun.nodes.base import Ask, Json, Scene, Session
from genarun.tree.model import Node


class NoCompute:
    """Base of kinds that ask a model."""

    def compute(self, node: Node, scene: Scene) -> Json:
        """Never called: the engine computes only kinds whose `medium` is None."""
        raise NotImplementedError(node.spec.type)


class NoAsk:
    """Base of kinds that ask nothing."""

    def request(self, node: Node, scene: Scene) -> None:
        """Nothing is asked."""

    async def execute(self, node: Node, ask: Ask, session: Session) -> Json:
        """Never called: the engine executes only kinds whose `medium` is set."""
        raise NotImplementedError(node.spec.type)
