"""Faults of a node's place: children where there can be none, keys that meet in the output, conditions that say nothing."""

from __future__ import annotations

from collections.abc import Sequence

from genarun.tree.conditions import number
from genarun.tree.kinds import ASSETS
from genarun.tree.model import Node
from genarun.tree.places import Loc
from genarun.tree.report import Report
from genarun.tree.shape import declared_fields, is_group, own_schema, types
from genarun.tree.spec import Condition, Operator

_LEAVES = frozenset({"text", "template"})
_WANTS: dict[Operator, str] = {
    "contains": "what must be in it",
    "starts_with": "the text it must start with",
    "ends_with": "the text it must end with",
    "gt": "what it must be greater than",
    "lt": "what it must be less than",
    "in_range": "a list of two numbers, the smallest and the largest",
}


def check_children(owner: Node | None, children: Sequence[tuple[Node, Loc]], report: Report, loc: Loc) -> None:
    """Faults of one node's children, told where they are declared. owner: None at the top. loc: of the owner's entry.
    children: the enabled ones, each with the place of its entry."""
    if owner is not None:
        if children and _is_leaf(owner):
            report.add(
                "children-not-allowed",
                f"“{owner.id}” is a node of type {owner.spec.type}, which holds no children",
                report.key((*loc, "generations")),
                f"Put them beside it, where they can still read “{owner.id}”; an object, an array or a group holds children.",
            )
            return
        if owner.collapses:
            return
    seen: dict[str, Node] = {}
    for child, entry in children:
        at = report.value((*entry, "outputKey" if child.spec.output_key else "id"))
        if child.key in seen:
            report.add(
                "output-key-twice",
                f"“{seen[child.key].id}” and “{child.id}” both put their value under “{child.key}”",
                at,
                "Give one of them another `outputKey`.",
            )
        seen[child.key] = child
        if owner is None:
            continue
        if child.key in _fields(owner):
            what = f"each item of “{owner.id}”" if owner.kind.many else f"“{owner.id}”"
            report.add(
                "output-key-field",
                f"“{child.id}” puts its value under “{child.key}”, which is a field of {what}",
                at,
                f"Give “{child.id}” an `outputKey` of its own.",
            )
        elif owner.kind.many and child.key == owner.item_key and _wraps(owner):
            report.add(
                "output-key-item",
                f"“{child.id}” puts its value under “{child.key}”, where the item of “{owner.id}” stands",
                at,
                f"Give “{child.id}” an `outputKey`, or “{owner.id}” another `itemKey`.",
            )


def _is_leaf(node: Node) -> bool:
    if node.kind.many or is_group(node):
        return False
    kinds = types(own_schema(node.kind, node.spec))
    return node.kind.name in _LEAVES or node.kind.medium in ASSETS or bool(kinds and "object" not in kinds)


def _fields(owner: Node) -> frozenset[str]:
    """Fields that the owner's value, or each of its items, declares."""
    schema = own_schema(owner.kind, owner.spec)
    value = schema["items"] if owner.kind.many else schema
    return frozenset(declared_fields(value))


def _wraps(owner: Node) -> bool:
    """Whether items go under `itemKey`: they do unless they are objects."""
    kinds = types(own_schema(owner.kind, owner.spec)["items"])
    return bool(kinds) and "object" not in kinds


def check_conditions(conditions: Sequence[Condition], report: Report, loc: Loc, several: bool) -> None:
    """Conditions whose `value` cannot be compared as the operator does."""
    for n, condition in enumerate(conditions):
        operator, value = condition.operator, condition.value
        if operator == "in_range":
            fits = isinstance(value, list) and len(value) == 2 and all(number(end) is not None for end in value)
        else:
            fits = operator not in _WANTS or value is not None
        if not fits:
            at = (*loc, n) if several else loc
            report.add(
                "when-value",
                f"`{operator}` needs a `value`: {_WANTS[operator]}",
                report.value((*at, "value")),
                "Write it as `value: [1, 5]`." if operator == "in_range" else "Write it under `value`.",
            )
