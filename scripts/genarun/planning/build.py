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
from genarun.nodes.base import Ask, Variant
from genarun.planning.certain import assured, could_serve, names_of
from genarun.planning.estimate import Estimator
from genarun.planning.model import Action, Plan, Step
from genarun.planning.pool import Expected, expected
from genarun.planning.rehearse import Rehearsal, rehearse
from genarun.planning.sources import Recorded
from genarun.planning.walk import Instance, LiveFrame, Walk
from genarun.providers.prices import Prices
from genarun.tree.conditions import holds
from genarun.tree.kinds import asks_person
from genarun.tree.model import Dep, Node
from genarun.tree.scope import lookup
from genarun.tree.template import MISSING, UNKNOWN, Unknown, value_at

if TYPE_CHECKING:
    from genarun.planning.situation import Situation

Json = Any

SHARED = "at most: equal requests share one answer"
_HOW: dict[str, tuple[Action, str]] = {
    "reused": ("reuse", "unchanged"),
    "shared": ("reuse", "shares an equal request's answer"),
    "overridden": ("override", "a person's value"),
    "computed": ("compute", "no model"),
}


class Planner(Recorded):
    """The `Sources` of a planning walk: it notes what would happen."""

    def __init__(self, situation: Situation) -> None:
        super().__init__(
            situation.reuse,
            situation.own,
            situation.overrides,
            situation.services.key,
            Estimator(Prices(env=situation.services.env), situation.reuse),
            situation.selected,
            own_run=situation.own_run,
            fresh=situation.fresh,
        )
        self.situation = situation
        self.steps: list[Step] = []
        self.warnings: list[str] = []
        self._maybe_taken: set[str | None] = set()  # keys of recorded values that went to instances that may not happen
        self._shared_unknown = False
        self._broken = False
        self._risks: dict[tuple[str, tuple[str, ...]], str] = {}
        self._spares: dict[tuple[str, ...], bool] = {}
        root = situation.root | {"seed": UNKNOWN} if situation.rolled else situation.root
        self.walk = Walk(situation.tree, root, situation.seed, self)

    def build(self) -> Plan:
        """Walk to the end."""
        walk, situation = self.walk, self.situation
        while not walk.done:
            instance = walk.next_call()
            if instance is None:
                break
            self._called(instance)
        if self._shared_unknown:  # one that is known may turn out to equal one that is not, and then either may ask
            shared = {node.name for node in walk.tree.trails.values() if node.spec.cache == "shared"}
            self.steps = [
                replace(step, exact=False, source=SHARED) if step.exact and step.calls and step.node in shared else step
                for step in self.steps
            ]
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
        quiet = not plan.calls and plan.exact and plan.continues is None and not self._broken
        return replace(plan, unchanged=quiet and situation.standing(walk.output()) is not None)

    # ------------------------------------------------------------------ calls

    def _called(self, instance: Instance) -> None:
        asked, node = instance.ask, instance.node
        assert asked is not None
        heard = rehearse(self, instance) if self.situation.eager else Rehearsal(len(asked.turns))
        if heard.error is not None:  # every answer is recorded, and none fits
            self.failed(instance, heard.error)
            self.walk.fail(instance)
            return
        if not heard.calls and heard.value is not MISSING:
            self._step(instance, "reuse", "its answer is recorded")
            self.walk.settle(instance, heard.value)
            return
        doubt = self._doubt(instance) or heard.doubt
        if not doubt and not self._maybe_taken.isdisjoint(instance.keys or (instance.key,)):
            doubt = "at most: a recorded value may be left over for it"
        self._add(instance.path, node, heard.calls, not doubt, self._why(instance), doubt, asked)
        self._unsettled(instance)

    def unknown(self, instance: Instance) -> None:
        """What it asks depends on a value that a call will bring."""
        node = instance.node
        reads = self._reads(instance)
        self._weigh(instance)
        if asks_person(node.kind):
            self._asked(instance)
        elif node.kind.medium is None:
            self._step(instance, "compute", reads)
        elif not self.selected(node):
            self._step(instance, "skip", "left out by --only or --skip, unless a recorded value fits")
            instance.risk = instance.risk or f"at most: {node.name} may be left out"
        else:
            source = self._doubt(instance) or self._spared(node)
            turns = len(node.prompt.turns) if node.prompt is not None else 1
            self._add(instance.path, node, turns, not source, reads, source)
        self._unsettled(instance)

    def _unsettled(self, instance: Instance) -> None:
        self._spread(instance)
        self.walk.settle(instance, UNKNOWN)

    def _spread(self, instance: Instance) -> None:
        """What lies under an array that is not known yet: one step for each node."""
        node = instance.node
        if node.kind.many and node.children:
            count = self.estimator.count(node)
            doubt = self._doubt(instance)
            for child in node.children:
                self._many(child, (*instance.path.split("/"), "*"), count.items, count.source, count.exact, 1, instance, doubt)
            if any(self._risky(child, 1, instance) for child in node.children):
                self._endanger(instance, f"at most: an item of {node.name} may fail")

    def _many(
        self, node: Node, above: tuple[str, ...], times: int, source: str, exact: bool, depth: int, root: Instance, doubt: str
    ) -> None:
        """All instances of a node whose number a call decides. above: the path so far, `*` for each item's place.
        depth: how many frames lie between the node's own and the one that `root` lives in."""
        path = (*above, node.id)
        if not doubt:
            doubt = self._risky(node, depth, root, own=True)
        if node.kind.medium is not None and self.selected(node):
            turns = len(node.prompt.turns) if node.prompt is not None else 1
            calls = max(times - self._overridden(path, times), 0) * turns
            unsure = doubt or ("" if exact else source) or (self._spared(node) if calls else "")
            self._add("/".join(path), node, calls, not unsure, f"{times} items", unsure)
        if node.kind.many:
            count = self.estimator.count(node)
            path, times, exact = (*path, "*"), times * count.items, exact and count.exact
            source = source if source == count.source else f"{source}; {count.source}"
        for child in node.children:
            self._many(child, path, times, source, exact, depth + 1, root, doubt)

    def _overridden(self, path: tuple[str, ...], times: int) -> int:
        """How many of the instances have a person's value. Without a fixed number of items, those within the estimate."""
        found = 0
        for one in self.overrides:
            parts = one.split("/")
            if len(parts) == len(path):
                pairs = zip(parts, path, strict=True)
                found += all(int(part) < times if at == "*" and part.isdigit() else part == at for part, at in pairs)
        return found

    # ------------------------------------------------------------------ doubts

    def _doubt(self, instance: Instance) -> str:
        """Why this instance may not happen, for a reason of its own or of what it lies in."""
        here: Instance | None = instance
        while here is not None:
            if here.doubt:
                return here.doubt
            here = here.frame.holder
        return ""

    def _weigh(self, instance: Instance) -> None:
        """Note why an instance that reads what is not known yet may not happen."""
        node, scope = instance.node, lookup(instance.frame, self.walk.root, instance.node)
        if node.conditions:
            try:
                holds(node.conditions, scope)
            except Unknown as unknown:
                instance.doubt = f"at most: whether it runs depends on {unknown.name}"
                here: Instance | None = instance
                while here is not None:
                    here.risk = here.risk or instance.doubt
                    above = here.frame.holder
                    here = above if above is not None and above.node.collapses and not above.node.kind.many else None
                return
        risk = next((found for dep in node.deps if (found := self._source(instance.frame, dep).risk)), "")
        if not risk and node.required:
            risk = "at most: what it requires may be empty"
        for name in () if risk or self.walk.tree.legacy else names_of(node):
            value = value_at(scope, name)
            if value is MISSING or (value is UNKNOWN and not assured(self.walk.tree, node, name)):
                risk = f"at most: {'.'.join(name)} may have no value"
                break
        if risk:
            instance.doubt = risk
            self._endanger(instance, risk)

    def _endanger(self, instance: Instance, risk: str) -> None:
        """The instance may fail: what reads it, or anything that it lies in, may not happen."""
        here: Instance | None = instance
        while here is not None and not here.risk:
            here.risk = risk
            here = here.frame.holder if here.node.spec.on_error == "fail" else None

    def _source(self, frame: LiveFrame, dep: Dep, less: int = 0) -> Instance:
        for _ in range(dep.up - less):
            frame = frame.parent  # type: ignore[assignment]
        return frame.instances[dep.node.id]

    def _risky(self, node: Node, depth: int, root: Instance, *, own: bool = False) -> str:
        """Why instances of a node under an array that is not known yet may not happen or, unless `own`, may break."""
        place = (root.path, node.trail)
        if place not in self._risks:
            self._risks[place] = self._risk_of(node, depth, root)
        risk = self._risks[place]
        if risk or own:
            return risk
        return next((found for child in node.children if (found := self._risky(child, depth + 1, root))), "")

    def _risk_of(self, node: Node, depth: int, root: Instance) -> str:
        if node.conditions:
            return f"at most: {node.name} runs only when its conditions hold"
        if node.required:
            return "at most: what it requires may be empty"
        for dep in node.deps:
            if dep.up >= depth:
                source = self._source(root.frame, dep, depth)
                value = source.frame.finished.get(source.node.id, MISSING)
                risk = source.risk if value is UNKNOWN else "at most: what it reads has no value" if value is MISSING else ""
            else:
                risk = self._risky(dep.node, depth - dep.up, root)
            if risk:
                return risk
        if self.walk.tree.legacy:
            return ""
        for name in names_of(node):
            if not assured(self.walk.tree, node, name):
                return f"at most: {'.'.join(name)} may have no value"
        return ""

    def _spared(self, node: Node) -> str:
        """Why calls of a node whose requests are not known yet may not be needed."""
        if node.spec.cache == "shared":
            self._shared_unknown = True
            return SHARED
        if node.trail not in self._spares:
            self._spares[node.trail] = could_serve(node, self.reuse_for(node).lines())
        return "at most: an equal request's answer would be reused" if self._spares[node.trail] else ""

    def _add(self, path: str, node: Node, calls: int, exact: bool, why: str, source: str, ask: Ask | None = None) -> None:
        real, alias = self.situation.mode == "real", node.use.alias if node.use else None
        whom = self._expected(node, ask)
        self.steps.append(
            Step(
                path,
                node.name,
                node.spec.type,
                "call",
                calls,
                exact,
                f"{why}; {whom.behind}" if whom.behind else why,
                source,
                alias,
                whom.use.provider if real else self.situation.mode,
                whom.use.model,
                None if whom.usd is None and real else (whom.usd or Decimal(0)) * calls * real,  # else it is free
            )
        )

    def _expected(self, node: Node, ask: Ask | None) -> Expected:
        return expected(node, ask, self.situation.services.reachable, self.price)

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
        request, before, answering = earlier.request or {}, (earlier.provider, earlier.model), self.situation.services.answering
        ways = asked.variants or (Variant(node.use, asked.request),)  # type: ignore[arg-type]
        same = [way for way in ways if (answering(way.use), way.use.model) == before]
        if not same:
            now = self._expected(node, asked).use
            return f"the model changed: {earlier.provider}/{earlier.model} → {answering(now)}/{now.model}"
        if all(request.get("params", {}) != dict(way.request.params) for way in same):
            return "parameters changed"
        if request.get("schema") != (dict(asked.request.schema) if asked.request.schema is not None else None):
            return "the schema changed"
        if earlier.status == "failed" or earlier.error is not None:
            return "it failed before"
        if earlier.key in (instance.keys or (instance.key,)):
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
        if not names and self.situation.rolled:
            return "the run rolls a seed of its own"
        return f"reads {', '.join(names)}, not known yet" if names else "depends on a value not known yet"

    # ------------------------------------------------------------------ what the walk tells (`Sources`)

    def settled(self, instance: Instance, how: str, value: Json) -> None:
        """A value without a call."""
        node = instance.node
        if how == "computed" and node.kind.name == "group":
            return
        action, why = _HOW[how]
        if how == "reused" and self._doubt(instance):
            self._maybe_taken.add(instance.key)
        if value is UNKNOWN:
            self._spread(instance)
        if how == "shared" and (doubt := self._doubt(self.walk.first_of(instance))):
            self._add(instance.path, node, 1, False, "shares an equal request's answer, if that is asked", doubt)
            return
        self._step(instance, action, why)

    def asks(self, instance: Instance) -> Json:
        """A person's answer is not known yet, and neither is what reads it."""
        self._weigh(instance)
        self._asked(instance)
        self._spread(instance)
        return UNKNOWN

    def _asked(self, instance: Instance) -> None:
        self._step(instance, "ask", "asks a person")
        instance.risk = instance.risk or f"at most: {instance.node.name} waits for a person"

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
        self._broken = self._broken or instance.node.spec.on_error == "fail"

    def _skip(self, instance: Instance, why: str) -> None:
        self._step(instance, "skip", why)

    def _step(self, instance: Instance, action: Action, why: str) -> None:
        node = instance.node
        self.steps.append(Step(instance.path, node.name, node.spec.type, action, 0, True, why))


def build_plan(situation: Situation) -> Plan:
    """What a run from this situation would do. Pure: everything was read before, nothing is written."""
    return Planner(situation).build()
