"""What a prompt asks for in form: which kind of text, how long, how many."""

from __future__ import annotations

import re
from dataclasses import dataclass

NUMBERS = {
    word: number
    for number, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
            "twenty",
        ]
    )
}
NUMBERS |= {
    "a dozen": 12,
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "sixty": 60,
    "eighty": 80,
    "a hundred": 100,
    "one hundred": 100,
}
NUMBERS |= {"a couple of": 2, "a single": 1, "half a dozen": 6, "both": 2, "two hundred": 200}

_NUMBER = r"(\d{1,5}|" + "|".join(sorted((re.escape(word) for word in NUMBERS), key=len, reverse=True)) + r")"
_MEASURES = r"words?|sentences?|paragraphs?|characters?|lines?|letters"
_ADJECTIVES = rf"(?:(?!(?:{_MEASURES}|{_NUMBER[1:-1]})\b)[a-z]+(?:-[a-z]+)?[ ,]+){{0,3}}?"
_RANGE = rf"{_NUMBER}(?:\s*(?:-|–|to|or|and)\s*{_NUMBER})?"
_ITEMS = (
    r"ideas?|themes?|titles?|headlines?|names?|items?|questions?|topics?|photos?|photographs?|pictures?|images?|series|stories|tags?"
    r"|keywords?|words?|entries|examples?|options?|suggestions?|captions?|facts?|tips?|steps?|reasons?|strings?|objects?|articles?"
    r"|characters?|chapters?|slogans?|recipes?|poems?|people|persons?|places?|cities|countries|events?|products?|points?"
    r"|bullets?"
    r"|elements?|values?|sections?|scenes?|lines?|sentences?|paragraphs?|lists?|animals?|books?|songs?|photographers?|artists?"
    r"|columns?|letters?|ads?|questions?|answers?|quotes?|colou?rs?|[a-z]+s"
)

_LIMIT = (
    r"(?P<how>at most|no more than|not more than|under|below|fewer than|less than|up to|max(?:imum)?(?: of)?|at least"
    r"|minimum(?: of)?|min|more than|over|exactly|precisely|between|about|around|roughly|approximately|in|within|of|is"
    r"|has|have)?"
)
_AFTER = r"(?P<after> (?:or (?:less|fewer|more)|max(?:imum)?|at most|at least))?"
_NO_MEASURE = (
    r"(?!words?\b|sentences?\b|characters?\b|paragraphs?\b|lines?\b|letters?\b|minutes?\b|hours?\b|years?\b|days?\b"
    r"|times?\b)"
)

# Kinds of text with the words that call for them. Where several match, the one nearest to the asking verb wins.
_GENRES = (
    ("slug", r"\bslugs?\b|url[- ]safe|kebab[- ]case"),
    ("picture", r"\b(?:image|picture|photo|midjourney|dall-?e|stable diffusion|text-to-image)[- ](?:generation )?prompts?\b"),
    ("picture", r"\bprompts? for (?:an? |the )?(?:image|picture|photo|illustration|portrait)"),
    ("headline", r"\bheadlines?\b"),
    ("title",
        r"\btitles?\b(?! of (?:the|an?|this|each|its)\b)(?!d\b)|\bname (?:of|for) (?:an?|the"
        r"|this) (?:exhibition|series|show|book|project|film|album)"),
    ("slogan", r"\b(?:slogan|tagline|motto|strapline|subtitle|one-liner)s?\b"),
    ("haiku", r"\bhaikus?\b"),
    ("poem", r"\bpoems?\b|\bverses?\b|\bsonnets?\b|\blyrics\b|\bsongs?\b|\bballads?\b|\blimericks?\b|\bstanzas?\b"),
    ("bio", r"\bbio(?:graph(?:y|ical note|ies))?s?\b|\babout the (?:author|artist|photographer)\b|\bprofile of\b"),
    ("obituary", r"\bobituar(?:y|ies)\b"),
    ("caption", r"\bcaptions?\b|\balt(?:ernative)?[- ]text\b"),
    ("introduction", r"\bintroduc(?:tion|tory|e)\b|\bforeword\b|\bpreface\b|\bwall text\b|\bopening text\b|\bcuratorial\b"),
    ("weather", r"\bweather\b|\bforecasts?\b"),
    ("horoscope", r"\bhoroscopes?\b|\bstar signs?\b|\bzodiac\b"),
    ("recipe", r"\brecipes?\b"),
    ("review", r"\breviews?\b|\bcritique\b"),
    ("letter", r"\bletters?\b(?! to [A-Z])|\bletter to\b|\bpostcards?\b|\be-?mails?\b"),
    ("dialogue", r"\bdialogues?\b|\bconversation between\b|\binterviews?\b|\bscript\b|\bscreenplay\b"),
    ("advert", r"\b(?:classified|advert(?:isement)?|small ad|want ad|listing)s?\b|\bads?\b"),
    ("editorial", r"\beditorials?\b|\bopinion\b|\bop-?ed\b|\bcolumn\b|\bessays?\b"),
    ("article", r"\barticles?\b|\bnews (?:story|item|report|piece)\b|\breports?\b|\bnews\b|\bpress release\b|\bcorrections?\b"),
    ("story", r"\b(?:short )?stor(?:y|ies)\b|\btales?\b|\bfables?\b|\banecdotes?\b|\bscenes?\b|\bchapters?\b|\blegends?\b"),
    ("question", r"\bquestions?\b|\briddles?\b|\bquiz\b"),
    ("joke", r"\bjokes?\b|\bpuns?\b"),
    ("summary", r"\bsummar(?:y|ies|i[sz]e)\b|\bsynops[ie]s\b|\babstract\b|\btl;?dr\b"),
    ("fact", r"\bfacts?\b|\btrivia\b|\btips?\b"),
    ("quote", r"\bquotes?\b|\bquotations?\b|\baphorisms?\b|\bproverbs?\b|\bstatements?\b"),
    ("person",
        r"\b(?:full |first |last |person'?s? |invented |made-up )?names? (?:of|for) (?:an?|the|this|each)? ?(?:person|man"
        r"|woman|"
               r"photographer|artist|author|character|journalist|reporter|writer|poet|chef|musician)"),
    ("place", r"\bname (?:of )?(?:an?|the) (?:place|town|city|village|country)|\bwhich (?:city|town|country|place)\b"),
    ("yesno", r"\b(?:answer|reply|respond)(?: only)?(?: with)? (?:\"?yes\"?|true)\b|\byes or no\b|\btrue or false\b"),
    ("number", r"\b(?:answer|reply|respond)(?: only)? with (?:an? |the )?(?:single )?number\b|\bhow many\b"),
    ("theme", r"\bthemes?\b|\bideas?\b|\btopics?\b|\bsubjects?\b|\bconcepts?\b"),
    ("tag", r"\btags?\b|\bkeywords?\b|\bhashtags?\b"),
    ("list", r"\ba list\b|\blist of\b|\bbullet points?\b"),
    ("description", r"\bdescri(?:be|bes|bing|ption|ptions)\b|\bparagraphs?\b|\bpanel\b|\bblurbs?\b|\bnotes?\b|\btexts?\b"),
)  # fmt: skip
_GENRE_RULES = tuple((name, re.compile(rule, re.IGNORECASE)) for name, rule in _GENRES)
VERB = re.compile(
    r"(?:^|(?<=[.!?:;,\n]\s)|(?<=\n)|(?<=please )|(?<=now )|(?<=then )|(?<=you )|(?<=you to )|(?<=and ))"
    r"(?:write|create|give|generate|compose|draft|suggest|invent|make|produce|provide|come up with|propose|describe"
    r"|summari[sz]e|list|name|tell|imagine|return|introduce|say|answer|rewrite|add|review|choose|pick|take|find|explain|report|tell)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Asked:
    """The form asked for; None where the prompt does not say.

    words, characters: least and most (0 and None where open). sentences, lines, paragraphs, items: how many.
    short, long: adjectives without a number. exact: whether the number of words is to be met and not only kept to.
    """

    words: tuple[int, int | None] | None = None
    characters: tuple[int, int | None] | None = None
    sentences: int | None = None
    lines: int | None = None
    paragraphs: int | None = None
    items: int | None = None
    short: bool = False
    long: bool = False
    exact: bool = False
    bullets: bool = False


def number_of(text: str) -> int:
    """`5`, `five`, `a dozen`."""
    return int(text) if text.isdigit() else NUMBERS.get(text.lower(), 1)


def read_asked(text: str) -> Asked:
    """Read the form from a prompt. The last mention of each measure counts."""
    one = re.search(r"\b(?:one|a single)[- ](?:line|liner)\b", text, re.IGNORECASE)
    words = _measure(text, r"words?\b(?! play)")
    characters = _measure(text, r"(?:characters?|letters|chars?)\b(?! (?:in|from|of|who|with) )")
    return Asked(
        words=words,
        characters=characters,
        sentences=_count(text, r"(?:sentences?)\b"),
        lines=1 if one else _count(text, r"(?:lines?)\b"),
        paragraphs=_count(text, r"paragraphs?\b"),
        items=_items(text),
        short=bool(re.search(r"\b(?:short|brief|briefly|concise|terse|succinct)\b", text, re.IGNORECASE)),
        long=bool(re.search(r"\b(?:long|detailed|in depth|extensive|thorough)\b(?! exposure)", text, re.IGNORECASE)),
        exact=bool(words and words[0] == words[1]),
        bullets=bool(re.search(r"\bbullet|\bmarkdown list\b|\bas a list\b", text, re.IGNORECASE)),
    )


def _measure(text: str, unit: str) -> tuple[int, int | None] | None:
    found: tuple[int, int | None] | None = None
    pattern = rf"{_LIMIT}[\s:]*\b{_RANGE}[\s-]+{_ADJECTIVES}{unit}{_AFTER}"
    for match in re.finditer(pattern, text, re.IGNORECASE):
        how, after = (match["how"] or "").lower(), (match["after"] or "").lower()
        first = number_of(match[2])
        second = number_of(match[3]) if match[3] else None
        if second is not None:
            found = (min(first, second), max(first, second))
        elif (
            "less" in after
            or "fewer" in after
            or "max" in after
            or "most" in after
            or re.match(r"at most|no|not|up|max|within", how)
        ):
            found = (max(1, first // 2), first)
        elif how in ("under", "below", "fewer than", "less than"):
            found = (max(1, first // 2), max(1, first - 1))
        elif "more" in after or "least" in after or re.match(r"at least|min|more than|over", how):
            found = (first, first + max(10, first // 3))
        elif how in ("exactly", "precisely", "in", "of", "is", "has", "have", ""):
            found = (first, first)
        else:
            found = (round(first * 0.9), round(first * 1.1))
    if found is None and (limit := re.search(unit + r"[^.\d]{0,24}(?:at most|max|limit)[^.\d]{0,8}(\d+)", text, re.IGNORECASE)):
        found = (1, int(limit[1]))
    return found


def _count(text: str, unit: str) -> int | None:
    found = None
    for match in re.finditer(rf"\b{_RANGE}[\s-]+{_ADJECTIVES}{unit}", text, re.IGNORECASE):
        low = number_of(match[1])
        found = number_of(match[2]) if match[2] else low
        if re.search(r"(?:under|fewer than|less than)\s+$", text[: match.start()], re.IGNORECASE):
            found -= 1
    if found is None and re.search(rf"\bin an? (?:single )?{unit}", text, re.IGNORECASE):
        return 1
    return max(1, found) if found is not None else None


def _items(text: str) -> int | None:
    plural = rf"{_ADJECTIVES}{_NO_MEASURE}(?:{_ITEMS})\b"
    first: int | None = None
    for match in re.finditer(rf"\b{_NUMBER}\s+{plural}", text, re.IGNORECASE):
        if match[1].lower() in ("a", "an", "one", "a single", "both"):
            continue
        number = number_of(match[1])
        if re.match(r".{0,40}\b(?:words|sentences|characters|letters)\b", match[0], re.IGNORECASE | re.DOTALL) or number > 200:
            continue
        if first is None:
            first = number
    if first is None and (listed := re.search(r"\b(?:list|array) of (\d+|[a-z]+)\b", text, re.IGNORECASE)):
        word = listed[1].lower()
        first = int(word) if word.isdigit() else NUMBERS.get(word)
    return first


def read_genre(prompt: str, about: str) -> str | None:
    """The kind of text asked for: nearest after an asking verb in the prompt, else the node's description, else anywhere."""
    for verb in VERB.finditer(prompt):
        clause = re.split(r"[.!?\n]", prompt[verb.start() :], maxsplit=1)[0]
        if found := _nearest(clause):
            return found
    opening = " ".join(re.split(r"(?<=[.!?])\s+", prompt)[:2])  # further on, a word names what the text speaks of
    return _nearest(about) or _nearest(opening)


def _nearest(text: str) -> str | None:
    best: tuple[int, int, str] | None = None
    for order, (name, rule) in enumerate(_GENRE_RULES):
        if (match := rule.search(text)) and (best is None or (match.start(), order) < best[:2]):
            best = match.start(), order, name
    return best[2] if best else None
