"""Runs trees one after the other and shows it: what `run` and `resume` share."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING, Any

from genarun.cli.display import Display, PlainDisplay
from genarun.cli.report import error_lines
from genarun.cli.screen import Nowhere
from genarun.cli.session import Session
from genarun.cli.signals import Interrupts
from genarun.cli.summary import Ended, closing_line, result_json, summary_lines
from genarun.engine.model import Options, RunResult
from genarun.engine.stop import StopSignal
from genarun.errors import Faults, GenarunError, SetupError
from genarun.store.records import Record
from genarun.tree.load import parse_input
from genarun.tree.model import Node, Tree

if TYPE_CHECKING:
    from genarun.client.project import Project

TICK = 0.06
PRECEDENCE = (130, 1, 2, 5, 3, 4)
"""Of several trees' exit codes the first that applies; then 0. 2 stands for a tree whose turn came and that could not begin."""


def exit_code(codes: Sequence[int]) -> int:
    """One code for several trees."""
    return next((code for code in PRECEDENCE if code in codes), 0)


def run_trees(session: Session, trees: Sequence[Tree], options: Mapping[str, Options]) -> int:
    """Check all trees, run them in order, show it, print the summaries; the exit code. options: by the tree's name."""
    check_all(session.project, trees, options)
    ended, interrupted = asyncio.run(run_in_order(session, trees, options))
    code = exit_code([*(one.result.exit_code for one in ended), *([130] if interrupted else [])])
    not_run = [tree.name for tree in trees[len(ended) :]]
    if session.screen.json:
        documents = [result_json(one, session) for one in ended]
        session.screen.document({"exitCode": code, "trees": documents, "notRun": not_run})
    elif len(trees) > 1:
        lines = [closing_line(one, session) for one in ended]
        lines += [f"– {session.screen.safe(name)}: not run" for name in not_run]
        _say(session, ["", *lines])
    return code


def check_all(project: Project, trees: Sequence[Tree], options: Mapping[str, Options]) -> None:
    """Everything that can be known before the first call. Raises SetupError, or Faults with those of all trees."""
    asked = list(options.values())
    if all(one == asked[0] for one in asked):
        return project.check(trees, asked[0])
    faults: list[SetupError] = []
    names = {tree.name for tree in trees}
    for tree in trees:
        # What it reads may be made by this very command; then it is checked again when its turn comes.
        early = any(name in names and project.folder(name).latest_run() is None for name in tree.after)
        try:
            if early:
                project.services(tree, options[tree.name]).check()
            else:
                project.check([tree], options[tree.name])
        except Faults as several:
            faults += [fault for fault in several.errors if str(fault) not in map(str, faults)]
        except SetupError as fault:
            faults += [] if str(fault) in map(str, faults) else [fault]
    if len(faults) == 1:
        raise faults[0]
    if faults:
        raise Faults(faults)
    return None


async def run_in_order(
    session: Session, trees: Sequence[Tree], options: Mapping[str, Options], told: Callable[[Ended], None] = lambda _: None
) -> tuple[list[Ended], bool]:
    """Run trees one after the other and show it. told: called as each ends. Also returns whether a person stopped it."""
    interrupts = Interrupts()
    ended: list[Ended] = []
    with interrupts.installed(asyncio.get_running_loop()):
        for number, tree in enumerate(trees):
            if interrupts.times:
                break
            place = f" ({number + 1} of {len(trees)})" if len(trees) > 1 else ""
            one = await _one(session, tree, options[tree.name], interrupts, place)
            ended.append(one)
            _show(session, one, first=not number)
            told(one)
    return ended, bool(interrupts.times) and (len(ended) < len(trees) or any(one.result.exit_code == 130 for one in ended))


async def _one(session: Session, tree: Tree, options: Options, interrupts: Interrupts, place: str) -> Ended:
    began = monotonic()
    display = _display(session, tree, options, place)
    stop = StopSignal()
    display.begin()
    interrupts.watch(stop, display.interrupted)
    ticking = asyncio.create_task(_tick(display))
    try:
        result = await session.project.run(tree, options, display.event, stop)
    except GenarunError as error:
        # The other trees were checked as this one was, and go on: what failed is told in its place.
        result = RunResult(tree.name, None, None, "failed", None, None, error=error)
    finally:
        interrupts.watch(StopSignal(), _nobody)
        ticking.cancel()
        with suppress(asyncio.CancelledError):
            await ticking
        display.end()
    order = ["/".join(node.trail) for node in walk(tree.nodes)]
    records = [] if result.unchanged else records_of(session.project, result)
    return Ended(tree.spec.title or tree.name, result, records, order, monotonic() - began)


def _nobody(_times: int) -> None:
    """Between two trees there is nothing to tell."""


async def _tick(display: Display) -> None:
    while True:
        display.tick()
        await asyncio.sleep(TICK)


def _display(session: Session, tree: Tree, options: Options, place: str) -> Display:
    screen, mode = session.screen, "offline" if options.offline else "replay" if options.replay else "real"
    if screen.lively:
        # Imports `rich`, which takes longer than everything else here and is of use only on a terminal.
        from genarun.cli.live import LiveDisplay

        return LiveDisplay(screen, (tree.spec.title or tree.name) + place, tree.name, mode, monotonic)
    return PlainDisplay(screen, tree.name, mode, monotonic)


def _show(session: Session, ended: Ended, *, first: bool) -> None:
    screen, error = session.screen, ended.result.error
    if error is not None:
        screen.note(*error_lines(error, screen))
    if screen.json:
        screen.note(closing_line(ended, session))
    else:
        _say(session, summary_lines(ended, session) if first else ["", *summary_lines(ended, session)])


def _say(session: Session, lines: Sequence[str]) -> None:
    """Print a result; when nobody reads stdout any longer, the trees that are left still run."""
    try:
        session.screen.say(*lines)
    except BrokenPipeError:
        session.screen.stdout = Nowhere()


def records_of(project: Project, result: RunResult) -> list[Record]:
    """The records of the run that a result names; none where it left no folder."""
    if result.run is None:
        return []
    return list(project.folder(result.tree).run(result.run.partition("/")[2]).records([]))


def walk(nodes: Sequence[Node]) -> Iterator[Node]:
    """Nodes from the top down, as the tree has them."""
    stack = list(reversed(nodes))
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(node.children))


def by_tree(trees: Sequence[Tree], options: Options, texts: Mapping[str, str]) -> dict[str, Options]:
    """Options of each tree. texts: what `--input` gave. Raises TreeError for a value of another type.

    An input, `--only` or `--skip` goes to the trees that know the name; one that none knows goes to all of them, whose checks
    say what they do know."""
    found = {}
    for tree in trees:
        inputs: dict[str, Any] = {}
        for name, text in texts.items():
            if (spec := tree.inputs.get(name)) is not None:
                inputs[name] = parse_input(spec, text)
            elif tree.legacy or not any(name in other.inputs for other in trees):
                inputs[name] = text
        only = tuple(name for name in options.only if _concerns(name, tree, trees))
        skip = tuple(name for name in options.skip if _concerns(name, tree, trees))
        found[tree.name] = replace(options, inputs=inputs, only=only, skip=skip)
    return found


def _concerns(name: str, tree: Tree, trees: Sequence[Tree]) -> bool:
    return has_node(tree, name) or not any(has_node(other, name) for other in trees)


def has_node(tree: Tree, name: str) -> bool:
    """Whether `--only NAME` or `--skip NAME` means a node of this tree: its id, or its trail."""
    parts = tuple(name.strip("/").split("/"))
    return parts in tree.trails or (len(parts) == 1 and any(trail[-1] == name for trail in tree.trails))
