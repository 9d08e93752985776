"""One record as one line, both ways, fast enough for tens of thousands of them.

Pydantic's own reading and writing would cost more than everything else that a call costs us, so lines are written from the
model's fields directly, and read with cheap checks; only a line that fails these is given to pydantic.
"""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, get_args

import orjson
from pydantic import BaseModel, ValidationError

from genarun.store.files import dump_json, load_json
from genarun.store.mask import Masker
from genarun.store.records import ErrorRecord, Pick, Record, RecordStatus, UsageRecord, utc

Json = Any

_ALIASES: Final[dict[type[BaseModel], list[tuple[str, str]]]] = {
    model: [(name, str(field.alias)) for name, field in model.model_fields.items()]
    for model in (Record, UsageRecord, Pick, ErrorRecord)
}
_EMPTY: Final[dict[str, Any]] = dict.fromkeys(Record.model_fields)
_STATUSES: Final = frozenset(get_args(RecordStatus))
_TEXTS: Final = {
    "path", "node", "type", "status", "key", "call_key", "provider", "model", "text", "asset", "usd", "started_at",
    "reused_from", "override", "answered_by",
}  # fmt: skip
_COUNTS: Final = {"call", "attempts", "duration_ms"}
_TYPES: Final[dict[str, tuple[str, type | None]]] = {
    alias: (
        name,
        str
        if name in _TEXTS
        else int
        if name in {"call", "attempts", "duration_ms"}
        else dict
        if name in {"request", "question"}
        else None,
    )
    for name, alias in _ALIASES[Record]
}
_MONEY: Final = re.compile(r"\d{1,15}(\.\d{1,24})?")
_set: Final = object.__setattr__


def make_record(**fields: Any) -> Record:
    """A record from fields that are right already: a tenth of the time of `Record(…)`, which would check them."""
    return _from_fields({**_EMPTY, **fields}, set(fields))


def _from_fields(values: dict[str, Any], given: set[str]) -> Record:
    record = Record.__new__(Record)
    _set(record, "__dict__", values)
    _set(record, "__pydantic_fields_set__", given)
    _set(record, "__pydantic_extra__", None)
    _set(record, "__pydantic_private__", None)
    return record


def money(text: str | None) -> Decimal | None:
    """Dollars from a record; None where unknown, or where a damaged record says something else."""
    return Decimal(text) if text is not None and _MONEY.fullmatch(text) else None


def plain(model: BaseModel) -> dict[str, Json]:
    """A record, or a part of one, as JSON writes it: camelCase keys in the model's order, None left out."""
    values = model.__dict__
    return {alias: value for name, alias in _ALIASES[type(model)] if (value := values.get(name)) is not None}


def _default(value: object) -> Json:
    if type(value) in _ALIASES:
        return plain(value)  # type: ignore[arg-type]
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, datetime):
        return utc(value)
    raise TypeError(f"{type(value).__name__} is no JSON")


def write_line(record: Record, masker: Masker) -> bytes:
    """The record's line, its newline included, without secrets. Raises RunError where its value is no JSON."""
    return _write(plain(record), masker)


def write_plain(line: dict[str, Json], masker: Masker) -> bytes:
    """The line of a record that is given as JSON."""
    return _write(line, masker)


def _write(values: dict[str, Json], masker: Masker) -> bytes:
    try:
        data = orjson.dumps(values, _default)
    except TypeError:
        # A leading space marks what only the standard library's parser reads back unchanged: see `files.load_json`.
        data = b" " + dump_json(values, default=_default)
    if masker.found(data):
        clean = load_json(data)
        data = data[: data.startswith(b" ")] + masker.json(data, clean)
    return data + b"\n"


def read_line(line: bytes) -> tuple[Record | None, dict[str, Json] | None]:
    """(record, its JSON); (None, JSON) for an object that is no record, (None, None) for what is no JSON object."""
    try:
        data = load_json(line) if line[:1] == b" " else orjson.loads(line)
    except ValueError:
        try:
            data = load_json(line)
        except ValueError:
            return None, None
    if type(data) is not dict:
        return None, None
    return _read(data), data


def _read(data: dict[str, Json]) -> Record | None:
    values = _EMPTY.copy()
    given = set()
    for alias, value in data.items():
        known = _TYPES.get(alias)
        if known is None or value is None:
            continue
        name, kind = known
        if kind is not None and type(value) is not kind:
            return _read_slowly(data)
        values[name] = value
        given.add(name)
    if values["status"] not in _STATUSES or not values["path"] or values["node"] is None or values["type"] is None:
        return None
    if (
        values["usage"] is not None
        or values["picks"] is not None
        or values["error"] is not None
        or values["warnings"] is not None
    ):
        try:
            if values["usage"] is not None:
                values["usage"] = UsageRecord.model_validate(values["usage"])
            if values["error"] is not None:
                values["error"] = ErrorRecord.model_validate(values["error"])
            if values["picks"] is not None:
                values["picks"] = [Pick.model_validate(pick) for pick in values["picks"]]
            if values["warnings"] is not None and not _are_texts(values["warnings"]):
                return None
        except (ValidationError, TypeError):
            return None
    return _from_fields(values, given)


def _are_texts(value: Json) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) for text in value)


def _read_slowly(data: dict[str, Json]) -> Record | None:
    try:
        return Record.model_validate(data)
    except ValidationError:
        return None
