"""What calls cost: the tree's prices, the list's, and what nobody knows."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest
from genarun.providers.base import Usage
from genarun.providers.prices import Prices
from genarun.tree.spec import Price

NOW = datetime(2026, 11, 21, tzinfo=UTC)
PRICES = Prices(NOW)


def test_a_listed_model() -> None:
    assert PRICES.cost("openai", "gpt-5-mini", Usage(1000, 500)) == Decimal("0.00125")  # $0.25 and $2 a million


def test_a_model_with_prices_that_rise_with_the_prompt() -> None:
    short = PRICES.cost("google", "gemini-2.5-pro", Usage(200_000, 0))
    long = PRICES.cost("google", "gemini-2.5-pro", Usage(200_001, 0))
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
    ],
)
def test_what_is_unknown_is_none_and_never_zero(provider: str, model: str, usage: Usage, price: Price | None) -> None:
    assert PRICES.cost(provider, model, usage, price) is None


def test_a_service_in_the_providers_place_has_its_own_prices() -> None:
    at = "https://api.groq.com/openai/v1"
    assert PRICES.cost("openai", "openai/gpt-oss-20b", Usage(1_000_000, 0), base_url=at) == Decimal("0.075")
    assert PRICES.cost("openai", "gpt-5-mini", Usage(1, 1), base_url="http://127.0.0.1:11434/v1") is None


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
