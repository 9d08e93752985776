"""Writes docs/reference/ and docs/providers.md from the code, so that they cannot say anything else: `make docs`.

`--check` tells whether they drifted.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click
from genarun.cli.app import COMMANDS, cli
from genarun.store.records import Record, Summary
from genarun.tree.spec import DefaultsSpec, TreeSpec
from providers_page import page
from pydantic import BaseModel

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "reference"
NOTE = "<!-- Written by `make docs` from {source}. Change that file, not this one. -->"
WIDTH = 100


def kind(schema: dict[str, Any]) -> str:
    """A JSON Schema's type in words; a named model links to its section."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        return f"[{name}](#{name.lower()})"
    if found := schema.get("anyOf") or schema.get("oneOf"):
        words = [kind(part) for part in found if part.get("type") != "null"]
        return " or ".join(dict.fromkeys(words))
    if "const" in schema:
        return f"`{schema['const']}`"
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if schema.get("type") == "array":
        inner = kind(schema.get("items", {}))
        return f"list of {inner}" if inner != "any value" else "list"
    if schema.get("type") == "object":
        values = schema.get("additionalProperties")
        return f"name → {kind(values)}" if isinstance(values, dict) and values else "object"
    names = {"string": "text", "integer": "integer", "number": "number", "boolean": "true or false"}
    return names.get(schema.get("type", ""), "any value")


def fields(schema: dict[str, Any]) -> list[str]:
    """A model's keys as a table."""
    lines = ["| key | value | meaning |", "| --- | --- | --- |"]
    required = set(schema.get("required", ()))
    for name, field in schema.get("properties", {}).items():
        meaning = field.get("description", "") + (" **Required.**" if name in required else "")
        if field.get("default") not in (None, {}, [], "") and "default" not in meaning.lower():
            default = field["default"]
            meaning += f" Default: `{str(default).lower() if isinstance(default, bool) else default}`."
        cells = [f"`{name}`", kind(field), meaning.strip()]
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return lines


def models(*roots: type[BaseModel]) -> list[str]:
    """Every root model and whatever it refers to, each a section, in the order in which they are met."""
    schemas: dict[str, dict[str, Any]] = {}
    for root in roots:
        schema = root.model_json_schema(by_alias=True)
        inner = schema.pop("$defs", {})
        top = inner.pop(root.__name__, schema)  # a model that refers to itself is among its own definitions
        schemas.setdefault(root.__name__, top)
        for name, part in inner.items():
            schemas.setdefault(name, part)
    lines = []
    for name, schema in schemas.items():
        lines += ["", f"## {name}", "", " ".join(schema.get("description", "").split()), "", *fields(schema)]
    return lines


def tree_page() -> str:
    head = [
        "# What a tree may say",
        "",
        NOTE.format(source="scripts/genarun/tree/spec.py"),
        "",
        "`trees/<tree>/config.yaml` is a [TreeSpec](#treespec), `trees/defaults.yaml` a [DefaultsSpec](#defaultsspec). Unknown",
        "keys are refused. `trees/tree.schema.json` says the same to editors.",
    ]
    return "\n".join([*head, *models(TreeSpec, DefaultsSpec)]) + "\n"


def run_folder_page() -> str:
    head = [
        "# What a run writes down",
        "",
        NOTE.format(source="scripts/genarun/store/records.py"),
        "",
        "`logs.json` is a [Summary](#summary); `records.jsonl` holds a [Record](#record) a line, in which a key without value",
        "is left out.",
    ]
    return "\n".join([*head, *models(Summary, Record)]) + "\n"


def commands_page() -> str:
    lines = ["# Commands", "", NOTE.format(source="scripts/genarun/cli/")]

    def section(title: str, command: click.Command, context: click.Context) -> None:
        formatter = click.HelpFormatter(width=WIDTH, max_width=WIDTH)
        command.format_help(context, formatter)
        lines.extend(["", f"## {title}", "", "```text", formatter.getvalue().rstrip(), "```"])

    context = click.Context(cli, info_name="genarun")
    section("genarun", cli, context)
    for name in COMMANDS:
        command = cli.get_command(context, name)
        assert command is not None
        section(f"genarun {name}", command, click.Context(command, info_name=name, parent=context))
    return "\n".join(lines) + "\n"


def providers_page() -> str:
    return page(NOTE.format(source="scripts/genarun/providers/catalog.toml"))


PAGES = {
    "tree.md": tree_page,
    "run-folder.md": run_folder_page,
    "commands.md": commands_page,
    "../providers.md": providers_page,
}


def main(check: bool) -> int:
    drifted = []
    for name, write in PAGES.items():
        page, text = FOLDER / name, write()
        if not page.exists() or page.read_text(encoding="utf-8") != text:
            drifted.append(name)
            if not check:
                FOLDER.mkdir(parents=True, exist_ok=True)
                page.write_text(text, encoding="utf-8")
    if check and drifted:
        print(f"docs/ has drifted from the code: {', '.join(drifted)}. Write it anew with `make docs`.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
