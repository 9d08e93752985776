"""The walk over a tree that planning and running share, so that a plan is true by construction.

    frame opens ──> its nodes become instances ──> what an instance reads is finished ──> ready
    ready ──> override? when? template? reused value?  ── none of these ──> needs a call (handed to the driver)
    settled (own value known) ──> child frames open, one per item ──> all finished ──> composed value ──> parent, readers

The walk is pure: no clock, no disk, no network. A driver asks `next_call()` for instances that need a model, and answers with
`settle`, `fail` or `leave`. The engine settles with what a model said; a plan settles with UNKNOWN, which spreads to
whatever reads it. Nothing recurses over items, so 10,000 of them are as safe as ten.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from genarun.errors import GenarunError, Misfit
from genarun.nodes.base import NodeKind, Scene
from genarun.nodes.question import Ask as Question
from genarun.planning.instance import Instance as Instance
from genarun.planning.instance import LiveFrame as LiveFrame
from genarun.planning.pool import draws, variants
from genarun.planning.required import check_required
from genarun.planning.told import LATER as LATER
from genarun.planning.told import Sources as Sources
from genarun.store.assets import asset_for
from genarun.tree.conditions import holds
from genarun.tree.kinds import ASSETS, asks_person
from genarun.tree.model import Node, Tree
from genarun.tree.output import compose_items, compose_object, compose_top
from genarun.tree.picks import Chooser, item_marks
from genarun.tree.scope import enclosing_marks, lookup
from genarun.tree.template import MISSING, UNKNOWN, Unknown

Json = Any
Idle = Callable[[], bool]


def _always() -> bool:
    return True


class Walk:
    """One pass over one tree. `eager` decides ready instances at once; else only when a driver asks for that alias."""

    def __init__(self, tree: Tree, root: Mapping[str, Json], seed: int, sources: Sources, *, eager: bool = True) -> None:
        self.tree = tree
        self.root = root
        self.seed = seed
        self.sources = sources
        self.eager = eager
        self.ready: dict[str | None, deque[Instance]] = {None: deque()}
        self._later: deque[Instance] = deque()
        self.unfinished = 0
        self._unopened = 0  # frames of items that run one by one: whoever lives there may still come for what is recorded
        self._picky: dict[tuple[str, ...], bool] = {}
        self._shared: dict[str, Instance] = {}
        self._sharing: dict[str, list[Instance]] = {}
        self.top = LiveFrame(None, None, None, "")
        self._open(self.top, tree.nodes)

    # ------------------------------------------------------------------ opening

    def _open(self, frame: LiveFrame, nodes: tuple[Node, ...]) -> None:
        frame.left = len(nodes)
        self.unfinished += len(nodes)
        instances = frame.instances
        for node in nodes:
            instances[node.id] = Instance(node, frame)
        for node in nodes:
            instance = instances[node.id]
            for dep in node.deps:
                at: LiveFrame = frame
                for _ in range(dep.up):
                    at = at.parent  # type: ignore[assignment]
                source = at.instances[dep.node.id]
                if source.at == "finished":
                    if source.dirty or source.absent:
                        instance.blocked_by = source
                else:
                    instance.waiting += 1
                    if source.waiters is None:
                        source.waiters = []
                    source.waiters.append(instance)
            if not instance.waiting:
                self._ready(instance)

    def _ready(self, instance: Instance) -> None:
        instance.at = "ready"
        use = instance.node.use
        alias = use.alias if use is not None and not self.eager else None
        if alias not in self.ready:
            self.ready[alias] = deque()
        self.ready[alias].append(instance)

    def _marks(self, node: Node, items: list[Json]) -> list[str]:
        """What picks and random pools under this array hash; not worth making for the many trees without them."""
        if node.trail not in self._picky:
            stack = list(node.children)
            while stack and not draws(stack[-1]):
                stack.extend(stack.pop().children)
            self._picky[node.trail] = bool(stack)
        return item_marks(items) if self._picky[node.trail] else [""] * len(items)

    # ------------------------------------------------------------------ deciding

    def next_call(self, alias: str | None = None, limit: int = 1_000_000, *, idle: Idle = _always) -> Instance | None:
        """The next instance that needs a call, its `ask` and `key` set.

        alias: when lazy, only instances of this alias are looked at (None: those that need no model).
        limit: most instances decided before returning None, so that a driver can breathe; `self.ready` tells what is left.
        idle: tells that nothing is under way that could bring the walk on: then what waits for others waits no longer. True
        for a driver that settles each call at once.
        """
        queue = self.ready.get(alias)
        while limit > 0:
            limit -= 1
            if queue:
                instance = queue.popleft()
            elif alias is None and self._later and (not self._unopened or idle()):  # nobody else can come for it without a call
                instance = self._later.popleft()
            else:
                return None
            if self._decide(instance):
                instance.at = "asked"
                return instance
        return None

    @property
    def pending(self) -> bool:
        """Whether there is more to decide that needs no alias."""
        return bool(self.ready[None] or (self._later and not self._unopened))

    def _decide(self, instance: Instance) -> bool:
        """Whether the instance needs a call; anything else is settled here."""
        node, sources = instance.node, self.sources
        if instance.blocked_by is not None:
            if instance.blocked_by.dirty:
                instance.dirty = True
            else:
                instance.absent = True
                sources.left_out(instance)
            self._finish(instance)
            return False
        try:
            value = sources.override(instance)
            if value is not MISSING:
                sources.settled(instance, "overridden", value)
                self.settle(instance, value)
                return False
            scene = self._scene(instance)
            if node.conditions and not holds(node.conditions, scene.lookup):
                sources.skipped(instance)
                self._finish(instance)
                return False
            if node.required and not self.tree.legacy:
                check_required(instance, scene.lookup, self.root)
            kind: NodeKind = node.kind  # type: ignore[assignment]
            if asks_person(kind):
                instance.question = kind.question(node, scene)  # type: ignore[attr-defined]
                instance.picks = scene.chooser.made if scene.chooser else []
                return self._decide_person(instance, instance.question)
            if kind.medium is None:
                value = kind.compute(node, scene)
                instance.picks = scene.chooser.made if scene.chooser else []
                sources.settled(instance, "computed", value)
                self.settle(instance, value)
                return False
            instance.ask = kind.request(node, scene)
            if node.use.members:  # type: ignore[union-attr]
                assert instance.ask is not None
                instance.ask = variants(instance.ask, node, scene, instance.frame, self.root, sources.price)
            instance.picks = scene.chooser.made if scene.chooser else []
        except Unknown:
            sources.unknown(instance)
            return False
        except GenarunError as error:
            sources.failed(instance, error)
            self.fail(instance)
            return False
        assert instance.ask is not None
        instance.key = sources.key(instance, instance.ask)
        value = sources.recorded(instance, instance.at != "later")
        if value is LATER:
            instance.at = "later"
            self._later.append(instance)
            return False
        if value is not MISSING:
            sources.settled(instance, "reused", value)
            self.settle(instance, value)
            return False
        if not sources.selected(node):
            sources.left_out(instance)
            instance.absent = True
            self._finish(instance)
            return False
        return not (node.spec.cache == "shared" and self._join(instance))

    def _decide_person(self, instance: Instance, question: Question) -> bool:
        """A question is answered already, waits, or is left out: it is no call. Raises RunError where its time is up."""
        sources = self.sources
        instance.key = question.key
        value = sources.recorded(instance, False)
        if value is not MISSING and value is not LATER:
            sources.settled(instance, "reused", value)
            self.settle(instance, value)
        elif not sources.selected(instance.node):
            sources.left_out(instance)
            instance.absent = True
            self._finish(instance)
        elif (value := sources.asks(instance)) is not MISSING:
            self.settle(instance, value)
        else:
            instance.dirty = True  # what reads it waits, too
            self._finish(instance)
        return False

    def _scene(self, instance: Instance) -> Scene:
        node, frame = instance.node, instance.frame
        picks = node.prompt is not None and node.prompt.has_picks
        if picks and self.root.get("seed") is UNKNOWN:
            raise Unknown("seed")
        chooser = Chooser(self.seed, node.trail, enclosing_marks(frame)) if picks else None
        missing = "empty" if self.tree.legacy else "error"
        return Scene(lookup(frame, self.root, node), chooser, missing, self.seed, instance.path, self.tree.legacy)  # type: ignore[arg-type]

    def first_of(self, instance: Instance) -> Instance:
        """Under `cache: shared`, the instance whose answer this one shares; else itself."""
        return self._shared.get(instance.sharing, instance)

    def _join(self, instance: Instance) -> bool:
        """`cache: shared`: whether an equal request is under way or answered, so that this instance waits for its value."""
        key = instance.sharing
        first = self._shared.setdefault(key, instance)
        if first is instance:
            return False
        if first.at in {"open", "finished"} and first.value is not MISSING:
            return self._share(instance, first)
        self._sharing.setdefault(key, []).append(instance)
        return True

    def _share(self, instance: Instance, first: Instance) -> bool:
        """Settle with another's value, if it fits this node too. A file gets this node's name; `found` keeps the other."""
        node, value = instance.node, first.value
        given = value
        if value is not UNKNOWN:
            if node.kind.medium in ASSETS:
                given = asset_for(node.id, value)
            if misfit_of(node, given) is not None:
                return False
        instance.found, instance.key = value, first.key
        self.sources.settled(instance, "shared", given)
        self.settle(instance, given)
        return True

    # ------------------------------------------------------------------ settling

    def settle(self, instance: Instance, value: Json) -> None:
        """The instance's own value is known (and written down): open its children, or finish it."""
        instance.value = value
        instance.ask = None  # the prompt is not needed any more, and there may be thousands
        node = instance.node
        for other in self._sharing.pop(instance.sharing, ()) if node.spec.cache == "shared" and instance.key else ():
            if not self._share(other, instance):
                self._ready(other)
        instance.at = "open"
        if not node.children or (value is UNKNOWN and node.kind.many) or (value is None and node.kind.medium is not None):
            self._finish(instance)
        elif node.kind.many:
            if not isinstance(value, list) or not value:
                self._finish(instance)
                return
            instance.frames = [
                LiveFrame(instance, index, item, mark)
                for index, (item, mark) in enumerate(zip(value, self._marks(node, value), strict=True))
            ]
            instance.left = len(instance.frames)
            at_once = len(instance.frames) if node.spec.parallel else 1
            self._unopened += len(instance.frames) - at_once
            for frame in instance.frames[:at_once]:
                instance.opened += 1
                self._open(frame, node.children)
        else:
            frame = LiveFrame(instance, None, value, "")
            instance.frames = [frame]
            instance.left = 1
            instance.opened = 1
            self._open(frame, node.children)

    def fail(self, instance: Instance) -> None:
        """There is no value. `onError` decides whether that is a failure, a gap or a null."""
        if instance.key is not None and self._shared.get(instance.sharing) is instance:
            del self._shared[instance.sharing]  # each further one may try for itself, those that come later too
            for other in self._sharing.pop(instance.sharing, ()):
                self._ready(other)
        on_error = instance.node.spec.on_error
        if on_error == "null":
            instance.value = None
        elif on_error == "fail":
            instance.dirty = True
        self._finish(instance)

    def _finish(self, instance: Instance) -> None:
        """Compose the value, tell those who read it, and go up as long as that finishes the parent too."""
        current: Instance | None = instance
        while current is not None:
            current.at = "finished"
            current.ask = None
            self.unfinished -= 1
            frame = current.frame
            value = self._composed(current)
            current.frames = []
            if value is not MISSING:
                frame.finished[current.node.id] = value
                frame.unknown = frame.unknown or value is UNKNOWN
            frame.dirty = frame.dirty or current.dirty
            for waiter in current.waiters or ():
                if current.dirty or current.absent:
                    waiter.blocked_by = current
                waiter.waiting -= 1
                if not waiter.waiting and waiter.at == "new":
                    self._ready(waiter)
            current.waiters = None
            frame.left -= 1
            current = self._frame_done(frame) if not frame.left else None

    def _frame_done(self, frame: LiveFrame) -> Instance | None:
        """The holder, if this was its last frame; opens the next item's frame where items run one by one."""
        holder = frame.holder
        if holder is None:
            return None
        frame.instances = {}
        holder.dirty = holder.dirty or frame.dirty
        holder.left -= 1
        if not holder.left:
            return holder
        if holder.opened < len(holder.frames):
            following = holder.frames[holder.opened]
            holder.opened += 1
            self._unopened -= 1
            self._open(following, holder.node.children)
        return None

    def _composed(self, instance: Instance) -> Json:
        node, value = instance.node, instance.value
        if node.step is not None and value is not MISSING:
            value = None if instance.frames else {}  # what it gives its tree is no part of its output
        if node.collapses and not node.kind.many and instance.frames and not instance.frames[0].unknown:
            return compose_object(node, value, instance.frames[0].finished)  # its own value, known or not, is not in it
        if value is MISSING or value is UNKNOWN or not node.children or not instance.frames:
            if value is not MISSING and node.children and isinstance(value, list) and not value and node.kind.many:
                return compose_items(node, [], [])
            return value
        if any(frame.unknown for frame in instance.frames):
            return UNKNOWN
        if node.kind.many:
            return compose_items(node, value, [frame.finished for frame in instance.frames])
        return compose_object(node, value, instance.frames[0].finished)

    # ------------------------------------------------------------------ result

    @property
    def done(self) -> bool:
        """Whether every instance is finished."""
        return not self.unfinished

    def output(self) -> Json:
        """The tree's output as far as it is finished; UNKNOWN while planning when a part is."""
        return UNKNOWN if self.top.unknown else compose_top(self.tree.nodes, self.top.finished)


def misfit_of(node: Node, value: Json) -> Misfit | None:
    """Why a value that nobody just made (recorded, or a person's) does not fit the node today."""
    problem = node.validate(value) if node.validate is not None else None
    return None if problem is None else Misfit("value-misfit", problem)
