"""The node kinds that are installed, built-in ones among them, by the entry-point group `genarun.nodes`."""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from genarun.errors import SetupError

if TYPE_CHECKING:
    from genarun.nodes.base import NodeKind

GROUP = "genarun.nodes"


@cache
def node_kinds() -> dict[str, NodeKind]:
    """Every kind by the name that trees use.

    Raises SetupError where two packages claim one name, or a package's kind cannot be imported.
    """
    kinds: dict[str, NodeKind] = {}
    origin: dict[str, str] = {}
    for point in entry_points(group=GROUP):
        package = point.dist.name if point.dist else point.module
        if point.name in kinds:
            raise SetupError(
                "kind-twice",
                f"two packages bring the node kind “{point.name}”: {origin[point.name]} and {package}",
                hint="Uninstall one of them.",
            )
        try:
            kinds[point.name] = point.load()
        except (ImportError, AttributeError) as fault:
            raise SetupError(
                "kind-broken",
                f"the node kind “{point.name}” of the package {package} cannot be imported: {fault}",
                hint=f"Update or uninstall {package}.",
            ) from fault
        origin[point.name] = package
    return kinds
