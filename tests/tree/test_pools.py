"""Aliases that name several models, and models that cannot make what is asked of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from genarun.errors import Faults, SetupError
from genarun.tree.load import load_tree
from genarun.tree.model import ModelUse

from tests.say import says
from tests.tree.kinds import KINDS, Kind
from tests.tree.project import NODE, PROVIDERS, Maker, Project, fault, tree

POOL = """
version: 1
models:
  fast: {provider: openai, model: small, params: {a: 1, b: 1}, concurrency: 4, rpm: 30, price: {call: 1}}
  careful: {provider: replicate, model: x/large, params: {a: 2}}
  text:
    models: [fast, careful, {provider: mine, model: own, params: {a: 3, c: 3}}]
"""
MINE = "providers: {mine: {provider: openai, baseUrl: 'http://localhost/v1', params: {p: 0}}}\n"


def pool(text: str, defaults: str | None = MINE) -> ModelUse:
    """Whom the first node asks."""
    found = tree(text, defaults=defaults).nodes[0].use
    assert found is not None
    return found


def test_a_pool_holds_its_models_whole() -> None:
    found = pool(POOL + NODE)
    assert [(use.alias, use.provider, use.protocol, use.model) for use in found.members] == [
        ("fast", "openai", "openai", "small"), ("careful", "replicate", "replicate", "x/large"),
        ("text.models.2", "mine", "openai", "own"),
    ]  # fmt: skip
    assert found.members[2].base_url == "http://localhost/v1"
    assert (found.alias, found.policy, found.sticky, found.failures, found.cool_down) == ("text", "ordered", None, 3, 30.0)
    assert (found.concurrency, found.rpm) == (4 + 8 + 8, None)
    assert (found.members[0].concurrency, found.members[0].rpm) == (4, 30)
    assert not found.members[0].members


def test_parameters_of_node_beat_pool_beat_model_beat_provider() -> None:
    node = NODE.replace("{prompt: Hello}", "{prompt: Hello, model: {name: text, d: 9, b: null}}")
    found = pool(POOL + "    params: {c: 7, d: 7}\n" + node)
    assert [dict(use.params) for use in found.members] == [
        {"a": 1, "c": 7, "d": 9}, {"a": 2, "c": 7, "d": 9}, {"p": 0, "a": 3, "c": 7, "d": 9}
    ]  # fmt: skip


def test_a_pool_says_how_it_goes_on() -> None:
    more = "    policy: sticky\n    sticky: who\n    breaker: {failures: 5, coolDown: 2m}\n    concurrency: 2\n    rpm: 9\n"
    found = pool(POOL + more + "inputs: {who: {default: me}}" + NODE)
    assert (found.policy, found.sticky, found.failures, found.cool_down) == ("sticky", "who", 5, 120.0)
    assert (found.concurrency, found.rpm) == (2, 9)


def test_a_tree_makes_a_pool_of_an_inherited_model_and_the_other_way_round() -> None:
    fast = "fast: {provider: openai, model: f}"
    defaults = f"models: {{text: {{provider: openai, model: small, params: {{a: 1}}, rpm: 3, price: {{call: 1}}}}, {fast}}}\n"
    found = pool("version: 1\nmodels: {text: {models: [fast]}}" + NODE, defaults)
    assert [use.model for use in found.members] == ["f"]
    assert (found.rpm, dict(found.members[0].params)) == (None, {}), "what was said of the one model is not said of the pool"

    defaults = "models: {text: {models: [fast], policy: random, params: {a: 1}, rpm: 3}, fast: {provider: openai, model: f}}\n"
    found = pool("version: 1\nmodels: {text: {provider: openai, model: small}}" + NODE, defaults)
    assert (found.members, found.model, found.policy, found.rpm, dict(found.params)) == ((), "small", "ordered", None, {})

    found = pool("version: 1\nmodels: {text: {params: {b: 2}, policy: cheapest}}" + NODE, defaults)
    assert (found.policy, found.rpm, dict(found.members[0].params)) == ("cheapest", 3, {"a": 1, "b": 2})
    found = pool("version: 1\nmodels: {text: {models: [fast, {provider: openai, model: g}]}}" + NODE, defaults)
    assert ([use.model for use in found.members], found.policy) == (["f", "g"], "random")


def test_what_decides_the_answers_is_in_the_digest() -> None:
    def digest(text: str) -> str:
        return tree(text, defaults=MINE).digest

    inputs = "inputs: {who: {default: me}, other: {default: me}}"
    text = POOL + "    policy: sticky\n    sticky: who\n    breaker: {failures: 5}\n" + inputs + NODE
    same = [
        text.replace("failures: 5", "coolDown: 1s"),
        text.replace("concurrency: 4, rpm: 30, price: {call: 1}", "rpm: 1"),
        text.replace("    policy", "    concurrency: 3\n    policy"),
        text.replace("[fast, ", "[{provider: openai, model: small, params: {b: 1, a: 1}}, "),
    ]
    others = [
        text.replace("sticky: who", "sticky: other"),
        text.replace("policy: sticky\n    sticky: who", "policy: random"),
        text.replace("[fast, careful,", "[careful, fast,"),
        text.replace("[fast, careful,", "[fast,"),
        text.replace("model: own", "model: another"),
        text.replace("a: 2", "a: 4"),
    ]
    assert {digest(one) for one in same} == {digest(text)}
    assert len({digest(one) for one in [text, *others]}) == 7


def test_a_node_waits_for_what_the_parameters_of_any_model_read() -> None:
    text = POOL.replace("c: 3", 'c: "${b}"') + "generations:\n" + (
        "  - {id: a, type: text, config: {prompt: Hello}}\n  - {id: b, type: text, config: {prompt: Hello, model: fast}}\n"
    )  # fmt: skip
    found = tree(text, defaults=MINE).nodes
    assert [dep.node.id for dep in found[0].deps] == ["b"]


# ---------------------------------------------------------------------- what makes no sense


def wrong(text: str, defaults: str | None = None) -> SetupError:
    """The error of a tree with these lines under `models:`."""
    lines = "".join(f"  {line}\n" for line in text.strip("\n").splitlines())
    return fault(f"version: 1\nmodels:\n  fast: {{provider: openai, model: small}}\n{lines}{NODE.lstrip()}", defaults=defaults)


def test_an_unknown_model_in_a_pool() -> None:
    says(
        wrong("text: {models: [fast, fst]}"),
        "alias-unknown",
        """
        trees/t/config.yaml:4:25: there is no model alias “fst”
          4 |   text: {models: [fast, fst]}
            |                         ^
          → Did you mean “fast”? Aliases are written under `models`.
        """,
    )


def test_a_pool_of_pools() -> None:
    says(
        wrong("text: {models: [fast, more]}\nmore: {models: [fast]}"),
        "pool-nested",
        """
        trees/t/config.yaml:4:25: “more” names several models itself
          4 |   text: {models: [fast, more]}
            |                         ^
          → A pool holds single models only: list its models here in its place.
        """,
    )


def test_a_pool_of_itself() -> None:
    assert wrong("text: {models: [fast, text]}").code == "pool-nested"


def test_a_pool_in_place_of_a_model_that_an_inherited_pool_lists() -> None:
    defaults = (
        "models: {text: {models: [fast, slow]}, fast: {provider: openai, model: f}, slow: {provider: openai, model: s}}\n"
    )
    says(
        wrong("slow: {models: [fast]}", defaults),
        "pool-nested",
        """
        trees/t/config.yaml:4:3: “slow” names several models, and so does the inherited “text”, which lists it
          4 |   slow: {models: [fast]}
            |   ^
          → A pool holds single models only: give this one another name.
        """,
    )


def test_an_empty_pool() -> None:
    says(
        wrong("text: {models: []}"),
        "empty",
        """
        trees/t/config.yaml:4:18: “models” is empty
          4 |   text: {models: []}
            |                  ^
          → Write for example `models: [fast, careful]`.
        """,
    )


def test_a_pool_that_is_one_text() -> None:
    says(
        wrong("text: {models: fast}"),
        "wrong-type",
        """
        trees/t/config.yaml:4:18: “models” wants a list, and this is the text “fast”
          4 |   text: {models: fast}
            |                  ^
          → Write for example `models: [fast, careful]`.
        """,
    )


def test_a_model_of_a_pool_that_is_a_number() -> None:
    says(
        wrong("text: {models: [fast, 3]}"),
        "wrong-type",
        """
        trees/t/config.yaml:4:25: an item of “models” wants an alias, or `{provider: …, model: …}`, and this is the number 3
          4 |   text: {models: [fast, 3]}
            |                         ^
          → For example `models: [fast, careful]`.
        """,
    )


def test_a_model_of_a_pool_without_a_provider() -> None:
    says(
        wrong("text: {models: [fast, {model: m}]}"),
        "key-missing",
        """
        trees/t/config.yaml:4:25: the key “provider” is missing here
          4 |   text: {models: [fast, {model: m}]}
            |                         ^
          → Add for example `provider: openai`.
        """,
    )


def test_a_model_of_a_pool_with_a_misspelt_provider() -> None:
    says(
        wrong("text: {models: [fast, {provider: opnai, model: m}]}"),
        "provider-unknown",
        """
        trees/t/config.yaml:4:36: there is no provider “opnai”
          4 |   text: {models: [fast, {provider: opnai, model: m}]}
            |                                    ^
          → Did you mean “openai”? Others are written under `providers`.
        """,
    )


@pytest.mark.parametrize("key", ["provider: openai", "model: m", "price: {call: 1}"])
def test_one_model_and_several(key: str) -> None:
    name = key.partition(":")[0]
    says(
        wrong(f"text: {{{key}, models: [fast]}}"),
        "pool-key",
        f"""
        trees/t/config.yaml:4:10: `{name}` is of an alias for one model, and this one names several
          4 |   text: {{{key}, models: [fast]}}
            |          ^
          → Take `{name}` away, or `models`.
        """,
    )


@pytest.mark.parametrize("key", ["policy: random", "sticky: who", "breaker: {failures: 1}"])
def test_what_belongs_to_several(key: str) -> None:
    name = key.partition(":")[0]
    says(
        wrong(f"text: {{{key}}}"),
        "pool-key",
        f"""
        trees/t/config.yaml:4:10: `{name}` is of an alias that names several models under `models`
          4 |   text: {{{key}}}
            |          ^
          → Take `{name}` away, or add `models`.
        """,
    )


def test_one_model_twice() -> None:
    says(
        wrong("text: {models: [fast, fast]}"),
        "pool-twice",
        """
        trees/t/config.yaml:4:25: “fast” is the model that this pool has in line 4
          4 |   text: {models: [fast, fast]}
            |                         ^
          → List each model once.
        """,
    )


def test_one_model_twice_by_two_names() -> None:
    text = "text:\n  models:\n    - fast\n    - {provider: openai, model: small}\n"
    says(
        wrong(text),
        "pool-twice",
        """
        trees/t/config.yaml:7:9: “openai/small” is the model that this pool has in line 6
          7 |       - {provider: openai, model: small}
            |         ^
          → List each model once.
        """,
    )


def test_one_model_with_other_parameters_is_another_one() -> None:
    found = pool("version: 1\nmodels:\n  a: {provider: openai, model: m}\n"
                 "  text: {models: [a, {provider: openai, model: m, params: {effort: high}}]}\n" + NODE)  # fmt: skip
    assert len(found.members) == 2


def test_an_unknown_policy() -> None:
    says(
        wrong("text: {models: [fast], policy: cheap}"),
        "wrong-choice",
        """
        trees/t/config.yaml:4:34: “policy” cannot be the text “cheap”
          4 |   text: {models: [fast], policy: cheap}
            |                                  ^
          → Did you mean “cheapest”? Possible here: ordered, cheapest, round-robin, random, sticky.
        """,
    )


def test_sticky_without_its_policy() -> None:
    says(
        wrong("text: {models: [fast], sticky: who}"),
        "sticky-unused",
        """
        trees/t/config.yaml:4:26: `sticky` is of the policy sticky, and the policy of “text” is ordered
          4 |   text: {models: [fast], sticky: who}
            |                          ^
          → Write `policy: sticky`, or take `sticky` away.
        """,
    )


def test_the_policy_sticky_without_an_input() -> None:
    says(
        wrong("text: {models: [fast], policy: sticky}"),
        "sticky-missing",
        """
        trees/t/config.yaml:4:34: the policy sticky goes by the value of an input, and none is named
          4 |   text: {models: [fast], policy: sticky}
            |                                  ^
          → Add for example `sticky: visitor` beside it, with the name of one of the tree's inputs.
        """,
    )


def test_an_input_that_the_tree_has_not() -> None:
    says(
        wrong("text: {models: [fast], policy: sticky, sticky: who}"),
        "sticky-unknown",
        """
        trees/t/config.yaml:4:50: the pool “text” goes by the input “who”, and this tree has none of that name
          4 |   text: {models: [fast], policy: sticky, sticky: who}
            |                                                  ^
          → Inputs here: none.
        """,
    )


def test_an_input_that_an_inherited_pool_goes_by() -> None:
    defaults = "models: {text: {models: [{provider: openai, model: m}], policy: sticky, sticky: visitor}}\n"
    text = "version: 1\ninputs: {visiter: {default: Ann}}" + NODE
    says(
        fault(text, defaults=defaults),
        "sticky-unknown",
        """
        trees/t/config.yaml:4:33: the pool “text” goes by the input “visitor”, and this tree has none of that name
          4 |   - {id: a, type: text, config: {prompt: Hello}}
            |                                 ^
          → Did you mean “visiter”?
        """,
    )


def test_a_model_of_a_pool_that_is_incomplete() -> None:
    found = wrong("text: {models: [fast, half]}\nhalf: {provider: openai}")
    assert found.code == "alias-incomplete"
    assert str(found).startswith("trees/t/config.yaml:5:3: the model alias “half” has no `model`\n")


def test_a_fault_of_an_inherited_pool_has_its_place_there(tmp_path: Path) -> None:
    found = fault("version: 1" + NODE, defaults="models: {text: {models: [nobody]}}\n")
    assert found.code == "alias-unknown"
    assert str(found).startswith("trees/defaults.yaml:1:26: there is no model alias “nobody”")


def test_a_pool_in_a_v0_tree() -> None:
    found = fault("models:\n  text: {models: [a]}\ngenerations:\n  - {id: a, type: text, config: {prompt: Hello}}\n")
    assert found.code == "version-missing"
    assert "`models` is of version 1" in found.what


def test_a_v0_tree_inherits_a_pool() -> None:
    text = "generations:\n  - {id: a, type: text, config: {prompt: Hello, model: {name: text, maxTokens: 3}}}\n"
    found = tree(text, defaults="models: {text: {models: [{provider: openai, model: m}, {provider: openai, model: n}]}}\n")
    assert found.nodes[0].use is not None
    assert [use.model for use in found.nodes[0].use.members] == ["m", "n"]


# ---------------------------------------------------------------------- what a provider makes


def load(folder: Path, text: str) -> None:
    project = Project(folder)
    project.write("trees/t/config.yaml", text)
    kinds = {**KINDS, "speech": Kind("speech", medium="audio", base={"type": "string"})}  # type: ignore[arg-type]
    providers = {**PROVIDERS, "tones": Maker(frozenset(["audio"])), "voices": Maker(frozenset(["audio", "text"]))}
    load_tree(project.root / "trees/t", kinds=kinds, providers=providers, root=project.root)


SPEAK = """
version: 1
models:
  audio: {provider: %s, model: m}
generations:
  - {id: a, type: speech, config: {prompt: Hello}}
  - {id: b, type: text, config: {prompt: Hello, model: audio}}
"""


def test_a_provider_that_makes_what_is_asked_of_it(tmp_path: Path) -> None:
    load(tmp_path, SPEAK % "voices")


def test_a_provider_that_does_not_make_it(tmp_path: Path) -> None:
    with pytest.raises(SetupError) as raised:
        load(tmp_path, SPEAK % "tones")
    says(
        raised.value,
        "medium-unmade",
        """
        trees/t/config.yaml:6:56: “audio” asks tones for text, and tones makes audio only
          6 |   - {id: b, type: text, config: {prompt: Hello, model: audio}}
            |                                                        ^
          → Providers that make text: offline, openai, replay, replicate, voices.
        """,
    )


def test_a_service_makes_what_its_protocol_makes_and_every_model_of_a_pool_must(tmp_path: Path) -> None:
    pooled = SPEAK.replace("{provider: %s, model: m}", "{models: [{provider: voices, model: m}, {provider: mine, model: n}]}")
    with pytest.raises(Faults) as raised:
        load(tmp_path, pooled + "providers: {mine: {provider: tones}, yours: {provider: openai}}\nmodels2: 1\n")
    assert [error.code for error in raised.value.errors] == ["medium-unmade", "key-unknown"]
    assert raised.value.errors[0].what == "“audio” asks mine for text, and mine makes audio only"
