from datetime import date
from math import nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr

from analysis.chain_tools import (
    Arbitrage,
    StrikeReason,
    arbitrage_violations,
    calendar_violations,
    fit_smile,
    forward_from_parity,
    mirror_implied_volatility,
    strike_by_delta,
)
from analysis.greeks_calculator import implied_volatility, option_price
from benchmarks._lean_sample import read_quotes_at

STRIKES = np.arange(80.0, 121.0, 2.5)


def flat_chain(volatility=0.2, years=0.25, rate=0.04, spot=100.0):
    call, put = (option_price(right, spot, STRIKES, years, volatility, rate) for right in (True, False))
    return call, put


def test_mirror_takes_the_out_of_the_money_side_and_falls_back():
    mirrored = mirror_implied_volatility([90, 100, 110, 120], 100.0, [0.3, 0.2, 0.18, nan], [0.25, 0.22, 0.4, 0.5])
    assert mirrored == pytest.approx([0.25, 0.21, 0.18, 0.5])
    assert np.isnan(mirror_implied_volatility([90], 100.0, [nan], [nan])[0])


def test_forward_from_parity_is_exact_on_a_model_and_robust_to_one_bad_quote():
    call, put = flat_chain()
    forward = 100 * np.exp(0.04 * 0.25)
    discount = float(np.exp(-0.04 * 0.25))
    assert forward_from_parity(STRIKES, call, put, discount) == pytest.approx(forward, rel=1e-12)
    call[8] += 1.0
    assert forward_from_parity(STRIKES, call, put, discount) == pytest.approx(forward, rel=1e-12)
    assert forward_from_parity(STRIKES, call * nan, put, discount) is None


@pytest.mark.parametrize("is_call", [True, False])
def test_model_prices_have_no_arbitrage(is_call):
    prices = flat_chain()[0 if is_call else 1]
    assert arbitrage_violations(is_call=is_call, strikes=STRIKES, bid=prices, ask=prices, discount=float(np.exp(-0.01))) == []


@pytest.mark.parametrize("is_call", [True, False])
@pytest.mark.parametrize(
    ("bid", "ask", "kind", "strike"),
    [  # for calls; puts are the mirror image around 100
        ([9.0, 5.2, 2.0], [9.2, 5.1, 2.2], Arbitrage.CROSSED, 100.0),
        ([3.0, 3.5, 2.0], [3.1, 3.6, 2.1], Arbitrage.VERTICAL, 100.0),  # buy 95 at 3.1, sell 100 at 3.5
        ([11.0, 5.0, 2.0], [11.1, 5.1, 2.1], Arbitrage.SLOPE, 100.0),  # the 95/100 spread sells for 5.9, can cost 5
        ([6.0, 5.0, 2.0], [6.1, 5.1, 2.1], Arbitrage.BUTTERFLY, 100.0),  # wings cost 4.1, the body brings 5
    ],
)
def test_each_arbitrage_is_named_at_its_strike(is_call, bid, ask, kind, strike):
    strikes = [95.0, 100.0, 105.0]
    if not is_call:
        bid, ask = bid[::-1], ask[::-1]
    found = arbitrage_violations(is_call=is_call, strikes=strikes, bid=bid, ask=ask, discount=1.0)
    assert (kind, strike) in {(violation.kind, violation.strike) for violation in found}
    assert all(violation.amount > 0 for violation in found)


def test_unquoted_strikes_do_not_hide_or_make_an_arbitrage():
    call, _ = flat_chain()
    call[3] = nan
    assert arbitrage_violations(is_call=True, strikes=STRIKES, bid=call, ask=call, discount=0.99) == []


def test_calendar_violation():
    near = fit_smile(100.0, STRIKES, np.full(STRIKES.size, 0.30), 0.1)
    far = fit_smile(100.0, STRIKES, np.full(STRIKES.size, 0.20), 0.2)
    assert calendar_violations(far, near, STRIKES) == [] or near.volatility(100.0) > 0.29
    found = calendar_violations(near, far, [95.0, 100.0])
    assert [violation.kind for violation in found] == [Arbitrage.CALENDAR] * 2
    assert found[1].amount == pytest.approx(0.09 * 0.1 - 0.04 * 0.2, rel=1e-3)
    assert calendar_violations(near, fit_smile(101.0, STRIKES, np.full(STRIKES.size, 0.25), 0.2), [95.0, 100.0]) == []


def svi(k):
    return np.sqrt((0.01 + 0.12 * (-0.5 * (k + 0.02) + np.sqrt((k + 0.02) ** 2 + 0.06**2))) / 0.25)


def test_fit_reproduces_an_svi_smile():
    volatilities = svi(np.log(STRIKES / 101.0))
    smile = fit_smile(101.0, STRIKES, volatilities, 0.25)
    assert smile.volatility(STRIKES) == pytest.approx(volatilities, abs=2e-4)
    assert smile.error < 1e-4
    assert fit_smile(101.0, STRIKES[:4], volatilities[:4], 0.25) is None


def test_strike_at_delta_inverts_delta_inside_the_range_only():
    smile = fit_smile(101.0, STRIKES, svi(np.log(STRIKES / 101.0)), 0.25)
    for is_call, delta in ((False, 0.15), (False, 0.25), (True, 0.16), (True, 0.60)):
        strike = smile.strike_at_delta(is_call, delta)
        assert abs(smile.delta(is_call, strike).item()) == pytest.approx(delta, abs=1e-4)
    assert smile.strike_at_delta(False, 0.0001) is None


@pytest.mark.parametrize(
    ("target", "low", "high", "reason", "strike", "delta"),
    [
        (0.16, 0.10, 0.20, StrikeReason.FOUND, 90, 0.15),
        (0.05, 0.04, 0.08, StrikeReason.FOUND, 80, 0.05),
        (0.10, 0.08, 0.12, StrikeReason.OUTSIDE_BAND, 80, 0.05),  # 5 and 15 are equally near: the farther out is named
        (0.90, 0.80, 1.00, StrikeReason.OUTSIDE_BAND, 100, 0.45),
    ],
)
def test_strike_by_delta(target, low, high, reason, strike, delta):
    choice = strike_by_delta([75, 80, 90, 95, 100], [nan, -0.05, -0.15, nan, -0.45], target, low, high)
    assert (choice.reason, choice.strike, choice.delta) == (reason, strike, delta)
    assert choice.is_found is (reason is StrikeReason.FOUND)


def test_no_deltas_is_a_reason():
    assert strike_by_delta([1, 2], [nan, nan], 0.1, 0.0, 1.0).reason is StrikeReason.NO_DELTAS


@given(
    st.lists(st.floats(0.001, 0.999), min_size=1, max_size=30, unique=True),
    st.floats(0.01, 0.99),
    st.floats(0.0, 0.2),
)
def test_the_choice_is_never_farther_than_any_listed_strike(deltas, target, width):
    choice = strike_by_delta(range(len(deltas)), deltas, target, target - width, target + width)
    assert abs(choice.delta - target) <= min(abs(d - target) for d in deltas) + 1e-9
    assert choice.is_found == (target - width <= choice.delta <= target + width)


def test_smiles_of_real_quotes_give_the_strike_of_a_delta(sample_data):
    """GOOG, 2015-12-24 10:00, every expiry of a week and more: the smile's 16-delta strike lies within one listed strike of the quoted one."""
    quotes = read_quotes_at(sample_data / "option/usa/minute/goog/20151224_quote_american.zip", 10 * 3_600_000)
    today, rate, checked = date(2015, 12, 24), 0.005, 0
    for expiry in sorted({quote[0] for quote in quotes if (quote[0] - today).days >= 7}):
        years = ((expiry - today).days + 0.25) / 365
        mids = {right: {q[1]: (q[3] + q[4]) / 2 for q in quotes if q[0] == expiry and q[2] is right} for right in (True, False)}
        strikes = np.array(sorted(set(mids[True]) | set(mids[False])))
        call, put = (np.array([mids[right].get(strike, nan) for strike in strikes]) for right in (True, False))
        forward = forward_from_parity(strikes, call, put, float(np.exp(-rate * years)))
        iv = [
            implied_volatility(right, price, forward, strikes, years, rate, on_future=True) for right, price in ((True, call), (False, put))
        ]
        volatilities = mirror_implied_volatility(strikes, forward, iv[0].volatility, iv[1].volatility)
        smile = fit_smile(forward, strikes, volatilities, years)
        for is_call in (True, False):
            exact = np.abs(smile.delta(is_call, strikes))  # only to know which strikes are far out
            quoted = volatilities * np.sqrt(years)
            d1 = np.log(forward / strikes) / quoted + quoted / 2
            deltas = ndtr(d1) if is_call else -ndtr(-d1)
            wanted = smile.strike_at_delta(is_call, 0.16)
            if wanted is None or exact.min() > 0.10:
                continue
            listed = strike_by_delta(strikes, deltas, 0.16, 0.0, 1.0).strike
            gap = np.diff(strikes)[max(0, np.searchsorted(strikes, listed) - 1) :][:2].max()
            assert abs(wanted - listed) <= 1.5 * gap, (expiry, is_call, wanted, listed)
            checked += 1
    assert checked >= 15
