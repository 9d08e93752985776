"""What `genarun doctor` tells of GitHub: whether pushes run trees, with which keys, and what `genarun init` would put right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from genarun.client.findings import Finding
from genarun.client.project import Project
from genarun.errors import SetupError
from genarun.github.checkup import checks, refusal
from genarun.github.keys import RESERVED, WORKFLOW, Keys, pass_on, passed_on
from genarun.github.matrix import keys_of
from genarun.github.origin import Origin, enter, find_origin, token_of
from genarun.providers.registry import provider_infos
from genarun.tree.model import Tree
from genarun.words import listed

ABOUT: Final = "github"
MENDS: Final = "`genarun init` puts it right."


def examine(project: Project) -> Iterator[Finding]:
    """Look at the workflows here and, with a person's token, at the repository on GitHub. Changes nothing, raises nothing.

    Only a token from the environment or .env is used: looking starts no other program and asks no server it was not told of.
    """
    try:
        trees = project.load()
    except SetupError:
        trees = []  # told elsewhere
    yield from _workflows(project, trees)
    try:
        origin = find_origin(project.root, project.env)
    except SetupError as fault:
        yield Finding(
            ABOUT, fault.code == "origin-missing", fault.what, "" if fault.code == "origin-missing" else fault.hint or ""
        )
        return
    token, where = token_of(project.env)
    if not token:
        yield Finding(ABOUT, True, f"{origin.name}; its settings are looked at where GH_TOKEN is set")
        return
    yield from _online(project, trees, origin, token, where)


def _workflows(project: Project, trees: Sequence[Tree]) -> Iterator[Finding]:
    passed = passed_on(project.root)
    if passed is None:
        yield Finding(ABOUT, False, f"there is no {WORKFLOW}: a push runs nothing", "Take `.github` from the template.")
        return
    lacking = [name for name in keys_of(trees, provider_infos()) if not name.startswith(RESERVED) and name not in passed]
    if lacking:
        yield Finding(ABOUT, False, f"the workflows do not hand {listed(lacking)} to the runs", pass_on(lacking))


def _online(project: Project, trees: Sequence[Tree], origin: Origin, token: str, where: str) -> Iterator[Finding]:
    from github import GithubException
    from requests import RequestException

    try:
        repository = enter(origin, token)
        yield Finding(ABOUT, True, f"{origin.name}, as {where} sees it")
        for check in checks(repository):
            yield Finding(ABOUT, check.ok, check.what, MENDS if check.mend else check.hint)
        yield from _keys(Keys(repository, trees, provider_infos(), project.env, project.environ), repository.html_url)
    except SetupError as fault:
        yield Finding(ABOUT, False, fault.what, fault.hint or "")
    except GithubException as error:
        check = refusal(error, "list the secrets")
        yield Finding(ABOUT, False, check.what, check.hint)
    except RequestException as error:
        yield Finding(ABOUT, False, f"GitHub does not answer ({type(error).__name__})", "Look again when you are online.")


def _keys(keys: Keys, url: str) -> Iterator[Finding]:
    held = [name for name in keys.used if name in keys.present]
    if held:
        yield Finding(ABOUT, True, f"{'secrets are' if len(held) > 1 else 'a secret is'} set: {listed(held)}")
    for need in keys.unmet():
        hint = f"`genarun init` sets it, or {url}/settings/secrets/actions/new ({need.origins})."
        yield Finding(ABOUT, False, f"on GitHub {need.text}, and no such secret is set", hint)
