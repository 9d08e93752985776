"""Texts made to break shells, expressions, paths and Markdown, sent through whole workflows: none executes, none escapes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.github.acting import ZEROS, Hub, git
from tests.github.rendering import look

EVIL = (
    "\"; touch pwned; ' $(touch pwned) `touch pwned` ${{ secrets.OPENAI_API_KEY }} %0A::set-output name=trees::x\n::add-mask::a"
    " --> </details><script>x</script> ![p](https://evil.example/p)"
)
BRANCH = "evil/$(touch${IFS}pwned);`touch${IFS}pwned`&&'\"|{x}"
TREE = """version: 1
title: {title}
generations:
  - {{id: line, type: template, config: {{prompt: {prompt}}}}}
"""


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    made = Hub(tmp_path)
    made.variables["GENARUN_OFFLINE"] = "1"
    return made


def pwned(hub: Hub) -> list[Path]:
    """Files that only an executed text can have made, wherever they are."""
    return [*hub.folder.rglob("pwned*"), *Path.cwd().glob("pwned*")]


def tree() -> str:
    return TREE.format(title=json.dumps(EVIL), prompt=json.dumps(EVIL.replace("${{", "$ {{")))


def test_a_push_whose_every_text_is_hostile(hub: Hub) -> None:
    hub.create({"harbour": tree().replace("line", "first")})
    git(hub.work, "switch", "-q", "-c", BRANCH, env=hub.env)
    hub.write({"harbour": tree()})
    tip = hub.commit(EVIL)
    head = {"id": tip, "message": EVIL, "author": {"name": EVIL, "email": "x@example.org"}}
    event = hub.push_event(ZEROS, tip, BRANCH, head_commit=head, commits=[head], pusher={"name": EVIL})
    acted = hub.act("regenerate", "push", event, BRANCH)
    assert acted.code == 0, acted.log
    assert pwned(hub) == []
    output = git(hub.remote, "show", f"refs/heads/{BRANCH}:trees/harbour/latest/output.json")
    assert json.loads(output) == {"line": EVIL.replace("${{", "$ {{")}
    changed = git(hub.remote, "diff", "--name-only", tip, f"refs/heads/{BRANCH}").splitlines()
    assert all(name.startswith("trees/harbour/") or name == "readme.md" for name in changed)
    page = look(acted.summary, f"https://github.com/{hub.repository}")
    assert page.images == []
    assert "script" not in page.tags


@pytest.mark.parametrize("name", ["../../evil", "-rf", "a b", "$(touch pwned)", "a;touch pwned", "${{ github.token }}"])
def test_a_dispatch_names_no_tree_that_there_is_not(hub: Hub, name: str) -> None:
    hub.create({"harbour": tree()})
    acted = hub.act("regenerate", "workflow_dispatch", hub.event(ref="refs/heads/main", inputs={"tree": name}))
    assert acted.code != 0
    assert pwned(hub) == []
    assert git(hub.remote, "log", "--format=%s", "main") == "Initial commit"


def test_another_program_sends_what_it_likes(hub: Hub) -> None:
    hub.create({"harbour": tree()})
    payload = {"tree": "harbour", "inputs": {EVIL: EVIL}, "fresh": EVIL, "budget": EVIL}
    acted = hub.act("regenerate", "repository_dispatch", hub.event(action="genarun", client_payload=payload))
    assert acted.code != 0
    assert pwned(hub) == []
    assert git(hub.remote, "log", "--format=%s", "main") == "Initial commit"


@pytest.mark.parametrize("name", ["$(touch pwned)", "a;touch pwned", "-rf", "a b", "`id`", "ä'\"b", "%0Ax"])
def test_a_folder_whose_name_cannot_be_a_trees_is_a_fault(hub: Hub, name: str) -> None:
    hub.create({"harbour": tree(), f"{name}/config.yaml": tree()})
    acted = hub.act("regenerate", "push", hub.push_event(ZEROS, git(hub.work, "rev-parse", "HEAD")))
    assert acted.code != 0
    assert "No such" not in acted.log
    assert pwned(hub) == []
    assert look(acted.summary, f"https://github.com/{hub.repository}").images == []
    assert git(hub.remote, "log", "--format=%s", "main") == "Initial commit"
