"""Chat completions: texts, JSON by the ladder of `structured.py`, pictures that are looked at, log-probabilities of tokens."""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping

import orjson

from genarun.errors import ProviderError
from genarun.providers.base import Attachment, Json, Message, ModelReply, ModelRequest, ProviderInfo
from genarun.providers.checks import encode
from genarun.providers.faults import Said, Service, cut_off, declined, empty, misses, read_said, refused
from genarun.providers.openai.answers import dollars, name, usage
from genarun.providers.openai.dialect import Dialect
from genarun.providers.openai.link import Link, decode
from genarun.providers.structured import JSON_PLEASE, LADDER, Mode, Shapes, lower, with_words

# What services were found to support, for as long as the process lives: by base URL and model.
_SUPPORTED: dict[tuple[str, str], Mode] = {}
_NO_LOGPROBS: set[tuple[str, str]] = set()

_ABOUT_REQUEST = (400, 403, 404, 415, 422, 501)
"""Statuses that can mean that one field of the request is not supported."""
_FORMAT_WORDS = (
    *("response_format", "json_schema", "json_object", "structured output", "json mode", "guided_json"),
    *("response_schema", "responseschema", "response_json_schema"),
)
_BEGIN: Mapping[str, Mode] = {"schema": "strict", "json": "json", "none": "none"}


class Chat:
    """Conversations with one service."""

    def __init__(self, service: Service, info: ProviderInfo, dialect: Dialect, forced: Mode | None) -> None:
        """forced: the way to ask for shapes that the tree's settings name; None goes by what the service takes."""
        self._service = service
        self._most = _BEGIN[info.structured]
        self._logprobs = info.logprobs
        self._renames = dialect.renames
        self._priced = dialect.priced
        self._forced = forced
        self._shapes = Shapes()

    async def ask(self, link: Link, request: ModelRequest) -> ModelReply:
        """Ask once. What the service turns out not to know is left out and asked for again, which costs nothing."""
        mode = self._first_mode(request)
        odds = request.logprobs and self._logprobs and self._known(request) not in _NO_LOGPROBS
        while True:
            body = self._body(request, mode, odds)
            status, headers, answer = await link.http.send("POST", link.chat, body)
            if status == 200:
                return self._read(request, answer, odds)
            if status in _ABOUT_REQUEST:
                said = read_said(answer)
                if odds and _mentions(said, ("logprobs",)):
                    _NO_LOGPROBS.add(self._known(request))
                    odds = False
                    continue
                if "json_validate_failed" in said.code:
                    return self._unfit(request, answer)
                if mode is not None and (next_mode := self._step_down(request, mode, said)):
                    mode = next_mode
                    continue
            raise refused(self._service, request.model, status, headers, answer, str(link.chat))

    # How shapes are asked for

    def _first_mode(self, request: ModelRequest) -> Mode | None:
        if request.schema is None:
            if not request.json:
                return None
            return self._forced if self._forced == "none" else lower("json", self._supported(request))
        if self._forced in ("json", "none"):
            return self._forced
        mode = self._shapes.of(request.schema).start
        return mode if self._forced else lower(mode, self._supported(request))

    def _known(self, request: ModelRequest) -> tuple[str, str]:
        return self._service.base_url, request.model

    def _supported(self, request: ModelRequest) -> Mode:
        return _SUPPORTED.get(self._known(request), self._most)

    def _step_down(self, request: ModelRequest, mode: Mode, said: Said) -> Mode | None:
        """The next mode to try where the refusal is about `response_format`; remembered for the schema, or for the model."""
        if self._forced or mode == "none" or not _mentions(said, _FORMAT_WORDS):
            return None
        if request.schema is not None and "invalid schema" in said.message.lower():
            # Services know less of JSON Schema than they say: this schema, not the model, is what is refused.
            found = LADDER[LADDER.index(mode) + 1]
            self._shapes.of(request.schema).start = found
            return found
        if mode == "strict" and _mentions(said, ("strict",)):
            found = "schema"
        else:
            found = "json" if mode in ("strict", "schema") else "none"
        _SUPPORTED[self._known(request)] = lower(found, self._supported(request))
        return found

    def _unfit(self, request: ModelRequest, answer: bytes) -> ModelReply:
        """Groq judges JSON itself: an answer that misses the shape comes as an error, with the answer in it.

        It is given as it is, so that it is looked at and asked about like any other.
        """
        found = orjson.loads(answer)
        error = found.get("error") if isinstance(found, dict) else None
        text = _text(error.get("failed_generation")) if isinstance(error, dict) else None
        if text is None:
            raise ProviderError("answer-empty", f"{request.model} answered with nothing", status=400, retry=True)
        return ModelReply(text=text)

    # What is asked

    def _body(self, request: ModelRequest, mode: Mode | None, odds: bool) -> bytes:
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
        if request.attached:
            body["messages"] = [_with_pictures(message, request.attached) for message in body["messages"]]
        if odds:
            body["logprobs"] = True
        if self._renames:
            body = {self._renames.get(field, field): value for field, value in body.items()}
        return encode(self._service, body)

    # What is answered

    def _read(self, request: ModelRequest, body: bytes, odds: bool) -> ModelReply:
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
        return ModelReply(
            text=text,
            usage=usage(found.get("usage")),
            usd=dollars(found.get("usage")) if self._priced else None,
            model=name(found.get("model")),
            tokens=_tokens(choices[0].get("logprobs"), text) if odds else (),
        )


def _mentions(said: Said, wanted: tuple[str, ...]) -> bool:
    words = f"{said.message} {said.param} {said.code}".lower()
    return any(word in words for word in wanted)


def _with_pictures(message: Message, attached: Mapping[str, Attachment]) -> Message:
    """A turn that shows pictures, in parts: its text first, as the pictures' names are said there."""
    if not message.get("images"):
        return message
    parts: list[Json] = [{"type": "text", "text": message["content"]}]
    parts += [{"type": "image_url", "image_url": {"url": data_url(attached[digest])}} for digest in message["images"]]
    return {"role": message["role"], "content": parts}


def data_url(picture: Attachment) -> str:
    """A picture as an address that holds it."""
    return f"data:{picture.media_type or 'image/png'};base64,{base64.b64encode(picture.data).decode()}"


def _text(content: Json) -> str | None:
    if isinstance(content, str):
        return content if content.strip() else None
    if isinstance(content, list):  # some services answer in parts, as requests may be written
        parts = [part.get("text") for part in content if isinstance(part, dict)]
        return "".join(part for part in parts if isinstance(part, str)).strip() or None
    return None


def _tokens(found: Json, text: str) -> tuple[tuple[str, float], ...]:
    """The text's tokens; none where they are not the whole of it, as with one that is cut in the middle of a character."""
    listed = found.get("content") if isinstance(found, dict) else None
    tokens: list[tuple[str, float]] = []
    for one in listed if isinstance(listed, list) else ():
        token, odds = (one.get("token"), one.get("logprob")) if isinstance(one, dict) else (None, None)
        if not isinstance(token, str) or isinstance(odds, bool) or not isinstance(odds, (int, float)) or math.isnan(odds):
            return ()
        tokens.append((token, min(float(odds), 0.0)))
    return tuple(tokens) if "".join(token for token, _ in tokens) == text else ()
