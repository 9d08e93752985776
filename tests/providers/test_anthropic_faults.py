"""What Anthropic's API answers when something is wrong, and what becomes of it."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote as url_quote

import pytest
from genarun.errors import ProviderError
from genarun.providers.base import ModelRequest

from tests.providers.test_anthropic import BIRD, text
from tests.say import says
from tests.services.anthropic_service import AnthropicService, call, error, message
from tests.services.anthropic_service import text as block
from tests.services.ask import anthropic, fault, shaped
from tests.services.web import FAULTS, Faults, Refuse, Reply


def refusing(status: int, words: str, kind: str = "invalid_request_error", **details: Any) -> Callable[[dict[str, Any]], Any]:
    def answer(body: dict[str, Any]) -> Any:
        raise error(status, words, kind, **details)

    return answer


@pytest.mark.parametrize(
    ("refusal", "code", "retry", "fatal", "says_so"),
    [
        (
            (401, "invalid x-api-key", "authentication_error"), "key-rejected", False, True,
            "anthropic rejected the key (HTTP 401): invalid x-api-key\n  → Check the value of ANTHROPIC_API_KEY in .env, "
            "or in Actions the repository secret. Keys are made at https://platform.claude.com/settings/keys",
        ),
        (
            (403, "Your API key does not have permission to use the specified resource", "permission_error"),
            "key-rejected", False, True,
            "anthropic rejected the key (HTTP 403): Your API key does not have permission to use the specified resource\n"
            "  → Check the value of ANTHROPIC_API_KEY in .env, or in Actions the repository secret. Keys are made at "
            "https://platform.claude.com/settings/keys",
        ),
        (
            (400, "Your credit balance is too low to access the Anthropic API."), "no-credit", False, True,
            "anthropic has no credit left for this key (HTTP 400): Your credit balance is too low to access the Anthropic API."
            "\n  → Add credit or raise the limit at the service, then run again; finished calls are kept.",
        ),
        (
            (400, "You have reached your specified API usage limits. You will regain access on 2026-12-01."),
            "no-credit", False, True,
            "anthropic has no credit left for this key (HTTP 400): You have reached your specified API usage limits. "
            "You will regain access on 2026-12-01.\n"
            "  → Add credit or raise the limit at the service, then run again; finished calls are kept.",
        ),
        (
            (402, "There's an issue with your billing.", "billing_error"), "no-credit", False, True,
            "anthropic has no credit left for this key (HTTP 402): There's an issue with your billing.\n"
            "  → Add credit or raise the limit at the service, then run again; finished calls are kept.",
        ),
        (
            (404, "model: claude-typo", "not_found_error"), "model-unknown", False, True,
            "anthropic does not know the model claude-test (HTTP 404): model: claude-typo\n  → Check the model's name under "
            "`models` in the tree or in trees/defaults.yaml, and that the key may use it.",
        ),
        (
            (400, "temperature: Extra inputs are not permitted"), "request-refused", False, False,
            "anthropic refused the request for claude-test (HTTP 400): temperature: Extra inputs are not permitted\n"
            "  → Check the prompt, and the parameters of the model and of the node.",
        ),
        (
            (413, "Request exceeds the maximum size", "request_too_large"), "request-refused", False, False,
            "anthropic refused the request for claude-test (HTTP 413): Request exceeds the maximum size\n"
            "  → Check the prompt, and the parameters of the model and of the node.",
        ),
        (
            (529, "Overloaded", "overloaded_error"), "service-failed", True, False,
            "anthropic failed (HTTP 529): Overloaded\n"
            "  → Nothing is wrong on this side; run again later, finished calls are kept.",
        ),
    ],
)  # fmt: skip
def test_what_the_service_refuses(refusal: tuple[Any, ...], code: str, retry: bool, fatal: bool, says_so: str) -> None:
    with AnthropicService(answer=refusing(*refusal)) as service:
        found = fault(anthropic(service), text())
    assert (found.code, found.retry, found.fatal, found.status) == (code, retry, fatal, refusal[0])
    assert str(found) == says_so


def test_a_limit_of_speed_passes_and_a_limit_of_spending_stops_the_run() -> None:
    def fast(body: dict[str, Any]) -> Any:
        raise Refuse(Reply(error(429, "Slow down.", "rate_limit_error").reply.body, 429, headers={"retry-after": "12"}))

    with AnthropicService(answer=fast) as service:
        found = fault(anthropic(service), text())
    assert (found.code, found.retry, found.fatal, found.retry_after) == ("rate-limited", True, False, 12.0)
    spent = refusing(429, "You are over your monthly limit.", "rate_limit_error", error_code="enforced_spend_limit_reached")
    with AnthropicService(answer=spent) as service:
        found = fault(anthropic(service), text())
    assert (found.code, found.retry, found.fatal) == ("no-credit", False, True)


@pytest.mark.parametrize(
    ("details", "why"),
    [
        (
            {"type": "refusal", "category": "bio", "explanation": "This could do harm."},
            "This could do harm.",
        ),
        ({"type": "refusal", "category": "bio", "explanation": None}, "bio"),
        (None, "no reason was given"),
    ],
)
def test_a_refusal(details: Any, why: str) -> None:
    with AnthropicService(answer=lambda body: message(block("I"), stop="refusal", stop_details=details)) as service:
        found = fault(anthropic(service), text())
    assert (found.retry, found.fatal) == (False, False)
    says(found, "answer-refused", f"claude-test declined to answer: {why}\n  → Word the prompt differently.")


@pytest.mark.parametrize("inside", [block("Once upon"), call({"a": "1"})], ids=["text", "tool"])
def test_an_answer_that_was_cut_off(inside: dict[str, Any]) -> None:
    with AnthropicService(answer=lambda body: message(inside, stop="max_tokens")) as service:
        found = fault(anthropic(service), shaped(BIRD, model="claude-test"))
    assert not found.retry
    says(
        found,
        "answer-cut-off",
        """
        the answer of claude-test was cut off at its token limit, after 9 characters
          → Raise `max_tokens` in the model's parameters, or ask for less.
        """,
    )


def test_more_than_a_model_can_hold() -> None:
    with AnthropicService(answer=lambda body: message(block("Once"), stop="model_context_window_exceeded")) as service:
        found = fault(anthropic(service), text())
    assert not found.retry
    says(
        found,
        "context-exceeded",
        """
        what claude-test was given to read and what it wrote are more than it can hold at once
          → Give it less to read, ask for less, or take a model with a larger context window.
        """,
    )


@pytest.mark.parametrize(("reason", "content"), [("pause_turn", [block("Let me")]), ("tool_use", [call({}, "weather")])])
def test_an_answer_that_waits_for_a_tool(reason: str, content: list[dict[str, Any]]) -> None:
    with AnthropicService(answer=lambda body: message(*content, stop=reason)) as service:
        found = fault(anthropic(service), text())
    assert not found.retry
    says(
        found,
        "answer-unfinished",
        f"""
        claude-test stopped in the middle of its answer to have a tool run ({reason})
          → Leave `tools` out of the model's parameters: a model is asked once, and no tools are run.
        """,
    )


@pytest.mark.parametrize("content", [[], [block(" \n")], [{"type": "thinking", "thinking": "hm", "signature": "x"}]])
def test_an_empty_answer(content: list[dict[str, Any]]) -> None:
    with AnthropicService(answer=lambda body: message(*content)) as service:
        found = fault(anthropic(service), text())
    assert found.retry
    says(found, "answer-empty", "claude-test answered with nothing")


@pytest.mark.parametrize(("body", "what"), [(b"[]", "an object"), (b"{}", "content"), (b'{"content":"old"}', "content")])
def test_an_answer_of_another_shape(body: bytes, what: str) -> None:
    with AnthropicService(answer=lambda _: Reply(body)) as service:
        found = fault(anthropic(service), text())
    assert found.retry
    says(found, "answer-incomplete", f"anthropic answered without {what}, which its protocol promises")


SECRET = 'sk-ant-lo"op/back+0123=456789'


@pytest.mark.parametrize("place", ["error", "refusal"])
def test_a_key_that_is_echoed_is_never_quoted(place: str) -> None:
    raw = SECRET.encode()
    forms = [SECRET, json.dumps(SECRET)[1:-1], url_quote(SECRET, safe=""), base64.b64encode(b"key:" + raw).decode()]
    shown = " and ".join(forms)

    def answer(body: dict[str, Any]) -> Any:
        if place == "error":
            raise error(400, shown)
        return message(stop="refusal", stop_details={"type": "refusal", "category": None, "explanation": shown})

    with AnthropicService(answer=answer, key=SECRET) as service:
        found = str(fault(anthropic(service), text()))
    assert found.count("***") == 4
    assert not [form for form in forms if form[4:16] in found]


# Time, cancelling, bad days


def test_a_call_that_is_cancelled_closes_its_request_and_the_next_one_works() -> None:
    with AnthropicService(latency=lambda asked: 30.0 if b"slowly" in asked.body else 0.0) as service:
        provider = anthropic(service)

        async def go() -> str | None:
            task = asyncio.ensure_future(provider.call(text("slowly")))
            while not service.asked:
                await asyncio.sleep(0.005)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            while service._open:
                await asyncio.sleep(0.005)
            reply = await provider.call(text("fast"))
            await provider.close()
            return reply.text

        begun = time.monotonic()
        assert asyncio.run(asyncio.wait_for(go(), 10)) == "An answer to: fast"
        assert time.monotonic() - begun < 10


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("429", "rate-limited"),
        ("500", "service-failed"),
        ("drop", "connection-lost"),
        ("html", "answer-html"),
        ("broken", "answer-not-json"),
        ("truncated", "connection-lost"),
        ("shape", "answer-incomplete"),
    ],
)
def test_every_fault_is_worth_another_try(kind: str, code: str) -> None:
    with AnthropicService(faults=Faults(1.0, (kind,))) as service:
        found = fault(anthropic(service), text())
    assert (found.code, found.retry, found.fatal) == (code, True, False)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_bad_day_ends_with_every_answer(seed: int) -> None:
    with AnthropicService(faults=Faults(0.3, seed=seed)) as service:
        provider = anthropic(service)

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
    assert {asked.fault for asked in service.asked} >= set(FAULTS)
    assert not service.repeats()
