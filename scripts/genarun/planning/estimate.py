"""What a call will probably cost, and how many items an array will probably have, each with the estimate's source."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from genarun.providers.base import ModelRequest
from genarun.providers.checks import asked_seconds
from genarun.providers.prices import Prices
from genarun.store.reuse import Reuse
from genarun.tree.model import ModelUse, Node

UNSEEN_CHARS = 1500
"""Characters assumed for values that a prompt reads and that are not known yet."""
PICTURE_CHARS = 5_000
"""What a picture that is shown counts as: services charge some 250 to 1,500 tokens for one."""
GUESS = 3
"""Items assumed for an array of which nothing is known."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many items an array will have. exact: it cannot be another number."""

    items: int
    source: str
    exact: bool


class Estimator:
    """Estimates for one run, remembered per node: thousands of instances ask for the same."""

    def __init__(self, prices: Prices, reuse: Reuse) -> None:
        self.prices = prices
        self.reuse = reuse
        self._usd: dict[tuple[tuple[str, ...], str, int], Decimal | None] = {}

    def call_usd(self, node: Node, use: ModelUse, request: ModelRequest | None) -> Decimal | None:
        """Dollars of one call; None where the price is unknown. Prompts are told apart by steps of 256 characters.

        use: whom the node asks, or one model of its pool.
        """
        if request is None:
            chars = UNSEEN_CHARS + sum(len(piece.template.text) for piece in (node.prompt.pieces if node.prompt else ()))
            chars += PICTURE_CHARS * sum(len(turn.images) for turn in (node.prompt.turns if node.prompt else ()))
        else:
            chars = sum(len(message["content"]) for message in request.messages) + PICTURE_CHARS * len(request.attached)
        step = (node.trail, use.alias, chars // 256)
        if step not in self._usd:
            self._usd[step] = self._estimate(node, use, (chars // 256 + 1) * 256)
        return self._usd[step]

    def _estimate(self, node: Node, use: ModelUse, chars: int) -> Decimal | None:
        if node.kind.medium is None:
            return Decimal(0)
        limit = next(
            (use.params[name] for name in ("max_completion_tokens", "max_tokens", "max_output_tokens") if name in use.params),
            None,
        )
        seen = self.reuse.history(node.name)
        return self.prices.estimate(
            use.protocol,
            use.model,
            node.kind.medium,
            chars,
            limit if isinstance(limit, int) else None,
            seen,
            use.price,
            base_url=use.base_url,
            seconds=asked_seconds(use.params),
        )

    def count(self, node: Node) -> Count:
        """How many items this array will have, from what fixes it, else from what it had, else a guess that says so."""
        validation = node.spec.validation
        low = validation.min_length if validation is not None else None
        high = validation.max_length if validation is not None else None
        if low is not None and low == high:
            return Count(low, "validation", True)
        seen = self.reuse.history(node.name)
        if seen is not None and seen.items is not None:
            return Count(round(seen.items), f"as many as in {seen.run_id}", False)
        if low is not None:
            return Count(low, "validation.minLength", False)
        if high is not None:
            return Count(min(high, GUESS), "validation.maxLength", False)
        return Count(GUESS, "a guess", False)
