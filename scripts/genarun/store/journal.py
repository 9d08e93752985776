"""records.jsonl: written one line at a time while a run goes on, read back whatever happened to it.

`append` returns when the kernel has the line, so a process that is killed at any moment loses nothing that it knew; once a
second the lines are made to outlive the machine too. While a journal is open it keeps some space reserved, so that the
answers that are on their way when the disk fills can still be written down.
"""

from __future__ import annotations

import contextlib
import gc
import os
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from genarun.errors import StoreError
from genarun.store.files import disk_error, is_full, natural, remove, shown, sweep, tmp_path, write_whole
from genarun.store.lines import read_line, write_line, write_plain
from genarun.store.mask import Masker
from genarun.store.records import Record

Json = Any

RESERVE_BYTES: Final = 4 * 1024 * 1024
_DOING: Final = "write down what was answered"
_QUIET: Final = frozenset({"reused", "overridden", "skipped"})


class Journal:
    """An open records.jsonl. One process at a time has one open, which the tree's lock sees to; threads may share it.

    path: the file; made when missing. masker: takes secrets out of every line. reserve_bytes: space kept for the worst moment;
    0 for none. sync_seconds: the longest time that a line waits to be forced to the disk. Raises StoreError.
    """

    def __init__(self, path: Path, masker: Masker, reserve_bytes: int = RESERVE_BYTES, *, sync_seconds: float = 1.0) -> None:
        self.path = path
        self._masker = masker
        self._sync_seconds = sync_seconds
        self._mutex = threading.Lock()
        self._dirty = threading.Event()
        self._stop = threading.Event()
        self._syncer: threading.Thread | None = None
        self._sync_failure: OSError | None = None
        self._ballast: Path | None = None
        self.full: StoreError | None = None
        """Set when the disk was found full, although the line could still be written: start nothing new, finish what is on
        its way."""
        sweep(path.parent)
        try:
            self._fd = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o666)
        except OSError as error:
            raise disk_error(error, path, "open the records") from error
        try:
            if reserve_bytes:
                self._reserve(reserve_bytes)
            self._size = os.fstat(self._fd).st_size
            if self._size and os.pread(self._fd, 1, self._size - 1) != b"\n":
                os.write(self._fd, b"\n")  # a torn last line stays where it is, and ends there
                self._size += 1
        except OSError as error:
            os.close(self._fd)
            self.release()
            raise disk_error(error, path, "open the records") from error

    def append(self, record: Record) -> None:
        """Write one record down; when this returns, killing the process loses it no more.

        Raises StoreError when the disk is full and the reserve is used up, or refuses for another reason; RunError for a value
        that is no JSON.
        """
        line = write_line(record, self._masker)
        with self._mutex:
            if self._sync_failure is not None:
                failure, self._sync_failure = self._sync_failure, None
                raise disk_error(failure, self.path, _DOING) from failure
            try:
                self._write(line)
            except OSError as error:
                if not (is_full(error) and self.release()):
                    raise disk_error(error, self.path, _DOING) from error
                self.full = disk_error(error, self.path, _DOING)
                try:
                    self._write(line)
                except OSError as again:
                    raise disk_error(again, self.path, _DOING) from again
        if not self._dirty.is_set():
            if self._syncer is None:
                self._syncer = threading.Thread(target=self._sync_now_and_then, name="genarun-journal", daemon=True)
                self._syncer.start()
            self._dirty.set()

    def release(self) -> bool:
        """Free the reserved space, so that something small can still be written. Says whether there was any."""
        ballast, self._ballast = self._ballast, None
        if ballast is None:
            return False
        remove(ballast)
        return True

    def close(self) -> None:
        """Force everything to the disk and free the reserve. Does nothing the second time. Raises StoreError."""
        if self._fd < 0:
            return
        self._stop.set()
        self._dirty.set()
        if self._syncer is not None:
            self._syncer.join()
        self.release()
        fd, self._fd = self._fd, -1
        try:
            os.fsync(fd)
        except OSError as error:
            raise disk_error(error, self.path, _DOING) from error
        finally:
            os.close(fd)

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _reserve(self, size: int) -> None:
        self._ballast = tmp_path(self.path.parent, "reserve")
        fd = os.open(self._ballast, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
        try:
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(fd, 0, size)
            else:
                block = bytes(min(size, 1 << 20))
                for _ in range(0, size, len(block)):
                    if os.write(fd, block) < len(block):
                        os.write(fd, block)  # the rest of the space is gone: this raises the reason
        finally:
            os.close(fd)

    def _write(self, line: bytes) -> None:
        """One write; a part that was written is taken back, so that the file never holds half a line while we live."""
        wrote = 0
        try:
            wrote = os.write(self._fd, line)
            while wrote < len(line):  # the disk took a part: the next write says why
                wrote += os.write(self._fd, line[wrote:])
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(self._fd, self._size)
            raise
        self._size += wrote

    def _sync_now_and_then(self) -> None:
        while not self._stop.is_set():
            self._dirty.wait()
            if self._stop.is_set():
                return
            self._dirty.clear()
            try:
                os.fsync(self._fd)
            except OSError as error:
                self._sync_failure = error
            self._stop.wait(self._sync_seconds)


def read_records(path: Path) -> tuple[list[Record], list[str]]:
    """(records in the file's order, notices). Keeps every whole line of a damaged file; a missing file has no records."""
    lines, notices = _read(path)
    return [record for record, _ in lines], notices


def _read(path: Path, *, slim: bool = False) -> tuple[list[tuple[Record, bytes]], list[str]]:
    """(records with their lines, notices). slim: without what takes the space, the request and the value."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return [], []
    except OSError as error:
        return [], [f"{shown(path)} could not be read ({error.strerror}); its records are left out"]
    with _no_collection():
        return _parse(data, shown(path), slim)


def _parse(data: bytes, name: str, slim: bool) -> tuple[list[tuple[Record, bytes]], list[str]]:
    found: list[tuple[Record, bytes]] = []
    seen: set[bytes] = set()
    torn: list[int] = []
    damaged: list[int] = []
    foreign: list[int] = []
    doubled: list[int] = []
    raw = data.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    for number, line in enumerate(raw, 1):
        if not line or line.isspace():
            continue
        record, values = read_line(line)
        if record is None or values is None:
            (foreign if values is not None else torn if number == len(raw) else damaged).append(number)
        elif line in seen:
            if record.status not in _QUIET:
                doubled.append(number)
        else:
            seen.add(line)
            if slim:
                fields = record.__dict__  # a tenth of the time of setting attributes, thirty thousand times
                fields["request"] = fields["value"] = None
                fields["text"] = None if fields["text"] is None else ""
            found.append((record, line))
    notices = []
    if torn:
        notices.append(f"{name}: its last line, {torn[0]}, is cut off and was left out")
    if damaged:
        notices.append(f"{name}: {_lines(damaged)} could not be read and {_were(damaged)} left out")
    if foreign:
        notices.append(f"{name}: {_lines(foreign)} {'is no record' if len(foreign) == 1 else 'are no records'} "
                       f"and {_were(foreign)} left out")  # fmt: skip
    if doubled:
        notices.append(f"{name}: {_lines(doubled)} {'repeats an earlier one' if len(doubled) == 1 else 'repeat earlier ones'} "
                       f"and {_were(doubled)} left out")  # fmt: skip
    return found, notices


@contextlib.contextmanager
def _no_collection() -> Iterator[None]:
    """Pause the garbage collector, which would walk tens of thousands of new objects again and again: half of the time."""
    paused = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if paused:
            gc.enable()


def _were(numbers: list[int]) -> str:
    return "was" if len(numbers) == 1 else "were"


def _lines(numbers: list[int]) -> str:
    """`line 3`, `lines 3, 5 to 7`; no more than eight groups."""
    groups: list[list[int]] = []
    for number in numbers:
        if groups and groups[-1][1] == number - 1:
            groups[-1][1] = number
        else:
            groups.append([number, number])
    texts = [str(first) if first == last else f"{first} to {last}" for first, last in groups[:8]]
    more = sum(last - first + 1 for first, last in groups[8:])
    return f"{'line' if len(numbers) == 1 else 'lines'} {', '.join(texts)}" + (f" and {more} more" if more else "")


def finish_sorted(path: Path, masker: Masker | None = None) -> tuple[list[Record], list[str]]:
    """Rewrite the file in its final order, whole or not at all: by path, then the calls of an instance, then its own line.

    Of several lines for one instance the last stands. What an earlier one paid for stays, as `answered`; one that paid for
    nothing goes. Returns what the file then holds, for summing up: without requests and values, which would take ten times the
    space; and what `read_records` had to say. Raises StoreError.
    """
    with _no_collection():
        return _finish_sorted(path, masker or Masker())


def _finish_sorted(path: Path, masker: Masker) -> tuple[list[Record], list[str]]:
    lines, notices = _read(path, slim=True)
    standing: dict[str, int] = {}
    for place, (record, _) in enumerate(lines):
        if record.status != "answered":
            standing[record.path] = place
    kept: list[tuple[tuple[Any, ...], Record, bytes]] = []
    for place, (record, line) in enumerate(lines):
        if record.status != "answered" and standing[record.path] != place:
            if not paid(record):
                continue
            _, values = read_line(line)
            record.status = "answered"
            line = write_plain({**(values or {}), "status": "answered"}, masker).rstrip(b"\n")
        kept.append(((natural(record.path), record.status != "answered", record.call or 0, place), record, line))
    kept.sort(key=lambda item: item[0])
    write_whole(path, b"".join(line.rstrip(b"\r") + b"\n" for _, _, line in kept), "sort the records")
    return [record for _, record, _ in kept], notices


def paid(record: Record) -> bool:
    """Whether a line holds a call that a service answered, or one that it charged for."""
    if record.usd is not None or record.usage is not None:
        return True
    called = record.call is not None or record.attempts is not None
    return called and (record.status in {"succeeded", "answered"} or record.text is not None)


def standing(records: Iterable[Record]) -> dict[str, Record]:
    """path → the line that stands for that instance: its last."""
    return {record.path: record for record in records if record.status != "answered"}
