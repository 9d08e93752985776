"""What a property is, judged by its name and description: a title, a person's name, a price, a place …"""

from __future__ import annotations

import re

# Kinds of text value, in the order in which they are tried: the first whose words fit the last words of a name wins.
_KINDS = (
    ("slug", r"slug|permalink|handle"),
    ("uuid", r"uuid|guid"),
    ("id", r"id|identifier|key|code|sku|ref|reference number"),
    ("email", r"e?mail|email address"),
    ("phone", r"phone|telephone|tel|mobile"),
    ("image", r"(image|photo|picture|portrait|avatar|thumbnail|cover|icon|logo)( url| uri| src| path| file)|src|filename|file"),
    ("url", r"url|uri|link|website|homepage|href|web ?page"),
    ("datetime", r"datetime|timestamp|(created|updated|published|modified) at|at"),
    ("date", r"date|day|birthday|published|deadline|(published|taken|opens|closes|issued|released) on"),
    ("time", r"time|hour|opens|closes"),
    ("year", r"year|born|founded|vintage"),
    ("month", r"month"),
    ("weekday", r"weekday"),
    ("season", r"season"),
    ("hex", r"hex|hex code|hex (color|colour)|(color|colour) (hex|code)"),
    ("color", r"colou?rs?|hue|paint"),
    ("first", r"(first|given) name|forename"),
    ("last", r"(last|family) name|surname"),
    ("person",
        r"(full|author|photographer|artist|editor|writer|reporter|director|creator|owner|speaker|contact|person|chef|curator"
               r"|character|hero|guest|host|witness|expert|user|customer|student|teacher|patient|member|reviewer|sender) name"),
    ("person",
        r"author|photographer|artist|byline|editor|writer|poet|reporter|director|creator|speaker|curator|character|composer"
               r"|guest|host|reviewer|sender|recipient|signature|by|who|chef|cook|musician|designer|protagonist|narrator"
               r"|winner|player"),
    ("bio", r"bio|biography|about the author|profile|bios"),
    ("headline", r"headline|head line|breaking"),
    ("subtitle",
        r"subtitle|sub title|subhead|subheading|tagline|slogan|motto|strapline|deck|kicker|hook|teaser|one ?liner|pitch"),
    ("alt", r"alt|alt text|alternative text"),
    ("caption", r"captions?|legend"),
    ("picture",
        r"((image|picture|photo|portrait|visual|illustration|art) )?(prompt|scene)|(portrait|image|picture|photo|visual)"
        r" description"
                r"|scene|shot|visual|picture|illustration|composition"),
    ("introduction", r"intro|introduction|introductory text|foreword|preface|wall text|opening|lede|lead"),
    ("quote", r"quotes?|quotation|saying|line|motto|proverb|epigraph|statement"),
    ("question", r"questions?|riddle"),
    ("answer", r"answer|reply|response|solution|conclusion|verdict|lesson|moral|takeaway|insight"),
    ("haiku", r"haiku"),
    ("poem", r"poem|verse|lyrics|stanza"),
    ("recipe", r"recipe|method|instructions|directions|preparation"),
    ("ingredient", r"ingredients?"),
    ("step", r"steps?"),
    ("dish", r"dish|meal|course|menu item"),
    ("weather", r"weather|forecast|outlook"),
    ("horoscope", r"horoscope|prediction|fortune"),
    ("review", r"review|critique|comment|feedback|opinion|testimonial"),
    ("story", r"story|tale|plot|anecdote|narrative|chapter"),
    ("article", r"article|report|news|body|copy"),
    ("advert", r"ad|advert|advertisement|classified|listing"),
    ("obituary", r"obituary"),
    ("letter", r"letter|email body|message|note"),
    ("summary", r"summary|synopsis|abstract|excerpt|overview|meta description|seo description|blurb|gist"),
    ("fact", r"facts?|trivia|tips?|detail|evidence|reason|why|explanation|rationale|description of why|background|context"),
    ("description", r"descriptions?|desc|text|content|paragraphs?|about|details|notes|statement|essay|dek|brief"),
    ("city", r"city|town|village|municipality|birthplace|hometown|home town|capital"),
    ("country", r"country|nation|nationality"),
    ("address", r"address|street"),
    ("place", r"places?|location|venue|region|setting|where|area|destination|origin|habitat|site|locale"),
    ("language", r"language|lang|locale"),
    ("currency", r"currency"),
    ("price_text", r"price|cost|fee|fare"),
    ("zodiac", r"(star )?sign|zodiac"),
    ("role", r"role|job|job title|occupation|profession|position|trade|craft"),
    ("medium", r"medium|technique|material|format|camera|lens|film"),
    ("category", r"category|genre|type|kind|class|department|topic area|sector"),
    ("mood", r"mood|tone|emotion|feeling|atmosphere|vibe|style"),
    ("tag", r"tags?|keywords?|labels?|hashtags?"),
    ("sense", r"sound|smell|taste|light|scent|texture|sensation|sight"),
    ("object", r"object|thing|item|prop|symbol|tool|artifact|artefact|treasure|gift|clue|secret|find"),
    ("animal", r"animal|creature|pet|species"),
    ("status", r"status|state"),
    ("theme", r"theme|subject|topic|idea|concept|premise|motif|angle|story idea"),
    ("title",
        r"titles?|name|label|heading|header|caption title|work|series|book|song|album|film|project|product|brand"
        r"|exhibition|event"),
)  # fmt: skip
_RULES = tuple((kind, re.compile(rf"(?:.* )?(?:{rule})")) for kind, rule in _KINDS)
_PEOPLE = re.compile(
    r"photographer|author|artist|writer|poet|person|people|character|chef|musician|editor|reporter|staff|team|member"
    r"|speaker|guest|user"
    r"|customer|employee|student|teacher|player|witness|journalist|curator|owner|parent|child|friend|hero|contact|human"
    r"|man\b|woman\b"
)
_NOTES = (
    (
        "person",
        r"\b(?:person's|photographer's|author's|artist's|full) name\b|\bname of (?:the|a|an) (?:person|photographer"
        r"|author|artist)",
    ),
    ("slug", r"\bslug\b|url-safe"),
    ("headline", r"\bheadline\b"),
    ("bio", r"\bbio(?:graphy)?\b"),
    ("description", r"\bsentences?\b|\bparagraphs?\b"),
    ("title", r"\btitle\b"),
    ("caption", r"\bcaption\b"),
    ("picture", r"\b(?:image|picture) prompt\b|prompt for (?:an|the) image"),
    ("place", r"^where\b|\bplace\b|\blocation\b"),
    ("question", r"\bquestion\b"),
    ("quote", r"\bquot(?:e|ation)\b"),
    ("poem", r"\bpoem\b|\bverse\b"),
    ("description", r"\bsentences?\b|\bparagraphs?\b|\bdescri(?:be|ption)|\bwords\b|^(?:what|who|how|why)\b"),
)
_NOTE_RULES = tuple((kind, re.compile(rule, re.IGNORECASE)) for kind, rule in _NOTES)
_GENERIC_WORDS = "data value values result results item items answer answers output response list array entries content text"
GENERIC = frozenset(_GENERIC_WORDS.split())


def words_in(name: str) -> str:
    """`photographerName` → `photographer name`."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    return re.sub(r"[^a-zA-Z0-9]+", " ", spaced).strip().lower()


def singular(name: str) -> str:
    """`categories` → `category`; for the items of a list called so."""
    for ending, other in (("ies", "y"), ("sses", "ss"), ("xes", "x"), ("shes", "sh"), ("ches", "ch")):
        if name.lower().endswith(ending) and len(name) > len(ending) + 1:
            return name[: -len(ending)] + other
    if name.lower() in ("series", "news", "species") or name.lower().endswith(("ss", "us", "is")):
        return name
    return name[:-1] if name.lower().endswith("s") and len(name) > 2 else name


def kind_of(name: str, note: str, owner: str) -> str | None:
    """The kind of a text property, None where neither its name nor its description tells. owner: what holds it."""
    words = words_in(name)
    for kind, rule in _RULES:
        if rule.fullmatch(words):
            if kind == "title" and words in ("name", "full name") and _PEOPLE.search(words_in(owner) + " " + note.lower()):
                return "person"
            if kind in ("title", "theme", "object", "fact", "description") and (
                noted := _noted(note, ("person", "slug", "headline"))
            ):
                return noted
            return kind
    return _noted(note, None)


def _noted(note: str, only: tuple[str, ...] | None) -> str | None:
    for kind, rule in _NOTE_RULES:
        if (only is None or kind in only) and rule.search(note):
            return kind
    return None
