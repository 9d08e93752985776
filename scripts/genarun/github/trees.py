"""Which of the trees that changed run in this job, and why the others do not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from genarun.client.changed import affected
from genarun.client.project import Project
from genarun.engine.model import Options
from genarun.github.job_summary import Skipped
from genarun.github.revisions import Changes
from genarun.providers.base import Settings
from genarun.providers.catalog import key_variable
from genarun.providers.registry import key_origin, provider_infos
from genarun.providers.services import uses
from genarun.tree.model import Tree


def rest_of(changes: Changes, trees: Sequence[Tree]) -> tuple[list[Tree], list[str]]:
    """The trees that a change re-runs, and the names of those that it would but for `rerunOnChange: false`."""
    names = set(affected(changes.files, trees)) if changes.files is not None else {tree.name for tree in trees}
    found = [tree for tree in trees if tree.name in names]
    return [tree for tree in found if tree.spec.rerun_on_change], [t.name for t in found if not t.spec.rerun_on_change]


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
    for tree in trees:
        missing = {} if options[tree.name].offline else missing_keys(project, tree)
        unread = [name for name in tree.after if name in out and project.folder(name).latest_run() is None]
        if missing:
            skipped.append(Skipped(tree.name, tuple(missing), origins=missing))
        elif unread:
            skipped.append(Skipped(tree.name, why=f"it reads {unread[0]}, which has not run yet"))
        else:
            found.append(tree)
            continue
        out.add(tree.name)
    return Needed(found, skipped)


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
