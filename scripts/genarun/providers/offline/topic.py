"""What a request is about: its subject, the people and works it names, the world it is set in."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from genarun.providers.offline.asked import Asked, read_asked, read_genre
from genarun.providers.offline.chance import Chance
from genarun.providers.offline.names import is_first_name
from genarun.providers.offline.subject import MEDIA, STOP, generic, subject_of, tokens, trimmed
from genarun.providers.offline.worlds import world_of, worlds

# Sides of a subject, for lists that are all about it.
_SIDES = (
    "{s} in winter", "{s} after dark", "{s} from below", "{s} at first light", "the people behind {s}", "the sound of {s}",
    "{s} and its neighbours", "the hands behind {s}", "{s} in the rain", "what is left of {s}", "the tools of {s}",
        "a day with {s}",
)  # fmt: skip
_FIELD = re.compile(r"^[ \t]*(?:[-*•]|\d+[.)])?[ \t]*`([A-Za-z_][\w-]*)`[ \t]*(?:[:–—-]|is)[ \t]*([^\n]+)$", re.MULTILINE)


_TOWN = re.compile(
    r"\b(?:newspaper|daily|exhibition|forecast|hang|town|city|village|photojournalism|held|set"
    r"|takes place)\b[^.;:\n]{0,24}? ?\b(?:in|for|at) "
    r"([A-ZÀ-Þ][\w'’-]+(?: [A-ZÀ-Þ][\w'’-]+)?)"
)


@dataclass(frozen=True, slots=True)
class Topic:
    """What a request is about.

    prompt: the last turn of the person. subject: a noun phrase without article (`night ferries`). title: a work that the
    prompt names. people: names of persons in it. facts: labelled values (`name`, `year` …) that came with the prompt.
    words: what the prompt speaks of, and how much. world, genre: how to answer. asked: the form. given: whether the subject
    was read from the prompt and not made up. seen: what is to be said first of the pictures that came with it. colours: the
    colour that covers most of each of them.
    """

    prompt: str
    subject: str
    title: str | None
    people: tuple[str, ...]
    facts: Mapping[str, Any]
    words: Mapping[str, float]
    world: str
    genre: str | None
    asked: Asked
    given: bool = True
    fields: Mapping[str, str] = field(default_factory=dict)
    about: str = ""
    others: tuple[str, ...] = field(default=())
    seen: str = ""
    colours: tuple[str, ...] = ()

    def narrowed(self, chance: Chance, place: int) -> Topic:
        """A topic inside this one, another for each `place`: what one item of a list is about."""
        stock = chance.mixed(worlds()[self.world].motifs)
        if self.given and len(self.subject.split()) <= 4:
            sides = chance.fork("sides").mixed(_SIDES)
            pairs = zip([side.replace("{s}", self.subject) for side in sides], stock, strict=False)
            stock = [subject for pair in pairs for subject in pair]
        subject = stock[place % len(stock)]
        return replace(self, subject=subject, title=None, people=(), facts={}, given=False, others=(), seen="")


def read_topic(messages: Sequence[Mapping[str, str]], about: str, chance: Chance) -> Topic:
    """Read a conversation: its last turn says what to do; where that names no subject, the turns before it do."""
    turns = [message.get("content", "") for message in messages if message.get("role") != "assistant"]
    asking = [message.get("content", "") for message in messages if message.get("role") == "user"] or turns or [""]
    prompt = asking[-1]
    matter = [_FIELD.sub("", turn) for turn in asking]  # what is said of fields is form and not subject
    facts: dict[str, Any] = {}
    for turn in [*(text for text in turns if text not in asking), *matter]:
        if town := _TOWN.search(turn):
            facts["town"] = town[1]
    for turn in matter:
        facts |= read_facts(turn)
    words = _weights(prompt, 1.0) if len(asking) == 1 else _weights(" ".join(asking[:-1]), 0.5) | _weights(prompt, 1.0)
    for word, weight in _weights(" ".join(turns[:-1]), 0.3).items():
        words.setdefault(word, weight)
    for word in _weights(about, 1.0):
        words[word] = words.get(word, 0) + 1.0
    people = tuple(dict.fromkeys(name for turn in reversed(matter) for name in read_people(turn)))
    named = facts.get("title") or facts.get("headline") or _quoted(matter[-1])
    subject = ""
    for turn in reversed(matter):
        subject = subject_of(turn)
        if subject:
            break
    label = next(
        (
            facts[key]
            for key in ("theme", "subject", "topic", "idea", "motif", "story", "series")
            if isinstance(facts.get(key), str)
        ),
        None,
    )
    if label:
        subject = trimmed(label)
    if not subject and named:
        subject = trimmed(str(named))
    if not subject and len(prompt.split()) <= 25:  # in a longer prompt the loudest words speak of the task
        subject = _loudest(words)
    weighted = {word: weight * (0.2 if word in MEDIA else 1.0) for word, weight in words.items()}
    for word in tokens(subject):
        weighted[word] = weighted.get(word, 0) + (0.3 if word in MEDIA else 4.0)
    world = world_of(weighted)
    others = _listed(prompt)
    if others and (not subject or subject.strip("“”").lower() in [trimmed(name).lower() for name in others]):
        subject = chance.fork("common").pick(("other people's lives", "attention", "what people keep", "everyday courage"))
    given = bool(subject)
    if not subject:
        subject = chance.fork("motif").pick(worlds()[world].motifs)
    return Topic(
        prompt=prompt,
        subject=subject,
        title=str(named) if named else None,
        people=people,
        facts=facts,
        words=weighted,
        world=world,
        genre=read_genre(_unquoted(matter[-1]), about),
        asked=read_asked(_unquoted(matter[-1])),
        given=given,
        fields=read_fields("\n".join(asking)),
        about=about,
        others=others,
    )


def read_fields(text: str) -> dict[str, str]:
    """What a prompt says of each field that it wants: lines such as ``- `title`: at most nine words``."""
    return {match[1]: match[2].strip() for match in _FIELD.finditer(text)}


def read_facts(text: str) -> dict[str, Any]:
    """Values with labels: JSON objects in the text, and lines such as `Title: The Salt Road`."""
    facts: dict[str, Any] = {}
    decoder = json.JSONDecoder()
    start = text.find("{")
    while start >= 0:
        try:
            value, size = decoder.raw_decode(text[start:])
        except ValueError:
            start = text.find("{", start + 1)
            continue
        for key, inner in value.items():
            if isinstance(inner, str | int | float) and str(inner).strip() and not _placeholder(inner):
                facts.setdefault(key.lower(), inner)
        start = text.find("{", start + size)
    for match in re.finditer(r"^[ \t*-]*([A-Za-z][A-Za-z ]{1,24}?)[ \t]*:[ \t]*(\S[^\n]{0,200})$", text, re.MULTILINE):
        key = match[1].strip().lower().split(" ")[-1]
        if not match[2].startswith(("{", "[")):
            facts.setdefault(key, match[2].strip(" \"'*"))
    return facts


def _placeholder(value: Any) -> bool:
    return isinstance(value, str) and (value.strip(". …") == "" or value.lower() in ("string", "number", "text", "value"))


def read_people(text: str) -> list[str]:
    """Names of persons: two or three capitalised words of which the first is a known first name, or that follow a role."""
    found: list[str] = []
    word = r"[A-ZÀ-ÖØ-Þ][a-zß-öø-ÿ'’]+(?:-[A-Z][a-zß-öø-ÿ]+)?"
    particle = r"(?: (?:de|da|van|von|al|bin|el|la|der|del))?"
    for match in re.finditer(rf"\b({word})((?:{particle} {word}){{1,2}})", text):
        whole = match[0]
        role = re.search(
            r"(?:photographer|author|artist|writer|poet|by|name is|named|called|name:|reporter|chef|editor|journalist"
            r"|for)[ :,\"“]*$",
            text[: match.start()],
            re.IGNORECASE,
        )
        if is_first_name(match[1]) or (role and role[0].strip(' :,"“').lower() not in ("for", "called", "named", "by")):
            found.append(whole)
    return list(dict.fromkeys(found))


def _quoted(text: str) -> str | None:
    for match in re.finditer(r"[\"“]([^\"”{}\n]{3,70})[\"”]", text):
        if match[1][:1].isupper() and not match[1].endswith(":"):
            return match[1].strip(" ,.")
    return None


def _unquoted(text: str) -> str:
    """The prompt without what it quotes and without JSON: there, words are matter and not instructions."""
    text = re.sub(r"```.*?```", " ", text, flags=re.DOTALL)
    text = re.sub(r"[\"“][^\"”\n]{3,}[\"”]", " ", text)
    return re.sub(r"\{[^{}]*\}", " ", text)


def _listed(text: str) -> tuple[str, ...]:
    """Titles of a list of works that came with the prompt, so that an introduction can name them."""
    text = _FIELD.sub("", text)
    found = re.findall(r"^[\"“]([^\"”\n]{3,60})[\"”]", text, re.MULTILINE)
    found += re.findall(r"\"(?:title|headline|theme|name|item|series)\"\s*:\s*\"([^\"\n]{3,60})\"", text)
    found += [
        line.strip(' *_"“”.') for line in re.findall(r"^\s*(?:[-*•]|\d+[.)])\s+([A-Z“\"][^\n]{3,60})$", text, re.MULTILINE)
    ]
    return tuple(dict.fromkeys(name.split(":")[0].strip() for name in found))[:12]


def _weights(text: str, weight: float) -> dict[str, float]:
    found: dict[str, float] = {}
    for word in tokens(text):
        if word not in STOP:
            found[word] = found.get(word, 0) + weight
    return found


def _loudest(words: Mapping[str, float]) -> str:
    ranked = [word for word in words if not generic(word) and len(word) > 3]
    if not ranked:
        return ""
    best = max(words[word] for word in ranked)
    return " ".join([word for word in ranked if words[word] >= best][:2])
