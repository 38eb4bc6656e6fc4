from datetime import date, time, timedelta

import exchange_calendars
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategy_fakes import NEW_YORK, WeekdayCalendar, at

from domain.proposal import Skip
from domain.state import SkipCode
from domain.views import Session
from strategies import calendar_rules as rules


class Xnys:
    """New York's sessions as exchange_calendars knows them: an oracle independent of LEAN's hours file."""

    def __init__(self) -> None:
        self.calendar = exchange_calendars.get_calendar("XNYS", start="2010-01-04", end="2025-12-31")
        schedule = self.calendar.schedule
        self.sessions = {
            day.date(): Session(o.to_pydatetime().astimezone(NEW_YORK), c.to_pydatetime().astimezone(NEW_YORK))
            for day, o, c in zip(schedule.index, schedule["open"], schedule["close"], strict=True)
        }

    def session(self, day):
        return self.sessions.get(day)


XNYS = Xnys()
days = st.dates(date(2010, 2, 1), date(2025, 11, 30))


@given(days)
def test_the_weeks_last_session_is_a_session_with_none_after_it_in_its_week(day):
    last = rules.last_session_of_week(day, XNYS)
    assert last is not None
    assert rules.monday_of(last) == rules.monday_of(day)
    assert XNYS.calendar.is_session(str(last))
    rest = [last + timedelta(days=n) for n in range(1, 5 - last.weekday())]
    assert not any(XNYS.calendar.is_session(str(later)) for later in rest)


@given(days, st.integers(0, 4))
def test_a_weekly_entry_falls_on_its_weekday_unless_that_is_a_holiday(day, weekday):
    nominal = rules.monday_of(day) + timedelta(days=weekday)
    entry = rules.weekly_session(day, weekday, XNYS)
    if XNYS.calendar.is_session(str(nominal)):
        assert entry == nominal
    else:
        following = XNYS.calendar.date_to_session(str(nominal), direction="next").date()
        assert entry == (following if rules.monday_of(following) == rules.monday_of(nominal) else None)


@given(st.integers(2010, 2025), st.integers(2, 11), st.integers(0, 4), st.integers(1, 4))
def test_a_monthly_entry_is_the_nth_weekday_or_the_next_session(year, month, weekday, nth):
    nominal = rules.nth_weekday(year, month, weekday, nth)
    assert (nominal.weekday(), rules.week_of_month(nominal)) == (weekday, nth)
    entry = XNYS.calendar.date_to_session(str(nominal), direction="next").date()
    assert rules.monthly_nominal(entry, weekday, (nth,), XNYS) == nominal
    others = (entry + timedelta(days=n) for n in (-2, -1, 1, 2) if XNYS.session(entry + timedelta(days=n)))
    assert all(rules.monthly_nominal(other, weekday, (nth,), XNYS) is None for other in others)


def test_a_month_without_a_fifth_wednesday_says_so():
    with pytest.raises(ValueError, match=r"2024-02 has no weekday number 2 a 5th time"):
        rules.nth_weekday(2024, 2, 2, 5)


@pytest.mark.parametrize(
    ("day", "entry", "why"),
    [
        ("2024-03-28", "2024-03-28", "Thursday before Good Friday stands for the Friday"),
        ("2024-03-27", "2024-03-28", "asked on another day of that week"),
        ("2015-12-24", "2015-12-24", "Thursday before Christmas, a half day"),
        ("2024-07-05", "2024-07-05", "Friday after Independence Day"),
        ("2012-10-30", "2012-11-02", "the storm closed Monday and Tuesday only"),
    ],
)
def test_the_weeks_last_session_around_real_holidays(day, entry, why):
    assert rules.last_session_of_week(date.fromisoformat(day), XNYS) == date.fromisoformat(entry), why


def test_a_week_without_sessions_has_no_last_one():
    closed = WeekdayCalendar([f"2024-01-{day:02d}" for day in range(1, 6)])
    assert rules.last_session_of_week(date(2024, 1, 3), closed) is None
    assert rules.weekly_session(date(2024, 1, 3), 0, closed) is None
    assert rules.next_session(date(2024, 1, 1), closed) == date(2024, 1, 8)


HALF_DAY = WeekdayCalendar(early={"2024-11-29": "13:00"})


@pytest.mark.parametrize(
    ("opens", "closes", "window", "why"),
    [
        ("10:30", "10:45", ("10:30", "10:45"), "more than an hour before 13:00"),
        ("11:50", "12:30", ("11:50", "12:00"), "the window ends an hour before the close"),
        ("12:00", "12:15", ("12:00", "12:00"), "exactly an hour before is not later than it"),
        ("12:01", "12:15", None, "too late"),
        ("15:00", "15:30", None, "after the close"),
    ],
)
def test_entries_on_a_half_day(opens, closes, window, why):
    session = HALF_DAY.session(date(2024, 11, 29))
    plan = rules.entry_window(session, time.fromisoformat(opens), time.fromisoformat(closes), lead_minutes=5, minutes_before_close=60)
    if window is None:
        assert isinstance(plan, Skip), why
        assert plan.code is SkipCode.TOO_LATE_FOR_EARLY_CLOSE
        assert plan.numbers["close_minute"] == 13 * 60
    else:
        assert (plan.opens_at, plan.closes_at) == tuple(at("2024-11-29", clock) for clock in window), why
        assert plan.prepare_at == plan.opens_at - timedelta(minutes=5)


@given(days, st.times(time(9, 31), time(16, 30)), st.integers(1, 120))
def test_an_exit_is_never_later_than_asked_nor_within_the_last_minutes(day, clock, minutes):
    session = XNYS.session(day)
    if session is None:
        return
    moment = rules.exit_time(session, clock, minutes)
    assert moment <= session.closes_at - timedelta(minutes=minutes)
    assert moment <= rules.at_time(session, clock)
    assert moment in (rules.at_time(session, clock), session.closes_at - timedelta(minutes=minutes))


def test_candidates_are_never_read_before_the_open():
    session = HALF_DAY.session(date(2024, 11, 27))
    plan = rules.entry_window(session, time(9, 35), time(9, 50), lead_minutes=30, minutes_before_close=60)
    assert plan.prepare_at == session.opens_at
