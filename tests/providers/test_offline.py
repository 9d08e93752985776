"""The offline provider as a provider: the same answers everywhere, recorded ones first, and one error."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from genarun.errors import ProviderError
from genarun.providers.base import ModelReply, ModelRequest, Settings
from genarun.providers.catalog import OFFLINE
from genarun.providers.offline.provider import Offline

from tests.say import says

TITLES = {"type": "object", "properties": {"data": {"type": "array", "items": {"type": "string"}}}, "required": ["data"]}


def ask(
    prompt: str | tuple[dict[str, str], ...], folder: Path | None = None, options: dict[str, Any] | None = None, **more: Any
) -> ModelReply:
    messages = ({"role": "user", "content": prompt},) if isinstance(prompt, str) else prompt
    request = ModelRequest(**{"medium": "text", "model": "any", "params": {}, "messages": messages, **more})

    async def once() -> ModelReply:
        provider = Offline(Settings("offline", tree_folder=folder, options=options or {}))
        try:
            return await provider.call(request)
        finally:
            await provider.close()

    return asyncio.run(once())


def record(folder: Path, name: str, *lines: str) -> Path:
    path = folder / "recordings" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def recorded(messages: list[dict[str, str]], text: str, **more: Any) -> str:
    return json.dumps({"request": {"medium": "text", "messages": messages, **more}, "reply": {"text": text}})


# the door


def test_the_seed_is_part_of_its_identity_and_the_model_is_not() -> None:
    provider = Offline(Settings("offline"))
    request = ModelRequest("text", "one", {}, ({"role": "user", "content": "x"},), seed=7)
    assert provider.identity(request) == {"provider": "offline", "seed": 7}


def test_the_one_model_makes_everything() -> None:
    (listed,) = asyncio.run(Offline(Settings("offline")).models())
    assert (listed.model, listed.media) == ("offline", OFFLINE.media)
    assert set(OFFLINE.models) == OFFLINE.media == {"text", "image", "audio", "video", "embedding"}
    assert OFFLINE.sees
    assert OFFLINE.logprobs


def test_text_costs_nothing_and_claims_no_tokens() -> None:
    reply = ask("Write a headline about night ferries.")
    assert reply.text
    assert reply.files == ()
    assert reply.usd == Decimal(0)
    assert (reply.usage.input_tokens, reply.usage.output_tokens, reply.usage.images) == (None, None, None)


def test_a_picture_is_one_file_and_one_image() -> None:
    reply = ask("A lighthouse in fog", medium="image")
    assert reply.text is None
    assert len(reply.files) == 1
    assert reply.files[0].media_type == "image/webp"
    assert reply.usage.images == 1
    assert reply.usd == Decimal(0)


def test_several_pictures_are_asked_for_by_number_and_differ() -> None:
    files = ask("A lighthouse in fog", medium="image", params={"n": 3}).files
    assert len({file.data for file in files}) == 3


def test_latency_lets_a_display_be_seen_moving() -> None:
    started = time.monotonic()
    ask("x", options={"latency": 60})
    assert time.monotonic() - started >= 0.055


def test_no_option_can_break_it() -> None:
    assert ask("x", options={"latency": "soon"}).text
    assert ask("x", options={"latency": -5}).text


# equal and different

WORK = """
import asyncio, hashlib, sys
from genarun.providers.base import Attachment, ModelRequest, Settings
from genarun.providers.offline.provider import Offline
schema = {"type": "object", "properties": {"title": {"type": "string"}, "tags": {"type": "array", "items": {"type": "string"}},
          "price": {"type": "number"}, "author": {"type": "object", "properties": {"name": {"type": "string"}}}}}
text = {"type": "string"}
code = {**text, "allOf": [{"pattern": "[0-9]"}, {"pattern": "^[A-Z]"}, {"not": {"pattern": "[aeiou]"}}], "minLength": 9}
hard = {"type": "object", "properties": {"code": code, "mail": {**text, "format": "email", "pattern": "@a-b[.]"}},
        "required": ["code", "mail"], "minProperties": 4, "propertyNames": {"maxLength": 6}}
async def main():
    offline = Offline(Settings("offline"))
    out = hashlib.sha256()
    for prompt in ("Write a poem about rain.", "Five titles about bees.", "Portrait of a baker at night.", ""):
        message = ({"role": "user", "content": prompt},)
        for more in ({}, {"schema": schema, "json": True}, {"json": True}):
            out.update((await offline.call(ModelRequest("text", "m", {}, message, seed=3, **more))).text.encode())
        picture = (await offline.call(ModelRequest("image", "m", {"size": "256x256"}, message, seed=3))).files[0].data
        out.update(picture)
        for medium in ("audio", "video"):
            out.update((await offline.call(ModelRequest(medium, "m", {}, message, seed=3))).files[0].data)
        out.update(repr((await offline.call(ModelRequest("embedding", "m", {}, message, seed=3))).vector).encode())
        shown, attached = ({**message[0], "images": ["x"]},), {"x": Attachment("x", "x.webp", picture)}
        out.update((await offline.call(ModelRequest("image", "m", {}, shown, attached=attached))).files[0].data)
        seen = await offline.call(ModelRequest("text", "m", {}, shown, hard, json=True, logprobs=True, attached=attached))
        out.update(repr((seen.text, seen.tokens)).encode())
    print(out.hexdigest())
asyncio.run(main())
"""


def test_another_process_with_other_hashes_gives_the_same_bytes() -> None:
    found = set()
    for hash_seed in ("0", "1", "4711"):
        done = subprocess.run(
            [sys.executable, "-c", WORK],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        )
        found.add(done.stdout)
    assert len(found) == 1


def test_neither_the_model_nor_its_parameters_change_the_answer() -> None:
    assert (
        ask("Write a story.").text
        == ask("Write a story.", model="other", params={"temperature": 2}, node="n", path="a/0/n").text
    )


@pytest.mark.parametrize("more", [{}, {"schema": TITLES, "json": True}, {"json": True}])
def test_other_prompts_and_other_seeds_give_other_answers(more: dict[str, Any]) -> None:
    prompts = [f"Describe {thing}." for thing in ("moss", "a tram", "the tide", "bread", "a comet", "two brothers")]
    assert len({ask(prompt, **more).text for prompt in prompts}) == len(prompts)
    assert len({ask("Describe a long winter.", seed=seed, **more).text for seed in range(12)}) >= 10


def test_what_a_person_changes_in_a_prompt_changes_the_answer() -> None:
    assert ask("Write a bio of Marta Okafor.").text != ask("Write a bio of Marta Okafor!").text


# recordings


def test_a_recorded_answer_comes_back_word_for_word(tmp_path: Path) -> None:
    turns = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Name a ferry."}]
    record(tmp_path, "a.jsonl", recorded(turns, "The Perseverance"))
    assert ask(tuple(turns), tmp_path).text == "The Perseverance"
    assert ask(tuple(turns), tmp_path, schema=TITLES, json=True, seed=9, model="any other").text == "The Perseverance"


def test_an_edited_prompt_is_answered_afresh(tmp_path: Path) -> None:
    record(tmp_path, "a.jsonl", recorded([{"role": "user", "content": "Name a ferry."}], "The Perseverance"))
    answer = ask("Name a ferry, please.", tmp_path).text
    assert answer
    assert answer != "The Perseverance"


def test_recordings_of_text_do_not_answer_for_pictures(tmp_path: Path) -> None:
    record(tmp_path, "a.jsonl", recorded([{"role": "user", "content": "A ferry"}], "words"))
    assert ask("A ferry", tmp_path, medium="image").files


def test_several_files_are_read_in_the_order_of_their_names(tmp_path: Path) -> None:
    turn = [{"role": "user", "content": "Who?"}]
    record(tmp_path, "b.jsonl", recorded(turn, "second"), recorded([{"role": "user", "content": "Where?"}], "here"))
    record(tmp_path, "a.jsonl", recorded(turn, "first"))
    assert ask("Who?", tmp_path).text == "first"
    assert ask("Where?", tmp_path).text == "here"


@pytest.mark.parametrize(
    "damage",
    ["", "{", "[]", "null", "17", '{"request": {}}', '{"request": {"messages": 5}, "reply": {"text": "x"}}', "\ufeff{}",
        "[" * 5000,
     '{"request": {"messages": [{"role": "user"}]}, "reply": {"text": "x"}}',
         '{"request": {"messages": []}, "reply": {"text": 3}}'],
)  # fmt: skip
def test_a_damaged_line_is_passed_over(tmp_path: Path, damage: str) -> None:
    record(tmp_path, "a.jsonl", damage, recorded([{"role": "user", "content": "Who?"}], "me"), damage)
    assert ask("Who?", tmp_path).text == "me"


def test_bytes_that_are_no_text_are_passed_over(tmp_path: Path) -> None:
    path = record(tmp_path, "a.jsonl", recorded([{"role": "user", "content": "Who?"}], "me"))
    path.write_bytes(b"\xff\xfe\x00broken\n" + path.read_bytes())
    assert ask("Who?", tmp_path).text == "me"


def test_a_tree_without_recordings_is_fine(tmp_path: Path) -> None:
    assert ask("Who?", tmp_path).text
    (tmp_path / "recordings").write_text("a file where a folder would be")
    assert ask("Who?", tmp_path).text


# the one error


def test_a_schema_that_nothing_satisfies() -> None:
    with pytest.raises(ProviderError) as caught:
        ask(
            "x",
            schema={"type": "object", "properties": {"a": False}, "required": ["a"]},
            json=True,
            path="ideas/2",
            node="ideas",
        )
    says(
        caught.value,
        "offline-unsatisfiable",
        """
        node ideas/2: the offline provider found no value for the schema: no value was found
          → Check the node's schema: two of its rules may exclude each other.
        """,
    )
    assert not caught.value.retry


def test_a_schema_that_is_none() -> None:
    with pytest.raises(ProviderError) as caught:
        ask("x", schema={"type": "object", "properties": {"a": {"$ref": "#/$defs/gone"}}, "required": ["a"]}, json=True)
    says(
        caught.value,
        "offline-unsatisfiable",
        """
        the offline provider found no value for the schema: it cannot be read: Pointer '/$defs/gone' does not exist
          → Check the node's schema: two of its rules may exclude each other.
        """,
    )
