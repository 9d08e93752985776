"""`genarun doctor`."""

from __future__ import annotations

from contextlib import suppress
from itertools import groupby

import click

from genarun.cli.options import common
from genarun.cli.session import Session
from genarun.errors import SetupError
from genarun.words import one_line, plural


@click.command("doctor")
@common
@click.pass_obj
def doctor(session: Session, as_json: bool) -> int:
    """Say what is missing, and how to get it: machine, project, keys, trees, what past runs left, how the repository grows, and
    how it is set up on GitHub.

    Changes nothing. Exit code 1 where something cannot work until it is mended.
    """
    # Imports every room, which only looking at all of them needs.
    from genarun.client.doctor import examine
    from genarun.github.findings import examine as examine_github

    screen = session.screen
    from genarun.client.project import Project

    # Not `session.project`: a masker that cannot be made is one of the findings.
    project = Project(session.root, screen.environ)
    with suppress(SetupError):
        screen.masked = project.masker.text
    findings = [*examine(project), *examine_github(project)]
    broken = [finding for finding in findings if finding.broken]
    notes = [finding for finding in findings if not finding.ok and not finding.broken]
    code = 1 if broken else 0
    if as_json:
        listed = [
            {"about": one.about, "ok": one.ok, "broken": one.broken, "what": one.what, "hint": one.hint} for one in findings
        ]
        screen.document({"ok": not broken, "exitCode": code, "root": str(session.root), "findings": listed})
        return code
    for number, (about, group) in enumerate(groupby(findings, key=lambda one: one.about)):
        screen.say(*([""] if number else []), screen.paint(screen.safe(about), "bold"))
        for one in group:
            symbol, style = ("✓", "green") if one.ok else ("✗", "red bold") if one.broken else ("▲", "yellow")
            first, *more = screen.fold(one_line(screen.safe(one.what)), "    ")
            screen.say(f"  {screen.paint(symbol, style)} {first[4:]}", *more)
            if one.hint:
                hint = screen.fold(f"→ {one_line(screen.safe(one.hint))}", "    ", "  ")
                screen.say(*(screen.paint(line, "cyan") for line in hint))
    if broken:
        verdict = screen.paint(f"✗ {plural(len(broken), 'thing')} to mend first", "red bold")
    else:
        verdict = screen.paint("✓ nothing is broken", "green bold")
    screen.say("", verdict + (f"; {plural(len(notes), 'thing')} good to know" if notes else ""))
    return code
