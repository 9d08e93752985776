"""Budgets hold, say why, and leave a run that goes on."""

from __future__ import annotations

from pathlib import Path

import pytest
from genarun.errors import SetupError

from tests.helpers import BASE, Place
from tests.say import says
from tests.services.openai_service import OpenAIService

TEN = "generations:\n" + "".join(f"  - {{id: n{n}, type: text, config: {{prompt: Say {n}}}}}\n" for n in range(10))


def test_a_budget_of_calls_holds_and_the_next_run_goes_on(tmp_path: Path) -> None:
    with OpenAIService() as service:
        place = Place(tmp_path, service)
        place.tree("budget: {calls: 4}\n" + TEN)
        result = place.run()
        assert result.status == "stopped"
        assert result.exit_code == 5
        assert len(service.asked) == 4
        assert result.error is not None
        says(
            result.error,
            "budget-calls",
            """
            tree t: the budget of 4 calls is used up
              → Raise `budget.calls` in the tree or in trees/defaults.yaml and run again; nothing paid for is lost.
            """,
        )
        place.tree("budget: {calls: 10}\n" + TEN)
        again = place.run()
        assert again.run == result.run
        assert again.status == "succeeded"
        assert len(service.asked) == 10


def test_a_budget_in_dollars_counts_what_is_in_flight(tmp_path: Path) -> None:
    defaults = BASE.replace("price: {input: 1, output: 2}", "price: {call: 0.10}")
    with OpenAIService(latency=0.02) as service:
        place = Place(tmp_path, service, defaults=defaults)
        place.tree(TEN)
        result = place.run(budget="0.35")
        assert result.exit_code == 5
        assert len(service.asked) == 3, "sixteen at once would have been allowed, the money was not there"
        assert result.summary is not None
        assert result.summary.totals.usd == "0.3"
        assert result.error is not None
        says(
            result.error,
            "budget-usd",
            """
            tree t: the next call could exceed the budget of $0.35: $0.10 spent, $0.20 in flight, about $0.10 for this call
              → Raise it with `--budget USD` or `budget.usd` and run again; nothing paid for is lost.
            """,
        )


def test_a_budget_of_minutes(tmp_path: Path) -> None:
    with OpenAIService(latency=0.2) as service:
        place = Place(tmp_path, service)
        place.tree("budget: {minutes: 0.002}\nmodels: {text: {concurrency: 1}}\n" + TEN)
        result = place.run()
        assert result.exit_code == 5
        assert 1 <= len(service.asked) < 10
        assert result.error is not None
        says(
            result.error,
            "budget-minutes",
            """
            tree t: the budget of 0.002 minutes is used up
              → Raise `budget.minutes`, or run again: it goes on where it stopped.
            """,
        )


def test_a_dollar_budget_without_prices_needs_a_calls_budget(tmp_path: Path) -> None:
    with OpenAIService() as service:
        place = Place(
            tmp_path, service, defaults="models: {text: {provider: openai, model: my-own}}\nbudget: {usd: 1, calls: null}"
        )
        place.tree("generations:\n  - {id: a, type: text, config: {prompt: Say a}}\n")
        with pytest.raises(SetupError) as raised:
            place.run()
        says(
            raised.value,
            "budget-needs-calls",
            """
            tree t: a budget of $1.00 cannot hold: the price of openai/my-own is not known
              → Add `budget.calls`, or a `price` to the model alias text.
            """,
        )
        assert not service.asked
