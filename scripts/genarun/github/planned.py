"""Plans of the trees that a pull request changes, whatever state they are in: a fault is told beside them, never raised."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from genarun.client.project import Project
from genarun.engine.model import Options
from genarun.errors import Faults, GenarunError, SetupError
from genarun.github.plan_markdown import PlannedTree
from genarun.tree.model import Tree

Changed = Callable[[Sequence[Tree]], Collection[str]]
"""Of trees, the names of those that changed."""

PRESENT = "set-in-the-repository"
"""Stands for a key whose value this job is not given: it only has to know which ones there are."""


def plan_changed(
    root: Path, environ: dict[str, str], changed: Changed, *, offline: bool = False, keys: Collection[str] | None = None
) -> tuple[list[PlannedTree], list[SetupError], Project]:
    """(plans of the changed trees in running order, everything that is wrong with any tree, the project).

    keys: names of the keys that runs are given; None where that is not known, and then no key is missed.
    """
    environ = environ | {name: environ.get(name) or PRESENT for name in keys or ()}
    project, options = Project(root, environ), Options(offline=offline)
    trees, faults = _loaded(project)
    names = set(changed(trees)) if trees else set()
    wanted = [tree for tree in trees if tree.name in names]
    found: list[PlannedTree] = []
    changing: set[str] = set()
    for tree in wanted:
        try:
            one = _planned(project, tree, options, names, changing, keys is not None)
        except Faults as several:
            faults += several.errors
        except GenarunError as error:
            faults.append(
                error if isinstance(error, SetupError) else SetupError(error.code, error.what, error.where, error.hint)
            )
        else:
            changing |= {tree.name} if one.plan is not None and not one.plan.unchanged else set()
            found.append(one)
    unique = {str(fault): fault for fault in faults}
    return found, list(unique.values()), project


def _loaded(project: Project) -> tuple[list[Tree], list[SetupError]]:
    """Every tree that checks, in running order, and what is wrong with the others."""
    try:
        return project.load(), []
    except Faults as several:
        faults = list(several.errors)
    except SetupError as fault:
        faults = [fault]
    try:
        names = project.names()
    except SetupError:
        return [], faults
    sound: list[str] = []
    for name in names:
        try:
            project.load([name])
        except SetupError:
            continue
        sound.append(name)
    try:
        return project.load(sound) if sound else [], faults
    except SetupError:  # they check one by one, and not together: they read each other in a ring
        return [], faults


def _planned(
    project: Project, tree: Tree, options: Options, names: set[str], changing: set[str], keys_known: bool
) -> PlannedTree:
    keyless = _keyless(project, tree, options) if keys_known else ()
    mode = "offline" if options.offline else "real"
    waits = tuple(name for name in tree.after if name in names and project.folder(name).latest_run() is None)
    if waits:
        return PlannedTree(tree.name, waits=waits, keyless=keyless, mode=mode)
    plan = project.plan(tree, options)
    reads = tuple(name for name in tree.after if name in changing)
    return PlannedTree(tree.name, plan, reads, keyless=keyless, mode=mode)


def _keyless(project: Project, tree: Tree, options: Options) -> tuple[SetupError, ...]:
    try:
        project.services(tree, options).check()
    except Faults as several:
        return several.errors
    except SetupError as fault:
        return (fault,)
    return ()
