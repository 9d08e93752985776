"""Sums over records: what a run cost, by node and by model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final

from genarun.store.journal import paid
from genarun.store.lines import money
from genarun.store.records import Record, Totals

_ENDS: Final = frozenset({"reused", "overridden", "waiting", "failed", "skipped"})


class _Sum:
    """Sums while they grow: a plain object, since a model's fields are slow to write thirty thousand times."""

    def __init__(self) -> None:
        self.usd = Decimal(0)
        self.seconds = 0.0
        self.counts = dict.fromkeys((name for name in Totals.model_fields if name not in ("usd", "seconds")), 0)

    def add(self, other: _Sum) -> None:
        self.usd += other.usd
        self.seconds += other.seconds
        for name, count in other.counts.items():
            self.counts[name] += count

    def done(self) -> Totals:
        return Totals(**self.counts, usd=f"{self.usd.normalize():f}", seconds=round(self.seconds, 3))


def totals(
    records: Iterable[Record], sizes: Mapping[str, int] | None = None
) -> tuple[Totals, dict[str, Totals], dict[str, Totals]]:
    """(all, by node, by `provider/model`). Calls, requests, usage and dollars over every line; instances by their last line.

    sizes: bytes of each file under `assets/` by its name in the records; a file that several lines name counts once.
    """
    records = list(records)
    last = {record.path: place for place, record in enumerate(records) if record.status != "answered"}
    rows: dict[tuple[str, str | None, str | None], _Sum] = {}
    counted: set[str] = set()
    for place, record in enumerate(records):
        row = (record.node, record.provider, record.model)
        sums = rows.get(row)
        if sums is None:
            sums = rows[row] = _Sum()
        counts, status = sums.counts, record.status
        if status in _ENDS and last[record.path] == place:
            counts[status] += 1
        if status in ("reused", "overridden"):
            continue
        usd = money(record.usd)
        if usd is not None:
            sums.usd += usd
        if paid(record):
            counts["calls"] += 1
            counts["unpriced"] += usd is None
        counts["requests"] += max(record.attempts or 0, 0)
        if record.usage is not None:
            counts["input_tokens"] += record.usage.input_tokens or 0
            counts["output_tokens"] += record.usage.output_tokens or 0
            counts["images"] += record.usage.images or 0
            counts["characters"] += record.usage.characters or 0
            sums.seconds += record.usage.seconds or 0
        if sizes and record.asset and record.asset not in counted:
            counted.add(record.asset)
            counts["bytes"] += sizes.get(record.asset, 0)
    whole, by_node, by_model = _Sum(), dict[str, _Sum](), dict[str, _Sum]()
    for (node, provider, model), sums in rows.items():
        whole.add(sums)
        by_node.setdefault(node, _Sum()).add(sums)
        if provider and model:
            by_model.setdefault(f"{provider}/{model}", _Sum()).add(sums)
    return (
        whole.done(),
        {name: by_node[name].done() for name in sorted(by_node)},
        {name: by_model[name].done() for name in sorted(by_model)},
    )
