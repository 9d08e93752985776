"""What a workflow run is asked to do: which trees, and with what. Read from the event, and passed on to jobs as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from genarun.errors import SetupError
from genarun.github.context import Context
from genarun.tree.model import Tree

Json = Any

EVERYTHING: Final = "all"
_NO: Final = frozenset({"", "0", "false", "no", "off"})


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody asked for by hand, by a dispatch or on a schedule.

    trees: names; None for all. inputs: by name; a text stands for a value of the input's type, as on a command line.
    budget: dollars for everything together.
    """

    trees: tuple[str, ...] | None = None
    inputs: Mapping[str, Json] | None = None
    fresh: bool = False
    budget: Decimal | None = None


def requested(context: Context) -> Request | None:
    """What the event asks for; None where it is a push, which runs what it changed. Raises SetupError."""
    if context.event_name == "workflow_dispatch":
        return _read(context.event.get("inputs") or {}, "the form")
    if context.event_name == "repository_dispatch":
        return _read(context.event.get("client_payload") or {}, "client_payload")
    if context.event_name == "schedule":
        return Request(_names(context.variable("GENARUN_SCHEDULE"), "the variable GENARUN_SCHEDULE"))
    return None


def _read(given: Json, where: str) -> Request:
    if not isinstance(given, Mapping):
        raise _wrong(where, "is no object", 'Send {"tree": "…", "inputs": {…}}.')
    return Request(
        _names(given.get("tree") or given.get("trees") or "", f"{where}, tree"),
        _inputs(given.get("inputs"), where),
        truth(given.get("fresh")),
        _dollars(given.get("budget"), where),
    )


def _names(given: Json, where: str) -> tuple[str, ...] | None:
    names = given.replace(",", " ").split() if isinstance(given, str) else given
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise _wrong(where, "is no name of a tree", "Write one name, several with commas between them, or `all`.")
    return None if not names or EVERYTHING in names else tuple(dict.fromkeys(names))


def _inputs(given: Json, where: str) -> Mapping[str, Json]:
    if given is None or given == "":
        return {}
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except ValueError as error:
            raise _wrong(f"{where}, inputs", f"is no JSON: {error}", 'Write {"name": "value"}, or leave it empty.') from error
    if not isinstance(given, Mapping):
        raise _wrong(f"{where}, inputs", "is no JSON object", 'Write {"name": "value"}, or leave it empty.')
    return dict(given)


def _dollars(given: Json, where: str) -> Decimal | None:
    if given is None or given == "":
        return None
    try:
        amount = Decimal(str(given).strip().removeprefix("$"))
    except InvalidOperation:
        amount = Decimal("NaN")
    if isinstance(given, bool) or not amount.is_finite() or amount < 0:
        raise _wrong(f"{where}, budget", "is no amount in dollars", "Write it as 0.50, or leave it empty.")
    return amount


def truth(given: Json) -> bool:
    """Whether a box is ticked, or a variable switches something on: a form sends the words `true` and `false`."""
    return str(given if given is not None else "").strip().lower() not in _NO


def chosen(trees: Sequence[Tree], request: Request) -> list[Tree]:
    """The trees that a request names, in running order. Raises SetupError (`trees-unknown`) for names that there are not."""
    known = {tree.name for tree in trees}
    unknown = [name for name in request.trees or () if name not in known]
    if unknown:
        raise SetupError(
            "trees-unknown",
            f"there is no tree `{', '.join(name[:60] for name in unknown)}`",
            hint=f"Trees here: {', '.join(sorted(known)) or 'none'}.",
        )
    return [tree for tree in trees if request.trees is None or tree.name in request.trees]


def for_jobs(request: Request | None, trees: int) -> dict[str, Json]:
    """A request as each job reads it. The budget is divided by the number of trees, so that together they keep it."""
    if request is None:
        return {}
    found: dict[str, Json] = {}
    if request.inputs:
        found["inputs"] = dict(request.inputs)
    if request.fresh:
        found["fresh"] = True
    if request.budget is not None and trees:
        found["budget"] = format(request.budget / trees, "f")
    return found


def _wrong(where: str, what: str, hint: str) -> SetupError:
    return SetupError("request-unreadable", f"{where}: it {what}", hint=hint)
