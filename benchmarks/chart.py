"""Line charts as SVG: few points, a logarithmic x axis, each line labelled at its end."""

from __future__ import annotations

import math
from html import escape
from itertools import pairwise

WIDTH, HEIGHT = 720, 360
LEFT, RIGHT, TOP, BOTTOM = 60, 190, 48, 44
COLOURS = ("#8a8a8a", "#c58b00", "#0b5fa5")


def ticks(most: float) -> list[float]:
    """Round numbers from 0 to just past `most`, about five."""
    step = 10 ** math.floor(math.log10(most / 4))
    step *= next(factor for factor in (1, 2, 2.5, 5, 10) if step * factor * 5 >= most)
    return [step * at for at in range(math.ceil(most / step) + 1)]


def label(number: float) -> str:
    return f"{number:,.10g}"


def spread(places: list[float], apart: float) -> list[float]:
    """The same places in the same order, moved until no two are closer than `apart`."""
    order = sorted(range(len(places)), key=lambda at: places[at])
    moved = list(places)
    for before, at in pairwise(order):
        moved[at] = max(moved[at], moved[before] + apart)
    return moved


def chart(title: str, sizes: list[int], lines: dict[str, list[float]]) -> str:
    """One picture. sizes: items on the x axis, rising. lines: by label, a number for each size."""
    steps = ticks(max(max(values) for values in lines.values()))
    low, high = math.log10(sizes[0]), math.log10(sizes[-1])

    def x(size: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * ((math.log10(size) - low) / (high - low) if high > low else 0.5)

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / steps[-1]

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        'font-family="system-ui, sans-serif" font-size="13" role="img">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text x="{LEFT}" y="26" font-size="15" font-weight="600" fill="#222">{escape(title)}</text>',
    ]
    for step in steps:
        parts.append(f'<path d="M{LEFT} {y(step):.1f}H{WIDTH - RIGHT}" stroke="#e4e4e4"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y(step) + 4:.1f}" text-anchor="end" fill="#555">{label(step)}</text>')
    for size in sizes:
        parts.append(f'<text x="{x(size):.1f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle" fill="#555">{size:,}</text>')
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(f'<text x="{middle:.0f}" y="{HEIGHT - 6}" text-anchor="middle" fill="#555">items (3 calls each)</text>')
    ends = spread([y(values[-1]) for values in lines.values()], 16)
    for (name, values), colour, end in zip(lines.items(), COLOURS, ends, strict=False):
        points = " ".join(f"{x(size):.1f},{y(value):.1f}" for size, value in zip(sizes, values, strict=True))
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2.5"/>')
        for size, value in zip(sizes, values, strict=True):
            parts.append(f'<circle cx="{x(size):.1f}" cy="{y(value):.1f}" r="3.5" fill="{colour}"/>')
        text = f"{escape(name)} {values[-1]:.3g}"
        parts.append(f'<text x="{WIDTH - RIGHT + 10}" y="{end + 4:.1f}" fill="{colour}" font-weight="600">{text}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"
