from datetime import date, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.common.time_zone import (
    HOUR,
    array_to_local,
    array_to_utc,
    date_microseconds,
    day_to_utc,
    local_date,
    local_microseconds,
    midnight_utc,
    naive_datetime,
    to_local,
    to_utc,
    utc_datetime,
)

NEW_YORK = "America/New_York"
CHICAGO = "America/Chicago"
instants = st.integers(min_value=0, max_value=4_000_000_000_000_000)


@given(instants, st.sampled_from([NEW_YORK, CHICAGO, "UTC", "Asia/Kolkata", "Europe/Berlin"]))
def test_an_instant_survives_the_way_to_local_and_back_unless_its_hour_repeats(utc, zone):
    back = to_utc(to_local(utc, zone), zone)
    assert back in {utc, utc - HOUR}


def test_a_skipped_local_time_moves_forward_by_the_gap():
    assert to_local(to_utc(datetime(2024, 3, 10, 2, 30), NEW_YORK), NEW_YORK) == datetime(2024, 3, 10, 3, 30)


def test_a_repeated_local_time_is_the_earlier_instant():
    assert utc_datetime(to_utc(datetime(2024, 11, 3, 1, 30), NEW_YORK)).hour == 5


@pytest.mark.parametrize(("day", "hour"), [(date(2024, 3, 8), 5), (date(2024, 3, 11), 4), (date(2024, 11, 4), 5)])
def test_midnight_follows_daylight_saving(day, hour):
    assert utc_datetime(midnight_utc(day, NEW_YORK)).hour == hour


def test_local_date_is_the_exchange_s():
    utc = to_utc(datetime(2024, 1, 10, 0, 30), NEW_YORK)
    assert local_date(utc, NEW_YORK) == date(2024, 1, 10)
    assert local_date(utc, CHICAGO) == date(2024, 1, 9)


@given(st.lists(instants, max_size=20))
def test_arrays_convert_like_single_values(values):
    utc = np.array(values, dtype=np.int64)
    local = array_to_local(utc, CHICAGO)
    assert [naive_datetime(value) for value in local.tolist()] == [to_local(value, CHICAGO) for value in values]
    assert array_to_utc(local, CHICAGO).tolist() == [to_utc(naive_datetime(value), CHICAGO) for value in local.tolist()]


@given(
    st.dates(date(2024, 1, 1), date(2025, 12, 31)) | st.sampled_from([date(2024, 3, 10), date(2024, 11, 3)]),
    st.lists(st.integers(0, 24 * HOUR - 1), min_size=1, max_size=20),
    st.sampled_from([NEW_YORK, CHICAGO, "UTC"]),
)
def test_times_of_a_day_convert_like_any_others(day, times, zone):
    of_day = np.array(times, dtype=np.int64)
    expected = array_to_utc(of_day + date_microseconds(day), zone)
    assert day_to_utc(of_day, day, zone).tolist() == expected.tolist()


def test_local_microseconds_count_from_1970():
    assert local_microseconds(datetime(1970, 1, 2, 0, 0, 1, 5)) == 86_401_000_005
