"""Numbers, times, money and excerpts read as people write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from genarun import words
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("usd", "shown"),
    [
        (None, "unknown"),
        ("0", "$0"),
        ("0.000", "$0"),
        ("0.00004", "<$0.0001"),
        ("0.0123", "$0.0123"),
        ("0.5", "$0.50"),
        (Decimal("12.3"), "$12.30"),
        ("1234.567", "$1,234.57"),
        ("NaN", "unknown"),
        ("rubbish", "unknown"),
    ],
)
def test_money(usd: str | None, shown: str) -> None:
    assert words.money(usd) == shown


@pytest.mark.parametrize(
    ("usd", "unpriced", "mode", "shown"),
    [
        ("0", 0, "real", "$0"),
        ("0.0123", 3, "real", "$0.0123 + 3 unpriced"),
        ("0", 3, "real", "3 unpriced"),  # unknown is never shown as zero
        ("0", 3, "offline", "offline: free"),
        ("0", 0, "replay", "replayed: free"),
    ],
)
def test_spend(usd: str, unpriced: int, mode: str, shown: str) -> None:
    assert words.spend(usd, unpriced, mode) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (-1, "0 ms"),
        (0.04, "40 ms"),
        (0.0996, "0.1 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (59.6, "1 min 00 s"),
        (65, "1 min 05 s"),
        (7380, "2 h 03 min"),
    ],
)
def test_duration(seconds: float, shown: str) -> None:
    assert words.duration(seconds) == shown


@pytest.mark.parametrize(("seconds", "shown"), [(-3, "0:00"), (7.9, "0:07"), (754, "12:34"), (3723, "1:02:03")])
def test_clock(seconds: float, shown: str) -> None:
    assert words.clock(seconds) == shown


@pytest.mark.parametrize(
    ("number", "shown"),
    [(0, "0"), (999, "999"), (1000, "1.0k"), (12_345, "12.3k"), (999_499, "999k"), (999_500, "1.0M"), (5 * 10**12, "5000G")],
)
def test_short(number: int, shown: str) -> None:
    assert words.short(number) == shown


@pytest.mark.parametrize(
    ("number", "shown"), [(0, "0 B"), (999, "999 B"), (1400, "1.4 kB"), (10**7, "10.0 MB"), (10**17, "100000 TB")]
)
def test_size(number: int, shown: str) -> None:
    assert words.size(number) == shown


@pytest.mark.parametrize(
    ("before", "shown"),
    [
        (timedelta(seconds=-500), "just now"),  # a clock that went back
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=5, seconds=59), "5 min ago"),
        (timedelta(hours=3), "3 h ago"),
        (timedelta(days=1, hours=5), "1 day ago"),
        (timedelta(days=40), "40 days ago"),
    ],
)
def test_ago(before: timedelta, shown: str) -> None:
    assert words.ago(NOW - before, NOW) == shown


def test_a_damaged_time_is_no_time() -> None:
    assert words.moment("yesterday") is None
    assert words.moment(None) is None
    assert words.moment("2026-11-21T09:30:05.123Z") == datetime(2026, 11, 21, 9, 30, 5, 123000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("one\n  two\tthree", "“one two three”"),
        ({"title": "The ferry", "text": "x" * 50}, "“The ferry”"),
        ({"a": "short", "b": "the longest text"}, "“the longest text”"),
        (["first", "second"], "2 items, the first “first”"),
        ([], "0 items"),
        ({"n": 3}, '{"n": 3}'),
        (None, "null"),
        (2.5, "2.5"),
    ],
)
def test_excerpt(value: object, shown: str) -> None:
    assert words.excerpt(value) == shown


def test_text_from_outside_cannot_steer_the_terminal() -> None:
    assert words.clean("a\x1b[31mred\x1b]0;title\x07\u202egnp.exe\x9b2J\r\nb\tc") == "a[31mred]0;titlegnp.exe2J\nb\tc"
    assert words.one_line("a\rb\nc\x00d") == "a b cd"


def test_paths_are_cut_in_the_middle_and_prose_at_its_end() -> None:
    assert words.clip("themes/0/series/photos/3/image", 20, middle=True) == "themes/…otos/3/image"
    assert words.clip("The last ferry leaves at six", 12) == "The last fe…"
    assert words.clip("渡し船は六時に出る", 7) == "渡し船…"
    assert words.clip("渡し船", 6) == "渡し船"
    assert words.clip("anything", 1) == "…"
    assert words.clip("anything", 0) == ""


@given(st.text(max_size=60), st.integers(0, 40), st.booleans())
def test_clipped_text_fits(text: str, width: int, middle: bool) -> None:
    text = words.one_line(text)
    assert words.cells(words.clip(text, width, middle=middle)) <= width


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        (["a.png"], "1 picture"),
        (["a.png", "b.webp", "c.mp3"], "2 pictures and 1 sound"),
        (["a.mov", "b.wav", "c.jpg", "d.mkv", "e.xyz"], "2 films, 1 sound, 1 picture and 1 file"),
    ],
)
def test_files(names: list[str], shown: str) -> None:
    assert words.files(names) == shown


@pytest.mark.parametrize(
    ("images", "seconds", "characters", "shown"),
    [
        (None, None, None, ""),
        (0, 0.0, 0, ""),
        (1, None, None, "1 picture"),
        (None, 4.5, 1234, "4.5 s of sound or film, 1,234 characters spoken"),
    ],
)
def test_made(images: int | None, seconds: float | None, characters: int | None, shown: str) -> None:
    assert words.made(images, seconds, characters) == shown
