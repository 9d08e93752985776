"""Filling sentences: agreement with the subject, and a stock of details that never repeats within a text."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from genarun.providers.offline.chance import Chance
from genarun.providers.offline.names import place
from genarun.providers.offline.topic import Topic
from genarun.providers.offline.worlds import World, worlds

_PREPOSITIONS_WORDS = (
    "of in at on from with without after before under near between behind by for to across over through beside among into "
    "inside along around during since until against"
)
_PREPOSITIONS = frozenset(_PREPOSITIONS_WORDS.split())
_MASS_WORDS = (
    "attention courage moss bread weather snow rain light music love memory time work glass tea coffee wine salt silence food "
    "art "
    "photography journalism luggage dawn dusk night moonrise childhood water ice fog mist dust sand clay honey milk soup "
    "jazz poetry science technology nature history education research software grief joy hope peace war slack paper wood "
    "wool cotton steel winter summer spring autumn sleep migration solitude friendship democracy gravity traffic windfall "
    "insomnia furniture ai"
)
_MASS = frozenset(_MASS_WORDS.split())
_SINGULAR_S_WORDS = "news physics mathematics politics series species chess tennis bus gas lens glass grass moss canvas"
_SINGULAR_S = frozenset(_SINGULAR_S_WORDS.split())
_SLOT = re.compile(r"\{([a-zA-Z0-9]+)(?::([a-z]+))?\}")


def head_of(subject: str) -> str:
    """The noun that decides agreement: the last word before the first preposition."""
    words = subject.lower().split()
    for number, word in enumerate(words):
        if number and (word in _PREPOSITIONS or word in ("that", "which", "who", "whose")):
            return words[number - 1]
    return words[-1] if words else ""


def is_plural(subject: str) -> bool:
    """Whether verbs after it are plural, as far as its form shows."""
    head = head_of(subject).rstrip("'’")
    if subject.startswith("“"):
        return False
    if re.match(r"(?:a|an|one|every|each)\b", subject, re.IGNORECASE):
        return False
    if " and " in f" {subject.lower()} " and not subject[:1].isupper():
        return True
    if head in {"people", "children", "women", "men", "geese", "mice", "feet", "teeth", "sheep", "police", "hands", "faces"}:
        return True
    return head.endswith("s") and not head.endswith(("ss", "us", "is")) and head not in _SINGULAR_S


def with_article(subject: str) -> str:
    """`the lighthouse`, `night ferries`, `moss`, `Setúbal`: a noun phrase that can stand in a sentence."""
    first = subject.split(" ")[0]
    if subject.startswith("“"):
        return subject
    if not subject or re.match(
        r"(?:the|a|an|one|two|three|four|five|these|those|other|what|every|each|my|our|his|her|how|why|what|who)\b",
        subject,
        re.IGNORECASE,
    ):
        return subject[:1].lower() + subject[1:] if re.match(r"(?:The|A|An|Our|My) ", subject) else subject
    proper = first[:1].isupper() and not first.isupper()
    head = head_of(subject)
    owned = re.search(r"['’]s |s['’] ", subject)
    if (
        proper
        or first[:1].isdigit()
        or ((is_plural(subject) or head in _MASS or (head.endswith("ing") and len(head) > 5)) and not owned)
    ):
        return subject
    return "the " + subject


class Writer:
    """Fills templates for one text. What was drawn once comes back only when a stock is used up."""

    def __init__(self, topic: Topic, chance: Chance) -> None:
        self.topic = topic
        self.chance = chance
        self.world: World = worlds()[topic.world]
        self.subject = with_article(topic.subject)
        self.plural = is_plural(topic.subject)
        self._decks: dict[str, list[str]] = {}
        named = [topic.facts.get(key) for key in ("city", "place", "location", "town")]
        towns = [str(value).split(",")[-1].strip() for value in named if isinstance(value, str)]
        known = [town for town in towns if town[:1].isupper() and len(town.split()) < 4]
        self.town = known[0] if known else place(topic.world, chance.fork("town"))
        self.year = _year_in(topic.prompt) or str(chance.fork("year").whole(1961, 2019))

    def draw(self, name: str, stock: Sequence[str]) -> str:
        """The next of a stock, in an order of this text's own."""
        deck = self._decks.setdefault(name, [])
        if not deck:
            deck.extend(self.chance.mixed(stock))
        return deck.pop()

    def fill(self, template: str) -> str:
        """A template with its places filled and its first letter a capital."""
        return capital(_SLOT.sub(lambda match: self._slot(match[1], match[2]), template))

    def one_of(self, name: str, stock: Sequence[str]) -> str:
        """A template of a stock, filled."""
        return self.fill(self.draw(name, stock))

    def many(self, name: str, stock: Sequence[str], count: int) -> list[str]:
        """`count` filled templates; a stock that is used up starts again with other details."""
        return [self.one_of(name, stock) for _ in range(count)]

    def _slot(self, name: str, verb: str | None) -> str:
        world = self.world
        agree: dict[str, Callable[[], str]] = {
            "S": lambda: self.subject,
            "s": lambda: self.topic.subject,
            "is": lambda: "are" if self.plural else "is",
            "is2": lambda: "is",
            "has": lambda: "have" if self.plural else "has",
            "it": lambda: "they" if self.plural else "it",
            "its": lambda: "their" if self.plural else "its",
            "them": lambda: "them" if self.plural else "it",
            "v": lambda: str(verb) if self.plural else third_person(str(verb)),
            "town": lambda: self.town,
            "year": lambda: self.year,
            "deg": lambda: str(self.chance.whole(17, 26)),
            "low": lambda: str(self.chance.whole(3, 11)),
            "thing": lambda: self.draw("things", world.things),
            "person": lambda: self.draw("people", world.people),
            "act": lambda: self.draw("acts", world.acts),
            "place": lambda: self.draw("places", world.places),
            "time": lambda: self.draw("times", world.times),
            "sense": lambda: self.draw("senses", world.senses),
            "motif": lambda: self.draw("motifs", world.motifs),
        }
        return agree[name]()


def third_person(verb: str) -> str:
    """`ask` → `asks`, `carry` → `carries`."""
    if verb.endswith("y") and verb[-2] not in "aeiou":
        return verb[:-1] + "ies"
    return verb + ("es" if verb.endswith(("s", "sh", "ch", "x", "o")) else "s")


def capital(text: str) -> str:
    """The text with its first letter, and every letter that begins a sentence in it, as a capital."""
    text = re.sub(r"(?<=[.!?] )([a-zà-ÿ])", lambda match: match[1].upper(), text)
    return text[:1].upper() + text[1:]


_SMALL_WORDS = "a an the and or but nor of in on at to for from by with as is"
_SMALL = frozenset(_SMALL_WORDS.split())


def titled(text: str) -> str:
    """Title Case, small words left small, names and abbreviations left as they are."""
    words = text.split(" ")
    return " ".join(
        word if any(c.isupper() for c in word[1:]) or (number and word.lower() in _SMALL) else word[:1].upper() + word[1:]
        for number, word in enumerate(words)
    )


def _year_in(text: str) -> str | None:
    match = re.search(r"\b(1[89]\d\d|20\d\d)\b", text)
    return match[1] if match else None
