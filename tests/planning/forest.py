"""Random trees, a model that answers by hash, and a second, plain reading of the design to hold the engine against.

`grow` makes a tree as a config's data. `Model` answers a request by its texts alone. `evaluate` is design §4.3 and §4.5 written
anew as one recursion: no scheduling, no reuse, no records; it also tells which requests a run wants, by instance.

What a prompt asks for stands at its end: `#txt`, `#few` (one of three words, so that equal values occur), `#list`,
`#list(a;b)`, `#fix` (always two), `#mend` (two, once it was told that none is too few), `#obj`, `#opt` (a field may lack),
`#free` (no schema), `#objs`, `#objs(x;y)`, `#img`, `#num`, `#pick` (one of three options), `#fail`. A tree may be a step of
another: those that are stand beside it, under `trees`.
"""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from genarun.tree.picks import Chooser, item_marks

from tests.services.openai_service import error
from tests.services.samples import png

Json = Any
_MARK = re.compile(r"#(\w+)(?:\(([^)]*)\))?")
_REPAIR = "That answer does not fit"
_NAME = re.compile(r"\$\{([^}]*)\}")
_PICK = re.compile(r"\[([^\[\]]*\|[^\[\]]*)\]")
NAME = {"type": "object", "properties": {"name": {"type": "string"}, "n": {"type": "integer"}}, "required": ["name", "n"]}
OPTIONS = ["w0", "w1", "w2"]
TAG = {"type": "object", "properties": {"name": {"type": "string"}, "tag": {"type": "string"}}, "required": ["name"]}


class Gone:
    """Stands for no value."""


GONE = Gone()

# ---------------------------------------------------------------------- the model


def _number(text: str) -> int:
    return int.from_bytes(sha256(text.encode()).digest()[:6])


class Failing(Exception):
    """The service refuses this request for good."""


def signature(model: str, params: dict[str, Json], messages: list[dict[str, str]]) -> str:
    """What tells a request from others. What a provider adds behind the last mark (how to write JSON) does not count."""
    told = []
    for message in messages:
        text = _REPAIR if message["content"].startswith(_REPAIR) else message["content"]
        marks = list(_MARK.finditer(text))
        told.append([message["role"], text[: marks[-1].end()] if marks and message["role"] == "user" else text])
    return json.dumps([model, params, told], sort_keys=True)


def say(signed: str) -> Json:
    """The answer to a request: text, or a JSON value. Raises Failing."""
    told = json.loads(signed)[2]
    mended = told[-1][1] == _REPAIR
    mark = list(_MARK.finditer(told[-3 if mended else -1][1]))[-1]
    n, kind, given = _number(signed), mark[1], mark[2]
    items = [item for item in given.split(";") if item] if given is not None else None
    if kind == "fail":
        raise Failing
    if kind == "num":
        return {"value": n % 5}
    if kind == "pick":
        return {"value": OPTIONS[n % 3]}
    if kind == "few":
        return f"w{n % 3}"
    if kind == "mend" and not mended:
        return {"data": []}
    if kind in ("list", "fix", "mend"):
        count = n % 4 if kind == "list" else 2
        return {"data": items if items is not None else ["abc"[(n >> 4 * place) % 3] for place in range(count)]}
    if kind == "objs":
        names = items if items is not None else [f"w{(n >> 4 * place) % 3}" for place in range(n % 4)]
        return {"data": [{"name": name, "n": _number(name) % 5} for name in names]}
    if kind == "obj":
        return {"name": f"w{n % 3}", "n": n % 5}
    if kind == "opt":
        return {"name": f"w{n % 3}"} | ({"tag": "t"} if n % 2 else {})
    if kind == "free":
        return {"k": f"w{n % 3}"}
    return f"t{n:x}"


def answer(body: dict[str, Json]) -> Json:
    """What the loopback service says."""
    params = {key: value for key, value in body.items() if key not in ("model", "messages", "prompt", "response_format")}
    if "prompt" in body:
        return picture(signature(body["model"], params, [{"role": "user", "content": body["prompt"]}]))
    try:
        return say(signature(body["model"], params, body["messages"]))
    except Failing:
        raise error(400, "not this one") from None


def picture(signed: str) -> bytes:
    return png(signed, 2)


def of_body(body: dict[str, Json]) -> str:
    """The signature of a request as the service received it."""
    params = {key: value for key, value in body.items() if key not in ("model", "messages", "prompt", "response_format")}
    messages = body["messages"] if "messages" in body else [{"role": "user", "content": body["prompt"]}]
    return signature(body["model"], params, messages)


SHY = "gpt-shy"
POOL = (SHY, "gpt-test")
"""A pool of two: the first refuses a third of what it is asked, always the same third."""


def refuses(signed: str) -> bool:
    """Whether the model of this request wants no part in it, so that the next one of the pool is asked."""
    return json.loads(signed)[0] == SHY and _number(signed) % 3 == 0


# ---------------------------------------------------------------------- trees

LEAVES = ("text", "text", "text", "text", "template", "image", "number", "choice")
HOLDERS = ("object", "text-array", "object-array", "group", "text-array")


@dataclass
class Name:
    """A name that prompts can read. sure: whether it always has a value."""

    text: str
    sure: bool = True


class Grower:
    """Makes one tree. rng decides everything. calm: no failures, no names that may be missing."""

    def __init__(self, rng: random.Random, *, depth: int = 3, calm: bool = True) -> None:
        self.rng = rng
        self.depth = depth
        self.calm = calm
        self.count = 0
        self.steps: dict[str, Json] = {}

    def tree(self) -> dict[str, Json]:
        self.steps = {f"s{n}": self.step() for n in range(self.rng.choice([0, 0, 1, 2]))}
        names = [Name("topic"), Name("seed")]
        return {
            "version": 1,
            "inputs": {"topic": {"type": "string", "default": "sea"}, "mood": {"type": "string", "default": "w1"}},
            "generations": self.nodes(0, names, self.rng.randint(2, 4)),
            "trees": self.steps,
        }

    def step(self) -> dict[str, Json]:
        """A small tree that others use."""
        deep, self.depth = self.depth, 2
        made = {
            "version": 1,
            "inputs": {"given": {"type": "any"}, "mood": {"type": "any", "default": "w1"}},
            "generations": self.nodes(0, [Name("given"), Name("mood"), Name("seed")], self.rng.randint(1, 2)),
        }
        self.depth = deep
        return made

    def nodes(self, level: int, names: list[Name], count: int) -> list[Json]:
        names, made = list(names), []
        for _ in range(count):
            node = self.node(level, names)
            made.append(node)
            sure = "when" not in node and node.get("onError") != "skip"
            names.append(Name(node["id"], sure))
            if node["type"] == "object" and not node.get("collapse"):
                names += [Name(f"{node['id']}.{name}", sure) for name in self.fields(node)]
            if node["type"] == "text-array" and not self.calm:
                names.append(Name(f"{node['id']}.0", False))
        self.rng.shuffle(made)  # the order in the file says nothing
        return made

    def fields(self, node: Json) -> list[str]:
        mark = _marks(node)
        return ["name"] if mark in ("obj", "opt", "objs") else []

    def node(self, level: int, names: list[Name]) -> Json:
        rng = self.rng
        self.count += 1
        kind = rng.choice(HOLDERS if level < self.depth - 1 and rng.random() < 0.55 - 0.1 * level else LEAVES)
        node: dict[str, Json] = {"id": f"n{self.count}", "type": kind}
        if self.steps and rng.random() < 0.15:
            readable = [name.text for name in names if self.sure_enough(name)]
            inputs = {"given": rng.choice(["a", f"${{{rng.choice(readable)}}}"])}
            if rng.random() < 0.3:
                inputs["mood"] = f"so ${{{rng.choice(readable)}}}"
            return node | {"type": "tree", "config": {"tree": rng.choice(sorted(self.steps)), "inputs": inputs}}
        marks = {
            "text": ["txt", "few", "few"],
            "image": ["img"],
            "number": ["num"],
            "choice": ["pick"],
            "text-array": ["list", "fix", "mend", "list(a;b;a)", "list(a;b;c)"],
            "object": ["obj", "opt", "free"],
            "object-array": ["objs", "objs(x;y;x)"],
            "template": ["txt"],
            "group": [],
        }[kind]
        inner = list(names)
        if kind != "group":
            mark = rng.choice(marks)
            if not self.calm and kind in ("text", "object") and rng.random() < 0.06:
                mark = "fail"
                node["onError"] = rng.choice(["fail", "skip", "null"])
            node["config"] = {"prompt": self.prompt(names, mark, kind)}
            if mark in ("fix", "mend"):
                node["validation"] = {"minLength": 2, "maxLength": 2}
            if kind in ("object", "object-array") and mark != "free":
                node["schema"] = TAG if mark == "opt" else NAME
            if kind == "choice":
                node["config"]["options"] = OPTIONS
            if kind not in ("template",):
                node["cache"] = rng.choices(["reuse", "shared", "never"], [85, 10, 5])[0]
                if rng.random() < 0.2 and kind != "image":
                    node["config"]["model"] = {"name": "text", "temperature": rng.choice([0.25, 0.5])}
        if rng.random() < 0.15:
            readable = [name for name in names if self.sure_enough(name)]
            node["when"] = {
                "name": rng.choice(readable).text if rng.random() < 0.7 else "mood",
                "operator": rng.choice(["equals", "not_equals", "contains", "exists"]),
                "value": "w1",
            }
            if node["when"]["operator"] == "exists":
                node["when"].pop("value")
        if rng.random() < 0.15:
            node["outputKey"] = f"k{self.count}"
        if kind in HOLDERS and (kind == "group" or rng.random() < 0.85):
            if kind == "text-array":
                if rng.random() < 0.3:
                    node["itemKey"] = f"it{self.count}"
                inner += [Name(node.get("itemKey", "item")), Name("i"), Name("index"), Name(node["id"])]
            elif kind == "object-array":
                inner += [Name("name"), Name("parent"), Name("i")]
            elif kind == "object":
                inner += [Name("parent")] + [Name(name) for name in self.fields(node)]
            if kind.endswith("array") and rng.random() < 0.25:
                node["parallel"] = False
            count = rng.randint(1, 3 if level == 0 else 2)
            # A name nearer by stands before one farther out; to keep reading simple, the last ones are preferred below.
            node["generations"] = self.nodes(level + 1, inner, count)
            if count == 1 and rng.random() < 0.4:
                node["collapse"] = True
        return node

    def sure_enough(self, name: Name) -> bool:
        return name.sure or not self.calm

    def prompt(self, names: list[Name], mark: str, kind: str) -> Json:
        rng = self.rng

        def text() -> str:
            readable = [name for name in names if self.sure_enough(name)]
            chosen = [
                rng.choice(readable[-5:] if rng.random() < 0.75 else readable) for _ in range(rng.choice([0, 1, 1, 1, 2]))
            ]
            words = " ".join(f"${{{name.text}}}" for name in chosen)
            pick = rng.choice(["", "", "", " [red | green | blue]", " [one | two]"])
            # Few different texts, so that different nodes ask the same.
            return f"{rng.choice(['Say', 'Say', f'Tell {self.count}'])} v0{pick} {words}"

        if kind == "image":
            return f"{text()} #{mark}"
        how = rng.random()
        if kind != "template" and how < 0.15:
            turns = [{"template": f"{text()} #txt"} for _ in range(rng.randint(1, 2))]
            if rng.random() < 0.5:
                turns[0]["system"] = "Be brief"
            return [*turns, {"template": f"{text()} #{mark}"}]
        if how < 0.3:
            return {"prefix": text(), "template": f"then #{mark}"} | ({"system": text()} if kind != "template" else {})
        return f"{text()} #{mark}"


def _marks(node: Json) -> str:
    found = _MARK.findall(json.dumps(node.get("config", {})))
    return found[-1][0] if found else ""


def grow(seed: int, *, depth: int = 3, calm: bool = True) -> dict[str, Json]:
    """The tree of a seed."""
    return Grower(random.Random(seed), depth=depth, calm=calm).tree()


def every(nodes: list[Json], above: tuple[Json, ...] = ()) -> Iterator[tuple[Json, tuple[Json, ...]]]:
    """Each node with its ancestors."""
    for node in nodes:
        yield node, above
        yield from every(node.get("generations", []), (*above, node))


# ---------------------------------------------------------------------- design §4.3 and §4.5, once more


@dataclass
class Wanted:
    """One instance that asks: its calls in order."""

    path: str
    cache: str
    calls: list[str]


@dataclass
class Layer:
    """What the children of one instance, or item, see first."""

    values: dict[str, Json]
    broken: set[str]
    bound: dict[str, Json]
    mark: str | None = None
    closed: bool = False  # a step's: nothing farther out is seen


@dataclass
class Evaluation:
    overrides: dict[str, Json]
    seed: int = 0
    models: tuple[str, ...] = ("gpt-test",)
    trees: dict[str, Json] = field(default_factory=dict)
    wanted: list[Wanted] = field(default_factory=list)
    kinds: dict[str, Json] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)

    def level(self, nodes: list[Json], layers: list[Layer], path: str, trail: tuple[str, ...]) -> tuple[dict[str, Json], bool]:
        """(finished values by id, whether anything under here has failed)."""
        here = layers[0]
        on = [node for node in nodes if node.get("enabled", True)]
        for node in sorted(on, key=lambda node: int(node["id"][1:])):
            value, broken = self.node(node, layers, f"{path}{node['id']}", (*trail, node["id"]))
            if not isinstance(value, Gone):
                here.values[node["id"]] = value
            if broken:
                here.broken.add(node["id"])
        return here.values, bool(here.broken)

    def node(self, node: Json, layers: list[Layer], path: str, trail: tuple[str, ...]) -> tuple[Json, bool]:
        text = json.dumps([node.get("config"), node.get("when")])
        first = [name.split(".")[0] for name in (*_NAME.findall(text), *([node["when"]["name"]] if "when" in node else []))]
        if any(name in layer.broken for name in first for layer in _seen(layers)):
            return GONE, True
        self.kinds[path] = node
        kind = node["type"]
        if path in self.overrides:
            own = self.overrides[path]
        elif "when" in node and not self.holds(node["when"], layers):
            return GONE, False
        elif kind == "group":
            own = None
        elif kind == "tree":
            return self.step(node, layers, path, trail)
        else:
            try:
                own = self.ask(node, layers, path, trail)
            except (KeyError, Failing):
                if node.get("onError", "fail") == "fail":
                    self.failed.append(path)
                    return GONE, True
                return (None if node["onError"] == "null" else GONE), False
        children = [child for child in node.get("generations", []) if child.get("enabled", True)]
        if not children:
            return ({} if kind == "group" else own), False
        if kind.endswith("array"):
            return self.items(node, children, own, layers, path, trail)
        bound = {"parent": own, node["id"]: own} if own is not None else {}
        fields = {name: own[name] for name in _declared(node) if name in own} if isinstance(own, dict) else {}
        done, broken = self.level(children, [Layer({}, set(), bound | fields), *layers], f"{path}/", trail)
        if node.get("collapse"):
            return done.get(children[0]["id"], GONE), broken
        return (own or {}) | _keyed(node, done), broken

    def step(self, node: Json, layers: list[Layer], path: str, trail: tuple[str, ...]) -> tuple[Json, bool]:
        tree = self.trees[node["config"]["tree"]]
        given = {name: one["default"] for name, one in tree["inputs"].items() if "default" in one}
        try:
            for name, written in node["config"]["inputs"].items():
                alone = _NAME.fullmatch(written)
                given[name] = self.there(alone[1], layers) if alone else _NAME.sub(lambda m: self.shown(m[1], layers), written)
        except KeyError:
            self.failed.append(path)
            return GONE, True
        closed = Layer({}, set(), given | {"seed": self.seed}, closed=True)
        done, broken = self.level(tree["generations"], [closed, *layers], f"{path}/", trail)
        return _keyed(tree, done), broken

    def there(self, name: str, layers: list[Layer]) -> Json:
        value = self.value(name, layers)
        if isinstance(value, Gone):
            raise KeyError(name)
        return value

    def items(self, node: Json, children: list[Json], own: Json, layers: list[Layer], path: str, trail: tuple[str, ...]) -> Any:
        key, entries, some = node.get("itemKey", "item"), [], False
        for place, (item, mark) in enumerate(zip(own, item_marks(own), strict=True)):
            fields = {name: item[name] for name in _declared(node) if name in item} if isinstance(item, dict) else {}
            bound = {"parent": item, "i": item, "index": place, key: item, node["id"]: own} | fields
            done, broken = self.level(children, [Layer({}, set(), bound, mark), *layers], f"{path}/{place}/", trail)
            some = some or broken
            if not node.get("collapse"):
                entries.append((item if isinstance(item, dict) else {key: item}) | _keyed(node, done))
            elif children[0]["id"] in done:
                entries.append(done[children[0]["id"]])
        return entries, some

    def ask(self, node: Json, layers: list[Layer], path: str, trail: tuple[str, ...]) -> Json:
        config = node["config"]
        prompt = config["prompt"]
        chooser = Chooser(self.seed, trail, [layer.mark for layer in reversed(layers) if layer.mark is not None])

        def render(template: str, at: str) -> str:
            number = -1

            def pick(found: re.Match[str]) -> str:
                nonlocal number
                number += 1
                options = found[1].split("|")
                return options[chooser.choose(f"{at}:{number}", len(options))].strip()

            pieces = re.split(r"(\$\{[^}]*\})", _PICK.sub(pick, template))
            return "".join(self.shown(piece[2:-1], layers) if piece.startswith("${") else piece for piece in pieces)

        if isinstance(prompt, str):
            turns = [(None, render(prompt, "template"))]
        elif isinstance(prompt, dict):
            system = render(prompt["system"], "system") if "system" in prompt else None
            turns = [(system, " ".join([render(prompt["prefix"], "prefix"), render(prompt["template"], "template")]))]
        else:
            turns = [
                (render(turn["system"], f"system{n}") if "system" in turn else None, render(turn["template"], f"turn{n}"))
                for n, turn in enumerate(prompt, 1)
            ]
        if node["type"] == "template":
            return "\n\n".join(user for _, user in turns)
        messages: list[dict[str, str]] = []
        wanted = Wanted(path, node.get("cache", "reuse"), [])
        self.wanted.append(wanted)
        model = config.get("model", {})
        params = {key: value for key, value in model.items() if key != "name"} if isinstance(model, dict) else {}
        if node["type"] == "image":
            said = "\n\n".join(part for system, user in turns for part in (system, user) if part)
            signed = signature("gpt-image-test", params, [{"role": "user", "content": said}])
            wanted.calls.append(signed)
            return f"assets/{node['id']}-{sha256(picture(signed)).hexdigest()[:16]}.png"
        value: Json = None
        models = list(self.models)

        def sign(messages: list[dict[str, str]]) -> str:
            while refuses(signed := signature(models[0], params, messages)):
                models.append(models.pop(0))  # and the conversation stays with the next one
            return signed

        for system, user in turns:
            messages += [{"role": "system", "content": system}] if system else []
            messages.append({"role": "user", "content": user})
            signed = sign(messages)
            wanted.calls.append(signed)
            value = say(signed)
            messages.append({"role": "assistant", "content": value if isinstance(value, str) else json.dumps(value)})
        if not isinstance(value, str) and value.get("data") == [] and "validation" in node:
            signed = sign([*messages, {"role": "user", "content": _REPAIR}])
            wanted.calls.append(signed)
            value = say(signed)
        if node["type"] in ("number", "choice"):
            return value["value"]
        return value["data"] if node["type"].endswith("array") else value

    def shown(self, name: str, layers: list[Layer]) -> str:
        value = self.there(name, layers)
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

    def value(self, name: str, layers: list[Layer]) -> Json:
        first, *rest = name.split(".")
        value: Json = GONE
        for layer in _seen(layers):
            found = layer.values.get(first, layer.bound.get(first, GONE))
            if not isinstance(found, Gone):
                value = found
                break
        for part in rest:
            if isinstance(value, dict):
                value = value.get(part, GONE)
            elif isinstance(value, list) and part.isdigit() and int(part) < len(value):
                value = value[int(part)]
            else:
                return GONE
        return value

    def holds(self, when: Json, layers: list[Layer]) -> bool:
        value, wanted = self.value(when["name"], layers), when.get("value")
        if when["operator"] == "exists":
            return not isinstance(value, Gone) and value is not None
        if isinstance(value, Gone):
            return bool(when["operator"] == "not_equals")
        if when["operator"] == "contains":
            return isinstance(value, str | list | dict) and wanted in value
        return bool((value == wanted) is (when["operator"] == "equals"))


def _seen(layers: list[Layer]) -> list[Layer]:
    """The layers that a name is looked for in."""
    end = next((place for place, layer in enumerate(layers) if layer.closed), len(layers))
    return layers[: end + 1]


def _declared(node: Json) -> list[str]:
    return list(node["schema"]["properties"]) if "schema" in node else ["k"]


def _keyed(node: Json, done: dict[str, Json]) -> dict[str, Json]:
    return {child.get("outputKey", child["id"]): done[child["id"]] for child in node["generations"] if child["id"] in done}


def evaluate(
    tree: dict[str, Json],
    inputs: dict[str, Json] | None = None,
    overrides: dict[str, Json] | None = None,
    seed: int = 0,
    models: tuple[str, ...] = ("gpt-test",),
) -> tuple[Json, Evaluation]:
    """(output, what was asked for). Runs nothing. models: whom texts ask, the next one where one refuses."""
    given = {name: one["default"] for name, one in tree["inputs"].items()} | (inputs or {})
    what = Evaluation(overrides or {}, seed, models, tree.get("trees", {}))
    top = Layer({}, set(), {})
    root = Layer({}, set(), given | {"seed": seed})
    done, _ = what.level(tree["generations"], [top, root], "", ())
    return _keyed(tree, done), what


def wants(what: Evaluation) -> tuple[Counter[str], Counter[str], Counter[str]]:
    """How many calls an undisturbed run needs, by signature: (each its own, always anew, shared among equal instances)."""
    own: Counter[str] = Counter()
    anew: Counter[str] = Counter()
    shared: Counter[str] = Counter()
    for wanted in what.wanted:
        (anew if wanted.cache == "never" else own if wanted.cache == "reuse" else Counter()).update(wanted.calls)
    for calls in {tuple(wanted.calls) for wanted in what.wanted if wanted.cache == "shared"}:
        shared.update(calls)
    return own, anew, shared
