"""`make demo`: runs trees offline in a scratch copy of the project, and shows what they made.

The copy, `.demo/`, is made anew each time and ignored by git, so the clone stays as it was. Runs and `latest/` that the
project holds are left out of it: the demo shows a first run.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import wave
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from genarun.providers.media import EXTENSIONS
from PIL import Image, ImageDraw, ImageFont

ROOT = Path(__file__).resolve().parent.parent
SCRATCH = ROOT / ".demo"
MEDIA = {f".{extension}": kind.partition("/")[0] for kind, extension in EXTENSIONS.items() if extension != "svg"}
MADE_BY_RUNS = re.compile(r"latest|\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d.*|\.lock|\.tmp-.*")


@dataclass(frozen=True)
class Made:
    """What one run left: its folder, its summary, and its files with the instance that each belongs to."""

    tree: str
    folder: Path
    summary: dict[str, Any]
    files: list[tuple[str, Path]]

    def of(self, medium: str) -> list[tuple[str, Path]]:
        """The files of one medium: `image`, `audio` or `video`."""
        return [(path, file) for path, file in self.files if MEDIA.get(file.suffix) == medium]


def copy(source: Path, scratch: Path) -> None:
    """A fresh copy of `source`'s trees in `scratch`, without what runs have made, and without keys."""
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    ignored = shutil.ignore_patterns("*.pyc")

    def leave_out(folder: str, names: list[str]) -> set[str]:
        in_tree = Path(folder).parent == source / "trees"
        return ignored(folder, names) | {name for name in names if in_tree and MADE_BY_RUNS.fullmatch(name)}

    shutil.copytree(source / "trees", scratch / "trees", ignore=leave_out)


def look(project: Path, tree: str) -> Made | None:
    """The newest run of a tree in `project`; None where there is none."""
    runs = sorted(path for path in (project / "trees" / tree).glob("*_*-*-*") if (path / "logs.json").is_file())
    if not runs:
        return None
    folder = runs[-1]
    files = []
    for text in (folder / "records.jsonl").read_text(encoding="utf-8").splitlines():
        record = json.loads(text)
        if record.get("asset"):
            files.append((record["path"], folder / record["asset"]))
    return Made(tree, folder, json.loads((folder / "logs.json").read_text(encoding="utf-8")), files)


def contact_sheet(pictures: list[tuple[str, Path]], target: Path, columns: int = 6, edge: int = 300) -> None:
    """All pictures small on one sheet, each with its instance's path below."""
    font = ImageFont.load_default(size=13)
    gap, caption = 16, 26
    rows = -(-len(pictures) // columns)
    columns = min(columns, len(pictures))
    size = (gap + columns * (edge + gap), gap + rows * (edge + caption + gap))
    sheet = Image.new("RGB", size, "#f4f2ee")
    draw = ImageDraw.Draw(sheet)
    for at, (path, file) in enumerate(pictures):
        left, top = gap + at % columns * (edge + gap), gap + at // columns * (edge + caption + gap)
        with Image.open(file) as picture:
            small = picture.convert("RGB")
            small.thumbnail((edge, edge))
        sheet.paste(small, (left + (edge - small.width) // 2, top + (edge - small.height) // 2))
        draw.text((left, top + edge + 6), path, fill="#333333", font=font)
    sheet.save(target)


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


def measured(file: Path) -> str:
    """How large a file is: a picture in pixels, a sound in seconds where it says so, each in KB."""
    size = f"{file.stat().st_size / 1024:.0f} KB"
    if MEDIA.get(file.suffix) == "image":
        with Image.open(file) as picture:
            return f"{picture.width}x{picture.height}, {size}"
    if file.suffix == ".wav":
        with wave.open(str(file)) as sound:
            return f"{sound.getnframes() / sound.getframerate():.0f} s, {size}"
    return size


def tell(made: list[Made]) -> list[str]:
    """The closing words: a table, the folders, the files. Fits 80 columns."""
    media = {"pictures": "image", "sounds": "audio", "films": "video"}
    shown_media = [name for name, medium in media.items() if name == "pictures" or any(one.of(medium) for one in made)]
    rows = [("tree", "status", "calls", *shown_media, "seconds")]
    for one in made:
        totals, seconds = one.summary["totals"], one.summary["durationMs"] / 1000
        counts = (str(len(one.of(media[name]))) for name in shown_media)
        rows.append((one.tree, one.summary["status"], str(totals["calls"]), *counts, f"{seconds:.1f}"))
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    for one in made:
        lines += ["", shown(one.folder) + "/"]
        lines += [f"  {path.name}" for path in sorted(one.folder.iterdir()) if path.is_file()]
        lines += [f"  {file.relative_to(one.folder)}  {measured(file)}  {path}" for path, file in one.files]
    return lines


def main(trees: list[str]) -> int:
    copy(ROOT, SCRATCH)
    genarun = Path(sys.executable).with_name("genarun")
    code = subprocess.run([str(genarun), "run", *trees, "--offline"], cwd=SCRATCH, check=False).returncode
    made = [found for tree in trees if (found := look(SCRATCH, tree))]
    if not made:
        return code
    print("\n" + "\n".join(tell(made)))
    pictures = [(f"{one.tree}/{path}", file) for one in made for path, file in one.of("image")]
    if pictures:
        contact_sheet(pictures, SCRATCH / "pictures.png")
        print(f"\nAll pictures on one sheet: {shown(SCRATCH / 'pictures.png')}")
    print("\nThis was a scratch copy. The same in place, into trees/, where git keeps it:")
    print(f"  .venv/bin/genarun run {' '.join(trees)} --offline")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
