"""What the Hub, its router and the partners answer when something is wrong, and what becomes of it."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from typing import Any
from urllib.parse import quote as url_quote

import pytest
from genarun.errors import ProviderError
from genarun.providers.base import Attachment, ModelRequest

from tests.providers.test_huggingface_image import EVERYONE, by, picture
from tests.say import says
from tests.services.ask import fault, huggingface_image
from tests.services.huggingface_service import FLUX, HuggingFaceService, error, served
from tests.services.samples import png
from tests.services.web import FAULTS, Faults, Refuse, Reply


def test_pictures_to_start_from_are_not_taken() -> None:
    wren = Attachment("sha256:1", "wren.png", png("wren"), "image/png")
    with HuggingFaceService() as service:
        found = fault(huggingface_image(service), picture(attached={wren.digest: wren}))
    assert not service.asked
    says(
        found,
        "pictures-not-taken",
        """
        huggingface-image draws from words alone, and this prompt brings pictures
          → Leave `images` out of the prompt, or ask a model of another provider.
        """,
    )


@pytest.mark.parametrize("name", ["flux", "a/b/c", "../x", "a/b:", "a/b:Fal", "a/ b"])
def test_a_name_that_no_model_has(name: str) -> None:
    with HuggingFaceService() as service:
        found = fault(huggingface_image(service), picture(model=name))
    assert not service.asked
    assert found.fatal
    says(
        found,
        "model-unnamed",
        f"""
        {name} is no name of a model on huggingface-image
          → Write it as owner/name, or as owner/name:partner.
        """,
    )


@pytest.mark.parametrize(
    ("partners", "wanted", "named"),
    [
        (served(replicate="a/flux", wavespeed="w/flux"), "", "replicate, wavespeed"),
        (served(nscale=FLUX), ":fal-ai", "nscale"),
        (served(nscale=FLUX), ":replicate", "nscale"),
        ({"nscale": {"status": "live", "providerId": FLUX, "task": "conversational"}}, "", "nobody"),
        ({"fal-ai": {"status": "live", "providerId": "../../api/models", "task": "text-to-image"}}, "", "nobody"),
        ({}, "", "nobody"),
    ],
)
def test_a_model_that_nobody_draws(partners: dict[str, Any], wanted: str, named: str) -> None:
    with HuggingFaceService(models={FLUX: partners}) as service:
        found = fault(huggingface_image(service), picture(model=f"{FLUX}{wanted}"))
    assert not service.drawn
    assert (found.fatal, found.retry) == (True, False)
    says(
        found,
        "model-undrawn",
        f"""
        nobody whom huggingface-image can ask draws {FLUX}{wanted}; the Hub names {named}
          → Take one of https://huggingface.co/models?pipeline_tag=text-to-image&inference_provider=fal-ai,nscale,together,hf-inference
        """,
    )


def test_a_model_that_does_not_exist_and_one_that_has_another_name() -> None:
    with HuggingFaceService() as service:
        found = fault(huggingface_image(service), picture(model="nobody/nothing"))
    assert found.fatal
    says(
        found,
        "model-unknown",
        """
        huggingface-image does not know the model nobody/nothing (HTTP 404): Repository not found
          → Check the model's name under `models` in the tree or in trees/defaults.yaml, and that the key may use it.
        """,
    )

    class Renamed(HuggingFaceService):
        def _model(self, name: str, query: dict[str, str]) -> Reply:
            return Reply(b"Temporary Redirect. Redirecting", 307, headers={"location": f"/api/models/{FLUX}?expand=x"})

    with Renamed() as service:
        found = fault(huggingface_image(service), picture(model="old/flux"))
    assert (found.code, found.fatal) == ("model-unknown", True)
    assert f"does not know the model old/flux (HTTP 307): it is called {FLUX} now" in str(found)


def test_a_model_whose_terms_were_not_accepted() -> None:
    with HuggingFaceService(gated=frozenset({FLUX})) as service:
        found = fault(huggingface_image(service), picture())
    assert (found.fatal, found.retry, found.status) == (True, False, 403)
    says(
        found,
        "model-gated",
        f"""
        {FLUX} is only for those who accepted its terms (HTTP 403): Access to model {FLUX} is restricted and you are not in the authorized list. Visit https://huggingface.co/{FLUX} to ask for access.
          → Accept them at https://huggingface.co/{FLUX} with the account that the token belongs to.
        """,  # noqa: E501
    )


def refusing(refuse: Refuse) -> HuggingFaceService:
    def answer(partner: str, body: dict[str, Any]) -> Any:
        raise refuse

    return HuggingFaceService(answer=answer)


def test_a_token_without_the_permission() -> None:
    words = "This authentication method does not have sufficient permissions to call Inference Providers on behalf of user ada"
    with refusing(error(403, words)) as service:
        found = fault(huggingface_image(service), picture())
    assert (found.fatal, found.retry) == (True, False)
    says(
        found,
        "key-lacks-permission",
        f"""
        the token may not be used to draw with huggingface-image (HTTP 403): {words}
          → Give it the permission “Make calls to Inference Providers” at https://huggingface.co/settings/tokens
        """,
    )


DEPRECATED = "The requested model is deprecated and no longer supported by provider hf-inference"


@pytest.mark.parametrize(
    ("refuse", "code", "retry", "fatal", "says_so"),
    [
        (
            error(401, "Invalid credentials in Authorization header"), "key-rejected", False, True,
            "huggingface-image rejected the key (HTTP 401): Invalid credentials in Authorization header\n  → Check the value "
            "of HF_TOKEN in .env, or in Actions the repository secret. Keys are made at https://huggingface.co/settings/tokens",
        ),
        (
            error(402, "You have exceeded your monthly included credits for Inference Providers."), "no-credit", False, True,
            "huggingface-image has no credit left for this key (HTTP 402): You have exceeded your monthly included credits for "
            "Inference Providers.\n  → Add credit or raise the limit at the service, then run again; finished calls are kept.",
        ),
        (
            error(410, DEPRECATED), "model-unknown", False, True,
            f"huggingface-image does not know the model {FLUX} (HTTP 410): {DEPRECATED}\n  → Check the model's name under "
            "`models` in the tree or in trees/defaults.yaml, and that the key may use it.",
        ),
        (
            error(400, "Model not supported by provider fal-ai"), "model-unknown", False, True,
            f"huggingface-image does not know the model {FLUX} (HTTP 400): Model not supported by provider fal-ai\n  → Check "
            "the model's name under `models` in the tree or in trees/defaults.yaml, and that the key may use it.",
        ),
        (
            error(422, "Unknown parameter: quality"), "request-refused", False, False,
            f"huggingface-image refused the request for {FLUX} (HTTP 422): Unknown parameter: quality\n"
            "  → Check the prompt, and the parameters of the model and of the node.",
        ),
        (
            error(504, "Gateway Timeout"), "service-failed", True, False,
            "huggingface-image failed (HTTP 504): Gateway Timeout\n"
            "  → Nothing is wrong on this side; run again later, finished calls are kept.",
        ),
    ],
)  # fmt: skip
def test_what_the_service_refuses(refuse: Refuse, code: str, retry: bool, fatal: bool, says_so: str) -> None:
    with refusing(refuse) as service:
        found = fault(huggingface_image(service), picture())
    assert (found.code, found.retry, found.fatal) == (code, retry, fatal)
    assert str(found) == says_so


@pytest.mark.parametrize(
    ("body", "headers", "wait"),
    [
        ({"error": f"Model {FLUX} is currently loading", "estimated_time": 20.5}, {}, 20.5),
        ({"error": f"Model {FLUX} is currently loading", "estimated_time": 20.5}, {"retry-after": "3"}, 3.0),
        ({"error": "Service Unavailable"}, {}, None),
        ({"error": "Service Unavailable", "estimated_time": "soon"}, {}, None),
    ],
)
def test_a_model_that_is_being_loaded(body: dict[str, Any], headers: dict[str, str], wait: float | None) -> None:
    with refusing(Refuse(Reply(json.dumps(body).encode(), 503, headers=headers))) as service:
        found = fault(huggingface_image(service), picture())
    assert (found.code, found.retry, found.retry_after) == ("service-failed", True, wait)


@pytest.mark.parametrize(
    ("partner", "body", "code"),
    [
        ("fal-ai", b'{"images":[]}', "answer-incomplete"),
        ("fal-ai", b'{"images":[{"file":"x"}]}', "answer-incomplete"),
        ("fal-ai", b'{"images":["x"]}', "answer-incomplete"),
        ("fal-ai", b"[]", "answer-incomplete"),
        ("nscale", b'{"data":[{"b64_json":"%%%"}]}', "answer-incomplete"),
        ("together", b'{"data":', "answer-not-json"),
        ("hf-inference", b'{"error":"x"}', "answer-incomplete"),
        ("hf-inference", b"<html>", "answer-html"),
        ("hf-inference", b"", "answer-incomplete"),
        ("hf-inference", png("x")[: len(png("x")) // 2], "answer-incomplete"),
    ],
)
def test_pictures_that_are_none(partner: str, body: bytes, code: str) -> None:
    with by(partner, answer=lambda *_: Reply(body)) as service:
        found = fault(huggingface_image(service), picture())
    assert (found.code, found.retry, found.fatal) == (code, True, False)


SECRET = 'hf_lo"op/back+0123=456789'


@pytest.mark.parametrize("place", ["hub", "partner", "gated", "permission"])
def test_a_token_that_is_echoed_is_never_quoted(place: str) -> None:
    encoded = base64.b64encode(b"key:" + SECRET.encode()).decode()
    forms = [SECRET, json.dumps(SECRET)[1:-1], url_quote(SECRET, safe=""), encoded]
    words = " and ".join(forms)
    refuse = {
        "hub": error(404, words, "RepoNotFound"),
        "partner": error(400, words),
        "gated": error(403, words, "GatedRepo"),
        "permission": error(403, f"no permissions for {words}"),
    }[place]

    class Echo(HuggingFaceService):
        def _model(self, name: str, query: dict[str, str]) -> Reply:
            if place == "hub":
                raise refuse
            return super()._model(name, query)

        def _draw(self, partner: str, path: str, asked: Any) -> Reply:
            raise refuse

    with Echo(key=SECRET) as service:
        found = str(fault(huggingface_image(service), picture()))
    assert found.count("***") == 4
    assert not [form for form in forms if form[4:16] in found]


# Time, cancelling, bad days


@pytest.mark.parametrize("slow", ["hub", "partner"])
def test_a_call_that_is_cancelled_closes_its_request_and_the_next_one_works(slow: str) -> None:
    hanging = {"GET": slow == "hub", "POST": slow == "partner"}
    with HuggingFaceService(latency=lambda asked: 30.0 if hanging[asked.method] else 0.0) as service:
        provider = huggingface_image(service)

        async def go() -> str | None:
            task = asyncio.ensure_future(provider.call(picture()))
            while not any(hanging[asked.method] for asked in service.asked):
                await asyncio.sleep(0.005)
            before = len(service._open)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            while len(service._open) == before:
                await asyncio.sleep(0.005)
            hanging.update(GET=False, POST=False)
            reply = await provider.call(picture())
            await provider.close()
            return reply.model

        begun = time.monotonic()
        assert asyncio.run(asyncio.wait_for(go(), 10)) == f"{FLUX}:fal-ai"
        assert time.monotonic() - begun < 10


@pytest.mark.parametrize("partner", ["fal-ai", "nscale", "hf-inference"])
@pytest.mark.parametrize("kind", [kind for kind in FAULTS if kind != "hang"])
def test_every_fault_of_a_drawing_is_worth_another_try(kind: str, partner: str) -> None:
    class Ill(HuggingFaceService):
        def take(self, line: Any, asked: Any) -> None:
            self.faults = Faults(1.0, (kind,)) if asked.method == "POST" else None
            super().take(line, asked)

    with Ill(models={FLUX: {partner: EVERYONE[partner]}}) as service:
        found = fault(huggingface_image(service), picture())
        assert len(service.drawn) == 1
    assert (found.retry, found.fatal) == (True, False)


@pytest.mark.parametrize("kind", [kind for kind in FAULTS if kind != "hang"])
def test_every_fault_of_the_hub_is_worth_another_try(kind: str) -> None:
    with HuggingFaceService(faults=Faults(1.0, (kind,))) as service:
        found = fault(huggingface_image(service), picture())
    assert (found.retry, found.fatal) == (True, False)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_bad_day_ends_with_every_picture(seed: int) -> None:
    with by("nscale", faults=Faults(0.3, seed=seed)) as service:
        provider = huggingface_image(service)

        async def until_drawn(request: ModelRequest) -> bytes | None:
            while True:
                try:
                    async with asyncio.timeout(1.5):
                        return (await provider.call(request)).files[0].data
                except TimeoutError:
                    continue
                except ProviderError as found:
                    if found.fatal or not found.retry:
                        raise

        async def go() -> list[bytes | None]:
            found = await asyncio.gather(*(until_drawn(picture(f"{place}")) for place in range(100)))
            await provider.close()
            return found

        assert asyncio.run(go()) == [png(f"{FLUX} {place}") for place in range(100)]
    assert {asked.fault for asked in service.asked} >= set(FAULTS)
    assert not service.repeats()
