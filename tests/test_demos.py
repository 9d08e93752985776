"""The demos: each runs whole without a key, answers as it was written, and says the same tomorrow."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import shutil
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from genarun.engine.model import RunResult
from genarun.providers.base import ModelRequest, Settings
from genarun.providers.offline.provider import Offline

from tests.helpers import Place
from tests.recordings.make import recorded_file, recordings
from tests.services.anthropic_service import AnthropicService
from tests.services.anthropic_service import error as refusal
from tests.services.openai_service import OpenAIService
from tests.services.replicate_models import SPEECH
from tests.services.replicate_service import Made, ReplicateService, document
from tests.services.samples import mp3

Json = Any

ROOT = Path(__file__).parent.parent
DEMOS = ("exhibition", "weird-press", "field-guide")

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


def text_of(message: dict[str, Json]) -> str:
    """A message without the pictures that it shows, as any service is sent it."""
    content = message["content"]
    return content if isinstance(content, str) else "".join(part.get("text", "") for part in content)


def words_of(messages: Sequence[dict[str, Json]]) -> str:
    """A conversation without its pictures."""
    return json.dumps([[message["role"], text_of(message)] for message in messages])


def answers(name: str) -> dict[str, str]:
    """What was recorded, by the words of the conversation."""
    return {words_of(line["request"]["messages"]): line["reply"]["text"] for line in lines(name)}


def invented(place: Place, name: str) -> list[str]:
    """Paths of the newest run's text calls that no recording answered."""
    known = answers(name)
    asked = [record for record in place.records(name=name) if record.get("call") is not None and "asset" not in record]
    assert asked
    # A line whose instance took several turns holds the request of its own call.
    return [record["path"] for record in asked if words_of(record["request"]["messages"]) not in known]


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


# ---------------------------------------------------------------------- field guide


@pytest.fixture
def guide(place: Place) -> RunResult:
    return place.run("field-guide", offline=True)


def test_a_field_guide_without_a_key(guide: RunResult, place: Place) -> None:
    assert guide.status == "succeeded"
    assert not guide.warnings
    output = guide.output
    assert list(output) == ["numbers", "articles", "introduction", "contents"]
    assert output["numbers"] == {"warmSide": {"low": 30, "high": 33}, "lifespan": {"low": 10, "high": 20}, "firstYear": 800}
    assert [article["slug"] for article in output["articles"]] == [
        "a-house-for-one", "warm-at-one-end", "live-food-dusted", "out-of-the-old-skin", "hands-and-the-tail",
        "when-to-ring-the-vet",
    ]  # fmt: skip
    for article in output["articles"]:
        assert list(article) == [
            "title", "slug", "question", "summary", "body", "facts", "transcript", "audio", "scene", "picture", "alt",
            "howOften",
        ]  # fmt: skip
        assert [list(fact) for fact in article["facts"]] == [["label", "value"]] * 4
        assert article["howOften"] in ("every day", "every week", "once a month", "once")
        assert f"[{article['title']}]({article['slug']}) | {article['question']} | {article['howOften']}" in output["contents"]
    assert list(output["introduction"]) == ["title", "summary", "text", "scene", "picture", "alt"]
    assert invented(place, "field-guide") == []


def test_a_field_guide_has_a_picture_and_a_sound_of_its_own_for_each_article(guide: RunResult) -> None:
    files = [one for one in texts(guide.output) if one.startswith("assets/")]
    assert len(set(files)) == len(files) == 7 + 6
    assert all((guide.folder / file).stat().st_size > 1000 for file in files)
    assert guide.summary.totals.calls == 55


def test_pictures_are_described_by_looking_at_them(guide: RunResult, place: Place) -> None:
    pages = [*guide.output["articles"], guide.output["introduction"]]
    seen = {
        record["value"]: record["request"]["messages"][-1]["images"]
        for record in place.records(name="field-guide")
        if record["node"].endswith(("/alt", "/coverAlt"))
    }
    made = {page["alt"]: (guide.folder / page["picture"]).read_bytes() for page in pages}
    assert len(made) == 7, "no two are described alike"
    assert set(made) <= {line["reply"]["text"] for line in lines("field-guide")}, "an author looked at them"
    assert seen == {alt: [f"sha256:{sha256(data).hexdigest()[:16]}"] for alt, data in made.items()}


def test_a_field_guide_run_again_calls_nothing(guide: RunResult, place: Place) -> None:
    again = place.run("field-guide", offline=True)
    assert again.unchanged
    assert again.output == guide.output


def test_another_tone_of_voice_leaves_articles_and_pictures_as_they_are(guide: RunResult, place: Place) -> None:
    prompt = place.root / "trees/field-guide/prompts/script.md"
    prompt.write_text(prompt.read_text("utf-8") + "\nSpeak as if to a child of ten.\n", "utf-8")
    again = place.run("field-guide", offline=True)
    called = {record["node"] for record in place.records(name="field-guide") if record.get("call") is not None}
    assert called == {"topics/script", "topics/audio"}
    assert again.output["introduction"] == guide.output["introduction"]


def test_another_animal_is_another_guide(place: Place) -> None:
    skip = ["picture", "cover", "audio"]
    place.run("field-guide", offline=True, inputs={"animal": "corn snake (Pantherophis guttatus)"}, skip=skip)
    assert invented(place, "field-guide"), "nobody wrote answers for a snake, so the offline provider makes them"


def test_a_first_real_field_guide_is_within_the_budget(place: Place) -> None:
    plan = place.plan("field-guide")
    assert plan.calls == 55
    assert plan.exact
    assert not plan.unpriced
    assert float(plan.usd) < float(plan.budget["usd"]) / 2


def test_articles_are_markdown_as_asked_for() -> None:
    bodies = [line["reply"]["text"] for line in lines("field-guide") if line["request"]["node"] == "body"]
    assert len(bodies) == 6
    for body in bodies:
        first, *rest = body.split("\n\n")
        assert re.fullmatch(r"[^#*\n]+\. [^\n]+\.", first), "a paragraph of two sentences comes first"
        headings = [block for block in rest if block.startswith("#")]
        assert len(headings) in (2, 3)
        assert [heading for heading in headings if not re.fullmatch(r"## \S+( \S+){0,3}", heading)] == []
        (points,) = [block.split("\n") for block in rest if block.startswith("-")]
        assert len(points) in (3, 4, 5)
        assert [point for point in points if not re.match(r"- \S", point)] == []
        assert not re.search(r"\*\*|\]\(|\|", body)


def test_what_is_read_aloud_can_be_read_aloud() -> None:
    scripts = [line["reply"]["text"] for line in lines("field-guide") if line["request"]["node"] == "script"]
    assert len(scripts) == 6
    for script in scripts:
        assert not re.search(r"[\d°%()\[\]×/]|\b(cm|mm|UVB?|D3)\b", script)
        assert re.search(r"Today, [^.]+\.$", script), "the last sentence is one thing to look at today"


# ---------------------------------------------------------------------- the prose

CLICHES = ["whisper", "delve", "in a world", "embod", "nestled", "palpable", "a reminder", "sense of"]


def banned(name: str) -> list[str]:
    """The words that a demo's house style does without; the exhibition's hold for all."""
    found = []
    for tree in {"exhibition", name} - {"weird-press"}:
        style = (ROOT / "trees" / tree / "prompts/house-style.md").read_text("utf-8")
        listed = re.search(r"You do without these: (.*?), \"not just", style)
        assert listed is not None
        found += listed[1].split(", ")
    return found + CLICHES


@pytest.mark.parametrize("name", DEMOS)
def test_answers_keep_the_house_style(name: str) -> None:
    written = "\n".join(line["reply"]["text"] for line in lines(name)).lower()
    assert [word for word in banned(name) if re.search(rf"\b{word}", written)] == []


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
        "field-guide": {
            "title": (2, 5), "question": (1, 15), "summary": (1, 30), "body": (180, 260), "label": (1, 4), "value": (1, 7),
            "script": (60, 90), "scene": (45, 65), "alt": (1, 20), "coverAlt": (1, 20), "text": (120, 150),
        },
    }  # fmt: skip
    wrong = []
    for name, fields in limits.items():
        for line in lines(name):
            text, request = line["reply"]["text"], line["request"]
            value = json.loads(text) if text.startswith("{") else {request["node"]: text}
            for entry in value.get("data", [value]):
                for field, (least, most) in fields.items():
                    found = entry.get(field) if isinstance(entry, dict) else None
                    if isinstance(found, str) and not least <= words(found) <= most:
                        wrong.append((request["path"], field, words(found)))
    assert wrong == []


# ---------------------------------------------------------------------- the real protocol


@pytest.mark.parametrize(("name", "calls"), [("exhibition", 36), ("weird-press", 11), ("field-guide", 55)])
def test_a_demo_calls_a_real_service_unchanged(name: str, calls: int, place: Place) -> None:
    """Against a service that checks requests as OpenAI does: every schema goes out in its strict form."""
    known = answers(name)

    with OpenAIService(answer=lambda body: known[words_of(body["messages"])] if "messages" in body else None) as service:
        place.env |= {"OPENAI_BASE_URL": service.url, "OPENAI_API_KEY": service.key}
        result = place.run(name)
        asked = [one.json for one in service.asked]
    assert result.status == "succeeded", result.failures
    assert result.published
    assert len(asked) == calls == result.summary.totals.requests
    formats = [body["response_format"] for body in asked if "messages" in body and "response_format" in body]
    assert formats
    assert all(one["json_schema"]["strict"] is True for one in formats)
    assert {body["reasoning_effort"] for body in asked if "messages" in body} == {"low"}
    assert {body["quality"] for body in asked if "prompt" in body} == {"medium"}


# ---------------------------------------------------------------------- two services


class TwoServices:
    """A field guide's project with a key for each of two services, both of which answer as it was recorded."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.known = {text_of(line["request"]["messages"][-1]): line["reply"]["text"] for line in lines("field-guide")}
        self.anthropic = AnthropicService(answer=self.answer)
        self.openai = OpenAIService(
            answer=lambda body: self.known[text_of(body["messages"][-1])] if "messages" in body else None
        )

    def answer(self, body: dict[str, Json]) -> Json:
        text = self.known[text_of(body["messages"][-1])]
        return json.loads(text) if text.startswith("{") else text

    def __enter__(self) -> TwoServices:
        for service in (self.anthropic, self.openai):
            service.__enter__()
        self.place.env |= {
            "ANTHROPIC_BASE_URL": self.anthropic.url, "ANTHROPIC_API_KEY": self.anthropic.key or "",
            "OPENAI_BASE_URL": self.openai.url, "OPENAI_API_KEY": self.openai.key or "",
        }  # fmt: skip
        defaults = self.place.root / "trees/defaults.yaml"
        defaults.write_text(defaults.read_text("utf-8") + "\nerrorPolicy: {retryDelay: 1ms}\n", "utf-8")
        return self

    def __exit__(self, *_: object) -> None:
        for service in (self.anthropic, self.openai):
            service.__exit__()

    def calls(self) -> dict[str, int]:
        """Calls of the newest run, by who answered them."""
        made = self.place.records(name="field-guide")
        named = [f"{record['provider']}/{record['model']}" for record in made if record.get("call") is not None]
        return {name: named.count(name) for name in named}


@pytest.fixture
def two(place: Place) -> Iterator[TwoServices]:
    with TwoServices(place) as services:
        yield services


MADE = {"openai/gpt-image-2.5-flare": 7, "openai/tts-1": 6}


def test_a_field_guide_is_written_by_one_service_and_illustrated_by_another(two: TwoServices) -> None:
    result = two.place.run("field-guide")
    assert result.status == "succeeded", result.failures
    assert two.calls() == {"anthropic/claude-sonnet-5-5": 42} | MADE
    assert (len(two.anthropic.asked), len(two.openai.asked)) == (42, 13)
    shown = [one.json for one in two.anthropic.asked if any(type(part) is dict for part in one.json["messages"][-1]["content"])]
    assert len(shown) == 7, "every picture was looked at"


def test_a_field_guide_whose_first_service_is_down_is_written_by_the_second(two: TwoServices) -> None:
    def down(body: dict[str, Json]) -> Json:
        raise refusal(529, "Overloaded", "overloaded_error")

    two.anthropic.answer = down
    result = two.place.run("field-guide")
    assert result.status == "succeeded", result.failures
    assert two.calls() == {"openai/gpt-6.1-terra": 42} | MADE
    assert two.openai.repeats() == {}
    assert len(two.openai.asked) == 55
    assert len(two.anthropic.asked) < 42, "a service that is down is left alone after a few calls"
    assert any(warning.startswith("anthropic/claude-sonnet-5-5 is passed over") for warning in result.warnings)

    two.anthropic.answer = two.answer
    asked = len(two.anthropic.asked)
    assert two.place.run("field-guide").unchanged, "the first is back, and what the second wrote stands"
    assert (len(two.anthropic.asked), len(two.openai.asked)) == (asked, 55)


def test_a_field_guide_is_read_aloud_after_the_first_voice_was_shut_down(two: TwoServices) -> None:
    def read(asked: dict[str, Json]) -> Made:
        text = asked["input"]["text"]
        sound = base64.b64encode(mp3(text)).decode()
        return Made(f"data:audio/mpeg;base64,{sound}", {"character_input_count": len(text)})

    two.openai.models = frozenset({"gpt-6.1-terra", "gpt-image-2.5-flare"})
    with ReplicateService(answer=read, schemas={SPEECH: document({"text": {"type": "string"}}, ["text"])}) as replicate:
        two.place.env |= {"REPLICATE_BASE_URL": replicate.url, "REPLICATE_API_TOKEN": replicate.key}
        result = two.place.run("field-guide")
    assert result.status == "succeeded", result.failures
    assert two.calls()[f"replicate/{SPEECH}"] == 6
    scripts = {line["request"]["path"]: line["reply"]["text"] for line in lines("field-guide")}
    for record in two.place.records(name="field-guide"):
        if record.get("provider") == "replicate":
            script = scripts[record["path"].replace("audio", "script")]
            assert float(record["usd"]) == pytest.approx(60e-6 * len(script))
