"""The providers that ship with Genarun: what can be known of each without importing its package.

`pyproject.toml` names these constants under the entry-point group `genarun.providers`; a third party's package does the same
with its own. Nothing here may import a model service's package.
"""

from __future__ import annotations

from genarun.providers.base import ProviderInfo, Settings

OPENAI = ProviderInfo(
    name="openai",
    implementation="genarun.providers.openai:OpenAI",
    media=frozenset({"text", "image"}),
    key_env="OPENAI_API_KEY",
    key_url="https://platform.openai.com/api-keys",
    secret_env=("OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "OPENAI_WEBHOOK_SECRET", "OPENAI_CUSTOM_HEADERS"),
    base_url="https://api.openai.com/v1",
    base_url_env="OPENAI_BASE_URL",
)

REPLICATE = ProviderInfo(
    name="replicate",
    implementation="genarun.providers.replicate:Replicate",
    media=frozenset({"text", "image"}),
    key_env="REPLICATE_API_TOKEN",
    key_url="https://replicate.com/account/api-tokens",
    secret_env=("REPLICATE_API_TOKEN",),
    base_url="https://api.replicate.com",
    base_url_env="REPLICATE_BASE_URL",
)

OFFLINE = ProviderInfo(
    name="offline",
    implementation="genarun.providers.offline.provider:Offline",
    media=frozenset({"text", "image"}),
)

REPLAY = ProviderInfo(
    name="replay",
    implementation="genarun.providers.replay:Replay",
    media=frozenset({"text", "image"}),
)


def address(info: ProviderInfo, settings: Settings) -> str | None:
    """Where calls go, without a slash at its end: the tree's settings, else the SDK's variable, else the service's own.

    A variable that is set but empty counts as not set: workflows pass empty text for a variable that nobody defined.
    """
    found = settings.base_url or (settings.env.get(info.base_url_env, "").strip() if info.base_url_env else "") or info.base_url
    return found.rstrip("/") if found else None


def key_variable(info: ProviderInfo, settings: Settings) -> str | None:
    """The variable that holds the key: the tree's settings, else the provider's own; None for a service without keys."""
    return (info.key_env if settings.key_env is None else settings.key_env) or None
