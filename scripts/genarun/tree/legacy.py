"""Genarun v0 trees, unchanged (design §4.6): a file without `version`, rewritten as version 1 says the same.

A v0 file is a project (`{baseDir, outputFormats, maxRetries, timeout, models, generations}`) or a bare root node (`{id, type,
generations}`). Only the form is rewritten here; what v0 means (children under their ids, single children in their parent's
place, missing names as nothing) is the compile step's, which is told that the tree is a v0 one. Everything rewritten keeps the
place where it was written, so that errors point at the original lines.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from genarun.tree.places import Loc, Source
from genarun.tree.report import Report, nearest
from genarun.tree.spec import NodeSpec, TreeSpec

Json = Any

_PROJECT = frozenset(
    ["$schema", "id", "title", "description", "baseDir", "outputFormats", "maxRetries", "retryDelay", "timeout"]
)
_PROJECT_PARTS = frozenset(["models", "errorPolicy", "generations"])
_NODE = frozenset(["id", "description", "requiredInputs", "outputKey", "parallel"])
_NODE_PARTS = frozenset(["type", "config", "validation", "generations"])
_CONFIG = frozenset(["prompt", "model", "validation"])
_PROMPT = frozenset(["prefix", "template", "suffix", "system", "parseJson"])
_TURN = frozenset(["system", "template", "parseJson"])
_ALIAS = frozenset(["endpoint", "defaultParams", "provider", "model", "params", "concurrency", "rpm", "price"])
_VALIDATION = frozenset(["minLength", "maxLength", "required"])
_TYPES = ("object", "text", "text-array", "image")
_REFUSED = {
    "tree": frozenset(field.alias or name for name, field in TreeSpec.model_fields.items()) - _PROJECT - _PROJECT_PARTS,
    "node": frozenset(field.alias or name for name, field in NodeSpec.model_fields.items()) - _NODE - _NODE_PARTS,
    "config": frozenset(["picks"]),
    "prompt": frozenset(["file", "images"]),
    "alias": frozenset(["models", "policy", "sticky", "breaker"]),
}
"""Keys of version 1 that v0 did not have; a file with one of them means version 1."""

_REASONING = re.compile(r"(?:gpt-[5-9]|o[1-9])(?!.*chat)")
_NO_REASONING = frozenset(["temperature", "top_p", "presence_penalty", "frequency_penalty"])
"""Parameters that reasoning models refuse."""
_QUALITY = {"standard": "medium", "hd": "high"}
_INPUT_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_CAMEL = re.compile(r"(?<=[a-z0-9])([A-Z])")


@dataclass(slots=True)
class Converted:
    """A v0 file as version 1 would say it. source: the same places in the new data. warnings: for people."""

    source: Source
    warnings: tuple[str, ...]


def is_legacy(data: Json) -> bool:
    """Whether a file is a Genarun v0 tree: it has no `version`."""
    return isinstance(data, dict) and "version" not in data


def convert(source: Source, report: Report, inherited: Callable[[str], Mapping[str, Json]]) -> Converted:
    """Rewrite a v0 file. inherited: what an alias stands for where the file does not define it: `{provider, model, …}`.

    Version-1-only keys go to the report as faults; unknown keys become warnings.
    """
    made = _Rewrite(source, report, inherited)
    data = made.tree(source.data)
    return Converted(source.moved(data, made.origins), tuple(made.warnings))


class _Rewrite:
    def __init__(self, source: Source, report: Report, inherited: Callable[[str], Mapping[str, Json]]) -> None:
        self.source = source
        self.report = report
        self.inherited = inherited
        self.origins: dict[Loc, Loc] = {}
        self.warnings: list[str] = ["read as a Genarun v0 tree: it has no `version`; add `version: 1` to use all of version 1"]
        self.models: dict[str, Json] = {}

    # ------------------------------------------------------------------ the top

    def tree(self, data: dict[str, Json]) -> dict[str, Json]:
        """The whole file."""
        bare = "type" in data
        made: dict[str, Json] = {"version": 1}
        if bare:
            made["generations"] = [self.node(data, (), ("generations", 0))]
            made |= self.inputs([data])
            return made
        self.keys(data, "tree", _PROJECT | _PROJECT_PARTS, ())
        for key in ("$schema", "id", "title", "description", "timeout"):
            if key in data:
                made[key] = data[key]
        if "outputFormats" in data:
            made["outputFormats"] = self.formats(data["outputFormats"])
        policy = dict(data["errorPolicy"]) if isinstance(data.get("errorPolicy"), dict) else {}
        for key in ("maxRetries", "retryDelay"):
            if key in data:
                policy.setdefault(key, data[key])
                self.origins["errorPolicy", key] = (key,)
        if policy or "errorPolicy" in data:
            made["errorPolicy"] = policy if isinstance(data.get("errorPolicy", {}), dict) else data["errorPolicy"]
        if "models" in data:
            made["models"] = self.aliases(data["models"])
        nodes = data.get("generations")
        if isinstance(nodes, list):
            made["generations"] = [self.node(node, ("generations", n), ("generations", n)) for n, node in enumerate(nodes)]
            made |= self.inputs(nodes)
        elif "generations" in data:
            made["generations"] = nodes
        return made

    def formats(self, formats: Json) -> Json:
        """v0 wrote `json` and `md`; anything else it passed over."""
        if not isinstance(formats, list):
            return formats
        known = [one for one in formats if one in ("json", "md")]
        for one in formats:
            if one not in known:
                self.warnings.append(f"{self.at(('outputFormats',))}: there is no output format “{one}”, so it is left out")
        return known or ["json"]

    def inputs(self, nodes: list[Json]) -> dict[str, Json]:
        """v0 declared no inputs: they are the names that top-level nodes require and no other of them bears."""
        ids = [node.get("id") for node in nodes if isinstance(node, dict)]
        found: dict[str, Json] = {}
        for node in nodes:
            required = node.get("requiredInputs") if isinstance(node, dict) else None
            for name in required if isinstance(required, list) else ():
                first = name.split(".")[0] if isinstance(name, str) else ""
                # A node may bear the name of an input, as v0's own example does: it does not read itself.
                if _INPUT_NAME.fullmatch(first) and (first not in ids or first == node.get("id")):
                    found[first] = {"type": "any"}
        return {"inputs": found} if found else {}

    # ------------------------------------------------------------------ models

    def aliases(self, models: Json) -> Json:
        """`{endpoint, defaultParams}` per alias."""
        if not isinstance(models, dict):
            return models
        for alias, model in models.items():
            here: Loc = ("models", alias)
            if not isinstance(model, dict):
                self.models[alias] = model
                continue
            self.keys(model, "alias", _ALIAS, here)
            made = {key: value for key, value in model.items() if key in _ALIAS and key not in ("endpoint", "defaultParams")}
            endpoint = model.get("endpoint")
            if endpoint is not None:
                made["model"] = endpoint
                self.origins[*here, "model"] = (*here, "endpoint")
                made.setdefault("provider", "replicate" if isinstance(endpoint, str) and "/" in endpoint else "openai")
            if isinstance(model.get("defaultParams"), dict):
                self.origins[*here, "params"] = (*here, "defaultParams")
                made["params"] = self.params(model["defaultParams"], made, (*here, "defaultParams"), (*here, "params"))
            elif "defaultParams" in model:
                self.origins[*here, "params"] = (*here, "defaultParams")
                made["params"] = model["defaultParams"]
            self.models[alias] = made
        return dict(self.models)

    def params(self, params: Mapping[str, Json], model: Mapping[str, Json], old: Loc, new: Loc) -> dict[str, Json]:
        """Parameters as the service names them now. v0 wrote `maxTokens` and passed everything else on."""
        provider, name = model.get("provider"), model.get("model")
        if provider == "replicate" or not isinstance(name, str):
            return dict(params)
        reasoning = bool(_REASONING.match(name))
        made: dict[str, Json] = {}
        for key, value in params.items():
            written = _CAMEL.sub(r"_\1", key).lower()
            if reasoning and written in _NO_REASONING:
                self.warnings.append(f"{self.at((*old, key))}: {name} takes no `{key}`, so it is left out")
                continue
            if written == "max_tokens" and reasoning:
                written = "max_completion_tokens"
            if written == "quality" and name.startswith("gpt-image") and value in _QUALITY:
                value = _QUALITY[value]
                self.warnings.append(f"{self.at((*old, key))}: {name} calls this quality `{value}`")
            made[written] = value
            self.origins[*new, written] = (*old, key)
        return made

    # ------------------------------------------------------------------ nodes

    def node(self, node: Json, old: Loc, new: Loc) -> Json:
        """One node and everything under it. old, new: its place in the file and in the rewritten data."""
        if not isinstance(node, dict):
            return node
        if old != new:
            self.origins[new] = old
        self.keys(node, "node", _NODE | _NODE_PARTS, old)
        made = {key: value for key, value in node.items() if key in _NODE}
        kind = node.get("type")
        if "type" in node:
            made["type"] = self.kind(kind, (*old, "type"))
        config = node.get("config")
        validation = node.get("validation")
        if isinstance(config, dict):
            made["config"] = self.config(config, made.get("type"), (*old, "config"), (*new, "config"))
            if isinstance(config.get("validation"), dict) and isinstance(validation, dict | None):
                inner = config["validation"]
                for key in inner.keys() - (validation or {}).keys():
                    self.origins[*new, "validation", key] = (*old, "config", "validation", key)
                self.keys(inner, "validation", _VALIDATION, (*old, "config", "validation"))
                validation = inner | (validation or {})
        elif "config" in node:
            made["config"] = config
        if isinstance(validation, dict):
            self.keys(node.get("validation") or {}, "validation", _VALIDATION, (*old, "validation"))
            made["validation"] = {key: value for key, value in validation.items() if key in _VALIDATION}
        elif validation is not None:
            made["validation"] = validation
        children = node.get("generations")
        if isinstance(children, list):
            at = "generations"
            made["generations"] = [self.node(one, (*old, at, n), (*new, at, n)) for n, one in enumerate(children)]
        elif children is not None:
            made["generations"] = children
        return made

    def kind(self, kind: Json, loc: Loc) -> Json:
        """v0 read types without regard to case."""
        lower = kind.lower() if isinstance(kind, str) else kind
        if isinstance(kind, str) and lower not in _TYPES and lower in ("object-array", "group", "template"):
            self.refuse(f"the type “{kind}”", loc, key=False)
        return lower

    def config(self, config: dict[str, Json], kind: Json, old: Loc, new: Loc) -> dict[str, Json]:
        """Prompt and model."""
        self.keys(config, "config", _CONFIG, old)
        made: dict[str, Json] = {}
        if config.get("prompt") is not None:
            made["prompt"] = self.prompt(config["prompt"], (*old, "prompt"))
        model = config.get("model")
        if isinstance(model, dict):
            alias = model.get("name", "image" if kind == "image" else "text")
            known = self.models.get(alias) if isinstance(alias, str) else None
            target = known if isinstance(known, dict) else self.inherited(alias) if isinstance(alias, str) else {}
            params = {key: value for key, value in model.items() if key != "name"}
            made["model"] = {"name": alias, **self.params(params, target, (*old, "model"), (*new, "model"))}
        elif model is not None:
            made["model"] = model
        return made

    def prompt(self, prompt: Json, old: Loc) -> Json:
        """A text, parts, or a list of turns."""
        if isinstance(prompt, dict):
            self.keys(prompt, "prompt", _PROMPT, old)
            self.files(prompt, old)
            return {key: value for key, value in prompt.items() if key in _PROMPT}
        if isinstance(prompt, list):
            turns = []
            for n, turn in enumerate(prompt):
                if isinstance(turn, dict):
                    self.keys(turn, "prompt", _TURN, (*old, n))
                    self.files(turn, (*old, n))
                    turn = {key: value for key, value in turn.items() if key in _TURN}
                turns.append(turn)
            return turns
        return prompt

    def files(self, parts: dict[str, Json], loc: Loc) -> None:
        """v0 kept no prompts in files."""
        for key, value in parts.items():
            if isinstance(value, dict) and "file" in value:
                self.refuse("`file`", (*loc, key, "file"))

    # ------------------------------------------------------------------ telling

    def keys(self, data: dict[str, Json], kind: str, known: frozenset[str], loc: Loc) -> None:
        """Refuse keys of version 1, warn of others that v0 does not know."""
        for key in data:
            if key in _REFUSED.get(kind, ()):
                self.refuse(f"`{key}`", (*loc, key))
            elif key not in known:
                near = nearest(key, sorted(known))
                meant = f"; did you mean “{near}”?" if near else ""
                self.warnings.append(f"{self.at((*loc, key))}: the key “{key}” means nothing here and is passed over{meant}")

    def refuse(self, what: str, loc: Loc, *, key: bool = True) -> None:
        """A fault: something of version 1 in a file that does not say so."""
        self.report.add(
            "version-missing",
            f"{what} is of version 1, and this file has no `version`",
            self.source.key(loc) if key else self.source.value(loc),
            f"At the top of the file, add `{self.report.write('version', 1)}`.",
        )

    def at(self, loc: Loc) -> str:
        """A place for the beginning of a warning."""
        return str(self.source.key(loc))
