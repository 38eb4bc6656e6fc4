import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.greeks import Greeks

numbers = st.floats(-1e6, 1e6)
greeks = st.builds(Greeks, numbers, numbers, numbers, numbers, numbers)


def test_a_short_leg_is_the_negative_of_the_long_one():
    long = Greeks(0.5, 0.01, -0.03, 0.12, 0.04)
    assert long + -long == Greeks()
    assert -2 * long == long * -2.0 == Greeks(-1.0, -0.02, 0.06, -0.24, -0.08)


@given(greeks, greeks)
def test_addition_commutes_and_subtraction_undoes_it(a, b):
    assert a + b == b + a
    assert ((a + b) - b).delta == pytest.approx(a.delta, abs=1e-9)


@given(st.lists(greeks, max_size=6), st.integers(-5, 5))
def test_scaling_distributes_over_the_sum(parts, factor):
    whole, pieces = factor * Greeks.total(parts), Greeks.total(factor * part for part in parts)
    assert whole.theta_per_day == pytest.approx(pieces.theta_per_day, abs=1e-6)
    assert whole.rho_per_point == pytest.approx(pieces.rho_per_point, abs=1e-6)


def test_nan_is_seen():
    assert Greeks().is_finite
    assert not Greeks(delta=math.nan).is_finite
    assert not (Greeks(gamma=math.inf) * 2).is_finite
