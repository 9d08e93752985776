"""A loopback service that speaks Replicate's HTTP API as its public reference gives it: predictions that start, poll and end.

with ReplicateService(answer=lambda asked: ["Hel", "lo"]) as service:
    env = {"REPLICATE_BASE_URL": service.url, "REPLICATE_API_TOKEN": service.key}
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.services.samples import png
from tests.services.web import Asked, Refuse, Reply, Service, main

KEY = "r8_loopback0123456789abcdef"


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


class Fails(Exception):
    """Raised by `answer`: the prediction ends as failed, or as the status given, with this error."""

    def __init__(self, message: str | None, status: str = "failed") -> None:
        super().__init__(message)
        self.message = message
        self.status = status


def problem(status: int, title: str, detail: str, **more: Any) -> Refuse:
    """The documented error body."""
    return Refuse(Reply(json.dumps({"title": title, "detail": detail, "status": status, **more}).encode(), status))


class ReplicateService(Service):
    """answer: `{"model", "version", "input"}` -> the output, or None for the default; may raise `Fails` or `Refuse`.

    steps: statuses seen before the end. models: those that exist; None means all. A model whose name holds `image` or `flux`
    makes pictures, others text in pieces.
    """

    def __init__(
        self,
        answer: Callable[[dict[str, Any]], Any] | None = None,
        *,
        key: str = KEY,
        steps: tuple[str, ...] = ("starting", "processing"),
        models: frozenset[str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(**more)
        self.answer = answer
        self.key = key
        self.steps = steps
        self.models = models
        self.predictions: dict[str, Kept] = {}
        self._files: dict[str, bytes] = {}

    def handle(self, asked: Asked) -> Reply:
        parts = asked.path.strip("/").split("/")
        if asked.method == "GET" and parts[0] == "files":
            data = self._files.get(asked.path)
            return Reply(data, media="image/png") if data else Reply(b"gone", 404, "text/plain")
        given = asked.headers.get("authorization", "")
        if not given:
            raise problem(401, "Unauthenticated", "You did not pass an authentication token")
        if given != f"Bearer {self.key}":
            raise problem(401, "Unauthenticated", f"You did not pass a valid authentication token: {given}")
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
        raise problem(404, "Not found", "The requested resource could not be found.")

    def _create(self, model: str | None, version: str | None, asked: Asked) -> Reply:
        body = asked.json
        if not isinstance(body, dict) or not isinstance(body.get("input"), dict):
            raise problem(422, "Input validation failed", "- input is required", invalid_fields=["input"])
        unknown = set(body) - {"input", "version", "stream", "webhook", "webhook_events_filter"}
        if unknown:
            raise problem(422, "Input validation failed", f"- {min(unknown)}: Additional property is not allowed")
        if not isinstance(body["input"].get("prompt"), str):
            raise problem(422, "Input validation failed", "- input.prompt: prompt is required", invalid_fields=["input.prompt"])
        if self.models is not None and (model or version) not in self.models:
            if version:
                text = "The specified version does not exist (or perhaps you don't have permission to use it?)"
                raise problem(422, "Invalid version or not permitted", text)
            raise problem(404, "Not found", "The requested resource could not be found.")
        number = len(self.predictions)
        name = model or f"someone/version-{version}"
        end = self._end({"model": name, "version": version, "input": body["input"]})
        kept = Kept(f"p{number:04d}", name, version or "hidden", body["input"], list(self.steps), end)
        self.predictions[kept.id] = kept
        return Reply(self._shown(kept), 201)

    def _end(self, asked: dict[str, Any]) -> dict[str, Any]:
        try:
            found = self.answer(asked) if self.answer else None
        except Fails as failure:
            return {"status": failure.status, "error": failure.message}
        prompt = asked["input"]["prompt"]
        metrics: dict[str, Any] = {"predict_time": 0.5}
        if found is None and ("image" in asked["model"] or "flux" in asked["model"]):
            path = f"/files/{len(self._files)}.png"
            self._files[path] = png(f"{asked['model']} {prompt}")
            found = [f"http://127.0.0.1:{self.port}{path}?token=signed-secret-value"]
        elif found is None:
            found = ["An answer", " to: ", prompt[:200]]
            metrics |= {"input_token_count": len(prompt) // 4, "output_token_count": 12}
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
            "urls": {"get": place, "cancel": f"{place}/cancel"},
            **{name: value for name, value in kept.over.items() if name != "status"},
        }
        return json.dumps(whole).encode()

    def rate_limited(self, after: str) -> Reply:
        reply = problem(429, "Too many requests", "Request was throttled. Expected available in 1 second.").reply
        reply.headers["retry-after"] = after
        return reply

    def failed(self) -> Reply:
        return problem(500, "Internal server error", "Something went wrong on our side.").reply


if __name__ == "__main__":
    main(ReplicateService)
