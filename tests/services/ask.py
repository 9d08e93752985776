"""Short ways to ask a provider, for tests."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from genarun.errors import ProviderError
from genarun.providers.base import ModelReply, ModelRequest, Provider, Settings
from genarun.providers.registry import make_provider, provider_infos

from tests.services.anthropic_service import AnthropicService
from tests.services.huggingface_service import HuggingFaceService
from tests.services.openai_service import KEY, OpenAIService
from tests.services.replicate_service import ReplicateService


def text(prompt: str = "Say hello", model: str = "gpt-test", *, system: str | None = None, **more: Any) -> ModelRequest:
    """A request for a text."""
    messages: list[Mapping[str, str]] = [{"role": "system", "content": system}] if system else []
    messages.append({"role": "user", "content": prompt})
    given = {"params": {}, "node": "greeting", "path": "greeting", **more}
    return ModelRequest(medium="text", model=model, messages=tuple(messages), **given)


def shaped(schema: dict[str, Any], prompt: str = "List", **more: Any) -> ModelRequest:
    """A request for JSON of a shape."""
    return text(prompt, schema=schema, json=True, **more)


def picture(prompt: str = "A lighthouse", model: str = "gpt-image-test", **more: Any) -> ModelRequest:
    """A request for a picture."""
    given = {"params": {}, "node": "cover", "path": "cover", **more}
    return ModelRequest(medium="image", model=model, messages=({"role": "user", "content": prompt},), **given)


def openai(service: OpenAIService | str, *, env: Mapping[str, str] | None = None, **more: Any) -> Provider:
    """The provider `openai`, its base URL and key in the environment."""
    url = service if isinstance(service, str) else service.url
    key = KEY if isinstance(service, str) else service.key or ""
    whole = {"OPENAI_BASE_URL": url, "OPENAI_API_KEY": key, **(env or {})}
    return make_provider(provider_infos()["openai"], Settings("openai", env=whole, **more))


def replicate(service: ReplicateService | str, *, env: Mapping[str, str] | None = None, **more: Any) -> Provider:
    """The provider `replicate`, polling fast."""
    url = service if isinstance(service, str) else service.url
    whole = {"REPLICATE_BASE_URL": url, "REPLICATE_API_TOKEN": "r8_loopback0123456789abcdef", "REPLICATE_POLL_INTERVAL": "0.01"}
    return make_provider(provider_infos()["replicate"], Settings("replicate", env={**whole, **(env or {})}, **more))


def anthropic(service: AnthropicService, *, env: Mapping[str, str] | None = None, **more: Any) -> Provider:
    """The provider `anthropic`, its base URL and key in the environment."""
    whole = {"ANTHROPIC_BASE_URL": service.url, "ANTHROPIC_API_KEY": service.key or "", **(env or {})}
    return make_provider(provider_infos()["anthropic"], Settings("anthropic", env=whole, **more))


def huggingface_image(service: HuggingFaceService, *, env: Mapping[str, str] | None = None, **more: Any) -> Provider:
    """The provider `huggingface-image`, with one address for the Hub and its router."""
    whole = {"HF_ENDPOINT": service.url, "HF_TOKEN": service.key, **(env or {})}
    settings = Settings("huggingface-image", env=whole, **{"base_url": service.url, **more})
    return make_provider(provider_infos()["huggingface-image"], settings)


def ask(provider: Provider, *requests: ModelRequest) -> list[ModelReply]:
    """Ask all at once, close, and give the answers in order."""

    async def go() -> list[ModelReply]:
        try:
            return list(await asyncio.gather(*map(provider.call, requests)))
        finally:
            await provider.close()

    return asyncio.run(go())


def fault(provider: Provider, request: ModelRequest) -> ProviderError:
    """The error that asking raises."""
    with pytest.raises(ProviderError) as raised:
        ask(provider, request)
    return raised.value
