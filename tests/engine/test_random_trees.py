"""Random trees through random lives: runs, edits, stops, lost files. What the design promises must hold at every step.

The model is a function of the request, so that a second, plain evaluator (`tests.planning.forest`) tells what comes out of a
tree and which requests that takes. A failure names its seed: `life(…, seed)` alone repeats it.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from genarun.errors import Faults, SetupError
from jsonschema import Draft202012Validator

from tests.helpers import BASE, Place
from tests.planning.agree import Done, disagreements, plan_and_run
from tests.planning.forest import NAME, POOL, SHY, answer, evaluate, every, grow, of_body, refuses, signature, wants
from tests.services.openai_service import OpenAIService, error
from tests.services.web import Asked

Json = Any


def slowness(asked: Asked) -> float:
    """Answers come in an order of their own."""
    return (int(asked.digest[:2], 16) % 4) * 0.001


POOLED = BASE.replace(
    "  text: {provider: openai, model: gpt-test, ",
    f"""  text: {{models: [shy, open]}}
  shy: {{provider: openai, model: {SHY}, price: {{call: 0.01}}}}
  open: {{provider: openai, model: gpt-test, """,
)


def reluctant(body: dict[str, Json]) -> Json:
    """The answer, where the model does not refuse."""
    if refuses(of_body(body)):
        raise error(400, "Not this one")
    return answer(body)


class Life:
    """One tree with everything that a person may change."""

    def __init__(
        self, root: Path, service: OpenAIService, seed: int, *, calm: bool, depth: int = 3, pool: bool = False
    ) -> None:
        self.rng = random.Random(f"life {seed}")
        self.service = service
        self.models = POOL if pool else ("gpt-test",)
        self.place = Place(root, service, defaults=POOLED if pool else BASE)
        self.tree = grow(seed, calm=calm, depth=depth)
        self.inputs: dict[str, Json] = {}
        self.overrides: dict[str, Json] = {}
        self.calm = calm
        self.told: list[str] = []
        self.paid: Counter[str] = Counter()  # answered and written down
        self.write()

    def write(self) -> None:
        for name, tree in ({"t": self.tree} | self.tree["trees"]).items():
            said = {key: value for key, value in tree.items() if key != "trees"}
            self.place.write(f"trees/{name}/config.json", json.dumps(said, indent=1))
        self.place.write("trees/t/overrides.yaml", json.dumps(self.overrides))

    # ------------------------------------------------------------------ what a person does

    def change(self) -> None:
        """One change that leaves a tree that can be read."""
        before = json.dumps([self.tree, self.inputs, self.overrides])
        choices = [self.word, self.items, self.parameter, self.remove, self.add, self.override, self.toggle]
        choices += [self.given, self.lose, self.rename, self.cache, self.word, self.items]
        for _ in range(8):
            kind = self.rng.choice(choices)
            what = kind()
            if what is None:
                continue
            self.write()
            try:
                self.place.project.load_one("t")
                self.place.plan(inputs=self.inputs)
            except (SetupError, Faults):  # somebody reads what was removed, or an override has no node any more
                self.tree, self.inputs, self.overrides = json.loads(before)
                self.write()
                continue
            self.told.append(what)
            return

    def nodes(self) -> list[Json]:
        """Every node, those of trees that are steps too."""
        trees = (self.tree, *self.tree["trees"].values())
        return [node for tree in trees for node, _ in every(tree["generations"])]

    def some(self, *kinds: str) -> Json:
        found = [node for node in self.nodes() if not kinds or node["type"] in kinds]
        return self.rng.choice(found) if found else None

    def word(self) -> str | None:
        """Another wording."""
        node = self.some("text", "text", "image", "template", "object", "text-array", "object-array", "number", "choice")
        if node is None:
            return None
        text = json.dumps(node["config"])
        node["config"] = json.loads(text.replace(" v0", f" v{self.rng.choice([1, 2])}") if " v0" in text else
                                    text.replace(" v1", " v0").replace(" v2", " v0"))  # fmt: skip
        return f"word {node['id']}"

    def items(self) -> str | None:
        """Items inserted, removed or in another order."""
        lists = [node for node, _ in every(self.tree["generations"]) if "(" in json.dumps(node.get("config", {}))]
        if not lists:
            return None
        node = self.rng.choice(lists)
        kind = "objs" if node["type"] == "object-array" else "list"
        items = self.rng.choices("abcxy", k=self.rng.randint(0, 5))
        text = json.dumps(node["config"])
        head, _, rest = text.partition(f"#{kind}(")
        if not rest:
            return None
        node["config"] = json.loads(f"{head}#{kind}({';'.join(items)}){rest.partition(')')[2]}")
        return f"items {node['id']} {items}"

    def parameter(self) -> str | None:
        node = self.some("text", "object", "text-array", "object-array")
        if node is None:
            return None
        node["config"]["model"] = {"name": "text", "temperature": self.rng.choice([0.1, 0.25, 0.5])}
        return f"parameter {node['id']}"

    def remove(self) -> str | None:
        node = self.some()
        for holder in (self.tree, *(one for one, _ in every(self.tree["generations"]))):
            if node in holder.get("generations", []) and len(holder["generations"]) > 1:
                holder["generations"].remove(node)
                return f"remove {node['id']}"
        return None

    def add(self) -> str | None:
        holder = self.rng.choice([self.tree, self.some("object", "text-array", "object-array", "group") or self.tree])
        if holder.get("collapse"):
            return None
        number = 1 + max(int(node["id"][1:]) for node, _ in every(self.tree["generations"]))
        node: Json = {
            "id": f"n{number}",
            "type": "text",
            "config": {"prompt": f"Say v0 {self.rng.choice(['', '${topic} '])}#few"},
        }
        others = [one["id"] for one in holder.get("generations", ())]
        if others and self.rng.random() < 0.6:
            node["config"]["prompt"] = f"Say v0 ${{{self.rng.choice(others)}}} #few"
        holder.setdefault("generations", []).append(node)
        return f"add {node['id']}"

    def rename(self) -> str | None:
        """Another id for a node that nothing reads: what it asked is recorded under its old one."""
        node = self.some("text", "object", "text-array")
        text = json.dumps(self.tree)
        if node is None or f"${{{node['id']}" in text or f'"name": "{node["id"]}' in text:
            return None
        number = 1 + max(int(one["id"][1:]) for one, _ in every(self.tree["generations"]))
        self.told.append(f"({node['id']} → n{number})")
        node["id"] = f"n{number}"
        return "rename"

    def override(self) -> str | None:
        if self.overrides and self.rng.random() < 0.5:
            self.overrides.pop(self.rng.choice(sorted(self.overrides)))
            return "no override"
        kinds = evaluate(self.tree, self.inputs, self.overrides, models=self.models)[1].kinds
        paths = [path for path, node in kinds.items() if node["type"] not in ("image", "group", "tree")]
        if not paths:
            return None
        path = self.rng.choice(paths)
        node = kinds[path]
        thing = {"name": "w1", "n": 1} if node.get("schema") == NAME else {"name": "w1"}
        self.overrides[path] = {
            "text": "mine",
            "template": "mine",
            "number": 3,
            "choice": "w1",
            "object": thing,
            "text-array": ["z", "a"],
            "object-array": [thing, {**thing, "name": "a"}],
        }[node["type"]]
        return f"override {path}"

    def toggle(self) -> str | None:
        node = self.some()
        node["enabled"] = not node.get("enabled", True)
        return f"toggle {node['id']}"

    def cache(self) -> str | None:
        node = self.some("text", "object", "text-array", "object-array", "image")
        if node is None:
            return None
        node["cache"] = self.rng.choice(["reuse", "shared", "never"])
        return f"cache {node['id']} {node['cache']}"

    def given(self) -> str:
        self.inputs = {"topic": self.rng.choice(["sea", "moon"]), "mood": self.rng.choice(["w0", "w1"])}
        return f"inputs {self.inputs}"

    def lose(self) -> str | None:
        """A picture is gone from the newest run that has it."""
        found = sorted((self.place.root / "trees/t").glob("2*/assets/*"))
        if not found:
            return None
        name = self.rng.choice(found).name
        for path in found:
            if path.name.rpartition("-")[2] == name.rpartition("-")[2]:
                path.unlink()
        self.paid = self.kept()
        return f"lose {name}"

    # ------------------------------------------------------------------ what must hold

    def lines(self) -> list[Json]:
        return [record for stamp in self.place.runs() for record in self.place.records(stamp)]

    def signed(self, record: Json) -> str:
        request = record["request"]
        messages = [{"role": one["role"], "content": one["content"]} for one in request["messages"]]
        if record["type"] == "image":
            messages = [{"role": "user", "content": "\n\n".join(one["content"] for one in messages)}]
        return signature(record["model"], request.get("params", {}), messages)

    def run(self, *, fresh: bool = False, stop_after: int | None = None, hard: bool = False) -> Done:
        """One run, held to every promise."""
        start, runs = len(self.service.asked), self.place.runs()
        stood = self.status()
        output, what = evaluate(self.tree, self.inputs, self.overrides, models=self.models)
        own, anew, shared = wants(what)
        done = plan_and_run(self.place, stop_after=stop_after, hard=hard, inputs=self.inputs, fresh=fresh)
        result, sent = done.result, Counter(of_body(one.json) for one in self.service.asked[start:] if one.json)
        stopped = result.status == "stopped"
        wrong = [] if stopped else disagreements(done)
        if not stopped:
            if result.output != output:
                wrong.append(f"output {json.dumps(result.output)}\n  instead of {json.dumps(output)}")
            if (result.status == "succeeded") is bool(what.failed):
                wrong.append(f"{result.status}, and failed should be {what.failed}")
            if result.folder is not None and result.status == "succeeded":
                schema = json.loads((result.folder / "output.schema.json").read_text())
                wrong += [error.message for error in Draft202012Validator(schema).iter_errors(result.output)]
        for signed, count in sent.items() if not fresh else ():
            left = self.paid[signed] - own[signed]
            most = max(-left, 0) + anew[signed] + max(shared[signed] - max(left, 0), 0)
            if count > most and "#fail" not in signed and not refuses(signed):  # a refusal is no answer
                wrong.append(f"sent {count} times, at most {most}: {signed}")
        self.paid = self.kept()
        if stood and not done.plan.continues and done.result.run is not None and len(self.place.runs()) == len(runs):
            wrong.append("a new run took an old folder")
        if done.plan.continues and len(self.place.runs()) != len(runs):
            wrong.append("it did not go on in its folder")
        assert not wrong, "\n".join([*self.told, *wrong])
        return done

    def kept(self) -> Counter[str]:
        """Calls that were answered and are written down, by signature; pictures whose file is gone left out."""
        found: Counter[str] = Counter()
        for stamp in self.place.runs():
            for record in self.place.records(stamp):
                if record.get("attempts") and record["status"] in ("succeeded", "answered"):
                    found[self.signed(record)] += (self.place.root / "trees/t" / stamp / record.get("asset", "")).exists()
        return found

    def part(self) -> None:
        """A run of a part: held to its plan alone."""
        ids = [node["id"] for node, _ in every(self.tree["generations"]) if node.get("enabled", True)]
        if not ids:
            return
        flag, name = self.rng.choice(["only", "skip"]), self.rng.choice(ids)
        self.told.append(f"--{flag} {name}")
        try:
            done = plan_and_run(self.place, inputs=self.inputs, **{flag: (name,)})
        except SetupError:
            return  # it lies in a node that is disabled
        assert not disagreements(done), "\n".join([*self.told, *disagreements(done)])
        self.paid = self.kept()

    def status(self) -> str | None:
        found = self.place.folder("t").runs()
        summary = found[0].summary() if found else None
        return summary.status if summary is not None else None


def life(root: Path, seed: int, steps: int, *, calm: bool, depth: int = 3, pool: bool = False) -> None:
    """A tree grows, runs, changes, stops, goes on. pool: its texts come from two models."""
    with OpenAIService(answer=reluctant, latency=slowness) as service:
        one = Life(root, service, seed, calm=calm, depth=depth, pool=pool)
        one.told.append(f"seed {seed}, {'a pool' if pool else 'one model'}")
        for step in range(steps):
            if step:
                one.change()
            if one.rng.random() < 0.35:
                for _ in range(one.rng.randint(1, 2)):
                    after, hard = one.rng.randint(1, 8), one.rng.random() < 0.5
                    one.told.append(f"stop {'hard' if hard else 'soft'} after {after}")
                    if one.run(stop_after=after, hard=hard).result.status == "stopped":
                        one.told.append("stopped")
            if one.rng.random() < 0.15:
                one.part()
            fresh = one.rng.random() < 0.1
            one.told.append("run fresh" if fresh else "run")
            done = one.run(fresh=fresh)
            runs, asked = one.place.runs(), len(service.asked)
            never = any(node.get("cache") == "never" for node in one.nodes())
            if done.result.status == "succeeded" and not never and not done.refused:  # what failed is tried again
                one.told.append("run unchanged")
                again = one.run()
                assert again.plan.unchanged, [
                    *one.told,
                    [x for x in again.plan.steps if x.calls or not x.exact],
                    again.plan.warnings,
                    again.result.status,
                ]
                assert again.result.unchanged, one.told
                assert len(service.asked) == asked, one.told
                assert one.place.runs() == runs, one.told


@pytest.mark.parametrize("seed", range(30))
def test_the_life_of_a_tree(tmp_path: Path, seed: int) -> None:
    life(tmp_path, seed, 4, calm=seed % 2 == 0)


@pytest.mark.parametrize("seed", range(1000, 1020))
def test_the_life_of_a_tree_whose_texts_come_from_a_pool(tmp_path: Path, seed: int) -> None:
    life(tmp_path, seed, 4, calm=seed % 2 == 0, pool=True)


@pytest.mark.slow
@pytest.mark.parametrize("start", range(100, 500, 50))
def test_the_lives_of_many_trees(tmp_path: Path, start: int) -> None:
    for seed in range(start, start + 50):
        life(tmp_path / str(seed), seed, 5, calm=seed % 3 > 0, depth=2 + seed % 3, pool=seed % 5 == 0)
