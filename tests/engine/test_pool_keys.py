"""Pools without all their keys: what is left out, what is said of it, and what stands all the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from genarun.client.doctor import examine
from genarun.errors import Faults, SetupError

from tests.engine.test_pools import MANY, NAMES, POOL, Two, names
from tests.helpers import Place, asked, chats
from tests.planning.agree import agree
from tests.say import says

Json = Any
ONE = "generations:\n  - {id: a, type: text, config: {prompt: Say a}}\n"
NOWHERE = POOL % {"one": "http://127.0.0.1:9/v1", "two": "http://127.0.0.1:9/v1", "more": "policy: ordered"}


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Two]:
    with Two(tmp_path) as made:
        yield made


def findings(place: Place) -> list[tuple[bool, str, str]]:
    return [(one.ok, one.what, one.hint) for one in examine(place.project) if one.about == "t" and "loads" not in one.what]


def test_a_model_without_its_key_is_left_out_and_people_are_told(two: Two) -> None:
    del two.place.env["ONE_KEY"]
    done = agree(two.place)
    assert done.result.status == "succeeded"
    assert not two.one.asked
    assert two.models() == {"model-b": 13}
    told = ("text: one is left out, ONE_KEY is not set",)
    assert done.result.warnings == told
    assert done.plan.warnings == told
    assert {(step.provider, step.model) for step in done.plan.steps} == {("two", "model-b")}
    assert not any("behind" in step.reason for step in done.plan.steps)
    assert done.plan.steps[0].usd is not None
    assert str(done.plan.steps[0].usd) == "0.02"
    assert findings(two.place)[:2] == [
        (False, "text: one is left out, ONE_KEY is not set",
         "It is asked as soon as its key is in .env, or in a repository secret."),
        (True, "can run for real", ""),
    ]  # fmt: skip


def test_what_a_model_answered_while_its_key_was_there_still_serves(two: Two) -> None:
    output = two.place.run().output
    del two.place.env["ONE_KEY"]
    assert two.place.plan().unchanged
    assert two.place.run().output == output
    assert not two.two.asked


def test_with_every_key_nothing_is_said(two: Two) -> None:
    assert two.place.plan().warnings == ()
    assert findings(two.place) == [(True, "can run for real: every key is set", "")]


def test_without_any_key_every_way_to_go_on_is_named_the_cheapest_first(tmp_path: Path) -> None:
    place = Place(tmp_path, defaults=NOWHERE.replace("call: 0.01", "call: 0.03") + "\n")
    place.write("trees/t/config.yaml", "version: 1\n" + ONE.replace("generations:", """models:
  text:
    models: [first, {provider: two, model: model-b, price: {call: 0.02}}, {provider: openai, model: gpt-free, price: {call: 0}}]
generations:"""))  # fmt: skip
    with pytest.raises(SetupError) as raised:
        place.run()
    ways = "OPENAI_API_KEY=… (get a key at https://platform.openai.com/api-keys), TWO_KEY=… (the key of two), "
    says(
        raised.value,
        "pool-keyless",
        f"""
        “text” needs a key for one of its models, and none is set
          → Put one of these into .env, the cheapest first: {ways}ONE_KEY=… (the key of one); or run with --offline
        """,
    )
    assert findings(place) == [(False, f"runs offline only: {raised.value.what}", raised.value.hint)]
    assert place.plan().calls == 1, "a plan needs no key"
    assert place.plan().warnings == ()
    assert place.run(offline=True).status == "succeeded"


def test_check_lists_every_model(tmp_path: Path) -> None:
    place = Place(tmp_path, defaults=NOWHERE)
    place.tree(ONE)
    done = place.command("check", "t")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "✓ t  1 node · one/model-a, two/model-b\n"


def test_one_variable_for_all_is_named_once(tmp_path: Path) -> None:
    place = Place(tmp_path, defaults=NOWHERE.replace("TWO_KEY", "ONE_KEY"))
    place.tree(ONE)
    with pytest.raises(SetupError) as raised:
        place.run()
    assert raised.value.hint == "Put into .env: ONE_KEY=… (the key of one); or run with --offline"


def test_a_key_that_cannot_be_one_is_no_reason_to_leave_a_model_out(two: Two) -> None:
    two.place.env["ONE_KEY"] = "my key is 123"
    with pytest.raises(SetupError) as raised:
        two.place.run()
    assert raised.value.code == "key-malformed"
    assert not two.two.asked


def test_a_pool_and_a_model_without_keys_are_told_together(tmp_path: Path) -> None:
    place = Place(tmp_path, defaults=NOWHERE)
    place.tree(ONE + "  - {id: b, type: image, config: {prompt: Draw b}}\n")
    with pytest.raises(Faults) as raised:
        place.run()
    assert {fault.code for fault in raised.value.errors} == {"pool-keyless", "key-missing"}
    assert len(findings(place)) == 2


def test_a_dollar_budget_asks_no_price_of_a_model_that_is_left_out(tmp_path: Path) -> None:
    defaults = POOL.replace(", price: {call: 0.02}", "").replace("calls: 100000", "calls: null")
    with Two(tmp_path, defaults=defaults) as two:
        del two.place.env["TWO_KEY"]
        assert two.place.run().status == "succeeded"


# ---------------------------------------------------------------------- without a service


def test_offline_one_call_each_under_the_first_models_name(tmp_path: Path) -> None:
    place = Place(tmp_path, defaults=NOWHERE)
    place.tree(MANY)
    done = agree(place, offline=True)
    assert done.result.status == "succeeded"
    assert {(record["provider"], record["model"], record["attempts"]) for record in place.records()} == {
        ("offline", "model-a", 1)
    }
    assert place.run(offline=True).unchanged


def test_a_replay_takes_each_answer_from_whoever_gave_it(two: Two, tmp_path: Path) -> None:
    two.one.answer = lambda body: names(body) if "n1" not in asked(body) else refused()
    output = two.place.run(record=tmp_path / "said.jsonl").output
    assert two.models() == {"model-a": 10, "model-b": 3}
    told: list[str] = []
    start = len(two.one.asked) + len(two.two.asked)
    again = two.place.run(replay=tmp_path / "said.jsonl", fresh=True, on_event=lambda event, _: told.append(event.kind))
    assert again.output == output
    assert two.models() == {"model-a": 10, "model-b": 3}
    assert len(two.one.asked) + len(two.two.asked) == start
    assert "retry" not in told, "looking further in a recording is nothing to tell people"
    assert not any(record.get("warnings") for record in two.place.records())


def refused() -> Json:
    from tests.services.openai_service import error

    raise error(400, "not this one")


def test_the_offline_provider_can_stand_behind_a_service(tmp_path: Path) -> None:
    defaults = POOL.replace("{provider: two, model: model-b, price: {call: 0.02}}", "{provider: offline, model: any}")
    with Two(tmp_path, defaults=defaults) as two:
        two.one.answer = lambda body: refused()
        assert two.place.run().status == "succeeded"
        assert set(chats(two.one)) >= {"Name them"}
        assert {record["provider"] for record in two.place.records()} == {"offline"}
        assert not {f"Poem on {name}" for name in NAMES} & set(chats(two.one))


def test_the_doctor_says_once_what_several_nodes_lack(tmp_path: Path) -> None:
    place = Place(tmp_path, defaults=NOWHERE)
    place.tree(ONE + "  - {id: b, type: text, config: {prompt: Say b}}\n")
    told = [what for ok, what, _ in findings(place) if not ok and "needs a key" in what]
    assert told == ["runs offline only: “text” needs a key for one of its models, and none is set"]
