"""Secrets: in no form that a service may echo do they reach a file or a screen."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote, quote_plus, urlencode

import pytest
from genarun.errors import SetupError
from genarun.store.lines import make_record, read_line, write_line
from genarun.store.mask import Masker
from hypothesis import example, given
from hypothesis import strategies as st

from tests.say import says

CANARY = 'sk-canary/7+Qz=Ü"é'


def test_a_secret_is_hidden_however_a_service_writes_it() -> None:
    masker = Masker([CANARY])
    nested = json.dumps({"error": json.dumps({"message": f"bad key {CANARY}"})})
    forms = [
        f"the key {CANARY} was refused",
        json.dumps({"key": CANARY}),
        json.dumps({"key": CANARY}, ensure_ascii=False),
        json.dumps({"key": CANARY}).replace("/", "\\/"),
        nested,
        quote(CANARY),
        quote(CANARY, safe=""),
        quote_plus(CANARY),
        quote(CANARY, safe="").lower().replace("sk-canary", "sk-canary").replace("7", "7").replace("qz", "Qz"),
        "https://pictures.test/x.png?" + urlencode({"token": CANARY}),
    ]
    for form in forms:
        hidden = masker.text(form)
        assert "***" in hidden, form
        assert "canary" not in hidden, form
        assert masker.data(form.encode()).decode() == hidden


@pytest.mark.parametrize("before", ["", "u", "us", "user:", "user:name:"])
@pytest.mark.parametrize("after", ["", "x", "xy", ":xyz"])
def test_base64_hides_nothing_at_any_place_in_a_longer_text(before: str, after: str) -> None:
    masker = Masker([CANARY])
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        text = encode(f"{before}{CANARY}{after}".encode()).decode()
        for shown in (text, text.rstrip("="), quote(text, safe="")):
            hidden = masker.text(f"Authorization: Basic {shown}")
            assert "***" in hidden
            inner = base64.b64encode(CANARY.encode()).decode()
            assert inner[4:12] not in hidden


@given(st.text(st.characters(codec="utf-8"), min_size=8, max_size=40).filter(lambda text: text.strip()), st.text(max_size=20))
@example("aaaaaaaa", "aaaaaaaaaaaaaaaaaaa")
def test_no_text_keeps_a_secret(secret: str, around: str) -> None:
    masker = Masker([secret])
    hidden = masker.text(f"{around}{secret}{around}")
    assert secret not in hidden.replace("***", "\0") or "*" in secret
    assert masker.found(f"{around}{secret}{around}".encode("utf-8", "surrogatepass"))


@given(
    st.text(min_size=8, max_size=20),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=30),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
        max_leaves=8,
    ),
)
@example('":null,"x', {"a": '":null,"x'})
@example("12345678", {"a": 12345678, "b": [0.12345678, "no 12345678"]})
def test_a_masked_record_is_still_a_record(secret: str, value: object) -> None:
    if not secret.strip():
        return
    record = make_record(path="a", node="a", type="text", status="succeeded", value=value, text=f"said {secret}")
    written = write_line(record, Masker([secret]))
    assert written.endswith(b"\n")
    assert written.count(b"\n") == 1
    read, _ = read_line(written[:-1])
    assert read is not None
    assert read.path in ("a", "***")


def test_a_secret_of_digits_inside_a_number_becomes_text_and_the_line_stays_json() -> None:
    masker = Masker(["12345678"])
    record = make_record(path="a", node="a", type="text", status="succeeded", value={"n": 1234567890, "ok": 12})
    assert (
        write_line(record, masker)
        == b'{"path":"a","node":"a","type":"text","status":"succeeded","value":{"n":"***","ok":12}}\n'
    )


def test_keys_of_objects_are_hidden_too() -> None:
    assert Masker(["canary-1234"]).value({"canary-1234": ["x canary-1234", 1, None]}) == {"***": ["x ***", 1, None]}


def test_the_longer_of_two_secrets_goes_first() -> None:
    assert Masker(["canary-12", "canary-1234"]).text("is canary-1234!") == "is ***!"


def test_without_secrets_nothing_changes() -> None:
    masker = Masker(["", ""])
    assert not masker
    assert masker.text("nothing ***") == "nothing ***"
    assert masker.data(b"\xff\x00") == b"\xff\x00"
    assert not masker.found(b"anything")


def test_a_short_value_stops_everything_and_names_its_variable() -> None:
    with pytest.raises(SetupError) as stopped:
        Masker.from_env({"OPENAI_API_KEY": "short", "EMPTY": " "}, ["OPENAI_API_KEY", "EMPTY", "UNSET"])
    says(
        stopped.value,
        "secret-short",
        """
        the value of OPENAI_API_KEY is shorter than 8 characters
          → Real keys are longer: check it for a typing mistake, or leave the variable empty.
        """,
    )
    assert "short" not in str(stopped.value).replace("shorter", "")
    with pytest.raises(SetupError, match="a secret variable"):
        Masker(["1234567"])


def test_a_value_with_spaces_around_it_is_hidden_with_and_without_them() -> None:
    masker = Masker.from_env({"KEY": " canary-1234\n"}, ["KEY"])
    assert masker.text("Bearer canary-1234.") == "Bearer ***."
