"""A run's folder while it is written: its name, its pictures, its end."""

from __future__ import annotations

import hashlib
import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from genarun.errors import GenarunError
from genarun.store.journal import read_records
from genarun.store.mask import Masker
from genarun.store.records import UsageRecord
from genarun.store.run_folder import RunFolder, same_output
from genarun.store.totals import totals
from genarun.tree.values import MISSING

from tests.say import says
from tests.store.near import NOW, folder, line, picture, run, summary

CANARY = "canary-1234567"


def create(root: Path, **more: Any) -> RunFolder:
    return RunFolder.create(folder(root), summary(), Masker([CANARY]), more.pop("now", NOW), reserve_bytes=0, **more)


def test_a_run_is_there_with_its_summary_from_the_first_moment(tmp_path: Path) -> None:
    opened = create(tmp_path)
    assert opened.ref.id == "press/2026-11-21_09-30-05"
    found = opened.ref.summary()
    assert found is not None
    assert (found.run, found.status) == (opened.ref.id, "running")
    opened.close()
    assert sorted(os.listdir(opened.folder)) == ["logs.json", "records.jsonl"]
    assert os.listdir(tmp_path / "trees" / "press") == [opened.ref.stamp]


def test_a_name_that_is_taken_gets_a_number(tmp_path: Path) -> None:
    names = []
    for _ in range(3):
        with create(tmp_path) as opened:
            names.append(opened.ref.stamp)
            assert opened.notices == []
    assert names == ["2026-11-21_09-30-05", "2026-11-21_09-30-05_2", "2026-11-21_09-30-05_3"]
    (tmp_path / "trees/press/2026-11-22_09-30-05").write_text("a file has the name")
    with create(tmp_path, now=NOW + timedelta(days=1)) as opened:
        assert opened.ref.stamp == "2026-11-22_09-30-05_2"


def test_a_clock_that_goes_back_does_not_make_the_new_run_an_old_one(tmp_path: Path) -> None:
    first = run(folder(tmp_path), {"a": 1})
    with create(tmp_path, now=NOW - timedelta(days=2)) as opened:
        assert opened.ref.stamp == first.stamp + "_2"
        assert opened.notices == [
            "the clock says 2026-11-19_09-30-05, which is before the newest run, press/2026-11-21_09-30-05; "
            "the new run is named after that one, so that it stays the newest"
        ]
    with create(tmp_path, now=NOW - timedelta(days=1)) as again:
        assert again.ref.stamp == first.stamp + "_3"
        assert folder(tmp_path).runs()[0] == again.ref
    with create(tmp_path, now=NOW + timedelta(seconds=1)) as later:
        assert later.notices == []
        assert folder(tmp_path).runs()[0] == later.ref


def test_a_finished_run_holds_everything_and_nothing_else(tmp_path: Path) -> None:
    opened = create(tmp_path)
    name = opened.add_asset("portrait", picture(), "image/png")
    opened.append(line("b", "k", "ü"))
    opened.append(line("a", "k", asset=name, type="image"))
    written = opened.finish(
        summary(status="succeeded"), {"title": "Für Elise", "portrait": name}, {"type": "object"}, "# Elise"
    )
    assert (opened.folder / "output.json").read_text() == ('{\n  "title": "Für Elise",\n  "portrait": "' + name + '"\n}\n')
    assert (opened.folder / "output.md").read_text() == "# Elise"
    assert [record.path for record in opened.ref.records()] == ["a", "b"]
    assert opened.ref.summary() == written
    assert written.totals.bytes == len(picture())
    assert sorted(written.files) == [name, "output.json", "output.md", "output.schema.json", "records.jsonl"]
    for file, digest in written.files.items():
        assert digest == "sha256:" + hashlib.sha256((opened.folder / file).read_bytes()).hexdigest()
    assert sorted(os.listdir(opened.folder)) == [
        "assets", "logs.json", "output.json", "output.md", "output.schema.json", "records.jsonl",
    ]  # fmt: skip


def test_an_interrupted_run_goes_on_in_its_folder(tmp_path: Path) -> None:
    opened = create(tmp_path)
    first = opened.add_asset("photo", picture("one"))
    opened.append(line("photo", "k", asset=first))
    opened.finish(summary(status="partial"), {"photo": first}, {}, "old")
    again = RunFolder.reopen(opened.ref, Masker(), reserve_bytes=0)
    assert again.summary is not None
    assert again.summary.status == "partial"
    second = again.add_asset("photo", picture("two"))
    again.append(line("photo", "k2", asset=second))
    done = again.finish(summary(status="succeeded"), {"photo": second}, {})
    assert done.run == opened.ref.id
    assert (done.totals.calls, done.totals.bytes) == (2, len(picture("one")) + len(picture("two")))
    assert {first, second, "output.json", "output.schema.json", "records.jsonl"} == set(done.files)
    assert not (opened.folder / "output.md").exists()


def test_without_an_output_an_older_one_goes(tmp_path: Path) -> None:
    opened = create(tmp_path)
    opened.finish(summary(status="partial"), {"a": 1}, {})
    again = RunFolder.reopen(opened.ref, Masker(), reserve_bytes=0)
    again.finish(summary(status="failed"), MISSING, {})
    assert sorted(os.listdir(opened.folder)) == ["logs.json", "records.jsonl"]
    assert opened.ref.output() is MISSING


def test_a_file_is_named_by_its_node_and_its_content(tmp_path: Path) -> None:
    with create(tmp_path) as opened:
        name = opened.add_asset("photo", picture(), "text/html")
        assert name == f"assets/photo-{hashlib.sha256(picture()).hexdigest()[:16]}.png"
        assert (opened.folder / name).read_bytes() == picture()
        assert opened.add_asset("photo", picture()) == name
        svg = opened.add_asset("my/../node", b"<?xml version='1.0'?><svg xmlns=''></svg>", allow_svg=True)
        assert svg.startswith("assets/my----node-")
        assert svg.endswith(".svg")
        sound = opened.add_asset("jingle", b"ID3\4", medium="audio")
        assert sound == f"assets/jingle-{hashlib.sha256(b'ID3' + bytes([4])).hexdigest()[:16]}.mp3"
        assert len(os.listdir(opened.folder / "assets")) == 3


def test_a_damaged_picture_is_written_again(tmp_path: Path) -> None:
    with create(tmp_path) as opened:
        name = opened.add_asset("photo", picture())
        (opened.folder / name).write_bytes(b"half")
        again = RunFolder.reopen(opened.ref, Masker(), reserve_bytes=0)
        assert again.add_asset("photo", picture()) == name
        assert (opened.folder / name).read_bytes() == picture()
        again.close()


def test_a_file_that_is_refused_leaves_nothing(tmp_path: Path) -> None:
    opened = create(tmp_path)
    with pytest.raises(GenarunError, match="the file that came is a web page"):
        opened.add_asset("photo", b"<!DOCTYPE html><p>no")
    opened.close()
    assert not (opened.folder / "assets").exists()


def test_a_reused_picture_is_copied_and_one_that_changed_is_refused(tmp_path: Path) -> None:
    with create(tmp_path) as first, create(tmp_path) as second:
        name = first.add_asset("photo", picture())
        assert second.copy_asset(first.folder, name) == name
        assert (second.folder / name).read_bytes() == picture()
        (first.folder / name).write_bytes(picture("another"))
        with pytest.raises(GenarunError) as refused:
            second.copy_asset(first.folder, name)
        says(
            refused.value,
            "asset-missing",
            f"""
            trees/press/2026-11-21_09-30-05: the file {name} is missing or damaged
              → Run again with --fresh for its node, or bring the file back with git.
            """,
        )
        for bad in ["../../../etc/passwd", "assets/../logs.json", "assets/photo-0000000000000000.png", "/etc/passwd"]:
            with pytest.raises(GenarunError):
                second.copy_asset(first.folder, bad)


def test_a_picture_whose_line_was_never_written_goes_at_the_end(tmp_path: Path) -> None:
    opened = create(tmp_path)
    stray = opened.add_asset("photo", picture("stray"))
    kept = opened.add_asset("photo", picture("kept"))
    opened.append(line("photo", "k", asset=kept))
    (opened.folder / "assets" / "notes.txt").write_text("a person's file stays")
    done = opened.finish(summary(status="succeeded"), {"photo": kept}, {})
    assert not (opened.folder / stray).exists()
    assert sorted(name for name in done.files if name.startswith("assets/")) == sorted([kept, "assets/notes.txt"])


def test_a_secret_reaches_no_file(tmp_path: Path) -> None:
    opened = create(tmp_path)
    opened.append(line("a", "k", {CANARY: [CANARY]}, text=f"said {CANARY}", warnings=[CANARY]))
    opened.write_summary(summary(title=CANARY, inputs={"key": CANARY}))
    opened.finish(summary(status="succeeded", title=CANARY, warnings=[CANARY]), {"a": CANARY}, {"title": CANARY}, f"# {CANARY}")
    for path in opened.folder.rglob("*"):
        assert CANARY.encode() not in path.read_bytes()
    assert json.loads((opened.folder / "output.json").read_text()) == {"a": "***"}
    assert same_output(opened.ref, {"a": CANARY}, Masker([CANARY]))
    assert not same_output(opened.ref, {"a": CANARY}, Masker())


def test_values_that_json_hardly_holds_are_written_and_read_back(tmp_path: Path) -> None:
    value = {"big": 10**40, "half": "\udc00", "one": 1.0, "null": None}
    opened = create(tmp_path)
    opened.finish(summary(status="succeeded"), value, {})
    assert opened.ref.output() == value
    assert same_output(opened.ref, {**value, "one": 1}, Masker())
    assert not same_output(opened.ref, {**value, "one": True}, Masker())
    assert not same_output(opened.ref, {**value, "more": []}, Masker())


def test_sums_count_calls_on_every_line_and_instances_by_their_last() -> None:
    usage = UsageRecord(input_tokens=10, output_tokens=5)
    records = [
        line("a/0", usd="0.10", usage=usage, provider="p", model="m"),
        line("a/1", status="answered", usd="0.01", usage=usage, provider="p", model="m", attempts=3),
        line("a/1", status="failed", attempts=2, call=1, provider="p", model="m"),
        line("a/1", usd=None, usage=usage, provider="p", model="m", call=2),
        line("a/2", status="reused", usd="5", usage=usage, provider="p", model="m"),
        line("a/3", status="overridden"),
        line("a/4", status="skipped"),
        line("b", status="failed", attempts=1, usd="not money"),
        line("c", value="computed", call=None, attempts=None),
        line("d", asset="assets/d-1.png", usage=UsageRecord(images=1)),
        line("e", asset="assets/d-1.png", usage=UsageRecord(images=1)),
        line("f", asset="assets/f-1.mp3", usage=UsageRecord(seconds=0.1, characters=40)),
        line("f", status="answered", usage=UsageRecord(seconds=0.2, characters=2)),
    ]
    whole, nodes, models = totals(records, {"assets/d-1.png": 7, "assets/f-1.mp3": 5})
    assert whole.model_dump() == {
        "calls": 8, "requests": 1 + 3 + 2 + 1 + 1 + 4, "reused": 1, "overridden": 1, "waiting": 0, "failed": 1, "skipped": 1,
        "input_tokens": 30, "output_tokens": 15,
        "images": 2, "seconds": 0.3, "characters": 42, "usd": "0.11", "unpriced": 6, "bytes": 12,
    }  # fmt: skip
    assert list(nodes) == ["a", "b", "c", "d", "e", "f"]
    assert (nodes["f"].seconds, nodes["f"].characters, nodes["d"].images) == (0.3, 42, 1)
    assert (nodes["a"].calls, nodes["a"].unpriced, nodes["a"].failed, nodes["d"].bytes) == (3, 1, 0, 7)
    assert list(models) == ["p/m"]
    assert models["p/m"].usd == "0.11"
    assert totals([])[0].usd == "0"


def test_the_summary_that_a_killed_run_leaves_tells_how_far_it_came(tmp_path: Path) -> None:
    opened = create(tmp_path)
    opened.append(line("a", "k", "x"))
    opened.write_summary(summary(duration_ms=1234, run=opened.ref.id))
    opened.journal.release()
    # Killed here: nothing is closed.
    found = opened.ref.summary()
    assert found is not None
    assert (found.status, found.duration_ms) == ("running", 1234)
    assert len(read_records(opened.ref.records_file)[0]) == 1
    opened.close()
