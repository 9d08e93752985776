"""A tree over two services at once: texts from one, pictures and a text from another, each with its own key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.helpers import Place, by_prompt
from tests.services.openai_service import OpenAIService
from tests.services.replicate_service import Fails, ReplicateService

DEFAULTS = """
models:
  text: {provider: openai, model: gpt-test}
  poet: {provider: replicate, model: meta/llama-test}
  image: {provider: replicate, model: black-forest-labs/flux-test, price: {call: 0.003}}
budget: {usd: 5, calls: 100}
errorPolicy: {maxRetries: 2, retryDelay: 5ms}
assets: {allowPrivate: true}
"""
TREE = """
generations:
  - id: birds
    type: text-array
    config: {prompt: Name two birds}
    generations:
      - {id: haiku, type: text, config: {prompt: "A haiku on ${i}", model: poet}}
      - {id: plate, type: image, config: {prompt: "A plate of ${i}"}}
"""


def place_of(tmp_path: Path, openai: OpenAIService, replicate: ReplicateService) -> Place:
    env = {
        "REPLICATE_BASE_URL": replicate.url,
        "REPLICATE_API_TOKEN": replicate.key,
        "REPLICATE_POLL_INTERVAL": "0.01",
    }
    place = Place(tmp_path, openai, env, DEFAULTS)
    place.tree(TREE)
    return place


def test_each_node_asks_its_own_service(tmp_path: Path) -> None:
    birds = by_prompt({"Name two": {"data": ["wren", "kite"]}})
    with OpenAIService(answer=birds) as openai, ReplicateService() as replicate:
        place = place_of(tmp_path, openai, replicate)
        result = place.run()
        assert result.status == "succeeded", result.failures
        assert [entry["item"] for entry in result.output["birds"]] == ["wren", "kite"]
        assert all(entry["haiku"] and entry["plate"].startswith("assets/plate-") for entry in result.output["birds"])
        assert len(openai.asked) == 1
        assert len(replicate.predictions) == 4
        assert result.summary is not None
        assert set(result.summary.models) == {
            "openai/gpt-test", "replicate/meta/llama-test", "replicate/black-forest-labs/flux-test",
        }  # fmt: skip
        assert result.summary.models["replicate/black-forest-labs/flux-test"].usd == "0.006"
        assert place.run().unchanged
        assert len(replicate.predictions) == 4


def test_a_prediction_that_fails_is_told_and_the_next_run_asks_only_for_it(tmp_path: Path) -> None:
    birds, sick = by_prompt({"Name two": {"data": ["wren", "kite"]}}), {"kite": True}

    def answer(asked: dict[str, Any]) -> Any:
        if "plate of kite" in asked["input"]["prompt"] and sick["kite"]:
            raise Fails("NSFW content detected. Try running it again, or try a different prompt.")
        return None

    with OpenAIService(answer=birds) as openai, ReplicateService(answer=answer) as replicate:
        place = place_of(tmp_path, openai, replicate)
        result = place.run()
        assert result.status == "partial"
        assert [record.path for record in result.failures] == ["birds/1/plate"]
        assert "NSFW content detected" in result.failures[0].error.message  # type: ignore[union-attr]
        made = len(replicate.predictions)
        sick["kite"] = False
        assert place.run().status == "succeeded"
        assert len(replicate.predictions) == made + 1
        assert len(openai.asked) == 1


def test_both_keys_missing_are_told_at_once(tmp_path: Path) -> None:
    place = Place(tmp_path, defaults=DEFAULTS)
    place.tree(TREE)
    done = place.command("run", "t")
    assert done.returncode == 2
    assert "OPENAI_API_KEY" in done.stderr
    assert "REPLICATE_API_TOKEN" in done.stderr
