from dataclasses import dataclass
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from simulator.common.enums import FillGroupingMethod, FillMatchingMethod, TradeDirection
from simulator.results.json_text import tick_span
from simulator.results.trade_builder import TradeBuilder
from simulator.results.trade_statistics import trade_statistics

ONE = Decimal(1)


@dataclass
class Fill:
    order_id: int
    _utc: int
    _fill_price: Decimal
    _fill_quantity: Decimal
    symbol: str = "SPXW"


def build(*fills, fee=1, multiplier=100):
    builder = TradeBuilder()
    for number, (quantity, price) in enumerate(fills, start=1):
        builder.process_fill(
            Fill(number, number * 60_000_000, Decimal(str(price)), Decimal(quantity)), ONE, Decimal(fee), Decimal(multiplier)
        )
    return builder


def test_round_trip_of_a_short_option():
    (trade,) = build((-1, 20.1), (1, 45.1)).closed_trades
    assert (trade.direction, trade.quantity, trade.profit_loss, trade.total_fees, trade.order_ids) == (
        TradeDirection.SHORT,
        1,
        -2500,
        2,
        [1, 2],
    )
    assert (trade.is_win, trade.mae, trade.mfe, trade.end_trade_drawdown) == (False, -2500, 0, 2500)


def test_partial_closes_are_trades_of_their_own_and_share_fees_once():
    first, second = build((-2, 6), (1, 4), (1, 7)).closed_trades
    assert (first.quantity, first.profit_loss, first.total_fees) == (1, 200, 2)
    assert (second.quantity, second.profit_loss, second.total_fees) == (1, -100, 1)


def test_oldest_fill_is_closed_first():
    builder = build((1, 10), (1, 20), (-1, 15))
    assert builder.closed_trades[0].entry_price == 10
    assert builder.has_open_position("SPXW")


def test_reversal_closes_and_opens_without_a_second_fee():
    builder = build((1, 10), (-3, 12), (2, 11))
    closed, reopened = builder.closed_trades
    assert (closed.profit_loss, closed.total_fees) == (200, 2)
    assert (reopened.direction, reopened.quantity, reopened.profit_loss, reopened.total_fees) == (TradeDirection.SHORT, 2, 200, 1)
    assert not builder.has_open_position("SPXW")


def test_excursions_use_prices_seen_meanwhile():
    builder = build((-1, 10))
    for price in (8, 13, 9):
        builder.set_market_price("SPXW", Decimal(price))
    builder.process_fill(Fill(2, 2, Decimal(9), Decimal(1)), ONE, Decimal(0), Decimal(100))
    (trade,) = builder.closed_trades
    assert (trade.mfe, trade.mae, trade.end_trade_drawdown) == (200, -300, 500)


def test_split_restates_the_open_position():
    builder = build((100, 50), multiplier=1)
    builder._apply_split("SPXW", Decimal("0.5"))
    builder.process_fill(Fill(2, 2, Decimal(30), Decimal(-200)), ONE, Decimal(0))
    (trade,) = builder.closed_trades
    assert (trade.quantity, trade.entry_price, trade.profit_loss) == (200, 25, 1000)


@given(st.lists(st.tuples(st.integers(-5, 5).filter(bool), st.integers(1, 50)), min_size=1, max_size=25))
def test_profit_equals_cash_flow_once_flat(fills):
    position = sum(quantity for quantity, _ in fills)
    if position:
        fills = [*fills, (-position, 30)]
    trades = build(*fills, fee=1, multiplier=10).closed_trades
    assert sum(trade.profit_loss for trade in trades) == -10 * sum(quantity * price for quantity, price in fills)
    assert sum(trade.total_fees for trade in trades) <= len(fills)
    figures = trade_statistics(trades)
    assert figures.total_number_of_trades == len(trades) == figures.number_of_winning_trades + figures.number_of_losing_trades
    assert figures.total_profit + figures.total_loss == figures.total_profit_loss


def test_average_durations_are_cut_to_ticks():
    """TradeStatistics adds TimeSpan.FromSeconds(change), which cuts what is less than 100 ns: seven trades of 60 and 120 seconds."""
    builder = build(*[(1, 10), (-1, 11)] * 6, (1, 10))
    builder.process_fill(Fill(14, 15 * 60_000_000, Decimal(11), Decimal(-1)), ONE, ONE)
    figures = trade_statistics(builder.closed_trades)
    assert tick_span(figures.average_trade_duration) == "00:01:08.5714285"
    assert tick_span(figures.median_trade_duration) == "00:01:00"


def _grouped(grouping, *fills, matching=FillMatchingMethod.FIFO):
    builder = TradeBuilder(grouping, matching)
    for number, (quantity, price) in enumerate(fills, start=1):
        builder.process_fill(Fill(number, number * 60_000_000, Decimal(str(price)), Decimal(quantity)), ONE, ONE, Decimal(100))
    return [
        (str(t.direction), t.quantity, t.entry_time.minute, t.entry_price, t.exit_price, t.profit_loss, t.total_fees, t.order_ids)
        for t in builder.closed_trades
    ]


def test_flat_to_flat_is_one_trade_with_average_prices():
    """TradeBuilder.ProcessFillUsingFlatToFlat: partial closes wait for the last one, fees add up."""
    trades = _grouped(FillGroupingMethod.FLAT_TO_FLAT, (-1, 10), (-1, 12), (1, 9), (1, 7))
    assert trades == [("SHORT", 2.0, 1, 11.0, 8.0, 600.0, 4.0, [1, 2, 3, 4])]


def test_flat_to_flat_starts_anew_with_what_turns_a_position_around():
    trades = _grouped(FillGroupingMethod.FLAT_TO_FLAT, (1, 10), (-3, 12), (2, 11))
    assert trades == [
        ("LONG", 1.0, 1, 10.0, 12.0, 200.0, 2.0, [1, 2]),
        ("SHORT", 2.0, 2, 12.0, 11.0, 200.0, 1.0, [2, 3]),
    ]


def test_flat_to_reduced_is_a_trade_for_every_reduction():
    """TradeBuilder.ProcessFillUsingFlatToReduced: the first reduction pays all fees so far, the entry price is that of what it closes."""
    trades = _grouped(FillGroupingMethod.FLAT_TO_REDUCED, (1, 10), (2, 13), (-2, 15), (-2, 12), (1, 11))
    assert trades == [
        ("LONG", 2.0, 1, 11.5, 15.0, 700.0, 3.0, [3, 1, 2]),
        ("LONG", 1.0, 2, 13.0, 12.0, -100.0, 1.0, [4, 2]),
        ("SHORT", 1.0, 4, 12.0, 11.0, 100.0, 1.0, [5, 4]),
    ]


def test_newest_fills_may_be_closed_first():
    """FillMatchingMethod.LIFO; the entry time of a reduction is then that of the oldest fill it closes wholly."""
    fills = (1, 10), (2, 13), (-2, 15), (-1, 12)
    assert _grouped(FillGroupingMethod.FILL_TO_FILL, *fills, matching=FillMatchingMethod.LIFO) == [
        ("LONG", 2.0, 2, 13.0, 15.0, 400.0, 2.0, [2, 3]),
        ("LONG", 1.0, 1, 10.0, 12.0, 200.0, 2.0, [1, 4]),
    ]
    assert _grouped(FillGroupingMethod.FLAT_TO_REDUCED, *fills, matching=FillMatchingMethod.LIFO) == [
        ("LONG", 2.0, 2, 13.0, 15.0, 400.0, 3.0, [3, 2]),
        ("LONG", 1.0, 1, 10.0, 12.0, 200.0, 1.0, [4, 1]),
    ]
