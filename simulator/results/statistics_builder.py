"""LEAN's `StatisticsBuilder`: the whole run, its rolling months, and the printed summary."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

from simulator.common.time_zone import EPOCH
from simulator.results.net_number import (
    decimal_text,
    double_text,
    round_decimal,
    round_double,
    round_to_significant_digits,
    safe_multiply_100,
    to_double,
)
from simulator.results.portfolio_statistics import (
    MICROSECONDS_PER_DAY,
    PeriodSamples,
    PortfolioStatistics,
    RiskFreeRate,
    portfolio_statistics,
)
from simulator.results.trade import Trade
from simulator.results.trade_statistics import TradeStatistics, trade_statistics

_MONTH_PERIODS = (1, 3, 6, 12)
_CENT = Decimal("0.01")
Points = Mapping[int, Decimal]
"""Values by time (microseconds UTC), in order."""


class MisalignedSeriesError(Exception):
    """Benchmark and performance were not sampled at the same times."""


@dataclass
class AlgorithmPerformance:
    """Figures of one period and its closed trades (LEAN's `AlgorithmPerformance`)."""

    trade_statistics: TradeStatistics = field(default_factory=TradeStatistics)
    portfolio_statistics: PortfolioStatistics = field(default_factory=PortfolioStatistics)
    closed_trades: list[Trade] = field(default_factory=list)


@dataclass
class StatisticsResults:
    """Total and rolling performance and the printed summary (LEAN's `StatisticsResults`)."""

    total_performance: AlgorithmPerformance = field(default_factory=AlgorithmPerformance)
    rolling_performances: dict[str, AlgorithmPerformance] = field(default_factory=dict)
    summary: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RunRecord:
    """What a run left behind for the statistics; times are microseconds UTC.

    Attributes:
        trades: closed trades.
        profit_loss: transaction records.
        wins: times of transactions that count as won.
        losses: times of transactions that count as lost.
        equity: closes of the equity candles.
        performance: daily returns in percent.
        benchmark: daily benchmark values.
        turnover: daily turnover.
        starting_capital: starting portfolio value.
        total_fees: all fees.
        total_orders: number of orders.
        capacity: estimated capacity.
        lowest_capacity_asset: security identifier of the scarcest asset, or "".
        currency_symbol: of the account, "$".
    """

    trades: Sequence[Trade]
    profit_loss: Points
    wins: Sequence[int]
    losses: Sequence[int]
    equity: Points
    performance: Points
    benchmark: Points
    turnover: Points
    starting_capital: Decimal
    total_fees: Decimal
    total_orders: int
    capacity: Decimal
    lowest_capacity_asset: str
    currency_symbol: str = "$"


def generate(record: RunRecord, risk_free_rate: RiskFreeRate, trading_days_per_year: int) -> StatisticsResults:
    """Total, rolling and printed statistics of a run.

    Raises:
        MisalignedSeriesError: benchmark and performance differ in length.
    """
    times = list(record.equity)
    first, last = times[0] // MICROSECONDS_PER_DAY, times[-1] // MICROSECONDS_PER_DAY
    total = _performance(record, first, last, risk_free_rate, trading_days_per_year)
    rolling = {}
    for months in _MONTH_PERIODS:
        for start, end in period_ranges(months, first, last):
            key = f"M{months}_{_date(end):%Y%m%d}"
            rolling[key] = _performance(record, start, end, risk_free_rate, trading_days_per_year)
    return StatisticsResults(total, rolling, summary(total, record))


def _date(day: int) -> date:
    return EPOCH.date() + timedelta(days=day)


def _day(moment: date) -> int:
    return (moment - EPOCH.date()).days


def period_ranges(months: int, first: int, last: int) -> list[tuple[int, int]]:
    """Periods of so many months ending at month ends, as first and last day (days since 1970); the outer ones are partial."""
    ends = [last]
    while (before := _day(_date(ends[-1]).replace(day=1)) - 1) >= first:
        ends.append(before)
    ranges = [(first, ends[-1])]
    for end in reversed(ends[:-1]):
        start = _date(ranges[-1][1] + 1)
        month_index = start.year * 12 + start.month - 1 + 1 - months
        ranges.append((max(first, _day(date(month_index // 12, month_index % 12 + 1, 1))), end))
    return ranges


def _within(points: Points, first: int, last: int) -> dict[int, Decimal]:
    start, end = first * MICROSECONDS_PER_DAY, (last + 1) * MICROSECONDS_PER_DAY
    return {time: value for time, value in points.items() if start <= time < end}


def _count_within(times: Sequence[int], first: int, last: int) -> int:
    return sum(first <= time // MICROSECONDS_PER_DAY <= last for time in times)


def _performance(record: RunRecord, first: int, last: int, risk_free_rate: RiskFreeRate, days: int) -> AlgorithmPerformance:
    equity = _within(record.equity, first, last)
    if not equity:
        return AlgorithmPerformance()
    trades = [trade for trade in record.trades if first <= trade._exit_time_utc // MICROSECONDS_PER_DAY <= last]
    benchmark = list(_within(record.benchmark, first, last).values())
    performance = list(_within(record.performance, first, last).values())
    if len(benchmark) != len(performance):
        raise MisalignedSeriesError(f"Benchmark and performance series have {abs(len(benchmark) - len(performance))} misaligned values")
    samples = PeriodSamples(
        profit_loss=_within(record.profit_loss, first, last),
        equity=equity,
        turnover=_within(record.turnover, first, last),
        performance=[to_double(value / 100) for value in performance[2:]],
        benchmark=benchmark_changes(benchmark),
        starting_capital=record.starting_capital if len(equity) == len(record.equity) else next(iter(equity.values())),
        win_count=_count_within(record.wins, first, last),
        loss_count=_count_within(record.losses, first, last),
    )
    return AlgorithmPerformance(trade_statistics(trades), portfolio_statistics(samples, risk_free_rate, days), trades)


def benchmark_changes(values: Sequence[Decimal]) -> list[float]:
    """Relative changes from point to point, the first one dropped (orders of day one are not aligned with the benchmark)."""
    changes = [to_double((value - before) / before) if before else 0.0 for before, value in pairwise(values)]
    return changes[1:]


def summary(total: AlgorithmPerformance, record: RunRecord) -> dict[str, str]:
    """The STATISTICS block, in LEAN's order and print."""
    p = total.portfolio_statistics
    return {
        "Total Orders": str(record.total_orders),
        "Average Win": _percent(p.average_win_rate, 2),
        "Average Loss": _percent(p.average_loss_rate, 2),
        "Compounding Annual Return": _percent(p.compounding_annual_return, 3),
        "Drawdown": _percent(p.drawdown, 3),
        "Expectancy": decimal_text(round_decimal(p.expectancy, 3)),
        "Start Equity": decimal_text(round_decimal(p.start_equity, 2)),
        "End Equity": decimal_text(round_decimal(p.end_equity, 2)),
        "Net Profit": _percent(p.total_net_profit, 3),
        "Sharpe Ratio": _double(p.sharpe_ratio),
        "Sortino Ratio": _double(p.sortino_ratio),
        "Probabilistic Sharpe Ratio": _percent(p.probabilistic_sharpe_ratio, 3),
        "Loss Rate": _percent(p.loss_rate, 0),
        "Win Rate": _percent(p.win_rate, 0),
        "Profit-Loss Ratio": decimal_text(round_decimal(p.profit_loss_ratio, 2)),
        "Alpha": _double(p.alpha),
        "Beta": _double(p.beta),
        "Annual Standard Deviation": _double(p.annual_standard_deviation),
        "Annual Variance": _double(p.annual_variance),
        "Information Ratio": _double(p.information_ratio),
        "Tracking Error": _double(p.tracking_error),
        "Treynor Ratio": _double(p.treynor_ratio),
        "Total Fees": f"{record.currency_symbol}{record.total_fees.quantize(_CENT, ROUND_HALF_UP)}",
        "Estimated Strategy Capacity": record.currency_symbol + decimal_text(round_to_significant_digits(record.capacity, 2)),
        "Lowest Capacity Asset": record.lowest_capacity_asset,
        "Portfolio Turnover": _percent(p.portfolio_turnover, 2),
        "Drawdown Recovery": str(p.drawdown_recovery),
    }


def _percent(value: Decimal, digits: int) -> str:
    return decimal_text(round_decimal(safe_multiply_100(value), digits)) + "%"


def _double(value: Decimal) -> str:
    return double_text(round_double(to_double(value), 3))
