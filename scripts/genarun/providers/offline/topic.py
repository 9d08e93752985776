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
from genarun.providers.offline.worlds import world_of, worlds

_STOP_WORDS = (
    "a an the and or but if then else of in on at to for from by with without about as is are was were be been being it its "
    "this that these those which who whom whose what when where why how do does did has have had can could will would shall "
    "should may might must not no nor so than too very just only also each every any some all both more most other such own "
    "same you your yours we our us they their them he she his her him i my me one two three four five six seven eight nine "
    "ten write create give generate make produce provide suggest invent compose draft please return answer reply use using "
    "include describe sentence sentences word words paragraph paragraphs line lines short brief long new following based "
    "text json format output object array string list example value values key keys field fields title titles name names "
    "description descriptions caption captions headline headlines bio introduction slug prompt style no. etc e.g i.e item "
    "items called titled named first second third last many few least exactly between up around piece pieces write-up good "
    "great best interesting beautiful vivid detailed simple single invented fictional imaginary"
)
STOP = frozenset(_STOP_WORDS.split())
_MEDIA_WORDS = (
    "photo photos photograph photographs photography picture pictures image images portrait illustration painting drawing "
    "series exhibition photographer photographers photojournalism project story stories collection article newspaper daily "
    "site page camera shot print theme themes idea ideas topic topics subject subjects gallery show poster"
)
MEDIA = frozenset(_MEDIA_WORDS.split())
_LINKS_WORDS = (
    "a an the and or but if of in on at to for from by with without about as is are was were be it its this that these "
    "those which who whose when where while not no so than into over under through his her their your our my"
)
_LINKS = frozenset(_LINKS_WORDS.split())
# Words that name a kind of text or an act of asking: alone, they are no subject.
_GENERIC_WORDS = (
    "story poem haiku tell think know thing things anything something letter recipe review article report news weather "
    "forecast joke quote question dialogue introduction essay tagline slogan editorial advert ad classified horoscope yes "
    "hello hi test slug tag tags keyword keywords plot say says true false number random please help short here now next "
    "previous answer fit again mend shorter longer rewrite continue expand exhibition value person photo place year model"
)
_GENERIC = frozenset(_GENERIC_WORDS.split())
# Sides of a subject, for lists that are all about it.
_SIDES = (
    "{s} in winter", "{s} after dark", "{s} from below", "{s} at first light", "the people behind {s}", "the sound of {s}",
    "{s} and its neighbours", "the hands behind {s}", "{s} in the rain", "what is left of {s}", "the tools of {s}",
        "a day with {s}",
)  # fmt: skip
_VERBS = re.compile(
    r"^(?:please )?(?:write|create|give|make|draw|show|paint|tell|list|suggest|invent|name|summari[sz]e|describe)\b(?: me)?",
    re.IGNORECASE,
)
_CUT = re.compile(
    r"[.;:!?\n()\[\]{}\"“”|<>]|\s[–—-]\s"
    r"|,(?= (?:and |but |or )?(?:written|in|with|that|which|who|for|as|using|not|no|please|at|each|where|by"
    r"|including|keep|make|set|told)\b)"
    r"|,?\s(?:one|two|three|four|five|six|eight|ten|\d+) (?:lines?|words?|sentences?|paragraphs?)"
    r"|\b(?:written|using|where|when|please|include|so that|and then|as a|as an|as the|in the style"
    r"|in (?:one|two|three|four|five|six|about|at most|under|exactly|\d+|json|english|plain)|for (?:a|an|the|each|use)"
    r"|with (?:no|at|each|exactly|\d+|two|three|four|five|these|the following)|at most|no more"
    r"|of (?:about|at most|exactly|around|\d+)|to be|should|must)\b",
    re.IGNORECASE,
)
_LEAD = (
    r"\b(?:titled|called|entitled|named|headed)\s+",
    r"\b(?:the )?(?:theme|topic|subject|idea|title|series|story|photo(?:graph)?|picture|image|motif)\s*(?: is|:|=)\s+",
    r"\b(?:about|regarding|concerning|on the (?:theme|topic|subject|idea) of|exploring|depicting|showing|documenting"
    r"|inspired by)\s+",
    r"\b(?:based on|for the (?:theme|series|story|photo|picture|idea|topic))\s+",
    r"\b(?:photo|photograph|picture|image|portrait|illustration|painting|drawing|view|scene|series|exhibition|poster"
    r"|print)s? of\s+",
    r"\b(?:describe|introduce|review|summari[sz]e|imagine|draw|paint|show|explain|praise)\s+(?!of\b|for\b|about\b|me\b"
    r"|how\b|an?\b(?= \w+ of| \w+ about))",
    r"\b(?:recipe|ode|letter|love letter|guide|slogan|name|advert|introduction|poem|song|prompt|slug|text) (?:for|to)\s+",
    r"\b(?:dialogue|conversation|meeting|love|friendship|interview) between\s+",
    r"\bon\s+(?!which|a scale|one|two|the (?:left|right|top|basis))",
    r"\bof\s+(?!(?:about|at|exactly|around|\d|one|two|three|four|five|six|the (?:following|above))\b)",
    r"\bfor\s+(?!each|example|use|instance)",
)
_FILLER = re.compile(
    r"^(?:the|a|an|this|that|these|those|our|my|its|their|his|her|some|each|every|one|following|new|short|single)\s+", re.I
)


_FIELD = re.compile(r"^[ \t]*(?:[-*•]|\d+[.)])?[ \t]*`([A-Za-z_][\w-]*)`[ \t]*(?:[:–—-]|is)[ \t]*([^\n]+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Topic:
    """What a request is about.

    prompt: the last turn of the person. subject: a noun phrase without article (`night ferries`). title: a work that the
    prompt names. people: names of persons in it. facts: labelled values (`name`, `year` …) that came with the prompt.
    words: what the prompt speaks of, and how much. world, genre: how to answer. asked: the form. given: whether the subject
    was read from the prompt and not made up.
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

    def narrowed(self, chance: Chance, place: int) -> Topic:
        """A topic inside this one, another for each `place`: what one item of a list is about."""
        stock = chance.mixed(worlds()[self.world].motifs)
        if self.given and len(self.subject.split()) <= 4:
            sides = chance.fork("sides").mixed(_SIDES)
            pairs = zip([side.replace("{s}", self.subject) for side in sides], stock, strict=False)
            stock = [subject for pair in pairs for subject in pair]
        subject = stock[place % len(stock)]
        return replace(self, subject=subject, title=None, people=(), facts={}, given=False, others=())

    def about_words(self, text: str) -> Topic:
        """The same request turned to another subject."""
        found = subject_of(text) or self.subject
        return replace(self, subject=found, title=None)


def read_topic(messages: Sequence[Mapping[str, str]], about: str, chance: Chance) -> Topic:
    """Read a conversation: its last turn says what to do; where that names no subject, the turns before it do."""
    turns = [message.get("content", "") for message in messages if message.get("role") != "assistant"]
    asking = [message.get("content", "") for message in messages if message.get("role") == "user"] or turns or [""]
    prompt = asking[-1]
    matter = [_FIELD.sub("", turn) for turn in asking]  # what is said of fields is form and not subject
    facts: dict[str, Any] = {}
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
    if label and (not subject or len(asking) == 1):
        subject = trimmed(label)
    if not subject and named:
        subject = trimmed(str(named))
    if not subject:
        subject = _loudest(words) or subject_of(about) or _loudest(_weights(about, 1.0))
    weighted = {word: weight * (0.2 if word in MEDIA else 1.0) for word, weight in words.items()}
    for word in _tokens(subject):
        weighted[word] = weighted.get(word, 0) + (0.3 if word in MEDIA else 4.0)
    world = world_of(weighted)
    others = _listed(prompt)
    if others and (not subject or subject.lower() in [trimmed(name).lower() for name in others]):
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


def subject_of(text: str) -> str:
    """The noun phrase that a prompt is about, without article; empty where there is none."""
    plain_text = re.sub(r"```.*?```|\{[^{}]*\}|\[[^\[\]]*\]", " ", text, flags=re.DOTALL)
    for lead in _LEAD:
        for match in re.finditer(lead, plain_text, re.IGNORECASE):
            rest = plain_text[match.end() :]
            if quoted := re.match(r"(?:the |a )?[\"“'‘]([^\"”\n]{2,60}?)[\"”'’](?=\W|$)", rest):
                return trimmed(quoted[1])
            found = trimmed(_CUT.split(rest, maxsplit=1)[0])
            content = [word for word in _tokens(found) if not _generic(word)]
            if content:
                return found
    if len(plain_text.split()) <= 12:
        bare = _VERBS.sub("", plain_text.strip())
        found = trimmed(_CUT.split(bare.strip(" ,"), maxsplit=1)[0])
        if any(not _generic(word) for word in _tokens(found)):
            return found
    return ""


def trimmed(phrase: str) -> str:
    """At most eight words of a phrase, its article and trailing small words gone, lower case unless it is a name."""
    phrase = re.sub(r"\s+", " ", phrase).strip(" ,.;:'\"“”‘’*_#-")
    while _FILLER.match(phrase):
        phrase = _FILLER.sub("", phrase, count=1)
    words = phrase.split(" ")
    if len(words) > 8:  # too long to stand in a sentence: without its clause, or without what comes last
        clause = next((at for at, word in enumerate(words) if at and word.lower() in ("that", "which", "who", "whose")), 8)
        words = words[: min(clause, 8)]
        while len(words) > 4 and words[-2].lower() in _LINKS:
            words = words[:-2]
    while len(words) > 1 and (words[-1].lower().strip(",") in _LINKS):
        words.pop()
    text = " ".join(words).strip(" ,")
    first = text.split(" ")[0] if text else ""
    rest_is_lower = all(word[:1].islower() or not word[:1].isalpha() for word in text.split(" ")[1:])
    if first[:1].isupper() and not first.isupper() and rest_is_lower and (len(words) > 1) and not is_first_name(first):
        text = text[:1].lower() + text[1:]
    return text


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


def _generic(word: str) -> bool:
    """Whether a word alone is no subject: a small word, a kind of picture or text."""
    return any(
        form in STOP or form in MEDIA or form in _GENERIC for form in (word, word.removesuffix("s"), word.removesuffix("es"))
    )


def _tokens(text: str) -> list[str]:
    return [word.strip("'’-") for word in re.findall(r"[a-zà-öø-ÿ][a-zà-öø-ÿ'’-]+", text.lower())]


def _weights(text: str, weight: float) -> dict[str, float]:
    found: dict[str, float] = {}
    for word in _tokens(text):
        if word not in STOP:
            found[word] = found.get(word, 0) + weight
    return found


def _loudest(words: Mapping[str, float]) -> str:
    ranked = [word for word in words if not _generic(word) and len(word) > 3]
    if not ranked:
        return ""
    best = max(words[word] for word in ranked)
    return " ".join([word for word in ranked if words[word] >= best][:2])
