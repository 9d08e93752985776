"""The services that speak OpenAI's protocol by a name of their own: what is known of each, and what each does otherwise."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from genarun.errors import ProviderError
from genarun.providers.base import Listed, Medium, Provider, ProviderInfo, Settings, Usage
from genarun.providers.catalog import CATALOG, OLLAMA, OPENAI, address
from genarun.providers.key import request_key
from genarun.providers.openai import OpenAI
from genarun.providers.prices import Prices
from genarun.providers.registry import make_provider, missing_key, provider_infos, secret_names

from tests.helpers import Place
from tests.say import says
from tests.services.ask import ask, fault, shaped, text
from tests.services.asks import asking
from tests.services.openai_service import KEY, error
from tests.services.presets import PRESETS, Groq, OpenRouter, Preset
from tests.services.samples import mp4, png, wav

SHAPE = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"], "additionalProperties": False}


def key_of(info: ProviderInfo) -> str:
    return f"{info.name}-0123456789abcdef"


def running(name: str, **more: Any) -> Preset:
    info = CATALOG[name]
    return PRESETS[name](**({"key": None if info.key_optional else key_of(info)} | more))


def speaking(name: str, service: Preset, env: Mapping[str, str] | None = None, **more: Any) -> Provider:
    """A preset at its base URL, which the tree's settings name, with its own variable for the key."""
    info = provider_infos()[name]
    whole = {str(info.key_env): service.key or "", **(env or {})}
    return make_provider(info, Settings(name, base_url=service.url, env=whole, **more))


# What is known of them


def test_each_is_there_by_the_door_that_a_third_partys_package_takes() -> None:
    assert set(PRESETS) <= set(provider_infos())
    for name in PRESETS:
        assert isinstance(make_provider(provider_infos()[name], Settings(name)), OpenAI)


@pytest.mark.parametrize("name", PRESETS)
def test_what_the_catalogue_says_of_each(name: str) -> None:
    info = CATALOG[name]
    assert info.title
    assert info.page
    assert info.page.startswith("https://")
    assert info.base_url is not None
    assert info.base_url.endswith(PRESETS[name].prefix)
    assert info.key_env in info.secret_env, "its key is masked"
    assert info.key_url is not None or info.key_optional
    assert set(info.models) <= info.media
    assert "text" in info.models
    assert set(info.defaults) <= info.media
    assert info.local == info.key_optional, "servers of one's own ask for a key only if they were told to"
    assert info.limits
    assert all((limit.endswith(".") and limit[0].isupper()) or limit.startswith("llama-server") for limit in info.limits)


@pytest.mark.parametrize("name", [name for name in (*PRESETS, "openai") if CATALOG[name].prices])
def test_the_models_to_begin_with_have_a_price_where_the_list_knows_the_service(name: str) -> None:
    prices, info = Prices(), CATALOG[name]
    for medium in ("text", "embedding") if name != "openrouter" else ("text",):
        if medium in info.models:
            assert prices.cost(name, info.models[medium], Usage(1_000_000, 0)), f"{name} {info.models[medium]}"


def test_a_missing_key_says_where_to_get_one() -> None:
    found = missing_key(CATALOG["mistral"], Settings("mistral"))
    assert found is not None
    says(
        found,
        "key-missing",
        """
        mistral needs a key, and MISTRAL_API_KEY is not set
          → Get a key at https://console.mistral.ai/api-keys, then put MISTRAL_API_KEY=… into .env, or run with --offline
        """,
    )


@pytest.mark.parametrize("name", PRESETS)
def test_a_missing_key_is_an_error_only_where_the_service_asks_for_one(name: str) -> None:
    info = CATALOG[name]
    found = missing_key(info, Settings(name))
    if info.key_optional:
        assert found is None
        named = missing_key(info, Settings(name, key_env="MINE"))
        assert named is not None
        assert "MINE" in named.what, "a key that a tree names must be there"
        odd = missing_key(info, Settings(name, env={str(info.key_env): "two words"}))
        assert odd is not None
        assert odd.code == "key-malformed"
    else:
        assert found is not None
        assert f"{name} needs a key, and {info.key_env} is not set" in str(found)
        assert str(info.key_url) in str(found)


def test_every_key_is_masked_optional_ones_too() -> None:
    assert {str(CATALOG[name].key_env) for name in PRESETS} <= secret_names(provider_infos().values())


# Where they are


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("", "http://127.0.0.1:11434/v1"),
        ("127.0.0.1", "http://127.0.0.1:11434/v1"),
        ("0.0.0.0", "http://127.0.0.1:11434/v1"),
        ("0.0.0.0:8080", "http://127.0.0.1:8080/v1"),
        (":5000", "http://127.0.0.1:5000/v1"),
        ("box", "http://box:11434/v1"),
        ("box:5000/", "http://box:5000/v1"),
        ("[::1]", "http://[::1]:11434/v1"),
        ("[::]:5000", "http://[::1]:5000/v1"),
        ("http://box", "http://box/v1"),
        ("https://box.example/ollama", "https://box.example/ollama/v1"),
        ("https://box.example/v1/", "https://box.example/v1"),
    ],
)
def test_ollama_is_where_its_own_variable_says(host: str, url: str) -> None:
    assert address(OLLAMA, Settings("ollama", env={"OLLAMA_HOST": host})) == url


def test_variables_that_name_a_server_leave_the_path_to_us() -> None:
    env = {"GROQ_BASE_URL": "https://groq.proxy.example", "GOOGLE_GEMINI_BASE_URL": "https://g.proxy.example/"}
    assert address(CATALOG["groq"], Settings("groq", env=env)) == "https://groq.proxy.example/openai/v1"
    assert address(CATALOG["gemini"], Settings("gemini", env=env)) == "https://g.proxy.example/v1beta/openai"
    given = Settings("groq", base_url="https://mine.example/v9/", env=env)
    assert address(CATALOG["groq"], given) == "https://mine.example/v9", "what a tree says is whole"


def test_two_names_for_one_address_share_their_answers_and_old_keys_stay_valid() -> None:
    preset = make_provider(CATALOG["groq"], Settings("groq"))
    by_hand = make_provider(OPENAI, Settings("mine", base_url="https://api.groq.com/openai/v1", key_env="GROQ_API_KEY"))
    assert preset.identity(text()) == {"provider": "openai", "baseUrl": "https://api.groq.com/openai/v1"}
    assert request_key(preset, text()) == request_key(by_hand, text())


# What each answers


@pytest.mark.parametrize("name", PRESETS)
def test_each_is_asked_at_its_base_url_with_its_own_key_and_nothing_of_openais(name: str) -> None:
    env = {"OPENAI_API_KEY": KEY, "OPENAI_ORG_ID": "org-museum", "OPENAI_CUSTOM_HEADERS": "X-Team: press"}
    with running(name) as service:
        [reply] = ask(speaking(name, service, env), text())
    assert reply.text == "An answer to: Say hello"
    asked = service.asked[0]
    assert asked.path == f"{PRESETS[name].prefix}/chat/completions"
    wanted = None if CATALOG[name].key_optional else f"Bearer {key_of(CATALOG[name])}"
    assert asked.headers.get("authorization") == wanted
    assert not {"openai-organization", "openai-project", "x-team"} & set(asked.headers)


@pytest.mark.parametrize("name", PRESETS)
def test_a_rejected_key_stops_the_run_after_one_call_and_is_in_no_error(name: str) -> None:
    info = CATALOG[name]
    with running(name, key="the-right-one-0123456789") as service:
        found = fault(speaking(name, service, {str(info.key_env): "the-wrong-one-0123456789"}), text())
    assert (found.code, found.fatal) == ("key-rejected", True)
    assert str(info.key_env) in str(found)
    assert "the-wrong-one" not in str(found)
    assert len(service.asked) == 1


@pytest.mark.parametrize("name", [name for name in PRESETS if CATALOG[name].key_optional])
def test_a_key_that_is_optional_is_sent_where_it_is_given(name: str) -> None:
    with running(name, key="its-own-key-0123456789") as service:
        [reply] = ask(speaking(name, service), text())
    assert reply.text == "An answer to: Say hello"


@pytest.mark.parametrize("name", PRESETS)
def test_shapes_go_down_the_ladder_where_a_model_knows_less(name: str) -> None:
    with running(name, formats=frozenset({"json_object"})) as service:
        [reply] = ask(speaking(name, service), shaped(SHAPE, model=f"{name}-json"))
    formats = [asked.json.get("response_format", {}).get("type") for asked in service.asked]
    assert formats == ["json_schema", "json_object"]
    assert reply.text is not None
    assert "answer" in json.loads(reply.text)


def test_the_ladder_starts_where_the_catalogue_says() -> None:
    for structured, first in (("schema", "json_schema"), ("json", "json_object"), ("none", None)):
        info = dataclasses.replace(CATALOG["huggingface"], structured=structured)  # type: ignore[arg-type]
        with running("huggingface") as service:
            provider = OpenAI(Settings("x", base_url=service.url, env={"HF_TOKEN": service.key or ""}, info=info))
            ask(provider, shaped(SHAPE, model=f"starts-with-{structured}"))
        assert service.asked[0].json.get("response_format", {}).get("type") == first


def test_the_settings_beat_the_catalogue_there() -> None:
    info = dataclasses.replace(CATALOG["huggingface"], structured="none")
    with running("huggingface") as service:
        env = {"HF_TOKEN": service.key or ""}
        provider = OpenAI(Settings("x", base_url=service.url, env=env, info=info, options={"structured": "schema"}))
        ask(provider, shaped(SHAPE, model="forced"))
    assert service.asked[0].json["response_format"]["type"] == "json_schema"


@pytest.mark.parametrize("name", PRESETS)
def test_pictures_can_be_shown_to_each(name: str) -> None:
    assert CATALOG[name].sees
    with running(name) as service:
        [reply] = ask(speaking(name, service), asking("text", "What is it?", "any", "door"))
    assert reply.text == "An answer to: What is it?"


@pytest.mark.parametrize("name", PRESETS)
def test_log_probabilities_are_asked_for_only_where_the_service_has_them(name: str) -> None:
    with running(name) as service:
        [reply] = ask(speaking(name, service), text(logprobs=True))
    assert bool(reply.tokens) == CATALOG[name].logprobs == ("logprobs" in service.asked[0].json)


@pytest.mark.parametrize(
    ("name", "medium"),
    [(name, medium) for name in PRESETS for medium in sorted(CATALOG[name].media) if medium != "text"],
)
def test_each_medium_that_the_catalogue_names_is_served(name: str, medium: Medium) -> None:
    with running(name) as service:
        [reply] = ask(speaking(name, service), asking(medium, "A door", "any-model"))
    made: dict[Medium, Any] = {"image": png("any-model A door"), "video": mp4("any-model A door")}
    if medium == "embedding":
        assert reply.vector is not None
        assert len(reply.vector) == 8
    elif medium == "audio":
        assert reply.files[0].data is not None
        assert reply.usage == Usage(characters=6)
    else:
        assert reply.files[0].data == made[medium] or reply.files[0].url is not None


# What each does otherwise


def test_gemini_says_by_a_list_what_is_wrong_and_how_long_to_wait() -> None:
    def busy(body: dict[str, Any]) -> Any:
        raise error(429, "You exceeded your current quota. Please retry in 7.5s.", "RESOURCE_EXHAUSTED")

    with running("gemini", answer=busy) as service:
        found = fault(speaking("gemini", service), text())
    assert (found.code, found.retry, found.retry_after) == ("rate-limited", True, 7.5)
    says(
        found,
        "rate-limited",
        """
        gemini asks us to slow down (HTTP 429): You exceeded your current quota. Please retry in 7.5s.
          → If this goes on, lower `concurrency` or set `rpm` on the model alias.
        """,
    )


def test_gemini_says_with_400_that_a_key_is_wrong() -> None:
    with running("gemini") as service:
        found = fault(speaking("gemini", service, {"GEMINI_API_KEY": "AIza-wrong-0123456789"}), text())
    says(
        found,
        "key-rejected",
        """
        gemini rejected the key (HTTP 400): API key not valid. Please pass a valid API key.
          → Check the value of GEMINI_API_KEY in .env, or in Actions the repository secret. Keys are made at https://aistudio.google.com/apikey
        """,
    )


def test_gemini_keeps_a_film_at_an_address_of_its_own_that_needs_the_key() -> None:
    with running("gemini") as service:
        [reply] = ask(speaking("gemini", service), asking("video", "A door", "veo-test", params={"seconds": "8"}))
    assert (reply.files[0].data, reply.usage) == (mp4("veo-test A door"), Usage(seconds=8.0))
    assert service.asked[-1].path == "/files/film-video_0000"
    assert service.asked[0].headers["content-type"].startswith("multipart/form-data")


@pytest.mark.parametrize(("medium", "does"), [("image", "draws"), ("video", "films")])
def test_gemini_takes_no_pictures_to_begin_with(medium: Medium, does: str) -> None:
    with running("gemini") as service:
        found = fault(speaking("gemini", service), asking(medium, "Paint it red", "any", "door"))
    assert (found.fatal, service.asked) == (True, [])
    assert found.what == f"gemini {does} from words alone: it takes no pictures to begin with"


def test_what_is_said_where_pictures_cannot_go_along() -> None:
    with running("ollama") as service:
        found = fault(speaking("ollama", service), asking("image", "Paint it red", "any", "door"))
    says(
        found,
        "pictures-unsupported",
        """
        ollama draws from words alone: it takes no pictures to begin with
          → Leave `images` out, or ask a model of another provider.
        """,
    )


@pytest.mark.parametrize("name", ["mistral", "ollama"])
def test_limits_on_length_go_by_the_name_that_the_service_knows(name: str) -> None:
    with running(name) as service:
        [reply] = ask(speaking(name, service), text(params={"max_completion_tokens": 50, "seed": 7}))
    assert reply.text == "An answer to: Say hello"
    sent = json.loads(service.asked[0].body)
    assert sent["max_tokens"] == 50
    assert ("random_seed" in sent) == (name == "mistral")
    assert "max_completion_tokens" not in sent


def test_mistrals_words_about_a_field_are_shown_plainly() -> None:
    with running("mistral") as service:
        found = fault(speaking("mistral", service), text(params={"verbosity": "low", "user": "me"}))
    says(
        found,
        "request-refused",
        """
        mistral refused the request for gpt-test (HTTP 422): body.user: Extra inputs are not permitted
          → Check the prompt, and the parameters of the model and of the node.
        """,
    )


def test_groqs_answer_that_misses_its_shape_is_looked_at_like_any_other() -> None:
    with running("groq") as service:
        assert isinstance(service, Groq)
        service.failed = '{"n": "seven"}'
        [reply] = ask(speaking("groq", service), shaped(SHAPE, model="groq-fails"))
    assert (reply.text, reply.usage) == ('{"n": "seven"}', Usage())
    assert len(service.asked) == 1, "and is not mistaken for a model that knows no schemas"


def test_groqs_answer_that_is_none_is_worth_another_try() -> None:
    with running("groq") as service:
        assert isinstance(service, Groq)
        service.failed = ""
        found = fault(speaking("groq", service), shaped(SHAPE, model="groq-fails"))
    assert (found.code, found.retry) == ("answer-empty", True)


def test_a_model_that_takes_schemas_but_not_strictly() -> None:
    with running("groq") as service:
        assert isinstance(service, Groq)
        service.strict = False
        for _ in range(2):
            [reply] = ask(speaking("groq", service), shaped(SHAPE, model="groq-loose"))
    assert [asked.json["response_format"]["json_schema"]["strict"] for asked in service.asked] == [True, False, False]
    assert reply.text is not None
    assert set(json.loads(reply.text)) == {"n"}


@pytest.mark.parametrize(("name", "voice"), [("groq", "autumn"), ("ollama", "Freya")])
def test_a_voice_of_the_services_own_where_a_tree_names_none(name: str, voice: str) -> None:
    with running(name) as service:
        [reply] = ask(speaking(name, service), asking("audio", "Good morning", "any"))
    assert (reply.files[0].data, reply.files[0].media_type) == (wav(f"{voice} Good morning"), "audio/wav")


def test_openrouter_draws_at_its_own_address_and_names_the_price() -> None:
    with running("openrouter") as service:
        plain, edited = ask(
            speaking("openrouter", service),
            asking("image", "A door", "flux", params={"n": 1}),
            asking("image", "Paint it red", "flux", "door"),
        )
    assert {asked.path for asked in service.asked} == {"/api/v1/images"}
    assert (plain.files[0].data, plain.usd, plain.usage) == (png("flux A door"), Decimal("0.0125"), Usage(0, 4175, 1))
    [shown] = next(asked.json["input_references"] for asked in service.asked if "input_references" in asked.json)
    assert (shown["type"], shown["image_url"]["url"][:22]) == ("image_url", "data:image/png;base64,")
    assert edited.files[0].data == png("flux Paint it red")


def test_openrouter_films_in_json_and_says_otherwise_how_they_stand() -> None:
    with running("openrouter") as service:
        [reply] = ask(speaking("openrouter", service), asking("video", "It opens", "veo", "door", params={"duration": 6}))
    begun = service.asked[0].json
    assert begun["frame_images"][0]["frame_type"] == "first_frame"
    assert (reply.files[0].data, reply.usd, reply.usage) == (mp4("veo It opens"), Decimal("0.0125"), Usage(seconds=6.0))
    with running("openrouter") as service:
        ask(speaking("openrouter", service), asking("video", "Both", "veo", "door", "key"))
    assert len(service.asked[0].json["input_references"]) == 2


def test_a_film_that_took_too_long() -> None:
    with running("openrouter", steps=("pending", "expired")) as service:
        found = fault(speaking("openrouter", service), asking("video", "A door", "veo"))
    assert (found.code, found.what) == ("film-failed", "veo made no film: The job took too long.")


@pytest.mark.parametrize(
    ("usage", "usd"),
    [
        ({"cost": 0.002, "is_byok": True, "cost_details": {"upstream_inference_cost": 0.01}}, Decimal("0.012")),
        ({"cost": 0.002, "is_byok": True}, None),
        ({"cost": None}, None),
        ({"cost": "0.5"}, Decimal("0.5")),
        ({"cost": -1}, None),
        ({}, None),
    ],
    ids=["a key of one's own at the maker", "whose bill is unknown", "none", "as text", "less than nothing", "nothing"],
)
def test_what_a_price_in_an_answer_is(usage: dict[str, Any], usd: Decimal | None) -> None:
    class Priced(OpenRouter):
        def price(self) -> dict[str, Any]:
            return usage

    with Priced(key=KEY) as service:
        [reply] = ask(speaking("openrouter", service), text())
    assert reply.usd == usd


# What there is


def listed(provider: Any) -> list[Listed]:
    async def go() -> list[Listed]:
        try:
            return list(await provider.models())
        finally:
            await provider.close()

    return asyncio.run(go())


@pytest.mark.parametrize(
    ("name", "models", "found"),
    [
        ("gemini", ["gemini-3.8-flash", "veo-3.1"], {"gemini-3.8-flash": {"text"}, "veo-3.1": {"video"}}),
        ("mistral", ["mistral-large", "mistral-embed"], {"mistral-embed": {"embedding"}, "mistral-large": {"text"}}),
        ("groq", ["openai/gpt-oss-120b", "whisper-large-v3"], {"openai/gpt-oss-120b": {"text"}, "whisper-large-v3": set()}),
        ("groq", ["canopylabs/orpheus-v1-english", "allam-2"], {"allam-2": None, "canopylabs/orpheus-v1-english": {"audio"}}),
        ("openrouter", ["video-a", "speech-b"], {"speech-b": {"audio"}, "video-a": {"video"}}),
        ("openrouter", ["image-a"], {"image-a": {"image", "text"}}),
        ("huggingface", ["zai-org/GLM-5.3", "BAAI/bge-m3"], {"BAAI/bge-m3": set(), "zai-org/GLM-5.3": {"text"}}),
        ("ollama", ["gemma4:31b", "embeddinggemma"], {"embeddinggemma": {"embedding"}, "gemma4:31b": {"text"}}),
        ("vllm", ["Qwen/Qwen3-8B"], {"Qwen/Qwen3-8B": {"text"}}),
        ("llamacpp", ["../models/some.gguf"], {"../models/some.gguf": {"text"}}),
    ],
)
def test_the_models_of_each_and_what_they_make(name: str, models: list[str], found: dict[str, set[str] | None]) -> None:
    with running(name, models=frozenset(models)) as service:
        given = listed(speaking(name, service))
    assert {one.model: None if one.media is None else set(one.media) for one in given} == found
    assert [one.model for one in given] == sorted(found)


@pytest.mark.parametrize("name", PRESETS)
def test_a_list_of_models_never_quotes_the_key(name: str) -> None:
    with running(name, key="the-right-one-0123456789") as service, pytest.raises(ProviderError) as raised:
        listed(speaking(name, service, {str(CATALOG[name].key_env): "the-wrong-one-0123456789"}))
    assert raised.value.code == "key-rejected"
    assert "the-wrong-one" not in str(raised.value)


# In a tree


def test_a_tree_asks_a_server_of_ones_own_by_its_name_without_a_key_and_for_nothing(tmp_path: Path) -> None:
    with running("ollama") as service:
        place = Place(
            tmp_path,
            env={"OLLAMA_HOST": f"127.0.0.1:{service.port}"},
            defaults="models: {text: {provider: ollama, model: 'gpt-oss:20b'}}\nbudget: {usd: 0.01}\n",
        )
        place.tree("generations: [{id: title, type: text, config: {prompt: Name a show.}}]")
        assert "can run for real" in place.command("doctor").stdout
        done = place.command("run", "t")
    assert (done.returncode, done.stderr.count("Traceback")) == (0, 0), done.stderr
    [record] = place.records()
    assert (record["value"], record["provider"], record["usd"]) == ("An answer to: Name a show.", "ollama", "0")


def test_a_tree_whose_service_needs_a_key_that_is_not_there_calls_nothing(tmp_path: Path) -> None:
    with running("groq") as service:
        place = Place(
            tmp_path,
            env={"GROQ_BASE_URL": f"http://127.0.0.1:{service.port}"},
            defaults="models: {text: {provider: groq, model: openai/gpt-oss-120b}}\n",
        )
        place.tree("generations: [{id: title, type: text, config: {prompt: Name a show.}}]")
        done = place.command("run", "t")
        assert done.returncode == 2
        assert "groq needs a key, and GROQ_API_KEY is not set" in done.stderr
        assert (
            "Get a key at https://console.groq.com/keys, then put GROQ_API_KEY=… into .env, or run with --offline"
            in done.stderr
        )
        assert not service.asked
        place.env["GROQ_API_KEY"] = service.key or ""
        assert place.command("run", "t").returncode == 0
    [record] = place.records()
    assert (record["value"], record["usd"]) == ("An answer to: Name a show.", "0.00000405")
