"""Pictures as inputs of the offline provider: texts that look at them, pictures that are made from them."""

from __future__ import annotations

import io
import json
import struct
from typing import Any

import pytest
from genarun.providers.base import Attachment, ModelReply
from genarun.providers.offline.seen import look, opened, unmounted
from PIL import Image, ImageChops, ImageDraw, ImageOps, ImageStat

from tests.providers.test_offline import ask, record

TEXT = {"type": "string"}


def painted(size: tuple[int, int], top: str, low: str, fmt: str = "PNG") -> bytes:
    """Two colours, one over the other."""
    image = Image.new("RGB", size, top)
    ImageDraw.Draw(image).rectangle((0, size[1] // 2, *size), fill=low)
    out = io.BytesIO()
    image.save(out, fmt)
    return out.getvalue()


NIGHT = painted((640, 360), "#10183a", "#2E3A6B")
BREAD = painted((300, 500), "#D9A520", "#8F4A24")


def shown(prompt: str, *pictures: bytes | str, medium: str = "text", **more: Any) -> ModelReply:
    """Ask about pictures: bytes, or the digest of one whose bytes are not there."""
    digests = [f"sha256:{number}" if isinstance(one, bytes) else one for number, one in enumerate(pictures)]
    attached = {
        digest: Attachment(digest, "a.png", one)
        for digest, one in zip(digests, pictures, strict=True)
        if isinstance(one, bytes)
    }
    turn = {"role": "user", "content": prompt, "images": digests}
    return ask((turn,), medium=medium, attached=attached, **more)  # type: ignore[arg-type]


def said(prompt: str, *pictures: bytes | str, **more: Any) -> str:
    text = shown(prompt, *pictures, **more).text
    assert text is not None
    return text


def made(prompt: str, *pictures: bytes | str, **params: Any) -> Image.Image:
    (file,) = shown(prompt, *pictures, medium="image", params=params).files
    assert file.data is not None
    return Image.open(io.BytesIO(file.data)).convert("RGB")


def difference(one: Image.Image, other: Image.Image) -> float:
    return max(ImageStat.Stat(ImageChops.difference(one, other.resize(one.size))).mean)


# what is seen


@pytest.mark.parametrize("seed", range(5))
def test_a_description_begins_with_what_is_seen(seed: int) -> None:
    night = said("Describe this picture.", NIGHT, seed=seed)
    assert all(word in night.split(". ")[0].lower() for word in ("wide", "dark", "indigo"))
    bread = said("Describe this picture.", BREAD, seed=seed)
    assert all(word in bread.split(". ")[0].lower() for word in ("tall", "mustard above", "rust below"))


def test_another_picture_gets_another_answer_even_when_its_bytes_are_not_there() -> None:
    found = [said("What do you see?", digest) for digest in ("sha256:a", "sha256:b", "sha256:c")]
    assert len(set(found)) == 3
    assert found[0] == said("What do you see?", "sha256:a")
    assert found[0] != said("What do you see?")
    assert len({said("What do you see?", NIGHT), said("What do you see?", BREAD), *found}) == 5


def test_several_pictures_are_told_apart() -> None:
    text = said("Compare the two pictures.", NIGHT, BREAD)
    assert text.startswith("Of 2 pictures, the first is wide and dark, ")
    assert "the second is tall and " in text


def test_measures_hold_for_texts_about_pictures_too() -> None:
    assert len(said("Write alternative text for the picture, at most 90 characters.", NIGHT)) <= 90
    assert len(said("Describe the picture in exactly 30 words.", NIGHT).split()) == 30
    assert said("Describe the picture in one sentence.", BREAD).count(".") == 1


def test_the_subject_of_the_prompt_stays_the_subject() -> None:
    texts = [said("Write a headline about the night ferries in this photograph.", NIGHT, seed=seed) for seed in range(12)]
    assert sum("night ferries" in text.lower() for text in texts) > 6
    assert all("photograph" not in text for text in texts)


def test_fields_of_an_answer_say_what_is_seen() -> None:
    names = ("title", "alt", "dominantColor", "hexColor")
    schema = {"type": "object", "properties": dict.fromkeys(names, TEXT), "required": list(names)}
    found = json.loads(said("Describe the picture.", BREAD, schema=schema, json=True))
    assert (found["dominantColor"], found["hexColor"]) in {("mustard", "#D9A520"), ("rust", "#8F4A24")}
    assert "tall" in found["alt"].lower()
    assert "Mustard and Rust" in found["title"]


@pytest.mark.parametrize("options", [["indigo", "mustard"], ["mustard", "indigo"]])
def test_a_choice_is_made_by_what_is_seen(options: list[str]) -> None:
    schema = {"type": "object", "properties": {"value": {"type": "string", "enum": options}}, "required": ["value"]}
    for picture, colour in ((NIGHT, "indigo"), (BREAD, "mustard")):
        found = said("Which of these colours is in the picture?", picture, schema=schema, json=True)
        assert json.loads(found) == {"value": colour}


def broken() -> list[bytes]:
    bomb = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0) + b"\0\0\0\0"
    return [b"", b"no picture", NIGHT[:200], NIGHT[:60], b"RIFF\x10\0\0\0WEBPVP8 ", b"GIF89a", b"<svg/>", b"\xff\xd8\xff", bomb]


@pytest.mark.parametrize("data", broken())
def test_bytes_that_are_no_picture_are_passed_over(data: bytes) -> None:
    text = said("Describe this picture.", data)
    assert text == said("Describe this picture.", "sha256:0")
    assert made("A heron", data, size="256x256").tobytes() == made("A heron", "sha256:0", size="256x256").tobytes()
    assert "wide" not in said("Compare these.", data, BREAD)


@pytest.mark.parametrize("fmt", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"])
def test_every_format_that_pillow_reads_is_seen(fmt: str) -> None:
    seen = look(opened(painted((640, 360), "#4F5D68", "#4F5D68", fmt)))
    assert (seen.shape, seen.light, seen.calm, seen.colours) == ("wide", "dim", "calm", ("slate",))


def test_a_turned_or_transparent_picture_is_seen_as_people_see_it() -> None:
    out = io.BytesIO()
    turned = Image.new("RGB", (600, 300), "#6B7A3A")
    exif = turned.getexif()
    exif[0x0112] = 6  # held upright
    turned.save(out, "JPEG", exif=exif)
    assert look(opened(out.getvalue())).shape == "tall"
    out = io.BytesIO()
    Image.new("RGBA", (64, 64), (0, 0, 0, 0)).save(out, "PNG")
    assert look(opened(out.getvalue())).colours == ("white",)


def test_light_has_a_side() -> None:
    slope = Image.linear_gradient("L").transpose(Image.Transpose.ROTATE_90).convert("RGB")
    sides = {look(slope).side, look(ImageOps.mirror(slope)).side}
    assert sides == {"left", "right"}


def test_what_was_recorded_of_a_picture_stands_for_another_drawing_of_it(tmp_path: Any) -> None:
    turn = {"role": "user", "content": "Who?", "images": ["sha256:0"]}
    record(tmp_path, "a.jsonl", json.dumps({"request": {"messages": [turn]}, "reply": {"text": "Marta"}}))
    assert said("Who?", NIGHT, folder=tmp_path) == "Marta"
    assert said("Who?", "sha256:other", folder=tmp_path) == "Marta"
    assert said("Who else?", NIGHT, folder=tmp_path) != "Marta"


# what is made of it


def test_a_picture_is_made_from_the_given_one() -> None:
    fresh, edited = made("Make it night", size="400x400"), made("Make it night", BREAD, size="400x400")
    assert edited.size == (400, 400)
    upper, lower = (ImageStat.Stat(edited.convert("L").crop((60, y, 340, y + 60))).mean[0] for y in (50, 220))
    assert upper > lower + 30, "the bright half above, the dark one below, as they were given"
    assert difference(fresh, edited) > 10


def test_the_prompt_decides_what_becomes_of_it() -> None:
    prompts = ("Make it night", "In black and white", "As a spring meadow, pink", "With two red balloons", "Snow is falling")
    edited = [made(prompt, BREAD, size="320x320") for prompt in prompts]
    for number, one in enumerate(edited):
        assert all(difference(one, other) > 4 for other in edited[number + 1 :])
    grey = edited[1].crop((20, 20, 300, 240)).convert("HSV").split()[1]
    assert ImageStat.Stat(grey).mean[0] < 40


@pytest.mark.parametrize(
    "thing",
    ["sun", "moon", "stars", "clouds", "birds", "boats", "trees", "people", "houses", "balloons", "flowers", "rain", "snow"],
)
def test_what_is_asked_for_is_drawn_and_what_is_to_go_is_not(thing: str) -> None:
    added, left = made(f"Add {thing} in blue", BREAD, size="300x300"), made(f"Without {thing} in blue", BREAD, size="300x300")
    same = ImageChops.difference(added, left).crop((0, 0, 300, 240)).convert("L").point([0] * 40 + [255] * 216)
    assert same.getbbox() is not None


def test_without_a_size_it_keeps_its_shape() -> None:
    wide, tall = made("A variation", NIGHT), made("A variation", BREAD)
    assert wide.width / wide.height == pytest.approx(640 / 360, rel=0.01)
    assert tall.width / tall.height == pytest.approx(300 / 500, rel=0.01)
    assert made("A variation", NIGHT, aspect_ratio="1:1").size == (768, 768)


def test_several_variations_differ_and_are_the_same_again() -> None:
    files = shown("A variation", BREAD, medium="image", params={"n": 3, "size": "300x300"}).files
    assert len({file.data for file in files}) == 3
    assert files == shown("A variation", BREAD, medium="image", params={"n": 3, "size": "300x300"}).files


def test_two_pictures_stand_side_by_side() -> None:
    both = made("Both of them", NIGHT, BREAD, size="600x300").convert("L")
    left, right = (ImageStat.Stat(both.crop((x, 30, x + 200, 100))).mean[0] for x in (40, 360))
    assert right > left + 25


def test_a_picture_made_here_is_taken_from_its_mount() -> None:
    (file,) = ask("a harbour with boats at noon", medium="image").files
    assert file.data is not None
    whole = opened(file.data)
    inner = unmounted(whole)
    assert whole.size == (768, 768)
    assert inner.width < 720
    assert inner.height < 660
    assert unmounted(inner).size == inner.size
    photograph = opened(NIGHT)
    assert unmounted(photograph) is photograph
    assert made("At dusk", file.data).size == (768, 768)
