import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.greeks_calculator import option_greeks, option_price
from analysis.stress import Book, Scenario, StressLeg, StressParameters, stress
from domain.parameters import read

PUT = StressLeg("ladder", -1, 100, 470.0, is_call=False, strike=400.0, years=1.0, volatility=0.22, rate=0.05, dividend_yield=0.014)
CALL = StressLeg(
    "strangle", -2, 50, 4_700.0, is_call=True, strike=5_100.0, years=0.25, volatility=0.14, rate=0.05, on_future=True, half_spread=0.5
)
SHARES = StressLeg("assigned", 100, 1, 470.0)


def loss(legs, scenario, vix=16.0):
    return stress(Book.of(legs), [scenario], vix=vix).totals[0]


def test_a_short_put_by_hand():
    scenario = Scenario("crash", -0.12, 2.0)
    before = option_price(False, 470, 400, 1, 0.22, 0.05, 0.014)[0]
    after = option_price(False, 470 * 0.88, 400, 1, 0.44, 0.05, 0.014)[0]
    assert loss([PUT], scenario) == pytest.approx(100 * (after - before), rel=1e-12)


def test_the_underlying_itself_moves_with_its_beta():
    assert loss([SHARES], Scenario("", -0.10, 3.0)) == pytest.approx(4_700)
    gold = StressLeg("gold", 1, 100, 2_000.0, beta=0.1)
    assert loss([gold], Scenario("", -0.10)) == pytest.approx(2_000)


def test_beta_cannot_take_a_price_below_zero():
    assert loss([StressLeg("x", 1, 1, 100.0, beta=6.0)], Scenario("", -0.20)) == pytest.approx(98)


def test_the_vix_target_is_relative_to_the_vix_now_and_falls_off_with_tenor():
    scenario = Scenario("", 0.0, vix_target=64.0, tenor_power=0.5, tenor_cap=1.5)
    for days, weight in ((30, 1.0), (120, 0.5), (5, 1.5)):  # half as much at four times the tenor; capped below 30 days
        leg = StressLeg("x", -1, 1, 100.0, is_call=False, strike=100.0, years=days / 365, volatility=0.2, rate=0.0)
        shocked = 0.2 * (1 + (4 - 1) * weight)
        expected = option_price(False, 100, 100, days / 365, [shocked, 0.2], 0.0)
        assert loss([leg], scenario, vix=16.0) == pytest.approx(expected[0] - expected[1], rel=1e-12)
    assert loss([PUT], scenario, vix=80.0) == pytest.approx(0.0, abs=1e-9)  # already beyond the target


def test_wings_move_less():
    damped, plain = (Scenario("", 0.0, 3.0, wing_damping=damping) for damping in (0.1, 0.0))
    deviations = abs(math.log(400 / 470)) / 0.22
    expected = option_price(False, 470, 400, 1, [0.22 * (1 + 2 / (1 + 0.1 * deviations)), 0.22], 0.05, 0.014)
    assert loss([PUT], damped) == pytest.approx(100 * (expected[0] - expected[1]))
    assert loss([PUT], damped) < loss([PUT], plain)


def test_spreads_and_margin_widen():
    calm, wide = (Scenario("", 0.0, spread_factor=factor, margin_factor=1.3) for factor in (1.0, 3.0))
    assert loss([CALL], calm) == pytest.approx(0.0, abs=1e-9)
    assert loss([CALL], wide) == pytest.approx(2 * 50 * 0.5 * 2)
    assert stress(Book.of([CALL]), [wide], vix=16, margin_dollars=10_000).margins.tolist() == [13_000]


def test_structures_are_kept_apart_and_add_up():
    scenarios = StressParameters().scenarios()
    result = stress(Book.of([PUT, CALL, SHARES, PUT]), scenarios, vix=16.0)
    assert result.structures == ("ladder", "strangle", "assigned")
    assert result.losses.sum(axis=0) == pytest.approx(result.totals)
    assert result.loss_of("ladder", "crash") == pytest.approx(2 * loss([PUT], scenarios[1]))
    name, worst = result.worst()
    assert name == "collapse"
    assert worst == pytest.approx(result.totals.max())


def test_an_unknown_volatility_makes_its_structure_and_the_total_unknown_only():
    unknown = StressLeg("broken", -1, 100, 470.0, is_call=False, strike=400.0, years=0.1, volatility=math.nan)
    result = stress(Book.of([PUT, unknown]), StressParameters().scenarios(), vix=16.0)
    assert result.worst() is None
    assert result.loss_of("broken", "crash") is None
    assert result.loss_of("ladder", "crash") > 0


def test_an_unknown_vix_makes_only_the_scenario_relative_to_it_unknown():
    result = stress(Book.of([PUT]), StressParameters().scenarios(), vix=math.nan)
    assert [name for name, total in zip(result.scenarios, result.totals, strict=True) if math.isnan(total)] == ["correction"]


def test_an_empty_book_loses_nothing():
    result = stress(Book.of([]), StressParameters().scenarios(), vix=16.0)
    assert result.totals.tolist() == [0, 0, 0, 0]


def test_american_legs_are_worth_at_least_exercise():
    deep = StressLeg("x", 1, 1, 100.0, is_call=False, strike=150.0, years=1.0, volatility=0.2, rate=0.08, american=True)
    assert loss([deep], Scenario("", -0.20)) == pytest.approx(-20.0)


def test_the_rulebooks_scenarios_follow_their_parameters():
    names = [(s.name, s.spot_move, s.iv_factor, s.vix_target) for s in StressParameters().scenarios()]
    assert names == [
        ("correction", -0.06, 1.0, 65.0),
        ("crash", -0.12, 2.0, None),
        ("collapse", -0.2, 2.5, None),
        ("rally", 0.08, 0.7, None),
    ]
    changed = read({"stress": StressParameters}, {"stress-second-iv": "3", "stress-first-vix": "50"})["stress"].scenarios()
    assert (changed[0].vix_target, changed[1].iv_factor) == (50.0, 3.0)


@given(st.floats(-0.02, 0.02), st.sampled_from([PUT, CALL]))
def test_small_shocks_follow_delta_and_gamma(move, leg):
    greeks = option_greeks(
        leg.is_call, leg.underlying_price, leg.strike, leg.years, leg.volatility, leg.rate, leg.dividend_yield, on_future=leg.on_future
    ).at(0)
    points = move * leg.underlying_price
    expected = -leg.quantity * leg.multiplier * (greeks.delta * points + 0.5 * greeks.gamma * points**2)
    assert loss([leg], Scenario("", move)) == pytest.approx(expected, rel=0.05, abs=0.02 * leg.underlying_price)


@given(st.integers(1, 6), st.floats(-0.3, 0.1), st.floats(0.5, 3))
def test_loss_is_linear_in_quantity(factor, move, iv):
    scenario = Scenario("", move, iv, spread_factor=2.0)
    many = [StressLeg(**{name: getattr(CALL, name) for name in CALL.__dataclass_fields__} | {"quantity": CALL.quantity * factor})]
    assert loss(many, scenario) == pytest.approx(factor * loss([CALL], scenario), rel=1e-12, abs=1e-9)


def test_all_scenarios_at_once_equal_one_by_one():
    legs = [PUT, CALL, SHARES]
    scenarios = StressParameters().scenarios()
    together = stress(Book.of(legs), scenarios, vix=16.0).totals
    assert together == pytest.approx(np.array([loss(legs, scenario) for scenario in scenarios]))
