"""What the engine says when an instance fails, to the letter."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from genarun.engine.model import RunResult
from genarun.errors import GenarunError, RunError
from genarun.nodes.embedding import EMBEDDING
from genarun.nodes.image import IMAGE
from genarun.providers.base import ModelReply
from genarun.store.records import Record

from tests.helpers import BASE, Place, by_prompt
from tests.say import says
from tests.services.openai_service import OpenAIService, error
from tests.services.samples import png

CONVERT = (
    "Raise `assets.maxBytes`, set `assets.format: webp`, "
    "or ask the model for a smaller picture (its `size`, `quality` or `output_format`)."
)


def failure(result: RunResult) -> GenarunError:
    """The first failure as an error, so that its text can be held to the letter."""
    record: Record = result.failures[0]
    assert record.error is not None
    return RunError(record.error.code, record.error.message, record.path, record.error.hint)


def test_a_call_that_takes_too_long(tmp_path: Path) -> None:
    with OpenAIService(latency=0.5) as service:
        place = Place(tmp_path, service)
        place.tree("generations:\n  - {id: a, type: text, timeout: 50ms, retry: 1, config: {prompt: Say a}}\n")
        says(
            failure(place.run()),
            "call-timeout",
            """
            a: openai/gpt-test did not answer within 0.05 s
              → Raise `timeout` on the node if this model is slow.
            """,
        )
        assert len(service.asked) == 2


def test_a_picture_that_is_too_large(tmp_path: Path) -> None:
    with OpenAIService(answer=lambda body: png("x") + b"x" * 5000) as service:
        place = Place(tmp_path, service)
        place.tree("assets: {maxBytes: 4000}\ngenerations:\n  - {id: p, type: image, config: {prompt: A picture}}\n")
        size = len(png("x")) + 5000
        says(
            failure(place.run()),
            "asset-size",
            f"""
            p: the file has {size:,} bytes, more than the 4,000 allowed
              → {CONVERT}
            """,
        )


def test_a_picture_that_holds_a_secret(tmp_path: Path) -> None:
    with OpenAIService(answer=lambda body: png("x") + b"sk-loopback-0123456789abcdef") as service:
        place = Place(tmp_path, service)
        place.tree("generations:\n  - {id: p, type: image, config: {prompt: A picture}}\n")
        says(
            failure(place.run()),
            "asset-secret",
            """
            p: the file that came holds the value of a secret variable, and was not kept
              → The service put your key into its answer. Replace the key, and tell the service.
            """,
        )


def test_a_required_input_without_a_value(tmp_path: Path) -> None:
    with OpenAIService(answer=by_prompt({"card": {"name": ""}})) as service:
        place = Place(tmp_path, service)
        place.tree("""
            generations:
              - id: card
                type: object
                config: {prompt: A card}
                schema: {type: object, properties: {name: {type: string}}, required: [name]}
                generations:
                  - {id: label, type: text, requiredInputs: [name], config: {prompt: "Label ${name}"}}
        """)
        result = place.run()
        assert len(service.asked) == 1
        says(
            failure(result),
            "required-missing",
            """
            card/label: “name” is required and has no value
              → Names with a value here: name, parent, card, seed, date.
            """,
        )


def test_the_first_failure_stops_where_the_tree_says_so(tmp_path: Path) -> None:
    def refuse(body: dict[str, Any]) -> Any:
        raise error(400, "never")

    with OpenAIService(answer=refuse) as service:
        place = Place(tmp_path, service)
        place.tree("""
            errorPolicy: {continueOnChildFailure: false}
            generations:
              - {id: a, type: text, config: {prompt: Say a}}
        """)
        says(
            place.run().error,
            "failed-early",
            """
            tree t: a failed, and errorPolicy.continueOnChildFailure is false
              → Run again: it goes on where it stopped.
            """,
        )


def test_what_cannot_come_from_a_real_service_is_said_too() -> None:
    """Answers without a file are caught by the providers first; a third party's may let them through."""
    import asyncio

    from genarun.nodes.base import Ask
    from genarun.providers.base import ModelRequest

    class Empty:
        async def call(self, request: ModelRequest) -> ModelReply:
            return ModelReply()

    request = ModelRequest("image", "m", {}, ())
    with pytest.raises(GenarunError) as raised:
        asyncio.run(IMAGE.execute(None, Ask(request, ()), Empty()))  # type: ignore[arg-type]
    says(raised.value, "answer-no-file", "the model m answered without a picture")
    with pytest.raises(GenarunError) as raised:
        asyncio.run(EMBEDDING.execute(None, Ask(request, ()), Empty()))  # type: ignore[arg-type]
    says(raised.value, "answer-no-vector", "the model m answered without a list of numbers")


def test_a_value_that_never_fits(tmp_path: Path) -> None:
    with OpenAIService(answer=by_prompt({"": {"data": []}})) as service:
        place = Place(tmp_path, service, defaults=BASE)
        place.tree("""
            generations:
              - {id: l, type: text-array, retry: 1, config: {prompt: A list}, validation: {minLength: 1}}
        """)
        result = place.run()
        assert len(service.asked) == 2
        record = result.failures[0].error
        assert record is not None
        says(
            RunError(record.code, record.message, "l", record.hint),
            "value-misfit",
            f"l: {record.message}",
        )
        assert "1" in record.message
        assert [one["status"] for one in place.records()] == ["answered", "answered", "failed"], "both were paid for"
