"""Where an instance's value can come from without a call: a person's word, or what was recorded before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from genarun.nodes.base import Ask
from genarun.nodes.confidence import unsure
from genarun.planning.estimate import Estimator
from genarun.planning.walk import LATER, Instance, misfit_of
from genarun.providers.base import ModelRequest
from genarun.store.assets import asset_for
from genarun.store.overrides import Override
from genarun.store.reuse import Reuse
from genarun.tree.model import ModelUse, Node
from genarun.tree.template import MISSING

Json = Any


class Recorded:
    """The half of `Sources` that planning and running share. Pure: everything was read before.

    reuse: what all kept runs recorded. own: only what this very run recorded before it was interrupted, which is all that
        serves a node with `cache: never`, or any node with --fresh.
    keys: the key of a request, by whom it asks. estimator: what calls cost; a pool may go by it.
    """

    def __init__(
        self,
        reuse: Reuse,
        own: Reuse,
        overrides: Mapping[str, Override],
        keys: Callable[[ModelUse, ModelRequest], str],
        estimator: Estimator,
        selected: frozenset[tuple[str, ...]] | None,
        *,
        own_run: str | None = None,
        fresh: bool = False,
    ) -> None:
        self.reuse = reuse
        self.own = own
        self.overrides = overrides
        self.keys = keys
        self.estimator = estimator
        self.chosen = selected
        self.own_run = own_run
        self.fresh = fresh
        self.overrides_used: set[str] = set()

    def reuse_for(self, node: Node) -> Reuse:
        """Where recorded values and answers of a node may come from."""
        return self.own if self.fresh or node.spec.cache == "never" else self.reuse

    def override(self, instance: Instance) -> Json:
        """The person's value for this path, or MISSING."""
        if not self.overrides:
            return MISSING
        found = self.overrides.get(instance.path)
        if found is None:
            return MISSING
        self.overrides_used.add(instance.path)
        instance.found = found
        return found.value

    def key(self, instance: Instance, ask: Ask) -> str:
        """The key of what the instance asks; of a pool, the first of its `keys`."""
        if ask.variants:
            instance.keys = tuple(self.keys(one.use, one.request) for one in ask.variants)
            return instance.keys[0]
        return self.keys(instance.node.use, ask.request)  # type: ignore[arg-type]

    def price(self, node: Node, use: ModelUse, request: ModelRequest | None) -> Decimal | None:
        """Dollars of one call, estimated: list prices, also where nobody is paid, so that a rehearsal asks the same models."""
        return self.estimator.call_usd(node, use, request)

    def selected(self, node: Node) -> bool:
        """Whether this run may call for this node."""
        return self.chosen is None or node.trail in self.chosen

    def recorded(self, instance: Instance, patient: bool) -> Json:
        """A recorded value of this key that still fits the node, claimed; or MISSING, or LATER."""
        node = instance.node
        reuse = self.reuse_for(node)
        while True:
            found = reuse.claim(
                instance.keys or instance.key or "", instance.path, node.spec.cache == "shared", patient=patient
            )
            if found is None:
                return LATER if reuse.held else MISSING
            record = found.record
            value = record.value if record.asset is None else asset_for(node.id, record.asset)
            if misfit_of(node, value) is None and unsure(node, record.confidence) is None:
                instance.found = found
                if instance.keys:
                    instance.key = record.key
                return value
            reuse.release(found)

    def unused_overrides(self) -> list[str]:
        """Paths in overrides.yaml that no instance of this walk had."""
        return sorted(set(self.overrides) - self.overrides_used)
