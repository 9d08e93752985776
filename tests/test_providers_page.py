"""docs/providers.md: every example on it runs, against a loopback service that speaks the provider's protocol."""

from __future__ import annotations

import base64
import contextlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from genarun.providers.catalog import CATALOG
from genarun.providers.registry import provider_infos

from tests.helpers import Place
from tests.services.anthropic_service import AnthropicService
from tests.services.huggingface_service import HuggingFaceService
from tests.services.openai_service import OpenAIService
from tests.services.presets import PRESETS
from tests.services.replicate_service import ReplicateService
from tests.services.samples import mp3, mp4
from tests.services.web import Service
from tests.test_guides import ROOT

PAGE = ROOT / "docs" / "providers.md"
KEY = "key-0123456789abcdef"


def sections() -> dict[str, str]:
    """The page's text on each provider."""
    found = re.split(r"^## (\S+)\n", PAGE.read_text("utf-8"), flags=re.MULTILINE)[1:]
    return dict(zip(found[::2], found[1::2], strict=True))


def examples() -> dict[str, str]:
    found = {name: re.search(r"```yaml\n(.*?)```", text, re.DOTALL) for name, text in sections().items()}
    return {name: match[1] for name, match in found.items() if match}


def replicate(asked: dict[str, Any]) -> Any:
    name, prompt = str(asked["model"]), str(asked["input"])
    if "speech" in name:
        return "data:audio/mpeg;base64," + base64.b64encode(mp3(prompt)).decode()
    return "data:video/mp4;base64," + base64.b64encode(mp4(prompt)).decode() if "wan" in name else None


SERVICES: dict[str, Callable[[], Service]] = {
    "anthropic": lambda: AnthropicService(key=KEY),
    "huggingface-image": lambda: HuggingFaceService(key=KEY),
    "replicate": lambda: ReplicateService(key=KEY, answer=replicate),
}


@contextlib.contextmanager
def service_of(name: str) -> Iterator[Service | None]:
    """The loopback service of a provider; None for one that asks nobody."""
    if CATALOG[name].base_url is None:
        yield None
        return
    with (SERVICES.get(name) or (lambda: PRESETS.get(name, OpenAIService)(key=KEY)))() as service:
        yield service


def test_every_provider_that_ships_is_on_the_page_with_what_it_is() -> None:
    assert list(sections()) == list(CATALOG)
    assert set(CATALOG) <= set(provider_infos())
    for name, text in sections().items():
        info = CATALOG[name]
        said = [info.key_env, info.key_url, info.base_url, *info.models.values(), *info.limits]
        assert [one for one in said if one and one not in text] == [], name


def test_providers_that_make_something_have_an_example_of_each() -> None:
    assert {name for name, info in CATALOG.items() if info.models} == set(examples())
    for name, text in examples().items():
        nodes = yaml.safe_load(text)["generations"]
        assert {node["type"] for node in nodes} == set(CATALOG[name].models), name


@pytest.mark.parametrize("name", sorted(examples()))
def test_an_example_runs(name: str, tmp_path: Path) -> None:
    info = CATALOG[name]
    with service_of(name) as service:
        env = {info.key_env: KEY} if info.key_env else {}
        place = Place(tmp_path, env=env, defaults="budget: {usd: null}\nassets: {allowPrivate: true}\ntimeout: 30s\n")
        if service is not None:
            url = f"providers: {{{name}: {{provider: {name}, baseUrl: '{service.url}'}}}}\n"
            place.write("trees/defaults.yaml", (place.root / "trees/defaults.yaml").read_text() + url)
            place.env |= {"REPLICATE_POLL_INTERVAL": "0.01", "HF_ENDPOINT": service.url}
        place.write("trees/t/config.yaml", examples()[name])
        result = place.run()
    assert result.status == "succeeded", [one.error for one in result.failures]
    assert set(result.output) == {f"{medium}1" for medium in info.models}
    for medium, value in ((medium, result.output[f"{medium}1"]) for medium in info.models):
        if medium in ("image", "audio", "video"):
            assert (result.folder / value).stat().st_size > 0
        else:
            assert value
