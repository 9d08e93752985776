"""`genarun check`."""

from __future__ import annotations

import click

from genarun.cli.execute import walk
from genarun.cli.options import common
from genarun.cli.session import Session
from genarun.tree.model import Tree
from genarun.words import one_line, plural


@click.command("check")
@click.argument("trees", nargs=-1, metavar="[TREE]...")
@click.option("--schema", is_flag=True, help="Print the JSON Schema of a tree instead; editors complete and check with it.")
@common
@click.pass_obj
def check(session: Session, trees: tuple[str, ...], schema: bool, as_json: bool) -> int:
    """Check trees without calling anything: every fault with its file, line, and what to write instead."""
    screen = session.screen
    if schema:
        # Builds every model's schema, which checking does not need.
        from genarun.tree.schema import tree_schema

        screen.document(tree_schema())
        return 0
    loaded = session.load(trees)
    if as_json:
        screen.document({"ok": True, "trees": [_document(tree) for tree in loaded]})
        return 0
    wide = max((len(tree.name) for tree in loaded), default=0)
    for tree in loaded:
        nodes = list(walk(tree.nodes))
        facts = [plural(len(nodes), "node"), ", ".join(_models(tree)) or "no model"]
        facts += [f"reads {', '.join(tree.after)}"] if tree.after else []
        facts += ["Genarun v0"] if tree.legacy else []
        name = screen.safe(tree.name).ljust(wide)
        screen.say(
            f"{screen.paint('✓', 'green bold')} {screen.paint(name, 'bold')}  {one_line(screen.safe(' · '.join(facts)))}"
        )
        screen.say(*(screen.paint(f"  ▲ {one_line(screen.safe(text))}", "yellow") for text in tree.warnings))
    return 0


def _models(tree: Tree) -> list[str]:
    found = (node.use for node in walk(tree.nodes))
    return sorted({one.named for use in found if use is not None for one in use.candidates})


def _document(tree: Tree) -> dict[str, object]:
    return {
        "tree": tree.name, "title": tree.spec.title, "digest": tree.digest, "legacy": tree.legacy, "after": list(tree.after),
        "nodes": ["/".join(node.trail) for node in walk(tree.nodes)], "models": _models(tree), "warnings": list(tree.warnings),
    }  # fmt: skip
