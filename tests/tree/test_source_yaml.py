"""YAML that cannot be read: every error with its exact text."""

from __future__ import annotations

import pytest
import yaml
from genarun.tree.source import parse_source

from tests.say import says
from tests.tree.reading import YAML, fault


def test_a_tab() -> None:
    says(
        fault("models:\n\ttext: 1\n", YAML),
        "yaml-tab",
        """
        trees/t/config.yaml:2:1: a tab stands where YAML wants spaces
          2 |  text: 1
            | ^
          → Indent with spaces.
        """,
    )


def test_a_colon_within_text() -> None:
    says(
        fault("prompt: Say it: now\n", YAML),
        "yaml-colon",
        """
        trees/t/config.yaml:1:15: a second `: ` in one line
          1 | prompt: Say it: now
            |               ^
          → Text that holds `: ` needs quotes: key: "one: two".
        """,
    )


def test_a_key_that_is_indented_too_far() -> None:
    says(
        fault("id: ideas\n  type: text\n", YAML),
        "yaml-deeper",
        """
        trees/t/config.yaml:2:7: this key stands deeper than the one above, which has a value already
          2 |   type: text
            |       ^
          → Indent keys of one mapping equally far; text that holds `: ` needs quotes.
        """,
    )


def test_a_list_in_the_line_of_its_key() -> None:
    says(
        fault("formats: - json\n", YAML),
        "yaml-dash",
        """
        trees/t/config.yaml:1:10: a list cannot begin in this line
          1 | formats: - json
            |          ^
          → Begin it in a line of its own, or use [a, b].
        """,
    )


def test_text_after_a_pick() -> None:
    says(
        fault("prompt: [red | blue] is the colour\n", YAML),
        "yaml-after-closed",
        """
        trees/t/config.yaml:1:22: text goes on after a closing bracket or quote
          1 | prompt: [red | blue] is the colour
            |                      ^
          → Put the whole text in quotes; within single quotes, a single quote is doubled: ''.
        """,
    )


def test_an_apostrophe_in_single_quotes() -> None:
    says(
        fault("prompt: 'it's late'\n", YAML),
        "yaml-after-closed",
        """
        trees/t/config.yaml:1:13: text goes on after a closing bracket or quote
          1 | prompt: 'it's late'
            |             ^
          → Put the whole text in quotes; within single quotes, a single quote is doubled: ''.
        """,
    )


def test_a_quote_that_never_closes() -> None:
    says(
        fault("id: a\nprompt: 'Once upon\n", YAML),
        "yaml-quote",
        """
        trees/t/config.yaml:2:9: a quote opens here and never closes
          2 | prompt: 'Once upon
            |         ^
          → Close it; within single quotes, a single quote is doubled: ''.
        """,
    )


def test_an_unknown_escape() -> None:
    says(
        fault('prompt: "C:\\quiet"\n', YAML),
        "yaml-escape",
        r"""
        trees/t/config.yaml:1:13: an escape that YAML does not know
          1 | prompt: "C:\quiet"
            |             ^
          → In double quotes a backslash is written \\; in single quotes it stands for itself.
        """,
    )


def test_half_a_character() -> None:
    says(
        fault('prompt: "\\ud83d"\n', YAML),
        "yaml-escape",
        r"""
        trees/t/config.yaml:1:12: an escape that YAML does not know
          1 | prompt: "\ud83d"
            |            ^
          → In double quotes a backslash is written \\; in single quotes it stands for itself.
        """,
    )


def test_text_that_begins_with_an_at_sign() -> None:
    says(
        fault("prompt: @home\n", YAML),
        "yaml-start",
        """
        trees/t/config.yaml:1:9: text cannot begin with `@`
          1 | prompt: @home
            |         ^
          → Put the whole text in quotes.
        """,
    )


def test_a_line_without_a_colon() -> None:
    says(
        fault("id: ideas\ntype text\nconfig: 1\n", YAML),
        "yaml-no-colon",
        """
        trees/t/config.yaml:2:1: a line without a colon, where keys stand
          2 | type text
            | ^
          → Write `key: value`, or indent the line further if it belongs to the text above it.
        """,
    )


def test_a_bracket_that_never_closes() -> None:
    says(
        fault("formats: [json, md\nid: a\n", YAML),
        "yaml-bracket",
        """
        trees/t/config.yaml:1:10: a bracket or brace opens here and is not closed as it should be
          1 | formats: [json, md
            |          ^
          → Close it, with a comma between its parts; text that begins with a bracket or brace needs quotes.
        """,
    )


def test_a_list_and_a_mapping_mixed() -> None:
    says(
        fault("- one\nid: two\n", YAML),
        "yaml-indent",
        """
        trees/t/config.yaml:2:1: this does not belong here
          2 | id: two
            | ^
          → Indent keys of one mapping, and items of one list, equally far.
        """,
    )


def test_a_version_of_yaml_that_is_to_come() -> None:
    says(
        fault("%YAML 3.0\n---\nid: a\n", YAML),
        "yaml-broken",
        """
        trees/t/config.yaml:1:1: YAML cannot read this: found incompatible YAML document (version 1.* is required)
          1 | %YAML 3.0
            | ^
          → Put text with special characters in quotes.
        """,
    )


def test_a_second_document() -> None:
    says(
        fault("id: a\n---\nid: b\n", YAML),
        "yaml-documents",
        """
        trees/t/config.yaml:2:1: a second document begins here
          2 | ---
            | ^
          → One file holds one document: take the line `---` away, or make two files.
        """,
    )


def test_a_number_as_key() -> None:
    says(
        fault("models:\n  1: {}\n", YAML),
        "yaml-key",
        """
        trees/t/config.yaml:2:3: the key `1` is a number
          2 |   1: {}
            |   ^
          → Put it in quotes: "1".
        """,
    )


def test_null_as_key() -> None:
    says(
        fault("~: {}\n", YAML),
        "yaml-key",
        """
        trees/t/config.yaml:1:1: the key `~` is no text
          1 | ~: {}
            | ^
          → Put it in quotes: "~".
        """,
    )


def test_a_list_as_key() -> None:
    says(
        fault("? [a, b]\n: 1\n", YAML),
        "yaml-key-complex",
        """
        trees/t/config.yaml:1:3: a list stands where a key should be
          1 | ? [a, b]
            |   ^
          → Write a text as the key; text that begins with a bracket or brace needs quotes.
        """,
    )


def test_a_merge_key() -> None:
    says(
        fault("base: &base {a: 1}\nmore:\n  <<: *base\n", YAML),
        "yaml-merge-key",
        """
        trees/t/config.yaml:3:3: `<<` is of YAML 1.1, and does not merge here
          3 |   <<: *base
            |   ^
          → Write the keys out, or keep what is shared in trees/defaults.yaml.
        """,
    )


def test_a_key_twice() -> None:
    says(
        fault("id: a\ntype: text\nid: b\n", YAML),
        "key-twice",
        """
        trees/t/config.yaml:3:1: the key “id” is here twice, first in line 1
          3 | id: b
            | ^
          → Keep one of the two.
        """,
    )


def test_an_alias_of_nothing() -> None:
    says(
        fault("a: *b\n", YAML),
        "yaml-alias-unknown",
        """
        trees/t/config.yaml:1:4: no `&b` stands above this `*b`
          1 | a: *b
            |    ^
          → Mark the value that is meant with `&b`; if this is text, put it in quotes: "*b".
        """,
    )


def test_an_alias_of_itself() -> None:
    says(
        fault("a: &a [1, *a]\n", YAML),
        "yaml-alias-loop",
        """
        trees/t/config.yaml:1:11: `*a` stands within `&a` itself
          1 | a: &a [1, *a]
            |           ^
          → Write the value out.
        """,
    )


def test_a_tag_of_ones_own() -> None:
    says(
        fault("prompt: !secret key\n", YAML),
        "yaml-tag",
        """
        trees/t/config.yaml:1:9: the tag `!secret` means nothing here
          1 | prompt: !secret key
            |         ^
          → Take it away; text that begins with `!` needs quotes.
        """,
    )


def test_a_tag_that_no_longer_counts() -> None:
    says(
        fault("day: !!timestamp 2026-11-21\n", YAML),
        "yaml-tag",
        """
        trees/t/config.yaml:1:6: the tag `!!timestamp` means nothing here
          1 | day: !!timestamp 2026-11-21
            |      ^
          → Take it away; text that begins with `!` needs quotes.
        """,
    )


def test_a_tag_that_does_not_fit() -> None:
    says(
        fault("year: !!int soon\n", YAML),
        "yaml-tag-value",
        """
        trees/t/config.yaml:1:7: `soon` is no int, which `!!int` asks for
          1 | year: !!int soon
            |       ^
          → Take `!!int` away.
        """,
    )


def test_infinity() -> None:
    says(
        fault("limit: .inf\n", YAML),
        "number-no-json",
        """
        trees/t/config.yaml:1:8: `.inf` is no number that JSON knows
          1 | limit: .inf
            |        ^
          → If this is text, write ".inf".
        """,
    )


def test_no_number() -> None:
    says(
        fault("limit: -.INF\n", YAML),
        "number-no-json",
        """
        trees/t/config.yaml:1:8: `-.INF` is no number that JSON knows
          1 | limit: -.INF
            |        ^
          → If this is text, write "-.INF".
        """,
    )


def test_a_number_beyond_all_bounds() -> None:
    says(
        fault("limit: 1e999\n", YAML),
        "number-no-json",
        """
        trees/t/config.yaml:1:8: `1e999` is no number that JSON knows
          1 | limit: 1e999
            |        ^
          → If this is text, write "1e999".
        """,
    )


def test_a_number_without_end() -> None:
    says(
        fault("limit: " + "7" * 401, YAML),
        "number-too-long",
        """
        trees/t/config.yaml:1:8: a number of 401 digits
          1 | limit: 777777777777777777777777777777777777777777777777777777777777777777777777777777777777777777777
            |        ^
          → Write a shorter number, or put it in quotes if it is text.
        """,
    )


def test_a_delete_character() -> None:
    says(
        fault("id: a\x7fb\n", YAML),
        "yaml-unprintable",
        """
        trees/t/config.yaml:1:6: a character that YAML does not allow (U+007F)
          1 | id: a�b
            |      ^
          → Take it away, or write it as an escape in double quotes.
        """,
    )


def test_a_null_character() -> None:
    says(
        fault("id: a\x00b\n", YAML),
        "file-control-character",
        """
        trees/t/config.yaml:1:6: a character that no text holds (U+0000)
          1 | id: a�b
            |      ^
          → Take it away; if the whole file looks odd, save it anew as UTF-8 text.
        """,
    )


def test_an_empty_file() -> None:
    says(
        fault("# nothing yet\n", YAML),
        "file-empty",
        """
        trees/t/config.yaml: the file is empty
          → Write what it should say, or remove it.
        """,
    )


def test_without_libyaml_the_same_is_read_and_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "a: &x [1, 0o17, 12:30, on, '2', \"\\u00e9\"]\nb: *x\nc: |\n  text\n  more\nd: {e: ~}\n"
    fast = parse_source(text, YAML)
    broken = str(fault("a: [1\n", YAML))
    monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    slow = parse_source(text, YAML)
    assert (slow.data, slow.mark) == (fast.data, fast.mark)
    assert str(fault("a: [1\n", YAML)) == broken


def test_an_unquoted_name_between_braces() -> None:
    """The trap that newcomers meet first: `${…}` holds a brace of its own."""
    says(
        fault("- {id: a, config: {prompt: On ${b}.}}\n", YAML),
        "yaml-bracket",
        """
        trees/t/config.yaml:1:19: a bracket or brace opens here and is not closed as it should be
          1 | - {id: a, config: {prompt: On ${b}.}}
            |                   ^
          → Between brackets or braces, text that holds `${…}` needs quotes: `{prompt: "A poem on ${name}"}`.
        """,
    )
