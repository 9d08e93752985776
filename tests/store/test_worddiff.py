"""Differences read as a person would tell them."""

from __future__ import annotations

from genarun.store.worddiff import MOST_WORDS, word_diff
from hypothesis import given
from hypothesis import strategies as st


def shown(old: str, new: str) -> str:
    marks = {"same": "{}", "gone": "[-{}-]", "come": "{{+{}+}}"}
    return "".join(marks[piece.kind].format(piece.text) for piece in word_diff(old, new))


def test_single_words() -> None:
    old = "The last ferry leaves at six, and nobody on the quay knows."
    new = "The last ferry leaves at seven, and nobody on the old quay knows."
    assert shown(old, new) == "The last ferry leaves at [-six-]{+seven+}, and nobody on the {+old +}quay knows."


def test_a_word_that_two_rewritten_stretches_share_is_part_of_them() -> None:
    old = "We begin with a long and careful list of harbours. She keeps the light in winter. The end is the same."
    new = "We begin with a long and careful list of harbours. He opens the window at night. The end is the same."
    assert shown(old, new) == (
        "We begin with a long and careful list of harbours. "
        "[-She keeps the light in winter-]{+He opens the window at night+}. The end is the same."
    )


def test_texts_with_little_in_common_stand_one_after_the_other() -> None:
    assert [piece.kind for piece in word_diff("Kyoto, 1967.", "A chalk mark where the singer stands.")] == ["gone", "come"]


def test_long_stretches_that_stayed_are_shortened() -> None:
    middle = " ".join(f"word{number}" for number in range(100))
    found = shown(f"old {middle} end", f"new {middle} end")
    assert found == "[-old-]{+new+} " + " ".join(f"word{number}" for number in range(11)) + " word11…"


def test_nothing_on_one_side() -> None:
    assert shown("", "new") == "{+new+}"
    assert shown("old", "") == "[-old-]"
    assert shown("", "") == ""
    assert shown("same", "same") == "same"


def test_a_book_is_compared_by_lines() -> None:
    book = "\n".join(f"line {number}" for number in range(MOST_WORDS))
    pieces = word_diff(book, book.replace("line 7\n", "line seven\n"))
    assert [piece.text for piece in pieces if piece.kind != "same"] == ["line 7\n", "line seven\n"]


@given(st.text("ab \n.", max_size=24), st.text("ab \n.", max_size=24))
def test_the_pieces_make_up_both_texts(old: str, new: str) -> None:
    pieces = word_diff(old, new)
    assert "".join(piece.text for piece in pieces if piece.kind != "come") == old
    assert "".join(piece.text for piece in pieces if piece.kind != "gone") == new
