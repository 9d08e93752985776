"""Trees that are steps of other trees: what a node of type `tree` names, and what it gives the tree as inputs.

A step's nodes are compiled under it by `tree.compile`, each with its own tree's settings; here is what can be said of a step
before that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from genarun.errors import SetupError, TreeError, Where
from genarun.tree.model import ModelUse, Node, Tree
from genarun.tree.places import Loc, Source
from genarun.tree.report import Report, did_you_mean
from genarun.tree.spec import NodeSpec, TreeSettings

Json = Any
OpenStep = Callable[[str, Where], tuple[Tree, Source]]
"""Loads the tree that a step names, with its file for places in errors. Raises SetupError."""


def latest_name(tree: str) -> str:
    """The name under which a tree's latest output stands among a run's root values, for steps whose trees read it. No prompt
    can write it."""
    return f"latest of {tree}:"


def settings_of(spec: NodeSpec) -> tuple[str, Mapping[str, Json]]:
    """The tree that a step names, and the inputs that it gives it."""
    extra = (spec.config.model_extra or {}) if spec.config else {}
    given = extra.get("inputs")
    return str(extra.get("tree", "")), given if isinstance(given, dict) else {}


def no_steps(name: str, where: Where) -> tuple[Tree, Source]:
    """The `OpenStep` of a tree without a project. Raises TreeError."""
    raise _unknown(name, [], where)


def find_step(name: str, known: Sequence[str], where: Where) -> None:
    """Raises TreeError where there is no tree of that name. known: the project's."""
    if name not in known:
        raise _unknown(name, known, where)


def _unknown(name: str, known: Sequence[str], where: Where) -> TreeError:
    hint = did_you_mean(name, known, "Trees here") if known else "A step's tree lies beside this one, under `trees/`."
    return TreeError("step-unknown", f"there is no tree “{name}”", where, hint)


def check_step(spec: NodeSpec, tree: Tree, report: Report, loc: Loc) -> None:
    """Inputs that the tree does not have, and those that it cannot do without."""
    _, given = settings_of(spec)
    at = (*loc, "config", "inputs")
    for name in given:
        if name not in tree.inputs:
            hint = did_you_mean(name, tree.inputs, "Its inputs") if tree.inputs else "It takes none."
            report.add("step-input-unknown", f"the tree “{tree.name}” has no input “{name}”", report.key((*at, name)), hint)
    for name, one in tree.inputs.items():
        if name not in given and not one.from_ and "default" not in one.model_fields_set:
            example = report.write("inputs", {name: "…"})
            what = f"the tree “{tree.name}” needs the input “{name}”"
            report.add("step-input-missing", what, report.key((*loc, "config")), f"Add for example `{example}`.")


def check_use(tree: Tree, where: Where) -> None:
    """What cannot be a step. Raises TreeError."""
    if tree.legacy:
        raise TreeError(
            "step-legacy",
            f"“{tree.name}” is a Genarun v0 tree, which cannot be a step",
            where,
            f"Add `version: 1` to trees/{tree.name} and mend what `genarun check {tree.name}` names.",
        )


def refuse_ring(name: str, trail: Sequence[str], where: Where) -> None:
    """Raises TreeError where a tree would be a step of itself. trail: the trees that are being loaded, outermost first."""
    if name in trail:
        ring = ", which uses ".join(f"“{one}”" for one in [*trail[trail.index(name) :], name])
        raise TreeError("steps-ring", f"trees use each other as steps: {ring}", where, "Take one of these steps out.")


def broken_step(name: str, where: Where, fault: SetupError) -> TreeError:
    """The error of a step whose tree has faults of its own."""
    count = len(getattr(fault, "errors", ())) or 1
    what = f"the tree “{name}” has {count} fault{'' if count == 1 else 's'} of its own"
    return TreeError("step-broken", what, where, f"`genarun check {name}` tells what is wrong with it.")


def shared_use(use: ModelUse, tree: Tree, outer: TreeSettings) -> ModelUse:
    """Whom a step's node asks, under the names of the whole tree: an alias keeps its own where both trees mean the same by it,
    so that they share its limits; else it has the step's tree before it. So do the models of a pool."""
    alias = use.alias if _same(use, tree.settings, outer) else f"{tree.name}/{use.alias}"
    if not use.members:
        return replace(use, alias=alias)
    written = [one.alias.startswith(f"{use.alias}.models.") for one in use.members]  # out, in the pool itself
    members = [
        replace(one, alias=alias + one.alias[len(use.alias) :]) if inside else shared_use(one, tree, outer)
        for one, inside in zip(use.members, written, strict=True)
    ]
    return replace(use, alias=alias, members=tuple(members))


def _same(use: ModelUse, inner: TreeSettings, outer: TreeSettings) -> bool:
    """Whether two trees mean the same by an alias, and by all that a pool of this name lists."""
    names = [use.alias, *(one.alias for one in use.members)]
    same = all((inner.models or {}).get(name) == (outer.models or {}).get(name) for name in names)
    services = {one.provider for one in use.candidates}
    return same and all((inner.providers or {}).get(name) == (outer.providers or {}).get(name) for name in services)


def steps_of(tree: Tree) -> list[Tree]:
    """The trees that are steps of a tree, those within steps too, each once."""
    return list({node.step.name: node.step for node in steps_in(tree.nodes) if node.step is not None}.values())


def steps_in(nodes: Iterable[Node]) -> Iterator[Node]:
    """Every step among nodes and all that is under them."""
    for node in nodes:
        if node.step is not None:
            yield node
        yield from steps_in(node.children)
