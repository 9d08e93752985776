"""The repository on GitHub that a copy on a laptop belongs to, and the API with a person's own token."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode, urlsplit

from genarun.client.findings import ask_git
from genarun.errors import SetupError
from genarun.github.api import api_with
from genarun.github.context import REPOSITORY

if TYPE_CHECKING:
    from github.Repository import Repository

TOKENS: Final = ("GH_TOKEN", "GITHUB_TOKEN")
"""Variables that hold a person's token, in the order in which `gh` reads them."""
_SSH: Final = re.compile(r"(?:[^@/\s]+@)?(?P<host>[^:/\s]+):(?P<path>[^\s]+)")
_SECONDS: Final = 10
_PERMISSIONS: Final = {"administration": "write", "secrets": "write", "issues": "write"}
"""Of a fine-grained token: settings of Actions, secrets, and labels."""


@dataclass(frozen=True, slots=True)
class Origin:
    """name: `owner/name`. url: its page. api_url: of its GitHub."""

    name: str
    url: str
    api_url: str

    @property
    def host(self) -> str:
        """As in `github.com`."""
        return urlsplit(self.url).hostname or ""

    @property
    def token_url(self) -> str:
        """The page on which a person makes a token with just the permissions that setting up needs."""
        server = self.url.removesuffix(f"/{self.name}")
        asked = {
            "name": "Genarun",
            "description": f"Sets up {self.name}",
            "target_name": self.name.split("/")[0],
            "expires_in": "7",
        }
        return f"{server}/settings/personal-access-tokens/new?{urlencode(asked | _PERMISSIONS)}"


def find_origin(root: Path, environ: Mapping[str, str], named: str | None = None) -> Origin:
    """Where git's remote `origin` points, or `named` (`owner/name`) on the same server, where that is a GitHub.

    A token goes to GitHub alone: github.com, GitHub Enterprise Cloud (`*.ghe.com`), the server that GH_HOST or GITHUB_API_URL
    names. Raises SetupError (`origin-missing`, `origin-elsewhere`, `repository-name`).
    """
    answer = ask_git(root, "remote", "get-url", "origin")
    address = answer.stdout.strip() if answer is not None and answer.returncode == 0 else ""
    host, path = _parts(address)
    if named is not None:
        path = named
    elif not host:
        raise SetupError(
            "origin-missing",
            "this project has no remote `origin` on GitHub",
            hint="Make a copy with *Use this template* and clone it, or name the repository: `--repository OWNER/NAME`.",
        )
    name = path.strip("/").removesuffix(".git")
    host = {"": "github.com", "ssh.github.com": "github.com", "www.github.com": "github.com"}.get(host, host)
    api_url = environ.get("GITHUB_API_URL", "").strip().rstrip("/")
    if api_url:
        server = environ.get("GITHUB_SERVER_URL", "").strip().rstrip("/") or f"https://{host}"
    elif host == "github.com":
        server, api_url = "https://github.com", "https://api.github.com"
    elif host.endswith(".ghe.com"):
        server, api_url = f"https://{host}", f"https://api.{host}"
    elif host == environ.get("GH_HOST", "").strip().casefold():
        server, api_url = f"https://{host}", f"https://{host}/api/v3"
    elif named is not None:
        server, api_url = "https://github.com", "https://api.github.com"
    else:
        raise SetupError(
            "origin-elsewhere",
            f"the remote `origin` is on {host}, which is not known to be a GitHub",
            hint=f"For a GitHub of your own set GH_HOST={host}; for a name in your SSH settings give `--repository`.",
        )
    if not REPOSITORY.fullmatch(name):
        raise SetupError(
            "repository-name", f"`{name}` is not `owner/name`", hint="Name the repository: `--repository OWNER/NAME`."
        )
    return Origin(name, f"{server}/{name}", api_url)


def _parts(address: str) -> tuple[str, str]:
    """Host and path of a remote's address; empty for a path on this machine."""
    if "://" in address:
        found = urlsplit(address)
        return ((found.hostname or ""), found.path) if found.scheme in ("https", "http", "ssh", "git") else ("", "")
    match = _SSH.fullmatch(address)
    return (match["host"].casefold(), match["path"]) if match else ("", "")


def token_of(env: Mapping[str, str]) -> tuple[str, str]:
    """A person's token in the environment or .env, and the variable; empty where there is none."""
    return next(((value, name) for name in TOKENS if (value := env.get(name, "").strip())), ("", ""))


def token_of_gh(env: Mapping[str, str], host: str) -> str:
    """The token of whom `gh` has logged in; empty where there is no `gh`, or nobody is."""
    program = shutil.which("gh", path=env.get("PATH", ""))
    if program is None:
        return ""
    try:
        asked = subprocess.run(
            [program, "auth", "token", "--hostname", host],
            capture_output=True, text=True, timeout=_SECONDS, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return asked.stdout.strip() if asked.returncode == 0 else ""


def enter(origin: Origin, token: str) -> Repository:
    """The repository, which the token may set up.

    Raises SetupError: `token-refused`, `token-scopes`, `repository-unknown`, `not-admin`, `repository-archived`, `is-template`,
    `github-silent`.
    """
    from github import GithubException
    from requests import RequestException

    api = api_with(token, origin.api_url)
    try:
        repository = api.get_repo(origin.name).complete()
    except GithubException as error:
        if error.status == 401:
            raise SetupError(
                "token-refused",
                "GitHub refuses the token: it is wrong, or has expired",
                hint=f"Make a new one: {origin.token_url}",
            ) from error
        if error.status in (403, 404):
            raise SetupError(
                "repository-unknown",
                f"GitHub knows no repository {origin.name}, or this token does not see it",
                hint=f"Check the name, and give the token access to it: {origin.token_url}",
            ) from error
        raise _silent(origin, f"status {error.status}") from error
    except RequestException as error:
        raise _silent(origin, type(error).__name__) from error
    _may(api.oauth_scopes, repository, origin)
    return repository


def _may(scopes: list[str] | None, repository: Repository, origin: Origin) -> None:
    """scopes: of a classic token; a fine-grained one has permissions instead, which GitHub tells only when one is lacking."""
    enough = {"repo"} if repository.private else {"repo", "public_repo"}
    if scopes is not None and not enough & set(scopes):
        held = ", ".join(f"`{one}`" for one in scopes if one) or "no scope"
        raise SetupError(
            "token-scopes", f"the token lacks the scope `repo`; it has {held}", hint=f"Make one that has it: {origin.token_url}"
        )
    if repository.archived:
        raise SetupError(
            "repository-archived", f"{origin.name} is archived", hint=f"Open it again under {origin.url}/settings, then go on."
        )
    if not (repository.permissions and repository.permissions.admin):
        raise SetupError(
            "not-admin",
            f"you do not administer {origin.name}",
            hint="Ask an owner to run this, or make a copy of your own with *Use this template*.",
        )
    if repository.is_template:
        raise SetupError(
            "is-template",
            f"{origin.name} is a template itself: a secret in it would reach none of its copies",
            hint="Click *Use this template*, clone the copy, and run this there.",
        )


def _silent(origin: Origin, why: str) -> SetupError:
    return SetupError("github-silent", f"{origin.api_url} does not answer ({why})", hint="Run it again when you are online.")
