"""The times of day of scheduled events (LEAN's Common/Scheduling/TimeRules.cs)."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from simulator.common.symbol import Symbol
from simulator.common.system_exceptions import ArgumentException
from simulator.common.time_zone import HOUR, to_utc
from simulator.data.market_hours_database import SecurityExchangeHours
from simulator.engine.schedule_rules import ScheduleRules, TimeRule

_LAST_MOMENT = timedelta(days=1) - timedelta(microseconds=1)


def _short(value: float) -> str:
    text = str(Decimal(repr(float(value))).quantize(Decimal("0.01"), ROUND_HALF_EVEN))
    return text.rstrip("0").rstrip(".") if "." in text else text


class TimeRules(ScheduleRules):
    """`algorithm.time_rules`; times of day are in the algorithm's time zone unless one is given."""

    @property
    def _zone(self) -> str:
        zone: str = self._algorithm.time_zone
        return zone

    @property
    def now(self) -> TimeRule:
        """The algorithm's current time, whatever the date."""
        return TimeRule("Now", lambda dates: (self._algorithm._utc for _ in dates))

    @property
    def midnight(self) -> TimeRule:
        """00:00."""
        return TimeRule("Midnight", lambda dates: (to_utc(day, self._zone) for day in dates))

    @property
    def noon(self) -> TimeRule:
        """Twelve hours after local midnight."""
        return TimeRule("Noon", lambda dates: (to_utc(day, self._zone) + 12 * HOUR for day in dates))

    def at(self, *when: Any) -> TimeRule:
        """A time of day: hour, minute[, second] or a timedelta, each optionally followed by a time zone."""
        zone = self._zone
        if isinstance(when[-1], str):
            zone, when = when[-1], when[:-1]
        if isinstance(when[0], timedelta):
            span = when[0]
        else:
            hour, minute, *rest = (int(part) for part in when)
            span = timedelta(hours=hour, minutes=minute, seconds=rest[0] if rest else 0)
        return TimeRule(_short(span.total_seconds() / 3600), lambda dates: (to_utc(day + span, zone) for day in dates))

    def every(self, interval: timedelta) -> TimeRule:
        """From midnight on, every interval."""
        if interval <= timedelta(0):
            raise ArgumentException("TimeRules.Every(): time span interval can not be zero or less")
        return TimeRule(f"Every {_short(interval.total_seconds() / 60)} min", lambda dates: self._intervals(dates, interval))

    def _intervals(self, dates: Iterable[datetime], interval: timedelta) -> Iterator[int]:
        for day in dates:
            moment = timedelta(0)
            while moment < timedelta(days=1):
                yield to_utc(day + moment, self._zone)
                moment += interval

    def before_market_open(
        self, symbol: Symbol | str | float = 0, minutes_before_open: float = 0, extended_market_open: bool = False
    ) -> TimeRule:
        """Minutes before the exchange opens."""
        if isinstance(symbol, (int, float)):
            return self.after_market_open(-symbol, extended_market_open=extended_market_open)
        return self.after_market_open(symbol, -minutes_before_open, extended_market_open)

    def after_market_open(
        self, symbol: Symbol | str | float = 0, minutes_after_open: float = 0, extended_market_open: bool = False
    ) -> TimeRule:
        """Minutes after the first opening of the day; without a symbol, the earliest of the markets in use."""
        minutes = symbol if isinstance(symbol, (int, float)) else minutes_after_open
        side = f"{_short(abs(minutes))} min {'after' if minutes > 0 else 'before'} {'ExtendedMarketOpen' if extended_market_open else 'MarketOpen'}"
        span = timedelta(minutes=minutes)
        if isinstance(symbol, (int, float)):
            return TimeRule(side, lambda dates: self._first(dates, span, extended_market_open))
        known = self._symbol(symbol)
        hours = self._hours(known)
        return TimeRule(f"{known}: {side}", lambda dates: _opens(hours, dates, span, extended_market_open))

    def before_market_close(
        self, symbol: Symbol | str | float = 0, minutes_before_close: float = 0, extended_market_close: bool = False
    ) -> TimeRule:
        """Minutes before the last closing of the day; without a symbol, the latest of the markets in use."""
        minutes = symbol if isinstance(symbol, (int, float)) else minutes_before_close
        side = f"{_short(abs(minutes))} min {'before' if minutes > 0 else 'after'} {'ExtendedMarketClose' if extended_market_close else 'MarketClose'}"
        span = timedelta(minutes=minutes)
        if isinstance(symbol, (int, float)):
            return TimeRule(side, lambda dates: self._last(dates, span, extended_market_close))
        known = self._symbol(symbol)
        hours = self._hours(known)
        return TimeRule(f"{known}: {side}", lambda dates: _closes(hours, dates, span, extended_market_close))

    def after_market_close(
        self, symbol: Symbol | str | float = 0, minutes_after_close: float = 0, extended_market_close: bool = False
    ) -> TimeRule:
        """Minutes after the exchange closes."""
        if isinstance(symbol, (int, float)):
            return self.before_market_close(-symbol, extended_market_close=extended_market_close)
        return self.before_market_close(symbol, -minutes_after_close, extended_market_close)

    def _first(self, dates: Iterable[datetime], span: timedelta, extended: bool) -> Iterator[int]:
        markets = self._hours_of_market()
        for day in dates:
            found = [moment for hours in markets for moment in _opens(hours, [day], span, extended)]
            if found:
                yield min(found)

    def _last(self, dates: Iterable[datetime], span: timedelta, extended: bool) -> Iterator[int]:
        markets = self._hours_of_market()
        for day in dates:
            found = [moment for hours in markets for moment in _closes(hours, [day], span, extended)]
            if found:
                yield max(found)


def _opens(hours: SecurityExchangeHours, dates: Iterable[datetime], span: timedelta, extended: bool) -> Iterator[int]:
    for day in dates:
        if not hours.is_date_open(day, extended):
            continue
        opening = hours.get_first_daily_market_open(day + _LAST_MOMENT, extended)
        if opening.date() == day.date():
            yield to_utc(opening + span, hours.time_zone)


def _closes(hours: SecurityExchangeHours, dates: Iterable[datetime], span: timedelta, extended: bool) -> Iterator[int]:
    for day in dates:
        if hours.is_date_open(day, extended):
            yield to_utc(hours.get_last_daily_market_close(day, extended) - span, hours.time_zone)
