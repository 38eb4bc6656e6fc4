"""Greeks of a slice's option contracts (LEAN's IndicatorBasedOptionPriceModel), for European options: Black-Scholes."""

import math
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, Final

from scipy.special import ndtr

from simulator.common.enums import OptionRight, OptionStyle, SecurityType
from simulator.common.symbol import Symbol
from simulator.common.time_zone import to_utc
from simulator.engine.brent import find_root
from simulator.engine.chains import Greeks, OptionContract, OptionPriceModelResult
from simulator.errors import LeanApiMissing

_LEAST_VOLATILITY: Final = 1e-7
_GREATEST_VOLATILITY: Final = 4.0
_PM_ROOTS: Final = frozenset({"SPXW", "VIXW", "RUTW", "NDXP", "NQX"})
_YEAR: Final = 365 * 86_400_000_000
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
    """

    spot: float
    strike: float
    years: float
    rate: float
    is_call: bool

    def _d1(self, volatility: float) -> float:
        denominator = volatility * math.sqrt(max(0.0, self.years))
        if denominator == 0:
            return 10.0
        return (math.log(self.spot / self.strike) + (self.rate + 0.5 * volatility * volatility) * self.years) / denominator

    def price(self, volatility: float) -> float:
        """Theoretical price."""
        if self.years <= 0:
            return 0.0
        d1 = self._d1(volatility)
        d2 = d1 - volatility * math.sqrt(self.years)
        discounted = self.strike * math.exp(-self.rate * self.years)
        if self.is_call:
            return float(self.spot * ndtr(d1) - discounted * ndtr(d2))
        return float(discounted * ndtr(-d2) - self.spot * ndtr(-d1))

    def implied_volatility(self, option_price: float) -> float | None:
        """The volatility at which the price is met, as LEAN's root finder leaves it; None when it fails."""
        accuracy = max(1e-4, 1e-4 * option_price)
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
            _rounded(sign * float(ndtr(sign * d1))),
            _rounded(gamma),
            _rounded(self.spot * root * density / 100),
            _rounded(theta),
            _rounded(sign * self.years * discounted * float(ndtr(sign * d2)) / 100),
        )


def _rounded(value: float) -> Decimal:
    return Decimal(repr(value)).quantize(_PLACES, ROUND_HALF_EVEN) if math.isfinite(value) else Decimal(0)


def evaluate(algorithm: Any, option: Any, contract: OptionContract) -> OptionPriceModelResult:
    """Volatility and Greeks of a contract at the security's price; the out-of-the-money option of its pair gives the volatility if subscribed.

    Raises:
        LeanApiMissing: an American option; LEAN uses a tree, or QuantLib for futures options.
    """
    symbol = contract.symbol
    if symbol.id.option_style != OptionStyle.EUROPEAN or symbol.security_type == SecurityType.FUTURE_OPTION:
        raise LeanApiMissing(
            "greeks of American options in slice.option_chains (option_chain() has them)", "simulator/engine/option_price_model.py"
        )
    underlying = option.underlying
    if contract.time.date() > contract.expiry.date() or not option.price or underlying is None or not underlying.price:
        return OptionPriceModelResult()
    years = (_expiry_utc(option) - algorithm._utc) / _YEAR
    rate = algorithm.risk_free_interest_rate_model.get_interest_rate(option.local_time)
    model = BlackScholes(underlying.price, contract.strike, years, rate, contract.right == OptionRight.CALL)
    volatility = float(_rounded(_volatility(algorithm, option, model)))
    price = model.price(volatility) if volatility else 0.0
    return OptionPriceModelResult(price, volatility, model.greeks(volatility))


def _volatility(algorithm: Any, option: Any, model: BlackScholes) -> float:
    own = model.implied_volatility(option.price)
    mirror = algorithm.securities._try_get(_mirror(option.symbol))
    if mirror is None or not mirror.price:
        return own or 0.0
    other = BlackScholes(model.spot, model.strike, model.years, model.rate, not model.is_call).implied_volatility(mirror.price)
    if own is None or other is None:
        return own or other or 0.0
    in_the_money = model.strike < model.spot if model.is_call else model.strike > model.spot
    return other if in_the_money else own


def _mirror(symbol: Symbol) -> Symbol:
    sid = symbol.id
    assert symbol.underlying is not None  # noqa: S101 - an option has one
    right = OptionRight.PUT if sid.option_right == OptionRight.CALL else OptionRight.CALL
    return Symbol.create_option(symbol.underlying, sid.symbol, sid.market, sid.option_style, right, sid.strike_price, sid.date)


def _expiry_utc(option: Any) -> int:
    """PM roots end at 15:00 Chicago, the others at the open of their date (OptionSymbol.GetSettlementDateTime)."""
    hours = option.exchange.hours
    day: datetime = option.symbol.id.date
    if option.symbol.id.symbol in _PM_ROOTS:
        return to_utc(day.replace(hour=15), "America/Chicago")
    return to_utc(hours.get_next_market_open(day, False), hours.time_zone)
