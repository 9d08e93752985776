"""`genarun pin`."""

from __future__ import annotations

from typing import Any

import click

from genarun.cli.handmade import pins
from genarun.cli.options import common
from genarun.cli.session import Session
from genarun.cli.show import instances
from genarun.errors import SetupError
from genarun.store.journal import standing
from genarun.store.latest import edits, origin
from genarun.store.layout import LATEST, RunRef, parse_run
from genarun.store.overrides import find_node, write_override
from genarun.tree.model import Tree
from genarun.tree.values import MISSING
from genarun.words import clip, excerpt, plural

Json = Any


@click.command("pin")
@click.argument("run_id", metavar="RUN")
@click.argument("path", required=False)
@common
@click.pass_obj
def pin(session: Session, run_id: str, path: str | None, as_json: bool) -> int:
    """Keep a value for good: write it into the tree's overrides.yaml, from where every later run takes it.

    RUN is `tree/2026-11-21_09-30-05` or `tree` for its newest run; PATH is an instance such as `themes/0/series`. With
    `tree/latest` and no PATH, every edit made by hand in latest/ is kept.
    """
    screen = session.screen
    ref = parse_run(session.project.root, run_id)
    by_hand = run_id.strip().rstrip("/").endswith(f"/{LATEST}")
    (tree,) = [tree for tree in session.load([ref.tree]) if tree.name == ref.tree]
    if path is not None:
        found = {path.strip("/"): _recorded(ref, path.strip("/"))}
    elif by_hand:
        found = _edited(session, tree)
    else:
        raise SetupError(
            "pin-what",
            f"{ref.id} holds many values, and none of them was named",
            hint=f"`genarun show {ref.id}` and `genarun show {ref.id} NODE` list them; then `genarun pin {ref.id} PATH`.",
        )
    folder = session.project.folder(tree.name)
    for name, value in found.items():
        _fits(tree, name, value)
    written = {name: write_override(folder, name, value) for name, value in found.items()}
    file = session.shown(folder.overrides_file)
    if as_json:
        screen.document({"tree": tree.name, "file": file, "pinned": [{"path": name, "in": written[name]} for name in found]})
        return 0
    for name, value in found.items():
        shown = written[name] if isinstance(value, bytes) else clip(excerpt(screen.safe_json(value)), 60)
        screen.say(f"{screen.paint('✓', 'green bold')} {screen.safe(name)}  {screen.paint(screen.safe(shown), 'dim')}")
    screen.say(f"{plural(len(found), 'value')} in {file}; the next `genarun run {tree.name}` takes them from there")
    return 0


def _recorded(ref: RunRef, path: str) -> Json | bytes:
    """The value of one instance, or its file's bytes. Raises SetupError where it has none."""
    record = standing(instances(ref.records(), path, ref)).get(path)
    if record is None:
        below = sorted({one.path for one in instances(ref.records(), path, ref)})
        raise SetupError(
            "pin-many",
            f"`{path}` is no instance of {ref.id}",
            hint=f"Name one below it: {', '.join(below[:5])}{', …' if len(below) > 5 else ''}.",
        )
    if record.asset is not None and (ref.folder / record.asset).is_file():
        return (ref.folder / record.asset).read_bytes()
    if record.asset is not None or record.status in {"failed", "skipped"}:
        raise SetupError(
            "pin-nothing",
            f"`{path}` has no value in {ref.id}: {'its file is gone' if record.asset else f'it {record.status}'}",
            hint="Pin it from another run, or write the value into overrides.yaml by hand.",
        )
    return record.value


def _edited(session: Session, tree: Tree) -> dict[str, Json | bytes]:
    """Every edit made by hand in latest/, as the instances' new values. Raises SetupError where there is none, or one that
    cannot be kept so."""
    folder = session.project.folder(tree.name)
    changed = edits(folder)
    run, _ = origin(folder)
    if not changed:
        raise SetupError(
            "pin-no-edit",
            f"{tree.name}/latest is as its run left it: there is no edit to keep",
            hint=f"To keep a value of the run, name it: `genarun pin {tree.name}/latest PATH`.",
        )
    source = run or folder.run(LATEST)
    kept = pins(tree, changed, source.output(), folder.run(LATEST).output(), standing(source.records()))
    if kept.unclear:
        places = ", ".join(edit.where for edit in kept.unclear[:3]) + (", …" if len(kept.unclear) > 3 else "")
        raise SetupError(
            "pin-unclear",
            f"these edits are not the value of one instance: {places}",
            f"trees/{tree.name}/latest",
            "Put them into overrides.yaml by hand (`path: value`), or undo them, and pin the others then. Nothing was written.",
        )
    found: dict[str, Json | bytes] = dict(kept.values)
    return found | {path: (folder.latest / name).read_bytes() for path, name in kept.files.items()}


def _fits(tree: Tree, path: str, value: Json | bytes) -> None:
    """Refuse what the next run would refuse. Raises SetupError."""
    node = find_node(tree.nodes, path, f"genarun pin {path}")
    if isinstance(value, bytes) or node.validate is None or value is MISSING:
        return
    problem = node.validate(value)
    if problem is not None:
        raise SetupError(
            "pin-misfit",
            f"the value of `{path}` does not fit its node: {problem}",
            f"tree {tree.name}",
            "Mend the edit in latest/, or change the node; nothing was written.",
        )
