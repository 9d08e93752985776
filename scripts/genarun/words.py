"""Numbers, times, money and excerpts as people read them. Pure: no clock, no terminal."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from genarun.providers.media import NOUNS, medium_of

Json = Any

SYMBOLS = {
    "succeeded": "✓",
    "partial": "◐",
    "failed": "✗",
    "waiting": "◷",
    "stopped": "■",
    "running": "▶",
    "reused": "↺",
    "overridden": "✎",
    "answered": "·",
    "skipped": "–",
}
"""One per status of a run or a record, always shown beside its word: a symbol or a colour alone tells too little."""

STYLES = {
    "succeeded": "green",
    "partial": "yellow",
    "failed": "red",
    "waiting": "magenta",
    "stopped": "yellow",
    "running": "blue",
    "overridden": "cyan",
}

# What would move the cursor, change colours or reorder a line: text from models and services must not steer a terminal.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029]")


def clean(text: str) -> str:
    """The text without characters that a terminal would obey; line ends and tabs stay."""
    return _CONTROL.sub("", text.replace("\r\n", "\n"))


def one_line(text: str) -> str:
    """The text on one line, runs of white space as one blank."""
    return " ".join(clean(text.replace("\r", " ")).split())


def cells(text: str) -> int:
    """How many columns of a terminal the text takes."""
    if text.isascii():
        return len(text)
    return sum(_cell(char) for char in text)


def _cell(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in {"Cf", "Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def clip(text: str, width: int, *, middle: bool = False) -> str:
    """The text in at most `width` columns, with `…` where something was cut: at the end, or in the middle for paths."""
    if cells(text) <= width:
        return text
    if width <= 1:
        return "…"[:width]
    if not middle:
        return _head(text, width - 1).rstrip() + "…"
    tail = (width - 1) * 2 // 3
    return _head(text, width - 1 - tail) + "…" + _head(text[::-1], tail)[::-1]


def _head(text: str, width: int) -> str:
    used = 0
    for place, char in enumerate(text):
        used += _cell(char)
        if used > width:
            return text[:place]
    return text


def plural(number: int, noun: str, many: str | None = None) -> str:
    """`1 call`, `2,345 calls`."""
    return f"{number:,} {noun if number == 1 else many or noun + 's'}"


def listed(words: Sequence[str], joiner: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    *first, last = words or [""]
    return f"{', '.join(first)} {joiner} {last}" if first else last


def files(names: Iterable[str]) -> str:
    """`3 pictures and 1 sound`: how many files of each medium these are, by their names; there is one at least."""
    counted = Counter(NOUNS.get(medium_of(name) or "", "file") for name in names)
    *others, last = [plural(number, noun) for noun, number in counted.items()]
    return f"{', '.join(others)} and {last}" if others else last


def short(number: int) -> str:
    """`999`, `12.3k`, `4.5M`."""
    if number < 1_000:
        return str(number)
    for size, unit in ((1_000, "k"), (1_000_000, "M"), (1_000_000_000, "G")):
        value = number / size
        if value < 999.5 or unit == "G":
            return f"{value:.1f}{unit}" if value < 99.95 else f"{value:.0f}{unit}"
    raise AssertionError("unreachable")


def size(number: int) -> str:
    """Bytes as `512 B`, `1.4 MB`; powers of ten."""
    if number < 1_000:
        return f"{number} B"
    units = ["kB", "MB", "GB", "TB"]
    value = number / 1_000
    while value >= 999.5 and len(units) > 1:
        value /= 1_000
        del units[0]
    return f"{value:.1f} {units[0]}" if value < 99.95 else f"{value:.0f} {units[0]}"


def duration(seconds: float) -> str:
    """`12 ms`, `0.4 s`, `12 s`, `1 min 05 s`, `2 h 03 min`."""
    seconds = max(0.0, seconds)
    if seconds < 0.0995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3_600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3_600} h {whole % 3_600 // 60:02d} min"


def clock(seconds: float) -> str:
    """`0:07`, `12:34`, `1:02:03`: time on a running display, which must not jump about in width."""
    whole = max(0, int(seconds))
    if whole < 3_600:
        return f"{whole // 60}:{whole % 60:02d}"
    return f"{whole // 3_600}:{whole % 3_600 // 60:02d}:{whole % 60:02d}"


def moment(text: str | None) -> datetime | None:
    """A time as records write it, or None where it is missing or damaged."""
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def ago(then: datetime, now: datetime) -> str:
    """`just now`, `5 min ago`, `3 h ago`, `2 days ago`; a time ahead of the clock is `just now`."""
    seconds = (now - then).total_seconds()
    if seconds < 60:
        return "just now"
    if seconds < 3_600:
        return f"{int(seconds // 60)} min ago"
    if seconds < 86_400:
        return f"{int(seconds // 3_600)} h ago"
    return f"{plural(int(seconds // 86_400), 'day')} ago"


def money(usd: Decimal | str | float | None) -> str:
    """`$0`, `$0.0123`, `$12.30`; a positive amount that would round to nothing is `<$0.0001`; None is `unknown`."""
    if usd is None:
        return "unknown"
    try:
        amount = Decimal(str(usd))
    except InvalidOperation:
        return "unknown"
    if not amount.is_finite():
        return "unknown"
    if not amount:
        return "$0"
    if abs(amount) >= 1:
        return f"${amount:,.2f}"
    if abs(amount) < Decimal("0.0001"):
        return "<$0.0001"
    text = f"{amount:.4f}"
    return f"${text[:-2]}" if text.endswith("00") else f"${text}"


FREE = {"offline": "offline: free", "replay": "replayed: free"}


def spend(usd: Decimal | str | float, unpriced: int, mode: str = "real") -> str:
    """What a run cost so far: `$0.0123`, `$0.0123 + 3 unpriced`, `3 unpriced`, `offline: free`. Unknown is never zero."""
    if mode in FREE:
        return FREE[mode]
    shown = money(usd)
    if not unpriced:
        return shown
    return f"{unpriced:,} unpriced" if shown == "$0" else f"{shown} + {unpriced:,} unpriced"


def tokens(read: int, written: int) -> str:
    """`1.2k → 340`: tokens read and written; empty where no service said."""
    return f"{short(read)} → {short(written)}" if read or written else ""


def made(images: int | None, seconds: float | None, characters: int | None) -> str:
    """`2 pictures, 12 s of sound or film, 340 characters spoken`; empty where no service said."""
    parts = [
        plural(images, "picture") if images else "",
        f"{duration(seconds)} of sound or film" if seconds else "",
        f"{plural(characters, 'character')} spoken" if characters else "",
    ]
    return ", ".join(part for part in parts if part)


def excerpt(value: Json, limit: int = 400) -> str:
    """The beginning of a value on one line, strings in typographic quotes."""
    if isinstance(value, str):
        return f"“{one_line(value[: limit * 2])[:limit]}”"
    if isinstance(value, Mapping):
        # The longest text tells most; a name or a title tells which one it is.
        for name in ("title", "name", "headline"):
            if isinstance(value.get(name), str) and value[name]:
                return excerpt(value[name], limit)
        texts = [item for item in value.values() if isinstance(item, str)]
        if texts:
            return excerpt(max(texts, key=len), limit)
    if isinstance(value, list):
        first = f", the first {excerpt(value[0], limit)}" if value else ""
        return f"{plural(len(value), 'item')}{first}"
    return one_line(json.dumps(value, ensure_ascii=False, default=str))[:limit]
