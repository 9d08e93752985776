"""Values of the formats that JSON Schema names: dates, addresses, identifiers."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, timedelta

from genarun.providers.offline.chance import Chance
from genarun.providers.offline.names import person
from genarun.providers.offline.short_texts import slug


def day(chance: Chance, year: int | None) -> date:
    """A day of `year`; without one, a day between 2015 and 2025. Offline answers never look at a clock."""
    chosen = year if year is not None else chance.whole(2015, 2025)
    return date(max(1, min(9999, chosen)), 1, 1) + timedelta(days=chance.whole(0, 364))


def clock(chance: Chance) -> str:
    """A time of day, on a quarter of an hour."""
    return f"{chance.whole(6, 21):02}:{chance.pick(('00', '15', '30', '45'))}:00"


def email(name: str) -> str:
    """`marta.okafor@example.org`, in a domain that is reserved for examples (RFC 2606)."""
    return f"{slug(name).replace('-', '.', 1)}@example.org"


def formatted(name: str, chance: Chance, year: int | None, about: str, who: str | None) -> str | None:
    """A value of format `name`; None for a format that we do not know. about: a title, for addresses that speak."""
    page = slug(about)
    word = page.split("-")[0] or "page"
    makers: dict[str, Callable[[], str]] = {
        "date": lambda: day(chance, year).isoformat(),
        "time": lambda: clock(chance) + "Z",
        "date-time": lambda: f"{day(chance, year).isoformat()}T{clock(chance)}Z",
        "duration": lambda: f"PT{chance.whole(1, 12) * 5}M",
        "email": lambda: email(who or person(chance)),
        "idn-email": lambda: email(who or person(chance)),
        "hostname": lambda: f"{word}.example.org",
        "idn-hostname": lambda: f"{word}.example.org",
        "ipv4": lambda: f"192.0.2.{chance.whole(1, 254)}",
        "ipv6": lambda: f"2001:db8::{chance.whole(1, 65535):x}",
        "uri": lambda: f"https://example.org/{page}",
        "iri": lambda: f"https://example.org/{page}",
        "uri-reference": lambda: f"/{page}",
        "iri-reference": lambda: f"/{page}",
        "uri-template": lambda: f"https://example.org/{page}/{{id}}",
        "uuid": lambda: str(uuid.UUID(int=(chance.bits() << 64) | chance.bits(), version=4)),
        "json-pointer": lambda: f"/{word}/{chance.whole(0, 9)}",
        "relative-json-pointer": lambda: f"{chance.whole(0, 3)}/{word}",
        "regex": lambda: "^[a-z]+$",
    }
    maker = makers.get(name)
    return maker() if maker else None


_LABEL = "[A-Za-z0-9]{1,30}(-[A-Za-z0-9]{1,30})?"
_HOST = rf"{_LABEL}(\.{_LABEL})*"
_DATE = r"[1-9]\d{3}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])"
_TIME = r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-](0\d|1[0-3]):[0-5]\d)"
_EMAIL = rf"[A-Za-z0-9]{{1,20}}([._+-][A-Za-z0-9]{{1,20}}){{0,2}}@({_LABEL}\.){{1,3}}[a-z]{{2,8}}"
_URI = rf"https?://({_LABEL}\.)+[a-z]{{2,8}}(/[\w.~@-]*)*(\?[\w=&-]*)?(#\w*)?|[a-z][a-z0-9]{{0,9}}:[\w.~@/-]*"
_POINTER = "(/([^/~]|~[01])*)*"
_OCTET = r"(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
GRAMMARS = {
    "date": _DATE,
    "time": _TIME,
    "date-time": f"{_DATE}T{_TIME}",
    "duration": r"P(\d+[YMWD]|(\d+D)?T(\d+H)?(\d+M)?\d+S|(\d+D)?T\d+[HM])",
    "email": _EMAIL,
    "idn-email": _EMAIL,
    "hostname": _HOST,
    "idn-hostname": _HOST,
    "ipv4": rf"{_OCTET}(\.{_OCTET}){{3}}",
    "ipv6": r"([0-9a-f]{1,4}:){7}[0-9a-f]{1,4}|([0-9a-f]{1,4}:){0,2}:[0-9a-f]{1,4}|::",
    "uri": _URI,
    "iri": _URI,
    "uri-reference": rf"{_URI}|(/?[\w.~-]+)*/?(#\w*)?",
    "iri-reference": rf"{_URI}|(/?[\w.~-]+)*/?(#\w*)?",
    "uri-template": r"([\w:/.?=&~-]|\{[a-z]+\})*",
    "uuid": "[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}",
    "json-pointer": _POINTER,
    "relative-json-pointer": rf"(0|[1-9]\d*)(#|{_POINTER})",
    "regex": "[A-Za-z0-9 _-]*",
}
"""A part of each format's language as an expression, by the grammars that JSON Schema names: large enough to meet patterns and
lengths, and so small that what it allows is allowed by every reading of the format."""
