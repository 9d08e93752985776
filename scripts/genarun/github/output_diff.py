"""What a pull request changes in the outputs that it brings along: texts word by word, pictures side by side. Markdown."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from genarun.github.context import Context
from genarun.github.markdown import code, details, plain, unlinked
from genarun.providers.media import medium_of
from genarun.store.diff import Change, changes
from genarun.store.files import load_json
from genarun.store.layout import LATEST
from genarun.store.worddiff import word_diff
from genarun.tree.values import MISSING
from genarun.words import plural

if TYPE_CHECKING:
    from git import Repo

Json = Any

SHOWN: Final = 25
TEXT: Final = 1200
_ASSET: Final = re.compile(r"assets/[A-Za-z0-9._-]+", re.ASCII)
_SPECIAL: Final = re.compile(r"[\\`*_{}\[\]()+\-.!|~$:]")


def output_diff(repo: Repo, folder: str, base: str, head: str, context: Context) -> str:
    """How one tree's latest output differs between two commits; empty where it does not. folder: of the tree, in git."""
    path = f"{folder}/{LATEST}/output.json"
    old, new = read_json(repo, base, path), read_json(repo, head, path)
    found = [one for change in changes(old, new) for one in _items(change)] if old is not new else []
    if not found:
        return ""
    address = f"{context.repository_url}/raw"
    parts = []
    for change in found[:SHOWN]:
        label = "/".join(map(str, change.path)) or "output"
        before = f"{address}/{base}/{quote(folder)}/{LATEST}/"
        after = f"{address}/{head}/{quote(folder)}/{LATEST}/"
        parts.append(f"{code(label)}\n\n{_shown(change, before, after)}")
    if len(found) > SHOWN:
        parts.append(f"… and {plural(len(found) - SHOWN, 'further change')}.")
    return details(f"{plural(len(found), 'change')} of its output", "\n\n".join(parts))


def read_json(repo: Repo, commit: str, path: str) -> Json:
    """A JSON file of a commit; MISSING where there is none or it is damaged."""
    from git.exc import GitCommandError

    try:
        return load_json(repo.git.show(f"{commit}:{path}", stdout_as_string=False))
    except (GitCommandError, ValueError):
        return MISSING


def _items(change: Change) -> Iterator[Change]:
    """Lists item by item, and what came or went whole field by field, so that a picture in it is seen."""
    old, new = change.old, change.new
    if isinstance(old, list) and isinstance(new, list):
        for place in range(max(len(old), len(new))):
            before = old[place] if place < len(old) else MISSING
            after = new[place] if place < len(new) else MISSING
            for inner in changes(before, after):
                yield from _items(Change((*change.path, place, *inner.path), inner.old, inner.new))
        return
    whole = new if old is MISSING else old if new is MISSING else None
    if isinstance(whole, dict) and whole:
        for key, value in whole.items():
            pair = (MISSING, value) if old is MISSING else (value, MISSING)
            yield from _items(Change((*change.path, key), *pair))
    elif isinstance(whole, list) and whole:
        for place, value in enumerate(whole):
            pair = (MISSING, value) if old is MISSING else (value, MISSING)
            yield from _items(Change((*change.path, place), *pair))
    else:
        yield change


def _shown(change: Change, before: str, after: str) -> str:
    old, new = change.old, change.new
    if _is_picture(old) or _is_picture(new):
        cells = [_picture(old, before, "before"), _picture(new, after, "after")]
        return f"| before | after |\n| --- | --- |\n| {cells[0]} | {cells[1]} |"
    if isinstance(old, str) and isinstance(new, str):
        pieces = word_diff(old[:TEXT], new[:TEXT])
        marks = {"same": ("", ""), "gone": ("<del>", "</del>"), "come": ("<ins>", "</ins>")}
        text = "".join(f"{marks[one.kind][0]}{_inline(one.text)}{marks[one.kind][1]}" for one in pieces)
        return text + (" …" if max(len(old), len(new)) > TEXT else "")
    lines = []
    if old is not MISSING:
        lines.append(f"<del>{_inline(_text(old))}</del>")
    if new is not MISSING:
        lines.append(f"<ins>{_inline(_text(new))}</ins>")
    return "<br>".join(lines)


def _text(value: Json) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= TEXT else text[:TEXT] + " …"


def _inline(text: str) -> str:
    """Text from a model in one paragraph of HTML and Markdown that shows it as it is."""
    shown = "".join(char if char.isprintable() or char == "\n" else " " for char in text)
    escaped = unlinked(html.escape(shown, quote=False).replace("#", "\0"))
    return _SPECIAL.sub(lambda found: f"&#{ord(found[0])};", escaped).replace("\0", "&#35;\u2060").replace("\n", "<br>")


def _is_picture(value: Json) -> bool:
    return isinstance(value, str) and bool(_ASSET.fullmatch(value)) and medium_of(value) == "image"


def _picture(value: Json, address: str, word: str) -> str:
    if not _is_picture(value):
        return "–" if value is MISSING else plain(_text(value), 200)
    return f'<img src="{address}{quote(value)}" alt="{word}" width="380">'
