"""The marked block of readme.md: the trees, their last runs, what they cost, and the site."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote

from genarun.github.job_summary import SIGNS
from genarun.github.markdown import plain, table
from genarun.github.tip import Tip
from genarun.store.files import load_json
from genarun.store.layout import LATEST, STAMP, TREE_NAME, stamp_order
from genarun.words import spend

BEGIN: Final = "<!-- genarun:status -->"
END: Final = "<!-- /genarun:status -->"
_BLOCK: Final = re.compile(re.escape(BEGIN.encode()) + rb"(.*?)" + re.escape(END.encode()), re.DOTALL)


def with_block(readme: bytes, tip: Tip, inside: str, site_url: str | None) -> bytes:
    """readme.md with its block as the branch now stands; unchanged where it has none, or where a person took it out."""
    if not _BLOCK.search(readme):
        return readme
    text = f"{BEGIN}\n{_block(tip, inside, site_url)}\n{END}".encode()
    return _BLOCK.sub(lambda _: text, readme, count=1)


def _block(tip: Tip, inside: str, site_url: str | None) -> str:
    rows = []
    for tree in sorted(tip.folders(f"{inside}trees")):
        stamps = [name for name in tip.folders(f"{inside}trees/{tree}") if STAMP.fullmatch(name)]
        if TREE_NAME.fullmatch(tree) and stamps:
            rows.append(_row(tip, inside, tree, max(stamps, key=stamp_order)))
    lines = (
        [table(["tree", "last run", "calls", "reused", "cost"], rows, right=(2, 3, 4))] if rows else ["No tree has run yet."]
    )
    if site_url:
        lines += ["", f"The site: <{quote(site_url, safe=':/?&=#%~._-')}>"]
    return "\n".join(lines)


def _row(tip: Tip, inside: str, tree: str, stamp: str) -> list[str]:
    folder = f"{inside}trees/{tree}"
    try:
        found = load_json(tip.text(f"{folder}/{stamp}/logs.json") or b"")
        totals, status = dict(found["totals"]), str(found["status"])
        cost = "free" if found.get("mode") != "real" else spend(str(totals["usd"]), int(totals.get("unpriced", 0)))
        cells = [f"{int(totals['calls']):,}", f"{int(totals['reused']):,}", cost.replace("$", "\\$")]
        title = str(found.get("title") or tree)
    except (ValueError, KeyError, TypeError):
        title, status, cells = tree, "unreadable", ["", "", ""]
    shown = LATEST if tip.names(f"{folder}/{LATEST}") else stamp
    when = f"{stamp[:10]} {stamp[11:16].replace('-', ':')}"
    said = "" if status == "succeeded" else f" {plain(status, 20)}"
    link = f"[{plain(title, 60)}](trees/{quote(tree)}/{shown})"
    return [link, f"{SIGNS.get(status, '❌')} [{when}](trees/{quote(tree)}/{quote(stamp)}){said}", *cells]
