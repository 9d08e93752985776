"""Plans of trees in whatever state they are: a fault is kept beside them, never raised."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from genarun.client.project import Project
from genarun.engine.model import Options
from genarun.errors import Faults, GenarunError, SetupError
from genarun.github.plan_markdown import PlannedTree
from genarun.tree.model import Tree


class Planner:
    """A project's trees that check, in running order, and every fault that was met so far. No key is asked for."""

    def __init__(self, root: Path, environ: Mapping[str, str], offline: bool) -> None:
        self.project = Project(root, environ)
        self.options = Options(offline=offline)
        self._faults: dict[str, SetupError] = {}
        self.trees = self._loaded()

    @property
    def faults(self) -> list[SetupError]:
        """Each once, in the order met."""
        return list(self._faults.values())

    def plan(self, trees: Sequence[Tree]) -> list[PlannedTree]:
        """Those that can be planned; what keeps the others from it is in `faults`."""
        found: list[PlannedTree] = []
        names = {tree.name for tree in trees}
        for tree in trees:
            try:
                changing = {one.name for one in found if one.plan is not None and not one.plan.unchanged}
                found.append(self._planned(tree, names, changing))
            except GenarunError as error:
                self._keep(error)
        return found

    def _planned(self, tree: Tree, names: Collection[str], changing: Collection[str]) -> PlannedTree:
        mode = "offline" if self.options.offline else "real"
        waits = tuple(name for name in tree.after if name in names and self.project.folder(name).latest_run() is None)
        if waits:
            return PlannedTree(tree.name, waits=waits, mode=mode)
        plan = self.project.plan(tree, self.options)
        return PlannedTree(tree.name, plan, tuple(name for name in tree.after if name in changing), mode=mode)

    def _loaded(self) -> list[Tree]:
        try:
            return self.project.load()
        except SetupError as error:
            self._keep(error)
        try:
            sound = [name for name in self.project.names() if self._checks(name)]
            return self.project.load(sound) if sound else []
        except SetupError as error:  # names that cannot be, or trees that check one by one and read each other in a ring
            self._keep(error)
            return []

    def _checks(self, name: str) -> bool:
        try:
            self.project.load([name])
        except SetupError:
            return False
        return True

    def _keep(self, error: GenarunError) -> None:
        for one in error.errors if isinstance(error, Faults) else (error,):
            fault = one if isinstance(one, SetupError) else SetupError(one.code, one.what, one.where, one.hint)
            self._faults.setdefault(str(fault), fault)
