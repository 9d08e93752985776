"""The work that is measured: the 3N+1 tree, and the same questions for loops that know no tree."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

AT_ONCE = 64
LATENCY = 0.05  # seconds
MODEL = "bench-1"

PLACES = "Name {count} places."
VISIT = "Describe a visit to {place}, with a title and a summary."
MORNING = "Write the morning of the visit '{title}' to {place}. It goes like this: {summary}"
EVENING = "Write the evening of the visit '{title}' to {place}. It goes like this: {summary}"

PLACES_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"data": {"type": "array", "items": {"type": "string"}}},
    "required": ["data"],
    "additionalProperties": False,
}
VISIT_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"title": {"type": "string"}, "summary": {"type": "string"}},
    "required": ["title", "summary"],
    "additionalProperties": False,
}


def calls(items: int) -> int:
    """How many calls the tree of `items` items makes."""
    return 3 * items + 1


def limit(items: int) -> float:
    """Seconds that no scheduler can go below: the longest chain of calls, or all calls in full lanes."""
    return max(3 * LATENCY, calls(items) * LATENCY / AT_ONCE)


def body(prompt: str, name: str = "", schema: dict[str, Any] | None = None) -> dict[str, Any]:
    """The request that the `openai` provider sends for a prompt."""
    found: dict[str, Any] = {"model": MODEL, "messages": [{"role": "user", "content": prompt}]}
    if schema is not None:
        form = {"name": name, "schema": schema, "strict": True}
        found["response_format"] = {"type": "json_schema", "json_schema": form}
    return found


def tree(items: int, url: str) -> dict[str, Any]:
    """The tree as its file says it."""
    names = {"place": "${place}", "title": "${title}", "summary": "${summary}"}
    return {
        "version": 1,
        "title": "The benchmark's tree",
        "providers": {"loopback": {"provider": "openai", "baseUrl": url, "keyEnv": ""}},
        "models": {"text": {"provider": "loopback", "model": MODEL, "concurrency": AT_ONCE}},
        "budget": {"calls": 2 * calls(items), "minutes": 60},
        "generations": [
            {
                "id": "places",
                "type": "text-array",
                "itemKey": "place",
                "config": {"prompt": PLACES.format(count=items)},
                "generations": [
                    {
                        "id": "visit",
                        "type": "object",
                        "config": {"prompt": VISIT.format(**names)},
                        "schema": VISIT_SCHEMA,
                        "generations": [
                            {"id": "morning", "type": "text", "config": {"prompt": MORNING.format(**names)}},
                            {"id": "evening", "type": "text", "config": {"prompt": EVENING.format(**names)}},
                        ],
                    }
                ],
            }
        ],
    }


def write_project(folder: Path, items: int, url: str) -> None:
    """A project with the one tree `bench` in `folder`."""
    home = folder / "trees" / "bench"
    home.mkdir(parents=True)
    (home / "config.yaml").write_text(yaml.safe_dump(tree(items, url), sort_keys=False), encoding="utf-8")
