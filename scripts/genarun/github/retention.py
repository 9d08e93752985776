"""Old runs, thinned out in the repository as `genarun purge` does it on a laptop."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from genarun.client.project import Project
from genarun.github.commit import BOT, onto, people
from genarun.github.context import Context
from genarun.github.tip import Tip
from genarun.store.purge import plan_purge
from genarun.words import plural


def purge_runs(project: Project, branch: str, context: Context, now: datetime) -> list[str]:
    """Delete what each tree's `retention` lets go, in one commit; the runs' ids. Raises what `commit_runs` does for git."""
    doomed: list[tuple[str, str]] = []
    for tree in project.load():
        kept = tree.settings.retention
        if kept is not None:
            doomed += [(tree.name, ref.stamp) for ref in plan_purge(project.folder(tree.name), kept.runs, kept.days, now)]
    if not doomed:
        return []

    def build(tip: Tip, inside: str) -> list[str]:
        there = [(tree, stamp) for tree, stamp in doomed if tip.names(f"{inside}trees/{tree}/{stamp}")]
        for tree, stamp in there:
            tip.replace(f"{inside}trees/{tree}/{stamp}", {})
        gone = [f"{tree}/{stamp}" for tree, stamp in there]
        tip.advance(_message(gone, context), people(context))
        return gone

    return onto(project.root, branch, context, build)


def _message(gone: Sequence[str], context: Context) -> str:
    lines = [f"Retention: {plural(len(gone), 'old run')} deleted", "", *gone, "", f"Workflow: {context.run_url}"]
    return "\n".join([*lines, f"Co-authored-by: {BOT[0]} <{BOT[1]}>"]) + "\n"
