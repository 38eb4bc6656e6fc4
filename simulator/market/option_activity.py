"""Volume, open interest and trades of options."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.market.option_files import QuotedSeries, Trades
from simulator.market.option_roots import OptionRoot
from simulator.market.quotes import tick_sizes

Integers = NDArray[np.int64]

_TURNOVER = 0.12  # of the open interest, a day
_SHARE_WITH_TRADES = 0.06  # of a root's contracts have trades written, the busiest
_MOST_TRADES = 8


@dataclass(frozen=True)
class Activity:
    """Contracts open and traded of one series on one day."""

    open_interest: Integers
    volume: Integers


def _open_interest(quoted: QuotedSeries, root: OptionRoot) -> Integers:
    """Contracts open: most around the money and at round strikes, steady from day to day."""
    valuation, series = quoted.valuation, quoted.series
    distance = np.log(series.strikes / valuation.forward[0]) / np.maximum(valuation.deviation[:, 0], 0.02)
    names = (
        f"{root.root}{series.expiry}{strike}{sign}" for strike, sign in zip(series.strikes.tolist(), series.signs.tolist(), strict=True)
    )
    habit = np.array([zlib.crc32(name.encode()) / 2**32 for name in names])
    roundness = np.where(np.isclose(series.strikes % (5.0 * root.ladder[0]), 0.0), 2.0, 1.0)
    age = 0.35 + 0.65 * np.exp(-valuation.years[0] * 365.0 / 100.0)
    return np.asarray(
        (root.activity * np.exp(-0.25 * np.minimum(distance**2, 16.0)) * (0.25 + 1.5 * habit) * roundness * age).astype(np.int64)
    )


def activity_of(quoted: QuotedSeries, root: OptionRoot, rng: np.random.Generator) -> Activity:
    """Open interest, and the part of it that changes hands on the day."""
    interest = _open_interest(quoted, root)
    return Activity(interest, (interest * _TURNOVER * rng.lognormal(-0.3, 0.8, len(interest))).astype(np.int64))


def least_volume_with_trades(activities: list[Activity]) -> int:
    """Volume from which on a contract of the root has trades written that day."""
    volumes = np.sort(np.concatenate([each.volume for each in activities]))
    return max(int(volumes[-max(int(_SHARE_WITH_TRADES * len(volumes)), 1)]), 1)


def trades_of(quoted: QuotedSeries, activity: Activity, root: OptionRoot, least: int, rng: np.random.Generator) -> list[Trades]:
    """A few trades of the contracts with at least that volume, each inside its quote: most of the volume is not written line by line."""
    found = []
    for contract in np.flatnonzero(activity.volume >= least).tolist():
        possible = np.flatnonzero(quoted.quotes.present[contract] & (quoted.quotes.bid[contract] > 0))
        count = min(len(possible), _MOST_TRADES, int(activity.volume[contract]))
        if not count:
            continue
        moments = np.sort(rng.choice(possible, count, replace=False))
        bid, ask = quoted.quotes.bid[contract, moments], quoted.quotes.ask[contract, moments]
        tick = np.round(tick_sizes(root, quoted.valuation.value[contract, moments]) * 1e6).astype(np.int64)
        prices = bid + np.floor((ask - bid) * rng.random(count) / tick + 0.5).astype(np.int64) * tick
        found.append(Trades(contract, moments, np.minimum(prices, ask), rng.geometric(0.15, count)))
    return found
