"""Statistics of closed trades: LEAN's `TradeStatistics`, accumulated trade by trade in its order of operations."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from simulator.results.net_number import from_double, to_double
from simulator.results.trade import Trade

_ZERO = Decimal(0)
_TICKS_PER_SECOND: Final = 10_000_000
_NOT_FINITE_RATIO = Decimal(10)  # what LEAN shows for a ratio without losses


@dataclass
class TradeStatistics:
    """Figures of closed trades; money in account currency, times in microseconds (UTC), durations in .NET's ticks of 100 ns."""

    start_date_time: int | None = None
    end_date_time: int | None = None
    total_number_of_trades: int = 0
    number_of_winning_trades: int = 0
    number_of_losing_trades: int = 0
    total_profit_loss: Decimal = _ZERO
    total_profit: Decimal = _ZERO
    total_loss: Decimal = _ZERO
    largest_profit: Decimal = _ZERO
    largest_loss: Decimal = _ZERO
    average_profit_loss: Decimal = _ZERO
    average_profit: Decimal = _ZERO
    average_loss: Decimal = _ZERO
    average_trade_duration: int = 0
    average_winning_trade_duration: int = 0
    average_losing_trade_duration: int = 0
    median_trade_duration: int = 0
    median_winning_trade_duration: int = 0
    median_losing_trade_duration: int = 0
    max_consecutive_winning_trades: int = 0
    max_consecutive_losing_trades: int = 0
    profit_loss_ratio: Decimal = _ZERO
    win_loss_ratio: Decimal = _ZERO
    win_rate: Decimal = _ZERO
    loss_rate: Decimal = _ZERO
    average_mae: Decimal = _ZERO
    average_mfe: Decimal = _ZERO
    largest_mae: Decimal = _ZERO
    largest_mfe: Decimal = _ZERO
    maximum_closed_trade_drawdown: Decimal = _ZERO
    maximum_intra_trade_drawdown: Decimal = _ZERO
    profit_loss_standard_deviation: Decimal = _ZERO
    profit_loss_downside_deviation: Decimal = _ZERO
    profit_factor: Decimal = _ZERO
    sharpe_ratio: Decimal = _ZERO
    sortino_ratio: Decimal = _ZERO
    profit_to_max_drawdown_ratio: Decimal = _ZERO
    maximum_end_trade_drawdown: Decimal = _ZERO
    average_end_trade_drawdown: Decimal = _ZERO
    maximum_drawdown_duration: int = 0
    total_fees: Decimal = _ZERO


@dataclass
class _Progress:
    """What is carried from trade to trade besides the figures themselves."""

    winning_streak: int = 0
    losing_streak: int = 0
    losses_counted_as_wins: int = 0
    peak_profit: Decimal = _ZERO
    peak_profit_with_excursion: Decimal = _ZERO
    variance_sum: Decimal = _ZERO
    downside_variance_sum: Decimal = _ZERO
    last_peak_time: int | None = None
    in_drawdown: bool = False
    durations: list[int] = field(default_factory=list)
    winning_durations: list[int] = field(default_factory=list)
    losing_durations: list[int] = field(default_factory=list)


def trade_statistics(trades: Iterable[Trade]) -> TradeStatistics:
    """Figures of the trades in the order they were closed."""
    result, progress = TradeStatistics(), _Progress()
    for trade in trades:
        _begin(result, progress, trade)
        if trade._profit_loss > 0:
            _add_win(result, progress, trade)
        else:
            _add_loss(result, progress, trade)
        _add_any(result, progress, trade)
    _finish(result, progress)
    return result


def _begin(result: TradeStatistics, progress: _Progress, trade: Trade) -> None:
    if progress.last_peak_time is None:
        progress.last_peak_time = trade._entry_time_utc
    if result.start_date_time is None or trade._entry_time_utc < result.start_date_time:
        result.start_date_time = trade._entry_time_utc
    if result.end_date_time is None or trade._exit_time_utc > result.end_date_time:
        result.end_date_time = trade._exit_time_utc
    result.total_number_of_trades += 1
    progress.peak_profit_with_excursion = max(progress.peak_profit_with_excursion, result.total_profit_loss + trade._mfe)
    fall = result.total_profit_loss + trade._mae - progress.peak_profit_with_excursion
    result.maximum_intra_trade_drawdown = min(result.maximum_intra_trade_drawdown, fall)


def _add_win(result: TradeStatistics, progress: _Progress, trade: Trade) -> None:
    result.number_of_winning_trades += 1
    result.total_profit_loss += trade._profit_loss
    result.total_profit += trade._profit_loss
    result.average_profit += (trade._profit_loss - result.average_profit) / result.number_of_winning_trades
    result.average_winning_trade_duration = _next_average(result.average_winning_trade_duration, trade, result.number_of_winning_trades)
    progress.winning_durations.append(_ticks(trade))
    result.largest_profit = max(result.largest_profit, trade._profit_loss)
    _extend_winning_streak(result, progress)
    if result.total_profit_loss > progress.peak_profit:
        progress.peak_profit = result.total_profit_loss
        since_peak = trade._exit_time_utc - (progress.last_peak_time or 0)
        if progress.in_drawdown:
            result.maximum_drawdown_duration = max(result.maximum_drawdown_duration, since_peak * 10)
        progress.last_peak_time = trade._exit_time_utc
        progress.in_drawdown = False


def _add_loss(result: TradeStatistics, progress: _Progress, trade: Trade) -> None:
    result.number_of_losing_trades += 1
    result.total_profit_loss += trade._profit_loss
    result.total_loss += trade._profit_loss
    previous = result.average_loss
    result.average_loss += (trade._profit_loss - result.average_loss) / result.number_of_losing_trades
    progress.downside_variance_sum += (trade._profit_loss - previous) * (trade._profit_loss - result.average_loss)
    result.profit_loss_downside_deviation = _deviation(progress.downside_variance_sum, result.number_of_losing_trades)
    result.average_losing_trade_duration = _next_average(result.average_losing_trade_duration, trade, result.number_of_losing_trades)
    progress.losing_durations.append(_ticks(trade))
    result.largest_loss = min(result.largest_loss, trade._profit_loss)
    if trade.is_win:  # an exercised option in the money lost its premium, yet ended as planned
        progress.losses_counted_as_wins += 1
        _extend_winning_streak(result, progress)
    else:
        progress.winning_streak = 0
        progress.losing_streak += 1
        result.max_consecutive_losing_trades = max(result.max_consecutive_losing_trades, progress.losing_streak)
    result.maximum_closed_trade_drawdown = min(result.maximum_closed_trade_drawdown, result.total_profit_loss - progress.peak_profit)
    progress.in_drawdown = True


def _extend_winning_streak(result: TradeStatistics, progress: _Progress) -> None:
    progress.winning_streak += 1
    progress.losing_streak = 0
    result.max_consecutive_winning_trades = max(result.max_consecutive_winning_trades, progress.winning_streak)


def _add_any(result: TradeStatistics, progress: _Progress, trade: Trade) -> None:
    count = result.total_number_of_trades
    previous = result.average_profit_loss
    result.average_profit_loss += (trade._profit_loss - result.average_profit_loss) / count
    progress.variance_sum += (trade._profit_loss - previous) * (trade._profit_loss - result.average_profit_loss)
    result.profit_loss_standard_deviation = _deviation(progress.variance_sum, count)
    result.average_trade_duration = _next_average(result.average_trade_duration, trade, count)
    progress.durations.append(_ticks(trade))
    result.average_mae += (trade._mae - result.average_mae) / count
    result.average_mfe += (trade._mfe - result.average_mfe) / count
    result.largest_mae = min(result.largest_mae, trade._mae)
    result.largest_mfe = max(result.largest_mfe, trade._mfe)
    result.maximum_end_trade_drawdown = max(result.maximum_end_trade_drawdown, trade._end_trade_drawdown)
    result.total_fees += trade._total_fees


def _finish(result: TradeStatistics, progress: _Progress) -> None:
    result.number_of_winning_trades += progress.losses_counted_as_wins
    result.number_of_losing_trades -= progress.losses_counted_as_wins
    total, wins, losses = result.total_number_of_trades, result.number_of_winning_trades, result.number_of_losing_trades
    if result.average_loss:
        result.profit_loss_ratio = result.average_profit / abs(result.average_loss)
    if total:
        result.win_loss_ratio = Decimal(wins) / losses if losses else _NOT_FINITE_RATIO
        result.win_rate = Decimal(wins) / total
        result.loss_rate = 1 - result.win_rate
    if result.total_profit:
        result.profit_factor = result.total_profit / abs(result.total_loss) if result.total_loss < 0 else _NOT_FINITE_RATIO
    if result.profit_loss_standard_deviation > 0:
        result.sharpe_ratio = result.average_profit_loss / result.profit_loss_standard_deviation
    if result.profit_loss_downside_deviation > 0:
        result.sortino_ratio = result.average_profit_loss / result.profit_loss_downside_deviation
    if result.total_profit_loss:
        fall = result.maximum_closed_trade_drawdown
        result.profit_to_max_drawdown_ratio = result.total_profit_loss / abs(fall) if fall < 0 else _NOT_FINITE_RATIO
    result.average_end_trade_drawdown = result.average_profit_loss - result.average_mfe
    result.median_trade_duration = _median(progress.durations)
    result.median_winning_trade_duration = _median(progress.winning_durations)
    result.median_losing_trade_duration = _median(progress.losing_durations)


def _deviation(squares: Decimal, count: int) -> Decimal:
    return from_double(math.sqrt(to_double(squares / (count - 1)))) if count > 1 else _ZERO


def _ticks(trade: Trade) -> int:
    return trade._duration * 10


def _next_average(average: int, trade: Trade, count: int) -> int:
    """TimeSpan.FromSeconds cuts the part of a tick, toward zero."""
    change = (_ticks(trade) / _TICKS_PER_SECOND - average / _TICKS_PER_SECOND) / count
    return average + int(change * _TICKS_PER_SECOND)


def _median(durations: Sequence[int]) -> int:
    if not durations:
        return 0
    return sorted(durations)[len(durations) // 2]  # LEAN takes the upper of two middle values
