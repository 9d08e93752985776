"""A tree from a few lines of YAML, compiled as loading does it."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import Any

from genarun.tree.compile import Compiled, compile_nodes
from genarun.tree.kinds import KindFacts
from genarun.tree.model import ModelUse, Node, Tree
from genarun.tree.source import parse_source
from genarun.tree.spec import NodeSpec, TreeSpec

from tests.tree.kinds import KINDS

FILE = "trees/t/config.yaml"


def use_of(spec: NodeSpec, kind: KindFacts) -> ModelUse | None:
    """What a node asks: a model named after its medium, with the node's own parameters."""
    model = spec.config.model if spec.config else None
    params: dict[str, Any] = {} if model is None or isinstance(model, str) else model.params
    return ModelUse("text", "offline", "offline", "m", params, 8, None, None, None, None, {})


def grow(yaml: str, *, legacy: bool = False, folder: Path | None = None) -> Compiled:
    """Compiles the tree that `yaml` says; `version` may be left out."""
    source = parse_source(dedent(yaml), FILE)
    spec = TreeSpec.model_validate({"version": 1, **source.data})
    return compile_nodes(spec, spec, kinds=KINDS, source=source, folder=folder, legacy=legacy, resolve_use=use_of)


def grow_tree(yaml: str, *, legacy: bool = False) -> Tree:
    """The same, as a Tree."""
    source = parse_source(dedent(yaml), FILE)
    spec = TreeSpec.model_validate({"version": 1, **source.data})
    made = grow(yaml, legacy=legacy)
    return Tree(
        "t", None, spec, spec, "sha256:0", legacy, made.nodes, spec.inputs or {}, made.uses_date, made.warnings, made.trails
    )


def node(compiled: Compiled | Tree, trail: str) -> Node:
    """The node at `ideas/series`."""
    return compiled.trails[tuple(trail.split("/"))]
