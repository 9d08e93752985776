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
