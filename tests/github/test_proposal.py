"""What is told of a pull request, as one text: plan, faults, and what the runs that come along changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from genarun.github.plan_markdown import Section
from genarun.github.proposal import fitting

from tests.github.rendering import EVIL, look
from tests.github.repository import Repository

OURS = "https://github.com/admin/zoo"


@pytest.fixture
def zoo(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


def test_a_changed_prompt_is_planned(zoo: Repository) -> None:
    zoo.run("zoo", offline=True)
    zoo.edit("A poem on", "A long poem on")
    zoo.commit("Longer poems")
    told = zoo.proposed(env={"GENARUN_OFFLINE": "1"})
    assert told.body.startswith("## What merging this re-runs\n\n**≈\u00a04 calls** in 1 tree · 4 values reused")
    assert told.any
    assert told.faults == ()
    page = look(told.body, OURS)
    assert ["animals/poem", "3", "", "free", "the prompt changed"] in page.cells
    assert page.links == [f"{OURS}/actions/runs/77"]
    assert zoo.head[:10] in page.text


def test_a_change_of_no_tree_is_nothing_to_tell(zoo: Repository) -> None:
    zoo.write("readme.md", "Hello")
    zoo.commit("A readme")
    told = zoo.proposed()
    assert not told.any
    assert "No tree changed: nothing would be called." in told.body


def test_a_tree_that_is_run_by_hand_is_named(zoo: Repository) -> None:
    zoo.tree("rerunOnChange: false\ngenerations: [{id: a, type: text, config: {prompt: hi}}]", "slow")
    zoo.commit("One to run by hand")
    told = zoo.proposed()
    assert told.any
    assert "slow" in look(told.body, OURS).code


def test_trees_that_do_not_check_are_shown_with_their_faults(zoo: Repository) -> None:
    zoo.tree("generations: [{id: a, type: text, config: {prompt: hi}}]", "fine")
    zoo.edit("type: text-array", "type: txt-array")
    zoo.commit("A slip")
    told = zoo.proposed()
    assert len(told.faults) == 1
    page = look(told.body, OURS)
    assert "trees/zoo/config.yaml:6:" in page.code
    assert "text-array" in page.text
    assert ["a", "1"] in [row[:2] for row in page.cells]


def test_defaults_that_do_not_check_are_a_fault_told_once(zoo: Repository) -> None:
    zoo.write("trees/defaults.yaml", "modles: {}\n")
    zoo.commit("A slip")
    told = zoo.proposed()
    assert len(told.faults) == 1
    assert "defaults" in look(told.body, OURS).code


def test_what_reads_a_changed_tree_is_planned_too(zoo: Repository) -> None:
    zoo.tree("generations: [{id: a, type: text, config: {prompt: 'On ${news}'}}]\ninputs: {news: {from: zoo}}", "after")
    zoo.base = zoo.commit("One more")
    zoo.edit("A poem on", "A long poem on")
    zoo.commit("Longer poems")
    page = look(zoo.proposed().body, OURS)
    assert page.tags.count("h3") == 2
    assert "which has no output yet" in page.text


def test_only_what_the_branch_changed_counts(zoo: Repository) -> None:
    zoo.edit("A poem on", "A long poem on")
    zoo.commit("Longer poems")
    head = zoo.head
    zoo.git("switch", "-q", "main")
    zoo.tree("generations: [{id: a, type: text, config: {prompt: hi}}]", "meanwhile")
    main = zoo.commit("Meanwhile")
    zoo.git("switch", "-q", "change")
    assert look(zoo.proposed(base=main, head=head).body, OURS).tags.count("h3") == 1
    # What a workflow checks out: the merge of both.
    zoo.git("switch", "-q", "--detach", main)
    zoo.git("merge", "-q", "--no-ff", "-m", "Merge", head)
    assert look(zoo.proposed(base=zoo.base, head=head).body, OURS).tags.count("h3") == 1


def test_a_project_inside_of_a_repository(tmp_path: Path) -> None:
    zoo = Repository(tmp_path, "projects/zoo")
    zoo.edit("A poem on", "A long poem on")
    zoo.commit("Longer poems")
    assert look(zoo.proposed().body, OURS).tags.count("h3") == 1


@pytest.mark.parametrize("evil", [text for text in EVIL if "\x00" not in text])
def test_a_tree_cannot_say_more_than_text(zoo: Repository, evil: str) -> None:
    import yaml

    said = yaml.safe_dump({"title": evil, "description": evil, "inputs": {"x": {"default": evil}}}, allow_unicode=False)
    zoo.tree(said + 'generations: [{id: a, type: text, config: {prompt: "${x}"}}]\n', "evil")
    zoo.commit(evil)
    page = look(zoo.proposed().body, OURS)
    assert page.images == []
    assert page.links == [f"{OURS}/actions/runs/77"]


def test_what_does_not_fit_is_left_out_whole_and_named() -> None:
    parts = [Section("totals", "Totals"), *(Section(f"tree {at}", f"### tree {at}\n\n" + "x" * 20_000) for at in range(5))]
    text = fitting(parts, 65_000)
    assert len(text) < 65_000
    assert text.startswith("Totals\n\n### tree 0\n\nxxx")
    assert text.endswith("length:** tree 3, tree 4. `genarun plan` and `genarun diff` show it all.")
    assert fitting(parts[:2], 65_000) == "\n\n".join(part.text for part in parts[:2])
    wide = [Section("totals", "Totals"), Section("wide", "😀" * 33_000)]
    assert "😀" not in fitting(wide, 65_000)
