"""The variance clock: how much of a year's variance lies between two moments.

Sessions carry three quarters of a day's variance in a U over the day, the closed hours before them the rest, a little more over weekends and holidays.
Prices move and options decay on this clock, so a Friday's option does not lose two days' value over the weekend.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from simulator.market.trading_calendar import OPEN_MINUTE, TradingCalendar

Array = NDArray[np.float64]

OVERNIGHT_SHARE = 0.25
_EXTRA_CLOSED_DAY = 0.10  # of a usual overnight gap, per further closed day
_SESSIONS_A_YEAR = 252.0
MINUTES_A_YEAR = 525_600.0


@lru_cache(maxsize=1024)
def intraday_shape(minutes: int) -> Array:
    """Share of a session's variance that falls in each of its minutes: high at the open, low at midday, higher into the close."""
    position = (np.arange(minutes) + 0.5) / minutes
    weight = 0.55 + 1.4 * np.exp(-position / 0.06) + 1.1 * (2.0 * position - 1.0) ** 2 + 0.5 * np.exp(-(1.0 - position) / 0.04)
    return np.asarray(weight / weight.sum())


@dataclass(frozen=True)
class VarianceClock:
    """Reads the clock, in years, on the sessions of one calendar."""

    calendar: TradingCalendar

    @cached_property
    def gap_weights(self) -> Array:
        """Variance of the closed hours before each session, in sessions."""
        days = np.array([day.toordinal() for day in self.calendar.sessions])
        closed = np.diff(days, prepend=days[0] - 1) - 1
        return np.asarray(OVERNIGHT_SHARE * (1.0 + _EXTRA_CLOSED_DAY * closed))

    @cached_property
    def _closes(self) -> Array:
        return np.asarray(np.cumsum(self.gap_weights + (1.0 - OVERNIGHT_SHARE)) / _SESSIONS_A_YEAR)

    @cached_property
    def _shapes(self) -> dict[int, Array]:
        return {length: np.concatenate([[0.0], np.cumsum(intraday_shape(length))]) for length in (210, 390)}

    def at(self, day: dt.date, minutes_from_open: NDArray[np.int64]) -> Array:
        """Reading at minutes after a session's open; 0 is the open, the session's length its close."""
        position = self.calendar.index[day]
        shape = self._shapes[self.calendar.minutes(day)]
        elapsed = shape[np.clip(minutes_from_open, 0, len(shape) - 1)]
        remaining = (1.0 - OVERNIGHT_SHARE) * (1.0 - elapsed) / _SESSIONS_A_YEAR
        return np.asarray(self._closes[position] - remaining)

    def reading(self, day: dt.date, minute_of_day: int) -> float:
        """Reading at a wall-clock minute of a session."""
        return float(self.at(day, np.array([minute_of_day - OPEN_MINUTE]))[0])


def calendar_years(day: dt.date, minute_of_day: Array | float, expiry: dt.date, expiry_minute: float) -> Array:
    """Years of 365 days from a moment to an expiry, both in New York wall-clock minutes."""
    return np.asarray(((expiry - day).days * 1440.0 + expiry_minute - minute_of_day) / MINUTES_A_YEAR)
