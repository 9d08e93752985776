"""Limits per model alias, and the patience that a service asks for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from genarun.engine.session import LONGEST_WAIT

from tests.helpers import Place
from tests.services.openai_service import OpenAIService
from tests.services.web import Refuse, Reply

DEFAULTS = """
models: {text: {provider: openai, model: gpt-test, price: {input: 1, output: 2}, %s}}
budget: {usd: 10, calls: 1000}
errorPolicy: {maxRetries: 2, retryDelay: 1ms}
"""
MANY = "generations:\n" + "".join(f"  - {{id: n{n}, type: text, config: {{prompt: Say {n}}}}}\n" for n in range(12))


def test_no_more_calls_at_once_than_the_alias_allows(tmp_path: Path) -> None:
    with OpenAIService(latency=0.02) as service:
        place = Place(tmp_path, service, defaults=DEFAULTS % "concurrency: 3")
        place.tree(MANY)
        assert place.run().status == "succeeded"
        assert service.most_at_once == 3


def test_calls_start_no_faster_than_the_alias_allows(tmp_path: Path) -> None:
    with OpenAIService() as service:
        place = Place(tmp_path, service, defaults=DEFAULTS % "rpm: 1200")
        place.tree(MANY)
        assert place.run().status == "succeeded"
        starts = sorted(asked.at for asked in service.asked)
        assert starts[-1] - starts[0] >= 11 * 0.05 * 0.9, "a twentieth of a second apart, give or take the way to the service"


def test_runs_beside_each_other_share_the_rate(tmp_path: Path) -> None:
    with OpenAIService() as service:
        place = Place(tmp_path, service, defaults=DEFAULTS % "rpm: 3600")
        place.tree(MANY)
        assert place.run(share=3).status == "succeeded"
        starts = sorted(asked.at for asked in service.asked)
        assert starts[-1] - starts[0] >= 11 * 0.05 * 0.9, "a third of sixty calls a second is one in a twentieth"


def limited(after: str, times: int) -> Any:
    """Answers 429 so often, then well."""
    left = [times]

    def answer(body: dict[str, Any]) -> Any:
        if left[0]:
            left[0] -= 1
            error = b'{"error": {"message": "Slow down", "type": "requests", "code": "rate_limit_exceeded"}}'
            raise Refuse(Reply(error, 429, headers={"retry-after": after}))
        return "well"

    return answer


def test_what_a_service_asks_for_is_waited(tmp_path: Path) -> None:
    with OpenAIService(answer=limited("0.4", 1)) as service:
        place = Place(tmp_path, service, defaults=DEFAULTS % "concurrency: 1")
        place.tree("generations:\n  - {id: a, type: text, config: {prompt: Say a}}\n")
        waits: list[float] = []
        result = place.run(on_event=lambda event, _: waits.append(event.wait) if event.kind == "retry" else None)
        assert result.output == {"a": "well"}
        assert service.asked[1].at - service.asked[0].at >= 0.39
        assert len(waits) == 1
        assert waits[0] >= 0.4
        assert place.records()[0]["attempts"] == 2


def test_a_service_that_asks_for_too_much_is_left_for_another_run(tmp_path: Path) -> None:
    with OpenAIService(answer=limited(str(int(LONGEST_WAIT) + 1), 1)) as service:
        place = Place(tmp_path, service, defaults=DEFAULTS % "concurrency: 1")
        place.tree("generations:\n  - {id: a, type: text, config: {prompt: Say a}}\n")
        assert place.run().status == "failed"
        assert len(service.asked) == 1
        assert place.run().output == {"a": "well"}
