"""Unpacks artifacts. One that is named and not there is an error; a pattern that none fits is not."""

import os
import sys
import zipfile
from pathlib import Path

store, folder = Path(os.environ["GENARUN_TEST_ARTIFACTS"]), Path(os.environ["FOLDER"])
name = os.environ["NAME"]
found = sorted(store.glob(f"{name or os.environ['PATTERN'] or '*'}.zip")) if store.is_dir() else []
if name and not found:
    sys.exit(f"no artifact `{name}`")
folder.mkdir(parents=True, exist_ok=True)
for path in found:
    inside = folder if name or os.environ["MERGE"] == "true" else folder / path.stem
    with zipfile.ZipFile(path) as archive:
        archive.extractall(inside)
print(f"took {len(found)} artifacts")
