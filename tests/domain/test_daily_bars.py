"""Completed sessions are kept and extended, never guessed over a gap."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.views import DailyBars

FIRST = date(2024, 1, 1)


def bars(start: int, stop: int) -> DailyBars:
    numbers = tuple(float(n) for n in range(start, stop))
    return DailyBars(tuple(FIRST + timedelta(days=n) for n in range(start, stop)), numbers, numbers, numbers, numbers)


@given(st.integers(1, 30), st.integers(0, 29), st.integers(0, 20))
def test_kept_and_new_sessions_make_one_series(known, start, more):
    start = min(start, known - 1)
    assert bars(0, known).extended(bars(start, known + more)) == bars(0, known + more)


def test_a_gap_or_another_price_of_the_same_day_is_no_continuation():
    assert bars(0, 5).extended(bars(6, 9)) is None
    assert DailyBars((), (), (), (), ()).extended(bars(0, 3)) is None
    changed = DailyBars(bars(0, 5).days, *([tuple(2.0 * n for n in range(5))] * 4))
    assert bars(0, 5).extended(changed) is None


def test_the_last_sessions():
    assert bars(0, 9).last(3) == bars(6, 9)
    assert bars(0, 2).last(3) == bars(0, 2)
