"""What services answer when something is wrong, turned into ProviderError: one table for every provider.

Texts quote at most 300 characters of the service's own words, and never the key: services echo it in their messages.
"""

from __future__ import annotations

import base64
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote as url_quote
from urllib.parse import quote_plus, urlsplit

import orjson

from genarun.errors import ProviderError

LONGEST_QUOTE = 300

_NO_CREDIT = frozenset(
    {
        *("insufficient_quota", "billing_hard_limit_reached", "billing_not_active", "insufficient_credit", "billing_error"),
        *("contract_spend_limit_reached", "enforced_spend_limit_reached"),
    }
)
_CREDIT_WORDS = re.compile(r"credit balance is too low|reached your specified (workspace )?API usage limits", re.I)
_UNKNOWN_MODEL = frozenset({"model_not_found", "model_not_available", "invalid_model", "unknown_model"})
_KEY_WORDS = re.compile(r"\bAPI key not valid|\bAPI_KEY_INVALID\b", re.I)
"""How Gemini says with HTTP 400 what others say with 401."""
_DELAY = re.compile(rb'"retryDelay"\s*:\s*"(\d{1,5}(?:\.\d{1,9})?)s"')
_MODEL_WORDS = re.compile(
    r"\b(model|version)\b.{0,120}?"
    r"(does not exist|not found|not a valid|no access|no longer supported by|not supported by provider)|^model: \S+$",
    re.I | re.S,
)


@dataclass(frozen=True, slots=True)
class Service:
    """What error texts say of a service.

    name: as the tree knows it. base_url: without credentials. key_env, key_url: None where it has no key.
    secrets: values that must not be quoted, whatever the service echoes.
    """

    name: str
    base_url: str
    key_env: str | None = None
    key_url: str | None = None
    secrets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """A service's own words about a failure: its message, and its code, type or parameter as one text."""

    message: str = ""
    code: str = ""
    param: str = ""


def read_said(body: bytes) -> Said:
    """Find the message in an error body: `{"error": {...}}`, `{"error": "…"}`, problem details, a list of these, or text."""
    try:
        found: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        text = body[:2000].decode("utf-8", "replace").strip()
        return Said() if text.startswith("<") else Said(text)
    if isinstance(found, list) and found:
        found = found[0]
    if isinstance(found, dict) and found.get("error"):
        found = found["error"]
    if isinstance(found, str):
        return Said(found)
    if not isinstance(found, dict):
        return Said()
    parts = [found.get(name) for name in ("message", "detail", "title", "msg")]
    message = next((_sentence(part) for part in parts if part), "")
    details = found.get("details")
    named = (found.get("code"), found.get("type"), details.get("error_code") if isinstance(details, dict) else None)
    code = " ".join(str(name) for name in named if name)
    return Said(message, code, str(found.get("param") or ""))


def _sentence(found: Any) -> str:
    """A message as text. Lists of `{"loc", "msg"}` are what FastAPI says of fields, at Mistral inside a message."""
    if isinstance(found, dict) and isinstance(found.get("detail"), list):
        found = found["detail"]
    if isinstance(found, list) and found and all(isinstance(one, dict) and isinstance(one.get("msg"), str) for one in found):
        places = (".".join(map(str, one["loc"])) if isinstance(one.get("loc"), list) else "" for one in found)
        return "; ".join(f"{place}: {one['msg']}" if place else one["msg"] for place, one in zip(places, found, strict=True))
    return found if isinstance(found, str) else json.dumps(found)


def _forms(secret: str) -> set[str]:
    """How a secret can look when it is echoed: plain, in JSON, in an address, and in base64 wherever it starts."""
    raw = secret.encode("utf-8", "surrogatepass")
    forms = {secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    forms |= {url_quote(raw, safe=""), url_quote(raw), quote_plus(raw), raw.hex()}
    for lead in range(3):  # three bytes make four characters, so what precedes the secret decides how it looks
        # The first and last group also hold bits of the neighbours: leave them out.
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            whole = encode(b"\0" * lead + raw).decode().rstrip("=")
            forms.add(whole[(0, 2, 3)[lead] : len(whole) - (0 if (lead + len(raw)) % 3 == 0 else 1)])
    return {form for form in forms if len(form) >= 6}


def quote(text: str, secrets: tuple[str, ...] = (), longest: int = LONGEST_QUOTE) -> str:
    """A service's words on one line, secrets replaced before anything is cut, at most `longest` characters."""
    for secret in secrets:
        if len(secret) >= 6:
            for form in sorted(_forms(secret), key=len, reverse=True):
                text = text.replace(form, "***")
    text = "".join(char if char.isprintable() else " " for char in text)
    text = " ".join(text.split())
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def plain_address(url: str) -> str:
    """An address that can be shown: no user, no query (signatures live there), no fragment."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    try:
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        port = ""
    path = parts.path if len(parts.path) <= 80 else parts.path[:79] + "…"
    return f"{parts.scheme}://{host}{port}{path}"


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds that a service asks us to wait: `retry-after-ms`, or `Retry-After` as seconds or as a date (RFC 9110, 10.2.3)."""
    for name, scale in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        value = headers.get(name)
        if value is None:
            continue
        try:
            seconds = float(value) * scale
        except ValueError:
            try:
                date = parsedate_to_datetime(value)
            except ValueError:
                continue
            if date.tzinfo is None:
                date = date.replace(tzinfo=UTC)
            seconds = (date - (now or datetime.now(UTC))).total_seconds()
        if math.isfinite(seconds):
            return max(0.0, seconds)
    return None


def refused(service: Service, model: str, status: int, headers: Mapping[str, str], body: bytes, url: str = "") -> ProviderError:
    """The error for an answer whose status is not 200."""
    said = read_said(body)
    words = quote(said.message, service.secrets)
    tail = f": {words}" if words else ""
    codes = set(said.code.split())
    name = service.name
    if codes & _NO_CREDIT or status == 402 or (status == 400 and _CREDIT_WORDS.search(said.message)):
        return ProviderError(
            "no-credit",
            f"{name} has no credit left for this key (HTTP {status}){tail}",
            hint="Add credit or raise the limit at the service, then run again; finished calls are kept.",
            status=status,
            fatal=True,
        )
    if codes & _UNKNOWN_MODEL or (status in (400, 403, 404, 410, 422) and _MODEL_WORDS.search(said.message)):
        return unknown_model(service, model, status, tail)
    if status in (401, 403) or (status == 400 and _KEY_WORDS.search(said.message)):
        return _key_rejected(service, status, tail)
    if status == 404:
        return ProviderError(
            "address-unknown",
            f"{name} has nothing at {plain_address(url or service.base_url)} (HTTP 404){tail}",
            hint="Check the model's name and the service's base URL.",
            status=status,
            fatal=True,
        )
    if 300 <= status < 400:
        target = plain_address(headers.get("location", "")) if headers.get("location", "").startswith("http") else "elsewhere"
        return ProviderError(
            "address-moved",
            f"{name} has moved: {plain_address(url or service.base_url)} sends us to {target} (HTTP {status})",
            hint="Set the service's new address as its base URL.",
            status=status,
            fatal=True,
        )
    if status == 429:
        return ProviderError(
            "rate-limited",
            f"{name} asks us to slow down (HTTP 429){tail}",
            hint="If this goes on, lower `concurrency` or set `rpm` on the model alias.",
            status=status,
            retry=True,
            retry_after=_wait(headers, body),
        )
    if status >= 500 or status in (408, 409, 425):
        return ProviderError(
            "service-failed",
            f"{name} failed (HTTP {status}){tail}",
            hint="Nothing is wrong on this side; run again later, finished calls are kept.",
            status=status,
            retry=True,
            retry_after=_wait(headers, body),
        )
    return ProviderError(
        "request-refused",
        f"{name} refused the request for {model} (HTTP {status}){tail}",
        hint="Check the prompt, and the parameters of the model and of the node.",
        status=status,
    )


def unknown_model(service: Service, model: str, status: int, tail: str = "") -> ProviderError:
    """The error for a model that the service does not have, or not for this key."""
    return ProviderError(
        "model-unknown",
        f"{service.name} does not know the model {model} (HTTP {status}){tail}",
        hint="Check the model's name under `models` in the tree or in trees/defaults.yaml, and that the key may use it.",
        status=status,
        fatal=True,
    )


def _wait(headers: Mapping[str, str], body: bytes) -> float | None:
    """Seconds to wait: as the headers say, else as Google says in the body, by a `RetryInfo` among its details."""
    asked = retry_after(headers)
    if asked is None and (found := _DELAY.search(body)):
        asked = float(found[1])
    return asked


def _key_rejected(service: Service, status: int, tail: str) -> ProviderError:
    if service.key_env is None:
        hint = f"Name the variable that holds its key: `keyEnv` under `providers: {service.name}:`."
    else:
        where = f" Keys are made at {service.key_url}" if service.key_url else ""
        hint = f"Check the value of {service.key_env} in .env, or in Actions the repository secret.{where}"
    return ProviderError(
        "key-rejected",
        f"{service.name} rejected the key (HTTP {status}){tail}",
        hint=hint,
        status=status,
        fatal=True,
    )


def not_json(service: Service, body: bytes) -> ProviderError:
    """The error for a 200 whose body is not JSON: a web page of some gateway, or a text that broke off."""
    start = body[:200].lstrip().lower()
    if start.startswith(b"<"):
        return ProviderError(
            "answer-html",
            f"{service.name} answered with a web page instead of JSON",
            hint="Something between here and the service answers in its place; if it stays, check the base URL and the proxy.",
            status=200,
            retry=True,
        )
    return ProviderError(
        "answer-not-json", f"{service.name} answered with {len(body)} bytes that are not JSON", status=200, retry=True
    )


def misses(service: Service, field: str) -> ProviderError:
    """The error for a 200 whose JSON lacks what the protocol promises."""
    return ProviderError(
        "answer-incomplete", f"{service.name} answered without {field}, which its protocol promises", status=200, retry=True
    )


def declined(service: Service, model: str, words: str) -> ProviderError:
    """The error for an answer in which the model says that it will not answer."""
    return ProviderError(
        "answer-refused",
        f"{model} declined to answer: {quote(words, service.secrets)}",
        hint="Word the prompt differently.",
        status=200,
    )


def cut_off(model: str, written: str, parameter: str) -> ProviderError:
    """The error for an answer that ended at its token limit. parameter: what raises it, as the service names it."""
    return ProviderError(
        "answer-cut-off",
        f"the answer of {model} was cut off at its token limit, after {len(written)} characters",
        hint=f"Raise {parameter} in the model's parameters, or ask for less.",
        status=200,
    )


def empty(model: str) -> ProviderError:
    """The error for an answer without a word in it."""
    return ProviderError("answer-empty", f"{model} answered with nothing", status=200, retry=True)
