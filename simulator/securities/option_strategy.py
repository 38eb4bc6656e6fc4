"""A named combination of options and shares that can be ordered at once (Common/Securities/Option/OptionStrategy.cs)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from simulator.common.enums import OptionRight
from simulator.common.symbol import Symbol
from simulator.orders.group_order import Leg


class OptionLegData(Leg):
    """Mirrors OptionStrategy.OptionLegData: so many contracts of a right, strike and expiry."""

    def __init__(self, symbol: Symbol, quantity: int) -> None:
        super().__init__(symbol, quantity)
        self.right = symbol.id.option_right
        self.strike = float(symbol.id._strike)
        self.expiration = symbol.id.date


class UnderlyingLegData(Leg):
    """Mirrors OptionStrategy.UnderlyingLegData: so many units of the underlying."""


@dataclass(frozen=True)
class OptionTerms:
    """An option of a strategy before its root is known."""

    right: OptionRight
    strike: float
    quantity: int
    expiration: datetime


@dataclass
class OptionStrategy:
    """Mirrors OptionStrategy: legs in the order in which they are sent, shares first."""

    name: str
    canonical_option: Symbol
    option_legs: list[OptionLegData] = field(default_factory=list)
    underlying_legs: list[UnderlyingLegData] = field(default_factory=list)

    @property
    def underlying(self) -> Symbol | None:
        """What the options are on."""
        return self.canonical_option.underlying

    @property
    def _legs(self) -> list[Leg]:
        return [*self.underlying_legs, *self.option_legs]

    @staticmethod
    def _of(name: str, canonical: Symbol, terms: Iterable[OptionTerms], shares: int = 0) -> "OptionStrategy":
        """Contracts of the canonical option's root, and units of its underlying."""
        underlying = canonical.underlying
        assert underlying is not None  # noqa: S101 - the caller has checked
        legs = [
            OptionLegData(
                Symbol.create_option(
                    underlying,
                    canonical.id.symbol,
                    underlying.id.market,
                    canonical.id.option_style,
                    term.right,
                    term.strike,
                    term.expiration,
                ),
                term.quantity,
            )
            for term in terms
        ]
        return OptionStrategy(name, canonical, legs, [UnderlyingLegData(underlying, shares)] if shares else [])

    def _inverted(self, name: str) -> "OptionStrategy":
        """The other side of the trade."""
        for leg in self._legs:
            leg.quantity = -leg.quantity
        self.name = name
        return self

    def _renamed(self, name: str) -> "OptionStrategy":
        self.name = name
        return self
