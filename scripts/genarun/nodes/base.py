"""The door for node kinds: read this file first when you add one.

A kind says what a node asks (`request`: pure, so that planning and running agree by construction) and how the answer becomes
the node's value (`execute`: async, through a `Session` that the engine gives it). Scheduling, limits, retries, budgets, reuse
and journalling belong to the engine and are the same for every kind. Built-in kinds come in by the entry-point group
`genarun.nodes`, exactly as a third party's package does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from genarun.providers.base import File, ModelReply, ModelRequest
from genarun.tree.kinds import Medium
from genarun.tree.model import ModelUse, Node
from genarun.tree.picks import Chooser
from genarun.tree.prompt import RenderedTurn
from genarun.tree.spec import NodeSpec

Json = Any
Lookup = Callable[[str], Json]


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that decides what one instance asks.

    lookup: the value of a name, or MISSING, or UNKNOWN while planning.
    chooser: makes the picks and remembers them; None where the prompt has none.
    missing: what a missing name does: fail the instance, or (v0) render as nothing.
    """

    lookup: Lookup
    chooser: Chooser | None
    missing: Literal["error", "empty"]
    seed: int
    path: str
    legacy: bool


@dataclass(frozen=True, slots=True)
class Variant:
    """The request of an instance as one model of its pool is asked it: with that model's name and parameters."""

    use: ModelUse
    request: ModelRequest


@dataclass(frozen=True, slots=True)
class Ask:
    """What one instance asks.

    request: all rendered turns without answers; the instance's key is made from it. For one turn it is the call itself.
    turns: the rendered turns, one call each.
    legacy: asked by a v0 tree, whose answers are read more loosely.
    variants: where the node asks a pool, every model of it in this instance's order, the first with `request` itself. The walk
        puts them in: a kind asks as if there were one model.
    """

    request: ModelRequest
    turns: tuple[RenderedTurn, ...]
    legacy: bool = False
    variants: tuple[Variant, ...] = ()


class Session(Protocol):
    """What the engine lends to `execute`: calls that are limited, retried, budgeted, journalled and never made twice."""

    async def call(self, request: ModelRequest) -> ModelReply:
        """One call, or its recorded answer. Raises ProviderError, BudgetStop or Interrupted.

        A request that is made from `Ask.request` keeps its model and parameters. Where these are of a pool, another model may
        answer: it is asked the same, with its own name and parameters.
        """

    def judged(self, confidence: float) -> None:
        """Note how sure the model was of its last answer, from 0 to 1: it stands in the record. Called before the next call."""

    async def save(self, file: File) -> str:
        """Keep a file of an answer; its path relative to the run's folder. Raises ProviderError, Misfit or StoreError."""


class NodeKind(Protocol):
    """One kind of node. See `genarun.tree.kinds.KindFacts` for the facts that checking needs.

    Settings of `config` beyond the common ones are in `node.spec.config.model_extra`; texts in them are templates
    (`genarun.tree.template.render_value`), and the names that they read are waited for as a prompt's are.
    """

    name: str
    many: bool
    medium: Medium | None
    extra_config: Mapping[str, Mapping[str, Any]]

    def own_schema(self, node: NodeSpec) -> dict[str, Any]:
        """JSON Schema of the node's own value, children left out."""

    def request(self, node: Node, scene: Scene) -> Ask | None:
        """What this instance asks; None for a kind that calls no model. Pure. Raises Unknown while planning."""

    def compute(self, node: Node, scene: Scene) -> Json:
        """The value of a kind that calls no model. Pure. Never called for the others."""

    async def execute(self, node: Node, ask: Ask, session: Session) -> Json:
        """Ask and read; the value fits the node. Raises Misfit when no answer fitted, and what `Session` raises.

        Everything from outside comes through the session: a plan rehearses this with recorded answers alone."""
