"""One run's folder while a run is writing it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from genarun.errors import RunError, StoreError
from genarun.store.assets import accept, asset_name, is_asset_name
from genarun.store.files import (
    disk_error,
    dump_json,
    file_sha256,
    remove,
    same_json,
    sha256,
    shown,
    tmp_path,
    walk_files,
    write_whole,
)
from genarun.store.journal import RESERVE_BYTES, Journal, finish_sorted
from genarun.store.layout import RunRef, TreeFolder, stamp_of, stamp_order
from genarun.store.mask import Masker
from genarun.store.records import Record, Summary, Totals
from genarun.store.totals import totals
from genarun.tree.values import MISSING

Json = Any

_SUFFIX: Final = re.compile(r"_\d+$")


class RunFolder:
    """A run that is being written. Made by `create` or `reopen`; `finish` or `close` ends it.

    ref: which run. summary: as it was when the folder was opened, with its run id. notices: texts for people.
    """

    def __init__(self, ref: RunRef, masker: Masker, summary: Summary | None, reserve_bytes: int = RESERVE_BYTES) -> None:
        self.ref = ref
        self.folder = ref.folder
        self.summary = summary
        self.notices: list[str] = []
        self._masker = masker
        self._digests: dict[str, str] = {}
        self._sizes: dict[str, int] = {}
        self.journal = Journal(ref.records_file, masker, reserve_bytes)

    @classmethod
    def create(
        cls, tree: TreeFolder, summary: Summary, masker: Masker, now: datetime, *, reserve_bytes: int = RESERVE_BYTES
    ) -> RunFolder:
        """A new folder with its first logs.json in it, named after `now` (UTC); `summary.run` is filled in. Raises StoreError.

        A name that is taken gets `_2`. Where the clock is behind the newest run, that run's stamp is used with the next number:
        the newest folder must be the newest run, whatever clocks do.
        """
        notices: list[str] = []
        stamp = stamp_of(now)
        runs = tree.runs()
        if runs:
            newest = _SUFFIX.sub("", runs[0].stamp) if runs[0].stamp.count("_") > 1 else runs[0].stamp
            if stamp < newest:
                notices.append(
                    f"the clock says {stamp}, which is before the newest run, {runs[0].id}; "
                    "the new run is named after that one, so that it stays the newest"
                )
                stamp = newest
        taken = {stamp_order(run.stamp) for run in runs}
        number = 1
        if (stamp, 1) in taken or any(base == stamp for base, _ in taken):
            number = max(number for base, number in taken if base == stamp) + 1
        beside = tmp_path(tree.path, "run")
        try:
            tree.path.mkdir(parents=True, exist_ok=True)
            beside.mkdir()
        except OSError as error:
            raise disk_error(error, tree.path, "make the run's folder") from error
        try:
            while True:
                ref = tree.run(stamp if number == 1 else f"{stamp}_{number}")
                summary = summary.model_copy(update={"run": ref.id, "tree": tree.name})
                _write_summary(beside, summary, masker)
                try:
                    beside.rename(ref.folder)  # refused where a folder with files has the name
                    break
                except OSError as error:
                    if not ref.folder.exists():
                        raise disk_error(error, ref.folder, "make the run's folder") from error
                number += 1
        except BaseException:
            remove(beside)
            raise
        opened = cls(ref, masker, summary, reserve_bytes)
        opened.notices += notices
        return opened

    @classmethod
    def reopen(cls, ref: RunRef, masker: Masker, *, reserve_bytes: int = RESERVE_BYTES) -> RunFolder:
        """Go on writing a run that exists. Raises StoreError."""
        notices: list[str] = []
        opened = cls(ref, masker, ref.summary(notices), reserve_bytes)
        opened.notices += notices
        return opened

    def append(self, record: Record) -> None:
        """Write a record down before anything that depends on it starts. Raises as `Journal.append` does."""
        self.journal.append(record)

    @property
    def full(self) -> StoreError | None:
        """Set once the disk was found full: start nothing new, what is on its way can still be written down."""
        return self.journal.full

    def add_asset(
        self,
        node_id: str,
        data: bytes,
        media_type: str | None = None,
        *,
        medium: str = "image",
        max_bytes: int | None = None,
        allow_svg: bool = False,
    ) -> str:
        """Keep a file as it came, if `accept` takes it; its name in the records. Raises Misfit as `accept` does; StoreError."""
        kept, extension = accept(
            data, media_type, node_id, self._masker, medium=medium, max_bytes=max_bytes, allow_svg=allow_svg
        )
        return self.keep_asset(node_id, kept, extension)

    def keep_asset(self, node_id: str, data: bytes, extension: str) -> str:
        """Keep a file that was accepted; its name in the records, `assets/<node>-<first 16 hex of sha256>.<ext>`: one file
        per content. Raises StoreError."""
        name = asset_name(node_id, data, extension)
        self._keep(name, data)
        return name

    def copy_asset(self, folder: Path, name: str, new_name: str | None = None) -> str:
        """Keep a copy of another run's asset under its name, or under `new_name`. Raises RunError where it is missing there or
        is not what its name says; StoreError."""
        try:
            data = (folder / name).read_bytes() if is_asset_name(name) else b""
        except OSError:
            data = b""
        if not data or sha256(data)[7:23] not in name:
            raise RunError(
                "asset-missing",
                f"the file {name[:120]} is missing or damaged",
                shown(folder),
                "Run again with --fresh for its node, or bring the file back with git.",
            )
        kept = new_name or name
        self._keep(kept, data)
        return kept

    def _keep(self, name: str, data: bytes) -> None:
        path = self.folder / name
        digest = sha256(data)
        if self._digests.get(name) != digest and file_sha256(path) != digest:
            try:
                path.parent.mkdir(exist_ok=True)
            except OSError as error:
                raise disk_error(error, path, "write a file") from error
            # Not forced to the disk: its name tells whether it is whole, and a damaged one is no hit.
            write_whole(path, data, "write a file", release=self._release, sync=False)
        self._digests[name] = digest
        self._sizes[name] = len(data)

    def _release(self) -> bool:
        freed = self.journal.release()
        if freed and self.journal.full is None:
            self.journal.full = disk_error(OSError(28, "full"), self.folder, "write a file")
        return freed

    def write_summary(self, summary: Summary) -> None:
        """Replace logs.json; often, so that a killed run tells how far it came. Raises StoreError."""
        _write_summary(self.folder, summary, self._masker, self._release, sync=False)

    def totals(self, records: list[Record]) -> tuple[Totals, dict[str, Totals], dict[str, Totals]]:
        """(all, by node, by model), sizes of assets included."""
        self._measure(records)
        return totals(records, self._sizes)

    def _measure(self, records: list[Record]) -> None:
        for record in records:
            if record.asset and record.asset not in self._sizes and is_asset_name(record.asset):
                try:
                    self._sizes[record.asset] = (self.folder / record.asset).stat().st_size
                except OSError:
                    self._sizes[record.asset] = 0

    def finish(
        self,
        summary: Summary,
        output: Json = MISSING,
        schema: dict[str, Json] | None = None,
        markdown: str | None = None,
    ) -> Summary:
        """Write what the run leaves, logs.json last, and end it: whoever reads a final status finds every file whole.

        output: MISSING where there is none; then an older output of the same run goes. The summary's totals are made from the
        records, its `files` from what was written; both are filled in here. Returns the summary as written. Raises StoreError.
        """
        self.journal.close()
        records, notices = finish_sorted(self.ref.records_file, self._masker)
        self.notices += notices
        output_file = self.folder / "output.json"
        self._put("output.json", None if output is MISSING else self._json(output))
        self._put("output.schema.json", None if schema is None or output is MISSING else self._json(schema))
        self._put("output.md", None if markdown is None else self._masker.text(markdown).encode("utf-8", "replace"))
        self._drop_strays(records, output_file)
        all_totals, by_node, by_model = self.totals(records)
        summary = summary.model_copy(
            update={
                "run": self.ref.id,
                "tree": self.ref.tree,
                "totals": all_totals,
                "nodes": by_node,
                "models": by_model,
                "files": dict(self._file_digests()),
            }
        )
        _write_summary(self.folder, summary, self._masker)
        self.summary = summary
        return summary

    def _json(self, value: Json) -> bytes:
        return self._masker.json(dump_json(value, pretty=True), value, pretty=True)

    def _put(self, name: str, data: bytes | None) -> None:
        if data is None:
            remove(self.folder / name)
        else:
            write_whole(self.folder / name, data, f"write {name}")

    def _drop_strays(self, records: list[Record], output_file: Path) -> None:
        """Remove assets that no record names: the run was killed between the file and its line, and made it again."""
        try:
            text = output_file.read_bytes() if output_file.exists() else b""
            strays = list((self.folder / "assets").iterdir())
        except OSError:
            return
        named = {record.asset for record in records}
        for path in strays:
            name = f"assets/{path.name}"
            if is_asset_name(name) and name not in named and name.encode() not in text:
                remove(path)

    def _file_digests(self) -> Iterator[tuple[str, str]]:
        for name, path in walk_files(self.folder):
            if name != "logs.json":
                digest = self._digests.get(name) or file_sha256(path)
                if digest is not None:
                    yield name, digest

    def close(self) -> None:
        """End writing without finishing: the run can be gone on with. Raises StoreError."""
        self.journal.close()

    def __enter__(self) -> RunFolder:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def same_output(ref: RunRef, output: Json, masker: Masker) -> bool:
    """Whether a run's output.json holds this value, as it would be written."""
    return same_json(ref.output(), masker.value(output))


def _write_summary(folder: Path, summary: Summary, masker: Masker, release: Any = None, sync: bool = True) -> None:
    value = summary.model_dump(mode="json", by_alias=True)
    data = masker.json(dump_json(value, pretty=True), value, pretty=True)
    write_whole(folder / "logs.json", data, "write the summary", release=release, sync=sync)
