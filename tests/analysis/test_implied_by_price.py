"""One option at a time against arrays of options: the same volatility, the same delta, and none where arrays find none."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.greeks_calculator import implied_volatility, option_greeks, option_price
from analysis.implied_volatility import implied_by_price

UNDERLYING = 500.0

options = st.fixed_dictionaries(
    {
        "strike": st.floats(150.0, 1500.0),
        "years": st.floats(math.log(2e-6), math.log(3.0)).map(math.exp),
        "rate": st.floats(-0.02, 0.08),
        "dividend_yield": st.floats(0.0, 0.03),
        "is_call": st.booleans(),
        "on_future": st.booleans(),
    }
)


def arrays(option, price):
    names = ("is_call", "strike", "years", "rate", "dividend_yield")
    is_call, strike, years, rate, dividend_yield = (option[name] for name in names)
    solved = implied_volatility(is_call, price, UNDERLYING, strike, years, rate, dividend_yield, on_future=option["on_future"])
    greeks = option_greeks(is_call, UNDERLYING, strike, years, solved.volatility, rate, dividend_yield, on_future=option["on_future"])
    return float(solved.volatility[0]), float(greeks.delta[0])


@given(options, st.floats(0.02, 2.5))
def test_one_option_is_solved_as_in_an_array(option, volatility):
    names = ("is_call", "strike", "years")
    is_call, strike, years = (option[name] for name in names)
    price = float(
        option_price(
            is_call, UNDERLYING, strike, years, volatility, option["rate"], option["dividend_yield"], on_future=option["on_future"]
        )[0]
    )
    expected, delta = arrays(option, price)
    found = implied_by_price(price, UNDERLYING, **option)
    if price < 1e-5:
        assert found is None or found.volatility == pytest.approx(volatility, rel=1e-3)
    elif math.isnan(expected):
        assert found is None
    else:
        assert found is not None
        assert found.volatility == pytest.approx(expected, rel=1e-5)
        assert found.delta == pytest.approx(delta, abs=1e-9)


@given(options, st.floats(0.0, 1600.0))
def test_any_price_has_an_answer_where_arrays_have_one(option, price):
    expected, _ = arrays(option, price)
    found = implied_by_price(price, UNDERLYING, **option)
    if price > 1e-5 or price == 0.0:
        assert (found is None) == math.isnan(expected)


@pytest.mark.parametrize(
    ("name", "value"), [("price", 0.0), ("price", math.nan), ("underlying", -1.0), ("strike", math.inf), ("years", 0.0), ("price", np.inf)]
)
def test_what_is_no_option_has_no_volatility(name, value):
    option = {"price": 5.0, "underlying": 500.0, "strike": 500.0, "years": 0.1, "rate": 0.05, "dividend_yield": 0.0}
    assert implied_by_price(**option, is_call=True, on_future=False) is not None
    assert implied_by_price(**{**option, name: value}, is_call=True, on_future=False) is None
