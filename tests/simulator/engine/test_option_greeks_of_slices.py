"""Black-Scholes with MathNet's root finder, against a value recorded on LEAN."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.engine.brent import find_root
from simulator.engine.option_price_model import BlackScholes

SPXW_PUT = BlackScholes(spot=4758.5, strike=4700, years=(3 + 6 / 24 + 28 / 1440) / 365, rate=0.055, is_call=False)


def test_golden_value_of_lean():
    """SPXW 4700 put of 2024-01-12 on 2024-01-09 09:32 at 1.95."""
    volatility = SPXW_PUT.implied_volatility(1.95)
    greeks = SPXW_PUT.greeks(round(volatility, 7))
    assert round(volatility, 7) == 0.1021769
    assert (greeks.delta, greeks.gamma) == (-0.0909475, 0.0035565)
    assert greeks.theta == pytest.approx(-396.468256, abs=1e-9)


def test_no_volatility_without_a_change_of_sign():
    assert SPXW_PUT.implied_volatility(5000) is None
    assert find_root(lambda x: x * x + 1, -1, 1, 1e-6) is None


@given(volatility=st.floats(0.05, 2), strike=st.floats(4000, 5500), is_call=st.booleans())
def test_volatility_of_a_price_gives_the_price_back(volatility, strike, is_call):
    model = BlackScholes(4758.5, strike, 0.2, 0.05, is_call)
    price = model.price(volatility)
    found = model.implied_volatility(price)
    assert found is None or model.price(found) == pytest.approx(price, abs=max(1e-4, 1e-4 * price) * 2000)


@given(root=st.floats(-0.9, 0.9))
def test_root_finder_meets_its_accuracy(root):
    assert find_root(lambda x: x**3 - root**3 + (x - root), -1, 1, 1e-8) == pytest.approx(root, abs=1e-7)
