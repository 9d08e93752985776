"""Whole answers in words: one function per kind of text, and the length that was asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from genarun.providers.offline import sentences as bank
from genarun.providers.offline import short_texts as short
from genarun.providers.offline.asked import Asked
from genarun.providers.offline.chance import Chance
from genarun.providers.offline.fitting import chosen, cut, first_fitting, fits, paragraphs, words_of
from genarun.providers.offline.names import person, place
from genarun.providers.offline.prose import Writer, capital, titled
from genarun.providers.offline.topic import Topic

_REGISTERS = {"press": ("wry", "wry", "documentary"), "plain": ("reflective", "wry", "documentary")}
_SHORT: Mapping[str, Callable[[Topic, Chance, int], str]] = {
    "title": short.title,
    "headline": short.headline,
    "caption": short.caption,
    "picture": short.picture_prompt,
    "theme": short.theme,
    "tag": short.tag,
    "quote": short.quote,
    "slug": lambda topic, chance, number: short.slug(topic.title or short.title(topic, chance, number)),
    "slogan": lambda topic, chance, number: short.line(topic, chance.fork("slogan"), number, bank.SLOGANS),
    "question": lambda topic, chance, number: short.line(topic, chance.fork("question"), number, bank.QUESTIONS),
    "joke": lambda topic, chance, number: short.line(topic, chance.fork("joke"), number, bank.JOKES),
    "fact": lambda topic, chance, number: short.line(topic, chance.fork("fact"), number, bank.FACTS),
    "advert": lambda topic, chance, number: short.line(topic, chance.fork("advert"), number, bank.ADVERTS),
    "person": lambda topic, chance, number: person(chance.fork("person", number)),
    "place": lambda topic, chance, number: place(topic.world, chance.fork("place", number)),
    "yesno": lambda topic, chance, number: chance.fork("yes").pick(("yes", "no")),
    "number": lambda topic, chance, number: str(chance.fork("number").whole(1, 12)),
}
_USUAL = {
    "bio": 4,
    "introduction": 7,
    "weather": 4,
    "horoscope": 3,
    "review": 5,
    "editorial": 6,
    "article": 6,
    "story": 8,
    "obituary": 5,
}
_PARTS: Mapping[str, tuple[Sequence[str], Sequence[str], Sequence[str]]] = {
    "introduction": (bank.INTRODUCTIONS, bank.INTRODUCTION_BODIES, bank.INTRODUCTION_CLOSERS),
    "weather": (bank.WEATHER[:2] + bank.WEATHER[6:8], bank.WEATHER[2:6] + bank.WEATHER[9:], bank.WEATHER[8:9]),
    "horoscope": (bank.HOROSCOPES[:4], bank.HOROSCOPES[4:7], bank.HOROSCOPES[7:]),
    "review": (bank.REVIEWS[:2], bank.REVIEWS[2:7], bank.REVIEWS[7:]),
    "editorial": (bank.EDITORIALS[:2], bank.EDITORIALS[2:8], bank.EDITORIALS[8:]),
    "article": (bank.ARTICLE_LEADS, bank.ARTICLE_BODIES[:-3], bank.ARTICLE_BODIES[-3:]),
    "obituary": (bank.OBITUARIES, bank.OBITUARY_BODIES, bank.OBITUARY_CLOSERS),
    "story": (bank.STORY_OPENERS, bank.STORY_BODIES, bank.STORY_CLOSERS),
}


def write(topic: Topic, chance: Chance, before: str | None = None, number: int = 0) -> str:
    """The answer to a prompt in words. before: the answer that the last turn speaks of; number: which of several."""
    if before and (revised := _revised(topic, chance, before)):
        return revised
    genre = topic.genre or "description"
    asked = topic.asked
    if asked.items and asked.items > 1 and _several(topic, genre):
        return _list(topic, genre, chance, asked.items)
    return one(topic, genre, chance, number)


def one(topic: Topic, genre: str, chance: Chance, number: int = 0) -> str:
    """One text of a kind, as long as asked."""
    asked = topic.asked
    if genre == "list":
        return _list(topic, "fact", chance, asked.items or 5)
    if genre == "haiku":
        return haiku(topic, chance.fork(number))
    if genre == "poem":
        return poem(topic, chance.fork(number))
    if genre in ("letter", "dialogue", "recipe"):
        return {"letter": _letter, "dialogue": _dialogue, "recipe": _recipe}[genre](topic, chance.fork(number))
    if genre in _SHORT:
        make = _SHORT[genre]
        long_form = (asked.sentences or 0) > 1 or (asked.words and asked.words[0] > 24) or (asked.paragraphs or 0) > 0
        if not long_form:
            return first_fitting(lambda attempt: make(topic, chance, number + attempt * 31), replace(asked, items=None))
        genre = {"caption": "caption", "picture": "picture", "headline": "article"}.get(genre, "description")
    if asked.words and asked.words[1] and asked.words[1] < 8:
        return first_fitting(lambda attempt: short.title(topic, chance, number + attempt), asked)
    return paragraph(topic, genre, chance.fork(number))


def paragraph(topic: Topic, genre: str, chance: Chance) -> str:
    """Prose of one or more paragraphs."""
    asked = topic.asked
    fork = chance.fork("prose", "frame" if genre in ("caption", "picture") else genre)  # the two speak of one picture
    writer = Writer(topic, fork)
    usual = _USUAL.get(genre, 4)
    if asked.lines == 1:
        usual = 1
    elif asked.short:
        usual = max(2, usual // 2)
    elif asked.long or asked.paragraphs:
        usual = max(usual * 2, 4 * (asked.paragraphs or 1))
    pool = max(
        26, (asked.sentences or 0) + 4, ((asked.words or (0, 0))[0] // 6) + 10, (asked.characters or (0, 0))[0] // 30, usual + 2
    )
    closers: Sequence[str]
    if genre == "bio" or (genre == "obituary" and topic.people):
        told = short.bio_sentences(topic, chance)
        opener, bodies, closer = told[0], told[1:-1], told[-1]
        bodies += writer.many("body", bank.BODIES["documentary"], pool - len(bodies))
        if genre == "obituary":
            opener = opener.replace(" is a ", " was a ").replace(" works ", " worked ")
            closer = "The town will miss the whistling, and the lamp in the upper window."
    elif genre in ("caption", "picture"):
        opener = writer.fill("{S}, {place}, {time}.") if topic.given else writer.fill("{thing}, {place}, {time}.")
        details: Sequence[str] = bank.CAPTION_BODIES if genre == "caption" else bank.SCENE_BODIES
        bodies = list(dict.fromkeys(writer.many("body", details, pool)))
        closer = f"{writer.town}, {writer.year}." if genre == "caption" else "Available light, nothing arranged."
    elif genre == "summary":
        opener = writer.fill("In short: {S}, seen through {thing}.")
        bodies = writer.many("body", bank.BODIES["reflective"], pool)
        closer = writer.one_of("closer", bank.CLOSERS["reflective"])
    else:
        if genre in _PARTS:
            openers, middles, closers = _PARTS[genre]
        else:
            register = fork.pick(_REGISTERS.get(topic.world, ("reflective", "documentary", "documentary", "reflective", "wry")))
            openers, middles, closers = bank.OPENERS[register], bank.BODIES[register], bank.CLOSERS[register]
        opener = writer.one_of("opener", openers)
        if asked.words and asked.words[1] is not None and words_of(opener) > asked.words[1] - 6:
            opener = writer.one_of("brief", bank.BRIEF)
        more = bank.BODIES["wry" if genre in ("article", "editorial", "horoscope", "weather") else "documentary"]
        bodies = writer.many("body", middles, min(pool, len(middles)))
        bodies = list(dict.fromkeys([*bodies, *writer.many("more", more, max(0, pool - len(bodies)))]))
        if genre == "introduction":
            bodies = [*_named_works(topic, fork), *bodies]
        closer = writer.one_of("closer", closers)
        bodies = [text for text in bodies if text not in (opener, closer)]
    found = chosen(topic.seen or opener, bodies, closer, asked, usual)
    default = 2 if len(found) > 6 and not asked.sentences else 1
    return paragraphs(found, asked.paragraphs or default)


def _named_works(topic: Topic, chance: Chance) -> list[str]:
    """Sentences that name the works that the prompt lists."""
    names = [name for name in topic.others if len(name.split()) <= 9]
    if not names:
        return []
    verbs = chance.mixed(("keeps watch", "keeps its voice low", "arrives like a letter", "asks the hardest question",
        "lets the light in",
                          "stays longest in the mind", "opens a window", "refuses to hurry"))  # fmt: skip
    told = [f"\u201c{name}\u201d {verbs[number % len(verbs)]}" for number, name in enumerate(names[:6])]
    pairs = [told[at : at + 2] for at in range(0, len(told), 2)]
    return [capital("; ".join(pair) + ".") for pair in pairs]


def haiku(topic: Topic, chance: Chance) -> str:
    """Five, seven and five syllables, from lines written by hand for each world."""
    first, second, third = bank.HAIKU[topic.world]
    return "\n".join(chance.pick(lines.split("|")) for lines in (first, second, third))


def poem(topic: Topic, chance: Chance) -> str:
    """Free verse: as many lines as asked, else three stanzas."""
    asked = topic.asked
    count = asked.lines or (asked.paragraphs or 3) * 4
    writer = Writer(topic, chance)
    shapes = (
        ("{thing},", "{thing},", "and {time}, {person},", "who {act}."),
        ("{S}, I said, and meant {thing}.", "You said: {thing}.", "Between us {sense},", "and neither of us moved."),
        ("Count what is here: {thing};", "{thing};", "{sense}.", "Begin again with {thing}."),
        (
            "Nobody taught {S} to wait {place}.",
            "{time}, {thing} was enough.",
            "{person} {act},",
            "and the day let go of its rope.",
        ),
        ("If there is a word for {S},", "it is kept {place},", "under {thing},", "and answers to no other name."),
    )
    lines: list[str] = []
    shuffled = chance.mixed(shapes)
    while len(lines) < count:
        for template in shuffled[(len(lines) // 4) % len(shapes)]:
            text = writer.fill(template)
            lines.append(
                text
                if (template[0] in "{" and template[:3] == "{S}") or not lines or lines[-1].endswith((".", ":"))
                else _low(text)
            )
    lines = lines[:count]
    lines[-1] = re.sub(r"[,;:]$", ".", lines[-1])
    stanzas = ["\n".join(lines[at : at + 4]) for at in range(0, len(lines), 4)]
    text = "\n\n".join(stanzas) if not asked.lines or asked.lines > 6 else "\n".join(lines)
    return text if fits(text, asked) else cut(text, asked)


def _low(text: str) -> str:
    return text if text.startswith(("I ", "I'")) else text[:1].lower() + text[1:]


def _letter(topic: Topic, chance: Chance) -> str:
    writer = Writer(topic, chance)
    name = next(iter(topic.people), "")
    dear = re.search(
        r"\bto (?:the |my |an? )?(editor|mayor|neighbou?r|grandmother|mother|father|friend|sister|brother|teacher)",
        topic.prompt,
    )
    greeting = f"Dear {name.split(' ')[0]}," if name else f"Dear {dear[1]}," if dear else "Dear friend,"
    if dear and dear[1] == "editor":
        greeting = "Sir or Madam,"
    opener = writer.fill(chance.pick(("I am writing about {S}, as I said I would.",
        "You asked about {S}, and I have put off answering.",
                                      "Something must be said about {S}, and it may as well be said by me.")))  # fmt: skip
    closer = writer.fill(chance.pick(("The rest when I see you.", "Write soon, or don't, but come.", "I enclose {thing}.")))
    body = chosen(opener, writer.many("body", bank.BODIES["documentary"], 24), closer, _less(topic.asked, 6), 5)
    return f"{greeting}\n\n{' '.join(body)}\n\nYours,\n{person(chance.fork('sender'))}"


def _less(asked: Asked, words: int) -> Asked:
    """The measures without the words that a greeting and a signature take."""
    if not asked.words:
        return asked
    low, high = asked.words
    return replace(asked, words=(max(1, low - words), None if high is None else max(1, high - words)))


def _dialogue(topic: Topic, chance: Chance) -> str:
    writer = Writer(topic, chance)
    people = [*topic.people, person(chance.fork(1)), person(chance.fork(2))]
    first, second = people[0].split(" ")[0], people[1].split(" ")[0]
    if first == second:
        second = people[1].split(" ")[-1]
    asks = ("Tell me about {S}, as you first knew {them}.", "And {thing}?", "Who told you that?", "Would you do it again?",
            "What do people get wrong about {S}?", "Where were you {time}?")  # fmt: skip
    tells = ("Smaller. And {sense}.", "That was {place}, and it was not mine.", "{person}, who {act}.",
        "Only {place}, and only for {thing}.",
             "That it is over. Look: {thing}.", "In {town}, like everybody else, pretending not to listen.")  # fmt: skip
    count = max(1, (topic.asked.lines or 8) // 2)
    lines = []
    for number in range(count):
        lines += [f"{first}: {writer.fill(asks[number % len(asks)])}", f"{second}: {writer.fill(tells[number % len(tells)])}"]
    text = "\n".join(lines)
    return text if fits(text, topic.asked) else cut(text, topic.asked)


def _recipe(topic: Topic, chance: Chance) -> str:
    dish = topic.subject if topic.given else chance.pick(("lentil soup with lemon", "plum cake", "flatbread with herbs"))
    stock = chance.mixed(("2 onions, sliced thin", "4 tablespoons of good oil", "1 lemon", "a handful of parsley",
        "250 g flour",
                          "2 eggs", "1 teaspoon of salt", "a pinch of saffron", "500 ml stock", "3 ripe plums", "black pepper",
                          "100 g butter", "1 teaspoon of cumin"))[: chance.whole(5, 7)]  # fmt: skip
    steps = ["Set everything out before you begin, and open a window.", *chance.mixed((
        "Warm the oil slowly; if it speaks, it is too hot.", "Add the onions and leave them alone for ten minutes.",
        "Stir in one direction, for luck rather than chemistry.", "Taste, frown, add salt, taste again.",
        "Cover, lower the flame, and read something short.", "Fold in the rest by hand until no one part stands out.",
    ))[: chance.whole(3, 4)], "Let it rest as long as you can bear, then serve with bread."]  # fmt: skip
    text = f"{titled(dish)}\n\nServes {chance.whole(2, 6)}\n\n" + "\n".join(f"- {item}" for item in stock)
    text += "\n\n" + "\n".join(f"{number}. {step}" for number, step in enumerate(steps, 1))
    return text if fits(text, topic.asked) else cut(" ".join(steps), topic.asked)


def _several(topic: Topic, genre: str) -> bool:
    """Whether a number in the prompt counts the answers and not something that they mention."""
    if genre in (
        "list",
        "theme",
        "tag",
        "question",
        "joke",
        "fact",
        "quote",
        "slogan",
        "title",
        "headline",
        "person",
        "place",
        "picture",
    ):
        return True
    return bool(re.search(r"\b(?:list|give|suggest|generate|write|create|propose|invent|name)\b[^.]{0,30}\b(?:\d+|t[a-z]+"
                          r"|f[a-z]+|six|seven"
                          r"|eight|nine)\s+(?:[a-z-]+ ){0,3}(?:ideas|items|captions|stories|poems|recipes|ads|tips"
                          r"|letters|adverts)",
                          topic.prompt, re.IGNORECASE))  # fmt: skip


_OWN_SUBJECT = ("slogan", "fact", "quote", "tag", "question", "joke", "person", "place")


def item(topic: Topic, genre: str, chance: Chance, number: int) -> str:
    """Text `number` of a list: about a side of the subject of its own where the kind of text has a subject."""
    inner = topic if genre in _OWN_SUBJECT else topic.narrowed(chance.fork("narrow"), number)
    inner = replace(inner, asked=replace(topic.asked, items=None))
    text = one(inner, genre, chance if genre in ("tag", "theme") else chance.fork("item", number), number)
    return " ".join(text.split()) if words_of(text) < 40 else text


def items(topic: Topic, genre: str, chance: Chance, count: int) -> list[str]:
    """`count` different texts of a kind, none of them numbered."""
    found: dict[str, None] = {}
    for number in range(count * 8):
        found.setdefault(item(topic, genre, chance, number))
        if len(found) == count:
            break
    return list(found)


def _list(topic: Topic, genre: str, chance: Chance, count: int) -> str:
    if genre == "list":
        genre = "fact"
    bullet = re.search(r"\bbullet|markdown", topic.prompt, re.IGNORECASE)
    comma = re.search(r"comma[- ]separated|separated by commas", topic.prompt, re.IGNORECASE)
    bare = re.search(r"\b(?:one per line|per line|without numbers|no numbering)\b", topic.prompt, re.IGNORECASE)
    found = items(topic, genre, chance, count)
    if comma or genre == "tag":
        return ", ".join(found)
    return "\n".join(text if bare else f"- {text}" if bullet else f"{number}. {text}" for number, text in enumerate(found, 1))


def _revised(topic: Topic, chance: Chance, before: str) -> str | None:
    """The earlier answer changed as the last turn asks; None where the turn asks for something new."""
    text = topic.prompt.strip()
    if len(text.split()) > 40:
        return None
    sentences = re.findall(r"[^.!?]+[.!?]+[”\"]?\s*|[^.!?]+$", before.strip())
    if re.search(r"\b(?:shorter|shorten|tighten|cut it|half as long|more concise|trim)\b", text, re.IGNORECASE):
        kept = "".join(sentences[: max(1, len(sentences) // 2)]).strip()
        if len(sentences) == 1:
            kept = cut(before.strip(), Asked(words=(1, max(3, words_of(before) // 2))))
        return kept if fits(kept, topic.asked) else cut(kept, topic.asked)
    if re.search(r"\b(?:longer|expand|continue|go on|add (?:a|another|one) (?:sentence|paragraph))\b", text, re.IGNORECASE):
        writer = Writer(topic, chance.fork("more"))
        return before.rstrip() + "\n\n" + " ".join(writer.many("body", bank.BODIES["reflective"], 3))
    if re.search(r"\b(?:upper ?case|capital letters|all caps)\b", text, re.IGNORECASE):
        return before.upper()
    if re.search(r"\blower ?case\b", text, re.IGNORECASE):
        return before.lower()
    return None
