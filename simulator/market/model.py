"""The model behind every file: prices, forwards, variances and volatility indices on the minute grid of any session."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from simulator.market.contract_months import ExpiryRules, FutureContract
from simulator.market.daily_states import simulate_states
from simulator.market.dividends import DividendSchedule
from simulator.market.factors import EQUITY, FACTORS, INDEX
from simulator.market.instruments import FUNDS, FUTURES, SPX_ANCHOR, SPX_YIELD, VOLATILITY_INDICES, Fund, Future
from simulator.market.minute_paths import SESSION_MINUTES, MinutePaths, simulate_minutes
from simulator.market.rates import interest_rate
from simulator.market.surface import atm_total_variance, fair_variance
from simulator.market.trading_calendar import CLOSE_MINUTE, OPEN_MINUTE, TradingCalendar, trading_calendar
from simulator.market.variance_clock import VarianceClock, calendar_years

Array = NDArray[np.float64]

_ANCHOR_DAY = dt.date(2023, 12, 29)  # its close is where every instrument's anchor price holds
GRID = np.arange(SESSION_MINUTES + 1)


@dataclass(frozen=True)
class VarianceState:
    """Variance of one underlying at some minutes of a session; multiply by `scale` squared for an instrument that moves less than its factor."""

    factor: str
    fast: Array
    slow: float
    long_run: float

    def atm_total_variance(self, years: Array) -> Array:
        """At-the-money total variance over the given years of the variance clock."""
        return atm_total_variance(years, self.fast, np.full_like(self.fast, self.slow), self.long_run)


@dataclass(frozen=True)
class MarketModel:
    """Everything that can be asked about the generated market, from its seed."""

    calendar: TradingCalendar
    paths: MinutePaths

    @classmethod
    def from_seed(cls, seed: int, last_year: int) -> MarketModel:
        """Simulates the market from 2023 to the end of a year."""
        calendar = trading_calendar()
        return cls(calendar, simulate_minutes(calendar, simulate_states(calendar, seed, last_year), seed))

    @cached_property
    def clock(self) -> VarianceClock:
        """The variance clock of the calendar."""
        return VarianceClock(self.calendar)

    @cached_property
    def rules(self) -> ExpiryRules:
        """Expiry rules of futures and their options."""
        return ExpiryRules(self.calendar)

    @cached_property
    def dividends(self) -> dict[str, DividendSchedule]:
        """Distributions by fund."""
        return {fund.ticker: DividendSchedule(self.calendar, fund) for fund in FUNDS}

    @cached_property
    def _instruments(self) -> dict[str, Fund | Future]:
        return {instrument.ticker: instrument for instrument in (*FUNDS, *FUTURES)}

    @cached_property
    def _anchor_log(self) -> Array:
        return np.asarray(self.paths.log_price[self.calendar.index[_ANCHOR_DAY], -1])

    def _position(self, day: dt.date) -> int:
        return self.calendar.index[day]

    def factor_of(self, ticker: str) -> str:
        """Risk factor of an index, fund or future."""
        return "equity" if ticker == "SPX" else self._instruments[ticker].factor

    def scale_of(self, ticker: str) -> float:
        """Log return of an instrument per log return of its factor."""
        instrument = self._instruments.get(ticker)
        return instrument.scale if isinstance(instrument, Future) else 1.0

    def _log_move(self, factor: str, day: dt.date) -> Array:
        column = INDEX[factor]
        return np.asarray(self.paths.log_price[self._position(day), :, column] - self._anchor_log[column])

    def spot(self, ticker: str, day: dt.date) -> Array:
        """Prices of an index, fund or a future's spot on the minute grid: [0] the open, [m] the end of minute m."""
        if ticker == "SPX":
            return np.asarray(SPX_ANCHOR * np.exp(self._log_move("equity", day)))
        instrument = self._instruments[ticker]
        if isinstance(instrument, Future):
            return np.asarray(instrument.anchor * np.exp(instrument.scale * self._log_move(instrument.factor, day)))
        schedule = self.dividends[ticker]
        base = instrument.anchor - schedule.accrued(_ANCHOR_DAY)
        return np.asarray(base * np.exp(self._log_move(instrument.factor, day)) + schedule.accrued(day))

    def carry(self, product: Future, day: dt.date) -> float:
        """Carry of a future's spot, a year."""
        return product.flat_carry if product.carry_over_rate is None else interest_rate(day) + product.carry_over_rate

    def future(self, product: Future, contract: FutureContract, day: dt.date) -> Array:
        """Prices of one contract on the minute grid."""
        years = calendar_years(day, OPEN_MINUTE + GRID.astype(np.float64), contract.expiry, CLOSE_MINUTE)
        return np.asarray(self.spot(product.ticker, day) * np.exp(self.carry(product, day) * np.maximum(years, 0.0)))

    def variance(self, ticker: str, day: dt.date, minutes: NDArray[np.int64]) -> VarianceState:
        """Variance state of an instrument at minutes after the open."""
        factor = self.factor_of(ticker)
        column, position, scale = INDEX[factor], self._position(day), self.scale_of(ticker) ** 2
        fast = np.asarray(self.paths.fast[position, minutes, column]) * scale
        return VarianceState(factor, fast, float(self.paths.slow[position, column]) * scale, float(self.paths.long_run[column]) * scale)

    def clock_years(self, day: dt.date, minutes: NDArray[np.int64], expiry: dt.date, expiry_minute: int) -> Array:
        """Years of the variance clock from minutes after the open to an expiry (New York wall clock)."""
        return np.maximum(self.clock.reading(expiry, expiry_minute) - self.clock.at(day, minutes), 0.0)

    def forward(self, ticker: str, day: dt.date, expiry: dt.date, spot: Array, years: Array) -> Array:
        """Forward price of an index or a fund: spot less the dividends until the expiry, grown at the rate of the day (less the index's yield)."""
        rate = interest_rate(day)
        if ticker == "SPX":
            return np.asarray(spot * np.exp((rate - SPX_YIELD) * years))
        return np.asarray((spot - self.dividends[ticker].present_value(day, expiry, rate)) * np.exp(rate * years))

    def volatility_index(self, name: str, day: dt.date) -> Array:
        """A volatility index on the minute grid: Cboe's strip on the two SPX expiries around its horizon, interpolated in total variance."""
        horizon = VOLATILITY_INDICES[name]
        near, far = self._bracket(day, horizon, weekly=horizon <= 30.0)
        minutes = np.minimum(GRID, self.calendar.minutes(day))
        now = OPEN_MINUTE + minutes.astype(np.float64)
        state = self.variance("SPX", day, minutes)
        smile = FACTORS[EQUITY].smile
        strips, days = [], []
        for expiry in (near, far):
            close = OPEN_MINUTE + self.calendar.minutes(expiry)
            theta = state.atm_total_variance(self.clock_years(day, minutes, expiry, close))
            strips.append(fair_variance(theta, smile))
            days.append(calendar_years(day, now, expiry, close) * 365.0)
        weight = (days[1] - horizon) / (days[1] - days[0])
        total = weight * strips[0] + (1.0 - weight) * strips[1]
        return np.asarray(100.0 * np.sqrt(np.maximum(total, 1e-8) / (horizon / 365.0)))

    def _bracket(self, day: dt.date, horizon: float, *, weekly: bool) -> tuple[dt.date, dt.date]:
        """Last expiry not after the horizon and first one after it; weekly Fridays for short horizons, third Fridays for long ones."""
        target = day + dt.timedelta(days=int(horizon))
        first, last = day + dt.timedelta(days=2), target + dt.timedelta(days=45)
        expiries = self.calendar.fridays(first, last) if weekly else self.calendar.monthlies(first, last)
        expiries = sorted({expiry for expiry in expiries if expiry > day})
        later = next(position for position, expiry in enumerate(expiries) if expiry > target)
        return expiries[max(later - 1, 0)], expiries[max(later, 1)]
