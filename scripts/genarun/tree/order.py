"""What waits for what, and whether that can end.

A node starts when its parent has started and every node that it reads is finished; it is finished when its children are. So a
ring can go through children: `a` reads `b`, and `b/c` reads `a`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from genarun.tree.model import Node

Event = tuple[str, Node]


def _needs(event: Event) -> Iterator[Event]:
    """What must have happened before an event."""
    what, node = event
    if what == "start":
        if node.parent is not None:
            yield "start", node.parent
        for dep in node.deps:
            yield "finish", dep.node
    else:
        yield "start", node
        for child in node.children:
            yield "finish", child


def ring(nodes: Sequence[Node]) -> list[tuple[Node, Node]] | None:
    """The first ring found, as (reader, what it reads) around it; None where there is none."""
    done: set[Event] = set()
    for node in nodes:
        if found := _search(("finish", node), done):
            return [
                (reader, source) for (what, reader), (then, source) in pairwise(found) if (what, then) == ("start", "finish")
            ]
    return None


def _search(first: Event, done: set[Event]) -> list[Event] | None:
    """Events that form a ring, its first one again at the end. done: events known to end, kept between searches.

    Goes on a stack of its own: a chain of siblings may be longer than the interpreter's."""
    if first in done:
        return None
    path = {first: _needs(first)}
    while path:
        event, rest = next(reversed(path.items()))
        following = next(rest, None)
        if following is None:
            done.add(event)
            del path[event]
        elif following in path:
            events = list(path)
            return [*events[events.index(following) :], following]
        elif following not in done:
            path[following] = _needs(following)
    return None
