"""A tree's digest: equal for two trees that make the same requests, whatever their file's format, comments and limits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any

import rfc8785

from genarun.tree.model import ModelUse, Node
from genarun.tree.pictures import Picture
from genarun.tree.spec import InputSpec, NodeSpec, TreeSettings, TreeSpec

Json = Any

# Nothing here decides what is asked, or which value comes out. `config` comes in through what it leads to: the prompt's texts
# (files included) and the model use.
_NODE_LEFT_OUT = frozenset(["description", "retry", "timeout", "enabled", "parallel", "config", "generations"])


def tree_digest(spec: TreeSpec, settings: TreeSettings, nodes: Sequence[Node], *, legacy: bool) -> str:
    """`sha256:` of the canonical form (RFC 8785) of what decides the output.

    In: nodes in their order with prompts as read, schemas, conditions, whom they ask; inputs; seed; output formats.
    Out: budget, retention, concurrency, rpm, price, time-outs, retries, error policy, and texts for people.
    """
    inputs = _inputs(spec.inputs or {})
    resolved = {
        "legacy": legacy,
        "kind": spec.kind,
        "seed": spec.seed,
        "inputs": inputs,
        "outputFormats": settings.output_formats,
        "assets": settings.assets.format if settings.assets else None,
        "nodes": _nodes(nodes),
    }
    return f"sha256:{sha256(rfc8785.dumps(resolved)).hexdigest()}"


def _inputs(inputs: Mapping[str, InputSpec]) -> Json:
    return {name: one.model_dump(exclude={"description"}, exclude_unset=True) for name, one in inputs.items()}


def _nodes(nodes: Iterable[Node]) -> list[Json]:
    return [
        {
            **_said(node.spec),
            "kind": node.kind.name,
            "prompt": _prompt(node),
            "use": _use(node.use),
            "children": _nodes(node.children),
            **({"inputs": _inputs(node.step.inputs)} if node.step is not None else {}),
        }
        for node in nodes
    ]


def _said(spec: NodeSpec) -> dict[str, Json]:
    said = spec.model_dump(mode="json", by_alias=True)
    settings = {key: value for key, value in (said["config"] or {}).items() if key not in ("prompt", "model")}
    return {**{key: value for key, value in said.items() if key not in _NODE_LEFT_OUT}, "settings": settings}


def _prompt(node: Node) -> Json:
    """Each text with its position, which picks hash, and which turns want JSON; the form it was written in says nothing."""
    if node.prompt is None:
        return None
    texts = [[_position(piece.path), piece.template.text] for piece in node.prompt.pieces]
    said = {"texts": texts, "json": [turn.parse_json for turn in node.prompt.turns]}
    files = [[one.digest for one in turn.images if isinstance(one, Picture)] for turn in node.prompt.turns]
    return said | ({"pictures": files} if any(files) else {})


def _position(path: tuple[str | int, ...]) -> str:
    """`template`, `0.system`: a prompt that is one text is its template."""
    return ".".join(str(step) for step in path if step != "file") or "template"


def _use(use: ModelUse | None) -> Json:
    if use is None:
        return None
    if use.members:
        return {"models": [_use(member) for member in use.members], "policy": use.policy, "sticky": use.sticky}
    return {
        "provider": use.provider,
        "protocol": use.protocol,
        "model": use.model,
        "params": dict(use.params),
        "baseUrl": use.base_url,
        "options": dict(use.options),
    }
