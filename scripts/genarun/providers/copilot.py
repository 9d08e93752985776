"""GitHub Copilot, asked through its command line program, so that a person with a seat needs no key: texts only.

The program is an agent; here it may write an answer and nothing else. It is started without a shell, with the prompt on stdin,
where it is a text and never a command or an option, in an empty folder, with an environment of its own that holds no key but
the token. What it takes and prints: https://docs.github.com/en/copilot/reference/copilot-cli-reference and `copilot help
environment`, `permissions`; with the job's token: https://docs.github.com/en/copilot/how-tos/copilot-cli/use-copilot-cli-in-actions
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import orjson

from genarun.errors import ProviderError, SetupError
from genarun.providers.base import Json, ModelReply, ModelRequest, Settings, Usage
from genarun.providers.catalog import COPILOT, key_variable
from genarun.providers.copilot_faults import fault_of, flooded, not_installed, not_startable, used_tool
from genarun.providers.faults import Service
from genarun.providers.program import Ended, run_program
from genarun.providers.structured import Shapes, as_prompt

MOST_BYTES = 4_000_000
"""That the program may write, beside the prompt, which it repeats."""

TOKENS = ("COPILOT_GITHUB_TOKEN", "GH_TOKEN", "GITHUB_TOKEN")
"""Where the program itself looks for a token, in its order."""

_PASSED = (
    *("PATH", "LANG", "LC_ALL", "GH_HOST", "COPILOT_GH_HOST", "NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "SSL_CERT_DIR"),
    *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"),
)
_SIGNED_IN = ("HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS")
"""What leads to the keyring of a person who signed in, and to that of `gh`."""

_PARAMETERS = {"reasoning_effort": "--reasoning-effort", "context": "--context"}

_DENIED = (
    "--available-tools=none",  # a name that no tool has: an empty list would mean all of them
    *(f"--deny-tool={kind}" for kind in ("shell", "write", "read", "url", "memory")),
    "--disable-builtin-mcps",
    "--disallow-temp-dir",
)

_ALONE = (
    *("--output-format=json", "--stream=off", "--no-color", "--log-level=none"),
    *("--no-custom-instructions", "--no-ask-user", "--no-auto-update", "--no-remote-export", "--disable-client-telemetry"),
)

_PREAMBLE = (
    "This is one request that a program makes of a language model. Answer with exactly the text that it asks for, whole and as "
    "long as it asks for, and with nothing before or after it. There are no files and no tools, and nobody can be asked back."
)
"""The program tells its model that it is an agent in a terminal and should be brief."""

_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_FELL_BACK = re.compile(r"model.{0,200}not available.{0,80}(falling back|using)", re.I | re.S)


class Copilot:
    """The Copilot CLI. Nothing is started, and none need be installed, before the first call."""

    def __init__(self, settings: Settings) -> None:
        """`GENARUN_COPILOT` in the environment names the program where it is not `copilot`: its path, or a JSON list of words.

        No option of a tree does: a tree that somebody proposes must not choose what is started here. Raises SetupError
        (`copilot-command`).
        """
        env = settings.env
        variables = TOKENS if settings.key_env is None else (key_variable(COPILOT, settings) or "",)
        self._token = next(filter(None, (env.get(name, "").strip() for name in variables)), "")
        self._command = _command(env.get("GENARUN_COPILOT", "").strip())
        self._env = env
        self._service = Service(settings.name, "", secrets=(self._token,) if self._token else ())
        self._shapes = Shapes()

    def identity(self, request: ModelRequest) -> dict[str, Json]:
        """The provider: there is one GitHub."""
        return {"provider": COPILOT.name}

    async def open(self) -> None:
        """Each call starts a program of its own."""

    async def close(self) -> None:
        """Each call ended its program."""

    async def call(self, request: ModelRequest) -> ModelReply:
        """Start the program, give it the prompt, and read what it prints. Cancelling this ends it with all that it started."""
        arguments = self._arguments(request)
        prompt = self._prompt(request)
        program = self._program()
        try:
            with _folders() as folder:
                words = [program, *self._command[1:], *arguments, f"--usage-output-file={folder / 'usage.json'}"]
                env, most_bytes = self._environment(folder), MOST_BYTES + 4 * len(prompt)
                ended = await run_program(words, prompt, cwd=folder / "work", env=env, most_bytes=most_bytes)
                return self._read(request, ended, _usage(folder / "usage.json"))
        except OSError as error:
            raise not_startable(program, error.strerror or str(error)) from error

    # What it is given

    def _program(self) -> str:
        """Where the program is, in full: it does not run where this does. Raises ProviderError."""
        found = shutil.which(self._command[0], path=self._env.get("PATH", os.defpath))
        if found is None:
            raise not_installed(self._command[0])
        return str(Path(found).absolute())

    def _arguments(self, request: ModelRequest) -> list[str]:
        chosen = [f"--model={request.model}"]
        for name, value in request.params.items():
            flag = _PARAMETERS.get(name)
            if flag is None or not isinstance(value, str):
                raise ProviderError(
                    "copilot-parameter",
                    f"the Copilot CLI takes no parameter `{name}`" if flag is None else f"`{name}` must be a text",
                    hint="It takes `reasoning_effort` and `context`. `null` removes a parameter that an alias brings.",
                )
            chosen.append(f"{flag}={value}")
        _check("the model's name or a parameter", "".join(chosen))
        return [*_ALONE, *_DENIED, *chosen]

    def _prompt(self, request: ModelRequest) -> bytes:
        system, prompt = as_prompt(request, self._shapes)
        text = "\n\n".join(part for part in (_PREAMBLE, system, prompt) if part)
        _check("the prompt", text)
        return text.encode()

    def _environment(self, folder: Path) -> dict[str, str]:
        """All that the program sees. With a token, no home but an empty one; without, the home in which somebody signed in."""
        env = {name: self._env[name] for name in _PASSED if self._env.get(name)}
        env |= {"COPILOT_HOME": str(folder / "config"), "TMPDIR": str(folder / "tmp"), "NO_COLOR": "1"}
        env["COPILOT_AUTO_UPDATE"] = "false"
        home = self._env.get("HOME", "")
        cache = self._env.get("XDG_CACHE_HOME") or (f"{home}/.cache" if home else "")
        if cache:  # it unpacks itself there, which takes seconds and 200 MB; elsewhere each call would do so again
            env["COPILOT_CACHE_HOME"] = f"{cache}/copilot"
        if self._token:
            return env | {"HOME": str(folder / "home"), "COPILOT_GITHUB_TOKEN": self._token}
        signed_in = Path(self._env.get("COPILOT_HOME") or f"{home}/.copilot") / "config.json"
        if signed_in.is_file():  # who is signed in; the settings, hooks and servers beside it stay behind
            shutil.copyfile(signed_in, folder / "config" / "config.json")
        return env | {name: self._env[name] for name in _SIGNED_IN if self._env.get(name)}

    # What it answers

    def _read(self, request: ModelRequest, ended: Ended, usage: Usage) -> ModelReply:
        if ended.flooded:
            raise flooded(MOST_BYTES)
        text, model = "", None
        error: Mapping[str, Json] = {}
        for kind, data in _events(ended.out):
            if kind == "tool.execution_complete" and data.get("success"):
                raise used_tool()
            if kind == "assistant.message" and isinstance(data.get("content"), str) and data["content"].strip():
                # One answer may come in parts, between which the model thought.
                text = text + data["content"] if data.get("chunkIndex") else data["content"]
                model = data.get("model")
            elif kind == "session.error":
                error = data
            elif kind in ("session.info", "session.warning") and _FELL_BACK.search(str(data.get("message"))):
                raise fault_of(self._service, request.model, ended.code, {**data, "errorType": "model"}, "")
        if ended.code != 0 or not text:
            raise fault_of(self._service, request.model, ended.code, error, _plain(ended.err.decode("utf-8", "replace")))
        return ModelReply(text=_plain(text), usage=usage, model=model if isinstance(model, str) else None)


@contextmanager
def _folders() -> Iterator[Path]:
    """A folder for one call, gone after it: an empty home, settings and temporary files of its own, and where it runs."""
    folder = Path(tempfile.mkdtemp(prefix="genarun-copilot-"))
    try:
        for name in ("home", "config", "tmp", "work"):
            (folder / name).mkdir()
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _check(part: str, text: str) -> None:
    """Raises ProviderError for what cannot go over to a program."""
    broken = "a NUL character" if "\0" in text else ""
    try:
        text.encode()
    except UnicodeEncodeError:
        broken = "half a character (a lone surrogate)"
    if broken:
        raise ProviderError(
            "prompt-unsendable",
            f"{part} holds {broken}, which no program can be given",
            hint="Take it out where it is written, or out of the value that the prompt reads.",
        )


def _plain(text: str) -> str:
    return _ANSI.sub("", text).strip()


def _command(given: str) -> list[str]:
    if not given.startswith("["):
        return [given or "copilot"]
    try:
        words = orjson.loads(given)
    except orjson.JSONDecodeError:
        words = None
    if not isinstance(words, list) or not words or not all(isinstance(word, str) and word for word in words):
        raise SetupError(
            "copilot-command",
            "GENARUN_COPILOT is no command",
            hint='Write the program\'s path, or a JSON list of words: ["npx", "@github/copilot"].',
        )
    return words


def _events(out: bytes) -> Iterator[tuple[str, Mapping[str, Json]]]:
    """What the program told, a JSON object a line; other lines are notices of what started it."""
    for line in out.split(b"\n"):
        try:
            found = orjson.loads(line)
        except orjson.JSONDecodeError:
            continue
        if isinstance(found, dict) and isinstance(found.get("type"), str) and isinstance(found.get("data"), dict):
            yield found["type"], found["data"]


def _usage(file: Path) -> Usage:
    """Tokens of every request that the program made, its own instructions included."""
    try:
        models = orjson.loads(file.read_bytes())["modelMetrics"].values()
        used = [model["usage"] for model in models]
        return Usage(sum(int(one["inputTokens"]) for one in used), sum(int(one["outputTokens"]) for one in used))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return Usage()
