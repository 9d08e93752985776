"""YAML 1.2 (core schema) to data, with the place of every key and value.

PyYAML takes the text apart into events; what they mean is decided here, because PyYAML itself reads YAML 1.1, where `on` is
true, `12:30` is 750 and `2026-11-21` is a date. Events come one after the other, so no depth of nesting exhausts the stack.
Rules: https://yaml.org/spec/1.2.2/#103-core-schema. Refused, each with a hint: duplicate keys, keys that are not text, tags
of one's own, several documents, merge keys (`<<`, which 1.2 does not have), and aliases that grow out of bounds.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from genarun.errors import TreeError
from genarun.tree.places import MAX_DEPTH, Mark, Text, whole_number, whole_text
from genarun.tree.yaml_faults import yaml_fault

Json = Any

MAX_VALUES = 200_000
"""Most values in a document, those that aliases repeat counted each time: a few lines of aliases can stand for billions."""

_TAG = "tag:yaml.org,2002:"
_NULL = frozenset(["", "~", "null", "Null", "NULL"])
_TRUE = frozenset(["true", "True", "TRUE"])
_FALSE = frozenset(["false", "False", "FALSE"])
_INT = re.compile(r"[-+]?[0-9]+")
_OCTAL = re.compile(r"0o([0-7]+)")
_HEX = re.compile(r"0x([0-9a-fA-F]+)")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NO_JSON = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_UNPRINTABLE = re.compile("[\x7f-\x84\x86-\x9f\ufffe\uffff]")


@dataclass(slots=True)
class _Built:
    """A finished value. size: values in it, itself included. height: levels below it."""

    data: Json
    mark: Mark
    size: int
    height: int


class _Frame:
    """A list or mapping that is being read."""

    __slots__ = ("anchor", "built", "key", "key_at")

    def __init__(self, built: _Built, anchor: str | None) -> None:
        self.built = built
        self.anchor = anchor
        self.key: str | None = None
        self.key_at = 0


def scan_yaml(text: Text) -> tuple[Json, Mark] | None:
    """The data of a YAML document and its places; None for a text without one. Raises TreeError."""
    found = _UNPRINTABLE.search(text.text)
    if found:
        raise text.fault(
            "yaml-unprintable",
            f"a character that YAML does not allow (U+{ord(found[0]):04X})",
            found.start(),
            "Take it away, or write it as an escape in double quotes.",
        )
    return _Reader(text).read()


def _events(text: Text) -> Iterator[yaml.Event]:
    """PyYAML's events, from libyaml where it is there: twenty times as fast."""
    try:
        yield from yaml.parse(text.text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (yaml.YAMLError, ValueError, IndexError, OverflowError) as fault:
        raise yaml_fault(text, fault) from None


class _Reader:
    def __init__(self, text: Text) -> None:
        self.text = text
        self.stack: list[_Frame] = []
        self.anchors: dict[str, _Built] = {}
        self.root: _Built | None = None
        self.values = 0

    def read(self) -> tuple[Json, Mark] | None:
        documents = 0
        for event in _events(self.text):
            at = min(event.start_mark.index, len(self.text.text)) if event.start_mark else 0
            if isinstance(event, yaml.ScalarEvent):
                self.add(_Built(self.scalar(event, at), Mark(at), 1, 0), at, event.anchor, scalar=event)
            elif isinstance(event, yaml.AliasEvent):
                self.alias(event.anchor or "", at)
            elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
                self.open(event, at)
            elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
                frame = self.stack.pop()
                self.add(frame.built, frame.built.mark.start, frame.anchor)
            elif isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise self.text.fault(
                        "yaml-documents",
                        "a second document begins here",
                        at,
                        "One file holds one document: take the line `---` away, or make two files.",
                    )
        if self.root is None or (self.root.data is None and not self.text.text[self.root.mark.start :].strip()):
            return None
        return self.root.data, self.root.mark

    def open(self, event: yaml.MappingStartEvent | yaml.SequenceStartEvent, at: int) -> None:
        """A list or mapping begins."""
        mapping = isinstance(event, yaml.MappingStartEvent)
        if event.tag not in (None, "!", f"{_TAG}{'map' if mapping else 'seq'}"):
            raise self.refuse_tag(event.tag, at)
        if self.stack and self._wants_key():
            raise self.text.fault(
                "yaml-key-complex",
                f"a {'mapping' if mapping else 'list'} stands where a key should be",
                at,
                "Write a text as the key; text that begins with a bracket or brace needs quotes.",
            )
        if len(self.stack) >= MAX_DEPTH:
            raise self.too_deep(at)
        mark = Mark(at, {}, {}) if mapping else Mark(at, None, [])
        self.stack.append(_Frame(_Built({} if mapping else [], mark, 1, 0), event.anchor))
        if event.anchor is not None:
            self.anchors.pop(event.anchor, None)

    def add(self, built: _Built, at: int, anchor: str | None, scalar: yaml.ScalarEvent | None = None) -> None:
        """A finished value goes where it belongs."""
        if anchor is not None:
            self.anchors[anchor] = built
        self.values += 1
        if self.values > MAX_VALUES:
            raise self.too_many(at)
        if not self.stack:
            self.root = built
            return
        frame = self.stack[-1]
        holder = frame.built
        if isinstance(holder.data, list):
            holder.data.append(built.data)
            assert isinstance(holder.mark.parts, list)
            holder.mark.parts.append(built.mark)
        elif frame.key is None:
            frame.key, frame.key_at = self.key(built, at, holder, scalar), at
            return
        else:
            assert isinstance(holder.mark.parts, dict)
            assert holder.mark.keys is not None
            holder.data[frame.key] = built.data
            holder.mark.parts[frame.key] = built.mark
            holder.mark.keys[frame.key] = frame.key_at
            frame.key = None
        holder.size += built.size
        holder.height = max(holder.height, built.height + 1)

    def key(self, built: _Built, at: int, holder: _Built, scalar: yaml.ScalarEvent | None) -> str:
        """A value that stands where a key should be."""
        name = built.data
        if not isinstance(name, str):
            written = scalar.value if scalar else self.text.text[at:].split(":")[0].strip()
            what = "a number" if isinstance(name, int | float) and not isinstance(name, bool) else "no text"
            hint = f'Put it in quotes: "{written}".' if written else 'Write a name before the colon; "" is a key too.'
            raise self.text.fault("yaml-key", f"the key `{written}` is {what}" if written else "a key is missing", at, hint)
        if name == "<<" and scalar is not None and not scalar.style:
            raise self.text.fault(
                "yaml-merge-key",
                "`<<` is of YAML 1.1, and does not merge here",
                at,
                "Write the keys out, or keep what is shared in trees/defaults.yaml.",
            )
        assert holder.mark.keys is not None
        if name in holder.mark.keys:
            line = self.text.line_of(holder.mark.keys[name])
            raise self.text.fault(
                "key-twice", f"the key “{name}” is here twice, first in line {line}", at, "Keep one of the two."
            )
        return name

    def alias(self, name: str, at: int) -> None:
        """`*name` stands for what `&name` marked."""
        built = self.anchors.get(name)
        if built is None:
            if any(frame.anchor == name for frame in self.stack):
                raise self.text.fault(
                    "yaml-alias-loop", f"`*{name}` stands within `&{name}` itself", at, "Write the value out."
                )
            raise self.text.fault(
                "yaml-alias-unknown",
                f"no `&{name}` stands above this `*{name}`",
                at,
                f'Mark the value that is meant with `&{name}`; if this is text, put it in quotes: "*{name}".',
            )
        self.values += built.size - 1
        if self.values > MAX_VALUES:
            raise self.too_many(at)
        if len(self.stack) + built.height > MAX_DEPTH:
            raise self.too_deep(at)
        self.add(built, at, None)

    def scalar(self, event: yaml.ScalarEvent, at: int) -> Json:
        """What a scalar means by the core schema."""
        value: str = event.value
        tag: str | None = event.tag
        if tag is None and not event.style:
            return self.plain(value, at)
        if tag is None:
            return whole_text(self.text, value, at)
        kind = tag.removeprefix(_TAG)
        if tag == "!" or kind == "str":
            return whole_text(self.text, value, at)
        if kind not in ("null", "bool", "int", "float") or kind == tag:
            raise self.refuse_tag(tag, at)
        found = self.plain(value, at)
        fits = {
            "null": found is None,
            "bool": isinstance(found, bool),
            "int": isinstance(found, int) and not isinstance(found, bool),
            "float": isinstance(found, int | float) and not isinstance(found, bool),
        }[kind]
        if not fits:
            raise self.text.fault(
                "yaml-tag-value", f"`{value}` is no {kind}, which `!!{kind}` asks for", at, f"Take `!!{kind}` away."
            )
        return float(found) if kind == "float" else found

    def plain(self, value: str, at: int) -> Json:
        """What a text without quotes means."""
        if value in _NULL:
            return None
        if value in _TRUE:
            return True
        if value in _FALSE:
            return False
        if _INT.fullmatch(value):
            return whole_number(self.text, value, 10, at)
        for pattern, base in ((_OCTAL, 8), (_HEX, 16)):
            if found := pattern.fullmatch(value):
                return whole_number(self.text, found[1], base, at)
        if _FLOAT.fullmatch(value):
            number = float(value)
            if math.isfinite(number):
                return number
        elif not _NO_JSON.fullmatch(value):
            return value
        raise self.text.fault(
            "number-no-json", f"`{value}` is no number that JSON knows", at, f'If this is text, write "{value}".'
        )

    def refuse_tag(self, tag: str, at: int) -> TreeError:
        """Tags make objects of a program, which data is not."""
        written = f"!!{tag.removeprefix(_TAG)}" if tag.startswith(_TAG) else tag
        return self.text.fault(
            "yaml-tag", f"the tag `{written}` means nothing here", at, "Take it away; text that begins with `!` needs quotes."
        )

    def too_deep(self, at: int) -> TreeError:
        return self.text.fault("nesting-too-deep", f"nested deeper than {MAX_DEPTH} levels", at, "Make the file flatter.")

    def too_many(self, at: int) -> TreeError:
        return self.text.fault(
            "yaml-too-many-values",
            f"with its aliases the file holds more than {MAX_VALUES} values",
            at,
            "Use fewer aliases, or make the file smaller.",
        )

    def _wants_key(self) -> bool:
        frame = self.stack[-1]
        return isinstance(frame.built.data, dict) and frame.key is None
