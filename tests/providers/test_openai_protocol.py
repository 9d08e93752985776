"""Our provider and our loopback service beside the real SDK: each endpoint, both ways.

The SDK calls the service, and what comes back is held to the SDK's types, strictly. Then the provider sends the same call, and
the two requests are compared.
"""

from __future__ import annotations

import asyncio
import base64
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import openai as sdk
import pytest
from genarun.providers.base import ModelRequest
from openai import types
from openai.types.audio import SpeechCreateParams
from openai.types.chat import ChatCompletion
from openai.types.chat.completion_create_params import CompletionCreateParamsNonStreaming
from openai.types.video_create_params import VideoCreateParams
from pydantic import BaseModel

from tests.services import openai_fields
from tests.services.ask import ask, fault, openai
from tests.services.asks import asking
from tests.services.openai_fields import read_form
from tests.services.openai_service import KEY, OpenAIService
from tests.services.samples import mp3, mp4, png
from tests.services.web import Asked

ENV = {
    "OPENAI_ORG_ID": "org-museum",
    "OPENAI_PROJECT_ID": "proj-winter",
    "OPENAI_CUSTOM_HEADERS": "X-Team: press\nX-Trace: on",
}
PICTURE = ("picture-1.png", png("door"), "image/png")
SCHEMA = {
    "type": "object",
    "properties": {"items": {"type": "array", "items": {"type": "string"}}},
    "required": ["items"],
    "additionalProperties": False,
}
FORMAT = {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": SCHEMA}}


@dataclass(frozen=True)
class Endpoint:
    """One call: by the SDK, and as the provider is asked for it. kind: the type of its answer; None for bytes."""

    call: Callable[[Any], Any]
    request: ModelRequest | None
    kind: type[BaseModel] | None


def user(content: Any) -> list[dict[str, Any]]:
    return [{"role": "user", "content": content}]


def seen() -> list[dict[str, Any]]:
    link = f"data:image/png;base64,{base64.b64encode(PICTURE[1]).decode()}"
    return [{"type": "text", "text": "What is it?"}, {"type": "image_url", "image_url": {"url": link}}]


ENDPOINTS: dict[str, Endpoint] = {
    "chat": Endpoint(
        lambda to: to.chat.completions.create(model="gpt-test", messages=user("Say hello"), temperature=0.5),
        asking("text", "Say hello", "gpt-test", params={"temperature": 0.5}),
        ChatCompletion,
    ),
    "chat with log-probabilities": Endpoint(
        lambda to: to.chat.completions.create(model="gpt-test", messages=user("Say hello"), logprobs=True),
        asking("text", "Say hello", "gpt-test", logprobs=True),
        ChatCompletion,
    ),
    "chat with a schema": Endpoint(
        lambda to: to.chat.completions.create(model="gpt-test", messages=user("List"), response_format=FORMAT),
        asking("text", "List", "gpt-test", schema=SCHEMA, json=True),
        ChatCompletion,
    ),
    "chat with a picture": Endpoint(
        lambda to: to.chat.completions.create(model="gpt-test", messages=user(seen())),
        asking("text", "What is it?", "gpt-test", "door"),
        ChatCompletion,
    ),
    "picture": Endpoint(
        lambda to: to.images.generate(model="gpt-image-test", prompt="A lighthouse", size="1024x1024"),
        asking("image", "A lighthouse", "gpt-image-test", params={"size": "1024x1024"}),
        types.ImagesResponse,
    ),
    "edit": Endpoint(
        lambda to: to.images.edit(
            model="gpt-image-test", prompt="Paint it red", image=PICTURE, n=2, svg={"model": "gpt-test"}, quality="low"
        ),
        asking(
            "image", "Paint it red", "gpt-image-test", "door", params={"n": 2, "svg": {"model": "gpt-test"}, "quality": "low"}
        ),
        types.ImagesResponse,
    ),
    "edit of two": Endpoint(
        lambda to: to.images.edit(
            model="gpt-image-test",
            prompt="Both in one",
            image=[PICTURE, ("picture-2.png", png("key"), "image/png")],
        ),
        asking("image", "Both in one", "gpt-image-test", "door", "key"),
        types.ImagesResponse,
    ),
    "speech": Endpoint(
        lambda to: to.audio.speech.create(
            model="tts-test", input="Good morning.", voice="coral", instructions="Whisper.", response_format="mp3", speed=1.5
        ),
        asking("audio", "Good morning.", "tts-test", system="Whisper.", params={"voice": "coral", "speed": 1.5}),
        None,
    ),
    "embedding": Endpoint(
        lambda to: to.embeddings.create(model="text-embedding-test", input="A door", encoding_format="float", dimensions=4),
        asking("embedding", "A door", "text-embedding-test", params={"dimensions": 4}),
        types.CreateEmbeddingResponse,
    ),
    "film": Endpoint(
        lambda to: to.videos.create(model="sora-test", prompt="A door opens", seconds="8", size="1280x720"),
        asking("video", "A door opens", "sora-test", params={"seconds": "8", "size": "1280x720"}),
        types.Video,
    ),
    "film from a picture": Endpoint(
        lambda to: to.videos.create(model="sora-test", prompt="It opens", input_reference=PICTURE),
        asking("video", "It opens", "sora-test", "door"),
        types.Video,
    ),
    "models": Endpoint(lambda to: to.models.list(), None, types.Model),
}


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Any:
    with OpenAIService() as running:
        for name, value in {**ENV, "OPENAI_BASE_URL": running.url, "OPENAI_API_KEY": KEY}.items():
            monkeypatch.setenv(name, value)
        yield running


def by_sdk(call: Callable[[Any], Any]) -> Any:
    """What the SDK makes of the raw answer: its text, or the bytes of a file."""

    async def go() -> Any:
        async with sdk.AsyncOpenAI(max_retries=0) as client:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)  # films: the protocol outlived OpenAI's own
                return await call(client.with_raw_response)

    return asyncio.run(go())


def without_surprises(found: Any) -> None:
    """No field that the SDK's type does not name, at any depth."""
    if isinstance(found, BaseModel):
        assert not found.model_extra, f"{type(found).__name__} has no {sorted(found.model_extra or ())}"
        for name in type(found).model_fields:
            without_surprises(getattr(found, name))
    elif isinstance(found, list):
        for one in found:
            without_surprises(one)


@pytest.mark.parametrize("name", ENDPOINTS)
def test_what_the_service_answers_is_what_the_sdk_says_of_it(service: OpenAIService, name: str) -> None:
    endpoint = ENDPOINTS[name]
    raw = by_sdk(endpoint.call)
    if endpoint.kind is None:
        assert raw.content == mp3("coral Good morning.")
        return
    if name == "models":
        listed = raw.http_response.json()
        assert (listed["object"], len(listed["data"])) == ("list", 6)
        for one in listed["data"]:
            without_surprises(types.Model.model_validate(one, strict=True))
        return
    without_surprises(endpoint.kind.model_validate_json(raw.text, strict=True))


def test_a_films_whole_life(service: OpenAIService) -> None:
    begun = types.Video.model_validate_json(by_sdk(lambda to: to.videos.create(model="sora-test", prompt="A door")).text)
    seen = [
        types.Video.model_validate_json(by_sdk(lambda to: to.videos.retrieve(begun.id)).text, strict=True) for _ in range(2)
    ]
    assert [one.status for one in (begun, *seen)] == ["queued", "in_progress", "completed"]
    assert by_sdk(lambda to: to.videos.download_content(begun.id)).content == mp4("sora-test A door")
    gone = by_sdk(lambda to: to.videos.delete(begun.id))
    without_surprises(types.VideoDeleteResponse.model_validate_json(gone.text, strict=True))
    with pytest.raises(sdk.NotFoundError):
        by_sdk(lambda to: to.videos.retrieve(begun.id))


def sent(asked: Asked) -> Any:
    """What a request says, apart from how its transport says it."""
    own_transport = {"accept-encoding", "connection", "content-length", "host"}
    headers = {
        name: value
        for name, value in asked.headers.items()
        if name not in own_transport and not name.startswith("x-stainless-")
    }
    if not asked.body:
        headers.pop("content-type", None)  # ours is the session's, and says nothing of a body that is not there
    if asked.json is not None or not asked.body:
        return asked.method, asked.path, asked.query, headers, asked.json
    headers["content-type"] = headers["content-type"].partition(";")[0]
    form = {
        name: [(part.data, part.file, part.file and part.media) for part in parts] for name, parts in read_form(asked).items()
    }
    return asked.method, asked.path, asked.query, headers, form


@pytest.mark.parametrize("name", ENDPOINTS)
def test_calls_carry_what_the_sdk_would_send(service: OpenAIService, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    endpoint = ENDPOINTS[name]
    by_sdk(endpoint.call)
    for variable in ENV:
        monkeypatch.delenv(variable)
    provider = openai(service, env=ENV)
    if endpoint.request is None:
        asyncio.run(listing(provider))
    else:
        ask(provider, endpoint.request)
    theirs, ours = service.asked[0], service.asked[1]
    assert sent(ours) == sent(theirs)
    assert ours.headers["openai-organization"] == "org-museum"


def test_values_of_every_kind_are_written_into_a_form_as_the_sdk_writes_them(service: OpenAIService) -> None:
    odd: dict[str, Any] = {
        "yes": True,
        "no": False,
        "half": 0.5,
        "many": 3,
        "tags": ["a", "b"],
        "deep": {"er": {"x": [1, True]}},
    }
    with pytest.raises(sdk.BadRequestError):  # the service does not know them; what matters is how they came
        by_sdk(lambda to: to.images.edit(model="m", prompt="p", image=PICTURE, extra_body=odd))
    assert fault(openai(service), asking("image", "p", "m", "door", params=odd)).code == "request-refused"
    theirs, ours = map(read_form, service.asked)
    assert {name: [part.data for part in parts] for name, parts in ours.items()} == {
        name: [part.data for part in parts] for name, parts in theirs.items()
    }


async def listing(provider: Any) -> Any:
    try:
        return await provider.models()
    finally:
        await provider.close()


def test_looks_after_a_film_carry_what_the_sdk_would_send(service: OpenAIService, monkeypatch: pytest.MonkeyPatch) -> None:
    by_sdk(lambda to: to.videos.create(model="m", prompt="p"))
    for call in (
        lambda to: to.videos.retrieve("video_0000"),
        lambda to: to.videos.retrieve("video_0000"),
        lambda to: to.videos.download_content("video_0000"),
    ):
        by_sdk(call)
    theirs = [sent(asked) for asked in service.asked[1:]]
    for variable in ENV:
        monkeypatch.delenv(variable)
    ask(openai(service, env=ENV), asking("video", "p", "m"))
    ours = [sent(asked) for asked in service.asked[len(theirs) + 2 :]]
    assert [(method, path.replace("0001", "0000"), *rest) for method, path, *rest in ours] == theirs


PARAMS: dict[str, tuple[dict[str, Any], Any]] = {
    "chat": (openai_fields.CHAT, CompletionCreateParamsNonStreaming),
    "pictures": (openai_fields.IMAGES, types.image_generate_params.ImageGenerateParamsNonStreaming),
    "edits": (openai_fields.EDITS, types.image_edit_params.ImageEditParamsNonStreaming),
    "speech": (openai_fields.SPEECH, SpeechCreateParams),
    "embeddings": (openai_fields.EMBEDDINGS, types.EmbeddingCreateParams),
    "films": (openai_fields.VIDEOS, VideoCreateParams),
}


@pytest.mark.parametrize("name", PARAMS)
def test_the_service_knows_the_fields_of_the_reference_and_no_others(name: str) -> None:
    known, described = PARAMS[name]
    assert set(known) == set(described.__annotations__)


@pytest.mark.parametrize(
    ("route", "body", "complaint"),
    [
        ("audio/speech", {"model": "m", "input": "Hi"}, "Missing required parameter: 'voice'."),
        ("audio/speech", {"model": "m", "input": "Hi", "voice": "alloy", "pitch": 2}, "supplied: pitch"),
        ("audio/speech", {"model": "m", "input": 7, "voice": "alloy"}, "expected a string, but got an integer"),
        ("audio/speech", {"model": "m", "input": "Hi", "voice": "Freya"}, "Invalid value: 'Freya'."),
        ("embeddings", {"model": "m", "input": ""}, "it must not be empty"),
        ("embeddings", {"model": "m", "input": "a", "text": "b"}, "supplied: text"),
        (
            "chat/completions",
            {"model": "m", "messages": [{"role": "user", "content": "a", "images": []}]},
            "messages[0].images",
        ),
        (
            "chat/completions",
            {"model": "m", "messages": user([{"type": "image"}])},
            "Invalid value for 'messages[0].content[0]'.",
        ),
        ("images/edits", {"model": "m", "prompt": "p"}, "This endpoint takes multipart/form-data."),
    ],
)
def test_the_service_refuses_what_the_reference_does_not_know(
    service: OpenAIService, route: str, body: dict[str, Any], complaint: str
) -> None:
    async def go() -> None:
        async with sdk.AsyncOpenAI(max_retries=0) as client:
            await client.post(f"/{route}", body=body, cast_to=object)

    with pytest.raises(sdk.BadRequestError) as raised:
        asyncio.run(go())
    assert complaint in str(raised.value)
