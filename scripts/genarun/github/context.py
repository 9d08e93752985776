"""What a workflow tells a step, read once: who did what to which repository, and where the step may write its results.

Everything that comes from outside (branch names, titles, comments, logins) is text here and stays text: no part of it is ever
put into a shell command, a path or a workflow expression.
"""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from genarun.errors import SetupError

Json = Any

REPOSITORY: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})/[A-Za-z0-9._-]{1,100}", re.ASCII)
_COMMIT: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}", re.ASCII)
NO_COMMIT: Final = "0" * 40
"""What a push event gives as `before` of a new branch, and as `after` of a deleted one."""
SUMMARY_LIMIT: Final = 1_000_000
"""Bytes of a job summary that GitHub shows; a longer one is refused whole."""


@dataclass(frozen=True, slots=True)
class Context:
    """One step of one workflow run.

    repository: `owner/name`. event_name: `push`, `pull_request`, …; event: its payload, as GitHub documents it.
    sha: commit that started the run. branch: name without `refs/heads/`; empty for a tag.
    actor, actor_id: who triggered the run, by login and number.
    run_url: page of this workflow run. server_url, api_url: of this GitHub, which may be an Enterprise one.
    summary_file, output_file: where the step's Markdown and its outputs go; None outside of Actions.
    """

    repository: str
    event_name: str
    event: Mapping[str, Json]
    sha: str
    branch: str
    actor: str
    actor_id: str
    run_id: str
    run_url: str
    server_url: str
    api_url: str
    summary_file: Path | None = None
    output_file: Path | None = None
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def repository_url(self) -> str:
        """Page of the repository."""
        return f"{self.server_url}/{self.repository}"

    @property
    def secrets_url(self) -> str:
        """The settings page on which a person adds a key."""
        return f"{self.repository_url}/settings/secrets/actions/new"

    @property
    def variables_url(self) -> str:
        """The settings page on which a person adds a variable."""
        return f"{self.repository_url}/settings/variables/actions/new"

    def variable(self, name: str) -> str:
        """What the workflow passes on under this name, without space around it; empty where it passes nothing."""
        return self.environ.get(name, "").strip()

    def summarise(self, markdown: str) -> None:
        """Add to the job's summary, as far as GitHub takes it."""
        if self.summary_file is None:
            return
        written = self.summary_file.stat().st_size if self.summary_file.exists() else 0
        room = SUMMARY_LIMIT - written
        data = markdown.encode()
        if len(data) > room:
            note = "\n\n… cut here: GitHub shows no more than a megabyte.\n"
            data = data[: max(0, room - len(note.encode()))].decode(errors="ignore").encode() + note.encode()
        with self.summary_file.open("ab") as file:
            file.write(data + b"\n")

    def output(self, name: str, value: str) -> None:
        """Set an output of the step. The value may hold anything: it is fenced by a line that nobody can guess."""
        if self.output_file is None:
            return
        fence = f"end-{secrets.token_hex(16)}"
        with self.output_file.open("a", encoding="utf-8", newline="\n") as file:
            file.write(f"{name}<<{fence}\n{value}\n{fence}\n")


def read_context(environ: Mapping[str, str] | None = None) -> Context:
    """The step that this process is. Raises SetupError (`not-in-actions`, `event-unreadable`) where it is none."""
    environ = os.environ if environ is None else environ
    missing = [name for name in ("GITHUB_REPOSITORY", "GITHUB_EVENT_NAME", "GITHUB_EVENT_PATH") if not environ.get(name)]
    if missing:
        raise SetupError(
            "not-in-actions",
            f"this command is a step of a workflow, and {' and '.join(missing)} is not set",
            hint="On a laptop use `genarun plan` and `genarun run`; docs/github.md says what the workflows do.",
        )
    repository = environ["GITHUB_REPOSITORY"]
    if not REPOSITORY.fullmatch(repository):
        raise SetupError("repository-name", "GITHUB_REPOSITORY is not `owner/name`", hint="GitHub sets it; leave it as it is.")
    server = environ.get("GITHUB_SERVER_URL", "https://github.com").rstrip("/")
    run_id = environ.get("GITHUB_RUN_ID", "")
    ref = environ.get("GITHUB_REF", "")
    return Context(
        repository=repository,
        event_name=environ["GITHUB_EVENT_NAME"],
        event=_event(Path(environ["GITHUB_EVENT_PATH"])),
        sha=commit_or_none(environ.get("GITHUB_SHA")) or NO_COMMIT,
        branch=ref.removeprefix("refs/heads/") if ref.startswith("refs/heads/") else "",
        actor=environ.get("GITHUB_ACTOR", ""),
        actor_id=environ.get("GITHUB_ACTOR_ID", ""),
        run_id=run_id,
        run_url=f"{server}/{repository}/actions/runs/{run_id}" if run_id.isdigit() else f"{server}/{repository}/actions",
        server_url=server,
        api_url=environ.get("GITHUB_API_URL", "https://api.github.com").rstrip("/"),
        summary_file=Path(environ["GITHUB_STEP_SUMMARY"]) if environ.get("GITHUB_STEP_SUMMARY") else None,
        output_file=Path(environ["GITHUB_OUTPUT"]) if environ.get("GITHUB_OUTPUT") else None,
        environ=environ,
    )


def commit_or_none(value: object) -> str | None:
    """A full commit id that names something; None for anything else, the forty zeros of a new branch included."""
    return value if isinstance(value, str) and _COMMIT.fullmatch(value) and value.strip("0") else None


def _event(path: Path) -> Mapping[str, Json]:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise SetupError(
            "event-unreadable", "the event that started this workflow cannot be read", str(path), "Run the job again."
        ) from error
    return found if isinstance(found, dict) else {}
