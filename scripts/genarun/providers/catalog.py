"""The providers that ship with Genarun: what can be known of each without importing its code.

`catalog.toml` says it, since names of models and limits are data; `pyproject.toml` names the constants here under the
entry-point group `genarun.providers`, and a third party's package does the same with its own. Nothing here may import a
service's package.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from genarun.providers.base import ProviderInfo, Settings

_NAMES = {
    "keyEnv": "key_env",
    "keyOptional": "key_optional",
    "keyUrl": "key_url",
    "secretEnv": "secret_env",
    "baseUrl": "base_url",
    "baseUrlEnv": "base_url_env",
    "hostOnly": "host_only",
}

_ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}  # noqa: S104 - what a server listens on, never what is called


def read_catalog(text: str) -> dict[str, ProviderInfo]:
    """Providers by name, from TOML: a table each, its keys the fields of `ProviderInfo` in camelCase."""
    return {name: _info(name, table) for name, table in tomllib.loads(text).items()}


def _info(name: str, table: dict[str, Any]) -> ProviderInfo:
    fields = {_NAMES.get(key, key): tuple(value) if isinstance(value, list) else value for key, value in table.items()}
    return ProviderInfo(name=name, **(fields | {"media": frozenset(table["media"])}))


CATALOG = read_catalog(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))

OPENAI = CATALOG["openai"]
GEMINI = CATALOG["gemini"]
MISTRAL = CATALOG["mistral"]
GROQ = CATALOG["groq"]
OPENROUTER = CATALOG["openrouter"]
HUGGINGFACE = CATALOG["huggingface"]
OLLAMA = CATALOG["ollama"]
VLLM = CATALOG["vllm"]
LLAMACPP = CATALOG["llamacpp"]
REPLICATE = CATALOG["replicate"]
OFFLINE = CATALOG["offline"]
REPLAY = CATALOG["replay"]
ANTHROPIC = CATALOG["anthropic"]
HUGGINGFACE_IMAGE = CATALOG["huggingface-image"]


def address(info: ProviderInfo, settings: Settings) -> str | None:
    """Where calls go, without a slash at its end: the tree's settings, else the SDK's variable, else the service's own.

    A variable that is set but empty counts as not set: workflows pass empty text for a variable that nobody defined.
    """
    named = settings.env.get(info.base_url_env, "").strip() if info.base_url_env else ""
    if named and info.host_only:
        named = _whole(named, info.base_url or "")
    found = settings.base_url or named or info.base_url
    return found.rstrip("/") if found else None


def _whole(host: str, own: str) -> str:
    """A server's address, with what its variable leaves out: scheme and port where it has no scheme, and always the path."""
    parts = urlsplit(own)
    if "://" not in host:
        server, slash, rest = host.partition("/")
        name, _, port = server.rpartition(":")
        if not port.isdigit():
            name, port = server.rstrip(":"), str(parts.port or "")
        name = _ANY_ADDRESS.get(name, name) or parts.hostname or ""
        host = f"{parts.scheme}://{name}{f':{port}' if port else ''}{slash}{rest}"
    host = host.rstrip("/")
    return host if host.endswith(parts.path) else host + parts.path


def key_variable(info: ProviderInfo, settings: Settings) -> str | None:
    """The variable that holds the key: the tree's settings, else the provider's own; None for a service without keys."""
    return (info.key_env if settings.key_env is None else settings.key_env) or None


def needed_key(info: ProviderInfo, settings: Settings) -> str | None:
    """The variable that must hold a key; None where the service also answers without one."""
    return None if info.key_optional and settings.key_env is None else key_variable(info, settings)
