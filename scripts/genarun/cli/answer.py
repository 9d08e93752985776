"""`genarun answer`."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from genarun.cli.options import common
from genarun.cli.questions import user
from genarun.cli.session import Session
from genarun.store.layout import parse_run
from genarun.store.questions import record_answer
from genarun.words import excerpt


@click.command("answer")
@click.argument("run_id", metavar="RUN")
@click.argument("node")
@click.argument("value")
@click.option("--by", metavar="NAME", help="Who answers. Default: the user of this machine.")
@click.option("--resume", is_flag=True, help="Go on with the run at once.")
@common
@click.pass_obj
def answer(session: Session, run_id: str, node: str, value: str, by: str | None, resume: bool, as_json: bool) -> int:
    """Answer a question that a run waits for.

    RUN is `tree/2026-11-21_09-30-05`, or `tree` for its newest run. NODE is the path that the run names, or the node's id where
    one question of it waits. VALUE is an option's number or words, yes or no, a text, or numbers as in 3,1,2.
    """
    project, screen = session.project, session.screen
    found = parse_run(project.root, run_id)
    session.load([found.tree])
    question, taken = record_answer(
        project.folder(found.tree), found, node, value, by or user(), datetime.now(UTC), project.masker
    )
    if resume:
        from genarun.cli.resume import resume as go_on

        return int(click.get_current_context().invoke(go_on, run_id=found.id, as_json=as_json))
    if as_json:
        screen.document({"run": found.id, "path": question.path, "value": taken})
    else:
        shown = screen.safe(excerpt(taken))
        screen.say(f"{screen.paint('✓', 'green bold')} {screen.safe(question.path)}: {shown}")
        screen.say(f"  next: {screen.paint(f'genarun resume {found.id}', 'cyan bold')}")
    return 0
