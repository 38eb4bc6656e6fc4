import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from simulator.results import mathnet

returns = st.lists(st.floats(min_value=-0.2, max_value=0.2).map(lambda x: round(x, 6)), min_size=4, max_size=40)


@given(returns)
def test_variance_equals_the_sample_variance(values):
    assert mathnet.variance(values) == pytest.approx(np.var(values, ddof=1), rel=1e-9, abs=1e-15)


@given(st.lists(st.tuples(st.floats(-1, 1), st.floats(-1, 1)), min_size=2, max_size=30))
def test_covariance_equals_numpy(pairs):
    first, second = zip(*pairs, strict=True)
    assert mathnet.covariance(first, second) == pytest.approx(np.cov(first, second)[0, 1], rel=1e-7, abs=1e-12)


@given(returns.filter(lambda values: np.ptp(values) > 1e-3))
def test_skewness_and_kurtosis_are_bias_corrected(values):
    assert mathnet.skewness(values) == pytest.approx(stats.skew(values, bias=False), rel=1e-6, abs=1e-6)
    assert mathnet.kurtosis(values) == pytest.approx(stats.kurtosis(values, bias=False), rel=1e-6, abs=1e-6)


def test_too_few_values_are_not_a_number():
    assert math.isnan(mathnet.variance([1.0]))
    assert math.isnan(mathnet.skewness([1.0, 2.0]))
    assert math.isnan(mathnet.kurtosis([1.0, 2.0, 4.0]))
    assert math.isnan(mathnet.kurtosis([1.0] * 5))
    assert math.isnan(mathnet.covariance([1.0], [2.0]))


@given(st.floats(-4, 4))
def test_normal_distribution_and_its_quantile(value):
    assert mathnet.normal_cumulative(value) == pytest.approx(stats.norm.cdf(value), abs=1e-14)
    probability = mathnet.normal_cumulative(value)
    assert mathnet.normal_quantile(1.0, 2.0, probability) == pytest.approx(1.0 + 2.0 * value, abs=1e-6)
