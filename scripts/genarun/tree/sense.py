"""What the shape of a tree does not say: whether its nodes and settings make sense.

Works on the file's own data, so that these faults are told together with faults of shape; what has a wrong shape is passed
over here. Prompts, names, schemas, cycles and clashes of output keys are checked when the tree is compiled.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from genarun.tree.kinds import KindFacts, Kinds, Medium, asks_person
from genarun.tree.places import Loc
from genarun.tree.report import Report, did_you_mean, kind_of

Json = Any

_EXAMPLES: Mapping[str, Json] = {"options": ["yes", "no"], "tree": "exhibition"}
"""Of settings that a kind cannot do without."""
_COMMON_CONFIG = ("prompt", "model", "picks")
_NUMERIC = ("number", "range")
_NUMBERS = ("number", "integer")
_LARGEST = 2**53 - 1
_SCHEMA_TYPES = ("string", "number", "integer", "boolean", "object", "array", "null")


def check_version(data: dict[str, Json], report: Report) -> None:
    """`true` equals 1 in Python, and is no version."""
    if isinstance(data.get("version"), bool):
        report.add(
            "version-unknown",
            f"this Genarun reads version 1, not {kind_of(data['version'])}",
            report.value(("version",)),
            f"Write `{report.write('version', 1)}`; for a later version, update Genarun.",
        )


def check_numbers(data: Json, report: Report) -> None:
    """Integers that other programs would read as another number: JSON numbers are exact up to 2^53 - 1."""
    open_: list[tuple[Json, Loc]] = [(data, ())]
    seen: set[int] = set()
    while open_:
        value, loc = open_.pop()
        if isinstance(value, dict | list):
            if id(value) in seen:  # YAML aliases share what they stand for
                continue
            seen.add(id(value))
            items = value.items() if isinstance(value, dict) else enumerate(value)
            open_ += [(item, (*loc, step)) for step, item in items if isinstance(item, dict | list | int)]
        elif isinstance(value, int) and abs(value) > _LARGEST:
            report.add(
                "number-too-large",
                "a whole number that JSON does not hold exactly",
                report.value(loc),
                f"Write one up to {_LARGEST}, or put it in quotes if it is text.",
            )


class NodeCheck:
    """Checks nodes one by one. models: merged aliases.

    used: aliases that nodes use, and what for, each with a place that does. shown: those that are shown pictures. ready:
    whether types and schemas allow the tree to be compiled.
    """

    def __init__(self, report: Report, kinds: Kinds, models: Mapping[str, Json], *, legacy: bool = False) -> None:
        self.legacy = legacy
        self.report = report
        self.kinds = kinds
        self.models = models
        self.used: dict[tuple[str, Medium], Loc] = {}
        self.shown: dict[str, Loc] = {}
        self.ready = True

    def siblings(self, nodes: Json, loc: Loc) -> None:
        """A list of nodes and everything under it."""
        seen: dict[str, Loc] = {}
        for number, node in enumerate(nodes if isinstance(nodes, list) else ()):
            if not isinstance(node, dict):
                continue
            here = (*loc, number)
            name = node.get("id")
            if isinstance(name, str):
                first = seen.setdefault(name.casefold(), (*here, "id"))
                if first != (*here, "id"):
                    self.report.add(
                        "node-twice",
                        f"the id “{name}” is taken {self.report.line(first)}",
                        self.report.value((*here, "id")),
                        "Give each node an id of its own among its siblings; upper and lower case count as equal.",
                    )
            self.node(node, here)
            self.siblings(node.get("generations"), (*here, "generations"))

    def node(self, node: dict[str, Json], loc: Loc) -> None:
        """One node."""
        name = node.get("type")
        if not isinstance(name, str):
            return
        kind = self.kinds.get(name)
        if kind is None:
            self.ready = False
            self.report.add(
                "kind-unknown",
                f"there is no node type “{name}”",
                self.report.value((*loc, "type")),
                did_you_mean(name, self.kinds, "Types known here"),
            )
            return
        config = node.get("config")
        self.config(config if isinstance(config, dict) else {}, kind, loc)
        self.validation(node, kind, loc)
        self.schema(node, loc)
        children = node.get("generations")
        children = children if isinstance(children, list) else None
        if name == "group" and not children:
            self.report.add(
                "group-empty",
                "this group has no children",
                self.report.key(loc),
                "Put nodes under `generations`, or remove it.",
            )
        if name == "tree" and children is not None:
            self.report.add(
                "step-children",
                "a step's children are the other tree's nodes, so it has none of its own",
                self.report.key((*loc, "generations")),
                "Put them beside it, where they can read its output.",
            )
        enabled = [one for one in children or () if not (isinstance(one, dict) and one.get("enabled") is False)]
        if node.get("collapse") is True and (not children or len(enabled) > 1):
            self.report.add(
                "collapse-children",
                f"`collapse` puts the only child in a node's place, and this node has {len(enabled) or 'none'}",
                self.report.key((*loc, "collapse")),
                "Take `collapse` away, or leave one child.",
            )
        if node.get("itemKey") is not None and not kind.many:
            lists = ", ".join(name for name, one in self.kinds.items() if one.many)
            self.report.add(
                "item-key-unused",
                f"a node of type {name} has no items to name",
                self.report.key((*loc, "itemKey")),
                f"Take `itemKey` away; it belongs to {lists}.",
            )

    def config(self, config: dict[str, Json], kind: KindFacts, loc: Loc) -> None:
        """What a node asks, and whom."""
        known = (*_COMMON_CONFIG, *kind.extra_config)
        for key, value in config.items():
            here = (*loc, "config", key)
            if key not in known:
                self.report.add(
                    "config-key-unknown",
                    f"a node of type {kind.name} has no setting “{key}”",
                    self.report.key(here),
                    did_you_mean(key, known, "Settings known here"),
                )
            elif key not in _COMMON_CONFIG and (fault := _misfit(kind.extra_config[key], value)):
                self.report.add(
                    "config-value",
                    f"“{key}” does not fit: {fault}",
                    self.report.value(here),
                    f"See what a node of type {kind.name} takes.",
                )
        for key in getattr(kind, "needs", ()):
            if config.get(key) is None:
                self.report.add(
                    "config-missing",
                    f"this node of type {kind.name} has no `{key}`",
                    self.report.key(loc),
                    f"Add for example `{self.report.write('config', {key: _EXAMPLES.get(key, '…')})}`.",
                )
        prompt, model = config.get("prompt"), config.get("model")
        if self.legacy and kind.name == "object" and prompt is None:
            return  # a group
        if prompt is None and (kind.medium is not None or kind.name == "template" or asks_person(kind)):
            example = self.report.write("config", {"prompt": "Write a haiku."})
            group = " An object that only holds other nodes is of type group." if kind.name == "object" else ""
            self.report.add(
                "prompt-missing",
                f"this node of type {kind.name} has no prompt",
                self.report.key(loc),
                f"Add for example `{example}`.{group}",
            )
        elif prompt is not None and kind.name in ("group", "tree"):
            self.report.add(
                "prompt-unused",
                f"a {kind.name} asks nothing, so nothing would use this prompt",
                self.report.key((*loc, "config", "prompt")),
                "Take the prompt away, or choose a type that asks, such as text or object.",
            )
        elif prompt is not None and _says_nothing(prompt):
            self.report.add(
                "prompt-empty",
                "this prompt is empty",
                self.report.key((*loc, "config", "prompt")),
                f"Write what to ask, for example `{self.report.write('prompt', 'Write a haiku.')}`.",
            )
        if kind.medium is None:
            if model is not None and (kind.name in ("group", "template", "tree") or asks_person(kind)):
                self.report.add(
                    "model-unused",
                    f"a node of type {kind.name} calls no model",
                    self.report.key((*loc, "config", "model")),
                    "Take `model` away, or choose a type that asks, such as text.",
                )
            return
        alias = model.get("name") if isinstance(model, dict) else model
        place = (*loc, "config", "model", "name") if isinstance(model, dict) else (*loc, "config", "model")
        alias = kind.medium if model is None else alias
        if isinstance(alias, str):
            self.used.setdefault((alias, kind.medium), place)
            if kind.medium == "text" and (shows := _shows(prompt)) is not None:
                self.shown.setdefault(alias, (*loc, "config", "prompt", *shows))
            if alias not in self.models:
                self.report.add(
                    "alias-unknown",
                    f"there is no model alias “{alias}”",
                    self.report.value(place),
                    did_you_mean(alias, self.models, "Aliases known here") + " Aliases are written under `models`.",
                )

    def validation(self, node: dict[str, Json], kind: KindFacts, loc: Loc) -> None:
        """`minLength` and `maxLength` leave room for something; `minConfidence` is asked of a kind that has one."""
        validation = node.get("validation")
        if not isinstance(validation, dict):
            return
        low, high = validation.get("minLength"), validation.get("maxLength")
        if isinstance(low, int) and isinstance(high, int) and low > high:
            self.report.add(
                "lengths-crossed",
                f"`minLength` {low} is more than `maxLength` {high}, so no value fits",
                self.report.value((*loc, "validation", "minLength")),
                "Exchange the two, or change one.",
            )
        if validation.get("minConfidence") is not None and "confidence" not in kind.extra_config:
            able = ", ".join(name for name, one in self.kinds.items() if "confidence" in one.extra_config)
            self.report.add(
                "confidence-unused",
                f"a node of type {kind.name} has no confidence to check",
                self.report.key((*loc, "validation", "minConfidence")),
                f"Take `minConfidence` away; it belongs to {able}.",
            )

    def schema(self, node: dict[str, Json], loc: Loc) -> None:
        """`schema` is a JSON Schema that needs nothing from elsewhere."""
        schema = node.get("schema")
        if isinstance(schema, dict) and node.get("type") in _NUMERIC and schema.get("type", "number") not in _NUMBERS:
            self.report.add(
                "schema-numeric",
                f"the schema of a {node['type']} is one of a number, and this says {kind_of(schema['type'])}",
                self.report.value((*loc, "schema", "type")),
                "Write `type: integer`, or leave `type` out.",
            )
            self.ready = False
        if isinstance(schema, dict) and schema and (found := _schema_fault(schema)):
            what, path = found
            self.ready = False
            self.report.add(
                "schema-invalid",
                f"this is no JSON Schema: {what}",
                self.report.value((*loc, "schema", *path)),
                "Write it by JSON Schema, draft 2020-12; a `$ref` can only point into the schema itself, `#/$defs/…`.",
            )


def _shows(prompt: Json) -> Loc | None:
    """Where a prompt of any form first shows pictures, from the prompt down; None where it shows none."""
    if isinstance(prompt, dict):
        return ("images",) if prompt.get("images") else None
    turns = enumerate(prompt) if isinstance(prompt, list) else ()
    return next(((n, "images") for n, turn in turns if isinstance(turn, dict) and turn.get("images")), None)


def _says_nothing(prompt: Json) -> bool:
    """Whether a prompt of any form is empty."""
    if isinstance(prompt, dict):
        return not any(prompt.get(part) for part in ("file", "prefix", "template", "suffix"))
    return prompt in ("", [])


def _misfit(schema: Mapping[str, Any], value: Json) -> str | None:
    """What is wrong with a value by a kind's own schema."""
    import jsonschema_rs  # delayed: few kinds have settings of their own

    for error in jsonschema_rs.Draft202012Validator(dict(schema), offline=True).iter_errors(value):
        return str(error.message)
    return None


def _schema_fault(schema: Mapping[str, Any]) -> tuple[str, Loc] | None:
    """What is wrong with a JSON Schema, and where in it."""
    import jsonschema_rs  # delayed: only trees with schemas need it

    try:
        jsonschema_rs.Draft202012Validator(dict(schema), offline=True)
    except jsonschema_rs.ValidationError as fault:
        path = tuple(fault.instance_path)
        if path[-1:] == ("type",):
            return f"types are {', '.join(_SCHEMA_TYPES)}", path
        if "Retrieval is disabled" in fault.message:
            return "a `$ref` leads out of it", path
        return _line(fault.message), path
    except (ValueError, RecursionError) as fault:
        return _line(str(fault)), ()
    return None


def _line(text: str) -> str:
    line = text.strip().partition("\n")[0].removesuffix(".")
    return line if len(line) <= 160 else f"{line[:159]}…"
