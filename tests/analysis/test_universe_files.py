"""Greeks and volatilities against LEAN's own, from its real universe files and from a recorded run."""

from datetime import date

import pytest

from analysis.greeks_calculator import implied_volatility, option_greeks
from analysis.settlement_time import settlement_moment, years_to_settlement
from benchmarks._lean_sample import rate_on, read_rates
from benchmarks.universe_greeks import GROUPS, compare


@pytest.fixture(scope="module")
def compared(sample_data):
    return {group.name: compare(sample_data, group) for group in GROUPS}


@pytest.mark.parametrize("name", [group.name for group in GROUPS])
def test_delta_equals_leans_for_the_same_volatility(compared, name):
    result = compared[name]
    assert result.delta_given_iv < 0.01
    assert result.rows == result.no_volatility + result.foreign + result.matching


@pytest.mark.parametrize("name", ["goog_20151223", "goog_20151224", "spx_20151223", "spxw_20230623"])
def test_volatility_and_delta_from_the_close_equal_leans(compared, name):
    result = compared[name]
    assert result.delta_from_close < 0.01
    assert result.iv_from_close < 0.01
    assert result.matching >= 12


def test_long_dated_american_rows_differ_by_the_drift_leans_tree_lacks(compared):
    result = compared["spy_202312_202401"]
    assert result.delta_given_iv_p90 > 0.02
    assert result.delta_driftless_p90 < 0.01


def test_a_recorded_contract_of_lean(sample_data):
    """SPXW 4700 put of 2024-01-12 on 2024-01-09 9:32, spot 4758.5, price 1.95, as LEAN logged it."""
    now = settlement_moment("SPXW", date(2024, 1, 9)).replace(hour=9, minute=32)
    years = years_to_settlement(now, settlement_moment("SPXW", date(2024, 1, 12)))
    rate = rate_on(read_rates(sample_data), date(2024, 1, 9))
    solved = implied_volatility(False, 1.95, 4758.5, 4700.0, years, rate)
    assert solved.volatility[0] == pytest.approx(0.1021769, abs=2e-4)  # LEAN's solver stops there
    greeks = option_greeks(False, 4758.5, 4700.0, years, 0.1021769, rate).at(0)
    assert greeks.delta == pytest.approx(-0.0909475, abs=1e-7)
    assert greeks.gamma == pytest.approx(0.0035565, abs=1e-7)
    assert greeks.theta_per_day * 365 == pytest.approx(-396.468256, rel=1e-6)
