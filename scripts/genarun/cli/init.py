"""`genarun init`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

import click

from genarun.cli.options import common
from genarun.cli.screen import Screen
from genarun.cli.session import Session
from genarun.errors import Faults, SetupError
from genarun.words import one_line, plural

if TYPE_CHECKING:
    from github.Repository import Repository

    from genarun.github.origin import Origin
    from genarun.github.setup import Step
    from genarun.tree.model import Tree

_SYMBOLS = {"there": ("✓", "green"), "done": ("✓", "green bold"), "open": ("▲", "yellow"), "refused": ("✗", "red bold")}


@click.command("init")
@click.option("--repository", metavar="OWNER/NAME", help="Repository on GitHub. Default: git's remote `origin`.")
@click.option("--secrets/--no-secrets", default=True, help="Set the keys that the trees need as secrets. Default: do.")
@click.option("--replace", is_flag=True, help="Set keys anew that the repository holds already.")
@common
@click.pass_obj
def init(session: Session, repository: str | None, secrets: bool, replace: bool, as_json: bool) -> int:
    """Set up a copy of the template on GitHub: settings, labels, and the keys that its trees need.

    Keys come from the environment or .env, else you are asked; they are encrypted before they leave. The token is GH_TOKEN or
    GITHUB_TOKEN, else that of `gh`, else you are asked. Run it again whenever you like: what is in order stays as it is.
    """
    # GitHub's client is slow to import, and only this command needs it at a desk.
    from requests import RequestException

    from genarun.github.origin import enter, find_origin

    screen = session.screen
    told: list[Step] = []
    origin = find_origin(session.project.root, session.project.env, repository)
    trees = _trees(session)  # before anything is hidden: loading makes the masker anew
    token = _token(session, origin, ask=not as_json)
    if not as_json:
        screen.say(f"{screen.paint(screen.safe(origin.name), 'bold')}  {screen.safe(origin.url)}")
    try:
        for step in _steps(session, enter(origin, token), trees if secrets else None, replace, ask=not as_json):
            told.append(step)
            if not as_json:
                _show(screen, step)
    except RequestException as error:
        what = f"GitHub does not answer ({type(error).__name__})"
        raise SetupError("github-silent", what, hint="Run it again when you are online: what is done stays done.") from error
    count = Counter(step.state for step in told)
    code = 1 if count["refused"] else 0
    if as_json:
        steps = [{"state": step.state, "what": step.what, "hint": step.hint} for step in told]
        screen.document({"ok": not code, "exitCode": code, "repository": origin.name, "url": origin.url, "steps": steps})
        return code
    if code:
        verdict = screen.paint(f"✗ {plural(count['refused'], 'step')} refused", "red bold")
        screen.say("", f"{verdict}; run it again when that is put right")
        return code
    left = f"; {plural(count['open'], 'thing')} left to you" if count["open"] else ""
    screen.say("", screen.paint("✓ set up", "green bold") + left)
    screen.say(f"  next: {screen.paint('git push', 'cyan bold')}, then {screen.safe(origin.url)}/actions")
    return code


def _steps(
    session: Session, repository: Repository, trees: Sequence[Tree] | SetupError | None, replace: bool, ask: bool
) -> Iterator[Step]:
    """trees: whose keys become secrets, or what is wrong with them; None to leave secrets alone."""
    from genarun.github.setup import Step, secrets_steps, settings_steps

    yield Step("there", "the token may set it up")
    yield from settings_steps(repository)
    if isinstance(trees, SetupError):
        for one in trees.errors if isinstance(trees, Faults) else [trees]:
            yield Step("open", f"{one.where}: {one.what}" if one.where else one.what, one.hint or "")
        yield Step("open", "which keys the trees need is not known before they check", "Mend them and run this again.")
    elif trees is not None:
        asked = partial(_key, session.screen) if ask and session.screen.asks else None
        yield from secrets_steps(repository, session.project, trees, replace, asked)


def _trees(session: Session) -> Sequence[Tree] | SetupError:
    try:
        return session.load()
    except SetupError as error:
        return error


def _key(screen: Screen, name: str, origin: str) -> str:
    return _hidden(screen, f"  {name} ({origin}), or Enter for later")


def _show(screen: Screen, step: Step) -> None:
    symbol, style = _SYMBOLS[step.state]
    first, *more = screen.fold(one_line(screen.safe(step.what)), "    ")
    screen.say(f"  {screen.paint(symbol, style)} {first[4:]}", *more)
    if step.hint:
        lines = screen.fold(f"→ {one_line(screen.safe(step.hint))}", "    ", "  ")
        screen.say(*(screen.paint(line, "cyan") for line in lines))


def _token(session: Session, origin: Origin, ask: bool) -> str:
    """A person's token, which nothing shows from here on. Raises SetupError (`no-token`)."""
    from genarun.github.origin import token_of, token_of_gh

    screen, env = session.screen, session.project.env
    token = token_of(env)[0] or token_of_gh(env, origin.host)
    if not token and ask and screen.asks:
        screen.note(*screen.fold(f"A token for {origin.name}, good for a week, is made on {origin.token_url}", "", "  "))
        token = _hidden(screen, "Paste it here")
    if not token:
        raise SetupError(
            "no-token", "there is no token for GitHub",
            hint=f"Make one on {origin.token_url} and run this with GH_TOKEN=… set, or log in with `gh auth login`.",
        )  # fmt: skip
    _hide(screen, token)
    return token


def _hidden(screen: Screen, text: str) -> str:
    """What is typed, unseen, and shown nowhere from here on; empty for nothing."""
    try:
        said = str(click.prompt(screen.safe(text), default="", show_default=False, hide_input=True, err=True)).strip()
    except click.Abort:
        screen.note("")
        return ""
    if said:
        _hide(screen, said)
    return said


def _hide(screen: Screen, secret: str) -> None:
    known = screen.masked
    screen.masked = lambda text: known(text).replace(secret, "***")
