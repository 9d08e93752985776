"""A stand-in for the Copilot CLI: a program that tells what it was given, and answers or misbehaves as a test wants.

It prints the events of `@github/copilot` 1.0.102 (`--output-format=json`) and writes the file of `--usage-output-file`.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SCRIPT = """#!{python} -SE
import json, os, signal, subprocess, sys, time
from pathlib import Path

here = Path({folder!r})
plan = json.loads((here / "plan.json").read_text())
number = len(list(here.glob("asked-*")))
home = Path(os.environ.get("COPILOT_HOME", "."))
asked = {{
    "argv": sys.argv[1:],
    "env": {{name: value for name, value in os.environ.items() if name not in ("LC_CTYPE", "__CF_USER_TEXT_ENCODING")}},
    "cwd": os.getcwd(),
    "files": sorted(os.listdir()),
    "config": {{path.name: path.read_text() for path in home.iterdir()}},
    "home": sorted(os.listdir(os.environ["HOME"])) if os.environ.get("HOME") else [],
    "pid": os.getpid(),
    "leader": os.getpgid(0) == os.getpid(),
    "stdin": None if plan.get("deaf") else sys.stdin.buffer.read().decode(),
}}

def say(kind, **data):
    print(json.dumps({{"type": kind, "data": data}}), flush=True)

if plan.get("stubborn"):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if plan.get("child"):
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
    asked["child"] = subprocess.Popen([sys.executable, "-SE", "-c", code], start_new_session=plan["child"] == "away").pid
beside = here / ("tmp-%d" % os.getpid())
beside.write_text(json.dumps(asked))
while True:  # several may start at once, and each takes a number of its own
    try:
        os.link(beside, here / ("asked-%03d" % number))
        break
    except FileExistsError:
        number += 1
beside.unlink()
if plan.get("hang"):
    time.sleep(60)
stream = {{"stdout": sys.stdout, "stderr": sys.stderr}}.get(plan.get("flood"))
while stream is not None:
    stream.write("x" * 65536)
say("session.info", infoType="configuration", message='Unknown tool name in the tool allowlist: "none"')
for kind, data in plan.get("events", []):
    say(kind, **data)
answers = plan.get("answers", ["An answer."])
if answers:
    answer = answers[min(number, len(answers) - 1)]
    say("assistant.message", content=answer, model=plan.get("model", "gpt-test"), toolRequests=[])
if plan.get("usage"):
    (target,) = [word.partition("=")[2] for word in sys.argv if word.startswith("--usage-output-file=")]
    Path(target).write_text(json.dumps(plan["usage"]))
sys.stderr.write(plan.get("stderr", ""))
sys.stdout.flush()
sys.stderr.flush()
os._exit(plan.get("code", 0))
"""


@dataclass(frozen=True)
class Asked:
    """One start of the program."""

    argv: list[str]
    env: dict[str, str]
    cwd: str
    files: list[str]
    config: dict[str, str]
    home: list[str]
    pid: int
    leader: bool
    stdin: str | None
    child: int = 0


class CopilotCLI:
    """The program, in a folder that is on nobody's path. plan: what it does; see the script."""

    def __init__(self, folder: Path, **plan: Any) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.program = folder / "copilot"
        self.program.write_text(SCRIPT.format(python=sys.executable, folder=str(folder)))
        self.program.chmod(0o755)
        self.plan(**plan)

    def plan(self, **plan: Any) -> None:
        (self.folder / "plan.json").write_text(json.dumps(plan))

    @property
    def asked(self) -> list[Asked]:
        return [Asked(**json.loads(path.read_text())) for path in sorted(self.folder.glob("asked-???"))]
