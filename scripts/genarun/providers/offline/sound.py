"""Spoken texts as small melodies: a phrase for each sentence, a note for each syllable, higher at the end of a question.

Everything after the two tables is counted in integers, so that equal requests give equal bytes on every machine.
"""

from __future__ import annotations

import io
import math
import re
import unicodedata
import wave
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, lru_cache

from genarun.providers.offline.chance import Chance

RATE = 16_000
"""Samples a second: the notes lie below 1.3 kHz, their overtones below 6."""

_PHRASES, _NOTES = 4, 20  # however long the text is
_LEAST, _MOST = RATE * 2, RATE * 44 // 10  # samples: two seconds, and as many as make 140 kB
_BEAT = RATE * 16 // 100  # of a short syllable
_PAUSE = 2  # beats between phrases
_RING = RATE * 60 // 100  # how long a note sounds on under the next ones
_TAIL = RATE * 50 // 100
_SCALE = (Fraction(1), Fraction(9, 8), Fraction(5, 4), Fraction(3, 2), Fraction(5, 3))  # major pentatonic, just
_ROOTS = (196, 208, 220, 233, 247, 262)  # G3 to C4, in hertz
_OVERTONES = ((1, 1.0), (2, 0.32), (3, 0.12), (4, 0.05))
_HEIGHTS = {"i": 2, "e": 1, "a": 0, "o": -1, "u": -2}  # vowels as high as the tongue that makes them
_TABLE = 2048
_FULL = 32_767


@dataclass(frozen=True, slots=True)
class Note:
    """step: of the scale, 0 the root, 5 an octave above. start, beats: in short syllables. loud: 0 to 100."""

    step: int
    start: int
    beats: int
    loud: int


def sound(text: str, chance: Chance, voice: str = "", speed: float = 1.0) -> tuple[bytes, float]:
    """A WAV file, mono, 16 bits, and how many seconds it lasts: two to four and a half, however long the text is.

    voice: another name, another pitch. speed: 0.5 to 2, as services that speak have it.
    """
    notes = melody(text, chance)
    beats = notes[-1].start + notes[-1].beats
    beat = min(int(_BEAT / max(0.5, min(2.0, speed))), (_MOST - _TAIL) // beats)
    root = chance.fork("root", voice).pick(_ROOTS)
    mixed = [0] * max(_LEAST, beats * beat + _TAIL)
    for note in notes:
        _play(mixed, note, beat, root)
    _echo(mixed)
    return _written(mixed), len(mixed) / RATE


def melody(text: str, chance: Chance) -> list[Note]:
    """The notes of a text; never none."""
    spoken = [(found, end) for sentence, end in _sentences(text) if (found := _syllables(sentence))]
    spoken = spoken[: _PHRASES - 1] + spoken[-1:] if len(spoken) > _PHRASES else spoken  # how it ends is heard
    phrases = _shortened([phrase for phrase, _ in spoken], _NOTES) or [["a", "e", "i", "a "]]  # nothing said: a sign of life
    notes: list[Note] = []
    start = 0
    for number, phrase in enumerate(phrases):
        c, end = chance.fork("phrase", number, phrase), spoken[number][1] if spoken else "."
        step = 3 + c.whole(0, 2)
        for place, syllable in enumerate(phrase):
            left = len(phrase) - 1 - place
            wanted = 4 + _height(syllable) - place * 3 // max(3, len(phrase)) + c.whole(-1, 1)
            step += max(-2, min(2, wanted - step))
            if end == "?" and left < 2:
                step = notes[-1].step + 2 if place else 4
            elif end == "!" and not left:
                step = 7
            elif not left:
                step = 0 if number == len(phrases) - 1 else c.pick((0, 2))
            beats = 3 if not left else 2 if len(syllable) > 4 or (syllable.endswith(" ") and c.often(0.35)) else 1
            notes.append(Note(max(0, min(9, step)), start, beats, 70 + 12 * (place == 0) + c.whole(0, 12)))
            start += beats
        start += _PAUSE
    return notes


def _sentences(text: str) -> list[tuple[str, str]]:
    """Sentences without their marks, and the mark that ends each."""
    found = re.findall(r"([^.!?…。！？\n]+)([.!?…。！？]*)", text)
    return [
        (words, "?" if "?" in mark or "？" in mark else "!" if "!" in mark or "！" in mark else ".") for words, mark in found
    ]


def _syllables(sentence: str) -> list[str]:
    """A sentence in syllables, as far as letters show them; the last of a word ends with a space."""
    found = []
    for word in re.findall(r"[^\W_]+", sentence):
        plain = "".join(char for char in unicodedata.normalize("NFKD", word.lower()) if not unicodedata.combining(char))
        parts = re.findall(r"[^aeiouy]*[aeiouy]+(?:[^aeiouy]+$)?", plain)
        if len(parts) > 1 and re.fullmatch(r"[^aeiouy]+e", parts[-1]):  # an e that nobody says
            parts[-2:] = [parts[-2] + parts[-1]]
        if not parts:  # another script, or figures: a note for each sign
            parts = list(plain)
        parts[-1] += " "
        found += parts
    return found


def _shortened(phrases: Sequence[Sequence[str]], most: int) -> list[list[str]]:
    """At most `most` syllables, or two a phrase: all phrases shorter in the same measure, each with its first and its last."""
    total = sum(map(len, phrases))
    if total <= most:
        return [list(phrase) for phrase in phrases]
    sizes = [max(2, len(phrase) * most // total) for phrase in phrases]
    return [
        [phrase[at * (len(phrase) - 1) // (size - 1)] for at in range(size)] if size < len(phrase) else list(phrase)
        for phrase, size in zip(phrases, sizes, strict=True)
    ]


def _height(syllable: str) -> int:
    vowel = next((char for char in syllable if char in _HEIGHTS), "")
    return _HEIGHTS.get(vowel, len(syllable) % 3 - 1)


@cache
def _wave() -> array[int]:
    """One turn of the tone: a sine with a few soft overtones."""
    total = sum(share for _, share in _OVERTONES)
    turns = [
        sum(share * math.sin(math.tau * times * at / _TABLE) for times, share in _OVERTONES) / total for at in range(_TABLE)
    ]
    return array("i", [round(value * _FULL) for value in turns])


@lru_cache(maxsize=32)
def _swell(length: int) -> array[int]:
    """How loud a note is from its first sample to its last: a soft attack, a long decay, silence at the end."""
    attack, release = RATE * 14 // 1000, RATE * 50 // 1000
    levels = []
    for at in range(length):
        rise = 0.5 - 0.5 * math.cos(math.pi * min(1.0, at / attack))
        fall = math.exp(-3.2 * at / (length + RATE / 4))
        levels.append(round(rise * fall * min(1.0, (length - at) / release) * 1024))
    return array("i", levels)


def _play(mixed: list[int], note: Note, beat: int, root: int) -> None:
    octave, degree = divmod(note.step, len(_SCALE))
    pitch = root * _SCALE[degree] * 2**octave
    turn = int(pitch * _TABLE * 65536 / RATE)
    tone, levels = _wave(), _swell(note.beats * beat + _RING)
    phase = 0
    for at, level in zip(range(note.start * beat, len(mixed)), levels, strict=False):
        mixed[at] += tone[(phase >> 16) % _TABLE] * level * note.loud
        phase += turn


def _echo(mixed: list[int]) -> None:
    """The room: one faint answer from its far wall."""
    delay = RATE * 19 // 100
    for at in range(delay, len(mixed)):
        mixed[at] += mixed[at - delay] // 5


def _written(mixed: list[int]) -> bytes:
    peak = max(1, max(mixed), -min(mixed))
    end = RATE * 120 // 1000
    samples = array("h", bytes(2 * len(mixed)))
    for at, value in enumerate(mixed):
        left = len(mixed) - at
        samples[at] = value * 23_000 // peak * min(end, left) // end
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())  # `wave` turns them round where the machine is big-endian
    return out.getvalue()
