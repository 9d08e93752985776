"""A person's word stands: overrides, edits by hand, parts of a tree, stopping and going on."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from genarun.engine.model import Event
from genarun.engine.stop import StopSignal
from genarun.errors import SetupError

from tests.engine.test_story import ZOO, zoo
from tests.helpers import Place, by_prompt, chats
from tests.say import says
from tests.services.openai_service import OpenAIService
from tests.services.samples import png


@pytest.fixture
def service():
    with OpenAIService(answer=zoo("ant", "bee", "cat")) as running:
        yield running


@pytest.fixture
def place(tmp_path: Path, service: OpenAIService) -> Place:
    made = Place(tmp_path, service)
    made.tree(ZOO)
    return made


def test_an_override_takes_the_place_before_the_children_run(place: Place, service: OpenAIService) -> None:
    place.write("trees/t/overrides.yaml", "animals/1/card:\n  name: Queen Bee\n")
    result = place.run()
    assert result.output["animals"][1]["card"] == {"name": "Queen Bee", "label": "answer to: Label Queen Bee who is a bee"}
    assert "A card for bee" not in chats(service)
    overridden = [record for record in place.records() if record["status"] == "overridden"]
    assert [record["path"] for record in overridden] == ["animals/1/card"]
    assert result.summary is not None
    assert result.summary.totals.overridden == 1


def test_an_override_of_a_list_decides_its_items(place: Place, service: OpenAIService) -> None:
    service.answer = zoo("dog")
    place.write("trees/t/overrides.yaml", "animals: [dog]\n")
    result = place.run()
    assert [entry["item"] for entry in result.output["animals"]] == ["dog"]
    assert chats(service)[-1].startswith("Foreword")
    assert len(service.asked) == 4


def test_a_picture_of_ones_own_takes_the_place_of_a_made_one(tmp_path: Path) -> None:
    with OpenAIService() as service:
        place = Place(tmp_path, service)
        place.tree("generations:\n  - {id: poster, type: image, config: {prompt: A poster}}\n")
        place.write("trees/t/overrides/mine.png", png("mine"))
        place.write("trees/t/overrides.yaml", "poster: {file: overrides/mine.png}\n")
        result = place.run()
        assert not service.asked
        assert result.folder is not None
        assert (result.folder / result.output["poster"]).read_bytes() == png("mine")
        assert place.run().unchanged


def test_an_override_that_does_not_fit_is_refused_before_any_call(place: Place, service: OpenAIService) -> None:
    place.write("trees/t/overrides.yaml", "animals/0/card: {nom: x}\n")
    with pytest.raises(SetupError) as raised:
        place.run()
    assert raised.value.exit_code == 2
    assert "overrides.yaml:1" in str(raised.value)
    assert not service.asked


def test_an_override_that_no_instance_had_is_a_warning(place: Place) -> None:
    place.write("trees/t/overrides.yaml", "animals/9/poem: Mine\n")
    result = place.run()
    assert result.status == "succeeded"
    assert result.warnings == ("overrides.yaml names animals/9/poem, which this run did not have; the override was not used",)


def test_an_edit_by_hand_in_latest_is_never_overwritten_and_can_be_pinned(place: Place, service: OpenAIService) -> None:
    place.run()
    latest = place.root / "trees/t/latest/output.json"
    edited = json.loads(latest.read_text())
    edited["animals"][0]["poem"] = "By hand"
    latest.write_text(json.dumps(edited))
    place.tree(ZOO.replace("Foreword to", "Preface to"))

    result = place.run()

    assert not result.published
    assert json.loads(latest.read_text())["animals"][0]["poem"] == "By hand"
    assert any("genarun pin t/latest" in text for text in result.warnings)

    pinned = place.command("pin", "t/latest")
    assert pinned.returncode == 0, pinned.stderr
    assert "animals/0/poem" in (place.root / "trees/t/overrides.yaml").read_text()
    again = place.run()
    assert again.output["animals"][0]["poem"] == "By hand"
    assert again.published
    assert json.loads(latest.read_text()) == again.output


def test_only_runs_a_node_and_what_it_needs(place: Place, service: OpenAIService) -> None:
    result = place.run(only=("animals/poem",))
    assert sorted(chats(service)) == ["A poem on ant", "A poem on bee", "A poem on cat", "Name three animals"]
    assert result.summary is not None
    assert result.summary.scope == "part"
    assert result.status == "succeeded"
    full = place.run()
    assert full.summary is not None
    assert full.summary.totals.reused == 4
    assert len(service.asked) == 11


def test_skip_leaves_a_node_out_and_keeps_what_was_recorded(place: Place, service: OpenAIService) -> None:
    place.run()
    place.tree(ZOO.replace("A poem on", "A sonnet on"))
    result = place.run(skip=("poem", "foreword"))
    assert len(service.asked) == 11
    assert "poem" not in result.output["animals"][0]
    assert place.json("trees/t/latest/output.json")["animals"][0]["poem"], "latest/ keeps the full run"


def test_what_reads_a_skipped_node_is_left_out_and_what_reads_around_it_is_not(place: Place, service: OpenAIService) -> None:
    place.tree(ZOO + '  - {id: remark, type: text, config: {prompt: "A remark on ${foreword}"}}\n')
    result = place.run(skip=("label", "foreword"))
    assert result.status == "succeeded"
    assert "remark" not in result.output
    assert sorted(text.split(" was left out")[0] for text in result.warnings) == ["animals/card/label", "foreword", "remark"]
    place.tree(ZOO)
    assert "label" not in place.run(skip=("label",)).output["animals"][0]["card"]
    assert chats(service)[-1].startswith("Foreword to"), "a list with gaps that were asked for can be read"


def test_an_offline_run_spends_nothing_of_a_dollar_budget(place: Place) -> None:
    assert place.run(offline=True, budget="0.000001").status == "succeeded"


def test_a_name_that_no_node_has_is_refused(place: Place) -> None:
    with pytest.raises(SetupError) as raised:
        place.run(only=("animals/peom",))
    says(
        raised.value,
        "node-unknown",
        """
        tree t: --only animals/peom: the tree has no such node
          → Did you mean “animals/poem”? Its nodes: animals, animals/poem, animals/card, animals/card/label, foreword.
        """,
    )


def run_and_stop(place: Place, after: int, hard: bool) -> Any:
    """Run, and ask to stop when so many calls are written down."""

    async def main() -> Any:
        stop, seen = StopSignal(), 0

        def told(event: Event, _: Any) -> None:
            nonlocal seen
            seen += event.kind == "done"
            if seen == after:
                stop.hard() if hard else stop.soft()

        project = place.project
        return await project.run(project.load_one("t"), None, told, stop)

    return asyncio.run(main())


@pytest.mark.parametrize("hard", [False, True])
def test_stopped_by_hand_a_run_goes_on(tmp_path: Path, hard: bool) -> None:
    with OpenAIService(answer=zoo("ant", "bee", "cat"), latency=0.03) as service:
        place = Place(tmp_path, service)
        place.tree(ZOO)
        result = run_and_stop(place, 2, hard)
        assert result.status == "stopped"
        assert result.exit_code == 130
        says(result.error, "interrupted", "stopped by hand\n  → `genarun resume` goes on where it stopped.")
        finished = len(place.records())
        if not hard:
            assert finished == len(service.asked), "what was in flight was finished"
        again = place.run(resume=place.runs()[0])
        assert again.run == result.run
        assert again.status == "succeeded"
        assert again.summary is not None
        assert again.summary.totals.calls == 11
        assert len(service.asked) == 11 if not hard else len(service.asked) <= 11 + 16


def test_a_finished_run_cannot_be_gone_on_with(place: Place) -> None:
    place.run()
    stamp = place.runs()[0]
    with pytest.raises(SetupError) as raised:
        place.run(resume=stamp)
    says(
        raised.value,
        "run-finished",
        f"""
        t/{stamp} is finished; there is nothing to go on with
          → `genarun run t` makes a new run; it reuses everything that has not changed.
        """,
    )


def test_a_run_of_a_changed_tree_cannot_be_gone_on_with(tmp_path: Path) -> None:
    with OpenAIService(answer=zoo("ant"), latency=0.02) as service:
        place = Place(tmp_path, service)
        place.tree(ZOO)
        run_and_stop(place, 1, False)
        place.tree(ZOO.replace("Foreword", "Afterword"))
        stamp = place.runs()[0]
        with pytest.raises(SetupError) as raised:
            place.run(resume=stamp)
        says(
            raised.value,
            "tree-changed",
            f"""
            tree t: the tree or its inputs changed since {stamp} began
              → `genarun run t` starts a new run that reuses whatever still holds.
            """,
        )
        result = place.run()
        assert len(place.runs()) == 2
        assert result.summary is not None
        assert result.summary.totals.reused >= 1
        assert not service.repeats()


def test_offline_never_replaces_what_a_real_run_made(place: Place, service: OpenAIService) -> None:
    place.run()
    before = place.json("trees/t/latest/output.json")
    result = place.run(offline=True)
    assert result.status == "succeeded"
    assert not result.published
    assert place.json("trees/t/latest/output.json") == before
    assert len(service.asked) == 11


def test_a_recording_stands_in_for_the_service(tmp_path: Path) -> None:
    with OpenAIService(answer=zoo("ant", "bee")) as service:
        place = Place(tmp_path / "a", service)
        place.tree(ZOO)
        recorded = place.run(record=tmp_path / "said.jsonl")
        other = Place(tmp_path / "b", env={"OPENAI_BASE_URL": service.url})
        other.tree(ZOO)
        before = len(service.asked)
        replayed = other.run(replay=tmp_path / "said.jsonl")
        assert replayed.output == recorded.output
        assert len(service.asked) == before
        assert replayed.summary is not None
        assert replayed.summary.mode == "replay"


def test_without_a_key_nothing_is_called_and_the_way_is_named(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.tree("generations:\n  - {id: a, type: text, config: {prompt: Say a}}\n")
    with pytest.raises(SetupError) as raised:
        place.run()
    assert raised.value.code == "key-missing"
    assert "--offline" in str(raised.value)
    assert place.run(offline=True).status == "succeeded"


def test_one_tree_reads_another(tmp_path: Path) -> None:
    with OpenAIService(answer=by_prompt({"Name": {"data": ["x", "y"]}})) as service:
        place = Place(tmp_path, service)
        place.tree("generations:\n  - {id: names, type: text-array, config: {prompt: Name two}}\n", "first")
        place.tree(
            """
            inputs: {source: {type: any, from: first}}
            generations:
              - {id: story, type: text, config: {prompt: "A story of ${source.names.0}"}}
            """,
            "second",
        )
        project = place.project
        trees = project.load(["second", "first"])
        assert [tree.name for tree in trees] == ["first", "second"]
        results = [asyncio.run(project.run(tree)) for tree in trees]
        assert results[1].output == {"story": "answer to: A story of x"}


def test_conditions_and_shared_answers(tmp_path: Path) -> None:
    with OpenAIService(answer=by_prompt({"Name": {"data": ["a", "a", "b"]}})) as service:
        place = Place(tmp_path, service)
        place.tree("""
            inputs: {loud: {type: boolean, default: false}}
            generations:
              - id: list
                type: text-array
                config: {prompt: Name three}
                generations:
                  - {id: shared, type: text, cache: shared, config: {prompt: "Shared ${i}"}}
                  - {id: own, type: text, config: {prompt: "Own ${i}"}}
              - {id: shout, type: text, when: {name: loud, operator: equals, value: true}, config: {prompt: Shout}}
        """)
        result = place.run()
        assert "shout" not in result.output
        assert sorted(chats(service)) == ["Name three", "Own a", "Own a", "Own b", "Shared a", "Shared b"]
        assert place.run(inputs={"loud": True}).output["shout"] == "answer to: Shout"
        assert len(service.asked) == 7


def test_items_one_after_the_other(tmp_path: Path) -> None:
    with OpenAIService(answer=by_prompt({"Name": {"data": list("abcd")}}), latency=0.01) as service:
        place = Place(tmp_path, service)
        place.tree("""
            generations:
              - id: list
                type: text-array
                parallel: false
                config: {prompt: Name four}
                generations:
                  - {id: first, type: text, config: {prompt: "First ${i}"}}
                  - {id: then, type: text, config: {prompt: "Then ${first}"}}
        """)
        place.run()
        assert [text[-1] for text in chats(service)[1:]] == list("aabbccdd")
        assert service.most_at_once == 1
