"""Indicators on values worked out by hand; comparisons and windows as LEAN's."""

from decimal import Decimal

import pytest

from simulator.common.system_exceptions import ArgumentException, InvalidOperationException
from simulator.engine.compound_indicators import (
    BollingerBands,
    Identity,
    Momentum,
    MovingAverageConvergenceDivergence,
    RateOfChange,
    RateOfChangePercent,
)
from simulator.engine.indicator import (
    AverageTrueRange,
    ExponentialMovingAverage,
    RelativeStrengthIndex,
    SimpleMovingAverage,
    WilderMovingAverage,
)
from simulator.engine.rolling_window import RollingWindow


def fed(indicator, *values):
    for value in values:
        indicator.update(None, value)
    return indicator


def test_indicators_compare_by_value_but_equal_by_identity():
    low, high = fed(SimpleMovingAverage(2), 1, 2), fed(SimpleMovingAverage(2), 2, 3)
    assert high > low
    assert low <= high
    assert low < 1.6
    assert low == 1.5
    assert low != fed(SimpleMovingAverage(2), 1, 2)
    assert len({low, high}) == 2


@pytest.mark.parametrize(
    ("made", "name", "period"),
    [
        (SimpleMovingAverage("mine", 3), "mine", 3),
        (SimpleMovingAverage(3), "SMA(3)", 3),
        (ExponentialMovingAverage("mine", 3), "mine", 3),
        (AverageTrueRange("mine", 3), "mine", 3),
        (RelativeStrengthIndex(3), "RSI(3)", 4),
        (Momentum(3), "MOM(3)", 4),
        (MovingAverageConvergenceDivergence(2, 3, 2), "MACD(2,3,2)", 4),
    ],
)
def test_a_name_may_come_first(made, name, period):
    assert (made.name, made.warm_up_period) == (name, period)


def test_an_exponential_average_is_0_until_it_starts_with_the_simple_one():
    average = ExponentialMovingAverage(3)
    assert [fed(average, value).current.value for value in (1, 2, 6, 7)] == [0, 0, 3, 5]


def test_wilders_average_is_simple_until_one_value_before_it_is_ready():
    average = WilderMovingAverage(2)
    assert [fed(average, value).current.value for value in (1, 2, 6)] == [1, 1.5, 3.75]


def test_changes_look_back_to_the_first_value_until_there_are_enough():
    assert fed(Momentum(2), 10, 12).current.value == 2
    assert fed(Momentum(2), 10, 12, 15, 11).current.value == -1
    assert fed(RateOfChange(2), 10, 12, 15).current.value == 0.5
    assert fed(RateOfChangePercent(1), 10, 12).current.value == 20
    assert fed(RateOfChange(1), 0, 12).current.value == 0


def test_macd_signal_starts_when_both_averages_are_ready():
    macd = fed(MovingAverageConvergenceDivergence(1, 2, 2, 0), 10, 14, 20)
    # fast 14, 20; slow 12, 17; difference 2, 3; signal 2.5
    assert (macd.current.value, macd.signal.current.value, macd.histogram.current.value) == (3, 2.5, 0.5)
    with pytest.raises(ArgumentException):
        MovingAverageConvergenceDivergence(3, 3, 2)


def test_bands_lie_two_deviations_around_the_average():
    bands = fed(BollingerBands(2, 2), 10, 14)
    assert (bands.lower_band.current.value, bands.middle_band.current.value, bands.upper_band.current.value) == (8, 12, 16)
    assert bands.percent_b.current.value == 0.75


def test_handlers_hear_of_updates_and_the_window_keeps_two():
    identity, heard = Identity("x"), []
    identity.updated += lambda sender, point: heard.append((sender is identity, point.value))
    fed(identity, 1, 2, 3)
    assert heard == [(True, 1.0), (True, 2.0), (True, 3.0)]
    assert (identity[0].value, identity[1].value, identity.previous.value) == (3, 2, 2)


def test_window_is_newest_first():
    window = RollingWindow(2)
    assert not window.is_ready
    for value in (1, 2, 3):
        window.add(value)
    assert (list(window), window[0], window[-1], window.count, window.samples, window.is_ready) == ([3, 2], 3, 2, 2, 3, True)
    assert window.most_recently_removed == 1


def test_window_grows_when_asked_beyond_its_size():
    window = RollingWindow(1)
    window.add(Decimal(1))
    assert window[3] is None
    assert window.size == 4
    window[2] = Decimal(5)
    assert list(window) == [None, None, 5]
    with pytest.raises(InvalidOperationException):
        _ = window.most_recently_removed
