"""JSON (RFC 8259) to data, with the place of every key and value, and errors that say what to write instead.

One loop and a stack of its own, so that no depth of nesting exhausts the interpreter's.
"""

from __future__ import annotations

import json
import math
import re
from json.decoder import scanstring  # type: ignore[attr-defined]  # missing in typeshed
from typing import Any

from genarun.errors import TreeError
from genarun.tree.places import MAX_DEPTH, Mark, Text, whole_number, whole_text

Json = Any

_SPACE = re.compile(r"[ \t\n\r]*")
_NUMBER = re.compile(r"(-?(?:0|[1-9][0-9]*))(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_WORD = re.compile(r"[^\s,:\[\]{}\"']+")
_TO_QUOTE = re.compile(r"'([^'\n\r]*)'?")
_LITERALS = {"true": True, "false": False, "null": None}
_MEANT = {"yes": "true", "on": "true", "no": "false", "off": "false", "none": "null", "undefined": "null", "nil": "null"}


class _Open:
    """A list or object that is being read. key: of the value that comes next."""

    __slots__ = ("data", "key", "mark")

    def __init__(self, data: list[Json] | dict[str, Json], mark: Mark) -> None:
        self.data = data
        self.mark = mark
        self.key = ""


def scan_json(text: Text) -> tuple[Json, Mark] | None:
    """The data of a JSON document and its places; None for an empty text. Raises TreeError."""
    return _Reader(text).read() if text.text.strip(" \t\r\n") else None


class _Reader:
    def __init__(self, text: Text) -> None:
        self.text = text
        self.raw = text.text
        self.at = 0

    def read(self) -> tuple[Json, Mark]:
        stack: list[_Open] = []
        self.skip()
        while True:
            start, value, mark = self.at, None, Mark(self.at)
            here = self.raw[self.at : self.at + 1]
            if here in ("[", "{"):
                if len(stack) >= MAX_DEPTH:
                    raise self.fault("nesting-too-deep", f"nested deeper than {MAX_DEPTH} levels", "Make the file flatter.")
                opened = _Open([], Mark(start, None, [])) if here == "[" else _Open({}, Mark(start, {}, {}))
                self.at += 1
                self.skip()
                if not self.closes(opened):
                    stack.append(opened)
                    self.begin(opened)
                    continue
                value, mark = opened.data, opened.mark
            else:
                value = self.scalar(stack)
            # A value is finished: put it where it belongs, and close what ends after it.
            while stack:
                holder = stack[-1]
                self.put(holder, value, mark)
                self.skip()
                if not self.closes(holder):
                    break
                value, mark = holder.data, holder.mark
                stack.pop()
            if not stack:
                self.skip()
                if self.at < len(self.raw):
                    raise self.fault(
                        "json-after-end", "something stands after the end", "One file holds one value: take the rest away."
                    )
                return value, mark
            self.comma(stack)
            self.begin(stack[-1])

    def skip(self) -> None:
        """Over white space; a comment is an error that says so."""
        found = _SPACE.match(self.raw, self.at)
        self.at = found.end() if found else self.at
        if self.raw.startswith(("//", "/*", "#"), self.at):
            raise self.fault(
                "json-comment", "JSON has no comments", "Take it away, or rename the file to config.yaml, where # begins one."
            )

    def closes(self, opened: _Open) -> bool:
        """Whether the bracket that belongs to an open list or object comes next; goes past it."""
        here = self.raw[self.at : self.at + 1]
        if here and here == self.closing(opened):
            self.at += 1
            return True
        return False

    def closing(self, opened: _Open) -> str:
        """The bracket that closes a list or object."""
        return "]" if isinstance(opened.data, list) else "}"

    def begin(self, opened: _Open) -> None:
        """The key of the next value, in an object."""
        if isinstance(opened.data, list):
            return
        start = self.at
        here = self.raw[start : start + 1]
        if here != '"':
            raise self.no_key(here, opened)
        name = self.string()
        assert opened.mark.keys is not None
        if name in opened.mark.keys:
            line = self.text.line_of(opened.mark.keys[name])
            raise self.text.fault(
                "key-twice", f"the key “{name}” is here twice, first in line {line}", start, "Keep one of the two."
            )
        self.skip()
        if self.raw[self.at : self.at + 1] != ":":
            raise self.text.fault(
                "json-colon", "a colon is missing after the key", self.at, f"Write {json.dumps(name)}: and its value."
            )
        self.at += 1
        self.skip()
        opened.mark.keys[name] = start
        opened.key = name

    def put(self, holder: _Open, value: Json, mark: Mark) -> None:
        """A finished value goes into its list or object."""
        if isinstance(holder.data, list):
            holder.data.append(value)
            assert isinstance(holder.mark.parts, list)
            holder.mark.parts.append(mark)
        else:
            holder.data[holder.key] = value
            assert isinstance(holder.mark.parts, dict)
            holder.mark.parts[holder.key] = mark

    def comma(self, stack: list[_Open]) -> None:
        """The comma between two parts."""
        here = self.raw[self.at : self.at + 1]
        if here == "":
            raise self.ends(stack[-1])
        if here != ",":
            if here in ("]", "}"):
                raise self.wrong_bracket(here, stack[-1])
            raise self.fault("json-comma", "a comma is missing before this", "Write a comma between two parts.")
        comma = self.at
        self.at += 1
        self.skip()
        if self.raw[self.at : self.at + 1] in ("]", "}"):
            raise self.text.fault("json-last-comma", "a comma stands before a closing bracket", comma, "Take the comma away.")

    def scalar(self, stack: list[_Open]) -> Json:
        """A text, number, true, false or null."""
        start = self.at
        here = self.raw[start : start + 1]
        if here == '"':
            return self.string()
        if here == "":
            if stack:
                raise self.ends(stack[-1])
            raise self.fault("json-value", "a value is missing", "Write a value here.")
        if here in ("'", "‘", "’", "“", "”", "`"):
            raise self.wrong_quote(here)
        word = _WORD.match(self.raw, start)
        written = word[0] if word else ""
        if written in _LITERALS:
            self.at += len(written)
            return _LITERALS[written]
        if here in "+-.0123456789":
            return self.number(written)
        if not written:
            if stack and here in ("]", "}") and here != self.closing(stack[-1]):
                raise self.wrong_bracket(here, stack[-1])
            raise self.fault("json-value", "a value is missing", f"Write a value before the `{here}`.")
        if written in ("NaN", "Infinity"):
            raise self.text.fault(
                "number-no-json", f"`{written}` is no number that JSON knows", start, f'If this is text, write "{written}".'
            )
        meant = _MEANT.get(written.lower(), written.lower())
        hint = f"Write {meant} instead." if meant in _LITERALS else f"Text needs quotes: {_quoted(written)}."
        raise self.text.fault("json-word", f"`{_short(written)}` means nothing in JSON", start, hint)

    def number(self, written: str) -> Json:
        """An integer stays one, however long."""
        start = self.at
        found = _NUMBER.fullmatch(written)
        if found is None:
            raise self.text.fault("json-number", f"`{_short(written)}` is no JSON number", start, _number_hint(written))
        self.at += len(written)
        if found[2] is None and found[3] is None:
            return whole_number(self.text, written, 10, start)
        value = float(written)
        if not math.isfinite(value):
            raise self.text.fault(
                "number-no-json",
                f"`{_short(written)}` is no number that JSON knows",
                start,
                f"If this is text, write {_quoted(written)}.",
            )
        return value

    def string(self) -> str:
        """A text in double quotes."""
        start = self.at
        try:
            value, self.at = scanstring(self.raw, start + 1, True)
        except json.JSONDecodeError as fault:
            raise self.text_fault(fault, start) from None
        return whole_text(self.text, value, start)

    def text_fault(self, fault: json.JSONDecodeError, start: int) -> TreeError:
        """A text that is not written as JSON wants it."""
        if fault.msg.startswith("Unterminated"):
            return self.text.fault("json-text-open", "a text begins here and never ends", start, 'Close it with a ".')
        if fault.msg.startswith("Invalid control"):
            if self.raw[fault.pos] == "\t":
                return self.text.fault("json-tab", "a tab stands in a text", fault.pos, r"Write \t instead.")
            return self.text.fault(
                "json-line-end", "a text goes on over the end of its line", start, 'Close it with a ", or write \\n.'
            )
        return self.text.fault("json-escape", "an escape that JSON does not know", fault.pos, r"A backslash is written \\.")

    def no_key(self, here: str, opened: _Open) -> TreeError:
        """Something other than a quoted key."""
        if here == "":
            return self.ends(opened)
        if here in ("'", "‘", "’", "“", "”", "`"):
            return self.wrong_quote(here)
        word = _WORD.match(self.raw, self.at)
        if word:
            return self.fault(
                "json-key-quotes", f"the key `{_short(word[0])}` has no quotes", f"Write {_quoted(word[0])}: instead."
            )
        return self.fault("json-key", f"a key is missing before the `{here}`", 'Write "key": and its value.')

    def wrong_quote(self, here: str) -> TreeError:
        """A quote that JSON does not know."""
        found = _TO_QUOTE.match(self.raw, self.at)
        hint = f"Write {_quoted(found[1])} instead." if found and found[1] else 'Write "…" instead.'
        return self.fault("json-quotes", f"JSON writes text in double quotes, and this is a {here}", hint)

    def wrong_bracket(self, here: str, opened: _Open) -> TreeError:
        """A bracket that closes something else."""
        place = self.text.line_of(opened.mark.start)
        kind = "list" if isinstance(opened.data, list) else "object"
        return self.fault(
            "json-bracket", f"a `{here}` closes the {kind} of line {place}", f"Write `{self.closing(opened)}` instead."
        )

    def ends(self, opened: _Open) -> TreeError:
        """The file ends too early."""
        kind = "list" if isinstance(opened.data, list) else "object"
        return self.text.fault(
            "json-end", f"this {kind} is never closed", opened.mark.start, f"Write `{self.closing(opened)}` where it ends."
        )

    def fault(self, code: str, what: str, hint: str) -> TreeError:
        """The error about what comes next."""
        return self.text.fault(code, what, self.at, hint)


def _number_hint(written: str) -> str:
    """What to write instead of something that looks like a number."""
    tidy = written.replace("_", "").removeprefix("+")
    sign, tidy = ("-", tidy[1:]) if tidy.startswith("-") else ("", tidy)
    tidy = tidy.lstrip("0") if re.fullmatch(r"0+[0-9]+(\..*)?", tidy) else tidy
    tidy = f"0{tidy}" if tidy.startswith(".") or not tidy else tidy
    tidy = tidy.removesuffix(".")
    if _NUMBER.fullmatch(sign + tidy) and len(tidy) <= 40 and any(map(str.isdigit, written)):
        return f"Write {sign}{tidy}, or {_quoted(written)} if this is text."
    return f"If this is text, write {_quoted(written)}."


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:39]}…"


def _quoted(text: str) -> str:
    return json.dumps(_short(text), ensure_ascii=False)
