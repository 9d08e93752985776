"""Which repository on GitHub a clone belongs to, and whose token is used: a token goes to no other server."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from genarun.errors import SetupError
from genarun.github.origin import find_origin, token_of, token_of_gh

from tests.helpers import Place
from tests.say import says


@pytest.mark.parametrize(
    ("address", "name", "api"),
    [
        ("https://github.com/octo/zoo", "octo/zoo", "https://api.github.com"),
        ("https://github.com/octo/zoo.git", "octo/zoo", "https://api.github.com"),
        ("https://token@github.com/octo/zoo.git/", "octo/zoo", "https://api.github.com"),
        ("git@github.com:octo/zoo.git", "octo/zoo", "https://api.github.com"),
        ("ssh://git@github.com/octo/zoo.git", "octo/zoo", "https://api.github.com"),
        ("ssh://git@ssh.github.com:443/octo/zoo.git", "octo/zoo", "https://api.github.com"),
        ("git@octo.ghe.com:octo/zoo.git", "octo/zoo", "https://api.octo.ghe.com"),
        ("git@git.example.org:octo/zoo.git", "octo/zoo", "https://git.example.org/api/v3"),
    ],
)
def test_the_remote_names_the_repository(tmp_path: Path, address: str, name: str, api: str) -> None:
    place = cloned(tmp_path, address)
    found = find_origin(place.root, {"GH_HOST": "git.example.org"})
    assert (found.name, found.api_url) == (name, api)
    assert found.url.endswith(f"/{name}")


def cloned(root: Path, address: str) -> Place:
    place = Place(root)
    for words in (["init", "-q"], ["remote", "add", "origin", address]):
        subprocess.run(["git", "-C", str(root), *words], check=True)
    return place


@pytest.mark.parametrize("address", ["https://gitlab.example.org/octo/zoo.git", "git@github-work:octo/zoo.git"])
def test_a_token_goes_to_no_other_server(tmp_path: Path, address: str) -> None:
    place = cloned(tmp_path, address)
    host = "gitlab.example.org" if "gitlab" in address else "github-work"
    with pytest.raises(SetupError) as caught:
        find_origin(place.root, {})
    says(
        caught.value, "origin-elsewhere",
        f"""
        the remote `origin` is on {host}, which is not known to be a GitHub
          → For a GitHub of your own set GH_HOST={host}; for a name in your SSH settings give `--repository`.
        """,
    )  # fmt: skip
    assert find_origin(place.root, {}, "octo/zoo").api_url == "https://api.github.com"


@pytest.mark.parametrize("address", [None, "/srv/git/zoo.git", "file:///srv/git/zoo.git"])
def test_a_project_that_is_not_on_github(tmp_path: Path, address: str | None) -> None:
    place = Place(tmp_path) if address is None else cloned(tmp_path, address)
    with pytest.raises(SetupError) as caught:
        find_origin(place.root, {})
    says(
        caught.value, "origin-missing",
        """
        this project has no remote `origin` on GitHub
          → Make a copy with *Use this template* and clone it, or name the repository: `--repository OWNER/NAME`.
        """,
    )  # fmt: skip


@pytest.mark.parametrize("named", ["zoo", "octo/zoo/more", "octo/z o", "../zoo", "octo/zoo?x=1"])
def test_a_name_that_is_none(tmp_path: Path, named: str) -> None:
    with pytest.raises(SetupError) as caught:
        find_origin(tmp_path, {}, named)
    says(
        caught.value, "repository-name",
        f"""
        `{named}` is not `owner/name`
          → Name the repository: `--repository OWNER/NAME`.
        """,
    )  # fmt: skip


def test_where_a_token_comes_from(tmp_path: Path) -> None:
    assert token_of({"GITHUB_TOKEN": "two", "GH_TOKEN": " one "}) == ("one", "GH_TOKEN")
    assert token_of({"GH_TOKEN": " ", "GITHUB_TOKEN": "two"}) == ("two", "GITHUB_TOKEN")
    assert token_of({}) == ("", "")
    gh = tmp_path / "gh"
    gh.write_text('#!/bin/sh\n[ "$*" = "auth token --hostname octo.ghe.com" ] && echo gho_1 || exit 1\n')
    gh.chmod(0o755)
    assert token_of_gh({"PATH": str(tmp_path)}, "octo.ghe.com") == "gho_1"
    assert token_of_gh({"PATH": str(tmp_path)}, "github.com") == ""
    assert token_of_gh({"PATH": str(tmp_path / "none")}, "github.com") == ""
