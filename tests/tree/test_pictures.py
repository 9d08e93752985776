"""What `images:` in a tree shows: by name, out of lists and objects, or from a file beside the tree."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from genarun.errors import Faults, GenarunError
from genarun.tree.pictures import file_picture, pictures, read_shown
from genarun.tree.template import MISSING, UNKNOWN, MissingName, TemplateFault, Unknown

from tests.helpers import Place
from tests.say import says
from tests.services.samples import png

CAT, DOG = "assets/cat-0123456789abcdef.png", "assets/dog-fedcba9876543210.webp"


def shown(written: str, **values: Any) -> list[tuple[str, str]]:
    found = pictures((read_shown(written, "images:0"),), lambda name: values.get(name, MISSING), "error")
    return [(picture.digest, picture.name) for picture in found]


def test_a_picture_is_known_by_its_digest_without_opening_it() -> None:
    assert shown("${cat}", cat=CAT) == [("sha256:0123456789abcdef", CAT)]


def test_pictures_are_found_in_whatever_holds_them_each_once() -> None:
    held = {
        "title": "x",
        "covers": [{"url": DOG}, {"url": CAT}, {"url": None}],
        "again": CAT,
        "sound": "assets/a-0123456789abcdef.mp3",
    }
    assert [name for _, name in shown("${held}", held=held)] == [DOG, CAT]
    assert [name for _, name in shown(" ${held.covers.1} ", held=held)] == [CAT]


@pytest.mark.parametrize("nothing", [None, [], {}, ""])
def test_a_gap_shows_nothing(nothing: Any) -> None:
    assert shown("${x}", x=nothing) == []


@pytest.mark.parametrize(
    "value", ["a text", 3, ["a"], "assets/../x-0123456789abcdef.png", "/etc/passwd", "assets/x-0123456789ABCDEF.png"]
)
def test_what_holds_no_picture_is_told(value: Any) -> None:
    with pytest.raises(GenarunError) as raised:
        shown("${x}", x=value)
    says(
        raised.value,
        "image-none",
        """
        `${x}` holds no picture
          → Name an image node, or a list or object with pictures in it.
        """,
    )


def test_a_name_without_a_value_and_one_that_is_not_known_yet() -> None:
    with pytest.raises(MissingName):
        shown("${x}")
    with pytest.raises(Unknown):
        shown("${x}", x=[UNKNOWN])


@pytest.mark.parametrize("written", ["cover", "${a} ${b}", "see ${a}", "", "${a"])
def test_an_entry_is_one_name_alone(written: str) -> None:
    with pytest.raises(TemplateFault):
        read_shown(written, "images:0")


def test_a_file_is_told_from_assets_by_its_name() -> None:
    assert file_picture("pictures/cat.png", b"x").name == "tree:pictures/cat.png"


def test_faults_of_pictures_are_told_where_they_are_written(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.write("trees/t/pictures/note.txt", "x")
    place.tree("""
        generations:
        - {id: a, type: text, config: {prompt: {template: Look, images: ["the ${b}"]}}}
        - {id: b, type: text, config: {prompt: {template: Look, images: ["${nobody}"]}}}
        - {id: c, type: text, config: {prompt: {template: Look, images: [{file: pictures/cat.png}]}}}
        - {id: d, type: text, config: {prompt: {template: Look, images: [{file: pictures/note.txt}]}}}
    """)
    with pytest.raises(Faults) as raised:
        place.project.load(["t"])
    told = {fault.code: fault for fault in raised.value.errors}
    says(
        told["image-name"],
        "image-name",
        """
        trees/t/config.yaml:3:67: a picture is named by one `${name}`, and nothing beside it
          3 | - {id: a, type: text, config: {prompt: {template: Look, images: ["the ${b}"]}}}
            |                                                                   ^
          → Write for example `images: ['${cover}']`, or `images: [{file: pictures/cat.png}]` for a file beside the tree.
        """,
    )
    says(
        told["image-file-missing"],
        "image-file-missing",
        """
        trees/t/config.yaml:5:73: there is no file “pictures/cat.png”
          5 | - {id: c, type: text, config: {prompt: {template: Look, images: [{file: pictures/cat.png}]}}}
            |                                                                         ^
          → Put the picture at trees/t/pictures/cat.png.
        """,
    )
    says(
        told["image-file-type"],
        "image-file-type",
        """
        trees/t/config.yaml:6:73: “pictures/note.txt” is no picture by its name
          6 | - {id: d, type: text, config: {prompt: {template: Look, images: [{file: pictures/note.txt}]}}}
            |                                                                         ^
          → Models are shown PNG, JPEG, WebP, GIF or AVIF files.
        """,
    )
    assert told["name-unknown"].what == "`${nobody}` names nothing"


def test_a_picture_beside_the_tree_decides_what_is_asked(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.write("trees/t/cat.png", png("a"))
    place.tree("generations: [{id: a, type: text, config: {prompt: {template: Look, images: [{file: cat.png}]}}}]")
    before = place.project.load_one("t").digest
    place.write("trees/t/cat.png", png("b"))
    assert place.project.load_one("t").digest != before


def test_a_large_file_and_a_tree_without_a_folder(tmp_path: Path) -> None:
    from genarun.tree.written import LARGEST_PICTURE

    place = Place(tmp_path)
    place.write("trees/t/cat.png", b"x" * (LARGEST_PICTURE + 1))
    tree = "generations: [{id: a, type: text, config: {prompt: {template: Look, images: [{file: cat.png}]}}}]"
    place.tree(tree)
    with pytest.raises(GenarunError) as raised:
        place.project.load(["t"])
    says(
        raised.value,
        "image-file-size",
        """
        trees/t/config.yaml:2:85: “cat.png” has 20,000,001 bytes, and 20,000,000 are allowed
          2 | generations: [{id: a, type: text, config: {prompt: {template: Look, images: [{file: cat.png}]}}}]
            |                                                                                     ^
          → Make it smaller: models see some 2,000 pixels a side.
        """,
    )
    from genarun.nodes.registry import node_kinds
    from genarun.providers.registry import provider_infos
    from genarun.tree.load import tree_from_data

    node = {"id": "a", "type": "text", "config": {"prompt": {"template": "Look", "images": [{"file": "cat.png"}]}}}
    with pytest.raises(GenarunError) as raised:
        tree_from_data({"version": 1, "generations": [node]}, kinds=node_kinds(), providers=provider_infos())
    says(
        raised.value,
        "image-file-nowhere",
        """
        PLACE: “cat.png” cannot be read: this tree was given as data and has no folder
          → Load the tree from its folder.
        """.replace("PLACE", str(raised.value.where)),
    )
    assert "images" in str(raised.value.where)
