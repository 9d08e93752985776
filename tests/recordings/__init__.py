"""Recordings that tests play, and the authored answers of the demos. tests/test_recordings.py fails on what nothing uses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from genarun.providers.base import Settings
from genarun.providers.replay import Replay

FOLDER = Path(__file__).parent


@contextmanager
def played(name: str, protocol: str = "openai") -> Iterator[Replay]:
    """A recording of this folder, to be asked for every line that it holds.

    name: of the file; written out where this is called, so that tests/test_recordings.py finds who uses it.
    """
    provider = Replay(Settings(protocol, options={"file": str(FOLDER / name), "protocol": protocol}))
    yield provider
    assert not provider.unused(), f"{name}: nothing asks for lines {provider.unused()}"
