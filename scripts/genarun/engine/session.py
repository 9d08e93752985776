"""One instance's calls: limited, retried, budgeted, never made twice, each written down before the next one starts."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any

from genarun.engine.breaker import Breakers
from genarun.engine.lanes import Gate
from genarun.engine.model import Event, OnEvent, Progress
from genarun.engine.relay import Relay
from genarun.engine.steps import StepBudgets
from genarun.engine.stop import StopSignal
from genarun.errors import ProviderError
from genarun.planning.rehearse import recorded_reply
from genarun.planning.walk import Instance
from genarun.providers.base import File, ModelReply, ModelRequest, Usage
from genarun.providers.download import fetch
from genarun.providers.media import MOST_READ
from genarun.store.assets import accept
from genarun.store.lines import make_record
from genarun.store.records import ErrorRecord, Pick, Record, RecordStatus, UsageRecord, utc
from genarun.tree.kinds import ASSETS
from genarun.tree.model import ModelUse, Node

if TYPE_CHECKING:
    from genarun.planning.sources import Recorded
    from genarun.providers.prices import Prices
    from genarun.providers.services import Services
    from genarun.store.mask import Masker
    from genarun.store.run_folder import RunFolder

Json = Any

LONGEST_WAIT = 600.0
"""Seconds. A service that asks for more is not waited for: the instance fails and the next run tries again."""
HURRIED_WAIT = 5.0
"""The same where another model of a pool can be asked instead."""


@dataclass(slots=True)
class Workshop:
    """What all sessions of a run share."""

    services: Services
    recorded: Recorded
    budgets: StepBudgets
    prices: Prices
    masker: Masker
    stop: StopSignal
    progress: Progress
    on_event: OnEvent
    folder: Callable[[], RunFolder]
    write: Callable[[Record], None]
    proven: Callable[[ModelUse], None]
    estimate: Callable[[Node, ModelUse, ModelRequest], Decimal | None]
    attach: Callable[[ModelRequest], ModelRequest]
    gates: Mapping[str, Gate]
    breakers: Breakers
    warn: Callable[[str], None]
    max_bytes: int
    webp: bool
    allow_private: bool
    rng: random.Random


@dataclass(slots=True)
class Call:
    """A call that was answered and is not written down yet."""

    number: int
    key: str
    request: ModelRequest
    reply: ModelReply
    usd: Decimal | None
    attempts: int
    moved: list[str]
    started: datetime
    duration_ms: int
    confidence: float | None = None


class InstanceSession:
    """The `Session` of `genarun.nodes.base`, for one instance."""

    def __init__(self, shop: Workshop, instance: Instance) -> None:
        self.shop = shop
        self.instance = instance
        self.node = instance.node
        assert instance.node.use is not None
        self.use: ModelUse = instance.node.use  # of a pool: the model that was asked last
        self.first = instance.ask.request if instance.ask is not None else None
        self.whole = self.first  # the same, as that model is asked it
        self.relay = Relay(self) if instance.keys else None
        self.pending: Call | None = None
        self.calls = 0
        self.attempts = 0
        self.moved: list[str] = []  # from whom the last call moved on, in words
        self.started = datetime.now(UTC)
        self.begun = 0.0
        self.recorded = False  # whether the last answer was

    async def call(self, request: ModelRequest) -> ModelReply:
        """One call, or its recorded answer."""
        self.flush()
        shop, instance = self.shop, self.instance
        number, self.calls = self.calls, self.calls + 1
        reuse = shop.recorded.reuse_for(self.node)
        if self.relay is not None:
            key, found = "", self.relay.recorded(reuse, request)
        else:
            key = instance.key if request is self.first and instance.key else shop.services.key(self.use, request)
            found = reuse.call(key, instance.path)
        if found is not None and found.record.text is not None:
            if found.run_id != shop.recorded.own_run:
                shop.write(self._copied(found.record, found.origin, number))
            self.recorded = True
            return recorded_reply(request, found.record)
        return await self._ask(request, key, number)

    def judged(self, confidence: float) -> None:
        """How sure the model was of its last answer; a recorded one keeps what its record says."""
        if self.pending is not None:
            self.pending.confidence = confidence

    async def _ask(self, request: ModelRequest, key: str, number: int) -> ModelReply:
        """One call, made now. key: of the call; a pool's depends on who answers."""
        shop = self.shop
        self.recorded, self.attempts, self.moved = False, 0, []
        if self.relay is not None:
            asked, reply, usd = await self.relay.ask(request)
            request, key = asked.request, asked.key
        else:
            reply, usd = await self.tries(request, self.node.max_retries)
        if reply.text is not None:
            masked = shop.masker.text(reply.text)
            if masked is not reply.text:
                reply = replace(reply, text=masked)
        took = round((monotonic() - self.begun) * 1000)
        self.pending = Call(number, key, request, reply, usd, self.attempts, self.moved, self.started, took)
        shop.progress.calls += 1
        return reply

    def take(self, use: ModelUse, whole: ModelRequest, key: str) -> None:
        """Of a pool: this model is asked, or answered. whole, key: the instance's request and key under it."""
        self.use, self.whole, self.instance.key = use, whole, key

    async def tries(self, request: ModelRequest, most: int, *, hurry: bool = False) -> tuple[ModelReply, Decimal | None]:
        """Send the request until it is answered, or the error says that trying again is of no use.

        most: further tries after the first. hurry: another model can be asked instead of waiting long.
        """
        shop, node, use = self.shop, self.node, self.use
        provider, budget = await shop.services.ready(use), shop.budgets.of(self.instance)
        tries, longest = 0, HURRIED_WAIT if hurry else LONGEST_WAIT
        if request.attached:
            request = shop.attach(request)
        while True:
            if shop.stop.error is not None:
                raise shop.stop.error
            held = budget.reserve(shop.estimate(node, use, request))
            if not self.attempts:
                self.started, self.begun = datetime.now(UTC), monotonic()
            tries += 1
            self.attempts += 1
            shop.progress.requests += 1
            try:
                async with asyncio.timeout(node.timeout):
                    reply = await provider.call(request)
            except TimeoutError:
                budget.settle(held, held)  # it may well have been charged
                error = ProviderError(
                    "call-timeout",
                    f"{use.provider}/{use.model} did not answer within {node.timeout:g} s",
                    f"node {self.instance.path}",
                    "Raise `timeout` on the node if this model is slow.",
                    retry=True,
                )
            except ProviderError as raised:
                # What came with a 200 was made, and may have been charged, however useless it is.
                budget.settle(held, held if raised.status == 200 else Decimal(0))
                error = raised
            except BaseException:
                budget.settle(held, held)
                raise
            else:
                usd = self._cost(reply)
                budget.settle(held, usd)
                if usd is None:
                    shop.progress.unpriced += 1
                else:
                    shop.progress.usd += usd
                shop.proven(use)
                return reply, usd
            if error.fatal:
                if self.relay is None:
                    shop.stop.because(error)
                raise error
            shop.proven(use)
            wait = self._wait(error, tries)
            if not error.retry or tries > most or wait > longest or (hurry and error.code == "call-timeout"):
                raise error
            shop.progress.retries += 1
            shop.on_event(Event("retry", shop.masker.text(error.what), path=self.instance.path, wait=wait), shop.progress)
            await shop.stop.sleep(wait)

    def _cost(self, reply: ModelReply) -> Decimal | None:
        """Dollars of an answer: what the service says, else by the price list; free where nobody is really asked."""
        use, services = self.use, self.shop.services
        if reply.usd is not None:
            return reply.usd
        if not services.real:
            return Decimal(0)
        return self.shop.prices.cost(use.protocol, use.model, reply.usage, use.price, base_url=use.base_url)

    def _wait(self, error: ProviderError, tries: int) -> float:
        """Seconds before the next try: what the service asked for, else doubling with full jitter."""
        if error.retry_after is not None:
            return error.retry_after + self.shop.rng.random() * 0.25
        delay = min(self.node.retry_delay * 2.0 ** (tries - 1), 60.0)
        return delay * (0.5 + self.shop.rng.random() / 2)

    async def save(self, file: File) -> str:
        """Download where it is an address, check, convert where the tree says so, and keep; the path in the run's folder."""
        shop, node = self.shop, self.node
        media_type, data = file.media_type, file.data
        if data is None and file.url is not None:
            self.flush(text=file.url)  # paid for: should the download fail, the next run tries it again, not the call
            try:
                got = await self._download(file.url)
            except ProviderError as error:
                if not self.recorded or self.first is None or error.code == "download-too-large":
                    raise
                # A recorded address can have expired, and then it never comes back: a miss, so the file is asked for anew.
                number, self.calls = self.calls, self.calls + 1
                reply = await self._ask(self.first, self.instance.key or "", number)
                return await self.save(reply.files[0]) if reply.files else ""
            data, media_type = got.data, got.media_type
        check = partial(
            accept, data or b"", media_type, node.id, shop.masker,
            medium=self._medium, max_bytes=shop.max_bytes, webp=self._converts,
        )  # fmt: skip
        # Encoding a picture takes as long as a call: in a thread, so that the others go on meanwhile.
        kept, extension = await asyncio.to_thread(check) if self._converts else check()
        return shop.folder().keep_asset(node.id, kept, extension)

    @property
    def _medium(self) -> str:
        """What files must be: a third party's kind that asks for text may keep a picture beside it."""
        medium = self.node.kind.medium
        return medium if medium in ASSETS else "image"

    @property
    def _converts(self) -> bool:
        """Whether what comes is turned into WebP."""
        return self.shop.webp and self._medium == "image"

    async def _download(self, url: str) -> File:
        shop, tries = self.shop, 0
        while True:
            try:
                return await fetch(
                    url,
                    max_bytes=max(shop.max_bytes, MOST_READ) if self._converts else shop.max_bytes,
                    timeout=self.node.timeout,
                    allow_private=shop.allow_private,
                    media=(self._medium,),
                    env=shop.services.env,
                )
            except ProviderError as error:
                tries += 1
                if not error.retry or tries > self.node.max_retries:
                    raise
                self.attempts = tries
                await shop.stop.sleep(min(self._wait(error, tries), LONGEST_WAIT))

    # ------------------------------------------------------------------ writing down

    def flush(self, text: str | None = None) -> None:
        """Write the answered call down as a line of its own, before anything else is asked."""
        call, self.pending = self.pending, None
        if call is not None:
            self.shop.write(self._record("answered", call, text=text if text is not None else call.reply.text))

    def finished(self, value: Json) -> Record:
        """The instance's own line, with its last call in it. Written before anything that depends on it starts."""
        call, self.pending = self.pending, None
        if self.node.kind.medium in ASSETS:
            return self._record("succeeded", call, asset=value)
        return self._record("succeeded", call, value=value)

    def failed(self, error: ErrorRecord) -> Record:
        """The instance's line when it has no value. Calls that were answered have lines of their own."""
        self.flush()
        return self._record("failed", None, attempts=self.attempts or None, error=error, warnings=self.moved or None)

    def _record(self, status: RecordStatus, call: Call | None, **more: Any) -> Record:
        instance, node, use = self.instance, self.node, self.use
        request = call.request if call is not None else self.whole
        fields: dict[str, Any] = {
            "path": instance.path,
            "node": node.name,
            "type": node.spec.type,
            "status": status,
            "key": instance.key,
            "provider": self.shop.services.answering(use),
            "model": use.model,
        }
        if request is not None:
            fields["request"] = request_record(request)
        if instance.picks:
            fields["picks"] = picks_record(instance.picks)
        if call is not None:
            fields["call"] = call.number
            if call.key != instance.key:
                fields["call_key"] = call.key
            fields["attempts"] = call.attempts
            if call.moved:
                fields["warnings"] = call.moved
            if call.usd is not None:
                fields["usd"] = format(call.usd, "f")
            fields["started_at"] = utc(call.started)
            fields["duration_ms"] = call.duration_ms
            if call.confidence is not None:
                fields["confidence"] = call.confidence
            usage = call.reply.usage
            if usage != Usage():
                fields["usage"] = UsageRecord(
                    input_tokens=usage.input_tokens,
                    output_tokens=usage.output_tokens,
                    images=usage.images,
                    seconds=usage.seconds,
                    characters=usage.characters,
                )
        return make_record(**fields, **more)

    def _copied(self, earlier: Record, origin: str, number: int) -> Record:
        """A line for an answer that an earlier run was given: it cost nothing now."""
        return earlier.model_copy(
            update={
                "path": self.instance.path,
                "status": "answered",
                "key": self.instance.key,
                "call": number,
                "call_key": earlier.call_key or earlier.key,
                "usd": None,
                "usage": None,
                "attempts": None,
                "reused_from": origin,
                "value": None,
                "asset": None,
            }
        )


def picks_record(picks: list[tuple[str, str, int]]) -> list[Pick]:
    """The choices that a prompt made, as records show them."""
    return [Pick(at=at, chosen=chosen, of=of) for at, chosen, of in picks]


def request_record(request: ModelRequest) -> dict[str, Json]:
    """What was asked, as a record shows it."""
    shown: dict[str, Json] = {"messages": list(request.messages)}
    if request.params:
        shown["params"] = dict(request.params)
    if request.schema is not None:
        shown["schema"] = dict(request.schema)
    elif request.json:
        shown["json"] = True
    if request.logprobs:
        shown["logprobs"] = True
    return shown
