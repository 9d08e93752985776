"""What the tree room must know of a node kind, so that it can check names and shapes without importing the kinds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Protocol

from genarun.tree.spec import NodeSpec

Medium = Literal["text", "image", "audio", "video", "embedding"]
"""What a model is asked for."""

ASSETS: frozenset[str] = frozenset({"image", "audio", "video"})
"""Media whose values are files that the run keeps."""


class KindFacts(Protocol):
    """Facts of one kind, known without a scope. `genarun.nodes` holds the kinds; `genarun.nodes.base` extends this."""

    name: str
    """As trees write it: `text-array`."""
    many: bool
    """Whether its value is a list whose items its children run over."""
    medium: Medium | None
    """What it asks a model for; None where it calls no model."""
    extra_config: Mapping[str, Mapping[str, Any]]
    """Keys of `config` beside the common ones, each with the JSON Schema of its value."""

    # Optional: `person`, true where a person is asked: such a kind has `question` in the place of `compute`.
    # Optional: `needs`, a tuple of the keys of `extra_config` that a node of this kind cannot do without.

    def own_schema(self, node: NodeSpec) -> dict[str, Any]:
        """JSON Schema of the node's own value, children left out. `{}` where anything can come."""


def asks_person(kind: KindFacts) -> bool:
    """Whether a kind's value comes from a person."""
    return bool(getattr(kind, "person", False))


class ProviderFacts(Protocol):
    """What must be known of a provider: `genarun.providers.base.ProviderInfo` is one."""

    @property
    def media(self) -> frozenset[Medium]:
        """What it can make."""

    @property
    def sees(self) -> bool:
        """Whether texts can be asked about pictures."""


Kinds = Mapping[str, KindFacts]
Providers = Mapping[str, ProviderFacts]
"""By the names that trees use."""
