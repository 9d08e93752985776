"""What a new run changed, as a reviewer sees it; and what a model's words cannot do there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from genarun.errors import SetupError
from genarun.github import output_diff, run_pairs
from genarun.github.output_diff import SECTION_LIMIT
from genarun.github.plan_markdown import Section

from tests.github.rendering import EVIL, Page, look
from tests.github.repository import Repository

OURS = "https://github.com/admin/zoo"
OLD, NEW = "2026-11-21_09-30-05", "2026-11-22_09-30-05"
POEM = "The tiger sleeps in the long grass all day, and at night he hunts by the river alone."


@pytest.fixture
def zoo(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


def sections(zoo: Repository, old: dict[str, Any] | None, new: dict[str, Any], **more: Any) -> list[Section]:
    """What is told of a run with `old`, followed by one with `new` on the branch."""
    if old is not None:
        zoo.ran(OLD, old)
        zoo.base = zoo.commit("Ran")
    zoo.ran(NEW, new, **more)
    zoo.commit("Ran again")
    return zoo.outputs(zoo.base, zoo.head)


def page(zoo: Repository, old: dict[str, Any] | None, new: dict[str, Any], **more: Any) -> Page:
    [section] = sections(zoo, old, new, **more)
    return look(section.text, OURS)


def test_a_text_is_compared_word_by_word(zoo: Repository) -> None:
    [section] = sections(zoo, {"a": POEM, "b": "same"}, {"a": POEM.replace("sleeps", "rests"), "b": "same"})
    assert section.name == "output of <code>zoo</code>"
    lines = section.text.splitlines()
    assert lines[0] == "### Output of Zoo (<code>zoo</code>)"
    assert lines[2] == f"Run <code>{NEW}</code>: succeeded, 2 calls, 0 reused, \\$0.02  ".replace(
        NEW, NEW.replace("_", "&#95;")
    )
    shown = look(section.text, OURS)
    assert f"Compared with {OLD}: 1 changed, 0 added, 0 removed, 1 the same." in re.sub(r"<.*?>", "", shown.html)
    assert "The tiger <del>sleeps</del> <ins>rests</ins> in the long grass" in shown.html


def test_of_a_long_text_what_differs_is_shown(zoo: Repository) -> None:
    long = " ".join(f"word{at}" for at in range(5_000))
    shown = page(zoo, {"a": f"{long} {POEM}"}, {"a": f"{long} {POEM.replace('sleeps', 'rests')}"})
    assert "The tiger <del>sleeps</del> <ins>rests</ins> in the long grass" in shown.html
    assert len(shown.html) < 2_000


def test_texts_with_little_in_common_stand_side_by_side(zoo: Repository) -> None:
    assert page(zoo, {"a": POEM}, {"a": "Quite another thing:\n\nmoles"}).cells == [
        ["", "before", "after"],
        ["a", POEM, "Quite another thing:moles"],
    ]


def test_objects_are_compared_by_field(zoo: Repository) -> None:
    old = {"name": "Tiger", "legs": 4, "tags": ["big", "cat"], "home": {"river": "Ganges"}, "same": 1}
    new = {"name": "Tiger", "legs": 3, "tags": ["big", "cat", "lame"], "home": {"river": "Indus"}, "same": 1, "new": None}
    shown = page(zoo, {"a/0": old}, {"a/0": new})
    assert ["a/0.legs", "4", "3"] in shown.cells
    assert ["a/0.new", "", "null"] in shown.cells
    assert ["a/0.home.river", "Ganges", "Indus"] in shown.cells
    assert '+  "lame"' in shown.code
    assert "name" not in shown.code
    assert "same" not in shown.code


def test_pictures_stand_side_by_side(zoo: Repository) -> None:
    shown = page(zoo, {"a/0/picture": "file:p-1.png"}, {"a/0/picture": "file:p-2.png"})
    assert shown.images == [
        f"{OURS}/blob/{zoo.base}/trees/zoo/latest/assets/p-1.png?raw=true",
        f"{OURS}/blob/{zoo.head}/trees/zoo/latest/assets/p-2.png?raw=true",
    ]
    assert shown.cells[1][0] == "a/0/picture"


def test_a_picture_that_came_and_one_that_went(zoo: Repository) -> None:
    shown = page(zoo, {"a": "file:a.png", "s": POEM}, {"b": "file:b.webp", "s": POEM})
    assert [row[0] for row in shown.cells] == ["", "b", "a"]
    assert [image.rpartition("/")[2] for image in shown.images] == ["b.webp?raw=true", "a.png?raw=true"]


def test_sounds_are_links(zoo: Repository) -> None:
    shown = page(zoo, {"a": "file:a.wav"}, {"a": "file:b.wav"})
    assert shown.images == []
    assert len(shown.links) == 2


def test_a_file_that_the_commit_does_not_hold_is_said(zoo: Repository) -> None:
    shown = page(zoo, {"a": "file:a.png"}, {"a": "file:b-missing"})
    assert len(shown.images) == 1
    assert "is not in this commit" in shown.text


@pytest.mark.parametrize("name", ["../../../config.yaml", "/etc/passwd", "a//b.png", "", "."])
def test_a_file_outside_of_the_run_is_not_linked(zoo: Repository, name: str) -> None:
    zoo.ran(NEW, {"a": "file:x.png"})
    records = zoo.root / "trees/zoo/latest/records.jsonl"
    records.write_text(records.read_text().replace("assets/x.png", name))
    zoo.commit("Ran")
    [section] = zoo.outputs(zoo.base, zoo.head)
    assert "blob/" not in section.text


def test_names_of_files_are_encoded(zoo: Repository) -> None:
    shown = page(zoo, None, {"a": 'file:a"b> |<#?%ü)(.png'})
    assert shown.images == [
        f"{OURS}/blob/{zoo.head}/trees/zoo/latest/assets/a%22b%3E%20%7C%3C%23%3F%25%C3%BC%29%28.png?raw=true"
    ]


def test_a_first_run_is_shown_as_added(zoo: Repository) -> None:
    shown = page(zoo, None, {"a": POEM, "b": "file:b.png"})
    assert "It is this tree's first run." in shown.text
    assert POEM in shown.text
    assert len(shown.images) == 1


def test_a_run_that_did_not_become_latest_is_compared_too(zoo: Repository) -> None:
    shown = page(zoo, {"a": POEM}, {"a": "Half"}, latest=False, status="partial")
    assert "partial" in shown.text
    assert ["a", POEM, "Half"] in shown.cells


def test_no_new_run_is_no_part(zoo: Repository) -> None:
    zoo.ran(OLD, {"a": POEM})
    zoo.base = zoo.commit("Ran")
    zoo.edit("A poem on", "A long poem on")
    zoo.commit("An edit")
    assert zoo.outputs(zoo.base, zoo.head) == []


def test_an_output_that_was_edited_by_hand_is_shown(zoo: Repository) -> None:
    zoo.ran(OLD, {"a": POEM})
    zoo.write("trees/zoo/latest/output.json", '{"a": "old", "b": 1}')
    zoo.base = zoo.commit("Ran")
    zoo.write("trees/zoo/latest/output.json", '{"a": "@octocat", "b": 1}')
    zoo.commit("An edit")
    [section] = zoo.outputs(zoo.base, zoo.head)
    shown = look(section.text, OURS)
    assert "Edited by hand; no run is new." in shown.text
    assert shown.cells[1] == ["output.a", "old", "@\u2060octocat"]


def test_neither_commit_is_checked_out(zoo: Repository) -> None:
    zoo.ran(OLD, {"a": POEM})
    zoo.base = zoo.commit("Ran")
    zoo.ran(NEW, {"a": "Another"})
    head = zoo.commit("Ran again")
    zoo.git("switch", "-q", "--detach", "main")
    assert len(zoo.outputs(zoo.base, head)) == 1
    assert zoo.git("status", "--porcelain") == ""


def test_a_project_inside_of_a_repository_links_from_its_top(tmp_path: Path) -> None:
    zoo = Repository(tmp_path, "projects/my zoo")
    shown = page(zoo, None, {"a": "file:a.png"})
    assert shown.images == [f"{OURS}/blob/{zoo.head}/projects/my%20zoo/trees/zoo/latest/assets/a.png?raw=true"]


def test_a_commit_that_is_not_there(zoo: Repository) -> None:
    with pytest.raises(SetupError) as caught:
        zoo.outputs("a" * 40, zoo.head)
    assert caught.value.code == "revision-unknown"
    told = zoo.proposed(head="b" * 40)
    assert "Outputs are not compared: the commits of this pull request are gone." in look(told.body, OURS).text


def test_damaged_runs_are_told_as_far_as_they_can_be_read(zoo: Repository) -> None:
    zoo.ran(OLD, {"a": POEM})
    zoo.base = zoo.commit("Ran")
    zoo.ran(NEW, {"a": "Another"})
    zoo.write("trees/zoo/latest/logs.json", b"{")
    zoo.write("trees/zoo/latest/records.jsonl", b'{"path": "a", "no')
    zoo.commit("Damaged")
    [section] = zoo.outputs(zoo.base, zoo.head)
    assert "1 removed" in look(section.text, OURS).text


def test_runs_that_are_too_large_are_not_read(zoo: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_pairs, "LARGEST", 100)
    assert "too large to compare here" in page(zoo, {"a": POEM}, {"a": POEM + "!"}).text


def test_length_is_kept_and_the_rest_is_counted(zoo: Repository) -> None:
    old = {f"a/{at}": f"{at} {POEM * 40}" for at in range(30)} | {f"p/{at}": f"file:{at}.png" for at in range(20)}
    new = {f"a/{at}": f"{at} " + "Moles dig. " * 400 for at in range(30)} | {f"p/{at}": f"file:n{at}.png" for at in range(20)}
    [section] = sections(zoo, old, new)
    assert len(section.text) < SECTION_LIMIT + 1_000
    shown = look(section.text, OURS)
    assert "… and 12 more files." in shown.text
    assert re.search(r"… and \d+ more values\.", shown.text)
    assert len(shown.images) == 16


@pytest.mark.parametrize("evil", EVIL)
def test_a_models_words_stay_words(zoo: Repository, evil: str) -> None:
    more = "The same words before and after it, so that the texts are compared word by word. "
    old = {
        "a": more + "x",
        "b": {"k": "old", evil: more},
        "c": [evil],
        "d": evil,
        "e/" + evil: evil,
        "f": more + evil,
        "g": evil,
    }
    new = {"a": more + evil, "b": {"k": evil, evil: more + evil}, "c": [evil, evil], "d": POEM, "f": more + "x", "g": [evil],
           "h/" + evil: evil, "i": "file:i.png"}  # fmt: skip
    shown = page(zoo, old, new, title=evil)
    assert shown.links == []
    assert len(shown.images) == 1


def test_every_run_of_words_is_one_line(zoo: Repository) -> None:
    for text in ("    code", "===\n---\n", "\n\n    x", "a\n===", "- a\n- b"):
        line = output_diff._marked([output_diff.Piece("same", text)])
        assert "\n" not in line
        assert set(look(f"> {line}", OURS).tags) <= {"blockquote", "p", "br"}


def test_the_comment_shows_the_output_below_the_plan(zoo: Repository) -> None:
    zoo.ran(NEW, {"a": POEM})
    zoo.commit("Ran")
    told = zoo.proposed()
    assert told.any
    assert told.body.index("No tree changed") < told.body.index("### Output of Zoo")
