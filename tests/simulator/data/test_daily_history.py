"""Daily bars kept between requests of history: they give what reading them anew gives, a missing day repeated."""

from datetime import date, datetime, timedelta

import numpy as np
import pytest
from small_folder import write_databases, write_zip

from simulator.algorithm.settings import AlgorithmSettings
from simulator.common.enums import Resolution, SecurityType, TickType
from simulator.common.symbol import Symbol
from simulator.common.time_zone import DAY, midnight_utc, to_utc
from simulator.data.data_folder import DataFolder
from simulator.engine.fill_forward import FillForwardGrid
from simulator.engine.subscription_data_config import SubscriptionDataConfig
from simulator.engine.subscription_factory import SubscriptionFactory

NEW_YORK = "America/New_York"
MISSING = date(2024, 1, 10)
DAYS = [date(2024, 1, 2) + timedelta(days=count) for count in range(20)]
TRADED = [day for day in DAYS if day.weekday() < 5 and day != MISSING]


@pytest.fixture
def history(tmp_path):
    root = write_databases(tmp_path / "data")
    lines = "\n".join(f"{day:%Y%m%d} 00:00,{day.day}0000,{day.day}0000,{day.day}0000,{day.day}0000,100" for day in TRADED)
    write_zip(root, "equity/usa/daily/xyz.zip", xyz=lines)
    folder = DataFolder(root, None)
    factory = SubscriptionFactory(folder, AlgorithmSettings())
    config = SubscriptionDataConfig(
        Symbol.create("XYZ", SecurityType.EQUITY, "usa"), TickType.TRADE, Resolution.DAILY, (NEW_YORK, NEW_YORK)
    )

    def past(first, last, fill_step=DAY):
        span = midnight_utc(first, NEW_YORK), midnight_utc(last + timedelta(days=1), NEW_YORK)
        return [(point.end_time, point.close) for point in factory.past(config, *span, fill_step)]

    return past


def closes(*days):
    return [(datetime(day.year, day.month, day.day, 16), float(value.day)) for day, value in days]


def test_a_request_around_no_gap_has_the_bars_alone(history):
    assert history(date(2024, 1, 11), date(2024, 1, 16)) == closes(
        *((day, day) for day in TRADED if date(2024, 1, 11) <= day <= date(2024, 1, 16))
    )


def test_a_missing_day_repeats_the_one_before_if_asked_to(history):
    span = date(2024, 1, 9), date(2024, 1, 11)
    filled = closes((span[0], span[0]), (MISSING, span[0]), (span[1], span[1]))
    assert history(*span) == filled
    assert history(*span, fill_step=0) == [filled[0], filled[2]]


def test_a_gap_before_the_first_bar_is_not_filled(history):
    assert history(MISSING, date(2024, 1, 11)) == closes((date(2024, 1, 11), date(2024, 1, 11)))


def test_an_earlier_request_than_what_is_kept_reads_again(history):
    late = history(date(2024, 1, 16), date(2024, 1, 17))
    assert history(date(2024, 1, 2), date(2024, 1, 3)) == closes(*((day, day) for day in TRADED[:2]))
    assert history(date(2024, 1, 16), date(2024, 1, 17)) == late


@pytest.mark.parametrize("security", [SecurityType.EQUITY, SecurityType.INDEX])
@pytest.mark.parametrize("precise", [True, False])
def test_ends_of_days_are_those_of_the_grid(tmp_path, security, precise):
    hours = DataFolder(write_databases(tmp_path / "data"), None).market_hours.hours_of(Symbol.create("XYZ", security, "usa"))
    grid = FillForwardGrid(hours, False, DAY, daily=True, precise=precise)
    span = to_utc(datetime(2024, 3, 1, 12), NEW_YORK), to_utc(datetime(2024, 3, 20, 12), NEW_YORK)
    assert np.array_equal(grid.days_between(*span), grid.between(*span))
    assert grid.days_between(*span).size > 10
