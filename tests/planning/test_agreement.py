"""`plan` beside the `run` that follows, in the cases where they could part. What is called exact is what happens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.engine.test_people import run_and_stop
from tests.helpers import BASE, Place, asked, by_prompt, chats
from tests.planning.agree import Done, agree
from tests.services.openai_service import OpenAIService, error
from tests.services.samples import png

Json = Any
LIST = """
  - id: list
    type: text-array
    config: {prompt: Name them}
    %s
    generations:
      - {id: poem, type: text, config: {prompt: "Poem on ${i}"}}
"""
FIXED = LIST % "validation: {minLength: 3, maxLength: 3}"


def items(*names: str) -> dict[str, Json]:
    return {"Name": {"data": list(names)}}


@pytest.fixture
def service() -> Iterator[OpenAIService]:
    with OpenAIService(answer=by_prompt(items("a", "b", "c"))) as running:
        yield running


@pytest.fixture
def place(tmp_path: Path, service: OpenAIService) -> Place:
    return Place(tmp_path, service)


def calls(done: Done) -> dict[str, int]:
    """What the plan says is called, by path."""
    return {step.path: step.calls for step in done.plan.steps if step.action == "call"}


def inexact(done: Done) -> dict[str, str]:
    return {step.path: step.source for step in done.plan.steps if not step.exact}


# ---------------------------------------------------------------------- one tree, its first run


FIRST: dict[str, tuple[str, dict[str, int], set[str]]] = {
    # a tree: (nodes, calls that the plan names, paths that it does not call exact)
    "a number of items that validation fixes": (FIXED, {"list": 1, "list/*/poem": 3}, set()),
    "an open number of items": (LIST % "parallel: false", {"list": 1, "list/*/poem": 3}, {"list/*/poem"}),
    "an empty list": (
        LIST.replace("Name them", "None at all") % "parallel: false",
        {"list": 1, "list/*/poem": 3}, {"list/*/poem"},
    ),
    "shared answers under a fixed number of items, all equal": (
        FIXED.replace("Name them", "Twins").replace("type: text,", "type: text, cache: shared,"),
        {"list": 1, "list/*/poem": 3}, {"list/*/poem"},
    ),
    "equal items that share nothing": (FIXED.replace("Name them", "Twins"), {"list": 1, "list/*/poem": 3}, set()),
    "deep fan-in": (
        FIXED + """
  - {id: sum, type: text, config: {prompt: "Sum of ${list}"}}
  - {id: title, type: text, config: {prompt: "Title of ${sum}"}}
  - {id: end, type: group, generations: [{id: last, type: text, config: {prompt: "${title} ${list}"}}]}
""",
        {"list": 1, "list/*/poem": 3, "sum": 1, "title": 1, "end/last": 1}, set(),
    ),
    "a condition on what is not known yet, children and readers with it": (
        """
  - {id: a, type: text, config: {prompt: Say a}}
  - id: b
    type: object
    when: {name: a, operator: equals, value: never said}
    config: {prompt: An object}
    schema: {type: object, properties: {x: {type: string}}, required: [x]}
    generations: [{id: c, type: text, config: {prompt: constant}}]
  - {id: d, type: text, config: {prompt: "Read ${b}"}}
  - {id: e, type: text, config: {prompt: "Read ${a}"}}
""",
        {"a": 1, "b": 1, "b/c": 1, "d": 1, "e": 1}, {"b", "b/c", "d"},
    ),
    "a condition under a fixed number of items": (
        FIXED.replace("type: text,", "type: text, when: {name: i, operator: equals, value: a},"),
        {"list": 1, "list/*/poem": 3}, {"list/*/poem"},
    ),
    "a field that an answer may lack": (
        """
  - id: card
    type: object
    config: {prompt: Card}
    schema: {type: object, properties: {name: {type: string}, tag: {type: string}}, required: [name]}
    generations: [{id: a, type: text, config: {prompt: "${name}"}}]
  - {id: tag, type: text, config: {prompt: "Tag ${card.tag}"}}
  - {id: name, type: text, config: {prompt: "Name2 ${card.name}"}}
""",
        {"card": 1, "card/a": 1, "tag": 1, "name": 1}, {"tag"},
    ),
    "a place in a list that may be too short": (
        LIST % "parallel: true" + "\n  - {id: third, type: text, config: {prompt: \"${list.7.item}\"}}\n",
        {"list": 1, "list/*/poem": 3, "third": 1}, {"list/*/poem", "third"},
    ),
    "turns of a conversation": (
        "\n  - {id: talk, type: text, config: {prompt: [{template: One}, {template: Two}, {template: Three}]}}\n",
        {"talk": 3}, set(),
    ),
    "a picture left out frees a text": (
        """
  - {id: p, type: image, when: {name: seed, operator: equals, value: 7}, config: {prompt: Picture}}
  - {id: t, type: text, when: {name: p, operator: exists, value: false}, config: {prompt: No picture}}
""",
        {"t": 1}, set(),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", FIRST)
def test_a_first_plan(place: Place, service: OpenAIService, case: str) -> None:
    nodes, named, unsure = FIRST[case]
    service.answer = by_prompt({"Name t": {"data": ["a", "b", "c"]}, "None": {"data": []}, "Twins": {"data": ["x"] * 3},
                                "Card": {"name": "n"}, "An object": {"x": "y"}})  # fmt: skip
    place.tree("generations:" + nodes)
    done = agree(place)
    assert calls(done) == named
    assert set(inexact(done)) == unsure
    assert all(inexact(done).values())
    if done.result.status == "succeeded":
        again = agree(place)
        assert again.plan.unchanged
        assert again.result.unchanged


# ---------------------------------------------------------------------- after a first run


def test_cache_never_is_called_every_time_also_under_a_changed_list(place: Place, service: OpenAIService) -> None:
    tree = "generations:" + FIXED.replace("type: text,", "type: text, cache: never,")
    place.tree(tree)
    agree(place)
    done = agree(place)
    assert calls(done) == {f"list/{n}/poem": 1 for n in range(3)}
    assert not inexact(done)
    place.tree(tree.replace("Name them", "Name others"))
    done = agree(place)
    assert calls(done) == {"list": 1, "list/*/poem": 3}
    assert not inexact(done)


def test_under_a_changed_list_equal_items_may_spare_calls_and_the_plan_says_so(place: Place) -> None:
    place.tree("generations:" + FIXED)
    agree(place)
    place.tree("generations:" + FIXED.replace("Name them", "Name others"))
    done = agree(place)
    assert inexact(done) == {"list/*/poem": "at most: an equal request's answer would be reused"}
    assert sum(done.called.values()) == 1


def test_a_changed_list_and_a_changed_prompt_leave_nothing_to_spare(place: Place) -> None:
    place.tree("generations:" + FIXED)
    agree(place)
    place.tree("generations:" + FIXED.replace("Name them", "Name others").replace("Poem on", "Ode to"))
    done = agree(place)
    assert done.plan.exact
    assert sum(done.called.values()) == 4


def test_a_renamed_node_under_a_changed_list_finds_its_answers(place: Place) -> None:
    place.tree("generations:" + FIXED)
    agree(place)
    place.tree("generations:" + FIXED.replace("Name them", "Name others").replace("id: poem", "id: verse"))
    done = agree(place)
    assert set(inexact(done)) == {"list/*/verse"}
    assert sum(done.called.values()) == 1


def test_overrides_inside_a_list_that_is_not_known_yet_spare_their_calls(place: Place) -> None:
    place.write("trees/t/overrides.yaml", "list/1/poem: Mine\nlist/7/poem: Nobody's\n")
    place.tree("generations:" + FIXED)
    done = agree(place)
    assert calls(done) == {"list": 1, "list/*/poem": 2}
    assert done.plan.exact


def test_overrides_deeper_in_are_counted_too(place: Place) -> None:
    nested = FIXED.replace("\n", "\n    ")
    place.write("trees/t/overrides.yaml", "g/list/1/poem: Mine\n")
    place.tree("generations:\n  - id: g\n    type: group\n    generations:" + nested)
    done = agree(place)
    assert calls(done) == {"g/list": 1, "g/list/*/poem": 2}
    assert done.plan.exact


def test_an_override_alone_changes_the_output_and_calls_nothing(place: Place) -> None:
    place.tree("generations:\n  - {id: a, type: text, config: {prompt: Say a}}\n")
    agree(place)
    place.write("trees/t/overrides.yaml", "a: Mine\n")
    done = agree(place)
    assert not done.plan.unchanged
    assert done.plan.calls == 0
    assert done.result.run is not None
    assert len(place.runs()) == 2


def test_left_out_by_skip_and_what_reads_it(place: Place) -> None:
    tree = "generations:" + FIXED + '  - {id: sum, type: text, config: {prompt: "Sum of ${list}"}}\n'
    place.tree(tree)
    agree(place)
    place.tree(tree.replace("Name them", "Name others").replace("Poem on", "Ode to"))
    done = agree(place, skip=("sum",))
    assert set(calls(done)) == {"list", "list/*/poem"}
    place.tree(tree.replace("Poem on", "Song of"))
    agree(place, skip=("poem",))
    agree(place, skip=("list",))
    done = agree(place, only=("list/poem",))
    assert sum(done.called.values()) == 3


def test_an_instance_that_failed_is_called_again(place: Place, service: OpenAIService) -> None:
    def refuse(body: dict[str, Json]) -> Json:
        if "on b" in asked(body):
            raise error(400, "not this one")
        return by_prompt(items("a", "b", "c"))(body)

    service.answer = refuse
    place.tree("generations:" + FIXED)
    assert agree(place).result.status == "partial"
    service.answer = by_prompt(items("a", "b", "c"))
    done = agree(place)
    assert {step.path: step.reason for step in done.plan.steps if step.action == "call"} == {"list/1/poem": "it failed before"}
    assert done.result.status == "succeeded"
    assert len(place.runs()) == 1


def test_answers_that_never_fitted_are_not_paid_for_again_and_a_new_try_is_made(place: Place, service: OpenAIService) -> None:
    service.answer = lambda body: {"data": []}
    place.tree("generations:\n  - {id: l, type: text-array, retry: 1, config: {prompt: Name}, validation: {minLength: 1}}\n")
    assert agree(place).result.status == "failed"
    assert len(service.asked) == 2
    service.answer = lambda body: {"data": ["good"]}
    done = agree(place)
    assert done.plan.calls == 1
    assert done.result.output == {"l": ["good"]}
    assert len(service.asked) == 3
    assert not service.repeats()


def test_answers_that_fit_since_validation_was_loosened_cost_nothing(place: Place, service: OpenAIService) -> None:
    tree = "generations:\n  - {id: a, type: text, retry: 0, config: {prompt: Say}, validation: {minLength: %d}}\n"
    service.answer = lambda body: "short"
    place.tree(tree % 50)
    assert agree(place).result.status == "failed"
    place.tree(tree % 2)
    done = agree(place)
    assert done.plan.calls == 0
    assert done.result.output == {"a": "short"}
    assert len(service.asked) == 1


def test_an_interrupted_conversation_goes_on_behind_its_last_answer(place: Place, service: OpenAIService) -> None:
    place.tree(
        "generations:\n  - {id: talk, type: text, config: {prompt: [{template: One}, {template: Two}, {template: Three}]}}\n"
    )
    assert run_and_stop(place, 1, False).status == "stopped"
    assert chats(service) == ["One"]
    assert run_and_stop(place, 1, False).status == "stopped"
    assert chats(service) == ["One", "Two"]
    done = agree(place)
    assert calls(done) == {"talk": 1}
    assert chats(service) == ["One", "Two", "Three"]


def test_equal_items_interrupted_each_keep_their_own(tmp_path: Path) -> None:
    """The second of two equal items was written down, the first was not: nobody takes the other's, and nobody pays twice."""
    first: list[float] = []

    def slow(one: Any) -> float:
        if "Poem" in str(one.body) and not first:
            first.append(1)
            return 0.3
        return 0.0

    with OpenAIService(answer=by_prompt(items("x", "x", "y")), latency=slow) as service:
        place = Place(tmp_path, service)
        place.tree("generations:" + LIST % "parallel: true")
        assert run_and_stop(place, 3, True).status == "stopped"
        assert {record["path"] for record in place.records()} == {"list", "list/1/poem", "list/2/poem"}
        done = agree(place)
        assert calls(done) == {"list/0/poem": 1}
        assert done.result.summary is not None
        assert done.result.summary.totals.calls == 4
        asked_before = len(service.asked)
        assert agree(place).result.unchanged
        assert len(service.asked) == asked_before


def test_items_put_in_another_order_by_hand_while_a_run_waits(place: Place, service: OpenAIService) -> None:
    """The run goes on in its folder, its values at other places: all are used, and all are written down there."""
    broken = {"on": True}

    def flaky(body: dict[str, Json]) -> Json:
        if broken["on"] and "Sum" in asked(body):
            raise error(400, "not now")
        return by_prompt(items("a", "b", "c"))(body)

    service.answer = flaky
    place.tree("generations:" + FIXED + "  - {id: sum, type: text, config: {prompt: Sum}}\n")
    assert agree(place).result.status == "partial"
    place.write("trees/t/overrides.yaml", "list: [c, a, b]\n")
    broken["on"] = False
    done = agree(place)
    assert dict(done.called) == {"sum": 1}
    assert len(place.runs()) == 1
    assert [entry["poem"][-1] for entry in done.result.output["list"]] == ["c", "a", "b"]
    values = {one["path"]: one["value"][-1] for one in place.records() if "poem" in one["path"] and one["status"] != "answered"}
    assert values == {"list/0/poem": "c", "list/1/poem": "a", "list/2/poem": "b"}
    place.write("trees/t/overrides.yaml", "")
    again = agree(place)
    assert not again.called, "what was paid for first is still known"


def test_a_missing_file_is_asked_for_again(place: Place) -> None:
    place.tree(
        "generations:\n  - {id: p, type: image, config: {prompt: A picture}}\n  - {id: t, type: text, config: {prompt: T}}\n"
    )
    name = agree(place).result.output["p"]
    for path in (place.root / "trees/t").glob(f"*/{name}"):
        path.unlink()
    done = agree(place)
    assert calls(done) == {"p": 1}
    assert done.plan.exact


def test_a_recorded_address_that_expired_is_asked_for_anew(tmp_path: Path) -> None:
    defaults = BASE.replace("gpt-image-test", "dall-e-3").replace("maxRetries: 3", "maxRetries: 0")
    with OpenAIService() as service:
        place = Place(tmp_path, service, defaults=defaults)
        place.tree("generations:\n  - {id: p, type: image, config: {prompt: A picture}}\n")
        whole, service.handle = service.handle, _without_files(service.handle)  # type: ignore[method-assign]
        assert place.run().status == "failed"
        service.handle = whole  # type: ignore[method-assign]
        service._files.clear()
        done = agree(place)
        assert inexact(done)["p"].startswith("at most: its answer is recorded")
        assert done.result.status == "succeeded"
        assert agree(place).result.unchanged


def _without_files(handle: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def only_posts(one: Any) -> Any:
        if one.method == "GET":
            raise error(403, "expired")
        return handle(one)

    return only_posts


def test_the_same_picture_of_two_nodes_is_each_ones_own(place: Place, service: OpenAIService) -> None:
    tree = "generations:\n  - {id: %s, type: image, cache: shared, config: {prompt: A picture}}\n"
    place.tree(tree % "one" + "  - {id: two, type: image, cache: shared, config: {prompt: A picture}}\n")
    result = agree(place).result
    assert len(service.asked) == 1
    assert result.output["one"].startswith("assets/one-")
    assert result.output["two"].startswith("assets/two-")
    assert result.folder is not None
    assert (result.folder / result.output["two"]).read_bytes() == (result.folder / result.output["one"]).read_bytes()
    assert png("gpt-image-test A picture") == (result.folder / result.output["two"]).read_bytes()
    place.tree(tree % "three")
    renamed = agree(place).result
    assert len(service.asked) == 1
    assert renamed.folder is not None
    assert (renamed.folder / renamed.output["three"]).is_file()
    assert renamed.output["three"].startswith("assets/three-")


def test_a_shared_answer_that_fits_one_node_only_serves_that_one(place: Place, service: OpenAIService) -> None:
    service.answer = lambda body: "short" if len(body["messages"]) == 1 else "long enough by now"
    place.tree("""
    generations:
      - {id: a, type: text, cache: shared, config: {prompt: Say}}
      - {id: b, type: text, cache: shared, config: {prompt: Say}, validation: {minLength: 10}}
    """)
    result = place.run()
    assert result.output == {"a": "short", "b": "long enough by now"}


def test_after_a_shared_call_failed_later_ones_try_for_themselves(place: Place, service: OpenAIService) -> None:
    tries = []

    def once(body: dict[str, Json]) -> Json:
        if "Poem" in asked(body):
            tries.append(body)
            if len(tries) == 1:
                raise error(400, "not now")
        return by_prompt(items("x", "x", "x"))(body)

    service.answer = once
    place.tree("generations:" + LIST.replace("type: text,", "type: text, cache: shared, onError: skip,") % "parallel: false")
    result = agree(place).result
    assert result.status == "succeeded"
    assert [sorted(entry) for entry in result.output["list"]] == [["item"], ["item", "poem"], ["item", "poem"]]
    assert len(tries) == 2


def test_an_inserted_item_runs_its_own_subtree_only_where_items_are_equal_and_picked_for(
    place: Place, service: OpenAIService
) -> None:
    tree = "generations:" + LIST.replace("Poem on", "[Sad | Glad | Mad | Bad | Rad] poem on") % "parallel: true"
    service.answer = by_prompt(items("x", "x", "y"))
    place.tree(tree)
    agree(place)
    service.answer = by_prompt(items("new", "x", "x", "y"))
    place.tree(tree.replace("Name them", "Name four"))
    done = agree(place)
    assert dict(done.called) == {"list": 1, "list/0/poem": 1}


def test_what_fails_and_is_left_out_every_time_changes_nothing(place: Place) -> None:
    place.tree("""
    generations:
      - {id: a, type: text, when: {name: seed, operator: equals, value: 7}, config: {prompt: A}}
      - {id: b, type: text, onError: skip, config: {prompt: "${a}"}}
      - {id: c, type: text, config: {prompt: C}}
    """)
    agree(place)
    done = agree(place)
    assert done.plan.unchanged
    assert done.plan.warnings == ("b would fail: `${a}` has no value",)


def test_what_another_tree_made_comes_in(place: Place, service: OpenAIService) -> None:
    place.tree("generations:\n  - {id: names, type: text-array, config: {prompt: Name two}}\n", "first")
    reads = """
    inputs: {source: {type: any, from: first}}
    generations:
      - {id: story, type: text, config: {prompt: "A story of ${source.names.0}"}}
    """
    place.run("first")
    place.tree(reads)
    assert calls(agree(place)) == {"story": 1}
    assert agree(place).plan.unchanged
    service.answer = by_prompt(items("z"))
    place.run("first", fresh=True)
    assert calls(agree(place)) == {"story": 1}


def test_a_random_seed_rolls_anew_and_no_plan_can_tell_what(place: Place) -> None:
    place.tree("""
    seed: random
    generations:
      - {id: a, type: text, config: {prompt: "Say [a | b]"}}
      - {id: b, type: text, config: {prompt: Say b}}
      - {id: c, type: text, config: {prompt: "Say ${seed}"}}
    """)
    agree(place)
    for _ in range(4):
        done = agree(place)
        assert set(inexact(done)) == {"a", "c"}
        assert {step.reason for step in done.plan.steps if not step.exact} == {"the run rolls a seed of its own"}
    assert agree(place, seed=5).plan.exact


def test_an_object_of_disabled_nodes_is_an_object(place: Place) -> None:
    place.tree(
        "generations:\n  - {id: g, type: group, generations: [{id: a, type: text, enabled: false, config: {prompt: A}}]}\n"
    )
    assert agree(place).result.output == {"g": {}}
