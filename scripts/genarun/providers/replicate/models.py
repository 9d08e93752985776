"""What the service says of its models: what one takes, and which ones there are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from genarun.errors import ProviderError
from genarun.providers.base import Listed
from genarun.providers.faults import Service, quote
from genarun.providers.replicate.carrier import ASKED, guarded
from genarun.providers.replicate.inputs import UNPUBLISHED, Inputs, read_inputs
from genarun.providers.replicate.outputs import made_by

if TYPE_CHECKING:
    from replicate.client import Client
    from replicate.model import Model
    from replicate.version import Version

OFFICIAL = "official"
"""The collection of models that Replicate itself keeps running (https://replicate.com/docs/topics/models/official-models)."""

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,200}")
_UNTOLD = (404, 405)
"""Statuses by which a service says that it has nothing to tell of a model."""


@dataclass(frozen=True, slots=True)
class Published:
    """What the service says of a model: what it takes, and the version that this is of, where it names one."""

    inputs: Inputs
    version: str | None = None


def split_name(service: Service, model: str) -> tuple[str, str]:
    """`owner/name`, and the version or nothing. Raises ProviderError (`model-unnamed`): both become part of an address."""
    owner_name, colon, version = model.partition(":")
    parts = [*owner_name.split("/"), *([version] if colon else [])]
    if owner_name.count("/") != 1 or not all(map(_NAME.fullmatch, parts)):
        raise ProviderError(
            "model-unnamed",
            f"{model} is no name of a model on {service.name}",
            hint="Write it as owner/name, or as owner/name:version.",
            fatal=True,
        )
    return owner_name, version


async def read_published(service: Service, client: Client, owner_name: str, version: str) -> Published:
    """Ask for a model's input schema, which costs nothing. Raises ProviderError for what the service or the network does."""
    from replicate.version import Versions  # comes with the client

    found: Version | None
    try:
        if version:
            owner, _, name = owner_name.partition("/")
            found = await guarded(service, lambda: Versions(client, (owner, name)).async_get(version), "a version")
        else:
            found = (await guarded(service, lambda: client.models.async_get(owner_name), "a model")).latest_version
    except ProviderError as error:
        if error.status in _UNTOLD:  # whether there is such a model at all, starting it will tell
            return Published(UNPUBLISHED)
        raise
    return Published(read_inputs(found.openapi_schema), found.id) if found else Published(UNPUBLISHED)


async def official_models(service: Service, client: Client) -> list[Listed]:
    """The models that Replicate keeps running itself, in the service's order."""
    ASKED.set("its official models")
    found = await guarded(service, lambda: client.collections.async_get(OFFICIAL), "a collection of models")
    return [_listed(service, model) for model in found.models or ()]


def _listed(service: Service, model: Model) -> Listed:
    schema = model.latest_version.openapi_schema if model.latest_version else None
    example = model.default_example.output if model.default_example else None
    described = quote(model.description or "", service.secrets, 80)
    return Listed(model.id, made_by(schema, example), f"official: {described}" if described else "official")
