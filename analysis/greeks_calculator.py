"""Prices, Greeks and implied volatilities of option chains, and the Greeks of a book: the one door to the pricing models.

| quantity | unit | sign of one long option |
|---|---|---|
| price, strike, underlying | points of the underlying, per unit | >= 0 |
| volatility, rate, dividend yield | decimal a year, continuous; year of 365 days | |
| time | years = seconds to the settlement moment / (365 * 86,400) | |
| delta | per +1.00 in the underlying (the future itself for options on futures) | call 0..1, put -1..0 |
| gamma | delta per +1.00 in the underlying | >= 0 |
| theta | per calendar day that passes (1/365 year) | mostly < 0 |
| vega | per +1 volatility point | >= 0 |
| rho | per +1 percentage point of rate; the future's price held fixed | call > 0, put < 0; on futures <= 0 |
| vanna, charm | delta per volatility point, delta per calendar day | |

Quantity and contract multiplier enter in one place, `position_greeks`; beta in one place, `beta_weighted_delta`. Sources: Hull ch. 17-19; Black (1976);
Barone-Adesi & Whaley (1987) state the American problem, Andersen, Lake & Offengenden (2016) the solution used. Everything else: `docs/greeks.md`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike

from analysis.american import american_greeks, american_implied_volatility, american_price
from analysis.black import FloatArray, GreekArrays, black_price, broadcast, carry, european_greeks
from analysis.implied_volatility import ImpliedVolatility, IvReason, european_implied_volatility
from domain.greeks import Greeks

__all__ = [
    "SPY_BETAS",
    "BetaWeightedDelta",
    "Exposure",
    "GreekArrays",
    "ImpliedVolatility",
    "IvReason",
    "beta_weighted_delta",
    "implied_volatility",
    "option_greeks",
    "option_price",
    "portfolio_greeks",
    "position_greeks",
]


def option_price(
    is_call: ArrayLike,
    underlying: ArrayLike,
    strike: ArrayLike,
    years: ArrayLike,
    volatility: ArrayLike,
    rate: ArrayLike,
    dividend_yield: ArrayLike = 0.0,
    *,
    on_future: ArrayLike = False,
    american: bool = False,
) -> FloatArray:
    """Price of options, arguments broadcast together.

    Args:
        is_call: True for a call.
        underlying: spot; for an option on a future the price of that future.
        strike: in points of the underlying.
        years: time to the settlement moment; 0 gives the exercise value, below 0 NaN.
        volatility: annual, decimal.
        rate: annual, continuous, decimal.
        dividend_yield: annual, continuous, decimal; ignored where `on_future`.
        on_future: Black-76 instead of Black-Scholes-Merton.
        american: exercise style of all of them.

    Returns:
        Prices per unit of underlying (at least one-dimensional); NaN for non-finite input.
    """
    if american:
        return american_price(is_call, underlying, strike, years, volatility, rate, dividend_yield, on_future)
    call, u, k, t, vol, r, q, future = broadcast(is_call, underlying, strike, years, volatility, rate, dividend_yield, on_future)
    forward, discount, _ = carry(u, t, r, q, future)
    with np.errstate(all="ignore"):
        return black_price(call, forward, k, vol * np.sqrt(t), discount)


def option_greeks(
    is_call: ArrayLike,
    underlying: ArrayLike,
    strike: ArrayLike,
    years: ArrayLike,
    volatility: ArrayLike,
    rate: ArrayLike,
    dividend_yield: ArrayLike = 0.0,
    *,
    on_future: ArrayLike = False,
    american: bool = False,
) -> GreekArrays:
    """Price and all sensitivities of one long option each; arguments as `option_price`, units as in the module's table."""
    model = american_greeks if american else european_greeks
    return model(is_call, underlying, strike, years, volatility, rate, dividend_yield, on_future)


def implied_volatility(
    is_call: ArrayLike,
    price: ArrayLike,
    underlying: ArrayLike,
    strike: ArrayLike,
    years: ArrayLike,
    rate: ArrayLike,
    dividend_yield: ArrayLike = 0.0,
    *,
    on_future: ArrayLike = False,
    american: bool = False,
) -> ImpliedVolatility:
    """Volatility that reproduces each price, or NaN with an `IvReason`; arguments as `option_price`. Never raises or warns about a price."""
    model = american_implied_volatility if american else european_implied_volatility
    return model(is_call, price, underlying, strike, years, rate, dividend_yield, on_future)


def position_greeks(greeks: Greeks | None, quantity: float, multiplier: float) -> Greeks | None:
    """Greeks of a holding in dollars per unit move: one long option's Greeks times signed quantity times contract multiplier; unknown stays None."""
    return None if greeks is None else greeks * (quantity * multiplier)


def portfolio_greeks(holdings: Iterable[Greeks | None]) -> Greeks | None:
    """Sum over holdings of one underlying (deltas of different underlyings do not add: see `beta_weighted_delta`); None if any is unknown."""
    known = list(holdings)
    if any(greeks is None for greeks in known):
        return None
    return Greeks.total(greeks for greeks in known if greeks is not None)


SPY_BETAS: Mapping[str, float] = MappingProxyType(
    {
        **dict.fromkeys(("SPY", "SPX", "SPXW", "XSP", "ES", "MES"), 1.0),
        **dict.fromkeys(("QQQ", "NDX", "NQ", "MNQ"), 1.15),
        **dict.fromkeys(("IWM", "RUT", "RTY", "M2K"), 1.15),
        **dict.fromkeys(("DIA", "YM", "MYM"), 0.9),
        **dict.fromkeys(("GLD", "GC", "MGC"), 0.1),
        **dict.fromkeys(("SLV", "SI", "HG"), 0.4),
        **dict.fromkeys(("TLT", "ZB"), -0.2),
        **dict.fromkeys(("ZN", "ZT"), -0.1),
        **dict.fromkeys(("CL", "RB", "HO", "USO"), 0.5),
        **dict.fromkeys(("XOP", "XLE"), 1.2),
        **dict.fromkeys(("NG", "UNG", "ZC", "ZS", "ZW"), 0.1),
    }
)
"""Stated betas of daily returns against SPY (P: rounded long-run figures, stated rather than fitted so that a limit does not move with its own noise)."""


@dataclass(frozen=True, slots=True)
class Exposure:
    """Delta of the book in one underlying.

    Attributes:
        underlying: name as in the table of betas.
        delta_units: signed units of the underlying (delta * quantity * multiplier); None when unknown.
        price: of the underlying.
    """

    underlying: str
    delta_units: float | None
    price: float


@dataclass(frozen=True, slots=True)
class BetaWeightedDelta:
    """The book's direction as one number.

    Attributes:
        spy_shares: SPY shares with the same first-order dollar move; None when anything is unknown.
        dollars: `spy_shares` times SPY's price, the figure of rulebook 3.5.
        unknown: underlyings without a beta, a delta or a price.
    """

    spy_shares: float | None
    dollars: float | None
    unknown: tuple[str, ...] = ()


def beta_weighted_delta(exposures: Iterable[Exposure], spy_price: float, betas: Mapping[str, float] = SPY_BETAS) -> BetaWeightedDelta:
    """Sum of delta * price * beta over all underlyings, in dollars and in SPY shares; unknown is never counted as zero."""
    dollars, unknown = 0.0, []
    for exposure in exposures:
        beta = betas.get(exposure.underlying)
        if beta is None or exposure.delta_units is None or not exposure.price > 0.0:
            unknown.append(exposure.underlying)
        else:
            dollars += exposure.delta_units * exposure.price * beta
    if unknown or not spy_price > 0.0:
        return BetaWeightedDelta(None, None, tuple(unknown) if unknown else ("SPY",))
    return BetaWeightedDelta(dollars / spy_price, dollars)
