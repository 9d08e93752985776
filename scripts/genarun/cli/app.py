"""`genarun`: finds the command, and catches at one edge what commands raise.

Commands are imported when they are used, so that `genarun --help` stays as quick as Python itself.
"""

from __future__ import annotations

import importlib
import os
import sys
import traceback
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import IO

import click

from genarun import __version__
from genarun.cli.report import report
from genarun.cli.screen import Screen
from genarun.cli.session import Session
from genarun.errors import GenarunError, Interrupted, SetupError, StoreError

COMMANDS: Mapping[str, str] = {
    "run": "Run trees: call the models, write a dated run folder.",
    "plan": "Show what a run would call, why, and what it would cost.",
    "resume": "Go on with an unfinished run.",
    "answer": "Answer a question that a run waits for.",
    "check": "Check trees without calling anything.",
    "runs": "List past runs.",
    "show": "Show one run, or one instance of it.",
    "diff": "Show what changed between two runs.",
    "pin": "Keep a value: turn it into an override.",
    "purge": "Delete old runs.",
    "models": "List the models that the keys here can reach.",
    "init": "Set up a copy of the template on GitHub.",
    "doctor": "Say what is missing, and how to get it.",
}
"""In the order in which a person meets them. Each is `genarun.cli.<name>:<name>`, and this line is its short help."""

HIDDEN = ("ci",)
"""Commands for workflows, which no person types."""


class LazyCommands(click.Group):
    """A group that knows its commands' names and imports one when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS and cmd_name not in HIDDEN:
            return None
        command: click.Command = getattr(importlib.import_module(f"genarun.cli.{cmd_name}"), cmd_name)
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in COMMANDS and name not in HIDDEN and not name.startswith("-"):
            raise click.exceptions.NoSuchCommand(name, possibilities=COMMANDS, ctx=ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=LazyCommands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 done, 1 failed or partial, 2 set up wrong (nothing was called), 3 waiting for a person, "
    "5 stopped by a budget, 130 interrupted.",
)
@click.option(
    "-C", "--root", type=click.Path(path_type=Path), metavar="DIR", help="Project to work in. Default: here or above."
)
@click.version_option(__version__, "--version", message="genarun %(version)s")
@click.pass_obj
def cli(session: Session, root: Path | None) -> None:
    """Pipelines of generative models, kept in git: declared as a tree, resumed, never paid for twice."""
    if root is not None:
        session.start = root


def main(
    args: Sequence[str] | None = None,
    environ: Mapping[str, str] | None = None,
    out: IO[str] | None = None,
    err: IO[str] | None = None,
) -> int:
    """Run one command line and return its exit code.

    args: without the program's name; None takes the process's own. environ, out, err: likewise.
    Expected errors end here, printed to stderr (with `--json` as one document on stdout); unexpected ones show a traceback.
    """
    words = list(sys.argv[1:] if args is None else args)
    screen = Screen(os.environ if environ is None else environ, out, err)
    streams = (screen.stdout, screen.stderr)  # the screen lets go of a stream that nobody reads any longer
    # Known before parsing, because a usage error must already come out as JSON.
    screen.json = "--json" in words
    try:
        return _run(words, screen)
    except BrokenPipeError:
        return 141  # `genarun runs | head`: nobody reads on
    finally:
        for stream in streams:
            _settle(stream)


def _run(words: list[str], screen: Screen) -> int:
    session = Session(screen)
    try:
        # Not `cli.main`: it answers a broken pipe in its own way, which is neither ours nor that of other programs.
        with cli.make_context("genarun", words, obj=session) as context:
            result = cli.invoke(context)
    except click.exceptions.NoArgsIsHelpError as stop:
        screen.note(stop.format_message())
        return 2
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        return _usage(error, screen)
    except (click.Abort, KeyboardInterrupt):
        return report(Interrupted("interrupted-early", "interrupted", hint="Nothing that had finished is lost."), screen)
    except GenarunError as error:
        return report(error, screen)
    except BrokenPipeError:
        raise
    except OSError as error:
        return report(_disk(error), screen)
    except Exception:  # noqa: BLE001 - the edge: what nobody expected must still be masked before it is shown
        screen.note(screen.safe(traceback.format_exc()).rstrip())
        what = "an unexpected error, which is a fault in genarun; the traceback says where"
        if screen.json:
            screen.document({"error": {"code": "unexpected", "what": what}})
        else:
            screen.note(screen.paint(what, "red bold", screen.stderr))
        return 1
    return result if isinstance(result, int) else 0


def _usage(error: click.ClickException, screen: Screen) -> int:
    """A command line that says something we do not know: what, the nearest thing we do know, and where help is."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "genarun"
    what = error.format_message().rstrip(".")
    hint = f"`{command} --help` lists what there is."
    if isinstance(error, click.exceptions.NoSuchCommand | click.exceptions.NoSuchOption):
        name = error.command_name if isinstance(error, click.exceptions.NoSuchCommand) else error.option_name
        kind = "command" if isinstance(error, click.exceptions.NoSuchCommand) else "option"
        near = _nearest(name, context)
        what = f"`{command}` has no {kind} `{name}`"
        hint = f"Did you mean `{near}`? {hint}" if near else hint
    return report(SetupError("usage", what, hint=hint), screen)


def _nearest(name: str, context: click.Context | None) -> str | None:
    if context is None:
        return None
    known = list(COMMANDS)
    if name.startswith("-"):
        known = [option for param in context.command.get_params(context) for option in param.opts if option.startswith("--")]
    return next(iter(get_close_matches(name, known, n=1, cutoff=0.5)), None)


def _disk(error: OSError) -> StoreError:
    place = str(error.filename) if error.filename else None
    reason = (error.strerror or str(error)).lower()
    return StoreError(
        "disk", f"the system refused: {reason}", place, "Mend that and run the same command again; nothing is lost."
    )


def _abandon(stream: IO[str]) -> None:
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    except (OSError, ValueError, AttributeError):
        return


def _settle(stream: IO[str]) -> None:
    """Flush; where nobody reads, give Python somewhere to write, because it would complain when it flushes at exit."""
    try:
        stream.flush()
    except (OSError, ValueError):
        _abandon(stream)
