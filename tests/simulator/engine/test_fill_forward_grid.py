"""Where missing bars are repeated, and how a stream of real bars meets that grid."""

from datetime import date, datetime
from decimal import Decimal

import numpy as np
import pytest

from simulator.common.bars import TradeBar
from simulator.common.enums import Resolution, SecurityType, TickType
from simulator.common.symbol import Symbol
from simulator.common.time_zone import DAY, HOUR, MINUTE, midnight_utc, to_local, to_utc
from simulator.data.bar_array import BarArray
from simulator.data.market_hours_database import MarketHoursDatabase
from simulator.data.security_exchange_hours import SecurityExchangeHours
from simulator.engine.bar_source import BarSource
from simulator.engine.fill_forward import FillForwardGrid
from simulator.engine.subscription import NEVER, Subscription
from simulator.engine.subscription_data_config import SubscriptionDataConfig

NEW_YORK = "America/New_York"
SPY = Symbol.create("SPY", SecurityType.EQUITY, "usa")


@pytest.fixture(scope="module")
def database(sample_data):
    return MarketHoursDatabase(sample_data / "market-hours" / "market-hours-database.json")


@pytest.fixture
def hours(database):
    return database.hours_of(SPY)


def utc(*when):
    return to_utc(datetime(*when), NEW_YORK)


def window(day):
    return midnight_utc(day, "UTC")


def clock(times):
    return [f"{to_local(int(time), NEW_YORK):%H:%M}" for time in times]


def test_minutes_of_a_session_end_at_its_close(hours):
    times = FillForwardGrid(hours, False, MINUTE, daily=False).window(window(date(2021, 1, 4)))
    assert times.size == 390
    assert clock(times[[0, -1]]) == ["09:31", "16:00"]


def test_half_days_are_shorter_and_holidays_empty(hours):
    grid = FillForwardGrid(hours, False, MINUTE, daily=False)
    assert clock(grid.window(window(date(2020, 11, 27)))[[-1]]) == ["13:00"]
    assert grid.window(window(date(2020, 12, 25))).size == 0


def test_hours_are_rounded_down_at_the_open(hours):
    times = FillForwardGrid(hours, False, HOUR, daily=False).window(window(date(2021, 1, 4)))
    assert clock(times) == ["10:00", "11:00", "12:00", "13:00", "14:00", "15:00", "16:00"]


def test_daily_bars_are_repeated_at_the_close(hours):
    assert clock(FillForwardGrid(hours, False, DAY, daily=True).window(window(date(2021, 1, 4)))) == ["16:00"]


def test_daily_bars_by_the_hour_end_with_the_close_of_an_index(database):
    hours = database.hours_of(Symbol.create("SPX", SecurityType.INDEX, "usa"))
    times = FillForwardGrid(hours, False, HOUR, daily=True).window(window(date(2021, 1, 4)))
    assert clock(times)[-2:] == ["16:00", "16:15"]


def test_extended_hours_run_over_midnight_of_utc(hours):
    grid = FillForwardGrid(hours, True, MINUTE, daily=False)
    times = grid.between(utc(2021, 1, 4, 0), utc(2021, 1, 5, 0))
    assert clock(times[[0, -1]]) == ["04:01", "20:00"]
    assert times.size == 960


class Files:
    """One file of minute bars a day, made of (hour, minute, close)."""

    def __init__(self, bars):
        self.bars_of_day = bars

    def bars(self, _symbol, _resolution, _tick, day):
        rows = self.bars_of_day.get(day, [])
        starts = np.array([midnight_utc(day, NEW_YORK) + hour * HOUR + minute * MINUTE for hour, minute, _ in rows], dtype=np.int64)
        closes = np.array([[close] * 4 + [100] for *_, close in rows], dtype=np.int64).reshape(len(rows), 5).T
        return BarArray(TickType.TRADE, NEW_YORK, starts, starts + MINUTE, closes, 2) if rows else None


def stream(hours, bars, start, end, *, fill=True, last=NEVER):
    config = SubscriptionDataConfig(SPY, TickType.TRADE, Resolution.MINUTE, (NEW_YORK, NEW_YORK))
    grid = FillForwardGrid(hours, False, MINUTE, daily=False) if fill else None
    return Subscription(config, None, BarSource(config, hours, Files(bars), start, end, fills=fill), grid, end, (), last)


DAYS = {
    date(2021, 1, 4): [(9, 29, 100), (9, 35, 101), (9, 36, 102), (15, 59, 103), (16, 0, 999)],
    date(2021, 1, 6): [(9, 30, 104)],
}


def test_repeating_starts_with_the_first_real_bar_and_goes_on_over_days_without_data(hours):
    spy = stream(hours, DAYS, utc(2021, 1, 4, 9, 36), utc(2021, 1, 6, 12))
    assert clock(spy.window(window(date(2021, 1, 4)))[[0, -1]]) == ["09:36", "16:00"]
    assert spy.window(window(date(2021, 1, 5))).size == 390


def test_a_bar_before_the_session_is_repeated_in_it_though_it_is_not_delivered_itself(hours):
    spy = stream(hours, DAYS, utc(2021, 1, 4), utc(2021, 1, 6, 12))
    assert clock(spy.window(window(date(2021, 1, 4)))[[0, -1]]) == ["09:31", "16:00"]
    assert spy.advance(utc(2021, 1, 4, 9, 31)) is None
    point = spy.point_at(utc(2021, 1, 4, 9, 31))
    assert (point._value, point.is_fill_forward) == (Decimal("1.00"), True)


def test_a_bar_after_the_close_is_what_the_next_session_repeats(hours):
    spy = stream(hours, DAYS, utc(2021, 1, 4), utc(2021, 1, 6, 12))
    assert spy.advance(utc(2021, 1, 5, 10))._value == Decimal("1.03")
    assert spy.point_at(utc(2021, 1, 5, 10))._value == Decimal("9.99")


def test_bars_outside_the_session_are_dropped(hours):
    spy = stream(hours, DAYS, utc(2021, 1, 4), utc(2021, 1, 4, 23), fill=False)
    assert clock(spy.window(window(date(2021, 1, 4)))) == ["09:36", "09:37", "16:00"]


def test_only_bars_that_end_after_the_start_count(hours):
    spy = stream(hours, DAYS, utc(2021, 1, 4, 9, 36) + 1, utc(2021, 1, 4, 23), fill=False)
    assert clock(spy.window(window(date(2021, 1, 4)))) == ["09:37", "16:00"]


def test_real_and_repeated_points(hours):
    spy = stream(hours, DAYS, utc(2021, 1, 4), utc(2021, 1, 6, 12))
    assert spy.advance(utc(2021, 1, 4, 9, 37)).close == 1.02
    real, repeated = spy.point_at(utc(2021, 1, 4, 9, 37)), spy.point_at(utc(2021, 1, 4, 9, 40))
    assert (real.is_fill_forward, repeated.is_fill_forward) == (False, True)
    assert (repeated.close, repeated.time, repeated.end_time) == (1.02, datetime(2021, 1, 4, 9, 39), datetime(2021, 1, 4, 9, 40))
    assert spy.point_at(utc(2021, 1, 4, 9, 40) + 1) is None


def test_advancing_skips_to_the_last_bar_and_reports_it_once(hours):
    spy = stream(hours, DAYS, utc(2021, 1, 4), utc(2021, 1, 6, 12))
    assert spy.advance(utc(2021, 1, 5, 12)).close == 1.03
    assert spy.advance(utc(2021, 1, 5, 13)) is None
    assert spy.advance(utc(2021, 1, 6, 9, 31)).close == 1.04


def test_nothing_is_repeated_after_a_delisting(hours):
    spy = stream(hours, DAYS, utc(2021, 1, 4), utc(2021, 1, 6, 12), last=utc(2021, 1, 5))
    spy.window(window(date(2021, 1, 4)))
    assert spy.window(window(date(2021, 1, 5))).size == 0


def test_the_whole_reader_yields_every_bar_once(hours):
    points = list(stream(hours, DAYS, utc(2021, 1, 4, 9, 36), utc(2021, 1, 4, 9, 40)).points())
    assert [(f"{point.end_time:%H:%M}", point._value, point.is_fill_forward) for point in points] == [
        ("09:36", Decimal("1.01"), False),
        ("09:37", Decimal("1.02"), False),
        *[(f"09:{minute}", Decimal("1.02"), True) for minute in range(38, 42)],
    ]
    assert all(isinstance(point, TradeBar) for point in points)


def test_open_interest_stops_the_clock_before_the_open_and_is_repeated_in_the_session(hours):
    class Interest:
        def bars(self, _symbol, _resolution, tick, day):
            told = np.array([midnight_utc(day, NEW_YORK) + 7 * HOUR], dtype=np.int64)
            return BarArray(tick, NEW_YORK, told, told, np.array([[15]], dtype=np.int64), 0)

    config = SubscriptionDataConfig(SPY, TickType.OPEN_INTEREST, Resolution.MINUTE, (NEW_YORK, NEW_YORK))
    always = SecurityExchangeHours.always_open(NEW_YORK)
    source = BarSource(config, always, Interest(), utc(2021, 1, 4, 0), utc(2021, 1, 4, 23))
    grid = FillForwardGrid(hours, False, MINUTE, daily=False)
    times = Subscription(config, None, source, grid, utc(2021, 1, 4, 23)).window(window(date(2021, 1, 4)))
    assert clock(times[:2]) == ["07:00", "09:31"]
