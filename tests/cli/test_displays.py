"""What a run shows while it goes on: plain lines in a log, the live display on a terminal."""

from __future__ import annotations

import io
from decimal import Decimal

from genarun.cli.display import PlainDisplay, interrupt_text
from genarun.cli.live import LiveDisplay
from genarun.cli.screen import Screen
from genarun.engine.model import Event, Lane, Progress
from genarun.store.records import ErrorRecord, Record, RecordStatus
from genarun.words import cells


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def done(path: str, value: object = None, status: RecordStatus = "succeeded", **more: object) -> Event:
    record = Record(path=path, node="themes/series", type="text", status=status, value=value, **more)  # type: ignore[arg-type]
    return Event("done", record=record, path=path)


def failed(path: str, message: str) -> Event:
    return done(path, status="failed", error=ErrorRecord(code="x", message=message))


def progress() -> Progress:
    found = Progress("exhibition", "exhibition/2026-11-21_09-30-05")
    found.lanes["text"] = Lane("text", "openai/gpt-5-mini", known=57, running=8, done=22, reused=12)
    found.lanes["image"] = Lane("image", "replicate/black-forest-labs/flux-schnell", known=20, running=2, done=5, failed=1)
    found.calls, found.reused, found.failed, found.retries = 28, 12, 1, 2
    found.usd, found.unpriced = Decimal("0.0123"), 3
    return found


# Plain lines ---------------------------------------------------------------------------------------------------------


class Plain:
    def __init__(self, mode: str = "real") -> None:
        self.clock, self.err = Clock(), io.StringIO()
        self.screen = Screen({"OPENAI_API_KEY": "sk-canary-123"}, io.StringIO(), self.err)
        self.display = PlainDisplay(self.screen, "exhibition", mode, self.clock)
        self.progress = progress()

    def says(self, event: Event, after: float = 1.0) -> None:
        self.clock.seconds += after
        self.display.event(event, self.progress)

    @property
    def lines(self) -> list[str]:
        return self.err.getvalue().splitlines()


def test_one_line_per_finished_call() -> None:
    log = Plain()
    log.display.begin()
    log.says(Event("run", "exhibition/2026-11-21_09-30-05"))
    log.says(done("themes/0/series", "The last ferry\nleaves at six", duration_ms=1234, usd="0.0003"))
    log.says(done("themes/0/portrait", asset="assets/portrait-3f2a.png", duration_ms=4200))
    log.says(Event("retry", "429 Too Many Requests", path="themes/1/series", wait=2.0))
    log.says(Event("retry", "one/a failed: overloaded; asking two/b instead", path="themes/1/series"))
    log.says(failed("themes/1/series", "the service answered 500"))
    log.says(Event("note", "the clock went back"))
    assert log.lines == [
        "exhibition: reading what there is",
        "exhibition: exhibition/2026-11-21_09-30-05",
        "  ✓ themes/0/series  “The last ferry leaves at six”  1.2 s  $0.0003",
        "  ✓ themes/0/portrait  assets/portrait-3f2a.png  4.2 s",
        "  ↺ themes/1/series  429 Too Many Requests; trying again in 2.0 s",
        "  ↺ themes/1/series  one/a failed: overloaded; asking two/b instead",
        "  ✗ themes/1/series  the service answered 500",
        "  note: the clock went back",
    ]


def test_what_is_reused_is_not_told_one_by_one() -> None:
    log = Plain()
    for number in range(1000):
        log.says(done(f"themes/{number}", "old", "reused"))
    assert log.lines == []


def test_a_flood_is_summed_up_and_loses_no_failure() -> None:
    log = Plain()
    for number in range(100):
        log.says(done(f"a/{number}", "x"), after=0.01)
    log.says(failed("a/100", "broken"), after=0.01)
    log.says(done("a/101", "x"), after=0.01)
    log.display.end()
    assert len(log.lines) < 20
    assert "  ✗ a/100  broken" in log.lines
    shown = sum(line.startswith("  ✓") for line in log.lines)
    held = sum(int(line.split()[2]) for line in log.lines if line.startswith("  … and"))
    assert shown + held == 101


def test_held_lines_are_told_when_it_goes_quiet() -> None:
    log = Plain()
    for number in range(7):
        log.says(done(f"a/{number}", "x"), after=0)
    log.clock.seconds += 1.5
    log.display.tick()
    assert log.lines == [*(f"  ✓ a/{number}  “x”" for number in range(5)), "  … and 2 more"]


def test_a_long_silence_is_broken_by_how_it_stands() -> None:
    log = Plain()
    log.says(done("a/0", "x"))
    log.clock.seconds += 31
    log.display.tick()
    log.display.tick()
    assert log.lines[1:] == ["  … $0.0123 + 3 unpriced, 28 calls, 12 reused, 2 retries, 1 failed, 10 in flight"]


def test_lines_are_masked_and_cannot_steer_a_terminal() -> None:
    log = Plain()
    log.says(done("a/0", "the key is sk-canary-123 \x1b[2J"))
    log.says(failed("a/1", "401: sk-canary-123"))
    log.says(Event("retry", "sk-canary-123", path="a/2", wait=1))
    assert "canary" not in log.err.getvalue()
    assert "\x1b" not in log.err.getvalue()


def test_ctrl_c_says_what_it_leads_to() -> None:
    log = Plain()
    log.says(Event("run", "exhibition/2026-11-21_09-30-05"))
    log.display.interrupted(1)
    log.display.interrupted(2)
    assert log.lines[1:] == ["  finishing 10 calls in flight; press Ctrl-C again to stop now", "  stopping now"]
    assert interrupt_text(1, None) == "stopping; press Ctrl-C again to stop now"
    assert interrupt_text(1, Progress("t", lanes={"a": Lane("a", "m", running=1)})).startswith("finishing 1 call in flight;")


# The live display ----------------------------------------------------------------------------------------------------


def live(width: int, height: int = 40, mode: str = "real", **environ: str) -> LiveDisplay:
    shown = LiveDisplay(
        Screen({"OPENAI_API_KEY": "sk-canary-123", **environ}, io.StringIO(), io.StringIO()),
        "The exhibition", "exhibition", mode, Clock(),
    )  # fmt: skip
    shown.console.width, shown.console.height = width, height
    return shown


def test_before_anything_happened() -> None:
    assert live(60).picture().plain.rstrip() == " ⠋ The exhibition  reading what there is               0:00"


def test_the_whole_display() -> None:
    shown = live(80)
    now = progress()
    shown.event(Event("run", "exhibition/2026-11-21_09-30-05"), now)
    shown.event(done("themes/0/series/photos/3/caption", "The last ferry leaves at six, and nobody", duration_ms=812), now)
    shown.event(Event("retry", "429 Too Many Requests", path="themes/1/series", wait=2), now)
    shown.event(Event("retry", "one/a failed: overloaded", path="themes/1/series"), now)
    shown.event(failed("themes/2/series", "the service answered 500"), now)
    shown.event(Event("note", "no price is known for flux"), now)
    shown.interrupted(1)
    shown.now.seconds += 42  # type: ignore[attr-defined]
    assert [line.rstrip() for line in shown.picture().plain.splitlines()] == [
        " ⠙ The exhibition  exhibition/2026-11-21_09-30-05                          0:42",
        "",
        " text   gpt-5-mini    ━━━━━━━━━━━━━━━━━╺╺╺╺────────  34/57  8 running",
        " image  flux-schnell  ━━━━━━━××╺╺╺─────────────────   5/20  2 running, 1 failed",
        "",
        " ✓ themes/0/…photos/3/caption  “The last ferry leaves at six…”           0.8 s",
        " ↺ themes/1/series             429 Too Many Requests            again in 2.0 s",
        " ↺ themes/1/series             one/a failed: overloaded",
        " ✗ themes/2/series             the service answered 500",
        "",
        " $0.0123 + 3 unpriced · 28 calls · 12 reused · 2 retries · 1 failed",
        " ▲ no price is known for flux",
        " ■ finishing 10 calls in flight; press Ctrl-C again to stop now",
    ]


def test_it_fits_every_terminal() -> None:
    for width in (20, 30, 40, 60, 80, 100, 200):
        for height in (3, 6, 10, 24):
            shown = live(width, height)
            now = progress()
            for number in range(10):
                shown.event(done(f"themes/{number}/series", "渡し船は六時に出る" * 9, duration_ms=812, usd="0.1"), now)
            lines = shown.picture().plain.split("\n")
            if width >= 60:
                assert max(cells(line) for line in lines) <= width
            assert len(lines) <= max(height, 6)


def test_offline_is_free() -> None:
    shown = live(80, mode="offline")
    shown.event(Event("run", "x"), Progress("exhibition", "exhibition/x"))
    assert " offline: free · 0 calls" in shown.picture().plain


def test_what_just_came_is_not_what_was_reused() -> None:
    shown = live(80)
    now = progress()
    for number in range(50):
        shown.event(done(f"old/{number}", "x", "reused"), now)
    assert shown.picture().plain.count("↺ old/") == 6
    shown.event(done("new/0", "x"), now)
    for number in range(50):
        shown.event(done(f"old/{number}", "x", "reused"), now)
    assert "✓ new/0" in shown.picture().plain


def test_secrets_and_escapes_stay_out_of_it() -> None:
    shown = live(120)
    shown.event(done("a/0", "key sk-canary-123 \x1b[2J\x07"), progress())
    shown.event(Event("note", "sk-canary-123"), progress())
    picture = shown.picture().plain
    assert "canary" not in picture
    assert "\x1b" not in picture


def test_it_draws_and_leaves_nothing_behind() -> None:
    shown = live(80)
    shown.begin()
    shown.event(done("a/0", "x"), progress())
    shown.now.seconds += 1  # type: ignore[attr-defined]
    shown.tick()
    shown.end()
    shown.end()
    written = shown.screen.stderr.getvalue()  # type: ignore[attr-defined]
    assert "\x1b[?25l" in written  # cursor hidden …
    assert written.rindex("\x1b[?25h") > written.rindex("\x1b[?25l")  # … and shown again


def test_without_colours_it_still_says_everything() -> None:
    shown = live(80, NO_COLOR="1")
    shown.begin()
    shown.event(failed("a/0", "broken"), progress())
    shown.now.seconds += 1  # type: ignore[attr-defined]
    shown.tick()
    shown.end()
    written = shown.screen.stderr.getvalue()  # type: ignore[attr-defined]
    assert "✗ a/0" in written
    assert "\x1b[3" not in written


def test_a_terminal_that_was_closed_does_not_end_the_run() -> None:
    shown = live(80)
    shown.begin()
    shown.screen.stderr.close()
    shown.event(done("a/0", "x"), progress())
    shown.now.seconds += 1  # type: ignore[attr-defined]
    shown.tick()
    shown.interrupted(1)
    shown.end()
