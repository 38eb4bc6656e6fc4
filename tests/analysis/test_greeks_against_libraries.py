"""European prices and Greeks against py_vollib and QuantLib, American prices against a binomial tree and QuantLib: independent implementations."""

import pytest

from analysis.greeks_calculator import option_greeks, option_price
from benchmarks.greeks_accuracy import (
    american_cases,
    american_error_vs_tree,
    european_error_vs_py_vollib,
    european_error_vs_quantlib,
    ql,
    round_trip,
)


@pytest.mark.parametrize("count", [500, pytest.param(10_000, marks=pytest.mark.slow)])
@pytest.mark.parametrize("on_future", [False, True], ids=["merton", "black76"])
def test_european_equals_py_vollib(count, on_future):
    worst = european_error_vs_py_vollib(count, seed=count, on_future=on_future)
    assert max(worst.values()) < 1e-8, worst


@pytest.mark.parametrize("count", [1_000, pytest.param(20_000, marks=pytest.mark.slow)])
def test_european_equals_quantlib(count):
    worst = european_error_vs_quantlib(count, seed=count)
    assert max(worst.values()) < 1e-8, worst


@pytest.mark.parametrize(("count", "steps"), [(48, 1_000), pytest.param(504, 2_000, marks=pytest.mark.slow)])
def test_american_is_within_half_a_percent_of_a_tree(count, steps):
    error = american_error_vs_tree(count, steps)
    assert error.relative < 0.005
    assert error.relative_to_plain_tree < 0.005
    assert error.absolute < 5e-4
    assert error.priced > 0.9 * count


def test_implied_volatility_returns_the_volatility_of_a_price():
    result = round_trip(50_000, seed=11)
    assert result.carried_error < 1e-8
    assert result.carried_unsolved == 0
    assert result.returned_error < 1e-6
    assert result.solved > 40_000
    assert result.solved + result.no_vega + result.underflow == 50_000


def test_american_greeks_equal_quantlib_and_differences():
    is_call, spot, strike, years, volatility, rate, dividend_yield = american_cases(40, seed=5)
    years = (years * 365).round().clip(20) / 365
    ours = option_greeks(is_call, spot, strike, years, volatility, rate, dividend_yield, american=True)
    today = ql.Date(2, 1, 2024)
    ql.Settings.instance().evaluationDate = today
    day_count = ql.Actual365Fixed()
    for i in range(strike.size):
        process = ql.BlackScholesMertonProcess(
            ql.QuoteHandle(ql.SimpleQuote(spot[i])),
            ql.YieldTermStructureHandle(ql.FlatForward(today, dividend_yield[i], day_count)),
            ql.YieldTermStructureHandle(ql.FlatForward(today, rate[i], day_count)),
            ql.BlackVolTermStructureHandle(ql.BlackConstantVol(today, ql.NullCalendar(), volatility[i], day_count)),
        )
        exercise = ql.AmericanExercise(today, today + round(years[i] * 365))
        option = ql.VanillaOption(ql.PlainVanillaPayoff(ql.Option.Call if is_call[i] else ql.Option.Put, strike[i]), exercise)
        option.setPricingEngine(ql.QdFpAmericanEngine(process, ql.QdFpAmericanEngine.highPrecisionScheme()))
        assert ours.price[i] == pytest.approx(option.NPV(), rel=2e-4, abs=5e-4)
        if ours.theta_per_day[i] == 0.0:  # exercised now
            assert ours.price[i] == pytest.approx(abs(spot[i] - strike[i]))
            continue
        option.setPricingEngine(ql.BinomialLRVanillaEngine(process, 401))
        assert ours.delta[i] == pytest.approx(option.delta(), abs=2e-3)
        assert ours.theta_per_day[i] == pytest.approx(option.theta() / 365, rel=0.02, abs=5e-4)
    bump = 1e-3
    higher = option_price(is_call, spot, strike, years, volatility + bump, rate, dividend_yield, american=True)
    lower = option_price(is_call, spot, strike, years, volatility - bump, rate, dividend_yield, american=True)
    assert ours.vega_per_vol_point == pytest.approx((higher - lower) / (200 * bump), abs=1e-5)
