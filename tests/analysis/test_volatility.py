from math import exp, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.greeks_calculator import option_price
from analysis.volatility import (
    ModelFreeVariance,
    atr,
    close_to_close_volatility,
    correlation,
    ema,
    highest,
    model_free_index,
    model_free_variance,
    parkinson_volatility,
    rolling_correlation,
    simple_average,
    yang_zhang_volatility,
)


def random_bars(count, annual_volatility, seed=4, steps=390):
    """Sessions of one-minute steps without gaps."""
    rng = np.random.default_rng(seed)
    path = 100 * np.exp(np.cumsum(rng.normal(0, annual_volatility / np.sqrt(252 * steps), count * steps)))
    bars = path.reshape(count, steps)
    open_ = np.concatenate([[100.0], bars[:-1, -1]])
    return open_, np.maximum(open_, bars.max(axis=1)), np.minimum(open_, bars.min(axis=1)), bars[:, -1]


def test_atr_by_hand():
    high, low, close = [10, 11, 12, 15], [8, 9, 11, 13], [9, 10, 11.5, 14]
    # true ranges: 2 (11 - 9), 2 (12 - 10), 3.5 (15 - 11.5); seed of two: 2; Wilder: 2 + (3.5 - 2) / 2
    assert atr(high, low, close, period=2) == pytest.approx(2.75)
    assert atr(high, low, close, period=3) == pytest.approx(7.5 / 3)
    assert atr(high, low, close, period=4) is None
    assert atr(high, low, [9, nan, 11.5, 14], period=2) is None


def test_atr_counts_the_gap_over_night():
    assert atr([10, 21], [9, 20], [9.5, 20.5], period=1) == pytest.approx(21 - 9.5)


def test_averages():
    assert ema([1, 2, 3, 4, 5], 3) == pytest.approx(4.0)  # 2, then 3, then 4
    assert ema([1, 2], 3) is None
    assert simple_average([1, 2, 3, 4], 2) == 3.5
    assert simple_average([1], 2) is None
    assert highest([*[5.0] * 10, 9.0, *[6.0] * 15], sessions=16, minimum=16) == 9.0
    assert highest([*[5.0] * 10, 9.0, *[6.0] * 15], sessions=15, minimum=15) == 6.0
    assert highest([1.0] * 19) is None


def test_estimators_find_the_volatility_of_a_random_walk():
    bars = random_bars(2_000, 0.25)
    assert close_to_close_volatility(bars[3], 1_999) == pytest.approx(0.25, rel=0.03)
    assert parkinson_volatility(bars[1], bars[2], 2_000) == pytest.approx(0.25, rel=0.06)  # discrete steps miss some of the range
    assert yang_zhang_volatility(*bars, 1_999) == pytest.approx(0.25, rel=0.06)


def test_only_parkinson_is_blind_to_gaps():
    bars = random_bars(500, 0.10, seed=9)
    gaps = np.exp(np.cumsum(np.random.default_rng(1).normal(0, 0.02, 500)))
    gapped = [column * gaps for column in bars]
    total = np.sqrt(0.10**2 + np.var(np.diff(np.log(gaps))) * 252)
    assert yang_zhang_volatility(*gapped, 499) == pytest.approx(total, rel=0.06)
    assert close_to_close_volatility(gapped[3], 499) == pytest.approx(total, rel=0.06)
    assert parkinson_volatility(gapped[1], gapped[2], 499) < 0.11


def test_too_little_data_is_none():
    assert close_to_close_volatility([1, 2], 2) is None
    assert parkinson_volatility([2, 2], [1, 0], 2) is None
    assert yang_zhang_volatility([1, 1], [1, 1], [1, 1], [1, 1], 2) is None


def test_correlation_needs_common_days():
    rng = np.random.default_rng(2)
    x, noise = rng.normal(0, 0.01, (2, 80))
    a = 100 * np.exp(np.cumsum(np.concatenate([[0], x])))
    b = 50 * np.exp(np.cumsum(np.concatenate([[0], 0.8 * x + 0.6 * noise])))
    assert correlation(a, b, sessions=80) == pytest.approx(np.corrcoef(x, 0.8 * x + 0.6 * noise)[0, 1])
    assert correlation(a, 1 / a) == pytest.approx(-1.0)
    assert correlation(a, np.full(81, 7.0)) is None
    holes = b.copy()
    holes[10:60] = nan  # leaves 29 common returns
    assert correlation(a, holes, sessions=80) is None
    assert correlation(a, holes, sessions=80, minimum=20) is not None
    rolling = rolling_correlation(a, b)
    assert np.isnan(rolling[:40]).all()
    assert rolling[40] == pytest.approx(correlation(a[:41], b[:41]))
    with pytest.raises(ValueError, match=r"lengths \[81, 80\]"):
        correlation(a, b[1:])


@given(st.lists(st.floats(1, 1000), min_size=42, max_size=60), st.integers(0, 1000))
def test_correlation_is_bounded(values, seed):
    other = np.random.default_rng(seed).uniform(1, 2, len(values))
    result = correlation(values, other)
    assert result is None or -1 <= result <= 1


STRIKES = np.arange(2_000.0, 8_001.0, 5.0)


def flat_variance(minutes, volatility=0.2, rate=0.05, strikes=STRIKES, smallest=0.05):
    years = minutes / 525_600
    call, put = (option_price(right, 4_700.0, strikes, years, volatility, rate) for right in (True, False))
    quoted = [np.where(side > smallest, side, 0.0) for side in (call, put)]
    return model_free_variance(strikes, quoted[0], call, quoted[1], put, rate=rate, minutes=minutes)


def test_a_flat_smile_gives_back_its_volatility():
    near, far = flat_variance(23 * 1_440 + 400), flat_variance(37 * 1_440 + 960)
    assert model_free_index(near, far) == pytest.approx(20.0, abs=0.05)
    assert near.forward == pytest.approx(4_700 * exp(0.05 * near.minutes / 525_600), rel=1e-9)


def test_skew_raises_the_index_over_the_money():
    years = 30 / 365
    volatility = 0.2 - 0.5 * np.log(STRIKES / 4_700)
    call, put = (option_price(right, 4_700.0, STRIKES, years, np.maximum(volatility, 0.05), 0.0) for right in (True, False))
    skewed = model_free_variance(STRIKES, call, call, put, put, rate=0.0, minutes=43_200)
    assert 0.2**2 < skewed.variance < 0.24**2


def test_interpolation_of_cboes_published_example():
    """Cboe VIX White Paper (2014): variances of 35,924 and 46,394 minutes give 13.69."""
    near, far = ModelFreeVariance(0.01846292, 35_924, 1962.89996, 149), ModelFreeVariance(0.01882101, 46_394, 1962.40006, 150)
    assert model_free_index(near, far) == pytest.approx(13.685821, abs=1e-6)
    assert model_free_index(near, near) is None


def test_two_strikes_without_a_bid_end_the_sum():
    strikes = [80.0, 85.0, 90.0, 95.0, 100.0, 105.0, 110.0, 115.0]
    put_bid = [0.5, 0.0, 0.0, 1.0, 2.0, 6.0, 11.0, 16.0]  # 80 is cut off by 85 and 90
    call_bid = [21.0, 16.0, 11.0, 6.0, 2.0, 1.0, 0.0, 0.2]  # 110 is skipped, 115 counts
    result = model_free_variance(strikes, call_bid, np.add(call_bid, 0.1), put_bid, np.add(put_bid, 0.1), rate=0.0, minutes=43_200)
    assert result.strikes_used == 4  # 95, 100, 105, 115
    assert result.forward == pytest.approx(100.0)
    years = 43_200 / 525_600
    prices, widths = [1.05, 2.05, 1.05, 0.25], [5.0, 5.0, 7.5, 10.0]
    expected = 2 / years * sum(w * p / k**2 for w, p, k in zip(widths, prices, [95, 100, 105, 115], strict=True))
    assert result.variance == pytest.approx(expected)


def test_no_pair_of_quotes_is_none():
    assert model_free_variance([90, 100], [0, 0], [1, 1], [1, 1], [2, 2], rate=0.0, minutes=1_000) is None
