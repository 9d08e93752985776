"""What services do to people: errors, silence, nonsense. A run whose retries allow it ends well and loses nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.engine.test_kill import TREE, answer
from tests.helpers import Place, by_prompt
from tests.services.openai_service import OpenAIService
from tests.services.web import FAULTS, Faults

FAST = """
models:
  text: {provider: openai, model: gpt-test, concurrency: 16, price: {input: 1, output: 2}}
  image: {provider: openai, model: gpt-image-test, concurrency: 4, price: {image: 0.01}}
budget: {usd: 100, calls: 100000, minutes: 60}
errorPolicy: {maxRetries: 12, retryDelay: 1ms}
timeout: 400ms
"""


@pytest.mark.parametrize("seed", range(3))
def test_a_third_of_all_answers_are_faults_and_nothing_is_lost(tmp_path: Path, seed: int) -> None:
    with OpenAIService(answer=answer) as calm, OpenAIService(answer=answer, faults=Faults(0.3, seed=seed)) as stormy:
        quiet, place = Place(tmp_path / "calm", calm, defaults=FAST), Place(tmp_path / "storm", stormy, defaults=FAST)
        for one in (quiet, place):
            one.tree(TREE)
        expected = quiet.run()
        result = place.run()
        assert result.status == "succeeded"
        assert result.output == expected.output
        assert result.summary is not None
        assert result.summary.totals.calls == len(calm.asked)
        assert result.summary.totals.requests == len(stormy.asked)
        assert {asked.fault for asked in stormy.asked} >= set(FAULTS) - {None} or seed, "every kind of fault came"
        assert not stormy.repeats(), "what was answered was not asked again"


def test_a_service_that_never_recovers_fails_its_instances_and_keeps_the_rest(tmp_path: Path) -> None:
    broken = {"on": True}

    def flaky(body: dict[str, Any]) -> Any:
        text = str(body)
        if "poem on bee" in text and broken["on"]:
            from tests.services.openai_service import error

            raise error(400, "No bees today")
        return by_prompt({"Name": {"data": ["ant", "bee"]}})(body)

    with OpenAIService(answer=flaky) as service:
        place = Place(tmp_path, service)
        place.tree("""
            generations:
              - id: animals
                type: text-array
                config: {prompt: Name two}
                generations:
                  - {id: poem, type: text, config: {prompt: "A poem on ${i}"}}
              - {id: foreword, type: text, config: {prompt: "Foreword to ${animals}"}}
        """)
        result = place.run()
        assert result.status == "partial"
        assert result.exit_code == 1
        assert result.output == {"animals": [{"item": "ant", "poem": "answer to: A poem on ant"}, {"item": "bee"}]}
        assert [record.path for record in result.failures] == ["animals/1/poem"]
        assert "No bees today" in result.failures[0].error.message  # type: ignore[union-attr]
        assert not (place.root / "trees/t/latest").exists()
        assert len(service.asked) == 3, "the foreword was not paid for on half a list"

        broken["on"] = False
        again = place.run()
        assert again.run == result.run, "it went on in its folder"
        assert again.status == "succeeded"
        assert len(service.asked) == 5
        assert (place.root / "trees/t/latest").exists()


def test_a_rejected_key_costs_one_request(tmp_path: Path) -> None:
    with OpenAIService() as service:
        place = Place(tmp_path, service, env={"OPENAI_API_KEY": "sk-wrong-0123456789"})
        place.tree(
            "generations:\n" + "".join(f"  - {{id: n{n}, type: text, config: {{prompt: Say {n}}}}}\n" for n in range(20))
        )
        result = place.run()
        assert result.exit_code == 1
        assert result.error is not None
        assert result.error.code == "key-rejected"
        assert len(service.asked) == 1


def test_on_error_decides_between_failing_a_gap_and_null(tmp_path: Path) -> None:
    def refuse(body: dict[str, Any]) -> Any:
        from tests.services.openai_service import error

        raise error(400, "never")

    with OpenAIService(answer=refuse) as service:
        place = Place(tmp_path, service)
        place.tree("""
            generations:
              - {id: a, type: text, onError: skip, config: {prompt: Say a}}
              - {id: b, type: text, onError: "null", config: {prompt: Say b}}
              - {id: c, type: template, config: {prompt: fixed}}
        """)
        result = place.run()
        assert result.status == "succeeded"
        assert result.output == {"b": None, "c": "fixed"}
        assert len(result.warnings) == 2


def test_stopping_at_the_first_failure(tmp_path: Path) -> None:
    def refuse(body: dict[str, Any]) -> Any:
        from tests.services.openai_service import error

        raise error(400, "never")

    with OpenAIService(answer=refuse) as service:
        place = Place(tmp_path, service)
        place.tree("""
            errorPolicy: {continueOnChildFailure: false, returnPartialResults: false}
            models: {text: {concurrency: 1}}
            generations:
              - {id: a, type: text, config: {prompt: Say a}}
              - {id: b, type: text, config: {prompt: Say b}}
        """)
        result = place.run()
        assert result.status == "failed"
        assert len(service.asked) == 1
        assert result.output is None
        assert not (place.root / "trees/t" / place.runs()[0] / "output.json").exists()
