"""Embeddings: texts that share words and parts of words get vectors that point the same way.

Feature hashing (Weinberger et al., Feature Hashing for Large Scale Multitask Learning, 2009) over words and over character
n-grams within words (Bojanowski et al., Enriching Word Vectors with Subword Information, 2017), so that `lizard`, `lizards` and
`Lizards!` are near each other. Neither the seed nor what a run has seen before decides a vector: vectors of two runs compare.
"""

from __future__ import annotations

import hashlib
import math
from functools import lru_cache
from itertools import pairwise

from genarun.providers.offline.stems import plain, stem, words
from genarun.providers.offline.subject import STOP

DIMENSIONS = 64
MOST_DIMENSIONS = 4096
_DIGITS = 6  # significant ones, so that a diff of a run stays readable
_SIGNS = 4  # places that one feature marks: with one alone, two features that collide would look alike
_SMALL = 0.12  # what a word such as `the` weighs beside others
_PARTS = {3: 0.5, 4: 0.5, 5: 0.4}  # what the parts of a word weigh together beside the word, by their length


def vector(text: str, dimensions: int = DIMENSIONS) -> tuple[float, ...]:
    """The text as a unit vector of `dimensions` numbers, 1 to 4096. Equal texts, whatever case and accents, give equal ones."""
    weights = _features(text)
    sums = [0.0] * dimensions
    for feature in sorted(weights):
        weight = 1 + math.log(weights[feature]) if weights[feature] > 1 else weights[feature]
        for place, sign in _marks(feature, dimensions):
            sums[place] += sign * weight
    length = math.sqrt(math.fsum(value * value for value in sums))
    if length == 0:  # every mark was taken back by another
        sums[_marks(text, dimensions)[0][0]] = length = 1.0
    return tuple(float(f"{value / length:.{_DIGITS}g}") for value in sums)


def _features(text: str) -> dict[str, float]:
    """What a text is made of, and how much of it: its words, their parts, and pairs of neighbours."""
    said = words(text)
    found: dict[str, float] = {}

    def add(feature: str, weight: float) -> None:
        found[feature] = found.get(feature, 0.0) + weight

    for word in said:
        weight = _SMALL if word in STOP else 1.0
        add(f"word {word}", weight * 0.4)
        add(f"stem {stem(word)}", weight)
        marked = f"<{word}>"
        for size, share in _PARTS.items():
            count = len(marked) - size + 1
            for at in range(count):
                add(f"part {marked[at : at + size]}", weight * share / math.sqrt(count))
    for one, other in pairwise(said):
        add(f"pair {one} {other}", 0.2 if one in STOP or other in STOP else 0.5)
    if not said:  # nothing said, or nothing but signs
        add(f"sign {plain(text).strip()}", 1.0)
    return found


@lru_cache(maxsize=50_000)
def _marks(feature: str, dimensions: int) -> tuple[tuple[int, int], ...]:
    """The places that a feature marks, each with its sign."""
    digest = hashlib.blake2b(feature.encode("utf-8", "replace"), digest_size=_SIGNS * 4).digest()
    numbers = (int.from_bytes(digest[at : at + 4], "big") for at in range(0, len(digest), 4))
    return tuple(((number >> 1) % dimensions, 1 if number & 1 else -1) for number in numbers)
