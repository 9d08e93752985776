"""Which recorded value, or recorded answer, serves a request that was made before. Pure: runs come in, nothing is written.

The rule of design §5: a key is looked up in the newest run first, then in older ones. Within a run of the engine a recorded
value serves one instance: the one at its own path, else the one that asks first, lowest path first. A value is the same
value in every run that took it over, so it is known by its origin: `<run id>#<path>` of the line that first held it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import chain
from pathlib import Path
from statistics import median
from typing import Any, Final

from genarun.store.assets import is_whole
from genarun.store.files import natural
from genarun.store.journal import standing
from genarun.store.lines import money
from genarun.store.records import Record

Json = Any

Keys = str | Sequence[str]
"""The key of a request, or its keys under each model that it may go to."""

HISTORY_RUNS: Final = 3
"""How many of the newest runs estimates are made from."""


@dataclass(frozen=True, slots=True)
class RunRecords:
    """One run to look into. load: reads its records, called at most once and only when a newer run has no hit.
    folder: where its assets are; None where there are none."""

    run_id: str
    load: Callable[[], list[Record]]
    folder: Path | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A recorded value or answer. origin: `<run id>#<path>` of the line that first held it, for `reusedFrom`."""

    record: Record
    run_id: str
    folder: Path | None
    origin: str
    path: str
    """The instance that it was found for."""


@dataclass(frozen=True, slots=True)
class NodeStats:
    """What the newest runs say of one node; None where they say nothing. Medians.

    run_id: the newest run that knows the node, as the estimate's source. items: entries of an array's value. instances: how
    many of them a run had. calls: per instance that was called. input_tokens, output_tokens, usd: per call.
    """

    run_id: str
    items: float | None = None
    instances: float | None = None
    calls: float | None = None
    input_tokens: float | None = None
    output_tokens: float | None = None
    usd: Decimal | None = None


class _Index:
    """One run, read: values by key, answers by key of the call."""

    def __init__(self, run: RunRecords) -> None:
        self.run_id = run.run_id
        self.folder = run.folder
        self.records = run.load()
        self.standing = standing(self.records)
        self.values: dict[str, _Shelf] = {}
        self.answers: dict[str, _Shelf] = {}
        self.nodes: dict[str, list[Record]] = {}
        newest: dict[tuple[str, str], _Entry] = {}
        for record in self.records:
            self.nodes.setdefault(record.node, []).append(record)
            # A value that a later line of its instance took the place of was paid for all the same.
            replaced = record.status == "answered" and (record.value is not None or record.asset is not None)
            if (replaced or record.status in ("succeeded", "reused")) and record.key:
                origin = (
                    record.reused_from if record.status == "reused" and record.reused_from else f"{run.run_id}#{record.path}"
                )
                newest[record.key, record.path] = _Entry(natural(record.path), 0, record, origin)  # a later line stands
            call_key = record.call_key or record.key
            if record.status in ("succeeded", "answered") and call_key and record.text is not None:
                origin = record.reused_from or f"{run.run_id}#{record.path}"
                entry = _Entry(natural(record.path), record.call or 0, record, origin)
                self.answers.setdefault(call_key, _Shelf()).entries.append(entry)
        for (key, _), entry in newest.items():
            self.values.setdefault(key, _Shelf()).entries.append(entry)
        for shelf in (*self.values.values(), *self.answers.values()):
            shelf.sort()


class _Shelf:
    """Everything recorded under one key, lowest path first."""

    def __init__(self) -> None:
        self.entries: list[_Entry] = []
        self.by_path: dict[str, list[_Entry]] = {}
        self.start = 0  # everything before it is given out: ten thousand equal requests must not look at each other

    def sort(self) -> None:
        self.entries.sort()
        for entry in self.entries:
            self.by_path.setdefault(entry.record.path, []).append(entry)

    def offers(self, path: str, gone: Callable[[_Entry], bool] | None) -> Iterator[_Entry]:
        """The entries of this path, then all from the lowest on. gone: tells which are given out; None where none ever is."""
        yield from self.by_path.get(path, ())
        if gone is None:
            yield from self.entries
            return
        while self.start < len(self.entries) and gone(self.entries[self.start]):
            self.start += 1
        for place in range(self.start, len(self.entries)):
            yield self.entries[place]


def _offers(shelves: Mapping[str, _Shelf], key: Keys, path: str, gone: Callable[[_Entry], bool] | None) -> Iterable[_Entry]:
    """What a run has under a key, or under several: the entries of this path, then all."""
    if isinstance(key, str):
        shelf = shelves.get(key)
        return () if shelf is None else shelf.offers(path, gone)
    found = [shelf for one in key if (shelf := shelves.get(one)) is not None]
    return chain(*(shelf.by_path.get(path, ()) for shelf in found), *(shelf.offers(path, gone) for shelf in found))


@dataclass(frozen=True, slots=True, order=True)
class _Entry:
    order: tuple[tuple[int, str], ...]
    number: int
    record: Record = field(compare=False)
    origin: str = field(compare=False)

    @property
    def value_id(self) -> tuple[str, str]:
        """What tells one value from all others: one path can have held several, of different requests."""
        return self.record.key or "", self.origin

    @property
    def answer_id(self) -> tuple[str, str, str]:
        """What tells one answer from all others, in whichever run it is read."""
        return self.record.call_key or self.record.key or "", self.origin, str(self.record.started_at or self.number)


class Reuse:
    """What recorded runs can spare a run of the engine. Make one per run; it remembers what it gave out.

    runs: newest first. current: id of the run that is being gone on with, where there is one; its lines belong to the
    instances that wrote them, so another instance gets one only when no other run has a value for it.
    """

    def __init__(self, runs: Sequence[RunRecords], current: str | None = None) -> None:
        self._waiting = list(reversed(runs))
        self._read: list[_Index] = []
        self._reserved: dict[tuple[str, str], str] = {}
        self._claimed: dict[tuple[str, str], str] = {}
        self._answers_given: set[tuple[str, str, str]] = set()
        self._misfits: set[tuple[tuple[str, str], str]] = set()
        self.held = False
        """Whether the last patient claim found nothing but what another instance may come for."""
        self._history: dict[str, NodeStats | None] = {}
        self._whole: dict[tuple[Path, str], bool] = {}
        if current is not None:
            for index in self._indexes():
                if index.run_id == current:
                    for shelf in index.values.values():
                        self._reserved |= {entry.value_id: entry.record.path for entry in shelf.entries}
                    break

    def claim(self, key: Keys, path: str, shared: bool = False, *, patient: bool = False) -> Found | None:
        """The recorded value for the instance at `path` whose request has this key; None where it must be asked.

        key: or several, the first of them preferred within a run; a newer run comes before an older one all the same.
        shared: the value may serve any number of instances (`cache: shared`). patient: rather ask again later than take what
        was recorded at another path, whose own instance may still come for it; `held` then tells that there is such a value.
        A value whose asset is missing or damaged is no hit. What is given out is not given to another instance, unless
        `release` gives it back.
        """
        self.held = False
        last: tuple[_Index, _Entry] | None = None
        for index in self._indexes():
            for entry in _offers(index.values, key, path, None if shared else self._value_gone):
                if not shared and self._claimed.get(entry.value_id, path) != path:
                    continue
                if (entry.value_id, path) in self._misfits or not self._usable(index, entry.record):
                    continue
                if patient and not shared and entry.record.path != path:
                    self.held = True
                    return None
                if not shared and self._reserved.get(entry.value_id, path) != path:
                    last = last or (index, entry)
                    continue
                return self._give(index, entry, path, shared)
        return self._give(*last, path, shared) if last is not None else None

    def call(self, key: Keys, path: str) -> Found | None:
        """The recorded answer to one call with this key, or with one of several, made for the instance at `path`; None where it
        must be asked.

        Answers of several calls of one instance (turns, repairs) are looked up one by one. An answer serves one call.
        """
        for index in self._indexes():
            for entry in _offers(index.answers, key, path, self._answer_gone):
                if entry.answer_id in self._answers_given or (entry.value_id, path) in self._misfits:
                    continue
                holders = (self._claimed.get(entry.value_id, path), self._reserved.get(entry.value_id, path))
                if self._is_value(entry) and holders != (path, path):
                    continue
                if not self._usable(index, entry.record):
                    continue
                self._answers_given.add(entry.answer_id)
                if self._is_value(entry):
                    self._claimed[entry.value_id] = path
                return Found(entry.record, index.run_id, index.folder, entry.origin, path)
        return None

    def answered(self, key: Keys) -> bool:
        """Whether a call with this key, or one of several, was ever answered, whoever has the answer now."""
        keys = (key,) if isinstance(key, str) else key
        return any(one in index.answers for index in self._indexes() for one in keys)

    def release(self, found: Found) -> None:
        """The reused value did not fit: it is not offered to that instance again, and free for another one."""
        entry = _Entry((), found.record.call or 0, found.record, found.origin)
        self._misfits.add((entry.value_id, found.path))
        if self._claimed.get(entry.value_id) == found.path:
            del self._claimed[entry.value_id]
        self._answers_given.discard(entry.answer_id)
        for index in self._read:
            for shelf in (
                index.values.get(found.record.key or ""),
                index.answers.get(found.record.call_key or found.record.key or ""),
            ):
                if shelf is not None:
                    shelf.start = 0

    def at(self, path: str) -> Record | None:
        """The newest line of the instance at this path, whatever its key, to tell what changed; None where none of the newest
        runs has one."""
        for place, index in enumerate(self._indexes()):
            if place >= HISTORY_RUNS:
                return None
            if path in index.standing:
                return index.standing[path]
        return None

    def lines(self) -> Iterator[Record]:
        """Every line of every run."""
        for index in self._indexes():
            yield from index.records

    def history(self, node: str) -> NodeStats | None:
        """What the newest runs say of a node (ids from the top, `ideas/series`); None where none knows it."""
        if node not in self._history:
            self._history[node] = self._look_back(node)
        return self._history[node]

    def _look_back(self, node: str) -> NodeStats | None:
        found: list[tuple[str, list[Record]]] = []
        for place, index in enumerate(self._indexes()):
            if place >= HISTORY_RUNS and found:
                break
            if lines := index.nodes.get(node):
                found.append((index.run_id, lines))
        if not found:
            return None
        every = [record for _, lines in found for record in lines]
        values = [record for record in every if record.status in ("succeeded", "reused", "overridden")]
        asked = [record for record in every if record.usage is not None]
        prices = [usd for record in every if (usd := money(record.usd)) is not None and record.status != "reused"]
        return NodeStats(
            run_id=found[0][0],
            items=_median(len(record.value) for record in values if isinstance(record.value, list)),
            instances=_median(len({record.path for record in lines}) for _, lines in found),
            calls=_median(record.call + 1 for record in values if record.status == "succeeded" and record.call is not None),
            input_tokens=_median(record.usage.input_tokens for record in asked if record.usage),
            output_tokens=_median(record.usage.output_tokens for record in asked if record.usage),
            usd=Decimal(median(prices)) if prices else None,
        )

    def _give(self, index: _Index, entry: _Entry, path: str, shared: bool) -> Found:
        if not shared:
            self._claimed[entry.value_id] = path
        return Found(entry.record, index.run_id, index.folder, entry.origin, path)

    def _value_gone(self, entry: _Entry) -> bool:
        return entry.value_id in self._claimed

    def _answer_gone(self, entry: _Entry) -> bool:
        return entry.answer_id in self._answers_given

    def _is_value(self, entry: _Entry) -> bool:
        return entry.record.status == "succeeded" or entry.record.value is not None or entry.record.asset is not None

    def _usable(self, index: _Index, record: Record) -> bool:
        if record.asset is None:
            return True
        if index.folder is None:
            return False
        place = (index.folder, record.asset)
        if place not in self._whole:
            self._whole[place] = is_whole(*place)
        return self._whole[place]

    def _indexes(self) -> Iterator[_Index]:
        """Runs newest first, each read when it is first reached."""
        place = 0
        while True:
            if place < len(self._read):
                yield self._read[place]
            elif self._waiting:
                self._read.append(_Index(self._waiting.pop()))
                yield self._read[place]
            else:
                return
            place += 1


def _median(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(median(known)) if known else None
