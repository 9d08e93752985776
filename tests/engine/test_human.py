"""A run that waits for a person: it costs nothing, survives anything, and holds up only what depends on the answer."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from genarun.errors import GenarunError
from genarun.store.questions import Question, open_questions, record_answer

from tests.helpers import Place, chats
from tests.say import says
from tests.services.openai_service import OpenAIService

TREE = """
generations:
  - id: titles
    type: text-array
    config: {prompt: Name titles}
    validation: {minLength: 3, maxLength: 3}
  - {id: title, type: human, config: {prompt: "Which title?", options: "${titles}"}}
  - {id: free, type: text, config: {prompt: Say free}}
  - {id: wall, type: text, config: {prompt: "A wall text for ${title}"}}
"""


def titles(body: dict[str, Any]) -> Any:
    return {"items": ["Low", "High", "Slack"]} if "Name titles" in str(body) else "fine"


def answer(place: Place, text: str, node: str = "title", tree: str = "t") -> Any:
    folder = place.folder(tree)
    now = datetime.now(UTC)
    return record_answer(folder, folder.runs()[0], node, text, "anna", now, place.project.masker)[1]


def waiting(place: Place, tree: str = "t") -> list[Question]:
    return open_questions(place.folder(tree).runs()[0])


@pytest.fixture
def service() -> Any:
    with OpenAIService(answer=titles) as found:
        yield found


@pytest.fixture
def place(tmp_path: Path, service: OpenAIService) -> Place:
    place = Place(tmp_path, service)
    place.tree(TREE)
    return place


def test_it_waits_with_all_else_done_and_goes_on_with_the_answer(place: Place, service: OpenAIService) -> None:
    result = place.run()
    assert (result.status, result.exit_code) == ("waiting", 3)
    assert result.output == {"titles": ["Low", "High", "Slack"], "free": "fine"}
    (question,) = result.questions
    assert [one.label for one in question.asked.options] == ["Low", "High", "Slack"]
    assert waiting(place) == [question]
    assert not place.folder().latest.exists()
    assert result.summary is not None
    assert result.summary.totals.waiting == 1
    asked = len(service.asked)
    again = place.run()
    assert (again.status, again.run, len(service.asked)) == ("waiting", result.run, asked), "waiting costs nothing"
    assert len([line for line in lines(place) if line["status"] == "waiting"]) == 1
    assert answer(place, "2") == "High"
    done = place.run()
    assert (done.status, done.run) == ("succeeded", result.run)
    assert done.output == {"titles": ["Low", "High", "Slack"], "title": "High", "free": "fine", "wall": "fine"}
    assert chats(service)[asked:] == ["A wall text for High"]
    assert done.summary is not None
    assert done.summary.totals.waiting == 0
    assert place.run().unchanged


def lines(place: Place) -> list[dict[str, Any]]:
    return [json.loads(line) for line in place.folder().runs()[0].records_file.read_text().splitlines()]


def test_an_answered_question_is_not_asked_again_in_another_run(place: Place, service: OpenAIService) -> None:
    place.run()
    answer(place, "Low")
    place.run()
    place.tree(TREE.replace("Say free", "Say something else"))
    result = place.run()
    assert (result.status, result.output["title"]) == ("succeeded", "Low")
    (line,) = [line for line in lines(place) if line["path"] == "title"]
    assert (line["status"], line["answeredBy"]) == ("reused", "anna")


def test_a_newer_run_takes_the_place_of_one_that_waits(place: Place, service: OpenAIService) -> None:
    first = place.run()
    place.tree(TREE.replace("Say free", "Say something else"))
    second = place.run()
    assert second.run != first.run
    # Unchanged, so it has waited since then; and the old run takes no answer any more.
    assert second.questions[0].asked_at == first.questions[0].asked_at
    folder = place.folder()
    with pytest.raises(GenarunError) as caught:
        record_answer(folder, folder.runs()[1], "title", "1", "anna", datetime.now(UTC), place.project.masker)
    says(
        caught.value,
        "question-past",
        f"""
        {first.run} does not wait for an answer any more
          → The newest run is {second.run}; `genarun show t` tells what it waits for.
        """,
    )
    place.tree(TREE.replace("Which title?", "Which of these?"))
    third = place.run()
    assert third.questions[0].asked_at > first.questions[0].asked_at, "a changed question is asked anew"


def test_a_question_that_nobody_asks(place: Place) -> None:
    place.run()
    with pytest.raises(GenarunError) as caught:
        answer(place, "1", "titel")
    says(
        caught.value,
        "question-unknown",
        f"""
        no question `titel` waits in {place.folder().runs()[0].id}
          → Questions that wait: title.
        """,
    )


def test_nothing_to_choose_from(tmp_path: Path) -> None:
    with OpenAIService(answer=lambda body: {"items": ["one", "one"]}) as service:
        place = Place(tmp_path, service)
        place.tree(TREE.replace("    validation: {minLength: 3, maxLength: 3}\n", ""))
        result = place.run()
    assert result.status == "partial"
    (failure,) = result.failures
    assert failure.error is not None
    assert failure.error.code == "options-few"
    from genarun.errors import RunError

    says(
        RunError("options-few", failure.error.message, None, failure.error.hint),
        "options-few",
        """
        there is nothing to choose from: 1 option
          → `config.options` takes at least two texts, or one `${name}` of a list with at least two different items.
        """,
    )


EACH = """
generations:
  - id: ideas
    type: text-array
    config: {prompt: Name titles}
    validation: {minLength: 3, maxLength: 3}
    generations:
      - {id: keep, type: human, config: {ask: approve, prompt: "Keep ${item}?"}}
      - {id: text, type: text, when: {name: keep, operator: equals, value: true}, config: {prompt: "About ${item}"}}
"""


def test_one_question_for_each_item_and_each_goes_on_by_itself(place: Place, service: OpenAIService) -> None:
    place.tree(EACH)
    result = place.run()
    assert [question.path for question in result.questions] == [f"ideas/{number}/keep" for number in range(3)]
    with pytest.raises(GenarunError, match="is asked at 3 places"):
        answer(place, "yes", "keep")
    answer(place, "yes", "ideas/1/keep")
    second = place.run()
    assert (second.status, len(second.questions)) == ("waiting", 2)
    assert chats(service)[-1] == "About High"
    answer(place, "no", "ideas/0/keep")
    answer(place, "no", "ideas/2/keep")
    last = place.run()
    assert last.status == "succeeded"
    assert [item.get("text") for item in last.output["ideas"]] == [None, "fine", None]


PICTURES = """
generations:
  - id: photos
    type: text-array
    config: {prompt: Name titles}
    validation: {minLength: 3, maxLength: 3}
    collapse: true
    generations:
      - {id: photo, type: image, config: {prompt: "A photograph of ${item}"}}
  - {id: cover, type: human, config: {prompt: "Which opens?", options: "${photos}"}}
  - {id: order, type: human, config: {ask: rank, prompt: "In which order?", options: "${photos}"}}
"""


def test_pictures_are_options_and_the_value_is_the_picture(place: Place) -> None:
    place.tree(PICTURES)
    result = place.run()
    cover = next(question for question in result.questions if question.path == "cover")
    folder = place.folder().runs()[0].folder
    for option in cover.asked.options:
        assert option.picture is not None
        assert (folder / option.picture).is_file()
    answer(place, "1", "cover")
    answer(place, ",".join(str(number) for number in range(len(cover.asked.options), 0, -1)), "order")
    done = place.run()
    assert done.status == "succeeded"
    assert (place.folder().latest / done.output["cover"]).is_file()
    assert done.output["order"] == [one.value for one in reversed(cover.asked.options)]


def test_a_question_whose_time_is_up_takes_its_default(place: Place) -> None:
    place.tree(TREE.replace('options: "${titles}"', 'options: "${titles}", timeout: 300ms, default: "3"'))
    assert place.run().status == "waiting"
    assert waiting(place)[0].expires_at is not None
    time.sleep(0.35)
    done = place.run()
    assert (done.status, done.output["title"]) == ("succeeded", "Slack")
    assert "title: nobody answered in time, so the default stands" in done.warnings


def test_a_question_whose_time_is_up_without_a_default_fails(place: Place) -> None:
    place.tree(TREE.replace('options: "${titles}"', 'options: "${titles}", timeout: 300ms'))
    until = place.run().questions[0].expires_at
    time.sleep(0.35)
    done = place.run()
    assert done.status == "partial"
    assert done.failures[0].error is not None
    from genarun.errors import RunError

    error = done.failures[0].error
    says(
        RunError("answer-late", error.message, None, error.hint),
        "answer-late",
        f"""
        nobody answered until {until}
          → Give the node a `default`, or a longer `timeout`; a new run asks again.
        """,
    )


def test_a_default_that_is_no_option_is_a_failure_that_says_so(place: Place) -> None:
    place.tree(TREE.replace('options: "${titles}"', 'options: "${titles}", default: "Ebb"'))
    done = place.run()
    assert done.failures[0].error is not None
    assert done.failures[0].error.message == "“Ebb” does not answer the question"


def test_an_override_answers_too(place: Place) -> None:
    place.write("trees/t/overrides.yaml", "title: By hand\n")
    done = place.run()
    assert (done.status, done.output["title"]) == ("succeeded", "By hand")


def test_offline_asks_all_the_same(place: Place) -> None:
    assert place.run(offline=True).status == "waiting"


def test_what_was_chosen_is_text_and_is_not_rendered_again(place: Place, service: OpenAIService) -> None:
    place.tree(
        TREE.replace('config: {prompt: "Which title?", options: "${titles}"}', 'config: {ask: text, prompt: "A title?"}')
    )
    place.run()
    answer(place, "${titles} [a | b]")
    assert place.run().status == "succeeded"
    assert chats(service)[-1] == "A wall text for ${titles} [a | b]"


def test_a_plan_says_that_a_person_is_asked(place: Place) -> None:
    plan = place.plan()
    (step,) = [step for step in plan.steps if step.node == "title"]
    assert (step.action, step.calls, step.reason) == ("ask", 0, "asks a person")
    assert not next(step for step in plan.steps if step.node == "wall").exact
    place.run()
    answer_given = answer(place, "1")
    assert answer_given == "Low"
    after = place.plan()
    assert [(step.node, step.calls) for step in after.steps if step.calls] == [("wall", 1)]
    assert after.exact


def test_a_run_killed_while_it_waits_has_lost_nothing(tmp_path: Path) -> None:
    with OpenAIService(answer=titles) as service:
        place = Place(tmp_path, service)
        place.tree(TREE)
        service.latency = 0.0
        env = place.env | {"PYTHONPATH": os.environ.get("PYTHONPATH", "")}
        process = subprocess.Popen(
            [sys.executable, "-m", "genarun.cli", "run", "t"], cwd=tmp_path, env=env,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        for _ in range(2000):
            runs = place.folder().runs()
            if runs and runs[0].records_file.exists() and b'"waiting"' in runs[0].records_file.read_bytes():
                break
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        process.wait()
        answer(place, "High")
        done = place.run()
        assert (done.status, done.output["title"]) == ("succeeded", "High")
        assert chats(service).count("Name titles") == 1
