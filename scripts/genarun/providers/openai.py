"""OpenAI, and every service that speaks its protocol: chat completions and images.

The `openai` SDK says where calls go and what they carry (base URL, key, organisation, project, headers); the calls themselves
take our own transport, at a tenth of the processor time. A test holds the two to the same URL and headers.
docs/decisions/2026-11-21-transport.md has the numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
from yarl import URL

from genarun.errors import ProviderError, SetupError
from genarun.providers.base import File, Json, ModelReply, ModelRequest, Settings, Usage
from genarun.providers.catalog import OPENAI, address, key_variable
from genarun.providers.checks import check_address, encode, header_lines, picture_of
from genarun.providers.faults import Said, Service, cut_off, declined, empty, misses, not_json, read_said, refused
from genarun.providers.http import Transport
from genarun.providers.structured import JSON_PLEASE, LADDER, Mode, Shapes, lower, with_words

if TYPE_CHECKING:
    from openai import AsyncOpenAI

# What a service was found to support, by base URL and model, for as long as the process lives.
_SUPPORTED: dict[tuple[str, str], Mode] = {}

_FORMAT_WORDS = ("response_format", "json_schema", "json_object", "structured output", "json mode", "guided_json")


class OpenAI:
    """One connection to one service. Makes no request, and needs no key, before the first call."""

    def __init__(self, settings: Settings) -> None:
        """options: `structured`: `schema`, `json` or `none` forces how shapes are asked for."""
        base = address(OPENAI, settings) or ""
        check_address(settings.name, base)
        variable = key_variable(OPENAI, settings)
        key = settings.env.get(variable, "").strip() if variable else ""
        own = variable == OPENAI.key_env
        self._settings = settings
        self._key = key
        self._service = Service(settings.name, base, variable, OPENAI.key_url if own else None, (key,) if key else ())
        self._identity = {"provider": OPENAI.name, "baseUrl": base}
        forced = settings.options.get("structured")
        if forced not in (None, "schema", "json", "none"):
            raise SetupError(
                "structured-unknown",
                f"the option `structured` of {settings.name} is {forced!r}",
                hint="Write schema, json or none.",
            )
        self._forced: Mode | None = forced
        self._shapes = Shapes()
        self._http: Transport | None = None
        self._sdk: AsyncOpenAI | None = None
        self._chat_url = self._images_url = URL()

    def identity(self, request: ModelRequest) -> dict[str, Json]:
        """Provider and base URL: two names for one service share their answers."""
        return self._identity

    async def open(self) -> None:
        """Import the SDK and make the session."""
        if self._http is None:
            self._connect()

    async def call(self, request: ModelRequest) -> ModelReply:
        """Ask once. A service that turns out not to know `response_format` is asked again without it, which costs nothing."""
        http = self._http or self._connect()
        if request.medium == "image":
            return await self._pictures(http, request)
        mode = self._first_mode(request)
        while True:
            status, headers, body = await http.send("POST", self._chat_url, self._chat_body(request, mode))
            if status == 200:
                return self._read_chat(request, body)
            if status in (400, 404, 415, 422, 501) and mode is not None and (next_mode := self._step_down(request, mode, body)):
                mode = next_mode
                continue
            raise refused(self._service, request.model, status, headers, body, str(self._chat_url))

    async def close(self) -> None:
        """Close all connections."""
        http, sdk, self._http, self._sdk = self._http, self._sdk, None, None
        if http is not None:
            await http.close()
        if sdk is not None:
            await sdk.close()

    def _connect(self) -> Transport:
        # Without a pause inside: many first calls come at once, and all of them must find the same session.
        self._sdk, headers = sdk_client(self._settings, self._service.base_url, self._key)
        self._chat_url = URL(f"{self._sdk.base_url}chat/completions")
        self._images_url = URL(f"{self._sdk.base_url}images/generations")
        self._http = Transport(self._service, headers, self._settings.env)
        return self._http

    # Chat

    def _first_mode(self, request: ModelRequest) -> Mode | None:
        if request.schema is None:
            if not request.json:
                return None
            return self._forced if self._forced == "none" else lower("json", self._supported(request.model))
        if self._forced in ("json", "none"):
            return self._forced
        mode = self._shapes.of(request.schema).start
        return mode if self._forced else lower(mode, self._supported(request.model))

    def _supported(self, model: str) -> Mode:
        return _SUPPORTED.get((self._service.base_url, model), "strict")

    def _step_down(self, request: ModelRequest, mode: Mode, body: bytes) -> Mode | None:
        """The next mode to try where the refusal is about `response_format`; remembered for the schema, or for the model."""
        said = read_said(body)
        if self._forced or mode == "none" or not _about_format(said):
            return None
        if request.schema is not None and "invalid schema" in said.message.lower():
            # Services know less of JSON Schema than they say: this schema, not the model, is what is refused.
            found = LADDER[LADDER.index(mode) + 1]
            self._shapes.of(request.schema).start = found
            return found
        found = "json" if mode in ("strict", "schema") else "none"
        known = (self._service.base_url, request.model)
        _SUPPORTED[known] = lower(found, _SUPPORTED.get(known, "strict"))
        return found

    def _chat_body(self, request: ModelRequest, mode: Mode | None) -> bytes:
        body: dict[str, Json] = {"model": request.model, "messages": request.messages, **request.params}
        body.pop("stream", None)  # the answer is the same, and only its whole can be kept
        if mode is not None:
            if request.schema is not None:
                shape = self._shapes.of(request.schema)
                format_, words = shape.response_format(mode), shape.instruction
            else:
                format_, words = (orjson.Fragment(b'{"type":"json_object"}') if mode == "json" else None), JSON_PLEASE
            if format_ is not None:
                body["response_format"] = format_
            if mode in ("json", "none"):
                body["messages"] = with_words(request.messages, words)
        return encode(self._service, body)

    def _read_chat(self, request: ModelRequest, body: bytes) -> ModelReply:
        found = decode(self._service, body, request.model)
        choices = found.get("choices")
        if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
            raise misses(self._service, "choices")
        message = choices[0].get("message")
        if not isinstance(message, dict):
            raise misses(self._service, "a message")
        reason = choices[0].get("finish_reason")
        if refusal := message.get("refusal"):
            raise declined(self._service, request.model, str(refusal))
        if reason == "content_filter":
            raise ProviderError(
                "answer-filtered",
                f"the content filter of {self._service.name} stopped the answer of {request.model}",
                hint="Word the prompt differently.",
                status=200,
            )
        text = _text(message.get("content"))
        if reason == "length":
            raise cut_off(request.model, text or "", "`max_completion_tokens` (or `max_tokens`)")
        if not text:
            raise empty(request.model)
        return ModelReply(text=text, usage=_usage(found.get("usage")), model=_name(found.get("model")))

    # Pictures

    async def _pictures(self, http: Transport, request: ModelRequest) -> ModelReply:
        prompt = "\n\n".join(message["content"] for message in request.messages)
        body = encode(self._service, {"model": request.model, "prompt": prompt, **request.params})
        status, headers, answer = await http.send("POST", self._images_url, body)
        if status != 200:
            raise refused(self._service, request.model, status, headers, answer, str(self._images_url))
        found = decode(self._service, answer, request.model)
        pictures = found.get("data")
        if not isinstance(pictures, list) or not pictures:
            raise misses(self._service, "data")
        files = tuple(self._picture(one) for one in pictures)
        usage = _usage(found.get("usage"))
        return ModelReply(
            files=files,
            usage=Usage(usage.input_tokens, usage.output_tokens, len(files)),
            model=_name(found.get("model")),
        )

    def _picture(self, found: Json) -> File:
        if isinstance(found, dict) and isinstance(found.get("b64_json"), str):
            return picture_of(self._service, found["b64_json"])
        if isinstance(found, dict) and isinstance(found.get("url"), str):
            return File(url=found["url"])
        raise misses(self._service, "a picture")


def sdk_client(settings: Settings, base: str, key: str) -> tuple[AsyncOpenAI, dict[str, str]]:
    """The SDK's client, made from the given environment, and the headers that its calls would carry.

    Organisation, project and custom headers belong to OpenAI's account; a service that the tree itself names gets the key
    that the tree names for it and nothing else. Headers that describe the SDK's own transport are left out.
    """
    import httpx2  # as below
    import openai  # half a second to import, and only needed once a call is made

    env, own = settings.env, settings.base_url is None
    custom = header_lines(env.get("OPENAI_CUSTOM_HEADERS", "") if own else "")
    # Given as they are, and set again below: what is None here the SDK would look up in the process's environment.
    # Nothing is sent through the SDK's own transport; making a real one would read every certificate, a tenth of a second.
    unused = httpx2.AsyncClient(transport=httpx2.AsyncBaseTransport(), trust_env=False)
    client = openai.AsyncOpenAI(api_key=key or "none", base_url=base, max_retries=0, default_headers=custom, http_client=unused)
    client.organization = (env.get("OPENAI_ORG_ID") or None) if own else None
    client.project = (env.get("OPENAI_PROJECT_ID") or None) if own else None
    headers = {name.lower(): value for name, value in client.auth_headers.items() if key}
    for name, given in client.default_headers.items():
        if isinstance(given, str) and not name.lower().startswith("x-stainless-"):
            headers[name.lower()] = given
    if not own:
        headers = {name: headers[name] for name in ("accept", "content-type", "user-agent") if name in headers}
        headers |= {"authorization": f"Bearer {key}"} if key else {}
    return client, headers


def decode(service: Service, body: bytes, model: str) -> dict[str, Json]:
    """The JSON object of a 200. Some gateways put errors there too, with the status inside."""
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise not_json(service, body) from None
    if not isinstance(found, dict):
        raise misses(service, "an object")
    error = found.get("error")
    if error and not found.get("choices") and not found.get("data"):
        code = error.get("code") if isinstance(error, dict) else None
        status = code if isinstance(code, int) and 400 <= code < 600 else 502
        raise refused(service, model, status, {}, body)
    return found


def _about_format(said: Said) -> bool:
    words = f"{said.message} {said.param} {said.code}".lower()
    return any(word in words for word in _FORMAT_WORDS)


def _text(content: Json) -> str | None:
    if isinstance(content, str):
        return content if content.strip() else None
    if isinstance(content, list):  # some services answer in parts, as requests may be written
        parts = [part.get("text") for part in content if isinstance(part, dict)]
        return "".join(part for part in parts if isinstance(part, str)).strip() or None
    return None


def _usage(found: Json) -> Usage:
    if not isinstance(found, dict):
        return Usage()
    return Usage(
        _count(found.get("prompt_tokens", found.get("input_tokens"))),
        _count(found.get("completion_tokens", found.get("output_tokens"))),
    )


def _count(found: Json) -> int | None:
    return found if type(found) is int and found >= 0 else None


def _name(found: Json) -> str | None:
    return found if isinstance(found, str) and found else None
