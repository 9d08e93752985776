"""Words made alike, so that `Lizards`, `lizard` and `LIZARD` count as one."""

from __future__ import annotations

import re
import unicodedata

_ENDING = re.compile(r"(?<=\w{3})(?:ies|y|e?s|ing|ed|ly)$")


def plain(text: str) -> str:
    """Lower case, without accents."""
    return "".join(char for char in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(char))


def words(text: str) -> list[str]:
    """The words and numbers of a text, plain."""
    return re.findall(r"[^\W_]+", plain(text))


def stem(word: str) -> str:
    """A word without what English puts at its end."""
    return _ENDING.sub("", word)
