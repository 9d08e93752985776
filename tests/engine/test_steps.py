"""A tree as a step of another: its nodes under the step, its names its own, its budget inside the run's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from genarun.errors import Faults, GenarunError

from tests.helpers import Place, by_prompt, chats
from tests.say import says
from tests.services.openai_service import OpenAIService

POET = """
inputs:
  animal: {}
  mood: {default: merry, enum: [merry, sad]}
generations:
  - {id: lines, type: text-array, config: {prompt: "Lines on a ${mood} ${animal}"},
     generations: [{id: rhyme, type: text, config: {prompt: "Rhyme with ${i} for ${animal}"}}]}
  - {id: poem, type: template, config: {prompt: "A ${mood} ${animal}: ${lines.0.rhyme}"}}
"""
BOOK = """
generations:
  - id: animals
    type: text-array
    config: {prompt: Name two animals}
    generations:
      - {id: poet, type: tree, config: {tree: poet, inputs: {animal: "${i}"}}}
      - {id: caption, type: text, config: {prompt: "Caption to ${poet.poem}"}}
  - {id: sad, type: tree, config: {tree: poet, inputs: {animal: eel, mood: sad}}, outputKey: elegy}
"""


def answer(body: dict[str, Any]) -> Any:
    return by_prompt({"Name two": {"data": ["ant", "bee"]}, "Lines on": {"data": ["one", "two"]}})(body)


@pytest.fixture
def place(tmp_path: Path) -> Any:
    with OpenAIService(answer=answer) as service:
        made = Place(tmp_path, service)
        made.service = service  # type: ignore[attr-defined]
        made.tree(POET, "poet")
        made.tree(BOOK)
        yield made


def test_a_step_is_the_other_trees_output_and_its_records_lie_under_it(place: Any) -> None:
    result = place.run()
    assert result.status == "succeeded"
    rhyme = "answer to: Rhyme with one for "
    assert result.output["animals"][0] == {
        "item": "ant",
        "poet": {
            "lines": [
                {"item": "one", "rhyme": f"{rhyme}ant"},
                {"item": "two", "rhyme": "answer to: Rhyme with two for ant"},
            ],
            "poem": f"A merry ant: {rhyme}ant",
        },
        "caption": f"answer to: Caption to A merry ant: {rhyme}ant",
    }
    assert result.output["elegy"]["poem"] == f"A sad eel: {rhyme}eel"
    found = {record["path"]: record for record in place.records()}
    assert found["animals/0/poet"]["value"] == {"animal": "ant", "mood": "merry"}
    assert found["animals/1/poet/lines/1/rhyme"]["node"] == "animals/poet/lines/rhyme"
    assert place.run().unchanged
    schema = place.json(f"trees/t/{place.runs()[0]}/output.schema.json")
    assert schema["properties"]["elegy"]["required"] == ["lines", "poem"]


def test_a_change_in_the_other_tree_calls_what_it_changes_and_no_more(place: Any) -> None:
    place.run()
    before = len(place.service.asked)
    place.tree(POET.replace("Rhyme with", "Find a rhyme for"), "poet")
    plan = place.plan()
    assert {step.node for step in plan.steps if step.calls} >= {"animals/poet/lines/rhyme", "sad/lines/rhyme"}
    result = place.run()
    assert result.status == "succeeded"
    assert len(place.service.asked) - before == plan.calls == 2 * 2 + 2 + 2


def test_a_plan_without_records_knows_the_steps_nodes(place: Any) -> None:
    plan = place.plan()
    assert {step.path for step in plan.steps if step.action == "call"} >= {
        "animals",
        "animals/*/poet/lines",
        "animals/*/poet/lines/*/rhyme",
        "animals/*/caption",
        "sad/lines",
        "sad/lines/*/rhyme",
    }


def test_what_a_part_of_a_step_asked_is_not_asked_again(place: Any) -> None:
    place.run(only="sad/lines")
    before = chats(place.service)
    assert len(before) == 3, "the lines and their rhymes alone"
    place.run()
    assert not set(before) & set(chats(place.service)[len(before) :])


def test_overrides_reach_into_a_step(place: Any) -> None:
    place.write("trees/t/overrides.yaml", "sad/lines/1/rhyme: mine\n")
    result = place.run()
    assert result.output["elegy"]["lines"][1]["rhyme"] == "mine"


def test_a_tree_that_is_used_twice_with_other_inputs_asks_for_each(place: Any) -> None:
    place.run()
    lines = [text for text in chats(place.service) if text.startswith("Lines on")]
    assert sorted(lines) == ["Lines on a merry ant", "Lines on a merry bee", "Lines on a sad eel"]


def test_names_around_a_step_are_not_seen_in_it_and_its_own_are_not_seen_outside(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.tree("generations: [{id: a, type: text, config: {prompt: 'On ${secret}'}}]", "inner")
    place.tree("""
        inputs: {secret: {default: x}}
        generations:
          - {id: step, type: tree, config: {tree: inner}}
          - {id: b, type: text, config: {prompt: "${a}"}}
    """)
    with pytest.raises(Faults) as raised:
        place.project.load(["t"])
    told = {fault.code: fault for fault in raised.value.errors}
    says(
        told["step-broken"],
        "step-broken",
        """
        trees/t/config.yaml:4:43: the tree “inner” has 1 fault of its own
          4 |   - {id: step, type: tree, config: {tree: inner}}
            |                                           ^
          → `genarun check inner` tells what is wrong with it.
        """,
    )
    assert told["name-unknown"].what == "`${a}` names nothing"


def test_a_settings_alias_means_what_the_steps_own_tree_says(tmp_path: Path) -> None:
    with OpenAIService(answer=lambda body: body["model"]) as service:
        place = Place(tmp_path, service)
        place.tree(
            """
            models: {text: {provider: openai, model: inner-model}}
            generations: [{id: a, type: text, config: {prompt: Say}}]
            """,
            "inner",
        )
        place.tree("""
            generations:
              - {id: step, type: tree, config: {tree: inner}}
              - {id: a, type: text, config: {prompt: Say}}
        """)
        assert place.run().output == {"step": {"a": "inner-model"}, "a": "gpt-test"}


def test_a_steps_own_budget_holds_inside_the_runs(tmp_path: Path) -> None:
    with OpenAIService(answer=lambda body: f"{len(str(body))}") as service:
        place = Place(tmp_path, service)
        nodes = "".join(f"  - {{id: n{n}, type: text, config: {{prompt: 'Say {n} to ${{who}}'}}}}\n" for n in range(5))
        place.tree(
            f"budget: {{calls: 3}}\ninputs: {{who: {{}}}}\nmodels: {{text: {{concurrency: 1}}}}\ngenerations:\n{nodes}", "inner"
        )
        place.tree("""
            models: {text: {concurrency: 1}}
            generations:
              - {id: one, type: tree, config: {tree: inner, inputs: {who: a}}}
        """)
        result = place.run()
        assert result.exit_code == 5
        assert len(service.asked) == 3
        assert result.error is not None
        says(
            result.error,
            "budget-calls",
            """
            tree inner, the step one: the budget of 3 calls is used up
              → Raise `budget.calls` in the tree or in trees/defaults.yaml and run again; nothing paid for is lost.
            """,
        )
        assert place.run().exit_code == 5, "it counts what the run spent before"
        assert len(service.asked) == 3
        place.tree(
            f"budget: {{calls: 5}}\ninputs: {{who: {{}}}}\nmodels: {{text: {{concurrency: 1}}}}\ngenerations:\n{nodes}", "inner"
        )
        assert place.run().status == "succeeded"
        assert len(service.asked) == 5


def test_each_step_of_a_tree_has_the_trees_budget_for_itself_within_the_runs(tmp_path: Path) -> None:
    with OpenAIService(answer=lambda body: "yes") as service:
        place = Place(tmp_path, service)
        place.tree(
            "budget: {calls: 1}\ninputs: {who: {}}\ngenerations: [{id: a, type: text, config: {prompt: 'Say ${who}'}}]", "inner"
        )
        tree = """
            budget: {calls: BUDGET}
            generations:
              - {id: one, type: tree, config: {tree: inner, inputs: {who: a}}}
              - {id: two, type: tree, config: {tree: inner, inputs: {who: b}}}
        """
        place.tree(tree.replace("BUDGET", "1"))
        assert place.run().exit_code == 5
        assert len(service.asked) == 1, "the run's own budget holds around all steps"
        place.tree(tree.replace("BUDGET", "2"))
        assert place.run().status == "succeeded"
        assert len(service.asked) == 2


def test_a_steps_minutes_stop_the_run(tmp_path: Path) -> None:
    with OpenAIService(answer=lambda body: "late", latency=0.3) as service:
        place = Place(tmp_path, service)
        nodes = "".join(f"  - {{id: n{n}, type: text, config: {{prompt: Say {n}}}}}\n" for n in range(4))
        place.tree(f"budget: {{minutes: 0.006}}\nmodels: {{text: {{concurrency: 1}}}}\ngenerations:\n{nodes}", "inner")
        place.tree("generations: [{id: one, type: tree, config: {tree: inner}}]")
        result = place.run()
        assert result.exit_code == 5
        assert result.error is not None
        assert result.error.code == "budget-minutes"
        assert "the step one" in str(result.error)
        assert 1 <= len(service.asked) < 4


def test_a_step_reads_the_latest_output_that_its_tree_reads(tmp_path: Path) -> None:
    with OpenAIService(answer=lambda body: "news") as service:
        place = Place(tmp_path, service)
        place.tree("generations: [{id: headline, type: text, config: {prompt: News}}]", "press")
        place.tree(
            "inputs: {press: {from: press}}\ngenerations: [{id: a, type: template, config: {prompt: '${press.headline}!'}}]",
            "inner",
        )
        place.tree("generations: [{id: step, type: tree, config: {tree: inner}}]")
        assert place.project.load_one("t").after == ("press",)
        error = place.run().failures[0].error
        assert error is not None
        assert error.message == "the input “press” is the latest output of the tree press, which has none yet"
        place.run("press")
        assert place.run().output == {"step": {"a": "news!"}}
        assert [tree.name for tree in place.project.load()] == ["press", "inner", "t"]


def test_a_value_that_the_tree_does_not_take_fails_the_step_alone(place: Any) -> None:
    place.tree(BOOK.replace("mood: sad", "mood: '${grim}'") + "  - {id: grim, type: template, config: {prompt: grim}}\n")
    result = place.run()
    assert result.status == "partial"
    assert [(record.path, record.error.message) for record in result.failures if record.error] == [
        ("sad", "the input “mood” cannot be the text “grim”")
    ]
    assert "elegy" not in result.output
    assert len(result.output["animals"]) == 2


def test_picks_in_a_step_hang_on_its_place_and_the_runs_seed(tmp_path: Path) -> None:
    with OpenAIService(answer=lambda body: body["messages"][-1]["content"]) as service:
        place = Place(tmp_path, service)
        options = " | ".join(str(n) for n in range(50))
        place.tree(f"generations: [{{id: a, type: text, config: {{prompt: 'Say [{options}]'}}}}]", "inner")
        place.tree("""
            generations:
              - {id: one, type: tree, config: {tree: inner}}
              - {id: two, type: tree, config: {tree: inner}}
        """)
        first = place.run().output
        assert first["one"] != first["two"]
        assert place.run(seed=0).unchanged
        assert place.run(seed=7).output != first


def test_what_cannot_be_a_step_is_told_where_it_is_named(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.tree("generations: [{id: s, type: tree, config: {tree: b}}]", "a")
    place.tree("generations: [{id: s, type: tree, config: {tree: a}}]", "b")
    place.tree("inputs: {x: {}}\ngenerations: [{id: s, type: text, config: {prompt: Say}}]", "wants")
    place.tree("generations: [{id: s, type: text, config: {prompt: Say}}]", "plain")
    place.write("trees/old/config.json", json.dumps({"type": "text", "id": "r", "config": {"prompt": "Say"}}))

    def fault(node: str) -> GenarunError:
        place.tree(f"generations:\n- {node}")
        with pytest.raises(GenarunError) as raised:
            place.project.load(["t"])
        return raised.value

    with pytest.raises(GenarunError) as raised:
        place.project.load(["a"])
    says(
        raised.value,
        "steps-ring",
        """
        trees/b/config.yaml:2:50: trees use each other as steps: “a”, which uses “b”, which uses “a”
          2 | generations: [{id: s, type: tree, config: {tree: a}}]
            |                                                  ^
          → Take one of these steps out.
        """,
    )
    says(
        fault("{id: s, type: tree, config: {tree: wnats}}"),
        "step-unknown",
        """
        trees/t/config.yaml:3:38: there is no tree “wnats”
          3 | - {id: s, type: tree, config: {tree: wnats}}
            |                                      ^
          → Did you mean “wants”?
        """,
    )
    says(
        fault("{id: s, type: tree, config: {tree: wants}}"),
        "step-input-missing",
        """
        trees/t/config.yaml:3:23: the tree “wants” needs the input “x”
          3 | - {id: s, type: tree, config: {tree: wants}}
            |                       ^
          → Add for example `inputs: {x: "…"}`.
        """,
    )
    says(
        fault("{id: s, type: tree, config: {tree: wants, inputs: {x: 1, y: 2}}}"),
        "step-input-unknown",
        """
        trees/t/config.yaml:3:60: the tree “wants” has no input “y”
          3 | - {id: s, type: tree, config: {tree: wants, inputs: {x: 1, y: 2}}}
            |                                                            ^
          → Its inputs: x.
        """,
    )
    says(
        fault("{id: s, type: tree, config: {tree: old}}"),
        "step-legacy",
        """
        trees/t/config.yaml:3:38: “old” is a Genarun v0 tree, which cannot be a step
          3 | - {id: s, type: tree, config: {tree: old}}
            |                                      ^
          → Add `version: 1` to trees/old and mend what `genarun check old` names.
        """,
    )
    says(
        fault("{id: s, type: tree, config: {tree: t}}"),
        "steps-ring",
        """
        trees/t/config.yaml:3:38: trees use each other as steps: “t”, which uses “t”
          3 | - {id: s, type: tree, config: {tree: t}}
            |                                      ^
          → Take one of these steps out.
        """,
    )
    says(
        fault("{id: s, type: tree, config: {tree: plain}, generations: []}"),
        "step-children",
        """
        trees/t/config.yaml:3:46: a step's children are the other tree's nodes, so it has none of its own
          3 | - {id: s, type: tree, config: {tree: plain}, generations: []}
            |                                              ^
          → Put them beside it, where they can read its output.
        """,
    )


def test_a_change_to_a_steps_tree_counts_for_the_trees_that_use_it(tmp_path: Path) -> None:
    from git import Repo

    place = Place(tmp_path)
    place.tree("generations: [{id: a, type: text, config: {prompt: Say}}]", "inner")
    place.tree("generations: [{id: s, type: tree, config: {tree: inner}}]", "outer")
    place.tree("generations: [{id: a, type: text, config: {prompt: Say}}]", "other")
    repo = Repo.init(place.root)
    repo.git.add(A=True)
    repo.git.execute(["git", "-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-qm", "one"])
    place.tree("generations: [{id: a, type: text, config: {prompt: Say more}}]", "inner")
    assert sorted(place.project.changed("HEAD")) == ["inner", "outer"]
    repo.close()


def test_offline_a_step_answers_by_its_own_trees_recordings(place: Any) -> None:
    line = {"request": {"messages": [{"role": "user", "content": "Rhyme with one for eel"}]}, "reply": {"text": "a wheel"}}
    told = {
        "request": {"messages": [{"role": "user", "content": "Lines on a sad eel"}]},
        "reply": {"text": '{"data": ["one"]}'},
    }
    place.write("trees/poet/recordings/answers.jsonl", "".join(json.dumps(one) + "\n" for one in (line, told)))
    assert place.run(offline=True, only="sad").output["elegy"]["poem"] == "A sad eel: a wheel"
