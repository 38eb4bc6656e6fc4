"""Expiry rules of the listed futures and of their standard options, as in LEAN's FuturesExpiryFunctions and FuturesOptionsExpiryFunctions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from simulator.market.instruments import Future
from simulator.market.trading_calendar import FRIDAY, TradingCalendar

_ONE_DAY = dt.timedelta(days=1)
OPTION_ROOTS = {"ES": "ES", "CL": "LO", "GC": "OG", "ZB": "OZB", "ZC": "OZC"}
_OPTION_LAST_MINUTE = {"ES": 960, "CL": 870, "GC": 810, "ZB": 960, "ZC": 860}


@dataclass(frozen=True, order=True)
class FutureContract:
    """One contract: its month (first day) and the last day it trades, with the minute of that day (UTC) that LEAN puts into its identifier."""

    month: dt.date
    expiry: dt.date
    identifier_minute: int = 0


@dataclass(frozen=True)
class FutureOptionExpiry:
    """One expiry of a futures option: the day, the last minute it trades that day (New York) and its underlying contract."""

    expiry: dt.date
    last_minute: int
    underlying: FutureContract


def _shift(month: dt.date, months: int) -> dt.date:
    year, number = divmod(month.year * 12 + month.month - 1 + months, 12)
    return dt.date(year, number + 1, 1)


@dataclass(frozen=True)
class ExpiryRules:
    """Expiries on one calendar; business days skip the exchange's and the federal holidays, as in LEAN."""

    calendar: TradingCalendar

    def _is_business_day(self, day: dt.date) -> bool:
        return day.weekday() <= FRIDAY and day not in self.calendar.holidays and day not in self.calendar.bank_holidays

    def _back(self, day: dt.date, count: int) -> dt.date:
        while count:
            day -= _ONE_DAY
            count -= self._is_business_day(day)
        return day

    def _nth_last(self, month: dt.date, count: int) -> dt.date:
        return self._back(_shift(month, 1), count)

    def _third_friday(self, month: dt.date) -> dt.date:
        third = month + dt.timedelta(days=(FRIDAY - month.weekday()) % 7 + 14)
        return third if self._is_business_day(third) else self._back(third, 1)

    def future(self, product: Future, month: dt.date) -> FutureContract:
        """Contract of a month in which the product lists one."""
        if product.ticker == "ES":
            return FutureContract(month, self._third_friday(month), 13 * 60 + 30)
        if product.ticker == "CL":
            pivot = _shift(month, -1).replace(day=25)
            return FutureContract(month, self._back(pivot, 3 if self._is_business_day(pivot) else 4))
        if product.ticker == "GC":
            return FutureContract(month, self._nth_last(month, 3))
        if product.ticker == "ZB":
            return FutureContract(month, self._back(self._nth_last(month, 1), 7), 12 * 60 + 1)
        if product.ticker == "ZC":
            return FutureContract(month, self._back(month.replace(day=15), 1))
        raise ValueError(f"no expiry rule for {product.ticker}: add it here as in LEAN's FuturesExpiryFunctions")

    def futures(self, product: Future, start: dt.date) -> Iterator[FutureContract]:
        """Contracts that have not expired before the day, nearest first."""
        month = _shift(start.replace(day=1), -1)
        while True:
            if month.month in product.months:
                contract = self.future(product, month)
                if contract.expiry >= start:
                    yield contract
            month = _shift(month, 1)

    def _option_expiry(self, product: Future, month: dt.date) -> dt.date:
        """Last trading day of the option whose contract month is given."""
        before = _shift(month, -1)
        if product.ticker == "ES":
            return self._third_friday(month)
        if product.ticker == "CL":
            return self._back(before.replace(day=26), 7)
        if product.ticker == "GC":
            day = self._nth_last(before, 4)
            while day.weekday() == FRIDAY or day + _ONE_DAY in self.calendar.holidays or day + _ONE_DAY in self.calendar.bank_holidays:
                day = self._back(day, 1)
            return day
        day = self._nth_last(before, 2) - _ONE_DAY
        while day.weekday() != FRIDAY:
            day = self._back(day, 1)
        return day

    def options(self, product: Future, start: dt.date, end: dt.date) -> list[FutureOptionExpiry]:
        """Standard monthly options that expire between the days, both included, each on the first future of its month or later."""
        found = []
        month = start.replace(day=1)
        while month <= _shift(end.replace(day=1), 2):
            expiry = self._option_expiry(product, month)
            if start <= expiry <= end:
                underlying = next(contract for contract in self.futures(product, start) if contract.month >= month)
                found.append(FutureOptionExpiry(expiry, self._last_minute(product, expiry, underlying), underlying))
            month = _shift(month, 1)
        return found

    def _last_minute(self, product: Future, expiry: dt.date, underlying: FutureContract) -> int:
        if product.ticker == "ES" and underlying.expiry == expiry:
            return 9 * 60 + 30  # quarterly options end with the future's opening print
        return min(_OPTION_LAST_MINUTE[product.ticker], 570 + self.calendar.minutes(expiry))
