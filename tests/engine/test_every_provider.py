"""Every provider, with every kind that it serves, through what a run promises: kills, faults, secrets, reuse, recordings."""

from __future__ import annotations

import base64
import json
import os
import random
import time
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson
import pytest
from genarun.nodes.registry import node_kinds
from genarun.providers.registry import provider_infos

from tests.engine.every import ECHOES, INNER, ROWS, Row, stormy
from tests.engine.test_kill import Warm
from tests.helpers import Place

each = pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])


def calls(place: Place) -> int:
    """Calls whose answers are written down."""
    found = 0
    for stamp in place.runs():
        if (place.root / "trees/t" / stamp / "records.jsonl").exists():
            found += sum(
                bool(one.get("attempts")) and one["status"] in ("succeeded", "answered") for one in place.records(stamp)
            )
    return found


def test_the_rows_hold_every_kind_and_the_providers_that_are_services() -> None:
    kinds = {node_kinds()[kind].medium for kind in node_kinds()} - {None}
    told = " ".join([INNER, *(row.tree for row in ROWS)])
    asked = {"human"}  # a person answers, and no provider
    served = [kind for kind in node_kinds() if kind not in asked]
    assert [kind for kind in served if f"type: {kind}," not in told and f"type: {kind}\n" not in told] == []
    assert {medium for row in ROWS for medium in provider_infos()[row.name].media} >= kinds


@each
def test_unchanged_it_calls_nothing_and_a_change_calls_what_it_changes(row: Row, tmp_path: Path) -> None:
    with row.service() as service:
        place = row.place(tmp_path, service)
        first = place.run()
        assert first.status == "succeeded", [one.error for one in first.failures]
        made = row.count(service)
        assert made == calls(place) == first.summary.totals.calls
        assert place.run().unchanged
        assert row.count(service) == made
        plan = place.plan()
        assert plan.unchanged

        place.tree(row.tree.replace("prompt: Say", "prompt: Say more"))
        text = row.tree
        for before, after in (
            ("Film $", "Filming $"),
            ("Describe $", "Tell $"),
            ("Cover 3}", "Cover three}"),
            ("A film of", "Film"),
        ):
            if before in text:
                place.tree(text.replace(before, after))
                break
        planned = place.plan()
        again = place.run()
        assert again.status == "succeeded"
        assert row.count(service) - made == planned.calls == again.summary.totals.calls > 0
        assert planned.exact


@each
def test_a_fresh_place_replays_what_was_recorded(row: Row, tmp_path: Path) -> None:
    with row.service() as service:
        place = row.place(tmp_path / "real", service)
        first = place.run(record=tmp_path / "said.jsonl")
        assert first.status == "succeeded"
        made = len(service.asked)
        env = {name: value for name, value in place.env.items() if "KEY" not in name and "TOKEN" not in name}
        replayed = row.place(tmp_path / "replayed", service)
        replayed.env = env
        again = replayed.run(replay=tmp_path / "said.jsonl")
        assert again.status == "succeeded"
        assert again.output == first.output
        assert again.summary.totals.calls == first.summary.totals.calls
        assert len(service.asked) == made
        assert service.key.encode() not in (tmp_path / "said.jsonl").read_bytes()


@each
@pytest.mark.parametrize("seed", range(2))
def test_a_third_of_all_answers_are_faults_and_nothing_is_lost(row: Row, seed: int, tmp_path: Path) -> None:
    fast = row.place
    with row.service() as calm, row.service(faults=stormy(row, seed)) as storm:
        expected = fast(tmp_path / "calm", calm).run()
        place = fast(tmp_path / "storm", storm)
        text = (place.root / "trees/defaults.yaml").read_text()
        place.write("trees/defaults.yaml", text.replace("timeout: 5s", f"timeout: {row.patience}"))
        result = place.run()
        assert result.status == "succeeded", [one.error for one in result.failures]
        assert result.output == expected.output
        assert result.summary.totals.calls == row.count(calm)
        assert {asked.fault for asked in storm.asked} - {None}, "faults came"
        paid = Counter(asked.digest for asked in storm.answered if row.paid(asked))
        assert not [digest for digest, count in paid.items() if count > 1], "what was answered was not asked again"


@each
def test_killed_at_any_moment_it_repeats_only_what_was_in_flight(row: Row, tmp_path: Path) -> None:
    kill(row, tmp_path, 6, seed=1)


@pytest.mark.slow
@each
def test_killed_dozens_of_times(row: Row, tmp_path: Path) -> None:
    kill(row, tmp_path, 60, seed=2)


def settled(row: Row, service: Any) -> int:
    """Paid requests so far, once those that a killed process had sent have all come in."""
    count = -1
    while count != (count := row.count(service)):
        time.sleep(0.05)
    return count


def kill(row: Row, tmp_path: Path, kills: int, seed: int) -> None:
    rng = random.Random(f"{row.name} {seed}")
    with row.service(latency=0.008) as service:
        calm = row.place(tmp_path / "calm", service)
        expected = calm.run()
        assert expected.status == "succeeded"
        whole = row.count(service)
        place = row.place(tmp_path / "killed", service)
        warm = Warm(place)
        done = rounds = 0
        try:
            warm.run(calm, None)  # the first fork is slower than the rest
            while done < kills:
                before, known = settled(row, service), calls(place)
                status = warm.run(place, rng.uniform(0.0, 0.25))
                made = settled(row, service) - before
                assert made <= whole - known, "a finished call was made again"
                if os.WIFSIGNALED(status):
                    done += 1
                    continue
                assert os.WEXITSTATUS(status) == 0
                assert made == whole - known
                rounds += 1
                assert place.json("trees/t/latest/output.json") == expected.output
                (place.root / "trees/t").rename(tmp_path / f"done-{rounds}")  # and again, from the beginning
                row.write(place)
            before, known = settled(row, service), calls(place)
            assert os.WEXITSTATUS(warm.run(place, None)) == 0
            assert row.count(service) - before == whole - known
            assert place.json("trees/t/latest/output.json") == expected.output
        finally:
            warm.close()


def forms(secret: str) -> list[bytes]:
    """What a key can look like."""
    raw = secret.encode()
    found = [raw, json.dumps(secret)[1:-1].encode(), quote(secret, safe="").encode()]
    return found + [base64.b64encode(b"x" * n + raw)[8:-8] for n in range(3)]


@each
def test_a_key_that_the_service_hands_back_is_seen_nowhere(row: Row, tmp_path: Path) -> None:
    secret = "cn/ry+7f3a9b2c1d5e8f40="
    with row.service(key=secret, answer=ECHOES[row.name](secret)) as service:
        place = row.place(tmp_path, service, env={row.key: secret})
        place.tree(row.tree.replace("onError: skip, enabled: false, ", ""))
        shown = []
        for words in (
            ["run", "t"], ["run", "t", "--json"], ["plan", "t"], ["show", "t"], ["show", "t", "--json"], ["doctor"],
            ["show", "t", "broken"], ["run", "t", "--fresh", "--record", "said.jsonl"],
        ):  # fmt: skip
            done = place.command(*words)
            shown.append(done.stdout + done.stderr)
            assert "Traceback" not in done.stderr, done.stderr
        assert len(service.asked) > 3
        written = {str(path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
        assert any("records.jsonl" in name for name in written)
        failed = {record["path"]: record["error"]["code"] for record in place.records() if record["status"] == "failed"}
        assert "broken" in failed
        for form in forms(secret):
            assert not [path for path, data in written.items() if form in data], form
            assert not [text for text in shown if form in text.encode()], form


def test_a_record_says_what_was_shown_and_made(tmp_path: Path) -> None:
    """Pictures by digest, sound by file, vectors as numbers, confidence as a number: what a person can read in a diff."""
    row = ROWS[0]
    with row.service() as service:
        place = row.place(tmp_path, service)
        place.run()
        found: dict[str, Any] = {record["path"]: record for record in place.records()}
        cover, alt = found["names/0/cover"], found["names/0/alt"]
        digest = cover["asset"].rpartition("-")[2].partition(".")[0]
        shown = alt["request"]["messages"][0]["images"]
        assert shown[0] == f"sha256:{digest}"
        assert len(shown) == 2
        sent = next(one.json for one in service.asked if one.json and "Describe" in orjson.dumps(one.json).decode())
        parts = sent["messages"][0]["content"]
        assert [part["type"] for part in parts].count("image_url") == 2
        data = (place.root / "trees/t" / place.runs()[0] / cover["asset"]).read_bytes()
        assert base64.b64encode(data).decode() in orjson.dumps(parts).decode()
        assert found["names/0/spoken"]["asset"].endswith(".mp3")
        assert len(found["names/0/vector"]["value"]) > 2
        assert 0 < found["names/0/best"]["confidence"] <= 1
