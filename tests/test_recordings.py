"""Every recording is used: a file, or a line of one, that no demo asks for and no test plays fails here.

A recording is any `*.jsonl` under `trees/` and `tests/` but the records of runs. What a tree keeps in `recordings/`, and what
one of its providers replays, must be asked for by a run of that tree with its own inputs, whatever its prompts pick. What lies
under `tests/` must be named in a call of `tests.recordings.played`, which fails where a line of it is not asked for.
"""

from __future__ import annotations

import ast
import asyncio
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import pytest
from genarun.nodes.registry import node_kinds
from genarun.planning.walk import Instance, Walk
from genarun.providers.base import File, ModelReply, ModelRequest, Provider, Settings
from genarun.providers.offline.provider import Offline
from genarun.providers.registry import provider_infos
from genarun.providers.replay import Replay
from genarun.providers.services import Services
from genarun.tree.kinds import ASSETS
from genarun.tree.load import load_tree
from genarun.tree.model import Tree

from tests.recordings.make import MOST_SEEDS, Nothing, stand_in

ROOT = Path(__file__).parent.parent


def recordings(root: Path) -> list[Path]:
    """Every recording of a checkout, relative to it."""
    found = [path for top in ("trees", "tests") for path in (root / top).rglob("*.jsonl")]
    return sorted(path.relative_to(root) for path in found if path.name != "records.jsonl")


def idle(root: Path) -> list[str]:
    """What nothing uses: recordings and lines of them, for people."""
    found = []
    runs = cache(asked)
    for recording in recordings(root):
        top, name, *_ = recording.parts
        if top == "tests":
            found += [] if recording.name in named(root) else [f"{recording}: no test plays it"]
        elif (root / "trees" / name).is_dir():
            numbers = range(1, len((root / recording).read_bytes().splitlines()) + 1)
            used = runs(root / "trees" / name)
            found += [
                f"{recording}:{number}: no run asks for it" for number in numbers if (root / recording, number) not in used
            ]
        else:
            found.append(f"{recording}: it belongs to no tree")
    return found


def named(root: Path) -> set[str]:
    """Files that a test plays."""
    calls = (
        node
        for path in (root / "tests").rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "played" and node.args
    )
    return {call.args[0].value for call in calls if isinstance(call.args[0], ast.Constant)}


# A tree's own ---------------------------------------------------------------------------------------------------------


class Listener:
    """The `Session` of one instance: the provider answers, and lines of recordings that it would answer from are noted."""

    def __init__(self, provider: Provider, kept: dict[str, tuple[Path, int]], used: set[tuple[Path, int]]) -> None:
        self.provider, self.kept, self.used = provider, kept, used

    async def call(self, request: ModelRequest) -> ModelReply:
        line = self.kept.get(said(request.medium, request.messages))
        self.used |= {line} if line else set()
        return await self.provider.call(request)

    async def save(self, file: File) -> str:
        return "file"


def said(medium: str, messages: Any) -> str:
    """What the offline provider finds a recorded answer by."""
    return orjson.dumps([medium, [[turn["role"], turn["content"]] for turn in messages]]).decode()


def asked(folder: Path) -> set[tuple[Path, int]]:
    """Lines that runs of a tree ask for: with one seed after another, until every alternative of every prompt came up."""
    tree = load_tree(folder, kinds=node_kinds(), providers=provider_infos(), root=folder.parent.parent)
    offline = Offline(Settings("offline", tree_folder=folder))
    services = Services(tree, provider_infos(), {})
    kept: dict[str, tuple[Path, int]] = {}
    for path in sorted((folder / "recordings").glob("*.jsonl")):
        for number, line in enumerate(path.read_bytes().splitlines(), 1):
            request = orjson.loads(line)["request"]
            kept.setdefault(said(request.get("medium", "text"), request["messages"]), (path, number))  # the first one answers
    used: set[tuple[Path, int]] = set()
    replays: set[Replay] = set()
    seen: dict[str, dict[str, int]] = {}
    for seed in range(MOST_SEEDS):
        for instance, walk in steps(tree, seed):
            for _, text, of in instance.picks:
                seen.setdefault("/".join(instance.node.trail), {})[text] = of
            assert instance.node.use is not None
            replaying = instance.node.use.protocol == "replay"
            if instance.node.kind.medium in ASSETS and not replaying:
                walk.settle(instance, stand_in(instance))
                continue
            provider = services.provider(instance.node.use) if replaying else offline
            replays |= {provider} if isinstance(provider, Replay) else set()
            kind: Any = instance.node.kind
            walk.settle(instance, asyncio.run(kind.execute(instance.node, instance.ask, Listener(provider, kept, used))))
        if all(len(texts) == of for texts in seen.values() for of in texts.values()):
            break
    for replay in replays:
        numbers = range(1, len(replay.file.read_bytes().splitlines()) + 1)
        used |= {(replay.file, number) for number in numbers if number not in replay.unused()}
    return used


def steps(tree: Tree, seed: int) -> Iterator[tuple[Instance, Walk]]:
    """Every instance that needs a call, in a run with the tree's own inputs."""
    root = {name: spec.default for name, spec in tree.inputs.items()} | {"seed": seed, "date": "2026-01-01"}
    walk = Walk(tree, root, seed, Nothing())
    while (instance := walk.next_call()) is not None:
        yield instance, walk


# ----------------------------------------------------------------------------------------------------------------------


def test_no_recording_is_idle() -> None:
    assert idle(ROOT) == []


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A checkout in which two trees answer from recordings, one offline and one by its provider, and a test plays a third."""
    for name, model in (("haiku", ""), ("village", "models: {text: {provider: told, model: m}}\n")):
        folder = tmp_path / "trees" / name
        folder.mkdir(parents=True)
        providers = "providers: {told: {provider: replay, options: {file: told.jsonl}}}\n" if model else ""
        config = (
            f"version: 1\n{model}{providers}generations: [{{id: a, type: text, config: {{prompt: 'On [plums | pears]'}}}}]\n"
        )
        (folder / "config.yaml").write_text(config)
    write(tmp_path / "trees/haiku/recordings/answers.jsonl", "On plums", "On pears")
    write(tmp_path / "trees/village/told.jsonl", "On plums", "On pears")
    shutil.copytree(ROOT / "tests/recordings", tmp_path / "tests/recordings")
    (tmp_path / "tests/test_it.py").write_text("with played('version-1.jsonl') as provider: ...\n")
    return tmp_path


def write(file: Path, *prompts: str) -> None:
    """A recording of these prompts."""
    file.parent.mkdir(parents=True, exist_ok=True)
    lines = []
    for prompt in prompts:
        request = {"medium": "text", "model": "m", "params": {}, "messages": [{"role": "user", "content": prompt}]}
        lines.append({"schemaVersion": 1, "key": "sha256:0", "request": request, "reply": {"text": f"{prompt}: a line"}})
    with file.open("ab") as opened:
        opened.writelines(orjson.dumps(line) + b"\n" for line in lines)


def test_recordings_that_are_used_are_fine(copy: Path) -> None:
    assert [str(path) for path in recordings(copy)] == [
        "tests/recordings/version-1.jsonl", "trees/haiku/recordings/answers.jsonl", "trees/village/told.jsonl",
    ]  # fmt: skip
    assert idle(copy) == []


def test_a_second_answer_to_one_prompt_is_idle(copy: Path) -> None:
    write(copy / "trees/haiku/recordings/answers.jsonl", "On plums")
    assert idle(copy) == ["trees/haiku/recordings/answers.jsonl:3: no run asks for it"]


@pytest.mark.parametrize(
    ("file", "idle_"),
    [
        ("trees/haiku/recordings/answers.jsonl", "trees/haiku/recordings/answers.jsonl:3: no run asks for it"),
        ("trees/haiku/recordings/more.jsonl", "trees/haiku/recordings/more.jsonl:1: no run asks for it"),
        ("trees/haiku/dropped.jsonl", "trees/haiku/dropped.jsonl:1: no run asks for it"),
        ("trees/village/told.jsonl", "trees/village/told.jsonl:3: no run asks for it"),
        ("trees/dropped.jsonl", "trees/dropped.jsonl: it belongs to no tree"),
        ("tests/recordings/dropped.jsonl", "tests/recordings/dropped.jsonl: no test plays it"),
        ("tests/providers/deep/dropped.jsonl", "tests/providers/deep/dropped.jsonl: no test plays it"),
    ],
)
def test_a_recording_that_is_dropped_anywhere_fails(copy: Path, file: str, idle_: str) -> None:
    write(copy / file, "On quinces")
    assert idle(copy) == [idle_]


def test_a_recording_fails_when_its_prompt_or_its_test_is_gone(copy: Path) -> None:
    config = copy / "trees/haiku/config.yaml"
    config.write_text(config.read_text().replace("plums", "apples"))
    (copy / "tests/test_it.py").unlink()
    assert idle(copy) == [
        "tests/recordings/version-1.jsonl: no test plays it",
        "trees/haiku/recordings/answers.jsonl:1: no run asks for it",
    ]


def test_the_records_of_runs_are_no_recordings(copy: Path) -> None:
    write(copy / "trees/haiku/2026-11-21_09-30-05/records.jsonl", "On quinces")
    assert idle(copy) == []
