"""Bids and offers around model values: spreads, ticks, sizes, offers without a bid, stretches in which nobody updates a quote."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.market.option_roots import OptionRoot
from simulator.market.valuation import Valuation

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

_OPENING_WIDTH, _OPENING_MINUTES = 1.4, 9.0  # spreads at the open are wider by this factor, decaying within minutes
_STALE_CHANCE = 0.015  # of a contract's day having a stretch without quotes
_STALE_SNAPSHOTS = (4, 14)
_DEEP_VALUE, _DEEP_VEGA, _DEEP_WIDTH = 0.02, 0.35, 0.0003  # of spot, vega and spot: dear options are quoted wider by this on either side
_INTRINSIC_FROM, _INTRINSIC_SPAN = 0.04, 0.08  # of the spot: an option worth their sum is mostly intrinsic whatever its vega
_TINY = 1e-12
_NEVER_STALE = 0.35  # contracts with a larger share of the money's vega are always quoted


@dataclass(frozen=True)
class Quotes:
    """Quotes of one series; arrays of shape (contracts, minutes).

    Attributes:
        bid, ask: prices in whole units of 1e-6 of the price unit; a bid of 0 is no bid.
        bid_size, ask_size: contracts.
        present: False where no quote was updated.
    """

    bid: Integers
    ask: Integers
    bid_size: Integers
    ask_size: Integers
    present: NDArray[np.bool_]


def tick_sizes(root: OptionRoot, value: Array) -> Array:
    """Tick of each premium."""
    limits = np.array([limit for limit, _ in root.ticks])
    return np.asarray(np.array([tick for _, tick in root.ticks])[np.searchsorted(limits, value)])


def quote_series(root: OptionRoot, valuation: Valuation, minutes: Integers, volatility: float, rng: np.random.Generator) -> Quotes:
    """Quotes a series: a width in whole ticks laid around the model value, so that the bid is never above it and the offer never below.

    Args:
        root: the option root.
        valuation: model values at the minutes.
        minutes: minutes after the open.
        volatility: instantaneous variance over its usual value, widens spreads.
        rng: the day's generator for this root.
    """
    count = valuation.value.shape[0]
    stress = np.clip(volatility, 0.6, 20.0) ** 0.45
    opening = 1.0 + _OPENING_WIDTH * np.exp(-minutes / _OPENING_MINUTES)
    habit = np.exp(0.22 * rng.standard_normal((count, 1)))
    tick = tick_sizes(root, valuation.value)
    half = (root.width * valuation.vega_point * stress + _depth(valuation) * _DEEP_WIDTH * valuation.spot) * opening * habit + 0.25 * tick
    width = np.maximum(np.ceil(2.0 * half / tick - 1e-9), 1.0)
    lowest = np.floor(valuation.value / tick - 0.5 * width + 0.5)
    bid, ask = np.maximum(lowest, 0.0), np.maximum(lowest + width, 1.0)
    units = np.round(tick * 1e6).astype(np.int64)
    return Quotes(
        bid.astype(np.int64) * units,
        ask.astype(np.int64) * units,
        _sizes(root, count, len(minutes), rng),
        _sizes(root, count, len(minutes), rng),
        _presence(valuation, rng),
    )


def _depth(valuation: Valuation) -> Array:
    """How much of a dear option is intrinsic: 0 for options worth little, 1 deep in the money."""
    worth = valuation.value / valuation.spot
    vega = valuation.vega_point / np.maximum(_DEEP_VEGA * valuation.vega_point.max(axis=0), _TINY)
    little_time = np.clip(worth / _DEEP_VALUE - 0.5, 0.0, 1.0) * np.clip(1.0 - vega, 0.0, 1.0)
    return np.asarray(np.maximum(little_time, np.clip((worth - _INTRINSIC_FROM) / _INTRINSIC_SPAN, 0.0, 1.0)))


def _sizes(root: OptionRoot, count: int, moments: int, rng: np.random.Generator) -> Integers:
    """Sizes that change once in the day."""
    halves = rng.lognormal(np.log(root.activity / 100.0 + 4.0), 0.7, (count, 2)).astype(np.int64) + 1
    return np.repeat(halves, moments // 2 + 1, axis=1)[:, :moments]


def _presence(valuation: Valuation, rng: np.random.Generator) -> NDArray[np.bool_]:
    count, moments = valuation.value.shape
    present = np.ones((count, moments), dtype=bool)
    liquid = valuation.vega_point[:, 0] > _NEVER_STALE * valuation.vega_point[:, 0].max()
    chosen = np.flatnonzero((rng.random(count) < _STALE_CHANCE) & ~liquid)
    lengths = rng.integers(*_STALE_SNAPSHOTS, len(chosen))
    starts = rng.integers(1, max(moments - _STALE_SNAPSHOTS[1], 2), len(chosen))
    for contract, start, length in zip(chosen, starts, lengths, strict=True):
        present[contract, start : min(start + length, moments - 1)] = False
    return present
