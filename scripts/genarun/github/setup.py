"""Setting a repository up: every check that can be put right is, and the keys that the trees ask with become secrets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from genarun.client.project import Project
from genarun.errors import SetupError
from genarun.github.checkup import checks, refusal
from genarun.github.keys import WORKFLOW, Keys, Need, pass_on, passed_on
from genarun.providers.registry import provider_infos
from genarun.tree.model import Tree
from genarun.words import listed

if TYPE_CHECKING:
    from github.Repository import Repository

State = Literal["there", "done", "open", "refused"]
Ask = Callable[[str, str], str]
"""A variable and where its key is from, in words -> the key; empty for later."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing: in order before, put right now, left to a person, or refused by GitHub. hint: what the person can do."""

    state: State
    what: str
    hint: str = ""


def settings_steps(repository: Repository) -> Iterator[Step]:
    """Look at every setting, and put it right. Raises RequestException where GitHub does not answer."""
    for check in checks(repository):
        if check.mend is None:
            yield Step("there" if check.ok else "refused" if check.failed else "open", check.what, check.hint)
        else:
            yield _tried(check.mend, f"mend this: {check.what}")


def secrets_steps(
    repository: Repository, project: Project, trees: Sequence[Tree], replace: bool, ask: Ask | None
) -> Iterator[Step]:
    """Set the keys that these trees ask with. replace: also those that the repository holds. ask: None where nobody sits."""
    from github import GithubException

    try:
        keys = Keys(repository, trees, provider_infos(), project.env, project.environ)
    except GithubException as error:
        yield _refused(error, "list the secrets")
        return
    for name in keys.used:
        value = keys.value(name)
        if name in keys.present and not (replace and value):
            yield Step("there", f"the secret {name} is set")
        elif value:
            again = " anew" if name in keys.present else ""
            yield _sent(keys, name, value, f"set the secret {name}{again}, from {keys.origin(name)}")
    for need in keys.unmet():
        yield from _asked(keys, need, ask, f"{repository.html_url}/settings/secrets/actions/new")
    passed = passed_on(project.root)
    if passed is None:
        yield Step("open", f"there is no {WORKFLOW}: a push runs nothing", "Take `.github` from the template.")
    elif lacking := [name for name in keys.used if name not in passed]:
        yield Step("open", f"the workflows do not hand {listed(lacking)} to the runs", pass_on(lacking))


def _asked(keys: Keys, need: Need, ask: Ask | None, page: str) -> Iterator[Step]:
    """A key that no secret holds and that is not at hand: any one of its ways is enough."""
    if not any(need is one for one in keys.unmet()):
        return  # a key that was given just now answers this one too
    for name, origin in need.ways.items() if ask is not None else ():
        if ask is not None and (value := ask(name, origin)):
            yield _sent(keys, name, value, f"set the secret {name}")
            return
    hint = f"Put it into .env and run this again, or add it on {page} ({need.origins})."
    yield Step("open", f"{need.text}, which is not set; until then a push leaves it alone", hint)


def _sent(keys: Keys, name: str, value: str, told: str) -> Step:
    def send() -> str:
        keys.send(name, value)
        return told

    try:
        return _tried(send, f"set the secret {name}")
    except SetupError as error:
        return Step("refused", error.what, error.hint or "")


def _tried(work: Callable[[], str], doing: str) -> Step:
    from github import GithubException

    try:
        return Step("done", work())
    except GithubException as error:
        return _refused(error, doing)


def _refused(error: Exception, doing: str) -> Step:
    check = refusal(error, doing)
    return Step("refused", check.what, check.hint)
