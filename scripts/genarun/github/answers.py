"""An answer that somebody wrote under a question's issue: who may give it, what it means, and what the others are told.

The comment is data. It never becomes a path or a command: what it answers is read from our own marker, and its value is one of
the question's options, a yes or no, numbers, or a text that is written down as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from genarun.errors import SetupError
from genarun.github.api import connect, own_login, refused
from genarun.github.commit import fetch_tip
from genarun.github.context import Context
from genarun.github.markdown import plain
from genarun.github.people import may_write
from genarun.github.question_issue import Mark, read_mark
from genarun.github.remote import git_environment
from genarun.github.revisions import open_repository
from genarun.github.tip import Tip
from genarun.nodes.question import how_to_answer, read_answer
from genarun.store.journal import standing
from genarun.store.layout import STAMP, stamp_order
from genarun.store.lines import read_line
from genarun.store.questions import Question, question_of

if TYPE_CHECKING:
    from github.Issue import Issue

Json = Any

_TOLD: Final = "<!-- genarun:told {} -->"
_COMMENT: Final = re.compile(r"<!--.*?-->", re.DOTALL)
_LOGIN: Final = re.compile(r"[A-Za-z0-9-]{1,39}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody answered. text: as they wrote it, without quotes of what it answers. by: their login."""

    mark: Mark
    text: str
    by: str

    def for_job(self) -> dict[str, Json]:
        """As the job that goes on reads it."""
        return {"run": self.mark.run, "path": self.mark.path, "text": self.text, "by": self.by}


def take_answer(root: Path, context: Context) -> Answer | None:
    """The answer that the event's comment gives; None where it gives none, and whoever wrote it was told so.

    Raises RunError (`github-refused`), and what fetching the branch does.
    """
    from github import GithubException
    from requests import RequestException

    comment, about = context.event.get("comment"), context.event.get("issue")
    if not isinstance(comment, Mapping) or not isinstance(about, Mapping) or about.get("pull_request"):
        return None
    writer = comment.get("user") or {}
    login, body = str(writer.get("login") or ""), str(comment.get("body") or "")
    if writer.get("type") == "Bot" or not _LOGIN.fullmatch(login):
        return None
    try:
        api = connect(context)
        repository = api.get_repo(context.repository)
        issue = repository.get_issue(int(about["number"]))
        # The issue as it is, not as the event tells it; and one of ours, as anybody can open one with a marker.
        mark = read_mark(issue.body or "") if issue.user.login == own_login(api) else None
        if mark is None or issue.state != "open":
            return None
        if not may_write(repository, login):
            _tell(
                issue,
                login,
                "thank you. The run takes answers from people with write access to the repository; they see yours here.",
                once=True,
            )
            return None
        question = _waiting(root, mark, context)
        if question is None:
            _tell(issue, login, "nothing waits for this any more: the run went on, or a newer one took its place.")
            return None
        text = answer_text(body, whole=question.asked.ask == "text")
        try:
            read_answer(question.asked, text)
        except SetupError:
            _tell(issue, login, f"I could not read that. {how_to_answer(question.asked.ask, len(question.asked.options))}")
            return None
    except (GithubException, RequestException) as error:
        raise refused(error, "let me read the answer", "issues: write") from error
    return Answer(mark, text, login)


def answer_text(body: str, *, whole: bool) -> str:
    """What a comment says by itself: without quotes and hidden parts; its first line unless the whole is wanted."""
    lines = [line for line in _COMMENT.sub("", body).replace("\r\n", "\n").split("\n") if not line.lstrip().startswith(">")]
    if whole:
        return "\n".join(lines).strip()
    return next((line.strip() for line in lines if line.strip()), "")


def _waiting(root: Path, mark: Mark, context: Context) -> Question | None:
    """The question as it stands on its branch, where it still waits."""
    with open_repository(root, git_environment(context)) as repo, Tip.scratch() as scratch:
        top = Path(repo.working_tree_dir or root).resolve()
        prefix = root.resolve().relative_to(top).as_posix()
        folder = f"{'' if prefix == '.' else f'{prefix}/'}trees/{mark.tree}"
        try:
            tip = Tip(repo, fetch_tip(repo, mark.branch), scratch)
        except SetupError:
            return None  # the branch is gone
        stamps = [name for name in tip.folders(folder) if STAMP.fullmatch(name)]
        if not stamps or max(stamps, key=stamp_order) != mark.stamp:
            return None
        lines = (tip.text(f"{folder}/{mark.stamp}/records.jsonl") or b"").splitlines()
    records = [record for line in lines if (record := read_line(line)[0]) is not None]
    record = standing(records).get(mark.path)
    question = question_of(mark.run, record) if record is not None else None
    return question if question is not None and question.key == mark.key else None


def _tell(issue: Issue, login: str, text: str, *, once: bool = False) -> None:
    """Reply to whoever wrote. once: not again to the same person under the same issue."""
    told = _TOLD.format(login)
    if once and any(told in (comment.body or "") for comment in issue.get_comments()):
        return
    issue.create_comment(f"{told}\n@{login} {plain(text, 600)}")
