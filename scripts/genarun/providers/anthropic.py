"""Anthropic's Messages API, version 2026-10-21: https://platform.claude.com/docs/en/api/messages

Calls take our own transport; a test holds them to what the `anthropic` SDK would send, and to its types. An answer of a certain
shape is the input of the one tool, which the model is made to call. A model that cannot be made to (Opus 5.5 and Sonnet 5.5
refuse that) is asked to, and where a schema cannot describe a tool, the shape goes in words.
docs/decisions/2026-11-25-anthropic-shapes.md weighs this.
"""

from __future__ import annotations

import base64
from typing import Literal

import orjson
from yarl import URL

from genarun.errors import ProviderError
from genarun.providers.base import Json, Listed, Message, ModelReply, ModelRequest, Settings, Usage
from genarun.providers.catalog import ANTHROPIC
from genarun.providers.checks import encode, header_lines, service_of
from genarun.providers.faults import cut_off, declined, empty, misses, not_json, read_said, refused
from genarun.providers.http import Transport
from genarun.providers.structured import JSON_PLEASE, Shapes, with_words

VERSION = "2026-10-21"
MAX_TOKENS = 16_000
"""Where the tree sets no `max_tokens`, which the API requires: what Anthropic advises for answers that come in one piece."""

TOOL = "answer"
_CALL_IT = f"Answer by calling the tool `{TOOL}` once, with the whole answer, and write nothing else."

Mode = Literal["forced", "offered", "words"]
"""forced: the tool must be called. offered: the model is asked to call it. words: no tool, the shape in words."""

# Models that were found not to be forcible, by base URL, model and way of thinking, for as long as the process lives.
_UNFORCED: set[tuple[str, str, str]] = set()

_SEEN = ("image/png", "image/jpeg", "image/gif", "image/webp")


class Anthropic:
    """One connection to the API, or to a gateway that speaks it. Makes no request, and needs no key, before the first call."""

    def __init__(self, settings: Settings) -> None:
        """`ANTHROPIC_CUSTOM_HEADERS` goes to the address of the environment only, not to one that the tree names."""
        info = settings.info or ANTHROPIC
        self._service, key = service_of(info, settings)
        self._identity = {"provider": info.name, "baseUrl": self._service.base_url}
        self._headers = {"accept": "application/json", "anthropic-version": VERSION}
        if key:
            self._headers["authorization"] = f"Bearer {key}"
        if settings.base_url is None:
            custom = header_lines(settings.env.get("ANTHROPIC_CUSTOM_HEADERS", ""))
            self._headers |= {name.lower(): value for name, value in custom.items()}
        self._env = settings.env
        self._url = URL(f"{self._service.base_url}/v1/messages")
        self._shapes = Shapes()
        self._http: Transport | None = None

    def identity(self, request: ModelRequest) -> dict[str, Json]:
        """Provider and base URL: two names for one service share their answers."""
        return self._identity

    async def open(self) -> None:
        """Make the session."""
        self._connect()

    async def call(self, request: ModelRequest) -> ModelReply:
        """Ask once. What is refused for the tool alone cost nothing, and is asked again without what was refused."""
        http = self._connect()
        mode = self._mode(request)
        while True:
            asked = self._body(request, mode)
            status, headers, body = await http.send("POST", self._url, asked, {"content-type": "application/json"})
            if status == 200:
                return self._read(request, body)
            words = read_said(body).message if status == 400 else ""
            if mode == "forced" and "tool_choice" in words:
                _UNFORCED.add(self._place(request))
                mode = "offered"
            elif mode in ("forced", "offered") and "input_schema" in words and request.schema is not None:
                self._shapes.of(request.schema).start = "none"
                mode = "words"
            else:
                raise refused(self._service, request.model, status, headers, body, str(self._url))

    async def models(self) -> list[Listed]:
        """The models that the key can reach, newest first. Raises ProviderError."""
        http = self._connect()
        listed: list[Listed] = []
        query: dict[str, str] = {"limit": "1000"}
        while True:
            url = URL(f"{self._service.base_url}/v1/models").with_query(query)
            status, headers, body = await http.send("GET", url)
            if status != 200:
                raise refused(self._service, "its list of models", status, headers, body, str(url))
            page = self._decode(body)
            data, last = page.get("data"), page.get("last_id")
            if not isinstance(data, list):
                raise misses(self._service, "data")
            listed += [_listed(one) for one in data if isinstance(one, dict) and isinstance(one.get("id"), str)]
            if page.get("has_more") is not True or not isinstance(last, str) or query.get("after_id") == last:
                return listed
            query["after_id"] = last

    async def close(self) -> None:
        """Close all connections."""
        http, self._http = self._http, None
        if http is not None:
            await http.close()

    def _connect(self) -> Transport:
        if self._http is None:
            self._http = Transport(self._service, self._headers, self._env)
        return self._http

    # What is asked

    def _place(self, request: ModelRequest) -> tuple[str, str, str]:
        return self._service.base_url, request.model, str(request.params.get("thinking"))

    def _mode(self, request: ModelRequest) -> Mode | None:
        if request.schema is None:
            return None
        if self._shapes.of(request.schema).start == "none":
            return "words"
        own = "tools" in request.params or "tool_choice" in request.params  # the model needs its freedom to use these
        return "offered" if own or self._place(request) in _UNFORCED else "forced"

    def _body(self, request: ModelRequest, mode: Mode | None) -> bytes:
        messages = request.messages
        if mode == "offered":
            messages = tuple(with_words(messages, _CALL_IT))
        elif mode == "words" and request.schema is not None:
            messages = tuple(with_words(messages, self._shapes.of(request.schema).instruction))
        elif mode is None and request.json:
            # A tool's input is an object, and any JSON may be meant here, a list above all.
            messages = tuple(with_words(messages, JSON_PLEASE))
        system = "\n\n".join(message["content"] for message in messages if message["role"] == "system")
        body: dict[str, Json] = {"model": request.model, "max_tokens": MAX_TOKENS}
        if system:
            body["system"] = system
        body["messages"] = [self._turn(request, message) for message in messages if message["role"] != "system"]
        body |= request.params
        body.pop("stream", None)  # the answer is the same, and only its whole can be kept
        if mode in ("forced", "offered"):
            tool = {"name": TOOL, "description": "Takes the whole answer.", "input_schema": request.schema}
            body["tools"] = [*request.params.get("tools", ()), tool]
            if mode == "forced":
                body["tool_choice"] = {"type": "tool", "name": TOOL, "disable_parallel_tool_use": True}
            elif "tools" not in request.params:
                body.setdefault("tool_choice", {"type": "auto", "disable_parallel_tool_use": True})
        return encode(self._service, body)

    def _turn(self, request: ModelRequest, message: Message) -> Json:
        """A turn as the API takes it: pictures first, since models look at them better that way."""
        if not message.get("images"):
            return {"role": message["role"], "content": message["content"]}
        pictures = [self._picture(request, digest) for digest in message["images"]]
        return {"role": message["role"], "content": [*pictures, {"type": "text", "text": message["content"]}]}

    def _picture(self, request: ModelRequest, digest: str) -> Json:
        given = request.attached[digest]
        if given.media_type not in _SEEN:
            raise ProviderError(
                "picture-unsupported",
                f"{self._service.name} takes no picture like {given.name}, which is {given.media_type or 'of an unknown kind'}",
                hint="Use a PNG, JPEG, GIF or WebP file.",
            )
        data = base64.b64encode(given.data).decode()
        return {"type": "image", "source": {"type": "base64", "media_type": given.media_type, "data": data}}

    # What is answered

    def _decode(self, body: bytes) -> dict[str, Json]:
        try:
            found = orjson.loads(body)
        except orjson.JSONDecodeError:
            raise not_json(self._service, body) from None
        if not isinstance(found, dict):
            raise misses(self._service, "an object")
        return found

    def _read(self, request: ModelRequest, body: bytes) -> ModelReply:
        found = self._decode(body)
        content, reason, model = found.get("content"), found.get("stop_reason"), request.model
        if not isinstance(content, list):
            raise misses(self._service, "content")
        blocks = [block for block in content if isinstance(block, dict)]
        text = "".join(block["text"] for block in blocks if block.get("type") == "text" and isinstance(block.get("text"), str))
        called = next(
            (block.get("input") for block in blocks if (block.get("type"), block.get("name")) == ("tool_use", TOOL)), None
        )
        if request.schema is not None and isinstance(called, dict):
            text = orjson.dumps(called).decode()
        elif reason in ("tool_use", "pause_turn"):
            raise ProviderError(
                "answer-unfinished",
                f"{model} stopped in the middle of its answer to have a tool run ({reason})",
                hint="Leave `tools` out of the model's parameters: a model is asked once, and no tools are run.",
                status=200,
            )
        if reason == "refusal":
            raise declined(self._service, model, _why(found.get("stop_details")))
        if reason == "max_tokens":
            raise cut_off(model, text, "`max_tokens`")
        if reason == "model_context_window_exceeded":
            raise ProviderError(
                "context-exceeded",
                f"what {model} was given to read and what it wrote are more than it can hold at once",
                hint="Give it less to read, ask for less, or take a model with a larger context window.",
                status=200,
            )
        if not text.strip():
            raise empty(model)
        name = found.get("model")
        return ModelReply(text=text, usage=_usage(found.get("usage")), model=name if isinstance(name, str) else None)


def _why(details: Json) -> str:
    """Why the service stopped an answer: its explanation, else the category, such as `bio`."""
    parts = [details.get(name) for name in ("explanation", "category")] if isinstance(details, dict) else []
    return next((part for part in parts if isinstance(part, str) and part), "no reason was given")


def _usage(found: Json) -> Usage:
    """Tokens as the price list counts them: what was read from or written to the cache is input too."""
    if not isinstance(found, dict):
        return Usage()

    def tokens(*names: str) -> int | None:
        counts = [found[name] for name in names if type(found.get(name)) is int and found[name] >= 0]
        return sum(counts) if counts else None

    read = tokens("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
    return Usage(read, tokens("output_tokens"))


def _listed(found: dict[str, Json]) -> Listed:
    note = str(found.get("display_name") or "")
    if found.get("lifecycle") == "deprecated":
        until = found.get("retires_at")
        note += f", deprecated, retires {until[:10]}" if isinstance(until, str) else ", deprecated"
    return Listed(found["id"], frozenset({"text"}), note)
