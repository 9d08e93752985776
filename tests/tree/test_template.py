"""Templates: what a person writes in a prompt, and what a model gets."""

from __future__ import annotations

import json
from typing import Any

import pytest
from genarun.tree.picks import Chooser
from genarun.tree.template import (
    MISSING,
    UNKNOWN,
    MissingName,
    Pick,
    Template,
    TemplateFault,
    Unknown,
    names_in,
    render_value,
)
from hypothesis import example, given
from hypothesis import strategies as st

from tests.say import says


class Names:
    """Values by name, as a scope gives them."""

    def __init__(self, **values: Any) -> None:
        self.values = values

    def __call__(self, name: str) -> Any:
        return self.values.get(name, MISSING)

    def names(self) -> list[str]:
        return list(self.values)


def render(text: str, *, picks: bool = True, **values: Any) -> str:
    return Template.parse(text, picks=picks, at="template").render(Names(**values), Chooser(0, ("a",), ()))


def options(text: str) -> list[str]:
    """What a text's only pick chooses from."""
    (pick,) = [part for part in Template.parse(text, picks=True, at="template").parts if isinstance(part, Pick)]
    return ["".join(str(part) for part in option) for option in pick.options]


def test_names_give_way_to_values() -> None:
    assert render("A ${mood} poem about ${theme}.", mood="glad", theme="rain") == "A glad poem about rain."


def test_dots_lead_into_objects_and_lists() -> None:
    series = {"title": "Rain", "photos": [{"url": "a.png"}, {"url": "b.png"}]}
    assert render("${series.title}: ${series.photos.1.url}", series=series) == "Rain: b.png"


def test_spaces_around_a_name_do_not_count() -> None:
    assert render("${ series . title }", series={"title": "Rain"}) == "Rain"


def test_keys_may_have_letters_of_any_language_and_spaces_within() -> None:
    assert render("${größe} ${a.first name}", größe="10", a={"first name": "Ada"}) == "10 Ada"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", "plain"),
        (1, "1"),
        (1.0, "1.0"),
        (True, "true"),
        (False, "false"),
        (None, "null"),
        ({"a": [1, "ü"]}, '{"a": [1, "ü"]}'),
        (["x", None], '["x", null]'),
        ("", ""),
    ],
)
def test_values_render_as_json_writes_them_and_text_as_it_is(value: Any, text: str) -> None:
    assert render("${x}", x=value) == text


def test_a_dollar_before_dollar_brace_keeps_it_literal() -> None:
    assert render("Write $${name} as ${name}.", name="it") == "Write ${name} as it."
    assert render("It costs $5 or $ {x}", name="it") == "It costs $5 or $ {x}"


def test_what_is_substituted_is_never_rendered_again() -> None:
    assert render("${x} ${y}", x="${y} [a | b] $${", y=r"\[") == r"${y} [a | b] $${ \["


@given(st.text(), st.text())
def test_a_value_reaches_the_prompt_unchanged(value: str, other: str) -> None:
    assert render("<${x}|${y.0}>", x=value, y=[other]) == f"<{value}|{other}>"


@pytest.mark.parametrize(
    ("text", "offset", "message", "hint"),
    [
        ("see ${name", 4, "`${` is never closed", "Close it with `}`, or write `$${` for a literal `${`."),
        ("${a\nb}", 0, "`${` is never closed", "Close it with `}`, or write `$${` for a literal `${`."),
        ("${a ${b}", 0, "`${` is never closed", "Close it with `}`, or write `$${` for a literal `${`."),
        ("a ${}", 2, "`${}` holds no name", "Write a name between the braces, or `$${` for a literal `${`."),
        ("${  }", 0, "`${}` holds no name", "Write a name between the braces, or `$${` for a literal `${`."),
        (
            "${a ? b : c}",
            0,
            "`${a ? b : c}` is not a name",
            "A name is letters, digits, `_` and `-`, with dots between parts: `${series.title}`, `${ideas.0}`. "
            "Write `$${` for a literal `${`.",
        ),
        (
            "${" + "x(" * 40 + "}",
            0,
            "`${x(x(x(x(x(x(x(x(x(x(x(x(x(x(x(x(x(x(x…}` is not a name",
            "A name is letters, digits, `_` and `-`, with dots between parts: `${series.title}`, `${ideas.0}`. "
            "Write `$${` for a literal `${`.",
        ),
        (
            "[a|" * 33 + "]" * 33,
            0,
            "picks are nested more than 32 deep",
            r"Nest fewer, or write `\[` for a plain bracket.",
        ),
    ],
)
def test_what_cannot_be_read_says_where_and_what_to_write(text: str, offset: int, message: str, hint: str) -> None:
    with pytest.raises(TemplateFault) as fault:
        Template.parse(text, picks=True, at="template")
    assert (fault.value.offset, fault.value.message, fault.value.hint) == (offset, message, hint)


@pytest.mark.parametrize("name", ["${a..b}", "${.a}", "${a.}", "${a|b}", "${a[0]}", "${'a'}"])
def test_names_with_other_characters_are_refused(name: str) -> None:
    with pytest.raises(TemplateFault, match="is not a name"):
        Template.parse(name, picks=True, at="template")


@given(st.text(alphabet=st.sampled_from(list("ab .$\\{}[]|\"',\n0")), max_size=60), st.booleans(), st.booleans())
@example("[" * 5000 + "]" * 5000, True, False)
@example("[a|" * 5000, True, False)
@example('["a|' + "[" * 3000 + "]" * 3000 + '"]', True, False)
@example("${" + "9" * 5000 + "}", True, False)
def test_any_text_is_read_or_refused_by_a_fault(text: str, picks: bool, lenient: bool) -> None:
    try:
        template = Template.parse(text, picks=picks, at="template", lenient=lenient)
    except TemplateFault as fault:
        told = fault
    else:
        template.render(lambda name: "v", Chooser(0, (), ()))
        return
    assert not lenient or told.code == "picks-deep"
    assert 0 <= told.offset < len(text)


@given(st.text(alphabet=st.characters(exclude_characters="$[]|\\")))
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert render(text) == text


# ---------------------------------------------------------------------- missing and unknown


def test_a_missing_name_lists_the_names_that_are_there() -> None:
    with pytest.raises(MissingName) as error:
        render("${titel}", title="x", theme="y")
    says(
        error.value,
        "name-missing",
        """
        `${titel}` has no value
          → Names that have one: title, theme.
        """,
    )
    with pytest.raises(MissingName) as error:
        render("${titel}")
    says(error.value, "name-missing", "`${titel}` has no value\n  → No name has a value here.")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (
            {"title": "x", "photos": []},
            "`${s.x.y}` has no value: “s” has no “x”\n  → “s” holds: title, photos.",
        ),
        ({}, "`${s.x.y}` has no value: “s” has no “x”\n  → “s” holds: nothing."),
        ([1, 2], "`${s.x.y}` has no value: “s” has no “x”\n  → “s” is a list of 2, counted from 0."),
        ("abc", "`${s.x.y}` has no value: “s” has no “x”\n  → “s” is text, which holds nothing further."),
        (4, "`${s.x.y}` has no value: “s” has no “x”\n  → “s” is a number, which holds nothing further."),
        (True, "`${s.x.y}` has no value: “s” has no “x”\n  → “s” is true or false, which holds nothing further."),
        (None, "`${s.x.y}` has no value: “s” has no “x”\n  → “s” is null, which holds nothing further."),
        ({"x": {"z": 1}}, "`${s.x.y}` has no value: “s.x” has no “y”\n  → “s.x” holds: z."),
    ],
)
def test_a_missing_part_says_how_far_the_name_leads(value: Any, text: str) -> None:
    with pytest.raises(MissingName) as error:
        render("${s.x.y}", s=value)
    says(error.value, "name-missing", text)


def test_a_place_outside_a_list_is_missing() -> None:
    for place in ("2", "10000000000", "-1", "٣"):
        with pytest.raises(MissingName):
            render(f"${{list.{place}}}", list=[1, 2])


def test_in_a_v0_tree_what_is_missing_or_null_renders_as_nothing() -> None:
    template = Template.parse("<${a}${b.c}${n}>", picks=False, at="template", lenient=True)
    assert template.render(Names(n=None), None, "empty") == "<>"


def test_in_a_v0_tree_what_is_no_name_is_text() -> None:
    template = Template.parse("$${a} ${} ${a ? b} ${a", picks=False, at="template", lenient=True)
    assert template.render(Names(a="5"), None, "empty") == "$5 ${} ${a ? b} ${a"


@pytest.mark.parametrize("value", [UNKNOWN, {"a": UNKNOWN}, [1, {"b": [UNKNOWN]}]])
def test_while_planning_a_value_that_is_not_known_yet_is_told_by_name(value: Any) -> None:
    with pytest.raises(Unknown) as unknown:
        render("${known} ${later}", known="x", later=value)
    assert unknown.value.name == "later"
    with pytest.raises(Unknown):
        render_value({"style": "${later}"}, Names(later=value))


def test_a_known_part_of_an_object_that_is_not_known_whole_can_be_read() -> None:
    assert render("${s.title}", s={"title": "x", "photos": UNKNOWN}) == "x"
    with pytest.raises(Unknown):
        render("${s.title}", s=UNKNOWN)


# ---------------------------------------------------------------------- picks


def test_brackets_with_a_bar_pick_one() -> None:
    assert options("[cats | a lizard | me]") == ["cats", "a lizard", "me"]
    assert render("I see [cats | a lizard | me].") in {"I see cats.", "I see a lizard.", "I see me."}


def test_the_texts_between_may_be_empty_hold_names_and_run_over_lines() -> None:
    assert options("[a | ]") == ["a", ""]
    assert options("[\n  one |\n  two\n]") == ["one", "two"]
    assert render("[${x} | ${x}]", x="[a | b]") == "[a | b]"


@pytest.mark.parametrize(
    "text",
    [
        "See [the docs](https://example.org).",
        "- [ ] to do\n- [x] done",
        'Return a list: ["a", "b"] or [1, [2, 3]]',
        "| a | b |\n|---|---|",
        "[a | b",
        "a | b]",
        "[a | [b ]",
        'Return [{"kind": "cat|dog"}, "a|b"] as JSON',
        '["a|b"]',
        "if (x || y) z[0]",
    ],
)
def test_what_is_no_pick_stays_as_it_is(text: str) -> None:
    assert render(text) == text


def test_a_list_with_bars_outside_its_strings_is_a_pick() -> None:
    assert options('["a" | "b"]') == ['"a"', '"b"']


def test_a_backslash_keeps_brackets_and_bars() -> None:
    assert render(r"\[a | b\] [c \| d | c \| d] x \| y") == "[a | b] c | d x | y"


def test_only_bars_at_their_own_depth_count() -> None:
    assert render("[see [a | a]]") == "[see a]"
    assert options("[x [1] | y]") == ["x [1]", "y"]


def test_picks_off_leaves_everything_as_written() -> None:
    assert render(r"[a | b] \[c\] ${x}", picks=False, x="y") == r"[a | b] \[c\] y"


def test_nested_picks_have_places_of_their_own() -> None:
    template = Template.parse("[a | b [c | d] [e | f]] [g | h]", picks=True, at="turn1")
    outer, _, last = template.parts
    assert isinstance(outer, Pick)
    assert isinstance(last, Pick)
    inner = [part.at for part in outer.options[1] if isinstance(part, Pick)]
    assert (outer.at, inner, last.at) == ("turn1:0", ["turn1:0.1.0", "turn1:0.1.1"], "turn1:1")


def test_the_names_of_a_template_are_known_before_it_is_rendered() -> None:
    template = Template.parse("${a.b} [${c} | [x | ${d.0}]] ${a.b}", picks=True, at="template")
    assert template.names == (("a", "b"), ("c",), ("d", "0"))
    assert [name.offset for name in template.found] == [0, 8, 20, 29]


def test_rendering_picks_without_a_chooser_is_a_mistake_in_the_program() -> None:
    with pytest.raises(ValueError, match="rendered with a chooser"):
        Template.parse("[a | b]", picks=True, at="template").render(Names(), None)


# ---------------------------------------------------------------------- values of parameters


def test_parameters_keep_the_type_of_a_name_that_stands_alone() -> None:
    params = {
        "size": "${size}",
        "style": "in ${style}",
        "list": ["${n}", 5, None],
        "n": {"deep": "${style}"},
        "[a | b]": "[a | b]",
    }
    assert render_value(params, Names(size={"w": 5}, style="ink", n=1.5)) == {
        "size": {"w": 5},
        "style": "in ink",
        "list": [1.5, 5, None],
        "n": {"deep": "ink"},
        "[a | b]": "[a | b]",
    }


def test_parameters_tell_their_names_and_miss_them_as_prompts_do() -> None:
    assert names_in({"a": ["${x.y}", "plain"], "b": "${z} ${x.y}", "c": 3}) == [("x", "y"), ("z",), ("x", "y")]
    with pytest.raises(MissingName):
        render_value("${x}", Names())
    assert render_value("${x}", Names(), "empty") == ""


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner)))
def test_values_pass_through_parameters_unchanged(value: Any) -> None:
    assert render_value("${x}", Names(x=value)) == value
    if not isinstance(value, str):
        assert render("${x}", x=value) == json.dumps(value, ensure_ascii=False)
