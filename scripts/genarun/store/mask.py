"""Secrets never leave: every value of a secret variable, in every form that a service may echo, becomes `***`."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import quote, quote_plus

from genarun.errors import SetupError
from genarun.store.files import dump_json

Json = Any

MASK: Final = "***"
SHORTEST: Final = 8
"""A shorter value would be found inside ordinary words, and base64 of it holds too few letters that are certain."""


class Masker:
    """Replaces secrets in what is written or printed.

    secrets: the values; empty ones are ignored. Raises SetupError for one that is shorter than eight characters.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        forms: set[str] = set()
        for secret in secrets:
            if not secret:
                continue
            if len(secret) < SHORTEST:
                raise _too_short(None)
            forms |= _forms(secret)
        # Longest first: a form may hold another one, and what is left of it would tell.
        self._texts = sorted(forms, key=lambda form: (-len(form), form))
        self._bytes = [form.encode("utf-8", "surrogatepass") for form in self._texts]

    @classmethod
    def from_env(cls, env: Mapping[str, str], names: Iterable[str]) -> Masker:
        """A masker for the values of these variables. Raises SetupError, naming the variable, for a value that is too short."""
        values = []
        for name in sorted(set(names)):
            value = env.get(name, "").strip()
            if value and len(value) < SHORTEST:
                raise _too_short(name)
            values += [value, env.get(name, "")] if env.get(name, "") != value else [value]
        return cls(value for value in values if value.strip())

    def __bool__(self) -> bool:
        return bool(self._texts)

    def found(self, data: bytes) -> bool:
        """Whether any form of any secret is in the bytes."""
        return any(form in data for form in self._bytes)

    def text(self, text: str) -> str:
        """The text without secrets."""
        for form in self._texts:
            if form in text:
                text = text.replace(form, MASK)
        return text

    def data(self, data: bytes) -> bytes:
        """The bytes of a text without secrets."""
        for form in self._bytes:
            if form in data:
                data = data.replace(form, MASK.encode())
        return data

    def value(self, value: Json) -> Json:
        """The JSON value without secrets, in keys too. A number that shows one becomes text."""
        if not self._texts:
            return value
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            masked = {}
            for key, inner in value.items():  # loops, not comprehensions: half the stack for a value that is nested deeply
                masked[self.text(key) if isinstance(key, str) else key] = self.value(inner)
            return masked
        if isinstance(value, list | tuple):
            items = []
            for inner in value:
                items.append(self.value(inner))
            return items
        if isinstance(value, int | float) and not isinstance(value, bool):
            return MASK if any(form in repr(value) for form in self._texts) else value
        return value

    def json(self, data: bytes, value: Json, *, pretty: bool = False) -> bytes:
        """`data`, which is `value` written as JSON, without secrets and still JSON.

        Masking the bytes alone could cut into the syntax (a secret may be all digits), so a hit masks the value and writes
        it again. The bytes are looked at first because nearly always there is nothing to find.
        """
        if not self.found(data):
            return data
        data = dump_json(self.value(value), pretty=pretty)
        bare = self.data(data)  # a secret that looks like JSON syntax, or spans it
        if bare != data:
            try:
                json.loads(bare)
            except ValueError:
                return data
        return bare


def _too_short(name: str | None) -> SetupError:
    # It could not be told from ordinary text, so it could not be kept out of the records.
    return SetupError(
        "secret-short",
        f"the value of {name or 'a secret variable'} is shorter than {SHORTEST} characters",
        hint="Real keys are longer: check it for a typing mistake, or leave the variable empty.",
    )


def _forms(secret: str) -> set[str]:
    forms = {secret}
    for ascii_only in (True, False):
        once = json.dumps(secret, ensure_ascii=ascii_only)[1:-1]
        # Twice: JSON inside a JSON text, as services quote what they were sent. Slashes: as PHP writes them.
        forms |= {once, once.replace("/", "\\/"), json.dumps(once, ensure_ascii=ascii_only)[1:-1]}
    raw = secret.encode("utf-8", "surrogatepass")
    coded = set()
    for before in range(3):
        coded |= {_certain(raw, before), _certain(raw, before).replace("+", "-").replace("/", "_")}
    forms |= coded
    for form in [secret, *coded]:
        # Letters of percent codes come in both cases; some writers code `/` and `~`, others do not.
        for safe in ("", "/", "~", "/~", "!*'()", "/:@!$&'()*,;="):
            for percent in (
                quote(form, safe=safe, errors="surrogatepass"),
                quote_plus(form, safe=safe, errors="surrogatepass"),
            ):
                forms |= {percent, _lower_codes(percent)}
    return forms


def _certain(raw: bytes, before: int) -> str:
    """Base64 of `before` unknown bytes, `raw`, and whatever follows: the letters that `raw` alone decides."""
    text = base64.b64encode(b"\0" * before + raw + b"\0\0").decode()
    return text[math.ceil(before * 8 / 6) : (before + len(raw)) * 8 // 6]


def _lower_codes(text: str) -> str:
    parts = text.split("%")
    return parts[0] + "".join("%" + part[:2].lower() + part[2:] for part in parts[1:])
