"""The demos: each runs whole without a key, answers as it was written, and says the same tomorrow."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from genarun.engine.model import RunResult
from genarun.providers.base import ModelRequest, Settings
from genarun.providers.offline.provider import Offline

from tests.helpers import Place
from tests.recordings.make import recorded_file, recordings
from tests.services.openai_service import OpenAIService

Json = Any

ROOT = Path(__file__).parent.parent
DEMOS = ("exhibition", "weird-press")

if not all((ROOT / "trees" / name).is_dir() for name in DEMOS):
    pytest.skip("the demos were deleted, as the readme says one may", allow_module_level=True)


def lines(name: str) -> list[dict[str, Json]]:
    return [json.loads(line) for line in recorded_file(name).read_text("utf-8").splitlines()]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A copy of the demos as a clone has them: no runs, no keys."""
    made = Place(tmp_path)
    shutil.rmtree(tmp_path / "trees")
    ignored = shutil.ignore_patterns("latest", "20*", ".lock", ".tmp-*")
    shutil.copytree(ROOT / "trees", tmp_path / "trees", ignore=ignored)
    return made


def texts(value: Json) -> Iterator[str]:
    """Every text in a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)


def invented(place: Place, name: str) -> list[str]:
    """Paths of the newest run's text calls that no recording answered."""
    known = {json.dumps(line["request"]["messages"]) for line in lines(name)}
    asked = [record for record in place.records(name=name) if record.get("call") is not None and "asset" not in record]
    assert asked
    # A line whose instance took several turns holds the request of its own call.
    return [record["path"] for record in asked if json.dumps(record["request"]["messages"]) not in known]


# ---------------------------------------------------------------------- recordings


@pytest.mark.parametrize("name", DEMOS)
def test_recordings_are_what_todays_prompts_ask(name: str) -> None:
    """Fails when a prompt, a pick or an answer changed: `python -m tests.recordings.make <tree>` writes them anew."""
    assert recorded_file(name).read_text("utf-8") == recordings(name), f"run: python -m tests.recordings.make {name}"


@pytest.mark.parametrize("name", DEMOS)
def test_every_recording_is_given(name: str) -> None:
    offline = Offline(Settings("offline", tree_folder=ROOT / "trees" / name))

    async def ask(request: dict[str, Json]) -> str | None:
        asked = ModelRequest("text", "any", {}, tuple(request["messages"]), request["schema"], seed=99)
        return (await offline.call(asked)).text

    for line in lines(name):
        assert asyncio.run(ask(line["request"])) == line["reply"]["text"]


# ---------------------------------------------------------------------- exhibition


@pytest.fixture
def exhibition(place: Place) -> RunResult:
    return place.run("exhibition", offline=True)


def test_an_exhibition_without_a_key(exhibition: RunResult, place: Place) -> None:
    assert exhibition.status == "succeeded"
    assert not exhibition.warnings
    output = exhibition.output
    assert list(output) == ["series", "introduction", "handlist"]
    assert [series["title"] for series in output["series"]] == ["Seventy-Eight Centimetres", "Which Exit", "Mother's Name"]
    for series in output["series"]:
        assert list(series) == [
            "title", "slug", "description", "photographerName", "photographerBio", "portraitDescription",
            "portrait", "photos", "wallText",
        ]  # fmt: skip
        assert len(series["photos"]) == 5
        for photo in series["photos"]:
            assert list(photo) == ["caption", "scene", "alt", "image"]
            assert (exhibition.folder / photo["image"]).stat().st_size > 1000
    pictures = [one for one in texts(output) if one.startswith("assets/")]
    assert len(set(pictures)) == len(pictures) == 18, "every picture is another one"
    assert exhibition.summary.totals.calls == 36
    assert invented(place, "exhibition") == []


def test_an_exhibition_run_again_calls_nothing(exhibition: RunResult, place: Place) -> None:
    again = place.run("exhibition", offline=True)
    assert again.unchanged
    assert again.output == exhibition.output


def test_another_city_is_another_exhibition(place: Place) -> None:
    place.run("exhibition", offline=True, inputs={"city": "Porto"}, skip=["image", "portrait"])
    assert invented(place, "exhibition"), "nobody wrote answers for Porto, so the offline provider makes them"


def test_a_first_real_exhibition_is_within_the_budget(place: Place) -> None:
    plan = place.plan("exhibition")
    assert plan.calls == 36
    assert plan.exact
    assert not plan.unpriced
    assert float(plan.usd) < float(plan.budget["usd"]) / 2


# ---------------------------------------------------------------------- weird press


def test_an_issue_without_a_key(place: Place) -> None:
    result = place.run("weird-press", offline=True)

    assert result.status == "succeeded"
    assert invented(place, "weird-press") == []
    output = result.output
    assert list(output) == [
        "masthead", "lead", "briefs", "weather", "classifieds", "obituary", "horoscope", "frontPage",
    ]  # fmt: skip
    assert (result.folder / output["lead"]["photograph"]).stat().st_size > 1000
    assert output["lead"]["headline"] in output["frontPage"]
    assert f"Market Quarrel, {result.summary.date}" in output["frontPage"]
    assert result.summary.seed == int(result.summary.date.replace("-", ""))


def test_another_day_another_issue_and_the_same_day_the_same(place: Place) -> None:
    def issue(day: int) -> Json:
        return place.run("weird-press", offline=True, seed=day, fresh=True, skip=["photograph"]).output

    days = range(20261201, 20261211)
    issues = [issue(day) for day in days]
    assert len({json.dumps(one) for one in issues}) == len(issues)
    assert len({one["lead"]["headline"] for one in issues}) > 3
    assert issue(days[0]) == issues[0]


# ---------------------------------------------------------------------- the prose


BANNED = re.search(
    r"You do without these: (.*?), \"not just", (ROOT / "trees/exhibition/prompts/house-style.md").read_text("utf-8")
)
assert BANNED is not None
CLICHES = [*BANNED[1].split(", "), "whisper", "delve", "in a world", "embod", "nestled", "palpable", "a reminder", "sense of"]


@pytest.mark.parametrize("name", DEMOS)
def test_answers_keep_the_house_style(name: str) -> None:
    written = "\n".join(line["reply"]["text"] for line in lines(name)).lower()
    assert [word for word in CLICHES if re.search(rf"\b{word}", written)] == []


def words(text: str) -> int:
    return len(text.split())


def test_answers_are_as_long_as_the_prompts_ask(place: Place) -> None:
    limits = {
        "exhibition": {
            "description": (70, 90), "photographerBio": (45, 60), "portraitDescription": (40, 60),
            "caption": (25, 40), "scene": (45, 65), "alt": (1, 20),
        },
        "weird-press": {
            "story": (130, 175), "picture": (40, 60), "headline": (1, 9), "motto": (1, 9), "notice": (1, 30),
        },
    }  # fmt: skip
    wrong = []
    for name, fields in limits.items():
        for line in lines(name):
            text = line["reply"]["text"]
            value = json.loads(text) if text.startswith("{") else {}
            for entry in value.get("data", [value]):
                for field, (least, most) in fields.items():
                    if isinstance(entry, dict) and field in entry and not least <= words(entry[field]) <= most:
                        wrong.append((line["request"]["path"], field, words(entry[field])))
    assert wrong == []


# ---------------------------------------------------------------------- the real protocol


@pytest.mark.parametrize(("name", "calls"), [("exhibition", 36), ("weird-press", 11)])
def test_a_demo_calls_a_real_service_unchanged(name: str, calls: int, place: Place) -> None:
    """Against a service that checks requests as OpenAI does: every schema goes out in its strict form."""
    known = {json.dumps(line["request"]["messages"]): line["reply"]["text"] for line in lines(name)}

    with OpenAIService(answer=lambda body: known[json.dumps(body["messages"])] if "messages" in body else None) as service:
        place.env |= {"OPENAI_BASE_URL": service.url, "OPENAI_API_KEY": service.key}
        result = place.run(name)
        asked = [one.json for one in service.asked]
    assert result.status == "succeeded", result.failures
    assert result.published
    assert len(asked) == calls == result.summary.totals.requests
    formats = [body["response_format"] for body in asked if "response_format" in body]
    assert formats
    assert all(one["json_schema"]["strict"] is True for one in formats)
    assert {body["reasoning_effort"] for body in asked if "messages" in body} == {"low"}
    assert {body["quality"] for body in asked if "prompt" in body} == {"medium"}
