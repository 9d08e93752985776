"""One row for each provider, with nodes of every kind that it serves: what the tables of `test_every_provider.py` run over.

A row brings a loopback service that speaks the provider's protocol, a tree, and what tells a paid request from others. The
service answers as its protocol's reference says, the same for the same request; `ECHOES` make it hand back the key it was sent.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.helpers import Place
from tests.services import anthropic_service, huggingface_service, openai_service, replicate_service
from tests.services.anthropic_service import AnthropicService
from tests.services.huggingface_service import HuggingFaceService
from tests.services.openai_service import OpenAIService
from tests.services.replicate_service import ReplicateService
from tests.services.samples import mp3, mp4, png
from tests.services.web import FAULTS, Asked, Faults, Service

BASE = """
budget: {usd: 100, calls: 100000, minutes: 60}
errorPolicy: {maxRetries: 12, retryDelay: 1ms}
timeout: 5s
assets: {allowPrivate: true}
"""
VALUES = """
      - {id: stars, type: number, schema: {type: integer, minimum: 1, maximum: 5}, config: {prompt: "Stars for ${i}"}}
      - {id: ages, type: range, schema: {minimum: 1, maximum: 1}, config: {prompt: "Ages for ${i}"}}
      - {id: verdict, type: choice, config: {prompt: "What of ${i}", options: [go, stay]}}
"""
INNER = """
inputs: {what: {}}
generations:
  - {id: line, type: text, config: {prompt: "A line on ${what}"}}
  - {id: twice, type: template, config: {prompt: "${line} ${line}"}}
"""


@dataclass(frozen=True)
class Row:
    """name: the provider's. models, tree: as a person writes them. service: makes the loopback service. env: what leads there.
    paid: whether a request is one that costs. kinds: faults that this protocol shows for what they are.
    files: pictures that lie beside the tree. patience: the time-out under which faults are tried."""

    name: str
    models: str
    tree: str
    service: Callable[..., Service]
    env: Callable[[Any], Mapping[str, str]]
    key: str
    paid: Callable[[Asked], bool]
    kinds: tuple[str, ...] = FAULTS
    files: tuple[str, ...] = ()
    patience: str = "800ms"

    def place(self, root: Path, service: Any, env: Mapping[str, str] | None = None, defaults: str = BASE) -> Place:
        """A project with this row's tree, ready to run."""
        models = self.models.replace("URL", service.url)
        made = Place(root, env={**self.env(service), **(env or {})}, defaults=f"models:\n{models}{defaults}")
        self.write(made)
        return made

    def write(self, place: Place) -> None:
        """The trees, as they were before anything ran."""
        place.tree(self.tree)
        place.tree(INNER, "inner")
        for name in self.files:
            place.write(f"trees/t/{name}", png(name))

    def count(self, service: Any) -> int:
        """Requests that cost something, so far."""
        return sum(self.paid(asked) for asked in service.asked)


def posts(asked: Asked) -> bool:
    return asked.method == "POST"


def starts(asked: Asked) -> bool:
    """A prediction, or a film, that is started."""
    return asked.method == "POST" and asked.path.endswith(("/predictions", "/videos"))


def said(text: str, secret: str) -> str:
    """What a careless service hands back: the key in every form."""
    encoded = base64.b64encode(f"Bearer {secret}".encode()).decode()
    return f"{text}: you sent {secret}, {json.dumps(secret)}, {quote(secret, safe='')}, {encoded}"


def openai_echo(secret: str) -> Any:
    def answer(body: dict[str, Any]) -> Any:
        if "messages" in body:
            if "error" in str(body["messages"]):
                raise openai_service.error(400, said("no", secret))
            return None if "response_format" in body else said("so", secret)
        if "voice" in body:
            return mp3("x") + secret.encode()
        return png("x") + secret.encode() if "prompt" in body else None

    return answer


def anthropic_echo(secret: str) -> Any:
    def answer(body: dict[str, Any]) -> Any:
        if "error" in str(body["messages"]):
            raise anthropic_service.error(400, said("no", secret))
        return None if body.get("tools") else said("so", secret)

    return answer


def replicate_answer(secret: str = "") -> Any:
    def answer(asked: dict[str, Any]) -> Any:
        prompt = str(asked["input"].get("prompt", ""))
        if "error" in prompt and secret:
            raise replicate_service.Fails(said("no", secret))
        name = str(asked["model"])
        if name.endswith("speaks"):
            return "data:audio/mpeg;base64," + base64.b64encode(mp3(prompt) + secret.encode()).decode()
        if name.endswith("films"):
            return "data:video/mp4;base64," + base64.b64encode(mp4(prompt) + secret.encode()).decode()
        if name.endswith("places"):
            return [len(prompt) / 10, 0.25, -1]
        if "JSON Schema" in prompt:
            return '{"line": "a"}'
        return said("so", secret) if secret and "flux" not in name else None

    return answer


def huggingface_echo(secret: str) -> Any:
    def answer(partner: str, body: dict[str, Any]) -> Any:
        if "error" in str(body):
            raise huggingface_service.error(400, said("no", secret))
        return png("x") + secret.encode()

    return answer


OPENAI = Row(
    "openai",
    """
  text: {provider: openai, model: gpt-test, price: {input: 1, output: 2}}
  image: {provider: openai, model: gpt-image-test, price: {image: 0.01}}
  audio: {provider: openai, model: tts-test, price: {call: 0.01}}
  embedding: {provider: openai, model: embed-test, price: {input: 1}}
""",
    """
generations:
  - id: names
    type: text-array
    config: {prompt: [{template: Think of some}, {template: Name them}]}
    validation: {minLength: 3, maxLength: 3}
    generations:
      - {id: cover, type: image, config: {prompt: "Cover of [red | blue] ${i}"}}
      - {id: alt, type: text, config: {prompt: {template: "Describe ${i}", images: ["${cover}", {file: style.png}]}}}
      - {id: night, type: image, config: {prompt: {template: "At night ${i}", images: ["${cover}"]}}}
      - {id: spoken, type: audio, config: {prompt: "Read ${i}"}}
      - {id: vector, type: embedding, config: {prompt: "${i}"}}
      - {id: best, type: choice, config: {prompt: "Best of ${i}", options: [ant, bee], confidence: true}}
      - {id: step, type: tree, config: {tree: inner, inputs: {what: "${i}"}}}
"""
    + VALUES
    + """
  - {id: broken, type: text, onError: skip, enabled: false, config: {prompt: an error}}
""",
    OpenAIService,
    env=lambda service: {"OPENAI_BASE_URL": service.url, "OPENAI_API_KEY": service.key},
    key="OPENAI_API_KEY",
    paid=posts,
    # Half a sound under a right Content-Length is a sound all the same.
    kinds=tuple(kind for kind in FAULTS if kind != "broken"),
    files=("style.png",),
)

GEMINI = Row(
    "gemini",
    """
  text: {provider: gemini, model: gemini-test, price: {input: 1, output: 2}}
  video: {provider: gemini, model: veo-test, price: {second: 0.1, call: 0.1}}
providers: {gemini: {provider: gemini, baseUrl: URL}}
""",
    """
generations:
  - id: names
    type: object-array
    config: {prompt: Name three}
    schema: {type: object, properties: {name: {type: string}}, required: [name]}
    validation: {minLength: 3, maxLength: 3}
    generations:
      - {id: film, type: video, config: {prompt: "A film of ${name}"}}
  - {id: broken, type: text, onError: skip, enabled: false, config: {prompt: an error}}
  - {id: plain, type: text, config: {prompt: Say something}}
""",
    OpenAIService,
    env=lambda service: {"GEMINI_API_KEY": service.key},
    key="GEMINI_API_KEY",
    paid=lambda asked: asked.method == "POST",
    # A film whose question is never answered is lost by the node's time-out; half a film is a film all the same.
    kinds=tuple(kind for kind in FAULTS if kind not in ("hang", "broken")),
    patience="60s",
)

ANTHROPIC = Row(
    "anthropic",
    "  text: {provider: anthropic, model: claude-test, price: {input: 1, output: 2}}\n",
    """
generations:
  - id: names
    type: text-array
    config: {prompt: [{template: Think of some}, {template: Name them}]}
    validation: {minLength: 3, maxLength: 3}
    generations:
      - {id: alt, type: text, config: {prompt: {template: "Describe ${i}", images: [{file: style.png}]}}}
      - {id: poem, type: object, schema: {type: object, properties: {line: {type: string}}, required: [line]},
         config: {prompt: "Poem on ${i}"}}
      - {id: step, type: tree, config: {tree: inner, inputs: {what: "${i}"}}}
"""
    + VALUES
    + """
  - {id: broken, type: text, onError: skip, enabled: false, config: {prompt: an error}}
""",
    AnthropicService,
    env=lambda service: {"ANTHROPIC_BASE_URL": service.url, "ANTHROPIC_API_KEY": service.key},
    key="ANTHROPIC_API_KEY",
    paid=posts,
    files=("style.png",),
)

REPLICATE = Row(
    "replicate",
    """
  text: {provider: replicate, model: owner/writes, price: {call: 0.01}}
  image: {provider: replicate, model: owner/flux-draws, price: {image: 0.01}}
  audio: {provider: replicate, model: owner/speaks, price: {call: 0.01}}
  video: {provider: replicate, model: owner/films, price: {call: 0.01}}
  embedding: {provider: replicate, model: owner/places, price: {call: 0.01}}
""",
    """
generations:
  - id: year
    type: group
    generations:
      - {id: text1, type: text, config: {prompt: First}}
      - {id: text2, type: text, config: {prompt: "Second after ${text1}"}}
      - {id: poem, type: object, schema: {type: object, properties: {line: {type: string}}, required: [line]},
         config: {prompt: A poem}}
      - {id: cover, type: image, config: {prompt: Cover}}
      - {id: seen, type: text, config: {prompt: {template: Describe, images: ["${cover}"]}}}
      - {id: spoken, type: audio, config: {prompt: "Read ${text1}"}}
      - {id: film, type: video, config: {prompt: "Film ${text1}"}}
      - {id: vector, type: embedding, config: {prompt: "${text1}"}}
      - {id: step, type: tree, config: {tree: inner, inputs: {what: "${text1}"}}}
  - {id: broken, type: text, onError: skip, enabled: false, config: {prompt: an error}}
""",
    lambda **more: ReplicateService(**{"answer": replicate_answer(), "steps": ("starting",), **more}),
    env=lambda service: {
        "REPLICATE_BASE_URL": service.url,
        "REPLICATE_API_TOKEN": service.key,
        "REPLICATE_POLL_INTERVAL": "0.005",
    },
    key="REPLICATE_API_TOKEN",
    paid=starts,
    # A prediction whose question is never answered is lost by the node's time-out, not by the provider.
    kinds=tuple(kind for kind in FAULTS if kind != "hang"),
)

HUGGINGFACE = Row(
    "huggingface-image",
    f"  image: {{provider: huggingface-image, model: '{huggingface_service.FLUX}:nscale', price: {{image: 0.01}}}}\n"
    "providers: {huggingface-image: {provider: huggingface-image, baseUrl: URL}}\n",
    """
generations:
"""
    + "".join(f"  - {{id: cover{n}, type: image, config: {{prompt: Cover {n}}}}}\n" for n in range(8))
    + "  - {id: broken, type: image, onError: skip, enabled: false, config: {prompt: an error}}\n",
    HuggingFaceService,
    env=lambda service: {"HF_ENDPOINT": service.url, "HF_TOKEN": service.key},
    key="HF_TOKEN",
    paid=posts,
)

ROWS = (OPENAI, GEMINI, ANTHROPIC, REPLICATE, HUGGINGFACE)
ECHOES: Mapping[str, Callable[[str], Any]] = {
    "openai": openai_echo,
    "gemini": openai_echo,
    "anthropic": anthropic_echo,
    "replicate": replicate_answer,
    "huggingface-image": huggingface_echo,
}


def stormy(row: Row, seed: int, rate: float = 0.3) -> Faults:
    """A plan of faults for a row."""
    return Faults(rate, row.kinds, seed)
