"""What predictions on Replicate give: files of every medium, vectors, texts, and how much of it was made."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

import pytest
from genarun.errors import ProviderError
from genarun.providers.base import File, Listed, Usage
from genarun.providers.catalog import REPLICATE
from genarun.providers.download import fetch
from genarun.providers.faults import Service
from genarun.providers.replicate.models import split_name

from tests.say import says
from tests.services.ask import ask, fault, replicate, text
from tests.services.replicate_models import (
    EMBEDDER,
    FILM,
    FLUX,
    GPT,
    SPEECH,
    UPSCALER,
    published,
    wanted,
)
from tests.services.replicate_service import Made, ReplicateService

MP3 = b"ID3\x04\x00\x00\x00\x00\x00\x00" + b"\x00" * 40
MP4 = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isommp42" + b"\x00" * 40


def download(file: File, medium: str) -> File:
    assert file.url is not None
    return asyncio.run(fetch(file.url, max_bytes=1000, timeout=5, allow_private=True, media=(medium,)))


@pytest.mark.parametrize(("medium", "model", "name", "data"), [("audio", SPEECH, "a.mp3", MP3), ("video", FILM, "a.mp4", MP4)])
@pytest.mark.parametrize("shape", ["text", "list", "object"])
def test_a_file_is_named_by_its_address_and_can_be_fetched(medium: Any, model: str, name: str, data: bytes, shape: str) -> None:
    def answer(asked: dict[str, Any]) -> Any:
        url = service.host(name, data)
        return {"text": url, "list": [url], "object": {"file": url, "title": "Morning", "bars": 8}}[shape]

    with published(answer=answer) as service:
        [reply] = ask(replicate(service), wanted(medium, "The sea", model))
        [file] = reply.files
        found = download(file, medium)
    assert found.data == data
    assert (found.media_type or "").startswith(f"{medium}/")
    assert (reply.text, reply.vector, reply.model) == (None, None, model)


def test_what_comes_beside_a_song_is_left() -> None:
    output = {"audio": "http://a.example/song.mp3", "spectrogram": "http://a.example/song.jpg?of=song.mp3"}
    with published(answer=lambda asked: output) as service:
        [reply] = ask(replicate(service), wanted("audio"))
    assert reply.files == (File(url="http://a.example/song.mp3"),)


def test_files_whose_names_tell_nothing_are_all_kept() -> None:
    output = [{"file": "http://a.example/1"}, {"file": "http://a.example/2", "text": "the second"}]
    with published(answer=lambda asked: output) as service:
        [reply] = ask(replicate(service), wanted("video", model=FILM))
    assert [file.url for file in reply.files] == ["http://a.example/1", "http://a.example/2"]


def test_a_sound_inside_the_answer() -> None:
    inline = f"data:audio/mpeg;base64,{base64.b64encode(MP3).decode()}"
    with published(answer=lambda asked: inline) as service:
        [reply] = ask(replicate(service), wanted("audio"))
    assert reply.files == (File(data=MP3, media_type="audio/mpeg"),)


@pytest.mark.parametrize(
    ("medium", "model", "metrics", "usage"),
    [
        ("audio", SPEECH, {"audio_output_duration_seconds": 2.5}, Usage(seconds=2.5)),
        ("audio", SPEECH, {"character_input_count": 6, "predict_time": 9}, Usage(characters=6)),
        ("video", FILM, {"video_output_duration_seconds": 5, "with_audio": True}, Usage(seconds=5.0)),
        ("video", FILM, {"video_output_duration_seconds": "5"}, Usage()),
        ("video", FILM, {"predict_time": 61.5, "total_time": 63}, Usage()),
        ("image", FLUX, {"image_output_count": 3, "video_output_duration_seconds": 5}, Usage(images=1)),
    ],
)
def test_how_much_was_made(medium: Any, model: str, metrics: dict[str, Any], usage: Usage) -> None:
    with published(answer=lambda asked: Made("http://a.example/b", metrics)) as service:
        [reply] = ask(replicate(service), wanted(medium, model=model))
    assert reply.usage == usage


@pytest.mark.parametrize(
    "metrics", [{"token_input_count": 3, "token_output_count": 4}, {"input_token_count": 3, "output_token_count": 4}]
)
def test_tokens_by_either_name(metrics: dict[str, int]) -> None:
    with published(answer=lambda asked: Made("Hello", metrics)) as service:
        [reply] = ask(replicate(service), text(model=GPT))
    assert reply.usage == Usage(3, 4)


@pytest.mark.parametrize(
    "output",
    [
        [0.25, -1, 2],
        [[0.25, -1, 2]],
        {"embedding": [0.25, -1, 2]},
        {"model": "e5", "vectors": [[0.25, -1, 2]]},
        [{"input": "The sea", "embedding": [0.25, -1, 2]}],
        {"embeddings": [{"embedding": [0.25, -1, 2]}]},
    ],
)
def test_a_vector(output: Any) -> None:
    with published(answer=lambda asked: output) as service:
        [reply] = ask(replicate(service), wanted("embedding", "The sea", EMBEDDER))
    assert reply.vector == (0.25, -1.0, 2.0)
    assert (reply.text, reply.files) == (None, ())


def nested(depth: int, output: Any) -> Any:
    for _ in range(depth):
        output = [output]
    return output


@pytest.mark.parametrize(
    "output", [[], [[1], [2]], [True], ["0.5"], "0.5", {"norm": 1}, {"embedding": None}, nested(200, 0.5), 0.5]
)
def test_an_output_without_a_vector(output: Any) -> None:
    with published(answer=lambda asked: output) as service:
        found = fault(replicate(service), wanted("embedding", model=EMBEDDER))
    says(found, "answer-incomplete", "replicate answered without a vector, which its protocol promises")


@pytest.mark.parametrize(("medium", "model", "what"), [("audio", SPEECH, "a sound"), ("video", FILM, "a film")])
@pytest.mark.parametrize("output", [[], "", "done", {"status": "ok"}, nested(200, "http://a.example/b"), 7])
def test_an_output_without_a_file(medium: Any, model: str, what: str, output: Any) -> None:
    with published(answer=lambda asked: output) as service:
        found = fault(replicate(service), wanted(medium, model=model))
    says(found, "answer-incomplete", f"replicate answered without {what}, which its protocol promises")


# Which models there are


def listed(service: ReplicateService) -> list[Listed]:
    provider = replicate(service)

    async def go() -> list[Listed]:
        try:
            return list(await provider.models())  # type: ignore[attr-defined]
        finally:
            await provider.close()

    return asyncio.run(go())


def test_the_official_models_are_listed_with_what_they_make() -> None:
    official = {
        GPT: ["Hel", "lo"],
        FLUX: ["https://replicate.delivery/x/out-0.webp"],
        SPEECH: "https://replicate.delivery/y/speech.mp3",
        FILM: "https://replicate.delivery/z/film.mp4",
        EMBEDDER: [[0.5, 0.5]],
        UPSCALER: None,
        "someone/unfinished": None,
    }
    with published(official=official) as service:
        found = listed(service)
    assert {one.model: one.media for one in found} == {
        GPT: {"text"},
        FLUX: {"image"},
        SPEECH: {"audio"},
        FILM: {"video"},
        EMBEDDER: {"embedding"},
        UPSCALER: None,
        "someone/unfinished": None,
    }
    assert found[0].note == "official: A model called gpt-5.6-terra"
    assert [asked.path for asked in service.asked] == ["/v1/collections/official"]


def test_examples_that_the_sdk_does_not_know_are_left() -> None:
    with published(official={GPT: ["Hel", "lo"], FLUX: ["https://replicate.delivery/x/out-0.webp"]}) as service:
        model = service._model

        def newer(name: str) -> dict[str, Any]:
            found = model(name)
            found["default_example"]["status"] = "aborted" if name == FLUX else 7
            found["latest_version"]["cog_version"] = None
            return found

        service._model = newer  # type: ignore[method-assign]
        found = listed(service)
    assert [(one.model, one.media) for one in found] == [(GPT, {"text"}), (FLUX, None)]


def test_a_key_that_may_not_list() -> None:
    with ReplicateService(key="r8_another") as service, pytest.raises(ProviderError) as raised:
        listed(service)
    assert raised.value.code == "key-rejected"


def test_the_models_to_begin_with() -> None:
    assert REPLICATE.media == {"text", "image", "audio", "video", "embedding"}
    assert set(REPLICATE.models) == REPLICATE.media - {"embedding"}, "none that makes vectors is known to be official"
    for model in REPLICATE.models.values():
        assert split_name(Service("replicate", ""), model) == (model, "")
