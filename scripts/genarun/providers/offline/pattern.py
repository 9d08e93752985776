"""Strings that match a regular expression, as JSON Schema's `pattern` uses them (ECMA-262, the parts in common use).

What it does not read (look-arounds, word boundaries) it leaves out of the drawing; whoever asks checks the result, so an
unread part costs another attempt and never a wrong answer.
"""

from __future__ import annotations

import string
from dataclasses import dataclass, field, replace

from genarun.providers.offline.chance import Chance

_DIGITS = string.digits
_WORD = string.ascii_lowercase + string.ascii_uppercase + string.digits + "_"
_SPACE = " "
_ANY = string.ascii_lowercase + string.digits + " -"
_PRINTABLE = "".join(chr(code) for code in range(32, 127))
_MANY = 64  # what an open repetition (`*`, `+`, `{3,}`) may grow to


class Unreadable(ValueError):
    """The expression uses something that this reader does not know."""


@dataclass(slots=True)
class Node:
    """One part of an expression. kind: chars, seq, alt, repeat, back. low, high: lengths that it can have. open: whether a
    repetition has no end. any: whether every character may stand here, and not only those of `chars`."""

    kind: str
    chars: str = ""
    parts: list[Node] = field(default_factory=list)
    least: int = 1
    most: int = 1
    group: int = 0
    low: int = 0
    high: int = 0
    open: bool = False
    any: bool = False


class _Reader:
    def __init__(self, text: str, many: int = _MANY) -> None:
        self.text = text
        self.many = many
        self.at = 0
        self.groups = 0
        self.names: dict[str, int] = {}
        self.starts = False
        self.ends = False

    def peek(self) -> str:
        return self.text[self.at] if self.at < len(self.text) else ""

    def take(self) -> str:
        char = self.peek()
        if not char:
            raise Unreadable("ends too early")
        self.at += 1
        return char

    def eat(self, text: str) -> bool:
        if self.text.startswith(text, self.at):
            self.at += len(text)
            return True
        return False

    def alternatives(self) -> Node:
        options = [self.sequence()]
        while self.eat("|"):
            options.append(self.sequence())
        if len(options) == 1:
            return options[0]
        return Node("alt", parts=options, low=min(o.low for o in options), high=max(o.high for o in options))

    def sequence(self) -> Node:
        parts: list[Node] = []
        while self.peek() and self.peek() not in "|)":
            atom = self.atom()
            if atom is not None:
                parts.append(self.repeated(atom))
        return Node("seq", parts=parts, low=sum(p.low for p in parts), high=sum(p.high for p in parts))

    def repeated(self, atom: Node) -> Node:
        if self.eat("*"):
            least, most = 0, None
        elif self.eat("+"):
            least, most = 1, None
        elif self.eat("?"):
            least, most = 0, 1
        elif self.peek() == "{" and (bounds := self.bounds()):
            least, most = bounds
        else:
            return atom
        self.eat("?")  # a lazy repetition matches the same strings
        top = max(least, self.many) if most is None else most
        low, high = least * atom.low, top * atom.high
        return Node("repeat", parts=[atom], least=least, most=top, low=low, high=high, open=most is None)

    def bounds(self) -> tuple[int, int | None] | None:
        end = self.text.find("}", self.at)
        inner = self.text[self.at + 1 : end] if end > 0 else ""
        low, comma, high = inner.partition(",")
        if not low.isdigit() or (high and not high.isdigit()):
            return None
        self.at = end + 1
        return int(low), (int(high) if high else None) if comma else int(low)

    def atom(self) -> Node | None:
        char = self.take()
        if char == "^":
            self.starts = True
            return None
        if char == "$":
            self.ends = True
            return None
        if char == "(":
            return self.bracket()
        if char == "[":
            return self.klass()
        if char == ".":
            return replace(_chars(_ANY), any=True)
        if char == "\\":
            return self.escape()
        return _chars(char)

    def bracket(self) -> Node | None:
        skip = False
        group = 0
        if self.eat("?:"):
            pass
        elif self.eat("?=") or self.eat("?!") or self.eat("?<=") or self.eat("?<!"):
            skip = True
        else:
            self.groups += 1
            group = self.groups
            if self.eat("?<") or self.eat("?P<"):
                end = self.text.index(">", self.at)
                self.names[self.text[self.at : end]] = group
                self.at = end + 1
        kept = self.starts, self.ends
        inner = self.alternatives()
        if not self.eat(")"):
            raise Unreadable("a bracket is not closed")
        if skip:
            self.starts, self.ends = kept
            return None
        return Node("seq", parts=[inner], group=group, low=inner.low, high=inner.high)

    def escape(self) -> Node | None:
        char = self.take()
        if char in "bB":
            return None
        if char.isdigit() and char != "0":
            return Node("back", group=int(char), high=_MANY)
        if char == "k" and self.eat("<"):
            end = self.text.index(">", self.at)
            name, self.at = self.text[self.at : end], end + 1
            return Node("back", group=self.names.get(name, 0), high=_MANY)
        return _chars(self.meaning(char))

    def meaning(self, char: str) -> str:
        """The characters that `\\char` stands for."""
        simple = {"d": _DIGITS, "w": _WORD, "s": _SPACE, "n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v", "0": "\0"}
        if char in simple:
            return simple[char]
        if char in "DWS":
            return "".join(c for c in _PRINTABLE if c not in simple[char.lower()])
        if char in "pP" and self.eat("{"):
            end = self.text.index("}", self.at)
            name, self.at = self.text[self.at : end], end + 1
            known = {"Lu": string.ascii_uppercase, "Ll": string.ascii_lowercase, "L": string.ascii_letters}
            known |= {"Letter": string.ascii_letters, "N": _DIGITS, "Nd": _DIGITS, "P": ".,;:!?-", "Zs": " "}
            chars = known.get(name, string.ascii_letters)
            return chars if char == "p" else "".join(c for c in _PRINTABLE if c not in chars)
        if char in "xu":
            if char == "u" and self.eat("{"):
                end = self.text.index("}", self.at)
                digits, self.at = self.text[self.at : end], end + 1
            else:
                size = 2 if char == "x" else 4
                digits = self.text[self.at : self.at + size]
                self.at += size
            return chr(int(digits, 16))
        return char

    def klass(self) -> Node:
        negated = self.eat("^")
        chars: list[str] = []
        while not self.eat("]"):
            char = self.take()
            found = self.meaning(self.take()) if char == "\\" else char
            if len(found) == 1 and self.peek() == "-" and self.text[self.at + 1 : self.at + 2] not in ("]", ""):
                self.at += 1
                last = self.take()
                last = self.meaning(self.take()) if last == "\\" else last
                if len(last) != 1:
                    chars.extend([found, "-", last])
                else:
                    chars.extend(chr(code) for code in range(ord(found), min(ord(last), ord(found) + 512) + 1))
            else:
                chars.extend(found)
        have = set(chars)
        if negated:
            kept = [c for c in _ANY + _PRINTABLE if c not in have]
            return _chars("".join(dict.fromkeys(kept)))
        return _chars("".join(dict.fromkeys(chars)))


def _chars(chars: str) -> Node:
    if not chars:
        raise Unreadable("a class with nothing in it")
    return Node("chars", chars=chars, low=1, high=1)


def read(pattern: str, many: int = _MANY) -> tuple[Node, bool, bool]:
    """An expression taken apart, and whether it holds the text's start and its end. many: what an open repetition may grow to.

    Raises Unreadable.
    """
    reader = _Reader(pattern, many)
    try:
        tree = reader.alternatives()
    except (ValueError, IndexError, KeyError) as error:
        raise Unreadable(str(error)) from None
    if reader.at < len(pattern):
        raise Unreadable("a bracket too many")
    return tree, reader.starts, reader.ends


def draw(pattern: str, chance: Chance, low: int = 0, high: int | None = None) -> str:
    """A string that `pattern` is found in, `low` to `high` characters long where the expression allows it.

    Raises Unreadable for an expression that it cannot read. The result is to be checked: see the module's first lines.
    """
    tree, starts, ends = read(pattern, max(_MANY, low))
    top = tree.high if high is None else min(high, tree.high)
    bottom = max(low, tree.low)
    usual = min(max(bottom, top), bottom + 10)  # an open repetition reads better short
    text = _write(tree, chance.whole(bottom, max(bottom, usual)), chance, {})
    missing = low - len(text)
    if missing > 0:
        filler = "".join(chance.pick(string.ascii_lowercase) for _ in range(missing))
        if not ends:
            text += filler
        elif not starts:
            text = filler + text
    return text


def _write(node: Node, want: int, chance: Chance, groups: dict[int, str]) -> str:
    """About `want` characters for this part: never fewer than it needs, never more than it may have."""
    want = max(node.low, min(node.high, want))
    if node.kind == "chars":
        return chance.pick(node.chars)
    if node.kind == "back":
        return groups.get(node.group, "")
    if node.kind == "alt":
        fitting = [part for part in node.parts if part.low <= want <= part.high] or node.parts
        return _write(chance.pick(fitting), want, chance, groups)
    if node.kind == "repeat":
        inner = node.parts[0]
        per = max(1, inner.low)
        count = max(node.least, min(node.most, -(-want // inner.high) if inner.high else node.least, want // per or node.least))
        if inner.low < inner.high and count * inner.low <= want:  # parts that can stretch need not be as few as possible
            most = min(node.most, want // per)
            count = chance.whole(max(node.least, count), max(node.least, count, most))
        return _spread([inner] * count, want, chance, groups)
    text = _spread(node.parts, want, chance, groups)
    if node.group:
        groups[node.group] = text
    return text


def _spread(parts: list[Node], want: int, chance: Chance, groups: dict[int, str]) -> str:
    """The parts one after another, what is wanted beyond their least shared out among those that can stretch."""
    spare = want - sum(part.low for part in parts)
    extra = [0] * len(parts)
    left = sum(part.high - part.low for part in parts)  # what the parts not yet served can still take
    for place in chance.mixed(range(len(parts))):
        room = parts[place].high - parts[place].low
        left -= room
        least = min(room, max(0, spare - left))
        extra[place] = chance.whole(least, max(least, min(spare, room)))
        spare -= extra[place]
    return "".join(_write(part, part.low + more, chance, groups) for part, more in zip(parts, extra, strict=True))
