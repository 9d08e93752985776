"""From a request to picture files: size, palette, composition, label, encoding."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from genarun.providers.base import Json, ModelRequest
from genarun.providers.offline.chance import Chance
from genarun.providers.offline.picture import abstract, indoors, lizard, outdoors, people, portraits, tabletop, things
from genarun.providers.offline.picture.label import Label, draw_label, lay_out, measured, told
from genarun.providers.offline.picture.palette import Palette, palette_for
from genarun.providers.offline.picture.rework import reworked
from genarun.providers.offline.picture.sheet import Sheet
from genarun.providers.offline.seen import digests_in, given_pictures
from genarun.providers.offline.topic import read_topic

DEFAULT_SIDE = 768
SMALLEST, LARGEST = 64, 2048
_DRAWN_AREA = 760 * 760
_HEAVY = 200_000
Composition = Callable[[Sheet, Palette, Chance, str], None]
COMPOSITIONS: Mapping[str, Composition] = {
    "hills": outdoors.hills, "peaks": outdoors.peaks, "sea": outdoors.sea, "dunes": outdoors.dunes, "wood": outdoors.wood,
    "road": outdoors.road, "night": outdoors.night, "portrait": portraits.portrait, "crowd": people.crowd,
    "market": people.market, "stage": people.stage, "city": indoors.city, "interior": indoors.interior,
    "still_life": tabletop.still_life, "workshop": indoors.workshop, "botanical": abstract.botanical,
    "geometric": abstract.geometric, "light": abstract.light, "waves": abstract.waves, "odd": things.odd,
    "lizard": lizard.lizard,
}  # fmt: skip
_CUES = (
    ("portrait", 4.0, r"portraits?|headshot|self-portrait|close-up of (?:a|an|the) (?:face|woman|man)|bust of"),
    ("portrait", 1.0, r"face|woman|man|girl|boy|grandmother|grandfather|years old|aged|eyes|beard|smil\w+"),
    ("crowd", 1.6,
        r"crowds?|audience|queue|demonstration|protest|spectators|parade|meeting|council|congregation|passengers|wedding|fans|people"),
    ("market", 1.8, r"markets?|stalls?|vendors?|bazaar|awnings?|fruit sellers?|shops?|grocer\w*|street food"),
    ("stage", 1.6,
        r"stage|theat(?:re|er)|opera|curtains?|circus|concert|orchestra|dancers?|spotlight|choir|singer|cello|violin|musicians?"),
    ("sea", 1.4,
        r"seas?|ocean|harbou?rs?|boats?|ferr(?:y|ies)|ships?|coast\w*|lighthouses?|islands?|quay|pier|gulls?|salt|sail\w*|tides?|fish\w*"),
    ("waves", 1.3, r"waves?|swim\w*|river|flood|water|surf\w*|current|lake"),
    ("city", 1.4,
        r"city|cities|streets?|trams?|buildings?|roof\w*|skyline|apartments?|urban|towers?|bridge|facade|downtown|blocks?"
        r"|balcon\w+"),
    ("interior", 1.2,
        r"rooms?|kitchen|beds?|bedroom|chairs?|windows?|home|corridor|office|hospital|hut|sofa|curtain|lamp|stairs"
        r"|library|classroom"),
    ("still_life", 1.3,
        r"table|bak\w+|cook\w*|flour|bread|loa(?:f|ves)|bowls?|cups?|soup|fruit|lemons?|bottles?|recipe|food|coffee|tea"
        r"|vase|pears?|figs?|plate|still life|books?"),
    ("workshop", 1.5,
        r"workshop|tools?|bench|machines?|factory|engine\w*|robots?|clockmaker|welder|looms?|repair\w*|gears?|lab\w*"
        r"|inventor|print(?:er|ers|ing)"),
    ("botanical", 1.5,
        r"flowers?|plants?|leaf|leaves|gardens?|bees?|seeds?|botan\w+|herbs?|ferns?|orchids?|blossoms?|tulips?|greenhouse"),
    ("hills", 1.1,
        r"hills?|valleys?|fields?|farms?|meadows?|villages?|landscape|countryside|vineyards?|shepherds?|sheep|sunrise"
        r"|sunset|horizon|orchard"),
    ("peaks", 1.6, r"mountains?|peaks?|alps|alpine|glaciers?|summit|avalanche|climbers?|ski\w*"),
    ("peaks", 0.7, r"snow\w*|winter|ice|frost\w*"),
    ("dunes", 1.8, r"deserts?|dunes?|sand\w*|caravan|camels?|oasis|sahara|drought|nomads?|arid"),
    ("wood", 1.6, r"forests?|woods?|trees?|birch\w*|trunks?|moss|jungle|deer|foxes|mushrooms?"),
    ("road", 1.5,
        r"roads?|trains?|rails?|railway|highway|buses|car|cars|trucks?|journey|borders?|bicycles?|platform|tracks?"
        r"|luggage|motel"),
    ("night", 1.7, r"stars?|moon\w*|telescope|observatory|astronom\w+|galaxy|cosmos|planets?|comet|eclipse|space"),
    ("night", 0.8, r"nights?|dark|darkness"),
    ("geometric", 1.8,
        r"abstract|geometr\w+|pattern|bauhaus|logo|icon|cover|data|graph|algorithm\w*|network|quantum|math\w*|diagram|code"),
    ("light", 1.2,
        r"silence|dream\w*|memory|memories|emotion|time|idea|soul|loneliness|solitude|light|colou?r field|mood|music"),
    ("lizard", 5.0, r"lizards?|geckos?|skinks?|salamanders?|newts?|iguanas?"),
    ("odd", 1.2, r"weird|odd|strange|absurd|surreal|press photograph|newspaper"),
)  # fmt: skip
_RULES = tuple((name, weight, re.compile(rf"\b(?:{rule})\b", re.IGNORECASE)) for name, weight, rule in _CUES)
_BY_WORLD = {
    "sea": ("sea", "waves", "sea", "light"), "city": ("city", "crowd", "interior", "city"), "mountain": ("peaks", "hills"),
    "forest": ("wood", "botanical", "hills"), "desert": ("dunes", "dunes", "light"), "night": ("night", "night", "city"),
    "table": ("still_life", "market", "interior"), "workshop": ("workshop", "geometric", "still_life"),
    "stage": ("stage", "crowd", "light", "interior"), "home": ("interior", "still_life", "portrait", "botanical"),
    "press": ("odd", "crowd", "odd"), "road": ("road", "road", "hills", "city"),
    "plain": ("light", "geometric", "botanical", "hills", "interior", "odd"),
}  # fmt: skip


def pictures(request: ModelRequest) -> list[tuple[bytes, str]]:
    """The pictures that a request asks for, each as its bytes and media type: equal for equal seed, prompt and parameters."""
    prompt = next((message.get("content", "") for message in reversed(request.messages) if message.get("role") == "user"), "")
    fmt = format_of(request.params)
    world = read_topic(request.messages, request.about, Chance("world", prompt)).world
    given, digests = list(given_pictures(request)), digests_in(request.messages)
    width, height = size_of(request.params) if not given or sized(request.params) else size_like(given[0])
    found = []
    for number in range(count_of(request.params)):
        chance = Chance("picture", request.seed, prompt, number, *digests)
        found.append((encoded(composed(prompt, width, height, chance, world, given), fmt), f"image/{fmt}"))
    return found


def composed(prompt: str, width: int, height: int, chance: Chance, world: str, given: Sequence[Any] = ()) -> Any:
    """A whole sheet as a Pillow image: the picture on its paper, the label beneath it. given: pictures to make it from."""
    palette = palette_of(prompt, world, chance)
    label = lay_out(prompt, width, height, measured)
    x0, y0, x1, y1 = label.picture
    if given:
        drawn = reworked(given, prompt, (x1 - x0, y1 - y0), chance, palette)
    else:
        drawn = painted(prompt, x1 - x0, y1 - y0, chance, world, palette)
    return mounted(drawn, label, (width, height), palette)


def palette_of(prompt: str, world: str, chance: Chance) -> Palette:
    """The inks that the prompt's words ask for."""
    return palette_for(told(prompt) + " " + _looks(prompt), world, chance.fork("palette"))


def painted(prompt: str, width: int, height: int, chance: Chance, world: str, palette: Palette) -> Any:
    """What the prompt's words ask for as a Pillow image without paper or label, `width` by `height` pixels or, where those are
    many, smaller in the same shape: drawn at one scale, a large sheet has the grain of a small one, and its file stays small
    enough for git."""
    scale = min(1.0, (_DRAWN_AREA / (width * height)) ** 0.5)
    surface = Sheet(round(width * scale), round(height * scale), palette.paper, chance.fork("grain"))
    COMPOSITIONS[composition_for(prompt, world, chance.fork("composition"))](
        surface, palette, chance.fork("drawing"), told(prompt).lower() + " " + prompt.lower()
    )
    surface.finish()
    return surface.image


def mounted(drawn: Any, label: Label, size: tuple[int, int], palette: Palette) -> Any:
    """A picture on its paper, the label beneath it; as it is where there is no room for words."""
    from PIL import Image  # heavy: only for pictures

    if not label.chips:
        return drawn
    x0, y0, x1, y1 = label.picture
    if drawn.size != (x1 - x0, y1 - y0):
        drawn = drawn.resize((x1 - x0, y1 - y0), Image.Resampling.BICUBIC)
    sheet = Image.new("RGB", size, palette.paper)
    sheet.paste(drawn, (x0, y0))
    draw_label(sheet, label, palette)
    return sheet


def _looks(prompt: str) -> str:
    """The words of technique that decide inks."""
    return " ".join(re.findall(r"black[- ]and[- ]white|monochrome|sepia|noir", prompt, re.IGNORECASE))


def composition_for(prompt: str, world: str, chance: Chance) -> str:
    """The composition that the prompt's words ask for, else one that suits its world."""
    scores: dict[str, float] = {}
    for text, share in ((told(prompt), 1.0), (prompt, 0.35)):
        for number, (name, weight, rule) in enumerate(_RULES):
            found = {match.lower() for match in rule.findall(text)}
            if found:
                scores[name] = scores.get(name, 0.0) + weight * (1.0 if number == 0 else share) * len(found) ** 0.7
        if things.thing_in(text.lower()):
            scores["odd"] = scores.get("odd", 0.0) + share
    if world == "press":
        scores["odd"] = scores.get("odd", 0.0) + 0.8
    if not scores:
        return chance.pick(_BY_WORLD[world])
    best = max(scores.values())
    if best < 3 and len(told(prompt).split()) > 18 and chance.often(0.35):  # a scene of many words can be seen in many ways
        return chance.pick(_BY_WORLD[world])
    close = sorted(name for name, score in scores.items() if score >= best * 0.75)
    return chance.pick(close)


def size_of(params: Mapping[str, Json]) -> tuple[int, int]:
    """Pixels across and down: from `size` as `1024x768`, from `width` and `height`, or from `aspect_ratio` as `16:9`."""
    width = height = float(DEFAULT_SIDE)
    size = params.get("size")
    if isinstance(size, str) and (match := re.fullmatch(r"\s*(\d+)\s*[x×*]\s*(\d+)\s*", size)):
        width, height = float(match[1]), float(match[2])
    else:
        ratio = params.get("aspect_ratio", params.get("aspectRatio"))
        if isinstance(ratio, str) and (match := re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*[:/x]\s*(\d+(?:\.\d+)?)\s*", ratio)):
            share = max(0.25, min(4.0, float(match[1]) / max(0.01, float(match[2]))))
            width, height = DEFAULT_SIDE * share**0.5, DEFAULT_SIDE / share**0.5
        given = params.get("width"), params.get("height")
        if isinstance(given[0], int | float) and given[0] > 0:
            width = float(given[0])
            height = float(given[1]) if isinstance(given[1], int | float) and given[1] > 0 else width
        elif isinstance(given[1], int | float) and given[1] > 0:
            width = height = float(given[1])
    shrink = min(1.0, LARGEST / max(width, height))
    return max(SMALLEST, round(width * shrink)), max(SMALLEST, round(height * shrink))


def sized(params: Mapping[str, Json]) -> bool:
    """Whether the parameters say anything of the size."""
    return any(params.get(name) is not None for name in ("size", "width", "height", "aspect_ratio", "aspectRatio"))


def size_like(picture: Any) -> tuple[int, int]:
    """Pixels across and down of a sheet in the shape of a given picture."""
    share = max(0.25, min(4.0, picture.width / picture.height)) ** 0.5
    return round(DEFAULT_SIDE * share), round(DEFAULT_SIDE / share)


def count_of(params: Mapping[str, Json]) -> int:
    """How many pictures: `n`, `num_outputs` or `num_images`; 1 to 10."""
    for name in ("n", "num_outputs", "num_images", "count"):
        value = params.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return max(1, min(10, value))
    return 1


def format_of(params: Mapping[str, Json]) -> str:
    """`webp`, unless `output_format` or `format` asks for `png` or `jpeg`."""
    for name in ("output_format", "format"):
        value = params.get(name)
        if isinstance(value, str) and value.lower() in ("png", "jpeg", "jpg", "webp"):
            return "jpeg" if value.lower() == "jpg" else value.lower()
    return "webp"


def encoded(image: Any, fmt: str) -> bytes:
    """The file's bytes, without times or names in it."""
    out = io.BytesIO()
    if fmt == "png":
        image.save(out, "PNG", optimize=False)
    elif fmt == "jpeg":
        for quality in (80, 68, 56, 46):  # grain weighs much in this format: as fine as fits a file that git can keep
            out = io.BytesIO()
            image.save(out, "JPEG", quality=quality, subsampling=1, optimize=True)
            if out.tell() <= _HEAVY:
                break
    else:
        image.save(out, "WEBP", quality=74, method=3)
    return out.getvalue()
