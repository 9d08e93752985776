"""The main path: a tree runs to a dated folder, an unchanged one costs nothing, a change costs just what it must."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.helpers import Place, by_prompt, chats
from tests.services.openai_service import OpenAIService

ZOO = """
title: A zoo in words
generations:
  - id: animals
    type: text-array
    config: {prompt: Name three animals}
    validation: {minLength: 1}
    generations:
      - {id: poem, type: text, config: {prompt: "A poem on ${i}"}}
      - id: card
        type: object
        config: {prompt: "A card for ${i}"}
        schema: {type: object, properties: {name: {type: string}}, required: [name]}
        generations:
          - {id: label, type: text, config: {prompt: "Label ${name} who is a ${item}"}}
  - {id: foreword, type: text, config: {prompt: "Foreword to ${animals}"}}
"""


def zoo(*animals: str):
    return by_prompt(
        {"Name ": {"data": list(animals)}} | {f"A card for {one}": {"name": f"Mr {one}"} for one in animals},
    )


@pytest.fixture
def service():
    with OpenAIService(answer=zoo("ant", "bee", "cat")) as running:
        yield running


@pytest.fixture
def place(tmp_path: Path, service: OpenAIService) -> Place:
    made = Place(tmp_path, service)
    made.tree(ZOO)
    return made


def test_a_tree_runs_to_a_dated_folder(place: Place, service: OpenAIService) -> None:
    result = place.run()

    assert result.status == "succeeded"
    assert result.exit_code == 0
    assert result.output == {
        "animals": [
            {"item": one, "poem": f"answer to: A poem on {one}",
             "card": {"name": f"Mr {one}", "label": f"answer to: Label Mr {one} who is a {one}"}}
            for one in ("ant", "bee", "cat")
        ],
        "foreword": result.output["foreword"],
    }  # fmt: skip
    assert '"label": "answer to: Label Mr cat who is a cat"' in chats(service)[-1], "the foreword reads the finished list"
    folder = place.root / "trees/t" / place.runs()[0]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d", folder.name)
    assert sorted(path.name for path in folder.iterdir()) == ["logs.json", "output.json", "output.schema.json", "records.jsonl"]
    assert place.json(f"trees/t/{folder.name}/output.json") == result.output
    assert place.json("trees/t/latest/output.json") == result.output
    summary = place.json(f"trees/t/{folder.name}/logs.json")
    assert summary["status"] == "succeeded"
    assert summary["totals"]["calls"] == 11 == len(service.asked)
    assert [record["path"] for record in place.records()][:4] == [
        "animals",
        "animals/0/card",
        "animals/0/card/label",
        "animals/0/poem",
    ]


def test_an_unchanged_tree_makes_no_call_and_no_folder(place: Place, service: OpenAIService) -> None:
    first = place.run()
    before, runs = len(service.asked), place.runs()

    again = place.run()

    assert again.unchanged
    assert again.run is None
    assert again.output == first.output
    assert len(service.asked) == before
    assert place.runs() == runs


def test_a_changed_leaf_prompt_runs_that_leaf_again_and_nothing_else(place: Place, service: OpenAIService) -> None:
    place.run()
    before = len(service.asked)
    place.tree(ZOO.replace("A poem on", "A limerick on"))

    plan = place.plan()
    result = place.run()

    made = chats(service)[before:]
    assert sorted(made[:3]) == [f"A limerick on {one}" for one in ("ant", "bee", "cat")]
    assert made[-1].startswith("Foreword to "), "it reads what changed"
    assert len(made) == 4
    assert result.summary is not None
    assert result.summary.totals.reused == 7
    assert {step.path: step.reason for step in plan.steps if step.action == "call"} == {
        **{f"animals/{n}/poem": "the prompt changed" for n in range(3)},
        "foreword": "reads animals, not known yet",
    }


def test_an_inserted_item_runs_its_own_subtree_only(place: Place, service: OpenAIService) -> None:
    place.tree(ZOO.partition("  - {id: foreword")[0])
    place.run()
    before = len(service.asked)
    service.answer = zoo("ant", "axolotl", "bee", "cat")
    place.tree(ZOO.partition("  - {id: foreword")[0].replace("Name three animals", "Name three or four animals"))

    result = place.run()

    made = chats(service)[before:]
    assert made[0] == "Name three or four animals"
    assert sorted(made[1:]) == ["A card for axolotl", "A poem on axolotl", "Label Mr axolotl who is a axolotl"]
    assert [entry["item"] for entry in result.output["animals"]] == ["ant", "axolotl", "bee", "cat"]


def test_picks_of_other_items_stay_when_one_is_inserted(tmp_path: Path) -> None:
    tree = """
    generations:
      - id: animals
        type: text-array
        config: {prompt: Name %s animals}
        generations:
          - {id: poem, type: text, config: {prompt: "A [sad | glad | mad | bad | rad] poem on ${i}"}}
    """
    with OpenAIService(answer=zoo("ant", "bee", "cat")) as service:
        place = Place(tmp_path, service)
        place.tree(tree % "three")
        place.run()
        first = set(chats(service))
        service.answer = zoo("new", "ant", "bee", "cat")
        place.tree(tree % "four")
        place.run()
        assert len(set(chats(service)) - first) == 2
        picks = {record["path"]: record["picks"] for record in place.records() if "poem" in record["path"]}
        assert picks["animals/1/poem"][0]["of"] == 5


def test_fresh_calls_everything_again(place: Place, service: OpenAIService) -> None:
    place.run()
    result = place.run(fresh=True)
    assert len(service.asked) == 22
    assert result.summary is not None
    assert result.summary.totals.reused == 0
    assert result.summary.fresh


def test_a_plan_names_exactly_the_calls_of_the_run_that_follows(place: Place, service: OpenAIService) -> None:
    place.run()
    place.tree(ZOO.replace("Label ${name}", "Tag ${name}").partition("  - {id: foreword")[0])
    before = len(service.asked)

    plan = place.plan()

    assert len(service.asked) == before, "a plan calls nothing"
    assert plan.exact
    called = {step.path for step in plan.steps if step.action == "call"}
    place.run()
    assert called == {record["path"] for record in place.records() if record["status"] == "succeeded"}
    assert plan.calls == len(service.asked) - before == 3


def test_a_first_plan_says_which_numbers_are_estimates(place: Place) -> None:
    plan = place.plan()
    steps = {step.path: step for step in plan.steps}
    assert steps["animals"].exact
    assert steps["animals/*/poem"].calls == 1
    assert not steps["animals/*/poem"].exact
    assert steps["animals/*/poem"].source == "validation.minLength"
    assert steps["foreword"].exact
    assert not plan.exact
    assert plan.unpriced == 0
    assert plan.usd > 0


def test_a_fixed_number_of_items_is_exact(place: Place) -> None:
    place.tree(ZOO.replace("{minLength: 1}", "{minLength: 3, maxLength: 3}"))
    plan = place.plan()
    assert plan.exact
    assert plan.calls == 11
    place.run()
    assert len(place.records()) == 11


def test_the_conversation_sees_its_answers_and_each_turn_is_a_call(tmp_path: Path) -> None:
    with OpenAIService(answer=by_prompt({"three ideas": "a, b, c", "best": {"title": "B"}})) as service:
        place = Place(tmp_path, service)
        place.tree("""
            generations:
              - id: idea
                type: object
                config:
                  prompt:
                    - {system: You are brief., template: Give three ideas}
                    - {template: Which is best?}
                schema: {type: object, properties: {title: {type: string}}, required: [title]}
        """)
        plan = place.plan()
        assert place.run().output == {"idea": {"title": "B"}}
        assert plan.calls == 2
        assert [message["role"] for message in service.asked[1].json["messages"]] == ["system", "user", "assistant", "user"]
        assert [record["status"] for record in place.records()] == ["answered", "succeeded"]
        assert place.run().unchanged
        assert len(service.asked) == 2


def test_a_value_that_does_not_fit_goes_back_with_the_error(tmp_path: Path) -> None:
    def answer(body):
        return {"data": ["one"]} if len(body["messages"]) == 1 else {"data": ["one", "two"]}

    with OpenAIService(answer=answer) as service:
        place = Place(tmp_path, service)
        place.tree("""
            generations:
              - {id: list, type: text-array, config: {prompt: Two words}, validation: {minLength: 2}}
        """)
        result = place.run()
        assert result.output == {"list": ["one", "two"]}
        assert "does not fit" in service.asked[1].json["messages"][-1]["content"]
        assert [record["status"] for record in place.records()] == ["answered", "succeeded"]
        assert result.summary is not None
        assert result.summary.totals.calls == 2
        assert place.run().unchanged


def test_pictures_are_kept_by_content_and_reused(tmp_path: Path) -> None:
    with OpenAIService() as service:
        place = Place(tmp_path, service)
        place.tree("""
            generations:
              - {id: poster, type: image, config: {prompt: A poster of a lizard}}
              - {id: note, type: text, config: {prompt: One word}}
        """)
        result = place.run()
        asset = result.output["poster"]
        assert re.fullmatch(r"assets/poster-[0-9a-f]{16}\.png", asset)
        assert (place.root / "trees/t/latest" / asset).is_file()
        place.tree("""
            generations:
              - {id: poster, type: image, config: {prompt: A poster of a lizard}}
              - {id: note, type: text, config: {prompt: Two words}}
        """)
        again = place.run()
        assert again.output["poster"] == asset
        assert again.folder is not None
        assert (again.folder / asset).is_file()
        assert len(service.asked) == 3
