"""Sums over records: what a run cost, by node and by model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from genarun.store.journal import paid
from genarun.store.lines import money
from genarun.store.records import Record, Totals


class _Sum:
    def __init__(self) -> None:
        self.totals = Totals()
        self.usd = Decimal(0)

    def done(self) -> Totals:
        self.totals.usd = f"{self.usd.normalize():f}"
        return self.totals


def totals(
    records: Iterable[Record], sizes: Mapping[str, int] | None = None
) -> tuple[Totals, dict[str, Totals], dict[str, Totals]]:
    """(all, by node, by `provider/model`). Calls, requests, tokens and dollars over every line; instances by their last line.

    sizes: bytes of each file under `assets/` by its name in the records; a file that several lines name counts once.
    """
    records = list(records)
    last = {record.path: place for place, record in enumerate(records) if record.status != "answered"}
    whole, by_node, by_model = _Sum(), dict[str, _Sum](), dict[str, _Sum]()
    counted: set[str] = set()
    for place, record in enumerate(records):
        groups = [whole, by_node.setdefault(record.node, _Sum())]
        if record.provider and record.model:
            groups.append(by_model.setdefault(f"{record.provider}/{record.model}", _Sum()))
        called = record.status not in {"reused", "overridden"}
        answered = called and paid(record)
        usd = money(record.usd) if called else None
        size = 0
        if called and sizes and record.asset and record.asset not in counted:
            counted.add(record.asset)
            size = sizes.get(record.asset, 0)
        for group in groups:
            sums = group.totals
            if answered:
                sums.calls += 1
                sums.unpriced += usd is None
            if called:
                sums.requests += max(record.attempts or 0, 0)
            if called and record.usage is not None:
                sums.input_tokens += record.usage.input_tokens or 0
                sums.output_tokens += record.usage.output_tokens or 0
            if usd is not None:
                group.usd += usd
            sums.bytes += size
            if last.get(record.path) == place:
                sums.reused += record.status == "reused"
                sums.overridden += record.status == "overridden"
                sums.failed += record.status == "failed"
                sums.skipped += record.status == "skipped"
    return (
        whole.done(),
        {name: by_node[name].done() for name in sorted(by_node)},
        {name: by_model[name].done() for name in sorted(by_model)},
    )
