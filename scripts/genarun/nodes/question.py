"""What a person is asked, and how their answer is read. Pure: the run asks, the terminal and GitHub show it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

from genarun.errors import SetupError
from genarun.providers.key import digest
from genarun.providers.media import medium_of
from genarun.tree.template import MISSING

Json = Any
AskedFor = Literal["choice", "text", "approve", "rank"]

ASSET: Final = re.compile(r"assets/[A-Za-z0-9_-]+-([0-9a-f]{16})\.[a-z0-9]{1,5}", re.ASCII)
_TITLES: Final = ("title", "name", "label", "slug", "item")
_YES: Final = frozenset({"yes", "y", "approve", "approved", "ok", "true", "1", "👍"})
_NO: Final = frozenset({"no", "n", "reject", "rejected", "false", "0", "👎"})
_LABEL: Final = 200


@dataclass(frozen=True, slots=True)
class Option:
    """One thing to choose. picture: path of its file, or of the first in it, relative to the run's folder; None without one."""

    label: str
    value: Json
    picture: str | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """A question, whoever is asked and wherever.

    options: of `choice` and `rank`. default: the value that is taken when nobody answers in time, MISSING for none.
    timeout: milliseconds; None for no end.
    """

    ask: AskedFor
    prompt: str
    options: tuple[Option, ...] = ()
    default: Json = MISSING
    timeout: int | None = None

    @property
    def key(self) -> str:
        """`sha256:` of what the person is asked; how long they have is no part of it. Files count by their content."""
        shown = [_by_content(one.value) for one in self.options]
        return digest({"kind": "human", "ask": self.ask, "prompt": self.prompt, "options": shown})


def make_options(values: list[Json]) -> tuple[Option, ...]:
    """Options with labels that tell them apart, each value once."""
    options: list[Option] = []
    seen: set[str] = set()
    for value in values:
        known = json.dumps(value, sort_keys=True, ensure_ascii=False)
        if known in seen:
            continue
        seen.add(known)
        picture = next((one for one in _texts(value) if _asset(one) and medium_of(one) == "image"), None)
        label = f"picture {len(options) + 1}" if picture == value else _label(value)
        if any(one.label == label for one in options):
            label = f"{label} ({len(options) + 1})"
        options.append(Option(label, value, picture))
    return tuple(options)


def _asset(value: Json) -> re.Match[str] | None:
    return ASSET.fullmatch(value) if isinstance(value, str) else None


def _by_content(value: Json) -> Json:
    """The value with files by what they hold, wherever they are in it."""
    if isinstance(value, dict):
        return {name: _by_content(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_by_content(inner) for inner in value]
    return f"file:{found[1]}" if (found := _asset(value)) else value


def _texts(value: Json) -> Iterator[str]:
    """Every text in a value, in order."""
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _texts(inner)


def _label(value: Json) -> str:
    """What tells an option: its title where it has one, else its first text that names no file, else all of it."""
    if isinstance(value, dict):
        named = [*(value.get(name) for name in _TITLES), *value.values()]
        value = next((one for one in named if isinstance(one, str) and one.strip() and not _asset(one)), value)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    line = " ".join(text.split())
    return line if len(line) <= _LABEL else line[: _LABEL - 1] + "…"


def label_of(asked: Ask, value: Json) -> str:
    """An answer as a person knows it: by the options' labels."""
    if asked.ask == "rank" and isinstance(value, list):
        return ", ".join(_known(asked, one) for one in value)
    return _known(asked, value)


def _known(asked: Ask, value: Json) -> str:
    found = next((one.label for one in asked.options if one.value == value), None)
    if found is None:
        found = {True: "yes", False: "no"}.get(value) if isinstance(value, bool) else _label(value)
    return found or ""


def how_to_answer(asked: AskedFor, options: int) -> str:
    """One sentence that tells a person what to write."""
    return {
        "choice": f"Answer with the number of an option, 1 to {options}, or with its words.",
        "rank": f"Answer with the numbers of all {options} options, the best first, as in {_example(options)}.",
        "approve": "Answer with yes or no.",
        "text": "Answer with a text that is not empty.",
    }[asked]


def _example(options: int) -> str:
    return ",".join(str(number) for number in range(options, 0, -1)[:6]) + (",…" if options > 6 else "")


def read_answer(question: Ask, text: str) -> Json:
    """The value that an answer means. Raises SetupError (`answer-unreadable`), whose hint says how to answer."""
    said, options = text.strip(), question.options
    value: Json = MISSING
    if question.ask == "text":
        value = said or MISSING
    elif question.ask == "approve":
        word = said.strip(".!").casefold()
        value = True if word in _YES else False if word in _NO else MISSING
    elif question.ask == "choice":
        place = _place(said, options)
        value = MISSING if place is None else options[place].value
    else:
        places = [_place(word, options) for word in re.split(r"[\s,;>]+", said) if word]
        if sorted(place for place in places if place is not None) == list(range(len(options))) and None not in places:
            value = [options[place].value for place in places if place is not None]
    if value is MISSING:
        shown = f"“{said[:60]}”" if said else "an empty answer"
        raise SetupError(
            "answer-unreadable", f"{shown} does not answer the question", hint=how_to_answer(question.ask, len(options))
        )
    return value


def _place(said: str, options: tuple[Option, ...]) -> int | None:
    """Which option a number or its words mean."""
    word = said.strip().removeprefix("#").rstrip(".):")
    if word.isascii() and word.isdigit() and len(word) < 6:
        return int(word) - 1 if 1 <= int(word) <= len(options) else None
    near = said.strip().strip("\"'“”").casefold()
    found = [place for place, one in enumerate(options) if near in (one.label.casefold(), str(one.value).casefold())]
    return found[0] if len(found) == 1 else None
