"""Ex-dividend dates and amounts of the funds, and what they do to prices: accrued until the ex-date, then gone."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from simulator.market.instruments import Dividends, Fund
from simulator.market.trading_calendar import TradingCalendar


@dataclass(frozen=True)
class DividendSchedule:
    """Distributions of one fund over the whole calendar."""

    calendar: TradingCalendar
    fund: Fund

    @cached_property
    def distributions(self) -> tuple[tuple[dt.date, float], ...]:
        """(ex-date, dollars a share), oldest first."""
        plan = self.fund.dividends
        if plan is None:
            return ()
        years = range(self.calendar.sessions[0].year, self.calendar.sessions[-1].year + 1)
        return tuple(
            (self._ex_date(plan, year, month), round(plan.amount * (1.0 + plan.growth) ** (year - 2024), 4))
            for year in years
            for month in plan.months
        )

    def _ex_date(self, plan: Dividends, year: int, month: int) -> dt.date:
        first = dt.date(year, month, 1)
        if plan.rule == "third_friday":
            return self.calendar.third_friday(year, month)
        if plan.rule == "fourth_monday":
            day = first + dt.timedelta(days=-first.weekday() % 7 + 21)
            return self.calendar.on_or_before(day)
        while not self.calendar.is_session(first):
            first += dt.timedelta(days=1)
        return first

    def accrued(self, day: dt.date) -> float:
        """Dollars a share that the price carries on a day towards the next distribution."""
        before = [(ex, amount) for ex, amount in self.distributions if ex <= day]
        after = [(ex, amount) for ex, amount in self.distributions if ex > day]
        if not after:
            return 0.0
        start = before[-1][0] if before else self.calendar.sessions[0]
        ex, amount = after[0]
        return amount * (day - start).days / max((ex - start).days, 1)

    def present_value(self, day: dt.date, expiry: dt.date, rate: float) -> float:
        """Value on a day of the distributions that go ex after it and not after the expiry."""
        return sum(amount * float(np.exp(-rate * (ex - day).days / 365.0)) for ex, amount in self.distributions if day < ex <= expiry)

    def amount_on(self, day: dt.date) -> float:
        """Dollars a share that leave the price at the open of a day."""
        return next((amount for ex, amount in self.distributions if ex == day), 0.0)
