"""Pictures from the offline provider: the size asked for, small enough for git, different where prompts differ, labelled."""

from __future__ import annotations

import io
from typing import Any

import pytest
from genarun.providers.offline.chance import Chance
from genarun.providers.offline.picture.draw import COMPOSITIONS, composition_for
from genarun.providers.offline.picture.label import folded, lay_out, measured, shortened, told
from genarun.providers.offline.picture.palette import palette_for, palettes
from genarun.providers.offline.picture.sheet import Sheet
from PIL import Image, ImageChops, ImageStat

from tests.providers.test_offline import ask

SCENE = (
    "A documentary photograph.\n"
    "A woman in a yellow raincoat coils a rope on the quay at Setúbal, before the first boat; behind her a line of gulls "
    "on a warm roof.\n"
    "Single frame, available light, ordinary colours, a 35mm lens held at eye level. No lettering, no watermark, no frame."
)


def drawn(prompt: str, seed: int = 0, **params: Any) -> tuple[bytes, str, Image.Image]:
    (file,) = ask(prompt, medium="image", params=params, seed=seed).files
    assert file.data is not None
    assert file.media_type is not None
    return file.data, file.media_type, Image.open(io.BytesIO(file.data))


# files


@pytest.mark.parametrize(
    ("params", "size"),
    [
        ({}, (768, 768)),
        ({"size": "1024x1024"}, (1024, 1024)),
        ({"size": "1536x1024"}, (1536, 1024)),
        ({"size": "auto"}, (768, 768)),
        ({"width": 640, "height": 360}, (640, 360)),
        ({"width": 512}, (512, 512)),
        ({"aspect_ratio": "16:9"}, (1024, 576)),
        ({"aspect_ratio": "3:4"}, (665, 887)),
        ({"size": "9000x4500"}, (2048, 1024)),
        ({"size": "1x1"}, (64, 64)),
        ({"width": "wide", "aspect_ratio": "sqare", "size": None}, (768, 768)),
    ],
)
def test_the_size_that_was_asked_for(params: dict[str, Any], size: tuple[int, int]) -> None:
    _, media_type, image = drawn("A lighthouse", **params)
    assert image.size == size
    assert media_type == "image/webp"


@pytest.mark.parametrize(
    ("name", "fmt"), [("png", "PNG"), ("jpg", "JPEG"), ("jpeg", "JPEG"), ("webp", "WEBP"), ("tiff", "WEBP")]
)
def test_the_format_that_was_asked_for(name: str, fmt: str) -> None:
    data, media_type, image = drawn("A lighthouse", size="256x256", output_format=name)
    assert image.format == fmt
    assert media_type == f"image/{fmt.lower()}"
    assert len(data) < 160_000


def test_equal_requests_give_equal_bytes_and_others_other_pictures() -> None:
    prompts = ["moss", "night bakers", "the slow train", "a heron", "portrait of an old man", "quantum computing", "x", "y", ""]
    first = [drawn(prompt, size="320x320")[0] for prompt in prompts]
    assert first == [drawn(prompt, size="320x320")[0] for prompt in prompts]
    assert len(set(first)) == len(prompts)
    assert drawn("moss", seed=1, size="320x320")[0] != first[0]


def test_different_prompts_differ_visibly() -> None:
    images = [
        drawn(prompt, size="256x256")[2].convert("RGB")
        for prompt in ("red tulips", "a storm at sea", "a desert", "a tram at night")
    ]
    for number, one in enumerate(images):
        for other in images[number + 1 :]:
            assert max(ImageStat.Stat(ImageChops.difference(one, other)).mean) > 20


def test_one_is_small_enough_for_git() -> None:
    sizes = []
    prompts = [
        SCENE,
        "a market at dawn",
        "birch forest at dusk",
        "city roofs",
        "portrait of a baker",
        "still life with figs",
        "stars",
        "waves",
    ]
    for prompt in prompts:
        sizes.append(len(drawn(prompt)[0]))
    assert sum(sizes) / len(sizes) < 120_000
    assert max(sizes) < 180_000


@pytest.mark.parametrize("name", sorted(COMPOSITIONS))
@pytest.mark.parametrize(("width", "height"), [(300, 300), (480, 200), (180, 420), (64, 64)])
def test_every_composition_fills_every_format(name: str, width: int, height: int) -> None:
    for number, palette in enumerate(palettes().values()):
        if number % 5 != len(name) % 5:
            continue
        sheet = Sheet(width, height, palette.paper, Chance(name, number))
        COMPOSITIONS[name](sheet, palette, Chance(name, number), "")
        sheet.finish()
        assert sheet.image.size == (width, height)
        assert max(ImageStat.Stat(sheet.image).stddev) > 6, "an empty sheet"


@pytest.mark.parametrize("name", ["jpeg", "webp"])
def test_a_large_one_has_the_grain_of_a_small_one_and_stays_small_too(name: str) -> None:
    for prompt in (SCENE, "a birch forest", "an empty stage", "an abstract pattern", "a gecko on two open hands at night"):
        data, _, image = drawn(prompt, size="1536x1024", output_format=name)
        assert image.size == (1536, 1024)
        assert len(data) < 250_000


# what is drawn


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("Portrait of the photographer Marta Okafor", "portrait"),
        ("A portrait of a photographer at work.\nShe stands in a stairwell by a tall window.", "portrait"),
        ("a caravan in the desert", "dunes"),
        ("a birch forest with mushrooms", "wood"),
        ("ferries leaving the harbour", "sea"),
        ("the night train to Trieste", "road"),
        ("a telescope under the stars", "night"),
        ("a market stall in Tbilisi", "market"),
        ("an abstract pattern", "geometric"),
        ("tulips in a greenhouse", "botanical"),
        ("a leopard gecko on a table in a lit room", "lizard"),
        ("a clockmaker's workshop with tools and gears", "workshop"),
        ("the summit of an alpine peak", "peaks"),
        ("lemons in a bowl on a table", "still_life"),
    ],
)
def test_the_prompt_decides_what_is_drawn(prompt: str, name: str) -> None:
    assert composition_for(prompt, "plain", Chance(1)) == name


def test_a_lizard_stands_where_the_words_put_it() -> None:
    places = (
        "a gecko before bare hills", "a long enclosure, seen from the front", "a slab of slate", "a cricket", "a lidded box",
        "two open hands", "a tub on a scale",
    )  # fmt: skip
    images = []
    for words in places:
        sheet = Sheet(480, 320, palettes()["day"].paper, Chance("sheet"))
        COMPOSITIONS["lizard"](sheet, palettes()["day"], Chance("drawing"), words)
        images.append(sheet.image)
    for number, one in enumerate(images):
        for other in images[number + 1 :]:
            assert max(ImageStat.Stat(ImageChops.difference(one, other)).mean) > 10


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("A lighthouse, black and white", "mono"),
        ("the harbour at dusk", "dusk"),
        ("bakers at night", "night"),
        ("the first snow of winter", "snow"),
        ("dunes in the desert", "desert"),
    ],
)
def test_the_prompt_decides_the_inks(prompt: str, name: str) -> None:
    assert palette_for(prompt, "plain", Chance(1)).name == name


def test_a_colour_that_is_named_is_there() -> None:
    red, green, blue = palette_for("a red coat", "plain", Chance(1)).accent
    assert red > 150
    assert green < 100
    assert blue < 100


# the label


def test_the_label_carries_the_prompts_own_words() -> None:
    label = lay_out(SCENE, 768, 768, measured)
    assert [line.text for line in label.lines] == [
        "A woman in a yellow raincoat coils a rope on the quay",
        "at Setubal, before the first boat; behind her a line of gulls on a warm roof",
    ]


def test_the_label_stays_on_its_band() -> None:
    for width, height in ((768, 768), (1536, 640), (300, 700), (161, 161)):
        label = lay_out(SCENE + " " + "Very " * 60 + "long.", width, height, measured)
        assert label.lines
        for line in label.lines:
            assert line.y >= label.picture[3]
            assert line.y + line.size * 1.3 <= height
            assert line.x + measured(line.text, line.size) <= label.chips[0][0]
        assert all(x + radius <= width for x, _, radius in label.chips)


def test_a_sheet_too_small_for_words_is_all_picture() -> None:
    assert lay_out("A lighthouse", 128, 128, measured).picture == (0, 0, 128, 128)


def test_asking_and_technique_are_left_out_of_the_label() -> None:
    assert told("Create an image of a heron in the rain") == "A heron in the rain"
    assert (
        told("A press photograph for a local newspaper.\nA piano stands in the Corn Street.\nStraight on.")
        == "A piano stands in the Corn Street"
    )
    assert told("moss") == "Moss"
    assert told("") == ""


def test_letters_that_the_font_has_not_are_folded_or_left_out() -> None:
    assert folded("Þórr — Łódź, Çeşme ½ 猫 naïve") == "orr - Lodz, Cesme 1⁄2 naive"
    image = drawn("猫と海", size="256x256")[2]
    assert image.size == (256, 256)


def test_what_does_not_fit_ends_in_an_ellipsis() -> None:
    assert shortened("one two three four", lambda text: len(text) <= 12) == "one two…"
    assert shortened("extraordinarily", lambda text: len(text) <= 6) == "extra…"
    assert shortened("short", lambda text: True) == "short"


@pytest.mark.parametrize("prompt", ["a lizard on a stone " * 400, "First. " + "a lizard on a stone " * 400, "x" * 10_000])
def test_the_label_of_a_long_prompt_takes_few_measurements(prompt: str) -> None:
    asked = []

    def measure(text: str, size: int) -> float:
        asked.append(text)
        return len(text) * size * 0.5

    label = lay_out(prompt, 1024, 1024, measure)
    assert len(asked) < 60
    assert label.lines[-1].text.endswith("…")
