"""A pool: in which order one instance asks its models, and what each of them is asked.

The order hangs on nothing but the tree, its inputs and the instance's place, so that a plan names the model that the run asks,
and equal trees ask the same. It never decides what is paid for: a recorded answer of any of the models serves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from genarun.nodes.base import Ask, Scene, Variant
from genarun.providers.base import ModelRequest
from genarun.providers.key import canonical
from genarun.tree.model import ModelUse, Node
from genarun.tree.scope import Frame, enclosing_marks
from genarun.tree.template import UNKNOWN, Unknown, render_value

if TYPE_CHECKING:
    from genarun.planning.instance import Instance
    from genarun.store.reuse import Found

Json = Any
Price = Callable[[Node, ModelUse, ModelRequest | None], Decimal | None]
"""Dollars of one call, as far as they can be estimated; None where the price is unknown."""


# ---------------------------------------------------------------------- the order


def rotated(members: Sequence[ModelUse], ordinal: int) -> tuple[ModelUse, ...]:
    """Round-robin: as listed, beginning with another one for each ordinal."""
    start = ordinal % len(members)
    return (*members[start:], *members[:start])


def cheapest(members: Sequence[ModelUse], prices: Sequence[Decimal | None]) -> tuple[ModelUse, ...]:
    """By price; unknown ones last, equal ones as listed."""
    places = sorted(range(len(members)), key=lambda place: (prices[place] is None, prices[place] or Decimal(0)))
    return tuple(members[place] for place in places)


def drawn(members: Sequence[ModelUse], lot: Json) -> tuple[ModelUse, ...]:
    """By a hash of the lot and of each model, highest first: a model that joins takes over its share and moves nothing else.

    Source: rendezvous hashing (Thaler and Ravishankar, 1998).
    """

    def weight(use: ModelUse) -> bytes:
        return sha256(canonical({"lot": lot, "model": [use.provider, use.base_url, use.model, dict(use.params)]})).digest()

    return tuple(sorted(members, key=weight, reverse=True))


def ordinal(frame: Frame) -> int:
    """The sum of the places of all items that an instance runs under: what lies side by side differs by one."""
    places, here = 0, frame
    while True:
        places += here.index or 0
        if here.parent is None:
            return places
        here = here.parent


def draws(node: Node) -> bool:
    """Whether an instance of this node hashes the items that it runs under: for picks, or to draw a model."""
    return bool(node.prompt and node.prompt.has_picks) or bool(node.use and node.use.policy == "random")


def order(
    node: Node, scene: Scene, frame: Frame, root: Mapping[str, Json], request: ModelRequest, price: Price
) -> Sequence[ModelUse]:
    """The models of the node's pool as the instance in this frame asks them. Raises Unknown while planning."""
    pool = node.use
    assert pool is not None
    members = pool.members
    if pool.policy == "cheapest":
        return cheapest(members, [price(node, use, request) for use in members])
    if pool.policy == "round-robin":
        return rotated(members, ordinal(frame))
    if pool.policy == "random":
        if root.get("seed") is UNKNOWN:
            raise Unknown("seed")
        return drawn(members, [scene.seed, list(node.trail), list(enclosing_marks(frame))])
    if pool.policy == "sticky":
        value = _input(pool.sticky or "", frame, root)
        if value is UNKNOWN:
            raise Unknown(pool.sticky or "")
        return drawn(members, value)
    return members


def _input(name: str, frame: Frame, root: Mapping[str, Json]) -> Json:
    """The value of an input: the one that the step around gives its tree, else the run's own."""
    here: Frame | None = frame
    while here is not None:
        if here.owner is not None and here.owner.step is not None:
            return here.value.get(name) if isinstance(here.value, dict) else here.value
        here = here.parent
    return root.get(name)


def variants(ask: Ask, node: Node, scene: Scene, frame: Frame, root: Mapping[str, Json], price: Price) -> Ask:
    """The same ask, of every model of the node's pool. Raises Unknown while planning."""
    made = tuple(
        Variant(use, replace(ask.request, model=use.model, params=render_value(use.params, scene.lookup, scene.missing)))
        for use in order(node, scene, frame, root, ask.request, price)
    )
    return replace(ask, request=made[0].request, variants=made)


# ---------------------------------------------------------------------- one instance's calls


@dataclass(frozen=True, slots=True)
class Candidate:
    """One call as one model is asked it. place: of the model among the ask's variants. key: of the call."""

    place: int
    use: ModelUse
    request: ModelRequest
    key: str


class Candidates:
    """Whom an instance asks, call by call. Whoever answered is the first for its next call: a conversation keeps its model."""

    def __init__(self, instance: Instance, key: Callable[[ModelUse, ModelRequest], str]) -> None:
        assert instance.ask is not None
        self._ask = instance.ask
        self._keys = instance.keys
        self._key = key
        self._order = list(range(len(self._keys)))

    def of(self, request: ModelRequest) -> list[Candidate]:
        """A call of the instance, as each model is asked it."""
        made = []
        for place in self._order:
            variant = self._ask.variants[place]
            if request is self._ask.request:
                made.append(Candidate(place, variant.use, variant.request, self._keys[place]))
            else:
                asked = replace(request, model=variant.request.model, params=variant.request.params)
                made.append(Candidate(place, variant.use, asked, self._key(variant.use, asked)))
        return made

    def whole(self, candidate: Candidate) -> tuple[ModelRequest, str]:
        """The instance's own request as this model is asked it, and its key."""
        return self._ask.variants[candidate.place].request, self._keys[candidate.place]

    def answered(self, candidate: Candidate) -> None:
        """This one is asked first from here on."""
        self._order.remove(candidate.place)
        self._order.insert(0, candidate.place)


def whose(candidates: Sequence[Candidate], found: Found) -> Candidate:
    """Who gave a recorded answer that was found under the candidates' keys."""
    key = found.record.call_key or found.record.key
    return next(candidate for candidate in candidates if candidate.key == key)


# ---------------------------------------------------------------------- what a plan says


@dataclass(frozen=True, slots=True)
class Expected:
    """What a plan says of a call. use: whom it names. usd: its estimate. behind: who stands behind, in words, or nobody."""

    use: ModelUse
    usd: Decimal | None
    behind: str = ""


def expected(node: Node, ask: Ask | None, able: Callable[[ModelUse], bool], price: Price) -> Expected:
    """Whom a call will ask, as long as nobody fails. ask: None where what is asked is not known yet.

    Where models take turns and an instance's turn is not known, the estimate is their mean.
    """
    pool = node.use
    assert pool is not None
    if not pool.members:
        return Expected(pool, price(node, pool, ask.request if ask is not None else None))
    uses = [one.use for one in ask.variants] if ask is not None else list(pool.members)
    uses = [use for use in uses if able(use)] or uses
    request = ask.request if ask is not None else None  # as long for each of them
    prices = [price(node, use, request) for use in uses]
    first, usd = uses[0], prices[0]
    if ask is None and pool.policy == "cheapest":
        first = cheapest(uses, prices)[0]
        usd = prices[uses.index(first)]
    elif ask is None and pool.policy != "ordered":
        known = [one for one in prices if one is not None]
        usd = sum(known, Decimal(0)) / len(known) if len(known) == len(prices) else None
    others = [use.named for use in uses if use is not first]
    stand = "stands" if len(others) == 1 else "stand"
    return Expected(first, usd, f"{' and '.join(others)} {stand} behind it" if others else "")
