"""What a person is asked, and how their answer is read."""

from __future__ import annotations

from typing import Any

import pytest
from genarun.errors import SetupError
from genarun.nodes.question import Ask, label_of, make_options, read_answer

from tests.say import says

CHOICE = Ask("choice", "Which?", make_options(["Low tide", "High tide", "Slack water"]))
RANK = Ask("rank", "In which order?", CHOICE.options)


@pytest.mark.parametrize("said", ["2", " 2. ", "#2", "high tide", "“High tide”", "HIGH TIDE\n"])
def test_a_choice_is_a_number_or_the_words(said: str) -> None:
    assert read_answer(CHOICE, said) == "High tide"


@pytest.mark.parametrize("said", ["", "0", "4", "-1", "2 3", "tide", "99999999999999999999", "²", "٢"])
def test_what_chooses_nothing_is_said(said: str) -> None:
    with pytest.raises(SetupError) as caught:
        read_answer(CHOICE, said)
    assert caught.value.code == "answer-unreadable"


def test_the_error_tells_how_to_answer() -> None:
    with pytest.raises(SetupError) as caught:
        read_answer(CHOICE, "the middle one")
    says(
        caught.value,
        "answer-unreadable",
        """
        “the middle one” does not answer the question
          → Answer with the number of an option, 1 to 3, or with its words.
        """,
    )


@pytest.mark.parametrize("said", ["3,1,2", "3 1 2", "3 > 1 > 2", "3;1;2\n"])
def test_a_rank_is_all_numbers_in_order(said: str) -> None:
    assert read_answer(RANK, said) == ["Slack water", "Low tide", "High tide"]


@pytest.mark.parametrize("said", ["1,2", "1,2,2", "1,2,3,4", "1,2,3,1", "a,b,c"])
def test_a_rank_of_other_numbers_is_none(said: str) -> None:
    with pytest.raises(SetupError, match="does not answer"):
        read_answer(RANK, said)


@pytest.mark.parametrize(("said", "value"), [("yes", True), ("No.", False), ("OK", True), ("reject", False), ("👍", True)])
def test_an_approval_is_yes_or_no(said: str, value: bool) -> None:
    assert read_answer(Ask("approve", "Publish?"), said) is value


def test_a_maybe_is_neither() -> None:
    with pytest.raises(SetupError, match="does not answer"):
        read_answer(Ask("approve", "Publish?"), "maybe")


def test_a_text_is_kept_as_it_is_but_for_space_around_it() -> None:
    said = "  ${item} `rm -rf` <b>\n\nline two "
    assert read_answer(Ask("text", "What?"), said) == said.strip()


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        (["a", "b", "a"], ["a", "b"]),
        ([{"title": "One", "n": 1}, {"title": "One", "n": 2}], ["One", "One (2)"]),
        ([{"n": 1}, 3, True], ['{"n": 1}', "3", "true"]),
        (["assets/photo-0123456789abcdef.png", "assets/photo-fedcba9876543210.jpg"], ["picture 1", "picture 2"]),
        (["assets/voice-0123456789abcdef.mp3", "x"], ["assets/voice-0123456789abcdef.mp3", "x"]),
        (["x" * 500, "y"], ["x" * 199 + "…", "y"]),
    ],
)
def test_options_have_labels_that_tell_them_apart(values: list[Any], labels: list[str]) -> None:
    assert [one.label for one in make_options(values)] == labels


def test_a_question_is_known_by_what_is_asked_and_not_by_how_long_it_waits() -> None:
    assert Ask("choice", "Which?", CHOICE.options, timeout=5).key == CHOICE.key
    assert Ask("choice", "Which one?", CHOICE.options).key != CHOICE.key
    assert RANK.key != CHOICE.key
    moved = make_options(["assets/a-0123456789abcdef.png", "assets/b-fedcba9876543210.png"])
    named = make_options(["assets/c-0123456789abcdef.png", "assets/c-fedcba9876543210.png"])
    assert Ask("choice", "Which?", moved).key == Ask("choice", "Which?", named).key


def test_what_holds_a_picture_shows_it_and_is_called_by_its_words() -> None:
    harbours = [
        {"item": "Trieste", "cover": "assets/a-0123456789abcdef.png"},
        {"photo": {"file": "assets/b-fedcba9876543210.jpg"}, "caption": "At dawn"},
        {"sound": "assets/c-0123456789abcdef.mp3", "title": "Foghorn"},
    ]
    options = make_options(harbours)
    assert [(one.label, one.picture) for one in options] == [
        ("Trieste", "assets/a-0123456789abcdef.png"),
        ("At dawn", "assets/b-fedcba9876543210.jpg"),
        ("Foghorn", None),
    ]
    assert read_answer(Ask("choice", "Which?", options), "trieste") == harbours[0]
    moved = make_options([harbours[0] | {"cover": "assets/z-0123456789abcdef.png"}, *harbours[1:]])
    assert Ask("choice", "Which?", options).key == Ask("choice", "Which?", moved).key


def test_an_answer_is_called_as_the_person_knows_it() -> None:
    assert label_of(CHOICE, "High tide") == "High tide"
    assert label_of(RANK, ["Slack water", "Low tide", "High tide"]) == "Slack water, Low tide, High tide"
    assert [label_of(Ask("approve", "Publish?"), value) for value in (True, False)] == ["yes", "no"]
    assert label_of(Ask("text", "Which town?"), "Trieste") == "Trieste"
