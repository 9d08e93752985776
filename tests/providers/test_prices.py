"""What calls cost: the tree's prices, the list's, and what nobody knows."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest
from genarun.providers.base import Usage
from genarun.providers.checks import asked_seconds
from genarun.providers.prices import Prices
from genarun.tree.spec import Price

NOW = datetime(2026, 11, 21, tzinfo=UTC)
PRICES = Prices(NOW)


def test_a_listed_model() -> None:
    assert PRICES.cost("openai", "gpt-5-mini", Usage(1000, 500)) == Decimal("0.00125")  # $0.25 and $2 a million


def test_a_model_with_prices_that_rise_with_the_prompt() -> None:
    short = PRICES.cost("gemini", "gemini-2.5-pro", Usage(200_000, 0))
    long = PRICES.cost("gemini", "gemini-2.5-pro", Usage(200_001, 0))
    assert short is not None
    assert long is not None
    assert long > short * Decimal("1.9")


def test_a_picture_by_the_tokens_that_it_took() -> None:
    # $5 a million in, and what the model writes are pictures, at $32 a million.
    assert PRICES.cost("openai", "gpt-image-1.5", Usage(100, 1000, 1)) == Decimal("0.0325")


def test_the_trees_prices_beat_the_list() -> None:
    own = Price(input=1.0, output=10.0)
    assert PRICES.cost("openai", "gpt-5-mini", Usage(1000, 500), own) == Decimal("0.006")
    assert PRICES.cost("openai", "gpt-5-mini", Usage(1000, 500), Price()) == Decimal("0.00125"), "it says nothing"


@pytest.mark.parametrize(
    ("price", "usage", "usd"),
    [
        (Price(image=0.04), Usage(images=2), "0.08"),
        (Price(image=0.04), Usage(12, 272, 2), "0.08"),
        (Price(call=0.01), Usage(), "0.01"),
        (Price(call=0.01, image=0.04), Usage(images=1), "0.05"),
        (Price(call=0.01, input=1.0, output=1.0), Usage(1000, 1000), "0.012"),
        (Price(input=0.0, output=0.0), Usage(5, 5), "0"),
        (Price(second=0.4), Usage(seconds=8.0), "3.2"),
        (Price(second=0.4), Usage(100, 5000, seconds=2.5), "1.0"),
        (Price(second=0.4, call=0.01), Usage(seconds=1.0), "0.41"),
        (Price(characters=15.0), Usage(characters=2000), "0.03"),
        (Price(characters=15.0, input=1.0, output=1.0), Usage(characters=2000), "0.03"),
    ],
)
def test_prices_of_ones_own(price: Price, usage: Usage, usd: str) -> None:
    assert PRICES.cost("replicate", "a/b", usage, price) == Decimal(usd)


def test_offline_and_replay_cost_nothing_and_say_so() -> None:
    assert PRICES.cost("offline", "anything", Usage()) == 0
    assert PRICES.cost("replay", "gpt-5-mini", Usage(1, 1)) == 0
    assert PRICES.estimate("offline", "anything", "text", 1000) == 0


@pytest.mark.parametrize(
    ("provider", "model", "usage", "price"),
    [
        ("openai", "a-model-of-tomorrow", Usage(1, 1), None),
        ("replicate", "meta/llama-4", Usage(1, 1), None),
        ("nobody", "gpt-5-mini", Usage(1, 1), None),
        ("openai", "gpt-5-mini", Usage(), None),
        ("openai", "gpt-5-mini", Usage(1000, None), None),
        ("openai", "gpt-5-mini", Usage(None, 1000), None),
        ("replicate", "a/b", Usage(1, 1), Price(input=1.0)),
        ("replicate", "a/b", Usage(1, 1), Price(image=1.0)),
        ("replicate", "a/b", Usage(images=1), Price(input=1.0, output=1.0)),
        ("openai", "gpt-4o-mini-tts", Usage(characters=100), None),
        ("gemini", "veo-3.1-generate-preview", Usage(seconds=8.0), None),
        ("openrouter", "a/b", Usage(), Price(second=0.4, call=0.01)),
        ("openrouter", "a/b", Usage(seconds=8.0), Price(characters=15.0)),
        ("openai", "gpt-5-mini", Usage(seconds=8.0), None),
    ],
    ids=[
        "model",
        "service",
        "provider",
        "no usage",
        "no output",
        "no input",
        "half a price",
        "only pictures",
        "no picture price",
        "speech priced by tokens that nobody counts",
        "no list of films",
        "a film whose length is unknown",
        "a film priced by characters",
        "a film of a model that writes",
    ],
)
def test_what_is_unknown_is_none_and_never_zero(provider: str, model: str, usage: Usage, price: Price | None) -> None:
    assert PRICES.cost(provider, model, usage, price) is None


def test_a_service_in_the_providers_place_has_its_own_prices() -> None:
    at = "https://api.groq.com/openai/v1"
    assert PRICES.cost("openai", "openai/gpt-oss-20b", Usage(1_000_000, 0), base_url=at) == Decimal("0.075")
    assert PRICES.cost("openai", "gpt-5-mini", Usage(1, 1), base_url="http://127.0.0.1:11434/v1") is None


@pytest.mark.parametrize(
    ("provider", "model", "usage", "usd"),
    [
        ("openai", "tts-1", Usage(characters=2000), "0.03"),
        ("groq", "canopylabs/orpheus-v1-english", Usage(characters=1_000_000), "22"),
        ("openai", "text-embedding-3-small", Usage(1_000_000, 0), "0.02"),
        ("mistral", "mistral-embed", Usage(1_000_000, 0), "0.1"),
        ("gemini", "gemini-embedding-001", Usage(1_000_000, 0), "0.15"),
        ("openrouter", "openai/gpt-6.1-terra", Usage(1_000_000, 0), "2"),
        ("groq", "openai/gpt-oss-120b", Usage(1_000_000, 1_000_000), "0.75"),
    ],
)
def test_the_list_is_asked_by_the_name_that_it_has_for_a_service(provider: str, model: str, usage: Usage, usd: str) -> None:
    assert PRICES.cost(provider, model, usage) == Decimal(usd)


@pytest.mark.parametrize(
    ("provider", "base_url", "env", "usd"),
    [
        ("ollama", None, {}, 0),
        ("ollama", None, {"OLLAMA_HOST": "0.0.0.0"}, 0),
        ("ollama", None, {"OLLAMA_HOST": "gpu-box:11434"}, 0),
        ("ollama", None, {"OLLAMA_HOST": "192.168.1.20"}, 0),
        ("ollama", None, {"OLLAMA_HOST": "https://ollama.com"}, None),
        ("ollama", "https://ollama.com/v1", {}, None),
        ("ollama", "http://[fd00::5]:11434/v1", {"OLLAMA_HOST": "https://ollama.com"}, 0),
        ("vllm", "http://10.0.0.7:8000/v1", {}, 0),
        ("vllm", "http://8.8.8.8:8000/v1", {}, None),
        ("vllm", "https://vllm.example/v1", {}, None),
        ("llamacpp", "http://localhost:8080/v1", {}, 0),
        ("openai", "http://localhost:8080/v1", {}, None),
    ],
)
def test_a_service_of_ones_own_is_free_while_it_is_at_home(
    provider: str, base_url: str | None, env: dict[str, str], usd: int | None
) -> None:
    prices = Prices(NOW, env)
    for usage in (Usage(5, 5), Usage(5, 5, 1), Usage(seconds=2.0), Usage(characters=9), Usage()):
        assert prices.cost(provider, "anything", usage, base_url=base_url) == usd
    assert prices.cost(provider, "anything", Usage(1_000_000, 0), Price(input=1.0), base_url=base_url) == 1, (
        "a price is a price"
    )


def test_estimates_of_speech_films_and_vectors() -> None:
    assert PRICES.estimate("openai", "tts-1", "audio", 2000) == Decimal("0.03")
    assert PRICES.estimate("openai", "gpt-4o-mini-tts", "audio", 2000) is None
    assert PRICES.estimate("openrouter", "a/b", "audio", 120, price=Price(second=0.5)) == Decimal("5.0")
    assert PRICES.estimate("gemini", "veo", "video", 100, price=Price(second=0.5)) == Decimal("4.0"), (
        "eight seconds, at a guess"
    )
    assert PRICES.estimate("gemini", "veo", "video", 100, price=Price(second=0.5), seconds=4.0) == Decimal("2.0")
    assert PRICES.estimate("gemini", "veo", "video", 100) is None
    assert PRICES.estimate("mistral", "mistral-embed", "embedding", 3_500_000) == Decimal("0.1"), "nothing is written"
    assert PRICES.estimate("ollama", "phonon", "audio", 100) == 0


@pytest.mark.parametrize(
    ("params", "seconds"),
    [
        ({"seconds": "8"}, 8.0),
        ({"duration": 6}, 6.0),
        ({"duration_seconds": 2.5}, 2.5),
        ({}, None),
        ({"seconds": "long"}, None),
        ({"seconds": True}, None),
        ({"seconds": -1}, None),
        ({"seconds": float("inf")}, None),
    ],
)
def test_how_long_a_film_shall_be(params: dict[str, object], seconds: float | None) -> None:
    assert asked_seconds(params) == seconds


def test_estimates_go_by_the_prompt_and_by_what_answers_used_to_be() -> None:
    guess = PRICES.estimate("openai", "gpt-5-mini", "text", 3500)
    assert guess == Decimal("0.25") / 1_000_000 * 1000 + Decimal(2) / 1_000_000 * 1000
    limited = PRICES.estimate("openai", "gpt-5-mini", "text", 3500, 100)
    seen = PRICES.estimate("openai", "gpt-5-mini", "text", 3500, None, SimpleNamespace(output_tokens=200))
    both = PRICES.estimate("openai", "gpt-5-mini", "text", 3500, 100, SimpleNamespace(output_tokens=200))
    assert limited is not None
    assert seen is not None
    assert limited < seen < guess
    assert both == limited
    assert PRICES.estimate("openai", "gpt-5-mini", "text", 3500, None, SimpleNamespace(output_tokens=None)) == guess
    assert PRICES.estimate("openai", "nobody-knows", "text", 3500) is None
    assert PRICES.estimate("replicate", "a/b", "image", 100, price=Price(image=0.04)) == Decimal("0.04")
    assert PRICES.estimate("replicate", "a/b", "image", 100) is None
