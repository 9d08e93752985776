"""What the answers of all media have in common: counts, prices and names, read from JSON that others wrote."""

from __future__ import annotations

from decimal import Decimal

from genarun.providers.base import Json, Usage
from genarun.providers.checks import number


def usage(found: Json) -> Usage:
    """Tokens, by whichever of the two sets of names the endpoint uses."""
    if not isinstance(found, dict):
        return Usage()
    return Usage(
        count(found.get("prompt_tokens", found.get("input_tokens"))),
        count(found.get("completion_tokens", found.get("output_tokens"))),
    )


def dollars(found: Json) -> Decimal | None:
    """The price that an answer names. Where the user's own key at the maker was used, the maker's bill is a part of it."""
    if not isinstance(found, dict) or (cost := number(found.get("cost"))) is None:
        return None
    if found.get("is_byok"):
        details = found.get("cost_details")
        upstream = number(details.get("upstream_inference_cost")) if isinstance(details, dict) else None
        return None if upstream is None else Decimal(str(cost)) + Decimal(str(upstream))
    return Decimal(str(cost))


def count(found: Json) -> int | None:
    """A whole number of things, or None."""
    return found if type(found) is int and found >= 0 else None


def name(found: Json) -> str | None:
    """A text that says something, or None."""
    return found if isinstance(found, str) and found else None
