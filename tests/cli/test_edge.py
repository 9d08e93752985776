"""The edge of the command line: usage, expected and unexpected errors, pipes, colours, encodings, start-up."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import click
import pytest
from genarun.cli.app import COMMANDS, cli, main
from genarun.cli.report import error_json, error_lines
from genarun.cli.screen import Screen, plainly
from genarun.cli.session import Session, named_root
from genarun.errors import Faults, SetupError, StoreError, TreeError, Where

from tests.say import says

ROOT = Path(__file__).resolve().parents[2]
SECRET = "sk-canary-0123456789"


class Said:
    """What one command line printed."""

    def __init__(self, *words: str, environ: Mapping[str, str] | None = None) -> None:
        out, err = io.StringIO(), io.StringIO()
        self.code = main(list(words), dict(environ or {}), out, err)
        self.out, self.err = out.getvalue(), err.getvalue()


def command(*words: str, **more: object) -> subprocess.CompletedProcess[bytes]:
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "scripts"), **dict(more.pop("env", {}))}  # type: ignore[call-overload]
    return subprocess.run([sys.executable, "-m", "genarun.cli", *words], env=env, capture_output=True, timeout=60, **more)  # type: ignore[call-overload, no-any-return]


def broken(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """Make `genarun check` raise this."""

    @click.command()
    @click.argument("words", nargs=-1, type=click.UNPROCESSED)
    @click.option("--json", "as_json", is_flag=True)
    def check(words: object, as_json: bool) -> None:
        raise error

    monkeypatch.setattr("genarun.cli.app.LazyCommands.get_command", lambda *_: check)


# Usage ---------------------------------------------------------------------------------------------------------------


def test_an_unknown_command_names_the_nearest() -> None:
    said = Said("rnu")
    assert (said.code, said.out) == (2, "")
    assert said.err == "`genarun` has no command `rnu`\n  → Did you mean `run`? `genarun --help` lists what there is.\n"


def test_a_word_that_is_near_nothing_gets_the_list() -> None:
    assert Said("xylophone").err == "`genarun` has no command `xylophone`\n  → `genarun --help` lists what there is.\n"


def test_an_unknown_option_names_the_nearest() -> None:
    said = Said("run", "--ofline")
    assert said.code == 2
    assert (
        said.err
        == "`genarun run` has no option `--ofline`\n  → Did you mean `--offline`? `genarun run --help` lists what there is.\n"
    )


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["run", "--seed", "seven"], "Invalid value for '--seed': 'seven' is not a valid integer"),
        (["run", "--budget", "much"], "Invalid value for '--budget': `much` is no amount in dollars; write it as 0.50"),
        (["run", "--budget", "-1"], "Invalid value for '--budget': `-1` is no amount in dollars; write it as 0.50"),
        (["run", "--input", "year"], "Invalid value for '--input': `year` is not of the form NAME=VALUE"),
        (["show"], "Missing argument 'RUN'"),
        (["run", "--offline", "--replay", "x"], "`--offline` and `--replay` exclude each other: both say who answers"),
        (["plan", "--markdown", "--json"], "`--markdown` and `--json` exclude each other"),
    ],
)
def test_what_cannot_be_understood_is_exit_2(words: list[str], what: str) -> None:
    said = Said(*words)
    assert said.code == 2
    if "--json" in words:
        assert json.loads(said.out)["error"]["what"] == what
    else:
        assert said.err.splitlines()[0] == what


def test_usage_errors_come_as_json_too() -> None:
    said = Said("run", "--ofline", "--json")
    assert said.code == 2
    assert said.err == ""
    assert json.loads(said.out) == {
        "error": {
            "code": "usage",
            "what": "`genarun run` has no option `--ofline`",
            "hint": "Did you mean `--offline`? `genarun run --help` lists what there is.",
        }
    }


def test_the_text_of_a_usage_error(monkeypatch: pytest.MonkeyPatch) -> None:
    caught: list[SetupError] = []
    monkeypatch.setattr("genarun.cli.app.report", lambda error, _screen: caught.append(error) or 2)
    Said("plna")
    says(caught[0], "usage", "`genarun` has no command `plna`\n  → Did you mean `plan`? `genarun --help` lists what there is.")


def test_nothing_at_all_shows_the_help_and_is_exit_2() -> None:
    said = Said()
    assert said.code == 2
    assert "Commands:" in said.err


def test_help_lists_the_commands_in_the_order_of_a_day(capsys: pytest.CaptureFixture[str]) -> None:
    assert Said("--help").code == 0
    shown = capsys.readouterr().out
    places = [shown.index(f"\n  {name} ") for name in COMMANDS]
    assert places == sorted(places)


def test_every_command_has_help_and_the_common_options() -> None:
    context = click.Context(cli)
    for name in COMMANDS:
        found = cli.get_command(context, name)
        assert found is not None
        assert found.name == name
        assert found.help
        options = {option for param in found.params for option in param.opts}
        assert {"--json", "-C", "--root"} <= options, name
        for param in found.params:
            assert isinstance(param, click.Argument) or param.help, f"{name} {param.opts}"  # type: ignore[attr-defined]


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert Said("--version").code == 0
    assert capsys.readouterr().out == "genarun 0.1.0\n"


def test_help_imports_nothing_heavy() -> None:
    heavy = (
        "openai",
        "replicate",
        "aiohttp",
        "httpx",
        "httpx2",
        "genai_prices",
        "PIL",
        "rich",
        "jsonschema_rs",
        "anyio",
        "pydantic",
    )
    code = (
        f"import sys\nfrom genarun.cli import main\nmain(['--help'])\nprint('HEAVY', *[n for n in {heavy} if n in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": str(ROOT / "scripts")}, capture_output=True
    )
    assert done.stdout.decode().splitlines()[-1] == "HEAVY"


def test_commands_that_draw_nothing_import_no_display() -> None:
    heavy = ("openai", "replicate", "aiohttp", "PIL", "rich")
    code = (
        "import sys\nfrom genarun.cli.app import COMMANDS, cli\nimport click\n"
        "for name in COMMANDS: cli.get_command(click.Context(cli), name)\n"
        f"print('HEAVY', *[n for n in {heavy} if n in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": str(ROOT / "scripts")}, capture_output=True
    )
    assert done.stdout.decode().splitlines()[-1:] == ["HEAVY"], done.stderr


# Expected errors -----------------------------------------------------------------------------------------------------


def test_an_expected_error_is_its_own_text_on_stderr(monkeypatch: pytest.MonkeyPatch) -> None:
    where = Where("trees/x/config.yaml", 3, 5, "    promt: hello")
    broken(monkeypatch, TreeError("key-unknown", "unknown key `promt`", where, "Did you mean `prompt`?"))
    said = Said("check")
    assert (said.code, said.out) == (2, "")
    assert said.err == (
        "trees/x/config.yaml:3:5: unknown key `promt`\n  3 |     promt: hello\n    |     ^\n  → Did you mean `prompt`?\n"
    )


def test_with_json_it_is_the_one_document(monkeypatch: pytest.MonkeyPatch) -> None:
    broken(monkeypatch, StoreError("disk-full", "the disk is full", "trees/x", "Make room."))
    said = Said("check", "--json")
    assert (said.code, said.err) == (1, "")
    assert json.loads(said.out) == {
        "error": {"code": "disk-full", "what": "the disk is full", "where": "trees/x", "hint": "Make room."}
    }


def test_several_faults_are_told_together(monkeypatch: pytest.MonkeyPatch) -> None:
    faults = Faults([TreeError("a-b", "first", Where("x.yaml", 1)), TreeError("c-d", "second", "tree y", "Mend it.")])
    says(
        faults,
        "faults",
        """
        x.yaml:1: first

        tree y: second
          → Mend it.
        """,
    )
    broken(monkeypatch, faults)
    said = Said("check")
    assert said.code == 2
    assert said.err == "x.yaml:1: first\n\ntree y: second\n  → Mend it.\n\n2 faults; nothing was called.\n"
    document = json.loads(Said("check", "--json").out)
    assert document["error"]["errors"] == [
        {"code": "a-b", "what": "first", "file": "x.yaml", "line": 1, "column": 0},
        {"code": "c-d", "what": "second", "where": "tree y", "hint": "Mend it."},
    ]
    assert error_json(faults)["code"] == "faults"


def test_colours_only_where_somebody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    broken(monkeypatch, SetupError("a-b", "what", hint="next"))
    assert Said("check", environ={"FORCE_COLOR": "1"}).err == "\x1b[31m\x1b[1mwhat\x1b[0m\n\x1b[36m  → next\x1b[0m\n"
    assert Said("check", environ={"FORCE_COLOR": "1", "NO_COLOR": "1"}).err == "what\n  → next\n"
    assert Said("check").err == "what\n  → next\n"


def test_ctrl_c_before_anything_was_called(monkeypatch: pytest.MonkeyPatch) -> None:
    broken(monkeypatch, KeyboardInterrupt())
    said = Said("check")
    assert said.code == 130
    assert said.err == "interrupted\n  → Nothing that had finished is lost.\n"
    caught: list[BaseException] = []
    monkeypatch.setattr("genarun.cli.app.report", lambda error, _screen: caught.append(error) or 130)
    Said("check")
    says(caught[0], "interrupted-early", "interrupted\n  → Nothing that had finished is lost.")


def test_what_the_system_refuses_is_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    broken(monkeypatch, PermissionError(13, "Permission denied", "/x/trees"))
    caught: list[BaseException] = []
    monkeypatch.setattr("genarun.cli.app.report", lambda error, _screen: caught.append(error) or error.exit_code)
    assert Said("check").code == 1
    says(
        caught[0],
        "disk",
        """
        /x/trees: the system refused: permission denied
          → Mend that and run the same command again; nothing is lost.
        """,
    )


# Unexpected errors and secrets ---------------------------------------------------------------------------------------


def test_a_traceback_is_shown_and_masked(monkeypatch: pytest.MonkeyPatch) -> None:
    broken(monkeypatch, ZeroDivisionError(f"with {SECRET} inside"))
    said = Said("check", environ={"OPENAI_API_KEY": SECRET})
    assert said.code == 1
    assert "ZeroDivisionError: with *** inside" in said.err
    assert said.err.endswith("an unexpected error, which is a fault in genarun; the traceback says where\n")
    assert SECRET not in said.err
    document = Said("check", "--json", environ={"OPENAI_API_KEY": SECRET})
    assert json.loads(document.out)["error"]["code"] == "unexpected"
    assert SECRET not in document.out + document.err


def test_secrets_are_masked_before_the_project_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    broken(monkeypatch, SetupError("a-b", f"bad line: KEY={SECRET}"))
    assert Said("check", environ={"MY_API_TOKEN": SECRET}).err == "bad line: KEY=***\n"
    assert SECRET not in Said("check", "--json", environ={"MY_API_TOKEN": SECRET}).out


def test_an_error_cannot_steer_the_terminal() -> None:
    screen = Screen({}, io.StringIO(), io.StringIO())
    assert error_lines(SetupError("a-b", "evil \x1b[2J text\x07"), screen) == ["evil [2J text"]


# Streams -------------------------------------------------------------------------------------------------------------


def test_a_terminal_without_unicode_gets_look_alikes() -> None:
    raw = io.BytesIO()
    stream = plainly(io.TextIOWrapper(raw, encoding="ascii", newline="\n"))
    stream.write("✓ “done” – 3 × naïve… ━━ 渡\n")
    stream.flush()
    assert raw.getvalue() == b'+ "done" - 3 x na?ve~ == ??\n'


def test_json_is_whole_in_any_encoding() -> None:
    raw = io.BytesIO()
    screen = Screen({}, io.TextIOWrapper(raw, encoding="latin-1"), io.StringIO())
    screen.document({"text": "渡し船 ✓"})
    assert json.loads(raw.getvalue()) == {"text": "渡し船 ✓"}


def test_a_reader_that_goes_away_is_no_error() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "scripts")}
    words = [sys.executable, "-m", "genarun.cli", "check", "--schema"]
    done = subprocess.run(words, env=env, stdout=writer, stderr=subprocess.PIPE, timeout=60)
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, b"")


def test_progress_that_nobody_reads_is_dropped() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as stream:
        screen = Screen({}, io.StringIO(), stream)
        screen.note("one")
        screen.note("two")
        screen.say("result")
        assert screen.stdout.getvalue() == "result\n"  # type: ignore[attr-defined]
        with pytest.raises(BrokenPipeError):
            stream.flush()
        devnull = os.open(os.devnull, os.O_WRONLY)
        os.dup2(devnull, writer)
        os.close(devnull)


# Finding the project -------------------------------------------------------------------------------------------------


def test_the_project_is_found_from_below(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = tmp_path / "trees" / "x" / "prompts"
    deep.mkdir(parents=True)
    monkeypatch.chdir(deep)
    screen = Screen({}, io.StringIO(), io.StringIO())
    session = Session(screen)
    assert session.root == tmp_path
    assert session.shown(tmp_path / "trees" / "x" / "prompts" / "a.md") == "a.md"
    assert session.shown(tmp_path / "trees") == str(tmp_path / "trees")
    assert Session(screen, tmp_path).root == tmp_path


def test_a_folder_that_is_no_project_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SetupError) as caught:
        named_root(Path("nowhere"))
    says(
        caught.value,
        "no-root",
        """
        there is no folder `nowhere`
          → `-C` takes the folder that holds `trees/`.
        """,
    )
    with pytest.raises(SetupError) as caught:
        named_root(Path())
    says(
        caught.value,
        "root-without-trees",
        """
        `.` holds no folder `trees/`
          → `-C` takes the folder that holds `trees/`; each tree is a folder `trees/<tree>/` with a `config.yaml`.
        """,
    )


@pytest.mark.parametrize("words", [["-C", "{}", "check"], ["check", "-C", "{}"], ["check", "--root", "{}"]])
def test_the_project_can_be_named_before_and_after_the_command(tmp_path: Path, words: list[str]) -> None:
    said = Said(*(word.format(tmp_path) for word in words))
    assert said.code == 2
    assert said.err.splitlines()[0] == f"`{tmp_path}` holds no folder `trees/`"
