from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.results.portfolio_statistics import MICROSECONDS_PER_DAY as DAY
from simulator.results.portfolio_statistics import PeriodSamples, average_rate, drawdown_metrics, portfolio_statistics
from simulator.results.statistics_builder import benchmark_changes, period_ranges


def samples(**changes):
    given_samples = {
        "profit_loss": {1: Decimal(100), 2: Decimal(-50)},
        "equity": {0: Decimal(1000), DAY: Decimal(1100), 2 * DAY: Decimal(990), 3 * DAY: Decimal(1050)},
        "turnover": {DAY: Decimal("0.2"), 2 * DAY: Decimal("0.4")},
        "performance": [-0.1, 0.06],
        "benchmark": [0.01, 0.02],
        "starting_capital": Decimal(1000),
        "win_count": 1,
        "loss_count": 1,
    }
    return PeriodSamples(**{**given_samples, **changes})


def rate(_):
    return Decimal("0.05")


def test_too_short_a_run_has_equities_and_turnover_only():
    figures = portfolio_statistics(samples(performance=[0.1]), rate, 252)
    assert (figures.start_equity, figures.end_equity, figures.portfolio_turnover) == (1000, 1050, Decimal("0.3"))
    assert figures.sharpe_ratio == figures.drawdown == figures.win_rate == 0


def test_losses_are_measured_on_the_running_capital():
    figures = portfolio_statistics(samples(), rate, 252)
    assert figures.average_win_rate == Decimal("0.1")
    assert figures.average_loss_rate == Decimal(-50) / 1100


def test_win_rate_counts_flags_not_profits():
    figures = portfolio_statistics(samples(win_count=2, loss_count=0), rate, 252)
    assert (figures.win_rate, figures.loss_rate) == (1, 0)


def test_drawdown_is_rounded_and_its_recovery_counts_whole_days():
    equity = {0: Decimal(1000), DAY: Decimal(900), 3 * DAY + 5: Decimal(1000), 4 * DAY: Decimal(999)}
    assert drawdown_metrics(equity, 3) == (Decimal("0.100"), 3)


def test_flat_benchmark_gives_no_beta_nor_alpha():
    figures = portfolio_statistics(samples(benchmark=[0.0, 0.0]), rate, 252)
    assert figures.beta == figures.alpha == figures.treynor_ratio == 0
    assert figures.tracking_error > 0


def test_risk_free_rate_weighs_intraday_points():
    rates = {0: Decimal("0.01"), 1: Decimal("0.04")}
    equity = {0: Decimal(1), 1: Decimal(1), 2: Decimal(1), DAY: Decimal(1)}
    assert average_rate(equity, lambda utc: rates[utc // DAY]) == Decimal("0.0175")


@given(st.lists(st.integers(min_value=1, max_value=10**6), min_size=2, max_size=60))
def test_drawdown_equals_a_search_over_all_pairs(values):
    equity = {index * DAY: Decimal(value) for index, value in enumerate(values)}
    worst = max(1 - Decimal(later) / earlier for index, earlier in enumerate(values) for later in values[index:])
    recoveries = [0]
    for index, peak in enumerate(values):
        if peak < max(values[: index + 1]) or index + 1 == len(values) or values[index + 1] >= peak:
            continue
        recoveries += [later - index for later in range(index + 1, len(values)) if values[later] >= peak][:1]
    assert drawdown_metrics(equity, 3) == (round(worst, 3), max(recoveries))


def test_benchmark_changes_drop_the_first():
    assert benchmark_changes([Decimal(100), Decimal(110), Decimal(0), Decimal(5)]) == [-1.0, 0.0]


def test_rolling_periods_end_at_month_ends():
    first, last = 18_631, 18_700  # 2021-01-04, 2021-03-14
    january, february = 18_658, 18_686
    assert period_ranges(1, first, last) == [(first, january), (january + 1, february), (february + 1, last)]
    assert period_ranges(3, first, last) == [(first, january), (first, february), (first, last)]


def test_ratios_beyond_a_decimal_are_zero():
    """Extensions.SafeDivision: an annual performance clamped to the largest decimal, divided by less than one, does not fit."""
    figures = portfolio_statistics(samples(performance=[0.7, 0.71, 0.705], benchmark=[0.0, 0.02, 0.01]), rate, 252)
    assert 0 < figures.beta < 1
    assert figures.information_ratio == figures.treynor_ratio == 0
    assert figures.sharpe_ratio > 10**28


def test_an_alpha_beyond_a_decimal_is_an_error():
    """PortfolioStatistics takes alpha as it comes: the largest decimal and something more overflow, and LEAN has no statistics then."""
    with pytest.raises(OverflowError, match="alpha"):
        portfolio_statistics(samples(performance=[0.5, 0.9, 0.7], benchmark=[0.02, -0.01, 0.005]), rate, 252)
