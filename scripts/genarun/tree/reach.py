"""What a node can read, known before anything runs: the names of its place, what they lead to, and what it must wait for.

The static half of `scope`: the same levels in the same order, with schemas in the place of values.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from genarun.tree.model import Dep, Node
from genarun.tree.shape import OPEN, Schema, declared_fields, finished_schema, holds, is_group, own_schema, step
from genarun.tree.shape import field as field_of

_LISTED = 30


@dataclass(slots=True)
class Level:
    """One frame, statically. nodes: what lives there, by id. off: ids of disabled nodes. owner: whose children they are."""

    nodes: Mapping[str, Node]
    off: frozenset[str]
    owner: Node | None
    bound: dict[str, tuple[Schema, bool]] = field(default_factory=dict)
    """Names that the frame itself binds: the schema of the value, and whether it is always there."""
    opened: bool = False
    """Whether any name may be a field of the object that the frame stands for."""

    @classmethod
    def of(cls, nodes: Sequence[Node], off: frozenset[str], owner: Node | None) -> Level:
        level = cls({node.id: node for node in nodes}, off, owner)
        if owner is None or is_group(owner):
            return level
        schema = own_schema(owner.kind, owner.spec)
        value = schema["items"] if owner.kind.many else schema
        declared = owner.fields
        level.opened = declared is None
        bound = level.bound
        for name in declared_fields(value):
            if (declared is None or name in declared) and (found := field_of(value, name)):
                bound.setdefault(name, found)
        special = {"parent": value, owner.id: schema}
        if owner.kind.many:
            special = {owner.item_key: value, "i": value, "index": {"type": "integer"}} | special
        elif owner.own_name:
            special = {owner.own_name: value} | special
        for name, found_schema in special.items():
            # Under an object that declares nothing, a field of the same name may come first.
            bound.setdefault(name, (OPEN if level.opened else found_schema, True))
        return level


@dataclass(slots=True)
class Found:
    """What a name can lead to. deps: what must be finished first. known: whether anything may bind the name.
    shape: schema of the value that the first part leads to, OPEN where that is not certain. from_root: an input, `seed` or
    `date` may be what it reads. off: trail of a disabled node that it names."""

    deps: list[Dep] = field(default_factory=list)
    known: bool = False
    shape: Schema | None = None
    from_root: bool = False
    off: str | None = None
    own_group: bool = False


def find(name: str, node: Node, levels: Sequence[Level], root: Mapping[str, Schema]) -> Found:
    """Everything that a name's first part can lead to. levels: nearest first, `node` lives in the first.

    A field that an object may lack, and any name under an object that declares nothing, binds only if it is there; so the
    search goes on, and what it finds farther out is waited for too.
    """
    found = Found()
    here: Node | None = node
    for up, level in enumerate(levels):
        target = level.nodes.get(name)
        if target is not None and target is not here:
            found.deps.append(Dep(up, target))
            found.known = True
            if found.shape is None:
                found.shape = finished_schema(target)
            return found
        if name in level.off and not found.known:
            found.off = "/".join([*(level.owner.trail if level.owner else ()), name])
            return found
        if name in level.bound:
            schema, always = level.bound[name]
            found.known = True
            if found.shape is None:
                found.shape = schema
            if always:
                return found
        elif level.opened:
            found.known = True
            found.shape = OPEN if found.shape is None else found.shape
        elif level.owner is not None and level.owner.id == name:
            found.own_group = True
        here = level.owner
    if name in root:
        found.known = found.from_root = True
        if found.shape is None:
            found.shape = root[name]
    return found


def misses(shape: Schema, parts: Sequence[str]) -> tuple[str, str, str] | None:
    """The first part of a name, after its first, that cannot be there: (what holds it, the part, what is there instead)."""
    for n, part in enumerate(parts[1:], 1):
        below = step(shape, part)
        if below is None:
            return ".".join(parts[:n]), part, holds(shape)
        shape = below
    return None


def reachable(node: Node, levels: Sequence[Level], root: Mapping[str, Schema]) -> list[str]:
    """Names that can have a value where `node` lives, nearest first, each once."""

    def walk() -> Iterator[str]:
        here: Node | None = node
        for level in levels:
            yield from (name for name, target in level.nodes.items() if target is not here)
            yield from level.bound
            here = level.owner
        yield from root

    return list(dict.fromkeys(walk()))


def listed(names: Sequence[str]) -> str:
    """Names as a hint shows them."""
    shown = ", ".join(names[:_LISTED]) or "none"
    return f"{shown} and {len(names) - _LISTED} more" if len(names) > _LISTED else shown
