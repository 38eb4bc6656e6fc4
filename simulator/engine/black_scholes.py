"""European options: Black-Scholes prices, volatilities and Greeks (LEAN's OptionGreekIndicatorsHelper and its Greeks)."""

import math
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

from scipy.special import ndtr

from simulator.engine.brent import find_root
from simulator.engine.chains import Greeks

_LEAST_VOLATILITY: Final = 1e-7
_GREATEST_VOLATILITY: Final = 4.0
_PLACES: Final = Decimal("0.0000001")


@dataclass(frozen=True)
class BlackScholes:
    """One European option; prices in dollars, time in years of 365 days, rates as fractions.

    Attributes:
        spot: price of the underlying.
        strike: strike price.
        years: time to expiry.
        rate: risk-free rate.
        is_call: call or put.
        dividend_yield: of the underlying, per year.
    """

    spot: float
    strike: float
    years: float
    rate: float
    is_call: bool
    dividend_yield: float = 0.0

    def _d1(self, volatility: float) -> float:
        denominator = volatility * math.sqrt(max(0.0, self.years))
        if denominator == 0:
            return 10.0
        return (
            math.log(self.spot / self.strike) + (self.rate - self.dividend_yield + 0.5 * volatility * volatility) * self.years
        ) / denominator

    def price(self, volatility: float) -> float:
        """Theoretical price."""
        if self.years <= 0:
            return 0.0
        d1 = self._d1(volatility)
        d2 = d1 - volatility * math.sqrt(self.years)
        discounted = self.strike * math.exp(-self.rate * self.years)
        spot = self.spot * math.exp(-self.dividend_yield * self.years)
        if self.is_call:
            return float(spot * ndtr(d1) - discounted * ndtr(d2))
        return float(discounted * ndtr(-d2) - spot * ndtr(-d1))

    def implied_volatility(self, option_price: float) -> float | None:
        """The volatility at which the price is met, as LEAN's root finder leaves it; None when it fails."""
        accuracy = least_accuracy(option_price)
        return find_root(lambda volatility: self.price(volatility) - option_price, _LEAST_VOLATILITY, _GREATEST_VOLATILITY, accuracy)

    def greeks(self, volatility: float) -> Greeks:
        """Delta, gamma, vega and rho per percent, theta per day; zeros after expiry."""
        if self.years < 0:
            return Greeks()
        root = math.sqrt(self.years)
        d1 = self._d1(volatility)
        d2 = d1 - volatility * root
        density = math.exp(-0.5 * d1 * d1) / math.sqrt(2 * math.pi)
        sign = 1 if self.is_call else -1
        discounted = self.strike * math.exp(-self.rate * self.years)
        floor = max(volatility, 0.01)
        gamma = density / (self.spot * floor * root) if root else 0.0
        decay = -self.spot * floor * density / (2 * root) if root else 0.0
        theta = (decay - sign * self.rate * discounted * float(ndtr(sign * d2))) / 365
        return Greeks(
            rounded(sign * float(ndtr(sign * d1))),
            rounded(gamma),
            rounded(self.spot * root * density / 100),
            rounded(theta),
            rounded(sign * self.years * discounted * float(ndtr(sign * d2)) / 100),
        )


def least_accuracy(option_price: float) -> float:
    """How near to a price LEAN's root finder has to come."""
    return max(1e-4, 1e-4 * option_price)


def rounded(value: float) -> Decimal:
    """What LEAN's option indicators give out: seven decimals."""
    return Decimal(repr(value)).quantize(_PLACES, ROUND_HALF_EVEN) if math.isfinite(value) else Decimal(0)
