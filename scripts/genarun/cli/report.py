"""How an expected error is printed: its own text on stderr, or one JSON document."""

from __future__ import annotations

from typing import Any

from genarun.cli.screen import Screen
from genarun.errors import BudgetStop, Faults, GenarunError, Interrupted


def report(error: GenarunError, screen: Screen) -> int:
    """Print an expected error where it belongs and return its exit code."""
    if screen.json:
        screen.document({"error": error_json(error)})
    else:
        screen.note(*error_lines(error, screen))
    return error.exit_code


def error_json(error: GenarunError) -> dict[str, Any]:
    """An error as `--json` prints it; several faults are listed under `errors`."""
    found: dict[str, Any] = error.as_json()
    if isinstance(error, Faults):
        found["errors"] = [fault.as_json() for fault in error.errors]
    return found


def error_lines(error: GenarunError, screen: Screen) -> list[str]:
    """An error as a person reads it: exactly its own text, its parts in colours where stderr shows them."""
    if isinstance(error, Faults):
        lines = [line for fault in error.errors for line in (*error_lines(fault, screen), "")]
        return [*lines, screen.paint(f"{len(error.errors)} faults; nothing was called.", "bold", screen.stderr)]
    lines = screen.safe(str(error)).split("\n")
    painted = []
    for number, line in enumerate(lines):
        # A stop that was asked for, by a person or a budget, is no failure.
        head = "yellow bold" if isinstance(error, Interrupted | BudgetStop) else "red bold"
        style = head if not number else "cyan" if line.startswith("  → ") else "dim"
        painted.append(screen.paint(line, style, screen.stderr))
    return painted
