"""A commit that is built on a branch's tip without a checkout: an index of its own, blobs, a tree, a commit.

So nothing of the branch is ever executed, a sparse or shallow clone is enough, and starting over on a newer tip costs little.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from genarun.github.context import commit_or_none

if TYPE_CHECKING:
    from git import Repo

FILE = "100644"


class Tip:
    """One state of a branch, and the changes on top of it. commit: full id."""

    def __init__(self, repo: Repo, commit: str, scratch: Path) -> None:
        self.repo = repo
        self.commit = commit
        self._scratch = scratch
        self._index = {"GIT_INDEX_FILE": str(scratch / f"index-{commit}")}
        repo.git.read_tree(commit, env=self._index)

    def names(self, folder: str) -> dict[str, str]:
        """Blob ids by path below a folder, whole paths."""
        said = self.repo.git.ls_files("--stage", "-z", "--", f":(top,literal){folder}", env=self._index)
        found = {}
        for line in filter(None, said.split("\0")):
            about, _, path = line.partition("\t")
            mode, blob, _ = about.split(" ")
            if mode == FILE:
                found[path] = blob
        return found

    def folders(self, folder: str) -> set[str]:
        """Names of what lies directly in a folder and is a folder itself."""
        cut = len(folder.rstrip("/")) + 1
        return {path[cut:].partition("/")[0] for path in self.names(folder) if "/" in path[cut:]}

    def read(self, blob: str) -> bytes:
        """The bytes of a blob, fetched where a partial clone left it out."""
        return bytes(self.repo.git.cat_file("blob", blob, stdout_as_string=False, strip_newline_in_stdout=False))

    def text(self, path: str) -> bytes | None:
        """A file's bytes; None where there is no such file."""
        blob = self.names(path).get(path)
        return None if blob is None else self.read(blob)

    def replace(self, folder: str, files: Mapping[str, Path | bytes]) -> None:
        """Make a folder hold exactly these files, by path below it."""
        gone = [f"0 {'0' * 40}\t{path}" for path in self.names(folder)]
        self._put([*gone, *(f"{FILE} {self._store(source)}\t{folder}/{name}" for name, source in files.items())])

    def write(self, path: str, data: bytes) -> None:
        """Make one file hold these bytes."""
        self._put([f"{FILE} {self._store(data)}\t{path}"])

    def advance(self, message: str, env: Mapping[str, str]) -> bool:
        """Commit what changed on top of `commit`, which then is that commit. False where nothing did. env: who, and when."""
        tree = self.repo.git.write_tree(env=self._index)
        if tree == self.repo.git.rev_parse(f"{self.commit}^{{tree}}"):
            return False
        file = self._scratch / "message"
        file.write_text(message, encoding="utf-8")
        made = self.repo.git.commit_tree(tree, "-p", self.commit, "-F", str(file), env=dict(env))
        self.commit = commit_or_none(made) or self.commit
        return True

    def _store(self, source: Path | bytes) -> str:
        """Filters are off: digests are taken of these very bytes."""
        if isinstance(source, Path):
            return str(self.repo.git.hash_object("-w", "--no-filters", "--", str(source)))
        file = self._scratch / "blob"
        file.write_bytes(source)
        return self._store(file)

    def _put(self, lines: Iterable[str]) -> None:
        with tempfile.TemporaryFile(dir=self._scratch) as given:
            given.write("".join(f"{line}\0" for line in lines).encode())
            given.flush()
            os.lseek(given.fileno(), 0, os.SEEK_SET)
            self.repo.git.update_index("-z", "--index-info", istream=given, env=self._index)
