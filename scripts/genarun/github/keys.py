"""Keys that the trees of a repository ask with, and which of them it holds as secrets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from genarun.errors import SetupError
from genarun.github.matrix import keys_of
from genarun.providers.base import ProviderInfo, Settings
from genarun.providers.catalog import needed_key
from genarun.providers.registry import key_origin
from genarun.providers.services import uses
from genarun.tree.model import Tree
from genarun.words import listed

if TYPE_CHECKING:
    from github.Repository import Repository

WORKFLOW: Final = ".github/workflows/run.yaml"
RESERVED: Final = "GITHUB_"
"""How the name of no secret may begin. A job has a GITHUB_TOKEN of its own."""
_PASSED: Final = re.compile(r"\bsecrets\.([A-Za-z_][A-Za-z0-9_]*)")


@dataclass(frozen=True, slots=True)
class Need:
    """A key that some trees cannot run without. ways: variables of which one is enough, each with where to get it in words."""

    trees: tuple[str, ...]
    ways: Mapping[str, str]

    @property
    def text(self) -> str:
        """What it is about, in a line."""
        names = listed(list(self.ways), "or")
        return f"{listed(list(self.trees))} {'needs' if len(self.trees) == 1 else 'need'} {names}"

    @property
    def origins(self) -> str:
        """Where to get it."""
        return "; ".join(f"{name}: {origin}" for name, origin in self.ways.items())


def needs(trees: Sequence[Tree], infos: Mapping[str, ProviderInfo]) -> list[Need]:
    """What must be there before these trees can run in Actions, each once. A service without keys, or with the job's own
    token, needs none."""
    found: dict[frozenset[str], tuple[dict[str, None], dict[str, str]]] = {}
    for tree in trees:
        for use in uses(tree):
            ways: dict[str, str] = {}
            for one in use.candidates:
                info, settings = infos[one.protocol], Settings(one.provider, one.base_url, one.key_env)
                variable = needed_key(info, settings)
                if variable is None or variable.startswith(RESERVED):
                    break
                ways[variable] = key_origin(info, settings)
            else:
                found.setdefault(frozenset(ways), ({}, ways))[0][tree.name] = None
    return [Need(tuple(names), ways) for names, ways in found.values()]


def passed_on(root: Path) -> frozenset[str] | None:
    """Names of the secrets that the workflow hands to the runs; None where there is no such workflow."""
    try:
        return frozenset(_PASSED.findall((root / WORKFLOW).read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError):
        return None


def pass_on(names: Iterable[str]) -> str:
    """What to do so that the workflow hands these secrets on too."""
    named = listed(sorted(names))
    return f"Name {named} in {WORKFLOW}, and in regenerate.yaml and answer.yaml beside it, where the other keys stand."


class Keys:
    """The keys of a project and the secrets of its repository.

    env: the environment with .env behind it. environ: the environment alone, to tell which of the two a key is from.
    Raises GithubException where the secrets cannot be listed.
    """

    def __init__(
        self,
        repository: Repository,
        trees: Sequence[Tree],
        infos: Mapping[str, ProviderInfo],
        env: Mapping[str, str],
        environ: Mapping[str, str],
    ) -> None:
        self._repository = repository
        self._env, self._environ = env, environ
        self.used = [name for name in keys_of(trees, infos) if not name.startswith(RESERVED)]
        self._needs = needs(trees, infos)
        self.present = {secret.name for secret in repository.get_secrets()} | set(_organisations(repository))

    def value(self, name: str) -> str:
        """The key at hand; empty where there is none."""
        return self._env.get(name, "").strip()

    def origin(self, name: str) -> str:
        """Where the key at hand is from, in words."""
        return "the environment" if self._environ.get(name, "").strip() else ".env"

    def unmet(self) -> list[Need]:
        """What no secret answers yet."""
        return [need for need in self._needs if not self.present & set(need.ways)]

    def send(self, name: str, value: str) -> None:
        """Encrypt a key for the repository and set it as a secret. Raises SetupError (`key-unusable`), GithubException."""
        if not value.isascii() or not value.isprintable() or " " in value:
            hint = "Copy it anew, without quotes, blanks and line breaks."
            raise SetupError("key-unusable", f"what was given for {name} cannot be a key", hint=hint)
        self._repository.create_secret(name, value)
        self.present.add(name)


def _organisations(repository: Repository) -> Iterator[str]:
    """Names of the secrets that an organisation shares with this repository; of a person's repository there are none."""
    from github import GithubException

    try:
        _, data = repository.requester.requestJsonAndCheck(  # PyGithub has no call for it
            "GET", f"{repository.url}/actions/organization-secrets", parameters={"per_page": 100}
        )
    except GithubException as error:
        if error.status in (403, 404):
            return
        raise
    yield from (str(one["name"]) for one in data.get("secrets", ()))
