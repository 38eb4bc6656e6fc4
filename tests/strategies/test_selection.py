import math
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm
from strategy_fakes import FakeMarket, at, contract, flat_bars, listed, smile

from domain.contract import Right
from domain.proposal import Skip
from domain.quote import ChainRow, OptionChain, Quote
from domain.state import SkipCode
from strategies import selection

TODAY = date(2024, 3, 6)
NOW = at(TODAY, "10:00")
EXPIRY = date(2024, 7, 5)


def spy(**changes):
    chain = listed("SPY", [EXPIRY], 350, 650, 1, spot=500.0, skew=0.4)
    return FakeMarket(**{"now": NOW, "spots": {"SPY": 500.0}, "chains": {"SPY": chain}, "skew": 0.4, **changes})


@given(st.lists(st.integers(-5, 500), min_size=1, max_size=30), st.integers(1, 400), st.integers(0, 60))
def test_the_nearest_expiry_is_in_the_band_and_none_is_nearer(dtes, target, half):
    expiries = [TODAY + timedelta(days=dte) for dte in dtes]
    low, high = target - half, target + half
    chosen = selection.nearest_expiry(expiries, TODAY, target, low, high)
    fitting = [dte for dte in dtes if low <= dte <= high]
    if isinstance(chosen, Skip):
        assert not fitting
        assert chosen.code is SkipCode.NO_EXPIRY
        assert chosen.numbers["nearest_dte_days"] in dtes
    else:
        assert abs((chosen - TODAY).days - target) == min(abs(dte - target) for dte in fitting)


SPY = spy()
QUOTED = {
    right: selection.live([c for row in SPY.chains["SPY"].rows if (c := row.contract).right is right and c.strike % 5 == 0], SPY, NOW)
    for right in Right
}


@given(st.floats(0.05, 0.45), st.floats(0.001, 0.05), st.sampled_from(list(Right)))
def test_a_strike_by_delta_is_in_the_band_and_none_is_nearer(target, half, right):
    quoted = QUOTED[right]
    chosen = selection.by_delta(quoted, target, target - half, target + half)
    distances = [abs(abs(one.delta) - target) for one in quoted if one.delta is not None]
    if isinstance(chosen, Skip):
        assert chosen.code is SkipCode.NO_STRIKE_IN_BAND
        assert min(distances) > half
        assert abs(chosen.numbers["nearest_delta"] - target) == pytest.approx(min(distances))
    else:
        assert target - half <= abs(chosen.delta) <= target + half
        assert abs(abs(chosen.delta) - target) == min(distances)


@pytest.mark.parametrize("right", list(Right))
def test_live_deltas_are_signed_and_fall_away_from_the_money(right):
    market = spy()
    contracts = sorted((row.contract for row in market.chains["SPY"].rows if row.contract.right is right), key=lambda c: c.strike)
    deltas = [one.delta for one in selection.live(contracts[100:200:5], market, NOW)]
    assert None not in deltas
    assert all((delta > 0) == (right is Right.CALL) for delta in deltas)
    assert deltas == sorted(deltas, reverse=True)


def test_live_volatility_is_the_one_behind_the_price():
    market = spy(half_spread=0.001)
    one = selection.live([contract("SPY", Right.PUT, 450.0, EXPIRY)], market, NOW)[0]
    assert one.volatility == pytest.approx(smile(0.9, 0.2, 0.4), abs=1e-3)


@pytest.mark.parametrize(
    ("quote", "why"),
    [
        (None, "never quoted"),
        (Quote(None, 1.0, NOW), "nobody bids"),
        (Quote(1.0, None, NOW), "nobody asks"),
        (Quote(1.2, 1.0, NOW), "crossed"),
        (Quote(1.0, 1.2, NOW - timedelta(days=1)), "yesterday's"),
    ],
)
def test_without_a_two_sided_quote_there_is_no_delta(quote, why):
    put = contract("SPY", Right.PUT, 450.0, EXPIRY)
    market = spy(quotes={put.key: quote})
    assert selection.live_delta(put, market, NOW) is None, why
    assert selection.by_delta(selection.live([put], market, NOW), 0.2, 0.1, 0.3).code is SkipCode.NO_QUOTE


def test_a_price_below_intrinsic_has_a_quote_but_no_delta():
    put = contract("SPY", Right.PUT, 600.0, EXPIRY)
    market = spy(quotes={put.key: Quote(60.0, 61.0, NOW)})
    one = selection.live([put], market, NOW)[0]
    assert (one.delta, one.volatility) == (None, None)
    assert selection.by_delta([one], 0.9, 0.1, 1.0).code is SkipCode.NO_QUOTE


def test_options_on_futures_are_black_76():
    put = contract("ES", Right.PUT, 4500.0, EXPIRY, multiplier=50.0)
    share = contract("SPY", Right.PUT, 4500.0, EXPIRY)
    market = FakeMarket(now=NOW, spots={"ES": 5000.0, "SPY": 5000.0}, rate=0.08, half_spread=0.01)
    years = put.years_left(NOW)
    d1 = (math.log(5000.0 / 4500.0) + 0.5 * 0.2**2 * years) / (0.2 * math.sqrt(years))
    assert selection.live_delta(put, market, NOW) == pytest.approx(-math.exp(-0.08 * years) * norm.cdf(-d1), abs=1e-4)
    assert abs(selection.live_delta(share, market, NOW)) < abs(selection.live_delta(put, market, NOW)) - 0.02, (
        "a share drifts with the rate"
    )


def near(market, low, high, count=6):
    rows = selection.of_right(market.chains["SPY"].rows, Right.PUT)
    return selection.band_candidates(rows, market, NOW, low=low, high=high, count=count, fallback_volatility=0.25)


@settings(max_examples=30)
@given(st.floats(0.03, 0.3), st.floats(0.01, 0.1))
def test_candidates_are_few_and_hold_a_strike_of_the_band(low, width):
    chosen = near(SPY, low, low + width)
    assert 0 < len(chosen) <= 6
    assert any(low <= abs(one.delta) <= low + width for one in selection.live(chosen, SPY, NOW))


@pytest.mark.parametrize("skew", [0.0, 0.3, 0.6])
def test_candidates_from_a_guessed_volatility_still_hold_a_strike_of_the_band(skew):
    market = spy(chains={"SPY": listed("SPY", [EXPIRY], 300, 650, 1)}, skew=skew)
    for low, high in ((0.04, 0.08), (0.10, 0.16), (0.22, 0.28)):
        chosen = near(market, low, high)
        assert len(chosen) <= 12
        assert any(low <= abs(selection.live_delta(one, market, NOW)) <= high for one in chosen), (low, high)


def test_a_closing_price_stands_in_for_a_missing_volatility():
    # yesterday's closes hide a volatility of 40 %; the fallback of 25 % would put the 20-delta strike elsewhere
    put = contract("SPY", Right.PUT, 420.0, EXPIRY)
    yesterday = FakeMarket(now=at("2024-03-05", "16:00"), spots={"SPY": 500.0}, volatility=0.4)
    row = ChainRow(put, close=yesterday.model_price(put))
    market = FakeMarket(now=NOW, spots={"SPY": 500.0}, bars={"SPY": flat_bars(TODAY, 20, 500.0, 5.0)}, volatility=0.4, half_spread=0.001)
    estimates = selection.estimated_deltas([row], market, NOW, 0.25)
    assert estimates.deltas[put.key] == pytest.approx(abs(selection.live_delta(put, market, NOW)), abs=0.002)
    assert not estimates.guessed


def test_a_stated_delta_stands_in_when_there_is_no_volatility_at_all():
    row = ChainRow(contract("SPY", Right.PUT, 420.0, EXPIRY), delta=-0.17)
    estimates = selection.estimated_deltas([row], spy(), NOW, 0.25)
    assert estimates.deltas == {row.contract.key: 0.17}


def test_zero_figures_of_a_universe_file_count_as_missing():
    row = ChainRow(contract("SPY", Right.PUT, 420.0, EXPIRY), implied_volatility=0.0, delta=0.0)
    assert selection.estimated_deltas([row], spy(), NOW, 0.25).guessed == {row.contract.key}


def test_without_a_price_of_the_underlying_nothing_is_estimated():
    assert selection.estimated_deltas(spy().chains["SPY"].rows, spy(spots={}), NOW, 0.25).deltas == {}
    assert near(spy(spots={}), 0.1, 0.2) == []


def test_a_series_is_of_one_root_and_the_morning_settled_one_is_left_out():
    friday = date(2024, 3, 15)
    morning = [ChainRow(contract("SPX", Right.PUT, 5000.0 + n, friday, root="SPX")) for n in range(5)]
    weekly = [ChainRow(contract("SPX", Right.PUT, 5000.0 + n, friday)) for n in range(3)]
    chain = OptionChain.of("SPX", (*morning, *weekly))
    assert {row.contract.root for row in selection.series(chain, friday)} == {"SPXW"}
    assert selection.series(OptionChain.of("SPX", tuple(morning)), friday, ends_from=at(friday, "16:01")) == []
    assert selection.series(chain, date(2024, 3, 16)) == []


def test_one_wrong_close_does_not_move_the_estimate():
    rows = [row for row in SPY.chains["SPY"].rows if row.contract.right is Right.PUT and 420 <= row.contract.strike <= 440]
    wrong = [ChainRow(row.contract, implied_volatility=1.5) if row.contract.strike == 430.0 else row for row in rows]
    right, off = (selection.estimated_deltas(one, SPY, NOW, 0.25).deltas for one in (rows, wrong))
    assert off == pytest.approx(right, abs=0.004)


def test_at_the_money_volatility_of_the_ninety_day_expiry():
    chain = listed("SPY", ["2024-06-07", EXPIRY], 450, 550, 5, spot=500.0, volatility=0.17)
    assert selection.atm_volatility(chain, spy(), NOW) == pytest.approx(0.17)
    assert selection.atm_volatility(listed("SPY", ["2024-03-15"], 450, 550, 5), spy(), NOW) is None
    assert selection.atm_volatility(listed("SPY", ["2024-06-07"], 450, 550, 5), spy(), NOW) is None, "no figures, no volatility"
