"""Keeps a folder as an artifact: a zip, so that links, owners and modes are lost as they are on GitHub."""

import hashlib
import os
import sys
import zipfile
from pathlib import Path

name, folder = os.environ["NAME"], Path(os.environ["FOLDER"])
files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
if os.environ["HIDDEN"] != "true":
    files = [path for path in files if not any(part.startswith(".") for part in path.relative_to(folder).parts)]
if not files:
    print(f"no files under {folder}")
    sys.exit(os.environ["MISSING"] == "error")
store = Path(os.environ["GENARUN_TEST_ARTIFACTS"])
store.mkdir(parents=True, exist_ok=True)
target = store / f"{name}.zip"
if target.exists() and os.environ["OVERWRITE"] != "true":
    sys.exit(f"an artifact `{name}` exists already")
with zipfile.ZipFile(target, "w") as archive:
    for path in files:
        archive.write(path, path.relative_to(folder).as_posix())
digest = hashlib.sha256(target.read_bytes()).hexdigest()
with open(os.environ["GITHUB_OUTPUT"], "a") as out:
    out.write(f"artifact-id={int(digest[:8], 16)}\nartifact-digest={digest}\n")
print(f"kept {len(files)} files as {name}")
