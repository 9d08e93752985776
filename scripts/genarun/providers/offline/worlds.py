"""The worlds that offline answers are set in, and which one a text speaks of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from genarun.providers.offline.worlds_indoors import INDOORS
from genarun.providers.offline.worlds_outdoors import OUTDOORS


@dataclass(frozen=True, slots=True)
class World:
    """A stock of things that belong together. The fields are described in `worlds_outdoors.py`."""

    name: str
    cues: frozenset[str]
    motifs: tuple[str, ...]
    things: tuple[str, ...]
    people: tuple[str, ...]
    acts: tuple[str, ...]
    places: tuple[str, ...]
    times: tuple[str, ...]
    senses: tuple[str, ...]


@cache
def worlds() -> Mapping[str, World]:
    """Every world by name; `plain` is the one for prompts that lead nowhere in particular."""
    found: dict[str, World] = {}
    for block in re.split(r"^# ", OUTDOORS + INDOORS, flags=re.MULTILINE)[1:]:
        name, *lines = block.strip().splitlines()
        stock: dict[str, list[str]] = {}
        for line in lines:
            key, _, rest = line.partition(":")
            if key == "cues":
                stock.setdefault(key, []).extend(rest.split())
            else:
                stock.setdefault(key, []).extend(part.strip() for part in rest.split(";") if part.strip())
        cues = frozenset(stock.pop("cues"))
        found[name] = World(name, cues, **{key: tuple(parts) for key, parts in stock.items()})
    return found


def world_of(weighted: Mapping[str, float]) -> str:
    """The world that most of the words speak of. weighted: lower-case words and what each counts for."""
    best, name = 0.0, "plain"
    for world in worlds().values():
        score = sum(weight for word, weight in weighted.items() if word in world.cues or _stem(word) in world.cues)
        if world.name == "plain":
            score *= 0.1
        if score > best:
            best, name = score, world.name
    return name


def _stem(word: str) -> str:
    for ending in ("'s", "ies", "es", "s", "ing"):
        if word.endswith(ending) and len(word) > len(ending) + 2:
            return word[: -len(ending)] + ("y" if ending == "ies" else "")
    return word
