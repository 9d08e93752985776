"""The live display of a run: a header, a bar per model alias, what just came, and what it cost so far.

    The exhibition  exhibition/2026-11-21_09-30-05                             0:42

    text   gpt-5-mini    ━━━━━━━━━━━━━━━━━━━━━━╺━━━━━━━━━━   34/57   8 running
    image  flux-schnell  ━━━━━━╺━━━━━━━━━━━━━━━━━━━━━━━━━━    5/20   2 running, 1 failed

    ✓ themes/0/series/photos/3/caption  “The last ferry leaves at six, and nobody on…  0.8 s
    ↺ themes/1/series                   429 Too Many Requests                          again in 2.0 s

    $0.0123 + 3 unpriced · 39 calls · 12 reused · 2 retries · 1 failed

It is gone when the run ends: the summary says the same, for good. This is the only module that imports `rich`, and the
command line imports it only when there is a terminal to draw on.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from rich.console import Console
from rich.live import Live
from rich.text import Text

from genarun.cli.display import STARTING, interrupt_text, record_parts, tallies
from genarun.cli.screen import Screen, speaks_utf8
from genarun.engine.model import Event, Lane, Progress
from genarun.store.records import Record
from genarun.words import SYMBOLS, cells, clip, clock, duration, one_line

RECENT = 6
FRAMES_PER_SECOND = 8
_SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_PLAIN_SPINNER = "|/-\\"
_STYLE = {"succeeded": "green", "failed": "red", "overridden": "cyan", "reused": "dim", "retry": "yellow"}


class LiveDisplay:
    """Draws on stderr, from the loop's own thread: a display that has its own would fight the engine for the interpreter.

    title: of the tree, or its name. mode: `real`, `offline` or `replay`. now: seconds, monotonic.
    """

    def __init__(self, screen: Screen, title: str, name: str, mode: str, now: Callable[[], float]) -> None:
        self.screen = screen
        self.title = one_line(screen.safe(title))
        self.name = one_line(screen.safe(name))
        self.mode = mode
        self.now = now
        self.started = now()
        self.drawn = float("-inf")
        self.frame = 0
        self.progress: Progress | None = None
        self.recent: deque[tuple[str, Record | Event]] = deque(maxlen=RECENT)
        self.notes: deque[str] = deque(maxlen=2)
        self.footer = ""
        self.live: Live | None = None
        self.spinner = _SPINNER if speaks_utf8(screen.stderr) else _PLAIN_SPINNER
        coloured = screen.coloured(screen.stderr)
        self.console = Console(
            file=screen.stderr, force_terminal=True, no_color=not coloured, color_system="standard" if coloured else None,
            highlight=False, markup=False, emoji=False, legacy_windows=False, _environ=dict(screen.environ),
        )  # fmt: skip

    def begin(self) -> None:
        self.live = Live(
            self.picture(),
            console=self.console,
            auto_refresh=False,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._safely(lambda: self.live.start(refresh=True) if self.live else None)

    def event(self, event: Event, progress: Progress) -> None:
        self.progress = progress
        match event.kind:
            case "done" if event.record is not None:
                self._done(event.record)
            case "retry":
                self.recent.append(("retry", event))
            case "note":
                self.notes.append(one_line(self.screen.safe(event.text)))
            case "stopping" if not self.footer:
                self.footer = one_line(self.screen.safe(event.text))

    def _done(self, record: Record) -> None:
        kept = record.status in {"succeeded", "failed", "answered"} or record.error is not None
        # Reused values come by the thousand before the first call: show the last of them only while there is nothing better.
        if kept or all(what in {"reused", "overridden", "skipped"} for what, _ in self.recent):
            self.recent.append((record.status, record))

    def tick(self) -> None:
        if self.now() - self.drawn >= 1 / FRAMES_PER_SECOND:
            self._draw()

    def interrupted(self, times: int) -> None:
        self.footer = interrupt_text(times, self.progress)
        self._draw()

    def end(self) -> None:
        if self.live is not None:
            live, self.live = self.live, None
            self._safely(live.stop)

    def _draw(self) -> None:
        self.drawn = self.now()
        self.frame += 1
        if self.live is not None:
            self._safely(lambda: self.live.update(self.picture(), refresh=True) if self.live else None)

    def _safely(self, draw: Callable[[], object]) -> None:
        """A terminal that was closed must not end a run that costs money."""
        try:
            draw()
        except (OSError, ValueError):
            self.live = None

    # The picture -------------------------------------------------------------------------------------------------------

    def picture(self) -> Text:
        """What the display shows now, fitted to the terminal."""
        width = max(24, self.console.width - 1)
        progress = self.progress
        blocks = [[self._header(width)]]
        lanes = [lane for lane in list(progress.lanes.values()) if lane.known] if progress else []
        if lanes:
            blocks.append(_bars(lanes, width, self.screen))
        footer = self._footer(width)
        # On a short terminal what just came gives way first: the bars and the money matter more.
        room = self.console.height - 2 - sum(len(block) + 1 for block in blocks) - len(footer)
        recent = list(self.recent)[-max(0, min(RECENT, room)) :] if room > 0 else []
        if recent:
            blocks.append(_came(recent, width, self.screen))
        blocks.append(footer)
        lines = [line for block in blocks for line in (*block, Text(""))][:-1]
        for line in lines:
            line.truncate(width, overflow="ellipsis")
        return Text("\n", no_wrap=True, overflow="crop", end="").join(lines)

    def _header(self, width: int) -> Text:
        time = clock(self.now() - self.started)
        run = self.progress.run if self.progress else None
        spin = self.spinner[self.frame % len(self.spinner)]
        left = Text.assemble((f" {spin} ", "cyan"), (clip(self.title, max(8, width - len(time) - 6)), "bold"))
        places = [self.screen.safe(run), self.screen.safe(run.partition("/")[2])] if run else []
        room = width - left.cell_len - len(time) - 3
        # The run's whole id where it fits, else its stamp, else neither: a piece of an id is of no use to anybody.
        place = next((place for place in places or [self.name if self.progress else STARTING] if cells(place) <= room), "")
        left.append(f"  {place}", "dim")
        left.append(" " * max(1, width - left.cell_len - len(time)))
        left.append(time, "bold")
        return left

    def _footer(self, width: int) -> list[Text]:
        lines = []
        if self.progress is not None:
            parts = tallies(self.progress, self.mode)
            line = Text(" ")
            for place, part in enumerate(parts):
                line.append(" · " if place else "", "dim")
                line.append(part, "bold" if not place else "red" if part.endswith(" failed") else "")
            lines.append(line)
        lines += [Text(f" ▲ {clip(note, width - 3)}", "yellow") for note in self.notes]
        if self.footer:
            lines.append(Text(f" ■ {clip(self.footer, width - 3)}", "yellow bold"))
        return lines


def _bars(lanes: list[Lane], width: int, screen: Screen) -> list[Text]:
    names = [one_line(screen.safe(lane.alias)) for lane in lanes]
    models = ["" if lane.model == lane.alias else one_line(screen.safe(lane.model.rpartition("/")[2])) for lane in lanes]
    counts = [f"{lane.done + lane.reused:,}/{lane.known:,}" for lane in lanes]
    states = [_state(lane) for lane in lanes]
    name_width = min(16, max(cells(name) for name in names))
    count_width = max(len(count) for count in counts)
    # Wide enough for every state from the start, so that the bars do not change their length as calls come and go.
    state_width = max(12, *(cells(state.plain) for state in states))
    model_width = min(26, max(cells(model) for model in models))
    room = width - name_width - count_width - state_width - 7
    if room - model_width - 2 < 16:  # narrow: the bar matters more than the model's long name
        model_width = max(0, min(model_width, room - 18))
        if model_width < 8:
            model_width = 0
    bar_width = max(4, min(48, room - (model_width + 2 if model_width else 0)))
    lines = []
    for lane, name, model, count, state in zip(lanes, names, models, counts, states, strict=True):
        line = Text(f" {_pad(name, name_width)}  ")
        if model_width:
            line.append(_pad(model, model_width) + "  ", "dim")
        line.append_text(_bar(lane, bar_width))
        line.append(f"  {count:>{count_width}}  ", "bold")
        line.append_text(state)
        lines.append(line)
    return lines


def _pad(text: str, width: int) -> str:
    shown = clip(text, width, middle=True)
    return shown + " " * (width - cells(shown))


def _state(lane: Lane) -> Text:
    parts = []
    if lane.running:
        parts.append((f"{lane.running:,} running", ""))
    if lane.failed:
        parts.append((f"{lane.failed:,} failed", "red"))
    if not parts:
        return Text("idle" if lane.done + lane.reused >= lane.known else "waiting", "dim")
    return Text(", ").join([Text(*part) for part in parts])


def _bar(lane: Lane, width: int) -> Text:
    """Reused, done, failed and running side by side, then what is still to come. What there is gets one column at least."""
    parts = [(lane.reused, "cyan", "━"), (lane.done, "green", "━"), (lane.failed, "red", "×"), (lane.running, "yellow", "╺")]
    known = max(1, lane.known, sum(number for number, _, _ in parts))
    bar, used, seen = Text(), 0, 0
    for number, style, char in parts:
        seen += number
        end = min(width, max(round(seen / known * width), used + (1 if number else 0)))
        bar.append(char * (end - used), style)
        used = end
    bar.append("─" * (width - used), "dim")
    return bar


def _came(recent: list[tuple[str, Record | Event]], width: int, screen: Screen) -> list[Text]:
    rows = []
    for what, item in recent:
        if isinstance(item, Event):
            path, text = one_line(screen.safe(item.path)), one_line(screen.safe(item.text))
            rows.append(("↺", "yellow", path, text, f"again in {duration(item.wait)}" if item.wait else ""))
        else:
            path, text, facts = record_parts(item, screen)
            rows.append((SYMBOLS[item.status], _STYLE.get(what, "dim"), path, text, facts))
    facts_width = max(cells(row[4]) for row in rows)
    path_width = min(max(cells(row[2]) for row in rows), max(12, (width - facts_width) * 2 // 5))
    text_width = width - path_width - facts_width - 8
    lines = []
    for symbol, style, path, text, facts in rows:
        line = Text.assemble(" ", (symbol, style), f" {_pad(path, path_width)}")
        if text_width >= 10:
            shown = clip(text, text_width)
            if text.startswith("“") and shown.endswith("…"):
                shown = clip(text, text_width - 1) + "”"
            line.append(f"  {shown}{' ' * (text_width - cells(shown))}", "red" if style == "red" else "dim")
        line.append(f"  {facts:>{facts_width}}", "dim")
        lines.append(line)
    return lines
