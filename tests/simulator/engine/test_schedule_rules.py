"""Dates and times of scheduled events over holidays, half days and daylight saving, against dates that LEAN's own run gave."""

from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest

from simulator.common.enums import DayOfWeek, SecurityType
from simulator.common.symbol import Symbol
from simulator.common.system_exceptions import ArgumentException, ArgumentOutOfRangeException
from simulator.common.time_zone import to_local, to_utc
from simulator.data.market_hours_database import MarketHoursDatabase
from simulator.engine.date_rules import DateRules
from simulator.engine.time_rules import TimeRules

NEW_YORK = "America/New_York"
START, END = datetime(2020, 11, 20), datetime(2021, 1, 5)


@pytest.fixture
def algorithm(sample_data):
    database = MarketHoursDatabase(sample_data / "market-hours" / "market-hours-database.json")
    return SimpleNamespace(
        time_zone=NEW_YORK,
        _utc=to_utc(datetime(2020, 11, 20, 9), NEW_YORK),
        _engine_exchange_hours=database.hours_of,
        _engine_folder=SimpleNamespace(market_hours=database),
        securities={},
    )


@pytest.fixture
def days(algorithm):
    return DateRules(algorithm)


@pytest.fixture
def times(algorithm):
    return TimeRules(algorithm)


@pytest.fixture
def spy():
    return Symbol.create("SPY", SecurityType.EQUITY, "usa")


def dates(rule, start=START, end=END):
    return [f"{day:%m-%d}" for day in rule.get_dates(start, end)]


def clock(rule, *day):
    return [f"{to_local(utc, NEW_YORK):%H:%M}" for utc in rule.create_utc_event_times([datetime(*day)])]


def test_every_day_of_a_symbol_leaves_out_holidays(days, spy):
    found = dates(days.every_day(spy), datetime(2020, 12, 23), datetime(2021, 1, 4))
    assert found == ["12-23", "12-24", "12-28", "12-29", "12-30", "12-31", "01-04"]


def test_every_week_day_includes_holidays(days):
    assert dates(days.every(DayOfWeek.FRIDAY), datetime(2020, 12, 20), datetime(2021, 1, 3)) == ["12-25", "01-01"]


@pytest.mark.parametrize(
    ("rule", "arguments", "expected"),
    [
        ("month_start", (), ["12-01", "01-04"]),
        ("month_start", (3,), ["12-04"]),
        ("month_end", (), ["11-30", "12-31"]),
        ("month_end", (2,), ["11-25", "12-29"]),
        ("week_start", (), ["11-23", "11-30", "12-07", "12-14", "12-21", "12-28", "01-04"]),
        ("week_start", (2,), ["11-25", "12-02", "12-09", "12-16", "12-23", "12-30"]),
        ("week_end", (), ["11-20", "11-27", "12-04", "12-11", "12-18", "12-24", "12-31"]),
        ("quarter_end", (), ["12-31"]),
        ("year_start", (1,), ["01-05"]),
    ],
)
def test_periodic_rules_move_to_trading_days_within_their_period(days, spy, rule, arguments, expected):
    assert dates(getattr(days, rule)(spy, *arguments)) == expected


def test_periodic_rules_without_symbol_take_calendar_days(days):
    assert dates(days.month_start()) == ["12-01", "01-01"]
    assert dates(days.month_start(2)) == ["12-03", "01-03"]
    assert dates(days.week_end(), datetime(2020, 12, 21), datetime(2021, 1, 3)) == ["12-25", "01-01"]


def test_offsets_out_of_range_are_refused(days, spy):
    with pytest.raises(ArgumentOutOfRangeException):
        days.month_start(spy, 31)
    with pytest.raises(ArgumentOutOfRangeException):
        days.week_start(spy, 5)


def test_single_dates_outside_the_range_do_not_occur(days):
    assert dates(days.on(2020, 12, 25)) == ["12-25"]
    assert dates(days.on(datetime(2020, 12, 25), datetime(2019, 1, 1))) == ["12-25"]


def test_names_are_leans(days, times, spy):
    assert days.every_day(spy).name == "SPY: EveryDay"
    assert days.month_end(spy, 2).name == "SPY: MonthEnd-2"
    assert times.at(12, 0).name == "12"
    assert times.every(timedelta(minutes=45)).name == "Every 45 min"


def test_close_follows_half_days(times, spy):
    rule = times.before_market_close(spy, 15)
    assert clock(rule, 2020, 11, 25) == ["15:45"]
    assert clock(rule, 2020, 11, 27) == ["12:45"]
    assert clock(rule, 2020, 12, 25) == []


def test_open_is_in_the_exchanges_zone(times):
    spx = Symbol.create("SPX", SecurityType.INDEX, "usa")
    es = Symbol.create_future("ES", "cme", datetime(2021, 3, 19))
    assert clock(times.after_market_open(spx, 0), 2021, 1, 4) == ["09:30"]
    assert clock(times.before_market_close(spx, 0), 2021, 1, 4) == ["16:15"]
    assert clock(times.before_market_close(es, 2), 2021, 1, 4) == ["16:58"]
    assert clock(times.before_market_open(spx, 5), 2021, 1, 4) == ["09:25"]


def test_rules_without_symbol_take_the_earliest_open_and_latest_close(times):
    assert clock(times.after_market_open(30), 2020, 11, 27) == ["10:00"]
    assert clock(times.before_market_close(10), 2020, 11, 27) == ["12:50"]


def test_intervals_start_at_midnight(times):
    assert clock(times.every(timedelta(hours=5)), 2021, 1, 5) == ["00:00", "05:00", "10:00", "15:00", "20:00"]
    with pytest.raises(ArgumentException):
        times.every(timedelta(0))


def test_noon_is_twelve_hours_after_midnight_even_when_clocks_change(times):
    assert clock(times.noon, 2021, 3, 14) == ["13:00"]
    assert clock(times.at(12, 0), 2021, 3, 14) == ["12:00"]


def test_time_that_is_skipped_moves_forward(times):
    assert clock(times.at(2, 30), 2021, 3, 14) == ["03:30"]


def test_a_zone_can_be_named(times):
    assert clock(times.at(8, 30, "America/Chicago"), 2021, 1, 4) == ["09:30"]
