"""`--record FILE`: every request and its answer, one JSON line each, so that `--replay FILE` can give them again.

    {"schemaVersion": 1, "key": "sha256:…",
     "request": {"provider", "baseUrl", "medium", "model", "params", "messages", "schema", "json", "logprobs", "node", "path"},
     "reply": {"text"}, {"files": [{"file" | "url", "mediaType"}]} or {"vector"}, and "tokens": [[token, logprob], …],
              "confidence", "usage", "usd", "model" where there are any}

Files lie beside it in `<file>.assets/`, named by their content; pictures that a message shows are named by their digests, and
not kept. Secrets are masked in every text. A key that came later is left out where it says nothing: readers of version 1 ignore
what they do not know.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson

from genarun.errors import ProviderError, SetupError
from genarun.providers.base import File, Json, ModelReply, ModelRequest, Provider
from genarun.providers.download import fetch
from genarun.providers.key import request_key
from genarun.providers.media import EXTENSIONS, sniff

SCHEMA_VERSION = 1

USAGE = {
    "inputTokens": "input_tokens",
    "outputTokens": "output_tokens",
    "images": "images",
    "seconds": "seconds",
    "characters": "characters",
}
"""Names of what a call used, as a line has them, with those of `Usage`."""


class Recorder:
    """A provider that asks another one and writes down what was said."""

    def __init__(
        self,
        inner: Provider,
        file: Path,
        mask: Callable[[str], str],
        *,
        holds_secret: Callable[[bytes], bool] | None = None,
        max_bytes: int = 20_000_000,
        allow_private: bool = False,
    ) -> None:
        """mask: a text without its secrets. holds_secret: whether a file holds one; its answer is not recorded.
        max_bytes, allow_private: for files that come as an address.

        Raises SetupError (`recording-unwritable`) where the file cannot be opened for writing.
        """
        self.inner = inner
        self.file = file
        self._mask = mask
        self._holds_secret = holds_secret or (lambda _: False)
        self._max_bytes = max_bytes
        self._allow_private = allow_private
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._handle = os.open(file, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
            _drop_torn_end(self._handle)
        except OSError as error:
            raise SetupError(
                "recording-unwritable",
                f"{file} cannot be written: {error.strerror}",
                hint="Name another file with --record.",
            ) from error

    def identity(self, request: ModelRequest) -> dict[str, Json]:
        """What the provider that is asked says."""
        return self.inner.identity(request)

    async def open(self) -> None:
        """Make the provider that is asked ready."""
        await self.inner.open()

    async def call(self, request: ModelRequest) -> ModelReply:
        """Ask, and write it down. A file that came as an address is downloaded first: addresses expire."""
        reply = await self.inner.call(request)
        if any(file.data is None for file in reply.files):
            files = tuple([await self._whole(file) for file in reply.files])
            reply = replace(reply, files=files)
        try:
            self._write(request, reply)
        except OSError as error:
            raise ProviderError(
                "recording-stopped",
                f"the recording {self.file} cannot be continued: {error.strerror}",
                hint="Make room, or run without --record.",
                fatal=True,
            ) from error
        return reply

    async def close(self) -> None:
        """Close the file and the provider that was asked."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1
        await self.inner.close()

    async def _whole(self, file: File) -> File:
        if file.data is not None or file.url is None:
            return file
        try:
            return await fetch(
                file.url,
                max_bytes=self._max_bytes,
                timeout=60.0,
                allow_private=self._allow_private,
                media=tuple(sorted({kind.partition("/")[0] for kind in EXTENSIONS})),
            )
        except ProviderError:
            return file  # whoever asked tries again with its own limits, and says what is wrong

    def _write(self, request: ModelRequest, reply: ModelReply) -> None:
        asked: dict[str, Any] = {
            **self.inner.identity(request),
            "medium": request.medium,
            "model": request.model,
            "params": request.params,
            "messages": request.messages,
        }
        if request.schema is not None:
            asked["schema"] = request.schema
        if request.json:
            asked["json"] = True
        if request.logprobs:
            asked["logprobs"] = True
        asked |= {"node": request.node, "path": request.path}
        if any(file.data is not None and self._holds_secret(file.data) for file in reply.files):
            return  # a file cannot be masked; the engine refuses it, and says so
        said: dict[str, Any] = {} if reply.text is None else {"text": reply.text}
        if reply.files or (reply.text is None and reply.vector is None):
            said["files"] = [self._keep(file) for file in reply.files]
        usage = {name: count for name, field in USAGE.items() if (count := getattr(reply.usage, field)) is not None}
        if usage:
            said["usage"] = usage
        if reply.usd is not None:
            said["usd"] = format(reply.usd, "f")
        if reply.model is not None:
            said["model"] = reply.model
        said = masked(said, self._mask)
        if reply.vector is not None:
            said["vector"] = reply.vector
        if reply.tokens:
            said["tokens"] = self._tokens(reply.tokens)
        if reply.confidence is not None:
            said["confidence"] = reply.confidence
        line = {"schemaVersion": SCHEMA_VERSION, "key": request_key(self.inner, request)}
        data = _line({**line, "request": masked(asked, self._mask), "reply": said})
        before = os.fstat(self._handle).st_size
        written = os.write(self._handle, data)
        if written < len(data):  # the disk is full: a torn line must not be followed by another
            os.ftruncate(self._handle, before)
            raise OSError(28, "No space left on device")

    def _tokens(self, tokens: tuple[tuple[str, float], ...]) -> Json:
        """Tokens with their log-probabilities. Where they hold a secret together, one token in their place that does not."""
        whole = "".join(token for token, _ in tokens)
        if self._mask(whole) != whole:
            return [[masked(whole, self._mask), sum(logprob for _, logprob in tokens)]]
        return [[masked(token, self._mask), logprob] for token, logprob in tokens]

    def _keep(self, file: File) -> dict[str, Json]:
        if file.data is None:
            return {"url": file.url, "mediaType": file.media_type}
        kind = file.media_type or sniff(file.data)
        name = f"{sha256(file.data).hexdigest()}.{EXTENSIONS.get(kind or '', 'bin')}"
        folder = self.file.with_name(f"{self.file.name}.assets")
        folder.mkdir(exist_ok=True)
        if not (folder / name).exists():
            beside = folder / f".tmp-{os.getpid()}-{name}"
            beside.write_bytes(file.data)
            beside.replace(folder / name)
        return {"file": name, "mediaType": file.media_type}


def masked(value: Json, mask: Callable[[str], str]) -> Json:
    """A value as a line has it: every text masked, tuples as lists, and what JSON cannot say as what it becomes."""
    if isinstance(value, str):
        # A lone surrogate cannot be written as JSON text; its place is kept.
        return mask(value).encode("utf-8", "replace").decode()
    if isinstance(value, (list, tuple)):
        return [masked(item, mask) for item in value]
    if hasattr(value, "items"):
        return {masked(str(name), mask): masked(item, mask) for name, item in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        return None  # what orjson makes of it on its way to a service
    if isinstance(value, (int, float)) and not isinstance(value, bool) and mask(str(value)) != str(value):
        return mask(str(value))
    return value


def _line(content: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(content, option=orjson.OPT_APPEND_NEWLINE)
    except TypeError:  # an integer beyond 64 bits
        return json.dumps(content, separators=(",", ":")).encode() + b"\n"


def _drop_torn_end(handle: int) -> None:
    """Cut a file back to its last whole line: a process that was killed while it wrote leaves half a line."""
    size = end = os.fstat(handle).st_size
    while end:
        start = max(0, end - 65536)
        found = os.pread(handle, end - start, start).rfind(b"\n")
        if found >= 0:
            end = start + found + 1
            break
        end = start
    if end != size:
        os.ftruncate(handle, end)
