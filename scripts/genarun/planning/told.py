"""What a walk asks of whoever drives it, and what it tells them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final, Protocol

from genarun.errors import GenarunError
from genarun.nodes.base import Ask
from genarun.planning.instance import Instance
from genarun.providers.base import ModelRequest
from genarun.tree.model import ModelUse, Node

Json = Any

LATER: Final = object()
"""What `Sources.recorded` says where an instance had better wait for others to take what is theirs."""


class Sources(Protocol):
    """Where an instance's value can come from without a call, and who is told what happened."""

    def override(self, instance: Instance) -> Json:
        """The person's value for this instance, or MISSING. Validated already."""

    def key(self, instance: Instance, ask: Ask) -> str:
        """The key of what the instance asks; of a pool, all of them are noted in `keys`, and this is the first."""

    def price(self, node: Node, use: ModelUse, request: ModelRequest | None) -> Decimal | None:
        """Dollars of one call, estimated. Asked where a pool's order hangs on it."""

    def recorded(self, instance: Instance, patient: bool) -> Json:
        """A recorded value that fits, claimed for this instance, or MISSING. patient: or LATER."""

    def asks(self, instance: Instance) -> Json:
        """A person has to answer, and has not: the value that stands in, or MISSING where the instance waits. Raises RunError
        where it waited too long."""

    def selected(self, node: Node) -> bool:
        """Whether this run may call for this node (`--only`, `--skip`)."""

    def settled(self, instance: Instance, how: str, value: Json) -> None:
        """Told before anything that depends on the instance starts. how: overridden, reused, computed, shared."""

    def skipped(self, instance: Instance) -> None:
        """`when` does not hold."""

    def left_out(self, instance: Instance) -> None:
        """Not selected, and nothing recorded to stand for it."""

    def failed(self, instance: Instance, error: GenarunError) -> None:
        """No value, and no call was made for it now."""

    def unknown(self, instance: Instance) -> None:
        """Planning only: what the instance asks depends on a value that is not known yet."""
