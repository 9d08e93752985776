"""Words from the offline provider: the kind that was asked for, as long as asked, about what the prompt is about."""

from __future__ import annotations

import re

import pytest

from tests.providers.test_offline import ask

PROMPTS = [
    "Write a headline about night ferries.",
    "Describe a lighthouse keeper's last winter.",
    "Write the introduction for a photojournalism exhibition about bread.",
    "Write a bio of the photographer Marta Okafor.",
    "Write a weather report for a small town.",
    "Write a recipe for plum soup.",
    "Review the new tram line.",
    "Write a poem about snow.",
    "Tell me a story.",
    "Write a letter to the editor about geese.",
    "Write a dialogue between two bakers.",
    "List four questions about glass.",
    "Write a horoscope for Leo.",
    "Write a classified ad.",
    "Summarise the history of moss.",
    "What do you think?",
    "",
    "🙂",
    "${}",
]


def answer(prompt: str, **more: object) -> str:
    text = ask(prompt, **more).text
    assert text is not None
    return text


def sentences(text: str) -> list[str]:
    return re.findall(r"[^.!?]+[.!?]+[”\"]?", text)


@pytest.mark.parametrize("prompt", PROMPTS)
@pytest.mark.parametrize("seed", range(6))
def test_every_answer_reads_like_a_finished_text(prompt: str, seed: int) -> None:
    text = answer(prompt, seed=seed)
    assert text == text.strip()
    assert text[0].isupper() or not text[0].isalpha()
    assert not re.search(r"[{}$]|\b(?:lorem|ipsum|mock|fake|placeholder|None)\b|  |\.\.|,,| ,", text)
    assert not re.search(r"\b(\w+) \1\b", text.replace("had had", "")), text


@pytest.mark.parametrize(
    ("prompt", "low", "high"),
    [
        ("Describe moss in 50 words.", 50, 50),
        ("Explain quantum computing in exactly 30 words.", 30, 30),
        ("Write a note on bridges, 90 to 115 words.", 90, 115),
        ("Describe the sea in about forty words.", 36, 44),
        ("Write a text about cats and a lizard in no more than 12 words.", 1, 12),
        ("A motto, at most nine words.", 1, 9),
        ("Write at least 120 words about a railway.", 120, 170),
        ("Write an essay about salt of 300 words.", 300, 300),
        ("In under 20 words, what is a tide?", 1, 19),
        ("Write an obituary of a very good pencil, 90 to 115 words.", 90, 115),
        ("Write a short caption of 25 to 40 words for a photograph of a ferry.", 25, 40),
        ("A title of three words for a book about rain.", 3, 3),
    ],
)
@pytest.mark.parametrize("seed", range(5))
def test_words_asked_for_are_counted(prompt: str, low: int, high: int, seed: int) -> None:
    text = answer(prompt, seed=seed)
    assert low <= len(text.split()) <= high, text


@pytest.mark.parametrize(
    ("asked", "count"), [("in one sentence", 1), ("in two sentences", 2), ("in three sentences", 3), ("in 7 sentences", 7)]
)
@pytest.mark.parametrize("seed", range(5))
def test_sentences_asked_for_are_counted(asked: str, count: int, seed: int) -> None:
    text = answer(f"Describe the night bakers of Naples {asked}.", seed=seed)
    assert len(re.findall(r"[.!?][”\"]?(?= [A-Z“]|$)", text.replace("\n\n", " "))) >= count
    assert "\n\n" not in text or count > 4


@pytest.mark.parametrize("seed", range(5))
def test_other_measures(seed: int) -> None:
    assert len(answer("Describe a lost glove in at most 80 characters.", seed=seed)) <= 80
    assert len(answer("Write three paragraphs about lamps.", seed=seed).split("\n\n")) == 3
    assert "\n" not in answer("One line on love.", seed=seed)
    assert len([line for line in answer("Write a poem about snow, eight lines.", seed=seed).split("\n") if line]) == 8
    assert len(answer("Write a haiku about the harbour.", seed=seed).split("\n")) == 3
    assert len(answer("Give five titles for a book about tides.", seed=seed).split("\n")) == 5
    assert len(answer("List 12 facts about glass, one per line.", seed=seed).split("\n")) == 12


@pytest.mark.parametrize("seed", range(4))
def test_the_subject_of_the_prompt_is_the_subject_of_the_answer(seed: int) -> None:
    assert "statue that sneezes" in answer("Write a news article about a statue that sneezes.", seed=seed)
    assert "urban beekeeping" in answer("Write a short essay about urban beekeeping.", seed=seed).lower()
    assert "Okafor" in answer("Write a bio of the photographer Marta Okafor.", seed=seed)
    assert "girl with a cello" in answer("Write a caption for the photograph: a girl with a cello on a tram", seed=seed)
    assert answer('Write a slug for "The Salt Road".', seed=seed) == "the-salt-road"


def test_an_introduction_names_what_it_introduces() -> None:
    text = answer(
        "Write the introduction for an exhibition with these series:\n- Salt and Silence\n- Night Bakers\n- The Slow Train"
    )
    assert all(title in text for title in ("Salt and Silence", "Night Bakers", "The Slow Train"))


def test_the_nodes_description_says_what_kind_of_text_is_wanted() -> None:
    assert len(answer("Plum trees after rain", about="headline").split()) < 16
    assert answer("Plum trees after rain", about="haiku").count("\n") == 2


def test_a_conversation_stays_on_its_subject() -> None:
    turns = (
        {"role": "user", "content": "Write a paragraph about the night ferries."},
        {"role": "assistant", "content": "They leave at nine. Nobody waves. The lamps stay on. The sea takes its time."},
        {"role": "user", "content": "Now write a headline for it."},
    )
    found = {answer(turns, seed=seed) for seed in range(20)}  # type: ignore[arg-type]
    assert sum("ferries" in text.lower() for text in found) > len(found) / 2
    assert all(len(text.split()) < 18 for text in found)


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        ("Make it shorter.", "They leave at nine. Nobody waves."),
        ("In capital letters, please.", "THEY LEAVE AT NINE. NOBODY WAVES. THE LAMPS STAY ON. THE SEA TAKES ITS TIME."),
    ],
)
def test_a_wish_about_the_last_answer_changes_that_answer(wish: str, expected: str) -> None:
    turns = (
        {"role": "user", "content": "Write a paragraph about the night ferries."},
        {"role": "assistant", "content": "They leave at nine. Nobody waves. The lamps stay on. The sea takes its time."},
        {"role": "user", "content": wish},
    )
    assert answer(turns) == expected  # type: ignore[arg-type]


def test_going_on_keeps_what_was_there() -> None:
    turns = (
        {"role": "user", "content": "Write a paragraph about the night ferries."},
        {"role": "assistant", "content": "They leave at nine."},
        {"role": "user", "content": "Continue."},
    )
    text = answer(turns)  # type: ignore[arg-type]
    assert text.startswith("They leave at nine.\n\n")
    assert len(text) > 60


def test_the_same_kind_of_text_is_varied() -> None:
    texts = [answer("Describe a small station.", seed=seed) for seed in range(30)]
    assert len({text.split(" ")[0] for text in texts}) > 8
    assert len({sentences(text)[0] for text in texts}) > 22
