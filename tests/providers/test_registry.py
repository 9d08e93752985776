"""Which providers there are, what they need, and that none is imported before it is needed."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import EntryPoint
from types import ModuleType

import pytest
from genarun.errors import SetupError
from genarun.providers.base import ProviderInfo, Settings
from genarun.providers.catalog import OFFLINE, OPENAI, REPLICATE, address, key_variable
from genarun.providers.registry import (
    GROUP,
    make_provider,
    missing_key,
    provider_infos,
    provider_notices,
    read_providers,
    secret_names,
)

from tests.say import says


def point(name: str, value: str) -> EntryPoint:
    return EntryPoint(name, value, GROUP)


def test_the_built_in_providers_come_in_by_the_door_of_third_parties() -> None:
    found = provider_infos()
    assert {"openai", "replicate", "offline", "replay"} <= set(found)
    assert found["openai"] is OPENAI
    assert provider_notices() == ()


def test_a_broken_entry_point_is_a_notice() -> None:
    found = read_providers(
        [
            point("openai", "genarun.providers.catalog:OPENAI"),
            point("gone", "a_package_that_is_not_there:INFO"),
            point("odd", "genarun.providers.registry:GROUP"),
        ]
    )
    assert set(found.infos) == {"openai"}
    assert found.notices == (
        "The provider gone of a_package_that_is_not_there:INFO cannot be loaded: "
        "ModuleNotFoundError: No module named 'a_package_that_is_not_there'",
        "The provider odd of genarun.providers.registry:GROUP is not a ProviderInfo: genarun.providers.registry:GROUP",
    )


def test_one_package_seen_twice_is_one() -> None:
    one = point("openai", "genarun.providers.catalog:OPENAI")
    assert set(read_providers([one, point("openai", "genarun.providers.catalog:OPENAI")]).infos) == {"openai"}


def test_two_packages_with_one_name() -> None:
    with pytest.raises(SetupError) as raised:
        read_providers([point("openai", "genarun.providers.catalog:OPENAI"), point("openai", "other:OPENAI")])
    says(
        raised.value,
        "provider-twice",
        """
        two packages offer a provider named openai: genarun.providers.catalog:OPENAI and other:OPENAI
          → Uninstall one of them.
        """,
    )


def info(implementation: str, extra: str | None = None) -> ProviderInfo:
    return ProviderInfo("sketch", implementation, frozenset({"image"}), extra=extra)


def test_a_package_that_is_not_installed() -> None:
    with pytest.raises(SetupError) as raised:
        make_provider(info("sketch_sdk.provider:Sketch", "pip install genarun-sketch"), Settings("sketch"))
    says(
        raised.value,
        "provider-package-missing",
        """
        the provider sketch needs the Python package sketch_sdk, which is not installed
          → Install it: pip install genarun-sketch
        """,
    )


def test_a_provider_that_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("sketch_sdk")

    def sketch(settings: Settings) -> None:
        raise ZeroDivisionError("no pencils")

    module.Sketch = sketch  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "sketch_sdk", module)
    with pytest.raises(SetupError) as raised:
        make_provider(info("sketch_sdk:Sketch"), Settings("sketch"))
    says(
        raised.value,
        "provider-broken",
        """
        the provider sketch cannot be started: ZeroDivisionError: no pencils
          → Report this to the makers of sketch_sdk.
        """,
    )


def test_errors_of_a_provider_itself_pass_through() -> None:
    with pytest.raises(SetupError) as raised:
        make_provider(OPENAI, Settings("openai", base_url="nowhere"))
    assert raised.value.code == "base-url-invalid"


def test_a_missing_key() -> None:
    found = missing_key(OPENAI, Settings("openai", env={"OPENAI_API_KEY": "  "}))
    assert found is not None
    assert found.exit_code == 2
    says(
        found,
        "key-missing",
        """
        openai needs a key, and OPENAI_API_KEY is not set
          → Get a key at https://platform.openai.com/api-keys, then put OPENAI_API_KEY=… into .env, or run with --offline
        """,
    )


def test_a_missing_key_of_a_service_of_ones_own() -> None:
    found = missing_key(OPENAI, Settings("press", base_url="https://press.example/v1", key_env="PRESS_KEY"))
    assert found is not None
    says(
        found,
        "key-missing",
        """
        press needs a key, and PRESS_KEY is not set
          → Put PRESS_KEY=… into .env, or run with --offline
        """,
    )


@pytest.mark.parametrize("key", ["sk-one\nsk-two", "sk one", "sk-ключ"])
def test_a_key_that_cannot_be_one(key: str) -> None:
    found = missing_key(OPENAI, Settings("openai", env={"OPENAI_API_KEY": key}))
    assert found is not None
    says(
        found,
        "key-malformed",
        """
        OPENAI_API_KEY cannot be a key for openai: it holds spaces, line breaks or letters that keys never have
          → Copy the key again, and put OPENAI_API_KEY=… into .env on one line.
        """,
    )


def test_keys_that_are_there_or_not_needed() -> None:
    assert missing_key(OPENAI, Settings("openai", env={"OPENAI_API_KEY": "sk-0123456789\n"})) is None
    assert missing_key(OPENAI, Settings("local", base_url="http://127.0.0.1:1/v1", key_env="")) is None
    assert missing_key(OFFLINE, Settings("offline")) is None


def test_every_secret_variable_is_known() -> None:
    names = secret_names(provider_infos().values(), Settings("press", key_env="PRESS_KEY"), Settings("local", key_env=""))
    assert {"OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "REPLICATE_API_TOKEN", "PRESS_KEY"} <= names
    assert "" not in names


def test_where_calls_go_and_which_key_they_carry() -> None:
    env = {"OPENAI_BASE_URL": "https://proxy.example/v1/"}
    assert address(OPENAI, Settings("openai", env=env)) == "https://proxy.example/v1"
    assert address(OPENAI, Settings("press", base_url="https://press.example/v1", env=env)) == "https://press.example/v1"
    assert address(OPENAI, Settings("openai", env={"OPENAI_BASE_URL": " "})) == "https://api.openai.com/v1"
    assert address(REPLICATE, Settings("replicate", env={"REPLICATE_BASE_URL": "http://127.0.0.1:9"})) == "http://127.0.0.1:9"
    assert address(OFFLINE, Settings("offline")) is None
    assert key_variable(OPENAI, Settings("openai")) == "OPENAI_API_KEY"
    assert key_variable(OPENAI, Settings("local", key_env="")) is None


def test_no_service_package_is_imported_to_know_the_providers() -> None:
    code = """
import sys
from genarun.providers.registry import make_provider, missing_key, provider_infos
from genarun.providers.base import Settings
from genarun.providers.download import fetch
from genarun.providers.prices import Prices
import genarun.providers.recording, genarun.providers.replay, genarun.providers.key
provider_infos(), missing_key(provider_infos()["openai"], Settings("openai"))
heavy = {"openai", "replicate", "httpx", "httpx2", "aiohttp", "genai_prices"} & set(sys.modules)
assert not heavy, heavy
make_provider(provider_infos()["openai"], Settings("openai"))
make_provider(provider_infos()["replicate"], Settings("replicate"))
heavy = {"openai", "replicate", "httpx", "httpx2", "genai_prices"} & set(sys.modules)
assert not heavy, heavy
"""
    subprocess.run([sys.executable, "-c", code], check=True)
