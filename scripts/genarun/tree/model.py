"""A tree that has been read, merged with the defaults and checked: what every other room works with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from genarun.errors import Where
from genarun.tree.kinds import KindFacts
from genarun.tree.prompt import Prompt
from genarun.tree.spec import Condition, InputSpec, NodeSpec, Policy, Price, TreeSettings, TreeSpec

Json = Any


@dataclass(frozen=True, slots=True)
class ModelUse:
    """Whom a node asks, everything merged: provider's params < alias's < pool's < node's.

    base_url, key_env, options: from `providers:` in the settings, None or empty where they say nothing.
    protocol: name of the provider that speaks (`openai`); `provider` is the name the tree uses (`my-server`).
    members: of a pool, the models as they are listed, each whole; empty for one model. Of a pool itself only `alias`,
        `concurrency`, `rpm` and what follows count; the rest is its first member's.
    sticky: the input that the policy of this name goes by. failures, cool_down: failed calls in a row after which a member is
        passed over, and for how many seconds.
    """

    alias: str
    provider: str
    protocol: str
    model: str
    params: Mapping[str, Json]
    concurrency: int
    rpm: int | None
    price: Price | None
    base_url: str | None
    key_env: str | None
    options: Mapping[str, Json]
    members: tuple[ModelUse, ...] = ()
    policy: Policy = "ordered"
    sticky: str | None = None
    failures: int = 3
    cool_down: float = 30.0

    @property
    def service(self) -> tuple[str, str | None]:
        """What tells one service from another: name and address. A pool is none, and equals none."""
        return ("", self.alias) if self.members else (self.provider, self.base_url)

    @property
    def candidates(self) -> tuple[ModelUse, ...]:
        """Every single model that may be asked."""
        return self.members or (self,)

    @property
    def named(self) -> str:
        """A single model for people: `openai/gpt-6-luna`."""
        return f"{self.provider}/{self.model}"


@dataclass(frozen=True, slots=True)
class Dep:
    """A value that a node reads: the finished value of `node`, found `up` frames above the reader's own frame."""

    up: int
    node: Node


@dataclass(slots=True, eq=False)
class Node:
    """One node in its place, compiled. Built by `tree.compile`; read-only afterwards.

    trail: ids from the top to this node, without item numbers.
    key: the key of its value in the output: outputKey or id.
    item_key: name of an array's item for its children.
    own_name: name of an object's own value for its children, beside `parent` (v0 trees: their outputKey); else None.
    deps: siblings, and siblings of ancestors, that it reads itself; its descendants wait for themselves.
    reads: first parts of every name its own prompt, when, params and requiredInputs use.
    collapses: whether its only child's value stands in its place.
    fields: names that its object value (or each object item) declares; empty where it is no object, None where any may come.
        An answer's further fields are no names, so that what a prompt reads never hangs on a model's whim.
    inner: ids of its children. One that was left out has no value, and nothing farther out of the same name stands in for it.
    alone: whether its value is the whole output of its tree (v0: the only node at the top).
    step: for a node of type `tree`, the tree whose nodes are its children; else None.
    within: the step that it lies in, the nearest one; None outside of steps.
    """

    spec: NodeSpec
    kind: KindFacts
    parent: Node | None
    trail: tuple[str, ...]
    key: str
    item_key: str
    own_name: str | None
    prompt: Prompt | None
    use: ModelUse | None
    about: str
    conditions: tuple[Condition, ...]
    required: tuple[str, ...]
    max_retries: int
    retry_delay: float
    timeout: float
    collapses: bool
    where: Where | None = None
    children: tuple[Node, ...] = ()
    deps: tuple[Dep, ...] = ()
    reads: frozenset[str] = frozenset()
    validate: Callable[[Json], str | None] | None = None
    fields: frozenset[str] | None = None
    inner: frozenset[str] = frozenset()
    alone: bool = False
    step: Tree | None = None
    within: Node | None = None

    @property
    def id(self) -> str:
        return self.spec.id

    @property
    def name(self) -> str:
        """Ids from the top, without item numbers: `ideas/series`."""
        return "/".join(self.trail)


@dataclass(slots=True)
class Tree:
    """A tree, ready to plan and run.

    name: its folder's name, which addresses it everywhere. folder: absolute; None for a tree given as data.
    digest: `sha256:` over what decides the output (resolved spec without budget, retention, concurrency, rpm, texts for
        people); two trees of one digest make the same requests.
    legacy: read from a Genarun v0 file.
    nodes: top-level nodes, disabled ones left out.
    warnings: texts for people, to be shown once.
    steps: names of the trees that are steps of it, and of those steps.
    reads: names of trees whose latest output steps read; they run before it, as those do that its own inputs read.
    """

    name: str
    folder: Path | None
    spec: TreeSpec
    settings: TreeSettings
    digest: str
    legacy: bool
    nodes: tuple[Node, ...]
    inputs: Mapping[str, InputSpec]
    uses_date: bool = False
    warnings: tuple[str, ...] = ()
    trails: Mapping[tuple[str, ...], Node] = field(default_factory=dict)
    steps: frozenset[str] = frozenset()
    reads: tuple[str, ...] = ()

    @property
    def after(self) -> tuple[str, ...]:
        """Names of the trees whose latest output this one reads, itself or in a step."""
        return tuple(dict.fromkeys([*(spec.from_ for spec in self.inputs.values() if spec.from_), *self.reads]))
