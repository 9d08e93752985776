"""The output rule: values of nodes become one value, and can be found in it again."""

from __future__ import annotations

from typing import Any

import jsonschema
from genarun.tree.model import Node, Tree
from genarun.tree.output import (
    ABSENT,
    compose,
    compose_items,
    compose_object,
    compose_top,
    decompose,
    output_schema,
    sample_schema,
)
from hypothesis import given
from hypothesis import strategies as st

from tests.tree.grow import grow_tree, node

EXHIBITION = grow_tree("""
title: An exhibition
description: Three themes
generations:
- id: ideas
  type: text-array
  description: Themes
  itemKey: theme
  config: {prompt: x}
  generations:
  - id: series
    type: object
    schema: {type: object, properties: {title: {type: string}}, required: [title]}
    config: {prompt: x}
    generations:
    - {id: portrait, type: image, outputKey: portraitUrl, config: {prompt: x}}
    - id: photos
      type: text-array
      collapse: true
      config: {prompt: x}
      generations: [{id: url, type: image, config: {prompt: x}}]
- {id: intro, type: text, onError: "null", config: {prompt: x}}
- {id: extra, type: group, generations: [{id: note, type: text, when: {name: seed}, config: {prompt: x}}]}
""")

ONE = grow_tree("""
generations:
- id: people
  type: object-array
  config: {prompt: x}
  generations: [{id: face, type: image, onError: skip, config: {prompt: x}}]
- id: box
  type: group
  collapse: true
  generations: [{id: inner, type: text, config: {prompt: x}}]
- {id: free, type: object, config: {prompt: x}, generations: [{id: a, type: text, config: {prompt: x}}]}
""")


def test_a_leaf_is_its_own_value() -> None:
    assert compose(node(EXHIBITION, "intro"), "Welcome", []) == "Welcome"


def test_an_object_has_its_fields_then_its_children_under_their_keys() -> None:
    series = node(EXHIBITION, "ideas/series")
    found = compose_object(series, {"title": "Rain", "extra": 1}, {"portrait": "a.png", "photos": ["b.png"]})
    assert found == {"title": "Rain", "extra": 1, "portraitUrl": "a.png", "photos": ["b.png"]}
    assert list(found) == ["title", "extra", "portraitUrl", "photos"]


def test_an_array_with_children_holds_each_item_under_its_key() -> None:
    ideas = node(EXHIBITION, "ideas")
    assert compose_items(ideas, ["rain", "snow"], [{"series": 1}, {"series": 2}]) == [
        {"theme": "rain", "series": 1},
        {"theme": "snow", "series": 2},
    ]
    assert compose(ideas, [], []) == []


def test_an_object_items_fields_are_merged_in() -> None:
    people = node(ONE, "people")
    assert compose_items(people, [{"name": "Ada"}, "Bob"], [{"face": "a.png"}, {}]) == [
        {"name": "Ada", "face": "a.png"},
        {"item": "Bob"},
    ]


def test_a_group_is_an_object_of_its_children() -> None:
    extra = node(EXHIBITION, "extra")
    assert compose_object(extra, None, {"note": "n"}) == {"note": "n"}
    assert compose_object(extra, ABSENT, {}) == {}


def test_collapse_puts_the_only_child_in_place() -> None:
    photos = node(EXHIBITION, "ideas/series/photos")
    assert compose_items(photos, ["x", "y"], [{"url": "1.png"}, {"url": "2.png"}]) == ["1.png", "2.png"]
    assert compose_object(node(ONE, "box"), None, {"inner": "text"}) == "text"


def test_what_was_left_out_has_no_key_and_no_entry_and_null_stays() -> None:
    photos = node(EXHIBITION, "ideas/series/photos")
    assert compose_items(photos, ["x", "y", "z"], [{"url": ABSENT}, {"url": None}, {}]) == [None]
    assert compose_object(node(ONE, "box"), None, {}) is ABSENT
    assert compose_object(node(EXHIBITION, "extra"), None, {"note": ABSENT}) == {}
    assert compose_top(EXHIBITION.nodes, {"ideas": [], "intro": None}) == {"ideas": [], "intro": None}


def test_composing_changes_no_value_it_is_given() -> None:
    own = {"title": "Rain"}
    compose_object(node(EXHIBITION, "ideas/series"), own, {"portrait": "a.png"})
    assert own == {"title": "Rain"}


def test_a_v0_tree_of_one_node_is_that_nodes_value() -> None:
    tree = grow_tree(
        """
        generations:
        - id: year
          type: object
          generations:
          - id: ideas
            type: text-array
            config: {prompt: x}
            generations:
            - id: series
              type: object
              config: {prompt: x}
              generations: [{id: a, type: image, config: {prompt: x}}, {id: b, type: image, config: {prompt: x}}]
        """,
        legacy=True,
    )
    series = compose_object(node(tree, "year/ideas/series"), {"title": "T"}, {"a": 1, "b": 2})
    ideas = compose_items(node(tree, "year/ideas"), ["x"], [{"series": series}])
    year = compose_object(tree.nodes[0], None, {"ideas": ideas})
    assert compose_top(tree.nodes, {"year": year}) == [{"title": "T", "a": 1, "b": 2}]
    assert compose_top(tree.nodes, {}) is ABSENT
    assert output_schema(tree)["type"] == "array"
    assert decompose(tree, [{"title": "T", "a": 1, "b": 2}]) == {
        "year/ideas/0/series": {"title": "T"},
        "year/ideas/0/series/a": 1,
        "year/ideas/0/series/b": 2,
    }


def test_v0_texts_with_several_children_keep_their_text_under_their_own_name() -> None:
    tree = grow_tree(
        """
        generations:
        - {id: story, type: text, outputKey: told, config: {prompt: x}, generations: [
            {id: a, type: image, config: {prompt: x}}, {id: b, type: image, config: {prompt: x}}]}
        - {id: end, type: text, config: {prompt: x}}
        """,
        legacy=True,
    )
    output = {"story": compose_object(tree.nodes[0], "Once", {"a": "1.png", "b": "2.png"}), "end": "x"}
    assert output["story"] == {"told": "Once", "a": "1.png", "b": "2.png"}
    assert decompose(tree, output) == {"story": "Once", "story/a": "1.png", "story/b": "2.png", "end": "x"}
    jsonschema.validate(output, output_schema(tree))


# ---------------------------------------------------------------------- back again

TEXT = st.text(max_size=5)


def grown(tree: Tree, pick: st.DrawFn) -> tuple[Any, dict[str, Any]]:
    """A random output of a tree, with the own values it was made of."""
    own: dict[str, Any] = {}

    def value_of(node: Node, path: str) -> Any:
        if node.kind.many:
            fields = st.fixed_dictionaries({"name": TEXT}, optional={"more": TEXT})
            items = pick(st.lists(fields if node.kind.name == "object-array" else TEXT, max_size=3))
            own[path] = items
            return compose_items(node, items, [all_of(node.children, f"{path}/{n}/") for n in range(len(items))])
        own[path] = None if node.kind.name == "group" else {"title": pick(TEXT)} if node.kind.name == "object" else pick(TEXT)
        return compose_object(node, own[path], all_of(node.children, f"{path}/")) if node.children else own[path]

    def all_of(nodes: tuple[Node, ...], prefix: str) -> dict[str, Any]:
        return {one.id: value_of(one, prefix + one.id) for one in nodes}

    return compose_top(tree.nodes, all_of(tree.nodes, "")), own


def told(tree: Tree, path: str) -> bool:
    """Whether the output tells an instance's own value: groups have none, and collapsing takes it out."""
    found = node(tree, "/".join(part for part in path.split("/") if not part.isdigit()))
    return found.kind.name != "group" and not found.collapses


@given(st.data(), st.sampled_from([EXHIBITION, ONE]))
def test_taking_an_output_apart_gives_back_what_it_was_made_of(data: st.DataObject, tree: Tree) -> None:
    output, own = grown(tree, data.draw)
    assert decompose(tree, output) == {path: value for path, value in own.items() if told(tree, path)}


@given(st.data(), st.sampled_from([EXHIBITION, ONE]))
def test_every_output_fits_its_schema_before_and_after_sampling(data: st.DataObject, tree: Tree) -> None:
    output, _ = grown(tree, data.draw)
    schema = output_schema(tree)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(output, schema)
    sampled = sample_schema(schema, output)
    jsonschema.Draft202012Validator.check_schema(sampled)
    jsonschema.validate(output, sampled)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


@given(JSON, st.sampled_from([EXHIBITION, ONE]))
def test_any_edit_of_an_output_can_be_taken_apart(output: Any, tree: Tree) -> None:
    assert isinstance(decompose(tree, output), dict)
    decompose(tree, {one.key: output for one in tree.nodes})


def test_an_edit_by_hand_belongs_to_the_instance_it_changes() -> None:
    output = {
        "ideas": [{"theme": "rain", "series": {"title": "Rain", "portraitUrl": "a.png", "photos": ["1.png", "2.png"]}}],
        "intro": None,
        "extra": {},
    }
    found = decompose(EXHIBITION, output)
    assert found == {
        "ideas": ["rain"],
        "ideas/0/series": {"title": "Rain"},
        "ideas/0/series/portrait": "a.png",
        "ideas/0/series/photos/0/url": "1.png",
        "ideas/0/series/photos/1/url": "2.png",
        "intro": None,
    }


def test_a_collapsed_list_with_gaps_is_only_taken_apart_when_its_length_is_known() -> None:
    tree = grow_tree("""
        generations:
        - id: list
          type: text-array
          collapse: true
          config: {prompt: x}
          generations: [{id: pic, type: image, onError: skip, config: {prompt: x}}]
    """)
    assert decompose(tree, {"list": ["1.png"]}) == {}
    assert decompose(tree, {"list": ["1.png"]}, {"list": 2}) == {}
    assert decompose(tree, {"list": ["1.png"]}, {"list": 1}) == {"list/0/pic": "1.png"}


def test_a_node_that_came_to_null_has_no_children() -> None:
    tree = grow_tree("""
        generations:
        - {id: a, type: object, onError: "null", config: {prompt: x}, generations: [{id: b, type: text, config: {prompt: x}}]}
    """)
    assert decompose(tree, {"a": None}) == {"a": None}
    jsonschema.validate({"a": None}, output_schema(tree))
