"""Minute paths of prices and variances inside every session, pinned to the daily states."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.market.daily_states import DailyStates
from simulator.market.factors import FACTORS, cholesky
from simulator.market.trading_calendar import TradingCalendar
from simulator.market.variance_clock import OVERNIGHT_SHARE, intraday_shape

Array = NDArray[np.float64]

SESSION_MINUTES = 390
_OVERNIGHT_VARIANCE_MOVE = 0.40  # of a day's change of log-variance, seen at the open
_OWN_VARIANCE_NOISE = 0.05  # deviation of log-volatility's own wandering within a day
_SHOCK_SPIKE = 0.42  # log-volatility above its closing value on the morning of the shock


@dataclass(frozen=True)
class MinutePaths:
    """Paths on the minute grid of every session.

    Attributes:
        days: the sessions covered, all of the calendar from its first to the last generated.
        log_price: log of each factor over its start, shape (sessions, 391, factors): [0] is the open, [m] the end of minute m; the last value repeats
            after an early close.
        fast: instantaneous variance on the same grid.
        slow: medium-term variance, shape (sessions, factors).
        long_run: long-run variance, one per factor.
        shocks: days of the yearly volatility shock.
    """

    days: tuple[dt.date, ...]
    log_price: Array
    fast: Array
    slow: Array
    long_run: Array
    shocks: tuple[dt.date, ...]


def _bridges(rng: np.random.Generator, minutes: int, shape: Array, lower: Array) -> tuple[Array, Array]:
    """Standard Brownian bridges over one session: correlated ones for prices, independent ones for variances."""
    steps = np.sqrt(shape)[:, None]
    prices = rng.standard_normal((minutes, len(FACTORS))) @ lower.T * steps
    variances = rng.standard_normal((minutes, len(FACTORS))) * steps
    elapsed = np.cumsum(shape)[:, None]
    pinned = [np.cumsum(part, axis=0) - elapsed * part.sum(axis=0) for part in (prices, variances)]
    return pinned[0], pinned[1]


def simulate_minutes(calendar: TradingCalendar, states: DailyStates, seed: int) -> MinutePaths:
    """Fills every session with minutes; a session's noise depends on the seed and its date only."""
    count = states.gap.shape[0]
    days = calendar.sessions[:count]
    lower = cholesky()
    leverage = np.array([factor.leverage for factor in FACTORS])
    implied = np.array([factor.implied for factor in FACTORS])
    realised = np.array([factor.realised for factor in FACTORS])
    log_price = np.zeros((count, SESSION_MINUTES + 1, len(FACTORS)))
    log_fast = np.zeros_like(log_price)
    closes = np.concatenate([np.zeros((1, len(FACTORS))), np.cumsum(states.gap + states.session, axis=0)])
    previous = np.log(implied**2)
    for position, day in enumerate(days):
        minutes = calendar.minutes(day)
        shape = intraday_shape(minutes)
        elapsed = np.concatenate([[0.0], np.cumsum(shape)])[:, None]
        prices, variances = _bridges(np.random.default_rng([seed, day.toordinal(), 3]), minutes, shape, lower)
        volatility = np.sqrt(np.exp(previous) * (1.0 - OVERNIGHT_SHARE) / 252.0) * realised
        wandering = np.concatenate([np.zeros((1, len(FACTORS))), prices]) * volatility * states.jitter[position]
        own = np.concatenate([np.zeros((1, len(FACTORS))), variances]) * _OWN_VARIANCE_NOISE
        log_price[position, : minutes + 1] = closes[position] + states.gap[position] + states.session[position] * elapsed + wandering
        now = np.log(states.fast[position])
        at_open = previous + _OVERNIGHT_VARIANCE_MOVE * (now - previous)
        if day in states.shocks:
            at_open = now + 2.0 * _SHOCK_SPIKE * np.array([factor.stress for factor in FACTORS])
        path = at_open + (now - at_open) * elapsed + 2.0 * (np.clip(leverage * wandering, -0.35, 0.35) + own)
        log_fast[position, : minutes + 1] = path
        log_price[position, minutes + 1 :] = log_price[position, minutes]
        log_fast[position, minutes + 1 :] = log_fast[position, minutes]
        previous = now
    return MinutePaths(days, log_price, np.exp(log_fast), states.slow, states.long_run, states.shocks)
