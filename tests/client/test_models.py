"""What the keys here can reach: services asked at once, each with its list, its price, or the reason why not."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from genarun.client.models import Offer, exit_code, list_models
from genarun.errors import ProviderError, SetupError
from genarun.providers.base import Listed, ModelReply, ModelRequest, ProviderInfo, Settings
from genarun.providers.catalog import key_variable
from genarun.providers.faults import Service as Named
from genarun.providers.faults import refused
from genarun.providers.http import Transport
from genarun.providers.registry import provider_infos
from yarl import URL

from tests.cli.conftest import Story
from tests.helpers import Place
from tests.say import says
from tests.services.openai_service import OpenAIService, error
from tests.services.web import Asked, Reply


class Mute:
    """A provider without a list."""

    closed = 0

    def __init__(self, settings: Settings) -> None:
        assert settings.info is not None
        key = settings.env.get(key_variable(settings.info, settings) or "", "")
        self.service = Named(settings.name, settings.base_url or settings.env["SHELF_URL"], secrets=(key,))
        self.http = Transport(self.service, {"authorization": f"Bearer {key}"}, settings.env)

    def identity(self, request: ModelRequest) -> dict[str, Any]:
        return {"provider": "shelf"}

    async def open(self) -> None:
        pass

    async def call(self, request: ModelRequest) -> ModelReply:
        raise AssertionError("listing models asks for none")

    async def close(self) -> None:
        Mute.closed += 1
        await self.http.close()


class Shelf(Mute):
    """One that lists what a service on loopback has, at `/models`, as OpenAI's protocol does."""

    async def models(self) -> Sequence[Listed]:
        status, headers, body = await self.http.send("GET", URL(f"{self.service.base_url}/models"))
        if status != 200:
            raise refused(self.service, "", status, headers, body)
        return [Listed(one["id"], frozenset(one["makes"]) or None, one["note"]) for one in json.loads(body)["data"]]


class ListingService(OpenAIService):
    """The loopback service, with `GET /v1/models`."""

    def __init__(self, *shelf: tuple[str, str, str], **more: Any) -> None:
        super().__init__(**more)
        self.shelf = shelf or (("gpt-5-mini", "text", ""), ("gpt-image-1-mini", "image", ""), ("mystery", "", "in preview"))

    def handle(self, asked: Asked) -> Reply:
        if asked.method == "GET" and asked.path == "/v1/models":
            if asked.headers.get("authorization") != f"Bearer {self.key}":
                raise error(401, f"Incorrect API key provided: {asked.headers.get('authorization')}", "invalid_api_key")
            data = [{"id": name, "makes": makes.split(), "note": note} for name, makes, note in self.shelf]
            return Reply(json.dumps({"data": data}).encode())
        return super().handle(asked)


SHELF = ProviderInfo(
    "shelf",
    "tests.client.test_models:Shelf",
    frozenset({"text", "image"}),
    key_env="SHELF_KEY",
    key_url="https://shelf.example/keys",
    secret_env=("SHELF_KEY",),
    title="The Shelf",
    page="https://shelf.example/docs",
    models={"text": "shelf-small"},
)

DEFAULTS = """
models:
  text: {provider: openai, model: gpt-5-mini, price: {input: 3, output: 4}}
  image: {provider: openai, model: gpt-image-1-mini}
  old: {provider: openai, model: gpt-2}
"""


@pytest.fixture
def infos(monkeypatch: pytest.MonkeyPatch) -> dict[str, ProviderInfo]:
    """What is installed: the shelf in OpenAI's place, and one of each other kind."""
    openai = replace(
        SHELF, name="openai", key_env="OPENAI_API_KEY", key_url="https://platform.openai.com/api-keys", title="OpenAI"
    )
    return {
        "openai": openai,
        "shelf": SHELF,
        "mute": replace(
            SHELF,
            name="mute",
            implementation="tests.client.test_models:Mute",
            key_env="MUTE_KEY",
            key_optional=True,
            title="Mute",
        ),
        "home": replace(SHELF, name="home", key_env=None, local=True, title="At home"),
        "gone": replace(SHELF, name="gone", implementation="not_there:X", key_env=None, extra="pip install gone", models={}),
        "offline": provider_infos()["offline"],
        "replay": provider_infos()["replay"],
    }


def listed(place: Place, infos: dict[str, ProviderInfo], *names: str, **more: Any) -> dict[str, Offer]:
    return {offer.name: offer for offer in asyncio.run(list_models(place.project, names, infos=infos, **more))}


def place_of(folder: Path, service: ListingService, defaults: str = DEFAULTS, **env: str) -> Place:
    return Place(folder, env={"SHELF_URL": service.url, **env}, defaults=defaults)


def test_every_service_with_a_key_is_asked_what_it_has(tmp_path: Path, infos: dict[str, ProviderInfo]) -> None:
    with ListingService() as service:
        place = place_of(tmp_path, service, OPENAI_API_KEY=service.key or "", SHELF_KEY="")
        closed = Mute.closed
        found = listed(place, infos)
        assert Mute.closed - closed == 3, "openai, home and mute: each is closed again"
        assert {asked.path for asked in service.asked} == {"/v1/models"}
    assert {name: offer.state for name, offer in found.items()} == {
        "gone": "closed", "home": "closed", "mute": "silent", "openai": "answered", "shelf": "closed",
    }  # fmt: skip
    openai = found["openai"]
    assert [(one.name, sorted(one.media or ()), one.aliases, one.note) for one in openai.models] == [
        ("mystery", [], (), "in preview"),
        ("gpt-image-1-mini", ["image"], ("image",), ""),
        ("gpt-5-mini", ["text"], ("text",), ""),
    ]
    mystery, picture, small = (one.rates for one in openai.models)
    assert mystery is None
    assert picture is not None
    assert small is not None
    assert small.output == Decimal(4) / 1_000_000, "the alias's own price beats the list's"
    assert openai.unlisted == (("old", "gpt-2"),)
    assert {name for name, offer in found.items() if offer.wanted} == {"openai"}
    assert exit_code(list(found.values())) == 0
    assert found["gone"].fault is not None
    assert found["gone"].fault.code == "provider-package-missing"


def test_a_key_that_is_missing_is_named_with_the_way_to_get_one(tmp_path: Path, infos: dict[str, ProviderInfo]) -> None:
    with ListingService() as service:
        found = listed(place_of(tmp_path, service), infos, "openai", "shelf")
        assert service.asked == []
    assert exit_code(list(found.values())) == 2
    assert found["shelf"].wanted, "it was named"
    assert [one.name for one in found["shelf"].models] == ["shelf-small"]
    assert found["shelf"].fault is not None
    says(
        found["shelf"].fault,
        "key-missing",
        """
        shelf needs a key, and SHELF_KEY is not set
          → Get a key at https://shelf.example/keys, then put SHELF_KEY=… into .env, or run with --offline
        """,
    )


def test_a_key_that_the_service_rejects(tmp_path: Path, infos: dict[str, ProviderInfo]) -> None:
    with ListingService() as service:
        found = listed(place_of(tmp_path, service, SHELF_KEY="wrong-0123456789"), infos, "shelf")
    assert exit_code(list(found.values())) == 1
    assert isinstance(found["shelf"].fault, ProviderError)
    assert found["shelf"].fault.code == "key-rejected"
    assert "wrong-0123456789" not in str(found["shelf"].fault)


def test_services_of_the_project_are_asked_too(tmp_path: Path, infos: dict[str, ProviderInfo]) -> None:
    with ListingService() as service, ListingService(("small", "text", ""), key="press-0123456789") as press:
        defaults = f"""
        models: {{text: {{provider: press, model: small}}}}
        providers:
          press: {{provider: openai, baseUrl: "{press.url}", keyEnv: PRESS_KEY}}
          open: {{provider: openai, baseUrl: "{press.url}", keyEnv: ""}}
        """
        place = place_of(tmp_path, service, defaults, PRESS_KEY="press-0123456789")
        found = listed(place, infos)
        project = place.project
        project.settings()
        assert project.masker.text("press-0123456789") == "***", "its key is a secret like the others"
    assert (found["press"].state, found["press"].protocol) == ("answered", "openai")
    assert [(one.name, one.aliases) for one in found["press"].models] == [("small", ("text",))]
    assert (found["open"].state, found["open"].wanted) == ("failed", True)


def test_a_server_on_this_machine_is_listed_when_it_runs(tmp_path: Path, infos: dict[str, ProviderInfo]) -> None:
    with ListingService(key="") as service:
        found = listed(place_of(tmp_path, service), infos, "home")
        assert found["home"].state == "failed", "it answers 401 to no key, and it was named"
        place = place_of(tmp_path, service)
    found = listed(place, infos)
    assert (found["home"].state, found["home"].wanted) == ("closed", False), "it does not run, and nobody asked for it"
    assert exit_code(list(found.values())) == 2
    assert listed(place, infos, "home")["home"].state == "failed"


def test_services_are_asked_at_once_and_none_for_ever(tmp_path: Path, infos: dict[str, ProviderInfo]) -> None:
    env = {"OPENAI_API_KEY": "sk-loopback-0123456789abcdef", "SHELF_KEY": "sk-loopback-0123456789abcdef"}
    with ListingService(latency=0.5) as service:
        started = time.monotonic()
        found = listed(place_of(tmp_path, service, **env), infos, "openai", "shelf")
        assert service.most_at_once == 2
        assert time.monotonic() - started < 30
    assert {offer.state for offer in found.values()} == {"answered"}
    with ListingService(latency=60) as service:
        found = listed(place_of(tmp_path, service, **env), infos, "shelf", seconds=0.3)
    assert found["shelf"].state == "failed"
    assert found["shelf"].fault is not None
    says(
        found["shelf"].fault,
        "models-late",
        """
        shelf did not list its models within 0.3 s
          → Try again; if it stays, its status page may say why.
        """,
    )


def test_a_provider_that_nobody_has(tmp_path: Path, infos: dict[str, ProviderInfo]) -> None:
    with ListingService() as service, pytest.raises(SetupError) as raised:
        listed(place_of(tmp_path, service), infos, "shelv")
    says(
        raised.value,
        "provider-unknown",
        """
        there is no provider “shelv”
          → Did you mean “shelf”?
        """,
    )


# On the command line --------------------------------------------------------------------------------------------------


@pytest.fixture
def here(tmp_path: Path, infos: dict[str, ProviderInfo], monkeypatch: pytest.MonkeyPatch) -> Story:
    for module in ("models", "project"):
        monkeypatch.setattr(f"genarun.client.{module}.provider_infos", lambda: infos)
    monkeypatch.chdir(tmp_path)
    return Story(tmp_path, defaults=DEFAULTS)


def test_models_are_shown_by_provider(here: Story) -> None:
    with ListingService() as service:
        here.env |= {"SHELF_URL": service.url, "OPENAI_API_KEY": service.key or ""}
        here.genarun("models")
    assert here.code == 0
    assert here.out.splitlines() == [
        "OpenAI  openai · 3 models",
        "  model             makes     in    out  alias  note",
        "  mystery                                       in preview",
        "  gpt-image-1-mini  image  $2.00  $8.00  image",
        "  gpt-5-mini        text   $3.00  $4.00  text",
        "  ▲ the alias old names gpt-2, which is not among them",
        "",
        "Dollars for a million tokens read and written, for a picture, for a call; + where long prompts cost more.",
        "4 providers are not set up here; `--all` shows them.",
    ]
    assert here.err == "openai: 3 models\n"


def test_all_shows_what_there_is_to_begin_with(here: Story) -> None:
    here.env |= {"SHELF_URL": "http://127.0.0.1:9/v1"}
    here.genarun("models", "--all")
    assert here.code == 2
    assert (
        "OpenAI  openai · cannot be asked\n  openai needs a key, and OPENAI_API_KEY is not set\n  → Get a key at " in here.out
    )
    assert (
        "Mute  mute · cannot be asked for its models\n"
        "  mute has no list that a program could ask for; see https://shelf.example/docs\n"
        "  to begin with:\n"
        "  model        makes\n"
        "  shelf-small  text\n"
    ) in here.out
    assert "→ Install it: pip install gone\n" in here.out
    assert "--all" not in here.out


def test_nothing_can_be_asked_or_nothing_answers(here: Story) -> None:
    here.env |= {"SHELF_URL": "http://127.0.0.1:9/v1"}
    here.genarun("models")
    assert here.code == 2
    here.env |= {"SHELF_KEY": "sk-loopback-0123456789abcdef"}
    here.genarun("models", "shelf")
    assert here.code == 1
    assert here.out.startswith("The Shelf  shelf · no answer\n  shelf ")
    assert here.err == "shelf: no answer\n"


def test_three_hundred_models_can_be_searched(here: Story) -> None:
    shelf = [(f"maker-{n % 7}/model-{n:03}", "text" if n % 2 else "image", "fast" if n == 9 else "") for n in range(300)]
    with ListingService(*shelf) as service:
        here.env |= {"SHELF_URL": service.url, "SHELF_KEY": service.key or ""}
        here.genarun("models", "shelf")
        assert here.code == 0
        assert len(here.out.splitlines()) == 304
        assert here.out.splitlines()[-1] == "300 models; `--find TEXT` shows fewer."
        assert max(map(len, here.out.splitlines())) < 60
        here.genarun("models", "shelf", "--find", "MODEL-00")
        assert here.out.splitlines()[0] == "The Shelf  shelf · 300 models, 10 shown"
        here.genarun("models", "shelf", "--find", "fast")
        assert [line.split()[0] for line in here.out.splitlines()[2:3]] == ["maker-2/model-009"]
        here.genarun("models", "shelf", "--find", "nothing like it")
        assert here.code == 0
        assert here.out.splitlines()[-1] == "No model has “nothing like it” in its name, note, medium or alias."


def test_models_as_json(here: Story) -> None:
    with ListingService() as service:
        here.env |= {"SHELF_URL": service.url, "OPENAI_API_KEY": service.key or "", "SHELF_KEY": "wrong-0123456789"}
        here.genarun("models", "--json", "--find", "mini")
    assert here.code == 0
    openai, shelf = here.document["providers"]
    assert (here.document["exitCode"], here.document["notShown"]) == (0, 3)
    assert (openai["name"], openai["state"], openai["total"], openai["error"]) == ("openai", "answered", 3, None)
    assert openai["models"][1] == {
        "model": "gpt-5-mini",
        "media": ["text"],
        "note": "",
        "usd": {"inputPerMillion": "3", "outputPerMillion": "4", "picture": None, "call": None},
        "aliases": ["text"],
    }
    assert openai["unlisted"] == [{"alias": "old", "model": "gpt-2"}]
    assert (shelf["state"], shelf["error"]["code"]) == ("failed", "key-rejected")
    assert "wrong-0123456789" not in here.out + here.err


def test_what_a_service_calls_its_models_cannot_steer_the_terminal(here: Story) -> None:
    with ListingService(("evil\x1b[2Jname\n", "text", "a\rb sk-loopback-0123456789abcdef")) as service:
        here.env |= {"SHELF_URL": service.url, "SHELF_KEY": service.key or ""}
        here.genarun("models", "shelf")
    assert "  evil[2Jname  text   ab ***\n" in here.out
