"""Words and money as people read them, on a terminal and on GitHub alike. Pure."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

# What would move the cursor, change colours or reorder a line: text from models and services must not steer a terminal.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029]")


def clean(text: str) -> str:
    """The text without characters that a terminal would obey; line ends and tabs stay."""
    return _CONTROL.sub("", text.replace("\r\n", "\n"))


def one_line(text: str) -> str:
    """The text on one line, runs of white space as one blank."""
    return " ".join(clean(text.replace("\r", " ")).split())


def plural(number: int, noun: str, many: str | None = None) -> str:
    """`1 call`, `2,345 calls`."""
    return f"{number:,} {noun if number == 1 else many or noun + 's'}"


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
