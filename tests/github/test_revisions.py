"""Which files a push changed, whatever was done to history before it. Real repositories, cloned as a job clones them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from genarun.github.context import NO_COMMIT, Context
from genarun.github.revisions import Changes, between, pushed

from tests.github.acting import git


class Remote:
    """A person's repository with a remote, and shallow clones of it as jobs make them."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.work, self.bare = folder, folder / "work", folder / "remote.git"
        git(folder, "init", "-q", "--bare", "-b", "main", str(self.bare))
        git(self.bare, "config", "uploadpack.allowAnySHA1InWant", "true")
        git(folder, "clone", "-q", str(self.bare), str(self.work))
        self.git("config", "user.name", "A")
        self.git("config", "user.email", "a@example.org")
        self.git("checkout", "-q", "-B", "main")

    def git(self, *words: str) -> str:
        return git(self.work, *words)

    def commit(self, **files: str) -> str:
        for name, text in files.items():
            (self.work / "trees").mkdir(exist_ok=True)
            (self.work / "trees" / name).write_text(text)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "x")
        return self.git("rev-parse", "HEAD")

    def push(self, branch: str = "main") -> None:
        self.git("push", "-q", "-f", "origin", f"HEAD:refs/heads/{branch}")

    def job(self, branch: str = "main") -> Path:
        place = self.folder / "job"
        git(self.folder, "clone", "-q", "--depth=1", "-b", branch, f"file://{self.bare}", str(place))
        return place

    def pushed(self, before: str, after: str, branch: str = "main") -> Changes:
        event = {"before": before, "after": after, "repository": {"default_branch": "main"}}
        blank = Context("a/b", "push", event, after, branch, "a", "1", "1", "u", "https://github.com", "https://api")
        return pushed(self.job(branch), replace(blank), {})


@pytest.fixture
def remote(tmp_path: Path) -> Remote:
    return Remote(tmp_path)


def names(changes: Changes) -> set[str]:
    assert changes.files is not None, changes.why
    return {path.name for path in changes.files}


def test_a_plain_push_of_several_commits(remote: Remote) -> None:
    before = remote.commit(a="1")
    remote.commit(b="1")
    after = remote.commit(c="1", b="2")
    remote.push()
    assert names(remote.pushed(before, after)) == {"b", "c"}


def test_a_file_that_moved_or_went_counts_twice_or_once(remote: Remote) -> None:
    before = remote.commit(a="1", b="2")
    remote.git("mv", "trees/a", "trees/moved")
    remote.git("rm", "-q", "trees/b")
    after = remote.commit()
    remote.push()
    assert names(remote.pushed(before, after)) == {"a", "moved", "b"}


def test_a_forced_push_compares_with_what_was_there(remote: Remote) -> None:
    remote.commit(a="1")
    before = remote.commit(b="1")
    remote.push()
    remote.git("reset", "-q", "--hard", "HEAD~1")
    after = remote.commit(c="1")
    remote.push()
    assert names(remote.pushed(before, after)) == {"b", "c"}


def test_a_commit_that_is_gone_makes_everything_count(remote: Remote) -> None:
    after = remote.commit(a="1")
    remote.push()
    changes = remote.pushed("1234567890" * 4, after)
    assert (changes.files, changes.why) == (None, "the commit before this push is gone, as after a forced push long ago")


def test_a_merge_counts_what_it_brings(remote: Remote) -> None:
    start = remote.commit(a="1")
    remote.git("checkout", "-q", "-b", "side")
    remote.commit(b="1")
    remote.git("checkout", "-q", "main")
    before = remote.commit(c="1")
    remote.git("merge", "-q", "--no-ff", "-m", "m", "side")
    after = remote.git("rev-parse", "HEAD")
    remote.push()
    assert start != before
    assert names(remote.pushed(before, after)) == {"b"}


def test_a_new_branch_compares_with_where_it_left_the_default_branch(remote: Remote) -> None:
    remote.commit(a="1")
    remote.git("checkout", "-q", "-b", "idea")
    for number in range(70):  # deeper than the first step
        remote.commit(**{f"f{number}": "1"})
    after = remote.git("rev-parse", "HEAD")
    remote.push("idea")
    remote.git("checkout", "-q", "main")
    remote.commit(elsewhere="1")
    remote.push()
    assert names(remote.pushed(NO_COMMIT, after, "idea")) == {f"f{number}" for number in range(70)}


def test_a_branch_without_a_common_commit_makes_everything_count(remote: Remote) -> None:
    remote.commit(a="1")
    remote.push()
    remote.git("checkout", "-q", "--orphan", "alone")
    after = remote.commit(b="1")
    remote.push("alone")
    changes = remote.pushed(NO_COMMIT, after, "alone")
    assert (changes.files, changes.why) == (None, "this branch has no commit in common with the default branch")


def test_the_first_push_makes_everything_count(remote: Remote) -> None:
    after = remote.commit(a="1")
    remote.push()
    assert remote.pushed(NO_COMMIT, after).why == "this is the first push"


def test_more_files_than_a_path_filter_sees(remote: Remote) -> None:
    before = remote.commit(a="1")
    after = remote.commit(**{f"file{number}": "1" for number in range(400)})
    remote.push()
    assert len(names(remote.pushed(before, after))) == 400


@pytest.mark.parametrize("name", ["line\nbreak", 'quo"te', "tab\there", "$(id)", "ünïcode", "-n"])
def test_a_name_that_means_something_to_a_shell(remote: Remote, name: str) -> None:
    before = remote.commit(a="1")
    after = remote.commit(**{name: "1"})
    remote.push()
    assert names(remote.pushed(before, after)) == {name}


@pytest.mark.parametrize("branch", ["--upload-pack=touch pwned", "a;b", "$(touch${IFS}pwned)", "ä'\"b"])
def test_a_branch_name_that_means_something_to_a_shell(remote: Remote, branch: str) -> None:
    remote.commit(a="1")
    remote.push()
    if git(remote.work, "check-ref-format", f"refs/heads/{branch}", check=False) != "" or " " in branch:
        branch = branch.replace(" ", "_")
    remote.git("checkout", "-q", "-b", "here")
    after = remote.commit(b="1")
    remote.git("push", "-q", "-f", "origin", f"HEAD:refs/heads/{branch}")
    place = remote.folder / "job"
    git(remote.folder, "clone", "-q", "--depth=1", f"file://{remote.bare}", str(place))
    git(place, "fetch", "-q", "--depth=1", "origin", f"refs/heads/{branch}")
    git(place, "checkout", "-q", "FETCH_HEAD")
    event = {"before": NO_COMMIT, "after": after, "repository": {"default_branch": "main"}}
    blank = Context("a/b", "push", event, after, branch, "a", "1", "1", "u", "https://github.com", "https://api")
    assert names(pushed(place, blank, {})) == {"b"}
    assert not list(remote.folder.rglob("pwned*"))


def test_a_pull_request_counts_from_where_it_left_its_base(remote: Remote) -> None:
    remote.commit(a="1")
    remote.git("checkout", "-q", "-b", "idea")
    head = remote.commit(b="1")
    remote.push("idea")
    remote.git("checkout", "-q", "main")
    base = remote.commit(c="1")
    remote.push()
    changes = between(remote.job(), base, head, {})
    assert names(changes) == {"b"}


def test_a_project_in_a_folder_of_its_repository(remote: Remote) -> None:
    (remote.work / "project").mkdir()
    before = remote.commit(a="1")
    (remote.work / "project" / "b").write_text("1")
    after = remote.commit(c="1")
    remote.push()
    place = remote.job()
    event = {"before": before, "after": after, "repository": {"default_branch": "main"}}
    blank = Context("a/b", "push", event, after, "main", "a", "1", "1", "u", "https://github.com", "https://api")
    assert [path.as_posix() for path in pushed(place / "project", blank, {}).files or ()] == ["b"]
