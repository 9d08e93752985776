"""How sure a plan can be of what it does not know yet: whether a name will have a value, whether a recorded answer could serve.

Only what is certain is called exact. Whoever doubts says why, and that text is the estimate's source.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from genarun.store.records import Record
from genarun.tree.model import Node, Tree
from genarun.tree.prompt import PromptTurn
from genarun.tree.shape import Schema, field, finished_schema, is_group, item_schema, own_schema
from genarun.tree.template import names_in

Json = Any


def names_of(node: Node) -> list[tuple[str, ...]]:
    """Every name that a node's prompt, parameters and settings read, split at its dots."""
    found = list(node.prompt.names) if node.prompt is not None else []
    for use in node.use.candidates if node.use is not None else ():
        found += names_in(dict(use.params))
    settings = node.spec.config.model_extra if node.spec.config is not None else None
    return found + names_in(settings or {})


def assured(tree: Tree, node: Node, name: Sequence[str]) -> bool:
    """Whether a name has a value wherever the node runs, provided that the nodes it leads to have one."""
    first, rest = name[0], name[1:]
    here, owner = node, node.parent
    while True:
        for target in owner.children if owner is not None else tree.nodes:
            if target.id == first and target is not here:
                return not rest or _there(finished_schema(target), rest)
        if owner is None:
            return True  # an input, `seed` or `date`: known, or refused before
        if owner.step is not None:
            return not rest or first not in owner.step.inputs  # what a step gives its tree may have any form
        if not is_group(owner):
            schema = own_schema(owner.kind, owner.spec)
            value = item_schema(schema) if owner.kind.many else schema
            fields = owner.fields
            if fields is None or first in fields:
                found = field(value, first)
                if found is not None and found[1]:
                    return _there(found[0], rest)
                if found is not None or (fields is None and first not in (owner.item_key, "i", "index", "parent", owner.id)):
                    return False
            if first == "parent" or (owner.kind.many and first in (owner.item_key, "i")):
                return _there(value, rest)
            if owner.kind.many and first == "index":
                return True
            if first in (owner.id, owner.own_name):
                return _there(schema, rest)
        here, owner = owner, owner.parent


def _there(schema: Schema, rest: Sequence[str]) -> bool:
    for part in rest:
        found = field(schema, part)
        if found is not None and found[1]:
            schema = found[0]
        elif part.isascii() and part.isdigit() and int(part[:9]) < (schema.get("minItems") or 0):
            schema = item_schema(schema)
        else:
            return False
    return True


def could_serve(node: Node, records: Iterable[Record]) -> bool:
    """Whether any recorded request could be one that this node makes, whatever the values are that its prompt reads."""
    if node.prompt is None or node.use is None:
        return False
    pattern = _pattern(node.prompt.turns[0])
    models = {use.model for use in node.use.candidates}
    for record in records:
        if record.request is None or record.model not in models:
            continue
        messages = record.request.get("messages")
        for message in messages if isinstance(messages, list) else ():
            if isinstance(message, dict) and message.get("role") == "user":
                if _matches(pattern, str(message.get("content"))):
                    return True
                break
    return False


def _pattern(turn: PromptTurn) -> list[str | None]:
    """The turn's own texts; None where anything may stand."""
    parts: list[str | None] = []
    for number, template in enumerate(turn.user):
        if number:
            parts.append(None)
        parts += [part if isinstance(part, str) else None for part in template.parts]
    return parts


def _matches(pattern: Sequence[str | None], text: str) -> bool:
    at, free = 0, False
    for number, part in enumerate(pattern):
        if part is None:
            free = True
            continue
        if free and number == len(pattern) - 1:
            return text.endswith(part) and len(text) - len(part) >= at
        found = text.find(part, at) if free else (at if text.startswith(part, at) else -1)
        if found < 0:
            return False
        at, free = found + len(part), False
    return free or at == len(text)
