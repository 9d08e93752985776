"""What the commands of one command line share: the screen, and the project once something asks for it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from genarun.cli.screen import Screen
from genarun.errors import SetupError
from genarun.tree.project import TREES, find_root

if TYPE_CHECKING:
    from genarun.client.project import Project
    from genarun.tree.model import Tree


@dataclass
class Session:
    """One command line at work. start: where to look for the project; `-C` sets it."""

    screen: Screen
    start: Path | None = field(default=None)

    @cached_property
    def root(self) -> Path:
        """The project's folder: what `-C` names, else the nearest at or above the working folder that holds `trees/`.

        Raises SetupError where there is none."""
        return find_root(Path.cwd()) if self.start is None else named_root(self.start)

    @cached_property
    def project(self) -> Project:
        """The project; from here on everything printed is masked."""
        # Reads pydantic models and the store, which `--help` and a usage error do not need.
        from genarun.client.project import Project

        project = Project(self.root, self.screen.environ)
        self.screen.masked = project.masker.text
        return project

    def load(self, names: Sequence[str] = (), changed: str | None = None) -> list[Tree]:
        """Trees in the order in which they run: those named, else all; with `changed` only those that changed since then.

        Raises SetupError, TreeError or Faults."""
        project = self.project
        wanted = list(dict.fromkeys(names)) if names else None
        if changed is not None:
            since = project.changed(changed)
            wanted = [name for name in since if wanted is None or name in wanted]
        trees = project.load(wanted)
        # A tree may declare further variables as keys, so the masker may know more now.
        self.screen.masked = project.masker.text
        return trees

    def shown(self, path: Path) -> str:
        """A path as the person would type it: from the working folder, or in full where that would climb."""
        near = os.path.relpath(path)
        return self.screen.safe(str(path) if near.startswith("..") else Path(near).as_posix())


def named_root(start: Path) -> Path:
    """The project's folder as `-C` names it. Raises SetupError."""
    root = Path.cwd() / start
    if not root.is_dir():
        raise SetupError("no-root", f"there is no folder `{start}`", hint="`-C` takes the folder that holds `trees/`.")
    if not (root / TREES).is_dir():
        hint = "`-C` takes the folder that holds `trees/`; each tree is a folder `trees/<tree>/` with a `config.yaml`."
        raise SetupError("root-without-trees", f"`{start}` holds no folder `trees/`", hint=hint)
    return root.resolve()
