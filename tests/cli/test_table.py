"""Tables keep what matters on a narrow terminal, and cut nothing in a pipe."""

from __future__ import annotations

from genarun.cli.table import Column, table
from genarun.words import cells
from hypothesis import given
from hypothesis import strategies as st

COLUMNS = [
    Column("node", flex=True, middle=True, least=8),
    Column("calls", right=True),
    Column("failed", right=True, spare=True),
    Column("model", drop=1),
]
ROWS = [["themes/series/photos", "12", "", "openai/gpt-5-mini"], ["themes", "1", "", "openai/gpt-5-mini"]]


def plain(text: str, _style: str) -> str:
    return text


def test_a_pipe_gets_everything() -> None:
    assert table(COLUMNS, ROWS, width=None, paint=plain, footer=["total", "13", "", ""]) == [
        "  node                  calls  model",
        "  themes/series/photos     12  openai/gpt-5-mini",
        "  themes                    1  openai/gpt-5-mini",
        "  ──────────────────────────────────────────────",
        "  total                    13",
    ]


def test_a_narrow_terminal_loses_columns_before_it_cuts_names() -> None:
    assert table(COLUMNS, ROWS, width=30, paint=plain) == [
        "  node                  calls",
        "  themes/series/photos     12",
        "  themes                    1",
    ]


def test_then_names_are_cut_in_the_middle() -> None:
    assert table(COLUMNS, ROWS, width=22, paint=plain) == [
        "  node           calls",
        "  them…s/photos     12",
        "  themes             1",
    ]


def test_wide_characters_keep_the_columns_straight() -> None:
    columns = [Column("a"), Column("b", right=True)]
    assert table(columns, [["渡し船", "1"], ["x", "22"]], width=None, paint=plain, indent=0) == [
        "a        b",
        "渡し船   1",
        "x       22",
    ]


def test_styles_do_not_count() -> None:
    rows = [[("ok", "green"), "1"], ["failed", "2"]]
    found = table(
        [Column("a"), Column("b")], rows, width=None, paint=lambda text, style: f"<{style}>{text}</>" if style else text
    )
    assert found == ["  <dim>a</>       <dim>b</>", "  <green>ok</>      1", "  failed  2"]


@given(st.lists(st.tuples(*[st.text("ab渡 /", max_size=30)] * 4), min_size=1, max_size=5), st.integers(40, 120))
def test_a_table_fits_its_terminal(rows: list[tuple[str, ...]], width: int) -> None:
    columns = [
        Column("a", flex=True),
        Column("b", flex=True, middle=True, drop=2),
        Column("c", flex=True, drop=1),
        Column("d", flex=True),
    ]
    for line in table(columns, rows, width=width, paint=plain):
        assert cells(line) <= width
