"""Puts uv's program into a folder, on a machine whose Python has neither pip nor venv: `fetch_uv.py FOLDER`.

Which file, and its digest, come from `uv.lock`, so nothing is trusted that the lock does not name. A wheel is a zip archive,
and uv's holds one program that needs nothing else.
"""

from __future__ import annotations

import hashlib
import io
import platform
import sys
import tomllib
import urllib.request
import zipfile
from pathlib import Path
from typing import Any

PLATFORMS = {
    ("Linux", "x86_64"): "musllinux_1_1_x86_64",  # linked statically: runs beside every C library
    ("Linux", "aarch64"): "musllinux_1_1_aarch64",
    ("Darwin", "x86_64"): "macosx_10_12_x86_64",
    ("Darwin", "arm64"): "macosx_11_0_arm64",
}


def choose(lock: dict[str, Any], system: str, machine: str) -> dict[str, Any]:
    """The wheel of `lock` for one platform: its `url` and `hash`. Raises LookupError where there is none."""
    tag = PLATFORMS.get((system, machine))
    wheels = next(package["wheels"] for package in lock["package"] if package["name"] == "uv")
    for wheel in wheels:
        if tag is not None and tag in wheel["url"]:
            return dict(wheel)
    raise LookupError(f"uv.lock names no uv for {system} {machine}")


def unpack(wheel: bytes, digest: str, folder: Path) -> Path:
    """Check the wheel against `digest` (`sha256:…`), write its program into `folder`, and return where. Raises ValueError."""
    found = "sha256:" + hashlib.sha256(wheel).hexdigest()
    if found != digest:
        raise ValueError(f"the file has the digest {found}, and uv.lock says {digest}")
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".data/scripts/uv")]
        folder.mkdir(parents=True, exist_ok=True)
        program = folder / "uv"
        program.write_bytes(archive.read(name))
    program.chmod(0o755)
    return program


def main() -> int:
    try:
        lock = tomllib.loads(Path("uv.lock").read_text(encoding="utf-8"))
        wheel = choose(lock, platform.system(), platform.machine())
        with urllib.request.urlopen(wheel["url"], timeout=60) as answer:  # noqa: S310 - the address comes from uv.lock
            unpack(answer.read(), wheel["hash"], Path(sys.argv[1]))
    except (OSError, LookupError, ValueError) as error:
        sys.stderr.write(f"fetch_uv: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
