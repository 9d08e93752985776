"""Recording what services say, and giving it again."""

from __future__ import annotations

import asyncio
import json
import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from genarun.errors import SetupError
from genarun.providers.base import File, ModelReply, ModelRequest, Provider, Settings, Usage
from genarun.providers.key import request_key
from genarun.providers.recording import Recorder
from genarun.providers.registry import make_provider, provider_infos
from genarun.providers.replay import Replay
from hypothesis import given
from hypothesis import strategies as st

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


def test_it_stands_in_its_providers_place_under_the_same_keys(tmp_path: Path) -> None:
    file = tmp_path / "told.jsonl"
    file.write_text("")
    for name, real in (("openai", openai("https://models.example/v1")), ("replicate", replicate("https://r.example"))):
        base = "https://models.example/v1" if name == "openai" else "https://r.example"
        stand_in = Replay(Settings(name, base_url=base, options={"file": str(file), "protocol": name}))
        assert request_key(stand_in, text()) == request_key(real, text())


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


def test_a_request_that_was_not_recorded(tmp_path: Path) -> None:
    file = tmp_path / "told.jsonl"
    record(file, text("one"))
    found = fault(replay(file), text("other", path="a/3/greeting"))
    assert (found.retry, found.fatal) == (False, False)
    says(
        found,
        "recording-missing",
        f"""
        {file} holds no answer for what node greeting asks at a/3/greeting
          → Record it with the real service: genarun run --record {file}
        """,
    )
    assert fault(replay(file, "replicate"), text("one")).code == "recording-missing", "another service said this"


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
    import tempfile

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
    import tempfile

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
