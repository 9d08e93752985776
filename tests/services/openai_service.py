"""A loopback service that speaks OpenAI's protocol as its public reference gives it: chat, pictures, speech, films, embeddings.

    with OpenAIService(answer=lambda body: "Hello") as service:
        env = {"OPENAI_BASE_URL": service.url, "OPENAI_API_KEY": service.key}

As a process: `python -m tests.services.openai_service --port 0 --latency 0.05 --log FILE` prints its base URL.
"""

from __future__ import annotations

import base64
import json
import struct
import time
from collections.abc import Callable
from hashlib import sha256
from typing import Any

from tests.services.openai_fields import (
    CHAT,
    EDITS,
    EMBEDDINGS,
    IMAGES,
    SPEECH,
    VIDEOS,
    Part,
    as_fields,
    check_fields,
    check_file,
    check_message,
    check_strict,
    read_form,
    tokens,
    words,
)
from tests.services.openai_fields import error as error
from tests.services.samples import mp3, mp4, png, sample, wav
from tests.services.web import Asked, Reply, Service, main

KEY = "sk-loopback-0123456789abcdef"

VOICES = frozenset(
    ["alloy", "ash", "ballad", "cedar", "coral", "echo", "fable", "marin", "nova", "onyx", "sage", "shimmer", "verse"]
)


def completion(content: str | None, *, finish: str = "stop", refusal: str | None = None, model: str = "gpt-test") -> Reply:
    """A whole answer, for tests that want another finish reason, a refusal, or no content."""
    message = {"role": "assistant", "content": content, "refusal": refusal, "annotations": []}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": finish}
    usage = {"prompt_tokens": 9, "completion_tokens": 7, "total_tokens": 16}
    head = {"id": "chatcmpl-1", "object": "chat.completion", "created": int(time.time()), "model": model}
    return Reply(json.dumps({**head, "choices": [choice], "usage": usage}).encode())


class OpenAIService(Service):
    """answer: the request's JSON -> text, a JSON value, a whole Reply, or None for the default; may raise `Refuse`.

    formats: which `response_format` types the models know. models: those that exist; None means all. logprobs: whether they
    give log-probabilities. steps: what the status of a film is at each look, the last for ever.
    """

    prefix = "/v1"

    def __init__(
        self,
        answer: Callable[[dict[str, Any]], Any] | None = None,
        *,
        key: str | None = KEY,
        formats: frozenset[str] = frozenset({"text", "json_object", "json_schema"}),
        models: frozenset[str] | None = None,
        logprobs: bool = True,
        steps: tuple[str, ...] = ("queued", "in_progress", "completed"),
        **more: Any,
    ) -> None:
        super().__init__(**more)
        self.answer = answer
        self.key = key
        self.formats = formats
        self.models = models
        self.logprobs = logprobs
        self.steps = steps
        self.films: dict[str, dict[str, Any]] = {}
        self.deleted: list[str] = []
        self._files: dict[str, bytes] = {}

    def handle(self, asked: Asked) -> Reply:
        if asked.method == "GET" and asked.path.startswith("/files/"):
            data = self._files.get(asked.path)
            return Reply(data, media="image/png") if data else Reply(b"<Error>AccessDenied</Error>", 403, "application/xml")
        self._check_key(asked)
        route = asked.path.removeprefix(self.prefix)
        if asked.method != "POST":
            return self._look(asked, route)
        if route in ("/images/edits", "/videos"):
            return self._form(asked, route)
        posts: dict[str, tuple[dict[str, Any], tuple[str, ...], Callable[[dict[str, Any]], Reply]]] = {
            "/chat/completions": (CHAT, ("model", "messages"), self._chat),
            "/images/generations": (IMAGES, ("model", "prompt"), self._images),
            "/audio/speech": (SPEECH, ("model", "input", "voice"), self._speech),
            "/embeddings": (EMBEDDINGS, ("model", "input"), self._embedding),
        }
        if route not in posts:
            raise error(404, f"Invalid URL ({asked.method} {asked.path})")
        known, needed, answer = posts[route]
        return answer(self._body(asked, known, needed))

    def _body(self, asked: Asked, known: dict[str, Any], needed: tuple[str, ...]) -> dict[str, Any]:
        body = asked.json
        if not isinstance(body, dict) or asked.headers.get("content-type") != "application/json":
            raise error(400, "We could not parse the JSON body of your request.")
        check_fields(body, known, needed)
        self._check_model(body)
        return body

    def _check_model(self, body: dict[str, Any]) -> None:
        if self.models is not None and body["model"] not in self.models:
            text = f"The model `{body['model']}` does not exist or you do not have access to it."
            raise error(404, text, "model_not_found")

    def _check_key(self, asked: Asked) -> None:
        if self.key is None:
            return
        given = asked.headers.get("authorization", "")
        if not given.startswith("Bearer "):
            raise error(401, "You didn't provide an API key. You need to provide your API key in an Authorization header.")
        if given != f"Bearer {self.key}":
            shown = given.removeprefix("Bearer ")
            raise error(401, f"Incorrect API key provided: {shown}.", "invalid_api_key")

    # Chat

    def _chat(self, body: dict[str, Any]) -> Reply:
        if not body["messages"]:
            raise error(400, "Invalid 'messages': empty array.", "empty_array", "messages")
        for place, message in enumerate(body["messages"]):
            check_message(message, f"messages[{place}]")
        if body.get("logprobs") and not self.logprobs:
            raise error(400, "'logprobs' is not supported with this model.", "unsupported_parameter", "logprobs")
        format_ = body.get("response_format", {"type": "text"})
        self._check_format(format_, body)
        found = self.answer(body) if self.answer else None
        if isinstance(found, Reply):
            return found
        if found is None:
            found = self._default(body, format_)
        content = found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)
        asked_text = "".join(words(message) for message in body["messages"])
        usage: dict[str, Any] = {
            "prompt_tokens": max(1, len(asked_text) // 4),
            "completion_tokens": max(1, len(content) // 4),
        }
        usage["total_tokens"] = sum(usage.values())
        message = {"role": "assistant", "content": content, "refusal": None, "annotations": []}
        odds = {"content": tokens(content), "refusal": None} if body.get("logprobs") else None
        whole = {
            "id": f"chatcmpl-{self.counts['requests']}",
            "object": "chat.completion",
            "created": int(time.time()),
            "model": body["model"],
            "choices": [{"index": 0, "message": message, "logprobs": odds, "finish_reason": "stop"}],
            "usage": usage | self.price(),
        }
        return Reply(json.dumps(whole, ensure_ascii=False).encode())

    def price(self) -> dict[str, Any]:
        """What the usage says of the price; OpenAI's says nothing."""
        return {}

    def _default(self, body: dict[str, Any], format_: dict[str, Any]) -> Any:
        last = words(body["messages"][-1])
        if format_["type"] == "json_schema":
            return sample(format_["json_schema"]["schema"], last)
        if format_["type"] == "json_object":
            return {"answer": last[:200]}
        return f"An answer to: {last[:200]}"

    def _check_format(self, format_: dict[str, Any], body: dict[str, Any]) -> None:
        kind = format_.get("type")
        if kind not in ("text", "json_object", "json_schema"):
            raise error(400, f"Invalid value: '{kind}'. Supported values are: 'json_object', 'json_schema', and 'text'.")
        if not self.formats and "response_format" in body:
            raise error(400, "Unrecognized request argument supplied: response_format")
        if kind not in self.formats | {"text"}:
            text = f"Invalid parameter: 'response_format' of type '{kind}' is not supported with this model."
            raise error(400, text, None, "response_format")
        if kind == "json_object" and not any("json" in words(message).lower() for message in body["messages"]):
            text = "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'."
            raise error(400, text, None, "messages")
        if kind == "json_schema":
            inner = format_.get("json_schema")
            if (
                not isinstance(inner, dict)
                or not isinstance(inner.get("name"), str)
                or not isinstance(inner.get("schema"), dict)
            ):
                raise error(400, "Missing required parameter: 'response_format.json_schema'.", "missing_required_parameter")
            if inner.get("strict"):
                check_strict(inner["schema"], ())

    # Pictures

    def _images(self, body: dict[str, Any]) -> Reply:
        gpt = body["model"].startswith(("gpt-image", "chatgpt-image"))
        if gpt and "response_format" in body:
            raise error(400, "Unknown parameter: 'response_format'.", "unknown_parameter", "response_format")
        found = self.answer(body) if self.answer else None
        if isinstance(found, Reply):
            return found
        data = found if isinstance(found, bytes) else png(f"{body['model']} {body['prompt']}")
        as_url = not gpt and body.get("response_format", "url") == "url"
        pictures: list[dict[str, str]] = []
        for _ in range(body.get("n", 1)):
            if as_url:
                path = f"/files/{len(self._files)}.png"
                self._files[path] = data
                pictures.append({"url": f"http://127.0.0.1:{self.port}{path}?sig=signed-secret-value"})
            else:
                pictures.append({"b64_json": base64.b64encode(data).decode()})
        whole: dict[str, Any] = {"created": int(time.time()), "data": pictures}
        if gpt or self.price():
            details = {"image_tokens": 0, "text_tokens": 12}
            whole["usage"] = {"input_tokens": 12, "output_tokens": 272, "total_tokens": 284, "input_tokens_details": details}
            whole["usage"] |= self.price()
        return Reply(json.dumps(whole).encode())

    def _form(self, asked: Asked, route: str) -> Reply:
        form = read_form(asked)
        known = EDITS if route == "/images/edits" else VIDEOS
        body = as_fields(form, known)
        check_fields(body, known, ("model", "prompt", "image") if route == "/images/edits" else ("model", "prompt"))
        self._check_model(body)
        for name, parts in form.items():
            for part in parts:
                check_file(name, part, known)
        if route == "/videos":
            return self._film(body)
        return self._images({**body, "image": [sha256(part.data).hexdigest() for part in _pictures(form)]})

    # Speech and embeddings

    def _speech(self, body: dict[str, Any]) -> Reply:
        if not body["input"] or len(body["input"]) > 4096:
            raise error(400, "Invalid 'input': string must have 1 to 4096 characters.", "string_length", "input")
        self._check_voice(body)
        if body.get("stream_format", "audio") != "audio":
            raise error(400, "This test service streams no events.", None, "stream_format")
        found = self.answer(body) if self.answer else None
        if isinstance(found, Reply):
            return found
        kind = body.get("response_format", "mp3")
        sounds = {"mp3": (mp3, "audio/mpeg"), "wav": (wav, "audio/wav"), "pcm": (lambda seed: wav(seed)[44:], "audio/pcm")}
        if kind not in sounds:
            raise error(400, f"Invalid value: '{kind}'.", "invalid_value", "response_format")
        make, media = sounds[kind]
        return Reply(found if isinstance(found, bytes) else make(f"{body['voice']} {body['input']}"), media=media)

    def _check_voice(self, body: dict[str, Any]) -> None:
        if isinstance(body["voice"], str) and body["voice"] not in VOICES:
            raise error(400, f"Invalid value: '{body['voice']}'.", "invalid_value", "voice")

    def _embedding(self, body: dict[str, Any]) -> Reply:
        if not body["input"]:
            raise error(400, "Invalid 'input': it must not be empty.", None, "input")
        found = self.answer(body) if self.answer else None
        if isinstance(found, Reply):
            return found
        texts = [body["input"]] if isinstance(body["input"], str) else body["input"]
        size = body.get("dimensions", 8)
        rows = []
        for place, one in enumerate(texts):
            drawn = sha256(f"{body['model']} {one}".encode()).digest()
            vector: Any = [drawn[at % 32] / 255 - 0.5 for at in range(size)]
            if body.get("encoding_format", "float") == "base64":
                vector = base64.b64encode(struct.pack(f"<{size}f", *vector)).decode()
            rows.append({"object": "embedding", "index": place, "embedding": vector})
        used = sum(max(1, len(str(one)) // 4) for one in texts)
        usage = {"prompt_tokens": used, "total_tokens": used} | self.price()
        return Reply(json.dumps({"object": "list", "data": rows, "model": body["model"], "usage": usage}).encode())

    # Films, and what is there

    def _film(self, body: dict[str, Any]) -> Reply:
        if body.get("seconds", "4") not in ("4", "8", "12"):
            raise error(400, f"Invalid value: '{body['seconds']}'.", "invalid_value", "seconds")
        found = self.answer(body) if self.answer else None
        if isinstance(found, Reply):
            return found
        known = f"video_{len(self.films):04d}"
        self.films[known] = {
            "id": known,
            "object": "video",
            "created_at": int(time.time()),
            "model": body["model"],
            "progress": 0,
            "prompt": body["prompt"],
            "seconds": body.get("seconds", "4"),
            "size": body.get("size", "720x1280"),
            "status": self.steps[0],
            "looks": 0,
        }
        return self._shown(known)

    def _shown(self, known: str) -> Reply:
        film = {name: value for name, value in self.films[known].items() if name != "looks"}
        if film["status"] == "failed":
            film["error"] = {"code": "moderation_blocked", "message": "Your request was blocked by our moderation system."}
        return Reply(json.dumps(film).encode(), headers={"openai-poll-after-ms": "10"})

    def film_data(self, known: str) -> bytes:
        """What a film is."""
        return mp4(f"{self.films[known]['model']} {self.films[known]['prompt']}")

    def _look(self, asked: Asked, route: str) -> Reply:
        parts = route.strip("/").split("/")
        if asked.method == "GET" and parts == ["models"]:
            return self._list(asked)
        if parts[0] != "videos" or len(parts) < 2:
            if asked.method == "GET":
                raise error(404, f"Invalid URL ({asked.method} {asked.path})")
            raise error(405, f"Not allowed to {asked.method} on {asked.path}")
        film = self.films.get(parts[1])
        if film is None or parts[1] in self.deleted:
            raise error(404, f"Video with id '{parts[1]}' not found.", None, "video_id")
        if asked.method == "DELETE":
            self.deleted.append(parts[1])
            return Reply(json.dumps({"id": parts[1], "object": "video.deleted", "deleted": True}).encode())
        if parts[2:] == ["content"]:
            if film["status"] != "completed":
                raise error(400, "Video is not ready yet, use GET /v1/videos/{video_id} to check status.")
            return Reply(self.film_data(parts[1]), media="video/mp4")
        film["looks"] += 1
        film["status"] = self.steps[min(film["looks"], len(self.steps) - 1)]
        film["progress"] = 100 if film["status"] == "completed" else 50
        return self._shown(parts[1])

    def _list(self, asked: Asked) -> Reply:
        names = sorted(
            self.models or {"gpt-test", "gpt-image-test", "tts-test", "text-embedding-test", "whisper-test", "something"}
        )
        return Reply(json.dumps({"object": "list", "data": [self.listed(name) for name in names]}).encode())

    def listed(self, name: str) -> dict[str, Any]:
        """One model as the list shows it."""
        return {"id": name, "object": "model", "created": 1750000000, "owned_by": "system"}

    def rate_limited(self, after: str) -> Reply:
        reply = error(429, "Rate limit reached for requests.", "rate_limit_exceeded", kind="requests").reply
        reply.headers["retry-after"] = after
        return reply

    def failed(self) -> Reply:
        return error(500, "The server had an error while processing your request. Sorry about that!").reply


def _pictures(form: dict[str, list[Part]]) -> list[Part]:
    return [*form.get("image", ()), *form.get("image[]", ())]


if __name__ == "__main__":
    main(OpenAIService)
