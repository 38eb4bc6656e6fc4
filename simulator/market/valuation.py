"""Model values of listed options on the minute grid: the surface's volatility, Black on the forward, early exercise where it may happen."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.market.factors import FACTORS, INDEX
from simulator.market.instruments import FUTURES
from simulator.market.listings import Series
from simulator.market.model import MarketModel
from simulator.market.option_roots import CALL, PUT, OptionRoot
from simulator.market.pricing import EarlyExercise, black_forward, early_exercise
from simulator.market.rates import interest_rate
from simulator.market.trading_calendar import OPEN_MINUTE
from simulator.market.variance_clock import calendar_years

Array = NDArray[np.float64]

_NODES = 4  # moments of the day at which exercise boundaries are solved; between them they are interpolated
_ONE_POINT = 0.01


@dataclass(frozen=True)
class Valuation:
    """One series at some minutes of a session; contract arrays are (contracts, minutes), the others (minutes,).

    Attributes:
        spot: price of the index, fund or underlying future.
        forward: forward price at the expiry.
        years: calendar time to expiry.
        rate: interest, a year.
        carry: cost of carry, a year (dividends until the expiry as a yield).
        value: model value, in the underlying's price units.
        deviation: root of total implied variance.
        vega_point: change of value per volatility point.
    """

    spot: Array
    forward: Array
    years: Array
    rate: float
    carry: Array
    value: Array
    deviation: Array
    vega_point: Array


def _underlying(
    model: MarketModel, root: OptionRoot, series: Series, day: dt.date, minutes: NDArray[np.int64], years: Array
) -> tuple[Array, Array]:
    """(spot, forward) of what the series is written on."""
    if series.underlying is None:
        spot = model.spot(root.underlying, day)[minutes]
        return spot, model.forward(root.underlying, day, series.expiry, spot, years)
    product = next(future for future in FUTURES if future.ticker == root.underlying)
    price = model.future(product, series.underlying, day)[minutes]
    return price, price


def value_series(model: MarketModel, root: OptionRoot, series: Series, day: dt.date, minutes: NDArray[np.int64]) -> Valuation:
    """Values every contract of a series at minutes after the open (all before its last minute when it expires today)."""
    years = np.maximum(calendar_years(day, OPEN_MINUTE + minutes.astype(np.float64), series.expiry, series.last_minute), 1e-9)
    spot, forward = _underlying(model, root, series, day, minutes, years)
    rate, carry = interest_rate(day), np.log(forward / spot) / years
    theta = model.variance(root.underlying, day, minutes).atm_total_variance(
        model.clock_years(day, minutes, series.expiry, series.last_minute)
    )
    smile = FACTORS[INDEX[model.factor_of(root.underlying)]].smile
    strike = series.strikes[:, None]
    sign = series.signs[:, None]
    deviation = np.sqrt(smile.total_variance(np.log(strike / forward), np.broadcast_to(theta, (len(strike), len(theta)))))
    value = np.exp(-rate * years) * black_forward(forward, strike, deviation, sign)
    if root.american:
        value = _exercise(strike, years, deviation, rate, carry, sign).american(spot, strike, sign, value)
        if series.underlying is None:
            value = np.maximum(value, _exercised_at_dividends(model, root, series, day, minutes, spot))
    distance = np.log(forward / strike) / np.maximum(deviation, 1e-9) + 0.5 * deviation
    density = np.exp(-0.5 * distance**2) / np.sqrt(2.0 * np.pi)
    vega = np.exp(-rate * years) * forward * density * np.sqrt(years) * _ONE_POINT
    return Valuation(spot, forward, years, rate, carry, value, deviation, vega)


def _exercised_at_dividends(
    model: MarketModel, root: OptionRoot, series: Series, day: dt.date, minutes: NDArray[np.int64], spot: Array
) -> Array:
    """Least value of the contracts: that of exercising calls on the eve of an ex-date, puts on the ex-date (Black's approximation, 1975)."""
    strike, sign = series.strikes[:, None], series.signs[:, None]
    least = np.zeros((len(strike), len(minutes)))
    smile, rate = FACTORS[INDEX[model.factor_of(root.underlying)]].smile, interest_rate(day)
    schedule, calendar = model.dividends[root.underlying], model.calendar
    for ex, _ in schedule.distributions:
        if not day < ex < series.expiry:
            continue
        for right, end in ((CALL, calendar.sessions[calendar.index[ex] - 1]), (PUT, ex)):
            if end <= day:
                continue
            close = OPEN_MINUTE + calendar.minutes(end)
            years = calendar_years(day, OPEN_MINUTE + minutes.astype(np.float64), end, close)
            forward = (spot - schedule.present_value(day, end, rate)) * np.exp(rate * years)
            theta = model.variance(root.underlying, day, minutes).atm_total_variance(model.clock_years(day, minutes, end, close))
            rows = series.signs == right
            deviation = np.sqrt(smile.total_variance(np.log(strike[rows] / forward), np.broadcast_to(theta, (int(rows.sum()), len(theta)))))
            held = np.exp(-rate * years) * black_forward(forward, strike[rows], deviation, sign[rows])
            least[rows] = np.maximum(least[rows], held)
    return least


def _exercise(strike: Array, years: Array, deviation: Array, rate: float, carry: Array, sign: Array) -> EarlyExercise:
    """Exercise boundaries, solved at a few moments and interpolated to all."""
    count = len(years)
    nodes = np.unique(np.linspace(0, count - 1, _NODES).astype(np.int64))
    shape = (len(strike), len(nodes))
    solved = early_exercise(
        np.broadcast_to(strike, shape),
        years[nodes],
        np.maximum(deviation[:, nodes], 1e-6),
        np.full(shape, rate),
        np.broadcast_to(carry[nodes], shape),
        np.broadcast_to(sign, shape),
    )
    right = np.clip(np.searchsorted(nodes, np.arange(count)), 1, max(len(nodes) - 1, 1))
    right = np.minimum(right, len(nodes) - 1)
    left = np.maximum(right - 1, 0)
    span = np.maximum(nodes[right] - nodes[left], 1)
    weight = (np.arange(count) - nodes[left]) / span

    def spread(solution: Array) -> Array:
        with np.errstate(invalid="ignore"):
            between = solution[:, left] + weight * (solution[:, right] - solution[:, left])
        return np.where(np.isfinite(between), between, solution[:, right])

    return EarlyExercise(spread(solved.boundary), spread(solved.scale), spread(solved.power))
