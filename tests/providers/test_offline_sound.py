"""Sounds from the offline provider: small melodies that follow the text, in a file that everything plays."""

from __future__ import annotations

import io
import math
import wave
from array import array
from decimal import Decimal
from itertools import pairwise

import pytest
from genarun.providers.offline.chance import Chance
from genarun.providers.offline.sound import RATE, melody

from tests.providers.test_offline import ask

SUMMARY = (
    "A lizard needs warmth at one end of its tank and shade at the other, because it moves between the two to keep its body "
    "right. Check the lamp every day. Is the water fresh? Then leave it alone! It has seen you before. "
) * 3


def heard(text: str, seed: int = 0, **params: object) -> tuple[bytes, array[int], float]:
    """The file, its samples and its seconds."""
    reply = ask(text, medium="audio", seed=seed, params=params)
    (file,) = reply.files
    assert (file.media_type, reply.text, reply.usd, reply.model) == ("audio/wav", None, Decimal(0), "offline")
    assert file.data is not None
    assert reply.usage.characters == len(text)
    with wave.open(io.BytesIO(file.data)) as sound:
        assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (1, 2, RATE)
        samples = array("h", sound.readframes(sound.getnframes()))
    assert reply.usage.seconds == len(samples) / RATE
    return file.data, samples, reply.usage.seconds


def pitch(samples: array[int], start: float, seconds: float = 0.12) -> float:
    """The frequency that is loudest from `start` on, in hertz, by the correlation of the samples with a sine and a cosine."""
    part = samples[int(start * RATE) : int((start + seconds) * RATE)]
    angles = [(math.tau * hertz / RATE, hertz) for hertz in range(150, 1300, 5)]

    def power(angle: float) -> float:
        real = sum(value * math.cos(angle * at) for at, value in enumerate(part))
        return real**2 + sum(value * math.sin(angle * at) for at, value in enumerate(part)) ** 2

    return max(angles, key=lambda pair: power(pair[0]))[1]


@pytest.mark.parametrize(
    "text", ["", "Yes", "Good morning. Is anybody there?", SUMMARY, "猫と海。", "…", "3.14 159", "a" * 5000]
)
def test_a_sound_lasts_two_to_five_seconds_and_is_small_enough_for_git(text: str) -> None:
    data, samples, seconds = heard(text)
    assert 2 <= seconds <= 5
    assert len(data) < 150_000
    assert max(map(abs, samples)) > 12_000, "too soft to be heard"
    assert max(map(abs, samples)) < 32_000, "so loud that it breaks"


def test_it_swells_and_fades() -> None:
    _, samples, _ = heard("Good morning. Is anybody there?")
    assert abs(samples[0]) < 50
    assert abs(samples[-1]) < 50
    leaps = max(abs(one - other) for one, other in pairwise(samples))
    assert leaps < 12_000, "a click"


def test_equal_requests_sound_alike_and_others_do_not() -> None:
    texts = ["Good morning.", "Good evening.", "Good morning?", "Bom dia.", ""]
    first = [heard(text)[0] for text in texts]
    assert first == [heard(text)[0] for text in texts]
    assert len(set(first)) == len(texts)
    assert heard("Good morning.", seed=1)[0] != first[0]


def test_a_sentence_is_a_phrase_and_a_syllable_a_note() -> None:
    notes = melody("Good morning to you. Come in.", Chance(1))
    assert len(notes) == 7
    rests = [after.start - (note.start + note.beats) for note, after in pairwise(notes)]
    assert [rest > 0 for rest in rests] == [False, False, False, False, True, False]


@pytest.mark.parametrize("seed", range(12))
def test_a_question_ends_higher_than_a_statement(seed: int) -> None:
    asked, said = melody("Is the water fresh?", Chance(seed)), melody("The water is fresh.", Chance(seed))
    assert asked[-1].step > asked[-2].step > asked[-3].step
    assert said[-1].step == 0


def test_what_is_written_is_what_sounds() -> None:
    text = "Is the water fresh?"
    notes = melody(text, Chance("sound", 0, text))
    _, samples, _ = heard(text)
    root = pitch(samples, 0.03) / (1, 9 / 8, 5 / 4, 3 / 2, 5 / 3)[notes[0].step % 5] / 2 ** (notes[0].step // 5)
    assert 190 < root < 270
    last = root * (1, 9 / 8, 5 / 4, 3 / 2, 5 / 3)[notes[-1].step % 5] * 2 ** (notes[-1].step // 5)
    assert pitch(samples, notes[-1].start * 0.16 + 0.2) == pytest.approx(last, rel=0.03)


def test_a_long_text_keeps_its_beginning_and_how_it_ends() -> None:
    long = melody("One is here. " * 40 + "Is it?", Chance(1))
    assert len(long) <= 20
    assert long[-1].step > long[-2].step


def test_voice_and_speed_are_heard_and_other_parameters_are_not() -> None:
    plain = heard("Good morning, all of you.")
    assert len({heard("Good morning, all of you.", voice=voice)[0] for voice in ("alloy", "coral", "onyx", "sage")}) > 1
    assert heard("Good morning, all of you.", speed=2)[2] < plain[2] < heard("Good morning, all of you.", speed=0.7)[2]
    assert heard("Good morning, all of you.", response_format="mp3", speed="fast", voice=None, model="x")[0] == plain[0]
