"""Names while a tree runs: nearest wins."""

from __future__ import annotations

from typing import Any

from genarun.tree.model import Node
from genarun.tree.picks import item_marks
from genarun.tree.scope import Frame, available, enclosing_marks, lookup
from genarun.tree.template import MISSING, UNKNOWN

from tests.tree.grow import grow, node

TREE = """
generations:
- {id: intro, type: text, config: {prompt: x}}
- id: ideas
  type: text-array
  itemKey: theme
  config: {prompt: x}
  generations:
  - id: series
    type: object
    schema: {type: object, properties: {title: {type: string}, note: {type: string}}, required: [title]}
    config: {prompt: x}
    generations:
    - id: box
      type: group
      generations:
      - {id: portrait, type: image, config: {prompt: x}}
      - {id: caption, type: text, config: {prompt: x}}
    - id: people
      type: object-array
      config: {prompt: x}
      generations:
      - {id: face, type: image, config: {prompt: x}}
"""
COMPILED = grow(TREE)
ROOT = {"year": 2024, "seed": 1, "date": "2026-11-21", "intro": "shadowed"}


def item(owner: Node, parent: Frame, items: list[Any], index: int) -> Frame:
    path = f"{parent.child_path(owner.id)}/{index}"
    return Frame(owner, parent, index, items[index], item_marks(items)[index], path, items)


def within(owner: Node, parent: Frame, value: Any = None) -> Frame:
    return Frame(owner, parent, None, value, "", parent.child_path(owner.id))


def place() -> tuple[Frame, Frame, Frame, Frame]:
    """Frames of the top, of idea 1, of its series, and of the group in it."""
    top = Frame(None, None, None, MISSING, "", "")
    top.finished = {"intro": "Welcome"}
    idea = item(node(COMPILED, "ideas"), top, ["rain", "snow"], 1)
    series = within(node(COMPILED, "ideas/series"), idea, {"title": "White", "extra": "whim"})
    box = within(node(COMPILED, "ideas/series/box"), series)
    return top, idea, series, box


def test_paths_name_ids_and_places() -> None:
    _, idea, series, box = place()
    assert idea.child_path("series") == "ideas/1/series"
    assert series.child_path("box") == "ideas/1/series/box"
    assert box.child_path("portrait") == "ideas/1/series/box/portrait"


def test_a_node_reads_what_is_around_it() -> None:
    *_, box = place()
    names = lookup(box, ROOT, node(COMPILED, "ideas/series/box/portrait"))
    found = {name: names(name) for name in ("theme", "i", "index", "title", "ideas", "intro", "year", "seed", "series")}
    assert found == {
        "theme": "snow",
        "i": "snow",
        "index": 1,
        "title": "White",
        "ideas": ["rain", "snow"],
        "intro": "Welcome",
        "year": 2024,
        "seed": 1,
        "series": {"title": "White", "extra": "whim"},
    }
    assert names("parent") == {"title": "White", "extra": "whim"}
    assert names("nothing") is MISSING


def test_parent_is_the_nearest_object_or_item() -> None:
    _, idea, *_ = place()
    assert lookup(idea, ROOT, node(COMPILED, "ideas/series"))("parent") == "snow"


def test_siblings_come_before_fields_and_outer_names() -> None:
    top, _, series, box = place()
    box.finished["title"] = "sibling"
    names = lookup(box, ROOT, node(COMPILED, "ideas/series/box/portrait"))
    assert names("title") == "sibling"
    assert lookup(series, ROOT, node(COMPILED, "ideas/series/box"))("title") == "White"
    assert lookup(top, ROOT, node(COMPILED, "ideas"))("intro") == "Welcome"


def test_a_field_that_no_schema_declares_is_no_name() -> None:
    *_, box = place()
    names = lookup(box, ROOT | {"extra": "from outside"}, node(COMPILED, "ideas/series/box/portrait"))
    assert names("extra") == "from outside"


def test_where_nothing_is_declared_any_field_is_a_name_and_others_stay_reachable() -> None:
    _, _, series, _ = place()
    people = [{"name": "Ada", "index": 9}, {"name": "Bob"}]
    ada = lookup(
        item(node(COMPILED, "ideas/series/people"), series, people, 0), ROOT, node(COMPILED, "ideas/series/people/face")
    )
    bob = lookup(
        item(node(COMPILED, "ideas/series/people"), series, people, 1), ROOT, node(COMPILED, "ideas/series/people/face")
    )
    assert (ada("name"), ada("index"), ada("item"), ada("title"), ada("people")) == ("Ada", 9, people[0], "White", people)
    assert bob("index") == 1


def test_a_node_does_not_read_itself() -> None:
    top, *_ = place()
    assert lookup(top, ROOT, node(COMPILED, "intro"))("intro") == "shadowed"


def test_a_sibling_that_was_left_out_has_no_value_and_nothing_outer_stands_in() -> None:
    *_, box = place()
    names = lookup(box, ROOT | {"caption": "outer"}, node(COMPILED, "ideas/series/box/portrait"))
    assert names("caption") is MISSING
    box.finished["caption"] = MISSING
    assert names("caption") is MISSING


def test_a_group_has_no_value_of_its_own() -> None:
    *_, box = place()
    assert lookup(box, ROOT, node(COMPILED, "ideas/series/box/portrait"))("box") is MISSING


def test_the_names_of_a_place_are_listed_nearest_first() -> None:
    *_, box = place()
    box.finished = {"portrait": "self", "caption": "A face"}
    portrait = node(COMPILED, "ideas/series/box/portrait")
    expected = ["caption", "title", "parent", "series", "theme", "i", "index", "ideas", "intro", "year", "seed", "date"]
    assert available(box, ROOT, portrait) == expected
    assert lookup(box, ROOT, portrait).names() == expected


def test_marks_of_enclosing_items_come_outermost_first() -> None:
    _, idea, series, box = place()
    people = item(node(COMPILED, "ideas/series/people"), series, ["x", "x"], 1)
    assert enclosing_marks(people) == (idea.mark, people.mark)
    assert people.mark.endswith("#1")
    assert enclosing_marks(box) == (idea.mark,)


def test_while_planning_only_what_may_come_from_an_unknown_value_is_unknown() -> None:
    top, idea, _, _ = place()
    series = within(node(COMPILED, "ideas/series"), idea, UNKNOWN)
    names = lookup(series, ROOT, node(COMPILED, "ideas/series/people"))
    assert (names("title"), names("note"), names("series"), names("parent")) == (UNKNOWN,) * 4
    assert (names("theme"), names("intro")) == ("snow", "Welcome")
    open_item = Frame(node(COMPILED, "ideas/series/people"), top, 3, UNKNOWN, "", "people/3", UNKNOWN)
    names = lookup(open_item, ROOT, node(COMPILED, "ideas/series/people/face"))
    assert (names("index"), names("anything"), names("item")) == (3, UNKNOWN, UNKNOWN)
    text_item = Frame(node(COMPILED, "ideas"), top, 3, UNKNOWN, "", "ideas/3", UNKNOWN)
    assert lookup(text_item, ROOT, node(COMPILED, "ideas/series"))("intro") == "Welcome"


def test_v0_names_an_objects_value_by_its_output_key() -> None:
    made = grow(
        """
        generations:
        - id: series
          type: object
          outputKey: texts
          config: {prompt: x}
          generations: [{id: a, type: text, config: {prompt: x}}, {id: b, type: text, config: {prompt: x}}]
        """,
        legacy=True,
    )
    top = Frame(None, None, None, MISSING, "", "")
    names = lookup(within(node(made, "series"), top, {"title": "T"}), {}, node(made, "series/a"))
    assert names("texts") == {"title": "T"}
    assert names("title") == "T"
    assert names.names() == ["title", "texts", "parent", "series"]
