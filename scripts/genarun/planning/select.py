"""Which nodes a run may call for: `--only` and `--skip`."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from genarun.errors import SetupError
from genarun.tree.model import Node, Tree


def selected_nodes(tree: Tree, only: tuple[str, ...], skip: tuple[str, ...]) -> frozenset[tuple[str, ...]] | None:
    """Trails of the nodes that may be called for; None where all may.

    only, skip: ids, or trails such as `ideas/series`. `only` brings along what its nodes need: parents, and whatever they
    read with everything under it. `skip` takes its nodes and their children out again. Raises SetupError for a name that
    no node has.
    """
    if not only and not skip:
        return None
    chosen: set[tuple[str, ...]] = set()
    if only:
        for name in only:
            for node in _named(tree, name, "--only"):
                _need(node, chosen)
    else:
        chosen = set(tree.trails)
    for name in skip:
        for node in _named(tree, name, "--skip"):
            chosen -= {below.trail for below in _subtree(node)}
    return frozenset(chosen)


def _named(tree: Tree, name: str, flag: str) -> list[Node]:
    parts = tuple(name.strip("/").split("/"))
    found = [node for trail, node in tree.trails.items() if trail == parts or (len(parts) == 1 and node.id == name)]
    if not found:
        names = ["/".join(trail) for trail in tree.trails]
        near = get_close_matches(name, names + [node.id for node in tree.trails.values()], 1)
        hint = f"Did you mean “{near[0]}”? " if near else ""
        raise SetupError(
            "node-unknown",
            f"{flag} {name}: the tree has no such node",
            f"tree {tree.name}",
            f"{hint}Its nodes: {', '.join(names)}.",
        )
    return found


def _subtree(node: Node) -> Iterable[Node]:
    yield node
    for child in node.children:
        yield from _subtree(child)


def _need(node: Node, chosen: set[tuple[str, ...]]) -> None:
    """The node with everything under it, and all that any of them reads."""
    for below in _subtree(node):
        if below.trail in chosen:
            continue
        chosen.add(below.trail)
        for dep in below.deps:
            _need(dep.node, chosen)
    above = node.parent
    while above is not None:
        if above.trail not in chosen:
            chosen.add(above.trail)
            for dep in above.deps:
                _need(dep.node, chosen)
        above = above.parent
