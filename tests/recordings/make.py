"""Write a demo's offline recordings from its authored answers: `python -m tests.recordings.make TREE…`.

A demo's answers are written by hand in `<tree>.yaml` beside this file. An answer belongs to an instance, by its path, or to
what a prompt picked (`masthead: {has been given a heron: …}`); children of a node with picks go by their parent's. This walks
the tree as a run does, asks every prompt of the author instead of a model, and writes each request with its answer to
`trees/<tree>/recordings/answers.jsonl`, where the offline provider finds it. A tree with picks is walked with one seed after
another until every alternative has come up. `tests/test_demos.py` fails when a prompt changed and this was not run.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml
from genarun.errors import GenarunError
from genarun.nodes.base import Ask
from genarun.nodes.registry import node_kinds
from genarun.planning.walk import Instance, Walk
from genarun.providers.base import File, ModelReply, ModelRequest
from genarun.providers.registry import provider_infos
from genarun.tree.load import load_tree
from genarun.tree.model import ModelUse, Node, Tree
from genarun.tree.template import MISSING

Json = Any

ROOT = Path(__file__).parents[2]
FILE = "answers.jsonl"
MOST_SEEDS = 2000
TYPES = {"image": "png", "audio": "mp3", "video": "mp4"}
"""What stands in for a file that a run makes, by medium; prompts can be shown it."""


class Author:
    """Knows the answers of one tree, and which of them were asked for."""

    def __init__(self, answers: Mapping[str, Json]) -> None:
        self.answers = answers
        self.asked: set[tuple[str, str | None]] = set()

    def turns(self, instance: Instance) -> list[str]:
        """The answers to an instance's turns, as a model would send them. Raises KeyError for one that nobody wrote."""
        if instance.path in self.answers and not _picked(instance):
            self.asked.add((instance.path, None))
            return [_sent(answer) for answer in self.answers[instance.path]]
        trail, picked = "/".join(instance.node.trail), _picked(instance)
        try:
            answer = self.answers[trail][picked]
        except KeyError:
            raise KeyError(f"nobody wrote an answer for {trail}: {picked}") from None
        self.asked.add((trail, picked))
        return [_sent(answer)]

    def unasked(self) -> list[tuple[str, str | None]]:
        """Answers that no prompt asks for."""
        written = {
            (key, pick) for key, found in self.answers.items() for pick in (found if isinstance(found, dict) else [None])
        }
        return sorted(written - self.asked, key=str)


def _picked(instance: Instance) -> str | None:
    """What the instance's prompt picked, else what the nearest one above it did."""
    here: Instance | None = instance
    while here is not None:
        if here.picks:
            ((_, text, _),) = here.picks  # a second pick in one prompt would multiply what has to be written
            return text
        here = here.frame.holder
    return None


def _sent(answer: Json) -> str:
    if isinstance(answer, str):
        return answer.strip()
    return json.dumps({"data": answer} if isinstance(answer, list) else answer, ensure_ascii=False)


class Dictation:
    """The `Session` of one instance: every call is answered by the author and taken down."""

    def __init__(self, turns: list[str], lines: dict[str, dict[str, Json]]) -> None:
        self.turns = iter(turns)
        self.lines = lines

    async def call(self, request: ModelRequest) -> ModelReply:
        text = next(self.turns)
        asked = {
            "medium": request.medium,
            # Without the pictures that it shows: an answer is found by words, and what is drawn may differ by a byte.
            "messages": [{"role": message["role"], "content": message["content"]} for message in request.messages],
            "schema": request.schema,
            "node": request.node,
            "path": request.path,
        }
        line = {"request": asked, "reply": {"text": text}}
        self.lines[json.dumps([request.path, asked["messages"]], ensure_ascii=False)] = line
        return ModelReply(text=text)

    def judged(self, confidence: float) -> None:
        raise AssertionError("an author is sure")

    async def save(self, file: File) -> str:
        raise AssertionError("pictures and sounds are made, not recorded")


class Nothing:
    """The walk's `Sources` where there is nothing but the tree."""

    def override(self, instance: Instance) -> Json:
        return MISSING

    def key(self, instance: Instance, ask: Ask) -> str:
        return instance.path

    def price(self, node: Node, use: ModelUse, request: ModelRequest | None) -> None:
        return None  # whichever model of a pool would answer, the author does

    def recorded(self, instance: Instance, patient: bool) -> Json:
        return MISSING

    def selected(self, node: Node) -> bool:
        return True

    def settled(self, instance: Instance, how: str, value: Json) -> None:
        pass

    def skipped(self, instance: Instance) -> None:
        pass

    def left_out(self, instance: Instance) -> None:
        pass

    def failed(self, instance: Instance, error: GenarunError) -> None:
        raise error

    def unknown(self, instance: Instance) -> None:
        raise AssertionError(f"{instance.path} cannot be asked")


def stand_in(instance: Instance) -> str:
    """The name of a file that nobody made: what a prompt that shows it needs to know of it."""
    kind = TYPES[instance.node.kind.medium or ""]
    return f"assets/{instance.node.id}-{sha256(instance.path.encode()).hexdigest()[:16]}.{kind}"


def dictate(tree: Tree, author: Author, seed: int, lines: dict[str, dict[str, Json]], seen: dict[str, dict[str, int]]) -> None:
    """One walk. lines: gets every request with its answer. seen: gets, by node, what its pick took, and of how many."""
    root = {name: spec.default for name, spec in tree.inputs.items()} | {"seed": seed, "date": "2026-01-01"}
    walk = Walk(tree, root, seed, Nothing())
    while (instance := walk.next_call()) is not None:
        for _, text, of in instance.picks:
            seen.setdefault("/".join(instance.node.trail), {})[text] = of
        if instance.node.kind.medium in TYPES:
            walk.settle(instance, stand_in(instance))
            continue
        assert instance.ask is not None
        kind: Any = instance.node.kind
        session = Dictation(author.turns(instance), lines)
        walk.settle(instance, asyncio.run(kind.execute(instance.node, instance.ask, session)))
    assert walk.done, "the walk waits for something that never comes"


def recordings(name: str, root: Path = ROOT) -> str:
    """A demo's recordings as they must stand in its file. Raises KeyError for a missing answer, ValueError for one too many."""
    tree = load_tree(root / "trees" / name, kinds=node_kinds(), providers=provider_infos(), root=root)
    author = Author(yaml.safe_load((ROOT / "tests" / "recordings" / f"{name}.yaml").read_text("utf-8")))
    lines: dict[str, dict[str, Json]] = {}
    seen: dict[str, dict[str, int]] = {}
    for seed in range(MOST_SEEDS):
        dictate(tree, author, seed, lines, seen)
        if all(len(texts) == of for texts in seen.values() for of in texts.values()):
            break
    else:
        raise ValueError(f"{MOST_SEEDS} seeds did not bring up every alternative: two of one pick may read the same")
    if unasked := author.unasked():
        raise ValueError(f"no prompt asks for {unasked[0]}, nor for {len(unasked) - 1} others")
    return "".join(json.dumps(lines[key], ensure_ascii=False) + "\n" for key in sorted(lines))


def recorded_file(name: str, root: Path = ROOT) -> Path:
    """Where a demo's recordings stand."""
    return root / "trees" / name / "recordings" / FILE


def main(names: list[str]) -> None:
    """Write the recordings of each tree named."""
    for name in names:
        file = recorded_file(name)
        text = recordings(name)
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, "utf-8")
        print(f"{file.relative_to(ROOT)}: {text.count(chr(10))} answers")  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1:])
