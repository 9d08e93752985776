"""The engine's side of the comparison: the library function that scripts call."""

from __future__ import annotations

from pathlib import Path

from genarun.client.functions import run as run_tree

IMPORTED_LATE = ("genarun.providers.openai", "openai", "genai_prices.data")


def run(project: Path) -> int:
    """Run the project's tree `bench` to its end. Returns the number of texts in its output."""
    result = run_tree("bench", root=project)
    if result.status != "succeeded":
        raise SystemExit(f"the run {result.status}: {result.error or result.failures[:1]}")
    return sum(("morning" in entry["visit"]) + ("evening" in entry["visit"]) for entry in result.output["places"])
