from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from analysis.settlement_time import UnknownSettlementError, settlement_moment, years_to_settlement

at = datetime.fromisoformat


@pytest.mark.parametrize(
    ("root", "expiry", "on_future", "close", "expected"),
    [
        ("SPY", date(2024, 1, 19), False, None, time(16, 0)),
        ("SPY", date(2024, 11, 29), False, time(13, 0), time(13, 0)),  # the day after Thanksgiving
        ("SPXW", date(2024, 1, 19), False, None, time(16, 0)),  # PM, even on the third Friday
        ("SPX", date(2024, 1, 19), False, None, time(9, 30)),  # AM
        ("SPX", date(2024, 11, 15), False, time(13, 0), time(9, 30)),  # an early close does not move the opening print
        ("VIX", date(2024, 1, 17), False, None, time(9, 30)),
        ("ES", date(2024, 3, 15), True, None, time(9, 30)),  # quarterly
        ("ES", date(2024, 4, 19), True, None, time(16, 0)),  # serial
        ("ES", date(2024, 3, 8), True, None, time(16, 0)),  # weekly
        ("CL", date(2024, 1, 17), True, None, time(14, 30)),
        ("GC", date(2024, 1, 25), True, None, time(13, 30)),
        ("ZB", date(2024, 1, 26), True, None, time(15, 0)),
        ("ZC", date(2024, 1, 26), True, None, time(14, 20)),
    ],
)
def test_settlement_moment(root, expiry, on_future, close, expected):
    assert settlement_moment(root, expiry, on_future=on_future, session_close=close) == datetime.combine(expiry, expected)


def test_an_undeclared_future_is_refused_with_the_list():
    with pytest.raises(UnknownSettlementError, match=r"options on KC; known: .*ES.*ZW"):
        settlement_moment("KC", date(2024, 1, 12), on_future=True)


def test_years_are_exact_to_the_minute():
    moment = settlement_moment("SPXW", date(2024, 1, 12))
    assert years_to_settlement(at("2024-01-12 15:59"), moment) == pytest.approx(1 / 525_600, rel=1e-12)
    assert years_to_settlement(at("2024-01-12 16:00"), moment) == 0.0
    assert years_to_settlement(at("2024-01-12 16:01"), moment) < 0.0


def test_the_hour_lost_in_spring_is_not_lived_through():
    days = years_to_settlement(at("2024-03-08 16:00"), at("2024-03-11 16:00")) * 365
    assert days == pytest.approx(3 - 1 / 24, rel=1e-12)


def test_aware_times_of_other_zones_are_understood():
    chicago = datetime(2024, 1, 12, 14, 59, tzinfo=ZoneInfo("America/Chicago"))
    assert years_to_settlement(chicago, at("2024-01-12 16:00")) == pytest.approx(1 / 525_600)
