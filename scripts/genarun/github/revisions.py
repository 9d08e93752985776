"""Which files an event changed: forced pushes, new branches, merges, shallow clones and any number of files included.

Only the trees of two commits are compared, never the way from one to the other. So a clone of depth 1 is enough once the other
commit is fetched, too, and neither a merge nor a rewritten history needs care.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from genarun.errors import SetupError
from genarun.github.context import Context, commit_or_none

if TYPE_CHECKING:
    from git import Repo

_DEEPEN: Final = (50, 500, 5000)
"""Commits by which a shallow clone is deepened, one after the other, until a common ancestor is found."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What an event changed.

    files: relative to the project, removed ones included; None where it cannot be known, and everything counts.
    since: the commit compared with; None likewise. why: in words, where everything counts.
    """

    files: tuple[PurePosixPath, ...] | None
    since: str | None = None
    why: str = ""


def pushed(root: Path, context: Context, env: Mapping[str, str]) -> Changes:
    """What a push changed: from `before` of its event to the commit that it left. env: for git processes.

    A new branch is compared with where it left the default branch. Raises SetupError where `root` is in no repository.
    """
    after = commit_or_none(context.event.get("after")) or context.sha
    before = commit_or_none(context.event.get("before"))
    with open_repository(root, env) as repo:
        if before is not None:
            if fetch_commit(repo, before):
                return _between(repo, root, before, after)
            return Changes(None, why="the commit before this push is gone, as after a forced push long ago")
        default = str((context.event.get("repository") or {}).get("default_branch") or "")
        if not default or default == context.branch:
            return Changes(None, why="this is the first push")
        fork = forked_at(repo, default, after)
        if fork is None:
            return Changes(None, why="this branch has no commit in common with the default branch")
        return _between(repo, root, fork, after)


def between(root: Path, base: str, head: str, env: Mapping[str, str]) -> Changes:
    """What a pull request changes: from where `head` left `base` to `head`. Both are full commit ids."""
    with open_repository(root, env) as repo:
        if not (fetch_commit(repo, base) and fetch_commit(repo, head)):
            return Changes(None, why="the commits of this pull request are gone")
        fork = _common(repo, base, head) or base
        return _between(repo, root, fork, head)


def open_repository(root: Path, env: Mapping[str, str]) -> Repo:
    """The repository that holds the project. Raises SetupError (`no-repository`)."""
    from git import Repo  # importing it starts a git process
    from git.exc import InvalidGitRepositoryError, NoSuchPathError

    try:
        repo = Repo(root, search_parent_directories=True)
    except (InvalidGitRepositoryError, NoSuchPathError) as fault:
        raise SetupError(
            "no-repository", "this folder is in no git repository", str(root), "Check the repository out before this step."
        ) from fault
    repo.git.update_environment(**env)
    return repo


def fetch_commit(repo: Repo, commit: str) -> bool:
    """Whether a commit and its files' names are here, fetched where they were not."""
    from git.exc import GitCommandError

    if _has(repo, commit):
        return True
    try:
        repo.git.fetch("--no-tags", "--no-write-fetch-head", "--depth=1", "origin", commit)
    except GitCommandError:
        return False
    return _has(repo, commit)


def forked_at(repo: Repo, branch: str, commit: str) -> str | None:
    """Where `commit` left a branch of origin; None where the two have nothing in common."""
    from git.exc import GitCommandError

    # A full name, so that what it is called cannot be read as an option or as another kind of revision.
    ref = f"refs/heads/{branch}"
    into = f"+{ref}:refs/genarun/default"
    for depth in (1, *_DEEPEN, None):
        try:
            if depth is None:
                _unshallow(repo, into)
            elif depth == 1:
                repo.git.fetch("--no-tags", *(["--depth=1"] if _shallow(repo) else []), "origin", into)
            elif _shallow(repo):
                repo.git.fetch("--no-tags", f"--deepen={depth}", "origin", into, commit)
            else:
                break
        except GitCommandError:
            return None
        if found := _merge_base(repo, "refs/genarun/default", commit):
            return found
    return None


def _common(repo: Repo, one: str, other: str) -> str | None:
    from git.exc import GitCommandError

    for depth in (0, *_DEEPEN, None):
        try:
            if depth is None:
                _unshallow(repo, one, other)
            elif depth and _shallow(repo):
                repo.git.fetch("--no-tags", "--no-write-fetch-head", f"--deepen={depth}", "origin", one, other)
        except GitCommandError:
            return None
        if found := _merge_base(repo, one, other):
            return found
        if not _shallow(repo):
            return None
    return None


def _unshallow(repo: Repo, *refs: str) -> None:
    if _shallow(repo):
        repo.git.fetch("--no-tags", "--unshallow", "origin", *refs)


def _shallow(repo: Repo) -> bool:
    return str(repo.git.rev_parse("--is-shallow-repository")) == "true"


def _merge_base(repo: Repo, one: str, other: str) -> str | None:
    from git.exc import GitCommandError

    try:
        return commit_or_none(str(repo.git.merge_base(one, other)).split("\n")[0])
    except GitCommandError:
        return None


def _has(repo: Repo, commit: str) -> bool:
    from git.exc import GitCommandError

    try:
        # Not `cat-file -e` alone: a partial clone would answer it by fetching.
        repo.git.cat_file("-e", f"{commit}^{{tree}}")
    except GitCommandError:
        return False
    return True


def _between(repo: Repo, root: Path, before: str, after: str) -> Changes:
    top = Path(repo.working_tree_dir or root).resolve()
    prefix = root.resolve().relative_to(top).as_posix()
    # --no-renames: a moved file is one that went and one that came, and both count.
    names = repo.git.diff_tree("-r", "--name-only", "--no-renames", "-z", before, after).split("\0")
    inside = [name for name in names if name and (prefix == "." or name.startswith(f"{prefix}/"))]
    return Changes(tuple(PurePosixPath(name if prefix == "." else name[len(prefix) + 1 :]) for name in inside), before)
