"""What a run may still spend. An estimate is reserved before a call and settled after, so that calls at once cannot overrun."""

from __future__ import annotations

from decimal import Decimal

from genarun.errors import BudgetStop

ZERO = Decimal(0)


def dollars(amount: Decimal) -> str:
    """An amount as people write it: `$0.30`, `$12.00`, `$0.0042`."""
    whole, _, cents = format(amount.normalize(), "f").partition(".")
    return f"${whole}.{cents:0<2}"


class Budget:
    """Dollars and requests of one run, over all the commands that go on with it.

    usd, calls: the limits, None for no limit. spent, sent: what the run's earlier commands used already.
    """

    def __init__(self, usd: Decimal | None, calls: int | None, *, spent: Decimal = ZERO, sent: int = 0, run: str = "") -> None:
        self.usd = usd
        self.calls = calls
        self.spent = spent
        self.sent = sent
        self.held = ZERO
        self.run = run

    def reserve(self, estimate: Decimal | None) -> Decimal:
        """Set aside the estimate of one request. Raises BudgetStop where it, or one more request, could exceed a limit."""
        if self.calls is not None and self.sent >= self.calls:
            raise BudgetStop(
                "budget-calls",
                f"the budget of {self.calls} calls is used up",
                self.run or None,
                "Raise `budget.calls` in the tree or in trees/defaults.yaml and run again; nothing paid for is lost.",
            )
        amount = estimate or ZERO
        if self.usd is not None and self.spent + self.held + amount > self.usd:
            raise BudgetStop(
                "budget-usd",
                f"the next call could exceed the budget of {dollars(self.usd)}: {dollars(self.spent)} spent, "
                f"{dollars(self.held)} in flight, about {dollars(amount)} for this call",
                self.run or None,
                "Raise it with `--budget USD` or `budget.usd` and run again; nothing paid for is lost.",
            )
        self.sent += 1
        self.held += amount
        return amount

    def give_back(self, held: Decimal) -> None:
        """The request was never sent: another budget refused it."""
        self.sent -= 1
        self.held -= held

    def settle(self, held: Decimal, usd: Decimal | None) -> None:
        """The request is answered and cost this; None where the price is unknown."""
        self.held -= held
        if usd is not None:
            self.spent += usd
