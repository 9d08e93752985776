"""`--replay FILE`, and the provider `replay`: answers from a recording, without a key and without a network."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import orjson

from genarun.errors import ProviderError, SetupError, Where
from genarun.providers.base import File, Json, ModelReply, ModelRequest, Provider, Settings, Usage
from genarun.providers.faults import hide
from genarun.providers.key import digest, key_content, request_key
from genarun.providers.nearest import Requests, Told, differences
from genarun.providers.recording import SCHEMA_VERSION, USAGE, masked
from genarun.providers.registry import make_provider, provider_infos, secret_names

_ASSET = re.compile(r"[0-9a-f]{64}\.[a-z0-9]{1,5}")


class _Answers:
    """The recorded answers to equal requests, in the order in which they were recorded."""

    __slots__ = ("_asked", "_by_path", "_lines")

    def __init__(self) -> None:
        self._lines: list[tuple[int, dict[str, Any]]] = []
        self._by_path: dict[str, list[tuple[int, dict[str, Any]]]] = {}
        self._asked: Counter[str] = Counter()

    def add(self, number: int, path: str, reply: dict[str, Any]) -> None:
        self._lines.append((number, reply))
        self._by_path.setdefault(path, []).append((number, reply))

    def take(self, path: str) -> tuple[int, dict[str, Any]]:
        """The instance's own answers where it has any, so that the order in which calls end does not matter."""
        own = self._by_path.get(path)
        lines, counted = (own, path) if own else (self._lines, "")
        place = self._asked[counted]
        self._asked[counted] += 1
        return lines[min(place, len(lines) - 1)]


class Replay:
    """Stands in the place of the provider that was recorded, under that provider's identity, so that keys are the same."""

    def __init__(self, settings: Settings) -> None:
        """options: `file`: the recording, relative to the tree's folder or to where the command runs. `protocol`: name of the
        provider it stands for; without it requests are matched by what they ask, whoever was asked.

        Raises SetupError: `recording-unnamed`, `recording-unreadable`, `recording-broken`.
        """
        named = settings.options.get("file")
        if not isinstance(named, str) or not named:
            raise SetupError(
                "recording-unnamed",
                f"the provider {settings.name} replays a recording, and none is named",
                hint=f"Write `options: {{file: recording.jsonl}}` under `providers: {settings.name}:`.",
            )
        beside = settings.tree_folder / named if settings.tree_folder is not None else Path(named)
        self.file = beside if beside.exists() else Path(named)
        protocol = settings.options.get("protocol")
        self._inner: Provider | None = None
        if isinstance(protocol, str) and protocol in provider_infos():
            options = {name: value for name, value in settings.options.items() if name not in ("file", "protocol")}
            self._inner = make_provider(provider_infos()[protocol], replace(settings, options=options))
        self._keys: dict[str, _Answers] = {}
        self._contents: dict[str, _Answers] = {}
        self._requests = Requests()
        self._settings = settings
        self._unused: set[int] = set()
        self.notices: tuple[str, ...] = ()
        self._read()

    def identity(self, request: ModelRequest) -> dict[str, Json]:
        """What the provider that it stands for says; no network and no key are needed for that."""
        return self._inner.identity(request) if self._inner is not None else {"provider": "replay"}

    async def open(self) -> None:
        """The recording was read when this was made."""

    async def call(self, request: ModelRequest) -> ModelReply:
        """The recorded answer: by key, else (recorded against another address) by everything that was asked."""
        answers = self._keys.get(request_key(self, request))
        if answers is None:
            provider = self.identity(request)["provider"] if self._inner is not None else None
            answers = self._contents.get(_content_key(provider, request))
        if answers is None:
            raise self._missing(request)
        number, reply = answers.take(request.path)
        self._unused.discard(number)
        return self._reply(number, reply)

    async def close(self) -> None:
        """Free what the provider that it stands for may hold."""
        if self._inner is not None:
            await self._inner.close()

    def unused(self) -> tuple[int, ...]:
        """Numbers of the lines that nobody asked for, from 1: a recording that no test uses should go."""
        return tuple(sorted(self._unused))

    def _missing(self, request: ModelRequest) -> ProviderError:
        """The error for a request that was not recorded: which one is nearest, and what differs."""
        env = self._settings.env
        names = secret_names(provider_infos().values(), self._settings)
        secrets = tuple(value for name in sorted(names) if (value := env.get(name, "").strip()))

        def mask(text: str) -> str:
            return hide(text, secrets)

        asked = replace(
            request,
            params=masked(request.params, mask),
            messages=tuple(masked(request.messages, mask)),
            schema=masked(request.schema, mask),
        )
        told = Told(0, self.identity(request)["provider"] if self._inner is not None else None, asked)
        nearest = self._requests.nearest(told)
        if nearest is None:
            what = f"it holds none for the medium {request.medium}"
        else:
            by = f"asked by node {nearest.request.node} at {nearest.request.path}"
            what = f"nearest is line {nearest.number}, {by}: {differences(nearest, told)}"
        return ProviderError(
            "recording-missing",
            f"{self.file} holds no answer for what node {request.node} asks at {request.path}; {what}",
            hint=f"Record it with the real service: genarun run --record {self.file}",
        )

    def _read(self) -> None:
        try:
            data = self.file.read_bytes()
        except OSError as error:
            raise SetupError(
                "recording-unreadable",
                f"the recording {self.file} cannot be read: {error.strerror}",
                hint="Make one with the real service: genarun run --record FILE",
            ) from error
        *whole, torn = data.split(b"\n")
        if torn.strip():
            self.notices = (f"{self.file}: the last line is not whole and was left out.",)
        for number, line in enumerate(whole, 1):
            if line.strip():
                self._add(number, line)

    def _add(self, number: int, line: bytes) -> None:
        try:
            found = orjson.loads(line)
            request, reply = found["request"], found["reply"]
            fine = found["schemaVersion"] == SCHEMA_VERSION and isinstance(found["key"], str) and isinstance(request, dict)
            fine = fine and isinstance(reply, dict) and not {"text", "files", "vector"}.isdisjoint(reply)
            fine = fine and isinstance(request["params"], dict)
            path, provider = str(request.get("path", "")), request.get("provider")
            content = ModelRequest(
                request["medium"],
                request["model"],
                request["params"],
                tuple(request["messages"]),
                request.get("schema"),
                bool(request.get("json")),
                bool(request.get("logprobs")),
                node=str(request.get("node", "")),
                path=path,
            )
            keys = {_content_key(None, content), _content_key(provider, content)}
            self._requests.add(Told(number, provider, content))
        except (ValueError, KeyError, TypeError, AttributeError):
            fine = False
        if not fine:
            raise SetupError(
                "recording-broken",
                "this line is not one that --record writes",
                Where(str(self.file), number, 1, line[:120].decode("utf-8", "replace")),
                "Record again, or delete the line.",
            )
        self._unused.add(number)
        self._keys.setdefault(found["key"], _Answers()).add(number, path, reply)
        for key in keys:
            self._contents.setdefault(key, _Answers()).add(number, path, reply)

    def _reply(self, number: int, reply: Mapping[str, Any]) -> ModelReply:
        try:
            usage, vector, confidence = reply.get("usage"), reply.get("vector"), reply.get("confidence")
            text, model = reply.get("text"), reply.get("model")
            if not all(one is None or isinstance(one, str) for one in (text, model)):
                raise TypeError("a text of another type")
            counts = {field: _number(count) for name, field in USAGE.items() if (count := (usage or {}).get(name)) is not None}
            if any(type(count) is not int for field, count in counts.items() if field != "seconds"):
                raise TypeError("a count that is none")
            return ModelReply(
                text=text,
                files=tuple(self._file(one) for one in reply.get("files") or ()),
                vector=None if vector is None else tuple(float(_number(one)) for one in vector),
                usage=Usage(**counts),
                usd=Decimal(reply["usd"]) if reply.get("usd") is not None else None,
                model=model,
                tokens=tuple(_token(*one) for one in reply.get("tokens") or ()),
                confidence=None if confidence is None else float(_number(confidence)),
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError, InvalidOperation) as error:
            raise ProviderError(
                "recording-damaged",
                f"the answer in line {number} of {self.file} cannot be given: a file is missing, or it was edited",
                hint="Record again.",
            ) from error

    def _file(self, found: Mapping[str, Any]) -> File:
        name = found.get("file")
        if name is None:
            return File(url=str(found["url"]), media_type=found.get("mediaType"))
        if not _ASSET.fullmatch(name):  # a name that a person or a program put there must not lead elsewhere
            raise ValueError(name)
        data = (self.file.with_name(f"{self.file.name}.assets") / name).read_bytes()
        kind = found.get("mediaType")
        if not (kind is None or isinstance(kind, str)):
            raise TypeError("a media type of another type")
        return File(data=data, media_type=kind)


def _number(found: Json) -> Any:
    if isinstance(found, bool) or not isinstance(found, (int, float)):
        raise TypeError("no number")
    return found


def _token(text: str, logprob: float | None) -> tuple[str, float]:
    if not isinstance(text, str):
        raise TypeError("no token")
    return text, -math.inf if logprob is None else float(_number(logprob))  # JSON has no infinity


def _content_key(provider: str | None, request: ModelRequest) -> str:
    return digest(key_content({"provider": provider}, request))
