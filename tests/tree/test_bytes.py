"""Any byte string in the files that people write gives a tree, or an error that says what to do: never a traceback."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml
from genarun.errors import GenarunError, SetupError
from genarun.tree.env import read_env
from genarun.tree.load import load_tree, load_trees, tree_from_data
from genarun.tree.project import inside
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.tree.kinds import KINDS
from tests.tree.project import PROVIDERS

GOOD = b"version: 1\ngenerations:\n  - {id: a, type: text, config: {prompt: Hello}}\n"

quick = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])

# Bytes at random rarely get far, so most examples are made of what trees are made of.
_WORDS = """version generations inputs models providers budget id type config prompt model schema validation when retry
timeout text object group template text-array 1 0 null true 30s ~ .inf 1e999 ${a} ${ [a|b] *a &a !!int {} [] \ufeff \x00 \x85
policy sticky breaker << ' " : - , ? | > # % @ ` { } [ ]"""
WORDS = st.sampled_from(_WORDS.split())
SOUP = st.lists(st.one_of(WORDS, st.sampled_from([" ", "\n", "  ", "\t", ": ", "- ", ", "]), st.text(max_size=3))).map(
    lambda parts: "".join(parts).encode("utf-8", "replace")
)
RICH: dict[str, Any] = {
    "version": 1,
    "id": "rich",
    "inputs": {"year": {"type": "integer", "default": 2026, "enum": [2025, 2026]}, "mood": {"enum": ["calm", "wild"]}},
    "seed": "date",
    "budget": {"usd": 1, "calls": 10, "minutes": 5},
    "errorPolicy": {"maxRetries": 2, "retryDelay": "1s"},
    "models": {
        "text": {"provider": "mine", "model": "m", "params": {"t": 1}, "price": {"input": 1}},
        "image": {"rpm": 3},
        "pool": {
            "models": ["text", {"provider": "openai", "model": "n", "params": {"t": "${mood}"}}],
            "policy": "sticky",
            "sticky": "mood",
            "breaker": {"failures": 2, "coolDown": "1m"},
            "concurrency": 3,
        },
    },
    "providers": {"mine": {"provider": "openai", "baseUrl": "http://localhost", "keyEnv": ""}},
    "assets": {"maxBytes": 5},
    "outputFormats": ["json", "md"],
    "retention": {"runs": 3, "days": 3},
    "timeout": "30s",
    "generations": [
        {
            "id": "ideas",
            "type": "object-array",
            "config": {"prompt": [{"system": "s", "template": "For ${year}"}, {"template": "[a | b]", "parseJson": True}]},
            "schema": {"type": "object", "properties": {"title": {"type": "string"}}, "required": ["title"]},
            "validation": {"minLength": 2, "maxLength": 3, "required": ["title"]},
            "collapse": True,
            "generations": [
                {
                    "id": "text",
                    "type": "text",
                    "config": {"prompt": {"prefix": "p", "template": "${title}"}, "model": {"name": "pool", "u": "${mood}"}},
                    "when": [{"name": "title", "operator": "in_range", "value": [1, 2]}],
                    "retry": {"max": 1, "delay": 5},
                    "timeout": 5,
                }
            ],
        },
        {
            "id": "all",
            "type": "template",
            "config": {"prompt": "${ideas}"},
            "requiredInputs": ["mood"],
            "when": {"name": "mood"},
        },
        {"id": "rest", "type": "group", "generations": [{"id": "x", "type": "image", "config": {"prompt": "a"}, "retry": 1}]},
    ],
}
V0: dict[str, Any] = {
    "baseDir": "2024",
    "outputFormats": ["md"],
    "maxRetries": 3,
    "timeout": 30000,
    "models": {"text": {"endpoint": "gpt-4", "defaultParams": {"maxTokens": 3}}, "image": {"endpoint": "a/b"}},
    "generations": [
        {
            "id": "year",
            "type": "object",
            "requiredInputs": ["year"],
            "generations": [
                {
                    "id": "ideas",
                    "type": "text-array",
                    "outputKey": "themes",
                    "config": {"prompt": [{"template": "${year}", "system": "s"}], "model": {"name": "text", "topP": 1}},
                    "validation": {"minLength": 3, "required": True},
                    "generations": [
                        {
                            "id": "image",
                            "type": "image",
                            "config": {"prompt": {"template": "${i}"}, "validation": {"required": ["x"]}},
                        }
                    ],
                }
            ],
        }
    ],
}


def places(data: Any) -> list[tuple[Any, ...]]:
    """Every place in data."""
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [(), *((key, *rest) for key, value in items for rest in places(value))]


@st.composite
def changed(draw: st.DrawFn, tree: dict[str, Any]) -> dict[str, Any]:
    """A good tree with one or two places changed: another value, another key, or nothing."""
    data = json.loads(json.dumps(tree))
    for _ in range(draw(st.integers(1, 2))):
        *holders, last = draw(st.sampled_from([place for place in places(data) if place]))
        holder = data
        for step in holders:
            holder = holder[step]
        how = draw(st.sampled_from(["replace", "remove", "add", "elsewhere"]))
        if how == "replace":
            holder[last] = draw(VALUES)
        elif how == "remove":
            del holder[last]
        elif how == "elsewhere" and isinstance(holder, dict):
            holder[draw(KEYS)] = holder.pop(last)
        elif isinstance(holder[last], dict):
            holder[last][draw(KEYS)] = draw(VALUES)
    return dict(data)


ENV = st.lists(st.sampled_from(["A", "=", "'", '"', "\n", " ", "#", "export ", "${A}", "\\", "\x00", "\r"])).map(
    lambda parts: "".join(parts).encode()
)
ANY = st.one_of(st.binary(max_size=200), SOUP)

_KEYS = """version id title kind inputs seed budget models providers outputFormats timeout generations type config prompt model
schema validation when retry collapse enabled usd provider params name from default enum template file minLength required
baseDir endpoint defaultParams requiredInputs outputKey itemKey errorPolicy text $ref x"""
KEYS = st.sampled_from(_KEYS.split())
VALUES = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=5),
        st.sampled_from(["text", "image", "group", "object", "object-array", "30s", "${a}", "[a | b]", "a", "date", 1, 10**30]),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=6)),
    max_leaves=25,
)  # fmt: skip
TREES = st.dictionaries(KEYS, VALUES, max_size=8).map(lambda data: {"version": 1, "generations": [], **data})


def told(fault: GenarunError) -> None:
    """An error can be shown, in words and as JSON."""
    assert str(fault).strip()
    json.dumps(fault.as_json())


def check(content: bytes, name: str, defaults: bytes | None = None) -> None:
    """Loads a tree from these bytes; only our own errors may come, and they can be shown."""
    with TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "trees" / "t").mkdir(parents=True)
        (root / "trees" / "t" / name).write_bytes(content)
        if defaults is not None:
            (root / "trees" / "defaults.yaml").write_bytes(defaults)
        try:
            load_trees(root, None, kinds=KINDS, providers=PROVIDERS)
        except SetupError as fault:
            told(fault)


@quick
@given(ANY)
@example(b"\xff\xfe")
@example(b"a: &a [*a, *a]")
@example(b"[" * 5000)
@example(b"? " * 3000)
@example(b"{a: " * 2000)
@example(b"- " * 3000)
@example(b"version: 1\ntimeout: " + b"9" * 400 + b"s")
@example(b"version: 1\nbudget: {usd: " + b"9" * 400 + b"}")
def test_any_bytes_as_yaml(content: bytes) -> None:
    check(content, "config.yaml")


@quick
@given(ANY)
@example(b"[" * 5000)
@example(b'{"a":' * 2000)
@example(b'"\\ud800"')
def test_any_bytes_as_json(content: bytes) -> None:
    check(content, "config.json")


@quick
@given(ANY)
def test_any_bytes_as_defaults(content: bytes) -> None:
    check(GOOD, "config.yaml", content)


@quick
@given(VALUES)
def test_any_value_as_defaults(data: Any) -> None:
    check(GOOD, "config.yaml", json.dumps(data).encode())


@quick
@given(st.one_of(TREES, VALUES))
def test_any_value_as_json(data: Any) -> None:
    check(json.dumps(data).encode(), "config.json")


@quick
@given(TREES, st.booleans())
def test_any_value_as_v0(data: dict[str, Any], bare: bool) -> None:
    legacy = {key: value for key, value in data.items() if key != "version"} | ({"type": "object"} if bare else {})
    check(json.dumps(legacy).encode(), "config.json")


@quick
@given(st.one_of(changed(RICH), changed(V0)))
def test_any_change_of_a_good_tree(data: dict[str, Any]) -> None:
    check(json.dumps(data).encode(), "config.json")


@quick
@given(changed({key: RICH[key] for key in ("budget", "models", "providers", "assets", "retention", "errorPolicy")}))
def test_any_change_of_good_defaults(data: dict[str, Any]) -> None:
    check(json.dumps(RICH).encode(), "config.json", json.dumps(data).encode())


@quick
@given(TREES)
def test_any_data(data: dict[str, Any]) -> None:
    try:
        tree_from_data(data, kinds=KINDS, providers=PROVIDERS)
    except SetupError as fault:
        told(fault)


@quick
@given(st.one_of(ANY, ENV))
@example(b"A='" * 3000)
@example(b"\xff")
def test_any_bytes_as_env(content: bytes) -> None:
    with TemporaryDirectory() as folder:
        (Path(folder) / ".env").write_bytes(content)
        try:
            found = read_env(Path(folder), {"HOME": "/home"})
        except SetupError as fault:
            told(fault)
        else:
            assert found["HOME"] == "/home"


@quick
@given(st.text())
@example("a/../../b")
@example("a" * 5000)
@example("\ud800")
def test_any_path_stays_inside(relative: str) -> None:
    with TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        try:
            found = inside(root, relative)
        except GenarunError as fault:
            told(fault)
        else:
            assert root in found.parents


IDS = st.from_regex(r"[a-z][a-z0-9]{6,10}", fullmatch=True)


def siblings(nodes: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(nodes, min_size=1, max_size=3, unique_by=lambda node: str(node["id"]))


NODES = st.recursive(
    st.fixed_dictionaries(
        {
            "id": IDS,
            "type": st.just("text"),
            "config": st.fixed_dictionaries(
                {"prompt": st.text("ab c:#'\"-é\n😀", min_size=1)},
                optional={"model": st.fixed_dictionaries({"name": st.just("text"), "temperature": st.floats(0, 2)})},
            ),
        }
    ),
    lambda inner: st.fixed_dictionaries(
        {
            "id": IDS,
            "type": st.just("group"),
            "generations": st.lists(inner, min_size=1, max_size=3, unique_by=lambda node: node["id"]),
        }
    ),
    max_leaves=6,
)


@quick
@given(siblings(NODES), st.integers(-(2**53) + 1, 2**53 - 1))
def test_equal_data_in_json_and_yaml_has_one_digest(nodes: list[Any], seed: int) -> None:
    data = {"version": 1, "seed": seed, "generations": nodes}
    digests = []
    with TemporaryDirectory() as folder:
        for name, text in (
            ("config.json", json.dumps(data)),
            ("config.yaml", yaml.safe_dump(data, allow_unicode=True)),
            ("config.yml", json.dumps(data, ensure_ascii=False, indent=1)),
        ):
            path = Path(folder) / name
            path.write_text(text, encoding="utf-8")
            digests.append(load_tree(path, kinds=KINDS, providers=PROVIDERS, root=Path(folder)).digest)
    assert len({*digests, tree_from_data(data, kinds=KINDS, providers=PROVIDERS).digest}) == 1
