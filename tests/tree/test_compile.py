"""A tree compiled: nodes in their places, and what each must wait for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from genarun.tree.compile import Compiled

from tests.tree.grow import grow, node


def waits(compiled: Compiled, trail: str) -> list[tuple[int, str]]:
    return [(dep.up, "/".join(dep.node.trail)) for dep in node(compiled, trail).deps]


EXHIBITION = """
inputs:
  year: {type: integer}
generations:
- id: ideas
  type: text-array
  itemKey: theme
  config: {prompt: "Themes of ${year}"}
  generations:
  - id: series
    type: object
    config: {prompt: "About ${theme}"}
    schema: {type: object, properties: {title: {type: string}, text: {type: string}}, required: [title, text]}
    generations:
    - {id: portrait, type: image, config: {prompt: "For ${title}", model: {name: image, style: "${look}"}}}
    - id: photos
      type: text-array
      config: {prompt: "Scenes of ${text}, after ${portrait}"}
      generations:
      - {id: url, type: image, when: {name: look, operator: exists}, config: {prompt: "${item} of ${i}, ${index}: ${parent}"}}
- {id: look, type: text, config: {prompt: "A look for ${year} on ${date}"}}
- {id: intro, type: text, requiredInputs: [look], config: {prompt: "An introduction to ${ideas}, ${ideas.0.series.title}"}}
"""


def test_a_node_waits_for_the_siblings_it_reads_and_a_descendant_for_outer_ones() -> None:
    tree = grow(EXHIBITION)
    assert waits(tree, "ideas") == []
    assert waits(tree, "ideas/series") == []
    assert waits(tree, "ideas/series/portrait") == [(2, "look")]
    assert waits(tree, "ideas/series/photos") == [(0, "ideas/series/portrait")]
    assert waits(tree, "ideas/series/photos/url") == [(3, "look")]
    assert waits(tree, "intro") == [(0, "ideas"), (0, "look")]
    assert tree.uses_date
    assert tree.warnings == ()


def test_reads_are_the_first_parts_of_every_name_a_node_uses() -> None:
    tree = grow(EXHIBITION)
    assert node(tree, "ideas/series/portrait").reads == {"title", "look"}
    assert node(tree, "ideas/series/photos/url").reads == {"item", "i", "index", "parent", "look"}
    assert node(tree, "intro").reads == {"ideas", "look"}


def test_nodes_know_their_place() -> None:
    tree = grow(EXHIBITION)
    url = node(tree, "ideas/series/photos/url")
    assert url.trail == ("ideas", "series", "photos", "url")
    assert url.parent is node(tree, "ideas/series/photos")
    assert [top.id for top in tree.nodes] == ["ideas", "look", "intro"]
    assert [child.id for child in node(tree, "ideas/series").children] == ["portrait", "photos"]
    assert str(url.where) == "trees/t/config.yaml:20:14"
    assert list(tree.trails) == [
        ("ideas",),
        ("ideas", "series"),
        ("ideas", "series", "portrait"),
        ("ideas", "series", "photos"),
        ("ideas", "series", "photos", "url"),
        ("look",),
        ("intro",),
    ]


def test_settings_reach_nodes_unless_they_say_otherwise() -> None:
    tree = grow("""
        timeout: 10s
        errorPolicy: {maxRetries: 5, retryDelay: 2s}
        generations:
        - {id: plain, type: text, config: {prompt: x}}
        - {id: one, type: text, retry: 0, timeout: 1500, config: {prompt: x}}
        - {id: two, type: text, retry: {delay: 10ms}, description: What two is for, config: {prompt: x}}
        - {id: three-words-long, type: text, retry: {max: 1}, config: {prompt: x}}
    """)
    found = [(n.max_retries, n.retry_delay, n.timeout, n.about) for n in tree.nodes]
    assert found == [
        (5, 2.0, 10.0, "plain"),
        (0, 2.0, 1.5, "one"),
        (5, 0.01, 10.0, "What two is for"),
        (1, 2.0, 10.0, "three words long"),
    ]
    plain = grow("generations: [{id: a, type: text, config: {prompt: x}}]").nodes[0]
    assert (plain.max_retries, plain.retry_delay, plain.timeout) == (3, 1.0, 120.0)


def test_disabled_nodes_are_left_out_with_everything_under_them() -> None:
    tree = grow("""
        generations:
        - {id: a, type: group, enabled: false, generations: [{id: b, type: text, config: {prompt: "${nothing}"}}]}
        - {id: c, type: text, config: {prompt: x}}
    """)
    assert list(tree.trails) == [("c",)]


def test_keys_and_item_names() -> None:
    tree = grow("""
        generations:
        - id: ideas
          type: text-array
          outputKey: themes
          config: {prompt: x}
          generations: [{id: a, type: text, config: {prompt: "${item}"}}]
        - {id: plain, type: text, config: {prompt: x}}
    """)
    ideas = node(tree, "ideas")
    assert (ideas.key, ideas.item_key, ideas.own_name, ideas.collapses) == ("themes", "item", None, False)
    assert node(tree, "plain").key == "plain"


def test_collapse_holds_for_one_child() -> None:
    tree = grow("""
        generations:
        - id: a
          type: group
          collapse: true
          generations:
          - {id: b, type: text, config: {prompt: x}}
          - {id: c, type: text, enabled: false, config: {prompt: x}}
    """)
    assert node(tree, "a").collapses


def test_date_counts_only_where_it_is_the_date_of_the_run() -> None:
    plain = "generations: [{id: date, type: text, config: {prompt: x}}, {id: b, type: text, config: {prompt: '${date}'}}]"
    assert not grow(plain).uses_date
    open_object = """
        generations:
        - id: o
          type: object
          config: {prompt: x}
          generations: [{id: b, type: text, config: {prompt: "${date}"}}]
    """
    assert grow(open_object).uses_date


def test_under_an_object_that_declares_nothing_any_name_may_exist_and_outer_ones_are_waited_for() -> None:
    tree = grow("""
        generations:
        - id: o
          type: object
          config: {prompt: x}
          generations: [{id: b, type: text, config: {prompt: "${anything.at.all} ${outer} ${parent.x} ${o.y}"}}]
        - {id: outer, type: text, config: {prompt: x}}
    """)
    assert waits(tree, "o/b") == [(1, "outer")]


def test_a_field_that_an_object_may_lack_is_looked_for_farther_out_too() -> None:
    tree = grow("""
        generations:
        - id: o
          type: object
          schema: {type: object, properties: {title: {type: string}, note: {type: string}}, required: [title]}
          config: {prompt: x}
          generations: [{id: b, type: text, config: {prompt: "${note} ${title}"}}]
        - {id: note, type: text, config: {prompt: x}}
        - {id: title, type: text, config: {prompt: x}}
    """)
    assert waits(tree, "o/b") == [(1, "note")]


def test_required_fields_are_names_where_nothing_else_is_declared() -> None:
    tree = grow("""
        generations:
        - id: o
          type: object-array
          validation: {required: [title]}
          config: {prompt: x}
          generations: [{id: b, type: text, config: {prompt: "${title}"}}]
    """)
    assert node(tree, "o/b").deps == ()


def test_names_inside_groups_reach_out_and_groups_can_be_read() -> None:
    tree = grow("""
        generations:
        - id: g
          type: group
          generations:
          - {id: a, type: text, config: {prompt: "${h.c}"}}
          - {id: b, type: text, config: {prompt: "${a}"}}
        - id: h
          type: group
          generations: [{id: c, type: text, config: {prompt: x}}]
    """)
    assert waits(tree, "g/a") == [(1, "h")]
    assert waits(tree, "g/b") == [(0, "g/a")]


def test_a_long_chain_of_siblings_is_no_trouble() -> None:
    nodes = "\n".join(
        f"- {{id: n{n}, type: text, config: {{prompt: '${{n{n - 1}}}'}}}}"
        if n
        else "- {id: n0, type: text, config: {prompt: x}}"
        for n in range(2000)
    )
    tree = grow(f"generations:\n{nodes}")
    assert waits(tree, "n1999") == [(0, "n1998")]


@pytest.mark.parametrize(
    ("given", "name"),
    [("{type: object}", "x.deep"), ("{type: any}", "x.a.b"), ("{from: other}", "x.0.y"), ("{type: array}", "x.0")],
)
def test_parts_of_inputs_can_be_read_where_their_type_has_parts(given: str, name: str) -> None:
    grow(f"inputs: {{x: {given}}}\ngenerations: [{{id: a, type: text, config: {{prompt: '${{{name}}}'}}}}]")


def test_prompt_files_are_read_beside_the_tree(tmp_path: Path) -> None:
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "x.md").write_text("About ${theme}\n")
    tree = grow(
        """
        inputs: {theme: {}}
        generations: [{id: a, type: text, config: {prompt: {file: prompts/x.md}}}]
        """,
        folder=tmp_path,
    )
    made: Any = tree.nodes[0].prompt
    assert made.render(lambda name: name)[0].user == "About theme"


def test_each_node_checks_its_own_values() -> None:
    tree = grow("""
        generations:
        - {id: a, type: text-array, validation: {minLength: 2}, config: {prompt: x}}
        - {id: g, type: group, generations: [{id: b, type: text, config: {prompt: x}}]}
    """)
    check, free = tree.nodes[0].validate, tree.nodes[1].validate
    assert check is not None
    assert free is not None
    assert check(["a"]) == "needs at least 2 items, has 1"
    assert check(["a", "b"]) is None
    assert free("anything") is None


# ---------------------------------------------------------------------- Genarun v0

V0 = """
generations:
- id: year
  type: object
  requiredInputs: [year]
  generations:
  - id: ideas
    type: text-array
    outputKey: themes
    config: {prompt: [{template: "For ${year}"}]}
    generations:
    - id: series
      type: object
      outputKey: texts
      requiredInputs: [i]
      config: {prompt: {template: "On ${i}, ${themes} [a | b] ${nothing} ${"}}
      generations:
      - {id: portrait, type: image, requiredInputs: [description], config: {prompt: "${description} ${texts.title}"}}
      - {id: photos, type: text-array, config: {prompt: x}, generations: [{id: url, type: image, config: {prompt: "${i}"}}]}
"""


def test_v0_trees_keep_their_ways() -> None:
    tree = grow(V0, legacy=True)
    year, ideas, series, photos = (
        node(tree, trail) for trail in ("year", "year/ideas", "year/ideas/series", "year/ideas/series/photos")
    )
    assert (year.kind.name, year.key, year.collapses) == ("group", "year", True)
    assert (ideas.key, ideas.item_key, ideas.own_name, ideas.collapses) == ("ideas", "themes", None, True)
    assert (series.key, series.item_key, series.own_name, series.collapses) == ("series", "texts", "texts", False)
    assert (photos.item_key, photos.collapses) == ("item", True)
    made: Any = series.prompt
    assert made.render(lambda name: "cats", None, "empty")[0].user == "On cats, cats [a | b] cats ${"


def test_v0_trees_are_warned_about_names_that_can_never_have_a_value() -> None:
    assert grow(V0, legacy=True).warnings == (
        "year: the required “year” names nothing. Names there: seed, date.",
        "year/ideas: `${year}` names nothing, so it renders as nothing. Names there: seed, date.",
        "year/ideas/series: `${nothing}` names nothing, so it renders as nothing. "
        "Names there: themes, i, index, parent, ideas, seed, date.",
    )


def test_v0_texts_may_have_children() -> None:
    tree = grow(
        """
        generations:
        - id: story
          type: text
          outputKey: told
          config: {prompt: x}
          generations: [{id: a, type: image, config: {prompt: "${told} ${story}"}}, {id: b, type: image, config: {prompt: x}}]
        """,
        legacy=True,
    )
    assert node(tree, "story").own_name == "told"
    assert tree.warnings == ()
