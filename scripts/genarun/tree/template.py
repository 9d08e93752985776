"""Text with `${names}` and `[picks | in | brackets]`, read once and rendered often.

Names: `${name}`, `${a.b.0}`; `$${` is a literal `${`. Objects and lists render as JSON, numbers, true, false and null as JSON
writes them, text as it is.

Picks: brackets that hold an unescaped `|` at their own depth pick one of the texts between the bars, with white space around
each left out; options may hold names and further picks. `\\[`, `\\]` and `\\|` keep the character. Brackets without a bar of
their own (Markdown links, lists) are plain text, and so are brackets that never close. A JSON list is plain text too, bars in
its strings included: `["a|b"]` stays as written, while `["a" | "b"]`, which is no JSON, is a pick.

What is substituted is never rendered again: a value's `${` and `[a | b]` reach the prompt as they are.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any, Literal

from genarun.tree.picks import Chooser
from genarun.tree.values import (
    MISSING,
    UNKNOWN,
    Json,
    Lookup,
    MissingName,
    Unknown,
    follow,
    missing_name,
    settled,
    text_of,
    value_at,
)

__all__ = [
    "MISSING",
    "UNKNOWN",
    "Lookup",
    "Missing",
    "MissingName",
    "Name",
    "Pick",
    "Template",
    "TemplateFault",
    "Unknown",
    "follow",
    "names_in",
    "plain",
    "render_value",
    "value_at",
]

Missing = Literal["error", "empty"]
"""What a name without a value does: raise `MissingName`, or render as nothing (Genarun v0, where null is nothing too)."""


_DEPTH = 32
_PART = re.compile(r"[\w@-](?:[\w@ -]*[\w@-])?")
_LEGACY_NAME = re.compile(r"[.\w]+")
_NAMES_ONLY = re.compile(r"\$\$\{|\$\{")
_WITH_PICKS = re.compile(r"\$\$\{|\$\{|\\[\[\]|]|[\[\]|]")


class TemplateFault(ValueError):
    """A template that cannot be read. offset: where in the text, counted from 0 in characters. code: kind of fault."""

    def __init__(self, message: str, offset: int, hint: str, code: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.offset = offset
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Name:
    """One `${…}`. parts: split at the dots. offset: of the `$`, in characters of the template."""

    parts: tuple[str, ...]
    offset: int

    @property
    def text(self) -> str:
        return ".".join(self.parts)


@dataclass(frozen=True, slots=True)
class Pick:
    """One `[a | b]`. at: its position in the prompt; a pick in option 2 of `template:0` is `template:0.2.0`."""

    at: str
    options: tuple[tuple[Part, ...], ...]


Part = str | Name | Pick


@dataclass(slots=True)
class _Open:
    """A bracket that has not closed yet. first: its place in the flat list of parts. bars: places of its own bars."""

    first: int
    offset: int
    bars: list[int]


@dataclass(slots=True)
class _Raw:
    """A pick before positions are given."""

    options: list[list[Any]]
    depth: int


class Template:
    """A text that has been read. parts: plain texts, names and picks in order. at: what its picks' positions begin with."""

    __slots__ = ("at", "found", "has_picks", "parts", "text")

    def __init__(self, text: str, parts: tuple[Part, ...], at: str) -> None:
        self.text = text
        self.parts = parts
        self.at = at
        self.found: tuple[Name, ...] = tuple(_walk(parts))
        """Every name in its place, those in options included."""
        self.has_picks = any(type(part) is Pick for part in parts)

    @classmethod
    def parse(cls, text: str, *, picks: bool, at: str, lenient: bool = False) -> Template:
        """Reads a text once.

        picks: whether brackets can pick. at: position of the text in its prompt (`template`, `turn1`). lenient: Genarun v0,
        where `${` that begins no name is plain text and `$${a}` is a dollar sign before a value.
        Raises TemplateFault, and nothing else.
        """
        return cls(text, _place(_read(text, picks, lenient), at), at)

    @property
    def names(self) -> tuple[tuple[str, ...], ...]:
        """The names used, split at their dots, each once, in the order of the text."""
        return tuple(dict.fromkeys(name.parts for name in self.found))

    def render(self, lookup: Lookup, choose: Chooser | None = None, missing: Missing = "error") -> str:
        """The text with values in the place of names. Raises MissingName, or Unknown while planning."""
        return _render(self.parts, lookup, choose, missing)

    def __repr__(self) -> str:
        return f"Template({self.text!r})"


def _read(text: str, picks: bool, lenient: bool) -> list[Any]:
    """One flat list of parts: a bracket that turns out plain costs nothing, one that picks folds what follows it."""
    out: list[Any] = []
    stack: list[_Open] = []
    scan = (_WITH_PICKS if picks else _NAMES_ONLY).search
    here = 0
    while token := scan(text, here):
        start, what = token.start(), token.group()
        if start > here:
            out.append(text[here:start])
        here = token.end()
        if what == "${":
            here = _read_name(text, start, out, lenient)
        elif what == "$${":
            if lenient:
                out.append("$")
                here = start + 1
            else:
                out.append("${")
        elif what[0] == "\\":
            out.append(what[1])
        elif what == "[":
            stack.append(_Open(len(out), start, []))
            out.append("[")
        elif what == "|":
            if stack:
                stack[-1].bars.append(len(out))
            out.append("|")
        elif stack and (opened := stack.pop()).bars and not _is_json(text[opened.offset : here]):
            _fold(out, opened)
        else:
            out.append("]")
    if here < len(text):
        out.append(text[here:])
    return out


def _read_name(text: str, start: int, out: list[Any], lenient: bool) -> int:
    """Reads `${…}` at `start`; gives where to go on."""
    end = text.find("}", start + 2)
    inner = text[start + 2 : end] if end >= 0 else text[start + 2 :]
    if lenient:
        if end >= 0 and _LEGACY_NAME.fullmatch(inner):
            out.append(Name(tuple(inner.split(".")), start))
            return end + 1
        out.append("${")
        return start + 2
    if end < 0 or "\n" in inner or "{" in inner:
        hint = "Close it with `}`, or write `$${` for a literal `${`."
        raise TemplateFault("`${` is never closed", start, hint, "template-open")
    parts = tuple(part.strip() for part in inner.split("."))
    if parts == ("",):
        hint = "Write a name between the braces, or `$${` for a literal `${`."
        raise TemplateFault("`${}` holds no name", start, hint, "template-empty")
    if not all(_PART.fullmatch(part) for part in parts):
        raise TemplateFault(
            f"`${{{_short(inner)}}}` is not a name",
            start,
            "A name is letters, digits, `_` and `-`, with dots between parts: `${series.title}`, `${ideas.0}`. "
            "Write `$${` for a literal `${`.",
            "template-name",
        )
    out.append(Name(parts, start))
    return end + 1


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:37]}…"


def _is_json(text: str) -> bool:
    """Whether brackets hold a JSON list. Only one with a string in it can hold a bar."""
    if '"' not in text:
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _fold(out: list[Any], opened: _Open) -> None:
    """Turns everything since the opening bracket into one pick."""
    edges = [opened.first, *opened.bars, len(out)]
    options = [_strip(_join(out[left + 1 : right])) for left, right in pairwise(edges)]
    depth = 1 + max((part.depth for option in options for part in option if type(part) is _Raw), default=0)
    if depth > _DEPTH:
        hint = r"Nest fewer, or write `\[` for a plain bracket."
        raise TemplateFault(f"picks are nested more than {_DEPTH} deep", opened.offset, hint, "picks-deep")
    out[opened.first :] = [_Raw(options, depth)]


def _join(parts: list[Any]) -> list[Any]:
    """Neighbouring texts as one."""
    joined: list[Any] = []
    run: list[str] = []
    for part in parts:
        if type(part) is str:
            run.append(part)
            continue
        if run:
            joined.append("".join(run))
            run = []
        joined.append(part)
    if run:
        joined.append("".join(run))
    return joined


def _strip(parts: list[Any]) -> list[Any]:
    if parts and type(parts[0]) is str:
        parts[0] = parts[0].lstrip()
    if parts and type(parts[-1]) is str:
        parts[-1] = parts[-1].rstrip()
    return [part for part in parts if part != ""]


def _place(parts: list[Any], at: str, between: str = ":") -> tuple[Part, ...]:
    """Gives every pick its position. A pick's own options number theirs afresh, so that none moves the picks after it."""
    placed: list[Part] = []
    count = 0
    for part in _join(parts):
        if type(part) is _Raw:
            here = f"{at}{between}{count}"
            count += 1
            options = tuple(_place(option, f"{here}.{n}", ".") for n, option in enumerate(part.options))
            placed.append(Pick(here, options))
        else:
            placed.append(part)
    return tuple(placed)


def _walk(parts: tuple[Part, ...]) -> list[Name]:
    found: list[Name] = []
    for part in parts:
        if type(part) is Name:
            found.append(part)
        elif type(part) is Pick:
            for option in part.options:
                found.extend(_walk(option))
    return found


def _render(parts: tuple[Part, ...], lookup: Lookup, choose: Chooser | None, missing: Missing) -> str:
    out: list[str] = []
    for part in parts:
        if type(part) is str:
            out.append(part)
        elif type(part) is Name:
            names = part.parts
            value = lookup(names[0]) if len(names) == 1 else follow(lookup(names[0]), names[1:])
            if type(value) is str:
                out.append(value)
            elif value is MISSING:
                if missing == "error":
                    raise missing_name(names, lookup)
            elif value is not None or missing == "error":
                out.append(text_of(value, part.text))
        else:
            assert type(part) is Pick
            out.append(_render_pick(part, lookup, choose, missing))
    return "".join(out)


def _render_pick(pick: Pick, lookup: Lookup, choose: Chooser | None, missing: Missing) -> str:
    if choose is None:
        raise ValueError("a template with picks is rendered with a chooser")
    of = len(pick.options)
    chosen = choose.choose(pick.at, of)
    place = len(choose.made)
    choose.made.append((pick.at, "", of))
    text = _render(pick.options[chosen], lookup, choose, missing)
    choose.made[place] = (pick.at, text, of)
    return text


@lru_cache(maxsize=4096)
def plain(text: str, lenient: bool = False) -> Template:
    """A text of a parameter as a template: names, no picks. Kept, because parameters are rendered once per instance."""
    return Template.parse(text, picks=False, at="params", lenient=lenient)


def render_value(value: Json, lookup: Lookup, missing: Missing = "error") -> Json:
    """A JSON value with every text in it rendered. A text that is one `${name}` and no more becomes the value itself, with its
    type. Keys stay as they are. Raises as `Template.render`."""
    if type(value) is str:
        if "${" not in value:
            return value
        template = plain(value, missing == "empty")
        if len(template.parts) == 1 and type(only := template.parts[0]) is Name:
            found = value_at(lookup, only.parts)
            if found is not MISSING:
                return settled(found, only.text)
        return template.render(lookup, None, missing)
    if isinstance(value, dict):
        return {key: render_value(item, lookup, missing) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [render_value(item, lookup, missing) for item in value]
    return value


def names_in(value: Json, lenient: bool = False) -> list[tuple[str, ...]]:
    """Names that `render_value` would read. Raises TemplateFault."""
    if type(value) is str:
        return list(plain(value, lenient).names) if "${" in value else []
    if isinstance(value, dict):
        return [name for item in value.values() for name in names_in(item, lenient)]
    if isinstance(value, list | tuple):
        return [name for item in value for name in names_in(item, lenient)]
    return []
