"""Trees of a wrong shape: every error with its exact text."""

from __future__ import annotations

import pytest
from genarun.tree.faults import shape_faults
from genarun.tree.report import Report
from genarun.tree.source import parse_source
from genarun.tree.spec import Spec
from pydantic import ValidationError, field_validator

from tests.say import says
from tests.tree.project import fault


def test_a_misspelt_key() -> None:
    says(
        fault(
            """
            version: 1
            bugdet: {usd: 1}
            generations:
              - {id: a, type: text, config: {prompt: Hello}}
            """
        ),
        "key-unknown",
        """
        trees/t/config.yaml:2:1: there is no key “bugdet” here
          2 | bugdet: {usd: 1}
            | ^
          → Did you mean “budget”?
        """,
    )


def test_a_key_that_nothing_resembles() -> None:
    says(
        fault(
            """
            version: 1
            retention: {zzz: 1}
            generations:
              - {id: a, type: text, config: {prompt: Hello}}
            """
        ),
        "key-unknown",
        """
        trees/t/config.yaml:2:13: there is no key “zzz” here
          2 | retention: {zzz: 1}
            |             ^
          → Keys known here: runs, days.
        """,
    )


def test_a_key_in_snake_case() -> None:
    says(
        fault(
            """
            version: 1
            output_formats: [json]
            generations:
              - {id: a, type: text, config: {prompt: Hello}}
            """
        ),
        "key-unknown",
        """
        trees/t/config.yaml:2:1: there is no key “output_formats” here
          2 | output_formats: [json]
            | ^
          → Did you mean “outputFormats”?
        """,
    )


def test_a_prompt_beside_the_config() -> None:
    says(
        fault(
            """
            version: 1
            generations:
              - id: a
                type: text
                prompt: Hello
                config: {prompt: Hello}
            """
        ),
        "key-unknown",
        """
        trees/t/config.yaml:5:5: there is no key “prompt” here
          5 |     prompt: Hello
            |     ^
          → It belongs under `config`.
        """,
    )


def test_children_by_another_name() -> None:
    says(
        fault(
            """
            version: 1
            generations:
              - id: a
                type: object
                config: {prompt: Hello}
                children: []
            """
        ),
        "key-unknown",
        """
        trees/t/config.yaml:6:5: there is no key “children” here
          6 |     children: []
            |     ^
          → Children are written under `generations`.
        """,
    )


def test_a_missing_id() -> None:
    says(
        fault(
            """
            version: 1
            generations:
              - type: text
                config: {prompt: Hello}
            """
        ),
        "key-missing",
        """
        trees/t/config.yaml:3:5: the key “id” is missing here
          3 |   - type: text
            |     ^
          → Add for example `id: ideas`.
        """,
    )


def test_missing_nodes() -> None:
    says(
        fault(
            """
            version: 1
            title: Empty
            """
        ),
        "key-missing",
        """
        trees/t/config.yaml:1:1: the key “generations” is missing
          1 | version: 1
            | ^
          → Add for example `generations: [{id: haiku, type: text, config: {prompt: Write a haiku.}}]`.
        """,
    )


def test_a_number_in_place_of_a_mapping() -> None:
    says(
        fault(
            """
            version: 1
            budget: 3
            generations:
              - {id: a, type: text, config: {prompt: Hello}}
            """
        ),
        "wrong-type",
        """
        trees/t/config.yaml:2:9: “budget” wants a mapping, and this is the number 3
          2 | budget: 3
            |         ^
          → Write for example `budget: {usd: 1}`.
        """,
    )


def test_a_text_in_place_of_a_flag() -> None:
    says(
        fault(
            """
            version: 1
            generations:
              - id: a
                type: text
                enabled: "yes"
                config: {prompt: Hello}
            """
        ),
        "wrong-type",
        """
        trees/t/config.yaml:5:14: “enabled” wants true or false, and this is the text “yes”
          5 |     enabled: "yes"
            |              ^
          → Write for example `enabled: false`.
        """,
    )


def test_a_text_in_place_of_a_duration() -> None:
    says(
        fault(
            """
            version: 1
            timeout: half an hour
            generations:
              - {id: a, type: text, config: {prompt: Hello}}
            """
        ),
        "wrong-type",
        """
        trees/t/config.yaml:2:10: “timeout” wants a duration, and this is the text “half an hour”
          2 | timeout: half an hour
            |          ^
          → Write for example `timeout: 30s`.
        """,
    )


def test_a_text_in_place_of_a_node() -> None:
    says(
        fault(
            """
            version: 1
            generations:
              - {id: a, type: text, config: {prompt: Hello}}
              - text
            """
        ),
        "wrong-type",
        """
        trees/t/config.yaml:4:5: an item of “generations” wants a mapping, and this is the text “text”
          4 |   - text
            |     ^
          → For example `generations: [{id: haiku, type: text, config: {prompt: Write a haiku.}}]`.
        """,
    )


def test_a_text_in_place_of_an_input() -> None:
    says(
        fault(
            """
            version: 1
            inputs:
              year: integer
            generations:
              - {id: a, type: text, config: {prompt: Hello}}
            """
        ),
        "wrong-type",
        """
        trees/t/config.yaml:3:9: “year” wants a mapping, and this is the text “integer”
          3 |   year: integer
            |         ^
          → Write for example `year: {type: integer}`.
        """,
    )


def test_a_prompt_of_no_known_form() -> None:
    says(
        fault(
            """
            version: 1
            generations:
              - {id: a, type: text, config: {prompt: 7}}
            """
        ),
        "wrong-type",
        """
        trees/t/config.yaml:3:42: “prompt” wants text, `{file: …}`, `{template: …}` or a list of turns, and this is the number 7
          3 |   - {id: a, type: text, config: {prompt: 7}}
            |                                          ^
          → Write for example `prompt: "Write a haiku about ${item}."`.
        """,
    )


def test_a_model_of_no_known_form() -> None:
    says(
        fault(
            """
            version: 1
            generations:
              - {id: a, type: text, config: {prompt: Hello, model: 7}}
            """
        ),
        "wrong-type",
        """
        trees/t/config.yaml:3:56: “model” wants an alias, or `{name: …}` with parameters, and this is the number 7
          3 |   - {id: a, type: text, config: {prompt: Hello, model: 7}}
            |                                                        ^
          → Write for example `model: text`.
        """,
    )


def test_a_retry_of_no_known_form() -> None:
    says(
        fault(
            """
            version: 1
            generations:
              - {id: a, type: text, retry: often, config: {prompt: Hello}}
            """
        ),
        "wrong-type",
        """
        trees/t/config.yaml:3:32: “retry” wants a whole number, or `{max: …, delay: …}`, and this is the text “often”
          3 |   - {id: a, type: text, retry: often, config: {prompt: Hello}}
            |                                ^
          → Write for example `retry: 2`.
        """,
    )


def test_a_pick_that_yaml_reads_as_a_list() -> None:
    says(
        fault(
            """
            version: 1
            generations:
              - id: a
                type: text
                config:
                  prompt: [red | blue]
            """
        ),
        "prompt-list",
        """
        trees/t/config.yaml:6:16: this prompt is a list of texts
          6 |       prompt: [red | blue]
            |                ^
          → To pick one of several, put the whole prompt in quotes: "[a | b]". A turn of a conversation is `{template: …}`.
        """,
    )


def test_no_mapping() -> None:
    says(
        fault(
            """
            - one
            - two
            """
        ),
        "no-mapping",
        """
        trees/t/config.yaml:1:1: the file must hold a mapping, and this is a list
          1 | - one
            | ^
          → Begin with `version: 1`.
        """,
    )


def test_a_later_version() -> None:
    says(
        fault(
            """
            version: 2
            generations:
              - {id: a, type: text, config: {prompt: Hello}}
            """
        ),
        "version-unknown",
        """
        trees/t/config.yaml:1:10: this Genarun reads version 1, not the number 2
          1 | version: 2
            |          ^
          → Write `version: 1`; for a later version, update Genarun.
        """,
    )


def test_a_version_that_is_true() -> None:
    says(
        fault(
            """
            version: true
            generations:
              - {id: a, type: text, config: {prompt: Hello}}
            """
        ),
        "version-unknown",
        """
        trees/t/config.yaml:1:10: this Genarun reads version 1, not true
          1 | version: true
            |          ^
          → Write `version: 1`; for a later version, update Genarun.
        """,
    )


def test_a_choice_that_is_none() -> None:
    says(
        fault(
            """
            version: 1
            kind: website
            generations:
              - {id: a, type: text, config: {prompt: Hello}}
            """
        ),
        "wrong-choice",
        """
        trees/t/config.yaml:2:7: “kind” cannot be the text “website”
          2 | kind: website
            |       ^
          → Possible here: data, sitegen.
        """,
    )


def test_a_misspelt_choice() -> None:
    says(
        fault(
            """
            version: 1
            generations:
              - {id: a, type: text, cache: nevre, config: {prompt: Hello}}
            """
        ),
        "wrong-choice",
        """
        trees/t/config.yaml:3:32: “cache” cannot be the text “nevre”
          3 |   - {id: a, type: text, cache: nevre, config: {prompt: Hello}}
            |                                ^
          → Did you mean “never”? Possible here: reuse, shared, never.
        """,
    )


def test_a_seed_that_is_none() -> None:
    says(
        fault(
            """
            version: 1
            seed: dice
            generations:
              - {id: a, type: text, config: {prompt: Hello}}
            """
        ),
        "wrong-choice",
        """
        trees/t/config.yaml:2:7: “seed” cannot be the text “dice”
          2 | seed: dice
            |       ^
          → Possible here: date, random, or a whole number.
        """,
    )


def test_an_id_with_a_space() -> None:
    says(
        fault(
            """
            version: 1
            generations:
              - {id: my idea, type: text, config: {prompt: Hello}}
            """
        ),
        "bad-id",
        """
        trees/t/config.yaml:3:10: the text “my idea” cannot be an id
          3 |   - {id: my idea, type: text, config: {prompt: Hello}}
            |          ^
          → An id begins with a letter and goes on with letters, digits, - and _.
        """,
    )


def test_a_long_id() -> None:
    says(
        fault(
            """
            version: 1
            id: long-long-long-long-long-long-long-long-long-long-long-long-long-long-
            generations:
              - {id: a, type: text, config: {prompt: Hello}}
            """
        ),
        "id-too-long",
        """
        trees/t/config.yaml:2:5: this id is too long
          2 | id: long-long-long-long-long-long-long-long-long-long-long-long-long-long-
            |     ^
          → Use at most 64 characters.
        """,
    )


def test_an_empty_output_key() -> None:
    says(
        fault(
            """
            version: 1
            generations:
              - {id: a, type: text, outputKey: "", config: {prompt: Hello}}
            """
        ),
        "empty",
        """
        trees/t/config.yaml:3:36: “outputKey” is empty
          3 |   - {id: a, type: text, outputKey: "", config: {prompt: Hello}}
            |                                    ^
          → Write for example `outputKey: title`.
        """,
    )


def test_no_nodes() -> None:
    says(
        fault(
            """
            version: 1
            generations: []
            """
        ),
        "empty",
        """
        trees/t/config.yaml:2:14: “generations” is empty
          2 | generations: []
            |              ^
          → Write for example `generations: [{id: haiku, type: text, config: {prompt: Write a haiku.}}]`.
        """,
    )


def test_a_number_out_of_range() -> None:
    says(
        fault(
            """
            version: 1
            models:
              text: {provider: openai, model: m, concurrency: 0}
            generations:
              - {id: a, type: text, config: {prompt: Hello}}
            """
        ),
        "number-range",
        """
        trees/t/config.yaml:3:51: “concurrency” cannot be the number 0
          3 |   text: {provider: openai, model: m, concurrency: 0}
            |                                                   ^
          → Write 1 or more.
        """,
    )


def test_too_many_retries() -> None:
    says(
        fault(
            """
            version: 1
            generations:
              - {id: a, type: text, retry: 99, config: {prompt: Hello}}
            """
        ),
        "number-range",
        """
        trees/t/config.yaml:3:32: “retry” cannot be the number 99
          3 |   - {id: a, type: text, retry: 99, config: {prompt: Hello}}
            |                                ^
          → Write 20 or less.
        """,
    )


def test_a_number_that_json_does_not_hold() -> None:
    says(
        fault(
            """
            version: 1
            models:
              text: {provider: openai, model: m, params: {seed: 9007199254740993}}
            generations:
              - {id: a, type: text, config: {prompt: Hello}}
            """
        ),
        "number-too-large",
        """
        trees/t/config.yaml:3:53: a whole number that JSON does not hold exactly
          3 |   text: {provider: openai, model: m, params: {seed: 9007199254740993}}
            |                                                     ^
          → Write one up to 9007199254740991, or put it in quotes if it is text.
        """,
    )


def test_what_only_pydantic_has_words_for() -> None:
    """A model of a later day may have rules that are not spoken of here; its faults still have a place and an example."""

    class Later(Spec):
        timeout: int

        @field_validator("timeout")
        @classmethod
        def odd(cls, value: int) -> int:
            raise ValueError("only odd ones")

    report = Report(parse_source("timeout: 2\n", "trees/t/config.yaml"))
    with pytest.raises(ValidationError) as raised:
        Later.model_validate(report.source.data)
    shape_faults(raised.value, Later, report)
    says(
        report.faults[0],
        "wrong-value",
        """
        trees/t/config.yaml:1:10: “timeout” does not fit: Value error, only odd ones
          1 | timeout: 2
            |          ^
          → Write for example `timeout: 30s`.
        """,
    )
