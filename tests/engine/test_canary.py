"""A secret in every provider variable appears nowhere: no file, no terminal, also when a service hands it back."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from genarun.providers.registry import provider_infos, secret_names

from tests.helpers import Place, asked
from tests.services.openai_service import OpenAIService, error
from tests.services.samples import png
from tests.services.web import Reply

SENT = "cn/ry+7f3a9b2c1d5e8f40="  # what may stand in a header
WILD = 'cn"ry/+é\\-7f3a9b2c1d5e8f40'  # what changes its looks in JSON, in addresses and in UTF-8
TREE = """
outputFormats: [json, md]
generations:
  - {id: plain, type: text, config: {prompt: echo plain}}
  - {id: b64, type: text, config: {prompt: echo base64}}
  - {id: url, type: text, config: {prompt: echo url}}
  - id: list
    type: text-array
    config: {prompt: echo list}
    generations:
      - {id: child, type: text, config: {prompt: "child of ${i}"}}
  - {id: broken, type: text, config: {prompt: echo error}}
  - {id: picture, type: image, config: {prompt: picture by address}}
  - {id: inside, type: image, config: {prompt: picture with a secret inside}}
"""


def forms(secret: str) -> list[bytes]:
    raw = secret.encode()
    found = [raw, json.dumps(secret)[1:-1].encode(), quote(secret, safe="").encode(), base64.b64encode(raw)[:-4]]
    found += [base64.b64encode(b"x" * n + raw)[8:-8] for n in (1, 2)]
    return found


def echo(canaries: dict[str, str], files: dict[str, str]) -> Any:
    secret, wild = canaries["OPENAI_API_KEY"], canaries["REPLICATE_API_TOKEN"]

    def answer(body: dict[str, Any]) -> Any:
        text = asked(body)
        if text == "picture by address":
            address = f"{files['base']}/files/none.png?token={quote(secret, safe='')}"
            return Reply(json.dumps({"created": 1, "data": [{"url": address}]}).encode())
        if text == "picture with a secret inside":
            return png("x") + secret.encode()
        if text == "echo error":
            raise error(400, f"Your key {secret} may not do this, {base64.b64encode(secret.encode()).decode()}")
        encoded = [base64.b64encode(one).decode() for one in (b"Bearer " + secret.encode(), wild.encode())]
        return {
            "echo plain": f"you sent {secret} and {wild} and {json.dumps(wild)}",
            "echo base64": "it is " + " or ".join(encoded),
            "echo url": "see https://example.org/?key=" + quote(secret, safe="") + "&t=" + quote(wild),
            "echo list": {"data": [f"item {secret}", "b"]},
        }.get(text, f"answer to {text}")

    return answer


@pytest.fixture
def canaries() -> dict[str, str]:
    names = secret_names(provider_infos().values())
    assert {"OPENAI_API_KEY", "REPLICATE_API_TOKEN"} <= names
    found = {name: f"{WILD}-{name.lower()}" for name in names}
    for name in ("OPENAI_API_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        found[name] = f"{SENT}-{name.lower()}"
    if "OPENAI_CUSTOM_HEADERS" in names:
        found["OPENAI_CUSTOM_HEADERS"] = f"X-Own: {SENT}-own"
    return found


def test_a_canary_in_every_variable_is_seen_nowhere(tmp_path: Path, canaries: dict[str, str]) -> None:
    files: dict[str, Any] = {}
    with OpenAIService(answer=echo(canaries, files), key=None) as service:
        files["base"] = service.url.removesuffix("/v1")
        place = Place(tmp_path, env={**canaries, "OPENAI_BASE_URL": service.url})
        place.tree(TREE)
        said = []
        for words in (
            ["run", "t"], ["run", "t", "--json"], ["plan", "t"], ["show", "t"], ["show", "t", "--json"], ["runs"], ["doctor"],
            ["show", "t", "broken"], ["run", "t", "--fresh", "--record", "said.jsonl"],
        ):  # fmt: skip
            done = place.command(*words)
            said.append(done.stdout + done.stderr)
            assert "Traceback" not in done.stderr
        assert len(service.asked) >= 10
        written = {str(path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
        assert any("records.jsonl" in name for name in written)
        assert any(b"you sent ***" in data for data in written.values())
        failed = {record["path"]: record["error"]["code"] for record in place.records() if record["status"] == "failed"}
        assert set(failed) == {"broken", "picture", "inside"}
        for name, one in canaries.items():
            for form in forms(one):
                assert not [path for path, data in written.items() if form in data], f"{name} as {form!r}"
                assert not [text for text in said if form in text.encode()], f"{name} as {form!r}"
