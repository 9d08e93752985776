"""The provider: one connection to one service that speaks OpenAI's protocol, as its entry in the catalogue describes it."""

from __future__ import annotations

from dataclasses import replace

from genarun.errors import SetupError
from genarun.providers.base import Json, Listed, ModelReply, ModelRequest, Settings
from genarun.providers.catalog import OPENAI, address, key_variable
from genarun.providers.checks import check_address
from genarun.providers.faults import Service
from genarun.providers.jobs import Jobs
from genarun.providers.openai.chat import Chat
from genarun.providers.openai.dialect import DIALECTS, Dialect
from genarun.providers.openai.embeddings import embed
from genarun.providers.openai.films import FIRST_POLL, film
from genarun.providers.openai.link import Link
from genarun.providers.openai.listing import list_models
from genarun.providers.openai.pictures import draw
from genarun.providers.openai.speech import speak
from genarun.providers.structured import Mode


class OpenAI:
    """One connection to one service. Makes no request, and needs no key, before the first call."""

    def __init__(self, settings: Settings) -> None:
        """options: `structured`: `schema`, `json` or `none` forces how shapes are asked for."""
        info = settings.info or OPENAI
        base = address(info, settings) or ""
        check_address(settings.name, base)
        variable = key_variable(info, settings)
        key = settings.env.get(variable, "").strip() if variable else ""
        forced = settings.options.get("structured")
        if forced not in (None, "schema", "json", "none"):
            raise SetupError(
                "structured-unknown",
                f"the option `structured` of {settings.name} is {forced!r}",
                hint="Write schema, json or none.",
            )
        mode: Mode | None = forced
        self._settings = settings
        self._info = info
        self._key = key
        key_url = info.key_url if variable == info.key_env else None
        self._service = Service(settings.name, base, variable, key_url, (key,) if key else ())
        # The protocol's name, not the service's: two names for one address share their answers.
        self._identity: dict[str, Json] = {"provider": OPENAI.name, "baseUrl": base}
        self._dialect = DIALECTS.get(info.name, Dialect())
        self._chat = Chat(self._service, info, self._dialect, mode)
        self._jobs = Jobs(FIRST_POLL)
        self._link: Link | None = None

    def identity(self, request: ModelRequest) -> dict[str, Json]:
        """Provider and base URL, and the parameters that the catalogue adds where the request says nothing of them."""
        if request.medium not in self._info.defaults:
            return self._identity
        added = {key: value for key, value in self._info.defaults[request.medium].items() if key not in request.params}
        return {**self._identity, "defaults": added} if added else self._identity

    async def open(self) -> None:
        """Import the SDK and make the session."""
        if self._link is None:
            self._connect()

    async def call(self, request: ModelRequest) -> ModelReply:
        """Ask once, at the endpoint of the request's medium."""
        link = self._link or self._connect()
        if request.medium == "text":
            return await self._chat.ask(link, request)
        if added := self._info.defaults.get(request.medium):
            request = replace(request, params={**added, **request.params})
        if request.medium == "image":
            return await draw(link, request)
        if request.medium == "audio":
            return await speak(link, request)
        if request.medium == "video":
            return await film(link, self._jobs, request)
        return await embed(link, request)

    async def models(self) -> list[Listed]:
        """The models that this key can reach."""
        return await list_models(self._link or self._connect())

    async def close(self) -> None:
        """Let jobs that are being called off be so, then close all connections."""
        await self._jobs.close()
        link, self._link = self._link, None
        if link is not None:
            await link.close()

    def _connect(self) -> Link:
        # Without a pause inside: many first calls come at once, and all of them must find the same session.
        self._link = Link(self._service, self._settings, self._info, self._dialect, self._key)
        return self._link
