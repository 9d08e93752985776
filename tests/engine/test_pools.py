"""Pools: another model answers where the first one fails, nothing is paid for twice, and everything says who it was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from genarun.engine.model import Event
from genarun.errors import SetupError

from tests.engine.test_people import run_and_stop
from tests.helpers import Place, asked, by_prompt, chats
from tests.planning.agree import agree
from tests.say import says
from tests.services.openai_service import OpenAIService, error
from tests.services.samples import png
from tests.services.web import Faults, Refuse, Reply

Json = Any
POOL = """
providers:
  one: {provider: openai, baseUrl: %(one)s, keyEnv: ONE_KEY}
  two: {provider: openai, baseUrl: %(two)s, keyEnv: TWO_KEY}
models:
  first: {provider: one, model: model-a, price: {call: 0.01}}
  text:
    models: [first, {provider: two, model: model-b, price: {call: 0.02}}]
    %(more)s
budget: {usd: 100, calls: 100000, minutes: 60}
errorPolicy: {maxRetries: 3, retryDelay: 1ms}
assets: {allowPrivate: true}
"""
MANY = """
generations:
  - id: list
    type: text-array
    config: {prompt: Name them}
    generations:
      - {id: poem, type: text, config: {prompt: "Poem on ${i}"}}
"""
NAMES = [f"n{number}" for number in range(12)]


def names(body: dict[str, Json]) -> Json:
    return by_prompt({"Name them": {"data": NAMES}}, lambda text: f"{body['model']} on {text}")(body)


def down(body: dict[str, Json]) -> Json:
    raise error(503, "overloaded")


class Two:
    """A project whose texts come from two services."""

    def __init__(self, root: Path, more: str = "policy: ordered", defaults: str = POOL, **services: Any) -> None:
        self.one = OpenAIService(**({"answer": names} | services))
        self.two = OpenAIService(answer=names)
        self.more, self.defaults, self.root = more, defaults, root

    def __enter__(self) -> Two:
        self.one.__enter__()
        self.two.__enter__()
        env = {"ONE_KEY": self.one.key or "", "TWO_KEY": self.two.key or ""}
        addresses = {"one": self.one.url, "two": self.two.url, "more": self.more}
        self.place = Place(self.root, env=env, defaults=self.defaults % addresses)
        self.place.tree(MANY)
        return self

    def __exit__(self, *_: object) -> None:
        self.one.__exit__()
        self.two.__exit__()

    def answered(self) -> list[str]:
        """What was asked and answered, by either."""
        return [asked(one.json) for one in (*self.one.answered, *self.two.answered)]

    def models(self) -> Counter[str]:
        return Counter(record["model"] for record in self.place.records() if record["status"] == "succeeded")


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Two]:
    with Two(tmp_path) as made:
        yield made


def dies_after(number: int) -> Callable[[dict[str, Json]], Json]:
    left = [number]

    def answer(body: dict[str, Json]) -> Json:
        left[0] -= 1
        return names(body) if left[0] >= 0 else down(body)

    return answer


# ---------------------------------------------------------------------- moving on


def test_the_first_dies_half_way_and_the_rest_comes_from_the_second(two: Two) -> None:
    two.one.answer = dies_after(6)
    heard: list[Event] = []
    result = two.place.run(on_event=lambda event, _: heard.append(event))
    assert result.status == "succeeded"
    assert two.models() == {"model-a": 6, "model-b": 7}
    assert sorted(two.answered()) == sorted(["Name them", *(f"Poem on {name}" for name in NAMES)]), "nothing was asked twice"
    for record in two.place.records():
        who = record["model"], record["provider"], record["usd"], record["value"] if "poem" in record["path"] else None
        text = f"{record['model']} on Poem on n{record['path'].split('/')[1]}" if "poem" in record["path"] else None
        assert who in {("model-a", "one", "0.01", text), ("model-b", "two", "0.02", text)}
    assert result.summary is not None
    assert result.summary.totals.requests == len(two.one.asked) + len(two.two.asked)
    assert result.summary.totals.usd == "0.2"
    assert {model: totals.calls for model, totals in result.summary.models.items()} == {"one/model-a": 6, "two/model-b": 7}

    moved = [record for record in two.place.records() if record.get("warnings")]
    assert moved
    assert {text for record in moved for text in record["warnings"]} == {
        "one/model-a failed: one failed (HTTP 503): overloaded; two/model-b was asked instead"
    }
    assert all(record["model"] == "model-b" and record["attempts"] == 3 for record in moved)
    told = "one/model-a failed: one failed (HTTP 503): overloaded; asking two/model-b instead"
    assert sorted(event.path for event in heard if event.text == told) == sorted(record["path"] for record in moved)
    assert result.warnings == ("one/model-a is passed over for 30 s: one failed (HTTP 503): overloaded",)

    two.one.answer = names
    before = len(two.one.asked) + len(two.two.asked)
    assert two.place.run().unchanged, "the first is back, and what the second said still stands"
    assert len(two.one.asked) + len(two.two.asked) == before
    plan = two.place.plan()
    assert (plan.calls, plan.unchanged) == (0, True)


def test_a_dead_first_model_is_left_alone_after_three_failed_calls(two: Two) -> None:
    two.one.answer = down
    assert two.place.run().status == "succeeded"
    assert two.models() == {"model-b": 13}
    # The list, eight poems at once, and one that started when the first of these had failed; nobody after the third failure.
    assert len(two.one.asked) <= 2 * (1 + 8 + 1)
    assert len(two.two.asked) == 13


def test_a_rejected_key_on_the_first_costs_one_request(two: Two) -> None:
    two.place.env["ONE_KEY"] = "sk-wrong-0123456789"
    result = two.place.run()
    assert result.status == "succeeded"
    assert result.exit_code == 0
    assert len(two.one.asked) == 1
    assert two.models() == {"model-b": 13}
    (warning,) = result.warnings
    assert warning.startswith("one/model-a is passed over for the rest of this run: one rejected the key (HTTP 401): Incorrect")
    assert "sk-wrong" not in str(two.place.records())


def test_a_rejected_key_on_the_second_costs_one_request_too(two: Two) -> None:
    """It comes when eight calls move on at once: the service has not proved itself yet."""
    two.place.env["TWO_KEY"] = "sk-wrong-0123456789"
    two.one.answer = dies_after(1)
    result = two.place.run()
    assert result.status == "partial"
    assert len(two.two.asked) == 1
    assert {record.error.code for record in result.failures if record.error} == {"key-rejected", "service-failed"}
    assert result.error is None, "the first may be back any time, so the run went on"


def test_where_every_key_is_rejected_the_run_stops_after_one_request_each(two: Two) -> None:
    two.place.env |= {"ONE_KEY": "sk-wrong-0123456789", "TWO_KEY": "sk-wrong-9876543210"}
    two.place.tree(
        "generations:\n" + "".join(f"  - {{id: n{n}, type: text, config: {{prompt: Say {n}}}}}\n" for n in range(20))
    )
    result = two.place.run()
    assert result.exit_code == 1
    assert result.error is not None
    assert result.error.code == "key-rejected"
    assert (len(two.one.asked), len(two.two.asked)) == (1, 1)
    assert two.place.run().exit_code == 1
    assert (len(two.one.asked), len(two.two.asked)) == (2, 2)


def test_a_request_that_the_first_refuses_goes_to_the_second_and_is_no_mark_against_the_first(two: Two) -> None:
    two.one.answer = lambda body: names(body) if "Name" in asked(body) else refuse(body)
    assert two.place.run().status == "succeeded"
    assert two.models() == {"model-a": 1, "model-b": 12}
    assert len(two.one.asked) == 13, "each was offered to it once, and it was never passed over"
    assert not [record for record in two.place.records() if record["attempts"] > 2]


def refuse(body: dict[str, Json]) -> Json:
    raise error(400, "not this one")


@pytest.mark.parametrize("seed", range(3))
def test_a_third_of_the_first_ones_answers_are_faults_and_nothing_is_lost(tmp_path: Path, seed: int) -> None:
    defaults = POOL.replace("maxRetries: 3", "maxRetries: 12") + "timeout: 400ms\n"
    with Two(tmp_path, "breaker: {coolDown: 20ms}", defaults, faults=Faults(0.3, seed=seed)) as two:
        result = two.place.run()
        assert result.status == "succeeded"
        assert result.summary is not None
        assert result.summary.totals.requests == len(two.one.asked) + len(two.two.asked)
        good = [asked(one.json) for one in (*two.one.answered, *two.two.answered)]
        assert sorted(good) == sorted(["Name them", *(f"Poem on {name}" for name in NAMES)])
        assert not two.one.repeats()
        assert two.place.run().unchanged


def test_where_all_are_down_people_get_the_last_ones_error(two: Two) -> None:
    two.one.answer = two.two.answer = down
    two.place.tree("generations:\n" + "".join(f"  - {{id: n{n}, type: text, config: {{prompt: Say {n}}}}}\n" for n in range(9)))
    result = two.place.run()
    assert result.status == "failed"
    assert result.error is None
    assert len(result.failures) == 9
    for record in two.place.records():
        assert record["error"]["code"] == "service-failed"
        assert record["error"]["message"].startswith(f"{record['provider']} failed")
    assert result.summary is not None
    assert result.summary.totals.requests == len(two.one.asked) + len(two.two.asked)
    two.one.answer = two.two.answer = names
    assert two.place.run().status == "succeeded"
    assert two.models() == {"model-a": 9}


# ---------------------------------------------------------------------- patience


def test_a_model_that_hangs_is_waited_for_once(tmp_path: Path) -> None:
    with Two(tmp_path, defaults=POOL + "timeout: 200ms\n", faults=Faults(1.0, ("hang",), most=99)) as two:
        two.place.tree("generations:\n  - {id: a, type: text, config: {prompt: Say a}}\n")
        result = two.place.run()
        assert result.output == {"a": "model-b on Say a"}
        assert len(two.one.asked) == 1
        (record,) = two.place.records()
        assert record["warnings"] == [
            "one/model-a failed: one/model-a did not answer within 0.2 s; two/model-b was asked instead"
        ]


def test_a_model_that_asks_for_patience_is_left_where_another_is_there(two: Two) -> None:
    def busy(body: dict[str, Json]) -> Json:
        slow = b'{"error": {"message": "Slow down", "type": "requests", "code": "rate_limit_exceeded"}}'
        raise Refuse(Reply(slow, 429, headers={"retry-after": "30"}))

    two.one.answer = busy
    two.place.tree("generations:\n  - {id: a, type: text, config: {prompt: Say a}}\n")
    assert two.place.run().output == {"a": "model-b on Say a"}
    assert len(two.one.asked) == 1


def test_a_node_that_allows_no_further_try_gets_none(two: Two) -> None:
    two.one.answer = down
    two.place.tree("generations:\n  - {id: a, type: text, retry: 0, config: {prompt: Say a}}\n")
    assert two.place.run().output == {"a": "model-b on Say a"}
    assert len(two.one.asked) == 1


def test_a_model_that_recovers_is_tried_by_one_call_and_then_asked_again(tmp_path: Path) -> None:
    broken = {"on": True}

    def answer(body: dict[str, Json]) -> Json:
        if broken["on"] and "Poem on n" in asked(body):
            down(body)
        return names(body)

    def told(event: Event, _: Any) -> None:
        if event.record is not None and event.record.path == "list/4/poem":
            broken["on"] = False

    with Two(tmp_path, "breaker: {failures: 1, coolDown: 60ms}\n    concurrency: 1", answer=answer) as two:
        two.two.latency = 0.02
        assert two.place.run(on_event=told).status == "succeeded"
        models = [record["model"] for record in two.place.records() if "poem" in record["path"]]
        assert models[:5] == ["model-b"] * 5
        assert models[-1] == "model-a", "it was asked again"
        refused = [asked(one.json) for one in two.one.asked if one.status == 503]
        assert max(Counter(refused).values()) <= 2
        # The call that opened it had its further try; whoever tried it later had none.
        assert Counter(refused)["Poem on n0"] == 2
        assert all(count == 1 for text, count in Counter(refused).items() if text != "Poem on n0")


# ---------------------------------------------------------------------- conversations


TALK = """
generations:
  - {id: talk, type: text, config: {prompt: [{template: One}, {template: Two}, {template: Three}]}}
"""


def test_a_conversation_goes_on_with_the_model_that_took_over(two: Two) -> None:
    two.place.tree(TALK)
    two.one.answer = lambda body: down(body) if asked(body) == "Two" else names(body)
    assert two.place.run().output == {"talk": "model-b on Three"}
    assert chats(two.one) == ["One", "Two", "Two"]
    assert chats(two.two) == ["Two", "Three"]
    said = [message["content"] for message in two.two.asked[1].json["messages"]]
    assert said == ["One", "model-a on One", "Two", "model-b on Two", "Three"]
    lines = two.place.records()
    assert [(line["status"], line["model"]) for line in lines] == [
        ("answered", "model-a"), ("answered", "model-b"), ("succeeded", "model-b")
    ]  # fmt: skip
    assert lines[0]["key"] != lines[1]["key"] == lines[2]["key"], "each is known by the model that gave it"
    before = len(two.one.asked) + len(two.two.asked)
    assert two.place.run().unchanged
    assert len(two.one.asked) + len(two.two.asked) == before


def test_an_interrupted_conversation_goes_on_behind_whoever_answered_last(two: Two) -> None:
    two.place.tree(TALK)
    two.one.answer = lambda body: down(body) if asked(body) == "Two" else names(body)
    assert run_and_stop(two.place, 2, False).status == "stopped"
    assert chats(two.two) == ["Two"]
    two.one.answer = names
    done = agree(two.place)
    assert [step.calls for step in done.plan.steps] == [1]
    assert chats(two.one) == ["One", "Two", "Two"], "the first is back, and the conversation stays where it is"
    assert chats(two.two) == ["Two", "Three"]
    assert done.result.output == {"talk": "model-b on Three"}


def test_an_answer_that_does_not_fit_is_mended_by_the_model_that_gave_it(two: Two) -> None:
    two.place.tree("generations:\n  - {id: l, type: text-array, config: {prompt: List}, validation: {minLength: 1}}\n")
    two.one.answer = lambda body: {"data": [] if len(body["messages"]) == 1 else [body["model"]]}
    two.two.answer = lambda body: {"data": ["wrong model"]}
    assert two.place.run().output == {"l": ["model-a"]}
    assert not two.two.asked
    assert two.place.run().unchanged


# ---------------------------------------------------------------------- nothing is paid for twice


def test_recorded_answers_serve_whoever_gave_them(two: Two) -> None:
    two.one.answer = dies_after(6)
    output = two.place.run().output
    start = len(two.one.asked), len(two.two.asked)
    two.one.answer = names
    written = (two.place.root / "trees/defaults.yaml").read_text()
    for change in (
        lambda text: text.replace("policy: ordered", "policy: round-robin"),
        lambda text: text.replace("policy: ordered", "policy: random"),
        lambda text: text.replace("policy: ordered", "policy: cheapest").replace("call: 0.02", "call: 0.001"),
        lambda text: text.replace("[first, {provider: two", "[{provider: openai, model: new}, {provider: two").replace(
            "call: 0.02}}]", "call: 0.02}}, first]"
        ),
    ):
        two.place.write("trees/defaults.yaml", change(written))
        assert two.place.plan().calls == 0
        again = two.place.run()
        assert again.output == output
        assert (len(two.one.asked), len(two.two.asked)) == start


def test_an_alias_for_one_of_the_models_finds_what_that_one_answered(two: Two) -> None:
    two.one.answer = dies_after(6)
    two.place.run()
    plain = "models: {text: {provider: two, model: model-b}}\n" + MANY.replace("{prompt: Name", "{model: first, prompt: Name")
    two.place.tree(plain)
    called = {step.path for step in two.place.plan().steps if step.action == "call"}
    assert len(called) == 5, "those that the first one had written"
    assert {step.provider for step in two.place.plan().steps if step.action == "call"} == {"two"}


def test_a_newer_run_comes_first_whoever_answered_in_it(two: Two) -> None:
    two.place.run()
    two.one.answer = down
    newest = two.place.run(fresh=True)
    assert two.models() == {"model-b": 13}
    two.one.answer = names
    again = two.place.run()
    assert again.unchanged
    assert again.output == newest.output


def test_equal_requests_share_one_answer_whoever_comes_first(tmp_path: Path) -> None:
    with Two(tmp_path, "policy: round-robin") as two:
        twins = MANY.replace("Name them", "Name twins").replace("id: poem, type: text", "id: poem, type: text, cache: shared")
        two.one.answer = two.two.answer = by_prompt({"Name twins": {"data": ["x"] * 6}}, lambda text: f"answer to {text}")
        two.place.tree(twins)
        agree(two.place)
        assert two.answered().count("Poem on x") == 1
        poems = [record for record in two.place.records() if "poem" in record["path"]]
        assert len({record["key"] for record in poems}) == 1, "known by the model that answered"
        assert agree(two.place).plan.unchanged


def test_never_is_asked_again_and_fresh_too(two: Two) -> None:
    two.place.tree("generations:\n  - {id: a, type: text, cache: never, config: {prompt: Say a}}\n")
    for _ in range(2):
        two.place.run()
    assert len(two.one.asked) == 2
    two.place.run(fresh=True)
    assert len(two.one.asked) == 3


def test_pictures_move_on_too(tmp_path: Path) -> None:
    defaults = POOL.replace("  text:\n", "  image:\n").replace("model-a", "gpt-image-a").replace("model-b", "gpt-image-b")
    with Two(tmp_path, defaults=defaults) as two:
        two.one.answer, two.two.answer = down, None
        two.place.tree("generations:\n  - {id: p, type: image, config: {prompt: A picture}}\n")
        result = two.place.run()
        assert result.folder is not None
        assert (result.folder / result.output["p"]).read_bytes() == png("gpt-image-b A picture")
        two.one.answer = None
        assert two.place.run().unchanged


def test_parameters_are_each_models_own_below_the_pools_and_the_nodes(two: Two) -> None:
    two.place.tree("""
    inputs: {heat: {type: number, default: 0.5}}
    models:
      first: {params: {temperature: 0.1, top_p: 0.1, seed: 1}}
      text:
        models: [first, {provider: two, model: model-b, params: {top_p: 0.2, frequency_penalty: "${heat}", n: 1}}]
        params: {top_p: 0.3, n: null}
    generations:
      - {id: a, type: text, config: {prompt: Say a, model: {name: text, seed: 7}}}
    """)
    two.one.answer = down
    assert two.place.run().status == "succeeded"
    sent = [{key: value for key, value in one.json.items() if key not in ("model", "messages")} for one in
            (two.one.asked[0], two.two.asked[0])]  # fmt: skip
    assert sent == [{"temperature": 0.1, "top_p": 0.3, "seed": 7}, {"top_p": 0.3, "frequency_penalty": 0.5, "seed": 7}]
    (record,) = two.place.records()
    assert record["request"]["params"] == sent[1]


# ---------------------------------------------------------------------- budgets


def test_a_budget_holds_the_estimate_of_whom_is_asked(tmp_path: Path) -> None:
    with Two(tmp_path, "breaker: {failures: 1}\n    concurrency: 1") as two:
        two.one.answer = down
        result = two.place.run(budget="0.05")
        assert result.exit_code == 5
        assert result.error is not None
        assert "$0.04 spent, $0.00 in flight, about $0.02 for this call" in str(result.error)
        assert result.summary is not None
        assert result.summary.totals.usd == "0.04"
        assert len(two.two.asked) == 2
        two.one.answer = names
        assert two.place.run(budget="0.2").status == "succeeded"
        assert two.models() == {"model-b": 2, "model-a": 11}


def test_a_budget_that_stops_does_not_move_on_to_a_cheaper_model(tmp_path: Path) -> None:
    with Two(tmp_path, defaults=POOL.replace("call: 0.01", "call: 5")) as two:
        assert two.place.run(budget="1").exit_code == 5
        assert not two.one.asked
        assert not two.two.asked


def test_a_dollar_budget_alone_needs_the_price_of_every_model(tmp_path: Path) -> None:
    defaults = POOL.replace(", price: {call: 0.02}", "").replace("calls: 100000", "calls: null")
    with Two(tmp_path, defaults=defaults) as two:
        with pytest.raises(SetupError) as raised:
            two.place.run()
        says(
            raised.value,
            "budget-needs-calls",
            """
            tree t: a budget of $100.00 cannot hold: the price of two/model-b is not known
              → Add `budget.calls`, or a `price` to the model alias text.models.1.
            """,
        )


# ---------------------------------------------------------------------- limits


def test_a_pool_holds_its_own_limit(tmp_path: Path) -> None:
    with Two(tmp_path, "policy: round-robin\n    concurrency: 3", latency=0.02) as two:
        two.two.latency = 0.02
        assert two.place.run().status == "succeeded"
        assert two.one.most_at_once + two.two.most_at_once <= 4
        assert two.models() == {"model-a": 7, "model-b": 6}


BOTH = MANY + '      - {id: song, type: text, config: {prompt: "Song on ${i}", model: first}}\n'


def test_the_limit_of_a_model_holds_in_pools_and_alone(tmp_path: Path) -> None:
    with Two(tmp_path, defaults=POOL.replace("model: model-a,", "model: model-a, concurrency: 2,"), latency=0.01) as two:
        two.place.tree(BOTH)
        assert two.place.run().status == "succeeded"
        assert len(two.one.asked) == 25
        assert two.one.most_at_once == 2


def test_the_rate_of_a_model_holds_in_pools_and_alone(tmp_path: Path) -> None:
    with Two(tmp_path, defaults=POOL.replace("model: model-a,", "model: model-a, rpm: 3000,")) as two:
        two.place.tree(BOTH)
        assert two.place.run().status == "succeeded"
        starts = sorted(one.at for one in two.one.asked)
        assert starts[-1] - starts[0] >= 24 * 0.02 * 0.9
        took = sorted(record["durationMs"] for record in two.place.records() if "poem" in record["path"])
        assert took[len(took) // 2] < 200, "waiting for one's turn is no part of a call"


def test_stopping_ends_the_wait_for_a_turn(tmp_path: Path) -> None:
    with Two(tmp_path, defaults=POOL.replace("model: model-a,", "model: model-a, rpm: 2,")) as two:
        assert run_and_stop(two.place, 1, False).status == "stopped"
        assert len(two.one.asked) == 1
