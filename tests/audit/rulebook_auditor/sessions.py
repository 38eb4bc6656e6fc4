"""Trading days and hours, from `exchange_calendars` (XNYS): an oracle the project itself does not use."""

from datetime import date, datetime, timedelta
from functools import lru_cache

import exchange_calendars

_ZONE = "America/New_York"


@lru_cache(maxsize=1)
def _calendar():
    return exchange_calendars.get_calendar("XNYS", start="2014-01-01")


@lru_cache(maxsize=4096)
def is_session(day):
    return _calendar().is_session(day.isoformat())


@lru_cache(maxsize=4096)
def opens_at(day):
    return _calendar().session_open(day.isoformat()).tz_convert(_ZONE).tz_localize(None).to_pydatetime()


@lru_cache(maxsize=4096)
def closes_at(day):
    return _calendar().session_close(day.isoformat()).tz_convert(_ZONE).tz_localize(None).to_pydatetime()


def days_between(first, last):
    """Sessions from `first` to `last`, both included."""
    return [day for n in range((last - first).days + 1) if is_session(day := first + timedelta(days=n))]


def next_session(day, *, after=True):
    """The next session after `day`, or `day` itself when it is one and `after` is off."""
    found = day + timedelta(days=1) if after else day
    while not is_session(found):
        found += timedelta(days=1)
    return found


def sessions_later(day, count):
    for _ in range(count):
        day = next_session(day)
    return day


def is_last_of_week(day):
    friday = day + timedelta(days=4 - day.weekday())
    return (
        is_session(day) and day.weekday() <= 4 and not any(is_session(day + timedelta(days=n)) for n in range(1, (friday - day).days + 1))
    )


def is_weekly(day, weekday):
    """Whether `day` stands for a weekday: the first session of the week from that weekday on."""
    monday = day - timedelta(days=day.weekday())
    left = [d for n in range(weekday, 5) if is_session(d := monday + timedelta(days=n))]
    return bool(left) and left[0] == day


def monthly_weeks(day, weekday):
    """Which nth weekdays of their months `day` is the session of: the weekday itself, or closed ones just before it."""
    found, nominal = [], day
    while True:
        if nominal.weekday() == weekday:
            found.append((nominal.day + 6) // 7)
        nominal -= timedelta(days=1)
        if is_session(nominal):
            return found


def shortened(day, clock, minutes_before_close):
    """A time of day, or that many minutes before an early close."""
    return min(datetime.combine(day, clock), closes_at(day) - timedelta(minutes=minutes_before_close))


def first_monday_week(day: date) -> int:
    """The week's place in its month by its Monday, 1 to 5."""
    monday = day - timedelta(days=day.weekday())
    return (monday.day + 6) // 7
