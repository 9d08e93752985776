"""What tests of the API share: one emulated GitHub for each module, and a repository of its own for each test."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from github import Auth, Github
from github.Repository import Repository

from tests.github.acting import Hub
from tests.github.emulated import TOKEN, USER, emulated


@pytest.fixture(scope="module")
def api() -> Iterator[str]:
    with emulated() as url:
        yield url


@pytest.fixture
def repository(api: str, request: pytest.FixtureRequest) -> Repository:
    name = re.sub(r"\W+", "-", request.node.name)[:80].strip("-")
    return Github(auth=Auth.Token(TOKEN), base_url=api).get_user().create_repo(name, has_issues=True)


@pytest.fixture
def online(tmp_path: Path, api: str, repository: Repository) -> Hub:
    """A repository whose workflows reach the emulated API with their token, and run offline."""
    hub = Hub(tmp_path, repository=repository.full_name, actor=USER)
    hub.environ["GITHUB_API_URL"] = api
    hub.secrets["GITHUB_TOKEN"] = TOKEN
    hub.variables["GENARUN_OFFLINE"] = "1"
    return hub
