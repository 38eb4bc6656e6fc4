import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from market_samples import model_of

from simulator.market.contract_months import ExpiryRules
from simulator.market.factors import FACTORS
from simulator.market.instruments import FUNDS, FUTURES, VOLATILITY_INDICES
from simulator.market.model import MarketModel
from simulator.market.surface import Smile
from simulator.market.trading_calendar import trading_calendar
from simulator.market.variance_clock import VarianceClock

SEEDS = st.integers(min_value=0, max_value=40)


def closes(model, name, year=2024):
    days = [day for day in model.calendar.sessions[: len(model.paths.days)] if day.year == year]
    return np.array([model.volatility_index(name, day)[-1] for day in days])


def longest_run(flags):
    """Length of the longest stretch of true values."""
    return max(len(run) for run in "".join("x" if flag else " " for flag in flags).split(" "))


@settings(max_examples=6)
@given(seed=SEEDS)
def test_a_year_has_quiet_stretches_pullbacks_and_one_shock(seed):
    model = model_of(seed)
    vix, quarter = closes(model, "VIX"), closes(model, "VIX3M")
    shock = model.paths.shocks[-1]
    position = [day for day in model.calendar.sessions if day.year == 2024].index(shock)

    assert 35.0 < vix.max() < 52.0
    assert int(vix.argmax()) in range(position, position + 4)
    assert model.volatility_index("VIX", shock).max() > vix[position]
    assert np.mean((vix >= 11.5) & (vix <= 14.5)) > 0.15
    assert longest_run((vix >= 11.0) & (vix <= 14.6)) >= 8
    assert np.all((vix <= 35.0)[np.abs(np.arange(len(vix)) - position) > 25])
    calm = np.delete(vix, slice(max(position - 2, 0), position + 35))
    assert 17.0 < calm.max() < 32.0
    assert np.mean(vix < quarter) > 0.75
    assert vix[position] > quarter[position]
    assert vix[min(position + 30, len(vix) - 1)] < 0.75 * vix.max()


@settings(max_examples=4)
@given(seed=SEEDS)
def test_returns_cluster_and_volatility_rises_when_prices_fall(seed):
    model = model_of(seed)
    spx = np.array([np.log(model.spot("SPX", day)[-1]) for day in model.paths.days])
    returns = np.diff(spx)
    vix = closes(model, "VIX")

    squared = np.abs(returns) - np.abs(returns).mean()
    assert np.corrcoef(squared[:-1], squared[1:])[0, 1] > 0.0
    assert np.corrcoef(returns[-len(vix) + 1 :], np.diff(vix))[0, 1] < -0.5
    assert 0.08 < returns.std() * np.sqrt(252) < 0.20


def test_a_later_end_does_not_change_the_past():
    short, long = MarketModel.from_seed(3, 2024), MarketModel.from_seed(3, 2025)
    count = len(short.paths.days)
    assert np.array_equal(short.paths.log_price, long.paths.log_price[:count])
    assert np.array_equal(short.paths.fast, long.paths.fast[:count])


def test_prices_of_one_factor_stay_together(model):
    day = dt.date(2024, 6, 12)
    spx, spy = model.spot("SPX", day), model.spot("SPY", day)
    assert np.allclose(spy / spx * 10.0, 1.0, atol=0.006)
    contracts = list(zip(model.rules.futures(FUTURES[0], day), range(2), strict=False))
    front, second = (model.future(FUTURES[0], contract, day) for contract, _ in contracts)
    assert np.all(front >= spx * 0.999)
    assert np.all(second > front)


def test_a_fund_falls_by_its_dividend_at_the_open(model):
    spy, ratio = FUNDS[0], 475.31 / 4769.83
    ex, amount = next((ex, amount) for ex, amount in model.dividends[spy.ticker].distributions if ex.year == 2024)
    eve = model.calendar.sessions[model.calendar.index[ex] - 1]
    before = model.spot("SPY", eve)[390] - ratio * model.spot("SPX", eve)[390]
    after = model.spot("SPY", ex)[0] - ratio * model.spot("SPX", ex)[0]
    assert before - after == pytest.approx(amount, rel=0.05)


def test_banks_open_on_the_friday_before_a_saturdays_holiday():
    """As LEAN's database lists them: Veterans Day of 2023 is the Saturday itself."""
    banks = trading_calendar().bank_holidays
    assert dt.date(2023, 11, 10) not in banks
    assert dt.date(2023, 11, 11) in banks
    assert dt.date(2023, 1, 2) in banks
    assert dt.date(2024, 10, 14) in banks
    assert dt.date(2024, 11, 11) in banks


def test_expiries_are_those_of_the_exchanges():
    rules = ExpiryRules(trading_calendar())
    futures = {product.ticker: product for product in FUTURES}
    first = {ticker: next(rules.futures(product, dt.date(2024, 1, 2))).expiry for ticker, product in futures.items()}
    assert first == {
        "ES": dt.date(2024, 3, 15),
        "CL": dt.date(2024, 1, 22),
        "GC": dt.date(2024, 1, 29),
        "ZB": dt.date(2024, 3, 19),
        "ZC": dt.date(2024, 3, 14),
    } | {"GC": dt.date(2024, 2, 27)}
    options = {ticker: rules.options(product, dt.date(2024, 1, 2), dt.date(2024, 2, 29)) for ticker, product in futures.items()}
    assert [each.expiry for each in options["CL"]] == [dt.date(2024, 1, 17), dt.date(2024, 2, 14)]
    assert [each.expiry for each in options["GC"]] == [dt.date(2024, 1, 25), dt.date(2024, 2, 26)]
    assert [each.expiry for each in options["ZB"]] == [dt.date(2024, 1, 26), dt.date(2024, 2, 23)]
    assert [f"{each.underlying.month:%Y%m}" for each in options["GC"]] == ["202402", "202404"]
    assert trading_calendar().third_friday(2024, 3) == dt.date(2024, 3, 15)
    assert dt.date(2024, 3, 28) in trading_calendar().fridays(dt.date(2024, 3, 25), dt.date(2024, 4, 5))


def test_the_variance_clock_runs_a_year_in_a_year_and_rests_over_weekends():
    clock = VarianceClock(trading_calendar())
    year = clock.reading(dt.date(2024, 12, 31), 960) - clock.reading(dt.date(2023, 12, 29), 960)
    assert year == pytest.approx(1.0, abs=0.02)
    night = clock.reading(dt.date(2024, 1, 4), 570) - clock.reading(dt.date(2024, 1, 3), 960)
    weekend = clock.reading(dt.date(2024, 1, 8), 570) - clock.reading(dt.date(2024, 1, 5), 960)
    assert night < weekend < 1.5 * night
    assert clock.reading(dt.date(2024, 7, 3), 780) == pytest.approx(clock.reading(dt.date(2024, 7, 5), 570) - night * 1.1, rel=1e-3)


@pytest.mark.parametrize(("rho", "eta", "gamma"), [(-0.9, 1.8, 0.45), (-0.72, 2.4, 0.38), (0.0, 1.0, 0.55)])
def test_smiles_with_butterfly_arbitrage_are_refused(rho, eta, gamma):
    with pytest.raises(ValueError, match="butterfly"):
        Smile(rho, eta, gamma)


def least_density(smile, theta):
    """Least of Gatheral's g(k), the sign of the density, over log-moneyness of up to twelve deviations."""
    k = np.sqrt(theta) * np.linspace(-12.0, 12.0, 4801)
    w = smile.total_variance(k, np.full_like(k, theta))
    first = np.gradient(w, k)
    second = np.gradient(first, k)
    density = (1.0 - k * first / (2.0 * w)) ** 2 - first**2 / 4.0 * (1.0 / w + 0.25) + second / 2.0
    return density[2:-2].min()


@settings(max_examples=60)
@given(rho=st.floats(-0.95, 0.95), eta=st.floats(0.1, 3.0), gamma=st.floats(0.05, 0.5), theta=st.floats(1e-6, 3.0))
def test_accepted_smiles_have_densities(rho, eta, gamma, theta):
    try:
        smile = Smile(rho, eta, gamma)
    except ValueError:
        return
    assert least_density(smile, theta) > -1e-6


@pytest.mark.parametrize("factor", FACTORS, ids=lambda factor: factor.name)
def test_the_smiles_in_use_have_densities(factor):
    assert min(least_density(factor.smile, theta) for theta in np.geomspace(1e-6, 1.0, 40)) > 0.0


@pytest.mark.parametrize("name", VOLATILITY_INDICES)
def test_volatility_indices_move_with_their_horizon(model, name):
    shock = model.paths.shocks[-1]
    eve = model.calendar.sessions[model.calendar.index[shock] - 2]
    rise = model.volatility_index(name, shock)[-1] / model.volatility_index(name, eve)[-1]
    assert rise > {"VIX9D": 1.8, "VIX": 1.6, "VIX3M": 1.3, "VIX6M": 1.15}[name]
