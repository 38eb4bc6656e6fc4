"""Positions: what is held, campaign by campaign, and what it cost."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from math import gcd

from domain.contract import Contract, Leg, Role
from domain.quote import Quote
from domain.state import ExitReason


class PositionStatus(StrEnum):
    """Where a position is in its life."""

    OPENING = "opening"
    OPEN = "open"
    CLOSING = "closing"
    CLOSED = "closed"
    ASSIGNED = "assigned"


@dataclass(frozen=True, slots=True)
class Holding:
    """One contract held within a position.

    Attributes:
        contract: what is held.
        quantity: contracts, < 0 is short.
        average_price: points per contract paid or received at opening.
        role: what it is for.
    """

    contract: Contract
    quantity: int
    average_price: float
    role: Role

    def value_dollars(self, price: float) -> float:
        """Worth at this price: negative for a short holding, which costs that much to buy back."""
        return self.quantity * price * self.contract.multiplier


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """A campaign: one structure from its opening through every change of shape to its last leg.

    Attributes:
        campaign_id: one id for its whole life.
        strategy: name in the registry.
        underlying: as in the parameters.
        units: whole structures opened.
        holdings: what is left of it now.
        opened_at: time of the first fill, New York time.
        premium_dollars: net cash of all option fills so far (> 0 received), before fees.
        fees_dollars: all fees so far, >= 0.
        entry_credit_dollars: net cash of the opening fills alone; the base of targets and stops.
        loss_at_stop_dollars: planned loss of the whole position at its stop; None when it has none.
        max_loss_dollars: largest loss at expiry; None when unbounded.
        is_defined_risk: whether every short leg was covered at opening.
        status: where it is in its life.
        stop_breaches: beats in a row on which the stop was breached.
        exit_reason: reason of the closing under way, or of the last one.
        share_quantity: shares held from assignment (a future counts one), 0 normally.
        share_cash_dollars: net cash of shares delivered and sold.
        numbers: entry facts from the proposal, and figures its strategy keeps.
        tags: words from the proposal (direction, variant).
    """

    campaign_id: str
    strategy: str
    underlying: str
    units: int
    holdings: tuple[Holding, ...]
    opened_at: datetime
    premium_dollars: float
    fees_dollars: float
    entry_credit_dollars: float
    loss_at_stop_dollars: float | None = None
    max_loss_dollars: float | None = None
    is_defined_risk: bool = True
    status: PositionStatus = PositionStatus.OPEN
    stop_breaches: int = 0
    exit_reason: ExitReason | None = None
    share_quantity: int = 0
    share_cash_dollars: float = 0.0
    numbers: Mapping[str, float] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_live(self) -> bool:
        """Whether anything is still held."""
        return bool(self.holdings) or self.share_quantity != 0

    @property
    def result_dollars(self) -> float:
        """Realised cash of the campaign after fees; the final result once nothing is held."""
        return self.premium_dollars + self.share_cash_dollars - self.fees_dollars

    @property
    def nearest_expiry(self) -> date | None:
        """First expiry among the legs held."""
        return min((holding.contract.expiry for holding in self.holdings), default=None)

    def with_roles(self, *roles: Role) -> tuple[Holding, ...]:
        """Holdings that play one of these roles."""
        return tuple([holding for holding in self.holdings if holding.role in roles])

    def shorts(self) -> tuple[Holding, ...]:
        """Everything sold."""
        return tuple([holding for holding in self.holdings if holding.quantity < 0])

    def closing_value_dollars(self, quotes: Mapping[str, Quote], *, at_mid: bool = False) -> float | None:
        """Cash flow of closing every leg now, crossing the spread (or at mid); None when any leg cannot be priced."""
        total = 0.0
        for holding in self.holdings:
            quote = quotes.get(holding.contract.key)
            if quote is None:
                return None
            price = quote.mid if at_mid else quote.closing_price(holding.quantity)
            if price is None:
                return None
            total += holding.quantity * price * holding.contract.multiplier
        return total

    def profit_dollars(self, quotes: Mapping[str, Quote], *, at_mid: bool = False) -> float | None:
        """Profit of the whole campaign if it were closed now, before fees; None when it cannot be priced, as while delivered shares are held."""
        value = self.closing_value_dollars(quotes, at_mid=at_mid)
        return None if value is None or self.share_quantity else self.premium_dollars + self.share_cash_dollars + value

    def closing_legs(self, keys: frozenset[str] = frozenset()) -> tuple[tuple[Leg, ...], int]:
        """Legs per unit and number of units that close these contracts (all of them when none is named).

        Units are the greatest common divisor of the quantities, so that ratios are whole and without a common factor, as combo orders want.
        """
        chosen = [holding for holding in self.holdings if not keys or holding.contract.key in keys]
        units = gcd(*(abs(holding.quantity) for holding in chosen)) or 1
        return tuple(Leg(h.contract, -h.quantity // units, h.role) for h in chosen), units

    def changed(self, **changes: object) -> "Position":
        """A copy with these attributes replaced."""
        return replace(self, **changes)  # type: ignore[arg-type]  # keyword names are checked by replace itself
