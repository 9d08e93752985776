"""Replicate's protocol, against a loopback service: predictions that start, are asked after, fail and are cancelled."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import pytest
from genarun.errors import ProviderError, SetupError
from genarun.providers import jobs as module
from genarun.providers.base import Settings, Usage
from genarun.providers.replicate.provider import Replicate

from tests.say import says
from tests.services.ask import ask, fault, picture, replicate, text
from tests.services.replicate_service import KEY, Fails, ReplicateService, problem
from tests.services.samples import png
from tests.services.web import Asked, Faults, Refuse, Reply

LLAMA = "meta/llama-4"
FLUX = "black-forest-labs/flux-2"


def posts(service: ReplicateService) -> list[str]:
    return [asked.path for asked in service.posts]


def test_a_text_in_pieces() -> None:
    with ReplicateService() as service:
        [reply] = ask(replicate(service), text("world", LLAMA, system="Be kind.", params={"temperature": 0.3}))
    assert reply.text == "An answer to: world"
    assert reply.usage == Usage(1, 12)
    assert reply.model == LLAMA
    assert posts(service) == ["/v1/models/meta/llama-4/predictions"]
    assert service.posts[0].json == {"input": {"prompt": "world", "system_prompt": "Be kind.", "temperature": 0.3}}
    assert {asked.headers["authorization"] for asked in service.asked} == {f"Bearer {KEY}"}
    assert service.predictions["p0000"].polls == 3


def test_a_version() -> None:
    with ReplicateService() as service:
        [reply] = ask(
            replicate(service), text("world", f"{LLAMA}:5c7d5dc6dd8bf75c1acaa8565735e7986bc5b66206b55cca93cb72c9bf15ccaa")
        )
    assert reply.text == "An answer to: world"
    assert posts(service) == ["/v1/predictions"]
    assert service.posts[0].json["version"] == "5c7d5dc6dd8bf75c1acaa8565735e7986bc5b66206b55cca93cb72c9bf15ccaa"


def test_a_conversation_becomes_one_prompt() -> None:
    turns = text("And the second?", LLAMA)
    turns = type(turns)(
        "text",
        LLAMA,
        {},
        (
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "The first?"},
            {"role": "assistant", "content": "Ada."},
            {"role": "user", "content": "And the second?"},
        ),
        json=True,
    )
    with ReplicateService() as service:
        ask(replicate(service), turns)
    assert service.posts[0].json["input"] == {
        "prompt": "User: The first?\n\nAssistant: Ada.\n\nUser: And the second?\n\nAssistant:\n\n"
        "Answer with JSON, and with nothing else.",
        "system_prompt": "Be brief.",
    }


def test_a_schema_is_asked_for_in_words() -> None:
    with ReplicateService(answer=lambda asked: '{"a": 1}') as service:
        [reply] = ask(replicate(service), text("List", LLAMA, schema={"type": "object"}, json=True))
    assert reply.text == '{"a": 1}'
    assert service.posts[0].json["input"]["prompt"] == (
        'List\n\nAnswer with one JSON object that fits this JSON Schema, and with nothing else:\n{"type":"object"}'
    )


@pytest.mark.parametrize(
    ("output", "count"),
    [
        ("http://pictures.example/a.png", 1),
        (["http://pictures.example/a.png", "http://pictures.example/b.png"], 2),
        ({"url": "http://pictures.example/a.png"}, 1),
        ({"front": "http://pictures.example/a.png", "back": ["http://pictures.example/b.png"]}, 2),
    ],
)
def test_pictures_as_addresses(output: Any, count: int) -> None:
    with ReplicateService(answer=lambda asked: output) as service:
        [reply] = ask(replicate(service), picture(model=FLUX))
    assert [file.url for file in reply.files] == ["http://pictures.example/a.png", "http://pictures.example/b.png"][:count]
    assert reply.usage.images == count


def test_a_picture_inside_the_answer() -> None:
    import base64

    data = png("inside")
    inline = f"data:image/png;base64,{base64.b64encode(data).decode()}"
    with ReplicateService(answer=lambda asked: inline) as service:
        [reply] = ask(replicate(service), picture(model=FLUX))
    assert (reply.files[0].data, reply.files[0].media_type) == (data, "image/png")


@pytest.mark.parametrize("output", [None, [], "", 7, {}])
def test_an_output_without_a_picture(output: Any) -> None:
    body = {"status": "succeeded", "output": output}
    with ReplicateService() as service:
        service._end = lambda asked: body  # type: ignore[method-assign]
        found = fault(replicate(service), picture(model=FLUX))
    says(found, "answer-incomplete", "replicate answered without a picture, which its protocol promises")


@pytest.mark.parametrize(
    ("output", "code"), [({"a": 1}, "answer-incomplete"), ([1], "answer-incomplete"), ("  ", "answer-empty")]
)
def test_an_output_without_a_text(output: Any, code: str) -> None:
    with ReplicateService(answer=lambda asked: output) as service:
        assert fault(replicate(service), text(model=LLAMA)).code == code


# What goes wrong


def test_a_prediction_that_fails() -> None:
    def answer(asked: dict[str, Any]) -> Any:
        raise Fails("The prompt was flagged by the safety checker.")

    with ReplicateService(answer=answer) as service:
        found = fault(replicate(service), text(model=LLAMA))
    assert (found.retry, found.fatal) == (False, False)
    says(
        found,
        "prediction-failed",
        """
        the prediction of meta/llama-4 failed: The prompt was flagged by the safety checker.
          → Its log is at https://replicate.com/p/p0000
        """,
    )


def test_a_prediction_that_was_interrupted_is_worth_another_try() -> None:
    def answer(asked: dict[str, Any]) -> Any:
        raise Fails("Prediction interrupted; please retry (code: PA)")

    with ReplicateService(answer=answer) as service:
        assert fault(replicate(service), text(model=LLAMA)).retry


@pytest.mark.parametrize("status", ["canceled", "aborted"])
def test_a_prediction_that_somebody_cancelled(status: str) -> None:
    def answer(asked: dict[str, Any]) -> Any:
        raise Fails(None, status)

    with ReplicateService(answer=answer) as service:
        found = fault(replicate(service), text(model=LLAMA))
    says(
        found,
        "prediction-failed",
        """
        the prediction of meta/llama-4 was cancelled at the service: no reason was given
          → Its log is at https://replicate.com/p/p0000
        """,
    )


def test_a_key_that_is_rejected_and_echoed() -> None:
    with ReplicateService() as service:
        found = fault(replicate(service, env={"REPLICATE_API_TOKEN": "r8_wrong0123456789"}), text(model=LLAMA))
    assert found.fatal
    says(
        found,
        "key-rejected",
        """
        replicate rejected the key (HTTP 401): You did not pass a valid authentication token: Bearer ***
          → Check the value of REPLICATE_API_TOKEN in .env, or in Actions the repository secret. Keys are made at https://replicate.com/account/api-tokens
        """,
    )


def test_the_process_environment_is_never_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPLICATE_API_TOKEN", KEY)
    monkeypatch.setenv("REPLICATE_BASE_URL", "http://somewhere.invalid")
    with ReplicateService() as service:
        found = fault(Replicate(Settings("replicate", base_url=service.url)), text(model=LLAMA))
    assert found.code == "key-rejected"
    assert "authorization" not in service.asked[0].headers


@pytest.mark.parametrize("model", [f"{LLAMA}-typo", f"{LLAMA}:0000"])
def test_a_model_that_does_not_exist(model: str) -> None:
    with ReplicateService(models=frozenset({LLAMA})) as service:
        found = fault(replicate(service), text(model=model))
    assert (found.code, found.fatal) == ("model-unknown", True)
    assert found.what.startswith(f"replicate does not know the model {model} (HTTP ")


@pytest.mark.parametrize("model", ["gpt-5", "a/b/c", "/b", "a/"])
def test_a_name_that_is_no_models(model: str) -> None:
    with ReplicateService() as service:
        found = fault(replicate(service), text(model=model))
    assert not service.asked
    assert found.fatal
    says(
        found,
        "model-unnamed",
        f"""
        {model} is no name of a model on replicate
          → Write it as owner/name, or as owner/name:version.
        """,
    )


def test_an_input_that_is_refused() -> None:
    def answer(asked: dict[str, Any]) -> Any:
        raise problem(422, "Input validation failed", "- input.width: Must be a multiple of 16", invalid_fields=["input.width"])

    with ReplicateService(answer=answer) as service:
        found = fault(replicate(service), picture(model=FLUX, params={"width": 7}))
    assert (found.retry, found.fatal) == (False, False)
    says(
        found,
        "request-refused",
        """
        replicate refused the request for black-forest-labs/flux-2 (HTTP 422): - input.width: Must be a multiple of 16
          → Check the prompt, and the parameters of the model and of the node.
        """,
    )


def test_no_credit() -> None:
    def answer(asked: dict[str, Any]) -> Any:
        raise problem(402, "Insufficient credit", "You have insufficient credit to run this model.")

    with ReplicateService(answer=answer) as service:
        found = fault(replicate(service), picture(model=FLUX))
    assert (found.code, found.fatal) == ("no-credit", True)


def test_broken_characters_in_a_prompt() -> None:
    with ReplicateService() as service:
        assert fault(replicate(service), text("\ud800", LLAMA)).code == "request-not-json"
    assert not service.posts


@pytest.mark.parametrize("wait", ["soon", "-1", "61", "nan"])
def test_a_poll_interval_that_is_none(wait: str) -> None:
    with pytest.raises(SetupError) as raised:
        Replicate(Settings("replicate", env={"REPLICATE_POLL_INTERVAL": wait}))
    says(
        raised.value,
        "poll-interval-invalid",
        f"""
        REPLICATE_POLL_INTERVAL is '{wait}'
          → Write seconds from 0 to 60, such as 0.5.
        """,
    )


# A started prediction is paid for


def is_poll(asked: Asked) -> bool:
    return asked.method == "GET" and asked.path.startswith("/v1/predictions/")


class BadPolls(Faults):
    """Only questions after a prediction go wrong."""

    def pick(self, asked: Asked) -> str | None:
        return super().pick(asked) if is_poll(asked) else None


@pytest.mark.parametrize("kind", ["429", "500", "drop", "html", "broken", "truncated", "shape"])
def test_a_question_that_fails_is_asked_again_and_nothing_is_started_twice(kind: str) -> None:
    with ReplicateService(faults=BadPolls(0.7, (kind,), most=6)) as service:
        replies = ask(replicate(service), *(text(f"{n}", LLAMA) for n in range(10)))
    assert [reply.text for reply in replies] == [f"An answer to: {n}" for n in range(10)]
    assert len(posts(service)) == 10
    assert sum(asked.fault == kind for asked in service.asked) > 10


def test_a_prediction_that_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_LOST_POLLS", 3)
    with ReplicateService(faults=BadPolls(1.0, ("500",), most=1000)) as service:
        found = fault(replicate(service), text(model=LLAMA))
    assert not found.retry, "another try would start, and pay for, another prediction"
    assert len(posts(service)) == 1
    says(
        found,
        "prediction-lost",
        """
        the prediction p0000 was started, and what became of it cannot be learnt: replicate failed (HTTP 500): Something went wrong on our side.
          → It may have been charged: see https://replicate.com/p/p0000
        """,  # noqa: E501
    )


def test_a_key_that_is_withdrawn_meanwhile() -> None:
    with ReplicateService() as service:
        handle = service.handle

        def withdrawn(asked: Asked) -> Reply:
            if is_poll(asked):
                raise problem(401, "Unauthenticated", "Gone.")
            return handle(asked)

        service.handle = withdrawn  # type: ignore[method-assign]
        found = fault(replicate(service), text(model=LLAMA))
    assert (found.code, found.fatal, found.retry) == ("prediction-lost", True, False)


@pytest.mark.parametrize(
    "body", [{"id": "../../evil", "status": "starting"}, {"id": 7}, {"status": "starting"}, {"id": "a", "status": "new"}]
)
def test_a_prediction_of_another_shape(body: dict[str, Any]) -> None:
    whole = {"model": LLAMA, "version": "hidden", **body}

    def answer(asked: dict[str, Any]) -> Any:
        raise Refuse(Reply(json.dumps(whole).encode(), 201))

    with ReplicateService(answer=answer) as service:
        found = fault(replicate(service), text(model=LLAMA))
    assert found.code == "answer-incomplete"
    assert len(service.posts) == 1


def test_who_stops_waiting_cancels_the_prediction() -> None:
    with ReplicateService(steps=("processing",) * 10_000) as service:
        provider = replicate(service)

        async def go() -> None:
            begun = time.monotonic()
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.2):
                    await provider.call(text(model=LLAMA))
            assert time.monotonic() - begun < 1.5
            await provider.close()

        asyncio.run(go())
    assert service.predictions["p0000"].status == "canceled"
    assert posts(service)[1:] == ["/v1/predictions/p0000/cancel"]


def test_a_prediction_that_is_being_started_is_cancelled_too() -> None:
    with ReplicateService(latency=lambda asked: 0.2 if asked.method == "POST" else 0) as service:
        provider = replicate(service)

        async def go() -> None:
            task = asyncio.ensure_future(provider.call(text(model=LLAMA)))
            while not service.posts:
                await asyncio.sleep(0.01)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await provider.close()

        asyncio.run(go())
    assert service.predictions["p0000"].status == "canceled"


def test_cancelling_where_the_service_is_gone_ends_all_the_same() -> None:
    class GoneWhenStarting(Faults):
        def pick(self, asked: Asked) -> str | None:
            return super().pick(asked) if asked.method == "POST" else None

    with ReplicateService(latency=0.1, faults=GoneWhenStarting(1.0, ("drop",))) as service:
        provider = replicate(service)

        async def go() -> None:
            task = asyncio.ensure_future(provider.call(text(model=LLAMA)))
            while not service.posts:
                await asyncio.sleep(0.01)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await provider.close()

        asyncio.run(go())


def test_many_predictions_at_once() -> None:
    with ReplicateService(steps=("processing",)) as service:
        replies = ask(replicate(service), *(text(f"{n}", LLAMA) for n in range(64)))
    assert len({reply.text for reply in replies}) == 64
    assert service.counts["connections"] <= 64


def test_every_fault_of_a_bad_day_is_worth_another_try() -> None:
    with ReplicateService(
        faults=Faults(0.3, kinds=("429", "500", "drop", "html", "broken", "truncated", "shape"), seed=5)
    ) as service:
        provider = replicate(service)

        async def until_answered(prompt: str) -> str | None:
            while True:
                try:
                    return (await provider.call(text(prompt, LLAMA))).text
                except ProviderError as found:
                    if found.fatal or not found.retry:
                        raise

        async def go() -> list[str | None]:
            found = await asyncio.gather(*(until_answered(f"{n}") for n in range(50)))
            await provider.close()
            return found

        assert asyncio.run(go()) == [f"An answer to: {n}" for n in range(50)]
    assert not {digest for digest in service.repeats() if digest}, "an answered start is never repeated"
