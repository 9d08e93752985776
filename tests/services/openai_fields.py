"""What OpenAI's public reference says of requests: the fields of each endpoint with their types, and how they are refused.

`tests/providers/test_openai_protocol.py` holds the names to those of the SDK.
"""

from __future__ import annotations

import base64
import json
import math
from dataclasses import dataclass
from typing import Any

from genarun.providers.media import sniff

from tests.services.web import Asked, Refuse, Reply

NUMBER = (int, float)

CHAT: dict[str, Any] = {
    "messages": list,
    "model": str,
    "audio": dict,
    "frequency_penalty": NUMBER,
    "function_call": (str, dict),
    "functions": list,
    "logit_bias": dict,
    "logprobs": bool,
    "max_completion_tokens": int,
    "max_tokens": int,
    "metadata": dict,
    "modalities": list,
    "moderation": dict,
    "n": int,
    "parallel_tool_calls": bool,
    "prediction": dict,
    "presence_penalty": NUMBER,
    "prompt_cache_key": str,
    "prompt_cache_options": dict,
    "prompt_cache_retention": str,
    "reasoning_effort": str,
    "response_format": dict,
    "safety_identifier": str,
    "seed": int,
    "service_tier": str,
    "stop": (str, list),
    "store": bool,
    "stream": bool,
    "stream_options": dict,
    "temperature": NUMBER,
    "tool_choice": (str, dict),
    "tools": list,
    "top_logprobs": int,
    "top_p": NUMBER,
    "user": str,
    "verbosity": str,
    "web_search_options": dict,
}
IMAGES: dict[str, Any] = {
    "prompt": str,
    "background": str,
    "complexity": str,
    "frame_count": int,
    "frame_duration_ms": int,
    "model": str,
    "moderation": str,
    "n": int,
    "output_compression": int,
    "output_format": str,
    "partial_images": int,
    "quality": str,
    "response_format": str,
    "safety_identifier": str,
    "size": str,
    "stream": bool,
    "style": str,
    "svg": dict,
    "user": str,
}
EDITS: dict[str, Any] = {
    **{name: kind for name, kind in IMAGES.items() if name not in ("moderation", "style")},
    "image": bytes,
    "input_fidelity": str,
    "markup": bytes,
    "mask": bytes,
}
SPEECH: dict[str, Any] = {
    "input": str,
    "model": str,
    "voice": (str, dict),
    "instructions": str,
    "response_format": str,
    "speed": NUMBER,
    "stream_format": str,
}
EMBEDDINGS: dict[str, Any] = {
    "input": (str, list),
    "model": str,
    "dimensions": int,
    "encoding_format": str,
    "user": str,
}
VIDEOS: dict[str, Any] = {"prompt": str, "input_reference": bytes, "model": str, "seconds": str, "size": str}

WORDS = {
    str: "a string",
    list: "an array",
    dict: "an object",
    bool: "a boolean",
    int: "an integer",
    float: "a decimal",
    bytes: "a file",
}


def error(status: int, message: str, code: str | None = None, param: str | None = None, kind: str | None = None) -> Refuse:
    """The documented error body."""
    kind = kind or ("server_error" if status >= 500 else "invalid_request_error")
    body = {"error": {"message": message, "type": kind, "param": param, "code": code}}
    return Refuse(Reply(json.dumps(body).encode(), status))


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a form. file: its name, where it is one."""

    data: bytes
    file: str | None = None
    media: str | None = None


def read_form(asked: Asked) -> dict[str, list[Part]]:
    """The parts of a `multipart/form-data` request by the names of their fields."""
    kind, _, boundary = asked.headers.get("content-type", "").partition("; boundary=")
    if kind != "multipart/form-data" or not boundary:
        raise error(400, "Invalid content type. This endpoint takes multipart/form-data.")
    start, *chunks, end = asked.body.split(b"--" + boundary.strip('"').encode())
    if start or end not in (b"--\r\n", b"--"):
        raise error(400, "Could not parse multipart form.")
    found: dict[str, list[Part]] = {}
    for chunk in chunks:
        head, line, data = chunk.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        headers = {name.lower(): value for name, _, value in (one.partition(": ") for one in head.decode().split("\r\n"))}
        _, *said = headers.get("content-disposition", "").split("; ")
        named = {key: value.strip('"') for key, _, value in (word.partition("=") for word in said)}
        if not line or not data.endswith(b"\r\n") or "name" not in named:
            raise error(400, "Could not parse multipart form.")
        part = Part(data.removesuffix(b"\r\n"), named.get("filename"), headers.get("content-type"))
        found.setdefault(named["name"], []).append(part)
    return found


def as_fields(form: dict[str, list[Part]], known: dict[str, Any]) -> dict[str, Any]:
    """A form as the fields of an endpoint, each of the type that it should have where its text can be read so."""
    body: dict[str, Any] = {}
    for name, parts in form.items():
        plain = name.removesuffix("[]").partition("[")[0]
        kind = known.get(plain, str)
        if name.endswith("]") and not name.endswith("[]"):
            body.setdefault(plain, {})[name[len(plain) + 1 : -1]] = parts[0].data.decode()
        elif any(part.file is not None for part in parts):
            body[plain] = b"".join(part.data for part in parts)
        elif kind is int and parts[0].data.isdigit():
            body[plain] = int(parts[0].data)
        elif kind is bool and parts[0].data in (b"true", b"false"):
            body[plain] = parts[0].data == b"true"
        else:
            body[plain] = parts[0].data.decode()
    return body


def check_fields(body: dict[str, Any], known: dict[str, Any], needed: tuple[str, ...]) -> None:
    for name in needed:
        if name not in body:
            raise error(400, f"Missing required parameter: '{name}'.", "missing_required_parameter", name)
    for name, value in body.items():
        if name not in known:
            raise error(400, f"Unrecognized request argument supplied: {name}", None, name)
        kinds = known[name] if isinstance(known[name], tuple) else (known[name],)
        if value is not None and ((type(value) is bool and bool not in kinds) or not isinstance(value, kinds)):
            got = WORDS.get(type(value), type(value).__name__)
            text = f"Invalid type for '{name}': expected {WORDS[kinds[-1]]}, but got {got} instead."
            raise error(400, text, "invalid_type", name)


def check_strict(schema: Any, context: tuple[str, ...]) -> None:
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
            check_strict(part, (*context, "properties", name))
    if schema.get("type") == "array":
        if "items" not in schema:
            raise wrong("array schema missing items")
        check_strict(schema["items"], (*context, "items"))
    for place, part in enumerate(schema.get("anyOf", [])):
        check_strict(part, (*context, "anyOf", str(place)))


def check_message(message: Any, at: str) -> None:
    """One turn of a conversation: its text, or its text and pictures in parts."""
    if not isinstance(message, dict) or message.get("role") not in ("system", "developer", "user", "assistant", "tool"):
        raise error(400, f"Invalid value for '{at}.role'.", "invalid_value", f"{at}.role")
    if unknown := set(message) - {"role", "content", "name", "refusal", "audio", "tool_calls", "tool_call_id"}:
        raise error(400, f"Unrecognized request argument supplied: {at}.{min(unknown)}", None, f"{at}.{min(unknown)}")
    content = message.get("content")
    if not isinstance(content, (str, list)):
        raise error(400, f"Invalid type for '{at}.content'.", "invalid_type", f"{at}.content")
    for place, part in enumerate(content if isinstance(content, list) else ()):
        where = f"{at}.content[{place}]"
        if part == {"type": "text", "text": str(part.get("text"))}:
            continue
        if set(part) != {"type", "image_url"} or part["type"] != "image_url" or message["role"] != "user":
            raise error(400, f"Invalid value for '{where}'.", "invalid_value", where)
        link = part["image_url"]
        if not isinstance(link, dict) or not set(link) <= {"url", "detail"} or not isinstance(link.get("url"), str):
            raise error(400, f"Invalid type for '{where}.image_url'.", "invalid_type", where)
        kind, comma, data = link["url"].partition(";base64,")
        if not comma or kind != f"data:{sniff(base64.b64decode(data, validate=True))}":
            raise error(400, "You uploaded an unsupported image.", "image_parse_error")


def words(message: dict[str, Any]) -> str:
    """The text of a turn."""
    content = message["content"]
    return content if isinstance(content, str) else " ".join(part["text"] for part in content if part["type"] == "text")


def tokens(text: str) -> list[dict[str, Any]]:
    """A text cut into pieces, each less probable than the one before."""
    cut = [text[at : at + 3] for at in range(0, len(text), 3)]
    return [
        {"token": token, "logprob": -math.log(place + 2), "bytes": list(token.encode()), "top_logprobs": []}
        for place, token in enumerate(cut)
    ]


def check_file(name: str, part: Part, known: dict[str, Any]) -> None:
    """A part of a form is a file where one is wanted, a picture of the kind that it is said to be."""
    wanted = known.get(name.removesuffix("[]").partition("[")[0]) is bytes
    if wanted != (part.file is not None):
        raise error(400, f"Invalid type for '{name}'.", "invalid_type", name)
    if wanted and (sniff(part.data) != part.media or part.media not in ("image/png", "image/jpeg", "image/webp")):
        raise error(400, "Invalid image file or mode for image, please check your image file.", "invalid_image_file", name)
