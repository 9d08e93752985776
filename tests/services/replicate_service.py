"""A loopback service that speaks Replicate's HTTP API as its public reference gives it: models that describe themselves,
uploaded files, and predictions that start, poll and end.

with ReplicateService(answer=lambda asked: ["Hel", "lo"]) as service:
    env = {"REPLICATE_BASE_URL": service.url, "REPLICATE_API_TOKEN": service.key}
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from email import message_from_bytes
from hashlib import sha256
from typing import Any

from jsonschema import Draft202012Validator

from tests.services.samples import png
from tests.services.web import Asked, Refuse, Reply, Service, main

KEY = "r8_loopback0123456789abcdef"
INLINE = 256 * 1024
"""Bytes that a file may have inside a request; the reference wants larger ones as addresses."""


@dataclass(slots=True)
class Kept:
    """One prediction. steps: statuses that polls still see before the end."""

    id: str
    model: str
    version: str
    input: dict[str, Any]
    steps: list[str]
    end: dict[str, Any]
    status: str = "starting"
    polls: int = 0
    over: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Made:
    """An output with metrics."""

    output: Any
    metrics: dict[str, Any]


class Fails(Exception):
    """Raised by `answer`: the prediction ends as failed, or as the status given, with this error."""

    def __init__(self, message: str | None, status: str = "failed") -> None:
        super().__init__(message)
        self.message = message
        self.status = status


def document(
    properties: dict[str, Any], required: Sequence[str] = (), output: dict[str, Any] | None = None, **schemas: Any
) -> dict[str, Any]:
    """The OpenAPI document of a model, as Cog writes it: parameters in their order, choices as references."""
    ordered = {name: {"x-order": place, "title": name.title(), **one} for place, (name, one) in enumerate(properties.items())}
    declared = {"type": "object", "title": "Input", "properties": ordered, **({"required": [*required]} if required else {})}
    made = output or {"type": "string", "format": "uri"}
    parts = {"Input": declared, "Output": {"title": "Output", **made}, **schemas}
    return {"openapi": "3.0.2", "info": {"title": "Cog", "version": "0.1.0"}, "paths": {}, "components": {"schemas": parts}}


def version_of(name: str) -> str:
    """The id of a model's latest version."""
    return sha256(name.encode()).hexdigest()


def problem(status: int, title: str, detail: str, **more: Any) -> Refuse:
    """The documented error body."""
    return Refuse(Reply(json.dumps({"title": title, "detail": detail, "status": status, **more}).encode(), status))


class ReplicateService(Service):
    """answer: `{"model", "version", "input"}` -> the output, or `Made`, or None for the default; may raise `Fails` or `Refuse`.

    steps: statuses seen before the end. models: those that exist; None means all. schemas: the documents that models publish,
    by `owner/name` for the latest version, or `owner/name:version`. versioned: models that run by their version only. official:
    the collection of that name, with the example output of each. A model whose name holds `image` or `flux` makes pictures,
    others text in pieces.
    """

    def __init__(
        self,
        answer: Callable[[dict[str, Any]], Any] | None = None,
        *,
        key: str = KEY,
        steps: tuple[str, ...] = ("starting", "processing"),
        models: frozenset[str] | None = None,
        schemas: Mapping[str, Any] | None = None,
        versioned: frozenset[str] = frozenset(),
        official: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(**more)
        self.answer = answer
        self.key = key
        self.steps = steps
        self.models = models
        self.schemas = dict(schemas or {})
        self.versioned = versioned
        self.official = dict(official or {})
        self.predictions: dict[str, Kept] = {}
        self.uploads: dict[str, tuple[str, str, bytes]] = {}
        self._files: dict[str, bytes] = {}

    @property
    def posts(self) -> list[Asked]:
        """Everything that could cost something, or change something."""
        return [asked for asked in self.asked if asked.method == "POST"]

    @property
    def read(self) -> list[str]:
        """The models and versions that were asked after."""
        return [asked.path for asked in self.asked if asked.method == "GET" and asked.path.startswith("/v1/models/")]

    def host(self, name: str, data: bytes) -> str:
        """The address of a file that a prediction made."""
        path = f"/files/{len(self._files)}/{name}"
        self._files[path] = data
        return f"http://127.0.0.1:{self.port}{path}?token=signed-secret-value"

    def handle(self, asked: Asked) -> Reply:
        parts = asked.path.strip("/").split("/")
        if asked.method == "GET" and parts[0] == "files":
            data = self._files.get(asked.path)
            return Reply(data, media="application/octet-stream") if data else Reply(b"gone", 404, "text/plain")
        given = asked.headers.get("authorization", "")
        if not given:
            raise problem(401, "Unauthenticated", "You did not pass an authentication token")
        if given != f"Bearer {self.key}":
            raise problem(401, "Unauthenticated", f"You did not pass a valid authentication token: {given}")
        if asked.method == "GET" and parts[:2] == ["v1", "models"] and len(parts) == 4:
            return Reply(json.dumps(self._model(f"{parts[2]}/{parts[3]}")).encode())
        if asked.method == "GET" and parts[:2] == ["v1", "models"] and parts[4:5] == ["versions"] and len(parts) == 6:
            return Reply(json.dumps(self._version(f"{parts[2]}/{parts[3]}", parts[5])).encode())
        if asked.method == "GET" and parts == ["v1", "collections", "official"]:
            whole = {"name": "Official", "slug": "official", "description": "Always on.", "full_description": None}
            return Reply(json.dumps({**whole, "models": [self._model(name) for name in self.official]}).encode())
        if asked.method == "POST" and parts == ["v1", "files"]:
            return self._upload(asked)
        if asked.method == "GET" and parts[:2] == ["v1", "files"] and len(parts) == 3 and parts[2] in self.uploads:
            return Reply(self._uploaded(parts[2]))
        if asked.method == "POST" and parts[:2] == ["v1", "models"] and parts[4:] == ["predictions"]:
            return self._create(f"{parts[2]}/{parts[3]}", None, asked)
        if asked.method == "POST" and parts == ["v1", "predictions"]:
            version = asked.json.get("version") if isinstance(asked.json, dict) else None
            if not isinstance(version, str):
                raise problem(422, "Input validation failed", "- version is required", invalid_fields=["version"])
            return self._create(None, version, asked)
        if parts[:2] == ["v1", "predictions"] and len(parts) > 2 and parts[2] in self.predictions:
            kept = self.predictions[parts[2]]
            if asked.method == "GET" and len(parts) == 3:
                return self._poll(kept)
            if asked.method == "POST" and parts[3:] == ["cancel"]:
                if not kept.over:
                    kept.status, kept.over = "canceled", {"error": None}
                return Reply(self._shown(kept))
        raise _unknown()

    # Models

    def _model(self, name: str) -> dict[str, Any]:
        if self.models is not None and name not in self.models:
            raise _unknown()
        owner, _, short = name.partition("/")
        latest, example = version_of(name), None
        if name in self.official:
            kept = Kept("e0000", name, latest, {}, [], {}, "succeeded", over={"output": self.official[name]})
            example = json.loads(self._shown(kept))
        return {
            "url": f"https://replicate.com/{name}",
            "owner": owner,
            "name": short,
            "description": f"A model called {short}",
            "visibility": "public",
            "is_official": name not in self.versioned,
            "github_url": None,
            "paper_url": None,
            "license_url": None,
            "run_count": 7,
            "cover_image_url": None,
            "default_example": example,
            "latest_version": self._version(name, latest) if name in self.schemas else None,
        }

    def _version(self, name: str, version: str) -> dict[str, Any]:
        written = f"{name}:{version}"
        if self.models is not None and name not in self.models and written not in self.models:
            raise _unknown()
        found = self.schemas.get(written, self.schemas.get(name) if version == version_of(name) else None)
        return {
            "id": version,
            "created_at": "2026-10-01T08:00:00.000000Z",
            "cog_version": "0.16.9" if found is not None else None,
            "openapi_schema": found,
        }

    # Files

    def _upload(self, asked: Asked) -> Reply:
        head = f"content-type: {asked.headers.get('content-type', '')}\r\n\r\n".encode()
        form = message_from_bytes(head + asked.body)
        parts = form.get_payload() if form.is_multipart() else []
        content = next((part for part in parts if part.get_param("name", header="content-disposition") == "content"), None)
        if content is None:
            raise problem(400, "Bad request", "Missing content")
        known, data = f"f{len(self.uploads):04d}", content.get_payload(decode=True)
        self.uploads[known] = (content.get_filename() or "", content.get_content_type(), data)
        return Reply(self._uploaded(known), 201)

    def _uploaded(self, known: str) -> bytes:
        name, media, data = self.uploads[known]
        whole = {
            "id": known,
            "name": name,
            "content_type": media,
            "size": len(data),
            "etag": known,
            "checksums": {"sha256": sha256(data).hexdigest()},
            "metadata": {},
            "created_at": "2026-11-21T10:00:00.000Z",
            "expires_at": "2026-11-21T11:00:00.000Z",
            "urls": {"get": f"{self.url}/v1/files/{known}"},
        }
        return json.dumps(whole).encode()

    # Predictions

    def _create(self, model: str | None, version: str | None, asked: Asked) -> Reply:
        body = asked.json
        if not isinstance(body, dict) or not isinstance(body.get("input"), dict):
            raise problem(422, "Input validation failed", "- input is required", invalid_fields=["input"])
        unknown = set(body) - {"input", "version", "stream", "webhook", "webhook_events_filter"}
        if unknown:
            raise problem(422, "Input validation failed", f"- {min(unknown)}: Additional property is not allowed")
        if model in self.versioned:
            raise _unknown()
        if self.models is not None and (model or version) not in self.models:
            if version:
                text = "The specified version does not exist (or perhaps you don't have permission to use it?)"
                raise problem(422, "Invalid version or not permitted", text)
            raise _unknown()
        self._check_input(model, version, body["input"])
        number = len(self.predictions)
        name = model or f"someone/version-{version}"
        end = self._end({"model": name, "version": version, "input": body["input"]})
        kept = Kept(f"p{number:04d}", name, version or "hidden", body["input"], list(self.steps), end)
        self.predictions[kept.id] = kept
        return Reply(self._shown(kept), 201)

    def _check_input(self, model: str | None, version: str | None, given: dict[str, Any]) -> None:
        for value in [one for part in given.values() for one in (part if isinstance(part, list) else [part])]:
            inside = value.partition(";base64,")[2] if isinstance(value, str) and value.startswith("data:") else ""
            if len(base64.b64decode(inside, validate=True)) > INLINE:
                raise problem(413, "Too large", "Use an HTTP URL for files of more than 256 kB.")
        found = self.schemas.get(model or next((name for name in self.schemas if name.endswith(f":{version}")), ""))
        if found is None:
            if not isinstance(given.get("prompt"), str):
                text = "- input.prompt: prompt is required"
                raise problem(422, "Input validation failed", text, invalid_fields=["input.prompt"])
            return
        schemas = found["components"]["schemas"]
        nullable = [name for name, one in schemas["Input"]["properties"].items() if one.get("nullable")]
        plain = {name: value for name, value in given.items() if value is not None or name not in nullable}
        closed = {**schemas["Input"], "additionalProperties": False, "components": {"schemas": schemas}}
        for error in Draft202012Validator(closed).iter_errors(plain):
            place = ".".join(["input", *map(str, error.path)])
            raise problem(422, "Input validation failed", f"- {place}: {error.message}", invalid_fields=[place])

    def _end(self, asked: dict[str, Any]) -> dict[str, Any]:
        try:
            found = self.answer(asked) if self.answer else None
        except Fails as failure:
            return {"status": failure.status, "error": failure.message}
        prompt = str(asked["input"].get("prompt", asked["input"]))
        metrics: dict[str, Any] = {"predict_time": 0.5}
        if found is None and ("image" in asked["model"] or "flux" in asked["model"]):
            found = [self.host("out-0.png", png(f"{asked['model']} {prompt}"))]
        elif found is None:
            found = ["An answer", " to: ", prompt[:200]]
            metrics |= {"input_token_count": len(prompt) // 4, "output_token_count": 12}
        if isinstance(found, Made):
            found, metrics = found.output, metrics | found.metrics
        return {"status": "succeeded", "output": found, "metrics": metrics}

    def _poll(self, kept: Kept) -> Reply:
        kept.polls += 1
        if not kept.over:
            if kept.steps:
                kept.status = kept.steps.pop(0)
            else:
                kept.over = kept.end
                kept.status = kept.end["status"]
        return Reply(self._shown(kept))

    def _shown(self, kept: Kept) -> bytes:
        place = f"{self.url}/v1/predictions/{kept.id}"
        whole = {
            "id": kept.id,
            "model": kept.model,
            "version": kept.version,
            "input": kept.input,
            "logs": "",
            "output": None,
            "error": None,
            "status": kept.status,
            "created_at": "2026-11-21T10:00:00.000Z",
            "started_at": None,
            "completed_at": None,
            "data_removed": False,
            "metrics": {},
            "urls": {"web": f"https://replicate.com/p/{kept.id}", "get": place, "cancel": f"{place}/cancel"},
            **{name: value for name, value in kept.over.items() if name != "status"},
        }
        return json.dumps(whole).encode()

    def rate_limited(self, after: str) -> Reply:
        reply = problem(429, "Too many requests", "Request was throttled. Expected available in 1 second.").reply
        reply.headers["retry-after"] = after
        return reply

    def failed(self) -> Reply:
        return problem(500, "Internal server error", "Something went wrong on our side.").reply


def _unknown() -> Refuse:
    return problem(404, "Not found", "The requested resource could not be found.")


if __name__ == "__main__":
    main(ReplicateService)
