"""Films: jobs that are begun, asked after and fetched when they are done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote as url_quote
from urllib.parse import urljoin

from genarun.errors import ProviderError
from genarun.providers.base import File, Json, ModelReply, ModelRequest, Usage
from genarun.providers.checks import asked_seconds, encode, number
from genarun.providers.faults import misses, quote, refused
from genarun.providers.jobs import Jobs
from genarun.providers.media import sniff
from genarun.providers.openai.answers import dollars, name
from genarun.providers.openai.form import form
from genarun.providers.openai.link import Link, parse
from genarun.providers.openai.pictures import no_pictures, references, shown_pictures, words

FIRST_POLL = 2.0
"""Seconds: films take half a minute and more."""

_FAILED = frozenset({"failed", "cancelled", "canceled", "expired"})
_BLIPS = ("server_error", "internal", "rate_limit", "unavailable")


@dataclass(frozen=True, slots=True)
class _Film:
    """A job as the service shows it. path: where it is asked after. after: seconds that the service asks us to wait."""

    id: str
    path: str
    whole: dict[str, Json]
    after: float | None

    @property
    def status(self) -> str:
        return str(self.whole.get("status"))


async def film(link: Link, jobs: Jobs, request: ModelRequest) -> ModelReply:
    """One film. Cancelling this deletes the job, where the service can."""

    async def begin() -> _Film:
        body, headers = await _body(link, request)
        return _seen(link, *await link.ask("POST", "videos", request.model, body, headers))

    async def look(begun: _Film) -> _Film:
        return _seen(link, *await link.ask("GET", begun.path, request.model))

    async def call_off(begun: _Film) -> None:
        await link.ask("DELETE", begun.path, request.model)

    def lost(begun: _Film, error: ProviderError) -> ProviderError:
        known = quote(begun.id, link.service.secrets, 80)
        return ProviderError(
            "film-lost",
            f"the film {known} was begun at {link.service.name}, and what became of it cannot be learnt: {error.what}",
            hint="It may have been charged: look at the service before you run again.",
            status=200,  # the job was taken on, and budgets must count it
            fatal=error.fatal,
        )

    made = await jobs.run(begin, look, _over, call_off, lost, wait=lambda seen: seen.after)
    if made.status in _FAILED:
        raise _failed(link, request, made)
    told = number(made.whole.get("seconds"))
    return ModelReply(
        files=(await jobs.insist(lambda: _fetch(link, request, made), lambda error: lost(made, error)),),
        usage=Usage(seconds=told if told is not None else asked_seconds(request.params)),
        usd=dollars(made.whole.get("usage")) if link.dialect.priced else None,
        model=name(made.whole.get("model")),
    )


async def _body(link: Link, request: ModelRequest) -> tuple[bytes, dict[str, str]]:
    shown, frame = shown_pictures(request), link.dialect.frame
    if shown and frame is None:
        raise no_pictures(link.service, "films")
    fields: dict[str, Json] = {"model": request.model, "prompt": words(request), **request.params}
    if link.dialect.films == "form":
        return await form(link.service, fields, [(str(frame), picture) for picture in shown])
    if len(shown) == 1:
        fields[str(frame)] = [{**references(shown)[0], "frame_type": "first_frame"}]
    elif shown:
        fields["input_references"] = references(shown)
    return encode(link.service, fields), {}


def _seen(link: Link, headers: Mapping[str, str], answer: bytes) -> _Film:
    found = parse(link.service, answer)
    known = found.get("id")
    if not isinstance(known, str) or not known.isprintable() or not known.strip(".") or len(known) > 500:
        raise misses(link.service, "a film's id")
    after = number(headers.get("openai-poll-after-ms"))
    # The id becomes part of an address, and may not be more than one step of it.
    return _Film(known, f"videos/{url_quote(known, safe='')}", found, None if after is None else min(max(after, 10) / 1000, 60))


def _over(seen: _Film) -> bool:
    return seen.status == "completed" or seen.status in _FAILED


def _failed(link: Link, request: ModelRequest, made: _Film) -> ProviderError:
    error = made.whole.get("error")
    said, code = (error.get("message"), str(error.get("code"))) if isinstance(error, dict) else (error, "")
    reason = quote(str(said or made.status), link.service.secrets)
    return ProviderError(
        "film-failed",
        f"{request.model} made no film: {reason}",
        hint="Word the prompt differently, or look at the job at the service.",
        retry=code.startswith(_BLIPS),
    )


async def _fetch(link: Link, request: ModelRequest, made: _Film) -> File:
    """The film itself: where the job says, else where OpenAI keeps it. The key goes nowhere but to the service."""
    place = made.whole.get("url")
    if isinstance(place, str) and not link.owns(place):
        return File(url=place)
    path = place if isinstance(place, str) else f"{made.path}/content"
    status, headers, data = await link.send("GET", path, headers={"accept": "application/binary"})
    if 300 <= status < 400 and "location" in headers:
        return File(url=urljoin(str(link.url(path)), headers["location"]))
    if status != 200:
        raise refused(link.service, request.model, status, headers, data, str(link.url(path)))
    kind = sniff(data)
    if kind is None or not kind.startswith("video/"):
        raise misses(link.service, "a film")
    return File(data=data, media_type=kind)
