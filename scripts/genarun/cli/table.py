"""Tables for terminals and pipes: columns that give way in a fixed order when the terminal is narrow.

Written here and not taken from `rich`, so that a table costs no import and gives up its columns in the order we choose.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from genarun.words import cells, clip

Cell = str | tuple[str, str]
"""A text, or a text and its style."""

GAP = 2


@dataclass(frozen=True, slots=True)
class Column:
    """right: numbers. flex: may be cut, down to `least` columns. middle: cut in the middle, for paths.
    drop: left out when the terminal is narrow, the highest first; 0 stays. spare: left out when every cell is empty."""

    title: str
    right: bool = False
    flex: bool = False
    middle: bool = False
    least: int = 12
    drop: int = 0
    spare: bool = False


def table(
    columns: Sequence[Column],
    rows: Sequence[Sequence[Cell]],
    *,
    width: int | None,
    paint: Callable[[str, str], str],
    footer: Sequence[Cell] | None = None,
    indent: int = 2,
) -> list[str]:
    """Lines of a table. Cells come masked and on one line. width: columns to fit in, None for as wide as it gets."""
    everything = [*rows, footer] if footer else list(rows)
    kept = [place for place, column in enumerate(columns) if not column.spare or any(_text(row[place]) for row in everything)]
    natural = {place: _natural(columns[place], place, everything) for place in kept}
    while width is not None and kept and indent + _least(columns, kept, natural) > width:
        droppable = [place for place in kept if columns[place].drop]
        if not droppable:
            break
        kept.remove(max(droppable, key=lambda place: columns[place].drop))
    widths = _fit(columns, kept, natural, None if width is None else width - indent)

    def line(texts: Sequence[Cell], style: str = "") -> str:
        parts = []
        for place in kept:
            cell = texts[place]
            text, own = cell if isinstance(cell, tuple) else (cell, "")
            text = clip(text, widths[place], middle=columns[place].middle)
            space = " " * (widths[place] - cells(text))
            painted = paint(text, f"{style} {own}".strip())
            parts.append(space + painted if columns[place].right else painted + space)
        return (" " * indent + (" " * GAP).join(parts)).rstrip()

    rule = paint("─" * (sum(widths[place] for place in kept) + GAP * (len(kept) - 1)), "dim")
    lines = [line([column.title for column in columns], "dim"), *(line(row) for row in rows)]
    return [*lines, " " * indent + rule, line(footer, "bold")] if footer else lines


def _text(cell: Cell) -> str:
    return cell[0] if isinstance(cell, tuple) else cell


def _natural(column: Column, place: int, rows: Sequence[Sequence[Cell]]) -> int:
    return max([cells(column.title), *(cells(_text(row[place])) for row in rows)])


def _least(columns: Sequence[Column], kept: Sequence[int], natural: dict[int, int]) -> int:
    least = (min(natural[place], columns[place].least) if columns[place].flex else natural[place] for place in kept)
    return sum(least) + GAP * (len(kept) - 1)


def _fit(columns: Sequence[Column], kept: Sequence[int], natural: dict[int, int], width: int | None) -> dict[int, int]:
    widths = {place: natural[place] for place in kept}
    if width is None:
        return widths
    over = sum(widths.values()) + GAP * (len(kept) - 1) - width
    while over > 0:
        # The widest gives first, so that one long path does not starve a short title.
        shrinkable = [
            place for place in kept if columns[place].flex and widths[place] > min(natural[place], columns[place].least)
        ]
        if not shrinkable:
            break
        widest = max(shrinkable, key=lambda place: widths[place])
        widths[widest] -= 1
        over -= 1
    return widths
