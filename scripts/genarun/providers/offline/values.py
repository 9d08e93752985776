"""What suits each place of a structured answer: a person who stays the same person, a slug made from the title beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from genarun.providers.offline import short_texts as short
from genarun.providers.offline.asked import Asked, number_of, read_asked
from genarun.providers.offline.chance import Chance
from genarun.providers.offline.fields import GENERIC, kind_of, singular, words_in
from genarun.providers.offline.fitting import cut
from genarun.providers.offline.formats import day, email, formatted
from genarun.providers.offline.judged import chosen, numbers_asked, range_asked
from genarun.providers.offline.kinds_of_value import COLORS, STOCKS, TIMES
from genarun.providers.offline.names import home_of, person, place
from genarun.providers.offline.numbers import number_for
from genarun.providers.offline.prose import Writer, capital, with_article
from genarun.providers.offline.texts import item, one
from genarun.providers.offline.topic import Topic

Json = Any

# Kinds that `texts.one` writes, under the name that it knows them by.
_WRITTEN = {
    "headline": "headline", "caption": "caption", "picture": "picture", "introduction": "introduction", "question": "question",
    "haiku": "haiku", "poem": "poem", "recipe": "recipe", "weather": "weather", "horoscope": "horoscope", "review": "review",
    "story": "story", "article": "article", "advert": "advert", "obituary": "obituary", "letter": "letter",
        "summary": "summary",
    "fact": "fact", "description": "description", "quote": "quote", "tag": "tag", "bio": "bio", "subtitle": "slogan",
    "answer": "quote",
}  # fmt: skip
_LONG_WORDS = "introduction haiku poem recipe weather horoscope review story article obituary letter summary description bio"
_LONG = frozenset(_LONG_WORDS.split())
_FRAMED = ("caption", "picture")
_TITLED = ("title", "headline", "name", "theme", "subject", "topic", "heading", "idea", "dish", "place")
_NAMED = (
    "photographername",
    "authorname",
    "artistname",
    "fullname",
    "name",
    "photographer",
    "author",
    "artist",
    "person",
    "character",
)


@dataclass(frozen=True, slots=True)
class Suggest:
    """The hints for one place in an answer; see `schema_values.Hints`.

    chance: of this place. root: of the whole answer.
    name, note: of the property, empty for an item of a list. owner: the property or list around it. peers: what its object
    holds so far, over what the objects around hold. place: its number in a list. lists: how many lists are around it.
    """

    topic: Topic
    chance: Chance
    root: Chance
    name: str = ""
    note: str = ""
    owner: str = ""
    peers: Mapping[str, Json] = field(default_factory=dict)
    place: int = 0
    lists: int = 0
    whole: bool = True
    before: tuple[Json, ...] = ()

    def child(self, name: str, note: str, peers: Mapping[str, Json], place: int | None = None) -> Suggest:
        """The hints for a property, or for item `place` of a list."""
        if place is None:
            said = " ".join(part for part in (self.topic.fields.get(name, ""), note) if part)
            nearer = {**self.peers, **{key.lower(): value for key, value in peers.items()}}
            owner = self.name or self.owner
            return replace(
                self, name=name, note=said, owner=owner, peers=nearer, chance=self.chance, whole=self.whole and not peers
            )
        known = {key: value for key, value in self.peers.items() if self.lists or self.name not in _TITLED}
        return replace(
            self,
            name="",
            owner=self.name or self.owner,
            place=place,
            lists=self.lists + 1,
            peers=known if self.lists else {},
            before=tuple(value for value in peers.get("", ()) if isinstance(value, str)),
            chance=self.chance.fork("item", self.name, place) if self.lists else self.chance.fork("item", place),
            topic=self.topic,
        )

    # what the solver asks

    def texts(self, low: int, high: int | None, formats: Sequence[str]) -> Iterator[str]:
        """Texts that suit, the best first."""
        for name in formats:
            if (
                made := formatted(name, self.chance.fork(self.name, name), self._year(), self._title(), self._person())
            ) is not None:
                yield made
        for attempt in range(8):
            text = self._text(low, high, attempt)
            if text and text not in self.before:
                yield text
                yield cut(text, Asked(characters=(low, high)))
        yield short.slug(self._title())
        if low > 0:
            long = one(replace(self._inner(), asked=Asked(characters=(low, high))), "description", self.chance.fork("long"))
            yield long
            if high is not None:
                yield long[:high]

    def numbers(self, low: float | None, high: float | None, whole: bool) -> Iterator[float]:
        """Numbers that suit the name, or the question where the number is the answer to it."""
        if self._at_top() and self.name in ("low", "high"):
            least = self.peers.get("low") if self.name == "high" else None
            yield from range_asked(self.topic.prompt, low, high, whole, self.chance, least)
        elif self._is_verdict():
            yield from numbers_asked(self.topic.prompt, low, high, whole, self.chance, self._year())
        else:
            name = words_in(self.name or singular(self.owner))
            yield from number_for(name, low, high, whole, self.chance, self.place, self._year())

    def options(self, options: Sequence[Json], chance: Chance) -> list[Json]:
        """The options of an enum: in a drawn order, or those first that the question speaks of."""
        if not self._is_verdict():
            return chance.mixed(options)
        return chosen(options, f"{self.topic.prompt} {self.topic.seen}", chance)

    def flag(self) -> bool:
        """True or false."""
        return self.chance.fork("flag", self.name).often(0.6)

    def count(self) -> int:
        """How many items: the number of such things in the prompt, in the outermost list of anything, else three."""
        stem = singular(words_in(self.name))
        for text in (self.note, self.topic.fields.get(self.name, ""), self.topic.prompt):
            number = r"\b(\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty)"
            if stem and (match := re.search(rf"{number}\s+(?:[\w-]+[ ,]+){{0,2}}?{re.escape(stem)}", text, re.IGNORECASE)):
                return min(100, number_of(match[1]))
        if self.note and (noted := read_asked(self.note).items):
            return min(100, noted)
        if not self.lists and self.topic.asked.items:
            return min(100, self.topic.asked.items)
        return 3

    # what it answers with

    def _text(self, low: int, high: int | None, attempt: int) -> str:
        chance = self.chance.fork("text", attempt) if attempt else self.chance
        kind = self._kind()
        if kind is None and self._is_answer():  # the whole answer, or an item of it, is what the prompt asks for
            topic = replace(self.topic, asked=self._asked(low, high, item=bool(self.lists)))
            genre = self.topic.genre or _WRITTEN.get(kind_of(singular(self.topic.about), "", "") or "", "description")
            if self.lists:
                return item(topic, genre, self.chance.fork("set") if self.lists > 1 else _set(self), self.place + attempt * 101)
            return one(topic, genre, chance, attempt)
        return self._of_kind(kind or "object", chance, low, high, attempt)

    def _kind(self) -> str | None:
        name = self.name or singular(self.owner)
        if words_in(name) in GENERIC and (self._is_answer() or self.note == ""):
            return None if self._is_answer() else "description"
        if words_in(name) in GENERIC and self.topic.genre in _LONG:
            return self.topic.genre
        return kind_of(name, self.note, self.owner)

    def _is_answer(self) -> bool:
        name = words_in(self.name or self.owner)
        return (name in GENERIC or not name) and (self.whole or self.lists > 0)

    def _at_top(self) -> bool:
        return not self.owner and not self.lists

    def _is_verdict(self) -> bool:
        """Whether this is the one value that the whole prompt asks for."""
        return self._at_top() and self.whole and self.name == "value"

    def _asked(self, low: int, high: int | None, item: bool = False) -> Asked:
        asked = replace(self.topic.asked, items=None) if item or self._is_answer() else Asked()
        if self.note:
            asked = replace(read_asked(self.note), items=None)
        elif not self._is_answer() and self._kind() in _LONG:
            asked = replace(self.topic.asked, items=None, characters=None)
        if low or high is not None:
            asked = replace(asked, characters=(low, high))
        return asked

    def _of_kind(self, kind: str, chance: Chance, low: int, high: int | None, attempt: int) -> str:
        topic = replace(self._inner(), asked=self._asked(low, high))
        fork = chance.fork(kind)
        number = attempt if self.name else self.place + attempt * 101
        if kind in _WRITTEN:
            if kind == "bio" and (who := self._person()):
                topic = replace(topic, people=(who,), facts={**topic.facts, "name": who})
            return one(
                topic,
                _WRITTEN[kind],
                _set(self) if kind == "tag" else self._frame() if kind in _FRAMED else fork.fork(self.name),
                number,
            )
        if kind in ("title", "theme"):
            text = short.title(replace(topic, title=None), self.chance.fork("title"), attempt)
            if re.search(r"\byears\b", self.note):  # `its name, and its years`: of an obituary
                born = fork.whole(1890, 1975)
                return f"{capital(with_article(topic.subject))}, {born}–{born + fork.whole(18, 49)}"
            return text if kind == "title" or self.lists else capital(topic.subject)
        if kind in ("person", "first", "last"):
            who = self._person(attempt) or person(fork)
            return who if kind == "person" else who.split(" ")[0 if kind == "first" else -1]
        if kind in STOCKS:
            stock = STOCKS[kind] if self.name else _set(self).fork(kind).mixed(STOCKS[kind])
            return fork.pick(stock) if self.name else stock[number % len(stock)]
        writer = Writer(topic, fork)
        year = self._year() or 2015 + fork.whole(0, 10)
        town = self._town(attempt)
        makers = {
            "slug": lambda: short.slug(self._title()),
            "uuid": lambda: formatted("uuid", fork, year, "", None) or "",
            "id": lambda: (
                short.slug(self._title()) if self._has_title() else f"{words_in(self.owner)[:1] or 'n'}{fork.whole(100, 999)}"
            ),
            "email": lambda: email(self._person() or person(fork)),
            "phone": lambda: f"+44 1632 960{fork.whole(100, 999)}",  # a range kept free for fiction
            "url": lambda: f"https://example.org/{short.slug(self._title())}",
            "image": lambda: f"https://example.org/pictures/{short.slug(self._title())}.webp",
            "datetime": lambda: formatted("date-time", fork, year, "", None) or "",
            "date": lambda: day(fork, year).isoformat(),
            "time": lambda: fork.pick(TIMES),
            "year": lambda: str(year),
            "hex": lambda: dict(COLORS)[self._color()],
            "color": lambda: self._color(),
            "alt": lambda: (
                topic.seen
                or Writer(topic, self._frame().fork(attempt).fork("prose", "frame")).fill(
                    "{thing} {place}, with {person} at the edge of the frame."
                )
            ),
            "ingredient": lambda: _set(self).mixed(STOCKS["ingredients"])[number % 15],
            "step": lambda: STOCKS["steps"][number % 8],
            "city": lambda: town,
            "place": lambda: (
                writer.fill("{place}, ").strip(" ,") + f", {town}" if "place" in self.name.lower() and self.note else town
            ),
            "address": lambda: f"{fork.whole(1, 120)} {fork.pick(STOCKS['streets'])}, {town}",
            "country": lambda: fork.pick(STOCKS["countries"]),
            "price_text": lambda: f"{fork.pick(('€', '£', '$'))}{fork.whole(2, 60)}.{fork.pick(('00', '50', '90'))}",
            "category": lambda: short.tag(topic, fork, fork.whole(0, 3)),
            "sense": lambda: writer.fill("{sense}."),
            "object": lambda: writer.fill("{thing}"),
            "dish": lambda: fork.pick(STOCKS["dishes"]),
        }
        return makers[kind]() if kind in makers else writer.fill("{thing}")

    def _frame(self) -> Chance:
        """The stream that caption, scene and alternative text of one picture share, so that they speak of the same things."""
        return self.chance.fork("frame")

    def _inner(self) -> Topic:
        """The subject of this object: an item of a list has a side of the subject of its own, the same for all its fields."""
        topic = self.topic
        if self.lists:
            topic = topic.narrowed(_set(self).fork("narrow"), self.place)
        if isinstance(named := self._peer(_TITLED), str) and len(named.split()) < 10:
            topic = replace(topic, title=named)
        if isinstance(town := self._peer(("city", "place", "location", "town")), str):
            topic = replace(topic, facts={**topic.facts, "place": town.split(",")[-1].strip()})
        return topic

    def _peer(self, names: Sequence[str]) -> Json:
        return next((self.peers[name] for name in names if name in self.peers and name != self.name.lower()), None)

    def _has_title(self) -> bool:
        return isinstance(self._peer(_TITLED), str)

    def _title(self) -> str:
        found = self._peer(_TITLED)
        if isinstance(found, str):
            return found
        known = self.topic.title or self.topic.facts.get("title") or self.topic.facts.get("name")
        return str(known) if known and not self.lists else short.title(self._inner(), self.chance.fork("title"), 0)

    def _person(self, attempt: int = 0) -> str | None:
        """The person of this object: named already, else named by the prompt, else invented and the same for every field."""
        for key in _NAMED:
            value = self.peers.get(key)
            if isinstance(value, Mapping):
                value = value.get("name") or value.get("fullName")
            if (
                isinstance(value, str)
                and key != self.name.lower()
                and 1 < len(value.split()) < 5
                and value != self.peers.get("title")
            ):
                return value
        given = self.peers.get("firstname"), self.peers.get("lastname")
        if isinstance(given[0], str) and isinstance(given[1], str):
            return f"{given[0]} {given[1]}"
        if not self.lists and self.topic.people and not attempt:
            return self.topic.people[0]
        role = "" if not self.lists and not attempt else str(attempt)
        base = self.chance.fork("person", role, self.place if self.lists else 0)
        who = person(base)
        for part, at in (("firstname", 0), ("lastname", -1)):
            if isinstance(known := self.peers.get(part), str):
                who = " ".join([known, who.split(" ")[-1]] if at == 0 else [who.split(" ")[0], known])
        return who

    def _town(self, attempt: int) -> str:
        known = self._peer(("city", "place", "location", "town", "birthplace"))
        if isinstance(known, str) and self._kind() != "place":
            return known.split(",")[-1].strip()
        named = self.topic.facts.get("city") or self.topic.facts.get("place")
        if isinstance(named, str) and not self.lists:
            return named
        if self.name.lower() in ("birthplace", "hometown") and (who := self._person()):
            return home_of(who, self.chance.fork("home"))
        return place(self.topic.world, self.chance.fork("town", self.place if self.lists else 0, attempt))

    def _year(self) -> int | None:
        for value in (self.peers.get("year"), self.topic.facts.get("year")):
            if str(value).isdigit() and 1 <= int(str(value)) <= 9999:
                return int(str(value))
        match = re.search(r"\b(1[89]\d\d|20\d\d)\b", self.topic.prompt)
        return int(match[1]) if match else None

    def _color(self) -> str:
        known = self._peer(("color", "colour", "colorname", "name"))
        if isinstance(known, str) and known in dict(COLORS):
            return known
        shown = [name for name in self.topic.colours if name in dict(COLORS)]
        return shown[self.place % len(shown)] if shown else self.chance.fork("color").pick(COLORS)[0]


def _set(hint: Suggest) -> Chance:
    """One stream for all items of a list, so that their numbers and not luck keep them apart."""
    return hint.root.fork("set", hint.owner, [hint.peers.get(name) for name in _TITLED])
