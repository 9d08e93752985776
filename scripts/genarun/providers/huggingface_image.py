"""Pictures from models on Hugging Face, drawn by the partners that its router reaches with one token.

The Hub says who draws for a model and under which name; the request goes through the router in that partner's own protocol.
What is sent is what `InferenceClient.text_to_image` of `huggingface_hub` sends; a test compares the two.
https://huggingface.co/docs/inference-providers/tasks/text-to-image
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace

import orjson
from multidict import CIMultiDictProxy
from yarl import URL

from genarun.errors import ProviderError
from genarun.providers.base import Json, Listed, ModelReply, ModelRequest, Settings, Usage
from genarun.providers.catalog import HUGGINGFACE_IMAGE
from genarun.providers.checks import check_address, encode, service_of
from genarun.providers.faults import misses, not_json, quote, read_said, refused, unknown_model
from genarun.providers.http import Transport
from genarun.providers.huggingface_partners import PARTNERS, Route

HUB = "https://huggingface.co"
TASK = "text-to-image"

_WORD = r"[\w-][\w.-]*"  # names become part of addresses, where dots alone would lead elsewhere
_NAME = re.compile(rf"({_WORD}/{_WORD})(?::([a-z0-9-]+))?", re.A)
_PATH = re.compile(rf"{_WORD}(/{_WORD})*", re.A)


class HuggingFaceImage:
    """One connection to the Hub and its router. Makes no request, and needs no key, before the first call."""

    def __init__(self, settings: Settings) -> None:
        """`HF_ENDPOINT` is the Hub's address, as in the SDK."""
        info = settings.info or HUGGINGFACE_IMAGE
        self._service, key = service_of(info, settings)
        hub = settings.env.get("HF_ENDPOINT", "").strip().rstrip("/") or HUB
        check_address(settings.name, hub)
        self._hub_service = replace(self._service, base_url=hub)
        self._identity = {"provider": info.name, "baseUrl": self._service.base_url}
        self._headers = {"authorization": f"Bearer {key}"} if key else {}
        self._env = settings.env
        self._routes: dict[str, Route] = {}
        self._http: Transport | None = None
        self._hub: Transport | None = None
        self._finding = asyncio.Lock()  # replaced where the sessions are made: it belongs to their loop

    def identity(self, request: ModelRequest) -> dict[str, Json]:
        """Provider and base URL."""
        return self._identity

    async def open(self) -> None:
        """Make the sessions."""
        self._connect()

    async def call(self, request: ModelRequest) -> ModelReply:
        """Draw once. The first call for a model asks the Hub who draws it."""
        http, hub = self._connect()
        if request.attached:
            raise ProviderError(
                "pictures-not-taken",
                f"{self._service.name} draws from words alone, and this prompt brings pictures",
                hint="Leave `images` out of the prompt, or ask a model of another provider.",
            )
        route = self._routes.get(request.model) or await self._find(hub, request.model)
        partner = PARTNERS[route.partner]
        prompt = "\n\n".join(message["content"] for message in request.messages)
        path, body = partner.ask(route, prompt, dict(request.params))
        url = URL(f"{self._service.base_url}/{route.partner}/{path}")
        headers = {"accept": "image/png", "content-type": "application/json"}
        status, given, answer = await http.send("POST", url, encode(self._service, body), headers)
        if status != 200:
            raise self._refused(request.model, status, given, answer, url)
        # Off the loop: megabytes are decoded here, and every other call would wait.
        files = await asyncio.to_thread(partner.read, self._service, answer)
        drawn_by = f"{request.model.partition(':')[0]}:{route.partner}"
        return ModelReply(files=files, usage=Usage(images=len(files)), model=drawn_by)

    async def models(self) -> list[Listed]:
        """The hundred models most asked for that somebody here draws. Raises ProviderError."""
        _, hub = self._connect()
        query = {"pipeline_tag": TASK, "inference_provider": ",".join(PARTNERS), "sort": "trendingScore", "limit": "100"}
        url = URL(f"{self._hub_service.base_url}/api/models").with_query(query)
        found = await self._ask_hub(hub, url, "its list of models")
        if not isinstance(found, list):
            raise misses(self._service, "a list of models")
        names = [one["id"] for one in found if isinstance(one, dict) and isinstance(one.get("id"), str)]
        return [Listed(name, frozenset({"image"})) for name in names]

    async def close(self) -> None:
        """Close all connections."""
        open_, self._http, self._hub = (self._http, self._hub), None, None
        for http in open_:
            if http is not None:
                await http.close()

    def _connect(self) -> tuple[Transport, Transport]:
        if self._http is None or self._hub is None:
            self._http = Transport(self._service, self._headers, self._env)
            self._hub = Transport(self._hub_service, self._headers, self._env)
            self._finding = asyncio.Lock()
        return self._http, self._hub

    # Who draws

    async def _find(self, hub: Transport, model: str) -> Route:
        """Ask the Hub once, however many calls come at once."""
        async with self._finding:
            if model not in self._routes:
                self._routes[model] = await self._route(hub, model)
        return self._routes[model]

    async def _route(self, hub: Transport, model: str) -> Route:
        named = _NAME.fullmatch(model)
        if named is None:
            raise ProviderError(
                "model-unnamed",
                f"{model} is no name of a model on {self._service.name}",
                hint="Write it as owner/name, or as owner/name:partner.",
                fatal=True,
            )
        name, wanted = named.groups()
        url = URL(f"{self._hub_service.base_url}/api/models/{name}").with_query(expand="inferenceProviderMapping")
        found = await self._ask_hub(hub, url, model)
        if not isinstance(found, dict) or not isinstance(found.get("id"), str):
            raise misses(self._service, "a model")
        served = _served(found.get("inferenceProviderMapping"))
        # In the Hub's order, which the account's settings decide; what is live first.
        able = [partner for partner in served if partner in PARTNERS and wanted in (None, partner)]
        able.sort(key=lambda partner: served[partner].get("status") != "live")
        if not able:
            raise ProviderError(
                "model-undrawn",
                f"nobody whom {self._service.name} can ask draws {model}; the Hub names {', '.join(served) or 'nobody'}",
                hint=f"Take one of {HUB}/models?pipeline_tag={TASK}&inference_provider={','.join(PARTNERS)}",
                fatal=True,
            )
        chosen = served[able[0]]
        weights = chosen.get("adapterWeightsPath")
        lora = f"{self._hub_service.base_url}/{name}/resolve/main/{weights}" if isinstance(weights, str) else None
        return Route(able[0], chosen["providerId"], lora)

    async def _ask_hub(self, hub: Transport, url: URL, model: str) -> Json:
        status, headers, body = await hub.send("GET", url)
        if status != 200:
            raise self._refused(model, status, headers, body, url)
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError:
            raise not_json(self._service, body) from None

    def _refused(self, model: str, status: int, headers: CIMultiDictProxy[str], body: bytes, url: URL) -> ProviderError:
        """The error for an answer whose status is not 200: the Hub's own ways of saying no, else the table of all services."""
        service, code, said = self._service, headers.get("x-error-code"), read_said(body)
        tail = f": {quote(said.message, service.secrets)}" if said.message else ""
        name = model.partition(":")[0]
        if code == "GatedRepo" or (status == 403 and "authorized list" in said.message):
            return ProviderError(
                "model-gated",
                f"{name} is only for those who accepted its terms (HTTP {status}){tail}",
                hint=f"Accept them at {HUB}/{name} with the account that the token belongs to.",
                status=status,
                fatal=True,
            )
        if code == "RepoNotFound":
            return unknown_model(service, name, status, tail)
        if 300 <= status < 400 and (renamed := headers.get("location", "").partition("/api/models/")[2].partition("?")[0]):
            return unknown_model(service, name, status, f": it is called {quote(renamed, service.secrets)} now")
        if status == 403 and "permission" in said.message:
            return ProviderError(
                "key-lacks-permission",
                f"the token may not be used to draw with {service.name} (HTTP 403){tail}",
                hint=f"Give it the permission “Make calls to Inference Providers” at {HUGGINGFACE_IMAGE.key_url}",
                status=status,
                fatal=True,
            )
        error = refused(service, name, status, headers, body, str(url))
        if error.retry_after is None and error.retry:
            error.retry_after = _loading(body)
        return error


def _served(mapping: Json) -> dict[str, dict[str, Json]]:
    """Partners that draw a model: what the Hub says of each, in its order."""
    return {
        partner: one
        for partner, one in (mapping.items() if isinstance(mapping, dict) else ())
        if isinstance(one, dict) and one.get("task") == TASK and _PATH.fullmatch(str(one.get("providerId")))
    }


def _loading(body: bytes) -> float | None:
    """Seconds until a model that is being loaded is there, as the service guesses."""
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    seconds = found.get("estimated_time") if isinstance(found, dict) else None
    return float(seconds) if isinstance(seconds, (int, float)) and seconds >= 0 else None
