"""A loopback service that speaks OpenAI's protocol as its public reference gives it: chat completions and images.

    with OpenAIService(answer=lambda body: "Hello") as service:
        env = {"OPENAI_BASE_URL": service.url, "OPENAI_API_KEY": service.key}

As a process: `python -m tests.services.openai_service --port 0 --latency 0.05 --log FILE` prints its base URL.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from typing import Any

from tests.services.samples import png, sample
from tests.services.web import Asked, Refuse, Reply, Service, main

KEY = "sk-loopback-0123456789abcdef"

_CHAT = {
    "model": str,
    "messages": list,
    "audio": dict,
    "frequency_penalty": (int, float),
    "function_call": (str, dict),
    "functions": list,
    "logit_bias": dict,
    "logprobs": bool,
    "max_completion_tokens": int,
    "max_tokens": int,
    "metadata": dict,
    "modalities": list,
    "n": int,
    "parallel_tool_calls": bool,
    "prediction": dict,
    "presence_penalty": (int, float),
    "prompt_cache_key": str,
    "reasoning_effort": str,
    "response_format": dict,
    "safety_identifier": str,
    "seed": int,
    "service_tier": str,
    "stop": (str, list),
    "store": bool,
    "stream": bool,
    "stream_options": dict,
    "temperature": (int, float),
    "tool_choice": (str, dict),
    "tools": list,
    "top_logprobs": int,
    "top_p": (int, float),
    "user": str,
    "verbosity": str,
}
_IMAGES = {
    "model": str,
    "prompt": str,
    "background": str,
    "moderation": str,
    "n": int,
    "output_compression": int,
    "output_format": str,
    "quality": str,
    "response_format": str,
    "size": str,
    "style": str,
    "user": str,
}
_WORDS = {str: "a string", list: "an array", dict: "an object", bool: "a boolean", int: "an integer", float: "a decimal"}


def error(status: int, message: str, code: str | None = None, param: str | None = None, kind: str | None = None) -> Refuse:
    """The documented error body."""
    kind = kind or ("server_error" if status >= 500 else "invalid_request_error")
    body = {"error": {"message": message, "type": kind, "param": param, "code": code}}
    return Refuse(Reply(json.dumps(body).encode(), status))


def completion(content: str | None, *, finish: str = "stop", refusal: str | None = None, model: str = "gpt-test") -> Reply:
    """A whole answer, for tests that want another finish reason, a refusal, or no content."""
    message = {"role": "assistant", "content": content, "refusal": refusal, "annotations": []}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": finish}
    usage = {"prompt_tokens": 9, "completion_tokens": 7, "total_tokens": 16}
    head = {"id": "chatcmpl-1", "object": "chat.completion", "created": int(time.time()), "model": model}
    return Reply(json.dumps({**head, "choices": [choice], "usage": usage}).encode())


class OpenAIService(Service):
    """answer: the request's JSON -> text, a JSON value, a whole Reply, or None for the default; may raise `Refuse`.

    formats: which `response_format` types the models know. models: those that exist; None means all.
    """

    prefix = "/v1"

    def __init__(
        self,
        answer: Callable[[dict[str, Any]], Any] | None = None,
        *,
        key: str | None = KEY,
        formats: frozenset[str] = frozenset({"text", "json_object", "json_schema"}),
        models: frozenset[str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(**more)
        self.answer = answer
        self.key = key
        self.formats = formats
        self.models = models
        self._files: dict[str, bytes] = {}

    def handle(self, asked: Asked) -> Reply:
        if asked.method == "GET" and asked.path.startswith("/files/"):
            data = self._files.get(asked.path)
            return Reply(data, media="image/png") if data else Reply(b"<Error>AccessDenied</Error>", 403, "application/xml")
        self._check_key(asked)
        if asked.method != "POST":
            raise error(405, f"Not allowed to {asked.method} on {asked.path}")
        if asked.path not in ("/v1/chat/completions", "/v1/images/generations"):
            raise error(404, f"Invalid URL ({asked.method} {asked.path})")
        body = asked.json
        if not isinstance(body, dict) or asked.headers.get("content-type") != "application/json":
            raise error(400, "We could not parse the JSON body of your request.")
        chat = asked.path == "/v1/chat/completions"
        _check_fields(body, _CHAT if chat else _IMAGES, ("model", "messages") if chat else ("model", "prompt"))
        if self.models is not None and body["model"] not in self.models:
            text = f"The model `{body['model']}` does not exist or you do not have access to it."
            raise error(404, text, "model_not_found")
        return self._chat(body) if chat else self._images(body)

    def _check_key(self, asked: Asked) -> None:
        if self.key is None:
            return
        given = asked.headers.get("authorization", "")
        if not given.startswith("Bearer "):
            raise error(401, "You didn't provide an API key. You need to provide your API key in an Authorization header.")
        if given != f"Bearer {self.key}":
            shown = given.removeprefix("Bearer ")
            raise error(401, f"Incorrect API key provided: {shown}.", "invalid_api_key")

    def _chat(self, body: dict[str, Any]) -> Reply:
        if not body["messages"]:
            raise error(400, "Invalid 'messages': empty array.", "empty_array", "messages")
        for place, message in enumerate(body["messages"]):
            if not isinstance(message, dict) or message.get("role") not in ("system", "developer", "user", "assistant", "tool"):
                raise error(400, f"Invalid value for 'messages[{place}].role'.", "invalid_value", f"messages[{place}].role")
            if not isinstance(message.get("content"), (str, list)):
                raise error(400, f"Invalid type for 'messages[{place}].content'.", "invalid_type", f"messages[{place}].content")
        format_ = body.get("response_format", {"type": "text"})
        self._check_format(format_, body)
        found = self.answer(body) if self.answer else None
        if isinstance(found, Reply):
            return found
        if found is None:
            found = self._default(body, format_)
        content = found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)
        asked_text = "".join(str(message["content"]) for message in body["messages"])
        usage = {"prompt_tokens": max(1, len(asked_text) // 4), "completion_tokens": max(1, len(content) // 4)}
        usage["total_tokens"] = sum(usage.values())
        message = {"role": "assistant", "content": content, "refusal": None, "annotations": []}
        whole = {
            "id": f"chatcmpl-{self.counts['requests']}",
            "object": "chat.completion",
            "created": int(time.time()),
            "model": body["model"],
            "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}],
            "usage": usage,
        }
        return Reply(json.dumps(whole, ensure_ascii=False).encode())

    def _default(self, body: dict[str, Any], format_: dict[str, Any]) -> Any:
        last = str(body["messages"][-1]["content"])
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
        if kind == "json_object" and not any("json" in str(message["content"]).lower() for message in body["messages"]):
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
                _check_strict(inner["schema"], ())

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
        if gpt:
            details = {"image_tokens": 0, "text_tokens": 12}
            whole["usage"] = {"input_tokens": 12, "output_tokens": 272, "total_tokens": 284, "input_tokens_details": details}
        return Reply(json.dumps(whole).encode())

    def rate_limited(self, after: str) -> Reply:
        reply = error(429, "Rate limit reached for requests.", "rate_limit_exceeded", kind="requests").reply
        reply.headers["retry-after"] = after
        return reply

    def failed(self) -> Reply:
        return error(500, "The server had an error while processing your request. Sorry about that!").reply


def _check_fields(body: dict[str, Any], known: dict[str, Any], needed: tuple[str, ...]) -> None:
    for name in needed:
        if name not in body:
            raise error(400, f"Missing required parameter: '{name}'.", "missing_required_parameter", name)
    for name, value in body.items():
        if name not in known:
            raise error(400, f"Unrecognized request argument supplied: {name}", None, name)
        kinds = known[name] if isinstance(known[name], tuple) else (known[name],)
        if value is not None and ((type(value) is bool and bool not in kinds) or not isinstance(value, kinds)):
            got = _WORDS.get(type(value), type(value).__name__)
            text = f"Invalid type for '{name}': expected {_WORDS[kinds[-1]]}, but got {got} instead."
            raise error(400, text, "invalid_type", name)


def _check_strict(schema: Any, context: tuple[str, ...]) -> None:
    """The rules of strict structured outputs."""

    def wrong(text: str) -> Refuse:
        return error(
            400, f"Invalid schema for response_format 'answer': In context={context}, {text}.", None, "response_format"
        )

    for keyword in (
        "allOf",
        "oneOf",
        "not",
        "if",
        "then",
        "else",
        "dependentRequired",
        "dependentSchemas",
        "minLength",
        "maxLength",
    ):
        if keyword in schema:
            raise wrong(f"'{keyword}' is not permitted")
    if not context and schema.get("type") != "object":
        raise wrong("schema must have type 'object'")
    if schema.get("type") == "object":
        if schema.get("additionalProperties") is not False:
            raise wrong("'additionalProperties' is required to be supplied and to be false")
        fields = schema.get("properties", {})
        if set(schema.get("required", [])) != set(fields):
            raise wrong("'required' is required to be supplied and to be an array including every key in properties")
        for name, part in fields.items():
            _check_strict(part, (*context, "properties", name))
    if schema.get("type") == "array":
        if "items" not in schema:
            raise wrong("array schema missing items")
        _check_strict(schema["items"], (*context, "items"))
    for place, part in enumerate(schema.get("anyOf", [])):
        _check_strict(part, (*context, "anyOf", str(place)))


if __name__ == "__main__":
    main(OpenAIService)
