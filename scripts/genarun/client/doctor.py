"""What `genarun doctor` looks at: the machine, the project, its keys, what past runs left, and how the repository grows."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from genarun import __version__
from genarun.client.findings import Finding, ask_git
from genarun.client.growth import growth
from genarun.client.sizes import read_facts
from genarun.engine.model import Options
from genarun.errors import Faults, SetupError
from genarun.providers.base import Settings
from genarun.providers.catalog import needed_key
from genarun.providers.registry import key_origin, provider_infos, provider_notices
from genarun.providers.services import uses
from genarun.store.files import TMP, is_stale
from genarun.store.latest import edits
from genarun.store.layout import TreeFolder
from genarun.store.overrides import read_overrides
from genarun.tree.model import Tree

if TYPE_CHECKING:
    from genarun.client.project import Project

OLDEST_PYTHON = (3, 11)
LITTLE_SPACE = 1_000_000_000
NO_SPACE = 50_000_000


def examine(project: Project) -> list[Finding]:
    """Look at everything. Raises nothing for what is wrong: that is what it reports."""
    found = [*_machine(project.root), *_env(project)]
    try:
        names = project.names()
    except SetupError as fault:
        return [*found, _fault("project", fault)]
    if not names:
        hint = "Make `trees/<name>/config.yaml`; the readme shows one in fifteen lines."
        found.append(Finding("project", False, "no tree yet", hint))
    if any(finding.broken and finding.about == "project" for finding in found):
        return found  # without a readable environment nothing can be said of keys
    for name in names:
        try:
            found += _tree(project, name)
        except SetupError as fault:
            found += [_fault(name, one) for one in (fault.errors if isinstance(fault, Faults) else [fault])]
    return [*found, *growth(read_facts(project.root), datetime.now(UTC))]


def _fault(about: str, fault: SetupError) -> Finding:
    place = f"{fault.where}: " if fault.where else ""
    return Finding(about, False, f"{place}{fault.what}", fault.hint or "", broken=True)


# The machine and the project -----------------------------------------------------------------------------------------


def _machine(root: Path) -> Iterator[Finding]:
    version = ".".join(str(part) for part in sys.version_info[:3])
    if sys.version_info[:2] >= OLDEST_PYTHON:
        yield Finding("machine", True, f"genarun {__version__} on Python {version}")
    else:
        yield Finding("machine", False, f"Python {version} is too old", "Install Python 3.11 or newer.", broken=True)
    for notice in provider_notices():
        yield Finding("machine", False, notice, "Mend or uninstall that package.")
    yield from _space(root)
    yield from _git(root)


def _space(root: Path) -> Iterator[Finding]:
    try:
        free = shutil.disk_usage(root).free
    except OSError as error:
        yield Finding("machine", False, f"the disk does not say how much space is left: {error.strerror}")
        return
    shown = f"{free / 1e9:.1f} GB of disk space left"
    if free < NO_SPACE:
        yield Finding("machine", False, shown, "Make room: a run could not write its answers down.", broken=True)
    elif free < LITTLE_SPACE:
        yield Finding("machine", False, shown, "`genarun purge` thins out old runs.")
    else:
        yield Finding("machine", True, shown)


def _git(root: Path) -> Iterator[Finding]:
    if shutil.which("git") is None:
        hint = "Install git: outputs, prompts and costs are meant to be kept in it, and `--changed` reads it."
        yield Finding("machine", False, "git is not installed", hint)
        return
    inside = ask_git(root, "rev-parse", "--is-inside-work-tree")
    if inside is None or inside.stdout.strip() != "true":
        yield Finding("project", False, "the project is in no git repository", "`git init` makes it one.")
        return
    yield Finding("project", True, "a git repository")
    if not (root / ".env").is_file():
        return
    tracked = ask_git(root, "ls-files", "--error-unmatch", ".env")
    if tracked is not None and tracked.returncode == 0:
        hint = "Take it out with `git rm --cached .env`, and get new keys: what was pushed once can be read by others."
        yield Finding("project", False, ".env is committed to git, keys and all", hint, broken=True)
        return
    ignored = ask_git(root, "check-ignore", "-q", ".env")
    if ignored is not None and ignored.returncode == 1:
        yield Finding("project", False, ".env is not ignored by git", "Add a line `.env` to .gitignore.", broken=True)
    else:
        yield Finding("project", True, ".env is ignored by git")


def _env(project: Project) -> Iterator[Finding]:
    try:
        known = project.env
        project.masker  # noqa: B018 - refuses secrets that are too short to be hidden
    except SetupError as fault:
        yield _fault("project", fault)
        return
    if (project.root / ".env").is_file():
        yield Finding("project", True, ".env is read")
    for info in provider_infos().values():
        if info.key_env and known.get(info.key_env, "").strip():
            origin = "the environment" if project.environ.get(info.key_env, "").strip() else ".env"
            yield Finding("project", True, f"{info.key_env} is set, in {origin}")


# One tree ------------------------------------------------------------------------------------------------------------


def _tree(project: Project, name: str) -> Iterator[Finding]:
    tree = project.load_one(name)
    folder = project.folder(tree.name)
    count = len(tree.trails)
    yield Finding(name, True, f"loads: {count} node{'' if count == 1 else 's'}" + (", Genarun v0" if tree.legacy else ""))
    for warning in tree.warnings:
        yield Finding(name, False, warning)
    yield from _keys(project, tree)
    overrides = read_overrides(folder, tree)
    if overrides:
        yield Finding(name, True, f"{len(overrides)} value{'' if len(overrides) == 1 else 's'} by hand, in overrides.yaml")
    yield from _left(folder)


def _keys(project: Project, tree: Tree) -> Iterator[Finding]:
    infos, missing, asked = provider_infos(), {}, uses(tree)
    services = project.services(tree, Options())
    keyless = {fault.what: fault for use in asked if use.members and (fault := services.keyless(use)) is not None}
    for use in asked:
        info, settings = infos[use.protocol], Settings(use.provider, use.base_url, use.key_env)
        variable = needed_key(info, settings)
        if not use.members and variable is not None and not project.env.get(variable, "").strip():
            missing[variable] = key_origin(info, settings)
    left_out = services.left_out()
    for text in left_out:
        yield Finding(tree.name, False, text, "It is asked as soon as its key is in .env, or in a repository secret.")
    for fault in keyless.values():
        yield Finding(tree.name, False, f"runs offline only: {fault.what}", fault.hint or "")
    if missing:
        names = " and ".join(missing)
        lines = "; ".join(f"{name}=… ({how})" for name, how in missing.items())
        what = f"runs offline only: {names} {'is' if len(missing) == 1 else 'are'} not set"
        yield Finding(tree.name, False, what, f"Put into .env, or into a repository secret: {lines}.")
    elif any(one.protocol not in {"offline", "replay"} for use in asked for one in use.candidates):
        if not keyless:
            yield Finding(tree.name, True, "can run for real" + ("" if left_out else ": every key is set"))
    else:
        yield Finding(tree.name, True, "needs no key")


def _left(folder: TreeFolder) -> Iterator[Finding]:
    name = folder.name
    notices: list[str] = []
    runs = folder.runs()
    summary = runs[0].summary(notices) if runs else None
    for notice in notices:
        yield Finding(name, False, notice)
    unfinished = folder.newest_unfinished()
    if unfinished is not None and summary is not None:
        state = "killed, or still running" if summary.status == "running" else summary.status
        yield Finding(name, False, f"{unfinished.id} is unfinished ({state})", f"`genarun resume {name}` goes on.")
    if folder.latest.is_dir():
        changed = edits(folder)
        if changed:
            places = ", ".join(str(edit.where) for edit in changed[:3]) + (" …" if len(changed) > 3 else "")
            hint = f"`genarun pin {name}/latest` turns them into overrides, which outlive the next run."
            yield Finding(name, False, f"latest/ holds edits made by hand: {places}", hint)
        else:
            yield Finding(name, True, "latest/ is as the run left it")
    elif folder.newest_succeeded() is not None:
        yield Finding(name, False, "latest/ is missing", f"`genarun run {name}` puts it back.")
    stale = _stale(folder.path)
    if stale:
        what = (
            f"{len(stale)} unfinished file{'' if len(stale) == 1 else 's'} left by a process that was killed: {stale[0].name}"
        )
        yield Finding(name, False, what, f"`genarun run {name}` sweeps them.")


def _stale(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.rglob(f"{TMP}*") if is_stale(path.name))
    except OSError:
        return []
