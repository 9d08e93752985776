"""Makes a plan: the very walk that a run takes, with "not known yet" wherever a model would have to be asked.

recorded value ──> goes on as in a run          (exact)
call           ──> UNKNOWN ──> whatever reads it is a call too
array UNKNOWN  ──> one step for all its items, their number estimated
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from genarun.errors import GenarunError
from genarun.nodes.conversation import turn_request
from genarun.planning.estimate import Estimator
from genarun.planning.model import Plan, Step
from genarun.planning.sources import Recorded
from genarun.planning.walk import Instance, Walk
from genarun.providers.prices import Prices
from genarun.tree.model import Node
from genarun.tree.template import UNKNOWN

if TYPE_CHECKING:
    from genarun.planning.situation import Situation

Json = Any


class Planner(Recorded):
    """The `Sources` of a planning walk: it notes what would happen."""

    def __init__(self, situation: Situation) -> None:
        super().__init__(
            situation.reuse,
            situation.own,
            situation.overrides,
            lambda node, ask: situation.services.key(node.use, ask.request),  # type: ignore[arg-type]
            situation.selected,
            own_run=situation.own_run,
            fresh=situation.fresh,
        )
        self.situation = situation
        self.estimator = Estimator(Prices(), situation.reuse)
        self.steps: list[Step] = []
        self.warnings: list[str] = []
        self.walk = Walk(situation.tree, situation.root, situation.seed, self)

    def build(self) -> Plan:
        """Walk to the end."""
        walk, situation = self.walk, self.situation
        while not walk.done:
            instance = walk.next_call()
            if instance is None:
                break
            self._called(instance)
        budget = {"usd": situation.usd, "calls": situation.calls, "minutes": situation.minutes}
        plan = Plan(
            tree=situation.tree.name,
            title=situation.tree.spec.title,
            steps=tuple(self.steps),
            seed=situation.seed,
            continues=situation.own_run,
            warnings=(*situation.tree.warnings, *situation.notices, *self.warnings),
            budget={name: str(limit) if isinstance(limit, Decimal) else limit for name, limit in budget.items()},
        )
        return replace(plan, unchanged=not plan.calls and plan.exact and plan.continues is None and not self.warnings)

    # ------------------------------------------------------------------ calls

    def _called(self, instance: Instance) -> None:
        asked = instance.ask
        assert asked is not None
        calls, answers = len(asked.turns), ()
        for number in range(len(asked.turns) - 1):  # a conversation that was interrupted goes on behind its last answer
            key = self.situation.services.key(instance.node.use, turn_request(asked, number, answers))  # type: ignore[arg-type]
            found = self.reuse_for(instance.node).call(key, instance.path)
            if found is None or found.record.text is None:
                break
            answers = (*answers, found.record.text)  # type: ignore[assignment]
            calls -= 1
        usd = self.estimator.call_usd(instance.node, asked.request)
        self._add(instance.path, instance.node, calls, True, self._why(instance), "", usd)
        self._unsettled(instance)

    def unknown(self, instance: Instance) -> None:
        """What it asks depends on a value that a call will bring."""
        node = instance.node
        reads = self._reads(instance)
        if node.kind.medium is None:
            self.steps.append(Step(instance.path, node.name, node.spec.type, "compute", 0, True, reads))
        else:
            certain = self._new(node) and not node.conditions
            source = "" if certain else "at most: an equal value would be reused"
            turns = len(node.prompt.turns) if node.prompt is not None else 1
            self._add(instance.path, node, turns, certain, reads, source, self.estimator.call_usd(node, None))
        self._unsettled(instance)

    def _unsettled(self, instance: Instance) -> None:
        node = instance.node
        if node.kind.many and node.children:
            count = self.estimator.count(node)
            for child in node.children:
                self._many(child, f"{instance.path}/*", count.items, count.source, count.exact)
        self.walk.settle(instance, UNKNOWN)

    def _many(self, node: Node, prefix: str, times: int, source: str, exact: bool) -> None:
        """All instances of a node whose number a call decides."""
        path = f"{prefix}/{node.id}"
        exact = exact and not node.conditions and self._new(node)
        if node.kind.medium is not None and self.selected(node):
            turns = len(node.prompt.turns) if node.prompt is not None else 1
            usd = self.estimator.call_usd(node, None)
            self._add(path, node, times * turns, exact, f"{times} items", "" if exact else source, usd)
        if node.kind.many:
            count = self.estimator.count(node)
            path, times, exact = f"{path}/*", times * count.items, exact and count.exact
            source = source if source == count.source else f"{source}; {count.source}"
        for child in node.children:
            self._many(child, path, times, source, exact)

    def _add(self, path: str, node: Node, calls: int, exact: bool, why: str, source: str, usd: Decimal | None) -> None:
        use = node.use
        self.steps.append(
            Step(
                path,
                node.name,
                node.spec.type,
                "call",
                calls,
                exact,
                why,
                source,
                use.alias if use else None,
                self._provider(node),
                use.model if use else None,
                None if usd is None and self.situation.mode == "real" else (usd or Decimal(0)) * calls * self._priced(),
            )
        )

    def _priced(self) -> int:
        """Offline and recorded answers are free."""
        return 1 if self.situation.mode == "real" else 0

    def _provider(self, node: Node) -> str | None:
        if self.situation.mode != "real":
            return self.situation.mode
        return node.use.provider if node.use else None

    # ------------------------------------------------------------------ reasons

    def _why(self, instance: Instance) -> str:
        node, asked = instance.node, instance.ask
        if self.fresh:
            return "--fresh"
        if node.spec.cache == "never":
            return "cache: never"
        earlier = self.reuse.at(instance.path)
        if earlier is None or asked is None:
            return "new" if self._new(node) else "nothing recorded for this item"
        use, request = node.use, earlier.request or {}
        if use is not None:
            before, now = f"{earlier.provider}/{earlier.model}", f"{self.situation.services.answering(use)}/{use.model}"
            if before != now:
                return f"the model changed: {before} → {now}"
        if request.get("params", {}) != dict(asked.request.params):
            return "parameters changed"
        if request.get("schema") != (dict(asked.request.schema) if asked.request.schema is not None else None):
            return "the schema changed"
        if earlier.status == "failed":
            return "it failed before"
        if earlier.key == instance.key:
            return "its recorded value no longer fits, or its file is missing"
        return "the prompt changed"

    def _new(self, node: Node) -> bool:
        """Whether no kept run knows the node, so that nothing recorded can spare its calls."""
        return self.reuse.history(node.name) is None

    def _reads(self, instance: Instance) -> str:
        frame, names = instance.frame, []
        for dep in instance.node.deps:
            at = frame
            for _ in range(dep.up):
                at = at.parent  # type: ignore[assignment]
            if at.finished.get(dep.node.id) is UNKNOWN:
                names.append(dep.node.id)
        above: Any = frame
        while not names and above is not None:
            if above.value is UNKNOWN and above.owner is not None:
                names.append(above.owner.id)
            above = above.parent
        return f"reads {', '.join(names)}, not known yet" if names else "depends on a value not known yet"

    # ------------------------------------------------------------------ what the walk tells (`Sources`)

    def settled(self, instance: Instance, how: str, value: Json) -> None:
        """A value without a call."""
        node = instance.node
        if how == "computed" and node.kind.name == "group":
            return
        action, why = {
            "reused": ("reuse", "unchanged"),
            "shared": ("reuse", "shares an equal request's answer"),
            "overridden": ("override", "a person's value"),
            "computed": ("compute", "no model"),
        }[how]
        self.steps.append(Step(instance.path, node.name, node.spec.type, action, 0, True, why))  # type: ignore[arg-type]

    def skipped(self, instance: Instance) -> None:
        """`when` does not hold."""
        self._skip(instance, "when does not hold")

    def left_out(self, instance: Instance) -> None:
        """Not selected, nothing recorded."""
        self._skip(instance, "left out by --only or --skip")

    def failed(self, instance: Instance, error: GenarunError) -> None:
        """It would fail without a call."""
        self._skip(instance, f"would fail: {error.what}")
        self.warnings.append(f"{instance.path} would fail: {error.what}")

    def _skip(self, instance: Instance, why: str) -> None:
        node = instance.node
        self.steps.append(Step(instance.path, node.name, node.spec.type, "skip", 0, True, why))


def build_plan(situation: Situation) -> Plan:
    """What a run from this situation would do. Pure: everything was read before, nothing is written."""
    return Planner(situation).build()
