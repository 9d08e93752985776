"""When a model is passed over: the breaker as a state machine, under a clock of the test's own."""

from __future__ import annotations

from dataclasses import replace

from genarun.engine.breaker import Breaker, Breakers
from genarun.errors import ProviderError
from genarun.tree.model import ModelUse
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

USE = ModelUse("a", "one", "openai", "m", {}, 8, None, None, None, None, {})
POOL = replace(USE, members=(USE, USE), failures=3, cool_down=30.0)
BUSY = ProviderError("service-failed", "busy", retry=True)
REFUSED = ProviderError("request-refused", "no")
REJECTED = ProviderError("key-rejected", "who are you", fatal=True)


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def failed(times: int) -> tuple[Breaker, Clock]:
    clock = Clock()
    breaker = Breaker(clock)
    for _ in range(times):
        breaker.failed(BUSY)
    return breaker, clock


def test_it_opens_after_failures_in_a_row() -> None:
    breaker, _ = failed(2)
    assert breaker.state(POOL) == "closed"
    breaker.answered()
    for _ in range(2):
        breaker.failed(BUSY)
    assert breaker.lets(POOL)
    breaker.failed(BUSY)
    assert breaker.state(POOL) == "open"
    assert not breaker.lets(POOL)


def test_each_pool_reads_it_by_its_own_numbers() -> None:
    breaker, clock = failed(2)
    strict, lax = replace(POOL, failures=1, cool_down=5.0), replace(POOL, failures=9)
    assert (breaker.state(strict), breaker.state(POOL), breaker.state(lax)) == ("open", "closed", "closed")
    clock.now += 5
    assert breaker.state(strict) == "half-open"


def test_after_the_cool_down_one_call_tries_it() -> None:
    breaker, clock = failed(3)
    clock.now += 29.9
    assert not breaker.lets(POOL)
    clock.now += 0.2
    assert breaker.state(POOL) == "half-open"
    assert breaker.enter(POOL)
    assert breaker.state(POOL) == "open", "nobody else, as long as that one is under way"
    assert not breaker.enter(POOL)
    breaker.answered()
    assert breaker.state(POOL) == "closed"
    assert not breaker.enter(POOL), "an ordinary call"


def test_a_try_that_fails_opens_it_for_as_long_again() -> None:
    breaker, clock = failed(3)
    clock.now += 30
    assert breaker.enter(POOL)
    breaker.failed(BUSY)
    clock.now += 29.9
    assert breaker.state(POOL) == "open"
    clock.now += 0.2
    assert breaker.state(POOL) == "half-open"


def test_a_try_that_was_broken_off_leaves_room_for_another() -> None:
    breaker, clock = failed(3)
    clock.now += 30
    assert breaker.enter(POOL)
    breaker.left()
    assert breaker.enter(POOL)


def test_a_refused_request_shows_that_the_service_is_there() -> None:
    breaker, clock = failed(2)
    breaker.failed(REFUSED)
    breaker.failed(BUSY)
    assert breaker.state(POOL) == "closed"
    for _ in range(2):
        breaker.failed(BUSY)
    clock.now += 30
    assert breaker.enter(POOL)
    breaker.failed(REFUSED)
    assert breaker.state(POOL) == "closed"


def test_what_would_always_end_the_same_ends_it_for_good() -> None:
    breaker, clock = failed(0)
    breaker.failed(REJECTED)
    clock.now += 10_000
    assert breaker.state(POOL) == "dead"
    assert breaker.dead is REJECTED
    breaker.answered()
    assert not breaker.lets(POOL)


def test_a_model_is_a_service_an_address_and_a_name() -> None:
    breakers = Breakers(Clock())
    one = breakers.of(USE)
    assert breakers.of(replace(USE, alias="b", params={"x": 1})) is one
    others = [replace(USE, provider="two"), replace(USE, base_url="http://here"), replace(USE, model="n")]
    assert len({id(breakers.of(use)) for use in others} | {id(one)}) == 4


class Life(RuleBasedStateMachine):
    """Against a plain model of it: a row of failures, the time of the last, and at most one try."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.breaker = Breaker(self.clock)
        self.row, self.last, self.trying = 0, 0.0, False

    @property
    def wanted(self) -> str:
        if self.row < 3:
            return "closed"
        return "open" if self.trying or self.clock.now < self.last + 30 else "half-open"

    @rule(seconds=st.sampled_from([0.5, 10.0, 29.0, 31.0]))
    def wait(self, seconds: float) -> None:
        self.clock.now += seconds

    @rule()
    def fails(self) -> None:
        self.breaker.failed(BUSY)
        self.row, self.last, self.trying = self.row + 1, self.clock.now, False

    @rule(refusal=st.booleans())
    def answers(self, refusal: bool) -> None:
        self.breaker.failed(REFUSED) if refusal else self.breaker.answered()
        self.row, self.trying = 0, False

    @precondition(lambda self: self.breaker.lets(POOL))
    @rule()
    def goes(self) -> None:
        tries = self.wanted == "half-open"
        assert self.breaker.enter(POOL) is tries
        self.trying = self.trying or tries

    @precondition(lambda self: self.trying)
    @rule()
    def breaks_off(self) -> None:
        self.breaker.left()
        self.trying = False

    @invariant()
    def stands_as_it_should(self) -> None:
        assert self.breaker.state(POOL) == self.wanted


TestLife = Life.TestCase
TestLife.settings = hypothesis_settings(max_examples=60, stateful_step_count=40, deadline=None)


@given(st.lists(st.sampled_from(["busy", "answer"]), max_size=20))
def test_it_is_open_exactly_after_a_row(events: list[str]) -> None:
    breaker, _ = failed(0)
    for event in events:
        breaker.failed(BUSY) if event == "busy" else breaker.answered()
    assert (breaker.state(POOL) == "open") is (events[-3:] == ["busy"] * 3)
