"""What a tree inherits, and whom its nodes ask in the end."""

from __future__ import annotations

from pathlib import Path

import pytest
from genarun.errors import SetupError
from genarun.tree.model import ModelUse

from tests.say import says
from tests.tree.project import NODE, Project, fault, tree

NODE_WITH = "\ngenerations:\n  - {id: a, type: text, config: {prompt: Hello, model: %s}}\n"


def use(text: str, defaults: str | None = None) -> ModelUse:
    """Whom the first node of a tree asks."""
    found = tree(text, defaults=defaults).nodes[0].use
    assert found is not None
    return found


def test_a_tree_that_says_nothing_has_safe_settings() -> None:
    settings = tree("version: 1" + NODE).settings
    assert settings.budget is not None
    assert settings.error_policy is not None
    assert settings.assets is not None
    assert settings.retention is not None
    assert (settings.budget.usd, settings.budget.calls, settings.budget.minutes) == (1.0, 300, 30)
    assert (settings.error_policy.max_retries, settings.error_policy.retry_delay) == (3, 1000)
    assert settings.error_policy.continue_on_child_failure is True
    assert settings.error_policy.return_partial_results is True
    assert settings.error_policy.publish_partial is False
    assert (settings.assets.max_bytes, settings.assets.format, settings.assets.allow_private) == (20_000_000, "keep", False)
    assert (settings.timeout, settings.output_formats, settings.retention.runs) == (120_000, ["json"], 30)


def test_a_tree_that_says_nothing_asks_the_built_in_aliases() -> None:
    assert use("version: 1" + NODE) == ModelUse(
        alias="text", provider="openai", protocol="openai", model="gpt-6.1-terra", params={}, concurrency=8, rpm=None,
        price=None, base_url=None, key_env=None, options={},
    )  # fmt: skip
    image = use("version: 1" + NODE.replace("type: text", "type: image"))
    assert (image.alias, image.model) == ("image", "gpt-image-2.5-flare")


def test_settings_merge_key_by_key_and_the_tree_wins() -> None:
    found = tree(
        "version: 1\nbudget: {calls: 50}\nretention: {days: 7}\nerrorPolicy: {maxRetries: 0}" + NODE,
        defaults="budget: {usd: 9, calls: 10}\ntimeout: 30s\noutputFormats: [md]\n",
    ).settings
    assert found.budget is not None
    assert (found.budget.usd, found.budget.calls, found.budget.minutes) == (9, 50, 30)
    assert found.retention is not None
    assert (found.retention.runs, found.retention.days) == (30, 7)
    assert found.timeout == 30_000
    assert found.output_formats == ["md"]
    assert found.error_policy is not None
    assert (found.error_policy.max_retries, found.error_policy.retry_delay) == (0, 1000)


def test_null_lifts_a_limit_and_elsewhere_says_nothing() -> None:
    found = tree("version: 1\nbudget: {usd: null}\ntimeout: null\nmodels: null" + NODE, defaults="timeout: 5s\n").settings
    assert found.budget is not None
    assert (found.budget.usd, found.budget.calls) == (None, 300)
    assert found.timeout == 5_000


def test_an_alias_merges_with_the_one_it_inherits() -> None:
    found = use(
        "version: 1\nmodels: {text: {params: {temperature: 1, top_p: null}, rpm: 9}}" + NODE,
        "models: {text: {provider: replicate, model: a/b, params: {temperature: 0, top_p: 1, seed: 3}, concurrency: 2}}\n",
    )
    assert (found.provider, found.model, found.concurrency, found.rpm) == ("replicate", "a/b", 2, 9)
    assert found.params == {"temperature": 1, "seed": 3}


def test_an_alias_that_only_adds_parameters_keeps_the_built_in_model() -> None:
    found = use("version: 1\nmodels: {text: {params: {verbosity: low}}}" + NODE)
    assert (found.provider, found.model, found.params) == ("openai", "gpt-6.1-terra", {"verbosity": "low"})


def test_the_price_of_another_model_does_not_stay_behind() -> None:
    defaults = "models: {text: {provider: openai, model: small, price: {input: 1}}}\n"
    assert use("version: 1\nmodels: {text: {model: large}}" + NODE, defaults).price is None
    kept = use("version: 1\nmodels: {text: {price: {output: 2}}}" + NODE, defaults).price
    assert kept is not None
    assert (kept.input, kept.output) == (1, 2)


def test_parameters_of_node_beat_alias_beat_provider() -> None:
    found = use(
        """
        version: 1
        providers: {mine: {provider: openai, baseUrl: "http://localhost/v1", keyEnv: MY_KEY, params: {a: 1, b: 1, c: 1},
                           options: {strict: false}}}
        models: {poet: {provider: mine, model: m, params: {b: 2, c: 2, d: [1, 2]}}}
        """.replace("\n        ", "\n").replace("    options", " options")
        + NODE_WITH % "{name: poet, c: 3, d: [3], a: null}"
    )
    assert found.params == {"b": 2, "c": 3, "d": [3]}
    assert (found.alias, found.provider, found.protocol, found.model) == ("poet", "mine", "openai", "m")
    assert (found.base_url, found.key_env, found.options) == ("http://localhost/v1", "MY_KEY", {"strict": False})


@pytest.mark.parametrize(
    ("services", "provider", "protocol"),
    [
        ("{mine: {baseUrl: 'http://localhost'}}", "mine", "openai"),
        ("{mine: {provider: replicate}}", "mine", "replicate"),
        ("{replicate: {baseUrl: 'http://localhost'}}", "replicate", "replicate"),
    ],
)
def test_a_service_speaks_the_protocol_it_names_or_is_named_after(services: str, provider: str, protocol: str) -> None:
    found = use(f"version: 1\nproviders: {services}\nmodels: {{text: {{provider: {provider}, model: m}}}}{NODE}")
    assert (found.provider, found.protocol) == (provider, protocol)


def test_retries_and_time_outs_of_a_node() -> None:
    found = tree(
        """
        version: 1
        timeout: 5s
        errorPolicy: {maxRetries: 7, retryDelay: 250ms}
        generations:
          - {id: a, type: text, config: {prompt: Hello}}
          - {id: b, type: text, retry: 1, timeout: 1m, config: {prompt: Hello}}
          - {id: c, type: text, retry: {delay: 2s}, config: {prompt: Hello}}
        """
    ).nodes
    assert [(node.max_retries, node.retry_delay, node.timeout) for node in found] == [(7, 0.25, 5), (1, 0.25, 60), (7, 2, 5)]


def test_defaults_that_are_only_comments_say_nothing() -> None:
    assert tree("version: 1" + NODE, defaults="# budget: {usd: 5}\n").digest == tree("version: 1" + NODE).digest


def test_a_fault_of_the_defaults_has_its_place() -> None:
    says(
        fault("version: 1" + NODE, defaults="models:\n  text: {provider: opnai, model: m}\n"),
        "provider-unknown",
        """
        trees/defaults.yaml:2:20: there is no provider “opnai”
          2 |   text: {provider: opnai, model: m}
            |                    ^
          → Did you mean “openai”? Others are written under `providers`.
        """,
    )


def test_defaults_are_no_tree() -> None:
    says(
        fault("version: 1" + NODE, defaults="generations: []\n"),
        "key-unknown",
        """
        trees/defaults.yaml:1:1: there is no key “generations” here
          1 | generations: []
            | ^
          → It belongs into a tree's own config.
        """,
    )


def test_defaults_that_are_a_list() -> None:
    says(
        fault("version: 1" + NODE, defaults="- budget\n"),
        "no-mapping",
        """
        trees/defaults.yaml:1:1: the file must hold a mapping, and this is a list
          1 | - budget
            | ^
          → Write keys and values.
        """,
    )


def test_defaults_by_another_name(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write("trees/t/config.yaml", "version: 1" + NODE)
    project.write("trees/defaults.json", "{}")
    with pytest.raises(SetupError) as raised:
        project.load()
    says(
        raised.value,
        "defaults-name",
        """
        trees/defaults.json: this file is not read
          → Rename it to trees/defaults.yaml, in YAML.
        """,
    )
