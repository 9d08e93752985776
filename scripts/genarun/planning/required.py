"""What an instance cannot do without: the names under `requiredInputs`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from genarun.errors import RunError
from genarun.nodes.base import Lookup
from genarun.planning.instance import Instance
from genarun.tree.scope import available
from genarun.tree.template import MISSING, UNKNOWN, Unknown

Json = Any


def check_required(instance: Instance, lookup: Lookup, root: Mapping[str, Json]) -> None:
    """Raises RunError where one of them has no value, Unknown where that is not known yet."""
    for name in instance.node.required:
        value = lookup(name.partition(".")[0])
        for part in name.split(".")[1:]:
            value = value.get(part, MISSING) if isinstance(value, dict) else value if value is UNKNOWN else MISSING
        if value is UNKNOWN:
            raise Unknown
        if value is MISSING or value is None or value == "":
            raise RunError(
                "required-missing",
                f"“{name}” is required and has no value",
                f"node {instance.path}",
                f"Names with a value here: {', '.join(available(instance.frame, root, instance.node)) or 'none'}.",
            )
