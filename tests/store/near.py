"""What the tests of the store share: small runs, written the way the engine writes them."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from genarun.store.layout import RunRef, TreeFolder
from genarun.store.lines import make_record
from genarun.store.mask import Masker
from genarun.store.records import Record, Summary
from genarun.store.run_folder import RunFolder
from genarun.tree.values import MISSING

NOW = datetime(2026, 11, 21, 9, 30, 5, tzinfo=UTC)
ROOT = Path(__file__).resolve().parent.parent.parent


def picture(words: str = "a picture") -> bytes:
    """A PNG that is different for different words: one black pixel, and a text chunk."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4) + name + data + zlib.crc32(name + data).to_bytes(4)

    head = chunk(b"IHDR", (1).to_bytes(4) + (1).to_bytes(4) + bytes([8, 0, 0, 0, 0]))
    text = chunk(b"tEXt", b"Comment\0" + words.encode("latin-1"))
    return b"\x89PNG\r\n\x1a\n" + head + text + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")


def summary(**fields: Any) -> Summary:
    """A summary as a run begins with it."""
    given = {
        "run": "",
        "tree": "press",
        "status": "running",
        "tree_digest": "sha256:tree",
        "engine": "0.1.0",
        "seed": 0,
        "date": "2026-11-21",
        "started_at": "2026-11-21T09:30:05.000Z",
    }
    return Summary(**{**given, **fields})


def line(path: str, key: str | None = None, value: Any = None, status: str = "succeeded", **more: Any) -> Record:
    """A record of a call that was answered; the node is the path without places."""
    node = "/".join(part for part in path.split("/") if not part.isdigit())
    called: dict[str, Any] = {"call": 0, "attempts": 1} if status in ("succeeded", "answered") else {}
    fields = {"path": path, "node": node, "type": "text", "status": status, "key": key, "value": value, **called, **more}
    return make_record(**fields)


def folder(root: Path, name: str = "press") -> TreeFolder:
    """A tree's folder that exists."""
    tree = TreeFolder(root, name)
    tree.path.mkdir(parents=True, exist_ok=True)
    return tree


def run(
    tree: TreeFolder,
    output: Any = MISSING,
    records: list[Record] | None = None,
    *,
    now: datetime = NOW,
    status: str = "succeeded",
    pictures: dict[str, bytes] | None = None,
    markdown: str | None = None,
    **fields: Any,
) -> RunRef:
    """A whole run, written and finished. pictures: node id → bytes."""
    opened = RunFolder.create(tree, summary(**fields), Masker(), now, reserve_bytes=0)
    for record in records or []:
        opened.append(record)
    for node, data in (pictures or {}).items():
        name = opened.add_asset(node, data)
        opened.append(line(node, f"key of {name}", asset=name, type="image"))
    opened.finish(summary(**{**fields, "status": status}), output, {"type": "object"}, markdown)
    return opened.ref
