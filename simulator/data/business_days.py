"""Day counting of contract specifications (FuturesExpiryUtilityFunctions). A business day is Monday to Friday and no holiday of the contract."""

import calendar
from collections.abc import Set as AbstractSet
from datetime import date, timedelta

Holidays = AbstractSet[date]

_DAY = timedelta(days=1)


def is_business_day(day: date, holidays: Holidays) -> bool:
    """Whether a date is a weekday and no holiday."""
    return day.weekday() < 5 and day not in holidays


def add_business_days(day: date, count: int, holidays: Holidays) -> date:
    """The date that many business days later, or earlier for a negative count; at least one day away, even for 0."""
    step = -_DAY if count < 0 else _DAY
    left = abs(count)
    while True:
        day += step
        left -= is_business_day(day, holidays)
        if left <= 0:
            return day


def business_day_at_or_before(day: date, holidays: Holidays) -> date:
    """The date itself unless it is a holiday, else the business day before it (AddBusinessDaysIfHoliday with -1)."""
    return add_business_days(day, -1, holidays) if day in holidays else day


def last_day_of_month(month: date) -> date:
    """The last calendar day of a date's month."""
    return date(month.year, month.month, calendar.monthrange(month.year, month.month)[1])


def nth_last_business_day(month: date, count: int, holidays: Holidays) -> date:
    """The nth business day of a month, counted from its end."""
    day = last_day_of_month(month)
    while True:
        count -= is_business_day(day, holidays)
        if count <= 0:
            return day
        day -= _DAY


def nth_weekday(month: date, count: int, weekday: int) -> date:
    """The nth Monday (0) … Sunday (6) of a month, holiday or not."""
    first = date(month.year, month.month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (count - 1))


def last_weekday(month: date, weekday: int) -> date:
    """The last Monday (0) … Sunday (6) of a month."""
    last = last_day_of_month(month)
    return last - timedelta(days=(last.weekday() - weekday) % 7)
