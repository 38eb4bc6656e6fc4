"""Weeks, months, quarters and years as periods of consolidators (LEAN's Common/Data/Consolidators/Calendar.cs)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar


@dataclass(frozen=True)
class CalendarInfo:
    """A period of the calendar.

    Attributes:
        start: its first moment.
        period: its length.
    """

    start: datetime
    period: timedelta

    @property
    def end(self) -> datetime:
        """The first moment after it."""
        return self.start + self.period


def _day(year: int, month: int) -> datetime:
    return datetime(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)  # noqa: DTZ001 - exchange time


def _weekly(time: datetime) -> CalendarInfo:
    monday = datetime(time.year, time.month, time.day) - timedelta(days=time.weekday())  # noqa: DTZ001 - exchange time
    return CalendarInfo(monday, timedelta(days=7))


def _monthly(time: datetime) -> CalendarInfo:
    start = _day(time.year, time.month)
    return CalendarInfo(start, _day(time.year, time.month + 1) - start)


def _quarterly(time: datetime) -> CalendarInfo:
    first = (time.month - 1) // 3 * 3 + 1
    start = _day(time.year, first)
    return CalendarInfo(start, _day(time.year, first + 3) - start)


def _yearly(time: datetime) -> CalendarInfo:
    start = _day(time.year, 1)
    return CalendarInfo(start, _day(time.year + 1, 1) - start)


class _Period:
    """A function from a time to its period."""

    def __init__(self, period: Callable[[datetime], CalendarInfo]) -> None:
        self._period = period

    def __call__(self, time: datetime) -> CalendarInfo:
        return self._period(time)


class Calendar:
    """The calendar period a time belongs to."""

    WEEKLY: ClassVar[Callable[[datetime], CalendarInfo]] = _Period(_weekly)
    MONTHLY: ClassVar[Callable[[datetime], CalendarInfo]] = _Period(_monthly)
    QUARTERLY: ClassVar[Callable[[datetime], CalendarInfo]] = _Period(_quarterly)
    YEARLY: ClassVar[Callable[[datetime], CalendarInfo]] = _Period(_yearly)
