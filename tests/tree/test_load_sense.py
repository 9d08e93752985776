"""Trees that make no sense: every error with its exact text."""

from __future__ import annotations

from tests.say import says
from tests.tree.project import fault


def test_two_ids_that_differ_by_case() -> None:
    says(
        fault(
            """
            version: 1
            generations:
              - {id: ideas, type: text, config: {prompt: Hello}}
              - {id: Ideas, type: text, config: {prompt: Hello}}
            """
        ),
        "node-twice",
        """
        trees/t/config.yaml:4:10: the id “Ideas” is taken in line 3
          4 |   - {id: Ideas, type: text, config: {prompt: Hello}}
            |          ^
          → Give each node an id of its own among its siblings; upper and lower case count as equal.
        """,
    )


def test_a_misspelt_type() -> None:
    says(
        fault(
            """
            version: 1
            generations:
              - {id: a, type: textarray, config: {prompt: Hello}}
            """
        ),
        "kind-unknown",
        """
        trees/t/config.yaml:3:19: there is no node type “textarray”
          3 |   - {id: a, type: textarray, config: {prompt: Hello}}
            |                   ^
          → Did you mean “text-array”?
        """,
    )


def test_a_type_that_nothing_resembles() -> None:
    says(
        fault(
            """
            version: 1
            generations:
              - {id: a, type: banana}
            """
        ),
        "kind-unknown",
        """
        trees/t/config.yaml:3:19: there is no node type “banana”
          3 |   - {id: a, type: banana}
            |                   ^
          → Types known here: text, text-array, object, object-array, image, group, template, dice.
        """,
    )


def test_a_misspelt_setting() -> None:
    says(
        fault(
            """
            version: 1
            generations:
              - {id: a, type: text, config: {promt: Hello, prompt: Hello}}
            """
        ),
        "config-key-unknown",
        """
        trees/t/config.yaml:3:34: a node of type text has no setting “promt”
          3 |   - {id: a, type: text, config: {promt: Hello, prompt: Hello}}
            |                                  ^
          → Did you mean “prompt”?
        """,
    )


def test_a_setting_that_does_not_fit() -> None:
    says(
        fault(
            """
            version: 1
            generations:
              - {id: a, type: dice, config: {sides: many}}
            """
        ),
        "config-value",
        """
        trees/t/config.yaml:3:41: “sides” does not fit: "many" is not of type "integer"
          3 |   - {id: a, type: dice, config: {sides: many}}
            |                                         ^
          → See what a node of type dice takes.
        """,
    )


def test_a_text_without_a_prompt() -> None:
    says(
        fault(
            """
            version: 1
            generations:
              - {id: a, type: text}
            """
        ),
        "prompt-missing",
        """
        trees/t/config.yaml:3:5: this node of type text has no prompt
          3 |   - {id: a, type: text}
            |     ^
          → Add for example `config: {prompt: Write a haiku.}`.
        """,
    )


def test_an_object_without_a_prompt() -> None:
    says(
        fault(
            """
            version: 1
            generations:
              - id: a
                type: object
                generations:
                  - {id: b, type: text, config: {prompt: Hello}}
            """
        ),
        "prompt-missing",
        """
        trees/t/config.yaml:3:5: this node of type object has no prompt
          3 |   - id: a
            |     ^
          → Add for example `config: {prompt: Write a haiku.}`. An object that only holds other nodes is of type group.
        """,
    )


def test_an_empty_prompt() -> None:
    says(
        fault(
            """
            version: 1
            generations:
              - id: a
                type: text
                config: {prompt: ""}
            """
        ),
        "prompt-empty",
        """
        trees/t/config.yaml:5:14: this prompt is empty
          5 |     config: {prompt: ""}
            |              ^
          → Write what to ask, for example `prompt: Write a haiku.`.
        """,
    )


def test_a_group_with_a_prompt() -> None:
    says(
        fault(
            """
            version: 1
            generations:
              - id: a
                type: group
                config: {prompt: Hello}
                generations:
                  - {id: b, type: text, config: {prompt: Hello}}
            """
        ),
        "prompt-unused",
        """
        trees/t/config.yaml:5:14: a group asks nothing, so nothing would use this prompt
          5 |     config: {prompt: Hello}
            |              ^
          → Take the prompt away, or choose a type that asks, such as text or object.
        """,
    )


def test_a_group_without_children() -> None:
    says(
        fault(
            """
            version: 1
            generations:
              - {id: a, type: group}
            """
        ),
        "group-empty",
        """
        trees/t/config.yaml:3:5: this group has no children
          3 |   - {id: a, type: group}
            |     ^
          → Put nodes under `generations`, or remove it.
        """,
    )


def test_a_template_with_a_model() -> None:
    says(
        fault(
            """
            version: 1
            generations:
              - {id: a, type: template, config: {prompt: Hello, model: text}}
            """
        ),
        "model-unused",
        """
        trees/t/config.yaml:3:53: a node of type template calls no model
          3 |   - {id: a, type: template, config: {prompt: Hello, model: text}}
            |                                                     ^
          → Take `model` away, or choose a type that asks, such as text.
        """,
    )


def test_collapse_without_a_child() -> None:
    says(
        fault(
            """
            version: 1
            generations:
              - {id: a, type: object, collapse: true, config: {prompt: Hello}}
            """
        ),
        "collapse-children",
        """
        trees/t/config.yaml:3:27: `collapse` puts the only child in a node's place, and this node has none
          3 |   - {id: a, type: object, collapse: true, config: {prompt: Hello}}
            |                           ^
          → Take `collapse` away, or leave one child.
        """,
    )


def test_collapse_with_two_children() -> None:
    says(
        fault(
            """
            version: 1
            generations:
              - id: a
                type: group
                collapse: true
                generations:
                  - {id: b, type: text, config: {prompt: Hello}}
                  - {id: c, type: text, config: {prompt: Hello}}
            """
        ),
        "collapse-children",
        """
        trees/t/config.yaml:5:5: `collapse` puts the only child in a node's place, and this node has 2
          5 |     collapse: true
            |     ^
          → Take `collapse` away, or leave one child.
        """,
    )


def test_a_schema_that_is_none() -> None:
    says(
        fault(
            """
            version: 1
            generations:
              - id: a
                type: object
                config: {prompt: Hello}
                schema:
                  type: object
                  properties:
                    title: {type: words}
            """
        ),
        "schema-invalid",
        """
        trees/t/config.yaml:9:23: this is no JSON Schema: types are string, number, integer, boolean, object, array, null
          9 |         title: {type: words}
            |                       ^
          → Write it by JSON Schema, draft 2020-12; a `$ref` can only point into the schema itself, `#/$defs/…`.
        """,
    )


def test_a_schema_that_points_elsewhere() -> None:
    says(
        fault(
            """
            version: 1
            generations:
              - id: a
                type: object
                config: {prompt: Hello}
                schema: {$ref: "https://example.com/schema.json"}
            """
        ),
        "schema-invalid",
        """
        trees/t/config.yaml:6:13: this is no JSON Schema: a `$ref` leads out of it
          6 |     schema: {$ref: "https://example.com/schema.json"}
            |             ^
          → Write it by JSON Schema, draft 2020-12; a `$ref` can only point into the schema itself, `#/$defs/…`.
        """,
    )


def test_lengths_that_cross() -> None:
    says(
        fault(
            """
            version: 1
            generations:
              - {id: a, type: text, config: {prompt: Hello}, validation: {minLength: 9, maxLength: 3}}
            """
        ),
        "lengths-crossed",
        """
        trees/t/config.yaml:3:74: `minLength` 9 is more than `maxLength` 3, so no value fits
          3 |   - {id: a, type: text, config: {prompt: Hello}, validation: {minLength: 9, maxLength: 3}}
            |                                                                          ^
          → Exchange the two, or change one.
        """,
    )


def test_an_item_key_without_items() -> None:
    says(
        fault(
            """
            version: 1
            generations:
              - {id: a, type: text, itemKey: word, config: {prompt: Hello}}
            """
        ),
        "item-key-unused",
        """
        trees/t/config.yaml:3:25: a node of type text has no items to name
          3 |   - {id: a, type: text, itemKey: word, config: {prompt: Hello}}
            |                         ^
          → Take `itemKey` away; it belongs to text-array, object-array.
        """,
    )


def test_an_unknown_alias() -> None:
    says(
        fault(
            """
            version: 1
            generations:
              - {id: a, type: text, config: {prompt: Hello, model: txt}}
            """
        ),
        "alias-unknown",
        """
        trees/t/config.yaml:3:56: there is no model alias “txt”
          3 |   - {id: a, type: text, config: {prompt: Hello, model: txt}}
            |                                                        ^
          → Did you mean “text”? Aliases are written under `models`.
        """,
    )


def test_an_unknown_alias_with_parameters() -> None:
    says(
        fault(
            """
            version: 1
            models:
              poet: {provider: openai, model: m}
            generations:
              - id: a
                type: text
                config:
                  prompt: Hello
                  model: {name: painter, temperature: 1}
            """
        ),
        "alias-unknown",
        """
        trees/t/config.yaml:9:21: there is no model alias “painter”
          9 |       model: {name: painter, temperature: 1}
            |                     ^
          → Aliases known here: poet, text, image, audio, video, embedding. Aliases are written under `models`.
        """,
    )


def test_an_alias_without_a_model() -> None:
    says(
        fault(
            """
            version: 1
            models:
              poet: {provider: openai}
            generations:
              - {id: a, type: text, config: {prompt: Hello}}
            """
        ),
        "alias-incomplete",
        """
        trees/t/config.yaml:3:3: the model alias “poet” has no `model`
          3 |   poet: {provider: openai}
            |   ^
          → Add for example `model: gpt-6.1-terra` to it, here or in trees/defaults.yaml.
        """,
    )


def test_an_unknown_provider() -> None:
    says(
        fault(
            """
            version: 1
            models:
              text: {provider: opnai, model: m}
            generations:
              - {id: a, type: text, config: {prompt: Hello}}
            """
        ),
        "provider-unknown",
        """
        trees/t/config.yaml:3:20: there is no provider “opnai”
          3 |   text: {provider: opnai, model: m}
            |                    ^
          → Did you mean “openai”? Others are written under `providers`.
        """,
    )


def test_an_unknown_protocol() -> None:
    says(
        fault(
            """
            version: 1
            providers:
              mine: {provider: soap, baseUrl: "http://localhost"}
            generations:
              - {id: a, type: text, config: {prompt: Hello}}
            """
        ),
        "protocol-unknown",
        """
        trees/t/config.yaml:3:20: no provider speaks “soap”
          3 |   mine: {provider: soap, baseUrl: "http://localhost"}
            |                    ^
          → Protocols known here: offline, openai, replay, replicate.
        """,
    )


def test_an_input_that_has_no_name() -> None:
    says(
        fault(
            """
            version: 1
            inputs:
              1st year: {type: integer}
            generations:
              - {id: a, type: text, config: {prompt: Hello}}
            """
        ),
        "input-name",
        """
        trees/t/config.yaml:3:3: “1st year” cannot name an input
          3 |   1st year: {type: integer}
            |   ^
          → A name begins with a letter and goes on with letters, digits, - and _.
        """,
    )


def test_an_input_from_a_tree_with_a_default() -> None:
    says(
        fault(
            """
            version: 1
            inputs:
              news: {from: t, default: none}
            generations:
              - {id: a, type: text, config: {prompt: Hello}}
            """
        ),
        "input-from",
        """
        trees/t/config.yaml:3:19: an input with `from` takes its value from there, so `default` has no use
          3 |   news: {from: t, default: none}
            |                   ^
          → Take `default` or `from` away.
        """,
    )


def test_a_default_of_another_type() -> None:
    says(
        fault(
            """
            version: 1
            inputs:
              year: {type: integer, default: "2026"}
            generations:
              - {id: a, type: text, config: {prompt: Hello}}
            """
        ),
        "input-value",
        """
        trees/t/config.yaml:3:34: this input is of type integer, and this is the text “2026”
          3 |   year: {type: integer, default: "2026"}
            |                                  ^
          → Write a value of type integer, or change `type`.
        """,
    )


def test_a_default_that_is_no_choice() -> None:
    says(
        fault(
            """
            version: 1
            inputs:
              size: {enum: [small, large], default: huge}
            generations:
              - {id: a, type: text, config: {prompt: Hello}}
            """
        ),
        "input-default",
        """
        trees/t/config.yaml:3:41: the default is not one of `enum`
          3 |   size: {enum: [small, large], default: huge}
            |                                         ^
          → Add it to `enum`, or choose another.
        """,
    )


def test_an_input_from_a_tree_that_is_not_there() -> None:
    says(
        fault(
            """
            version: 1
            inputs:
              news: {from: newz}
            generations:
              - {id: a, type: text, config: {prompt: Hello}}
            """
        ),
        "from-unknown",
        """
        trees/t/config.yaml:3:16: there is no tree “newz”
          3 |   news: {from: newz}
            |                ^
          → Did you mean “news”?
        """,
    )
