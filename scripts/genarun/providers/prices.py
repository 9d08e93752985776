"""What calls cost: the tree's own prices first, else the list that `genai-prices` ships. Unknown is None, never zero."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from ipaddress import ip_address
from math import ceil
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from genarun.providers.base import Medium, Settings, Usage
from genarun.providers.catalog import address
from genarun.providers.registry import provider_infos

if TYPE_CHECKING:
    from genarun.tree.spec import Price

FREE = frozenset({"offline", "replay"})
"""Providers that cost nothing, and say so: their calls have the price 0, not an unknown one."""

CHARS_PER_TOKEN = 3.5
"""Fewer than English has (about 4), so that estimates err upwards."""
CHARS_PER_SECOND = 12.0
"""Fewer than are spoken (about 15), for the same reason."""
OUTPUT_GUESS = 1000
"""Output tokens assumed for a model that has no limit and a node that has never run."""
FILM_GUESS = 8.0
"""Seconds assumed for a film whose request does not say how long it shall be."""
MARGIN = 1.25
"""How much longer than the usual answer of a node the next one may be."""

_MILLION = Decimal(1_000_000)


class History(Protocol):
    """What earlier runs say of a node: medians, None where unknown."""

    @property
    def output_tokens(self) -> float | None: ...


@dataclass(frozen=True, slots=True)
class Rates:
    """Dollars per token, picture, second, character and call; None where unknown.

    above: (input tokens, input, output): rates that hold for calls that read more.
    """

    input: Decimal | None = None
    output: Decimal | None = None
    image: Decimal | None = None
    image_output: Decimal | None = None
    second: Decimal | None = None
    characters: Decimal | None = None
    call: Decimal | None = None
    above: tuple[tuple[int, Decimal | None, Decimal | None], ...] = ()


class Prices:
    """Prices by provider and model. A model is looked up once; a call then costs a few multiplications.

    today: decides between prices that change on a date. env: the environment, which says where services of one's own are.
    """

    def __init__(self, today: datetime | None = None, env: Mapping[str, str] | None = None) -> None:
        self._today = today or datetime.now(UTC)
        self._env = env or {}
        self._known: dict[tuple[str, str, str | None], Rates | None] = {}

    def cost(
        self, provider: str, model: str, usage: Usage, price: Price | None = None, *, base_url: str | None = None
    ) -> Decimal | None:
        """Dollars of one call, or None where a price or a count that it needs is unknown.

        provider: the protocol (`openai`). price: what the tree says of the model; beats the list, field by field.
        base_url: the service that the tree names in the provider's place; None for the provider's own.
        """
        if provider in FREE:
            return Decimal(0)
        rates = self._rates(provider, model, price, base_url)
        return _sum(rates, usage) if rates is not None else None

    def estimate(
        self,
        provider: str,
        model: str,
        medium: Medium,
        prompt_chars: int,
        max_output_tokens: int | None = None,
        history: History | None = None,
        price: Price | None = None,
        *,
        base_url: str | None = None,
        seconds: float | None = None,
    ) -> Decimal | None:
        """Dollars that a call will probably cost, erring upwards; None where the price is unknown.

        Input by the length of the prompt; output by the node's usual answers, else the model's limit, else a guess.
        seconds: how long the film shall be, where the request says so.
        """
        usual = history.output_tokens if history is not None else None
        output = ceil(usual * MARGIN) if usual else max_output_tokens or OUTPUT_GUESS
        if max_output_tokens is not None:
            output = min(output, max_output_tokens)
        if medium == "audio":  # no service counts the tokens of sounds and films, so that a price for these is of no use
            usage = Usage(seconds=prompt_chars / CHARS_PER_SECOND, characters=prompt_chars)
        elif medium == "video":
            usage = Usage(seconds=seconds or FILM_GUESS)
        else:
            output = 0 if medium == "embedding" else output
            usage = Usage(ceil(prompt_chars / CHARS_PER_TOKEN), output, 1 if medium == "image" else None)
        return self.cost(provider, model, usage, price, base_url=base_url)

    def _rates(self, provider: str, model: str, price: Price | None, base_url: str | None) -> Rates | None:
        if price is not None and (own := _own(price)) is not None:
            return own
        place = (provider, model, base_url)
        if place not in self._known:
            self._known[place] = self._look_up(provider, model, base_url)
        return self._known[place]

    def _look_up(self, provider: str, model: str, base_url: str | None) -> Rates | None:
        info = provider_infos().get(provider)
        if info is not None and info.local and _at_home(address(info, Settings(provider, base_url, env=self._env))):
            return Rates(call=Decimal(0))
        listed = info.prices if info is not None else None
        return _listed(listed, model, base_url, self._today) if listed or base_url else None


def _at_home(url: str | None) -> bool:
    """Whether an address is on this machine or in a private network: an address there, or a name without a dot."""
    host = urlsplit(url or "").hostname or ""
    try:
        ip = ip_address(host)
    except ValueError:
        return bool(host) and "." not in host
    return ip.is_loopback or ip.is_private


def _own(price: Price) -> Rates | None:
    """The tree's prices. A model priced by picture, second, character or call needs no price for tokens."""
    rates = Rates(
        input=_per(price.input, _MILLION),
        output=_per(price.output, _MILLION),
        image=_per(price.image, Decimal(1)),
        second=_per(price.second, Decimal(1)),
        characters=_per(price.characters, _MILLION),
        call=_per(price.call, Decimal(1)),
    )
    return rates if rates != Rates() else None


def _per(dollars: float | None, units: Decimal) -> Decimal | None:
    return Decimal(str(dollars)) / units if dollars is not None else None


def _listed(provider: str | None, model: str, base_url: str | None, today: datetime) -> Rates | None:
    """From the list that is installed; it is never fetched. provider: its id there."""
    from genai_prices.data_snapshot import get_snapshot  # a third of a second: only where a price is asked for
    from genai_prices.types import TieredPrices

    try:
        _, found = get_snapshot().find_provider_model(model, None, None if base_url else provider, base_url)
    except LookupError:
        return None
    prices = found.get_prices(today)

    def rate(name: str) -> tuple[Decimal | None, tuple[tuple[int, Decimal], ...]]:
        value: Any = getattr(prices, name, None)
        if value is None:
            return None, ()
        if isinstance(value, TieredPrices):
            return value.base / _MILLION, tuple((tier.start, tier.price / _MILLION) for tier in value.tiers)
        return value / _MILLION, ()

    (input_, input_tiers), (output, output_tiers) = rate("input_mtok"), rate("output_mtok")
    starts = sorted({start for start, _ in (*input_tiers, *output_tiers)})
    above = tuple((start, _at(input_tiers, start, input_), _at(output_tiers, start, output)) for start in starts)
    calls: Any = getattr(prices, "requests_kcount", None)
    return Rates(
        input=input_,
        output=output,
        image_output=rate("output_image_mtok")[0],
        characters=rate("input_mchars")[0],
        call=calls / 1000 if isinstance(calls, Decimal) else None,
        above=above,
    )


def _at(tiers: tuple[tuple[int, Decimal], ...], start: int, base: Decimal | None) -> Decimal | None:
    return next((price for begin, price in reversed(tiers) if begin <= start), base)


def _sum(rates: Rates, usage: Usage) -> Decimal | None:
    """Every count that has a price; None where no price covers what was used."""
    total = rates.call or Decimal(0)
    if usage.images is not None and rates.image is not None:
        return total + rates.image * usage.images
    for made, rate in ((usage.seconds, rates.second), (usage.characters, rates.characters)):
        if rate is not None:
            return total + rate * Decimal(str(made)) if made is not None else None
    known = rates.call is not None
    input_, output = rates.input, rates.output
    if rates.above and usage.input_tokens is not None:
        for start, more_input, more_output in rates.above:
            if usage.input_tokens > start:
                input_, output = more_input, more_output
    if usage.images is not None and rates.image_output is not None:
        output = rates.image_output  # what such a model writes are pictures
    if input_ is None and output is None:
        return total if known else None
    for count, rate in ((usage.input_tokens, input_), (usage.output_tokens, output)):
        if rate is not None and count is not None:
            total += rate * count
        elif rate is not None or count:
            return None  # a part of the price is unknown, and so is the whole
    return total
