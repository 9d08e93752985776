"""Text from outside inside Markdown that GitHub shows: it may say anything, and is shown as just that.

A name cannot open a link, close a table, mention a person, hide what follows it or start HTML.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from typing import Final

from genarun.words import one_line

_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]()#!|<>~^$])")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


def plain(text: str, limit: int = 2000) -> str:
    """Text that GitHub shows as it is: no markup, no HTML, no mention of a person or an issue, no link, one line.

    limit: characters of the text that are shown."""
    return stretch(one_line(_cut(text, limit)))


def stretch(text: str) -> str:
    """The same of a part of a line, whose blanks at both ends stay."""
    text = _CONTROL.sub(" ", text).replace("&", "&amp;")
    text = _SPECIAL.sub(r"\\\1", text).replace("\\<", "&lt;").replace("\\>", "&gt;")
    return unlinked(re.sub(r"^(\d*)([-+.])", r"\1\\\2", text).replace("\\#", "#"))  # what would begin a list


def unlinked(text: str) -> str:
    """A word joiner where GitHub would look for a mention, an issue or an address: it does in the finished text, where escapes
    are gone."""
    text = text.replace("@", "@\u2060").replace("#", "#\u2060").replace("://", ":\u2060//")
    return re.sub(r"\b(www|GH)(?=[.\\-])", "\\1\u2060", text, flags=re.IGNORECASE)


def code(text: str, limit: int = 200) -> str:
    """Text as inline code. Inside of HTML's own tag, as a run of backticks in it would end Markdown's."""
    line = _CONTROL.sub(" ", _cut(text, limit))
    escaped = unlinked(html.escape(line, quote=False).replace("#", "\0")).replace("\0", "#")  # GitHub counts no issues in code
    for special in "|@`*_[]~$\\:":
        escaped = escaped.replace(special, f"&#{ord(special)};")
    return f"<code>{escaped}</code>" if line.strip() else "<code>&nbsp;</code>"


def fence(text: str, language: str = "", limit: int = 4000) -> str:
    """A block of text, in a fence longer than any run of backticks in it."""
    shown = "".join(char if char in "\n\t" or not _CONTROL.match(char) else " " for char in _cut(text, limit))
    longest = max((len(run) for run in re.findall(r"`+", shown)), default=0)
    ticks = "`" * max(3, longest + 1)
    return f"{ticks}{language}\n{shown}\n{ticks}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]], right: Iterable[int] = ()) -> str:
    """A table of cells that are Markdown already. right: places of the columns that hold numbers."""
    numbers = set(right)
    rule = ["---:" if place in numbers else "---" for place in range(len(head))]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [head, rule, *rows])


def details(summary: str, body: str) -> str:
    """A part that opens on a click. Both are Markdown or HTML already."""
    return f"<details><summary>{summary}</summary>\n\n{body}\n\n</details>"


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
