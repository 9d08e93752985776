"""Embeddings from the offline provider: unit vectors, texts that are alike near each other, the same in every run."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import pytest
from genarun.errors import ProviderError

from tests.providers.test_offline import ask
from tests.say import says

ALIKE = (
    ("How do I feed a bearded dragon?", "Feeding your bearded dragon"),
    ("The night ferry leaves at nine", "At nine o'clock the night ferries leave"),
    ("A recipe for plum cake with butter", "Plum cake: the recipe, with good butter"),
    ("Two bakers argue about bread", "An argument between bakers over the bread"),
    ("Weather for the coast: rain by evening", "Rain is coming to the coast this evening"),
    ("Portrait of a woman with a red umbrella", "A woman holding a red umbrella, portrait"),
    ("The council discussed the new tram line", "New tram line debated by the council"),
    ("Lamps and heating for reptile tanks", "How to heat a reptile tank with a lamp"),
    ("A telescope pointed at the moon", "Looking at the moon through a telescope"),
    ("Repairing an old clock", "The old clocks are being repaired"),
    ("Our opening hours on Sunday", "When are you open on Sundays?"),
    ("Children learn to swim in the lake", "Swimming lessons for children at the lake"),
    ("Snow closed the mountain pass", "The pass over the mountains is closed by snow"),
    ("Prices of flour rose again", "Flour prices have risen again"),
)


def embedded(text: str, **more: Any) -> tuple[float, ...]:
    reply = ask(text, medium="embedding", **more)
    assert (reply.text, reply.files, reply.usd) == (None, (), Decimal(0))
    assert reply.vector is not None
    return reply.vector


def near(one: str, other: str, **params: Any) -> float:
    return sum(a * b for a, b in zip(embedded(one, params=params), embedded(other, params=params), strict=True))


@pytest.mark.parametrize("place", range(len(ALIKE)))
@pytest.mark.parametrize("dimensions", [64, 256])
def test_a_paraphrase_is_nearer_than_any_other_text(place: int, dimensions: int) -> None:
    one, other = ALIKE[place]
    strangers = [text for number, pair in enumerate(ALIKE) for text in pair if number != place]
    assert near(one, other, dimensions=dimensions) > max(near(one, text, dimensions=dimensions) for text in strangers)


@pytest.mark.parametrize(
    ("one", "other", "least"),
    [
        ("lizard", "Lizard!", 0.999),
        ("Crème brûlée", "creme  BRULEE", 0.999),
        ("lizard", "lizards", 0.7),
        ("The lizards are warm", "the lizard is warm", 0.7),
        ("bakery", "bakeries", 0.6),
        ("a lighthouse", "lighthouse", 0.8),
    ],
)
def test_the_same_word_in_another_form_is_near(one: str, other: str, least: float) -> None:
    assert near(one, other) >= least
    assert abs(near(one, "quantum physics")) < 0.4


def test_small_words_count_little() -> None:
    assert near("the and of lizard", "the and of ferry") < 0.3


@pytest.mark.parametrize("text", ["", "   ", "!!!", "🙂", "a", "the", "猫と海", "\ud800", "word " * 20_000])
@pytest.mark.parametrize("dimensions", [1, 2, 3, 64, 4096])
def test_every_text_has_a_unit_vector(text: str, dimensions: int) -> None:
    vector = embedded(text, params={"dimensions": dimensions})
    assert len(vector) == dimensions
    assert math.hypot(*vector) == pytest.approx(1, abs=1e-5)
    assert vector == embedded(text, params={"dimensions": dimensions})


def test_signs_alone_are_told_apart() -> None:
    assert len({embedded(text) for text in ("", "!!!", "🙂", "…")}) == 4


def test_vectors_of_two_runs_compare() -> None:
    assert len({embedded("The night ferry", seed=seed, model=f"any-{seed}") for seed in range(5)}) == 1
    assert len(embedded("The night ferry")) == 64


def test_a_number_takes_few_digits_in_a_file() -> None:
    assert all(len(repr(abs(number)).replace("0.", "").strip("0").split("e")[0]) <= 7 for number in embedded("The night ferry"))


@pytest.mark.parametrize("wrong", [0, -1, 4097, 64.0, "64", None, True, [64]])
def test_dimensions_that_cannot_be(wrong: Any) -> None:
    with pytest.raises(ProviderError) as caught:
        embedded("x", params={"dimensions": wrong})
    assert caught.value.code == "offline-dimensions"
    assert not caught.value.retry


def test_what_is_said_of_dimensions_that_cannot_be() -> None:
    with pytest.raises(ProviderError) as caught:
        embedded("x", params={"dimensions": 5000}, path="topics/2/near", node="near")
    says(
        caught.value,
        "offline-dimensions",
        """
        node topics/2/near: `dimensions` is 5000, and the offline provider makes vectors of 1 to 4,096
          → Write a whole number in that range, or leave it out for 64.
        """,
    )
