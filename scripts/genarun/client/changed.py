"""Which trees changed since a git revision, for `genarun run --changed`.

GitPython is imported where it is used: importing it starts a git process, and only this flag needs it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from genarun.errors import SetupError
from genarun.tree.model import Tree

if TYPE_CHECKING:
    from git import Repo


def changed_trees(root: Path, since: str, trees: Sequence[Tree]) -> list[str]:
    """Names in running order. A tree's config, prompts and overrides count, its runs and latest/ do not; a change to
    trees/defaults.yaml counts for every tree, and a changed tree counts for those that read its output or use it as a step.
    A changed latest/ counts for those that read it.

    Raises SetupError where `root` is in no git repository, or `since` names no commit.
    """
    return affected(_changed_files(root, since), trees)


def affected(files: Iterable[PurePosixPath], trees: Sequence[Tree]) -> list[str]:
    """Names, in running order, of the trees that changed files concern. files: relative to the project."""
    files = list(files)
    everything = any(path.parts in {("trees", "defaults.yaml"), ("trees", "defaults.json")} for path in files)
    inside = [path.parts[1:] for path in files if len(path.parts) > 2 and path.parts[0] == "trees"]
    changed = {parts[0] for parts in inside if _counts(parts[1])}
    # What a person edits in latest/ is what other trees read; it changes nothing for the tree itself.
    edited = {parts[0] for parts in inside if parts[1] == "latest"}
    found: list[str] = []
    for tree in trees:  # in running order: what a tree reads comes before it
        own = tree.name in changed or not changed.isdisjoint(tree.steps)
        if everything or own or any(name in found or name in edited for name in tree.after):
            found.append(tree.name)
    return found


def _counts(entry: str) -> bool:
    """Whether an entry of a tree's folder is a person's: not a run (they begin with a digit), latest/ or something hidden."""
    return not (entry[0].isdigit() or entry == "latest" or entry.startswith("."))


def _changed_files(root: Path, since: str) -> list[PurePosixPath]:
    from git.exc import GitError, ODBError  # as above

    repo = _open(root)
    try:
        try:
            commit = repo.commit(since)
        except (ValueError, IndexError, GitError, ODBError) as fault:
            raise SetupError(
                "revision-unknown",
                f"--changed {since}: git knows no such commit",
                hint="Give a commit, branch or tag. In a shallow clone, fetch more history first: `git fetch --unshallow`.",
            ) from fault
        top = Path(repo.working_tree_dir or root).resolve()
        names = repo.git.diff("--name-only", "--no-renames", "-z", commit.hexsha, "--").split("\0")
        names += repo.git.ls_files("--others", "--exclude-standard", "-z").split("\0")
    finally:
        repo.close()
    prefix = root.resolve().relative_to(top).as_posix()
    inside = [name for name in names if name and (prefix == "." or name.startswith(prefix + "/"))]
    return [PurePosixPath(name if prefix == "." else name[len(prefix) + 1 :]) for name in inside]


def _open(root: Path) -> Repo:
    from git import Repo  # as above
    from git.exc import InvalidGitRepositoryError, NoSuchPathError

    try:
        return Repo(root, search_parent_directories=True)
    except (InvalidGitRepositoryError, NoSuchPathError) as fault:
        raise SetupError(
            "no-repository",
            "--changed needs a git repository, and this folder is in none",
            str(root),
            "Run it without --changed, or `git init` and commit first.",
        ) from fault
