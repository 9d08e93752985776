"""Inputs: what a tree may declare, and the values that a run is given: by a person, from another tree, or by default."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from genarun.errors import SetupError
from genarun.tree.model import Tree
from genarun.tree.places import Loc
from genarun.tree.report import Report, did_you_mean, kind_of, raise_faults
from genarun.tree.spec import InputSpec
from genarun.tree.values import MISSING, UNKNOWN

Json = Any

_INPUT_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "object": (dict,),
    "array": (list,),
}
_EXAMPLES = {
    "number": "0.5",
    "integer": "7",
    "boolean": "true",
    "object": '\'{"title": "A book"}\'',
    "array": '\'["one", "two"]\'',
}


def check_inputs(inputs: Json, report: Report) -> None:
    """Names that prompts can use, and defaults that fit."""
    for name, spec in inputs.items() if isinstance(inputs, dict) else ():
        here: Loc = ("inputs", name)
        if not _INPUT_NAME.fullmatch(name):
            report.add(
                "input-name",
                f"“{name}” cannot name an input",
                report.key(here),
                "A name begins with a letter and goes on with letters, digits, - and _.",
            )
        if not isinstance(spec, dict):
            continue
        kind = spec.get("type", "string")
        if isinstance(spec.get("from"), str):
            for key in ("default", "enum", "type"):
                if key in spec and spec[key] != "any":
                    report.add(
                        "input-from",
                        f"an input with `from` takes its value from there, so `{key}` has no use",
                        report.key((*here, key)),
                        f"Take `{key}` or `from` away.",
                    )
            continue
        values = spec.get("enum")
        offered = [((*here, "enum", n), one) for n, one in enumerate(values)] if isinstance(values, list) else []
        if spec.get("default") is not None:
            offered.append(((*here, "default"), spec["default"]))
        for place, value in offered:
            if not fits_type(kind, value):
                report.add(
                    "input-value",
                    f"this input is of type {kind}, and this is {kind_of(value)}",
                    report.value(place),
                    f"Write a value of type {kind}, or change `type`.",
                )
        if isinstance(values, list) and spec.get("default") is not None and not among(spec["default"], values):
            report.add(
                "input-default",
                "the default is not one of `enum`",
                report.value((*here, "default")),
                "Add it to `enum`, or choose another.",
            )


def fits_type(kind: Json, value: Json) -> bool:
    """Whether a value is of an input's type."""
    wanted = _TYPES.get(kind) if isinstance(kind, str) else None
    if wanted is None:
        return True
    return isinstance(value, wanted) and (isinstance(value, bool) == (kind == "boolean"))


def among(value: Json, values: list[Json]) -> bool:
    """Whether a JSON value is one of several; true and 1 are different."""
    return any(value == one and isinstance(value, bool) == isinstance(one, bool) for one in values)


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
