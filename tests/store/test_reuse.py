"""Reuse: what was recorded serves again, each value once, and never where it no longer holds."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from genarun.store.layout import RunRef
from genarun.store.records import Record, UsageRecord
from genarun.store.reuse import Found, NodeStats, Reuse, RunRecords

from tests.store.near import folder, line, picture, run


def runs(*records: list[Record], current: str | None = None) -> Reuse:
    """Runs named r3, r2, r1 for three lists: newest first."""
    names = [f"t/r{len(records) - place}" for place in range(len(records))]
    return Reuse([RunRecords(name, lambda found=found: found) for name, found in zip(names, records, strict=True)], current)


def value(found: Found | None) -> object:
    return None if found is None else found.record.value


def test_an_unchanged_instance_gets_its_own_value_back() -> None:
    reuse = runs([line("a/0", "k", "zero"), line("a/1", "k", "one"), line("b", "other", "b")])
    assert value(reuse.claim("k", "a/1")) == "one"
    assert value(reuse.claim("k", "a/0")) == "zero"
    assert reuse.claim("k", "a/2") is None
    assert reuse.claim("unknown", "b") is None


def test_a_moved_instance_takes_the_lowest_path_that_nobody_has() -> None:
    reuse = runs([line("a/10", "k", "ten"), line("a/2", "k", "two"), line("a/3", "k", "three")])
    assert value(reuse.claim("k", "a/3")) == "three"
    assert value(reuse.claim("k", "a/7")) == "two"
    assert value(reuse.claim("k", "a/8")) == "ten"
    assert reuse.claim("k", "a/9") is None


def test_a_newer_run_wins_over_an_older_one() -> None:
    reuse = runs([line("a/1", "k", "new")], [line("a/0", "k", "old"), line("a/1", "k", "older")])
    assert value(reuse.claim("k", "a/0")) == "new"
    assert value(reuse.claim("k", "a/1")) == "older"
    assert value(reuse.claim("k", "a/2")) == "old"


def test_under_several_keys_the_first_comes_first_within_a_run() -> None:
    reuse = runs([line("a/0", "two", "by two"), line("a/1", "one", "by one"), line("a/2", "other", "by another")])
    assert value(reuse.claim(("one", "two"), "b")) == "by one"
    assert value(reuse.claim(("one", "two"), "c")) == "by two"
    assert reuse.claim(("one", "two"), "d") is None


def test_under_several_keys_ones_own_path_comes_before_all_others() -> None:
    lines = [line("a/0", "one", "of another"), line("a/1", "two", "its own")]
    assert value(runs(lines).claim(("one", "two"), "a/1")) == "its own"
    patient = runs(lines)
    assert value(patient.claim(("one", "two"), "a/1", patient=True)) == "its own"
    assert patient.claim(("one", "two"), "b", patient=True) is None
    assert patient.held


def test_under_several_keys_a_newer_run_comes_before_the_first_key() -> None:
    reuse = runs([line("a", "two", "new")], [line("a", "one", "old")])
    assert value(reuse.claim(("one", "two"), "a")) == "new"
    assert value(reuse.claim(("one", "two"), "a")) == "new", "the same instance keeps it"
    assert value(reuse.claim(("one", "two"), "b")) == "old"


def test_answers_under_several_keys_are_each_given_once() -> None:
    answers = [line("a", "k1", None, "answered", text="one"), line("b", "k2", None, "answered", text="two")]
    reuse = runs(answers)
    assert reuse.answered(("no", "k2"))
    assert not reuse.answered(("no", "none"))
    found = [reuse.call(("k1", "k2"), "b") for _ in range(3)]
    assert [one.record.text if one else None for one in found] == ["two", "one", None], "its own first"


def test_a_value_that_runs_hand_on_is_one_value() -> None:
    first = line("a/0", "k", "v")
    second = line("a/0", "k", "v", "reused", reused_from="t/r1#a/0")
    third = line("a/5", "k", "v", "reused", reused_from="t/r1#a/0")
    reuse = runs([third], [second], [first])
    found = reuse.claim("k", "a/5")
    assert found is not None
    assert (found.run_id, found.origin) == ("t/r3", "t/r1#a/0")
    assert reuse.claim("k", "a/0") is None


def test_a_shared_value_serves_any_number() -> None:
    reuse = runs([line("a/0", "k", "v"), line("a/1", "k", "w")])
    assert [value(reuse.claim("k", f"a/{n}", shared=True)) for n in range(4)] == ["v", "w", "v", "v"]
    assert value(reuse.claim("k", "a/9")) == "v"
    assert value(reuse.claim("k", "a/8", shared=True)) == "v"


def test_older_runs_are_read_only_when_newer_ones_miss() -> None:
    read: list[str] = []

    def loader(name: str, records: list[Record]) -> Callable[[], list[Record]]:
        def load() -> list[Record]:
            read.append(name)
            return records

        return load

    reuse = Reuse(
        [RunRecords("new", loader("new", [line("a", "k", 1)])), RunRecords("old", loader("old", [line("a", "j", 2)]))]
    )
    assert read == []
    reuse.claim("k", "a")
    assert read == ["new"]
    reuse.claim("j", "a")
    reuse.claim("j", "b")
    assert read == ["new", "old"]


def test_only_lines_that_hold_an_instances_value_are_values() -> None:
    reuse = runs(
        [line("a", "k", "v", status) for status in ("failed", "skipped", "overridden")]  # type: ignore[list-item]
        + [line("a", "k", None, "answered", text="v")]
    )
    assert reuse.claim("k", "a") is None


def test_a_value_that_another_one_took_the_place_of_was_paid_for_all_the_same() -> None:
    reuse = runs([line("a", "old", "first", "answered"), line("a", "new", "second")])
    assert value(reuse.claim("old", "a")) == "first"
    assert value(reuse.claim("new", "b")) == "second"


def test_who_is_patient_leaves_to_others_what_they_recorded() -> None:
    reuse = runs([line("a/1", "k", "v")])
    assert reuse.claim("k", "a/0", patient=True) is None
    assert reuse.held
    assert value(reuse.claim("k", "a/1", patient=True)) == "v"
    assert reuse.claim("k", "a/0", patient=True) is None
    assert not reuse.held


def test_of_two_lines_of_one_instance_the_later_one_stands() -> None:
    reuse = runs([line("a", "k", "first"), line("a", "k", "second")])
    assert value(reuse.claim("k", "a")) == "second"
    assert reuse.claim("k", "b") is None


def test_a_value_that_does_not_fit_is_not_offered_to_its_instance_again() -> None:
    reuse = runs([line("a/0", "k", "zero"), line("a/1", "k", "one")])
    found = reuse.claim("k", "a/0")
    assert found is not None
    reuse.release(found)
    other = reuse.claim("k", "a/0")
    assert value(other) == "one"
    assert other is not None
    reuse.release(other)
    assert reuse.claim("k", "a/0") is None
    assert value(reuse.claim("k", "a/1")) == "one"
    assert value(reuse.claim("k", "a/2")) == "zero"


def test_a_run_that_goes_on_keeps_its_values_where_they_are() -> None:
    held = [line("a/2", "k", "v0", "reused", reused_from="t/r1#a/0")]
    kept = [line("a/0", "k", "v0"), line("a/1", "k", "v1")]
    reuse = runs(held, kept, current="t/r2")
    assert value(reuse.claim("k", "a/0")) == "v1"  # v0 belongs to a/2, which has not asked yet
    assert value(reuse.claim("k", "a/2")) == "v0"
    assert reuse.claim("k", "a/1") is None
    # Where a/2 never asks, its value is better used than paid for again.
    spare = runs(held, kept, current="t/r2")
    assert [value(spare.claim("k", path)) for path in ("a/0", "a/1")] == ["v1", "v0"]


def test_answers_of_single_calls_serve_turn_by_turn() -> None:
    reuse = runs(
        [
            line("a", "k1", None, "answered", call=0, text="first"),
            line("a", "k2", None, "answered", call=1, text="second"),
            line("a", "k", "value", call=2, call_key="k3", text="third"),
            line("b", "k", None, "failed", call=0),
        ]
    )
    answers = [reuse.call(key, "a") for key in ("k1", "k2", "k3")]
    assert [found.record.text for found in answers if found] == ["first", "second", "third"]
    assert reuse.call("k1", "a") is None  # an answer serves one call
    assert reuse.call("k", "b") is None


def test_an_answer_that_serves_as_a_value_serves_nobody_else_as_an_answer() -> None:
    reuse = runs([line("a", "k", "v", text="v")])
    assert reuse.claim("k", "a") is not None
    assert reuse.call("k", "b") is None
    other = runs([line("a", "k", "v", text="v")])
    assert other.call("k", "b") is not None
    assert other.claim("k", "a") is None


def test_equal_answers_serve_as_often_as_they_were_given() -> None:
    reuse = runs([line("a/0", "k", None, "answered", text="x"), line("a/1", "k", None, "answered", text="y")])
    found = reuse.call("k", "a/1")
    assert found is not None
    assert found.record.text == "y"
    other = reuse.call("k", "a/5")
    assert other is not None
    assert other.record.text == "x"
    assert reuse.call("k", "a/6") is None
    reuse.release(other)
    assert reuse.call("k", "a/7") is not None


def test_a_picture_whose_file_is_gone_or_changed_is_no_hit(tmp_path: Path) -> None:
    tree = folder(tmp_path)

    def recorded() -> tuple[RunRef, Record]:
        ref = run(tree, None, pictures={"photo": picture()})
        return ref, ref.records()[0]

    ref, record = recorded()
    assert record.key is not None
    assert record.asset is not None
    whole = Reuse([RunRecords(ref.id, ref.records, ref.folder)])
    assert whole.claim(record.key, "photo") is not None
    assert Reuse([RunRecords(ref.id, ref.records)]).claim(record.key, "photo") is None
    (ref.folder / record.asset).write_bytes(b"edited")
    assert Reuse([RunRecords(ref.id, ref.records, ref.folder)]).claim(record.key, "photo") is None
    older, _ = recorded()
    both = Reuse([RunRecords(ref.id, ref.records, ref.folder), RunRecords(older.id, older.records, older.folder)])
    found = both.claim(record.key, "photo")
    assert found is not None
    assert found.run_id == older.id
    (ref.folder / record.asset).unlink()
    assert Reuse([RunRecords(ref.id, ref.records, ref.folder)]).call(record.key, "photo") is None


def test_a_record_cannot_point_outside_its_run(tmp_path: Path) -> None:
    (tmp_path / "outside.png").write_bytes(picture())
    records = [line("a", "k", asset="../outside.png"), line("b", "k", asset=str(tmp_path / "outside.png"))]
    inner = tmp_path / "inner"
    inner.mkdir()
    assert Reuse([RunRecords("r", lambda: records, inner)]).claim("k", "a") is None


def test_history_sums_up_the_newest_runs_for_estimates() -> None:
    def used(tokens: int) -> UsageRecord:
        return UsageRecord(input_tokens=tokens, output_tokens=2 * tokens)

    new = [
        line("a", "k", ["x", "y", "z"], "reused"),
        line("a/0/t", "k0", "v", usage=used(10), usd="0.01"),
        line("a/1/t", "k1", None, "answered", usage=used(30), usd="0.03"),
        line("a/1/t", "k1", "v", call=1, usage=used(20), usd="0.02"),
        line("a/2/t", status="failed"),
    ]
    old = [line("a", "k", ["x"], usd="0.50"), line("a/0/t", "k", "v")]
    reuse = runs(new, old)
    assert reuse.history("a") == NodeStats("t/r2", items=2.0, instances=1.0, calls=1.0, usd=Decimal("0.50"))
    found = reuse.history("a/t")
    assert found == NodeStats("t/r2", instances=2.0, calls=1.0, input_tokens=20.0, output_tokens=40.0, usd=Decimal("0.02"))
    assert reuse.history("unknown") is None


def test_at_tells_what_an_instance_was_whatever_its_key() -> None:
    reuse = runs([line("a", "k", "v"), line("a", status="failed")], [line("b", "j", "old")])
    found = reuse.at("a")
    assert found is not None
    assert found.status == "failed"
    older = reuse.at("b")
    assert older is not None
    assert older.value == "old"
    assert reuse.at("c") is None


@pytest.mark.timeout(60)  # a search through all of them would take minutes
def test_ten_thousand_equal_requests_do_not_look_at_each_other() -> None:
    reuse = runs([line(f"a/{number}", "k", number) for number in range(10_000)])
    for number in range(10_000, 20_000):
        assert reuse.claim("k", f"a/{number}") is not None
