"""The label beneath a picture: the prompt's own words, set small, as a museum would."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from genarun.providers.offline.picture.palette import Palette, between

if TYPE_CHECKING:
    from PIL import Image

# Words of technique: a sentence made mostly of them says how a picture is to look and not what is in it.
_TECHNIQUE_WORDS = (
    "mm 35mm film lens light frame lettering watermark style colour colours color colors photograph photo picture image "
    "portrait documentary press straight ordinary retouched natural available camera eye level medium format grain grainy "
    "resolution 4k 8k hdr cinematic highly detailed realistic photorealistic render rendering museum catalogue newspaper "
    "local no nothing single text logo logos skin invented resembles known pose depth field shallow sharp focus bokeh "
    "quality ultra professional award winning shot illustration digital art vector flat minimal poster aspect ratio held "
    "lighting soft muted faded slightly finds strange faces hands people person"
)
_TECHNIQUE = frozenset(_TECHNIQUE_WORDS.split())
_ASKING = re.compile(
    r"^(?:please |can you |now )*(?:(?:create|generate|make|draw|paint|render|design|illustrate|imagine|produce|show"
    r"|compose|give me|take)"
    r"(?: me| us)? )?(?:(?:an?|the|one) )?(?:[\w-]+ ){0,3}?(?:image|picture|photo|photograph|illustration|drawing"
    r"|painting|print|shot|view"
    r"|poster|rendering) (?:of|showing|depicting|for|about|that shows|with) (?=\w)|^(?:please )?(?:create|generate|draw"
    r"|paint|imagine|illustrate)"
    r" (?:me |us )?(?=\w)",
    re.IGNORECASE,
)
_FOLDED = {"–": "-", "—": "-", "−": "-", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "ı": "i", "ß": "ss", "æ": "ae", "Æ": "AE",
    "œ": "oe",
           "đ": "d", "„": "“", "‚": "‘", "×": "x", "•": "·", "\u00a0": " "}  # fmt: skip
_EXTRA = frozenset("©«°±´·»‘’“”…‹›⁄")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a label: its text, the left end of its baseline box, its size in pixels, and whether it is the title."""

    text: str
    x: int
    y: int
    size: int
    title: bool


@dataclass(frozen=True, slots=True)
class Label:
    """Where everything of a sheet goes.

    picture: x0, y0, x1, y1. lines: of the label. chips: x, y and radius of each disc of the colour key.
    """

    picture: tuple[int, int, int, int]
    lines: tuple[Line, ...]
    chips: tuple[tuple[float, float, float], ...]


def folded(text: str) -> str:
    """The text in letters that the built-in font has: accents dropped, other scripts left out."""
    found = []
    for char in unicodedata.normalize("NFKC", text):
        for part in unicodedata.normalize("NFKD", _FOLDED.get(char, char)):
            if " " <= part <= "~" or part in _EXTRA:
                found.append(part)
            elif part.isspace():
                found.append(" ")
    return re.sub(r" {2,}", " ", "".join(found)).strip()


def told(prompt: str) -> str:
    """What a prompt says is in the picture: its sentences of technique left out; all of it if nothing remains."""
    text = re.sub(r"\s+", " ", re.sub(r"[*_#`>]", "", prompt.replace("\n", ". ")))
    sentences = [part.strip(" .") for part in re.split(r"(?<=[.!?])\s+|\.\s*\.\s*", text) if part.strip(" .")]
    kept = []
    for sentence in sentences:
        words = re.findall(r"[^\W\d_][\w'’-]*|\d+mm", sentence.lower())
        matter = [word for word in words if word not in _TECHNIQUE and len(word) > 2]
        if len(matter) >= 3 and len(matter) > 0.45 * len([word for word in words if len(word) > 2]):
            kept.append(sentence)
    chosen = kept or sentences
    if kept:  # a prompt often begins with a frame for the whole series; the sentence that says most comes first
        most = max(range(min(3, len(kept))), key=lambda at: (min(8, len(kept[at].split())), -at))
        chosen = kept[most:]
    first = _ASKING.sub("", chosen[0], count=1) if chosen else ""
    whole = ". ".join([first, *chosen[1:]]).strip(" .") if chosen else ""
    return whole[:1].upper() + whole[1:]


def lay_out(prompt: str, width: int, height: int, measure: Callable[[str, int], float]) -> Label:
    """Place picture, words and colour key on a sheet of width × height pixels. measure: pixels that a text takes at a size."""
    short = min(width, height)
    if short < 160:  # no room for words that could be read
        return Label((0, 0, width, height), (), ())
    margin = round(short * 0.042)
    big, small = max(11, round(short * 0.027)), max(9, round(short * 0.0205))
    band = round(big * 1.3 + small * 1.35 + margin * 0.75)
    picture = (margin, margin, width - margin, height - margin - band)
    chip = short * 0.0115
    chips = tuple(
        (width - margin - chip - number * chip * 2.5, height - margin - band / 2 + margin * 0.36, chip)
        for number in (3, 2, 1, 0)
    )
    room = chips[0][0] - chip * 3 - margin
    title, rest = split_title(folded(told(prompt)), lambda text: measure(text, big) <= room)
    top = picture[3] + round(margin * 0.62)
    lines = []
    if title:
        lines.append(Line(shortened(title, lambda text: measure(text, big) <= room), margin, top, big, True))
    if rest:
        fitting = shortened(rest, lambda text: measure(text, small) <= room)
        lines.append(Line(fitting, margin, top + round(big * 1.42), small, False))
    elif lines:  # a single line stands in the middle of the band
        lines = [Line(lines[0].text, margin, top + round(small * 0.62), big, True)]
    return Label(picture, tuple(lines), chips)


def split_title(text: str, fits: Callable[[str], bool]) -> tuple[str, str]:
    """A title and what follows it: the whole text where it fits, else its first clause, else as many words as fit."""
    if not text or fits(text):
        return text, ""
    best = ""
    for match in re.finditer(r"[.;:!?,]\s| - ", text):
        head = text[: match.start()]
        if not fits(head):
            break
        best = head
        if len(head.split()) >= 4:
            break
    if len(best.split()) < 2:
        words = _whole_words(text.split(" "), fits).split(" ")
        while len(words) > 2 and words[-1].lower() in (
            "a",
            "an",
            "the",
            "of",
            "in",
            "on",
            "at",
            "and",
            "to",
            "with",
            "by",
            "for",
            "from",
            "or",
            "is",
        ):
            words.pop()
        best = " ".join(words)
    rest = text[len(best) :].lstrip(" .;:!?,-")
    return best, rest[:1].upper() + rest[1:] if text[len(best) : len(best) + 1] in (".", "!", "?") else rest


def shortened(text: str, fits: Callable[[str], bool]) -> str:
    """The text where it fits, else as many whole words as do, and an ellipsis."""
    if fits(text):
        return text
    words = text.split(" ")
    short = _whole_words(words, lambda part: fits(part.rstrip(" ,.;:-") + "…")).rstrip(" ,.;:-")
    if not fits(short + "…"):
        short = short[: _most(len(short), lambda count: fits(short[:count] + "…"))]
    return short + "…"


def _whole_words(words: Sequence[str], fits: Callable[[str], bool]) -> str:
    """As many of the first words as fit, one at least."""
    return " ".join(words[: max(1, _most(len(words), lambda count: fits(" ".join(words[:count]))))])


def _most(limit: int, fits: Callable[[int], bool]) -> int:
    """The largest count up to the limit that fits, found by halving: one by one, the words of a long prompt take minutes."""
    return bisect(range(1, limit + 1), False, key=lambda count: not fits(count))


@cache
def font(size: int) -> Any:
    """The font that Pillow ships, with the plain layout that every build has."""
    from PIL import ImageFont  # heavy: only for pictures

    try:
        found = ImageFont.load_default(size)
        if isinstance(found, ImageFont.FreeTypeFont):
            return found.font_variant(layout_engine=ImageFont.Layout.BASIC)
    except (ImportError, OSError):  # a Pillow built without FreeType: its bitmap font
        found = ImageFont.load_default()
    return found


def measured(text: str, size: int) -> float:
    """Pixels that a text takes in the label's font."""
    return float(font(size).getlength(text))


def draw_label(sheet: Image.Image, label: Label, palette: Palette) -> None:
    """Write the label and its colour key on a sheet."""
    from PIL import Image, ImageDraw  # heavy: only for pictures

    draw = ImageDraw.Draw(sheet)
    for line in label.lines:
        ink = palette.ink if line.title else between(palette.ink, palette.paper, 0.38)
        draw.text((line.x, line.y), line.text, font=font(line.size), fill=ink)
    if not label.chips:
        return
    over = 4
    radius = label.chips[0][2]
    size = max(1, round(radius * 2))
    disc = Image.new("L", (size * over, size * over), 0)
    ImageDraw.Draw(disc).ellipse((0, 0, size * over - 1, size * over - 1), fill=255)
    disc = disc.reduce(over)
    for (x, y, _), ink in zip(label.chips, (palette.accent, palette.far, palette.mid, palette.ink), strict=True):
        sheet.paste(ink, (round(x - radius), round(y - radius)), disc)
