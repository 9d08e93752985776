"""The model services that one run uses: made once, asked by many calls, closed at the end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path

from genarun.errors import Faults, SetupError
from genarun.providers.base import ModelRequest, Provider, ProviderInfo, Settings, Usage
from genarun.providers.catalog import key_variable
from genarun.providers.key import request_key
from genarun.providers.prices import Prices
from genarun.providers.recording import Recorder
from genarun.providers.registry import key_origin, make_provider, missing_key
from genarun.tree.model import ModelUse, Node, Tree
from genarun.tree.steps import steps_of

_TYPICAL = Usage(1000, 1000, 1)
"""A call that prices are compared by."""


class Services:
    """Providers by the name that the tree uses, made when first needed.

    offline: the offline provider stands in for every service. replay: a recording does. record: answers are written there.
    """

    def __init__(
        self,
        tree: Tree,
        infos: Mapping[str, ProviderInfo],
        env: Mapping[str, str],
        *,
        offline: bool = False,
        replay: Path | None = None,
        record: Path | None = None,
        mask: Callable[[str], str] = str,
        holds_secret: Callable[[bytes], bool] | None = None,
    ) -> None:
        self.tree = tree
        self.infos = infos
        self.env = env
        self.offline = offline
        self.replay = replay
        self.record = record
        self.mask = mask
        self.holds_secret = holds_secret
        self._made: dict[tuple[str, str | None], Provider] = {}
        self._opened: list[Provider] = []
        self._reachable: dict[tuple[str, str | None], bool] = {}

    @property
    def real(self) -> bool:
        """Whether services are really asked, and paid."""
        return not self.offline and self.replay is None

    def answering(self, use: ModelUse) -> str:
        """Name of who answers for this use, as records show it. A recording speaks in its provider's name."""
        return "offline" if self.offline else use.provider

    def provider(self, use: ModelUse) -> Provider:
        """The provider that answers for this use."""
        found = self._made.get(use.service)
        if found is None:
            found = self._made[use.service] = self._make(use)
        return found

    async def ready(self, use: ModelUse) -> Provider:
        """The provider, made ready for calls."""
        provider = self.provider(use)
        if provider not in self._opened:
            await provider.open()
            self._opened.append(provider)
        return provider

    def _make(self, use: ModelUse) -> Provider:
        info, settings = self.infos[use.protocol], self._settings(use)
        if self.offline:
            info = self.infos["offline"]
        elif self.replay is not None:
            info = self.infos["replay"]
            settings = self._settings(use, {"file": str(self.replay), "protocol": use.protocol})
        provider = make_provider(info, settings)
        if self.record is None:
            return provider
        assets = self.tree.settings.assets
        return Recorder(
            provider,
            self.record,
            self.mask,
            holds_secret=self.holds_secret,
            max_bytes=(assets and assets.max_bytes) or 20_000_000,
            allow_private=settings.allow_private,
        )

    def _settings(self, use: ModelUse, more: Mapping[str, object] | None = None) -> Settings:
        assets = self.tree.settings.assets
        return Settings(
            name=use.provider,
            base_url=use.base_url,
            key_env=use.key_env,
            env=self.env,
            tree_folder=self.tree.folder,
            step_folders=tuple(step.folder for step in steps_of(self.tree) if step.folder is not None),
            allow_private=bool(assets and assets.allow_private),
            options={**use.options, **(more or {})},
        )

    def key(self, use: ModelUse, request: ModelRequest) -> str:
        """What the answer is looked up by: a digest of everything that decides it."""
        return request_key(self.provider(use), request)

    def reachable(self, use: ModelUse) -> bool:
        """Whether this model can be asked at all: its key is there, or nobody is really asked."""
        if use.service not in self._reachable:
            self._reachable[use.service] = not self.real or self._missing(use) is None
        return self._reachable[use.service]

    def left_out(self) -> list[str]:
        """Texts for people: models of pools that are not asked for want of a key, while others of the pool are there."""
        found: dict[str, None] = {}
        for use in uses(self.tree):
            out = [] if self.keyless(use) else [member for member in use.members if not self.reachable(member)]
            for member in out:
                found[f"{use.alias}: {member.provider} is left out, {self._variable(member)} is not set"] = None
        return list(found)

    def keyless(self, use: ModelUse) -> SetupError | None:
        """What keeps a model, or every model of a pool, from being asked for real; or a key that cannot be one."""
        faults = [fault for member in use.candidates if (fault := self._missing(member)) is not None]
        malformed = next((fault for fault in faults if fault.code != "key-missing"), None)
        if malformed is not None or not use.members:
            return malformed or next(iter(faults), None)
        if len(faults) < len(use.members):
            return None
        prices = Prices(env=self.env)

        def cost(one: ModelUse) -> tuple[bool, Decimal]:
            usd = prices.cost(one.protocol, one.model, _TYPICAL, one.price, base_url=one.base_url)
            return usd is None, usd or Decimal(0)

        ways: dict[str | None, str] = {}
        for one in sorted(use.members, key=cost):
            ways.setdefault(self._variable(one), key_origin(self.infos[one.protocol], self._settings(one)))
        listed = ", ".join(f"{variable}=… ({origin})" for variable, origin in ways.items())
        first = "Put one of these into .env, the cheapest first" if len(ways) > 1 else "Put into .env"
        return SetupError(
            "pool-keyless",
            f"“{use.alias}” needs a key for one of its models, and none is set",
            hint=f"{first}: {listed}; or run with --offline",
        )

    def _missing(self, use: ModelUse) -> SetupError | None:
        return missing_key(self.infos[use.protocol], self._settings(use))

    def _variable(self, use: ModelUse) -> str | None:
        return key_variable(self.infos[use.protocol], self._settings(use))

    def check(self) -> None:
        """Raise what keeps this tree from running for real: a missing key, named with the way to get one."""
        if not self.real:
            return
        faults: dict[str, SetupError] = {}
        for use in uses(self.tree):
            fault = self.keyless(use)
            if fault is not None:
                faults.setdefault(fault.what, fault)
        if len(faults) == 1:
            raise next(iter(faults.values()))
        if faults:
            raise Faults(list(faults.values()))

    async def close(self) -> None:
        """Free every connection."""
        made, self._made, self._opened = list(self._made.values()), {}, []
        await asyncio.gather(*(provider.close() for provider in made), return_exceptions=True)


def uses(tree: Tree) -> list[ModelUse]:
    """Whom the tree's nodes ask."""
    found: list[ModelUse] = []
    stack: list[Node] = list(tree.nodes)
    while stack:
        node = stack.pop()
        if node.use is not None and node.kind.medium is not None:
            found.append(node.use)
        stack.extend(node.children)
    return found
