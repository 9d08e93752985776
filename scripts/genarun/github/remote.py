"""How git reaches the repository that a job has checked out without keeping credentials."""

from __future__ import annotations

import base64
from collections.abc import Mapping

from genarun.github.context import Context


def git_environment(context: Context) -> Mapping[str, str]:
    """Variables that let a git process use the job's token, where the step has one, for this server alone.

    In the environment rather than in a command line, which every process can read, or in .git/config, which later steps can.
    """
    quiet = {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    token = context.variable("GITHUB_TOKEN")
    if not token:
        return quiet
    basic = base64.b64encode(f"x-access-token:{token}".encode()).decode()
    return quiet | {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"http.{context.server_url}/.extraheader",
        "GIT_CONFIG_VALUE_0": f"AUTHORIZATION: basic {basic}",
    }
