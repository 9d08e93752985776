"""A project on disk: its trees, its environment, and the functions that plan and run them. The command line talks to this."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from genarun.client.changed import changed_trees
from genarun.engine.model import OnEvent, Options, RunResult
from genarun.engine.run import Run
from genarun.engine.stop import StopSignal
from genarun.engine.survey import survey
from genarun.errors import Faults, SetupError
from genarun.nodes.registry import node_kinds
from genarun.planning.build import build_plan
from genarun.planning.model import Plan
from genarun.planning.situation import Situation
from genarun.providers.registry import provider_infos, secret_names
from genarun.providers.services import Services
from genarun.store.latest import repair
from genarun.store.layout import TreeFolder
from genarun.store.lock import lock
from genarun.store.mask import Masker
from genarun.tree.env import read_env
from genarun.tree.load import load_trees, tree_names
from genarun.tree.model import Tree
from genarun.tree.project import find_root
from genarun.tree.template import MISSING

Json = Any


def _quiet(*_: object) -> None:
    """Nobody listens."""


class Project:
    """A folder that holds `trees/`.

    root: absolute. environ: the process's environment; `.env` beside `trees/` fills in what it lacks.
    """

    def __init__(self, root: Path | None = None, environ: Mapping[str, str] | None = None) -> None:
        self.root = find_root(Path.cwd()) if root is None else root.resolve()
        self.environ = os.environ if environ is None else environ

    @cached_property
    def env(self) -> dict[str, str]:
        """The environment with `.env` behind it."""
        return read_env(self.root, self.environ)

    @cached_property
    def masker(self) -> Masker:
        """Hides the values of every variable that a provider declares secret, and of every `keyEnv` in trees/defaults.yaml."""
        return Masker.from_env(self.env, secret_names(provider_infos().values()) | self._key_envs)

    @cached_property
    def _key_envs(self) -> set[str]:
        return set()

    def names(self) -> list[str]:
        """Names of the project's trees, sorted."""
        return tree_names(self.root)

    def folder(self, name: str) -> TreeFolder:
        """What is on disk for one tree."""
        return TreeFolder(self.root, name)

    def load(self, names: Iterable[str] | None = None) -> list[Tree]:
        """Trees in the order in which they must run. Raises TreeError or Faults with everything that is wrong."""
        trees = load_trees(self.root, None if names is None else list(names), kinds=node_kinds(), providers=provider_infos())
        declared = {spec.key_env for tree in trees for spec in (tree.settings.providers or {}).values() if spec.key_env}
        if declared - self._key_envs:
            self._key_envs.update(declared)
            self.__dict__.pop("masker", None)  # made anew, with these hidden too
        return trees

    def load_one(self, tree: str | Tree) -> Tree:
        """One tree by its name; a tree that is loaded already passes through."""
        if isinstance(tree, Tree):
            return tree
        return next(found for found in self.load([tree]) if found.name == tree)

    def changed(self, since: str) -> list[str]:
        """Names of the trees that changed since a git revision, uncommitted changes and what reads them included."""
        return changed_trees(self.root, since, self.load())

    def latest(self, name: str) -> Json:
        """The latest output of a tree, or MISSING."""
        return self.folder(name).latest_output()

    def services(self, tree: Tree, options: Options) -> Services:
        """The model services that a run of this tree would use."""
        return Services(
            tree,
            provider_infos(),
            self.env,
            offline=options.offline,
            replay=options.replay,
            record=options.record,
            mask=self.masker.text,
            holds_secret=self.masker.found,
        )

    def check(self, trees: Sequence[Tree], options: Options) -> None:
        """Everything that can be known before the first call, for all trees. Raises SetupError or Faults."""
        faults: list[SetupError] = []
        names = {tree.name for tree in trees}
        for tree in trees:
            try:
                services = self.services(tree, options)
                services.check()
                # What an earlier tree of this very command will make stands in as UNKNOWN: its shape cannot be checked yet.
                survey(tree, self.folder(tree.name), options, services, self._promised(names), self.masker, datetime.now(UTC))
            except Faults as several:
                faults.extend(several.errors)
            except SetupError as fault:
                faults.append(fault)
        unique = list({str(fault): fault for fault in faults}.values())
        if len(unique) == 1:
            raise unique[0]
        if unique:
            raise Faults(unique)

    def _promised(self, names: set[str]) -> Any:
        def latest(name: str) -> Json:
            value = self.latest(name)
            return None if value is MISSING and name in names else value

        return latest

    def situation(self, tree: Tree, options: Options, services: Services) -> Situation:
        """What a run of this tree starts from, read now."""
        return survey(tree, self.folder(tree.name), options, services, self.latest, self.masker, datetime.now(UTC))

    def plan(self, tree: Tree, options: Options | None = None) -> Plan:
        """What a run would call, why, and what it would cost. Calls nothing, writes nothing."""
        options = options or Options()
        services = self.services(tree, options)
        return build_plan(self.situation(tree, options, services))

    async def run(
        self, tree: Tree, options: Options | None = None, on_event: OnEvent = _quiet, stop: StopSignal | None = None
    ) -> RunResult:
        """Run one tree. Raises SetupError before anything is called; what goes wrong later is in the result."""
        options = options or Options()
        folder = self.folder(tree.name)
        services = self.services(tree, options)
        try:
            services.check()
            with lock(folder):
                notices = repair(folder)
                situation = self.situation(tree, options, services)
                situation.notices.extend(notices)
                return await Run(situation, self.masker, on_event, stop or StopSignal()).go()
        finally:
            await services.close()
