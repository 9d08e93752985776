"""What the provider makes of each medium: pictures that are shown and edited, speech, films, vectors, lists of models."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from decimal import Decimal
from typing import Any

import pytest
from genarun.errors import ProviderError
from genarun.providers import jobs
from genarun.providers.base import Listed, Settings, Usage
from genarun.providers.catalog import OPENROUTER
from genarun.providers.key import request_key
from genarun.providers.openai import OpenAI

from tests.say import says
from tests.services.ask import ask, fault, openai, shaped, text
from tests.services.asks import asking, attached
from tests.services.openai_fields import read_form
from tests.services.openai_service import KEY, OpenAIService
from tests.services.samples import mp3, mp4, png, wav
from tests.services.web import Asked, Faults, Refuse, Reply

THEMES = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"], "additionalProperties": False}


def link(seed: str) -> str:
    return f"data:image/png;base64,{base64.b64encode(png(seed)).decode()}"


# Pictures that are looked at


def test_pictures_go_with_the_turn_that_shows_them() -> None:
    shown = attached("door", "key")
    first, second = shown
    turns = (
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "What are these?", "images": [first, second]},
        {"role": "assistant", "content": "A door and a key."},
        {"role": "user", "content": "Do they fit?"},
    )
    request = type(text())("text", "gpt-test", {}, turns, attached=shown)
    with OpenAIService() as service:
        [reply] = ask(openai(service), request)
    assert reply.text == "An answer to: Do they fit?"
    assert service.asked[0].json["messages"] == [
        {"role": "system", "content": "Be brief."},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "What are these?"},
                {"type": "image_url", "image_url": {"url": link("door")}},
                {"type": "image_url", "image_url": {"url": link("key")}},
            ],
        },
        {"role": "assistant", "content": "A door and a key."},
        {"role": "user", "content": "Do they fit?"},
    ]


def test_a_shape_in_words_is_asked_for_beside_the_pictures() -> None:
    with OpenAIService(formats=frozenset()) as service:
        ask(openai(service), asking("text", "How many?", "blind-to-formats", "door", schema=THEMES, json=True))
    said, shown = service.asked[-1].json["messages"][0]["content"]
    assert said["text"].startswith("How many?\n\nAnswer with one JSON object that fits this JSON Schema")
    assert shown["image_url"]["url"] == link("door")


def test_without_pictures_nothing_about_a_request_changes() -> None:
    with OpenAIService() as service:
        ask(openai(service), text("Hello", system="Be kind.", params={"temperature": 0.5}), shaped(THEMES))
    assert service.asked[0].body == (
        b'{"model":"gpt-test","messages":[{"role":"system","content":"Be kind."},{"role":"user","content":"Hello"}],'
        b'"temperature":0.5}'
    )
    assert service.asked[1].body == (
        b'{"model":"gpt-test","messages":[{"role":"user","content":"List"}],"response_format":{"type":"json_schema","json_schema":'
        b'{"name":"answer","strict":true,"schema":{"type":"object","properties":{"n":{"type":"integer"}},"required":["n"],'
        b'"additionalProperties":false}}}}'
    )


# Log-probabilities


def test_tokens_come_with_their_log_probabilities_where_they_are_asked_for() -> None:
    with OpenAIService(answer=lambda body: "A lizard") as service:
        asked, plain = ask(openai(service), text(logprobs=True), text("and"))
    assert "".join(token for token, _ in asked.tokens) == "A lizard"
    assert [round(odds, 3) for _, odds in asked.tokens] == [-0.693, -1.099, -1.386]
    assert plain.tokens == ()
    assert ("logprobs" in service.asked[0].json, "logprobs" in service.asked[1].json) == (True, False)


def test_a_model_without_log_probabilities_is_asked_again_without_and_remembered() -> None:
    with OpenAIService(logprobs=False) as service:
        for _ in range(2):
            [reply] = ask(openai(service), text("Hi", "one-that-reasons", logprobs=True))
            assert (reply.text, reply.tokens) == ("An answer to: Hi", ())
        ask(openai(service), text("Hi", "another", logprobs=True))
    assert [asked.json.get("logprobs") for asked in service.asked] == [True, None, None, True, None]


@pytest.mark.parametrize(
    "answer",
    [
        (403, {"error": {"message": "You are not allowed to request logprobs from this model"}}),
        (422, {"detail": [{"type": "extra_forbidden", "loc": ["body", "logprobs"], "msg": "Extra inputs are not permitted"}]}),
    ],
)
def test_other_ways_to_refuse_log_probabilities(answer: tuple[int, Any]) -> None:
    status, body = answer

    def refuse(asked: dict[str, Any]) -> Any:
        if asked.get("logprobs"):
            raise Refuse(Reply(json.dumps(body).encode(), status))

    with OpenAIService(answer=refuse) as service:
        [reply] = ask(openai(service), text("Hi", f"refuses-{status}", logprobs=True))
    assert (reply.text, reply.tokens) == ("An answer to: Hi", ())


@pytest.mark.parametrize(
    "odds",
    [
        None,
        {},
        {"content": None},
        {"content": [{"token": "Hel", "logprob": -0.1}]},
        {"content": [{"token": "Hello", "logprob": None}]},
        {"content": [{"token": "Hello", "logprob": True}]},
        {"content": [{"logprob": -0.1}]},
        {"content": ["Hello"]},
    ],
)
def test_tokens_that_are_not_the_text_are_none(odds: Any) -> None:
    body = {"choices": [{"message": {"content": "Hello"}, "logprobs": odds}]}
    with OpenAIService(answer=lambda _: Reply(json.dumps(body).encode())) as service:
        [reply] = ask(openai(service), text(logprobs=True))
    assert (reply.text, reply.tokens) == ("Hello", ())


# Pictures that are edited


def test_an_edit_carries_its_pictures_as_files() -> None:
    with OpenAIService() as service:
        [reply] = ask(openai(service), asking("image", "Paint it red", "gpt-image-test", "door", params={"size": "1024x1024"}))
    assert service.asked[0].path == "/v1/images/edits"
    form = read_form(service.asked[0])
    assert {name: [part.data for part in parts] for name, parts in form.items()} == {
        "model": [b"gpt-image-test"],
        "prompt": [b"Paint it red"],
        "size": [b"1024x1024"],
        "image": [png("door")],
    }
    assert (form["image"][0].file, form["image"][0].media) == ("picture-1.png", "image/png")
    assert (reply.files[0].data, reply.usage) == (png("gpt-image-test Paint it red"), Usage(12, 272, 1))


def test_the_same_edit_is_the_same_bytes() -> None:
    request = asking("image", "Paint it red", "gpt-image-test", "door", "key")
    with OpenAIService() as service:
        ask(openai(service), request, request)
    assert service.asked[0].body == service.asked[1].body
    assert service.asked[0].headers["content-type"] == service.asked[1].headers["content-type"]


def test_an_edit_whose_words_are_broken() -> None:
    with OpenAIService() as service:
        found = fault(openai(service), asking("image", "\ud800", "gpt-image-test", "door"))
    assert not service.asked
    says(
        found,
        "request-not-form",
        """
        the request to openai cannot be written as a form: it holds broken characters
          → Look for broken characters in the prompt and in the parameters.
        """,
    )


# Speech


def test_a_text_is_read_aloud_as_the_system_says() -> None:
    with OpenAIService() as service:
        [reply] = ask(
            openai(service), asking("audio", "Good morning.", "tts-test", system="Whisper.", params={"voice": "coral"})
        )
    assert service.asked[0].json == {
        "model": "tts-test",
        "input": "Good morning.",
        "instructions": "Whisper.",
        "voice": "coral",
        "response_format": "mp3",
    }
    assert service.asked[0].headers["accept"] == "application/octet-stream"
    assert (reply.files[0].data, reply.files[0].media_type) == (mp3("coral Good morning."), "audio/mpeg")
    assert (reply.usage, reply.text, reply.model) == (Usage(characters=13), None, "tts-test")


def test_without_a_voice_it_is_the_catalogues_and_the_key_knows() -> None:
    with OpenAIService() as service:
        provider = openai(service)
        ask(provider, asking("audio", "Hi", "tts-test", params={"stream_format": "sse"}))
    assert (service.asked[0].json["voice"], service.asked[0].json["response_format"]) == ("alloy", "mp3")
    assert "stream_format" not in service.asked[0].json, "only a whole sound can be kept"
    plain = asking("audio", "Hi", "tts-test")
    said = asking("audio", "Hi", "tts-test", params={"voice": "alloy", "response_format": "mp3"})
    other = asking("audio", "Hi", "tts-test", params={"voice": "coral", "response_format": "mp3"})
    base = {"provider": "openai", "baseUrl": service.url}
    assert provider.identity(plain) == {**base, "defaults": {"voice": "alloy", "response_format": "mp3"}}
    assert provider.identity(said) == provider.identity(text()) == base
    assert len({request_key(provider, request) for request in (plain, said, other)}) == 3


@pytest.mark.parametrize(("format_", "kind"), [("wav", "audio/wav"), ("pcm", "audio/pcm")])
def test_what_a_sound_is(format_: str, kind: str) -> None:
    with OpenAIService() as service:
        [reply] = ask(openai(service), asking("audio", "Hi", "tts-test", params={"response_format": format_}))
    assert reply.files[0].media_type == kind


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        (Reply(wav("a"), media="application/octet-stream"), "audio/wav"),
        (Reply(mp3("a"), media="application/octet-stream"), "audio/mpeg"),
        (Reply(mp3("a"), media="audio/mpeg; charset=binary"), "audio/mpeg"),
    ],
    ids=["told by its bytes", "told by the format asked for", "told by its header"],
)
def test_a_sound_whose_header_says_little(given: Reply, kind: str) -> None:
    with OpenAIService(answer=lambda _: given) as service:
        [reply] = ask(openai(service), asking("audio", "Hi", "tts-test"))
    assert reply.files[0].media_type == kind


@pytest.mark.parametrize(
    "given",
    [Reply(b"", media="audio/mpeg"), Reply(b'{"audio": "AAAA"}'), Reply(b"<!doctype html>", media="text/html")],
    ids=["nothing", "json", "a page"],
)
def test_a_sound_that_is_none(given: Reply) -> None:
    with OpenAIService(answer=lambda _: given) as service:
        found = fault(openai(service), asking("audio", "Hi", "tts-test"))
    assert found.retry
    says(found, "answer-incomplete", "openai answered without a sound, which its protocol promises")


def test_an_error_in_the_place_of_a_sound() -> None:
    with OpenAIService(answer=lambda _: Reply(b'{"error":{"code":429,"message":"Upstream is busy"}}')) as service:
        found = fault(openai(service), asking("audio", "Hi", "tts-test"))
    assert (found.code, found.retry) == ("rate-limited", True)


# Embeddings


def test_a_text_as_a_vector() -> None:
    with OpenAIService() as service:
        [reply] = ask(openai(service), asking("embedding", "A red door", "text-embedding-test", params={"dimensions": 3}))
    assert service.asked[0].json == {
        "model": "text-embedding-test",
        "input": "A red door",
        "encoding_format": "float",
        "dimensions": 3,
    }
    assert reply.vector is not None
    assert len(reply.vector) == 3
    assert (reply.usage, reply.model) == (Usage(2, 0), "text-embedding-test")


@pytest.mark.parametrize(
    "data",
    [None, [], [{}], [7], *([{"embedding": one}] for one in ([], "AAAA", [1, None], [True]))],
)
def test_a_vector_that_is_none(data: Any) -> None:
    with OpenAIService(answer=lambda _: Reply(json.dumps({"data": data}).encode())) as service:
        found = fault(openai(service), asking("embedding", "A door", "text-embedding-test"))
    assert found.retry
    says(found, "answer-incomplete", "openai answered without a vector, which its protocol promises")


# Films


def looks(service: OpenAIService) -> list[str]:
    return [f"{asked.method} {asked.path.removeprefix('/v1/videos')}" for asked in service.asked]


def test_a_film_is_begun_asked_after_and_fetched() -> None:
    with OpenAIService(steps=("queued", "queued", "in_progress", "completed")) as service:
        [reply] = ask(openai(service), asking("video", "A door opens", "sora-test", params={"seconds": "8"}))
    assert looks(service) == ["POST ", *["GET /video_0000"] * 3, "GET /video_0000/content"]
    assert (reply.files[0].data, reply.files[0].media_type) == (mp4("sora-test A door opens"), "video/mp4")
    assert (reply.usage, reply.model) == (Usage(seconds=8.0), "sora-test")


def test_a_film_that_fails() -> None:
    with OpenAIService(steps=("queued", "failed")) as service:
        found = fault(openai(service), asking("video", "A door", "sora-test"))
    assert not found.retry
    says(
        found,
        "film-failed",
        """
        sora-test made no film: Your request was blocked by our moderation system.
          → Word the prompt differently, or look at the job at the service.
        """,
    )


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A service that names no wait is asked at once."""
    monkeypatch.setattr("genarun.providers.openai.provider.FIRST_POLL", 0.001)


@pytest.mark.parametrize("seed", [1, 2])
def test_questions_that_get_lost_are_asked_again_and_no_second_film_is_begun(seed: int, impatient: None) -> None:
    plan = Faults(0.6, ("429", "500", "drop", "html", "truncated", "shape"), seed=seed, most=6)

    class BadDay(OpenAIService):
        def take(self, line: Any, asked: Asked) -> None:
            self.faults = None if asked.method == "POST" else plan
            super().take(line, asked)

    with BadDay() as service:
        [reply] = ask(openai(service), asking("video", "A door", "sora-test"))
    assert reply.files[0].data == mp4("sora-test A door")
    assert looks(service).count("POST ") == 1
    assert len({asked.fault for asked in service.asked} - {None}) > 1


def test_a_film_of_which_nothing_can_be_learnt(impatient: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "MOST_LOST_POLLS", 2)

    class Forgetful(OpenAIService):
        def _look(self, asked: Asked, route: str) -> Reply:
            return self.failed()

    with Forgetful() as service:
        found = fault(openai(service), asking("video", "A door", "sora-test"))
    assert looks(service) == ["POST ", *["GET /video_0000"] * 3]
    assert (found.status, found.retry) == (200, False), "it counts as charged"
    says(
        found,
        "film-lost",
        """
        the film video_0000 was begun at openai, and what became of it cannot be learnt: openai failed (HTTP 500): The server had an error while processing your request. Sorry about that!
          → It may have been charged: look at the service before you run again.
        """,  # noqa: E501
    )


@pytest.mark.parametrize("data", [b"", b"<!doctype html>", b'{"object":"something.else"}'])
def test_a_film_that_is_none_is_asked_for_again(data: bytes, impatient: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "MOST_LOST_POLLS", 1)

    class Odd(OpenAIService):
        def film_data(self, known: str) -> bytes:
            return data

    with Odd(steps=("completed",)) as service:
        found = fault(openai(service), asking("video", "A door", "sora-test"))
    assert looks(service) == ["POST ", *["GET /video_0000/content"] * 2]
    assert found.code == "film-lost"
    assert found.what.endswith("cannot be learnt: openai answered without a film, which its protocol promises")


@pytest.mark.parametrize("when", ["while it is begun", "while it is made"])
def test_who_stops_waiting_deletes_the_film(when: str) -> None:
    begins = 0.5 if when == "while it is begun" else 0.0
    with OpenAIService(steps=("queued",), latency=lambda asked: begins if asked.method == "POST" else 0.0) as service:

        async def go() -> float:
            provider = openai(service)
            begun = time.monotonic()
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await provider.call(asking("video", "A door", "sora-test"))
            held = time.monotonic() - begun
            await provider.close()
            return held

        assert asyncio.run(go()) < 0.4, "whoever stops waiting is not held up"
    assert service.deleted == ["video_0000"]


@pytest.mark.parametrize("known", [None, 7, "", ".", "..", "a\nb", "x" * 501])
def test_a_film_whose_id_is_none(known: Any) -> None:
    with OpenAIService(answer=lambda _: Reply(json.dumps({"id": known, "status": "queued"}).encode())) as service:
        found = fault(openai(service), asking("video", "A door", "sora-test"))
    assert found.retry
    says(found, "answer-incomplete", "openai answered without a film's id, which its protocol promises")


def test_an_id_is_one_step_of_an_address_whatever_it_holds() -> None:
    begun = Reply(b'{"id":"operations/a b?c","status":"queued"}', headers={"openai-poll-after-ms": "1"})
    with OpenAIService(answer=lambda _: begun) as service:
        found = fault(openai(service), asking("video", "A door", "sora-test"))
    assert service.asked[1].path == "/v1/videos/operations%2Fa%20b%3Fc"
    assert found.code == "film-lost"


def test_a_film_that_is_kept_elsewhere_is_not_asked_for_with_the_key() -> None:
    begun = Reply(b'{"id":"v","status":"completed","url":"https://storage.example/v.mp4?sig=1"}')
    with OpenAIService(answer=lambda _: begun) as service:
        [reply] = ask(openai(service), asking("video", "A door", "sora-test"))
    assert reply.files[0].url == "https://storage.example/v.mp4?sig=1"
    assert len(service.asked) == 1


@pytest.mark.parametrize("place", ["https://storage.example/v.mp4", "/elsewhere/v.mp4"])
def test_a_film_whose_place_moves(place: str) -> None:
    class Moving(OpenAIService):
        def film_data(self, known: str) -> bytes:
            raise Refuse(Reply(b"", 302, headers={"location": place}))

    with Moving(steps=("completed",)) as service:
        [reply] = ask(openai(service), asking("video", "A door", "sora-test"))
    assert reply.files[0].url == (place if "://" in place else f"http://127.0.0.1:{service.port}{place}")


# What there is


def listed(provider: Any) -> list[Listed]:
    async def go() -> list[Listed]:
        try:
            return list(await provider.models())
        finally:
            await provider.close()

    return asyncio.run(go())


def test_the_models_that_a_key_reaches() -> None:
    with OpenAIService() as service:
        found = listed(openai(service))
    assert found == [
        Listed("gpt-image-test", frozenset({"image"})),
        Listed("gpt-test", frozenset({"text"})),
        Listed("something", None),
        Listed("text-embedding-test", frozenset({"embedding"})),
        Listed("tts-test", frozenset({"audio"})),
        Listed("whisper-test", frozenset()),
    ]


def test_a_model_that_will_not_be_there_for_long() -> None:
    class Telling(OpenAIService):
        def listed(self, name: str) -> dict[str, Any]:
            return super().listed(name) | {"shutdown_date": "2027-01-06"}

    with Telling(models=frozenset({"tts-1"})) as service:
        assert listed(openai(service)) == [Listed("tts-1", frozenset({"audio"}), "shuts down on 2027-01-06")]


def test_a_list_needs_the_key_and_does_not_quote_it() -> None:
    with OpenAIService() as service, pytest.raises(ProviderError) as raised:
        listed(openai(service, env={"OPENAI_API_KEY": "sk-wrong-0123456789"}))
    assert raised.value.code == "key-rejected"
    assert "sk-wrong" not in str(raised.value)


@pytest.mark.parametrize("body", [b"[]", b"{}", b'{"data": {}}'])
def test_a_list_that_is_none(body: bytes) -> None:
    class Odd(OpenAIService):
        def _list(self, asked: Asked) -> Reply:
            return Reply(body)

    with Odd() as service, pytest.raises(ProviderError) as raised:
        listed(openai(service))
    assert raised.value.code == "answer-incomplete"


# All of them


@pytest.mark.parametrize("medium", ["text", "image", "audio", "embedding", "video"])
def test_a_key_that_is_rejected_is_fatal_for_every_medium_and_never_quoted(medium: Any) -> None:
    with OpenAIService() as service:
        found = fault(openai(service, env={"OPENAI_API_KEY": "sk-wrong-0123456789"}), asking(medium, "Hi", "any-model"))
    assert (found.code, found.fatal) == ("key-rejected", True)
    assert "sk-wrong" not in str(found)


@pytest.mark.parametrize("medium", ["image", "audio", "embedding", "video"])
def test_a_model_that_does_not_exist_is_named_for_every_medium(medium: Any) -> None:
    with OpenAIService(models=frozenset({"other"})) as service:
        found = fault(openai(service), asking(medium, "Hi", "gpt-nowhere"))
    assert (found.code, found.fatal) == ("model-unknown", True)
    assert "gpt-nowhere" in found.what


def test_a_price_in_an_answer_counts_only_where_the_service_is_known_to_name_dollars() -> None:
    class Priced(OpenAIService):
        def price(self) -> dict[str, Any]:
            return {"cost": 0.25}

    with Priced() as service:
        at_openai = ask(openai(service), text())[0]
        router = OpenAI(Settings("router", base_url=service.url, key_env="K", env={"K": KEY}, info=OPENROUTER))
        [at_router] = ask(router, text())
    assert (at_openai.usd, at_router.usd) == (None, Decimal("0.25"))
