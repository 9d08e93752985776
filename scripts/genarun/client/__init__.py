"""The library: what `from genarun import load_tree, plan, run, start` gives, and the client that a server's client mirrors.

from genarun import run
result = run("exhibition", inputs={"year": 2027}, offline=True)
print(result.output["introduction"])
"""

from genarun.client.functions import load_tree, plan, run, start
from genarun.client.local import LocalClient
from genarun.client.project import Project

__all__ = ["LocalClient", "Project", "load_tree", "plan", "run", "start"]
