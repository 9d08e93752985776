"""Where a request goes in a model's input: its prompt, what is said before it, its pictures."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from genarun.providers.base import Attachment, ModelRequest
from genarun.providers.key import request_key

from tests.say import says
from tests.services.ask import ask, fault, picture, replicate, text
from tests.services.replicate_models import (
    EMBEDDER,
    FILM,
    FLUX,
    FLUX_LISTED,
    GPT,
    SPEECH,
    UPSCALER,
    URI,
    published,
    refused,
    sent,
    wanted,
)
from tests.services.replicate_service import ReplicateService, document
from tests.services.samples import png


def properties(*names: str, **more: dict[str, Any]) -> dict[str, Any]:
    return {name: {"type": "string"} for name in names} | more


@pytest.mark.parametrize(
    ("medium", "takes", "required", "filled"),
    [
        ("text", properties("text", "prompt"), [], "prompt"),
        ("text", properties("negative_prompt", "text"), [], "text"),
        ("image", properties("input", "caption", "style"), [], "input"),
        ("image", properties("caption", "script", "style"), [], "caption"),
        ("video", properties("script", "voice"), [], "script"),
        ("image", properties("prompt", "text"), ["text"], "text"),
        ("audio", properties("prompt", "text"), [], "text"),
        ("audio", properties("lyrics", "prompt"), ["prompt", "lyrics"], "prompt"),
        ("image", properties("text", input=URI), [], "text"),
        ("image", properties("haiku", "mood", image_url={"type": "string"}), ["mood", "haiku", "image_url"], "haiku"),
        ("image", properties(prompt={"type": "string", "enum": ["a", "b"]}, text={"type": "string"}), [], "text"),
    ],
)
def test_the_prompt_goes_where_the_model_wants_it(medium: str, takes: Any, required: list[str], filled: str) -> None:
    params = {name: "given" for name in required if name != filled}
    with ReplicateService(schemas={FLUX: document(takes, required)}, answer=lambda asked: "http://a.example/b") as service:
        ask(replicate(service), wanted(medium, "A poem", FLUX, params=params))
    assert sent(service) == {filled: "A poem", **params}


def test_a_prompt_for_a_model_that_takes_several() -> None:
    with published(answer=lambda asked: [[0.5, 1]]) as service:
        ask(replicate(service), wanted("embedding", "A poem", EMBEDDER))
    assert sent(service) == {"texts": ["A poem"]}


def test_what_a_person_wrote_in_the_parameters_wins() -> None:
    with published() as service:
        ask(replicate(service), text("Hello", GPT, system="Be kind.", params={"prompt": "Mine", "system_prompt": None}))
    assert sent(service) == {"prompt": "Mine", "system_prompt": None}


def test_a_style_among_the_parameters_leaves_the_prompt_its_place() -> None:
    takes = document(properties("prompt", "text"), ["text"])
    with ReplicateService(schemas={SPEECH: takes}, answer=lambda asked: "http://a.example/b.mp3") as service:
        ask(replicate(service), wanted("audio", "Good night", params={"prompt": "Whisper it"}))
    assert sent(service) == {"text": "Good night", "prompt": "Whisper it"}


@pytest.mark.parametrize(
    ("takes", "expected"),
    [
        (properties("prompt", "system_prompt"), {"system_prompt": "Be kind.", "prompt": "Hello"}),
        (properties("prompt", "system_instruction"), {"system_instruction": "Be kind.", "prompt": "Hello"}),
        (properties("prompt"), {"prompt": "Be kind.\n\nHello"}),
    ],
)
def test_what_is_said_beforehand(takes: dict[str, Any], expected: dict[str, str]) -> None:
    with ReplicateService(schemas={GPT: document(takes)}) as service:
        ask(replicate(service), text("Hello", GPT, system="Be kind."))
    assert sent(service) == expected


def test_a_prompt_that_has_nowhere_to_go() -> None:
    says(
        refused(picture(model=UPSCALER, params={"image": "https://a.example/b.png"})),
        "prompt-not-taken",
        f"""
        {UPSCALER} on replicate takes no text, and the node has a prompt for it
          → Choose another model, or write `prompt: null` among its parameters to send none. It takes image, scale.
        """,
    )


def test_a_model_without_a_prompt_can_be_asked_without_one() -> None:
    with published(answer=lambda asked: "http://a.example/b.png") as service:
        ask(replicate(service), picture(model=UPSCALER, params={"prompt": None, "image": "https://a.example/b.png"}))
    assert sent(service) == {"image": "https://a.example/b.png"}


# Pictures


def attachment(seed: str, data: bytes | None = None) -> Attachment:
    data = data or png(seed)
    return Attachment(f"sha256:{seed:0<16}", f"assets/{seed}.png", data, "image/png")


def shows(request: ModelRequest, *pictures: Attachment) -> ModelRequest:
    """The same request, its last turn with pictures."""
    last = {**request.messages[-1], "images": [one.digest for one in pictures]}
    attached = {**request.attached, **{one.digest: one for one in pictures}}
    fields = {name: getattr(request, name) for name in ("medium", "model", "params", "node", "path")}
    return ModelRequest(**fields, messages=(*request.messages[:-1], last), attached=attached)


def inside(one: Attachment) -> str:
    return f"data:image/png;base64,{base64.b64encode(one.data).decode()}"


A, B, C, D = (attachment(name) for name in "abcd")


@pytest.mark.parametrize("shown", [(A,), (A, B, C)])
def test_pictures_for_a_model_that_takes_several(shown: tuple[Attachment, ...]) -> None:
    with published() as service:
        ask(replicate(service), shows(picture("Merge them", FLUX), *shown))
    assert sent(service) == {"prompt": "Merge them", "input_images": [inside(one) for one in shown]}


def test_a_text_about_a_picture() -> None:
    with published() as service:
        ask(replicate(service), shows(text("What is this?", GPT), A))
    assert sent(service) == {"prompt": "What is this?", "image_input": [inside(A)]}


def test_a_film_that_starts_with_a_picture() -> None:
    with published(answer=lambda asked: "http://a.example/b.mp4") as service:
        ask(replicate(service), shows(wanted("video", "It moves", FILM), A))
    assert sent(service) == {"prompt": "It moves", "image": inside(A)}


def test_a_picture_for_a_model_that_says_nothing() -> None:
    with ReplicateService() as service:
        ask(replicate(service), shows(text("What is this?", GPT), A))
    assert sent(service) == {"prompt": "What is this?", "image": inside(A)}


@pytest.mark.parametrize(
    ("takes", "required", "count", "filled"),
    [
        ({"prompt": {"type": "string"}, "image": URI, "reference_images": {"type": "array", "items": URI}}, [], 1, "image"),
        ({"prompt": {"type": "string"}, "image": URI, "reference_images": {"type": "array", "items": URI}}, [], 2, None),
        ({"prompt": {"type": "string"}, "image": URI, "input_image": URI}, ["input_image"], 1, "input_image"),
        ({"prompt": {"type": "string"}, "video": URI, "face_image": URI}, ["video", "face_image"], 1, "face_image"),
    ],
)
def test_pictures_go_where_the_model_wants_them(takes: Any, required: list[str], count: int, filled: str | None) -> None:
    shown, params = (A, B)[:count], {"video": "https://a.example/b.mp4"} if "video" in takes else {}
    with ReplicateService(schemas={FLUX: document(takes, required)}) as service:
        ask(replicate(service), shows(picture("Go", FLUX, params=params), *shown))
    expected = {filled: inside(A)} if filled else {"reference_images": [inside(A), inside(B)]}
    assert sent(service) == {"prompt": "Go", **expected, **params}


def test_a_conversation_shows_the_pictures_of_all_its_turns_once() -> None:
    turns = (
        {"role": "user", "content": "What is this?", "images": [A.digest, B.digest]},
        {"role": "assistant", "content": "A wren."},
        {"role": "user", "content": "And this?", "images": [B.digest, C.digest]},
    )
    attached = {one.digest: one for one in (A, B, C)}
    with published() as service:
        ask(replicate(service), ModelRequest("text", GPT, {}, turns, attached=attached))
    assert sent(service)["image_input"] == [inside(A), inside(B), inside(C)]


@pytest.mark.parametrize(
    ("model", "count", "takes", "way"),
    [
        (SPEECH, 2, "no pictures", "Choose another model. It takes text, voice_id, speed."),
        (
            FILM,
            2,
            "one picture",
            "Show fewer, or choose another model. It takes prompt, image, duration, negative_prompt.",
        ),
        (FLUX, 4, "3 pictures at most", f"Show fewer, or choose another model. {FLUX_LISTED}"),
    ],
)
def test_more_pictures_than_the_model_takes(model: str, count: int, takes: str, way: str) -> None:
    says(
        refused(shows(wanted("video", "Go", model), *(A, B, C, D)[:count])),
        "pictures-not-taken",
        f"""
        {model} on replicate takes {takes}, and the node shows it {count}
          → {way}
        """,
    )


def test_two_pictures_for_a_model_that_says_nothing() -> None:
    with ReplicateService() as service:
        found = fault(replicate(service), shows(text("What are these?", GPT), A, B))
    assert not service.posts
    says(
        found,
        "pictures-not-taken",
        f"""
        {GPT} on replicate takes one picture, and the node shows it 2
          → Show fewer, or choose another model.
        """,
    )


def test_a_large_picture_is_uploaded_once_and_sent_as_an_address() -> None:
    small, large = attachment("e", b"e" * 256_000), attachment("f", b"f" * 256_001)
    with published() as service:
        ask(replicate(service), *(shows(picture(f"Merge {n}", FLUX), small, large) for n in range(3)))
    assert service.uploads == {"f0000": ("f000000000000000.png", "image/png", large.data)}
    asked = [one.json["input"]["input_images"] for one in service.posts if one.path.endswith("/predictions")]
    assert asked == [[inside(small), f"{service.url}/v1/files/f0000"]] * 3


def test_nothing_is_uploaded_for_a_request_that_does_not_fit() -> None:
    large = attachment("f", b"f" * 300_000)
    assert refused(shows(picture("Go", FLUX, params={"num_outputs": 9}), large)).code == "parameter-misfit"


def test_a_file_answered_as_the_api_describes_it_today() -> None:
    with published() as service:
        whole = service._uploaded

        def described(known: str) -> bytes:
            return whole(known).replace(b'"name"', b'"unknown"').replace(b'"etag"', b'"other"')

        service._uploaded = described  # type: ignore[method-assign]
        ask(replicate(service), shows(picture("Go", FLUX), attachment("f", b"f" * 300_000)))
    assert sent(service)["input_images"] == [f"{service.url}/v1/files/f0000"]


def test_an_upload_without_an_address() -> None:
    with published() as service:
        whole = service._uploaded
        service._uploaded = lambda known: json.dumps(json.loads(whole(known)) | {"urls": {}}).encode()  # type: ignore[method-assign]
        found = fault(replicate(service), shows(picture("Go", FLUX), attachment("f", b"f" * 300_000)))
    assert not service.predictions
    says(found, "answer-incomplete", "replicate answered without the address of an uploaded file, which its protocol promises")


# The key


def test_where_things_go_is_no_part_of_the_key() -> None:
    request = shows(picture("Go", FLUX, params={"num_outputs": 2}), A)
    provider = replicate("http://127.0.0.1:9")
    before = request_key(provider, request)
    with published() as service:
        other = replicate("http://127.0.0.1:9")
        ask(replicate(service), request)
    assert request_key(other, request) == before
    assert before == request_key(provider, shows(picture("Go", FLUX, params={"num_outputs": 2}), attachment("a", b"unread")))
