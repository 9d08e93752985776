"""OpenAI's protocol, against a loopback service that is as strict as the real one."""

from __future__ import annotations

import asyncio
import base64
import time
from typing import Any

import pytest
from genarun.errors import ProviderError, SetupError
from genarun.providers.base import ModelRequest, Settings, Usage
from genarun.providers.http import Transport
from genarun.providers.key import request_key
from genarun.providers.openai import OpenAI

from tests.say import says
from tests.services.ask import ask, fault, openai, picture, shaped, text
from tests.services.openai_service import KEY, OpenAIService, completion, error
from tests.services.samples import png
from tests.services.web import Faults, Refuse, Reply

THEMES = {
    "type": "object",
    "properties": {"items": {"type": "array", "items": {"type": "string"}, "minItems": 2}},
    "required": ["items"],
    "additionalProperties": False,
}


def test_a_text_with_its_usage() -> None:
    with OpenAIService(answer=lambda body: f"Hello, {body['messages'][-1]['content']}") as service:
        [reply] = ask(
            openai(service), text("world", system="Be kind.", params={"temperature": 0.3, "max_completion_tokens": 50})
        )
    assert reply.text == "Hello, world"
    assert reply.usage == Usage(3, 3)
    assert reply.model == "gpt-test"
    assert service.asked[0].json == {
        "model": "gpt-test",
        "messages": [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "world"}],
        "temperature": 0.3,
        "max_completion_tokens": 50,
    }


def test_the_process_environment_is_never_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_ORG_ID", "org-of-somebody-else")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-somebody-else")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://somewhere.invalid/v1")
    with OpenAIService() as service:
        ask(openai(service), text())
    assert "openai-organization" not in service.asked[0].headers
    assert service.asked[0].headers["authorization"] == f"Bearer {KEY}"


def test_a_service_of_ones_own_gets_its_own_key_and_nothing_of_openais() -> None:
    env = {
        "OPENAI_API_KEY": "sk-openai-0123456789",
        "OPENAI_ORG_ID": "org-museum",
        "OPENAI_CUSTOM_HEADERS": "X-Team: press\nAuthorization: Bearer sk-other",
        "PRESS_KEY": "press-0123456789",
    }
    with OpenAIService(key="press-0123456789") as service:
        ask(OpenAI(Settings("press", base_url=f"{service.url}/", key_env="PRESS_KEY", env=env)), text())
    headers = service.asked[0].headers
    assert headers["authorization"] == "Bearer press-0123456789"
    assert not {"openai-organization", "x-team"} & set(headers)


def test_a_service_without_keys_gets_none() -> None:
    with OpenAIService(key=None) as service:
        provider = OpenAI(Settings("local", base_url=service.url, key_env="", env={"OPENAI_API_KEY": "sk-openai-0123456789"}))
        ask(provider, text())
    assert "authorization" not in service.asked[0].headers


def test_an_empty_variable_counts_as_unset() -> None:
    provider = OpenAI(Settings("openai", env={"OPENAI_BASE_URL": "", "OPENAI_API_KEY": KEY}))
    assert provider.identity(text()) == {"provider": "openai", "baseUrl": "https://api.openai.com/v1"}


@pytest.mark.parametrize(
    "base", ["ftp://x/v1", "https://user:pass@x/v1", "https://x/v1?key=1", "api.openai.com", "https://x:99999"]
)
def test_a_base_url_that_is_none(base: str) -> None:
    with pytest.raises(SetupError) as raised:
        OpenAI(Settings("press", base_url=base))
    says(
        raised.value,
        "base-url-invalid",
        """
        the base URL of press is not an address that can be called
          → Write it as https://host/path, without user, password, `?` or `#`.
        """,
    )


# Structured output


def test_a_schema_is_asked_for_strictly_where_that_means_the_same() -> None:
    with OpenAIService() as service:
        [reply] = ask(openai(service), shaped(THEMES))
    assert reply.text is not None
    assert reply.text.startswith('{"items": [')
    assert service.asked[0].json["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "answer", "strict": True, "schema": THEMES},
    }


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "properties": {"title": {"type": "string"}, "note": {"type": "string"}}, "required": ["title"]},
        {"type": "object", "additionalProperties": {"type": "string"}},
        {"type": "object"},
        {"type": "object", "properties": {"a": {"type": "string", "minLength": 3}}, "required": ["a"]},
        {"type": "object", "properties": {"a": {"oneOf": [{"type": "string"}]}}, "required": ["a"]},
        {"type": "object", "properties": {"a": {}}, "required": ["a"]},
        {"type": "object", "properties": {"a": {"type": "string", "format": "uri"}}, "required": ["a"]},
    ],
    ids=["optional field", "map", "any object", "minLength", "oneOf", "anything", "unknown format"],
)
def test_a_schema_without_a_strict_form_goes_as_it_is(schema: dict[str, Any]) -> None:
    with OpenAIService() as service:
        ask(openai(service), shaped(schema))
    assert service.asked[0].json["response_format"]["json_schema"] == {"name": "answer", "strict": False, "schema": schema}


def test_an_object_that_names_its_fields_is_closed_in_the_strict_form() -> None:
    inner = {"type": "object", "properties": {"n": {"type": ["integer", "null"]}}, "required": ["n"]}
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {"one": {"$ref": "#/$defs/inner"}, "two": {"anyOf": [inner, {"type": "null"}]}},
        "required": ["one", "two"],
        "$defs": {"inner": inner},
    }
    with OpenAIService() as service:
        ask(openai(service), shaped(schema))
    closed = {**inner, "additionalProperties": False}
    assert service.asked[0].json["response_format"]["json_schema"]["schema"] == {
        "type": "object",
        "properties": {"one": {"$ref": "#/$defs/inner"}, "two": {"anyOf": [closed, {"type": "null"}]}},
        "required": ["one", "two"],
        "$defs": {"inner": closed},
        "additionalProperties": False,
    }


def formats_asked(service: OpenAIService) -> list[str]:
    return [asked.json.get("response_format", {"type": "none"})["type"] for asked in service.asked]


def test_a_service_that_knows_json_mode_only() -> None:
    with OpenAIService(formats=frozenset({"json_object"})) as service:
        ask(openai(service), shaped(THEMES))
        ask(openai(service), shaped(THEMES, "More"))
        assert formats_asked(service) == ["json_schema", "json_object", "json_object"]
        ask(openai(service), shaped(THEMES, model="another-model"))
    assert formats_asked(service)[3:] == ["json_schema", "json_object"], "what one model lacks, another may have"
    assert (
        service.asked[1]
        .json["messages"][-1]["content"]
        .startswith("List\n\nAnswer with one JSON object that fits this JSON Schema")
    )


def test_a_service_that_knows_no_format_at_all() -> None:
    with OpenAIService(formats=frozenset(), answer=lambda body: '{"items": ["a", "b"]}') as service:
        [reply, _] = ask(openai(service), shaped(THEMES), text(json=True))
        assert reply.text == '{"items": ["a", "b"]}'
        before = len(service.asked)
        ask(openai(service), shaped(THEMES))
    assert formats_asked(service)[before:] == ["none"]


def test_json_without_a_schema() -> None:
    with OpenAIService() as service:
        ask(openai(service), text("Name three", json=True))
    assert service.asked[0].json["response_format"] == {"type": "json_object"}
    assert service.asked[0].json["messages"][-1]["content"] == "Name three\n\nAnswer with JSON, and with nothing else."


def test_a_schema_that_the_service_does_not_take_is_its_own_matter() -> None:
    def answer(body: dict[str, Any]) -> Any:
        inner = body["response_format"].get("json_schema")
        if inner and "pattern" in str(inner["schema"]):
            raise error(400, "Invalid schema for response_format 'answer': regex is too complex.", None, "response_format")

    hard = {"type": "object", "properties": {"a": {"type": "string", "pattern": "(a+)+$"}}, "required": ["a"]}
    with OpenAIService(answer=answer) as service:
        provider = openai(service)

        async def go() -> None:
            await provider.call(shaped(hard))
            await provider.call(shaped(hard))
            await provider.call(shaped(THEMES))
            await provider.close()

        asyncio.run(go())
    assert formats_asked(service) == ["json_schema", "json_schema", "json_object", "json_object", "json_schema"]


@pytest.mark.parametrize(("forced", "format_"), [("schema", "json_schema"), ("json", "json_object"), ("none", "none")])
def test_how_shapes_are_asked_for_can_be_forced(forced: str, format_: str) -> None:
    with OpenAIService() as service:
        ask(openai(service, options={"structured": forced}), shaped(THEMES))
    assert formats_asked(service) == [format_]


def test_an_unknown_way_to_ask_for_shapes() -> None:
    with pytest.raises(SetupError) as raised:
        OpenAI(Settings("openai", options={"structured": "xml"}))
    says(raised.value, "structured-unknown", "the option `structured` of openai is 'xml'\n  → Write schema, json or none.")


# Pictures


def test_a_picture_in_base64() -> None:
    with OpenAIService() as service:
        [reply] = ask(openai(service), picture("A red door"))
    assert reply.files[0].data == png("gpt-image-test A red door")
    assert reply.files[0].media_type == "image/png"
    assert reply.usage == Usage(12, 272, 1)


def test_a_picture_as_an_address_and_as_base64_from_a_model_that_has_both() -> None:
    with OpenAIService() as service:
        by_url, inside = ask(
            openai(service),
            picture(model="dall-e-3"),
            picture(model="dall-e-3", params={"response_format": "b64_json", "n": 2}),
        )
    assert by_url.files[0].url is not None
    assert by_url.files[0].url.startswith(f"http://127.0.0.1:{service.port}/files/")
    assert [file.data for file in inside.files] == [png("dall-e-3 A lighthouse")] * 2
    assert inside.usage.images == 2


@pytest.mark.parametrize("data", [[], None, [{}], [{"b64_json": "%%%"}], [{"b64_json": ""}], ["x"]])
def test_pictures_that_are_none(data: Any) -> None:
    with OpenAIService(answer=lambda body: Reply(__import__("json").dumps({"created": 1, "data": data}).encode())) as service:
        found = fault(openai(service), picture())
    assert (found.code, found.retry, found.fatal) == ("answer-incomplete", True, False)


# Answers that are no answers


def test_a_refusal() -> None:
    with OpenAIService(answer=lambda body: completion(None, refusal="I cannot help with that.")) as service:
        found = fault(openai(service), text())
    assert not found.retry
    says(
        found,
        "answer-refused",
        """
        gpt-test declined to answer: I cannot help with that.
          → Word the prompt differently.
        """,
    )


def test_an_answer_that_was_filtered() -> None:
    with OpenAIService(answer=lambda body: completion("Half a", finish="content_filter")) as service:
        found = fault(openai(service), text())
    says(
        found,
        "answer-filtered",
        """
        the content filter of openai stopped the answer of gpt-test
          → Word the prompt differently.
        """,
    )


def test_an_answer_that_was_cut_off() -> None:
    with OpenAIService(answer=lambda body: completion("Once upon", finish="length")) as service:
        found = fault(openai(service), text())
    assert not found.retry
    says(
        found,
        "answer-cut-off",
        """
        the answer of gpt-test was cut off at its token limit, after 9 characters
          → Raise `max_completion_tokens` (or `max_tokens`) in the model's parameters, or ask for less.
        """,
    )


@pytest.mark.parametrize("content", ["", "  \n", None])
def test_an_empty_answer(content: str | None) -> None:
    with OpenAIService(answer=lambda body: completion(content)) as service:
        found = fault(openai(service), text())
    assert found.retry
    says(found, "answer-empty", "gpt-test answered with nothing")


def test_an_answer_in_parts() -> None:
    parts = b'{"choices":[{"message":{"content":[{"type":"text","text":"Hel"},{"type":"text","text":"lo"}]}}]}'
    with OpenAIService(answer=lambda body: Reply(parts)) as service:
        [reply] = ask(openai(service), text())
    assert reply.text == "Hello"
    assert reply.usage == Usage()


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b"[]", "an object"),
        (b"{}", "choices"),
        (b'{"choices":[]}', "choices"),
        (b'{"choices":[7]}', "choices"),
        (b'{"choices":[{"text":"old"}]}', "a message"),
    ],
)
def test_an_answer_of_another_shape(body: bytes, what: str) -> None:
    with OpenAIService(answer=lambda _: Reply(body)) as service:
        found = fault(openai(service), text())
    assert found.retry
    says(found, "answer-incomplete", f"openai answered without {what}, which its protocol promises")


def test_an_error_inside_a_success() -> None:
    body = b'{"error":{"code":429,"message":"Upstream is busy"}}'
    with OpenAIService(answer=lambda _: Reply(body)) as service:
        found = fault(openai(service), text())
    assert (found.code, found.retry) == ("rate-limited", True)


def test_broken_characters_in_a_prompt() -> None:
    with OpenAIService() as service:
        found = fault(openai(service), text("\ud800"))
    assert not service.asked
    says(
        found,
        "request-not-json",
        """
        the request to openai cannot be written as JSON: str is not valid UTF-8: surrogates not allowed
          → Look for broken characters in the prompt, or numbers beyond 64 bits in the parameters.
        """,
    )


# Time, cancelling, many at once


def test_a_call_can_be_cut_short_and_the_next_one_works() -> None:
    def slow(asked: Any) -> float:
        return 5.0 if b"slowly" in asked.body else 0.0

    with OpenAIService(latency=slow) as service:
        provider = openai(service)

        async def go() -> str | None:
            begun = time.monotonic()
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.1):
                    await provider.call(text("slowly"))
            task = asyncio.ensure_future(provider.call(text("slowly too")))
            await asyncio.sleep(0.05)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert time.monotonic() - begun < 2
            reply = await provider.call(text("fast"))
            await provider.close()
            return reply.text

        assert asyncio.run(go()) == "An answer to: fast"


def test_sixty_four_at_once_keep_their_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[object] = []
    monkeypatch.setattr("genarun.providers.openai.link.Transport", lambda *given: opened.append(given) or Transport(*given))
    with OpenAIService(latency=0.005) as service:
        provider = openai(service)

        async def go() -> None:
            async def one(lane: int) -> None:
                for turn in range(5):
                    await provider.call(text(f"{lane} {turn}"))

            await asyncio.gather(*map(one, range(64)))
            await provider.close()

        asyncio.run(go())
    assert service.counts["answered"] == 320
    assert service.counts["connections"] <= 64
    assert service.most_at_once == 64
    assert len(opened) == 1, "calls that come together share one session"


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_fault_of_a_bad_day_is_worth_another_try(seed: int) -> None:
    plan = Faults(0.3, seed=seed)
    with OpenAIService(faults=plan) as service:
        provider = openai(service)

        async def until_answered(request: ModelRequest) -> str | None:
            while True:
                try:
                    async with asyncio.timeout(1.5):
                        return (await provider.call(request)).text
                except TimeoutError:
                    continue
                except ProviderError as found:
                    if found.fatal or not found.retry:
                        raise

        async def go() -> list[str | None]:
            found = await asyncio.gather(*(until_answered(text(f"{place}")) for place in range(100)))
            await provider.close()
            return found

        assert asyncio.run(go()) == [f"An answer to: {place}" for place in range(100)]
    assert {asked.fault for asked in service.asked} >= {"429", "500", "drop", "hang", "html", "broken", "truncated", "shape"}
    assert not service.repeats()


def test_the_key_is_the_same_for_two_names_of_one_service() -> None:
    one = OpenAI(Settings("one", base_url="https://models.example/v1/", key_env="A"))
    other = OpenAI(Settings("other", base_url="https://models.example/v1", key_env="B"))
    assert request_key(one, text()) == request_key(other, text(node="else", path="where/1"))
    assert request_key(one, text()) != request_key(OpenAI(Settings("one", base_url="https://models.example/v2")), text())


def test_a_secret_that_is_echoed_is_not_quoted() -> None:
    shown = f"{KEY} and {base64.b64encode(b'user:' + KEY.encode()).decode()} " + "x" * 290 + f" {KEY}"

    def answer(body: dict[str, Any]) -> Any:
        raise Refuse(Reply(__import__("json").dumps({"error": {"message": shown}}).encode(), 400))

    with OpenAIService(answer=answer) as service:
        found = str(fault(openai(service), text()))
    assert "***" in found
    assert KEY[:12] not in found
    assert base64.b64encode(b"user:" + KEY.encode()).decode()[8:20] not in found
    assert len(found) < 500
