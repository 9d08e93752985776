"""The values that a run is given: from a person's command line, from another tree's latest output, or by default."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import Any

from genarun.errors import SetupError
from genarun.tree.model import Tree
from genarun.tree.report import did_you_mean, kind_of, raise_faults
from genarun.tree.sense import among, fits_type
from genarun.tree.spec import InputSpec
from genarun.tree.values import MISSING, UNKNOWN

Json = Any

_EXAMPLES = {
    "number": "0.5",
    "integer": "7",
    "boolean": "true",
    "object": '\'{"title": "A book"}\'',
    "array": '\'["one", "two"]\'',
}


def parse_input(spec: InputSpec, text: str, name: str = "") -> Json:
    """A value as the command line gives it, of the type that the input has.

    A `string` stays as it is; `any`, and an input with `from`, is JSON where it is JSON, else text. Raises SetupError.
    """
    kind = "any" if spec.from_ else spec.type
    if kind == "string":
        return text
    try:
        value = json.loads(text, parse_constant=_refuse)
        fine = _whole(value)
    except (ValueError, RecursionError):
        value, fine = text, kind == "any"
    if not fine or (kind != "any" and not fits_type(kind, _as(kind, value))):
        if kind == "any":
            return text
        raise SetupError(
            "input-text",
            f"the input {f'“{name}” ' if name else ''}wants a value of type {kind}, and “{_short(text)}” is none",
            hint=f"Write for example `--input {name or 'name'}={_EXAMPLES[kind]}`.",
        )
    return _as(kind, value)


def resolve_inputs(tree: Tree, given: Mapping[str, Json], latest: Callable[[str], Json]) -> dict[str, Json]:
    """Every input's value, by name.

    given: values of their JSON types, which beat everything else. latest: a tree's latest output, or MISSING. A Genarun v0 tree
    takes names that it does not declare, and does without those that nobody gives. Raises SetupError, or Faults.
    """
    where = f"tree {tree.name}"
    faults: list[SetupError] = []
    values: dict[str, Json] = {}
    for name in given:
        if name not in tree.inputs and not tree.legacy:
            known = did_you_mean(name, tree.inputs, "Inputs known here") if tree.inputs else "This tree takes none."
            faults.append(SetupError("input-unknown", f"there is no input “{name}”", where, known))
    for name, spec in tree.inputs.items():
        if name in given:
            value = given[name]
            fault = _misfit(name, spec, value, where)
            if fault is not None:
                faults.append(fault)
                continue
        elif spec.from_:
            value = latest(spec.from_)
            if value is MISSING:
                faults.append(
                    SetupError(
                        "input-no-output",
                        f"the input “{name}” is the latest output of the tree {spec.from_}, which has none yet",
                        where,
                        f"Run `genarun run {spec.from_}` first.",
                    )
                )
                continue
        elif "default" in spec.model_fields_set:
            value = spec.default
        elif tree.legacy:
            continue
        else:
            meaning = f" It means: {spec.description.strip().removesuffix('.')}." if spec.description else ""
            example = "…" if spec.type == "string" else _EXAMPLES.get(spec.type, "…")
            faults.append(
                SetupError(
                    "input-missing", f"the input “{name}” has no value", where, f"Add `--input {name}={example}`.{meaning}"
                )
            )
            continue
        values[name] = value
    raise_faults(faults)
    if tree.legacy:
        values |= {name: value for name, value in given.items() if name not in values}
    return values


def _misfit(name: str, spec: InputSpec, value: Json, where: str) -> SetupError | None:
    if value is UNKNOWN:
        return None
    if not spec.from_ and not fits_type(spec.type, value):
        return SetupError(
            "input-type",
            f"the input “{name}” wants a value of type {spec.type}, and this is {kind_of(value)}",
            where,
            f"Give a value of type {spec.type}.",
        )
    if spec.enum is not None and not among(value, spec.enum):
        choices = ", ".join(json.dumps(one, ensure_ascii=False) if not isinstance(one, str) else one for one in spec.enum)
        return SetupError(
            "input-choice", f"the input “{name}” cannot be {kind_of(value)}", where, f"Possible values: {choices}."
        )
    return None


def _as(kind: str, value: Json) -> Json:
    """`3.0` is an integer too."""
    return int(value) if kind == "integer" and isinstance(value, float) and value.is_integer() else value


def _whole(value: Json) -> bool:
    """Whether numbers are such as JSON holds: no infinity, no integer beyond 2^53."""
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, int):
        return abs(value) < 2**53
    if isinstance(value, dict | list):
        return all(_whole(one) for one in (value.values() if isinstance(value, dict) else value))
    return True


def _refuse(word: str) -> Json:
    raise ValueError(word)


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:39]}…"
