"""The plan of a pull request: in one comment, in the job's summary, and from a fork only there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from genarun.errors import SetupError
from genarun.github.plan_markdown import Section
from genarun.github.pull_request import MARKER, comment_plan, fitting

from tests.github.emulated import GitHub, emulated_github
from tests.github.rendering import EVIL, look
from tests.github.repository import Repository

OURS = "https://github.com/admin/zoo"


@pytest.fixture(scope="module")
def service() -> Iterator[GitHub]:
    with emulated_github() as found:
        yield found


class Review:
    """A pull request's conversation; GitHub keeps it where it keeps an issue's."""

    def __init__(self, service: GitHub) -> None:
        self.service = service
        self.number: int = service.ask("POST", "/repos/admin/zoo/issues", {"title": "A change"})["number"]

    @property
    def comments(self) -> list[str]:
        return [one["body"] for one in self.service.ask("GET", f"/repos/admin/zoo/issues/{self.number}/comments")]


@pytest.fixture
def review(service: GitHub) -> Review:
    return Review(service)


@pytest.fixture
def zoo(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


def test_a_changed_prompt_is_planned_in_a_comment(zoo: Repository, service: GitHub, review: Review) -> None:
    zoo.run("zoo", offline=True)
    zoo.edit("A poem on", "A long poem on")
    zoo.commit("Longer poems")
    told = comment_plan(zoo.root, zoo.step(service.url, review.number, env={"GENARUN_OFFLINE": "1"}))
    assert (told.comment, told.trees, told.faults) == ("created", 1, 0)
    [comment] = review.comments
    assert comment.startswith(f"{MARKER}\n## What this change would run\n\n**≈\u00a04 calls** in 1 tree · 4 values reused")
    page = look(comment.removeprefix(MARKER), OURS)
    assert ["animals/poem", "3", "", "free", "the prompt changed"] in page.cells
    assert page.links == [f"{OURS}/actions/runs/77"]
    assert zoo.head[:10] in page.text
    assert look(zoo.summary, OURS).cells == page.cells


def test_told_again_it_is_changed_only_for_something_new(zoo: Repository, service: GitHub, review: Review) -> None:
    zoo.edit("A poem on", "A long poem on")
    zoo.commit("Longer poems")
    step = zoo.step(service.url, review.number)
    assert comment_plan(zoo.root, step).comment == "created"
    assert comment_plan(zoo.root, step).comment == "unchanged"
    zoo.edit("A long poem on", "A short poem on")
    zoo.commit("Shorter poems")
    assert comment_plan(zoo.root, zoo.step(service.url, review.number)).comment == "updated"
    assert len(review.comments) == 1


def test_a_change_that_is_taken_back_is_taken_back_in_the_comment(zoo: Repository, service: GitHub, review: Review) -> None:
    zoo.edit("A poem on", "A long poem on")
    zoo.commit("Longer poems")
    comment_plan(zoo.root, zoo.step(service.url, review.number))
    zoo.edit("A long poem on", "A poem on")
    zoo.commit("No longer poems")
    assert comment_plan(zoo.root, zoo.step(service.url, review.number)).comment == "updated"
    assert "No tree changed: nothing would be called." in review.comments[0]


def test_a_change_of_no_tree_is_no_comment(zoo: Repository, service: GitHub, review: Review) -> None:
    zoo.write("readme.md", "Hello")
    zoo.commit("A readme")
    assert comment_plan(zoo.root, zoo.step(service.url, review.number)).comment == "absent"
    assert review.comments == []


@pytest.mark.parametrize("fork", ["stranger/zoo", None])
def test_a_fork_gets_the_summary_and_nothing_is_asked(zoo: Repository, monkeypatch: pytest.MonkeyPatch, fork: Any) -> None:
    monkeypatch.setattr("genarun.github.pull_request.connect", lambda _: pytest.fail("asked the API"))
    zoo.edit("A poem on", "A long poem on")
    zoo.commit("Longer poems")
    assert comment_plan(zoo.root, zoo.step("http://localhost:9", fork=fork)).comment == "fork"
    assert "calls** in 1 tree" in zoo.summary


def test_a_token_that_may_only_read_leaves_the_summary(zoo: Repository, service: GitHub) -> None:
    zoo.edit("A poem on", "A long poem on")
    zoo.commit("Longer poems")
    told = comment_plan(zoo.root, zoo.step(service.url, 99_999))
    assert told.comment == "refused"
    assert "GitHub refused to comment on #99999 (404" in told.trouble
    assert "calls** in 1 tree" in zoo.summary


def test_trees_that_do_not_check_are_shown_with_their_faults(zoo: Repository, service: GitHub, review: Review) -> None:
    zoo.tree("generations: [{id: a, type: text, config: {prompt: hi}}]", "fine")
    zoo.edit("type: text-array", "type: txt-array")
    zoo.commit("A slip")
    told = comment_plan(zoo.root, zoo.step(service.url, review.number))
    assert (told.comment, told.trees, told.faults) == ("created", 1, 1)
    page = look(review.comments[0].removeprefix(MARKER), OURS)
    assert "trees/zoo/config.yaml:6:" in page.code
    assert "text-array" in page.text
    assert ["a", "1"] in [row[:2] for row in page.cells]


def test_defaults_that_do_not_check_are_a_fault_told_once(zoo: Repository) -> None:
    zoo.write("trees/defaults.yaml", "modles: {}\n")
    zoo.commit("A slip")
    told = comment_plan(zoo.root, zoo.step(fork=None))
    assert (told.trees, told.faults) == (0, 1)
    assert "defaults" in look(zoo.summary, OURS).code


def test_what_reads_a_changed_tree_is_planned_too(zoo: Repository) -> None:
    zoo.tree("generations: [{id: a, type: text, config: {prompt: 'On ${news}'}}]\ninputs: {news: {from: zoo}}", "after")
    zoo.base = zoo.commit("One more")
    zoo.edit("A poem on", "A long poem on")
    zoo.commit("Longer poems")
    assert comment_plan(zoo.root, zoo.step(fork=None)).trees == 2
    assert "which has no output yet" in zoo.summary


def test_only_what_the_branch_changed_counts(zoo: Repository) -> None:
    zoo.edit("A poem on", "A long poem on")
    zoo.commit("Longer poems")
    head = zoo.head
    zoo.git("switch", "-q", "main")
    zoo.tree("generations: [{id: a, type: text, config: {prompt: hi}}]", "meanwhile")
    main = zoo.commit("Meanwhile")
    zoo.git("switch", "-q", "change")
    assert comment_plan(zoo.root, zoo.step(fork=None, base=main, head=head)).trees == 1
    # What a workflow checks out: the merge of both.
    zoo.git("switch", "-q", "--detach", main)
    zoo.git("merge", "-q", "--no-ff", "-m", "Merge", head)
    assert comment_plan(zoo.root, zoo.step(fork=None, base=zoo.base, head=head)).trees == 1


def test_keys_that_are_missing_are_told(zoo: Repository) -> None:
    zoo.edit("A poem on", "A long poem on")
    zoo.commit("Longer poems")
    comment_plan(zoo.root, zoo.step(fork=None, env={"GENARUN_KEYS": "REPLICATE_API_TOKEN"}))
    page = look(zoo.summary, OURS)
    assert "OPENAI_API_KEY is not set" in page.text
    assert f"{OURS}/settings/secrets/actions/new" in page.links
    zoo.summary_file.unlink()
    comment_plan(zoo.root, zoo.step(fork=None, env={"GENARUN_KEYS": " OPENAI_API_KEY  "}))
    assert "This tree is skipped" not in zoo.summary
    zoo.summary_file.unlink()
    comment_plan(zoo.root, zoo.step(fork=None))  # the workflow does not tell: then nothing is known to be missing
    assert "This tree is skipped" not in zoo.summary


def test_a_project_inside_of_a_repository(tmp_path: Path) -> None:
    zoo = Repository(tmp_path, "projects/zoo")
    zoo.edit("A poem on", "A long poem on")
    zoo.commit("Longer poems")
    assert comment_plan(zoo.root, zoo.step(fork=None)).trees == 1


@pytest.mark.parametrize("evil", [text for text in EVIL if "\x00" not in text])
def test_a_tree_cannot_say_more_than_text(zoo: Repository, evil: str) -> None:
    import yaml

    said = yaml.safe_dump({"title": evil, "description": evil, "inputs": {"x": {"default": evil}}}, allow_unicode=False)
    zoo.tree(said + 'generations: [{id: a, type: text, config: {prompt: "${x}"}}]\n', "evil")
    zoo.commit(evil)
    comment_plan(zoo.root, zoo.step(fork=None))
    page = look(zoo.summary, OURS)
    assert page.images == []
    assert page.links == [f"{OURS}/actions/runs/77"]


def test_another_event_is_set_up_wrong(zoo: Repository) -> None:
    step = zoo.step(fork=None)
    for wrong in (replace(step, event_name="push"), replace(step, event={}), replace(step, event={"pull_request": []})):
        with pytest.raises(SetupError) as caught:
            comment_plan(zoo.root, wrong)
        assert caught.value.code == "no-pull-request"


def test_what_does_not_fit_is_left_out_whole_and_named() -> None:
    parts = [Section("totals", "Totals"), *(Section(f"tree {at}", f"### tree {at}\n\n" + "x" * 20_000) for at in range(5))]
    text = fitting(parts, 65_000, "https://github.com/octo/zoo/actions/runs/77")
    assert len(text) < 65_000
    assert text.startswith("Totals\n\n### tree 0\n\nxxx")
    assert text.endswith("**Left out here, for its length:** tree 3, tree 4. [The job's summary]"
                         "(https://github.com/octo/zoo/actions/runs/77) shows them.")  # fmt: skip
    assert fitting(parts[:2], 65_000) == "\n\n".join(part.text for part in parts[:2])
    wide = [Section("totals", "Totals"), Section("wide", "😀" * 33_000)]
    assert "😀" not in fitting(wide, 65_000)
