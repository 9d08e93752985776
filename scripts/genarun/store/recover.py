"""logs.json read back: as it is, without the fields that are damaged, or as far as the records tell."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from genarun.store.files import load_json, shown
from genarun.store.journal import read_records
from genarun.store.records import SCHEMA_VERSION, Record, Summary
from genarun.store.totals import totals

Json = Any

_REQUIRED: Final = {"run", "tree", "status", "treeDigest", "engine", "seed", "date", "startedAt"}
_DATE: Final = re.compile(r"(\d{4}-\d{2}-\d{2})_(\d{2})-(\d{2})-(\d{2})", re.ASCII)


def read_summary(folder: Path, tree: str, stamp: str) -> tuple[Summary | None, list[str]]:
    """(the summary, notices). None where the folder holds neither a readable logs.json nor any record."""
    path = folder / "logs.json"
    notices: list[str] = []
    data: Json = None
    try:
        data = load_json(path.read_bytes())
    except FileNotFoundError:
        reason = "is missing"
    except OSError as error:
        reason = f"could not be read ({error.strerror})"
    except ValueError:
        reason = "is damaged"
    else:
        summary = _lenient(data, path, notices)
        if summary is not None:
            return summary, notices
        reason = "is damaged"
    records, said = read_records(folder / "records.jsonl")
    if not records and reason == "is missing":
        return None, []
    return _rebuilt(records, tree, stamp), [
        f"{shown(path)} {reason}; the run is summed up from its records, and is not gone on with",
        *said,
    ]


def _lenient(data: Json, path: Path, notices: list[str]) -> Summary | None:
    """The summary without the fields that do not fit; None where one of those that it cannot do without does not."""
    if not isinstance(data, dict):
        return None
    version = data.get("schemaVersion")
    if isinstance(version, int) and version > SCHEMA_VERSION:
        notices.append(f"{shown(path)} was written by a newer genarun; what this one does not know is left out")
    try:
        return Summary.model_validate(data)
    except ValidationError as error:
        wrong = {str(fault["loc"][0]) for fault in error.errors()}
    if wrong & _REQUIRED:
        return None
    try:
        summary = Summary.model_validate({key: value for key, value in data.items() if key not in wrong})
    except ValidationError:
        return None
    notices.append(
        f"{shown(path)}: {', '.join(sorted(wrong))} could not be read and {'was' if len(wrong) == 1 else 'were'} left out"
    )
    return summary


def _rebuilt(records: list[Record], tree: str, stamp: str) -> Summary:
    found = _DATE.match(stamp)
    moment = f"{found[1]}T{found[2]}:{found[3]}:{found[4]}.000Z" if found else "1970-01-01T00:00:00.000Z"
    total, by_node, by_model = totals(records)
    return Summary(
        run=f"{tree}/{stamp}",
        tree=tree,
        status="stopped",
        tree_digest="",  # equals no tree's, so nothing goes on from here; reuse still finds every record
        engine="",
        seed=0,
        date=moment[:10],
        started_at=moment,
        totals=total,
        nodes=by_node,
        models=by_model,
        stopped_by="its logs.json could not be read",
    )
