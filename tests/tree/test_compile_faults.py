"""What a person reads when a tree's names, keys or conditions cannot work."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from genarun.errors import Faults, GenarunError, SetupError
from genarun.tree.compile import compile_nodes
from genarun.tree.model import Tree
from genarun.tree.output import output_schema, sample_schema
from genarun.tree.places import Source
from genarun.tree.spec import TreeSettings, TreeSpec
from hypothesis import given
from hypothesis import strategies as st

from tests.say import says
from tests.tree.grow import grow, use_of
from tests.tree.kinds import KINDS, Kind

WORDS = """type properties required items additionalProperties $ref $defs a b minItems minLength maxLength minProperties anyOf
enum prefixItems patternProperties title not $id"""
SCHEMA_WORDS = st.sampled_from(WORDS.split())


def fault(yaml: str, folder: Path | None = None) -> GenarunError:
    with pytest.raises(GenarunError) as error:
        grow(yaml, folder=folder)
    return error.value


def test_a_name_that_cannot_exist_is_told_with_the_nearest_one() -> None:
    error = fault("""
        inputs: {theme: {}}
        generations:
        - {id: series, type: text, config: {prompt: "About ${tehme}"}}
        - {id: other, type: text, config: {prompt: x}}
    """)
    says(
        error,
        "name-unknown",
        """
        trees/t/config.yaml:4:52: `${tehme}` names nothing
          4 | - {id: series, type: text, config: {prompt: "About ${tehme}"}}
            |                                                    ^
          → Did you mean “theme”? Names here: other, seed, date, theme.
        """,
    )


def test_a_name_in_a_prompt_of_many_lines_is_found_where_it_stands() -> None:
    error = fault("""
        generations:
        - id: series
          type: text
          config:
            prompt: |
              Write about ${seed}.

              Then about ${sed}.
    """)
    says(
        error,
        "name-unknown",
        """
        trees/t/config.yaml:9:18: `${sed}` names nothing
          9 |       Then about ${sed}.
            |                  ^
          → Did you mean “seed”? Names here: seed, date.
        """,
    )


def test_a_name_that_stands_twice_is_found_at_the_one_that_is_meant() -> None:
    error = fault("""
        generations:
        - id: a
          type: group
          generations:
          - {id: b, type: text, config: {prompt: "${a b} [${x} | ${x}] ${x} $${x}"}}
    """)
    assert isinstance(error, Faults)
    columns = [one.where.column for one in error.errors if one.where and not isinstance(one.where, str)]
    assert columns == [43, 51, 58, 64]


def test_a_node_cannot_read_itself() -> None:
    error = fault("generations: [{id: a, type: text, config: {prompt: 'x ${a}'}}]")
    says(
        error,
        "name-unknown",
        """
        trees/t/config.yaml:1:55: `${a}` names nothing
          1 | generations: [{id: a, type: text, config: {prompt: 'x ${a}'}}]
            |                                                       ^
          → A node cannot read its own value. Names here: seed, date.
        """,
    )


def test_a_node_inside_a_group_cannot_read_the_group() -> None:
    error = fault("""
        generations:
        - id: box
          type: group
          generations: [{id: a, type: text, config: {prompt: "${box}"}}]
    """)
    says(
        error,
        "name-unknown",
        """
        trees/t/config.yaml:5:55: `${box}` names nothing
          5 |   generations: [{id: a, type: text, config: {prompt: "${box}"}}]
            |                                                       ^
          → “box” is the group around this node, and has no value before this node has one. Names here: seed, date.
        """,
    )


def test_a_node_that_is_out_of_reach_is_told_so() -> None:
    error = fault("""
        generations:
        - id: box
          type: group
          generations: [{id: portrait, type: text, config: {prompt: x}}]
        - {id: a, type: text, config: {prompt: "${portrait}"}}
    """)
    says(
        error,
        "name-unknown",
        """
        trees/t/config.yaml:6:41: `${portrait}` names nothing
          6 | - {id: a, type: text, config: {prompt: "${portrait}"}}
            |                                         ^
          → The node “box/portrait” is out of reach: a node reads its siblings, and what is around it. NAMES
        """.replace("NAMES", "Names here: box, seed, date."),
    )


def test_long_lists_of_names_are_cut() -> None:
    nodes = "\n".join(f"- {{id: node{n}, type: text, config: {{prompt: x}}}}" for n in range(40))
    error = fault(f"generations:\n- {{id: a, type: text, config: {{prompt: '${{zzz}}'}}}}\n{nodes}")
    assert str(error).endswith("node28, node29 and 12 more.")


def test_a_name_of_a_disabled_node_is_told_so() -> None:
    error = fault("""
        generations:
        - {id: a, type: text, config: {prompt: "${b}"}}
        - {id: b, type: text, enabled: false, config: {prompt: x}}
    """)
    says(
        error,
        "name-disabled",
        """
        trees/t/config.yaml:3:41: `${b}` names a node that is disabled: “b”
          3 | - {id: a, type: text, config: {prompt: "${b}"}}
            |                                         ^
          → Take `enabled: false` away there, or the name here.
        """,
    )


def test_a_field_that_a_schema_does_not_declare_is_told() -> None:
    error = fault("""
        generations:
        - {id: series, type: object, schema: {type: object, properties: {title: {type: string}}}, config: {prompt: x}}
        - {id: a, type: text, config: {prompt: "${series.titel}"}}
    """)
    says(
        error,
        "field-unknown",
        """
        trees/t/config.yaml:4:41: `${series.titel}` leads nowhere: “series” has no “titel”
          4 | - {id: a, type: text, config: {prompt: "${series.titel}"}}
            |                                         ^
          → Did you mean “title”? “series” holds title.
        """,
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("${words.x}", "“words” has no “x”\n“words” holds nothing further: it is text."),
        ("${list.x}", "“list” has no “x”\n“list” holds a list: go on with a place such as `0`."),
        ("${list.0.x}", "“list.0” has no “x”\n“list.0” holds nothing further: it is text."),
        ("${rows.0.item.x}", "“rows.0.item” has no “x”\n“rows.0.item” holds nothing further: it is text."),
        ("${rows.0.x}", "“rows.0” has no “x”\n“rows.0” holds item, pic."),
        ("${box.x}", "“box” has no “x”\n“box” holds inner."),
        ("${seed.x}", "“seed” has no “x”\n“seed” holds nothing further: it is a number."),
        ("${flag.x}", "“flag” has no “x”\n“flag” holds nothing further: it is true or false."),
    ],
)
def test_what_a_name_leads_to_is_known_as_far_as_shapes_are(name: str, text: str) -> None:
    error = fault(f"""
        inputs: {{flag: {{type: boolean}}}}
        generations:
        - {{id: words, type: text, config: {{prompt: x}}}}
        - {{id: list, type: text-array, config: {{prompt: x}}}}
        - id: rows
          type: text-array
          config: {{prompt: x}}
          generations: [{{id: pic, type: image, config: {{prompt: x}}}}]
        - {{id: box, type: group, generations: [{{id: inner, type: text, config: {{prompt: x}}}}]}}
        - {{id: reader, type: text, config: {{prompt: "{name}"}}}}
    """)
    what, hint = text.split("\n")
    assert (error.code, error.what, error.hint) == ("field-unknown", f"`{name}` leads nowhere: {what}", hint)


def test_names_in_when_required_inputs_and_parameters_are_checked_where_they_stand() -> None:
    error = fault("""
        generations:
        - id: a
          type: text
          when: {name: wehn}
          requiredInputs: [nope]
          config: {prompt: x, model: {name: text, style: "in ${styl}"}}
        - {id: b, type: text, when: [{name: a}, {name: a.deep}], config: {prompt: x}}
    """)
    assert isinstance(error, Faults)
    assert [str(one) for one in error.errors] == [
        dedent(text).strip("\n")
        for text in (
            """
            trees/t/config.yaml:5:16: “wehn” names nothing
              5 |   when: {name: wehn}
                |                ^
              → Names here: b, seed, date.
            """,
            """
            trees/t/config.yaml:6:20: the required “nope” names nothing
              6 |   requiredInputs: [nope]
                |                    ^
              → Names here: b, seed, date.
            """,
            """
            trees/t/config.yaml:7:50: `${styl}` names nothing in the parameter “style”
              7 |   config: {prompt: x, model: {name: text, style: "in ${styl}"}}
                |                                                  ^
              → Names here: b, seed, date.
            """,
            """
            trees/t/config.yaml:8:48: “a.deep” leads nowhere: “a” has no “deep”
              8 | - {id: b, type: text, when: [{name: a}, {name: a.deep}], config: {prompt: x}}
                |                                                ^
              → “a” holds nothing further: it is text.
            """,
        )
    ]


def test_nodes_that_wait_for_each_other_are_named_around_the_ring() -> None:
    error = fault("""
        generations:
        - {id: a, type: text, config: {prompt: "${b}"}}
        - {id: b, type: text, config: {prompt: "${c} ${d}"}}
        - {id: c, type: text, config: {prompt: "${a}"}}
        - {id: d, type: text, config: {prompt: x}}
    """)
    says(
        error,
        "nodes-ring",
        """
        trees/t/config.yaml:3:41: nodes wait for each other: “a” reads “b”, and “b” reads “c”, and “c” reads “a”
          3 | - {id: a, type: text, config: {prompt: "${b}"}}
            |                                         ^
          → Take one of these names out, or move what both need into a node of its own.
        """,
    )


def test_a_ring_can_go_through_children() -> None:
    error = fault("""
        generations:
        - {id: a, type: text, config: {prompt: "${box}"}}
        - id: box
          type: group
          generations: [{id: c, type: group, generations: [{id: d, type: text, config: {prompt: "${a}"}}]}]
    """)
    assert error.what == "nodes wait for each other: “a” reads “box”, and “box/c/d” reads “a”"
    error = fault("""
        generations:
        - id: box
          type: object
          config: {prompt: "${a}"}
          generations: [{id: c, type: text, config: {prompt: x}}]
        - {id: a, type: text, config: {prompt: "${b}"}}
        - {id: b, type: text, config: {prompt: "${box}"}}
    """)
    assert error.what == "nodes wait for each other: “box” reads “a”, and “a” reads “b”, and “b” reads “box”"


def test_two_nodes_cannot_share_an_output_key() -> None:
    error = fault("""
        generations:
        - {id: a, type: text, config: {prompt: x}}
        - {id: b, type: text, outputKey: a, config: {prompt: x}}
    """)
    says(
        error,
        "output-key-twice",
        """
        trees/t/config.yaml:4:34: “a” and “b” both put their value under “a”
          4 | - {id: b, type: text, outputKey: a, config: {prompt: x}}
            |                                  ^
          → Give one of them another `outputKey`.
        """,
    )


def test_a_child_cannot_take_the_key_of_a_field() -> None:
    yaml = """
        generations:
        - id: series
          type: {kind}
          schema: {{type: object, properties: {{title: {{type: string}}}}}}
          config: {{prompt: x}}
          generations: [{{id: title, type: text, config: {{prompt: x}}}}]
    """
    says(
        fault(yaml.format(kind="object")),
        "output-key-field",
        """
        trees/t/config.yaml:7:22: “title” puts its value under “title”, which is a field of “series”
          7 |   generations: [{id: title, type: text, config: {prompt: x}}]
            |                      ^
          → Give “title” an `outputKey` of its own.
        """,
    )
    error = fault(yaml.format(kind="object-array"))
    assert error.what == "“title” puts its value under “title”, which is a field of each item of “series”"


def test_a_child_cannot_take_the_key_of_the_item() -> None:
    error = fault("""
        generations:
        - id: ideas
          type: text-array
          itemKey: theme
          config: {prompt: x}
          generations: [{id: pic, type: image, outputKey: theme, config: {prompt: x}}]
    """)
    says(
        error,
        "output-key-item",
        """
        trees/t/config.yaml:7:51: “pic” puts its value under “theme”, where the item of “ideas” stands
          7 |   generations: [{id: pic, type: image, outputKey: theme, config: {prompt: x}}]
            |                                                   ^
          → Give “pic” an `outputKey`, or “ideas” another `itemKey`.
        """,
    )


def test_a_collapsed_child_takes_nobodys_key() -> None:
    grow("""
        generations:
        - id: series
          type: object
          collapse: true
          schema: {type: object, properties: {title: {type: string}}}
          config: {prompt: x}
          generations: [{id: title, type: text, config: {prompt: x}}]
    """)


def test_texts_and_pictures_hold_no_children() -> None:
    error = fault("""
        generations:
        - id: a
          type: text
          config: {prompt: x}
          generations: [{id: b, type: text, config: {prompt: x}}]
    """)
    says(
        error,
        "children-not-allowed",
        """
        trees/t/config.yaml:6:3: “a” is a node of type text, which holds no children
          6 |   generations: [{id: b, type: text, config: {prompt: x}}]
            |   ^
          → Put them beside it, where they can still read “a”; an object, an array or a group holds children.
        """,
    )


def test_a_condition_needs_something_to_compare_with() -> None:
    error = fault("""
        inputs: {n: {type: integer}}
        generations:
        - {id: a, type: text, when: {name: n, operator: in_range, value: [1, x]}, config: {prompt: x}}
        - {id: b, type: text, when: [{name: n}, {name: n, operator: gt}], config: {prompt: x}}
    """)
    assert isinstance(error, Faults)
    first, second = error.errors
    says(
        first,
        "when-value",
        """
        trees/t/config.yaml:4:66: `in_range` needs a `value`: a list of two numbers, the smallest and the largest
          4 | - {id: a, type: text, when: {name: n, operator: in_range, value: [1, x]}, config: {prompt: x}}
            |                                                                  ^
          → Write it as `value: [1, 5]`.
        """,
    )
    says(
        second,
        "when-value",
        """
        trees/t/config.yaml:5:41: `gt` needs a `value`: what it must be greater than
          5 | - {id: b, type: text, when: [{name: n}, {name: n, operator: gt}], config: {prompt: x}}
            |                                         ^
          → Write it under `value`.
        """,
    )


def template_fault(prompt: str) -> tuple[GenarunError, str]:
    """(the error, its line with the caret under the dollar sign)."""
    error = fault(f"generations:\n- {{id: a, type: text, config: {{prompt: '{prompt}'}}}}")
    return error, f"  2 | - {{id: a, type: text, config: {{prompt: '{prompt}'}}}}\n    | {' ' * 42}^"


def test_a_template_that_cannot_be_read_is_shown_at_the_character() -> None:
    error, line = template_fault("a ${b")
    hint = "Close it with `}`, or write `$${` for a literal `${`."
    says(error, "template-open", f"trees/t/config.yaml:2:43: `${{` is never closed\n{line}\n  → {hint}")
    error, line = template_fault("a ${}")
    hint = "Write a name between the braces, or `$${` for a literal `${`."
    says(error, "template-empty", f"trees/t/config.yaml:2:43: `${{}}` holds no name\n{line}\n  → {hint}")
    error, line = template_fault("a ${b?}")
    hint = (
        "A name is letters, digits, `_` and `-`, with dots between parts: "
        "`${series.title}`, `${ideas.0}`. Write `$${` for a literal `${`."
    )
    says(error, "template-name", f"trees/t/config.yaml:2:43: `${{b?}}` is not a name\n{line}\n  → {hint}")


def test_picks_without_end_are_refused() -> None:
    text = "[a|" * 33 + "]" * 33
    error = fault(f"generations:\n- id: a\n  type: text\n  config:\n    prompt: '{text}'")
    says(
        error,
        "picks-deep",
        r"""
        trees/t/config.yaml:5:14: picks are nested more than 32 deep
          5 | TEXT
            |              ^
          → Nest fewer, or write `\[` for a plain bracket.
        """.replace("TEXT", f"    prompt: '{text}'"[:100]),
    )


def test_a_parameter_that_cannot_be_read_is_told_with_its_key() -> None:
    error = fault("generations:\n- {id: a, type: text, config: {prompt: x, model: {name: text, style: '${'}}}")
    says(
        error,
        "param-template",
        """
        trees/t/config.yaml:2:70: `${` is never closed, in the parameter “style”
          2 | - {id: a, type: text, config: {prompt: x, model: {name: text, style: '${'}}}
            |                                                                      ^
          → Close it with `}`, or write `$${` for a literal `${`.
        """,
    )


def test_faults_in_a_prompt_file_are_shown_in_that_file(tmp_path: Path) -> None:
    (tmp_path / "x.md").write_text("First line\nthen ${nothing}\n")
    error = fault("generations: [{id: a, type: text, config: {prompt: {file: x.md}}}]", tmp_path)
    says(
        error,
        "name-unknown",
        """
        trees/t/x.md:2:6: `${nothing}` names nothing
          2 | then ${nothing}
            |      ^
          → Names here: seed, date.
        """,
    )
    (tmp_path / "x.md").write_text("First line\r\nthen ${\n")
    error = fault("generations: [{id: a, type: text, config: {prompt: {file: x.md}}}]", tmp_path)
    assert str(error).startswith("trees/t/x.md:2:6: `${` is never closed\n  2 | then ${\n")


def test_a_prompt_file_that_is_not_there_is_told_where_it_is_named(tmp_path: Path) -> None:
    error = fault("generations: [{id: a, type: text, config: {prompt: [{template: {file: prompts/x.md}}]}}]", tmp_path)
    says(
        error,
        "prompt-file-missing",
        """
        trees/t/config.yaml:1:71: there is no file “prompts/x.md”
          1 | generations: [{id: a, type: text, config: {prompt: [{template: {file: prompts/x.md}}]}}]
            |                                                                       ^
          → Write the prompt into trees/t/prompts/x.md.
        """,
    )
    error = fault("generations: [{id: a, type: text, config: {prompt: {system: {file: ../x.md}, template: x}}}]", tmp_path)
    assert error.code == "path-outside"


def test_a_tree_without_a_folder_has_no_prompt_files() -> None:
    data = {"version": 1, "generations": [{"id": "a", "type": "text", "config": {"prompt": {"file": "x.md"}}}]}
    spec = TreeSpec.model_validate(data)
    source = Source.of_data(data, "tree t")
    with pytest.raises(GenarunError) as error:
        compile_nodes(spec, spec, kinds=KINDS, source=source, folder=None, legacy=False, resolve_use=use_of)
    says(
        error.value,
        "prompt-file-nowhere",
        """
        tree t, generations.0.config.prompt.file: “x.md” cannot be read: this tree was given as data and has no folder
          → Put the text itself into the prompt, or load the tree from its folder.
        """,
    )


def test_a_kind_that_brings_a_broken_schema_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS, "odd", Kind("odd", base={"pattern": "("}))
    error = fault("generations: [{id: a, type: odd, config: {prompt: x}}]")
    says(
        error,
        "kind-schema",
        """
        trees/t/config.yaml:1:29: the type “odd” checks its answers by a schema that is none: "(" is not a "regex"
          1 | generations: [{id: a, type: odd, config: {prompt: x}}]
            |                             ^
          → Update the package that brings this type, or use another type.
        """,
    )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["object", "array", "string", "a", "#/$defs/a", "x"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(SCHEMA_WORDS, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(SCHEMA_WORDS, JSON, max_size=6), st.sampled_from(["object", "object-array", "text", "text-array"]))
def test_whatever_stands_under_schema_ends_in_a_tree_or_in_faults(schema: dict[str, Any], kind: str) -> None:
    tree = {
        "version": 1,
        "generations": [
            {
                "id": "o",
                "type": kind,
                "schema": schema,
                "validation": {"minLength": 1, "maxLength": 3, "required": ["b"]},
                "config": {"prompt": "x"},
                "generations": [{"id": "c", "type": "text", "config": {"prompt": "${a.b.0} ${o.a} ${parent.a.x}"}}],
            },
            {"id": "reader", "type": "text", "config": {"prompt": "${o.a.0.c} ${o.0.c} ${o.c}"}},
        ],
    }
    try:
        made = grow(json.dumps(tree))
    except SetupError:
        return
    whole = Tree("t", None, TreeSpec.model_validate(tree), TreeSettings(), "", False, made.nodes, {})
    sample_schema(output_schema(whole), {"o": [{"a": 1}], "reader": {}})
