"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, TypeVar

import click

from genarun.cli.session import Session

Command = TypeVar("Command", bound=Callable[..., Any])


class Dollars(click.ParamType[Decimal]):
    """An amount such as `0.50`, exact."""

    name = "usd"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Decimal:
        try:
            amount = Decimal(str(value).removeprefix("$"))
        except InvalidOperation:
            amount = Decimal("NaN")
        if not amount.is_finite() or amount < 0:
            self.fail(f"`{value}` is no amount in dollars; write it as 0.50", param, ctx)
        return amount


def _pairs(context: click.Context, param: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for value in values:
        name, equals, text = value.partition("=")
        if not equals or not name.strip():
            raise click.BadParameter(f"`{value}` is not of the form NAME=VALUE", context, param)
        pairs[name.strip()] = text
    return pairs


def common(command: Command) -> Command:
    """`--json`, and `-C` behind the command's name too, where people type it."""
    command = click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout and nothing else there.")(
        command
    )
    return click.option(
        "-C", "--root", type=click.Path(path_type=Path), metavar="DIR", expose_value=False, callback=_root,
        help="Project to work in. Default: here or above.",
    )(command)  # fmt: skip


def _root(context: click.Context, _param: click.Parameter, value: Path | None) -> None:
    if value is not None and isinstance(context.obj, Session):
        context.obj.start = value


def running(command: Command) -> Command:
    """What `run` and `resume` share."""
    for option in (
        click.option("--budget", type=Dollars(), metavar="USD", help="Dollars to spend at most; beats the tree's own budget."),
        click.option(
            "--replay", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Answer from a recording."
        ),
        click.option("--record", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Record the answers."),
        click.option("--offline", is_flag=True, help="Answer with the offline provider: no key, no network, no cost."),
    ):
        command = option(command)
    return command


def selecting(command: Command) -> Command:
    """What `run` and `plan` share: which trees, and what decides their output."""
    for option in (
        click.option("--skip", multiple=True, metavar="NODE", help="Leave this node and its children out. Repeatable."),
        click.option(
            "--only", multiple=True, metavar="NODE", help="Call only this node, its children and what they read. Repeatable."
        ),
        click.option("--fresh", is_flag=True, help="Reuse nothing from earlier runs."),
        click.option("--changed", metavar="SINCE", help="Only trees that changed since this git revision."),
        click.option("--seed", type=int, metavar="NUMBER", help="Beats the tree's seed."),
        click.option(
            "--input", "inputs", multiple=True, metavar="NAME=VALUE", callback=_pairs, help="A value for an input. Repeatable."
        ),
        click.argument("trees", nargs=-1, metavar="[TREE]..."),
    ):
        command = option(command)
    return command
