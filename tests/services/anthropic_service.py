"""A loopback service that speaks Anthropic's API of 2026-10-21 as its public reference gives it: messages, and its models.

    with AnthropicService(answer=lambda body: "Hello") as service:
        env = {"ANTHROPIC_BASE_URL": service.url, "ANTHROPIC_API_KEY": service.key}

As a process: `python -m tests.services.anthropic_service --port 0 --latency 0.05 --log FILE` prints its base URL.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable
from typing import Any

from genarun.providers.media import sniff

from tests.services.samples import sample
from tests.services.web import Asked, Refuse, Reply, Service, main

KEY = "sk-ant-loopback-0123456789abcdef"
VERSION = "2026-10-21"

_FIELDS: dict[str, Any] = {
    "model": str,
    "max_tokens": int,
    "messages": list,
    "cache_control": dict,
    "container": (str, dict),
    "diagnostics": dict,
    "inference_geo": str,
    "metadata": dict,
    "output_config": dict,
    "service_tier": str,
    "speed": str,
    "stop_sequences": list,
    "stream": bool,
    "system": (str, list),
    "thinking": dict,
    "tool_choice": dict,
    "tools": list,
}
_WORDS = {str: "string", list: "list", dict: "dictionary", bool: "boolean", int: "integer"}
_BLOCKS = {
    "text": {"text"},
    "image": {"source"},
    "tool_use": {"id", "name", "input"},
    "tool_result": {"tool_use_id", "content"},
}
_MOST_TOKENS = 128_000


def error(status: int, message: str, kind: str = "invalid_request_error", **details: Any) -> Refuse:
    """The documented error body."""
    inner = {"type": kind, "message": message, **({"details": details} if details else {})}
    body = {"type": "error", "error": inner, "request_id": "req_011CSHoEeqs5C35K2UUqR7Fy"}
    return Refuse(Reply(json.dumps(body).encode(), status, headers={"request-id": "req_011CSHoEeqs5C35K2UUqR7Fy"}))


def message(*content: dict[str, Any], stop: str | None = "end_turn", model: str = "claude-test", **more: Any) -> Reply:
    """A whole answer, for tests that want another stop reason, other blocks, or other usage."""
    usage = {"input_tokens": 9, "output_tokens": 7, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0}
    whole: dict[str, Any] = {
        "id": "msg_013Zva2CMHLNnXjNJJKqJ2EF",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": list(content),
        "stop_reason": stop,
        "stop_sequence": None,
        "stop_details": None,
        "container": None,
        "usage": {**usage, "service_tier": "standard"},
    }
    return Reply(json.dumps(whole | more, ensure_ascii=False).encode())


def text(words: str) -> dict[str, Any]:
    """A block of text."""
    return {"type": "text", "text": words, "citations": None}


def call(value: dict[str, Any], name: str = "answer") -> dict[str, Any]:
    """A block that calls a tool."""
    return {
        "type": "tool_use",
        "id": "toolu_01D7FLrfh4GYq7yT1ULFeyMV",
        "name": name,
        "input": value,
        "caller": {"type": "direct"},
    }


def asked_text(body: dict[str, Any]) -> str:
    """What the user said last."""
    content = body["messages"][-1]["content"]
    return content if isinstance(content, str) else "".join(block.get("text", "") for block in content)


class AnthropicService(Service):
    """answer: the request's JSON -> text, an object for the tool, a whole Reply, or None for the default; may raise `Refuse`.

    forcible: whether the models let themselves be made to call a tool. models: those that exist; None means all.
    """

    def __init__(
        self,
        answer: Callable[[dict[str, Any]], Any] | None = None,
        *,
        key: str | None = KEY,
        forcible: bool = True,
        models: tuple[str, ...] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(**more)
        self.answer = answer
        self.key = key
        self.forcible = forcible
        self.models = models

    def handle(self, asked: Asked) -> Reply:
        self._check_key(asked)
        if asked.headers.get("anthropic-version") != VERSION:
            raise error(400, "anthropic-version: header is required")
        if (asked.method, asked.path) == ("GET", "/v1/models"):
            return self._list(asked.query)
        if (asked.method, asked.path) != ("POST", "/v1/messages"):
            raise error(404, "Not found", "not_found_error")
        body = asked.json
        if not isinstance(body, dict) or asked.headers.get("content-type") != "application/json":
            raise error(400, "The request body is not valid JSON")
        self._check(body)
        if self.models is not None and body["model"] not in self.models:
            raise error(404, f"model: {body['model']}", "not_found_error")
        found = self.answer(body) if self.answer else None
        if isinstance(found, Reply):
            return found
        if found is None:
            found = self._default(body)
        blocks = [call(found)] if isinstance(found, dict) else [text(found)]
        # What a model thinks comes first, and its text is left out unless it is asked for.
        if body.get("thinking", {}).get("type") in ("adaptive", "enabled"):
            blocks.insert(0, {"type": "thinking", "thinking": "", "signature": "EqQBCgIYAhIM"})
        usage = {
            "input_tokens": max(1, len(json.dumps(body["messages"])) // 4),
            "output_tokens": max(1, len(json.dumps(found)) // 4),
        }
        usage |= {"cache_creation_input_tokens": 0, "cache_read_input_tokens": 0}
        return message(*blocks, stop="tool_use" if isinstance(found, dict) else "end_turn", model=body["model"], usage=usage)

    def _check_key(self, asked: Asked) -> None:
        given = asked.headers.get("x-api-key") or asked.headers.get("authorization", "").removeprefix("Bearer ")
        if self.key is not None and given != self.key:
            raise error(401, "invalid x-api-key" if given else "x-api-key header is required", "authentication_error")

    def _default(self, body: dict[str, Any]) -> Any:
        last = asked_text(body)
        choice = body.get("tool_choice", {"type": "auto"})["type"]
        if body.get("tools") and (choice == "tool" or "calling the tool `answer`" in last):
            return sample(body["tools"][-1]["input_schema"], last)
        return f"An answer to: {last[:200]}"

    def _list(self, query: dict[str, str]) -> Reply:
        if set(query) - {"limit", "after_id", "before_id", "lifecycle"}:
            raise error(400, f"{min(set(query) - {'limit', 'after_id', 'before_id'})}: Extra inputs are not permitted")
        names, limit = list(self.models or ("claude-test",)), int(query.get("limit", "20"))
        if not 1 <= limit <= 1000:
            raise error(400, "limit: Input should be less than or equal to 1000")
        start = names.index(query["after_id"]) + 1 if "after_id" in query else 0
        page = names[start : start + limit]
        whole = {
            "data": [self._model(name) for name in page],
            "first_id": page[0] if page else None,
            "last_id": page[-1] if page else None,
            "has_more": start + limit < len(names),
        }
        return Reply(json.dumps(whole).encode())

    def _model(self, name: str) -> dict[str, Any]:
        old = name.endswith("-old")
        return {
            "type": "model",
            "id": name,
            "display_name": name.replace("-", " ").title(),
            "created_at": "2026-09-28T00:00:00Z",
            "lifecycle": "deprecated" if old else "active",
            "deprecated_at": "2026-10-01T00:00:00Z" if old else None,
            "retires_at": "2027-02-01T00:00:00Z" if old else None,
            "line": None,
            "max_input_tokens": 1_000_000,
            "max_tokens": _MOST_TOKENS,
        }

    def rate_limited(self, after: str) -> Reply:
        reply = error(429, "This request would exceed your organization's rate limit.", "rate_limit_error").reply
        reply.headers["retry-after"] = after
        return reply

    def failed(self) -> Reply:
        return error(500, "Internal server error", "api_error").reply

    # What the API refuses

    def _check(self, body: dict[str, Any]) -> None:
        for name in ("model", "max_tokens", "messages"):
            if name not in body:
                raise error(400, f"{name}: Field required")
        for name, value in body.items():
            if name not in _FIELDS:
                raise error(400, f"{name}: Extra inputs are not permitted")
            kinds = _FIELDS[name] if isinstance(_FIELDS[name], tuple) else (_FIELDS[name],)
            if (type(value) is bool and bool not in kinds) or not isinstance(value, kinds):
                raise error(400, f"{name}: Input should be a valid {_WORDS[kinds[0]]}")
        most = body["max_tokens"]
        if not 1 <= most <= _MOST_TOKENS:
            raise error(400, f"max_tokens: {most} > {_MOST_TOKENS}, which is the maximum allowed number of output tokens")
        if body.get("system") == "":
            raise error(400, "system: text content blocks must be non-empty")
        self._check_messages(body["messages"])
        self._check_tools(body)

    def _check_messages(self, messages: list[Any]) -> None:
        if not messages:
            raise error(400, "messages: at least one message is required")
        for place, one in enumerate(messages):
            where = f"messages.{place}"
            if not isinstance(one, dict) or set(one) != {"role", "content"}:
                raise error(400, f"{where}: Extra inputs are not permitted")
            if one["role"] not in ("user", "assistant"):
                raise error(400, f"{where}.role: Input should be 'user' or 'assistant'")
            content = one["content"]
            blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
            if not isinstance(blocks, list) or not blocks:
                raise error(400, f"{where}.content: Input should be a valid list")
            for number, block in enumerate(blocks):
                _check_block(block, f"{where}.content.{number}")
        if messages[-1]["role"] == "assistant":
            raise error(
                400, "This model does not support assistant message prefill. The conversation must end with a user message."
            )

    def _check_tools(self, body: dict[str, Any]) -> None:
        tools, choice = body.get("tools", []), body.get("tool_choice")
        for place, tool in enumerate(tools):
            if "input_schema" not in tool:
                continue  # a tool that the service itself runs
            where = f"tools.{place}.custom"
            if set(tool) - {"name", "description", "input_schema", "strict", "type", "cache_control"}:
                raise error(400, f"{where}: Extra inputs are not permitted")
            if not re.fullmatch(r"[a-zA-Z0-9_-]{1,128}", tool.get("name", "")):
                raise error(400, f"{where}.name: String should match pattern '^[a-zA-Z0-9_-]{{1,128}}$'")
            schema = tool["input_schema"]
            if not isinstance(schema, dict) or schema.get("type") != "object":
                raise error(400, f"{where}.input_schema.type: Input should be 'object'")
            if {"oneOf", "allOf", "anyOf"} & set(schema):
                raise error(400, f"{where}.input_schema: input_schema does not support oneOf, allOf, or anyOf at the top level")
            if any(not re.fullmatch(r"[a-zA-Z0-9_.-]{1,64}", name) for name in schema.get("properties", {})):
                pattern = "'^[a-zA-Z0-9_.-]{1,64}$'"
                raise error(400, f"{where}.input_schema.properties: Property keys should match pattern {pattern}")
        if choice is None:
            return
        kinds = {"auto": {"type"}, "any": {"type"}, "none": {"type"}, "tool": {"type", "name"}}
        if choice.get("type") not in kinds or set(choice) - {"disable_parallel_tool_use"} != kinds[choice["type"]]:
            raise error(400, "tool_choice: Input does not match any of the expected tags")
        if not tools:
            raise error(400, "tool_choice may only be specified while providing tools.")
        if choice["type"] in ("tool", "any"):
            if not self.forcible:
                raise error(400, 'tool_choice: type "tool" and "any" are not supported for this model.')
            if body.get("thinking", {}).get("type") == "enabled":
                raise error(400, "Thinking may not be enabled when tool_choice forces tool use.")
            if choice["type"] == "tool" and choice["name"] not in [tool["name"] for tool in tools]:
                raise error(400, f"Tool '{choice['name']}' not found in provided tools")


def _check_block(block: Any, where: str) -> None:
    kind = block.get("type") if isinstance(block, dict) else None
    if kind not in _BLOCKS or not _BLOCKS[kind] <= set(block):
        raise error(400, f"{where}: Input tag '{kind}' found using 'type' does not match any of the expected tags")
    if set(block) - _BLOCKS[kind] - {"type", "cache_control"}:
        raise error(400, f"{where}.{kind}: Extra inputs are not permitted")
    if kind == "text" and not block["text"].strip():
        raise error(400, f"{where}: text content blocks must be non-empty")
    if kind != "image":
        return
    source = block["source"]
    if set(source) != {"type", "media_type", "data"} or source["type"] != "base64":
        raise error(400, f"{where}.image.source: Input does not match any of the expected tags")
    if source["media_type"] not in ("image/jpeg", "image/png", "image/gif", "image/webp"):
        raise error(
            400,
            f"{where}.image.source.base64.media_type: Input should be 'image/jpeg', 'image/png', 'image/gif' or 'image/webp'",
        )
    try:
        data = base64.b64decode(source["data"], validate=True)
    except binascii.Error:
        raise error(400, f"{where}.image.source.base64: invalid base64 data") from None
    if sniff(data) != source["media_type"]:
        raise error(400, f"{where}.image.source.base64: the image does not match the media type {source['media_type']}")


if __name__ == "__main__":
    main(AnthropicService)
