"""Pictures that a prompt shows are read just before they are sent, from wherever their digests say they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from genarun.engine.attach import attach
from genarun.errors import GenarunError
from genarun.providers.base import Attachment, ModelRequest
from genarun.store.assets import asset_name
from genarun.tree.pictures import file_picture

from tests.helpers import Place
from tests.say import says
from tests.services.openai_service import OpenAIService
from tests.services.samples import png

CAT, DOG = png("cat"), png("dog")


def request(*pictures: Attachment) -> ModelRequest:
    return ModelRequest("text", "m", {}, (), attached={one.digest: one for one in pictures})


def asset(data: bytes, node: str = "cover") -> Attachment:
    name = asset_name(node, data, "png")
    return Attachment(f"sha256:{name[-20:-4]}", name)


def test_an_asset_of_this_run_or_of_a_tree_that_it_reads(tmp_path: Path) -> None:
    own, other = asset(CAT), asset(DOG)
    for folder, one, data in (("run", own, CAT), ("latest", other, DOG)):
        path = tmp_path / folder / one.name
        path.parent.mkdir(parents=True)
        path.write_bytes(data)
    got = attach(request(own, other), [tmp_path / "run", tmp_path / "latest"], None).attached
    assert [(one.data, one.media_type) for one in got.values()] == [(CAT, "image/png"), (DOG, "image/png")]


def test_a_file_beside_the_tree(tmp_path: Path) -> None:
    (tmp_path / "cat.png").write_bytes(CAT)
    picture = file_picture("cat.png", CAT)
    (got,) = attach(request(Attachment(picture.digest, picture.name)), [], tmp_path).attached.values()
    assert got.data == CAT


@pytest.mark.parametrize("what", ["gone", "changed"])
def test_a_picture_that_is_not_the_one_that_was_meant(what: str, tmp_path: Path) -> None:
    one = asset(CAT)
    if what == "changed":
        path = tmp_path / one.name
        path.parent.mkdir()
        path.write_bytes(DOG)
    with pytest.raises(GenarunError) as raised:
        attach(request(one), [tmp_path], None)
    says(
        raised.value,
        "image-missing",
        f"""
        the picture {one.name} that the prompt shows is missing or was changed
          → Bring the file back with git, or run again with --fresh for the node that made it.
        """,
    )


def test_a_picture_of_another_trees_latest_output_is_shown(tmp_path: Path) -> None:
    def looks(body: dict[str, Any]) -> Any:
        return "seen" if "image_url" in str(body.get("messages")) else None

    with OpenAIService(answer=looks) as service:
        place = Place(tmp_path, service)
        place.tree("generations: [{id: cover, type: image, config: {prompt: A cover}}]", "press")
        place.tree("""
            inputs: {press: {from: press}}
            generations: [{id: alt, type: text, config: {prompt: {template: Look, images: ["${press.cover}"]}}}]
        """)
        place.run("press")
        assert place.run().output == {"alt": "seen"}
        assert place.run().unchanged
