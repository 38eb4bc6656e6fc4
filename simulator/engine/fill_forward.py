"""The instants at which missing bars are repeated (LEAN's FillForwardEnumerator), as arrays per UTC day shared by all subscriptions alike."""

from datetime import timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from simulator.common.time_zone import DAY, HOUR, local_date, midnight_utc
from simulator.data.security_exchange_hours import SecurityExchangeHours

Times = NDArray[np.int64]

NO_TIMES: Final[Times] = np.zeros(0, dtype=np.int64)
_ONE_DAY: Final = timedelta(days=1)


class FillForwardGrid:
    """Ends of the bars that fill-forward produces, whatever the data: every step within the session, from the first real bar of a subscription on.

    Args:
        hours: the exchange's hours.
        extended: whether the extended session counts.
        step: the fill-forward resolution in microseconds.
        daily: whether the data are daily bars: those are repeated within the regular session and at its close.
        precise: whether daily bars end with the session; else they are repeated at the midnight after it instead of its close.
    """

    def __init__(self, hours: SecurityExchangeHours, extended: bool, step: int, daily: bool, *, precise: bool = True) -> None:
        self._hours = hours
        self._extended = extended and not daily
        self._step = step
        self._daily = daily
        self._precise = precise
        self._windows: dict[int, Times] = {}
        self._first = self._end = 0
        self._joined = NO_TIMES
        self._asked = -1
        self._answer = False

    def window(self, start_utc: int) -> Times:
        """Sorted ends within the UTC day that starts at `start_utc`."""
        times = self._windows.get(start_utc)
        if times is None:
            times = self._windows[start_utc] = self._make(start_utc)
        return times

    def between(self, start_utc: int, end_utc: int) -> Times:
        """Sorted ends e with start_utc <= e <= end_utc."""
        if start_utc > end_utc:
            return NO_TIMES
        self._join(start_utc - start_utc % DAY, end_utc - end_utc % DAY + DAY)
        times = self._joined
        return times[times.searchsorted(start_utc) : times.searchsorted(end_utc, side="right")]

    def _join(self, first: int, end: int) -> None:
        """Have the days from the first to before the end in one array, which grows from one request to the next."""
        if first > self._end or end < self._first:
            self._first = self._end = first
            self._joined = NO_TIMES
        before = [self.window(day) for day in range(first, self._first, DAY)]
        after = [self.window(day) for day in range(self._end, end, DAY)]
        if before or after:
            self._joined = np.concatenate([*before, self._joined, *after])
            self._first, self._end = min(first, self._first), max(end, self._end)

    def contains(self, utc: int) -> bool:
        """Whether a bar may end at that instant."""
        if utc != self._asked:
            self._asked = utc
            times = self.window(utc - utc % DAY)
            place = int(times.searchsorted(utc))
            self._answer = place < times.size and times.item(place) == utc
        return self._answer

    def _make(self, start_utc: int) -> Times:
        zone = self._hours.time_zone
        day = local_date(start_utc, zone)
        last = local_date(start_utc + DAY, zone)
        parts: list[Times] = []
        while day <= last:
            for opening, closing in self._hours._open_intervals_utc(day, self._extended):
                parts.append(self._session(opening, closing))
            day += _ONE_DAY
        if not parts:
            return NO_TIMES
        times = parts[0] if len(parts) == 1 else np.unique(np.concatenate(parts))
        return times[times.searchsorted(start_utc) : times.searchsorted(start_utc + DAY)]

    def _session(self, opening: int, closing: int) -> Times:
        last = closing if self._precise else self._midnight_after(opening)
        if self._daily and self._step >= DAY:
            return np.array([last], dtype=np.int64)
        step = min(self._step, HOUR)
        first = opening - opening % step
        times = np.arange(first + step, closing + step, step, dtype=np.int64)
        if self._daily:
            times = np.append(times[: times.searchsorted(closing)], [closing] if last == closing else [closing, last])
        return times

    def _midnight_after(self, utc: int) -> int:
        zone = self._hours.time_zone
        return midnight_utc(local_date(utc, zone) + _ONE_DAY, zone)

    def days_between(self, start_utc: int, end_utc: int) -> Times:
        """`between` of daily bars, without windows of days."""
        zone = self._hours.time_zone
        day, last = local_date(start_utc - DAY, zone), local_date(end_utc + DAY, zone)
        ends: set[int] = set()
        while day <= last:
            for opening, closing in self._hours._open_intervals_utc(day, self._extended):
                ends.add(closing if self._precise else self._midnight_after(opening))
            day += _ONE_DAY
        return np.array(sorted(end for end in ends if start_utc <= end <= end_utc), dtype=np.int64)
