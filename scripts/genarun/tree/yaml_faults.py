"""What PyYAML says about broken YAML, said so that a person can mend it."""

from __future__ import annotations

import re

import yaml

from genarun.errors import TreeError
from genarun.tree.places import Text

MAX_SECOND_READING = 1_000_000
"""Characters up to which a broken file is read again by PyYAML's own parser, whose words are better and which is slow."""


def yaml_fault(text: Text, fault: Exception) -> TreeError:
    """The error for a fault that PyYAML found."""
    if len(text.text) <= MAX_SECOND_READING:
        try:
            for _ in yaml.parse(text.text, Loader=yaml.SafeLoader):
                pass
        except (yaml.YAMLError, ValueError, IndexError, OverflowError) as again:
            fault = again
    problem = (getattr(fault, "problem", None) or "this is no YAML").strip()
    context = getattr(fault, "context", None) or ""
    mark = getattr(fault, "problem_mark", None) or getattr(fault, "context_mark", None)
    start = getattr(fault, "context_mark", None) or mark
    end = len(text.text)
    index, begun = (min(place.index, end) if place else 0 for place in (mark, start))
    here = text.text[index : index + 1]
    if here == "\t" or "\\t" in problem:
        return text.fault("yaml-tab", "a tab stands where YAML wants spaces", index, "Indent with spaces.")
    before = text.text[:index].replace("\r", "\n").rpartition("\n")[2]
    if "mapping values are not allowed" in problem and ": " in before:
        return text.fault(
            "yaml-colon", "a second `: ` in one line", index, 'Text that holds `: ` needs quotes: key: "one: two".'
        )
    if "mapping values are not allowed" in problem:
        return text.fault(
            "yaml-deeper",
            "this key stands deeper than the one above, which has a value already",
            index,
            "Indent keys of one mapping equally far; text that holds `: ` needs quotes.",
        )
    if "sequence entries are not allowed" in problem:
        return text.fault(
            "yaml-dash", "a list cannot begin in this line", index, "Begin it in a line of its own, or use [a, b]."
        )
    if before.rstrip().endswith(("]", "}", "'", '"')) and "but found" in problem and here not in ("]", "}"):
        return text.fault(
            "yaml-after-closed",
            "text goes on after a closing bracket or quote",
            index,
            "Put the whole text in quotes; within single quotes, a single quote is doubled: ''.",
        )
    if "quoted scalar" in context and ("end of stream" in problem or "document separator" in problem):
        return text.fault(
            "yaml-quote",
            "a quote opens here and never closes",
            begun,
            "Close it; within single quotes, a single quote is doubled: ''.",
        )
    if "escape" in problem:
        return text.fault(
            "yaml-escape",
            "an escape that YAML does not know",
            index,
            r"In double quotes a backslash is written \\; in single quotes it stands for itself.",
        )
    if "cannot start any token" in problem:
        return text.fault("yaml-start", f"text cannot begin with `{here}`", index, "Put the whole text in quotes.")
    if "could not find expected ':'" in problem:
        return text.fault(
            "yaml-no-colon",
            "a line without a colon, where keys stand",
            begun,
            "Write `key: value`, or indent the line further if it belongs to the text above it.",
        )
    if "flow" in context or re.search(r"expected ',' or '[\]}]'", problem):
        hint = "Close it, with a comma between its parts; text that begins with a bracket or brace needs quotes."
        if "${" in (text.at(index).text or ""):
            hint = 'Between brackets or braces, text that holds `${…}` needs quotes: `{prompt: "A poem on ${name}"}`.'
        return text.fault("yaml-bracket", "a bracket or brace opens here and is not closed as it should be", begun, hint)
    if "<block end>" in problem or "block entry" in problem:
        return text.fault(
            "yaml-indent", "this does not belong here", index, "Indent keys of one mapping, and items of one list, equally far."
        )
    return text.fault("yaml-broken", f"YAML cannot read this: {problem}", index, "Put text with special characters in quotes.")
