"""`genarun ci ask` and `ci answer`: questions of waiting runs as issues, and the answers that people write under them."""

from __future__ import annotations

import json

import click

from genarun.cli.ci import ci
from genarun.cli.session import Session
from genarun.github.answers import take_answer
from genarun.github.context import read_context
from genarun.github.people import keep_issues
from genarun.github.remote import git_environment
from genarun.github.revisions import open_repository
from genarun.words import plural


@ci.command("ask")
@click.pass_obj
def ask(session: Session) -> int:
    """Keep an issue open for each question that waits on the branch in GENARUN_BRANCH, and close the others."""
    context = read_context(session.screen.environ)
    branch = context.variable("GENARUN_BRANCH") or context.branch
    with open_repository(session.root, git_environment(context)) as repo:
        commit = repo.head.commit.hexsha
    kept = keep_issues(session.project, branch, commit, context)
    lines = []
    for number in kept.opened:
        lines.append(f"- 🙋 [#{number}]({context.repository_url}/issues/{number}) waits for an answer")
    for number in kept.closed:
        lines.append(f"- ✅ [#{number}]({context.repository_url}/issues/{number}) is closed")
    if kept.left:
        lines.append(f"- {plural(kept.left, 'further question')} once some of these are answered")
    session.screen.say(*(lines or ["No question to ask."]))
    if lines:
        context.summarise("\n".join(["### Questions", "", *lines]))
    return 0


@ci.command("answer")
@click.pass_obj
def answer(session: Session) -> int:
    """Read the answer in the comment that started the workflow. Sets `answer` and `branch`, both empty where it is none."""
    context = read_context(session.screen.environ)
    found = take_answer(session.root, context)
    context.output("answer", json.dumps(found.for_job()) if found else "")
    context.output("branch", found.mark.branch if found else "")
    session.screen.say(session.screen.safe(f"{found.mark.run}, {found.mark.path}" if found else "No answer to go on with."))
    return 0
