"""Copilot, asked through its program: what it is given, what it is kept from, and what becomes of it."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from genarun.client.doctor import examine
from genarun.errors import ProviderError, SetupError
from genarun.providers.base import ModelReply, ModelRequest, Provider, Settings, Usage
from genarun.providers.catalog import COPILOT
from genarun.providers.prices import Prices
from genarun.providers.registry import make_provider, missing_key, provider_infos, secret_names

from tests.helpers import Place
from tests.say import says
from tests.services.ask import ask, fault, shaped, text
from tests.services.copilot_cli import Asked, CopilotCLI

TOKEN = "ghs_loopback0123456789abcdefghijklmnop"


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary folders are made, to see that none stays."""
    made = tmp_path / "temporary"
    made.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(made))
    return made


@pytest.fixture
def cli(tmp_path: Path) -> CopilotCLI:
    return CopilotCLI(tmp_path / "bin")


def copilot(cli: CopilotCLI, env: Mapping[str, str] | None = None, **more: Any) -> Provider:
    """The provider, its program on the path and the job's token in the environment."""
    whole = {"PATH": f"{cli.folder}:{os.environ['PATH']}", "GITHUB_TOKEN": TOKEN, **(env or {})}
    return make_provider(provider_infos()["copilot"], Settings("copilot", env=whole, **more))


def once(cli: CopilotCLI, request: ModelRequest, env: Mapping[str, str] | None = None, **more: Any) -> tuple[ModelReply, Asked]:
    [reply] = ask(copilot(cli, env, **more), request)
    return reply, cli.asked[-1]


def failed(cli: CopilotCLI, **plan: Any) -> ProviderError:
    """The error after a run that ended like this."""
    cli.plan(**{"answers": [], "code": 1, **plan})
    return fault(copilot(cli), text(model="gpt-5-mini"))


# What it is given -----------------------------------------------------------------------------------------------------


def test_a_prompt_goes_in_and_a_text_comes_out(cli: CopilotCLI, folders: Path) -> None:
    cli.plan(
        answers=["Rope, gull,\nand a bell.\n"], usage={"modelMetrics": {"a": {"usage": {"inputTokens": 1, "outputTokens": 2}}}}
    )
    reply, asked = once(cli, text("Write a haiku", model="gpt-5-mini", params={"reasoning_effort": "low"}), {"LANG": "de_DE"})
    assert reply == ModelReply(text="Rope, gull,\nand a bell.", usage=Usage(1, 2), model="gpt-test")
    assert asked.argv == [
        "--output-format=json", "--stream=off", "--no-color", "--log-level=none",
        "--no-custom-instructions", "--no-ask-user", "--no-auto-update", "--no-remote-export", "--disable-client-telemetry",
        "--available-tools=none",
        "--deny-tool=shell", "--deny-tool=write", "--deny-tool=read", "--deny-tool=url", "--deny-tool=memory",
        "--disable-builtin-mcps", "--disallow-temp-dir",
        "--model=gpt-5-mini", "--reasoning-effort=low",
        f"--usage-output-file={Path(asked.cwd).parent / 'usage.json'}",
    ]  # fmt: skip
    assert asked.stdin is not None
    assert asked.stdin.endswith("nobody can be asked back.\n\nWrite a haiku")
    folder = Path(asked.cwd).parent
    assert asked.env == {
        "PATH": f"{cli.folder}:{os.environ['PATH']}",
        "LANG": "de_DE",
        "HOME": str(folder / "home"),
        "TMPDIR": str(folder / "tmp"),
        "COPILOT_HOME": str(folder / "config"),
        "COPILOT_GITHUB_TOKEN": TOKEN,
        "COPILOT_AUTO_UPDATE": "false",
        "NO_COLOR": "1",
    }
    assert (asked.files, asked.home, asked.config) == ([], [], {}), "an empty folder, an empty home, no settings"
    assert asked.leader
    assert folder.parent == folders
    assert list(folders.iterdir()) == [], "and nothing of it stays"


def test_no_key_of_another_service_reaches_it(cli: CopilotCLI) -> None:
    names = secret_names(provider_infos().values(), Settings("press", key_env="PRESS_KEY")) | {"GENARUN_COPILOT", "BASH_ENV"}
    secrets = {name: f"secret-of-{name}-0123456789" for name in names - {"GENARUN_COPILOT"}}
    env = {**secrets, "NODE_OPTIONS": "--require=/x", "COPILOT_PROVIDER_BASE_URL": "http://x", "COPILOT_ALLOW_ALL": "true"}
    _, asked = once(cli, text(), {**env, "HTTPS_PROXY": "http://proxy.example:8080"})
    passed = {name: value for name, value in asked.env.items() if name in env or value in secrets.values()}
    assert passed == {"COPILOT_GITHUB_TOKEN": secrets["COPILOT_GITHUB_TOKEN"]}
    assert asked.env["HTTPS_PROXY"] == "http://proxy.example:8080"
    assert "secret-of" not in f"{asked.argv}{asked.stdin}{asked.config}"


HOSTILE = [
    "--allow-all-tools",
    "-p hi --yolo",
    "; rm -rf / #",
    "$(id) `id` && id | id > x",
    "!id",
    "/add-dir /",
    "@/etc/passwd and @x.txt",
    "line\nline\r\n\n\tline",
    "'\"\\ \x1b[31mred\x07",
    "ein Gruß, 日本語, \U0001f600",
    " ",
    "%s {0} %PATH%",
]


@pytest.mark.parametrize("prompt", HOSTILE)
def test_a_prompt_is_a_text_whatever_it_says(cli: CopilotCLI, prompt: str) -> None:
    _, plain = once(cli, text("plain"))
    _, asked = once(cli, text(prompt))
    assert asked.stdin is not None
    assert asked.stdin.partition("asked back.\n\n")[2] == prompt
    assert asked.argv[:-1] == plain.argv[:-1]


@pytest.mark.parametrize("model", ["--yolo", "x --yolo", "$(id)", "a\nb"])
def test_a_models_name_is_a_name(cli: CopilotCLI, model: str) -> None:
    _, asked = once(cli, text(model=model, params={"reasoning_effort": "--yolo", "context": "; id"}))
    assert asked.argv[-4:-1] == [f"--model={model}", "--reasoning-effort=--yolo", "--context=; id"]


def test_a_prompt_may_be_longer_than_an_argument_can_be(cli: CopilotCLI) -> None:
    prompt = "ab\n" * 350_000
    _, asked = once(cli, text(prompt))
    assert asked.stdin is not None
    assert asked.stdin.endswith(prompt)


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (text("a\0b"), "the prompt holds a NUL character"),
        (text("a\ud800b"), "the prompt holds half a character (a lone surrogate)"),
        (text(model="a\0b"), "the model's name or a parameter holds a NUL character"),
    ],
)
def test_what_no_program_can_be_given(cli: CopilotCLI, request_: ModelRequest, said: str) -> None:
    says(
        fault(copilot(cli), request_),
        "prompt-unsendable",
        f"""
        {said}, which no program can be given
          → Take it out where it is written, or out of the value that the prompt reads.
        """,
    )
    assert cli.asked == []


def test_a_conversation_and_a_shape_are_told_in_words(cli: CopilotCLI) -> None:
    turns = (
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "One"},
        {"role": "assistant", "content": "1"},
        {"role": "user", "content": "Two"},
    )
    _, asked = once(cli, ModelRequest("text", "m", {}, turns))
    assert asked.stdin is not None
    assert asked.stdin.endswith("asked back.\n\nBe kind.\n\nUser: One\n\nAssistant: 1\n\nUser: Two\n\nAssistant:")
    _, asked = once(cli, shaped({"type": "object"}, "List"))
    assert asked.stdin is not None
    assert asked.stdin.endswith(
        'List\n\nAnswer with one JSON object that fits this JSON Schema, and with nothing else:\n{"type":"object"}'
    )


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"temperature": 0.7}, "the Copilot CLI takes no parameter `temperature`"),
        ({"reasoning_effort": 3}, "`reasoning_effort` must be a text"),
    ],
)
def test_a_parameter_that_it_does_not_take(cli: CopilotCLI, params: dict[str, Any], said: str) -> None:
    says(
        fault(copilot(cli), text(params=params)),
        "copilot-parameter",
        f"""
        {said}
          → It takes `reasoning_effort` and `context`. `null` removes a parameter that an alias brings.
        """,
    )


# Who asks -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("env", "key_env", "token"),
    [
        ({"GH_TOKEN": "gh-0123456789"}, None, "gh-0123456789"),
        ({"GH_TOKEN": "gh-0123456789", "COPILOT_GITHUB_TOKEN": "own-0123456789"}, None, "own-0123456789"),
        ({"GH_TOKEN": " ", "COPILOT_GITHUB_TOKEN": ""}, None, TOKEN),
        ({"SEAT": "seat-0123456789"}, "SEAT", "seat-0123456789"),
        ({"SEAT": "seat-0123456789"}, "", None),
        ({"GITHUB_TOKEN": ""}, None, None),
    ],
)
def test_the_token_is_found_where_the_program_looks_itself(
    cli: CopilotCLI, env: dict[str, str], key_env: str | None, token: str | None
) -> None:
    _, asked = once(cli, text(), env, key_env=key_env)
    assert asked.env.get("COPILOT_GITHUB_TOKEN") == token
    assert {"GH_TOKEN", "GITHUB_TOKEN", "SEAT"} & set(asked.env) == set()


def test_somebody_who_is_signed_in_needs_no_token(cli: CopilotCLI, tmp_path: Path) -> None:
    home = tmp_path / "person"
    for name in ("config.json", "settings.json", "mcp-config.json", "copilot-instructions.md"):
        (home / ".copilot").mkdir(parents=True, exist_ok=True)
        (home / ".copilot" / name).write_text(f'{{"of": "{name}"}}')
    bus = {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/run/bus"}
    _, asked = once(cli, text(), {"HOME": str(home), "GITHUB_TOKEN": "", **bus})
    assert asked.env["HOME"] == str(home), "the keyring is found through it"
    assert asked.env["DBUS_SESSION_BUS_ADDRESS"] == "unix:path=/run/bus"
    assert asked.config == {"config.json": '{"of": "config.json"}'}, "neither servers, nor settings, nor instructions"
    assert asked.env["COPILOT_CACHE_HOME"] == f"{home}/.cache/copilot"
    _, asked = once(cli, text(), {"HOME": str(home), **bus})
    assert asked.home == []
    assert asked.config == {}
    assert "DBUS_SESSION_BUS_ADDRESS" not in asked.env


def test_no_key_is_demanded_but_one_that_a_tree_names() -> None:
    assert missing_key(COPILOT, Settings("copilot", env={})) is None
    named = missing_key(COPILOT, Settings("copilot", env={}, key_env="SEAT"))
    assert named is not None
    assert named.what == "copilot needs a key, and SEAT is not set"
    broken = missing_key(COPILOT, Settings("copilot", env={"GITHUB_TOKEN": "a b"}))
    assert broken is not None
    assert broken.code == "key-malformed"


@pytest.mark.parametrize("command", ["PROGRAM", '["PROGRAM"]', '["env", "EXTRA=1", "PROGRAM"]'])
def test_the_program_can_be_another(cli: CopilotCLI, command: str, tmp_path: Path) -> None:
    other = CopilotCLI(tmp_path / "a folder")
    _, asked = once(
        other, text(), {"PATH": os.environ["PATH"], "GENARUN_COPILOT": command.replace("PROGRAM", str(other.program))}
    )
    assert ("EXTRA" in asked.env) == ("EXTRA" in command)
    assert cli.asked == []


@pytest.mark.parametrize("command", ["[", "[]", '[""]', '["copilot", 1]', '[["copilot"]]'])
def test_a_command_that_is_none(cli: CopilotCLI, command: str) -> None:
    with pytest.raises(SetupError) as raised:
        copilot(cli, {"GENARUN_COPILOT": command})
    says(
        raised.value,
        "copilot-command",
        """
        GENARUN_COPILOT is no command
          → Write the program's path, or a JSON list of words: ["npx", "@github/copilot"].
        """,
    )


def test_a_tree_does_not_choose_the_program(cli: CopilotCLI, tmp_path: Path) -> None:
    other = CopilotCLI(tmp_path / "other")
    once(cli, text(), options={"command": [str(other.program)]})
    assert other.asked == []


# What it answers ------------------------------------------------------------------------------------------------------


def test_the_last_word_is_the_answer_and_colours_are_gone(cli: CopilotCLI) -> None:
    noise = [
        ("assistant.message", {"content": "Let me look.", "toolRequests": [{"name": "bash"}]}),
        ("tool.execution_start", {"toolName": "bash"}),
        ("tool.execution_complete", {"success": False, "error": {"message": "Tool 'bash' does not exist."}}),
        ("session.error", {"errorType": "query", "message": "a passing trouble", "statusCode": 500}),
        ("assistant.message", {"content": " "}),
    ]
    cli.plan(events=noise, answers=["\x1b[1mRed\x1b[0m \x1b]0;title\x07gull"], model=None)
    reply, _ = once(cli, text())
    assert (reply.text, reply.model, reply.usage) == ("Red gull", None, Usage())


def test_an_answer_in_parts_is_one(cli: CopilotCLI) -> None:
    cli.plan(
        events=[("assistant.message", {"content": f"part {n} ", "chunkIndex": n, "chunkCount": 2}) for n in (0, 1)], answers=[]
    )
    assert once(cli, text())[0].text == "part 0 part 1"


@pytest.mark.parametrize(
    "usage", [[], {"modelMetrics": []}, {"modelMetrics": {"a": {}}}, {"modelMetrics": {"a": {"usage": 1}}}]
)
def test_counts_that_are_none_are_unknown(cli: CopilotCLI, usage: Any) -> None:
    cli.plan(usage=usage)
    assert once(cli, text())[0].usage == Usage()


def test_what_all_its_requests_used_is_summed_and_has_a_price(cli: CopilotCLI) -> None:
    models = {name: {"usage": {"inputTokens": 2100, "outputTokens": 30}} for name in ("gpt-6-luna", "gpt-test")}
    cli.plan(usage={"modelMetrics": models})
    usage = once(cli, text())[0].usage
    assert usage == Usage(4200, 60)
    assert Prices().cost("copilot", COPILOT.models["text"], usage) is not None
    assert Prices().cost("copilot", "a-model-of-next-year", usage) is None, "unknown, never zero"


# What goes wrong ------------------------------------------------------------------------------------------------------


def test_the_program_is_not_installed(cli: CopilotCLI) -> None:
    found = fault(copilot(cli, {"PATH": "/nowhere"}), text())
    assert found.fatal
    says(
        found,
        "copilot-missing",
        """
        the program copilot, which answers for Copilot, is not installed
          → Install it: npm install -g @github/copilot (in Actions in a step before this one), or name it in GENARUN_COPILOT.
        """,
    )


def test_the_program_is_none(cli: CopilotCLI, folders: Path) -> None:
    cli.program.write_text("\x7fELF")
    found = fault(copilot(cli), text())
    assert found.fatal
    says(
        found,
        "copilot-unstartable",
        f"""
        {cli.program} cannot be started: Exec format error
          → Install it anew: npm install -g @github/copilot
        """,
    )
    assert list(folders.iterdir()) == []


def test_there_is_no_room_for_its_folder(cli: CopilotCLI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere")
    found = fault(copilot(cli), text())
    assert found.code == "copilot-unstartable"
    assert found.what == f"{cli.program} cannot be started: No such file or directory"


def test_nobody_is_signed_in(cli: CopilotCLI) -> None:
    words = (
        "Error: No authentication information found.\n\nCopilot can be authenticated with GitHub using an OAuth Token or …\n"
    )
    found = failed(cli, stderr=words)
    assert (found.fatal, found.retry) == (True, False)
    says(
        found,
        "copilot-signed-out",
        """
        the Copilot CLI has no token, and nobody is signed in
          → In Actions: `permissions: copilot-requests: write` for the job, and `GITHUB_TOKEN: ${{ github.token }}` in the step's `env`. On your machine: run `copilot` and type /login.
        """,  # noqa: E501
    )


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        (
            {"stderr": "Error: Authentication failed (Request ID: 55:1C)\n\nYour GitHub token may be invalid\n"},
            "Error: Authentication failed (Request ID: 55:1C) Your GitHub token may be invalid",
        ),
        (
            {"events": [("session.error", {"errorType": "authorization", "message": "no seat", "statusCode": 403})]},
            "no seat",
        ),
        (
            {"events": [("session.error", {"errorType": "query", "message": f"401 unauthorized: {TOKEN}"})]},
            "401 unauthorized: ***",
        ),
        (
            {"stderr": "Error: Failed to load models\n\nError: 400 checking server-to-server token: bad request"},
            "Error: Failed to load models Error: 400 checking server-to-server token: bad request",
        ),
        (
            {"stderr": "Failed to load models: access denied by Copilot policy."},
            "Failed to load models: access denied by Copilot policy.",
        ),
    ],
)
def test_the_token_may_not_ask_copilot(cli: CopilotCLI, plan: dict[str, Any], words: str) -> None:
    found = failed(cli, **plan)
    assert (found.fatal, found.retry) == (True, False)
    says(
        found,
        "copilot-not-allowed",
        f"""
        GitHub does not let this token ask Copilot: {words}
          → In Actions the job needs `permissions: copilot-requests: write`, and its organisation the policy “Allow use of Copilot CLI billed to the organization”. A token of your own needs the permission “Copilot Requests”.
        """,  # noqa: E501
    )


@pytest.mark.parametrize(
    "data",
    [
        {"errorType": "quota", "message": "You have no quota"},
        {"errorType": "query", "message": "You have no quota", "statusCode": 402},
        {"errorType": "query", "message": "You have no quota"},
    ],
)
def test_the_quota_is_used_up(cli: CopilotCLI, data: dict[str, Any]) -> None:
    found = failed(cli, events=[("session.error", data)])
    assert (found.fatal, found.retry) == (True, False)
    says(
        found,
        "no-credit",
        """
        copilot has no credit left for this key (HTTP 402): You have no quota
          → Add credit or raise the limit at the service, then run again; finished calls are kept.
        """,
    )


def test_it_asks_to_slow_down(cli: CopilotCLI) -> None:
    message = "Sorry, you've hit a rate limit. Please try again in 2 minutes."
    found = failed(cli, events=[("session.error", {"errorType": "rate_limit", "message": message})])
    assert (found.retry, found.retry_after) == (True, 120.0)
    says(
        found,
        "rate-limited",
        f"""
        copilot asks us to slow down (HTTP 429): {message}
          → If this goes on, lower `concurrency` or set `rpm` on the model alias.
        """,
    )


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        (
            {"stderr": 'Error: Model "gpt-5-mini" from --model flag is not available.\n'},
            'Error: Model "gpt-5-mini" from --model flag is not available.',
        ),
        (
            {"events": [("session.error", {"errorType": "query", "message": "400 The requested model is not supported."})]},
            "400 The requested model is not supported.",
        ),
        (
            {
                "events": [("session.warning", {"message": 'Model "gpt-5-mini" is not available; using "gpt-4.1".'})],
                "answers": ["from another model"],
                "code": 0,
            },
            'Model "gpt-5-mini" is not available; using "gpt-4.1".',
        ),
    ],
)
def test_a_model_that_is_not_there(cli: CopilotCLI, plan: dict[str, Any], words: str) -> None:
    found = failed(cli, **plan)
    assert found.fatal
    says(
        found,
        "model-unknown",
        f"""
        copilot does not know the model gpt-5-mini: {words}
          → `copilot help config` lists models; which of them may be asked, the account or the organisation decides.
        """,
    )


def test_a_program_that_is_too_old(cli: CopilotCLI) -> None:
    found = failed(cli, code=2, stderr="error: unexpected argument '--usage-output-file' found\n\nUsage: copilot [OPTIONS]\n")
    assert found.fatal
    says(
        found,
        "copilot-outdated",
        """
        this Copilot CLI does not know --usage-output-file
          → It must be 1.0.80 or newer: npm install -g @github/copilot@latest
        """,
    )


def test_a_service_that_fails_behind_it(cli: CopilotCLI) -> None:
    found = failed(cli, events=[("session.error", {"errorType": "query", "message": "502 Bad Gateway", "statusCode": 502})])
    assert (found.code, found.retry) == ("service-failed", True)
    found = failed(cli, events=[("session.error", {"errorType": "query", "message": "422 no", "statusCode": 422})])
    assert (found.code, found.retry) == ("request-refused", False)


@pytest.mark.parametrize(
    ("plan", "words", "retry"),
    [
        ({"stderr": f"\x1b[31mError: it broke\x1b[0m, token {TOKEN}\n"}, "(exit code 1): Error: it broke, token ***", True),
        ({"code": 139}, "(exit code 139)", True),
        (
            {"stderr": "error: invalid value 'much' for '--reasoning-effort <level>'"},
            "(exit code 1): error: invalid value 'much' for '--reasoning-effort <level>'",
            False,
        ),
        (
            {"events": [("session.error", {"errorType": "query", "message": "Request exceeds the prompt budget"})]},
            "(exit code 1): Request exceeds the prompt budget",
            False,
        ),
        (
            {"events": [("session.error", {"errorType": "query", "message": "error sending request for url (x)"})]},
            "(exit code 1): error sending request for url (x)",
            True,
        ),
        (
            {"stderr": "Error: Failed to load models\n\nError: error sending request: dns error [ENOTFOUND]\n"},
            "(exit code 1): Error: Failed to load models Error: error sending request: dns error [ENOTFOUND]",
            True,
        ),
    ],
)
def test_whatever_else_goes_wrong_is_told_in_its_own_words(
    cli: CopilotCLI, plan: dict[str, Any], words: str, retry: bool
) -> None:
    found = failed(cli, **plan)
    assert (found.fatal, found.retry) == (False, retry)
    says(
        found,
        "copilot-failed",
        f"""
        the Copilot CLI failed {words}
          → To see whether it works here at all, run: copilot --model gpt-5-mini -p hello
        """,
    )


def test_an_answer_that_is_none(cli: CopilotCLI) -> None:
    found = failed(cli, code=0)
    assert found.retry
    says(found, "answer-empty", "gpt-5-mini answered with nothing")


def test_a_tool_that_was_used_in_spite_of_all(cli: CopilotCLI) -> None:
    found = failed(cli, code=0, answers=["done"], events=[("tool.execution_complete", {"success": True})])
    assert found.fatal
    says(
        found,
        "copilot-used-tool",
        """
        the Copilot CLI let its model use a tool, though every call denies all of them
          → Do not go on with this version of it; `copilot --version` says which it is.
        """,
    )


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_program_that_does_not_stop_writing(cli: CopilotCLI, stream: str, folders: Path) -> None:
    cli.plan(flood=stream)
    says(
        fault(copilot(cli), text()),
        "copilot-flooded",
        """
        the Copilot CLI wrote more than 4 MB and was stopped
          → Ask for less in one node; `copilot --version` says which program this is.
        """,
    )
    assert list(folders.iterdir()) == []


# What becomes of it ---------------------------------------------------------------------------------------------------


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


async def until(what: Any) -> None:
    for _ in range(500):
        if what():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it never came")


def test_a_call_that_is_cancelled_leaves_nothing(cli: CopilotCLI, folders: Path) -> None:
    cli.plan(hang=True, stubborn=True, child="near")

    async def go() -> None:
        call = asyncio.ensure_future(copilot(cli).call(text()))
        await until(lambda: cli.asked)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        [asked] = cli.asked
        assert list(folders.iterdir()) == []
        assert not alive(asked.pid)
        await until(lambda: not alive(asked.child))

    asyncio.run(go())


def test_what_it_started_does_not_outlive_it(cli: CopilotCLI) -> None:
    cli.plan(child="near")
    started = time.monotonic()
    reply, asked = once(cli, text())
    assert reply.text == "An answer."
    assert time.monotonic() - started < 30, "a child that holds the streams open does not hold up the answer"
    asyncio.run(until(lambda: not alive(asked.child)))


def test_what_left_its_group_does_not_hold_up_the_answer(cli: CopilotCLI) -> None:
    cli.plan(child="away")
    started = time.monotonic()
    reply, asked = once(cli, text())
    os.kill(asked.child, 9)
    assert reply.text == "An answer."
    assert time.monotonic() - started < 30


def test_a_program_that_does_not_read_its_prompt(cli: CopilotCLI) -> None:
    cli.plan(deaf=True)
    assert once(cli, text("x" * 1_000_000))[0].text == "An answer."


def test_calls_at_once_do_not_see_each_other(cli: CopilotCLI) -> None:
    replies = ask(copilot(cli), *(text(f"number {n}") for n in range(6)))
    assert [reply.text for reply in replies] == ["An answer."] * 6
    assert len({asked.cwd for asked in cli.asked}) == len(cli.asked)


# In a tree ------------------------------------------------------------------------------------------------------------

TREE = """
models: {text: {provider: copilot, model: gpt-5-mini}}
generations:
  - id: poem
    type: object
    config: {prompt: A poem}
    schema: {type: object, properties: {line: {type: string}}, required: [line]}
"""


def test_doctor_asks_for_no_key(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.tree(TREE)
    assert [one.what for one in examine(place.project) if one.about == "t"] == [
        "loads: 1 node",
        "can run for real: every key is set",
    ]
    place.tree(TREE + "providers: {copilot: {keyEnv: SEAT}}\n")
    assert "runs offline only: SEAT is not set" in [one.what for one in examine(place.project)]


def test_a_tree_asks_it_and_an_answer_that_does_not_fit_goes_back(tmp_path: Path, cli: CopilotCLI) -> None:
    cli.plan(answers=[f'{{"lines": "{TOKEN}"}}', '```json\n{"line": "Rope, gull, and a bell."}\n```'])
    place = Place(tmp_path, env={"GENARUN_COPILOT": str(cli.program), "GITHUB_TOKEN": TOKEN})
    place.tree(TREE)
    result = place.run()
    assert result.status == "succeeded"
    assert result.output == {"poem": {"line": "Rope, gull, and a bell."}}
    assert result.summary.totals.unpriced == 2
    _, second = cli.asked
    assert second.stdin is not None
    assert '{"lines": "***"}' in second.stdin, "a token that comes back is masked"
    assert TOKEN not in "".join(path.read_text() for path in result.folder.rglob("*.json*"))


def test_a_time_out_ends_it_and_a_missing_seat_stops_the_run(tmp_path: Path, cli: CopilotCLI, folders: Path) -> None:
    cli.plan(hang=True, stubborn=True)
    place = Place(tmp_path, env={"GENARUN_COPILOT": str(cli.program)})
    place.tree(TREE + "    timeout: 2s\n    retry: 0\n")
    assert place.run().status == "failed"
    assert [alive(asked.pid) for asked in cli.asked] == [False]
    assert list(folders.iterdir()) == []
    cli.plan(code=1, answers=[], stderr="Error: No authentication information found.")
    result = place.run()
    assert result.status == "failed"
    assert result.summary.totals.requests == 1, "asked once, and not again"
