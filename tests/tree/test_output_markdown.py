"""output.md: an output that a person reads."""

from __future__ import annotations

from textwrap import dedent
from typing import Any

from genarun.tree.markdown import label
from genarun.tree.output import to_markdown
from hypothesis import given
from hypothesis import strategies as st

from tests.tree.grow import grow_tree
from tests.tree.test_output import EXHIBITION, ONE


def test_an_exhibition_reads_as_a_page() -> None:
    output = {
        "ideas": [
            {
                "theme": "rain",
                "series": {
                    "title": "Rain at noon",
                    "about": "A long text about rain.\n\nIn two paragraphs.",
                    "portraitUrl": "assets/portrait-1.png",
                    "photos": ["assets/a.png", "assets/b c.png"],
                },
            },
        ],
        "intro": None,
        "extra": {"note": "Thanks", "likes": ["cats", "rain"], "open": True},
    }
    assert to_markdown(EXHIBITION, output) == dedent("""\
        # An exhibition

        Three themes

        ## Ideas

        ### rain

        #### Series

        - **Title:** Rain at noon

        ##### About

        A long text about rain.

        In two paragraphs.

        ![Portrait url](assets/portrait-1.png)

        ##### Photos

        ![Photos 1](assets/a.png)

        ![Photos 2](<assets/b c.png>)

        ## Extra

        - **Note:** Thanks
        - **Open:** true

        ### Likes

        - cats
        - rain
        """)


def test_entries_are_headed_by_their_title_or_their_number() -> None:
    output = {"people": [{"age": 5, "name": "Ada"}, {"age": 6}], "box": "x\ny", "free": {}}
    assert to_markdown(ONE, output) == dedent("""\
        # T

        ## People

        ### Ada

        - **Age:** 5

        ### People 2

        - **Age:** 6

        ## Box

        x
        y
        """)


def test_texts_of_several_lines_are_paragraphs() -> None:
    tree = grow_tree("generations: [{id: haikus, type: text-array, config: {prompt: x}}]")
    assert to_markdown(tree, {"haikus": ["a\nb", "c"]}) == "# T\n\n## Haikus\n\na\nb\n\nc\n"


def test_keys_read_as_words() -> None:
    assert [label(name) for name in ("photographerBio", "photographer-bio", "imageURL", "a", "item_2", "")] == [
        "Photographer bio",
        "Photographer bio",
        "Image URL",
        "A",
        "Item 2",
        "",
    ]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(JSON)
def test_any_output_can_be_written(output: Any) -> None:
    for tree in (EXHIBITION, ONE):
        assert to_markdown(tree, output).startswith("# ")
        assert to_markdown(tree, {one.key: output for one in tree.nodes}).startswith("# ")
