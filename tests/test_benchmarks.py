"""The benchmark compares like with like, and says so when a target is missed."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

from benchmarks import bench, report, work
from benchmarks.chart import chart, spread, ticks
from benchmarks.service import answer, running

ITEMS = 5


def test_every_contender_asks_the_same_questions() -> None:
    with running(0.001) as service:
        asked = {name: bench.sample(name, ITEMS, service, None)[1] for name in bench.NAMES}
        seen = service.stats()
    assert len(set(asked.values())) == 1
    assert seen["calls"] == work.calls(ITEMS) == 16
    assert seen["most_at_once"] <= work.AT_ONCE


def test_a_sample_is_of_its_process_alone() -> None:
    with running(0.001) as service:
        numbers, _ = bench.sample("aiohttp", ITEMS, service, None)
    assert 0 < numbers["cpu_ms"] < numbers["cpu_whole_ms"]
    assert 10 < numbers["peak_mb"] < 500
    assert 0 < numbers["first_call"] < 30


def test_the_service_answers_by_schema() -> None:
    places = json.loads(answer(work.PLACES_SCHEMA, work.PLACES.format(count=12)))["data"]
    assert len(set(places)) == 12
    visit = json.loads(answer(work.VISIT_SCHEMA, work.VISIT.format(place=places[0])))
    assert sorted(visit) == ["summary", "title"]
    assert answer(None, "a") != answer(None, "b")
    assert answer(None, "a") == answer(None, "a")


def test_the_limit_is_the_longest_chain_or_the_lanes() -> None:
    assert work.limit(1) == 3 * work.LATENCY
    assert work.limit(1_000) == 3_001 * work.LATENCY / 64


def results(**own: float) -> dict[str, Any]:
    """Results in which the engine does well, but for what is given."""
    base = {"cpu_ms": 1.0, "wall_ratio": 1.06, "peak_mb": 80.0}
    sizes = {}
    for items in ("10", "100", "1000", "10000"):
        engine = {"cpu_ms": 0.2, "wall_ratio": 1.08, "peak_mb": 60.0}
        engine |= {key.split("_at_")[0]: value for key, value in own.items() if key.endswith(f"_at_{items}")}
        sizes[items] = {name: {"median": base, "rounds": [base]} for name in ("openai", "aiohttp")}
        sizes[items]["genarun"] = {"median": engine, "rounds": [engine, {**engine, "wall_ratio": 9.0}]}
    start = {"python": 0.01, "help": 0.05, "import_openai": 0.5, "run_to_first_call": 0.3}
    machine = {"processor": "a processor", "processors": 2, "python": "3.11.7", "system": "Linux"}
    return {"date": "2026-11-21", "machine": machine, "rounds": 2, "sizes": sizes, "startup": start}


def test_targets() -> None:
    assert report.missed(results()) == []
    assert report.missed(results(cpu_ms_at_1000=0.76)) == [
        "processor time at 1000 items is 0.76 of the SDK loop's, target 0.75"
    ]
    assert report.missed(results(wall_ratio_at_1000=1.2)) == ["wall time at 1,000 items is 1.20 of the limit, target 1.15"]
    assert report.missed(results(cpu_ms_at_10000=0.3)) == [
        "processor time per call at 10000 items is 1.50 of that at 100, target 1.15"
    ]


def test_publishing_changes_the_marked_part_alone(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    page.write_text(f"# Before\n\n{report.BEGIN}\nold\n{report.END}\n\nAfter.\n")
    report.publish(results(), "where it goes", tmp_path)
    text = page.read_text()
    assert text.startswith(f"# Before\n\n{report.BEGIN}\n2026-11-21, Python 3.11.7, a processor, Linux; median of 2 rounds.")
    assert "| 1,000 | 3,001 | 0.200 | 1.000 | 1.000 | **0.20** |" in text
    assert "old" not in text
    assert text.endswith(f"where it goes\n{report.END}\n\nAfter.\n")
    for picture in (tmp_path / "performance").glob("*.svg"):
        assert f"(performance/{picture.name})" in text
        ET.fromstring(picture.read_text())
    assert json.loads((tmp_path / "performance/results.json").read_text())["rounds"] == 2


def test_charts_have_round_ticks_and_labels_apart() -> None:
    assert ticks(1.57) == [0, 0.5, 1.0, 1.5, 2.0]
    assert ticks(81) == [0, 20, 40, 60, 80, 100]
    assert spread([10, 12, 50], 16) == [10, 26, 50]
    assert "a &lt; b" in chart("a < b", [10], {"one": [1.0]})
