"""The subject of a prompt: the noun phrase that an answer should be about."""

from __future__ import annotations

import re

from genarun.providers.offline.asked import VERB
from genarun.providers.offline.names import is_first_name

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
    "previous answer catalogue entry jury panel text best fit again mend shorter longer rewrite continue expand "
    "exhibition value "
    "person photo place year model part parts thing way use lot kind sort piece mood front page today today's needs visitors"
)
_GENERIC = frozenset(_GENERIC_WORDS.split())
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
    r"|of (?:about|at most|exactly|around|\d+)|to be|should|must|until|because|although|while|said)\b",
    re.IGNORECASE,
)
# What a subject stands behind. These hold anywhere in a prompt, the first of them first:
_STRONG = re.compile(
    r"\b(?:(?:titled|called|entitled|headed)\s+"
    r"|(?:theme|topic|subject|idea|title|series|story|photo(?:graph)?|picture|image|motif)(?: is|:| =)\s+"
    r"|(?:about|regarding|concerning|on the (?:theme|topic|subject|idea) of|exploring|depicting|documenting|watching|featuring"
    r"|inspired by)\s+"
    r"|(?:based on|for the (?:theme|story|photo|picture|idea|topic|series))\s+"
    r"|(?:photo|photograph|picture|image|portrait|illustration|painting|drawing|view|poster|print)s? of\s+"
    r"|(?:obituary|history|biography|profile|review|description|praise|account|story|report|tale) of\s+"
    r"|(?:recipe|ode|love letter|guide|advert|slogan) (?:for|to)\s+"
    r"|(?:dialogue|conversation|meeting|interview) between\s+)",
    re.IGNORECASE,
)
# These hold in the sentence that asks:
_WEAK = (
    r"\b(?:describe|introduce|review|summari[sz]e|imagine|draw|paint|show|explain|praise)\s+(?!of\b|for\b|about\b|me\b|how\b"
    r"|an?\b(?= \w+ of| \w+ about)|three ways|\w+ ways)",
    r"\bon\s+(?!which|a scale|one|two|the (?:left|right|top|basis))",
    r"\bof\s+(?!(?:about|at|exactly|around|\d|one|two|three|four|five|six|the (?:following|above))\b)",
    r"\b(?:for|to)\s+(?!each|example|use|instance|be\b)",
)
_QUOTED = re.compile(r"(?:the |a )?(?:word |phrase |name )?[\"“'‘]([^\"”\n]{2,60}?)[\"”'’](?=\W|$)")
_VAGUE = re.compile(
    r"(?:how|what|who|which|where|when|why|that|it|them|him|her|us|you|me|one|not|is|are"
    r"|\d+ (?:words?|sentences?|lines?|characters?|paragraphs?))\b",
    re.IGNORECASE,
)
_FILLER = re.compile(
    r"^(?:the|a|an|this|that|these|those|our|my|its|their|his|her|some|each|every|one|following|new|short|single)\s+", re.I
)


def subject_of(text: str) -> str:
    """The noun phrase that a prompt is about, without article; empty where there is none.

    What stands behind a sure sign (`about`, `titled`, `a photograph of`) comes before what the asking sentence speaks of; a
    prompt of a few words is a subject itself.
    """
    plain_text = re.sub(r"```.*?```|\{[^{}]*\}|\[[^\[\]]*\]", " ", text, flags=re.DOTALL)
    title = re.search(r"[“\"]([A-ZÀ-Þ][^”\"\n]{2,60})[”\"]", plain_text)
    for match in _STRONG.finditer(plain_text):
        if title and title.start() < match.start():
            break
        if found := _phrase(plain_text[match.end() :]):
            return found
    if title and not title[1].endswith((".", ",", ":")):
        named = title[1].strip()
        return named if named.istitle() or len(named.split()) < 5 else f"“{named}”"
    short = len(plain_text.split()) <= 25
    verb = VERB.search(plain_text)
    asking = plain_text if short else re.split(r"(?<=[.!?])\s", plain_text[verb.start() :], maxsplit=1)[0] if verb else ""
    for lead in _WEAK:
        for match in re.finditer(lead, asking, re.IGNORECASE):
            if found := _phrase(asking[match.end() :]):
                return found
    if len(plain_text.split()) <= 12:
        bare = _VERBS.sub("", plain_text.strip())
        return _phrase(bare.strip(" ,"))
    return ""


def _phrase(rest: str) -> str:
    """The phrase at the beginning of `rest`, if it can be a subject."""
    if quoted := _QUOTED.match(rest):
        return trimmed(quoted[1])
    found = trimmed(_CUT.split(rest.lstrip(), maxsplit=1)[0])
    return found if not _VAGUE.match(found) and any(not generic(word) for word in tokens(found)) else ""


def trimmed(phrase: str) -> str:
    """At most eight words of a phrase, its article and trailing small words gone, lower case unless it is a name."""
    phrase = re.sub(r"\s+", " ", phrase).strip(" ,.;:'\"“”‘’*_#-")
    while _FILLER.match(phrase) and not re.match(r"(?:The|A|An) [A-ZÀ-Þ]", phrase):
        phrase = _FILLER.sub("", phrase, count=1)
    words = phrase.split(" ")
    if len(words) > 8:  # too long to stand in a sentence: without its clause, or without what comes last
        comma = next((at + 1 for at, word in enumerate(words[:8]) if at and word.endswith(",")), None)
        words = words[:comma] if comma else words
    if len(words) > 8:
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


def generic(word: str) -> bool:
    """Whether a word alone is no subject: a small word, a kind of picture or text."""
    return any(
        form in STOP or form in MEDIA or form in _GENERIC for form in (word, word.removesuffix("s"), word.removesuffix("es"))
    )


def tokens(text: str) -> list[str]:
    return [word.strip("'’-") for word in re.findall(r"[a-zà-öø-ÿ][a-zà-öø-ÿ'’-]+", text.lower())]
