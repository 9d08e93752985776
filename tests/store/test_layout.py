"""Runs on disk: their order, finding one by what a person types, and reading one whatever happened to its files."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from genarun.errors import SetupError
from genarun.store.layout import TreeFolder, parse_run
from genarun.store.records import Record
from genarun.tree.values import MISSING
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.say import says
from tests.store.near import NOW, folder, line, run

FUZZ = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=120)


def test_runs_come_newest_first_with_numbers_as_numbers(tmp_path: Path) -> None:
    tree = folder(tmp_path)
    for name in ["2026-11-21_09-30-05_10", "2026-11-21_09-30-05", "2026-11-21_09-30-05_2", "2027-01-01_00-00-00",
                 "2025-12-31_23-59-59", "latest", "2026-11-21", ".tmp-1-2-3-run", "2026-11-21_09-30-05_x"]:  # fmt: skip
        (tree.path / name).mkdir()
    (tree.path / "2028-01-01_00-00-00").write_text("a file is no run")
    assert [ref.stamp for ref in tree.runs()] == [
        "2027-01-01_00-00-00",
        "2026-11-21_09-30-05_10",
        "2026-11-21_09-30-05_2",
        "2026-11-21_09-30-05",
        "2025-12-31_23-59-59",
    ]
    assert TreeFolder(tmp_path, "none").runs() == []


def test_the_newest_unfinished_and_the_newest_succeeded(tmp_path: Path) -> None:
    tree = folder(tmp_path)
    assert tree.newest_unfinished() is None
    assert tree.newest_succeeded() is None
    first = run(tree, {"a": 1})
    second = run(tree, {"a": 2}, now=NOW + timedelta(hours=1), mode="offline")
    assert tree.newest_succeeded() == second
    assert tree.newest_for_latest() == first
    third = run(tree, now=NOW + timedelta(hours=2), status="partial")
    (tree.path / "2027-01-01_00-00-00").mkdir()  # its process was killed before it wrote anything
    assert tree.newest_unfinished() == third
    run(tree, {"a": 3}, now=NOW + timedelta(hours=3))
    assert tree.newest_unfinished() is None


def test_readers_find_the_output_also_where_latest_is_missing(tmp_path: Path) -> None:
    tree = folder(tmp_path)
    assert tree.latest_output() is MISSING
    run(tree, {"a": 1})
    run(tree, now=NOW + timedelta(hours=1), status="failed")
    assert tree.latest_output() == {"a": 1}
    tree.latest.mkdir()
    (tree.latest / "output.json").write_text('{"a": "a person\'s"}')
    assert tree.latest_output() == {"a": "a person's"}


def test_a_run_is_found_by_what_a_person_types(tmp_path: Path) -> None:
    tree = folder(tmp_path)
    first, second = run(tree, 1), run(tree, 2)
    assert parse_run(tmp_path, "press") == second
    assert parse_run(tmp_path, first.id) == first
    assert parse_run(tmp_path, f" trees/press/{first.stamp}/ ") == first
    assert parse_run(tmp_path, "press/latest") == second
    tree.latest.mkdir()
    assert parse_run(tmp_path, "press/latest").folder == tree.latest
    assert first.id == "press/2026-11-21_09-30-05"


@pytest.mark.parametrize("text", ["", "..", "/", "press/../other", "a/b/c", "../etc", "press\0", "a\\b/c/d", "-", "x" * 300])
def test_what_names_no_run_is_refused(tmp_path: Path, text: str) -> None:
    folder(tmp_path)
    with pytest.raises(SetupError) as refused:
        parse_run(tmp_path, text)
    assert refused.value.code in ("run-address", "run-unknown", "run-none")


def test_every_refusal_says_what_to_write_instead(tmp_path: Path) -> None:
    def refusal(text: str) -> SetupError:
        with pytest.raises(SetupError) as refused:
            parse_run(tmp_path, text)
        return refused.value

    says(
        refusal("press"),
        "run-tree-unknown",
        """
        run press: there is no tree `press`
          → Trees here: none.
        """,
    )
    tree = folder(tmp_path)
    folder(tmp_path, "exhibition")
    says(
        refusal("a/b/c"),
        "run-address",
        """
        `a/b/c` names no run
          → Write tree/stamp as in exhibition/2026-11-21_09-30-05, tree/latest, or the tree alone for its newest run.
        """,
    )
    says(
        refusal("exhibitoin/latest"),
        "run-tree-unknown",
        """
        run exhibitoin/latest: there is no tree `exhibitoin`
          → Did you mean `exhibition`?
        """,
    )
    for text in ("press", "press/2026-11-21_09-30-05"):
        says(
            refusal(text),
            "run-none",
            f"""
            run {text}: the tree `press` has no runs yet
              → Make one with `genarun run press`.
            """,
        )
    says(
        refusal("press/latest"),
        "run-latest-none",
        """
        run press/latest: the tree `press` has no run that succeeded, so it has no latest/
          → Run it with `genarun run press`.
        """,
    )
    run(tree, status="failed")
    says(
        refusal("press/latest"),
        "run-latest-none",
        """
        run press/latest: the tree `press` has no run that succeeded, so it has no latest/
          → Run it with `genarun run press`, or name a run: press/2026-11-21_09-30-05.
        """,
    )
    says(
        refusal("press/2026-11-21_09-03-05"),
        "run-unknown",
        """
        run press/2026-11-21_09-03-05: the tree `press` has no run `2026-11-21_09-03-05`
          → Did you mean press/2026-11-21_09-30-05? `genarun runs press` lists them all.
        """,
    )


def test_a_tree_is_named_by_a_folder_name(tmp_path: Path) -> None:
    for name in ["../etc", "a/b", "", ".hidden", "a\0", "a.", "ä", "x" * 101]:
        with pytest.raises(SetupError):
            TreeFolder(tmp_path, name)
    with pytest.raises(SetupError) as refused:
        TreeFolder(tmp_path, "../etc")
    says(
        refused.value,
        "tree-name",
        """
        `../etc` cannot be the name of a tree
          → A tree is named by its folder under trees/: letters, digits, dots, dashes and underscores.
        """,
    )


def test_a_missing_or_damaged_summary_is_made_again_from_the_records(tmp_path: Path) -> None:
    tree = folder(tmp_path)
    ref = run(tree, {"a": 1}, [line("a", "k", "x", usd="0.5", provider="p", model="m"), line("b", status="failed")])
    logs = ref.folder / "logs.json"
    for damage, word in [
        (b'{"run":', "is damaged"),
        (b"[1]", "is damaged"),
        (b'{"run": 1}', "is damaged"),
        (None, "is missing"),
    ]:
        logs.unlink() if damage is None else logs.write_bytes(damage)
        notices: list[str] = []
        summary = ref.summary(notices)
        assert notices == [
            f"trees/press/2026-11-21_09-30-05/logs.json {word}; the run is summed up from its records, and is not gone on with"
        ]
        assert summary is not None
        assert (summary.run, summary.status, summary.tree_digest) == (ref.id, "stopped", "")
        assert (summary.totals.calls, summary.totals.usd, summary.totals.failed) == (1, "0.5", 1)
        assert list(summary.models) == ["p/m"]
        assert (summary.started_at, summary.date) == ("2026-11-21T09:30:05.000Z", "2026-11-21")
    ref.records_file.unlink()
    assert ref.summary() is None
    logs.mkdir()
    assert ref.summary(notices) is not None
    assert "could not be read (Is a directory)" in notices[-1]


def test_a_summary_keeps_what_is_whole_and_says_what_was_not(tmp_path: Path) -> None:
    ref = run(folder(tmp_path), {"a": 1}, title="The Press")
    logs = ref.folder / "logs.json"
    text = logs.read_text().replace('"title": "The Press"', '"title": 7').replace('"warnings": []', '"warnings": "none"')
    logs.write_text(text.replace('"schemaVersion": 1', '"schemaVersion": 9, "mood": "bright"'))
    notices: list[str] = []
    summary = ref.summary(notices)
    assert summary is not None
    assert (summary.status, summary.title, summary.warnings) == ("succeeded", None, [])
    assert notices == [
        "trees/press/2026-11-21_09-30-05/logs.json was written by a newer genarun; what this one does not know is left out",
        "trees/press/2026-11-21_09-30-05/logs.json: title, warnings could not be read and were left out",
    ]


@FUZZ
@given(st.binary(max_size=200))
def test_any_bytes_as_any_file_of_a_run_are_recovered_from(tmp_path: Path, data: bytes) -> None:
    tree = folder(tmp_path)
    ref = tree.run("2026-11-21_09-30-05")
    ref.folder.mkdir(exist_ok=True)
    for name in ("logs.json", "records.jsonl", "output.json"):
        (ref.folder / name).write_bytes(data)
    notices: list[str] = []
    ref.summary(notices)
    assert all(isinstance(record, Record) for record in ref.records(notices))
    ref.output()
    tree.newest_unfinished()
    tree.latest_output()
    assert all(notices)


@FUZZ
@given(st.data())
def test_a_summary_with_any_bytes_changed_is_recovered_from(tmp_path: Path, data: st.DataObject) -> None:
    tree = folder(tmp_path)
    runs = tree.runs()
    ref = runs[0] if runs else run(tree, {"a": 1}, [line("a", "k", "x")])
    kept = ref.folder / "kept"
    if not kept.exists():
        kept.write_bytes((ref.folder / "logs.json").read_bytes())
    whole = kept.read_bytes()
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, min(len(whole), start + 40)))
    (ref.folder / "logs.json").write_bytes(whole[:start] + data.draw(st.binary(max_size=6)) + whole[end:])
    summary = ref.summary()
    assert summary is not None
    assert summary.model_dump_json()


def test_null_is_an_output_and_damage_is_none(tmp_path: Path) -> None:
    ref = run(folder(tmp_path), None)
    assert ref.output() is None
    for damage in [b"", b"{", b"NaN", b"\xff", b"[" * 100_000, b"9" * 10_000]:
        ref.output_file.write_bytes(damage)
        assert ref.output() is MISSING
