"""The reuse key: RFC 8785 whichever way it is made, and defined for everything that can be asked."""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import Any

import rfc8785
from genarun.providers import key as module
from genarun.providers.base import Settings
from genarun.providers.catalog import OPENAI
from genarun.providers.key import canonical, digest, request_key
from genarun.providers.registry import make_provider
from hypothesis import example, given
from hypothesis import strategies as st

from tests.services.ask import shaped, text

SAFE = 2**53 - 1
plain_text = st.text(st.characters(exclude_categories=["Cs"]))
scalars = st.none() | st.booleans() | st.integers(-SAFE, SAFE) | st.floats(allow_nan=False, allow_infinity=False) | plain_text
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(plain_text, inner, max_size=4))


@given(st.dictionaries(plain_text, values, max_size=4))
@example({"a": 1e21, "b": 1e-7, "c": 0.1, "d": -0.0, "e": 1.0, "f": 123456789012345.6, "g": 5e-324})
@example({"\U0001f600": 1, "\ufb33": 2})
@example({"a": {"\U0001f600": 1, "\ufb33": 2}})
@example({"a": '\u2028\x7f\x00\x1f"\\/'})
def test_the_fast_way_and_the_standard_agree(content: dict[str, Any]) -> None:
    assert canonical(content) == rfc8785.dumps(content)
    assert canonical({**content, "schema": content}, content) == rfc8785.dumps({**content, "schema": content})


def test_an_example_of_the_standard() -> None:
    content = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "literals": [None, True, False],
    }
    assert canonical(content) == b'{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27]}'


wild = st.recursive(
    scalars | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters()), inner, max_size=3),
)


@given(st.dictionaries(st.text(st.characters()), wild, max_size=3))
def test_everything_has_a_key(content: dict[str, Any]) -> None:
    assert digest(content) == digest(json.loads(json.dumps(content)))


def test_what_the_standard_cannot_tell_apart_has_different_keys() -> None:
    ones: list[Any] = [2**53, 2**53 + 1, 10**30, 10**30 + 1, float("nan"), float("inf"), "\ud800", "\udfff", str(2**53)]
    assert len({digest({"a": one}) for one in ones}) == len(ones)


def test_mappings_of_any_kind_are_the_same() -> None:
    provider = make_provider(OPENAI, Settings("openai"))
    params = {"temperature": 0.7, "stop": ["x"], "deep": {"a": 1}}
    one = text(params=params)
    other = text(params=MappingProxyType({**params, "deep": MappingProxyType({"a": 1})}))
    assert request_key(provider, one) == request_key(provider, other)


def test_what_decides_the_answer_is_in_the_key_and_nothing_else() -> None:
    provider = make_provider(OPENAI, Settings("openai"))
    base = request_key(provider, text())
    assert request_key(provider, text(node="b", path="b/1", about="other", seed=9)) == base
    others = [
        text("else"),
        text(model="m"),
        text(system="s"),
        text(params={"a": 1}),
        text(json=True),
        shaped({"type": "object"}),
    ]
    assert len({base, *(request_key(provider, one) for one in others)}) == 7


def test_a_key_stays_the_same_from_release_to_release() -> None:
    request = text("Say hello", params={"temperature": 0.5})
    expected = "sha256:2f31152bca10325af106baa1813758ca089d081dc7fa2af0a4546253ba3d6a0f"
    assert request_key(make_provider(OPENAI, Settings("openai")), request) == expected, "every kept run would be paid for again"


def test_schemas_are_remembered_without_being_confused() -> None:
    for number in range(1200):  # more than are kept: ids of objects that are gone come again
        schema = {"type": "object", "maximum": float(number % 7)}
        content = {"schema": schema, "n": number}
        assert canonical(content, schema) == rfc8785.dumps(content)
    assert len(module._SCHEMAS) <= 501
