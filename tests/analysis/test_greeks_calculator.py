"""Laws every price and Greek obeys, textbook values, and the aggregation of a book."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.greeks_calculator import (
    Exposure,
    IvReason,
    beta_weighted_delta,
    implied_volatility,
    option_greeks,
    option_price,
    portfolio_greeks,
    position_greeks,
)
from domain.greeks import Greeks

underlyings = st.floats(5, 6_000)
moneyness = st.floats(-0.6, 0.6)
terms = st.floats(1 / 525_600, 3)
volatilities = st.floats(0.05, 1.5)
rates = st.floats(-0.01, 0.10)
yields = st.floats(0, 0.08)


@pytest.mark.parametrize(
    ("arguments", "on_future", "name", "value"),
    [  # Hull, Options, Futures, and Other Derivatives: example 15.6, chapter 19 (Greeks of a call), example 17.1, example 18.6
        ((True, 42, 40, 0.5, 0.2, 0.10), False, "price", 4.76),
        ((False, 42, 40, 0.5, 0.2, 0.10), False, "price", 0.81),
        ((True, 49, 50, 0.3846, 0.2, 0.05), False, "delta", 0.522),
        ((True, 49, 50, 0.3846, 0.2, 0.05), False, "gamma", 0.066),
        ((True, 49, 50, 0.3846, 0.2, 0.05), False, "theta_per_day", -4.31 / 365),
        ((True, 49, 50, 0.3846, 0.2, 0.05), False, "vega_per_vol_point", 0.121),
        ((True, 49, 50, 0.3846, 0.2, 0.05), False, "rho_per_point", 0.0891),
        ((True, 930, 900, 2 / 12, 0.2, 0.08, 0.03), False, "price", 51.83),
        ((False, 20, 20, 4 / 12, 0.25, 0.09), True, "price", 1.12),
    ],
)
def test_textbook_values(arguments, on_future, name, value):
    computed = getattr(option_greeks(*arguments, on_future=on_future), name)[0]
    assert computed == pytest.approx(value, abs=6e-3 if name == "price" else 6e-4)


@given(underlyings, moneyness, terms, volatilities, rates, yields, st.booleans())
def test_put_call_parity(spot, k, years, volatility, rate, dividend_yield, on_future):
    strike = spot * math.exp(k)
    call, put = option_price([True, False], spot, strike, years, volatility, rate, dividend_yield, on_future=on_future)
    discount = math.exp(-rate * years)
    forward = spot if on_future else spot * math.exp((rate - dividend_yield) * years)
    assert call - put == pytest.approx(discount * (forward - strike), abs=1e-12 * (spot + strike))


@given(underlyings, moneyness, terms, volatilities, rates, yields, st.booleans())
def test_prices_stay_within_their_bounds(spot, k, years, volatility, rate, dividend_yield, is_call):
    strike = spot * math.exp(k)
    european = option_price(is_call, spot, strike, years, volatility, rate, dividend_yield)[0]
    american = option_price(is_call, spot, strike, years, volatility, rate, dividend_yield, american=True)[0]
    paid, received = spot * math.exp(-dividend_yield * years), strike * math.exp(-rate * years)
    lower, upper = (max(paid - received, 0), paid) if is_call else (max(received - paid, 0), received)
    noise = 1e-12 * (spot + strike)
    assert lower - noise <= european <= upper + noise
    if math.isnan(american):  # two exercise boundaries: both rates negative on the side exercised
        assert rate < 0
        return
    assert american >= max(european, spot - strike if is_call else strike - spot) - noise
    assert american <= (max(spot, paid) if is_call else max(strike, received)) + noise


@given(underlyings, terms, volatilities, rates, yields, st.booleans(), st.booleans())
def test_delta_is_monotone_and_price_convex_in_strike(spot, years, volatility, rate, dividend_yield, is_call, american):
    width = min(3 * volatility * math.sqrt(years), 1.0)
    strikes = spot * np.linspace(1 - 0.9 * width, 1 + width, 41)
    greeks = option_greeks(is_call, spot, strikes, years, volatility, abs(rate), dividend_yield, american=american)
    assert (np.diff(greeks.delta) <= 1e-9 + (5e-4 if american else 0)).all()  # a call's falls from 1 to 0, a put's from 0 to -1
    curvature = np.diff(greeks.price, 2)
    assert (curvature >= -1e-11 * spot - (2e-5 * spot if american else 0)).all()
    assert (greeks.gamma >= 0).all()
    assert (greeks.vega_per_vol_point >= -1e-9).all()


@given(underlyings, st.floats(-0.3, 0.3), st.floats(0.02, 2), st.floats(0.1, 0.8), rates, yields, st.booleans(), st.booleans())
def test_greeks_equal_finite_differences(spot, k, years, volatility, rate, dividend_yield, is_call, on_future):
    strike = spot * math.exp(k)

    def price(s=spot, t=years, v=volatility, r=rate, field="price"):
        return getattr(option_greeks(is_call, s, strike, t, v, r, dividend_yield, on_future=on_future), field)[0]

    def slope(name, at, step, field="price"):
        return (price(**{name: at + step}, field=field) - price(**{name: at - step}, field=field)) / (2 * step)

    greeks = option_greeks(is_call, spot, strike, years, volatility, rate, dividend_yield, on_future=on_future)
    h = 1e-4 * spot
    near = {"rel": 1e-4, "abs": 1e-6}
    assert greeks.delta[0] == pytest.approx(slope("s", spot, h), **near)
    assert greeks.gamma[0] == pytest.approx(slope("s", spot, h, "delta"), rel=1e-4, abs=1e-6 / spot)
    assert greeks.vega_per_vol_point[0] == pytest.approx(slope("v", volatility, 1e-5) / 100, rel=1e-4, abs=1e-6 * spot)
    assert greeks.rho_per_point[0] == pytest.approx(slope("r", rate, 1e-5) / 100, rel=1e-4, abs=1e-6 * spot)
    assert greeks.theta_per_day[0] == pytest.approx(-slope("t", years, 1e-6) / 365, rel=1e-4, abs=1e-6 * spot)
    assert greeks.vanna_per_vol_point[0] == pytest.approx(slope("v", volatility, 1e-5, "delta") / 100, **near)
    assert greeks.charm_per_day[0] == pytest.approx(-slope("t", years, 1e-6, "delta") / 365, **near)


@pytest.mark.parametrize("american", [False, True])
def test_at_expiry_only_the_exercise_value_is_left(american):
    greeks = option_greeks([True, True, False, False], 100.0, [90, 110, 90, 110], 0.0, 0.2, 0.05, american=american)
    assert greeks.price.tolist() == [10, 0, 0, 10]
    assert greeks.delta.tolist() == [1, 0, 0, -1]
    assert not np.concatenate([greeks.gamma, greeks.theta_per_day, greeks.vega_per_vol_point, greeks.rho_per_point]).any()


@pytest.mark.parametrize("american", [False, True])
@pytest.mark.parametrize(
    "arguments",
    [
        (True, math.nan, 100, 1, 0.2, 0.05),
        (True, 100, math.nan, 1, 0.2, 0.05),
        (True, 100, 100, -0.01, 0.2, 0.05),
        (True, 100, 100, 1, math.nan, 0.05),
        (True, 100, 100, 1, 0.2, math.inf),
        (True, -5, 100, 1, 0.2, 0.05),
        (True, 100, 0, 1, 0.2, 0.05),
    ],
)
def test_impossible_input_is_unknown_not_zero(arguments, american):
    greeks = option_greeks(*arguments, american=american)
    assert math.isnan(greeks.price[0])
    assert math.isnan(greeks.delta[0])
    assert greeks.at(0) is None


def test_american_exercise_is_only_worth_something_where_it_can_be():
    years, strikes = 0.5, np.array([80.0, 100.0, 120.0])
    without_yield = (True, 100, strikes, years, 0.25, 0.05)
    assert option_price(*without_yield, american=True) == pytest.approx(option_price(*without_yield))
    puts = (False, 100, strikes, years, 0.25, 0.05)
    assert (option_price(*puts, american=True) > option_price(*puts)).all()
    future = option_price([True, False], 100, 100, years, 0.25, 0.05, on_future=True, american=True)
    assert future[0] == pytest.approx(future[1], rel=1e-9)  # a future's call and put at the money are the same option
    assert (future > option_price(True, 100, 100, years, 0.25, 0.05, on_future=True)).all()


def test_two_negative_rates_with_two_boundaries_are_unknown():
    assert math.isnan(option_price(False, 100, 100, 1, 0.2, -0.01, -0.03, american=True)[0])


def test_shapes_broadcast():
    assert option_price(True, 100, [[90.0], [100.0]], [0.1, 0.2, 0.3], 0.2, 0.0).shape == (2, 3)
    assert option_greeks([], 100, [], 0.1, 0.2, 0.0).price.shape == (0,)
    assert implied_volatility([], [], 100, [], 0.1, 0.2).volatility.shape == (0,)
    assert option_price([], 100, [], 0.1, 0.2, 0.0, american=True).shape == (0,)


@given(underlyings, st.floats(-0.4, 0.4), st.floats(0.01, 2), st.floats(0.08, 1.2), rates, yields, st.booleans(), st.booleans())
def test_implied_volatility_inverts_the_price(spot, k, years, volatility, rate, dividend_yield, is_call, american):
    strike, rate = spot * math.exp(k), abs(rate)
    greeks = option_greeks(is_call, spot, strike, years, volatility, rate, dividend_yield, american=american)
    solved = implied_volatility(is_call, greeks.price, spot, strike, years, rate, dividend_yield, american=american)
    if solved.ok[0]:
        tolerance = 1e-7 if american else 1e-8
        # the price carries the volatility only as far as its own float noise
        carried = 1e-14 * (spot + strike) / max(greeks.vega_per_vol_point[0] * 100, 1e-300)
        assert solved.volatility[0] == pytest.approx(volatility, abs=tolerance + (1e3 if american else 1) * carried)
    else:
        assert solved.reason[0] in {IvReason.NO_VEGA, IvReason.BAD_INPUT} or (american and solved.reason[0] == IvReason.BELOW_INTRINSIC)
        assert greeks.vega_per_vol_point[0] < 1e-5 * spot


D = math.exp(-0.05)
REASONS = [
    (True, 10.0, 100, 100, 1, IvReason.OK),
    (True, math.nan, 100, 100, 1, IvReason.BAD_INPUT),
    (True, 0.0, 100, 120, 1, IvReason.BAD_INPUT),
    (True, -1.0, 100, 120, 1, IvReason.BAD_INPUT),
    (True, 10.0, 0, 100, 1, IvReason.BAD_INPUT),
    (True, 10.0, 100, -100, 1, IvReason.BAD_INPUT),
    (True, 10.0, 100, 100, 0, IvReason.EXPIRED),
    (True, 10.0, 100, 100, -1, IvReason.EXPIRED),
    (True, 100 - 80 * D - 0.01, 100, 80, 1, IvReason.BELOW_INTRINSIC),
    (False, 120 * D - 100 - 0.01, 100, 120, 1, IvReason.BELOW_INTRINSIC),
    (True, 100.0, 100, 100, 1, IvReason.ABOVE_MAXIMUM),
    (False, 100 * D, 100, 100, 1, IvReason.ABOVE_MAXIMUM),
    (False, 99.0, 100, 100, 1, IvReason.ABOVE_MAXIMUM),
    (True, 100 - 80 * D, 100, 80, 1, IvReason.NO_VEGA),
    (True, 100 - 80 * D + 1e-13, 100, 80, 1, IvReason.NO_VEGA),
    (True, 1e-12, 100, 120, 1, IvReason.OK),  # out of the money even this price is exact
]


@pytest.mark.parametrize(("is_call", "price", "spot", "strike", "years", "reason"), REASONS)
def test_every_price_without_a_volatility_has_its_reason(is_call, price, spot, strike, years, reason):
    solved = implied_volatility(is_call, price, spot, strike, years, 0.05)
    assert IvReason(solved.reason[0]) is reason
    assert math.isnan(solved.volatility[0]) is (reason is not IvReason.OK)


def test_reasons_do_not_leak_between_neighbours():
    columns = [list(column) for column in zip(*REASONS, strict=True)]
    solved = implied_volatility(*columns[:5], 0.05)
    assert [IvReason(code) for code in solved.reason] == columns[5]


@pytest.mark.parametrize(
    ("is_call", "price", "reason"), [(False, 20.0, IvReason.NO_VEGA), (False, 19.9, IvReason.BELOW_INTRINSIC), (False, 20.5, IvReason.OK)]
)
def test_an_american_put_at_its_exercise_value_has_no_volatility(is_call, price, reason):
    solved = implied_volatility(is_call, price, 100, 120, 0.25, 0.05, american=True)
    assert IvReason(solved.reason[0]) is reason


def test_positions_scale_add_and_stay_unknown():
    one = option_greeks(False, 4_700, 4_500, 0.1, 0.18, 0.05).at(0)
    short_two = position_greeks(one, -2, 100)
    assert short_two.delta == pytest.approx(-200 * one.delta)
    assert short_two.theta_per_day > 0
    assert portfolio_greeks([short_two, position_greeks(one, 2, 100)]).vega_per_vol_point == pytest.approx(0.0)
    assert position_greeks(None, 1, 100) is None
    assert portfolio_greeks([short_two, None]) is None
    assert portfolio_greeks([]) == Greeks()


@given(st.lists(st.tuples(st.integers(-5, 5), st.sampled_from([5.0, 50.0, 100.0])), max_size=5))
def test_the_book_is_the_sum_of_its_parts(holdings):
    one = Greeks(-0.2, 0.001, -0.5, 3.0, -0.8)
    book = portfolio_greeks(position_greeks(one, quantity, multiplier) for quantity, multiplier in holdings)
    units = sum(quantity * multiplier for quantity, multiplier in holdings)
    assert book.delta == pytest.approx(units * one.delta)
    assert book.rho_per_point == pytest.approx(units * one.rho_per_point)


def test_beta_weighting_by_hand():
    exposures = [Exposure("SPY", 100, 470), Exposure("ES", 50, 4_700), Exposure("TLT", -200, 95)]
    result = beta_weighted_delta(exposures, 470)
    # 100 + 50 * 4700 / 470 - 200 * 95 * -0.2 / 470
    assert result.spy_shares == pytest.approx(100 + 500 + 8.0851, abs=1e-3)
    assert result.dollars == pytest.approx(result.spy_shares * 470)
    assert beta_weighted_delta(exposures, 470, {"SPY": 1.0, "ES": 1.0, "TLT": 0.0}).spy_shares == pytest.approx(600)


@pytest.mark.parametrize(
    ("exposures", "spy_price", "unknown"),
    [
        ([Exposure("SPY", 1, 470), Exposure("KC", 1, 180)], 470, ("KC",)),
        ([Exposure("SPY", None, 470)], 470, ("SPY",)),
        ([Exposure("QQQ", 1, math.nan)], 470, ("QQQ",)),
        ([Exposure("QQQ", 1, 400)], 0.0, ("SPY",)),
    ],
)
def test_unknown_exposure_makes_the_whole_unknown(exposures, spy_price, unknown):
    result = beta_weighted_delta(exposures, spy_price)
    assert result.dollars is None
    assert result.unknown == unknown
