"""Anthropic's API, against a loopback service that is as strict as the real one and that the real SDK calls too."""

from __future__ import annotations

import asyncio
import base64
import json
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import pytest
from genarun.errors import ProviderError
from genarun.providers.anthropic import Anthropic
from genarun.providers.base import Attachment, Listed, ModelRequest, Settings, Usage
from genarun.providers.catalog import ANTHROPIC
from genarun.providers.key import request_key
from genarun.providers.prices import Prices

from tests.helpers import Place
from tests.say import says
from tests.services.anthropic_service import KEY, VERSION, AnthropicService, asked_text, message
from tests.services.anthropic_service import text as block
from tests.services.ask import anthropic, ask, fault, shaped
from tests.services.ask import text as asking
from tests.services.samples import png
from tests.services.web import Reply

BIRD = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "eggs": {"type": "integer", "minimum": 1}},
    "required": ["name", "eggs"],
}
TOOL = {"name": "answer", "description": "Takes the whole answer.", "input_schema": BIRD}
FORCED = {"type": "tool", "name": "answer", "disable_parallel_tool_use": True}
OFFERED = {"type": "auto", "disable_parallel_tool_use": True}
CALL_IT = "Answer by calling the tool `answer` once, with the whole answer, and write nothing else."
WREN = Attachment("sha256:0123456789abcdef", "assets/wren.png", png("wren"), "image/png")


def text(prompt: str = "Say hello", model: str = "claude-test", **more: Any) -> ModelRequest:
    return asking(prompt, model, **more)


def looking(prompt: str, picture: Attachment = WREN) -> ModelRequest:
    """A question about a picture."""
    turn = {"role": "user", "content": prompt, "images": [picture.digest]}
    return ModelRequest("text", "claude-test", {}, (turn,), attached={picture.digest: picture})


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """What one service refused must not be held against the next one, which may get its port."""
    monkeypatch.setattr("genarun.providers.anthropic._UNFORCED", set())


def test_a_text_with_its_usage() -> None:
    with AnthropicService(answer=lambda body: f"Hello, {asked_text(body)}") as service:
        params = {"max_tokens": 50, "metadata": {"user_id": "u1"}}
        [reply] = ask(anthropic(service), text("world", system="Be kind.", params=params))
    assert reply.text == "Hello, world"
    assert reply.usage == Usage(9, 3)
    assert reply.model == "claude-test"
    assert service.asked[0].json == {
        "model": "claude-test",
        "max_tokens": 50,
        "system": "Be kind.",
        "messages": [{"role": "user", "content": "world"}],
        "metadata": {"user_id": "u1"},
    }
    assert service.asked[0].headers["authorization"] == f"Bearer {KEY}"
    assert service.asked[0].headers["anthropic-version"] == VERSION


def test_an_answer_has_a_limit_also_where_the_tree_sets_none_and_comes_in_one_piece() -> None:
    with AnthropicService() as service:
        ask(anthropic(service), text(params={"stream": True}))
    assert service.asked[0].json == {
        "model": "claude-test",
        "max_tokens": 16_000,
        "messages": [{"role": "user", "content": "Say hello"}],
    }


def test_a_conversation_sees_its_earlier_answers_and_all_that_was_said_to_the_system() -> None:
    turns = (
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Name a bird"},
        {"role": "assistant", "content": "Wren"},
        {"role": "system", "content": "Be precise."},
        {"role": "user", "content": "What does it eat?"},
    )
    with AnthropicService() as service:
        [reply] = ask(anthropic(service), ModelRequest("text", "claude-test", {}, turns))
    assert reply.text == "An answer to: What does it eat?"
    assert service.asked[0].json["system"] == "Be brief.\n\nBe precise."
    assert service.asked[0].json["messages"] == [
        {"role": "user", "content": "Name a bird"},
        {"role": "assistant", "content": "Wren"},
        {"role": "user", "content": "What does it eat?"},
    ]


def test_what_a_model_thought_is_no_part_of_its_answer() -> None:
    with AnthropicService(answer=lambda body: "Wren") as service:
        [reply] = ask(anthropic(service), text(params={"thinking": {"type": "adaptive"}}))
    assert reply.text == "Wren"


def test_tokens_of_the_cache_are_input_too() -> None:
    usage = {"input_tokens": 5, "output_tokens": 7, "cache_creation_input_tokens": 100, "cache_read_input_tokens": 1000}
    with AnthropicService(answer=lambda body: message(block("x"), usage=usage)) as service:
        assert ask(anthropic(service), text())[0].usage == Usage(1105, 7)
    with AnthropicService(answer=lambda body: message(block("x"), usage={"input_tokens": None})) as service:
        assert ask(anthropic(service), text())[0].usage == Usage()


# Shapes


def test_a_shape_is_asked_for_as_the_input_of_a_tool() -> None:
    with AnthropicService() as service:
        [reply] = ask(anthropic(service), shaped(BIRD, "A bird", model="claude-test"))
    assert reply.text is not None
    assert set(json.loads(reply.text)) == {"name", "eggs"}
    assert service.asked[0].json["tools"] == [TOOL]
    assert service.asked[0].json["tool_choice"] == FORCED
    assert service.asked[0].json["messages"] == [{"role": "user", "content": "A bird"}]


def test_an_answer_that_does_not_fit_goes_back_with_the_tool_in_play() -> None:
    turns = (
        {"role": "user", "content": "A bird"},
        {"role": "assistant", "content": '{"name":"Wren","eggs":0}'},
        {"role": "user", "content": "That answer does not fit: eggs must be at least 1."},
    )
    request = ModelRequest("text", "claude-test", {}, turns, schema=BIRD, json=True)
    with AnthropicService(answer=lambda body: {"name": "Wren", "eggs": 6}) as service:
        [reply] = ask(anthropic(service), request)
    assert reply.text == '{"name":"Wren","eggs":6}'
    assert service.asked[0].json["messages"] == list(turns)
    assert service.asked[0].json["tool_choice"] == FORCED


def choices(service: AnthropicService) -> list[str]:
    return [asked.json.get("tool_choice", {"type": "none"})["type"] for asked in service.asked]


def test_a_model_that_cannot_be_made_to_call_a_tool_is_asked_to() -> None:
    with AnthropicService(forcible=False) as service:
        for _ in range(2):
            [reply] = ask(anthropic(service), shaped(BIRD, "A bird", model="claude-free"))
            assert set(json.loads(reply.text or "")) == {"name", "eggs"}
        assert choices(service) == ["tool", "auto", "auto"], "one refusal is enough to know"
        assert service.asked[1].json["tool_choice"] == OFFERED
        assert service.asked[1].json["messages"] == [{"role": "user", "content": f"A bird\n\n{CALL_IT}"}]
        ask(anthropic(service), shaped(BIRD, model="claude-free-too"))
    assert choices(service)[3:] == ["tool", "auto"], "what one model refuses, another may take"


def test_a_model_that_answers_in_words_all_the_same_is_read() -> None:
    with AnthropicService(forcible=False, answer=lambda body: '{"name": "Wren", "eggs": 6}') as service:
        [reply] = ask(anthropic(service), shaped(BIRD, model="claude-wordy"))
    assert reply.text == '{"name": "Wren", "eggs": 6}'


def test_thinking_on_a_budget_and_being_made_to_call_a_tool_do_not_go_together() -> None:
    request = shaped(BIRD, model="claude-budget", params={"thinking": {"type": "enabled", "budget_tokens": 2000}})
    with AnthropicService() as service:
        ask(anthropic(service), request)
        ask(anthropic(service), shaped(BIRD, model="claude-budget"))
    assert choices(service) == ["tool", "auto", "tool"]


def test_a_schema_that_cannot_describe_a_tool_goes_in_words() -> None:
    either = {"type": "object", "oneOf": [BIRD, {"type": "object", "properties": {"none": {"const": True}}}]}
    with AnthropicService(answer=lambda body: None if "tools" in body else '{"none": true}') as service:
        provider = anthropic(service)

        async def go() -> list[str | None]:
            asked = [
                await provider.call(shaped(either)),
                await provider.call(shaped(either)),
                await provider.call(shaped(BIRD)),
            ]
            await provider.close()
            return [reply.text for reply in asked]

        words, again, bird = asyncio.run(go())
    assert (words, again) == ('{"none": true}', '{"none": true}')
    assert bird is not None
    assert choices(service) == ["tool", "none", "none", "tool"]
    assert asked_text(service.asked[1].json).startswith("List\n\nAnswer with one JSON object that fits this JSON Schema")


def test_json_without_a_schema_goes_in_words_since_it_may_be_a_list() -> None:
    with AnthropicService(answer=lambda body: '["wren", "kite"]') as service:
        [reply] = ask(anthropic(service), text("Name two", json=True))
    assert reply.text == '["wren", "kite"]'
    assert service.asked[0].json["messages"] == [
        {"role": "user", "content": "Name two\n\nAnswer with JSON, and with nothing else."}
    ]
    assert "tools" not in service.asked[0].json


def test_tools_that_the_service_runs_itself_stay_beside_ours() -> None:
    search = {"type": "web_search_20260209", "name": "web_search"}
    with AnthropicService() as service:
        ask(anthropic(service), shaped(BIRD, model="claude-test", params={"tools": [search]}))
    assert service.asked[0].json["tools"] == [search, TOOL]
    assert "tool_choice" not in service.asked[0].json


# Pictures


def test_pictures_come_before_the_words() -> None:
    with AnthropicService(answer=lambda body: "A wren") as service:
        [reply] = ask(anthropic(service), looking("What is this?"))
    assert reply.text == "A wren"
    source = {"type": "base64", "media_type": "image/png", "data": base64.b64encode(png("wren")).decode()}
    assert service.asked[0].json["messages"] == [
        {"role": "user", "content": [{"type": "image", "source": source}, {"type": "text", "text": "What is this?"}]}
    ]


@pytest.mark.parametrize(("media_type", "said"), [("image/svg+xml", "image/svg+xml"), (None, "of an unknown kind")])
def test_a_picture_of_a_kind_that_the_service_does_not_take(media_type: str | None, said: str) -> None:
    with AnthropicService() as service:
        found = fault(anthropic(service), looking("What?", Attachment("sha256:1", "drawings/wren.svg", b"<svg/>", media_type)))
    assert not service.asked
    assert (found.retry, found.fatal) == (False, False)
    says(
        found,
        "picture-unsupported",
        f"""
        anthropic takes no picture like drawings/wren.svg, which is {said}
          → Use a PNG, JPEG, GIF or WebP file.
        """,
    )


# The SDK as the measure


def typed(kind: str) -> tuple[ModelRequest, dict[str, Any]]:
    """A request, and what a person would write for the SDK to ask the same."""
    hello = [{"role": "user", "content": "Say hello"}]
    if kind == "shape":
        return shaped(BIRD, "Say hello", model="claude-test"), {"messages": hello, "tools": [TOOL], "tool_choice": FORCED}
    if kind == "picture":
        source = {"type": "base64", "media_type": "image/png", "data": base64.b64encode(WREN.data).decode()}
        blocks = [{"type": "image", "source": source}, {"type": "text", "text": "What?"}]
        return looking("What?"), {"messages": [{"role": "user", "content": blocks}]}
    params = {"output_config": {"effort": "low"}, "stop_sequences": ["END"]}
    return text(system="Be kind.", params=params), {"messages": hello, "system": "Be kind.", **params}


def seen(headers: dict[str, str]) -> dict[str, str]:
    """Headers without those that describe who sends and by what means."""
    own = {"accept-encoding", "connection", "content-length", "host", "user-agent"}
    return {name: headers[name] for name in headers if name not in own and not name.startswith("x-stainless-")}


@pytest.mark.parametrize("kind", ["text", "shape", "picture"])
def test_calls_carry_what_the_sdk_would_send_and_its_types_take_the_answers(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import anthropic as sdk

    request, given = typed(kind)
    with AnthropicService() as service:
        env = {
            "ANTHROPIC_BASE_URL": service.url,
            "ANTHROPIC_API_KEY": KEY,
            "ANTHROPIC_CUSTOM_HEADERS": "X-Team: press\nX-Trace: on",
        }
        for name, value in env.items():
            monkeypatch.setenv(name, value)

        async def by_sdk() -> sdk.types.Message:
            async with sdk.AsyncAnthropic(max_retries=0, _strict_response_validation=True) as client:
                return await client.messages.create(model="claude-test", max_tokens=16_000, **given)

        theirs = asyncio.run(by_sdk())
        for name in env:
            monkeypatch.delenv(name)
        [ours] = ask(anthropic(service, env=env), request)
    first, second = service.asked
    assert (second.method, second.path, second.query, second.json) == (first.method, first.path, first.query, first.json)
    assert seen(second.headers) == seen(first.headers)
    assert seen(second.headers)["x-team"] == "press"
    said = theirs.content[0]
    assert ours.text == (said.text if isinstance(said, sdk.types.TextBlock) else json.dumps(said.input, separators=(",", ":")))
    assert ours.usage == Usage(theirs.usage.input_tokens, theirs.usage.output_tokens)


def test_the_models_that_a_key_can_reach_as_the_sdk_lists_them() -> None:
    import anthropic as sdk

    names = (*(f"claude-{number}" for number in range(1, 1200)), "claude-old")
    with AnthropicService(models=names) as service:

        async def by_sdk() -> list[str]:
            async with sdk.AsyncAnthropic(base_url=service.url, api_key=KEY, _strict_response_validation=True) as client:
                return [model.id async for model in client.models.list(limit=1000)]

        theirs = asyncio.run(by_sdk())
        before = len(service.asked)
        provider = anthropic(service)
        assert isinstance(provider, Anthropic)

        async def go() -> list[Listed]:
            try:
                return await provider.models()
            finally:
                await provider.close()

        ours = asyncio.run(go())
    assert [one.model for one in ours] == theirs == list(names)
    assert ours[0] == Listed("claude-1", frozenset({"text"}), "Claude 1")
    assert ours[-1].note == "Claude Old, deprecated, retires 2027-02-01"
    first, second = service.asked[:before], service.asked[before:]
    assert [(one.path, one.query, seen(one.headers)) for one in second] == [
        (one.path, one.query, seen(one.headers)) for one in first
    ]


@pytest.mark.parametrize(
    ("body", "code"),
    [(b"[]", "answer-incomplete"), (b"{}", "answer-incomplete"), (b"{", "answer-not-json"), (b"<html>", "answer-html")],
)
def test_a_list_of_models_that_is_none(body: bytes, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with AnthropicService() as service:
        monkeypatch.setattr(service, "_list", lambda query: Reply(body))
        assert failed_list(service).code == code
    with AnthropicService(key="sk-ant-another-0123456789") as service:
        assert failed_list(service, KEY).code == "key-rejected"


def failed_list(service: AnthropicService, key: str | None = None) -> ProviderError:
    provider = Anthropic(Settings("anthropic", base_url=service.url, env={"ANTHROPIC_API_KEY": key or KEY}))

    async def go() -> None:
        try:
            await provider.models()
        finally:
            await provider.close()

    with pytest.raises(ProviderError) as raised:
        asyncio.run(go())
    return raised.value


def test_the_model_to_begin_with_is_one_of_the_sdks_and_has_a_price() -> None:
    from anthropic.types.model_param import ModelParam

    named = get_args(get_args(ModelParam)[0])
    assert ANTHROPIC.models["text"] in named
    assert Prices().cost("anthropic", ANTHROPIC.models["text"], Usage(1000, 1000)) == Decimal("0.012")


# Whom it asks


def test_a_service_of_ones_own_gets_its_own_key_and_nothing_of_anthropics() -> None:
    env = {"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_CUSTOM_HEADERS": "X-Team: press", "PRESS_KEY": "press-0123456789"}
    with AnthropicService(key="press-0123456789") as service:
        ask(Anthropic(Settings("press", base_url=f"{service.url}/", key_env="PRESS_KEY", env=env)), text())
    assert service.asked[0].headers["authorization"] == "Bearer press-0123456789"
    assert "x-team" not in service.asked[0].headers


def test_a_token_in_place_of_a_key() -> None:
    env = {"ANTHROPIC_AUTH_TOKEN": "sk-ant-oat01-0123456789"}
    with AnthropicService(key=env["ANTHROPIC_AUTH_TOKEN"]) as service:
        provider = Anthropic(Settings("anthropic", base_url=service.url, key_env="ANTHROPIC_AUTH_TOKEN", env=env))
        assert ask(provider, text())[0].text == "An answer to: Say hello"


def test_the_process_environment_is_never_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-of-somebody-else")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://somewhere.invalid")
    monkeypatch.setenv("ANTHROPIC_CUSTOM_HEADERS", "X-Team: theirs")
    with AnthropicService() as service:
        ask(anthropic(service), text())
    assert service.asked[0].headers["authorization"] == f"Bearer {KEY}"
    assert "x-team" not in service.asked[0].headers


def test_the_key_is_the_same_for_two_names_of_one_service() -> None:
    one = Anthropic(Settings("one", base_url="https://models.example/", key_env="A"))
    other = Anthropic(Settings("other", base_url="https://models.example", key_env="B"))
    assert one.identity(text()) == {"provider": "anthropic", "baseUrl": "https://models.example"}
    assert (
        Anthropic(Settings("anthropic", env={"ANTHROPIC_BASE_URL": ""})).identity(text())["baseUrl"]
        == "https://api.anthropic.com"
    )
    assert request_key(one, text()) == request_key(other, text(node="else", path="where/1"))
    assert request_key(one, text()) != request_key(Anthropic(Settings("one", base_url="https://models.example/v2")), text())


# A whole tree


DEFAULTS = """
models:
  text: {provider: anthropic, model: claude-test, params: {max_tokens: 500}, price: {input: 2, output: 10}}
budget: {usd: 5, calls: 100}
errorPolicy: {maxRetries: 2, retryDelay: 5ms}
"""
TREE = """
generations:
  - id: birds
    type: object-array
    config: {prompt: Name two birds}
    schema: {type: object, properties: {name: {type: string}, eggs: {type: integer, minimum: 1}}, required: [name, eggs]}
    generations:
      - id: talk
        type: text
        config:
          prompt:
            - {system: You know birds., template: "What does the ${name} eat?"}
            - {template: And where?}
"""


def at_the_aviary(body: dict[str, Any]) -> Any:
    asked = asked_text(body)
    if "tools" in body:
        schema = body["tools"][0]["input_schema"]
        [name] = schema["required"]
        eggs = 0 if len(body["messages"]) == 1 else 6  # the first answer does not fit, and goes back
        return {name: [{"name": "wren", "eggs": eggs}, {"name": "kite", "eggs": 3}]}
    return f"{asked} after {len(body['messages'])} turns"


@pytest.mark.parametrize("forcible", [True, False], ids=["forced", "asked"])
def test_a_tree_runs_once_and_its_recording_tells_the_same(tmp_path: Path, forcible: bool) -> None:
    said = tmp_path / "said.jsonl"
    with AnthropicService(answer=at_the_aviary, forcible=forcible) as service:
        env = {"ANTHROPIC_BASE_URL": service.url, "ANTHROPIC_API_KEY": KEY}
        place = Place(tmp_path / "one", env=env, defaults=DEFAULTS)
        place.tree(TREE)
        result = place.run(record=said)
        assert result.status == "succeeded", result.failures
        assert [(bird["name"], bird["eggs"], bird["talk"]) for bird in result.output["birds"]] == [
            ("wren", 6, "And where? after 3 turns"),
            ("kite", 3, "And where? after 3 turns"),
        ]
        answered = [asked for asked in service.asked if asked.status == 200]
        assert len(answered) == 6, "two for the list, of which one was mended, and two turns for each bird"
        assert {asked.json.get("system") for asked in answered[2:]} == {"You know birds."}
        assert result.summary is not None
        assert set(result.summary.models) == {"anthropic/claude-test"}
        assert result.summary.totals.usd not in (None, "0")
        assert place.run().unchanged
        assert len([asked for asked in service.asked if asked.status == 200]) == 6
    assert KEY not in said.read_text()
    other = Place(tmp_path / "two", env={"ANTHROPIC_BASE_URL": env["ANTHROPIC_BASE_URL"]}, defaults=DEFAULTS)
    other.tree(TREE)
    assert other.run(replay=said).output == result.output
