"""The inks of a picture, chosen by the words of its prompt: hours, seasons, places, colours."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from genarun.providers.offline.chance import Chance

Ink = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Palette:
    """Nine inks. paper: margin and label. top, low: sky or wall, above and below. far, mid, near: from light to dark.
    ink: the darkest. accent: the one that speaks. light: the brightest."""

    name: str
    paper: Ink
    top: Ink
    low: Ink
    far: Ink
    mid: Ink
    near: Ink
    ink: Ink
    accent: Ink
    light: Ink


def ink(text: str) -> Ink:
    """`E2573B` as three numbers from 0 to 255."""
    return int(text[0:2], 16), int(text[2:4], 16), int(text[4:6], 16)


def between(one: Ink, other: Ink, share: float) -> Ink:
    """The ink that lies `share` of the way from one to the other."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


# name: paper top low far mid near ink accent light
_INKS = {
    "dawn": "F5EEE2 8FA9B8 F4C9A4 D99C86 A9677A 5E4A6B 2B2742 E4572E FBE8CC",
    "day": "F6F1E4 7FB2C4 D8E4D2 9DBFA6 5C9183 2F6468 1D3442 E9803A FDF6E0",
    "dusk": "F3ECE3 4A4A78 E58F6B B7607A 7E4372 4A2E5F 1F1B3A F6C453 FCE3C0",
    "night": "EFEBE2 141B3C 35466F 3D5480 2A3B66 1C2850 0C1128 F2C14E F3EBD3",
    "sea": "F3F0E6 A7CAD0 E9E3CC 6FA3AE 3C7D8F 1F5670 12304A E2603C FBF3DE",
    "forest": "F2EFE2 BFCDB0 E8E2C3 8FA97F 5C8062 2F5A48 16302B DB7B3B F8F1D4",
    "desert": "F6EEDF E9B98B F7DEB4 E0A064 C4743F 8D4532 43222A 2F7F86 FFF0D0",
    "snow": "F4F4F1 B9C9D6 EEF1F0 C9D6DE 8FA6B8 55708A 22344A D8573F FFFFFF",
    "autumn": "F5EDDF D9C3A0 F2DFB8 D59B4A B8602F 7A3A2C 33202A 2E6E73 FBEBC8",
    "spring": "F6F2E7 BFDCCB F4E9CB A5C98B E39AA2 5E8F6E 24453F E4637A FFF7E3",
    "mono": "F3F2EE C9C8C4 E9E8E3 A9A8A4 77767A 444449 17171B 2B2B30 FBFAF6",
    "sepia": "F3EADB CDB592 EAD9B8 B5946A 8B6A48 5A4232 2C2019 A4472F FAEFD6",
    "city": "F2F0EA B5BFC6 E6DFD0 97A3AB 66747F 3B4855 1C242E F2B632 FCF6E6",
    "table": "F7F0E2 E7C9A5 F5E3C2 D98E5F B9503D 6D6A3A 33261F E0A92E FFF4DA",
    "stage": "F3ECE2 5A1F2E A63A3C 9B3A40 701F33 451729 1C0D18 F3B540 FCE7C4",
    "workshop": "F2EFE6 A9BDBA DCD9C8 8FA39C 5E7A78 3A5256 1B2A30 EE7B30 FBF4DF",
    "home": "F6F0E6 D9B9A6 F2DFCB C7948A 93646B 5B5268 2B2A3C E8A33D FFF3E0",
    "press": "F4F0E4 C7CFB9 EDE4C9 A7AF95 D96C4A 4C5F63 20292F E3B23C FDF5DE",
    "rose": "F7EEE9 E3B7B5 F6DDD2 D48C93 A85873 6B3A5E 2C1D38 F0A24A FFF0E4",
    "storm": "EFEEE9 6E7C86 BFC3BC 8A959A 5F6D75 3C4A54 1B242C E3C24C F4F1E4",
}  # fmt: skip
_CUES = (
    ("mono", r"black[- ]and[- ]white|monochrome|b&w|greyscale|grayscale|noir|charcoal|ink drawing"),
    ("sepia", r"sepia|archive|archival|old photograph|vintage|antique|19th|daguerreotype|faded"),
    ("night",
        r"night|midnight|moon\w*|stars?\b|starry|nocturn\w*|dark(?:ness)?\b|lamplight|galaxy|telescope|observatory|after dark"),
    ("dawn", r"dawn|sunrise|daybreak|first light|early morning|morning"),
    ("dusk", r"dusk|sunset|evening|twilight|blue hour|last light|end of the day|golden"),
    ("storm", r"storm\w*|thunder|grey sky|gray sky|overcast|rain\w*|fog\w*|mist\w*|umbrella"),
    ("snow", r"snow\w*|ice\b|icy|winter|frost\w*|glacier|arctic|polar|cold|alpine|avalanche"),
    ("desert", r"desert|dunes?|sand\w*|sahara|drought|arid|caravan|camel|canyon|clay|adobe"),
    ("autumn", r"autumn|october|november|fall leaves|harvest|orchard|copper|rust"),
    ("spring", r"spring\b|april|blossom\w*|cherry|tulips?|flowers?|meadow|may\b"),
    ("stage", r"stage|theatre|theater|opera|curtains?|circus|concert|orchestra|dancers?|spotlight|choir|cinema"),
    ("forest", r"forests?|woods?\b|trees?|moss|ferns?|jungle|garden\w*|leaf|leaves|botanical|birch|plants?|green"),
    ("sea", r"seas?\b|ocean|harbou?r|boats?|ferr(?:y|ies)|ships?|coast\w*|waves?|tides?|lighthouse|island|fish\w*|salt"
            r"|quay|beach|swim\w*"),
    ("table", r"bread|bak\w+|kitchen|soup|markets?|fruit|spices?|table|dinner|cafe|coffee|cook\w*|lemons?|stall"),
    ("workshop", r"workshop|engine\w*|machines?|factory|tools?|lab\w*|robot|clockmaker|welder|loom|repair\w*|metal|print\w*"),
    ("city", r"city|street\w*|trams?|trains?|buildings?|roof\w*|bridge|station|window|apartment|urban|traffic|concrete|metro"),
    ("home", r"home|rooms?|family|house|bed\w*|chairs?|grandmother|kitchen table|interior|stairs|letters?"),
    ("press", r"press|newspaper|council|mayor|statue|goose|geese|clock|piano|absurd|odd|weird"),
    ("rose", r"love|wedding|tender|roses?\b|pink|dream\w*|poem"),
    ("day", r"noon|midday|summer|bright|sunny|sun\b|blue sky|clear day"),
)  # fmt: skip
_RULES = tuple((name, re.compile(rf"\b(?:{rule})\b|\b(?:{rule})", re.IGNORECASE)) for name, rule in _CUES)
_NAMED = {"red": "C93A2C", "scarlet": "D0342C", "crimson": "A8243A", "orange": "E8792B", "yellow": "EDBB36", "gold": "D9A52B",
    "ochre": "C98B2B",
          "green": "3F7F54", "turquoise": "2F9C9A", "teal": "21767D", "blue": "2C5FA0", "indigo": "34387A", "violet": "6D4B93",
          "purple": "6B3F7D", "pink": "E0809A", "magenta": "B9336F", "white": "FFFDF5", "copper": "B5653A",
              "mustard": "D9A520"}  # fmt: skip


def palettes() -> Mapping[str, Palette]:
    """Every palette by name."""
    return {name: Palette(name, *(ink(part) for part in inks.split(" "))) for name, inks in _INKS.items()}


def palette_for(prompt: str, world: str, chance: Chance) -> Palette:
    """The palette that the prompt's words ask for, else one that suits its world; a colour that it names becomes the accent."""
    known = palettes()
    scores: dict[str, float] = {}
    for order, (name, rule) in enumerate(_RULES):
        found = rule.findall(prompt)
        if found:
            scores[name] = len(found) * (3.0 if order < 6 else 1.0) + (100 if name in ("mono", "sepia") else 0) - order * 0.01
    by_world = {"sea": ("sea", "day", "dawn"), "city": ("city", "dusk", "day"), "mountain": ("snow", "day", "dawn"),
        "night": ("night", "dusk"),
                "forest": ("forest", "autumn", "spring"), "desert": ("desert", "dusk"), "table": ("table", "home"),
                    "home": ("home", "rose"),
                "workshop": ("workshop", "city"), "stage": ("stage", "dusk"), "press": ("press", "day"),
                    "road": ("dusk", "city", "autumn"),
                "plain": ("rose", "day", "autumn", "workshop", "dawn")}  # fmt: skip
    if scores:
        best = max(scores.values())
        close = [name for name, score in scores.items() if score >= best - 1.0]
        name = max(close, key=lambda name: scores[name]) if best >= 100 else chance.pick(close)
    else:
        name = chance.pick(by_world.get(world, by_world["plain"]))
    found_palette = known[name]
    colours = re.findall(r"\b(" + "|".join(_NAMED) + r")\b(?! and white)", prompt.lower())
    if colours and name not in ("mono", "sepia"):
        found_palette = replace(found_palette, accent=ink(_NAMED[chance.pick(colours)]))
    return found_palette
