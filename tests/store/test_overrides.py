"""overrides.yaml: a person's word, read with care and written without disturbing the rest."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from genarun.errors import Faults, GenarunError, SetupError, StoreError
from genarun.nodes.registry import node_kinds
from genarun.providers.registry import provider_infos
from genarun.store.layout import TreeFolder
from genarun.store.overrides import Override, read_overrides, write_override
from genarun.tree.load import load_tree
from genarun.tree.model import Tree
from genarun.tree.source import parse_source
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.say import says
from tests.store.near import folder, picture

CONFIG = """
version: 1
generations:
- id: ideas
  type: text-array
  config: {prompt: Ideas}
  generations:
  - {id: title, type: text, config: {prompt: "A title for ${item}"}, validation: {maxLength: 30}}
  - {id: photo, type: image, config: {prompt: "A photo of ${item}"}}
  - id: facts
    type: object
    config: {prompt: Facts}
    schema: {type: object, properties: {year: {type: integer}}, required: [year]}
- id: about
  type: group
  generations:
  - {id: intro, type: text, config: {prompt: An introduction}}
"""


def tree_of(root: Path) -> tuple[TreeFolder, Tree]:
    place = folder(root)
    if not (place.path / "config.yaml").exists():
        (root / "trees" / "defaults.yaml").write_text(
            "models: {text: {provider: openai, model: m}, image: {provider: openai, model: i}}\n"
        )
        (place.path / "config.yaml").write_text(CONFIG)
    return place, load_tree(place.path, kinds=node_kinds(), providers=provider_infos(), root=root)


def read(root: Path, text: str) -> dict[str, Override]:
    place, tree = tree_of(root)
    place.overrides_file.write_text(dedent(text))
    return read_overrides(place, tree)


def refusal(root: Path, text: str) -> GenarunError:
    with pytest.raises(SetupError) as refused:
        read(root, text)
    return refused.value


def test_values_of_every_kind_take_their_places(tmp_path: Path) -> None:
    place, _ = tree_of(tmp_path)
    (place.path / "overrides").mkdir()
    (place.path / "overrides" / "photo.jpeg").write_bytes(picture())
    (place.path / "overrides" / "intro.md").write_text("A long\n\ntext.\n")
    (place.path / "overrides" / "facts.yaml").write_text("year: 1999\n")
    found = read(
        tmp_path,
        """
        # people write here
        ideas: [cats, 12:30, on]
        ideas/2/title: Cats
        ideas/2/photo: {file: overrides/photo.jpeg}
        ideas/0/facts: {year: 2001}
        ideas/1/facts: {file: overrides/facts.yaml}
        about/intro: {file: overrides/intro.md}
        """,
    )
    assert {path: override.value for path, override in found.items() if override.data is None} == {
        "ideas": ["cats", "12:30", "on"],
        "ideas/2/title": "Cats",
        "ideas/0/facts": {"year": 2001},
        "ideas/1/facts": {"year": 1999},
        "about/intro": "A long\n\ntext.",
    }
    photo = found["ideas/2/photo"]
    assert photo.data == picture()
    assert photo.value.startswith("assets/photo-")
    assert photo.value.endswith(".png")  # what it is, whatever its name says
    assert photo.source == "overrides/photo.jpeg"
    assert (found["ideas"].source, str(found["ideas/2/title"].where)) == ("overrides.yaml", "trees/press/overrides.yaml:4:1")


def test_no_file_and_an_empty_one_override_nothing(tmp_path: Path) -> None:
    place, tree = tree_of(tmp_path)
    assert read_overrides(place, tree) == {}
    assert read(tmp_path, "") == {}
    assert read(tmp_path, "# nothing yet\n") == {}


def test_a_path_that_fits_no_node_names_the_nearest(tmp_path: Path) -> None:
    says(
        refusal(tmp_path, "ideas/2/titel: x\n"),
        "override-path",
        """
        trees/press/overrides.yaml:1:1: `ideas/2/titel` fits no node of the tree
          1 | ideas/2/titel: x
            | ^
          → The nearest is `ideas/0/title`.
        """,
    )
    says(
        refusal(tmp_path, "zzz: x\n"),
        "override-path",
        """
        trees/press/overrides.yaml:1:1: `zzz` fits no node of the tree
          1 | zzz: x
            | ^
          → Paths here: `ideas`, `ideas/0/title`, `ideas/0/photo`, `ideas/0/facts`, `about`, `about/intro`.
        """,
    )
    for path in ["ideas/title", "ideas/2", "ideas/x/title", "about/0/intro", "ideas/2/title/0", "", "/", "ideas/²/title"]:
        assert refusal(tmp_path, f'"{path}": x\n').code == "override-path"


def test_a_group_has_nothing_to_override(tmp_path: Path) -> None:
    says(
        refusal(tmp_path, "about: x\n"),
        "override-group",
        """
        trees/press/overrides.yaml:1:1: `about` is a group, which has no value of its own
          1 | about: x
            | ^
          → Override what is in it: `about/intro`.
        """,
    )


def test_a_value_that_does_not_fit_says_why(tmp_path: Path) -> None:
    error = refusal(tmp_path, "ideas/0/title: [1]\n")
    why = error.what.partition("node: ")[2]
    says(
        error,
        "override-misfit",
        f"""
        trees/press/overrides.yaml:1:16: the value for `ideas/0/title` does not fit its node: {why}
          1 | ideas/0/title: [1]
            |                ^
          → `title` is of type text; write a value of that kind, or remove the override.
        """,
    )
    assert "text" in error.what
    assert refusal(tmp_path, "ideas/0/facts: {year: x}\n").code == "override-misfit"
    assert refusal(tmp_path, f"ideas/0/title: {'x' * 31}\n").code == "override-misfit"


def test_a_picture_needs_a_file_that_is_one(tmp_path: Path) -> None:
    says(
        refusal(tmp_path, "ideas/0/photo: x.png\n"),
        "override-asset",
        """
        trees/press/overrides.yaml:1:16: `ideas/0/photo` is a picture, so its override names a file
          1 | ideas/0/photo: x.png
            |                ^
          → Write `{file: overrides/picture.png}`, the path relative to the tree's folder.
        """,
    )
    says(
        refusal(tmp_path, "ideas/0/photo: {file: overrides/x.png}\n"),
        "override-file",
        """
        trees/press/overrides.yaml:1:23: `overrides/x.png`: there is no such file
          1 | ideas/0/photo: {file: overrides/x.png}
            |                       ^
          → Check the name; it is relative to the tree's folder.
        """,
    )
    (tmp_path / "trees/press/overrides").mkdir()
    (tmp_path / "trees/press/overrides/x.png").write_text("no picture")
    says(
        refusal(tmp_path, "ideas/0/photo: {file: overrides/x.png}\n"),
        "override-file-type",
        """
        trees/press/overrides.yaml:1:23: `overrides/x.png` is no picture
          1 | ideas/0/photo: {file: overrides/x.png}
            |                       ^
          → Put a file there that is PNG, JPEG, WebP, GIF or AVIF, or SVG.
        """,
    )


@pytest.mark.parametrize("name", ["../../other", "/etc/passwd", "a\\\\b", "a//b", "./a", "C:/a", "link.png"])
def test_a_file_stays_inside_the_tree(tmp_path: Path, name: str) -> None:
    place, _ = tree_of(tmp_path)
    (tmp_path / "outside.png").write_bytes(picture())
    (place.path / "link.png").symlink_to(tmp_path / "outside.png")
    assert refusal(tmp_path, f'ideas/0/photo: {{file: "{name}"}}\n').code.startswith("path-")


def test_a_list_is_no_set_of_overrides(tmp_path: Path) -> None:
    says(
        refusal(tmp_path, "- a\n"),
        "overrides-shape",
        """
        trees/press/overrides.yaml:1:1: overrides are a mapping of paths to values, and this is a list
          1 | - a
            | ^
          → Write lines such as `ideas/2/title: A better title`.
        """,
    )


def test_all_faults_are_told_together(tmp_path: Path) -> None:
    error = refusal(tmp_path, "nope: 1\nabout: 2\nideas/0/photo: 3\n")
    assert isinstance(error, Faults)
    assert [fault.code for fault in error.errors] == ["override-path", "override-group", "override-asset"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(st.binary(max_size=60) | st.text("ideas/012tlefacou: {}[]-#|>\"'&*!%@`\n\t", max_size=60).map(str.encode))
def test_any_bytes_are_overrides_or_an_error_of_a_person(tmp_path: Path, data: bytes) -> None:
    place, tree = tree_of(tmp_path)
    place.overrides_file.write_bytes(data)
    read_error = raised_by(lambda: read_overrides(place, tree))
    assert read_error is None or (read_error.exit_code == 2 and str(read_error))
    write_error = raised_by(lambda: write_override(place, "ideas/0/title", "Cats"))
    if write_error is None:
        assert read_data(place)["ideas/0/title"] == "Cats"
    else:
        assert write_error.exit_code == 2
        assert place.overrides_file.read_bytes() == data


def raised_by(do: Callable[[], object]) -> GenarunError | None:
    try:
        do()
    except GenarunError as error:
        return error
    return None


def read_data(place: TreeFolder) -> dict[str, Any]:
    return dict(parse_source(place.overrides_file.read_text(encoding="utf-8-sig"), "overrides.yaml").data)


def test_the_first_override_makes_the_file(tmp_path: Path) -> None:
    place = folder(tmp_path)
    assert write_override(place, "ideas/2/title", "A better title: yes") == "overrides.yaml"
    assert place.overrides_file.read_text() == (
        '# What stands here takes an instance\'s place in every run: path, then value.\nideas/2/title: "A better title: yes"\n'
    )


def test_comments_order_and_layout_stay(tmp_path: Path) -> None:
    place = folder(tmp_path)
    place.overrides_file.write_text(
        "# my file\n\na:   'one'   # why: because\n\n# about b\nb:\n  - x\n  # inside\n  - y\n"
        "# about c\nc: |\n  text\n\n  # no comment\n"
    )
    write_override(place, "b", ["z"])
    write_override(place, "a", "two")
    write_override(place, "d/0/e", {"x": [1, "on"], "y": "ü"})
    write_override(place, "c", "new\n\ntext\n")
    assert place.overrides_file.read_text() == (
        '# my file\n\na: "two"  # why: because\n\n# about b\nb:\n  - z\n# about c\nc: |\n  new\n\n  text\n'
        "d/0/e:\n  x:\n  - 1\n  - 'on'\n  y: ü\n"
    )


def test_line_ends_of_the_file_are_kept(tmp_path: Path) -> None:
    place = folder(tmp_path)
    place.overrides_file.write_bytes(b"a: 1\r\nb: 2")
    write_override(place, "a", 3)
    write_override(place, "c/d", "x")
    assert place.overrides_file.read_bytes() == b'a: 3\r\nb: 2\r\nc/d: "x"\r\n'


TRICKY = [
    "1e3", "on", "0o14", "~", "null", "12:30", "# x", "a: b", " lead", "trail ", "two\nlines", "\n", "end\n\n", "\t",
    "%", "\x85",
]  # fmt: skip
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**6), 10**6)
    | st.text(st.characters(codec="utf-8"), max_size=30)
    | st.sampled_from(TRICKY),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abü#: -0", max_size=4), inner, max_size=3),
    max_leaves=6,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["a", "a/0/b", "null", "c d", "x/1"]), VALUES), min_size=1, max_size=4))
def test_whatever_is_written_is_read_back(tmp_path: Path, entries: list[tuple[str, Any]]) -> None:
    place = folder(tmp_path)
    place.overrides_file.write_text("# head\nold: 'x'  # kept\n")
    wanted: dict[str, Any] = {"old": "x"}
    for path, value in entries:
        write_override(place, path, value)
        wanted[path] = value
    assert read_data(place) == wanted
    assert place.overrides_file.read_text().startswith("# head\nold: 'x'  # kept\n")


def test_a_file_that_cannot_be_changed_safely_is_left_alone(tmp_path: Path) -> None:
    place = folder(tmp_path)
    for text in ["{a: 1, b: 2}\n", "a: &x 1\nb: *x\n"]:
        place.overrides_file.write_text(text)
        with pytest.raises(SetupError) as refused:
            write_override(place, "a", "two\nlines")
        says(
            refused.value,
            "overrides-by-hand",
            """
            trees/press/overrides.yaml: the override cannot be put in without disturbing what stands there
              → Put it in by hand:
                a: |-
                  two
                  lines
            """,
        )
        assert place.overrides_file.read_text() == text


def test_a_picture_is_kept_beside_the_tree(tmp_path: Path) -> None:
    place, tree = tree_of(tmp_path)
    assert write_override(place, "ideas/2/photo", picture("one"), "jpg") == "overrides/ideas-2-photo.png"
    assert write_override(place, "ideas/2/photo", picture("one")) == "overrides/ideas-2-photo.png"
    assert write_override(place, "ideas/2/photo", picture("two")) == "overrides/ideas-2-photo-2.png"
    assert read_overrides(place, tree)["ideas/2/photo"].data == picture("two")
    assert sorted(os.listdir(place.path / "overrides")) == ["ideas-2-photo-2.png", "ideas-2-photo.png"]


def test_a_folder_in_the_way_is_told(tmp_path: Path) -> None:
    place = folder(tmp_path)
    (place.path / "overrides").write_text("a file")
    with pytest.raises(StoreError) as refused:
        write_override(place, "a", picture())
    says(
        refused.value,
        "disk-error",
        """
        trees/press/overrides/a.png: the disk refused to keep the file: File exists
          → Mend what the system complains of and run the same command again.
        """,
    )
