"""One call of a pool: whom to ask, and whom next where that one fails. Nothing here is used by an alias for one model."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from genarun.engine.model import Event
from genarun.errors import ProviderError
from genarun.planning.pool import Candidate, Candidates, whose
from genarun.providers.base import ModelReply, ModelRequest
from genarun.store.reuse import Found, Reuse

if TYPE_CHECKING:
    from genarun.engine.breaker import Breaker
    from genarun.engine.session import InstanceSession

HURRIED_TRIES = 1
"""Further tries of a model where another one stands behind it."""


class Relay:
    """Whom one instance asks."""

    def __init__(self, session: InstanceSession) -> None:
        assert session.node.use is not None
        self.session = session
        self.pool = session.node.use
        self.candidates = Candidates(session.instance, session.shop.services.key)

    def recorded(self, reuse: Reuse, request: ModelRequest) -> Found | None:
        """The recorded answer of any of the models, noted as that model's."""
        candidates = self.candidates.of(request)
        found = reuse.call([one.key for one in candidates], self.session.instance.path)
        if found is not None:
            self._taken(whose(candidates, found))
        return found

    async def ask(self, request: ModelRequest) -> tuple[Candidate, ModelReply, Decimal | None]:
        """Ask until one answers. Raises the last one's ProviderError; fatal, where none of them will ever answer."""
        shop = self.session.shop
        every = self.candidates.of(request)
        able = [one for one in every if shop.services.reachable(one.use)] or every
        left = list(able)
        failed: tuple[Candidate, ProviderError] | None = None
        while (chosen := self._next(left, failed is not None)) is not None:
            if shop.stop.error is not None:
                raise shop.stop.error
            gate, breaker = shop.gates[chosen.use.alias], self._breaker(chosen)
            if not await gate.enter():
                continue
            try:
                if self._next(left, failed is not None) is not chosen:
                    continue  # it was passed over meanwhile
                left.remove(chosen)
                reply, usd = await self._try(chosen, breaker, behind=self._next(left, True) is not None, failed=failed)
            except ProviderError as error:
                if error is shop.stop.error:
                    raise
                failed = (chosen, error)
            else:
                self._taken(chosen)
                return chosen, reply, usd
            finally:
                gate.ended()
        last = failed[1] if failed is not None else self._breaker(able[-1]).dead
        assert last is not None
        last.fatal = all(self._breaker(one).dead is not None for one in able)
        raise last

    def _next(self, left: list[Candidate], asked: bool) -> Candidate | None:
        """Whom to ask now. asked: whether somebody was asked for this call; else one is, even if all are passed over: people
        want an error rather than a wait."""
        found = next((one for one in left if self._breaker(one).lets(self.pool)), None)
        if found is None and not asked:
            found = next((one for one in left if self._breaker(one).dead is None), None)
        return found

    async def _try(
        self, chosen: Candidate, breaker: Breaker, *, behind: bool, failed: tuple[Candidate, ProviderError] | None
    ) -> tuple[ModelReply, Decimal | None]:
        """Ask one of them, with its further tries, and let its breaker know. behind: whether another one could be next."""
        session, shop, most = self.session, self.session.shop, self.session.node.max_retries
        if failed is not None and shop.services.real:
            self._moved(*failed, chosen)
        self._take(chosen)
        probe = breaker.enter(self.pool)
        try:
            if behind:
                most = 0 if probe else min(most, HURRIED_TRIES)
            answer = await session.tries(chosen.request, most, hurry=behind)
        except ProviderError as error:
            if error is not shop.stop.error:
                self._counted(chosen, breaker, error)
            elif probe:
                breaker.left()
            raise
        except BaseException:
            if probe:
                breaker.left()
            raise
        breaker.answered()
        return answer

    def _counted(self, chosen: Candidate, breaker: Breaker, error: ProviderError) -> None:
        shop, before = self.session.shop, breaker.state(self.pool)
        breaker.failed(error)
        state = breaker.state(self.pool)
        if state == "closed" or state == before:
            return
        shop.gates[chosen.use.alias].call_off()
        long = "the rest of this run" if state == "dead" else f"{self.pool.cool_down:g} s"
        shop.warn(shop.masker.text(f"{chosen.use.named} is passed over for {long}: {error.what}"))

    def _moved(self, before: Candidate, error: ProviderError, now: Candidate) -> None:
        """Tell people that another one is asked, and the record why."""
        session, shop = self.session, self.session.shop
        text = shop.masker.text(f"{before.use.named} failed: {error.what}")
        session.moved.append(f"{text}; {now.use.named} was asked instead")
        shop.progress.retries += 1
        shop.on_event(Event("retry", f"{text}; asking {now.use.named} instead", path=session.instance.path), shop.progress)

    def _taken(self, candidate: Candidate) -> None:
        self.candidates.answered(candidate)
        self._take(candidate)

    def _take(self, candidate: Candidate) -> None:
        self.session.take(candidate.use, *self.candidates.whole(candidate))

    def _breaker(self, candidate: Candidate) -> Breaker:
        return self.session.shop.breakers.of(candidate.use)
