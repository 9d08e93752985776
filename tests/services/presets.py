"""Loopback services that differ from OpenAI's protocol as the services behind the presets do, and by nothing else.

What each does otherwise is said by its class; facts are those of the services' own pages on their OpenAI compatibility.
"""

from __future__ import annotations

import base64
import json
from typing import Any

from tests.services.openai_fields import CHAT, EMBEDDINGS, SPEECH, error
from tests.services.openai_service import OpenAIService
from tests.services.samples import png
from tests.services.web import Asked, Refuse, Reply


class Preset(OpenAIService):
    """routes: what it serves; anything else is a 404. said: its own form of an error."""

    routes: frozenset[str] = frozenset({"/chat/completions", "/models"})

    def handle(self, asked: Asked) -> Reply:
        try:
            route = asked.path.removeprefix(self.prefix)
            if "/videos" in self.routes and route.startswith("/videos/"):
                return self.respond(asked, route)
            if route not in self.routes and not asked.path.startswith("/files/"):
                raise error(404, f"Unknown request URL: {asked.method} {route}.", "unknown_url")
            return self.respond(asked, route)
        except Refuse as refusal:
            found = json.loads(refusal.reply.body)
            if "error" not in found:
                raise
            raise Refuse(self.said(refusal.reply.status, found["error"])) from None

    def respond(self, asked: Asked, route: str) -> Reply:
        """What it does of its own; by default nothing."""
        return super().handle(asked)

    def said(self, status: int, fault: dict[str, Any]) -> Reply:
        return Reply(json.dumps({"error": fault}).encode(), status)


class Gemini(Preset):
    """Errors come as a list; a wrong key is a 400; waits are in the body; ids of models begin with `models/`; a film has an
    address of its own, which needs the key."""

    prefix = "/v1beta/openai"
    routes = frozenset({"/chat/completions", "/models", "/embeddings", "/images/generations", "/videos"})

    def _check_key(self, asked: Asked) -> None:
        if asked.headers.get("authorization") != f"Bearer {self.key}":
            raise error(400, "API key not valid. Please pass a valid API key.", "INVALID_ARGUMENT")

    def said(self, status: int, fault: dict[str, Any]) -> Reply:
        body: dict[str, Any] = {"code": status, "message": fault["message"], "status": fault["code"] or "INVALID_ARGUMENT"}
        if status == 429:
            body["details"] = [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "7.5s"}]
        return Reply(json.dumps([{"error": body}]).encode(), status)

    def respond(self, asked: Asked, route: str) -> Reply:
        if asked.method == "GET" and asked.path.startswith("/files/film"):
            self._check_key(asked)
            return Reply(self.film_data(asked.path.removeprefix("/files/film-")), media="video/mp4")
        return super().respond(asked, route)

    def _shown(self, known: str) -> Reply:
        reply = super()._shown(known)
        film = json.loads(reply.body)
        if film["status"] == "completed":
            film["url"] = f"http://127.0.0.1:{self.port}/files/film-{known}"
        return Reply(json.dumps(film).encode(), headers=reply.headers)

    def listed(self, name: str) -> dict[str, Any]:
        return super().listed(f"models/{name}") | {"owned_by": "google"}


class Mistral(Preset):
    """Unknown fields are refused as FastAPI does it, and two are called otherwise; a list of models says what they can."""

    routes = frozenset({"/chat/completions", "/models", "/embeddings"})
    known = (set(CHAT) - {"max_completion_tokens", "seed", "logprobs", "top_logprobs", "user"}) | {"random_seed", "safe_prompt"}

    def respond(self, asked: Asked, route: str) -> Reply:
        known = self.known if route == "/chat/completions" else set(EMBEDDINGS)
        for name in asked.json if isinstance(asked.json, dict) else ():
            if name not in known:
                detail = [{"type": "extra_forbidden", "loc": ["body", name], "msg": "Extra inputs are not permitted"}]
                body = {"object": "error", "message": {"detail": detail}, "type": "invalid_request_error", "code": None}
                raise Refuse(Reply(json.dumps(body).encode(), 422))
        if isinstance(asked.json, dict):
            asked.json = {name: value for name, value in asked.json.items() if name in CHAT or name in EMBEDDINGS}
        return super().respond(asked, route)

    def said(self, status: int, fault: dict[str, Any]) -> Reply:
        body = {"object": "error", **fault} if status != 401 else {"detail": "Unauthorized"}
        return Reply(json.dumps(body).encode(), status)

    def listed(self, name: str) -> dict[str, Any]:
        chats = not name.endswith("embed")
        return super().listed(name) | {"capabilities": {"completion_chat": chats, "vision": chats}}


class Groq(Preset):
    """No log-probabilities; `strict` and schemas by model; it judges JSON itself; voices of its own, WAV alone."""

    prefix = "/openai/v1"
    routes = frozenset({"/chat/completions", "/models", "/audio/speech"})
    failed: str | None = None
    """The answer that misses its shape, once."""
    strict = True

    def _chat(self, body: dict[str, Any]) -> Reply:
        if "logprobs" in body:
            raise error(400, "property 'logprobs' is unsupported", None, "logprobs")
        format_ = body.get("response_format", {})
        if not self.strict and format_.get("json_schema", {}).get("strict"):
            text = "invalid response_format: `strict: true` is not supported with this model"
            raise error(400, text, None, "response_format")
        if self.failed is not None and format_:
            answer, self.failed = self.failed, None
            text = "Failed to validate JSON. Please adjust your prompt. See 'failed_generation' for more details."
            fault = error(400, text, "json_validate_failed")
            found = json.loads(fault.reply.body)
            found["error"]["failed_generation"] = answer
            raise Refuse(Reply(json.dumps(found).encode(), 400))
        return super()._chat(body)

    def _check_voice(self, body: dict[str, Any]) -> None:
        if body["voice"] not in {"autumn", "diana", "hannah", "austin", "daniel", "troy"} or body["response_format"] != "wav":
            raise error(400, "`voice` or `response_format` is not one of this model", None, "voice")


class OpenRouter(Preset):
    """Pictures at `/images`, with those they are made from in JSON; films asked for in JSON, with its own words for how they
    stand; a price in every answer; a list that says what models make and holds all of them only if asked to."""

    prefix = "/api/v1"
    routes = frozenset({"/chat/completions", "/models", "/embeddings", "/images", "/audio/speech", "/videos"})

    def price(self) -> dict[str, Any]:
        return {"cost": 0.0125, "is_byok": False}

    def respond(self, asked: Asked, route: str) -> Reply:
        if asked.method == "POST" and route == "/images":
            self._check_key(asked)
            return self._draw(self._body(asked, {"model": str, "prompt": str, "n": int, "input_references": list}, ("prompt",)))
        if asked.method == "POST" and route == "/videos":
            self._check_key(asked)
            fields = {"model": str, "prompt": str, "duration": int, "frame_images": list, "input_references": list}
            body = self._body(asked, fields, ("model", "prompt"))
            self._film({"model": body["model"], "prompt": body["prompt"]})
            known = f"video_{len(self.films) - 1:04d}"
            begun = {"id": known, "polling_url": f"{self.prefix}/videos/{known}", "status": "pending"}
            return Reply(json.dumps(begun).encode(), 202, headers={"openai-poll-after-ms": "10"})
        return super().respond(asked, route)

    def _draw(self, body: dict[str, Any]) -> Reply:
        picture = base64.b64encode(png(f"{body['model']} {body['prompt']}")).decode()
        usage = {"prompt_tokens": 0, "completion_tokens": 4175, "total_tokens": 4175, **self.price()}
        return Reply(json.dumps({"created": 1748372400, "data": [{"b64_json": picture}], "usage": usage}).encode())

    def _shown(self, known: str) -> Reply:
        film = self.films[known]
        shown: dict[str, Any] = {"id": known, "status": {"queued": "pending"}.get(film["status"], film["status"])}
        if film["status"] == "completed":
            shown |= {"unsigned_urls": [f"{self.url}/videos/{known}/content?index=0"], "usage": self.price()}
        if film["status"] == "expired":
            shown["error"] = "The job took too long."
        return Reply(json.dumps(shown).encode(), headers={"openai-poll-after-ms": "10"})

    def listed(self, name: str) -> dict[str, Any]:
        makes = {"video": ["video"], "speech": ["speech"], "image": ["image", "text"]}.get(name.partition("-")[0], ["text"])
        return super().listed(name) | {"architecture": {"input_modalities": ["text"], "output_modalities": makes}}

    def _list(self, asked: Asked) -> Reply:
        if asked.query.get("output_modalities") != "all":
            self.models = frozenset({"text-only"})
        return super()._list(asked)


class Router(Preset):
    """Hugging Face's router: conversations alone."""


class Ollama(Preset):
    """No key is asked for; it reads `max_tokens`, has its own voices, and leaves out what it does not know."""

    routes = frozenset({"/chat/completions", "/models", "/embeddings", "/images/generations", "/audio/speech"})

    def _check_voice(self, body: dict[str, Any]) -> None:
        if body["voice"] not in {"Freya", "Harper", "Sterling", "Toby"} or body["response_format"] not in ("wav", "pcm"):
            raise error(400, "invalid voice or format", None, "voice")


class VLLM(Preset):
    """A key only where the server was started with one; sounds need no voice; everything that vLLM-Omni serves."""

    routes = frozenset(
        {"/chat/completions", "/models", "/embeddings", "/images/generations", "/images/edits", "/audio/speech", "/videos"}
    )

    def respond(self, asked: Asked, route: str) -> Reply:
        if route == "/audio/speech":
            self._check_key(asked)
            body = self._body(asked, SPEECH, ("input",))
            return super()._speech({"voice": "default", **body})
        return super().respond(asked, route)

    def _check_voice(self, body: dict[str, Any]) -> None:
        pass


class LlamaCpp(Preset):
    """A list of models that says what they make."""

    routes = frozenset({"/chat/completions", "/models", "/embeddings"})

    def listed(self, name: str) -> dict[str, Any]:
        made = {"input_modalities": ["text"], "output_modalities": ["text"]}
        return super().listed(name) | {"owned_by": "llamacpp", "architecture": made, "meta": None}


PRESETS: dict[str, type[Preset]] = {
    "gemini": Gemini,
    "mistral": Mistral,
    "groq": Groq,
    "openrouter": OpenRouter,
    "huggingface": Router,
    "ollama": Ollama,
    "vllm": VLLM,
    "llamacpp": LlamaCpp,
}
"""By the provider's name."""
