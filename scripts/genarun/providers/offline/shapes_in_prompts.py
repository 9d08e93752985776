"""The shape of JSON that a prompt asks for in words: an example in it, or the names of keys."""

from __future__ import annotations

import re
from typing import Any

from genarun.providers.offline.asked import number_of

Json = Any
_TYPES = {"string": "string", "str": "string", "text": "string", "number": "number", "float": "number", "int": "integer",
          "integer": "integer", "boolean": "boolean", "bool": "boolean", "true": "boolean", "false": "boolean"}  # fmt: skip
_MARK = re.compile(r"""\s*(?:(?P<open>[\[{])|(?P<close>[\]}])
    |(?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|(?P<comma>,)|(?P<colon>:)
    |(?P<dots>\.{3}|…)|(?P<number>-?\d+(?:\.\d+)?)|(?P<word>[A-Za-z_$][\w$-]*(?:\[\])?)|(?P<other><[^<>\n]*>|\S))""",
        re.VERBOSE)  # fmt: skip


def schema_in(text: str, about: str = "") -> dict[str, Json]:
    """A JSON Schema for the shape that a prompt asks for: from the last example in it, else from the keys that it names."""
    best: dict[str, Json] | None = None
    end = 0
    for match in re.finditer(r"[\[{]", text):
        if match.start() < end:
            continue
        reader = _Loose(text, match.start())
        found = reader.value()
        if found and reader.sound:
            best, end = found, reader.at
    if best is not None and (best.get("properties") or best.get("items", {}).get("properties") or best["type"] == "array"):
        return best
    keys = _keys(text)
    if keys:
        inner: dict[str, Json] = _object({key: {"type": "string"} for key in keys})
        many = re.search(
            r"\b(?:array|list) of (?:\w+ )?(?:objects|items|entries)\b|\bobjects? (?:each )?with\b.*\barray\b|\beach\b",
            text,
            re.I,
        )
        return _data(inner, text) if many and re.search(r"\barray|\blist", text, re.IGNORECASE) else inner
    if listed := re.search(
        r"\b(?:json )?(?:array|list) of (?:(\d+|[a-z]+) )?(strings|numbers|integers|objects|booleans|\w+)", text, re.IGNORECASE
    ):
        kind = {"numbers": "number", "integers": "integer", "booleans": "boolean"}.get(listed[2].lower(), "string")
        items: dict[str, Json] = {"type": kind}
        if listed[2].lower() == "objects":
            items = _object({"title": {"type": "string"}, "description": {"type": "string"}})
        found = {"type": "array", "items": items}
        count = number_of(listed[1]) if listed[1] else 0
        if count > 1:
            found |= {"minItems": count, "maxItems": count}
        return found
    if re.search(r"\bjson (?:array|list)\b", text, re.IGNORECASE):
        return {"type": "array", "items": {"type": "string"}}
    return _object(
        {"title": {"type": "string"}, "description": {"type": "string"}, "tags": {"type": "array", "items": {"type": "string"}}}
    )


def _object(properties: dict[str, Json]) -> dict[str, Json]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _data(items: dict[str, Json], text: str) -> dict[str, Json]:
    if re.search(r"[\"'`]?data[\"'`]?\s*(?::|key|field|property)", text):
        return _object({"data": {"type": "array", "items": items}})
    return {"type": "array", "items": items}


def _keys(text: str) -> list[str]:
    found = re.findall(r"^[ \t]*(?:[-*•]|\d+[.)])?[ \t]*[`\"]([A-Za-z_][\w-]*)[`\"][ \t]*[:–—-]", text, re.MULTILINE)
    if not found:
        names = r"[\s:]+((?:[`\"']?[A-Za-z_]\w*[`\"']?(?:, and |, | and )?)+)"
        match = re.search(r"\b(?:keys?|fields?|propert(?:y|ies)|attributes?)\b(?: named| called)?" + names, text)
        match = match or re.search(r"\bobject with(?: an?| the)?\b" + names, text)
        if match:
            listed = re.findall(r"[`\"']?([A-Za-z_]\w*)[`\"']?(?=,| and|[.;:\n]|$)", match[1] + ".")
            found = [word for word in listed if word not in ("and", "or", "the", "a", "with", "each")]
    return list(dict.fromkeys(found))[:24]


class _Loose:
    """Reads JSON as people sketch it: bare keys, `...`, `string`, `string[]`, trailing commas, comments left out."""

    def __init__(self, text: str, at: int) -> None:
        self.text = text
        self.at = at
        self.sound = True
        self.depth = 0

    def next(self) -> tuple[str, str]:
        match = _MARK.match(self.text, self.at)
        if not match:
            self.sound = False
            return "", ""
        self.at = match.end()
        kind = str(match.lastgroup)
        return kind, match[kind]

    def peek(self) -> tuple[str, str]:
        at, sound = self.at, self.sound
        found = self.next()
        self.at, self.sound = at, sound
        return found

    def value(self) -> dict[str, Json] | None:
        self.depth += 1
        kind, mark = self.next()
        if self.depth > 12:
            self.sound = False
        if not self.sound:
            return None
        try:
            if mark == "{":
                return self.object()
            if mark == "[":
                return self.array()
            return self.leaf(kind, mark)
        finally:
            self.depth -= 1

    def leaf(self, kind: str, mark: str) -> dict[str, Json]:
        if kind == "string" or kind == "other":
            note = mark.strip("\"'<>").strip()
            if kind == "other" and not mark.startswith("<"):
                self.sound = False
            if (named := _TYPES.get(note.lower())) and note.islower():
                return {"type": named}
            plain = note.strip(". …")
            return {"type": "string", "description": note} if plain else {"type": "string"}
        if kind == "number":
            return {"type": "number" if "." in mark else "integer"}
        if kind == "word":
            base = mark.removesuffix("[]").lower()
            inner = {"type": _TYPES.get(base, "string")}
            return {"type": "array", "items": inner} if mark.endswith("[]") else inner
        if kind == "dots":
            return {"type": "string"}
        self.sound = False
        return {"type": "string"}

    def object(self) -> dict[str, Json]:
        properties: dict[str, Json] = {}
        while self.sound:
            kind, mark = self.next()
            if mark == "}":
                break
            if kind in ("comma", "dots"):
                continue
            if kind not in ("string", "word"):
                self.sound = False
                break
            key = mark.strip("\"'")
            after, then = self.peek()
            if after == "colon":
                self.next()
                inner = self.value()
                properties[key] = inner or {"type": "string"}
                while self.sound and self.peek()[0] in ("word", "string", "number"):  # `"a" or "b"`, `string (optional)`
                    self.next()
            elif then in (",", "}"):  # {"headline", "byline"}: names alone
                properties[key] = {"type": "string"}
            else:
                self.sound = False
        return _object(properties)

    def array(self) -> dict[str, Json]:
        items: list[dict[str, Json]] = []
        while self.sound:
            kind, mark = self.peek()
            if mark == "]":
                self.next()
                break
            if kind == "comma":
                self.next()
                continue
            if kind == "dots":
                self.next()
                continue
            inner = self.value()
            if inner:
                items.append(inner)
        first = dict(items[0]) if items else {"type": "string"}
        if first.get("type") == "string":
            first.pop("description", None)
        return {"type": "array", "items": first}
