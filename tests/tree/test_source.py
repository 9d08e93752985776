"""Reading files: what YAML and JSON mean, where everything stands, and every error with its exact text."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from genarun.errors import TreeError, Where
from genarun.tree.places import MAX_DEPTH, Source
from genarun.tree.source import MAX_BYTES, parse_source, read_source

from tests.say import says
from tests.tree.reading import JSON, YAML, fault


def yaml(content: str) -> Any:
    return parse_source(content, YAML).data


def json(content: str) -> Any:
    return parse_source(content, JSON).data


def test_yaml_is_read_by_the_core_schema_of_1_2() -> None:
    """YAML 1.1 would make true, 750, a date, 15, 256 and 1000 of these."""
    found = yaml(
        """
        words: [on, off, yes, no, y, n]
        time: 12:30
        day: 2026-11-21
        decimal: 017
        hex: 0xFF
        octal: 0o17
        grouped: 1_000
        binary: 0b101
        signed: [-3, +3, -0]
        floats: [1.5, .5, 1., 1e3, 2.5e-1]
        nothing: [null, Null, NULL, ~]
        empty:
        true: []
        """.replace("true: []", '"true": [true, True, TRUE, false, False, FALSE]')
    )
    assert found == {
        "words": ["on", "off", "yes", "no", "y", "n"],
        "time": "12:30",
        "day": "2026-11-21",
        "decimal": 17,
        "hex": 255,
        "octal": 15,
        "grouped": "1_000",
        "binary": "0b101",
        "signed": [-3, 3, 0],
        "floats": [1.5, 0.5, 1.0, 1000.0, 0.25],
        "nothing": [None, None, None, None],
        "empty": None,
        "true": [True, True, True, False, False, False],
    }
    assert [type(value) for value in found["floats"]] == [float] * 5


def test_yaml_quotes_and_tags_of_the_core_schema_decide() -> None:
    found = yaml("""{a: "12", b: '12', c: !!str 12, d: !!int "12", e: !!float 3, f: ! 12, g: !!null '', h: !!bool "true"}""")
    assert found == {
        "a": "12", "b": "12", "c": "12", "d": 12, "e": 3.0, "f": "12", "g": None, "h": True,
    }  # fmt: skip


def test_yaml_on_is_a_key_like_any_other() -> None:
    assert yaml("on: push\nno: way\n") == {"on": "push", "no": "way"}


def test_yaml_anchors_share_a_value() -> None:
    assert yaml("a: &style {tone: calm}\nb: *style\n") == {"a": {"tone": "calm"}, "b": {"tone": "calm"}}


def test_yaml_block_texts_keep_their_lines() -> None:
    assert yaml("prompt: |\n  one\n  two\nmore: >-\n  three\n  four\n") == {"prompt": "one\ntwo\n", "more": "three four"}


def test_json_is_read_as_python_reads_it() -> None:
    assert json('{"a": [1, -2.5e3, true, false, null, "é\\u00e9\\n\\ud83d\\ude00"], "": {}}') == {
        "a": [1, -2500.0, True, False, None, "éé\n😀"],
        "": {},
    }


def test_long_integers_stay_whole() -> None:
    long = 10**399
    assert json(f"[{long}]") == yaml(f"[{long}]") == [long]


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_bytes(b"\xef\xbb\xbfid: a\r\ntype: text\r\n")
    source = read_source(path, YAML)
    assert source.data == {"id": "a", "type": "text"}
    assert source.key(("type",)) == Where(YAML, 2, 1, "type: text")


def test_a_file_that_says_nothing_can_be_an_empty_mapping(tmp_path: Path) -> None:
    path = tmp_path / "defaults.yaml"
    path.write_text("# budget: {usd: 5}\n")
    assert read_source(path, "trees/defaults.yaml", empty_ok=True).data == {}
    assert parse_source("", JSON, empty_ok=True).data == {}


TREE = """\
id: shop
generations:
  - id: ideas
    config: {prompt: "Say hello", model: text}
"""
TREE_JSON = """\
{
  "id": "shop",
  "generations": [
    {"id": "ideas", "config": {"prompt": "Say hello", "model": "text"}}
  ]
}
"""


@pytest.mark.parametrize(
    ("content", "file", "key", "value"),
    [
        (TREE, YAML, (4, 14, '    config: {prompt: "Say hello", model: text}'), (4, 22)),
        (TREE_JSON, JSON, (4, 32, '    {"id": "ideas", "config": {"prompt": "Say hello", "model": "text"}}'), (4, 42)),
    ],
)
def test_every_key_and_value_has_its_place(content: str, file: str, key: tuple[int, int, str], value: tuple[int, int]) -> None:
    source = parse_source(content, file)
    prompt = ("generations", 0, "config", "prompt")
    assert source.key(prompt) == Where(file, *key)
    found = source.value(prompt)
    assert (found.line, found.column) == value
    # An item of a list has no key; what is not there has its nearest ancestor's place.
    assert source.key(("generations", 0)) == source.value(("generations", 0))
    assert source.value(("generations", 0, "config", "model", "name")) == source.value(("generations", 0, "config", "model"))
    assert source.value(("generations", 7, "id")) == source.value(("generations",))
    assert source.key(()) == source.value(())


def test_a_place_of_data_that_no_file_holds_is_told_in_words() -> None:
    source = Source.of_data({"generations": []}, "tree shop")
    assert str(source.key(("generations", 0, "id"))) == "tree shop, generations.0.id"
    assert str(source.value(())) == "tree shop"


def test_data_made_from_a_file_keeps_the_files_places() -> None:
    source = parse_source("type: text\nmaxRetries: 3\n", YAML)
    moved = source.moved({"generations": [{"type": "text"}]}, {("generations", 0): (), ("policy", "max"): ("maxRetries",)})
    assert moved.value(("generations", 0, "type")) == source.value(("type",))
    assert moved.key(("policy", "max")) == source.key(("maxRetries",))


def test_a_line_that_could_steer_the_terminal_is_shown_without_its_power() -> None:
    assert "\x1b" not in str(fault("id: \x1b[31mred\n", YAML))


def test_json_nests_as_deep_as_yaml_and_no_deeper() -> None:
    deep = "[" * MAX_DEPTH + "]" * MAX_DEPTH
    assert json(deep) == yaml(deep)
    assert fault(f"[{deep}]", YAML).code == fault(f"[{deep}]", JSON).code == "nesting-too-deep"


def test_depth_that_comes_from_aliases_counts() -> None:
    lines = "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 120))
    assert fault(f"a0: &a0 []\n{lines}", YAML).code == "nesting-too-deep"


def test_a_billion_laughs_stay_unlaughed() -> None:
    lines = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12))
    says(
        fault(f"a0: &a0 ha\n{lines}", YAML),
        "yaml-too-many-values",
        """
        trees/t/config.yaml:7:15: with its aliases the file holds more than 200000 values
          7 | a6: &a6 [*a5, *a5, *a5, *a5, *a5, *a5, *a5, *a5, *a5]
            |               ^
          → Use fewer aliases, or make the file smaller.
        """,
    )


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(TreeError) as raised:
        read_source(tmp_path / "config.yaml", YAML)
    says(
        raised.value,
        "file-missing",
        """
        trees/t/config.yaml: there is no such file
          → Check the name, or write the file.
        """,
    )


def test_a_folder_in_a_files_place(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").mkdir()
    with pytest.raises(TreeError) as raised:
        read_source(tmp_path / "config.yaml", YAML)
    says(
        raised.value,
        "file-folder",
        """
        trees/t/config.yaml: this is a folder where a file should be
          → Rename or remove the folder.
        """,
    )


def test_a_link_in_a_files_place(tmp_path: Path) -> None:
    """A link could show a stranger's file in an error message."""
    (tmp_path / "secret").write_text("key")
    (tmp_path / "config.yaml").symlink_to(tmp_path / "secret")
    with pytest.raises(TreeError) as raised:
        read_source(tmp_path / "config.yaml", YAML)
    says(
        raised.value,
        "file-link",
        """
        trees/t/config.yaml: this is a link
          → Put the file itself here; links are not followed.
        """,
    )


def test_a_pipe_in_a_files_place(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "config.yaml")
    with pytest.raises(TreeError) as raised:
        read_source(tmp_path / "config.yaml", YAML)
    says(
        raised.value,
        "file-special",
        """
        trees/t/config.yaml: this is no ordinary file
          → Put a text file here.
        """,
    )


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("id: a")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(TreeError) as raised:
        read_source(path, YAML)
    says(
        raised.value,
        "file-unreadable",
        """
        trees/t/config.yaml: cannot be read: permission denied
          → Check the file's name and permissions.
        """,
    )


def test_a_name_that_no_file_can_have(tmp_path: Path) -> None:
    with pytest.raises(TreeError) as raised:
        read_source(tmp_path / "a\x00b.yaml", YAML)
    assert raised.value.code in ("file-unreadable", "file-missing")


def test_a_file_that_is_too_big(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_bytes(b"a" * (MAX_BYTES + 1))
    with pytest.raises(TreeError) as raised:
        read_source(path, YAML)
    says(
        raised.value,
        "file-too-big",
        """
        trees/t/config.yaml: larger than 5 MB
          → What people write and read is smaller. Move data out of it, into an input or another tree.
        """,
    )


def test_a_file_in_another_encoding(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_bytes("id: a\ntitle: café\n".encode("latin-1"))
    with pytest.raises(TreeError) as raised:
        read_source(path, YAML)
    says(
        raised.value,
        "file-not-utf8",
        """
        trees/t/config.yaml:2:11: the byte 0xE9 is no UTF-8
          2 | title: caf�
            |           ^
          → Save the file as UTF-8.
        """,
    )


def test_a_file_in_utf16(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_bytes("id: a\n".encode("utf-16"))
    with pytest.raises(TreeError) as raised:
        read_source(path, YAML)
    says(
        raised.value,
        "file-utf16",
        """
        trees/t/config.yaml: saved as UTF-16
          → Save the file as UTF-8.
        """,
    )
