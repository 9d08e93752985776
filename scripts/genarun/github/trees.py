"""Which of the trees that changed run in this job, and why the others do not."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from genarun.client.changed import affected
from genarun.client.project import Project
from genarun.engine.model import Options
from genarun.github.job_summary import Skipped
from genarun.github.keys import RESERVED, pass_on, passed_on
from genarun.github.revisions import Changes
from genarun.providers.base import Settings
from genarun.providers.catalog import key_variable
from genarun.providers.registry import key_origin, provider_infos
from genarun.providers.services import uses
from genarun.store.questions import open_questions
from genarun.tree.model import Tree


def rest_of(changes: Changes, trees: Sequence[Tree]) -> tuple[list[Tree], list[str]]:
    """The trees that a change re-runs, and the names of those that it would but for `rerunOnChange: false`."""
    names = set(affected(changes.files, trees)) if changes.files is not None else {tree.name for tree in trees}
    found = [tree for tree in trees if tree.name in names]
    return [tree for tree in found if tree.spec.rerun_on_change], [t.name for t in found if not t.spec.rerun_on_change]


def with_readers(names: Collection[str], trees: Sequence[Tree]) -> list[Tree]:
    """The named trees, and those that read what they make: they have their turn when a question is answered."""
    found: list[Tree] = []
    for tree in trees:  # in running order: what a tree reads comes before it
        reads = tree.spec.rerun_on_change and any(one.name in tree.after for one in found)
        if tree.name in names or reads:
            found.append(tree)
    return found


def overdue(project: Project, now: datetime) -> set[str]:
    """Names of trees whose newest run waits for an answer that did not come in time."""
    found = set()
    for name in project.names():
        run = project.folder(name).newest_unfinished()
        ends = [one.expires_at for one in open_questions(run) if one.expires_at] if run is not None else []
        if any(datetime.fromisoformat(end) <= now for end in ends):
            found.add(name)
    return found


@dataclass(frozen=True, slots=True)
class Needed:
    """trees: those that can run, in running order. skipped: those that cannot yet."""

    trees: list[Tree]
    skipped: list[Skipped]


def runnable(project: Project, trees: Sequence[Tree], options: Mapping[str, Options]) -> Needed:
    """Leave out trees whose keys are not set, and those that read an output which therefore does not exist.

    Any other fault is the run's to tell.
    """
    found, skipped = [], []
    out: set[str] = set()
    passed = passed_on(project.root)
    for tree in trees:
        missing = {} if options[tree.name].offline else missing_keys(project, tree)
        unread = [name for name in tree.after if name in out and project.folder(name).latest_run() is None]
        if missing:
            origins = {name: origin + _unnamed(name, passed) for name, origin in missing.items()}
            skipped.append(Skipped(tree.name, tuple(missing), origins=origins))
        elif unread:
            skipped.append(Skipped(tree.name, why=f"it reads {unread[0]}, which has not run yet"))
        else:
            found.append(tree)
            continue
        out.add(tree.name)
    return Needed(found, skipped)


def _unnamed(name: str, passed: Collection[str] | None) -> str:
    """What else has to be done for a secret that the workflow would hand to nobody."""
    return "" if passed is None or name in passed or name.startswith(RESERVED) else f". {pass_on([name])}"


def missing_keys(project: Project, tree: Tree) -> dict[str, str]:
    """Variables that must hold a key before this tree can run and do not, each with where to get one in words.

    Of a pool one member that can be asked is enough. A key that is set and cannot be one is no missing key.
    """
    infos, services, found = provider_infos(), project.services(tree, Options()), {}
    for use in uses(tree):
        fault = services.keyless(use)
        if fault is None or fault.code not in {"key-missing", "pool-keyless"}:
            continue
        enough = "; one of the keys of this pool is enough" if use.members else ""
        for one in use.candidates:
            info = infos[one.protocol]
            settings = Settings(one.provider, one.base_url, one.key_env, info, project.env)
            if (variable := key_variable(info, settings)) and not project.env.get(variable, "").strip():
                found[variable] = key_origin(info, settings) + enough
    return found
