"""A process that has imported everything and forks one child per run, so that a test can kill hundreds of them.

stdin:  one JSON line per run: {"root": …, "env": {…}, "tree": "t", "options": {…}}
stdout: `<pid>` when the child starts, then its wait status when it ended
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

import genarun.client.functions
import genarun.engine.run
import genarun.providers.openai
from genarun.client import Project


def child(order: dict) -> int:
    project = Project(Path(order["root"]), order["env"])
    tree = project.load_one(order["tree"])
    options = genarun.client.functions.make_options(**order.get("options", {}))
    project.check([tree], options)
    return asyncio.run(project.run(tree, options)).exit_code


def say(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


def main() -> None:
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            try:
                code = child(json.loads(line))
            except BaseException as error:
                sys.stderr.write(f"child: {error!r}\n")
                code = 99
            os._exit(code)
        say(pid)
        say(os.waitpid(pid, 0)[1])


if __name__ == "__main__":
    main()
