"""Questions of waiting runs as issues, kept in step with a branch; and who may answer them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from genarun.client.project import Project
from genarun.github.api import connect, own_login, refused
from genarun.github.context import Context
from genarun.github.markdown import code, plain
from genarun.github.question_issue import Mark, body_of, read_mark, title_of
from genarun.store.journal import standing
from genarun.store.layout import TreeFolder
from genarun.store.questions import Question, open_questions
from genarun.store.records import Record
from genarun.words import excerpt

if TYPE_CHECKING:
    from github.Issue import Issue
    from github.Repository import Repository

LABEL: Final = "genarun:question"
ANSWERED: Final = "genarun:answered"
LABELS: Final[Mapping[str, tuple[str, str]]] = {
    LABEL: ("8957e5", "A run waits for an answer here"),
    ANSWERED: ("1a7f37", "Answered, and the run went on"),
}
"""Name → colour, and what it means."""
MOST: Final = 20
"""Issues that are open at once for one branch: more would bury the others."""
WRITERS: Final = frozenset({"admin", "maintain", "write"})


@dataclass(slots=True)
class Kept:
    """What became of a branch's issues, by number. left: questions that wait for their turn."""

    opened: list[int]
    moved: list[int]
    closed: list[int]
    left: int = 0


def waiting(project: Project) -> dict[str, list[Question]]:
    """By tree, the questions of its newest run; trees without any are left out."""
    found = {}
    for name in project.names():
        run = project.folder(name).newest_unfinished()
        if run is not None and (questions := open_questions(run)):
            found[name] = questions
    return found


def keep_issues(project: Project, branch: str, commit: str, context: Context) -> Kept:
    """Open an issue for each question that waits on a branch, and close those that nobody asks any more. Can be run again.

    commit: of the branch, with the pictures. Raises RunError (`github-refused`).
    """
    from github import GithubException
    from requests import RequestException

    questions = {Mark(branch, one.run, one.path, one.key).same: one for found in waiting(project).values() for one in found}
    kept = Kept([], [], [])
    try:
        api = connect(context)
        repository, login = api.get_repo(context.repository), own_login(api)
        known: set[tuple[str, str, str, str]] = set()
        for issue in repository.get_issues(state="open", labels=[LABEL]):
            mark = read_mark(issue.body or "") if issue.user.login == login else None
            if mark is None or mark.branch != branch:
                continue
            question = questions.get(mark.same)
            if question is None or mark.same in known:
                _close(issue, mark, project, context)
                kept.closed.append(issue.number)
                continue
            known.add(mark.same)
            if mark.run != question.run:  # a newer run asks the same
                issue.edit(body=body_of(question, replace(mark, run=question.run), commit, context))
                kept.moved.append(issue.number)
        new = [one for same, one in questions.items() if same not in known]
        room = max(0, MOST - len(known))
        kept.left = len(new) - len(new[:room])
        if new[:room]:
            make_labels(repository)
        for question in new[:room]:
            mark = Mark(branch, question.run, question.path, question.key)
            body = body_of(question, mark, commit, context)
            kept.opened.append(repository.create_issue(title_of(question), body=body, labels=[LABEL]).number)
    except (GithubException, RequestException) as error:
        raise refused(error, "take the question", "issues: write") from error
    return kept


def make_labels(repository: Repository) -> list[str]:
    """Create the labels that are not there yet; their names."""
    have = {label.name for label in repository.get_labels()}
    made = [name for name in LABELS if name not in have]
    for name in made:
        colour, means = LABELS[name]
        repository.create_label(name, colour, means)
    return made


def _close(issue: Issue, mark: Mark, project: Project, context: Context) -> None:
    """Say how it ended, with the way to the result."""
    folder = project.folder(mark.tree)
    record, run = _answer(folder, mark)
    if record is None:
        issue.create_comment("Nobody has to answer this any more: a newer run asks something else, or does without.")
    else:
        by = f" by {plain(record.answered_by)}" if record.answered_by else ""
        place = f"{context.repository_url}/tree/{quote(mark.branch)}/trees/{quote(mark.tree)}/{quote(run)}"
        value = code(excerpt(record.value if record.value is not None else record.asset, 200), 240)
        issue.create_comment(f"Answered{by}: {value}. The run went on: [{plain(mark.tree)}/{plain(run)}]({place}).")
        issue.add_to_labels(ANSWERED)
    issue.edit(state="closed")


def _answer(folder: TreeFolder, mark: Mark) -> tuple[Record | None, str]:
    """The record that answers a question, in its own run or in a newer one, and that run's stamp."""
    for run in folder.runs():
        record = standing(run.records()).get(mark.path)
        if record is not None and record.key == mark.key and record.status in ("succeeded", "reused"):
            return record, run.stamp
        if run.stamp == mark.stamp:
            break
    return None, mark.stamp


def may_write(repository: Repository, login: str) -> bool:
    """Whether somebody may write to the repository, as GitHub's API says."""
    from github import GithubException

    try:
        return repository.get_collaborator_permission(login) in WRITERS
    except GithubException as error:
        if error.status == 404:
            return False
        raise
