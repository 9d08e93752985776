"""trees/tree.schema.json: what editors complete and check trees with, generated from the models in `spec`.

python -m genarun.tree.schema            writes trees/tree.schema.json
python -m genarun.tree.schema --check    exit 1 if it is not what would be written
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from genarun.tree.project import find_root
from genarun.tree.spec import TreeSpec

Json = Any

FILE = "trees/tree.schema.json"
DRAFT = "https://json-schema.org/draft/2020-12/schema"


def tree_schema() -> dict[str, Any]:
    """JSON Schema of a tree, version 1. A fresh dictionary."""
    schema = TreeSpec.model_json_schema(by_alias=True)
    definitions = {name: _tidy(one) for name, one in sorted(schema.pop("$defs", {}).items())}
    tidy = _tidy(schema)
    return {
        "$schema": DRAFT,
        "title": "A Genarun tree",
        "description": "One pipeline of generative models: trees/<tree>/config.yaml or config.json.",
        **{key: value for key, value in tidy.items() if key not in ("title", "description")},
        "$defs": definitions,
    }


def _tidy(schema: Json) -> Json:
    """Without what pydantic adds and no editor's user wants to read: titles made from names, defaults of null, `or null`."""
    if isinstance(schema, list):
        return [_tidy(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    tidy: dict[str, Json] = {}
    for key, value in schema.items():
        if (key == "title" and isinstance(value, str)) or (key == "default" and value is None):
            continue
        if key == "properties":
            tidy[key] = {name: _tidy(one) for name, one in value.items()}
        else:
            tidy[key] = value if key in ("enum", "const", "default", "required") else _tidy(value)
    choices = tidy.get("anyOf")
    if isinstance(choices, list) and {"type": "null"} in choices:
        rest = [one for one in choices if one != {"type": "null"}]
        tidy.pop("anyOf")
        # A null limit in `budget` means none; everywhere else null says nothing, and editors need not offer it.
        tidy = {"anyOf": rest, **tidy} if len(rest) > 1 else {**rest[0], **tidy}
    return tidy


def written() -> str:
    """The file's text."""
    return json.dumps(tree_schema(), indent=2, ensure_ascii=False) + "\n"


def main(arguments: Sequence[str]) -> int:
    """Write the file of the project around the current folder, or check it. Exit code."""
    path = find_root(Path.cwd()) / FILE
    if "--check" not in arguments:
        path.write_text(written(), encoding="utf-8")
        return 0
    if path.exists() and path.read_text(encoding="utf-8") == written():
        return 0
    sys.stderr.write(f"{FILE} is not what scripts/genarun/tree/spec.py says: run `make schema` and commit it.\n")
    return 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
