"""One guard for the whole suite: no test reaches anything but this machine, and none sees a real key.

Processes that tests start are guarded too: `tests/guard/sitecustomize.py` is put in front of their path.
"""

from __future__ import annotations

import os
from pathlib import Path

from tests.guard.sitecustomize import guard

_HERE = Path(__file__).parent / "guard"
_NOT_OURS = ("OPENAI_", "REPLICATE_", "ANTHROPIC_", "GENARUN_", "HF_", "GEMINI_", "MISTRAL_", "GROQ_", "OPENROUTER_")

for _name in list(os.environ):
    if _name.upper().startswith(_NOT_OURS) or _name.lower().endswith("_proxy"):
        del os.environ[_name]
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(_HERE), os.environ.get("PYTHONPATH")]))
guard()
