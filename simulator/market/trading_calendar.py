"""Sessions, early closes and holidays of the generated market (New York time), from `exchange_calendars`."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cached_property, lru_cache

import exchange_calendars
from pandas.tseries.holiday import USFederalHolidayCalendar

FIRST_YEAR = 2023  # daily history begins here
LAST_YEAR = 2026  # last year whose sessions can be generated
OPEN_MINUTE = 9 * 60 + 30
CLOSE_MINUTE = 16 * 60
EARLY_CLOSE_MINUTE = 13 * 60
_LAST_EXPIRY_YEAR = LAST_YEAR + 2  # long-dated options listed in the last year expire here

FRIDAY = 4
_FIXED_HOLIDAYS = frozenset({(1, 1), (6, 19), (7, 4), (11, 11), (12, 25)})  # federal, month and day


@dataclass(frozen=True)
class TradingCalendar:
    """NYSE sessions of `FIRST_YEAR` to two years after `LAST_YEAR`; every generated instrument trades on these days only.

    Futures really trade shortened sessions on some of these holidays; the generated ones rest, so that all prices share one clock.
    """

    sessions: tuple[dt.date, ...]
    early_closes: frozenset[dt.date]

    @cached_property
    def index(self) -> dict[dt.date, int]:
        """Position of each session."""
        return {day: position for position, day in enumerate(self.sessions)}

    @cached_property
    def holidays(self) -> tuple[dt.date, ...]:
        """Weekdays on which the exchange is closed."""
        first, last = self.sessions[0].replace(month=1, day=1), self.sessions[-1].replace(month=12, day=31)
        days = (first + dt.timedelta(days=number) for number in range((last - first).days + 1))
        return tuple(day for day in days if day.weekday() <= FRIDAY and day not in self.index)

    @cached_property
    def bank_holidays(self) -> tuple[dt.date, ...]:
        """Federal holidays: they count in the expiry rules of futures even where trading goes on (Columbus and Veterans Day)."""
        stamps = USFederalHolidayCalendar().holidays(dt.datetime(FIRST_YEAR, 1, 1), dt.datetime(_LAST_EXPIRY_YEAR, 12, 31))  # noqa: DTZ001 - dates
        return tuple(_kept_by_banks(stamp.date()) for stamp in stamps)

    def is_session(self, day: dt.date) -> bool:
        """Whether the exchange opens on the day."""
        return day in self.index

    def minutes(self, day: dt.date) -> int:
        """Length of the session: 390, or 210 when it closes at 13:00."""
        return (EARLY_CLOSE_MINUTE if day in self.early_closes else CLOSE_MINUTE) - OPEN_MINUTE

    def on_or_before(self, day: dt.date) -> dt.date:
        """The day itself when it is a session, else the last one before it."""
        while day not in self.index:
            day -= dt.timedelta(days=1)
        return day

    def between(self, start: dt.date, end: dt.date) -> list[dt.date]:
        """Sessions from start to end, both included."""
        return list(self.sessions[bisect_left(self.sessions, start) : bisect_right(self.sessions, end)])

    def fridays(self, start: dt.date, end: dt.date) -> list[dt.date]:
        """Weekly expiries: every Friday, the session before where Friday is a holiday."""
        first = start + dt.timedelta(days=(FRIDAY - start.weekday()) % 7)
        days = (first + dt.timedelta(weeks=number) for number in range((end - first).days // 7 + 1))
        return [self.on_or_before(day) for day in days]

    def third_friday(self, year: int, month: int) -> dt.date:
        """Monthly expiry of equity options."""
        first = dt.date(year, month, 1)
        return self.on_or_before(first + dt.timedelta(days=(FRIDAY - first.weekday()) % 7 + 14))

    def monthlies(self, start: dt.date, end: dt.date) -> list[dt.date]:
        """Third-Friday expiries between the days, both included."""
        months = (divmod(number, 12) for number in range(start.year * 12 + start.month - 1, end.year * 12 + end.month))
        return [expiry for year, month in months if start <= (expiry := self.third_friday(year, month + 1)) <= end]


def _kept_by_banks(observed: dt.date) -> dt.date:
    """The day banks keep: offices that close on the Friday before a Saturday's holiday do, the Federal Reserve does not."""
    following = observed + dt.timedelta(days=1)
    return following if observed.weekday() == FRIDAY and (following.month, following.day) in _FIXED_HOLIDAYS else observed


@lru_cache(maxsize=1)
def trading_calendar() -> TradingCalendar:
    """The calendar of the generated market; the same whatever day it is built on."""
    exchange = exchange_calendars.get_calendar("XNYS", start=f"{FIRST_YEAR}-01-01", end=f"{_LAST_EXPIRY_YEAR}-12-31")
    return TradingCalendar(
        sessions=tuple(stamp.date() for stamp in exchange.sessions),
        early_closes=frozenset(stamp.date() for stamp in exchange.early_closes),
    )
