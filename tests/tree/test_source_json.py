"""JSON that cannot be read: every error with its exact text."""

from __future__ import annotations

from tests.say import says
from tests.tree.reading import JSON, fault


def test_an_empty_file() -> None:
    says(
        fault("  \n", JSON),
        "file-empty",
        """
        trees/t/config.json: the file is empty
          → Write what it should say, or remove it.
        """,
    )


def test_a_comma_too_many() -> None:
    says(
        fault('{\n  "id": "a",\n}\n', JSON),
        "json-last-comma",
        """
        trees/t/config.json:2:12: a comma stands before a closing bracket
          2 |   "id": "a",
            |            ^
          → Take the comma away.
        """,
    )


def test_a_missing_comma() -> None:
    says(
        fault('{\n  "id": "a"\n  "type": "text"\n}\n', JSON),
        "json-comma",
        """
        trees/t/config.json:3:3: a comma is missing before this
          3 |   "type": "text"
            |   ^
          → Write a comma between two parts.
        """,
    )


def test_a_comment() -> None:
    says(
        fault('{\n  // the name\n  "id": "a"\n}\n', JSON),
        "json-comment",
        """
        trees/t/config.json:2:3: JSON has no comments
          2 |   // the name
            |   ^
          → Take it away, or rename the file to config.yaml, where # begins one.
        """,
    )


def test_a_python_comment() -> None:
    says(
        fault('{"id": "a"} # the end\n', JSON),
        "json-comment",
        """
        trees/t/config.json:1:13: JSON has no comments
          1 | {"id": "a"} # the end
            |             ^
          → Take it away, or rename the file to config.yaml, where # begins one.
        """,
    )


def test_single_quotes() -> None:
    says(
        fault("{'id': 'a'}\n", JSON),
        "json-quotes",
        """
        trees/t/config.json:1:2: JSON writes text in double quotes, and this is a '
          1 | {'id': 'a'}
            |  ^
          → Write "id" instead.
        """,
    )


def test_typographic_quotes() -> None:
    says(
        fault("{“id”: 1}\n", JSON),
        "json-quotes",
        """
        trees/t/config.json:1:2: JSON writes text in double quotes, and this is a “
          1 | {“id”: 1}
            |  ^
          → Write "…" instead.
        """,
    )


def test_a_key_without_quotes() -> None:
    says(
        fault('{id: "a"}\n', JSON),
        "json-key-quotes",
        """
        trees/t/config.json:1:2: the key `id` has no quotes
          1 | {id: "a"}
            |  ^
          → Write "id": instead.
        """,
    )


def test_no_key() -> None:
    says(
        fault('{, "id": 1}\n', JSON),
        "json-key",
        """
        trees/t/config.json:1:2: a key is missing before the `,`
          1 | {, "id": 1}
            |  ^
          → Write "key": and its value.
        """,
    )


def test_a_word_of_python() -> None:
    says(
        fault('{"on": True}\n', JSON),
        "json-word",
        """
        trees/t/config.json:1:8: `True` means nothing in JSON
          1 | {"on": True}
            |        ^
          → Write true instead.
        """,
    )


def test_a_word_of_yaml() -> None:
    says(
        fault('{"on": yes}\n', JSON),
        "json-word",
        """
        trees/t/config.json:1:8: `yes` means nothing in JSON
          1 | {"on": yes}
            |        ^
          → Write true instead.
        """,
    )


def test_a_text_without_quotes() -> None:
    says(
        fault('{"id": ideas}\n', JSON),
        "json-word",
        """
        trees/t/config.json:1:8: `ideas` means nothing in JSON
          1 | {"id": ideas}
            |        ^
          → Text needs quotes: "ideas".
        """,
    )


def test_not_a_number() -> None:
    says(
        fault('{"limit": NaN}\n', JSON),
        "number-no-json",
        """
        trees/t/config.json:1:11: `NaN` is no number that JSON knows
          1 | {"limit": NaN}
            |           ^
          → If this is text, write "NaN".
        """,
    )


def test_a_number_beyond_all_bounds() -> None:
    says(
        fault('{"limit": 1e999}\n', JSON),
        "number-no-json",
        """
        trees/t/config.json:1:11: `1e999` is no number that JSON knows
          1 | {"limit": 1e999}
            |           ^
          → If this is text, write "1e999".
        """,
    )


def test_a_number_that_begins_with_a_point() -> None:
    says(
        fault('{"limit": .5}\n', JSON),
        "json-number",
        """
        trees/t/config.json:1:11: `.5` is no JSON number
          1 | {"limit": .5}
            |           ^
          → Write 0.5, or ".5" if this is text.
        """,
    )


def test_a_number_that_begins_with_zero() -> None:
    says(
        fault('{"limit": 007}\n', JSON),
        "json-number",
        """
        trees/t/config.json:1:11: `007` is no JSON number
          1 | {"limit": 007}
            |           ^
          → Write 7, or "007" if this is text.
        """,
    )


def test_a_number_with_underscores() -> None:
    says(
        fault('{"limit": 1_000}\n', JSON),
        "json-number",
        """
        trees/t/config.json:1:11: `1_000` is no JSON number
          1 | {"limit": 1_000}
            |           ^
          → Write 1000, or "1_000" if this is text.
        """,
    )


def test_hexadecimal() -> None:
    says(
        fault('{"limit": 0x1F}\n', JSON),
        "json-number",
        """
        trees/t/config.json:1:11: `0x1F` is no JSON number
          1 | {"limit": 0x1F}
            |           ^
          → If this is text, write "0x1F".
        """,
    )


def test_a_missing_colon() -> None:
    says(
        fault('{"id" "a"}\n', JSON),
        "json-colon",
        """
        trees/t/config.json:1:7: a colon is missing after the key
          1 | {"id" "a"}
            |       ^
          → Write "id": and its value.
        """,
    )


def test_a_missing_value() -> None:
    says(
        fault('{"id": }\n', JSON),
        "json-value",
        """
        trees/t/config.json:1:8: a value is missing
          1 | {"id": }
            |        ^
          → Write a value before the `}`.
        """,
    )


def test_a_missing_value_at_the_end() -> None:
    says(
        fault('{"id":', JSON),
        "json-end",
        """
        trees/t/config.json:1:1: this object is never closed
          1 | {"id":
            | ^
          → Write `}` where it ends.
        """,
    )


def test_a_text_that_never_ends() -> None:
    says(
        fault('{"id": "a', JSON),
        "json-text-open",
        """
        trees/t/config.json:1:8: a text begins here and never ends
          1 | {"id": "a
            |        ^
          → Close it with a ".
        """,
    )


def test_a_text_over_two_lines() -> None:
    says(
        fault('{"prompt": "one\ntwo"}\n', JSON),
        "json-line-end",
        r"""
        trees/t/config.json:1:12: a text goes on over the end of its line
          1 | {"prompt": "one
            |            ^
          → Close it with a ", or write \n.
        """,
    )


def test_a_tab_in_a_text() -> None:
    says(
        fault('{"prompt": "one\ttwo"}\n', JSON),
        "json-tab",
        r"""
        trees/t/config.json:1:16: a tab stands in a text
          1 | {"prompt": "one two"}
            |                ^
          → Write \t instead.
        """,
    )


def test_an_unknown_escape() -> None:
    says(
        fault('{"prompt": "C:\\quiet"}\n', JSON),
        "json-escape",
        r"""
        trees/t/config.json:1:15: an escape that JSON does not know
          1 | {"prompt": "C:\quiet"}
            |               ^
          → A backslash is written \\.
        """,
    )


def test_half_a_character() -> None:
    says(
        fault('{"prompt": "\\ud83d"}\n', JSON),
        "half-character",
        r"""
        trees/t/config.json:1:12: half of a character (\ud83d)
          1 | {"prompt": "\ud83d"}
            |            ^
          → Write the character itself, or both of its halves.
        """,
    )


def test_an_object_that_never_closes() -> None:
    says(
        fault('{\n  "id": "a"\n', JSON),
        "json-end",
        """
        trees/t/config.json:1:1: this object is never closed
          1 | {
            | ^
          → Write `}` where it ends.
        """,
    )


def test_the_wrong_bracket() -> None:
    says(
        fault('{\n  "list": [1, 2}\n}\n', JSON),
        "json-bracket",
        """
        trees/t/config.json:2:16: a `}` closes the list of line 2
          2 |   "list": [1, 2}
            |                ^
          → Write `]` instead.
        """,
    )


def test_something_after_the_end() -> None:
    says(
        fault('{"id": "a"}\n{"id": "b"}\n', JSON),
        "json-after-end",
        """
        trees/t/config.json:2:1: something stands after the end
          2 | {"id": "b"}
            | ^
          → One file holds one value: take the rest away.
        """,
    )


def test_a_key_twice() -> None:
    says(
        fault('{"id": "a", "id": "b"}\n', JSON),
        "key-twice",
        """
        trees/t/config.json:1:13: the key “id” is here twice, first in line 1
          1 | {"id": "a", "id": "b"}
            |             ^
          → Keep one of the two.
        """,
    )


def test_an_absurd_depth() -> None:
    says(
        fault("[" * 101, JSON),
        "nesting-too-deep",
        """
        trees/t/config.json:1:101: nested deeper than 100 levels
          1 | [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[
            |                                        ^
          → Make the file flatter.
        """,
    )
