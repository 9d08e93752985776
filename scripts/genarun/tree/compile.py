"""From what a tree says to nodes in their places: prompts read, names checked, deps known, every fault told at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from genarun.errors import SetupError, Where
from genarun.tree.check import check_children, check_conditions
from genarun.tree.defaults import resolve_use
from genarun.tree.fit import SchemaFault, validator
from genarun.tree.kinds import KindFacts, Kinds
from genarun.tree.model import Dep, ModelUse, Node
from genarun.tree.order import ring
from genarun.tree.places import Loc, Source
from genarun.tree.prompt import Prompt, PromptFault, compile_prompt
from genarun.tree.reach import Found, Level, find, listed, misses, reachable
from genarun.tree.report import Report, nearest
from genarun.tree.shape import OPEN, Schema, field_names, own_schema
from genarun.tree.spec import Condition, ErrorPolicy, InputSpec, NodeSpec, Retry, TreeSettings, TreeSpec
from genarun.tree.steps import OpenStep, check_step, no_steps, settings_of, shared_use
from genarun.tree.template import TemplateFault, names_in
from genarun.tree.written import picture_file, place_in, prompt_file

Json = Any
ResolveUse = Callable[[NodeSpec, KindFacts], ModelUse | None]
"""Whom a node asks, everything merged. Asked only for kinds that call a model."""

_RETRIES = 3
_DELAY = 1_000
_TIMEOUT = 120_000
_NO_POLICY = ErrorPolicy.model_validate({})


@dataclass(frozen=True, slots=True)
class Compiled:
    """nodes: at the top, disabled ones left out. warnings: texts for people. uses_date: whether `${date}` may be read.
    trails: every node by its trail."""

    nodes: tuple[Node, ...]
    warnings: tuple[str, ...]
    uses_date: bool
    trails: Mapping[tuple[str, ...], Node]


@dataclass(frozen=True, slots=True)
class _Use:
    """One name as a node uses it. loc: of the text that holds it. file, text, offset: where in it, for error texts."""

    parts: tuple[str, ...]
    shown: str
    within: str
    loc: Loc
    file: str | None = None
    text: str | None = None
    offset: int = 0


@dataclass(slots=True)
class _Draft:
    """A node while it is compiled: its place in the file, the level of its children, the names it uses."""

    node: Node
    loc: Loc
    inner: Level
    children: list[_Draft]
    uses: list[_Use]
    step: _Compiler | None = None
    """For a step, what compiled its children: another file, other settings, other names."""


def compile_nodes(
    spec: TreeSpec,
    settings: TreeSettings,
    *,
    kinds: Kinds,
    source: Source,
    folder: Path | None,
    legacy: bool,
    resolve_use: ResolveUse,
    open_step: OpenStep = no_steps,
) -> Compiled:
    """Build the nodes of a tree.

    settings: the tree's, defaults merged in. kinds: by the name that trees use; every type is among them already.
    source: the file, for places in errors. folder: where prompt files are looked for; None for a tree given as data.
    open_step: loads the tree that a node of type `tree` names.
    Raises TreeError, or Faults where there are several.
    """
    return _Compiler(spec, settings, kinds, Report(source), folder, legacy, resolve_use, open_step).run()


@dataclass(slots=True)
class _Compiler:
    spec: TreeSpec
    settings: TreeSettings
    kinds: Kinds
    report: Report
    folder: Path | None
    legacy: bool
    resolve_use: ResolveUse
    open_step: OpenStep
    warnings: list[str] = field(default_factory=list)
    trails: dict[tuple[str, ...], Node] = field(default_factory=dict)
    readings: dict[tuple[Node, Node], Where] = field(default_factory=dict)
    uses_date: bool = False
    outer: TreeSettings | None = None
    """For a step's nodes, the settings of the tree that runs: aliases are told apart against these."""

    def run(self) -> Compiled:
        drafts, off = self._nodes(self.spec.generations, ("generations",), None)
        top = Level.of([draft.node for draft in drafts], off, None)
        self._place(None, drafts, ())
        if self.legacy and len(drafts) == 1:
            drafts[0].node.alone = True
        for draft in drafts:
            self._names(draft, [top], self._root())
        nodes = tuple(draft.node for draft in drafts)
        if not self.report.faults and (found := ring(nodes)):
            self._ring(found)
        self.report.raise_faults()
        return Compiled(nodes, tuple(dict.fromkeys(self.warnings)), self.uses_date, self.trails)

    def _root(self) -> dict[str, Schema]:
        """What every node of the tree can read."""
        root: dict[str, Schema] = {"seed": {"type": "integer"}, "date": {"type": "string"}}
        return root | {name: _input_schema(given) for name, given in (self.spec.inputs or {}).items()}

    # ------------------------------------------------------------------ nodes

    def _nodes(self, specs: Sequence[NodeSpec], loc: Loc, parent: Node | None) -> tuple[list[_Draft], frozenset[str]]:
        """The enabled nodes of one level, with everything under them, and the ids of the disabled ones."""
        drafts = [self._node(child, (*loc, n), parent) for n, child in enumerate(specs) if child.enabled]
        return drafts, frozenset(child.id for child in specs if not child.enabled)

    def _node(self, spec: NodeSpec, loc: Loc, parent: Node | None) -> _Draft:
        kind = self.kinds[spec.type]
        written = spec.config.prompt if spec.config else None
        if self.legacy and spec.type == "object" and written is None:
            kind = self.kinds["group"]
        conditions = (spec.when,) if isinstance(spec.when, Condition) else tuple(spec.when or ())
        policy = self.settings.error_policy or _NO_POLICY
        retry = spec.retry if isinstance(spec.retry, Retry) else Retry(max=spec.retry, delay=None)
        delay = _first(retry.delay, policy.retry_delay, _DELAY)
        node = Node(
            spec=spec,
            kind=kind,
            parent=parent,
            trail=(*(parent.trail if parent else ()), spec.id),
            key=spec.id if self.legacy else spec.output_key or spec.id,
            item_key=(spec.output_key if self.legacy else spec.item_key) or "item",
            own_name=spec.output_key if self.legacy and not kind.many else None,
            prompt=self._prompt(spec, kind, loc),
            use=self.resolve_use(spec, kind) if kind.medium else None,
            about=spec.description or spec.id.replace("-", " "),
            conditions=conditions,
            required=tuple(spec.required_inputs or ()),
            max_retries=_first(retry.max, policy.max_retries, _RETRIES),
            retry_delay=delay / 1000,
            timeout=_first(spec.timeout, self.settings.timeout, _TIMEOUT) / 1000,
            collapses=False,
            where=self.report.value((*loc, "id")),
            validate=self._validator(spec, kind, loc),
        )
        if parent is not None:
            node.within = parent if parent.step is not None else parent.within
        if kind.name == "tree":
            return self._step(node, loc)
        schema = own_schema(kind, spec)
        node.fields = field_names(schema["items"] if kind.many else schema) if schema else None
        self.trails[node.trail] = node
        children, off = self._nodes(spec.generations or (), (*loc, "generations"), node)
        node.children = tuple(child.node for child in children)
        node.inner = frozenset(child.id for child in node.children)
        node.collapses = len(children) == 1 and (self.legacy or spec.collapse)
        nodes = [child.node for child in children]
        self._place(node, children, loc)
        check_conditions(conditions, self.report, (*loc, "when"), isinstance(spec.when, list))
        return _Draft(node, loc, Level.of(nodes, off, node), children, list(self._uses(node, loc)))

    def _step(self, node: Node, loc: Loc) -> _Draft:
        """A node of type `tree`: the other tree's nodes under it, compiled as that tree says."""
        name, _ = settings_of(node.spec)
        at = self.report.value((*loc, "config", "tree"))
        inner: _Compiler | None = None
        drafts: list[_Draft] = []
        off: frozenset[str] = frozenset()
        self.trails[node.trail] = node
        try:
            tree, source = self.open_step(name, at)
        except SetupError as fault:
            self.report.faults.append(fault)
        else:
            check_step(node.spec, tree, self.report, loc)
            node.step, node.fields = tree, frozenset(tree.inputs)

            outer = self.outer or self.settings

            def use(spec: NodeSpec, kind: KindFacts) -> ModelUse:
                return shared_use(resolve_use(spec, kind, tree.settings), tree, outer)

            there = Report(source)
            inner = _Compiler(tree.spec, tree.settings, self.kinds, there, tree.folder, False, use, self.open_step)
            inner.trails, inner.outer = self.trails, outer
            drafts, off = inner._nodes(tree.spec.generations, ("generations",), node)
            self.uses_date = self.uses_date or tree.uses_date
        node.children = tuple(draft.node for draft in drafts)
        node.inner = frozenset(draft.node.id for draft in drafts)
        check_conditions(node.conditions, self.report, (*loc, "when"), isinstance(node.spec.when, list))
        level = Level.of([draft.node for draft in drafts], off, node)
        return _Draft(node, loc, level, drafts, list(self._uses(node, loc)), inner)

    def _place(self, owner: Node | None, children: Sequence[_Draft], loc: Loc) -> None:
        """Check that children can stand where they are. Genarun v0 refuses nothing here: a text may have children there."""
        if not self.legacy:
            check_children(owner, [(child.node, child.loc) for child in children], self.report, loc)

    def _prompt(self, spec: NodeSpec, kind: KindFacts, loc: Loc) -> Prompt | None:
        written = spec.config.prompt if spec.config else None
        at = (*loc, "config", "prompt")
        if written is None or not (kind.medium or kind.own_schema(spec)):
            return None
        picks = not self.legacy and (spec.config is None or spec.config.picks)
        try:
            return compile_prompt(
                written,
                lambda name: prompt_file(self.folder, name, written, self.report, at),
                picks,
                lenient=self.legacy,
                read_picture=lambda name: picture_file(self.folder, name, written, self.report, at),
            )
        except PromptFault as fault:
            where = place_in(self.report, (*at, *fault.path), fault.file, fault.text, fault.fault.offset)
            self.report.add(fault.fault.code, fault.fault.message, where, fault.fault.hint)
        except SetupError as fault:
            self.report.faults.append(fault)
        return None

    def _validator(self, spec: NodeSpec, kind: KindFacts, loc: Loc) -> Callable[[object], str | None] | None:
        try:
            return validator(kind, spec)
        except SchemaFault as fault:
            if not spec.schema_:  # a schema that a person wrote is checked where the file is read
                what = f"the type “{spec.type}” checks its answers by a schema that is none: {fault.message}"
                hint = "Update the package that brings this type, or use another type."
                self.report.add("kind-schema", what, self.report.value((*loc, "type")), hint)
        return None

    # ------------------------------------------------------------------ names

    def _uses(self, node: Node, loc: Loc) -> Iterator[_Use]:
        """Every name that a node itself uses, and where."""
        for piece in node.prompt.pieces if node.prompt else ():
            at = (*loc, "config", "prompt", *piece.path)
            for name in piece.template.found:
                yield _Use(name.parts, f"`${{{name.text}}}`", "", at, piece.file, piece.template.text, name.offset)
        several = isinstance(node.spec.when, list)
        for n, condition in enumerate(node.conditions):
            at = (*loc, "when", *((n,) if several else ()), "name")
            yield _Use(tuple(condition.name.split(".")), f"“{condition.name}”", "", at)
        for n, required in enumerate(node.required):
            yield _Use(tuple(required.split(".")), f"the required “{required}”", "", (*loc, "requiredInputs", n))
        params = [pair for use in (node.use.candidates if node.use else ()) for pair in use.params.items()]
        for key, value in params:
            yield from self._in_value(value, f"the parameter “{key}”", (*loc, "config", "model", key))
        for key, value in ((node.spec.config.model_extra or {}) if node.spec.config else {}).items():
            yield from self._in_value(value, f"the setting “{key}”", (*loc, "config", key))

    def _in_value(self, value: Json, owner: str, at: Loc) -> Iterator[_Use]:
        """Names in the texts of a parameter or a setting."""
        try:
            for parts in names_in(value, self.legacy):
                yield _Use(parts, f"`${{{'.'.join(parts)}}}`", f" in {owner}", at)
        except TemplateFault as fault:
            self.report.add("param-template", f"{fault.message}, in {owner}", self.report.value(at), fault.hint)

    def _names(self, draft: _Draft, levels: list[Level], root: Mapping[str, Schema]) -> None:
        """Check every name that a node uses, and what it must wait for; then those of its children."""
        node = draft.node
        deps: dict[tuple[int, Node], Dep] = {}
        for use in draft.uses:
            found = find(use.parts[0], node, levels, root)
            for dep in found.deps:
                deps[dep.up, dep.node] = dep
                if (node, dep.node) not in self.readings:
                    self.readings[node, dep.node] = self._where(use)
            self.uses_date = self.uses_date or (found.from_root and use.parts[0] == "date")
            self._check(use, found, node, levels, root)
        node.deps = tuple(deps.values())
        node.reads = frozenset(use.parts[0] for use in draft.uses)
        if (inner := draft.step) is not None:
            for child in draft.children:
                inner._names(child, [draft.inner], inner._root())
            self.report.faults += inner.report.faults
            return
        for child in draft.children:
            self._names(child, [draft.inner, *levels], root)

    def _check(self, use: _Use, found: Found, node: Node, levels: list[Level], root: Mapping[str, Schema]) -> None:
        name = use.parts[0]
        if found.known:
            missed = None if self.legacy or found.shape is None else misses(found.shape, use.parts)
            if missed is not None:
                owner, part, there = missed
                what = f"{use.shown} leads nowhere{use.within}: “{owner}” has no “{part}”"
                near = nearest(part, there.split(", "))
                hint = (f"Did you mean “{near}”? " if near else "") + f"“{owner}” holds {there}."
                self.report.add("field-unknown", what, self._where(use), hint)
            return
        names = reachable(node, levels, root)
        if self.legacy:
            self.warnings.append(
                f"{'/'.join(node.trail)}: {use.shown} names nothing{use.within}"
                f"{', so it renders as nothing' if use.shown.startswith('`') else ''}. Names there: {listed(names)}."
            )
            return
        if found.off:
            what = f"{use.shown} names a node that is disabled{use.within}: “{found.off}”"
            hint = "Take `enabled: false` away there, or the name here."
            self.report.add("name-disabled", what, self._where(use), hint)
            return
        near = nearest(name, names)
        hint = f"Did you mean “{near}”? " if near else ""
        elsewhere = next(("/".join(trail) for trail in self.trails if trail[-1] == name), None)
        if found.own_group:
            hint = f"“{name}” is the group around this node, and has no value before this node has one. "
        elif name == node.id:
            hint = "A node cannot read its own value. "
        elif elsewhere and not near:
            hint = f"The node “{elsewhere}” is out of reach: a node reads its siblings, and what is around it. "
        hint += f"Names here: {listed(names)}."
        what = f"{use.shown} names nothing{use.within}"
        self.report.add("name-unknown", what, self._where(use), hint)

    def _where(self, use: _Use) -> Where:
        return place_in(self.report, use.loc, use.file, use.text, use.offset)

    def _ring(self, found: list[tuple[Node, Node]]) -> None:
        reads = ", and ".join(f"“{'/'.join(reader.trail)}” reads “{'/'.join(source.trail)}”" for reader, source in found)
        where = self.readings[found[0]]
        hint = "Take one of these names out, or move what both need into a node of its own."
        self.report.add("nodes-ring", f"nodes wait for each other: {reads}", where, hint)


def _first(*values: int | None) -> int:
    return next(value for value in values if value is not None)


def _input_schema(given: InputSpec) -> Schema:
    if given.from_ or given.type in ("any", "object", "array"):
        return OPEN if given.from_ or given.type == "any" else {"type": given.type}
    return {"type": given.type}
