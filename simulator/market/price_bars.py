"""Minute bars of indices, funds and futures from the model's minute path; daily and hourly bars are made of the same minutes."""

from __future__ import annotations

import datetime as dt
import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.market.contract_months import FutureContract
from simulator.market.instruments import FUNDS, INDICES, VOLATILITY_INDICES, Future
from simulator.market.model import MarketModel
from simulator.market.variance_clock import intraday_shape

Integers = NDArray[np.int64]

_MICRO = 1e6
_WICK = 0.45  # how far a minute reaches beyond its open and close, in its own deviation
_CENT = 0.01
_SIZE_LASTS = 5  # minutes


@dataclass(frozen=True)
class Bars:
    """Consecutive bars, prices in millionths.

    Attributes:
        ends: minutes after the open at which the bars end.
        open, high, low, close: prices.
        volume: shares or contracts.
    """

    ends: Integers
    open: Integers
    high: Integers
    low: Integers
    close: Integers
    volume: Integers

    def every(self, minutes: int) -> Bars:
        """Only the bars that end on whole intervals, and the first."""
        kept = (self.ends % minutes == 0) | (self.ends == 1)
        return Bars(*(part[kept] for part in (self.ends, self.open, self.high, self.low, self.close, self.volume)))

    def merged(self, groups: Integers) -> Bars:
        """One bar per distinct group number (ascending), e.g. hours; all zeros make one bar of the day."""
        starts = np.flatnonzero(np.diff(groups, prepend=groups[0] - 1))
        last = np.append(starts[1:], len(groups)) - 1
        return Bars(
            self.ends[last],
            self.open[starts],
            np.maximum.reduceat(self.high, starts),
            np.minimum.reduceat(self.low, starts),
            self.close[last],
            np.add.reduceat(self.volume, starts),
        )


def generator(seed: int, day: dt.date, name: str) -> np.random.Generator:
    """Random numbers that depend on the seed, the day and a name only."""
    return np.random.default_rng([seed, day.toordinal(), zlib.crc32(name.encode())])


def quote_sizes(rng: np.random.Generator, minutes: int, mean_log: float, deviation: float) -> Integers:
    """Sizes of (bid, offer) by minute, at least one; each lasts a few minutes."""
    drawn = rng.lognormal(mean_log, deviation, (2, minutes // _SIZE_LASTS + 1)).astype(np.int64) + 1
    return np.repeat(drawn, _SIZE_LASTS, axis=1)[:, :minutes]


def _bars(path: NDArray[np.float64], tick: float, volume: float, rng: np.random.Generator) -> Bars:
    before, now = path[:-1], path[1:]
    minutes = len(now)
    spread = _WICK * np.std(np.diff(np.log(path))) * np.sqrt(intraday_shape(minutes) * minutes) * now
    reach = np.abs(rng.standard_normal((2, minutes))) * spread
    units = np.round(np.array([before, np.maximum(before, now) + reach[0], np.minimum(before, now) - reach[1], now]) / tick)
    opened, high, low, close = (units * round(tick * _MICRO)).astype(np.int64)
    traded = (volume * intraday_shape(minutes) * rng.lognormal(-0.06, 0.35, minutes) * rng.lognormal(0.0, 0.2)).astype(np.int64)
    return Bars(np.arange(1, minutes + 1), opened, high, low, close, np.maximum(traded, 1) if volume else traded)


def cash_bars(model: MarketModel, seed: int, ticker: str, day: dt.date) -> Bars:
    """Minute bars of an index or a fund over a session; indices have no volume."""
    minutes = model.calendar.minutes(day)
    rng = generator(seed, day, ticker)
    if ticker in VOLATILITY_INDICES:
        path = model.volatility_index(ticker, day)[: minutes + 1]
        return _bars(path, _CENT, 0.0, rng)
    volume = 0.0 if ticker in INDICES else next(fund.volume for fund in FUNDS if fund.ticker == ticker)
    return _bars(model.spot(ticker, day)[: minutes + 1], _CENT, volume, rng)


def future_bars(model: MarketModel, seed: int, product: Future, contract: FutureContract, day: dt.date, place: int) -> Bars:
    """Minute bars of a futures contract; `place` is 0 for the nearest, volume falls with it."""
    minutes = future_minutes(model, product, contract, day)
    rng = generator(seed, day, f"{product.ticker}{contract.month:%Y%m}")
    return _bars(model.future(product, contract, day)[: minutes + 1], product.tick, product.volume * 0.12**place, rng)


def future_minutes(model: MarketModel, product: Future, contract: FutureContract, day: dt.date) -> int:
    """Minutes after the open at which a contract's trading ends on a day."""
    session = min(model.calendar.minutes(day), product.close_minute - 570)
    if contract.expiry == day and product.ticker == "ES":
        return 1  # ends with the opening print
    return session
