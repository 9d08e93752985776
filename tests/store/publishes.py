"""A process that replaces latest/ and dies on the way: `python -m tests.store.publishes ROOT DO STEP`.

DO: `publish STAMP` or `repair`; STEP: the step at which it kills itself. `swap` publishes the two runs in turn until killed.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from genarun.store.latest import publish, repair
from genarun.store.layout import TreeFolder


def main(root: str, do: str, stamp: str = "", deadly: str = "") -> None:
    tree = TreeFolder(Path(root), "press")

    def step(name: str) -> None:
        if name == deadly:
            os.kill(os.getpid(), signal.SIGKILL)

    if do == "publish":
        publish(tree, tree.run(stamp), step=step)
    elif do == "repair":
        repair(tree, step=step)
    else:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while True:
            for ref in tree.runs():
                repair(tree)
                publish(tree, ref)


if __name__ == "__main__":
    main(*sys.argv[1:])
