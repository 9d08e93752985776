"""Pictures through Hugging Face's router, against a loopback Hub and router that the real client calls too."""

from __future__ import annotations

import asyncio
import base64
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from genarun.errors import ProviderError, SetupError
from genarun.providers.base import File, Listed, ModelRequest, Settings, Usage
from genarun.providers.huggingface_image import HuggingFaceImage
from genarun.providers.key import request_key
from genarun.providers.registry import missing_key, provider_infos

from tests.helpers import Place
from tests.say import says
from tests.services.ask import ask, huggingface_image
from tests.services.ask import picture as asking
from tests.services.huggingface_service import FLUX, KEY, HuggingFaceService, served
from tests.services.samples import png
from tests.services.web import Asked, Faults, Reply

EVERYONE = served(fal_ai="fal-ai/flux/schnell", nscale=FLUX, together="black-forest-labs/FLUX.1-schnell", hf_inference=FLUX)


def picture(prompt: str = "A lighthouse", model: str = FLUX, **more: Any) -> ModelRequest:
    return asking(prompt, model, **more)


def by(partner: str, **more: Any) -> HuggingFaceService:
    """A service whose one model is drawn by one partner."""
    return HuggingFaceService(models={FLUX: {partner: EVERYONE[partner]}}, **more)


def test_whoever_the_hub_names_first_draws_and_is_named_in_the_answer() -> None:
    with HuggingFaceService() as service:
        [reply] = ask(huggingface_image(service), picture("A red door", params={"width": 512, "height": 256, "seed": 7}))
        assert reply.files == (File(url=f"{service.url}/files/0.png"),)
    assert reply.usage == Usage(images=1)
    assert reply.model == f"{FLUX}:fal-ai"
    hub, router = service.asked
    assert (hub.path, hub.query) == (f"/api/models/{FLUX}", {"expand": "inferenceProviderMapping"})
    assert router.path == "/fal-ai/fal-ai/flux/schnell"
    assert router.json == {"prompt": "A red door", "image_size": {"width": 512, "height": 256}, "seed": 7}


@pytest.mark.parametrize("partner", ["nscale", "together", "hf-inference"])
def test_a_partner_that_is_named_draws(partner: str) -> None:
    with HuggingFaceService(models={FLUX: EVERYONE}) as service:
        [reply] = ask(huggingface_image(service), picture("A red door", f"{FLUX}:{partner}"))
    assert reply.files == (File(data=png(f"{FLUX} A red door"), media_type="image/png"),)
    assert reply.model == f"{FLUX}:{partner}"


def test_what_is_live_goes_before_what_is_not() -> None:
    partners = {"fal-ai": {**EVERYONE["fal-ai"], "status": "error"}, "nscale": EVERYONE["nscale"]}
    with HuggingFaceService(models={FLUX: partners}) as service:
        [live, named] = ask(huggingface_image(service), picture(), picture(model=f"{FLUX}:fal-ai"))
    assert (live.model, named.model) == (f"{FLUX}:nscale", f"{FLUX}:fal-ai")


def test_the_hub_is_asked_once_however_many_pictures_are_drawn() -> None:
    with HuggingFaceService(latency=0.01) as service:
        replies = ask(huggingface_image(service), *(picture(f"door {number}") for number in range(20)))
    assert len(replies) == len(service.drawn) == 20
    assert len(service.asked) == 21


def test_several_pictures_at_once_and_one_inside_the_answer() -> None:
    with HuggingFaceService() as service:
        [reply] = ask(huggingface_image(service), picture(params={"num_images": 2}))
    assert (len(reply.files), reply.usage.images) == (2, 2)
    inside = json.dumps({"images": [{"url": "data:image/png;base64," + base64.b64encode(png("x")).decode()}]}).encode()
    with HuggingFaceService(answer=lambda *_: Reply(inside)) as service:
        [reply] = ask(huggingface_image(service), picture())
    assert reply.files == (File(data=png("x"), media_type="image/png"),)


def test_weights_beside_a_base_model_are_named_by_their_address() -> None:
    lora = {**EVERYONE["fal-ai"], "providerId": "fal-ai/lora", "adapterWeightsPath": "style.safetensors"}
    with HuggingFaceService(models={"artist/ink": {"fal-ai": lora}}) as service:
        ask(huggingface_image(service), picture(model="artist/ink"))
    assert service.drawn[0].json == {
        "prompt": "A lighthouse",
        "loras": [{"path": f"{service.url}/artist/ink/resolve/main/style.safetensors", "scale": 1}],
        "model_name": "stabilityai/stable-diffusion-xl-base-1.0",
    }


# The client as the measure


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """`InferenceClient` of huggingface_hub, its addresses those of a service."""
    import huggingface_hub
    from huggingface_hub import constants
    from huggingface_hub.inference._providers import PROVIDERS, _common

    def make(service: HuggingFaceService, partner: str) -> huggingface_hub.InferenceClient:
        _common._fetch_inference_provider_mapping.cache_clear()
        monkeypatch.setattr(constants, "ENDPOINT", service.url)
        monkeypatch.setattr(constants, "INFERENCE_PROXY_TEMPLATE", service.url + "/{provider}")
        monkeypatch.setattr("huggingface_hub.inference._providers.hf_inference._check_supported_task", lambda *_: None)
        monkeypatch.setattr(PROVIDERS["hf-inference"]["text-to-image"], "base_url", f"{service.url}/hf-inference")
        return huggingface_hub.InferenceClient(provider=partner, api_key=KEY)  # type: ignore[arg-type]

    monkeypatch.setenv("HF_TOKEN", KEY)
    yield make
    huggingface_hub.close_session()


def seen(headers: dict[str, str]) -> dict[str, str]:
    """Headers without those that describe who sends and by what means."""
    own = {"accept-encoding", "connection", "content-length", "host", "user-agent", "x-amzn-trace-id"}
    return {name: value for name, value in headers.items() if name not in own}


def asked(service: HuggingFaceService) -> list[Asked]:
    """Requests that have to do with a model. The client also reports which program it runs in."""
    return [one for one in service.asked if one.method == "POST" or one.path.startswith("/api/models/")]


SIZED = {"width": 512, "height": 256, "num_inference_steps": 4, "seed": 7}


@pytest.mark.parametrize("params", [{}, SIZED], ids=["plain", "sized"])
@pytest.mark.parametrize("partner", ["fal-ai", "nscale", "together", "hf-inference"])
def test_a_drawing_is_asked_for_as_the_client_does_it(partner: str, params: dict[str, Any], client: Any) -> None:
    from PIL import Image

    with by(partner) as service:
        drawn = client(service, partner).text_to_image("A lighthouse", model=FLUX, **params)
        theirs = asked(service)
        [reply] = ask(huggingface_image(service), picture(model=f"{FLUX}:{partner}", params=params))
        ours = asked(service)[len(theirs) :]
    assert drawn.tobytes() == Image.open(io.BytesIO(png(f"{FLUX} A lighthouse"))).tobytes()
    assert reply.model == f"{FLUX}:{partner}"
    assert [one.method for one in ours] == ["GET", "POST"]
    # For its own service the client does not ask who draws, but another question, which the fixture answers.
    assert [one.method for one in theirs] == (["POST"] if partner == "hf-inference" else ["GET", "POST"])
    for one, other in zip(ours[-len(theirs) :], theirs, strict=True):
        assert (one.method, one.path, one.query, one.json) == (other.method, other.path, other.query, other.json)
        assert seen(one.headers) == seen(other.headers)


def test_the_models_that_somebody_draws() -> None:
    models = {FLUX: EVERYONE, "a/b": served(replicate="a/b"), "c/d": served(nscale="c/d")}
    with HuggingFaceService(models=models) as service:
        provider = huggingface_image(service)
        assert isinstance(provider, HuggingFaceImage)
        assert listed(provider) == [Listed(FLUX, frozenset({"image"})), Listed("c/d", frozenset({"image"}))]
    assert service.asked[0].query["inference_provider"] == "fal-ai,nscale,together,hf-inference"
    with HuggingFaceService(faults=Faults(1.0, ("shape",))) as service:
        provider = huggingface_image(service)
        assert isinstance(provider, HuggingFaceImage)
        with pytest.raises(ProviderError) as raised:
            listed(provider)
    assert raised.value.code == "answer-incomplete"


def listed(provider: HuggingFaceImage) -> list[Listed]:
    async def go() -> list[Listed]:
        try:
            return await provider.models()
        finally:
            await provider.close()

    return asyncio.run(go())


# Whom it asks


def test_the_key_is_the_same_for_two_names_of_one_service() -> None:
    one = HuggingFaceImage(Settings("one"))
    assert one.identity(picture()) == {"provider": "huggingface-image", "baseUrl": "https://router.huggingface.co"}
    other = HuggingFaceImage(Settings("other", base_url="https://router.huggingface.co/", key_env="B"))
    assert request_key(one, picture()) == request_key(other, picture(node="else", path="where/1"))
    assert request_key(one, picture()) != request_key(one, picture(model=f"{FLUX}:nscale"))


def test_a_hub_that_is_no_address() -> None:
    with pytest.raises(SetupError) as raised:
        HuggingFaceImage(Settings("huggingface-image", env={"HF_ENDPOINT": "hub.example"}))
    assert raised.value.code == "base-url-invalid"


def test_a_token_that_is_not_there() -> None:
    fault = missing_key(provider_infos()["huggingface-image"], Settings("huggingface-image"))
    assert fault is not None
    says(
        fault,
        "key-missing",
        """
        huggingface-image needs a key, and HF_TOKEN is not set
          → Get a key at https://huggingface.co/settings/tokens, then put HF_TOKEN=… into .env, or run with --offline
        """,
    )


# A whole tree


def test_a_tree_draws_once_and_its_recording_draws_the_same(tmp_path: Path) -> None:
    said = tmp_path / "said.jsonl"
    tree = """
        generations:
          - {id: door, type: image, config: {prompt: A red door}}
          - {id: gate, type: image, config: {prompt: A gate, model: bytes}}
    """
    with HuggingFaceService(models={FLUX: EVERYONE}) as service:
        defaults = f"""
            models:
              image: {{provider: hub, model: {FLUX}, params: {{seed: 7}}, price: {{image: 0.003}}}}
              bytes: {{provider: hub, model: "{FLUX}:hf-inference", price: {{image: 0.003}}}}
            providers:
              hub: {{provider: huggingface-image, baseUrl: "{service.url}", keyEnv: HF_TOKEN}}
            budget: {{usd: 5, calls: 100}}
            errorPolicy: {{maxRetries: 2, retryDelay: 5ms}}
            assets: {{allowPrivate: true}}
        """
        place = Place(tmp_path / "one", env={"HF_ENDPOINT": service.url, "HF_TOKEN": KEY}, defaults=defaults)
        place.tree(tree)
        result = place.run(record=said)
        assert result.status == "succeeded", result.failures
        run = place.root / "trees/t" / place.runs()[0]
        assert (run / result.output["door"]).read_bytes() == png(f"{FLUX} A red door")
        assert (run / result.output["gate"]).read_bytes() == png(f"{FLUX} A gate")
        assert len(service.drawn) == 2
        assert result.summary is not None
        assert result.summary.totals.usd == "0.006"
        assert place.run().unchanged
        assert len(service.drawn) == 2
    assert KEY not in said.read_text()
    other = Place(tmp_path / "two", defaults=defaults)
    other.tree(tree)
    assert other.run(replay=said).output == result.output
