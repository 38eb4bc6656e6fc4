from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from simulator.common.bars import Bar, Delisting, Dividend, OpenInterest, QuoteBar, Split, TradeBar
from simulator.common.enums import DelistingType, MarketDataType, Resolution, SplitType
from simulator.common.period import to_higher_resolution_equivalent, to_microseconds, to_time_span
from simulator.common.symbol import Symbol
from simulator.common.time_zone import to_utc

TIME = datetime(2024, 1, 9, 9, 30)


def test_a_trade_bar_shows_floats_over_exact_decimals():
    bar = TradeBar(TIME, Symbol.NONE, 1, 3, 0.1, 2.5, 100)
    assert (bar.open, bar.high, bar.low, bar.close, bar.volume) == (1.0, 3.0, 0.1, 2.5, 100.0)
    assert bar._low == Decimal("0.1")
    assert bar.value == bar.price == bar.close
    assert (bar.time, bar.end_time, bar.period) == (TIME, TIME + timedelta(minutes=1), timedelta(minutes=1))
    assert bar.data_type is MarketDataType.TRADE_BAR


@pytest.mark.parametrize(
    ("bid", "ask", "close"),
    [((1, 2), (3, 4), Decimal("3.0")), ((1, 0), (3, 4), 4), ((1, 2), None, 2), (None, (3, 4), 4), (None, None, 0), ((0, 0), (0, 0), 0)],
)
def test_a_quote_bar_s_price_is_the_mid_or_the_side_there_is(bid, ask, close):
    sides = [None if side is None else Bar(side[0], side[0], side[0], side[1]) for side in (bid, ask)]
    bar = QuoteBar(TIME, Symbol.NONE, sides[0], 5, sides[1], 7)
    assert bar._close == close
    assert bar.close == float(close)
    assert bar.last_bid_size == (0 if bid is None else 5)


def test_the_mid_keeps_the_scale_a_net_decimal_has():
    bar = QuoteBar(TIME, Symbol.NONE, Bar(*[Decimal("10.3500")] * 4), 1, Bar(*[Decimal("10.4500")] * 4), 1)
    assert str(bar._close) == "10.4000"
    odd = QuoteBar(TIME, Symbol.NONE, Bar(*[Decimal("4.75")] * 4), 1, Bar(*[Decimal("5.25")] * 4), 1)
    assert str(odd._close) == "5.00"


def test_a_clone_is_marked_and_the_original_is_not():
    bar = TradeBar(TIME, Symbol.NONE, 1, 1, 1, 1, 1)
    copy = bar.clone(fill_forward=True)
    assert (copy.is_fill_forward, bar.is_fill_forward) == (True, False)
    assert copy.close == bar.close


def test_a_repeated_trade_bar_has_no_volume_and_a_repeated_quote_keeps_its_sizes():
    trade = TradeBar(TIME, Symbol.NONE, 1, 2, 3, 4, 5)
    assert (trade.clone().volume, trade.clone(fill_forward=True).volume) == (5.0, 0.0)
    assert (trade.clone().open, trade.clone().high, trade.clone().low, trade.clone().end_time) == (1.0, 2.0, 3.0, trade.end_time)
    quote = QuoteBar(TIME, Symbol.NONE, Bar(1, 2, 3, 4), 5, Bar(6, 7, 8, 9), 10)
    repeated = quote.clone(fill_forward=True)
    assert (repeated.bid.low, repeated.ask.high, repeated.last_bid_size, repeated.last_ask_size) == (3.0, 7.0, 5.0, 10.0)
    assert (repeated.close, repeated.time, repeated.is_fill_forward, quote.is_fill_forward) == (6.5, TIME, True, False)
    assert isinstance(repeated, QuoteBar)


def test_times_are_naive_in_the_exchange_s_zone():
    bar = TradeBar(TIME, Symbol.NONE, 1, 1, 1, 1, 1)
    bar._set_span(to_utc(TIME, "America/New_York"), to_utc(TIME + timedelta(minutes=1), "America/New_York"), "America/Chicago")
    assert bar.end_time == datetime(2024, 1, 9, 8, 31)


def test_auxiliary_points():
    dividend = Dividend(Symbol.NONE, TIME, 0.47, 100)
    assert (dividend.distribution, dividend.reference_price, dividend.time) == (0.47, 100.0, TIME)
    split = Split(Symbol.NONE, TIME, 499.23, 0.25, SplitType.WARNING)
    assert (split.split_factor, split.type, str(split).split(":")[0]) == (0.25, SplitType.WARNING, "Split Warning")
    delisting = Delisting(Symbol.NONE, TIME, 0, DelistingType.DELISTED)
    assert (delisting.end_time, delisting.ticket) == (TIME, None)
    assert OpenInterest(TIME, Symbol.NONE, 12).value == 12.0


def test_resolutions_and_spans():
    assert to_time_span(Resolution.HOUR) == timedelta(hours=1)
    assert to_microseconds(Resolution.DAILY) == 86_400_000_000
    assert to_higher_resolution_equivalent(timedelta(minutes=30)) is Resolution.MINUTE
    assert to_higher_resolution_equivalent(timedelta(days=3)) is Resolution.DAILY
    assert to_higher_resolution_equivalent(timedelta(milliseconds=10)) is Resolution.TICK


def test_times_of_points_can_be_set():
    """Common/Data/Market/TradeBar.cs, BaseData.cs: a bar keeps its length when it is moved, its end moves alone, a point moves as a whole."""
    bar = TradeBar(datetime(2024, 1, 9, 9, 30), Symbol.NONE, 1, 2, 0.5, 1.5, 10, timedelta(minutes=5))
    bar.time = datetime(2024, 1, 9, 10)
    assert (bar.end_time, bar.period) == (datetime(2024, 1, 9, 10, 5), timedelta(minutes=5))
    bar.end_time = datetime(2024, 1, 9, 10, 1)
    assert (bar.time, bar.period) == (datetime(2024, 1, 9, 10), timedelta(minutes=1))
    interest = OpenInterest(datetime(2024, 1, 9), Symbol.NONE, 5)
    interest.end_time = datetime(2024, 1, 10)
    assert interest.time == interest.end_time == datetime(2024, 1, 10)
