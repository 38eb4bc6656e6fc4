"""Portfolio statistics: LEAN's `PortfolioStatistics` and `Statistics`, with their mix of decimal and double arithmetic."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext

from simulator.results import mathnet
from simulator.results.net_number import fits_a_decimal, from_double, product, round_decimal, safe_division, safe_from_double, to_double

RiskFreeRate = Callable[[int], Decimal]
"""Annual risk-free rate of a moment (microseconds UTC), 0.05 = 5 %."""

MICROSECONDS_PER_DAY = 86_400_000_000
_ZERO = Decimal(0)


@dataclass
class PortfolioStatistics:
    """Figures of one period; rates are fractions (0.01 = 1 %), equities in account currency, `drawdown_recovery` in days."""

    average_win_rate: Decimal = _ZERO
    average_loss_rate: Decimal = _ZERO
    profit_loss_ratio: Decimal = _ZERO
    win_rate: Decimal = _ZERO
    loss_rate: Decimal = _ZERO
    expectancy: Decimal = _ZERO
    start_equity: Decimal = _ZERO
    end_equity: Decimal = _ZERO
    compounding_annual_return: Decimal = _ZERO
    drawdown: Decimal = _ZERO
    total_net_profit: Decimal = _ZERO
    sharpe_ratio: Decimal = _ZERO
    probabilistic_sharpe_ratio: Decimal = _ZERO
    sortino_ratio: Decimal = _ZERO
    alpha: Decimal = _ZERO
    beta: Decimal = _ZERO
    annual_standard_deviation: Decimal = _ZERO
    annual_variance: Decimal = _ZERO
    information_ratio: Decimal = _ZERO
    tracking_error: Decimal = _ZERO
    treynor_ratio: Decimal = _ZERO
    portfolio_turnover: Decimal = _ZERO
    value_at_risk_99: Decimal = _ZERO
    value_at_risk_95: Decimal = _ZERO
    drawdown_recovery: int = 0


@dataclass(frozen=True)
class PeriodSamples:
    """What one period's statistics are computed from; times are microseconds UTC, in order.

    Attributes:
        profit_loss: transaction records, profit by time.
        equity: portfolio value by time (closes of the equity candles).
        turnover: daily turnover by time.
        performance: daily returns, first two dropped.
        benchmark: daily returns of the benchmark, first dropped.
        starting_capital: portfolio value at the period's start.
        win_count: transactions that count as won (see `TransactionManager`).
        loss_count: transactions that count as lost.
    """

    profit_loss: Mapping[int, Decimal]
    equity: Mapping[int, Decimal]
    turnover: Mapping[int, Decimal]
    performance: Sequence[float]
    benchmark: Sequence[float]
    starting_capital: Decimal
    win_count: int
    loss_count: int


def portfolio_statistics(samples: PeriodSamples, risk_free_rate: RiskFreeRate, trading_days_per_year: int) -> PortfolioStatistics:
    """All figures of the period; with fewer than two returns only equities and turnover, the rest stays 0."""
    result = PortfolioStatistics(start_equity=samples.starting_capital, end_equity=_last(samples.equity))
    if samples.turnover:
        result.portfolio_turnover = sum(samples.turnover.values(), _ZERO) / len(samples.turnover)
    if samples.starting_capital == 0 or len(samples.benchmark) < 2 or len(samples.performance) < 2:
        return result
    _add_trade_rates(result, samples)
    _add_returns(result, samples)
    _add_risk_ratios(result, samples, risk_free_rate, trading_days_per_year)
    result.value_at_risk_99 = _value_at_risk(samples.performance, trading_days_per_year, 0.99)
    result.value_at_risk_95 = _value_at_risk(samples.performance, trading_days_per_year, 0.95)
    result.drawdown, result.drawdown_recovery = drawdown_metrics(samples.equity, 3)
    return result


def _last(series: Mapping[int, Decimal]) -> Decimal:
    return list(series.values())[-1] if series else _ZERO


def _add_trade_rates(result: PortfolioStatistics, samples: PeriodSamples) -> None:
    capital = samples.starting_capital
    total_profit = total_loss = _ZERO
    wins = losses = 0
    for profit in samples.profit_loss.values():
        if profit > 0:
            total_profit += profit / capital
            wins += 1
        else:
            total_loss += profit / capital
            losses += 1
        capital += profit
    result.average_win_rate = total_profit / wins if wins else _ZERO
    result.average_loss_rate = total_loss / losses if losses else _ZERO
    if result.average_loss_rate:
        result.profit_loss_ratio = result.average_win_rate / abs(result.average_loss_rate)
    trades = samples.win_count + samples.loss_count
    if trades:
        result.win_rate = Decimal(samples.win_count) / trades
        result.loss_rate = Decimal(samples.loss_count) / trades
    result.expectancy = product(result.win_rate, result.profit_loss_ratio) - result.loss_rate


def _add_returns(result: PortfolioStatistics, samples: PeriodSamples) -> None:
    times = list(samples.equity)
    result.total_net_profit = result.end_equity / samples.starting_capital - 1
    years = from_double((times[-1] - times[0]) / MICROSECONDS_PER_DAY) / 365
    result.compounding_annual_return = _compounded(samples.starting_capital, result.end_equity, years)


def _compounded(start: Decimal, end: Decimal, years: Decimal) -> Decimal:
    if years == 0 or start == 0:
        return _ZERO
    ratio = to_double(end) / to_double(start)
    try:
        result = math.pow(ratio, 1 / to_double(years)) - 1
    except (OverflowError, ValueError):  # infinite or not a number in .NET
        return _ZERO
    return safe_from_double(result)


def _add_risk_ratios(result: PortfolioStatistics, samples: PeriodSamples, risk_free_rate: RiskFreeRate, days: int) -> None:
    performance, benchmark = samples.performance, samples.benchmark
    annual = _annual_performance(performance, days)
    annual_benchmark = _annual_performance(benchmark, days)
    rate = average_rate(samples.equity, risk_free_rate)
    result.annual_variance = safe_from_double(_annual_variance(performance, days))
    result.annual_standard_deviation = from_double(math.sqrt(to_double(result.annual_variance)))
    result.sharpe_ratio = _ratio(annual, rate, result.annual_standard_deviation)
    downside = [value for value in performance if value < 0]
    result.sortino_ratio = _ratio(annual, rate, safe_from_double(math.sqrt(_annual_variance(downside, days))))
    benchmark_variance = mathnet.variance(benchmark)
    if benchmark_variance and not math.isnan(benchmark_variance):
        result.beta = from_double(mathnet.covariance(performance, benchmark) / benchmark_variance)
    if result.beta:
        result.alpha = _alpha(annual, rate + result.beta * (annual_benchmark - rate))
        result.treynor_ratio = safe_division(safe_from_double(to_double(annual) - to_double(rate)), result.beta)
    difference = [own - other for own, other in zip(performance, benchmark, strict=True)]
    result.tracking_error = from_double(math.sqrt(_annual_variance(difference, days)))
    difference_of_annual = safe_from_double(to_double(annual) - to_double(annual_benchmark))
    result.information_ratio = safe_division(difference_of_annual, result.tracking_error)
    daily_rate = to_double(rate) / days
    result.probabilistic_sharpe_ratio = safe_from_double(_probabilistic_sharpe(performance, 1.0 / math.sqrt(days), daily_rate))


def _alpha(annual: Decimal, expected: Decimal) -> Decimal:
    """The annual performance above the expected one.

    Raises:
        OverflowError: more than a .NET decimal holds, which ends LEAN's statistics as well.
    """
    with localcontext(prec=60):
        exact = annual - expected
    if not fits_a_decimal(exact):
        raise OverflowError(f"alpha {exact} does not fit a decimal: annual performance {annual}, expected {expected}")
    return +exact


def average_rate(equity: Mapping[int, Decimal], risk_free_rate: RiskFreeRate) -> Decimal:
    """Mean risk-free rate over the moments of all equity points (so weighted by intraday points)."""
    if not equity:
        return _ZERO
    rates: dict[int, Decimal] = {}
    total = _ZERO
    for time in equity:
        day = time // MICROSECONDS_PER_DAY
        if day not in rates:
            rates[day] = risk_free_rate(time)
        total += rates[day]
    return total / len(equity)


def _annual_performance(values: Sequence[float], days: int) -> Decimal:
    return safe_from_double(math.pow(mathnet.average(values) + 1, days) - 1)


def _annual_variance(values: Sequence[float], days: int) -> float:
    variance = mathnet.variance(values)
    return 0.0 if math.isnan(variance) else variance * days


def _ratio(performance: Decimal, rate: Decimal, deviation: Decimal) -> Decimal:
    if deviation == 0:
        return _ZERO
    return safe_from_double((to_double(performance) - to_double(rate)) / to_double(deviation))


def _probabilistic_sharpe(values: Sequence[float], benchmark_sharpe: float, daily_rate: float) -> float:
    deviation = mathnet.standard_deviation(values)
    observed = 0.0 if math.isnan(deviation) or deviation == 0 else (mathnet.average(values) - daily_rate) / deviation
    term = 1 - mathnet.skewness(values) * observed + ((mathnet.kurtosis(values) - 1) / 4) * observed**2
    squared_error = term / (len(values) - 1)
    if math.isnan(squared_error) or squared_error < 0:
        return 0.0
    error = math.sqrt(squared_error)
    return mathnet.normal_cumulative(0.0 if error == 0 else (observed - benchmark_sharpe) / error)


def _value_at_risk(values: Sequence[float], days: int, confidence: float) -> Decimal:
    recent = values[-days:]
    quantile = mathnet.normal_quantile(mathnet.mean(recent), mathnet.standard_deviation(recent), 1 - confidence)
    return round_decimal(from_double(quantile), 3)


def drawdown_metrics(equity: Mapping[int, Decimal], digits: int) -> tuple[Decimal, int]:
    """Largest fall from a peak as a fraction rounded to `digits`, and the longest time in whole days from a peak to its recovery."""
    if len(equity) < 2:
        return _ZERO, 0
    items = iter(equity.items())
    peak_time, peak = next(items)
    worst = _ZERO
    falling_since: int | None = None
    longest = 0
    for time, value in items:
        if value >= peak:
            if falling_since is not None:
                longest = max(longest, time - falling_since)
                falling_since = None
            peak, peak_time = value, time
            continue
        if peak == 0:
            return _ZERO, 0  # LEAN logs the division by zero and reports nothing
        worst = min(worst, value / peak - 1)
        if falling_since is None:
            falling_since = peak_time
    return round_decimal(abs(worst), digits), longest // MICROSECONDS_PER_DAY
