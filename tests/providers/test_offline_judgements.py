"""Numbers, choices and ranges from the offline provider, and how sure it claims to be."""

from __future__ import annotations

import json
import math
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.providers.test_offline import ask

Json = Any


def shape(**properties: Json) -> dict[str, Json]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def number(prompt: str, seed: int = 0, kind: str = "number", **rules: Json) -> float:
    found = json.loads(ask(prompt, schema=shape(value={"type": kind, **rules}), json=True, seed=seed).text or "")
    assert list(found) == ["value"]
    return found["value"]  # type: ignore[no-any-return]


def ends(prompt: str, seed: int = 0, kind: str = "number", **rules: Json) -> tuple[float, float]:
    end = {"type": kind, **rules}
    found = json.loads(ask(prompt, schema=shape(low=end, high=end), json=True, seed=seed).text or "")
    return found["low"], found["high"]


def choice(prompt: str, *options: str, seed: int = 0) -> str:
    schema = shape(value={"type": "string", "enum": list(options)})
    return str(json.loads(ask(prompt, schema=schema, json=True, seed=seed).text or "")["value"])


# numbers


@pytest.mark.parametrize(
    ("prompt", "low", "high"),
    [
        ("How old is the photographer in this story?", 16, 90),
        ("How much should a jar of plum jam cost, in euros?", 1, 100),
        ("In which year was the lighthouse built?", 1800, 2026),
        ("When was the ferry line opened? Give the year.", 1800, 2026),
        ("What is the temperature in Lisbon in May, in degrees?", -20, 45),
        ("How likely is rain tomorrow, from 0 to 1?", 0, 1),
        ("What percentage of visitors come back?", 0, 100),
        ("How many minutes should a two year old lizard bask?", 1, 240),
        ("What is the population of the village?", 100, 100_000),
        ("How far is the next village, in kilometres?", 1, 200),
        ("How tall is the door?", 20, 300),
        ("Rate this poem on a scale of 1 to 7.", 1, 7),
        ("Score the essay out of 5.", 0, 5),
        ("How many geese are there?", 1, 60),
    ],
)
@pytest.mark.parametrize("kind", ["number", "integer"])
def test_a_number_answers_its_question(prompt: str, low: float, high: float, kind: str) -> None:
    found = [number(prompt, seed, kind) for seed in range(10)]
    assert all(low <= each <= high for each in found), found
    assert len(set(found)) > 2 or high - low <= 1
    if kind == "integer":
        assert all(isinstance(each, int) for each in found)


def test_a_scale_is_used_to_its_end_and_kindly() -> None:
    found = [number("Rate this poem.", seed, "integer", minimum=1, maximum=10) for seed in range(60)]
    assert {8, 9, 10} <= set(found) <= set(range(3, 11))
    assert len({number("How urgent is this mail?", seed, minimum=0, maximum=1) for seed in range(10)}) > 5


def test_the_schema_has_the_last_word() -> None:
    assert number("How old is she?", minimum=200, maximum=210) >= 200
    assert number("Rate it from 1 to 10.", minimum=50, maximum=60) >= 50
    assert number("How many eggs?", kind="integer", multipleOf=12) % 12 == 0
    assert 0 < number("Between 3 and 9?", exclusiveMinimum=0, exclusiveMaximum=0.01) < 0.01
    assert number("Which year?", kind="integer", const=1987) == 1987


# ranges


@pytest.mark.parametrize(
    ("prompt", "low", "high"),
    [
        ("What age range is the audience?", 16, 90),
        ("The price range for a used bicycle", 1, 100),
        ("In which years did the ferry run?", 1800, 2026),
        ("Temperatures in Oslo in June", -20, 45),
        ("How many minutes may it take, from 5 to 20?", 5, 20),
    ],
)
@pytest.mark.parametrize("kind", ["number", "integer"])
def test_a_range_answers_its_question(prompt: str, low: float, high: float, kind: str) -> None:
    found = [ends(prompt, seed, kind) for seed in range(10)]
    assert all(low <= one <= other <= high for one, other in found), found
    assert sum(one < other for one, other in found) > 7
    assert len(set(found)) > 4


@given(
    st.sampled_from(["Prices?", "From 1 to 10", "Which ages", "", "Between 40 and 41 degrees"]),
    st.sampled_from(["number", "integer"]),
    st.tuples(st.integers(-50, 50), st.integers(0, 30)),
    st.sampled_from([{}, {"multipleOf": 1}, {"multipleOf": 0.25}, {"multipleOf": 7, "maximum": 99}]),
    st.integers(0, 9),
)
@settings(max_examples=150, deadline=None)
def test_a_range_never_ends_before_it_begins(
    prompt: str, kind: str, bounds: tuple[int, int], more: dict[str, float], seed: int
) -> None:
    rules = {"minimum": bounds[0], "maximum": bounds[0] + bounds[1], **more}
    if "multipleOf" in more and more["multipleOf"] == 7:
        rules["minimum"] = 0
    low, high = ends(prompt, seed, kind, **rules)
    assert rules["minimum"] <= low <= high <= rules["maximum"]


# choices


@pytest.mark.parametrize("seed", range(6))
def test_a_choice_is_what_the_prompt_speaks_of_most(seed: int) -> None:
    animals = "Which animal is it: cat, dog or bird? The dog barked, and then another dog answered."
    assert choice(animals, "cat", "dog", "bird", seed=seed) == "dog"
    mail = (
        "Is this a complaint, a question or praise?\n\nI would like to complain. This is my second complaint about the ferry."
    )
    assert choice(mail, "praise", "question", "complaint", seed=seed) == "complaint"
    assert (
        choice("Classify: the bakery sells bread.", "Sea and boats", "Bread & baking", "Other", seed=seed) == "Bread & baking"
    )


def test_a_choice_without_a_sign_is_drawn() -> None:
    assert {choice("Pick a colour.", "red", "green", "blue", seed=seed) for seed in range(30)} == {"red", "green", "blue"}
    assert {choice("Yes or no?", "yes", "no", seed=seed) for seed in range(20)} == {"yes", "no"}
    assert {choice("Is it open? Yes it is, yes.", "yes", "no", seed=seed) for seed in range(20)} == {"yes", "no"}


# log-probabilities

ANSWERS = [
    ("Describe moss in 40 words.", {}),
    ("Write a haiku about the harbour.", {}),
    ("", {}),
    ("Which animal is it?", {"schema": shape(value={"enum": ["cat", "a bird of prey"]}), "json": True}),
    ("How old is she?", {"schema": shape(value={"type": "integer"}), "json": True}),
    ("Three titles", {"schema": shape(data={"type": "array", "items": {"type": "string"}}), "json": True}),
    ("Quotes", {"schema": shape(value={"const": 'a "quoted": {text} \\ ü 猫 🙂'}), "json": True}),
    ("Nothing", {"schema": shape(value={"enum": [None, True, -1.5e-7, ""]}), "json": True}),
]


@pytest.mark.parametrize(("prompt", "more"), ANSWERS)
def test_the_tokens_are_the_text(prompt: str, more: dict[str, Json]) -> None:
    plain, asked = ask(prompt, **more), ask(prompt, logprobs=True, **more)
    assert plain.tokens == ()
    assert asked.text == plain.text == "".join(token for token, _ in asked.tokens)
    assert all(token and -2 < chance <= 0 for token, chance in asked.tokens)
    assert asked.tokens == ask(prompt, logprobs=True, **more).tokens
    assert all(len(token) <= 7 for token, _ in asked.tokens)


def test_most_tokens_are_certain() -> None:
    chances = [chance for seed in range(10) for _, chance in ask("Describe a long winter.", logprobs=True, seed=seed).tokens]
    assert sum(chance > -0.3 for chance in chances) / len(chances) > 0.9
    assert min(chances) > -0.7


def test_how_sure_a_choice_is_varies() -> None:
    schema = shape(value={"enum": ["cat", "dog"]})
    sure = []
    for seed in range(80):
        reply = ask("Which animal?", schema=schema, json=True, logprobs=True, seed=seed)
        chances = [chance for token, chance in reply.tokens if re.fullmatch("cat|dog", token)]
        sure.append(math.exp(chances[0]))
        assert math.exp(sum(chance for _, chance in reply.tokens)) == pytest.approx(sure[-1], abs=0.002), "the rest is certain"
    assert 0.49 < min(sure) < 0.65
    assert 0.9 < max(sure) < 0.995
    assert len(set(sure)) > 70


def test_a_recorded_answer_has_tokens_too(tmp_path: Any) -> None:
    line = {"request": {"messages": [{"role": "user", "content": "Who?"}]}, "reply": {"text": "Marta Okafor"}}
    (tmp_path / "recordings").mkdir()
    (tmp_path / "recordings" / "a.jsonl").write_text(json.dumps(line) + "\n")
    reply = ask("Who?", tmp_path, logprobs=True)
    assert [token for token, _ in reply.tokens] == ["Marta", " Okafor"]
