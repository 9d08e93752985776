"""Which runs a job needs in its checkout, and which it made: asked of git, so that it holds however the job ended.

Of the trees that a job does not run it checks out latest/ alone: the folders of every past run may be gigabytes.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from genarun.store.layout import LATEST, STAMP, TREE_NAME

if TYPE_CHECKING:
    from git import Repo

RESULTS: Final = "genarun-results"
"""The folder that a job hands on as an artifact, laid out like the repository."""


def add_runs(repo: Repo, trees: Iterable[str], prefix: str = "") -> list[str]:
    """Widen a sparse checkout by every kept run of these trees; their folders. Does nothing where everything is there.

    All of them, as any may hold the value that a changed tree asks for again, and a picture that is not there would be paid for
    twice. Equal files are one blob in git, so that most of it is disk and not network. prefix: of the project, with its `/`.
    """
    if str(repo.git.config("--get", "--default=false", "core.sparseCheckout")) != "true":
        return []
    # Patterns as in a .gitignore, rooted; no letter that a tree's name can have means something there.
    wanted = [f"{prefix}trees/{tree}/[0-9]*/" for tree in trees if TREE_NAME.fullmatch(tree)]
    if wanted:
        repo.git.sparse_checkout("add", *(f"/{folder}" for folder in wanted))
    return wanted


def collect(repo: Repo, root: Path, results: Path) -> list[str]:
    """Copy what runs left and git does not hold yet to where a later job takes it; the folders' names, latest/ included.

    Whole folders are copied: a run that went on has old records beside new ones.
    """
    top = Path(repo.working_tree_dir or root).resolve()
    prefix = root.resolve().relative_to(top).as_posix()
    said = repo.git.status("--porcelain=v1", "-z", "--untracked-files=all", "--no-renames", "--", str(root / "trees"))
    found: dict[str, None] = {}
    for line in said.split("\0"):
        parts = Path(line[3:]).relative_to(prefix).parts if len(line) > 3 else ()
        if len(parts) > 3 and parts[0] == "trees" and (parts[2] == LATEST or STAMP.fullmatch(parts[2])):
            found["/".join(parts[:3])] = None
    for name in found:
        target = results / name
        shutil.rmtree(target, ignore_errors=True)
        if (root / name).is_dir():
            shutil.copytree(root / name, target, symlinks=True)
    return list(found)
