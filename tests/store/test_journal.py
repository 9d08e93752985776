"""The journal: what was written down is never lost, and whatever happened to the file, the rest of it is read."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import orjson
import pytest
from genarun.errors import RunError, StoreError
from genarun.store import journal as journal_module
from genarun.store.journal import Journal, finish_sorted, read_records
from genarun.store.mask import Masker
from genarun.store.records import ErrorRecord, Pick, Record, UsageRecord
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.say import says
from tests.store.near import ROOT, line


def opened(path: Path, *secrets: str) -> Journal:
    return Journal(path, Masker(secrets), reserve_bytes=65536)


def full_record(path: str = "ideas/2/series") -> Record:
    return Record(
        path=path, node="ideas/series", type="object", status="succeeded", key="sha256:k", call_key="sha256:c", call=1,
        provider="openai", model="gpt", request={"params": {"t": None}, "messages": []}, text="{}",
        value={"a": [None, 1.5, "ü"]},
        usage=UsageRecord(input_tokens=3, output_tokens=4), usd="0.00012", attempts=2, started_at="2026-11-21T09:30:05.000Z",
        duration_ms=12, picks=[Pick(at="template:0", chosen="cats", of=3)], warnings=["w"],
        error=ErrorRecord(code="c", message="m"),
    )  # fmt: skip


def test_a_record_comes_back_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    with opened(path) as journal:
        journal.append(full_record())
        assert read_records(path) == ([full_record()], [])  # before it is closed: the line is there when append returns


def test_a_line_reads_well_in_a_diff(tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    with opened(path) as journal:
        journal.append(line("a/0", "k", "x", usage=UsageRecord(input_tokens=3), started_at="2026-11-21T09:30:05.000Z"))
    assert path.read_text() == (
        '{"path":"a/0","node":"a","type":"text","status":"succeeded","key":"k","call":0,"value":"x",'
        '"usage":{"inputTokens":3},"attempts":1,"startedAt":"2026-11-21T09:30:05.000Z"}\n'
    )


def test_nothing_but_the_records_is_left_behind(tmp_path: Path) -> None:
    journal = opened(tmp_path / "records.jsonl")
    assert [name for name in os.listdir(tmp_path) if name.endswith("-reserve")]
    journal.append(line("a"))
    journal.close()
    journal.close()
    assert os.listdir(tmp_path) == ["records.jsonl"]


def test_the_reserve_of_a_killed_process_is_cleared_away(tmp_path: Path) -> None:
    (tmp_path / ".tmp-999999999-abcdabcd-0-reserve").write_bytes(bytes(10))
    (tmp_path / ".tmp-odd").write_bytes(b"")
    opened(tmp_path / "records.jsonl").close()
    assert os.listdir(tmp_path) == ["records.jsonl"]


def test_rare_values_come_back_unchanged(tmp_path: Path) -> None:
    value = {"big": 10**30, "half": "\ud83d", "float": 1e300, "tiny": 5e-324, "neg": -0.0}
    path = tmp_path / "records.jsonl"
    with opened(path, "canary-12345678") as journal:
        journal.append(line("a", value=value))
        journal.append(line("b", value=[value, "canary-12345678"]))
    records, notices = read_records(path)
    assert [record.value for record in records] == [value, [value, "***"]]
    assert notices == []


def test_a_value_that_is_no_json_is_an_error_in_words(tmp_path: Path) -> None:
    with opened(tmp_path / "records.jsonl") as journal:
        with pytest.raises(RunError) as raised:
            journal.append(line("a", value={"x": object()}))
        journal.append(line("b"))
    says(
        raised.value,
        "value-no-json",
        """
        a value cannot be written as JSON: object is no JSON
          → Values are made of text, numbers, true, false, null, lists and objects, a few hundred levels deep at most.
        """,
    )
    deep: list[object] = []
    for _ in range(100_000):  # what Python can write differs by version; this, none can
        deep = [deep]
    with opened(tmp_path / "other.jsonl") as journal, pytest.raises(RunError, match="nested too deeply"):
        journal.append(line("a", value=deep))
    assert [record.path for record in read_records(tmp_path / "records.jsonl")[0]] == ["b"]


WRITER = """
import sys
from pathlib import Path
from genarun.store.journal import Journal
from genarun.store.mask import Masker
from tests.store.near import line
journal = Journal(Path(sys.argv[1]), Masker(["canary-1234"]))
number = int(sys.argv[2])
while True:
    journal.append(line(f"a/{number}", value="x" * (number % 3000)))
    number += 1
    sys.stdout.write(f"{number}\\n")
    sys.stdout.flush()
"""


def test_a_process_killed_at_any_moment_loses_no_line_that_was_written(tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "scripts"), os.environ.get("PYTHONPATH", "")])}
    dice = random.Random(7)
    known = 0
    for _ in range(6):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(path), str(known)], stdout=subprocess.PIPE, env=env)
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(dice.random() * 0.05)
        writer.send_signal(signal.SIGKILL)
        said = writer.stdout.read().split(b"\n")
        writer.wait()
        writer.stdout.close()
        records, _ = read_records(path)
        known = len(records)
        assert {record.path for record in records} == {f"a/{number}" for number in range(known)}
        assert known >= max((int(number) for number in said[:-1]), default=1)
    finish_sorted(path)
    assert len(path.read_bytes().splitlines()) == known


def test_a_torn_last_line_ends_where_it_is_and_the_next_one_stands_alone(tmp_path: Path) -> None:
    path = tmp_path / "trees" / "press" / "r" / "records.jsonl"
    path.parent.mkdir(parents=True)
    with opened(path) as journal:
        journal.append(line("a"))
        journal.append(line("b"))
    path.write_bytes(path.read_bytes()[:-20])
    assert read_records(path)[1] == ["trees/press/r/records.jsonl: its last line, 2, is cut off and was left out"]
    with opened(path) as journal:
        journal.append(line("c"))
    records, notices = read_records(path)
    assert [record.path for record in records] == ["a", "c"]
    assert notices == ["trees/press/r/records.jsonl: line 2 could not be read and was left out"]


def test_every_kind_of_damage_is_told_by_line(tmp_path: Path) -> None:
    path = tmp_path / "trees" / "press" / "records.jsonl"
    path.parent.mkdir(parents=True)
    good = b'{"path":"%s","node":"a","type":"text","status":"succeeded","call":0}'
    bad = [
        b"\xef\xbb\xbf" + good % b"1",
        b"\0\0\0\0", b"\xff\xfe", b"not json", good % b"5", b"[1]", b'{"path":"x"}', good % b"8",
        good % b"8", b"", b"   ", good.replace(b"succeeded", b"eaten") % b"x", good % b"13" + b"\r",
        b'{"path":"a","node":"a","type":"text","status":"failed","usage":"much"}',
        b'{"path":"a","node":"a","type":"text","status":"failed","call":"seven"}',
        b'{"path":"16","node":"a","type":"text","status":"reused","call":2.0,"later":1,"error":null}',
        b'{"path":"16","node":"a","type":"text","status":"reused","call":2.0,"later":1,"error":null}',
        good % b"torn" + b" {",
    ]  # fmt: skip
    path.write_bytes(b"\n".join(bad))
    records, notices = read_records(path)
    assert [record.path for record in records] == ["1", "5", "8", "13", "16"]
    assert notices == [
        "trees/press/records.jsonl: its last line, 18, is cut off and was left out",
        "trees/press/records.jsonl: lines 2 to 4, 6 could not be read and were left out",
        "trees/press/records.jsonl: lines 7, 12, 14 to 15 are no records and were left out",
        "trees/press/records.jsonl: line 9 repeats an earlier one and was left out",
    ]


def test_much_damage_is_told_briefly(tmp_path: Path) -> None:
    path = tmp_path / "trees" / "records.jsonl"
    path.parent.mkdir()
    path.write_bytes(b"".join(b"?\n" + b'{"path":"%d","node":"a","type":"t","status":"skipped"}\n' % n for n in range(12)))
    assert read_records(path)[1] == [
        "trees/records.jsonl: lines 1, 3, 5, 7, 9, 11, 13, 15 and 4 more could not be read and were left out"
    ]


def test_a_folder_where_the_records_should_be_is_a_notice(tmp_path: Path) -> None:
    (tmp_path / "trees" / "records.jsonl").mkdir(parents=True)
    assert read_records(tmp_path / "trees" / "records.jsonl") == (
        [],
        ["trees/records.jsonl could not be read (Is a directory); its records are left out"],
    )
    assert read_records(tmp_path / "nowhere.jsonl") == ([], [])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(st.lists(st.binary(max_size=60) | st.integers(0, 5), max_size=12), st.booleans())
def test_whatever_stands_between_them_every_whole_line_is_kept(tmp_path: Path, pieces: list[bytes | int], ended: bool) -> None:
    path = tmp_path / "records.jsonl"
    whole = [b'{"path":"p/%d","node":"p","type":"t","status":"skipped"}' % n for n in range(6)]
    lines = [whole[piece] if isinstance(piece, int) else piece.replace(b"\n", b"") for piece in pieces]
    path.write_bytes(b"\n".join(lines) + (b"\n" if ended else b""))
    wanted = {f"p/{piece}" for piece in pieces if isinstance(piece, int)}
    assert {record.path for record in read_records(path)[0]} == wanted
    records, _ = finish_sorted(path)
    assert {record.path for record in records} == wanted
    assert read_records(path) == (records, [])


FIELDS = st.sampled_from(
    ["path", "node", "type", "status", "usage", "picks", "error", "warnings", "call", "usd", "value", "asset", "request", "key"]
)
ODD = (
    st.none()
    | st.integers()
    | st.text(max_size=4)
    | st.lists(st.integers(), max_size=2)
    | st.dictionaries(st.text(max_size=3), st.integers(), max_size=2)
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(st.dictionaries(FIELDS, ODD))
@example({"error": 0})
@example({"warnings": [1]})
def test_any_json_object_is_a_record_or_a_notice(tmp_path: Path, data: dict[str, object]) -> None:
    path = tmp_path / "records.jsonl"
    data = {"status": "succeeded", "path": "a", "node": "a", "type": "t", **data}
    path.write_bytes(orjson.dumps(data, option=orjson.OPT_PASSTHROUGH_DATACLASS) if _fits(data) else b"{}")
    records, notices = read_records(path)
    assert len(records) + len(notices) == 1
    for record in records:
        assert Record.model_validate(record.model_dump()) == record
    finish_sorted(path)


def _fits(data: dict[str, object]) -> bool:
    try:
        orjson.dumps(data)
    except TypeError:
        return False
    return True


def test_the_final_order_is_the_paths_order_with_numbers_as_numbers(tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    with opened(path) as journal:
        for record in [
            line("a/10/t"), line("a/2/t"), line("a/2/t", status="answered", call=1), line("a"), line("b"),
            line("a/2/t", status="answered", call=0), line("a/2"),
        ]:  # fmt: skip
            journal.append(record)
    records, notices = finish_sorted(path)
    assert [(record.path, record.status, record.call) for record in records] == [
        ("a", "succeeded", 0),
        ("a/2", "succeeded", 0),
        ("a/2/t", "answered", 0),
        ("a/2/t", "answered", 1),
        ("a/2/t", "succeeded", 0),
        ("a/10/t", "succeeded", 0),
        ("b", "succeeded", 0),
    ]
    assert notices == []
    assert [record.path for record in read_records(path)[0]] == [record.path for record in records]
    before = path.read_bytes()
    finish_sorted(path)
    assert path.read_bytes() == before


def test_a_line_that_a_later_one_replaces_stays_only_where_it_was_paid_for(tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    with opened(path) as journal:
        for record in [
            line("a", status="failed"),
            line("a", "k1", "first"),
            line("a", status="failed", usd="0.5", call=1),
            line("a", "k2", "second", usd="0.25"),
            line("b", "k", "x"),
            line("b", status="reused", key="k", value="x", reused_from="press/r#b"),
            line("c", status="reused", key="k", value="x"),
            line("c", status="skipped"),
            line("d", value="computed", call=None, attempts=None),
            line("d", value="computed again", call=None, attempts=None),
        ]:
            journal.append(record)
    sums, _ = finish_sorted(path)
    records, _ = read_records(path)
    assert [(record.path, record.status, record.usd) for record in sums] == [
        (record.path, record.status, record.usd) for record in records
    ]
    assert [(record.path, record.status, record.value, record.usd) for record in records] == [
        ("a", "answered", "first", None),
        ("a", "answered", None, "0.5"),
        ("a", "succeeded", "second", "0.25"),
        ("b", "answered", "x", None),
        ("b", "reused", "x", None),
        ("c", "skipped", None, None),
        ("d", "succeeded", "computed again", None),
    ]


def test_what_a_newer_genarun_wrote_stays_in_the_line(tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    written = b'{"path":"a","node":"a","type":"text","status":"skipped","mood":"bright"}\n'
    path.write_bytes(written)
    finish_sorted(path)
    assert path.read_bytes() == written


def write_for_five_seconds(journal: Journal) -> None:
    for number in range(1000):
        journal.append(line(f"a/{number}"))
        time.sleep(0.005)


def test_a_disk_that_fails_when_forced_is_told_at_the_next_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "trees" / "press" / "records.jsonl"
    path.parent.mkdir(parents=True)
    journal = Journal(path, Masker(), 0, sync_seconds=0.01)

    def broken(_: int) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(journal_module.os, "fsync", broken)
        with pytest.raises(StoreError) as raised:
            write_for_five_seconds(journal)
    says(
        raised.value,
        "disk-error",
        """
        trees/press/records.jsonl: the disk refused to write down what was answered: Input/output error
          → Mend what the system complains of and run the same command again.
        """,
    )
    journal.append(line("after"))
    journal.close()
    assert read_records(path)[0][-1].path == "after"


@pytest.mark.timeout(60)
def test_thirty_thousand_lines_are_written_and_read(tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    words = "The quick brown fox jumps over the lazy dog. " * 20
    with Journal(path, Masker(["sk-proj-abcdefghijklmnop"]), 0) as journal:
        for number in range(30_000):
            journal.append(line(f"ideas/{number}/text", f"sha256:{number}", words, request={"messages": [words]}))
    records, notices = read_records(path)
    assert (len(records), notices) == (30_000, [])
