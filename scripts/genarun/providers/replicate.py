"""Replicate: predictions that are started, asked after, and cancelled when nobody waits for them any more.

The `replicate` SDK makes the requests; they travel over our own transport, handed to it by its `transport` argument, since the
pool of httpx 0.28 does not hold 64 connections (docs/decisions/2026-11-21-transport.md). A started prediction is paid for:
whatever happens to a question after it, it is asked again, and no second prediction is started in its place.
"""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Callable
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import orjson
from yarl import URL

from genarun.errors import ProviderError, SetupError
from genarun.providers.base import File, Json, ModelReply, ModelRequest, Settings, Usage
from genarun.providers.catalog import REPLICATE, address, key_variable
from genarun.providers.checks import check_address, encode, picture_of
from genarun.providers.faults import Service, misses, not_json, quote, refused, unknown_model
from genarun.providers.http import Transport
from genarun.providers.structured import Shapes, as_prompt

if TYPE_CHECKING:
    from replicate.client import Client
    from replicate.prediction import Prediction

FIRST_POLL = 0.5
LONGEST_POLL = 10
"""Times the first wait."""
MOST_LOST_POLLS = 20
"""Questions in a row that may go wrong before a prediction counts as lost: several minutes, with the waits between."""
GOODBYE_SECONDS = 10.0

_OWN_HEADERS = ("host", "connection", "content-length", "accept-encoding")
"""Headers that our transport writes itself."""

_ASKED: ContextVar[str] = ContextVar("_ASKED", default="")
"""The model that the current call asks: the SDK keeps it from the transport, whose errors name it."""

_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")
_PASSING = re.compile(r"please retry|try again|interrupted", re.I)

_DONE = ("succeeded", "failed", "canceled")


class Replicate:
    """One connection to Replicate. Makes no request, and needs no key, before the first call."""

    def __init__(self, settings: Settings, rng: random.Random | None = None) -> None:
        """rng: spreads the polls of many predictions. `REPLICATE_POLL_INTERVAL` (seconds) is the first wait, as in the SDK."""
        base = address(REPLICATE, settings) or ""
        check_address(settings.name, base)
        variable = key_variable(REPLICATE, settings)
        key = settings.env.get(variable, "").strip() if variable else ""
        own = variable == REPLICATE.key_env
        self._settings = settings
        self._key = key
        self._rng = rng or random.Random()  # noqa: S311 - spreads polls, guards nothing
        self._service = Service(settings.name, base, variable, REPLICATE.key_url if own else None, (key,) if key else ())
        self._identity = {"provider": REPLICATE.name, "baseUrl": base}
        self._first_poll = _seconds(settings)
        self._shapes = Shapes()
        self._http: Transport | None = None
        self._client: Client | None = None
        self._goodbyes: set[asyncio.Task[None]] = set()

    def identity(self, request: ModelRequest) -> dict[str, Json]:
        """Provider and base URL."""
        return self._identity

    async def open(self) -> None:
        """Import the SDK and make its client."""
        if self._client is None:
            self._connect()

    async def call(self, request: ModelRequest) -> ModelReply:
        """Start a prediction and wait for its end. Cancelling this cancels the prediction."""
        client = self._client or self._connect()
        _ASKED.set(request.model)
        creating = asyncio.ensure_future(self._create(client, request))
        try:
            # Shielded: a prediction that is being started when we are cancelled must still be learnt of, to be cancelled too.
            prediction = await asyncio.shield(creating)
        except asyncio.CancelledError:
            self._goodbye(self._cancel_created(client, creating))
            raise
        try:
            prediction = await self._wait(client, request, prediction)
        except asyncio.CancelledError:
            self._goodbye(self._cancel(client, prediction.id))
            raise
        return self._read(request, prediction)

    async def close(self) -> None:
        """Let cancellations under way finish, then close all connections."""
        if self._goodbyes:
            await asyncio.wait(set(self._goodbyes), timeout=GOODBYE_SECONDS)
        self._client = None
        if self._http is not None:
            await self._http.close()
            self._http = None

    def _connect(self) -> Client:
        from replicate.client import Client  # brings httpx; only needed once a call is made

        self._http = Transport(self._service, {}, self._settings.env)
        # The key is given even where it is empty: else the SDK would look it up in the process's environment.
        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {"Authorization": ""}
        self._client = Client(self._key, base_url=self._service.base_url, transport=carrier(self._http), headers=headers)
        return self._client

    # A prediction's life

    async def _create(self, client: Client, request: ModelRequest) -> Prediction:
        owner_name, _, version = request.model.partition(":")
        if owner_name.count("/") != 1 or not all(owner_name.split("/")):
            raise ProviderError(
                "model-unnamed",
                f"{request.model} is no name of a model on {self._service.name}",
                hint="Write it as owner/name, or as owner/name:version.",
                fatal=True,
            )
        asked = self._input(request)
        encode(self._service, asked)  # the SDK's own encoder would fail on less, and say so in words of its own

        async def create() -> Prediction:
            if version:
                return await client.predictions.async_create(version=version, input=asked)
            return await client.models.predictions.async_create(model=owner_name, input=asked)

        try:
            return await self._guarded(create)
        except ProviderError as error:
            if error.status == 404 and error.code != "model-unknown":
                raise unknown_model(self._service, request.model, 404) from error
            raise

    async def _wait(self, client: Client, request: ModelRequest, prediction: Prediction) -> Prediction:
        pause, lost, known = self._first_poll, 0, prediction.id
        while prediction.status not in _DONE:
            await asyncio.sleep(pause * (0.9 + 0.2 * self._rng.random()))
            pause = min(pause * 1.5, self._first_poll * LONGEST_POLL)
            try:
                prediction = await self._guarded(lambda: client.predictions.async_get(known))
                lost = 0
            except ProviderError as error:
                lost += 1
                if not error.retry or lost > MOST_LOST_POLLS:
                    raise ProviderError(
                        "prediction-lost",
                        f"the prediction {known} was started, and what became of it cannot be learnt: {error.what}",
                        hint=f"It may have been charged: see https://replicate.com/p/{known}",
                        status=error.status,
                        fatal=error.fatal,
                    ) from error
                if error.retry_after is not None:
                    await asyncio.sleep(error.retry_after)
        return prediction

    async def _cancel_created(self, client: Client, creating: asyncio.Future[Prediction]) -> None:
        prediction = await creating
        await self._cancel(client, prediction.id)

    async def _cancel(self, client: Client, known: str) -> None:
        await client.predictions.async_cancel(known)

    def _goodbye(self, cancelling: Any) -> None:
        """Cancel in the background: whoever was cancelled must not be held up. `close` waits for these."""

        async def quietly() -> None:
            try:
                async with asyncio.timeout(GOODBYE_SECONDS):
                    await cancelling
            except Exception:  # noqa: BLE001, S110 - it ends by itself, at the latest at the service's own limit
                pass

        task = asyncio.ensure_future(quietly())
        self._goodbyes.add(task)
        task.add_done_callback(self._goodbyes.discard)

    async def _guarded(self, ask: Callable[[], Any]) -> Prediction:
        """What the SDK makes of an answer. Statuses and connections are judged by `carrier`, before the SDK sees them."""
        try:
            found: Prediction = await ask()
        except (ValueError, TypeError, AttributeError) as error:  # pydantic's errors are ValueErrors
            raise misses(self._service, "a prediction") from error
        if not _ID.fullmatch(found.id):  # it becomes part of an address
            raise misses(self._service, "a prediction's id")
        return found

    # What is asked, and what is answered

    def _input(self, request: ModelRequest) -> dict[str, Json]:
        """The model's input: its parameters, with the conversation as `prompt` and `system_prompt`."""
        system, prompt = as_prompt(request, self._shapes)
        found: dict[str, Json] = {"prompt": prompt}
        if system:
            found["system_prompt"] = system
        return found | dict(request.params)

    def _read(self, request: ModelRequest, prediction: Prediction) -> ModelReply:
        if prediction.status != "succeeded":
            words = quote(str(prediction.error or "no reason was given"), self._service.secrets)
            ended = "failed" if prediction.status == "failed" else "was cancelled at the service"
            raise ProviderError(
                "prediction-failed",
                f"the prediction of {request.model} {ended}: {words}",
                hint=f"Its log is at https://replicate.com/p/{prediction.id}",
                retry=prediction.status == "failed" and _PASSING.search(words) is not None,
            )
        if request.medium == "image":
            files = tuple(_files(self._service, prediction.output))
            if not files:
                raise misses(self._service, "a picture")
            return ModelReply(files=files, usage=_usage(prediction.metrics, len(files)), model=request.model)
        text = _text(prediction.output)
        if text is None:
            raise misses(self._service, "a text")
        if not text.strip():
            raise ProviderError("answer-empty", f"{request.model} answered with nothing", retry=True)
        return ModelReply(text=text, usage=_usage(prediction.metrics, None), model=request.model)


def carrier(http: Transport) -> Any:
    """An httpx transport that carries requests over ours, and raises ProviderError for every status that is no success.

    Raised here, below the SDK, errors keep the service's words and headers, and its own repeating of requests stays out.
    """
    import httpx  # comes with the SDK

    service = http.service

    class Carrier(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            body = await request.aread()
            headers = {name: value for name, value in request.headers.items() if name not in _OWN_HEADERS and value}
            url = str(request.url)
            status, given, answer = await http.send(request.method, URL(url, encoded=True), body or None, headers)
            if not 200 <= status < 300:
                raise refused(service, _ASKED.get(), status, given, answer, url)
            try:
                found = orjson.loads(answer)
            except orjson.JSONDecodeError:
                raise not_json(service, answer) from None
            if not isinstance(found, dict):
                raise misses(service, "an object")
            if found.get("status") == "aborted":  # newer than the SDK; it ends a prediction as `canceled` does
                found["status"] = "canceled"
            return httpx.Response(status, json=found, request=request)

    return Carrier()


def _seconds(settings: Settings) -> float:
    given = settings.env.get("REPLICATE_POLL_INTERVAL", "").strip()
    try:
        seconds = float(given) if given else FIRST_POLL
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 60:
        raise SetupError(
            "poll-interval-invalid",
            f"REPLICATE_POLL_INTERVAL is {given!r}",
            hint="Write seconds from 0 to 60, such as 0.5.",
        )
    return seconds


def _text(output: Json) -> str | None:
    if isinstance(output, str):
        return output
    if isinstance(output, list) and all(isinstance(part, str) for part in output):
        return "".join(output)  # models that stream give their answer in pieces
    return None


def _files(service: Service, output: Json) -> list[File]:
    if isinstance(output, str) and output:
        return [picture_of(service, output)] if output[:5].lower() == "data:" else [File(url=output)]
    if isinstance(output, list):
        return [file for part in output for file in _files(service, part)]
    if isinstance(output, dict):  # some models name their pictures
        return _files(service, output["url"] if "url" in output else list(output.values()))
    return []


def _usage(metrics: Json, images: int | None) -> Usage:
    def count(name: str) -> int | None:
        found = metrics.get(name) if isinstance(metrics, dict) else None
        return found if type(found) is int and found >= 0 else None

    return Usage(count("input_token_count"), count("output_token_count"), images)
