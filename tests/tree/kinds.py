"""Doubles of the built-in kinds: the facts that the tree room looks at, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from genarun.tree.spec import NodeSpec


@dataclass(frozen=True)
class Kind:
    """Facts of one kind. base: its own schema where the node says nothing. itself: whether `schema:` replaces it."""

    name: str
    many: bool = False
    medium: Literal["text", "image"] | None = "text"
    base: Mapping[str, Any] = field(default_factory=dict)
    extra_config: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def own_schema(self, node: NodeSpec) -> dict[str, Any]:
        if self.name in ("group", "image", "template"):
            return dict(self.base)
        value = dict(node.schema_ or self.base)
        return {"type": "array", "items": value} if self.many else value


KINDS = {
    kind.name: kind
    for kind in (
        Kind("text", base={"type": "string"}),
        Kind("text-array", many=True, base={"type": "string"}),
        Kind("object", base={"type": "object"}),
        Kind("object-array", many=True, base={"type": "object"}),
        Kind("image", medium="image", base={"type": "string"}),
        Kind("group", medium=None),
        Kind("template", medium=None, base={"type": "string"}),
    )
}
