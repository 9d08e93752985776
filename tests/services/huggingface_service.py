"""A loopback service that is Hugging Face's Hub and router at once, as far as pictures go: who draws a model, and the drawing.

    with HuggingFaceService() as service:
        env = {"HF_ENDPOINT": service.url, "HF_TOKEN": service.key}  # and base_url=service.url

Partners answer in their own protocols: bytes (hf-inference), addresses (fal-ai), base64 in JSON (nscale, together).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

from tests.services.samples import png
from tests.services.web import Asked, Refuse, Reply, Service, main

KEY = "hf_LoopbackLoopback0123456789abcdef"
FLUX = "black-forest-labs/FLUX.1-schnell"

_TASK: dict[str, Any] = {
    "guidance_scale": (int, float),
    "negative_prompt": str,
    "num_inference_steps": int,
    "width": int,
    "height": int,
    "scheduler": str,
    "seed": int,
}
_FIELDS: dict[str, dict[str, Any]] = {
    "hf-inference": {"inputs": str, "parameters": dict},
    "fal-ai": {
        "prompt": str,
        "image_size": (str, dict),
        "num_inference_steps": int,
        "seed": int,
        "guidance_scale": (int, float),
        "num_images": int,
        "sync_mode": bool,
        "negative_prompt": str,
        "loras": list,
        "model_name": str,
    },
    "nscale": {"prompt": str, "model": str, "response_format": str, "size": str, "seed": int, "n": int},
    "together": {
        "prompt": str,
        "model": str,
        "response_format": str,
        "steps": int,
        "width": int,
        "height": int,
        "seed": int,
        "n": int,
        "negative_prompt": str,
        "guidance_scale": (int, float),
    },
}
_NEEDED = {"hf-inference": ("inputs",), "fal-ai": ("prompt",), "nscale": ("prompt", "model"), "together": ("prompt", "model")}


def error(status: int, text: str, code: str | None = None, **more: Any) -> Refuse:
    """The documented error body, and the header in which the Hub names the kind of error."""
    headers = {"x-error-message": text} | ({"x-error-code": code} if code else {})
    return Refuse(Reply(json.dumps({"error": text, **more}).encode(), status, headers=headers))


def served(**partners: str) -> dict[str, dict[str, str]]:
    """What the Hub says of a model's partners, in order: `fal_ai="fal-ai/flux/schnell"` means that fal-ai draws it."""
    return {
        name.replace("_", "-"): {"status": "live", "providerId": known, "task": "text-to-image"}
        for name, known in partners.items()
    }


class HuggingFaceService(Service):
    """answer: `(partner, body)` -> the picture's bytes, a whole Reply, or None for a picture of the prompt; may raise `Refuse`.

    models: what the Hub says of each model's partners. gated: models whose terms the token's owner did not accept.
    """

    def __init__(
        self,
        answer: Callable[[str, dict[str, Any]], Any] | None = None,
        *,
        key: str = KEY,
        models: dict[str, dict[str, dict[str, Any]]] | None = None,
        gated: frozenset[str] = frozenset(),
        **more: Any,
    ) -> None:
        super().__init__(**more)
        self.answer = answer
        self.key = key
        self.models = {FLUX: served(fal_ai="fal-ai/flux/schnell", nscale=FLUX)} if models is None else models
        self.gated = gated
        self._files: dict[str, bytes] = {}

    @property
    def drawn(self) -> list[Asked]:
        """Requests for pictures."""
        return [asked for asked in self.asked if asked.method == "POST"]

    def handle(self, asked: Asked) -> Reply:
        if asked.method == "GET" and asked.path.startswith("/files/"):
            data = self._files.get(asked.path)
            return Reply(data, media="image/png") if data else Reply(b"gone", 404, "text/plain")
        if asked.headers.get("authorization") != f"Bearer {self.key}":
            raise error(401, "Invalid credentials in Authorization header")
        if asked.method == "GET" and asked.path == "/api/models":
            return self._list(asked.query)
        if asked.method == "GET" and asked.path.startswith("/api/models/"):
            return self._model(asked.path.removeprefix("/api/models/"), asked.query)
        partner, _, path = asked.path[1:].partition("/")
        if asked.method != "POST" or partner not in _FIELDS:
            raise error(404, "Sorry, we can't find the page you are looking for.")
        return self._draw(partner, path, asked)

    # The Hub

    def _model(self, name: str, query: dict[str, str]) -> Reply:
        if query != {"expand": "inferenceProviderMapping"}:
            raise error(400, "Invalid query parameters")
        if name not in self.models:
            raise error(404, "Repository not found", "RepoNotFound")
        found: dict[str, Any] = {"_id": "66aaa908fc35e079a941470d", "id": name}
        if self.models[name]:
            found["inferenceProviderMapping"] = self.models[name]
        return Reply(json.dumps(found).encode())

    def _list(self, query: dict[str, str]) -> Reply:
        if set(query) - {"pipeline_tag", "inference_provider", "sort", "limit"} or query.get("pipeline_tag") != "text-to-image":
            raise error(400, "Invalid query parameters")
        wanted = set(query["inference_provider"].split(","))
        names = [name for name, partners in self.models.items() if wanted & set(partners)]
        shown = [{"_id": "66aa", "id": name, "pipeline_tag": "text-to-image"} for name in names[: int(query["limit"])]]
        return Reply(json.dumps(shown).encode())

    # The router

    def _draw(self, partner: str, path: str, asked: Asked) -> Reply:
        body = asked.json
        if not isinstance(body, dict) or asked.headers.get("content-type") != "application/json":
            raise error(400, "Expected a JSON body")
        known = path.removeprefix("models/") if partner in ("hf-inference", "fal-ai") else body.get("model")
        model = next((name for name, at in self.models.items() if at.get(partner, {}).get("providerId") == known), None)
        if model is None or (partner not in ("hf-inference", "fal-ai") and path != "v1/images/generations"):
            raise error(400, f"Model not supported by provider {partner}")
        if model in self.gated:
            text = f"Access to model {model} is restricted and you are not in the authorized list."
            raise error(403, f"{text} Visit https://huggingface.co/{model} to ask for access.", "GatedRepo")
        _check(body, _FIELDS[partner], _NEEDED[partner])
        if partner == "hf-inference":
            _check(body.get("parameters", {}), _TASK, ())
        found = self.answer(partner, body) if self.answer else None
        if isinstance(found, Reply):
            return found
        data = found if isinstance(found, bytes) else png(f"{model} {body.get('prompt', body.get('inputs'))}")
        if partner == "hf-inference":
            return Reply(data, media="image/png")
        if partner == "fal-ai":
            address = f"/files/{len(self._files)}.png"
            self._files[address] = data
            picture = {"url": f"http://127.0.0.1:{self.port}{address}", "width": 8, "height": 8, "content_type": "image/png"}
            return Reply(
                json.dumps({"images": [picture] * body.get("num_images", 1), "seed": 7, "prompt": body["prompt"]}).encode()
            )
        encoded = [{"b64_json": base64.b64encode(data).decode()}] * body.get("n", 1)
        return Reply(json.dumps({"created": 1, "data": encoded}).encode())

    def rate_limited(self, after: str) -> Reply:
        reply = error(429, "You have been rate limited; try again later.").reply
        reply.headers["retry-after"] = after
        return reply

    def failed(self) -> Reply:
        return error(500, "Internal Server Error - We're working hard to fix this as soon as possible!").reply


def _check(body: dict[str, Any], known: dict[str, Any], needed: tuple[str, ...]) -> None:
    for name in needed:
        if name not in body:
            raise error(422, f"Field required: {name}")
    for name, value in body.items():
        kinds = known.get(name, ())
        kinds = kinds if isinstance(kinds, tuple) else (kinds,)
        if not kinds:
            raise error(422, f"Unknown parameter: {name}")
        if (type(value) is bool and bool not in kinds) or not isinstance(value, kinds):
            raise error(422, f"Wrong type: {name}")


if __name__ == "__main__":
    main(HuggingFaceService)
