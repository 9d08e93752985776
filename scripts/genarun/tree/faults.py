"""What pydantic finds wrong with a file's data, said so that a person can mend it: where, what, and what to write instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, Tag, ValidationError
from pydantic_core import ErrorDetails

from genarun.tree.defaults import BUILT_IN_MODELS
from genarun.tree.places import Loc
from genarun.tree.report import Report, did_you_mean, kind_of, nearest
from genarun.tree.spec import TAGS, DefaultsSpec, NodeSpec, Retry, Spec, TreeSpec

Json = Any

EXAMPLES: Mapping[str, Json] = {
    "version": 1,
    "id": "ideas",
    "title": "A small exhibition",
    "description": "Ideas for an exhibition",
    "kind": "data",
    "rerunOnChange": False,
    "inputs": {"year": {"type": "integer"}},
    "seed": 7,
    "budget": {"usd": 1},
    "usd": 0.5,
    "calls": 100,
    "minutes": 10,
    "errorPolicy": {"maxRetries": 3},
    "maxRetries": 3,
    "retryDelay": "1s",
    "delay": "1s",
    "max": 3,
    "models": {"text": dict(BUILT_IN_MODELS["text"])},
    "providers": {"mine": {"baseUrl": "http://localhost:8000/v1"}},
    "provider": "openai",
    "baseUrl": "http://localhost:8000/v1",
    "keyEnv": "MY_KEY",
    "params": {"temperature": 0.7},
    "options": {},
    "concurrency": 8,
    "rpm": 60,
    "price": {"input": 0.25, "output": 2},
    "policy": "ordered",
    "sticky": "visitor",
    "breaker": {"failures": 3, "coolDown": "30s"},
    "failures": 3,
    "coolDown": "30s",
    "assets": {"maxBytes": 5000000},
    "maxBytes": 5000000,
    "format": "keep",
    "outputFormats": ["json", "md"],
    "retention": {"runs": 30},
    "runs": 30,
    "days": 90,
    "timeout": "30s",
    "generations": [{"id": "haiku", "type": "text", "config": {"prompt": "Write a haiku."}}],
    "type": "text",
    "requiredInputs": ["year"],
    "outputKey": "title",
    "itemKey": "idea",
    "parallel": False,
    "config": {"prompt": "Write a haiku."},
    "prompt": "Write a haiku about ${item}.",
    "prefix": "A photograph of",
    "template": "Write a haiku.",
    "suffix": "in one sentence",
    "system": "You are a poet.",
    "parseJson": True,
    "images": ["${cover}"],
    "file": "prompts/haiku.md",
    "model": "text",
    "name": "text",
    "picks": False,
    "schema": {"type": "object"},
    "validation": {"minLength": 3},
    "minLength": 3,
    "maxLength": 10,
    "minConfidence": 0.8,
    "required": True,
    "when": {"name": "kind", "value": "poem"},
    "operator": "equals",
    "retry": 2,
    "cache": "reuse",
    "onError": "skip",
    "collapse": True,
    "enabled": False,
    "enum": ["short", "long"],
    "from": "ideas",
}
"""A value for each key, shown where something else was written."""

_NAMED = {"inputs": {"type": "integer"}, "models": EXAMPLES["models"]["text"], "providers": EXAMPLES["providers"]["mine"]}
"""Examples for values whose keys are names that people choose."""

_WANTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "list_type": "a list",
    "form_of_text": "text, or `{file: …}`",
    "form_of_prompt": "text, `{file: …}`, `{template: …}` or a list of turns",
    "form_of_model": "an alias, or `{name: …}` with parameters",
    "form_of_member": "an alias, or `{provider: …, model: …}`",
    "form_of_required": "true, false, or a list of field names",
    "form_of_when": "a condition, or a list of conditions",
    "form_of_retry": "a whole number, or `{max: …, delay: …}`",
    "form_of_seed": "a whole number, `date` or `random`",
}

_BELONGS = {
    "config": ("prompt", "model", "picks"),
    "validation": ("minLength", "maxLength", "required"),
    "generations": ("children", "nodes", "steps"),
}
"""Keys that people write beside a node's `id`, and where they belong."""

_DURATIONS = frozenset(["timeout", "delay", "retryDelay", "coolDown"])


def shape_faults(error: ValidationError, model: type[Spec], report: Report) -> None:
    """Tell every fault that pydantic found in a file's data."""
    for detail in error.errors(include_url=False):
        _tell(detail, model, report)


def _tell(detail: ErrorDetails, model: type[Spec], report: Report) -> None:
    loc, holder = resolve(model, detail["loc"])
    kind, value = detail["type"], detail["input"]
    name = next((step for step in reversed(loc) if isinstance(step, str)), "")
    said = f"an item of “{name}”" if loc and isinstance(loc[-1], int) else f"“{name}”"
    context = detail.get("ctx", {})
    example = _example(loc, name, report)
    if kind == "missing":
        _tell_missing(loc, name, report)
    elif kind == "extra_forbidden":
        _tell_unknown(loc, name, holder, report)
    elif kind == "model_type" and loc[-2:-1] == ("prompt",):
        report.add(
            "prompt-list",
            "this prompt is a list of texts",
            report.value(loc),
            'To pick one of several, put the whole prompt in quotes: "[a | b]". A turn of a conversation is `{template: …}`.',
        )
    elif kind in _WANTED:
        wanted = "a duration" if kind == "int_type" and name in _DURATIONS else _WANTED[kind]
        if not loc:
            report.add(
                "no-mapping",
                f"the file must hold a mapping, and this is {kind_of(value)}",
                report.value(loc),
                f"Begin with `{report.write('version', 1)}`." if model is TreeSpec else "Write keys and values.",
            )
            return
        report.add("wrong-type", f"{said} wants {wanted}, and this is {kind_of(value)}", report.value(loc), example)
    elif name == "version" and kind == "literal_error":
        hint = f"Write `{report.write('version', 1)}`; for a later version, update Genarun."
        report.add("version-unknown", f"this Genarun reads version 1, not {kind_of(value)}", report.value(loc), hint)
    elif kind == "literal_error":
        choices = [str(one) for one in get_args(holder)]
        near = nearest(value, choices) if isinstance(value, str) else None
        hint = f"Did you mean “{near}”? " if near else ""
        report.add(
            "wrong-choice",
            f"{said} cannot be {kind_of(value)}",
            report.value(loc),
            f"{hint}Possible here: {', '.join(choices)}{', or a whole number' if name == 'seed' else ''}.",
        )
    elif kind == "string_pattern_mismatch":
        first = "a letter" if len(loc) > 1 else "a letter or digit"
        report.add(
            "bad-id",
            f"{kind_of(value)} cannot be an id",
            report.value(loc),
            f"An id begins with {first} and goes on with letters, digits, - and _.",
        )
    elif kind == "string_too_long":
        report.add("id-too-long", "this id is too long", report.value(loc), f"Use at most {context['max_length']} characters.")
    elif kind in ("string_too_short", "too_short"):
        report.add("empty", f"{said} is empty", report.value(loc), example)
    elif kind in ("greater_than_equal", "less_than_equal"):
        limit = f"{context['ge']:g} or more" if "ge" in context else f"{context['le']:g} or less"
        report.add("number-range", f"{said} cannot be {kind_of(value)}", report.value(loc), f"Write {limit}.")
    else:
        report.add("wrong-value", f"{said} does not fit: {detail['msg']}", report.value(loc), example)


def _example(loc: Loc, name: str, report: Report) -> str:
    value = _NAMED[str(loc[-2])] if len(loc) > 1 and loc[-2] in _NAMED else EXAMPLES.get(name)
    if name == "models" and len(loc) > 1:
        value = ["fast", "careful"]
    if value is None:
        return "Write another value."
    if isinstance(loc[-1], int):
        if not isinstance(value, list):
            value = [value]
        return f"For example `{report.write(name, value)}`."
    return f"Write for example `{report.write(name, value)}`."


def _tell_missing(loc: Loc, name: str, report: Report) -> None:
    report.add(
        "key-missing",
        f"the key “{name}” is missing" + (" here" if len(loc) > 1 else ""),
        report.key(loc[:-1]),
        f"Add for example `{report.write(name, EXAMPLES.get(name, 'text'))}`.",
    )


def _tell_unknown(loc: Loc, name: str, holder: Any, report: Report) -> None:
    known = [one for one in keys_of(holder) if not one.startswith("$")]
    hint = did_you_mean(name, known, "Keys known here")
    if holder is NodeSpec:
        for place, keys in _BELONGS.items():
            if name in keys:
                hint = f"Children are written under `{place}`." if place == "generations" else f"It belongs under `{place}`."
    elif holder is DefaultsSpec and name in keys_of(TreeSpec):
        hint = "It belongs into a tree's own config."
    elif holder is Retry and name == "maxRetries":
        hint = "Did you mean “max”?"
    report.add("key-unknown", f"there is no key “{name}” here", report.key(loc), hint)


def keys_of(model: Any) -> list[str]:
    """The keys of a model as files write them."""
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        return []
    return [field.alias or name for name, field in model.model_fields.items()]


def resolve(model: Any, steps: Sequence[str | int]) -> tuple[Loc, Any]:
    """A place as pydantic gives it, without the tags of forms; and the annotation at its end, or, where its last step is no
    key of the model above it, that model."""
    here: Any = model
    loc: list[str | int] = []
    for step in steps:
        here = _without_none(here)
        if step in TAGS and (member := _tagged(here, str(step))) is not None:
            here = member
            continue
        loc.append(step)
        if isinstance(here, type) and issubclass(here, BaseModel):
            field = next((field for name, field in here.model_fields.items() if (field.alias or name) == step), None)
            if field is not None:
                here = field.annotation
        elif get_origin(here) is dict:
            here = get_args(here)[1]
        elif get_origin(here) is list:
            here = get_args(here)[0]
    here = _without_none(here)
    return tuple(loc), get_args(here)[0] if get_origin(here) is Annotated else here


def _without_none(annotation: Any) -> Any:
    """The annotation itself, without `| None` and without what hangs on it."""
    while True:
        if get_origin(annotation) is Annotated and not _is_union(get_args(annotation)[0]):
            if any(isinstance(extra, Tag) for extra in get_args(annotation)[1:]):
                return annotation
            annotation = get_args(annotation)[0]
        elif get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
        elif _is_union(annotation):
            members = [member for member in get_args(annotation) if member is not type(None)]
            if len(members) != 1:
                return annotation
            annotation = members[0]
        else:
            return annotation


def _is_union(annotation: Any) -> bool:
    return get_origin(annotation) in (Union, UnionType)


def _tagged(annotation: Any, tag: str) -> Any:
    """The member of a union that carries a tag; None where there is none."""
    for member in get_args(annotation) if _is_union(annotation) else ():
        if get_origin(member) is Annotated:
            inner, *extras = get_args(member)
            if any(isinstance(extra, Tag) and extra.tag == tag for extra in extras):
                return inner
    return None
