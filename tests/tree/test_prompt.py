"""Prompts: every way of writing one, and what a model is asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from genarun.tree import spec
from genarun.tree.picks import Chooser
from genarun.tree.pictures import file_picture
from genarun.tree.prompt import Prompt, PromptFault, RenderedTurn, compile_prompt
from genarun.tree.template import MISSING
from pydantic import TypeAdapter


def prompt(written: Any, files: Mapping[str, str] | None = None, *, picks: bool = True) -> Prompt:
    read: Any = TypeAdapter(spec.Prompt).validate_python(written)
    return compile_prompt(read, lambda name: (files or {})[name], picks, read_picture=lambda name: file_picture(name, b"x"))


def ask(written: Any, files: Mapping[str, str] | None = None, **values: Any) -> list[tuple[str | None, str, bool]]:
    turns = prompt(written, files).render(lambda name: values.get(name, MISSING), Chooser(0, ("a",), ()))
    return [(turn.system, turn.user, turn.parse_json) for turn in turns]


def test_a_text_is_one_turn() -> None:
    assert ask("About ${x}", x="cats") == [(None, "About cats", False)]


def test_parts_are_joined_by_one_space_and_empty_ones_left_out() -> None:
    parts = {"prefix": "A", "template": "${x}", "suffix": "C", "system": "Be ${x}", "parseJson": True}
    assert ask(parts, x="b") == [("Be b", "A b C", True)]
    assert ask(parts, x="") == [("Be ", "A C", True)]
    assert ask({"template": "T", "suffix": ""}) == [(None, "T", False)]
    assert ask({"prefix": "P"}) == [(None, "P", False)]


def test_a_system_message_that_comes_to_nothing_is_none() -> None:
    assert ask({"system": "${x}", "template": "T"}, x="") == [(None, "T", False)]


def test_a_list_is_a_conversation() -> None:
    turns = [{"template": "Think about ${x}"}, {"system": "Be short", "template": "Now JSON", "parseJson": True}]
    assert ask(turns, x="cats") == [(None, "Think about cats", False), ("Be short", "Now JSON", True)]


def test_a_file_holds_a_prompt_and_its_last_line_end_is_no_part_of_it() -> None:
    files = {"prompts/x.md": "\ufeff# ${x}\r\n\r\n[a | a]\r\n", "s.md": "Be kind\n"}
    assert ask({"file": "prompts/x.md"}, files, x="Cats") == [(None, "# Cats\n\na", False)]
    assert ask({"system": {"file": "s.md"}, "template": "T"}, files) == [("Be kind", "T", False)]
    assert ask([{"system": {"file": "s.md"}, "template": {"file": "s.md"}}], files) == [("Be kind", "Be kind", False)]


def test_names_of_all_parts_are_known_each_once() -> None:
    made = prompt([{"system": "${a}", "template": "${b.c}"}, {"template": "${a} [${d} | x]"}])
    assert made.names == (("a",), ("b", "c"), ("d",))
    assert made.has_picks
    assert not prompt("[a | b]", picks=False).has_picks


def test_picks_are_placed_by_the_part_they_stand_in() -> None:
    chooser = Chooser(0, ("a",), ())
    parts = {"prefix": "[a|a]", "template": "[a|a]", "suffix": "[a|a]", "system": "[a|a] [a|a]"}
    prompt(parts).render(lambda name: "", chooser)
    prompt([{"system": "[a|a]", "template": "[a|a]"}, {"template": "[a|a]"}]).render(lambda name: "", chooser)
    prompt("[a|a]").render(lambda name: "", chooser)
    assert [at for at, _, _ in chooser.made] == [
        "system:0", "system:1", "prefix:0", "template:0", "suffix:0",
        "system1:0", "turn1:0", "turn2:0",
        "template:0",
    ]  # fmt: skip


def test_a_template_that_cannot_be_read_is_told_with_its_place() -> None:
    with pytest.raises(PromptFault) as fault:
        prompt([{"template": "fine"}, {"system": "${", "template": "fine"}])
    assert (fault.value.path, fault.value.file, fault.value.text) == ((1, "system"), None, "${")
    with pytest.raises(PromptFault) as fault:
        prompt({"template": {"file": "x.md"}}, {"x.md": "line\n${\n"})
    assert (fault.value.path, fault.value.file, fault.value.fault.offset) == (("template", "file"), "x.md", 5)


def test_a_rendered_turn_is_data() -> None:
    assert prompt("x").render(lambda name: "") == (RenderedTurn(None, "x", False),)
