from datetime import date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.common.enums import DayOfWeek, MarketHoursState, SecurityType
from simulator.common.time_zone import DAY, HOUR, MINUTE, local_microseconds, naive_datetime, to_utc
from simulator.data.local_market_hours import LocalMarketHours, MarketHoursSegment
from simulator.data.market_hours_database import MarketHoursDatabase
from simulator.data.security_exchange_hours import SecurityExchangeHours
from simulator.errors import SimulatorError

MARKET, PRE, POST = MarketHoursState.MARKET, MarketHoursState.PRE_MARKET, MarketHoursState.POST_MARKET


def segments(*parts):
    return [MarketHoursSegment(state, int(start * HOUR), int(end * HOUR)) for state, start, end in parts]


def make_hours(parts, **exceptions):
    days = {day: LocalMarketHours(day, segments(*parts)) for day in DayOfWeek if day not in {DayOfWeek.SATURDAY, DayOfWeek.SUNDAY}}
    early = {day: int(hour * HOUR) for day, hour in exceptions.get("early", {}).items()}
    late = {day: int(hour * HOUR) for day, hour in exceptions.get("late", {}).items()}
    return SecurityExchangeHours("America/New_York", frozenset(exceptions.get("holidays", ())), days, early, late)


EQUITY = [(PRE, 4, 9.5), (MARKET, 9.5, 16), (POST, 16, 20)]


@pytest.fixture
def equity():
    return make_hours(EQUITY, holidays=[date(2024, 1, 15)], early={date(2024, 7, 3): 13})


@pytest.fixture(scope="module")
def database(sample_data):
    return MarketHoursDatabase(sample_data / "market-hours" / "market-hours-database.json")


def test_a_segment_contains_its_start_but_not_its_end(equity):
    assert equity.is_open(datetime(2024, 1, 9, 9, 30), False)
    assert not equity.is_open(datetime(2024, 1, 9, 16), False)
    assert equity.is_open(datetime(2024, 1, 9, 16), True)
    assert not equity.is_open(datetime(2024, 1, 9, 20), True)


def test_a_span_is_open_when_it_overlaps_a_segment(equity):
    assert equity.is_open(datetime(2024, 1, 9, 9), datetime(2024, 1, 9, 10), False)
    assert not equity.is_open(datetime(2024, 1, 9, 9), datetime(2024, 1, 9, 9, 30), False)
    assert equity.is_open(datetime(2024, 1, 12, 19), datetime(2024, 1, 16, 10), False)
    assert not equity.is_open(datetime(2024, 1, 12, 16), datetime(2024, 1, 16, 9, 30), False)


def test_holidays_weekends_and_early_closes(equity):
    assert not equity.is_date_open(date(2024, 1, 15))
    assert not equity.is_date_open(date(2024, 1, 14))
    assert equity.is_date_open(datetime(2024, 1, 16, 12))
    assert equity.get_next_market_close(datetime(2024, 7, 3, 9), False) == datetime(2024, 7, 3, 13)
    assert equity.get_next_market_close(datetime(2024, 7, 3, 13), False) == datetime(2024, 7, 4, 16)
    assert not equity.is_open(datetime(2024, 7, 3, 17), True)


def test_next_open_and_previous_trading_day_step_over_closed_days(equity):
    assert equity.get_next_market_open(datetime(2024, 1, 12, 9, 30), False) == datetime(2024, 1, 16, 9, 30)
    assert equity.get_next_market_open(datetime(2024, 1, 12, 9), False) == datetime(2024, 1, 12, 9, 30)
    assert equity.get_previous_trading_day(date(2024, 1, 16)) == date(2024, 1, 12)
    assert equity.get_next_trading_day(date(2024, 1, 12)) == date(2024, 1, 16)


def test_extended_hours_are_one_session(equity):
    assert equity.get_next_market_close(datetime(2024, 1, 9, 5), True) == datetime(2024, 1, 9, 20)
    assert equity.get_next_market_open(datetime(2024, 1, 9, 3), True) == datetime(2024, 1, 9, 4)
    assert equity.get_next_market_open(datetime(2024, 1, 9, 5), True) == datetime(2024, 1, 10, 4)


def test_previous_opens(equity):
    assert equity.get_previous_market_open(datetime(2024, 1, 9, 12), False) == datetime(2024, 1, 9, 9, 30)
    assert equity.get_previous_market_open(datetime(2024, 1, 16, 9), False) == datetime(2024, 1, 12, 9, 30)
    assert equity.get_first_daily_market_open(datetime(2024, 1, 9, 23, 59), True) == datetime(2024, 1, 9, 4)


def test_last_daily_close_is_of_the_date_or_the_next_one_with_a_session(equity):
    assert equity.get_last_daily_market_close(datetime(2024, 1, 9), True) == datetime(2024, 1, 9, 20)
    assert equity.get_last_daily_market_close(datetime(2024, 1, 13), False) == datetime(2024, 1, 16, 16)


def test_a_session_with_a_lunch_break_has_two_opens():
    hours = make_hours([(MARKET, 9, 11.5), (MARKET, 13, 15)])
    assert hours.get_next_market_close(datetime(2024, 1, 9, 9), False) == datetime(2024, 1, 9, 11, 30)
    assert hours.get_last_daily_market_close(datetime(2024, 1, 9), False) == datetime(2024, 1, 9, 15)
    assert hours.get_previous_market_open(datetime(2024, 1, 9, 14), False) == datetime(2024, 1, 9, 13)
    assert hours.get_first_daily_market_open(datetime(2024, 1, 9, 14), False) == datetime(2024, 1, 9, 9)


def test_a_late_open_cuts_the_start_and_after_an_early_close_resumes():
    day = date(2024, 1, 9)
    assert make_hours(EQUITY, late={day: 11}).get_next_market_open(datetime(2024, 1, 9, 5), False) == datetime(2024, 1, 9, 11)
    around_the_clock = [(PRE, 0, 9.5), (MARKET, 9.5, 17), (POST, 18, 24)]
    hours = make_hours(around_the_clock, early={day: 13}, late={day: 18})
    assert [(part._start // HOUR, part._end // HOUR) for part in hours.get_market_hours(day).segments] == [(0, 9), (9, 13), (18, 24)]


def test_always_open_hours_never_close():
    hours = SecurityExchangeHours.always_open("UTC")
    assert hours.is_market_always_open
    assert hours.is_open(datetime(2024, 1, 13, 3), False)
    with pytest.raises(SimulatorError, match="No market open found"):
        hours.get_next_market_open(datetime(2024, 1, 13), False)


def test_es_runs_over_midnight_and_its_sunday_is_no_session(database):
    hours = database.get_exchange_hours("cme", "ES", SecurityType.FUTURE)
    assert hours.get_next_market_close(datetime(2024, 1, 8, 19), True) == datetime(2024, 1, 9, 17)
    assert hours.get_next_market_open(datetime(2024, 1, 8, 12), True) == datetime(2024, 1, 8, 18)
    assert hours.get_next_market_open(datetime(2024, 1, 12, 17), True) == datetime(2024, 1, 14, 18)
    assert (hours.is_date_open(date(2024, 1, 14)), hours.is_date_open(date(2024, 1, 14), True)) == (False, True)
    assert hours.regular_market_duration == timedelta(hours=7, minutes=30)
    assert not hours.is_open(datetime(2020, 1, 20, 14), True)


@given(st.datetimes(min_value=datetime(2023, 12, 20), max_value=datetime(2024, 7, 10)), st.booleans(), st.integers(0, 3000))
def test_mask_instant_and_span_agree(moment, extended, minutes):
    hours = make_hours(EQUITY, holidays=[date(2024, 1, 15)], early={date(2024, 7, 3): 13})
    start = to_utc(moment, hours.time_zone)
    end = start + minutes * MINUTE
    mask = hours._open_mask(np.array([start]), np.array([end]), extended)
    assert bool(mask[0]) == hours._is_open_during_utc(start, end, extended)
    if minutes == 0:
        assert bool(mask[0]) == hours._is_open_utc(start, extended)


def test_open_intervals_are_utc_and_joined(equity):
    (interval,) = equity._open_intervals_utc(date(2024, 1, 9), True)
    assert interval == (to_utc(datetime(2024, 1, 9, 4), "America/New_York"), to_utc(datetime(2024, 1, 9, 20), "America/New_York"))
    assert equity._open_intervals_utc(date(2024, 1, 13), True) == ()
    summer = equity._open_intervals_utc(date(2024, 7, 8), False)[0]
    assert summer[1] - summer[0] == int(6.5 * HOUR)
    assert summer[0] % DAY == int(13.5 * HOUR)


def test_a_daily_bar_covers_the_last_session_that_opened(equity):
    zone = equity.time_zone
    friday = (to_utc(datetime(2024, 1, 12, 9, 30), zone), to_utc(datetime(2024, 1, 12, 16), zone))
    assert equity._daily_session_utc(to_utc(datetime(2024, 1, 13), zone)) == friday
    assert equity._daily_session_utc(to_utc(datetime(2024, 1, 16), zone)) == friday
    early = equity._daily_session_utc(to_utc(datetime(2024, 7, 4), zone))
    assert early[1] == to_utc(datetime(2024, 7, 3, 13), zone)


def test_going_back_counts_days_with_trading_only(equity):
    start = local_microseconds(datetime(2024, 1, 17))
    assert [naive_datetime(equity._days_back(start, count)).day for count in (0, 1, 2, 3)] == [17, 16, 12, 11]
