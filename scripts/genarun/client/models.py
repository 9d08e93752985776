"""Which models can be reached from here: every service is asked what it has, all at once. Listing costs nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from genarun.errors import GenarunError, ProviderError, SetupError
from genarun.providers.base import Listed, Medium, ProviderInfo, Settings
from genarun.providers.catalog import key_variable
from genarun.providers.prices import FREE, Prices, Rates
from genarun.providers.registry import make_provider, missing_key, provider_infos
from genarun.tree.defaults import read_defaults
from genarun.tree.report import did_you_mean
from genarun.tree.spec import MemberSpec, ModelSpec, TreeSettings

if TYPE_CHECKING:
    from genarun.client.project import Project

SECONDS = 20.0

State = Literal["answered", "failed", "silent", "closed"]
"""answered: it listed its models. failed: it was asked, and did not. silent: it has no list. closed: it cannot be asked."""


@dataclass(frozen=True, slots=True)
class Model:
    """A model of a service. media: None where the service does not tell. rates: in dollars, None where nobody knows.

    aliases: those of trees/defaults.yaml that name it.
    """

    name: str
    media: frozenset[Medium] | None
    note: str
    rates: Rates | None
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """What one service has.

    name: as trees write it. protocol: the provider that speaks with it. base_url: from trees/defaults.yaml.
    models: those that it listed; for one that did not, those that the catalogue knows, to begin with.
    fault: why it did not answer. wanted: whether a person set it up here: a key, an alias, an entry in trees/defaults.yaml.
    unlisted: aliases with the model that they name, and that is not among those it listed.
    """

    name: str
    info: ProviderInfo
    base_url: str | None
    state: State
    models: tuple[Model, ...]
    fault: GenarunError | None
    wanted: bool
    unlisted: tuple[tuple[str, str], ...]

    @property
    def protocol(self) -> str:
        return self.info.name


async def list_models(
    project: Project,
    names: Sequence[str] = (),
    *,
    infos: Mapping[str, ProviderInfo] | None = None,
    seconds: float = SECONDS,
    on_answer: Callable[[Offer], None] = lambda _: None,
) -> list[Offer]:
    """Ask every service of a project, or those named, what it has; by name.

    infos: providers in the place of the installed ones. seconds: for each. on_answer: told of each as it answers.
    Raises SetupError for a name that nobody has, TreeError for a fault in trees/defaults.yaml.
    """
    settings = project.settings()
    services = _services(project.env, settings, provider_infos() if infos is None else infos)
    written = _written(project, settings)
    for name in names:
        if name not in services:
            hint = did_you_mean(name, sorted(services), "Providers known here")
            raise SetupError("provider-unknown", f"there is no provider “{name}”", hint=hint)
    prices = Prices()

    async def one(name: str) -> Offer:
        info, own = services[name]
        aliases = {alias: spec for alias, spec in written.items() if spec.provider == name}
        key = key_variable(info, own)
        wanted = name in names or name in (settings.providers or {}) or bool(aliases)
        wanted = wanted or bool(key and own.env.get(key, "").strip())
        offer = await _ask(Offer(name, info, own.base_url, "closed", (), None, wanted, ()), own, aliases, prices, seconds)
        on_answer(offer)
        return offer

    return list(await asyncio.gather(*map(one, sorted(names or services))))


def exit_code(offers: Sequence[Offer]) -> int:
    """0 where any service answered, 1 where none that was asked did, 2 where none could be asked."""
    states = {offer.state for offer in offers}
    return 0 if "answered" in states else 1 if "failed" in states else 2


def _written(project: Project, settings: TreeSettings) -> dict[str, ModelSpec | MemberSpec]:
    """The aliases that trees/defaults.yaml itself has, and the models that its pools write out: of `text`, as `text[0]`."""
    defaults = read_defaults(project.root)
    named = defaults.data.get("models") if defaults is not None and isinstance(defaults.data, dict) else None
    found: dict[str, ModelSpec | MemberSpec] = {}
    for alias, spec in (settings.models or {}).items():
        if alias in (named or {}):
            found[alias] = spec
            found |= {f"{alias}[{n}]": one for n, one in enumerate(spec.models or ()) if not isinstance(one, str)}
    return found


def _services(
    env: Mapping[str, str], settings: TreeSettings, infos: Mapping[str, ProviderInfo]
) -> dict[str, tuple[ProviderInfo, Settings]]:
    """Whom one can ask, by name: what is installed, and what trees/defaults.yaml adds or changes."""
    found = {name: (info, Settings(name, info=info, env=env)) for name, info in infos.items()}
    for name, spec in (settings.providers or {}).items():
        info = infos[spec.provider or name]
        options: dict[str, Any] = {option: value for option, value in (spec.options or {}).items() if value is not None}
        found[name] = info, Settings(name, spec.base_url, spec.key_env, info, env, options=options)
    return {name: service for name, service in found.items() if service[0].name not in FREE}


async def _ask(
    offer: Offer, settings: Settings, aliases: Mapping[str, ModelSpec | MemberSpec], prices: Prices, seconds: float
) -> Offer:
    def named(listed: Sequence[Listed]) -> tuple[Model, ...]:
        return tuple(_model(one, offer, aliases, prices) for one in listed)

    known = named([Listed(model, frozenset({medium})) for medium, model in offer.info.models.items()])
    if (fault := missing_key(offer.info, settings)) is not None:
        return replace(offer, models=known, fault=fault)
    try:
        provider = make_provider(offer.info, settings)
    except SetupError as error:
        return replace(offer, models=known, fault=error)
    try:
        if not hasattr(provider, "models"):
            return replace(offer, state="silent", models=known)
        async with asyncio.timeout(seconds):
            await provider.open()
            listed: Sequence[Listed] = await provider.models()
    except TimeoutError:
        late = ProviderError(
            "models-late",
            f"{offer.name} did not list its models within {seconds:g} s",
            hint="Try again; if it stays, its status page may say why.",
        )
        return replace(offer, state="failed", models=known, fault=late)
    except GenarunError as error:
        # A server on this machine that nobody set up and that does not run is no failure.
        there = offer.wanted or not offer.info.local
        return replace(offer, state="failed" if there else "closed", models=known, fault=error)
    finally:
        await provider.close()
    models = tuple(sorted(named(listed), key=lambda one: (sorted(one.media or ()), one.name.casefold())))
    has = {one.name for one in models}
    unlisted = tuple((alias, spec.model) for alias, spec in aliases.items() if spec.model and spec.model not in has)
    return replace(offer, state="answered", models=models, unlisted=unlisted)


def _model(listed: Listed, offer: Offer, aliases: Mapping[str, ModelSpec | MemberSpec], prices: Prices) -> Model:
    named = {alias: spec for alias, spec in aliases.items() if spec.model == listed.model}
    price = next((spec.price for spec in named.values() if spec.price is not None), None)
    rates = prices.rates(offer.protocol, listed.model, price, base_url=offer.base_url)
    return Model(listed.model, listed.media, listed.note, rates, tuple(named))
