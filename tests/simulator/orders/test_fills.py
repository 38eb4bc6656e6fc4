"""Fill rules on bars, with the cases recorded on the real engine."""

from datetime import date

import pytest

from simulator.brokerages.brokerage_model import DefaultBrokerageModel
from simulator.common.enums import BrokerageName, OrderStatus, Resolution
from simulator.common.market import Currencies
from simulator.orders.fill_model import ImmediateFillModel
from simulator.orders.group_order import Leg
from simulator.orders.order_event import OrderEvent
from simulator.orders.order_fee import OrderFee
from simulator.orders.slippage_models import ConstantSlippageModel

EXPIRY = date(2024, 1, 12)


@pytest.fixture
def desk(make_desk):
    return make_desk(BrokerageName.DEFAULT, 1_000_000)


@pytest.fixture
def put(desk):
    return desk.option(desk.index(price=4752.5), "P", 4700, EXPIRY, mid=2.35, spread=0.1)


def next_quote(desk, security, *bar):
    desk.step()
    desk.quote(security, *bar)
    desk.scan()


# Market orders


@pytest.mark.parametrize(("quantity", "price"), [(1, 2.4), (-1, 2.3)])
def test_market_orders_fill_at_the_side_they_need(desk, put, quantity, price):
    assert desk.market_order(put.symbol, quantity).average_fill_price == price


def test_market_order_on_a_stale_price_waits_for_the_next_quote(desk, put):
    desk.step(61)
    ticket = desk.market_order(put.symbol, 1)
    assert ticket.status == OrderStatus.SUBMITTED
    next_quote(desk, put, 3.0, 3.2)
    assert (ticket.status, ticket.average_fill_price) == (OrderStatus.FILLED, 3.2)


def test_price_of_an_hour_ago_is_fresh(desk, put):
    desk.step(60)
    assert desk.market_order(put.symbol, 1).status == OrderStatus.FILLED


def test_quote_without_the_needed_side_falls_back_to_trades(desk, put):
    desk.trade(put, 2.6)
    desk.quote(put, 2.3, None)
    assert desk.market_order(put.symbol, 1).average_fill_price == 2.6


def test_slippage_worsens_the_price(desk, put):
    put.set_slippage_model(ConstantSlippageModel(0.1))
    assert desk.market_order(put.symbol, 1).average_fill_price == pytest.approx(2.4 + 0.235)
    assert desk.market_order(put.symbol, -1).average_fill_price == pytest.approx(2.3 - 0.235)


def test_daily_security_fills_a_waiting_order_at_the_open(desk):
    spy = desk.equity(resolution=Resolution.DAILY)
    desk.set_time("2024-01-08 16:00")
    desk.trade(spy, 470, minutes=390)
    desk.set_time("2024-01-09 08:00")
    ticket = desk.market_order(spy.symbol, 1)
    assert str(ticket.order_type) == "MARKET_ON_OPEN"
    desk.set_time("2024-01-09 16:00")
    desk.trade(spy, 475, open_=472, minutes=390)
    desk.scan()
    assert ticket.average_fill_price == 472


def test_futures_fill_in_extended_hours_but_combos_of_them_do_not(desk):
    es = desk.future(price=4751)
    other = desk.future("NQ", price=16000)
    desk.set_time("2024-01-09 19:00")
    desk.quote(es, 4750, 4750.25)
    desk.quote(other, 16000, 16000.25)
    assert desk.market_order(es.symbol, 1).average_fill_price == 4750.25
    tickets = desk.combo_market_order([Leg.create(es.symbol, 1), Leg.create(other.symbol, -1)], 1)
    assert {ticket.status for ticket in tickets} == {OrderStatus.SUBMITTED}


# Limit orders


@pytest.mark.parametrize(
    ("quantity", "limit", "bar", "price"),
    [
        (1, 2.3, (2.1, 2.3, (2.0, 2.3), (2.3, 2.5)), None),
        (1, 2.35, (2.1, 2.3, (2.0, 2.3), (2.3, 2.5)), 2.35),
        (1, 3.0, (2.1, 2.3, (2.0, 2.2), (2.3, 2.5)), 2.5),
        (-1, 2.4, (2.3, 2.5, (2.2, 2.4), (2.4, 2.6)), None),
        (-1, 2.35, (2.3, 2.5, (2.2, 2.4), (2.4, 2.6)), 2.35),
        (-1, 2.0, (2.3, 2.5, (2.2, 2.4), (2.4, 2.6)), 2.2),
    ],
)
def test_limit_orders_need_the_bar_to_go_through(desk, put, quantity, limit, bar, price):
    ticket = desk.limit_order(put.symbol, quantity, limit)
    next_quote(desk, put, *bar)
    assert ticket.status == (OrderStatus.SUBMITTED if price is None else OrderStatus.FILLED)
    assert ticket.average_fill_price == (price or 0)


def test_limit_orders_never_fill_in_their_own_step(desk, put):
    ticket = desk.limit_order(put.symbol, 1, 5)
    desk.scan()
    assert ticket.status == OrderStatus.SUBMITTED
    desk.step()
    desk.scan()
    assert ticket.status == OrderStatus.SUBMITTED, "the old quote must not fill it"


def test_limit_order_sent_after_hours_fills_next_morning(desk, put):
    desk.set_time("2024-01-09 17:00")
    ticket = desk.limit_order(put.symbol, 1, 5)
    desk.set_time("2024-01-10 09:31")
    desk.quote(put, 2.3, 2.4)
    desk.scan()
    assert ticket.average_fill_price == 2.4


@pytest.mark.parametrize(
    ("quantity", "limit", "bar", "price", "gap"),
    [
        (10, 470, {"open_": 471, "low": 470, "close": 471}, None, False),
        (10, 470, {"open_": 471, "low": 469, "close": 471}, 470, False),
        (10, 470, {"open_": 469, "low": 468, "close": 471}, 469, True),
        (-10, 470, {"open_": 469, "high": 471, "close": 470}, 470, False),
        (-10, 470, {"open_": 472, "high": 473, "close": 471}, 472, True),
    ],
)
def test_share_limits_fill_on_trades_or_at_a_better_open(desk, quantity, limit, bar, price, gap):
    spy = desk.equity(price=470.5)
    ticket = desk.limit_order(spy.symbol, quantity, limit)
    desk.step()
    desk.trade(spy, **bar)
    desk.scan()
    assert ticket.average_fill_price == (price or 0)
    assert ("favorable gap" in desk.events[-1].message) == gap


# Stops


@pytest.mark.parametrize(
    ("quantity", "stop", "bar", "price"),
    [
        (1, 3.0, (2.8, 3.0, (2.7, 2.9), (2.9, 3.0)), None),
        (1, 3.0, (2.8, 3.05, (2.7, 2.9), (2.9, 3.1)), 3.05),
        (1, 3.0, (2.8, 2.95, (2.7, 2.9), (2.9, 3.1)), 3.0),
        (-1, 2.0, (1.9, 2.1, (1.9, 2.1), (2.2, 2.4)), 1.9),
        (-1, 2.0, (2.1, 2.3, (1.9, 2.1), (2.2, 2.4)), 2.0),
    ],
)
def test_stops_fill_at_the_worse_of_stop_and_close(desk, put, quantity, stop, bar, price):
    ticket = desk.stop_market_order(put.symbol, quantity, stop)
    next_quote(desk, put, *bar)
    assert ticket.average_fill_price == (price or 0)


@pytest.mark.parametrize(("open_", "price"), [(469, 468), (467, 467)])
def test_share_stops_fill_at_the_stop_or_a_worse_open(desk, open_, price):
    spy = desk.equity(price=470)
    desk.hold(spy, 10)
    ticket = desk.stop_market_order(spy.symbol, -10, 468)
    desk.step()
    desk.trade(spy, 467.5, open_=open_, low=466)
    desk.scan()
    assert ticket.average_fill_price == price


def test_stop_limit_waits_for_a_better_price_after_its_trigger(desk, put):
    ticket = desk.stop_limit_order(put.symbol, 1, 3.0, 2.9)
    next_quote(desk, put, 3.0, 3.2, (2.9, 3.1), (3.1, 3.3))
    assert ticket.status == OrderStatus.SUBMITTED
    next_quote(desk, put, 2.7, 2.8, (2.6, 2.7), (2.7, 2.85))
    assert ticket.average_fill_price == 2.85


def test_trailing_stop_follows_and_triggers_on_touch(desk, put):
    desk.hold(put, 1)
    ticket = desk.trailing_stop_order(put.symbol, -1, 0.5, False)
    next_quote(desk, put, 3.0, 3.2, (2.9, 3.1), (3.4, 3.6))
    assert ticket._order.stop_price == pytest.approx(2.9)
    next_quote(desk, put, 2.9, 3.1, (2.9, 3.1), (3.0, 3.2))
    assert ticket.average_fill_price == 2.9


def test_limit_if_touched_waits_for_a_trade(desk, put):
    ticket = desk.limit_if_touched_order(put.symbol, 1, 2.0, 2.2)
    desk.step()
    desk.trade(put, 2.1, low=2.0)
    desk.quote(put, 2.1, 2.3)
    desk.scan()
    assert ticket.average_fill_price == 2.2


# Combos


@pytest.fixture
def pair(desk):
    """LEAN's recorded case: 4700P asked 2.25 low and 2.45 high, 4750P bid 12.45 low and 12.65 high."""
    spx = desk.index(price=4752.5)
    return desk.option(spx, "P", 4700, EXPIRY, mid=2.3), desk.option(spx, "P", 4750, EXPIRY, mid=12.5)


def quote_pair(desk, pair):
    desk.step()
    desk.quote(pair[0], 2.2, 2.3, (2.1, 2.25), (2.4, 2.45))
    desk.quote(pair[1], 12.5, 12.7, (12.45, 12.6), (12.65, 12.8))
    desk.scan()


def test_bought_combo_fills_at_the_lows_of_its_legs(desk, pair):
    desk.combo_limit_order([Leg.create(pair[0].symbol, 1), Leg.create(pair[1].symbol, -1)], 2, -8.0)
    quote_pair(desk, pair)
    assert [(quantity, price) for _, _, quantity, price in desk.fills()] == [(2, 2.25), (-2, 12.45)]


def test_sold_combo_fills_at_the_highs_of_its_legs(desk, pair):
    desk.combo_limit_order([Leg.create(pair[0].symbol, -1), Leg.create(pair[1].symbol, 1)], -1, 8.33)
    quote_pair(desk, pair)
    assert [(quantity, price) for _, _, quantity, price in desk.fills()] == [(1, 2.45), (-1, 12.65)]


def test_combo_limit_must_be_beaten(desk, pair):
    tickets = desk.combo_limit_order([Leg.create(pair[0].symbol, 1), Leg.create(pair[1].symbol, -1)], 1, -10.2)
    quote_pair(desk, pair)
    assert {ticket.status for ticket in tickets} == {OrderStatus.SUBMITTED}


def test_combo_waits_while_a_leg_has_no_fresh_quote(desk, pair):
    tickets = desk.combo_limit_order([Leg.create(pair[0].symbol, 1), Leg.create(pair[1].symbol, -1)], 1, 5)
    desk.step()
    desk.quote(pair[0], 2.2, 2.3)
    desk.scan()
    assert {ticket.status for ticket in tickets} == {OrderStatus.FILLED}, "a quote that ended when the order was sent counts"


def test_combo_does_not_fill_on_quotes_from_before_it(desk, pair):
    desk.step()
    tickets = desk.combo_limit_order([Leg.create(pair[0].symbol, 1), Leg.create(pair[1].symbol, -1)], 1, 5)
    desk.step()
    desk.quote(pair[0], 2.2, 2.3)
    desk.scan()
    assert {ticket.status for ticket in tickets} == {OrderStatus.SUBMITTED}


def test_leg_limits_fill_together_at_their_own_prices(desk, pair):
    desk.combo_leg_limit_order([Leg.create(pair[0].symbol, 1, 2.35), Leg.create(pair[1].symbol, -1, 12.5)], 1)
    quote_pair(desk, pair)
    assert [price for _, _, _, price in desk.fills()] == [2.35, 12.5]


def test_combo_market_order_books_all_legs_before_the_first_event(desk, pair):
    seen = []
    desk.when_event = lambda e: seen.append((pair[0].holdings.quantity, pair[1].holdings.quantity)) if e.fill_quantity else None
    desk.combo_market_order([Leg.create(pair[0].symbol, 1), Leg.create(pair[1].symbol, -1)], 1)
    assert seen == [(1, -1), (1, -1)]


# Fill models of an algorithm


class TouchFillModel(ImmediateFillModel):
    def limit_fill(self, asset, order):
        event = OrderEvent(order, asset._utc, OrderFee.ZERO)
        if asset.ask_price <= order.limit_price:
            event.status, event.fill_price, event.fill_quantity = OrderStatus.FILLED, asset.ask_price, order.quantity
        return event

    def combo_limit_fill(self, _order, parameters):
        fills = []
        for pair in parameters.securities_for_orders:
            fill = OrderEvent(pair.key, pair.value._utc, OrderFee.ZERO)
            fill.fill_price, fill.fill_quantity, fill.status = 1.5, pair.key.quantity, OrderStatus.FILLED
            fills.append(fill)
        return fills


def test_own_model_fills_single_orders(desk, put):
    put.set_fill_model(TouchFillModel())
    ticket = desk.limit_order(put.symbol, 1, 2.4)
    desk.step()
    desk.scan()
    assert ticket.average_fill_price == 2.4


def test_own_model_of_the_first_leg_fills_the_combo(desk, pair):
    pair[0].set_fill_model(TouchFillModel())
    desk.combo_limit_order([Leg.create(pair[0].symbol, 1), Leg.create(pair[1].symbol, -1)], 1, -8)
    desk.step()
    desk.scan()
    assert [price for _, _, _, price in desk.fills()] == [1.5, 1.5]


def test_own_fill_and_brokerage_models_are_asked_once_for_each_leg_of_a_resting_combo(desk, pair):
    asked = []

    class Counting(ImmediateFillModel):
        def combo_limit_fill(self, order, _parameters):
            asked.append(order.symbol)
            return []

    class Watching(DefaultBrokerageModel):
        def can_execute_order(self, _security, order):
            asked.append(order.id)
            return True

    for option in pair:
        option.set_fill_model(Counting())
    desk.combo_limit_order([Leg.create(pair[0].symbol, 1), Leg.create(pair[1].symbol, -1)], 1, -8)
    asked.clear()
    desk.step()
    desk.scan()
    assert asked == [pair[0].symbol, pair[1].symbol]
    asked.clear()
    desk.brokerage_model = Watching()
    desk.step()
    desk.scan()
    assert asked == [1, 2, pair[0].symbol, 1, 2, pair[1].symbol]


def test_model_that_raises_leaves_the_order_open(desk, put):
    class Broken(ImmediateFillModel):
        def market_fill(self, _asset, _order):
            raise RuntimeError("no idea")

    put.set_fill_model(Broken())
    ticket = desk.market_order(put.symbol, 1)
    assert ticket.status == OrderStatus.SUBMITTED
    assert desk.messages == ["Order Error: id: 1, Transaction model failed to fill for order type: Market with error: no idea"]


def test_buying_power_is_checked_again_at_the_fill(make_desk):
    desk = make_desk(BrokerageName.DEFAULT, cash=70_000)
    put = desk.option(desk.index(price=4752.5), "P", 4700, EXPIRY, mid=2.35)
    ticket = desk.limit_order(put.symbol, -1, 3)
    assert ticket.status == OrderStatus.SUBMITTED
    desk.portfolio.set_cash(10_000)
    next_quote(desk, put, 3.5, 3.7)
    assert ticket.status == OrderStatus.INVALID
    assert "Insufficient buying power" in desk.events[-1].message


def test_fee_of_submitted_events_has_no_currency(desk, put):
    desk.market_order(put.symbol, 1)
    assert [event.order_fee.value.currency for event in desk.events] == [Currencies.NULL_CURRENCY, "USD"]


def test_orders_of_what_was_just_removed_still_look_at_its_data(desk, put):
    """FillModel asks the data manager for subscriptions (GetSubscriptionDataConfigs); these outlive Security.Reset until the universe lets go."""
    desk.limit_order(put.symbol, 1, 5)
    put._reset()
    next_quote(desk, put, 4.4, 4.6)
    assert desk.messages == []
    assert desk.fills() == [(1, put.symbol.value, 1, 4.6)]
