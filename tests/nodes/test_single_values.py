"""One value from a model: numbers, choices and ranges, however they are written, and how sure the model was."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import orjson
import pytest
from genarun.errors import Faults, GenarunError, Misfit
from genarun.nodes.base import Scene
from genarun.nodes.choice import read_choice
from genarun.nodes.confidence import confidence
from genarun.nodes.number import read_number
from genarun.nodes.range import read_range
from genarun.providers.base import ModelReply
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers import Place
from tests.say import says
from tests.services.openai_service import OpenAIService
from tests.services.web import Reply


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ('{"value": 42}', 42),
        ("42", 42),
        (" 42.0\n", 42),
        ('{"answer": {"value": -1.5}}', -1.5),
        ('```json\n{"value": 3}\n```', 3),
        ("I would say about 17 people.", 17),
        ("It is 1e3.", 1000),
        ('"7"', 7),
    ],
)
def test_a_number_is_found(text: str, number: float) -> None:
    found = read_number(text)
    assert found == number
    assert isinstance(found, int) == isinstance(number, int)


@pytest.mark.parametrize(
    "text", ["", "none", "between 3 and 4", '{"value": true}', '{"value": null}', "[1, 2]", "v2.0.1", "1,5"]
)
def test_what_holds_no_single_number_is_a_misfit(text: str) -> None:
    with pytest.raises(Misfit) as raised:
        read_number(text)
    assert raised.value.code == "answer-no-number"


def test_the_misfit_of_a_number_tells_the_model_what_to_write() -> None:
    with pytest.raises(Misfit) as raised:
        read_number("many")
    says(raised.value, "answer-no-number", 'the answer must be one number, as {"value": 42}, and this is not: “many”')


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**53), 2**53))
def test_every_number_comes_back_as_it_was_sent(number: float) -> None:
    assert read_number(orjson.dumps({"value": number}).decode()) == number


@pytest.mark.parametrize("text", ['{"value": "Red"}', "red", ' "RED". ', "“Red”", '{"choice": "red"}'])
def test_an_option_is_recognised(text: str) -> None:
    assert read_choice(text, ["Blue", "Red"]) == "Red"


def test_an_option_that_differs_by_case_alone_is_told_from_its_neighbour() -> None:
    assert read_choice('{"value": "it"}', ["IT", "it"]) == "it"


def test_what_is_no_option_is_a_misfit() -> None:
    with pytest.raises(Misfit) as raised:
        read_choice("green", ["Blue", "Red"])
    says(raised.value, "answer-no-option", "the answer must be one of “Blue”, “Red”, and this is not: “green”")


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ('{"low": 5, "high": 7}', 5, 7),
        ('{"min": 5, "max": 7.5}', 5, 7.5),
        ("[1, 2]", 1, 2),
        ("5-7", 5, 7),
        ("from 18 to 25 years", 18, 25),
        ("1914–1918", 1914, 1918),
        ("-5 to -1", -5, -1),
        ("6", 6, 6),
    ],
)
def test_a_range_is_found(text: str, low: float, high: float) -> None:
    assert read_range(text) == {"low": low, "high": high}


@pytest.mark.parametrize("text", ["", "wide", "1 or 2 or 3", '{"low": "a", "high": 2}', '{"low": true, "high": 2}'])
def test_what_is_no_range_is_a_misfit(text: str) -> None:
    with pytest.raises(Misfit) as raised:
        read_range(text)
    assert raised.value.code == "answer-no-range"


def test_misfits_of_a_range_tell_the_model_what_to_write() -> None:
    with pytest.raises(Misfit) as raised:
        read_range("wide")
    says(
        raised.value,
        "answer-no-range",
        'the answer must be two numbers, as {"low": 5, "high": 7}, and this is not: “wide”',
    )
    with pytest.raises(Misfit) as raised:
        read_range("7-5")
    says(
        raised.value,
        "range-crossed",
        "`low` is 7 and `high` is 5: the lower one must not be above the higher one",
    )


def test_confidence_is_the_probability_of_the_tokens_that_spell_the_value() -> None:
    tokens = (('{"', -0.5), ("value", -0.5), ('":"', -0.5), ("re", math.log(0.8)), ("d", math.log(0.5)), ('"}', -0.5))
    assert confidence(ModelReply(text='{"value":"red"}', tokens=tokens), "red") == 0.4
    assert confidence(ModelReply(text="red", tokens=(("red", math.log(0.25)),)), "red") == 0.25
    assert confidence(ModelReply(text="4.0", tokens=(("4.0", 0.0),)), 4) == 1.0
    assert confidence(ModelReply(text="red"), "red") is None
    assert confidence(ModelReply(text="red", confidence=0.7, recorded=True), "red") == 0.7


# ------------------------------------------------------------------ whole runs


def sure(content: str, logprob: float) -> Reply:
    """A completion of one token a character, the value's first one with this log-probability."""
    place = content.index(": ") + 2
    place += content[place] == '"'
    tokens = [{"token": one, "logprob": logprob if n == place else 0.0, "bytes": None, "top_logprobs": []}
              for n, one in enumerate(content)]  # fmt: skip
    choice = {
        "index": 0, "finish_reason": "stop", "logprobs": {"content": tokens, "refusal": None},
        "message": {"role": "assistant", "content": content, "refusal": None, "annotations": []},
    }  # fmt: skip
    head = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "gpt-test", "choices": [choice]}
    usage = {"prompt_tokens": 9, "completion_tokens": 7, "total_tokens": 16}
    return Reply(orjson.dumps({**head, "usage": usage}))


def test_values_of_every_kind_stand_in_the_output(tmp_path: Path) -> None:
    def answer(body: dict[str, Any]) -> Any:
        text, schema = body["messages"][-1]["content"], body["response_format"]["json_schema"]["schema"]
        value = schema["properties"].get("value", {})
        if "stars" in text:
            assert value == {"type": "integer", "minimum": 1, "maximum": 5}
            return {"value": 4}
        if "ages" in text:
            return {"low": 6, "high": 9}
        assert value == {"type": "string", "enum": ["ant", "bee"]}
        return {"value": "bee"}

    with OpenAIService(answer=answer) as service:
        place = Place(tmp_path, service)
        place.tree("""
            generations:
              - {id: stars, type: number, schema: {type: integer, minimum: 1, maximum: 5}, config: {prompt: How many stars}}
              - {id: ages, type: range, config: {prompt: For what ages}}
              - {id: best, type: choice, config: {prompt: "Which is best", options: [ant, bee]}}
              - {id: again, type: choice, config: {prompt: "Again, from ${ages.low}", options: ["ant", "${best}"]}}
              - {id: line, type: template, config: {prompt: "${stars} stars, ages ${ages.low} to ${ages.high}: ${best}"}}
        """)
        assert place.run().output == {
            "stars": 4,
            "ages": {"low": 6, "high": 9},
            "best": "bee",
            "again": "bee",
            "line": "4 stars, ages 6 to 9: bee",
        }
        calls = len(service.asked)
        assert place.run().unchanged
        assert len(service.asked) == calls


def test_options_can_come_from_a_list_that_a_model_made(tmp_path: Path) -> None:
    with OpenAIService(answer=lambda body: {"data": ["x", "y", "x"]} if "Name" in str(body) else {"value": "Y"}) as service:
        place = Place(tmp_path, service)
        place.tree("""
            generations:
              - {id: names, type: text-array, config: {prompt: Name some}}
              - {id: best, type: choice, config: {prompt: The best, options: "${names}"}}
        """)
        assert place.run().output["best"] == "y"
        asked = service.asked[-1].json["response_format"]["json_schema"]["schema"]
        assert asked["properties"]["value"]["enum"] == ["x", "y"]


def test_nothing_to_choose_from_fails_the_instance_alone(tmp_path: Path) -> None:
    with OpenAIService(answer=lambda body: {"data": []}) as service:
        place = Place(tmp_path, service)
        place.tree("""
            generations:
              - {id: names, type: text-array, config: {prompt: Name some}}
              - {id: best, type: choice, config: {prompt: The best, options: "${names}"}}
              - {id: first, type: choice, config: {prompt: The best, options: "${best0}"}}
              - {id: best0, type: template, config: {prompt: "no list"}}
        """)
        result = place.run()
        assert {record.path: record.error.message for record in result.failures if record.error} == {
            "best": "there are no options to choose from",
            "first": "the options are not a list of texts",
        }
        assert len(service.asked) == 1


def test_nothing_to_choose_from_says_what_options_are(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.tree(
        "generations: [{id: best, type: choice, config: {prompt: Which, options: '${names}'}}]\ninputs: {names: {type: array}}"
    )
    node = place.project.load_one("t").nodes[0]
    with pytest.raises(GenarunError) as raised:
        node.kind.request(node, Scene({"names": []}.get, None, "error", 0, "best", False))  # type: ignore[attr-defined, arg-type]
    says(
        raised.value,
        "options-none",
        """
        there are no options to choose from
          → `config.options` takes a list of texts, or one `${name}` of a text-array.
        """,
    )


def test_an_unsure_answer_is_asked_for_again_and_the_record_says_how_sure(tmp_path: Path) -> None:
    given = iter([0.4, 0.9, 0.8])
    with OpenAIService(answer=lambda body: sure('{"value": "bee"}', math.log(next(given)))) as service:
        place = Place(tmp_path, service)
        place.tree("""
            generations:
              - id: best
                type: choice
                config: {prompt: Which is best, options: [ant, bee]}
                validation: {minConfidence: 0.75}
              - {id: other, type: choice, config: {prompt: And the other, options: [ant, bee], confidence: true}}
        """)
        result = place.run()
        assert result.output == {"best": "bee", "other": "bee"}
        assert all(one.json["logprobs"] is True for one in service.asked)
        found = [(record["path"], record["status"], record["confidence"]) for record in place.records()]
        assert found == [("best", "answered", 0.4), ("best", "succeeded", 0.9), ("other", "succeeded", 0.8)]
        repair = service.asked[1].json["messages"][-1]["content"]
        assert "the confidence is 0.4, and 0.75 is asked for" in repair
        assert place.run().unchanged

        # Asking for more than was recorded asks again, and keeps what fits.
        place.tree("""
            generations:
              - id: best
                type: choice
                config: {prompt: Which is best, options: [ant, bee]}
                validation: {minConfidence: 0.85}
              - {id: other, type: choice, config: {prompt: And the other, options: [ant, bee], confidence: true}}
        """)
        assert place.run().output == {"best": "bee", "other": "bee"}
        assert len(service.asked) == 3


def test_never_sure_enough_fails_with_the_last_confidence(tmp_path: Path) -> None:
    with OpenAIService(answer=lambda body: sure('{"value": 3}', math.log(0.5))) as service:
        place = Place(tmp_path, service)
        place.tree("""
            generations:
              - {id: n, type: number, retry: 1, config: {prompt: How many}, validation: {minConfidence: 0.9}}
        """)
        result = place.run()
        assert len(service.asked) == 2
        assert result.failures[0].error is not None
        error = result.failures[0].error
        says(
            GenarunError(error.code, error.message, None, error.hint),
            "confidence-low",
            "the confidence is 0.5, and 0.9 is asked for",
        )


def test_a_service_that_tells_nothing_of_its_tokens_is_named(tmp_path: Path) -> None:
    with OpenAIService(answer=lambda body: {"value": 3}, logprobs=False) as service:
        place = Place(tmp_path, service)
        place.tree("""
            generations:
              - {id: n, type: number, config: {prompt: How many}, validation: {minConfidence: 0.9}}
              - {id: m, type: number, config: {prompt: How many more, confidence: true}}
        """)
        result = place.run()
        assert result.output == {"m": 3}
        error = result.failures[0].error
        assert error is not None
        says(
            GenarunError(error.code, error.message, None, error.hint),
            "confidence-unknown",
            """
            openai says nothing of how sure the model is, and this node asks for a confidence of 0.9
              → Take `validation.minConfidence` away, or use a model that gives log-probabilities: docs/providers.md lists them.
            """,
        )
        assert len(service.asked) == 3, "the first request that asked for it was refused"


def test_what_a_node_of_these_kinds_cannot_say_is_told_before_anything_is_called(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.tree("""
        generations:
          - {id: a, type: choice, config: {prompt: Which}}
          - {id: b, type: choice, config: {prompt: Which, options: [one]}}
          - {id: c, type: text, config: {prompt: Say}, validation: {minConfidence: 0.5}}
          - {id: d, type: number, config: {prompt: Say}, schema: {type: string}}
          - {id: e, type: range, config: {prompt: Say}, schema: {type: object}}
          - {id: f, type: choice, config: {prompt: Which, options: ["x", "${nobody}"]}}
    """)
    with pytest.raises(Faults) as raised:
        place.run()
    found = {fault.code: fault for fault in raised.value.errors}
    says(
        found["config-missing"],
        "config-missing",
        """
        trees/t/config.yaml:3:5: this node of type choice has no `options`
          3 |   - {id: a, type: choice, config: {prompt: Which}}
            |     ^
          → Add for example `config: {options: [yes, no]}`.
        """,
    )
    says(
        found["confidence-unused"],
        "confidence-unused",
        """
        trees/t/config.yaml:5:61: a node of type text has no confidence to check
          5 |   - {id: c, type: text, config: {prompt: Say}, validation: {minConfidence: 0.5}}
            |                                                             ^
          → Take `minConfidence` away; it belongs to choice, number.
        """,
    )
    numeric = [fault for fault in raised.value.errors if fault.code == "schema-numeric"]
    says(
        numeric[0],
        "schema-numeric",
        """
        trees/t/config.yaml:6:65: the schema of a number is one of a number, and this says the text “string”
          6 |   - {id: d, type: number, config: {prompt: Say}, schema: {type: string}}
            |                                                                 ^
          → Write `type: integer`, or leave `type` out.
        """,
    )
    assert len(numeric) == 2
    assert any(fault.code == "config-value" for fault in raised.value.errors)
