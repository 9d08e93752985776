"""What the Copilot CLI says when something is wrong, turned into ProviderError, with how to put it right in Actions.

It tells of failures as an event `session.error` with a type and maybe a status, or, before a session has begun, in words on
stderr. Types and words as in `@github/copilot` 1.0.102 and the threads of https://github.com/github/copilot-cli/issues
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import orjson

from genarun.errors import ProviderError
from genarun.providers.base import Json
from genarun.providers.faults import Service, quote, refused

_INSTALL = "npm install -g @github/copilot"

_SIGNED_OUT = re.compile(r"no authentication information", re.I)
_NOT_ALLOWED = re.compile(
    r"authentication failed|access denied|not authorized|unauthorized|forbidden"
    r"|copilot requests|server-to-server|copilot policy|personal access token",
    re.I,
)
_NO_QUOTA = re.compile(
    r"\b(no|out of) (\w+ ){0,2}(quota|credits)|quota.exceeded|request allowance|billing.not.configured", re.I
)
_SLOW_DOWN = re.compile(r"rate.?limit", re.I)
_NO_MODEL = re.compile(r"\bmodel\b.{0,200}(not available|not supported|not found|unknown)", re.I | re.S)
_OLD = re.compile(r"(?:unexpected argument|unknown option) '?(--[\w-]+)", re.I)
_NETWORK = re.compile(r"error sending request|ENOTFOUND|ECONN|ETIMEDOUT|dns error|timed out|fetch failed|socket hang up", re.I)
_REFUSED = re.compile(r"error: invalid value", re.I)
_WAIT = re.compile(r"try again in (\d+) (second|minute|hour)", re.I)
_SECONDS = {"second": 1.0, "minute": 60.0, "hour": 3600.0}


def fault_of(service: Service, model: str, code: int, error: Mapping[str, Json], stderr: str) -> ProviderError:
    """The error for a run of the program that brought no answer.

    code: its exit code. error: the data of its last `session.error`, empty where there was none. stderr: in words.
    """
    message = str(error.get("message") or stderr)
    kind, status = str(error.get("errorType", "")), error.get("statusCode")
    status = status if isinstance(status, int) else None
    words = quote(message, service.secrets)
    tail = f": {words}" if words else ""
    if _SIGNED_OUT.search(message):
        return _signed_out()
    if found := _OLD.search(message):
        return ProviderError(
            "copilot-outdated",
            f"this Copilot CLI does not know {found[1]}",
            hint=f"It must be 1.0.80 or newer: {_INSTALL}@latest",
            fatal=True,
        )
    if kind == "quota" or status == 402 or _NO_QUOTA.search(message):
        return _refused(service, model, 402, message)
    if kind == "rate_limit" or status == 429 or _SLOW_DOWN.search(message):
        return _refused(service, model, 429, message)
    if kind == "model" or _NO_MODEL.search(message):
        return ProviderError(
            "model-unknown",
            f"{service.name} does not know the model {model}{tail}",
            hint="`copilot help config` lists models; which of them may be asked, the account or the organisation decides.",
            status=status,
            fatal=True,
        )
    if kind in ("authentication", "authorization", "policy") or status in (401, 403) or _NOT_ALLOWED.search(message):
        return ProviderError(
            "copilot-not-allowed",
            f"GitHub does not let this token ask Copilot{tail}",
            hint="In Actions the job needs `permissions: copilot-requests: write`, and its organisation the policy “Allow use "
            "of Copilot CLI billed to the organization”. A token of your own needs the permission “Copilot Requests”.",
            status=status,
            fatal=True,
        )
    if status is not None and status >= 400:
        return _refused(service, model, status, message)
    if code == 0 and not error:
        return ProviderError("answer-empty", f"{model} answered with nothing", retry=True)
    return ProviderError(
        "copilot-failed",
        f"the Copilot CLI failed (exit code {code}){tail}",
        hint=f"To see whether it works here at all, run: copilot --model {model} -p hello",
        # What it refused by itself, a prompt that is too long for one, it refuses again.
        retry=not (error or _REFUSED.search(message)) or _NETWORK.search(message) is not None,
    )


def _refused(service: Service, model: str, status: int, message: str) -> ProviderError:
    headers = {}
    if found := _WAIT.search(message):
        headers["retry-after"] = str(int(found[1]) * _SECONDS[found[2].lower()])
    return refused(service, model, status, headers, orjson.dumps({"message": message}))


def _signed_out() -> ProviderError:
    return ProviderError(
        "copilot-signed-out",
        "the Copilot CLI has no token, and nobody is signed in",
        hint="In Actions: `permissions: copilot-requests: write` for the job, and `GITHUB_TOKEN: ${{ github.token }}` in the "
        "step's `env`. On your machine: run `copilot` and type /login.",
        fatal=True,
    )


def not_installed(program: str) -> ProviderError:
    """The error where the program is not there."""
    return ProviderError(
        "copilot-missing",
        f"the program {program}, which answers for Copilot, is not installed",
        hint=f"Install it: {_INSTALL} (in Actions in a step before this one), or name it in GENARUN_COPILOT.",
        fatal=True,
    )


def not_startable(program: str, reason: str) -> ProviderError:
    """The error where the system does not start the program."""
    return ProviderError(
        "copilot-unstartable",
        f"{program} cannot be started: {reason}",
        hint=f"Install it anew: {_INSTALL}",
        fatal=True,
    )


def flooded(most_bytes: int) -> ProviderError:
    """The error for a program that does not stop writing."""
    return ProviderError(
        "copilot-flooded",
        f"the Copilot CLI wrote more than {most_bytes // 1_000_000} MB and was stopped",
        hint="Ask for less in one node; `copilot --version` says which program this is.",
    )


def used_tool() -> ProviderError:
    """The error for a program that does what every call forbids."""
    return ProviderError(
        "copilot-used-tool",
        "the Copilot CLI let its model use a tool, though every call denies all of them",
        hint="Do not go on with this version of it; `copilot --version` says which it is.",
        fatal=True,
    )
