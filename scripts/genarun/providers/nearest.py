"""Which recorded request is nearest to one that a recording does not hold, and what differs, in words.

Nearest is the one in which the fewest things differ; among equals the one whose messages begin and end most alike, then the one
of the same path, then of the same node. Looked at are requests of the same path, node or messages, else all of the medium: a
run whose prompt changed misses thousands of times, and each time must be quick.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from genarun.providers.base import Json, Message, ModelRequest

MOST = 1000
"""Requests of one node that are compared."""
LONGEST = 60
"""Characters of a text that are shown where it differs."""
_WORD = 20
"""Characters, fewer than which the shown part may be longer on each side, to begin and end with a word."""
_HEAD, _TAIL = re.compile(r"\S*$"), re.compile(r"^\S*")
_COMPARED = 4000
"""Characters at each end of the messages that are compared to tell how alike they are."""


@dataclass(frozen=True, slots=True)
class Told:
    """A request as a recording tells it. number: its line, from 1; 0 for one that is asked now."""

    number: int
    provider: str | None
    request: ModelRequest


class Requests:
    """The requests of one recording."""

    def __init__(self) -> None:
        self._all: dict[str, list[Told]] = {}
        self._near: dict[tuple[str, str, str | int], list[Told]] = {}

    def add(self, told: Told) -> None:
        """Keep one."""
        self._all.setdefault(told.request.medium, []).append(told)
        for place in _places(told.request):
            self._near.setdefault(place, []).append(told)

    def nearest(self, asked: Told) -> Told | None:
        """The nearest of the same medium; None where there is none."""
        near = {told.number: told for place in _places(asked.request) for told in self._near.get(place, ())[:MOST]}
        candidates = list(near.values()) or self._all.get(asked.request.medium, [])
        text = _text(asked.request.messages)

        def far(told: Told) -> tuple[int, float, bool, bool, int]:
            request = told.request
            alike = _alike(_text(request.messages), text)
            other = (request.path != asked.request.path, request.node != asked.request.node)
            return len(_parts(told, asked)), -round(alike, 2), *other, told.number

        return min(candidates, key=far, default=None)


def _places(request: ModelRequest) -> list[tuple[str, str, str | int]]:
    texts = hash(_text(request.messages))
    return [(request.medium, "path", request.path), (request.medium, "node", request.node), (request.medium, "text", texts)]


def _text(messages: tuple[Message, ...]) -> str:
    return "\n".join(f"{message['role']}: {message['content']} {message.get('images') or ''}" for message in messages)


def _alike(one: str, other: str) -> float:
    """From 0 to 1: the share of two texts that their beginnings and ends have in common."""
    longest = max(len(one), len(other), 1)
    begin = _common(one[:_COMPARED], other[:_COMPARED])
    end = _common(one[begin:][::-1][:_COMPARED], other[begin:][::-1][:_COMPARED])
    return (begin + end) / min(longest, 2 * _COMPARED)


def _common(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    low, high = 0, min(len(one), len(other))
    while low < high:  # halves compare much faster than single characters do
        middle = (low + high + 1) // 2
        low, high = (middle, high) if one[low:middle] == other[low:middle] else (low, middle - 1)
    return low


# What differs ---------------------------------------------------------------------------------------------------------


def _parts(old: Told, new: Told) -> list[Callable[[], str]]:
    """What differs, each with the way to say it."""
    was, now = old.request, new.request
    found: list[Callable[[], str]] = []
    if old.provider is not None and new.provider is not None and old.provider != new.provider:
        found.append(lambda: f"the provider differs ({old.provider} → {new.provider})")
    if was.model != now.model:
        found.append(lambda: f"the model differs ({was.model} → {now.model})")
    if was.params != now.params:
        found.append(lambda: f"parameters differ: {_params(was.params, now.params)}")
    if was.messages != now.messages:
        found.append(lambda: _messages(was.messages, now.messages))
    if was.schema != now.schema:
        found.append(lambda: "the schema differs" if was.schema and now.schema else "only one of them asks for a schema")
    elif was.json != now.json:
        found.append(lambda: "JSON is asked for now" if now.json else "JSON is no longer asked for")
    if was.logprobs != now.logprobs:
        found.append(lambda: "log-probabilities are " + ("asked for now" if now.logprobs else "no longer asked for"))
    return found


def differences(old: Told, new: Told) -> str:
    """What differs between a recorded request and one that is asked now, old before new."""
    return ", ".join(say() for say in _parts(old, new)) or "nothing differs but what is masked in the recording"


def _params(old: Mapping[str, Json], new: Mapping[str, Json]) -> str:
    changed = [name for name in dict.fromkeys((*old, *new)) if old.get(name, _params) != new.get(name, _params)]
    return ", ".join(f"{name} {_value(old, name)} → {_value(new, name)}" for name in changed)


def _value(params: Mapping[str, Json], name: str) -> str:
    return _clip(json.dumps(params[name], ensure_ascii=False, default=dict)) if name in params else "nothing"


def _messages(old: tuple[Message, ...], new: tuple[Message, ...]) -> str:
    if [message["role"] for message in old] != [message["role"] for message in new]:
        return f"the conversation differs ({_turns(old)} → {_turns(new)})"
    users = sum(message["role"] == "user" for message in new)
    said = []
    for number, (was, now) in enumerate(zip(old, new, strict=True), 1):
        name = "the system text" if was["role"] == "system" else "the prompt" if users == 1 else f"message {number}"
        if was["content"] != now["content"]:
            said.append(_text_differs(name, str(was["content"]), str(now["content"])))
        if (was.get("images") or []) != (now.get("images") or []):
            said.append(_pictures(was.get("images") or [], now.get("images") or []))
    return ", ".join(said) or "the messages differ"


def _turns(messages: tuple[Message, ...]) -> str:
    return ", ".join(str(message["role"]) for message in messages) or "nothing"


def _pictures(old: list[Json], new: list[Json]) -> str:
    if len(old) != len(new):
        return f"it shows {len(old)} → {len(new)} pictures"
    return "another picture" if len(new) == 1 else "other pictures"


def _text_differs(name: str, old: str, new: str) -> str:
    begin = _common(old, new)
    end = _common(old[begin:][::-1], new[begin:][::-1])
    shown = [_shown(text, begin, len(text) - end) for text in (old, new)]
    return f"{name} differs from character {begin + 1}: {shown[0]} → {shown[1]}"


def _shown(text: str, begin: int, end: int) -> str:
    """A part of a text in typographic quotes, begun and ended with a whole word where that is not long."""
    if len(head := _HEAD.findall(text[max(0, begin - _WORD) : begin])[0]) < _WORD:
        begin -= len(head)
    if len(tail := _TAIL.findall(text[end : end + _WORD])[0]) < _WORD:
        end += len(tail)
    part = _clip(text[begin:end])
    if not part:
        return "nothing"
    return f"“{'…' if begin else ''}{part}{'…' if end < len(text) and not part.endswith('…') else ''}”"


def _clip(text: str) -> str:
    text = " ".join("".join(char if char.isprintable() else " " for char in text[: 4 * LONGEST]).split())
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…"
