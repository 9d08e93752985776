"""Pipelines of generative models kept in git: declared as a tree, resumed, never paid for twice.

    from genarun import load_tree, plan, run, start

Names are imported when they are first used: `genarun --help` must not wait for the engine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

__all__ = ["LocalClient", "Project", "__version__", "load_tree", "plan", "run", "start"]

if TYPE_CHECKING:
    from genarun.client import LocalClient, Project, load_tree, plan, run, start


def __getattr__(name: str) -> Any:
    if name in __all__:
        from genarun import client  # on first use, see above

        return getattr(client, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
