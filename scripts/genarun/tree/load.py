"""Loading trees: from a file to a `Tree`, with everything that is wrong with it told at once.

file ──read_source──▶ data with places ──convert (v0)──▶ version-1 data ──TreeSpec──▶ shape
                                                │                                      │
                      trees/defaults.yaml ──merge_settings──▶ settings ──sense──▶ compile ──▶ Tree
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from genarun.errors import Faults, SetupError, TreeError, Where
from genarun.tree.aliases import check_aliases, check_settings
from genarun.tree.compile import Compiled, compile_nodes
from genarun.tree.defaults import alias_of, fill_protocols, merge_settings, read_defaults, resolve_use
from genarun.tree.digest import tree_digest
from genarun.tree.faults import shape_faults
from genarun.tree.inputs import check_inputs, parse_input, resolve_inputs
from genarun.tree.kinds import KindFacts, Kinds, Providers
from genarun.tree.legacy import convert, is_legacy
from genarun.tree.model import ModelUse, Tree
from genarun.tree.places import MAX_DEPTH, Loc, Source
from genarun.tree.project import TREES
from genarun.tree.report import Report, did_you_mean, raise_faults
from genarun.tree.sense import NodeCheck, check_numbers, check_version
from genarun.tree.source import read_source
from genarun.tree.spec import DefaultsSpec, NodeSpec, Spec, TreeSettings, TreeSpec
from genarun.tree.steps import broken_step, check_use, find_step, refuse_ring, steps_in

__all__ = ["load_tree", "load_trees", "parse_input", "resolve_inputs", "tree_from_data", "tree_names"]

Json = Any
Model = TypeVar("Model", bound=Spec)

CONFIGS = ("config.yaml", "config.yml", "config.json")

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class _Loaded:
    tree: Tree
    source: Source


def load_tree(path: Path, *, kinds: Kinds, providers: Providers, root: Path) -> Tree:
    """One tree from its folder or its file, with the project's trees/defaults.yaml.

    kinds, providers: those that are known, by the names that trees use. root: the project's folder.
    Raises TreeError, or Faults with everything that is wrong.
    """
    return _Loader(read_defaults(root), kinds, providers, root).load(path).tree


def load_trees(root: Path, names: Sequence[str] | None, *, kinds: Kinds, providers: Providers) -> list[Tree]:
    """Trees of a project, each after those whose output it reads. names: which ones; None for all.

    Raises SetupError or Faults with everything that is wrong with any of them.
    """
    known = tree_names(root)
    if names is None and not known:
        raise SetupError("no-trees", f"no tree in `{TREES}/`", str(root), f"Write `{TREES}/<name>/config.yaml`.")
    faults: list[SetupError] = []
    for name in names or ():
        if name not in known:
            faults.append(
                SetupError("tree-unknown", f"there is no tree “{name}”", None, did_you_mean(name, known, "Trees here"))
            )
    raise_faults(faults)
    loader = _Loader(read_defaults(root), kinds, providers, root)
    loaded: dict[str, _Loaded] = {}
    for name in dict.fromkeys(known if names is None else names):
        try:
            loaded[name] = loader.load(root / TREES / name)
        except SetupError as fault:
            faults.append(fault)
    raise_faults(faults)
    return _in_order(loaded)


def tree_names(root: Path) -> list[str]:
    """Names of a project's trees: the folders under `trees/` that hold a config, sorted. Raises TreeError for bad names."""
    folder = root / TREES
    try:
        found = sorted(one.name for one in folder.iterdir() if any((one / config).is_file() for config in CONFIGS))
    except OSError:
        return []
    names = [name for name in found if not name.startswith(".")]
    lower: dict[str, str] = {}
    for name in names:
        if not _NAME.fullmatch(name):
            hint = "Rename the folder: letters, digits, - and _, beginning with a letter or digit."
            raise TreeError("tree-name", f"“{name}” cannot name a tree", f"{TREES}/{name}", hint)
        other = lower.setdefault(name.casefold(), name)
        if other != name:
            raise TreeError(
                "tree-twice",
                f"“{other}” and “{name}” differ only by upper and lower case",
                f"{TREES}/{name}",
                "Rename one of the two: they would be one folder on some machines.",
            )
    return names


def tree_from_data(
    data: Mapping[str, Json],
    name: str = "tree",
    *,
    kinds: Kinds,
    providers: Providers,
    root: Path | None = None,
    folder: Path | None = None,
) -> Tree:
    """A tree given as data, as a library's user does it.

    name: addresses it in messages and paths. root: a project whose trees/defaults.yaml it inherits. folder: where its prompt
    files are. Raises TreeError or Faults.
    """
    source = Source.of_data(_plain(data, (), f"tree {name}"), f"tree {name}")
    defaults = read_defaults(root) if root is not None else None
    return _build(source, name, folder, _Loader(defaults, kinds, providers, root), checked=False)


@dataclass(slots=True)
class _Loader:
    """What every tree of a project is loaded with. root: None for a tree given as data, without a project.

    loading: names of the trees that are being loaded, outermost first: a tree can be a step of another.
    """

    defaults: Source | None
    kinds: Kinds
    providers: Providers
    root: Path | None
    loading: tuple[str, ...] = ()

    def load(self, path: Path) -> _Loaded:
        """The tree in a folder, or in a file. Raises TreeError or Faults."""
        assert self.root is not None
        file = _config_of(path, self.root) if path.is_dir() else path
        source = read_source(file, _shown(file, self.root))
        name = file.parent.name if file.stem == "config" else file.stem
        return _Loaded(_build(source, name, file.parent.resolve(), replace(self, loading=(*self.loading, name))), source)

    def step(self, name: str, where: Where) -> tuple[Tree, Source]:
        """The tree that a step names. where: of the name. Raises TreeError."""
        find_step(name, tree_names(self.root) if self.root is not None else [], where)
        refuse_ring(name, self.loading, where)
        try:
            assert self.root is not None
            found = self.load(self.root / TREES / name)
        except SetupError as fault:
            if fault.code in ("steps-ring", "step-broken"):
                raise  # told where it is
            raise broken_step(name, where, fault) from fault
        check_use(found.tree, where)
        return found.tree, found.source


def _shown(path: Path, root: Path) -> str:
    try:
        return path.resolve().parent.relative_to(root.resolve()).joinpath(path.name).as_posix()
    except ValueError:
        return path.as_posix()


def _config_of(folder: Path, root: Path) -> Path:
    """The one config of a tree's folder."""
    found = [folder / name for name in CONFIGS if (folder / name).exists() or (folder / name).is_symlink()]
    shown = _shown(folder / "config", root).removesuffix("/config")
    if not found:
        raise TreeError("config-missing", "no config.yaml and no config.json", shown, "Write one of them.")
    if len(found) > 1:
        both = " and ".join(one.name for one in found)
        raise TreeError("config-twice", f"both {both}", shown, "Keep one of them.")
    return found[0]


def _build(source: Source, name: str, folder: Path | None, loader: _Loader, *, checked: bool = True) -> Tree:
    """checked: whether trees that inputs read must be there."""
    report = Report(source)
    defaults, kinds, providers, root = loader.defaults, loader.kinds, loader.providers, loader.root
    inherited: Json = defaults.data if defaults else {}
    if defaults is not None:
        report.faults += _check_defaults(defaults, providers)
    warnings: tuple[str, ...] = ()
    legacy = is_legacy(source.data)
    if legacy:
        base = merge_settings({}, inherited)["models"]
        converted = convert(source, report, lambda alias: base.get(alias) or {})
        if refused := [fault for fault in report.faults if fault.code == "version-missing"]:
            raise_faults(refused[:1])  # adding the version changes what everything else means
        source = report.source = converted.source
        warnings = converted.warnings
    data = source.data
    spec = _read(TreeSpec, data, report)
    if not isinstance(data, dict):
        raise_faults(report.faults)
    check_version(data, report)
    check_numbers(data, report)
    merged = fill_protocols(merge_settings(data, inherited), providers)
    nodes = NodeCheck(report, kinds, merged["models"], legacy=legacy)
    nodes.siblings(data.get("generations"), ("generations",))
    check_inputs(data.get("inputs"), report)
    check_settings(data, merged, providers, report)
    check_aliases(data, nodes, merged, providers, report)
    if checked and root is not None:
        _check_from(data.get("inputs"), tree_names(root), report)
    settings = _read(TreeSettings, merged, Report(source))
    compiled: Compiled | None = None
    if spec is not None and settings is not None and nodes.ready:
        try:
            compiled = _compile(spec, settings, loader, source, folder, legacy)
        except Faults as several:
            report.faults += several.errors
        except SetupError as fault:
            report.faults.append(fault)
    raise_faults(report.faults)
    assert spec is not None
    assert settings is not None
    assert compiled is not None
    steps = [node.step for node in steps_in(compiled.nodes) if node.step is not None]
    return Tree(
        name=name,
        folder=folder,
        spec=spec,
        settings=settings,
        digest=tree_digest(spec, settings, compiled.nodes, legacy=legacy),
        legacy=legacy,
        nodes=compiled.nodes,
        inputs=spec.inputs or {},
        uses_date=compiled.uses_date,
        warnings=(*warnings, *compiled.warnings),
        trails=compiled.trails,
        steps=frozenset(part for step in steps for part in (step.name, *step.steps)),
        reads=tuple(dict.fromkeys(name for step in steps for name in step.after)),
    )


def _read(model: type[Model], data: Json, report: Report) -> Model | None:
    """The data as a model; None, and faults in the report, where it has another shape."""
    try:
        return model.model_validate(data, by_alias=True, by_name=False)
    except ValidationError as error:
        shape_faults(error, model, report)
        return None


def _check_defaults(defaults: Source, providers: Providers) -> list[SetupError]:
    """What is wrong with trees/defaults.yaml."""
    report = Report(defaults)
    if _read(DefaultsSpec, defaults.data, report) is not None or isinstance(defaults.data, dict):
        check_numbers(defaults.data, report)
        check_settings(defaults.data, merge_settings({}, defaults.data), providers, report)
    return report.faults


def _compile(
    spec: TreeSpec, settings: TreeSettings, loader: _Loader, source: Source, folder: Path | None, legacy: bool
) -> Compiled:
    models = settings.models or {}

    def use(node: NodeSpec, kind: KindFacts) -> ModelUse | None:
        if kind.medium is None or alias_of(node, kind) not in models:  # told already
            return None
        return resolve_use(node, kind, settings)

    return compile_nodes(
        spec,
        settings,
        kinds=loader.kinds,
        source=source,
        folder=folder,
        legacy=legacy,
        resolve_use=use,
        open_step=loader.step,
    )


def _check_from(inputs: Json, known: Sequence[str], report: Report) -> None:
    """Trees that inputs read are there."""
    for name, spec in inputs.items() if isinstance(inputs, dict) else ():
        origin = spec.get("from") if isinstance(spec, dict) else None
        if isinstance(origin, str) and origin not in known:
            report.add(
                "from-unknown",
                f"there is no tree “{origin}”",
                report.value(("inputs", name, "from")),
                did_you_mean(origin, known, "Trees here"),
            )


def _in_order(loaded: Mapping[str, _Loaded]) -> list[Tree]:
    """Trees after those that they read; else in the order given. Raises TreeError where they wait for each other."""
    ordered: dict[str, Tree] = {}
    for first in loaded:
        trail: list[str] = []
        waiting: list[tuple[str, Iterator[str]]] = [(first, iter(loaded[first].tree.after))]
        trail.append(first)
        while waiting:
            name, needs = waiting[-1]
            need = next((one for one in needs if one in loaded and one not in ordered), None)
            if need is None:
                ordered[name] = loaded[name].tree
                waiting.pop()
                trail.pop()
            elif need in trail:
                raise _ring([*trail[trail.index(need) :], need], loaded)
            else:
                trail.append(need)
                waiting.append((need, iter(loaded[need].tree.after)))
    return list(ordered.values())


def _ring(ring: list[str], loaded: Mapping[str, _Loaded]) -> TreeError:
    reader, source = loaded[ring[0]].tree, loaded[ring[0]].source
    name = next(name for name, spec in reader.inputs.items() if spec.from_ == ring[1])
    return TreeError(
        "trees-ring",
        f"trees wait for each other: {', which reads '.join(ring)}",
        source.value(("inputs", name, "from")),
        "Take one `from` away.",
    )


def _plain(value: Json, loc: Loc, name: str) -> Json:
    """A copy of data as JSON has it: dictionaries, lists, text, numbers, true, false, None. Raises TreeError."""

    def refuse(code: str, what: str, hint: str) -> TreeError:
        return TreeError(code, what, Source.of_data(None, name).value(loc), hint)

    if len(loc) > MAX_DEPTH:
        raise refuse("nesting-too-deep", f"nested deeper than {MAX_DEPTH} levels", "Make the tree flatter.")
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                raise refuse("data-key", f"the key {key!r:.40} is no text", "Use texts as keys.")
        return {key: _plain(item, (*loc, key), name) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, (*loc, n), name) for n, item in enumerate(value)]
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    if isinstance(value, str) and not _SURROGATE.search(value):
        return value
    what = "a number that JSON does not know" if isinstance(value, float) else f"a {type(value).__name__} that JSON cannot hold"
    raise refuse("data-no-json", what, "Use dictionaries, lists, texts, numbers, True, False and None.")
