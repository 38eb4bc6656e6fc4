"""The dates of scheduled events (LEAN's Common/Scheduling/DateRules.cs)."""

from calendar import monthrange
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from simulator.common.enums import DayOfWeek
from simulator.common.symbol import Symbol
from simulator.common.system_exceptions import ArgumentOutOfRangeException
from simulator.common.time_zone import to_local
from simulator.data.market_hours_database import SecurityExchangeHours
from simulator.engine.schedule_rules import DateRule, ScheduleRules

_DAY = timedelta(days=1)
_Period = Callable[[datetime], tuple[datetime, datetime]]


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001 - local dates are naive


def _each_day(start: datetime, end: datetime) -> Iterator[datetime]:
    day = _midnight(start)
    while day <= end:
        yield day
        day += _DAY


def _weekday(day: datetime) -> int:
    return (day.weekday() + 1) % 7


def _month(day: datetime) -> tuple[datetime, datetime]:
    return day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])


def _quarter(day: datetime) -> tuple[datetime, datetime]:
    first = (day.month - 1) // 3 * 3 + 1
    return day.replace(month=first, day=1), _month(day.replace(month=first + 2, day=1))[1]


def _year(day: datetime) -> tuple[datetime, datetime]:
    return day.replace(month=1, day=1), day.replace(month=12, day=31)


class _Search:
    """Finds the scheduled day of a period: the base day moved to a trading day, then by trading days, within the period."""

    def __init__(self, hours: SecurityExchangeHours | None, offset: int, extended: bool, *, forward: bool) -> None:
        self._hours = hours
        self._offset = offset
        self._extended = extended
        self._forward = forward

    def _next(self, day: datetime, *, forward: bool) -> datetime:
        if self._hours is None:
            return day + _DAY if forward else day - _DAY
        return _midnight(self._hours.get_next_trading_day(day) if forward else self._hours.get_previous_trading_day(day))

    def _open(self, day: datetime) -> bool:
        return self._hours is None or self._hours.is_date_open(day, self._extended)

    def _from(self, base: datetime, offset: int, *, forward: bool) -> datetime:
        day = base if self._open(base) else self._next(base, forward=forward)
        for _ in range(offset):
            day = self._next(day, forward=forward)
        return day

    def find(self, base: datetime, boundary: datetime) -> datetime:
        """The scheduled day; one beyond the boundary becomes the last trading day on this side of it."""
        day = self._from(base, self._offset, forward=self._forward)
        if (day > boundary) if self._forward else (day < boundary):
            return self._from(boundary, 0, forward=not self._forward)
        return day


class DateRules(ScheduleRules):
    """`algorithm.date_rules`."""

    def on(self, *when: Any) -> DateRule:
        """On year, month, day, or on the given dates (one by one or as a list)."""
        if isinstance(when[0], (list, tuple)):
            when = tuple(when[0])
        dates = [datetime(*when)] if isinstance(when[0], int) else [_midnight(day) for day in when]  # noqa: DTZ001 - see above
        name = ",".join(f"{day:%m/%d/%Y}" for day in dates)
        return DateRule(name, lambda start, end: (day for day in dates if start <= day <= end))

    @property
    def today(self) -> DateRule:
        """The algorithm's current date."""
        return DateRule("TodayOnly", lambda _start, _end: [self._today()])

    @property
    def tomorrow(self) -> DateRule:
        """The day after the algorithm's current date."""
        return DateRule("TomorrowOnly", lambda _start, _end: [self._today() + _DAY])

    def _today(self) -> datetime:
        return _midnight(to_local(self._algorithm._utc, self._algorithm.time_zone))

    def every(self, *days: DayOfWeek) -> DateRule:
        """The given days of the week, holidays included."""
        wanted = {int(day) for day in days}
        name = ",".join(DayOfWeek(day).name.capitalize() for day in days)
        return DateRule(name, lambda start, end: (day for day in _each_day(start, end) if _weekday(day) in wanted))

    def every_day(self, symbol: Symbol | str | None = None, extended_market_hours: bool = False) -> DateRule:
        """Every calendar day, or every day on which the symbol's exchange opens."""
        if symbol is None:
            return DateRule("EveryDay", _each_day)
        known = self._symbol(symbol)
        hours = self._hours(known)
        return DateRule(
            f"{known.value}: EveryDay",
            lambda start, end: (day for day in _each_day(start, end) if hours.is_date_open(day, extended_market_hours)),
        )

    def year_start(self, symbol: Symbol | str | int | None = None, days_offset: int = 0, extended_market_hours: bool = True) -> DateRule:
        """First (trading) day of the year, plus trading days."""
        return self._periodic("YearStart", symbol, days_offset, extended_market_hours, 365, _year)

    def year_end(self, symbol: Symbol | str | int | None = None, days_offset: int = 0, extended_market_hours: bool = True) -> DateRule:
        """Last (trading) day of the year, minus trading days."""
        return self._periodic("YearEnd", symbol, days_offset, extended_market_hours, 365, _year)

    def quarter_start(self, symbol: Symbol | str | int | None = None, days_offset: int = 0, extended_market_hours: bool = True) -> DateRule:
        """First (trading) day of the quarter, plus trading days."""
        return self._periodic("QuarterStart", symbol, days_offset, extended_market_hours, 92, _quarter)

    def quarter_end(self, symbol: Symbol | str | int | None = None, days_offset: int = 0, extended_market_hours: bool = True) -> DateRule:
        """Last (trading) day of the quarter, minus trading days."""
        return self._periodic("QuarterEnd", symbol, days_offset, extended_market_hours, 92, _quarter)

    def month_start(self, symbol: Symbol | str | int | None = None, days_offset: int = 0, extended_market_hours: bool = True) -> DateRule:
        """First (trading) day of the month, plus trading days."""
        return self._periodic("MonthStart", symbol, days_offset, extended_market_hours, 30, _month)

    def month_end(self, symbol: Symbol | str | int | None = None, days_offset: int = 0, extended_market_hours: bool = True) -> DateRule:
        """Last (trading) day of the month, minus trading days."""
        return self._periodic("MonthEnd", symbol, days_offset, extended_market_hours, 30, _month)

    def week_start(self, symbol: Symbol | str | int | None = None, days_offset: int = 0, extended_market_hours: bool = True) -> DateRule:
        """First (trading) day of the week, plus trading days."""
        return self._weekly("WeekStart", symbol, days_offset, extended_market_hours)

    def week_end(self, symbol: Symbol | str | int | None = None, days_offset: int = 0, extended_market_hours: bool = True) -> DateRule:
        """Last (trading) day of the week, minus trading days."""
        return self._weekly("WeekEnd", symbol, days_offset, extended_market_hours)

    def _arguments(self, symbol: Symbol | str | int | None, offset: int) -> tuple[Symbol | None, int]:
        if isinstance(symbol, int):
            return None, symbol
        return (None if symbol is None else self._symbol(symbol)), offset

    @staticmethod
    def _name(kind: str, symbol: Symbol | None, offset: int) -> str:
        sign = "" if offset == 0 else f"{offset if kind.endswith('Start') else -offset:+d}"
        return f"{'' if symbol is None else symbol.value + ': '}{kind}{sign}"

    def _periodic(
        self, kind: str, asked: Symbol | str | int | None, days_offset: int, extended: bool, largest: int, period: _Period
    ) -> DateRule:
        symbol, offset = self._arguments(asked, days_offset)
        if not 0 <= offset <= largest:
            raise ArgumentOutOfRangeException(f"DateRules.{kind}() : Offset must be between 0 and {largest} (Parameter 'daysOffset')")
        forward = kind.endswith("Start")
        search = _Search(None if symbol is None else self._hours(symbol), offset, extended, forward=forward)

        def dates(start: datetime, end: datetime) -> Iterator[datetime]:
            first, last = period(start)
            if forward and first < start.replace(day=1) and period is _year:
                first, last = period(last + _DAY)  # LEAN looks for years from the start's month on
            while first <= end:
                day = search.find(first, last) if forward else search.find(last, first)
                if start <= day <= end:
                    yield day
                first, last = period(last + _DAY)

        return DateRule(self._name(kind, symbol, offset), dates)

    def _weekly(self, kind: str, asked: Symbol | str | int | None, days_offset: int, extended: bool) -> DateRule:
        symbol, offset = self._arguments(asked, days_offset)
        forward = kind.endswith("Start")
        hours = None if symbol is None else self._hours(symbol)
        week = [1, 2, 3, 4, 5] if hours is None else [int(day) for day in DayOfWeek if not hours.market_hours[day].is_closed_all_day]
        largest = 6 if hours is None else len(week) - 1
        if not 0 <= offset <= largest:
            raise ArgumentOutOfRangeException(f"DateRules.{kind}() : Offset must be between 0 and {largest} (Parameter 'daysOffset')")
        base, boundary = (week[0], week[-1]) if forward else (week[-1], week[0])
        if hours is None:
            boundary = 7 if forward else -1
        search = _Search(hours, offset, extended, forward=forward)

        def dates(start: datetime, end: datetime) -> Iterator[datetime]:
            for monday in _mondays(start, end):
                day = monday + timedelta(days=base - 1 if base else 6)
                found = search.find(day, day + timedelta(days=boundary - base))
                if start <= found <= end:
                    yield found

        return DateRule(self._name(kind, symbol, offset), dates)


def _mondays(start: datetime, end: datetime) -> Iterator[datetime]:
    monday = start - timedelta(days=start.weekday())
    while monday <= end:
        yield monday
        monday += timedelta(days=7)
