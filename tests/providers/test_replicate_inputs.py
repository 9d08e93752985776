"""What a model on Replicate takes, read from the service: a wrong parameter is named before anything is started."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from genarun.errors import ProviderError
from genarun.providers.replicate import provider as module
from genarun.providers.replicate import shared

from tests.helpers import Place
from tests.say import says
from tests.services.ask import ask, fault, picture, replicate, text
from tests.services.replicate_models import (
    EMBEDDER,
    FLUX,
    FLUX_LISTED,
    FLUX_TAKES,
    GPT,
    SPEECH,
    UPSCALER,
    published,
    refused,
    sent,
    wanted,
)
from tests.services.replicate_service import ReplicateService, document, problem, version_of
from tests.services.web import Asked, Faults, Reply

# What does not fit


def test_a_misspelt_parameter() -> None:
    says(
        refused(picture(model=FLUX, params={"aspectratio": "16:9"})),
        "parameter-unknown",
        f"""
        {FLUX} on replicate has no parameter `aspectratio`
          → Nothing was started. Did you mean `aspect_ratio`? {FLUX_LISTED}
        """,
    )


def test_a_parameter_like_no_other() -> None:
    says(
        refused(picture(model=FLUX, params={"size": "1024x1024"})),
        "parameter-unknown",
        f"""
        {FLUX} on replicate has no parameter `size`
          → Nothing was started. {FLUX_LISTED}
        """,
    )


@pytest.mark.parametrize(
    ("params", "sentence", "left_out"),
    [
        ({"aspect_ratio": "4:3"}, 'must be one of "1:1", "16:9", "9:16", not "4:3"', ' Left out, it is "1:1".'),
        ({"num_outputs": 9}, "must be at most 4, is 9", " Left out, it is 1."),
        ({"num_outputs": 0}, "must be at least 1, is 0", " Left out, it is 1."),
        ({"num_outputs": "2"}, "must be a whole number, not a text", " Left out, it is 1."),
        ({"num_outputs": None}, "must be a whole number, not null", " Left out, it is 1."),
        ({"num_outputs": 1.5}, "must be a whole number, not a number", " Left out, it is 1."),
        ({"raw": "yes"}, "must be true or false, not a text", " Left out, it is false."),
        ({"seed": "lucky"}, "must be a whole number, not a text", ""),
        ({"input_images": ["a", 7]}, "at /1: must be a text, not a whole number", " Left out, it is []."),
        ({"prompt": 7}, "must be a text, not a whole number", ""),
    ],
)
def test_a_value_that_the_model_does_not_take(params: dict[str, Any], sentence: str, left_out: str) -> None:
    [name] = params
    says(
        refused(picture(model=FLUX, params=params)),
        "parameter-misfit",
        f"""
        the parameter `{name}` of {FLUX} on replicate {sentence}
          → Nothing was started: change it under `models`, or in the node.{left_out}
        """,
    )


def test_a_prompt_that_is_too_long() -> None:
    says(
        refused(wanted("audio", "So long a text that nobody would ever want to listen to it" + "!" * 40)),
        "parameter-misfit",
        f"""
        the parameter `text` of {SPEECH} on replicate takes at most 60 characters, has 98
          → Nothing was started: change it under `models`, or in the node.
        """,
    )


def test_a_picture_that_is_missing() -> None:
    says(
        refused(picture(model=UPSCALER, params={"prompt": None})),
        "parameter-missing",
        f"""
        {UPSCALER} on replicate needs a value for its parameter `image`: The picture to enlarge
          → Nothing was started. Show it a picture, or write it under `models`, or in the node.
        """,
    )


def test_a_parameter_that_is_missing() -> None:
    takes = document({"prompt": {"type": "string"}, "style": {"type": "string"}}, required=["prompt", "style"])
    del takes["components"]["schemas"]["Input"]["properties"]["style"]["title"]
    says(
        refused(picture(model=FLUX), {FLUX: takes}),
        "parameter-missing",
        f"""
        {FLUX} on replicate needs a value for its parameter `style`
          → Nothing was started. Write it under `models`, or in the node.
        """,
    )


def test_what_fits_is_sent_as_it_is() -> None:
    params = {"aspect_ratio": "16:9", "num_outputs": 2, "guidance": 3, "seed": None, "raw": True}
    with published() as service:
        [reply] = ask(replicate(service), picture(model=FLUX, params=params))
    assert sent(service) == {"prompt": "A lighthouse", **params}
    assert len(reply.files) == 1


def test_a_version_is_held_against_its_own_schema() -> None:
    model = f"{FLUX}:{'5c7d' * 16}"
    old = {FLUX: FLUX_TAKES, model: document({"prompt": {"type": "string"}, "steps": {"type": "integer"}}, ["prompt"])}
    with ReplicateService(schemas=old, answer=lambda asked: "http://a.example/b.png") as service:
        ask(replicate(service), picture(model=model, params={"steps": 4}))
        found = fault(replicate(service), picture(model=model, params={"raw": True}))
    assert service.read == [f"/v1/models/{FLUX}/versions/{'5c7d' * 16}"]
    assert [asked.path for asked in service.posts] == ["/v1/predictions"]
    says(
        found,
        "parameter-unknown",
        f"""
        {model} on replicate has no parameter `raw`
          → Nothing was started. It takes prompt, steps.
        """,
    )


def test_names_that_could_be_no_parameters_are_not_shown() -> None:
    takes = document({"prompt": {"type": "string"}, "\x1b[31mred": {"type": "string"}, "a b": {"type": "string"}}, ["a b"])
    says(
        refused(picture(model=FLUX, params={"red": 1}), {FLUX: takes}),
        "parameter-unknown",
        f"""
        {FLUX} on replicate has no parameter `red`
          → Nothing was started. It takes prompt.
        """,
    )


def test_a_model_that_says_what_else_may_come_takes_it() -> None:
    takes = document({"prompt": {"type": "string"}}, ["prompt"])
    takes["components"]["schemas"]["Input"]["additionalProperties"] = {"type": "string"}
    with ReplicateService(schemas={FLUX: takes}) as service:
        service._check_input = lambda *_: None  # type: ignore[method-assign]
        ask(replicate(service), picture(model=FLUX, params={"tone": "warm"}))
    assert sent(service) == {"prompt": "A lighthouse", "tone": "warm"}


@pytest.mark.parametrize(
    "odd",
    [
        {"type": "colour"},
        {"$ref": "#/components/schemas/nowhere"},
        {"$ref": "https://schemas.example/colour.json"},
        {"type": "string", "pattern": "("},
        {"allOf": [{"$ref": "#/components/schemas/itself"}]},
    ],
)
def test_a_schema_that_is_none_checks_nothing(odd: dict[str, Any]) -> None:
    takes = document({"prompt": {"type": "string"}, "tone": odd}, ["prompt"])
    takes["components"]["schemas"]["itself"] = {"$ref": "#/components/schemas/itself"}
    with ReplicateService(schemas={FLUX: takes}) as service:
        service._check_input = lambda *_: None  # type: ignore[method-assign]
        ask(replicate(service), picture(model=FLUX, params={"tone": "warm"}))
    assert sent(service) == {"prompt": "A lighthouse", "tone": "warm"}


def test_a_run_with_a_wrong_parameter_fails_that_node_and_pays_nothing(tmp_path: Path) -> None:
    defaults = """
    models:
      image: {provider: replicate, model: black-forest-labs/flux-3-image, params: {aspect_ratio: "16:9"}, price: {call: 0.01}}
    budget: {usd: 5, calls: 100}
    errorPolicy: {maxRetries: 2, retryDelay: 5ms}
    assets: {allowPrivate: true}
    """
    with published() as service:
        env = {"REPLICATE_BASE_URL": service.url, "REPLICATE_API_TOKEN": service.key, "REPLICATE_POLL_INTERVAL": "0.01"}
        place = Place(tmp_path, None, env, defaults)
        place.tree("""
        generations:
          - {id: plate, type: image, config: {prompt: A plate, model: {name: image, num_output: 2}}}
        """)
        done = place.command("run")
        assert done.returncode == 1, done.stdout + done.stderr
        assert service.posts == []
        assert service.read == [f"/v1/models/{FLUX}"], "what is wrong stays wrong: it is not tried again"
        assert (
            "  ✗ plate\n"
            f"    {FLUX} on replicate has no parameter `num_output`\n"
            f"    → Nothing was started. Did you mean `num_outputs`? {FLUX_LISTED}\n"
        ) in done.stdout
        [record] = place.records()
        assert (record["status"], record["error"]["code"], record.get("usd")) == ("failed", "parameter-unknown", None)
        place.tree("""
        generations:
          - {id: plate, type: image, config: {prompt: A plate, model: {name: image, num_outputs: 2}}}
        """)
        done = place.command("run")
        assert done.returncode == 0, done.stdout + done.stderr
        assert sent(service) == {"prompt": "A plate", "aspect_ratio": "16:9", "num_outputs": 2}


# Reading the schema


def test_many_first_calls_read_the_schema_once() -> None:
    with published(latency=0.05) as service:
        replies = ask(replicate(service), *(text(f"{n}", GPT) for n in range(20)))
        ask(replicate(service), text("later", GPT))
    assert len({reply.text for reply in replies}) == 20
    assert service.read == [f"/v1/models/{GPT}"]
    assert len(service.predictions) == 21


def test_a_schema_counts_for_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    with published() as service:
        ask(replicate(service), text("now", GPT))
        monkeypatch.setattr(module, "KEPT_SECONDS", 0.0)
        ask(replicate(service), text("later", GPT))
    assert service.read == [f"/v1/models/{GPT}"] * 2


def test_schemas_do_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared, "MOST", 2)
    with published() as service:
        ask(replicate(service), *(text("now", f"meta/llama-{n}") for n in range(5)))
    assert len(service.read) == 5
    assert len(module._READ) <= 2


class BadReads(Faults):
    """Only what is asked of models goes wrong."""

    def pick(self, asked: Asked) -> str | None:
        return super().pick(asked) if asked.path.startswith("/v1/models/") and asked.method == "GET" else None


@pytest.mark.parametrize("kind", ["429", "500", "drop", "html", "broken", "truncated", "shape"])
def test_a_schema_that_cannot_be_read_now_is_worth_another_try(kind: str) -> None:
    with published(faults=BadReads(1.0, (kind,), most=2)) as service:
        provider = replicate(service)

        async def go() -> list[ProviderError]:
            found: list[ProviderError] = []
            while True:
                try:
                    assert (await provider.call(text("Hello", GPT))).text == "An answer to: Hello"
                except ProviderError as error:
                    assert not service.posts
                    found.append(error)
                else:
                    await provider.close()
                    return found

        found = asyncio.run(go())
    assert found
    assert all(error.retry for error in found)
    assert len(service.read) == 3
    assert len(service.predictions) == 1


def test_a_key_that_is_refused_when_the_schema_is_read() -> None:
    with published(key="r8_another") as service:
        found = fault(replicate(service), text(model=GPT))
    assert (found.code, found.fatal, service.posts) == ("key-rejected", True, [])


@pytest.mark.parametrize("status", [404, 405])
def test_a_service_that_tells_nothing_of_its_models_is_called_all_the_same(status: int) -> None:
    with ReplicateService() as service:
        handle = service.handle

        def untold(asked: Asked) -> Reply:
            if asked.method == "GET" and asked.path.startswith("/v1/models/"):
                raise problem(status, "Not here", "There is no such thing.")
            return handle(asked)

        service.handle = untold  # type: ignore[method-assign]
        request = text("Hello", GPT, system="Be kind.", params={"anything": [1]})
        assert len(ask(replicate(service), request, request)) == 2
    assert len(service.read) == 1
    assert service.posts[0].json["input"] == {"prompt": "Hello", "system_prompt": "Be kind.", "anything": [1]}


@pytest.mark.parametrize("model", [GPT, f"{GPT}:0123"])
@pytest.mark.parametrize(
    "told", [None, {}, {"components": None}, {"components": {"schemas": {"Input": {"properties": {}}}}}, document({})]
)
def test_a_model_that_publishes_no_schema_is_called_all_the_same(model: str, told: Any) -> None:
    with ReplicateService(schemas={model: told}) as service:
        service._check_input = lambda *_: None  # type: ignore[method-assign]
        ask(replicate(service), text("Hello", model, params={"anything": [1]}))
    assert sent(service) == {"prompt": "Hello", "anything": [1]}


def test_a_model_that_runs_by_its_version_only() -> None:
    with published(versioned=frozenset({EMBEDDER})) as service:
        found = fault(replicate(service), wanted("embedding", model=EMBEDDER))
    assert (found.retry, found.fatal) == (False, True)
    says(
        found,
        "model-needs-version",
        f"""
        replicate has {EMBEDDER}, and runs it only by its version (HTTP 404)
          → Write it as {EMBEDDER}:{version_of(EMBEDDER)}
        """,
    )


@pytest.mark.parametrize("model", ["../secrets", "a/..", "a/b:", "a/b:../c", "a/b c", "a/b?c"])
def test_a_name_never_leads_elsewhere(model: str) -> None:
    with ReplicateService() as service:
        assert fault(replicate(service), text(model=model)).code == "model-unnamed"
    assert not service.asked


def test_who_stops_waiting_for_a_schema_does_not_stop_the_others() -> None:
    with published(latency=0.1) as service:
        provider = replicate(service)

        async def go() -> None:
            first = asyncio.ensure_future(provider.call(text("first", GPT)))
            second = asyncio.ensure_future(provider.call(text("second", GPT)))
            while not service.asked:
                await asyncio.sleep(0.01)
            first.cancel()
            assert (await second).text == "An answer to: second"
            assert first.cancelled()
            await provider.close()

        asyncio.run(go())
    assert len(service.predictions) == len(service.read) == 1


def test_closing_does_not_wait_for_a_schema_that_nobody_wants() -> None:
    with published(faults=Faults(1.0, ("hang",))) as service:
        provider = replicate(service)

        async def go() -> None:
            task = asyncio.ensure_future(provider.call(text(model=GPT)))
            while not service.asked:
                await asyncio.sleep(0.01)
            task.cancel()
            async with asyncio.timeout(5):
                await provider.close()

        asyncio.run(go())
    assert not service.posts
