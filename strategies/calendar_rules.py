"""Entry days and times of day: holiday shifts, nth weekdays, early closes (rulebook 2, preamble).

If a weekly entry day is a holiday, the next session of the same week stands in; a monthly one moves to the next session. Early closes move
every time of day: an entry later than 60 minutes before the close is skipped, an exit happens at the latest 15 minutes before it.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from domain.proposal import Skip
from domain.state import SkipCode
from domain.views import Calendar, Session
from strategies.base import EntryPlan

FRIDAY = 4
_LONGEST_CLOSURE_DAYS = 10


def monday_of(day: date) -> date:
    """First day of the week `day` is in."""
    return day - timedelta(days=day.weekday())


def week_sessions(day: date, calendar: Calendar) -> list[date]:
    """Sessions from Monday to Friday of the week `day` is in."""
    monday = monday_of(day)
    return [d for d in (monday + timedelta(days=n) for n in range(5)) if calendar.session(d) is not None]


def last_session_of_week(day: date, calendar: Calendar) -> date | None:
    """The week's last session (Friday, or Thursday before a Friday holiday); None in a week without any."""
    return max(week_sessions(day, calendar), default=None)


def weekly_session(day: date, weekday: int, calendar: Calendar) -> date | None:
    """The session that stands for a weekday (0 = Monday) in the week of `day`: itself, or the next of the same week; None when none is left."""
    return next((d for d in week_sessions(day, calendar) if d.weekday() >= weekday), None)


def nth_weekday(year: int, month: int, weekday: int, nth: int) -> date:
    """The nth (from 1) weekday (0 = Monday) of a month.

    Raises:
        ValueError: if the month has no such day.
    """
    first = date(year, month, 1)
    day = first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))
    if day.month != month:
        raise ValueError(f"{year}-{month:02d} has no weekday number {weekday} a {nth}th time")
    return day


def next_session(day: date, calendar: Calendar) -> date | None:
    """`day` itself if it is a session, else the next one; None if the exchange stays closed for ten days."""
    days = (day + timedelta(days=n) for n in range(_LONGEST_CLOSURE_DAYS))
    return next((d for d in days if calendar.session(d) is not None), None)


def monthly_nominal(day: date, weekday: int, weeks: Sequence[int], calendar: Calendar) -> date | None:
    """The nominal entry day (nth weekday of its month, n in `weeks`) for which `day` is the session; None when it is none's.

    A nominal day on a holiday is served by the next session, also across the end of a month.
    """
    for back in range(_LONGEST_CLOSURE_DAYS):
        nominal = day - timedelta(days=back)
        is_one = nominal.weekday() == weekday and (nominal.day + 6) // 7 in weeks
        if is_one and next_session(nominal, calendar) == day:
            return nominal
    return None


def week_of_month(day: date) -> int:
    """Which time (1 to 5) this weekday comes in its month."""
    return (day.day + 6) // 7


def at_time(session: Session, clock: time) -> datetime:
    """A New York time of day on the day of a session."""
    return datetime.combine(session.opens_at.date(), clock, tzinfo=session.opens_at.tzinfo)


def exit_time(session: Session, clock: time, minutes_before_close: int) -> datetime:
    """When an exit set for `clock` happens on this day: an early close pulls it to that many minutes before the close."""
    return min(at_time(session, clock), session.closes_at - timedelta(minutes=minutes_before_close))


def entry_window(
    session: Session, opens: time, closes: time, *, lead_minutes: int, minutes_before_close: int, is_moved: bool = False
) -> EntryPlan | Skip:
    """The day's entry window, its candidates read `lead_minutes` ahead; a `Skip` when an early close leaves no room for it."""
    latest = session.closes_at - timedelta(minutes=minutes_before_close)
    opens_at, closes_at = at_time(session, opens), min(at_time(session, closes), latest)
    if opens_at > latest:
        return Skip(
            SkipCode.TOO_LATE_FOR_EARLY_CLOSE,
            {"entry_minute": _minute(opens_at), "close_minute": _minute(session.closes_at), "minutes_before_close": minutes_before_close},
        )
    return EntryPlan(max(opens_at - timedelta(minutes=lead_minutes), session.opens_at), opens_at, closes_at, is_moved)


def _minute(moment: datetime) -> float:
    return moment.hour * 60.0 + moment.minute
