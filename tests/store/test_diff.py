"""What changed from one run to another."""

from __future__ import annotations

from pathlib import Path

from genarun.store.diff import at, changes, diff_runs
from genarun.tree.values import MISSING
from hypothesis import given
from hypothesis import strategies as st

from tests.store.near import folder, line, run

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text("ab", max_size=2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=1), inner, max_size=3),
    max_leaves=8,
)


def test_two_runs_instance_by_instance(tmp_path: Path) -> None:
    tree = folder(tmp_path)
    one, two = "assets/photo-0000000000000001.png", "assets/photo-0000000000000002.png"
    a = run(
        tree,
        {},
        [
            line("same", "k", "x", usd="0.5"), line("text", "k", "first\nline two"),
            line("photo", "k", asset=one, type="image"),
            line("list/10", "k", 1), line("list/2", "k", {"a": 1}), line("gone", "k", "x"), line("breaks", "k", "x"),
        ],
    )  # fmt: skip
    b = run(
        tree,
        {},
        [
            line("same", "k", "x", "reused", reused_from=f"{a.id}#same"), line("text", "k2", "first\nline 2"),
            line("photo", "k2", asset=two, type="image"), line("list/10", "k", True), line("list/2", "k", {"a": 2}),
            line("new", "k", None), line("breaks", status="failed"),
        ],
    )  # fmt: skip
    diff = diff_runs(a, b)
    assert (diff.same, diff.notices) == (1, ())
    assert [(found.path, found.new) for found in diff.added] == [("new", None)]
    assert [(found.path, found.old) for found in diff.removed] == [("gone", "x")]
    assert [found.path for found in diff.changed] == ["breaks", "list/2", "list/10", "photo", "text"]
    breaks, two_, ten, photo, text = diff.changed
    assert (breaks.old, breaks.new, breaks.new_status) == ("x", MISSING, "failed")
    assert two_.text == ("@@ -1,3 +1,3 @@", " {", '-  "a": 1', '+  "a": 2', " }")
    assert (ten.old, ten.new) == (1, True)
    assert (photo.old, photo.new, photo.asset, photo.text) == (one, two, True, ())
    assert text.text == ("@@ -1,2 +1,2 @@", " first", "-line two", "+line 2")
    assert diff.totals["usd"] == ("0.5", "0")
    assert diff.totals["reused"] == (0, 1)


def test_a_run_equals_itself(tmp_path: Path) -> None:
    ref = run(folder(tmp_path), {}, [line("a", "k", "x"), line("b", status="failed")])
    diff = diff_runs(ref, ref)
    assert (diff.added, diff.removed, diff.changed, diff.same) == ((), (), (), 2)


def test_damaged_runs_are_compared_as_far_as_they_tell(tmp_path: Path) -> None:
    tree = folder(tmp_path)
    a, b = run(tree, {}, [line("a", "k", "x")]), run(tree, {}, [line("a", "k", "y")])
    (a.folder / "logs.json").write_bytes(b"{")
    (b.folder / "records.jsonl").write_bytes(b"?\n")
    diff = diff_runs(a, b)
    assert [found.path for found in diff.removed] == ["a"]
    assert len(diff.notices) == 2


@given(JSON, JSON)
def test_changes_lead_from_the_old_value_to_the_new(old: object, new: object) -> None:
    found = changes(old, new)
    for change in found:
        assert at(old, change.path) == change.old or change.old is MISSING
        assert at(new, change.path) == change.new or change.new is MISSING
    assert changes(old, old) == []
    if not found:
        assert old == new


def test_a_value_nested_without_end_is_one_change() -> None:
    deep: list[object] = []
    for _ in range(5000):
        deep = [deep]
    assert len(changes(deep, [])) == 1
    other: list[object] = [1]
    for _ in range(5000):
        other = [other]
    assert [len(change.path) for change in changes(deep, other)] == [100]
