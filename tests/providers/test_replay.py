"""Recording what services say, and giving it again."""

from __future__ import annotations

import asyncio
import json
import math
import os
import tempfile
import time
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from genarun.errors import ProviderError, SetupError
from genarun.providers.base import Attachment, File, ModelReply, ModelRequest, Provider, Settings, Usage
from genarun.providers.key import request_key
from genarun.providers.recording import Recorder
from genarun.providers.registry import make_provider, provider_infos
from genarun.providers.replay import Replay
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers import Place
from tests.recordings import played
from tests.say import says
from tests.services.ask import ask, fault, openai, picture, replicate, shaped, text
from tests.services.openai_service import OpenAIService
from tests.services.replicate_service import ReplicateService
from tests.services.samples import png


def replay(file: Path, protocol: str | None = "openai", **more: Any) -> Replay:
    options = {"file": str(file), **({"protocol": protocol} if protocol else {})}
    made = make_provider(provider_infos()["replay"], Settings(protocol or "told", options=options, **more))
    assert isinstance(made, Replay)
    return made


def test_what_was_recorded_comes_again_without_key_or_network(tmp_path: Path) -> None:
    file = tmp_path / "told" / "openai.jsonl"
    asked = [text("one"), shaped({"type": "object", "properties": {"a": {"type": "string"}}}), picture("door")]
    with OpenAIService() as service:
        told = ask(Recorder(openai(service), file, str), *asked)
        env = {"OPENAI_BASE_URL": service.url}
    assert ask(replay(file, env=env), *asked) == told
    assert ask(replay(file), *asked) == told, "recorded against another address, asked for the same"
    line = json.loads(file.read_text().splitlines()[0])
    assert set(line) == {"schemaVersion", "key", "request", "reply"}
    assert line["key"] == request_key(openai(env["OPENAI_BASE_URL"]), text("one"))
    assert line["request"]["node"] == "greeting"
    assert line["reply"] == {"text": "An answer to: one", "usage": {"inputTokens": 1, "outputTokens": 4}, "model": "gpt-test"}


@pytest.mark.parametrize("name", sorted(set(provider_infos()) - {"replay"}))
def test_every_provider_can_be_recorded_and_replayed_without_a_key(tmp_path: Path, name: str) -> None:
    info = provider_infos()[name]
    base = "https://models.example/v1" if info.base_url else None
    real = make_provider(info, Settings(name, base_url=base))
    asked = [ModelRequest(medium, "m", {}, ({"role": "user", "content": "A door"},)) for medium in sorted(info.media)]

    class Answering(Told):
        def identity(self, request: ModelRequest) -> dict[str, Any]:
            return real.identity(request)

    recorded = ask(Recorder(Answering(), tmp_path / "told.jsonl", str), *asked)
    stand_in = replay(tmp_path / "told.jsonl", name, base_url=base)
    assert [request_key(stand_in, one) for one in asked] == [request_key(real, one) for one in asked]
    assert ask(stand_in, *asked) == recorded
    assert stand_in.unused() == ()


def test_a_recording_as_a_provider_of_a_tree(tmp_path: Path) -> None:
    with OpenAIService() as service:
        ask(Recorder(openai(service), tmp_path / "told.jsonl", str), text("one"))
    provider = Replay(Settings("told", tree_folder=tmp_path, options={"file": "told.jsonl"}))
    assert provider.identity(text()) == {"provider": "replay"}
    assert ask(provider, text("one"))[0].text == "An answer to: one"


def test_pictures_lie_beside_the_recording_also_where_they_came_as_an_address(tmp_path: Path) -> None:
    file = tmp_path / "told.jsonl"
    with ReplicateService() as service:
        [reply] = ask(Recorder(replicate(service), file, str, allow_private=True), picture(model="a/flux"))
        assert reply.files == (File(data=png("a/flux A lighthouse"), media_type="image/png"),)
        closed = tmp_path / "closed.jsonl"
        [kept] = ask(Recorder(replicate(service), closed, str), picture(model="a/flux"))
        assert kept.files[0].url is not None, "what may not be downloaded stays an address; the engine says why"
    assert ask(replay(file, "replicate"), picture(model="a/flux"))[0].files == reply.files
    [asset] = (tmp_path / "told.jsonl.assets").iterdir()
    assert asset.name.endswith(".png")
    assert ask(replay(closed, "replicate"), picture(model="a/flux"))[0].files == kept.files


class Told(Provider):
    """Answers with the number of the call."""

    def __init__(self) -> None:
        self.calls = 0

    def identity(self, request: ModelRequest) -> dict[str, Any]:
        return {"provider": "openai", "baseUrl": "https://api.openai.com/v1"}

    async def call(self, request: ModelRequest) -> ModelReply:
        self.calls += 1
        return ModelReply(text=f"answer {self.calls}", usage=Usage(1, 2), usd=Decimal("0.10"))

    async def close(self) -> None:
        pass


def record(file: Path, *requests: ModelRequest, mask: Any = str) -> None:
    recorder = Recorder(Told(), file, mask)

    async def go() -> None:
        for request in requests:
            await recorder.call(request)
        await recorder.close()

    asyncio.run(go())


def told(provider: Provider, *requests: ModelRequest) -> list[str | None]:
    async def go() -> list[str | None]:
        return [(await provider.call(request)).text for request in requests]

    return asyncio.run(go())


def test_equal_requests_are_answered_by_path_else_in_recorded_order(tmp_path: Path) -> None:
    file = tmp_path / "told.jsonl"
    record(file, text(path="a/0"), text(path="a/1"), text(path="a/0"))
    assert told(replay(file), text(path="a/1"), text(path="a/0"), text(path="a/0"), text(path="a/0")) == [
        "answer 2",
        "answer 1",
        "answer 3",
        "answer 3",
    ]
    assert told(replay(file), *(text(path=f"b/{n}") for n in range(4))) == ["answer 1", "answer 2", "answer 3", "answer 3"]
    assert ask(replay(file), text(path="a/0"))[0].usd == Decimal("0.10")


def test_lines_that_nobody_asked_for_are_known(tmp_path: Path) -> None:
    file = tmp_path / "told.jsonl"
    record(file, text("one"), text("two"))
    provider = replay(file)
    told(provider, text("two"))
    assert provider.unused() == (1,)


def missing(file: Path, request: ModelRequest, protocol: str | None = "openai", **more: Any) -> str:
    """What a miss says after the semicolon."""
    found = fault(replay(file, protocol, **more), request)
    assert found.code == "recording-missing"
    return found.what.partition("; ")[2]


def test_a_request_that_was_not_recorded(tmp_path: Path) -> None:
    file = tmp_path / "told.jsonl"
    record(file, text("one", path="a/2/greeting"))
    found = fault(replay(file), text("other", path="a/3/greeting"))
    assert (found.retry, found.fatal) == (False, False)
    says(
        found,
        "recording-missing",
        f"""
        {file} holds no answer for what node greeting asks at a/3/greeting; nearest is line 1, asked by node greeting at a/2/greeting: the prompt differs from character 2: “one” → “other”
          → Record it with the real service: genarun run --record {file}
        """,  # noqa: E501
    )


LONG = "Write a poem of four lines on the cats of Lower Ash, who sleep in the boats and wake when the tide does."
FIELD = {"type": "object", "properties": {"line": {"type": "string"}}}


def poem(prompt: str = LONG, model: str = "gpt-test", **more: Any) -> ModelRequest:
    return text(prompt, model, **{"params": {"temperature": 0.7}, **more})


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (poem(LONG, "gpt-next"), "the model differs (gpt-test → gpt-next)"),
        (poem(LONG.replace("cats", "dogs")), "the prompt differs from character 35: “…cats…” → “…dogs…”"),
        (poem(LONG + " Be kind."), "the prompt differs from character 105: “…does.” → “…does. Be kind.”"),
        (
            poem(""),
            "the prompt differs from character 1: “Write a poem of four lines on the cats of Lower Ash, who sl…” → nothing",
        ),
        (
            poem(LONG.replace("poem of four", "sonnet\nof")),
            "the prompt differs from character 9: “…poem of four…” → “…sonnet of…”",
        ),
        (
            poem("x" * 50 + LONG[50:] + "\x1b[31m"),
            "the prompt differs from character 1: “Write a poem of four lines on the cats of Lower Ash, who sl…” → "
            "“xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxh, who sl…”",
        ),
        (poem(params={"temperature": 0.7, "n": [1]}), "parameters differ: n nothing → [1]"),
        (poem(params={}), "parameters differ: temperature 0.7 → nothing"),
        (poem(params={"temperature": 0.2}), "parameters differ: temperature 0.7 → 0.2"),
        (poem(schema=FIELD, json=True), "only one of them asks for a schema"),
        (poem(json=True), "JSON is asked for now"),
        (poem(logprobs=True), "log-probabilities are asked for now"),
        (poem(system="Be brief."), "the conversation differs (user → system, user)"),
        (
            poem(LONG.replace("cats", "dogs"), "gpt-next", params={"temperature": 0}),
            "the model differs (gpt-test → gpt-next), parameters differ: temperature 0.7 → 0, "
            "the prompt differs from character 35: “…cats…” → “…dogs…”",
        ),
        (picture("A door"), None),
    ],
)
def test_a_miss_says_what_differs(tmp_path: Path, asked: ModelRequest, said: str | None) -> None:
    file = tmp_path / "told.jsonl"
    record(file, poem())
    by = f"nearest is line 1, asked by node greeting at greeting: {said}"
    assert missing(file, asked) == (by if said else "it holds none for the medium image")


def test_a_run_tells_what_a_miss_is(tmp_path: Path) -> None:
    with OpenAIService() as service:
        place = Place(tmp_path, service)
        place.tree("generations: [{id: poem, type: text, config: {prompt: On a ferry}}]")
        place.run(record=tmp_path / "told.jsonl")
    place = Place(tmp_path)
    assert place.run(replay=tmp_path / "told.jsonl", fresh=True).status == "succeeded"
    place.tree("generations: [{id: poem, type: text, config: {prompt: On a barge}}]")
    (failure,) = place.run(replay=tmp_path / "told.jsonl").failures
    assert failure.error is not None
    assert failure.error.message.endswith(
        "nearest is line 1, asked by node poem at poem: the prompt differs from character 6: “…ferry” → “…barge”"
    )


def test_a_miss_of_a_conversation_says_which_message_differs(tmp_path: Path) -> None:
    def asked(*contents: str, images: list[str] | None = None, schema: Any = None) -> ModelRequest:
        roles = ("system", "user", "assistant", "user")
        turns = [{"role": role, "content": content} for role, content in zip(roles, contents, strict=True)]
        turns[-1] |= {"images": images} if images else {}  # type: ignore[dict-item]
        return ModelRequest("text", "m", {}, tuple(turns), schema, schema is not None, node="a", path="a")

    file = tmp_path / "told.jsonl"
    record(file, asked("Be brief.", "One", "1", "Two", images=["sha256:aa"], schema=FIELD))
    by = "nearest is line 1, asked by node a at a: "
    again = {"images": ["sha256:aa"], "schema": FIELD}
    assert missing(file, asked("Be kind.", "One", "1", "Two", **again)) == (
        by + "the system text differs from character 4: “…brief.” → “…kind.”"
    )
    assert missing(file, asked("Be brief.", "One", "2", "Three", **again)) == (
        by + "message 3 differs from character 1: “1” → “2”, message 4 differs from character 2: “Two” → “Three”"
    )
    assert missing(file, asked("Be brief.", "One", "1", "Two", images=["sha256:bb"], schema=FIELD)) == by + "another picture"
    assert missing(file, asked("Be brief.", "One", "1", "Two", images=["sha256:aa", "sha256:bb"], schema=FIELD)) == (
        by + "it shows 1 → 2 pictures"
    )
    schema = {"images": ["sha256:aa"], "schema": {"type": "object"}}
    assert missing(file, asked("Be brief.", "One", "1", "Two", **schema)) == by + "the schema differs"


def test_the_nearest_is_where_the_least_differs(tmp_path: Path) -> None:
    file = tmp_path / "told.jsonl"
    animals = ("a cat", "a dog", "an eel")
    record(
        file,
        *(text(f"A poem on {animal}", path=f"animals/{n}/poem") for n, animal in enumerate(animals)),
        text("Else", node="e"),
    )
    assert missing(file, text("A poem on a dog", "gpt-next", path="animals/0/poem")).startswith("nearest is line 2, ")
    assert missing(file, text("A poem on a frog", path="animals/7/poem")).startswith("nearest is line 2, ")
    assert missing(file, text("A poem on a bat", path="animals/0/poem")).startswith("nearest is line 1, ")
    assert missing(file, text("Elsewhere", node="new", path="new")).startswith("nearest is line 4, ")
    assert missing(file, text("A poem on a cat"), "replicate") == (
        "nearest is line 1, asked by node greeting at animals/0/poem: the provider differs (openai → replicate)"
    )
    (tmp_path / "empty.jsonl").write_text("")
    assert missing(tmp_path / "empty.jsonl", text()) == "it holds none for the medium text"


def test_a_miss_quotes_no_secret_nor_a_part_of_one(tmp_path: Path) -> None:
    file, secret = tmp_path / "told.jsonl", "sk-0123456789abcdefghijklmnopqrstuvwxyz"
    env = {"OPENAI_API_KEY": secret}
    record(file, text(f"The key is {secret}"), mask=lambda told_: told_.replace(secret, "***"))
    said = missing(file, text(f"A cat sleeps on the key of the door {secret} {secret}", params={"user": secret}), env=env)
    assert "sk-0" not in said
    assert said.endswith("parameters differ: user nothing → \"***\", the prompt differs from character 1: "
                         "“The key is…” → “A cat sleeps on the key of the door ***…”")  # fmt: skip
    other = replace(text(f"The key is {secret}9"), path="elsewhere")
    assert missing(file, other, env={"OPENAI_API_KEY": secret + "9"}) == (
        "nearest is line 1, asked by node greeting at greeting: nothing differs but what is masked in the recording"
    )


def test_a_miss_in_a_long_recording_is_quick(tmp_path: Path) -> None:
    file = tmp_path / "told.jsonl"
    schema = {"type": "object", "properties": {f"field{n}": {"type": "string", "description": "x" * 40} for n in range(20)}}
    told_ = [shaped(schema, f"{LONG * 30} about {n}", path=f"items/{n}/poem", node=f"n{n % 3}") for n in range(4000)]
    record(file, *told_)
    provider = replay(file)
    asked = [replace(one, model="gpt-next", path=f"new/{n}", node=f"m{n % 2}") for n, one in enumerate(told_[:20])]
    strange = [text(f"{n} " + "entirely else " * 300, path=f"strange/{n}", node="strange") for n in range(20)]
    started = time.process_time()
    for request in [*asked, *strange]:
        with pytest.raises(ProviderError):
            asyncio.run(provider.call(request))
    assert time.process_time() - started < 20, "half a second for each, on a slow machine; it takes a tenth of that"


def test_secrets_are_masked_in_every_text(tmp_path: Path) -> None:
    file = tmp_path / "told.jsonl"
    secret = "12345678"

    def mask(text_: str) -> str:
        return text_.replace(secret, "***")

    request = text(f"my key is {secret}", params={"n": 12345678, "x": {secret: [f"a{secret}b", True, None, 0.5]}})
    record(file, request, mask=mask)
    assert secret not in file.read_text()
    assert json.loads(file.read_text())["request"]["params"] == {"n": "***", "x": {"***": ["a***b", True, None, 0.5]}}
    assert told(replay(file), request) == ["answer 1"], "its key is that of the real request"


def test_a_recording_goes_on_after_a_kill(tmp_path: Path) -> None:
    file = tmp_path / "told.jsonl"
    record(file, text("one"))
    whole = file.read_bytes()
    file.write_bytes(whole + whole[:50])
    assert replay(file).notices == (f"{file}: the last line is not whole and was left out.",)
    record(file, text("two"))
    assert len(file.read_bytes().splitlines()) == 2
    assert told(replay(file), text("one"), text("two")) == ["answer 1", "answer 1"]


def test_what_json_can_hardly_say_is_recorded_too(tmp_path: Path) -> None:
    file = tmp_path / "told.jsonl"
    request = text("broken \ud800 letter", params={"seed": 10**30, "temperature": float("nan")})
    record(file, request)
    assert told(replay(file), request) == ["answer 1"]


def test_a_recording_that_cannot_be_made(tmp_path: Path) -> None:
    with pytest.raises(SetupError) as raised:
        Recorder(Told(), tmp_path, str)
    says(
        raised.value,
        "recording-unwritable",
        f"""
        {tmp_path} cannot be written: Is a directory
          → Name another file with --record.
        """,
    )


def test_a_disk_that_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "told.jsonl"
    record(file, text("one"))
    before = file.read_bytes()
    recorder = Recorder(Told(), file, str)
    write = os.write
    monkeypatch.setattr("genarun.providers.recording.os.write", lambda handle, data: write(handle, data[:40]))
    found = fault(recorder, text("two"))
    assert found.fatal
    says(
        found,
        "recording-stopped",
        f"""
        the recording {file} cannot be continued: No space left on device
          → Make room, or run without --record.
        """,
    )
    assert file.read_bytes() == before


def test_no_recording_is_named() -> None:
    with pytest.raises(SetupError) as raised:
        Replay(Settings("told"))
    says(
        raised.value,
        "recording-unnamed",
        """
        the provider told replays a recording, and none is named
          → Write `options: {file: recording.jsonl}` under `providers: told:`.
        """,
    )


def test_a_recording_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SetupError) as raised:
        replay(tmp_path / "gone.jsonl")
    says(
        raised.value,
        "recording-unreadable",
        f"""
        the recording {tmp_path}/gone.jsonl cannot be read: No such file or directory
          → Make one with the real service: genarun run --record FILE
        """,
    )


def test_a_line_that_somebody_broke(tmp_path: Path) -> None:
    file = tmp_path / "told.jsonl"
    record(file, text("one"))
    file.write_text(file.read_text() + '{"schemaVersion": 1}\n')
    with pytest.raises(SetupError) as raised:
        replay(file)
    says(
        raised.value,
        "recording-broken",
        f"""
        {file}:2:1: this line is not one that --record writes
          2 | {{"schemaVersion": 1}}
            | ^
          → Record again, or delete the line.
        """,
    )


@given(
    st.binary(max_size=200)
    | st.lists(st.sampled_from(['{"a":1}', "[]", "null", "7", '"x"', "{"])).map(lambda x: "\n".join(x).encode())
)
def test_any_bytes_as_a_recording(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "told.jsonl"
        file.write_bytes(data)
        try:
            replay(file)
        except SetupError as error:
            if error.code != "recording-broken":
                raise


@given(
    st.fixed_dictionaries(
        {"schemaVersion": st.just(1), "key": st.just("sha256:0")},
        optional={
            "request": st.dictionaries(
                st.sampled_from(["medium", "model", "params", "messages", "schema", "json", "path", "provider"]),
                st.none()
                | st.text(max_size=3)
                | st.lists(st.none(), max_size=2)
                | st.dictionaries(st.text(max_size=2), st.none()),
            ),
            "reply": st.dictionaries(
                st.sampled_from(["text", "files", "usage", "usd"]), st.none() | st.text(max_size=3) | st.integers()
            ),
        },
    )
)
def test_any_json_as_a_recording(line: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "told.jsonl"
        file.write_text(json.dumps(line) + "\n")
        try:
            replay(file)
        except SetupError as error:
            if error.code != "recording-broken":
                raise


@pytest.mark.parametrize(
    "reply",
    [
        {"files": [{"file": "../../etc/passwd"}]},
        {"files": [{"file": "0" * 64 + ".png"}]},
        {"files": [{"file": "/etc/passwd"}]},
        {"files": 7},
        {"text": "a", "usd": "much"},
        {"text": "a", "usage": 7},
        {"text": "a", "usage": {"inputTokens": "many"}},
        {"text": 7},
        {"files": [{}]},
        {"files": [{"file": "0" * 64 + ".png", "mediaType": 7}]},
        {"vector": ["much"]},
        {"vector": 7},
        {"vector": [True]},
        {"text": "a", "tokens": [["a"]]},
        {"text": "a", "tokens": [[7, -0.5]]},
        {"text": "a", "tokens": [["a", "b"]]},
        {"text": "a", "confidence": "high"},
        {"text": "a", "usage": {"seconds": "long"}},
        {"text": "a", "usage": {"images": 1.5}},
        {"text": "a", "model": 7},
    ],
)
def test_an_answer_that_cannot_be_given(tmp_path: Path, reply: dict[str, Any]) -> None:
    file = tmp_path / "told.jsonl"
    record(file, text("one"))
    line = json.loads(file.read_text())
    line["reply"] = reply
    file.write_text(json.dumps(line) + "\n")
    says(
        fault(replay(file), text("one")),
        "recording-damaged",
        f"""
        the answer in line 1 of {file} cannot be given: a file is missing, or it was edited
          → Record again.
        """,
    )


# Whatever is asked and answered ---------------------------------------------------------------------------------------

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
scalars = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | words
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3), max_leaves=8
)
objects = st.dictionaries(words, values, max_size=3)
counts = st.none() | st.integers(0, 10**9)
probabilities = st.floats(-1e6, 0) | st.just(-math.inf)


@st.composite
def requests(draw: st.DrawFn) -> ModelRequest:
    turn = st.fixed_dictionaries({"role": st.sampled_from(["system", "user", "assistant"]), "content": words})
    shown = st.fixed_dictionaries(
        {"role": st.just("user"), "content": words, "images": st.lists(words, min_size=1, max_size=2)}
    )
    schema = draw(st.none() | objects)
    return ModelRequest(
        draw(st.sampled_from(["text", "image", "audio", "video", "embedding"])),
        draw(words),
        draw(objects),
        tuple(draw(st.lists(turn | shown, min_size=1, max_size=3))),
        schema,
        schema is not None or draw(st.booleans()),
        draw(st.booleans()),
        attached={"sha256:aa": Attachment("sha256:aa", "a.png", b"bytes", "image/png")},
        seed=draw(st.integers(0, 9)),
        node=draw(words),
        path=draw(words),
    )


@st.composite
def replies(draw: st.DrawFn, medium: str) -> ModelReply:
    seconds = draw(st.none() | st.floats(0, 1e6))
    more: dict[str, Any] = {
        "usage": Usage(draw(counts), draw(counts), draw(counts), seconds, draw(counts)),
        "usd": draw(st.none() | st.decimals(0, 1000, places=6)),
        "model": draw(st.none() | words),
    }
    if medium == "text":
        tokens = draw(st.lists(st.tuples(words, probabilities), max_size=4))
        told_ = "".join(token for token, _ in tokens) or draw(words)
        return ModelReply(text=told_, tokens=tuple(tokens), confidence=draw(st.none() | st.floats(0, 1)), **more)
    if medium == "embedding":
        return ModelReply(vector=tuple(draw(st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=5))), **more)
    kinds = st.none() | st.sampled_from(["image/png", "audio/mpeg", "audio/wav", "video/mp4", "text/plain", "a/b"])
    starts = st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"ID3", b"OggS", b"\0\0\0\x20ftypisom"])
    file = st.builds(lambda start, rest, kind: File(start + rest, media_type=kind), starts, st.binary(max_size=20), kinds)
    return ModelReply(files=tuple(draw(st.lists(file, max_size=2))), **more)


def told_and_asked_again(request: ModelRequest, reply: ModelReply, mask: Any = str, **asked: Any) -> tuple[ModelReply, str]:
    """What a recording gives for what was recorded, and all that it holds as text."""

    class Given(Told):
        def identity(self, request: ModelRequest) -> dict[str, Any]:
            """As the real one has it: parameters that the catalogue adds are in it."""
            return make_provider(provider_infos()["openai"], Settings("openai")).identity(request)

        async def call(self, request: ModelRequest) -> ModelReply:
            return reply

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "told.jsonl"
        ask(Recorder(Given(), file, mask), request)
        provider = replay(file, **asked)
        [again] = ask(provider, replace(request, seed=99, about="else", attached={}))
        assert provider.unused() == ()
        return again, file.read_text()


@given(st.data())
def test_whatever_is_asked_and_answered_comes_again(data: st.DataObject) -> None:
    request = data.draw(requests())
    reply = data.draw(replies(request.medium))
    assert told_and_asked_again(request, reply)[0] == reply
    elsewhere = {"base_url": "https://elsewhere.example/v1"}
    assert told_and_asked_again(request, reply, **elsewhere)[0] == reply, "recorded against another address"


SECRET = "sk-0123456789"


@given(st.data())
def test_a_secret_in_any_text_of_them_is_masked(data: st.DataObject) -> None:
    def leak(value: Any) -> Any:
        """The value with the secret in every text, cut in two where there are two texts in a row."""
        if isinstance(value, str):
            return f"{value}{SECRET}"
        if isinstance(value, dict):
            return {leak(name): leak(item) for name, item in value.items()}
        return [leak(item) for item in value] if isinstance(value, list) else value

    clean = data.draw(requests())
    turns = tuple({"role": turn["role"], **{k: leak(v) for k, v in turn.items() if k != "role"}} for turn in clean.messages)
    request = replace(clean, model=leak(clean.model), params=leak(clean.params), messages=turns, schema=leak(clean.schema))
    request = replace(request, node=leak(clean.node), path=leak(clean.path))
    reply = data.draw(replies(clean.medium))
    cut = data.draw(st.integers(0, len(SECRET)))
    tokens = (*reply.tokens, (SECRET[:cut], -0.5), (SECRET[cut:], -1.0))
    if clean.medium == "text":
        reply = replace(reply, text="".join(token for token, _ in tokens), tokens=tokens)
    reply = replace(reply, model=SECRET)

    def mask(text_: str) -> str:
        return text_.replace(SECRET, "***")

    again, held = told_and_asked_again(request, reply, mask)
    assert SECRET not in held
    assert SECRET not in "".join(token for token, _ in again.tokens)
    assert again.model == "***"
    if reply.text is not None:
        assert again.text == mask(reply.text) == "".join(token for token, _ in again.tokens)
        assert sum(logprob for _, logprob in again.tokens) == sum(logprob for _, logprob in tokens)
    assert (again.files, again.vector, again.usage, again.usd) == (reply.files, reply.vector, reply.usage, reply.usd)


def test_what_was_recorded_by_earlier_versions_is_read(tmp_path: Path) -> None:
    with played("version-1.jsonl") as provider:
        asked = [
            text("Invent a village", system="Be brief.", params={"temperature": 0.2}, path="villages/0/village"),
            shaped({**FIELD, "required": ["line"]}, "A haiku"),
            picture("A door", params={"size": "1024x1024"}),
        ]
        village, haiku, door = ask(provider, *asked)
    assert (village.text, village.usage) == ("Lower Ash lies on the Teem.", Usage(12, 8))
    assert (haiku.text, haiku.usd) == ('{"line": "Rope, gull, and a bell."}', Decimal("0.0002"))
    assert door.files == (File(png("door"), media_type="image/png"),)


def test_a_recording_that_is_played_must_be_played_whole() -> None:
    with (
        pytest.raises(AssertionError, match=r"version-1.jsonl: nothing asks for lines \(2, 3\)"),
        played("version-1.jsonl") as one,
    ):
        ask(one, text("Invent a village", system="Be brief.", params={"temperature": 0.2}))
