"""Titles, headlines and other texts of a line: each function makes one, another for every `number`."""

from __future__ import annotations

import re
import unicodedata

from genarun.providers.offline import sentences as bank
from genarun.providers.offline.chance import Chance
from genarun.providers.offline.names import home_of, person, place, pronoun
from genarun.providers.offline.prose import Writer, capital, head_of, titled, with_article
from genarun.providers.offline.subject import MEDIA
from genarun.providers.offline.topic import Topic
from genarun.providers.offline.worlds import worlds

_TITLES = (
    "{S}", "The Book of {S}", "After {S}", "What {S} Know{e}", "Notes on {S}", "{S}, Slowly", "A Year with {S}",
        "In Praise of {S}",
    "Close to {S}", "{S} and Other Weather", "The Other Side of {S}", "Learning {S} by Heart", "{S}, Unannounced",
        "Where {S} Begin{e}",
    "A Short History of {S}", "{M}", "{M}", "{M} and {M}", "The Keepers of {S}", "Before {S}", "{S} at First Light",
        "Still, {S}",
)  # fmt: skip
_HEADLINES = (
    "{town} divided over {S}", "{S}: {person} breaks silence", "{person} finds {thing}, declines to elaborate",
    "Experts baffled by {thing}", "{S} to stay, says {person}", "Council backs {S} by a single umbrella",
    "{thing} discovered {place}", "{person} and {S}: the long goodbye", "{S}", "{S}: an update",
    "{S} returns after {years}-year absence",
    "Why {person} will not give up {S}", "{town} wakes to {thing}", "{S}: nobody to blame, says report",
        "Queue forms for {thing}",
    "Plans for {S} postponed indefinitely, again", "{person} wins right to {thing}", "Calls grow for an inquiry into {S}",
)  # fmt: skip
_LIGHTS = ("soft morning light", "low winter sun", "window light from the left", "the blue hour", "overcast, shadowless light",
           "a single lamp", "late gold light", "light reflected from wet ground")  # fmt: skip
_FRAMES = ("medium format, shallow depth of field", "35 mm, slightly wide, eye level", "large format, still and frontal",
           "grainy black and white", "muted colour film", "seen through a doorway", "from above, almost abstract",
           "close, with the background left to guess")  # fmt: skip


def title(topic: Topic, chance: Chance, number: int = 0) -> str:
    """A title that speaks of the topic."""
    writer = Writer(topic, chance.fork("title", number))
    pattern = writer.chance.pick(_TITLES)
    if not topic.given:  # a motif is a title already
        pattern = writer.chance.pick(("{S}", "{S}", "{S}", *_TITLES[:13])) if number else "{S}"
    plain = titled(topic.subject)
    article = titled(writer.subject)
    subject = plain if pattern.startswith("{S}") or (pattern.endswith("{S}") and article == plain) else article
    if subject.split(" ")[0] in ("A", "An") and not pattern.startswith("{S}"):
        subject = subject[:1].lower() + subject[1:]
    if len(subject.split()) > 5 and number % 2:
        pattern = "{M}"
    filled = pattern.replace("{e}", "" if writer.plural else "s")
    while "{M}" in filled:
        filled = filled.replace("{M}", titled(writer.draw("motifs", writer.world.motifs)), 1)
    return re.sub(r"\b(The|A|An) \1\b", r"\1", filled.replace("{S}", subject)).replace(" The ", " the ")


def headline(topic: Topic, chance: Chance, number: int = 0) -> str:
    """A newspaper's headline in sentence case."""
    writer = Writer(topic, chance.fork("headline", number))
    stock = [text for text in _HEADLINES if "{S}" in text] if topic.given and number % 3 != 2 else _HEADLINES
    pattern = writer.chance.pick(stock).replace("{years}", str(writer.chance.whole(3, 40)))
    if writer.plural:
        pattern = pattern.replace("{S} returns", "{S} return")
    text = writer.fill(pattern)
    return re.sub(r"^(?:The|A|An) (\w)", lambda match: match[1].upper(), text)


def slug(text: str) -> str:
    """`The Salt Road` → `the-salt-road`: lower case, ASCII, at most 60 characters, whole words."""
    folded = unicodedata.normalize("NFKD", text.replace("ø", "o").replace("ł", "l").replace("ı", "i").replace("ß", "ss"))
    plain = re.sub(r"[^a-z0-9]+", "-", folded.encode("ascii", "ignore").decode().lower().replace("'", "")).strip("-")
    while len(plain) > 60 and "-" in plain:
        plain = plain.rsplit("-", 1)[0]
    return plain[:60] or "untitled"


def caption(topic: Topic, chance: Chance, number: int = 0) -> str:
    """A picture's caption: what, where, when."""
    writer = Writer(topic, chance.fork("caption", number))
    patterns = (
        "{thing}, {place}. {town}, {year}.", "{time}, {person} {act}. {town}, {year}.", "{S}: {thing}, {place}.",
        "{person}, {place}, {time}. {town}, {year}.", "{thing} and {thing}, {time}. {town}, {year}.",
        "{S}, {time}. {town}, {year}.", "{S}, {place}. {town}, {year}.", "{S}. {sense}. {town}, {year}.",
    )  # fmt: skip
    stock = [text for text in patterns if "{S}" in text] if topic.given else patterns
    return writer.fill(writer.chance.pick(stock))


def picture_prompt(topic: Topic, chance: Chance, number: int = 0) -> str:
    """A prompt for an image model."""
    writer = Writer(topic, chance.fork("picture", number))
    patterns: tuple[str, ...] = (
        "A photograph of {S}: {thing} {place}, {time}; ", "{S}, with {person} {place}; in the foreground {thing}; ",
        "{thing} {place}, {time}, as part of a series on {S}; ",
            "A portrait of {person} {place}, beside {thing}, for a series on {S}; ",
    )  # fmt: skip
    patterns = patterns[:2] if topic.given else patterns
    return writer.fill(writer.chance.pick(patterns)) + f"{writer.chance.pick(_LIGHTS)}; {writer.chance.pick(_FRAMES)}."


def line(topic: Topic, chance: Chance, number: int, stock: tuple[str, ...]) -> str:
    """One sentence of a stock."""
    writer = Writer(topic, chance.fork("line", number))
    return writer.fill(writer.chance.pick(stock))


def theme(topic: Topic, chance: Chance, number: int = 0) -> str:
    """A theme: a title and what it is about, in one line."""
    inner = topic.narrowed(chance, number)
    writer = Writer(inner, chance.fork("theme", number))
    patterns = (
        "{S}: {thing}, {thing}, and who keeps them",
        "{S}, seen {place}, {time}",
        "{S}, and {person} who {act}",
        "{S}: {thing}, {time}",
    )
    return writer.fill(writer.chance.pick(patterns)).replace("who who", "who")


def tag(topic: Topic, chance: Chance, number: int = 0) -> str:
    """A keyword."""
    stock = [
        word for word in dict.fromkeys([*topic.words, head_of(topic.subject)]) if 3 < len(word) < 14 and word in _cues(topic)
    ]
    stock += [
        word
        for word in chance.fork("tags").mixed(sorted(_cues(topic)))
        if word not in stock and word not in MEDIA and 3 < len(word) < 12
    ]
    stock = [word for word in stock if not (word.endswith("s") and word[:-1] in stock)]
    return stock[number % len(stock)]


def _cues(topic: Topic) -> frozenset[str]:
    return worlds()[topic.world].cues


def quote(topic: Topic, chance: Chance, number: int = 0) -> str:
    """A sentence that somebody might have said."""
    return line(topic, chance.fork("quote"), number, bank.QUOTES)


def bio_sentences(topic: Topic, chance: Chance) -> list[str]:
    """A biography of the person whom the prompt names, else of an invented one; the sentences, most telling first."""
    fork = chance.fork("bio")
    name = str(topic.facts.get("name") or next(iter(topic.people), "") or person(fork))
    writer = Writer(topic, fork)
    last, home = name.split(" ")[-1], home_of(name, fork.fork("home"))
    they = pronoun(name)
    their = {"she": "her", "he": "his", "they": "their"}[they]
    keep, has = ("keep", "have") if they == "they" else ("keeps", "has")
    born = fork.whole(1958, 1994)
    trade = next((word for word in _TRADES if re.search(rf"\b{word}", topic.prompt + " " + topic.about, re.I)), "photographer")
    medium = _TRADES[trade]
    work = (
        with_article(topic.subject)
        if topic.given and name.lower() not in topic.subject.lower()
        else f"the {fork.pick(_THEMES)}"
    )
    teacher2 = fork.pick(("an uncle who repaired radios", "a strict librarian", "the weather", "three aunts"))
    keep2 = "keep" if they == "they" else "keeps"
    elsewhere = next(town for number in range(9) if (town := place(topic.world, fork.fork(number))) != home or number == 8)
    teacher = fork.pick(("a cartographer", "a ship's cook", "a piano tuner", "a railway clerk", "a seamstress", "a dentist"))
    first = fork.pick((
        f"{name} (born {born} in {home}) is a {trade} whose {medium} begin{'' if medium.endswith('s') else 's'} where the "
        f"news stops.",
        f"{name}, born in {home} in {born}, came to {_craft(trade)} by way of {teacher} who owned the only good lamp in "
        f"the street.",
        f"{name} works slowly and close to home, which since {born + 27} has meant {home}.",
    ))  # fmt: skip
    rest = fork.mixed([
        f"{last} has spent {fork.whole(3, 12)} years on {work}, returning each "
        f"{fork.pick(('autumn', 'spring', 'winter'))} to the same places.",
        f"Before that, {last} trained as "
        f"{fork.pick(('a surveyor', 'a nurse', 'a typesetter', 'an electrician', 'a botanist'))}, "
        f"and still {keep} the notebooks.",
        f"{capital(their)} work has been shown in {place('city', fork)}, {place('stage', fork.fork(2))} and one laundromat, "
        f"which {they} {'regard' if they == 'they' else 'regards'} as the best hang of the three.",
        f"{capital(they)} {has} a preference for overcast days and for people who do not like being {_done(trade)}.",
        f"{capital(they)} divide{'' if they == 'they' else 's'} the year between {home} and {elsewhere}.",
        f"\u201cI wait until I am boring,\u201d {last} says, \u201cand then I begin.\u201d",
        f"A first book, {titled(fork.pick(writer.world.motifs))}, appeared in {min(2024, born + fork.whole(29, 38))}.",
        f"Asked about influences, {last} names {teacher2} and the inside of railway stations.",
        f"{capital(they)} {has} never owned a car.",
        f"The negatives are kept in {fork.pick(('a bread bin', 'a cello case', 'the good cupboard', 'an old ballot box'))}.",
        f"{last} prints small, on the theory that people then come closer.",
        f"Two winters as {fork.pick(('a night porter', 'a ferry cook', 'a proofreader'))} taught {last} to wait.",
        f"{capital(they)} can whistle in thirds.",
        f"At home {they} {keep2} bees, badly, and a garden, well.",
        f"Nobody in these {medium} was asked to smile.",
        f"{last} is left-handed, short-sighted and rarely late.",
        "The next project has no title yet, and a deadline.",
    ])  # fmt: skip
    return [first, *rest]


_TRADES = {"photographer": "pictures", "photojournalist": "pictures", "painter": "paintings", "illustrator": "drawings",
           "sculptor": "works", "poet": "poems", "novelist": "novels", "writer": "stories", "author": "books",
               "journalist": "reports",
           "reporter": "reports", "chef": "menus", "cook": "menus", "baker": "loaves", "musician": "songs",
               "composer": "pieces",
           "singer": "songs", "architect": "buildings", "scientist": "experiments", "engineer": "machines",
               "gardener": "gardens",
           "columnist": "columns", "editor": "pages", "artist": "works", "director": "films", "dancer": "pieces"}  # fmt: skip
_THEMES = ("quiet trades", "small hours", "edges of towns", "rooms after people", "ordinary weather")


def _craft(trade: str) -> str:
    crafts = {"photographer": "photography", "photojournalist": "photography", "painter": "painting", "poet": "poetry"}
    return crafts.get(trade, "the work")


def _done(trade: str) -> str:
    return {"photographer": "photographed", "photojournalist": "photographed", "painter": "painted"}.get(trade, "noticed")
