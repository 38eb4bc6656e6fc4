"""When an exchange is open (LEAN's SecurityExchangeHours). Local times are naive in the exchange's zone."""

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from simulator.common.enums import DayOfWeek, MarketHoursState
from simulator.common.time_zone import (
    DAY,
    date_microseconds,
    local_date,
    local_microseconds,
    midnight_utc,
    naive_datetime,
    to_local,
    to_local_microseconds,
    to_utc,
)
from simulator.data.local_market_hours import LocalMarketHours, MarketHoursSegment, with_exceptions
from simulator.errors import SimulatorError

Intervals = tuple[tuple[int, int], ...]

_SEARCH_DAYS: Final = 15
_ONE_DAY: Final = timedelta(days=1)


def _microseconds(local: date) -> int:
    return local_microseconds(local) if isinstance(local, datetime) else date_microseconds(local)


class SecurityExchangeHours:
    """Sessions, holidays, early closes and late opens of one exchange; hours of a date are worked out once."""

    def __init__(
        self,
        time_zone: str,
        holidays: frozenset[date],
        market_hours: Mapping[DayOfWeek, LocalMarketHours],
        early_closes: Mapping[date, int],
        late_opens: Mapping[date, int],
        bank_holidays: frozenset[date] = frozenset(),
    ) -> None:
        self.time_zone = time_zone
        self.holidays = holidays
        self.bank_holidays = bank_holidays
        self.market_hours = {day: market_hours.get(day, LocalMarketHours(day)) for day in DayOfWeek}
        self.is_market_always_open = all(hours.is_open_all_day for hours in self.market_hours.values())
        self._early_closes = early_closes
        self._late_opens = late_opens
        self._days: dict[int, LocalMarketHours] = {}
        self._open_dates: dict[tuple[date, bool], bool] = {}
        self._intervals: dict[tuple[date, bool], Intervals] = {}
        self._sessions: dict[int, tuple[int, int]] = {}
        self._days_before: dict[tuple[int, int], int] = {}
        self._around = [(0, 0, False), (0, 0, False)]
        self._during: dict[tuple[int, int, bool], bool] = {}
        self._during_utc: dict[tuple[int, int, bool], bool] = {}
        self._opens: dict[tuple[int, bool], int] = {}

    @property
    def _content(self) -> tuple[object, ...]:
        """What makes hours of two exchanges the same."""
        segments = tuple((day, hours.segments) for day, hours in self.market_hours.items())
        exceptions = frozenset(self._early_closes.items()), frozenset(self._late_opens.items())
        return (self.time_zone, self.holidays, self.bank_holidays, segments, *exceptions)

    @classmethod
    def always_open(cls, time_zone: str) -> "SecurityExchangeHours":
        """Hours without any close."""
        hours = {day: LocalMarketHours(day, [MarketHoursSegment(MarketHoursState.MARKET, 0, DAY)]) for day in DayOfWeek}
        return cls(time_zone, frozenset(), hours, {}, {})

    @property
    def early_closes(self) -> dict[date, timedelta]:
        """Time of day of each early close."""
        return {day: timedelta(microseconds=time) for day, time in self._early_closes.items()}

    @property
    def late_opens(self) -> dict[date, timedelta]:
        """Time of day of each late open."""
        return {day: timedelta(microseconds=time) for day, time in self._late_opens.items()}

    @property
    def regular_market_duration(self) -> timedelta:
        """The most common length of a regular session, the longer one of two equally common."""
        lengths = Counter(hours.market_duration for hours in self.market_hours.values())
        return max(lengths, key=lambda length: (lengths[length], length))

    def get_market_hours(self, local_date_time: date) -> LocalMarketHours:
        """Hours of a date with holiday, early close and late open applied."""
        return self._day(_microseconds(local_date_time) // DAY)

    def _day(self, number: int) -> LocalMarketHours:
        hours = self._days.get(number)
        if hours is None:
            hours = self._days[number] = self._make_day(number)
        return hours

    def _make_day(self, number: int) -> LocalMarketHours:
        day = naive_datetime(number * DAY).date()
        week_day = DayOfWeek(day.isoweekday() % 7)
        if day in self.holidays:
            return LocalMarketHours(week_day)
        usual = self.market_hours[week_day]
        early, late = self._early_closes.get(day), self._late_opens.get(day)
        if early is None and late is None:
            return usual
        return LocalMarketHours(week_day, with_exceptions(list(usual.segments), early, late))

    def is_open(self, local_date_time: datetime, end_or_extended: datetime | bool, extended_market_hours: bool | None = None) -> bool:
        """Whether the exchange is open at a local time; `is_open(start, end, extended)` asks whether it is open at any time of a span."""
        start = local_microseconds(local_date_time)
        if isinstance(end_or_extended, datetime):
            return self._look_through(start, local_microseconds(end_or_extended), bool(extended_market_hours))
        return self._is_open_at(start, end_or_extended)

    def _is_open_utc(self, utc: int, extended: bool) -> bool:
        """Whether the exchange is open at an instant; the answer is remembered with the stretch of time it holds for."""
        first, last, is_open = self._around[extended]
        if not first <= utc < last:
            first, last, is_open = self._around[extended] = self._stretch(utc, extended)
        return is_open

    def _stretch(self, utc: int, extended: bool) -> tuple[int, int, bool]:
        """The open or closed stretch around an instant, within its local date."""
        day = local_date(utc, self.time_zone)
        first = self._midnight_utc(day)
        for start, end in self._open_intervals_utc(day, extended):
            if utc < start:
                return first, start, False
            if utc < end:
                return start, end, True
            first = end
        return first, self._midnight_utc(day + _ONE_DAY), False

    def _is_open_during_utc(self, start_utc: int, end_utc: int, extended: bool) -> bool:
        """Whether the exchange is open at any time of a span; an empty span counts as its instant."""
        key = (start_utc, end_utc, extended)
        found = self._during_utc.get(key)
        if found is None:
            zone = self.time_zone
            local = to_local_microseconds(start_utc, zone), to_local_microseconds(end_utc, zone)
            found = self._during_utc[key] = self._is_open_during(*local, extended)
        return found

    def _is_open_at(self, local: int, extended: bool) -> bool:
        number, time = divmod(local, DAY)
        return any(segment._start <= time < segment._end and segment._counts(extended) for segment in self._day(number).segments)

    def _is_open_during(self, start: int, end: int, extended: bool) -> bool:
        """Like `_look_through`, remembered: for the days the engine itself asks about again and again."""
        key = (start, end, extended)
        found = self._during.get(key)
        if found is None:
            found = self._during[key] = self._look_through(start, end, extended)
        return found

    def _look_through(self, start: int, end: int, extended: bool) -> bool:
        if start == end:
            return self._is_open_at(start, extended)
        for number in range(start // DAY, (end - 1) // DAY + 1):
            midnight = number * DAY
            for segment in self._day(number).segments:
                if segment._counts(extended) and midnight + segment._start < end and midnight + segment._end > start:
                    return True
        return False

    def _open_intervals_utc(self, day: date, extended: bool) -> Intervals:
        """Open stretches of a local date as (start, end) in UTC, stretches that touch joined."""
        key = (day, extended)
        intervals = self._intervals.get(key)
        if intervals is None:
            zone = self.time_zone
            midnight = date_microseconds(day)
            intervals = tuple(
                (to_utc(naive_datetime(midnight + start), zone), to_utc(naive_datetime(midnight + end), zone))
                for start, end in self.get_market_hours(day)._intervals(extended)
            )
            self._intervals[key] = intervals
        return intervals

    def _open_from_utc(self, utc: int, extended: bool) -> int:
        """The instant itself when the exchange is open then, else the next open; also the instant itself without one within days."""
        key = (utc, extended)
        found = self._opens.get(key)
        if found is None:
            day = local_date(utc, self.time_zone)
            days = (day + timedelta(days=count) for count in range(_SEARCH_DAYS))
            later = (opening for each in days for opening, closing in self._open_intervals_utc(each, extended) if closing > utc)
            found = self._opens[key] = max(next(later, utc), utc)
        return found

    def _is_one_session(self, start_utc: int, end_utc: int, extended: bool) -> bool:
        """Whether the exchange is open without a pause over a span."""
        intervals = self._open_intervals_utc(local_date(start_utc, self.time_zone), extended)
        return any(opening <= start_utc and end_utc <= closing for opening, closing in intervals)

    def _open_mask(self, start_utc: NDArray[np.int64], end_utc: NDArray[np.int64], extended: bool) -> NDArray[np.bool_]:
        """For each bar whether it overlaps an open stretch; LEAN drops the others (SubscriptionFilterEnumerator)."""
        if start_utc.size == 0:
            return np.zeros(0, dtype=np.bool_)
        first = to_local_microseconds(int(start_utc.min()), self.time_zone) // DAY
        last = to_local_microseconds(int(end_utc.max()), self.time_zone) // DAY
        days = (naive_datetime(number * DAY).date() for number in range(first, last + 1))
        stretches = [interval for day in days for interval in self._open_intervals_utc(day, extended)]
        if not stretches:
            return np.zeros(start_utc.size, dtype=np.bool_)
        earliest, latest = int(start_utc.min()), int(end_utc.max())
        for opening, closing in stretches:
            if opening <= earliest and latest <= closing:
                return start_utc < closing
        opens, closes = np.array(stretches, dtype=np.int64).T
        index = np.searchsorted(closes, start_utc, side="right")
        inside = index < closes.size
        opening = opens[np.minimum(index, closes.size - 1)]
        result: NDArray[np.bool_] = inside & ((opening < end_utc) | ((start_utc == end_utc) & (opening == start_utc)))
        return result

    def is_date_open(self, local_date_time: date, extended_market_hours: bool = False) -> bool:
        """Whether a date has a session; a date with extended hours only (a futures' Sunday) counts when they are asked for."""
        key = (local_date_time, extended_market_hours)
        is_open = self._open_dates.get(key)
        if is_open is None:
            hours = self.get_market_hours(local_date_time)
            is_open = self._open_dates[key] = not hours.is_closed_all_day and (hours._market_duration > 0 or extended_market_hours)
        return is_open

    def get_next_market_open(self, local_date_time: datetime, extended_market_hours: bool) -> datetime:
        """The first open after a local time."""
        return naive_datetime(self._next_open(_microseconds(local_date_time), extended_market_hours))

    def _next_open(self, local: int, extended: bool) -> int:
        number, time = divmod(local, DAY)
        previous_end = _last_end(self._day(number - 1))
        for day in range(number, number + _SEARCH_DAYS):
            hours = self._day(day)
            opening = hours._market_open(time, extended, previous_end)
            if opening is not None and day * DAY + opening > local:
                return day * DAY + opening
            closes_early = naive_datetime(day * DAY).date() in self._early_closes
            previous_end = None if closes_early else _last_end(hours)
            time = 0
        raise SimulatorError(f"No market open found within {_SEARCH_DAYS} days after {naive_datetime(local)} ({self.time_zone}).")

    def get_next_market_close(self, local_date_time: datetime, extended_market_hours: bool) -> datetime:
        """The first close after a local time."""
        return naive_datetime(self._next_close(_microseconds(local_date_time), extended_market_hours, last=False))

    def get_last_daily_market_close(self, local_date_time: datetime, extended_market_hours: bool) -> datetime:
        """The last close of the date, or of the next date that still has one."""
        return naive_datetime(self._next_close(_microseconds(local_date_time), extended_market_hours, last=True))

    def _next_close(self, local: int, extended: bool, last: bool) -> int:
        number, time = divmod(local, DAY)
        for day in range(number, number + _SEARCH_DAYS):
            close = self._day(day)._market_close(time, extended, last, self._first_start(day + 1))
            if close is not None and day * DAY + close > local:
                return day * DAY + close
            time = 0
        raise SimulatorError(f"No market close found within {_SEARCH_DAYS} days after {naive_datetime(local)} ({self.time_zone}).")

    def _first_start(self, number: int) -> int | None:
        if naive_datetime(number * DAY).date() in self._early_closes:
            return None
        segments = self._day(number).segments
        return segments[0]._start if segments else None

    def get_first_daily_market_open(self, local_date_time: datetime, extended_market_hours: bool) -> datetime:
        """The first open of the date at or before a local time, or of the last date before that had one."""
        return self._previous_open(local_date_time, extended_market_hours, first=True)

    def get_previous_market_open(self, local_date_time: datetime, extended_market_hours: bool) -> datetime:
        """The last open at or before a local time."""
        return self._previous_open(local_date_time, extended_market_hours, first=False)

    def _previous_open(self, local_date_time: date, extended: bool, first: bool) -> datetime:
        local = _microseconds(local_date_time)
        for day in range(local // DAY, local // DAY - 9, -1):
            starts = [day * DAY + segment._start for segment in self._day(day).segments if segment._counts(extended)]
            starts = [start for start in starts if start <= local]
            if first and starts:
                return naive_datetime(starts[0])
            for start in reversed(starts):
                if self._next_open(start - 1, extended) == start:
                    return naive_datetime(start)
        raise SimulatorError(f"No market open found within 9 days before {local_date_time} ({self.time_zone}).")

    def _daily_session_utc(self, utc: int) -> tuple[int, int]:
        """Regular open and close, in UTC, of the last session that opened at or before an instant: what a daily bar that ends then covers."""
        session = self._sessions.get(utc)
        if session is None:
            opening = self._previous_open(to_local(utc, self.time_zone), extended=False, first=True)
            closing = naive_datetime(self._next_close(local_microseconds(opening), extended=False, last=True))
            session = self._sessions[utc] = (to_utc(opening, self.time_zone), to_utc(closing, self.time_zone))
        return session

    def _days_back(self, local: int, count: int) -> int:
        """Goes back from a local time (microseconds) in steps of 24 hours until that many of them had regular trading."""
        found = self._days_before.get((local, count))
        if found is None:
            found, left = local, count
            while left > 0:
                found -= DAY
                left -= self._is_open_during(found, found + DAY, extended=False)
            self._days_before[local, count] = found
        return found

    def get_previous_trading_day(self, local_date: date) -> date:
        """The last date before a date that has a regular session."""
        return self._trading_day(local_date, -1)

    def get_next_trading_day(self, date: date) -> date:
        """The first date after a date that has a regular session."""
        return self._trading_day(date, 1)

    def _trading_day(self, local_date: date, step: int) -> date:
        for count in range(1, 400):
            day = local_date + timedelta(days=step * count)
            if self.is_date_open(day):
                return day
        raise SimulatorError(f"No trading day found within 400 days of {local_date} ({self.time_zone}).")

    def _midnight_utc(self, day: date) -> int:
        return midnight_utc(day, self.time_zone)


def _last_end(hours: LocalMarketHours) -> int | None:
    return hours.segments[-1]._end if hours.segments else None
