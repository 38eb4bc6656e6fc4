"""American options on LEAN's forward tree (OptionGreekIndicatorsHelper.ForwardTreeTheoreticalPrice and the tree branches of its Greeks)."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from simulator.engine.black_scholes import BlackScholes, least_accuracy, rounded
from simulator.engine.brent import find_root
from simulator.engine.chains import Greeks

_STEPS: Final = 200
_SMALL_UP, _SMALL_DOWN = 1.00001, 0.99999
_SMALL_GAMMA_STEP: Final = 1.0001
_FLAT_UP, _FLAT_DOWN = 1.0001, 0.9999
_VOLATILITY_STEP: Final = 0.01
_RATE_STEP: Final = 0.0001
_LEAST_VOLATILITY: Final = 1e-7
_GREATEST_VOLATILITY: Final = 4.0

Values = NDArray[np.float64]

_WAYS: Final[Values] = np.array(
    [math.lgamma(_STEPS + 1) - math.lgamma(ups + 1) - math.lgamma(_STEPS - ups + 1) for ups in range(_STEPS + 1)]
)
"""Logarithms of the numbers of ways to go up so many times."""


@dataclass(frozen=True)
class ForwardTree:
    """One American option; prices in dollars, time in years of 365 days, rates as fractions.

    Only calls are exercised early, as in LEAN.

    Attributes:
        spot: price of the underlying.
        strike: strike price.
        years: time to expiry.
        rate: risk-free rate.
        dividend_yield: of the underlying, per year.
        is_call: call or put.
    """

    spot: float
    strike: float
    years: float
    rate: float
    dividend_yield: float
    is_call: bool

    def price(self, volatility: float, *, spot: float | None = None, rate: float | None = None, years: float | None = None) -> float:
        """Theoretical price, at another spot, rate or time when one is given; 0 after expiry."""
        spot, rate, years = (own if asked is None else asked for own, asked in ((self.spot, spot), (self.rate, rate), (self.years, years)))
        if self.years <= 0:
            return 0.0
        time = years / _STEPS
        discount = math.exp((rate - self.dividend_yield) * time)
        spread = volatility * math.sqrt(time)
        up, down = math.exp(spread) * discount, math.exp(-spread) * discount
        if up - down == 0:
            up, down = _FLAT_UP, _FLAT_DOWN
        probability = (discount - down) / (up - down)
        return self._rolled_back(spot, up, probability, math.exp(-rate * time))

    def _rolled_back(self, spot: float, up: float, probability: float, discount: float) -> float:
        prices = spot * up ** np.arange(-_STEPS, _STEPS + 1, dtype=np.float64)
        worth = self._intrinsic(prices)
        values = worth[::2]
        if not self.is_call and 0 < probability < 1:
            return float(discount**_STEPS * (values @ _weights(probability)))  # nobody exercises early: only the last column counts
        low, high = discount * (1 - probability), discount * probability
        for period in range(_STEPS - 1, -1, -1):
            values = values[:-1] * low + values[1:] * high
            if self.is_call:
                values = np.maximum(values, worth[_STEPS - period : _STEPS + period + 1 : 2])
        return float(values[0])

    def _intrinsic(self, prices: Values) -> Values:
        found: Values = np.maximum(prices - self.strike if self.is_call else self.strike - prices, 0.0)
        return found

    def implied_volatility(self, option_price: float) -> float | None:
        """The volatility at which the price is met, looked for around that of Black-Scholes; None when the root finder fails."""
        plain = BlackScholes(self.spot, self.strike, self.years, self.rate, self.is_call, self.dividend_yield)
        guess = plain.implied_volatility(option_price) or 0.0
        lower, upper = _LEAST_VOLATILITY, _GREATEST_VOLATILITY
        if guess:
            lower, upper = max(lower, guess * 0.5), min(upper, guess * 1.5)
        return find_root(lambda volatility: self.price(volatility) - option_price, lower, upper, least_accuracy(option_price))

    def greeks(self, volatility: float) -> Greeks:
        """Delta, gamma, vega and rho per percent, theta per day, by finite differences; zeros after expiry."""
        if self.years < 0:
            return Greeks()
        price = self.price(volatility)
        delta_time = self.years / _STEPS
        vega = (self.price(volatility + _VOLATILITY_STEP) - price) / _VOLATILITY_STEP / 100
        theta = _ratio((self.price(volatility, years=self.years - 2 * delta_time) - price) * 0.5, delta_time) / 365
        rho = (self.price(volatility, rate=self.rate + _RATE_STEP) - price) / _RATE_STEP / 100
        return Greeks(*(rounded(value) for value in (self._delta(volatility), self._gamma(volatility, price), vega, theta, rho)))

    def _delta(self, volatility: float) -> float:
        spread = volatility * math.sqrt(self.years / _STEPS)
        discount = math.exp((self.rate - self.dividend_yield) * self.years / _STEPS)
        up, down = math.exp(spread) * discount, math.exp(-spread) * discount
        high, low = self.spot * (_SMALL_UP if up == 1 else up), self.spot * (_SMALL_DOWN if down == 1 else down)
        return _ratio(self.price(volatility, spot=high) - self.price(volatility, spot=low), high - low)

    def _gamma(self, volatility: float, price: float) -> float:
        up = math.exp(volatility * math.sqrt(self.years / _STEPS))
        up = _SMALL_GAMMA_STEP if up == 1 else up
        high, low = self.spot * up * up, self.spot / up / up
        above = (self.price(volatility, spot=high) - price) / (high - self.spot)
        below = (price - self.price(volatility, spot=low)) / (self.spot - low)
        return _ratio((above - below) * 2, high - low)


def _weights(probability: float) -> Values:
    """How likely each number of ups is."""
    ups = np.arange(_STEPS + 1, dtype=np.float64)
    found: Values = np.exp(_WAYS + ups * math.log(probability) + (_STEPS - ups) * math.log1p(-probability))
    return found


def _ratio(numerator: float, denominator: float) -> float:
    return numerator / denominator if denominator else 0.0
