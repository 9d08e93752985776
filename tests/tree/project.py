"""A project in a temporary folder, for tests of loading: write its files, load its trees."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import dedent

import pytest
from genarun.errors import SetupError
from genarun.tree.kinds import Medium
from genarun.tree.load import load_tree, load_trees
from genarun.tree.model import Tree

from tests.tree.kinds import KINDS, Kind


@dataclass(frozen=True)
class Maker:
    """The double of a provider: what the tree room must know of one."""

    media: frozenset[Medium] = frozenset(["text", "image"])


PROVIDERS = {"openai": Maker(), "replicate": Maker(), "offline": Maker(), "replay": Maker()}
DICE = Kind("dice", medium=None, extra_config={"sides": {"type": "integer"}})
"""A kind with a setting of its own."""

NODE = """
generations:
  - {id: a, type: text, config: {prompt: Hello}}
"""


class Project:
    """Files under a root."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "trees").mkdir()

    def write(self, path: str, text: str) -> Path:
        """A file, its folders made where they are missing."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text).lstrip("\n"), encoding="utf-8")
        return file

    def load(self, name: str = "t") -> Tree:
        """One tree."""
        return load_tree(self.root / "trees" / name, kinds={**KINDS, "dice": DICE}, providers=PROVIDERS, root=self.root)

    def load_all(self, *names: str) -> list[Tree]:
        """All trees, or those named, in the order in which they run."""
        return load_trees(self.root, names or None, kinds={**KINDS, "dice": DICE}, providers=PROVIDERS)


def tree(text: str, file: str = "config.yaml", defaults: str | None = None) -> Tree:
    """The tree t of a project in which there is a tree `news` too."""
    with TemporaryDirectory() as folder:
        project = Project(Path(folder))
        project.write(f"trees/t/{file}", text)
        project.write("trees/news/config.yaml", f"version: 1{NODE}")
        if defaults is not None:
            project.write("trees/defaults.yaml", defaults)
        return project.load()


def fault(text: str, file: str = "config.yaml", defaults: str | None = None) -> SetupError:
    """The error of that tree."""
    with pytest.raises(SetupError) as raised:
        tree(text, file, defaults)
    return raised.value
