"""What a run writes down: the lines of records.jsonl, the folder they live in, and the summary."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from time import monotonic
from typing import Any

from genarun import __version__
from genarun.engine.lanes import Gate, LaneState
from genarun.engine.model import Event, Lane, OnEvent, Progress
from genarun.engine.session import picks_record
from genarun.engine.stop import StopSignal
from genarun.errors import GenarunError, RunError, StoreError
from genarun.planning.estimate import Estimator
from genarun.planning.situation import Situation
from genarun.planning.sources import Recorded
from genarun.planning.walk import Instance
from genarun.providers.prices import Prices
from genarun.store.lines import make_record
from genarun.store.mask import Masker
from genarun.store.records import ErrorRecord, Record, RecordStatus, RunStatus, Summary, utc
from genarun.store.run_folder import RunFolder
from genarun.tree.kinds import ASSETS
from genarun.tree.model import ModelUse, Node

Json = Any


class Ledger(Recorded):
    """The `Sources` of a running walk: it writes down what the walk decides, before anything that depends on it starts."""

    def __init__(self, situation: Situation, masker: Masker, on_event: OnEvent, stop: StopSignal) -> None:
        super().__init__(
            situation.reuse,
            situation.own,
            situation.overrides,
            situation.services.key,
            Estimator(Prices(env=situation.services.env), situation.reuse),
            situation.selected,
            own_run=situation.own_run,
            fresh=situation.fresh,
        )
        self.situation = situation
        self.tree = situation.tree
        self.masker = masker
        self.on_event = on_event
        self.stop = stop
        self.progress = Progress(self.tree.name, situation.own_run)
        self.began = self.clock()
        self.begun = monotonic()
        self.folder: RunFolder | None = None
        self.early: list[Record] = []  # decided before the first call; written once a call makes a folder worth having
        self.lost: list[Record] = []  # could not be written: the disk is full
        self.early_files: list[Callable[[RunFolder], object]] = []  # to be copied once there is a folder
        self.failures: list[Record] = []
        self.warnings: list[str] = [*self.tree.warnings, *situation.notices]
        self.lanes: dict[str, LaneState] = {}
        self.gates: dict[str, Gate] = {}

    def warn(self, text: str) -> None:
        """Tell people now, and once more at the end."""
        if text not in self.warnings:
            self.warnings.append(text)
            self.on_event(Event("note", text), self.progress)

    def lane(self, use: ModelUse) -> LaneState:
        """The lane of a model alias, made when it is first seen."""
        lane = self.lanes.get(use.alias)
        if lane is None:
            model = f"{use.named} and {len(use.members) - 1} more" if len(use.members) > 1 else use.named
            shown = self.progress.lanes.setdefault(use.alias, Lane(use.alias, model))
            lane = self.lanes[use.alias] = LaneState(use, shown, self.gates.get(use.alias), self.situation.share)
        return lane

    # ------------------------------------------------------------------ what the walk tells (`Sources`)

    def settled(self, instance: Instance, how: str, value: Json) -> None:
        """A value that took no call now. What this very run recorded before has its line already."""
        if how == "reused":
            self.progress.reused += 1
            if (use := instance.node.use) is not None:
                lane = self.lane(use)
                lane.shown.known += 1
                lane.shown.reused += 1
            found = instance.found
            if found.run_id == self.own_run and found.record.path == instance.path:
                return
            if found.record.asset is not None:
                self._keep(lambda folder: folder.copy_asset(found.folder, found.record.asset, value))
            self.write(_reused(instance, value))
        elif how == "computed":
            if instance.node.kind.name != "group":
                self.write(_line(instance, "succeeded", value=value))
        elif how == "shared":
            self.progress.reused += 1
            record, other = _line(instance, "reused", value=value, key=instance.key), instance.found
            if instance.node.kind.medium in ASSETS:
                record.value, record.asset = None, value
                self._keep(lambda folder: folder.copy_asset(folder.folder, other, value))
            self.write(record)
        else:
            node, data = instance.node, instance.found.data
            if data is not None:
                self._keep(lambda folder: folder.add_asset(node.id, data, medium=node.kind.medium or "", allow_svg=True))
            self.write(_overridden(instance, value))

    def _keep(self, copy: Callable[[RunFolder], object]) -> None:
        """Bring a file into the run's folder, before the line that names it."""
        if self.folder is None:
            self.early_files.append(copy)
        else:
            copy(self.folder)

    def skipped(self, instance: Instance) -> None:
        """`when` does not hold."""
        self.write(_line(instance, "skipped"))

    def left_out(self, instance: Instance) -> None:
        """Not selected; a warning once per node is enough."""
        text = f"{instance.node.name} was left out, or reads what was (--only, --skip), and nothing recorded stands for it"
        if text not in self.warnings:
            self.warnings.append(text)

    def failed(self, instance: Instance, error: GenarunError) -> None:
        """It failed before any call."""
        record = _line(instance, "failed")
        record.error = error_record(error)
        self.note_failure(instance, record)

    def unknown(self, instance: Instance) -> None:
        """Never happens while running: every value is known."""
        raise AssertionError(instance.path)

    def note_failure(self, instance: Instance, record: Record) -> None:
        on_error = instance.node.spec.on_error
        if on_error == "fail":
            self.progress.failed += 1
            self.failures.append(record)
            policy = self.tree.settings.error_policy
            if policy is not None and policy.continue_on_child_failure is False and record.error is not None:
                self.stop.because(
                    RunError(
                        "failed-early",
                        f"{instance.path} failed, and errorPolicy.continueOnChildFailure is false",
                        f"tree {self.tree.name}",
                        "Run again: it goes on where it stopped.",
                    )
                )
        else:
            record.status = "skipped"
            done = "left out" if on_error == "skip" else "set to null"
            record.warnings = [f"failed and was {done}, as onError says: {record.error.message if record.error else ''}"]
            self.warnings.append(f"{instance.path} {record.warnings[0]}")
        self.write(record)

    # ------------------------------------------------------------------ writing down

    def clock(self) -> datetime:
        """Now, UTC."""
        return datetime.now(UTC)

    def write(self, record: Record) -> None:
        """Write a line. Before the first call there is no folder, and the lines wait."""
        if self.folder is None:
            self.early.append(record)
            return
        try:
            self.folder.append(record)
        except StoreError:
            self.lost.append(record)
            raise
        if self.folder.full is not None:
            self.stop.because(self.folder.full)  # written into the reserve; nothing new may start
        self.on_event(Event("done", record=record, path=record.path), self.progress)

    def open_folder(self) -> RunFolder:
        """The run's folder, made when it is first needed, with all that was decided before."""
        if self.folder is None:
            situation = self.situation
            if situation.continues is not None:
                self.folder = RunFolder.reopen(situation.continues, self.masker)
                self.folder.write_summary(self.summary("running"))
            else:
                self.folder = RunFolder.create(situation.folder, self.summary("running"), self.masker, self.began)
            self.progress.run = self.folder.ref.id
            self.on_event(Event("run", self.folder.ref.id), self.progress)
            files, self.early_files = self.early_files, []
            for copy in files:
                copy(self.folder)
            early, self.early = self.early, []
            for record in early:
                self.write(record)
        return self.folder

    def summary(self, status: RunStatus) -> Summary:
        """logs.json without the sums, which are made from the records at the end."""
        situation, earlier = self.situation, self.situation.earlier
        return Summary(
            run=self.folder.ref.id if self.folder else situation.own_run or "",
            tree=self.tree.name,
            title=self.tree.spec.title,
            status=status,
            mode=situation.mode,
            scope=situation.scope,
            fresh=situation.fresh,
            tree_digest=self.tree.digest,
            engine=__version__,
            inputs=situation.shown_inputs,
            seed=situation.seed,
            date=situation.date,
            started_at=earlier.started_at if earlier else utc(self.began),
            duration_ms=(earlier.duration_ms if earlier else 0) + round((monotonic() - self.begun) * 1000),
            warnings=list(self.warnings),
        )


def use_of(node: Node) -> ModelUse:
    """Whom a node asks that asks anyone."""
    assert node.use is not None
    return node.use


def error_record(error: GenarunError) -> ErrorRecord:
    """An error as a record shows it."""
    return ErrorRecord(code=error.code, message=error.what, hint=error.hint)


def _line(instance: Instance, status: RecordStatus, *, value: Json = None, key: str | None = None) -> Record:
    return make_record(
        path=instance.path,
        node=instance.node.name,
        type=instance.node.spec.type,
        status=status,
        key=key,
        value=value,
        picks=picks_record(instance.picks) if instance.picks else None,
    )


def _reused(instance: Instance, value: Json) -> Record:
    """The line of a reused value: as it was, but it cost nothing now."""
    found = instance.found
    record: Record = found.record.model_copy(
        update={
            "path": instance.path,
            "node": instance.node.name,
            "status": "reused",
            "asset": value if found.record.asset is not None else None,
            "call": None,
            "usd": None,
            "usage": None,
            "attempts": None,
            "reused_from": found.origin,
            "error": None,
        }
    )
    return record


def _overridden(instance: Instance, value: Json) -> Record:
    record = _line(instance, "overridden")
    record.override = instance.found.source
    if instance.node.kind.medium in ASSETS:
        record.asset = value
    else:
        record.value = value
    return record
