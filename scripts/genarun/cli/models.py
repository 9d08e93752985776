"""`genarun models`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import click

from genarun.cli.options import common
from genarun.cli.screen import Screen
from genarun.cli.session import Session
from genarun.cli.table import Cell, Column, table
from genarun.words import money, one_line, plural

if TYPE_CHECKING:
    from genarun.client.models import Model, Offer

MANY = 60
"""Models after which a hint says how to see fewer."""

_MILLION = Decimal(1_000_000)


@click.command("models")
@click.argument("providers", nargs=-1, metavar="[PROVIDER]...")
@click.option("--find", metavar="TEXT", default="", help="Only models that have this in their name, note, medium or alias.")
@click.option("--all", "everything", is_flag=True, help="Show providers that are not set up here too.")
@common
@click.pass_obj
def models(session: Session, providers: tuple[str, ...], find: str, everything: bool, as_json: bool) -> int:
    """List the models that the keys here can reach: what they make, what they cost, which alias uses them.

    Every provider that has a key, or needs none, is asked at once. Exit code 2 where none can be asked, 1 where none answers.
    """
    # Brings the providers and the price list, which `--help` does not need.
    from genarun.client.models import exit_code, list_models

    screen, project = session.screen, session.project
    project.settings()
    screen.masked = project.masker.text  # it may know of more keys now

    def told(offer: Offer) -> None:
        if offer.state == "answered":
            screen.note(screen.paint(f"{screen.safe(offer.name)}: {plural(len(offer.models), 'model')}", "dim", screen.stderr))
        elif offer.state == "failed":
            screen.note(screen.paint(f"{screen.safe(offer.name)}: no answer", "dim", screen.stderr))

    offers = asyncio.run(list_models(project, providers, on_answer=told))
    code = exit_code(offers)
    shown = [offer for offer in offers if offer.wanted or offer.state == "answered" or everything]
    found = [(offer, [model for model in offer.models if _matches(model, find)]) for offer in shown]
    if as_json:
        services = [_document(offer, matching) for offer, matching in found]
        screen.document({"exitCode": code, "providers": services, "notShown": len(offers) - len(shown)})
        return code
    for number, (offer, matching) in enumerate(found):
        screen.say(*([""] if number else []), *_lines(offer, matching, find, screen))
    _ending(found, len(offers) - len(shown), find, screen)
    return code


def _matches(model: Model, find: str) -> bool:
    told = [model.name, model.note, *(model.media or ()), *model.aliases]
    return find.casefold() in "\n".join(told).casefold()


def _lines(offer: Offer, models: Sequence[Model], find: str, screen: Screen) -> list[str]:
    title = screen.paint(one_line(screen.safe(offer.info.title or offer.name)), "bold")
    if offer.state == "answered":
        count = plural(len(offer.models), "model") + (f", {len(models):,} shown" if find else "")
    else:
        count = {"failed": "no answer", "silent": "cannot be asked for its models", "closed": "cannot be asked"}[offer.state]
    lines = [f"{title}  {screen.paint(f'{screen.safe(offer.name)} · {count}', 'dim')}"]
    if offer.fault is not None:
        style = "red" if offer.state == "failed" else "yellow"
        lines += [screen.paint(line, style) for line in screen.fold(one_line(screen.safe(offer.fault.what)))]
        if offer.fault.hint:
            hint = screen.fold(f"→ {one_line(screen.safe(offer.fault.hint))}", "  ", "  ")
            lines += [screen.paint(line, "cyan") for line in hint]
    if offer.state == "silent":
        where = f"; see {offer.info.page}" if offer.info.page else ""
        lines += screen.fold(f"{screen.safe(offer.name)} has no list that a program could ask for{where}")
    if offer.state != "answered" and models:
        lines.append(screen.paint("  to begin with:", "dim"))
    if models:
        lines += table(COLUMNS, [_row(model, screen) for model in models], width=screen.width(), paint=screen.paint)
    for alias, model in offer.unlisted:
        text = f"▲ the alias {alias} names {model}, which is not among them"
        lines += [screen.paint(line, "yellow") for line in screen.fold(one_line(screen.safe(text)), hanging="  ")]
    return lines


COLUMNS = [
    Column("model", flex=True, middle=True, least=24),
    Column("makes", spare=True, drop=1),
    Column("in", right=True, spare=True, drop=2),
    Column("out", right=True, spare=True, drop=2),
    Column("picture", right=True, spare=True, drop=3),
    Column("call", right=True, spare=True, drop=3),
    Column("alias", spare=True),
    Column("note", flex=True, spare=True, drop=4),
]


def _row(model: Model, screen: Screen) -> Sequence[Cell]:
    price = _price(model)
    tiers = "+" if model.rates is not None and model.rates.above else ""
    return [
        one_line(screen.safe(model.name)),
        (", ".join(sorted(model.media or ())), "dim"),
        money(price["inputPerMillion"]) + tiers if price["inputPerMillion"] is not None else "",
        money(price["outputPerMillion"]) + tiers if price["outputPerMillion"] is not None else "",
        money(price["picture"]) if price["picture"] is not None else "",
        money(price["call"]) if price["call"] is not None else "",
        (screen.safe(", ".join(model.aliases)), "cyan"),
        (one_line(screen.safe(model.note)), "dim"),
    ]


def _price(model: Model) -> dict[str, Decimal | None]:
    """Dollars for a million tokens, a picture, a call; None where unknown."""
    rates = model.rates
    if rates is None:
        return dict.fromkeys(("inputPerMillion", "outputPerMillion", "picture", "call"))
    output = rates.image_output if rates.image_output is not None else rates.output
    return {
        "inputPerMillion": None if rates.input is None else rates.input * _MILLION,
        "outputPerMillion": None if output is None else output * _MILLION,
        "picture": rates.image,
        "call": rates.call,
    }


def _ending(found: Sequence[tuple[Offer, Sequence[Model]]], hidden: int, find: str, screen: Screen) -> None:
    """What a person may want to do next."""
    notes, rows = [], sum(len(matching) for _, matching in found)
    if any(model.rates is not None for _, matching in found for model in matching):
        notes.append(
            "Dollars for a million tokens read and written, for a picture, for a call; + where long prompts cost more."
        )
    if find and not rows:
        notes.append(f"No model has “{screen.safe(find)}” in its name, note, medium or alias.")
    elif rows > MANY:
        notes.append(f"{rows:,} models; `--find TEXT` shows fewer.")
    if hidden:
        verb = "is" if hidden == 1 else "are"
        notes.append(f"{plural(hidden, 'provider')} {verb} not set up here; `--all` shows {'it' if hidden == 1 else 'them'}.")
    if notes:
        screen.say("", *(screen.paint(line, "dim") for text in notes for line in screen.fold(text, "")))


def _document(offer: Offer, models: Sequence[Model]) -> dict[str, Any]:
    return {
        "name": offer.name,
        "title": offer.info.title,
        "provider": offer.protocol,
        "baseUrl": offer.base_url,
        "state": offer.state,
        "error": offer.fault.as_json() if offer.fault is not None else None,
        "total": len(offer.models),
        "models": [
            {
                "model": model.name,
                "media": sorted(model.media) if model.media is not None else None,
                "note": model.note,
                "usd": {name: None if amount is None else f"{amount.normalize():f}" for name, amount in _price(model).items()},
                "aliases": list(model.aliases),
            }
            for model in models
        ],
        "unlisted": [{"alias": alias, "model": model} for alias, model in offer.unlisted],
    }
