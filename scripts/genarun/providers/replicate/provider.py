"""Replicate: predictions that are started, asked after, and cancelled when nobody waits for them any more.

The `replicate` SDK makes the requests, `carrier.py` carries them. Before the first prediction of a model its input schema is
read, which costs nothing, and every input is held against it (`inputs.py`). A started prediction is paid for: whatever happens
to a question after it, it is asked again, and no second prediction is started in its place.
"""

from __future__ import annotations

import io
import random
import re
from base64 import b64encode
from collections.abc import Awaitable, Callable, Hashable
from typing import TYPE_CHECKING

from genarun.errors import ProviderError, SetupError
from genarun.providers.base import Attachment, Json, Listed, ModelReply, ModelRequest, Settings
from genarun.providers.catalog import REPLICATE
from genarun.providers.checks import encode, service_of
from genarun.providers.faults import misses, quote, unknown_model
from genarun.providers.http import Transport
from genarun.providers.jobs import Jobs
from genarun.providers.media import EXTENSIONS
from genarun.providers.replicate.carrier import ASKED, carrier, guarded
from genarun.providers.replicate.inputs import Inputs
from genarun.providers.replicate.models import Published, official_models, read_published, split_name
from genarun.providers.replicate.outputs import read_files, read_text, read_usage, read_vector
from genarun.providers.replicate.shared import Shared
from genarun.providers.structured import Shapes

if TYPE_CHECKING:
    from replicate.client import Client
    from replicate.prediction import Prediction

FIRST_POLL = 0.5
KEPT_SECONDS = 3600.0
"""How long a schema that was read counts: a server lives for weeks, in which a model may learn to take more."""
UPLOADED_SECONDS = 1800.0
"""How long an uploaded picture serves further calls: the service deletes it at some time, after an hour in its own example."""
LARGEST_INLINE = 256_000
"""Bytes of a picture that goes into the request itself; the API's description wants larger ones uploaded."""

_READ: dict[Hashable, tuple[float, Published]] = {}
"""What models take, by base URL, key and name, for as long as the process lives."""

_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")
_PASSING = re.compile(r"please retry|try again|interrupted", re.I)

_DONE = ("succeeded", "failed", "canceled")
_PROMISED = {"text": "a text", "image": "a picture", "audio": "a sound", "video": "a film", "embedding": "a vector"}


class Replicate:
    """One connection to Replicate. Makes no request, and needs no key, before the first call."""

    def __init__(self, settings: Settings, rng: random.Random | None = None) -> None:
        """rng: spreads the polls of many predictions. `REPLICATE_POLL_INTERVAL` (seconds) is the first wait, as in the SDK."""
        self._settings = settings
        self._service, self._key = service_of(settings.info or REPLICATE, settings)
        self._identity = {"provider": REPLICATE.name, "baseUrl": self._service.base_url}
        self._jobs = Jobs(_seconds(settings), rng)
        self._shapes = Shapes()
        self._http: Transport | None = None
        self._client: Client | None = None
        self._published: Shared[Published] = Shared(_READ, KEPT_SECONDS)
        self._uploads: Shared[str] = Shared({}, UPLOADED_SECONDS)

    def identity(self, request: ModelRequest) -> dict[str, Json]:
        """Provider and base URL."""
        return self._identity

    async def open(self) -> None:
        """Import the SDK and make its client."""
        if self._client is None:
            self._connect()

    async def call(self, request: ModelRequest) -> ModelReply:
        """Hold the request against what the model takes, start a prediction and wait for its end.

        Cancelling this cancels the prediction.
        """
        client = self._client or self._connect()
        ASKED.set(request.model)
        owner_name, version = split_name(self._service, request.model)
        known = await self._published.get(
            (self._service.base_url, self._key, request.model),
            lambda: read_published(self._service, client, owner_name, version),
        )
        asked = await self._input(client, request, known.inputs)
        prediction = await self._jobs.run(
            lambda: self._create(client, request.model, asked, known.version),
            lambda begun: self._prediction(lambda: client.predictions.async_get(begun.id)),
            lambda seen: seen.status in _DONE,
            lambda begun: client.predictions.async_cancel(begun.id),
            _lost,
        )
        return self._read(request, prediction)

    async def models(self) -> list[Listed]:
        """The official models, in one request: all that users published would be thousands of pages."""
        return await official_models(self._service, self._client or self._connect())

    async def close(self) -> None:
        """Let cancellations under way finish, then close all connections."""
        await self._published.close()
        await self._uploads.close()
        await self._jobs.close()
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

    # What is asked

    async def _input(self, client: Client, request: ModelRequest, inputs: Inputs) -> dict[str, Json]:
        prompt, system = self._words(request)
        # The SDK's own encoder would fail on less, and say so in words of its own.
        encode(self._service, {"prompt": prompt, "system": system, "params": request.params})
        filled = inputs.fill(self._service, request, prompt, system)
        for name, value in filled.items():
            if isinstance(value, Attachment):
                filled[name] = await self._picture(client, value)
            elif isinstance(value, list) and any(isinstance(one, Attachment) for one in value):
                filled[name] = [await self._picture(client, one) for one in value]
        return filled

    def _words(self, request: ModelRequest) -> tuple[str, str]:
        """A conversation as one prompt, and what is said before it."""
        system = "\n\n".join(message["content"] for message in request.messages if message["role"] == "system")
        turns = [message for message in request.messages if message["role"] != "system"]
        if len(turns) == 1:
            prompt = turns[0]["content"]
        else:
            speakers = {"user": "User", "assistant": "Assistant"}
            prompt = "\n\n".join(f"{speakers[turn['role']]}: {turn['content']}" for turn in turns) + "\n\nAssistant:"
        if request.schema is not None:
            prompt += f"\n\n{self._shapes.of(request.schema).instruction}"
        elif request.json:
            prompt += "\n\nAnswer with JSON, and with nothing else."
        return prompt, system

    async def _picture(self, client: Client, picture: Attachment) -> str:
        """The address that a picture is sent as: its bytes inside, or where they were uploaded to."""
        kind = picture.media_type or "application/octet-stream"
        if len(picture.data) <= LARGEST_INLINE:
            return f"data:{kind};base64,{b64encode(picture.data).decode()}"
        name = f"{picture.digest.removeprefix('sha256:')}.{EXTENSIONS.get(kind, 'bin')}"

        async def upload() -> str:
            content = io.BytesIO(picture.data)
            made = client.files.async_create(content, filename=name, content_type=kind)
            file = await guarded(self._service, lambda: made, "an uploaded file")
            if not (found := file.urls.get("get")):
                raise misses(self._service, "the address of an uploaded file")
            return str(found)

        return await self._uploads.get(picture.digest, upload)

    # A prediction's life

    async def _create(self, client: Client, model: str, asked: dict[str, Json], latest: str | None) -> Prediction:
        owner_name, _, version = model.partition(":")

        async def create() -> Prediction:
            if version:
                return await client.predictions.async_create(version=version, input=asked)
            return await client.models.predictions.async_create(model=owner_name, input=asked)

        try:
            return await self._prediction(create)
        except ProviderError as error:
            if error.status == 404 and latest and not version:
                raise ProviderError(
                    "model-needs-version",
                    f"{self._service.name} has {model}, and runs it only by its version (HTTP 404)",
                    hint=f"Write it as {model}:{quote(latest)}",
                    status=404,
                    fatal=True,
                ) from error
            if error.status == 404 and error.code != "model-unknown":
                raise unknown_model(self._service, model, 404) from error
            raise

    async def _prediction(self, ask: Callable[[], Awaitable[Prediction]]) -> Prediction:
        found = await guarded(self._service, ask, "a prediction")
        if not _ID.fullmatch(found.id):  # it becomes part of an address
            raise misses(self._service, "a prediction's id")
        return found

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
        medium, output = request.medium, prediction.output
        files = read_files(self._service, medium, output) if medium in ("image", "audio", "video") else ()
        text = read_text(output) if medium == "text" else None
        vector = read_vector(output) if medium == "embedding" else None
        if not files and text is None and vector is None:
            raise misses(self._service, _PROMISED[medium])
        if text is not None and not text.strip():
            raise ProviderError("answer-empty", f"{request.model} answered with nothing", retry=True)
        usage = read_usage(medium, prediction.metrics, len(files))
        return ModelReply(text=text, files=files, vector=vector, usage=usage, model=request.model)


def _lost(begun: Prediction, error: ProviderError) -> ProviderError:
    return ProviderError(
        "prediction-lost",
        f"the prediction {begun.id} was started, and what became of it cannot be learnt: {error.what}",
        hint=f"It may have been charged: see https://replicate.com/p/{begun.id}",
        status=error.status,
        fatal=error.fatal,
    )


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
