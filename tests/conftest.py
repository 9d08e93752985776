"""One guard for the whole suite: no test reaches anything but this machine, and none sees a real key.

Processes that tests start are guarded too: `tests/guard/sitecustomize.py` is put in front of their path.
"""

from __future__ import annotations

import os
from pathlib import Path

from hypothesis import HealthCheck, settings

from tests.guard.sitecustomize import guard

_HERE = Path(__file__).parent / "guard"
_NOT_OURS = (
    "OPENAI_",
    "REPLICATE_",
    "ANTHROPIC_",
    "GENARUN_",
    "HF_",
    "GEMINI_",
    "MISTRAL_",
    "GROQ_",
    "OPENROUTER_",
    "COPILOT_",
    "GH_TOKEN",
    "GITHUB_TOKEN",
)

for _name in list(os.environ):
    if _name.upper().startswith(_NOT_OURS) or _name.lower().endswith("_proxy"):
        del os.environ[_name]
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(_HERE), os.environ.get("PYTHONPATH")]))
guard()

# Generating the first text in a fresh clone takes seconds, and machines are shared: neither is a fault of the code under test.
# In CI the examples are the same each time, so that a change is judged by what it changes; on a laptop they are new ones.
settings.register_profile("genarun", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("genarun-ci", parent=settings.get_profile("genarun"), derandomize=True)
settings.load_profile("genarun-ci" if os.environ.get("CI") else "genarun")
