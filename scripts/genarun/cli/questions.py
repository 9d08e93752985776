"""How questions look on a terminal, and how they are asked there."""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from datetime import UTC, datetime

import click

from genarun.cli.session import Session
from genarun.errors import SetupError
from genarun.nodes.question import how_to_answer, label_of
from genarun.store.questions import Question, record_answer
from genarun.tree.template import MISSING
from genarun.words import excerpt, one_line


def user() -> str:
    """Who sits here, as the machine knows them."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"


def question_lines(question: Question, session: Session) -> list[str]:
    """A question as a person reads it, with numbered options and the way to answer."""
    screen, asked = session.screen, question.asked
    lines = screen.fold(f"? {one_line(screen.safe(asked.prompt))}", hanging="  ")
    lines = [screen.paint(line, "magenta bold") for line in lines]
    wide = len(str(len(asked.options)))
    for number, option in enumerate(asked.options, 1):
        picture = f"  {screen.paint(screen.safe(option.picture), 'dim')}" if option.picture else ""
        lines.append(f"  {number:>{wide}}  {screen.safe(one_line(option.label))}{picture}")
    lines.append(screen.paint(f"  {how_to_answer(asked.ask, len(asked.options))}", "dim"))
    if question.expires_at:
        stands = "" if asked.default is MISSING else f"; then {excerpt(screen.safe(label_of(asked, asked.default)), 60)} stands"
        lines.append(screen.paint(f"  Until {question.expires_at[:16].replace('T', ' ')} UTC{stands}.", "dim"))
    return lines


def ask_all(session: Session, questions: Sequence[Question]) -> int:
    """Ask on the terminal what a run waits for; how many were answered. An empty line leaves the rest for later."""
    project, screen, answered = session.project, session.screen, 0
    for question in questions:
        tree, _, stamp = question.run.partition("/")
        folder = project.folder(tree)
        screen.note("", *question_lines(question, session))
        while True:
            try:
                said = click.prompt(
                    "  answer, or Enter for later", default="", show_default=False, prompt_suffix=": ", err=True
                )
            except click.Abort:
                screen.note("")
                return answered
            if not said.strip():
                break
            try:
                record_answer(folder, folder.run(stamp), question.path, said, user(), datetime.now(UTC), project.masker)
            except SetupError as error:
                screen.note(f"  {screen.safe(error.what)}. {error.hint or ''}")
                if error.code != "answer-unreadable":
                    return answered
                continue
            answered += 1
            break
    return answered
