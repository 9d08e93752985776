"""Texts of an asked length: which sentences to keep, and where to stop."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from genarun.providers.offline.asked import Asked

_DANGLING_WORDS = (
    "a an the and or but of in on at to for from by with without as is are was were that which who until if when while than "
    "then so one some no only its their his her"
)
_DANGLING = frozenset(_DANGLING_WORDS.split())


def words_of(text: str) -> int:
    """How many words, as a person counts them."""
    return len(text.split())


def fits(text: str, asked: Asked) -> bool:
    """Whether the measures in words and characters are kept."""
    if asked.words:
        low, high = asked.words
        if words_of(text) < low or (high is not None and words_of(text) > high):
            return False
    if asked.characters:
        low, high = asked.characters
        if len(text) < low or (high is not None and len(text) > high):
            return False
    return True


def first_fitting(make: Callable[[int], str], asked: Asked, tries: int = 60) -> str:
    """The first of `tries` short texts that keeps the measures; else the nearest, cut to them."""
    made = [make(0)]
    if fits(made[0], asked):
        return made[0]
    for number in range(1, tries):
        text = make(number)
        if fits(text, asked):
            return text
        made.append(text)
    target = (asked.words or asked.characters or (0, None))[1] or 0
    measure = words_of if asked.words else len
    longer = [text for text in made if measure(text) >= target]
    return cut(min(longer or made, key=lambda text: abs(measure(text) - target)), asked)


def cut(text: str, asked: Asked) -> str:
    """The text shortened at a word, without a word left hanging, so that no upper measure is broken."""
    words = text.split(" ")
    most = asked.words[1] if asked.words else None
    if most is not None and words_of(text) > most:
        words = text.split()[:most]
    limit = asked.characters[1] if asked.characters else None
    while len(words) > 1 and limit is not None and len(" ".join(words)) > limit:
        words.pop()
    if words == text.split(" "):
        return text if limit is None else text[:limit]
    least = asked.words[0] if asked.words else 1
    while len(words) > max(1, least) and words[-1].lower().strip(",;:") in _DANGLING:
        words.pop()
    short = " ".join(words).rstrip(" ,;:—-")
    if text.endswith(".") and not short.endswith((".", "!", "?")) and (limit is None or len(short) < limit):
        short += "."
    return short if limit is None else short[:limit]


def chosen(opener: str, bodies: Sequence[str], closer: str, asked: Asked, usual: int) -> list[str]:
    """The sentences of a text: opener first, closer last, as many between as the measures ask; `usual` where they ask nothing.

    For a number of words, the bodies whose counts add up to it are found exactly where there are such (a subset sum).
    """
    if asked.sentences:
        count = asked.sentences
        found = [opener, *bodies[: max(0, count - 2)], closer][:count] if count > 2 else [opener, *bodies][:count]
        return _within_limits(found, asked) if asked.words or asked.characters else found
    if asked.words:
        return _by_words(opener, bodies, closer, asked.words, asked)
    if asked.characters and asked.characters[1]:
        return _within_limits([opener, *bodies[: max(usual, asked.characters[0] // 60) - 1], closer], asked)
    return [opener, *bodies[: max(0, usual - 2)], closer] if usual > 1 else [opener]


def _by_words(opener: str, bodies: Sequence[str], closer: str, measure: tuple[int, int | None], asked: Asked) -> list[str]:
    low, high = measure[0], measure[1] if measure[1] is not None else measure[0] + 12
    for frame in ([opener, closer], [opener], [closer], []):
        base = sum(words_of(text) for text in frame)
        if base > high:
            continue
        if (found := _subset([words_of(text) for text in bodies], low - base, high - base)) is not None:
            middle = [bodies[place] for place in found]
            head, tail = ([opener] if opener in frame else []), ([closer] if closer in frame else [])
            if head or middle or tail:
                return [*head, *middle, *tail]
    return [cut(" ".join([opener, *bodies, closer]), asked)]


def _subset(counts: Sequence[int], low: int, high: int) -> list[int] | None:
    """Places of counts whose sum lies in [low, high], the sum nearest to the middle first; None where there are none."""
    reach: dict[int, list[int]] = {0: []}
    for place, count in enumerate(counts):
        for total, places in list(reach.items()):
            if total + count <= high and total + count not in reach:
                reach[total + count] = [*places, place]
    middle = (low + high) / 2
    wanted = sorted((total for total in reach if low <= total <= high), key=lambda total: abs(total - middle))
    return reach[wanted[0]] if wanted else None


def _within_limits(sentences: list[str], asked: Asked) -> list[str]:
    kept = list(sentences)
    while len(kept) > 1 and not fits(" ".join(kept), Asked(words=_upper(asked.words), characters=_upper(asked.characters))):
        kept.pop(-2 if len(kept) > 2 else -1)
    text = " ".join(kept)
    return kept if fits(text, Asked(words=_upper(asked.words), characters=_upper(asked.characters))) else [cut(text, asked)]


def _upper(measure: tuple[int, int | None] | None) -> tuple[int, int | None] | None:
    return None if measure is None else (0, measure[1])


def paragraphs(sentences: Sequence[str], count: int) -> str:
    """The sentences in `count` paragraphs of nearly equal size."""
    count = max(1, min(count, len(sentences)))
    size, more = divmod(len(sentences), count)
    parts, at = [], 0
    for number in range(count):
        step = size + (1 if number < more else 0)
        parts.append(" ".join(sentences[at : at + step]))
        at += step
    return "\n\n".join(parts)
