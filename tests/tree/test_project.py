"""Finding the project, and paths that stay inside it."""

from __future__ import annotations

from pathlib import Path

import pytest
from genarun.errors import SetupError, TreeError, Where
from genarun.tree.project import find_root, inside

from tests.say import says

HERE = Where("trees/t/config.yaml", 3, 9, "prompt: {file: x}")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "t"
    (folder / "prompts").mkdir(parents=True)
    (folder / "prompts" / "a.md").write_text("A")
    return folder


def refused(root: Path, relative: str) -> TreeError:
    with pytest.raises(TreeError) as raised:
        inside(root, relative, "here")
    return raised.value


def test_a_project_is_found_from_anywhere_in_it(tmp_path: Path) -> None:
    deep = tmp_path / "trees" / "a" / "prompts"
    deep.mkdir(parents=True)
    assert find_root(deep) == find_root(tmp_path) == tmp_path.resolve()


def test_no_project(tmp_path: Path) -> None:
    with pytest.raises(SetupError) as raised:
        find_root(tmp_path)
    says(
        raised.value,
        "no-project",
        f"""
        {tmp_path}: no folder `trees/` here or above
          → Go into a Genarun project. To begin one, make `trees/<name>/config.yaml`.
        """,
    )


def test_a_path_inside(root: Path) -> None:
    assert inside(root, "prompts/a.md") == root / "prompts" / "a.md"
    assert inside(root, "not/yet there.md") == root / "not" / "yet there.md"


def test_an_empty_path(root: Path) -> None:
    says(
        refused(root, ""),
        "path-empty",
        """
        here: `` names no file
          → Write a path such as `prompts/haiku.md`.
        """,
    )


def test_a_control_character(root: Path) -> None:
    says(
        refused(root, "a\x00b"),
        "path-character",
        """
        here: `a?b` holds a character that no path should
          → Rename the file.
        """,
    )


def test_a_backslash(root: Path) -> None:
    says(
        refused(root, "prompts\\a.md"),
        "path-backslash",
        r"""
        here: `prompts\a.md` holds a backslash
          → Write `/` between folders, on every system.
        """,
    )


@pytest.mark.parametrize("path", ["/etc/passwd", "C:/secret", "c:secret"])
def test_absolute_paths(root: Path, path: str) -> None:
    assert refused(root, path).code == "path-absolute"


def test_an_absolute_path(root: Path) -> None:
    says(
        refused(root, "/etc/passwd"),
        "path-absolute",
        """
        here: `/etc/passwd` is an absolute path
          → Write it relative to `t/`.
        """,
    )


@pytest.mark.parametrize("path", ["..", "a/../b", "./a", "a//b", "a/./b"])
def test_paths_that_leave(root: Path, path: str) -> None:
    assert refused(root, path).code == "path-outside"


def test_a_path_that_leaves(root: Path) -> None:
    says(
        refused(root, "../../secret"),
        "path-outside",
        """
        here: `../../secret` holds `..`, `.` or an empty part
          → Write the plain path below `t/`.
        """,
    )


@pytest.mark.parametrize("path", ["é" * 200, "a/" * 600 + "b"])
def test_a_path_that_no_file_system_holds(root: Path, path: str) -> None:
    says(
        refused(root, path),
        "path-long",
        """
        here: this path is longer than file systems allow
          → Use shorter names.
        """,
    )


def test_another_case(root: Path) -> None:
    says(
        refused(root, "prompts/A.md"),
        "path-case",
        """
        here: `prompts/A.md` and `a.md` differ only by upper and lower case
          → Write the name exactly as the file has it, and keep one file of each name.
        """,
    )


def test_a_link_on_the_way(root: Path) -> None:
    (root / "elsewhere").symlink_to(root.parent)
    says(
        refused(root, "elsewhere/secret"),
        "path-link",
        """
        here: `elsewhere/secret` leads over a link
          → Put the file itself there; links are not followed.
        """,
    )


def test_the_place_of_the_name_is_shown(root: Path) -> None:
    with pytest.raises(TreeError) as raised:
        inside(root, "/x", HERE)
    assert raised.value.where == HERE
