"""Which providers there are, and how one is made. The same door for ours and for a third party's package."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points

from genarun.errors import GenarunError, SetupError
from genarun.providers.base import Provider, ProviderInfo, Settings
from genarun.providers.catalog import key_variable, needed_key

GROUP = "genarun.providers"


@dataclass(frozen=True, slots=True)
class Found:
    """What the installed packages offer: providers by name, and texts for people about entry points that do not work."""

    infos: dict[str, ProviderInfo]
    notices: tuple[str, ...]


def read_providers(points: Iterable[EntryPoint]) -> Found:
    """Load entry points. Raises SetupError (`provider-twice`) where two packages claim one name.

    An entry point that fails to load is a notice, not an error: a package that no tree uses must not stop a run.
    """
    infos: dict[str, ProviderInfo] = {}
    seen: dict[str, EntryPoint] = {}
    notices: list[str] = []
    for point in points:
        other = seen.get(point.name)
        if other is not None and other.value == point.value:
            continue  # one package seen twice, as in an editable install beside its build folder
        if other is not None:
            raise SetupError(
                "provider-twice",
                f"two packages offer a provider named {point.name}: {_package(other)} and {_package(point)}",
                hint="Uninstall one of them.",
            )
        seen[point.name] = point
        try:
            info = point.load()
        except Exception as error:  # noqa: BLE001 - whatever a stranger's package raises
            notices.append(f"The provider {point.name} of {_package(point)} cannot be loaded: {type(error).__name__}: {error}")
            continue
        if not isinstance(info, ProviderInfo):
            notices.append(f"The provider {point.name} of {_package(point)} is not a ProviderInfo: {point.value}")
            continue
        infos[point.name] = info
    return Found(infos, tuple(notices))


@cache
def _installed() -> Found:
    return read_providers(entry_points(group=GROUP))


def provider_infos() -> dict[str, ProviderInfo]:
    """Every provider that is installed, by the name that trees use. Raises SetupError (`provider-twice`)."""
    return dict(_installed().infos)


def provider_notices() -> tuple[str, ...]:
    """Texts for people: entry points that could not be loaded."""
    return _installed().notices


def make_provider(info: ProviderInfo, settings: Settings) -> Provider:
    """Import a provider's implementation and make it; nothing is called and no key is needed yet.

    Raises SetupError: `provider-package-missing` with the install command, or `provider-broken`.
    """
    module, _, name = info.implementation.partition(":")
    try:
        made: Provider = getattr(import_module(module), name)(replace(settings, info=info))
    except GenarunError:
        raise
    except ImportError as error:
        missing = error.name or module
        raise SetupError(
            "provider-package-missing",
            f"the provider {info.name} needs the Python package {missing}, which is not installed",
            hint=f"Install it: {info.extra or 'pip install --upgrade --force-reinstall genarun'}",
        ) from error
    except Exception as error:
        raise SetupError(
            "provider-broken",
            f"the provider {info.name} cannot be started: {type(error).__name__}: {error}",
            hint=f"Report this to the makers of {module.partition('.')[0]}.",
        ) from error
    return made


def missing_key(info: ProviderInfo, settings: Settings) -> SetupError | None:
    """An error to raise before the first call where the provider's key is not set; None where all is well."""
    variable = key_variable(info, settings)
    if variable is None:
        return None
    key = settings.env.get(variable, "").strip()
    if not key and needed_key(info, settings) is None:
        return None
    if key and key.isascii() and key.isprintable() and " " not in key:
        return None
    if key:
        return SetupError(
            "key-malformed",
            f"{variable} cannot be a key for {settings.name}: it holds spaces, line breaks or letters that keys never have",
            hint=f"Copy the key again, and put {variable}=… into .env on one line.",
        )
    own = variable == info.key_env
    first = f"Get a key at {info.key_url}, then put" if own and info.key_url else "Put"
    return SetupError(
        "key-missing",
        f"{settings.name} needs a key, and {variable} is not set",
        hint=f"{first} {variable}=… into .env, or run with --offline",
    )


def key_origin(info: ProviderInfo, settings: Settings) -> str:
    """Where the key that is needed comes from, in words."""
    own = key_variable(info, settings) == info.key_env and info.key_url
    return f"get a key at {info.key_url}" if own else f"the key of {settings.name}"


def secret_names(infos: Iterable[ProviderInfo], *settings: Settings) -> set[str]:
    """Names of every environment variable whose value must never be shown."""
    names = {name for info in infos for name in (*info.secret_env, *((info.key_env,) if info.key_env else ()))}
    return names | {one.key_env for one in settings if one.key_env}


def _package(point: EntryPoint) -> str:
    dist = point.dist
    return f"{dist.name} {dist.version}" if dist is not None else point.value
