"""Files of every medium from end to end: what a run keeps, in which form, and what it refuses."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any, ClassVar, Literal, cast

import pytest
from genarun.cli.app import main
from genarun.engine.model import Event
from genarun.errors import SetupError
from genarun.nodes.asset import AssetKind
from genarun.nodes.registry import node_kinds
from genarun.providers.base import File, ModelReply, ModelRequest, ProviderInfo, Settings, Usage
from genarun.providers.registry import _installed
from genarun.store import webp
from genarun.store.diff import diff_runs
from genarun.store.purge import purge
from PIL import Image

from tests.helpers import Place, asked
from tests.say import says
from tests.services.openai_service import OpenAIService
from tests.services.samples import png

POSTER = "generations:\n  - {id: poster, type: image, config: {prompt: A poster}}\n"
WEBP = "assets: {format: webp}\n"


def photograph(prompt: str, size: tuple[int, int] = (320, 240), kind: str = "PNG") -> bytes:
    """A picture of many colours; its top left corner tells the prompt."""
    made, file = Image.merge("RGB", [Image.effect_noise(size, 40) for _ in range(3)]), BytesIO()
    made.paste((len(prompt) * 7 % 256, 0, 0), (0, 0, 32, 32))
    made.save(file, kind)
    return file.getvalue()


@pytest.fixture
def service() -> Iterator[OpenAIService]:
    with OpenAIService(answer=lambda body: photograph(asked(body)) if "prompt" in body else None) as running:
        yield running


@pytest.fixture
def place(tmp_path: Path, service: OpenAIService) -> Place:
    return Place(tmp_path, service)


SOUND = b"ID3\4\0\0\0\0\0\0" + bytes(500)
FILM = b"\0\0\0\x18ftypisom\0\0\0\0mp41avc1" + bytes(700)


class Stored(AssetKind):
    """A kind of another medium, as a third party brings it."""

    def __init__(self, name: str, medium: Literal["audio", "video"]) -> None:
        super().__init__(medium, "a file")
        self.name = name

    def own_schema(self, node: Any) -> dict[str, Any]:
        return {"type": "string"}


class Jukebox:
    """A provider of sounds, which come in the answer, and of films, which come as addresses on the loopback service."""

    asked: ClassVar[list[ModelRequest]] = []
    sound = SOUND

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def identity(self, request: ModelRequest) -> dict[str, Any]:
        return {"provider": "jukebox"}

    async def open(self) -> None: ...

    async def call(self, request: ModelRequest) -> ModelReply:
        Jukebox.asked.append(request)
        if request.medium == "video":
            return ModelReply(files=(File(url=f"{self.settings.base_url}/files/film.mp4"),), usage=Usage(seconds=4.5))
        return ModelReply(files=(File(data=Jukebox.sound),), usage=Usage(seconds=12.25, characters=340))

    async def close(self) -> None: ...


@pytest.fixture
def jukebox(place: Place, service: OpenAIService, monkeypatch: pytest.MonkeyPatch) -> type[Jukebox]:
    """A tree of a sound and a film."""
    info = ProviderInfo("jukebox", "tests.engine.test_files:Jukebox", frozenset({"audio", "video"}))
    monkeypatch.setitem(cast("dict[str, ProviderInfo]", _installed().infos), "jukebox", info)
    monkeypatch.setitem(node_kinds(), "jingle", Stored("jingle", "audio"))  # type: ignore[arg-type]
    monkeypatch.setitem(node_kinds(), "clip", Stored("clip", "video"))  # type: ignore[arg-type]
    monkeypatch.setattr(Jukebox, "asked", [])
    monkeypatch.setattr(Jukebox, "sound", SOUND)
    service._files["/files/film.mp4"] = FILM
    place.tree(jukebox_tree(service, JUKEBOX))
    return Jukebox


def jukebox_tree(service: OpenAIService, generations: str) -> str:
    return f"""
providers: {{box: {{provider: jukebox, baseUrl: "http://127.0.0.1:{service.port}"}}}}
models: {{audio: {{provider: box, model: tunes}}, video: {{provider: box, model: films}}}}
outputFormats: [json, md]
budget: {{usd: null}}
generations:
{generations}"""


JUKEBOX = """
  - {id: tune, type: jingle, config: {prompt: A tune}}
  - {id: film, type: clip, config: {prompt: A film}}
"""


# WebP ----------------------------------------------------------------------------------------------------------------


def test_a_picture_is_kept_as_webp_and_made_once(place: Place, service: OpenAIService) -> None:
    place.tree(WEBP + POSTER)
    result = place.run()
    assert result.folder is not None
    assert result.summary is not None
    name = result.output["poster"]
    kept = (result.folder / name).read_bytes()
    assert name.startswith("assets/poster-")
    assert name.endswith(".webp")
    assert kept[8:12] == b"WEBP"
    colour = Image.open(BytesIO(kept)).convert("RGB").getpixel((16, 16))
    assert isinstance(colour, tuple)
    assert max(abs(colour[0] - len("A poster") * 7), colour[1], colour[2]) < 16
    assert [path.name for path in (result.folder / "assets").iterdir()] == [name.removeprefix("assets/")]
    assert (place.root / "trees/t/latest" / name).read_bytes() == kept
    assert result.summary.totals.bytes == len(kept) < len(photograph("A poster")) / 2

    assert place.run().unchanged
    place.tree(WEBP + POSTER + "  - {id: caption, type: text, config: {prompt: A caption}}\n")
    again = place.run()
    assert again.output["poster"] == name
    assert [one.path for one in service.asked] == ["/v1/images/generations", "/v1/chat/completions"]


def test_what_is_reused_stays_as_it_was_made(place: Place, service: OpenAIService) -> None:
    place.tree(POSTER)
    name = place.run().output["poster"]
    assert name.endswith(".png")
    place.tree(WEBP + POSTER)
    assert place.run().unchanged
    place.tree(WEBP + POSTER.replace("A poster", "Another poster"))
    assert place.run().output["poster"].endswith(".webp")
    assert len(service.asked) == 2


def test_a_persons_picture_is_never_converted(place: Place, service: OpenAIService) -> None:
    place.tree(WEBP + POSTER + "  - {id: seal, type: image, config: {prompt: A seal}}\n")
    mine, seal = photograph("mine"), b"<svg xmlns='http://www.w3.org/2000/svg'/>"
    place.write("trees/t/overrides/mine.png", mine)
    place.write("trees/t/overrides/seal.svg", seal)
    place.write("trees/t/overrides.yaml", "poster: {file: overrides/mine.png}\nseal: {file: overrides/seal.svg}\n")
    result = place.run()
    assert result.folder is not None
    assert (result.folder / result.output["poster"]).read_bytes() == mine
    assert (result.folder / result.output["seal"]).read_bytes() == seal
    assert not service.asked


def test_a_picture_by_address_that_is_too_large_as_it_comes_is_kept_if_it_fits_as_webp(
    place: Place, service: OpenAIService
) -> None:
    model = "models: {image: {provider: openai, model: dall-e-test}}\n"
    size = len(photograph("A poster"))
    limit = f"assets: {{maxBytes: {size // 2}, format: keep}}\n"
    place.tree(model + limit + POSTER)
    failed = place.run()
    assert [record.error.code for record in failed.failures if record.error] == ["download-too-large"]
    place.tree(model + limit.replace("keep", "webp") + POSTER)
    result = place.run()
    assert result.status == "succeeded", result.failures
    assert result.output["poster"].endswith(".webp")
    paid = [one for one in service.asked if one.method == "POST"]
    assert len(paid) == 1, "the address was recorded, so the picture was not asked for again"


def test_others_go_on_while_a_picture_is_converted(
    place: Place, service: OpenAIService, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The conversion waits here for a text that is asked for after two others."""
    last_text, in_time, convert = threading.Event(), list[bool](), webp._encoded

    def waiting(picture: Any) -> bytes | None:
        in_time.append(last_text.wait(20))
        return convert(picture)

    def on_event(event: Event, _: Any) -> None:
        if event.path == "c" and event.kind == "done":
            last_text.set()

    monkeypatch.setattr(webp, "_encoded", waiting)
    place.tree(
        WEBP
        + POSTER
        + """
  - {id: a, type: text, config: {prompt: A}}
  - {id: b, type: text, config: {prompt: "B after ${a}"}}
  - {id: c, type: text, config: {prompt: "C after ${b}"}}
"""
    )
    assert place.run(on_event=on_event).output["poster"].endswith(".webp")
    assert in_time == [True]


def test_a_decompression_bomb_fails_its_instance_and_nothing_else(place: Place, service: OpenAIService) -> None:
    bomb = BytesIO()
    Image.new("1", (20_000, 20_000)).save(bomb, "PNG")
    service.answer = lambda body: bomb.getvalue() if "prompt" in body else None
    place.tree(WEBP + POSTER + "  - {id: caption, type: text, config: {prompt: A caption}}\n")
    result = place.run()
    assert result.status == "partial"
    assert [record.error.code for record in result.failures if record.error] == ["asset-pixels"]
    assert "caption" in result.output


# Too large -----------------------------------------------------------------------------------------------------------


def test_a_file_that_is_too_large_ends_the_command_with_what_to_do(place: Place, service: OpenAIService) -> None:
    service.answer = lambda body: png("x") + bytes(5_000)
    place.tree("assets: {maxBytes: 4000}\n" + POSTER)
    done = place.command("run", "t")
    assert done.returncode == 1
    text = " ".join((done.stdout + done.stderr).split())
    assert f"the file has {len(png('x')) + 5_000:,} bytes, more than the 4,000 allowed" in text
    assert (
        "→ Raise `assets.maxBytes`, set `assets.format: webp`, "
        "or ask the model for a smaller picture (its `size`, `quality` or `output_format`)." in text
    )
    assert not (place.root / "trees/t" / place.runs()[0] / "assets").exists()


def test_a_recorded_address_of_a_file_that_is_too_large_is_not_paid_for_again(place: Place, service: OpenAIService) -> None:
    place.tree("models: {image: {provider: openai, model: dall-e-test}}\nassets: {maxBytes: 4000}\n" + POSTER)
    for _ in range(2):
        failed = place.run()
        assert [record.error.code for record in failed.failures if record.error] == ["download-too-large"]
    assert len([one for one in service.asked if one.method == "POST"]) == 1


# Sounds and films ----------------------------------------------------------------------------------------------------


def test_sounds_and_films_are_kept_reused_and_linked(place: Place, service: OpenAIService, jukebox: type[Jukebox]) -> None:
    result = place.run()
    assert result.status == "succeeded", result.failures
    assert result.folder is not None
    tune, film = result.output["tune"], result.output["film"]
    assert (tune[:12], tune[-4:], film[:12], film[-4:]) == ("assets/tune-", ".mp3", "assets/film-", ".mp4")
    assert (result.folder / tune).read_bytes() == SOUND
    assert (result.folder / film).read_bytes() == FILM
    schema = place.json("trees/t/latest/output.schema.json")
    assert schema["properties"]["tune"]["contentMediaType"] == "audio/*"
    assert schema["properties"]["film"]["contentMediaType"] == "video/*"
    assert f"[Tune]({tune})\n\n[Film]({film})\n" in (result.folder / "output.md").read_text()
    place.tree(jukebox_tree(service, JUKEBOX + "  - {id: other, type: jingle, config: {prompt: Another tune}}\n"))
    again = place.run()
    assert (again.output["tune"], again.output["film"]) == (tune, film)
    assert [request.messages[-1]["content"] for request in jukebox.asked] == ["A tune", "A film", "Another tune"]


def test_what_a_service_counts_is_recorded_and_summed(place: Place, jukebox: type[Jukebox]) -> None:
    place.run()
    usage = {record["path"]: record["usage"] for record in place.records() if "usage" in record}
    assert usage == {"tune": {"seconds": 12.25, "characters": 340}, "film": {"seconds": 4.5}}
    totals = place.json("trees/t/latest/logs.json")["totals"]
    assert (totals["seconds"], totals["characters"], totals["images"]) == (16.75, 340, 0)


def test_a_picture_from_a_model_of_sounds_is_refused(place: Place, service: OpenAIService, jukebox: type[Jukebox]) -> None:
    jukebox.sound = service._files["/files/film.mp4"] = png("no sound")
    errors = {record.path: record.error for record in place.run().failures}
    tune, film = errors["tune"], errors["film"]
    assert tune is not None
    assert film is not None
    assert tune.message == "the file that came is a PNG picture"
    assert tune.hint == "A sound is MP3, WAV, Ogg, FLAC, M4A or AAC: choose a model that makes one of these."
    assert film.message.endswith("is no file of the kind wanted (video): it is image/png")


def test_a_sound_of_ones_own_takes_the_place_of_a_made_one(place: Place, jukebox: type[Jukebox]) -> None:
    wav, mov = b"RIFF\0\0\0\0WAVEfmt ", b"\0\0\0\x14ftypqt  \0\0\2\0qt  "
    place.write("trees/t/overrides/mine.wav", wav)
    place.write("trees/t/overrides/mine.mov", mov)
    place.write("trees/t/overrides.yaml", "tune: {file: overrides/mine.wav}\nfilm: {file: overrides/mine.mov}\n")
    result = place.run()
    assert not jukebox.asked
    assert result.folder is not None
    assert (result.folder / result.output["tune"]).read_bytes() == wav
    assert (result.folder / result.output["film"]).read_bytes() == mov
    assert {record["path"]: record["asset"] for record in place.records()} == result.output


def test_a_shared_sound_goes_by_each_nodes_name(place: Place, service: OpenAIService, jukebox: type[Jukebox]) -> None:
    nodes = "  - {id: %s, type: jingle, cache: shared, config: {prompt: A tune}}\n"
    place.tree(jukebox_tree(service, nodes % "one" + nodes % "two"))
    result = place.run()
    assert len(jukebox.asked) == 1
    assert result.folder is not None
    assert result.output["two"] == result.output["one"].replace("one-", "two-")
    assert (result.folder / result.output["two"]).read_bytes() == SOUND


def test_changed_sounds_are_told_by_diff_and_purged(place: Place, service: OpenAIService, jukebox: type[Jukebox]) -> None:
    place.run()
    jukebox.sound += b"longer"
    service._files["/files/film.mp4"] += b"longer"
    place.run(fresh=True)
    newer, older = place.folder().runs()
    changed = {one.path: one for one in diff_runs(older, newer).changed}
    assert changed.keys() == {"film", "tune"}
    for one in changed.values():
        assert one.asset
        assert one.old != one.new
        assert (older.folder / one.old).stat().st_size + len("longer") == (newer.folder / one.new).stat().st_size
    gone = purge(place.folder(), 1, None, datetime.now(UTC))
    assert [ref.stamp for ref in gone.runs] == [older.stamp]
    assert gone.bytes > len(SOUND) + len(FILM)
    assert place.run().unchanged


def test_commands_show_sounds_and_films_as_they_show_pictures(
    place: Place, service: OpenAIService, jukebox: type[Jukebox], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(place.root)
    place.run()
    tune, film = (place.json("trees/t/latest/output.json")[name] for name in ("tune", "film"))

    def said(*words: str) -> str:
        out = StringIO()
        assert main(["-C", str(place.root), *words], place.env, out, StringIO()) == 0
        return out.getvalue()

    whole = said("show", "t")
    assert f"1 film and 1 sound in trees/t/{place.runs()[0]}/assets/\n" in whole
    assert "\n  made    17 s of sound or film, 340 characters spoken\n  files   1.2 kB\n" in whole
    one = said("show", "t", "tune")
    assert "jingle · box/tunes · 12 s of sound or film, 340 characters spoken · cost unknown" in one
    assert one.endswith(f"\n  file\n    {tune}\n")
    service._files["/files/film.mp4"] += b"longer"
    place.run(fresh=True)
    newer, older = place.folder().runs()
    changed = said("diff", older.id, newer.id)
    assert f"~ film\n    {film} → assets/film-" in changed
    assert "1 changed, 0 added, 0 removed, 1 the same" in changed
    said("pin", older.id, "film")
    assert (place.root / "trees/t/overrides/film.mp4").read_bytes() == FILM
    assert place.run().output["film"] == film


def test_an_override_of_a_sound_names_a_file_that_is_one(place: Place, jukebox: type[Jukebox]) -> None:
    place.write("trees/t/overrides.yaml", "tune: A melody\n")
    with pytest.raises(SetupError) as refused:
        place.run()
    says(
        refused.value,
        "override-asset",
        """
        trees/t/overrides.yaml:1:7: `tune` is a sound, so its override names a file
          1 | tune: A melody
            |       ^
          → Write `{file: overrides/sound.mp3}`, the path relative to the tree's folder.
        """,
    )
    place.write("trees/t/overrides/film.mp4", png("no film"))
    place.write("trees/t/overrides.yaml", "film: {file: overrides/film.mp4}\n")
    with pytest.raises(SetupError) as refused:
        place.run()
    says(
        refused.value,
        "override-file-type",
        """
        trees/t/overrides.yaml:1:14: `overrides/film.mp4` is no film
          1 | film: {file: overrides/film.mp4}
            |              ^
          → Put a file there that is MP4, WebM, Matroska or QuickTime.
        """,
    )
