"""The model services that one run uses: made once, asked by many calls, closed at the end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

from genarun.errors import Faults, SetupError
from genarun.providers.base import ModelRequest, Provider, ProviderInfo, Settings
from genarun.providers.key import request_key
from genarun.providers.recording import Recorder
from genarun.providers.registry import make_provider, missing_key
from genarun.tree.model import ModelUse, Node, Tree


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
            allow_private=bool(assets and assets.allow_private),
            options={**use.options, **(more or {})},
        )

    def key(self, use: ModelUse, request: ModelRequest) -> str:
        """What the answer is looked up by: a digest of everything that decides it."""
        return request_key(self.provider(use), request)

    def check(self) -> None:
        """Raise what keeps this tree from running for real: a missing key, named with the way to get one."""
        if not self.real:
            return
        faults: dict[str, SetupError] = {}
        for use in uses(self.tree):
            fault = missing_key(self.infos[use.protocol], self._settings(use))
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
