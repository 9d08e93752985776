"""What a tree inherits: trees/defaults.yaml, and below it the values here.

A setting is looked for in the tree, then in trees/defaults.yaml, then in `BUILT_IN`, key by key: a tree that says
`budget: {calls: 50}` keeps the other limits. Parameters and options merge by their own keys, values as a whole. A key that is
null was not written, with two exceptions: a null limit in `budget` lifts that limit, and a null parameter removes it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Container, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from genarun.errors import TreeError
from genarun.tree.kinds import KindFacts
from genarun.tree.model import ModelUse
from genarun.tree.places import Source
from genarun.tree.source import read_source
from genarun.tree.spec import BreakerSpec, MemberSpec, ModelChoice, ModelSpec, NodeSpec, ProviderSpec, TreeSettings

Json = Any

BUILT_IN: Mapping[str, Json] = {
    "budget": {"usd": 1.0, "calls": 300, "minutes": 30},
    "errorPolicy": {
        "continueOnChildFailure": True,
        "returnPartialResults": True,
        "publishPartial": False,
        "maxRetries": 3,
        "retryDelay": 1_000,
    },
    "timeout": 120_000,
    "assets": {"maxBytes": 20_000_000, "format": "keep", "allowPrivate": False},
    "outputFormats": ["json"],
    "retention": {"runs": 30},
}
"""Settings where neither the tree nor trees/defaults.yaml says anything. Durations in milliseconds."""

BUILT_IN_MODELS: Mapping[str, Json] = tomllib.loads(Path(__file__).with_name("aliases.toml").read_text(encoding="utf-8"))
"""The aliases that nodes use when they name none, by medium; each only where nobody else says whose model it is."""

CONCURRENCY = 8
"""Calls at once per alias."""

FAILURES = 3
COOL_DOWN = 30_000
"""Failed calls in a row after which a pool passes a model over, and for how long, in milliseconds."""

SETTINGS = frozenset(field.alias or name for name, field in TreeSettings.model_fields.items())
"""Keys that both a tree and trees/defaults.yaml may have."""

_BY_NAME = ("models", "providers")
_OPEN = ("params", "options")
_MAPPINGS = ("budget", "errorPolicy", "models", "providers", "assets", "retention")

FILE = "trees/defaults.yaml"


def read_defaults(root: Path) -> Source | None:
    """trees/defaults.yaml of a project; None where there is none. Raises TreeError."""
    for other in ("defaults.yml", "defaults.json"):
        if (root / "trees" / other).exists():
            raise TreeError("defaults-name", "this file is not read", f"trees/{other}", f"Rename it to {FILE}, in YAML.")
    path = root / FILE
    if not path.exists() and not path.is_symlink():
        return None
    return read_source(path, FILE, empty_ok=True)


def merge_settings(tree: Json, defaults: Json) -> dict[str, Json]:
    """Raw settings of a tree over those of trees/defaults.yaml over `BUILT_IN`. Parts of a wrong shape are left out."""
    merged = _over(_over(dict(BUILT_IN), _settings(defaults)), _settings(tree))
    models = merged.setdefault("models", {})
    for alias, built_in in BUILT_IN_MODELS.items():
        model = models.get(alias, {})
        if isinstance(model, dict) and all(model.get(key) is None for key in ("provider", "model", "models")):
            models[alias] = model | built_in
    return merged


def _settings(data: Json) -> dict[str, Json]:
    return {key: value for key, value in data.items() if key in SETTINGS} if isinstance(data, dict) else {}


def _over(low: Mapping[str, Json], high: Mapping[str, Json], at: str = "") -> dict[str, Json]:
    """`high` over `low`, key by key."""
    merged = dict(low)
    for key, value in high.items():
        under = merged.get(key)
        if at in _OPEN or value is None:
            if at in (*_OPEN, "budget"):
                merged[key] = value
        elif at == "" and key in _MAPPINGS and not isinstance(value, dict):
            continue
        elif isinstance(value, dict):
            under = under if isinstance(under, dict) else {}
            if at == "models":
                under = _inherited(under, value)
            merged[key] = _over(under, value, key if at not in _BY_NAME else "*")
        else:
            merged[key] = value
    return merged


def _inherited(under: Mapping[str, Json], alias: Mapping[str, Json]) -> dict[str, Json]:
    """What an alias keeps of the one that it stands over."""
    several, before = alias.get("models") is not None, under.get("models") is not None
    single = not several and any(alias.get(key) is not None for key in ("provider", "model"))
    if (several and not before) or (single and before):
        return {}  # what is said of one model is not said of a pool, and the other way round
    # A price is a model's, and must not stay behind for another.
    another = alias.get("model") not in (None, under.get("model"))
    return {part: kept for part, kept in under.items() if not (another and part == "price")}


def alias_of(node: NodeSpec, kind: KindFacts) -> str:
    """The alias that a node uses: the one it names, else the one of its medium: `text`, `image`, …"""
    chosen = node.config.model if node.config else None
    if isinstance(chosen, ModelChoice):
        return chosen.name
    return chosen or kind.medium or "text"


def resolve_use(node: NodeSpec, kind: KindFacts, settings: TreeSettings) -> ModelUse:
    """Whom a node asks, with provider's params < alias's < pool's < node's; null removes a parameter.

    The settings are merged and checked: every alias that a node uses is there and whole.
    """
    alias = alias_of(node, kind)
    models = settings.models or {}
    model = models.get(alias) or ModelSpec.model_validate({})
    chosen = node.config.model if node.config else None
    own = chosen.params if isinstance(chosen, ModelChoice) else {}
    if not model.models:
        return _use(alias, model, own, settings)
    own = (model.params or {}) | own
    members = tuple(
        _use(one, models.get(one) or ModelSpec.model_validate({}), own, settings)
        if isinstance(one, str)
        else _use(f"{alias}.models.{place}", one, own, settings)
        for place, one in enumerate(model.models)
    )
    breaker = model.breaker or BreakerSpec.model_validate({})
    return replace(
        members[0],
        alias=alias,
        concurrency=model.concurrency or sum(member.concurrency for member in members),
        rpm=model.rpm,
        members=members,
        policy=model.policy or "ordered",
        sticky=model.sticky,
        failures=breaker.failures or FAILURES,
        cool_down=(COOL_DOWN if breaker.cool_down is None else breaker.cool_down) / 1000,
    )


def _use(alias: str, model: ModelSpec | MemberSpec, own: Mapping[str, Json], settings: TreeSettings) -> ModelUse:
    """One model. own: parameters that beat the alias's."""
    name = model.provider or ""
    service = (settings.providers or {}).get(name) or ProviderSpec.model_validate({})
    params = {**(service.params or {}), **(model.params or {}), **own}
    return ModelUse(
        alias=alias,
        provider=name,
        protocol=service.provider or name,
        model=model.model or "",
        params={key: value for key, value in params.items() if value is not None},
        concurrency=model.concurrency or CONCURRENCY,
        rpm=model.rpm,
        price=model.price,
        base_url=service.base_url,
        key_env=service.key_env,
        options={key: value for key, value in (service.options or {}).items() if value is not None},
    )


def fill_protocols(settings: dict[str, Json], known: Container[str]) -> dict[str, Json]:
    """Merged raw settings with each service's protocol written out: its own, else its name if that is one, else `openai`."""
    services = settings.get("providers")
    if not services:
        return settings
    filled = {
        name: {"provider": name if name in known else "openai"} | service if isinstance(service, dict) else service
        for name, service in services.items()
    }
    return settings | {"providers": filled}
